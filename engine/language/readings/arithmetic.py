"""What the readings of numbers share: columns for all places at once, Excel for one cell.

Each says what a constant and the four operations are; functions speak to these (docs/decisions/0010).
"""

from __future__ import annotations

import ast
from abc import abstractmethod
from collections.abc import Callable
from fractions import Fraction
from typing import Any, TypeVar

import polars as pl

from engine.language.functions import FUNCTIONS
from engine.language.grammar import COMPARE, Reading

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


# --- exactness ------------------------------------------------------------------------------------
# Computing with doubles as if they were exact.
#
# What is computed with decimal fractions carries binary noise (0.3 - 3 * 0.1 is not 0): sums that
# cancel to noise are 0, and comparisons take numbers within a trillionth of each other for equal.
# All of these functions make expressions of Polars.


NOISE = 1e-12
ROUNDING_NOISE = 1e-13
LARGEST_ROUNDED = 1e12
MOST_DIGITS = 22
"""Powers of ten are exact so far; digits beyond it change no number."""


def clean_sum(result: Any, left: Any, right: Any) -> Any:
    """The sum or difference of two numbers, 0 where it is nothing but their noise."""
    noise = (left.abs() + right.abs()) * NOISE
    # Infinity is not less than infinity: what grew past all numbers is no 0.
    return pl.when(result.abs() < noise).then(pl.lit(0.0)).otherwise(result)


def round_half(number: Any, digits: int) -> Any:
    """A number with so many digits after the point (before it, below 0), half away from zero."""
    factor = 10.0 ** max(-MOST_DIGITS, min(digits, MOST_DIGITS))
    scaled = number.abs() * factor
    whole = (scaled * (1 + ROUNDING_NOISE) + 0.5).floor() / factor
    signed = pl.when(number < 0).then(-whole).otherwise(whole)
    # Past 12 digits there is nothing to round but noise, and a whole would become the next.
    return pl.when(scaled < LARGEST_ROUNDED).then(signed).otherwise(number)


MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
"""What a comparison becomes when its sides change places; the others stay."""


def comparison(sign: str, *, exact: bool) -> Callable[[Any, Any], Any]:
    """`<`, `==` and so on; `exact`: both sides are whole numbers, free of noise."""
    if exact:
        return COMPARE[sign]

    def compare(left: Any, right: Any) -> Any:
        close = (left - right).abs() <= (left.abs() + right.abs()) * NOISE
        if sign == "==":
            return close
        if sign == "!=":
            return ~close
        result = COMPARE[sign](left, right)
        return result | close if "=" in sign else result & ~close

    return compare


SIGNIFICANT = 12
"""A number is printed from so many digits: what is beyond them is noise."""
LARGEST_WHOLE = 2.0**53
"""Up to it a double holds every whole number; so do JSON readers, and spreadsheets nearly."""


LARGEST_SCALED = 1e15
"""Below it a double tells every whole number from the next, noise of a few operations included."""


_POWERS = pl.lit(pl.Series([10.0**exponent for exponent in range(MOST_DIGITS + 1)]))


def power_of_ten(exponent: Any) -> Any:
    """10 to a whole power from 0 to 22, exact; 1 where the exponent is below 0.

    Of a column of a frame: it is looked up.
    """
    return _POWERS.gather(exponent.clip(0, MOST_DIGITS).cast(pl.UInt32))


def point_shift(number: Any) -> Any:
    """By how many places the point moves (left, below 0) to leave 12 digits before it.

    Not further than 22: what is smaller than 10^-11, as 0, keeps fewer digits.
    """
    exponent = number.abs().log(10).floor()
    return ((SIGNIFICANT - 1) - exponent).clip(-float(MOST_DIGITS), float(MOST_DIGITS))


def move_point(number: Any, places: Any) -> Any:
    """A number times 10 to the power of `places`.

    For what is rounded afterwards: dividing by a column that it knows to be one number, Polars
    multiplies by its reciprocal, and the last bit may be another (see `judge.divide_exactly`).
    """
    return number * power_of_ten(places) / power_of_ten(-places)


def half_away(number: Any, noise: float = 0.0) -> Any:
    """The nearest whole number, a half (within a relative `noise` of one) away from zero."""
    size = number.abs() * (1 + noise) if noise else number.abs()
    return (size + 0.5).floor() * number.sign()


def round_units(moved: Any, places: Any, scaled: Any) -> Any:
    """Whole units of the last decimal: 12.5 with one decimal is 125.

    `moved` is a number's 12 significant digits (a whole number) times 10 to the power of `places`. So
    equal decimals give equal units, a half goes away from zero, and no noise is left to compare.
    `scaled` is the number itself in units of the last decimal: where these are more than 12 digits
    (12 345 678 901,23), it is rounded as it is, up to the 15 digits that a double holds.
    """
    # Decimals of 12 digits are further from a half than the noise of the division.
    long = (places > 0) & (scaled.abs() < LARGEST_SCALED)
    return (
        pl.when(places < 0)
        .then(half_away(moved, 1e-15))
        .otherwise(pl.when(long).then(half_away(scaled, 1e-15)).otherwise(moved))
    )
