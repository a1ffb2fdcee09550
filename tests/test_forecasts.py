"""Forecasts: what they are made of, which rows they are, and what a fact says of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from engine.evaluation.asking import Asking, Results
from engine.evaluation.evaluate import compute_results
from engine.evaluation.explain.explain import explain
from tests.written import read_written

if TYPE_CHECKING:
    from pathlib import Path

    from engine.catalogue.model import Catalogue
    from engine.data import Data

CATALOGUE = """
catalogue: {id: north, title: Пример, levels: [school, municipality], given: [region], years: [2022, 2023]}
inputs:
  a: {title: А, unit: person}
  m: {title: Данные города, unit: person, level: municipality}
  most: {title: Предел города, unit: person, level: municipality}
  r: {title: Данные края, unit: person, level: region}
indicators:
  above: {title: Сверху, unit: person, formula: previous(r) + m}
  either: {title: Или, unit: person, formula: "coalesce(m, most)"}
  bare: {title: Город, unit: person, formula: m}
  mixed: {title: Вместе, unit: person, formula: a + m}
  open: {title: Школ, unit: school, formula: schools_open()}
  filled: {title: С нулём, unit: person, formula: "coalesce(a, 0)"}
checks:
  - {id: limit, level: municipality, rule: m <= most, message: Больше предела}
"""
TABLES = {
    "schools": "school;municipality;region\none;north;land\ntwo;south;land\n",
    "facts": "school;year;scenario;a\none;2023;fact;4\ntwo;2023;fact;6\none;2023;forecast;5\n",
    "towns": (
        "municipality;year;scenario;m;most\n"
        "north;2023;fact;10;7\nnorth;2023;forecast;;8\nsouth;2023;fact;20;7\n"
    ),
    "land": "region;year;r\nland;2022;100\nland;2023;200\n",
}


@pytest.fixture
def town(tmp_path: Path) -> tuple[Catalogue, Data]:
    catalogue, data, _problems = read_written(tmp_path, CATALOGUE, **TABLES)
    return catalogue, data


def results_of(town: tuple[Catalogue, Data], **asked: Any) -> Results:
    return compute_results(*town, Asking(years=(2023,), **asked))


def rows_of(results: Results) -> dict[tuple[str, str, str], dict[str, Any]]:
    """(indicator, place, scenario) → its row."""
    rows = results.frame.iter_rows(named=True)
    return {(row["indicator"], row["place"], row["scenario"]): row for row in rows}


def test_a_forecast_takes_what_is_given_above_from_the_fact(town: tuple[Catalogue, Data]) -> None:
    rows = rows_of(results_of(town))
    planned = {
        name: rows[name, "north", "forecast"]["value"] for name in ("above", "either", "bare")
    }
    # `either`: the first of its inputs falls back on its own, before the second is looked at.
    assert planned == {"above": 110, "either": 10, "bare": 10}
    assert rows["mixed", "north", "forecast"]["value"] == 15
    # Of schools a forecast takes forecasts only.
    asked = rows_of(results_of(town, scenario="forecast"))
    assert asked["mixed", "two", "forecast"]["reason"] == "not_reported"
    assert asked["bare", "south", "forecast"]["value"] == 20


def test_a_fact_carries_the_forecast_that_is_a_row(town: tuple[Catalogue, Data]) -> None:
    rows = rows_of(results_of(town))
    for (name, place, scenario), row in rows.items():
        forecast = rows.get((name, place, "forecast"))
        if scenario == "forecast":
            assert place in {"one", "north"}
            assert row["plan"] is None
        else:
            assert row["plan"] == (forecast and forecast["value"]), (name, place)
    # Nobody in the south gave a forecast: neither the register nor a number is one.
    for name in ("open", "filled", "above", "bare"):
        assert rows[name, "south", "fact"]["plan"] is None
    assert rows["filled", "one", "fact"]["plan"] == 5
    assert rows["open", "north", "fact"]["plan"] == 1


@pytest.mark.parametrize(
    "asked",
    [
        {"scenario": "fact"},
        {"columns": ("plan",)},
        {"columns": ("value", "plan"), "scenario": "fact", "places": ("one", "south")},
        {"columns": ("plan", "plan_deviation", "previous")},
    ],
)
def test_a_plan_is_the_same_whatever_is_asked(
    town: tuple[Catalogue, Data], asked: dict[str, Any]
) -> None:
    whole = rows_of(results_of(town))
    rows = rows_of(results_of(town, **asked))
    assert rows
    assert {key: row["plan"] for key, row in rows.items()} == {
        key: whole[key]["plan"] for key in rows
    }


def test_a_check_is_made_of_forecasts_that_are_rows(town: tuple[Catalogue, Data]) -> None:
    results = results_of(town)
    rows = rows_of(results)
    failed = {key[1:] for key, row in rows.items() if row["checks"]}
    assert failed == {("north", "fact"), ("south", "fact"), ("north", "forecast")}
    # Beside the forecast of the limit stands the fact that is compared with it.
    (planned,) = [one for one in results.problems if "прогноз" in one.message]
    assert "= 10" in planned.message
    assert "= 8" in planned.message


def test_the_proof_of_a_forecast_shows_the_cells_of_the_fact(town: tuple[Catalogue, Data]) -> None:
    proof, problems = explain(*town, "bare", year=2023, place="north", scenario="forecast")
    assert not [one for one in problems if one.severity == "error" and one.code != "check:limit"]
    assert proof is not None
    (place,) = proof.step.places
    assert [cell.value for cell in place.cells] == [10]
    assert (proof.step.value, place.reported, place.lacking) == (10, True, ())
