"""The tables of a Word document as grids. Only this module knows the library that reads documents.

Rows and columns are those of the table's grid, so a merged cell covers several of them. A table that
follows another with nothing but blank lines between, as wide as it, is its continuation: so a page
break leaves a table that was made page by page.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import docx
from docx.oxml.ns import qn
from docx.text.paragraph import Paragraph

from engine.adoption.grids import BOUNDS, Grid, make_grid
from engine.workbooks.odd_cells import Cell
from engine.workbooks.safe_open import RefusedWorkbookError

if TYPE_CHECKING:
    from docx.table import Table

_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_MOST_TITLES = 30  # lines above a table


def read_document_grids(path: Path, file: str) -> Iterator[Grid]:
    """A grid of every table; RefusedWorkbookError where the document cannot be read."""
    content = _read_bytes(path)
    try:
        parts = list(docx.Document(BytesIO(content)).iter_inner_content())
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
            tables.append((tuple(titles[-_MOST_TITLES:]), [part]))
            titles, apart = [], False
    for number, (above, pieces) in enumerate(tables, 1):
        # In one language whatever the user's: it is a name in sources.yaml.
        earlier = tuple(others for others, _pieces in tables[: number - 1])
        grid = _lay_out(pieces, file, f"таблица {number}", (above, earlier))
        if grid.cells:
            yield grid


def _read_bytes(path: Path) -> bytes:
    if path.stat().st_size > BOUNDS.file:
        raise RefusedWorkbookError("too-large-file")
    content = path.read_bytes()
    if content.startswith(_OLE):
        raise RefusedWorkbookError("password" if _ENCRYPTED in content else "not-a-workbook")
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise RefusedWorkbookError("damaged-workbook") from error
    if size > BOUNDS.unpacked:
        raise RefusedWorkbookError("unpacks-too-large")
    return content


def _count_columns(table: Table) -> int:
    return len(table._tbl.tblGrid.gridCol_lst)  # noqa: SLF001 - the width before any merging


def _lay_out(
    tables: list[Table],
    file: str,
    sheet: str,
    titles: tuple[tuple[str, ...], tuple[tuple[str, ...], ...]],
) -> Grid:
    cells: dict[Cell, str] = {}
    ranges: dict[Cell, Cell] = {}
    first = 0
    for table in tables:
        above: dict[int, Cell] = {}
        rows = table._tbl.tr_lst  # noqa: SLF001 - rows as written, without what merging repeats
        for row, line in enumerate(rows, first):
            column = line.grid_before
            for cell in line.tc_lst:
                last = column + cell.grid_span - 1
                begins = above.get(column) if cell.vMerge == "continue" else None
                corner = begins or (row, column)
                text = _read_text(cell)
                if text:
                    # A cell that a merge hides may still hold a text: it is seen in no table.
                    cells[corner] = f"{cells[corner]} {text}" if corner in cells else text
                ranges[corner] = (row, last)
                above[column] = corner
                column = last + 1
        first += len(rows)
    merged = [(corner, end) for corner, end in ranges.items() if corner != end]
    return make_grid(file, sheet, cells, merged, titles=titles[0], earlier=titles[1])


def _read_text(element: Any) -> str:
    """What is seen of a paragraph or a cell on one line: insertions too, deletions not."""
    nodes = element.iter(qn("w:t"), qn("w:tab"), qn("w:br"), qn("w:cr"), qn("w:p"))
    words = [(node.text or "") if node.tag == qn("w:t") else " " for node in nodes]
    return " ".join("".join(words).split())
