"""Workbooks as they lie on a desk → a data folder: schools in rows, sources.yaml, totals, refusals."""

from __future__ import annotations

import json
import random
import re
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from click.testing import CliRunner, Result
from jsonschema import Draft202012Validator

from engine.adoption import cell_terms
from engine.adoption.adopt import Adopted, Adoption, adopt
from engine.adoption.adopted_tables import list_facts
from engine.adoption.sources_file import read_sources_schema
from engine.adoption.vocabulary import find_years
from engine.catalogue.load import load
from engine.catalogue.model import Catalogue
from engine.console import main as cli
from engine.console.opening import read_data_anew
from engine.data.intake import read_data
from engine.data.origins import find_cells
from tests.adopting import Table, write_document, write_workbook

CATALOGUE = """\
catalogue: {id: town, title: Город, municipality: Город Н, years: [2023, 2024, 2025]}
inputs:
  students:
    title: Обучающиеся
    unit: person
    of_which:
      ovz: {title: с ОВЗ}
  teachers: {title: Педагоги школы, unit: person}
  covered: {title: "Охвачено программами, всего человек", unit: person}
  agreement: {title: Есть соглашение, type: yes_no}
  partners: {title: Партнёры школы, type: text}
  satisfied: {title: "Доля довольных родителей, %", type: number, unit: percent}
  city_events: {title: Городские мероприятия, unit: event, level: municipality}
indicators:
  ovz_share: {title: Доля обучающихся с ОВЗ, unit: percent, formula: "share(students.ovz, students)"}
  satisfied: {}
"""
SCHOOLS = """\
school;title
s1;МБОУ «СОШ № 1»
s2;МБОУ «СОШ № 2»
s3;МАОУ «Лицей № 3»
s4;Гимназия
"""
NAMES = ("МБОУ «СОШ № 1»", "МБОУ «СОШ № 2»", "МАОУ «Лицей № 3»", "Гимназия")


@pytest.fixture
def town(tmp_path: Path) -> Path:
    (tmp_path / "cat").mkdir()
    (tmp_path / "cat" / "c.yaml").write_text(CATALOGUE, encoding="utf-8")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "schools.csv").write_text(SCHOOLS, encoding="utf-8")
    return tmp_path


def open_town(town: Path) -> Catalogue:
    catalogue, problems = load(town / "cat")
    assert catalogue is not None, problems
    return catalogue


def adopt_tables(
    town: Path, tables: Sequence[Table], names: Sequence[str] = (), file: str = "Свод.xlsx"
) -> Adopted:
    path = write_workbook(tables, town / file, names)
    return adopt_files(town, path)


def adopt_files(town: Path, *paths: Path) -> Adopted:
    return adopt(open_town(town), Adoption(paths, town / "out", town / "data"))


def run(*words: object) -> Result:
    return CliRunner().invoke(cli.main, [*map(str, words), "--lang", "en"])


def facts_of(adopted: Adopted) -> dict[tuple[str, int, str], object]:
    return {
        (fact.place, fact.year, fact.input): fact.text if fact.value is None else fact.value
        for fact in list_facts(adopted.tables.facts)
    }


def codes(adopted: Adopted) -> list[str]:
    return sorted({problem.code for problem in adopted.problems})


def svod(rows: Sequence[list[object]] = ()) -> Table:
    """Title rows, a heading of two rows with merged cells, numbered schools, a total."""
    return Table(
        [
            ["№ п/п", "Наименование ОО", "Обучающиеся", None, "Педагоги школы"],
            [None, None, "всего", "с ОВЗ", None],
            *(
                rows
                or (
                    [1, "МБОУ СОШ №1", "1 200", 40, 60],
                    [2, "мбоу  «сош № 2»", 800, 10, 41],
                    [3, 'МАОУ "Лицей № 3"', 600, 0, 30],
                )
            ),
        ],
        [(0, 0, 1, 0), (0, 1, 1, 1), (0, 2, 0, 3), (0, 4, 1, 4)],
        ["Сводная ведомость по школам", "за 2024 год"],
    )


EXPECTED = {
    ("s1", 2024, "students"): 1200.0,
    ("s1", 2024, "students.ovz"): 40.0,
    ("s1", 2024, "teachers"): 60.0,
    ("s2", 2024, "students"): 800.0,
    ("s2", 2024, "students.ovz"): 10.0,
    ("s2", 2024, "teachers"): 41.0,
    ("s3", 2024, "students"): 600.0,
    ("s3", 2024, "students.ovz"): 0.0,
    ("s3", 2024, "teachers"): 30.0,
}


def count_filled(path: Path) -> int:
    book = openpyxl.load_workbook(path)
    return sum(
        cell.value is not None and str(cell.value).strip() != ""
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
    )


# --- schools in rows ------------------------------------------------------------------------------


def test_a_clerks_workbook_is_understood(town: Path) -> None:
    adopted = adopt_tables(town, [svod()])
    assert facts_of(adopted) == EXPECTED
    assert not [one for one in adopted.problems if one.severity != "note"]
    assert (town / "out/sources.yaml").read_text(encoding="utf-8").partition("sources:\n")[2] == (
        '  - file: "Свод.xlsx"\n'
        '    sheet: "Лист1"\n'
        "    heading: [3, 4]\n"
        '    school: "Наименование ОО"\n'
        "    year: 2024\n"
        "    columns:\n"
        '      "Обучающиеся / всего": students\n'
        '      "Обучающиеся / с ОВЗ": students.ovz\n'
        '      "Педагоги школы": teachers\n'
    )


def test_the_folder_is_data_and_every_number_keeps_its_cell(town: Path) -> None:
    adopt_tables(town, [svod()])
    catalogue = open_town(town)
    data, problems = read_data(catalogue, town / "out")
    assert not problems
    (cell,) = find_cells(data, ("school", "s1", 2024, "fact"), ["students.ovz"])
    assert (cell.value, cell.file, cell.sheet, cell.cell) == (
        40,
        "sources/Свод.xlsx",
        "Лист1",
        "D5",
    )
    assert cell.path == town / "out/sources/Свод.xlsx"
    done = run(
        "explain",
        town / "cat",
        "ovz_share",
        "--data",
        town / "out",
        "--year",
        2024,
        "--place",
        "s1",
    )
    assert done.exit_code == 0, done.output
    assert "sources/Свод.xlsx, sheet “Лист1”, D5" in done.stdout


def test_no_cell_is_lost(town: Path) -> None:
    table = svod()
    table.rows += [
        [4, "Гимназия", "много", None, 5],
        [None, "Итого", 2600, 50, 131],
        [None, None, "подпись"],
    ]
    adopted = adopt_tables(town, [table])
    assert adopted.tables.cells == count_filled(town / "Свод.xlsx")
    assert sum(adopted.tables.balance.values()) == adopted.tables.cells
    assert adopted.tables.balance["fact"] == len(adopted.tables.facts) == 10


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("s1", "s1"),
        ("мбоу сош № 1", "s1"),
        ("МБОУ\u00a0«СОШ №1»", "s1"),
        ("МБОУ ''СОШ № 1''", "s1"),
        ("МБОУ СОШ № 10", None),
        ("СОШ № 1", None),
        ("МБОУ СОШ 1", None),
        ("МБОУ СОШ № 1 (филиал)", None),
    ],
)
def test_only_the_same_name_is_a_school(town: Path, name: str, place: str | None) -> None:
    rows = [[1, name, 5, 1, 2], [2, "Гимназия", 7, 0, 1]]
    adopted = adopt_tables(town, [svod(rows)])
    taken = {one for one, _year, _input in facts_of(adopted)} - {"s4"}
    assert taken == ({place} if place else set())
    assert ("unknown-place" in codes(adopted)) == (place is None)


def test_a_caption_that_was_not_merged_stands_over_its_columns(town: Path) -> None:
    table = svod()
    table.merged = []
    assert facts_of(adopt_tables(town, [table])) == EXPECTED


@pytest.mark.parametrize("year", ["2024", 2024, "2024 год", "2024 (факт)"])
def test_a_single_column_has_its_name_below_its_year(town: Path, year: object) -> None:
    rows: list[list[object]] = [["Школа", year], [None, "Педагоги школы"], ["s1", 5], ["s2", 6]]
    adopted = adopt_tables(town, [Table(rows)])
    assert facts_of(adopted) == {("s1", 2024, "teachers"): 5.0, ("s2", 2024, "teachers"): 6.0}
    assert not adopted.problems


def test_a_number_in_place_of_the_name_of_a_row_is_told(town: Path) -> None:
    rows: list[list[object]] = [
        ["Показатель", "2024"],
        ["Педагоги школы", 7],
        ["5"],
        [6],
        ["из них", 3],
    ]
    adopted = adopt_tables(town, [Table(rows, titles=["Гимназия"])])
    assert facts_of(adopted) == {("s4", 2024, "teachers"): 7.0}
    line = next(one for one in adopted.problems if "стоит число" in one.message)
    assert (line.code, line.count) == ("unknown-row", 2)
    assert [place.cell for place in line.places] == ["A4", "A5"]


@pytest.mark.no_cover
@pytest.mark.parametrize(
    ("heading", "taken"),
    [
        ("Педагоги школы, чел.", True),
        ("Педагоги школы (человек)", True),
        ("Педагоги школы, тыс. чел.", False),
        ("Педагоги школы, %", False),
        ("Педагоги школы, ставок", False),
        ("Педагоги школы (очно)", False),
    ],
)
def test_a_name_may_end_in_the_unit_of_its_input_alone(
    town: Path,
    heading: str,
    taken: bool,
) -> None:
    across = Table([["Школа", heading, None], [None, 2023, 2024], ["s1", 5, 6]], [(0, 1, 0, 2)])
    beside = Table([["Школа", heading], ["s1", 5]], titles=["2024"])
    below = Table([["Показатель", "2024"], [heading, 7]], titles=["Гимназия"])
    expected = [{2023: 5.0, 2024: 6.0}, {2024: 5.0}, {2024: 7.0}]
    for table, values in zip((across, beside, below), expected, strict=True):
        adopted = adopt_tables(town, [table])
        taken_values = {year: value for (_place, year, _name), value in facts_of(adopted).items()}
        assert taken_values == (values if taken else {}), table
        assert bool(adopted.problems) != taken
        shutil.rmtree(town / "out")


def test_a_part_may_end_in_its_own_unit(town: Path) -> None:
    rows: list[list[object]] = [
        ["Школа", "Обучающиеся, чел.", None],
        [None, "всего", "с ОВЗ, чел."],
        ["s1", 50, 6],
    ]
    adopted = adopt_tables(town, [Table(rows, [(0, 1, 0, 2)], ["2024"])])
    assert facts_of(adopted) == {("s1", 2024, "students"): 50.0, ("s1", 2024, "students.ovz"): 6.0}


def test_a_number_in_place_of_the_name_of_a_school_is_told(town: Path) -> None:
    rows: list[list[object]] = [
        ["№", "Школа", "Педагоги школы"],
        [1, "s1", 5],
        [None, 345],
        [2, "s2", 6],
    ]
    adopted = adopt_tables(town, [Table([*rows, ["стр. 1"]], titles=["2024"])])
    assert facts_of(adopted) == {("s1", 2024, "teachers"): 5.0, ("s2", 2024, "teachers"): 6.0}
    (line,) = adopted.problems
    assert (line.code, line.severity) == ("unknown-place", "warning")
    assert line.position is not None
    assert line.position.cell == "B4"


def test_a_year_of_a_row_may_be_one_of_the_plan(town: Path) -> None:
    rows: list[list[object]] = [
        ["Школа", "Год", "Сценарий", "Педагоги школы"],
        ["s1", "2024 (план)", None, 5],
        ["s2", "2024 факт", None, 6],
        ["s3", "2024", None, 7],
        ["s4", "план 2024", "факт", 8],
    ]
    adopted = adopt_tables(town, [Table(rows)])
    scenarios = {fact.place: fact.scenario for fact in list_facts(adopted.tables.facts)}
    assert scenarios == {"s1": "forecast", "s2": "fact", "s3": "fact"}
    assert codes(adopted) == ["bad-scenario"]


def test_a_caption_that_changes_a_name_leaves_it_unsure(town: Path) -> None:
    rows: list[list[object]] = [
        ["Школа", "Сельские школы", None],
        [None, "Обучающиеся", "Педагоги школы"],
        ["Гимназия", 5, 6],
    ]
    for merged in ([], [(0, 1, 0, 2)]):
        path = write_workbook([Table(rows, merged, ["2024"])], town / "a.xlsx")
        adopted = adopt(
            open_town(town), Adoption((path,), town / f"out{len(merged)}", town / "data")
        )
        assert adopted.tables.facts.is_empty()
        assert "unknown-column" in codes(adopted)


def test_a_near_name_is_offered_and_taken_once_it_is_written_down(town: Path) -> None:
    rows = [[1, "СОШ №1", 5, 1, 2], [2, "Гимназия", 7, 0, 1]]
    adopt_tables(town, [svod(rows)])
    path = town / "out/sources.yaml"
    text = path.read_text(encoding="utf-8")
    assert '    # schools:\n      # "СОШ №1": s1' in text
    path.write_text(
        text.replace("    # schools:\n      # ", "    schools:\n      ").replace("s1 | s2", "s1"),
        encoding="utf-8",
    )
    data, problems = read_data_anew(open_town(town), town / "out")
    assert [one.code for one in problems] == ["sources-changed"]
    (cell,) = find_cells(data, ("school", "s1", 2024, "fact"), ["students"])
    assert (cell.value, cell.cell) == (5, "C5")


