"""No number of a workbook is lost without a line, whatever stands around it."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.adopting import Table, write_workbook
from tests.test_adopt import NAMES, adopt_files, adopt_tables, codes, facts_of, town

__all__ = ["town"]

HEADING: list[object] = ["Школа", "Обучающиеся", "Педагоги школы"]
ROWS: list[list[object]] = [[NAMES[0], 10, 1], [NAMES[1], 20, 2]]
FACTS = {
    ("s1", 2024, "students"): 10,
    ("s1", 2024, "teachers"): 1,
    ("s2", 2024, "students"): 20,
    ("s2", 2024, "teachers"): 2,
}


@pytest.mark.parametrize("word", ["прошлый год", "отчётный год", "период", "школа", "№", "ОО"])
def test_a_word_of_a_heading_below_an_input_makes_no_names_of_values(word: str, town: Path) -> None:
    table = Table(
        [
            ["Наименование ОО", "Обучающиеся", None, "Педагоги школы"],
            [None, "факт", word, None],
            [NAMES[0], 10, 11, 1],
            [NAMES[1], 20, 21, 2],
        ],
        [(0, 0, 1, 0), (0, 1, 0, 2), (0, 3, 1, 3)],
        ["за 2024 год"],
    )
    adopted = adopt_tables(town, [table])
    assert facts_of(adopted) == FACTS
    (problem,) = adopted.problems
    assert problem.code == "unknown-column"
    assert adopted.tables.balance["line"] == 2


def test_a_column_that_counts_schools_names_none(town: Path) -> None:
    rows = [["Наименование ОО", "Школы", *HEADING[1:]], *([row[0], 12, *row[1:]] for row in ROWS)]
    adopted = adopt_tables(town, [Table(rows, [], ["за 2024 год"])])
    assert facts_of(adopted) == FACTS
    assert codes(adopted) == ["unknown-column"]
    assert adopted.tables.balance["line"] == 2


@pytest.mark.parametrize(
    ("above", "lost", "severity"),
    [
        ([["Охвачено программами, всего человек", 500]], 1, "warning"),
        (
            [["Охвачено программами, всего человек", "500 чел."], ["Есть соглашение", "да"]],
            2,
            "warning",
        ),
        ([["Код по ОКПО", 12345678]], 0, "note"),
        ([["Год", 2024], ["Показатель:", "Обучающиеся"], ["Обучающиеся", "2024 год"]], 0, ""),
    ],
)
def test_a_value_above_the_heading_is_told(
    above: list[list[object]], lost: int, severity: str, town: Path
) -> None:
    path = write_workbook([Table([*above, [], HEADING, *ROWS])], town / "Свод 2024.xlsx")
    adopted = adopt_files(town, path)
    assert facts_of(adopted) == FACTS
    assert [problem.severity for problem in adopted.problems] == [severity] * bool(severity)
    assert codes(adopted) == ["value-above"] * bool(severity)
    assert adopted.tables.balance["line"] == lost


@pytest.mark.parametrize("word", ["Ед. изм.", "Сценарий", "Школы"])
def test_a_column_of_numbers_is_none_of_names(word: str, town: Path) -> None:
    rows = [[*HEADING, word], *([*row, 70 + at] for at, row in enumerate(ROWS))]
    adopted = adopt_tables(town, [Table(rows, [], ["за 2024 год"])])
    assert adopted.tables.balance["line"] >= 2
    lost = {place.cell for problem in adopted.problems for place in problem.places}
    lost |= {problem.position.cell for problem in adopted.problems if problem.position}
    assert lost & {"D2", "D3"}


def test_a_word_of_a_heading_below_a_title_and_an_input_makes_no_names(town: Path) -> None:
    table = Table(
        [
            [None, "Управление образования", None],
            ["Школа", "Обучающиеся", None],
            [None, "факт", "отчётный год"],
            [NAMES[0], 10, 11],
        ],
        [(1, 0, 2, 0), (1, 1, 1, 2)],
    )
    adopted = adopt_tables(town, [table], file="Свод 2024.xlsx")
    assert adopted.tables.balance["name"] == 1
    assert adopted.tables.balance["line"] == 2


@pytest.mark.parametrize("opening", ["из них:", "в том числе", "В т.ч.:"])
def test_a_value_beside_the_opening_of_parts_is_not_of_the_whole(opening: str, town: Path) -> None:
    head: list[object] = ["№ п/п", "Показатель", "Значение"]
    titles = [NAMES[0], "за 2024 год"]
    for whole in (100, None):
        rows: list[list[object]] = [
            head,
            [1, "Обучающиеся", whole],
            [None, opening, 7],
            [2, "Педагоги школы", 3],
        ]
        adopted = adopt_tables(town, [Table(rows, [], titles)])
        expected: dict[object, object] = {("s1", 2024, "teachers"): 3}
        assert facts_of(adopted) == expected | (
            {("s1", 2024, "students"): 100} if whole is not None else {}
        )
        assert codes(adopted) == ["unknown-row"]
        bare = adopt_tables(
            town, [Table([[one[1], one[2]] for one in rows], [], titles)], file="Другой.xlsx"
        )
        assert 7 not in bare.tables.facts["value"].to_list()
        shutil.rmtree(town / "out")


def test_the_opening_of_parts_in_a_heading_of_three_rows(town: Path) -> None:
    table = Table(
        [
            ["Школа", "Обучающиеся", None, None],
            [None, "всего", "в том числе:", None],
            [None, None, "с ОВЗ", "в том числе"],
            [NAMES[0], 10, 4, 3],
        ],
        [(0, 0, 2, 0), (0, 1, 0, 3), (1, 1, 2, 1), (1, 2, 1, 3)],
        ["за 2024 год"],
    )
    adopted = adopt_tables(town, [table])
    assert facts_of(adopted) == {("s1", 2024, "students"): 10, ("s1", 2024, "students.ovz"): 4}
    assert codes(adopted) == ["unknown-column"]


def test_the_mark_of_a_footnote_belongs_to_no_school(town: Path) -> None:
    rows: list[list[object]] = [
        HEADING,
        *([f"{row[0]} *", *row[1:]] for row in ROWS),
        ["* уточнено"],
    ]
    adopted = adopt_tables(town, [Table(rows, [], ["за 2024 год"])])
    assert facts_of(adopted) == FACTS


@pytest.mark.parametrize("names", [NAMES[:2], ("СОШ 1", "СОШ 2")])
@pytest.mark.parametrize("first", ["Муниципалитет", "Муниципальное образование"])
def test_the_municipality_before_the_school_makes_no_totals(
    first: str, names: Sequence[str], town: Path
) -> None:
    rows = [["Город Н", name, *row[1:]] for name, row in zip(names, ROWS, strict=True)]
    table = Table([[first, *HEADING], *rows], [], ["за 2024 год"])
    adopted = adopt_tables(town, [table])
    assert facts_of(adopted) == (FACTS if names == NAMES[:2] else {})
    assert codes(adopted) == ([] if names == NAMES[:2] else ["unknown-place"])
    assert adopted.tables.balance["total"] == 0


def test_rows_that_are_all_named_as_a_total_are_asked(town: Path) -> None:
    rows: list[list[object]] = [["Муниципалитет", "Имя", *HEADING[1:]]]
    rows += [["Город Н", f"школа-{at}", *row[1:]] for at, row in enumerate(ROWS)]
    adopted = adopt_tables(town, [Table(rows, [], ["за 2024 год"])])
    (error,) = [problem for problem in adopted.problems if problem.severity == "error"]
    assert (error.code, error.count) == ("no-place", 4)
    assert adopted.tables.balance["total"] == 0
    shutil.rmtree(town / "out")
    rows = [HEADING, *ROWS, ["Город Н", 30, 3], ["Итого", 30, 3]]
    adopted = adopt_tables(town, [Table(rows, [], ["за 2024 год"])])
    assert facts_of(adopted) == FACTS
    assert adopted.tables.balance["total"] == 6


def test_the_units_may_stand_in_a_row_below_the_names(town: Path) -> None:
    rows: list[list[object]] = [HEADING, [None, "чел.", "тыс. чел."], *ROWS]
    adopted = adopt_tables(town, [Table(rows, [], ["за 2024 год"])])
    expected = {key: value for key, value in FACTS.items() if key[2] == "students"}
    assert facts_of(adopted) == expected
    (problem,) = adopted.problems
    assert problem.code == "unknown-column"
    assert "тыс. чел." in problem.message


def test_the_number_of_a_row_is_no_value_where_titles_have_come_since(town: Path) -> None:
    head: list[object] = ["№", "Показатель", "Ед. изм.", "Значение"]
    rows: list[list[object]] = [
        head,
        [1, "Обучающиеся", "чел.", 50],
        [2, "Педагоги школы", "чел.", 3],
    ]
    titles = [NAMES[0], "за 2024 год"]
    expected = {("s1", 2024, "students"): 50, ("s1", 2024, "teachers"): 3}
    adopt_tables(town, [Table(rows, [], titles)])
    adopted = adopt_tables(town, [Table(rows, [], ["Управление образования", "Отчёт", *titles])])
    assert facts_of(adopted) == expected
    assert codes(adopted) == []
    # A form that nobody filled in gives nothing.
    shutil.rmtree(town / "out")
    unfilled = [["", *head[1:3]], *(row[:3] for row in rows[1:])]
    assert facts_of(adopt_tables(town, [Table(unfilled, [], titles)])) == {}


def test_small_numbers_are_no_numbers_of_columns(town: Path) -> None:
    rows: list[list[object]] = [["Город Н", NAMES[0], 3, 4], ["Город Н", NAMES[1], 3, 5]]
    table = Table([["Муниципалитет", *HEADING], *rows], [], ["за 2024 год"])
    adopted = adopt_tables(town, [table])
    assert facts_of(adopted) == {
        ("s1", 2024, "students"): 3,
        ("s1", 2024, "teachers"): 4,
        ("s2", 2024, "students"): 3,
        ("s2", 2024, "teachers"): 5,
    }
    assert adopted.problems == ()
    # A row whose name is merged with that of the row above holds values too.
    shutil.rmtree(town / "out")
    merged = Table([HEADING, [NAMES[0], 10, 1], [None, 2, 3]], [(1, 0, 2, 0)], ["за 2024 год"])
    adopted = adopt_tables(town, [merged])
    assert codes(adopted) == ["value-twice"]


def test_a_draft_of_the_register_holds_schools_alone(town: Path) -> None:
    (town / "data" / "schools.csv").unlink()
    rows: list[list[object]] = [
        ["Городские школы"],
        ["Город Н", f"{NAMES[0]}*", 10, 1],
        [None, "Сельские школы"],
        ["Город Н", NAMES[1], 20, 2],
        [None, "МБОУ СОШ № 7"],
        ["* уточнено"],
        ["Исполнитель: отдел мониторинга"],
    ]
    table = Table([["Муниципалитет", *HEADING], *rows], [], ["за 2024 год"])
    adopted = adopt_tables(town, [table])
    assert [*adopted.schools.values()] == [NAMES[0], NAMES[1], "МБОУ СОШ № 7"]
    assert sorted(facts_of(adopted).values(), key=str) == [1, 10, 2, 20]


@pytest.mark.parametrize("numbers", [(2010, 1950), (1950, 2010), (2024, 2023)])
@pytest.mark.parametrize("name", ["СОШ 1", "Школа посёлка", "Итого", "Всего по городу"])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_numbers_that_might_be_years_are_no_headings(
    numbers: tuple[int, int], name: str, place: int, town: Path
) -> None:
    rows: list[list[object]] = [*ROWS]
    rows.insert(place, [name, *numbers])
    adopted = adopt_tables(town, [Table([HEADING, *rows], [], ["за 2024 год"])])
    assert facts_of(adopted) == FACTS
    balance = adopted.tables.balance
    assert balance["heading"] == len(HEADING) + 1
    assert balance["line"] + balance["total"] in {2, 3}


def test_numbers_that_are_years_one_after_the_other_are_asked(town: Path) -> None:
    rows: list[list[object]] = [HEADING, ["СОШ 1", 2023, 2024], *ROWS]
    adopted = adopt_tables(town, [Table(rows, [], ["за 2024 год"])])
    assert facts_of(adopted) == {}
    assert codes(adopted) == ["no-year", "unknown-place"]


@pytest.mark.parametrize(
    "heading",
    [
        ["Наименование", 2023, 2024],
        ["Показатели мониторинга", 2025, 2024, 2023],
        ["Показатели", 2023, 2025],
        ["Показатель", 2019, 2022],
    ],
)
def test_bare_years_head_columns(heading: list[object], town: Path) -> None:
    rows = [heading, ["Обучающиеся", *range(1, len(heading))]]
    adopted = adopt_tables(town, [Table(rows, [], [NAMES[0]])])
    assert facts_of(adopted) == {
        ("s1", year, "students"): at for at, year in enumerate(heading[1:], 1)
    }
