"""Pages of the documentation done as a reader does them: files written, commands typed.

A block after «Файл `name`:» is a file; two blocks after «в файле `name` замените» are an edit, one
after «в файле `name` теперь» stands in it already; a block `sh` is a command and the block `text`
after it what it prints. A block `csv` after «Таблица `name`:» is a table in a document or a workbook,
one after «Ответы в папке `name`:» what is typed into the forms there; in a table, `←` and `↑` stand in
a cell that is merged with the one before it or above it. Prose before a block that says «в книге
`name` впишите в ячейку `E5` число `38`» is typed into the workbook first.
"""

from __future__ import annotations

import csv
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import openpyxl
from docx import Document
from docx.shared import Cm
from openpyxl.styles import Alignment, Border, Side
from openpyxl.utils import get_column_letter

from tests.filling import find_cells, find_sheet

ROOT = Path(__file__).resolve().parent.parent

WIDTHS = (1.5, 9, 3.2, 3.2)
"""Of the columns of a table in a document, in centimetres."""

_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"^Файл `([^`]+)`:\s*\Z", re.MULTILINE)
_TABLE = re.compile(r"^Таблица `([^`]+)`:\s*\Z", re.MULTILINE)
_ANSWERS = re.compile(r"^Ответы в папке `([^`]+)`:\s*\Z", re.MULTILINE)
_EDIT = re.compile(r"файле\s+`([^`]+)` замените\s*\Z", re.IGNORECASE)
_TYPED = re.compile(
    r"в книге\s+`([^`]+)`\s+впишите\s+в\s+ячейку\s+`(\w+)`\s+число\s+`(\d+)`", re.IGNORECASE
)
_HOLDS = re.compile(r"файле\s+`([^`]+)` теперь:?\s*\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: its kind, its text, where the text stands, and the prose before it."""

    kind: str
    text: str
    start: int
    end: int
    before: str


@dataclass(slots=True)
class Walk:
    """What came of a page: each block of output with what was printed, and blocks passed over."""

    printed: list[tuple[Block, str]] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)


def read_blocks(page: str) -> list[Block]:
    blocks: list[Block] = []
    for found in _BLOCK.finditer(page):
        prose = page[blocks[-1].end if blocks else 0 : found.start()]
        blocks.append(Block(found[1], found[2], found.start(2), found.end(2), prose))
    return blocks


def walk(page: str, folder: Path) -> Walk:
    """Do a page in a folder, from its first block to its last."""
    done = Walk()
    blocks = iter(read_blocks(page))
    for block in blocks:
        for name, cell, number in _TYPED.findall(block.before):
            type_number(folder / name, cell, int(number))
        if named := _FILE.search(block.before):
            path = folder / named[1]
            path.parent.mkdir(exist_ok=True)
            path.write_text(block.text, "utf-8")
        elif named := _TABLE.search(block.before):
            write_table(folder / named[1], block.text)
        elif named := _ANSWERS.search(block.before):
            type_answers(folder / named[1], block.text)
        elif named := _HOLDS.search(block.before):
            assert block.text in (folder / named[1]).read_text("utf-8"), block.text
        elif named := _EDIT.search(block.before):
            path = folder / named[1]
            text = path.read_text("utf-8")
            assert text.count(block.text) == 1, block.text
            path.write_text(text.replace(block.text, next(blocks).text), "utf-8")
        elif block.kind == "sh" and block.text.startswith("pokazatel "):
            following = next(blocks)
            assert following.kind == "text", block.text
            done.printed.append((following, type_command(block.text.strip(), folder)))
        else:
            done.skipped.append(block.text.strip())
    return done


def write_tables(page: str, folder: Path) -> None:
    """Every table of a page as it is written there, before anything is done with it."""
    for block in read_blocks(page):
        if named := _TABLE.search(block.before):
            write_table(folder / named[1], block.text)


def write_table(path: Path, text: str) -> None:
    """A table as a document of Word or a workbook of Excel, numbers as numbers."""
    rows = list(csv.reader(text.splitlines(), delimiter=";"))
    path.parent.mkdir(exist_ok=True)
    if path.suffix == ".docx":
        document = Document()
        table = document.add_table(len(rows), len(rows[0]), style="Table Grid")
        table.autofit = False
        for width, column in zip(WIDTHS, table.columns, strict=True):
            column.width = Cm(width)
        for row, texts in zip(table.rows, rows, strict=True):
            for number, (cell, word) in enumerate(zip(row.cells, texts, strict=True)):
                cell.text = word
                cell.width = Cm(WIDTHS[number])
        document.save(str(path))
        return
    write_workbook(path, rows)


def write_workbook(path: Path, rows: Sequence[Sequence[str]]) -> None:
    """A sheet with the borders and widths of a table as people make it, cells merged by their arrows."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Свод"
    merged: dict[tuple[int, int], tuple[int, int]] = {}
    side = Side(style="thin")
    for row, texts in enumerate(rows, 1):
        for column, word in enumerate(texts, 1):
            cell = sheet.cell(row, column)
            cell.border = Border(side, side, side, side)
            cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
            before = {"←": (row, column - 1), "↑": (row - 1, column)}.get(word)
            merged[row, column] = merged[before] if before else (row, column)
            if word and not before:
                cell.value = int(word) if word.isdecimal() else word
    for first in dict.fromkeys(merged.values()):
        covered = [cell for cell, corner in merged.items() if corner == first]
        if len(covered) > 1:
            sheet.merge_cells(None, *first, *max(covered))
    for column in range(1, len(rows[0]) + 1):
        sheet.column_dimensions[get_column_letter(column)].width = 6 if column == 1 else 18
    sheet.row_dimensions[3].height = 30
    sheet.page_setup.orientation = "landscape"
    book.save(path)


def type_number(path: Path, cell: str, number: int) -> None:
    """A number into a cell of the one sheet of a workbook."""
    book = openpyxl.load_workbook(path)
    book.active[cell] = number
    book.save(path)


def type_answers(folder: Path, text: str) -> None:
    """Answers of the form's own year; the first column is the school, which names the file."""
    header, *rows = csv.reader(text.splitlines(), delimiter=";")
    for school, *answers in rows:
        (file,) = folder.glob(f"{school} — *.xlsx")
        book = openpyxl.load_workbook(file)
        sheet = find_sheet(book)
        cells = find_cells(sheet)
        for name, answer in zip(header[1:], answers, strict=True):
            if answer:
                key = max(key for key in cells if key[0] == name)
                sheet[cells[key]] = int(answer) if answer.isdecimal() else answer
        book.save(file)


def type_command(line: str, folder: Path) -> str:
    """What a command prints, both streams, as it appears on the screen."""
    program, *arguments = shlex.split(line)
    assert program == "pokazatel"
    environment = {key: value for key, value in os.environ.items() if not key.startswith("POKAZ")}
    done = subprocess.run(
        [sys.executable, "-m", "engine", *arguments],
        cwd=folder,
        env={
            **environment,
            "PYTHONPATH": str(ROOT),
            "PYTHONUTF8": "1",
            "PYTHONUNBUFFERED": "1",
            "LC_ALL": "C",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    )
    assert "Traceback" not in done.stdout, done.stdout
    return done.stdout
