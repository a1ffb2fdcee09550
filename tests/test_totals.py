"""Totals and title rows in data folders: passed over and named, never a school."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from engine.catalogue.load import load
from engine.catalogue.model import Catalogue
from engine.data.frame_names import input_column
from engine.data.intake import read_data
from engine.data.model import Data
from engine.data.total_names import is_sum, is_total, is_total_row
from engine.problems import fold_problems, show_problem
from engine.same_names import fold_name
from engine.translation import choose_language

CATALOGUE = """\
catalogue: {id: town, title: Город, municipality: Город Н, years: [2023]}
inputs:
  students: {title: Обучающиеся, unit: person}
  teachers: {title: Педагоги, unit: person}
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


@pytest.mark.parametrize(
    "name",
    [
        *("Всего ДОУ", "Всего ДОУ:", "Итого (МБДОУ)", "Всего по детским садам города"),
        *("Итого по школам района", "Итого по школам Усольского района", "Итого школы и лицеи"),
        *("Итого по школам г. Город Н", "Итого по школам города Березники", "Всего по МО"),
        *("Итого: дошкольные", "Итого дошкольные организации", "Итого по сельским школам"),
        *("Всего школ", "Всего: 12 школ", "Всего (школы)", "Итого: СОШ, ООШ", "Итого сельские ООШ"),
        *("Всего организаций 2023", "Итого по общеобразовательным организациям за 2023 год"),
        "ИТОГО по учреждениям дополнительного образования детей",
        "Всего общеобразовательных организаций Березниковского городского округа",
        *("Всего по школам-интернатам", "Итого начальная школа", "Сумма по школам"),
    ],
)
def test_a_total_of_a_kind_of_organisations_is_no_school(name: str) -> None:
    assert is_total_row(name, (), [fold_name("Город Н")])
    assert not is_total_row(name, [fold_name(name)], [fold_name("Город Н")])


@pytest.mark.parametrize(
    "name",
    [
        *("Итого школа № 5", "Итого по школе № 5", "Всего МБОУ СОШ 5", "Всего ДОУ 12"),
        *("Итого Гимназия", "Итого лицей", "Итого интернат", "Всего МБДОУ «Садко»"),
        *("Всего школа посёлка Мирный", "Итого Иванова", "Сумма технологий", "Итоговая школа"),
        *("Средняя школа", "Среднее общеобразовательное учреждение", "Средняя школа № 3"),
        *("Школы", "ДОУ № 5", "Детский сад", "Школа «Всего»", "Школа Итого"),
    ],
)
def test_what_has_a_name_of_its_own_is_a_school(name: str) -> None:
    assert not is_total_row(name, (), [fold_name("Город Н")])


@pytest.mark.parametrize(
    ("name", "whole"),
    [("Итого по школам района", True), ("Всего ДОУ", False), ("Всего школ 2023", False)],
)
def test_a_total_of_some_is_not_compared_with_all(name: str, whole: bool) -> None:
    assert is_sum(name) is whole


def test_without_a_register_a_name_that_begins_as_a_total_is_asked_about(town: Path) -> None:
    rows = "a;2023;1\nb;2023;2\nВсего ДОУ;2023;1\nИтого по школам района;2023;3\nВсего МБДОУ «Садко»;2023;7\n"
    schools, codes = read(town, n=f"school;year;students\n{rows}")
    assert schools == ["a", "b", "Всего МБДОУ «Садко»"]
    assert codes.count("likely-total") == 1
    assert codes.count("total-row") == 1


def test_a_total_among_facts_is_named_and_passed_over(town: Path) -> None:
    schools, codes = read(
        town,
        schools="school\na\nb\n",
        n="school;year;students\na;2023;1\nb;2023;2\nИтого;2023;3\n",
    )
    assert (schools, codes) == (["a", "b"], ["total-row"])


@pytest.mark.parametrize(
    "name", ["Итого", "TOTAL", "ｔｏｔａｌ: 2023", "Из них городские", "по школам"]
)
def test_a_total_in_the_register_is_an_error_with_its_row(town: Path, name: str) -> None:
    schools, codes = read(
        town, schools=f"school;title\na;А\nb;Б\n{name};\n", n="school;year;students\na;2023;1\n"
    )
    assert (schools, codes) == (["a", "b"], ["total-row"])


