"""What a public page would print, cell by cell: every number of the results, once.

A number is printed where its row stands, and again as `previous` beside the year after it and as
`plan` beside the fact; where its own row is not among the results, these are its cell.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, NamedTuple

from engine.catalogue.model import SCENARIOS, Catalogue, Indicator
from engine.evaluation.input_rows import input_rows

FACT, FORECAST = SCENARIOS
# A page prints numbers: lists of texts are hidden by other rules.
_NUMBERS = ("number", "yes_no")
_SOME = Fraction(1)
"""What stands for a class: it is no number, and nothing is computed from it."""


class PrintedCell(NamedTuple):
    """Where a number is printed: what it is, and of which place, year and scenario."""

    id: str
    level: str
    place: str
    year: int
    scenario: str


@dataclass(frozen=True, slots=True)
class PrintedNumbers:
    """All numbers that stand in the results, as they are printed.

    `before` and `plans`: of a row, the cells of the numbers beside it. `zero`: rows without a
    value because they would divide by zero. `expected`: how many places a cell was asked of,
    `reported`: how many answered. `classes`: those that an earlier release printed.
    """

    values: dict[PrintedCell, Fraction] = field(default_factory=dict)
    nothing: dict[PrintedCell, str] = field(default_factory=dict)
    before: dict[PrintedCell, PrintedCell] = field(default_factory=dict)
    plans: dict[PrintedCell, PrintedCell] = field(default_factory=dict)
    expected: dict[PrintedCell, int] = field(default_factory=dict)
    reported: dict[PrintedCell, int] = field(default_factory=dict)
    classes: dict[PrintedCell, str] = field(default_factory=dict)


def read_printed_cells(columns: Mapping[str, list[Any]], height: int) -> PrintedNumbers:
    """The cells of results given column by column; a column that is not there prints nothing."""
    printed = PrintedNumbers()
    keys = list_printed_cells(columns)
    empty = [None] * height
    kinds, values = columns.get("type", ["number"] * height), columns.get("value", empty)
    classes = columns.get("class", empty)
    for name, counts in (("expected", printed.expected), ("reported", printed.reported)):
        for cell, count in zip(keys, columns.get(name, empty), strict=True):
            if count is not None:
                counts[cell] = count
    for cell, kind, value, class_, reason in zip(
        keys, kinds, values, classes, columns.get("reason", empty), strict=True
    ):
        if kind == "class" and class_ is not None:
            printed.values[cell] = _SOME
        if kind not in _NUMBERS:
            continue
        if value is not None:
            printed.values[cell] = as_fraction(value)
        elif reason is not None:
            printed.nothing[cell] = reason
    known = set(keys)
    for name, neighbours in (("plan", printed.plans), ("previous", printed.before)):
        for cell, value in zip(keys, columns.get(name, empty), strict=True):
            if value is None:
                continue
            other = cell._replace(scenario=FORECAST)
            if name == "previous":
                other = _cell_before(printed, known, cell, as_fraction(value))
            neighbours[cell] = other
            printed.values.setdefault(other, as_fraction(value))
    return printed


def list_printed_cells(columns: Mapping[str, list[Any]]) -> list[PrintedCell]:
    """The cell of each row."""
    names = ("indicator", "level", "place", "year", "scenario")
    return [PrintedCell(*row) for row in zip(*(columns[name] for name in names), strict=True)]


def _cell_before(
    printed: PrintedNumbers, known: set[PrintedCell], cell: PrintedCell, value: Fraction
) -> PrintedCell:
    """The cell of `previous`: the fact of the year before, beside a forecast perhaps its forecast."""
    fact = cell._replace(year=cell.year - 1, scenario=FACT)
    if cell.scenario == FACT or printed.values.get(fact) == value:
        return fact
    forecast = fact._replace(scenario=FORECAST)
    return forecast if forecast in known or fact in printed.values else fact


def as_fraction(value: float) -> Fraction:
    """A number as it is printed: 12.5 is 25/2, whatever the noise of its last bit."""
    return Fraction(repr(float(value)))


def describe_rows(catalogue: Catalogue) -> dict[str, Indicator]:
    """Every row that results may have, by its id."""
    return {**input_rows(catalogue), **catalogue.indicators}


def group_by_row(
    cells: Iterator[PrintedCell] | Mapping[PrintedCell, Any],
) -> dict[tuple[str, int, str], list[PrintedCell]]:
    """The cells by what they are, year and scenario: those of all places together."""
    grouped: dict[tuple[str, int, str], list[PrintedCell]] = {}
    for cell in cells:
        grouped.setdefault((cell.id, cell.year, cell.scenario), []).append(cell)
    return grouped
