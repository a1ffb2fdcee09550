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

    def finite(raw: Any) -> Any:
        number = raw.cast(pl.Float64)
        return pl.when(number.is_finite()).then(number)

    number = step(finite, column)
    shift = step(point_shift, number)
    digits = step(half_away, step(move_point, number, shift))
    places = step(lambda moved: decimals - moved, shift)
    moved = step(move_point, digits, places)
    scaled = step(lambda raw: raw * 10.0**decimals, number)
    return step(round_units, moved, places, scaled)
