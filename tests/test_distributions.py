"""Distributions: an indicator for every class of a choice or of a scaled indicator."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.evaluation.asking import Asking
from engine.evaluation.evaluate import compute_results
from engine.evaluation.explain.explain import explain
from engine.reports.formats.proof_text import show_proof
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


BELOW = """
inputs:
  a: {title: Часть, unit: person}
  b: {title: Целое, unit: person}
indicators:
  share_:
    title: Доля
    unit: percent
    formula: share(a, b)
    levels: [school]
    scale: {classes: {low: {title: низкая, below: 50}, high: {title: высокая, at_least: 50}}}
  by_share: {title: Школы по доле, distribution: share_}
  lowest: {title: Худшая, unit: percent, formula: "min_of(school, share_)"}
"""
BARE_FACTS = "school;year;a;b\ns;2024;1;10\nt;2024;4;10\nu;2024;6;10\nv;2024;;10\n"


def prove(tmp_path: Path, catalogue: str, facts: str, name: str) -> str:
    built, data = build(tmp_path, catalogue, facts)
    proof, problems = explain(built, data, name, year=2024, level="municipality")
    assert proof is not None, problems
    return show_proof(proof, built).replace("\u00a0", " ")


def test_a_proof_counts_the_schools_of_every_class_and_names_theirs(tmp_path: Path) -> None:
    text = prove(tmp_path, CATALOGUE, FACTS, "by_share.high")
    lines = [line.strip() for line in text.splitlines()]
    start = lines.index("2 из 3 школ")
    assert lines[start : start + 7] == [
        "2 из 3 школ",
        "по классам: «низкая» — 1, «высокая» — 2",
        "s [s]: «низкая» — нет",
        "u [u]: «высокая» — да",
        "v [v]: «высокая» — да",
        "t [t]: не вошла: вне шкалы",
        "без класса и поэтому вне распределения: 1 из 4 школ",
    ]
    # The share of all schools together, and its class, are no part of it; the cells of the schools are.
    assert "↳" not in text
    entered = lines.index("Вошли в расчёт (3):")
    assert [line.split(" (")[0] for line in lines[entered + 1 : entered + 4]] == [
        "s [s]",
        "a = 1",
        "b = 10",
    ]
    assert "Не вошли в расчёт (1):" in lines
    assert "Файлы (имя — sha256):" in lines


def test_the_answers_of_a_choice_are_counted_in_the_proof(tmp_path: Path) -> None:
    text = prove(tmp_path, CATALOGUE, FACTS, "by_rooms.many")
    assert "по классам: «один» — 2, «два» — 1, «много» — 0" in text
    assert "s [s]: «один» — нет" in text
    assert "без класса и поэтому вне распределения: 1 из 4 школ" in text


@pytest.mark.parametrize("name", ["by_share.low", "lowest"])
def test_a_proof_does_not_step_into_what_is_computed_below_only(tmp_path: Path, name: str) -> None:
    text = prove(tmp_path, BELOW, BARE_FACTS, name)
    assert "на этом уровне не считается" not in text
    assert "↳" not in text
    assert "a = 6 " in text
