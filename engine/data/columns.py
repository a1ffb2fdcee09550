"""Cells of one fact table as typed columns, and the cells that could not be read.

What a Parquet file holds as whole numbers stays lazy: one query asks whether anything is wrong (it
reads no more than the statistics of the file where nothing is), and only then are cells looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import reduce
from operator import or_

import polars as pl

from engine.catalogue.model import Catalogue, Input
from engine.data.cells import (
    DTYPES,
    LARGEST,
    UNREADABLE_MARK,
    is_percent,
)
from engine.data.facts import KEY, FactTable
from engine.data.model import input_column, state_column
from engine.data.proof import list_cells
from engine.data.tables import shorten
from engine.data.texts import read_texts
from engine.data.wrong import describe_wrong
from engine.i18n import gettext as _
from engine.problems import Problem
from engine.records import record

_HUNDRED = 100
_TOGETHER = 10  # conditions asked at once
_INPUTS = 100_000  # more than any catalogue has: a row and an input in one whole number


@record
class Typed:
    """One fact table, read. `frame`: place, year, scenario, input:…, state:… of odd inputs.

    `codes` is parallel to `frame`: equal where place, year and scenario are. `scenarios` are those
    that have any cell, `forecasts` (place, year) the rows of forecasts that have any.
    """

    fact: FactTable
    frame: pl.LazyFrame
    codes: pl.Series
    inputs: tuple[str, ...]
    odd: Mapping[str, frozenset[int]]
    scenarios: frozenset[str]
    forecasts: pl.DataFrame


def read_columns(
    catalogue: Catalogue, fact: FactTable, keys: pl.DataFrame
) -> tuple[Typed, list[Problem]]:
    """Every input of a fact table as a typed column; `keys` are those of its rows, with `code`."""
    asked = {name: catalogue.inputs[name] for name in fact.inputs}
    if not fact.long and not fact.table.counted and _is_clean(fact.frame, asked):
        return _respect_years(_type_lazily(fact, keys, asked), asked)
    loaded = fact.frame.collect().hstack([keys["code"]])
    typed, wrong = _read_texts(fact, _widen(loaded) if fact.long else loaded, asked)
    problems = [
        problem
        for name, texts in wrong.items()
        for problem in _name_wrong(fact, asked[name], texts)
    ]
    typed, more = _respect_years(typed, asked)
    return typed, problems + more


def _is_clean(frame: pl.LazyFrame, asked: Mapping[str, Input]) -> bool:
    """Whether every column holds values of its type already, and none that is out of bounds."""
    schema = frame.collect_schema()
    wrong: list[pl.Expr] = []
    for name, one in asked.items():
        found = _find_wrong(one, pl.col(name), schema[name])
        if found is None:
            return False
        wrong.append(found)
    # Parquet answers a short condition from its statistics, without reading a cell; a long one not.
    queries = [
        frame.filter(reduce(or_, wrong[first : first + _TOGETHER])).select(pl.len())
        for first in range(0, len(wrong), _TOGETHER)
    ]
    return not any(found.item() for found in pl.collect_all(queries))


def _find_wrong(asked: Input, column: pl.Expr, dtype: pl.DataType) -> pl.Expr | None:
    """The condition of a cell that is out of bounds; None where the type is not the input's."""
    if dtype == pl.Null or (asked.type == "yes_no" and dtype == pl.Boolean):
        return pl.lit(False)
    if asked.type == "count" and dtype.is_integer():
        return (column < 0) | (column > LARGEST)
    if asked.type == "count" and dtype.is_float():
        whole = (column >= 0) & (column <= LARGEST) & (column == column.floor())
        return ~whole & column.is_not_nan()
    if asked.type == "number" and dtype.is_numeric():
        low, high = (0, _HUNDRED) if is_percent(asked) else (-LARGEST, LARGEST)
        outside = (column < low) | (column > high)
        return outside & column.is_not_nan() if dtype.is_float() else outside
    return None


def _type_lazily(fact: FactTable, keys: pl.DataFrame, asked: Mapping[str, Input]) -> Typed:
    schema = fact.frame.collect_schema()
    cells = []
    for name, one in asked.items():
        column = pl.col(name).fill_nan(None) if schema[name].is_float() else pl.col(name)
        cells.append(column.cast(DTYPES[one.type]).alias(input_column(name)))
    frame = fact.frame.select(*KEY, *cells)
    scenarios = frozenset(keys["scenario"].unique().to_list())
    forecasts = keys.head(0).select("place", "year")
    if "forecast" in scenarios and cells:
        filled = pl.any_horizontal(pl.exclude(KEY).is_not_null())
        planned = frame.filter(pl.col("scenario") == "forecast").filter(filled)
        forecasts = planned.select("place", "year").collect()
    return Typed(fact, frame, keys["code"], tuple(asked), {}, scenarios, forecasts)