@pytest.mark.parametrize("other", ["c１", "C1", "с1", "c\u200b1", "c①"])
def test_schools_of_the_register_that_look_alike_are_named(town: Path, other: str) -> None:
    """Whatever differs in them: the width or the kind of digits, case, alphabet, a sign not seen."""
    alike = "school;title\nc1;А\nc2;Б\n{};В\n"
    _schools, codes = read(town, schools=alike.format(other), n="school;year;students\nc1;2023;1\n")
    assert codes == ["alike-places"]


def test_without_a_register_a_total_is_no_school(town: Path) -> None:
    schools, codes = read(town, n="school;year;students\na;2023;1\nВсего;2023;1\n")
    assert schools == ["a"]
    assert codes == ["no-register", "total-row"]


SCHOOLS = "school;title\n" + "".join(f"s{n};Школа № {n}\n" for n in range(1, 5))
ROWS = "".join(f"Школа № {n};2023;{10 * n};{n}\n" for n in range(1, 5))


def list_problems(town: Path, rows: str, head: str = "school;year;students;teachers") -> list[str]:
    (town / "data" / "schools.csv").write_text(SCHOOLS, encoding="utf-8")
    (town / "data" / "n.csv").write_text(f"{head}\n{rows}", encoding="utf-8")
    choose_language("ru")
    _data, problems = read_data(open_town(town), town / "data")
    return [
        show_problem(problem).replace(str(town / "data") + "/", "").replace("\u00a0", " ")
        for problem in fold_problems(problems)
    ]


def read_students(town: Path) -> dict[str, int]:
    data, _problems = read_data(open_town(town), town / "data")
    facts = data.facts.collect()
    return dict(facts.select("school", "input:students").iter_rows())


EVERY = {f"s{n}": 10 * n for n in range(1, 5)}
PASSED = "n.csv:6:1, A6: предупреждение: «Итого» — итог, а не школа: строка пропущена"


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ("Итого;2023;100;10\n", [PASSED]),
        ("Итого;;100;10\n", [PASSED]),
        (
            "Итого;2023;102;11\n",
            [
                PASSED,
                (
                    "n.csv:6:3, C6: предупреждение: «Обучающиеся»: итого в книге 102, по школам 100 "
                    "(всего 2 таких места: C6, D6)\n"
                    "    возможно, не хватает строки или в одной из них неверное число"
                ),
            ],
        ),
        ("В среднем;2023;25;2,5\n", [PASSED.replace("Итого", "В среднем")]),
        (
            ";2023;100;10\n",
            [
                (
                    "n.csv:6:1, A6: предупреждение: в строке нет названия, и она равна сумме остальных: "
                    "она пропущена"
                )
            ],
        ),
        (";2023;101;10\n", ["n.csv:6:1, A6: ошибка: в строке не названо, чьи это данные"]),
        (";2023;0;0\n", ["n.csv:6:1, A6: ошибка: в строке не названо, чьи это данные"]),
    ],
    ids=["named", "no-year", "differs", "mean", "nameless", "nameless-other", "nameless-zero"],
)
def test_totals_among_rows(town: Path, rows: str, expected: list[str]) -> None:
    assert list_problems(town, ROWS + rows) == expected
    assert read_students(town) == EVERY


def test_a_subtotal_is_that_of_the_rows_above_it(town: Path) -> None:
    first, last = ROWS.splitlines()[:2], ROWS.splitlines()[2:]
    rows = [*first, "Итого;2023;30;3", *last, "Итого;2023;70;7", "Всего;2023;100;10"]
    (line,) = list_problems(town, "\n".join(rows))
    assert "(всего 3 таких места: A4, A7, A8)" in line


def test_a_school_whose_row_is_the_sum_of_the_others_is_named_and_kept(town: Path) -> None:
    rows = ROWS.replace("Школа № 4;2023;40;4", "Школа № 4;2023;60;6")
    assert list_problems(town, rows) == [
        (
            "n.csv:5:1, A5: предупреждение: «Школа № 4» похоже на итог: равно сумме остальных строк\n"
            "    посчитана как школа; если это итог, удалите строку"
        )
    ]
    assert read_students(town) == EVERY | {"s4": 60}


def test_two_addends_or_another_column_make_no_total(town: Path) -> None:
    assert list_problems(town, "Школа № 1;2023;1;1\nШкола № 2;2023;2;1\nШкола № 3;2023;3;2\n") == []
    assert list_problems(town, ROWS.replace("Школа № 4;2023;40;4", "Школа № 4;2023;60;7")) == []


def test_each_year_has_its_own_sums(town: Path) -> None:
    rows = ROWS + ROWS.replace("2023;", "2022;").replace("40;4", "60;6")
    (line,) = list_problems(town, rows)
    assert "похоже на итог" in line
    assert line.startswith("n.csv:9:1, A9:")


