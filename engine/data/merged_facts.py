"""Fact tables of one level put together: a row may be spread over files, a cell may not be twice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

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
        frame, twice = _merge_rows(frame, codes.filter(codes.is_duplicated()).unique())
        for name, keys in twice.items():
            odd[name] = odd.get(name, frozenset()) | {NOT_READABLE}
            problems += _name_twice(catalogue, tables, name, keys)
    columns = []
    for name in catalogue.inputs:
        columns += [input_column(name)] if name in filled else []
        columns += [state_column(name)] if name in odd else []
    return frame.select(*KEY, "code", *columns), odd, problems


def _merge_rows(
    united: pl.LazyFrame, doubled: pl.Series
) -> tuple[pl.LazyFrame, dict[str, pl.DataFrame]]:
    """The frame with rows of one key made one, and per input the keys that have two cells of it.

    `doubled` are the codes of such rows.
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
    return pl.concat([united.filter(~apart), merged.lazy()], how="diagonal"), twice


def _name_twice(
    catalogue: Catalogue, tables: Sequence[TypedFacts], name: str, keys: pl.DataFrame
) -> Iterable[Problem]:
    """Each further cell of a key, with the position of the first."""
    first: dict[tuple[str, int, str], CellOrigin] = {}
    wanted: Mapping[tuple[str, int, str], None] = dict.fromkeys(keys.iter_rows())
    where = pl.col("place").is_in(keys["place"].unique().implode()) & pl.col("year").is_in(
        keys["year"].unique().implode()
    )
    for fact in (fact for table in tables for fact in table.facts):
        if name not in fact.inputs:
            continue
        for cell in list_filled_cells(fact, name, where):
            key = (cell.place, cell.year, cell.scenario)
            if key not in wanted or not cell.text.strip():
                continue
            other = first.setdefault(key, cell)
            if other is cell:
                continue
            message = _(
                "two values of “{name}” for “{place}”, {year}: “{text}” here and “{other}” in "
                "{position}; neither counts"
            ).format(
                name=name_input(catalogue, cell.fact, name),
                place=cell.place,
                year=cell.year,
                text=shorten(cell.text),
                other=shorten(other.text),
                position=other.position,
            )
            hint = _("leave one of them")
            yield Problem("value-twice", message, cell.position, hint)
