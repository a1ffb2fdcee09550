"""Which schools enter a formula, and what its own inputs are worth at a place.

A school is expected where one of the inputs applies to it, and has reported where every input
that applies has a value; `missing` says who enters. What is said here of schools holds of the
places of a higher level where the inputs are given there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from engine.catalogue.model import NUMERIC
from engine.evaluation.plan.base import take_above
from engine.evaluation.plan.inputs import read_applies, read_input, read_unreadable
from engine.evaluation.plan.scopes import Cells, RequestedInput, Scope
from engine.language.readings.columns import ColumnsReading
from engine.language.readings.terms import Column, Reason, Term

if TYPE_CHECKING:
    from engine.evaluation.plan.planner import Planner


def everywhere(plan: Planner) -> Column:
    """A condition that holds in every row."""
    return plan.remember("everywhere", lambda: Column(pl.lit(value=True)))


def read_asked(plan: Planner, scope: Scope, asked: RequestedInput, level: str) -> Term:
    """What one of the scope's inputs is worth at the places of a level."""
    return plan.remember(
        ("asked", scope.key, asked.key, level),
        lambda: _read_asked(plan, scope, asked, level),
    )


def entered(plan: Planner, scope: Scope) -> Column:
    """At `scope.base`: whether the school enters."""
    if scope.missing != "zero":
        return reported(plan, scope)
    return plan.remember(("entered", scope.key), lambda: _any_filled(plan, scope))


def reported(plan: Planner, scope: Scope) -> Column:
    """At `scope.base`: whether every input that applies has a value, and one applies."""
    return plan.remember(("reported", scope.key), lambda: _reported(plan, scope))


def expected(plan: Planner, scope: Scope) -> Column | None:
    """At `scope.base`: whether one of the inputs applies; None is everywhere."""
    return plan.remember(("expected", scope.key), lambda: _expected(plan, scope))


def count_schools(plan: Planner, scope: Scope, what: str, level: str) -> Column:
    """How many schools have "entered", "reported" or are "expected" at each place of a level.

    Where the inputs are given above `level`, it is 1 or 0 for the place above.
    """
    if not scope.asked:
        return count_open(plan, level)
    if what == "entered" and scope.missing != "zero":
        what = "reported"
    return plan.remember(
        ("count", what, scope.key, level), lambda: _count_schools(plan, scope, what, level)
    )


def enough(plan: Planner, scope: Scope, level: str) -> Column:
    """At each place of a level: whether as many enter as the scope needs to have a value.

    One of those who are expected, with `missing: block` all. Where nobody is expected the inputs do
    not apply, and the formula says what it is without them.
    """
    block = scope.missing == "block"
    return plan.at_level(level).expr(
        lambda some, all_: some >= (all_ if block else (all_ > 0).cast(pl.Int64)),
        count_schools(plan, scope, "entered", level),
        count_schools(plan, scope, "expected", level),
    )


def count_open(plan: Planner, level: str) -> Column:
    """How many schools are open at each place of a level."""
    school = plan.levels[0]
    if level == school:
        return plan.remember("one", lambda: Column(pl.lit(1)))
    return plan.steps.rollup("open", level, school, "count", plan.year)


def reason_of_missing(plan: Planner, scope: Scope, level: str) -> Column:
    """Why no school enters: nobody is asked, a cell is not readable, or nothing is reported."""
    return plan.remember(
        ("missing", scope.key, level), lambda: _reason_of_missing(plan, scope, level)
    )


# --- at the level that gives the inputs --------------------------------------------------------


def applies_asked(plan: Planner, asked: RequestedInput) -> Column | None:
    """Where what counts as one input applies, at the level that gives it; None is everywhere."""
    return plan.remember(("applies asked", asked.key), lambda: _applies_asked(plan, asked))


def _applies_asked(plan: Planner, asked: RequestedInput) -> Column | None:
    base = asked.first.level
    result: Column | None = None
    for index, choice in enumerate(asked.choices):
        if not isinstance(choice, Cells):
            return None
        for position, one in enumerate(choice.inputs):
            applies = read_applies(plan, one)
            first = index == position == 0
            result = applies if first else plan.at_level(base).either(result, applies)
    return result


