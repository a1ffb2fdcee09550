"""Scales: the class of a value and its points, as columns.

A class is its position in the closed ordered list of its scale (`Scale.class_ids`) or of the options
of a choice, null where there is none. It is decided on the rounded value, in whole units of the last
decimal, so that no binary noise decides; points are those of the class, or of a line through the
unrounded value.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache, reduce
from math import ceil, floor
from operator import and_, or_
from typing import Any

import polars as pl

from engine.catalogue.lookups import SCALED, Scaled, scaled_by
from engine.catalogue.model import (
    END_SIGNS,
    Amount,
    Band,
    ClassEnd,
    Indicator,
    Input,
    Knot,
    ScaleClass,
    ScaleVersion,
)
from engine.evaluation.plan.base import PlanBase, remembered
from engine.evaluation.plan.entering import (
    applies_above,
    count_gaps,
    count_schools,
    entered,
    find_needed,
    nothing_above,
    read_requested,
    why_missing,
)
from engine.evaluation.plan.given_above import Way, choose_way, scope_alone
from engine.evaluation.plan.printing import print_column
from engine.evaluation.plan.scopes import RequestedInput, Scope, bare_input, find_requested
from engine.evaluation.plan.steps import choose_sum
from engine.language.readings.arithmetic import clean_sum, comparison
from engine.language.readings.columns import ColumnsReading
from engine.language.readings.terms import Column, Reason, Term, choose_reason, list_causes

# --- what names are worth -------------------------------------------------------------------------


def read_band(plan: PlanBase, scope: Scope, band: Band, level: str) -> Term:
    """Whether the value of a name is in a class; no value where it has no class."""
    graded = read_class(plan, scope, band.owner, level)
    scaled = scaled_by(plan.catalogue, band.owner)
    code = scaled.scale.class_ids.index(band.class_id) if scaled else 0
    value = plan.at_level(level).expr(lambda known: known == code, graded.value)
    return Term(value, graded.why, graded.applies)


def read_class(plan: PlanBase, scope: Scope, name: str, level: str) -> Term:
    """The class of what a name is worth in a scope at the places of a level."""
    scaled = scaled_by(plan.catalogue, name)
    if scaled is not None:
        return grade_value(plan, scaled, plan.name(scope, name, level), level)
    option = plan.catalogue.inputs[name]
    return _read_answer(plan, scope, option, level, _number_options(option), mean=False)


def read_points(plan: PlanBase, scope: Scope, name: str, level: str) -> Term:
    """The points of what a name is worth: those of its class, its line or its answer."""
    scaled = scaled_by(plan.catalogue, name)
    if scaled is not None:
        return give_points(plan, scaled, plan.name(scope, name, level), level)
    answer = plan.catalogue.inputs[name]
    points = {key: float(value) for key, value in answer.points.items()}
    return _read_answer(plan, scope, answer, level, points, mean=answer.mean_points)


def grade_row(plan: PlanBase, row: Indicator, level: str) -> tuple[Term | None, Term | None]:
    """The class and the points of a row of the results; None for what it never has."""
    scaled = scaled_by(plan.catalogue, row.id)
    if scaled is not None:
        term = plan.indicator(row, level).term
        if row.input is None:
            term = plan.name(plan.bare, row.id, level)
        return grade_value(plan, scaled, term, level), give_points(plan, scaled, term, level)
    answer = plan.catalogue.inputs.get(row.input or "")
    if answer is None and row.column:  # what `by` made of an input
        answer = bare_input(plan.catalogue, row)
    if answer is None:
        return None, None
    plan = plan.within(row.where)
    scope = plan.scope(ast.parse(answer.id, mode="eval").body, row.missing)
    graded = read_class(plan, scope, answer.id, level) if answer.type == "choice" else None
    return graded, read_points(plan, scope, answer.id, level) if answer.points else None


# --- classes of numbers ---------------------------------------------------------------------------


@remembered
def grade_value(plan: PlanBase, scaled: Scaled, term: Term, level: str) -> Term:
    """The class of a value by its scale: that of the version of each year."""
    if scaled.is_class:
        return term
    plan = _narrow(plan, scaled)
    units = round_value(plan, scaled, term, level)
    order = scaled.scale.class_ids
    versions = [
        (version.since, _grade_in(plan, scaled, version, units, level, order))
        for version in scaled.scale.versions
    ]
    return _limit(plan, term, units, join_versions(plan, versions, level), level)


def _narrow(plan: PlanBase, scaled: Scaled) -> PlanBase:
    """The plan in which the ends of a scale are read: among the schools of what is scaled."""
    indicator = plan.catalogue.indicators.get(scaled.id)
    return plan if indicator is None else plan.within(indicator.where)


@remembered
def round_value(plan: PlanBase, scaled: Scaled, term: Term, level: str) -> Column:
    """The value in units of the last decimal of the scale."""
    if not term.exact:
        return print_column(plan, level, term.value, scaled.decimals)
    scale = 10.0**scaled.decimals
    units = plan.at_level(level).expr(lambda raw: raw.cast(pl.Float64) * scale, term.value)
    return plan.settle(level, units)


def _limit(plan: PlanBase, term: Term, number: Column, made: Term, level: str) -> Term:
    """What a scale makes of a number; where there is none it makes nothing, for the value's reason."""
    reading = plan.at_level(level)

    def why() -> Column:
        return reading.expr(
            lambda known, lacking, code: choose_reason(known.is_null(), lacking, code),
            number,
            term.why(),
            made.why(),
        )

    applies = reading.both(term.applies, made.applies)
    value = plan.settle(level, made.value)
    return Term(value, cache(why), applies, made.exact)


