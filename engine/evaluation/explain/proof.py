"""The proof of a number, as data: what it is made of, down to the cells it came from."""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from engine.data.model import SourceCell

ProofNumber = float | int | bool | None


@dataclass(frozen=True, slots=True)
class ProofPlace:
    """One school (or place that gives the inputs) and its part in the formula.

    `entered`: its `cells` are in the number. `lacking`: the inputs it should have given and has not.
    `outside`: the condition, in words, for which it does not count at all.
    """

    place: str
    title: str
    expected: bool
    reported: bool
    entered: bool
    lacking: tuple[str, ...]
    cells: tuple[SourceCell, ...]
    outside: str = ""


@dataclass(frozen=True, slots=True)
class SchoolTerm:
    """One school in a function over schools: its number or condition, and its weight in a mean.

    Without a value it is left out, for a reason. `in_class`: its class, where the condition is one.
    """

    place: str
    title: str
    value: ProofNumber
    weight: ProofNumber
    reason: str | None
    in_class: str = ""


@dataclass(frozen=True, slots=True)
class ClassCount:
    """A class by its title, and how many of the schools are in it."""

    title: str
    count: int


@dataclass(frozen=True, slots=True)
class OverSchools:
    """How a function over schools, or over the places of another `level`, came to its number.

    `how`: "sum", "mean", "weighted_mean", "median", "min", "max", "percentile", "with", "share" or
    "rank"; `words` say it. `count` schools have a value; `total` is the sum of the values (of
    value × weight, or how many hold), `weight` that of the weights. `middle`: the schools in the middle
    of a median, around a percentile, with the least or greatest value, or the one that is ranked.
    `schools` stand with those left out last; `more_schools` are not listed. `classes`: how many of all are
    in each class, where the condition is a class; empty otherwise.
    """

    how: str
    words: str
    count: int
    total: ProofNumber
    weight: ProofNumber
    middle: tuple[SchoolTerm, ...]
    schools: tuple[SchoolTerm, ...]
    more_schools: int
    level: str = "school"
    classes: tuple[ClassCount, ...] = ()


@dataclass(frozen=True, slots=True)
class ProofGrade:
    """How a value, or an answer (`text`), came to a class and points.

    `heading`: whether that is a class, points, or both. `rounded`: the value as it was classed,
    where that is coarser than it prints with `decimals`. `span`: the ends of the class or the
    points of the line, as text. `reason`: why no points. `words`: all of it, as it is printed.
    """

    heading: str
    title: str
    scale: str
    scale_title: str
    value: ProofNumber
    text: str
    unit: str | None
    decimals: int
    rounded: ProofNumber
    class_id: str
    class_title: str
    span: str
    points: ProofNumber
    reason: str | None
    words: str


@dataclass(frozen=True, slots=True)
class ProofMember:
    """A member of a score: what it is worth, its weight, the weight used, and what it gives.

    `reason`: why it, or its weight, has no value; `fate`: what became of it then, in words. `used` and
    `contribution` are None where it left.
    """

    name: str
    title: str
    value: ProofNumber
    weight: ProofNumber
    used: ProofNumber
    contribution: ProofNumber
    reason: str | None
    fate: str


@dataclass(frozen=True, slots=True)
class ProofScore:
    """How a score came to its value; `numbers`: the sum with numbers put in, empty without a value."""

    how: str
    absent: str
    members: tuple[ProofMember, ...]
    numbers: str


@dataclass(frozen=True, slots=True)
class ComparedSchool:
    """One school in a change over the same schools.

    `same`: it is in both years; else `missing_year` is the first of them in which it is not.
    `joined`: the titles of schools that it has taken in since the year before.
    """

    place: str
    title: str
    same: bool
    missing_year: int | None
    joined: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProofTerm:
    """One thing the formula names, with what it is worth at the place.

    `kind`: "input", "indicator", "constant", "register", "class" or "call" (then `name` is the call as
    written and `title` its words). `short_title` is what is printed of the title. `value` is rolled
    up over the schools that entered. `schools`: how a call over schools came to it. `before`: of a
    change over a year the value before, `now` the value of the year. `grade`: of points and of a
    class, what they are made of. `text`: of what is a class, its title.
    """

    kind: str
    name: str
    title: str
    short_title: str
    value: ProofNumber
    unit: str | None
    reason: str | None
    reported: int | None
    expected: int | None
    schools: OverSchools | None = None
    now: ProofNumber = None
    before: ProofNumber = None
    grade: ProofGrade | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class ProofStep:
    """One tree computed on its own: the whole formula, or what a part of it reads elsewhere.

    `formula` is as written, `words` the same in words, `numbers` with numbers put in. `places` are
    the schools of `place`, whose `places_level` gave the inputs; `more_places` how many more there
    are than are listed. `short_title` is what is printed of the title. `steps` are the parts that
    were computed on their own. `grade`: the class and the points of an indicator that has them.
    `compared`: the schools of a change over the same schools; None of any other formula. `score`:
    the members of a score. `text`: of what is a class, its title.
    """

    title: str
    short_title: str
    indicator: str | None
    level: str
    place: str
    place_title: str
    year: int
    scenario: str
    formula: str
    words: str
    numbers: str
    value: ProofNumber
    unit: str | None
    reason: str | None
    reported: int | None
    expected: int | None
    terms: tuple[ProofTerm, ...]
    places_level: str
    places: tuple[ProofPlace, ...]
    more_places: int
    steps: tuple[ProofStep, ...]
    grade: ProofGrade | None = None
    compared: tuple[ComparedSchool, ...] | None = None
    score: ProofScore | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Proof:
    """The proof of one number. `row` is its row of the results, as in the JSON of `evaluate`.

    `definition` holds what the catalogue says of the indicator: its place in the order, how it was
    understood, where it is declared. `catalogue`, `data` and `engine` are the versions it depends on.
    `shortfall`: how many are lacking to the target or, above it, too many; None where that is not known.
    """

    row: dict[str, Any]
    definition: dict[str, Any]
    step: ProofStep
    catalogue: str
    data: str
    engine: str
    shortfall: float | None = None

    def as_json(self) -> dict[str, Any]:
        """The proof as an object of JSON; numbers that are not whole at 12 significant digits."""
        plain: dict[str, Any] = _plain(self)
        return plain


_ONLY_WHERE_SAID = ("outside", "grade", "compared", "score", "in_class", "classes")
"""What stands only where something is said of it."""
_CELL = ("input", "value", "text", "state", "file", "sheet", "cell", "row", "column", "sha256")


def _plain(thing: Any) -> Any:
    """Records as objects, tuples as lists, numbers as they are printed."""
    if is_dataclass(thing):
        names = _CELL if isinstance(thing, SourceCell) else [field.name for field in fields(thing)]
        values = {name: getattr(thing, name) for name in names}
        return {
            name: _plain(value)
            for name, value in values.items()
            if value or name not in _ONLY_WHERE_SAID
        }
    if isinstance(thing, dict):
        return {key: _plain(value) for key, value in thing.items()}
    if isinstance(thing, list | tuple):
        return [_plain(value) for value in thing]
    if isinstance(thing, float):
        number = thing if thing.is_integer() else float(f"{thing:.12g}")
        return int(number) if number.is_integer() else number
    return thing
