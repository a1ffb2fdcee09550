"""How time and memory grow with schools, years, indicators and levels, with scales and scores too.

Of each, four sizes; all else is the same. What a program costs that computes next to nothing is
taken off, so that a start of a second does not hide what grows too fast behind it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

import polars as pl

from benchmarks.processes import Run
from benchmarks.scored import ScoredSize, write_scored_town_apart
from benchmarks.town import Size, lay_levels, write_town_apart

LIMIT = 1.3
"""Of the cost of a row at the largest size, as against the smallest."""

STARTS = 5
"""Runs of the program that computes next to nothing: its cost is taken off every other."""

NOTHING = Size(2, 2, 1, (("municipality", 1),))
SCHOOLS = tuple(Size(n, 3, 10, lay_levels(n)) for n in (4_000, 10_000, 25_000, 64_000))
YEARS = tuple(Size(10_000, n, 10, lay_levels(10_000)) for n in (2, 4, 8, 16))
INDICATORS = tuple(Size(40, 3, n, lay_levels(40)) for n in (250, 500, 1_000, 2_000))
LEVELS = tuple(
    Size(4_000, 3, 20, tuple((f"level_{number}", 2_000) for number in range(n)))
    for n in (1, 2, 4, 8)
)
SCORED_SCHOOLS = tuple(
    ScoredSize(Size(n, 3, 15, lay_levels(n)), 5) for n in (4_000, 10_000, 25_000, 64_000)
)
SCORED_YEARS = tuple(ScoredSize(Size(10_000, n, 15, lay_levels(10_000)), 5) for n in (2, 4, 8, 16))
SCORES = tuple(ScoredSize(Size(1_000, 3, 3 * n, lay_levels(1_000)), n) for n in (10, 20, 40, 80))
AXES: tuple[tuple[str, tuple[Size, ...] | tuple[ScoredSize, ...]], ...] = (
    ("школы", SCHOOLS),
    ("годы", YEARS),
    ("показатели", INDICATORS),
    ("уровни", LEVELS),
    ("школы с баллами", SCORED_SCHOOLS),
    ("годы с баллами", SCORED_YEARS),
    ("шкалы и баллы", SCORES),
)

RunPython = Callable[..., Run]


@dataclass(frozen=True, slots=True)
class Cost:
    """What `evaluate` costs at one size: `seconds` of processor, `memory` at most, in bytes."""

    size: Size | ScoredSize
    rows: int
    seconds: float
    memory: float

    @property
    def seconds_of_row(self) -> float:
        """Seconds of processor for one row."""
        return self.seconds / self.rows

    @property
    def memory_of_row(self) -> float:
        """Bytes at the peak for one row."""
        return self.memory / self.rows


@dataclass(frozen=True, slots=True)
class Growth:
    """The costs of one axis, from the smallest size to the largest."""

    title: str
    costs: tuple[Cost, ...]

    @property
    def time_ratio(self) -> float:
        """Processor time of a row at the largest size, as against the smallest."""
        return self.costs[-1].seconds_of_row / self.costs[0].seconds_of_row

    @property
    def memory_ratio(self) -> float:
        """Memory of a row at the largest size, as against the smallest."""
        return self.costs[-1].memory_of_row / self.costs[0].memory_of_row


def evaluate_command(folder: Path, output: Path) -> tuple[str, ...]:
    """`evaluate` of a town as it is without options: all levels, all columns, every year."""
    town, data = str(folder / "catalogue"), str(folder / "data")
    kind = ("--format", "parquet", "-o", str(output))
    return ("-m", "engine", "evaluate", town, "--data", data, *kind)


def measure_growth(work: Path, run: RunPython, times: int) -> list[Growth]:
    """The growth along every axis; `times` runs of each size, of which the median counts."""
    _measure(work, run, 1, NOTHING)  # compiles what is imported: not counted
    start = _measure(work, run, STARTS, NOTHING)
    return [
        Growth(title, tuple(_take_off(_measure(work, run, times, size), start) for size in sizes))
        for title, sizes in AXES
    ]


def _measure(work: Path, run: RunPython, times: int, size: Size | ScoredSize) -> Cost:
    folder, output = work / "growth", work / "growth.parquet"
    if isinstance(size, ScoredSize):
        write_scored_town_apart(folder, size)
    else:
        write_town_apart(folder, size)
    runs = [run(*evaluate_command(folder, output)) for _turn in range(times)]
    return Cost(
        size,
        pl.scan_parquet(output).select(pl.len()).collect().item(),
        median(one.processor for one in runs),
        median(one.memory for one in runs),
    )


def _take_off(cost: Cost, start: Cost) -> Cost:
    return replace(cost, seconds=cost.seconds - start.seconds, memory=cost.memory - start.memory)


def list_growth(growths: list[Growth]) -> list[tuple[str, ...]]:
    """The rows of the table, its head first."""
    rows: list[tuple[str, ...]] = [
        ("растёт", "размер", "строк", "с", "мкс на строку", "МБ", "байт на строку")
    ]
    for growth in growths:
        rows += [
            (
                growth.title,
                str(cost.size),
                str(cost.rows),
                f"{cost.seconds:.2f}",
                f"{cost.seconds_of_row * 1e6:.1f}",
                f"{cost.memory / 2**20:.0f}",
                f"{cost.memory_of_row:.0f}",
            )
            for cost in growth.costs
        ]
        ratios = (growth.time_ratio, growth.memory_ratio)
        time, memory = (f"×{ratio:.2f} {'да' if ratio <= LIMIT else 'НЕТ'}" for ratio in ratios)
        rows.append(("", "", "", "", time, "", memory))
    return rows
