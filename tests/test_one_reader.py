"""A workbook is read alike in a form and in `--data`, and of what is in it nothing is lost."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.worksheet.worksheet import Worksheet

from engine.adoption.adopt import Adoption, adopt
from engine.data import Data, read_data
from engine.data.origins import find_cells as find_data_cells
from engine.forms.out.checks import Key
from engine.problems import Problem
from engine.translation import choose_language
from engine.workbooks.reader import read_workbooks
from engine.workbooks.safe_open import Bounds
from tests.filling import Town, facts_of, find_cells, find_sheet, gather, make_town, resave
from tests.office import needs_office
from tests.test_collect_cells import COLUMNS, MESS, YEAR, survives

Written = tuple[Any, str]
"""What stands in a cell, and its number format ("General" is none)."""
Outcome = Any
"""The code of an error; else the value; else "empty" or "not_applicable"."""

RICH = CellRichText("1", TextBlock(InlineFont(b=True), "2"))
NOTED = CellRichText("95", TextBlock(InlineFont(vertAlign="superscript"), "1"))
FORMATS: list[tuple[str, Written]] = [
    ("rate", (0.85, "0%")),
    ("rate", (0.285, "0.0%")),
    ("rate", (0.28999999999999998, "0%")),
    ("rate", (85, "0%")),
    ("rate", (1.2, "0.00%;[Red]-0%")),
    ("rate", (85, '0"%"')),
    ("rate", (0.5, '0.0" %"')),
    ("rate", (-0.05, "0%")),
    ("pupils", (1, "0%")),
    ("pupils", (0.5, "0%")),
    ("pupils", (28.999999999999996, "General")),
    ("pupils", (7.000000000000001, "0")),
    ("pupils", (7.0001, "0")),
    ("pupils", (1234, "# ##0")),
    ("pupils", (1e15, "General")),
    ("pupils", ("12", "@")),
    ("pupils", ("'12", "@")),
    ("pupils", ("12\u200b", "@")),
    ("pupils", ("\u200f12", "@")),
    ("pupils", (RICH, "General")),
    ("pupils", (NOTED, "General")),
    ("pupils", ("١٢", "@")),
    ("pupils", ("1О", "@")),
    ("pupils", ("12/1", "@")),
    ("spent", (0.1 + 0.2, "General")),
    ("spent", (1.5e-7, "General")),
    ("spent", (0.5, "0%")),
    ("spent", ("1,5E+3", "@")),
    ("partners", (0.5, "0%")),
    ("partners", (12.5, "General")),
    ("partners", (RICH, "General")),
    ("site.opened", (44805, "dd.mm.yyyy")),
    ("site.opened", (7, "dd.mm.yyyy")),
    ("site.opened", (7, "General")),
    ("site", (1, "0%")),
]
CASES: list[tuple[str, Written]] = [
    *((name, (written, "")) for name, cases in MESS.items() for written, _due in cases),
    *FORMATS,
]
WORKBOOKS = -(-len(CASES) // len(COLUMNS))  # enough, even where all ask the same input


@pytest.fixture(autouse=True)
def _russian() -> None:
    choose_language("ru")


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    longest = max([name for name, _written in CASES].count(name) for name in MESS)
    more = -(-longest // len(COLUMNS))
    return make_town(tmp_path_factory.mktemp("town"), YEAR, more=more)


def deal(cases: list[tuple[str, Written]]) -> dict[str, dict[Key, Written]]:
    """As few schools as hold all cases: school → cell → what stands in it."""
    schools: dict[str, dict[Key, Written]] = {}
    dealt: dict[str, int] = {}
    for name, written in cases:
        number = dealt.setdefault(name, 0)
        dealt[name] += 1
        school = schools.setdefault(f"m{number // len(COLUMNS)}", {})
        school[name, *COLUMNS[number % len(COLUMNS)]] = written
    return schools


def put(sheet: Worksheet, address: str, written: Written) -> None:
    value, code = written
    sheet[address] = value
    if code:
        sheet[address].number_format = code


def write_forms(town: Town, schools: Mapping[str, Mapping[Key, Written]], folder: Path) -> None:
    folder.mkdir()
    for school, cells in schools.items():
        book = openpyxl.load_workbook(town.drawn["report"][school])
        sheet = find_sheet(book)
        addresses = find_cells(sheet)
        for key, written in cells.items():
            put(sheet, addresses[key], written)
        book.save(folder / f"{school}.xlsx")


def write_wide(
    schools: Mapping[str, Mapping[Key, Written]], path: Path
) -> dict[tuple[str, Key], str]:
    """A row for each school, year and scenario; where each cell stands."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    names = list(MESS)
    sheet.append(["school", "year", "scenario", *names])
    where = {}
    row = 1
    for school, cells in schools.items():
        for year, scenario in COLUMNS:
            row += 1
            sheet.append([school, year, scenario])
            for column, name in enumerate(names, 4):
                key: Key = (name, year, scenario)
                if key in cells:
                    cell = sheet.cell(row, column)
                    put(sheet, cell.coordinate, cells[key])
                    where[school, key] = cell.coordinate
    book.save(path)
    return where