def test_columns_that_are_not_sure_are_proposed(town: Path) -> None:
    table = svod()
    table.rows[0] += ["Охвачено программами", "Заметки"]
    for row in table.rows[2:]:
        row += [100, "ок"]
    adopted = adopt_tables(town, [table])
    assert facts_of(adopted) == EXPECTED
    text = (town / "out/sources.yaml").read_text(encoding="utf-8")
    assert '      # "Охвачено программами": covered\n' in text
    assert '      # "Заметки": ?\n' in text
    line = next(
        one
        for one in adopted.problems
        if one.code == "unknown-column" and "Охвачено" in one.message
    )
    assert line.position is not None
    assert line.position.cell == "F3"


def test_what_is_corrected_is_read_the_next_year(town: Path) -> None:
    table = svod()
    table.rows[0].append("Охвачено программами")
    for row in table.rows[2:]:
        row.append(100)
    adopt_tables(town, [table])
    path = town / "out/sources.yaml"
    text = path.read_text(encoding="utf-8").replace('# "Охвачено', '"Охвачено')
    path.write_text(
        text.replace('"Свод.xlsx"', '"Свод*.xlsx"').replace("    year: 2024\n", ""),
        encoding="utf-8",
    )
    table.titles = ["за 2025 год"]  # one row less above the heading
    table.rows[0].insert(2, "Год")
    table.rows[1].insert(2, None)
    for row in table.rows[2:]:
        row.insert(2, 2025)
    table.merged = [(0, 3, 0, 4), (0, 0, 1, 0), (0, 1, 1, 1), (0, 2, 1, 2)]
    adopted = adopt_tables(town, [table], file="Свод 2025.xlsx")
    got = facts_of(adopted)
    assert got["s1", 2025, "covered"] == 100
    assert got["s2", 2025, "students"] == 800
    assert path.read_text(encoding="utf-8").startswith(text[:40])


def test_sources_yaml_is_added_to_and_never_overwritten(town: Path) -> None:
    adopt_tables(town, [svod()])
    path = town / "out/sources.yaml"
    before = path.read_text(encoding="utf-8") + "# моя заметка\n"
    path.write_text(before, encoding="utf-8")
    other = Table([["Школа", "Есть соглашение"], ["Гимназия", "да"]], titles=["2024 год"])
    adopted = adopt_tables(town, [other], file="Соглашения.xlsx")
    after = path.read_text(encoding="utf-8")
    assert after.startswith(before)
    assert facts_of(adopted) == EXPECTED  # the new table is a proposal
    assert "unread-table" in codes(adopted)
    added = after[len(before) :]
    assert all(not line or line.startswith("#") for line in added.splitlines())
    taken = [line for line in added.splitlines() if line.startswith("#   ")]
    lines = "".join(line.removeprefix("# ") + "\n" for line in taken)
    path.write_text(before + lines, encoding="utf-8")
    adopted = adopt_files(town, town / "Соглашения.xlsx")
    assert facts_of(adopted) == EXPECTED | {("s4", 2024, "agreement"): 1.0}
    again = adopt_files(town, town / "Соглашения.xlsx")
    assert facts_of(again) == facts_of(adopted)


def test_reading_by_sources_yaml_gives_what_recognition_gave(town: Path) -> None:
    adopted = adopt_tables(town, [svod()])
    before = (town / "out/adopted.csv").read_bytes()
    again = adopt_files(town, town / "Свод.xlsx")
    assert facts_of(again) == facts_of(adopted)
    assert (town / "out/adopted.csv").read_bytes() == before


def test_a_changed_file_is_read_anew_with_a_line(town: Path) -> None:
    adopt_tables(town, [svod()])
    copy = town / "out/sources/Свод.xlsx"
    book = openpyxl.load_workbook(copy)
    book["Лист1"]["C5"] = 1300
    book.save(copy)
    catalogue = open_town(town)
    data, problems = read_data_anew(catalogue, town / "out")
    assert find_cells(data, ("school", "s1", 2024, "fact"), ["students"])[0].value == 1300
    assert [(one.code, one.severity) for one in problems] == [("sources-changed", "warning")]
    assert "sources/Свод.xlsx" in problems[0].message
    data, problems = read_data(catalogue, town / "out")  # who cannot read anew says so
    assert find_cells(data, ("school", "s1", 2024, "fact"), ["students"])[0].value == 1200
    assert [one.code for one in problems] == ["sources-changed"]
    done = run(
        "evaluate",
        town / "cat",
        "--data",
        town / "out",
        "--year",
        2024,
        "--inputs",
        "--place",
        "s1",
        "--level",
        "school",
    )
    assert '"value": 1300' in done.stdout
    assert "read anew" in done.stderr


def test_numbers_of_a_copy_that_is_gone_stay_and_that_is_an_error(town: Path) -> None:
    other = svod([[1, "Гимназия", 5, 1, 2]])
    files = [write_workbook([svod()], town / "Свод.xlsx")]
    files.append(write_workbook([other], town / "Ещё.xlsx"))
    adopt_files(town, *files)
    copy, catalogue = town / "out/sources/Свод.xlsx", open_town(town)
    content = copy.read_bytes()
    copy.unlink()
    for _again in range(2):
        data, problems = read_data_anew(catalogue, town / "out")
        assert [(one.code, one.severity) for one in problems] == [("missing-source", "error")]
        assert "9" in problems[0].message
        assert str(problems[0].position).endswith("sources/Свод.xlsx")
        (cell,) = find_cells(data, ("school", "s1", 2024, "fact"), ["students"])
        assert (cell.value, cell.file, cell.cell) == (1200, "sources/Свод.xlsx", "C5")
        assert find_cells(data, ("school", "s4", 2024, "fact"), ["students"])[0].value == 5
        # Nor does adopt lose them, and it says the same.
        adopted = adopt_files(town, files[1])
        assert codes(adopted) == ["missing-source"]
    copy.write_bytes(content)
    assert not read_data_anew(catalogue, town / "out")[1]
    copy.unlink()
    path = town / "out/sources.yaml"
    head, *entries = path.read_text(encoding="utf-8").split("  - file: ")
    kept = [entry for entry in entries if "Свод" not in entry]
    path.write_text("  - file: ".join([head, *kept]), encoding="utf-8")
    data, problems = read_data_anew(catalogue, town / "out")
    assert [one.code for one in problems] == ["sources-changed"]
    assert "sources/Свод.xlsx" not in problems[0].message
    assert not find_cells(data, ("school", "s1", 2024, "fact"), ["students"])


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("sources:\n  - {file: a.xlsx, colums: {}}\n", "unknown-key"),
        ("sources:\n  - {file: a.xlsx}\n", "wrong-source"),
        ("sources:\n  - {file: a.xlsx, rows: {}, columns: {}}\n", "wrong-source"),
        ("sources:\n  - {file: a.xlsx, columns: {A: studentz}}\n", "unknown-input"),
        (
            "sources:\n  - {file: a.xlsx, columns: {A: students}, constant: {scool: s1}}\n",
            "unknown-level",
        ),
        (
            "sources:\n  - {file: a.xlsx, columns: {A: students}, schools: {A: s9}}\n",
            "unknown-place",
        ),
        ("sources:\n  - {columns: {A: students}}\n", "missing-key"),
        ("sources: [\n", "broken-text"),
    ],
)
def test_mistakes_in_sources_yaml_are_told_and_nothing_is_written(
    town: Path, text: str, code: str
) -> None:
    adopt_tables(town, [svod()])
    path = town / "out/sources.yaml"
    path.write_text(text, encoding="utf-8")
    before = {file: file.read_bytes() for file in (town / "out").rglob("*") if file.is_file()}
    adopted = adopt_files(town, town / "Свод.xlsx")
    assert code in codes(adopted)
    assert not adopted.written
    assert before == {
        file: file.read_bytes() for file in (town / "out").rglob("*") if file.is_file()
    }


# --- totals ---------------------------------------------------------------------------------------


@pytest.mark.no_cover
@pytest.mark.parametrize(
    "name",
    ["Итого", "ИТОГО:", "Всего", "Всего по району", "Итого по городу", "По школам", "В среднем", "Сумма",
     "Итого за 2024 год", "Всего по городу Город Н", "Итого: 2024"],
)  # fmt: skip
def test_a_total_is_passed_over(town: Path, name: str) -> None:
    table = svod()
    table.rows.append([None, name, 2600, 50, 131])
    adopted = adopt_tables(town, [table])
    assert facts_of(adopted) == EXPECTED
    assert adopted.tables.balance["total"] == 4
    assert "unknown-place" not in codes(adopted)


def test_a_total_that_differs_is_compared(town: Path) -> None:
    table = svod()
    table.rows.append([None, "Итого", 2602, 50, 131])
    adopted = adopt_tables(town, [table])
    lines = [one for one in adopted.problems if one.code == "total-differs"]
    assert len(lines) == 1
    assert lines[0].position is not None
    assert lines[0].position.cell == "C8"
    assert "2\u00a0602" in lines[0].message
    assert "2\u00a0600" in lines[0].message


def test_a_total_that_differs_in_many_columns_is_one_line(town: Path) -> None:
    table = svod()
    table.rows.append([None, "Итого", 2602, 51, 132])
    (line,) = [one for one in adopt_tables(town, [table]).problems if one.code == "total-differs"]
    assert [place.cell for place in line.places] == ["C8", "D8", "E8"]


def test_a_nameless_row_that_is_the_sum_is_a_total(town: Path) -> None:
    table = svod()
    table.rows.append([None, None, 2600, 50, 131])
    adopted = adopt_tables(town, [table])
    assert facts_of(adopted) == EXPECTED
    assert adopted.tables.balance["total"] == 3
    table.rows[-1][2] = 2601
    path = write_workbook([table], town / "other.xlsx")
    adopted = adopt(open_town(town), Adoption((path,), town / "out2", town / "data"))
    assert "no-place" in codes(adopted)


def test_a_school_whose_row_is_the_sum_is_kept_and_told(town: Path) -> None:
    table = svod()
    table.rows.append([4, "Гимназия", 2600, 50, 131])
    adopted = adopt_tables(town, [table])
    assert facts_of(adopted)["s4", 2024, "students"] == 2600
    assert "likely-total" in codes(adopted)


def test_a_school_that_is_called_a_total_is_a_school(town: Path) -> None:
    (town / "data/schools.csv").write_text(SCHOOLS + "s5;Всего, школа № 9\n", encoding="utf-8")
    table = svod()
    table.rows.append([4, "Всего, школа № 9", 7, 1, 2])
    assert facts_of(adopt_tables(town, [table]))["s5", 2024, "students"] == 7


# --- other shapes ---------------------------------------------------------------------------------


def test_indicators_in_rows_and_schools_in_columns(town: Path) -> None:
    table = Table(
        [
            ["Показатель", *NAMES, "Итого"],
            ["Обучающиеся, из них:", 10, 20, 30, 40, 100],
            ["- с ОВЗ", 1, 2, 3, 4, 11],
            ["Педагоги школы", 5, 6, 7, "н/п", 18],
            ["Доля обучающихся с ОВЗ", "10 %", "10 %", "10 %", "10 %", "10 %"],
        ],
        titles=["За 2023/2024 учебный год"],
    )
    adopted = adopt_tables(town, [table])
    got = facts_of(adopted)
    assert got == {
        **{(f"s{n}", 2023, "students"): 10.0 * n for n in range(1, 5)},
        **{(f"s{n}", 2023, "students.ovz"): 1.0 * n for n in range(1, 5)},
        **{(f"s{n}", 2023, "teachers"): 4.0 + n for n in range(1, 4)},
        ("s4", 2023, "teachers"): "н/п",
    } | {("s4", 2023, "teachers"): None}
    assert adopted.tables.facts["state"][-1] == "not_applicable"
    lines = [one for one in adopted.problems if one.code == "total-differs"]
    assert [one.position.cell for one in lines if one.position] == ["F4"]
    assert "computed-indicator" in codes(adopted)


def test_years_across(town: Path) -> None:
    table = Table(
        [
            ["Школа", "Обучающиеся", None, "Педагоги школы", None],
            [None, "2023", "2024", "2023 год (факт)", "прогноз на 2025 год"],
            ["Гимназия", 10, 11, 3, 4],
        ],
        [(0, 1, 0, 2), (0, 3, 0, 4), (0, 0, 1, 0)],
    )
    adopted = adopt_tables(town, [table])
    assert facts_of(adopted) == {
        ("s4", 2023, "students"): 10.0,
        ("s4", 2024, "students"): 11.0,
        ("s4", 2023, "teachers"): 3.0,
        ("s4", 2025, "teachers"): 4.0,
    }
    assert adopted.tables.facts["scenario"].to_list() == ["fact", "fact", "fact", "forecast"]


