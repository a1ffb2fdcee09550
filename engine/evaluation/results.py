"""From the wide table a plan gives to results: one row per indicator, level, place and year."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from engine.catalogue.model import Indicator
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
