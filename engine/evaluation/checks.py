"""Checks of data: conditions of the catalogue that every place should meet.

A failed check changes no number. It is a problem at the cells it speaks of, and the rows that depend
on the same inputs, at the place and above it, carry its id.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from engine.catalogue.lookups import short_of, show_words
from engine.catalogue.model import Catalogue, Check
from engine.data.model import Data, SourceCell
from engine.data.origins import find_cells
from engine.evaluation.asking import ALWAYS
from engine.evaluation.plan.compiled_plan import CellRule, CheckQuestion, CompiledPlan
from engine.evaluation.plan.steps import PLACE, SCENARIO, YEAR, ancestor
from engine.evaluation.results import IS_PLANNED, find_scenario_cells, mark_planned
from engine.language.grammar import dotted_name
from engine.problems import Position, Problem
from engine.translation import gettext as _
from engine.translation import ngettext
from engine.units import PERCENT, format_number


@dataclass(frozen=True, slots=True)
class Failure:
    """A check, or a rule for cells, that does not hold at one place of its level.

    `above` are the places it lies in, by level.
    """

    question: CheckQuestion
    place: str
    year: int
    scenario: str
    above: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Failures:
    """The failures of checks, all problems, and how many answers had no value and were skipped."""

    checks: tuple[tuple[Check, Failure], ...] = ()
    problems: tuple[Problem, ...] = ()
    skipped: int = 0


def check_results(
    plan: CompiledPlan,
    frames: Mapping[str, pl.DataFrame],
    years: Iterable[int],
    data: Data,
    places: Collection[str],
) -> Failures:
    """Every check at every place in some years, over frames in which the plan has been run.

    Where `places` are given, only at these, at those in them and at those in which they lie.
    """
    around = _find_around(plan, frames, places)
    checks: list[tuple[Check, Failure]] = []
    problems: list[Problem] = []
    skipped = 0
    in_years = pl.col(YEAR).is_in(list(years))
    for level in dict.fromkeys(question.holds.level for question in plan.questions):
        questions = [question for question in plan.questions if question.holds.level == level]
        above = {upper: ancestor(upper, plan.levels) for upper in plan.levels_above(level)}
        keys = (PLACE, YEAR, SCENARIO, *above.values())
        names = [question.holds.name for question in questions]
        table = frames[level].select(*keys, *names).filter(in_years)
        if places:
            within = [pl.col(column).is_in(list(places)) for column in (PLACE, *above.values())]
            table = table.filter(pl.any_horizontal(pl.col(PLACE).is_in(around[level]), *within))
        answers = {answer.name: answer for answer in table.select(names).get_columns()}
        skipped += sum(
            answers[question.holds.name].null_count()
            for question in questions
            if isinstance(question.rule, Check)
        )
        failed = [question for question in questions if not answers[question.holds.name].all()]
        if not failed:
            continue
        table = table.select(*keys, *(question.holds.name for question in failed))
        # A forecast that nobody gave says what the fact says, and is no row of the results.
        table = mark_planned(table, level, plan.catalogue, data).filter(IS_PLANNED)
        # Places above the schools come in any order.
        table = table.sort(PLACE, YEAR, SCENARIO)
        for question in failed:
            for row in table.filter(~pl.col(question.holds.name)).iter_rows(named=True):
                lies_in = {upper: row[column] for upper, column in above.items()}
                failure = Failure(question, row[PLACE], row[YEAR], row[SCENARIO], lies_in)
                if isinstance(question.rule, Check):
                    checks.append((question.rule, failure))
                    problems.append(_describe_check(plan.catalogue, data, failure, question.rule))
                else:
                    problems.append(_describe_cell(plan.catalogue, data, failure, question.rule))
    return Failures(tuple(checks), tuple(problems), skipped)


def check_bases(
    plan: CompiledPlan, frames: Mapping[str, pl.DataFrame], data: Data
) -> list[Problem]:
    """A warning for each base that the facts of its year contradict by more than its printing."""
    problems = []
    for question in plan.bases:
        is_wrong = (
            (pl.col(YEAR) == question.year)
            & (pl.col(SCENARIO) == "fact")
            & ~pl.col(question.holds.name)
        )
        level = question.holds.level
        row = plan.catalogue.indicators[question.indicator]
        for place in frames[level].filter(is_wrong).sort(PLACE)[PLACE]:
            message = _("the base of {year} is not what the data give — “{title}”, {place}")
            problems.append(
                Problem(
                    "base-differs",
                    message.format(
                        year=question.year,
                        title=row.short_title,
                        place=data.title(level, place),
                    ),
                    row.base[question.year].position,
                    _(
                        "compare them: explain {id} --year {year}; correct the base or the data"
                    ).format(id=row.id, year=question.year),
                    "warning",
                )
            )
    return problems


def _find_around(
    plan: CompiledPlan, frames: Mapping[str, pl.DataFrame], places: Collection[str]
) -> dict[str, list[str]]:
    """Level → the places of it in which one of the places lies."""
    around: dict[str, list[str]] = {level: [] for level in plan.levels}
    for level, frame in frames.items() if places else ():
        inner = frame.filter(pl.col(PLACE).is_in(list(places)))
        for upper in plan.levels_above(level):
            around[upper] += inner[ancestor(upper, plan.levels)].drop_nulls().unique().to_list()
    return around


def list_touched(rests_on: Mapping[str, frozenset[str]], failures: Failures) -> pl.DataFrame:
    """The keys of the rows that failed checks touch, and `checks`: a list of the checks' ids.

    `rests_on`: the inputs of every row, by its id.
    """
    touched: dict[tuple[str, str, str, int, str], set[str]] = {}
    # A check may fail at thousands of schools: the rows it touches are looked for once.
    inputs_of_checks = {check.id: failure.question.inputs for check, failure in failures.checks}
    rows_of_checks = {
        check: [row for row, inputs in rests_on.items() if inputs & of_check]
        for check, of_check in inputs_of_checks.items()
    }
    for check, failure in failures.checks:
        for level, place in {failure.question.holds.level: failure.place, **failure.above}.items():
            for row in rows_of_checks[check.id]:
                key = (row, level, place, failure.year, failure.scenario)
                touched.setdefault(key, set()).add(check.id)
    columns: dict[str, Any] = {
        name: [key[index] for key in touched] for index, name in enumerate(ALWAYS)
    }
    columns["checks"] = [sorted(ids) for ids in touched.values()]
    schema: dict[str, Any] = dict.fromkeys(ALWAYS, pl.String) | {
        "year": pl.Int32,
        "checks": pl.List(pl.String),
    }
    return pl.DataFrame(columns, schema)


def _describe_check(catalogue: Catalogue, data: Data, failure: Failure, check: Check) -> Problem:
    level = failure.question.holds.level
    own = [
        name
        for name in dict.fromkeys(use.id for use in check.rule.names())
        if name in catalogue.inputs and catalogue.inputs[name].level == level
    ]
    # A rule over indicators names no cell itself: it points at those it depends on.
    named = bool(own)
    own = own or [
        input_.id
        for input_ in catalogue.inputs.values()
        if input_.id in failure.question.inputs and input_.level == level
    ]
    cells = find_scenario_cells(
        lambda scenario, names: find_cells(
            data, (level, failure.place, failure.year, scenario), names
        ),
        failure.scenario,
        own,
        above=level != catalogue.levels[0],
    )
    shown = ", ".join(
        _("“{title}” = {value}").format(
            title=short_of(catalogue, cell.input), value=_show(cell.value, catalogue)
        )
        for cell in _ordered(cells, own)
    )
    message = _("{message} — {place}, {year}").format(
        message=check.message.rstrip("."),
        place=data.title(level, failure.place),
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
        _describe_bound(catalogue, check.rule.tree)
        or _("expected: {rule}").format(rule=show_words(catalogue, check.rule.tree)),
        check.severity,
    )


def _describe_bound(catalogue: Catalogue, rule: ast.expr) -> str:
    """`abs(change(x)) <= 40` and `abs(growth(x)) <= 40` in plain words; empty for any other rule."""
    match rule:
        case ast.Compare(
            left=ast.Call(
                func=ast.Name(id="abs"),
                args=[ast.Call(func=ast.Name(id="change" | "growth" as how), args=[changed])],
            ),
            ops=[ast.LtE() | ast.Lt() as sign],
            comparators=[ast.Constant(value=int() | float() as most)],
        ):
            pass
        case _:
            return ""
    number = format_number(most, language=catalogue.language)
    below = isinstance(sign, ast.Lt)
    if how == "growth":
        text = (
            _("expected: it grows or falls by less than {number} %")
            if below
            else _("expected: it grows or falls by no more than {number} %")
        )
        return text.format(number=number)
    if below:
        unit = _("percentage points") if _is_percent(catalogue, changed) else ""
        text = _("expected: a change of less than {number}").format(number=number)
        return f"{text} {unit}".rstrip()
    if not _is_percent(catalogue, changed):
        return _("expected: a change of no more than {number}").format(number=number)
    count = most if isinstance(most, int) else 2
    return ngettext(
        "expected: a change of no more than {number} percentage point",
        "expected: a change of no more than {number} percentage points",
        count,
    ).format(number=number)


def _is_percent(catalogue: Catalogue, tree: ast.expr) -> bool:
    """Whether what a rule looks at is in percent: a change of it is in percentage points."""
    if isinstance(tree, ast.Call):
        return dotted_name(tree.func) in {"share", "share_of", "share_of_schools"}
    symbol = catalogue.symbols.get(dotted_name(tree))
    return getattr(symbol, "unit", None) == PERCENT


def _describe_cell(catalogue: Catalogue, data: Data, failure: Failure, rule: CellRule) -> Problem:
    input_, level = catalogue.inputs[rule.input], failure.question.holds.level
    # An empty cell is in no file: then the answers that ask for it show where it should be.
    asking = [use.id for condition in input_.asked_if for use in condition.names()]
    named = dict.fromkeys((input_.id, input_.asked_when or input_.id, *asking))
    names = [name for name in named if name in catalogue.inputs]
    cells = find_cells(data, (level, failure.place, failure.year, failure.scenario), names)
    message, hint = rule.message, rule.hint
    owner = input_.asked_when
    answer = _describe_answer(cells, owner) if owner else ""
    if rule.code == "does-not-apply" and answer:
        message = _(
            "“{title}” is asked only after “yes” to “{owner}”, but {answer}: the value is not "
            "counted — {place}, {year}"
        )
        hint = _("empty the cell, or answer “yes” there")
    elif rule.code == "does-not-apply" and input_.asked_if:
        message = _(
            "“{title}” is asked only where {condition}: the value is not counted — {place}, {year}"
        )
        hint = _("empty the cell, or correct the answers that the condition names")
    words = {
        "title": short_of(catalogue, input_.id),
        "id": input_.id,
        "owner": short_of(catalogue, owner) if owner else "",
        "answer": answer,
        "condition": ", ".join(show_words(catalogue, each.tree) for each in input_.asked_if),
    }
    place = data.title(level, failure.place)
    return Problem(
        rule.code,
        message.format(place=place, year=failure.year, **words),
        _position(cells, names),
        hint,
        "warning",
        sentence=message.format(place="", year="", **words),
    )


def _describe_answer(cells: Iterable[SourceCell], owner: str) -> str:
    """What was answered to a yes/no; empty where it was yes."""
    answers = [cell for cell in cells if cell.input == owner]
    if not answers:
        return _("nothing is answered there")
    if answers[0].value is True:
        return ""
    text = _("no") if answers[0].value is False else answers[0].text
    return _("“{text}” is answered there").format(text=text)


def _ordered(cells: Iterable[SourceCell], names: Sequence[str]) -> list[SourceCell]:
    return sorted(cells, key=lambda cell: names.index(cell.input))


def _position(cells: Iterable[SourceCell], names: Sequence[str]) -> Position | None:
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
