"""Tables of facts, wide and long, brought to one form.

Wide: place, year[, scenario], one column per input. Long: place, year[, scenario], input, value;
or with the columns of a collected file, where a cell's own file, sheet and address are told too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import polars as pl

from engine.catalogue.model import NUMERIC, Catalogue
from engine.data.cells import UNREADABLE_MARK, parse_number
from engine.data.model import SCENARIOS
from engine.data.tables import Table
from engine.i18n import gettext as _
from engine.problems import Problem, suggest_name

KEY = ("place", "year", "scenario")
FIRST_YEAR, LAST_YEAR = 1950, 2200

_SCENARIOS: Mapping[str, str] = {
    "fact": "fact",
    "факт": "fact",
    "forecast": "forecast",
    "прогноз": "forecast",
    "план": "forecast",
}
_YEAR = re.compile(r"([0-9]{4})(?:\s*[-–—/]\s*(?:[0-9]{4}|[0-9]{2}))?(?:\s*(?:г\.?|год|уч.*))?")
_OWN = ("text", "state", "file", "sheet", "cell", "sha256")


@dataclass(frozen=True, slots=True)
class FactTable:
    """One table of facts of one level.

    `frame`: place, year, scenario and one column per input (wide: named by the input's id; text,
    or what Parquet holds), or input and text (long), and `row` if the table is counted. `place`,
    `year`, `scenario`, `inputs`, `value` are the ordinals of the columns in the table.
    """

    table: Table
    level: str
    frame: pl.LazyFrame
    place: int
    year: int
    scenario: int | None
    inputs: Mapping[str, int]
    value: int | None = None

    @property
    def long(self) -> bool:
        """Whether a row is one cell."""
        return self.value is not None

    def numbered(self) -> pl.LazyFrame:
        """The frame with `row`."""
        counted = self.table.counted or self.long
        return self.frame if counted else self.frame.with_row_index("row", offset=1)


def recognise_facts(catalogue: Catalogue, table: Table) -> tuple[list[FactTable], list[Problem]]:
    """The facts of a table, one per level that it speaks of (one, unless it has `level`)."""
    names = {name.casefold(): column for column, name in reversed(list(enumerate(table.header)))}
    problems = _find_nameless(table)
    long = "input" in names and ("value" in names or "text" in names)
    levelled = long and "level" in names and "place" in names
    levels = [name.casefold() for name in table.header if name.casefold() in catalogue.places]
    if not levelled and not levels:
        message = _("no column names who reports: the first column is “{first}”").format(
            first=table.column_name(0)
        )
        hint = _("expected one of: {names}").format(names=", ".join(catalogue.places))
        return [], [*problems, Problem("no_place_column", message, table.position(), hint)]
    if "year" not in names:
        message = _("there is no column “year”")
        hint = suggest_name("year", table.header)
        return [], [*problems, Problem("no_year_column", message, table.position(), hint)]
    if levelled:
        found, more = _split_levels(catalogue, table, names)
        return found, problems + more
    keys = {"place": names[levels[0]], "year": names["year"]}
    if "scenario" in names:
        keys["scenario"] = names["scenario"]
    if long:
        fact, more = _read_long(
            catalogue, table, names, levels[0], keys=keys, frame=table.numbered()
        )
        return [fact], problems + more
    fact, more = _read_wide(catalogue, table, levels, keys)
    return [fact], problems + more


def _find_nameless(table: Table) -> list[Problem]:
    """Columns with cells but without a header."""
    nameless = [column for column, name in enumerate(table.header) if not name]
    if not nameless:
        return []
    filled = table.frame.select(pl.col(f"c{column}").count() for column in nameless).collect()
    return [
        Problem(
            "column_without_header",
            _("the column has cells but no header: it is not read"),
            table.head_position(column),
        )
        for column in nameless
        if filled[f"c{column}"].item()
    ]


def _read_wide(
    catalogue: Catalogue, table: Table, levels: list[str], keys: Mapping[str, int]
) -> tuple[FactTable, list[Problem]]:
    inputs: dict[str, int] = {}
    problems: list[Problem] = []
    ids = {name.casefold(): name for name in catalogue.inputs}
    for column, name in enumerate(table.header):
        if not name or column in keys.values():
            continue
        known = ids.get(name.casefold())
        if known in inputs:
            message = _("the column “{name}” stands twice: the second is not read")
            problem = Problem(
                "column_twice", message.format(name=name), table.head_position(column)
            )
        elif known:
            inputs[known] = column
            continue
        else:
            problem = _refuse_column(catalogue, table, column, levels)
        problems.append(problem)
    problems += _refuse_levels(catalogue, table, levels[0], inputs)
    cells = [pl.col(f"c{column}").alias(name) for name, column in inputs.items()]
    frame = table.frame.select(*_read_keys(table, keys), *cells, *_row_of(table))
    fact = FactTable(
        table, levels[0], frame, keys["place"], keys["year"], keys.get("scenario"), inputs
    )
    return fact, problems


def _refuse_column(catalogue: Catalogue, table: Table, column: int, levels: list[str]) -> Problem:
    """A column of a wide table that is no input."""
    name = table.header[column]
    position = table.head_position(column)
    if name.casefold() in {*levels, "title", *(id_.casefold() for id_ in catalogue.register)}:
        message = _("the column “{name}” is not read here: it belongs to the register")
        return Problem("ignored_column", message.format(name=name), position, severity="note")
    message = _("the catalogue has no input “{name}”: the column is not read")
    hint = suggest_name(name, catalogue.inputs)
    return Problem("unknown_column", message.format(name=name), position, hint)


def _refuse_levels(
    catalogue: Catalogue, table: Table, level: str, inputs: dict[str, int]
) -> list[Problem]:
    """Take out the inputs that are given at another level, and say so."""
    problems = []
    for name, column in list(inputs.items()):
        wanted = catalogue.inputs[name].level
        if wanted != level:
            del inputs[name]
            message = _("the input “{name}” is given by level “{wanted}”, not by “{level}”")
            hint = _("put it in a file whose first column is “{wanted}”").format(wanted=wanted)
            message = message.format(name=name, wanted=wanted, level=level)
            position = table.head_position(column)
            problems.append(Problem("input_of_other_level", message, position, hint))
    return problems


def _row_of(table: Table) -> list[str]:
    return ["row"] if table.counted else []


def _read_keys(table: Table, keys: Mapping[str, int]) -> list[pl.Expr]:
    """place, year, scenario; null where the cell is empty, the year and scenario also where bad."""
    schema = table.frame.collect_schema()
    place = pl.col(f"c{keys['place']}").cast(pl.String).str.strip_chars()
    if schema[f"c{keys['place']}"].is_float():
        place = place.str.strip_suffix(".0")
    exprs = [pl.when(place != "").then(place).alias("place")]
    year = f"c{keys['year']}"
    if schema[year].is_integer():
        column = pl.col(year)
        fine = column.is_between(FIRST_YEAR, LAST_YEAR)
        exprs.append(pl.when(fine).then(column.cast(pl.Int32, strict=False)).alias("year"))
    else:
        exprs.append(_read_distinct(table, year, read_year, pl.Int32).alias("year"))
    if "scenario" not in keys:
        exprs.append(pl.lit(SCENARIOS[0]).alias("scenario"))
    else:
        column_name = f"c{keys['scenario']}"
        exprs.append(_read_distinct(table, column_name, read_scenario, pl.String).alias("scenario"))
    return exprs


def _read_distinct(
    table: Table, column: str, read: Callable[[str], object], dtype: type[pl.DataType]
) -> pl.Expr:
    """The column with each distinct text read once."""
    texts = pl.col(column).cast(pl.String).fill_null("")
    found = table.frame.select(texts.unique()).collect().to_series().to_list()
    values = pl.Series([read(text) for text in found], dtype=dtype)
    return texts.replace_strict(pl.Series(found, dtype=pl.String), values, return_dtype=dtype)


def read_year(text: str) -> int | None:
    """The year of `2023`, `2023 г.`, or the first of `2023-2024 учебный год`."""
    match = _YEAR.fullmatch(text.strip().casefold())
    number = int(match[1]) if match else parse_number(text)
    if isinstance(number, int) and FIRST_YEAR <= number <= LAST_YEAR:
        return number
    return None


def read_scenario(text: str) -> str | None:
    """`fact` for an empty cell, None for an unknown word."""
    return _SCENARIOS.get(text.strip().casefold() or "fact")


def _split_levels(
    catalogue: Catalogue, table: Table, names: Mapping[str, int]
) -> tuple[list[FactTable], list[Problem]]:
    """A long table with `level` and `place`: one fact table per level."""
    level = pl.col(f"c{names['level']}").cast(pl.String).str.strip_chars().str.to_lowercase()
    frame = table.numbered().with_columns(level.alias("level")).collect()
    problems = []
    strange = frame.filter(~pl.col("level").is_in(catalogue.places).fill_null(False))
    for row, text in strange.select("row", f"c{names['level']}").iter_rows():
        message = _("there is no level “{name}”").format(name=text or "")
        hint = suggest_name(text or "", catalogue.places)
        position = table.position(row, names["level"])
        problems.append(Problem("unknown_level", message, position, hint))
    keys = {key: names[key] for key in KEY if key in names}
    facts = []
    for name in catalogue.places:
        part = frame.filter(pl.col("level") == name)
        if part.height:
            fact, more = _read_long(catalogue, table, names, name, keys=keys, frame=part.lazy())
            facts.append(fact)
            problems += more
    return facts, problems


def _read_long(
    catalogue: Catalogue,
    table: Table,
    names: Mapping[str, int],
    level: str,
    *,
    keys: Mapping[str, int],
    frame: pl.LazyFrame,
) -> tuple[FactTable, list[Problem]]:
    """A long table: its frame has `input` (the id) and `text`, and is read into memory."""
    written = pl.col(f"c{names['input']}").cast(pl.String).fill_null("").str.strip_chars()
    own = [
        pl.col(f"c{names[name]}").cast(pl.String).alias(f"own:{name}")
        for name in _OWN
        if name in names
    ]
    value = (
        pl.col(f"c{names['value']}").cast(pl.String)
        if "value" in names
        else pl.lit(None, dtype=pl.String)
    )
    loaded = (
        frame.select(
            "row",
            *_read_keys(table, keys),
            written.alias("input"),
            value.alias("text"),
            *own,
        )
        .filter(
            pl.col("place").is_not_null() | (pl.col("input") != "") | pl.col("text").is_not_null()
        )
        .collect()
    )
    known, problems = _find_inputs(catalogue, table, level, loaded, names["input"])
    loaded = loaded.with_columns(
        pl.col("input").replace_strict(
            list(known), list(known.values()), default=None, return_dtype=pl.String
        )
    ).filter(pl.col("input").is_not_null())
    loaded = loaded.with_columns(_choose_text(catalogue, loaded).alias("text"))
    value_column = names.get("value", names.get("text", 0))
    inputs = dict.fromkeys(dict.fromkeys(known.values()), value_column)
    fact = FactTable(
        table,
        level,
        loaded.lazy(),
        keys["place"],
        keys["year"],
        keys.get("scenario"),
        inputs,
        value_column,
    )
    return fact, problems


def _choose_text(catalogue: Catalogue, loaded: pl.DataFrame) -> pl.Expr:
    """The text of a cell: of a collected file the value, or the text where that is the answer."""
    text = pl.col("text")
    if "own:text" in loaded.columns:
        numeric = [
            name for name, asked in catalogue.inputs.items() if asked.type in (*NUMERIC, "yes_no")
        ]
        own = pl.col("own:text")
        text = (
            pl.when(pl.col("input").is_in(numeric))
            .then(pl.coalesce(text, own))
            .otherwise(pl.coalesce(own, text))
        )
    if "own:state" in loaded.columns:
        state = pl.col("own:state").fill_null("")
        text = (
            pl.when(state == "not_applicable")
            .then(pl.lit("н/п"))
            .when(state == "not_filled")
            .then(None)
            .when(state == "not_readable")
            .then(pl.lit(UNREADABLE_MARK) + text.fill_null(""))
            .otherwise(text)
        )
    return text


def _find_inputs(
    catalogue: Catalogue, table: Table, level: str, loaded: pl.DataFrame, column: int
) -> tuple[dict[str, str], list[Problem]]:
    """Text of the column `input` → id; every row that names no input of this level is a problem."""
    ids = {name.casefold(): name for name in catalogue.inputs}
    known: dict[str, str] = {}
    wrong: dict[str, tuple[str, str, str]] = {}
    for text in loaded["input"].unique(maintain_order=True).to_list():
        name = ids.get(text.casefold())
        if name is None:
            message = _("the catalogue has no input “{name}”: the row is not read").format(
                name=text
            )
            wrong[text] = ("unknown_column", message, suggest_name(text, catalogue.inputs))
        elif catalogue.inputs[name].level != level:
            wanted = catalogue.inputs[name].level
            message = _("the input “{name}” is given by level “{wanted}”, not by “{level}”")
            message = message.format(name=name, wanted=wanted, level=level)
            hint = _("put it in a file whose first column is “{wanted}”").format(wanted=wanted)
            wrong[text] = ("input_of_other_level", message, hint)
        else:
            known[text] = name
    return known, list(_refuse_rows(table, loaded, column, wrong))


def _refuse_rows(
    table: Table, loaded: pl.DataFrame, column: int, wrong: Mapping[str, tuple[str, str, str]]
) -> Iterable[Problem]:
    if not wrong:
        return
    rows = loaded.filter(pl.col("input").is_in(list(wrong))).select("row", "input")
    for row, text in rows.iter_rows():
        code, message, hint = wrong[text]
        yield Problem(code, message, table.position(row, column), hint)
