"""Functions over a set: an argument computed at each member, then taken together over those that have it.

The members are the open places of a level inside this place. Over the level that reports they are the
schools that enter the formula, which names the inputs of the argument as its own; over a level above it
the argument is a formula of its own at each member. They always apply; where no member has the argument,
the reason is the first among all of them, schools that do not enter included.
"""

from __future__ import annotations

import ast
from collections.abc import Hashable
from dataclasses import replace
from typing import Any

import polars as pl

from engine.evaluation.plan.base import PlanBase, remembered
from engine.evaluation.plan.entering import entered, find_needed
from engine.evaluation.plan.inputs import meets_where
from engine.evaluation.plan.scopes import Scope, inputs_of, lowest_level
from engine.evaluation.plan.steps import UNSCHOOLED, choose_sum
from engine.language.functions import SetCall, read_set_call
from engine.language.grammar import tree_key
from engine.language.readings.columns import ColumnsReading
from engine.language.readings.terms import Column, Reason, Term, choose_reason, first_of

_CONDITIONS = frozenset({"with", "share", "count"})

Trees = tuple[ast.expr, ...]


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
    inner = read_member(plan, scope, call.members, call.trees[0], level)
    if level == call.members:
        return _read_itself(plan, inner, level, call.how)
    return _roll_up(plan, scope, level, call, inner)


# --- the argument at each member ------------------------------------------------------------------


@remembered
def read_member(plan: PlanBase, scope: Scope, members: str, tree: ast.expr, row: str) -> Term:
    """The tree at each member that counts in rows of the level `row`, under names of its own."""
    reading = plan.at_level(members)
    counts = find_members(plan, members, (tree,))
    if members != plan.levels[0]:
        term = plan.term(plan.scope(tree, scope.missing), members)
    else:
        term = ColumnsReading(plan, scope, members).read(tree)
        counts = entered(plan, scope, row) if _has_own_schools(plan, scope, members) else counts
    value = term.value
    if counts is not None:
        value = reading.expr(lambda holds, raw: pl.when(holds).then(raw), counts, value)

    def why() -> Column:
        return _first_reason(plan, scope, members, (tree,), row)

    return plan.settle_term(members, Term(value, why, None, term.exact))


def find_members(plan: PlanBase, members: str, trees: Trees) -> Column | None:
    """Which places of a level are members for these trees; None is all.

    Of schools those that count in the plan. One without an open school is there only for what is
    given at its level or above.
    """
    if members == plan.levels[0]:
        return meets_where(plan)
    if members not in plan.shape.unschooled:
        return None
    inputs = inputs_of(plan.catalogue, *trees, level=members)
    if inputs and not plan.is_below(lowest_level(plan.catalogue, inputs), members):
        return None
    return plan.at_level(members).expr(lambda without: ~without, Column(pl.col(UNSCHOOLED)))


def _has_own_schools(plan: PlanBase, scope: Scope, members: str) -> bool:
    """Whether the scope's own inputs say which schools enter; else every open school does."""
    return bool(scope.requested) and scope.base == members == plan.levels[0]


def _first_reason(plan: PlanBase, scope: Scope, members: str, trees: Trees, row: str) -> Column:
    """At each member: why one of the trees has no value, or does not count though all have one.

    What is no member is no reason.
    """
    code = _reason_at(plan, scope, members, trees, row)
    return _leave_members(plan, members, trees, code)


def _reason_at(plan: PlanBase, scope: Scope, members: str, trees: Trees, row: str) -> Column:
    """The first reason at each place of the level of the members.

    At a school that does not enter, cells are looked at each by itself, whatever else is missing.
    """
    reading = plan.at_level(members)
    if members != plan.levels[0]:
        terms = [plan.term(plan.scope(tree, scope.missing), members) for tree in trees]
        return _first_of(reading, terms)
    seen = ColumnsReading(plan, scope, members)
    code = _first_of(reading, [seen.read(tree) for tree in trees])
    if not _has_own_schools(plan, scope, members):
        return code
    outside = replace(scope, key=f"outside:{scope.key}", requested={})
    alone = ColumnsReading(plan, outside, members)
    own = _first_of(reading, [alone.read(tree) for tree in trees])
    return reading.expr(choose_reason, entered(plan, scope, row), code, own)


def _leave_members(plan: PlanBase, members: str, trees: Trees, code: Column) -> Column:
    """The reason at each member; what is no member does not apply."""
    counts = find_members(plan, members, trees)
    if counts is None:
        return code
    return plan.at_level(members).expr(
        lambda holds, code: choose_reason(holds, code, Reason.NOT_APPLICABLE), counts, code
    )


def _first_of(reading: ColumnsReading, terms: list[Term]) -> Column:
    """The first reason of terms without a value; not reported where they all have one."""

    def make(*parts: Any) -> Any:
        pairs = [([value], why) for value, why in zip(parts[::2], parts[1::2], strict=True)]
        return first_of(pairs, Reason.NOT_REPORTED)

    return reading.expr(make, *(column for term in terms for column in (term.value, term.why())))


# --- taken together -------------------------------------------------------------------------------


