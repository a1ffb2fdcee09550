"""Rows of a table that are the sums of others, whatever the table is."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

from engine.catalogue.model import Catalogue
from engine.data.tables import shorten
from engine.level_words import speak_of
from engine.translation import gettext as _
from engine.translation import ngettext
from engine.units import format_number

RowNumbers: TypeAlias = "Mapping[int, Mapping[int, float]]"
"""Row → column → the number in it, in the order of the rows; a cell without a number is absent."""

_CLOSE = 1e-9
"""How near two sums of numbers are that were written as equal."""
_LEAST_ADDENDS = 3


def find_sums(numbers: RowNumbers, rows: Iterable[int]) -> list[int]:
    """Those of `rows` that equal the sum of all other rows in every column.

    At least three others have numbers, and it is not 0 everywhere.
    """
    sums = _add_columns(numbers.values())
    count = sum(any(filled.values()) for filled in numbers.values())
    return [
        row
        for row in rows
        if count > _LEAST_ADDENDS
        and any(numbers[row].values())
        and all(is_close(2 * numbers[row].get(column, 0), total) for column, total in sums.items())
    ]


def find_differences(
    numbers: RowNumbers, totals: RowNumbers
) -> Iterator[tuple[int, int, float, float]]:
    """Row, column, number of a total and sum of the rows, where these differ.

    A total is that of all rows, or of those between it and the total before.
    """
    rows, sums = sorted(numbers), _add_columns(numbers.values())
    before = -1
    for total in sorted(totals):
        between = rows[bisect_right(rows, before) : bisect_left(rows, total)]
        of_part = _add_columns(numbers[row] for row in between)
        for column, written in totals[total].items():
            added = sums.get(column, 0)
            if not is_close(written, added) and not is_close(written, of_part.get(column, 0)):
                yield total, column, written, added
        before = total


def _add_columns(rows: Iterable[Mapping[int, float]]) -> dict[int, float]:
    sums: dict[int, float] = {}
    for filled in rows:
        for column, number in filled.items():
            sums[column] = sums.get(column, 0) + number
    return sums


def is_close(number: float, other: float) -> bool:
    """Whether two numbers were written as equal."""
    return abs(number - other) < _CLOSE * max(1, abs(number))


def describe_total(
    catalogue: Catalogue, name: str, written: float, added: float, unread: int
) -> str:
    """What a total says and what the rows make together, of the column of this name.

    `unread`: how many filled cells of these rows could not be read, and are not in the sum.
    """
    message = speak_of(
        catalogue.levels[0],
        _("“{name}”: the total of the book is {written}, the schools add up to {added}"),
        _("“{name}”: the total of the book is {written}, the rows add up to {added}"),
        name=shorten(name),
        written=format_number(written, language=catalogue.language),
        added=format_number(added, language=catalogue.language),
    )
    if not unread:
        return message
    without = ngettext("without {count} unread cell", "without {count} unread cells", unread)
    return f"{message}, {without.format(count=unread)}"
