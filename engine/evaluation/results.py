"""From the wide frames a plan gives to results: one row per indicator, level, place and year."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

import polars as pl

from engine.catalogue.lookups import find_breaks, has_base, has_grades
from engine.catalogue.model import Catalogue, Indicator
from engine.data.frames import collect_frame
from engine.data.model import Data, SourceCell
from engine.evaluation.asking import BASE, GRADES, SAME_REPORTERS, Asking, NeededColumns
from engine.evaluation.grades import name_classes
from engine.evaluation.plan.compiled_plan import CompiledPlan, PlannedRow
from engine.evaluation.plan.steps import (
    KEYS,
    PLACE,
    SCENARIO,
    UNSCHOOLED,
    YEAR,
)
from engine.language.readings.terms import NAMES

SHORT = (
    *(("v", "raw"), ("w", "why"), ("r", "reported"), ("e", "expected")),
    *(("s", "shortfall"), ("c", "class"), ("p", "points")),
    *(("m", "members"), ("n", "members_expected")),
    *(("l", "target"), ("h", "target_to"), ("k", "comparator")),
    *(("f", "reference"), ("g", "reference_comparator"), ("b", "base")),
)
"""How the columns of the wide frames end, and what they become."""


Columns = Mapping[str, pl.Series]
"""A wide frame by the names of its columns: a frame of thousands looks for one a long time."""


def split_rows(
    rows: Sequence[PlannedRow], wide: Mapping[str, Columns], most: int
) -> Iterator[list[PlannedRow]]:
    """Rows of whole indicators, as many as give no more than `most` rows of results.

    One indicator at least, whatever it gives. `wide` are the columns of each level.
    """
    block: list[PlannedRow] = []
    height = 0
    for _id, group in groupby(rows, lambda row: row.id):
        levels = list(group)
        more = sum(len(wide[row.level][PLACE]) for row in levels)
        if block and height + more > most:
            yield block
            block, height = [], 0
        block += levels
        height += more
    yield block


def choose_values(plan: CompiledPlan, kept: frozenset[str]) -> dict[str, str]:
    """Which of `SHORT` the rows of a plan have."""
    needed_columns = NeededColumns.of(kept)
    # Where all rows are texts, nothing was computed for what is asked: it is there, and empty.
    graded = has_grades(plan.catalogue) and bool(kept & {*GRADES})
    asked = {"v": needed_columns.value, "w": needed_columns.reason, "c": graded, "p": graded}
    asked["b"] = BASE in kept and has_base(plan.catalogue)
    present = {column.name[-1] for column in plan.wanted}
    return {short: name for short, name in SHORT if asked.get(short) or short in present}


def lengthen(  # noqa: PLR0917 - wide frames, and what their rows are of
    wide: Mapping[str, Columns],
    indicators: Mapping[str, Indicator],
    rows: Sequence[PlannedRow],
    kept: frozenset[str],
    values: Mapping[str, str],
    catalogue: Catalogue,
) -> pl.DataFrame:
    """One row per indicator, level, place, year and scenario: in the order of `rows`, then of `wide`.

    `indicators` are those of the rows by id. Columns of a row's prefix are `<prefix>v` (raw
    value), `<prefix>w` (reason's code), `<prefix>r` and `<prefix>e` (coverage), `<prefix>s` (how many
    are lacking), `<prefix>c` (the class's code) and `<prefix>p` (points); `values` says which
    become columns, empty for rows that have none. What describes an indicator is added where it is
    among `kept`, and with the value `type`, `decimals` and `exact` (see `PlannedRow`), and `scale`,
    10 to the power of the decimals.

    Values stand beside the keys they have in `wide`, and beside all else that `mark_places` says.
    """
    pieces = []
    height = 0
    for row in rows:
        places = wide[row.level]
        same = list(_describe(indicators[row.id], row, kept))
        same += [
            pl.Series(name, [None], _TYPES[short])
            for short, name in values.items()
            if row.prefix + short not in places
        ]
        names = _KEYS | {row.prefix + short: name for short, name in values.items()}
        piece = [
            *(column.new_from_index(0, len(places[PLACE])) for column in same),
            *_find_before(catalogue, row, places, height),
            *(places[key].alias(name) for key, name in names.items() if key in places),
            *(places[name] for name in ("place_title",) if name in places),
            _find_shown(places, row),
        ]
        frame = pl.DataFrame(piece)
        if "c" in values:
            named = name_classes(catalogue, indicators[row.id], frame["class"], frame["year"], kept)
            frame = frame.with_columns(*named)
        pieces.append(frame)
        height += len(places[PLACE])
    return pl.concat(pieces, how="diagonal")


def _find_before(
    catalogue: Catalogue, row: PlannedRow, places: Columns, height: int
) -> Iterator[pl.Series]:
    """The `NEIGHBOURS` of a row; those of the year before only where it is comparable with that year."""
    breaks = sorted(find_breaks(catalogue, (row.id,)))
    for name in NEIGHBOURS:
        if name not in places:
            continue
        beside = places[name] + height
        if breaks and name != _PLAN_BESIDE:
            empty = pl.Series([None], dtype=beside.dtype).new_from_index(0, len(beside))
            beside = empty.zip_with(places[YEAR].is_in(breaks), beside).alias(name)
        yield beside


def _find_shown(places: Columns, row: PlannedRow) -> pl.Series:
    """Where results show the row: it may not at places without an open school."""
    shown = places[IS_SHOWN]
    return shown & ~places[UNSCHOOLED] if row.of_schools and UNSCHOOLED in places else shown


_KEYS = {PLACE: "place", YEAR: "year", SCENARIO: "scenario"}
_TYPES: Mapping[str, Any] = {
    **dict.fromkeys(("v", "s", "p", "l", "h", "f", "b"), pl.Float64),
    **dict.fromkeys(("w", "r", "e", "c", "m", "n"), pl.Int64),
    **dict.fromkeys(("k", "g"), pl.Int8),
}


def _describe(indicator: Indicator, row: PlannedRow, kept: frozenset[str]) -> Iterator[pl.Series]:
    """What is said of a row whatever its place and year: its id, code, title, unit, type."""
    texts = {
        "level": row.level,
        "indicator": indicator.id,
        "code": indicator.code or None,
        "title": indicator.title,
        "unit": indicator.unit.id if indicator.unit else None,
        "type": row.type,
    }
    wanted = {*kept, *(("type",) if "value" in kept else ())}
    for name, text in texts.items():
        if name in wanted:
            yield pl.Series(name, [text], pl.String)
    if NeededColumns.of(kept).value:
        yield pl.Series("decimals", [row.decimals], pl.Float64)
        yield pl.Series("scale", [10**row.decimals], pl.Float64)
        yield pl.Series("exact", [row.exact], pl.Boolean)
    if "trend" in kept:
        sign = {"more": 1.0, "less": -1.0}.get(indicator.better)
        yield pl.Series("better", [sign], pl.Float64)


def name_reasons(frame: pl.DataFrame) -> pl.DataFrame:
    """The word of each reason's code."""
    codes, words = list(NAMES), list(NAMES.values())
    return frame.with_columns(
        reason=pl.col("why").replace_strict(codes, words, default=None, return_dtype=pl.String)
    ).drop("why")


# --- places ---------------------------------------------------------------------------------------
# What is said of a place's year whatever the indicator: in the wide frames, where it stands once.


IS_SHOWN = "k_shown"
"""Whether results show the row of a wide frame, or it only stands beside another one."""
_PLAN_BESIDE = "k_forecast"
NEIGHBOURS = ("k_fact_before", "k_forecast_before", _PLAN_BESIDE)
"""Rows of the same frame: the fact of the year before; of a forecast the forecast of the year
before; of a fact the forecast of its own year. A row is a number from 0."""


def mark_places(  # noqa: PLR0917 - a level, and what is asked of it
    wide: pl.DataFrame,
    level: str,
    catalogue: Catalogue,
    data: Data,
    asking: Asking,
    years: Sequence[int],
) -> pl.DataFrame:
    """The frame of a level with `IS_SHOWN`, and `place_title` and `NEIGHBOURS` where they are kept."""
    kept = asking.kept
    wide = mark_planned(wide, level, catalogue, data)
    if kept & {"previous", "change", "trend", "plan", "plan_deviation"}:
        wide = _find_neighbours(wide)
    shown = [pl.col(YEAR).is_in(list(years))]
    # `previous` may look at a forecast that is no row; what is planned is a row of its own.
    shown.append(
        pl.col(IS_PLANNED) if asking.scenario is None else pl.col(SCENARIO) == asking.scenario
    )
    if asking.places:
        shown.append(pl.col(PLACE).is_in(list(asking.places)))
    if "place_title" in kept:
        wide = _name_places(wide, level, data)
    return wide.with_columns(pl.all_horizontal(shown).alias(IS_SHOWN)).drop(IS_PLANNED)


def _name_places(wide: pl.DataFrame, level: str, data: Data) -> pl.DataFrame:
    """Add `place_title`."""
    places = wide.select(pl.col(PLACE).unique())
    titles = [data.title(level, place) for place in places[PLACE]]
    named = places.with_columns(pl.Series("place_title", titles, pl.String))
    return wide.join(named, on=PLACE, how="left", maintain_order="left")


def _find_neighbours(wide: pl.DataFrame) -> pl.DataFrame:
    """Add `NEIGHBOURS`. A forecast that nobody gave is no plan."""
    rows = wide.select(*KEYS, IS_PLANNED).with_row_index("k_row")
    fact, forecast = (
        rows.filter(pl.col(SCENARIO) == scenario) for scenario in ("fact", "forecast")
    )
    next_year = (pl.col(YEAR) + 1).cast(pl.Int32).alias(YEAR)
    neighbour_rows = (
        fact.select(PLACE, next_year, k_fact_before="k_row"),
        forecast.select(PLACE, next_year, SCENARIO, k_forecast_before="k_row"),
        forecast.filter(IS_PLANNED).select(
            PLACE, YEAR, pl.lit("fact").alias(SCENARIO), k_forecast="k_row"
        ),
    )
    for neighbours in neighbour_rows:
        keys = [key for key in KEYS if key in neighbours.columns]
        wide = wide.join(neighbours, on=keys, how="left", maintain_order="left")
    return wide


# --- scenarios ------------------------------------------------------------------------------------
# Facts and forecasts: which years and places have rows of a forecast.


def forecast_years(data: Data, asked: Iterable[int]) -> tuple[int, ...]:
    """The years asked for as forecasts, and those in which the data hold one."""
    years = set(asked)
    if "forecast" in data.scenarios:
        for frame in (data.forecast_keys, *data.given.values()):
            rows = frame
            if frame is not data.forecast_keys:
                rows = rows.filter(pl.col("scenario") == "forecast")
            years |= set(collect_frame(rows.select("year").unique())["year"].to_list())
    return tuple(sorted(years))


IS_PLANNED = "k_planned"
"""False for forecasts of places and years in which nothing is forecast: they are no rows."""


def mark_planned(wide: pl.DataFrame, level: str, catalogue: Catalogue, data: Data) -> pl.DataFrame:
    """The frame of a level with `IS_PLANNED`; true everywhere where the data hold no forecast."""
    if "forecast" not in data.scenarios:
        return wide.with_columns(pl.lit(value=True).alias(IS_PLANNED))
    planned = _places_with_forecast(catalogue, data, level)
    wide = wide.join(planned, on=[PLACE, YEAR], how="left", maintain_order="left")
    is_planned = (pl.col(SCENARIO) == "fact") | pl.col(IS_PLANNED).fill_null(value=False)
    return wide.with_columns(is_planned.alias(IS_PLANNED))


def find_scenario_cells(
    find: Callable[[str, frozenset[str]], list[SourceCell]],
    scenario: str,
    inputs: Iterable[str],
    *,
    above: bool,
) -> list[SourceCell]:
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


def _places_with_forecast(catalogue: Catalogue, data: Data, level: str) -> pl.DataFrame:
    """The places of a level and the years in which something is forecast there or below."""
    levels = catalogue.places
    schools = _with_years(data.schools)
    column = "school" if level == levels[0] else f"level:{level}"
    places = pl.col(column).alias(PLACE), pl.col("year").alias(YEAR)
    places_here = pl.col("place").alias(PLACE), pl.col("year").alias(YEAR)
    parts = [
        schools.join(_with_years(data.forecast_keys), on=["school", "year"], how="semi").select(
            places
        )
    ]
    for source, cells in data.given.items():
        if levels.index(level) >= levels.index(source):
            given = cells.filter(pl.col("scenario") == "forecast").select("place", "year")
            places_in = schools.join(
                _with_years(given),
                left_on=[f"level:{source}", "year"],
                right_on=["place", "year"],
                how="semi",
            )
            parts.append(places_in.select(places))
        if level == source:
            parts.append(
                _with_years(cells.filter(pl.col("scenario") == "forecast")).select(places_here)
            )
    planned = pl.concat(parts).unique().with_columns(pl.lit(value=True).alias(IS_PLANNED))
    return collect_frame(planned)


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
