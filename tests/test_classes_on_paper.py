"""Classes, points, bases and who is outside a distribution, wherever a person reads them."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pytest

from engine.reports.class_colours import find_rgb, make_pale
from tests.surfaces import read_paper, run

CATALOGUE = """
catalogue:
  id: town
  title: Шкалы города

  region: Западный край
  years: [2023, 2024]
  levels: [school, municipality, region]
publication:
  ranking: forbidden
  clause: Школы не сравниваются.
  public_levels: [municipality, region]
  suppress_below: 2
groups: {g: {title: Раздел}}
inputs:
  a: {title: Прошли, unit: person}
  b: {title: Учатся, unit: person}
indicators:
  share_:
    title: Доля прошедших
    group: g
    unit: percent
    formula: share(a, b)
    target_level: region
    scale: steps
    base: {2020: 29.2}
    targets: {2023: {increase: 1}, 2024: {increase: 2}}
  colour: {title: Цвет школы, group: g, formula: "lookup(t, share_, share_)", levels: [school]}
  by_share: {title: Школы по доле, group: g, distribution: share_, levels: [municipality, region]}
scales:
  steps:
    unit: percent
    classes:
      low: {title: низкая, below: 30, points: 1, colour: red}
      high: {title: высокая, at_least: 50, points: 2.5, colour: "#2e7d32"}
  colours: {classes: {pale: {title: бледный, colour: yellow}, dark: {title: тёмный, colour: blue}}}
tables:
  t:
    title: Цвета
    down: steps
    across: steps
    cells: colours
    values: {low: {low: pale, high: null}, high: {low: null, high: dark}}
