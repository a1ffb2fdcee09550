"""Tables in a mess: `adopt` never crashes, never invents a value and never loses a cell."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import docx
import openpyxl
import pytest

from engine.adoption.adopt import Adopted, Adoption, adopt
from engine.adoption.adopted_tables import frame_facts, list_facts
from engine.catalogue.model import Catalogue
from engine.data.cells import parse_number
from tests.adopting import Table, appendix_3
from tests.shipped_report import load_shipped
from tests.test_adopt_orders import (
    DEFINITIONS,
    SCHOOL,
    Facts,
    Fill,
    facts_of,
    fill_appendices,
    fill_criteria,
    write,
)

Change = Callable[[Table, random.Random], None]


# --- the orders' tables, changed as people change them --------------------------------------------


def _choose_row(table: Table, chance: random.Random) -> int:
    return chance.randrange(2, len(table.rows))


def _move_marks(table: Table, row: int) -> None:
    """A row was put in before this one."""
    table.merged = [
        (top + (top >= row), left, bottom + (bottom >= row), right)
        for top, left, bottom, right in table.merged
    ]
    table.breaks = [one + (one >= row) for one in table.breaks]


def insert_row(table: Table, chance: random.Random) -> None:
    row = _choose_row(table, chance)
    width = len(table.rows[0])
    text = chance.choice(["Примечание: данные уточняются", "Прочие показатели", "из них девочки"])
    cells: list[object] = [None, text, *([chance.randint(5_000, 9_000)] * (width - 2))]
    table.rows.insert(row, cells)
    _move_marks(table, row)


def insert_blank(table: Table, chance: random.Random) -> None:
    row = _choose_row(table, chance)
    table.rows.insert(row, [None] * len(table.rows[0]))
    _move_marks(table, row)


def add_total(table: Table, chance: random.Random) -> None:
    word = chance.choice(["Итого", "Всего", "ИТОГО ПО ШКОЛЕ", "В среднем"])
    width = len(table.rows[0])
    table.rows.append([None, word, *(chance.randint(5_000, 9_000) for _ in range(width - 2))])


def shorten_name(table: Table, chance: random.Random) -> None:
    """The end of a name is cut, so that it may be that of another row as well as of none."""
    row = table.rows[_choose_row(table, chance)]
    if isinstance(row[1], str):
        words = row[1].split()
        row[1] = " ".join(words[: max(1, len(words) - chance.randint(1, 4))])


def abbreviate(table: Table, chance: random.Random) -> None:
    row = table.rows[_choose_row(table, chance)]
    if isinstance(row[1], str):
        row[1] = row[1].replace("Количество", "Кол-во").replace("обучающихся", "об-ся")


def split_heading(table: Table, chance: random.Random) -> None:
    """The heading takes one more row: under each column some word of it."""
    words: list[object] = [
        chance.choice([None, "всего", "чел.", "за год", 1]) for _column in table.rows[0]
    ]
    table.rows.insert(1, [*words])
    _move_marks(table, 1)


def add_column(table: Table, chance: random.Random) -> None:
    name = chance.choice(["Прошлый год", "Проверено", "Комментарий", "Район", ""])
    for number, row in enumerate(table.rows):
        row.append(name if not number else chance.choice([None, 7_777, "да"]))


def break_page(table: Table, chance: random.Random) -> None:
    table.breaks = sorted({*table.breaks, _choose_row(table, chance)})


def rename_number(table: Table, chance: random.Random) -> None:
    table.rows[_choose_row(table, chance)][0] = chance.choice([None, "1", "2.2", "б/н"])


def take_name(table: Table, chance: random.Random) -> None:
    table.rows[_choose_row(table, chance)][1] = None


def bare_years(table: Table, _chance: random.Random) -> None:
    for row in table.rows[:4]:
        for column, text in enumerate(row):
            if isinstance(text, str) and re.fullmatch("[0-9]{4} год", text):
                row[column] = text.removesuffix(" год")


CHANGES: Sequence[Change] = (
    *(insert_row, insert_blank, add_total, shorten_name, abbreviate),
    *(split_heading, add_column, break_page, rename_number, take_name, bare_years),
)


@pytest.mark.no_cover
@pytest.mark.parametrize("kind", ["docx", "xlsx"])
@pytest.mark.parametrize(
    ("name", "fill"), [("michurinsk", fill_criteria), ("berezniki", fill_appendices)]
)
@pytest.mark.parametrize("seed", [0, 3, 6, 8, 15, 34, 46])
def test_a_changed_table_of_an_order_never_invents(
    name: str, fill: Fill, kind: str, seed: int, tmp_path: Path
) -> None:
    tables, truth = fill(seed)
    chance = random.Random(seed)
    for table in tables:
        for _change in range(chance.randint(1, 4)):
            chance.choice(CHANGES)(table, chance)
    path = write(tables, kind, tmp_path)
    adopted = adopt_into(load_shipped(name), path, tmp_path / "out", name)
    check_taken(adopted, truth)
    check_balance(adopted, count_filled(path))


def test_a_part_below_a_row_without_a_name_is_nobodys(tmp_path: Path) -> None:
    """It is a part of that row, not of the one above."""
    tables, _truth = fill_criteria(1)
    rows = tables[1].rows
    whole = next(number for number, row in enumerate(rows) if row[0] == "2")
    rows[whole][1] = None
    rows[whole + 1][3] = 8585
    path = write(tables[:2], "docx", tmp_path)
    adopted = adopt_into(load_shipped("michurinsk"), path, tmp_path / "out", "michurinsk")
    assert 8585.0 not in facts_of(adopted).values()
    assert f"D{whole + 2}" in {one.position.cell for one in adopted.problems if one.position}


@pytest.mark.parametrize("beside", [7777, "да", None])
@pytest.mark.parametrize("years", [["2022 год", "2023 год"], ["2022", "2023"]])
def test_years_torn_from_their_heading_are_no_other_years(
    years: list[str], beside: object, tmp_path: Path
) -> None:
    """The title names 2019: that is the year of none of the columns."""
    catalogue = load_shipped("berezniki")
    name = catalogue.inputs["scholarship_students"].title
    table = Table(
        [
            ["Показатели", "Факт", "Прогноз", "Прочее"],
            [None, 3, 4, 4444],
            [None, *years, beside],
            [name, 38, 45, 5],
        ],
        titles=["Отчёт за 2019 год", SCHOOL],
    )
    path = write([table], "xlsx", tmp_path)
    adopted = adopt_into(catalogue, path, tmp_path / "out", "berezniki")
    assert {*adopted.tables.facts["year"]} <= {2022, 2023}
    check_balance(adopted, count_filled(path))


@pytest.mark.no_cover
@pytest.mark.parametrize("note", ["7 777", "да", 12])
def test_a_note_that_is_a_number_is_no_name(note: object, tmp_path: Path) -> None:
    path = write([appendix_3({"1.2": (12, note)}, SCHOOL)], "docx", tmp_path)
    adopted = adopt_into(load_shipped("berezniki"), path, tmp_path / "out", "berezniki")
    assert facts_of(adopted) == {("school-02", 2022, "fact", "partner_event_students"): 12.0}


def adopt_into(catalogue: Catalogue, path: Path, output: Path, name: str) -> Adopted:
    return adopt(catalogue, Adoption((path,), output, DEFINITIONS / name / "demo", dry_run=True))


def check_taken(adopted: Adopted, truth: Facts) -> None:
    """Of what stands twice neither counts: that is told."""
    counts = Counter((fact.place, *fact.key[2:]) for fact in list_facts(adopted.tables.facts))
    twice = {key for key, count in counts.items() if count > 1}
    assert not twice or "value-twice" in {problem.code for problem in adopted.problems}
    for key, value in facts_of(adopted).items():
        assert key in twice or truth.get(key) == value, key


def check_balance(adopted: Adopted, cells: int) -> None:
    tables = adopted.tables
    assert tables.cells == cells
    assert sum(tables.balance.values()) == cells
    keys = Counter(fact.key for fact in list_facts(frame_facts(tables)))
    # A value that stands in several cells is taken from none.
    assert tables.balance["fact"] == sum(keys[fact.key] == 1 for fact in list_facts(tables.facts))


def count_filled(path: Path) -> int:
    if path.suffix == ".docx":
        cells = {
            cell._tc: cell.text
            for table in docx.Document(str(path)).tables
            for row in table.rows
            for cell in row.cells
        }
        return sum(bool(text.strip()) for text in cells.values())
    return len(list_texts(path))


def list_texts(path: Path) -> Mapping[tuple[str, str], str]:
    """Sheet and address → what is typed there."""
    return {
        (sheet.title, cell.coordinate): str(cell.value)
        for sheet in openpyxl.load_workbook(path)
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None and str(cell.value).strip()
    }


# --- tables of anything ---------------------------------------------------------------------------


def draw_table(catalogue: Catalogue, chance: random.Random) -> Table:
    """Names of inputs, of schools and years, words of headings and numbers, wherever they fall."""
    inputs = chance.sample(list(catalogue.inputs.values()), 6)
    words: list[object] = [
        *(asked.title or asked.id for asked in inputs),
        *("Школа № 2 (демо)", "Школа № 9", "school-01", "Школа", "Показатель", "№ п/п", "Итого"),
        *("2022 год", "2023", 2022, "2022/2023", "прогноз", "факт", "Значение", "Примечание"),
        *("из них", "- дети с ОВЗ", "85 %", "12 / 5", "-", "н/п", "1e3", "да", "x" * 300, True),
        *("=1+1", "#Н/Д", "1 234", "12,5", None, None, None),
    ]
    width = chance.randint(1, 6)
    table = Table(
        [
            [
                chance.choice(words) if chance.random() < 0.6 else chance.randint(10, 999)
                for _column in range(width)
            ]
            for _row in range(chance.randint(1, 14))
        ],
        titles=chance.sample(["за 2023 год", SCHOOL, "Отчёт"], chance.randint(0, 2)),
    )
    if width > 1 and chance.random() < 0.7:
        # Something of a table is left, so that there is something to take.
        table.titles = ["за 2023 год"]
        table.rows[0] = ["Школа", *(asked.title for asked in inputs[: width - 1])]
        for row in table.rows[1:]:
            row[0] = chance.choice(["Школа № 2 (демо)", "Школа № 3 (демо)", row[0]])
    for start in range(0, width - 1, 2):
        top, right = chance.randrange(len(table.rows)), start + chance.randint(0, 1)
        bottom = min(top + chance.randint(0, 2), len(table.rows) - 1)
        if chance.random() < 0.4 and (top, start) != (bottom, right):
            table.merged.append((top, start, bottom, right))
    return table


@pytest.mark.no_cover
@pytest.mark.parametrize("kind", ["docx", "xlsx"])
def test_tables_of_anything_give_only_what_stands_in_their_cells(kind: str, tmp_path: Path) -> None:
    chance = random.Random(1)
    catalogue = load_shipped("michurinsk")
    taken = 0
    for number in range(24):
        tables = [draw_table(catalogue, chance) for _table in range(chance.randint(1, 3))]
        folder = tmp_path / str(number)
        folder.mkdir()
        path = write(tables, kind, folder)
        adopted = adopt_into(catalogue, path, folder / "out", "michurinsk")
        check_balance(adopted, count_filled(path))
        assert not adopted.tables.facts.select("sheet", "cell").is_duplicated().any()
        taken += len(adopted.tables.facts)
        if kind == "xlsx":
            check_cells(adopted, list_texts(path))
    assert taken > 24


def check_cells(adopted: Adopted, texts: Mapping[tuple[str, str], str]) -> None:
    """Every fact is what is typed in the cell it names."""
    for fact in list_facts(adopted.tables.facts):
        text = texts[fact.sheet, fact.cell]
        if fact.state == "not_applicable":
            assert text in {"н/п", "-"}
        elif fact.value is not None:
            assert fact.value in {parse_number(text), {"да": 1.0, "True": 1.0, "-": 0.0}.get(text)}
        else:
            assert fact.text == text.strip()
