"""Whatever stands in a catalogue, reading it ends in problems with places, never in a crash."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from engine import load
from engine.problems import has_errors, show_problem

FULL = Path(__file__).parent / "cases" / "full_catalogue.yaml"
ODD: tuple[Any, ...] = (
    None,
    True,
    -1,
    3.5,
    10**30,
    "",
    "x",
    "a b",
    "a.b.c",
    "class",
    "°",
    "длинно" * 500,
    [],
    {},
    [None],
    [[]],
    {"": 1},
    {"2022": {}},
    {"title": 5},
)

Path_ = tuple[str | int, ...]


def paths(data: Any, above: Path_ = ()) -> Iterator[Path_]:
    pairs = data.items() if isinstance(data, dict) else enumerate(data)
    for key, value in pairs:
        yield (*above, key)
        if isinstance(value, dict | list):
            yield from paths(value, (*above, key))


def test_the_full_catalogue_is_whole(tmp_path: Path) -> None:
    (tmp_path / "catalogue.yaml").write_text(FULL.read_text(encoding="utf-8"), encoding="utf-8")
    catalogue, problems = load(tmp_path)
    assert catalogue is not None
    assert [show_problem(one) for one in problems if one.severity == "error"] == []


@pytest.mark.no_cover
@pytest.mark.parametrize("seed", range(4))
def test_something_odd_at_every_place(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    full = yaml.safe_load(FULL.read_text(encoding="utf-8"))
    places = list(paths(full))
    for place in places[seed::8]:
        data = copy.deepcopy(full)
        parent = data
        for key in place[:-1]:
            parent = parent[key]
        parent[place[-1]] = chance.choice(ODD)
        text = yaml.safe_dump(data, allow_unicode=True)
        (tmp_path / "catalogue.yaml").write_text(text, encoding="utf-8")
        _catalogue, problems = load(tmp_path)
        for problem in problems:
            assert problem.position is not None
            assert show_problem(problem)
        assert isinstance(has_errors(problems), bool)
