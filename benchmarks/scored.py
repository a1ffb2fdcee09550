"""The country of town.py with scales, scores and ranks added, as an order of a region has them.

Every share has a scale, each scale is that of every twentieth share. Scores add up points of shares, and
the last one the scores before it. Ranks compare scores of places; the last one compares the schools of
a municipality. Numbers are in these tables alone: the catalogue and the script of by_hand_scored.py
are made of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from benchmarks.town import NATIONAL, Size, run_apart, write_town

How = Literal["sum", "mean", "share"]
Absent = Literal["none", "zero", "rescale"]


@dataclass(frozen=True, slots=True)
class Class:
    """A class of a scale: its ends in units of the scale's last decimal, both included."""

    id: str
    title: str
    at_least: int | None
    at_most: int | None
    points: int | None


@dataclass(frozen=True, slots=True)
class Scale:
    """Classes of a percentage that is rounded to `decimals`, 0 or 1."""

    id: str
    decimals: int
    classes: tuple[Class, ...]


@dataclass(frozen=True, slots=True)
class Score:
    """`members`: the number of a share → the weight of its points, in hundredths."""

    id: str
    how: How
    absent: Absent
    members: dict[int, int]


@dataclass(frozen=True, slots=True)
class ScoredSize:
    """A size of town.py, and how many scales there are, and scores; the last score is that of scores."""

    size: Size
    number: int

    def __str__(self) -> str:
        """The size with the number of scales and scores."""
        return f"{self.size}, {self.number}"

    @property
    def scales(self) -> tuple[Scale, ...]:
        """The scales, in the catalogue's order."""
        return tuple(_make_scale(number) for number in range(1, self.number + 1))

    @property
    def scores(self) -> tuple[Score, ...]:
        """The scores of shares: each has the points of three of them."""
        return tuple(
            Score(
                f"score_{number}",
                _HOWS[number // 3 % 3],
                _ABSENT[number % 3],
                {
                    (number - 1 + turn * self.number) % self.size.indicators + 1: weight
                    for turn, weight in enumerate((50, 30, 20))
                },
            )
            for number in range(1, self.number)
        )

    def scale_of(self, share: int) -> Scale:
        """The scale of a share by its number, from 1."""
        return _make_scale((share - 1) % self.number + 1)


SCORED = ScoredSize(NATIONAL, 20)
TOTAL, BEST = "score_total", "best_schools"
"""The score of scores, and the mean of the best schools of every municipality."""
BEST_SHARE, BEST_PLACES = 1, 3
"""Whose the places of schools are, and up to which of them a school is one of the best."""
RANKS = (
    ("rank_1", "score_1", "region"),
    ("rank_2", "score_2", "region"),
    ("rank_3", TOTAL, "region"),
    ("rank_4", TOTAL, "country"),
)
"""The id of a rank, what is compared, and inside which level; BEST is the fifth."""

_TITLES = (("low", "низкий"), ("middle", "средний"), ("high", "высокий"), ("top", "лучший"))
_HOWS: tuple[How, ...] = ("sum", "mean", "share")
_ABSENT: tuple[Absent, ...] = ("none", "zero", "rescale")


def _make_scale(number: int) -> Scale:
    """Four classes around the mean. One scale in four has a gap, the lowest of another gives no points."""
    decimals = number % 2
    unit = 10**decimals
    first = (44 + number % 5) * unit
    ends = (first, first + 3 * unit, first + 6 * unit)
    # With a gap it is «до 47, от 48»: whole numbers of a value that has tenths.
    step = unit if number % 4 == 1 else 1
    return Scale(
        f"scale_{number}",
        decimals,
        tuple(
            Class(
                name,
                title,
                low,
                None if high is None else high - step,
                None if number % 4 == 3 and place == 0 else place * (number % 3 + 1),
            )
            for place, ((name, title), low, high) in enumerate(
                zip(_TITLES, (None, *ends), (*ends, None), strict=True)
            )
        ),
    )


def write_scored_town(folder: Path, scored: ScoredSize) -> None:
    """The town of `write_town` with all of this in its catalogue."""
    write_town(folder, scored.size)
    file = folder / "catalogue" / "catalogue.yaml"
    lines = file.read_text(encoding="utf-8").splitlines()
    for number in range(1, scored.size.indicators + 1):
        head = f"  share_{number}: {{"
        place = next(place for place, line in enumerate(lines) if line.startswith(head))
        lines[place] = lines[place].replace(
            "unit: percent,", f"unit: percent, scale: {scored.scale_of(number).id},", 1
        )
    lines += [*_describe_scores(scored), *_describe_ranks(), "scales:"]
    lines += [line for scale in scored.scales for line in _describe_scale(scale)]
    file.write_text("\n".join([*lines, ""]), encoding="utf-8")


def write_scored_town_apart(folder: Path, scored: ScoredSize) -> None:
    """The same in a process of its own."""
    run_apart(write_scored_town, folder, scored)


def _describe_scale(scale: Scale) -> Iterator[str]:
    yield f"  {scale.id}:"
    yield "    unit: percent"
    yield f"    round: {scale.decimals}"
    yield "    classes:"
    for each in scale.classes:
        words = [f"title: {each.title}"]
        for word, units in (("at_least", each.at_least), ("at_most", each.at_most)):
            if units is not None:
                words.append(f"{word}: {units / 10**scale.decimals:g}")
        if each.points is not None:
            words.append(f"points: {each.points}")
        yield f"      {each.id}: {{{', '.join(words)}}}"


def _describe_scores(scored: ScoredSize) -> Iterator[str]:
    for score in scored.scores:
        unit = "percent" if score.how == "share" else "point"
        members = ", ".join(
            f'"points(share_{number})": {weight / 100:g}'
            for number, weight in score.members.items()
        )
        yield (
            f"  {score.id}: {{title: Балл {score.id}, unit: {unit}, better: more, decimals: 2, "
            f"score: {{how: {score.how}, absent: {score.absent}, of: {{{members}}}}}}}"
        )
    members = ", ".join(score.id for score in scored.scores if score.how != "share")
    yield (
        f"  {TOTAL}: {{title: Итоговый балл, unit: point, better: more, decimals: 2, "
        f"score: {{how: mean, absent: rescale, of: [{members}]}}}}"
    )


def _describe_ranks() -> Iterator[str]:
    for name, score, level in RANKS:
        yield f'  {name}: {{title: Место {name}, unit: place, formula: "rank({score}, {level})"}}'
    share = f"share_{BEST_SHARE}"
    yield (
        f"  {BEST}: {{title: Лучшие школы, unit: percent, better: more, formula: "
        f'"mean_of(school, only({share}, rank({share}, municipality) <= {BEST_PLACES}))"}}'
    )
