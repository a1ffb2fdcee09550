"""Tables with the names people give: headings, schools, totals, titles above the heading."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from engine import evaluate
from engine.adoption.adopt import Adoption, adopt
from engine.catalogue.load import load
from engine.catalogue.model import Catalogue
from engine.data import read_data
from engine.data.model import Data
from engine.problems import Problem, fold_problems
from engine.translation import choose_language

CATALOGUE = """
catalogue: {id: town, title: Т, municipality: Город Т, levels: [school, municipality], years: [2023]}
register: {kind: {title: Вид школы, type: yes_no}}
inputs:
  students: {title: "Обучающиеся, всего", unit: person, of_which: {ovz: с ОВЗ}}
  passed: {title: "Прошли «диагностику»", unit: person}
  events: {title: Мероприятия, unit: event}
  again: {title: мероприятия, unit: event}
  salary: {title: Зарплата, unit: rub, level: municipality}
indicators:
  total: {title: Всего обучающихся, unit: person, formula: students}
  share: {title: Доля прошедших, unit: percent, formula: "share(passed, students)"}
  n: {title: Мероприятий, unit: event, formula: events + again}
  z: {title: Плата, unit: rub, formula: salary}
forms:
  report:
    title: Отчёт
    sections:
      - title: Раздел
        rows: [{number: "1.1", input: students}, {number: "2", input: passed}]
      - title: Ещё
        rows: [{number: "3", input: events}, {number: "3", input: again}]
