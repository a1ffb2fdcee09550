"""What a function of the language is: one declaration, which every reading asks.

Readings are handed in, so nothing here knows a data engine or a spreadsheet.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from engine.language.readings.quantity import Quantity

if TYPE_CHECKING:
    from engine.language.readings.units import UnitsReading

Read = Literal["here", "at_schools", "a_year_before", "above", "own", "literal"]
"""Where an argument is read: at this place; at each school; here a year before; at the place of
another level; on its own, with its own schools; not at all, being a word or a number itself."""

UnitsOf: TypeAlias = "Callable[[UnitsReading, ast.Call, list[Quantity | None]], Quantity | None]"
NumbersOf = Callable[[Any, ast.Call], Any]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One argument: its name in the documentation, and how it is read."""

    name: str
    read: Read = "here"
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Function:
    """One function, whole. `words` is a pattern over the arguments' words, by position.

    `advice`: it stands only in the conditions of recommendations.
    """

    name: str
    parameters: tuple[Parameter, ...]
    doc: str
    words: str
    units: UnitsOf
    numbers: NumbersOf
    variadic: bool = False
    advice: bool = False

    @property
    def signature(self) -> str:
        """`share(part, whole)`."""
        names = ", ".join(parameter.name for parameter in self.parameters)
        return f"{self.name}({names}{', …' if self.variadic else ''})"

    @property
    def least(self) -> int:
        """How many arguments it needs."""
        return sum(not parameter.optional for parameter in self.parameters)

    @property
    def most(self) -> int | None:
        """How many arguments it takes, None where there is no bound."""
        return None if self.variadic else len(self.parameters)

    def reads(self, index: int) -> Read:
        """How the argument at `index` is read; a variadic function reads the rest as the last."""
        return self.parameters[min(index, len(self.parameters) - 1)].read
