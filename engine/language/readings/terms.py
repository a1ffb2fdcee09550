"""What the reading of columns gives, and what it asks of the plan."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import reduce
from operator import or_
from typing import Any, Protocol

import polars as pl

# --- reasons --------------------------------------------------------------------------------------
# The reading of reasons: why a part of a formula has no value.
#
# Reasons are small whole numbers in the order in which the first that holds is given, so the first
# reason of several parts is their least code. A code is good only where the value it explains is
# null; elsewhere it may hold anything.


class Reason(IntEnum):
    """Why there is no value, in the order in which it is given."""

    BEFORE_FORMULA = 1
    NOT_APPLICABLE = 2
    NOT_READABLE = 3
    NOT_REPORTED = 4
    BLOCKED = 5
    NO_PREVIOUS = 6
    NO_SUCH_LEVEL = 7
    OUTSIDE_SCALE = 8
    SERIES_BREAK = 9
    NO_TARGET = 10
    NO_CONSTANT = 11
    ZERO_DENOMINATOR = 12


NAMES = {reason.value: reason.name.lower() for reason in Reason}
"""Code → the word that stands in the output."""


def choose_reason(condition: Any, yes: Any, no: Any) -> Any:
    """`yes` where a condition holds, else `no`: each a reason, or a column of their codes."""
    codes = [pl.lit(int(each)) if isinstance(each, Reason) else each for each in (yes, no)]
    return pl.when(condition).then(codes[0]).otherwise(codes[1])


def first_of(parts: Sequence[tuple[Sequence[Any], Any]], otherwise: Reason) -> Any:
    """The first reason of (values, their common reason) pairs, among those that lack a value.

    Where every part has a value, the operator itself gave none: that is `otherwise`.
    """
    codes = [
        pl.when(reduce(or_, (value.is_null() for value in values))).then(why)
        for values, why in parts
    ]
    first = codes[0] if len(codes) == 1 else pl.min_horizontal(*codes)
    return first.fill_null(int(otherwise))


def first_that_applies(parts: Sequence[Any]) -> Any:
    """The first reason of (applies, value, reason) triples laid in a row, as in a sum.

    A part that does not apply is no reason; where none applies, that is the reason.
    """
    codes = [
        pl.when(value.is_null() & applies).then(why)
        for applies, value, why in zip(parts[::3], parts[1::3], parts[2::3], strict=True)
    ]
    return pl.min_horizontal(*codes).fill_null(int(Reason.NOT_APPLICABLE))


# --- terms ---


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """A lazy expression over the frame of one level, which can be computed from `stage` on.

    `bare`: one value, made without any column of the frame, so that it has no length of its own.
    Equal is only the same column: expressions are not compared.
    """

    expr: Any
    stage: int = 0
    size: int = 1
    bare: bool = False


@dataclass(frozen=True, slots=True)
class Term:
    """A part of a formula, as columns.

    `value` is null where there is no value, and where the part does not apply; `applies` says where
    it applies (None: everywhere). `why()` makes the column of the reason's code, which is valid only
    where the value is null. `exact`: whole numbers, free of binary noise. `causes`: wherever this
    term has no value, one of these has none (None: the term itself).
    """

    value: Column
    why: Callable[[], Column]
    applies: Column | None = None
    exact: bool = False
    causes: tuple[Term, ...] | None = None


def list_causes(terms: Iterable[Term]) -> tuple[Term, ...]:
    """The terms of which one lacks its value wherever one of `terms` does."""
    return tuple(
        cause for term in terms for cause in ((term,) if term.causes is None else term.causes)
    )


class Plan(Protocol):
    """What the reading asks of the plan: columns that are not made by arithmetic."""

    def settle(self, level: str, column: Column) -> Column: ...
    def reason(self, reason: Reason) -> Column: ...
    def name(self, scope: Any, name: str, level: str) -> Term: ...
    def over_set(self, scope: Any, level: str, call: ast.Call) -> Term: ...
    def rank(self, level: str, call: ast.Call) -> Term: ...
    def schools(self, scope: Any, level: str) -> Term: ...
    def schools_open(self, level: str) -> Term: ...
    def printed_decimals(self, scope: Any, change: ast.Call) -> int | None: ...
    def previous(self, scope: Any, level: str, tree: ast.expr) -> Term: ...
    def at(self, scope: Any, level: str, place: ast.expr, tree: ast.expr) -> Term: ...
    def coalesce(self, scope: Any, level: str, node: ast.Call) -> Term: ...
    def target(self, level: str, indicator: ast.expr) -> Term: ...
    def degree(self, level: str, indicator: ast.expr, x: Term) -> Term: ...
    def points(self, scope: Any, level: str, tree: ast.expr) -> Term: ...
    def lookup(self, scope: Any, level: str, node: ast.Call) -> Term: ...
    def weigh(self, scope: Any, level: str, node: ast.Call) -> Term: ...
    def advice_call(self, level: str, node: ast.Call) -> Term: ...
