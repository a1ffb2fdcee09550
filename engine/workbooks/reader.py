"""Workbooks as sheets of values, with the odd cells that the library leaves out in their place.

Only this module knows the library that reads workbooks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetVisibleEnum

from engine.workbooks.addresses import Cell, name_cell
from engine.workbooks.odd_cells import OddCells, find_odd_cells
from engine.workbooks.safe_open import (
    Bounds,
    Refusal,
    RefusedWorkbookError,
    WorkbookFile,
    open_workbook,
)

_WHOLE = 10**15  # up to which a number of a spreadsheet is exact
_DIGITS = 15  # of a number that a spreadsheet shows


@dataclass(frozen=True, slots=True)
class WorkbookSheet:
    """One sheet: the values of its cells, row by row from its first cell (A1).

    `merged`: the first and the last cell of every merged range. `unreadable`: why nothing of it
    could be read. `hidden`: that a spreadsheet does not show it.
    """

    name: str
    rows: Sequence[Sequence[object]] = ()
    odd: OddCells = field(default_factory=OddCells)
    merged: Sequence[tuple[Cell, Cell]] = ()
    unreadable: str = ""
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class ReadWorkbook:
    """What one file holds. `refused` is why nothing could be read, `detail` what the system says.

    `sheet` and `cell`: where that lies for which it is refused, if that is known.
    """

    sheets: tuple[WorkbookSheet, ...] = ()
    macros: bool = False
    refused: Refusal | None = None
    detail: OSError | None = None
    sheet: str = ""
    cell: str = ""


def read_workbooks(paths: Sequence[str], *, bounds: Bounds) -> list[ReadWorkbook]:
    """Every file in its turn, whole; none of them stops the others.

    All sheets of a workbook together have no more cells than `bounds` gives to one.
    """
    return [_read_workbook(Path(path), bounds) for path in paths]


def _read_workbook(path: Path, bounds: Bounds) -> ReadWorkbook:
    sheets: list[WorkbookSheet] = []
    cells = 0
    try:
        book = open_workbook(path, bounds)
        for sheet in read_sheets(book):
            cells += sum(map(len, sheet.rows))
            if cells > bounds.cells:
                return ReadWorkbook(refused="too-large-sheet", sheet=sheet.name)
            sheets.append(sheet)
    except RefusedWorkbookError as error:
        return ReadWorkbook(refused=error.reason, sheet=error.sheet, cell=error.cell)
    except MemoryError:
        return ReadWorkbook(refused="too-large-sheet")
    except OSError as error:
        return ReadWorkbook(refused="unreadable-file", detail=error)
    return ReadWorkbook(tuple(sheets), book.macros)


def read_sheets(book: WorkbookFile) -> Iterator[WorkbookSheet]:
    """The sheets in their order; RefusedWorkbookError where the workbook cannot be read."""
    odd = find_odd_cells(book)
    with _refuse_damaged():
        workbook = CalamineWorkbook.from_filelike(BytesIO(book.content))
    hidden = {
        sheet.name
        for sheet in workbook.sheets_metadata
        if sheet.visible != SheetVisibleEnum.Visible
    }
    for name in workbook.sheet_names:
        with _refuse_damaged():
            sheet = _read_sheet(workbook, name, odd.get(name, OddCells()), book.bounds.cells)
        yield replace(sheet, hidden=name in hidden)


def _read_sheet(
    workbook: CalamineWorkbook, name: str, odd: OddCells, most_cells: int
) -> WorkbookSheet:
    try:
        sheet = workbook.get_sheet_by_name(name)
        if sheet.total_height * sheet.total_width > most_cells:
            cell = name_cell((sheet.total_height - 1, sheet.total_width - 1))
            raise RefusedWorkbookError("too-large-sheet", name, cell)
        rows = sheet.to_python(skip_empty_area=False)
    except CalamineError as error:
        return WorkbookSheet(name, unreadable=str(error))
    for (row, column), text in odd.raised.items():
        if row < len(rows) and column < len(rows[row]):
            rows[row][column] = text
    return WorkbookSheet(name, rows, odd, sheet.merged_cell_ranges or odd.merged)


@contextmanager
def _refuse_damaged() -> Iterator[None]:
    try:
        yield
    except PasswordError as error:
        raise RefusedWorkbookError("password") from error
    except CalamineError as error:
        raise RefusedWorkbookError("damaged-workbook") from error
    except BaseException as error:
        # The library panics on some damaged files, with an exception of its own kind.
        if type(error).__name__ != "PanicException":
            raise
        raise RefusedWorkbookError("damaged-workbook") from error


def write_value(value: object, *, percent: bool = False) -> str:
    """The value of a cell as a person would write it; 0.85 is 85 % in a cell that shows percentages.

    A number has as many digits as a spreadsheet shows (what it adds up to 3 is not a little more
    than 3), and never an exponent: a text with one was typed, or shortened by what saved it.
    """
    if isinstance(value, bool):
        return "да" if value else "нет"
    if percent and isinstance(value, int | float):
        return f"{_write_number(float(f'{value * 100:.14g}'))} %"
    if isinstance(value, float):
        return _write_number(value)
    if isinstance(value, datetime) and value.time() == time():
        return str(value.date())
    if isinstance(value, timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    return str(value)


def _write_number(value: float) -> str:
    if value.is_integer() and abs(value) < _WHOLE:
        return str(int(value))
    shown = float(f"{value:.{_DIGITS}g}")
    whole = shown.is_integer() and abs(shown) < _WHOLE
    return str(int(shown)) if whole else f"{Decimal(repr(shown)):f}"
