"""Which numbers are not as they were: rows of the same indicator, level, place, year and scenario."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

COMPARED = ("value", "text", "unit", "reason", "status", "reported", "expected")
"""Columns of the results by which a number is another one, as it is printed."""
ASKED = (*("value", "unit", "reason", "target", "comparator", "status"), "reported", "expected")
"""Columns that are asked of an evaluation whose results are compared."""
BEFORE, AFTER = "before", "after"
"""Columns that say whether the number was there, and whether it is there now."""
VERDICTS = ("met", "missed")
_KEY = ("indicator", "level", "place", "year", "scenario")
_SHOWN = (*ASKED, "text", "target_to", "type", "place_title")
_TYPES: Mapping[str, Any] = {"text": pl.List(pl.String), "target_to": pl.Float64, "type": pl.String}


def compare_values(
    before: pl.DataFrame, after: pl.DataFrame, names: Mapping[str, str], places: Mapping[str, str]
) -> pl.DataFrame:
    """The numbers that differ, in the order of the later results; what is no more there comes last.

    `names` and `places`: earlier id → later id, of those that have another one. A row has its key by
    the later ids, `former` (the indicator's earlier id), `before` and `after`, and each column of the
    results twice, with `_before` and `_after`.
    """
    old = _prepare(before.with_columns(former=pl.col("indicator")), "_before", BEFORE)
    old = old.with_columns(
        pl.col("indicator").replace(dict(names)), pl.col("place").replace(dict(places))
    )
    new = _prepare(after.with_row_index("_order"), "_after", AFTER)
    both = new.join(old, on=list(_KEY), how="full", coalesce=True).with_columns(
        pl.col(BEFORE, AFTER).fill_null(value=False)
    )
    differs = [
        _as_text(f"{name}_before").ne_missing(_as_text(f"{name}_after")) for name in COMPARED
    ]
    # A row that is only in one of them is a number where it holds something.
    holds = pl.any_horizontal(
        pl.col(f"{name}{end}").is_not_null()
        for name in ("value", "text")
        for end in ("_before", "_after")
    )
    in_both = pl.col(BEFORE) & pl.col(AFTER)
    changed = both.filter(pl.when(in_both).then(pl.any_horizontal(differs)).otherwise(holds))
    return changed.sort("_order", *_KEY, nulls_last=True).drop("_order")


def differs_in_number() -> pl.Expr:
    """Whether a changed row has another number, unit, reason or coverage, or is new or gone."""
    columns = [name for name in COMPARED if name != "status"]
    differs = [_as_text(f"{name}_before").ne_missing(_as_text(f"{name}_after")) for name in columns]
    return pl.any_horizontal(~pl.col(BEFORE), ~pl.col(AFTER), *differs)


def differs_in_verdict() -> pl.Expr:
    """Whether a changed row has another verdict; also where nothing but how it is judged is another."""
    is_judged = pl.col("status_before", "status_after").is_in(VERDICTS)
    another = pl.col("status_before").ne_missing(pl.col("status_after"))
    both = pl.col(BEFORE) & pl.col(AFTER)
    return both & another & (pl.any_horizontal(is_judged) | ~differs_in_number())


def take_side(changed: pl.DataFrame, side: str) -> pl.DataFrame:
    """The rows of one side, `before` or `after`, as a frame of results; null where it has none."""
    end = f"_{side}"
    columns = [pl.col(f"{name}{end}").alias(name) for name in _SHOWN]
    indicator = pl.col("former") if side == BEFORE else pl.col("indicator")
    return changed.select(indicator.alias("indicator"), *_KEY[1:], *columns)


def _prepare(frame: pl.DataFrame, end: str, side: str) -> pl.DataFrame:
    absent = [
        pl.lit(None, _TYPES.get(name, pl.String)).alias(name)
        for name in _SHOWN
        if name not in frame.columns
    ]
    frame = frame.with_columns(*absent, pl.lit(value=True).alias(side))
    return frame.rename({name: f"{name}{end}" for name in _SHOWN})


def _as_text(name: str) -> pl.Expr:
    """A list of texts is compared as one text."""
    return pl.col(name).list.join("\n") if name.startswith("text_") else pl.col(name)
