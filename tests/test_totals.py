"""Totals and title rows in data folders: passed over and named, never a school."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from engine.catalogue.load import load
from engine.catalogue.model import Catalogue
from engine.data.intake import read_data
from engine.data.total_names import is_total
from engine.same_names import fold_name

CATALOGUE = """\
catalogue: {id: town, title: Город, municipality: Город Н, years: [2023]}
inputs:
  students: {title: Обучающиеся, unit: person}
"""


@pytest.fixture
def town(tmp_path: Path) -> Path:
    (tmp_path / "cat").mkdir()
    (tmp_path / "cat" / "c.yaml").write_text(CATALOGUE, encoding="utf-8")
    (tmp_path / "data").mkdir()
    return tmp_path


def open_town(town: Path) -> Catalogue:
    catalogue, problems = load(town / "cat")
    assert catalogue is not None, problems
    return catalogue


def read(town: Path, **files: str) -> tuple[list[str], list[str]]:
    for name, text in files.items():
        (town / "data" / f"{name}.csv").write_text(text, encoding="utf-8")
    data, problems = read_data(open_town(town), town / "data")
    assert data.register is not None
    return sorted(data.register.schools.to_list()), [one.code for one in problems]


@pytest.mark.parametrize(
    ("text", "total"),
    [
        ("Итого", True),
        ("ИТОГО:", True),
        ("Всего по району", True),
        ("Итого за 2023 год", True),
        ("В среднем по городу", True),
        ("По школам", True),
        ("Всего по городу Город Н", True),
        ("Итоговая школа", False),
        ("Школа «Всего»", False),
        ("Всего обучающихся", False),
        ("Средняя школа", False),
        ("Городская гимназия", False),
        ("", False),
    ],
)
def test_the_name_of_a_total(text: str, total: bool) -> None:
    assert is_total(text, [fold_name("Город Н")]) is total


def test_a_total_among_facts_is_named_and_passed_over(town: Path) -> None:
    schools, codes = read(
        town,
        schools="school\na\nb\n",
        n="school;year;students\na;2023;1\nb;2023;2\nИтого;2023;3\n",
    )
    assert (schools, codes) == (["a", "b"], ["total-row"])


def test_a_total_in_the_register_is_an_error_with_its_row(town: Path) -> None:
    schools, codes = read(
        town, schools="school;title\na;А\nb;Б\nИтого;\n", n="school;year;students\na;2023;1\n"
    )
    assert (schools, codes) == (["a", "b"], ["total-row"])


def test_without_a_register_a_total_is_no_school(town: Path) -> None:
    schools, codes = read(town, n="school;year;students\na;2023;1\nВсего;2023;1\n")
    assert schools == ["a"]
    assert codes == ["no-register", "total-row"]


@pytest.mark.parametrize("titles", [["Свод"], ["Свод", None, "за 2023 год"]])
def test_a_heading_below_titles_is_found(town: Path, titles: list[str | None]) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    for cells in (*([title] for title in titles), ["school", "year", "students"], ["a", 2023, 5]):
        sheet.append(cells)
    book.save(town / "data" / "n.xlsx")
    _schools, codes = read(town, schools="school\na\n")
    assert codes == ["title-rows"]
    data, _problems = read_data(open_town(town), town / "data")
    assert data.facts.collect()["input:students"].to_list() == [5]


def test_two_rows_that_may_be_the_heading_are_not_chosen_between(town: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    for cells in (["Свод"], ["school", "year"], ["school", "year", "students"], ["a", 2023, 5]):
        sheet.append(cells)
    book.save(town / "data" / "n.xlsx")
    _schools, codes = read(town, schools="school\na\n")
    assert "no-place-column" in codes
