"""From data to the frames a plan runs on: generated names, one row per place, year and scenario.

Ids never name a column here: a dot reads as a table's name to some engines, names that differ only
in case collide in others, and an id may be `year`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from engine.catalogue.model import Catalogue
from engine.data.library import (
    choose_library,
    compute_small,
    is_small,
    join_cells,
    lay_beside,
    share_frame,
)
from engine.evaluation.run import Frame, make_frames
from engine.evaluation.shape import DataShape
from engine.evaluation.steps import KEYS, PLACE, SCENARIO, YEAR, ancestor

if TYPE_CHECKING:
    from engine.data.model import Data


def name_columns(catalogue: Catalogue, data: Data) -> DataShape:
    """The generated name of every column of the data, and what occurs in it."""
    names = [
        *(f"register:{column}" for column in catalogue.register),
        *(f"input:{one}" for one in catalogue.inputs if one in data.filled),
        *(f"state:{one}" for one in catalogue.inputs if data.odd.get(one)),
    ]
    return DataShape(
        columns={name: f"d{index:04d}" for index, name in enumerate(names)},
        filled=data.filled,
        not_applicable=frozenset(one for one, states in data.odd.items() if 1 in states),
        not_readable=frozenset(one for one, states in data.odd.items() if 2 in states),  # noqa: PLR2004
        forecasts="forecast" in data.scenarios,
    )


def frame_data(
    catalogue: Catalogue,
    data: Data,
    shape: DataShape,
    years: Iterable[int],
    forecast_years: Iterable[int],
) -> dict[str, Frame]:
    """The frame of every level, with the cells of the given years and the years before them."""
    levels = catalogue.places
    nw = choose_library(data.schools)
    schools = _schools(nw, catalogue, data, shape, years)
    forecast_years = tuple(forecast_years)
    fact = schools.with_columns(nw.lit("fact").alias(SCENARIO))
    if forecast_years:
        forecast = schools.filter(nw.col(YEAR).is_in(forecast_years)).with_columns(
            nw.lit("forecast").alias(SCENARIO)
        )
        fact = nw.concat([fact, forecast], how="vertical")
    cells = {level: _cells(nw, frame, "place", shape) for level, frame in data.given.items()}
    frames = make_frames(nw, fact, cells, levels, share_frame)
    small = is_small(data.schools)
    join = join_cells if small else lay_beside
    given = _cells(nw, data.facts, "school", shape)
    frames[levels[0]] = share_frame(join(frames[levels[0]], given, KEYS))
    return compute_small(frames) if small else frames


def _schools(
    nw: Any, catalogue: Catalogue, data: Data, shape: DataShape, years: Iterable[int]
) -> Frame:
    levels = catalogue.places
    present = set(data.schools.collect_schema().names())
    register = {
        name: physical for name, physical in shape.columns.items() if name.startswith("register:")
    }
    return data.schools.filter(nw.col("year").is_in(tuple(years))).select(
        nw.col("school").alias(PLACE),
        nw.col("year").cast(nw.Int32).alias(YEAR),
        *(nw.col(f"level:{level}").alias(ancestor(level, levels)) for level in levels[1:]),
        *(
            (nw.col(name) if name in present else nw.lit(None)).alias(physical)
            for name, physical in register.items()
        ),
    )


def _cells(nw: Any, frame: Any, key: str, shape: DataShape) -> Frame:
    present = frame.collect_schema().names()
    names: Mapping[str, str] = shape.columns
    return frame.select(
        nw.col(key).alias(PLACE),
        nw.col("year").cast(nw.Int32).alias(YEAR),
        nw.col("scenario").alias(SCENARIO),
        *(nw.col(name).alias(names[name]) for name in present if name in names),
    )
