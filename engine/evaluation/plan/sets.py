"""Functions over a set: an argument computed at each member, then taken together over those that have it.

The members are the open places of a level inside this place. Over the level that reports they are the
schools that enter the formula, which names the inputs of the argument as its own; over a level above it
the argument is a formula of its own at each member.
"""

from __future__ import annotations

import ast
from collections.abc import Hashable
from typing import Any

import polars as pl

from engine.evaluation.plan.base import PlanBase, remembered
from engine.evaluation.plan.entering import entered
from engine.evaluation.plan.scopes import Scope
from engine.language.functions import SetCall, read_set_call
from engine.language.grammar import tree_key
from engine.language.readings.columns import ColumnsReading
from engine.language.readings.terms import Column, Reason, Term, choose_reason

_CONDITIONS = frozenset({"with", "share", "count"})


def take_over_set(plan: PlanBase, scope: Scope, level: str, call: ast.Call) -> Term:
    """What a call of a function over a set gives at every place of a level."""
    taken = read_set_call(call, plan.levels[0])
    if taken is None:
        raise ValueError(ast.unparse(call))
    return take_members(plan, scope, level, taken)


def take_members(plan: PlanBase, scope: Scope, level: str, call: SetCall) -> Term:
    """The members of each place of a level taken together; no value below the level of the members.

    `call.how` is with, count, share, sum, mean, median, min, max, percentile or weighted_mean.
    """
    if plan.is_below(level, call.members):
        return plan.nothing(Reason.NO_SUCH_LEVEL)
    if call.how == "weighted_mean":
        return _weigh(plan, scope, level, call)
    inner = read_member(plan, scope, call.members, call.trees[0])
    if level == call.members:
        return _read_itself(plan, inner, level, call.how)
    return _roll_up(plan, scope, level, call, inner)


@remembered
def read_member(plan: PlanBase, scope: Scope, members: str, tree: ast.expr) -> Term:
    """The tree at each member, under names of its own; without a value at schools that do not enter."""
    if members != plan.levels[0]:
        alone = plan.term(plan.scope(tree, scope.missing), members)
        return plan.settle_term(members, Term(alone.value, alone.why, None, alone.exact))
    reading = plan.at_level(members)
    term = ColumnsReading(plan, scope, members).read(tree)
    if not scope.requested or scope.base != members:
        return plan.settle_term(members, Term(term.value, term.why, None, term.exact))
    enters = entered(plan, scope)
    value = reading.expr(lambda enters, raw: pl.when(enters).then(raw), enters, term.value)

    def why() -> Column:
        # A school that does not enter though it has the argument has left something else out.
        alone = plan.term(plan.scope(tree, scope.missing), members)
        return reading.expr(
            lambda enters, code, own, own_code: choose_reason(
                enters, code, choose_reason(own.is_null(), own_code, Reason.NOT_REPORTED)
            ),
            enters,
            term.why(),
            alone.value,
            alone.why(),
        )

    return plan.settle_term(members, Term(value, why, None, term.exact))


def _read_itself(plan: PlanBase, inner: Term, level: str, how: str) -> Term:
    """At a member: the value itself, 1 or 0, 100 or 0."""
    if how not in _CONDITIONS:
        return Term(inner.value, inner.why, None, inner.exact)
    most = 100.0 if how == "share" else 1.0
    value = plan.at_level(level).expr(
        lambda holds: (holds | ~holds if how == "count" else holds).cast(pl.Float64) * most,
        inner.value,
    )
    return Term(value, inner.why, None, exact=True)


