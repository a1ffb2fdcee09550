"""The tables of a Word document. Only this module knows the library that reads documents.

Rows and columns are those of the table's grid, so a merged cell covers several of them. A table
that follows another with nothing but blank lines between, as wide as it, is its continuation: so a
page break leaves a table that was made page by page.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docx import Document
from docx.oxml.ns import qn
from docx.text.paragraph import Paragraph

from engine.workbooks.addresses import Cell
from engine.workbooks.odd_cells import RAISED
from engine.workbooks.safe_open import ENCRYPTED, OLE, Bounds, RefusedWorkbookError

if TYPE_CHECKING:
    from docx.table import Table


@dataclass(frozen=True, slots=True)
class WordTable:
    """One table: the lines of text above it, since the table before; its filled cells; its merges.

    A cell is (row, column), counted from 0; of a merged range, told by its first and last cell, only
    the first holds the text. `width`: columns.
    """

    titles: tuple[str, ...]
    cells: Mapping[Cell, str]
    merged: tuple[tuple[Cell, Cell], ...]
    height: int
    width: int

    @property
    def title(self) -> str:
        """The line right above it."""
        return self.titles[-1] if self.titles else ""

    @property
    def rows(self) -> tuple[tuple[str, ...], ...]:
        """The texts of its rows, all of one width; a merged cell shows its text wherever it is."""
        covers = {
            (row, column): first
            for first, (bottom, right) in self.merged
            for row in range(first[0], bottom + 1)
            for column in range(first[1], right + 1)
        }
        return tuple(
            tuple(
                self.cells.get(covers.get((row, column), (row, column)), "")
                for column in range(self.width)
            )
            for row in range(self.height)
        )


def read_word_tables(path: Path, bounds: Bounds) -> Iterator[WordTable]:
    """Every table with a text in it; RefusedWorkbookError where the document cannot be read."""
    content = _read_bytes(path, bounds)
    try:
        parts = list(Document(BytesIO(content)).iter_inner_content())
    except Exception as error:
        # The library raises whatever it stumbles over in a damaged file.
        raise RefusedWorkbookError("damaged-workbook") from error
    titles: list[str] = []
    tables: list[tuple[tuple[str, ...], list[Table]]] = []
    apart = True
    for part in parts:
        if isinstance(part, Paragraph):
            line = _read_text(part._p)  # noqa: SLF001 - what was deleted must stay out
            if line:
                titles.append(line)
                apart = True
        elif not apart and tables and _count_columns(part) == _count_columns(tables[-1][1][0]):
            tables[-1][1].append(part)
        else:
            tables.append((tuple(titles), [part]))
            titles, apart = [], False
    for above, pieces in tables:
        table = _lay_out(pieces, above)
        if table.cells:
            yield table


def _read_bytes(path: Path, bounds: Bounds) -> bytes:
    if path.stat().st_size > bounds.file:
        raise RefusedWorkbookError("too-large-file")
    content = path.read_bytes()
    if content.startswith(OLE):
        raise RefusedWorkbookError("password" if ENCRYPTED in content else "not-a-workbook")
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise RefusedWorkbookError("damaged-workbook") from error
    if size > bounds.unpacked:
        raise RefusedWorkbookError("unpacks-too-large")
    return content


def _count_columns(table: Table) -> int:
    return len(table._tbl.tblGrid.gridCol_lst)  # noqa: SLF001 - the width before any merging


def _lay_out(tables: list[Table], titles: tuple[str, ...]) -> WordTable:
    cells: dict[Cell, str] = {}
    ends: dict[Cell, Cell] = {}
    row = width = 0
    for table in tables:
        above: dict[int, Cell] = {}
        for line in table._tbl.tr_lst:  # noqa: SLF001 - rows as written, merges not repeated
            column = line.grid_before
            covers: dict[int, Cell] = {}
            for cell in line.tc_lst:
                begins = above.get(column) if cell.vMerge == "continue" else None
                corner = begins or (row, column)
                text = _read_text(cell)
                if text:
                    # A cell that a merge hides may still hold a text: it is seen in no table.
                    cells[corner] = f"{cells[corner]} {text}" if corner in cells else text
                ends[corner] = (row, column + cell.grid_span - 1)
                covers |= dict.fromkeys(range(column, column + cell.grid_span), corner)
                column += cell.grid_span
            width = max(width, column)
            above = covers
            row += 1
    merged = tuple((corner, end) for corner, end in ends.items() if corner != end)
    return WordTable(titles, cells, merged, row, width)


def _read_text(element: Any) -> str:
    """What is seen of a paragraph or a cell on one line: insertions too, deletions not.

    Raised digits stay raised: a number with the mark of a footnote is no number.
    """
    nodes = element.iter(qn("w:t"), qn("w:tab"), qn("w:br"), qn("w:cr"), qn("w:p"))
    words = (_read_run(node) if node.tag == qn("w:t") else " " for node in nodes)
    return " ".join("".join(words).split())


def _read_run(node: Any) -> str:
    text = node.text or ""
    raised = node.getparent().find(f"{qn('w:rPr')}/{qn('w:vertAlign')}")
    return (
        text
        if raised is None or raised.get(qn("w:val")) != "superscript"
        else text.translate(RAISED)
    )
