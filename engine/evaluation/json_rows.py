"""Results as objects of JSON: what `evaluate` writes, and the row that a proof begins with.

A yes/no is true or false, texts are a text or a list, a whole number has no fraction, a
between-target is its two ends.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from engine.catalogue.model import Catalogue
from engine.evaluation.asking import ALL_COLUMNS, Results
from engine.evaluation.plan.scopes import type_at
from engine.language.readings.arithmetic import LARGEST_WHOLE

if TYPE_CHECKING:
    import polars as pl

_YES_NO = ("value", "previous", "plan")
_BESIDE = ("text", "target_to")
"""Columns that a frame has beside those of the objects: both stand in one of them."""


def list_objects(
    catalogue: Catalogue, results: Results, frame: pl.DataFrame, names: Sequence[str] = ALL_COLUMNS
) -> Iterator[dict[str, Any]]:
    """Each row of `frame`, a part of the results, as an object; of `names` those that it has."""
    kept = [name for name in (*names, *_BESIDE) if name in frame.columns]
    kinds = {
        (row, level): type_at(catalogue, results.rows[row], level)
        for row, level in frame.select("indicator", "level").unique().iter_rows()
    }
    numbers = [name for name in kept if frame.schema[name].is_float()]
    for row in frame.select(kept).iter_rows(named=True):
        for name in numbers:
            if row[name] is not None:
                row[name] = _drop_point(row[name])
        texts, upper_end = row.pop("text", None), row.pop("target_to", None)
        kind = kinds[row["indicator"], row["level"]]
        if kind == "yes_no":
            row |= {name: bool(row[name]) for name in _YES_NO if row.get(name) is not None}
        elif texts is not None and "value" in row:
            row["value"] = texts[0] if kind == "text" else texts
        if row.get("target") is not None:
            if results.rows[row["indicator"]].targets[row["year"]].comparator == "yes":
                row["target"] = bool(row["target"])
            elif upper_end is not None:
                row["target"] = [row["target"], upper_end]
        if "checks" in row:
            row["checks"] = row["checks"] or []
        yield row


def _drop_point(number: float) -> float:
    """A number without a fraction of zero, as long as a double holds every whole number."""
    return int(number) if number.is_integer() and abs(number) <= LARGEST_WHOLE else number