def test_the_name_of_a_total_in_another_column(town: Path) -> None:
    head = "№ п/п;school;year;students;teachers"
    rows = "".join(f"{n};{row}\n" for n, row in enumerate(ROWS.splitlines(), 1))
    lines = list_problems(town, rows + "ИТОГО:;;2023;104;10\n", head)
    assert any("«ИТОГО:» — итог, а не школа" in line for line in lines)
    assert any("итого в книге 104, по школам 100" in line for line in lines)
    assert read_students(town) == EVERY


@pytest.mark.parametrize("total", ["Итого", "Всего", "ИТОГО:"])
def test_a_column_of_totals_is_passed_over_and_compared(town: Path, total: str) -> None:
    sums = [11, 22, 34, 44]
    rows = "".join(f"{row};{sum_}\n" for row, sum_ in zip(ROWS.splitlines(), sums, strict=True))
    lines = list_problems(town, rows, f"school;year;students;teachers;{total}")
    assert lines[0] == (
        f"n.csv:1:5, E1: предупреждение: «{total}» — итог, а не вход: столбец пропущен"
    )
    assert "n.csv:4:5, E4" in lines[1]
    assert "итого в книге 34, по школам 33" in lines[1]
    assert len(lines) == 2


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


TWO_LEVELS = """\
catalogue: {id: land, title: Край, levels: [school, municipality, region], years: [2023]}
inputs:
  students: {title: Обучающиеся, unit: person}
  roads: {title: Дороги, unit: person, level: municipality}
  money: {title: Бюджет, unit: rouble, level: region}
"""
AREAS = ("Край", "Район", "Область", "Город", "Регион", "округ", "Муниципалитет")


def read_land(town: Path, **files: str) -> tuple[Data, list[str]]:
    (town / "cat" / "c.yaml").write_text(TWO_LEVELS, encoding="utf-8")
    facts = {"n": "school;year;students\na;2023;1\n"}
    for name, text in {**facts, **files}.items():
        (town / "data" / f"{name}.csv").write_text(text, encoding="utf-8")
    data, problems = read_data(open_town(town), town / "data")
    return data, [problem.code for problem in problems]


@pytest.mark.parametrize("area", AREAS)
@pytest.mark.parametrize("level", ["municipality", "region"])
def test_a_word_for_an_area_names_a_place_above_schools(town: Path, area: str, level: str) -> None:
    """In the register, and in the facts of its level; under the schools it is their total."""
    own = "roads" if level == "municipality" else "money"
    data, codes = read_land(
        town,
        schools=f"school;{level}\na;{area}\nb;{area}\n",
        n=f"school;year;students\na;2023;1\nb;2023;2\n{area};2023;3\n",
        m=f"{level};year;{own}\n{area};2023;7\n",
    )
    assert codes == ["total-row"]
    assert data.register is not None
    assert data.register.schools.to_list() == ["a", "b"]
    assert data.register.places[level] == {area}
    assert data.given[level].collect()[input_column(own)].to_list() == [7]


@pytest.mark.parametrize("area", AREAS)
def test_a_word_for_an_area_is_no_school_of_the_register(town: Path, area: str) -> None:
    data, codes = read_land(town, schools=f"school;region\na;Пермский край\n{area};\n")
    assert codes == ["total-row"]
    assert data.register is not None
    assert data.register.schools.to_list() == ["a"]


def test_a_total_of_the_register_is_one_in_a_column_of_places_too(town: Path) -> None:
    rows = "a;Север\nb;Итого\nc;Всего по району\nd;по городу"
    data, codes = read_land(town, schools=f"school;municipality\n{rows}\n")
    assert codes == ["total-row"] * 3
    assert data.register is not None
    assert data.register.places["municipality"] == {"Север"}


@pytest.mark.parametrize(
    ("rows", "place", "expected"),
    [
        ("Край;2023;7", "Край", []),
        ("Пермский край;2023;7\nКрай;2023;7", "Пермский край", ["total-row"]),
        ("Итого;2023;7", "region", ["total-row", "total-differs"]),
    ],
)
def test_facts_name_the_one_place_of_a_level_without_a_column(
    town: Path, rows: str, place: str, expected: list[str]
) -> None:
    data, codes = read_land(town, schools="school\na\n", m=f"region;year;money\n{rows}\n")
    assert codes == expected
    assert data.register is not None
    assert data.register.places["region"] == {place}
    read_places = data.given["region"].collect()["place"].to_list()
    assert read_places == ([] if place == "region" else [place])
