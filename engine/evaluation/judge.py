"""Judging: what is printed, and what it means beside a target, a plan and the year before.

A value is rounded once, half away from zero, after binary noise is taken off (the number at 12
significant digits is what is rounded, so 28.75 prints 28.8 whatever its last bit). A printed value is
a decimal, and is carried as a whole number of units of its last decimal. Verdicts, deviations and
changes are taken from those, so that a reader's subtraction agrees; `print_units` turns them into
doubles, once, at the end.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from engine.data.frames import collect_frame
from engine.evaluation.plan.targets import COMPARATORS
from engine.language.readings.arithmetic import (
    LARGEST_WHOLE,
    half_away,
    move_point,
    point_shift,
    power_of_ten,
    round_units,
)
from engine.language.readings.terms import Reason

IN_UNITS = (
    *("value", "deviation", "previous", "change", "plan", "plan_deviation"),
    *("target", "target_to", "reference"),
)
"""The columns that are in units of the last decimal until `print_units`."""


def round_values(frame: pl.DataFrame) -> pl.DataFrame:
    """Add `value`, in units of its last decimal, and take the noise off `raw`.

    `frame` has `raw`, `decimals` (of the printed value), `scale` (how many units make 1) and `exact`
    (whether `raw` is a whole number free of noise). Such a number stays as it is up to 2^53; every
    other one is taken at 12 significant digits, `value` at 15 where its decimals need more. A `raw`
    past all numbers (a product of many) is taken away; `why`, where it is there, says so.
    """
    raw, scaled = pl.col("raw"), pl.col("raw") * pl.col("scale")
    query = frame.lazy()
    if "why" in frame.columns:
        code = pl.when(~scaled.is_finite()).then(int(Reason.ZERO_DENOMINATOR)).otherwise("why")
        query = query.with_columns(why=pl.when(~scaled.is_finite() | raw.is_null()).then(code))
    query = query.with_columns(raw=pl.when(scaled.is_finite()).then(raw))
    shift, digits = pl.col("_shift"), pl.col("_digits")
    query = query.with_columns(_shift=point_shift(raw))
    query = query.with_columns(_up=power_of_ten(shift), _down=power_of_ten(-shift))
    query = query.with_columns(_digits=half_away(raw * pl.col("_up") / pl.col("_down")))
    places = pl.col("decimals") - shift
    query = query.with_columns(_moved=move_point(digits, places))
    is_exact = pl.col("exact") & (raw.abs() <= LARGEST_WHOLE)
    rounded = round_units(pl.col("_moved"), places, scaled)
    units = pl.when(is_exact).then(scaled).otherwise(rounded)
    frame = collect_frame(query.with_columns(value=units, exact=is_exact))
    clean = divide_exactly(frame["_digits"] * frame["_down"], frame["_up"])
    kept = frame["raw"].zip_with(frame["exact"], clean)
    return frame.with_columns(kept).drop("exact", "_shift", "_up", "_down", "_digits", "_moved")


def print_units(frame: pl.DataFrame) -> pl.DataFrame:
    """The columns of `IN_UNITS` as the doubles nearest to the decimals they stand for.

    More than 2^53 units (9·10^15) are taken at 12 significant digits: a double does not hold them all.
    """
    printed = [_print(frame, name) for name in IN_UNITS if name in frame.columns]
    return frame.with_columns(printed).drop("decimals", "scale")


def _print(frame: pl.DataFrame, name: str) -> pl.Series:
    units = pl.col(name)
    large = units.abs() > LARGEST_WHOLE
    if not frame.select(large.any()).item():
        return divide_exactly(frame[name], frame["scale"])
    shift = pl.when(large).then(point_shift(units)).otherwise(0.0)
    places = pl.col("decimals") + shift
    moved = frame.select(
        digits=pl.when(large).then(half_away(move_point(units, shift))).otherwise(units),
        up=power_of_ten(-places),
        down=power_of_ten(places),
    )
    return divide_exactly(moved["digits"] * moved["up"], moved["down"]).alias(name)


def divide_exactly(whole: pl.Series, power: pl.Series) -> pl.Series:
    """Whole numbers divided by powers of ten: the nearest double, never −0.

    Powers of ten are exact up to 10^22, and dividing by one rounds only once. Columns that are
    computed, no expressions: dividing by what it knows to be one number, Polars multiplies by its
    reciprocal, and 938 / 10 becomes 93.80000000000001.
    """
    return whole / power + 0.0


def _name_comparator(code: pl.Expr) -> pl.Expr:
    return code.replace_strict(
        list(range(len(COMPARATORS))), COMPARATORS, default=None, return_dtype=pl.String
    )


def judge_values(frame: pl.DataFrame) -> pl.DataFrame:
    """Judge printed values by printed targets.

    `frame` has `value` and, where rows have them, `target`, `target_to` and `reference`, all in
    units of the last decimal, and `comparator` as a code. It gains `deviation` and `status`, and the
    word of the comparator, where there is a target; `reference_comparator`, where it is there, its
    words for its codes.
    """
    columns: dict[str, Any] = dict.fromkeys(("target", "target_to", "reference"), pl.Float64)
    columns["comparator"] = pl.Int8
    lacking = [
        pl.lit(None, kind).alias(name) for name, kind in columns.items() if name not in frame
    ]
    value, low, high = pl.col("value"), pl.col("target"), pl.col("target_to")
    kind = pl.col("comparator")
    query = frame.lazy().with_columns(*lacking)
    query = query.with_columns(comparator=pl.when(~low.is_null()).then(_name_comparator(kind)))
    if "reference_comparator" in frame.columns:
        query = query.with_columns(_name_comparator(pl.col("reference_comparator")))
    distance = (
        pl.when(kind == "between")
        .then(value - value.clip(low, high))
        .otherwise(pl.when(kind != "yes").then(value - low))
    )
    query = query.with_columns(
        # A target with more decimals than are printed (a problem of its own) leaves a rest.
        deviation=half_away(distance),
        status=_status(value, low, high, kind),
    )
    return collect_frame(query)


def add_previous(frame: pl.DataFrame) -> pl.DataFrame:
    """Add `previous`, `change` (of printed values) and, where `better` is there, `trend`.

    Beside a forecast stands the fact of the year before, or its forecast where there is no fact.
    `frame` has `value` and `NEIGHBOURS`; `better` is 1 where more is better, -1 where less is.
    """
    fact, forecast = (
        frame["value"].gather(frame[name]).alias(name)
        for name in ("k_fact_before", "k_forecast_before")
    )
    frame = frame.with_columns(previous=pl.coalesce(fact, forecast))
    frame = frame.with_columns(change=pl.col("value") - pl.col("previous"))
    if "better" not in frame.columns:
        return frame
    signs = pl.Series([1.0, 0.0, -1.0])
    sign = (pl.col("change") * pl.col("better")).sign()
    trend = sign.replace_strict(signs, ["better", "same", "worse"], default="none")
    return frame.with_columns(trend.alias("trend")).drop("better")


def add_plan(frame: pl.DataFrame) -> pl.DataFrame:
    """Add to facts `plan`, the forecast of the same place and year, and `plan_deviation`.

    `frame` has `value` and `NEIGHBOURS`.
    """
    frame = frame.with_columns(plan=frame["value"].gather(frame["k_forecast"]))
    return frame.with_columns(plan_deviation=pl.col("value") - pl.col("plan"))


def _status(value: pl.Expr, low: pl.Expr, high: pl.Expr, kind: pl.Expr) -> pl.Expr:
    holds = (
        pl.when(kind == "at_least")
        .then(value >= low)
        .otherwise(
            pl.when(kind == "at_most")
            .then(value <= low)
            .otherwise(
                pl.when(kind == "between")
                .then((value >= low) & (value <= high))
                .otherwise(value == low)
            )
        )
    )
    verdict = pl.when(holds).then(pl.lit("met")).otherwise(pl.lit("missed"))
    return (
        pl.when(low.is_null())
        .then(pl.lit("no_target"))
        .otherwise(
            pl.when(value.is_null())
            .then(pl.lit("no_data"))
            .otherwise(pl.when(kind == "none").then(pl.lit("no_comparator")).otherwise(verdict))
        )
    )
