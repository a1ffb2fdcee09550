"""Columns taken from elsewhere: a year before, or from the place above."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from engine.evaluation.plan.steps import SCENARIO
from engine.language.readings.terms import Column, Reason, Term

if TYPE_CHECKING:
    from engine.evaluation.plan.planner import Planner


def a_year_before(plan: Planner, level: str, column: Column, decides: Column) -> Column:
    """A column a year before; beside a forecast that of the fact, else of the forecast.

    Where neither has the value that `decides`, that of the fact.
    """
    return plan.remember(
        ("before", level, id(column), id(decides)),
        lambda: _a_year_before(plan, level, column, decides),
    )


def _a_year_before(plan: Planner, level: str, column: Column, decides: Column) -> Column:
    # Kept alive by the closure of the memory's key: ids of live columns do not repeat.
    plan.memory["kept", id(column), id(decides)] = (column, decides)
    settled = plan.settle(level, column)
    if not plan.shape.forecasts:
        return plan.steps.before(level, settled)
    here = plan.at_level(level)
    fact = plan.steps.before(level, settled, scenario="fact")
    forecast = plan.steps.before(level, settled, scenario="forecast")
    decided, planned = fact, forecast
    if decides is not column:
        decider = plan.settle(level, decides)
        decided = plan.steps.before(level, decider, scenario="fact")
        planned = plan.steps.before(level, decider, scenario="forecast")
    return here.expr(
        lambda scenario, done, meant, one, two: (
            pl.when((scenario == "forecast") & done.is_null() & ~meant.is_null())
            .then(two)
            .otherwise(one)
        ),
        Column(pl.col(SCENARIO)),
        decided,
        planned,
        fact,
        forecast,
    )


def take_above(plan: Planner, term: Term, level: str, source: str) -> Term:
    """A term of a higher level, at each place that lies in it; some may lie in none."""
    value = plan.steps.above(level, source, plan.settle(source, term.value))
    applies = None
    if term.applies is not None:
        taken = plan.steps.above(level, source, term.applies)
        applies = plan.at_level(level).expr(lambda does: does.fill_null(value=True), taken)

    def why() -> Column:
        taken = plan.steps.above(level, source, term.why())
        return plan.at_level(level).expr(
            lambda code: code.fill_null(int(Reason.NO_SUCH_LEVEL)), taken
        )

    return Term(value, plan.once(level, why), applies, term.exact)
