"""What comes back as files: moved, copied, damaged, doubled, late, of another year or catalogue."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import openpyxl
import polars as pl
import pytest
import xlsxwriter
from openpyxl.cell.cell import MergedCell

from engine.catalogue.load import load
from engine.data import read_data
from engine.data.origins import find_cells as read_back
from engine.forms.back.collect import Collection, is_collected
from engine.forms.back.received_files import read_many
from engine.forms.out.checks import Key
from engine.forms.stamp import Stamp, column_code, row_code
from engine.problems import Position, Problem, sort_problems
from tests.filling import (
    TOWN,
    TOWN_SCHOOLS,
    Town,
    facts_of,
    fill,
    find_cells,
    find_sheet,
    gather,
    make_town,
    read_facts,
    resave,
)
from tests.office import needs_office

YEAR = 2022
ROOT = Path(__file__).resolve().parent.parent
ANSWERS: dict[Key, Any] = {
    ("pupils", YEAR, "fact"): 100,
    ("pupils.ovz", YEAR, "fact"): 7,
    ("spent", YEAR, "fact"): 5,
}
FACTS = {key: (value, "value") for key, value in ANSWERS.items()}


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    return make_town(tmp_path_factory.mktemp("town"), YEAR)


def filled(town: Town, file: Path, place: str = "a", form: str = "report") -> Path:
    fill(town.drawn[form][place], ANSWERS if form == "report" else {}, file)
    return file


def codes(collected: Collection, severity: str = "error") -> list[str]:
    return [one.code for one in collected.problems if one.severity == severity]


def read_protocol(folder: Path) -> dict[str, Any]:
    said: dict[str, Any] = json.loads((folder / "protocol.json").read_text(encoding="utf-8"))
    return said


def statuses(collected: Collection) -> dict[str, str]:
    return {entry.place: entry.status for entry in collected.protocol.entries}


# --- what somebody did to the workbook -----------------------------------------------------------


def insert_rows_and_columns(book: openpyxl.Workbook) -> None:
    sheet = find_sheet(book)
    sheet.insert_rows(9, 3)
    sheet.insert_cols(4, 2)


def copy_to_another_book(book: openpyxl.Workbook) -> None:
    """The form between sheets of other things, in the middle of the book, under another name."""
    find_sheet(book).title = "Лист1 (2)"
    book.create_sheet("Расчёты", 0)["A1"] = 12
    book.create_sheet("Ещё")["B2"] = "н/п"
    book.move_sheet("Лист1 (2)", 1)


def lose_styles(book: openpyxl.Workbook) -> None:
    plain = openpyxl.Workbook().active
    for line in find_sheet(book).iter_rows():
        for cell in line:
            cell._style = plain["A1"]._style
    find_sheet(book).data_validations.dataValidation = []
    find_sheet(book).protection.sheet = False


def add_notes(book: openpyxl.Workbook) -> None:
    sheet = find_sheet(book)
    for address in find_cells(sheet).values():
        sheet[address].comment = openpyxl.comments.Comment("12 — не ответ", "Иванова (демо)")
    sheet["Z99"] = "1 000"


@pytest.mark.no_cover
@pytest.mark.parametrize(
    "change", [insert_rows_and_columns, copy_to_another_book, lose_styles, add_notes]
)
def test_form_reads_wherever_its_cells_went(
    town: Town, tmp_path: Path, change: Callable[[openpyxl.Workbook], None]
) -> None:
    book = openpyxl.load_workbook(filled(town, tmp_path / "a.xlsx"))
    change(book)
    book.save(tmp_path / "совсем другое имя.xlsx")
    collected = gather(town, tmp_path / "совсем другое имя.xlsx", tmp_path / "data")
    assert codes(collected) == []
    assert facts_of(tmp_path / "data", "a") == FACTS


@needs_office
@pytest.mark.parametrize("kind", ["xlsx", "ods", "xls"])
def test_form_reads_after_everything_at_once(town: Town, tmp_path: Path, kind: str) -> None:
    book = openpyxl.load_workbook(filled(town, tmp_path / "a.xlsx"))
    for change in (add_notes, insert_rows_and_columns, copy_to_another_book):
        change(book)
    book.save(tmp_path / "a.xlsx")
    resave([tmp_path / "a.xlsx"], tmp_path / "saved", kind)
    collected = gather(town, tmp_path / "saved", tmp_path / "data")
    assert codes(collected) == []
    assert facts_of(tmp_path / "data", "a") == FACTS


def test_answers_in_rows_put_in_are_told(town: Town, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(filled(town, tmp_path / "a.xlsx"))
    sheet = find_sheet(book)
    cells = find_cells(sheet)
    column = "".join(filter(str.isalpha, cells["pupils", YEAR, "fact"]))
    row = int("".join(filter(str.isdigit, cells["pupils.ovz", YEAR, "fact"])))
    sheet.insert_rows(row)
    sheet[f"{column}{row}"] = 33
    book.save(tmp_path / "a.xlsx")
    collected = gather(town, tmp_path / "a.xlsx", tmp_path / "data")
    (told,) = [one for one in collected.problems if one.code == "stray-answer"]
    assert told.position
    assert told.position.cell == f"{column}{row}"
    assert facts_of(tmp_path / "data", "a") == FACTS


@pytest.mark.parametrize("how", ["the code is erased", "the row is deleted", "a titled row"])
def test_a_row_without_its_code_is_no_silent_loss(town: Town, tmp_path: Path, how: str) -> None:
    book = openpyxl.load_workbook(filled(town, tmp_path / "a.xlsx"))
    sheet = find_sheet(book)
    row = int("".join(filter(str.isdigit, find_cells(sheet)["pupils.ovz", YEAR, "fact"])))
    if how == "the code is erased":
        sheet.cell(row, 1).value = None
    elif how == "the row is deleted":
        sheet.delete_rows(row)
    else:
        sheet.insert_rows(row)
        sheet.cell(row, 3).value = "из них девочки"
        sheet.cell(row, 5).value = 7
    book.save(tmp_path / "a.xlsx")
    collected = gather(town, tmp_path / "a.xlsx", tmp_path / "data")
    told = [*codes(collected), *codes(collected, "warning")]
    assert ("lost-rows" in told) == (how != "a titled row")
    assert ("stray-answer" in told) == (how != "the row is deleted")


def test_copied_row_counts_for_nothing(town: Town, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(filled(town, tmp_path / "a.xlsx"))
    sheet = find_sheet(book)
    address = find_cells(sheet)["pupils", YEAR, "fact"]
    row = sheet[address].row
    for column in range(1, 12):
        sheet.cell(200, column).value = sheet.cell(row, column).value
    sheet.cell(200, sheet[address].column).value = 55
    book.save(tmp_path / "a.xlsx")
    collected = gather(town, tmp_path / "a.xlsx", tmp_path / "data")
    assert codes(collected) == ["value-twice"]
    assert "code-twice" in codes(collected, "warning")
    data, _problems = read_data(town.catalogue, tmp_path / "data")
    facts = data.facts.filter(pl.col("school") == "a", pl.col("year") == YEAR).collect()
    assert facts["input:pupils"].to_list() == [None]


def sort_rows(sheet: Any, first: int) -> None:
    """Sort the lines of the form by their titles, from a column on: without what stands before it."""
    rows = sorted({sheet[address].row for address in find_cells(sheet).values()})
    columns = range(first, 12)
    lines = [[sheet.cell(row, column).value for column in columns] for row in rows]
    for row, line in zip(rows, sorted(lines, key=lambda line: str(line[3 - first])), strict=True):
        for column, value in zip(columns, line, strict=True):
            sheet.cell(row, column).value = value


def swap_columns(sheet: Any) -> None:
    """Exchange two columns of answers from their headings down: the hidden codes stay."""
    for row in range(5, sheet.max_row + 1):
        left, right = sheet.cell(row, 5), sheet.cell(row, 6)
        if not isinstance(left, MergedCell) and not isinstance(right, MergedCell):
            left.value, right.value = right.value, left.value


@pytest.mark.parametrize("how", ["whole rows", "without codes", "columns", "retitled"])
def test_answers_moved_apart_from_their_codes_are_nobodys(
    town: Town, tmp_path: Path, how: str
) -> None:
    book = openpyxl.load_workbook(filled(town, tmp_path / "a.xlsx"))
    sheet = find_sheet(book)
    if how == "columns":
        swap_columns(sheet)
    elif how == "retitled":
        sheet.cell(sheet[find_cells(sheet)["spent", YEAR, "fact"]].row, 3).value = "Истрачено"
    else:
        sort_rows(sheet, 1 if how == "whole rows" else 2)
    book.save(tmp_path / "a.xlsx")
    collected = gather(town, tmp_path / "a.xlsx", tmp_path / "data")
    if how in {"whole rows", "retitled"}:
        assert codes(collected) == []
        assert facts_of(tmp_path / "data", "a") == FACTS
        return
    assert codes(collected) == ["moved-answers"]
    assert facts_of(tmp_path / "data", "a") == {}
    assert statuses(collected)["a"] == "not_taken"


def test_a_cell_that_cannot_be_read_hides_no_other_that_two_forms_give(tmp_path: Path) -> None:
    """Neither of the two numbers counts, and the protocol says so beside the word in the same form."""
    second = "  second: {title: Ещё, sections: [{title: Всё, rows: [{cells: [pupils, spent]}]}]}\n  city:"
    town = make_town(tmp_path / "town", YEAR, TOWN.replace("  city:\n", second + "\n"))
    fill(town.drawn["report"]["a"], ANSWERS, tmp_path / "came/a.xlsx")
    again: dict[Key, Any] = {("pupils", YEAR, "fact"): "сто", ("spent", YEAR, "fact"): 5}
    fill(town.drawn["second"]["a"], again, tmp_path / "came/b.xlsx")
    collected = gather(town, tmp_path / "came", tmp_path / "data")
    assert sorted(codes(collected)) == ["unreadable-cell", "value-twice"]


def test_titles_that_the_catalogue_has_changed_since_are_not_moved(tmp_path: Path) -> None:
    """The old title of one row may be that of another today."""
    town = make_town(tmp_path / "town", YEAR)
    fill(town.drawn["report"]["a"], ANSWERS, tmp_path / "came/a.xlsx")
    text = TOWN.replace("title: Обучающиеся,", "title: Все обучающиеся,").replace(
        "  spent: {title", "  boarders: {title: Обучающиеся, unit: person}\n  spent: {title"
    )
    (town.catalogue.folder / "town.yaml").write_text(text, encoding="utf-8")
    catalogue, _problems = load(town.catalogue.folder)
    assert catalogue is not None
    gather(replace(town, catalogue=catalogue), tmp_path / "came", tmp_path / "data")
    assert facts_of(tmp_path / "data", "a") == FACTS


def test_what_a_no_does_not_ask_is_no_question(town: Town, tmp_path: Path) -> None:
    """The counts of the protocol are those of the counter of the form, and an answer there is none."""
    after_yes: dict[Key, Any] = {
        ("site", YEAR, "fact"): "нет",
        ("site.link", YEAR, "fact"): "example.org",
        ("site", YEAR - 1, "fact"): "да",
        ("site.link", YEAR - 1, "fact"): "example.org",
    }
    cells = fill(town.drawn["report"]["a"], after_yes, tmp_path / "a.xlsx")
    collected = gather(town, tmp_path / "a.xlsx", tmp_path / "data")
    entry = next(one for one in collected.protocol.places if one.place == "a")
    details = [key for key in cells if key[0].startswith("site.")]
    assert len(details) == 6
    assert (entry.filled, entry.asked) == (3, len(cells) - len(details) + 2)


def test_row_that_was_dragged_down_is_damaged(town: Town, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(filled(town, tmp_path / "a.xlsx"))
    sheet = find_sheet(book)
    row = sheet[find_cells(sheet)["spent", YEAR, "fact"]].row
    sheet.cell(row, 1).value = str(sheet.cell(row, 1).value).replace("spent", "spenu")
    book.save(tmp_path / "a.xlsx")
    collected = gather(town, tmp_path / "a.xlsx", tmp_path / "data")
    assert codes(collected) == ["damaged-code"]
    assert ("spent", YEAR, "fact") not in facts_of(tmp_path / "data", "a")


def test_sheet_without_its_stamp_is_refused(town: Town, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(filled(town, tmp_path / "a.xlsx"))
    sheet = find_sheet(book)
    for line in sheet.iter_rows():
        for cell in line:
            if str(cell.value).startswith("pokazatel:form:"):
                cell.value = None
    book.save(tmp_path / "a.xlsx")
    assert codes(gather(town, tmp_path / "a.xlsx", tmp_path / "data")) == ["no-stamp"]


def test_two_forms_on_one_sheet_are_refused(town: Town, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(filled(town, tmp_path / "a.xlsx"))
    stamp = Stamp("town", town.catalogue.version, "report", "b", YEAR).text()
    find_sheet(book)["AA300"] = stamp
    book.save(tmp_path / "a.xlsx")
    assert codes(gather(town, tmp_path / "a.xlsx", tmp_path / "data")) == ["two-forms"]


# --- what is no form -----------------------------------------------------------------------------


def write_photo(path: Path) -> None:
    path.write_bytes(b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(range(256)) * 40)


def write_cut(path: Path) -> None:
    whole = path.with_name("whole.tmp")
    book = xlsxwriter.Workbook(str(whole))
    book.add_worksheet().write(0, 0, "x" * 5000)
    book.close()
    path.write_bytes(whole.read_bytes()[:3000])
    whole.unlink()


def write_bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
            for _turn in range(200):
                part.write(b" " * 1_000_000)


def write_lying_bomb(path: Path) -> None:
    """It says of itself that it is small."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b" " * 9_000_000)
    content = path.read_bytes()
    lie = (10).to_bytes(4, "little")
    path.write_bytes(content.replace((9_000_000).to_bytes(4, "little"), lie))


