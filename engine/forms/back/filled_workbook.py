"""One filled workbook: its stamps and codes wherever they are, and the cell at each crossing.

Read in processes of their own, many at once: what comes back is small and plain, and nothing here
knows the catalogue or makes a message. Rows and columns are counted from 0.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from engine.forms.stamp import MARK, read_column_code, read_row_code, read_stamp
from engine.workbooks.addresses import Cell, name_range
from engine.workbooks.odd_cells import OddCells
from engine.workbooks.reader import WorkbookSheet, read_sheets, write_value
from engine.workbooks.safe_open import (
    BY_HAND,
    RefusedWorkbookError,
    WorkbookFile,
    open_workbook,
)

_FIRST_OLD = datetime(1990, 1, 1, tzinfo=UTC)

CodedRow = tuple[str, int, int]
"""(input, shift of the year, row)"""

CodedColumn = tuple[int, str, int]
"""(year, scenario, column)"""


@dataclass(frozen=True, slots=True)
class FilledSheet:
    """A sheet with a stamp or with codes.

    `stamps`: (text, row, column). `damaged`: cells whose code is broken. `texts`: of every row its
    cells in all columns, None where blank. `odd`: number of a text → what is wrong with its cell,
    the code of the problem; after that of a merged cell stand the cells.
    `stray`: (row, column, text, title) of what stands in columns of answers, in a row without a code.
    """

    name: str
    stamps: tuple[tuple[str, int, int], ...] = ()
    damaged: tuple[tuple[int, int], ...] = ()
    rows: tuple[CodedRow, ...] = ()
    columns: tuple[CodedColumn, ...] = ()
    texts: tuple[str | None, ...] = ()
    odd: Mapping[int, str] = field(default_factory=dict)
    stray: tuple[tuple[int, int, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class FilledWorkbook:
    """What one file holds; `refused` is the code of the problem where nothing could be read.

    `saved`: when it was saved, in seconds, as it tells itself, else as its file does.
    """

    sheets: tuple[FilledSheet, ...] = ()
    sha256: str = ""
    saved: float = 0.0
    macros: bool = False
    refused: str = ""
    detail: OSError | None = None
    sheet: str = ""
    cell: str = ""


def read_books(paths: Sequence[str]) -> list[FilledWorkbook]:
    """Every file in its turn; none of them stops the others."""
    return [read_book(Path(path)) for path in paths]


def read_book(path: Path) -> FilledWorkbook:
    """What the file holds, or why nothing was read."""
    try:
        book = open_workbook(path, BY_HAND)
        sheets = tuple(_find_sheets(book))
        changed = path.stat().st_mtime
    except RefusedWorkbookError as error:
        return FilledWorkbook(refused=error.reason, sheet=error.sheet, cell=error.cell)
    except OSError as error:
        return FilledWorkbook(refused="unreadable-file", detail=error)
    inside = book.saved if book.saved and book.saved > _FIRST_OLD else None
    # A program that fills forms may leave the date of their drawing, which is always this one.
    drawn = inside is not None and (inside.year, inside.month, inside.day) == (2000, 1, 1)
    saved = inside.timestamp() if inside and not drawn else changed
    return FilledWorkbook(sheets, book.sha256, saved, book.macros)


def _find_sheets(book: WorkbookFile) -> Iterator[FilledSheet]:
    for sheet in read_sheets(book):
        if sheet.unreadable:
            # A sheet of a diagram is no sheet of cells; a form that cannot be read is refused.
            if any(MARK.encode() in part for part in book.parts.values()):
                raise RefusedWorkbookError("damaged-workbook")
        elif (filled := find_filled_sheet(sheet)) is not None:
            yield filled


def find_filled_sheet(sheet: WorkbookSheet) -> FilledSheet | None:
    """The answers of one sheet; None where it has neither stamp nor code."""
    cells = sheet.rows
    size = len(MARK)
    marked = [
        (row, column, value)
        for row, line in enumerate(cells)
        for column, value in enumerate(line)
        if value.__class__ is str and value[:size] == MARK
    ]
    if not marked:
        return None
    stamps, damaged, rows, columns = _sort_marks(marked)
    texts, odd_texts = _read_crossings(cells, rows, columns, sheet.odd)
    if texts:
        _find_merged(sheet.merged, rows, columns, texts, odd_texts)
    stray = tuple(_find_stray(cells, rows, columns))
    return FilledSheet(
        sheet.name,
        tuple(stamps),
        tuple(damaged),
        tuple(rows),
        tuple(columns),
        tuple(texts),
        odd_texts,
        stray,
    )


def _sort_marks(
    marked: Sequence[tuple[int, int, str]],
) -> tuple[list[tuple[str, int, int]], list[tuple[int, int]], list[CodedRow], list[CodedColumn]]:
    """Stamps, damaged codes, rows and columns."""
    stamps: list[tuple[str, int, int]] = []
    damaged: list[tuple[int, int]] = []
    rows: list[CodedRow] = []
    columns: list[CodedColumn] = []
    for row, column, text in marked:
        if row_fields := read_row_code(text):
            rows.append((*row_fields, row))
        elif column_fields := read_column_code(text):
            columns.append((*column_fields, column))
        elif read_stamp(text):
            stamps.append((text, row, column))
        else:
            damaged.append((row, column))
    return stamps, damaged, rows, columns


def _read_crossings(
    cells: Sequence[Sequence[object]],
    rows: Sequence[CodedRow],
    columns: Sequence[CodedColumn],
    odd: OddCells,
) -> tuple[list[str | None], dict[int, str]]:
    """The texts of the answers, row by row, and what is wrong with some of them."""
    texts: list[str | None] = []
    odd_texts: dict[int, str] = {}
    for _input, _shift, row in rows:
        line = cells[row]
        for _year, _scenario, column in columns:
            text = _write_answer(line[column]) if column < len(line) else None
            if text is None and (row, column) in odd.errors:
                text, code = odd.errors[row, column], "excel-error"
                odd_texts[len(texts)] = code
            elif text is None and (row, column) in odd.formulas:
                text, code = odd.formulas[row, column], "formula-without-value"
                odd_texts[len(texts)] = code
            elif text is not None and (row, column) in odd.percents:
                text = write_value(line[column], percent=True)
            texts.append(text)
    return texts, odd_texts


def _write_answer(value: object) -> str | None:
    """The value of a cell as a person would write it; None where it is blank."""
    if isinstance(value, str):
        return value if value and not value.isspace() else None
    return None if value is None else write_value(value)


def _find_merged(
    merged: Sequence[tuple[Cell, Cell]],
    rows: Sequence[CodedRow],
    columns: Sequence[CodedColumn],
    texts: list[str | None],
    odd_texts: dict[int, str],
) -> None:
    """Mark answers of which nobody can say whose they are: one cell over several answers."""
    of_columns = {column: number for number, (_year, _scenario, column) in enumerate(columns)}
    for (top, left), (bottom, right) in merged:
        across = [number for column, number in of_columns.items() if left <= column <= right]
        if not across:
            continue
        inside = [
            number * len(columns) + place
            for number, (_input, _shift, row) in enumerate(rows)
            if top <= row <= bottom
            for place in across
        ]
        corner = [number for number in inside if _stands(rows, columns, number) == (top, left)]
        first, code = next(iter(corner), None), name_merged((top, left), (bottom, right))
        if not inside or inside == [first]:
            continue
        if first is None:
            # The answer is hidden under what stands to the left of it or above.
            odd_texts |= dict.fromkeys(inside, code)
        elif texts[first] is not None:
            odd_texts[first] = code


def name_merged(first: Cell, last: Cell) -> str:
    """What is wrong with an answer in a merged cell: the code of the problem, and the cells."""
    return f"merged-cell {name_range(first, last)}"


def _stands(
    rows: Sequence[CodedRow], columns: Sequence[CodedColumn], number: int
) -> tuple[int, int]:
    """Row and column of an answer."""
    row, column = divmod(number, len(columns))
    return rows[row][2], columns[column][2]


def _find_stray(
    cells: Sequence[Sequence[object]], rows: Sequence[CodedRow], columns: Sequence[CodedColumn]
) -> Iterator[tuple[int, int, str, str]]:
    if not rows or not columns:
        return
    coded = {row for _input, _shift, row in rows}
    answers = sorted({column for _year, _scenario, column in columns})
    for row in range(min(coded), min(max(coded) + 1, len(cells))):
        if row in coded:
            continue
        line = cells[row]
        title = max(
            (_write_answer(value) or "" for value in line[: answers[0]]), key=len, default=""
        )
        for column in answers:
            if column < len(line) and (text := _write_answer(line[column])):
                yield row, column, text, title
