"""What is asked of an evaluation, and what it gives: data only, for every room above."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import polars as pl

from engine.catalogue.model import Indicator
from engine.problems import Problem


@dataclass(frozen=True, slots=True)
class Results:
    """`blocks`: frames with a row per indicator × level × place × year × scenario, at least one.

    Each has all rows of some indicators, in the order of the contract. Their columns are those of
    interface.md, with `text` (a list, for textual indicators), `target_to` (the upper end of a
    between-target) and `type` (see kinds.py). `compute_blocks` makes them while they are gone
    through, which can be done once.
    `problems` are the failed checks of the catalogue; `rows` what the ids stand for; `advice` what is
    recommended in the asked years, at all levels and places.
    """

    blocks: Iterable[pl.DataFrame]
    problems: tuple[Problem, ...]
    rows: Mapping[str, Indicator]
    skipped_checks: int = 0
    advice: tuple[AdviceResult, ...] = ()

    @property
    def frame(self) -> pl.DataFrame:
        """All rows in one frame."""
        return pl.concat(self.blocks)


@dataclass(frozen=True, slots=True)
class Asking:
    """What is asked of an evaluation; empty is all there is."""

    years: tuple[int, ...] = ()
    levels: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    indicators: tuple[str, ...] = ()
    scenario: str | None = None
    inputs: bool = False
    columns: tuple[str, ...] = ()
    advice: bool = False

    @property
    def kept(self) -> frozenset[str]:
        """The columns of the output that are asked for."""
        return frozenset((*(self.columns or ALL_COLUMNS), *ALWAYS))


ResultNumber = float | None
Value = float | bool | tuple[str, ...] | None
"""What a result comes to: a number, yes or no, texts; None where it has no value."""


@dataclass(frozen=True, slots=True)
class AdviceResult:
    """One recommendation to one place about one year, by the facts.

    `about` is the indicator or input whose numbers `figures` are, by the words of the text;
    `names` are those of other indicators and inputs, by id. All are as printed. `exceeds`: the
    figure `shortfall` is how many are too many, not how many are lacking. `comparator` is that of the
    target where places have targets of their own, else empty.
    """

    id: str
    level: str
    place: str
    year: int
    priority: int
    about: str = ""
    figures: Mapping[str, ResultNumber] = field(default_factory=dict)
    names: Mapping[str, ResultNumber] = field(default_factory=dict)
    exceeds: bool = False
    comparator: str = ""


COLUMNS = (
    "indicator",
    "code",
    "title",
    "level",
    "place",
    "place_title",
    "year",
    "scenario",
    "value",
    "raw",
    "unit",
    "reason",
    "target",
    "comparator",
    "deviation",
    "status",
    "reference",
    "previous",
    "change",
    "trend",
    "plan",
    "plan_deviation",
    "reported",
    "expected",
    "checks",
)
"""The columns of the output of every catalogue, in order (interface.md)."""


GRADES = ("class", "class_title", "points")
"""The columns after those, of catalogues that give classes or points."""


BASE = "base"
"""The column of catalogues in which targets are counted from a base."""


ALL_COLUMNS = (*COLUMNS, *GRADES, BASE)


JUDGED = frozenset({"target", "comparator", "deviation", "status", "reference"})
"""The columns that depend on a target."""


ALWAYS = ("indicator", "level", "place", "year", "scenario")


SHORTFALL, SAME_REPORTERS = "shortfall", "same_reporters"
"""Columns that are computed only where they are asked for by name, and that no format writes: how
many are lacking to the target, and whether the schools that answered are those of the year before."""
MEMBERS = "members"
"""Likewise: of the places that a function over a set takes together, how many have its argument; beside
it stands `members_expected`, how many there are. 0 of 0 where the formula has no set above the school."""


@dataclass(frozen=True, slots=True)
class NeededColumns:
    """Which columns of the plan each row needs, by what the output keeps."""

    value: bool
    reason: bool
    coverage: bool

    @classmethod
    def of(cls, columns: frozenset[str]) -> NeededColumns:
        """What the asked-for output columns rest on."""
        judged = columns & {
            *("value", "raw", *JUDGED),
            *("previous", "change", "trend", "plan", "plan_deviation"),
        }
        return cls(
            value=bool(judged) or "reason" in columns,
            reason="reason" in columns,
            coverage=bool(columns & {"reported", "expected"}),
        )