def _roll_up(plan: PlanBase, scope: Scope, level: str, call: SetCall, inner: Term) -> Term:
    how, value = call.how, inner.value
    key = ("over", scope.key, call.members, tree_key(call.trees[0]))
    if how in _CONDITIONS:
        value = plan.at_level(call.members).expr(lambda holds: holds.cast(pl.Int64), value)

    def rolled(agg: Any) -> Column:
        return plan.steps.rollup((*key, agg), level, call.members, agg, value)

    def finish(total: Any, count: Any) -> Any:
        number = total.cast(pl.Float64)
        if how == "share":
            number = 100.0 * number / count
        return pl.when(count > 0).then(number / count if how == "mean" else number)

    number = rolled("count")
    aggregates = dict.fromkeys(("with", "share", "mean"), "sum")
    aggregates["percentile"] = f"percentile {call.percent}"
    total = rolled(aggregates.get(how, how))
    result = plan.at_level(level).expr(finish, total, number)
    exact = how in {"with", "count"} or (how in {"sum", "min", "max"} and inner.exact)
    return _hold_back(
        plan, scope, level, call, key, inner, number, Term(result, inner.why, None, exact)
    )


def _weigh(plan: PlanBase, scope: Scope, level: str, call: SetCall) -> Term:
    """Σ(x · weight) / Σ weight over the members that have both; at a member, x."""
    members = call.members
    value, load = (read_member(plan, scope, members, tree) for tree in call.trees)
    at_member, reading = plan.at_level(members), plan.at_level(level)
    lacking = at_member.first_reason((value, load), Reason.NOT_REPORTED)
    known = at_member.expr(
        lambda left, right: ~left.is_null() & ~right.is_null(), value.value, load.value
    )
    if level == members:
        shown = at_member.expr(lambda both, number: pl.when(both).then(number), known, value.value)
        return Term(shown, lacking, None, value.exact)
    key = ("weighted", scope.key, members, *map(tree_key, call.trees))
    product = at_member.expr(lambda number, times: number * times, value.value, load.value)
    loads = at_member.expr(lambda both, times: pl.when(both).then(times), known, load.value)
    total = plan.steps.rollup((*key, "product"), level, members, "sum", product)
    whole = plan.steps.rollup((*key, "weight"), level, members, "sum", loads)
    number = plan.steps.rollup((*key, "number"), level, members, "count", loads)
    result = reading.expr(
        lambda sum_, weights, count: pl.when((count > 0) & (weights != 0)).then(sum_ / weights),
        total,
        whole,
        number,
    )
    both = Term(product, lacking)
    return _hold_back(plan, scope, level, call, key, both, number, Term(result, lacking))


# --- why there is no value ------------------------------------------------------------------------


def _hold_back(  # noqa: PLR0917 - a call over a set, and what it came to
    plan: PlanBase,
    scope: Scope,
    level: str,
    call: SetCall,
    key: tuple[Hashable, ...],
    inner: Term,
    number: Column,
    result: Term,
) -> Term:
    """`result` with its reason; with `missing: block` none over places while one of them lacks its own.

    `inner` is the argument at the members, `number` how many of these have it.
    """
    reading, at_member = plan.at_level(level), plan.at_level(call.members)

    def first() -> Column:
        """The first reason among the members; one that does not apply is no reason beside others."""
        code = at_member.expr(
            lambda code: pl.when(code != int(Reason.NOT_APPLICABLE)).then(code), inner.why()
        )
        least = plan.steps.rollup((*key, "why"), level, call.members, "min", code)
        return reading.expr(
            lambda count, code: choose_reason(
                count > 0, Reason.ZERO_DENOMINATOR, code.fill_null(int(Reason.NOT_APPLICABLE))
            ),
            number,
            least,
        )

    if scope.missing != "block" or call.members == plan.levels[0]:
        return Term(result.value, plan.settle_reason(level, first), None, result.exact)
    lacks = at_member.expr(
        lambda value, code: (value.is_null() & (code != int(Reason.NOT_APPLICABLE))).cast(pl.Int64),
        inner.value,
        inner.why(),
    )
    lacking = plan.steps.rollup((*key, "lacking"), level, call.members, "sum", lacks)
    held_back = reading.expr(lambda some, none: (some > 0) & (none > 0), number, lacking)
    value = reading.expr(
        lambda blocked, value: pl.when(~blocked).then(value), held_back, result.value
    )

    def why() -> Column:
        return reading.expr(
            lambda blocked, code: choose_reason(blocked, Reason.BLOCKED, code), held_back, first()
        )

    return Term(value, plan.settle_reason(level, why), None, result.exact)
