"""Who is in a number: the schools of a place, what they gave and what they did not."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

import polars as pl

from engine.catalogue.lookups import show_words
from engine.catalogue.model import Catalogue, Indicator, Input
from engine.data.frames import collect_frame
from engine.data.model import Data, SourceCell
from engine.evaluation.explain.points import Point, PointReader
from engine.evaluation.explain.proof import ProofPlace
from engine.evaluation.input_rows import input_rows
from engine.evaluation.plan import entering
from engine.evaluation.plan.inputs import read_applies, read_input
from engine.evaluation.plan.scopes import Scope
from engine.evaluation.plan.steps import PLACE, ancestor
from engine.language.grammar import Formula
from engine.level_words import speak_of
from engine.problems import Problem, suggest_name
from engine.translation import gettext as _

MOST_PLACES = 200
"""How many schools are listed with their cells; a country has more than a proof can show."""


def list_places(
    reader: PointReader, scope: Scope, point: Point, others: Collection[str] = ()
) -> tuple[tuple[ProofPlace, ...], int]:
    """The places that give a scope's own inputs, those that lack something first named so.

    Also how many more there are than are listed. `others` are listed wherever they lie.
    """
    if not scope.requested and not point.where:
        return (), 0
    rows = _rows(reader, scope, point, others)
    if not scope.requested:  # then all there is to say is who does not count
        rows = rows.filter(pl.col("outside") != "")
    inputs = tuple(declared for asked in scope.requested.values() for declared in asked.inputs)
    names = tuple(dict.fromkeys(declared.id for declared in inputs))
    above = (asked.first.id for asked in scope.above.values())
    all_names = tuple(dict.fromkeys((*names, *above)))
    listed = rows.head(MOST_PLACES)
    cells = read_cells(reader, scope.base, point, listed[PLACE].to_list(), inputs)
    places = tuple(
        ProofPlace(
            place=row[PLACE],
            title=reader.data.title(scope.base, row[PLACE]),
            expected=row["expected"],
            reported=row["reported"],
            entered=row["entered"] and not row["outside"],
            lacking=tuple(name for name in all_names if row.get(f"lacks:{name}")),
            cells=cells[row[PLACE]],
            outside=row["outside"],
        )
        for row in listed.iter_rows(named=True)
    )
    return places, rows.height - listed.height


def read_cells(
    reader: PointReader, level: str, point: Point, places: Sequence[str], inputs: Iterable[Input]
) -> dict[str, tuple[SourceCell, ...]]:
    """The cells of inputs of a level by place, in the order of the inputs.

    A value that does not count, for its input does not apply there or is not asked, is kept with the
    state "not_applicable", so that what is listed adds up to the number.
    """
    query = reader.query(point)
    reading = query.plan.at_level(level)
    wanted = {
        each.id: reading.expr(lambda value: value.is_not_null(), read_input(query.plan, each))
        for each in inputs
    }
    names = tuple(wanted)
    rows = query.rows(level, wanted, ("counted", *names)).filter(pl.col(PLACE).is_in(places))
    counted = {
        (row[PLACE], name) for row in rows.iter_rows(named=True) for name in names if row[name]
    }

    def mark(place: str, cell: SourceCell) -> SourceCell:
        counts = cell.state != "value" or (place, cell.input) in counted
        return cell if counts else replace(cell, state="not_applicable")

    return {
        place: tuple(
            mark(place, cell) for cell in sorted(cells, key=lambda cell: names.index(cell.input))
        )
        for place, cells in reader.cells(level, point, places, names).items()
    }


def _rows(reader: PointReader, scope: Scope, point: Point, others: Collection[str]) -> pl.DataFrame:
    """Every place of the scope's base that lies in the point (or the one above it), and the others."""
    query = reader.query(point)
    plan = query.plan
    scope = plan.scope(scope.tree, scope.missing)
    base = plan.at_level(scope.base)
    yes = plan.everywhere()
    wanted = {
        "expected": entering.expected(plan, scope) or yes,
        "reported": entering.reported(plan, scope, point.level),
        "entered": entering.entered(plan, scope, point.level),
    }
    for asked in scope.requested.values():
        for declared in asked.inputs:
            applies = read_applies(plan, declared) or yes
            wanted[f"lacks:{declared.id}"] = base.expr(
                lambda value, applies: value.is_null() & applies,
                read_input(plan, declared),
                applies,
            )
    needed = entering.find_needed(plan, scope, scope.base, point.level)
    for key in needed:
        has = entering.has_above(plan, scope.above[key], scope.base)
        wanted[f"lacks:{scope.above[key].first.id}"] = base.expr(lambda has: ~has, has)
    conditions = {
        f"meets:{number}": base.read(condition.tree).value
        for number, condition in enumerate(point.where)
        if scope.base == reader.catalogue.levels[0]
    }
    rows = query.rows(scope.base, wanted | conditions, ("places", scope.key, *needed))
    inside = keep_inside(reader, rows, scope.base, point)
    if others:
        inside = rows.filter(pl.col(PLACE).is_in({*inside[PLACE], *others}))
    outside = [
        _describe_outside(reader.catalogue, point, [row[name] for name in conditions])
        for row in inside.iter_rows(named=True)
    ]
    return inside.with_columns(pl.Series("outside", outside, pl.String))


