"""Places by their names, hidden sheets, merged ranges and far cells: what is said of each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import openpyxl
import pytest
from click.testing import CliRunner

from engine.catalogue.load import load
from engine.console.main import main
from engine.data.intake import read_data
from engine.data.model import Data
from engine.problems import fold_problems, show_problem
from tests.written import write_files

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

CATALOGUE = """\
catalogue: {id: town, title: Т, municipality: Городок, levels: [school, district, municipality], years: [2023]}
inputs:
  pupils: {title: Обучающиеся, unit: person}
  covered: {title: Охвачено, unit: person}
indicators:
  share_covered: {title: Охват, unit: percent, formula: "share(covered, pupils)"}
"""
REGISTER = "school;title;district\n" + "".join(f"s{n};Школа № {n};d{n % 2}\n" for n in (1, 2, 3))
FACTS = "school;year;pupils;covered\n" + "".join(f"s{n};2023;{n}0;{n}\n" for n in (1, 2, 3))


@pytest.fixture(autouse=True)
def _town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    files = {
        "town/c.yaml": CATALOGUE,
        "data/schools.csv": REGISTER,
        "data/n.csv": FACTS,
    }
    write_files(tmp_path, files)


def write_book(name: str, *sheets: Callable[[Worksheet], None]) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.remove(book.active)
    for number, fill in enumerate(sheets, 1):
        fill(book.create_sheet(f"Лист{number}"))
    book.save(Path("data") / name)


def write_facts(sheet: Worksheet) -> None:
    for line in FACTS.splitlines():
        sheet.append([int(cell) if cell.isdigit() else cell for cell in line.split(";")])


def read() -> tuple[Data, list[str]]:
    catalogue, problems = load("town")
    assert catalogue is not None, problems
    data, found = read_data(catalogue, "data")
    return data, [show_problem(problem) for problem in fold_problems(found)]


# --- places ---------------------------------------------------------------------------------------


def test_places_are_named_as_people_write_them() -> None:
    text = "Уровень;Место;Название\nШкола;школа №1;Первая\nрайон;D0;Север\nМуниципалитет;town;Городок\n"
    Path("data/places.csv").write_text(text, encoding="utf-8")
    data, problems = read()
    assert problems == []
    assert data.titles["school", "s1"] == "Школа № 1"  # the register's own title stays
    assert data.titles["district", "d0"] == "Север"


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("shool;s1;Первая", "A2: ошибка: нет уровня «shool»\n    может быть, «school»?"),
        ("улица;s1;Первая", "A2: ошибка: нет уровня «улица»\n    уровни каталога: школа, район, муниципалитет"),
        ("school;s11;Первая", "B2: предупреждение: места «s11» уровня «школа» в реестре нет\n    может быть, «s1»?"),
        ("школа;Шкла № 1;Первая", "B2: предупреждение: места «Шкла №\u00a01» уровня «школа» в реестре нет\n    может быть, «Школа №\u00a01»?"),
        ("школа;Школа № 1;Первая\nschool;s1;Вторая", "B3: ошибка: место «s1» встречается дважды: ещё в data/places.csv:2:2, B2"),
    ],
)  # fmt: skip
def test_what_is_no_level_or_place(row: str, expected: str) -> None:
    Path("data/places.csv").write_text(f"level;place;title\n{row}\n", encoding="utf-8")
    (problem,) = read()[1]
    assert problem.partition(", ")[2] == expected


def test_a_name_of_two_places_is_refused() -> None:
    Path("data/schools.csv").write_text(REGISTER.replace("№ 2", "№ 1"), encoding="utf-8")
    Path("data/places.csv").write_text(
        "level;place;title\nшкола;Школа № 1;Первая\n", encoding="utf-8"
    )
    (problem,) = read()[1]
    assert "так называются несколько мест: «Школа №\u00a01»: s1, s2" in problem


def test_a_merged_level_is_no_unknown_level() -> None:
    def fill(sheet: Worksheet) -> None:
        for row in (["level", "place", "title"], ["district", "d0", "Север"], [None, "d1", "Юг"]):
            sheet.append(row)
        sheet.merge_cells("A2:A3")

    write_book("places.xlsx", fill)
    (problem,) = read()[1]
    assert problem.startswith(
        "data/places.xlsx, лист «Лист1», A2: ошибка: ячейки A2:A3 объединены: неизвестно, чей это текст"
    )


@pytest.mark.parametrize("level", ["school", "Школа", "ШКОЛЫ", "школы"])
def test_a_level_by_its_word(level: str) -> None:
    command = ["evaluate", "town", "--data", "data", "--level", level, "--format", "csv"]
    done = CliRunner().invoke(main, command)
    assert done.exit_code == 0, done.output
    assert done.stdout.count("s1") == 1


def test_every_command_takes_a_level_by_its_word() -> None:
    where = ["--data", "data", "--year", "2023"]
    place = ["--level", "район", "--place", "d1"]
    done = CliRunner().invoke(main, ["explain", "town", "Охват", *where, *place])
    assert done.exit_code == 0, done.output
    done = CliRunner().invoke(main, ["report", "town", *where, "--each", "район", "-o", "out"])
    assert done.exit_code == 0, done.output
    done = CliRunner().invoke(main, ["evaluate", "town", *where, "--level", "улица"])
    assert done.exit_code == 2
    assert "такого нет: «улица»; есть: school, district, municipality" in done.stderr


# --- sheets ---------------------------------------------------------------------------------------


def test_a_hidden_sheet_is_called_hidden() -> None:
    Path("data/n.csv").unlink()

    def hide(sheet: Worksheet) -> None:
        write_facts(sheet)
        sheet["B2"] = "2023-09"
        sheet.sheet_state = "hidden"

    write_book("n.xlsx", write_facts, hide)
    problems = read()[1]
    hidden = "data/n.xlsx, скрытый лист «Лист2»"
    assert problems[0].startswith(f"{hidden}: предупреждение: лист скрыт, а его числа прочитаны")
    assert problems[1].startswith(f"{hidden}, B2: ошибка: «2023-09»")
    assert any("записаны дважды" in problem and hidden in problem for problem in problems)


@pytest.mark.parametrize("name", ["n.xlsx", "schools.xlsx"])
def test_a_far_cell_is_named(name: str) -> None:
    Path("data", name.replace("xlsx", "csv")).unlink()

    def fill(sheet: Worksheet) -> None:
        write_facts(sheet)
        sheet["XFD1048576"] = "x"

    write_book(name, fill)
    (problem,) = [one for one in read()[1] if name in one]
    assert problem.startswith(
        f"data/{name}, лист «Лист1», XFD1048576: ошибка: лист тянется до ячейки XFD1048576"
    )


def test_merged_keys_are_one_problem_with_their_range() -> None:
    Path("data/n.csv").unlink()

    def fill(sheet: Worksheet) -> None:
        write_facts(sheet)
        sheet.merge_cells("B2:B4")

    write_book("n.xlsx", fill)
    (problem,) = read()[1]
    assert "B3: ошибка: в строке не назван год (всего 2 таких места: B3, B4)" in problem
    assert "ячейки B2:B4 объединены" in problem


def test_merged_answers_are_one_problem_with_their_range() -> None:
    Path("data/n.csv").unlink()

    def fill(sheet: Worksheet) -> None:
        write_facts(sheet)
        sheet.merge_cells("C2:D3")

    write_book("n.xlsx", fill)
    (problem,) = read()[1]
    assert "«pupils»: ячейки C2:D3 объединены: неизвестно, чей это ответ" in problem
    assert "(всего 4 таких места: C2, D2, C3, …)" in problem