def test_a_sheet_for_each_year_and_a_sheet_for_each_school(town: Path) -> None:
    of_year = [Table([["Школа", "Педагоги школы"], ["Гимназия", number]]) for number in (3, 4)]
    adopted = adopt_tables(town, of_year, ["2023", "2024 год"], "годы.xlsx")
    assert facts_of(adopted) == {("s4", 2023, "teachers"): 3.0, ("s4", 2024, "teachers"): 4.0}
    of_school = [
        Table([["Показатель", "Значение"], ["Педагоги школы", number]], titles=["2024 год"])
        for number in (5, 6)
    ]
    path = write_workbook(of_school, town / "школы.xlsx", ["СОШ № 1", "Гимназия"])
    adopted = adopt(open_town(town), Adoption((path,), town / "out2", town / "data"))
    assert facts_of(adopted) == {("s4", 2024, "teachers"): 6.0}
    assert "no-place" in codes(adopted)  # «СОШ № 1» is near to a school, and not its name


def test_a_long_table(town: Path) -> None:
    table = Table(
        [
            ["Организация", "Период", "Сценарий", "Показатель", "Значение"],
            ["Гимназия", 2024, "факт", "students", 10],
            ["Гимназия", "2025", "Прогноз", "Педагоги школы", "12"],
            ["Гимназия", "2011-12", "факт", "students", 1],
        ]
    )
    adopted = adopt_tables(town, [table])
    assert facts_of(adopted) == {("s4", 2024, "students"): 10.0, ("s4", 2025, "teachers"): 12.0}
    assert adopted.tables.facts["scenario"][1] == "forecast"
    assert "no-year" in codes(adopted)


def test_two_tables_in_one_sheet_and_a_heading_on_every_page(town: Path) -> None:
    first, second = svod(), Table([["Школа", "Есть соглашение"], ["Гимназия", "да"]])
    first.rows += [first.rows[0][:], first.rows[1][:], [4, "Гимназия", 9, 1, 2]]
    first.merged += [(5, 2, 5, 3)]
    adopted = adopt_tables(town, [first, second])
    assert facts_of(adopted) == EXPECTED | {
        ("s4", 2024, "students"): 9.0,
        ("s4", 2024, "students.ovz"): 1.0,
        ("s4", 2024, "teachers"): 2.0,
        ("s4", 2024, "agreement"): 1.0,
    }


def test_a_table_below_with_the_same_heading_has_its_own_year(town: Path) -> None:
    heading: list[object] = ["Школа", "Обучающиеся"]
    first = Table([heading, [NAMES[0], 10], [NAMES[1], 11]], titles=["Свод за 2024 год"])
    second = Table([heading, [NAMES[2], 20], [NAMES[3], 21]], titles=["Свод за 2025 год"])
    adopted = adopt_tables(town, [first, second])
    expected = {
        ("s1", 2024, "students"): 10.0,
        ("s2", 2024, "students"): 11.0,
        ("s3", 2025, "students"): 20.0,
        ("s4", 2025, "students"): 21.0,
    }
    assert facts_of(adopted) == expected
    assert codes(adopted) == []
    # By the file that was written, each is read as it was recognised.
    assert facts_of(adopt_tables(town, [first, second])) == expected


@pytest.mark.parametrize("title", ["МБОУ «СОШ № 2», 2024 год", "Школа № 77 за 2024 год"])
def test_a_table_below_with_the_same_heading_has_its_own_school(town: Path, title: str) -> None:
    heading: list[object] = ["Показатель", "Значение"]
    first = Table([heading, ["Обучающиеся", 10]], titles=["МБОУ «СОШ № 1», 2024 год"])
    adopted = adopt_tables(town, [first, Table([heading, ["Педагоги школы", 3]], titles=[title])])
    facts = facts_of(adopted)
    assert facts.pop(("s1", 2024, "students")) == 10
    known = "СОШ № 2" in title
    assert facts == ({("s2", 2024, "teachers"): 3.0} if known else {})
    assert codes(adopted) == ([] if known else ["no-place"])


@pytest.mark.parametrize(
    ("title", "heading", "rows", "inner"),
    [
        (
            "Свод за 2024 год",
            ["Школа", "Обучающиеся"],
            [[NAMES[0], 10], [NAMES[2], 20]],
            "Свод за 2025 год",
        ),
        (
            "МБОУ «СОШ № 1», 2024 год",
            ["Показатель", "Значение"],
            [["Обучающиеся", 10], ["Педагоги школы", 3]],
            "МБОУ «СОШ № 2»",
        ),
        (
            "МБОУ «СОШ № 1», 2024 год",
            ["Показатель", "Значение"],
            [["Обучающиеся", 10], ["Педагоги школы", 3]],
            "Лицей № 77",
        ),
    ],
)
def test_a_title_inside_of_a_table_is_asked_about(
    town: Path, title: str, heading: list[object], rows: list[list[object]], inner: str
) -> None:
    adopted = adopt_tables(town, [Table([heading, rows[0], [inner], rows[1]], titles=[title])])
    assert facts_of(adopted) == {("s1", 2024, "students"): 10.0}
    assert codes(adopted) == ["title-inside"]
    path = town / "out" / "sources.yaml"
    text = path.read_text(encoding="utf-8")
    skip = f"    skip: ['{inner}']\n"
    path.write_text(text.replace("    heading:", f"{skip}    heading:"), encoding="utf-8")
    adopted = adopt_tables(town, [Table([heading, rows[0], [inner], rows[1]], titles=[title])])
    assert codes(adopted) == ["total-row"]
    assert len(adopted.tables.facts) == 2


@pytest.mark.parametrize("caption", ["Работа со школьниками", "за 2024 год", "Раздел II"])
def test_the_caption_of_a_section_is_no_title_of_another_table(town: Path, caption: str) -> None:
    heading: list[object] = ["Показатель", "Значение"]
    table = Table(
        [heading, ["Обучающиеся", 10], [caption], ["Педагоги школы", 3], [caption], heading],
        titles=["МБОУ «СОШ № 1», 2024 год"],
    )
    table.rows.append(["Охвачено программами, всего человек", 5])
    adopted = adopt_tables(town, [table])
    assert facts_of(adopted) == {
        ("s1", 2024, "students"): 10.0,
        ("s1", 2024, "teachers"): 3.0,
        ("s1", 2024, "covered"): 5.0,
    }


def test_a_row_with_a_number_is_not_the_beginning_of_the_next_rows_name(town: Path) -> None:
    table = Table(
        [
            ["№ п/п", "Показатель", "Значение"],
            [1, "Педагоги", 5],
            [None, "школы", 6],
            [2, "Охвачено программами,", 7],
            [None, "всего человек", None],
        ],
        titles=[NAMES[0], "2024"],
    )
    path = write_document([table], town / "Свод.docx")
    for _again in range(2):
        adopted = adopt_files(town, path)
        assert facts_of(adopted) == {("s1", 2024, "covered"): 7.0}
        assert codes(adopted) == ["unknown-row"]
        assert adopted.tables.balance["line"] == 2


def test_a_line_points_at_the_cell_to_correct_and_not_at_an_answer(town: Path) -> None:
    table = Table(
        [
            ["Школа", "Год", "Обучающиеся", "Педагоги школы"],
            [NAMES[0], date(2024, 1, 1), 10, 1],
            ["СОШ № 77", 2024, 20, 2],
            [None, 2024, 30, 3],
            [NAMES[1], None, 40, 4],
            ["СОШ № 77", 2025, 50, 5],
        ]
    )
    adopted = adopt_tables(town, [table])
    assert facts_of(adopted) == {}
    places = {(one.code, one.position.cell) for one in adopted.problems if one.position is not None}
    assert places == {
        ("no-year", "B2"),
        ("unknown-place", "A3"),
        ("no-place", "A4"),
        ("no-year", "B5"),
    }
    (problem,) = (one for one in adopted.problems if one.code == "unknown-place")
    assert [place.cell for place in problem.places] == ["A3", "A6"]
    assert adopted.tables.balance["line"] == 10


def test_totals_that_are_passed_over_are_named_once(town: Path) -> None:
    table = Table(
        [
            ["Школа", "Обучающиеся", "Педагоги школы", "Всего"],
            [NAMES[0], 10, 1, 11],
            [NAMES[1], 20, 2, 22],
            [NAMES[2], 30, 4, 34],
            [None, 60, 7, 67],
            ["Итого по городу", 60, 7, 67],
            ["В среднем", 20, 2, 22],
            ["В среднем", 20, 2, 22],
        ],
        titles=["2024"],
    )
    adopted = adopt_tables(town, [table])
    assert len(adopted.tables.facts) == 6
    passed = [one for one in adopted.problems if one.code == "total-row"]
    assert {one.severity for one in passed} == {"note"}
    assert [one.position.cell for one in passed if one.position] == ["D3", "B6", "A7", "A8"]
    names = ["Всего", "нет названия", "Итого по городу", "В среднем"]
    missing = [
        one.message for name, one in zip(names, passed, strict=True) if name not in one.message
    ]
    assert missing == []


def test_a_title_on_every_page_is_no_name_of_a_school(town: Path) -> None:
    heading: list[object] = ["Школа", "Обучающиеся"]
    pages = [
        Table([heading, [NAMES[number], number]], titles=["Свод", "за 2024 год"])
        for number in range(3)
    ]
    adopted = adopt_tables(town, pages)
    assert facts_of(adopted) == {
        (f"s{number + 1}", 2024, "students"): float(number) for number in range(3)
    }
    text = (town / "out" / "sources.yaml").read_text(encoding="utf-8")
    assert text.count("file:") == 1
    assert "schools:" not in text


def test_a_sheet_of_one_year_with_a_table_of_another_is_asked_about(town: Path) -> None:
    table = Table([["Школа", "Обучающиеся"], [NAMES[0], 10]], titles=["Свод за 2025 год"])
    adopted = adopt_tables(town, [table], ["2024"])
    assert facts_of(adopted) == {}
    (problem,) = adopted.problems
    assert problem.code == "no-year"
    assert "Свод за 2025 год" in problem.message
    assert "# year: 2024 | 2025" in (town / "out" / "sources.yaml").read_text(encoding="utf-8")


def side_by_side(left: Sequence[object], right: Sequence[object]) -> Table:
    return Table(
        [
            [left[0], *[None] * (len(left) - 1), right[0]],
            [*left[1:], None, *right[1:]],
            [NAMES[0], 10, None, "МБОУ СОШ №1", 12],
            [NAMES[1], 11, None, NAMES[2], 13],
            [NAMES[3], 5, None, None, None],
            ["Итого", 26, None, NAMES[3], 14],
        ]
    )


TWO_YEARS = side_by_side(["2024 год", "Школа", "Обучающиеся"], ["2025 год", "Школа", "Обучающиеся"])
OF_TWO_YEARS = {
    ("s1", 2024, "students"): 10.0,
    ("s2", 2024, "students"): 11.0,
    ("s4", 2024, "students"): 5.0,
    ("s1", 2025, "students"): 12.0,
    ("s3", 2025, "students"): 13.0,
    ("s4", 2025, "students"): 14.0,
}


def test_tables_side_by_side_are_read_each_on_its_own(town: Path) -> None:
    for _again in range(2):
        adopted = adopt_tables(town, [TWO_YEARS])
        assert facts_of(adopted) == OF_TWO_YEARS
        assert codes(adopted) == ["total-row"]
        assert sum(adopted.tables.balance.values()) == adopted.tables.cells == 20
    text = (town / "out/sources.yaml").read_text(encoding="utf-8")
    assert re.findall("side: .*", text) == ['side: "A:B"', 'side: "D:E"']


def test_of_tables_side_by_side_the_one_that_is_named_is_read(town: Path) -> None:
    adopt_tables(town, [TWO_YEARS])
    path = town / "out/sources.yaml"
    text = path.read_text(encoding="utf-8")
    lead, _first, second = text.split("  - file:")
    path.write_text(f"{lead}  - file:{second}", encoding="utf-8")
    adopted = adopt_files(town)
    assert {key[1] for key in facts_of(adopted)} == {2025}
    assert codes(adopted) == ["unread-table"]


@pytest.mark.parametrize("blank", [[], [[]]])
def test_captions_in_one_row_are_each_of_the_table_below(
    blank: list[list[object]], town: Path
) -> None:
    rows: list[list[object]] = [
        [NAMES[0], None, None, NAMES[1]],
        *blank,
        ["Показатель", "Значение", None, "Показатель", "Значение"],
        ["Обучающиеся", 1, None, "Педагоги школы", 2],
    ]
    adopted = adopt_tables(town, [Table(rows, [], ["Отчёт за 2024 год"])])
    assert facts_of(adopted) == {("s1", 2024, "students"): 1.0, ("s2", 2024, "teachers"): 2.0}
    assert codes(adopted) == []


@pytest.mark.parametrize("blank", [[], [[]]])
def test_a_school_and_a_year_in_one_row_are_of_the_whole_table(
    blank: list[list[object]], town: Path
) -> None:
    rows: list[list[object]] = [
        [NAMES[0], None, "за 2024 год"],
        *blank,
        ["№ п/п", "Показатель", "Значение"],
        [1, "Обучающиеся", 7],
    ]
    assert facts_of(adopt_tables(town, [Table(rows)])) == {("s1", 2024, "students"): 7.0}


