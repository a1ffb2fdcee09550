"""Distributions: an indicator for every class of a choice or of a scaled indicator."""

from __future__ import annotations

from pathlib import Path

from engine.evaluation.asking import Asking
from engine.evaluation.evaluate import compute_results
from tests.test_scales import build, rows_of

CATALOGUE = """
inputs:
  rooms: {title: Кабинеты, type: choice, options: {one: один, two: два, many: много}}
  a: {title: Часть, unit: person}
  b: {title: Целое, unit: person}
indicators:
  share_:
    title: Доля
    unit: percent
    formula: share(a, b)
    scale: {classes: {low: {title: низкая, below: 30}, high: {title: высокая, at_least: 20 + 30}}}
  by_rooms: {title: Школы по кабинетам, distribution: rooms, decimals: 2, targets: {2024: 5}}
  by_share: {title: Школы по доле, distribution: share_}
  twice: {title: Вдвое, unit: percent, formula: by_rooms.one * 2}
"""
FACTS = """school;year;rooms;a;b
s;2024;один;1;10
t;2024;один;4;10
u;2024;два;6;10
v;2024;;9;10
"""


def test_every_class_has_its_share(tmp_path: Path) -> None:
    catalogue, data = build(tmp_path, CATALOGUE, FACTS)
    names = [name for name in catalogue.indicators if name.startswith("by_")]
    assert names == [
        "by_rooms.one",
        "by_rooms.two",
        "by_rooms.many",
        "by_share.low",
        "by_share.high",
    ]
    one = catalogue.indicators["by_rooms.one"]
    assert (one.title, one.unit and one.unit.id) == ("Школы по кабинетам: один", "percent")
    rows = rows_of(catalogue, data)
    values = {name: rows[name, "town", 2024]["value"] for name in names}
    # Of the school that did not answer, and of the one in the gap, no class is known.
    assert values == {
        "by_rooms.one": 66.67,
        "by_rooms.two": 33.33,
        "by_rooms.many": 0,
        "by_share.low": 33.3,
        "by_share.high": 66.7,
    }
    assert rows["by_rooms.one", "s", 2024]["value"] == 100
    assert rows["by_rooms.one", "v", 2024]["reason"] == "not_reported"
    assert rows["by_share.low", "t", 2024]["reason"] == "outside_scale"
    assert rows["twice", "town", 2024]["value"] == 133.3


def test_how_many_schools_have_a_class_is_printed(tmp_path: Path) -> None:
    catalogue, data = build(tmp_path, CATALOGUE, FACTS)
    asking = Asking(columns=("value", "members"))
    frame = compute_results(catalogue, data, asking).frame
    rows = {
        (row["indicator"], row["place"]): (row["members"], row["members_expected"])
        for row in frame.iter_rows(named=True)
        if row["year"] == 2024
    }
    assert rows["by_rooms.one", "town"] == (3, 4)
    assert rows["by_share.low", "town"] == (3, 4)
    assert rows["by_share.low", "s"] == (0, 0)
    assert rows["twice", "town"] == (0, 0)
