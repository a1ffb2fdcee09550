"""A two-way table in a cell of a form: `INDEX({"красный","синий";…},MATCH(…),MATCH(…))`."""

from __future__ import annotations

from collections.abc import Sequence

from engine.catalogue.model import Scale, TableVersion
from engine.forms.out.live_scales import LiveCases
from engine.language.readings.excel import NONE, ExcelCell, known_cell, quoted


def look_in_cells(
    version: TableVersion, cells: Scale, year: int, down: LiveCases, across: LiveCases
) -> ExcelCell:
    """The title of the class in a cell, empty for no cell; an error of the sheet where a side has none."""
    version_of_cells = cells.version(year)
    classes = version_of_cells.classes if version_of_cells else {}
    titles = {name: each.title for name, each in classes.items()}
    rows = [
        ",".join(
            # An array of constants holds no errors that all programs know: no cell is empty.
            quoted(titles.get(version.cells.get(row, {}).get(column) or "", ""))
            for column in across.names
        )
        for row in down.names
    ]
    places = [_match(side) for side in (down, across)]
    if NONE in places:
        return known_cell(NONE)
    return known_cell(f"INDEX({{{';'.join(rows)}}},{','.join(places)})")


def _match(side: LiveCases) -> str:
    """Which of the classes it is, counted from 1."""
    names = [quoted(name) for name in side.names]
    name = side.choose(names)
    return NONE if name == NONE else f"MATCH({name},{{{','.join(names)}}},0)"


def name_cases(cell: ExcelCell, titles: Sequence[str], names: Sequence[str]) -> LiveCases:
    """A class that stands in a cell as its title, by its names; no cell is an empty title and name."""
    conditions = [f"({cell.value}={quoted(title)})" for title in titles]
    return LiveCases(cell, conditions if cell.value != NONE else [NONE] * len(titles), names)
