"""The walk-through of `docs/start.md`, done as a reader does it.

`--update-cases` writes what was printed into the page: review the diff.
"""

from __future__ import annotations

import re
from pathlib import Path

from docx import Document

from tests.walkthrough import ROOT, read_blocks, walk

PAGE = ROOT / "docs" / "start.md"


def test_walk_through_does_what_it_says(tmp_path: Path, update_cases: bool) -> None:
    page = PAGE.read_text("utf-8")
    done = walk(page, tmp_path)
    if update_cases:
        for block, text in reversed(done.printed):
            page = page[: block.start] + text + page[block.end :]
        PAGE.write_text(page, encoding="utf-8", newline="\n")
        return
    for block, text in done.printed:
        assert text == block.text
    assert len(done.printed) == page.count("\npokazatel ")
    assert done.skipped == ["pip install ."]
    assert (tmp_path / "report.html").stat().st_size
    note = Document(str(tmp_path / "spravka.docx"))
    assert "Верхоград" in "".join(text.text for text in note.element.iter() if text.text)


def test_walk_through_needs_no_python() -> None:
    """Files of a catalogue and tables alone, with one deliberate mistake."""
    blocks = read_blocks(PAGE.read_text("utf-8"))
    assert {block.kind for block in blocks} == {"sh", "text", "yaml", "csv"}
    indicators = next(block.text for block in blocks if block.text.startswith("indicators:"))
    assert indicators.count("formula:") == 3
    assert any("^^^" in block.text for block in blocks if block.kind == "text")


def test_the_pictures_of_the_walk_through_are_there_and_described() -> None:
    pictures = re.findall(r"!\[([^\]]*)\]\(([^)]+)\)", PAGE.read_text("utf-8"))
    assert len(pictures) >= 3
    for words, file in pictures:
        assert len(words) > 20
        assert (PAGE.parent / file).read_bytes().startswith(b"\x89PNG")
        assert (PAGE.parent / file).stat().st_size < 200_000
