"""The proof of a number: every part of it stands on its own, and agrees with the results."""

from __future__ import annotations

from hashlib import sha256
from pathlib import PurePath
from typing import Any

import polars as pl
import pytest

from engine.catalogue.model import Catalogue
from engine.data import origins
from engine.data.facts import FactTable
from engine.data.model import Data
from engine.evaluation.asking import Asking
from engine.evaluation.evaluate import compute_results
from engine.evaluation.explain.explain import explain
from engine.evaluation.explain.proof import Proof, ProofStep
from engine.reports.formats.proof_text import show_proof
from tests.written import read_written

CATALOGUE = """
catalogue:
  id: town
  title: Город
  levels: [school, municipality]
  given: [region]
  years: [2022, 2023]
  defaults: {comparator: at_least, decimals: 1}
register:
  big: {title: Большая, type: yes_no}
  kind: {title: Вид, type: choice, options: {lyceum: лицей, usual: школа}}
constants:
  norm: {title: Норматив, unit: person, values: {2022: 10, 2023: 20}}
inputs:
  all: {title: Все, unit: person, of_which: {ovz: с ОВЗ}}
  some: {title: Часть, unit: person, within: all}
  late: {title: Старшие, unit: person, applies_to: big}
  deal: {title: Есть договор, type: yes_no}
  firms: {title: Предприятия, type: text}
  region_all: {title: Все в регионе, unit: person, level: region}
indicators:
  portion: {title: Доля, unit: percent, formula: "share(some, all)", targets: {2023: 50}}
  rise: {title: Изменение, unit: percentage_point, formula: "change(portion)"}
  spread: {title: Разброс, unit: percentage_point, formula: "mean_of_schools(abs(portion - at(municipality, portion)))"}
  mended: {title: С заменой, unit: percent, formula: "coalesce(share(late, all), portion)"}
  of_region: {title: От региона, unit: percent, formula: "share(all, region_all)"}
  above: {title: Сверх норматива, unit: person, formula: "all - norm + previous(all)"}
  enough: {title: Хватает, formula: "portion >= 50"}
  dealt: {title: С договором, unit: percent, formula: "share(schools_with(deal and kind.lyceum), schools_open())"}
  newer: {title: Новый, unit: percent, formula: {2023: "100 * some / all"}}
  firms: {}
  all: {}
"""
SCHOOLS = "school,title,big,kind\na,Первая,да,lyceum\nb,Вторая,нет,usual\nc,Третья,нет,usual\n"
FACTS = """school,year,scenario,all,some,late,deal,firms,all.ovz
a,2022,fact,100,40,5,да,Завод,1
b,2022,fact,50,10,,нет,,0
a,2023,fact,120,60,6,да,Завод,2
b,2023,fact,60,40,,да,Банк,0
c,2023,fact,10,,,,,
a,2023,forecast,130,70,7,да,,2
"""


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> tuple[Catalogue, Data]:
    folder = tmp_path_factory.mktemp("town")
    region = "region,year,region_all\nr,2022,1000\nr,2023,2000\n"
    catalogue, data, found = read_written(
        folder, CATALOGUE, schools=SCHOOLS, facts=FACTS, region=region
    )
    assert [problem for problem in found if problem.severity == "error"] == []
    return catalogue, data


def prove(town: tuple[Catalogue, Data], indicator: str, **point: Any) -> Proof:
    catalogue, data = town
    proof, problems = explain(catalogue, data, indicator, **{"year": 2023, **point})
    assert proof is not None, problems
    return proof


def steps(step: ProofStep) -> list[tuple[Any, ...]]:
    """Every step: its words' start, place, year, scenario and value, the root first."""
    own = (step.title, step.place, step.year, step.scenario, step.value)
    return [own, *(one for inner in step.steps for one in steps(inner))]


