"""Live formulas against the engine: LibreOffice computes them, cell by cell, for random answers.

All sheets of a test stand in one workbook, because an office is slow to start.
"""

from __future__ import annotations

import os
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import xlsxwriter

from engine.catalogue.model import Catalogue, Form, FormRow, FormSection, Indicator, Input
from engine.data import Data, read_data
from engine.evaluation.plan.scopes import inputs_of, lowest_level
from engine.forms.layout import Layout, lay_out_form
from engine.forms.out.live import LiveFormulas, values_to_show
from engine.forms.out.outside import FormPlace, find_form_places
from engine.forms.out.score_parts import is_part
from engine.language.readings.excel import fill_slots
from tests.office import needs_office, recalculate
from tests.oracle.drawing import Draw, draw_catalogue, draw_data
from tests.shipped_report import load_shipped
from tests.test_oracle import asked_by, read, sample

T = TypeVar("T")
NEAR = 1e-9
EXAMPLES = int(os.environ.get("EXCEL_EXAMPLES", "12"))
"""How many random catalogues; more of them look further."""

Cells = dict[tuple[str, str, int, str], str]
"""Place, input, year, scenario → what is written into the cell."""


class Dice(Draw):
    """Draws by a seed."""

    def __init__(self, seed: int) -> None:
        super().__init__(lambda _strategy: None)
        self.random = random.Random(seed)

    def one(self, choices: Sequence[T]) -> T:
        return self.random.choice(choices)

    def whole(self, least: int, most: int) -> int:
        return self.random.randint(least, most)


@dataclass(frozen=True)
class Drawn:
    """A form, with the answers of its places and what the engine makes of them."""

    name: str
    catalogue: Catalogue
    layout: Layout
    data: Data
    cells: Cells

    def write(self, book: Any) -> dict[tuple[str, str], tuple[float | str, str]]:
        """Write a sheet for each place; (sheet, address) → what the engine shows there, and where."""
        live = LiveFormulas(self.catalogue, self.layout)
        level = self.layout.form.fills
        outside = live.outside()
        places = find_form_places(self.catalogue, self.data, level, outside)
        wanted = values_to_show(self.catalogue, self.data, live, places)
        expected = {}
        for number, place in enumerate(sorted(wanted)):
            sheet = book.add_worksheet(f"{self.name} {number}")
            for (of, name, year, scenario), text in self.cells.items():
                address = self.layout.address(name, year, scenario)  # type: ignore[arg-type]
                if of == place and address:
                    write_answer(sheet, address, self.catalogue.inputs[name], text)
            known = places.get(place, FormPlace(place, level))
            # Scores that no cell takes read their members in cells of their own.
            templates = live.templates(known)
            for part in live.parts.cells(filter(is_part, templates)):
                text = fill_slots(templates[part.key], live.numbers(known))
                sheet.write_formula(part.row, part.column, text, None, "stale")
            for shown in live.shown():
                indicator = self.catalogue.indicators[shown[0]]
                if self.is_below(indicator, level) or self.is_unschooled(place, shown[1]):
                    continue
                formula = live.formula(indicator, shown[1], shown[2], known)
                address = self.layout.indicator_address(*shown)
                assert address
                if not formula:
                    assert indicator.id in live.too_long
                    continue
                # A wrong value beside the formula: it is there only until the office computes.
                sheet.write_formula(address, formula, None, "stale")
                key = (sheet.get_name(), address)
                where = f"{self.name} {place} {shown} {indicator.missing} {texts_of(indicator)}\n  {formula}"
                expected[key] = (wanted[place].get(shown, ""), where)
        # Whatever a place answers, nothing more is asked of it.
        assert live.outside() == outside
        return expected

    def is_unschooled(self, place: str, year: int) -> bool:
        """Whether a place has no open school in a year: not all rows are there then."""
        places = self.data.unschooled.get(self.layout.form.fills)
        return places is not None and (place, year) in places.select("place", "year").rows()

    def is_below(self, indicator: Indicator, level: str) -> bool:
        """Whether the engine has no rows of it at a level, its inputs being given above."""
        order = self.catalogue.places
        trees = (formula.tree for _year, formula in indicator.formulas)
        inputs = inputs_of(self.catalogue, *trees)
        return order.index(level) < order.index(lowest_level(self.catalogue, inputs))


