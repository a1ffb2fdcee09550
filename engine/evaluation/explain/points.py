"""Values at single points: any column of a plan at one place, in one year and scenario."""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from math import isfinite
from typing import Any, TypeVar

import polars as pl

from engine.catalogue.model import Catalogue, Missing
from engine.data.frames import collect_frames
from engine.data.model import Data, SourceCell
from engine.data.origins import CellFinder, PlaceYearKey
from engine.evaluation.plan.planner import Planner
from engine.evaluation.plan.same_schools import compare_year
from engine.evaluation.plan.scopes import Pairing, Side
from engine.evaluation.plan.steps import PLACE, SCENARIO, YEAR, Derive, ancestor
from engine.evaluation.prepare import frame_data, name_columns
from engine.evaluation.results import find_scenario_cells, forecast_years
from engine.evaluation.run import run_steps
from engine.language.grammar import Formula
from engine.language.readings.arithmetic import LARGEST_WHOLE, SIGNIFICANT
from engine.language.readings.terms import Column

_Made = TypeVar("_Made")


@dataclass(frozen=True, slots=True)
class Point:
    """One place of a level, in a year and a scenario.

    `where`: the conditions that the schools of which it is read all meet. `compared`: of a change
    over the same schools at the point, the side that is read.
    """

    level: str
    place: str
    year: int
    scenario: str
    where: tuple[Formula, ...] = ()
    compared: tuple[Pairing, Side] | None = None

    @property
    def origin(self) -> Point:
        """The point, of all schools, in the year and the scenario that what is read was given in."""
        if self.compared is None:
            return self
        pairing, side = self.compared
        now = replace(self, compared=None)
        return now if side == "now" else replace(now, year=self.year - 1, scenario=pairing.scenario)


FindCells = Callable[[PlaceYearKey, frozenset[str]], "list[SourceCell]"]
"""From level, place, year, scenario and ids of inputs to the cells that were read."""


@dataclass(frozen=True, slots=True)
class PointReader:
    """A catalogue and data that are read point by point.

    `years`: those of many points; what is computed for one of them is then computed for all
    places and all these years at once, and kept. `find` finds the cells of a place; without it
    those of all places of a list are read at once.
    """

    catalogue: Catalogue
    data: Data
    years: tuple[int, ...] = ()
    find: FindCells | None = None
    _kept: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)

    def keep(self, key: Any, make: Callable[[], _Made]) -> _Made:
        """What was made under the key, or is made now."""
        if key not in self._kept:
            self._kept[key] = make()
        made: _Made = self._kept[key]
        return made

    def span(self, point: Point) -> tuple[int, ...]:
        """The years that are computed together with the point's."""
        return self.years if point.year in self.years else (point.year,)

    def cells(
        self, level: str, point: Point, places: Sequence[str], inputs: Collection[str]
    ) -> dict[str, list[SourceCell]]:
        """The cells of places of a level in the point's year and scenario, by place."""
        find = self.find or CellFinder(self.data, (point.year,), tuple(places)).find
        above = level != self.catalogue.levels[0]

        def read(place: str) -> list[SourceCell]:
            def find_here(scenario: str, names: frozenset[str]) -> list[SourceCell]:
                return find((level, place, point.year, scenario), names)

            return find_scenario_cells(find_here, point.scenario, inputs, above=above)

        return {place: read(place) for place in places}

    def query(self, point: Point) -> PointQuery:
        """A fresh plan whose wanted columns are read at the point."""
        shape = name_columns(self.catalogue, self.data)
        if point.scenario == "forecast":
            shape = replace(shape, forecasts=True)
        plan = Planner(self.catalogue, shape).within(point.where)
        if point.compared is not None:
            plan = compare_year(plan, *point.compared)
        return PointQuery(self, point, plan)

    def place_above(self, point: Point, level: str) -> Point | None:
        """The place of a higher level that the point lies in, of all its schools; for its own itself."""
        places = self.catalogue.places
        if level == point.level:
            return point
        if places.index(level) < places.index(point.level):
            return None
        query = self.query(point)
        query.want("above", Column(pl.col(ancestor(level, places))))
        place = query.values(("above", level))["above"]
        return None if place is None else replace(point, level=level, place=place, where=())

    def year_before(self, point: Point, tree: ast.expr, missing: Missing) -> Point | None:
        """The same place a year before: of a forecast the fact, or its forecast without one."""
        before = replace(point, year=point.year - 1)
        if point.scenario == "forecast":
            fact = replace(before, scenario="fact")
            query = self.query(fact)
            term = query.plan.term(query.plan.scope(tree, missing), fact.level)
            query.want("value", term.value)
            values = query.values(("before", ast.dump(tree), missing))
            return fact if values and values.get("value") is not None else before
        return before


