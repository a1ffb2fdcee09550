"""Judging: what is printed, and what it means beside a target, a plan and the year before.

A value is rounded once, half away from zero, after binary noise is taken off (the number at 12
significant digits is what is rounded, so 28.75 prints 28.8 whatever its last bit). Verdicts,
deviations and changes are taken from printed values: a reader's subtraction agrees.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from engine.catalogue.model import Catalogue, Indicator
from engine.language.readings.reasons import Reason
from engine.units import PERCENT

SIGNIFICANT = 12
JUDGED = frozenset({"target", "comparator", "deviation", "status", "reference"})
"""The columns that rest on a target."""


def round_values(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Add `value`, the `raw` one as it is printed: with as many decimals as `factor` has noughts.

    A `raw` past all numbers (a product of many) is taken away; `why`, where it is there, says so.
    """
    endless = ~pl.col("raw").is_finite()
    if "why" in frame.collect_schema():
        code = pl.when(endless).then(int(Reason.ZERO_DENOMINATOR)).otherwise(pl.col("why"))
        frame = frame.with_columns(why=pl.when(endless | pl.col("raw").is_null()).then(code))
    frame = frame.with_columns(raw=pl.when(~endless).then(pl.col("raw")))
    frame = with_significant(frame, "raw")
    return frame.with_columns(value=round_printed(pl.col("raw")))


def judge_values(
    frame: pl.LazyFrame, catalogue: Catalogue, rows: Mapping[str, Indicator]
) -> pl.LazyFrame:
    """Judge printed values.

    `frame` has the keys of a row, `value` and `factor`; it gains `target`, `target_to`,
    `comparator`, `deviation`, `status`, `reference`. Years before the reported ones may be among
    the rows; they are judged alike.
    """
    frame = frame.join(
        _targets(catalogue, rows),
        on=["indicator", "level", "year"],
        how="left",
        maintain_order="left",
    )
    value, low, high = pl.col("value"), pl.col("target"), pl.col("target_to")
    kind = pl.col("comparator")
    inside = value.clip(low, high)
    apart = (
        pl.when(kind == "between")
        .then(value - inside)
        .otherwise(pl.when(kind != "yes").then(value - low))
    )
    return frame.with_columns(
        deviation=round_printed(apart),
        status=_status(value, low, high, kind),
    )


def add_previous(frame: pl.LazyFrame, better: Mapping[str, str]) -> pl.LazyFrame:
    """Add `previous`, `change` (of printed values) and `trend`.

    Beside a forecast stands the fact of the year before, or its forecast where there is no fact.
    """
    keys = ["indicator", "level", "place", "year"]
    for scenario, name in (("fact", "previous"), ("forecast", "planned_before")):
        before = frame.filter(pl.col("scenario") == scenario).select(
            *keys[:-1],
            (pl.col("year") + 1).cast(pl.Int32).alias("year"),
            pl.col("value").alias(name),
        )
        frame = frame.join(before, on=keys, how="left", maintain_order="left")
    frame = frame.with_columns(
        previous=pl.when(pl.col("scenario") == "forecast")
        .then(pl.coalesce("previous", "planned_before"))
        .otherwise(pl.col("previous"))
    ).drop("planned_before")
    frame = frame.with_columns(change=round_printed(pl.col("value") - pl.col("previous")))
    more = [one for one, direction in better.items() if direction == "more"]
    less = [one for one, direction in better.items() if direction == "less"]
    sign = (
        pl.when(pl.col("indicator").is_in(more))
        .then(pl.col("change"))
        .otherwise(pl.when(pl.col("indicator").is_in(less)).then(-pl.col("change")))
    )
    return frame.with_columns(
        trend=pl.when(sign > 0)
        .then(pl.lit("better"))
        .otherwise(
            pl.when(sign < 0)
            .then(pl.lit("worse"))
            .otherwise(pl.when(sign == 0).then(pl.lit("same")).otherwise(pl.lit("none")))
        )
    )