@pytest.mark.no_cover
@pytest.mark.parametrize("year", [2022, 2023])
@pytest.mark.parametrize("place", [None, "a", "b", "c"])
def test_a_proof_agrees_with_the_results(
    town: tuple[Catalogue, Data], year: int, place: str | None
) -> None:
    catalogue, data = town
    frame = compute_results(catalogue, data, Asking(years=(year,), scenario="fact")).frame
    for indicator in catalogue.indicators.values():
        row = frame.filter(
            pl.col("indicator") == indicator.id,
            pl.col("place") == (place or "town"),
            pl.col("level") == ("school" if place else "municipality"),
        ).row(0, named=True)
        proof = prove(town, indicator.id, year=year, place=place)
        assert proof.row["reason"] == row["reason"], indicator.id
        if proof.step.formula:  # before the first one there is no formula to cover
            coverage = (proof.step.reported, proof.step.expected)
            assert coverage == (row["reported"], row["expected"]), indicator.id
        if indicator.type == "number":
            value = proof.step.value
            assert (value is None) == (row["raw"] is None)
            assert value is None or value == pytest.approx(row["raw"])
            assert proof.step.reason == row["reason"], indicator.id
        assert show_proof(proof, catalogue)


def test_a_share_names_its_terms_schools_and_cells(town: tuple[Catalogue, Data]) -> None:
    step = prove(town, "portion").step
    assert step.words == "100 × «Часть» / «Все»"
    assert step.numbers == "100 × 100 / 180"
    assert [(term.name, term.value, term.reported, term.expected) for term in step.terms] == [
        ("some", 100, 2, 3),
        ("all", 180, 2, 3),
    ]
    assert [(one.place, one.entered, one.lacking) for one in step.places] == [
        ("a", True, ()),
        ("b", True, ()),
        ("c", False, ("some",)),
    ]
    cell = step.places[0].cells[0]
    assert (cell.input, cell.value, cell.row, cell.column) == ("all", 120, 4, 4) or (
        cell.input,
        cell.value,
        cell.row,
        cell.column,
    ) == ("some", 60, 4, 5)
    assert len(cell.sha256) == 64


def test_a_change_proves_both_years(town: tuple[Catalogue, Data]) -> None:
    proved = steps(prove(town, "rise").step)
    assert ("Доля", "town", 2023, "fact", pytest.approx(100 * 100 / 180)) in proved
    assert ("Доля", "town", 2022, "fact", pytest.approx(100 * 50 / 150)) in proved


def test_what_is_read_above_is_proved_there(town: tuple[Catalogue, Data]) -> None:
    step = prove(town, "spread", place="a").step
    assert ("Доля", "town", 2023, "fact", pytest.approx(100 * 100 / 180)) in steps(step)


def test_a_coalesce_proves_both_sides(town: tuple[Catalogue, Data]) -> None:
    step = prove(town, "mended", place="b").step
    assert step.value == pytest.approx(100 * 40 / 60)
    assert [inner.value for inner in step.steps] == [None, pytest.approx(100 * 40 / 60)]
    assert step.steps[0].reason == "not_applicable"


def test_constants_and_the_year_before_are_terms(town: tuple[Catalogue, Data]) -> None:
    step = prove(town, "above").step
    kinds = {term.name: (term.kind, term.value) for term in step.terms}
    assert kinds == {
        "all": ("input", 190),
        "norm": ("constant", 20),
        "previous(all)": ("call", 150),
    }
    assert step.numbers == "190 − 20 + 150"


def test_a_forecast_stands_on_the_fact_of_the_year_before(town: tuple[Catalogue, Data]) -> None:
    step = prove(town, "above", place="a", scenario="forecast").step
    assert step.value == 130 - 20 + 100
    assert [(inner.year, inner.scenario) for inner in step.steps] == [(2022, "fact")]


def test_what_is_given_above_is_a_term(town: tuple[Catalogue, Data]) -> None:
    step = prove(town, "of_region").step
    assert {term.name: term.value for term in step.terms} == {"all": 190, "region_all": 2000}


