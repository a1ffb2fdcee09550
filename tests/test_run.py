"""Running steps: what is held between stages, and what a roll-up takes together."""

from __future__ import annotations

import polars as pl

from engine.evaluation.plan.steps import PLACE, SCENARIO, YEAR, Derive, How, Rollup, Step
from engine.evaluation.run import run_steps

LEVELS = ("school", "town")


def make_frames() -> dict[str, pl.DataFrame]:
    """Three schools of two towns in one year; `d0` is 1, none, 4."""
    keys = {YEAR: pl.lit(2023, pl.Int32), SCENARIO: pl.lit("fact")}
    schools = pl.DataFrame(
        {PLACE: ["a", "b", "c"], "k_level1": ["t", "t", "u"], "d0": [1, None, 4], "d1": [7, 8, 9]}
    )
    towns = pl.DataFrame({PLACE: ["u", "t"]})
    return {"school": schools.with_columns(**keys), "town": towns.with_columns(**keys)}


def roll_up(how: How, expression: pl.Expr) -> dict[str, object]:
    """What comes of an expression of the schools at each town."""
    step = Rollup("c0", "town", 1, "school", how, expression.alias("c0"))
    frames = run_steps(make_frames(), [step], LEVELS, [pl.col("c0")])
    return dict(frames["town"].select(PLACE, "c0").iter_rows())


def test_a_column_is_held_until_the_last_stage_that_reads_it() -> None:
    steps: list[Step] = [
        Derive("c0", "school", 1, (pl.col("d0") * 2).alias("c0")),
        Derive("c1", "school", 2, (pl.col("c0") + pl.col("d0")).alias("c1")),
        Rollup("c2", "town", 3, "school", "sum", pl.col("c1").alias("c2")),
    ]
    frames = run_steps(make_frames(), steps, LEVELS, [pl.col("c2") + 1])
    assert set(frames["school"].columns) == {PLACE, "k_level1", YEAR, SCENARIO}
    assert set(frames["town"].columns) == {PLACE, YEAR, SCENARIO, "c2"}
    assert dict(frames["town"].select(PLACE, "c2").iter_rows()) == {"t": 3, "u": 12}


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
    frames["school"] = frames["school"].with_columns(k_level2=pl.lit("l"))
    frames["town"] = frames["town"].with_columns(k_level2=pl.lit("l"))
    frames["land"] = frames["town"].head(1).with_columns(pl.lit("l").alias(PLACE)).drop("k_level2")
    taken: dict[How, object] = {"sum": 24, "count": 3, "min": 7, "max": 9}
    for how, value in taken.items():
        steps = [
            Rollup("c0", level, 1, "school", how, pl.col("d1").alias("c0"))
            for level in ("town", "land")
        ]
        assert run_steps(frames, steps, levels, [pl.col("c0")])["land"]["c0"].to_list() == [value]
