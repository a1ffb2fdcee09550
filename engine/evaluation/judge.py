"""Judging: what is printed, and what it means beside a target, a plan and the year before.

A value is rounded once, half away from zero, after binary noise is taken off (the number at 12
significant digits is what is rounded, so 28.75 prints 28.8 whatever its last bit). Verdicts,
deviations and changes are taken from printed values: a reader's subtraction agrees.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import narwhals as nw

from engine.catalogue.model import Catalogue, Indicator
from engine.units import PERCENT

SIGNIFICANT = 12
KEYS = ("indicator", "level", "place", "year", "scenario")
Frame = Any
"""A narwhals frame of results, in memory."""


def judge_values(frame: Frame, catalogue: Catalogue, rows: Mapping[str, Indicator]) -> Frame:
    """Round the raw values and judge them.

    `frame` has the keys of `KEYS` and `raw`; it gains `value`, `target`, `target_to`, `comparator`,
    `deviation`, `status`, `reference`, and `decimals` for what is computed from values later.
    Years before the reported ones may be among the rows; they are judged alike.
    """
    frame = frame.join(_decimals(rows, frame), on=["indicator"], how="left")
    frame = frame.with_columns(raw=round_significant(nw.col("raw")))
    frame = frame.with_columns(value=round_printed(nw.col("raw"), nw.col("decimals")))
    targets = _targets(catalogue, rows, frame)
    frame = frame.join(targets, on=["indicator", "level", "year"], how="left")
    value, low, high = nw.col("value"), nw.col("target"), nw.col("target_to")
    kind = nw.col("comparator")
    apart = (
        nw.when(kind == "between")
        .then(
            nw.when(value < low)
            .then(value - low)
            .otherwise(nw.when(value > high).then(value - high).otherwise(value * 0.0))
        )
        .otherwise(nw.when(kind != "yes").then(value - low))
    )
    return frame.with_columns(
        deviation=_difference(apart),
        status=_status(value, low, high, kind),
    )


def add_previous(frame: Frame, better: Mapping[str, str]) -> Frame:
    """Add `previous`, `change` (of printed values) and `trend`.

    Beside a forecast stands the fact of the year before, or its forecast where there is no fact.
    """
    keys = ["indicator", "level", "place", "year"]
    for scenario, name in (("fact", "previous"), ("forecast", "planned_before")):
        before = frame.filter(nw.col("scenario") == scenario).select(
            *keys[:-1],
            (nw.col("year") + 1).cast(nw.Int32).alias("year"),
            nw.col("value").alias(name),
        )
        frame = frame.join(before, on=keys, how="left")
    frame = frame.with_columns(
        previous=nw.when(nw.col("scenario") == "forecast")
        .then(nw.coalesce("previous", "planned_before"))
        .otherwise(nw.col("previous"))
    ).drop("planned_before")
    frame = frame.with_columns(change=_difference(nw.col("value") - nw.col("previous")))
    more = [one for one, direction in better.items() if direction == "more"]
    less = [one for one, direction in better.items() if direction == "less"]
    sign = (
        nw.when(nw.col("indicator").is_in(more))
        .then(nw.col("change"))
        .otherwise(nw.when(nw.col("indicator").is_in(less)).then(-nw.col("change")))
    )
    return frame.with_columns(
        trend=nw.when(sign > 0)
        .then(nw.lit("better"))
        .otherwise(
            nw.when(sign < 0)
            .then(nw.lit("worse"))
            .otherwise(nw.when(sign == 0).then(nw.lit("same")).otherwise(nw.lit("none")))
        )
    )


def add_plan(frame: Frame) -> Frame:
    """Add to facts `plan`, the forecast of the same place and year, and `plan_deviation`."""
    keys = ["indicator", "level", "place", "year"]
    planned = frame.filter(nw.col("scenario") == "forecast").select(
        *keys, nw.col("value").alias("plan"), nw.lit("fact").alias("scenario")
    )
    frame = frame.join(planned, on=[*keys, "scenario"], how="left")
    return frame.with_columns(plan_deviation=_difference(nw.col("value") - nw.col("plan")))


def _status(value: Any, low: Any, high: Any, kind: Any) -> Any:
    holds = (
        nw.when(kind == "at_least")
        .then(value >= low)
        .otherwise(
            nw.when(kind == "at_most")
            .then(value <= low)
            .otherwise(
                nw.when(kind == "between")
                .then((value >= low) & (value <= high))
                .otherwise(value == low)
            )
        )
    )
    verdict = nw.when(holds).then(nw.lit("met")).otherwise(nw.lit("missed"))
    return (
        nw.when(low.is_null())
        .then(nw.lit("no_target"))
        .otherwise(
            nw.when(value.is_null())
            .then(nw.lit("no_data"))
            .otherwise(nw.when(kind == "none").then(nw.lit("no_comparator")).otherwise(verdict))
        )
    )


def _difference(apart: Any) -> Any:
    """A difference of printed values, without the noise of subtracting them."""
    return round_printed(round_significant(apart), nw.col("decimals"))


def _decimals(rows: Mapping[str, Indicator], like: Frame) -> Frame:
    # Kept as they are declared: a text has none, and takes part in no rounding.
    return _table(
        {
            "indicator": list(rows),
            "decimals": [float(row.decimals) for row in rows.values()],
        },
        {"indicator": nw.String(), "decimals": nw.Float64()},
        like,
    )


def _targets(catalogue: Catalogue, rows: Mapping[str, Indicator], like: Frame) -> Frame:
    """indicator × level × year → target where it speaks of the level, reference below it."""
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
        nw.String(),
        nw.String(),
        nw.Int32(),
        nw.Float64(),
        nw.Float64(),
        nw.String(),
        nw.Float64(),
    )
    columns = list(zip(*found, strict=True)) or [()] * len(names)
    return _table(
        {name: list(column) for name, column in zip(names, columns, strict=True)},
        dict(zip(names, types, strict=True)),
        like,
    )


def _table(columns: Mapping[str, Any], schema: Mapping[str, Any], like: Frame) -> Frame:
    """A small table in the same library as another one."""
    return nw.from_dict(columns, schema, backend=like.implementation)


def round_significant(value: Any) -> Any:
    """A number at 12 significant digits, as a double prints it. Null stays null, −0 becomes 0."""
    size = value.abs()
    exponent = nw.when(size > 0).then(size.log(10)).otherwise(nw.lit(0.0)).floor()
    digits = (SIGNIFICANT - 1) - exponent
    # Powers of ten are exact up to 10^22, and dividing by one rounds only once; so numbers with
    # digits before the point only are scaled down, all others up. What is smaller than 10^-11
    # keeps fewer digits.
    up = nw.when(digits > 0).then(digits).otherwise(nw.lit(0.0)).clip(0.0, 22.0)
    down = nw.when(digits < 0).then(-digits).otherwise(nw.lit(0.0)).clip(0.0, 22.0)
    scaled = value * _power(up) / _power(down)
    return _half_away(scaled, 0.0) / _power(up) * _power(down) + 0.0


def round_printed(value: Any, decimals: Any) -> Any:
    """A number already at 12 significant digits, at `decimals` digits after the point."""
    factor = _power(decimals.cast(nw.Float64))
    # The product before was rounded once: 0.285 · 100 is 28.499999999999996 in binary, and a half
    # in the decimal it stands for. Decimals of 12 digits are further from a half than that.
    rounded = _half_away(value * factor, 1e-15) / factor + 0.0
    # 12 digits before the point leave none after it to round.
    return nw.when(value.abs() * factor < 1e12).then(rounded).otherwise(value)


def _half_away(value: Any, noise: float) -> Any:
    """The nearest whole number, a half (within a relative `noise` of one) away from zero."""
    size = value.abs()
    whole = (size * (1 + noise) + 0.5).floor()
    return nw.when(value < 0).then(-whole).otherwise(whole)


def _power(exponent: Any) -> Any:
    """10 to a whole power from 0 to 22, exact.

    A column on purpose, even where all its values are equal: dividing by one number, Polars
    multiplies by its reciprocal, and 7 / 10 becomes 0.7000000000000001.
    """
    return (10.0**exponent + 0.5).floor()
