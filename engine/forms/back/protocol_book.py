"""The protocol as a workbook that a methodologist filters: places, problems, where cells went."""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, BinaryIO

import xlsxwriter

from engine.catalogue.model import shorten_title
from engine.forms.back.protocol import BALANCE, Protocol, ProtocolEntry
from engine.forms.out.looks import FONT, count_lines, row_height
from engine.forms.out.sheet_words import year_words
from engine.translation import gettext as _
from engine.typography import set_type

_MOST_ROWS = 1_000_000
_LONGEST = 32_000
_TITLE = 80  # letters of a form's title, which may be as long as that of an order
_TITLE_OF_BOOK = 240  # letters; a property of Excel holds 255
_SIZE, _LARGE = 10, 14
_HIGHEST = 400.0
_HEAD = 2  # the row of the heads: over it stand the title and what the sheet comes to
_CELL = {"font_name": FONT, "font_size": _SIZE, "text_wrap": True, "valign": "top"}
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


_CellContent = str | int | date | FileLink | None


@dataclass(frozen=True, slots=True)
class _ProtocolSheet:
    """A sheet: its heads with their widths, and its rows, each with the name of its colour.

    `summary` stands under the title. Heads whose widths come to 190 digits are printed across a page of A4 in
    letters of 7.5 points.
    """

    title: str
    heads: Mapping[str, int]
    rows: Sequence[tuple[str, Sequence[_CellContent]]]
    summary: str = ""


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
    links = {number: FileLink(path) for number, path in returned.items()}
    sheets = (
        *(_places(protocol, links), _problems(protocol, links)),
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
        "grey": {"font_color": "#666666"},
    }
    ruled = {**_CELL, "border": 1, "border_color": "#C8CDD3"}
    texts = {name: book.add_format({**ruled, **look}) for name, look in looks.items()}
    counts = {
        name: book.add_format({**ruled, **look, "align": "center"}) for name, look in looks.items()
    }
    days = {
        name: book.add_format({**ruled, **look, "align": "center", "num_format": "dd.mm.yyyy"})
        for name, look in looks.items()
    }
    head = book.add_format({**ruled, "bold": True, "bg_color": "#DCE6F1"})
    links = {
        name: book.add_format({**ruled, **look, "font_color": "#0563C1", "underline": 1})
        for name, look in looks.items()
    }
    page = book.add_worksheet(sheet.title)
    rows = sheet.rows[:_MOST_ROWS]
    widths = tuple(sheet.heads.values())
    lines = (
        (f"{title} — {sheet.title}", _LARGE, True),
        (sheet.summary, _SIZE, False),
    )
    for number, (text, size, bold) in enumerate(lines):
        style = book.add_format({**_CELL, "font_size": size, "bold": bold})
        page.merge_range(number, 0, number, len(widths) - 1, text, style)
        count = count_lines(text, sum(widths), size, bold=bold)
        page.set_row(number, row_height(count, size, padding=6))
    for column, (heading, width) in enumerate(sheet.heads.items()):
        page.set_column(column, column, width)
        page.write_string(_HEAD, column, heading, head)
    page.set_row(_HEAD, _height(tuple(sheet.heads), widths, bold=True))
    for number, (look, cells) in enumerate(rows, _HEAD + 1):
        # Not every office makes a row as high as its words.
        page.set_row(number, _height(cells, widths))
        for column, cell in enumerate(cells):
            if isinstance(cell, date):
                page.write_datetime(number, column, cell, days[look])
            elif isinstance(cell, int):
                page.write_number(number, column, cell, counts[look])
            elif isinstance(cell, FileLink):
                page.write_url(number, column, f"external:{cell.path}", links[look], _("open"))
            elif cell:
                page.write_string(number, column, cell[:_LONGEST], texts[look])
            else:
                page.write_blank(number, column, None, texts[look])
    page.freeze_panes(_HEAD + 1, 0)
    page.autofilter(_HEAD, 0, _HEAD + max(len(rows), 1), len(sheet.heads) - 1)
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.repeat_rows(0, _HEAD)
    page.set_footer("&L" + sheet.title + "&R&P / &N")
    page.set_margins(left=0.4, right=0.4, top=0.4, bottom=0.6)


def _height(cells: Sequence[_CellContent], widths: Sequence[int], *, bold: bool = False) -> float:
    texts = zip(cells, widths, strict=True)
    lines = (
        count_lines(text[:_LONGEST], width, _SIZE, bold=bold)
        for text, width in texts
        if isinstance(text, str)
    )
    return min(row_height(max(lines, default=1), _SIZE), _HIGHEST)


