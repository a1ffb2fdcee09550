"""Fact tables of one level put together: a row may be spread over files, a cell may not be twice."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple, TypeAlias

import polars as pl

from engine.catalogue.model import Catalogue
from engine.data.facts import KEY, name_input
from engine.data.frame_names import NOT_READABLE, input_column, state_column
from engine.data.frames import collect_frame
from engine.data.origins import CellOrigin, list_filled_cells
from engine.data.tables import shorten
from engine.data.typed_columns import TypedFacts
from engine.problems import Problem
from engine.translation import gettext as _


def merge_tables(
    catalogue: Catalogue, tables: Sequence[TypedFacts]
) -> tuple[pl.LazyFrame, dict[str, frozenset[int]], list[Problem]]:
    """One row per place, year and scenario; the states that occur by input; cells given twice.

    The rows have `code` (see `code_facts`).
    """
    odd: dict[str, frozenset[int]] = {}
    for table in tables:
        for name, states in table.odd.items():
            odd[name] = odd.get(name, frozenset()) | states
    filled = {name for table in tables for name in table.inputs}
    if not tables:
        schema = {"place": pl.String, "year": pl.Int32, "scenario": pl.String, "code": pl.Int64}
        return pl.LazyFrame(schema=schema), odd, []
    frame = pl.concat([table.frame for table in tables], how="diagonal")
    codes = collect_frame(frame.select("code")).to_series()
    problems: list[Problem] = []
    if codes.n_unique() < len(codes):
        frame, twice, single = _merge_rows(frame, codes.filter(codes.is_duplicated()).unique())
        for name in twice:
            odd[name] = odd.get(name, frozenset()) | {NOT_READABLE}
        problems += _name_twice(catalogue, tables, twice, set(single.iter_rows()))
    columns = []
    for name in catalogue.inputs:
        columns += [input_column(name)] if name in filled else []
        columns += [state_column(name)] if name in odd else []
    return frame.select(*KEY, "code", *columns), odd, problems


def _merge_rows(
    united: pl.LazyFrame, doubled: pl.Series
) -> tuple[pl.LazyFrame, dict[str, pl.DataFrame], pl.DataFrame]:
    """The frame with rows of one key made one, and per input the keys that have two cells of it.

    `doubled` are the codes of such rows. Last, the keys of which some input has one cell only.
    """
    apart = pl.col("code").is_in(doubled.implode())
    names = [
        name.removeprefix("input:")
        for name in united.collect_schema().names()
        if name.startswith("input:")
    ]
    doubles = collect_frame(united.filter(apart))
    states = set(doubles.columns)
    merged = doubles.group_by("code", *KEY, maintain_order=True).agg(
        pl.exclude("code", *KEY).drop_nulls().first(),
        *(
            (
                pl.col(input_column(name)).is_not_null() | pl.col(state_column(name)).is_not_null()
                if state_column(name) in states
                else pl.col(input_column(name)).is_not_null()
            )
            .sum()
            .alias(f"cells:{name}")
            for name in names
        ),
    )
    twice = {
        name: keys
        for name in names
        if (keys := merged.filter(pl.col(f"cells:{name}") > 1).select(*KEY)).height
    }
    single = merged.filter(
        pl.any_horizontal(pl.lit(value=False), *(pl.col(f"cells:{name}") == 1 for name in names))
    ).select(*KEY)
    for name in twice:
        more = pl.col(f"cells:{name}") > 1
        state = (
            pl.col(state_column(name))
            if state_column(name) in states
            else pl.lit(None, dtype=pl.Int8)
        )
        merged = merged.with_columns(
            pl.when(~more).then(pl.col(input_column(name))).alias(input_column(name)),
            pl.when(more)
            .then(pl.lit(NOT_READABLE, dtype=pl.Int8))
            .otherwise(state)
            .alias(state_column(name)),
        )
    merged = merged.select(pl.exclude("^cells:.*$"))
    return pl.concat([united.filter(~apart), merged.lazy()], how="diagonal"), twice, single


_Key: TypeAlias = tuple[str, int, str]
"""place, year, scenario"""


def _name_twice(
    catalogue: Catalogue,
    tables: Sequence[TypedFacts],
    twice: Mapping[str, pl.DataFrame],
    single: Collection[_Key],
) -> Iterable[Problem]:
    """Each further row of a key with cells that the first has too, with the position of the first.

    `twice`: input → the keys that have two cells of it; `single`: keys with other cells beside them.
    """
    rows: dict[tuple[object, ...], list[_Doubled]] = {}
    inputs: dict[_Key, set[str]] = {}
    for name, keys in twice.items():
        for doubled in _list_doubled(tables, name, keys):
            key = _key_of(doubled.cell)
            row = (*key, _row_of(doubled.cell), _row_of(doubled.first))
            rows.setdefault(row, []).append(doubled)
            inputs.setdefault(key, set()).add(name)
    for cells in rows.values():
        key = _key_of(cells[0].cell)
        whole = key not in single and {each.name for each in cells} == inputs[key]
        yield _describe_row(catalogue, cells, whole=whole)


def _key_of(cell: CellOrigin) -> _Key:
    return cell.place, cell.year, cell.scenario


class _Doubled(NamedTuple):
    """A cell of an input, and the first cell of the same place, year, scenario and input."""

    name: str
    cell: CellOrigin
    first: CellOrigin


def _list_doubled(
    tables: Sequence[TypedFacts], name: str, keys: pl.DataFrame
) -> Iterable[_Doubled]:
    first: dict[_Key, CellOrigin] = {}
    wanted: Mapping[_Key, None] = dict.fromkeys(keys.iter_rows())
    where = pl.col("place").is_in(keys["place"].unique().implode()) & pl.col("year").is_in(
        keys["year"].unique().implode()
    )
    for fact in (fact for table in tables for fact in table.facts):
        if name not in fact.inputs:
            continue
        for cell in list_filled_cells(fact, name, where):
            key = _key_of(cell)
            if key not in wanted or not cell.text.strip():
                continue
            other = first.setdefault(key, cell)
            if other is not cell:
                yield _Doubled(name, cell, other)


def _row_of(cell: CellOrigin) -> tuple[object, ...]:
    """What is equal in cells of one row; of a long table, in those of one sheet that was collected."""
    if cell.fact.long:
        return (id(cell.fact), cell.own.get("file"), cell.own.get("sheet"))
    return (id(cell.fact), cell.row)


def _describe_row(catalogue: Catalogue, cells: Sequence[_Doubled], *, whole: bool) -> Problem:
    """What is wrong with a row that was given twice; `whole`: that no cell stands in one row only."""
    name, cell, first = cells[0]
    place, year, position = cell.place, cell.year, first.position
    if len(cells) == 1:
        message = _(
            "two values of “{name}” for “{place}”, {year}: “{text}” here and “{other}” in "
            "{position}; neither counts"
        ).format(
            name=name_input(catalogue, cell.fact, name),
            place=place,
            year=year,
            text=shorten(cell.text),
            other=shorten(first.text),
            position=position,
        )
        return Problem("value-twice", message, cell.position, _("leave one of them"))
    differing = {
        name_input(catalogue, each.cell.fact, each.name): each
        for each in cells
        if each.cell.text.strip() != each.first.text.strip()
    }
    hint = _("leave each number in one place")
    if differing:
        message = _(
            "the numbers of “{place}” for {year} are written twice, here and in {position}: they "
            "differ in {columns}; what is written in both places does not count"
        )
    elif whole:
        message = _(
            "the numbers of “{place}” for {year} are written twice, here and in {position}, cell "
            "by cell the same; neither counts"
        )
    else:
        message = _(
            "the numbers of “{place}” for {year} are written twice, here and in {position}: what "
            "is written in both places is the same, and does not count"
        )
    values = _("“{name}” (“{text}” here, “{other}” there)")
    columns = ", ".join(
        values.format(name=column, text=shorten(each.cell.text), other=shorten(each.first.text))
        for column, each in differing.items()
    )
    return Problem(
        "value-twice",
        message.format(place=place, year=year, position=position, columns=columns),
        cell.position,
        hint,
        sentence=message.format(place="", year="", position="", columns=", ".join(differing)),
    )