def write_long(
    schools: Mapping[str, Mapping[Key, Written]], path: Path
) -> dict[tuple[str, Key], str]:
    book = openpyxl.Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.append(["school", "year", "scenario", "input", "value"])
    where = {}
    cells = [(school, key) for school, keys in schools.items() for key in keys]
    for row, (school, key) in enumerate(cells, 2):
        name, year, scenario = key
        sheet.append([school, year, scenario, name])
        put(sheet, f"E{row}", schools[school][key])
        where[school, key] = f"E{row}"
    book.save(path)
    return where


def codes_by_cell(problems: tuple[Problem, ...]) -> dict[str, str]:
    return {
        one.position.cell: one.code for one in problems if one.position and one.severity == "error"
    }


def outcomes_of_forms(
    town: Town, schools: Mapping[str, Mapping[Key, Written]], folder: Path
) -> dict[tuple[str, Key], Outcome]:
    write_forms(town, schools, folder / "came")
    collected = gather(town, folder / "came", folder / "collected")
    codes: dict[str, dict[str, str]] = {}
    for one in collected.problems:
        if one.severity == "error" and one.position:
            school = Path(one.position.file).stem
            codes.setdefault(school, {})[one.position.cell] = one.code
    outcomes = {}
    for school, cells in schools.items():
        addresses = find_cells(find_sheet(openpyxl.load_workbook(town.drawn["report"][school])))
        facts = facts_of(folder / "collected", school)
        for key in cells:
            value, state = facts.get(key, (None, "empty"))
            outcome = value if state == "value" else state.replace("not_filled", "empty")
            outcomes[school, key] = codes.get(school, {}).get(addresses[key], outcome)
    return outcomes


def outcomes_of_data(
    town: Town, path: Path, where: Mapping[tuple[str, Key], str]
) -> dict[tuple[str, Key], Outcome]:
    (path.parent / "schools.csv").write_bytes((town.data / "schools.csv").read_bytes())
    data, problems = read_data(town.catalogue, path.parent)
    codes = codes_by_cell(problems)
    assert codes.keys() <= set(where.values())
    return {
        (school, key): codes.get(cell, read_outcome(data, school, key))
        for (school, key), cell in where.items()
    }


def read_outcome(data: Data, school: str, key: Key) -> Outcome:
    """What the frame of facts holds, which is what is computed with."""
    name, year, scenario = key
    frame = data.facts.filter(school=school, year=year, scenario=scenario).collect()
    if not frame.height:
        return "empty"
    (row,) = frame.iter_rows(named=True)
    if (state := row.get(f"state:{name}")) is not None:
        return {1: "not_applicable", 2: "not_readable"}[state]
    value = row.get(f"input:{name}")
    return "empty" if value is None else value


@pytest.mark.no_cover
def test_an_odd_cell_is_read_alike_in_a_form_and_in_data(town: Town, tmp_path: Path) -> None:
    schools = deal(CASES)
    due = outcomes_of_forms(town, schools, tmp_path)
    assert len(due) == len(CASES)
    (tmp_path / "wide").mkdir()
    (tmp_path / "long").mkdir()
    wide = tmp_path / "wide/facts.xlsx"
    long = tmp_path / "long/facts.xlsx"
    for path, where in ((wide, write_wide(schools, wide)), (long, write_long(schools, long))):
        found = outcomes_of_data(town, path, where)
        differ = {
            (schools[school][key], key[0]): (outcome, found[school, key])
            for (school, key), outcome in due.items()
            if found[school, key] != outcome
        }
        assert not differ


def draw_cell(chance: random.Random) -> Written:
    """A number or a text as people may write it, shown in any way."""
    number = chance.choice(
        [
            chance.randrange(-3, 2_000),
            chance.randrange(-200, 12_000) / 100,
            chance.random(),
            chance.randrange(1, 90) / 10 * 3,
            10 ** chance.randrange(9, 17) + chance.randrange(9),
        ]
    )
    if chance.random() < 0.5:
        return number, chance.choice(["General", "0", "0.00", "# ##0", "0%", "0.0%", '0"%"', "@"])
    text = format(number, chance.choice(["", ".2e", ",.2f", ".1%"]))
    text = text.replace(",", chance.choice([" ", "\u00a0", "\u202f"]))
    text = text.replace(".", chance.choice([".", ","])).replace("-", chance.choice("-−–"))
    return chance.choice(["{}", " {}", "{}\u200b", "\u200f{}", "{}.", "{} чел."]).format(text), "@"


