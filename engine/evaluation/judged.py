"""What the functions of recommendations give, as columns of the plan.

They read results: printed values, targets, coverage. See `goals.py` and `shortfall.py`.
"""

from __future__ import annotations

import ast
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import polars as pl

from engine.catalogue.model import Indicator
from engine.evaluation.elsewhere import a_year_before
from engine.evaluation.goals import reaches, read_goal, read_printed, read_value
from engine.evaluation.rows import input_rows
from engine.evaluation.shortfall import take_shortfall
from engine.language.grammar import dotted_name, literal_number
from engine.language.readings.reasons import Reason
from engine.language.readings.terms import Column, Term

if TYPE_CHECKING:
    from engine.evaluation.plan import Planner


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
    holds = reaches(plan, level, read_printed(plan, row, level), goal)
    why = plan.at_level(level).first_reason((value,), Reason.NOT_APPLICABLE)
    return Term(plan.settle(level, holds), plan.once(level, why))


def _not(plan: Planner, term: Term, level: str) -> Term:
    return Term(plan.at_level(level).expr(lambda one: ~one, term.value), term.why)


def _worsened(plan: Planner, row: Indicator, level: str, years: int) -> Term:
    """Whether each of the last years is worse than the one before it, as printed."""
    here = plan.at_level(level)
    printed = [read_printed(plan, row, level)]
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
