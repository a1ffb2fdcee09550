"""Cells at the level that gives them: their values, where they apply, where they are unreadable.

A forecast is made of forecast values; only a cell given above the level that reports falls back to
all that the fact of the same year says, where it has no value of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from engine.catalogue.model import Input
from engine.evaluation.plan.steps import SCENARIO, YEAR
from engine.language.readings.columns import ColumnsReading
from engine.language.readings.terms import Column, Reason, Term

if TYPE_CHECKING:
    from engine.evaluation.plan.planner import Planner

NOT_APPLICABLE, NOT_READABLE = 1, 2
"""The codes of odd cells in the data's columns of states."""


def read_register_column(plan: Planner, column: str, option: str | None) -> Term:
    """At schools: a column of the register, or whether it is one of its options."""
    physical = plan.shape.columns.get(f"register:{column}")
    if physical is None:
        return plan.nothing(Reason.NOT_REPORTED)
    expr = pl.col(physical) if option is None else pl.col(physical) == option
    return Term(Column(expr), lambda: plan.reason(Reason.NOT_REPORTED))


def read_input(plan: Planner, one: Input) -> Column:
    """At its level: the cells of an input, null where there is no value or it does not apply."""
    return plan.remember(("cell", one.id), lambda: _fall_back(plan, one, _own_cell(plan, one)))


def _own_cell(plan: Planner, one: Input) -> Column:
    """The cells as each scenario gives them."""
    return plan.remember(("own cell", one.id), lambda: _cell(plan, one))


def _fall_back(plan: Planner, one: Input, column: Column) -> Column:
    """What the cells say, in `column`; beside a forecast without a value, what the fact says."""
    if not plan.shape.forecasts or one.level == plan.levels[0]:
        return column
    fact = plan.steps.before(one.level, plan.settle(one.level, column), shift=0, scenario="fact")
    fallen = plan.at_level(one.level).expr(
        lambda scenario, cell, own, other: (
            pl.when((scenario == "forecast") & cell.is_null()).then(other).otherwise(own)
        ),
        Column(pl.col(SCENARIO)),
        plan.settle(one.level, _own_cell(plan, one)),
        column,
        fact,
    )
    return plan.settle(one.level, fallen)


def _cell(plan: Planner, one: Input) -> Column:
    physical = plan.shape.columns.get(f"input:{one.id}")
    if physical is None:
        kinds: dict[str, Any] = {
            "count": pl.Int64,
            "number": pl.Float64,
            "yes_no": pl.Boolean,
        }
        return Column(pl.lit(None, kinds.get(one.type, pl.String)), bare=True)
    column = Column(pl.col(physical))
    register = register_applies(plan, one)
    if register is None:
        return column
    here = plan.at_level(one.level)
    masked = here.expr(lambda does, raw: pl.when(does).then(raw), register, column)
    return plan.settle(one.level, masked)


def read_applies(plan: Planner, one: Input) -> Column | None:
    """At its level: where an input applies, by the register, the years and «н/п»."""
    return plan.remember(("applies", one.id), lambda: _applies(plan, one))


def _applies(plan: Planner, one: Input) -> Column | None:
    result = register_applies(plan, one)
    if one.id in plan.shape.not_applicable:
        state = pl.col(plan.shape.columns[f"state:{one.id}"])
        asked = Column((state != NOT_APPLICABLE).fill_null(value=True), 0, 3)
        result = plan.at_level(one.level).both(result, asked)
    return result and _fall_back(plan, one, plan.settle(one.level, result))


def register_applies(plan: Planner, one: Input) -> Column | None:
    """What says that an input does not apply before its cell is looked at."""
    return plan.remember(("register", one.id), lambda: _register_applies(plan, one))


def _register_applies(plan: Planner, one: Input) -> Column | None:
    here = plan.at_level(one.level)
    conditions: list[Column] = []
    if one.since is not None:
        conditions.append(Column(pl.col(YEAR) >= one.since, 0, 3))
    if one.until is not None:
        conditions.append(Column(pl.col(YEAR) <= one.until, 0, 3))
    for formula in one.applies_to:
        term = ColumnsReading(plan, plan.bare, one.level).read(formula.tree)
        # A gap in the register takes no school out: the cell is asked, and seen to be missing.
        conditions.append(here.expr(lambda does: does.fill_null(value=True), term.value))
    if one.asked_when is not None:
        answer = read_input(plan, plan.catalogue.inputs[one.asked_when])
        conditions.append(here.expr(lambda said: said.fill_null(value=False), answer))
    result: Column | None = None
    for condition in conditions:
        result = here.both(result, condition)
    return result and plan.settle(one.level, result)


def read_unreadable(plan: Planner, one: Input) -> Column | None:
    """At its level: where the cell of an input cannot be read; None is nowhere."""
    if one.id not in plan.shape.not_readable:
        return None
    state = pl.col(plan.shape.columns[f"state:{one.id}"])
    unreadable = Column((state == NOT_READABLE).fill_null(value=False), 0, 3)
    return plan.remember(("unreadable", one.id), lambda: _fall_back(plan, one, unreadable))