"""
SCHOOLS = """school,title,municipality,region
s1,Школа Первая,Южный,Западный край
s2,Школа Вторая,Южный,Западный край
s3,Школа Третья,Восточный,Западный край
s4,Школа Четвёртая,Северный,Западный край
"""
FACTS = """school,year,a,b
s1,2023,10,100
s2,2023,60,100
s3,2023,40,100
s4,2023,90,100
s1,2024,20,100
s2,2024,70,100
s3,2024,80,100
s4,2024,90,100
"""
LEFT = "Школы по доле, 2023 год: без класса и поэтому вне распределения — 1 из 4 школ"


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """The texts of every paper of the town by name, and what commands print; spaces are spaces."""
    folder = tmp_path_factory.mktemp("papers")
    write(folder)
    said: dict[str, str] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        of = ("town", "--data", "data")
        years = ("--year", "2023", "--year", "2024")
        for name in ("report.html", "summary.html", "summary.md", "public.html", "note.docx"):
            list(run("report", *of, *years, "--template", name, "-o", name))
        for name, template in (("tables.docx", "tables.docx"), ("book.xlsx", "book")):
            list(run("report", *of, *years, "--template", template, "-o", name))
        list(run("report", *of, *years, "--template", "opendata", "-o", "open"))
        for name in ("school.html", "school.docx"):
            list(
                run(
                    "report",
                    *of,
                    "--year",
                    "2024",
                    "--template",
                    name,
                    "--each",
                    "school",
                    "-o",
                    ".",
                )
            )
            Path(f"Школа Первая.{name.partition('.')[2]}").rename(name)
        for path in filter(Path.is_file, folder.iterdir()):
            said[path.name] = "\n".join(text for _name, text in read_paper(path))
        table = ("evaluate", *of, "--year", "2023", "--format", "table")
        said["overview"] = "\n".join(text for _command, text in run(*table))
        said["schools"] = "\n".join(text for _command, text in run(*table, "--level", "school"))
        said["explain"] = "\n".join(
            text
            for _c, text in run(
                "explain",
                "town",
                "by_share.low",
                *of[1:],
                "--year",
                "2023",
                "--place",
                "Западный край",
            )
        )
    said["folder"] = str(folder)
    return {name: text.replace("\u00a0", " ").replace("\u202f", " ") for name, text in said.items()}


def write(folder: Path) -> None:
    (folder / "town").mkdir()
    (folder / "town" / "c.yaml").write_text(CATALOGUE, encoding="utf-8")
    (folder / "data").mkdir()
    (folder / "data" / "schools.csv").write_text(SCHOOLS, encoding="utf-8")
    (folder / "data" / "facts.csv").write_text(FACTS, encoding="utf-8")


PAGES = ("report.html", "summary.html", "summary.md", "public.html", "note.docx", "tables.docx")


@pytest.mark.parametrize("name", [*PAGES, "overview", "book.xlsx"])
def test_a_value_has_its_class_and_points(papers: Mapping[str, str], name: str) -> None:
    # 200 of 400 in 2023, and 260 of 400 in 2024.
    assert "высокая" in papers[name]
    if name != "book.xlsx":  # there points are numbers of a column
        assert "высокая, 2,5 балла" in papers[name]


@pytest.mark.parametrize("name", ["school.html", "school.docx", "schools"])
def test_a_school_sees_its_class_and_points(papers: Mapping[str, str], name: str) -> None:
    assert "низкая, 1 балл" in papers[name]


def test_what_is_a_class_is_not_said_twice(papers: Mapping[str, str]) -> None:
    line = next(line for line in papers["schools"].splitlines() if "Цвет школы" in line)
    assert line.split("Цвет школы")[1].split() == ["бледный", "●", "1/1"]


@pytest.mark.parametrize("name", PAGES)
def test_a_base_has_a_column_of_its_own(papers: Mapping[str, str], name: str) -> None:
    assert "исходное" in papers[name].casefold()
    assert "29,2 (2020)" in papers["summary.md"]


def test_a_base_in_the_book_has_its_decimals(papers: Mapping[str, str]) -> None:
    book = openpyxl.load_workbook(Path(papers["folder"], "book.xlsx"))
    head, *rows = book["Результаты"].iter_rows()
    at = [cell.value for cell in head].index("Исходное")
    assert {(row[at].value, row[at].number_format) for row in rows if row[at].value} == {
        (29.2, "#,##0.0")
    }


def test_open_data_and_their_descriptor_have_the_base(papers: Mapping[str, str]) -> None:
    folder = Path(papers["folder"], "open")
    with (folder / "results.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["indicator"] == "share_"]
    assert {(row["level"], row["base"]) for row in rows} == {
        ("municipality", ""),
        ("region", "29.2"),
    }
    package = json.loads((folder / "datapackage.json").read_text("utf-8"))
    fields = package["resources"][0]["schema"]["fields"]
    assert fields[-1] == {
        "name": "base",
        "type": "number",
        "title": "Исходное значение, от которого считается цель",
    }


@pytest.mark.parametrize("name", [*PAGES, "overview"])
def test_who_is_outside_a_distribution_is_said_once(papers: Mapping[str, str], name: str) -> None:
    text = " ".join(papers[name].split())
    assert text.count(LEFT) == 1


def test_a_proof_says_who_is_outside(papers: Mapping[str, str]) -> None:
    assert "без класса и поэтому вне распределения: 1 из 4 школ" in papers["explain"]


def test_the_public_page_shows_every_public_level_never_by_value(
    papers: Mapping[str, str],
) -> None:
    page = papers["public.html"]
    assert "Западный край, по местам: Доля прошедших" in page
    # 40, 90 and 35 per cent: neither the best first nor the worst.
    assert page.index("Восточный") < page.index("Северный") < page.index("Южный")
    assert "Школа" not in page
    assert "итоги региона в целом и каждого из мест внутри" in page


def test_colours_of_the_schema_are_pale_behind_words() -> None:
    assert make_pale("#2e7d32") == "#cbdecc"
    assert make_pale("red") == "#ffbfbf"
    assert find_rgb("#2E7D32") == "#2e7d32"
    assert find_rgb("mauve") == make_pale("mauve") == make_pale("") == ""


def test_a_cell_of_word_has_the_pale_colour_of_its_class(papers: Mapping[str, str]) -> None:

    def shades(name: str) -> int:
        with ZipFile(Path(papers["folder"], name)) as packed:
            return packed.read("word/document.xml").decode().count('w:fill="cbdecc"')

    assert shades("tables.docx") >= 2
    assert shades("note.docx") >= 2


@pytest.mark.no_cover
def test_the_first_heading_is_not_broken_at_three_years(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """«№» and «п/п» stand in lines of their own: no width breaks them."""
    monkeypatch.chdir(tmp_path)
    list(run("demo", "berezniki", "."))
    years = [word for year in (2022, 2023, 2024) for word in ("--year", str(year))]
    list(
        run(
            "report",
            "berezniki",
            "--data",
            "data",
            *years,
            "--template",
            "tables.docx",
            "-o",
            "t.docx",
        )
    )
    with ZipFile("t.docx") as packed:
        document = packed.read("word/document.xml").decode()
    assert "<w:t>№</w:t><w:br/><w:t>п/п</w:t>" in document
    assert "№\u00a0п/п" not in document
