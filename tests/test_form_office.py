"""A form in another office program: what it computes anew is what was written beside its formulas."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from python_calamine import CalamineWorkbook
from xlsxwriter.utility import xl_cell_to_rowcol

from engine.catalogue.load import load
from engine.catalogue.model import Catalogue, Input
from engine.data import read_data
from engine.forms.layout import Layout, lay_out_form
from engine.forms.out.checks import Answers, CellValue
from engine.forms.out.prepared_forms import PreparedForm, PreparedForms, prepare_forms
from engine.workbooks.addresses import name_column
from tests.form_town import draw_bytes
from tests.shipped_report import read_demo

ROOT = Path(__file__).resolve().parent.parent
OFFICE = shutil.which("soffice")
SHIPPED = (
    ("berezniki", "plan_report", 2023),
    ("berezniki", "indicator_report", 2023),
    ("berezniki", "department", 2023),
    ("michurinsk", "monitoring", 2022),
    ("dubenki", "criteria", 2024),
    ("efficiency", "values", 2024),
)

# A hard recalculation of every formula on loading, as LibreOffice is told by its own settings.
SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>{mode}</value></prop></item>
</oor:items>
"""

needs_office = pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not installed")
pytestmark = pytest.mark.no_cover


def resave(folder: Path, files: list[Path], *, recalculate: bool) -> dict[str, Path]:
    """The files as LibreOffice saves them, its formulas computed anew or left as they were."""
    name = "hard" if recalculate else "kept"
    profile, target = folder / f"profile-{name}", folder / name
    (profile / "user").mkdir(parents=True)
    settings = SETTINGS.format(mode=0 if recalculate else 1)
    (profile / "user" / "registrymodifications.xcu").write_text(settings, encoding="utf-8")
    subprocess.run(
        [
            str(OFFICE),
            f"-env:UserInstallation={profile.as_uri()}",
            "--headless",
            "--convert-to",
            "xlsx",
            "--outdir",
            str(target),
            *map(str, files),
        ],
        check=True,
        capture_output=True,
        timeout=300,
    )
    return {file.name: target / file.name for file in files}


@cache
def formulas_of(path: Path) -> dict[str, str]:
    """Address → formula, of the form, the sheet that is seen first."""
    sheet = load_workbook(path).active
    return {
        cell.coordinate: cell.value
        for row in sheet.iter_rows()
        for cell in row
        if cell.data_type == "f"
    }


def values_of(path: Path, addresses: Iterable[str]) -> dict[str, Any]:
    """Address → the value that is written there; numbers to nine decimals, nothing is ""."""
    rows = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python(skip_empty_area=False)
    values = {}
    for address in addresses:
        row, column = xl_cell_to_rowcol(address)
        value = rows[row][column] if row < len(rows) and column < len(rows[row]) else ""
        number = isinstance(value, int | float)
        values[address] = round(float(value), 9) if number else value
    return values


def _last(prepared: PreparedForms, turn: int) -> dict[str, PreparedForm]:
    """The last place, too, where anything is filled in."""
    return {prepared.places[-1].id: prepared.places[-1]} if turn else {}


def answer(asked: Input, number: int, turn: int) -> CellValue:
    """An answer that is right, wrong, or none, by turns."""
    if turn == 0:
        return None
    odd = (number * 7 + turn) % 11
    right: dict[str, CellValue] = {
        "count": (number * 37 + turn * 13) % 90,
        "number": (number * 37 + turn * 13) % 90,
        "yes_no": ("да", "нет", "Да")[number % 3],
        "choice": next(iter(asked.options.values()), None),
        "date": 45000 + number,
    }
    return {0: "н/п", 1: "около 40"}.get(odd, right.get(asked.type, f"текст {number}"))


def answers_of(catalogue: Catalogue, layout: Layout, turn: int) -> Answers:
    found: dict[Any, CellValue] = {}
    for number, line in enumerate(layout.input_lines):
        for column in layout.columns:
            key = (str(line.input), column.year + line.shift, column.scenario)
            raw = answer(catalogue.inputs[key[0]], number + column.index, turn)
            if raw is not None:
                found[key] = raw
    return found


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Path]]:
    """Every shipped form for two places, empty and filled in well and badly."""
    folder = tmp_path_factory.mktemp("office")
    files = []
    for name, form, year in SHIPPED:
        catalogue, data = read_demo(name)
        layout = lay_out_form(catalogue, catalogue.forms[form], year)
        for turn in range(3):
            known = {place: answers_of(catalogue, layout, turn) for _level, place in data.titles}
            prepared = prepare_forms(catalogue, data, catalogue.forms[form], year, answers=known)
            for one in {
                prepared.places[0].id: prepared.places[0],
                **_last(prepared, turn),
            }.values():
                path = folder / f"{form}-{turn}-{one.id}.xlsx"
                path.write_bytes(draw_bytes(prepared, one))
                files.append(path)
    return folder, list(dict.fromkeys(files))


@needs_office
@pytest.mark.parametrize("recalculate", [False, True])
def test_what_the_office_shows_is_what_was_written(
    drawn: tuple[Path, list[Path]], recalculate: bool
) -> None:
    folder, files = drawn
    saved = resave(folder, files, recalculate=recalculate)
    compared = filled = 0
    differing = {}
    for file in files:
        formulas = formulas_of(file)
        ours, theirs = values_of(file, formulas), values_of(saved[file.name], formulas)
        compared += len(formulas)
        filled += sum(value != "" for value in ours.values())
        wrong = {
            one: (ours[one], theirs[one], formulas[one])
            for one in formulas
            if ours[one] != theirs[one]
        }
        if wrong:
            differing[file.name] = wrong
    assert not differing
    assert compared > 1000
    assert filled > 300


