"""The Excel reading: what a formula is in a cell of a sheet, at the one place that fills it in.

The arithmetic is in this module, and says what `columns.py` says of all places at once; what a name is in the
sheet, a cell or a known number, is asked of the `Sheet`. See docs/decisions/0010.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Protocol

from engine.language.readings.arithmetic import Numbers

# --- texts ----------------------------------------------------------------------------------------
# Pieces of a formula of a spreadsheet, as text.
#
# They are joined so that a missing value is an error of the spreadsheet: it travels through
# arithmetic, `IF`, `AND` and `OR` as a missing value travels through a formula of the language, and
# `IFERROR` takes it at the end. Only words that Excel 2010 and LibreOffice both know are used, by their
# English names, which are what the file holds in any language.
#
# A condition is a text, or True or False where it is known before anything is filled in; conditions
# are never errors.


Condition = str | bool

_SLOT = re.compile("\x01([0-9]+)\x02")
_LONGEST_NUMBER = "(-1.23456789012345E-300)"
_UNLIKE = re.compile('([A-Z]+[0-9]+)<>("[^"]*")')
_LITERAL = re.compile("\\(?-?[0-9.]+(?:E-?[0-9]+)?\\)?|\x01[0-9]+\x02")

NONE = "NA()"
"""No value."""

NOISE = "1E-12"
NUDGE = "1.0000000000001"
"""What lifts a half that binary fractions lost (28.749999999999996) back over the edge."""

LONGEST_TEXT = 255
"""As many characters a text inside a formula may have."""


def all_of(*conditions: Condition) -> Condition:
    """Whether all hold."""
    return _join("AND", conditions, settled=False)


def any_of(*conditions: Condition) -> Condition:
    """Whether one holds."""
    return _join("OR", conditions, settled=True)


def negated(condition: Condition) -> Condition:
    """Whether it does not hold."""
    if isinstance(condition, bool):
        return not condition
    if condition.startswith("NOT(") and _is_one_bracket(condition):
        return condition[len("NOT(") : -1]
    unlike = _UNLIKE.fullmatch(condition)
    return f"{unlike[1]}={unlike[2]}" if unlike else f"NOT({condition})"


def chosen(condition: Condition, yes: str, no: str = NONE) -> str:
    """One value or the other."""
    if isinstance(condition, bool):
        return yes if condition else no
    if yes == no == NONE:
        return NONE
    return f"IF({condition},{unbracketed(yes)},{unbracketed(no)})"


def condition_text(condition: Condition) -> str:
    """A condition as a value."""
    return str(condition).upper() if isinstance(condition, bool) else condition


def condition_of(value: str) -> Condition:
    """A value that is yes or no, and never an error, as a condition."""
    return {"TRUE": True, "FALSE": False}.get(value, value)


def first_known(values: Iterable[str]) -> str:
    """The first value that is there."""
    *first, last = values
    for value in reversed(first):
        if value != NONE:
            known = f"IFERROR({unbracketed(value)},{unbracketed(last)})"
            last = value if last == NONE else known
    return last


def has_value(value: str) -> Condition:
    """Whether a value is there."""
    if value in {NONE, "TRUE", "FALSE"} or is_literal(value):
        return value != NONE
    return f"NOT(ISERROR({value}))"


def unbracketed(value: str) -> str:
    """A value that begins a sum or is an argument, without the brackets around it."""
    return value[1:-1] if value.startswith("(") and _is_one_bracket(value) else value


def number_text(value: float) -> str:
    """A number as formulas write it in any language of the program."""
    text = f"{value:.15g}".replace("e", "E").replace("E+", "E")
    return f"({text})" if text.startswith("-") else text


def slot(index: int) -> str:
    """A place in a formula where a number of each workbook will stand."""
    return f"\x01{index}\x02"


def fill_slots(formula: str, numbers: Sequence[float | None]) -> str:
    """The formula with its numbers in their places."""
    return _SLOT.sub(lambda match: number_text(numbers[int(match[1])] or 0.0), formula)


def longest(formula: str) -> int:
    """How many signs it has with the longest numbers in its slots."""
    return len(_SLOT.sub(_LONGEST_NUMBER, formula))


def is_literal(value: str) -> bool:
    """Whether it is a number as written, or the place of one."""
    return _LITERAL.fullmatch(value) is not None


def is_plain_number(value: str) -> bool:
    """Whether it is a number as written, of no sign, the same in every workbook."""
    return value[:1].isdigit() and is_literal(value)


def quoted(text: str) -> str:
    """A text inside a formula; a long one in pieces."""
    pieces = [text[start : start + LONGEST_TEXT] for start in range(0, len(text), LONGEST_TEXT)]
    return "&".join('"' + piece.replace('"', '""') + '"' for piece in pieces or [""])


def nesting(formula: str) -> int:
    """How deep brackets stand inside each other, texts apart."""
    depth = deepest = 0
    inside = False
    for sign in formula:
        if sign == '"':
            inside = not inside
        elif not inside and sign in "()":
            depth += 1 if sign == "(" else -1
            deepest = max(deepest, depth)
    return deepest


def _join(word: str, conditions: Iterable[Condition], *, settled: bool) -> Condition:
    """All conditions in one; `settled` is the value that one of them alone gives to the whole."""
    texts: dict[str, None] = {}
    for condition in conditions:
        if isinstance(condition, str):
            texts[condition] = None
        elif condition is settled:
            return settled
    if not texts:
        return not settled
    if len(texts) == 1:
        return next(iter(texts))
    # OR(OR(a,b),c) is OR(a,b,c): brackets inside each other are bounded, arguments hardly.
    inner = [
        text[len(word) + 1 : -1] if text.startswith(f"{word}(") and _is_one_bracket(text) else text
        for text in texts
    ]
    return f"{word}({','.join(inner)})"


def _is_one_bracket(text: str) -> bool:
    """Whether the first bracket of a text is closed by its last sign."""
    depth = 0
    inside = False
    for place, sign in enumerate(text):
        if sign == '"':
            inside = not inside
        elif not inside and sign in "()":
            depth += 1 if sign == "(" else -1
            if depth == 0:
                return place == len(text) - 1
    return False


# --- the reading ----------------------------------------------------------------------------------


LONGEST_REPEATED = 600
"""Longer operands are not written out again to compare them as if computed exactly."""

_Names = frozenset[str]
NOTHING: _Names = frozenset()


@dataclass(frozen=True, slots=True)
class ExcelCell:
    """A part of a formula in a spreadsheet, as texts that need no brackets around them.

    `value` is an error of the sheet where the part has no value or does not apply; `counted` is the
    same, but 0 where the part does not apply. `exact`: a whole number.

    The rest tells which tests for missing inputs can be left out of the formula. `needs`: wherever
    there is a value, each of these inputs is given or does not apply. `settles`: those of which this
    holds also where the part does not apply. `rests`: where no input applies, there is no value.
    """

    value: str
    counted: str
    applies: Condition = True
    exact: bool = False
    needs: _Names = NOTHING
    settles: _Names = NOTHING
    rests: bool = False


class Sheet(Protocol):
    """What the reading asks of the sheet.

    `point` is the scope, year and scenario of the formula; the reading only passes it on.
    """

    def as_condition(self, point: Any) -> Any: ...
    def name(self, point: Any, name: str) -> ExcelCell: ...
    def over_set(self, point: Any, call: ast.Call) -> ExcelCell: ...
    def rank(self, point: Any, call: ast.Call) -> ExcelCell: ...
    def schools(self, point: Any) -> ExcelCell: ...
    def schools_open(self, point: Any) -> ExcelCell: ...
    def printed_decimals(self, point: Any, change: ast.Call) -> int | None: ...
    def previous(self, point: Any, tree: ast.expr) -> ExcelCell: ...
    def at(self, point: Any, place: ast.expr, tree: ast.expr) -> ExcelCell: ...
    def coalesce(self, point: Any, node: ast.Call) -> ExcelCell: ...
    def target(self, point: Any, indicator: ast.expr) -> ExcelCell: ...
    def points(self, point: Any, tree: ast.expr) -> ExcelCell: ...
    def lookup(self, point: Any, node: ast.Call) -> ExcelCell: ...
    def weigh(self, point: Any, node: ast.Call) -> ExcelCell: ...
    def goal(self, point: Any, indicator: ast.expr) -> ExcelGoal | None: ...


@dataclass(frozen=True, slots=True)
class ExcelGoal:
    """A target that a value is measured against: its comparator, and its end or two ends."""

    comparator: str
    first: ExcelCell
    last: ExcelCell


def known_cell(value: str, *, exact: bool = False) -> ExcelCell:
    """A part that always applies."""
    return ExcelCell(value, value, exact=exact)


def known_number(value: float | Fraction | None) -> ExcelCell:
    """A number; no value where there is none."""
    if value is None:
        return no_value()
    number = float(value)
    return known_cell(number_text(number), exact=number.is_integer())


def no_value() -> ExcelCell:
    """A part that always applies and never has a value."""
    return known_cell(NONE)


def applying(value: str, applies: Condition, *, exact: bool = False) -> ExcelCell:
    """A part that has no value where it does not apply."""
    strict = NONE if applies is False else value
    return ExcelCell(strict, chosen(applies, strict, "0"), applies, exact=exact)


class Excel(Numbers[ExcelCell]):
    """The reading of one scope in one year and scenario."""

    def __init__(self, sheet: Sheet, point: Any) -> None:
        super().__init__()
        self.sheet, self.point = sheet, point

    # --- numbers and operators --------------------------------------------------------------------

    def constant(self, value: float | Fraction) -> ExcelCell:
        return known_number(value)

    def name(self, name: str, node: ast.AST) -> ExcelCell:
        return self.sheet.name(self.point, name)

    def add(self, left: ExcelCell, right: ExcelCell) -> ExcelCell:
        return self._sum(left, right, "+")

    def subtract(self, left: ExcelCell, right: ExcelCell) -> ExcelCell:
        return self._sum(left, right, "-")

    def _sum(self, left: ExcelCell, right: ExcelCell, sign: str) -> ExcelCell:
        first, second = left.counted, right.counted
        total = f"({unbracketed(first)}{sign}{second})"
        exact = left.exact and right.exact
        if NONE in {first, second}:
            total = NONE
        elif not exact and _is_short(first, second):
            total = f"IF(ABS{total}<(ABS({first})+ABS({second}))*{NOISE},0,{total})"
        applies = any_of(left.applies, right.applies)
        settles = left.settles | right.settles
        rests = left.rests and right.rests
        return ExcelCell(chosen(applies, total), total, applies, exact, settles, settles, rests)

    def multiply(self, left: ExcelCell, right: ExcelCell) -> ExcelCell:
        return self._strictly("({}*{})", left, right, exact=left.exact and right.exact)

    def divide(self, left: ExcelCell, right: ExcelCell) -> ExcelCell:
        # The sheet itself gives an error where the right is 0.
        return self._strictly("({}/{})", left, right)

    def _strictly(self, pattern: str, *cells: ExcelCell, exact: bool = False) -> ExcelCell:
        """No value, and not applying, where one of `cells` has none or does not."""
        values = [cell.value for cell in cells]
        value = NONE if NONE in values else pattern.format(*values)
        return self._strict(value, cells, exact=exact)

    def _strict(self, value: str, cells: tuple[ExcelCell, ...], *, exact: bool) -> ExcelCell:
        result = applying(value, all_of(*(cell.applies for cell in cells)), exact=exact)
        needs = NOTHING.union(*(cell.needs for cell in cells))
        settles = needs
        for cell in cells:
            if cell.applies is not True:
                settles &= cell.settles
        rests = any(cell.rests for cell in cells)
        return replace(result, needs=needs, settles=settles, rests=rests)

    def strict(self, result: ExcelCell, argument: ExcelCell) -> ExcelCell:
        """`result`, made to apply only where `argument` does."""
        value = chosen(argument.applies, result.value)
        return replace(
            self._strict(value, (argument,), exact=result.exact),
            needs=result.needs | argument.needs,
        )

    def negate(self, operand: ExcelCell, node: ast.UnaryOp) -> ExcelCell:
        return self._strictly("(-{})", operand, exact=operand.exact)

    def absolute(self, operand: ExcelCell) -> ExcelCell:
        """The value without its sign."""
        return self._strictly("ABS({})", operand, exact=operand.exact)

    def rounded(self, operand: ExcelCell, digits: int) -> ExcelCell:
        """So many digits after the point, half away from zero, as if computed exactly."""
        if operand.exact and digits >= 0:
            return operand
        return self._strictly(
            f"ROUND({{}}*{NUDGE},{digits})", operand, exact=operand.exact or digits <= 0
        )

    def extreme(self, how: str, cells: list[ExcelCell]) -> ExcelCell:
        """The least or the greatest of several, where all have a value."""
        pattern = f"{how.upper()}({','.join(['{}'] * len(cells))})"
        cells = [replace(cell, value=unbracketed(cell.value)) for cell in cells]
        return self._strictly(pattern, *cells, exact=all(cell.exact for cell in cells))

    # --- conditions -----------------------------------------------------------------------------

    def read_condition(self, tree: ast.AST) -> ExcelCell:
        return Excel(self.sheet, self.sheet.as_condition(self.point)).read(tree)

    def invert(self, operand: ExcelCell, node: ast.UnaryOp) -> ExcelCell:
        return self._strictly("NOT({})", operand)

    def logic(self, word: str, values: list[ExcelCell], node: ast.BoolOp) -> ExcelCell:
        return self._together(word.upper(), values)

    def _together(self, word: str, values: list[ExcelCell]) -> ExcelCell:
        """`AND` and `OR` look at every side: a missing one takes their value."""
        if len(values) == 1:
            return values[0]
        return self._strictly(f"{word}({','.join(['{}'] * len(values))})", *values)

    def compare(self, signs: list[str], values: list[ExcelCell], node: ast.Compare) -> ExcelCell:
        links = [
            self._compare(sign, left, right)
            for sign, left, right in zip(signs, values, values[1:], strict=False)
        ]
        return self._together("AND", links)

    def _compare(self, sign: str, left: ExcelCell, right: ExcelCell) -> ExcelCell:
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

    def choose(
        self, condition: ExcelCell, yes: ExcelCell, no: ExcelCell, node: ast.IfExp
    ) -> ExcelCell:
        known = condition_of(condition.value)
        if condition.value == NONE:
            return self._strict(NONE, (condition,), exact=False)
        value = chosen(known, yes.value, no.value)
        branch_applies = yes.applies
        if yes.applies != no.applies:
            branches = condition_text(yes.applies), condition_text(no.applies)
            branch_applies = condition_of(chosen(known, *branches))
            if not isinstance(known, bool):
                # Whether it applies is never an error, even where the condition has no value.
                branch_applies = f"IFERROR({branch_applies},TRUE)"
        applies = condition_of(chosen(condition.applies, condition_text(branch_applies), "FALSE"))
        cell = applying(value, applies, exact=yes.exact and no.exact)
        needs = condition.needs | (yes.needs & no.needs)
        settles = condition.settles & yes.settles & no.settles
        if applies is True:
            settles = needs
        rests = condition.rests or (yes.rests and no.rests)
        return replace(cell, needs=needs, settles=settles, rests=rests)

    def choose_only(self, node: ast.IfExp) -> ExcelCell:
        """The body where the condition holds; elsewhere nothing that applies."""
        no = applying(NONE, False)
        return self.choose(self.read_condition(node.test), self.read(node.body), no, node)

    # --- calls ------------------------------------------------------------------------------------

    def over_set(self, call: ast.Call) -> ExcelCell:
        """A value of the members of a set taken together; at a member it is its own."""
        return self.sheet.over_set(self.point, call)

    def rank(self, call: ast.Call) -> ExcelCell:
        """Which place an indicator has among its peers."""
        return self.sheet.rank(self.point, call)

    def schools(self) -> ExcelCell:
        """How many schools enter the formula."""
        return self.sheet.schools(self.point)

    def schools_open(self) -> ExcelCell:
        """How many schools are open."""
        return self.sheet.schools_open(self.point)

    def print_side(self, change: ast.Call, side: ExcelCell) -> ExcelCell:
        """A side of a change: as printed where the change is a whole indicator."""
        digits = self.sheet.printed_decimals(self.point, change)
        return side if digits is None else self.rounded(side, digits)

    def previous(self, tree: ast.expr) -> ExcelCell:
        """The tree here, a year before."""
        return self.sheet.previous(self.point, tree)

    def at(self, place: ast.expr, tree: ast.expr) -> ExcelCell:
        """The tree at the place of another level."""
        return self.sheet.at(self.point, place, tree)

    def coalesce(self, node: ast.Call) -> ExcelCell:
        """The first argument that has a value."""
        return self.sheet.coalesce(self.point, node)

    def target(self, indicator: ast.expr) -> ExcelCell:
        """The target of an indicator."""
        return self.sheet.target(self.point, indicator)

    def degree(self, indicator: ast.expr) -> ExcelCell:
        """How much of the way to its target an indicator is, in percent, at most 100."""
        value, goal = self.read(indicator), self.sheet.goal(self.point, indicator)
        if goal is None:
            return no_value()
        x, first, last = value.value, goal.first.value, goal.last.value
        short, past = f"100*{x}/{first}", f"100*{last}/{x}"
        degree = {
            "at_least": f"IF({first}=0,100,MIN(100,{short}))",
            "at_most": f"IF({x}=0,100,MIN(100,{past}))",
        }.get(goal.comparator, f"IF({x}<{first},{short},IF({x}>{last},{past},100))")
        degree = NONE if NONE in {x, first, last} else f"IF(AND({x}>=0,{first}>=0),{degree},{NONE})"
        return self._strict(degree, (value, goal.first, goal.last), exact=False)

    def points(self, tree: ast.expr) -> ExcelCell:
        """The points of what a bare name is worth."""
        return self.sheet.points(self.point, tree)

    def lookup(self, node: ast.Call) -> ExcelCell:
        """The class in a table of two classes, as its title."""
        return self.sheet.lookup(self.point, node)

    def weigh(self, node: ast.Call) -> ExcelCell:
        """A score."""
        return self.sheet.weigh(self.point, node)


def _is_short(*operands: str) -> bool:
    return sum(map(len, operands)) <= LONGEST_REPEATED
