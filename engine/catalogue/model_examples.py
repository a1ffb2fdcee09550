"""Examples as the engine sees them: tiny data, and what must come out of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from engine.problems import Position


@dataclass(frozen=True, slots=True)
class Expectation:
    """What an example expects of one indicator; `value` is a number, a bool, texts or None."""

    indicator: str
    value: float | bool | tuple[str, ...] | None
    level: str | None = None
    place: str | None = None
    reason: str | None = None
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """A tiny data set in the catalogue, and what must come out of it.

    `years`: year → school → input → cell as written; `given`: level → place → input → cell, the
    place empty where it goes without saying; `register`: school → column → cell as written.
    `positions`: the first place where each input, column of the register and level is named:
    ("input", id), ("column", id), ("level", id).
    """

    name: str
    years: Mapping[int, Mapping[str, Mapping[str, str]]]
    expect: tuple[Expectation, ...]
    register: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    given: Mapping[str, Mapping[str, Mapping[str, str]]] = field(default_factory=dict)
    scenario: Literal["fact", "forecast"] = "fact"
    position: Position | None = None
    positions: Mapping[tuple[str, str], Position] = field(default_factory=dict)
