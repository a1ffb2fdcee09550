"""An invented country for the benchmark: 40 000 schools, ten years, 60 shares of 120 counts.

Seeded, so every run and both sides compute the same; written to a folder that is never committed.
"""

from __future__ import annotations

from itertools import count
from pathlib import Path

import polars as pl

SCHOOLS, MUNICIPALITIES, REGIONS, SHARES = 40_000, 2_500, 85, 60
YEARS = range(2015, 2025)
_NEVER = 9_999


def write_town(folder: Path) -> None:
    """The catalogue `<folder>/catalogue` and its data `<folder>/data`."""
    catalogue, data = folder / "catalogue", folder / "data"
    catalogue.mkdir(parents=True, exist_ok=True)
    data.mkdir(parents=True, exist_ok=True)
    (catalogue / "catalogue.yaml").write_text(_describe_catalogue(), encoding="utf-8")
    draws = Draws()
    schools = _make_schools(draws)
    schools.write_csv(data / "schools.csv")
    _make_facts(draws, schools).write_parquet(data / "facts.parquet")


class Draws:
    """Columns of pseudo-random numbers, the same on every machine and with every Polars."""

    def __init__(self) -> None:
        self._streams = count(1)

    def uniform(self, height: int) -> pl.Series:
        """Float64 from 0 up to 1: whole numbers in a row, mixed as splitmix64 mixes them."""
        start = next(self._streams) << 40
        mixed = pl.int_range(start, start + height, dtype=pl.UInt64) * _word(0x9E3779B97F4A7C15)
        mixed = (mixed ^ (mixed // _word(1 << 30))) * _word(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed // _word(1 << 27))) * _word(0x94D049BB133111EB)
        mixed ^= mixed // _word(1 << 31)
        return pl.select((mixed // _word(1 << 11)).cast(pl.Float64) / (1 << 53)).to_series()

    def whole(self, height: int, low: int, high: int) -> pl.Series:
        """Int64 from `low` up to `high`, `high` left out."""
        return (self.uniform(height) * (high - low)).floor().cast(pl.Int64) + low

    def some(self, height: int, portion: float) -> pl.Series:
        """Boolean, true for this portion of the rows."""
        return self.uniform(height) < portion


def _word(number: int) -> pl.Expr:
    return pl.lit(number, dtype=pl.UInt64)


def _describe_catalogue() -> str:
    lines = [
        "catalogue:",
        "  id: invented",
        "  title: Вымышленная страна для измерений (демонстрационные данные)",
        "  levels: [school, municipality, region, country]",
        f"  years: [{', '.join(map(str, YEARS))}]",
        "inputs:",
    ]
    for number in range(1, SHARES + 1):
        lines += [
            f"  part_{number}: {{title: Часть {number}, unit: person}}",
            f"  whole_{number}: {{title: Целое {number}, unit: person}}",
        ]
    lines.append("indicators:")
    for number in range(1, SHARES + 1):
        formula = f'"share(part_{number}, whole_{number})"'
        lines.append(
            f"  share_{number}: {{title: Доля {number}, unit: percent, formula: {formula}}}"
        )
    return "\n".join(lines) + "\n"


def _make_schools(draws: Draws) -> pl.DataFrame:
    """The register; one school in 25 opens late, one in 25 closes."""
    frame = pl.DataFrame(
        {
            "number": pl.int_range(SCHOOLS, eager=True),
            "within": draws.whole(SCHOOLS, 0, MUNICIPALITIES).sort(),
            "opened": draws.whole(SCHOOLS, 2016, 2020),
            "late": draws.some(SCHOOLS, 0.04),
            "closed": draws.whole(SCHOOLS, 2021, 2025),
            "gone": draws.some(SCHOOLS, 0.04),
        }
    )
    region = pl.col("within") * REGIONS // MUNICIPALITIES
    return frame.select(
        school=_name("school", pl.col("number"), 5),
        municipality=_name("municipality", pl.col("within"), 4),
        region=_name("region", region, 2),
        country=pl.lit("country"),
        opened=pl.when("late").then("opened"),
        closed=pl.when("gone").then("closed"),
    )


def _name(word: str, number: pl.Expr, digits: int) -> pl.Expr:
    return pl.format(f"{word}-{{}}", number.cast(pl.String).str.zfill(digits))


def _make_facts(draws: Draws, schools: pl.DataFrame) -> pl.DataFrame:
    """One row per open school and year; 5 to 15 % of the cells of every column are empty."""
    calendar = pl.DataFrame({"year": pl.Series(YEARS, dtype=pl.Int32)})
    year = pl.col("year")
    frame = (
        schools.join(calendar, how="cross")
        .filter(year >= pl.col("opened").fill_null(0), year < pl.col("closed").fill_null(_NEVER))
        .select("school", "year")
    )
    height = frame.height
    columns: dict[str, pl.Series] = {}
    for number in range(1, SHARES + 1):
        whole = draws.whole(height, 0, 900)
        part = (whole * draws.uniform(height)).floor().cast(pl.Int64)
        for word, cells in (("part", part), ("whole", whole)):
            gap = draws.some(height, 0.05 + 0.10 * (number - 1) / (SHARES - 1))
            columns[f"{word}_{number}"] = cells.set(gap, None)
    return frame.with_columns(**columns)
