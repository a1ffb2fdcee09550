"""The letters of a sheet's columns, and back."""

from __future__ import annotations


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


def name_range(first: tuple[int, int], last: tuple[int, int]) -> str:
    """The address of the cells from the first to the last, both (row, column) from 0: `B2:C5`."""
    return ":".join(f"{name_column(column + 1)}{row + 1}" for row, column in (first, last))
