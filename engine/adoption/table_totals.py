"""Rows that are sums of others."""

from __future__ import annotations

from collections.abc import Sequence

from engine.adoption.grids import Grid
from engine.data.cells import parse_number

CLOSE = 1e-9
"""How near two sums of numbers are that were written as equal."""

_LEAST_ADDENDS = 3


def find_sums(
    grid: Grid, rows: Sequence[int], body: Sequence[int], columns: Sequence[int]
) -> list[int]:
    """Those of `rows` that equal the sum of all other rows of a body in every column of numbers.

    At least three others have numbers, and it is not 0 everywhere.
    """
    if not rows:
        return []
    numbers = {row: _read_numbers(grid, row, columns) for row in body}
    sums: dict[int, float] = {}
    for filled in numbers.values():
        for column, number in filled.items():
            sums[column] = sums.get(column, 0) + number
    count = sum(any(filled.values()) for filled in numbers.values())
    return [
        row
        for row in rows
        if any(numbers[row].values())
        and count > _LEAST_ADDENDS
        and all(
            abs(2 * numbers[row].get(column, 0) - total) < CLOSE for column, total in sums.items()
        )
    ]


def _read_numbers(grid: Grid, row: int, columns: Sequence[int]) -> dict[int, float]:
    """The numbers of a row, by column."""
    read = {column: parse_number(grid.cells.get((row, column), "")) for column in columns}
    return {column: float(number) for column, number in read.items() if number is not None}
