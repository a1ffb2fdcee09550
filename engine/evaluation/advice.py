"""Recommendations: whose condition holds where, and the numbers that their texts need.

Conditions are columns of the plan, computed in the same run as the rows for all places at once; a
place of a small table is looked at only where one of them holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from typing import TYPE_CHECKING, Any

import polars as pl

from engine.catalogue.goals import goals_at
from engine.catalogue.model import Catalogue, Indicator
from engine.catalogue.model_advice import Advice
from engine.data.library import collect_frame
from engine.evaluation.elsewhere import a_year_before
from engine.evaluation.goals import read_printed
from engine.evaluation.judged import find_row
from engine.evaluation.shortfall import take_shortfall
from engine.evaluation.steps import PLACE, SCENARIO, YEAR
from engine.language.readings.terms import Column
from engine.records import record

if TYPE_CHECKING:
    from engine.data.model import Data
    from engine.evaluation.plan import Planner

Number = float | None


@record
class Advised:
    """One recommendation to one place about one year, by the facts.

    `about` is the indicator or input whose numbers `figures` are, by the words of the text;
    `names` are those of other indicators and inputs, by id. All are as printed.
    """

    id: str
    level: str
    place: str
    year: int
    priority: int
    about: str = ""
    figures: Mapping[str, Number] = field(default_factory=dict)
    names: Mapping[str, Number] = field(default_factory=dict)


@record
class Question:
    """A recommendation with its columns: the condition, and the numbers by word and by name."""

    advice: Advice
    holds: Column
    numbers: Mapping[str, Column]


def advise(catalogue: Catalogue, data: Data, years: Sequence[int] = ()) -> tuple[Advised, ...]:
    """What is recommended to all places in these years (all reported ones), without any rows.

    The same as `evaluate` gives beside its rows where it is asked for.
    """
    from engine.evaluation.evaluate import Asking, evaluate

    asking = Asking(tuple(years), indicators=("",), advice=True)
    return evaluate(catalogue, data, asking).advice


def ask_advice(plan: Planner) -> list[Question]:
    """The columns of every recommendation."""
    return [_ask(plan, advice) for advice in plan.catalogue.advice.values()]


def _ask(plan: Planner, advice: Advice) -> Question:
    level = advice.level
    term = plan.term(plan.scope(advice.when.tree, "skip"), level)
    numbers: dict[str, Column] = {}
    if advice.about:
        row = find_row(plan, advice.about)
        for word in advice.figures:
            numbers |= _ask_figure(plan, row, level, word)
    for name in advice.names:
        numbers[f"name:{name}"] = read_printed(plan, find_row(plan, name), level)
    return Question(advice, plan.settle(level, term.value), numbers)


def _ask_figure(
    plan: Planner, row: Indicator, level: str, word: str
) -> Iterator[tuple[str, Column]]:
    if word in {"value", "change", "previous"}:
        printed = read_printed(plan, row, level)
        yield "value", printed
        if word != "value":
            yield "previous", a_year_before(plan, level, printed, printed)
    elif word == "shortfall":
        yield word, take_shortfall(plan, row, level).value
    elif word in {"reported", "expected", "missing"}:
        coverage = plan.indicator(row, level).coverage
        yield "reported", coverage.reported
        yield "expected", coverage.expected


def tell_advice(
    plan: Planner, frames: Mapping[str, Any], questions: Sequence[Question], years: Sequence[int]
) -> tuple[Advised, ...]:
    """What is recommended, over frames in which the plan has been run.

    In the order of priorities, then of the catalogue; of one recommendation by place and year.
    """
    told: list[Advised] = []
    for level in plan.levels:
        mine = [
            (f"q{number}", one) for number, one in enumerate(questions) if one.advice.level == level
        ]
        if mine:
            told += _tell(plan, frames[level], mine, years)
    order = {name: number for number, name in enumerate(plan.catalogue.advice)}
    return tuple(sorted(told, key=lambda one: (one.priority, order[one.id], one.place, one.year)))


def _tell(
    plan: Planner, frame: Any, mine: Sequence[tuple[str, Question]], years: Sequence[int]
) -> Iterator[Advised]:
    nw = plan.nw
    holds = [one.holds.expr.fill_null(value=False).alias(name) for name, one in mine]
    numbers = [
        column.expr.cast(nw.Float64).alias(f"{name}:{word}")
        for name, one in mine
        for word, column in one.numbers.items()
    ]
    some = nw.any_horizontal(*(nw.col(name) for name, _one in mine), **_ignoring_nothing(nw))
    table = collect_frame(
        frame.filter(nw.col(YEAR).is_in(list(years)) & (nw.col(SCENARIO) == "fact"))
        .select(PLACE, YEAR, *holds, *numbers)
        .filter(some)
    )
    columns = table.to_dict(as_series=False)
    for name, question in mine:
        numbers_of = {word: columns[f"{name}:{word}"] for word in question.numbers}
        for index, (place, year, told) in enumerate(
            zip(columns[PLACE], columns[YEAR], columns[name], strict=True)
        ):
            if told:
                found = {word: values[index] for word, values in numbers_of.items()}
                yield _advised(plan, question.advice, place, year, found)


def _ignoring_nothing(nw: Any) -> dict[str, bool]:
    """Narwhals wants to be told what to do about nulls, of which there are none here."""
    return {} if nw is pl else {"ignore_nulls": False}


def _advised(
    plan: Planner, advice: Advice, place: str, year: int, found: Mapping[str, Number]
) -> Advised:
    figures: dict[str, Number] = {}
    if advice.about:
        row = find_row(plan, advice.about)
        known = dict(found)
        for word in ("value", "previous"):
            known[word] = _printed(found.get(word), row)
        known["change"] = _subtract(found.get("value"), found.get("previous"), row)
        known["missing"] = _subtract(found.get("expected"), found.get("reported"), None)
        target = goals_at(plan.catalogue, row, advice.level).get(year)
        known["target"] = float(target.value) if target and target.value is not None else None
        figures = {word: known.get(word) for word in advice.figures}
    names = {name: _printed(found[f"name:{name}"], find_row(plan, name)) for name in advice.names}
    return Advised(
        advice.id, advice.level, place, year, advice.priority, advice.about, figures, names
    )


def _printed(whole: Number, row: Indicator | None) -> Number:
    """A number of units of the last decimal, as the number it stands for."""
    return None if whole is None else whole / 10.0 ** (row.decimals if row else 0)


def _subtract(one: Number, other: Number, row: Indicator | None) -> Number:
    return None if one is None or other is None else _printed(one - other, row)
