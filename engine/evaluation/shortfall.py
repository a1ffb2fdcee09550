"""How many more, or fewer, would reach the target: the smallest whole number, as printed.

With k more in the part and the whole as it is, the printed share is that of (part + k) / whole.
Where the target begins is reckoned, and because that is reckoned in doubles, the numbers beside it
are tried too: what is told is the least at which the printed value reaches the target.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from engine.catalogue.counting import Counting, count_in
from engine.catalogue.meaning import describe_with
from engine.catalogue.model import Indicator
from engine.evaluation.goals import (
    Goal,
    print_column,
    reaches,
    read_goal,
    read_printed,
    read_value,
)
from engine.evaluation.over_schools import take_over_schools
from engine.language.readings.columns import Columns
from engine.language.readings.reasons import Reason
from engine.language.readings.terms import Column, Term

if TYPE_CHECKING:
    from engine.evaluation.plan import Planner

SHORTFALL = "shortfall"
"""A column that is computed only where it is asked for by name, and that no format writes."""

Direction = Literal["more", "fewer"]
TRIED = (-1, 0, 1)
"""Beside the number that is reckoned, those that binary noise may have hidden."""


@dataclass(frozen=True, slots=True)
class Counted:
    """What is counted and its whole (None: the value itself is counted), as columns of a level."""

    part: Column
    whole: Column | None
    factor: int


def take_shortfall(plan: Planner, row: Indicator, level: str) -> Term:
    """The column of a row at a level: 0 where the target is reached, null where it cannot be said.

    That is: without a value, without a target, and where even the whole is not enough.
    """
    return plan.remember(("shortfall", row.id, level), lambda: _plan_shortfall(plan, row, level))


def _plan_shortfall(plan: Planner, row: Indicator, level: str) -> Term:
    goal = read_goal(plan, row, level)
    counted = _read_counted(plan, row, level) if goal is not None else None
    if goal is None or counted is None:
        return plan.nothing(Reason.NOT_APPLICABLE)
    printed = read_printed(plan, row, level)
    reached = plan.settle(level, reaches(plan, level, printed, goal))
    more = _least(plan, row, level, counted, goal, "more")
    fewer = _least(plan, row, level, counted, goal, "fewer")

    def choose(done: Any, value: Any, low: Any, one: Any, two: Any) -> Any:
        lacks = (~low.is_null() & (value < low)).fill_null(value=False)
        told = plan.nw.when(lacks).then(one).otherwise(two)
        return plan.nw.when(done).then(plan.nw.lit(0.0)).otherwise(plan.nw.when(~done).then(told))

    value = plan.at_level(level).expr(choose, reached, printed, goal.low, more, fewer)
    why = plan.at_level(level).first_reason((read_value(plan, row, level),), Reason.NOT_APPLICABLE)
    return Term(plan.settle(level, value), plan.once(level, why), exact=True)


def _least(  # noqa: PLR0917 - a row, a place, and which way
    plan: Planner,
    row: Indicator,
    level: str,
    counted: Counted,
    goal: Goal,
    way: Direction,
) -> Column:
    """The least number, at least 1, with which the goal is reached; null where there is none."""
    here = plan.at_level(level)
    scale = 10.0**row.decimals
    end = goal.low if way == "more" else goal.high

    def begin(part: Any, wanted: Any, *whole: Any) -> Any:
        # What rounds to the end begins half a unit of the last decimal before it.
        edge = (wanted - 0.5 if way == "more" else wanted + 0.5) / scale
        if whole:
            edge = edge * whole[0] / counted.factor
        return (edge - part if way == "more" else part - edge).ceil()

    of = () if counted.whole is None else (counted.whole,)
    first = plan.settle(level, here.expr(begin, counted.part, end, *of))
    tried = [_try(plan, row, level, counted, goal, way, first, step) for step in TRIED]
    return plan.settle(level, here.expr(plan.nw.coalesce, *tried))


def _try(  # noqa: PLR0917 - likewise
    plan: Planner,
    row: Indicator,
    level: str,
    counted: Counted,
    goal: Goal,
    way: Direction,
    first: Column,
    step: int,
) -> Column:
    """The number `step` beside the first, where with it the goal is reached and it can be had."""
    here = plan.at_level(level)
    number = plan.settle(level, here.expr(lambda one: (one + float(step)).clip(1.0), first))
    of = () if counted.whole is None else (counted.whole,)

    def move(part: Any, moved: Any, *whole: Any) -> Any:
        reached = part + moved if way == "more" else part - moved
        return float(counted.factor) * reached / whole[0] if whole else reached

    def can(part: Any, moved: Any, *whole: Any) -> Any:
        if way == "fewer":
            return moved <= part
        return part + moved <= whole[0] if whole else moved > 0

    raw = here.expr(move, counted.part, number, *of)
    printed = print_column(plan, level, raw, row.decimals)
    reached = reaches(plan, level, printed, goal)
    possible = here.expr(can, counted.part, number, *of)
    kept = here.expr(
        lambda one, two, moved: plan.nw.when((one & two).fill_null(value=False)).then(moved),
        reached,
        possible,
        number,
    )
    return plan.settle(level, kept)


# --- what is counted -----------------------------------------------------------------------------


def _read_counted(plan: Planner, row: Indicator, level: str) -> Counted | None:
    """Part and whole of the formula of each year; None where nothing is counted."""
    described = plan.remember(
        ("describe",), lambda: describe_with(plan.catalogue.symbols, plan.catalogue.places)
    )
    found = count_in(plan.catalogue.symbols, described, row)
    kinds = {(one.kind == "count", one.factor) for one in found}
    if not found or len(kinds) > 1:
        return None
    here = plan.at_level(level)
    parts, wholes = [], []
    for counting, (_year, formula) in zip(found, row.formulas, strict=True):
        scope = plan.scope(formula.tree, row.missing)
        reading = Columns(plan, scope, level)
        parts.append(_number(plan, reading, counting, "part"))
        wholes.append(_number(plan, reading, counting, "whole"))
    part, whole = parts[0], wholes[0]
    for since, later, of in zip(
        (since for since, _formula in row.formulas[1:]), parts[1:], wholes[1:], strict=True
    ):
        part = here.expr(_from_year(plan, since), plan.year, later, part)
        if whole is not None and of is not None:
            whole = here.expr(_from_year(plan, since), plan.year, of, whole)
    settled = whole and plan.settle(level, whole)
    return Counted(plan.settle(level, part), settled, found[0].factor)


def _from_year(plan: Planner, since: int | None) -> Any:
    def pick(year: Any, later: Any, earlier: Any) -> Any:
        return plan.nw.when(year >= (since or 0)).then(later).otherwise(earlier)

    return pick


def _number(
    plan: Planner, reading: Columns, counting: Counting, what: Literal["part", "whole"]
) -> Any:
    if counting.kind == "share_of_schools":
        how = "with" if what == "part" else "count"
        term = take_over_schools(plan, reading.scope, reading.level, how, counting.part)
    else:
        tree = counting.part if what == "part" else counting.whole
        if tree is None:
            return None
        term = reading.read(tree)
    return reading.expr(lambda one: one.cast(plan.nw.Float64), _or_zero(reading, term))


def _or_zero(reading: Columns, term: Term) -> Column:
    """What does not apply counts as 0, as it does beside others in a sum."""
    if term.applies is None:
        return term.value
    return reading.expr(
        lambda does, one: reading.nw.when(~does).then(reading.nw.lit(0.0)).otherwise(one),
        term.applies,
        term.value,
    )
