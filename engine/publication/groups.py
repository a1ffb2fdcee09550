"""Who answered what: the schools of a place, taken together where they enter the same rows.

A total counts the schools that answered it, a share those that answered both its counts. Where
these are not the same schools, a reader who takes the one from the other is left with what the
few schools in between have. So these few are places of their own here, though no page names them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import NamedTuple

import polars as pl

from engine.catalogue.model import Catalogue, Indicator
from engine.data.register import HEIR, PlacesAbove
from engine.publication.linear import Sum, is_summed, list_conditions
from engine.publication.printed_cells import as_fraction

RequiredInputs = frozenset[str]
"""The inputs that a school must have answered to enter a row, and conditions that it must meet."""
_NONE = "not_applicable"


class PlaceYear(NamedTuple):
    """A place in a year and a scenario."""

    level: str
    place: str
    year: int
    scenario: str


@dataclass(frozen=True, slots=True)
class Respondent:
    """A school, or a place of a higher level that answers inputs of its own.

    `lacking`: inputs that it should have answered and did not, conditions of rows that it does not meet
    (`name_conditions`), and the sides of changes over the same schools that leave it out (`name_side`);
    `values`: the inputs that it answered.
    """

    id: str
    level: str
    lacking: frozenset[str]
    values: Mapping[str, Fraction]


@dataclass(frozen=True, slots=True)
class RespondentGroup:
    """Schools of a place that enter the same rows, and what they have together.

    `where`: a place of their level, the school itself where schools are public.
    """

    where: PlaceYear
    enters: frozenset[RequiredInputs]
    schools: Sequence[Respondent]
    values: Mapping[str, Fraction]


PlaceAnswers = Mapping[PlaceYear, Sequence[Respondent]]


def read_group_answers(
    catalogue: Catalogue, results: pl.DataFrame, public: Collection[str], lineage: PlacesAbove
) -> PlaceAnswers:
    """Who answers in each lowest public place above them, where one left something unanswered.

    `results`: rows of all levels, inputs among them.
    """
    base = next((level for level in catalogue.levels[1:] if level in public), None)
    if base is None or not {"value", "reason"} <= set(results.columns):
        return {}
    tops = results.filter(level=base)["place"].unique()
    only = tops[0] if tops.len() == 1 else None
    answers: dict[PlaceYear, list[Respondent]] = {}
    left_out = _read_left_out(catalogue, results, lineage)
    for school, conditions in _read_outside(catalogue, results).items():
        left_out.setdefault(school, set()).update(conditions)
    lacking_above = _read_lacking_above(catalogue, results)
    for level in catalogue.levels[: catalogue.levels.index(base)]:
        by_place: dict[PlaceYear, list[Respondent]] = {}
        lacking = _lie_in(level, lacking_above, results, lineage)
        for school, sides in left_out.items() if level == catalogue.levels[0] else ():
            lacking.setdefault(school, set()).update(sides)
        for (place, year, scenario), (left, values) in _read_level(
            catalogue, results, level, lacking
        ):
            upper = lineage.get((level, place, year), {}).get(base, only)
            if upper is not None and values:
                respondent = Respondent(place, level, frozenset(left), values)
                by_place.setdefault(PlaceYear(base, upper, year, scenario), []).append(respondent)
        for where, respondents in by_place.items():
            if any(respondent.lacking for respondent in respondents):
                answers.setdefault(where, []).extend(respondents)
    return answers


def name_side(indicator: str, side: str) -> str:
    """What a school lacks that a change over the same schools leaves out of a year; no input has it."""
    return f"{indicator}\n{side}"


def _read_left_out(
    catalogue: Catalogue, results: pl.DataFrame, lineage: PlacesAbove
) -> dict[tuple[str, int, str], set[str]]:
    """Of each school, in a year and a scenario, the sides of changes that leave it out."""
    lowest = catalogue.levels[0]
    left_out: dict[tuple[str, int, str], set[str]] = {}
    count = "reported" if "reported" in results.columns else "value"
    schools = results.filter(pl.col("level") == lowest)
    known = schools.select("place", "year", "scenario").unique(maintain_order=True).rows()
    for indicator in catalogue.indicators.values():
        rows = schools.filter(pl.col("indicator") == indicator.id)
        if not indicator.same_schools or rows.is_empty():
            continue
        same: dict[int, set[str]] = {year: set() for year in rows["year"].unique()}
        inside = rows if count == "value" else rows.filter(pl.col(count) > 0)
        inside = inside.filter(pl.col(count).is_not_null())
        for place, year in inside.select("place", "year").iter_rows():
            same[year].add(place)
        for place, year, scenario in known:
            sides = left_out.setdefault((place, year, scenario), set())
            if year in same and place not in same[year]:
                sides.add(name_side(indicator.id, "now"))
            heir = lineage.get((lowest, place, year), {}).get(HEIR, place)
            if year + 1 in same and heir not in same[year + 1]:
                sides.add(name_side(indicator.id, "before"))
    return left_out


def _read_lacking_above(catalogue: Catalogue, results: pl.DataFrame) -> dict[PlaceYear, set[str]]:
    """The inputs of their own that places above the schools should have given and did not.

    Such a place is out of the rows that name them, with all that lies in it.
    """
    lacking: dict[PlaceYear, set[str]] = {}
    above = {
        each.id: each.level
        for each in catalogue.inputs.values()
        if each.level != catalogue.levels[0] and each.lower is None
    }
    cells = results.filter(
        pl.col("indicator").is_in(list(above)),
        pl.col("value").is_null() & pl.col("reason").ne_missing(_NONE),
    ).select("indicator", "level", "place", "year", "scenario")
    for name, *where in cells.iter_rows():
        if above[name] == where[0]:
            lacking.setdefault(PlaceYear(*where), set()).add(name)
    return lacking


def _lie_in(
    level: str,
    lacking_above: Mapping[PlaceYear, set[str]],
    results: pl.DataFrame,
    lineage: PlacesAbove,
) -> dict[tuple[str, int, str], set[str]]:
    """Of the places of a level, in a year and a scenario, what a place that they lie in lacks."""
    if not lacking_above:
        return {}
    known = results.filter(pl.col("level") == level).select("place", "year", "scenario").unique()
    lacking: dict[tuple[str, int, str], set[str]] = {}
    for place, year, scenario in known.iter_rows():
        for upper in lineage.get((level, place, year), {}).items():
            names = lacking_above.get(PlaceYear(*upper, year, scenario))
            if names:
                lacking.setdefault((place, year, scenario), set()).update(names)
    return lacking


def _read_level(
    catalogue: Catalogue,
    results: pl.DataFrame,
    level: str,
    left_out: Mapping[tuple[str, int, str], set[str]],
) -> Iterable[tuple[tuple[str, int, str], tuple[set[str], dict[str, Fraction]]]]:
    """Of each place of a level, in a year and a scenario, what it left unanswered and answered.

    Without `every` only in years in which some place left something unanswered.
    """
    names = [
        given.id
        for given in catalogue.inputs.values()
        # What several levels give takes no part in which schools count above them.
        if given.level == level and is_summed(given) and not given.given_at
    ]
    cells = (
        results.filter(pl.col("level") == level, pl.col("indicator").is_in(names))
        .filter(pl.col("reason").ne_missing(_NONE))
        .select("indicator", "place", "year", "scenario", "value")
    )
    incomplete = cells.filter(pl.col("value").is_null()).select("year", "scenario").unique()
    apart = {(year, scenario) for (_place, year, scenario), sides in left_out.items() if sides}
    more = pl.DataFrame(sorted(apart), schema=incomplete.schema, orient="row")
    incomplete = pl.concat([incomplete, more]).unique()
    by_respondent: dict[tuple[str, int, str], tuple[set[str], dict[str, Fraction]]] = {}
    for name, place, year, scenario, value in cells.join(
        incomplete, ["year", "scenario"], "semi", maintain_order="left"
    ).iter_rows():
        key = (place, year, scenario)
        fresh = (set(left_out.get(key, ())), dict[str, Fraction]())
        lacking, values = by_respondent.setdefault(key, fresh)
        if value is None:
            lacking.add(name)
        else:
            values[name] = as_fraction(value)
    return by_respondent.items()


def name_conditions(row: Indicator) -> RequiredInputs:
    """What stands for the conditions of a row among what a school needs to enter it."""
    conditions = sorted(list_conditions(row))
    return frozenset({f"where {' and '.join(conditions)}"} if conditions else ())


def list_members(catalogue: Catalogue) -> Catalogue:
    """The catalogue with rows at schools, too, of what counts some schools only: they say which.

    So is the catalogue by whose results it is decided what the public may see.
    """
    indicators = {
        name: replace(each, levels=(catalogue.levels[0], *each.levels))
        if each.where and each.levels and catalogue.levels[0] not in each.levels
        else each
        for name, each in catalogue.indicators.items()
    }
    return replace(catalogue, indicators=indicators)


def find_unclear(catalogue: Catalogue, results: pl.DataFrame) -> frozenset[str]:
    """The indicators that count some schools only, and the results do not say which."""
    narrowed = [each for each in catalogue.indicators.values() if each.where]
    at_schools = set(results.filter(level=catalogue.levels[0])["indicator"])
    clear = {name_conditions(each) for each in narrowed if each.id in at_schools}
    return frozenset(each.id for each in narrowed if name_conditions(each) not in clear)


def _read_outside(
    catalogue: Catalogue, results: pl.DataFrame
) -> dict[tuple[str, int, str], set[str]]:
    """Of each school, in a year and a scenario, the conditions of rows that it does not meet.

    A school is outside where no row under these conditions applies to it.
    """
    by_conditions: dict[RequiredInputs, list[str]] = {}
    for indicator in catalogue.indicators.values():
        if indicator.where:
            by_conditions.setdefault(name_conditions(indicator), []).append(indicator.id)
    outside: dict[tuple[str, int, str], set[str]] = {}
    for conditions, names in by_conditions.items():
        rows = results.filter(
            pl.col("level") == catalogue.levels[0], pl.col("indicator").is_in(names)
        )
        keys = ("place", "year", "scenario")
        apart = rows.group_by(keys).agg((pl.col("reason") == _NONE).fill_null(value=False).all())
        for place, year, scenario in apart.filter("reason").select(keys).iter_rows():
            outside.setdefault((place, year, scenario), set()).update(conditions)
    return outside


def group_schools(
    schools: Iterable[Respondent],
    needs: Collection[RequiredInputs],
    where: PlaceYear,
    alone: Collection[str],
) -> list[RespondentGroup]:
    """The schools of `where`, those together that enter the same rows; of the levels `alone` each.

    `needs`: those of all rows.
    """
    together: dict[tuple[str, frozenset[RequiredInputs], str], list[Respondent]] = {}
    for school in schools:
        enters = frozenset(need for need in needs if not need & school.lacking)
        name = school.id if school.level in alone else ""
        together.setdefault((school.level, enters, name), []).append(school)
    groups = []
    for number, ((level, enters, name), members) in enumerate(together.items(), start=1):
        # No register holds an id with a line break: this place is not one of its own.
        group_place = where._replace(level=level, place=name or f"{where.place}\n{number}")
        groups.append(RespondentGroup(group_place, enters, members, _add_up(members)))
    return groups


def find_uneven(groups: Iterable[RespondentGroup], needs: Iterable[RequiredInputs]) -> set[str]:
    """The inputs that schools answered without entering every row that names them."""
    return {
        name
        for group in groups
        for need in needs
        if need not in group.enters
        for name in need
        if name in group.values
    }


def keeps_rule(schools: Iterable[Respondent], rule: Sum) -> bool:
    """Whether a sum that is not negative at each school is not negative for these together.

    Of a school that left a part of it unanswered nothing is known, unless it only adds.
    """
    return not any(
        school.lacking & rule.keys()
        and any(factor < 0 and name in school.values for name, factor in rule.items())
        for school in schools
    )


def _add_up(schools: Iterable[Respondent]) -> dict[str, Fraction]:
    total = dict[str, Fraction]()
    for school in schools:
        for name, value in school.values.items():
            total[name] = total.get(name, Fraction()) + value
    return total
