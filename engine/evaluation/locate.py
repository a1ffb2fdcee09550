"""Finding what a person means: the place of a number, the formula of a year."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from engine.catalogue.model import Catalogue, Indicator
from engine.data.library import collect_frame
from engine.evaluation.rows import input_rows
from engine.i18n import gettext as _
from engine.language.grammar import Formula
from engine.problems import Problem, suggest_name

if TYPE_CHECKING:
    from engine.data.model import Data

MOST_NAMED = 10


def find_formula(row: Indicator, year: int) -> Formula | None:
    """The formula that is valid in a year; None before the first one."""
    valid = [formula for since, formula in row.formulas if since is None or since <= year]
    return valid[-1] if valid else None


def is_counted(row: Indicator, year: int) -> bool:
    """Whether the indicator has a value in a year at all, by its `since` and `until`."""
    return (row.since is None or row.since <= year) and (row.until is None or year <= row.until)


def find_place(
    catalogue: Catalogue,
    data: Data,
    indicator: str,
    *,
    year: int,
    place: str | None,
    level: str | None,
) -> tuple[tuple[str, str] | None, tuple[Problem, ...]]:
    """(level, place) of the number that is meant, or the problem that there is none such."""
    rows = {**catalogue.indicators, **input_rows(catalogue)}
    if indicator not in rows:
        message = _("there is no indicator “{name}” in the catalogue").format(name=indicator)
        hint = suggest_name(indicator, rows)
        return None, (Problem("unknown-indicator", message, hint=hint),)
    levels = (level,) if level is not None else tuple(reversed(catalogue.levels))
    known = _places(catalogue, data, year)
    if place is None:
        named = known.get(levels[0], ())
        if len(named) == 1:
            return (levels[0], named[0]), ()
        if not named:
            message = _("no school is open in {year}").format(year=year)
            return None, (Problem("unknown-place", message),)
        shown = ", ".join(named[:MOST_NAMED]) + (", …" if len(named) > MOST_NAMED else "")
        message = _("say which place: {places}").format(places=shown)
        return None, (Problem("unknown-place", message, hint=_("add --place ID")),)
    for one in levels:
        if place in known.get(one, ()):
            return (one, place), ()
    message = _("there is no place “{name}” in {year}").format(name=place, year=year)
    everywhere = [name for one in levels for name in known.get(one, ())]
    return None, (Problem("unknown-place", message, hint=suggest_name(place, everywhere)),)


def _places(catalogue: Catalogue, data: Data, year: int) -> dict[str, tuple[str, ...]]:
    """The places of every level that have an open school in a year."""
    schools = collect_frame(data.schools).filter(pl.col("year") == year)
    columns = {catalogue.levels[0]: "school"} | {
        level: f"level:{level}" for level in catalogue.places[1:]
    }
    return {
        level: tuple(schools[column].drop_nulls().unique().sort().to_list())
        for level, column in columns.items()
    }
