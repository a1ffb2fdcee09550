"""What the functions of recommendations give, case by case, as `test_function_cases.py` has it.

They stand in no indicator, so each formula is looked at as the condition of a recommendation is
planned: at every place, on every data engine.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from engine.catalogue.formula_units import describe_counted, describe_with
from engine.evaluation.explain.points import Point, PointReader
from engine.evaluation.plan.steps import PLACE
from engine.language.grammar import Formula, parse_formula
from engine.language.readings.dimensions import read_units
from engine.language.readings.terms import NAMES
from engine.language.readings.words import Words
from engine.problems import Position
from engine.translation import choose_language
from tests.test_function_cases import ALL_FILES, FOR_ADVICE, Case, is_met, read_case

if TYPE_CHECKING:
    from pathlib import Path

    from engine.catalogue.model import Catalogue

FILES = tuple(file for file in ALL_FILES if file.stem in FOR_ADVICE)


@pytest.fixture(params=FILES, ids=lambda file: file.stem)
def case(request: pytest.FixtureRequest) -> Case:
    return read_case(request.param)


@pytest.fixture
def catalogue(case: Case, tmp_path: Path) -> Catalogue:
    """The catalogue of the file, without indicators made of its formulas."""
    return replace(case, written={**case.written, "cases": []}).catalogue(tmp_path / "catalogue")


def parse(text: str) -> Formula:
    formula, problems = parse_formula(text, Position(""))
    assert formula is not None, problems
    return formula


def look_at(
    reader: PointReader, formulas: list[Formula]
) -> dict[tuple[str, str, int], dict[str, Any]]:
    """The value of each formula at each place in each year, and why there is none."""
    found: dict[tuple[str, str, int], dict[str, Any]] = {}
    for level in ("school", "municipality"):
        query = reader.query(Point(level, "", reader.years[0], "fact"))
        for number, formula in enumerate(formulas):
            term = query.plan.term(query.plan.scope(formula.tree, "skip"), level)
            query.want(f"v{number}", term.value)
            query.want(f"w{number}", term.why())
        for year in reader.years:
            query.point = Point(level, "", year, "fact")
            for row in query.rows(level, query.wanted, "all").iter_rows(named=True):
                for number, formula in enumerate(formulas):
                    value = row[f"v{number}"]
                    found[formula.text, row[PLACE], year] = {
                        "value": value,
                        "raw": None if value is None else float(value),
                        "reason": NAMES[row[f"w{number}"]] if value is None else None,
                    }
    return found


def test_a_case_gives_what_it_says(case: Case, catalogue: Catalogue, tmp_path: Path) -> None:
    data = case.data(catalogue, tmp_path / "data")
    formulas = [parse(written["formula"]) for written in case.written["cases"]]
    rows = look_at(PointReader(catalogue, data, catalogue.years), formulas)
    wrong = [
        f"{written['formula']} at {place}, {year}: {wanted} wanted, {found} found"
        for written in case.written["cases"]
        for year, places in written["expect"].items()
        for place, wanted in places.items()
        if not is_met(found := rows[written["formula"], place, year], wanted)
    ]
    assert wrong == []


def test_a_formula_has_the_unit_its_case_says(case: Case, catalogue: Catalogue) -> None:
    describe = describe_counted(catalogue, describe_with(catalogue.symbols, catalogue.places))
    for written in case.written["cases"]:
        quantity = read_units(parse(written["formula"]), describe).quantity
        assert quantity is not None
        unit = quantity.unit.id if quantity.unit else None
        assert (quantity.type, unit) == (
            ("number", written["unit"]) if "unit" in written else ("yes_no", None)
        )


def test_a_formula_reads_in_words_as_its_case_says(case: Case, catalogue: Catalogue) -> None:
    def show_name(name: str) -> str:
        return f"«{getattr(catalogue.symbols[name], 'title', name)}»"

    try:
        for written in case.written["cases"]:
            for language, wanted in written["words"].items():
                choose_language(language)
                assert Words(show_name).read(parse(written["formula"]).tree).text == wanted
    finally:
        choose_language("ru")
