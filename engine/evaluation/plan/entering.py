"""Which schools enter a formula, and what its own inputs are worth at a place.

A school is expected where one of the inputs applies to it, and has reported where every input
that applies has a value; `missing` says who enters. What is said of schools in this module holds of
the places of a higher level where the inputs are given there.

In rows above a level that gives inputs of the formula, a place of that level without one of them is
out with all its schools: these are expected, and have not reported.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl

from engine.catalogue.model import NUMERIC
from engine.evaluation.plan.base import PlanBase, remembered
from engine.evaluation.plan.inputs import meets_where, read_applies, read_input, read_unreadable
from engine.evaluation.plan.scopes import CellSum, RequestedInput, Scope
from engine.evaluation.plan.steps import choose_sum
from engine.language.readings.terms import Column, Reason, Term, choose_reason

# --- who enters, at the level that gives the inputs -----------------------------------------------


@remembered
def expected(plan: PlanBase, scope: Scope) -> Column | None:
    """At `scope.base`: whether one of the inputs applies; None is everywhere."""
    reading = plan.at_level(scope.base)
    result: Column | None = None
    for index, requested in enumerate(scope.requested.values()):
        applies = read_requested_applies(plan, requested)
        result = applies if index == 0 else reading.either(result, applies)
        if result is None:
            return None
    return result


@remembered
def reported(plan: PlanBase, scope: Scope, row: str) -> Column:
    """At `scope.base`: whether the school has reported, as rows of the level `row` count."""
    answered = _answered(plan, scope)
    complete = complete_above(plan, scope, scope.base, find_needed(plan, scope, scope.base, row))
    return plan.at_level(scope.base).both(answered, complete) or answered


@remembered
def _answered(plan: PlanBase, scope: Scope) -> Column:
    """At `scope.base`: whether every input that applies has a value, and one applies."""
    reading = plan.at_level(scope.base)
    result = expected(plan, scope) or plan.everywhere()
    for index, requested in enumerate(scope.requested.values()):
        filled, applies = _read_filled(plan, requested), read_requested_applies(plan, requested)
        if applies is not None:
            filled = reading.expr(lambda has, applies: has | ~applies, filled, applies)
        # Where everything applies, the first input alone starts the chain.
        plain = index == 0 and expected(plan, scope) is None
        result = filled if plain else reading.expr(lambda all_, has: all_ & has, result, filled)
    return plan.settle(scope.base, result) if len(scope.requested) > 2 else result  # noqa: PLR2004


@remembered
def entered(plan: PlanBase, scope: Scope, row: str) -> Column:
    """At `scope.base`: whether the school enters the rows of the level `row`."""
    if scope.missing != "zero":
        return reported(plan, scope, row)
    some = _gave_some(plan, scope)
    complete = complete_above(plan, scope, scope.base, find_needed(plan, scope, scope.base, row))
    return plan.at_level(scope.base).both(some, complete) or some


@remembered
def _gave_some(plan: PlanBase, scope: Scope) -> Column:
    """At `scope.base`: whether the school gave one of the inputs, and nothing unreadable."""
    reading = plan.at_level(scope.base)
    result: Column | None = None
    for index, requested in enumerate(scope.requested.values()):
        applies = read_requested_applies(plan, requested)
        filled = reading.both(_read_filled(plan, requested), applies)
        result = filled if index == 0 else reading.either(result, filled)
    result = result or plan.everywhere()
    unreadable = _unreadable(plan, scope)
    if unreadable is None:
        return result
    # A gap counts as 0; a cell that says something unreadable is no gap.
    return reading.expr(lambda some, bad: some & ~bad, result, unreadable)


def _unreadable(plan: PlanBase, scope: Scope) -> Column | None:
    """At `scope.base`: whether one of the inputs cannot be read; None is nowhere."""
    result: Column | None = None
    for requested in scope.requested.values():
        bad = read_requested_unreadable(plan, requested)
        if bad is not None:
            result = bad if result is None else plan.at_level(scope.base).either(result, bad)
    return result


# --- what is given above --------------------------------------------------------------------------


def find_needed(plan: PlanBase, scope: Scope, source: str, row: str) -> tuple[str, ...]:
    """The inputs that places of `source`, or those they lie in, must have to enter rows of `row`.

    They are given above the scope's own and below the rows; by their keys.
    """
    return tuple(
        key
        for key, each in scope.above.items()
        if not plan.is_below(each.first.level, source) and plan.is_below(each.first.level, row)
    )


@remembered
def complete_above(
    plan: PlanBase, scope: Scope, source: str, needed: tuple[str, ...]
) -> Column | None:
    """At `source`: whether this place, or those it lies in, have these inputs; None is everywhere."""
    result: Column | None = None
    for key in needed:
        result = plan.at_level(source).both(result, has_above(plan, scope.above[key], source))
    return result and plan.settle(source, result)


@remembered
def has_above(plan: PlanBase, requested: RequestedInput, source: str) -> Column:
    """At `source`: whether the place that gives an input has it, or it does not apply there.

    A place that lies in none of that level lacks nothing.
    """
    level = requested.first.level
    filled, applies = _read_filled(plan, requested), read_requested_applies(plan, requested)
    if applies is not None:
        filled = plan.at_level(level).expr(lambda has, applies: has | ~applies, filled, applies)
    if level == source or filled.bare:
        return filled
    taken = plan.steps.above(source, level, plan.settle(level, filled))
    return plan.at_level(source).expr(lambda has: has.fill_null(value=True), taken)


# --- how many enter, at every level ---------------------------------------------------------------


@remembered
def count_schools(plan: PlanBase, scope: Scope, status: str, level: str) -> Column:
    """How many schools have "entered", "reported" or are "expected" at each place of a level.

    Where the inputs are given above `level`, it is 1 or 0 for the place above.
    """
    if not scope.requested:
        return count_open(plan, level)
    if status == "entered" and scope.missing != "zero":
        return count_schools(plan, scope, "reported", level)
    if status == "expected":
        condition = expected(plan, scope)
    else:
        condition = (entered if status == "entered" else reported)(plan, scope, level)
    return (
        _count_all(plan, scope, level)
        if condition is None
        else _count_where(plan, scope, status, level, condition)
    )


def _count_all(plan: PlanBase, scope: Scope, level: str) -> Column:
    if scope.base == plan.levels[0]:
        return count_open(plan, level)
    if not plan.is_below(scope.base, level):
        return Column(pl.lit(1), bare=True)
    return plan.steps.rollup(("places", scope.base), level, scope.base, "count", plan.year)


def _count_where(
    plan: PlanBase, scope: Scope, status: str, level: str, condition: Column
) -> Column:
    if plan.is_below(scope.base, level):
        # Summed as it is: a sum of yes and no is their number, and as numbers they take more room.
        key = (status, scope.key, *find_needed(plan, scope, scope.base, level))
        return plan.steps.rollup(key, level, scope.base, "sum", condition)
    flag = plan.at_level(scope.base).expr(lambda holds: holds.cast(pl.Int64), condition)
    if level == scope.base:
        return flag
    taken = plan.steps.above(level, scope.base, flag)
    return plan.at_level(level).expr(lambda number: number.fill_null(0), taken)


@remembered
def count_open(plan: PlanBase, level: str) -> Column:
    """How many schools are open, and count in the plan, at each place of a level."""
    school = plan.levels[0]
    inside = meets_where(plan)
    if inside is not None:
        inside = plan.at_level(school).expr(lambda holds: holds.cast(pl.Int64), inside)
    if level == school:
        return inside or Column(pl.lit(1), bare=True)
    how, counted = ("sum", inside) if inside is not None else ("count", plan.year)
    number = plan.steps.rollup("open", level, school, how, counted)
    # A place may be open without a school.
    return plan.at_level(level).expr(lambda count: count.fill_null(0), number)


def enough(plan: PlanBase, scope: Scope, level: str) -> Column:
    """At each place of a level: whether as many enter as the scope needs to have a value.

    That is one of the expected schools; with `missing: block`, all of them. Where no school is
    expected, the inputs do not apply, and the formula has the value it has without them.
    """
    if level == scope.base and expected(plan, scope) is None and scope.requested:
        return (reported if scope.missing == "block" else entered)(plan, scope, level)
    block = scope.missing == "block"
    return plan.at_level(level).expr(
        lambda some, all_: some >= (all_ if block else (all_ > 0).cast(pl.Int64)),
        count_schools(plan, scope, "entered", level),
        count_schools(plan, scope, "expected", level),
    )


@remembered
def reason_of_missing(plan: PlanBase, scope: Scope, level: str) -> Column:
    """Why no school enters: nobody is asked, a cell is not readable, or nothing is reported."""
    code = _reason_of_gaps(plan, scope, level)
    if expected(plan, scope) is None:
        return code
    return plan.at_level(level).expr(
        lambda number, reason: choose_reason(number == 0, Reason.NOT_APPLICABLE, reason),
        count_schools(plan, scope, "expected", level),
        code,
    )


def _reason_of_gaps(plan: PlanBase, scope: Scope, level: str) -> Column:
    unreadable = _unreadable(plan, scope)
    if unreadable is None:
        return plan.reason(Reason.NOT_REPORTED)
    code = plan.at_level(scope.base).expr(
        lambda bad: choose_reason(bad, Reason.NOT_READABLE, Reason.NOT_REPORTED),
        unreadable,
    )
    if level == scope.base:
        return code
    if plan.is_below(level, scope.base):
        code = plan.steps.above(level, scope.base, code)
    else:
        code = plan.steps.rollup(("missing", scope.key), level, scope.base, "min", code)
    return plan.at_level(level).expr(
        lambda reason: reason.fill_null(int(Reason.NOT_REPORTED)), code
    )


def why_missing(
    plan: PlanBase, scope: Scope, level: str, applies: Column | None
) -> Callable[[], Column]:
    """What makes the column of the reason of an input without a value."""

    def why() -> Column:
        missing = reason_of_missing(plan, scope, level)
        if applies is None:
            return missing
        return plan.at_level(level).expr(
            lambda applies, code: choose_reason(~applies, Reason.NOT_APPLICABLE, code),
            applies,
            missing,
        )

    return why


# --- a requested input where it is given ----------------------------------------------------------


def is_numeric(requested: RequestedInput) -> bool:
    """Whether its gaps can count as 0: a count or a number."""
    return not requested.is_yes_no and requested.first.type in NUMERIC


def is_exact(requested: RequestedInput) -> bool:
    """Whether its values are whole numbers."""
    whole = all(
        float(choice.factor if isinstance(choice, CellSum) else choice).is_integer()
        for choice in requested.choices
    )
    return whole and all(input_.type in {"count", "yes_no"} for input_ in requested.inputs)


@remembered
def read_requested_applies(plan: PlanBase, requested: RequestedInput) -> Column | None:
    """Where what counts as one input applies, at the level that gives it; None is everywhere."""
    if plan.compared is not None:
        return plan.compared.read(requested).applies
    if any(not isinstance(choice, CellSum) for choice in requested.choices):
        return _meets_where(plan, requested)
    first, *others = requested.inputs
    result = read_applies(plan, first)
    for input_ in others:
        result = plan.at_level(first.level).either(result, read_applies(plan, input_))
    return result


def _meets_where(plan: PlanBase, requested: RequestedInput) -> Column | None:
    """Where a number in place of an input counts: at the schools of the plan; None is everywhere."""
    return meets_where(plan) if requested.first.level == plan.levels[0] else None


@remembered
def read_requested_value(plan: PlanBase, requested: RequestedInput) -> Column:
    """The value of an input where it is given, whoever enters."""
    if plan.compared is not None:
        return plan.compared.read(requested).value
    reading = plan.at_level(requested.first.level)
    choices = [_read_choice(plan, choice) for choice in requested.choices]
    value = choices[0] if len(choices) == 1 else reading.expr(pl.coalesce, *choices)
    inside = _meets_where(plan, requested)
    if inside is not None and len(choices) > 1:  # a number has a value whatever the cells say
        value = reading.expr(lambda holds, raw: pl.when(holds).then(raw), inside, value)
    if requested.option is not None:
        return reading.expr(lambda text: text == requested.option, value)
    return value


@remembered
def read_requested_unreadable(plan: PlanBase, requested: RequestedInput) -> Column | None:
    """Where a cell of what counts as one input applies and cannot be read; None is nowhere.

    A `coalesce` that has a value does without such a cell.
    """
    if plan.compared is not None:
        return plan.compared.read(requested).unreadable
    reading = plan.at_level(requested.first.level)
    result: Column | None = None
    for input_ in requested.inputs:
        state = read_unreadable(plan, input_)
        if state is None:
            continue
        bad = reading.both(state, read_applies(plan, input_)) or state
        if len(requested.choices) > 1:
            filled = _read_filled(plan, requested)
            bad = reading.expr(lambda bad, has: bad & ~has, bad, filled)
        result = bad if result is None else reading.either(result, bad)
    return result


def _read_choice(plan: PlanBase, choice: CellSum | float) -> Column:
    if not isinstance(choice, CellSum):
        return Column(pl.lit(choice))
    reading = plan.at_level(choice.inputs[0].level)
    total, *terms = (
        Term(
            read_input(plan, input_),
            lambda: Column(pl.lit(0)),
            read_applies(plan, input_),
            exact=True,
        )
        for input_ in choice.inputs
    )
    for term in terms:
        total = reading.add(total, term)
    if choice.factor == 1:
        return total.value
    return reading.expr(lambda value: value * choice.factor, total.value)


@remembered
def _read_number(plan: PlanBase, requested: RequestedInput) -> Column:
    value = read_requested_value(plan, requested)
    if not is_numeric(requested):
        return value
    return plan.at_level(requested.first.level).expr(lambda raw: raw.cast(pl.Float64), value)


@remembered
def _read_filled(plan: PlanBase, requested: RequestedInput) -> Column:
    if any(not isinstance(choice, CellSum) for choice in requested.choices):
        return plan.everywhere()
    return plan.at_level(requested.first.level).expr(
        lambda value: ~value.is_null(), read_requested_value(plan, requested)
    )


# --- a requested input of a scope, at every level -------------------------------------------------


@remembered
def read_requested(plan: PlanBase, scope: Scope, requested: RequestedInput, level: str) -> Term:
    """What one of the scope's inputs is worth at the places of a level."""
    if plan.is_below(level, scope.base):
        at_base = read_requested(plan, scope, requested, scope.base)
        return plan.take_above(at_base, level, scope.base)
    if level == scope.base:
        return _read_at_base(plan, scope, requested)
    return roll_up(plan, scope, requested, level)