def _read_texts(
    fact: FactTable, loaded: pl.DataFrame, asked: Mapping[str, Input]
) -> tuple[Typed, Mapping[str, Mapping[str, str]]]:
    """The table read cell by cell, and per input its wrong texts with their codes."""
    present = set(loaded.columns)
    names = [name for name in asked if name in present]
    read = read_texts(asked, _write_cells(loaded, names))
    values, states = _by_name(read.values), _by_name(read.states)
    filled = tuple(
        name
        for name in names
        if name in states or (name in values and values[name].null_count() < loaded.height)
    )
    columns = [values[name].alias(input_column(name)) for name in filled]
    columns += [states[name].alias(state_column(name)) for name in filled if name in states]
    frame = pl.DataFrame([*(loaded[name] for name in (*KEY, "code")), *columns])
    # A row without any cell is as good as none; where a column is full, there is no such row.
    if not any(one.null_count() == 0 for one in columns):
        cells = pl.exclude("code", *KEY)
        frame = frame.filter(pl.any_horizontal(cells.is_not_null()) if columns else pl.lit(False))
    codes = frame.drop_in_place("code")
    scenarios = frozenset(frame["scenario"].unique().to_list())
    planned = frame.select("place", "year").clear()
    if "forecast" in scenarios:
        planned = frame.filter(pl.col("scenario") == "forecast").select("place", "year")
    return Typed(fact, frame.lazy(), codes, filled, read.odd, scenarios, planned), read.wrong


def _by_name(frame: pl.DataFrame) -> dict[str, pl.Series]:
    return {column.name: column for column in frame.get_columns()}


def _write_cells(loaded: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    """The cells as text, which is what they are, except in Parquet."""
    schema = loaded.schema
    types = {schema[name] for name in names}
    if types <= {pl.String}:
        return pl.DataFrame([loaded[name] for name in names])
    floats = [name for name in names if schema[name].is_float()]
    if floats:
        loaded = loaded.with_columns(pl.col(floats).fill_nan(None))
    return loaded.select(pl.col(names).cast(pl.String))


def _widen(loaded: pl.DataFrame) -> pl.DataFrame:
    """A long table as a wide one; a second cell of one input gets a row of its own."""
    cells = loaded.filter(pl.col("text").is_not_null())
    names = cells["input"].unique().to_list()
    if not names:
        return loaded.select(*KEY, "code").clear()
    number = pl.col("input").replace_strict(names, range(len(names)), return_dtype=pl.Int64)
    cells = cells.with_columns((pl.col("code") * _INPUTS + number).alias("cell"))
    index = ["code"]
    if cells["cell"].n_unique() < cells.height:
        cells = cells.with_columns(pl.int_range(pl.len()).over("cell").alias("again"))
        index.append("again")
    wide = cells.pivot(on="input", index=index, values="text", aggregate_function="first")
    keys = loaded.select(*KEY, "code").unique("code", maintain_order=True)
    return wide.drop(index[1:]).join(keys, on="code", how="left", maintain_order="left")


def _name_wrong(fact: FactTable, asked: Input, texts: Mapping[str, str]) -> Iterable[Problem]:
    for cell in list_cells(fact, asked.id, pl.col("text").is_in(list(texts))):
        code = texts[cell.text]
        text = shorten(cell.text.removeprefix(UNREADABLE_MARK))
        message, hint = describe_wrong(code, asked)
        message = message.format(name=asked.id, text=text)
        problem = Problem(code, message, cell.position, hint)
        yield replace(problem, severity="warning") if code == "outside-percent" else problem


def _respect_years(typed: Typed, asked: Mapping[str, Input]) -> tuple[Typed, list[Problem]]:
    """Take out the cells of years in which their input is not asked (`since`, `until`), warned."""
    frame, problems = typed.frame, []
    for name in typed.inputs:
        one = asked[name]
        if one.since is None and one.until is None:
            continue
        outside = pl.lit(False)
        if one.since is not None:
            outside |= pl.col("year") < one.since
        if one.until is not None:
            outside |= pl.col("year") > one.until
        cells = list_cells(typed.fact, name, outside)
        if not cells:
            continue
        for cell in cells:
            message = _("“{name}” is not asked in {year}: the cell does not count")
            message = message.format(name=name, year=cell.year)
            problems.append(Problem("not-asked", message, cell.position, severity="warning"))
        columns = [input_column(name), *([state_column(name)] if name in typed.odd else [])]
        frame = frame.with_columns(
            pl.when(~outside).then(pl.col(column)).alias(column) for column in columns
        )
    return replace(typed, frame=frame), problems
