"""The Excel reading: what a formula is in a cell of a sheet, at the one place that fills it in.

The arithmetic is here, and says what `columns.py` says of all places at once; what a name is in the
sheet, a cell or a known number, is asked of the `Sheet`. See docs/decisions/0010.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Protocol

from engine.language.readings.numbers import Numbers
from engine.language.readings.sheet import (
    NOISE,
    NONE,
    NUDGE,
    Condition,
    all_of,
    any_of,
    chosen,
    condition_of,
    condition_text,
    number_text,
    unbracketed,
)

LONGEST_REPEATED = 600
"""Longer operands are not written out again to compare them as if computed exactly."""

Names = frozenset[str]
NOTHING: Names = frozenset()


@dataclass(frozen=True, slots=True)
class Cell:
    """What a part of a formula is, as texts that need no brackets around them.

    `value` is an error of the sheet where there is none, and where the part does not `apply`;
    `counted` is the same, but 0 where it does not apply. `exact`: a whole number.

    What masks can be spared by: `needs` are the inputs that are given, or do not apply, wherever
    there is a value; `settles` those for which that is so where the part does not apply, too.
    `rests`: where none of the inputs applies, it has no value.
    """

    value: str
    counted: str
    applies: Condition = True
    exact: bool = False
    needs: Names = NOTHING
    settles: Names = NOTHING
    rests: bool = False


class Sheet(Protocol):
    """What the reading asks of the sheet. `here` is handed through: the scope, year and scenario."""

    def name(self, here: Any, name: str) -> Cell: ...
    def over_schools(self, here: Any, how: str, tree: ast.expr) -> Cell: ...
    def weighted_mean(self, here: Any, x: ast.expr, weight: ast.expr) -> Cell: ...
    def schools(self, here: Any) -> Cell: ...
    def schools_open(self, here: Any) -> Cell: ...
    def previous(self, here: Any, tree: ast.expr) -> Cell: ...
    def at(self, here: Any, place: ast.expr, tree: ast.expr) -> Cell: ...
    def coalesce(self, here: Any, node: ast.Call) -> Cell: ...
    def target(self, here: Any, indicator: ast.expr) -> Cell: ...


def known_cell(value: str, *, exact: bool = False) -> Cell:
    """A part that always applies."""
    return Cell(value, value, exact=exact)


def no_value() -> Cell:
    """A part that always applies and never has a value."""
    return known_cell(NONE)


def applying(value: str, applies: Condition, *, exact: bool = False) -> Cell:
    """A part that has no value where it does not apply."""
    strict = NONE if applies is False else value
    return Cell(strict, chosen(applies, strict, "0"), applies, exact=exact)


class Excel(Numbers[Cell]):
    """The reading of one scope in one year and scenario."""

    def __init__(self, sheet: Sheet, here: Any) -> None:
        super().__init__()
        self.sheet, self.here = sheet, here

    # --- numbers and operators --------------------------------------------------------------------

    def constant(self, value: float | Fraction) -> Cell:
        return known_cell(number_text(float(value)), exact=float(value).is_integer())

    def name(self, name: str, node: ast.AST) -> Cell:
        return self.sheet.name(self.here, name)

    def add(self, left: Cell, right: Cell) -> Cell:
        return self._sum(left, right, "+")

    def subtract(self, left: Cell, right: Cell) -> Cell:
        return self._sum(left, right, "-")

    def _sum(self, left: Cell, right: Cell, sign: str) -> Cell:
        one, two = left.counted, right.counted
        total = f"({unbracketed(one)}{sign}{two})"
        exact = left.exact and right.exact
        if NONE in {one, two}:
            total = NONE
        elif not exact and _is_short(one, two):
            total = f"IF(ABS{total}<(ABS({one})+ABS({two}))*{NOISE},0,{total})"
        applies = any_of(left.applies, right.applies)
        settles = left.settles | right.settles
        rests = left.rests and right.rests
        return Cell(chosen(applies, total), total, applies, exact, settles, settles, rests)

    def multiply(self, left: Cell, right: Cell) -> Cell:
        return self._strictly("({}*{})", left, right, exact=left.exact and right.exact)

    def divide(self, left: Cell, right: Cell) -> Cell:
        # The sheet itself gives an error where the right is 0.
        return self._strictly("({}/{})", left, right)

    def _strictly(self, pattern: str, *cells: Cell, exact: bool = False) -> Cell:
        """No value, and not applying, where one of `cells` has none or does not."""
        values = [cell.value for cell in cells]
        value = NONE if NONE in values else pattern.format(*values)
        return self._strict(value, cells, exact=exact)

    def _strict(self, value: str, cells: tuple[Cell, ...], *, exact: bool) -> Cell:
        result = applying(value, all_of(*(cell.applies for cell in cells)), exact=exact)
        needs = NOTHING.union(*(cell.needs for cell in cells))
        settles = needs
        for cell in cells:
            if cell.applies is not True:
                settles &= cell.settles
        rests = any(cell.rests for cell in cells)
        return replace(result, needs=needs, settles=settles, rests=rests)

    def strict(self, result: Cell, argument: Cell) -> Cell:
        """`result`, made to apply only where `argument` does."""
        value = chosen(argument.applies, result.value)
        return replace(
            self._strict(value, (argument,), exact=result.exact),
            needs=result.needs | argument.needs,
        )

    def negate(self, operand: Cell, node: ast.UnaryOp) -> Cell:
        return self._strictly("(-{})", operand, exact=operand.exact)

    def absolute(self, operand: Cell) -> Cell:
        """The value without its sign."""
        return self._strictly("ABS({})", operand, exact=operand.exact)

    def rounded(self, operand: Cell, digits: int) -> Cell:
        """So many digits after the point, half away from zero, as if computed exactly."""
        if operand.exact and digits >= 0:
            return operand
        return self._strictly(
            f"ROUND({{}}*{NUDGE},{digits})", operand, exact=operand.exact or digits <= 0
        )

    def extreme(self, how: str, cells: list[Cell]) -> Cell:
        """The least or the greatest of several, where all have a value."""
        pattern = f"{how.upper()}({','.join(['{}'] * len(cells))})"
        cells = [replace(cell, value=unbracketed(cell.value)) for cell in cells]
        return self._strictly(pattern, *cells, exact=all(cell.exact for cell in cells))

    # --- conditions -----------------------------------------------------------------------------

    def invert(self, operand: Cell, node: ast.UnaryOp) -> Cell:
        return self._strictly("NOT({})", operand)

    def logic(self, word: str, values: list[Cell], node: ast.BoolOp) -> Cell:
        return self._together(word.upper(), values)

    def _together(self, word: str, values: list[Cell]) -> Cell:
        """`AND` and `OR` look at every side: a missing one takes their value."""
        if len(values) == 1:
            return values[0]
        return self._strictly(f"{word}({','.join(['{}'] * len(values))})", *values)

    def compare(self, signs: list[str], values: list[Cell], node: ast.Compare) -> Cell:
        links = [
            self._compare(sign, left, right)
            for sign, left, right in zip(signs, values, values[1:], strict=False)
        ]
        return self._together("AND", links)

    def _compare(self, sign: str, left: Cell, right: Cell) -> Cell:
        """Numbers within a trillionth of each other are equal, unless both are whole."""
        plain = {"==": "=", "!=": "<>"}.get(sign, sign)
        if left.exact and right.exact:
            return self._strictly(f"({{}}{plain}{{}})", left, right)
        if not _is_short(left.value, right.value):
            return self._strictly(f"(ROUND({{}}-{{}},9){plain}0)", left, right)
        near = f"(ABS({{0}})+ABS({{1}}))*{NOISE}"
        patterns = {
            "==": f"(ABS({{0}}-{{1}})<={near})",
            "!=": f"(ABS({{0}}-{{1}})>{near})",
            "<": f"({{1}}-{{0}}>{near})",
            ">": f"({{0}}-{{1}}>{near})",
            "<=": f"({{0}}-{{1}}<={near})",
            ">=": f"({{1}}-{{0}}<={near})",
        }
        return self._strictly(patterns[sign], left, right)

    def choose(self, condition: Cell, yes: Cell, no: Cell, node: ast.IfExp) -> Cell:
        known = condition_of(condition.value)
        if condition.value == NONE:
            return self._strict(NONE, (condition,), exact=False)
        value = chosen(known, yes.value, no.value)
        does = yes.applies
        if yes.applies != no.applies:
            branches = condition_text(yes.applies), condition_text(no.applies)
            does = condition_of(chosen(known, *branches))
            if not isinstance(known, bool):
                # Whether it applies is never an error, even where the condition has no value.
                does = f"IFERROR({does},TRUE)"
        applies = condition_of(chosen(condition.applies, condition_text(does), "FALSE"))
        cell = applying(value, applies, exact=yes.exact and no.exact)
        needs = condition.needs | (yes.needs & no.needs)
        settles = condition.settles & yes.settles & no.settles
        if applies is True:
            settles = needs
        rests = condition.rests or (yes.rests and no.rests)
        return replace(cell, needs=needs, settles=settles, rests=rests)

    # --- calls ------------------------------------------------------------------------------------

    def over_schools(self, how: str, tree: ast.expr) -> Cell:
        """A value of schools taken together; at a school it is its own."""
        return self.sheet.over_schools(self.here, how, tree)

    def weighted_mean(self, x: ast.expr, weight: ast.expr) -> Cell:
        """The mean of x over schools by weight; at a school, x."""
        return self.sheet.weighted_mean(self.here, x, weight)

    def schools(self) -> Cell:
        """How many schools enter the formula."""
        return self.sheet.schools(self.here)

    def schools_open(self) -> Cell:
        """How many schools are open."""
        return self.sheet.schools_open(self.here)

    def previous(self, tree: ast.expr) -> Cell:
        """The tree here, a year before."""
        return self.sheet.previous(self.here, tree)

    def at(self, place: ast.expr, tree: ast.expr) -> Cell:
        """The tree at the place of another level."""
        return self.sheet.at(self.here, place, tree)

    def coalesce(self, node: ast.Call) -> Cell:
        """The first argument that has a value."""
        return self.sheet.coalesce(self.here, node)

    def target(self, indicator: ast.expr) -> Cell:
        """The target of an indicator."""
        return self.sheet.target(self.here, indicator)


def _is_short(*operands: str) -> bool:
    return sum(map(len, operands)) <= LONGEST_REPEATED