@dataclass(slots=True)
class PointQuery:
    """The columns wanted of one point, and then their values."""

    reader: PointReader
    point: Point
    plan: Planner
    wanted: dict[str, Column] = field(default_factory=dict)
    noisy: set[str] = field(default_factory=set)

    def want(self, name: str, column: Column, *, exact: bool = True) -> None:
        """Ask for a column of the point's level under a name; `exact`: free of binary noise."""
        self.wanted[name] = column
        if not exact:
            self.noisy.add(name)

    def values(self, key: Any = None) -> dict[str, Any]:
        """What the wanted columns are worth; all None where the place has no row.

        A number past all numbers is none, and one that may have noise is at 12 significant digits, as
        in the results. With a `key`, which says what is wanted, the columns are kept for the next point.
        """
        point = self.point
        rows = self.rows(point.level, self.wanted, key).filter(pl.col(PLACE) == point.place)
        if rows.is_empty():
            return dict.fromkeys(self.wanted)
        row = rows.row(0, named=True)
        return {name: clean_number(row[name], noisy=name in self.noisy) for name in self.wanted}

    def rows(self, level: str, wanted: dict[str, Column], key: Any = None) -> pl.DataFrame:
        """Columns of every place of a level in the point's year and scenario, with the keys.

        With a `key` they are kept for the next point.
        """
        point = self.point
        span = self.reader.span(point)

        def compute() -> pl.DataFrame:
            return self._compute(level, wanted, span)

        kept = (key, *self.plan.key, level, point.scenario, span)
        frame = compute() if key is None else self.reader.keep(kept, compute)
        return frame.filter(pl.col(YEAR) == point.year).drop(YEAR)

    def _compute(
        self, level: str, wanted: dict[str, Column], span: tuple[int, ...]
    ) -> pl.DataFrame:
        plan = self.plan
        results = [Derive.of(name, level, column) for name, column in wanted.items()]
        frame = run_steps(self._frames(span), plan.steps.steps, plan.levels, results)[level]
        higher = plan.levels[plan.levels.index(level) + 1 :]
        of_point = pl.col(YEAR).is_in(span) & (pl.col(SCENARIO) == self.point.scenario)
        return (
            frame.filter(of_point)
            .select(
                PLACE,
                YEAR,
                *(ancestor(upper, plan.levels) for upper in higher),
                *wanted,
            )
            .sort(YEAR, PLACE)
        )

    def _frames(self, span: tuple[int, ...]) -> dict[str, Any]:
        """The prepared data; for many points alike, so kept."""
        catalogue, data, plan = self.reader.catalogue, self.reader.data, self.plan
        known = tuple(sorted({*data.years, *span})) if plan.looks_back else span
        forecast = span if self.point.scenario == "forecast" else ()

        def prepare() -> dict[str, Any]:
            planned = forecast_years(data, forecast)
            frames = frame_data(catalogue, data, plan.shape, known, planned)
            held = collect_frames(list(frames.values()))
            return dict(zip(frames, (frame.lazy() for frame in held), strict=True))

        return self.reader.keep(("frames", known, forecast), prepare)


def clean_number(value: Any, *, noisy: bool) -> Any:
    """A number without what is binary noise in it, None for one that is no number."""
    if not isinstance(value, float):
        return value
    if not isfinite(value):
        return None
    return float(f"{value:.{SIGNIFICANT}g}") if noisy or abs(value) > LARGEST_WHOLE else value
