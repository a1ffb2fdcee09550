"""The class and the points of a value in a cell of a form: `IF(ROUND(B5,0)>=81,5,IF(AND(…),3,…))`."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from engine.catalogue.lookups import Scaled
from engine.catalogue.model import END_SIGNS, Amount, ClassEnd, Knot, ScaleClass
from engine.language.readings.excel import (
    NONE,
    Condition,
    Excel,
    ExcelCell,
    all_of,
    applying,
    chosen,
    condition_of,
    known_cell,
    number_text,
    unbracketed,
)

_AND = ast.BoolOp(ast.And(), [])
_COMPARE = ast.Compare(ast.Constant(0), [], [])


@dataclass(frozen=True, slots=True)
class LiveCases:
    """A value that falls into one of several cases: the condition of each, in their order, and its name.

    `cell` is the value itself; where it has none, no condition is looked at. `guard` says whether it has
    one, where the conditions do not.
    """

    cell: ExcelCell
    conditions: Sequence[str]
    names: Sequence[str]
    guard: Condition = True

    def holds(self, name: str) -> ExcelCell:
        """Whether the value falls into one of them."""
        texts = ["TRUE" if each == name else "FALSE" for each in self.names]
        return self._keep(self._chain(texts, NONE), all_of(self.cell.applies), exact=False)

    def choose(self, texts: Sequence[str]) -> str:
        """The text of the case; an error of the sheet where there is none."""
        return self._chain(texts, NONE) if self.cell.value != NONE else NONE

    def tell(self, texts: Sequence[str], otherwise: str) -> str:
        """The text of the case, or another where there is none; an error where that is not known."""
        return self._chain(texts, otherwise) if self.cell.value != NONE else NONE

    def give(self, points: Mapping[str, Fraction | None]) -> ExcelCell:
        """The points of the case; one without points does not apply."""
        numbers = [points.get(name) for name in self.names]
        texts = [NONE if number is None else number_text(float(number)) for number in numbers]
        applies = "TRUE"
        if None in numbers:
            flags = ["FALSE" if number is None else "TRUE" for number in numbers]
            applies = self._chain(flags, "TRUE")
        if applies not in {"TRUE", "FALSE"}:
            # Whether it applies is never an error, even where there is no class.
            applies = f"IFERROR({applies},TRUE)"
        exact = all(number is None or number.denominator == 1 for number in numbers)
        both = all_of(self.cell.applies, condition_of(applies))
        return self._keep(self._chain(texts, NONE), both, exact=exact)

    def _chain(self, texts: Sequence[str], otherwise: str) -> str:
        result = otherwise
        for condition, text in reversed(list(zip(self.conditions, texts, strict=True))):
            unknown = condition == NONE
            result = NONE if unknown else chosen(condition_of(condition), text, result)
        if result != NONE and self.conditions and self.conditions[0] == "TRUE":
            return chosen(condition_of(f"ISERROR({unbracketed(self.cell.value)})"), NONE, result)
        return result if result == NONE else chosen(self.guard, result)

    def _keep(self, value: str, applies: object, *, exact: bool) -> ExcelCell:
        cell = applying(
            value if self.cell.value != NONE else NONE,
            applies if isinstance(applies, bool | str) else True,
            exact=exact,
        )
        return replace(
            cell, needs=self.cell.needs, settles=self.cell.settles, rests=self.cell.rests
        )


def read_cases(
    reader: Excel,
    scaled: Scaled,
    classes: Mapping[str, ScaleClass],
    cell: ExcelCell,
    read_amount: Callable[[Amount], ExcelCell],
) -> LiveCases:
    """A number by the classes of its scale, rounded before it is compared."""
    rounded = replace(reader.rounded(cell, scaled.decimals), exact=True)

    def test(end: ClassEnd) -> ExcelCell:
        amount = read_amount(end.amount)
        if isinstance(end.amount, Fraction):
            amount = replace(amount, exact=True)
        return reader.compare([END_SIGNS[end.word]], [rounded, amount], _COMPARE)

    graded = {name: each for name, each in classes.items() if each.ends or each.otherwise}
    conditions = [
        reader.logic("and", [test(end) for end in each.ends], _AND).value if each.ends else "TRUE"
        for each in graded.values()
    ]
    return LiveCases(cell, conditions, list(graded))


def follow_line(
    reader: Excel,
    scaled: Scaled,
    line: Sequence[Knot],
    cell: ExcelCell,
    read_amount: Callable[[Amount], ExcelCell],
) -> ExcelCell:
    """The points at a number by straight lines, outside the ends those of the end."""
    if scaled.scale.decimals is not None:
        cell = reader.rounded(cell, scaled.decimals)
    xs = [read_amount(knot.value).value for knot in line]
    ys = [read_amount(knot.points).value for knot in line]
    value = unbracketed(cell.value)
    total = "+".join(
        (
            ys[0],
            *(
                f"MAX(0,MIN(1,({value}-{x})/({next_x}-{x})))*({next_y}-{y})"
                for x, next_x, y, next_y in zip(xs, xs[1:], ys, ys[1:], strict=False)
            ),
        )
    )
    text = NONE if NONE in {*xs, *ys, cell.value} else f"({total})"
    return reader.strict(known_cell(text), cell)
