"""Results as JSON, CSV and Parquet: the columns of the command line's page, row by row.

Each is written block by block, a workbook of people alone at once.

JSON has values of any kind under one key; the others have one kind a column, so a yes/no is 1 or
0 there, texts stand in `text`, and a between-target in `target` and `target_to`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, BinaryIO

import polars as pl
import xlsxwriter
from polars.io.plugins import register_io_source
from xlsxwriter.exceptions import FileCreateError

from engine.catalogue.model import Catalogue
from engine.evaluation.asking import ALL_COLUMNS, ALWAYS, GRADES, Results
from engine.evaluation.json_rows import list_objects
from engine.reports.formats.screen import describe_columns
from engine.translation import gettext as _

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
)


def choose_result_columns(shape: str, names: Sequence[str]) -> tuple[str, ...]:
    """What must be computed for a format; empty is everything.

    `names` are the columns that were asked for. A table needs more than it shows, to say it in
    words; Parquet, made for machines, has titles only when asked for.
    """
    if shape == "table":
        wanted = (*names, "unit", "comparator", "place_title") if names else _SHOWN
        return tuple(dict.fromkeys(wanted))
    if shape == "parquet" and not names:
        return tuple(name for name in ALL_COLUMNS if name not in TITLES)
    return tuple(names)


def write_result_table(
    stream: BinaryIO, catalogue: Catalogue, results: Results, shape: str, names: Sequence[str] = ()
) -> None:
    """Write results as "json", "csv", "xlsx" or "parquet".

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
    elif shape == "xlsx":
        write_workbook(stream, results, pl.concat(blocks))
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
        if name not in kept or (name in GRADES and name not in frame.columns):
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


# --- workbook -------------------------------------------------------------------------------------
# Results as a workbook for people: one sheet of values, one that says what the columns are.


MOST_ROWS = 1_048_575  # below the heading: what a sheet holds
_MANY = 20_000  # rows from which the sheet is not kept in memory
_PRINTED = (
    *("value", "target", "target_to", "deviation", "reference", "previous"),
    *("change", "plan", "plan_deviation"),
)
_WIDTHS = {"indicator": 28, "title": 60, "place_title": 32, "text": 40, "reason": 18}
_WIDTH = 13


def write_workbook(stream: BinaryIO, results: Results, frame: pl.DataFrame) -> None:
    """Write results (at most `MOST_ROWS`) as XLSX. No text becomes a formula or a link."""
    frame = join_lists(frame)
    settings = {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "constant_memory": frame.height > _MANY,
        "in_memory": frame.height <= _MANY,
    }
    book = xlsxwriter.Workbook(stream, settings)
    # The time of writing would make every file another.
    book.set_properties({"created": datetime(2000, 1, 1)})  # noqa: DTZ001 - a workbook knows no zones
    bold = book.add_format({"bold": True, "bottom": 1})
    sheet = book.add_worksheet(_("Values"))
    for index, name in enumerate(frame.columns):
        sheet.set_column(index, index, _WIDTHS.get(name, _WIDTH))
        sheet.write_string(0, index, name, bold)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, frame.height, len(frame.columns) - 1)
    formats = _number_formats(book, results)
    printed = [name in _PRINTED for name in frame.columns]
    key = frame.columns.index("indicator")
    for number, row in enumerate(frame.iter_rows(), 1):
        shown = formats[row[key]]
        for index, value in enumerate(row):
            if isinstance(value, str):
                sheet.write_string(number, index, value)
            elif value is not None:
                sheet.write_number(number, index, value, shown if printed[index] else None)
    about = book.add_worksheet(_("Columns"))
    about.set_column(0, 0, 18)
    about.set_column(1, 1, 90)
    for number, (name, meaning) in enumerate(describe_columns(frame.columns)):
        about.write_string(number, 0, name, bold)
        about.write_string(number, 1, meaning)
    try:
        book.close()
    except FileCreateError as error:  # what the system refused to the files it is put together from
        raise error.args[0] from error


def _number_formats(book: Any, results: Results) -> Mapping[str, Any]:
    """A format for the printed numbers of each indicator: as many digits as it is printed with."""
    decimals = {row.decimals for row in results.rows.values()}
    made = {
        each: book.add_format({"num_format": "#,##0" + ("." + "0" * each if each else "")})
        for each in sorted(decimals)
    }
    return {one: made[row.decimals] for one, row in results.rows.items()}
