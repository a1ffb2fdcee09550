"""Who answered what, as the tests' reader of the public page may know it: he works in the town."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction

import polars as pl

from tests.reader import Fact, Group, Groups, Name, find_range, name_of_group

Where = tuple[str, str, int, str]


def read_groups(results: pl.DataFrame, counts: Iterable[str], where: tuple[str, str]) -> Groups:
    """The schools of a place (level, id) by the counts that they left unanswered.

    What does not apply to a school is answered: it has none of it.
    """
    rows = results.filter(
        pl.col("level") == "school", pl.col("indicator").is_in(list(counts))
    ).select("year", "scenario", "place", "indicator", "value", "reason")
    schools: dict[tuple[int, str, str], dict[str, Fraction | None]] = {}
    for year, scenario, place, name, value, reason in rows.sort(rows.columns).iter_rows():
        here = schools.setdefault((year, scenario, place), {})
        if value is not None:
            here[name] = Fraction(value)
        elif reason == "not_applicable":
            here[name] = None
    found: dict[Where, dict[tuple[frozenset[str], ...], dict[str, Fraction]]] = {}
    for (year, scenario, _place), answers in schools.items():
        values = {name: value for name, value in answers.items() if value is not None}
        sort = (frozenset(values), frozenset(answers))
        total = found.setdefault((*where, year, scenario), {}).setdefault(sort, {})
        for name, value in values.items():
            total[name] = total.get(name, Fraction()) + value
    return {
        there: [
            Group(str(number), total, answered - has)
            for number, ((has, answered), total) in enumerate(groups.items())
        ]
        for there, groups in found.items()
    }


def guarded(
    groups: Groups,
    small: int,
    *,
    is_secret: Callable[[str], bool],
    is_people: Callable[[str], bool],
) -> Iterator[tuple[Name, Fraction]]:
    """What groups of schools have that no page may tell: the secret, and few people."""
    for where, there in groups.items():
        for group in there:
            for count, value in group.values.items():
                if is_secret(count) or (is_people(count) and value < small):
                    yield name_of_group(where, group, count), value


def list_told(
    facts: list[Fact], truths: Mapping[Name, Fraction], near: int, far: int
) -> list[tuple[Name, tuple[int, int]]]:
    """The numbers that can be told closer than `near`; each must lie between its bounds."""
    found = []
    for name, truth in truths.items():
        bounds = find_range(facts, name, far)
        assert bounds is not None, f"the page contradicts itself about {name}"
        assert bounds[0] <= truth <= bounds[1], (name, bounds, truth)
        if bounds[1] - bounds[0] < near:
            found.append((name, bounds))
    return found
