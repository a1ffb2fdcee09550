"""Looking at single points of the data: what any column of a plan is worth at one place and year."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field, replace
from math import isfinite
from typing import TYPE_CHECKING, Any

import polars as pl

from engine.catalogue.model import Catalogue, Missing
from engine.data.library import choose_library, collect_frame
from engine.evaluation.plan import Planner
from engine.evaluation.prepare import frame_data, name_columns
from engine.evaluation.run import run_steps
from engine.evaluation.scenarios import forecast_years
from engine.evaluation.steps import PLACE, SCENARIO, YEAR, ancestor
from engine.language.readings.terms import Column

if TYPE_CHECKING:
    from engine.data.model import Data


@dataclass(frozen=True, slots=True)
class Point:
    """One place of a level, in a year and a scenario."""

    level: str
    place: str
    year: int
    scenario: str


@dataclass(frozen=True, slots=True)
class Viewer:
    """A catalogue and data that are looked at point by point."""

    catalogue: Catalogue
    data: Data

    def look(self, point: Point) -> Looking:
        """A fresh plan whose wanted columns are read at the point."""
        shape = name_columns(self.catalogue, self.data)
        if point.scenario == "forecast":
            shape = replace(shape, forecasts=True)
        nw = choose_library(self.data.schools)
        return Looking(self, point, Planner(self.catalogue, shape, nw))

    def place_above(self, point: Point, level: str) -> Point | None:
        """The place of a higher level that the point lies in, the point itself for its own."""
        places = self.catalogue.places
        if level == point.level:
            return point
        if places.index(level) < places.index(point.level):
            return None
        looking = self.look(point)
        looking.want("above", Column(looking.plan.nw.col(ancestor(level, places))))
        found = looking.values()["above"]
        return None if found is None else replace(point, level=level, place=found)

    def year_before(self, point: Point, tree: ast.expr, missing: Missing) -> Point | None:
        """The same place a year before: of a forecast the fact, or its forecast without one."""
        before = replace(point, year=point.year - 1)
        if point.scenario == "forecast":
            fact = replace(before, scenario="fact")
            looking = self.look(fact)
            term = looking.plan.term(looking.plan.scope(tree, missing), fact.level)
            looking.want("value", term.value)
            values = looking.values()
            return fact if values and values.get("value") is not None else before
        return before


@dataclass(slots=True)
class Looking:
    """The columns wanted of one point, and then their values."""

    viewer: Viewer
    point: Point
    plan: Planner
    wanted: dict[str, Column] = field(default_factory=dict)

    def want(self, name: str, column: Column) -> None:
        """Ask for a column of the point's level under a name."""
        self.wanted[name] = column

    def values(self) -> dict[str, Any]:
        """What the wanted columns are worth; all None where the place has no row.

        A number past all numbers is none, as in the results.
        """
        point = self.point
        rows = self.rows(point.level, self.wanted).filter(pl.col(PLACE) == point.place)
        if rows.is_empty():
            return dict.fromkeys(self.wanted)
        row = rows.row(0, named=True)
        return {name: _finite(row[name]) for name in self.wanted}

    def rows(self, level: str, wanted: dict[str, Column]) -> pl.DataFrame:
        """Columns of every place of a level in the point's year and scenario, with the keys."""
        catalogue, data, plan = self.viewer.catalogue, self.viewer.data, self.plan
        nw, point = plan.nw, self.point
        known = sorted({*data.years, point.year}) if plan.looks_back else [point.year]
        planned = forecast_years(data, (point.year,) if point.scenario == "forecast" else ())
        frames = frame_data(catalogue, data, plan.shape, known, planned)
        frame = run_steps(nw, frames, plan.steps.steps, plan.levels)[level]
        higher = plan.levels[plan.levels.index(level) + 1 :]
        return collect_frame(
            frame.filter((nw.col(YEAR) == point.year) & (nw.col(SCENARIO) == point.scenario))
            .select(
                PLACE,
                *(ancestor(one, plan.levels) for one in higher),
                *(column.expr.alias(name) for name, column in wanted.items()),
            )
            .sort(PLACE)
        )


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not isfinite(value) else value
