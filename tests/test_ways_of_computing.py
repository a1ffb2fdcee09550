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
