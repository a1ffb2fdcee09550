"""What every function and operator is in a cell: `excel` and `expect` of `tests/cases/functions`.

`excel` is the formula at one school (`excel_at`, by default the first that the case expects
something of) in the last year of the case. The sheet has a column for each year of the case (B and
on), and a row for each input that schools give, in the order of the file.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import xlsxwriter

from engine.catalogue.model import Form, Scenario
from engine.data.origins import find_cells
from engine.forms.layout import FormColumn, Layout, SheetLine
from engine.forms.out.known_above import is_known_above
from engine.forms.out.live import IndicatorKey, LiveFormulas
from engine.forms.out.outside import FormPlace, find_form_places
from engine.language.functions import DECLARED
from tests.office import needs_office, recalculate
from tests.test_excel_values import same, write_answer
from tests.test_function_cases import FILES, Case, list_expected, read_case

if TYPE_CHECKING:
    from engine.catalogue.model import Catalogue
    from engine.data import Data

ABOVE = "считает управление"
"""What stands in place of what a school alone cannot know: a rank, a function over places above it."""


class Sheet:
    """A case as a form that schools fill: all their inputs, all its formulas."""

    def __init__(self, case: Case, folder: Path) -> None:
        folder.mkdir()
        self.case = case
        self.catalogue: Catalogue = case.catalogue(folder / "catalogue")
        self.data: Data = case.data(self.catalogue, folder / "data")
        asked = [one.id for one in self.catalogue.inputs.values() if one.level == "school"]
        both: tuple[Scenario, Scenario] = ("fact", "forecast")
        scenarios = {one.get("scenario", "fact") for one in case.formulas.values()}
        moments = [
            (year, scenario)
            for scenario in both
            for year in self.catalogue.years
            if scenario == "fact" or scenario in scenarios
        ]
        names = [*asked, *case.formulas]
        lines = {
            name: SheetLine(
                row,
                "input" if name in asked else "indicator",
                input=name if name in asked else None,
                indicator=None if name in asked else name,
            )
            for row, name in enumerate(names, 1)
        }
        self.layout = Layout(
            Form("form", "form", "school", ()),
            self.catalogue.years[-1],
            tuple(FormColumn(*moment, index) for index, moment in enumerate(moments, 1)),
            tuple(lines.values()),
            {name: lines[name] for name in asked},
            {name: lines[name] for name in case.formulas},
        )
        self.live = LiveFormulas(self.catalogue, self.layout)
        self.places = find_form_places(self.catalogue, self.data, "school", self.live.outside())

    def formula(self, place: str, shown: IndicatorKey) -> str:
        known = self.places.get(place, FormPlace(place, "school"))
        return self.live.formula(self.catalogue.indicators[shown[0]], shown[1], shown[2], known)

    def schools(self) -> list[str]:
        return [place for place in self.places if place != "town"]

    def expected(self) -> dict[tuple[str, IndicatorKey], float | str]:
        """Place, cell → what the case says stands there; only of schools."""
        found: dict[tuple[str, IndicatorKey], float | str] = {}
        for (name, place, year, scenario), wanted in list_expected(self.case):
            if place not in self.schools() or wanted == "no_row":
                continue
            indicator = self.catalogue.indicators[name]
            known_above = is_known_above(self.catalogue, indicator, "school")
            shown = shown_value(wanted, indicator.decimals)
            # What the schools of a place above have not said yet, the department will know.
            awaited = not shown and self.case.formulas[name]["formula"].startswith("at(")
            shown = ABOVE if known_above or awaited else shown
            found[place, (name, year, scenario)] = shown  # type: ignore[index]
        return found


def shown_value(wanted: Any, decimals: int) -> float | str:
    """What a case expects, as it is printed: nothing in place of a reason."""
    if isinstance(wanted, dict):
        return str(wanted["title"])
    if isinstance(wanted, bool):
        return "да" if wanted else "нет"
    if isinstance(wanted, str) and not wanted.lstrip("-")[0].isdigit():
        return ""
    exact = Fraction(str(wanted)) * 10**decimals
    half = Fraction(1, 2) if exact >= 0 else -Fraction(1, 2)
    return float(Fraction(int(exact + half), 10**decimals))


def example_of(sheet: Sheet, name: str, written: dict[str, Any]) -> tuple[str, IndicatorKey]:
    """The school, year and scenario at which a case shows its formula."""
    year = max(written["expect"])
    schools = [place for place in written["expect"][year] if place in sheet.schools()]
    place = written.get("excel_at", (schools or sheet.schools())[0])
    return place, (name, year, written.get("scenario", "fact"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_case_reads_in_a_cell_as_it_says(file: Path, tmp_path: Path) -> None:
    case = read_case(file)
    sheet = Sheet(case, tmp_path / "town")
    found = {
        name: sheet.formula(*example_of(sheet, name, written))
        for name, written in case.formulas.items()
    }
    wanted = {name: written["excel"] for name, written in case.formulas.items()}
    assert found == wanted


@needs_office
@pytest.mark.no_cover
def test_a_cell_gives_what_its_case_says(tmp_path: Path) -> None:
    book = tmp_path / "cases.xlsx"
    wanted = {}
    with xlsxwriter.Workbook(book) as workbook:
        for file in FILES:
            sheet = Sheet(read_case(file), tmp_path / file.stem)
            expected = sheet.expected()
            for number, place in enumerate(sheet.schools()):
                page = workbook.add_worksheet(f"{file.stem[:25]} {number}")
                for column in sheet.layout.columns:
                    cells = find_cells(
                        sheet.data,
                        ("school", place, column.year, column.scenario),
                        sheet.layout.of_input,
                    )
                    for cell in cells:
                        address = sheet.layout.address(cell.input, column.year, column.scenario)
                        assert address
                        write_answer(page, address, sheet.catalogue.inputs[cell.input], cell.text)
                for shown in sheet.live.shown():
                    address = sheet.layout.indicator_address(*shown)
                    assert address
                    page.write_formula(address, sheet.formula(place, shown), None, "stale")
                    if (place, shown) in expected:
                        text = sheet.case.formulas[shown[0]]["formula"]
                        key = (page.get_name(), address)
                        wanted[key] = (expected[place, shown], f"{place} {shown} {text}")
    sheets = recalculate(book, tmp_path)
    wrong = []
    for (page_name, address), (value, where) in wanted.items():
        row, column_index = xlsxwriter.utility.xl_cell_to_rowcol(address)
        found = sheets[page_name][row][column_index]
        if not same(found, value):
            wrong.append(f"{found!r} in the sheet, {value!r} wanted: {where}")
    assert len(wanted) > 100
    assert not wrong, "\n".join(wrong)


def test_every_function_is_read_in_a_cell() -> None:
    texts = [case["formula"] for file in FILES for case in read_case(file).formulas.values()]
    asked = [function.name for function in DECLARED if not function.advice]
    assert [name for name in asked if not any(f"{name}(" in text for text in texts)] == []
