"""The steps of a plan: the columns that arithmetic alone does not make, and when each can be made.

Every level has one frame, a row per place, year and scenario. A step adds one column to the frame
of a level: derived from its own columns, rolled up from the rows of a lower level, taken from the
place above, or taken from the same place a year before. A step of stage n reads columns of stages
up to n. What it derives is there in stage n at once, what it takes from other rows in stage n + 1: so
the whole plan runs stage by stage, to any depth of nesting.

The expression of a step bears the step's name.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from engine.language.readings.terms import Column

Aggregate = str
"""sum, count, min, max, median, last, or "percentile 90"; total: a sum of numbers that may have noise."""
DECOMPOSABLE: tuple[Aggregate, ...] = ("sum", "total", "count", "min", "max")
"""Roll-ups that may be taken in steps, over districts first."""

PLACE, YEAR, SCENARIO = "k_place", "k_year", "k_scenario"
KEYS = (PLACE, YEAR, SCENARIO)
"""The keys of every frame."""
NOWHERE = pl.when(pl.col(YEAR).is_null()).then(0.0)
"""No value, as long as the frame: beside a condition Polars takes a literal for one row."""
HEIR = "k_heir"
"""Of a school in a year the school that stands for it a year later: itself, or its successor."""
UNSCHOOLED = "k_unschooled"
"""Whether a place has no open school; the column is there only where some place has none."""


def choose_sum(*, exact: bool) -> Aggregate:
    """How numbers are summed; `exact`: they are whole, and cancel without noise."""
    return "sum" if exact else "total"


def ancestor(level: str, levels: tuple[str, ...]) -> str:
    """The column that holds the place of a higher level."""
    return f"k_level{levels.index(level)}"


@dataclass(frozen=True, slots=True)
class Derive:
    """A column made of others of the same row."""

    name: str
    level: str
    stage: int
    expr: Any

    @classmethod
    def of(cls, name: str, level: str, column: Column) -> Derive:
        """The column under a name."""
        return cls(name, level, column.stage, column.expr.alias(name))


@dataclass(frozen=True, slots=True)
class Rollup:
    """A column of `source`'s rows taken together for each place of `level`.

    Equal ones for several levels have one name, so that they are told to be the same.
    """

    name: str
    level: str
    stage: int
    source: str
    how: Aggregate
    expr: Any


@dataclass(frozen=True, slots=True)
class Above:
    """A column of the row of `source`, a higher level, in which this place lies."""

    name: str
    level: str
    stage: int
    source: str
    expr: Any


@dataclass(frozen=True, slots=True)
class Before:
    """A column of the same place's row `shift` years before, of one scenario or of its own."""

    name: str
    level: str
    stage: int
    shift: int
    scenario: str | None
    expr: Any


@dataclass(frozen=True, slots=True)
class Joined:
    """A column of the rows, a year before and of one scenario, of the schools a school stands for.

    They are the school itself and those that it has taken in since.
    """

    name: str
    level: str
    stage: int
    scenario: str
    how: Aggregate
    expr: Any


Step = Derive | Rollup | Above | Before | Joined


@dataclass(slots=True)
class Steps:
    """The steps gathered so far; equal steps, by their key, are made once.

    `where`: what tells the schools that a roll-up is taken over from those of other plans.
    """

    levels: tuple[str, ...]
    steps: list[Step] = field(default_factory=list)
    made: dict[Hashable, Column] = field(default_factory=dict)
    rolled: dict[Hashable, tuple[str, Any]] = field(default_factory=dict)
    where: tuple[str, ...] = ()

    def derive(self, level: str, column: Column) -> Column:
        """The column under a name of its own."""
        if column.size == 1:
            return column
        return self._add(None, Derive.of(self._name(), level, column))

    def rollup(
        self, key: Hashable, level: str, source: str, how: Aggregate, column: Column
    ) -> Column:
        """The column of `source` rolled up to `level`."""
        key = (key, *self.where)
        full = ("rollup", key, level, source, how)
        if full in self.made:
            return self.made[full]
        if (key, source, how) not in self.rolled:
            name = self._name()
            self.rolled[key, source, how] = name, column.expr.alias(name)
        name, expr = self.rolled[key, source, how]
        return self._add(full, Rollup(name, level, column.stage, source, how, expr))

    def above(self, level: str, source: str, column: Column) -> Column:
        """The column of the place of `source` that each place of `level` lies in."""
        name = self._name()
        expr = column.expr.alias(name)
        return self._add(None, Above(name, level, column.stage, source, expr))

    def before(
        self, level: str, column: Column, *, shift: int = 1, scenario: str | None = None
    ) -> Column:
        """The column `shift` years before."""
        name = self._name()
        expr = column.expr.alias(name)
        return self._add(None, Before(name, level, column.stage, shift, scenario, expr))

    def joined(self, level: str, column: Column, *, how: Aggregate, scenario: str) -> Column:
        """The column a year before, over all the schools that a school stands for."""
        name = self._name()
        expr = column.expr.alias(name)
        return self._add(None, Joined(name, level, column.stage, scenario, how, expr))

    def _name(self) -> str:
        return f"c{len(self.steps):04d}"

    def _add(self, key: Hashable, step: Step) -> Column:
        self.steps.append(step)
        column = Column(pl.col(step.name), step.stage + (not isinstance(step, Derive)))
        if key is not None:
            self.made[key] = column
        return column
