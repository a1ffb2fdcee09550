"""Who answered what: the schools of a place, taken together where they enter the same rows.

A total counts the schools that answered it, a share those that answered both its counts. Where
these are not the same schools, a reader who takes the one from the other is left with what the
few schools in between have. So these few are places of their own here, though no page names them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from engine.catalogue.model import Catalogue
from engine.publication.cells import as_fraction
from engine.publication.linear import Sum, is_summed

if TYPE_CHECKING:
    import polars as pl

Need = frozenset[str]
"""The inputs that a school must have answered to enter a row."""
Lineage = Mapping[tuple[str, str, int], Mapping[str, str]]
"""Of (level, place, year) the places it lies in, by their level."""
_NONE = "not_applicable"


class Where(NamedTuple):
    """A place in a year and a scenario."""

    level: str
    place: str
    year: int
    scenario: str


@dataclass(frozen=True, slots=True)
class School:
    """`lacking`: inputs that it should have answered and did not; `values`: those that it did."""

    id: str
    lacking: frozenset[str]
    values: Mapping[str, Fraction]


@dataclass(frozen=True, slots=True)
class Group:
    """Schools of a place that enter the same rows, and what they have together.

    `where`: a place of the lowest level, the school itself where schools are public.
    """

    where: Where
    enters: frozenset[Need]
    schools: Sequence[School]
    values: Mapping[str, Fraction]


Answers = Mapping[Where, Sequence[School]]


def read_answers(
    catalogue: Catalogue, results: pl.DataFrame, public: Collection[str], lineage: Lineage
) -> Answers:
    """The schools of each lowest public place above them, where one left something unanswered.

    `results`: rows of all levels, inputs among them.
    """
    import polars as pl

    school, *upper = catalogue.levels
    base = next((level for level in upper if level in public), None)
    names = [one.id for one in catalogue.inputs.values() if one.level == school and is_summed(one)]
    if base is None or not names or not {"value", "reason"} <= set(results.columns):
        return {}
    keys = ["place", "year", "scenario"]
    asked = results.filter(pl.col("level") == school, pl.col("indicator").is_in(names)).select(
        "indicator", *keys, "value", applies=pl.col("reason").ne_missing(_NONE)
    )
    asked = asked.filter(pl.col("applies"))
    lacking = asked.filter(pl.col("value").is_null()).select("year", "scenario").unique()
    tops = results.filter(pl.col("level") == base)["place"].unique()
    only = tops[0] if tops.len() == 1 else None
    read: dict[tuple[str, int, str], tuple[set[str], dict[str, Fraction]]] = {}
    for name, place, year, scenario, value, _applies in asked.join(
        lacking, ["year", "scenario"], "semi", maintain_order="left"
    ).iter_rows():
        left, values = read.setdefault((place, year, scenario), (set(), {}))
        if value is None:
            left.add(name)
        else:
            values[name] = as_fraction(value)
    found: dict[Where, list[School]] = {}
    for (place, year, scenario), (left, values) in read.items():
        there = lineage.get((school, place, year), {}).get(base, only)
        if there is not None and values:
            one = School(place, frozenset(left), values)
            found.setdefault(Where(base, there, year, scenario), []).append(one)
    return {where: schools for where, schools in found.items() if any(x.lacking for x in schools)}


def group_schools(
    schools: Iterable[School], needs: Collection[Need], where: Where, level: str, *, alone: bool
) -> list[Group]:
    """The schools of `where`, those together that enter the same rows; each `alone` if so asked.

    `needs`: those of all rows. `level`: that of schools.
    """
    together: dict[tuple[frozenset[Need], str], list[School]] = {}
    for school in schools:
        enters = frozenset(need for need in needs if not need & school.lacking)
        together.setdefault((enters, school.id if alone else ""), []).append(school)
    groups = []
    for number, ((enters, name), members) in enumerate(together.items(), start=1):
        # No register holds an id with a line break: this place is not one of its schools.
        there = where._replace(level=level, place=name or f"{where.place}\n{number}")
        groups.append(Group(there, enters, members, _add_up(members)))
    return groups


def find_uneven(groups: Iterable[Group], needs: Iterable[Need]) -> set[str]:
    """The inputs that schools answered without entering every row that names them."""
    return {
        name
        for group in groups
        for need in needs
        if need not in group.enters
        for name in need
        if name in group.values
    }


def keeps_rule(schools: Iterable[School], rule: Sum) -> bool:
    """Whether a sum that is not negative at each school is not negative for these together.

    Of a school that left a part of it unanswered nothing is known, unless it only adds.
    """
    return not any(
        school.lacking & rule.keys()
        and any(factor < 0 and name in school.values for name, factor in rule.items())
        for school in schools
    )


def _add_up(schools: Iterable[School]) -> dict[str, Fraction]:
    total = dict[str, Fraction]()
    for school in schools:
        for name, value in school.values.items():
            total[name] = total.get(name, Fraction()) + value
    return total
