"""What may be odd about a single cell beside the register and the other cells of its school.

These are warnings: such a cell is not counted, or is empty, and no check of the catalogue says so.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from engine.catalogue.model import Input
from engine.evaluation.plan.base import PlanBase
from engine.evaluation.plan.compiled_plan import CellRule
from engine.evaluation.plan.inputs import applies_by_catalogue, knows_asked, read_input
from engine.evaluation.plan.steps import SCENARIO
from engine.language.readings.terms import Column
from engine.translation import gettext as _


def check_cells(plan: PlanBase) -> Iterator[tuple[CellRule, Column]]:
    """Every rule for the cells of an input, with a column that is false where a cell breaks it."""
    inputs = plan.catalogue.inputs.values()
    for input_ in inputs:
        holds = _not_due(plan, input_)
        if holds is not None:
            yield (
                CellRule(
                    input_.id,
                    "does-not-apply",
                    _(
                        "“{title}” ({id}) does not apply here, "
                        "the value is not counted — {place}, {year}"
                    ),
                    _("empty the cell, or mend the register"),
                ),
                holds,
            )
    for input_ in inputs:
        holds = _required(plan, input_)
        if holds is not None:
            message = _("after “yes” to “{owner}” the cell “{title}” is due — {place}, {year}")
            if input_.asked_when is None:
                message = _("where {condition}, the cell “{title}” is due — {place}, {year}")
            hint = _("fill the cell in, or change the answer")
            yield CellRule(input_.id, "required", message, hint), holds


def _not_due(plan: PlanBase, input_: Input) -> Column | None:
    """No value where the input does not apply."""
    reading = plan.at_level(input_.level)
    applies = reading.both(applies_by_catalogue(plan, input_), knows_asked(plan, input_))
    conditional = input_.applies_to or input_.asked_when or input_.asked_if
    if input_.id not in plan.shape.filled or applies is None or not conditional:
        return None
    raw = Column(pl.col(plan.shape.columns[f"input:{input_.id}"]))
    return reading.expr(lambda value, applies: value.is_null() | applies, raw, applies)


def _required(plan: PlanBase, input_: Input) -> Column | None:
    """A value where an answer requires one: the date and the link of what a yes says exists."""
    waits = input_.asked_when in plan.shape.filled or input_.asked_if
    reading = plan.at_level(input_.level)
    applies = reading.both(applies_by_catalogue(plan, input_), knows_asked(plan, input_))
    if not input_.required or applies is None or not waits:
        return None
    # A plan for a year has no date and no link yet.
    planned = Column(pl.col(SCENARIO) == "forecast", 0, 3)
    return reading.expr(
        lambda value, applies, plan_only: ~value.is_null() | ~applies | plan_only,
        read_input(plan, input_),
        applies,
        planned,
    )
