"""Numbers as they are printed, as columns of the plan: in whole units of the last decimal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl

from engine.evaluation.plan.base import PlanBase
from engine.language.readings.arithmetic import half_away, move_point, point_shift, round_units
from engine.language.readings.terms import Column


def print_column(plan: PlanBase, level: str, column: Column, decimals: int) -> Column:
    """A column of numbers as they would be printed, in units of the last decimal.

    So they are compared without noise: 81.95 with one decimal is 820 whatever its last bit. The
    operations are those of `judge.py`; each result has a name of its own, for engines read
    expressions as trees.
    """
    reading = plan.at_level(level)

    def step(make: Callable[..., Any], *columns: Column) -> Column:
        return plan.settle(level, reading.expr(make, *columns))

    def finite(number: Any) -> Any:
        return pl.when(number.is_finite()).then(number)

    shift = step(lambda raw: point_shift(finite(raw)), column)
    scaled = step(lambda raw, places: move_point(finite(raw), places), column, shift)
    digits = step(half_away, scaled)
    moved = step(lambda whole, places: move_point(whole, decimals - places), digits, shift)
    return step(
        lambda number, places, raw: round_units(
            number, decimals - places, finite(raw) * 10.0**decimals
        ),
        moved,
        shift,
        column,
    )
