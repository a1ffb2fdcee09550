"""Recommendations: whose condition holds where, and the numbers that their texts need.

Conditions are columns of the plan, computed in the same run as the rows for all places at once; a
place of a small table is looked at only where one of them holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from engine.catalogue.lookups import goals_at
from engine.catalogue.model import Advice, Catalogue, Indicator
from engine.evaluation.asking import Advised, Number
from engine.evaluation.input_rows import all_rows
from engine.evaluation.plan.compiled_plan import AdviceQuestion, Compiled
from engine.evaluation.plan.steps import PLACE, SCENARIO, YEAR


def tell_advice(
    plan: Compiled, frames: Mapping[str, Any], years: Sequence[int]
) -> tuple[Advised, ...]:
    """What is recommended, over frames in which the plan has been run.

    In the order of priorities, then of the catalogue; of one recommendation by place and year.
    """
    rows = all_rows(plan.catalogue)
    told: list[Advised] = []
    for level in plan.levels:
        mine = [one for one in plan.advice if one.advice.level == level]
        if mine:
            told += _tell(plan, frames[level], mine, years, rows)
    order = {name: number for number, name in enumerate(plan.catalogue.advice)}
    return tuple(sorted(told, key=lambda one: (one.priority, order[one.id], one.place, one.year)))


def _tell(
    plan: Compiled,
    frame: Any,
    mine: Sequence[AdviceQuestion],
    years: Sequence[int],
    rows: Mapping[str, Indicator],
) -> Iterator[Advised]:
    some = pl.any_horizontal(*(pl.col(one.name) for one in mine))
    numbers = (number for one in mine for number in one.numbers.values())
    table = (
        frame.filter(pl.col(YEAR).is_in(list(years)) & (pl.col(SCENARIO) == "fact"))
        .select(PLACE, YEAR, *(one.holds for one in mine), *numbers)
        .filter(some)
    )
    columns = table.to_dict(as_series=False)
    for question in mine:
        name = question.name
        numbers_of = {word: columns[f"{name}:{word}"] for word in question.numbers}
        for index, (place, year, told) in enumerate(
            zip(columns[PLACE], columns[YEAR], columns[name], strict=True)
        ):
            if told:
                found = {word: values[index] for word, values in numbers_of.items()}
                yield _advised(plan.catalogue, question.advice, (place, year), found, rows)


def _advised(
    catalogue: Catalogue,
    advice: Advice,
    where: tuple[str, int],
    found: Mapping[str, Number],
    rows: Mapping[str, Indicator],
) -> Advised:
    place, year = where
    figures: dict[str, Number] = {}
    exceeds = False
    if advice.about:
        row = rows[advice.about]
        known = dict(found)
        for word in ("value", "previous"):
            known[word] = _printed(found.get(word), row)
        known["change"] = _subtract(found.get("value"), found.get("previous"), row)
        known["missing"] = _subtract(found.get("expected"), found.get("reported"), None)
        target = goals_at(catalogue, row, advice.level).get(year)
        known["target"] = float(target.value) if target and target.value is not None else None
        end = target.value_to if target and target.value_to is not None else known["target"]
        value = known["value"]
        exceeds = end is not None and value is not None and value > float(end)
        figures = {word: known.get(word) for word in advice.figures}
    names = {name: _printed(found[f"name:{name}"], rows[name]) for name in advice.names}
    about, priority = advice.about, advice.priority
    return Advised(
        advice.id, advice.level, place, year, priority, about, figures, names, exceeds=exceeds
    )


def _printed(whole: Number, row: Indicator | None) -> Number:
    """A number of units of the last decimal, as the number it stands for."""
    return None if whole is None else whole / 10.0 ** (row.decimals if row else 0)


def _subtract(one: Number, other: Number, row: Indicator | None) -> Number:
    return None if one is None or other is None else _printed(one - other, row)
