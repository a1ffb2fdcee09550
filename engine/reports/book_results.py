"""Values in a workbook: a row each, with number formats, filters, colours that repeat a word."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from engine.i18n import gettext as _
from engine.problems import Problem
from engine.reports import filters
from engine.reports.book_cells import Book, find_height
from engine.reports.book_charts import Drawn
from engine.reports.book_styles import measure
from engine.reports.library import TemplateError
from engine.reports.rows import Row
from engine.units import unit_sign

MOST_ROWS = 1_048_570  # below the heading; a sheet holds six more

Column = tuple[str, float, Callable[[Row], Any]]
"""Heading, width in letters, and what stands below it: a text, a number, or None."""


def _columns(book: Book, rows: Sequence[Row]) -> dict[str, Column]:
    """The columns of a sheet of results; what no row has is left out."""
    columns: dict[str, Column] = {
        "place": (_("Place"), 24, lambda row: row.place_title),
        "code": (_("Code"), 8, lambda row: row.code),
        "title": (_("Indicator"), 70, lambda row: book.name(row.indicator, row.title)),
        "year": (_("Year"), 10, lambda row: book.year(row.year, row.indicator)),
        "scenario": (_("Scenario"), 10, _fact_or_forecast),
        "value": (_("Value"), 13, lambda row: row.value),
        "unit": (_("Unit"), 14, filters.column_unit),
        "reason": (
            _("Why there is none"),
            20,
            lambda row: filters.reason(row) if row.reason else "",
        ),
        "target": (_("Target"), 13, _show_target),
        "target_words": (_("Target in words"), 16, _show_target_words),
        "deviation": (_("Deviation"), 12, lambda row: row.deviation),
        "status": (_("Verdict"), 26, _show_verdict),
        "shortfall": (_("Shortfall"), 12, lambda row: None if row.exceeds else row.shortfall),
        "excess": (_("More than allowed"), 14, lambda row: row.shortfall if row.exceeds else None),
        "reference": (_("For reference"), 13, lambda row: row.reference),
        "reference_words": (_("For reference, in words"), 16, _show_reference_words),
        "change": (_("Change"), 12, lambda row: row.change),
        "trend": (_("Trend"), 14, filters.trend),
        "reported": (_("Reported"), 9, lambda row: row.reported),
        "expected": (_("Expected"), 11, lambda row: row.expected),
    }
    several = {
        "scenario": len({row.scenario for row in rows}) > 1,
        **{name: any(getattr(row, name) for row in rows) for name in _WHERE_THERE},
        "reference_words": any(row.reference is not None for row in rows),
        "excess": any(row.shortfall and row.exceeds for row in rows),
        "shortfall": any(row.shortfall and not row.exceeds for row in rows),
    }
    return {name: column for name, column in columns.items() if several.get(name, True)}


_PRINTED = frozenset(("value", "target", "deviation", "reference", "change"))
"""Columns of numbers that are printed with the unit and decimals of the indicator."""
_WHERE_THERE = ("code", "reason", "reference", "change")


def _widen(columns: Mapping[str, Column], rows: Sequence[Row], language: str) -> dict[str, Column]:
    """The columns, wide enough for each number with its unit."""
    signs = [unit_sign(row.unit, language) for row in rows]
    widened = dict(columns)
    for name in _PRINTED & columns.keys():
        heading, width, show = columns[name]
        for row, sign in zip(rows, signs, strict=True):
            value = show(row)
            if filters.is_number(value):
                width = max(width, measure(value, row.decimals, sign))
        widened[name] = (heading, width, show)
    return widened


def _fact_or_forecast(row: Row) -> str:
    return _("fact") if row.scenario == "fact" else _("forecast")


def _show_target_words(row: Row) -> str:
    return "" if row.target is None else filters.target(row)


def _show_reference_words(row: Row) -> str:
    return "" if row.reference is None else filters.reference(row)


def _show_target(row: Row) -> Any:
    """One number to draw and to sort by; both ends of a target stand in words beside it."""
    return row.target[0] if isinstance(row.target, tuple) else row.target


def _show_verdict(row: Row) -> str:
    if row.status is None or row.value is None:
        return ""
    early = row.judged and row.incomplete
    return (
        _("{verdict}, preliminary").format(verdict=filters.words(row))
        if early
        else filters.words(row)
    )


def write_results(book: Book, title: str, rows: Sequence[Row]) -> tuple[Drawn, ...]:
    """A sheet of values, a row each; what of them charts can draw.

    TemplateError where a sheet cannot hold them.
    """
    if len(rows) > MOST_ROWS:
        message = _("a sheet of Excel holds {most} rows, here are {count}")
        raise TemplateError(
            Problem("template-output", message.format(most=MOST_ROWS, count=len(rows)))
        )
    columns = _widen(_columns(book, rows), rows, book.catalogue.language)
    at = {name: number for number, name in enumerate(columns)}
    styles = book.styles
    sheet = book.add_sheet(title, [(heading, width) for heading, width, _show in columns.values()])
    last = max(len(rows), 1)
    sheet.freeze_panes(1, at["title"] + 1)
    sheet.autofilter(0, 0, last, len(columns) - 1)
    for number, row in enumerate(rows, 1):
        shown = styles.number(row.decimals, unit_sign(row.unit, book.catalogue.language))
        for name, (_heading, width, show) in columns.items():
            value = show(row)
            counted = filters.is_number(value)
            style = (shown if name in _PRINTED else styles.plain) if counted else styles.line
            if name == "title":
                style = styles.text
                sheet.set_row(number, find_height(value, width))
            book.write(sheet, (number, at[name]), value, style)
    styles.colour(sheet, (1, at["status"], last, at["status"]), _("reached"), _("not reached"))
    styles.colour(sheet, (1, at["trend"], last, at["trend"]), _("better"), _("worse"))
    styles.dim(sheet, (1, at["value"], last, at["value"]))
    return tuple(_find_drawn(book, title, rows, at))


def _find_drawn(
    book: Book, title: str, rows: Sequence[Row], at: Mapping[str, int]
) -> Iterator[Drawn]:
    """Runs of rows that one chart draws: the facts of an indicator at a place, a row per year."""
    runs: dict[tuple[str, str, str], list[int]] = {}
    for number, row in enumerate(rows, 1):
        if row.scenario == "fact" and isinstance(row.value, int | float):
            runs.setdefault((row.indicator, row.level, row.place), []).append(number)
    for (name, _level, _place), numbers in runs.items():
        some = [rows[number - 1] for number in numbers]
        if any(row.target is not None for row in some) and not isinstance(some[0].value, bool):
            columns = (at["year"], at["value"], at["target"])
            named = book.name(name, some[0].title)
            yield Drawn(title, name, named, some[0].place_title, tuple(numbers), columns)
