"""Textual indicators: at the place that gives it the text, above it the list of distinct texts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import polars as pl

from engine.catalogue.model import TEXTUAL, Catalogue, Indicator, Input
from engine.data.library import choose_library, collect_frame, to_library
from engine.evaluation.scope import bare_input
from engine.language.readings.reasons import Reason

if TYPE_CHECKING:
    from engine.data.model import Data

KEYS = ("indicator", "level", "place", "year", "scenario")
Where = tuple[str, str, int, str]
"""level, place, year, scenario"""


def add_texts(
    frame: pl.DataFrame, catalogue: Catalogue, data: Data, rows: Mapping[str, Indicator]
) -> pl.DataFrame:
    """Add `text`, a list per row of a textual indicator, and the reason where there is none."""
    found: dict[tuple[str, Where], list[str]] = {}
    for row in rows.values():
        one = bare_input(catalogue, row) if row.type == "text" else None
        if one is not None:
            for where, texts in _collect(catalogue, data, one).items():
                found[row.id, where] = sorted(texts)
    columns: dict[str, Any] = {"indicator": [one for one, _where in found]}
    for index, name in enumerate(KEYS[1:]):
        columns[name] = [where[index] for _one, where in found]
    columns["text"] = list(found.values())
    schema: dict[str, Any] = dict.fromkeys(KEYS, pl.String) | {
        "year": pl.Int32,
        "text": pl.List(pl.String),
    }
    table = pl.DataFrame(columns, schema)
    frame = frame.join(table, on=list(KEYS), how="left", maintain_order="left")
    if "reason" not in frame.columns:
        return frame
    lacking = (
        pl.when(pl.col("expected") == 0)
        .then(pl.lit(Reason.NOT_APPLICABLE.name.lower()))
        .otherwise(pl.lit(Reason.NOT_REPORTED.name.lower()))
    )
    textual = [row.id for row in rows.values() if row.type == "text"]
    return frame.with_columns(
        reason=pl.when(pl.col("indicator").is_in(textual))
        .then(pl.when(pl.col("text").is_null()).then(lacking))
        .otherwise(pl.col("reason"))
    )


def _collect(catalogue: Catalogue, data: Data, one: Input) -> dict[Where, set[str]]:
    """Where → the distinct texts. Only as many rows as there are texts are gone through."""
    if one.type not in TEXTUAL:
        return {}
    texts: pl.DataFrame = data.texts(one.id).to_native()
    texts = texts.rename({texts.columns[0]: "place"})
    above = catalogue.places[catalogue.places.index(one.level) + 1 :]
    nw = choose_library(data.schools)
    lies_in = (
        to_library(data.schools)
        .select(
            nw.col("school" if one.level == catalogue.levels[0] else f"level:{one.level}").alias(
                "place"
            ),
            nw.col("year").cast(nw.Int32),
            *(nw.col(f"level:{level}") for level in above),
        )
        .unique()
    )
    joined = texts.with_columns(pl.col("year").cast(pl.Int32)).join(
        collect_frame(lies_in), on=["place", "year"], how="inner"
    )
    found: dict[Where, set[str]] = {}
    for row in joined.iter_rows(named=True):
        text = one.options.get(row["text"], row["text"])
        places = {one.level: row["place"]} | {level: row[f"level:{level}"] for level in above}
        for level, place in places.items():
            if place is not None:
                where = (level, place, row["year"], row["scenario"])
                found.setdefault(where, set()).add(text)
    return found
