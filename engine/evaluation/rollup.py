"""Inputs above the level that gives them: rolled up over the schools that enter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from engine.evaluation import entering
from engine.evaluation.scope import Asked, Scope
from engine.language.readings.reasons import Reason
from engine.language.readings.terms import Column, Term

if TYPE_CHECKING:
    from engine.evaluation.plan import Planner


def roll_up(plan: Planner, scope: Scope, asked: Asked, level: str) -> Term:
    """An input taken together over the schools that enter, at each place of a higher level."""
    here = plan.at_level(level)
    number = entering.count_schools(plan, scope, "entered", level)
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
    exact = entering.is_exact(asked) and asked.rollup != "mean"
    return Term(value, entering.why_missing(plan, scope, level, applies), applies, exact)


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


def _total(plan: Planner, scope: Scope, asked: Asked, level: str) -> Column:
    """The value rolled up over the schools that enter, before anything is asked of their number."""
    base = plan.at_level(scope.base)
    value, applies = entering.value_asked(plan, asked), entering.applies_asked(plan, asked)
    gaps_are_zero = scope.missing == "zero" and entering.is_numeric(asked)

    def masked(raw: Any, enters: Any, does: Any) -> Any:
        filled = raw.fill_null(0) if gaps_are_zero else raw
        shown = pl.when(enters & does).then(filled)
        return shown.cast(pl.Int64) if asked.is_yes_no else shown

    if len(scope.asked) == 1 and not gaps_are_zero and not asked.is_yes_no:
        masked_value = value
    else:
        does = applies if gaps_are_zero and applies is not None else entering.everywhere(plan)
        masked_value = base.expr(masked, value, entering.entered(plan, scope), does)
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
    plan: Planner, scope: Scope, asked: Asked, level: str, number: Column
) -> Column | None:
    applies = entering.applies_asked(plan, asked)
    if applies is None:
        return None
    base, here = plan.at_level(scope.base), plan.at_level(level)
    everyone = base.expr(lambda does: does.cast(pl.Int64), applies)
    entered_too = base.expr(
        lambda does, enters: (does & enters).cast(pl.Int64),
        applies,
        entering.entered(plan, scope),
    )
    key = ("applies", scope.key, asked.key)
    return here.expr(
        lambda count, some, all_: pl.when(count > 0).then(some > 0).otherwise(all_ > 0),
        number,
        plan.steps.rollup((*key, "entered"), level, scope.base, "sum", entered_too),
        plan.steps.rollup((*key, "open"), level, scope.base, "sum", everyone),
    )
