"""Textual indicators: at the place that gives it the text, above it the list of distinct texts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from operator import or_
from typing import Any

import polars as pl

from engine.catalogue.model import Indicator
from engine.evaluation.asking import ALWAYS
from engine.evaluation.plan.compiled_plan import CompiledPlan, RequestedText
from engine.evaluation.plan.steps import PLACE, SCENARIO, YEAR, ancestor

_SCHEMA: Mapping[str, Any] = {
    **dict.fromkeys(ALWAYS, pl.String),
    "year": pl.Int32,
    "text": pl.List(pl.String),
}


def read_text_values(
    plan: CompiledPlan, frames: Mapping[str, Any], years: Sequence[int]
) -> pl.DataFrame:
    """The keys of a row and `text`: a sorted list of distinct texts: one row wherever there is one."""
    by_level: dict[str, list[RequestedText]] = {}
    for text in plan.texts:
        by_level.setdefault(text.input.level, []).append(text)
    parts = [
        part
        for level, requested in by_level.items()
        for part in _read_level(plan, frames[level], level, requested, years)
    ]
    return pl.concat([pl.DataFrame(schema=_SCHEMA), *parts])


def _read_level(
    plan: CompiledPlan,
    frame: Any,
    level: str,
    requested: Sequence[RequestedText],
    years: Sequence[int],
) -> Iterator[pl.DataFrame]:
    places = {level: PLACE} | {
        above: ancestor(above, plan.levels) for above in plan.levels_above(level)
    }
    filled = reduce(or_, (~pl.col(text.cells.name).is_null() for text in requested))
    table = (
        frame.filter(pl.col(YEAR).is_in(list(years)))
        .select(*places.values(), YEAR, SCENARIO, *(text.cells.name for text in requested))
        .filter(filled)
    )
    for text in requested:
        given = table.filter(pl.col(text.cells.name).is_not_null())
        shown = pl.col(text.cells.name).cast(pl.String).replace(dict(text.input.options))
        for at, place in places.items():
            yield (
                given.filter(pl.col(place).is_not_null())
                .group_by(place, YEAR, SCENARIO)
                .agg(shown.unique().sort().alias("text"))
                .select(
                    pl.lit(text.row).alias("indicator"),
                    pl.lit(at).alias("level"),
                    pl.col(place).alias("place"),
                    pl.col(YEAR).alias("year"),
                    pl.col(SCENARIO).alias("scenario"),
                    "text",
                )
            )


def add_texts(
    frame: pl.DataFrame, texts: pl.DataFrame, rows: Mapping[str, Indicator]
) -> pl.DataFrame:
    """Add `text`, a list per row of a textual indicator; where there is one, no reason remains."""
    frame = frame.join(texts, on=list(ALWAYS), how="left", maintain_order="left")
    if "reason" not in frame.columns:
        return frame
    textual = [row.id for row in rows.values() if row.type == "text"]
    has_text = pl.col("indicator").is_in(textual) & pl.col("text").is_not_null()
    return frame.with_columns(reason=pl.when(~has_text).then(pl.col("reason")))
