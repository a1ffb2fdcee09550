"""Wide tables: one column per input."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from engine.catalogue.model import Catalogue
from engine.data.facts import KEY, FactTable, read_keys
from engine.data.library import collect_frame
from engine.data.tables import Table
from engine.data.wrong import refuse_formula
from engine.i18n import gettext as _
from engine.problems import Problem, suggest_name


def read_wide(
    catalogue: Catalogue, table: Table, levels: list[str], keys: Mapping[str, int]
) -> tuple[FactTable, list[Problem]]:
    """The facts of a wide table of the first of `levels`, and its columns that are no inputs."""
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
                "column-twice", message.format(name=name), table.head_position(column)
            )
        elif known:
            inputs[known] = column
            continue
        else:
            problem = _refuse_column(catalogue, table, column, levels)
        problems.append(problem)
    problems += _refuse_levels(catalogue, table, levels[0], inputs)
    frame = _choose_columns(table, keys, inputs)
    fact = FactTable(
        table, levels[0], frame, keys["place"], keys["year"], keys.get("scenario"), inputs
    )
    return fact, problems


def _choose_columns(
    table: Table, keys: Mapping[str, int], inputs: Mapping[str, int]
) -> pl.LazyFrame:
    """place, year, scenario, the inputs by their names; and `row`, if the table is counted."""
    if not table.counted:
        named = read_keys(table.frame, {key: f"c{column}" for key, column in keys.items()})
        cells = [pl.col(f"c{column}").alias(name) for name, column in inputs.items()]
        return table.frame.select(*named, *cells)
    # Text lies in memory: what is only renamed needs no query. Its keys are read with those of
    # other tables.
    raw = collect_frame(table.frame)
    unsaid = pl.Series("scenario", [None] * raw.height, dtype=pl.String)
    written = [raw[f"c{keys[key]}"].alias(key) if key in keys else unsaid for key in KEY]
    renamed = [raw[f"c{column}"].alias(name) for name, column in inputs.items()]
    return pl.DataFrame([*written, *renamed, raw["row"]]).lazy()


def _refuse_column(catalogue: Catalogue, table: Table, column: int, levels: list[str]) -> Problem:
    """A column of a wide table that is no input."""
    name = table.header[column]
    if refused := refuse_formula(table, table.head, column, name):
        return refused
    position = table.head_position(column)
    if name.casefold() in {
        *map(str.casefold, levels),
        "title",
        *(id_.casefold() for id_ in catalogue.register),
    }:
        message = _("the column “{name}” is not read here: it belongs to the register")
        return Problem("ignored-column", message.format(name=name), position, severity="note")
    message = _("the catalogue has no input “{name}”: the column is not read")
    hint = suggest_name(name, catalogue.inputs)
    return Problem("unknown-column", message.format(name=name), position, hint)


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
            problems.append(Problem("input-of-other-level", message, position, hint))
    return problems
