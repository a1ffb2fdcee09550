"""What people write into the cells of a form: each becomes a value, a state or a problem."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from engine.catalogue.model import Scenario
from engine.forms.back.answers import CLOSED_WORDS
from engine.forms.out.checks import Key
from engine.forms.out.sheet_words import closed_words
from engine.translation import choose_language, chosen_language
from tests.filling import Town, facts_of, fill, find_cells, find_sheet, gather, make_town, resave
from tests.office import needs_office

YEAR = 2022
BLANK = None

# input → what stands in the cell → (value or text, state), or the code of the problem, or BLANK.
MESS: dict[str, list[tuple[Any, Any]]] = {
    "pupils": [
        (0, (0, "value")),
        (12, (12, "value")),
        (12.0, (12, "value")),
        (0.1 * 30, (3, "value")),
        ("12", (12, "value")),
        ("1 234", (1234, "value")),
        ("1\u00a0234", (1234, "value")),
        ("1\u202f234", (1234, "value")),
        (" 7 ", (7, "value")),
        ("", BLANK),
        (None, BLANK),
        ("   ", BLANK),
        ("\u00a0", BLANK),
        ("н/п", ("н/п", "not_applicable")),
        ("Н/П.", ("Н/П.", "not_applicable")),
        ("х", ("х", "not_applicable")),
        ("нет данных", ("нет данных", "not_filled")),
        ("-", "dash-in-number"),
        ("—", "dash-in-number"),
        ("нет", "no-in-number"),
        ("да", "unreadable-cell"),
        ("+", "unreadable-cell"),
        ("около 40", "unreadable-cell"),
        ("12 чел.", "unreadable-cell"),
        ("10-12", "unreadable-cell"),
        ("12,5", "fractional-count"),
        (12.5, "fractional-count"),
        (-3, "negative-count"),
        ("85 %", "unreadable-cell"),
        ("1e3", "shortened-number"),
        ("1E+3", "shortened-number"),
        (1e3, (1000, "value")),
        ("#ДЕЛ/0!", "excel-error"),
        (date(2022, 12, 1), "date-in-number"),
        (time(12, 30), "unreadable-cell"),
        (True, "unreadable-cell"),
        ("=6*7", "formula-without-value"),
    ],
    "spent": [
        (0, (0, "value")),
        ("12,5", (12.5, "value")),
        ("12.5", (12.5, "value")),
        ("−3", (-3, "value")),
        ("1 234,50", (1234.5, "value")),
        ("1e3", "shortened-number"),
        ("1,23457E+11", "shortened-number"),
        (1.5e-7, (1.5e-7, "value")),
        ("12,5 руб.", "unreadable-cell"),
        ("-", "dash-in-number"),
    ],
    "rate": [
        (85, (85, "value")),
        ("85 %", (85, "value")),
        ("85%", (85, "value")),
        ("12,5", (12.5, "value")),
        (0, (0, "value")),
        (100, (100, "value")),
        (1, (1, "value")),
        (0.85, "share-or-percent"),
        ("0,85", "share-or-percent"),
        ("0,85 %", (0.85, "value")),
        ("0,5", "share-or-percent"),
        ("8500 %", "share-or-percent"),
        ("120 %", "share-or-percent"),
        (120, (120, "value")),
        ("н/п", ("н/п", "not_applicable")),
    ],
    "site": [
        ("да", (1, "value")),
        ("Да.", (1, "value")),
        ("ДА", (1, "value")),
        ("+", (1, "value")),
        (1, (1, "value")),
        (True, (1, "value")),
        ("нет", (0, "value")),
        ("Нет", (0, "value")),
        ("-", (0, "value")),
        (0, (0, "value")),
        (False, (0, "value")),
        ("х", ("х", "not_applicable")),
        ("нет данных", ("нет данных", "not_filled")),
        ("скоро", "unreadable-cell"),
    ],
    "site.opened": [
        (date(2022, 9, 1), ("2022-09-01", "value")),
        (44805, ("2022-09-01", "value")),
        ("01.09.2022", ("2022-09-01", "value")),
        ("1 сентября 2022 г.", ("2022-09-01", "value")),
        ("2022-09-01", ("2022-09-01", "value")),
        ("сентябрь", "unreadable-cell"),
        ("31.02.2022", "unreadable-cell"),
    ],
    "site.link": [
        ("https://example.org/a", ("https://example.org/a", "value")),
        ("example.org", ("example.org", "value")),
        ("на сайте", "unreadable-cell"),
        ("0.85", "unreadable-cell"),
        (12.5, "unreadable-cell"),
        ("26.01.2024", "unreadable-cell"),
    ],
    "shift": [
        ("первая", ("one", "value")),
        ("Вторая", ("two", "value")),
        ("третья", "unknown-option"),
    ],
    "partners": [
        ("Завод (демо)", ("Завод (демо)", "value")),
        ("12", ("12", "value")),
        (12, ("12", "value")),
        ("нет", ("нет", "value")),
        ("+", ("+", "value")),
        ("-", ("-", "not_filled")),
        ("—", ("—", "not_filled")),
        ("–", ("–", "not_filled")),
        ("нет данных", ("нет данных", "not_filled")),
        ("н/д", ("н/д", "not_filled")),
        ("Нет сведений.", ("Нет сведений.", "not_filled")),
        ("х", ("х", "not_applicable")),
        ("X", ("X", "not_applicable")),
        ("=A1", "formula-without-value"),
        ("#ССЫЛКА!", "excel-error"),
    ],
}
COLUMNS: tuple[tuple[int, Scenario], ...] = (
    (YEAR - 1, "fact"),
    (YEAR, "fact"),
    (YEAR + 1, "forecast"),
)
WORKBOOKS = -(-max(map(len, MESS.values())) // len(COLUMNS))
Case = tuple[Any, Any]
"""What was written, and what is due."""


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    return make_town(tmp_path_factory.mktemp("town"), YEAR, more=WORKBOOKS)


def write_mess(
    town: Town, folder: Path, fits: Callable[[Any], bool] = lambda _written: True
) -> dict[str, dict[Key, Case]]:
    """As few workbooks as hold all cases, each of a school of its own: school → cell → its case."""
    schools: dict[str, dict[Key, Case]] = {}
    for name, cases in MESS.items():
        for number, case in enumerate(one for one in cases if fits(one[0])):
            key: Key = (name, *COLUMNS[number % len(COLUMNS)])
            schools.setdefault(f"m{number // len(COLUMNS)}", {})[key] = case
    for school, written in schools.items():
        answers = {key: case[0] for key, case in written.items()}
        fill(town.drawn["report"][school], answers, folder / f"{school}.xlsx")
    return schools


def check_cases(town: Town, came: Path, output: Path, schools: dict[str, dict[Key, Case]]) -> None:
    collected = gather(town, came, output)
    cells = find_cells(find_sheet(openpyxl.load_workbook(town.drawn["report"]["m0"])))
    told = {
        (Path(one.position.file).stem, one.position.cell): one
        for one in collected.problems
        if one.severity == "error" and one.position
    }
    wrong = {
        (school, cells[key])
        for school, cases in schools.items()
        for key, (_written, due) in cases.items()
        if isinstance(due, str)
    }
    assert told.keys() == wrong
    for school, cases in schools.items():
        found = facts_of(output, school)
        for key, (written, due) in cases.items():
            if due is BLANK:
                assert key not in found, written
            elif isinstance(due, str):
                problem = told[school, cells[key]]
                assert problem.code == due, (key, written)
                assert problem.hint
                assert problem.position
                assert problem.position.sheet
                assert found[key][1] == "not_readable"
            else:
                assert found[key] == due, (key, written)
        # Nothing was found where nothing was written.
        assert found.keys() <= cases.keys()


@pytest.mark.no_cover
def test_the_mess(town: Town, tmp_path: Path) -> None:
    schools = write_mess(town, tmp_path / "came")
    check_cases(town, tmp_path / "came", tmp_path / "data", schools)
    # Whoever has errors gets the form back.
    wrong = [
        one for one in schools.values() if any(isinstance(due, str) for _w, due in one.values())
    ]
    assert len(list((tmp_path / "data/returned").iterdir())) == len(wrong) > 1


def survives(written: Any) -> bool:
    """Another office computes formulas when it saves; old workbooks have no boolean of their own."""
    return not isinstance(written, bool | time) and not str(written).startswith("=")


def write_odd(town: Town, folder: Path) -> None:
    """An error, formulas, and numbers shown as percentages."""
    book = openpyxl.load_workbook(town.drawn["report"]["a"])
    sheet = find_sheet(book)
    cells = find_cells(sheet)
    sheet[cells["pupils", YEAR, "fact"]] = "=1/0"
    sheet[cells["graduates", YEAR, "fact"]] = "=20+1"
    sheet[cells["rate", YEAR, "fact"]] = 0.85
    sheet[cells["rate", YEAR, "fact"]].number_format = "0%"
    sheet[cells["rate", YEAR - 1, "fact"]] = 1
    sheet[cells["rate", YEAR - 1, "fact"]].number_format = "0.0%"
    sheet[cells["pupils", YEAR - 1, "fact"]] = 1
    sheet[cells["pupils", YEAR - 1, "fact"]].number_format = "0%"
    folder.mkdir()
    book.save(folder / "a.xlsx")


def write_percents(town: Town, folder: Path) -> dict[str, dict[Key, Case]]:
    """85 in cells that print a sign beside it, and in cells that show a hundred times as much."""
    printed = ('0"%"', r"0\%", '0" %"', 'General"%"', "0_%", "[$%-419]0")
    multiplied = ("0%", "0.0%;[Red]-0.0%")
    schools: dict[str, dict[Key, Case]] = {}
    for number, code in enumerate((*printed, *multiplied)):
        times = code in multiplied
        year, scenario = COLUMNS[number % len(COLUMNS)]
        cases = schools.setdefault(f"m{number // len(COLUMNS)}", {})
        cases["rate", year, scenario] = code, "share-or-percent" if times else (85, "value")
        cases["partners", year, scenario] = code, ("8500 %" if times else "85", "value")
    folder.mkdir()
    for school, cases in schools.items():
        book = openpyxl.load_workbook(town.drawn["report"][school])
        sheet = find_sheet(book)
        cells = find_cells(sheet)
        for key, (code, _due) in cases.items():
            sheet[cells[key]] = 85
            sheet[cells[key]].number_format = code
        book.save(folder / f"{school}.xlsx")
    return schools


def test_a_sign_that_is_only_printed_makes_no_percentage(town: Town, tmp_path: Path) -> None:
    schools = write_percents(town, tmp_path / "came")
    check_cases(town, tmp_path / "came", tmp_path / "data", schools)


@dataclass(frozen=True)
class Abroad:
    """Workbooks that another office has saved, in a folder for each test, and what is due of them."""

    folder: Path
    mess: dict[str, dict[Key, Case]]
    percents: dict[str, dict[Key, Case]]


@pytest.fixture(scope="module", params=["xlsx", "ods", "xls"])
def abroad(
    request: pytest.FixtureRequest, town: Town, tmp_path_factory: pytest.TempPathFactory
) -> Abroad:
    """All that the tests below read of one kind of file: the office is started once for it."""
    folder = tmp_path_factory.mktemp("abroad")
    written = folder / "written"
    mess = write_mess(town, written / "mess", survives)
    percents = write_percents(town, written / "percents")
    write_odd(town, written / "odd")
    together = folder / "together"
    together.mkdir()
    for path in sorted(written.glob("*/*.xlsx")):
        path.rename(together / f"{path.parent.name}-{path.name}")
    resave(sorted(together.iterdir()), folder / "saved", request.param)
    for path in sorted((folder / "saved").iterdir()):
        room, _dash, name = path.name.partition("-")
        (folder / room).mkdir(exist_ok=True)
        path.rename(folder / room / name)
    return Abroad(folder, mess, percents)


@needs_office
@pytest.mark.no_cover
def test_the_mess_saved_by_another_office(town: Town, tmp_path: Path, abroad: Abroad) -> None:
    check_cases(town, abroad.folder / "mess", tmp_path / "data", abroad.mess)


@needs_office
@pytest.mark.no_cover
def test_errors_percentages_and_formulas_of_another_office(
    town: Town, tmp_path: Path, abroad: Abroad
) -> None:
    """An error is no empty cell, 85 % shown is 85, a formula is worth its value."""
    collected = gather(town, abroad.folder / "odd", tmp_path / "data")
    found = facts_of(tmp_path / "data", "a")
    codes = sorted(one.code for one in collected.problems if one.severity == "error")
    assert codes == ["excel-error", "unreadable-cell"]
    assert found["pupils", YEAR, "fact"] == ("#DIV/0!", "not_readable")
    assert found["graduates", YEAR, "fact"] == (21, "value")
    assert found["rate", YEAR, "fact"] == (85, "value")
    assert found["rate", YEAR - 1, "fact"] == (100, "value")
    assert found["pupils", YEAR - 1, "fact"] == ("100 %", "not_readable")


@needs_office
@pytest.mark.no_cover
def test_a_printed_sign_saved_by_another_office(town: Town, tmp_path: Path, abroad: Abroad) -> None:
    check_cases(town, abroad.folder / "percents", tmp_path / "data", abroad.percents)


def test_what_the_form_itself_closes_is_no_answer(town: Town, tmp_path: Path) -> None:
    """School b has no grades 10–11: the form says so in the cell, in the language it was drawn in."""
    cells = fill(town.drawn["report"]["b"], {("pupils", YEAR, "fact"): 5}, tmp_path / "b.xlsx")
    collected = gather(town, tmp_path / "b.xlsx", tmp_path / "data")
    assert not [one for one in collected.problems if one.severity == "error"]
    assert facts_of(tmp_path / "data", "b") == {("pupils", YEAR, "fact"): (5, "value")}
    assert collected.protocol.balance["closed"] == 3
    entry = next(one for one in collected.protocol.entries if one.place == "b")
    after_yes = [key for key in cells if key[0] in {"site.opened", "site.link"}]
    assert (entry.filled, entry.asked) == (1, len(cells) - 3 - len(after_yes))


def test_closing_words_are_known_in_every_language() -> None:
    before = chosen_language()
    try:
        for language in ("ru", "en"):
            choose_language(language)
            assert closed_words() in CLOSED_WORDS
    finally:
        choose_language(before)


def test_merged_answers_are_nobodys(town: Town, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(town.drawn["report"]["a"])
    sheet = find_sheet(book)
    cells = find_cells(sheet)
    first, second = cells["pupils", YEAR - 1, "fact"], cells["pupils", YEAR, "fact"]
    sheet[first] = 40
    sheet.merge_cells(f"{first}:{second}")
    book.save(tmp_path / "a.xlsx")
    collected = gather(town, tmp_path / "a.xlsx", tmp_path / "data")
    (problem,) = [one for one in collected.problems if one.severity == "error"]
    assert problem.code == "merged-cell"
    assert f"{first}:{second}" in problem.message
    assert facts_of(tmp_path / "data", "a") == {
        ("pupils", YEAR - 1, "fact"): ("40", "not_readable")
    }
