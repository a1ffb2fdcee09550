"""The table of an order as rows: №, indicator, unit, values by year; sections told from indicators.

Tables come as people make them: a heading of several rows with merged cells, rows of numbers under
it, a row cut in two by a page break, parts («из них») without a number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from engine.authoring.order_values import split_unit
from engine.problems import Position, Problem
from engine.translation import gettext as _
from engine.workbooks.reader import WorkbookSheet, read_sheets, write_value
from engine.workbooks.safe_open import BY_HAND, RefusedWorkbookError, open_workbook
from engine.workbooks.word_tables import read_word_tables

_Rows = Sequence[Sequence[str]]

_LAST_HEADING = 30  # rows in which a heading is looked for
_ABOVE = 2  # rows above the word «Показатель» that may still be heading
_WORKBOOKS = (".xlsx", ".xls", ".ods", ".xlsm")

_TITLE = re.compile(r"показател|индикатор|наименован|назван")
_INDICATOR = re.compile(r"^(?:(?:наименовани|названи)\w+ )?(?:целев\w+ )?(?:показател|индикатор)")
_NUMBER = re.compile(r"№|п/п|номер|код")
_UNIT = re.compile(r"единиц|ед\. ?изм")
_FACT = re.compile(r"факт|отч[её]т|достигнут|результатив|базов|исходн|текущ")
_PLAN = re.compile(r"прогноз|план|цел")
_YEAR = re.compile(r"(?<!\d)(?:19|20|21)\d\d(?!\d)")
_ACADEMIC = re.compile(r"(?<!\d)((?:19|20|21)\d\d)\s*[-–—/]\s*((?:19|20|21)?\d\d)(?!\d)")
_SECTION = re.compile(r"(\d+(?:\.\d+)*)\.?\s+(\S.*)")
_OF_WHICH = re.compile(r"[\s,]*(?:из них|в том числе)[\s:.]*$", re.IGNORECASE)
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_NOTE = re.compile(r"[*⁰¹²³⁴⁵⁶⁷⁸⁹]|<[*\d]+>|(?:примечани|сноск)\w*", re.IGNORECASE)
_MARKS = "*⁰¹²³⁴⁵⁶⁷⁸⁹ "  # of footnotes, at the end of a title or a value
_DASH = re.compile(r"^[-–—•]\s*")
_LETTER = re.compile(r"[^\W\d_]")


@dataclass(frozen=True, slots=True)
class OrderRow:
    """A row: an indicator, or a section. Texts are as in the table, the unit taken off the title.

    `values`: year → the text of its cell. `line`: which row of the table it begins in, from 1.
    `section`: the number of the section it stands in. `joined`: its title was put together of rows.
    `date`: the date that a spreadsheet made of its number, which then is empty.
    """

    line: int
    number: str
    title: str
    unit: str = ""
    values: Mapping[int, str] = field(default_factory=dict)
    section: str = ""
    is_section: bool = False
    joined: bool = False
    date: str = ""


@dataclass(frozen=True, slots=True)
class OrderTable:
    """A table with a heading. `left_out`: headings of columns that say neither №, unit nor year.

    `notes`: lines under the table that begin as footnotes do. `nameless`: rows that have values and
    no title, as (which row of the table, from 1; its texts). `numberless`: the column of numbers is
    empty: Word may number its rows as a list.
    """

    title: str
    years: tuple[int, ...]
    academic: bool
    rows: tuple[OrderRow, ...]
    left_out: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    nameless: tuple[tuple[int, str], ...] = ()
    numberless: bool = False

    @property
    def indicators(self) -> tuple[OrderRow, ...]:
        """The rows that are no sections."""
        return tuple(row for row in self.rows if not row.is_section)

    @property
    def has_targets(self) -> bool:
        """Whether there is a value in any column of a year."""
        return any(row.values for row in self.indicators)


def read_order(path: Path) -> tuple[tuple[OrderTable, ...], list[Problem]]:
    """The tables of an order that list indicators: those with values by year where there are any.

    The problems say why there is none, or which tables were left out.
    """
    position = Position(path.as_posix())
    if path.suffix.lower() not in {*_WORKBOOKS, ".docx"}:
        return (), [_refuse_kind(position)]
    try:
        found = list(_read_tables(path))
    except RefusedWorkbookError as error:
        return (), [_refuse_file(error.reason, position)]
    tables = [(name, _read_order_table(title, rows)) for name, title, rows in found]
    known = [(name, table) for name, table in tables if table is not None]
    if not known:
        message = _("there is no table with a column “Indicator” in its heading")
        hint = _("in the heading write №, Показатель, Единица измерения and the years")
        return (), [Problem("no-order-table", message, position, hint)]
    chosen = [(name, table) for name, table in known if table.has_targets] or known
    left = [name for name, _table in known if name not in dict(chosen)]
    notes = []
    if left:
        message = _("not taken, for they have no values by year: {tables}")
        message = message.format(tables=", ".join(left))
        notes.append(Problem("order-table-left", message, position, severity="warning"))
    return tuple(table for _name, table in chosen), notes


def _refuse_kind(position: Position) -> Problem:
    return Problem(
        "order-kind",
        _("a table is read from .docx and .xlsx, not from such a file"),
        position,
        _("open it and save it as .docx or .xlsx; type a scan anew"),
    )


def _refuse_file(reason: str, position: Position) -> Problem:
    message, hint = (
        _("the file is damaged, or it is not what its name says"),
        _("open it in Word or Excel and save it anew as .docx or .xlsx"),
    )
    if reason == "password":
        message = _("the file is protected by a password")
        hint = _("open it and save it without the password")
    elif reason.startswith(("too-large", "unpacks")):
        message, hint = _("the file is too large to be read"), _("keep only the table in it")
    return Problem("order-unreadable", message, position, hint)


def _read_tables(path: Path) -> Iterator[tuple[str, str, _Rows]]:
    """Each table: how messages call it, what stands above it, its rows with merges resolved."""
    if path.suffix.lower() == ".docx":
        for number, table in enumerate(read_word_tables(path, BY_HAND), 1):
            yield _("table {number}").format(number=number), table.title, table.rows
        return
    for sheet in read_sheets(open_workbook(path, BY_HAND)):
        yield _("sheet “{name}”").format(name=sheet.name), sheet.name, _write_sheet(sheet)


def _write_sheet(sheet: WorkbookSheet) -> _Rows:
    width = max(map(len, sheet.rows), default=0)
    rows = [
        [
            " ".join(write_value(value, percent=(row, column) in sheet.odd.percents).split())
            for column, value in enumerate(cells)
        ]
        + [""] * (width - len(cells))
        for row, cells in enumerate(sheet.rows)
    ]
    for (row, column), text in (*sheet.odd.errors.items(), *sheet.odd.formulas.items()):
        if row < len(rows) and column < width:
            rows[row][column] = text
    for (top, left), (bottom, right) in sheet.merged:
        for row in range(top, min(bottom + 1, len(rows))):
            for column in range(left, min(right + 1, width)):
                rows[row][column] = rows[top][left]
    return rows


# --- the heading ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Columns:
    """Which column says what, counted from 0; `body`: the first row below the heading."""

    title: int
    number: int | None
    unit: int | None
    years: Mapping[int, int]
    academic: bool
    left_out: tuple[str, ...]
    heading: str
    body: int


def _find_columns(rows: _Rows) -> _Columns | None:
    for start, cells in enumerate(rows[:_LAST_HEADING]):
        named = [at for at, text in enumerate(cells) if _says(_TITLE, text)]
        title = next((at for at in named if _says(_INDICATOR, cells[at])), min(named, default=None))
        if title is not None and len(set(filter(None, cells))) > 1:
            return _name_columns(rows, start, title)
    return None


def _says(pattern: re.Pattern[str], text: str) -> bool:
    return pattern.search(text.casefold()) is not None


def _name_columns(rows: _Rows, start: int, title: int) -> _Columns:
    word = rows[start][title]
    body = next(
        (
            at
            for at in range(start + 1, len(rows))
            if _LETTER.search(rows[at][title]) and rows[at][title] != word
        ),
        len(rows),
    )
    above = [
        cells
        for cells in rows[max(0, start - _ABOVE) : body]
        if len(set(filter(None, cells))) > 1 and not _numbers_columns(cells)
    ]
    headings = [
        " ".join(dict.fromkeys(filter(None, (cells[at] for cells in above))))
        for at in range(len(rows[start]))
    ]
    number = next((at for at, text in enumerate(headings[:title]) if _says(_NUMBER, text)), None)
    unit = next(
        (at for at, text in enumerate(headings) if at != title and _says(_UNIT, text)), None
    )
    years: dict[int, int] = {}
    academic = False
    left_out = []
    for at, text in enumerate(headings):
        if at in {title, number, unit} or not text:
            continue
        year, is_academic = _read_year(text)
        given = _says(_FACT, text) and not _says(_PLAN, text)
        if year is None or year in years or given:
            left_out.append(text)
        else:
            years[year] = at
            academic = academic or is_academic
    return _Columns(title, number, unit, years, academic, tuple(left_out), word, body)


def _numbers_columns(cells: Sequence[str]) -> bool:
    """Whether the row says 1, 2, 3…: the numbers of the columns."""
    texts = list(filter(None, cells))
    first = int(texts[0]) if texts and texts[0].isdecimal() else 0
    return len(texts) > 1 and texts == [str(first + step) for step in range(len(texts))]


def _read_year(heading: str) -> tuple[int | None, bool]:
    """The one year that a heading names, and whether it is a school year."""
    pairs = {(int(first), int(last) % 100) for first, last in _ACADEMIC.findall(heading)}
    if len(pairs) == 1:
        first, last = pairs.pop()
        return (first, True) if (first + 1) % 100 == last else (None, False)
    years = set(_YEAR.findall(heading))
    return (int(years.pop()), False) if len(years) == 1 else (None, False)


# --- the rows -------------------------------------------------------------------------------------


def _read_order_table(title: str, rows: _Rows) -> OrderTable | None:
    columns = _find_columns(rows)
    if columns is None:
        return None
    order_rows: list[OrderRow] = []
    notes: list[str] = []
    nameless: list[tuple[int, str]] = []
    for line, cells in enumerate(rows[columns.body :], columns.body + 1):
        texts = list(dict.fromkeys(filter(None, cells)))
        if len(texts) == 1 and _NOTE.match(texts[0]):
            notes.append(texts[0])
            continue
        row = _read_row(columns, line, cells)
        if row is None:
            if not _LETTER.search(cells[columns.title]) and _list_values(columns, cells):
                nameless.append((line, "; ".join(texts)))
        elif order_rows and _continues(order_rows[-1], row):
            order_rows[-1] = replace(
                order_rows[-1], title=f"{order_rows[-1].title} {row.title}", joined=True
            )
        else:
            order_rows.append(row)
    years = tuple(sorted(columns.years))
    read = tuple(_place(_name_parts(_take_units(order_rows))))
    numberless = columns.number is not None and not any(
        row.number or row.date for row in order_rows
    )
    return OrderTable(
        title,
        years,
        columns.academic,
        read,
        columns.left_out,
        tuple(notes),
        tuple(nameless),
        numberless,
    )


def _list_values(columns: _Columns, cells: Sequence[str]) -> dict[int, str]:
    """Year → the text of its cell, without the mark of a footnote; none in a row of numbers of columns."""
    if _numbers_columns(cells):
        return {}
    values = {year: cells[at].rstrip(_MARKS) for year, at in columns.years.items()}
    return {year: text for year, text in values.items() if text.strip()}


def _read_row(columns: _Columns, line: int, cells: Sequence[str]) -> OrderRow | None:
    """The row as it stands; None where it is blank, a row of numbers, or the heading once more."""
    texts = set(filter(None, cells))
    title = cells[columns.title].rstrip(_MARKS).strip()
    if not _LETTER.search(title) or cells[columns.title] == columns.heading:
        return None
    number = cells[columns.number].strip() if columns.number is not None else ""
    if (len(texts) == 1 and sum(map(bool, cells)) > 1) or number == cells[columns.title].strip():
        match = _SECTION.fullmatch(title)
        known, name = match.groups() if match else ("", title)
        return OrderRow(line, known, name, is_section=True)
    unit = cells[columns.unit].strip() if columns.unit is not None else ""
    date = number if _DATE.match(number) else ""
    number = "" if date else number.rstrip(".")
    return OrderRow(line, number, title, unit, _list_values(columns, cells), date=date)


def _continues(before: OrderRow, row: OrderRow) -> bool:
    """Whether the row is the rest of the one before, which a page break has cut.

    It has a title alone, which goes on in small letters; a part after «из них» is no rest.
    """
    alone = not (row.number or row.unit or row.values or row.is_section)
    return alone and row.title[:1].islower() and not _OF_WHICH.search(before.title)


def _take_units(rows: Sequence[OrderRow]) -> list[OrderRow]:
    """The rows with the unit taken off the title where no column says it."""
    with_units = []
    for row in rows:
        title, unit = (row.title, row.unit) if row.unit or row.is_section else split_unit(row.title)
        with_units.append(replace(row, title=title, unit=unit))
    return with_units


def _name_parts(rows: Sequence[OrderRow]) -> Iterator[OrderRow]:
    """The rows; parts («- на уровне …», «дети с ОВЗ» after «из них») with what they are parts of."""
    whole = parent = ""
    numbered: dict[str, str] = {}
    for row in rows:
        title = _OF_WHICH.sub("", row.title)
        dashed = _DASH.match(row.title)
        if row.number or row.is_section:
            above = numbered.get(row.number.rpartition(".")[0])
            if above and row.title[:1].islower():
                title = f"{above}: {title}"
            if row.unit or row.values:
                numbered[row.number] = title
            whole = title
        elif dashed and whole:
            title = f"{whole}: {_DASH.sub('', title)}"
        elif parent and row.title[:1].islower():
            title = f"{parent}: {title}"
        # Of parts named one after the other all are of the same whole.
        if _OF_WHICH.search(row.title) or row.number or dashed:
            parent = title
        yield replace(row, title=title)


def _place(rows: Iterator[OrderRow]) -> Iterator[OrderRow]:
    """The rows, sections told from indicators, each with the section it stands in."""
    listed = list(rows)
    numbers = [row.number for row in listed]
    valued = any(row.values for row in listed)
    current = ""
    for at, row in enumerate(listed):
        following = next(filter(None, numbers[at + 1 :]), "")
        bare = not (row.unit or row.values)
        opens = bool(row.number) and bare and following.startswith(f"{row.number}.")
        # Where others have values, a title alone above a numbered row is that of a section.
        heads = valued and bare and not row.number and bool("".join(numbers[at + 1 : at + 2]))
        if row.is_section or opens or heads:
            current = row.number or row.title
            yield replace(row, number=current, is_section=True)
        else:
            yield replace(row, section=current)
