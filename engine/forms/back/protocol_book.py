"""The protocol as a workbook that a methodologist filters: places, problems, where cells went."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, BinaryIO

import xlsxwriter

from engine.catalogue.model import shorten_title
from engine.forms.back.protocol import BALANCE, Protocol, ProtocolEntry
from engine.forms.out.looks import count_lines, row_height
from engine.forms.out.sheet_words import year_words
from engine.translation import gettext as _
from engine.typography import set_type

_MOST_ROWS = 1_000_000
_LONGEST = 32_000
_TITLE = 80  # letters of a form's title, which may be as long as that of an order
_TITLE_OF_BOOK = 240  # letters; a header of Excel holds 255
_SIZE = 11
_HIGHEST = 400.0
_SETTINGS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


@dataclass(frozen=True, slots=True)
class FileLink:
    """A file that a cell leads to, by its path from the folder of the protocol."""

    path: str


Cell = str | int | date | FileLink | None


@dataclass(frozen=True, slots=True)
class _ProtocolSheet:
    """A sheet: its heads with their widths, and its rows, each with the name of its colour."""

    title: str
    heads: Mapping[str, int]
    rows: Sequence[tuple[str, Sequence[Cell]]]


def write_protocol(stream: BinaryIO, protocol: Protocol, returned: Mapping[int, str]) -> None:
    """Write the protocol as XLSX; the same protocol gives the same bytes.

    `returned`: the number of a submission → its form to send back, from the folder of the protocol.
    """
    book = xlsxwriter.Workbook(stream, _SETTINGS)
    # The time of writing would make every file another.
    title = _("Protocol of collection: {title}").format(title=protocol.catalogue.title)
    if protocol.year is not None:
        title += f", {year_words(protocol.year, protocol.catalogue.period)}"
    title = set_type(title)
    book.set_properties(
        {"title": title[:_TITLE_OF_BOOK], "created": datetime(2000, 1, 1)}  # noqa: DTZ001 - a workbook knows no zones
    )
    sheets = (
        *(_places(protocol, returned), _problems(protocol)),
        *(_balance(protocol), _files(protocol)),
    )
    for sheet in sheets:
        _write_sheet(book, sheet, title)
    book.close()


def _write_sheet(book: Any, sheet: _ProtocolSheet, title: str) -> None:
    looks: dict[str, dict[str, object]] = {
        "": {},
        "bad": {"bg_color": "#F8D7DA"},
        "odd": {"bg_color": "#FFF3CD"},
        "grey": {"font_color": "#777777"},
    }
    wrapped = {"text_wrap": True, "valign": "top"}
    formats = {name: book.add_format({**wrapped, **look}) for name, look in looks.items()}
    days = {
        name: book.add_format({**wrapped, **look, "num_format": "dd.mm.yyyy"})
        for name, look in looks.items()
    }
    head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    link = book.get_default_url_format()
    page = book.add_worksheet(sheet.title)
    for column, (heading, width) in enumerate(sheet.heads.items()):
        page.set_column(column, column, width)
        page.write_string(0, column, heading, head)
    rows = sheet.rows[:_MOST_ROWS]
    widths = tuple(sheet.heads.values())
    page.set_row(0, _height(tuple(sheet.heads), widths, bold=True))
    for number, (look, cells) in enumerate(rows, 1):
        # Not every office makes a row as high as its words.
        page.set_row(number, _height(cells, widths))
        for column, cell in enumerate(cells):
            if isinstance(cell, date):
                page.write_datetime(number, column, cell, days[look])
            elif isinstance(cell, int):
                page.write_number(number, column, cell, formats[look])
            elif isinstance(cell, FileLink):
                page.write_url(number, column, f"external:{cell.path}", link, _("open"))
            elif cell:
                page.write_string(number, column, cell[:_LONGEST], formats[look])
            else:
                page.write_blank(number, column, None, formats[look])
    page.freeze_panes(1, 0)
    page.autofilter(0, 0, max(len(rows), 1), len(sheet.heads) - 1)
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)
    # An ampersand begins a command there.
    page.set_header("&L&B" + shorten_title(title, _TITLE_OF_BOOK - 40).replace("&", "&&"))
    page.set_footer("&L" + sheet.title + "&R&P / &N")
    page.set_margins(left=0.4, right=0.4, top=0.8, bottom=0.6)


def _height(cells: Sequence[Cell], widths: Sequence[int], *, bold: bool = False) -> float:
    texts = zip(cells, widths, strict=True)
    lines = (
        count_lines(text[:_LONGEST], width, _SIZE, bold=bold)
        for text, width in texts
        if isinstance(text, str)
    )
    return min(row_height(max(lines, default=1), _SIZE), _HIGHEST)


def _places(protocol: Protocol, returned: Mapping[int, str]) -> _ProtocolSheet:
    heads = {
        _("Place"): 34,
        _("Id"): 14,
        _("Form"): 44,
        _("Year"): 7,
        _("Status"): 22,
        _("Saved"): 12,
        _("Days late"): 10,
        _("Answers given"): 10,
        _("Questions asked"): 10,
        _("Errors"): 9,
        _("Warnings"): 16,
        _("File"): 46,
        _("Sheet"): 16,
        _("To send back"): 12,
    }
    links = {number: FileLink(path) for number, path in returned.items()}
    rows = [
        (
            _colour(entry),
            (
                set_type(entry.title),
                entry.place,
                set_type(shorten_title(entry.form_title, _TITLE)),
                entry.year,
                submission_words(entry),
                entry.saved,
                entry.days_late or None,
                entry.filled if entry.submission is not None else None,
                entry.asked if entry.submission is not None else None,
                entry.errors,
                entry.warnings,
                "\n".join((entry.file, *entry.copies)),
                entry.sheet,
                None if entry.submission is None else links.get(entry.submission),
            ),
        )
        for entry in protocol.places
    ]
    return _ProtocolSheet(_("Who submitted"), heads, rows)


def _colour(entry: ProtocolEntry) -> str:
    if entry.status == "missing":
        return "grey"
    if entry.errors or entry.status == "not_taken":
        return "bad"
    return "odd" if entry.warnings or entry.late or entry.status == "empty" else ""


def submission_words(entry: ProtocolEntry) -> str:
    """Whether it was submitted, in words."""
    words = {
        "missing": _("not submitted"),
        "empty": _("came empty"),
        "not_taken": _("came, but not taken"),
    }
    if entry.status in words:
        return words[entry.status]
    return _("submitted with errors") if entry.errors else _("submitted")


def severity_words(severity: str) -> str:
    """A severity as people call it."""
    return {"error": _("error"), "warning": _("warning")}.get(severity, _("note"))


def _problems(protocol: Protocol) -> _ProtocolSheet:
    heads = {
        _("Place"): 34,
        _("Form"): 44,
        _("Year"): 7,
        _("Severity"): 16,
        _("What is wrong"): 70,
        _("What to do"): 50,
        _("File"): 46,
        _("Sheet"): 16,
        _("Cell"): 8,
    }
    entries = protocol.of_submissions()
    rows: list[tuple[str, Sequence[Cell]]] = []
    for item in protocol.problems:
        problem = item.problem
        entry = None if item.submission is None else entries.get(item.submission)
        position = problem.position
        colour = {"error": "bad", "warning": "odd"}.get(problem.severity, "grey")
        cells = (
            set_type(entry.title) if entry else "",
            set_type(shorten_title(entry.form_title, _TITLE)) if entry else "",
            entry.year if entry else None,
            severity_words(problem.severity),
            set_type(problem.message),
            set_type(problem.hint),
            position.file if position else "",
            position.sheet if position else "",
            position.cell if position else "",
        )
        rows.append((colour, cells))
    return _ProtocolSheet(_("Problems"), heads, rows)


def _balance(protocol: Protocol) -> _ProtocolSheet:
    words = balance_words()
    rows: list[tuple[str, Sequence[Cell]]] = [
        ("", (words[name], protocol.balance.get(name, 0))) for name in BALANCE
    ]
    rows.append(("", (_("All cells of all forms"), protocol.cells)))
    return _ProtocolSheet(_("Cells"), {_("Where the cells went"): 70, _("Count"): 14}, rows)


def balance_words() -> Mapping[str, str]:
    """What each part of the balance is."""
    return {
        "value": _("Numbers and words taken as answers"),
        "not_applicable": _("“н/п”: does not apply"),
        "not_filled": _("“no data” in words: not filled in"),
        "not_readable": _("Could not be read: see the problems"),
        "blank": _("Empty"),
        "closed": _("Closed by the form itself: the place is not asked"),
        "not_known": _("Answers to what the catalogue no longer asks"),
        "not_open": _("Answers for a year in which the place is not open, or that is too late"),
        "replaced": _("Asked anew by the form of a later year, which is taken"),
        "not_taken": _("In forms that do not count: see the problems"),
    }


def _files(protocol: Protocol) -> _ProtocolSheet:
    refused = {
        (item.problem.position.file, item.problem.code): set_type(item.problem.message)
        for item in protocol.problems
        if item.problem.position
    }
    heads = {_("File"): 60, _("Result"): 60, _("Fingerprint (sha256)"): 70}
    rows: Iterable[tuple[str, Sequence[Cell]]] = (
        (
            "bad" if item.refused else "",
            (item.file, refused.get((item.file, item.refused)) or _("read"), item.sha256),
        )
        for item in protocol.files
    )
    return _ProtocolSheet(_("Files"), heads, list(rows))