"""
SCHOOLS = "school;title\ns1;Школа № 1\ns2;Лицей «Ёлка»\ns3;Гимназия\ns4;Гимназия\n"


@pytest.fixture(autouse=True)
def _english() -> None:
    choose_language("en")


@pytest.fixture
def town(tmp_path: Path) -> Catalogue:
    folder = tmp_path / "town"
    folder.mkdir()
    (folder / "c.yaml").write_text(CATALOGUE, encoding="utf-8")
    catalogue, problems = load(folder)
    assert catalogue is not None, problems
    return catalogue


def read(
    town: Catalogue, tmp_path: Path, facts: str, schools: str | None = SCHOOLS
) -> tuple[Data, list[Problem]]:
    folder = tmp_path / "data"
    folder.mkdir(exist_ok=True)
    (folder / "n.csv").write_text(facts, encoding="utf-8")
    if schools:
        (folder / "schools.csv").write_text(schools, encoding="utf-8")
    data, problems = read_data(town, folder)
    silent = {"no-register", "no-column"}
    return data, [problem for problem in problems if problem.code not in silent]


def cells(data: Data, name: str) -> dict[str, object]:
    frame = data.facts.collect()
    column = f"input:{name}"
    if column not in frame.columns:
        return {}
    pairs = frame.select("school", column).drop_nulls().iter_rows()
    return dict(pairs)


@pytest.mark.parametrize(
    ("heading", "name"),
    [
        *(("students", "students"), ("STUDENTS", "students"), ("обучающиеся,  всего", "students")),
        *(("Обучающиеся, всего: с ОВЗ", "students.ovz"), ("1.1", "students"), ("1.1.", "students")),
        *(("Прошли диагностику", "passed"), ('прошли\u00a0"Диагностику"', "passed")),
        *(("2", "passed"), ("events", "events")),
    ],
)
def test_a_column_is_headed_as_people_name_it(
    town: Catalogue, tmp_path: Path, heading: str, name: str
) -> None:
    quoted = heading.replace('"', '""')
    data, problems = read(town, tmp_path, f'Школа;Год;"{quoted}"\ns1;2023;7\n')
    assert [problem.code for problem in problems] == []
    assert cells(data, name) == {"s1": 7}


@pytest.mark.parametrize(
    ("heading", "code", "words"),
    [
        ("Мероприятия", "ambiguous-column", ("again", "events")),
        ("3", "unknown-column", ("“3”",)),
        ("Обучающиеся", "unknown-column", ("Обучающиеся, всего",)),
        ("с ОВЗ", "unknown-column", ("“с ОВЗ”",)),
    ],
)
def test_a_heading_that_is_near_or_several_is_not_taken(
    town: Catalogue, tmp_path: Path, heading: str, code: str, words: tuple[str, ...]
) -> None:
    data, problems = read(town, tmp_path, f"school;year;{heading}\ns1;2023;7\n")
    assert [problem.code for problem in problems] == [code]
    assert all(word in problems[0].message + problems[0].hint for word in words)
    assert data.filled == frozenset()


@pytest.mark.parametrize(
    ("heading", "name"),
    [
        *(("Прошли «диагностику», чел.", "passed"), ("прошли диагностику (ЧЕЛ)", "passed")),
        *(("Обучающиеся, всего, человек", "students"), ("Обучающиеся, всего (чел.)", "students")),
    ],
)
@pytest.mark.parametrize("titles", [[], [["Свод"], []]])
def test_a_heading_may_end_in_the_unit_of_its_input(
    town: Catalogue, tmp_path: Path, heading: str, name: str, titles: list[list[Any]]
) -> None:
    rows = [*titles, ["Школа", "Год", heading], ["s1", 2023, 7]]
    data, problems = read_rows(town, tmp_path, "xlsx", rows)
    assert {problem.code for problem in problems} <= {"title-rows"}
    assert cells(data, name) == {"s1": 7}


@pytest.mark.parametrize(
    ("heading", "code", "words"),
    [
        ("Прошли диагностику, тыс. чел.", "other-unit", ("тыс. чел.", "Прошли «диагностику»")),
        ("Прошли диагностику (%)", "other-unit", ("%", "Прошли «диагностику»")),
        ("Прошли диагностику, ед.", "unknown-column", ("Прошли «диагностику»",)),
        ("Мероприятия, шт.", "unknown-column", ()),
    ],
)
def test_a_heading_in_another_unit_is_not_taken(
    town: Catalogue, tmp_path: Path, heading: str, code: str, words: tuple[str, ...]
) -> None:
    data, problems = read(town, tmp_path, f"school;year;{heading}\ns1;2023;7\n")
    assert [problem.code for problem in problems] == [code]
    assert all(word in problems[0].message + problems[0].hint for word in words)
    assert data.filled == frozenset()


@pytest.mark.parametrize("head", ["municipality;school;year", "Муниципалитет;Школа;Год"])
def test_a_row_is_of_the_lowest_place_that_it_names(
    town: Catalogue, tmp_path: Path, head: str
) -> None:
    data, problems = read(town, tmp_path, f"{head};passed\nГород Т;s1;2023;7\nГород Т;s2;2023;8\n")
    assert [(problem.code, problem.severity) for problem in problems] == [
        ("ignored-column", "note")
    ]
    assert cells(data, "passed") == {"s1": 7, "s2": 8}


def test_of_two_columns_of_one_input_neither_counts(town: Catalogue, tmp_path: Path) -> None:
    data, problems = read(town, tmp_path, "school;year;passed;PASSED\ns1;2023;7;8\n")
    assert [problem.code for problem in problems] == ["column-twice"]
    assert cells(data, "passed") == {}


def test_a_row_that_a_decimal_comma_shifts_is_not_read(town: Catalogue, tmp_path: Path) -> None:
    """The number after the comma would be that of the next column."""
    facts = "school,year,students,passed\ns1,2023,30,5,7\ns2,2023,30,8\n"
    data, problems = read(town, tmp_path, facts)
    assert [problem.code for problem in problems] == ["shifted-row"]
    assert cells(data, "passed") == {"s2": 8}


def test_an_id_leaves_nothing_to_a_heading_with_a_unit(town: Catalogue, tmp_path: Path) -> None:
    facts = "school;year;passed;Прошли диагностику, чел.\ns1;2023;7;8\n"
    data, problems = read(town, tmp_path, facts)
    assert [problem.code for problem in problems] == ["column-twice"]
    assert cells(data, "passed") == {"s1": 7}


@pytest.mark.parametrize(
    "head",
    [
        *("school;year;scenario", "Организация;Период;Сценарий", "ШКОЛА;учебный год;сценарий"),
        *("Наименование ОО;Год;Scenario", "Образовательная организация;YEAR;Сценарий"),
    ],
)
def test_words_head_the_keys(town: Catalogue, tmp_path: Path, head: str) -> None:
    data, problems = read(town, tmp_path, f"{head};passed\ns1;2023/24;факт;7\n")
    assert problems == []
    assert cells(data, "passed") == {"s1": 7}


def test_a_table_with_a_row_for_each_cell(town: Catalogue, tmp_path: Path) -> None:
    text = (
        "Школа;Год;Показатель;Значение\ns1;2023;Обучающиеся, всего;9\ns1;2023;2;5\n"
        "s1;2023;Мероприятия;1\ns1;2023;Мероприятие;1\n"
    )
    data, problems = read(town, tmp_path, text)
    assert cells(data, "students") == {"s1": 9}
    assert cells(data, "passed") == {"s1": 5}
    assert [problem.code for problem in problems] == ["ambiguous-input", "unknown-column"]


def test_a_level_above_has_titles_of_its_own(town: Catalogue, tmp_path: Path) -> None:
    data, problems = read(town, tmp_path, "Муниципалитет;Год;Зарплата\nгород Т;2023;7\n")
    assert problems == []
    assert data.given["municipality"].collect()["place"].to_list() == ["town"]


@pytest.mark.parametrize(
    ("written", "school"),
    [
        *(("s1", "s1"), ("S1", "s1"), ("Школа № 1", "s1"), ("школа №1", "s1")),
        *(("Школа\u00a0№  1", "s1"), ('лицей "Елка"', "s2"), ("ЛИЦЕЙ Ёлка\u200b", "s2")),
    ],
)
def test_a_school_is_named_as_people_do(
    town: Catalogue, tmp_path: Path, written: str, school: str
) -> None:
    with (tmp_path / "rows.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=";").writerows(
            [["school", "year", "passed"], [written, 2023, 7]]
        )
    data, problems = read(town, tmp_path, (tmp_path / "rows.csv").read_text(encoding="utf-8"))
    assert problems == []
    assert cells(data, "passed") == {school: 7}


def test_a_school_that_is_near_is_offered(town: Catalogue, tmp_path: Path) -> None:
    data, problems = read(town, tmp_path, "school;year;passed\nЛицей Ёлочка;2023;7\n")
    assert [problem.code for problem in problems] == ["unknown-place"]
    assert "Лицей «Ёлка»" in problems[0].hint
    assert cells(data, "passed") == {}


def test_a_title_of_two_schools_names_both(town: Catalogue, tmp_path: Path) -> None:
    data, problems = read(town, tmp_path, "school;year;passed\nГимназия;2023;7\n")
    assert [problem.code for problem in problems] == ["unknown-place"]
    assert "s3 — Гимназия; s4 — Гимназия" in problems[0].message
    assert cells(data, "passed") == {}


def test_an_id_wins_over_a_title_of_another(town: Catalogue, tmp_path: Path) -> None:
    schools = "school;title\na;b\nb;Другая\n"
    data, problems = read(town, tmp_path, "school;year;passed\nb;2023;7\n", schools)
    assert problems == []
    assert cells(data, "passed") == {"b": 7}


def test_two_spellings_of_one_school_are_two_values(town: Catalogue, tmp_path: Path) -> None:
    text = "school;year;passed\ns1;2023;7\nШкола № 1;2023;8\n"
    _data, problems = read(town, tmp_path, text)
    assert [problem.code for problem in problems] == ["value-twice"]


def test_a_register_headed_in_words(town: Catalogue, tmp_path: Path) -> None:
    schools = "Школа;Наименование школы;Вид школы;Закрыта\ns1;Первая;да;\ns2;Вторая;нет;2023\n"
    data, problems = read(town, tmp_path, "Школа;Год;2\nПервая;2023;7\n", schools)
    assert problems == []
    assert data.titles["school", "s1"] == "Первая"
    assert data.register is not None
    assert data.register.rows["register:kind"].to_list() == [True, False]
    assert data.register.rows["until"].to_list()[1] == 2023


# --- totals ---------------------------------------------------------------------------------------


@pytest.mark.no_cover
@pytest.mark.parametrize(
    "name",
    [
        *(
            "Итого",
            "ИТОГО:",
            "Всего",
            "Итого по городу",
            "Всего: 2023",
            "Итого за 2023 год",
            "Сумма",
        ),
        *("Итого, школа №1", "По району", "Total", "Всего по г. Т", "Город Т", "Общий итог"),
    ],
)
@pytest.mark.parametrize("schools", [SCHOOLS, None])
def test_a_total_is_passed_over_and_compared(
    town: Catalogue, tmp_path: Path, name: str, schools: str | None
) -> None:
    if schools is None and "школа" in name:
        return
    text = f"school;year;students;passed\ns1;2023;60;30\ns2;2023;40;20\n{name};2023;100;51\n"
    data, problems = read(town, tmp_path, text, schools)
    # A mean is no sum: it is passed over and not compared.
    compared = [] if "средн" in name else ["total-differs"]
    assert [problem.code for problem in problems] == ["total-row", *compared]
    for problem in problems[1:]:
        assert "51" in problem.message
        assert "50" in problem.message
    assert cells(data, "students") == {"s1": 60, "s2": 40}
    values = evaluate(town, data, years=[2023]).rows(named=True)
    sums = [r["raw"] for r in values if (r["indicator"], r["level"]) == ("total", "municipality")]
    assert sums == [100]


@pytest.mark.parametrize("name", ["В среднем", "Всего школ", "В т. ч. городские", "Максимум"])
def test_a_row_of_means_or_parts_is_passed_over_and_not_compared(
    town: Catalogue, tmp_path: Path, name: str
) -> None:
    text = f"school;year;students\ns1;2023;60\ns2;2023;40\n{name};2023;50\n"
    data, problems = read(town, tmp_path, text)
    assert [problem.code for problem in problems] == ["total-row"]
    assert cells(data, "students") == {"s1": 60, "s2": 40}


@pytest.mark.parametrize("name", ["Итоговая школа", "Всеволожская", "Сумма знаний"])
def test_a_school_with_such_a_name_is_no_total(town: Catalogue, tmp_path: Path, name: str) -> None:
    text = f"school;year;students\ns1;2023;60\n{name};2023;100\n"
    _data, problems = read(town, tmp_path, text)
    assert [problem.code for problem in problems] == ["unknown-place"]


def test_a_school_of_the_register_is_no_total(town: Catalogue, tmp_path: Path) -> None:
    schools = "school;title\ns1;Школа № 1\ns2;Итого, школа № 7\n"
    text = "school;year;passed\nИтого, школа №7;2023;7\n"
    data, problems = read(town, tmp_path, text, schools)
    assert problems == []
    assert cells(data, "passed") == {"s2": 7}


def test_a_total_in_the_register_is_an_error_with_its_row(town: Catalogue, tmp_path: Path) -> None:
    schools = "school;title\ns1;Первая\nИтого;1 школа\n"
    data, problems = read(town, tmp_path, "school;year;passed\ns1;2023;7\n", schools)
    assert [(one.code, one.severity) for one in problems] == [("total-row", "error")]
    assert problems[0].position is not None
    assert problems[0].position.line == 3
    assert data.register is not None
    assert data.register.schools.to_list() == ["s1"]


# --- headings below titles ------------------------------------------------------------------------

TITLES = [["Сведения о диагностике, 2023 год"], [], ["Муниципалитет:", "Город Т"]]
HEAD = ["Школа", "Год", "Обучающиеся, всего", "Прошли диагностику"]
ROWS = [["s1", 2023, 60, 30], ["Лицей «Ёлка»", 2023, 40, 20]]


def write_book(path: Path, rows: list[list[Any]]) -> None:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)


def read_rows(
    town: Catalogue, tmp_path: Path, kind: str, rows: list[list[Any]]
) -> tuple[Data, list[Problem]]:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "schools.csv").write_text(SCHOOLS, encoding="utf-8")
    if kind == "xlsx":
        write_book(folder / "n.xlsx", rows)
    else:
        with (folder / "n.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, delimiter=kind).writerows(rows)
    data, problems = read_data(town, folder)
    return data, [problem for problem in problems if problem.code != "no-column"]


@pytest.mark.parametrize("kind", ["xlsx", ";", ",", "\t"])
def test_a_heading_below_titles_is_found(town: Catalogue, tmp_path: Path, kind: str) -> None:
    data, problems = read_rows(town, tmp_path, kind, [*TITLES, HEAD, *ROWS])
    assert [(one.code, one.severity) for one in problems] == [("title-rows", "note")]
    assert cells(data, "students") == {"s1": 60, "s2": 40}


@pytest.mark.parametrize("kind", ["xlsx", ";"])
@pytest.mark.parametrize(
    "above", [[["Сводка"]] * 20, [["Сводка"], HEAD, ["s3", 2023, 1, 1], []], [["Свод", "города"]]]
)
def test_where_no_one_row_is_the_heading_adopt_is_named_once(
    town: Catalogue, tmp_path: Path, kind: str, above: list[list[Any]]
) -> None:
    head = ["Кто сдал", *HEAD[1:]] if above == [["Свод", "города"]] else HEAD
    data, problems = read_rows(town, tmp_path, kind, [*above, head, *ROWS])
    assert [problem.code for problem in problems] == ["no-place-column"]
    assert "pokazatel adopt" in problems[0].hint
    assert data.filled == frozenset()


@pytest.mark.parametrize("kind", ["xlsx", ";", ","])
@pytest.mark.parametrize("titles", [[], [["Свод за 2023 год"]]])
def test_a_heading_without_a_year_is_found_and_adopt_is_named(
    town: Catalogue, tmp_path: Path, kind: str, titles: list[list[Any]]
) -> None:
    rows = [*titles, ["№", "Школа", "Прошли «диагностику»"], [1, "Школа № 1", 5]]
    _data, problems = read_rows(town, tmp_path, kind, rows)
    wrong = [problem for problem in problems if problem.severity == "error"]
    assert [(problem.code, problem.message) for problem in wrong] == [
        ("no-year-column", "there is no column “Year”")
    ]
    assert "pokazatel adopt" in wrong[0].hint


@pytest.mark.parametrize(
    ("facts", "named"),
    [
        ("Школа;Год;Прошли «диагностику»\ns1;2023;много\n", "Прошли «диагностику»"),
        ("Школа;Год;passed\ns1;2023;много\n", "passed"),
        ("Школа;Год;2\ns1;2023;много\n", "2"),
        ("Школа;Год;Показатель;Значение\ns1;2023;Passed;много\n", "Passed"),
        (
            "level;place;year;input;state;value;sha256\nschool;s1;2023;passed;;много;\n",
            "Прошли «диагностику»",
        ),
    ],
)
def test_a_message_names_an_input_as_people_do(
    town: Catalogue, tmp_path: Path, facts: str, named: str
) -> None:
    _data, problems = read(town, tmp_path, facts)
    assert [problem.message for problem in problems if problem.code == "unreadable-cell"] == [
        f"“{named}”: “много” cannot be read"
    ]


def test_a_cell_of_a_register_is_named_as_its_column_is_headed(
    town: Catalogue, tmp_path: Path
) -> None:
    schools = "school;title;Вид школы\ns1;Школа № 1;иногда\n"
    _data, problems = read(town, tmp_path, "Школа;Год;Плата\ns1;2023;4\n", schools)
    assert "“Вид школы”: “иногда” cannot be read" in [problem.message for problem in problems]


def test_what_has_different_causes_is_not_one_line(town: Catalogue, tmp_path: Path) -> None:
    years = ["2021-2023", "2023-09", "2011-12", "за 2023", "за 2022", "за 2021", "за 2020"]
    rows = "".join(f"s1;{year};1\n" for year in years)
    _data, problems = read(town, tmp_path, f"Школа;Год;passed\n{rows}")
    folded = [(one.message, one.count) for one in fold_problems(problems)]
    assert folded == [
        ("“2021-2023” is a period of several years, and one year is due", 0),
        ("“2023-09” is a month, and a year is due", 0),
        ("“2011-12”: is it a school year, or a month?", 0),
        ("“за 2023” is not a year", 4),
    ]


def test_levels_are_named_by_their_words(
    town: Catalogue, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    choose_language("ru")
    request.addfinalizer(lambda: choose_language("en"))
    _data, problems = read_rows(town, tmp_path, ";", [["Кто", "Год"], ["s1", 2023]])
    assert problems[0].hint.startswith("ожидается одно из: школа, муниципалитет;")


def test_a_heading_of_two_rows_is_not_guessed(town: Catalogue, tmp_path: Path) -> None:
    second: list[Any] = ["", "", "всего", "из них"]
    data, problems = read_rows(town, tmp_path, "xlsx", [["Свод"], HEAD, second, *ROWS])
    assert [problem.code for problem in problems] == ["title-rows", "heading-of-rows"]
    assert data.filled == frozenset()


# --- the same names wherever they stand ----------------------------------------------------------

TABLES = [
    *((("Школа", "Год", heading), ("s1", 2023, 7)) for heading in ("1.1", "1.1.", "STUDENTS", "2")),
    *(
        (("Школа", "Год", heading), ("s1", 2023, 7))
        for heading in (
            "обучающиеся,  всего: с ОВЗ",
            "Прошли диагностику",
            "3",
            "Мероприятия",
            "с ОВЗ",
        )
    ),
    *(
        (("Школа", "Год", heading), ("s1", 2023, 7))
        for heading in (
            *("Прошли «диагностику», чел.", "прошли Диагностику (человек)", "passed, чел."),
            *("Обучающиеся, всего (чел.)", "Обучающиеся, чел.", "Прошли диагностику, тыс. чел."),
            *("Обучающиеся, всего: с ОВЗ, чел.", "Прошли диагностику, %", "2, чел.", "с ОВЗ, чел."),
        )
    ),
    *(
        ((*head.split(";"), "passed"), ("s1", "2023/24", "факт", 7))
        for head in (
            *(
                "school;year;scenario",
                "organization;period;scenario",
                "Наименование ОО;Год;Сценарий",
            ),
            *(
                "Полное наименование организации;school year;факт/прогноз",
                "ШКОЛА;учебный год;Scenario",
            ),
        )
    ),
    *(
        (("Школа", "Год", "passed"), (place, 2023, 7))
        for place in (
            *("S1", "Школа №1", "школа\u00a0№\u20091", "лицей елка", 'Лицей "Ёлка"', "Гимназия"),
            *("Школа 1", "Шк\u043eла № 1", "Шкoла № 1"),
        )
    ),
    *(
        (("Школа", "Год", "passed"), ("s1", year, 7))
        for year in (
            *("2023 г.", "2023-2024", "2023–2024 учебный год", "2023/24", "2021-2023", "2022-24"),
            *("2023-09", "2011-12", "2022/2023", "весна"),
        )
    ),
    *(
        ((*head.split(";"),), ("s1", 2023, name, 7), ("s2", 2023, name, 8))
        for head in ("Школа;Год;Показатель;Значение", "school;year;indicator;value")
        for name in ("passed", "Прошли «диагностику»", "Прошли «диагностику», чел.")
    ),
]


@pytest.mark.parametrize("rows", TABLES, ids=str)
def test_a_name_means_the_same_in_texts_in_workbooks_and_in_what_is_adopted(
    town: Catalogue, tmp_path: Path, rows: tuple[tuple[object, ...], ...]
) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "schools.csv").write_text(SCHOOLS, encoding="utf-8")
    book = Workbook()
    for row in rows:
        book.active.append(row)
    book.save(tmp_path / "n.xlsx")
    with (folder / "n.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=";").writerows(rows)
    texts = _list_facts(read_data(town, folder)[0])
    (folder / "n.csv").unlink()
    adoption = Adoption((tmp_path / "n.xlsx",), tmp_path / "out", folder, dry_run=True)
    adopted = adopt(town, adoption).tables.facts.select("place", "year", "input", "value")
    (tmp_path / "n.xlsx").rename(folder / "n.xlsx")
    assert _list_facts(read_data(town, folder)[0]) == texts
    assert {*adopted.iter_rows()} == texts


def _list_facts(data: Data) -> set[tuple[object, ...]]:
    return {
        (row["school"], row["year"], name.removeprefix("input:"), value)
        for row in data.facts.collect().iter_rows(named=True)
        for name, value in row.items()
        if name.startswith("input:") and value is not None
    }
