"""Textual indicators: at the place that gives it the text, above it the list of distinct texts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

import polars as pl

from engine.catalogue.model import TEXTUAL, Indicator, Input
from engine.data.library import collect_frame
from engine.evaluation.cells import read_cell
from engine.evaluation.results import ALWAYS
from engine.evaluation.scope import bare_input
from engine.evaluation.steps import PLACE, SCENARIO, YEAR, ancestor
from engine.language.readings.terms import Column
from engine.records import record

if TYPE_CHECKING:
    from engine.evaluation.plan import Planner

_SCHEMA: Mapping[str, Any] = {
    **dict.fromkeys(ALWAYS, pl.String),
    "year": pl.Int32,
    "text": pl.List(pl.String),
}


@record
class TextAsked:
    """The row of a text, and the column of the cells that it is read from."""

    row: str
    input: Input
    column: Column


def ask_texts(plan: Planner, rows: Mapping[str, Indicator]) -> list[TextAsked]:
    """The columns that the textual rows need; like any cell, without those that do not apply."""
    found = []
    for row in rows.values():
        one = bare_input(plan.catalogue, row) if row.type == "text" else None
        if one is not None and one.type in TEXTUAL:
            column = plan.settle(one.level, read_cell(plan, one))
            found.append(TextAsked(row.id, one, column))
    return found


def read_texts(
    plan: Planner, frames: Mapping[str, Any], asked: Iterable[TextAsked], years: Sequence[int]
) -> pl.DataFrame:
    """The keys of a row and `text`: a sorted list of distinct texts: one row wherever there is one."""
    by_level: dict[str, list[TextAsked]] = {}
    for one in asked:
        by_level.setdefault(one.input.level, []).append(one)
    parts = [
        part
        for level, mine in by_level.items()
        for part in _read_level(plan, frames[level], level, mine, years)
    ]
    return pl.concat([pl.DataFrame(schema=_SCHEMA), *parts])


def _read_level(
    plan: Planner, frame: Any, level: str, asked: Sequence[TextAsked], years: Sequence[int]
) -> Iterator[pl.DataFrame]:
    nw = plan.nw
    higher = plan.levels[plan.levels.index(level) + 1 :]
    places = {level: PLACE} | {one: ancestor(one, plan.levels) for one in higher}
    names = [f"t{index}" for index in range(len(asked))]
    columns = [one.column.expr.alias(name) for one, name in zip(asked, names, strict=True)]
    # Only as many rows as there are texts leave the engine.
    filled = reduce(or_, (~nw.col(name).is_null() for name in names))
    table = collect_frame(
        frame.filter(nw.col(YEAR).is_in(list(years)))
        .select(*places.values(), YEAR, SCENARIO, *columns)
        .filter(filled)
    )
    for one, name in zip(asked, names, strict=True):
        mine = table.filter(pl.col(name).is_not_null())
        text = pl.col(name).cast(pl.String).replace(dict(one.input.options))
        for at, place in places.items():
            yield (
                mine.filter(pl.col(place).is_not_null())
                .group_by(place, YEAR, SCENARIO)
                .agg(text.unique().sort().alias("text"))
                .select(
                    pl.lit(one.row).alias("indicator"),
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
    told = pl.col("indicator").is_in(textual) & pl.col("text").is_not_null()
    return frame.with_columns(reason=pl.when(~told).then(pl.col("reason")))
