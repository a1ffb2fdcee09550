"""Printed values beside their targets, as columns of the plan.

A printed value is a whole number of units of its last decimal, so that what stands here is exact and
says what `judge.py` says of the rows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import polars as pl

from engine.catalogue.goals import goals_at
from engine.catalogue.model import Indicator
from engine.language.readings.exactness import (
    half_away,
    move_point,
    point_shift,
    round_units,
)
from engine.language.readings.reasons import Reason
from engine.language.readings.terms import Column, Term

if TYPE_CHECKING:
    from engine.evaluation.plan import Planner


@dataclass(frozen=True, slots=True)
class Goal:
    """The ends of what is wanted of a year, in units of the last decimal; null where not wanted.

    `has_low`, `has_high`: in some year. `simple`: every year has one end, and that is above 0.
    """

    low: Column
    high: Column
    has_low: bool = True
    has_high: bool = True
    simple: bool = False


def read_value(plan: Planner, row: Indicator, level: str) -> Term:
    """The value of a row as a number, under a name of its own."""

    def make() -> Term:
        term = plan.indicator(row, level).term
        value = plan.at_level(level).expr(lambda one: one.cast(pl.Float64), term.value)
        exact = term.exact or row.type == "yes_no"
        return plan.settle_term(level, Term(value, term.why, exact=exact))

    return plan.remember(("number", row.id, level), make)


def read_printed(plan: Planner, row: Indicator, level: str) -> Column:
    """The value of a row as it is printed, in units of its last decimal."""

    def make() -> Column:
        value = read_value(plan, row, level)
        if value.exact:
            scale = 10.0**row.decimals
            scaled = plan.at_level(level).expr(lambda one: one * scale, value.value)
            return plan.settle(level, scaled) if row.decimals else value.value
        return print_column(plan, level, value.value, row.decimals)

    return plan.remember(("printed", row.id, level), make)


def print_column(plan: Planner, level: str, column: Column, decimals: int) -> Column:
    """A column of numbers as they would be printed, in units of the last decimal.

    So they are compared without noise: 81.95 with one decimal is 820 whatever its last bit. The steps
    are those of `judge.py`; each has a name of its own, for engines read expressions as trees.
    """
    here = plan.at_level(level)

    def step(make: Callable[..., Any], *columns: Column) -> Column:
        return plan.settle(level, here.expr(make, *columns))

    def finite(one: Any) -> Any:
        return pl.when(one.is_finite()).then(one)

    shift = step(lambda one: point_shift(finite(one)), column)
    scaled = step(lambda one, places: move_point(finite(one), places), column, shift)
    digits = step(half_away, scaled)
    moved = step(lambda one, places: move_point(one, decimals - places), digits, shift)
    return step(lambda one, places: round_units(one, decimals - places), moved, shift)


def read_goal(plan: Planner, row: Indicator, level: str) -> Goal | None:
    """What is wanted of a row at a level, year by year; None where nothing ever is."""
    goals = goals_at(plan.catalogue, row, level)
    if not goals:
        return None
    scale = Fraction(10) ** row.decimals
    lows: dict[int, float] = {}
    highs: dict[int, float] = {}
    for year, target in goals.items():
        value = Fraction(target.value or 0)
        last = value if target.value_to is None else target.value_to
        if target.comparator != "at_most":
            lows[year] = float(value * scale)
        if target.comparator != "at_least":
            highs[year] = float(last * scale)
    return Goal(
        plan.by_year(lows, Reason.NOT_APPLICABLE).value,
        plan.by_year(highs, Reason.NOT_APPLICABLE).value,
        bool(lows),
        bool(highs),
        not lows.keys() & highs.keys()
        and all(end > 0 for end in (*lows.values(), *highs.values())),
    )


def reaches(plan: Planner, level: str, printed: Column, goal: Goal) -> Column:
    """Whether a printed value is between the ends; null without a value or without a goal."""

    def hold(value: Any, low: Any, high: Any) -> Any:
        wanted = ~(low.is_null() & high.is_null()) & ~value.is_null()
        inside = (low.is_null() | (value >= low)) & (high.is_null() | (value <= high))
        return pl.when(wanted).then(inside)

    return plan.at_level(level).expr(hold, printed, goal.low, goal.high)