def write_far_cell(path: Path) -> None:
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet()
    sheet.write(0, 0, "pokazatel:")
    sheet.write(1_048_575, 16_383, 1)
    book.close()


def write_large(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(200_000_000)


def write_binary(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.bin", b"x")


def write_word(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("word/document.xml", "<document/>")


def write_password(path: Path) -> None:
    """A workbook with a password lies in a container of the old kind."""
    head = bytes.fromhex("d0cf11e0a1b11ae1")
    path.write_bytes(head + b"\0" * 504 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 1000)


def write_old_damaged(path: Path) -> None:
    path.write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + b"\1" * 2000)


def write_other_book(path: Path) -> None:
    book = xlsxwriter.Workbook(str(path))
    book.add_worksheet().write(0, 0, 12)
    book.close()


def write_nothing(path: Path) -> None:
    path.write_bytes(b"")


BAD: dict[str, tuple[Callable[[Path], None], str]] = {
    "пустой.xlsx": (write_nothing, "empty-file"),
    "отпуск.xlsx": (write_photo, "not-a-workbook"),
    "обрезан.xlsx": (write_cut, "damaged-workbook"),
    "бомба.xlsx": (write_bomb, "unpacks-too-large"),
    "лживая бомба.xlsx": (write_lying_bomb, "unpacks-too-large"),
    "далёкая ячейка.xlsx": (write_far_cell, "too-large-sheet"),
    "200 МБ.xlsx": (write_large, "too-large-file"),
    "двоичная.xlsb": (write_binary, "binary-workbook"),
    "письмо.xlsx": (write_word, "not-a-workbook"),
    "с паролем.xlsx": (write_password, "password"),
    "старая.xls": (write_old_damaged, "damaged-workbook"),
    "не форма.xlsx": (write_other_book, "no-form"),
    "~$a.xlsx": (write_nothing, "lock-file"),
    "письмо.docx": (write_word, "ignored-file"),
    "формы.zip": (write_word, "ignored-file"),
}


def test_each_bad_file_is_one_line_and_the_rest_is_collected(town: Town, tmp_path: Path) -> None:
    came = tmp_path / "came"
    filled(town, came / "вложенная" / "a.xlsx")
    for name, (write, _code) in BAD.items():
        write(came / name)
    collected = gather(town, came, tmp_path / "data")
    told = {
        Path(one.position.file).name: one.code
        for one in collected.problems
        if one.position and one.severity != "note"
    }
    assert told == {name: code for name, (_write, code) in BAD.items()}
    assert len([one for one in collected.problems if one.severity != "note"]) == len(BAD)
    assert facts_of(tmp_path / "data", "a") == FACTS
    assert statuses(collected) == {"a": "submitted", "b": "missing"}


@needs_office
def test_passwords_of_another_office(town: Town, tmp_path: Path) -> None:
    """A text document of sheets that is encrypted says so in its list of parts."""
    resave([filled(town, tmp_path / "a.xlsx")], tmp_path / "saved", "ods")
    path = tmp_path / "saved/a.ods"
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    manifest = parts["META-INF/manifest.xml"]
    parts["META-INF/manifest.xml"] = manifest.replace(
        b"</manifest:manifest>", b"<manifest:encryption-data/></manifest:manifest>"
    )
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    assert codes(gather(town, path, tmp_path / "data")) == ["password"]


def test_macros_are_told_and_answers_read(town: Town, tmp_path: Path) -> None:
    path = filled(town, tmp_path / "a.xlsx").rename(tmp_path / "a.xlsm")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"x")
    collected = gather(town, path, tmp_path / "data")
    assert (codes(collected), codes(collected, "warning")) == ([], ["macros"])
    assert facts_of(tmp_path / "data", "a") == FACTS


# --- whose it is ---------------------------------------------------------------------------------


def write_form(path: Path, stamp: Stamp, answers: dict[str, int]) -> Path:
    """The least that is a form: a stamp, the codes, the answers of its year."""
    path.parent.mkdir(parents=True, exist_ok=True)
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("Форма")
    sheet.write_string(0, 0, stamp.text())
    sheet.write_string(1, 2, column_code(stamp.year, "fact"))
    for row, (name, answer) in enumerate(answers.items(), 2):
        sheet.write_string(row, 0, row_code(name))
        sheet.write_number(row, 2, answer)
    book.close()
    return path


def test_form_of_another_version_is_read_where_its_codes_are(town: Town, tmp_path: Path) -> None:
    stamp = Stamp("town", "an older one", "report", "a", YEAR)
    path = write_form(tmp_path / "a.xlsx", stamp, {"pupils": 100, "teachers": 9})
    collected = gather(town, path, tmp_path / "data")
    (told,) = [one for one in collected.problems if one.code == "other-version"]
    assert told.severity == "warning"
    assert "teachers" in told.message
    for name in ("graduates", "site.link"):
        assert town.catalogue.inputs[name].short_title in told.message
    assert facts_of(tmp_path / "data", "a") == {("pupils", YEAR, "fact"): (100, "value")}
    assert collected.protocol.balance["not_known"] == 1


def test_a_row_lost_from_a_form_of_another_version_is_told_by_the_other_forms(
    town: Town, tmp_path: Path
) -> None:
    """What the catalogue asked then is known from those who have deleted nothing."""
    asked = {"pupils": 100, "graduates": 9, "pupils.ovz": 3}
    for place in "ab":
        stamp = Stamp("town", "an older one", "report", place, YEAR)
        answers = asked if place == "a" else {"pupils": 50, "graduates": 5}
        write_form(tmp_path / "in" / f"{place}.xlsx", stamp, answers)
    collected = gather(town, tmp_path / "in", tmp_path / "data")
    (lost,) = [one for one in collected.problems if one.code == "lost-rows"]
    assert (lost.severity, lost.position and lost.position.file.endswith("b.xlsx")) == (
        "error",
        True,
    )
    inputs = town.catalogue.inputs
    assert inputs["pupils.ovz"].short_title in lost.message
    (told,) = [one for one in collected.problems if one.code == "other-version"]
    assert inputs["pupils.ovz"].short_title not in told.message


def test_form_that_is_no_more_is_read(town: Town, tmp_path: Path) -> None:
    stamp = Stamp("town", "an older one", "former", "a", YEAR)
    path = write_form(tmp_path / "a.xlsx", stamp, {"pupils": 100})
    collected = gather(town, path, tmp_path / "data")
    (told,) = [one for one in collected.problems if one.code == "other-version"]
    assert "former" in told.message
    assert facts_of(tmp_path / "data", "a") == {("pupils", YEAR, "fact"): (100, "value")}


@pytest.mark.parametrize(
    ("stamp", "code"),
    [
        (Stamp("village", "1", "report", "a", YEAR), "other-catalogue"),
        (Stamp("town", "1", "report", "чужая", YEAR), "unknown-place"),
        (Stamp("town", "1", "report", "a", 2030), "late-year"),
    ],
)
def test_form_that_belongs_elsewhere_is_refused(
    town: Town, tmp_path: Path, stamp: Stamp, code: str
) -> None:
    path = write_form(tmp_path / "a.xlsx", stamp, {"pupils": 100})
    collected = gather(town, path, tmp_path / "data")
    assert codes(collected) == [code]
    assert read_facts(tmp_path / "data").height == 0


def test_school_that_is_not_open_does_not_count(town: Town, tmp_path: Path) -> None:
    """School c opens in 2023: its form of 2022 has a forecast for 2023, and that counts."""
    stamp = Stamp("town", town.catalogue.version, "report", "c", YEAR)
    path = write_form(tmp_path / "c.xlsx", stamp, {"pupils": 100})
    collected = gather(town, path, tmp_path / "data")
    assert "school-not-open" in codes(collected, "warning")
    assert read_facts(tmp_path / "data").height == 0


def test_forms_of_every_level_come_together(town: Town, tmp_path: Path) -> None:
    fill(town.drawn["report"]["a"], ANSWERS, tmp_path / "came/a.xlsx")
    fill(town.drawn["city"]["town"], {("city_events", YEAR, "fact"): 8}, tmp_path / "came/g.xlsx")
    collected = gather(town, tmp_path / "came", tmp_path / "data")
    assert codes(collected) == []
    assert facts_of(tmp_path / "data", "town") == {("city_events", YEAR, "fact"): (8, "value")}
    data, _problems = read_data(town.catalogue, tmp_path / "data")
    assert data.given["municipality"].collect()["input:city_events"].to_list() == [8]


def test_years_are_those_of_the_cells(town: Town, tmp_path: Path) -> None:
    """What is asked for the year before is of the year before, and forecasts are forecasts."""
    answers: dict[Key, Any] = {
        ("former", YEAR - 1, "fact"): 4,
        ("pupils", YEAR - 1, "fact"): 90,
        ("pupils", YEAR + 1, "forecast"): 110,
    }
    fill(town.drawn["report"]["a"], answers, tmp_path / "a.xlsx")
    gather(town, tmp_path / "a.xlsx", tmp_path / "data")
    expected = {key: (value, "value") for key, value in answers.items()}
    assert facts_of(tmp_path / "data", "a") == expected


# --- two of one place, and late ones -------------------------------------------------------------


def test_two_workbooks_of_one_place_are_an_error_unless_one_is_preferred(
    town: Town, tmp_path: Path
) -> None:
    came = tmp_path / "came"
    first, second = filled(town, came / "1.xlsx"), came / "2.xlsx"
    fill(first, {("pupils", YEAR, "fact"): 101}, second)
    collected = gather(town, came, tmp_path / "data")
    (told,) = [one for one in collected.problems if one.severity == "error"]
    assert told.code == "form-twice"
    assert told.position
    assert told.position.file == second.as_posix()
    assert first.as_posix() in told.message
    assert second.as_posix() in told.hint
    assert read_facts(tmp_path / "data").height == 0
    assert statuses(collected) == {"a": "not_taken", "b": "missing"}
    said = read_protocol(tmp_path / "data")
    assert [said["totals"][name] for name in ("expected", "not_taken", "missing")] == [2, 1, 1]
    (entry,) = [one for one in said["places"] if one["place"] == "a"]
    assert {entry["file"], *entry["copies"]} == {first.as_posix(), second.as_posix()}
    assert entry["errors"] == 1
    preferring = gather(town, came, tmp_path / "data", prefer=(second,))
    assert codes(preferring) == []
    assert facts_of(tmp_path / "data", "a")["pupils", YEAR, "fact"] == (101, "value")


def test_preferring_a_file_that_did_not_come_is_told(town: Town, tmp_path: Path) -> None:
    filled(town, tmp_path / "came/a.xlsx")
    prefer = (tmp_path / "came/b.xlsx", Path(os.path.relpath(tmp_path / "came/a.xlsx")))
    collected = gather(town, tmp_path / "came", tmp_path / "data", prefer=prefer)
    assert codes(collected) == ["not-collected"]
    assert facts_of(tmp_path / "data", "a") == FACTS


def test_one_file_twice_is_one_form(town: Town, tmp_path: Path) -> None:
    first = filled(town, tmp_path / "came/1.xlsx")
    (tmp_path / "came/почта").mkdir()
    shutil.copy(first, tmp_path / "came/почта/1.xlsx")
    collected = gather(town, tmp_path / "came", tmp_path / "data")
    assert (codes(collected), codes(collected, "warning")) == ([], ["same-file"])
    assert facts_of(tmp_path / "data", "a") == FACTS
    said = read_protocol(tmp_path / "data")
    assert [(one["place"], one["status"]) for one in said["places"]] == [
        ("a", "submitted"),
        ("b", "missing"),
    ]
    totals = [said["totals"][name] for name in ("expected", "submitted", "not_taken", "late")]
    assert totals == [2, 1, 0, 1]  # saved today, after the day it was due
    sheet = openpyxl.load_workbook(tmp_path / "data/protocol.xlsx").worksheets[0]
    shown = [(row[0], row[4]) for row in sheet.iter_rows(min_row=4, values_only=True)]
    assert shown == [("Школа А", "сдана"), ("Школа Б", "не сдана")]


def test_a_form_that_came_as_it_was_sent_is_not_submitted(town: Town, tmp_path: Path) -> None:
    fill(town.drawn["report"]["a"], {}, tmp_path / "came/a.xlsx")
    filled(town, tmp_path / "came/b.xlsx", "b")
    collected = gather(town, tmp_path / "came", tmp_path / "data")
    assert statuses(collected) == {"a": "empty", "b": "submitted"}
    (told,) = [one for one in collected.problems if one.code == "empty-form"]
    assert told.severity == "warning"
    assert told.position
    assert told.position.file == (tmp_path / "came/a.xlsx").as_posix()
    totals = read_protocol(tmp_path / "data")["totals"]
    assert [totals[name] for name in ("expected", "submitted", "empty")] == [2, 1, 1]
    sheet = openpyxl.load_workbook(tmp_path / "data/protocol.xlsx").worksheets[0]
    assert sheet["E4"].value == "пришла пустой"


def test_a_form_of_an_unknown_school_is_not_expected(town: Town, tmp_path: Path) -> None:
    filled(town, tmp_path / "came/a.xlsx")
    stamp = Stamp("town", town.catalogue.version, "report", "нет такой", YEAR)
    write_form(tmp_path / "came/x.xlsx", stamp, {"pupils": 100})
    gather(town, tmp_path / "came", tmp_path / "data")
    said = read_protocol(tmp_path / "data")
    totals = [said["totals"][name] for name in ("expected", "submitted", "missing", "not_taken")]
    assert totals == [2, 1, 1, 1]
    assert [one["expected"] for one in said["places"]] == [True, True, False]


def test_forms_that_nobody_sent_are_named(town: Town, tmp_path: Path) -> None:
    filled(town, tmp_path / "came/a.xlsx")
    gather(town, tmp_path / "came", tmp_path / "data")
    said = read_protocol(tmp_path / "data")
    assert said["forms_without_answers"] == ["city"]
    assert {one["form"] for one in said["places"]} == {"report"}


def test_later_form_asks_anew(town: Town, tmp_path: Path) -> None:
    """The form of 2023 asks 2022 again: its answer is taken, and both are counted."""
    filled(town, tmp_path / "came/2022.xlsx")
    stamp = Stamp("town", town.catalogue.version, "report", "a", 2023)
    later = tmp_path / "came/2023.xlsx"
    book = xlsxwriter.Workbook(str(later))
    sheet = book.add_worksheet("Форма")
    sheet.write_string(0, 0, stamp.text())
    sheet.write_string(1, 1, column_code(2022, "fact"))
    sheet.write_string(2, 0, row_code("pupils"))
    sheet.write_number(2, 1, 104)
    book.close()
    collected = gather(town, tmp_path / "came", tmp_path / "data")
    assert "value-twice" not in codes(collected)
    assert facts_of(tmp_path / "data", "a")["pupils", YEAR, "fact"] == (104, "value")
    assert collected.protocol.balance["replaced"] == 1


def test_late_ones_are_told(town: Town, tmp_path: Path) -> None:
    for place, saved in (("a", datetime(2024, 1, 26, 12)), ("b", datetime(2024, 1, 28, 12))):  # noqa: DTZ001 - as workbooks write it
        book = openpyxl.load_workbook(town.drawn["report"][place])
        book.properties.modified = saved
        path = tmp_path / f"came/{place}.xlsx"
        path.parent.mkdir(exist_ok=True)
        book.save(path)
        # The saver puts today's date in: put the one that is meant in its place.
        rewrite_saved(path, saved)
    collected = gather(town, tmp_path / "came", tmp_path / "data")
    assert {one.place: one.days_late for one in collected.protocol.entries} == {"a": 0, "b": 2}
    # The day of another year's form says nothing of this one.
    form = replace(town.catalogue.forms["report"], dues={YEAR - 1: "2023-01-26"})
    other = replace(town.catalogue, forms={**town.catalogue.forms, "report": form})
    collected = gather(replace(town, catalogue=other), tmp_path / "came", tmp_path / "data")
    assert not any(one.late for one in collected.protocol.entries)


def rewrite_saved(path: Path, saved: datetime) -> None:
    import re

    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["docProps/core.xml"] = re.sub(
        rb"(<dcterms:modified[^>]*>)[^<]*",
        rb"\g<1>" + saved.isoformat().encode() + b"Z",
        parts["docProps/core.xml"],
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


def test_form_that_was_never_saved_is_dated_by_its_file(town: Town, tmp_path: Path) -> None:
    """A form as it was drawn bears the day that all of them bear."""
    shutil.copy(town.drawn["report"]["a"], tmp_path / "a.xlsx")
    os.utime(tmp_path / "a.xlsx", (1_700_000_000, 1_700_000_000))
    collected = gather(town, tmp_path / "a.xlsx", tmp_path / "data")
    (entry,) = [one for one in collected.protocol.entries if one.place == "a"]
    assert entry.saved
    assert entry.saved.year == 2023


# --- register and earlier data -------------------------------------------------------------------


def test_what_a_person_left_in_doubt_stays_so_in_the_facts_that_go_along(tmp_path: Path) -> None:
    """The facts that `collect` writes are read without the rules for people: it must not be taken."""
    town = make_town(tmp_path, YEAR)
    text = "school;year;spent;rate;partners\na;2021;1e3;0,85;х\nb;2021;1,5;0,85 %;-\n"
    (town.data / "2021.csv").write_text(text, encoding="utf-8")
    filled(town, tmp_path / "came/a.xlsx")
    gather(town, tmp_path / "came", tmp_path / "out")
    for folder, count in ((town.data, 2), (tmp_path / "out", 2)):
        data, problems = read_data(town.catalogue, folder)
        assert len([one for one in problems if one.severity == "error"]) == count
        frame = data.facts.filter(year=2021).sort("school").collect()
        assert frame["input:spent"].to_list() == [None, 1.5]
        assert frame["input:rate"].to_list() == [None, 0.85]
        assert frame["input:partners"].to_list() == [None, None]
        assert frame["state:partners"].to_list() == [1, None]
        assert frame["state:spent"].to_list() == [2, None]


def test_earlier_facts_go_along_and_are_not_counted_twice(tmp_path: Path) -> None:
    town = make_town(tmp_path, YEAR)
    text = (
        "school;year;pupils;spent;partners\na;2021;60;1,5;Завод (демо)\na;2022;95;;\nb;2022;-;;\n"
    )
    (town.data / "2022.csv").write_text(text, encoding="utf-8")
    filled(town, tmp_path / "came/a.xlsx")
    collected = gather(town, tmp_path / "came", tmp_path / "out")
    assert collected.protocol.earlier == {"cells": 5, "kept": 4, "asked_anew": 1}
    warned = {one.code: one for one in collected.problems if one.severity == "warning"}
    assert "95" in warned["changed-since"].message
    assert "2022.csv, C3" in warned["changed-since"].message
    # The check compares with the year before, which only the earlier data hold.
    assert "check:grown" in warned
    data, problems = read_data(town.catalogue, tmp_path / "out")
    assert [one.code for one in problems if one.severity == "error"] == ["dash-in-number"]
    facts = data.facts.filter(pl.col("school") == "a").sort("year").collect()
    assert facts["input:pupils"].to_list() == [60, 100]
    assert facts["input:partners"].to_list() == ["Завод (демо)", None]
    (cell,) = read_back(data, ("school", "a", 2021, "fact"), ["spent"])
    assert (cell.value, cell.file.rpartition("/")[2], cell.cell) == (1.5, "2022.csv", "D2")
    (cell,) = read_back(data, ("school", "a", 2022, "fact"), ["pupils"])
    assert cell.sha256 == collected.protocol.entries[0].sha256
    assert cell.file == (tmp_path / "came/a.xlsx").as_posix()


def test_register_may_lie_among_the_forms(town: Town, tmp_path: Path) -> None:
    filled(town, tmp_path / "came/a.xlsx")
    (tmp_path / "came/schools.csv").write_text(TOWN_SCHOOLS, encoding="utf-8")
    collected = gather(town, tmp_path / "came", tmp_path / "data", data=None)
    assert statuses(collected) == {"a": "submitted", "b": "missing"}
    # The next collection stands on the former result.
    (tmp_path / "came/schools.csv").unlink()
    again = gather(town, tmp_path / "came", tmp_path / "data", data=None)
    assert statuses(again) == {"a": "submitted", "b": "missing"}


def test_without_a_register_who_submitted_is_the_register(town: Town, tmp_path: Path) -> None:
    filled(town, tmp_path / "came/a.xlsx")
    collected = gather(town, tmp_path / "came", tmp_path / "data", data=None)
    assert "no-register" in codes(collected)
    assert statuses(collected) == {"a": "submitted"}
    data, _problems = read_data(town.catalogue, tmp_path / "data")
    assert data.facts.collect()["input:pupils"].to_list() == [100]


# --- whole or not at all -------------------------------------------------------------------------


def snapshot(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.mark.no_cover
@pytest.mark.parametrize("shape", ["parquet", "csv"])
def test_collecting_again_gives_the_same(town: Town, tmp_path: Path, shape: str) -> None:
    filled(town, tmp_path / "came/a.xlsx")
    fill(
        town.drawn["report"]["b"], {("pupils", YEAR, "fact"): "около 40"}, tmp_path / "came/b.xlsx"
    )
    gather(town, tmp_path / "came", tmp_path / "data", format=shape)
    first = snapshot(tmp_path / "data")
    assert {"protocol.json", "protocol.xlsx", "schools.csv", f"facts.{shape}"} <= first.keys()
    assert any(name.startswith("returned/") for name in first)
    gather(town, tmp_path / "came", tmp_path / "data", format=shape)
    assert snapshot(tmp_path / "data") == first
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


KILLED = """
import os, sys
from pathlib import Path
from engine.catalogue.load import load
from engine.forms.back import collect as room
catalogue, _problems = load(Path(sys.argv[1]))
steps = [0]
def dying(name):
    whole = getattr(room, name)
    def step(*given, **more):
        found = whole(*given, **more)
        steps[0] += 1
        if steps[0] == int(sys.argv[5]):
            os._exit(9)
        return found
    return step
for name in ("write_facts", "copy_register", "write_protocol", "write_returned", "remove_folder"):
    setattr(room, name, dying(name))
asked = room.CollectionRequest((Path(sys.argv[2]),), Path(sys.argv[4]), data=Path(sys.argv[3]), workers=1)
room.collect(catalogue, asked)
"""


@pytest.mark.no_cover
def test_killed_and_run_again_gives_the_same(town: Town, tmp_path: Path) -> None:
    """At whatever step it is killed, the former result stays whole, and the next run is as ever."""
    came, output = tmp_path / "came", tmp_path / "data"
    filled(town, came / "a.xlsx")
    gather(town, came, output)
    former = snapshot(output)
    fill(town.drawn["report"]["b"], {("pupils", YEAR, "fact"): "-"}, came / "b.xlsx")
    gather(town, came, tmp_path / "due")
    due = snapshot(tmp_path / "due")
    killed = 0
    for step in (1, 3, 4, 5, 6, 7, 8):
        done = subprocess.run(
            [
                *(sys.executable, "-c", KILLED, str(town.catalogue.folder), str(came)),
                *(str(town.data), str(output), str(step)),
            ],
            cwd=ROOT,
            check=False,
        )
        killed += done.returncode == 9
        assert done.returncode in {0, 9}
        if output.exists():
            assert snapshot(output) in (former, due)
    assert killed > 4
    gather(town, came, output)
    assert snapshot(output) == due
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_folder_of_other_things_is_not_replaced(town: Town, tmp_path: Path) -> None:
    output = tmp_path / "data"
    assert is_collected(output)
    output.mkdir()
    assert is_collected(output)
    (output / "диплом.docx").write_text("x", encoding="utf-8")
    assert not is_collected(output)
    (output / "диплом.docx").unlink()
    filled(town, tmp_path / "came/a.xlsx")
    gather(town, tmp_path / "came", output)
    assert is_collected(output)
    (output / "заметки.txt").write_text("x", encoding="utf-8")
    assert not is_collected(output)


def test_result_inside_what_is_collected_is_not_collected(town: Town, tmp_path: Path) -> None:
    came = tmp_path / "came"
    fill(town.drawn["report"]["a"], {("pupils", YEAR, "fact"): "-"}, came / "a.xlsx")
    first = gather(town, came, came / "data")
    assert list((came / "data/returned").iterdir())
    again = gather(town, came, came / "data")
    assert codes(first) == codes(again) == ["dash-in-number"]


# --- many ----------------------------------------------------------------------------------------


@pytest.mark.usefixtures("own_processes")
def test_many_files_are_read_apart_in_the_same_order(tmp_path: Path) -> None:
    """In processes of their own, in the order they are named; a bad one among them stops nothing."""
    files = []
    for number in range(70):
        path = tmp_path / f"{number}.xlsx"
        stamp = Stamp("town", "1", "report", f"p{number}", YEAR)
        write_form(path, stamp, {"pupils": number})
        files.append(str(path))
    write_photo(Path(files[33]))
    books = list(read_many(files, 2))
    texts = [book.sheets[0].texts[0] if book.sheets else book.refused for book in books]
    assert texts == [str(number) if number != 33 else "not-a-workbook" for number in range(70)]


def test_protocol_says_who_and_what(town: Town, tmp_path: Path) -> None:
    fill(
        town.drawn["report"]["a"], {("pupils", YEAR, "fact"): "около 40"}, tmp_path / "came/a.xlsx"
    )
    gather(town, tmp_path / "came", tmp_path / "data")
    said = json.loads((tmp_path / "data/protocol.json").read_text(encoding="utf-8"))
    assert said["year"] == YEAR
    assert said["totals"]["expected"] == 2
    assert said["totals"]["missing"] == 1
    assert said["totals"]["with_errors"] == 1
    (problem,) = [one for one in said["problems"] if one["severity"] == "error"]
    assert (problem["place"], problem["form"]) == ("a", "report")
    book = openpyxl.load_workbook(tmp_path / "data/protocol.xlsx")
    for sheet in book.worksheets:
        assert sheet.freeze_panes == "A4"
        assert sheet.auto_filter.ref.startswith("A3:")
        assert sheet["A1"].value.startswith("Протокол сбора: ")
        assert sheet["A1"].value.endswith(sheet.title)
        # Printed across a page of A4: its head on every page, its letters no smaller than 7.5 points.
        assert sheet.print_title_rows == "$1:$3"
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert (sheet.page_setup.fitToWidth or 1, sheet.page_setup.fitToHeight) == (1, 0)
        assert sheet.page_setup.orientation == "landscape"
        assert "&N" in sheet.oddFooter.right.text
        digits = sum(sheet.column_dimensions[cell.column_letter].width for cell in sheet[3])
        assert sheet["A4"].font.sz * 150 / digits >= 7.5
        assert all(re.search("[а-я]", cell.value) for cell in sheet[3])
        assert all(cell.alignment.wrap_text for row in sheet.iter_rows(min_row=3) for cell in row)
    assert book.properties.title.startswith("Протокол сбора: ")
    places, problems = book.worksheets[:2]
    assert [row[0].value for row in places.iter_rows(min_row=4)] == ["Школа А", "Школа Б"]
    # The folder of all files is named once, over the table.
    assert places["A2"].value.startswith("сдано форм: 1 из 2; с ошибками: 1; ")
    assert places["A2"].value.endswith(f"папка: {(tmp_path / 'came').as_posix()}")
    assert places["L4"].value == "a.xlsx"
    (back,) = (tmp_path / "data/returned").iterdir()
    for sheet in (places, problems):
        (link, *_others) = [cell for row in sheet.iter_rows() for cell in row if cell.hyperlink]
        assert (link.row, link.value) == (4, "открыть")
        # The path as Windows writes it, which every office reads.
        path = unquote(link.hyperlink.target).replace("\\", "/")
        assert path == f"returned/{back.name}"
    assert problem["code"] not in {cell.value for row in problems.iter_rows() for cell in row}
    shown = [[cell.value for cell in row] for row in problems.iter_rows(min_row=4)]
    assert any("около 40" in str(row[4]) and row[8] == problem["cell"] for row in shown)


def test_returned_form_keeps_the_answers_and_says_what_is_wrong(town: Town, tmp_path: Path) -> None:
    answers: dict[Key, Any] = {
        ("pupils", YEAR, "fact"): "около 40",
        ("pupils.ovz", YEAR, "fact"): 7,
        ("spent", YEAR, "fact"): "12,5",
        ("site", YEAR, "fact"): "Да.",
        ("partners", YEAR, "fact"): "=1+1 не формула",
        ("rate", YEAR, "fact"): 0.85,
    }
    book = openpyxl.load_workbook(town.drawn["report"]["a"])
    sheet = find_sheet(book)
    cells = find_cells(sheet)
    for key, answer in answers.items():
        sheet[cells[key]] = answer
        sheet[cells[key]].data_type = "n" if isinstance(answer, float | int) else "s"
    (tmp_path / "came").mkdir()
    book.save(tmp_path / "came/a.xlsx")
    collected = gather(town, tmp_path / "came", tmp_path / "data")
    (back,) = (tmp_path / "data/returned").iterdir()
    sheet = find_sheet(openpyxl.load_workbook(back))
    for key, answer in answers.items():
        due = {"12,5": 12.5}.get(str(answer), answer)
        assert sheet[cells[key]].value == due, key
    noted = {key for key, address in cells.items() if sheet[address].comment}
    assert noted >= {("pupils", YEAR, "fact"), ("rate", YEAR, "fact")}
    assert ("spent", YEAR, "fact") not in noted
    comment = sheet[cells["rate", YEAR, "fact"]].comment
    assert comment
    assert "85" in comment.text
    # What went back and is mended comes in again.
    mended: dict[Key, Any] = dict.fromkeys((("pupils", YEAR, "fact"), ("rate", YEAR, "fact")), 40)
    fill(back, mended, tmp_path / "mended/a.xlsx")
    again = gather(town, tmp_path / "mended", tmp_path / "data2")
    assert codes(again) == []
    assert len(codes(collected)) == 2


def test_catalogue_of_the_tests_is_sound(tmp_path: Path) -> None:
    (tmp_path / "town.yaml").write_text(TOWN, encoding="utf-8")
    _catalogue, problems = load(tmp_path)
    assert not [one for one in problems if one.severity == "error"]


# --- as a methodologist reads it -----------------------------------------------------------------


def test_facts_in_csv_are_read_as_those_in_parquet(town: Town, tmp_path: Path) -> None:
    answers: dict[Key, Any] = {
        **ANSWERS,
        ("site", YEAR, "fact"): "да",
        ("site", YEAR - 1, "fact"): "нет",
        ("spent", YEAR, "fact"): 0.1,
        ("spent", YEAR - 1, "fact"): 12345678.25,
    }
    fill(town.drawn["report"]["a"], answers, tmp_path / "came/a.xlsx")
    read = []
    for shape in ("parquet", "csv"):
        gather(town, tmp_path / "came", tmp_path / shape, format=shape)
        data, problems = read_data(town.catalogue, tmp_path / shape)
        assert not [one for one in problems if one.severity == "error"]
        names = [("school", "a", year, "fact") for year in (YEAR - 1, YEAR)]
        read.append(
            [
                (c.input, c.value)
                for key in names
                for c in read_back(data, key, town.catalogue.inputs)
            ]
        )
    assert read[0] == read[1]
    assert ("site", True) in read[0]
    assert ("site", False) in read[0]
    assert ("spent", 12345678.25) in read[0]


def test_messages_say_what_was_asked_and_stand_in_the_order_of_the_sheet(
    town: Town, tmp_path: Path
) -> None:
    wrong: dict[Key, Any] = {
        (name, YEAR, "fact"): "около 40" for name in ("pupils.ovz", "spent", "rate")
    }
    # What is typed into a cell of dates becomes one: nobody opened the page on 7 January 1900.
    wrong |= {("site", YEAR, "fact"): "да", ("site.opened", YEAR, "fact"): 7}
    fill(town.drawn["report"]["a"], wrong, tmp_path / "came/a.xlsx")
    collected = gather(town, tmp_path / "came", tmp_path / "data")
    unread = [one for one in collected.problems if one.code == "unreadable-cell"]
    assert [one.message.partition(": не удалось")[0] for one in unread] == [
        "«Обучающиеся: с ОВЗ»",
        "«Потрачено»",
        "«Доля»",
        "«Когда открыта»",
    ]
    told = [
        Problem("a", "b", Position("f", sheet="s", cell=cell))
        for cell in ("E100", "AA13", "E13", "E9")
    ]
    order = [one.position.cell for one in sort_problems(told) if one.position]
    assert order == ["E9", "E13", "AA13", "E100"]
    assert [one.problem for one in collected.protocol.problems] == list(collected.problems)


def test_what_a_form_leaves_blank_is_told_where_the_earlier_value_stays(
    town: Town, tmp_path: Path
) -> None:
    data = tmp_path / "known"
    data.mkdir()
    (data / "schools.csv").write_text(TOWN_SCHOOLS, encoding="utf-8")
    text = f"school;year;pupils\na;{YEAR - 1};77\nb;{YEAR - 1};55\na;{YEAR - 9};1\n"
    (data / "facts.csv").write_text(text, encoding="utf-8")
    answers: dict[Key, Any] = {("spent", YEAR, "fact"): 5}
    fill(town.drawn["report"]["a"], answers, tmp_path / "came/a.xlsx")
    collected = gather(town, tmp_path / "came", tmp_path / "data", data=data)
    (told,) = [one for one in collected.problems if one.code == "left-blank"]
    assert told.message.endswith(f"«Обучающиеся» ({YEAR - 1})")
    assert told.position
    assert told.position.file.endswith("a.xlsx")


def test_a_percentage_out_of_bounds_is_told_once(town: Town, tmp_path: Path) -> None:
    fill(town.drawn["report"]["a"], {("rate", YEAR, "fact"): 120}, tmp_path / "came/a.xlsx")
    collected = gather(town, tmp_path / "came", tmp_path / "data")
    assert codes(collected, "warning").count("outside-percent") == 1


def test_what_changed_is_told_of_the_school_and_not_to_it(town: Town, tmp_path: Path) -> None:
    data = tmp_path / "known"
    data.mkdir()
    (data / "schools.csv").write_text(TOWN_SCHOOLS, encoding="utf-8")
    text = f"school;year;pupils\na;{YEAR - 1};77\n"
    (data / "facts.csv").write_text(text, encoding="utf-8")
    answers: dict[Key, Any] = {("pupils", YEAR - 1, "fact"): 78, ("spent", YEAR, "fact"): "-"}
    fill(town.drawn["report"]["a"], answers, tmp_path / "came/a.xlsx")
    collected = gather(town, tmp_path / "came", tmp_path / "data", data=data)
    (changed,) = [one for one in collected.protocol.problems if one.problem.code == "changed-since"]
    assert collected.protocol.of_submissions()[changed.submission or 0].place == "a"
    assert "«Обучающиеся»" in changed.problem.message
    (returned,) = (tmp_path / "data/returned").iterdir()
    sheet = openpyxl.load_workbook(returned).active
    comments = [cell.comment.text for row in sheet.iter_rows() for cell in row if cell.comment]
    assert len(comments) == 1
    assert "ноль" in comments[0]
    row = sheet[find_cells(sheet)["pupils", YEAR - 1, "fact"]].row
    assert {77, 78} <= {cell.value for cell in sheet[row]}  # as it was sent, and what was answered


def test_the_protocol_says_of_a_file_in_words_why_it_was_not_read(
    town: Town, tmp_path: Path
) -> None:
    filled(town, tmp_path / "came/a.xlsx")
    (tmp_path / "came/b.xlsx").write_bytes(b"")
    gather(town, tmp_path / "came", tmp_path / "data")
    sheet = openpyxl.load_workbook(tmp_path / "data/protocol.xlsx")["Файлы"]
    said = [row[1] for row in sheet.iter_rows(min_row=4, values_only=True)]
    assert said == ["прочитан", "файл пуст"]


def test_a_cell_left_empty_is_told_of_beside_the_yes_that_asks_for_it(tmp_path: Path) -> None:
    text = TOWN.replace(
        "{title: Когда открыта, type: date}", "{title: Когда открыта, type: date, required: true}"
    )
    town = make_town(tmp_path / "town", YEAR, text)
    cells = fill(
        town.drawn["report"]["a"], {("site", YEAR, "fact"): "да"}, tmp_path / "came/a.xlsx"
    )
    collected = gather(town, tmp_path / "came", tmp_path / "data")
    (told,) = [one for one in collected.protocol.problems if one.problem.code == "required"]
    assert told.submission is not None
    assert told.problem.position is not None
    assert told.problem.position.cell == cells["site", YEAR, "fact"]


def test_forms_of_another_year_are_told_once(town: Town, tmp_path: Path) -> None:
    for place in "ab":
        filled(town, tmp_path / f"came/{place}.xlsx", place)
    collected = gather(town, tmp_path / "came", tmp_path / "data", year=YEAR + 1)
    warned = [one for one in collected.problems if one.code == "other-year"]
    assert len(warned) == 1
    assert str(YEAR) in warned[0].message
    assert str(YEAR + 1) in warned[0].message
    assert warned[0].severity == "warning"
    assert facts_of(tmp_path / "data", "a") == FACTS
    again = gather(town, tmp_path / "came", tmp_path / "data")
    assert "other-year" not in codes(again, "warning")
