"""Files of data as raw tables: every cell keeps its file, sheet, row and column.

CSV (UTF-8, UTF-16 with a mark, cp1251; `;`, `,` or tab), workbooks, and Parquet, which is scanned
and not read. Nothing here knows what a column means.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TypeAlias

import polars as pl

from engine.data.frames import collect_frame
from engine.problems import Position, Problem, describe_refusal
from engine.translation import gettext as _
from engine.workbooks.addresses import Cell, name_column, name_range
from engine.workbooks.processes import read_apart
from engine.workbooks.reader import (
    ReadWorkbook,
    WorkbookSheet,
    read_workbooks,
    write_value,
)
from engine.workbooks.safe_open import OLE, ZIP, Bounds

WORKBOOKS = frozenset({".xlsx", ".xls", ".xlsm", ".xlsb", ".ods"})
TEXTS = frozenset({".csv", ".tsv"})
READABLE = WORKBOOKS | TEXTS | {".parquet"}
UNREADABLE_MARK = "\ufffd"
"""Before the text of a cell that cannot be read, whatever is asked in it; no such text is shown."""
MERGED_MARK = f"{UNREADABLE_MARK}\ue000"
"""The same of an answer that is merged with others."""
MARK = f"^{UNREADABLE_MARK}\ue000?"

_BOUNDS = Bounds(file=200_000_000, unpacked=1_000_000_000, cells=10_000_000)
_DELIMITERS = ";\t,"
# Below this the csv module is quick enough; above it Polars reads what needs no quotes.
_LARGE = 200_000
_FIRST_ROWS = 20  # among which the heading of a table is looked for
_SHOWN = 60  # characters of a cell in a message
# What Russian text in cp1251 consists of beside ASCII; other signs betray another encoding.
_CP1251 = "[А-Яа-яЁё\u00a0«»„“”‘’—–…№°•·×±§©\u2212]"


CountHeadings: TypeAlias = Callable[[Sequence[str]], int]
"""How many cells of a row are known headings; 0 where none of them says whose the rows are."""


@dataclass(frozen=True, slots=True)
class RawTable:
    """A table as it was found: `header` as written, cells in the columns `c0`, `c1`, ….

    Cells are text, except in Parquet, where they are what they are. `row` (UInt32) is the row as
    people count it: the line of a CSV, the row of a sheet, the record of a Parquet file; a Parquet
    table gets it only from `numbered`, because counting rows would keep its scan from being lazy.
    `head` is the row of the header (0 where none is written as a row). `gridded`: of a text, that a
    spreadsheet shows each line in the row of its number, so that a cell has its address (R2) too.
    `merged`: the first and the last cell of every merged range, rows and columns counted from 0.
    `hidden`: that it lies on a sheet which a spreadsheet does not show.
    """

    file: str
    path: Path | None
    header: tuple[str, ...]
    frame: pl.LazyFrame
    sheet: str = ""
    counted: bool = True
    origin: Position | None = None
    head: int = 1
    merged: tuple[tuple[Cell, Cell], ...] = ()
    gridded: bool = False
    hidden: bool = False

    def numbered(self) -> pl.LazyFrame:
        """The frame with `row`."""
        return self.frame if self.counted else self.frame.with_row_index("row", offset=1)

    def position(self, row: int = 0, column: int | None = None) -> Position:
        """The position of a cell (`column` from 0), of a row, or of the whole table."""
        if self.origin is not None:
            return self.origin
        ordinal = 0 if column is None else column + 1
        if not self.sheet and not self.gridded:
            return Position(self.file, line=row, column=ordinal)
        cell = f"{name_column(ordinal)}{row}" if row and ordinal else (str(row) if row else "")
        if not self.sheet:
            return Position(self.file, line=row, column=ordinal, cell=cell if ordinal else "")
        return Position(self.file, sheet=self.sheet, cell=cell, hidden=self.hidden)

    def head_position(self, column: int) -> Position:
        """The position of a header."""
        return self.position(self.head, column)

    def column_name(self, column: int) -> str:
        """The header of a column, or its letter where the header is empty."""
        return shorten(self.header[column]) or name_column(column + 1)

    def hint_merged(self, row: int, column: int) -> str:
        """What to do where an empty cell is hidden in a merged one; nothing where it is not."""
        first, _last, span = self.find_merged(row, column)
        if not span or first == (row - 1, column):
            return ""
        hint = _("the cells {span} are merged: split them and fill in every row")
        return hint.format(span=span)

    def find_merged(self, row: int, column: int) -> tuple[Cell, Cell, str]:
        """First cell, last cell and address of the merged range that holds a cell; empty without one."""
        for (top, left), (bottom, right) in self.merged:
            if top <= row - 1 <= bottom and left <= column <= right:
                return (top, left), (bottom, right), name_range((top, left), (bottom, right))
        return (row - 1, column), (row - 1, column), ""

    def text(self, row: int, column: int) -> str:
        """The text of one cell."""
        cell = (
            self.numbered()
            .filter(pl.col("row") == row)
            .select(pl.col(f"c{column}").cast(pl.String))
        )
        return collect_frame(cell).item() or ""


def open_books(paths: Iterable[Path]) -> Iterator[tuple[Path, ReadWorkbook]]:
    """What the workbooks among these files hold, in their order, read in processes of their own.

    While one is looked at, those after it are being read.
    """
    files = [path for path in paths if path.suffix.lower() in WORKBOOKS]
    read = partial(read_workbooks, bounds=_BOUNDS)
    books = read_apart(read, [str(path) for path in files])
    damaged = ReadWorkbook(refused="damaged-workbook")
    for path, book in zip(files, books, strict=True):
        yield path, book or damaged


def read_tables(
    path: Path,
    name: str,
    count_headings: CountHeadings | None = None,
    books: Mapping[Path, ReadWorkbook] | None = None,
) -> tuple[list[RawTable], list[Problem]]:
    """Every table of one file; `name` is how messages call the file.

    With `count_headings` the heading may stand below titles, see `build_table`. `books`: workbooks
    that were read already; of others this file is read alone.
    """
    try:
        if path.stat().st_size == 0:
            return [], [Problem("empty-file", _("the file is empty"), Position(name))]
        if path.suffix.lower() == ".parquet":
            return _scan_parquet(path, name)
        if path.suffix.lower() in WORKBOOKS:
            book = (books or dict(open_books([path])))[path]
            return _list_sheets(book, path, name, count_headings)
        return _read_csv(path, name, count_headings)
    except OSError as error:
        return [], [_refuse_file(error, name)]


def _refuse_file(error: OSError, name: str) -> Problem:
    message = _("the file cannot be read: {reason}").format(reason=describe_refusal(error))
    return Problem("unreadable-file", message, Position(name))


def _list_sheets(
    book: ReadWorkbook, path: Path, name: str, count_headings: CountHeadings | None
) -> tuple[list[RawTable], list[Problem]]:
    """A table of every sheet that holds anything."""
    if book.detail is not None:
        return [], [_refuse_file(book.detail, name)]
    if book.refused is not None:
        return [], [_refuse_workbook(book, name)]
    tables: list[RawTable] = []
    problems: list[Problem] = []
    if book.macros:
        message = _("the workbook holds macros: they are neither run nor read")
        problems.append(Problem("macros", message, Position(name), severity="warning"))
    for sheet in book.sheets:
        if sheet.unreadable:
            message = _("the sheet cannot be read: {reason}").format(reason=sheet.unreadable)
            position = Position(name, sheet=sheet.name, hidden=sheet.hidden)
            problems.append(Problem("unreadable-file", message, position))
            continue
        rows = enumerate(_write_rows(sheet), 1)
        table, more = build_table(
            rows, file=name, path=path, sheet=sheet.name, count_headings=count_headings
        )
        if table:
            tables.append(replace(table, merged=tuple(sheet.merged), hidden=sheet.hidden))
        problems += more
    if not tables and not any(problem.severity == "error" for problem in problems):
        problems.append(Problem("empty-file", _("the file is empty"), Position(name)))
    return tables, problems


def _refuse_workbook(book: ReadWorkbook, name: str) -> Problem:
    reason, position = book.refused, Position(name, sheet=book.sheet, cell=book.cell)
    hint = _("open it in Excel and save it anew as .xlsx")
    if reason == "password":
        message, hint = _("the workbook is protected by a password"), ""
    elif reason == "binary-workbook":
        message = _("the workbook is of the binary kind (.xlsb), which is not read")
    elif reason in {"too-large-file", "unpacks-too-large", "too-large-sheet"}:
        message = _("the workbook is too large to be read")
        hint = _("delete what stands far from the table, or save the sheet as “CSV UTF-8”")
        if book.cell:
            message, hint = describe_far_cell(book.cell)
            large = _("if the table is so large, save it as “CSV UTF-8”")
            hint = f"{hint}; {large}"
    else:
        message = _("the file is no workbook, or it is damaged")
    return Problem("unreadable-file", message, position, hint)


def describe_far_cell(cell: str) -> tuple[str, str]:
    """Message and hint for a cell that makes a sheet too large."""
    message = _("the sheet reaches as far as the cell {cell}: it is too large to be read")
    hint = _("delete the row and the column of that cell (Ctrl+G finds it), and save the workbook")
    return message.format(cell=cell), hint


def _write_rows(sheet: WorkbookSheet) -> list[list[str]]:
    """The cells of every row as they are seen: an error, a formula without a value, 85 % for 0.85."""
    percents = sheet.odd.percents
    rows = [
        [
            write_value(value, percent=(row, column) in percents)
            for column, value in enumerate(cells)
        ]
        for row, cells in enumerate(sheet.rows)
    ]
    for (row, column), text in sheet.odd.errors.items():
        _put(rows, row, column, text)
    for (row, column), text in sheet.odd.formulas.items():
        _put(rows, row, column, f"{UNREADABLE_MARK}{text}")
    return rows


def _put(rows: list[list[str]], row: int, column: int, text: str) -> None:
    """Write a cell, which may stand beyond the last one that has a value."""
    rows += ([] for _row in range(row + 1 - len(rows)))
    rows[row] += [""] * (column + 1 - len(rows[row]))
    rows[row][column] = text


def build_table(
    rows: Iterable[tuple[int, Sequence[str | None]]],
    *,
    file: str,
    path: Path | None = None,
    sheet: str = "",
    origin: Position | None = None,
    gridded: bool = False,
    commas: bool = False,
    count_headings: CountHeadings | None = None,
) -> tuple[RawTable | None, list[Problem]]:
    """A table of texts from (row number, cells); its first row that is not blank is the header.

    With `count_headings`, where that row has none and exactly one of the first rows has several, that
    one is the header, and a note says what stands above it. Blank rows are left out. Cells to the
    right of the header are problems. `commas`: that commas part the cells, and a row of more cells
    than the header has is not read: where its decimal comma is, nobody knows.
    """
    filled = [(row, cells) for row, cells in rows if any(cell and cell.strip() for cell in cells)]
    if not filled:
        return None, []
    above = _count_titles(filled, count_headings) if count_headings else 0
    titles, filled = filled[:above], filled[above:]
    longest = len(filled[0][1])
    shifted = [(row, len(cells)) for row, cells in filled if commas and len(cells) > longest]
    filled = [(row, cells) for row, cells in filled if not commas or len(cells) <= longest]
    header = [clean_name(cell or "") for cell in filled[0][1]]
    while header and not header[-1]:
        header.pop()
    width = len(header)
    numbers: list[int] = []
    outside: list[tuple[int, int, str]] = []
    for row, cells in filled[1:]:
        numbers.append(row)
        outside += [
            (row, column, cell.strip())
            for column, cell in enumerate(cells[width:], width)
            if cell and cell.strip()
        ]
    # One series of all cells, column after column, that is cut: a series each takes much longer.
    texts = pl.Series(
        [
            cells[column] or None if column < len(cells) else None
            for column in range(width)
            for _row, cells in filled[1:]
        ],
        dtype=pl.String,
    )
    height = len(numbers)
    frame = pl.DataFrame(
        [
            *(texts.slice(column * height, height).alias(f"c{column}") for column in range(width)),
            pl.Series("row", numbers, dtype=pl.UInt32),
        ]
    )
    table = RawTable(
        file,
        path,
        tuple(header),
        frame.lazy(),
        sheet,
        origin=origin,
        head=filled[0][0],
        gridded=gridded,
    )
    problems = _name_titles(table, titles)
    message = _("the row has {count} cells, the heading {width}: it is not read")
    hint = _(
        "a comma inside a number or a text parts it: put it in quotes, or save the table with “;”"
    )
    problems += [
        Problem(
            "shifted-row", message.format(count=count, width=longest), table.position(row, 0), hint
        )
        for row, count in shifted
    ]
    problems += [
        Problem(
            "cell-without-column",
            _("“{text}” stands in a column without a header").format(text=shorten(text)),
            table.position(row, column),
            "" if sheet else _("a cell with a comma or a delimiter inside needs quotes around it"),
        )
        for row, column, text in outside
        # Where no heading is found nothing is read: that is one problem, of who reads the table.
        if count_headings is None or count_headings(table.header)
    ]
    return table, problems


def strip_mark(text: str) -> str:
    """The text without the mark of what cannot be read."""
    return re.sub(MARK, "", text)


def _count_titles(
    filled: Sequence[tuple[int, Sequence[str | None]]], count_headings: CountHeadings
) -> int:
    """How many rows stand above the heading; none where no row, or more than one, is a heading."""

    def count(cells: Sequence[str | None]) -> int:
        return count_headings([clean_name(cell or "") for cell in cells])

    if count(filled[0][1]) > 1:
        return 0
    heads = [
        number
        for number, (row, cells) in enumerate(filled[:_FIRST_ROWS])
        if row <= _FIRST_ROWS and count(cells) > 1
    ]
    return heads[0] if len(heads) == 1 else 0


def _name_titles(
    table: RawTable, titles: Sequence[tuple[int, Sequence[str | None]]]
) -> list[Problem]:
    """One note on the rows above the heading."""
    if not titles:
        return []
    text = next(cell for cell in titles[0][1] if cell and cell.strip())
    message = _("the heading is in row {head}; what stands above it is not read: “{text}”")
    message = message.format(head=table.head, text=shorten(text))
    return [Problem("title-rows", message, table.position(titles[0][0], 0), severity="note")]


def shorten(text: str) -> str:
    """A text of a cell as a message shows it: one line, not too long."""
    line = " ".join(strip_mark(text).split())
    return line if len(line) <= _SHOWN else f"{line[:_SHOWN]}…"


def clean_name(text: str) -> str:
    """A header as it is compared: NFKC (but for №), single spaces, no mark of the encoding."""
    parts = (unicodedata.normalize("NFKC", part) for part in text.split("№"))
    return " ".join("№".join(parts).replace("\ufeff", "").split())


def _read_csv(
    path: Path, name: str, count_headings: CountHeadings | None
) -> tuple[list[RawTable], list[Problem]]:
    content = path.read_bytes()
    text = _decode(content)
    if text is None:
        message = _("the file is neither UTF-8 nor cp1251 (Windows) text")
        hint = _("save it as “CSV UTF-8” or as a workbook (XLSX)")
        if content.startswith((ZIP, OLE)):
            message = _("it is a workbook or another document under the name of a text")
            hint = _("open it in Excel and save it as “CSV UTF-8” or as .xlsx")
        return [], [Problem("wrong-encoding", message, Position(name), hint)]
    text = text.removeprefix("\ufeff")
    delimiter, skipped = _find_delimiter(text, count_headings)
    if len(text) > _LARGE and '"' not in text and not skipped:
        table = _read_large_csv(text, delimiter, path, name)
        if table and (count_headings is None or count_headings(table.header)):
            return [table], []
    lines = list(io.StringIO(text, newline=""))
    try:
        records = _part_records(lines, delimiter)
    except _OpenQuoteError as error:
        message = _("a quotation mark opens here and is not closed: the file is not read")
        hint = _('close it, or write «…» in place of "…"')
        return [], [Problem("open-quote", message, Position(name, line=error.line), hint)]
    except csv.Error:
        message = _("the file is no table: a cell of it is longer than a text can be")
        return [], [Problem("unreadable-file", message, Position(name))]
    # Of a record on several lines, and of `sep=;`, which is no row, a spreadsheet counts otherwise.
    gridded = not skipped and len(lines) == len(records)
    table, problems = build_table(
        [(line, cells) for line, cells in records if line > skipped],
        file=name,
        path=path,
        gridded=gridded,
        commas=delimiter == ",",
        count_headings=count_headings,
    )
    if table is None:
        return [], [Problem("empty-file", _("the file is empty"), Position(name)), *problems]
    return [table], problems


class _OpenQuoteError(Exception):
    """A quotation mark opens a cell on this line, and what closes it, if anything, ends no cell."""

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


def _part_records(lines: Sequence[str], delimiter: str) -> list[tuple[int, list[str]]]:
    """Each record with the line on which it begins; csv.Error where a cell is too long."""
    records, begins = [], 1
    reader = csv.reader(lines, delimiter=delimiter)
    try:
        for cells in reader:
            if reader.line_num > begins:
                # A cell goes on over the end of its line: only such quotes can swallow other rows.
                own = lines[begins - 1 : reader.line_num]
                list(csv.reader(own, delimiter=delimiter, strict=True))
            records.append((begins, cells))
            begins = reader.line_num + 1
    except csv.Error as error:
        if reader.line_num > begins:
            raise _OpenQuoteError(begins) from error
        raise
    return records


def _find_delimiter(text: str, count_headings: CountHeadings | None) -> tuple[str, int]:
    """The delimiter, and how many first lines are no part of the table (Excel's `sep=;`).

    It is that of the first line that has several headings by it, else what the first line has most of.
    """
    lines = [line for line in text[:100_000].splitlines() if line.strip()][:_FIRST_ROWS]
    first = lines[0] if lines else ""
    stated = re.fullmatch(r'"?sep=(.)"?', first.strip("\r\n"), re.IGNORECASE)
    if stated:
        return stated[1], text[: text.index(first)].count("\n") + 1
    for line in lines if count_headings else ():
        for delimiter in sorted(_DELIMITERS, key=line.count, reverse=True):
            cells = [clean_name(cell.strip('"')) for cell in line.split(delimiter)]
            if count_headings and count_headings(cells) > 1:
                return delimiter, 0
    bare = re.sub(r'"[^"]*"', "", first)
    return max(_DELIMITERS, key=bare.count), 0


def _decode(content: bytes) -> str | None:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return content.decode("utf-16")
        except UnicodeDecodeError:
            return None
    if b"\0" in content:
        return None
    try:
        return content.decode()
    except UnicodeDecodeError:
        pass
    try:
        text = content.decode("cp1251")
    except UnicodeDecodeError:
        return None
    signs = re.findall("[^\0-\x7f]", text[:1_000_000])
    strange = sum(1 for sign in signs if not re.match(_CP1251, sign))
    return text if strange * 20 <= len(signs) else None


def _read_large_csv(text: str, delimiter: str, path: Path, name: str) -> RawTable | None:
    """A table without quotes, read by Polars; None where its rows are ragged."""
    if text[:1] in "\r\n":
        return None
    try:
        frame = pl.read_csv(
            text.encode(),
            separator=delimiter,
            quote_char=None,
            infer_schema=False,
            has_header=False,
        )
    except pl.exceptions.PolarsError:
        return None
    header = [clean_name(cell or "") for cell in frame.row(0)]
    while header and not header[-1]:
        header.pop()
    frame = frame.rename({old: f"c{column}" for column, old in enumerate(frame.columns)})
    if any(frame[f"c{column}"].is_not_null().any() for column in range(len(header), frame.width)):
        return None
    frame = frame.select(f"c{column}" for column in range(len(header)))
    body = frame.with_row_index("row", offset=1).slice(1)
    body = body.filter(pl.any_horizontal(pl.exclude("row").str.strip_chars() != ""))
    return RawTable(
        name, path, tuple(header), body.select(pl.exclude("row"), "row").lazy(), gridded=True
    )


def _scan_parquet(path: Path, name: str) -> tuple[list[RawTable], list[Problem]]:
    try:
        frame = pl.scan_parquet(path)
        names = frame.collect_schema().names()
    except pl.exceptions.PolarsError:
        message = _("the file is no Parquet, or it is damaged")
        hint = _("write it anew with the program that made it")
        return [], [Problem("unreadable-file", message, Position(name), hint)]
    header = tuple(clean_name(column) for column in names)
    frame = frame.rename({old: f"c{column}" for column, old in enumerate(names)})
    return [RawTable(name, path, header, frame, counted=False, head=0)], []
