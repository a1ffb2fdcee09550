"""Reckoning with doubles as if it were exact.

What is reckoned with decimal fractions carries binary noise (0.3 - 3 * 0.1 is not 0): sums that
cancel to noise are 0, and comparisons take numbers within a trillionth of each other for equal.
Everything here makes expressions of Polars.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl

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
    plain: dict[str, Callable[[Any, Any], Any]] = {
        "<": lambda one, two: one < two,
        "<=": lambda one, two: one <= two,
        ">": lambda one, two: one > two,
        ">=": lambda one, two: one >= two,
        "==": lambda one, two: one == two,
        "!=": lambda one, two: one != two,
    }
    if exact:
        return plain[sign]

    def compare(one: Any, two: Any) -> Any:
        close = (one - two).abs() <= (one.abs() + two.abs()) * NOISE
        if sign == "==":
            return close
        if sign == "!=":
            return ~close
        return plain[sign](one, two) | close if "=" in sign else plain[sign](one, two) & ~close

    return compare


SIGNIFICANT = 12
"""A number is printed from so many digits: what is beyond them is noise."""


def power_of_ten(number: Any, *, up: bool) -> Any:
    """By what a number is multiplied (`up`) and divided to have its digits before the point."""
    number = number.abs()
    exponent = pl.when(number > 0).then(number.log(10)).otherwise(pl.lit(0.0)).floor()
    digits = (SIGNIFICANT - 1) - exponent if up else exponent - (SIGNIFICANT - 1)
    return (10.0 ** digits.clip(0.0, float(MOST_DIGITS)) + 0.5).floor()


def half_away(number: Any, noise: float = 0.0) -> Any:
    """The nearest whole number, a half (within a relative `noise` of one) away from zero."""
    whole = (number.abs() * (1 + noise) + 0.5).floor()
    return pl.when(number < 0).then(-whole).otherwise(whole)


def whole_units(number: Any, decimals: int) -> Any:
    """A number of 12 significant digits in units of its last decimal: 12.5 with one is 125."""
    scaled = number * 10.0**decimals
    rounded = half_away(scaled, 1e-15)
    return pl.when(scaled.abs() < LARGEST_ROUNDED).then(rounded).otherwise(scaled)