def _grade_in(  # noqa: PLR0917 - a scale of one year, and what is graded
    plan: PlanBase,
    scaled: Scaled,
    version: ScaleVersion,
    units: Column,
    level: str,
    order: Sequence[str],
) -> Term:
    """The first class that fits, as written; none past an end that has no value."""
    reading = plan.at_level(level)
    fits = [
        _fit(plan, scaled, units, each, level)
        for each in version.classes.values()
        if _has_end(each)
    ]
    codes = [order.index(name) for name, each in version.classes.items() if _has_end(each)]

    are_known = not any(_has_formula(each) for each in version.classes.values())

    def choose(*columns: Any) -> Any:
        chain: Any = pl
        for code, holds in zip(codes, columns, strict=True):
            if not are_known:
                chain = chain.when(holds.is_null()).then(None)
            chain = chain.when(holds).then(pl.lit(code, pl.Int64))
        return chain.otherwise(None)

    def why() -> Column:
        def explain(*columns: Any) -> Any:
            chain: Any = pl
            outside = pl.lit(int(Reason.OUTSIDE_SCALE))
            for holds, code in zip(columns[::2], columns[1::2], strict=True):
                chain = chain.when(holds.is_null()).then(code).when(holds).then(outside)
            return chain.otherwise(outside)

        return reading.expr(explain, *(part for fit in fits for part in (fit.value, fit.why())))

    if not fits:
        return plan.nothing(Reason.OUTSIDE_SCALE)
    value = reading.expr(choose, *(fit.value for fit in fits))
    outside = lambda: plan.reason(Reason.OUTSIDE_SCALE)  # noqa: E731
    return Term(value, outside if are_known else why, exact=True)


def _has_formula(each: ScaleClass) -> bool:
    return any(not isinstance(end.amount, Fraction) for end in each.ends)


def _has_end(each: ScaleClass) -> bool:
    return bool(each.ends) or each.otherwise


def _fit(plan: PlanBase, scaled: Scaled, units: Column, each: ScaleClass, level: str) -> Term:
    """Whether a value is in a class; no value where one of its ends has none."""
    reading = plan.at_level(level)
    tests = [_test(plan, scaled, end, level) for end in each.ends]
    ends = [test.end for test in tests if test.end is not None]

    def hold(number: Any, *others: Any) -> Any:
        rest = iter(others)
        results = [
            test.holds(number, next(rest) if test.end is not None else None) for test in tests
        ]
        if not results:
            return ~number.is_null()
        all_hold = reduce(and_, results)
        if not others:
            return all_hold
        known = ~reduce(or_, (other.is_null() for other in others))
        return pl.when(known).then(all_hold)

    value = reading.expr(hold, units, *(end.value for end in ends))
    return Term(value, reading.first_reason(ends, Reason.OUTSIDE_SCALE))