@pytest.mark.parametrize(
    ("right", "facts", "code"),
    [
        # A caption that is merged over the first table alone is not the second one's.
        ([[NAMES[1], 2]], {("s1", 2024, "students"): 1.0}, "no-year"),
        # What has no names of its own is no table.
        ([["да", 2]], {("s1", 2024, "students"): 1.0, ("s1", 2024, "teachers"): 2.0}, ""),
    ],
)
def test_what_is_beside_a_table_is_one_only_with_names_of_its_own(
    right: list[list[object]], facts: dict[tuple[str, int, str], object], code: str, town: Path
) -> None:
    first = "Есть соглашение" if right[0][0] == "да" else "Школа"
    if first != "Школа":
        facts = facts | {("s1", 2024, "agreement"): 1.0}
    rows: list[list[object]] = [
        ["2024 год"],
        ["Школа", "Обучающиеся", None, first, "Педагоги школы"],
        [NAMES[0], 1, None, *right[0]],
    ]
    adopted = adopt_tables(town, [Table(rows, [(0, 0, 0, 1)])])
    assert facts_of(adopted) == facts
    assert codes(adopted) == ([code] if code else [])


def test_tables_side_by_side_above_another_one(town: Path) -> None:
    upper = Table(
        [
            ["Школа", "Обучающиеся", None, "Школа", "Педагоги школы"],
            [NAMES[0], 1, None, NAMES[2], 2],
            [NAMES[1], 3, None, NAMES[3], 4],
        ],
        [],
        ["Свод за 2024 год"],
    )
    lower = Table(
        [["Школа", "Обучающиеся", "Педагоги школы", "Есть соглашение"], [NAMES[0], 7, 8, "да"]],
        [],
        ["Свод за 2025 год"],
    )
    assert facts_of(adopt_tables(town, [upper, lower])) == {
        ("s1", 2024, "students"): 1.0,
        ("s2", 2024, "students"): 3.0,
        ("s3", 2024, "teachers"): 2.0,
        ("s4", 2024, "teachers"): 4.0,
        ("s1", 2025, "students"): 7.0,
        ("s1", 2025, "teachers"): 8.0,
        ("s1", 2025, "agreement"): 1.0,
    }


def test_tables_without_a_blank_column_between_do_not_take_each_others_schools(
    town: Path,
) -> None:
    rows = [[cell for at, cell in enumerate(row) if at != 2] for row in TWO_YEARS.rows]
    for _again in range(2):
        adopted = adopt_tables(town, [Table(rows)])
        assert facts_of(adopted) == {
            key: value for key, value in OF_TWO_YEARS.items() if key[1] == 2024 or key[0] == "s1"
        }
        (problem,) = (one for one in adopted.problems if one.code == "names-twice")
        assert [place.cell for place in problem.places] == ["D6", "D4"]


def test_columns_of_values_beside_each_other_keep_their_rows(town: Path) -> None:
    rows: list[list[object]] = [
        ["Показатель", "2024", "Показатель", "2025"],
        ["Обучающиеся", 10, "Педагоги школы", 3],
    ]
    adopted = adopt_tables(town, [Table(rows, titles=[NAMES[0]])])
    assert facts_of(adopted) == {("s1", 2024, "students"): 10.0}
    assert "names-twice" in codes(adopted)
    shutil.rmtree(town / "out")
    blank = [[*row[:2], None, *row[2:]] for row in rows]
    adopted = adopt_tables(town, [Table(blank, titles=[NAMES[0]])])
    assert facts_of(adopted) == {("s1", 2024, "students"): 10.0, ("s1", 2025, "teachers"): 3.0}


def test_names_beside_each_other_below_captions_of_schools_are_no_answers(town: Path) -> None:
    rows: list[list[object]] = [
        [NAMES[0], None, NAMES[1]],
        ["Показатель", "Значение", "Показатель", "Значение"],
        ["Обучающиеся", 1, "Обучающиеся", 2],
    ]
    adopted = adopt_tables(town, [Table(rows, titles=["2024 год"])])
    assert facts_of(adopted) == {("s1", 2024, "students"): 1.0, ("s2", 2024, "students"): 2.0}
    assert codes(adopted) == []


def test_a_municipality_between_the_columns_is_no_second_table(town: Path) -> None:
    table = Table(
        [
            ["Школа", "Обучающиеся", "Муниципалитет", "Педагоги школы"],
            [NAMES[0], 10, "town", 3],
        ],
        titles=["2024"],
    )
    facts = facts_of(adopt_tables(town, [table]))
    assert facts == {("s1", 2024, "students"): 10.0, ("s1", 2024, "teachers"): 3.0}


# --- nothing is invented --------------------------------------------------------------------------


@pytest.mark.no_cover
@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("75 %", "percent-for-count"),
        ("-", "dash-in-number"),
        ("около 5", "unreadable-cell"),
        (-3, "negative-count"),
        (2.5, "fractional-count"),
        ("=1+1", "formula-without-value"),
        ("=A1%", "formula-without-value"),
        ("1,23457E+11", "shortened-number"),
        ("1e3", "shortened-number"),
        ("12 / 5", "several-numbers"),
        ("60, из них 5 молодых", "several-numbers"),
        ("12.05.2023 г.", "unreadable-cell"),
    ],
)
def test_what_is_no_count_is_told_with_its_cell(town: Path, value: object, code: str) -> None:
    table = svod()
    table.rows[2][4] = value
    adopted = adopt_tables(town, [table])
    assert facts_of(adopted) == {
        key: number for key, number in EXPECTED.items() if key != ("s1", 2024, "teachers")
    }
    line = next(one for one in adopted.problems if one.code == code)
    assert line.position is not None
    assert line.position.cell == "E5"
    assert line.severity == "error"
    assert unread_of(town) == {"s1": "E5"}


def test_a_percent_is_taken_into_what_is_given_ready(town: Path) -> None:
    table = Table(
        [["Школа", "Доля довольных родителей, %"], ["Гимназия", "85 %"], ["s1", 0.85]],
        titles=["2024"],
    )
    adopted = adopt_tables(town, [table])
    assert facts_of(adopted) == {("s4", 2024, "satisfied"): 85.0}
    assert "share-or-percent" in codes(adopted)


@pytest.mark.parametrize(
    ("value", "shown", "read"),
    [(0.85, "0%", 85.0), (0.07, "0.0%", 7.0), (85, "0%", None), (85, '0"%"', 85.0)],
)
def test_a_percent_format_is_what_is_seen(
    town: Path, value: float, shown: str, read: float | None
) -> None:
    table = Table([["Школа", "Доля довольных родителей, %"], ["s1", value]], titles=["2024"])
    path = write_workbook([table], town / "Доли.xlsx")
    book = openpyxl.load_workbook(path)
    book["Лист1"]["B3"].number_format = shown
    book.save(path)
    adopted = adopt_files(town, path)
    assert facts_of(adopted) == ({("s1", 2024, "satisfied"): read} if read else {})
    assert ("share-or-percent" in codes(adopted)) == (read is None)


@pytest.mark.parametrize(
    ("text", "code"), [("=A1", "formula-without-value"), ("#N/A", "excel-error")]
)
@pytest.mark.parametrize("register", [True, False])
def test_a_name_without_a_value_is_no_name(
    town: Path, text: str, code: str, *, register: bool
) -> None:
    if not register:
        (town / "data/schools.csv").unlink()
    rows = Table(
        [["Школа", text, "Педагоги школы"], ["Гимназия", 1, 2], [text, 3, 4]], titles=["2024"]
    )
    across = Table(
        [["Показатель", "Гимназия", text], ["Педагоги школы", 5, 6], [text, 7, None]],
        titles=["2023"],
    )
    adopted = adopt_tables(town, [rows, across], ["а", "б"])
    assert {key[1:]: value for key, value in facts_of(adopted).items()} == {
        (2024, "teachers"): 2,
        (2023, "teachers"): 5,
    }
    lines = [one for one in adopted.problems if one.severity == "error"]
    assert {one.code for one in lines} == {code}
    assert [one.position and (one.position.sheet, one.position.cell) for one in lines] == [
        *(("а", "B2"), ("б", "C2"))
    ]
    assert "schools: {" not in "".join(one.hint for one in lines)
    written = (town / "out/sources.yaml").read_text(encoding="utf-8").partition("sources:\n")[2]
    assert text not in written
    assert text not in "".join(adopted.schools.values())


def test_a_cell_merged_over_answers_is_nobodys(town: Path) -> None:
    table = svod()
    table.rows[3][4] = None
    table.merged.append((2, 4, 3, 4))
    adopted = adopt_tables(town, [table])
    assert ("s1", 2024, "teachers") not in facts_of(adopted)
    (line,) = [one for one in adopted.problems if one.code == "merged-cell"]
    assert line.hint == "разъедините ячейки и впишите число в каждую"
    assert unread_of(town) == {"s1": "E5", "s2": "E6"}


def test_a_cell_that_was_not_read_is_not_told_as_never_given(town: Path) -> None:
    table = svod()
    table.rows[2][3] = 0.75
    path = write_workbook([table], town / "Свод.xlsx")
    book = openpyxl.load_workbook(path)
    book["Лист1"]["D5"].number_format = "0%"
    book.save(path)
    adopted = adopt_files(town, path)
    assert "percent-for-count" in codes(adopted)
    words = ("explain", town / "cat", "ovz_share", "--data", town / "out", "--year", 2024)
    for _again in range(2):
        done = run(*words, "--place", "s1")
        cell = "students.ovz = not readable: “75\u00a0%” (sources/Свод.xlsx, sheet “Лист1”, D5)"
        assert cell in done.stdout
        assert re.search(r" — not readable: \S.*\[students\.ovz\]", done.stdout)
        assert "not given" not in done.stdout
        # The second time the table is read anew, for sources.yaml has changed.
        with (town / "out/sources.yaml").open("a", encoding="utf-8") as stream:
            stream.write("# checked\n")


def unread_of(town: Path) -> dict[str, str]:
    """Place → cell of what stands in adopted.csv as not readable, of `teachers`."""
    frame = pl.read_csv(town / "out/adopted.csv", separator=";", infer_schema=False)
    rows = frame.filter((pl.col("state") == "not_readable") & (pl.col("input") == "teachers"))
    assert not rows["value"].drop_nulls().len()
    return dict(rows.select("place", "cell").iter_rows())


