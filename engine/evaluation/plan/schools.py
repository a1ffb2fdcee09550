"""Functions over schools: an argument computed at each school that enters, then taken together.

They run over the schools at which the argument has a value; where there is none, neither has the
function.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

import polars as pl

from engine.evaluation.plan.base import PlanBase, remembered
from engine.evaluation.plan.entering import entered, reason_of_missing
from engine.evaluation.plan.scopes import Scope
from engine.language.grammar import tree_key
from engine.language.readings.columns import ColumnsReading
from engine.language.readings.terms import Column, Reason, Term, choose_reason


@remembered
def take_over_schools(plan: PlanBase, scope: Scope, level: str, how: str, tree: ast.expr) -> Term:
    """with, count, share, sum, mean, median, min or max of a tree over the schools that enter."""
    school = plan.levels[0]
    inner = _at_schools(plan, scope, tree)
    if level == school:
        return _at_school(plan, scope, inner, how)
    key = ("over", scope.key, tree_key(tree))
    at_school, reading = plan.at_level(school), plan.at_level(level)
    value = inner.value
    if how in {"with", "share", "count"}:
        value = at_school.expr(lambda holds: holds.cast(pl.Int64), value)

    def rolled(agg: Any) -> Column:
        return plan.steps.rollup((*key, agg), level, school, agg, value)

    def finish(total: Any, count: Any) -> Any:
        number = total.cast(pl.Float64)
        if how == "share":
            number = 100.0 * number / count
        return pl.when(count > 0).then(number / count if how == "mean" else number)

    number = rolled("count")
    total = rolled("sum" if how in {"with", "share", "mean"} else how)
    result = reading.expr(finish, total, number)
    exact = how in {"with", "count"} or (how in {"sum", "min", "max"} and inner.exact)

    def why() -> Column:
        return _why_none(plan, scope, level, inner, key)

    return Term(result, why, None, exact)


def weigh_over_schools(
    plan: PlanBase, scope: Scope, level: str, x: ast.expr, weight: ast.expr
) -> Term:
    """Σ(x · weight) / Σ weight over the schools that have both; at a school, x."""
    school = plan.levels[0]
    value, load = _at_schools(plan, scope, x), _at_schools(plan, scope, weight)
    at_school, reading = plan.at_level(school), plan.at_level(level)
    known = at_school.expr(
        lambda left, right: ~left.is_null() & ~right.is_null(), value.value, load.value
    )
    if level == school:
        shown = at_school.expr(lambda both, number: pl.when(both).then(number), known, value.value)
        lacking = at_school.first_reason((value, load), Reason.NOT_REPORTED)
        return Term(shown, _why_not_here(plan, scope, lacking), None, value.exact)
    key = ("weighted", scope.key, tree_key(x), tree_key(weight))
    product = at_school.expr(lambda number, times: number * times, value.value, load.value)
    loads = at_school.expr(lambda both, times: pl.when(both).then(times), known, load.value)
    total = plan.steps.rollup((*key, "product"), level, school, "sum", product)
    whole = plan.steps.rollup((*key, "weight"), level, school, "sum", loads)
    number = plan.steps.rollup((*key, "number"), level, school, "count", loads)
    result = reading.expr(
        lambda sum_, weights, count: pl.when((count > 0) & (weights != 0)).then(sum_ / weights),
        total,
        whole,
        number,
    )

    def why() -> Column:
        both = Term(product, at_school.first_reason((value, load), Reason.NOT_REPORTED))
        return reading.expr(
            lambda count, code: choose_reason(count > 0, Reason.ZERO_DENOMINATOR, code),
            number,
            _why_none(plan, scope, level, both, key),
        )

    return Term(result, why)


@remembered
def _at_schools(plan: PlanBase, scope: Scope, tree: ast.expr) -> Term:
    """The tree at each school that enters the formula, under names of its own."""
    school = plan.levels[0]
    term = ColumnsReading(plan, scope, school).read(tree)
    value = term.value
    if scope.requested and scope.base == school:
        value = plan.at_level(school).expr(
            lambda enters, raw: pl.when(enters).then(raw), entered(plan, scope), value
        )
    return plan.settle_term(school, Term(value, term.why, None, term.exact))


def _at_school(plan: PlanBase, scope: Scope, inner: Term, how: str) -> Term:
    """At a school: the value itself, 1 or 0, 100 or 0."""
    why = _why_not_here(plan, scope, inner.why)
    if how not in {"with", "share", "count"}:
        return Term(inner.value, why, None, inner.exact)
    most = 100.0 if how == "share" else 1.0
    value = plan.at_level(plan.levels[0]).expr(
        lambda holds: (holds | ~holds if how == "count" else holds).cast(pl.Float64) * most,
        inner.value,
    )
    return Term(value, why, None, exact=True)


def _why_not_here(plan: PlanBase, scope: Scope, why: Callable[[], Column]) -> Callable[[], Column]:
    """The reason at a school: that of the argument where the school enters."""
    school = plan.levels[0]
    if not scope.requested or scope.base != school:
        return why

    def why_here() -> Column:
        return plan.at_level(school).expr(
            choose_reason,
            entered(plan, scope),
            why(),
            reason_of_missing(plan, scope, school),
        )

    return why_here


def _why_none(
    plan: PlanBase, scope: Scope, level: str, inner: Term, key: tuple[object, ...]
) -> Column:
    """Why no school has a value: none enters, or the first reason among those that do."""
    school = plan.levels[0]
    code = inner.why()
    if not scope.requested or scope.base != school:
        return plan.steps.rollup((*key, "why"), level, school, "min", code)
    code = plan.at_level(school).expr(
        lambda enters, raw: pl.when(enters).then(raw), entered(plan, scope), code
    )
    first = plan.steps.rollup((*key, "why"), level, school, "min", code)
    return plan.at_level(level).expr(pl.coalesce, first, reason_of_missing(plan, scope, level))
