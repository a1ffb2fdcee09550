"""A sheet or a Word table as a grid: the text of every filled cell at its address, and its merges."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from engine.data.cells import parse_number
from engine.data.tables import UNREADABLE_MARK
from engine.problems import Position
from engine.workbooks.addresses import Cell, name_cell
from engine.workbooks.reader import ReadWorkbook, WorkbookSheet, write_value
from engine.workbooks.safe_open import BY_HAND
from engine.workbooks.word_tables import read_word_tables

_LARGEST_SPAN = 100_000  # cells of a merged range that are looked at


@dataclass(frozen=True, slots=True)
class Grid:
    """Filled cells by (row, column), counted from 0; of a merged range only the first holds the text.

    `numbers`: the cells whose text is a number. `rows`: row → the columns of its filled cells,
    rising. `covered`: every other cell of a merged range → the first. `titles`: what stands above a
    table in a document, line by line, and `earlier`: the same of the tables before it, the nearest
    last.
    """

    file: str
    sheet: str
    cells: Mapping[Cell, str]
    numbers: Mapping[Cell, float]
    rows: Mapping[int, tuple[int, ...]]
    covered: Mapping[Cell, Cell]
    titles: tuple[str, ...]
    earlier: tuple[tuple[str, ...], ...]
    height: int
    left: int
    width: int
    hidden: bool = False

    def text(self, row: int, column: int) -> str:
        """The text that is seen there: that of the merged range which covers it."""
        return self.cells.get(self.covered.get((row, column), (row, column)), "")

    def position(self, cell: Cell | None = None) -> Position:
        """Where a cell stands, or the grid."""
        address = name_cell(cell) if cell else ""
        return Position(self.file, sheet=self.sheet, cell=address, hidden=self.hidden)


def make_grid(
    file: str,
    sheet: str,
    cells: Mapping[Cell, str],
    merged: Iterable[tuple[Cell, Cell]] = (),
    *,
    titles: tuple[str, ...] = (),
    earlier: tuple[tuple[str, ...], ...] = (),
) -> Grid:
    """The grid of filled cells and merged ranges (the first and the last cell of each)."""
    rows: dict[int, list[int]] = {}
    for row, column in sorted(cells):
        rows.setdefault(row, []).append(column)
    columns = {column for _row, column in cells}
    parsed = ((cell, parse_number(text)) for cell, text in cells.items())
    return Grid(
        file,
        sheet,
        cells,
        {cell: number for cell, number in parsed if number is not None},
        {row: tuple(filled) for row, filled in rows.items()},
        _cover(merged),
        titles,
        earlier,
        max(rows, default=-1) + 1,
        min(columns, default=0),
        max(columns, default=-1) + 1,
    )


def _cover(ranges: Iterable[tuple[Cell, Cell]]) -> dict[Cell, Cell]:
    """Every cell of a merged range but the first → the first."""
    covered: dict[Cell, Cell] = {}
    for (top, left), (last, end) in ranges:
        bottom, right = last, end
        if (bottom - top + 1) * (right - left + 1) > _LARGEST_SPAN:
            right = min(right, left + 1_000)
            bottom = min(bottom, top + _LARGEST_SPAN // (right - left + 1))
        for row in range(top, bottom + 1):
            for column in range(left, right + 1):
                if (row, column) != (top, left):
                    covered[row, column] = (top, left)
    return covered


def lay_out_sheets(book: ReadWorkbook, file: str) -> Iterator[Grid]:
    """A grid of every sheet with cells; `file` is how the workbook is called."""
    for sheet in book.sheets:
        cells = _write_cells(sheet)
        if cells:
            yield replace(make_grid(file, sheet.name, cells, sheet.merged), hidden=sheet.hidden)


def read_document_grids(path: Path, file: str) -> Iterator[Grid]:
    """A grid of every table of a document; RefusedWorkbookError where it cannot be read."""
    earlier: tuple[tuple[str, ...], ...] = ()
    for number, table in enumerate(read_word_tables(path, BY_HAND), 1):
        # In one language whatever the user's: it is a name in sources.yaml.
        sheet = f"таблица {number}"
        yield make_grid(
            file, sheet, table.cells, table.merged, titles=table.titles, earlier=earlier
        )
        earlier = (*earlier, table.titles)


def _write_cells(sheet: WorkbookSheet) -> dict[Cell, str]:
    """Filled cells as they are seen; what cannot be read has the mark of such."""
    cells: dict[Cell, str] = {}
    for row, line in enumerate(sheet.rows):
        for column, value in enumerate(line):
            text = write_value(value, percent=(row, column) in sheet.odd.percents)
            if text and not text.isspace():
                cells[row, column] = text
    cells |= {cell: text for cell, text in sheet.odd.errors.items() if text}
    cells |= {cell: f"{UNREADABLE_MARK}{text}" for cell, text in sheet.odd.formulas.items()}
    return cells
