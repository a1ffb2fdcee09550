"""Results as JSON, CSV and Parquet: the columns of the command line's page, row by row.

Each is written block by block. A workbook for people is written by `result_workbook`.

JSON has values of any kind under one key; the others have one kind a column, so a yes/no is 1 or
0 there, texts stand in `text`, and a between-target in `target` and `target_to`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import BinaryIO

import polars as pl
from polars.io.plugins import register_io_source

from engine.catalogue.model import Catalogue
from engine.evaluation.asking import ALL_COLUMNS, ALWAYS, BASE, GRADES, MEMBERS, Results
from engine.evaluation.json_rows import list_objects

TITLES = ("title", "place_title")
LISTS = {"text": "; ", "checks": ", "}
"""Columns of lists, and what stands between the items where a cell is one text."""
_BESIDE = {"value": "text", "target": "target_to"}
# What a spreadsheet would take for the beginning of a formula.
_FORMULA = r"^[=+\-@\t\r]"
_BETWEEN = ",\n"  # two objects of JSON

_SHOWN = (
    *("code", "title", "place_title", "value", "unit", "reason", "target", "comparator"),
    *("deviation", "status", "reference", "reported", "expected"),
    *GRADES,
    BASE,
    MEMBERS,
)


def choose_result_columns(shape: str, names: Sequence[str]) -> tuple[str, ...]:
    """What must be computed for a format; empty is everything.

    `names` are the columns that were asked for. A table needs more than it shows, to say it in
    words; Parquet, made for machines, has titles only when asked for.
    """
    if shape == "table":
        wanted = (*names, "unit", "comparator", "place_title", "class_title") if names else _SHOWN
        return tuple(dict.fromkeys(wanted))
    if shape == "parquet" and not names:
        return tuple(name for name in ALL_COLUMNS if name not in TITLES)
    return tuple(names)


def write_result_table(
    stream: BinaryIO, catalogue: Catalogue, results: Results, shape: str, names: Sequence[str] = ()
) -> None:
    """Write results as "json", "csv" or "parquet".

    `names` are the columns to keep beside those that always stay; empty keeps all. CSV is written
    as the catalogue's language prints numbers: in Russian `;` and a decimal comma, so that a
    double click opens it in columns; in English `,` and a point.
    """
    if shape == "json":
        _write_json(stream, catalogue, results, names)
        return
    every, names = not names, choose_result_columns(shape, names)
    blocks = (flatten(block, names, every=every) for block in results.blocks)
    if shape == "csv":
        _write_csv(stream, blocks, catalogue.language)
    elif shape == "parquet":
        _write_parquet(stream, blocks)
    else:
        raise ValueError(shape)


def flatten(frame: pl.DataFrame, names: Sequence[str], *, every: bool) -> pl.DataFrame:
    """The columns of a table with one kind a column, in order; lists are still lists.

    Empty `names` are all columns. With `every`, `text` and `target_to` are there whatever the rows
    hold.
    """
    kept = {*(names or ALL_COLUMNS), *ALWAYS}
    empty = {"text": pl.List(pl.String), "target_to": pl.Float64()}
    columns: list[pl.Expr] = []
    for name in ALL_COLUMNS:
        if name not in kept or (name in {*GRADES, BASE} and name not in frame.columns):
            continue
        columns.append(pl.col(name))
        companion = _BESIDE.get(name)
        if companion in frame.columns:
            columns.append(pl.col(companion))
        elif companion is not None and every:
            columns.append(pl.lit(None, empty[companion]).alias(companion))
    return frame.select(columns)


# --- JSON --------------------------------------------------------------------------------------


def _write_json(
    stream: BinaryIO, catalogue: Catalogue, results: Results, names: Sequence[str]
) -> None:
    kept = [name for name in ALL_COLUMNS if name in {*(names or ALL_COLUMNS), *ALWAYS}]
    encode = json.JSONEncoder(ensure_ascii=False).encode
    between = "["
    for block in results.blocks:
        for row in list_objects(catalogue, results, block, kept):
            stream.write(f"{between}{encode(row)}".encode())
            between = _BETWEEN
    stream.write(b"]\n" if between == _BETWEEN else b"[]\n")


# --- CSV ---------------------------------------------------------------------------------------


def _write_csv(stream: BinaryIO, blocks: Iterable[pl.DataFrame], language: str) -> None:
    mark, separator = (".", ",") if language == "en" else (",", ";")
    # Excel knows by the first three bytes that it is UTF-8.
    stream.write(b"\xef\xbb\xbf")
    for index, block in enumerate(blocks):
        texts = _show_cells(block, mark)
        texts.write_csv(stream, separator=separator, include_header=index == 0)


def _show_cells(frame: pl.DataFrame, mark: str) -> pl.DataFrame:
    """The cells of CSV: `mark` stands before the decimals, and no text begins a formula."""
    numbers = [name for name, kind in frame.schema.items() if kind.is_float()]
    frame = join_lists(frame)
    texts = [name for name, kind in frame.schema.items() if kind == pl.String]
    return frame.with_columns(
        *(
            pl.when(pl.col(name).str.contains(_FORMULA))
            .then(pl.lit("'") + pl.col(name))
            .otherwise(pl.col(name))
            .alias(name)
            for name in texts
        ),
        *(
            pl.col(name).cast(pl.String).str.strip_suffix(".0").str.replace(".", mark, literal=True)
            for name in numbers
        ),
    )


def join_lists(frame: pl.DataFrame) -> pl.DataFrame:
    """Lists as one text a cell."""
    between: Mapping[str, str] = {
        name: mark for name, mark in LISTS.items() if name in frame.columns
    }
    return frame.with_columns(pl.col(name).list.join(mark) for name, mark in between.items())


# --- Parquet -----------------------------------------------------------------------------------


_GROUP = 2**18
"""Rows of a row group: the bytes are the same whatever blocks the rows come in."""


def _write_parquet(stream: BinaryIO, blocks: Iterator[pl.DataFrame]) -> None:
    first = next(blocks)

    def read(*_narrowed: object) -> Iterator[pl.DataFrame]:
        yield first
        yield from blocks

    register_io_source(read, schema=first.schema).sink_parquet(stream, row_group_size=_GROUP)
