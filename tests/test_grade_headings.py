"""The heading of classes and points says which of them stand below it, wherever a person reads it."""

from __future__ import annotations

from pathlib import Path

import pytest
from docx import Document

from engine.catalogue.scale_words import head_grades
from engine.translation import use_language
from tests.surfaces import read_paper, run

CATALOGUE = """
catalogue: {{id: town, title: Town, language: {language}, levels: [school, municipality], years: [2023, 2024]}}
scales:
  steps: {{unit: percent, {scale}}}
  colours: {{classes: {{red: {{title: Red}}, green: {{title: Green, colour: green}}}}}}
{tables}
groups: {{g: {{title: Section}}}}
inputs:
  a: {{title: Passed, unit: person}}
  b: {{title: Pupils, unit: person}}
indicators:
  share_: {{title: Share, group: g, unit: percent, formula: "share(a, b)", scale: steps, better: more, targets: {{2023: 50, 2024: 50}}, target_level: school}}
{indicators}
forms:
  f: {{title: Form, sections: [{{title: All, rows: [{{input: a}}, {{input: b}}, {{indicator: share_}}{rows}]}}]}}
"""
CLASSES = "classes: {low: {title: low, below: 50}, high: {title: high, at_least: 50}}"
BOTH = "classes: {low: {title: low, below: 50, points: 1}, high: {title: high, at_least: 50, points: 2}}"
POINTS = "linear: [[0, 0], [100, 10]]"
SCALES = {"classes": CLASSES, "both": BOTH, "points": POINTS}
WORDS = {
    ("ru", "classes"): "Класс",
    ("ru", "both"): "Класс и баллы",
    ("ru", "points"): "Баллы",
    ("en", "classes"): "Class",
    ("en", "both"): "Class and points",
    ("en", "points"): "Points",
}
TABLE = """
tables:
  t: {title: Colours, down: steps, across: steps, cells: colours, values: {low: {low: red, high: red}, high: {low: red, high: green}}}
"""
COLOUR = """
  colour: {title: Colour, group: g, formula: "lookup(t, share_, share_)"}
"""
SCHOOLS = "school,title,municipality\ns1,School,town\n"
FACTS = "school,year,a,b\ns1,2023,30,100\ns1,2024,60,100\n"


def write(folder: Path, language: str, scale: str, *, table: bool = False) -> None:
    texts = {"tables": TABLE, "indicators": COLOUR, "rows": ", {indicator: colour}"}
    texts = texts if table else dict.fromkeys(texts, "")
    text = CATALOGUE.format(language=language, scale=SCALES[scale], **texts)
    for name, content in (
        ("town/c.yaml", text),
        ("data/schools.csv", SCHOOLS),
        ("data/facts.csv", FACTS),
    ):
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content, encoding="utf-8")


def read_texts(path: Path) -> list[str]:
    return [text.replace("\u00a0", " ") for _name, text in read_paper(path)]


def headings(folder: Path) -> dict[str, set[str]]:
    """By paper, the texts that are a heading of classes and points."""
    known = {*WORDS.values(), *(f"{word}:" for word in WORDS.values())}
    of = ("town", "--data", "data", "--year", "2024")
    list(run("report", *of, "--template", "tables.docx", "-o", "tables.docx"))
    list(run("report", *of, "--template", "report.html", "-o", "report.html"))
    list(run("form", "town", "f", "--data", "data", "--year", "2024", "-o", "forms"))
    place = ("--level", "school", "--place", "s1")
    lines = [line for _c, line in run("explain", "town", "share_", *of[1:], *place)]
    (form,) = (folder / "forms").rglob("*.xlsx")
    texts = {
        "tables.docx": read_texts(folder / "tables.docx"),
        "report.html": read_texts(folder / "report.html"),
        "form": read_texts(form),
        "explain": [f"{line.partition(':')[0]}:" for line in lines],
    }
    return {name: {text for text in said if text in known} for name, said in texts.items()}


@pytest.mark.parametrize(("language", "scale"), WORDS)
def test_every_paper_heads_what_it_shows(
    language: str, scale: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, language, scale)
    word = WORDS[language, scale]
    with use_language(language):
        assert head_grades(classes=scale != "points", points=scale != "classes") == word
    assert headings(tmp_path) == {
        "tables.docx": {word},
        "report.html": {word},
        "form": {word},
        "explain": {f"{WORDS['ru', scale]}:"},  # in the language of who asks
    }


def test_what_is_a_class_itself_is_coloured_where_it_is_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "ru", "classes", table=True)
    seen = headings(tmp_path)
    assert seen["form"] == seen["tables.docx"] == seen["report.html"] == {"Класс"}
    document = Document("tables.docx")
    rows = [row for table in document.tables for row in table.rows]
    (row,) = (row for row in rows if row.cells[1].text == "Colour")
    shades = {cell.text: cell._tc.xml.count('w:fill="bfdfbf"') for cell in row.cells}
    assert shades["Green"] == 1
    assert shades[""] == 0
