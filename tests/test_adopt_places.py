"""Whose numbers a table holds: the name of a school below the heading, names that nobody knows."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.adopting import Table
from tests.test_adopt import NAMES, adopt_files, adopt_tables, codes, facts_of, town

__all__ = ["town"]

IN_ROWS: list[list[object]] = [["Обучающиеся", 10], ["Педагоги школы", 3]]


def in_rows(*rows: list[object], below: list[list[object]] | None = None) -> Table:
    return Table([["Показатель", "2024 год"], *rows, *IN_ROWS, *(below or [])])


def in_columns(*, first: bool) -> Table:
    rows: list[list[object]] = [[NAMES[0]], [10, 3]]
    heading: list[object] = ["Обучающиеся", "Педагоги школы"]
    return Table([heading, *(rows if first else rows[::-1])], [], ["за 2024 год"])


@pytest.mark.parametrize(
    ("table", "cell"),
    [
        (in_rows([NAMES[0]]), "A2"),
        (in_rows(below=[[NAMES[0]]]), "A4"),
        (in_rows(below=[[], ["Школа:", NAMES[0]]]), "B5"),
        (in_columns(first=True), "A3"),
        (in_columns(first=False), "A4"),
    ],
)
def test_a_school_named_below_the_heading_is_offered(table: Table, cell: str, town: Path) -> None:
    adopted = adopt_tables(town, [table])
    assert facts_of(adopted) == {}
    (problem,) = adopted.problems
    assert (problem.code, problem.count) == ("no-place", 2)
    assert cell in problem.message
    assert NAMES[0] in problem.message
    assert "constant: {school: s1}" in problem.hint
    # What is offered is read as soon as it is taken.
    path = town / "out" / "sources.yaml"
    text = path.read_text(encoding="utf-8")
    assert "    # constant: {school: s1}\n" in text
    path.write_text(text.replace("# constant", "constant"), encoding="utf-8")
    again = adopt_files(town)
    assert facts_of(again) == {("s1", 2024, "students"): 10, ("s1", 2024, "teachers"): 3}
    assert codes(again) == []


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        # Another number is another school, and no slip of the pen.
        ("МБОУ «СОШ № 12»", "schools.csv"),
        ("МБОУ «СОШ № 2", "{school: s2}"),
        ("СОШ № 2", "{school: s2}"),
    ],
)
def test_an_unknown_school_below_the_heading_is_named(name: str, hint: str, town: Path) -> None:
    adopted = adopt_tables(town, [in_rows([name])])
    assert facts_of(adopted) == {}
    (problem,) = adopted.problems
    assert problem.code == "no-place"
    assert name in problem.message
    assert hint in problem.hint


def test_several_schools_below_one_heading_are_named(town: Path) -> None:
    adopted = adopt_tables(town, [in_rows([NAMES[0]], below=[[NAMES[2]], *IN_ROWS])])
    assert facts_of(adopted) == {}
    (problem,) = adopted.problems
    assert (problem.code, problem.count) == ("no-place", 4)
    assert NAMES[0] in problem.message
    assert NAMES[2] in problem.message
    # Told which of them is above, the numbers below the other are not given to it.
    path = town / "out" / "sources.yaml"
    text = path.read_text(encoding="utf-8").replace("# constant", "constant")
    path.write_text(text.replace(" | {school: s3}", ""), encoding="utf-8")
    again = adopt_files(town)
    assert facts_of(again) == {("s1", 2024, "students"): 10, ("s1", 2024, "teachers"): 3}
    assert codes(again) == ["title-inside"]
