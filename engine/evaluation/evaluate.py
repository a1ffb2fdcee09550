"""Evaluating a catalogue over data: the order of things.

catalogue ─ plan ─▶ compiled ─┐
                              ├─ run ─▶ wide frames ─▶ blocks of rows ─ judge ─▶ results
data ─ prepare ─▶ frames ─────┘
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import polars as pl

from engine.catalogue.lookups import has_base, has_grades
from engine.catalogue.model import Catalogue, Indicator
from engine.data.model import Data
from engine.evaluation.advice import list_advice
from engine.evaluation.asking import (
    ALL_COLUMNS,
    ALWAYS,
    BASE,
    GRADES,
    JUDGED,
    MEMBERS,
    SAME_REPORTERS,
    SHORTFALL,
    AdviceResult,
    Asking,
    NeededColumns,
    Results,
)
from engine.evaluation.checks import (
    check_bases,
    check_results,
    list_touched,
)
from engine.evaluation.grades import clean_points
from engine.evaluation.input_rows import input_rows
from engine.evaluation.judge import (
    add_plan,
    add_previous,
    judge_values,
    print_units,
    round_values,
)
from engine.evaluation.plan.compile import compile_plan
from engine.evaluation.plan.compiled_plan import CompiledPlan
from engine.evaluation.prepare import frame_data, name_columns
from engine.evaluation.results import (
    IS_SHOWN,
    Columns,
    choose_values,
    compare_reporters,
    forecast_years,
    lengthen,
    mark_places,
    name_reasons,
    split_rows,
)
from engine.evaluation.run import gather_wanted, list_columns, run_steps
from engine.evaluation.texts import add_texts, read_text_values

BLOCK = 100_000
"""Rows of results that are made at a time, unless one indicator has more.

