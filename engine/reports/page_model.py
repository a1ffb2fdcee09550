"""What a template sees: places with their groups and plan, lines of an indicator, cells of a year."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.catalogue.model import Event, Group, Indicator, Kind, Period, Severity
from engine.reports.result_rows import Row

if TYPE_CHECKING:
    from markupsafe import Markup


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
class YearCell:
    """One line in one year at one place.

    `below` is there where the target is one for every school, not for this place; `unset`: the
    order has a cell for the target and left it empty; `checks`: numbers of the failed checks that
    touch the value. `above` is the fact of the place that this one lies in, there where the place
    is not of the highest level. `reference`: the fact as the target of the places above would judge
    it, there where it is given for orientation alone.
    """

    year: int
    fact: Row | None = None
    forecast: Row | None = None
    below: Below | None = None
    unset: bool = False
    checks: tuple[int, ...] = ()
    above: Row | None = None
    reference: Row | None = None

    @property
    def average(self) -> float | None:
        """Of what is counted: what one of those who reported has on average, in the place above."""
        above = self.above
        if above is None or above.unit is None or not above.unit.counted or not above.reported:
            return None
        value = above.value
        return value / above.reported if isinstance(value, int | float) else None


@dataclass(frozen=True, slots=True)
class PageLine:
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
    cells: tuple[YearCell, ...]
    note: int = 0
    depth: int = 0
    indicator: Indicator | None = None


@dataclass(frozen=True, slots=True)
class PlannedEvent:
    """A measure of the plan with its results."""

    event: Event
    lines: tuple[PageLine, ...]
    note: int

    @property
    def unanswered(self) -> bool:
        """Whether it has results, and in no year of the report has anybody said anything of them."""
        cells = [cell for line in self.lines for cell in line.cells]
        rows = [row for cell in cells for row in (cell.fact, cell.forecast) if row is not None]
        return bool(rows) and all(row.reason == "not_reported" for row in rows)


@dataclass(frozen=True, slots=True)
class Section:
    """A group with its indicators or, in the plan, its events."""

    group: Group
    note: int
    lines: tuple[PageLine, ...] = ()
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
    """One place: its indicators by group, its plan by section.

    It is of the highest level, or the one that a sheet of its own is made for (`--each`). `within`
    are the titles of the places it lies in, by their level. `reporters` are the schools in it,
    `checks` those that failed in it.
    """

    id: str
    title: str
    level: str
    groups: tuple[Section, ...]
    plan: tuple[Section, ...]
    tallies: tuple[Tally, ...]
    plan_tallies: tuple[Tally, ...]
    within: Mapping[str, str]
    reporters: tuple[Reporter, ...] = ()
    checks: tuple[FailedCheck, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """One of the places below, with its cells of one indicator in the order of the years."""

    place: str
    title: str
    level: str
    cells: tuple[YearCell, ...]


@dataclass(frozen=True, slots=True)
class Reporter:
    """A school, and by year whether it reported: None where it was not expected to.

    `answered` of the `asked` questions have an answer.
    """

    place: str
    title: str
    reported: Mapping[int, bool | None]
    answered: Mapping[int, int]
    asked: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Mark:
    """What a sign in a table of numbers means; `reason` is empty for the sign of a zero."""

    reason: str
    sign: str
    words: str
    meaning: str


@dataclass(frozen=True, slots=True)
class FormulaWords:
    """A formula as written and in words, and the year from which it holds (None: always)."""

    since: int | None
    text: str
    words: str


@dataclass(frozen=True, slots=True)
class Passport:
    """What an indicator (or an input) is: how it is counted, and where the order says so.

    `missing` says in words what becomes of schools that have not reported, `better` which way is
    good; both are empty where there is nothing to say. `inputs` are titles of what is asked for it.
    """

    id: str
    code: str
    title: str
    group: str
    unit: str
    formulas: tuple[FormulaWords, ...]
    inputs: tuple[str, ...]
    missing: str
    better: str
    period: Period
    document: str
    number: str
    date: str
    clause: str
    interpretation: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing of an indicator's years.

    `svg` may stand in a page as it is and says in words what it shows; `words` are the same words.
    """

    title: str
    words: str
    svg: Markup


@dataclass(frozen=True, slots=True)
class YearColumns:
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
class FailedPlace:
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
    failures: tuple[FailedPlace, ...]
