"""What a competent analyst would write for the country of town.py, without any engine.

    python -m benchmarks.by_hand DATA OUTPUT

By the missing-value rule of the language: a school enters a share when both its cells are there,
and every open school is expected. Numbers are rounded half up from whole numbers, exactly.
"""

from __future__ import annotations

import sys
from pathlib import Path

import polars as pl

from benchmarks.town import NATIONAL, Size

LEVELS = ("municipality", "region", "country")


def compute(data: Path, output: Path, size: Size = NATIONAL) -> None:
    """Read the register and the facts, write the shares of every level."""
    numbers = range(1, size.indicators + 1)
    lowest = add_up(data, size)
    parts = []
    for position, level in enumerate(LEVELS):
        added = lowest.group_by(level, "year").agg(pl.exclude(LEVELS).sum()).sort(level, "year")
        parts += [(number, position, _share(added, level, number)) for number in numbers]
    pl.concat(
        [frame for _number, _position, frame in sorted(parts, key=lambda one: one[:2])]
    ).write_parquet(output)


def add_up(data: Path, size: Size) -> pl.DataFrame:
    """Of every municipality and year: both sums of each share, who reported it, who was expected."""
    register = pl.read_csv(data / "schools.csv")
    years = pl.DataFrame({"year": pl.Series(size.calendar, dtype=pl.Int32)})
    year = pl.col("year")
    is_open = (year >= pl.col("opened").fill_null(0)) & (year < pl.col("closed").fill_null(9999))
    schools = register.lazy().join(years.lazy(), how="cross").filter(is_open)
    facts = pl.scan_parquet(data / "facts.parquet")
    sums = []
    for number in range(1, size.indicators + 1):
        part, whole = pl.col(f"part_{number}"), pl.col(f"whole_{number}")
        both = part.is_not_null() & whole.is_not_null()
        sums += [
            pl.when(both).then(part).sum().alias(f"p{number}"),
            pl.when(both).then(whole).sum().alias(f"w{number}"),
            both.sum().cast(pl.Int64).alias(f"r{number}"),
        ]
    keys = [*LEVELS, "year"]
    reported = facts.join(register.lazy(), on="school").filter(is_open).group_by(keys).agg(sums)
    expected = schools.group_by(keys).agg(pl.len().cast(pl.Int64).alias("expected"))
    return expected.join(reported, on=keys, how="left").collect(engine="streaming")


def _share(added: pl.DataFrame, level: str, number: int) -> pl.DataFrame:
    part, whole = pl.col(f"p{number}"), pl.col(f"w{number}")
    return added.select(
        pl.lit(f"share_{number}").alias("indicator"),
        pl.lit(level).alias("level"),
        pl.col(level).alias("place"),
        pl.col("year"),
        pl.lit("fact").alias("scenario"),
        pl.when(whole > 0).then((2000 * part + whole) // (2 * whole) / 10).round(1).alias("value"),
        pl.col(f"r{number}").alias("reported"),
        pl.col("expected"),
    )


if __name__ == "__main__":
    compute(Path(sys.argv[1]), Path(sys.argv[2]))