def test_conditions_and_texts_are_told_in_their_own_words(town: tuple[Catalogue, Data]) -> None:
    catalogue, _data = town
    told = show_proof(prove(town, "enough"), catalogue)
    assert "55,56 ≥ 50 — да" in told.replace("55,5555555556", "55,56")
    told = show_proof(prove(town, "firms"), catalogue)
    assert "Значение: Банк; Завод" in told
    assert "В числах" not in told
    told = show_proof(prove(town, "dealt"), catalogue)
    assert "число школ, где «Есть договор» и «Вид: лицей»" in told


def test_before_the_first_formula_there_is_nothing_to_prove(town: tuple[Catalogue, Data]) -> None:
    proof = prove(town, "newer", year=2022)
    assert (proof.row["value"], proof.row["reason"]) == (None, "before_formula")
    assert (proof.step.formula, proof.step.reason) == ("", "before_formula")


def test_a_target_is_told_as_it_is_printed(town: tuple[Catalogue, Data]) -> None:
    catalogue, _data = town
    told = show_proof(prove(town, "portion"), catalogue)
    assert "Цель: не менее 50,0\u00a0% — достигнуто, предварительно\n" in told
    assert "Сдали: 2 из 3" in told
    assert "Третья [c] — не сдано: «Часть» [some]" in told


def test_every_file_is_told_once_with_what_proves_it_the_same(
    town: tuple[Catalogue, Data],
) -> None:
    catalogue, data = town
    told = show_proof(prove(town, "portion"), catalogue).split("Файлы (имя — sha256):\n")[1]
    digests = {path.name: sha256(path.read_bytes()).hexdigest() for path in data.files}
    found = [line.rsplit(" — ", 1) for line in told.splitlines()]
    assert found
    assert len(found) == len({name for name, _digest in found})
    for name, digest in found:
        assert digest == digests[PurePath(name).name]


def test_an_input_has_a_proof_too(town: tuple[Catalogue, Data]) -> None:
    proof = prove(town, "all.ovz")
    assert (proof.row["value"], proof.step.numbers) == (2, "2")
    assert proof.step.terms[0].title == "Все: с ОВЗ"


@pytest.mark.parametrize(
    ("indicator", "point", "code"),
    [
        ("porton", {}, "unknown-indicator"),
        ("portion", {"place": "d"}, "unknown-place"),
        ("portion", {"level": "school"}, "unknown-place"),
        ("portion", {"year": 1999}, "unknown-place"),
    ],
)
def test_there_is_no_such_number(
    town: tuple[Catalogue, Data], indicator: str, point: dict[str, Any], code: str
) -> None:
    catalogue, data = town
    proof, problems = explain(catalogue, data, indicator, **{"year": 2023, **point})
    assert proof is None
    assert [problem.code for problem in problems] == [code]


def test_the_cells_of_all_places_are_read_at_once(
    town: tuple[Catalogue, Data], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two inputs of three schools are two readings of the file, however many schools there are."""
    catalogue, data = town
    read: list[str] = []
    list_filled_cells = origins.list_filled_cells

    def count(fact: FactTable, input_id: str, where: pl.Expr) -> list[origins.CellOrigin]:
        read.append(input_id)
        return list_filled_cells(fact, input_id, where)

    monkeypatch.setattr(origins, "list_filled_cells", count)
    proof, _problems = explain(catalogue, data, "portion", year=2023)
    assert proof is not None
    assert [len(place.cells) for place in proof.step.places] == [2, 2, 1]
    assert sorted(read) == ["all", "some"]


def test_what_was_given_is_not_told_as_lacking(town: tuple[Catalogue, Data]) -> None:
    catalogue, _data = town
    text = show_proof(prove(town, "portion", place="c"), catalogue).replace("\xa0", " ")
    assert "  Часть [some]: нет значения: нет данных (0 из 1)\n" in text
    assert "  Все [all]: дано, но в расчёт никто не вошёл (0 из 1)\n" in text
    text = show_proof(prove(town, "portion"), catalogue).replace("\xa0", " ")
    assert "  Все [all]: 180 чел. (2 из 3)\n" in text
