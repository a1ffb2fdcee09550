"""How long it takes to adopt workbooks, and how that grows with their number and with their length.

Of each town there is a workbook: a title, a heading of two rows, a row for each of its schools.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import xlsxwriter

from benchmarks.growth import LIMIT, RunPython

INPUTS, GROUP = 60, 4
"""Columns of a table, and how many of them stand under one caption."""

YEAR = 2024
MOST_SECONDS = 5.0
"""By the clock on the wall, on two cores, for the workbooks of DESK."""

DESK, FEWER, LONGER = (200, 40), (50, 40), (1, 4_000)
"""Workbooks, and rows of each: what is measured, and beside which sizes it grows."""

_NOTHING = (1, 1)


@dataclass(frozen=True, slots=True)
class AdoptionCost:
    """Seconds by the clock and of processor that it takes to adopt so many workbooks of so many rows."""

    workbooks: int
    rows: int
    seconds: float
    processor: float

    @property
    def cells(self) -> int:
        """Cells of numbers."""
        return self.workbooks * self.rows * INPUTS


def measure_adoption(work: Path, run: RunPython, times: int) -> list[AdoptionCost]:
    """The cost of each size, from the smallest, the median; the first run of all is not counted."""
    _measure(work / "first", run, 1, *_NOTHING)
    return [_measure(work, run, times, *size) for size in (_NOTHING, FEWER, LONGER, DESK)]


def _measure(work: Path, run: RunPython, times: int, workbooks: int, rows: int) -> AdoptionCost:
    folder = work / f"adopted_{workbooks}_{rows}"
    write_desk(folder, workbooks, rows)
    catalogue, data, files = (str(folder / name) for name in ("catalogue", "data", "files"))
    runs = [
        run(
            "-m", "engine", "adopt", catalogue, files, "--data", data, "-o", str(folder / f"{turn}")
        )
        for turn in range(times)
    ]
    seconds, processor = (
        median(getattr(one, name) for one in runs) for name in ("seconds", "processor")
    )
    return AdoptionCost(workbooks, rows, seconds, processor)


def list_costs(costs: list[AdoptionCost]) -> list[tuple[str, ...]]:
    """The rows of the table, its head first; of growth, what a cell costs beside the fewer workbooks."""
    start, fewer, *_longer, desk = costs
    whole = (fewer.processor - start.processor) / fewer.cells
    rows = [("принять книг × строк", "с", "с процессора", "мкс на ячейку", "раз", "не более", "")]
    for cost in costs[1:]:
        of_cell = (cost.processor - start.processor) / cost.cells
        growth = of_cell / whole
        holds = growth <= LIMIT and (cost is not desk or cost.seconds <= MOST_SECONDS)
        limit = f"{LIMIT:g}" + (f"; {MOST_SECONDS:g} с" if cost is desk else "")
        rows.append(
            (
                f"{cost.workbooks} × {cost.rows}",
                *(f"{cost.seconds:.2f}", f"{cost.processor:.2f}", f"{of_cell * 1e6:.1f}"),
                *(f"{growth:.2f}", limit, "да" if holds else "НЕТ"),
            )
        )
    return [tuple(cell.replace(".", ",") for cell in row) for row in rows]


def write_desk(folder: Path, towns: int, schools: int) -> None:
    """All that is adopted, and for what."""
    catalogue, data, files = (folder / name for name in ("catalogue", "data", "files"))
    for part in (catalogue, data, files):
        part.mkdir(parents=True, exist_ok=True)
    lines = [
        "catalogue: {id: bench, title: Проба скорости, years: [2024], municipality: Область}",
        "inputs:",
        *(f'  input_{n}: {{title: "{name_input(n)}", unit: person}}' for n in range(INPUTS)),
    ]
    (catalogue / "bench.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    rows = [f"{town}-{n};{name_school(town, n)}\n" for town in range(towns) for n in range(schools)]
    (data / "schools.csv").write_text(f"school;title\n{''.join(rows)}", encoding="utf-8")
    chance = random.Random(1)
    for town in range(towns):
        _write_workbook(files / f"Город {town}.xlsx", town, schools, chance)


def name_school(town: int, number: int) -> str:
    """The title of a school."""
    return f"МБОУ «Школа № {number}» города {town}"


def name_input(number: int) -> str:
    """The title of an input: the caption over its column, and what stands below that."""
    return f"{_name_group(number)}: занятые в кружках {number % GROUP}"


def _name_group(number: int) -> str:
    return f"Обучающиеся потока {number // GROUP}"


def _write_workbook(path: Path, town: int, schools: int, chance: random.Random) -> None:
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Свод")
        sheet.write(0, 0, f"Сведения о занятости за {YEAR} год")
        sheet.merge_range(2, 0, 3, 0, "№ п/п")
        sheet.merge_range(2, 1, 3, 1, "Наименование ОО")
        for number in range(0, INPUTS, GROUP):
            sheet.merge_range(2, 2 + number, 2, 1 + number + GROUP, _name_group(number))
        for number in range(INPUTS):
            sheet.write(3, 2 + number, f"занятые в кружках {number % GROUP}")
        for row in range(schools):
            numbers = (chance.randrange(2_000) for _number in range(INPUTS))
            sheet.write_row(4 + row, 0, [row + 1, name_school(town, row), *numbers])
