"""Recommendations: whose condition holds where, and the numbers that their texts need.

Conditions are columns of the plan, computed in the same run as the rows for all places at once; a
place of a small table is looked at only where one of them holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from engine.catalogue.model import Advice, Indicator
from engine.evaluation.asking import AdviceResult, ResultNumber
from engine.evaluation.input_rows import all_rows
from engine.evaluation.plan.compiled_plan import AdviceQuestion, CompiledPlan
from engine.evaluation.plan.steps import PLACE, SCENARIO, YEAR
from engine.evaluation.plan.targets import COMPARATORS


def list_advice(
    plan: CompiledPlan, frames: Mapping[str, Any], years: Sequence[int]
) -> tuple[AdviceResult, ...]:
    """What is recommended about these years, over frames in which the plan has been run.

    In the order of priorities, then of the catalogue; of one recommendation by place and year.
    """
    rows = all_rows(plan.catalogue)
    advised = [
        each
        for level in plan.levels
        if (questions := [each for each in plan.advice if each.advice.level == level])
        for each in _list_level(frames[level], questions, years, rows)
    ]
    order = {name: number for number, name in enumerate(plan.catalogue.advice)}
    return tuple(
        sorted(advised, key=lambda each: (each.priority, order[each.id], each.place, each.year))
    )


def _list_level(
    frame: Any,
    questions: Sequence[AdviceQuestion],
    years: Sequence[int],
    rows: Mapping[str, Indicator],
) -> Iterator[AdviceResult]:
    holds = pl.any_horizontal(*(question.holds.name for question in questions))
    of_years = pl.col(YEAR).is_in(list(years)) & (pl.col(SCENARIO) == "fact")
    columns = [column.name for each in questions for column in (each.holds, *each.numbers.values())]
    table = frame.filter(of_years & holds).select(PLACE, YEAR, *columns)
    for question in questions:
        for row in table.filter(question.holds.name).iter_rows(named=True):
            values = {word: row[number.name] for word, number in question.numbers.items()}
            where = row[PLACE], row[YEAR]
            yield _advise(question.advice, where, values, rows)


def _advise(
    advice: Advice,
    where: tuple[str, int],
    values: Mapping[str, ResultNumber],
    rows: Mapping[str, Indicator],
) -> AdviceResult:
    place, year = where
    figures: dict[str, ResultNumber] = {}
    exceeds, comparator = False, ""
    if advice.about:
        row = rows[advice.about]
        known = dict(values)
        for word in ("value", "previous"):
            known[word] = _printed(values.get(word), row)
        known["change"] = _subtract(values.get("value"), values.get("previous"), row)
        known["missing"] = _subtract(values.get("expected"), values.get("reported"), None)
        known["target"], last = (_printed(values.get(end), row) for end in ("target", "target_to"))
        end = known["target"] if last is None else last
        value = known["value"]
        exceeds = end is not None and value is not None and value > end
        figures = {word: known.get(word) for word in advice.figures}
        code = values.get("comparator")
        comparator = "" if code is None else COMPARATORS[int(code)]
    names = {name: _printed(values[f"name:{name}"], rows[name]) for name in advice.names}
    return AdviceResult(
        advice.id,
        advice.level,
        place,
        year,
        advice.priority,
        advice.about,
        figures,
        names,
        exceeds=exceeds,
        comparator=comparator,
    )


def _printed(units: ResultNumber, row: Indicator | None) -> ResultNumber:
    """A number of units of the last decimal, as the number it stands for."""
    return None if units is None else units / 10.0 ** (row.decimals if row else 0)


def _subtract(left: ResultNumber, right: ResultNumber, row: Indicator | None) -> ResultNumber:
    return None if left is None or right is None else _printed(left - right, row)
