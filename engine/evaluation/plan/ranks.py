"""Ranks: which place an indicator has among the places of its level inside one place above."""

from __future__ import annotations

import ast
from typing import Any

import polars as pl

from engine.catalogue.model import Indicator
from engine.evaluation.plan.base import NOBODY, Coverage, PlanBase, remembered
from engine.evaluation.plan.sets import find_members
from engine.evaluation.plan.steps import SCENARIO, YEAR, ancestor
from engine.evaluation.plan.toward_targets import read_printed_value, read_value
from engine.language.grammar import dotted_name
from engine.language.readings.terms import Column, Reason, Term, choose_reason


def rank_among_peers(plan: PlanBase, level: str, call: ast.Call) -> Term:
    """1 and how many peers print a better value; equal printed values share a place.

    At the places of the named level itself it does not apply, above them there is no such level.
    """
    indicator, top = plan.catalogue.indicators[dotted_name(call.args[0])], dotted_name(call.args[1])
    if level == top:
        return plan.nothing(Reason.NOT_APPLICABLE)
    if plan.is_below(top, level):
        return plan.nothing(Reason.NO_SUCH_LEVEL)
    printed = _read_printed(plan, indicator, level)

    def place(value: Any, above: Any) -> Any:
        ranked = value.rank("min", descending=indicator.better == "more")
        return pl.when(~above.is_null()).then(ranked.over(_group(plan, top)).cast(pl.Float64))

    reading = plan.at_level(level)
    upper = Column(pl.col(ancestor(top, plan.levels)))
    value = plan.settle(level, reading.expr(place, printed, upper))

    def why() -> Column:
        return reading.expr(
            lambda above, code: choose_reason(above.is_null(), Reason.NO_SUCH_LEVEL, code),
            upper,
            read_value(plan, indicator, level).why(),
        )

    return Term(value, plan.settle_reason(level, why), None, exact=True)


@remembered
def cover_rank(plan: PlanBase, level: str, call: ast.Call) -> Coverage:
    """How many of the peers are ranked; 0 of 0 where there are none."""
    indicator, top = plan.catalogue.indicators[dotted_name(call.args[0])], dotted_name(call.args[1])
    if not plan.is_below(level, top):
        return NOBODY
    printed = _read_printed(plan, indicator, level)
    reading, group = plan.at_level(level), _group(plan, top)
    counts = _find_peers(plan, indicator, level) or plan.everywhere()
    ranked = reading.expr(
        lambda value: (~value.is_null()).cast(pl.Int64).sum().over(group), printed
    )
    peers = reading.expr(
        lambda year, counts: (counts & year.is_not_null()).cast(pl.Int64).sum().over(group),
        plan.year,
        counts,
    )
    return Coverage(ranked, peers).settle(plan, level)


def _read_printed(plan: PlanBase, indicator: Indicator, level: str) -> Column:
    """What the indicator prints at each peer."""
    printed, counts = (
        read_printed_value(plan, indicator, level),
        _find_peers(plan, indicator, level),
    )
    if counts is None:
        return printed
    return plan.at_level(level).expr(
        lambda holds, units: pl.when(holds).then(units), counts, printed
    )


def _find_peers(plan: PlanBase, indicator: Indicator, level: str) -> Column | None:
    """Which places of the level have the indicator at all; None is all."""
    trees = tuple(formula.tree for _year, formula in indicator.formulas)
    return find_members(plan.within(indicator.where), level, trees)


def _group(plan: PlanBase, top: str) -> list[str]:
    """The columns by which peers are told apart: the place above, the year and the scenario."""
    return [ancestor(top, plan.levels), YEAR, SCENARIO]
