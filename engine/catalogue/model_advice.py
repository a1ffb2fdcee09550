"""Recommendations as the engine sees them: a condition, and the text told where it holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.language.grammar import Formula
from engine.problems import Position, Runs

FIRST, USUAL, LAST = 1, 5, 9
"""Priorities: what is told first, what goes without saying, what is told last."""


@dataclass(frozen=True, slots=True)
class AdviceText:
    """A text as written, with `{{ value }}` and the like in it, and where its signs stand."""

    written: str
    position: Position
    runs: Runs = ()


@dataclass(frozen=True, slots=True)
class Advice:
    """What is recommended to a place of `level` where `when` holds.

    `about` is the id of the indicator or input that the text's numbers belong to: the first that
    the condition names. `names` are ids of the text that stand for numbers of other inputs and
    indicators; `figures` are the words of the text that stand for numbers of `about`.
    """

    id: str
    level: str
    when: Formula
    text: AdviceText
    priority: int = USUAL
    about: str = ""
    figures: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    position: Position | None = None
    positions: Mapping[str, Position] = field(default_factory=dict)


FIGURES = (
    *("value", "target", "shortfall", "previous", "change"),
    *("reported", "expected", "missing"),
)
"""Words of a text that stand for numbers of what it is about, at its place and in its year.

Of an indicator: as printed; its target (below the level of the target, that of a percent for
reference); how many are lacking or too many; the value a year before, and the difference. Of coverage: how many
schools reported, were expected, did not report.
"""
WORDS = ("year", "place", "place_title", "title")
"""Other words of a text: the year, the id and title of the place, the title of the indicator."""
