"""The reading of reasons: why a part of a formula has no value.

Reasons are small whole numbers in the order in which the first that holds is told, so the first
reason of several parts is their least code. A code is good only where the value it explains is
null; elsewhere it may hold anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from functools import reduce
from operator import or_
from typing import Any

import polars as pl


class Reason(IntEnum):
    """Why there is no value, in the order in which it is told."""

    BEFORE_FORMULA = 1
    NOT_APPLICABLE = 2
    NOT_READABLE = 3
    NOT_REPORTED = 4
    BLOCKED = 5
    NO_PREVIOUS = 6
    NO_SUCH_LEVEL = 7
    ZERO_DENOMINATOR = 8


NAMES = {reason.value: reason.name.lower() for reason in Reason}
"""Code → the word that stands in the output."""


def first_of(parts: Sequence[tuple[Sequence[Any], Any]], otherwise: Reason) -> Any:
    """The first reason of (values, their common reason) pairs, among those that lack a value.

    Where every part has a value, the operator itself gave none: that is `otherwise`.
    """
    told = [
        pl.when(reduce(or_, (value.is_null() for value in values))).then(why)
        for values, why in parts
    ]
    first = told[0] if len(told) == 1 else pl.min_horizontal(*told)
    return first.fill_null(int(otherwise))


def first_that_applies(parts: Sequence[Any]) -> Any:
    """The first reason of (applies, value, reason) triples laid in a row, as in a sum.

    A part that does not apply is no reason; where none applies, that is the reason.
    """
    told = [
        pl.when(value.is_null() & applies).then(why)
        for applies, value, why in zip(parts[::3], parts[1::3], parts[2::3], strict=True)
    ]
    return pl.min_horizontal(*told).fill_null(int(Reason.NOT_APPLICABLE))
