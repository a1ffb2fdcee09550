"""From the wide table a plan gives to results: one row per indicator, level, place and year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from engine.catalogue.model import Indicator
from engine.data.library import collect_frame, collect_frames
from engine.evaluation.steps import PLACE, SCENARIO, YEAR
from engine.language.readings.reasons import NAMES

if TYPE_CHECKING:
    from engine.data.model import Data
    from engine.evaluation.compiled import PlannedRow

COLUMNS = (
    "indicator",
    "code",
    "title",
    "level",
    "place",
    "place_title",
    "year",
    "scenario",
    "value",
    "raw",
    "unit",
    "reason",
    "target",
    "comparator",
    "deviation",
    "status",
    "reference",
    "previous",
    "change",
    "trend",
    "plan",
    "plan_deviation",
    "reported",
    "expected",
    "checks",
)
"""The columns of the output, in order (interface.md)."""
SHORT = (
    *(("v", "raw"), ("w", "why"), ("r", "reported"), ("e", "expected")),
    ("s", "shortfall"),
)
"""How the columns of the wide table end, and what they become."""
ALWAYS = ("indicator", "level", "place", "year", "scenario")

SHORTFALL, SAME_REPORTERS = "shortfall", "same_reporters"
"""Columns that are computed only where they are asked for by name, and that no format writes: how
many are lacking to the target, and whether the schools that answered are those of the year before."""


@dataclass(frozen=True, slots=True)
class Aspects:
    """Which columns of the plan each row needs, by what the output keeps."""

    value: bool
    reason: bool
    coverage: bool

    @classmethod
    def of(cls, columns: frozenset[str]) -> Aspects:
        """What the asked-for output columns rest on."""
        judged = columns & {
            *("value", "raw", "target", "comparator", "deviation", "status", "reference"),
            *("previous", "change", "trend", "plan", "plan_deviation"),
        }
        return cls(
            value=bool(judged) or "reason" in columns,
            reason="reason" in columns,
            coverage=bool(columns & {"reported", "expected"}),
        )


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
    it is among `kept`, and with the value `type` and `factor`, 10 to the power of its decimals.
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
    by_level: dict[str, list[tuple[int, str]]] = {}
    for number, row in enumerate(rows):
        by_level.setdefault(row.level, []).append((number, row.prefix))
    blocks: dict[int, pl.DataFrame] = {}
    for level, mine in by_level.items():
        # Sorted while it is wide: the long rows, as many times more as there are indicators, then
        # stand in their order already.
        here = wide.lazy().filter(pl.col("k_level") == level)
        frame = collect_frame(here.sort(PLACE, YEAR, SCENARIO))
        stacked = []
        for short, name in names.items():
            columns = [prefix + short for _number, prefix in mine]
            nothing = pl.lit(None, types[short])
            filled = frame.lazy().with_columns(
                nothing.alias(one) for one in columns if one not in present
            )
            stacked.append(filled.select(columns).unpivot(value_name=name).select(name))
        values = [column for part in collect_frames(stacked) for column in part]
        long = _repeat_keys(frame, [number for number, _prefix in mine]).hstack(values)
        # A row is cut out of its level: rows of several levels come in turns.
        for at, (number, _prefix) in enumerate(mine):
            blocks[number] = long.slice(at * frame.height, frame.height)
    found = pl.concat([blocks[number] for number in range(len(rows))])
    about = _describe(indicators, rows, kept).select(pl.all().gather(found["number"]))
    return pl.concat([about, found.drop("number")], how="horizontal")


def _repeat_keys(frame: pl.DataFrame, numbers: Sequence[int]) -> pl.DataFrame:
    """The keys of a level's wide table once for each of its rows, under the number of that row."""
    row = pl.int_range(frame.height * len(numbers))
    height = max(frame.height, 1)
    return frame.select(
        pl.lit(pl.Series(numbers, dtype=pl.UInt32)).gather(row // height).alias("number"),
        *(
            pl.col(key).gather(row % height).alias(name)
            for key, name in (
                *(("k_level", "level"), (PLACE, "place")),
                *((YEAR, "year"), (SCENARIO, "scenario")),
            )
        ),
    )


def _describe(
    indicators: Mapping[str, Indicator], rows: Sequence[PlannedRow], kept: frozenset[str]
) -> pl.DataFrame:
    """What is said of each row, whatever its place and year: its id, code, title, unit, type."""
    declared = [indicators[row.id] for row in rows]
    columns: dict[str, list[Any]] = {
        "indicator": [one.id for one in declared],
        "code": [one.code or None for one in declared],
        "title": [one.title for one in declared],
        "unit": [one.unit.id if one.unit else None for one in declared],
        "type": [row.type for row in rows],
    }
    wanted = {"indicator", *kept, *(("type",) if "value" in kept else ())}
    schema: dict[str, Any] = {name: pl.String for name in columns if name in wanted}
    if Aspects.of(kept).value:
        columns["factor"] = [10.0**one.decimals for one in declared]
        schema["factor"] = pl.Float64
    return pl.DataFrame({name: columns[name] for name in schema}, schema)


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