def test_an_unknown_year_takes_nothing(town: Path) -> None:
    table = svod()
    table.titles = ["Сводная ведомость с 2022 по 2024 год"]
    adopted = adopt_tables(town, [table])
    assert facts_of(adopted) == {}
    assert "no-year" in codes(adopted)
    assert "# year: 2022 | 2024" in (town / "out/sources.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize("year", ["2024-2025", '"2024 год"', "2024/25"])
def test_a_year_in_sources_may_be_written_as_in_a_cell(town: Path, year: str) -> None:
    adopt_tables(town, [svod()])
    path = town / "out/sources.yaml"
    text = path.read_text(encoding="utf-8").replace("year: 2024", f"year: {year}")
    path.write_text(text, encoding="utf-8")
    assert facts_of(adopt_files(town, town / "Свод.xlsx")) == EXPECTED


def test_no_proposal_is_promised_where_none_is_written(town: Path) -> None:
    adopt_tables(town, [svod()])
    path = town / "out/sources.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('sheet: "Лист1"', 'sheet: "Лист 1"'), encoding="utf-8")
    _data, problems = read_data_anew(open_town(town), town / "out")
    hints = {problem.code: problem.hint for problem in problems}
    assert "Лист1" in hints["no-table"]
    assert (
        f"запустите adopt с этой же папкой: она допишет предложение (-o {town / 'out'})"
        in (hints["unread-table"])
    )


def test_an_unknown_key_is_told_with_the_number_of_its_entry(town: Path) -> None:
    adopt_tables(town, [svod()])
    path = town / "out/sources.yaml"
    path.write_text(
        "sources:\n  - {file: a.xlsx, columns: {}}\n  - {file: b.xlsx, god: 1, columns: {}}\n",
        encoding="utf-8",
    )
    adopted = adopt_files(town, town / "Свод.xlsx")
    assert "неизвестный ключ «god» в записи 2" in [problem.message for problem in adopted.problems]


def test_without_a_year_in_sources_the_tables_own_is_taken(town: Path) -> None:
    adopt_tables(town, [svod()])
    path = town / "out/sources.yaml"
    text = path.read_text(encoding="utf-8").replace('"Свод.xlsx"', '"Свод*.xlsx"')
    path.write_text(text.replace("    year: 2024\n", ""), encoding="utf-8")
    table = svod()
    table.titles[1] = "за 2025 год"
    got = facts_of(adopt_tables(town, [table], file="Свод нового года.xlsx"))
    assert got == EXPECTED | {
        (place, 2025, asked): value for (place, _y, asked), value in EXPECTED.items()
    }


def test_a_year_that_the_table_contradicts_is_told(town: Path) -> None:
    adopt_tables(town, [svod()])
    table = svod()
    table.titles[1] = "за 2025 год"
    adopted = adopt_tables(town, [table])
    assert facts_of(adopted) == EXPECTED
    (problem,) = (one for one in adopted.problems if one.code == "year-differs")
    assert problem.severity == "warning"
    assert "2024" in problem.message
    assert "2025" in problem.message


def test_columns_with_one_name_or_one_meaning_are_not_told_apart(town: Path) -> None:
    table = Table(
        [
            ["Школа", "Педагоги школы", "teachers", "Обучающиеся", "Обучающиеся"],
            ["Гимназия", 1, 2, 3, 4],
        ],
        titles=["2024"],
    )
    adopted = adopt_tables(town, [table])
    assert facts_of(adopted) == {}
    assert adopted.tables.balance["line"] == 4


@pytest.mark.parametrize(("letter", "value"), [("B", 3.0), ("C", 4.0)])
def test_of_columns_with_one_heading_the_right_one_is_named_by_its_letter(
    town: Path, letter: str, value: float
) -> None:
    table = Table([["Школа", "Обучающиеся", "Обучающиеся"], ["Гимназия", 3, 4]], titles=["2024"])
    adopted = adopt_tables(town, [table])
    assert facts_of(adopted) == {}
    (problem,) = adopted.problems
    assert problem.code == "column-twice"
    assert "B, C" in problem.message
    path = town / "out" / "sources.yaml"
    text = path.read_text(encoding="utf-8")
    line = f'"Обучающиеся (столбец {letter})": students'
    assert f"# {line}" in text
    path.write_text(text.replace(f"# {line}", line), encoding="utf-8")
    assert facts_of(adopt_tables(town, [table])) == {("s4", 2024, "students"): value}
    # The heading alone says neither: the first is not taken for it.
    path.write_text(text.replace(f"# {line}", '"Обучающиеся": students'), encoding="utf-8")
    adopted = adopt_tables(town, [table])
    assert facts_of(adopted) == {}
    assert {"no-column", "column-twice"} <= set(codes(adopted))


def test_an_input_of_another_level_is_not_the_schools(town: Path) -> None:
    table = Table([["Школа", "Городские мероприятия"], ["Гимназия", 1]], titles=["2024"])
    adopted = adopt_tables(town, [table])
    assert facts_of(adopted) == {}
    assert "input-of-other-level" in codes(adopted)


def test_the_row_of_the_town_among_schools_is_their_total(town: Path) -> None:
    table = svod()
    table.rows.append([4, "Город Н", 2602, 50, 131])
    adopted = adopt_tables(town, [table])
    assert facts_of(adopted) == EXPECTED
    assert adopted.tables.balance["total"] == 5
    lines = [one for one in adopted.problems if one.severity != "note"]
    assert [(one.code, one.position and one.position.cell) for one in lines] == [
        ("total-differs", "C8")
    ]


def test_the_column_of_the_town_beside_schools_is_their_total(town: Path) -> None:
    table = Table(
        [
            ["Показатель", "Гимназия", "Город Н"],
            ["Обучающиеся", 10, 11],
            ["Педагоги школы", 5, 5],
        ],
        titles=["За 2023 год"],
    )
    adopted = adopt_tables(town, [table])
    assert facts_of(adopted) == {("s4", 2023, "students"): 10, ("s4", 2023, "teachers"): 5}
    lines = [one for one in adopted.problems if one.severity != "note"]
    assert [(one.code, one.position and one.position.cell) for one in lines] == [
        ("total-differs", "C3")
    ]


def test_where_the_town_is_asked_something_its_row_is_no_total(town: Path) -> None:
    table = Table(
        [
            ["Школа", "Обучающиеся", "Городские мероприятия"],
            ["Гимназия", 9, None],
            ["Город Н", 9, 4],
        ],
        titles=["2024"],
    )
    adopted = adopt_tables(town, [table])
    assert facts_of(adopted) == {("s4", 2024, "students"): 9, ("town", 2024, "city_events"): 4}
    (line,) = [one for one in adopted.problems if one.code == "input-of-other-level"]
    assert line.position is not None
    assert line.position.cell == "B4"
    assert "skip" in line.hint


def mess(table: Table, rng: random.Random) -> None:
    """Change a table as people do: nothing of it may become a value that was not typed."""
    kind = rng.choice(["row", "split", "total", "short", "column", "blank", "swap", "caption"])
    body = range(2, len(table.rows))
    if kind == "row":
        table.rows.insert(
            rng.choice(body), rng.choice([["итоги подведены"], [None] * 5, ["x", "y", 1, 2, 3]])
        )
        table.merged = table.merged[:4]
    elif kind == "split":
        table.merged = [one for one in table.merged if one != (0, 2, 0, 3)]
    elif kind == "total":
        table.rows.append(
            [
                None,
                rng.choice(["Итого", "Всего по школам"]),
                *(rng.randint(0, 9000) for _ in range(3)),
            ]
        )
    elif kind == "short":
        row = table.rows[rng.choice(body)]
        if len(row) > 1 and isinstance(row[1], str):
            row[1] = row[1].replace("МБОУ", "").replace("СОШ", "школа")
    elif kind == "column":
        for number, row in enumerate(table.rows):
            row.extend([None] * (5 - len(row)))
            row.append([rng.choice(["Обуч.", "Педагоги", "x"]), None, *range(100)][number])
    elif kind == "blank":
        table.rows.append([])
    elif kind == "swap":
        first, second = rng.choice(body), rng.choice(body)
        table.rows[first], table.rows[second] = table.rows[second], table.rows[first]
    else:
        table.titles.append(rng.choice(["в том числе сельские", "Город Н", "2024 г."]))


def typed(rows: Sequence[list[object]]) -> Iterator[tuple[tuple[str, int, str], float]]:
    for row, school in zip(rows, ("s1", "s2", "s3"), strict=True):
        for name, value in zip(("students", "students.ovz", "teachers"), row[2:5], strict=True):
            yield (school, 2024, name), float(value)  # type: ignore[arg-type]


@pytest.mark.no_cover
@pytest.mark.parametrize("seed", range(25))
def test_messy_copies_never_invent(town: Path, seed: int) -> None:
    rng = random.Random(seed)
    rows = [
        [n + 1, name, *(rng.randint(1, 999) for _ in range(3))] for n, name in enumerate(NAMES[:3])
    ]
    truth = dict(typed(rows))
    table = svod([row[:] for row in rows])
    for _change in range(rng.randint(1, 4)):
        mess(table, rng)
    adopted = adopt_tables(town, [table])
    for key, value in facts_of(adopted).items():
        assert truth[key] == value, key
    assert adopted.tables.cells == count_filled(town / "Свод.xlsx")
    assert sum(adopted.tables.balance.values()) == adopted.tables.cells


@pytest.mark.parametrize("seed", range(15))
def test_random_cells_never_crash_and_are_all_counted(town: Path, seed: int) -> None:
    rng = random.Random(seed)
    words = [
        "Обучающиеся",
        "с ОВЗ",
        "Школа",
        "Год",
        "2024",
        2023,
        5,
        "Итого",
        "Гимназия",
        "s1",
        "Показатель",
        "85 %",
        "",
        "№ п/п",
        "Значение",
        "факт",
        "x" * 400,
        "из них",
        "- с ОВЗ",
        "МБОУ «СОШ № 2»",
        True,
        1.5,
    ]
    table = Table(
        [
            [rng.choice([None, *words]) for _ in range(rng.randint(1, 7))]
            for _ in range(rng.randint(1, 12))
        ]
    )
    for _range in range(rng.randint(0, 2)):
        top, left = rng.randint(0, 5), 3 * _range
        table.merged.append((top, left, top + rng.randint(0, 1), left + rng.randint(1, 2)))
    path = write_workbook([table], town / "мусор.xlsx")
    adopted = adopt_files(town, path)
    assert adopted.tables.cells == count_filled(path)
    assert sum(adopted.tables.balance.values()) == adopted.tables.cells


# --- the folder and the command -------------------------------------------------------------------


def test_without_a_register_a_draft_is_written(town: Path) -> None:
    path = write_workbook([svod()], town / "Свод.xlsx")
    adopted = adopt(open_town(town), Adoption((path,), town / "out"))
    assert list(adopted.schools.values()) == ["МБОУ СОШ №1", "мбоу «сош № 2»", 'МАОУ "Лицей № 3"']
    assert "draft-register" in codes(adopted)
    data, problems = read_data(open_town(town), town / "out")
    assert not problems
    assert data.titles["school", "school-01"] == "МБОУ СОШ №1"
    assert find_cells(data, ("school", "school-02", 2024, "fact"), ["students"])[0].value == 800
    again = adopt(open_town(town), Adoption((path,), town / "out"))
    assert facts_of(again) == facts_of(adopted)
    assert not again.schools


def test_names_of_a_draft_that_may_be_one_school_are_told(town: Path) -> None:
    (town / "data" / "schools.csv").unlink()
    names = ("СОШ № 1", "Гимназия", "МБОУ СОШ № 1", "СОШ № 11", "Гимназия Пушкина", "СОШ")
    adopted = adopt_tables(town, [svod([[n, name, 5, 1, 2] for n, name in enumerate(names)])])
    told = [problem.message for problem in adopted.problems if problem.code == "alike-schools"]
    pairs = [re.findall("«(.+?)»", message) for message in told]
    assert pairs == [["Гимназия", "Гимназия Пушкина"], ["СОШ № 1", "МБОУ СОШ № 1"]]


def test_what_holds_for_many_cells_is_read_once(
    town: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: Counter[str] = Counter()

    def count(name: str) -> None:
        read = getattr(cell_terms, name)

        def counted(*arguments: object) -> object:
            calls[name] += 1
            return read(*arguments)

        monkeypatch.setattr(cell_terms, name, counted)

    names = (
        *("find_unit_at_end", "find_stated_part", "find_stated_scenario", "find_stated_units"),
        *("find_years", "find_year_part", "is_doubtful_period", "read_stated_scenario"),
    )
    for name in names:
        count(name)
    several = []
    for schools in (1, 3):
        calls.clear()
        # The rows are of inputs, and the columns of schools; then the other way round.
        rows = [["Обучающиеся", 5, 6, 7][: schools + 1], ["Педагоги школы", 1, 2, 3][: schools + 1]]
        across = Table([["Показатель", *NAMES[:schools]], *rows], titles=["за 2024 год"])
        by_school = svod([[n, name, 5, 1, 2] for n, name in enumerate(NAMES[:schools], 1)])
        adopted = adopt_tables(town, [across, by_school], ["Поперёк", "Свод"])
        assert len(adopted.tables.facts) == 5 * schools
        several.append(calls.copy())
    assert several[0]["find_stated_part"] == several[1]["find_stated_part"] == 2
    assert several[0]["find_stated_scenario"] == several[1]["find_stated_scenario"] == 2
    assert several[0]["find_stated_units"] == several[1]["find_stated_units"] == 2
    # Of three columns of schools in place of one, two more are read, however many rows there are.
    for name in ("find_unit_at_end", "is_doubtful_period"):
        assert several[1][name] - several[0][name] == 2, name


def test_earlier_facts_go_along_without_those_that_are_adopted(town: Path) -> None:
    (town / "data/f.csv").write_text(
        "school;year;students;teachers\ns1;2023;7;8\ns1;2024;7;\n", encoding="utf-8"
    )
    adopt_tables(town, [svod()])
    data, problems = read_data(open_town(town), town / "out")
    assert not problems
    assert find_cells(data, ("school", "s1", 2023, "fact"), ["teachers"])[0].value == 8
    assert find_cells(data, ("school", "s1", 2024, "fact"), ["students"])[0].value == 1200


def test_what_is_adopted_later_takes_the_place_of_what_was_earlier(town: Path) -> None:
    (town / "data/f.csv").write_text(
        "school;year;teachers\ns4;2024;8\ns4;2023;9\n", encoding="utf-8"
    )
    adopt_tables(town, [svod()])
    path = town / "out/sources.yaml"
    text = path.read_text(encoding="utf-8")
    other = Table([["Школа", "Педагоги школы"], ["Гимназия", 5]], titles=["2024"])
    book = write_workbook([other], town / "ещё.xlsx")
    entry = (
        '  - {file: "ещё.xlsx", year: 2024, school: Школа, columns: {Педагоги школы: teachers}}\n'
    )
    path.write_text(text + entry, encoding="utf-8")
    adopt(open_town(town), Adoption((book,), town / "out"))
    data, problems = read_data(open_town(town), town / "out")
    assert not problems
    assert find_cells(data, ("school", "s4", 2024, "fact"), ["teachers"])[0].value == 5
    assert find_cells(data, ("school", "s4", 2023, "fact"), ["teachers"])[0].value == 9


@pytest.mark.parametrize("changed", [False, True])
def test_what_was_adopted_into_another_folder_goes_along(town: Path, changed: bool) -> None:
    adopt_tables(
        town, [Table([["Школа", "Педагоги школы"], ["s1", 5], ["s2", "?"]], titles=["2023"])]
    )
    if changed:
        path = town / "out/sources.yaml"
        path.write_text(path.read_text(encoding="utf-8") + "# прочитано\n", encoding="utf-8")
    book = write_workbook(
        [Table([["Школа", "Педагоги школы"], ["s1", 6]], titles=["2024"])], town / "ещё.xlsx"
    )
    adopted = adopt(open_town(town), Adoption((book,), town / "next", town / "out"))
    assert codes(adopted) == ["unreadable-cell"]
    data, _problems = read_data(open_town(town), town / "next")
    for school, year, written, address in (
        ("s1", 2023, 5, "B3"),
        ("s1", 2024, 6, "B3"),
        ("s2", 2023, "?", "B4"),
    ):
        (cell,) = find_cells(data, ("school", school, year, "fact"), ["teachers"])
        assert (cell.value if cell.value is not None else cell.text, cell.cell) == (
            written,
            address,
        )


def correct_sources(folder: Path) -> str:
    """Take a proposal and a shortened name into sources.yaml; give its text."""
    path = folder / "sources.yaml"
    text = path.read_text(encoding="utf-8")
    text = text.replace("# schools:", "schools:").replace("  # ", "  ").replace(": ?", ": students")
    text = text.replace("Свод.xlsx", "Свод*.xlsx").replace("    year: 2023\n", "")
    path.write_text(text, encoding="utf-8")
    return text


def corrected_table(year: int, number: int) -> Table:
    heading: list[object] = ["Школа", "Контингент на конец года", "Педагоги школы"]
    rows = [heading, ["s1", number, 1], ["СОШ № 2", number + 1, 2]]
    return Table(rows, titles=[f"за {year} год"])


def test_what_was_corrected_goes_along_into_another_folder(town: Path) -> None:
    adopt_tables(town, [corrected_table(2023, 10)])
    text = correct_sources(town / "out")
    expected = {
        ("s1", 2023, "students"): 10,
        ("s1", 2023, "teachers"): 1,
        ("s2", 2023, "students"): 11,
        ("s2", 2023, "teachers"): 2,
        ("s1", 2024, "students"): 20,
        ("s1", 2024, "teachers"): 1,
        ("s2", 2024, "students"): 21,
        ("s2", 2024, "teachers"): 2,
    }
    book = write_workbook([corrected_table(2024, 20)], town / "Свод 2024.xlsx")
    other = write_workbook(
        [Table([["Школа", "Охвачено программами, всего человек"], ["s3", 7]])],
        town / "Ещё 2024.xlsx",
    )
    adopted = adopt(open_town(town), Adoption((book,), town / "next", town / "out"))
    assert (codes(adopted), adopted.carried, adopted.added) == ([], True, 0)
    assert facts_of(adopted) == expected
    assert (town / "next/sources.yaml").read_text(encoding="utf-8") == text
    data, problems = read_data(open_town(town), town / "next")
    assert problems == ()
    assert find_cells(data, ("school", "s2", 2023, "fact"), ["students"])[0].value == 11
    # A table that no entry names is read too: nothing of hers stood in the new folder.
    again = adopt(open_town(town), Adoption((book, other), town / "third", town / "out"))
    assert facts_of(again) == expected | {("s3", 2024, "covered"): 7}
    assert (town / "third/sources.yaml").read_text(encoding="utf-8").startswith(text)
    data, problems = read_data(open_town(town), town / "third")
    assert problems == ()
    read_anew = adopt(open_town(town), Adoption((), town / "third"))
    assert facts_of(read_anew) == facts_of(again)


def test_a_sources_file_of_another_make_goes_along_and_new_tables_are_proposed(town: Path) -> None:
    adopt_tables(town, [corrected_table(2023, 10)])
    path = town / "out/sources.yaml"
    path.write_text(
        'sources: [{file: "Свод*.xlsx", school: Школа, columns: {"Педагоги школы": teachers}}]\n',
        encoding="utf-8",
    )
    other = write_workbook([svod()], town / "Ещё.xlsx")
    adopted = adopt(open_town(town), Adoption((other,), town / "next", town / "out"))
    assert facts_of(adopted) == {("s1", 2023, "teachers"): 1}
    assert adopted.added == 1
    assert "unread-table" in codes(adopted)
    text = (town / "next/sources.yaml").read_text(encoding="utf-8")
    assert text.startswith(path.read_text(encoding="utf-8"))
    assert '#   - file: "Ещё.xlsx"' in text


def test_a_wrong_sources_file_of_the_data_stops_the_other_folder(town: Path) -> None:
    adopt_tables(town, [corrected_table(2023, 10)])
    path = town / "out/sources.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("teachers", "учителя"), "utf-8")
    book = write_workbook([svod()], town / "Ещё.xlsx")
    adopted = adopt(open_town(town), Adoption((book,), town / "next", town / "out"))
    assert not adopted.written
    assert "unknown-input" in codes(adopted)
    assert not (town / "next").exists()


def test_entries_that_do_not_go_along_are_named(town: Path) -> None:
    adopt_tables(town, [corrected_table(2023, 10)])
    correct_sources(town / "out")
    book = write_workbook([svod()], town / "Ещё.xlsx")
    adopt(open_town(town), Adoption((book,), town / "next", town / "data"))
    adopted = adopt(open_town(town), Adoption((book,), town / "next", town / "out"))
    (left,) = [problem for problem in adopted.problems if problem.code == "source-left"]
    assert left.position is not None
    assert left.position.file == str(town / "out/sources.yaml")
    assert facts_of(adopted) == EXPECTED
    same = adopt(open_town(town), Adoption((book,), town / "third", town / "next"))
    assert "source-left" not in codes(same)


def test_the_output_may_be_the_data_folder_itself(town: Path) -> None:
    path = write_workbook([svod()], town / "Свод.xlsx")
    done = run("adopt", town / "cat", path, "-o", town / "data")
    assert done.exit_code == 0, done.output
    assert (town / "data/schools.csv").read_text(encoding="utf-8") == SCHOOLS
    assert read_data(open_town(town), town / "data")[1] == ()


def test_a_dry_run_writes_nothing(town: Path) -> None:
    path = write_workbook([svod()], town / "Свод.xlsx")
    done = run(
        "adopt", town / "cat", path, "--data", town / "data", "--dry-run", "-o", town / "out"
    )
    assert done.exit_code == 0, done.output
    assert not (town / "out").exists()
    assert "Обучающиеся / с ОВЗ" in done.stdout
    assert "students.ovz" in done.stdout
    assert "nothing was written" in done.stdout


def test_the_protocol_stands_beside(town: Path) -> None:
    table = svod()
    table.rows[2][4] = "?"
    adopted = adopt_tables(town, [table])
    protocol = json.loads((town / "out/adopted.json").read_text(encoding="utf-8"))
    assert protocol["balance"]["fact"] == 8
    assert sum(protocol["balance"].values()) == protocol["cells"]
    assert len(protocol["problems"]) == len(adopted.problems)
    assert set(protocol["sources"]) == {"sources.yaml", "sources/Свод.xlsx"}
    assert "E5" in (town / "out/adopted.txt").read_text(encoding="utf-8")


def test_an_input_may_be_named_by_its_title_in_sources_yaml(town: Path) -> None:
    adopt_tables(town, [svod()])
    path = town / "out/sources.yaml"
    catalogue = open_town(town)
    title = f"«{catalogue.inputs['teachers'].title.upper()}»"
    path.write_text(path.read_text("utf-8").replace(": teachers\n", f": {title}\n"), "utf-8")
    assert title in path.read_text("utf-8")
    assert facts_of(adopt_tables(town, [svod()])) == EXPECTED


@pytest.mark.parametrize("slip", [("    year", "\tyear"), ("    year", "    год")])
def test_of_sources_yaml_that_is_not_read_nothing_else_is_said(
    town: Path, slip: tuple[str, str]
) -> None:
    adopt_tables(town, [svod()])
    path = town / "out/sources.yaml"
    broken = path.read_text("utf-8").replace(*slip)
    path.write_text(broken, "utf-8")
    adopted = adopt_tables(town, [svod()])
    assert [Path(one.position.file).name for one in adopted.problems if one.position] == [
        "sources.yaml"
    ]
    assert not adopted.written
    assert not adopted.added
    assert path.read_text("utf-8") == broken


def test_what_was_typed_into_a_copy_is_not_lost(town: Path) -> None:
    adopt_tables(town, [svod()])
    copy = town / "out/sources/Свод.xlsx"
    book = openpyxl.load_workbook(copy)
    assert book.active["C5"].value == "1 200"
    book.active["C5"] = 1300
    book.save(copy)
    for _again in range(2):
        adopted = adopt_tables(town, [svod()])
        assert facts_of(adopted)["s1", 2024, "students"] == 1300
        assert openpyxl.load_workbook(copy).active["C5"].value == 1300
        assert "edited-copy" in codes(adopted)
    copy.unlink()
    adopted = adopt_tables(town, [svod()])
    assert facts_of(adopted) == EXPECTED
    assert "edited-copy" not in codes(adopted)


def test_two_files_of_one_name_are_kept_apart(town: Path) -> None:
    for school, number in (("Гимназия", 3), ("s1", 4)):
        (town / school).mkdir()
        table = Table([["Школа", "Педагоги школы"], [school, number]], titles=["2024"])
        write_workbook([table], town / school / "отчет.xlsx")
    adopted = adopt_files(town, town / "Гимназия/отчет.xlsx", town / "s1")
    assert facts_of(adopted) == {("s4", 2024, "teachers"): 3.0, ("s1", 2024, "teachers"): 4.0}
    assert sorted(one.name for one in (town / "out/sources").iterdir()) == [
        "s1 - отчет.xlsx",
        "Гимназия - отчет.xlsx",
    ]


@pytest.mark.parametrize(
    ("name", "content", "word"),
    [
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ".docx"),
        ("a.pdf", b"%PDF", ".docx"),
        ("a.jpg", b"\xff\xd8", ".docx"),
        ("a.xlsx", b"PK\x03\x04", ".xlsx"),
        ("a.docx", b"not a document", ".docx"),
        ("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "password"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "password"),
        ("a.xlsx", b"", "empty"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_says_what_to_do(
    town: Path, name: str, content: bytes, word: str
) -> None:
    (town / name).write_bytes(content)
    done = run("adopt", town / "cat", town / name, "--data", town / "data", "-o", town / "out")
    assert done.exit_code == 3
    assert word in done.stderr
    assert "Traceback" not in done.output
    assert not (town / "out").exists()


def test_facts_are_written_as_collect_writes_them(town: Path) -> None:
    adopt_tables(town, [svod()])
    frame = pl.read_csv(town / "out/adopted.csv", separator=";", infer_schema=False)
    assert frame.columns == [
        "level",
        "place",
        "year",
        "scenario",
        "input",
        "value",
        "text",
        "state",
        "file",
        "sheet",
        "cell",
        "sha256",
    ]
    assert frame.height == len(EXPECTED)


@pytest.mark.parametrize("part", [10, 60, 300, 2000])
@pytest.mark.parametrize("kind", ["docx", "xlsx"])
def test_a_damaged_file_is_refused_and_others_are_read(town: Path, kind: str, part: int) -> None:
    good = write_workbook([svod()], town / "Свод.xlsx")
    whole = (write_document if kind == "docx" else write_workbook)([svod()], town / f"a.{kind}")
    content = whole.read_bytes()
    whole.write_bytes(content[: -len(content) * part // 3000 or -1])
    adopted = adopt_files(town, whole, good)
    assert facts_of(adopted) == EXPECTED
    assert "unreadable-file" in codes(adopted)


def test_the_schema_describes_every_key_in_russian_and_so_does_the_page() -> None:
    schema = read_sources_schema()
    keys = schema["$defs"]["source"]["properties"]
    assert all(re.search("[а-яё]", rule["description"]) for rule in keys.values())
    page = (Path(__file__).parents[1] / "docs/adopt.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`[^|]*`) \|", page.partition("| Ключ |")[2], re.MULTILINE)
    assert set(re.findall(r"`(\w+)`", " ".join(rows))) == set(keys)
    Draft202012Validator.check_schema(schema)


# --- what the texts around a table say -------------------------------------------------------------


def adopt_titled(town: Path, title: str, sheet: str = "Лист1", file: str = "Свод.xlsx") -> Adopted:
    table = Table([["Школа", "Педагоги школы"], ["Гимназия", 12], [NAMES[0], 30]], [], [title])
    return adopt_tables(town, [table], [sheet], file)


def scenarios_of(adopted: Adopted) -> set[tuple[int, str]]:
    return {(fact.year, fact.scenario) for fact in list_facts(adopted.tables.facts)}


@pytest.mark.parametrize(
    ("title", "sheet", "file"),
    [
        ("План на 2024 год", "Лист1", "Свод.xlsx"),
        ("Прогноз на 2024 год", "Лист1", "Свод.xlsx"),
        ("План-задание на 2024 год (проект)", "Лист1", "Свод.xlsx"),
        ("Плановые показатели по педагогам на 2024 год", "Лист1", "Свод.xlsx"),
        ("Свод за 2024 год (план)", "Лист1", "Свод.xlsx"),
        ("Сводная", "план 2024", "Свод.xlsx"),
        ("Сводная", "Лист1", "План_2024.xlsx"),
        ("за 2024 год", "Лист1", "План2024.xlsx"),
    ],
)
def test_a_plan_is_a_forecast(title: str, sheet: str, file: str, town: Path) -> None:
    adopted = adopt_titled(town, title, sheet, file)
    assert scenarios_of(adopted) == {(2024, "forecast")}
    assert codes(adopted) == []


@pytest.mark.parametrize(
    "title",
    [
        "Выполнение плана за 2024 год",
        "Отчёт о выполнении плана за 2024 год",
        "Отчет о достижении показателей муниципального плана за 2024 год",
        "Обучение по индивидуальным учебным планам за 2024 год",
        "Факт за 2024 год",
    ],
)
def test_what_is_said_of_a_plan_that_is_done_are_facts(title: str, town: Path) -> None:
    adopted = adopt_titled(town, title)
    assert scenarios_of(adopted) == {(2024, "fact")}
    assert codes(adopted) == []


@pytest.mark.parametrize(
    "title",
    [
        "Целевые значения показателей за 2024 год",
        "План и факт за 2024 год",
        "Показатели муниципального плана за 2024 год",
        "Ожидаемые значения за 2024 год",
        "Задание на 2024 год",
    ],
)
def test_what_may_be_a_plan_is_a_question(title: str, town: Path) -> None:
    adopted = adopt_titled(town, title)
    assert facts_of(adopted) == {}
    assert codes(adopted) == ["no-scenario"]
    assert title in adopted.problems[0].message
    text = (town / "out" / "sources.yaml").read_text(encoding="utf-8")
    answered = text.replace("    columns:", "    constant: {scenario: fact}\n    columns:")
    (town / "out" / "sources.yaml").write_text(answered, encoding="utf-8")
    assert scenarios_of(adopt_files(town)) == {(2024, "fact")}


def test_a_column_of_planned_values_is_a_forecast(town: Path) -> None:
    table = Table(
        [["Показатель", "Плановые значения"], ["Педагоги школы", 12]], [], ["Гимназия, 2024 год"]
    )
    assert scenarios_of(adopt_tables(town, [table])) == {(2024, "forecast")}


@pytest.mark.no_cover
@pytest.mark.parametrize(
    ("title", "sheet", "file"),
    [
        ("Сведения за 1 полугодие 2024 года", "Лист1", "Свод.xlsx"),
        ("за январь 2024 года", "Лист1", "Свод.xlsx"),
        ("за 9 месяцев 2024 года", "Лист1", "Свод.xlsx"),
        ("II квартал 2024", "Лист1", "Свод.xlsx"),
        ("за I кв. 2024", "Лист1", "Свод.xlsx"),
        ("Свод за 2024 год, на 01.09.2024", "Лист1", "Свод.xlsx"),
        ("по состоянию на 1 сентября 2024 года", "Лист1", "Свод.xlsx"),
        ("за 2024 год", "1 полугодие", "Свод.xlsx"),
        ("за 2024 год", "Лист1", "Свод_1_квартал.xlsx"),
    ],
)
def test_a_part_of_a_year_is_not_the_year(title: str, sheet: str, file: str, town: Path) -> None:
    adopted = adopt_titled(town, title, sheet, file)
    assert facts_of(adopted) == {}
    assert codes(adopted) == ["part-of-year"]
    text = (town / "out" / "sources.yaml").read_text(encoding="utf-8")
    answered = re.sub(r"# year: .*", "year: 2024", text)
    (town / "out" / "sources.yaml").write_text(answered, encoding="utf-8")
    assert scenarios_of(adopt_files(town)) == {(2024, "fact")}


@pytest.mark.parametrize(
    "title",
    [
        "за 12 месяцев 2024 года",
        "январь – декабрь 2024 года",
        "за 2024 год. Приложение к приказу от 12 января 2025 года № 5",
        "за 2024 год. Приложение к приказу от 12.01.2025 № 5",
    ],
)
def test_a_whole_year_is_the_year(title: str, town: Path) -> None:
    adopted = adopt_titled(town, title)
    assert scenarios_of(adopted) == {(2024, "fact")}
    assert codes(adopted) == []


@pytest.mark.parametrize("heading", ["1 полугодие 2024", "2023-24", "Сентябрь"])
def test_a_column_of_a_part_of_a_year_says_why(heading: str, town: Path) -> None:
    for number, headings in enumerate(([heading], [heading, "2025"])):
        table = Table(
            [["Показатель", *headings], ["Педагоги школы", 12, 13][: 1 + len(headings)]],
            [],
            ["Гимназия, за 2025 год"],
        )
        adopted = adopt_tables(town, [table], file=f"{number}.xlsx")
        shutil.rmtree(town / "out")
        assert set(facts_of(adopted).values()) <= {13.0}
        (problem,) = adopted.problems
        assert heading in problem.message
        assert "no input that is known" not in problem.message


@pytest.mark.parametrize(
    ("title", "sheet", "file"),
    [
        ("Свод за 2023 год", "2024", "Свод.xlsx"),
        ("Свод за 2023 год", "Лист1", "Свод 2024.xlsx"),
        ("Свод за 2023 год", "2024", "Свод 2024.xlsx"),
    ],
)
def test_years_that_contradict_each_other_are_a_question(
    title: str, sheet: str, file: str, town: Path
) -> None:
    adopted = adopt_titled(town, title, sheet, file)
    assert facts_of(adopted) == {}
    (problem,) = adopted.problems
    assert problem.code == "no-year"
    assert "2023" in problem.message
    assert "2024" in problem.message
    text = (town / "out" / "sources.yaml").read_text(encoding="utf-8")
    answered = text.replace("# year: 2023 | 2024", "year: 2023")
    (town / "out" / "sources.yaml").write_text(answered, encoding="utf-8")
    assert scenarios_of(adopt_files(town)) == {(2023, "fact")}


def test_a_sheet_that_is_named_by_its_year_is_of_it_whatever_the_file_is_called(
    town: Path,
) -> None:
    tables = [replace_titles(svod(), "Свод") for _sheet in range(3)]
    adopted = adopt_tables(town, tables, ["2022", "за 2023 год", "Свод"], "Свод 2024.xlsx")
    assert codes(adopted) == []
    years = {(fact.sheet, fact.year) for fact in list_facts(adopted.tables.facts)}
    assert years == {("2022", 2022), ("за 2023 год", 2023), ("Свод", 2024)}


def replace_titles(table: Table, *titles: str) -> Table:
    return Table(table.rows, table.merged, [*titles])


@pytest.mark.parametrize("file", ["Свод 2021-2024.xlsx", "Свод 2022, 2024.xlsx"])
@pytest.mark.parametrize(("title", "sheet"), [("Свод", "2023"), ("Свод за 2023 год", "Лист1")])
def test_a_file_of_several_years_contradicts_none(
    title: str, sheet: str, file: str, town: Path
) -> None:
    adopted = adopt_titled(town, title, sheet, file)
    assert not adopted.problems
    assert {year for _school, year, _input in facts_of(adopted)} == {2023}


COUNTS: list[list[object]] = [["Школа", "Педагоги школы"], ["Гимназия", 12]]


def with_unit(unit: str, name: str = "Педагоги школы") -> Table:
    return Table([["Показатель", "Ед. изм.", "Гимназия"], [name, unit, 12]], [], ["за 2024 год"])


@pytest.mark.parametrize(
    ("table", "stated"),
    [
        (with_unit("%"), "%"),
        (with_unit("процент"), "%"),
        (with_unit("тыс. чел."), "тыс. чел."),
        (with_unit("тысяч человек"), "тысяч человек"),
        (with_unit("тыс."), "тыс."),
        (with_unit("руб."), "руб."),
        (with_unit("чел.", "Доля довольных родителей, %"), "чел."),
        (Table(COUNTS, [], ["Свод за 2024 год", "в процентах"]), "%"),
        (Table(COUNTS, [], ["Свод за 2024 год, в тысячах человек"]), "тысячах человек"),
        (Table(COUNTS, [], ["Свод за 2024 год", "Единица измерения: %"]), "%"),
        (Table(COUNTS, [], ["Свод за 2024 год (в % от числа школ)"]), "%"),
    ],
)
def test_another_unit_is_not_taken(table: Table, stated: str, town: Path) -> None:
    adopted = adopt_tables(town, [table])
    assert facts_of(adopted) == {}
    (problem,) = adopted.problems
    assert problem.code == "other-unit"
    assert f"«{stated}»" in problem.message
    assert problem.position is not None
    assert problem.position.cell


@pytest.mark.parametrize(
    "table",
    [
        *(with_unit(unit) for unit in ("чел.", "чел", "человек", "ед.", "шт.", "учителей", "")),
        with_unit("%", "Доля довольных родителей, %"),
        Table(COUNTS, [], ["Свод за 2024 год", "в процентах и единицах (чел., %)"]),
        Table(COUNTS, [], ["Свод за 2024 год", "тыс. руб."]),
        Table(COUNTS, [], ["Процент охвата за 2024 год"]),
        Table(
            [["Школа", "Доля довольных родителей, %"], ["Гимназия", 12]],
            [],
            ["Свод за 2024 год", "в процентах"],
        ),
    ],
)
def test_a_unit_that_fits_or_is_not_known_makes_no_noise(table: Table, town: Path) -> None:
    adopted = adopt_tables(town, [table])
    assert list(facts_of(adopted).values()) == [12.0]
    assert codes(adopted) == []


@pytest.mark.parametrize("unit", ["%", "тыс. чел."])
def test_another_unit_inside_a_name_is_said(unit: str, town: Path) -> None:
    name = f"Педагоги школы, {unit}"
    column = Table([["Школа", name, "Обучающиеся"], ["Гимназия", 12, 5]], [], ["за 2024 год"])
    row = Table([["Показатель", "Гимназия"], [name, 12], ["Обучающиеся", 5]], [], ["за 2024 год"])
    for number, table in enumerate((column, row)):
        adopted = adopt_tables(town, [table], file=f"{number}.xlsx")
        assert set(facts_of(adopted)) == {("s4", 2024, "students")}
        (problem,) = adopted.problems
        assert f"«{unit}»" in problem.message
        path = town / "out" / "sources.yaml"
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace(f'# "{name}"', f'"{name}"'), encoding="utf-8")
        adopted = adopt_files(town)
        assert set(facts_of(adopted)) == {("s4", 2024, "students")}
        assert "other-unit" in codes(adopted)
        shutil.rmtree(town / "out")


ONE_SCHOOL: list[list[object]] = [["Показатель", "Значение"], ["Педагоги школы", 12]]


def test_two_named_schools_are_named(town: Path) -> None:
    table = Table(ONE_SCHOOL, [], ["Гимназия за 2024 год"])
    (problem,) = adopt_tables(town, [table], [NAMES[0].replace("№", "№ ")]).problems
    assert problem.code == "no-place"
    assert NAMES[0] in problem.message
    assert "Гимназия" in problem.message


@pytest.mark.parametrize(
    ("title", "sheet"), [("за 2024 год", "Лицей 3"), ("Отчёт Лицея № 3 за 2024 год", "Лист1")]
)
def test_the_near_name_of_a_school_above_a_table_is_offered(
    title: str, sheet: str, town: Path
) -> None:
    adopted = adopt_tables(town, [Table(ONE_SCHOOL, [], [title])], [sheet])
    (problem,) = adopted.problems
    assert problem.code == "no-place"
    assert NAMES[2] in problem.hint
    path = town / "out" / "sources.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("# constant: {school: s3}", "constant: {school: s3}"), "utf-8")
    assert facts_of(adopt_files(town)) == {("s3", 2024, "teachers"): 12.0}


def test_values_that_stand_twice_are_told_with_place_input_and_cell(town: Path) -> None:
    adopted = adopt_tables(town, [svod(), svod()], ("А", "Б"))
    (line,) = [one for one in adopted.problems if one.code == "value-twice"]
    assert line.position is not None
    assert (line.position.file, line.position.sheet) == (adopted.tables.facts["file"][0], "Б")
    assert (line.count, [place.cell for place in line.places]) == (9, ["C5", "D5", "E5"])
    for name, cell in (
        ("Обучающиеся", "C5"),
        ("Обучающиеся: с ОВЗ", "D5"),
        ("Педагоги школы", "E5"),
    ):
        assert f"«{name}», «{NAMES[0]}», 2024 год — «А» {cell}, «Б» {cell}" in line.message
    # Not one of them counts, and it is not said that it was taken.
    assert adopted.tables.balance["fact"] == 0
    assert adopted.tables.balance["line"] == 18


def test_a_value_that_stands_in_two_files_is_told_with_both(town: Path) -> None:
    paths = [write_workbook([svod()], town / f"{name}.xlsx") for name in ("Первая", "Вторая")]
    (line,) = [one for one in adopt_files(town, *paths).problems if one.code == "value-twice"]
    assert "sources/Первая.xlsx «Лист1» C5, sources/Вторая.xlsx «Лист1» C5" in line.message


@pytest.mark.parametrize(
    ("table", "text"),
    [
        (with_unit("%"), "12"),
        (Table(COUNTS, [], ["за 1 полугодие 2024 года"]), "12"),
        (
            Table([["Школа", "Педагоги школы"], ["Гимназия", "12 чел."]], [], ["План и факт 2024"]),
            "12 чел.",
        ),
    ],
)
def test_what_is_refused_as_a_whole_was_filled_all_the_same(
    table: Table, text: str, town: Path
) -> None:
    adopted = adopt_tables(town, [table])
    assert facts_of(adopted) == {}
    cells = [(fact.place, fact.year, fact.text) for fact in list_facts(adopted.tables.unread)]
    assert cells == [("s4", 2024, text)]
    assert list(unread_of(town)) == ["s4"]


def test_what_is_refused_stands_in_the_way_of_no_value(town: Path) -> None:
    doubtful = Table(COUNTS, [], ["План и факт за 2024 год"])
    halves = [Table(COUNTS, [], [f"за {number} полугодие 2025 года"]) for number in (1, 2)]
    plain = Table(COUNTS, [], ["за 2024 год"])
    adopted = adopt_tables(town, [doubtful, plain, *halves], ["А", "Б", "В", "Г"])
    assert facts_of(adopted) == {("s4", 2024, "teachers"): 12.0}
    assert [(fact.sheet, fact.year) for fact in list_facts(adopted.tables.unread)] == [("В", 2025)]
    assert codes(adopted) == ["no-scenario", "part-of-year"]


def test_an_unknown_column_is_pointed_at_by_its_heading(town: Path) -> None:
    table = Table(
        [["Школа", "Обучающиеся", "Кружки"], [NAMES[0], 5, 1], [NAMES[1], 6, 2]], [], ["2024"]
    )
    (line,) = adopt_tables(town, [table]).problems
    assert line.code == "unknown-column"
    assert line.position is not None
    assert line.position.cell == "C2"


def test_of_a_row_without_a_school_it_is_said_what_to_do(town: Path) -> None:
    adopted = adopt_tables(town, [svod([[1, "Школа № 1", 5, 1, 2], [2, None, 7, 0, 1]])])
    (line,) = [one for one in adopted.problems if one.code == "no-place"]
    assert line.hint == "впишите название в строку; если это итог, удалите её"


def test_a_cell_that_was_mended_is_adopted(town: Path) -> None:
    """What could not be read the first time stops nothing the second."""
    unread = Table([["Школа", "Обучающиеся"], ["Гимназия", "-"]], [], ["Свод за 2024 год"])
    adopted = adopt_tables(town, [unread])
    assert facts_of(adopted) == {}
    assert adopted.written
    mended = Table([["Школа", "Обучающиеся"], ["Гимназия", 38]], [], ["Свод за 2024 год"])
    adopted = adopt_tables(town, [mended])
    assert not adopted.problems
    assert adopted.written
    assert list(facts_of(adopted).values()) == [38.0]


@pytest.mark.parametrize(
    ("text", "years"),
    [
        *((text, {2023}) for text in ("за 2023г.", "за 2023г", "Свод. 2023", "Итоги 2023.")),
        *((text, {2023}) for text in ("I кв. 2023", "2023/24 уч.г.", "на 1 сентября 2023г.")),
        ("2022-2023уч.год", {2022}),
        *((text, set()) for text in ("на 01.09.2023г.", "п. 2023.1", "Свод2023", "ИНН 2023456789")),
        *((text, set()) for text in ("от 12 января 2024г. № 5", "2021-2023гг.")),
    ],
)
def test_the_years_that_a_title_names(text: str, years: set[int]) -> None:
    assert find_years(text) == years


@pytest.mark.parametrize("title", ["Обучающиеся", "обучающиеся:"])
def test_columns_of_years_are_of_the_input_that_the_title_names(title: str, town: Path) -> None:
    rows: list[list[object]] = [
        ["Школа", "2023", "2024 год", "план 2025", "на 01.09.2025"],
        ["Гимназия", 1, 2, 3, 4],
    ]
    expected = {
        ("s4", 2023, "students"): 1,
        ("s4", 2024, "students"): 2,
        ("s4", 2025, "students"): 3,
    }
    for _again in range(2):
        adopted = adopt_tables(town, [Table(rows, [], [title])])
        assert facts_of(adopted) == expected
        assert scenarios_of(adopted) == {(2023, "fact"), (2024, "fact"), (2025, "forecast")}
        assert codes(adopted) == ["unknown-column"]
    shutil.rmtree(town / "out")
    assert facts_of(adopt_tables(town, [Table(rows, [], ["Обучающиеся сельских школ"])])) == {}


def test_a_column_of_a_total_beside_schools_is_none(town: Path) -> None:
    heading = ["Показатель", NAMES[0], NAMES[1], "Всего школ", NAMES[3], "Всего ДОУ", "Итого"]
    table = Table([[*heading], ["Обучающиеся", 1, 2, 3, 4, 4, 8]], [], ["2024"])
    for _again in range(2):
        adopted = adopt_tables(town, [table])
        assert adopted.tables.facts["value"].to_list() == [1, 2, 4]
        (line,) = [one for one in adopted.problems if one.severity != "note"]
        assert (line.code, line.position.cell) == ("total-differs", "G3")  # type: ignore[union-attr]
        assert adopted.tables.balance["total"] == 3


def test_what_stands_in_the_corners_of_a_paper_names_no_column(town: Path) -> None:
    rows: list[list[object]] = [
        ["Приложение 1", None, "УТВЕРЖДЕНО приказом от 12.01.2025 № 5"],
        ["Школа", "Обучающиеся", "Прим."],
        ["(1)", "(2)", "(3)"],
        ["Гимназия", 5, "верно"],
    ]
    adopted = adopt_tables(town, [Table(rows)], ["2024"])
    assert facts_of(adopted) == {("s4", 2024, "students"): 5}
    assert {one.severity for one in adopted.problems} <= {"note"}


def test_signs_that_are_not_seen_are_named(town: Path) -> None:
    table = Table([["Школа", "Обучающиеся"], ["Гимназия", "1\u200b0\u200f"]], [], ["2024"])
    path = write_workbook([table], town / "Свод.xlsx")
    done = run("adopt", town / "cat", path, "--data", town / "data", "-o", town / "out")
    assert done.stdout.count("1[U+200B]0[U+200F]") == 1
    assert "“1[U+200B]0[U+200F]”" in done.stderr
    assert "a sign that is not seen stands in it (U+200B): write the number anew" in done.stderr


def test_two_numbers_of_a_row_that_look_like_years_are_numbers(town: Path) -> None:
    """In the first row of a school 1946 and 1947 stand one after the other."""
    rows: list[list[object]] = [
        [1, "МБОУ СОШ №1", 1946, 1947, 60],
        [2, "мбоу  «сош № 2»", 800, 10, 41],
    ]
    adopted = adopt_tables(town, [svod(rows)])
    assert "no-year" not in codes(adopted)
    assert facts_of(adopted) == {
        ("s1", 2024, "students"): 1946.0,
        ("s1", 2024, "students.ovz"): 1947.0,
        ("s1", 2024, "teachers"): 60.0,
        ("s2", 2024, "students"): 800.0,
        ("s2", 2024, "students.ovz"): 10.0,
        ("s2", 2024, "teachers"): 41.0,
    }


def of_one_school(text: object, *titles: str) -> Table:
    """The students of a school, in a table whose titles name it."""
    return Table([["Показатель", "Значение"], ["Обучающиеся", text]], [], ["за 2024 год", *titles])


@pytest.mark.parametrize("text", ["512 чел.", "512 человек", "512чел", "512\u00a0ЧЕЛ."])
def test_a_number_with_the_unit_that_is_asked_is_a_number(text: str, town: Path) -> None:
    adopted = adopt_tables(town, [of_one_school(text, NAMES[0])])
    assert facts_of(adopted) == {("s1", 2024, "students"): 512.0}
    assert not adopted.problems


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("3 мероприятия", "other-unit"),
        ("4 тыс. чел.", "other-unit"),
        ("40 шт.", "other-unit"),
        ("512,5 чел.", "fractional-count"),
        ("12.000 чел.", "grouped-number"),
        ("512 учеников", "unreadable-cell"),
        ("около 512 чел.", "unreadable-cell"),
        ("12 чел. / 5 чел.", "several-numbers"),
    ],
)
def test_a_number_with_another_word_is_told_with_a_cure(text: str, code: str, town: Path) -> None:
    adopted = adopt_tables(town, [of_one_school(text, NAMES[0])])
    assert facts_of(adopted) == {}
    assert adopted.tables.unread["text"].to_list() == [text]
    (problem,) = adopted.problems
    assert (problem.code, problem.position and problem.position.cell) == (code, "B4")
    assert problem.hint


def test_a_school_below_the_name_of_its_town_is_the_one_meant(town: Path) -> None:
    adopted = adopt_tables(town, [of_one_school(512, "Город Н", NAMES[0])])
    assert facts_of(adopted) == {("s1", 2024, "students"): 512.0}


def test_a_town_below_the_name_of_a_school_is_a_question(town: Path) -> None:
    adopted = adopt_tables(town, [of_one_school(512, NAMES[0], "Город Н")])
    assert facts_of(adopted) == {}
    assert codes(adopted) == ["no-place"]


GROWN = """\
catalogue: {id: town, title: Город, levels: [school, municipality], municipality: Город Н, years: [2023, 2024]}
inputs:
  pupils: {title: Обучающиеся, unit: person}
  talks: {title: Участники бесед, unit: person, level: [school, municipality]}
  climate: {title: Климат, type: choice, options: {good: {title: хороший, points: 4}, bad: {title: плохой, points: 1}}}
  site: {title: Есть сайт, type: yes_no, points: {yes: 1, no: 0}}
  score: {title: Оценка комиссии, unit: point, type: number, limits: [0, 20]}
  reason: {title: Почему оценка нулевая, type: text, asked_if: score == 0}
indicators:
  climate_points: {title: Баллы за климат, unit: point, formula: points(climate)}
  talks_all: {title: Все участники, unit: person, formula: talks}
forms:
  of_town:
    title: Форма города
    fills: municipality
    sections: [{title: Всё, rows: [{number: "1", input: talks}]}]
"""
"""Options with points, an input of two levels, one that is asked on a condition, limits."""


@pytest.fixture
def grown(town: Path) -> Path:
    (town / "cat" / "c.yaml").write_text(GROWN, encoding="utf-8")
    return town


def test_options_limits_and_conditions_are_read_as_in_forms(grown: Path) -> None:
    heading: list[object] = [
        "Школа",
        "Климат",
        "Есть сайт",
        "Оценка комиссии",
        "Почему оценка нулевая",
    ]
    rows: list[list[object]] = [
        [NAMES[0], "хороший", "да", 0, "нет отчёта"],
        [NAMES[1], "Плохой", "нет", "7 баллов", None],
        [NAMES[2], "отличный", "0", 25, None],
    ]
    adopted = adopt_tables(grown, [Table([heading, *rows], [], ["за 2024 год"])])
    assert facts_of(adopted) == {
        ("s1", 2024, "climate"): "хороший",
        ("s1", 2024, "site"): 1.0,
        ("s1", 2024, "score"): 0.0,
        ("s1", 2024, "reason"): "нет отчёта",
        ("s2", 2024, "climate"): "Плохой",
        ("s2", 2024, "site"): 0.0,
        ("s2", 2024, "score"): 7.0,
        ("s3", 2024, "site"): 0.0,
    }
    told = {one.code: one.position.cell for one in adopted.problems if one.position}
    assert told == {"unknown-option": "B5", "outside-limits": "D5"}
    results = run("evaluate", grown / "cat", "--data", grown / "out", "--format", "json").stdout
    points = {one["place"]: one["value"] for one in json.loads(results) if one["value"] is not None}
    assert points == {"s1": 4, "s2": 1}


def test_an_input_of_two_levels_is_of_the_level_of_the_place(grown: Path) -> None:
    """The row of the town is no total of the schools: it is what the town itself gives."""
    rows = [[NAMES[0], 30], [NAMES[1], 20], ["Город Н", 40]]
    table = Table([["Школа", "Участники бесед"], *rows], [], ["за 2024 год"])
    of_town = Table([["Показатель", "Значение"], ["Участники бесед", 45]], [], ["Город Н", "2023"])
    adopted = adopt_tables(grown, [table, of_town], ["А", "Б"])
    assert facts_of(adopted) == {
        ("s1", 2024, "talks"): 30.0,
        ("s2", 2024, "talks"): 20.0,
        ("town", 2024, "talks.municipality"): 40.0,
        ("town", 2023, "talks.municipality"): 45.0,
    }
    assert not adopted.problems
    shown = ("--indicator", "talks_all", "--level", "municipality", "--format", "json")
    results = run("evaluate", grown / "cat", "--data", grown / "out", *shown).stdout
    assert {one["year"]: one["value"] for one in json.loads(results)} == {2023: 45, 2024: 40}


def test_a_row_of_the_town_among_inputs_of_schools_is_asked_about(grown: Path) -> None:
    rows = [[NAMES[0], 100, 30], [NAMES[1], 50, 20], ["Город Н", 150, 40]]
    table = Table([["Школа", "Обучающиеся", "Участники бесед"], *rows], [], ["за 2024 год"])
    adopted = adopt_tables(grown, [table])
    assert ("town", 2024, "pupils") not in facts_of(adopted)
    assert facts_of(adopted)["town", 2024, "talks.municipality"] == 40
    (problem,) = adopted.problems
    assert (problem.code, problem.position and problem.position.cell) == (
        "input-of-other-level",
        "B5",
    )
