"""One filled workbook: its stamps and codes wherever they are, and the cell at each crossing.

Read in processes of their own, many at once: what comes back is small and plain, and nothing here
knows the catalogue or makes a message. Rows and columns are counted from 0.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError

from engine.forms.stamp import MARK, read_column_code, read_row_code, read_stamp
from engine.workbooks.addresses import name_column
from engine.workbooks.odd_cells import MOST_CELLS, OddCells, find_odd, write_formula
from engine.workbooks.safe_open import Opened, RefusedError, open_file

_FIRST_OLD = datetime(1990, 1, 1, tzinfo=UTC)
_WHOLE = 10**15  # up to which a number of a spreadsheet is exact

Row = tuple[str, int, int]
"""(input, shift of the year, row)"""

Column = tuple[int, str, int]
"""(year, scenario, column)"""


@dataclass(frozen=True, slots=True)
class FoundSheet:
    """A sheet with a stamp or with codes.

    `stamps`: (text, row, column). `damaged`: cells whose code is broken. `texts`: of every row its
    cells in all columns, None where blank. `odd`: number of a text → what is wrong with its cell.
    `stray`: (row, column, text, title) of what stands in columns of answers, in a row without a code.
    """

    name: str
    stamps: tuple[tuple[str, int, int], ...] = ()
    damaged: tuple[tuple[int, int], ...] = ()
    rows: tuple[Row, ...] = ()
    columns: tuple[Column, ...] = ()
    texts: tuple[str | None, ...] = ()
    odd: Mapping[int, str] = field(default_factory=dict)
    stray: tuple[tuple[int, int, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class FoundBook:
    """What one file holds; `refused` is the code of the problem where nothing could be read.

    `saved`: when it was saved, in seconds, as it tells itself, else as its file does.
    """

    sheets: tuple[FoundSheet, ...] = ()
    sha256: str = ""
    saved: float = 0.0
    macros: bool = False
    refused: str = ""
    detail: str = ""


def read_books(paths: Sequence[str]) -> list[FoundBook]:
    """Every file in its turn; none of them stops the others."""
    return [read_book(Path(path)) for path in paths]


def read_book(path: Path) -> FoundBook:
    """What the file holds, or why nothing was read."""
    try:
        opened = open_file(path)
        sheets = tuple(_read_sheets(opened))
        changed = path.stat().st_mtime
    except RefusedError as error:
        return FoundBook(refused=error.reason)
    except OSError as error:
        return FoundBook(refused="unreadable-file", detail=error.strerror or str(error))
    except PasswordError:
        return FoundBook(refused="password")
    except CalamineError:
        return FoundBook(refused="damaged-workbook")
    except BaseException as error:
        # The reader of workbooks panics on some damaged files, with an exception of its own kind.
        if type(error).__name__ != "PanicException":
            raise
        return FoundBook(refused="damaged-workbook")
    inside = opened.saved if opened.saved and opened.saved > _FIRST_OLD else None
    # A program that fills forms may leave the date of their drawing, which is always this one.
    drawn = inside is not None and (inside.year, inside.month, inside.day) == (2000, 1, 1)
    saved = inside.timestamp() if inside and not drawn else changed
    return FoundBook(sheets, opened.sha256, saved, opened.macros)


def _read_sheets(opened: Opened) -> Iterator[FoundSheet]:
    odd = find_odd(opened)
    book = CalamineWorkbook.from_filelike(BytesIO(opened.content))
    for name in book.sheet_names:
        try:
            sheet = book.get_sheet_by_name(name)
        except CalamineError:
            # A sheet of a diagram is no sheet of cells; a form that cannot be read is told of.
            if any(MARK.encode() in part for part in opened.parts.values()):
                raise
            continue
        if sheet.total_height * sheet.total_width > MOST_CELLS:
            raise RefusedError("too-large-sheet")
        found = read_sheet(sheet, odd.get(name, OddCells()))
        if found is not None:
            yield found


def read_sheet(sheet: CalamineSheet, odd: OddCells) -> FoundSheet | None:
    """The answers of one sheet; None where it has neither stamp nor code."""
    cells = sheet.to_python(skip_empty_area=False)
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
    texts, strange = _read_crossings(cells, rows, columns, odd)
    if texts:
        _find_merged(sheet, rows, columns, texts, strange)
    stray = tuple(_find_stray(cells, rows, columns))
    return FoundSheet(
        sheet.name,
        tuple(stamps),
        tuple(damaged),
        tuple(rows),
        tuple(columns),
        tuple(texts),
        strange,
        stray,
    )


def _sort_marks(
    marked: Sequence[tuple[int, int, str]],
) -> tuple[list[tuple[str, int, int]], list[tuple[int, int]], list[Row], list[Column]]:
    """Stamps, damaged codes, rows and columns."""
    stamps: list[tuple[str, int, int]] = []
    damaged: list[tuple[int, int]] = []
    rows: list[Row] = []
    columns: list[Column] = []
    for row, column, text in marked:
        if asked := read_row_code(text):
            rows.append((*asked, row))
        elif of := read_column_code(text):
            columns.append((*of, column))
        elif read_stamp(text):
            stamps.append((text, row, column))
        else:
            damaged.append((row, column))
    return stamps, damaged, rows, columns


def _read_crossings(
    cells: Sequence[Sequence[object]],
    rows: Sequence[Row],
    columns: Sequence[Column],
    odd: OddCells,
) -> tuple[list[str | None], dict[int, str]]:
    """The texts of the answers, row by row, and what is wrong with some of them."""
    texts: list[str | None] = []
    strange: dict[int, str] = {}
    places = [(column, name_column(column + 1)) for _year, _scenario, column in columns]
    for _input, _shift, row in rows:
        line = cells[row]
        for column, letters in places:
            text = write_value(line[column]) if column < len(line) else None
            if text is None and (row, column) in odd.errors:
                text, code = odd.errors[row, column], "excel-error"
                strange[len(texts)] = code
            elif text is None and f"{letters}{row + 1}" in odd.formulas:
                code = "formula-without-value"
                text = write_formula(odd.formulas[f"{letters}{row + 1}"])
                strange[len(texts)] = code
            elif odd.percents and text is not None and (row, column) in odd.percents:
                text = _write_percent(line[column]) or text
            texts.append(text)
    return texts, strange


def write_value(value: object) -> str | None:
    """The value of a cell as a person would write it; None where it is blank."""
    if isinstance(value, str):
        return value if value and not value.isspace() else None
    if isinstance(value, float):
        # As many digits as a spreadsheet shows: what it adds up to 3 is not a little more than 3.
        number = value if value.is_integer() else float(f"{value:.15g}")
        whole = number.is_integer() and abs(number) < _WHOLE
        return str(int(number)) if whole else repr(number)
    if isinstance(value, bool):
        return "да" if value else "нет"
    if isinstance(value, datetime):
        bare = value.hour == value.minute == value.second == 0
        return value.date().isoformat() if bare else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    return None if value is None else str(value)


def _write_percent(value: object) -> str | None:
    """What is seen in a cell that shows a percentage: 0.85 is 85 %."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return f"{write_value(float(f'{value * 100:.14g}'))} %"


