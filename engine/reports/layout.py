"""What a template sees: places with their groups and plan, lines of an indicator, cells of a year."""

from __future__ import annotations

from dataclasses import dataclass

from engine.catalogue.model import Event, Group, Indicator, Kind, Period, Severity
from engine.reports.rows import Row


@dataclass(frozen=True, slots=True)
class Below:
    """How places of a lower level did where the target speaks of each of them.

    `met` of the `judged` reached it; `row` is one of theirs, for its target's words.
    """

    level: str
    met: int
    judged: int
    row: Row


@dataclass(frozen=True, slots=True)
class Cell:
    """One line in one year at one place.

    `below` is there where the target is one for every school, not for this place; `unset`: the
    order has a cell for the target and left it empty; `checks`: numbers of the failed checks that
    touch the value.
    """

    year: int
    fact: Row | None = None
    forecast: Row | None = None
    below: Below | None = None
    unset: bool = False
    checks: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """An indicator, or a part of an input, with its cells in the order of the years asked for.

    `depth` is 0, and more where the line stands under another as its part; `indicator` is None
    where it is a part of an input. `note` is the number of the note that says how it is read, 0
    where there is none.
    """

    id: str
    code: str
    title: str
    type: Kind
    unit: str
    cells: tuple[Cell, ...]
    note: int = 0
    depth: int = 0
    indicator: Indicator | None = None


@dataclass(frozen=True, slots=True)
class PlannedEvent:
    """A measure of the plan with its results."""

    event: Event
    lines: tuple[Line, ...]
    note: int


@dataclass(frozen=True, slots=True)
class Section:
    """A group with its indicators or, in the plan, its events."""

    group: Group
    note: int
    lines: tuple[Line, ...] = ()
    events: tuple[PlannedEvent, ...] = ()


@dataclass(frozen=True, slots=True)
class Tally:
    """How many indicators of a place and year reached their targets.

    `missing` have a target and no value; `preliminary` verdicts rest on incomplete data.
    """

    year: int
    met: int
    missed: int
    missing: int
    preliminary: int

    @property
    def targets(self) -> int:
        """How many have a target."""
        return self.met + self.missed + self.missing


@dataclass(frozen=True, slots=True)
class Place:
    """One place of the highest level: its indicators by group, its plan by section."""

    id: str
    title: str
    level: str
    groups: tuple[Section, ...]
    plan: tuple[Section, ...]
    tallies: tuple[Tally, ...]
    plan_tallies: tuple[Tally, ...]


@dataclass(frozen=True, slots=True)
class Columns:
    """Which years a table has, how they are printed, whether there is anything to judge."""

    years: tuple[int, ...]
    period: Period
    judged: bool


@dataclass(frozen=True, slots=True)
class Note:
    """How the order was read where it can be read in several ways."""

    number: int
    about: str
    text: str


@dataclass(frozen=True, slots=True)
class Failure:
    """A place at which a check failed, and in which years."""

    place: str
    years: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class FailedCheck:
    """A check that failed somewhere; `number` marks the values it touches."""

    id: str
    number: int
    message: str
    severity: Severity
    failures: tuple[Failure, ...]
