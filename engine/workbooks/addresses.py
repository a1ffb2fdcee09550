"""Addresses of a sheet's cells, and back: B7 is row 6, column 1, both counted from 0."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from typing import TypeVar

_Thing = TypeVar("_Thing")

Cell = tuple[int, int]
"""Row and column, both from 0."""

_ADDRESS = re.compile(r"([A-Za-z]{1,3})([1-9][0-9]{0,6})")


def name_column(ordinal: int) -> str:
    """The letters of a column: 1 is A, 28 is AB."""
    letters = ""
    while ordinal:
        ordinal, rest = divmod(ordinal - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def number_column(letters: str) -> int:
    """The ordinal of a column: A is 1, AB is 28. The letters are capital and Latin."""
    ordinal = 0
    for letter in letters:
        ordinal = ordinal * 26 + ord(letter) - ord("A") + 1
    return ordinal


def name_cell(cell: Cell) -> str:
    """The address of a cell: `B7`."""
    return f"{name_column(cell[1] + 1)}{cell[0] + 1}"


def name_range(first: Cell, last: Cell) -> str:
    """The address of the cells from the first to the last: `B2:C5`."""
    return f"{name_cell(first)}:{name_cell(last)}"


def read_address(text: str) -> Cell | None:
    """The cell of an address; None where the text is no address of one cell."""
    address = _ADDRESS.fullmatch(text)
    return (int(address[2]) - 1, number_column(address[1].upper()) - 1) if address else None


def split_runs(
    things: Iterable[_Thing], cell_of: Callable[[_Thing], Cell]
) -> Iterator[list[_Thing]]:
    """The things in runs whose cells stand below each other without a gap, column by column."""
    placed = sorted(((cell_of(thing), thing) for thing in things), key=lambda each: each[0][::-1])
    runs = groupby(
        enumerate(placed), lambda numbered: (numbered[1][0][1], numbered[1][0][0] - numbered[0])
    )
    for _column_and_gap, run in runs:
        yield [thing for _number, (_cell, thing) in run]
