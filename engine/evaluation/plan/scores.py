"""Scores: members with weights taken together, as columns (`score:` in a catalogue).

Each member, and each weight that is a name, is a formula of its own with its own schools. A member
without a value does not apply where its reason is `not_applicable`, and is missing elsewhere; `absent`
says what becomes of its weight.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add, and_, or_
from typing import Any

import polars as pl

from engine.catalogue.lookups import scaled_by
from engine.evaluation.plan.base import PlanBase, remembered
from engine.evaluation.plan.scales import read_amount
from engine.evaluation.plan.scopes import Scope
from engine.language.grammar import Weighing, dotted_name, literal_number, split_score
from engine.language.readings.columns import ColumnsReading
from engine.language.readings.terms import Column, Reason, Term, choose_reason


@dataclass(frozen=True, slots=True)
class WeighedMember:
    """A member at every place of a level.

    `why`: the reason where it, or its weight, has no value. `has`: whether both have one. `stays`: whether
    it is still in the score; `used` is the weight it has there, null where it left, and
    `contribution` what it gives to the value.
    """

    value: Term
    weight: Term
    why: Column
    has: Column
    stays: Column
    used: Column
    contribution: Column


@dataclass(frozen=True, slots=True)
class WeighedScore:
    """A score at every place of a level; `any_stays`: whether a member stayed.

    Σ used weight · member is multiplied by `above` / `below`.
    """

    term: Term
    members: tuple[WeighedMember, ...]
    any_stays: Column
    above: Column
    below: Column


@dataclass(frozen=True, slots=True)
class _Part:
    """A member before weights move. `lost`: it applies, and has no value."""

    value: Term
    weight: Term
    number: Column
    load: Column
    greatest: Column
    why: Column
    has: Column
    lost: Column


@remembered
def weigh_members(plan: PlanBase, scope: Scope, level: str, node: ast.Call) -> WeighedScore:
    """The value of a score at every place of a level, and what its members give to it."""
    score = split_score(node)
    weighing, reading = score.weighing, plan.at_level(level)
    parts = [
        _read_part(plan, scope, level, member, weight, greatest=weighing.how == "share")
        for member, weight in zip(score.members, score.weights, strict=True)
    ]
    loads, dead = _share_out(plan, level, weighing, parts)
    named = dict(weighing.moves)
    stays = [
        part.has if index in named else _stay(plan, level, weighing, part)
        for index, part in enumerate(parts)
    ]
    total = _fold(plan, level, add, loads)
    above, below = _find_factor(plan, level, weighing, parts, loads)
    factor = reading.expr(lambda up, down: pl.when(down != 0).then(up / down), above, below)
    factor = plan.settle(level, factor)
    products = [
        reading.expr(lambda load, number: load * number, load, part.number)
        for part, load in zip(parts, loads, strict=True)
    ]
    gains = [
        plan.settle(level, reading.expr(lambda made, times: made * times, product, factor))
        for product in products
    ]
    number = _bound(plan, level, weighing, _sum(plan, level, gains))
    few = _fold(plan, level, add, [_count(reading, part.has) for part in parts])
    lost = _fold(plan, level, or_, [part.lost for part in parts])
    enough = reading.expr(lambda count: count >= max(1, weighing.members), few)
    if weighing.absent == "none":
        dead = lost
    holds = plan.settle(level, reading.expr(lambda some, none: some & ~none, enough, dead))
    bad = _find_bad_weights(plan, level, parts, stays, total)
    value = reading.expr(
        lambda holds, bad, number: pl.when(holds & ~bad).then(number), holds, bad, number
    )

    def why() -> Column:
        codes = [
            reading.expr(lambda lost, code: pl.when(lost).then(code), part.lost, part.why)
            for part in parts
        ]
        first = reading.expr(
            lambda *each: pl.min_horizontal(*each).fill_null(int(Reason.NOT_APPLICABLE)), *codes
        )
        return reading.expr(
            lambda holds, code: choose_reason(holds, Reason.ZERO_DENOMINATOR, code), holds, first
        )

    exact = all(part.value.exact and part.weight.exact for part in parts) and (
        weighing.how == "sum" and weighing.absent != "rescale"
    )
    ends = (end for end in (weighing.cap, weighing.floor) if end is not None)
    exact = exact and all(end.denominator == 1 for end in ends)
    term = Term(plan.settle(level, value), plan.settle_reason(level, why), None, exact)
    members = tuple(
        WeighedMember(
            part.value,
            part.weight,
            part.why,
            part.has,
            stay,
            reading.expr(lambda stay, load: pl.when(stay).then(load), stay, load),
            reading.expr(lambda stay, gain: pl.when(stay).then(gain), stay, gain),
        )
        for part, stay, load, gain in zip(parts, stays, loads, gains, strict=True)
    )
    return WeighedScore(term, members, _fold(plan, level, or_, stays), above, below)


# --- members --------------------------------------------------------------------------------------


def _read_part(
    plan: PlanBase, scope: Scope, level: str, tree: ast.expr, weight: ast.expr, *, greatest: bool
) -> _Part:
    reading = plan.at_level(level)
    value = plan.settle_term(level, plan.term(plan.scope(tree, scope.missing), level))
    number = literal_number(weight)
    if number is not None:
        load, terms = reading.constant(number), [value]
        filled = load.value
    else:
        load = plan.settle_term(level, plan.term(plan.scope(weight, scope.missing), level))
        terms = [value, load]
        filled = plan.settle(level, _fill(reading, load.value))
    most = _find_greatest(plan, tree, level) if greatest else reading.constant(1)
    why = reading.first_reason(terms, Reason.NOT_REPORTED)()
    known = [reading.expr(lambda raw: ~raw.is_null(), term.value) for term in terms]
    has = _fold(plan, level, and_, known)
    lost = reading.expr(lambda has, code: ~has & (code != int(Reason.NOT_APPLICABLE)), has, why)
    return _Part(
        value,
        load,
        _fill(reading, value.value),
        filled,
        _fill(reading, most.value),
        why,
        has,
        plan.settle(level, lost),
    )


def _fill(reading: ColumnsReading, column: Column) -> Column:
    """The numbers, 0 where there is none."""
    return reading.expr(lambda raw: raw.cast(pl.Float64).fill_null(0.0), column)


def _find_greatest(plan: PlanBase, tree: ast.expr, level: str) -> Term:
    """The greatest points that a scale, or an answer, can give."""
    reading = plan.at_level(level)
    name = dotted_name(tree.args[0]) if isinstance(tree, ast.Call) and tree.args else ""
    scaled = scaled_by(plan.catalogue, name)
    if scaled is None:
        answer = plan.catalogue.inputs.get(name)
        return reading.constant(max(answer.points.values(), default=0) if answer else 0)
    result = plan.nothing(Reason.BEFORE_FORMULA)
    for version in scaled.scale.versions:
        amounts = [
            *(
                reading.constant(each.points)
                for each in version.classes.values()
                if each.points is not None
            ),
            *(read_amount(plan, scaled, knot.points, level) for knot in version.line),
        ]
        most = (
            reading.expr(pl.max_horizontal, *(amount.value for amount in amounts))
            if amounts
            else None
        )
        if most is None:
            continue
        since = version.since or 0
        value = reading.expr(
            lambda year, later, earlier, since=since: (
                pl.when(year >= since).then(later).otherwise(earlier)
            ),
            plan.year,
            most,
            result.value,
        )
        result = Term(value, result.why)
    return result


# --- weights --------------------------------------------------------------------------------------


def _share_out(
    plan: PlanBase, level: str, weighing: Weighing, parts: Sequence[_Part]
) -> tuple[list[Column], Column]:
    """The weight that each member ends with, and where a weight arrives at one that is missing."""
    reading = plan.at_level(level)
    never = Column(pl.lit(value=False), bare=True)
    if weighing.absent == "zero":
        keeps = [reading.expr(lambda has, lost: has | lost, part.has, part.lost) for part in parts]
    else:
        keeps = [part.has for part in parts]
    own = [
        reading.expr(lambda keeps, load: pl.when(keeps).then(load).otherwise(0.0), keep, part.load)
        for keep, part in zip(keeps, parts, strict=True)
    ]
    if weighing.absent != "move":
        return [plan.settle(level, load) for load in own], never
    moves, dead = dict(weighing.moves), never
    for start, part in enumerate(parts):
        wanders, at = reading.expr(lambda has: ~has, part.has), start
        for _step in parts:
            if at not in moves:
                break
            at = moves[at]
            arrives = reading.expr(lambda moves, has: moves & has, wanders, parts[at].has)
            own[at] = reading.expr(
                lambda load, arrives, more: load + pl.when(arrives).then(more).otherwise(0.0),
                own[at],
                arrives,
                part.load,
            )
            wanders = reading.expr(lambda moves, has: moves & ~has, wanders, parts[at].has)
        dead = reading.expr(
            lambda dead, wanders, lost: dead | (wanders & lost), dead, wanders, parts[at].lost
        )
    return [plan.settle(level, load) for load in own], plan.settle(level, dead)


def _stay(plan: PlanBase, level: str, weighing: Weighing, part: _Part) -> Column:
    """Whether a member is still in the score; one that is missing, and that no move names, is."""
    if weighing.absent == "rescale":
        return part.has
    return plan.at_level(level).expr(lambda has, lost: has | lost, part.has, part.lost)


def _find_factor(
    plan: PlanBase,
    level: str,
    weighing: Weighing,
    parts: Sequence[_Part],
    loads: Sequence[Column],
) -> tuple[Column, Column]:
    """What Σ weight · member is multiplied by, and what it is divided by."""
    reading = plan.at_level(level)
    whole = Column(pl.lit(1.0), bare=True)
    if weighing.how == "mean":
        return whole, _fold(plan, level, add, loads)
    if weighing.how == "share":
        possible = [
            reading.expr(lambda load, most: load * most, load, part.greatest)
            for load, part in zip(loads, parts, strict=True)
        ]
        return Column(pl.lit(100.0), bare=True), _fold(plan, level, add, possible)
    if weighing.absent != "rescale":
        return whole, whole
    due = [
        reading.expr(
            lambda has, lost, load: pl.when(has | lost).then(load).otherwise(0.0),
            part.has,
            part.lost,
            part.load,
        )
        for part in parts
    ]
    return _fold(plan, level, add, due), _fold(plan, level, add, loads)


def _find_bad_weights(
    plan: PlanBase,
    level: str,
    parts: Sequence[_Part],
    stays: Sequence[Column],
    total: Column,
) -> Column:
    """Where a weight of a member that stays is negative, or all of them are 0."""
    reading = plan.at_level(level)
    zero = reading.expr(lambda total: total == 0, total)
    # A weight that is written is known not to be negative.
    negative = [
        reading.expr(lambda stays, load: stays & (load < 0), stay, part.load)
        for part, stay in zip(parts, stays, strict=True)
        if not part.load.bare
    ]
    return reading.expr(or_, zero, _fold(plan, level, or_, negative)) if negative else zero


# --- the value ------------------------------------------------------------------------------------


def _sum(plan: PlanBase, level: str, gains: Sequence[Column]) -> Column:
    """The sum, without the binary noise of what cancels."""
    reading: ColumnsReading = plan.at_level(level)
    terms = [Term(gain, lambda: plan.reason(Reason.NOT_REPORTED)) for gain in gains]
    return reduce(reading.add, terms).value


def _bound(plan: PlanBase, level: str, weighing: Weighing, number: Column) -> Column:
    low, high = (None if end is None else float(end) for end in (weighing.floor, weighing.cap))
    return plan.at_level(level).expr(lambda raw: raw.clip(low, high), number)


def _count(reading: ColumnsReading, condition: Column) -> Column:
    return reading.expr(lambda holds: holds.cast(pl.Int64), condition)


def _fold(plan: PlanBase, level: str, operator: Any, columns: Sequence[Column]) -> Column:
    reading = plan.at_level(level)
    folded = reading.expr(lambda *each: reduce(operator, each), *columns)
    return plan.settle(level, folded)
