"""One mistake in a catalogue is one line, or a few: what follows from it is counted there."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from engine.catalogue.load import find_definitions, load
from engine.problems import Problem, fold_problems, show_problem

pytestmark = pytest.mark.no_cover

MOST = 6
"""Lines for one mistake, whatever it is; nearly always it is one."""
HOWS = ("delete", "key", "swap", "sign")


def spoil(lines: list[str], rng: random.Random) -> list[str]:
    """The lines of a file with one mistake of those that hands make."""
    number, how = rng.randrange(len(lines) - 1), rng.choice(HOWS)
    line = lines[number]
    if how == "swap":
        return [*lines[:number], lines[number + 1], line, *lines[number + 2 :]]
    if how == "key":
        line = line.replace(":", "x:", 1)
    elif how == "sign":
        place = rng.randrange(len(line))
        line = line[:place] + rng.choice('ax ":[{,') + line[place + 1 :].rstrip("\n") + "\n"
    return [*lines[:number], *([] if how == "delete" else [line]), *lines[number + 1 :]]


def check(folder: Path) -> tuple[list[Problem], list[Problem]]:
    """All problems but notes, and those that are printed."""
    _catalogue, problems = load(folder)
    kept = [problem for problem in problems if problem.severity != "note"]
    return kept, list(fold_problems(kept))


@pytest.mark.parametrize("seed", range(30))
def test_one_mistake_gives_few_lines(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    source = find_definitions() / rng.choice(["berezniki", "michurinsk"])
    spoilt = rng.choice(sorted(source.glob("*.yaml")))
    for file in source.glob("*.yaml"):
        text = file.read_text(encoding="utf-8")
        if file == spoilt:
            text = "".join(spoil(text.splitlines(keepends=True), rng))
        (tmp_path / file.name).write_text(text, encoding="utf-8")
    every, shown = check(tmp_path)
    assert len(shown) <= MOST, "\n".join(map(show_problem, shown))
    counted = sum((problem.count or 1) + problem.follow_ups for problem in shown)
    assert counted == len(every), "every problem is shown or counted"


@pytest.mark.parametrize(
    ("file", "old", "new", "lines"),
    [
        ("inputs.yaml", "inputs:\n", "input:\n", 1),
        ("inputs.yaml", "  graduates_11:", "  graduates_111:", 1),
        ("inputs.yaml", "title: Обучающиеся 5–11 классов\n", "title: Обучающиеся 5–11 классов\n    type: text\n", 2),
        ("indicators.yaml", "indicators:\n", "indicator:\n", 1),
        ("indicators.yaml", "  targeted_share:", "  targetted_share:", 1),
        ("indicators.yaml", '"share(targeted_enrolled, enrolled_spo_vo)"', '"share(targeted_enrolled, "', 1),
        ("catalogue.yaml", "has_grades_10_11", "has_grades_10_12", 1),
        ("catalogue.yaml", "[school, municipality]", "[school, town]", 2),
        ("catalogue.yaml", "years: [2022, 2023, 2024]", "years: [2022, 2023]", 2),
    ],
)  # fmt: skip
def test_a_mistake_with_many_follow_ups(
    tmp_path: Path, file: str, old: str, new: str, lines: int
) -> None:
    source = find_definitions() / "berezniki"
    for path in source.glob("*.yaml"):
        text = path.read_text(encoding="utf-8")
        if path.name == file:
            assert old in text
            text = text.replace(old, new, 1)
        (tmp_path / path.name).write_text(text, encoding="utf-8")
    every, shown = check(tmp_path)
    assert len(shown) <= lines, "\n".join(map(show_problem, shown))
    assert len(every) > lines