def _find_merged(
    sheet: CalamineSheet,
    rows: Sequence[Row],
    columns: Sequence[Column],
    texts: list[str | None],
    strange: dict[int, str],
) -> None:
    """Mark answers of which nobody can say whose they are: one cell over several answers."""
    of_columns = {column: number for number, (_year, _scenario, column) in enumerate(columns)}
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or []:
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
        first, code = next(iter(corner), None), "merged-cell"
        if not inside or inside == [first]:
            continue
        if first is None:
            # The answer is hidden under what stands to the left of it or above.
            strange |= dict.fromkeys(inside, code)
        elif texts[first] is not None:
            strange[first] = code


def _stands(rows: Sequence[Row], columns: Sequence[Column], number: int) -> tuple[int, int]:
    """Row and column of an answer."""
    row, column = divmod(number, len(columns))
    return rows[row][2], columns[column][2]


def _find_stray(
    cells: Sequence[Sequence[object]], rows: Sequence[Row], columns: Sequence[Column]
) -> Iterator[tuple[int, int, str, str]]:
    if not rows or not columns:
        return
    coded = {row for _input, _shift, row in rows}
    answers = sorted({column for _year, _scenario, column in columns})
    for row in range(min(coded), min(max(coded) + 1, len(cells))):
        if row in coded:
            continue
        line = cells[row]
        title = max((write_value(value) or "" for value in line[: answers[0]]), key=len, default="")
        for column in answers:
            if column < len(line) and (text := write_value(line[column])):
                yield row, column, text, title
