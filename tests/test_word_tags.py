"""Tags of a Word template: what they print whatever signs they hold, and what is said of a wrong one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from docx import Document
from docx.enum.text import WD_BREAK
from docx.oxml import OxmlElement

from engine.reports.templates import TemplateError
from tests.word import paragraphs, press, press_here, tables

PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8"
    "ffff3f0005fe02fe0def46b80000000049454e44ae426082"
)
"""A picture of one dot."""
CASES = yaml.safe_load((Path(__file__).parent / "cases" / "word" / "tags.yaml").read_text("utf-8"))


def draw(path: Path, template: list[Any]) -> Path:
    """A document of the paragraphs and tables of a case."""
    document = Document()
    for block in template:
        if isinstance(block, str):
            document.add_paragraph(block)
        elif isinstance(block[0], str):
            paragraph = document.add_paragraph()
            for number, run in enumerate(block):
                paragraph.add_run(run).bold = bool(number % 2)
        else:
            table = document.add_table(rows=0, cols=len(block[0]))
            for texts in block:
                for cell, text in zip(table.add_row().cells, texts, strict=True):
                    cell.text = text
    document.save(str(path))
    return path


@pytest.mark.parametrize("what", ["рисунок", "разрыв страницы", "разрыв раздела"])
def test_what_is_no_text_is_not_lost_beside_a_tag(tmp_path: Path, what: str) -> None:
    document = Document()
    paragraph = document.add_paragraph("{%p if years %}")
    if what == "рисунок":
        picture = tmp_path / "x.png"
        picture.write_bytes(PICTURE)
        paragraph.add_run().add_picture(str(picture))
    elif what == "разрыв страницы":
        paragraph.add_run().add_break(WD_BREAK.PAGE)
    else:
        paragraph._p.get_or_add_pPr().append(OxmlElement("w:sectPr"))
    document.add_paragraph("{%p endif %}")
    path = tmp_path / "x.docx"
    document.save(str(path))
    with pytest.raises(TemplateError) as caught:
        press_here(path)
    assert f"занимает весь абзац, и «{what}» рядом с ней" in caught.value.problem.message


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_tag_prints_or_says_why_not(tmp_path: Path, case: dict[str, Any]) -> None:
    path = draw(tmp_path / "x.docx", case["template"])
    if "message" in case:
        with pytest.raises(TemplateError) as caught:
            press_here(path)
        problem = caught.value.problem
        assert problem.message == case["message"]
        assert (problem.code, str(problem.position)) == ("template-syntax", str(path))
        return
    page = press_here(path)
    assert [text for text in paragraphs(page) if text] == case.get("paragraphs", [])
    assert tables(page) == case.get("tables", [])
    # In a process of its own it is the same.
    assert press(path) == page