def value_asked(plan: Planner, asked: RequestedInput) -> Column:
    """The value of an input where it is given, whoever enters."""
    return plan.remember(("value", asked.key), lambda: _value_asked(plan, asked))


def _value_asked(plan: Planner, asked: RequestedInput) -> Column:
    base = plan.at_level(asked.first.level)
    choices = [_choice(plan, choice, base) for choice in asked.choices]
    value = choices[0] if len(choices) == 1 else base.expr(pl.coalesce, *choices)
    if asked.option is not None:
        return base.expr(lambda one: one == asked.option, value)
    return value


def _choice(plan: Planner, choice: Cells | float, base: ColumnsReading) -> Column:
    if not isinstance(choice, Cells):
        return Column(pl.lit(choice))
    terms = [
        Term(
            read_input(plan, one),
            lambda: Column(pl.lit(0)),
            read_applies(plan, one),
            exact=True,
        )
        for one in choice.inputs
    ]
    total = terms[0]
    for term in terms[1:]:
        total = base.add(total, term)
    if choice.factor == 1:
        return total.value
    return base.expr(lambda value: value * choice.factor, total.value)


def _filled(plan: Planner, asked: RequestedInput) -> Column:
    return plan.remember(("filled", asked.key), lambda: _is_filled(plan, asked))


def _is_filled(plan: Planner, asked: RequestedInput) -> Column:
    if any(not isinstance(choice, Cells) for choice in asked.choices):
        return everywhere(plan)
    return plan.at_level(asked.first.level).expr(
        lambda value: ~value.is_null(), value_asked(plan, asked)
    )


def _expected(plan: Planner, scope: Scope) -> Column | None:
    base = plan.at_level(scope.base)
    result: Column | None = None
    for index, asked in enumerate(scope.asked.values()):
        applies = applies_asked(plan, asked)
        result = applies if index == 0 else base.either(result, applies)
        if result is None:
            return None
    return result


def _reported(plan: Planner, scope: Scope) -> Column:
    base = plan.at_level(scope.base)
    result = expected(plan, scope) or everywhere(plan)
    for index, asked in enumerate(scope.asked.values()):
        filled, applies = _filled(plan, asked), applies_asked(plan, asked)
        if applies is not None:
            filled = base.expr(lambda has, does: has | ~does, filled, applies)
        # Where everything applies, the first input alone starts the chain.
        plain = index == 0 and expected(plan, scope) is None
        result = filled if plain else base.expr(lambda one, two: one & two, result, filled)
    return plan.steps.derive(scope.base, result) if len(scope.asked) > 2 else result  # noqa: PLR2004


def _any_filled(plan: Planner, scope: Scope) -> Column:
    base = plan.at_level(scope.base)
    result: Column | None = None
    for index, asked in enumerate(scope.asked.values()):
        filled = base.both(_filled(plan, asked), applies_asked(plan, asked))
        result = filled if index == 0 else base.either(result, filled)
    result = result or everywhere(plan)
    spoilt = _unreadable(plan, scope)
    if spoilt is None:
        return result
    # A gap counts as 0; a cell that says something unreadable is no gap.
    return base.expr(lambda one, bad: one & ~bad, result, spoilt)


def _unreadable(plan: Planner, scope: Scope) -> Column | None:
    """At `scope.base`: whether a cell that applies cannot be read; None is nowhere."""
    base = plan.at_level(scope.base)
    result: Column | None = None
    for asked in scope.asked.values():
        for one in asked.inputs:
            state = read_unreadable(plan, one)
            if state is not None:
                bad = base.both(state, read_applies(plan, one)) or state
                result = bad if result is None else base.either(result, bad)
    return result


def _read_asked(plan: Planner, scope: Scope, asked: RequestedInput, level: str) -> Term:
    places = plan.levels
    if places.index(level) < places.index(scope.base):
        return take_above(plan, read_asked(plan, scope, asked, scope.base), level, scope.base)
    if level == scope.base:
        return _read_at_base(plan, scope, asked)

    return roll_up(plan, scope, asked, level)


