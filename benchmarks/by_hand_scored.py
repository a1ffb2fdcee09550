"""What a competent analyst would write for the country of scored.py, without any engine.

    python -m benchmarks.by_hand_scored DATA OUTPUT

As by_hand.py; above it classes and points are decided on whole units, and scores are whole
hundredths too: a weight is so many hundredths, points are whole.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from benchmarks.by_hand import LEVELS, add_up
from benchmarks.scored import (
    BEST,
    BEST_PLACES,
    BEST_SHARE,
    RANKS,
    SCORED,
    TOTAL,
    Scale,
    Score,
    ScoredSize,
)

NOISE = 1e-9
"""Added before a half is rounded up, where a number is no whole one."""


def compute(data: Path, output: Path, scored: ScoredSize = SCORED) -> None:
    """Read the register and the facts, write shares, scores and ranks of every level."""
    keys = [*LEVELS, "year"]
    lowest = add_up(data, scored.size).join(_find_best(data), on=keys, how="left")
    levels = [_grade(lowest, position, scored).collect() for position in range(len(LEVELS))]
    names = [f"share_{number}" for number in range(1, scored.size.indicators + 1)]
    names += [*(score.id for score in scored.scores), TOTAL, *(name for name, *_ in RANKS), BEST]
    pl.concat(
        [
            _lay_out(frame, level, name)
            for name in names
            for level, frame in zip(LEVELS, levels, strict=True)
        ]
    ).write_parquet(output)


def _find_best(data: Path) -> pl.DataFrame:
    """Of every municipality and year: the sum of the share over its best schools, and their number."""
    part, whole = pl.col(f"part_{BEST_SHARE}"), pl.col(f"whole_{BEST_SHARE}")
    keys = [*LEVELS, "year"]
    printed = (2000 * part + whole) // (2 * whole)
    place = printed.rank("min", descending=True).over(keys)
    year = pl.col("year")
    return (
        pl.scan_parquet(data / "facts.parquet")
        .select("school", "year", part, whole)
        .filter(part.is_not_null(), whole > 0)
        .join(pl.scan_csv(data / "schools.csv"), on="school")
        .filter(year >= pl.col("opened").fill_null(0), year < pl.col("closed").fill_null(9999))
        .filter(place <= BEST_PLACES)
        .group_by(keys)
        .agg((100 * part / whole).sum().alias("best"), pl.len().alias("best_number"))
        .collect()
    )


def _grade(lowest: pl.DataFrame, position: int, scored: ScoredSize) -> pl.LazyFrame:
    """The places of a level with everything about them, in their order."""
    level, higher = LEVELS[position], LEVELS[position + 1 :]
    shares = range(1, scored.size.indicators + 1)
    added = (
        lowest.lazy()
        .group_by(level, "year")
        .agg(pl.col(higher).first(), pl.exclude(LEVELS).sum())
        .sort(level, "year")
    )
    graded = added.with_columns(
        column for number in shares for column in _measure(number, scored.scale_of(number))
    )
    graded = graded.with_columns(
        column for number in shares for column in _classify(number, scored.scale_of(number))
    )
    graded = graded.with_columns(
        column for score in scored.scores for column in _weigh(score, scored)
    )
    added_up = [score.id for score in scored.scores if score.how != "share"]
    total = pl.mean_horizontal(f"{name}_raw" for name in added_up)
    known = [pl.when(pl.col(name).is_not_null()).then(f"{name}_reported") for name in added_up]
    mean = pl.when(pl.col("best_number") > 0).then(pl.col("best") / pl.col("best_number"))
    graded = graded.with_columns(
        ((total * 100 + 0.5 + NOISE).floor() / 100).round(2).alias(TOTAL),
        pl.coalesce(
            pl.min_horizontal(known),
            pl.min_horizontal(f"{name}_reported" for name in added_up),
        ).alias(f"{TOTAL}_reported"),
        ((mean * 10 + 0.5 + NOISE).floor() / 10).round(1).alias(BEST),
        pl.col(f"share_{BEST_SHARE}_reported").alias(f"{BEST}_reported"),
    )
    return graded.with_columns(column for rank in RANKS for column in _rank(rank, higher))


def _measure(number: int, scale: Scale) -> Iterator[pl.Expr]:
    """A share as it is printed, and in the units of its scale."""
    part, whole = pl.col(f"p{number}"), pl.col(f"w{number}")
    tenths = pl.when(whole > 0).then((2000 * part + whole) // (2 * whole))
    yield (tenths / 10).round(1).alias(f"share_{number}")
    yield pl.col(f"r{number}").alias(f"share_{number}_reported")
    units = pl.when(whole > 0).then((200 * part + whole) // (2 * whole))
    yield (tenths if scale.decimals else units).alias(f"u{number}")


def _classify(number: int, scale: Scale) -> Iterator[pl.Expr]:
    """The class of a share and its points; null in a gap, and for a class without points."""
    units = pl.col(f"u{number}")
    classes: pl.Expr = pl.lit(None, pl.String)
    points: pl.Expr = pl.lit(None, pl.Int64)
    for each in scale.classes:
        inside = pl.lit(value=True)
        if each.at_least is not None:
            inside = units >= each.at_least
        if each.at_most is not None:
            below = units <= each.at_most
            inside = below if each.at_least is None else inside & below
        classes = pl.when(inside).then(pl.lit(each.id)).otherwise(classes)
        points = pl.when(inside).then(pl.lit(each.points, pl.Int64)).otherwise(points)
    yield classes.alias(f"share_{number}_class")
    yield points.alias(f"share_{number}_points")


def _weigh(score: Score, scored: ScoredSize) -> Iterator[pl.Expr]:
    """The value of a score in hundredths, unrounded, and who reported the worst of its members."""
    points = {number: pl.col(f"share_{number}_points") for number in score.members}
    known = {number: points[number].is_not_null() for number in points}
    # A class without points leaves; a share without a class is missing.
    lost = {number: pl.col(f"share_{number}_class").is_null() for number in points}
    stays = {
        number: known[number] if score.absent == "rescale" else known[number] | lost[number]
        for number in points
    }
    members = score.members.items()
    gained = pl.sum_horizontal(points[number] * weight for number, weight in members)
    kept = pl.sum_horizontal(pl.when(stays[number]).then(weight) for number, weight in members)
    above, below = 100 * gained, pl.lit(100)
    if score.how == "mean":
        below = kept
    elif score.how == "share":
        above = 10_000 * gained
        below = pl.sum_horizontal(
            pl.when(stays[number]).then(weight * _greatest(scored.scale_of(number)))
            for number, weight in members
        )
    elif score.absent == "rescale":
        due = pl.sum_horizontal(
            pl.when(known[number] | lost[number]).then(weight) for number, weight in members
        )
        above, below = 100 * gained * due, 100 * kept
    holds = pl.any_horizontal(*known.values())
    if score.absent == "none":
        holds &= ~pl.any_horizontal(*lost.values())
    yield pl.when(holds).then(above / below / 100).alias(f"{score.id}_raw")
    hundredths = (2 * above + below) // (2 * below)
    yield pl.when(holds).then(hundredths / 100).round(2).alias(score.id)
    reported = {number: pl.col(f"r{number}") for number in points}
    yield pl.coalesce(
        pl.min_horizontal(pl.when(stays[number]).then(reported[number]) for number in points),
        pl.min_horizontal(*reported.values()),
    ).alias(f"{score.id}_reported")


def _greatest(scale: Scale) -> int:
    return max(each.points for each in scale.classes if each.points is not None)


def _rank(rank: tuple[str, str, str], higher: tuple[str, ...]) -> Iterator[pl.Expr]:
    """The place among those of the level inside the place above, and how many have one."""
    name, score, top = rank
    if top not in higher:
        yield pl.lit(None, pl.Float64).alias(name)
        yield pl.lit(0, pl.Int64).alias(f"{name}_reported")
        yield pl.lit(0, pl.Int64).alias(f"{name}_expected")
        return
    group = [top, "year"]
    value = pl.col(score)
    yield value.rank("min", descending=True).over(group).cast(pl.Float64).alias(name)
    yield value.is_not_null().sum().over(group).cast(pl.Int64).alias(f"{name}_reported")
    yield pl.len().over(group).cast(pl.Int64).alias(f"{name}_expected")


def _lay_out(frame: pl.DataFrame, level: str, name: str) -> pl.DataFrame:
    """The rows of an indicator at a level."""
    has_class, is_rank = f"{name}_class" in frame.columns, f"{name}_expected" in frame.columns
    return frame.select(
        pl.lit(name).alias("indicator"),
        pl.lit(level).alias("level"),
        pl.col(level).alias("place"),
        pl.col("year"),
        pl.lit("fact").alias("scenario"),
        pl.col(name).alias("value"),
        pl.col(f"{name}_reported").alias("reported"),
        pl.col(f"{name}_expected" if is_rank else "expected").alias("expected"),
        (pl.col(f"{name}_class") if has_class else pl.lit(None, pl.String)).alias("class"),
        (
            pl.col(f"{name}_points").cast(pl.Float64) if has_class else pl.lit(None, pl.Float64)
        ).alias("points"),
    )


if __name__ == "__main__":
    compute(Path(sys.argv[1]), Path(sys.argv[2]))
