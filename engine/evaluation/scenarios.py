"""Facts and forecasts: which years and places have rows of a forecast."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import polars as pl

from engine.catalogue.model import Catalogue
from engine.data.library import collect_frame

if TYPE_CHECKING:
    from engine.data.model import Cell, Data


def forecast_years(data: Data, asked: Iterable[int]) -> tuple[int, ...]:
    """The years asked for as forecasts, and those in which the data hold one."""
    found = set(asked)
    if "forecast" in data.scenarios:
        for frame in (data.forecast_keys, *data.given.values()):
            rows = frame
            if frame is not data.forecast_keys:
                rows = rows.filter(pl.col("scenario") == "forecast")
            found |= set(collect_frame(rows.select("year").unique())["year"].to_list())
    return tuple(sorted(found))


def drop_unplanned(frame: pl.DataFrame, catalogue: Catalogue, data: Data) -> pl.DataFrame:
    """Without the forecasts of places and years in which nothing is forecast."""
    if "forecast" not in data.scenarios:
        return frame
    planned = _places_with_forecast(catalogue, data).with_columns(planned=pl.lit(value=True))
    kept = (
        frame.lazy()
        .join(planned, on=["level", "place", "year"], how="left", maintain_order="left")
        .filter((pl.col("scenario") == "fact") | pl.col("planned"))
        .drop("planned")
    )
    return collect_frame(kept)


def read_scenario(
    find: Callable[[str, frozenset[str]], list[Cell]],
    scenario: str,
    inputs: Iterable[str],
    *,
    above: bool,
) -> list[Cell]:
    """The cells of a place that formulas of a scenario read; `find` gives those of one scenario.

    `above`: they are given above the level that reports. Then those of the fact stand beside a
    forecast that has no value.
    """
    wanted = frozenset(inputs)
    cells = find(scenario, wanted)
    if scenario == "fact" or not above:
        return cells
    planned = [cell for cell in cells if cell.value is not None]
    return [*planned, *find("fact", wanted - {cell.input for cell in planned})]


def _places_with_forecast(catalogue: Catalogue, data: Data) -> pl.LazyFrame:
    """level, place, year of every place in which something is forecast."""
    levels = catalogue.places
    schools = _with_years(data.schools)
    held = schools.join(_with_years(data.forecast_keys), on=["school", "year"], how="semi")
    parts = [
        held.select(
            pl.lit(level).alias("level"),
            pl.col("school" if level == levels[0] else f"level:{level}").alias("place"),
            pl.col("year"),
        )
        for level in levels
    ]
    for source, cells in data.given.items():
        given = cells.filter(pl.col("scenario") == "forecast").select("place", "year")
        held = schools.join(
            _with_years(given),
            left_on=[f"level:{source}", "year"],
            right_on=["place", "year"],
            how="semi",
        )
        parts += [
            held.select(
                pl.lit(level).alias("level"), pl.col(f"level:{level}").alias("place"), "year"
            )
            for level in levels[levels.index(source) :]
        ]
    return pl.concat(parts).unique()


def _with_years(frame: Any) -> pl.LazyFrame:
    return collect_frame(frame).lazy().with_columns(pl.col("year").cast(pl.Int32))