def _read_at_base(plan: PlanBase, scope: Scope, requested: RequestedInput) -> Term:
    reading = plan.at_level(scope.base)
    value, applies = _read_number(plan, requested), read_requested_applies(plan, requested)
    gaps_are_zero = scope.fills_gaps and is_numeric(requested)
    if len(scope.requested) > 1 or gaps_are_zero:
        value = reading.expr(
            lambda raw, enters: pl.when(enters).then(raw.fill_null(0) if gaps_are_zero else raw),
            value,
            entered(plan, scope, scope.base),
        )
        if gaps_are_zero and applies is not None:
            value = reading.expr(lambda raw, applies: pl.when(applies).then(raw), value, applies)
    why = why_missing(plan, scope, scope.base, applies)
    return Term(value, why, applies, is_exact(requested))


def roll_up(plan: PlanBase, scope: Scope, requested: RequestedInput, level: str) -> Term:
    """An input taken together over the schools that enter, at each place of a higher level."""
    reading = plan.at_level(level)
    number = count_schools(plan, scope, "entered", level)
    applies = applies_above(plan, scope, requested, level, number)
    if requested.rollup in {"none", "texts"}:
        return nothing_above(plan, level, applies)
    value = reading.expr(
        lambda count, total: pl.when(count > 0).then(total.cast(pl.Float64)),
        number,
        _total(plan, scope, requested, level),
    )
    if applies is not None:
        value = reading.expr(lambda applies, total: pl.when(applies).then(total), applies, value)
    exact = is_exact(requested) and requested.rollup != "mean"
    why = why_missing(plan, scope, level, applies)
    if not scope.keeps_gaps:
        return Term(value, why, applies, exact)
    gaps = count_gaps(plan, scope, requested, level)
    value = reading.expr(lambda some, total: pl.when(some == 0).then(total), gaps, value)

    def why_gap() -> Column:
        return reading.expr(
            lambda some, code: choose_reason(some > 0, Reason.NOT_REPORTED, code), gaps, why()
        )

    return Term(value, why_gap, applies, exact)


