"""Checks of data: conditions of the catalogue that every place should meet.

A failed check changes no number. It is a problem at the cells it speaks of, and the rows that rest
on the same inputs, at the place and above it, carry its id.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from engine.catalogue.model import Catalogue, Check, Indicator
from engine.data.library import choose_library, collect_frame
from engine.evaluation.plan import Planner
from engine.evaluation.prepare import frame_data, name_columns
from engine.evaluation.run import run_steps
from engine.evaluation.scope import inputs_of
from engine.evaluation.steps import PLACE, SCENARIO, YEAR, ancestor
from engine.i18n import gettext as _
from engine.problems import Position, Problem
from engine.units import format_number

if TYPE_CHECKING:
    from engine.data.model import Cell, Data


@dataclass(frozen=True, slots=True)
class Failure:
    """One check that does not hold at one place; `above` are the places it lies in, by level."""

    check: Check
    inputs: frozenset[str]
    level: str
    place: str
    year: int
    scenario: str
    above: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Failures:
    """All failures, their problems, and how many checks had no value and were skipped."""

    failures: tuple[Failure, ...] = ()
    problems: tuple[Problem, ...] = ()
    skipped: int = 0


def check_data(catalogue: Catalogue, data: Data, years: Sequence[int]) -> Failures:
    """Every check of the catalogue at every place and year that it speaks of."""
    checks = [
        check
        for check in catalogue.checks.values()
        if check.level in catalogue.places and not check.accepted
    ]
    if not checks or not years:
        return Failures()
    shape = name_columns(catalogue, data)
    filled = data.filled
    # What rests on no data at all cannot fail.
    rests_on = {check.id: inputs_of(catalogue, check.rule.tree) for check in checks}
    checks = [check for check in checks if not rests_on[check.id] or rests_on[check.id] & filled]
    nw = choose_library(data.schools)
    plan = Planner(catalogue, shape, nw)
    columns = {
        check.id: plan.settle(
            check.level, plan.term(plan.scope(check.rule.tree, "skip"), check.level).value
        )
        for check in checks
    }
    known = sorted({*data.years, *years} if plan.looks_back else set(years))
    forecast = known if shape.forecasts else ()
    frames = run_steps(
        nw, frame_data(catalogue, data, shape, known, forecast), plan.steps.steps, plan.levels
    )
    found: list[Failure] = []
    skipped = 0
    for level in dict.fromkeys(check.level for check in checks):
        mine = [check for check in checks if check.level == level]
        higher = plan.levels[plan.levels.index(level) + 1 :]
        table = collect_frame(
            frames[level]
            .filter(nw.col(YEAR).is_in(list(years)))
            .select(
                PLACE,
                YEAR,
                SCENARIO,
                *(ancestor(one, plan.levels) for one in higher),
                *(
                    columns[check.id].expr.cast(nw.Boolean).alias(f"check{index}")
                    for index, check in enumerate(mine)
                ),
            )
        )
        for index, check in enumerate(mine):
            column = table[f"check{index}"]
            skipped += int(column.is_null().sum())
            for row in table.filter(~column.fill_null(value=True)).iter_rows(named=True):
                above = {one: row[ancestor(one, plan.levels)] for one in higher}
                keys = (row[PLACE], row[YEAR], row[SCENARIO])
                found.append(Failure(check, rests_on[check.id], level, *keys, above))
    problems = tuple(_say(catalogue, data, failure) for failure in found)
    return Failures(tuple(found), problems, skipped)


def mark_rows(
    frame: pl.DataFrame, catalogue: Catalogue, rows: Mapping[str, Indicator], failures: Failures
) -> pl.DataFrame:
    """Add `checks`: a list of the ids of the failed checks that touch each row."""
    keys = ("indicator", "level", "place", "year", "scenario")
    touched: dict[tuple[str, str, str, int, str], list[str]] = {}
    rests_on = {
        one: frozenset(
            name for _year, formula in row.formulas for name in inputs_of(catalogue, formula.tree)
        )
        for one, row in rows.items()
    }
    for failure in failures.failures:
        places = {failure.level: failure.place, **failure.above}
        for one, inputs in rests_on.items():
            if inputs & failure.inputs:
                for level, place in places.items():
                    where = (one, level, place, failure.year, failure.scenario)
                    ids = touched.setdefault(where, [])
                    if failure.check.id not in ids:
                        ids.append(failure.check.id)
    columns: dict[str, Any] = {
        name: [where[index] for where in touched] for index, name in enumerate(keys)
    }
    columns["checks"] = [sorted(ids) for ids in touched.values()]
    schema: dict[str, Any] = dict.fromkeys(keys, pl.String) | {
        "year": pl.Int32,
        "checks": pl.List(pl.String),
    }
    table = pl.DataFrame(columns, schema)
    return frame.join(table, on=list(keys), how="left")


def _say(catalogue: Catalogue, data: Data, failure: Failure) -> Problem:
    check = failure.check
    own = [
        one
        for one in dict.fromkeys(use.id for use in check.rule.names())
        if one in catalogue.inputs and catalogue.inputs[one].level == failure.level
    ]
    cells = data.cells(failure.level, failure.place, failure.year, failure.scenario, own)
    shown = ", ".join(
        f"{cell.input} = {_show(cell.value, catalogue)}" for cell in _ordered(cells, own)
    )
    message = _("{message} — {place}, {year}").format(
        message=check.message.rstrip("."),
        place=data.title(failure.level, failure.place),
        year=failure.year,
    )
    if failure.scenario == "forecast":
        message += _(" (forecast)")
    if shown:
        message += f": {shown}"
    return Problem(
        f"check:{check.id}" if not check.automatic else check.id.partition(":")[0],
        message,
        _position(cells, own),
        _("expected: {rule}").format(rule=check.rule.text),
        check.severity,
    )


def _ordered(cells: Iterable[Cell], names: Sequence[str]) -> list[Cell]:
    return sorted(cells, key=lambda cell: names.index(cell.input))


def _position(cells: Iterable[Cell], names: Sequence[str]) -> Position | None:
    for cell in _ordered(cells, names):
        return Position(
            cell.file, line=cell.row, column=cell.column, sheet=cell.sheet, cell=cell.cell
        )
    return None


def _show(value: object, catalogue: Catalogue) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int | float):
        decimals = 0 if float(value).is_integer() else 2
        return format_number(value, decimals, catalogue.language)
    return str(value)
