"""Functions over schools: an argument computed at each school that enters, then taken together.

They run over the schools at which the argument has a value. They always apply; where no school has
a value, the reason is the first among all open schools, those that do not enter included.
"""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import Any

import polars as pl

from engine.evaluation.plan.base import PlanBase, remembered
from engine.evaluation.plan.entering import entered, find_needed
from engine.evaluation.plan.scopes import Scope
from engine.language.grammar import tree_key
from engine.language.readings.columns import ColumnsReading
from engine.language.readings.terms import Column, Reason, Term, choose_reason, first_of


@remembered
def take_over_schools(plan: PlanBase, scope: Scope, level: str, how: str, tree: ast.expr) -> Term:
    """with, count, share, sum, mean, median, min or max of a tree over the schools that enter."""
    school = plan.levels[0]
    inner = _at_schools(plan, scope, tree, level)
    if level == school:
        return _at_school(plan, inner, how)
    key = ("over", scope.key, tree_key(tree), *find_needed(plan, scope, school, level))
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
        return _why_none(plan, level, inner.why(), key)

    return Term(result, why, None, exact)


def weigh_over_schools(
    plan: PlanBase, scope: Scope, level: str, x: ast.expr, weight: ast.expr
) -> Term:
    """Σ(x · weight) / Σ weight over the schools that have both; at a school, x."""
    school = plan.levels[0]
    value, load = (_at_schools(plan, scope, tree, level) for tree in (x, weight))
    at_school, reading = plan.at_level(school), plan.at_level(level)
    known = at_school.expr(
        lambda left, right: ~left.is_null() & ~right.is_null(), value.value, load.value
    )

    def lacking() -> Column:
        return _why_not_here(plan, scope, (x, weight), level)

    if level == school:
        shown = at_school.expr(lambda both, number: pl.when(both).then(number), known, value.value)
        return Term(shown, plan.settle_reason(school, lacking), None, value.exact)
    needed = find_needed(plan, scope, school, level)
    key = ("weighted", scope.key, tree_key(x), tree_key(weight), *needed)
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
        return reading.expr(
            lambda count, code: choose_reason(count > 0, Reason.ZERO_DENOMINATOR, code),
            number,
            _why_none(plan, level, lacking(), key),
        )

    return Term(result, why)


@remembered
def _at_schools(plan: PlanBase, scope: Scope, tree: ast.expr, row: str) -> Term:
    """The tree at each school that enters rows of the level `row`, under names of its own."""
    school = plan.levels[0]
    term = ColumnsReading(plan, scope, school).read(tree)
    value = term.value
    if _has_own_schools(plan, scope):
        value = plan.at_level(school).expr(
            lambda enters, raw: pl.when(enters).then(raw), entered(plan, scope, row), value
        )

    def why() -> Column:
        return _why_not_here(plan, scope, (tree,), row)

    return plan.settle_term(school, Term(value, why, None, term.exact))


def _has_own_schools(plan: PlanBase, scope: Scope) -> bool:
    """Whether the scope's own inputs say which schools enter; else every open school does."""
    return bool(scope.requested) and scope.base == plan.levels[0]


def _why_not_here(plan: PlanBase, scope: Scope, trees: tuple[ast.expr, ...], row: str) -> Column:
    """At each school: why one of the trees has no value, or has not entered though all have one.

    At a school that does not enter, cells are looked at each by itself, whatever else is missing.
    """
    school = plan.levels[0]
    code = _first_reason(plan, scope, trees)
    if not _has_own_schools(plan, scope):
        return code
    outside = replace(scope, key=f"outside:{scope.key}", requested={})
    return plan.at_level(school).expr(
        choose_reason, entered(plan, scope, row), code, _first_reason(plan, outside, trees)
    )


def _first_reason(plan: PlanBase, scope: Scope, trees: tuple[ast.expr, ...]) -> Column:
    """The first reason of the trees at each school; not reported where they all have a value."""
    reading = ColumnsReading(plan, scope, plan.levels[0])
    terms = [reading.read(tree) for tree in trees]

    def make(*parts: Any) -> Any:
        pairs = [([value], why) for value, why in zip(parts[::2], parts[1::2], strict=True)]
        return first_of(pairs, Reason.NOT_REPORTED)

    return reading.expr(make, *(column for term in terms for column in (term.value, term.why())))


def _at_school(plan: PlanBase, inner: Term, how: str) -> Term:
    """At a school: the value itself, 1 or 0, 100 or 0."""
    if how not in {"with", "share", "count"}:
        return inner
    most = 100.0 if how == "share" else 1.0
    value = plan.at_level(plan.levels[0]).expr(
        lambda holds: (holds | ~holds if how == "count" else holds).cast(pl.Float64) * most,
        inner.value,
    )
    return Term(value, inner.why, None, exact=True)


def _why_none(plan: PlanBase, level: str, code: Column, key: tuple[object, ...]) -> Column:
    """Why no school has a value: the first reason among all of them.

    A school to which the argument does not apply is no reason, unless it applies to none.
    """
    school = plan.levels[0]
    unsuited = int(Reason.NOT_APPLICABLE)
    code = plan.at_level(school).expr(lambda raw: pl.when(raw != unsuited).then(raw), code)
    first = plan.steps.rollup((*key, "why"), level, school, "min", code)
    return plan.at_level(level).expr(lambda least: least.fill_null(unsuited), first)
