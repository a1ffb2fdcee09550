"""Printed values beside their targets, as columns of the plan.

A printed value is a whole number of units of its last decimal, so that what stands here is exact and
says what `judge.py` says of the rows.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

import polars as pl

from engine.catalogue.formula_units import Counting, count_in, describe_with
from engine.catalogue.lookups import goals_at
from engine.catalogue.model import Indicator
from engine.evaluation.input_rows import input_rows
from engine.evaluation.plan.base import a_year_before
from engine.evaluation.plan.schools import take_over_schools
from engine.evaluation.plan.steps import YEAR
from engine.language.grammar import dotted_name, literal_number
from engine.language.readings.arithmetic import (
    half_away,
    move_point,
    point_shift,
    round_units,
)
from engine.language.readings.columns import ColumnsReading
from engine.language.readings.terms import Column, Reason, Term

if TYPE_CHECKING:
    from engine.evaluation.plan.planner import Planner

# --- shortfall ------------------------------------------------------------------------------------
# How many more, or fewer, would reach the target: the smallest whole number, as printed.
#
# With k more in the part and the whole as it is, the printed share is that of (part + k) / whole.
# Where the target begins is reckoned. Of whole numbers that is exact: what they can be apart is far
# more than the noise of doubles. Of others, and where a target has two ends, the numbers beside it
# are tried: what is told is the least at which the printed value reaches the target.


Direction = Literal["more", "fewer"]
TRIED = (-1, 0, 1)
"""Beside the number that is reckoned, those that binary noise may have hidden."""
NEAR = 1e-7
"""Of whole numbers, what is nearer than this to a whole number is one: a share printed with up to
four decimals begins at a multiple of a two-millionth of a person."""
EXACT_DECIMALS = 4


@dataclass(frozen=True, slots=True)
class Counted:
    """What is counted and its whole (None: the value itself is counted), as columns of a level.

    `bound` is the outermost number `within` which the part is declared to lie, if not within the whole.
    """

    part: Column
    whole: Column | None
    factor: int
    exact: bool = False
    bound: Column | None = None


def take_shortfall(plan: Planner, row: Indicator, level: str) -> Term:
    """The column of a row at a level: 0 where the target is reached, null where it cannot be said.

    That is: without a value, without a target, and where even the whole, or all of those within
    whom the part is declared to lie, are not enough.
    """
    return plan.remember(("shortfall", row.id, level), lambda: _plan_shortfall(plan, row, level))


def _plan_shortfall(plan: Planner, row: Indicator, level: str) -> Term:
    goal = read_goal(plan, row, level)
    counted = _read_counted(plan, row, level) if goal is not None else None
    if goal is None or counted is None:
        return plan.nothing(Reason.NOT_APPLICABLE)
    printed = read_printed_value(plan, row, level)
    reached = plan.settle(level, reaches(plan, level, printed, goal))
    # Only the ways that some year's target asks for are gone.
    nothing = Column(pl.lit(None, pl.Float64))
    more = _least(plan, row, level, counted, goal, "more") if goal.has_low else nothing
    fewer = _least(plan, row, level, counted, goal, "fewer") if goal.has_high else nothing

    def choose(done: Any, value: Any, low: Any, one: Any, two: Any) -> Any:
        lacks = (~low.is_null() & (value < low)).fill_null(value=False)
        told = pl.when(lacks).then(one).otherwise(two)
        return pl.when(done).then(pl.lit(0.0)).otherwise(pl.when(~done).then(told))

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
    sure = counted.exact and goal.simple and row.decimals <= EXACT_DECIMALS
    end = goal.low if way == "more" else goal.high

    def begin(part: Any, wanted: Any, *whole: Any) -> Any:
        # What rounds to the end begins half a unit of the last decimal before it.
        edge = (wanted - 0.5 if way == "more" else wanted + 0.5) / scale
        if whole:
            edge = edge * whole[0] / counted.factor
        apart = edge - part if way == "more" else part - edge
        if not sure:
            return apart.ceil()
        # A half rounds up: at the lower end it is there already, at the upper end it is too much.
        return (apart - NEAR).ceil() if way == "more" else (apart + NEAR).floor() + 1.0

    of = () if counted.whole is None else (counted.whole,)
    first = plan.settle(level, here.expr(begin, counted.part, end, *of))
    if sure:
        return _keep(plan, level, counted, way, first)
    tried = [_try(plan, row, level, counted, goal, way, first, step) for step in TRIED]
    return plan.settle(level, here.expr(pl.coalesce, *tried))


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
    number = _keep(plan, level, counted, way, number)
    of = () if counted.whole is None else (counted.whole,)

    def move(part: Any, moved: Any, *whole: Any) -> Any:
        reached = part + moved if way == "more" else part - moved
        return float(counted.factor) * reached / whole[0] if whole else reached

    raw = here.expr(move, counted.part, number, *of)
    printed = print_column(plan, level, raw, row.decimals)
    reached = reaches(plan, level, printed, goal)
    kept = here.expr(lambda one, moved: pl.when(one).then(moved), reached, number)
    return plan.settle(level, kept)


def _keep(plan: Planner, level: str, counted: Counted, way: Direction, number: Column) -> Column:
    """The number where there are so many: left over in the whole, or in the part to take away."""
    here = plan.at_level(level)

    def keep(part: Any, moved: Any, *whole: Any) -> Any:
        if way == "fewer":
            return pl.when(moved <= part).then(moved)
        return pl.when(part + moved <= whole[0]).then(moved) if whole else moved

    def stay(part: Any, moved: Any, bound: Any) -> Any:
        return pl.when(bound.is_null() | (part + moved <= bound)).then(moved)

    of = () if counted.whole is None else (counted.whole,)
    kept = plan.settle(level, here.expr(keep, counted.part, number, *of))
    if counted.bound is None or way == "fewer":
        return kept
    return plan.settle(level, here.expr(stay, counted.part, kept, counted.bound))


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
    parts: list[Column] = []
    wholes: list[Column] = []
    exact = True
    for counting, (_year, formula) in zip(found, row.formulas, strict=True):
        scope = plan.scope(formula.tree, row.missing)
        reading = ColumnsReading(plan, scope, level)
        for terms, term in zip((parts, wholes), _read_terms(plan, reading, counting), strict=False):
            terms.append(_settle_number(plan, reading, term))
            exact = exact and term.exact
    since = [year for year, _formula in row.formulas]
    part = _by_year(plan, here, since, parts)
    whole = _by_year(plan, here, since, wholes) if wholes else None
    bound = _read_bound(plan, row, level, found)
    return Counted(part, whole, found[0].factor, exact, bound)


def _read_bound(
    plan: Planner, row: Indicator, level: str, found: Sequence[Counting]
) -> Column | None:
    """All of those within whom the part, one input, is declared to lie; None where the whole is of them.

    It is the outermost number: those between may grow with the part.
    """
    parts = {ast.unparse(one.part) for one in found}
    wholes = {ast.unparse(one.whole) for one in found if one.whole is not None}
    chain = [name] if len(parts) == 1 and (name := min(parts)) in plan.catalogue.inputs else []
    while chain and (outer := plan.catalogue.inputs[chain[-1]].within) and outer not in chain:
        chain.append(outer)
    if len(chain) < 2 or wholes & set(chain):  # noqa: PLR2004 - itself, and something around it
        return None
    tree = ast.parse(chain[-1], mode="eval").body
    reading = ColumnsReading(plan, plan.scope(tree, row.missing), level)
    return _settle_number(plan, reading, reading.read(tree))


def _read_terms(plan: Planner, reading: ColumnsReading, counting: Counting) -> list[Term]:
    """The part, and of a share its whole."""
    if counting.kind == "share_of_schools":
        scope, level = reading.scope, reading.level
        return [
            take_over_schools(plan, scope, level, how, counting.part) for how in ("with", "count")
        ]
    trees = [counting.part] if counting.whole is None else [counting.part, counting.whole]
    return [reading.read(tree) for tree in trees]


def _settle_number(plan: Planner, reading: ColumnsReading, term: Term) -> Column:
    """A number; what does not apply counts as 0, as it does beside others in a sum."""
    value = term.value
    if term.applies is not None:
        value = reading.expr(
            lambda does, one: pl.when(~does).then(pl.lit(0.0)).otherwise(one), term.applies, value
        )
    number = reading.expr(lambda one: one.cast(pl.Float64), value)
    return plan.settle(reading.level, number)


def _by_year(
    plan: Planner, here: ColumnsReading, since: Sequence[int | None], columns: Sequence[Column]
) -> Column:
    """Of each year the column of its formula."""
    made = columns[0]
    for year, later in zip(since[1:], columns[1:], strict=True):
        first = pl.col(YEAR) >= (year or 0)
        made = here.expr(
            lambda one, two, starts=first: pl.when(starts).then(one).otherwise(two),
            later,
            made,
        )
    return plan.settle(here.level, made)


# --- toward targets ---


@dataclass(frozen=True, slots=True)
class Goal:
    """The ends of what is wanted of a year, in units of the last decimal; null where not wanted.

    `has_low`, `has_high`: in some year. `simple`: every year has one end, and that is above 0.
    """

    low: Column
    high: Column
    has_low: bool = True
    has_high: bool = True
    simple: bool = False


def read_value(plan: Planner, row: Indicator, level: str) -> Term:
    """The value of a row as a number, under a name of its own."""

    def make() -> Term:
        term = plan.indicator(row, level).term
        value = plan.at_level(level).expr(lambda one: one.cast(pl.Float64), term.value)
        exact = term.exact or row.type == "yes_no"
        return plan.settle_term(level, Term(value, term.why, exact=exact))

    return plan.remember(("number", row.id, level), make)


def read_printed_value(plan: Planner, row: Indicator, level: str) -> Column:
    """The value of a row as it is printed, in units of its last decimal."""

    def make() -> Column:
        value = read_value(plan, row, level)
        if value.exact:
            scale = 10.0**row.decimals
            scaled = plan.at_level(level).expr(lambda one: one * scale, value.value)
            return plan.settle(level, scaled) if row.decimals else value.value
        return print_column(plan, level, value.value, row.decimals)

    return plan.remember(("printed", row.id, level), make)


def print_column(plan: Planner, level: str, column: Column, decimals: int) -> Column:
    """A column of numbers as they would be printed, in units of the last decimal.

    So they are compared without noise: 81.95 with one decimal is 820 whatever its last bit. The steps
    are those of `judge.py`; each has a name of its own, for engines read expressions as trees.
    """
    here = plan.at_level(level)

    def step(make: Callable[..., Any], *columns: Column) -> Column:
        return plan.settle(level, here.expr(make, *columns))

    def finite(one: Any) -> Any:
        return pl.when(one.is_finite()).then(one)

    shift = step(lambda one: point_shift(finite(one)), column)
    scaled = step(lambda one, places: move_point(finite(one), places), column, shift)
    digits = step(half_away, scaled)
    moved = step(lambda one, places: move_point(one, decimals - places), digits, shift)
    return step(lambda one, places: round_units(one, decimals - places), moved, shift)


def read_goal(plan: Planner, row: Indicator, level: str) -> Goal | None:
    """What is wanted of a row at a level, year by year; None where nothing ever is."""
    goals = goals_at(plan.catalogue, row, level)
    if not goals:
        return None
    scale = Fraction(10) ** row.decimals
    lows: dict[int, float] = {}
    highs: dict[int, float] = {}
    for year, target in goals.items():
        value = Fraction(target.value or 0)
        last = value if target.value_to is None else target.value_to
        if target.comparator != "at_most":
            lows[year] = float(value * scale)
        if target.comparator != "at_least":
            highs[year] = float(last * scale)
    return Goal(
        plan.by_year(lows, Reason.NOT_APPLICABLE).value,
        plan.by_year(highs, Reason.NOT_APPLICABLE).value,
        bool(lows),
        bool(highs),
        not lows.keys() & highs.keys()
        and all(end > 0 for end in (*lows.values(), *highs.values())),
    )


def reaches(plan: Planner, level: str, printed: Column, goal: Goal) -> Column:
    """Whether a printed value is between the ends; null without a value or without a goal."""

    def hold(value: Any, low: Any, high: Any) -> Any:
        wanted = ~(low.is_null() & high.is_null()) & ~value.is_null()
        inside = (low.is_null() | (value >= low)) & (high.is_null() | (value <= high))
        return pl.when(wanted).then(inside)

    return plan.at_level(level).expr(hold, printed, goal.low, goal.high)


# --- judged ---------------------------------------------------------------------------------------
# What the functions of recommendations give, as columns of the plan.
#
# They read results: printed values, targets, coverage. See `goals.py` and `shortfall.py`.


def read_judged(plan: Planner, level: str, node: ast.Call) -> Term:
    """What a function of recommendations gives at the places of a level."""
    name = dotted_name(node.args[0])
    function = dotted_name(node.func)
    row = find_row(plan, name)
    if function == "reported":
        return _reported(plan, row, level)
    if function == "worsened":
        return _worsened(plan, row, level, int(literal_number(node.args[1]) or 1))
    if function == "shortfall":
        return take_shortfall(plan, row, level)
    met = _met(plan, row, level)
    return met if function == "met" else _not(plan, met, level)


def find_row(plan: Planner, name: str) -> Indicator:
    """An indicator, or an input as the row that results have of it."""
    found = plan.catalogue.indicators.get(name)
    if found is not None:
        return found
    return plan.remember(("input rows",), lambda: input_rows(plan.catalogue))[name]


def _met(plan: Planner, row: Indicator, level: str) -> Term:
    return plan.remember(("met", row.id, level), lambda: _plan_met(plan, row, level))


def _plan_met(plan: Planner, row: Indicator, level: str) -> Term:
    goal = read_goal(plan, row, level)
    if goal is None:
        unknown = Column(pl.lit(None, pl.Boolean))
        return Term(unknown, lambda: Column(pl.lit(int(Reason.NOT_APPLICABLE))))
    value = read_value(plan, row, level)
    holds = reaches(plan, level, read_printed_value(plan, row, level), goal)
    why = plan.at_level(level).first_reason((value,), Reason.NOT_APPLICABLE)
    return Term(plan.settle(level, holds), plan.once(level, why))


def _not(plan: Planner, term: Term, level: str) -> Term:
    return Term(plan.at_level(level).expr(lambda one: ~one, term.value), term.why)


def _worsened(plan: Planner, row: Indicator, level: str, years: int) -> Term:
    """Whether each of the last years is worse than the one before it, as printed."""
    here = plan.at_level(level)
    printed = [read_printed_value(plan, row, level)]
    for _year in range(years):
        printed.append(a_year_before(plan, level, printed[-1], printed[-1]))

    def falls(now: Any, before: Any) -> Any:
        worse = now > before if row.better == "less" else now < before
        return pl.when(~now.is_null() & ~before.is_null()).then(worse)

    result = here.expr(falls, printed[0], printed[1])
    for now, before in pairwise(printed[1:]):
        link = here.expr(falls, now, before)
        result = here.expr(
            lambda one, two: pl.when(~one.is_null() & ~two.is_null()).then(one & two),
            result,
            link,
        )
    why = here.first_reason((read_value(plan, row, level),), Reason.NO_PREVIOUS)
    return Term(plan.settle(level, result), plan.once(level, why))


def _reported(plan: Planner, row: Indicator, level: str) -> Term:
    """Whether all who were expected to have reported; a condition that always has a value."""
    coverage = plan.indicator(row, level).coverage
    full = plan.at_level(level).expr(
        lambda some, all_: (some >= all_).fill_null(value=False),
        coverage.reported,
        coverage.expected,
    )
    return Term(plan.settle(level, full), lambda: Column(pl.lit(int(Reason.NOT_REPORTED))))
