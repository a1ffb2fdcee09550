"""Cells at the level that gives them: their values, where they apply, where they are unreadable.

A forecast is made of forecast values; only a cell given above the level that reports falls back to
all that the fact of the same year says, where it has no value of its own.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from engine.catalogue.model import Input
from engine.data.frame_names import NOT_APPLICABLE, NOT_READABLE
from engine.evaluation.plan.base import PlanBase, remembered
from engine.evaluation.plan.steps import SCENARIO, YEAR
from engine.language.grammar import Formula
from engine.language.readings.columns import ColumnsReading
from engine.language.readings.terms import Column, Reason, Term


def read_register_column(plan: PlanBase, column: str, option: str | None) -> Term:
    """At schools: a column of the register, or whether it is one of its options."""
    physical = plan.shape.columns.get(f"register:{column}")
    if physical is None:
        return plan.nothing(Reason.NOT_REPORTED)
    expr = pl.col(physical) if option is None else pl.col(physical) == option
    return Term(Column(expr), lambda: plan.reason(Reason.NOT_REPORTED))


@remembered
def meets_where(plan: PlanBase) -> Column | None:
    """At schools: whether one counts in the plan; None is all. Where it is not known, it does not."""
    if plan.compared is not None:
        return plan.compared.same
    school = plan.levels[0]
    reading = plan.at_level(school)
    result: Column | None = None
    for tree in plan.where.values():
        condition = ColumnsReading(plan, plan.bare, school).read(tree).value
        holds = reading.expr(
            lambda holds, year: holds.cast(pl.Boolean).fill_null(value=False) & year.is_not_null(),
            condition,
            plan.year,
        )
        result = reading.both(result, holds)
    return result and plan.settle(school, result)


@remembered
def read_input(plan: PlanBase, input_: Input) -> Column:
    """At its level: the cells of an input, null where there is no value or it does not apply."""
    return _fall_back(plan, input_, _own_cell(plan, input_))


@remembered
def _own_cell(plan: PlanBase, input_: Input) -> Column:
    """The cells of the row's own scenario, without the fallback of a forecast to the fact."""
    physical = plan.shape.columns.get(f"input:{input_.id}")
    if physical is None:
        types: dict[str, Any] = {"count": pl.Int64, "number": pl.Float64, "yes_no": pl.Boolean}
        return Column(pl.lit(None, types.get(input_.type, pl.String)), bare=True)
    column = Column(pl.col(physical))
    reading = plan.at_level(input_.level)
    applies = reading.both(applies_by_catalogue(plan, input_), knows_asked(plan, input_))
    if applies is None:
        return column
    values = reading.expr(lambda applies, raw: pl.when(applies).then(raw), applies, column)
    return plan.settle(input_.level, values)


def _fall_back(plan: PlanBase, input_: Input, column: Column) -> Column:
    """`column`; in rows of a forecast whose cell is empty, its value in the row of the fact.

    Only for what is given above the level that reports.
    """
    if not plan.shape.forecasts or input_.level == plan.levels[0]:
        return column
    fact = plan.steps.before(
        input_.level, plan.settle(input_.level, column), shift=0, scenario="fact"
    )
    values = plan.at_level(input_.level).expr(
        lambda scenario, cell, of_scenario, of_fact: (
            pl.when((scenario == "forecast") & cell.is_null()).then(of_fact).otherwise(of_scenario)
        ),
        Column(pl.col(SCENARIO)),
        plan.settle(input_.level, _own_cell(plan, input_)),
        column,
        fact,
    )
    return plan.settle(input_.level, values)


@remembered
def read_applies(plan: PlanBase, input_: Input) -> Column | None:
    """At its level: where an input applies, by the catalogue and by «н/п» in its cell."""
    result = applies_by_catalogue(plan, input_)
    if input_.id in plan.shape.not_applicable:
        state = pl.col(plan.shape.columns[f"state:{input_.id}"])
        by_cell = Column((state != NOT_APPLICABLE).fill_null(value=True), 0, 3)
        known = knows_asked(plan, input_)
        if known is not None:
            # What nobody is asked yet is not filled, whatever its cell says.
            by_cell = plan.at_level(input_.level).expr(
                lambda by_answer, known: by_answer | ~known, by_cell, known
            )
        result = plan.at_level(input_.level).both(result, by_cell)
    return result and _fall_back(plan, input_, plan.settle(input_.level, result))


@remembered
def applies_by_catalogue(plan: PlanBase, input_: Input) -> Column | None:
    """Where an input applies, whatever its cell holds; None is everywhere.

    That is: in its years, at the schools of `applies_to` and of the plan, below a yes/no where the answer is
    yes, and unless a condition of `asked_if` is known not to hold, or does not apply itself.
    """
    reading = plan.at_level(input_.level)
    conditions: list[Column] = []
    if input_.since is not None:
        conditions.append(Column(pl.col(YEAR) >= input_.since, 0, 3))
    if input_.until is not None:
        conditions.append(Column(pl.col(YEAR) <= input_.until, 0, 3))
    for formula in input_.applies_to:
        term = ColumnsReading(plan, plan.bare, input_.level).read(formula.tree)
        # A gap in the register takes no school out: its cell is due, and seen to be missing.
        conditions.append(reading.expr(lambda applies: applies.fill_null(value=True), term.value))
    inside = meets_where(plan) if input_.level == plan.levels[0] else None
    if inside is not None:
        conditions.append(inside)
    if input_.asked_when is not None:
        answer = read_input(plan, plan.catalogue.inputs[input_.asked_when])
        conditions.append(reading.expr(lambda yes: yes.fill_null(value=False), answer))
    for formula in input_.asked_if:
        term = _read_asking(plan, input_, formula)
        holds = reading.expr(lambda holds: holds.fill_null(value=True), term.value)
        conditions.append(reading.both(holds, term.applies) or holds)
    result: Column | None = None
    for condition in conditions:
        result = reading.both(result, condition)
    return result and plan.settle(input_.level, result)


@remembered
def knows_asked(plan: PlanBase, input_: Input) -> Column | None:
    """At its level: where it is known whether `asked_if` asks an input; None is everywhere.

    Elsewhere the cell is not filled: nobody is asked it before the answers that decide are there.
    """
    reading = plan.at_level(input_.level)
    known: Column | None = None
    for formula in input_.asked_if:
        term = _read_asking(plan, input_, formula)
        known = reading.both(known, reading.expr(lambda holds: ~holds.is_null(), term.value))
    return known and plan.settle(input_.level, known)


@remembered
def _read_asking(plan: PlanBase, input_: Input, formula: Formula) -> Term:
    """A condition of `asked_if` at the places of the input, each cell read by itself."""
    term = ColumnsReading(plan, plan.bare, input_.level).read(formula.tree)
    return plan.settle_term(input_.level, term)


@remembered
def read_unreadable(plan: PlanBase, input_: Input) -> Column | None:
    """At its level: where the cell of an input cannot be read; None is nowhere."""
    if input_.id not in plan.shape.not_readable:
        return None
    state = pl.col(plan.shape.columns[f"state:{input_.id}"])
    unreadable = Column((state == NOT_READABLE).fill_null(value=False), 0, 3)
    known = knows_asked(plan, input_)
    unreadable = plan.at_level(input_.level).both(unreadable, known) or unreadable
    return _fall_back(plan, input_, unreadable)
