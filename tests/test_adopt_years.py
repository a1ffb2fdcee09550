"""A table of one input, its years in columns: the title or the sheet's name says of which input."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pytest

from tests.adopting import Table
from tests.test_adopt import NAMES, adopt_files, adopt_tables, codes, facts_of, town

__all__ = ["town"]

HEADING: list[object] = ["Школа", "2023 год", "2024 год"]
ROWS: list[list[object]] = [[NAMES[0], 10, 11], [NAMES[1], 20, 21]]


def facts_named(name: str, rows: Sequence[list[object]] = ROWS) -> dict[object, object]:
    schools = {school: f"s{number}" for number, school in enumerate(NAMES, 1)}
    return {
        (schools[str(row[0])], 2022 + at, name): row[at] for row in rows for at in (1, 2) if row[at]
    }


@pytest.mark.parametrize(
    "titles",
    [
        ["Обучающиеся"],
        ["Обучающиеся, чел."],
        ["1. Обучающиеся"],
        ["Таблица 2. Обучающиеся (чел.) за 2023-2024 годы"],
        ["Показатель: Обучающиеся"],
        ["Показатель № 3 «Обучающиеся» в 2023 и 2024 гг."],
        ["Обучающиеся по школам района"],
        ["Мониторинг качества", "Обучающиеся", "Единица измерения: чел."],
        ["Обучающиеся", "Сводная ведомость по школам за 2023–2024 годы"],
    ],
)
def test_a_title_names_the_input_of_columns_of_years(titles: list[str], town: Path) -> None:
    for _again in range(2):
        adopted = adopt_tables(town, [Table([HEADING, *ROWS], [], titles)])
        assert facts_of(adopted) == facts_named("students")
        assert codes(adopted) == []


@pytest.mark.parametrize(
    ("titles", "offers"),
    [
        (["Охват детей отдыхом"], ()),
        (["Обучающиеся", "Педагоги школы"], ("teachers", "students")),
        (["Обучающиеся", "из числа мигрантов"], ()),
        (["9 Обучающиеся"], ("students",)),
        ([], ()),
    ],
)
def test_a_title_that_names_no_input_or_several_is_asked(
    titles: list[str], offers: Sequence[str], town: Path
) -> None:
    adopted = adopt_tables(town, [Table([HEADING, *ROWS], [], titles)])
    assert facts_of(adopted) == {}
    (problem,) = adopted.problems
    assert (problem.code, problem.count, problem.severity) == ("no-input", 4, "error")
    written = (town / "out" / "sources.yaml").read_text(encoding="utf-8")
    assert '      # "2023 год": ' in written
    assert all(name in problem.hint and name in written for name in offers)
    # Answered once, it is read.
    written = "".join(
        f"{line.partition('#')[0]}{line.partition('# ')[2].partition(':')[0]}: teachers\n"
        if '# "20' in line
        else f"{line}\n"
        for line in written.splitlines()
    )
    (town / "out" / "sources.yaml").write_text(written, encoding="utf-8")
    assert facts_of(adopt_files(town)) == facts_named("teachers")


@pytest.mark.parametrize(
    ("sheet", "title", "name"),
    [
        ("Педагоги школы", "", "teachers"),
        ("Педагоги школы", "Сводная таблица за 2023-2024 гг.", "teachers"),
        ("Обучающиеся", "с ОВЗ", "students.ovz"),
        # A title that is nearer and is not understood may change what the sheet says.
        ("Педагоги школы", "со стажем до 3 лет", ""),
        ("с ОВЗ", "Обучающиеся", ""),
        ("Педагоги школы", "Обучающиеся", ""),
    ],
)
def test_the_name_of_the_sheet_stands_above_the_titles(
    sheet: str, title: str, name: str, town: Path
) -> None:
    titles = [title] if title else []
    adopted = adopt_tables(town, [Table([HEADING, *ROWS], [], titles)], [sheet])
    assert facts_of(adopted) == (facts_named(name) if name else {})
    assert codes(adopted) == ([] if name else ["no-input"])


@pytest.mark.parametrize("blank", [0, 2])
def test_tables_of_different_inputs_with_one_heading_are_not_one(blank: int, town: Path) -> None:
    others: list[list[object]] = [[NAMES[2], 5, 6], [NAMES[3], 7, 8]]
    gap: list[list[object]] = [[] for _ in range(blank)]
    table: list[list[object]] = [
        ["Обучающиеся"],
        HEADING,
        *ROWS,
        *gap,
        ["Педагоги школы"],
        HEADING,
        *others,
    ]
    for _again in range(2):
        adopted = adopt_tables(town, [Table(table)])
        assert facts_of(adopted) == facts_named("students") | facts_named("teachers", others)
    shutil.rmtree(town / "out")
    # What is not understood is no less another table; a page that goes on is none.
    unknown = adopt_tables(town, [Table([*table[:-4], ["Учителя физики"], *table[-3:]])])
    assert facts_of(unknown) == facts_named("students")
    assert codes(unknown) == ["no-input"]
    shutil.rmtree(town / "out")
    for again in ("Обучающиеся", "Продолжение таблицы", *([] if blank else [NAMES[2]])):
        whole = adopt_tables(town, [Table([*table[:-4], [again], *table[-3:]])])
        assert facts_of(whole) == facts_named("students", [*ROWS, *others])
        shutil.rmtree(town / "out")


@pytest.mark.parametrize(
    "between",
    [[[]], [["Итого", 30, 32]], [["Итого", 30, 32], [], []], [["* по данным школ"], []]],
)
def test_a_heading_that_stands_again_below_the_end_of_a_table_is_asked(
    between: list[list[object]], town: Path
) -> None:
    others: list[list[object]] = [[NAMES[2], 5, 6]]
    titles: list[list[object]] = [["* по данным школ"], ["Обучающиеся"]]
    rows = [*titles, HEADING, *ROWS, *between, HEADING, *others]
    adopted = adopt_tables(town, [Table(rows)])
    assert facts_of(adopted) == facts_named("students")
    assert [one.code for one in adopted.problems if one.severity == "error"] == ["no-input"]
    shutil.rmtree(town / "out")
    # A page that ends between two rows ends no table.
    whole = adopt_tables(town, [Table([["Обучающиеся"], HEADING, *ROWS, HEADING, *others])])
    assert facts_of(whole) == facts_named("students", [*ROWS, *others])


def test_a_caption_between_rows_of_years_begins_another_table(town: Path) -> None:
    more: list[list[object]] = [[NAMES[2], 5, 6]]
    table = Table([["Обучающиеся"], HEADING, *ROWS, ["Педагоги школы"], *more])
    adopted = adopt_tables(town, [table])
    assert facts_of(adopted) == facts_named("students")
    assert codes(adopted) == ["title-inside"]
    shutil.rmtree(town / "out")
    below = adopt_tables(town, [Table([HEADING, ["Обучающиеся"], *ROWS])])
    assert facts_of(below) == {}
    assert codes(below) == ["title-inside"]
    shutil.rmtree(town / "out")
    notes: list[list[object]] = [["* данные школ"], ["Исполнитель", "Отдел мониторинга"]]
    noted = adopt_tables(town, [Table([["Обучающиеся"], HEADING, *ROWS, *notes])])
    assert facts_of(noted) == facts_named("students")


def test_a_title_in_another_unit_is_no_name(town: Path) -> None:
    adopted = adopt_tables(town, [Table([HEADING, *ROWS], [], ["Обучающиеся, тыс. чел."])])
    assert facts_of(adopted) == {}
    path = town / "out" / "sources.yaml"
    text = path.read_text(encoding="utf-8").replace('# "20', '"20').replace(" | students.ovz", "")
    path.write_text(text, encoding="utf-8")
    assert facts_of(adopt_files(town)) == {}
    assert codes(adopt_files(town)) == ["other-unit"]


def test_a_value_below_a_title_of_input_and_year(town: Path) -> None:
    rows: list[list[object]] = [["Школа", "Значение"], [NAMES[0], 3], ["Итого", 3]]
    adopted = adopt_tables(town, [Table(rows, [], ["Обучающиеся за 2024 год"])])
    assert facts_of(adopted) == {("s1", 2024, "students"): 3}
    shutil.rmtree(town / "out")
    rows[0] = ["Школа", "Результаты экзамена"]
    other = adopt_tables(town, [Table(rows, [], ["Обучающиеся за 2024 год"])])
    assert facts_of(other) == {}


def test_a_computed_share_is_not_taken_below_its_title(town: Path) -> None:
    adopted = adopt_tables(town, [Table([HEADING, *ROWS], [], ["Доля обучающихся с ОВЗ"])])
    assert facts_of(adopted) == {}


def test_next_year_each_table_is_read_by_the_entry_of_its_title(town: Path) -> None:
    first = Table([HEADING, *ROWS], [], ["Обучающиеся"])
    second = Table([HEADING, *ROWS], [], ["Педагоги школы"])
    adopt_tables(town, [first, second])
    for tables in ([second, first], [second]):
        adopted = adopt_tables(town, tables)
        expected = facts_named("teachers") | (facts_named("students") if first in tables else {})
        assert facts_of(adopted) == expected
        assert "input-differs" not in codes(adopted)
    # An entry that says another input is followed, and that is said.
    shutil.rmtree(town / "out")
    adopt_tables(town, [second])
    path = town / "out" / "sources.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("teachers", "covered"), "utf-8")
    adopted = adopt_files(town)
    assert facts_of(adopted) == facts_named("covered")
    assert "input-differs" in codes(adopted)


def test_the_name_of_a_school_below_the_values_makes_no_names_of_them(town: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (
        ["Показатель", "2024 год"],
        ["Обучающиеся", 10],
        ["Педагоги школы", 3],
        [],
        ["Школа:", NAMES[0]],
        ["Директор", "подпись"],
    ):
        sheet.append(row)
    book.save(town / "Отчёт.xlsx")
    adopted = adopt_files(town, town / "Отчёт.xlsx")
    assert facts_of(adopted) == {}
    (problem,) = [problem for problem in adopted.problems if problem.severity == "error"]
    assert (problem.code, problem.count) == ("no-place", 2)
