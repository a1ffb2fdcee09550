"""Odd workbooks of real desks: what is plain is taken, what may be meant otherwise is a line."""

from __future__ import annotations

import shutil
from pathlib import Path

from engine.adoption.adopt import Adopted
from tests.adopting import Table
from tests.test_adopt import NAMES, adopt_tables, facts_of, town

__all__ = ["town"]

TITLES = [NAMES[0], "за 2024 год"]


def adopt_anew(town: Path, table: Table, file: str = "Свод.xlsx") -> Adopted:
    """Adopt a table into an empty folder."""
    shutil.rmtree(town / "out", ignore_errors=True)
    return adopt_tables(town, [table], file=file)


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
        numbered: list[list[object]] = [["№ п/п", "Показатель", "Значение"], *map(list, rows)]
        named: list[list[object]] = [["Показатель", "Значение"]]
        dotted = [number if "." in number else f"{number}." for number, _name, _value in rows]
        named += [[f"{number} {row[1]}", row[2]] for number, row in zip(dotted, rows, strict=True)]
        for table in (numbered, named):
            adopted = adopt_anew(town, Table(table, [], TITLES))
            assert facts_of(adopted) == taken, table
            filled = sum(value is not None for _number, _name, value in rows)
            assert adopted.tables.balance["line"] == filled - len(taken)
            assert sum(adopted.tables.balance.values()) == adopted.tables.cells


def test_a_part_right_below_its_whole_may_say_so_in_its_own_row(town: Path) -> None:
    head: list[object] = ["Показатель", "Значение"]
    rows: list[list[object]] = [head, ["Обучающиеся", 100], ["в том числе с ОВЗ", 7]]
    adopted = adopt_anew(town, Table(rows, [], TITLES))
    assert facts_of(adopted) == {("s1", 2024, "students"): 100, ("s1", 2024, "students.ovz"): 7}
    # Whose part the second one is, is not said.
    rows = [head, ["Обучающиеся", 100], ["из них девочки", 50], ["из них с ОВЗ", 7]]
    adopted = adopt_anew(town, Table(rows, [], TITLES))
    assert facts_of(adopted) == {("s1", 2024, "students"): 100}
    assert adopted.tables.balance["line"] == 2
    rows = [["Школа", "Обучающиеся", None], [None, "всего", "из них с ОВЗ"], [NAMES[0], 100, 7]]
    adopted = adopt_anew(town, Table(rows, [(0, 1, 0, 2)], TITLES[1:]))
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
