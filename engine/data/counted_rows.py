"""Which rows of facts count: a known place, a year of the catalogue, a school that is open."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import groupby

import polars as pl

from engine.catalogue.model import Catalogue
from engine.data.cells import refuse_formula
from engine.data.facts import FactTable, describe_no_year, offer_scenario
from engine.data.frame_names import YEARS_OF_PLACE, code_facts, code_scenario
from engine.data.frames import collect_frame
from engine.data.place_names import PlaceNames
from engine.data.register import Register
from engine.data.tables import shorten
from engine.level_words import speak_of
from engine.problems import Position, Problem
from engine.same_names import fold_name
from engine.translation import gettext as _

_MOST_SUGGESTED = 500


@dataclass(frozen=True, slots=True)
class FactKeys:
    """A fact table with its keys read. `keys`: place, year, scenario (and row, if counted)."""

    fact: FactTable
    keys: pl.DataFrame


def read_fact_keys(fact: FactTable) -> FactKeys:
    """The keys of every row, right or wrong."""
    names = ["place", "year", "scenario", *(["row"] if fact.table.counted or fact.long else [])]
    return FactKeys(fact, collect_frame(fact.frame.select(names)))


def known_years(rows: Iterable[FactKeys], last: int) -> set[int]:
    """The years of the facts, those after the catalogue's last left out."""
    columns = [part.keys["year"] for part in rows]
    years = pl.concat(columns).unique().to_list() if columns else []
    return {year for year in years if year is not None and year <= last}


def levels_with_strangers(register: Register, rows: Iterable[FactKeys]) -> set[str]:
    """The levels of which facts name a place that is no id of the register."""
    return {part.fact.level for part in rows if _list_strangers(register, part)}


def resolve_places(
    register: Register, names: PlaceNames, rows: Iterable[FactKeys]
) -> list[FactKeys]:
    """The tables with the ids of places in place of their titles and of ids written otherwise.

    `names` are of the levels with strangers.
    """
    resolved = []
    for part in rows:
        known = part.fact.level not in names.ids
        if not known and (ids := names.resolve(part.fact.level, _list_strangers(register, part))):
            place = pl.col("place").replace(ids)
            fact = replace(part.fact, frame=part.fact.frame.with_columns(place))
            part = FactKeys(fact, part.keys.with_columns(place))  # noqa: PLW2901
        resolved.append(part)
    return resolved


def _list_strangers(register: Register, rows: FactKeys) -> list[str]:
    """The places of a table that are no ids of the register, each once."""
    places = rows.keys["place"].drop_nulls()
    known = _known_places(register, rows.fact.level)
    return places.filter(~places.is_in(known.implode())).unique().to_list()


def _known_places(register: Register, level: str) -> pl.Series:
    places = register.places.get(level)
    return pl.Series(list(places), dtype=pl.String) if places else register.rows["school"]


def check_rows(
    catalogue: Catalogue,
    register: Register,
    names: PlaceNames,
    rows: Iterable[FactKeys],
    causes: Mapping[str, Problem],
) -> tuple[list[FactKeys], list[Problem]]:
    """The fact tables without the rows that do not count, and what was wrong.

    `causes`: folded name of a place → what is wrong with its row in the register. The keys have
    `code`, a whole number that is equal where place, year and scenario are.
    """
    last = max(catalogue.years, default=None)
    checked: list[FactKeys] = []
    problems: list[Problem] = []
    for (level, _names), parts in groupby(rows, lambda part: (part.fact.level, part.keys.columns)):
        alike = list(parts)
        spans = _list_spans(register, level)
        # Tables of one kind are judged together, and apart only where one of them has faults.
        together = pl.concat([part.keys for part in alike])
        good = _judge(together, spans, last)
        done = 0
        for part in alike:
            if good.height == together.height:
                checked.append(replace(part, keys=good.slice(done, part.keys.height)))
                done += part.keys.height
                continue
            counted, more = _check_apart(catalogue, register, names, part, spans)
            checked.append(counted)
            problems += (_name_cause(problem, causes) for problem in more)
    return checked, problems


def _name_cause(problem: Problem, causes: Mapping[str, Problem]) -> Problem:
    """The problem, with what is wrong in the register where it follows from that."""
    cause = causes.get("") or (causes.get(fold_name(problem.about)) if problem.about else None)
    return replace(problem, cause=cause) if cause and problem.about else problem


