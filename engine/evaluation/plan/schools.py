"""Functions over schools: an argument computed at each school that enters, then taken together.

They run over the schools at which the argument has a value; where there is none, neither has the
function.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import polars as pl

from engine.evaluation.plan import entering
from engine.evaluation.plan.scopes import Scope
from engine.evaluation.plan.steps import How
from engine.language.grammar import tree_key
from engine.language.readings.columns import ColumnsReading
from engine.language.readings.terms import Column, Reason, Term

if TYPE_CHECKING:
    from engine.evaluation.plan.planner import Planner


def take_over_schools(plan: Planner, scope: Scope, level: str, how: str, tree: ast.expr) -> Term:
    """with, count, share, sum, mean, median, min or max of a tree over the schools that enter."""
    return plan.remember(
        ("over", scope.key, level, how, tree_key(tree)),
        lambda: _take_over_schools(plan, scope, level, how, tree),
    )


def _take_over_schools(plan: Planner, scope: Scope, level: str, how: str, tree: ast.expr) -> Term:
    school = plan.levels[0]
    inner = _at_schools(plan, scope, tree)
    if level == school:
        return _at_school(plan, scope, inner, how)
    key = ("over", scope.key, tree_key(tree))
    at_school, here = plan.at_level(school), plan.at_level(level)
    value = inner.value
    if how in {"with", "share", "count"}:
        value = at_school.expr(lambda holds: holds.cast(pl.Int64), value)

    def rolled(agg: How) -> Column:
        return plan.steps.rollup((*key, agg), level, school, agg, value)

    number = rolled("count")
    taken: dict[str, tuple[How, Callable[[Any, Any], Any]]] = {
        "with": ("sum", lambda total, _count: total),
        "count": ("count", lambda total, _count: total),
        "share": ("sum", lambda total, count: 100.0 * total / count),
        "sum": ("sum", lambda total, _count: total),
        "mean": ("sum", lambda total, count: total / count),
        "median": ("median", lambda total, _count: total),
        "min": ("min", lambda total, _count: total),
        "max": ("max", lambda total, _count: total),
    }
    agg, make = taken[how]
    result = here.expr(
        lambda total, count: pl.when(count > 0).then(make(total.cast(pl.Float64), count)),
        rolled(agg),
        number,
    )
    exact = how in {"with", "count"} or (how in {"sum", "min", "max"} and inner.exact)

    def why() -> Column:
        return _why_none(plan, scope, level, inner, key)

    return Term(result, why, None, exact)


def weigh_over_schools(
    plan: Planner, scope: Scope, level: str, x: ast.expr, weight: ast.expr
) -> Term:
    """Σ(x · weight) / Σ weight over the schools that have both; at a school, x."""
    school = plan.levels[0]
    value, load = _at_schools(plan, scope, x), _at_schools(plan, scope, weight)
    at_school, here = plan.at_level(school), plan.at_level(level)
    known = at_school.expr(
        lambda one, two: ~one.is_null() & ~two.is_null(), value.value, load.value
    )
    if level == school:
        shown = at_school.expr(lambda has, one: pl.when(has).then(one), known, value.value)
        lacking = at_school.first_reason((value, load), Reason.NOT_REPORTED)
        return Term(shown, _why_not_here(plan, scope, lacking), None, value.exact)
    key = ("weighted", scope.key, tree_key(x), tree_key(weight))
    product = at_school.expr(lambda one, two: one * two, value.value, load.value)
    loads = at_school.expr(lambda has, two: pl.when(has).then(two), known, load.value)
    total = plan.steps.rollup((*key, "product"), level, school, "sum", product)
    whole = plan.steps.rollup((*key, "weight"), level, school, "sum", loads)
    number = plan.steps.rollup((*key, "number"), level, school, "count", loads)
    result = here.expr(
        lambda one, two, count: pl.when((count > 0) & (two != 0)).then(one / two),
        total,
        whole,
        number,
    )

    def why() -> Column:
        both = Term(product, at_school.first_reason((value, load), Reason.NOT_REPORTED))
        return here.expr(
            lambda count, code: (
                pl.when(count > 0).then(pl.lit(int(Reason.ZERO_DENOMINATOR))).otherwise(code)
            ),
            number,
            _why_none(plan, scope, level, both, key),
        )

    return Term(result, why)


def _at_schools(plan: Planner, scope: Scope, tree: ast.expr) -> Term:
    """The tree at each school that enters the formula, under names of its own."""
    return plan.remember(
        ("at schools", scope.key, tree_key(tree)), lambda: _plan_at_schools(plan, scope, tree)
    )


def _plan_at_schools(plan: Planner, scope: Scope, tree: ast.expr) -> Term:
    school = plan.levels[0]
    term = ColumnsReading(plan, scope, school).read(tree)
    value = term.value
    if scope.asked and scope.base == school:
        value = plan.at_level(school).expr(
            lambda enters, one: pl.when(enters).then(one), entering.entered(plan, scope), value
        )
    return plan.settle_term(school, Term(value, term.why, None, term.exact))


def _at_school(plan: Planner, scope: Scope, inner: Term, how: str) -> Term:
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


def _why_not_here(plan: Planner, scope: Scope, why: Callable[[], Column]) -> Callable[[], Column]:
    """The reason at a school: that of the argument where the school enters."""
    school = plan.levels[0]
    if not scope.asked or scope.base != school:
        return why

    def told() -> Column:
        return plan.at_level(school).expr(
            lambda enters, code, nobody: pl.when(enters).then(code).otherwise(nobody),
            entering.entered(plan, scope),
            why(),
            entering.reason_of_missing(plan, scope, school),
        )

    return told


def _why_none(
    plan: Planner, scope: Scope, level: str, inner: Term, key: tuple[object, ...]
) -> Column:
    """Why no school has a value: none enters, or the first reason among those that do."""
    school = plan.levels[0]
    here = plan.at_level(level)
    code = inner.why()
    if not scope.asked or scope.base != school:
        return plan.steps.rollup((*key, "why"), level, school, "min", code)
    told = plan.at_level(school).expr(
        lambda enters, one: pl.when(enters).then(one), entering.entered(plan, scope), code
    )
    first = plan.steps.rollup((*key, "why"), level, school, "min", told)
    return here.expr(
        pl.coalesce,
        first,
        entering.reason_of_missing(plan, scope, level),
    )
