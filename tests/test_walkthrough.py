"""The walk-through of `docs/start.md`, done as a reader does it: files written, commands typed.

A block after «Файл `name`:» is a file; two blocks after «в файле `name` замените» are an edit; a
block `sh` is a command and the block `text` after it what it prints. `--update-cases` writes what
was printed into the page: review the diff.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "start.md"

_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"^Файл `([^`]+)`:\s*\Z", re.MULTILINE)
_EDIT = re.compile(r"файле `([^`]+)` замените\s*\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: its kind, its text, where the text stands, and the prose before it."""

    kind: str
    text: str
    start: int
    end: int
    before: str


def read_blocks(page: str) -> list[Block]:
    blocks: list[Block] = []
    for found in _BLOCK.finditer(page):
        prose = page[blocks[-1].end if blocks else 0 : found.start()]
        blocks.append(Block(found[1], found[2], found.start(2), found.end(2), prose))
    return blocks


def type_command(line: str, folder: Path) -> str:
    """What a command prints, both streams, as it appears on the screen."""
    program, *arguments = shlex.split(line)
    assert program == "pokazatel"
    environment = {key: value for key, value in os.environ.items() if not key.startswith("POKAZ")}
    done = subprocess.run(
        [sys.executable, "-m", "engine", *arguments],
        cwd=folder,
        env={**environment, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "LC_ALL": "C"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    )
    assert "Traceback" not in done.stdout, done.stdout
    return done.stdout


def test_walk_through_does_what_it_says(tmp_path: Path, update_cases: bool) -> None:
    page = PAGE.read_text("utf-8")
    blocks = read_blocks(page)
    printed: list[tuple[Block, str]] = []
    skipped: list[str] = []
    used: set[int] = set()
    for number, block in enumerate(blocks):
        if number in used:
            continue
        following = blocks[number + 1] if number + 1 < len(blocks) else None
        if named := _FILE.search(block.before):
            path = tmp_path / named[1]
            path.parent.mkdir(exist_ok=True)
            path.write_text(block.text, "utf-8")
        elif edited := _EDIT.search(block.before):
            assert following is not None
            path = tmp_path / edited[1]
            text = path.read_text("utf-8")
            assert text.count(block.text) == 1, block.text
            path.write_text(text.replace(block.text, following.text), "utf-8")
            used.add(number + 1)
        elif block.kind == "sh" and block.text.startswith("pokazatel "):
            assert following is not None
            assert following.kind == "text", block.text
            printed.append((following, type_command(block.text.strip(), tmp_path)))
            used.add(number + 1)
        else:
            skipped.append(block.text.strip())
    if update_cases:
        for block, text in reversed(printed):
            page = page[: block.start] + text + page[block.end :]
        PAGE.write_text(page, encoding="utf-8", newline="\n")
        return
    for block, text in printed:
        assert text == block.text
    assert len(printed) == page.count("\npokazatel ")
    assert skipped == ["pip install ."]
    assert (tmp_path / "report.html").stat().st_size


def test_walk_through_needs_no_python() -> None:
    """Three indicators and one deliberate mistake, in files of a catalogue and tables alone."""
    blocks = read_blocks(PAGE.read_text("utf-8"))
    assert {block.kind for block in blocks} == {"sh", "text", "yaml", "csv"}
    indicators = next(block.text for block in blocks if block.text.startswith("indicators:"))
    assert indicators.count("formula:") == 3
    assert any("^^^" in block.text for block in blocks if block.kind == "text")