@dataclass(frozen=True, slots=True)
class _Test:
    """How a value, in units, is compared with an end; `end` is the column of one that is a formula."""

    holds: Callable[[Any, Any], Any]
    end: Term | None = None


def _test(plan: PlanBase, scaled: Scaled, end: ClassEnd, level: str) -> _Test:
    scale = 10**scaled.decimals
    if isinstance(end.amount, Fraction):
        exact, bound = comparison(END_SIGNS[end.word], exact=True), end.amount * scale
        if end.word == "exactly" and bound.denominator != 1:
            return _Test(lambda units, _none: units != units)  # noqa: PLR0124 - no value is it
        # Between two units of the last decimal nothing lies: the end is moved to one of them.
        nearest = float(ceil(bound) if end.word in {"at_least", "below"} else floor(bound))
        return _Test(lambda units, _none: exact(units, nearest))
    near = comparison(END_SIGNS[end.word], exact=False)
    return _Test(
        lambda units, other: near(units / float(scale), other),
        read_amount(plan, scaled, end.amount, level),
    )


def read_amount(plan: PlanBase, scaled: Scaled, amount: Amount, level: str) -> Term:
    """A number, or a formula of its own in which `value` is the thing that is scaled."""
    if isinstance(amount, Fraction):
        return plan.at_level(level).constant(amount)
    tree = amount.rename({SCALED: scaled.id}).tree
    term = plan.settle_term(level, plan.term(plan.scope(tree, scaled.missing), level))
    number = plan.at_level(level).expr(lambda raw: raw.cast(pl.Float64), term.value)
    return Term(number, term.why, None, term.exact)


def join_versions(
    plan: PlanBase,
    versions: Sequence[tuple[int | None, Term]],
    level: str,
    before: Term | None = None,
) -> Term:
    """Of each year the term of its version; before the first `before`, or no value."""
    reading = plan.at_level(level)
    result = before or plan.nothing(Reason.BEFORE_FORMULA)
    for since, later in versions:
        result = later if since is None else _from_year(reading, since, later, result, plan.year)
    return result


def _from_year(
    reading: ColumnsReading, since: int, later: Term, earlier: Term, year: Column
) -> Term:
    def pick(now: Any, of_later: Any, of_earlier: Any) -> Any:
        return pl.when(now >= since).then(of_later).otherwise(of_earlier)

    applies = None
    if later.applies is not None or earlier.applies is not None:
        everywhere = Column(pl.lit(value=True))
        applies = reading.expr(
            pick, year, later.applies or everywhere, earlier.applies or everywhere
        )
    return Term(
        reading.expr(pick, year, later.value, earlier.value),
        lambda: reading.expr(pick, year, later.why(), earlier.why()),
        applies,
        later.exact and earlier.exact,
    )


# --- points of numbers ----------------------------------------------------------------------------


@remembered
def give_points(plan: PlanBase, scaled: Scaled, term: Term, level: str) -> Term:
    """The points of a value by its scale: of its class, or of the line through it."""
    plan = _narrow(plan, scaled)
    graded = grade_value(plan, scaled, term, level)
    if not any(version.line for version in scaled.scale.versions):
        versions = [
            (version.since, _points_in(plan, scaled, version, graded, level))
            for version in scaled.scale.versions
        ]
        none = replace(plan.nothing(Reason.BEFORE_FORMULA), why=graded.why)
        return join_versions(plan, versions, level, none)
    number = _place_on_line(plan, scaled, term, level)
    versions = [
        (
            version.since,
            _follow_line(plan, scaled, version.line, number, level)
            if version.line
            else _points_in(plan, scaled, version, graded, level),
        )
        for version in scaled.scale.versions
    ]
    return _limit(plan, term, number, join_versions(plan, versions, level), level)


