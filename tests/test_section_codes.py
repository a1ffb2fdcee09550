"""Codes of sections: printed once, whether or not the title is written with its code."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from itertools import chain
from pathlib import Path

import pytest

from engine.catalogue.model import Group
from tests.small_town import CATALOGUE
from tests.word import press, tables, town_context

TEMPLATES = Path(__file__).resolve().parent.parent / "templates"


@pytest.mark.parametrize(
    ("id_", "title", "short", "code", "heading", "full"),
    [
        ("3.3", "Таланты", "", "3.3", "3.3. Таланты", "3.3. Таланты"),
        ("3.3", "3.3. Таланты", "", "", "3.3. Таланты", "3.3. Таланты"),
        ("3.3", "3.3 Таланты", "", "", "3.3 Таланты", "3.3 Таланты"),
        ("3", "3.3 Таланты", "", "3", "3. 3.3 Таланты", "3. 3.3 Таланты"),
        ("3", "33 школы", "", "3", "3. 33 школы", "3. 33 школы"),
        ("3", "3. Поддержка", "Таланты", "3", "3. Таланты", "3. Поддержка"),
        ("3.", "Таланты", "", "3.", "3. Таланты", "3. Таланты"),
        ("talents", "Поддержка", "Таланты", "", "Таланты", "Поддержка"),
    ],
)
def test_the_code_of_a_section_stands_before_its_title_once(
    id_: str, title: str, short: str, code: str, *, heading: str, full: str
) -> None:
    group = Group(id_, title, short=short)
    assert (group.code, group.heading, group.full_heading) == (code, heading, full)


def test_templates_leave_the_code_of_a_section_to_its_heading() -> None:
    texts = {path.name: path.read_text("utf-8") for path in TEMPLATES.glob("*.j2")}
    for path in TEMPLATES.glob("*.docx"):
        with zipfile.ZipFile(path) as parts:
            texts[path.name] = parts.read("word/document.xml").decode()
    assert [name for name, text in texts.items() if "group_code" in text] == []
    headed = {name for name, text in texts.items() if "heading }}" in text}
    assert {"note.docx", "tables.docx", "school.docx", "report.html.j2"} <= headed


def test_tables_of_an_order_print_a_code_that_its_title_has_once() -> None:
    group = CATALOGUE.groups["4.2"]
    titled = replace(group, title=f"4.2. {group.title}", short=group.short_title)
    catalogue = replace(CATALOGUE, groups={**CATALOGUE.groups, "4.2": titled})
    rows = chain.from_iterable(tables(press("tables.docx", town_context(catalogue=catalogue))))
    texts = set(chain.from_iterable(rows))
    assert {text for text in texts if group.title in text} == {f"{titled.title} [1]"}
