"""Results as JSON, CSV and Parquet: the columns of the command line's page, row by row.

JSON has values of any kind under one key; the others have one kind a column, so a yes/no is 1 or
0 there, texts stand in `text`, and a between-target in `target` and `target_to`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, BinaryIO

import polars as pl

from engine.evaluation.objects import plain_number, show_objects
from engine.evaluation.results import ALWAYS, COLUMNS

if TYPE_CHECKING:
    from engine.catalogue.model import Catalogue
    from engine.evaluation.evaluate import Results

TITLES = ("title", "place_title")
LISTS = {"text": "; ", "checks": ", "}
"""Columns of lists, and what stands between the items where a cell is one text."""
_BESIDE = {"value": "text", "target": "target_to"}
# What a spreadsheet would take for the beginning of a formula.
_FORMULA = r"^[=+\-@\t\r]"
_BETWEEN = ",\n"  # two objects of JSON
_CHUNK = 50_000  # rows that become text at a time

_SHOWN = (
    *("code", "title", "place_title", "value", "unit", "reason", "target", "comparator"),
    *("status", "reported", "expected"),
)


def choose_columns(shape: str, names: Sequence[str]) -> tuple[str, ...]:
    """What must be computed for a format; empty is everything.

    `names` are the columns that were asked for. A table needs more than it shows, to say it in
    words; Parquet, made for machines, has titles only when asked for.
    """
    if shape == "table":
        wanted = (*names, "unit", "comparator", "place_title") if names else _SHOWN
        return tuple(dict.fromkeys(wanted))
    if shape == "parquet" and not names:
        return tuple(name for name in COLUMNS if name not in TITLES)
    return tuple(names)


def write_results(
    stream: BinaryIO, catalogue: Catalogue, results: Results, shape: str, names: Sequence[str] = ()
) -> None:
    """Write results as "json", "csv", "xlsx" or "parquet".

    `names` are the columns to keep beside those that always stay; empty keeps all. CSV is written
    as the catalogue's language prints numbers: in Russian `;` and a decimal comma, so that a
    double click opens it in columns; in English `,` and a point.
    """
    if shape == "json":
        _write_json(stream, catalogue, results, names)
    elif shape == "csv":
        _write_csv(stream, flatten(results.frame, names, every=not names), catalogue.language)
    elif shape == "parquet":
        flatten(results.frame, choose_columns(shape, names), every=not names).write_parquet(stream)
    elif shape == "xlsx":
        from engine.reports.workbook import write_workbook

        write_workbook(stream, results, flatten(results.frame, names, every=not names))
    else:
        raise ValueError(shape)


def flatten(frame: pl.DataFrame, names: Sequence[str], *, every: bool) -> pl.DataFrame:
    """The columns of a table with one kind a column, in order; lists are still lists.

    Empty `names` are all columns. With `every`, `text` and `target_to` are there whatever the rows
    hold.
    """
    kept = {*(names or COLUMNS), *ALWAYS}
    empty = {"text": pl.List(pl.String), "target_to": pl.Float64()}
    columns: list[pl.Expr] = []
    for name in COLUMNS:
        if name not in kept:
            continue
        columns.append(pl.col(name))
        beside = _BESIDE.get(name)
        if beside in frame.columns:
            columns.append(pl.col(beside))
        elif beside is not None and every:
            columns.append(pl.lit(None, empty[beside]).alias(beside))
    return frame.select(columns)


# --- JSON --------------------------------------------------------------------------------------


def _write_json(
    stream: BinaryIO, catalogue: Catalogue, results: Results, names: Sequence[str]
) -> None:
    kept = [name for name in COLUMNS if name in {*(names or COLUMNS), *ALWAYS}]
    stream.write(b"[")
    between = b""
    for part in results.frame.iter_slices(_CHUNK):
        if not part.height:
            continue
        rows = show_objects(catalogue, results, part, kept)
        stream.write(between)
        stream.write(rows.str.join(_BETWEEN).cast(pl.Binary).item())
        between = _BETWEEN.encode()
    stream.write(b"]\n")


# --- CSV ---------------------------------------------------------------------------------------


def _write_csv(stream: BinaryIO, frame: pl.DataFrame, language: str) -> None:
    mark, separator = (".", ",") if language == "en" else (",", ";")
    numbers = [name for name, kind in frame.schema.items() if kind.is_float()]
    frame = join_lists(frame)
    texts = [name for name, kind in frame.schema.items() if kind == pl.String]
    frame = frame.with_columns(
        *(
            pl.when(pl.col(name).str.contains(_FORMULA))
            .then(pl.lit("'") + pl.col(name))
            .otherwise(pl.col(name))
            .alias(name)
            for name in texts
        ),
        *(plain_number(name).str.replace(".", mark, literal=True) for name in numbers),
    )
    # Excel knows by the first three bytes that it is UTF-8.
    stream.write(b"\xef\xbb\xbf")
    frame.write_csv(stream, separator=separator)


def join_lists(frame: pl.DataFrame) -> pl.DataFrame:
    """Lists as one text a cell."""
    between: Mapping[str, str] = {
        name: mark for name, mark in LISTS.items() if name in frame.columns
    }
    return frame.with_columns(pl.col(name).list.join(mark) for name, mark in between.items())