def _place_on_line(plan: PlanBase, scaled: Scaled, term: Term, level: str) -> Column:
    """The value whose points a line gives: unrounded, unless the scale says how it is rounded."""
    reading = plan.at_level(level)
    number = reading.expr(lambda raw: raw.cast(pl.Float64), term.value)
    if scaled.scale.decimals is not None and not scaled.is_class:
        units, scale = round_value(plan, scaled, term, level), 10.0**scaled.decimals
        number = reading.expr(lambda whole: whole / scale, units)
    return plan.settle(level, number)


def _points_in(
    plan: PlanBase, scaled: Scaled, version: ScaleVersion, graded: Term, level: str
) -> Term:
    """The points of the class; those of one that has none do not apply."""
    classes = [version.classes.get(name) for name in scaled.scale.class_ids]
    points = [
        None if each is None or each.points is None else float(each.points) for each in classes
    ]
    numbers = pl.lit(pl.Series(points, dtype=pl.Float64))
    # Where no place has a class, its code is a single null, and looked up would stay one row.
    made = (
        plan.nothing(Reason.OUTSIDE_SCALE).value
        if graded.value.bare
        else plan.at_level(level).expr(
            lambda code: numbers.gather(code.cast(pl.UInt32)), graded.value
        )
    )
    due = [number for number, each in zip(points, classes, strict=True) if each is not None]
    return _take_points(plan, due, made, graded, level)


def _take_points(
    plan: PlanBase, points: Sequence[float | None], made: Column, graded: Term, level: str
) -> Term:
    """The points that each class or answer makes; a class without points does not apply."""
    reading = plan.at_level(level)
    value = plan.settle(level, made)
    exact = all(number is None or number.is_integer() for number in points)
    if None not in points:
        return Term(value, graded.why, graded.applies, exact)
    lacking = reading.expr(lambda key, made: key.is_null() | ~made.is_null(), graded.value, value)
    applies = plan.settle(level, lacking)

    def why() -> Column:
        return reading.expr(
            lambda holds, code: choose_reason(holds, code, Reason.NOT_APPLICABLE),
            applies,
            graded.why(),
        )

    return Term(value, why, reading.both(graded.applies, applies), exact)


def _follow_line(
    plan: PlanBase, scaled: Scaled, line: Sequence[Knot], number: Column, level: str
) -> Term:
    """The points at a value by straight lines; outside the ends, the end's.

    y₀ + Σ tᵢ · (yᵢ₊₁ − yᵢ), with tᵢ how much of the way from xᵢ to xᵢ₊₁ the value has come, from 0
    to 1: so it does not matter whether the line rises or falls.
    """
    reading = plan.at_level(level)
    amounts = [read_amount(plan, scaled, each, level) for knot in line for each in _pair(knot)]
    same = comparison("==", exact=False)

    def follow(value: Any, *columns: Any) -> Any:
        xs, ys = columns[::2], columns[1::2]
        result = ys[0]
        meet = pl.lit(value=False)
        for x, next_x, y, next_y in zip(xs, xs[1:], ys, ys[1:], strict=False):
            way = clean_sum(value - x, value, x) / (next_x - x)
            part = way.clip(0.0, 1.0) * (next_y - y)
            result = clean_sum(result + part, result, part)
            meet |= same(x, next_x)
        return pl.when(~meet).then(result)

    value = reading.expr(follow, number, *(amount.value for amount in amounts))
    why = reading.first_reason(amounts, Reason.ZERO_DENOMINATOR)
    if not list_causes(amounts):
        why = lambda: plan.reason(Reason.ZERO_DENOMINATOR)  # noqa: E731
    return Term(value, why)


def _pair(knot: Knot) -> tuple[Amount, Amount]:
    return knot.value, knot.points


# --- answers: options of a choice, and yes/no -----------------------------------------------------


def _number_options(choice: Input) -> dict[str, float]:
    return {option: float(code) for code, option in enumerate(choice.options)}


