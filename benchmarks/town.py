"""Invented places of any size: a catalogue of shares, a register, and facts in Parquet.

Seeded, so every run and both sides compute the same; written to a folder that is never committed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from multiprocessing import get_context
from pathlib import Path

import polars as pl

LAST_YEAR = 2024
_NEVER = 9_999


@dataclass(frozen=True, slots=True)
class Size:
    """How much there is of everything. `levels`: (name, how many places) above schools, upwards.

    `years` end with the last one; an indicator is the share of one count in another.
    """

    schools: int
    years: int
    indicators: int
    levels: tuple[tuple[str, int], ...]

    def __str__(self) -> str:
        """`schools × years × indicators × levels`, the school among the levels."""
        return f"{self.schools} × {self.years} × {self.indicators} × {len(self.levels) + 1}"

    @property
    def calendar(self) -> range:
        """The years themselves."""
        return range(LAST_YEAR + 1 - self.years, LAST_YEAR + 1)


def lay_levels(schools: int) -> tuple[tuple[str, int], ...]:
    """The levels of a country, in the proportions of the national size."""
    return (
        ("municipality", max(1, schools // 16)),
        ("region", max(1, schools // 470)),
        ("country", 1),
    )


NATIONAL = Size(40_000, 10, 60, lay_levels(40_000))


def write_town(folder: Path, size: Size) -> None:
    """The catalogue `<folder>/catalogue` and its data `<folder>/data`."""
    catalogue, data = folder / "catalogue", folder / "data"
    catalogue.mkdir(parents=True, exist_ok=True)
    data.mkdir(parents=True, exist_ok=True)
    (catalogue / "catalogue.yaml").write_text(_describe_catalogue(size), encoding="utf-8")
    draws = Draws()
    schools = _make_schools(draws, size)
    schools.write_csv(data / "schools.csv")
    _make_facts(draws, schools, size).write_parquet(data / "facts.parquet")


def write_town_apart(folder: Path, size: Size) -> None:
    """The same in a process of its own."""
    run_apart(write_town, folder, size)


def run_apart(write: Callable[..., None], folder: Path, size: object) -> None:
    """Write in a process of its own: what this one has held counts as memory of all it starts."""
    process = get_context("spawn").Process(target=write, args=(folder, size))
    process.start()
    process.join()
    if process.exitcode:
        raise RuntimeError(folder)


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


def _describe_catalogue(size: Size) -> str:
    names = ", ".join(("school", *(name for name, _places in size.levels)))
    targets = ", ".join(f"{year}: 50" for year in size.calendar)
    numbers = range(1, size.indicators + 1)
    lines = [
        "catalogue:",
        "  id: invented",
        "  title: Вымышленная страна для измерений (демонстрационные данные)",
        f"  levels: [{names}]",
        f"  years: [{', '.join(map(str, size.calendar))}]",
        "  defaults: {comparator: at_least}",
        "inputs:",
        *(
            f"  {word}_{number}: {{title: {title} {number}, unit: person}}"
            for number in numbers
            for word, title in (("part", "Часть"), ("whole", "Целое"))
        ),
        "indicators:",
        *(
            f"  share_{number}: {{title: Доля {number}, unit: percent, better: more, "
            f'targets: {{{targets}}}, formula: "share(part_{number}, whole_{number})"}}'
            for number in numbers
        ),
    ]
    return "\n".join(lines) + "\n"


def _make_schools(draws: Draws, size: Size) -> pl.DataFrame:
    """The register; one school in 25 opens late, one in 25 closes. Places lie one within another."""
    first, last = size.calendar[0], LAST_YEAR
    frame = pl.DataFrame(
        {
            "number": pl.int_range(size.schools, eager=True),
            "opened": draws.whole(size.schools, first + 1, max(last, first + 2)),
            "late": draws.some(size.schools, 0.04),
            "closed": draws.whole(size.schools, first + 1, last + 1),
            "gone": draws.some(size.schools, 0.04),
        }
    )
    names = [_name("school", pl.col("number")).alias("school")]
    number, below = pl.col("number"), size.schools
    for level, places in size.levels:
        number, below = number * places // below, places
        names.append(_name(level, number).alias(level))
    return frame.select(
        *names,
        opened=pl.when("late").then("opened"),
        closed=pl.when("gone").then("closed"),
    )


def _name(word: str, number: pl.Expr) -> pl.Expr:
    return pl.format(f"{word}-{{}}", number.cast(pl.String).str.zfill(6))


def _make_facts(draws: Draws, schools: pl.DataFrame, size: Size) -> pl.DataFrame:
    """One row per open school and year; 5 to 15 % of the cells of every column are empty."""
    calendar = pl.DataFrame({"year": pl.Series(size.calendar, dtype=pl.Int32)})
    year = pl.col("year")
    frame = (
        schools.join(calendar, how="cross")
        .filter(year >= pl.col("opened").fill_null(0), year < pl.col("closed").fill_null(_NEVER))
        .select("school", "year")
    )
    height = frame.height
    columns: dict[str, pl.Series] = {}
    for number in range(1, size.indicators + 1):
        whole = draws.whole(height, 0, 900)
        part = (whole * draws.uniform(height)).floor().cast(pl.Int64)
        gap = 0.05 + 0.10 * (number - 1) / size.indicators
        for word, cells in (("part", part), ("whole", whole)):
            columns[f"{word}_{number}"] = cells.set(draws.some(height, gap), None)
    return frame.with_columns(**columns)
