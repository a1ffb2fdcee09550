"""Tables that stand side by side in one sheet: each becomes a region of its own.

They are split where a column without a cell separates two headings, each with names of its own below
(schools, indicators). A blank column inside of one table separates nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from engine.adoption.grids import Grid
from engine.adoption.regions import Region, find_regions
from engine.adoption.vocabulary import Vocabulary
from engine.data.headings import WORDS
from engine.same_names import fold_name
from engine.workbooks.addresses import name_column


def find_all_regions(grid: Grid, vocabulary: Vocabulary) -> list[Region]:
    """The tables of a grid, downwards and from left to right."""
    return [
        region
        for whole in find_regions(grid, vocabulary)
        for region in _split_region(whole, vocabulary)
    ]


def _split_region(region: Region, vocabulary: Vocabulary) -> list[Region]:
    """The tables side by side in a region; the region itself where it is one table."""
    parts = list(_find_parts(region))
    if len(parts) == 1:
        return [region]
    # What heads no table of its own belongs to the table before it, or to the first.
    starts: list[int] = []
    for start, end in parts:
        if not starts or (
            _heads_table(region, start, end, vocabulary)
            and _heads_table(region, starts[-1], start, vocabulary)
        ):
            starts.append(start)
    if len(starts) == 1:
        return [region]
    ends = [*starts[1:], region.grid.width]
    shared = _list_shared_titles(region, ends[0])
    return [
        replace(one, side=_name_side(one))
        for start, end in zip(starts, ends, strict=True)
        for one in find_regions(
            _cut_grid(region, start, end, shared if start > starts[0] else ()), vocabulary
        )
    ]


def _name_side(region: Region) -> str:
    """The columns of a table from its first to its last filled cell: «F:J»."""
    columns = [column for row in region.heading for column in region.grid.rows[row]]
    columns += [column for row in range(*region.body) for column in region.grid.rows.get(row, ())]
    return f"{name_column(min(columns) + 1)}:{name_column(max(columns) + 1)}"


def _find_parts(region: Region) -> Iterator[tuple[int, int]]:
    """First column and end of each run of columns between blank ones, from the heading downwards."""
    grid = region.grid
    filled = set()
    if region.heading:
        rows = range(region.heading[0], region.body[1])
        filled = {column for row in rows for column in grid.rows.get(row, ())}
        filled |= {
            column
            for (row, column), first in grid.covered.items()
            if row in rows and first in grid.cells
        }
    start = grid.left
    for column in range(grid.left + 1, grid.width):
        if column in filled and column - 1 not in filled and start < column - 1:
            yield start, column
            start = column
    yield start, grid.width


def _heads_table(region: Region, start: int, end: int, vocabulary: Vocabulary) -> bool:
    """Whether the columns have a heading that is recognised, and a column of names of their own."""
    regions = find_regions(_cut_grid(region, start, end), vocabulary)
    return bool(regions and regions[0].heading) and _has_names(regions[0], vocabulary)


def _has_names(region: Region, vocabulary: Vocabulary) -> bool:
    """Whether a column names indicators, or places of the lowest level: others are no second table."""
    grid, school = region.grid, vocabulary.catalogue.levels[0]
    for column, parts in region.labels.items():
        key = region.readings[column].key
        texts = [grid.text(row, column) for row in range(*region.body)]
        levels = {level for text in texts for level, _place in vocabulary.find_places(text)}
        above = any(re.fullmatch(WORDS["municipality"], fold_name(part)) for part in parts)
        if school in levels or key == "indicator" or (key == "place" and not levels and not above):
            return True
        if any(vocabulary.find_meanings(text) for text in texts):
            return True
    return False


def _cut_grid(region: Region, start: int, end: int, titles: tuple[str, ...] = ()) -> Grid:
    """The columns of a region from `start` to before `end`; `titles` stand above it."""
    grid = region.grid
    rows = range(min((*region.titles, *region.heading)), region.body[1])
    inner = {
        row: tuple(column for column in grid.rows[row] if start <= column < end)
        for row in rows
        if row in grid.rows
    }
    cells = [(row, column) for row, columns in inner.items() for column in columns]
    return replace(
        grid,
        cells={cell: grid.cells[cell] for cell in cells},
        numbers={cell: grid.numbers[cell] for cell in cells if cell in grid.numbers},
        rows={row: columns for row, columns in inner.items() if columns},
        covered={
            cell: first
            for cell, first in grid.covered.items()
            if cell[0] in rows and start <= cell[1] < end
        },
        titles=(*grid.titles, *titles),
        earlier=region.earlier,
        height=max((row for row, columns in inner.items() if columns), default=-1) + 1,
        left=start,
        width=end,
    )


def _list_shared_titles(region: Region, end: int) -> tuple[str, ...]:
    """Titles that stand above the first table, which ends before `end`, and speak of the others too.

    A caption that is merged over the first table alone, or has another beside it, is its own.
    """
    grid = region.grid
    shared = []
    for row in sorted(region.titles):
        cells = [(row, column) for column in grid.rows[row]]
        over = [cell for cell, first in grid.covered.items() if first == cells[0]]
        own = any(column >= end for _row, column in cells) or (
            over and max(column for _row, column in over) < end
        )
        if not own:
            shared += [grid.cells[cell] for cell in cells]
    return tuple(shared)
