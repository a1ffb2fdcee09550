"""What the readings of numbers share: columns for all places at once, Excel for one cell.

Each says what a constant and the four operations are; functions speak to these (docs/decisions/0010).
"""

from __future__ import annotations

import ast
from abc import abstractmethod
from fractions import Fraction
from typing import TypeVar

from engine.language.grammar import Reading

T = TypeVar("T")


class Numbers(Reading[T]):
    """A reading in which a formula is computed, not described."""

    def number(self, value: float, node: ast.Constant) -> T:
        return self.constant(value)

    def binary(self, sign: str, left: T, right: T, node: ast.BinOp) -> T:
        operators = {
            "+": self.add,
            "-": self.subtract,
            "*": self.multiply,
            "/": self.divide,
        }
        return operators[sign](left, right)

    def call(self, function: str, arguments: list[ast.expr], node: ast.Call) -> T:
        from engine.language.functions import FUNCTIONS

        result: T = FUNCTIONS[function].numbers(self, node)
        return result

    @abstractmethod
    def constant(self, value: float | Fraction) -> T:
        """The same number everywhere."""

    @abstractmethod
    def add(self, left: T, right: T) -> T:
        """`left + right`; what does not apply counts as 0 beside what does."""

    @abstractmethod
    def subtract(self, left: T, right: T) -> T:
        """`left - right`, likewise."""

    @abstractmethod
    def multiply(self, left: T, right: T) -> T:
        """`left * right`."""

    @abstractmethod
    def divide(self, left: T, right: T) -> T:
        """`left / right`; no value where the right is 0."""