def _read_answer(
    plan: PlanBase,
    scope: Scope,
    answer: Input,
    level: str,
    numbers: dict[str, float],
    *,
    mean: bool,
) -> Term:
    """The number of each answer at the level that gives it; above it their mean, or none."""
    (requested,) = find_requested(plan.catalogue, answer.id)
    way = None
    if requested.key not in scope.requested:
        way, scope = choose_way(plan, scope, requested, level), scope_alone(plan, requested)
    base = scope.base
    at_base = _read_at_base(plan, scope, requested, answer, numbers)
    if level == base:
        return at_base
    if plan.is_below(level, base):
        return plan.take_above(at_base, level, base)
    if mean:
        return _mean_above(plan, scope, requested, at_base, level, way or Way())
    number = count_schools(plan, scope, "entered", level)
    return nothing_above(plan, level, applies_above(plan, scope, requested, level, number))


def _read_at_base(
    plan: PlanBase,
    scope: Scope,
    requested: RequestedInput,
    answer: Input,
    numbers: dict[str, float],
) -> Term:
    term = read_requested(plan, scope, requested, scope.base)
    if answer.type == "yes_no":
        keys: dict[Any, float | None] = {True: numbers.get("yes"), False: numbers.get("no")}
    else:
        keys = {option: numbers.get(option) for option in answer.options}
    known = {key: number for key, number in keys.items() if number is not None}

    def find(given: Any) -> Any:
        chain: Any = pl
        for key, number in known.items():
            chain = chain.when(given == key).then(pl.lit(number))
        return chain.otherwise(None) if known else pl.lit(None, pl.Float64)

    made = plan.at_level(scope.base).expr(find, term.value)
    return _take_points(plan, list(keys.values()), made, term, scope.base)


def _mean_above(  # noqa: PLR0917 - answers, and the way they go
    plan: PlanBase, scope: Scope, requested: RequestedInput, at_base: Term, level: str, way: Way
) -> Term:
    """The mean over the places that enter, by the way that they go, and have points."""
    base, reading = plan.at_level(scope.base), plan.at_level(level)
    enters = base.both(entered(plan, scope, level), way.complete) or plan.everywhere()
    number = count_schools(plan, scope, "entered", level)
    needed = (*way.needed, *find_needed(plan, scope, scope.base, level))
    key = ("points", scope.key, requested.key, *needed)
    shown = base.expr(lambda enters, raw: pl.when(enters).then(raw), enters, at_base.value)

    def rolled(how: Any, column: Column, name: str) -> Column:
        return plan.steps.rollup((*key, name, how), level, scope.base, how, column)

    value = reading.expr(
        lambda count, total: pl.when(count > 0).then(total.cast(pl.Float64) / count),
        rolled("count", shown, "value"),
        rolled(choose_sum(exact=at_base.exact), shown, "value"),
    )
    applies = applies_above(plan, scope, requested, level, number)
    if at_base.applies is not None:
        flag = base.expr(
            lambda enters, holds: (enters & holds).cast(pl.Int64),
            enters,
            at_base.applies,
        )
        # Where nobody enters it is not known whether the answers have points.
        some = reading.expr(
            lambda count, with_points: (count == 0) | (with_points > 0),
            number,
            rolled("sum", flag, "applies"),
        )
        applies = reading.both(applies, some)
    nobody = why_missing(plan, scope, level, applies)

    def why() -> Column:
        # Of those that enter, what the first lacks whose answer is due.
        lacking = base.expr(
            lambda enters, holds, raw, code: pl.when(enters & holds & raw.is_null()).then(code),
            enters,
            at_base.applies or plan.everywhere(),
            at_base.value,
            at_base.why(),
        )
        return reading.expr(pl.coalesce, rolled("min", lacking, "why"), nobody())

    if scope.keeps_gaps:
        gaps = count_gaps(plan, scope, requested, level)
        value = reading.expr(lambda some, mean: pl.when(some == 0).then(mean), gaps, value)
    return Term(value, why, applies)
