"""Running steps: what is held between stages, and what a roll-up takes together."""

from __future__ import annotations

import polars as pl

from engine.evaluation.plan.steps import (
    PLACE,
    SCENARIO,
    YEAR,
    Above,
    Aggregate,
    Before,
    Derive,
    Rollup,
    Step,
)
from engine.evaluation.run import run_steps

LEVELS = ("school", "town")


def make_frames() -> dict[str, pl.LazyFrame]:
    """Three schools of two towns in one year; `d0` is 1, none, 4."""
    keys = {YEAR: pl.lit(2023, pl.Int32), SCENARIO: pl.lit("fact")}
    schools = pl.LazyFrame(
        {PLACE: ["a", "b", "c"], "k_level1": ["t", "t", "u"], "d0": [1, None, 4], "d1": [7, 8, 9]}
    )
    towns = pl.LazyFrame({PLACE: ["u", "t"]})
    return {"school": schools.with_columns(**keys), "town": towns.with_columns(**keys)}


def take(level: str, stage: int, expression: pl.Expr) -> list[Derive]:
    """The result `v` of a level."""
    return [Derive("v", level, stage, expression.alias("v"))]


def roll_up(how: Aggregate, expression: pl.Expr) -> dict[str, object]:
    """What comes of an expression of the schools at each town."""
    step = Rollup("c0", "town", 0, "school", how, expression.alias("c0"))
    frames = run_steps(make_frames(), [step], LEVELS, take("town", 1, pl.col("c0")))
    return dict(frames["town"].select(PLACE, "v").iter_rows())


def test_only_results_are_held_after_the_last_stage() -> None:
    steps: list[Step] = [
        Derive("c0", "school", 0, (pl.col("d0") * 2).alias("c0")),
        Derive("c1", "school", 0, (pl.col("c0") + pl.col("d0")).alias("c1")),
        Rollup("c2", "town", 0, "school", "sum", pl.col("c1").alias("c2")),
    ]
    frames = run_steps(make_frames(), steps, LEVELS, take("town", 1, pl.col("c2") + 1))
    assert set(frames["school"].columns) == {PLACE, "k_level1", YEAR, SCENARIO}
    assert set(frames["town"].columns) == {PLACE, YEAR, SCENARIO, "v"}
    assert dict(frames["town"].select(PLACE, "v").iter_rows()) == {"t": 4, "u": 13}


def test_a_result_of_an_early_stage_is_held_to_the_end() -> None:
    """Beside what later stages make of other rows, which read the same columns."""
    steps: list[Step] = [
        Rollup("c0", "town", 0, "school", "max", pl.col("d1").alias("c0")),
        Above("c1", "school", 1, "town", pl.col("c0").alias("c1")),
        Before("c2", "school", 0, 0, "fact", pl.col("d0").alias("c2")),
    ]
    late = Derive("w", "school", 2, (pl.col("c1") * 10 + pl.col("c2")).alias("w"))
    results = [*take("school", 0, pl.col("d0")), late]
    schools = run_steps(make_frames(), steps, LEVELS, results)["school"]
    assert set(schools.select(PLACE, "v", "w").iter_rows()) == {
        ("a", 1, 81),
        ("b", None, None),
        ("c", 4, 94),
    }


def test_a_roll_up_takes_every_school_of_a_place() -> None:
    assert roll_up("sum", pl.col("d0")) == {"t": 1, "u": 4}
    assert roll_up("count", pl.col("d0") * 2) == {"t": 1, "u": 1}
    assert roll_up("max", pl.when(pl.col("d0") > 1).then("d1")) == {"t": None, "u": 9}
    assert roll_up("median", pl.col("d1")) == {"t": 7.5, "u": 9}


def test_the_last_value_is_that_of_the_last_school_that_has_one() -> None:
    assert roll_up("last", pl.col("d0")) == {"t": 1, "u": 4}
    assert roll_up("last", pl.col("d1") - 1) == {"t": 7, "u": 8}


def test_what_is_the_same_at_every_school_counts_for_each_of_them() -> None:
    assert roll_up("sum", pl.lit(value=True).cast(pl.Int64)) == {"t": 2, "u": 1}
    assert roll_up("count", pl.lit(1)) == {"t": 2, "u": 1}


def test_levels_that_are_rolled_up_together_agree_with_each_alone() -> None:
    """Over the lower places first, then over their sums, counts and extremes."""
    levels = (*LEVELS, "land")
    frames = make_frames()
    land = pl.lit("l").alias("k_level2")
    frames = {level: frame.with_columns(land) for level, frame in frames.items()}
    frames["land"] = frames["town"].head(1).drop(PLACE).rename({"k_level2": PLACE})
    taken: dict[Aggregate, object] = {"sum": 24, "count": 3, "min": 7, "max": 9}
    for how, value in taken.items():
        steps = [
            Rollup("c0", level, 0, "school", how, pl.col("d1").alias("c0"))
            for level in ("town", "land")
        ]
        rolled = run_steps(frames, steps, levels, take("land", 1, pl.col("c0")))
        assert rolled["land"]["v"].to_list() == [value]
