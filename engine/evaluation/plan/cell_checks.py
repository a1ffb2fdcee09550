"""What may be odd about a single cell beside the register and the other cells of its school.

These are warnings: such a cell is not counted, or was not given, and nobody else would say so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from engine.catalogue.model import Input
from engine.evaluation.plan.compiled_plan import CellRule
from engine.evaluation.plan.inputs import read_input, register_applies
from engine.evaluation.plan.planner import Planner
from engine.evaluation.plan.steps import SCENARIO
from engine.language.readings.terms import Column
from engine.translation import gettext as _


@dataclass(frozen=True, slots=True)
class CellCheck:
    """`holds`: a column that is false where the cell is odd, None where it cannot be."""

    holds: Callable[[Planner, Input, frozenset[str]], Column | None]
    about: Callable[[Input], CellRule]


def _not_asked(plan: Planner, one: Input, filled: frozenset[str]) -> Column | None:
    """A value where the input does not apply."""
    applies = register_applies(plan, one)
    if one.id not in filled or applies is None or not (one.applies_to or one.asked_when):
        return None
    raw = Column(pl.col(plan.shape.columns[f"input:{one.id}"]))
    here = plan.at_level(one.level)
    return here.expr(lambda value, does: value.is_null() | does, raw, applies)


def _about_not_asked(one: Input) -> CellRule:
    return CellRule(
        one.id,
        "does-not-apply",
        _("“{title}” ({id}) does not apply here, the value is not counted — {place}, {year}"),
        _("empty the cell, or mend the register of schools"),
    )


def _required(plan: Planner, one: Input, filled: frozenset[str]) -> Column | None:
    """No value where a yes asks for one: the date and the link of what is said to exist."""
    applies = register_applies(plan, one)
    if not one.required or one.asked_when is None or applies is None:
        return None
    if one.asked_when not in filled:
        return None
    here = plan.at_level(one.level)
    # A plan for a year has no date and no link yet.
    planned = Column(pl.col(SCENARIO) == "forecast", 0, 3)
    return here.expr(
        lambda value, does, plan_only: ~value.is_null() | ~does | plan_only,
        read_input(plan, one),
        applies,
        planned,
    )


def _about_required(one: Input) -> CellRule:
    return CellRule(
        one.id,
        "required",
        _("“{title}” ({id}) is due beside the answer “yes” — {place}, {year}"),
        _("fill the cell in, or change the answer"),
    )


CELL_RULES: tuple[CellCheck, ...] = (
    CellCheck(_not_asked, _about_not_asked),
    CellCheck(_required, _about_required),
)