def _check_apart(
    catalogue: Catalogue,
    register: Register,
    names: PlaceNames,
    rows: FactKeys,
    spans: pl.DataFrame,
) -> tuple[FactKeys, list[Problem]]:
    last = max(catalogue.years, default=None)
    good = _judge(rows.keys, spans, last)
    if good.height == rows.keys.height:
        return FactKeys(rows.fact, good), []
    numbered = rows.fact.numbered()
    keys = collect_frame(numbered.select("place", "year", "scenario", "row"))
    good = _judge(keys, spans, last)
    kept = good["row"].unique()
    bad = keys.filter(~pl.col("row").is_in(kept.implode()))
    problems = list(_name_faults(catalogue, register, names, rows.fact, bad))
    frame = numbered.filter(pl.col("row").is_in(kept.implode()))
    if not rows.fact.table.counted and not rows.fact.long:
        frame, good = frame.drop("row"), good.drop("row")
    return FactKeys(replace(rows.fact, frame=frame), good), problems


def _list_spans(register: Register, level: str) -> pl.DataFrame:
    """place, from, until, number: where facts of this level may stand."""
    if level in register.places:
        places = pl.DataFrame({"place": pl.Series(sorted(register.places[level]), dtype=pl.String)})
        spans = places.with_columns(pl.lit(0).alias("from"), pl.lit(YEARS_OF_PLACE).alias("until"))
        return spans.with_columns(pl.int_range(pl.len()).alias("number"))
    return register.rows.select(pl.col("school").alias("place"), "from", "until", "number")


def _judge(keys: pl.DataFrame, spans: pl.DataFrame, last: int | None) -> pl.DataFrame:
    """The keys that count, in their order; spans of one place never overlap."""
    year = pl.col("year").cast(pl.Int64)
    inside = (year >= pl.col("from")) & (year < pl.col("until")) & pl.col("scenario").is_not_null()
    if last is not None:
        inside &= year <= last
    return collect_frame(
        keys.lazy()
        .join(spans.lazy(), on="place", how="left", maintain_order="left")
        .filter(inside)
        .with_columns(code_scenario(code_facts(pl.col("number"), year), pl.col("scenario")))
        .drop("from", "until", "number")
    )


def _name_faults(
    catalogue: Catalogue,
    register: Register,
    names: PlaceNames,
    fact: FactTable,
    bad: pl.DataFrame,
) -> Iterable[Problem]:
    """One problem per row, the first of: a formula, no place or year, unknown place, late, not open."""
    table = fact.table
    known = set(_known_places(register, fact.level))
    last = max(catalogue.years, default=None)
    filled = _rows_with_cells(fact, bad["row"])
    strange = _name_strangers(fact, register, names, bad["place"], known)
    texts = _read_texts(fact, bad)
    for place, year, scenario, row in bad.select("place", "year", "scenario", "row").iter_rows():
        if refused := _refuse_formulas(fact, row, texts):
            yield refused
        elif place is None:
            message = _("the row names no place")
            hint = table.hint_merged(row, fact.place)
            span = table.find_merged(row, fact.place)[2] if hint else ""
            at_place = table.position(row, fact.place)
            yield Problem("no-place", message, at_place, hint, about=span)
        elif year is None:
            hint = table.hint_merged(row, fact.year)
            span = table.find_merged(row, fact.year)[2] if hint else ""
            problem = _refuse_year(texts[row][1], table.position(row, fact.year), hint)
            yield replace(problem, about=span)
        elif scenario is None and fact.scenario is not None:
            message = _("there is no scenario “{name}”").format(name=texts[row][2])
            hint = offer_scenario(texts[row][2])
            yield Problem("bad-scenario", message, table.position(row, fact.scenario), hint)
        elif place not in known:
            message, hint = strange[place]
            at_place = table.position(row, fact.place)
            yield Problem("unknown-place", message, at_place, hint, about=place)
        elif last is not None and year > last:
            message = _("the year {year} is after the last year of the catalogue, {last}")
            hint = _("correct the year, or add it to catalogue: years")
            message = message.format(year=year, last=last)
            yield Problem("late-year", message, table.position(row, fact.year), hint)
        elif row in filled:
            sentences = (
                _("the school “{place}” is not open in {year}: its data do not count"),
                _("{level} “{place}” is not open in {year}: its data do not count"),
            )
            uncertain = place in register.uncertain
            if uncertain:
                sentences = (
                    _(
                        "it cannot be read whether the school “{place}” is open in {year}: its data do not count"
                    ),
                    _(
                        "{level} “{place}”: it cannot be read whether it is open in {year}, its data do not count"
                    ),
                )
            message = speak_of(fact.level, *sentences, place=place, year=year)
            at_place = table.position(row, fact.place)
            about = place if uncertain else ""
            yield Problem("school-not-open", message, at_place, severity="warning", about=about)


