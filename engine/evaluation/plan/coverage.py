"""Coverage: how many schools reported of how many expected, for every value.

It is that of the formula's own inputs and of each indicator it names, the pair with the smallest
ratio, the first on a tie. A `coalesce` of more than bare inputs counts with the argument whose
value it took; `previous` and `at` count only where there is nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from engine.catalogue.model import Indicator
from engine.evaluation.plan.base import a_year_before
from engine.evaluation.plan.entering import count_open, count_schools
from engine.evaluation.plan.scopes import Elsewhere, Scope
from engine.language.grammar import dotted_name, tree_key
from engine.language.readings.columns import ColumnsReading
from engine.language.readings.terms import Column, Term

if TYPE_CHECKING:
    from engine.evaluation.plan.planner import Planner


@dataclass(frozen=True, slots=True)
class Coverage:
    """The two columns, whole numbers."""

    reported: Column
    expected: Column

    def settle(self, plan: Planner, level: str) -> Coverage:
        """The same under names of their own."""
        return Coverage(plan.settle(level, self.reported), plan.settle(level, self.expected))

    def pick(self, here: ColumnsReading, condition: Column, other: Coverage) -> Coverage:
        """This one where `condition` holds, else the other."""

        def choose(test: Any, one: Any, two: Any) -> Any:
            return pl.when(test).then(one).otherwise(two)

        return Coverage(
            here.expr(choose, condition, self.reported, other.reported),
            here.expr(choose, condition, self.expected, other.expected),
        )

    def until(self, here: ColumnsReading, year: Column, since: int, later: Coverage) -> Coverage:
        """This one before the year `since`, the later one from it on."""
        return self.pick(here, here.expr(lambda one: one < since, year), later)


def cover_scope(plan: Planner, scope: Scope, level: str) -> Coverage:
    """The coverage of a scope at every place of a level."""
    return plan.remember(("coverage", scope.key, level), lambda: _cover_scope(plan, scope, level))


def _cover_scope(plan: Planner, scope: Scope, level: str) -> Coverage:
    pairs: list[Coverage] = []
    if scope.asked:
        pairs.append(_own(plan, scope, level))
    for name in scope.named:
        declared: Indicator = plan.catalogue.indicators[name]
        pairs.append(plan.indicator(declared, level).coverage.settle(plan, level))
    pairs += _coalesced(plan, scope, level)
    if not pairs:
        pairs += [
            pair
            for elsewhere in scope.elsewhere
            if (pair := _elsewhere(plan, scope, level, elsewhere)) is not None
        ]
    if not pairs:
        number = count_open(plan, level)
        return Coverage(number, number)
    return _smallest(plan, level, pairs)


def _own(plan: Planner, scope: Scope, level: str) -> Coverage:
    return Coverage(
        count_schools(plan, scope, "reported", level),
        count_schools(plan, scope, "expected", level),
    )


def _coalesced(plan: Planner, scope: Scope, level: str) -> list[Coverage]:
    calls = {
        (tree_key(one.call), one.at_schools): one
        for one in scope.elsewhere
        if one.function == "coalesce"
    }
    return [_taken(plan, scope, level, one) for one in calls.values()]


def _taken(plan: Planner, scope: Scope, level: str, one: Elsewhere) -> Coverage:
    """Of a `coalesce`: of the first argument that has a value, else of the first."""
    if one.at_schools and level != plan.levels[0]:
        return _of_schools(plan, scope, level, one, _taken(plan, scope, plan.levels[0], one))
    here = plan.at_level(level)
    scopes = [plan.scope(argument, scope.missing) for argument in one.call.args]
    # The last argument with a value is tried first, so that the first one wins; where none
    # has a value, the first argument speaks for all.
    pair = cover_scope(plan, scopes[0], level)
    for inner in reversed(scopes):
        value = plan.settle(level, plan.term(inner, level).value)
        filled = here.expr(lambda one: ~one.is_null(), value)
        pair = cover_scope(plan, inner, level).pick(here, filled, pair)
    return pair.settle(plan, level)


def _of_schools(
    plan: Planner, scope: Scope, level: str, one: Elsewhere, pair: Coverage
) -> Coverage:
    """What is read at schools, of all schools of a place together."""
    school = plan.levels[0]
    key = ("coverage", scope.missing, one.function, tree_key(one.call))
    settled = pair.settle(plan, school)
    return Coverage(
        plan.steps.rollup((*key, "reported"), level, school, "sum", settled.reported),
        plan.steps.rollup((*key, "expected"), level, school, "sum", settled.expected),
    )


def _elsewhere(plan: Planner, scope: Scope, level: str, elsewhere: Elsewhere) -> Coverage | None:
    inner = plan.scope(elsewhere.tree, scope.missing)
    school = plan.levels[0]
    if elsewhere.function == "previous" and elsewhere.at_schools and level != school:
        pair = _elsewhere(plan, scope, school, elsewhere)
        return pair and _of_schools(plan, scope, level, elsewhere, pair)
    if elsewhere.function == "previous":
        before = cover_scope(plan, inner, level)
        value = plan.term(inner, level).value
        return _or_none(
            plan,
            level,
            (
                a_year_before(plan, level, column, value)
                for column in (before.reported, before.expected)
            ),
        )
    target = dotted_name(elsewhere.call.args[0])
    here, there = plan.levels.index(level), plan.levels.index(target)
    if here > there:
        return None
    above = cover_scope(plan, inner, target)
    if here == there:
        return above
    return _or_none(
        plan,
        level,
        (
            plan.steps.above(level, target, plan.settle(target, column))
            for column in (above.reported, above.expected)
        ),
    )


def _or_none(plan: Planner, level: str, columns: Iterable[Column]) -> Coverage:
    """Coverage taken from another row: where there is no such row, nobody of nobody."""
    here = plan.at_level(level)
    return Coverage(*(here.expr(lambda one: one.fill_null(0), column) for column in columns))


def _smallest(plan: Planner, level: str, pairs: list[Coverage]) -> Coverage:
    here = plan.at_level(level)
    best = pairs[0]
    for pair in pairs[1:]:
        best = best.settle(plan, level)
        worse = here.expr(
            lambda r1, e1, r2, e2: _ratio(r2, e2) < _ratio(r1, e1),
            best.reported,
            best.expected,
            pair.reported,
            pair.expected,
        )
        best = pair.pick(here, worse, best)
    return best


def _ratio(reported: Any, expected: Any) -> Any:
    """Of nobody expected, everybody reported."""
    return pl.when(expected > 0).then(reported / expected).otherwise(pl.lit(1.0))


# --- planned --------------------------------------------------------------------------------------
# What a plan tells of an indicator.


@dataclass(frozen=True, slots=True)
class Planned:
    """An indicator at a level: its value, the reason of a missing one, and its coverage."""

    term: Term
    coverage: Coverage
