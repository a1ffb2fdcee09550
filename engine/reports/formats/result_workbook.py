"""Results as a workbook for people: one sheet of values, one that says what the columns are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, BinaryIO, get_args

import polars as pl
import xlsxwriter
from xlsxwriter.exceptions import FileCreateError

from engine.catalogue.model import Catalogue, Comparator
from engine.evaluation.asking import Results
from engine.reports import filters
from engine.reports.formats.result_tables import flatten, join_lists
from engine.reports.formats.screen import describe_columns
from engine.reports.formats.workbook_cells import measure
from engine.translation import gettext as _

MOST_ROWS = 1_048_575  # below the heading: what a sheet holds
_MANY = 20_000  # rows from which the sheet is not kept in memory
_PRINTED = (
    *("value", "target", "target_to", "deviation", "reference", "previous"),
    *("change", "plan", "plan_deviation"),
)
_WIDTHS = {"indicator": 28, "title": 60, "place_title": 32, "text": 40, "reason": 18}
_WIDTH = 13


def write_result_workbook(
    stream: BinaryIO, catalogue: Catalogue, results: Results, names: Sequence[str]
) -> None:
    """Write results (at most `MOST_ROWS` rows) as XLSX. No text becomes a formula or a link.

    `names` are the columns to keep beside those that always stay; empty keeps all. How targets are
    compared and which checks fail is said in words.
    """
    flat = pl.concat(flatten(block, names, every=not names) for block in results.blocks)
    frame = join_lists(_say_in_words(catalogue, flat))
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
        sheet.set_column(index, index, _measure_column(name, frame, results))
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
    for number, (name, meaning) in enumerate(describe_columns(catalogue, frame.columns)):
        about.write_string(number, 0, name, bold)
        about.write_string(number, 1, meaning)
    try:
        book.close()
    except FileCreateError as error:  # what the system refused to the files it is put together from
        raise error.args[0] from error


def _measure_column(name: str, frame: pl.DataFrame, results: Results) -> int:
    """How many letters wide a column is: as usual, or as its longest printed number needs."""
    usual = _WIDTHS.get(name, _WIDTH)
    if name not in _PRINTED:
        return usual
    ends = frame.group_by("indicator").agg(low=pl.col(name).min(), high=pl.col(name).max())
    numbers = (
        measure(end, results.rows[indicator].decimals)
        for indicator, *both in ends.iter_rows()
        for end in both
        if end is not None
    )
    return max((usual, *numbers))


def _say_in_words(catalogue: Catalogue, frame: pl.DataFrame) -> pl.DataFrame:
    messages = {name: each.message for name, each in catalogue.checks.items()}
    comparators = {code: filters.comparator_words(code) for code in get_args(Comparator)}
    words = {
        "comparator": pl.col("comparator").replace(comparators),
        "checks": pl.concat_list(
            pl.col("checks").list.eval(pl.element().replace(messages)).list.join("; ")
        ),
    }
    return frame.with_columns(words[name] for name in words.keys() & set(frame.columns))


def _number_formats(book: Any, results: Results) -> Mapping[str, Any]:
    """A format for the printed numbers of each indicator: as many digits as it is printed with."""
    decimals = {row.decimals for row in results.rows.values()}
    made = {
        each: book.add_format({"num_format": "#,##0" + ("." + "0" * each if each else "")})
        for each in sorted(decimals)
    }
    return {name: made[row.decimals] for name, row in results.rows.items()}
