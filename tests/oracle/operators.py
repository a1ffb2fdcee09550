"""Answers, and what operators and functions over schools make of them, exactly."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import floor

from tests.oracle.world import Value

REASONS = (
    "before_formula",
    "not_applicable",
    "not_readable",
    "not_reported",
    "blocked",
    "no_previous",
    "no_such_level",
    "outside_scale",
    "series_break",
    "no_target",
    "no_constant",
    "zero_denominator",
)


@dataclass(frozen=True)
class Answer:
    """A value, or the reason why there is none. What does not apply has the reason for it."""

    value: Fraction | bool | None = None
    reason: str | None = None
    applies: bool = True

    @property
    def number(self) -> Fraction:
        """The value where it is known to be there and to be a number."""
        if isinstance(self.value, bool) or self.value is None:
            raise TypeError(self)
        return self.value


NOT_APPLICABLE = Answer(reason="not_applicable", applies=False)


# --- operators -----------------------------------------------------------------------------------


def least(reasons: Iterable[str]) -> str:
    """The first reason that holds."""
    return min(reasons, key=REASONS.index)


def without(answers: Iterable[Answer]) -> Answer:
    """No value, for the first of the reasons of those that have none."""
    return Answer(reason=least(answer.reason for answer in answers if answer.reason))


def add(left: Answer, right: Answer, sign: ast.operator) -> Answer:
    """A sum or a difference: a side that does not apply counts as 0."""
    if not left.applies and not right.applies:
        return NOT_APPLICABLE
    left, right = (side if side.applies else Answer(Fraction(0)) for side in (left, right))
    return combine([left, right], lambda a, b: a - b if isinstance(sign, ast.Sub) else a + b)


def times(left: Answer, right: Answer, sign: ast.operator) -> Answer:
    """A product or a quotient."""
    return combine(
        [left, right], lambda a, b: divided(a, b) if isinstance(sign, ast.Div) else a * b
    )


def combine(answers: list[Answer], take: Callable[..., Fraction | bool]) -> Answer:
    """Any other operator: applies when all sides do, has a value when all have one."""
    applies = all(answer.applies for answer in answers)
    if any(answer.value is None for answer in answers):
        return Answer(reason=without(answers).reason, applies=applies)
    try:
        return Answer(take(*(answer.value for answer in answers)))
    except ZeroDivisionError:
        return Answer(reason="zero_denominator")


def divided(a: Fraction, b: Fraction) -> Fraction:
    """A / b, exact."""
    return Fraction(a) / Fraction(b)


def holds(values: tuple[Fraction, ...], signs: list[ast.cmpop]) -> bool:
    """A comparison; of a chain every link."""
    tests: Mapping[type[ast.cmpop], Callable[[Fraction, Fraction], bool]] = {
        ast.Lt: lambda a, b: a < b,
        ast.LtE: lambda a, b: a <= b,
        ast.Gt: lambda a, b: a > b,
        ast.GtE: lambda a, b: a >= b,
        ast.Eq: lambda a, b: a == b,
        ast.NotEq: lambda a, b: a != b,
    }
    links = zip(values, signs, values[1:], strict=False)
    return all(tests[type(sign)](a, b) for a, sign, b in links)


def rounded(value: Fraction, digits: int) -> Fraction:
    """Half away from zero."""
    scale = Fraction(10) ** digits
    size = floor(abs(value) * scale + Fraction(1, 2)) / scale
    return size if value >= 0 else -size


def found_or_gap(value: Value | None, reason: str = "not_reported") -> Answer:
    """A value that is there, or the reason of a gap."""
    if isinstance(value, str):
        raise TypeError(value)
    return Answer(reason=reason) if value is None else Answer(value)


# --- over a set ----------------------------------------------------------------------------------


def mean(values: list[Fraction]) -> Fraction:
    """The arithmetic mean."""
    return Fraction(sum(values)) / len(values)


def median(values: list[Fraction]) -> Fraction:
    """The middle value, or the mean of the two in the middle."""
    ordered, half = sorted(values), len(values) // 2
    return ordered[half] if len(values) % 2 else mean(ordered[half - 1 : half + 1])


def weighted_mean(pairs: list[list[Fraction]]) -> Fraction | None:
    """Σ(x · weight) / Σ weight; None where the weights sum to 0."""
    total = sum(weight for _, weight in pairs)
    return sum((x * weight for x, weight in pairs), Fraction(0)) / total if total else None


ROLLUPS: Mapping[str, Callable[[list[Value]], Fraction]] = {
    "sum": lambda values: sum((Fraction(value) for value in values), Fraction(0)),
    "schools": lambda values: Fraction(sum(value is True for value in values)),
    "mean": lambda values: mean([Fraction(value) for value in values]),
    "min": lambda values: min(Fraction(value) for value in values),
    "max": lambda values: max(Fraction(value) for value in values),
    "last": lambda values: Fraction(values[-1]),
}
OVER_SET: Mapping[str, Callable[[list[Fraction]], Fraction | int]] = {
    "count_of": lambda values: sum(values, Fraction(0)),
    "share_of": lambda values: 100 * mean(values),
    "sum_of": lambda values: sum(values, Fraction(0)),
    "mean_of": mean,
    "median_of": median,
    "min_of": min,
    "max_of": max,
}


def percentile(values: list[Fraction], percent: Fraction) -> Fraction:
    """On the straight line between the values in order, the ends included."""
    ordered = sorted(values)
    where = (len(ordered) - 1) * percent / 100
    low = floor(where)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (where - low)