def _places(protocol: Protocol, links: Mapping[int, FileLink]) -> _ProtocolSheet:
    heads = {
        _("Place"): 22,
        _("Place (code)"): 13,
        _("Form"): 20,
        _("Year"): 6,
        _("Status"): 12,
        _("Saved"): 12,
        _("Days late"): 13,
        _("Answers given"): 10,
        _("Questions asked"): 11,
        _("Errors"): 9,
        _("Warnings"): 18,
        _("File"): 25,
        _("Sheet"): 8,
        _("To send back"): 10,
    }
    folder = _find_folder(protocol)
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
                "\n".join(_shorten(file, folder) for file in (entry.file, *entry.copies)),
                entry.sheet,
                None if entry.submission is None else links.get(entry.submission),
            ),
        )
        for entry in protocol.places
    ]
    return _ProtocolSheet(_("Who submitted"), heads, rows, _summarise(protocol, folder))


def _summarise(protocol: Protocol, folder: str) -> str:
    """How many forms came, in one line, and the folder that the names of files begin in."""
    places = protocol.places
    came = [entry for entry in places if entry.status == "submitted"]
    counts = {
        _("submitted forms"): _("{came} of {all}").format(
            came=len(came), all=sum(entry.expected for entry in places)
        ),
        _("with errors"): sum(bool(entry.errors) for entry in came),
        _("late"): sum(entry.late for entry in places),
        _("files"): len(protocol.files),
        _("files not taken"): protocol.refused,
        _("folder"): folder,
    }
    return "; ".join(f"{name}: {count}" for name, count in counts.items() if count)


def _find_folder(protocol: Protocol) -> str:
    """The folder that all files lie in; empty where there is none."""
    folders = [posixpath.dirname(item.file) for item in protocol.files]
    try:
        return posixpath.commonpath(folders)
    except ValueError:  # no file, or paths that begin differently
        return ""


def _shorten(file: str, folder: str) -> str:
    return file.removeprefix(f"{folder}/") if folder else file


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


def _problems(protocol: Protocol, links: Mapping[int, FileLink]) -> _ProtocolSheet:
    heads = {
        _("Place"): 20,
        _("Form"): 20,
        _("Year"): 6,
        _("Severity"): 17,
        _("What is wrong"): 42,
        _("What to do"): 32,
        _("File"): 26,
        _("Sheet"): 8,
        _("Cell"): 9,
        _("To send back"): 10,
    }
    entries = protocol.of_submissions()
    folder = _find_folder(protocol)
    rows: list[tuple[str, Sequence[_CellContent]]] = []
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
            _shorten(position.file, folder) if position else "",
            position.sheet if position else "",
            position.cell if position else "",
            None if item.submission is None else links.get(item.submission),
        )
        rows.append((colour, cells))
    totals = Counter(item.problem.severity for item in protocol.problems)
    counts = {_("errors"): totals["error"], _("warnings"): totals["warning"]}
    summary = "; ".join(f"{name}: {count}" for name, count in counts.items())
    return _ProtocolSheet(_("Problems"), heads, rows, summary)


def _balance(protocol: Protocol) -> _ProtocolSheet:
    words = balance_words()
    rows: list[tuple[str, Sequence[_CellContent]]] = [
        ("", (words[name], protocol.balance.get(name, 0))) for name in BALANCE
    ]
    rows.append(("", (_("All cells of all forms"), protocol.cells)))
    return _ProtocolSheet(_("Cells"), {_("Where the cells went"): 70, _("Count"): 14}, rows)


def balance_words() -> Mapping[str, str]:
    """What each part of the balance is."""
    return {
        "value": _("Numbers and words taken as answers"),
        "not_applicable": _("“n/a”: does not apply"),
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
    # Nobody reads a checksum: two lines of it, so that the other columns are printed large.
    heads = {_("File"): 70, _("Result"): 50, _("Checksum (SHA-256)"): 40}
    folder = _find_folder(protocol)
    rows: Iterable[tuple[str, Sequence[_CellContent]]] = (
        (
            "bad" if item.refused else "",
            (
                _shorten(item.file, folder),
                refused.get((item.file, item.refused)) or _("read"),
                item.sha256,
            ),
        )
        for item in protocol.files
    )
    return _ProtocolSheet(
        _("Files"), heads, list(rows), f"{_('folder')}: {folder}" if folder else ""
    )
