"""How a table of magnitudes is written for an invented town: rules of answers, schools, the town."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Grades:
    """Pupils of the grades `first`…`last`, `lag` years ago; `ovz`: only those with disabilities."""

    first: int
    last: int
    lag: int = 0
    ovz: bool = False


@dataclass(frozen=True, slots=True)
class Portion:
    """A share of other answers: their sum less others; `step` a year from the base year on.

    `spread`: how far schools differ, as a part of the share (or of what is left to 1).
    """

    of: tuple[str | Grades, ...]
    share: float
    step: float = 0.0
    spread: float = 0.15
    less: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sum:
    """Several magnitudes together."""

    of: tuple[str | Portion, ...]


@dataclass(frozen=True, slots=True)
class Total:
    """About so many in the whole town in the base year, shared out over so many schools by size.

    Rules of the same `who` choose the same schools; None: all schools take part. `growth`: the part
    of the amount that comes on top each year.
    """

    amount: int
    schools: int | None = None
    growth: float = 0.03
    who: str = ""


@dataclass(frozen=True, slots=True)
class Few:
    """A small number of each school; 0 where the yes/no input `where` says no."""

    low: int
    high: int
    where: str = ""


@dataclass(frozen=True, slots=True)
class Yes:
    """How many schools say yes, by year; a year that is not named has the number before it."""

    schools: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Given:
    """What a place above the school answers, as written, by year; `plan`: its forecast."""

    values: Mapping[int, str]
    plan: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Texts:
    """One or two of these."""

    words: tuple[str, ...]


Rule = Grades | Portion | Sum | Total | Few | Yes | Given | Texts


@dataclass(frozen=True, slots=True)
class School:
    """`parallel`: pupils of one grade. `first`, `last`: its grades. `opened`, `closed`: years."""

    id: str
    title: str
    parallel: int
    first: int = 1
    last: int = 11
    ovz: float = 0.05
    opened: int | None = None
    closed: int | None = None


@dataclass(frozen=True, slots=True)
class Town:
    """An invented town.

    `history` is the year before the catalogue's own, `planned` the year with forecasts beside
    facts. `gaps`: (school, year) → inputs it left empty, none named: all. `crossed`: input →
    years in which every school writes «н/п». `shares`: (school, year, input) → its very share.
    `no_plan`: schools without a forecast. `excel`: written as a Russian Excel writes CSV. `titles`:
    what places above the lowest level are called.
    """

    catalogue: str
    base: int
    history: int
    planned: int | None
    schools: tuple[School, ...]
    rules: Mapping[str, Rule]
    places: Mapping[str, str]
    gaps: Mapping[tuple[str, int], tuple[str, ...]]
    shares: Mapping[tuple[str, int, str], float]
    crossed: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    no_plan: tuple[str, ...] = ()
    excel: bool = False
    titles: Mapping[str, str] = field(default_factory=dict)