def texts_of(indicator: Indicator) -> str:
    return str([(year, formula.text) for year, formula in indicator.formulas])


def write_answer(sheet: Any, address: str, asked: Input, text: str) -> None:
    """As a spreadsheet keeps what was typed: numbers as numbers, options by their titles."""
    if asked.type == "choice" and text in asked.options:
        text = asked.options[text]
    if re.fullmatch(r"-?[0-9]+(,[0-9]+)?", text):
        sheet.write_number(address, float(text.replace(",", ".")))
    elif text:
        sheet.write_string(address, text)


def compare(drawn: list[Drawn], folder: Path) -> tuple[int, list[str]]:
    """Over how many cells the office and the engine were compared, and where they disagree."""
    path = folder / "values.xlsx"
    expected: dict[tuple[str, str], tuple[float | str, str]] = {}
    with xlsxwriter.Workbook(path) as book:
        for one in drawn:
            expected |= one.write(book)
    sheets = recalculate(path, folder)
    wrong = []
    for (sheet, address), (wanted, where) in expected.items():
        row, column = xlsxwriter.utility.xl_cell_to_rowcol(address)
        rows = sheets[sheet]
        found = rows[row][column] if row < len(rows) and column < len(rows[row]) else ""
        if not same(found, wanted):
            wrong.append(f"{found!r} in the sheet, {wanted!r} of the engine: {where}")
    return len(expected), wrong


def same(found: object, wanted: float | str) -> bool:
    if isinstance(wanted, str) or not isinstance(found, int | float):
        return found == wanted
    return abs(found - wanted) <= NEAR * max(1.0, abs(wanted))


# --- random formulas ------------------------------------------------------------------------------


def draw_form(choose: Dice, catalogue: Catalogue, level: str) -> Form:
    """A form that asks most inputs of a level and shows every indicator."""
    asked = [
        one.id for one in catalogue.inputs.values() if one.level == level and one.whole is None
    ]
    kept = [name for name in asked if not choose.rarely(8)] or asked
    rows = [
        FormRow(cells=tuple(kept)),
        *(FormRow(indicator=name) for name in catalogue.indicators),
    ]
    return Form(
        id="form",
        title="form",
        fills=level,
        sections=(FormSection("section", tuple(rows)),),
        facts=choose.one(((2022, 2023, 2024), (2023,), (2023, 2024))),
        forecasts=choose.one(((2024,), (), (2023, 2024))),
    )


def draw_example(seed: int) -> Drawn:
    choose = Dice(seed)
    catalogue = draw_catalogue(choose, sample(), many=choose.whole(3, 9), depth=3)
    world = draw_data(choose, catalogue, asked_by(catalogue))
    level = choose.one(("school", "school", "school", "district", "municipality"))
    form = draw_form(choose, catalogue, level)
    cells = {
        (
            row[level],
            catalogue.inputs[name].given_at.get(level, name),
            int(row["year"]),
            row["scenario"],
        ): text
        for row in world.facts[level]
        for name, text in row.items()
        if name in catalogue.inputs
    }
    layout = lay_out_form(catalogue, form, 2023)
    return Drawn(f"e{seed}", catalogue, layout, read(catalogue, world), cells)


@needs_office
def test_random_formulas_give_in_a_sheet_what_the_engine_gives(tmp_path: Path) -> None:
    count, wrong = compare([draw_example(seed) for seed in range(EXAMPLES)], tmp_path)
    assert count > 20 * EXAMPLES
    assert not wrong, "\n".join([f"{len(wrong)} of {count}", *wrong[:10]])


