"""Odd workbooks of real desks: what is plain is taken, what may be meant otherwise is a line."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

from engine.adoption.adopt import Adopted
from engine.adoption.adopted_tables import list_facts
from tests.adopting import Table
from tests.test_adopt import NAMES, adopt_tables, codes, facts_of, town

__all__ = ["town"]

Rows: TypeAlias = Sequence[Sequence[object]]
TITLES = [NAMES[0], "за 2024 год"]


def adopt_anew(
    town: Path,
    rows: Rows,
    titles: Sequence[str],
    merged: Sequence[tuple[int, int, int, int]] = (),
) -> Adopted:
    """Adopt a table into an empty folder."""
    shutil.rmtree(town / "out", ignore_errors=True)
    return adopt_tables(town, [Table([*map(list, rows)], [*merged], [*titles])])


def test_a_numbered_part_is_taken_with_the_name_of_its_whole(town: Path) -> None:
    whole, part = ("s1", 2024, "students"), ("s1", 2024, "students.ovz")
    teachers = ("s1", 2024, "teachers")
    cases: list[tuple[list[tuple[str, str, int | None]], dict[tuple[str, int, str], int]]] = [
        ([("1", "Обучающиеся", 100), ("1.1", "с ОВЗ", 7)], {whole: 100, part: 7}),
        ([("1", "Обучающиеся", None), ("1.1.", "из них с ОВЗ", 7)], {part: 7}),
        ([("3", "Контингент", None), ("3.1", "Обучающиеся", 9), ("3.1.1", "с ОВЗ", 7)], {whole: 9, part: 7}),
        # Its whole is not in the table, another row lies between, or its whole is not known.
        ([("1.1", "с ОВЗ", 7), ("2", "Педагоги школы", 3)], {teachers: 3}),
        ([("1", "Обучающиеся", 9), ("2", "Педагоги школы", 3), ("1.1", "с ОВЗ", 7)], {whole: 9, teachers: 3}),
        ([("1", "Обучающиеся", 9), ("2", "Воспитанники", 8), ("2.1", "с ОВЗ", 7)], {whole: 9}),
        ([("1", "Обучающиеся", 9), ("1.1.1", "с ОВЗ", 7)], {whole: 9}),
    ]  # fmt: skip
    for rows, taken in cases:
        numbered = [["№ п/п", "Показатель", "Значение"], *rows]
        named: list[list[object]] = [["Показатель", "Значение"]]
        dotted = [number if "." in number else f"{number}." for number, _name, _value in rows]
        named += [[f"{number} {row[1]}", row[2]] for number, row in zip(dotted, rows, strict=True)]
        for table in (numbered, named):
            adopted = adopt_anew(town, table, TITLES)
            assert facts_of(adopted) == taken, table
            filled = sum(value is not None for _number, _name, value in rows)
            assert adopted.tables.balance["line"] == filled - len(taken)
            assert sum(adopted.tables.balance.values()) == adopted.tables.cells


def test_a_part_right_below_its_whole_may_say_so_in_its_own_row(town: Path) -> None:
    head: list[object] = ["Показатель", "Значение"]
    rows: list[list[object]] = [head, ["Обучающиеся", 100], ["в том числе с ОВЗ", 7]]
    adopted = adopt_anew(town, rows, TITLES)
    assert facts_of(adopted) == {("s1", 2024, "students"): 100, ("s1", 2024, "students.ovz"): 7}
    # Whose part the second one is, is not said.
    rows = [head, ["Обучающиеся", 100], ["из них девочки", 50], ["из них с ОВЗ", 7]]
    adopted = adopt_anew(town, rows, TITLES)
    assert facts_of(adopted) == {("s1", 2024, "students"): 100}
    assert adopted.tables.balance["line"] == 2
    rows = [["Школа", "Обучающиеся", None], [None, "всего", "из них с ОВЗ"], [NAMES[0], 100, 7]]
    adopted = adopt_anew(town, rows, TITLES[1:], [(0, 1, 0, 2)])
    assert facts_of(adopted) == {("s1", 2024, "students"): 100, ("s1", 2024, "students.ovz"): 7}


def test_a_part_named_in_sources_yaml_by_its_own_name_is_still_read(town: Path) -> None:
    rows: list[list[object]] = [
        ["№ п/п", "Показатель", "Значение"],
        ["1", "Обучающиеся", 100],
        ["1.1", "с ОВЗ", 7],
        ["1.2", "с ОВЗ на дому", 2],
    ]
    (town / "out").mkdir()
    (town / "out" / "sources.yaml").write_text(
        'sources: [{file: "Свод.xlsx", constant: {school: s1}, rows: {"Обучающиеся": students, '
        '"с ОВЗ": students.ovz}}]\n',
        encoding="utf-8",
    )
    adopted = adopt_tables(town, [Table(rows, [], TITLES)])
    assert facts_of(adopted) == {("s1", 2024, "students"): 100, ("s1", 2024, "students.ovz"): 7}
    assert adopted.tables.balance["line"] == 1


SCHOOLS: list[list[object]] = [[NAMES[0], 10, 1], [NAMES[1], 20, 2], [NAMES[2], 30, 3]]
TAKEN = {
    (school, 2024, name): value
    for school, of_school in zip(("s1", "s2", "s3"), SCHOOLS, strict=True)
    for name, value in zip(("students", "teachers"), of_school[1:], strict=True)
}


def test_a_row_without_a_name_that_might_be_years_loses_nothing(town: Path) -> None:
    heading: list[object] = ["Школа", "Обучающиеся", "Педагоги школы"]
    for numbers in ((2010, 1990), (2000, 2000), (2024, 2023), (2023, 2024)):
        for place in range(4):
            rows = [*SCHOOLS]
            rows.insert(place, [None, *numbers])
            adopted = adopt_anew(town, [heading, *rows], TITLES[1:])
            # Right below the heading years one after the other may be those of its columns.
            asked = place == 0 and 2023 in numbers
            assert facts_of(adopted) == ({} if asked else TAKEN), (numbers, place)
            assert adopted.tables.balance["line"] == (8 if asked else 2)
            assert {"no-place", "no-year"} >= {*codes(adopted)}


def test_bare_years_below_inputs_head_their_columns(town: Path) -> None:
    cases: list[tuple[Rows, tuple[int, int]]] = [
        ([["Школа", "Обучающиеся", None], [None, 2023, 2024], [NAMES[0], 1, 2]], (2023, 2024)),
        ([["Школа", "Обучающиеся", "Педагоги школы"], [None, 2023, 2023], [NAMES[0], 1, 2]], (2023, 2023)),
        ([["Показатель", "Факт", "План"], [None, 2023, 2024], ["Обучающиеся", 1, 2]], (2023, 2024)),
    ]  # fmt: skip
    for rows, years in cases:
        adopted = adopt_anew(town, rows, TITLES[:1])
        assert [(fact.year, fact.value) for fact in list_facts(adopted.tables.facts)] == [
            *zip(years, (1, 2), strict=True)
        ]


def test_years_in_words_below_a_school_swallow_none_of_its_numbers(town: Path) -> None:
    heading: list[object] = ["Школа", "Обучающиеся", "Педагоги школы"]
    rows: Rows = [heading, SCHOOLS[0], [None, "2023 год", "2024 год"], SCHOOLS[1]]
    adopted = adopt_anew(town, rows, TITLES[1:])
    assert facts_of(adopted) == {key: TAKEN[key] for key in TAKEN if key[0] == "s1"}
    assert adopted.tables.balance["line"] >= 2


def test_a_heading_that_says_more_than_value_heads_no_answers(town: Path) -> None:
    """What is told of the column is a line; nothing of it is a fact of this year."""
    table: Rows
    for heading in (
        *("Целевое значение", "Значение за прошлый год", "Значение на 01.09.2023", "Базовое значение"),
        *("Значение норматива", "Значение не менее", "Результат прошлого года", "Значение по району"),
        *("Максимальный балл", "Вес", "СОШ № 77", "Значение за 1 полугодие", "Среднее значение"),
    ):  # fmt: skip
        for beside in ((), ("Фактическое значение",)):
            table = [["Показатель", heading, *beside], ["Обучающиеся", 9, *(10 for _one in beside)]]
            adopted = adopt_anew(town, table, TITLES)
            assert facts_of(adopted) == ({("s1", 2024, "students"): 10} if beside else {}), heading
            assert adopted.tables.balance["line"] + adopted.tables.balance["total"] == 1


def test_a_heading_that_says_value_in_other_words_heads_answers(town: Path) -> None:
    table: Rows
    for heading, year, scenario in (
        *((word, 2024, "fact") for word in ("Количество, чел.", "Кол-во", "Всего", "Ответ", None)),
        *((word, 2024, "fact") for word in ("Значение показателя по школе за отчётный год", "Факт за год")),
        ("Значение за 2023 год", 2023, "fact"),
        ("План на год", 2024, "forecast"),
        ("Значение (план)", 2024, "forecast"),
    ):  # fmt: skip
        table = [["Показатель", heading], ["Обучающиеся", 9], ["Педагоги школы", 3]]
        adopted = adopt_anew(town, table, TITLES)
        facts = [
            (fact.year, fact.scenario, fact.value) for fact in list_facts(adopted.tables.facts)
        ]
        assert facts == [(year, scenario, 9), (year, scenario, 3)], heading
    table = [["Показатель", "План на год", "Факт за год", "Отклонение"], ["Обучающиеся", 9, 8, -1]]
    adopted = adopt_anew(town, table, TITLES)
    assert [(fact.scenario, fact.value) for fact in list_facts(adopted.tables.facts)] == [
        ("forecast", 9),
        ("fact", 8),
    ]
    assert codes(adopted) == ["unknown-column"]
    table = [["Показатель", "Количество", "Значение"], ["Обучающиеся", 1, 9]]
    adopted = adopt_anew(town, table, TITLES)
    assert facts_of(adopted) == {("s1", 2024, "students"): 9}
    assert codes(adopted) == ["unknown-column"]


def test_numbers_that_a_line_break_parts_are_two(town: Path) -> None:
    for text in ("500\n510", "500\t510", "500  510", "1\n500"):
        rows = [["Школа", "Обучающиеся"], [NAMES[0], text], [NAMES[1], "1\u00a0500\n"]]
        adopted = adopt_anew(town, rows, TITLES[1:])
        assert facts_of(adopted) == {("s2", 2024, "students"): 1500}
        assert codes(adopted) == ["several-numbers"]


def test_two_years_of_a_title_are_no_school_year(town: Path) -> None:
    rows: list[list[object]] = [["Школа", "Обучающиеся"], [NAMES[0], 10]]
    for title, years in (
        *((title, 2) for title in ("Динамика за 2023–2024 годы", "Данные, 2023-2024 гг.")),
        ("за 2023-2024 учебный год", 1),
        ("2023–2024", 1),
    ):
        adopted = adopt_anew(town, rows, [title])
        assert [fact.year for fact in list_facts(adopted.tables.facts)] == [2023] * (years == 1), (
            title
        )
        assert codes(adopted) == ["no-year"] * (years > 1)


def test_the_number_of_a_row_before_the_name_of_a_school_is_none_of_it(town: Path) -> None:
    rows: list[list[object]] = [["Школа", "Обучающиеся", "Педагоги школы"]]
    rows += [[f"{at}. {row[0]}", *row[1:]] for at, row in enumerate(SCHOOLS, 1)]
    assert facts_of(adopt_anew(town, rows, TITLES[1:])) == TAKEN


def test_rows_that_an_unknown_column_divides_are_asked(town: Path) -> None:
    both = [NAMES[0], NAMES[0], NAMES[1], NAMES[1]]
    for heading, texts, schools in (
        ("Категория", ("дети", "всего"), NAMES),
        ("Уровень образования", ("НОО", "ООО"), NAMES),
        ("Класс", (5, 6), NAMES),
        ("Пояснение", ("с ОВЗ", "с ОВЗ"), NAMES),
        ("Уточнение", ("план", "факт"), NAMES),
        ("За что", ("1 полугодие", "2 полугодие"), NAMES),
        ("Корпус", ("старый", "новый", "старый", "новый"), both),
    ):
        table: list[list[object]] = [["Школа", heading, "Обучающиеся"]]
        table += [
            [school, text, 10 + at]
            for at, (school, text) in enumerate(zip(schools, texts, strict=False))
        ]
        adopted = adopt_anew(town, table, TITLES[1:])
        whole = {("s2", 2024, "students"): 11} if "всего" in texts else {}
        assert facts_of(adopted) == whole, heading
        assert codes(adopted) == ["part-of-place"]
        assert adopted.tables.balance["line"] == 2 * len(texts) - len(whole)
    # What is said of the school divides nothing.
    for heading, texts in (
        ("Тип", ("городская", "сельская")),
        ("Адрес", ("ул. 8 Марта, 1", "ул. 8 Марта, 2")),
        ("Срок сдачи", ("до 1 сентября", "до 1 сентября")),
        ("Количество классов", (20, 21)),
    ):
        table = [["Школа", heading, "Обучающиеся"]]
        table += [[school, text, 10] for school, text in zip(NAMES, texts, strict=False)]
        adopted = adopt_anew(town, table, TITLES[1:])
        assert facts_of(adopted) == {(school, 2024, "students"): 10 for school in ("s1", "s2")}
        assert codes(adopted) == ["unknown-column"]


def test_a_column_beside_the_names_of_inputs_may_divide_them(town: Path) -> None:
    head: list[object] = ["Показатель", "Категория", "Значение"]
    rows = [head, ["Обучающиеся", "девочки", 5], ["Педагоги школы", "всего", 3]]
    adopted = adopt_anew(town, rows, TITLES)
    assert facts_of(adopted) == {("s1", 2024, "teachers"): 3}
    assert codes(adopted) == ["part-of-place"]
    source = (town / "out" / "sources.yaml").read_text(encoding="utf-8")
    written = source.replace("    sheet:", '    skip: ["Категория"]\n    sheet:')
    (town / "out" / "sources.yaml").write_text(written, encoding="utf-8")
    adopted = adopt_tables(town, [Table(rows, [], TITLES)])
    assert facts_of(adopted) == {("s1", 2024, "teachers"): 3, ("s1", 2024, "students"): 5}
    # A column of sections before the names is none; «План/факт» says of each which it is.
    rows = [
        ["Категория", "Показатель", "План/факт", "Значение"],
        ["Дети", "Обучающиеся", "план", 5],
    ]
    adopted = adopt_anew(town, [*rows, ["Дети", "Педагоги школы", "факт", 3]], TITLES)
    assert [(fact.scenario, fact.value) for fact in list_facts(adopted.tables.facts)] == [
        ("forecast", 5),
        ("fact", 3),
    ]


def test_a_column_of_years_says_of_which_year_a_row_is(town: Path) -> None:
    rows: list[list[object]]
    for heading in ("Уч. год", "Календарный год", "Годы", "Когда", "Срок"):
        for text in ("2023/2024", 2023, "2023 г."):
            rows = [["Школа", heading, "Обучающиеся"], [NAMES[0], text, 10], [NAMES[1], 2024, 20]]
            adopted = adopt_anew(town, rows, TITLES[1:])
            known = heading not in {"Когда", "Срок"}
            expected: dict[object, object] = {("s2", 2024, "students"): 20}
            assert facts_of(adopted) == expected | ({("s1", 2023, "students"): 10} if known else {})
            assert codes(adopted) == ([] if known else ["part-of-place"])
    for texts in ((2024, 2024), (1985, 1990)):
        rows = [["Школа", "Год постройки", "Обучающиеся"]]
        rows += [[school, text, 10] for school, text in zip(NAMES, texts, strict=False)]
        adopted = adopt_anew(town, rows, TITLES[1:])
        assert facts_of(adopted) == {(school, 2024, "students"): 10 for school in ("s1", "s2")}