def count_gaps(plan: PlanBase, scope: Scope, requested: RequestedInput, level: str) -> Column:
    """At each place: how many of those that enter, and to which an input applies, lack it."""
    applies = read_requested_applies(plan, requested) or plan.everywhere()
    gap = plan.at_level(scope.base).expr(
        lambda enters, applies, has: enters & applies & ~has,
        entered(plan, scope, level),
        applies,
        _read_filled(plan, requested),
    )
    key = ("gaps", scope.key, requested.key, *find_needed(plan, scope, scope.base, level))
    return plan.steps.rollup(key, level, scope.base, "sum", gap)


def nothing_above(plan: PlanBase, level: str, applies: Column | None) -> Term:
    """The term, above its level, of an input that is not rolled up: it never has a value."""
    none = plan.nothing(Reason.NO_SUCH_LEVEL)
    if applies is None:
        return none

    def why() -> Column:
        return plan.at_level(level).expr(
            lambda applies, code: choose_reason(applies, code, Reason.NOT_APPLICABLE),
            applies,
            none.why(),
        )

    return Term(none.value, why, applies)


def _total(plan: PlanBase, scope: Scope, requested: RequestedInput, level: str) -> Column:
    """The value rolled up over the schools that enter, before their number is looked at."""
    value = read_requested_value(plan, requested)
    applies = read_requested_applies(plan, requested)
    gaps_are_zero = scope.fills_gaps and is_numeric(requested)

    def mask(raw: Any, enters: Any, applies: Any) -> Any:
        filled = raw.fill_null(0) if gaps_are_zero else raw
        shown = pl.when(enters & applies).then(filled)
        return shown.cast(pl.Int64) if requested.is_yes_no else shown

    needed = find_needed(plan, scope, scope.base, level)
    if len(scope.requested) > 1 or gaps_are_zero or requested.is_yes_no or needed:
        counts = applies if gaps_are_zero and applies is not None else plan.everywhere()
        value = plan.at_level(scope.base).expr(mask, value, entered(plan, scope, level), counts)

    def rolled(how: Any, column: Column) -> Column:
        key = ("value", scope.key, requested.key, how, *needed)
        return plan.steps.rollup(key, level, scope.base, how, column)

    if requested.is_yes_no or requested.rollup == "schools":
        return rolled("sum", value)
    if requested.rollup not in {"sum", "mean"}:
        return rolled(requested.rollup, value)
    # A sum passes over what is empty, but Polars adds up in half the time where nothing is.
    filled = plan.at_level(scope.base).expr(lambda raw: raw.fill_null(0), value)
    total = rolled(choose_sum(exact=is_exact(requested)), filled)
    if requested.rollup == "sum":
        return total
    return plan.at_level(level).expr(
        lambda total, count: pl.when(count > 0).then(total.cast(pl.Float64) / count),
        total,
        rolled("count", value),
    )


def applies_above(
    plan: PlanBase, scope: Scope, requested: RequestedInput, level: str, number: Column
) -> Column | None:
    """Where an input applies at the places of a higher level; `number`: how many schools enter."""
    applies = read_requested_applies(plan, requested)
    if applies is None:
        return None
    base = plan.at_level(scope.base)
    all_schools = base.expr(lambda applies: applies.cast(pl.Int64), applies)
    schools_entered = base.expr(
        lambda applies, enters: (applies & enters).cast(pl.Int64),
        applies,
        entered(plan, scope, level),
    )
    key = ("applies", scope.key, requested.key, *find_needed(plan, scope, scope.base, level))
    return plan.at_level(level).expr(
        lambda count, some, all_: pl.when(count > 0).then(some > 0).otherwise(all_ > 0),
        number,
        plan.steps.rollup((*key, "entered"), level, scope.base, "sum", schools_entered),
        plan.steps.rollup((*key, "open"), level, scope.base, "sum", all_schools),
    )
