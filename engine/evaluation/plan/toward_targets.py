"""Printed values beside their targets, as columns of the plan: what recommendations are about.

A printed value is a whole number of units of its last decimal, so that comparisons are exact and
agree with what `judge.py` says of the rows.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any, Literal

import polars as pl

from engine.catalogue.formula_units import Counting, count_in, describe_with
from engine.catalogue.lookups import find_breaks, goals_at
from engine.catalogue.model import Comparator, Indicator
from engine.evaluation.input_rows import input_rows
from engine.evaluation.plan.base import PlanBase, remembered
from engine.evaluation.plan.printing import print_column
from engine.evaluation.plan.sets import take_members
from engine.evaluation.plan.steps import YEAR
from engine.evaluation.plan.targets import COMPARATORS, list_targets, print_targets
from engine.language.functions import SetCall
from engine.language.grammar import dotted_name, literal_number
from engine.language.readings.columns import ColumnsReading
from engine.language.readings.terms import Column, Reason, Term

# --- printed values and goals ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Goal:
    """The ends of the target of each year, in units of the last decimal; null where there is no end.

    `has_low`, `has_high`: whether some year has that end. `simple`: every year has exactly one end,
    and it is above 0.
    """

    low: Column
    high: Column
    has_low: bool = True
    has_high: bool = True
    simple: bool = False


def read_before(plan: PlanBase, row: Indicator, level: str, column: Column) -> Column:
    """A column of a row a year before; null where the row is not comparable with that year."""
    before = plan.a_year_before(level, column, column)
    breaks = sorted(find_breaks(plan.catalogue, (row.id,)))
    if not breaks:
        return before
    return plan.at_level(level).expr(
        lambda year, value: pl.when(~year.is_in(breaks)).then(value), plan.year, before
    )


@remembered
def read_value(plan: PlanBase, row: Indicator, level: str) -> Term:
    """The value of a row as a number, under a name of its own."""
    term = plan.indicator(row, level).term
    value = plan.at_level(level).expr(lambda raw: raw.cast(pl.Float64), term.value)
    exact = term.exact or row.type == "yes_no"
    return plan.settle_term(level, Term(value, term.why, exact=exact))


@remembered
def read_printed_value(plan: PlanBase, row: Indicator, level: str) -> Column:
    """The value of a row as it is printed, in units of its last decimal."""
    value = read_value(plan, row, level)
    if not value.exact:
        return print_column(plan, level, value.value, row.decimals)
    scale = 10.0**row.decimals
    scaled = plan.at_level(level).expr(lambda number: number * scale, value.value)
    return plan.settle(level, scaled) if row.decimals else value.value


def read_goal(plan: PlanBase, row: Indicator, level: str) -> Goal | None:
    """What is wanted of a row at a level, year by year; None where nothing ever is."""
    years = goals_at(plan.catalogue, row, level)
    targets = tuple(each for each in list_targets(plan, row, level) if each.year in years)
    if not targets:
        return None
    printed = print_targets(plan, level, targets, row.decimals)
    first, comparator = printed.first, printed.comparator
    reading = plan.at_level(level)

    def take(other: Comparator) -> Callable[..., Any]:
        """The end, but where a target has only the other one."""
        unlike = [COMPARATORS.index("none"), COMPARATORS.index(other)]
        return lambda end, code: pl.when(~code.is_in(unlike)).then(end)

    last = reading.expr(pl.coalesce, printed.last, first)
    words = {each.comparator for each in targets}
    given = any(isinstance(word, Column) for word in words)
    return Goal(
        plan.settle(level, reading.expr(take("at_most"), first, comparator)),
        plan.settle(level, reading.expr(take("at_least"), last, comparator)),
        given or words != {"at_most"},
        given or words != {"at_least"},
        words <= {"at_most", "at_least"}
        and all(isinstance(each.first, Fraction) and each.first > 0 for each in targets),
    )


def reaches(plan: PlanBase, level: str, printed: Column, goal: Goal) -> Column:
    """Whether a printed value is between the ends; null without a value or without a goal."""

    def hold(value: Any, low: Any, high: Any) -> Any:
        wanted = ~(low.is_null() & high.is_null()) & ~value.is_null()
        inside = (low.is_null() | (value >= low)) & (high.is_null() | (value <= high))
        return pl.when(wanted).then(inside)

    return plan.at_level(level).expr(hold, printed, goal.low, goal.high)


# --- what an indicator counts ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Counted:
    """What an indicator counts, as columns of a level: `factor` · `part` / `whole`.

    `whole` is None where the value itself is the count. `bound` is the largest number that the part
    is declared to lie within (`within`), where that is not the whole.
    """

    part: Column
    whole: Column | None
    factor: int
    exact: bool = False
    bound: Column | None = None


def _read_counted(plan: PlanBase, row: Indicator, level: str) -> Counted | None:
    """Part and whole of the formula of each year; None where nothing is counted."""
    plan = plan.within(row.where)
    countings = count_in(plan.catalogue.symbols, _describe(plan), row)
    if len({(counting.kind == "count", counting.factor) for counting in countings}) != 1:
        return None
    parts: list[Column] = []
    wholes: list[Column] = []
    exact = True
    for counting, (_year, formula) in zip(countings, row.formulas, strict=True):
        scope = plan.scope(formula.tree, row.missing)
        reading = ColumnsReading(plan, scope, level)
        terms = _read_terms(plan, reading, counting)
        for columns, term in zip((parts, wholes), terms, strict=False):
            columns.append(_settle_number(plan, reading, term))
            exact = exact and term.exact
    since = [year for year, _formula in row.formulas]
    part = _by_year(plan, level, since, parts)
    whole = _by_year(plan, level, since, wholes) if wholes else None
    bound = _read_bound(plan, row, level, countings)
    return Counted(part, whole, countings[0].factor, exact, bound)


@remembered
def _describe(plan: PlanBase) -> Callable[[str], Any]:
    return describe_with(plan.catalogue.symbols, plan.catalogue.places)


def _read_bound(
    plan: PlanBase, row: Indicator, level: str, countings: Sequence[Counting]
) -> Column | None:
    """The number within which the part, one input, is declared to lie.

    None where the whole is one of such numbers. It is the outermost: those between may grow with
    the part.
    """
    parts = {ast.unparse(counting.part) for counting in countings}
    wholes = {ast.unparse(counting.whole) for counting in countings if counting.whole is not None}
    chain = [name] if len(parts) == 1 and (name := min(parts)) in plan.catalogue.inputs else []
    while chain and (outer := plan.catalogue.inputs[chain[-1]].within) and outer not in chain:
        chain.append(outer)
    if len(chain) < 2 or wholes & set(chain):  # noqa: PLR2004 - itself, and something around it
        return None
    tree = ast.parse(chain[-1], mode="eval").body
    reading = ColumnsReading(plan, plan.scope(tree, row.missing), level)
    return _settle_number(plan, reading, reading.read(tree))


def _read_terms(plan: PlanBase, reading: ColumnsReading, counting: Counting) -> list[Term]:
    """The part, and of a share its whole."""
    if counting.kind == "share_of_schools":
        scope, level = reading.scope, reading.level
        return [
            take_members(plan, scope, level, SetCall(how, plan.levels[0], (counting.part,)))
            for how in ("with", "count")
        ]
    trees = [counting.part] if counting.whole is None else [counting.part, counting.whole]
    return [reading.read(tree) for tree in trees]


def _settle_number(plan: PlanBase, reading: ColumnsReading, term: Term) -> Column:
    """The value as a number, 0 where the term does not apply (as in a sum)."""
    value = term.value
    if term.applies is not None:
        value = reading.expr(
            lambda applies, raw: pl.when(~applies).then(pl.lit(0.0)).otherwise(raw),
            term.applies,
            value,
        )
    number = reading.expr(lambda raw: raw.cast(pl.Float64), value)
    return plan.settle(reading.level, number)


def _by_year(
    plan: PlanBase, level: str, since: Sequence[int | None], columns: Sequence[Column]
) -> Column:
    """Of each year the column of its formula."""
    result = columns[0]
    for year, later in zip(since[1:], columns[1:], strict=True):
        first = pl.col(YEAR) >= (year or 0)
        result = plan.at_level(level).expr(
            lambda new, old, starts=first: pl.when(starts).then(new).otherwise(old),
            later,
            result,
        )
    return plan.settle(level, result)


# --- shortfall ------------------------------------------------------------------------------------
# How many more, or fewer, would reach the target: the smallest whole number, as printed.
#
# With k more in the part and the whole as it is, the printed share is that of (part + k) / whole.
# Where the target begins is computed. Of whole numbers that is exact: what they can be apart is far
# more than the noise of doubles. Of others, and where a target has two ends, the numbers beside it
# are tried: the result is the least at which the printed value reaches the target.


Direction = Literal["more", "fewer"]
TRIED = (-1, 0, 1)
"""Beside the number that is computed, those that binary noise may have hidden."""
NEAR = 1e-7
"""Of whole numbers, what is nearer than this to a whole number is one: a share printed with up to
four decimals begins at a multiple of a two-millionth of a person."""
EXACT_DECIMALS = 4


@remembered
def take_shortfall(plan: PlanBase, row: Indicator, level: str) -> Term:
    """The column of a row at a level: 0 where the target is reached, null where it is not known.

    That is: without a value, without a target, and where even the whole, or all of those within
    whom the part is declared to lie, are not enough.
    """
    goal = read_goal(plan, row, level)
    counted = _read_counted(plan, row, level) if goal is not None else None
    if goal is None or counted is None:
        return plan.nothing(Reason.NOT_APPLICABLE)
    printed = read_printed_value(plan, row, level)
    reached = plan.settle(level, reaches(plan, level, printed, goal))
    # Only the directions that some year's target asks for are computed.
    nothing = Column(pl.lit(None, pl.Float64))
    search = _Search(plan, row.decimals, level, counted, goal)
    more = search.least("more") if goal.has_low else nothing
    fewer = search.least("fewer") if goal.has_high else nothing

    def choose(done: Any, value: Any, low: Any, to_add: Any, to_take: Any) -> Any:
        lacks = (~low.is_null() & (value < low)).fill_null(value=False)
        distance = pl.when(lacks).then(to_add).otherwise(to_take)
        return pl.when(done).then(pl.lit(0.0)).otherwise(pl.when(~done).then(distance))

    reading = plan.at_level(level)
    value = reading.expr(choose, reached, printed, goal.low, more, fewer)
    why = reading.first_reason((read_value(plan, row, level),), Reason.NOT_APPLICABLE)
    return Term(plan.settle(level, value), plan.settle_reason(level, why), exact=True)


@dataclass(frozen=True, slots=True)
class _Search:
    """The search for the least number with which a goal is reached; its columns are settled."""

    plan: PlanBase
    decimals: int
    level: str
    counted: Counted
    goal: Goal

    @property
    def whole(self) -> tuple[Column, ...]:
        """The whole of a share as an argument; nothing where the value itself is counted."""
        return () if self.counted.whole is None else (self.counted.whole,)

    def settle(self, make: Callable[..., Any], *columns: Column) -> Column:
        """A column made of columns, under a name of its own."""
        return self.plan.settle(self.level, self.plan.at_level(self.level).expr(make, *columns))

    def least(self, direction: Direction) -> Column:
        """The least number, at least 1, with which the goal is reached; null where none does."""
        scale = 10.0**self.decimals
        computed_exactly = (
            self.counted.exact and self.goal.simple and self.decimals <= EXACT_DECIMALS
        )
        end = self.goal.low if direction == "more" else self.goal.high

        def begin(part: Any, wanted: Any, *whole: Any) -> Any:
            # What rounds to the end begins half a unit of the last decimal before it.
            edge = (wanted - 0.5 if direction == "more" else wanted + 0.5) / scale
            if whole:
                edge = edge * whole[0] / self.counted.factor
            distance = edge - part if direction == "more" else part - edge
            if not computed_exactly:
                return distance.ceil()
            # A half rounds up: at the lower end it is in already, at the upper end it is too much.
            return (
                (distance - NEAR).ceil() if direction == "more" else (distance + NEAR).floor() + 1.0
            )

        first = self.settle(begin, self.counted.part, end, *self.whole)
        if computed_exactly:
            return self._keep(direction, first)
        return self.settle(pl.coalesce, *(self._try(direction, first, step) for step in TRIED))

    def _try(self, direction: Direction, first: Column, step: int) -> Column:
        """The number `step` beside the first, where it reaches the goal and so many exist."""
        number = self.settle(lambda start: (start + float(step)).clip(1.0), first)
        number = self._keep(direction, number)

        def move(part: Any, moved: Any, *whole: Any) -> Any:
            reached = part + moved if direction == "more" else part - moved
            return float(self.counted.factor) * reached / whole[0] if whole else reached

        reading = self.plan.at_level(self.level)
        raw = reading.expr(move, self.counted.part, number, *self.whole)
        printed = print_column(self.plan, self.level, raw, self.decimals)
        reached = reaches(self.plan, self.level, printed, self.goal)
        return self.settle(
            lambda is_reached, moved: pl.when(is_reached).then(moved), reached, number
        )

    def _keep(self, direction: Direction, number: Column) -> Column:
        """The number where so many exist: left over in the whole, or in the part to take away."""

        def keep(part: Any, moved: Any, *whole: Any) -> Any:
            if direction == "fewer":
                return pl.when(moved <= part).then(moved)
            return pl.when(part + moved <= whole[0]).then(moved) if whole else moved

        def stay(part: Any, moved: Any, bound: Any) -> Any:
            return pl.when(bound.is_null() | (part + moved <= bound)).then(moved)

        kept = self.settle(keep, self.counted.part, number, *self.whole)
        if self.counted.bound is None or direction == "fewer":
            return kept
        return self.settle(stay, self.counted.part, kept, self.counted.bound)


# --- the functions of recommendations -------------------------------------------------------------


def read_advice_call(plan: PlanBase, level: str, node: ast.Call) -> Term:
    """What a function of recommendations gives at the places of a level."""
    function, row = dotted_name(node.func), find_row(plan, dotted_name(node.args[0]))
    if function == "reported":
        return _reported(plan, row, level)
    if function == "worsened":
        return _worsened(plan, row, level, int(literal_number(node.args[1]) or 1))
    if function == "shortfall":
        return take_shortfall(plan, row, level)
    met = _met(plan, row, level)
    if function == "met":
        return met
    return Term(plan.at_level(level).expr(lambda holds: ~holds, met.value), met.why)


def find_row(plan: PlanBase, name: str) -> Indicator:
    """An indicator, or an input as the row that results have of it."""
    return plan.catalogue.indicators.get(name) or _input_rows(plan)[name]


@remembered
def _input_rows(plan: PlanBase) -> Mapping[str, Indicator]:
    return input_rows(plan.catalogue)


@remembered
def _met(plan: PlanBase, row: Indicator, level: str) -> Term:
    goal = read_goal(plan, row, level)
    if goal is None:
        unknown = Column(pl.lit(None, pl.Boolean))
        return Term(unknown, lambda: Column(pl.lit(int(Reason.NOT_APPLICABLE))))
    value = read_value(plan, row, level)
    holds = reaches(plan, level, read_printed_value(plan, row, level), goal)
    why = plan.at_level(level).first_reason((value,), Reason.NOT_APPLICABLE)
    return Term(plan.settle(level, holds), plan.settle_reason(level, why))


def _worsened(plan: PlanBase, row: Indicator, level: str, years: int) -> Term:
    """Whether each of the last years is worse than the one before it, as printed."""
    reading = plan.at_level(level)
    printed = [read_printed_value(plan, row, level)]
    for _year in range(years):
        printed.append(read_before(plan, row, level, printed[-1]))

    def falls(now: Any, before: Any) -> Any:
        worse = now > before if row.better == "less" else now < before
        return pl.when(~now.is_null() & ~before.is_null()).then(worse)

    result = reading.expr(falls, printed[0], printed[1])
    for now, before in pairwise(printed[1:]):
        result = reading.expr(
            lambda later, earlier: pl.when(~later.is_null() & ~earlier.is_null()).then(
                later & earlier
            ),
            result,
            reading.expr(falls, now, before),
        )
    why = reading.first_reason((read_value(plan, row, level),), Reason.NO_PREVIOUS)
    return Term(plan.settle(level, result), plan.settle_reason(level, why))


def _reported(plan: PlanBase, row: Indicator, level: str) -> Term:
    """Whether all who were expected to have reported; a condition that always has a value."""
    coverage = plan.indicator(row, level).coverage
    full = plan.at_level(level).expr(
        lambda some, all_: (some >= all_).fill_null(value=False),
        coverage.reported,
        coverage.expected,
    )
    return Term(plan.settle(level, full), lambda: Column(pl.lit(int(Reason.NOT_REPORTED))))