def _read_itself(plan: PlanBase, inner: Term, level: str, how: str) -> Term:
    """At a member: the value itself, 1 or 0, 100 or 0."""
    if how not in _CONDITIONS:
        return inner
    most = 100.0 if how == "share" else 1.0
    value = plan.at_level(level).expr(
        lambda holds: (holds | ~holds if how == "count" else holds).cast(pl.Float64) * most,
        inner.value,
    )
    return Term(value, inner.why, None, exact=True)


def _roll_up(plan: PlanBase, scope: Scope, level: str, call: SetCall, inner: Term) -> Term:
    how, value = call.how, inner.value
    key = _make_key(plan, scope, level, call)
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
    summed = choose_sum(exact=how in _CONDITIONS or inner.exact)
    aggregates = dict.fromkeys(("with", "share", "mean", "sum"), summed)
    aggregates["percentile"] = f"percentile {call.percent}"
    total = rolled(aggregates.get(how, how))
    result = plan.at_level(level).expr(finish, total, number)
    exact = how in {"with", "count"} or (how in {"sum", "min", "max"} and inner.exact)
    return _hold_back(plan, scope, level, call, number, Term(result, inner.why, None, exact))


def _weigh(plan: PlanBase, scope: Scope, level: str, call: SetCall) -> Term:
    """Σ(x · weight) / Σ weight over the members that have both; at a member, x."""
    members = call.members
    value, load = (read_member(plan, scope, members, tree, level) for tree in call.trees)
    at_member, reading = plan.at_level(members), plan.at_level(level)
    known = at_member.expr(
        lambda left, right: ~left.is_null() & ~right.is_null(), value.value, load.value
    )

    def lacking() -> Column:
        return _first_reason(plan, scope, members, call.trees, level)

    if level == members:
        shown = at_member.expr(lambda both, number: pl.when(both).then(number), known, value.value)
        return Term(shown, plan.settle_reason(members, lacking), None, value.exact)
    key = _make_key(plan, scope, level, call)
    product = at_member.expr(lambda number, times: number * times, value.value, load.value)
    loads = at_member.expr(lambda both, times: pl.when(both).then(times), known, load.value)
    summed = choose_sum(exact=value.exact and load.exact)
    total = plan.steps.rollup((*key, "product"), level, members, summed, product)
    whole = plan.steps.rollup((*key, "weight"), level, members, summed, loads)
    number = plan.steps.rollup((*key, "number"), level, members, "count", loads)
    result = reading.expr(
        lambda sum_, weights, count: pl.when((count > 0) & (weights != 0)).then(sum_ / weights),
        total,
        whole,
        number,
    )
    return _hold_back(plan, scope, level, call, number, Term(result, lacking))


def _make_key(plan: PlanBase, scope: Scope, level: str, call: SetCall) -> tuple[Hashable, ...]:
    """What names the roll-ups of a call, for rows of a level."""
    needed = find_needed(plan, scope, call.members, level)
    is_own = call.members == plan.levels[0]
    return (
        "over",
        scope.key,
        call.members,
        *map(tree_key, call.trees),
        *(needed if is_own else ()),
    )


# --- why there is no value ------------------------------------------------------------------------


def _hold_back(  # noqa: PLR0917 - a call over a set, and what it came to
    plan: PlanBase, scope: Scope, level: str, call: SetCall, number: Column, result: Term
) -> Term:
    """`result` with its reason; with `missing: block` none over places while one of them lacks its own.

    `number` is how many members have the argument.
    """
    reading, at_member = plan.at_level(level), plan.at_level(call.members)
    key = _make_key(plan, scope, level, call)

    def find_code() -> Column:
        """At each member its reason; one that does not apply is no reason beside others."""
        code = _first_reason(plan, scope, call.members, call.trees, level)
        return at_member.expr(
            lambda code: pl.when(code != int(Reason.NOT_APPLICABLE)).then(code), code
        )

    def first() -> Column:
        least = plan.steps.rollup((*key, "why"), level, call.members, "min", find_code())
        return reading.expr(
            lambda count, code: choose_reason(
                count > 0, Reason.ZERO_DENOMINATOR, code.fill_null(int(Reason.NOT_APPLICABLE))
            ),
            number,
            least,
        )

    if scope.missing != "block" or call.members == plan.levels[0]:
        return Term(result.value, plan.settle_reason(level, first), None, result.exact)
    values = [read_member(plan, scope, call.members, tree, level).value for tree in call.trees]

    def lacks(code: Any, *values: Any) -> Any:
        none = pl.any_horizontal(*(value.is_null() for value in values))
        return (none & ~code.is_null()).cast(pl.Int64)

    column = at_member.expr(lacks, find_code(), *values)
    lacking = plan.steps.rollup((*key, "lacking"), level, call.members, "sum", column)
    held_back = reading.expr(lambda some, none: (some > 0) & (none > 0), number, lacking)
    value = reading.expr(
        lambda blocked, value: pl.when(~blocked).then(value), held_back, result.value
    )

    def why() -> Column:
        return reading.expr(
            lambda blocked, code: choose_reason(blocked, Reason.BLOCKED, code), held_back, first()
        )

    return Term(value, plan.settle_reason(level, why), None, result.exact)