# --- what ships ---------------------------------------------------------------------------------

ROOT = Path(__file__).resolve().parent.parent
SHIPPED = ("berezniki", "michurinsk")
SCHOOLS = 4


def draw_answer(choose: Dice, asked: Input) -> str:
    """What people write into a cell: numbers, nothing, «н/п», zero, words."""
    if choose.rarely(6):
        return choose.one(("", "", "н/п", "около сорока"))
    if asked.type == "yes_no":
        return choose.one(("да", "нет"))
    if asked.type == "choice":
        return choose.one(tuple(asked.options))
    if asked.type in {"count", "number"}:
        return str(choose.one((0, 1, 2, 3, choose.whole(4, 700))))
    return "Колледж (демонстрационные данные)" if asked.type == "text" else ""


def draw_shipped(choose: Dice, catalogue: Catalogue, folder: Path) -> tuple[Data, Cells]:
    """Random answers of invented schools and of what stands above them, and a random register."""
    cells: Cells = {}
    places = {catalogue.levels[0]: [f"s{number}" for number in range(SCHOOLS)]}
    register = ["school;" + ";".join(catalogue.register)]
    for school in places["school"]:
        drawn = [
            choose.one(tuple(column.options) if column.options else ("да", "нет"))
            for column in catalogue.register.values()
        ]
        register.append(";".join((school, *drawn)))
    (folder / "schools.csv").write_text("\n".join(register), encoding="utf-8")
    for level in catalogue.places:
        rows = [f"{level};year;scenario;input;value"]
        for place in places.get(level, [catalogue.id if level == "municipality" else "край"]):
            for year in catalogue.years:
                for asked in catalogue.inputs.values():
                    text = draw_answer(choose, asked)
                    for scenario in ("fact", "forecast") if asked.level == level and text else ():
                        cells[place, asked.id, year, scenario] = text
                        rows.append(f"{place};{year};{scenario};{asked.id};{text}")
        (folder / f"facts_{level}.csv").write_text("\n".join(rows), encoding="utf-8")
    return read_data(catalogue, folder)[0], cells


def whole_form(catalogue: Catalogue, level: str) -> Form:
    """A form that asks every input of a level and shows every indicator."""
    asked = tuple(one.id for one in catalogue.inputs.values() if one.level == level)
    rows = (FormRow(cells=asked), *(FormRow(indicator=name) for name in catalogue.indicators))
    sections = (FormSection("section", rows),)
    return Form("whole", "whole", level, sections, facts=(-1, 0), forecasts=(0,))


def draw_forms(name: str, folder: Path) -> list[Drawn]:
    """The forms of a shipped catalogue, and one for each level that shows all its indicators."""
    catalogue = load_shipped(name)
    folder.mkdir()
    data, cells = draw_shipped(Dice(1), catalogue, folder)
    forms = [*catalogue.forms.values(), *(whole_form(catalogue, one) for one in catalogue.levels)]
    drawn = [
        Drawn(
            f"{name} {n}",
            catalogue,
            lay_out_form(catalogue, form, catalogue.years[-1]),
            data,
            cells,
        )
        for n, form in enumerate(forms)
    ]
    shown = {one[0] for form in drawn for one in LiveFormulas(catalogue, form.layout).shown()}
    assert shown >= {one.id for one in catalogue.indicators.values() if one.input is None}
    return drawn


@needs_office
def test_shipped_indicators_give_in_a_sheet_what_the_engine_gives(tmp_path: Path) -> None:
    drawn = [one for name in SHIPPED for one in draw_forms(name, tmp_path / name)]
    count, wrong = compare(drawn, tmp_path)
    assert count > 1000
    assert not wrong, "\n".join([f"{len(wrong)} of {count}", *wrong[:10]])