def is_numeric(asked: RequestedInput) -> bool:
    """Whether its gaps can count as 0: a count or a number."""
    return not asked.is_yes_no and asked.first.type in NUMERIC


def _read_at_base(plan: Planner, scope: Scope, asked: RequestedInput) -> Term:
    base = plan.at_level(scope.base)
    value, applies = value_asked(plan, asked), applies_asked(plan, asked)
    if is_numeric(asked):
        value = plan.remember(("number", asked.key), lambda: _as_number(base, value))
    gaps_are_zero = scope.missing == "zero" and is_numeric(asked)

    def make(raw: Any, enters: Any) -> Any:
        filled = raw.fill_null(0) if gaps_are_zero else raw
        return pl.when(enters).then(filled)

    if len(scope.asked) > 1 or gaps_are_zero:
        value = base.expr(make, value, entered(plan, scope))
        if gaps_are_zero and applies is not None:
            value = base.expr(lambda one, does: pl.when(does).then(one), value, applies)
    return Term(
        value, why_missing(plan, scope, level=scope.base, applies=applies), applies, is_exact(asked)
    )


def _as_number(base: ColumnsReading, value: Column) -> Column:
    return base.expr(lambda one: one.cast(pl.Float64), value)


def is_exact(asked: RequestedInput) -> bool:
    """Whether its values are whole numbers."""
    whole = all(
        float(choice.factor if isinstance(choice, Cells) else choice).is_integer()
        for choice in asked.choices
    )
    return whole and all(one.type in {"count", "yes_no"} for one in asked.inputs)


def why_missing(plan: Planner, scope: Scope, level: str, applies: Column | None) -> Any:
    """Makes, when asked, the column of the reason of an input without a value."""

    def why() -> Column:
        missing = reason_of_missing(plan, scope, level)
        if applies is None:
            return missing
        return plan.at_level(level).expr(
            lambda does, code: (
                pl.when(~does).then(pl.lit(int(Reason.NOT_APPLICABLE))).otherwise(code)
            ),
            applies,
            missing,
        )

    return why


# --- counting -----------------------------------------------------------------------------------


def _count_schools(plan: Planner, scope: Scope, what: str, level: str) -> Column:
    places = plan.levels
    base = plan.at_level(scope.base)
    if what == "expected" and expected(plan, scope) is None:
        if scope.base == places[0]:
            return count_open(plan, level)
        flag = Column(pl.lit(1))
        if level == scope.base or places.index(level) < places.index(scope.base):
            return flag
        return plan.steps.rollup(("places", scope.base), level, scope.base, "count", plan.year)
    flags = {"entered": entered, "reported": reported, "expected": expected}
    condition = flags[what](plan, scope) or everywhere(plan)
    if places.index(level) > places.index(scope.base):
        # Summed as it is: a sum of yes and no is their number, and as numbers they take more room.
        return plan.steps.rollup((what, scope.key), level, scope.base, "sum", condition)
    flag = base.expr(lambda one: one.cast(pl.Int64), condition)
    if places.index(level) < places.index(scope.base):
        taken = plan.steps.above(level, scope.base, flag)
        return plan.at_level(level).expr(lambda one: one.fill_null(0), taken)
    return flag


def _reason_of_missing(plan: Planner, scope: Scope, level: str) -> Column:
    code = _reason_of_gaps(plan, scope, level)
    if expected(plan, scope) is None:
        return code
    return plan.at_level(level).expr(
        lambda number, told: (
            pl.when(number == 0).then(pl.lit(int(Reason.NOT_APPLICABLE))).otherwise(told)
        ),
        count_schools(plan, scope, "expected", level),
        code,
    )


def _reason_of_gaps(plan: Planner, scope: Scope, level: str) -> Column:
    spoilt = _unreadable(plan, scope)
    if spoilt is None:
        return plan.reason(Reason.NOT_REPORTED)
    places, base = plan.levels, plan.at_level(scope.base)
    told = base.expr(
        lambda bad: (
            pl.when(bad)
            .then(pl.lit(int(Reason.NOT_READABLE)))
            .otherwise(pl.lit(int(Reason.NOT_REPORTED)))
        ),
        spoilt,
    )
    if level == scope.base:
        return told
    if places.index(level) < places.index(scope.base):
        told = plan.steps.above(level, scope.base, told)
    else:
        told = plan.steps.rollup(("missing", scope.key), level, scope.base, "min", told)
    return plan.at_level(level).expr(lambda one: one.fill_null(int(Reason.NOT_REPORTED)), told)