@pytest.mark.no_cover
@pytest.mark.parametrize("seed", range(4))
def test_random_cells_are_read_alike_in_forms_and_in_data(
    town: Town, tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    names = [name for name in MESS for _time in COLUMNS for _school in range(2)]
    schools = deal([(name, draw_cell(chance)) for name in names])
    due = outcomes_of_forms(town, schools, tmp_path)
    (tmp_path / "data").mkdir()
    path = tmp_path / "data/facts.xlsx"
    found = outcomes_of_data(town, path, write_wide(schools, path))
    assert len(due) == len(names)
    assert not {
        (schools[school][key], key[0]): (outcome, found[school, key])
        for (school, key), outcome in due.items()
        if found[school, key] != outcome
    }


def test_an_odd_cell_is_adopted_as_it_is_read(town: Town, tmp_path: Path) -> None:
    """What data take is adopted so; of what they refuse only a number with the unit that is asked."""
    own_units: dict[tuple[str, object], object] = {
        ("pupils", "12 чел."): 12,
        ("spent", "12,5 руб."): 12.5,
    }
    schools = deal(CASES)
    (tmp_path / "data").mkdir()
    path = tmp_path / "data/facts.xlsx"
    where = write_wide(schools, path)
    due = outcomes_of_data(town, path, where)
    _data, problems = read_data(town.catalogue, path.parent)
    refused = codes_by_cell(problems)
    adopt(town.catalogue, Adoption((path,), tmp_path / "out", town.data))
    data, problems = read_data(town.catalogue, tmp_path / "out")
    unread = codes_by_cell(problems)
    assert set(unread) <= set(refused)
    differ = {}
    for (school, key), cell in where.items():
        found = read_outcome(data, school, key)
        outcome = due[school, key] if cell not in refused else "not_readable"
        if cell in refused and cell not in unread:
            outcome = own_units.get((key[0], schools[school][key][0]), "empty")
        if found != outcome:
            differ[str(schools[school][key]), key[0]] = outcome, found
    assert not differ
    assert len(refused) < len(due) / 2


@needs_office
@pytest.mark.parametrize("kind", ["ods", "xls"])
def test_an_odd_cell_saved_by_another_office_is_read_alike(
    town: Town, tmp_path: Path, kind: str
) -> None:
    """In data as in the workbook before it was saved: so forms are tested too."""
    cases = [
        (name, written) for name, written in CASES if survives(written[0]) and written[0] != 1e15
    ]
    schools = deal(cases)
    (tmp_path / "before").mkdir()
    before = tmp_path / "before/facts.xlsx"
    where = write_wide(schools, before)
    resave([before], tmp_path / "after", kind)
    due = outcomes_of_data(town, before, where)
    found = outcomes_of_data(town, tmp_path / f"after/facts.{kind}", where)
    assert not {
        (schools[school][key], key[0]): (outcome, found[school, key])
        for (school, key), outcome in due.items()
        if found[school, key] != outcome
    }


# --- balance -------------------------------------------------------------------------------------

HEADS = ["pupils", "spent", "rate", "site", "shift", "partners", "strange", "pupils", ""]
PLACES = ["a", "b", "c", "m0", "m1", "m2", "чужая", "", "Итого"]
YEARS = [2021, 2022, 2023, 2024, "2022 г.", "", "скоро", "=2000+22"]


def write_random(town: Town, path: Path, chance: random.Random) -> Worksheet:
    """A table of people: any school, any year, any cell, merged anywhere."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.append(["school", "year", *HEADS])
    texts = [written for _name, written in CASES if not isinstance(written[0], CellRichText)]
    for row in range(2, 40):
        # Of one cause the first three places are told: no more are made.
        bad = row % 13 == 0
        sheet.cell(row, 1, chance.choice(PLACES[6:] if bad else PLACES[:6]))
        sheet.cell(row, 2, chance.choice(YEARS[4:] if row % 13 == 1 else YEARS[:4]))
        for column in range(3, 3 + len(HEADS) + 1):
            if chance.random() < 0.6:
                put(sheet, sheet.cell(row, column).coordinate, chance.choice(texts))
    for _merge in range(4):
        row, column = chance.randrange(2, 38), chance.randrange(3, 9)
        area = (row, column, row + chance.randrange(2), column + chance.randrange(2))
        if not any(_meets(area, merged.bounds) for merged in sheet.merged_cells.ranges):
            sheet.merge_cells(None, *area)
    book.save(path)
    (path.parent / "schools.csv").write_bytes((town.data / "schools.csv").read_bytes())
    loaded = openpyxl.load_workbook(path).active
    assert isinstance(loaded, Worksheet)
    return loaded


def _meets(area: tuple[int, int, int, int], bounds: tuple[int, int, int, int]) -> bool:
    top, left, bottom, right = area
    first_column, first_row, last_column, last_row = bounds
    return top <= last_row and first_row <= bottom and left <= last_column and first_column <= right


def list_rows_written_twice(problems: Iterable[Problem]) -> set[str]:
    """The numbers of rows written twice: the first cells stand for all that are in both."""
    return {
        cell[1:]
        for problem in problems
        if problem.code == "value-twice" and "записаны дважды" in problem.message
        for cell in re.findall(r"\b[A-Z][0-9]+\b", f"{problem.position} {problem.message}")
    }


@pytest.mark.no_cover
@pytest.mark.parametrize("seed", range(12))
def test_every_cell_of_random_data_is_a_fact_or_told(town: Town, tmp_path: Path, seed: int) -> None:
    """Cells in = facts + cells of problems + cells of rows and columns that are told as passed over."""
    sheet = write_random(town, tmp_path / "facts.xlsx", random.Random(seed))
    data, problems = read_data(town.catalogue, tmp_path)
    told = {
        place.cell
        for problem in problems
        if problem.code != "outside-percent"
        for place in (problem.position, *problem.places)
        if place and place.sheet
    }
    for problem in problems:  # of two for one thing the second tells where the first stands
        if problem.code in {"value-twice", "column-twice"}:
            told |= set(re.findall(r"\b[A-Z][0-9]+\b", problem.message))
    cells = {
        cell.coordinate: cell
        for row in sheet.iter_rows(min_row=2, min_col=3)
        for cell in row
        if cell.value is not None and str(cell.value).strip()
    }
    rows = {cell[1:] for cell in told if cell[0] in "AB"} | list_rows_written_twice(problems)
    columns = {cell[0] for cell in told if cell[1:] == "1"}
    columns |= {
        problem.position.cell[0]
        for problem in problems
        if problem.position and problem.code == "cell-without-column"
    }
    folded = {
        problem.position.cell[0]
        for problem in problems
        if problem.position and problem.count > len(problem.places)
    }
    facts, empty = set(), set()
    for row in range(2, sheet.max_row + 1):
        if str(row) in rows:
            continue
        year = int(str(sheet.cell(row, 2).value)[:4])
        place = ("school", str(sheet.cell(row, 1).value), year, "fact")
        for cell in find_data_cells(data, place, HEADS[:6]):
            if int(cell.cell[1:]) != row:
                continue
            if cell.state == "not_readable":
                if cell.cell[0] in folded:  # one cause in a column of cells: the first are told
                    told.add(cell.cell)
                assert cell.cell in told
            elif cell.value is None and cell.state == "value":
                empty.add(cell.cell)
            else:
                facts.add(cell.cell)
    for address in empty:  # words that say themselves that nothing is known
        assert str(cells[address].value).strip(" .").casefold() in {
            *("нет данных", "н/д", "нет сведений", "-", "—", "–"),
        }
    passed_over = {
        address for address in cells if address[1:] in rows or address[0] in columns
    } - told
    assert not facts & told
    assert cells.keys() == facts | empty | (told & cells.keys()) | passed_over


@needs_office
@pytest.mark.parametrize("kind", ["xlsx", "ods", "xls"])
def test_the_raised_mark_of_a_footnote_is_no_digit_of_a_number(kind: str, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    raised = TextBlock(InlineFont(vertAlign="superscript"), "1")
    book.active["B2"] = CellRichText("95", raised)
    book.active["C3"] = CellRichText(raised, "95 из ", TextBlock(InlineFont(b=True), "100"))
    book.active["C4"] = RICH
    book.save(tmp_path / "a.xlsx")
    resave([tmp_path / "a.xlsx"], tmp_path / "saved", kind)
    for path in (tmp_path / "a.xlsx", tmp_path / f"saved/a.{kind}"):
        (read,) = read_workbooks([str(path)], bounds=Bounds(10**7, 10**7, 10**6))
        rows = read.sheets[0].rows
        assert (rows[1][1], rows[2][2], rows[3][2]) == ("95¹", "¹95 из 100", "12")
