"""Evaluating a catalogue over data: the order of things.

catalogue ─ plan ─▶ compiled ─┐
                              ├─ run ─▶ wide table ─▶ rows ─ judge ─▶ results
data ─ prepare ─▶ frames ─────┘
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import polars as pl

from engine.catalogue.model import Catalogue, Indicator
from engine.data.frames import collect_frame
from engine.data.model import Data
from engine.evaluation.asking import (
    COLUMNS,
    SAME_REPORTERS,
    SHORTFALL,
    Advised,
    Asking,
    Aspects,
    Results,
)
from engine.evaluation.checks import (
    Failures,
    answer_questions,
    count_answers,
    list_asked,
    mark_rows,
)
from engine.evaluation.input_rows import input_rows
from engine.evaluation.judge import (
    JUDGED,
    add_plan,
    add_previous,
    judge_values,
    print_units,
    round_values,
)
from engine.evaluation.plan.compile import compile_plan
from engine.evaluation.plan.compiled_plan import Compiled
from engine.evaluation.plan.steps import YEAR
from engine.evaluation.prepare import frame_data, name_columns
from engine.evaluation.results import (
    compare_reporters,
    drop_unplanned,
    forecast_years,
    lengthen,
    name_places,
    name_reasons,
)
from engine.evaluation.run import gather_wanted, list_columns, run_steps
from engine.evaluation.texts import add_texts, read_text_values


def compute_results(catalogue: Catalogue, data: Data, asking: Asking | None = None) -> Results:
    """The results of a catalogue over data, ordered by indicator, level, place and year.

    A forecast follows its fact. The order is that of `lengthen`, and nothing after it changes it.
    """
    asking = asking or Asking()
    rows = _choose_rows(catalogue, asking)
    years = asking.years or catalogue.years or data.years
    if not years:
        return Results(_nothing(asking), (), rows)
    # 1. Plan: every column that a row or a check needs.
    plan = _plan(catalogue, data, asking, rows)
    # 2. Run it, once for rows and checks alike.
    history = _list_history(plan, data, asking, years)
    frames = _run(plan, data, asking, years, history)
    asked = list_asked(plan, _keep_years(frames, history, years))
    failures = answer_questions(plan, asked, [count_answers(one) for one in asked], data)
    advised = _advise(plan, frames, years)
    if not plan.rows:
        return Results(_nothing(asking), failures.problems, rows, failures.skipped, advised)
    shown = _keep_years(frames, history, _shown_years(asking, years))
    wide = gather_wanted(shown, plan.wanted)
    # 3. Judge, and put into the form that people and programs read.
    frame = lengthen(wide, rows, plan.rows, asking.kept)
    if SAME_REPORTERS in asking.columns:
        frame = compare_reporters(frame, catalogue, data)
    frame = _judge(frame, plan, data, asking, rows, years)
    if plan.texts:
        frame = add_texts(frame, read_text_values(plan, frames, years), rows)
    frame = _finish(frame, plan, data, asking, failures)
    return Results(frame, failures.problems, rows, failures.skipped, advised)


def _choose_rows(catalogue: Catalogue, asking: Asking) -> dict[str, Indicator]:
    if not asking.inputs and not asking.indicators:
        return dict(catalogue.indicators)

    rows = {**catalogue.indicators, **input_rows(catalogue)}
    if not asking.indicators:
        return rows
    return {one: row for one, row in rows.items() if one in asking.indicators}


# --- computing ------------------------------------------------------------------------------------


def _plan(
    catalogue: Catalogue, data: Data, asking: Asking, rows: Mapping[str, Indicator]
) -> Compiled:
    shape = name_columns(catalogue, data)
    if asking.scenario == "forecast":
        shape = replace(shape, forecasts=True)
    return compile_plan(catalogue, shape, asking, rows)


def _advise(plan: Compiled, frames: Mapping[str, Any], years: Sequence[int]) -> tuple[Advised, ...]:
    if not plan.advice:
        return ()
    from engine.evaluation.advice import tell_advice

    return tell_advice(plan, frames, years)


def _list_history(plan: Compiled, data: Data, asking: Asking, years: Sequence[int]) -> set[int]:
    """The years that the plan looks at."""
    known = {*data.years, *years}
    return known if plan.looks_back else _shown_years(asking, years) & known


def _run(
    plan: Compiled, data: Data, asking: Asking, years: Sequence[int], history: Iterable[int]
) -> dict[str, Any]:
    """The frames of all levels with every step made, in the years that the plan looks at."""
    planned = forecast_years(data, years if asking.scenario == "forecast" else ())
    read = list_columns((*(step.expr for step in plan.steps), *plan.results))
    shape = plan.shape.keep(read)
    return run_steps(
        frame_data(plan.catalogue, data, shape, sorted(history), planned),
        plan.steps,
        plan.levels,
        plan.results,
    )


def _keep_years(
    frames: Mapping[str, Any], history: Iterable[int], years: Iterable[int]
) -> Mapping[str, Any]:
    """The rows of some years."""
    if set(history) <= set(years):
        return frames
    here = pl.col(YEAR).is_in(sorted(years))
    return {level: frame.filter(here) for level, frame in frames.items()}


def _shown_years(asking: Asking, years: Sequence[int]) -> set[int]:
    """The reported years, and the years before them where they are shown beside."""
    return {*years, *((year - 1 for year in years) if _shows_before(asking) else ())}


def _shows_before(asking: Asking) -> bool:
    return bool(asking.kept & {"previous", "change", "trend"})


def _shows_plan(asking: Asking) -> bool:
    return bool(asking.kept & {"plan", "plan_deviation"})


# --- judging and finishing ----------------------------------------------------------------------


def _judge(  # noqa: PLR0917 - rows, and all that they are judged by
    frame: pl.DataFrame,
    plan: Compiled,
    data: Data,
    asking: Asking,
    rows: Mapping[str, Indicator],
    years: Sequence[int],
) -> pl.DataFrame:
    kept = asking.kept
    if Aspects.of(kept).value:
        frame = round_values(frame)
        if kept & JUDGED:
            frame = judge_values(frame, plan.catalogue, rows, plan.rows)
        if _shows_before(asking):
            frame = add_previous(frame, {row.id: row.better for row in rows.values()})
    # `previous` may look at a forecast that is no row; what is planned is a row of its own.
    if asking.scenario != "forecast":
        frame = drop_unplanned(frame, plan.catalogue, data)
    if Aspects.of(kept).value:
        if _shows_plan(asking):
            frame = add_plan(frame)
        frame = print_units(frame)
    if "why" in frame.columns:
        frame = collect_frame(name_reasons(frame.lazy()))
    if _shows_before(asking):
        frame = frame.filter(pl.col("year").is_in(list(years)))
    return frame


def _finish(
    frame: pl.DataFrame, plan: Compiled, data: Data, asking: Asking, failures: Failures
) -> pl.DataFrame:
    kept = asking.kept
    if asking.scenario is not None:
        frame = frame.filter(pl.col("scenario") == asking.scenario)
    if asking.places:
        frame = frame.filter(pl.col("place").is_in(list(asking.places)))
    if "place_title" in kept:
        frame = name_places(frame, data)
    if "checks" in kept:
        frame = mark_rows(frame, plan.rests_on, failures)
    extra = {"value": ("text", "type"), "target": ("target_to",)}
    names = [
        name
        for column in (*COLUMNS, SHORTFALL, SAME_REPORTERS)
        if column in kept
        for name in (column, *extra.get(column, ()))
        if name in frame.columns
    ]
    return frame.select(names)


def _nothing(asking: Asking) -> pl.DataFrame:
    """Results without a row."""
    types: dict[str, Any] = {
        **dict.fromkeys(COLUMNS, pl.Float64),
        **dict.fromkeys(
            ("indicator", "code", "title", "level", "place", "place_title", "scenario"), pl.String
        ),
        **dict.fromkeys(("unit", "reason", "comparator", "status", "trend"), pl.String),
        "year": pl.Int32,
        "reported": pl.Int64,
        "expected": pl.Int64,
        "checks": pl.List(pl.String),
    }
    kept = {name: types[name] for name in COLUMNS if name in asking.kept}
    return pl.DataFrame(schema=kept)
