"""What is given above the places that give a formula's own inputs.

At a lower place a formula sees the value of the place above; at a higher place it is rolled up
over the places that give it, never over schools.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field, replace
from typing import Any

import polars as pl

from engine.catalogue.model import Constant
from engine.evaluation.plan.base import PlanBase, remembered
from engine.evaluation.plan.entering import (
    complete_above,
    find_needed,
    nothing_above,
    read_requested,
)
from engine.evaluation.plan.scopes import RequestedInput, Scope
from engine.evaluation.plan.steps import PLACE, YEAR, choose_sum
from engine.language.readings.terms import Column, Reason, Term, choose_reason


@dataclass(frozen=True, slots=True)
class Way:
    """Over which places an input given above is rolled up: those that have all that is `needed`.

    `complete` says so at the level that gives it; None is all of them.
    """

    needed: tuple[str, ...] = ()
    complete: Column | None = field(default=None, compare=False)


@remembered
def scope_alone(plan: PlanBase, requested: RequestedInput) -> Scope:
    """An input as a formula of its own: it enters wherever it has a value."""
    return replace(
        plan.bare,
        key=f"alone:{requested.key}",
        base=requested.first.level,
        requested={requested.key: requested},
    )


@remembered
def look_up(plan: PlanBase, requested: RequestedInput, level: str, way: Way | None = None) -> Term:
    """An input given above, as the places of a level see it; `way` where it is rolled up."""
    source = requested.first.level
    term = read_requested(plan, scope_alone(plan, requested), requested, source)
    way = way or Way()
    key = ("given", requested.key, *way.needed)
    return _move(plan, term, source, level, requested.rollup, key, way.complete)


def choose_way(plan: PlanBase, scope: Scope, requested: RequestedInput, level: str) -> Way | None:
    """Which places that give an input of the scope's count in rows of a level; None is all."""
    source = requested.first.level
    if requested.key not in scope.above or not plan.is_below(source, level):
        return None
    needed = find_needed(plan, scope, source, level)
    return Way(needed, complete_above(plan, scope, source, needed))


@remembered
def place_constant(plan: PlanBase, constant: Constant, level: str) -> Term:
    """A constant: by year, and where it has a level by place."""
    if constant.level is None:
        values = {year: float(value) for year, value in constant.values.items()}
        return plan.by_year(values, Reason.NO_CONSTANT)
    # A flat list of cases: a chain of as many conditions as a country has regions would be too deep.
    cases = [
        pl.when((pl.col(PLACE) == place) & (pl.col(YEAR) == year)).then(pl.lit(float(number)))
        for place, years in constant.values_by_place.items()
        for year, number in years.items()
    ]
    value = pl.coalesce(pl.lit(None, pl.Float64), *cases)
    column = plan.settle(constant.level, Column(value, 0, 1 + len(cases)))
    numbers = (number for years in constant.values_by_place.values() for number in years.values())
    exact = all(float(number).is_integer() for number in numbers)
    term = Term(column, lambda: plan.reason(Reason.NO_CONSTANT), exact=exact)
    rollup = "sum" if constant.unit is not None and constant.unit.adds_up else "none"
    return _move(plan, term, constant.level, level, rollup, ("constant", constant.id))


def _move(  # noqa: PLR0917 - a term and the way it goes
    plan: PlanBase,
    term: Term,
    source: str,
    level: str,
    rollup: str,
    key: tuple[Hashable, ...],
    complete: Column | None = None,
) -> Term:
    """A term of `source` at the places of a level: taken from above, or rolled up.

    Rolled up over the places that are `complete`, where that is said.
    """
    if level == source:
        return term
    if plan.is_below(level, source):
        return plan.take_above(term, level, source)
    reading, at_source = plan.at_level(level), plan.at_level(source)

    def rolled(how: Any, column: Column, name: str) -> Column:
        return plan.steps.rollup((*key, name, how), level, source, how, column)

    def some(condition: Column, name: str) -> Column:
        flag = at_source.expr(lambda holds: holds.cast(pl.Int64), condition)
        return reading.expr(lambda number: number > 0, rolled("sum", flag, name))

    applies = term.applies and some(term.applies, "applies")
    value = term.value
    if complete is not None:
        value = at_source.expr(lambda has, raw: pl.when(has).then(raw), complete, value)
    if complete is not None and applies is not None and term.applies is not None:
        # As at schools: those that are out count only where none is in.
        inside = at_source.both(term.applies, complete) or complete
        applies = reading.expr(
            lambda any_, inside, all_: pl.when(any_).then(inside).otherwise(all_),
            some(complete, "complete"),
            some(inside, "applies_inside"),
            applies,
        )
    if rollup in {"none", "texts"}:
        return nothing_above(plan, level, applies)
    value = plan.settle(source, value)
    if rollup == "schools":
        value = at_source.expr(lambda yes: yes.cast(pl.Int64), value)
    number = rolled("count", value, "value")
    summed = choose_sum(exact=term.exact)
    how = {"schools": "sum", "mean": summed, "sum": summed}.get(rollup, rollup)
    result = reading.expr(
        lambda total, count: pl.when(count > 0).then(
            total.cast(pl.Float64) / count if rollup == "mean" else total.cast(pl.Float64)
        ),
        rolled(how, value, "value"),
        number,
    )
    if applies is not None:
        result = reading.expr(lambda some, total: pl.when(some).then(total), applies, result)

    def why() -> Column:
        code = term.why()
        if complete is not None:
            code = at_source.expr(
                lambda raw, code: choose_reason(raw.is_null(), code, Reason.NOT_REPORTED),
                term.value,
                code,
            )
        if term.applies is None or applies is None:
            return rolled("min", code, "why")
        # Where it applies to some of the places, those to which it does not are no reason.
        code = at_source.expr(lambda holds, reason: pl.when(holds).then(reason), term.applies, code)
        return reading.expr(
            lambda some, least: choose_reason(some, least, Reason.NOT_APPLICABLE),
            applies,
            rolled("min", code, "why"),
        )

    return Term(result, why, applies, term.exact and rollup != "mean")