def _describe_outside(catalogue: Catalogue, point: Point, answers: list[bool | None]) -> str:
    """The first condition that a school does not meet, in words; empty where it meets them all."""
    for condition, answer in zip(point.where, answers, strict=False):
        if not answer:
            words = show_words(catalogue, condition.tree)
            pattern = _("{condition}: no") if answer is False else _("{condition}: not known")
            return pattern.format(condition=words)
    return ""


def keep_inside(reader: PointReader, rows: pl.DataFrame, base: str, point: Point) -> pl.DataFrame:
    """Those rows of a level that lie in the point, or are of the place above it."""
    places: tuple[str, ...] = reader.catalogue.places
    level, base_level = places.index(point.level), places.index(base)
    if level == base_level:
        return rows.filter(pl.col(PLACE) == point.place)
    if level > base_level:
        return rows.filter(pl.col(ancestor(point.level, places)) == point.place)
    above = reader.place_above(point, base)
    return rows.filter(pl.col(PLACE) == (above.place if above else None))


# --- the place that is meant, the formula of a year -----------------------------------------------


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
    """(level, place) of the number that is meant, or the problem that there is none."""
    rows = {**catalogue.indicators, **input_rows(catalogue)}
    if indicator not in rows:
        message = _("there is no indicator “{name}” in the catalogue").format(name=indicator)
        hint = suggest_name(indicator, rows)
        return None, (Problem("unknown-indicator", message, hint=hint),)
    own = rows[indicator].levels or catalogue.levels
    levels = (
        (level,)
        if level is not None
        else tuple(each for each in catalogue.levels if each in own)[::-1]
    )
    known = _places(catalogue, data, year)
    if place is None:
        named = known.get(levels[0], ())
        if len(named) == 1:
            return (levels[0], named[0]), ()
        if not named:
            message = speak_of(
                catalogue.levels[0],
                _("no school is open in {year}"),
                _("no place of the register is open in {year} ({level})"),
                year=year,
            )
            return None, (Problem("unknown-place", message),)
        shown = ", ".join(named[:MOST_NAMED]) + (", …" if len(named) > MOST_NAMED else "")
        message = _("say which place: {places}").format(places=shown)
        return None, (Problem("unknown-place", message, hint=_("add --place ID")),)
    for upper in levels:
        if place in known.get(upper, ()):
            return (upper, place), ()
    message = _("there is no place “{name}” in {year}").format(name=place, year=year)
    everywhere = [name for upper in levels for name in known.get(upper, ())]
    return None, (Problem("unknown-place", message, hint=suggest_name(place, everywhere)),)


def _places(catalogue: Catalogue, data: Data, year: int) -> dict[str, tuple[str, ...]]:
    """The places of every level that are open in a year."""
    schools = collect_frame(data.schools).filter(pl.col("year") == year)
    columns = {catalogue.levels[0]: "school"} | {
        level: f"level:{level}" for level in catalogue.places[1:]
    }
    none = pl.DataFrame({"place": [], "year": []}, {"place": pl.String, "year": pl.Int32})
    alone = {
        level: data.unschooled.get(level, none).filter(pl.col("year") == year)["place"]
        for level in columns
    }
    return {
        level: tuple(sorted({*schools[column].drop_nulls(), *alone[level]}))
        for level, column in columns.items()
    }
