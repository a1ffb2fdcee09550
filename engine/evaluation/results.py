"""From the wide table a plan gives to results: one row per indicator, level, place and year."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from engine.catalogue.model import Catalogue, Indicator
from engine.data.frames import collect_frame
from engine.data.model import Cell, Data
from engine.evaluation.asking import SAME_REPORTERS, Aspects
from engine.evaluation.plan.compiled_plan import PlannedRow
from engine.evaluation.plan.steps import PLACE, SCENARIO, YEAR
from engine.language.readings.terms import NAMES

SHORT = (
    *(("v", "raw"), ("w", "why"), ("r", "reported"), ("e", "expected")),
    ("s", "shortfall"),
)
"""How the columns of the wide table end, and what they become."""


def lengthen(
    wide: pl.DataFrame,
    indicators: Mapping[str, Indicator],
    rows: Sequence[PlannedRow],
    kept: frozenset[str],
) -> pl.DataFrame:
    """One row per indicator, level, place, year and scenario: in the order of `rows`, then sorted.

    `indicators` are those of the rows by id. Columns of a row's prefix are `<prefix>v` (raw
    value), `<prefix>w` (reason's code), `<prefix>r` and `<prefix>e` (coverage), `<prefix>s` (how many
    are lacking); those absent from `wide` are left out. What describes an indicator is added where
    it is among `kept`, and with the value `type`, `decimals` and `exact` (see `PlannedRow`).

    Values stand beside the keys they have in `wide`: rows are never paired by their position.
    """
    present = set(wide.columns)
    aspects = Aspects.of(kept)
    # Where all rows are texts, nothing was computed for what is asked: it is there, and empty.
    asked = {"v": aspects.value, "w": aspects.reason}
    names = {
        short: name
        for short, name in SHORT
        if asked.get(short) or any(row.prefix + short in present for row in rows)
    }
    types = {"v": pl.Float64, "w": pl.Int64, "r": pl.Int64, "e": pl.Int64, "s": pl.Float64}
    # Sorted while it is wide: the long rows are many times more.
    levels = {
        level: wide.filter(pl.col("k_level") == level).sort(PLACE, YEAR, SCENARIO)
        for level in dict.fromkeys(row.level for row in rows)
    }
    blocks = []
    for row in rows:
        values = (
            (pl.col(row.prefix + short) if row.prefix + short in present else pl.lit(None))
            .cast(types[short])
            .alias(name)
            for short, name in names.items()
        )
        block = levels[row.level].select(
            *(pl.col(key).alias(name) for key, name in _KEYS.items()),
            *_describe(indicators[row.id], row, kept),
            *values,
        )
        blocks.append(block)
    return pl.concat(blocks)


_KEYS = {"k_level": "level", PLACE: "place", YEAR: "year", SCENARIO: "scenario"}


def _describe(indicator: Indicator, row: PlannedRow, kept: frozenset[str]) -> Iterator[pl.Expr]:
    """What is said of a row whatever its place and year: its id, code, title, unit, type."""
    texts = {
        "indicator": indicator.id,
        "code": indicator.code or None,
        "title": indicator.title,
        "unit": indicator.unit.id if indicator.unit else None,
        "type": row.type,
    }
    wanted = {"indicator", *kept, *(("type",) if "value" in kept else ())}
    for name, text in texts.items():
        if name in wanted:
            yield pl.lit(text, pl.String).alias(name)
    if Aspects.of(kept).value:
        yield pl.lit(float(row.decimals)).alias("decimals")
        yield pl.lit(row.exact).alias("exact")


def name_reasons(frame: pl.LazyFrame) -> pl.LazyFrame:
    """The word of each reason's code."""
    codes, words = list(NAMES), list(NAMES.values())
    return frame.with_columns(
        reason=pl.col("why").replace_strict(codes, words, default=None, return_dtype=pl.String)
    ).drop("why")


def name_places(frame: pl.DataFrame, data: Data) -> pl.DataFrame:
    """Add `place_title`."""
    places = frame.select("level", "place").unique()
    titles = [data.title(level, place) for level, place in places.iter_rows()]
    return frame.join(
        places.with_columns(pl.Series("place_title", titles, pl.String)),
        on=["level", "place"],
        how="left",
        maintain_order="left",
    )


# --- scenarios ------------------------------------------------------------------------------------
# Facts and forecasts: which years and places have rows of a forecast.


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


def find_scenario_cells(
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


# --- reporters ------------------------------------------------------------------------------------
# Whether the schools that answered are those of the year before: else a change may be theirs.


_KEY = ["indicator", "level", "place", "year"]


def compare_reporters(frame: pl.DataFrame, catalogue: Catalogue, data: Data) -> pl.DataFrame:
    """The rows with `same_reporters`; they must hold the schools, and the year before each year.

    Of a fact above the schools: whether the same schools of the place have reported the indicator
    in this year and in the year before, each year by the register of that year. Null where nobody
    did in either, at single schools, of forecasts, and where no school is asked.
    """
    school = catalogue.levels[0]
    reported = frame.filter(
        pl.col("level") == school, pl.col("scenario") == "fact", pl.col("reported") > 0
    ).select("indicator", pl.col("place").alias("school"), "year")
    upper = catalogue.levels[1:]
    if not upper or reported.is_empty():
        return frame.with_columns(pl.lit(None, pl.Boolean).alias(SAME_REPORTERS))
    schools = collect_frame(
        data.schools.select("school", "year", *(f"level:{level}" for level in upper))
    ).with_columns(pl.col("year").cast(reported.schema["year"]))
    inside = (
        reported.join(schools, on=["school", "year"])
        .unpivot(
            [f"level:{level}" for level in upper],
            index=["indicator", "school", "year"],
            variable_name="level",
            value_name="place",
        )
        .with_columns(pl.col("level").str.strip_prefix("level:"))
        .drop_nulls("place")
    )
    # One of a year and of the year after it: a school that stays in both gives two.
    both = pl.concat([inside, inside.with_columns(pl.col("year") + 1)])
    same = (
        both.group_by([*_KEY, "school"])
        .len()
        .group_by(_KEY)
        .agg((pl.col("len") == 2).all().alias(SAME_REPORTERS))  # noqa: PLR2004
        .with_columns(pl.lit("fact").alias("scenario"))
    )
    return frame.join(same, on=[*_KEY, "scenario"], how="left", maintain_order="left")
