"""targets.csv: the targets of places, where the catalogue says that they are given."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import polars as pl

from engine.catalogue.lookups import find_level
from engine.catalogue.model import Catalogue, Comparator, Indicator, Input
from engine.data.cells import describe_wrong, read_answer, refuse_formula
from engine.data.frames import collect_frame
from engine.data.headings import find_columns
from engine.data.place_titles import list_bearers
from engine.data.register import Register
from engine.data.tables import RawTable
from engine.problems import Position, Problem, suggest_name
from engine.same_names import fold_name
from engine.translation import gettext as _
from engine.units import PERCENT

SCHEMA: Mapping[str, Any] = {
    "indicator": pl.String,
    "level": pl.String,
    "place": pl.String,
    "year": pl.Int32,
    "comparator": pl.String,
    "value": pl.Float64,
}
_WORDS = {
    "indicator": r"показатель|indicator",
    "level": r"уровень|level",
    "place": r"место|школа|организация|id|place",
    "year": r"год|year",
    "comparator": r"сравнение|условие|comparator",
    "value": r"цель|значение|value|target",
}
_DUE = ("indicator", "level", "place", "year", "value")
_COMPARATORS: Mapping[Comparator, str] = {
    "at_least": r"at_least|не менее|не меньше|>=|≥",
    "at_most": r"at_most|не более|не больше|<=|≤",
    "exactly": r"exactly|ровно|=",
    "none": r"none",
}


@dataclass(frozen=True, slots=True)
class _Line:
    """A row of the table: its number, and the text and column of each key."""

    table: RawTable
    row: int
    texts: Mapping[str, str]
    columns: Mapping[str, int]

    def position(self, key: str) -> Position:
        """Where one of its cells stands."""
        return self.table.position(self.row, self.columns[key])


def read_targets(
    catalogue: Catalogue, table: RawTable, register: Register
) -> tuple[pl.DataFrame, list[Problem]]:
    """The rows of the table in `SCHEMA`; a row with a mistake is left out, an empty value is no target."""
    columns = find_columns(table, _WORDS)
    for key in _DUE:
        if key not in columns:
            message = _("there is no column “{name}”").format(name=key)
            hint = suggest_name(key, table.header)
            return pl.DataFrame(schema=SCHEMA), [
                Problem("no-column", message, table.position(), hint)
            ]
    known = list_bearers(catalogue, register)
    rows: dict[tuple[str, str, str, int], tuple[int, dict[str, Any]]] = {}
    problems: list[Problem] = []
    for line in _list_lines(table, columns):
        refused = [
            problem
            for key, column in columns.items()
            if (problem := refuse_formula(table, line.row, column, line.texts[key]))
        ]
        made, more = (None, refused) if refused else _read_line(catalogue, known, line)
        problems += more
        if made is None:
            continue
        keys = made["indicator"], made["level"], made["place"], made["year"]
        if keys in rows:
            other = table.position(rows[keys][0], columns["value"])
            message = _("the target of this place and year stands twice: also in {other}")
            problems.append(
                Problem("target-twice", message.format(other=other), line.position("value"))
            )
        else:
            rows[keys] = line.row, made
    return pl.DataFrame([made for _row, made in rows.values()], SCHEMA), problems


def _list_lines(table: RawTable, columns: Mapping[str, int]) -> Iterator[_Line]:
    named = [pl.col(f"c{column}").cast(pl.String) for column in dict.fromkeys(columns.values())]
    for row, *cells in collect_frame(table.numbered().select("row", *named)).iter_rows():
        by_column = dict(zip(dict.fromkeys(columns.values()), cells, strict=True))
        texts = {
            key: " ".join((by_column[column] or "").split()) for key, column in columns.items()
        }
        if any(texts.values()):
            yield _Line(table, row, texts, columns)


def _read_line(
    catalogue: Catalogue, known: Mapping[str, Mapping[str, Sequence[str]]], line: _Line
) -> tuple[dict[str, Any] | None, list[Problem]]:
    """A row as its values; None where something is wrong with it, or where it gives nothing."""
    name = line.texts["indicator"]
    indicator = catalogue.indicators.get(name)
    if indicator is None:
        message = _("unknown indicator “{name}”").format(name=name)
        hint = suggest_name(name, catalogue.indicators)
        return None, [
            Problem("unknown-indicator", message, line.position("indicator"), hint, about=name)
        ]
    year, problem = _read_year(indicator, line)
    if year is None:
        return None, [problem] if problem else []
    level, place, problem = _read_place(catalogue, indicator, known, line)
    if problem:
        return None, [problem]
    comparator, problem = _read_comparator(indicator, year, line)
    if problem:
        return None, [problem]
    value, problem = _read_value(indicator, line)
    if value is None:
        return None, [problem] if problem else []
    made = (indicator.id, level, place, year, comparator, value)
    return dict(zip(SCHEMA, made, strict=True)), []


def _read_year(indicator: Indicator, line: _Line) -> tuple[int | None, Problem | None]:
    text = line.texts["year"].removesuffix(".0")
    year = int(text) if re.fullmatch(r"[0-9]{4}", text) else None
    if year is None:
        message = _("“{text}” is no year").format(text=line.texts["year"])
        return None, Problem(
            "wrong-year", message, line.position("year"), _("write for instance 2023")
        )
    target = indicator.targets.get(year)
    if target is None or not target.given:
        message = _("the catalogue does not say that the target of “{id}” in {year} is given")
        hint = _("write at the indicator: targets: {{{year}: given}}, or take this row out")
        return None, Problem(
            "target-not-given",
            message.format(id=indicator.id, year=year),
            line.position("year"),
            hint.format(year=year),
            about=indicator.id,
        )
    return year, None


def _read_place(
    catalogue: Catalogue,
    indicator: Indicator,
    known: Mapping[str, Mapping[str, Sequence[str]]],
    line: _Line,
) -> tuple[str, str, Problem | None]:
    written, place = line.texts["level"], line.texts["place"]
    level = find_level(catalogue, written)
    if not level:
        message = _("there is no level “{name}”").format(name=written)
        levels = _("levels of the catalogue: {levels}").format(levels=", ".join(catalogue.places))
        hint = suggest_name(written, catalogue.places) or levels
        return (
            "",
            "",
            Problem("unknown-level", message, line.position("level"), hint, about=written),
        )
    if level not in indicator.target_levels:
        levels = ", ".join(indicator.target_levels)
        message = _("the target of “{id}” speaks of the level {levels}, not of “{level}”")
        message = message.format(id=indicator.id, levels=levels, level=level)
        hint = _("correct the level, or write target_level: {level} at the indicator")
        return (
            "",
            "",
            Problem("target-level", message, line.position("level"), hint.format(level=level)),
        )
    bearers = known.get(level, {}).get(fold_name(place), ())
    if len(bearers) > 1:
        message = _("“{place}” is the name of several places: {places}")
        message = message.format(place=place, places=", ".join(bearers))
        hint = _("write the id of one of them")
        return "", "", Problem("ambiguous-place", message, line.position("place"), hint)
    if not bearers:
        message = _("the register knows no place “{place}” of the level “{level}”")
        message = message.format(place=place, level=level)
        hint = suggest_name(place, known.get(level, {}))
        return "", "", Problem("unknown-place", message, line.position("place"), hint, about=place)
    return level, bearers[0], None


def _read_comparator(
    indicator: Indicator, year: int, line: _Line
) -> tuple[Comparator, Problem | None]:
    """The word of the row; where it is empty, that of the catalogue."""
    text = line.texts.get("comparator", "").casefold()
    declared = indicator.targets[year].comparator
    if not text:
        return declared, None
    for comparator, words in _COMPARATORS.items():
        if re.fullmatch(words, text):
            return comparator, None
    message = _("unknown comparator “{name}”").format(name=line.texts["comparator"])
    hint = _("one of: {words}").format(words=", ".join(_COMPARATORS))
    return declared, Problem("unknown-comparator", message, line.position("comparator"), hint)


def _read_value(indicator: Indicator, line: _Line) -> tuple[float | None, Problem | None]:
    """The number of the row, read as any answer is; an empty cell gives none.

    Of a percent it may stand with the sign, and past 100: growth has no end.
    """
    text = line.texts["value"]
    if indicator.unit == PERCENT:
        text = text.removesuffix("%").rstrip()
    answer = Input(indicator.id, indicator.title, "number", None, "", "none")
    reading = read_answer(answer, text)
    if reading.code:
        message, hint = describe_wrong(reading.code, answer, text)
        message = message.format(name=indicator.short_title, text=text)
        return None, Problem(reading.code, message, line.position("value"), hint)
    if reading.value is None or isinstance(reading.value, str):
        return None, None
    value = float(reading.value)
    decimals = max(0, -int(Decimal(repr(value)).normalize().as_tuple().exponent))
    if decimals > indicator.decimals:
        message = _(
            "the target has more decimals ({target}) than “{id}” is printed with ({decimals})"
        ).format(target=decimals, id=indicator.id, decimals=indicator.decimals)
        hint = _("write decimals: {decimals}").format(decimals=decimals)
        return None, Problem("few-decimals", message, line.position("value"), hint)
    return value, None
