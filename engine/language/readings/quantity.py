"""What a part of a formula gives in the reading of units."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from engine.language.grammar import Formula
from engine.problems import Problem
from engine.units import Unit


@dataclass(frozen=True, slots=True)
class Quantity:
    """What a part of a formula gives.

    `unit` is None for a plain number, which takes the unit of what it meets. `hundred`: it was
    multiplied by a written 100, so that a ratio of it is a percent. `schools_only`: a yes/no of
    schools or of the register, which has a meaning only where schools are looked at one by one.
    `wholes`: for a bare name, the names it is known to lie within, itself included.
    `counted`: for an indicator in a recommendation, the unit of what it counts (see `shortfall`).
    """

    type: Literal["number", "yes_no", "text", "word"]
    unit: Unit | None = None
    hundred: bool = False
    literal: float | int | None = None
    schools_only: bool = False
    wholes: frozenset[str] = frozenset()
    title: str = ""
    counted: Unit | None = None


Describe = Callable[[str], Quantity | None]


@dataclass(frozen=True, slots=True)
class Measured:
    """What the reading of units found. `formula` has the conversions of scaled units in it."""

    quantity: Quantity | None
    formula: Formula
    problems: tuple[Problem, ...]


def show_unit(unit: Unit | None) -> str:
    """A unit inside a message."""
    return f"{unit.title} ({unit.id})" if unit and unit.title != unit.id else str(unit and unit.id)
