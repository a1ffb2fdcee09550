"""Who reported and who has not, as the rows of single schools tell it."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from engine.catalogue.asked import form_inputs
from engine.catalogue.model import Catalogue
from engine.reports.layout import Reporter
from engine.reports.rows import Rows

NOTHING: AbstractSet[tuple[str, int]] = frozenset()


def find_uncollected(catalogue: Catalogue, rows: Rows) -> AbstractSet[tuple[str, int]]:
    """Inputs and years: what is asked by forms alone of which no school has yet sent an answer.

    Of a year in which nobody has answered anything, everything is asked.
    """
    school = catalogue.levels[0]
    columns = [rows.column(name) for name in ("level", "scenario", "indicator", "year", "reported")]
    given: dict[int, set[str]] = {}
    for level, scenario, name, year, reported in zip(*columns, strict=True):
        if level == school and scenario == "fact" and reported and name in catalogue.inputs:
            given.setdefault(year, set()).add(name)
    forms = [
        frozenset(form_inputs(catalogue, form))
        for form in catalogue.forms.values()
        if form.fills == school
    ]
    asked = frozenset[str]().union(*forms)
    return frozenset(
        (name, year)
        for year, answered in given.items()
        for name in asked
        if not any(name in form and form & answered for form in forms)
    )


def list_reporters(
    catalogue: Catalogue,
    rows: Rows,
    years: Sequence[int],
    uncollected: AbstractSet[tuple[str, int]] = NOTHING,
) -> tuple[Reporter, ...]:
    """The schools of these rows, by title; a school with one answer has reported.

    Answers are counted by inputs where the rows have them, else by indicators; what nobody is
    asked yet (`uncollected`) is not counted.
    """
    names = ("level", "place", "place_title", "year", "scenario", "indicator")
    columns = [rows.column(name) for name in (*names, "reported", "expected")]
    school = catalogue.levels[0]
    by_inputs = any(
        one in catalogue.inputs and one not in catalogue.indicators for one in columns[5]
    )
    titles: dict[str, str] = {}
    asked: dict[tuple[str, int], int] = {}
    answered: dict[tuple[str, int], int] = {}
    some: set[tuple[str, int]] = set()
    for level, place, title, year, scenario, name, reported, expected in zip(*columns, strict=True):
        if level != school or scenario != "fact":
            continue
        titles[place] = title or place
        if reported:
            some.add((place, year))
        if by_inputs == (name in catalogue.indicators) or (name, year) in uncollected:
            continue
        asked[place, year] = asked.get((place, year), 0) + bool(expected)
        answered[place, year] = answered.get((place, year), 0) + bool(reported and expected)
    return tuple(
        Reporter(
            place,
            title,
            {year: (place, year) in some if asked.get((place, year)) else None for year in years},
            {year: answered.get((place, year), 0) for year in years},
            {year: asked.get((place, year), 0) for year in years},
        )
        for place, title in sorted(titles.items(), key=lambda pair: _in_order(pair[1]))
    )


def _in_order(title: str) -> tuple[tuple[int, str], ...]:
    """Titles as people sort them: школа № 2 before школа № 10."""
    import re

    return tuple(
        (int(part), "") if part.isdigit() else (-1, part.casefold())
        for part in re.split(r"(\d{1,18})", title)
    )
