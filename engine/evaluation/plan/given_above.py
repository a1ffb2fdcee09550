"""What is given above the places that give a formula's own inputs.

At a lower place a formula sees the value of the place above; at a higher place it is rolled up
over the places that give it, never over schools.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

import polars as pl

from engine.catalogue.model import Constant
from engine.evaluation.plan import entering
from engine.evaluation.plan.base import take_above
from engine.evaluation.plan.entering import nothing_above
from engine.evaluation.plan.scopes import RequestedInput, Scope, make_scope
from engine.evaluation.plan.steps import PLACE, YEAR
from engine.language.readings.terms import Column, Reason, Term

if TYPE_CHECKING:
    from engine.evaluation.plan.planner import Planner


def look_up(plan: Planner, asked: RequestedInput, level: str) -> Term:
    """An input given above, as the places of a level see it."""
    return plan.remember(("given", asked.key, level), lambda: _look_up(plan, asked, level))


def place_constant(plan: Planner, constant: Constant, level: str) -> Term:
    """A constant: by year, and where it has a level by place."""
    if constant.level is None:
        values = {year: float(value) for year, value in constant.values.items()}
        return plan.by_year(values, Reason.NOT_REPORTED)
    return plan.remember(
        ("constant", constant.id, level), lambda: _place_constant(plan, constant, level)
    )


def _look_up(plan: Planner, asked: RequestedInput, level: str) -> Term:
    scope = _alone(plan, asked)
    source = scope.base
    term = entering.read_asked(plan, scope, asked, source)
    places = plan.levels
    if level == source:
        return term
    if places.index(level) < places.index(source):
        return take_above(plan, term, level, source)
    return _roll_up(plan, term, source, level, asked.rollup, ("given", asked.key))


def _alone(plan: Planner, asked: RequestedInput) -> Scope:
    """The input as a formula of its own: it enters wherever it has a value."""
    scope = make_scope(plan.catalogue, ast.Constant(0), "skip")
    return plan.remember(
        ("alone", asked.key),
        lambda: Scope(
            f"alone:{asked.key}",
            scope.tree,
            "skip",
            asked.first.level,
            {asked.key: asked},
            (),
            (),
        ),
    )


def _roll_up(  # noqa: PLR0917 - a term and the way it goes
    plan: Planner, term: Term, source: str, level: str, rollup: str, key: tuple[str, str]
) -> Term:
    here, there = plan.at_level(level), plan.at_level(source)

    def rolled(how: Any, column: Column, name: str) -> Column:
        return plan.steps.rollup((*key, name, how), level, source, how, column)

    does = term.applies
    applies = None
    if does is not None:
        flag = there.expr(lambda one: one.cast(pl.Int64), does)
        applies = here.expr(lambda some: some > 0, rolled("sum", flag, "applies"))
    if rollup in {"none", "texts"}:
        return nothing_above(plan, level, applies)
    value = plan.settle(source, term.value)
    if rollup == "schools":
        value = there.expr(lambda said: said.cast(pl.Int64), value)
    number = rolled("count", value, "value")
    how = {"schools": "sum", "mean": "sum"}.get(rollup, rollup)
    result = here.expr(
        lambda total, count: pl.when(count > 0).then(
            total.cast(pl.Float64) / count if rollup == "mean" else total.cast(pl.Float64)
        ),
        rolled(how, value, "value"),
        number,
    )
    if applies is not None:
        result = here.expr(lambda some, one: pl.when(some).then(one), applies, result)

    def why() -> Column:
        code = term.why()
        if does is None:
            return rolled("min", code, "why")
        # Where it applies to some of the places, those to which it does not are no reason.
        asked = there.expr(lambda one, told: pl.when(one).then(told), does, code)
        return here.expr(
            lambda least: least.fill_null(int(Reason.NOT_APPLICABLE)), rolled("min", asked, "why")
        )

    return Term(result, why, applies, term.exact and rollup != "mean")


def _place_constant(plan: Planner, constant: Constant, level: str) -> Term:
    source = constant.level or level
    # A flat list of cases: a chain of as many conditions as a country has regions would be too deep.
    cases = [
        pl.when((pl.col(PLACE) == place) & (pl.col(YEAR) == year)).then(pl.lit(float(number)))
        for place, years in constant.values_by_place.items()
        for year, number in years.items()
    ]
    value = pl.coalesce(pl.lit(None, pl.Float64), *cases)
    column = plan.settle(source, Column(value, 0, 1 + len(cases)))
    numbers = (number for years in constant.values_by_place.values() for number in years.values())
    exact = all(float(number).is_integer() for number in numbers)
    term = Term(column, lambda: plan.reason(Reason.NOT_REPORTED), exact=exact)
    places = plan.levels
    if level == source:
        return term
    if places.index(level) < places.index(source):
        return take_above(plan, term, level, source)
    rollup = "sum" if constant.unit is not None and constant.unit.additive else "none"
    return _roll_up(plan, term, source, level, rollup, ("constant", constant.id))
