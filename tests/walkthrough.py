"""Pages of the documentation done as a reader does them: files written, commands typed.

A block after «Файл `name`:» is a file; two blocks after «в файле `name` замените» are an edit, one
after «в файле `name` теперь» stands in it already; a block `sh` is a command and the block `text`
after it what it prints. A block `csv` after «Таблица `name`:» is a table in a document or a workbook,
one after «Ответы в папке `name`:» what is typed into the forms there.
"""

from __future__ import annotations

import csv
import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import openpyxl
from docx import Document
from docx.shared import Cm

from tests.filling import find_cells, find_sheet

ROOT = Path(__file__).resolve().parent.parent

WIDTHS = (1.5, 9, 3.2, 3.2)
"""Of the columns of a table in a document, in centimetres."""

_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"^Файл `([^`]+)`:\s*\Z", re.MULTILINE)
_TABLE = re.compile(r"^Таблица `([^`]+)`:\s*\Z", re.MULTILINE)
_ANSWERS = re.compile(r"^Ответы в папке `([^`]+)`:\s*\Z", re.MULTILINE)
_EDIT = re.compile(r"файле\s+`([^`]+)` замените\s*\Z", re.IGNORECASE)
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


def write_table(path: Path, text: str) -> None:
    """A table as a document of Word or a workbook of Excel, numbers as numbers."""
    rows = list(csv.reader(text.splitlines(), delimiter=";"))
    path.parent.mkdir(exist_ok=True)
    if path.suffix == ".docx":
        document = Document()
        table = document.add_table(len(rows), len(rows[0]), style="Table Grid")
        for row, texts in zip(table.rows, rows, strict=True):
            for number, (cell, word) in enumerate(zip(row.cells, texts, strict=True)):
                cell.text = word
                cell.width = Cm(WIDTHS[number])
        document.save(str(path))
        return
    book = openpyxl.Workbook()
    for texts in rows:
        book.active.append([int(word) if word.isdecimal() else word for word in texts])
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
