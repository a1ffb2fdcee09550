"""How the years of a table are told apart where one table of them all is too wide for the paper."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import TypeVar

from engine.reports import filters
from engine.reports.result_rows import Row

_Year = TypeVar("_Year")
_PAPER = 66.6  # rem: what a page of A4 has between its margins, as the summary is printed
_TITLES, _BASE = 25.0, 6.0  # rem: number, title and unit of a line; its base
_VALUE, _TARGET = 6.6, 7.2  # rem, of a year, where nothing in it is longer than usual
_LETTER = 0.52  # rem, at most, as it is printed
_BESIDE_VALUE, _BESIDE_TARGET = 1.8, 0.6  # rem: margins, the sign of the verdict


def divide_years(
    years: Sequence[_Year], fits: Callable[[Sequence[_Year]], bool]
) -> list[Sequence[_Year]]:
    """The years in the fewest parts, as even as they come, that all fit; each alone where none do."""
    parts: list[Sequence[_Year]] = []
    for count in range(1, len(years) + 1):
        whole, more = divmod(len(years), count)
        edges = [at * whole + min(at, more) for at in range(count + 1)]
        parts = [years[start:end] for start, end in pairwise(edges)]
        if all(map(fits, parts)):
            break
    return parts


def list_table_years(
    years: Sequence[int], rows: Iterable[Row], *, judged: bool, base: bool
) -> list[Sequence[int]]:
    """The years of each table of a summary: as many as A4 takes with the longest number of the rows.

    `judged`: whether each year has a column of targets; `base`: whether the table has one of bases.
    """
    known = list(rows)
    value = _measure(map(_print_value, known), _BESIDE_VALUE)
    target = _measure(map(filters.target, known), _BESIDE_TARGET)
    year = max(_VALUE, value) + (max(_TARGET, target) if judged else 0.0)
    room = _PAPER - _TITLES - (_BASE if base else 0.0)
    return divide_years(years, lambda part: len(part) * year <= room)


def _measure(texts: Iterable[str], beside: float) -> float:
    """The rem that the longest word of some texts takes, with what stands beside it."""
    words = (word for text in texts for word in text.split(" "))
    return beside + _LETTER * max(map(len, words), default=0)


def _print_value(row: Row) -> str:
    """A number or a class, which is not broken, and the words of a class beside it; texts have lines of their own."""
    texts = isinstance(row.value, tuple | list) or row.value is None
    return "" if texts else f"{filters.value(row)} {filters.grade(row)}"
