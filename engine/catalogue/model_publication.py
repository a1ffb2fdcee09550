"""What of the results may be shown to whom, as the order or a careful reading of it says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from engine.problems import Position

Ranking = Literal["forbidden", "allowed"]
Shown = Literal["hidden", "shown"]

LEAST, USUAL, MOST = 2, 5, 100
"""Bounds of `suppress_below`, and what it is where the catalogue is silent."""
PEOPLE = ("person",)
"""Units that count people where the catalogue does not say more."""


@dataclass(frozen=True, slots=True)
class Publication:
    """The policy of a catalogue: what the public may see.

    `public_levels`: levels whose places may be shown. `suppress_below`: a count of people under it
    is hidden, and every hidden whole number stays uncertain by at least as much. `people`: units
    that count people. `zeros` and `texts`: whether a count of zero and what schools wrote in words
    may be shown. `clause` is the sentence of the order as printed, `where` its place in the order;
    `interpretation` is what was decided where the order is silent.
    """

    ranking: Ranking = "forbidden"
    public_levels: tuple[str, ...] = ()
    suppress_below: int = USUAL
    people: tuple[str, ...] = PEOPLE
    zeros: Shown = "hidden"
    texts: Shown = "hidden"
    clause: str = ""
    where: str = ""
    interpretation: str = ""
    position: Position | None = None
    positions: Mapping[str, Position] = field(default_factory=dict)
