"""Whose numbers a table holds: the name of a school below the heading, names that nobody knows."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from engine.data.intake import read_data
from engine.problems import fold_problems
from tests.adopting import Table
from tests.test_adopt import NAMES, adopt_files, adopt_tables, codes, facts_of, open_town, town

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
        (in_rows(below=[[NAMES[0]]]), "A4"),
        (in_rows(below=[[], ["Школа:", NAMES[0]]]), "B5"),
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


@pytest.mark.parametrize("table", [in_rows([NAMES[0]]), in_columns(first=True)])
def test_numbers_below_the_name_of_a_school_are_its_own(table: Table, town: Path) -> None:
    adopted = adopt_tables(town, [table])
    assert facts_of(adopted) == {("s1", 2024, "students"): 10, ("s1", 2024, "teachers"): 3}
    assert codes(adopted) == []
    assert "constant" not in (town / "out" / "sources.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        # Another number is another school, and no slip of the pen.
        ("МБОУ «СОШ № 12»", "schools.csv"),
        ("СОШ № 2", NAMES[1]),
    ],
)
def test_an_unknown_school_below_the_heading_is_named(name: str, hint: str, town: Path) -> None:
    for above in ((), ([NAMES[0]], ["Обучающиеся", 7])):
        shutil.rmtree(town / "out", ignore_errors=True)
        adopted = adopt_tables(town, [in_rows(*above, [name])])
        assert facts_of(adopted) == ({("s1", 2024, "students"): 7} if above else {})
        (problem,) = adopted.problems
        assert (problem.code, problem.position and problem.position.cell) == (
            "unknown-place",
            "A4" if above else "A2",
        )
        assert name in problem.message
        assert hint in problem.hint


def test_several_schools_below_one_heading_are_each_of_the_rows_below_it(town: Path) -> None:
    adopted = adopt_tables(town, [in_rows([NAMES[0]], below=[[NAMES[2]], *IN_ROWS])])
    expected: dict[object, object] = {
        (school, 2024, name): value
        for school in ("s1", "s3")
        for name, value in (("students", 10), ("teachers", 3))
    }
    assert facts_of(adopted) == expected
    assert codes(adopted) == []


@pytest.mark.parametrize("caption", ["Итого по городу", "МБДОУ № 3", "Кадры", "Усольский район"])
def test_another_caption_ends_the_numbers_of_a_school(caption: str, town: Path) -> None:
    table = in_rows([NAMES[0]], below=[[caption], ["Обучающиеся", 70], ["из них:"], ["с ОВЗ", 7]])
    adopted = adopt_tables(town, [table])
    expected = {("s1", 2024, "students"): 10, ("s1", 2024, "teachers"): 3}
    assert facts_of(adopted) == expected
    assert adopted.tables.balance["line"] == 2
    assert "no-place" in codes(adopted)
    # A row that is not filled, or that announces parts, is no such caption.
    shutil.rmtree(town / "out")
    table = in_rows([NAMES[0]], ["Есть соглашение"])
    table.rows[-1:] = [["из них:"], ["с ОВЗ", 2], ["Педагоги школы", 3]]
    adopted = adopt_tables(town, [table])
    assert facts_of(adopted) == {**expected, ("s1", 2024, "students.ovz"): 2}


def test_names_at_the_feet_of_numbers_or_beside_a_title_are_asked(town: Path) -> None:
    feet = in_rows(below=[[NAMES[0]], *IN_ROWS, [NAMES[2]]])
    near = in_rows([NAMES[0]])
    near.titles = ["СОШ № 2"]
    for table in (feet, near):
        shutil.rmtree(town / "out", ignore_errors=True)
        adopted = adopt_tables(town, [table])
        assert facts_of(adopted) == {}
        assert codes(adopted) == ["no-place"]


def test_schools_across_or_between_are_of_the_draft_where_there_is_no_register(town: Path) -> None:
    (town / "data" / "schools.csv").unlink()
    across = Table([["Показатель", NAMES[0], NAMES[1], "Норматив"], ["Обучающиеся", 10, 20, 5]])
    across.titles = ["за 2024 год"]
    between = in_rows([NAMES[0]], ["Обучающиеся", 10], [NAMES[1]], ["Обучающиеся", 20])
    between.rows[-2:] = []
    for table in (across, between):
        shutil.rmtree(town / "out", ignore_errors=True)
        adopted = adopt_tables(town, [table])
        assert [*adopted.schools.values()] == [*NAMES[:2]]
        assert sorted(facts_of(adopted).values(), key=str) == [10, 20]


def test_unknown_schools_have_a_line_for_each_cause(town: Path) -> None:
    typos = ["СОШ № 1", "СОШ № 2", "Лицей № 3", "МБОУ ОШ № 2"]
    strangers = ["Усольская школа", "МОУ Пыскорская ООШ", "МБОУ СОШ № 77", "Детский дом"]
    rows: list[list[object]] = [[name, 10] for name in (*typos, *strangers, "Всего ДОУ Ёлочка")]
    table = Table([["Школа", "Обучающиеся"], [NAMES[3], 1], *rows], [], ["за 2024 год"])
    adopted = adopt_tables(town, [table])
    assert facts_of(adopted) == {("s4", 2024, "students"): 1}
    near, strange, total = fold_problems(adopted.problems)
    assert (near.count, strange.count, total.count) == (4, 4, 0)
    assert "schools: {" in near.hint
    assert all(name in strange.hint for name in strangers[:3])
    assert not any(name in strange.hint for name in typos)
    assert "skip" in total.hint


def test_a_school_that_several_sheets_name_is_one_line(town: Path) -> None:
    rows: list[list[object]] = [["Школа", "Обучающиеся"], ["Усольская школа", 10]]
    tables = [Table(rows, [], [f"за {year} год"]) for year in (2023, 2024)]
    adopted = adopt_tables(town, tables, ["Первый", "Второй"])
    (problem,) = fold_problems(adopted.problems)
    assert (problem.code, problem.count) == ("unknown-place", 2)


def test_unknown_schools_of_data_have_a_line_for_each_cause(town: Path) -> None:
    names = ["СОШ № 1", "СОШ № 2", "Лицей № 3", "МБОУ ОШ № 2", "Усольская", "Ёлочка", "Дом", "Х"]
    rows = "".join(f"{name};2024;1\n" for name in names)
    text = f"school;year;students\ns4;2024;1\n{rows}"
    (town / "data" / "facts.csv").write_text(text, encoding="utf-8")
    _data, problems = read_data(open_town(town), town / "data")
    folded = [one for one in fold_problems(problems) if one.code == "unknown-place"]
    assert [one.count for one in folded] == [4, 4]
    assert "Усольская" not in folded[0].hint
    assert "Усольская" in folded[1].hint
