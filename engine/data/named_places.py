"""Places above the school that have no open school: they are open for what is given to them.

A fact opens its place in its year, a line of places.csv in every year. So no such place is of a
level of which the register has no column: there is one place of it alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

import polars as pl

from engine.catalogue.model import Catalogue
from engine.data.cells import is_formula, is_unread
from engine.data.counted_rows import FactKeys
from engine.data.frame_names import level_column
from engine.data.frames import collect_frame
from engine.data.place_names import PlaceNames
from engine.data.register import Register
from engine.problems import Problem
from engine.translation import gettext as _


def add_places(
    register: Register, named: Iterable[tuple[str, str]], levels: Collection[str]
) -> Register:
    """The register with other places, (level, place), of `levels`: those of which it has a column."""
    places = {level: set(known) for level, known in register.places.items()}
    for level, place in named:
        if level in levels:
            places[level].add(place)
    return replace(register, places={level: frozenset(known) for level, known in places.items()})


def find_new_places(
    register: Register, names: PlaceNames, rows: Iterable[FactKeys], levels: Collection[str]
) -> dict[tuple[str, str], Problem]:
    """(level, place) of `levels` that only facts name, each with a warning where it is first named."""
    new_places: dict[tuple[str, str], Problem] = {}
    for part in rows:
        level = part.fact.level
        if level not in levels:
            continue
        strange = set(part.keys["place"].drop_nulls()) - register.places[level]
        for place in sorted(strange):
            known = (level, place) in new_places or is_unread(place) or is_formula(place)
            if not known and not names.find(level, place):
                new_places[level, place] = _name_place(part, level, place)
    return new_places


def _name_place(part: FactKeys, level: str, place: str) -> Problem:
    numbered = part.fact.numbered().filter(pl.col("place") == place).select("row")
    row = collect_frame(numbered)["row"][0]
    message = _("no school of the register lies in “{place}” ({above})")
    return Problem(
        "unknown-place",
        message.format(place=place, above=level),
        part.fact.table.position(row, part.fact.place),
        _("its numbers are counted; if its name is a slip of the pen, correct it"),
        "warning",
        about=place,
    )


def list_unschooled(
    catalogue: Catalogue,
    register: Register,
    given: Mapping[str, pl.LazyFrame],
    titled: Iterable[tuple[str, str]],
    years: Sequence[int],
) -> dict[str, pl.DataFrame]:
    """By level: place, year and level:… above, of places that are open without an open school.

    What such a place lies in is said by the register in another year, or is the only place there is.
    """
    titled = set(titled)
    frames: dict[str, pl.DataFrame] = {}
    for index, level in enumerate(catalogue.places[1:], start=1):
        column, above = level_column(level), catalogue.places[index + 1 :]
        always = sorted(
            place for known, place in titled if known == level and place in register.places[level]
        )
        keys = pl.DataFrame({"place": always}, {"place": pl.String}).join(
            pl.DataFrame({"year": pl.Series(years, dtype=pl.Int32)}), how="cross"
        )
        if level in given:
            facts = given[level].select("place", pl.col("year").cast(pl.Int32))
            keys = pl.concat([keys, collect_frame(facts)])
        if keys.is_empty():
            continue
        open_there = register.by_year(years).select(pl.col(column).alias("place"), "year")
        keys = (
            keys.unique().join(open_there, on=["place", "year"], how="anti").sort("place", "year")
        )
        if keys.is_empty():
            continue
        upper = [level_column(each) for each in above]
        known = register.rows.select(pl.col(column).alias("place"), *upper).unique(
            "place", keep="last", maintain_order=True
        )
        placed = keys.join(known, on="place", how="left", maintain_order="left")
        only = {
            level_column(each): next(iter(register.places[each]))
            for each in above
            if len(register.places[each]) == 1
        }
        frames[level] = placed.with_columns(
            pl.col(name).fill_null(place) for name, place in only.items()
        )
    return frames