def _rows_with_cells(fact: FactTable, rows: pl.Series) -> set[int]:
    """The rows that hold any cell of an input."""
    names = ["text"] if fact.long else list(fact.inputs)
    if not names:
        return set()
    filled = fact.numbered().filter(
        pl.col("row").is_in(rows.implode()) & pl.any_horizontal(pl.col(names).is_not_null())
    )
    return set(collect_frame(filled.select("row")).to_series().to_list())


def _refuse_formulas(
    fact: FactTable, row: int, texts: Mapping[int, tuple[str, str, str]]
) -> Problem | None:
    """The first key of a row that is a formula without a value."""
    columns = (fact.place, fact.year, fact.scenario)
    for column, text in zip(columns, texts.get(row, ()), strict=False):
        if column is not None and (refused := refuse_formula(fact.table, row, column, text)):
            return refused
    return None


def _read_texts(fact: FactTable, bad: pl.DataFrame) -> dict[int, tuple[str, str, str]]:
    """What stands for place, year and scenario in the rows where one of them cannot be read."""
    rows = bad.filter(pl.any_horizontal(pl.col("place", "year", "scenario").is_null()))["row"]
    if rows.is_empty():
        return {}
    columns = (fact.place, fact.year, fact.year if fact.scenario is None else fact.scenario)
    texts = [
        pl.col(f"c{column}").cast(pl.String).fill_null("").alias(key)
        for key, column in zip(("place", "year", "scenario"), columns, strict=True)
    ]
    unread = fact.table.numbered().filter(pl.col("row").is_in(rows.implode()))
    named = collect_frame(unread.select("row", *texts))
    return {row: (place, year, scenario) for row, place, year, scenario in named.iter_rows()}


def _name_strangers(
    fact: FactTable,
    register: Register,
    names: PlaceNames,
    places: pl.Series,
    known: Collection[str],
) -> dict[str, tuple[str, str]]:
    """Message and hint for each unknown place: each once, however many rows name it.

    What was meant is looked for only of the first: a whole strange list has no slips of the pen.
    """
    meant = names.nearest(fact.level)
    messages: dict[str, tuple[str, str]] = {}
    for place in places.drop_nulls().unique(maintain_order=True):
        if place in known:
            continue
        bearers = names.find(fact.level, place)
        if len(bearers) > 1:
            message = _("“{place}” is the name of several places: {places}")
            shown = "; ".join(names.show(fact.level, bearer) for bearer in bearers)
            message = message.format(place=shorten(place), places=shown)
            messages[place] = message, _("write the id of one of them")
            continue
        if fact.level in register.places:
            message = speak_of(
                register.lowest,
                _("no school of the register lies in “{place}” ({above})"),
                _("nothing in the register lies in “{place}” ({above})"),
                place=place,
                above=fact.level,
            )
        else:
            message = speak_of(
                fact.level,
                _("the school “{place}” is not in the register"),
                _("{level} “{place}” is not in the register"),
                place=place,
            )
        nearest = meant.suggest(place) if len(messages) < _MOST_SUGGESTED else ""
        hint = nearest or _("correct it, or add it to the register (schools.csv)")
        messages[place] = message, hint
    return messages


def _refuse_year(text: str, position: Position, empty_hint: str) -> Problem:
    shown = shorten(text)
    if not shown:
        return Problem("no-year", _("the row names no year"), position, empty_hint)
    message, hint = describe_no_year(text)
    return Problem("bad-year", message, position, hint)