# --- rollup ---------------------------------------------------------------------------------------
# Inputs above the level that gives them: rolled up over the schools that enter.


def roll_up(plan: Planner, scope: Scope, asked: RequestedInput, level: str) -> Term:
    """An input taken together over the schools that enter, at each place of a higher level."""
    here = plan.at_level(level)
    number = count_schools(plan, scope, "entered", level)
    applies = _applies_above(plan, scope, asked, level, number)
    if asked.rollup in {"none", "texts"}:
        return nothing_above(plan, level, applies)
    value = _total(plan, scope, asked, level)
    value = here.expr(
        lambda count, total: pl.when(count > 0).then(total.cast(pl.Float64)),
        number,
        value,
    )
    if applies is not None:
        value = here.expr(lambda does, one: pl.when(does).then(one), applies, value)
    exact = is_exact(asked) and asked.rollup != "mean"
    return Term(value, why_missing(plan, scope, level, applies), applies, exact)


def nothing_above(plan: Planner, level: str, applies: Column | None) -> Term:
    """What is not rolled up: it has no value above its level, and may not apply there either."""
    none = plan.nothing(Reason.NO_SUCH_LEVEL)
    if applies is None:
        return none

    def why() -> Column:
        return plan.at_level(level).expr(
            lambda does, code: (
                pl.when(does).then(code).otherwise(pl.lit(int(Reason.NOT_APPLICABLE)))
            ),
            applies,
            none.why(),
        )

    return Term(none.value, why, applies)


def _total(plan: Planner, scope: Scope, asked: RequestedInput, level: str) -> Column:
    """The value rolled up over the schools that enter, before anything is asked of their number."""
    base = plan.at_level(scope.base)
    value, applies = value_asked(plan, asked), applies_asked(plan, asked)
    gaps_are_zero = scope.missing == "zero" and is_numeric(asked)

    def masked(raw: Any, enters: Any, does: Any) -> Any:
        filled = raw.fill_null(0) if gaps_are_zero else raw
        shown = pl.when(enters & does).then(filled)
        return shown.cast(pl.Int64) if asked.is_yes_no else shown

    if len(scope.asked) == 1 and not gaps_are_zero and not asked.is_yes_no:
        masked_value = value
    else:
        does = applies if gaps_are_zero and applies is not None else everywhere(plan)
        masked_value = base.expr(masked, value, entered(plan, scope), does)
    key = ("value", scope.key, asked.key)
    how = "sum" if asked.is_yes_no else asked.rollup

    def rolled(agg: Any) -> Column:
        return plan.steps.rollup((*key, agg), level, scope.base, agg, masked_value)

    if how == "mean":
        total, number = rolled("sum"), rolled("count")
        return plan.at_level(level).expr(
            lambda one, two: pl.when(two > 0).then(one.cast(pl.Float64) / two),
            total,
            number,
        )
    return rolled({"sum": "sum", "schools": "sum"}.get(how, how))


def _applies_above(
    plan: Planner, scope: Scope, asked: RequestedInput, level: str, number: Column
) -> Column | None:
    applies = applies_asked(plan, asked)
    if applies is None:
        return None
    base, here = plan.at_level(scope.base), plan.at_level(level)
    everyone = base.expr(lambda does: does.cast(pl.Int64), applies)
    entered_too = base.expr(
        lambda does, enters: (does & enters).cast(pl.Int64),
        applies,
        entered(plan, scope),
    )
    key = ("applies", scope.key, asked.key)
    return here.expr(
        lambda count, some, all_: pl.when(count > 0).then(some > 0).otherwise(all_ > 0),
        number,
        plan.steps.rollup((*key, "entered"), level, scope.base, "sum", entered_too),
        plan.steps.rollup((*key, "open"), level, scope.base, "sum", everyone),
    )
