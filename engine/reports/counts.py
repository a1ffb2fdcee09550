"""What a report counts: reached targets, hidden and missing values, answers. Every surface prints these.

A line is counted by one row: its fact beside the target of the place itself or, at a place below,
beside the target that is given there for reference.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from engine.catalogue.lookups import title_distribution
from engine.catalogue.model import Catalogue, Period
from engine.reports.result_rows import Row

OutcomeKind = Literal["indicators", "plan"]


@dataclass(frozen=True, slots=True)
class Tally:
    """How many indicators of a place and year reached their targets.

    `missing` have a target and no value, `hidden` a value that this audience may not see;
    `preliminary` verdicts are of incomplete data. `apart` have a target of which no verdict on the
    place is made: how to compare is not said, or it is set for each place below.
    """

    year: int
    met: int = 0
    missed: int = 0
    missing: int = 0
    hidden: int = 0
    preliminary: int = 0
    apart: int = 0

    @property
    def targets(self) -> int:
        """How many have a target that they are judged by: the first four together."""
        return self.judged + self.missing + self.hidden

    @property
    def with_target(self) -> int:
        """How many have a target, whether or not a verdict on the place is made of it."""
        return self.targets + self.apart

    @property
    def judged(self) -> int:
        """How many have a verdict."""
        return self.met + self.missed


@dataclass(frozen=True, slots=True)
class TargetOutcome:
    """The last year in which something of a kind is judged, as it stands at the top of a page.

    `kind`: the indicators, or the results of the plan. `reference`: the targets are those of a
    place above, given for reference.
    """

    kind: OutcomeKind
    reference: bool
    tally: Tally


@dataclass(frozen=True, slots=True)
class OutsideCount:
    """How many places of a level have no class, of how many: they are in no share of a distribution."""

    title: str
    year: int
    period: Period
    level: str
    count: int
    expected: int


@dataclass(frozen=True, slots=True)
class LowerVerdicts:
    """How places of a lower level did where the target speaks of each of them.

    `tally` counts them; `row` is one of theirs, for its target's words. `differ`: whether theirs are
    not one and the same.
    """

    level: str
    tally: Tally
    row: Row
    differ: bool = False

    @property
    def met(self) -> int:
        """How many reached the target."""
        return self.tally.met

    @property
    def judged(self) -> int:
        """How many have a verdict."""
        return self.tally.judged


def count_targets(year: int, rows: Iterable[Row | None]) -> Tally:
    """The tally of rows of a year, one for each line; what has no target is not counted."""
    counts = dict.fromkeys(("met", "missed", "missing", "hidden", "preliminary"), 0)
    for row in rows:
        outcome = find_outcome(row)
        if row is None or outcome is None:
            continue
        counts[outcome] += 1
        counts["preliminary"] += row.judged and row.incomplete
    return Tally(year, **counts)


def find_outcome(row: Row | None) -> Literal["met", "missed", "missing", "hidden"] | None:
    """What came of a target: None where there is none, or it does not concern the place."""
    if row is None or row.target is None or row.reason == "not_applicable":
        return None
    if row.suppressed:
        return "hidden"
    if row.value is None:
        return "missing"
    if row.status == "met":
        return "met"
    return "missed" if row.status == "missed" else None


def has_target_apart(fact: Row | None, below: LowerVerdicts | None) -> bool:
    """Whether a line has a target in a year, and the place gets no verdict of it whatever its value is."""
    if find_outcome(fact) is not None or (fact is not None and fact.reason == "not_applicable"):
        return False
    return below is not None or (fact is not None and fact.target is not None)


def list_outside(catalogue: Catalogue, rows: Iterable[Row | None]) -> tuple[OutsideCount, ...]:
    """Of every distribution in these rows of one place, by year, who is outside it; none where all are in."""
    counts: dict[OutsideCount, None] = {}
    for row in rows:
        if row is not None and row.outside:
            share = catalogue.indicators[row.indicator]
            left = OutsideCount(
                title_distribution(catalogue, share),
                row.year,
                share.period,
                row.members_level,
                row.outside,
                row.members_expected or 0,
            )
            counts[left] = None
    return tuple(counts)


def choose_last(tallies: Iterable[Tally]) -> Tally | None:
    """That of the last year with a verdict, else of the last with a target; None without targets."""
    known = [tally for tally in tallies if tally.targets]
    return next((tally for tally in reversed(known) if tally.judged), known[-1] if known else None)
