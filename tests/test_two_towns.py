"""Over two municipalities every page, table and file names its own place, and has no other's numbers."""

from __future__ import annotations

import json
import re
import zipfile
from html import unescape
from io import BytesIO
from pathlib import Path

import pytest
from click.testing import CliRunner
from docx import Document
from openpyxl import load_workbook

from engine.console import main as cli
from engine.translation import choose_language
from tests.two_towns import NORTH, REGION, SOUTH, write_towns
from tests.word import W, text_of

CATALOGUES_OWN = "Город Каталога"
"""The town that the catalogue names, of which there are no data: it heads nothing."""
OTHERS = {
    NORTH: ("Школа южная", "71,0", "174,0"),
    SOUTH: ("Школа северная", "Лицей северный", "31,0", "33,0"),
}
"""Town → what belongs to the other one."""
PAGES = (
    "report.html",
    "public.html",
    "summary.html",
    "summary.md",
    "note.docx",
    "tables.docx",
)
LEVELS = {"towns": "school, municipality", "region": "school, municipality, region"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The two catalogues, and the data of each."""
    made = tmp_path_factory.mktemp("two")
    for name, levels in LEVELS.items():
        write_towns(made / name, levels)
    return made


def run(*arguments: object) -> str:
    choose_language("ru")
    done = CliRunner().invoke(cli.main, [str(one) for one in arguments])
    # The data fail a check on purpose, which is told and stops nothing.
    assert done.exit_code in {0, 1}, done.output
    return done.stdout


def report(folder: Path, name: str, template: str, goal: Path, *more: object) -> Path:
    catalogue, data = folder / name / "catalogue", folder / name / "data"
    years = ("--year", 2022, "--year", 2023)
    run("report", catalogue, "--data", data, *years, "--template", template, *more, "-o", goal)
    return goal


def plain(text: str) -> str:
    return " ".join(text.split())


def words(path: Path) -> str:
    """Everything that a file says: its texts, its headers and footers, its properties."""
    if path.suffix in {".docx", ".xlsx"}:
        with zipfile.ZipFile(path) as packed:
            said = [packed.read(one).decode() for one in packed.namelist() if one.endswith(".xml")]
        return plain(unescape(re.sub(r"<[^>]+>", " ", " ".join(said))))
    text = path.read_text("utf-8")
    text = re.sub(r"<style\b.*?</style>", " ", text, flags=re.DOTALL)
    return plain(unescape(re.sub(r"<[^>]+>", " ", text)))


@pytest.mark.no_cover
@pytest.mark.parametrize("name", LEVELS)
@pytest.mark.parametrize("template", [*PAGES, "book.xlsx"])
def test_a_report_is_headed_by_the_places_it_is_about(
    folder: Path, tmp_path: Path, name: str, template: str
) -> None:
    text = words(report(folder, name, template, tmp_path / template))
    assert CATALOGUES_OWN not in text
    assert (f"{NORTH}, {SOUTH}" if name == "towns" else REGION) in text


@pytest.mark.no_cover
@pytest.mark.parametrize("template", [*PAGES, "book.xlsx"])
def test_the_file_of_a_place_is_about_it_alone(folder: Path, tmp_path: Path, template: str) -> None:
    goal = report(folder, "towns", template, tmp_path / "each", "--each", "municipality")
    for town, other in ((NORTH, SOUTH), (SOUTH, NORTH)):
        path = goal / f"{town}.{template.rpartition('.')[2]}"
        text = words(path)
        assert text.count(town) > 1
        assert not re.search(re.escape(other) + r"(?! \d)", text)
        assert CATALOGUES_OWN not in text
        for word in OTHERS[town]:
            assert word not in text, (town, word)


def test_each_part_of_a_note_is_about_its_own_place(folder: Path, tmp_path: Path) -> None:
    body = Document(str(report(folder, "towns", "note.docx", tmp_path / "n.docx"))).element.body
    parts: dict[str, list[str]] = {}
    town = ""
    heading = ""
    tables = 0
    for element in body:
        text = text_of(element)
        if element.tag == f"{W}p":
            town = text if text in OTHERS else town
            style = element.find(f"{W}pPr/{W}pStyle")
            heading = text if style is not None and "Heading" in style.get(f"{W}val") else heading
        elif element.tag == f"{W}tbl":
            tables += 1
            assert heading.endswith(f" — {town}")
        parts.setdefault(town, []).append(text)
    assert tables == 2
    assert list(parts) == ["", NORTH, SOUTH]
    for place, others in OTHERS.items():
        text = "\n".join(parts[place])
        for word in others:
            assert word not in text, (place, word)
    assert (
        "2023\u00a0год: сведения поступили от 1 из 2\u00a0школ; не поступили — Лицей северный."
        in parts[NORTH]
    )
    assert "2023\u00a0год: сведения поступили от 1 из 1\u00a0школы." in parts[SOUTH]
    assert "Охваченных больше обучающихся: Школа южная (2023\u00a0год);" in parts[SOUTH]


def test_each_table_of_the_order_names_its_place(folder: Path, tmp_path: Path) -> None:
    path = report(folder, "towns", "tables.docx", tmp_path / "t.docx")
    heading = ""
    headings = []
    for element in Document(str(path)).element.body:
        if element.tag == f"{W}tbl":
            headings.append(heading)
        elif text_of(element):
            heading = text_of(element)
    assert [one.rpartition(" — ")[2] for one in headings] == [NORTH, NORTH, SOUTH, SOUTH]


@pytest.mark.no_cover
@pytest.mark.parametrize("template", ["report.html", "public.html", "summary.html"])
def test_each_table_of_a_page_names_its_place(folder: Path, tmp_path: Path, template: str) -> None:
    page = report(folder, "towns", template, tmp_path / template).read_text("utf-8")
    assert re.search(rf"<title>[^<]*{NORTH}, {SOUTH}, ", page)
    tables = re.findall(r'<table class="[^"]+.*?</table>', page, re.DOTALL)
    assert len(tables) >= 4
    for table in tables:
        caption = unescape(re.findall(r"<caption>(.*?)</caption>", table, re.DOTALL)[0])
        (town,) = [one for one in OTHERS if one in caption]
        for word in OTHERS[town]:
            assert word not in table, (town, word)


@pytest.mark.no_cover
def test_the_schools_of_a_town_stand_under_its_name(folder: Path, tmp_path: Path) -> None:
    text = words(report(folder, "towns", "report.html", tmp_path / "r.html"))
    text = text[text.index("Кто сдал и кто нет") :]
    assert f"{NORTH} 2023 год: сдали 1 из 2; не сдали: Лицей северный ." in text
    assert f"{SOUTH} 2023 год: сдали 1 из 1." in text.replace("сдали 1 из 1 .", "сдали 1 из 1.")


@pytest.mark.no_cover
def test_below_a_region_stand_places_not_schools_alone(folder: Path, tmp_path: Path) -> None:
    text = words(report(folder, "region", "report.html", tmp_path / "r.html"))
    assert f"По местам и школам {REGION}: Доля охваченных, % Место 2022 2023 {NORTH} 31,0" in text
    note = words(report(folder, "region", "note.docx", tmp_path / "n.docx"))
    assert "каждому муниципалитету — не менее" in note
    assert "каждой школе" not in note


def test_each_sheet_of_a_workbook_names_its_places(folder: Path, tmp_path: Path) -> None:
    goal = report(folder, "towns", "book.xlsx", tmp_path / "each", "--each", "municipality")
    book = load_workbook(goal / f"{SOUTH}.xlsx")
    assert book.properties.title == f"Проверка мест — {SOUTH}"
    assert {sheet.oddHeader.left.text for sheet in book} == {SOUTH}
    heads, *rows = book["Результаты"].iter_rows(values_only=True)
    assert {row[heads.index("Место")] for row in rows} == {SOUTH}
    about = {row[0]: row[1] for row in book["О книге"].iter_rows(values_only=True)}
    assert about["Место"] == f"{SOUTH}, {REGION}"


def test_word_files_say_in_their_properties_whose_they_are(folder: Path, tmp_path: Path) -> None:
    goal = report(folder, "towns", "note.docx", tmp_path / "each", "--each", "municipality")
    known = Document(BytesIO((goal / f"{SOUTH}.docx").read_bytes()))
    assert known.core_properties.subject == f"Проверка мест — {SOUTH}"
    assert text_of(known.sections[0].footer.paragraphs[0]._p).startswith(f"{SOUTH} · ")


def test_open_data_name_the_places_they_are_of(folder: Path, tmp_path: Path) -> None:
    for name, places in (("towns", f"{NORTH}, {SOUTH}. {REGION}"), ("region", REGION)):
        goal = report(folder, name, "opendata", tmp_path / name)
        about = json.loads((goal / "datapackage.json").read_text("utf-8"))
        assert about["title"] == f"Проверка мест. {places}"


@pytest.mark.no_cover
@pytest.mark.parametrize("template", ["school.html", "school.docx"])
def test_the_sheet_of_a_school_names_its_own_town(
    folder: Path, tmp_path: Path, template: str
) -> None:
    more = ("--audience", "school", "--each", "school")
    goal = report(folder, "towns", template, tmp_path / "sheets", *more)
    (path,) = (one for one in goal.iterdir() if one.stem == "Школа южная")
    text = words(path)
    assert SOUTH in text
    assert NORTH not in text
    assert CATALOGUES_OWN not in text


def test_forms_and_what_is_returned_name_their_places(folder: Path, tmp_path: Path) -> None:
    catalogue, data = folder / "towns" / "catalogue", folder / "towns" / "data"
    run("form", catalogue, "own", "--data", data, "--year", 2023, "-o", tmp_path / "forms")
    files = sorted((tmp_path / "forms").iterdir())
    assert [one.name.partition(" — ")[0] for one in files] == [NORTH, SOUTH]
    for path, town in zip(files, (NORTH, SOUTH), strict=True):
        book = load_workbook(path)
        sheet = book["Форма"]
        assert sheet.oddHeader.left.text or sheet.oddFooter.left.text
        assert any(town == cell for row in sheet.iter_rows(values_only=True) for cell in row)
        (row,) = (
            cell.row for line in sheet.iter_rows() for cell in line if cell.value == "План города"
        )
        sheet.cell(row, 5, "да" if town == SOUTH else "нет")
        book.save(path)
    goal = tmp_path / "collected"
    asked = ("--data", data, "--year", 2023, "--format", "csv")
    told = run("collect", catalogue, tmp_path / "forms", *asked, "-o", goal)
    assert "сдано 2 из 2" in told
    text = "\n".join(one.read_text("utf-8-sig") for one in sorted(goal.rglob("*.csv")))
    assert re.search(rf"{SOUTH}.*\b(да|yes|1)\b", text)
    assert re.search(rf"{NORTH}.*\b(нет|no|0)\b", text)
    protocol = words(goal / "protocol.xlsx")
    assert NORTH in protocol
    assert SOUTH in protocol


def test_schools_of_one_title_are_told_apart_by_their_towns(tmp_path: Path) -> None:
    write_towns(tmp_path / "same", LEVELS["region"], "Школа № 1")
    text = words(report(tmp_path, "same", "report.html", tmp_path / "r.html"))
    assert f"не сдали: Школа № 1 ({NORTH})" in text
    assert f"Охваченных больше обучающихся — Школа № 1 ({SOUTH}), 2023 год" in text
    more = ("--audience", "school", "--each", "school")
    goal = report(tmp_path, "same", "school.html", tmp_path / "sheets", *more)
    names = {one.stem for one in goal.iterdir()}
    assert f"Школа № 1 ({SOUTH})" in names
    assert len(names) == 3
