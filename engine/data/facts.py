"""A table of facts in one form, whatever it looked like, and how its rows say whose they are."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from engine.catalogue.answer_words import SHEET_ERRORS, unify_spaces
from engine.catalogue.lookups import short_of
from engine.catalogue.model import SCENARIOS, Catalogue
from engine.data.cells import parse_number
from engine.data.frames import collect_frame
from engine.data.tables import UNREADABLE_MARK, RawTable, shorten
from engine.problems import describe_difference, offer_name
from engine.translation import gettext as _

KEY = ("place", "year", "scenario")
FIRST_YEAR, LAST_YEAR = 1950, 2200

_SCENARIOS: Mapping[str, str] = {
    "fact": "fact",
    "факт": "fact",
    "forecast": "forecast",
    "прогноз": "forecast",
    "план": "forecast",
}
_DIGITS = 4
_AFTER_YEAR = r"(?:\s*(?:г\.?|год|уч\.?(?:\s*г\.?|\w*\s*год(?:а|у)?)?))?"
_YEAR = rf"([0-9]{{4}}){_AFTER_YEAR}"
_SCHOOL_YEAR = rf"([0-9]{{4}})\s*([-–—−/])\s*([0-9]{{4}}|[0-9]{{2}}){_AFTER_YEAR}"
_MONTHS = 12
_DATE = r"([0-9]{4})-[0-9]{2}-[0-9]{2}(?![0-9])"


@dataclass(frozen=True, slots=True)
class FactTable:
    """One table of facts of one level.

    `frame`: place, year, scenario and one column per input (wide: named by the input's id; text,
    or what Parquet holds), or input and text (long), and `row` if the table is counted. The keys of
    a wide table of texts are as written until `read_written_keys` reads them. `place`,
    `year`, `scenario`, `inputs`, `value` are the ordinals of the columns in the table. `names`: how
    a long table writes its inputs.
    """

    table: RawTable
    level: str
    frame: pl.LazyFrame
    place: int
    year: int
    scenario: int | None
    inputs: Mapping[str, int]
    value: int | None = None
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def long(self) -> bool:
        """Whether a row is one cell."""
        return self.value is not None

    @property
    def written(self) -> bool:
        """Whether it is wide and holds nothing but texts."""
        return self.table.counted and not self.long

    @property
    def by_hand(self) -> bool:
        """Whether people wrote it: no Parquet, no facts as `collect` writes them, no example."""
        collected = {"state", "sha256"} <= set(self.table.header)
        return self.table.counted and self.table.origin is None and not collected

    def numbered(self) -> pl.LazyFrame:
        """The frame with `row`."""
        counted = self.table.counted or self.long
        return self.frame if counted else self.frame.with_row_index("row", offset=1)


def name_input(catalogue: Catalogue, fact: FactTable, name: str) -> str:
    """What messages call an input: as people head its column or write it, else its short title."""
    if fact.long:
        return shorten(fact.names[name]) if fact.by_hand else short_of(catalogue, name)
    return fact.table.column_name(fact.inputs[name])


_NO_NAME = rf"(?i)^(?:$|{re.escape(UNREADABLE_MARK)}|(?:{'|'.join(map(re.escape, sorted(SHEET_ERRORS)))})$)"


def is_name(text: pl.Expr) -> pl.Expr:
    """Whether a cell holds a name: it is not empty, can be read, and is no error of a spreadsheet."""
    return ~text.str.contains(_NO_NAME)


def read_keys(frame: pl.LazyFrame, columns: Mapping[str, str]) -> list[pl.Expr]:
    """place, year, scenario; null where the cell is empty, the year and scenario also where bad.

    `columns`: in which column of the frame each key stands; the scenario may stand in none.
    """
    schema = frame.collect_schema()
    place, year, scenario = columns["place"], columns["year"], columns.get("scenario")
    text = pl.col(place).cast(pl.String).str.strip_chars()
    if schema[place].is_float():
        text = text.str.strip_suffix(".0")
    exprs = [pl.when(is_name(text)).then(text).alias("place")]
    if schema[year].is_integer():
        column = pl.col(year)
        fine = column.is_between(FIRST_YEAR, LAST_YEAR)
        exprs.append(pl.when(fine).then(column.cast(pl.Int32, strict=False)).alias("year"))
    else:
        exprs.append(_read_distinct(frame, year, read_year, pl.Int32).alias("year"))
    if scenario is None:
        exprs.append(pl.lit(SCENARIOS[0]).alias("scenario"))
    else:
        exprs.append(_read_distinct(frame, scenario, read_scenario, pl.String).alias("scenario"))
    return exprs


def _read_distinct(
    frame: pl.LazyFrame, column: str, read: Callable[[str], object], dtype: type[pl.DataType]
) -> pl.Expr:
    """The column with each distinct text read once."""
    texts = pl.col(column).cast(pl.String).fill_null("")
    distinct = collect_frame(frame.select(texts.unique())).to_series().to_list()
    values = pl.Series([read(text) for text in distinct], dtype=dtype)
    if not distinct:  # without a row the replacement is text, whatever `return_dtype` says
        return pl.lit(None, dtype=dtype)
    return texts.replace_strict(pl.Series(distinct, dtype=pl.String), values, return_dtype=dtype)


def read_year(text: str) -> int | None:
    """The year of `2023`, `2023 г.`, or the first of `2023-2024 учебный год` or `2023/24`.

    None where it is no year, or a period that is not one year: `2021-2023`, `2023-09`, `2011-12`.
    """
    number: float | None
    if len(text) == _DIGITS and text.isascii() and text.isdigit():  # as nearly all are written
        number = int(text)
    elif school_year := _match_school_year(text):
        first, sign, last = school_year
        whole = last == str(first + 1)
        number = first if whole or (sign == "/" and last == str(first + 1)[2:]) else None
    else:
        match = re.fullmatch(_YEAR, _fold_period(text))
        number = int(match[1]) if match else parse_number(text)
    if isinstance(number, int) and FIRST_YEAR <= number <= LAST_YEAR:
        return number
    return None


def _fold_period(text: str) -> str:
    """The text without case, kinds of spaces, and signs that are not seen."""
    seen = "".join(sign for sign in text if unicodedata.category(sign) != "Cf")
    return unify_spaces(seen).casefold()


def _match_school_year(text: str) -> tuple[int, str, str] | None:
    """A year, the sign after it, and the two or four digits that follow."""
    match = re.fullmatch(_SCHOOL_YEAR, _fold_period(text))
    return (int(match[1]), match[2], match[3]) if match else None


def is_doubtful_period(text: str) -> bool:
    """Whether it is written as a school year is, and it is not known which year it means: `2022-23`."""
    return _match_school_year(text) is not None and read_year(text) is None


def describe_no_year(text: str) -> tuple[str, str]:
    """Message and hint for a text that is not a year: what it looks like instead."""
    shown = shorten(text)
    message = _("“{text}” is not a year").format(text=shown)
    hint = _("four digits, for instance 2023")
    if date := re.match(_DATE, text):
        message = _("{text} is a date, and a year is due").format(text=shown)
        hint = _("set the cell to General and write {year}").format(year=date[1])
    elif period := _match_school_year(text):
        first, _sign, last = period
        ways = _("a school year is written {long} or {short}").format(
            long=f"{first}-{first + 1}", short=f"{first}/{str(first + 1)[2:]}"
        )
        follows = last == str(first + 1)[2:]
        month = len(last) < _DIGITS and 1 <= int(last) <= _MONTHS
        if follows and month:
            message = _("“{text}”: is it a school year, or a month?").format(text=shown)
        elif month:
            message = _("“{text}” is a month, and a year is due").format(text=shown)
        elif not follows:
            message = _("“{text}” is a period of several years, and one year is due").format(
                text=shown
            )
        hint = ways if follows or not month else hint
    return message, hint


def read_scenario(text: str) -> str | None:
    """`fact` for an empty cell, None for an unknown word."""
    return _SCENARIOS.get(text.strip().casefold() or "fact")


def offer_scenario(text: str) -> str:
    """The hint for an unknown scenario: the word that it looks like, else those that there are."""
    nearly = (offer_name(text, name) for name in _SCENARIOS if describe_difference(text, name))
    return next(nearly, "") or _("expected one of: {names}").format(names=_("fact, forecast"))


def read_written_keys(facts: Sequence[FactTable]) -> list[FactTable]:
    """The same tables with their keys read: those of all wide tables of texts together."""
    written = [collect_frame(fact.frame) for fact in facts if fact.written]
    if not written:
        return list(facts)
    keys = pl.concat([pl.DataFrame(frame.get_columns()[: len(KEY)]) for frame in written])
    keys = keys.select(read_keys(keys.lazy(), dict(zip(KEY, KEY, strict=True))))
    frames = iter(written)
    done = 0
    read: list[FactTable] = []
    for fact in facts:
        if not fact.written:
            read.append(fact)
            continue
        frame = next(frames)
        of_frame = keys.slice(done, frame.height)
        done += frame.height
        cells = frame.get_columns()[len(KEY) :]
        columns = pl.DataFrame([*of_frame.get_columns(), *cells])
        read.append(replace(fact, frame=columns.lazy()))
    return read
