"""Checks of data: conditions of the catalogue that every place should meet.

A failed check changes no number. It is a problem at the cells it speaks of, and the rows that rest
on the same inputs, at the place and above it, carry its id.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from engine.catalogue.lookups import show_words, title_of
from engine.catalogue.model import Catalogue, Check
from engine.data.model import Cell, Data
from engine.data.origins import find_cells
from engine.evaluation.asking import ALWAYS
from engine.evaluation.plan.compiled_plan import CellRule, CheckQuestion, Compiled
from engine.evaluation.plan.steps import PLACE, SCENARIO, YEAR, ancestor
from engine.evaluation.results import IS_PLANNED, find_scenario_cells, mark_planned
from engine.problems import Position, Problem
from engine.translation import gettext as _
from engine.units import format_number


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
    """All failures, all problems, and how many checks had no value and were skipped."""

    failures: tuple[Failure, ...] = ()
    problems: tuple[Problem, ...] = ()
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class RequestedCheck:
    """The questions of a level, and its places with a column for each."""

    level: str
    questions: tuple[CheckQuestion, ...]
    table: pl.DataFrame


def list_asked(
    plan: Compiled, frames: Mapping[str, pl.DataFrame], years: Iterable[int]
) -> list[RequestedCheck]:
    """The questions of every level in some years, over frames in which the plan has been run."""
    by_level: dict[str, list[CheckQuestion]] = {}
    for question in plan.questions:
        by_level.setdefault(question.level, []).append(question)
    return [
        RequestedCheck(level, tuple(mine), _ask(plan, frames[level], level, mine, years))
        for level, mine in by_level.items()
    ]


def answer_questions(
    plan: Compiled, asked: Iterable[RequestedCheck], counts: Iterable[pl.DataFrame], data: Data
) -> Failures:
    """Every question at every place and year; `counts` are those that `count_answers` asks for."""
    found: list[Failure] = []
    problems: list[Problem] = []
    skipped = 0
    for one, counted in zip(asked, counts, strict=True):
        level = one.level
        numbers = {name: number or 0 for name, number in counted.row(0, named=True).items()}
        skipped += sum(numbers[f"{each.name}_nulls"] for each in one.questions if each.check)
        failed = [each for each in one.questions if numbers[f"{each.name}_fails"]]
        wrong = _find_wrong(one.table, [each.name for each in failed])
        if failed:
            # A forecast that nobody gave says what the fact says, and is no row of the results.
            wrong = mark_planned(wrong, level, plan.catalogue, data).filter(IS_PLANNED)
        higher = plan.levels[plan.levels.index(level) + 1 :]
        for question in failed:
            for row in wrong.filter(~pl.col(question.name)).iter_rows(named=True):
                keys = (row[PLACE], row[YEAR], row[SCENARIO])
                if question.check is not None:
                    above = {one: row[ancestor(one, plan.levels)] for one in higher}
                    failure = Failure(question.check, question.inputs, level, *keys, above)
                    found.append(failure)
                    problems.append(_say(plan.catalogue, data, failure))
                elif question.cells is not None:
                    problems.append(_say_cell(plan.catalogue, data, question.cells, level, *keys))
    return Failures(tuple(found), tuple(problems), skipped)


def _ask(
    plan: Compiled,
    frame: pl.DataFrame,
    level: str,
    questions: Sequence[CheckQuestion],
    years: Iterable[int],
) -> pl.DataFrame:
    """The places of a level with a column for each question."""
    higher = plan.levels[plan.levels.index(level) + 1 :]
    places = (PLACE, YEAR, SCENARIO, *(ancestor(one, plan.levels) for one in higher))
    table = frame.select(*places, *(one.holds for one in questions))
    return table.filter(pl.col(YEAR).is_in(list(years)))


def count_answers(asked: RequestedCheck) -> pl.DataFrame:
    """How many places have no answer to each question, and how many fail it: one row."""
    answers = pl.col(*(one.name for one in asked.questions))
    return asked.table.select(
        answers.is_null().sum().cast(pl.Int64).name.suffix("_nulls"),
        (~answers).sum().cast(pl.Int64).name.suffix("_fails"),
    )


def _find_wrong(table: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    """The places that fail one of the questions; asked of nobody where nobody does."""
    if not names:
        return pl.DataFrame()
    failed = (~pl.col(names[0])).fill_null(value=False)
    for name in names[1:]:
        failed |= (~pl.col(name)).fill_null(value=False)
    # Places above the schools come in any order.
    return table.filter(failed).sort(PLACE, YEAR, SCENARIO)


def list_touched(rests_on: Mapping[str, frozenset[str]], failures: Failures) -> pl.DataFrame:
    """The keys of the rows that failed checks touch, and `checks`: a list of the checks' ids.

    `rests_on`: the inputs of every row, by its id.
    """
    touched: dict[tuple[str, str, str, int, str], set[str]] = {}
    # A check may fail at thousands of schools: the rows it touches are looked for once.
    inputs_of_checks = {failure.check.id: failure.inputs for failure in failures.failures}
    rows_of_checks = {
        check: [one for one, inputs in rests_on.items() if inputs & failing]
        for check, failing in inputs_of_checks.items()
    }
    for failure in failures.failures:
        check = failure.check.id
        places = {failure.level: failure.place, **failure.above}
        for level, place in places.items():
            for one in rows_of_checks[check]:
                where = (one, level, place, failure.year, failure.scenario)
                touched.setdefault(where, set()).add(check)
    columns: dict[str, Any] = {
        name: [where[index] for where in touched] for index, name in enumerate(ALWAYS)
    }
    columns["checks"] = [sorted(ids) for ids in touched.values()]
    schema: dict[str, Any] = dict.fromkeys(ALWAYS, pl.String) | {
        "year": pl.Int32,
        "checks": pl.List(pl.String),
    }
    return pl.DataFrame(columns, schema)


def _say(catalogue: Catalogue, data: Data, failure: Failure) -> Problem:

    check = failure.check
    own = [
        one
        for one in dict.fromkeys(use.id for use in check.rule.names())
        if one in catalogue.inputs and catalogue.inputs[one].level == failure.level
    ]
    # A rule over indicators names no cell itself: it points at those it rests on.
    named = bool(own)
    own = own or [
        one.id
        for one in catalogue.inputs.values()
        if one.id in failure.inputs and one.level == failure.level
    ]
    cells = find_scenario_cells(
        lambda scenario, names: find_cells(
            data, (failure.level, failure.place, failure.year, scenario), names
        ),
        failure.scenario,
        own,
        above=failure.level != catalogue.levels[0],
    )
    shown = ", ".join(
        _("“{title}” = {value}").format(
            title=title_of(catalogue, cell.input), value=_show(cell.value, catalogue)
        )
        for cell in _ordered(cells, own)
    )
    message = _("{message} — {place}, {year}").format(
        message=check.message.rstrip("."),
        place=data.title(failure.level, failure.place),
        year=failure.year,
    )
    if failure.scenario == "forecast":
        message += _(" (forecast)")
    if shown and named:
        message += f": {shown}"
    return Problem(
        f"check:{check.id}" if not check.automatic else check.id.partition(":")[0],
        message,
        _position(cells, own),
        _("expected: {rule}").format(rule=show_words(catalogue, check.rule.tree)),
        check.severity,
    )


def _say_cell(  # noqa: PLR0917 - a cell and where it stands
    catalogue: Catalogue,
    data: Data,
    rule: CellRule,
    level: str,
    place: str,
    year: int,
    scenario: str,
) -> Problem:
    one = catalogue.inputs[rule.input]
    # An empty cell is in no file: then the answer that asks for it shows where it should be.
    names = [one.id, one.asked_when] if one.asked_when else [one.id]
    cells = find_cells(data, (level, place, year, scenario), names)
    where = {"place": data.title(level, place), "year": year, "title": one.title, "id": one.id}
    return Problem(
        rule.code, rule.message.format(**where), _position(cells, names), rule.hint, "warning"
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
    return "—" if value is None else str(value)
