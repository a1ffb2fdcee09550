"""What reading a table gives: facts, lines of the protocol, and the fate of every filled cell."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice
from typing import Literal, NamedTuple, TypeAlias

from engine.adoption.grids import Grid
from engine.problems import Problem, Severity
from engine.workbooks.addresses import Cell

Fate = Literal["fact", "line", "heading", "name", "total", "passed"]
"""fact: taken. line: told in the protocol. heading: titles and headings. name: of rows and their units.
total: of totals. passed: blank words, printed notes, columns that are named as not read."""

FATES: tuple[Fate, ...] = ("fact", "line", "heading", "name", "total", "passed")

_WARNINGS = frozenset(
    (
        *("unknown-column", "unknown-row", "likely-total", "total-differs"),
        *(
            "no-column",
            "no-row",
            "year-differs",
            "input-differs",
            "value-above",
            "computed-indicator",
        ),
    )
)
"""Codes of what may well be meant: everything else keeps a value from being taken."""

_SHOWN_PLACES = 3


FactKey: TypeAlias = tuple[str, str, int, str, str]
"""Level, place, year, scenario and input."""


class AdoptedFact(NamedTuple):
    """A cell that is taken: `value` of a number or a yes/no, `text` of words, `state` as `collect` has it."""

    level: str
    place: str
    year: int
    scenario: str
    input: str
    value: float | None
    text: str | None
    state: str
    file: str
    sheet: str
    cell: str

    @property
    def key(self) -> FactKey:
        """What it is a value of."""
        return self[:5]


FactRow: TypeAlias = tuple[str, str, int, str, str, float | None, str | None, str, str, str, str]
"""The fields of an AdoptedFact as a plain tuple: of many cells these cost much less to keep."""


@dataclass(frozen=True, slots=True)
class ColumnLine:
    """A line of the table that is shown: a column or row, what it is, whether that is sure."""

    file: str
    sheet: str
    name: str
    asked: str
    sure: bool
    example: str


@dataclass(slots=True)
class TableReading:
    """What reading a table gives; `fates` has every filled cell of the region, `facts` those taken.

    `unread`: cells of which is known what they answer, but not what they say; each is in a line too.
    `doubtful`: those of another unit, a part of a year or an unknown scenario: they may answer it.
    """

    facts: list[FactRow] = field(default_factory=list)
    unread: list[AdoptedFact] = field(default_factory=list)
    doubtful: list[AdoptedFact] = field(default_factory=list)
    fates: dict[Cell, Fate] = field(default_factory=dict)
    shown: list[ColumnLine] = field(default_factory=list)
    lines: dict[tuple[str, Severity, str, str, str], dict[Cell, None]] = field(default_factory=dict)

    def add_line(
        self,
        code: str,
        message: str,
        cells: Iterable[Cell],
        hint: str = "",
        *,
        severity: Severity | None = None,
        fate: Fate | None = "line",
        at: Cell | None = None,
        about: str = "",
    ) -> None:
        """Tell of cells under one cause; `fate` is theirs, unless they have one.

        `at`: the cell to correct, where that is another one: it is what is pointed at. `about`: the name
        that is wrong.
        """
        severity = severity or ("warning" if code in _WARNINGS else "error")
        known = self.lines.setdefault((code, severity, message, hint, about), {})
        for cell in cells:
            known[at or cell] = None
            if fate:
                self.fates.setdefault(cell, fate)

    def problems(self, grid: Grid) -> list[Problem]:
        """One problem for each cause, at its first cell, with the count and the first places."""
        problems = []
        for (code, severity, message, hint, about), cells in self.lines.items():
            first, *others = [*map(grid.position, islice(cells, _SHOWN_PLACES))] or [
                grid.position(None)
            ]
            # One place is told by the position.
            places = (first, *others) if others else ()
            count = len(cells) if others else 0
            problems.append(Problem(code, message, first, hint, severity, count, places, about))
        return problems