@needs_office
def test_the_office_does_compute_anew(drawn: tuple[Path, list[Path]], tmp_path: Path) -> None:
    """Otherwise the test above would compare what was written with itself."""
    _folder, files = drawn
    filled = next(one for one in files if one.name.startswith("indicator_report-1"))
    book = load_workbook(filled)  # saved again by openpyxl, no formula has a value
    bare = tmp_path / filled.name
    book.save(bare)
    formulas = formulas_of(filled)
    assert not any(values_of(bare, formulas).values())
    saved = resave(tmp_path, [bare], recalculate=True)
    assert values_of(saved[filled.name], formulas) == values_of(filled, formulas)


TOWN = """
catalogue: {id: town, title: Городок, levels: [school, municipality], years: [2022, 2023]}
inputs:
  pupils: {title: Обучающиеся, unit: person}
  rate: {title: Доля, type: number, unit: percent, rollup: mean}
  site: {title: Есть сайт, type: yes_no, when_yes: {visits: {title: Посещений, unit: event}}}
  many: {title: Если много, unit: person, asked_if: pupils > 100}
  more: {title: Если ещё больше, unit: person, asked_if: many > 10}
  spent: {title: Потрачено, type: number, unit: rouble, asked_for: previous}
indicators:
  half: {title: Половина, unit: percent, formula: rate / 2, levels: [school]}
  beside: {title: Рядом с городом, unit: percent, formula: "100 * pupils / at(municipality, pupils)"}
forms:
  report:
    title: Отчёт
    sections:
      - title: Всё
        rows:
          - {cells: [pupils, rate, site, many, more, spent]}
          - {indicator: half}
          - {indicator: beside}
"""
CASES: dict[str, dict[str, CellValue]] = {
    "zero": {"rate": 0},
    "one": {"rate": 1, "site": "да", "site.visits": 3},
    "share": {"rate": 0.85, "site.visits": 3},
    "few": {"pupils": 100, "rate": 85, "site": "нет", "site.visits": 3, "more": 7},
}


@needs_office
def test_what_collect_asks_about_counts_for_nothing_in_the_form(tmp_path: Path) -> None:
    """0.85 of a percentage, what follows no yes, a condition on what is not asked, what others say."""
    (tmp_path / "town").mkdir()
    (tmp_path / "town/town.yaml").write_text(TOWN, encoding="utf-8")
    (tmp_path / "schools.csv").write_text("school\n" + "\n".join(CASES), encoding="utf-8")
    before = "school;year;spent\nzero;2021;1234567,5\n"
    (tmp_path / "facts.csv").write_text(before, encoding="utf-8")
    catalogue, _problems = load(tmp_path / "town")
    assert catalogue is not None
    data, _problems = read_data(catalogue, tmp_path)
    known: dict[str, Answers] = {
        place: {(name, 2023, "fact"): raw for name, raw in answers.items()}
        for place, answers in CASES.items()
    }
    prepared = prepare_forms(catalogue, data, catalogue.forms["report"], 2023, answers=known)
    files = []
    for one in prepared.places:
        files.append(tmp_path / f"{one.id}.xlsx")
        files[-1].write_bytes(draw_bytes(prepared, one))
    saved = resave(tmp_path, files, recalculate=True)
    layout = lay_out_form(catalogue, catalogue.forms["report"], 2023)
    texts: dict[str, list[Any]] = {}
    for file in files:
        formulas = formulas_of(file)
        found = values_of(saved[file.name], formulas)
        assert found == values_of(file, formulas), file.stem
        half, beside = (layout.indicator_address(name, 2023, "fact") for name in ("half", "beside"))
        checks = [f"{name_column(layout.check + 1)}{line.row}" for line in layout.input_lines]
        texts[file.stem] = [found[half or ""], found[beside or ""], [found[one] for one in checks]]
    after_yes = "спрашивается только при ответе «да»: ответьте так или очистите ячейку"
    doubt = "меньше 1\u00a0%? Тогда впишите со знаком: 0,5\u00a0%; если нет — 85, а не 0,85"
    assert texts == {
        "zero": [0, "", ["", "", "", "", "", "", ""]],
        "one": [0.5, "", ["", "", "", "", "", "", ""]],
        "share": ["", "", ["", doubt, "", after_yes, "", "", ""]],
        "few": [
            42.5,
            100,
            [
                "",
                "",
                "",
                after_yes,
                "не заполняется",
                "здесь это не спрашивается: очистите ячейку",
                "",
            ],
        ],
    }
    # Before anybody has answered, what the city says is not known; last year's number is told whole.
    (empty,) = prepare_forms(
        catalogue, data, catalogue.forms["report"], 2023, places=["zero"]
    ).places
    assert empty.sheet.values["beside", 2023, "fact"] == "считает управление"
    was = f"{name_column(layout.previous + 1)}{layout.of_input['spent'].row}"
    assert values_of(tmp_path / "zero.xlsx", [was]) == {was: "1234567,5 (2021\u00a0год)"}
