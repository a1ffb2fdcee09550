"""A town is computed step by step, a country as one query: both give the same results."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from engine.catalogue.load import load
from engine.data import read_data
from engine.data.library import join_cells, lay_beside
from engine.evaluation.evaluate import Asking, evaluate

DEFINITIONS = Path(__file__).resolve().parent.parent / "definitions"


ASKED = (
    Asking(inputs=True),
    Asking(scenario="forecast"),
    Asking(levels=("municipality",), columns=("value", "reported", "expected")),
    Asking(years=(2023,), columns=("value", "change")),
)


@pytest.mark.parametrize("asking", ASKED)
@pytest.mark.parametrize("name", ["berezniki", "michurinsk"])
def test_one_query_gives_what_single_steps_give(
    name: str, asking: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalogue, _problems = load(DEFINITIONS / name)
    assert catalogue is not None
    data, _found = read_data(catalogue, DEFINITIONS / name / "demo")
    by_steps = evaluate(catalogue, data, asking)
    monkeypatch.setattr("engine.data.library.SMALL", 0)
    at_once = evaluate(catalogue, data, asking)
    assert by_steps.frame.equals(at_once.frame)
    assert by_steps.problems == at_once.problems
    assert by_steps.skipped_checks == at_once.skipped_checks


SILENT = """
catalogue: {id: t, title: Пример, levels: [school, municipality], years: [2023]}
inputs:
  a: {title: А, unit: person}
  silent: {title: Никто не ответил, unit: person}
indicators:
  i: {title: И, unit: school, missing: MISSING, formula: schools_with(CONDITION)}
"""


@pytest.mark.parametrize("missing", ["skip", "zero", "block"])
@pytest.mark.parametrize(
    "condition",
    [
        "2 < previous(silent)",
        "2 == previous(silent)",
        "2.5 >= previous(silent)",
        "1 + 1 != previous(silent)",
        "2 < a and 2 < previous(silent)",
        "2 < silent",
    ],
)
def test_a_number_before_an_input_without_any_data(
    condition: str, missing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = SILENT.replace("MISSING", missing).replace("CONDITION", condition)
    (tmp_path / "catalogue.yaml").write_text(text, encoding="utf-8")
    rows = "school;year;a\none;2023;3\ntwo;2023;1\nthree;2023;\n"
    (tmp_path / "facts.csv").write_text(rows, encoding="utf-8")
    schools = "school\none\ntwo\nthree\n"
    (tmp_path / "schools.csv").write_text(schools, encoding="utf-8")
    catalogue, _problems = load(tmp_path)
    assert catalogue is not None
    data, _found = read_data(catalogue, tmp_path)
    by_steps = evaluate(catalogue, data, Asking())
    # A comparison without a value holds nowhere, and is not counted as one that does not hold.
    assert by_steps.frame["value"].null_count() == by_steps.frame.height == 4
    monkeypatch.setattr("engine.data.library.SMALL", 0)
    assert evaluate(catalogue, data, Asking()).frame.equals(by_steps.frame)


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("abcd", "abcd"),  # every school has cells
        ("abcd", "db"),  # two are silent
        ("bcd", "dxbc"),  # one of those that have cells is not asked about
        ("ab", "xdbcy"),  # nor are most of them
        ("abcd", ""),
        ("", "ab"),
    ],
)
def test_cells_laid_beside_schools_are_those_joined_to_them(asked: str, given: str) -> None:
    keys = ["place", "year"]
    schools = pl.LazyFrame(
        [(place, year, place.upper()) for place in asked for year in (2023, 2024)],
        {"place": pl.String, "year": pl.Int32, "region": pl.String},
        orient="row",
    )
    cells = pl.LazyFrame(
        [
            (place, year, year + number)
            for number, place in enumerate(given)
            for year in (2024, 2023)
        ],
        {"place": pl.String, "year": pl.Int32, "cell": pl.Int64},
        orient="row",
    )
    joined, laid = (
        one(schools, cells, keys).select("place", "year", "region", "cell").sort(keys).collect()
        for one in (join_cells, lay_beside)
    )
    assert joined.equals(laid)
    assert joined.height == 2 * len(asked)
