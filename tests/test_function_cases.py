"""What every function and operator gives, case by case: `tests/cases/functions/*.yaml`.

A file is a small catalogue without its indicators, a table of facts, and formulas with what they
must give (`levels`: of the catalogue, where they are more): `expect` is year → place → a number
(also a fraction: `100/3`), true or false, or the reason why there is no value. The town has the id
`town`. A case may set what an indicator may (`missing`), its `scenario`, the `unit` that its
formula has, and its `words` by language.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from engine.catalogue.formula_units import describe_with
from engine.catalogue.load import load
from engine.data import Data, read_data
from engine.evaluation.asking import Asking
from engine.evaluation.evaluate import compute_results
from engine.language.functions import DECLARED, FUNCTIONS, MADE
from engine.language.readings.dimensions import read_units
from engine.language.readings.words import Words
from engine.translation import choose_language

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.catalogue.model import Catalogue

FOLDER = Path(__file__).parent / "cases" / "functions"
ALL_FILES = tuple(sorted(FOLDER.glob("*.yaml")))
# Functions of recommendations stand in no indicator: see test_advice_functions.py.
FOR_ADVICE = frozenset(name for name, function in FUNCTIONS.items() if function.advice)
FILES = tuple(file for file in ALL_FILES if file.stem not in FOR_ADVICE)
OWN_KEYS = ("formula", "unit", "missing", "decimals")
OPERATORS = ("arithmetic", "comparison", "logic", "if", "names")
NEAR = Fraction(1, 10**10)


@dataclass(frozen=True)
class Case:
    """One file, read."""

    file: Path
    written: dict[str, Any]

    @property
    def formulas(self) -> dict[str, dict[str, Any]]:
        """Id of the indicator that a formula becomes → the case."""
        return {f"case_{number}": case for number, case in enumerate(self.written["cases"], 1)}

    def catalogue(self, folder: Path) -> Catalogue:
        """The catalogue of the file, its formulas as indicators."""
        document: dict[str, Any] = {
            key: self.written[key]
            for key in ("register", "units", "constants", "inputs", "indicators", "scales")
            if key in self.written
        }
        # Under "tables" stand the data of a case.
        document |= {"tables": self.written["lookups"]} if "lookups" in self.written else {}
        document["catalogue"] = {
            "id": "town",
            "title": "Случай",
            "municipality": "Город Примерный",
            "region": "Примерный край",
            "levels": self.written.get("levels", ["school", "municipality"]),
            "given": [] if "levels" in self.written else ["region"],
            "years": self.written.get("years", [2022, 2023]),
            "defaults": {"comparator": "at_least", "decimals": 1, "missing": "skip"},
        }
        document["indicators"] = dict(document.get("indicators", {})) | {
            name: {"title": name, **{key: case[key] for key in OWN_KEYS if key in case}}
            for name, case in self.formulas.items()
        }
        folder.mkdir()
        text = yaml.safe_dump(document, allow_unicode=True, sort_keys=False)
        (folder / "catalogue.yaml").write_text(text, encoding="utf-8")
        catalogue, problems = load(folder)
        assert [str(p) for p in problems if p.severity == "error"] == []
        assert catalogue is not None
        return catalogue

    def data(self, catalogue: Catalogue, folder: Path) -> Data:
        """The tables of the file as the engine reads them."""
        folder.mkdir()
        for name, table in self.written["tables"].items():
            (folder / f"{name}.csv").write_text(table, encoding="utf-8")
        data, _problems = read_data(catalogue, folder)
        return data


def read_case(file: Path) -> Case:
    return Case(file, yaml.safe_load(file.read_text(encoding="utf-8")))


def test_no_function_is_declared_twice() -> None:
    assert list(FUNCTIONS) == [function.name for function in (*DECLARED, *MADE)]


@pytest.fixture(scope="module", params=FILES, ids=lambda file: file.stem)
def case(request: pytest.FixtureRequest) -> Case:
    return read_case(request.param)


@pytest.fixture(scope="module")
def catalogue(case: Case, tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    return case.catalogue(tmp_path_factory.mktemp("case") / "catalogue")


def list_expected(case: Case) -> Iterator[tuple[tuple[str, str, int, str], Any]]:
    """(indicator, place, year, scenario), and what it must be."""
    for name, formula in case.formulas.items():
        scenario = formula.get("scenario", "fact")
        for year, places in formula["expect"].items():
            for place, wanted in places.items():
                yield (name, place, year, scenario), wanted


def is_met(row: dict[str, Any], wanted: Any) -> bool:
    """Whether a row is what a case wants: a number, yes or no, a class, a reason."""
    if isinstance(wanted, dict):
        is_class = row["class"] == wanted["class"] and row["class_title"] == wanted["title"]
        return is_class and row["value"] is None and row["reason"] is None
    if isinstance(wanted, bool):
        return row["value"] is not None and bool(row["value"]) is wanted and row["reason"] is None
    if isinstance(wanted, str) and not wanted.lstrip("-")[0].isdigit():
        return row["value"] is None and row["raw"] is None and row["reason"] == wanted
    exact = Fraction(str(wanted))
    if row["raw"] is None or row["reason"] is not None:
        return False
    return abs(Fraction(row["raw"]) - exact) <= NEAR * abs(exact)


def test_a_case_gives_what_it_says(case: Case, catalogue: Catalogue, tmp_path: Path) -> None:
    data = case.data(catalogue, tmp_path / "data")
    asking = Asking(columns=("value", "raw", "reason", "class", "class_title"))
    frame = compute_results(catalogue, data, asking).frame
    rows = {
        (row["indicator"], row["place"], row["year"], row["scenario"]): row
        for row in frame.iter_rows(named=True)
    }
    wrong = []
    for key, wanted in list_expected(case):
        row = rows.get(key)
        if row is None:
            wrong += [] if wanted == "no_row" else [f"{key}: no row"]
        elif not is_met(row, wanted):
            formula = case.formulas[key[0]]["formula"]
            got = row["reason"] if row["raw"] is None else row["raw"]
            wrong.append(f"{formula} at {key[1:]}: {wanted} wanted, {got} found")
    assert wrong == []


def test_a_formula_has_the_unit_its_case_says(case: Case, catalogue: Catalogue) -> None:
    describe = describe_with(catalogue.symbols, catalogue.levels)
    for name, written in case.formulas.items():
        indicator = catalogue.indicators[name]
        for _year, formula in indicator.formulas:
            quantity = read_units(formula, describe, indicator.unit).quantity
            assert quantity is not None
            if "unit" in written:
                assert quantity.type == "number", formula.text
                assert quantity.unit is not None, formula.text
                assert quantity.unit.id == written["unit"], formula.text
            else:
                years = written["expect"].values()
                is_class = any(isinstance(each, dict) for year in years for each in year.values())
                assert quantity.type == ("class" if is_class else "yes_no"), formula.text


def test_a_formula_reads_in_words_as_its_case_says(case: Case, catalogue: Catalogue) -> None:
    def show_name(name: str) -> str:
        title = getattr(catalogue.symbols.get(name), "title", "")
        return f"«{title}»" if title else name

    try:
        for name, written in case.formulas.items():
            for language, wanted in written["words"].items():
                choose_language(language)
                for _year, formula in catalogue.indicators[name].formulas:
                    assert Words(show_name).read(formula.tree).text == wanted
    finally:
        choose_language("ru")


def test_every_function_has_cases() -> None:
    files = {file.stem for file in ALL_FILES}
    declared = {function.name for function in DECLARED}
    assert sorted({*declared, *OPERATORS} - files) == []
    for file in ALL_FILES:
        used = read_case(file)
        assert used.written["about"]
        if file.stem in FUNCTIONS:
            assert any(f"{file.stem}(" in case["formula"] for case in used.formulas.values())