Few enough that the memory of one block serves the next: fresh memory costs more than what is computed
in it.
"""


def compute_results(catalogue: Catalogue, data: Data, asking: Asking | None = None) -> Results:
    """The results of `compute_blocks` with all rows in one frame."""
    results = compute_blocks(catalogue, data, asking)
    return replace(results, blocks=(results.frame,))


def compute_blocks(catalogue: Catalogue, data: Data, asking: Asking | None = None) -> Results:
    """The results of a catalogue over data, ordered by indicator, level, place and year.

    A forecast follows its fact. The order is that of `lengthen`, and nothing after it changes it.
    The plan has run and all problems are known when this returns; the blocks of rows are made
    while they are gone through, once: long rows take many times the memory of the wide frames
    that they come from.
    """
    asking = asking or Asking()
    rows = _choose_rows(catalogue, asking)
    years = asking.years or catalogue.years or data.years
    if not years:
        return Results((_nothing(catalogue, asking),), (), rows)
    # 1. Plan: every column that a row or a check needs.
    plan = _plan(catalogue, data, asking, rows)
    # 2. Run it, once for rows and checks alike.
    history = _list_history(plan, data, asking, years)
    frames = _run(plan, data, asking, years, history)
    failures = check_results(plan, frames, years, data, asking.places)
    failures = replace(failures, problems=(*failures.problems, *check_bases(plan, frames, data)))
    advised = _advise(plan, frames, years)
    if not plan.rows:
        return Results(
            (_nothing(catalogue, asking),), failures.problems, rows, failures.skipped, advised
        )
    # 3. Judge, and put into the form that people and programs read.
    wide = {
        level: mark_places(frame, level, catalogue, data, asking, years).to_dict()
        for level, frame in gather_wanted(frames, plan, _shown_years(asking, years)).items()
    }
    texts = read_text_values(plan, frames, years) if plan.texts else None
    touched = list_touched(plan.rests_on, failures) if "checks" in asking.kept else None
    blocks = _make_blocks(wide, plan, data, asking, rows, texts, touched)
    return Results(blocks, failures.problems, rows, failures.skipped, advised)


def _choose_rows(catalogue: Catalogue, asking: Asking) -> dict[str, Indicator]:
    if not asking.inputs and not asking.indicators:
        return dict(catalogue.indicators)

    rows = {**catalogue.indicators, **input_rows(catalogue)}
    if not asking.indicators:
        return rows
    return {name: row for name, row in rows.items() if name in asking.indicators}


# --- computing ------------------------------------------------------------------------------------


def _plan(
    catalogue: Catalogue, data: Data, asking: Asking, rows: Mapping[str, Indicator]
) -> CompiledPlan:
    shape = name_columns(catalogue, data)
    if asking.scenario == "forecast":
        shape = replace(shape, forecasts=True)
    return compile_plan(catalogue, shape, asking, rows)


def _advise(
    plan: CompiledPlan, frames: Mapping[str, Any], years: Sequence[int]
) -> tuple[AdviceResult, ...]:
    if not plan.advice:
        return ()
    return list_advice(plan, frames, years)


def _list_history(plan: CompiledPlan, data: Data, asking: Asking, years: Sequence[int]) -> set[int]:
    """The years that the plan looks at."""
    known = {*data.years, *years}
    bases = {question.year for question in plan.bases}
    return known if plan.looks_back else (_shown_years(asking, years) | bases) & known


def _run(
    plan: CompiledPlan, data: Data, asking: Asking, years: Sequence[int], history: Iterable[int]
) -> dict[str, Any]:
    """The frames of all levels with every step made, in the years that the plan looks at."""
    planned = forecast_years(data, years if asking.scenario == "forecast" else ())
    read = list_columns(
        (*(step.expr for step in plan.steps), *(result.expr for result in plan.results))
    )
    shape = plan.shape.keep(read)
    return run_steps(
        frame_data(plan.catalogue, data, shape, sorted(history), planned),
        plan.steps,
        plan.levels,
        plan.results,
    )


def _shown_years(asking: Asking, years: Sequence[int]) -> set[int]:
    """The reported years, and the years before them where they are shown beside."""
    return {*years, *((year - 1 for year in years) if _shows_before(asking) else ())}


def _shows_before(asking: Asking) -> bool:
    return bool(asking.kept & {"previous", "change", "trend"})


# --- judging and finishing ----------------------------------------------------------------------


def _make_blocks(  # noqa: PLR0917 - rows, and all that they are judged by
    wide: Mapping[str, Columns],
    plan: CompiledPlan,
    data: Data,
    asking: Asking,
    rows: Mapping[str, Indicator],
    texts: pl.DataFrame | None,
    touched: pl.DataFrame | None,
) -> Iterator[pl.DataFrame]:
    """The results of whole indicators at a time: nothing in a row comes from another indicator.

    `texts` and `touched` are the keys of rows with their `text` and their `checks`.
    """
    values = choose_values(plan, asking.kept)
    for block in split_rows(plan.rows, wide, BLOCK):
        frame = lengthen(wide, rows, block, asking.kept, values, plan.catalogue)
        if SAME_REPORTERS in asking.columns:
            frame = compare_reporters(frame, plan.catalogue, data)
        frame = _judge(frame, asking)
        if texts is not None:
            frame = add_texts(frame, texts, rows)
        if touched is not None:
            frame = frame.join(touched, on=list(ALWAYS), how="left", maintain_order="left")
        yield _order_columns(frame, asking)


def _judge(frame: pl.DataFrame, asking: Asking) -> pl.DataFrame:
    kept = asking.kept
    is_printed = NeededColumns.of(kept).value
    if is_printed:
        frame = round_values(frame)
        if _shows_before(asking):
            frame = add_previous(frame)
        if kept & {"plan", "plan_deviation"}:
            frame = add_plan(frame)
    # What stood beside another row has been looked at.
    frame = frame.filter(IS_SHOWN)
    if is_printed:
        if kept & JUDGED:
            frame = judge_values(frame)
        frame = print_units(frame)
    if "points" in frame.columns:
        frame = clean_points(frame)
    return name_reasons(frame) if "why" in frame.columns else frame


def _order_columns(frame: pl.DataFrame, asking: Asking) -> pl.DataFrame:
    extra = {
        "value": ("text", "type"),
        "target": ("target_to",),
        "reference": ("reference_comparator",),
        MEMBERS: ("members_expected",),
    }
    names = [
        name
        for column in (*ALL_COLUMNS, SHORTFALL, SAME_REPORTERS, MEMBERS)
        if column in asking.kept
        for name in (column, *extra.get(column, ()))
        if name in frame.columns
    ]
    return frame.select(names)


def _nothing(catalogue: Catalogue, asking: Asking) -> pl.DataFrame:
    """Results without a row."""
    types: dict[str, Any] = {
        **dict.fromkeys(ALL_COLUMNS, pl.Float64),
        **dict.fromkeys(
            ("indicator", "code", "title", "level", "place", "place_title", "scenario"), pl.String
        ),
        **dict.fromkeys(("unit", "reason", "comparator", "status", "trend"), pl.String),
        **dict.fromkeys(("class", "class_title"), pl.String),
        "year": pl.Int32,
        "reported": pl.Int64,
        "expected": pl.Int64,
        "checks": pl.List(pl.String),
    }
    left_out = {
        *(() if has_grades(catalogue) else GRADES),
        *(() if has_base(catalogue) else (BASE,)),
    }
    kept = {name: types[name] for name in ALL_COLUMNS if name in asking.kept - left_out}
    return pl.DataFrame(schema=kept)
