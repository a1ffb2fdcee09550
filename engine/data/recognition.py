"""What a table of facts is: wide or long, and of which level.

Wide: place, year[, scenario], one column per input. Long: place, year[, scenario], input, value;
or with the columns of a collected file, where level and place stand apart.
"""

from __future__ import annotations

import polars as pl

from engine.catalogue.model import Catalogue
from engine.data.facts import FactTable
from engine.data.library import collect_frame
from engine.data.long import read_long, split_levels
from engine.data.tables import Table
from engine.data.wide import read_wide
from engine.data.wrong import refuse_formula
from engine.i18n import gettext as _
from engine.problems import Problem, suggest_name

LONG_COLUMNS = frozenset(
    (
        *("level", "place", "year", "scenario", "input", "value"),
        *("text", "state", "file", "sheet", "cell", "sha256"),
    )
)
"""What a table with a row for each cell may hold, beside the column of its level."""


def recognise_facts(catalogue: Catalogue, table: Table) -> tuple[list[FactTable], list[Problem]]:
    """The facts of a table, one per level that it speaks of (one, unless it has `level`)."""
    names = {name.casefold(): column for column, name in reversed(list(enumerate(table.header)))}
    problems = _find_nameless(table)
    long = "input" in names and ("value" in names or "text" in names)
    levelled = long and "level" in names and "place" in names
    known = {level.casefold(): level for level in catalogue.places}
    levels = [known[name.casefold()] for name in table.header if name.casefold() in known]
    if not levelled and not levels:
        message = _("no column names who reports: the first column is “{first}”").format(
            first=table.column_name(0)
        )
        hint = _("expected one of: {names}").format(names=", ".join(catalogue.places))
        return [], [*problems, Problem("no-place-column", message, table.position(), hint)]
    if "year" not in names:
        message = _("there is no column “year”")
        hint = suggest_name("year", table.header)
        return [], [*problems, Problem("no-year-column", message, table.position(), hint)]
    if long:
        problems += _find_extra(catalogue, table)
    if levelled:
        found, more = split_levels(catalogue, table, names)
        return found, problems + more
    keys = {"place": names[levels[0].casefold()], "year": names["year"]}
    if "scenario" in names:
        keys["scenario"] = names["scenario"]
    if long:
        fact, more = read_long(
            catalogue, table, names, levels[0], keys=keys, frame=table.numbered()
        )
        return [fact], problems + more
    fact, more = read_wide(catalogue, table, levels, keys)
    return [fact], problems + more


def _find_extra(catalogue: Catalogue, table: Table) -> list[Problem]:
    """Columns of a long table that nobody reads: of inputs they would be lost without a word."""
    known = {*LONG_COLUMNS, *map(str.casefold, catalogue.places)}
    inputs = {name.casefold(): name for name in catalogue.inputs}
    problems = []
    for column, name in enumerate(table.header):
        if not name or name.casefold() in known:
            continue
        position = table.head_position(column)
        if refused := refuse_formula(table, table.head, column, name):
            problems.append(refused)
        elif name.casefold() in inputs:
            message = _("“{name}” stands in a table that has a row for each cell: it is not read")
            hint = _("write it as rows of input and value, or keep it in a file of its own")
            problems.append(Problem("mixed-table", message.format(name=name), position, hint))
        else:
            message = _("the column “{name}” is not read").format(name=name)
            problems.append(Problem("ignored-column", message, position, severity="note"))
    return problems


def _find_nameless(table: Table) -> list[Problem]:
    """Columns with cells but without a header."""
    nameless = [column for column, name in enumerate(table.header) if not name]
    if not nameless:
        return []
    filled = collect_frame(table.frame.select(pl.col(f"c{column}").count() for column in nameless))
    return [
        Problem(
            "column-without-header",
            _("the column has cells but no header: it is not read"),
            table.head_position(column),
        )
        for column in nameless
        if filled[f"c{column}"].item()
    ]
