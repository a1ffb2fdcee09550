"""From data to the frames a plan runs on: generated names, one row per place, year and scenario.

An id never names a column of a frame: a dot reads as a table's name to some engines, names that differ only
in case collide in others, and an id may be `year`.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from engine.catalogue.model import Catalogue
from engine.data.frame_names import NOT_APPLICABLE, NOT_READABLE, code_scenario
from engine.data.frames import collect_frame, collect_frames
from engine.data.model import Data
from engine.data.successors import find_heirs
from engine.evaluation.plan.compiled_plan import DataShape
from engine.evaluation.plan.steps import HEIR, PLACE, SCENARIO, YEAR, ancestor
from engine.evaluation.plan.targets import COMPARATORS
from engine.evaluation.run import make_frames

CODE = "k_code"
"""The key of a row of schools as one number (see `code_facts`): joined on it, not on texts."""


def name_columns(catalogue: Catalogue, data: Data) -> DataShape:
    """The generated name of every column of the data, and what occurs in it."""
    names = [
        *(f"register:{column}" for column in catalogue.register),
        *(f"input:{name}" for name in catalogue.inputs if name in data.filled),
        *(f"state:{name}" for name in catalogue.inputs if data.odd.get(name)),
        *_name_targets(data),
    ]
    return DataShape(
        columns={name: f"d{index:04d}" for index, name in enumerate(names)},
        filled=data.filled,
        not_applicable=frozenset(
            name for name, states in data.odd.items() if NOT_APPLICABLE in states
        ),
        not_readable=frozenset(name for name, states in data.odd.items() if NOT_READABLE in states),
        forecasts="forecast" in data.scenarios,
        unschooled=frozenset(level for level, frame in data.unschooled.items() if frame.height),
    )


def frame_data(
    catalogue: Catalogue,
    data: Data,
    shape: DataShape,
    years: Iterable[int],
    forecast_years: Iterable[int],
) -> dict[str, pl.LazyFrame]:
    """The frame of every level, with the cells of the given years and the years before them."""
    levels = catalogue.places
    years, forecast_years = tuple(years), tuple(forecast_years)
    schools = _schools(catalogue, data, shape, years)
    if any(indicator.same_schools for indicator in catalogue.indicators.values()):
        schools = schools.join(_list_heirs(data), on=[PLACE, YEAR], how="left")
    rows = schools.with_columns(pl.lit("fact").alias(SCENARIO))
    if forecast_years:
        forecast = schools.filter(pl.col(YEAR).is_in(forecast_years)).with_columns(
            pl.lit("forecast").alias(SCENARIO)
        )
        rows = pl.concat([rows, forecast], how="vertical")
    rows = rows.with_columns(code_scenario(pl.col(CODE), pl.col(SCENARIO)))
    cells = {level: _cells(frame, shape) for level, frame in data.given.items()}
    unschooled = {
        level: _unschooled(frame, level, levels, years, forecast_years)
        for level, frame in data.unschooled.items()
    }
    queries = make_frames(rows, cells, levels, unschooled)
    frames = dict(zip(queries, collect_frames(list(queries.values())), strict=True))
    frames = {level: _join_targets(frame, level, data, shape) for level, frame in frames.items()}
    facts = data.facts.select(pl.col("code").alias(CODE), *_name_cells(data.facts, shape))
    schools = _join_cells(frames[levels[0]], facts)
    return {level: frame.lazy() for level, frame in frames.items()} | {levels[0]: schools}


def _name_targets(data: Data) -> list[str]:
    """The columns of the targets that are given: what they hold, their level and indicator."""
    if data.targets is None:
        return []
    given = data.targets.select("level", "indicator").unique(maintain_order=True)
    return [
        f"{what}:{level}:{indicator}"
        for level, indicator in given.iter_rows()
        for what in ("target", "comparator")
    ]


def _join_targets(frame: pl.DataFrame, level: str, data: Data, shape: DataShape) -> pl.DataFrame:
    """The rows of a level with the targets that are given to its places."""
    if data.targets is None:
        return frame
    codes = {word: code for code, word in enumerate(COMPARATORS)}
    of_level = data.targets.filter(pl.col("level") == level).with_columns(
        pl.col("comparator").replace_strict(codes, return_dtype=pl.Int8)
    )
    for (indicator,), rows in of_level.group_by("indicator", maintain_order=True):
        names = {
            what: shape.columns.get(f"{what}:{level}:{indicator}")
            for what in ("target", "comparator")
        }
        columns = {"target": "value", "comparator": "comparator"}
        frame = frame.join(
            rows.select(
                pl.col("place").alias(PLACE),
                pl.col("year").alias(YEAR),
                *(pl.col(columns[what]).alias(name) for what, name in names.items() if name),
            ),
            on=[PLACE, YEAR],
            how="left",
            maintain_order="left",
        )
    return frame


def _join_cells(schools: pl.DataFrame, cells: pl.LazyFrame) -> pl.LazyFrame:
    """The rows of schools with their cells; those without cells stay, with nulls.

    The cells, which have many times more columns than the rows, stay as they lie, if need be in a
    file: the rows are joined to their codes, in their order, and the two are put side by side.
    """
    beside = collect_frame(cells.select(CODE)).join(
        schools, on=CODE, how="left", maintain_order="left"
    )
    filled = pl.concat([beside.lazy(), cells.drop(CODE)], how="horizontal")
    if beside[PLACE].null_count():
        filled = filled.filter(pl.col(PLACE).is_not_null())
    empty = schools.filter(~pl.col(CODE).is_in(beside[CODE].implode()))
    return pl.concat([filled, empty.lazy()], how="diagonal").drop(CODE)


def _schools(
    catalogue: Catalogue, data: Data, shape: DataShape, years: Iterable[int]
) -> pl.LazyFrame:
    levels = catalogue.places
    present = set(data.schools.collect_schema().names())
    register = {
        name: physical for name, physical in shape.columns.items() if name.startswith("register:")
    }
    return data.schools.filter(pl.col("year").is_in(tuple(years))).select(
        pl.col("school").alias(PLACE),
        pl.col("year").cast(pl.Int32).alias(YEAR),
        pl.col("code").alias(CODE),
        *(pl.col(f"level:{level}").alias(ancestor(level, levels)) for level in levels[1:]),
        *(
            (pl.col(name) if name in present else pl.lit(None)).alias(physical)
            for name, physical in register.items()
        ),
    )


def _list_heirs(data: Data) -> pl.LazyFrame:
    """The keys of schools, and which school stands for each a year later."""
    schools = collect_frame(data.schools.select("school", "year"))
    heirs = find_heirs(schools, data.register.successors if data.register else {})
    return heirs.lazy().rename({"school": PLACE, "year": YEAR, "heir": HEIR})


def _unschooled(
    places: pl.DataFrame,
    level: str,
    levels: tuple[str, ...],
    years: Iterable[int],
    forecast_years: Iterable[int],
) -> pl.LazyFrame:
    """The rows of places without an open school, by the keys, with the higher places."""
    above = levels[levels.index(level) + 1 :]
    rows = places.lazy().select(
        pl.col("place").alias(PLACE),
        pl.col("year").alias(YEAR),
        *(pl.col(f"level:{each}").alias(ancestor(each, levels)) for each in above),
    )
    return pl.concat(
        rows.filter(pl.col(YEAR).is_in(list(of_scenario))).with_columns(
            pl.lit(scenario).alias(SCENARIO)
        )
        for scenario, of_scenario in (("fact", years), ("forecast", forecast_years))
    )


def _cells(frame: pl.LazyFrame, shape: DataShape) -> pl.LazyFrame:
    return frame.select(
        pl.col("place").alias(PLACE),
        pl.col("year").cast(pl.Int32).alias(YEAR),
        pl.col("scenario").alias(SCENARIO),
        *_name_cells(frame, shape),
    )


def _name_cells(frame: pl.LazyFrame, shape: DataShape) -> list[pl.Expr]:
    """The cells of a frame under their generated names."""
    names = shape.columns
    present = frame.collect_schema().names()
    return [pl.col(name).alias(names[name]) for name in present if name in names]