def add_plan(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Add to facts `plan`, the forecast of the same place and year, and `plan_deviation`."""
    keys = ["indicator", "level", "place", "year"]
    planned = frame.filter(pl.col("scenario") == "forecast").select(
        *keys, pl.col("value").alias("plan"), pl.lit("fact").alias("scenario")
    )
    frame = frame.join(planned, on=[*keys, "scenario"], how="left", maintain_order="left")
    return frame.with_columns(plan_deviation=round_printed(pl.col("value") - pl.col("plan")))


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


def _targets(catalogue: Catalogue, rows: Mapping[str, Indicator]) -> pl.LazyFrame:
    """Indicator × level × year → target where it speaks of the level, reference below it."""
    found: list[tuple[str, str, int, float | None, float | None, str | None, float | None]] = []
    for row in rows.values():
        spoken = row.target_levels or catalogue.levels[-1:]
        lowest = min(map(catalogue.levels.index, spoken))
        for year, target in row.targets.items():
            if target.value is None:
                continue
            low = float(target.value)
            high = None if target.value_to is None else float(target.value_to)
            found += [(row.id, level, year, low, high, target.comparator, None) for level in spoken]
            if row.unit == PERCENT and target.comparator != "between":
                found += [
                    (row.id, level, year, None, None, None, low)
                    for level in catalogue.levels[:lowest]
                ]
    names = ("indicator", "level", "year", "target", "target_to", "comparator", "reference")
    types: tuple[Any, ...] = (
        pl.String,
        pl.String,
        pl.Int32,
        pl.Float64,
        pl.Float64,
        pl.String,
        pl.Float64,
    )
    columns = list(zip(*found, strict=True)) or [()] * len(names)
    return pl.LazyFrame(
        {name: list(column) for name, column in zip(names, columns, strict=True)},
        dict(zip(names, types, strict=True)),
    )


def with_significant(frame: pl.LazyFrame, name: str) -> pl.LazyFrame:
    """A column of numbers at 12 significant digits, as a double prints them; −0 becomes 0.

    Powers of ten are exact up to 10^22, and dividing by one rounds only once; so numbers with
    digits before the point only are scaled down, all others up. What is smaller than 10^-11 keeps
    fewer digits.
    """
    value = pl.col(name)
    exponent = pl.when(value != 0).then(value.abs().log10()).otherwise(0.0).floor()
    digits = (SIGNIFICANT - 1) - exponent
    return (
        frame.with_columns(
            _up=_power(digits.clip(0.0, 22.0)), _down=_power((-digits).clip(0.0, 22.0))
        )
        .with_columns(_half_away(value * pl.col("_up") / pl.col("_down"), 0.0).alias(name))
        .with_columns(value / pl.col("_up") * pl.col("_down") + 0.0)
        .drop("_up", "_down")
    )


def round_printed(value: pl.Expr) -> pl.Expr:
    """A number of at most 12 significant digits, with as many decimals as `factor` has noughts."""
    factor = pl.col("factor")
    # The product before was rounded once: 0.285 · 100 is 28.499999999999996 in binary, and a half
    # in the decimal it stands for. Decimals of 12 digits are further from a half than that.
    rounded = _half_away(value * factor, 1e-15) / factor + 0.0
    # 12 digits before the point leave none after it to round.
    return pl.when(value.abs() * factor < 1e12).then(rounded).otherwise(value)  # noqa: PLR2004


def _half_away(value: pl.Expr, noise: float) -> pl.Expr:
    """The nearest whole number, a half (within a relative `noise` of one) away from zero."""
    return ((value.abs() * (1 + noise) + 0.5).floor()) * value.sign()


def _power(exponent: pl.Expr) -> pl.Expr:
    """10 to a whole power from 0 to 22, exact.

    A column on purpose, even where all its values are equal: dividing by one number, Polars
    multiplies by its reciprocal, and 7 / 10 becomes 0.7000000000000001.
    """
    return (10.0**exponent + 0.5).floor()
