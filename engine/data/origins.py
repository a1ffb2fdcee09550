"""Where a number stands: the raw cell behind a place, year, scenario and input."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from itertools import groupby
from pathlib import Path
from typing import TypeAlias

import polars as pl

from engine.catalogue.model import Input
from engine.data.cells import read_answer, read_cell
from engine.data.facts import KEY, FactTable
from engine.data.frame_names import STATE_NAMES
from engine.data.frames import collect_frame
from engine.data.model import Data, SourceCell
from engine.data.tables import strip_mark
from engine.problems import Position

PlaceYearKey: TypeAlias = tuple[str, str, int, str]
"""level, place, year, scenario"""
OWN_COLUMNS = ("file", "sheet", "cell", "sha256")
"""What a table of facts may say of where it took a cell from."""


@dataclass(frozen=True, slots=True)
class CellOrigin:
    """A raw cell. `own`: the file, sheet, cell and sha256 that a collected file gives for it."""

    fact: FactTable
    place: str
    year: int
    scenario: str
    row: int
    column: int
    text: str
    own: Mapping[str, str]

    @property
    def position(self) -> Position:
        """Where the cell was filled in: in the collected workbook if the file names it."""
        if self.own.get("file"):
            sheet, cell = self.own.get("sheet", ""), self.own.get("cell", "")
            return Position(self.own["file"], sheet=sheet, cell=cell)
        return self.fact.table.position(self.row, self.column)

    @property
    def path(self) -> Path | None:
        """The file that can be opened; None where the collected workbook is not there."""
        path: Path | None = self.fact.table.path
        if path is None or not self.own.get("file"):
            return path
        workbook = path.parent / self.own["file"]
        inside = workbook.resolve().is_relative_to(path.parent.resolve())
        return workbook if inside and workbook.is_file() else None


def list_workbooks(fact: FactTable) -> list[str]:
    """The collected workbooks that a table of facts names; empty where it names none."""
    if "own:file" not in fact.frame.collect_schema():
        return []
    files = collect_frame(
        fact.frame.select(pl.col("own:file").drop_nulls().unique(maintain_order=True))
    )
    return files["own:file"].to_list()


def list_filled_cells(fact: FactTable, input_id: str, where: pl.Expr) -> list[CellOrigin]:
    """The filled cells of an input for which `where` (over text, place, year, scenario) holds."""
    column = fact.inputs[input_id]
    frame = fact.numbered()
    if fact.long:
        frame = frame.filter(pl.col("input") == input_id)
    else:
        frame = frame.select(*KEY, "row", pl.col(input_id).cast(pl.String).alias("text"))
    columns = frame.collect_schema()
    own = [name for name in OWN_COLUMNS if f"own:{name}" in columns]
    rows = frame.filter(pl.col("text").is_not_null() & (pl.col("text") != "NaN") & where)
    return [
        CellOrigin(
            fact,
            place,
            year,
            scenario,
            row,
            column,
            text,
            {name: value for name, value in zip(own, values, strict=True) if value},
        )
        for place, year, scenario, row, text, *values in collect_frame(
            rows.select(*KEY, "row", "text", *(f"own:{name}" for name in own))
        ).iter_rows()
    ]


def find_cells(data: Data, key: PlaceYearKey, inputs: Collection[str]) -> list[SourceCell]:
    """The cells that were read for one place, by input and in the order of the files.

    Of an input with two cells neither counts: both are in the list, not readable.
    """
    _level, place, year, scenario = key
    where = (pl.col("place") == place) & (pl.col("year") == year) & (pl.col("scenario") == scenario)
    return _read_cells(data, key, inputs, lambda fact, name: list_filled_cells(fact, name, where))


@dataclass(frozen=True, slots=True)
class CellFinder:
    """The cells of many places: of an input those of all `years` are read at once.

    With `places`, only of places with these ids.
    """

    data: Data
    years: tuple[int, ...]
    places: tuple[str, ...] = ()
    _origins: dict[tuple[int, str], dict[tuple[str, int, str], list[CellOrigin]]] = field(
        default_factory=dict, repr=False, compare=False
    )

    def find(self, key: PlaceYearKey, inputs: Collection[str]) -> list[SourceCell]:
        """The cells of (level, place, year, scenario), as `find_cells` gives them."""
        if key[2] not in self.years:
            return find_cells(self.data, key, inputs)
        return _read_cells(
            self.data, key, inputs, lambda fact, name: self._list_all(fact, name).get(key[1:], [])
        )

    def _list_all(self, fact: FactTable, name: str) -> dict[tuple[str, int, str], list[CellOrigin]]:
        if (id(fact), name) not in self._origins:
            by_place = self._origins[id(fact), name] = {}
            where = pl.col("year").is_in(self.years)
            if self.places:
                where &= pl.col("place").is_in(self.places)
            for origin in list_filled_cells(fact, name, where):
                place = (origin.place, origin.year, origin.scenario)
                by_place.setdefault(place, []).append(origin)
        return self._origins[id(fact), name]


def _read_cells(
    data: Data,
    key: PlaceYearKey,
    inputs: Collection[str],
    list_origins: Callable[[FactTable, str], list[CellOrigin]],
) -> list[SourceCell]:
    level, _place, year, _scenario = key
    cells = [
        _read_origin(origin, data.inputs[name])
        for fact in data.sources
        if fact.level == level
        for name in sorted(fact.inputs.keys() & inputs)
        if (data.inputs[name].since or year) <= year <= (data.inputs[name].until or year)
        for origin in list_origins(fact, name)
        if origin.text.strip()
    ]
    cells.sort(key=lambda cell: cell.input)
    read: list[SourceCell] = []
    for _name, group in groupby(cells, lambda cell: cell.input):
        of_input = list(group)
        twice = sum(map(_says, of_input)) > 1
        read += [
            replace(cell, value=None, state="not_readable") if twice and _says(cell) else cell
            for cell in of_input
        ]
    return read


def _says(cell: SourceCell) -> bool:
    """Whether a cell is an answer: “no data” beside one is none, and takes nothing from it."""
    return cell.value is not None or cell.state != "value"


def _read_origin(origin: CellOrigin, declared: Input) -> SourceCell:
    read = read_answer if origin.fact.by_hand else read_cell
    reading = read(declared, origin.text)
    position = origin.position
    return SourceCell(
        declared.id,
        reading.value,
        strip_mark(origin.text).strip(),
        STATE_NAMES.get(reading.state, "value"),  # type: ignore[arg-type]
        position.file,
        position.sheet,
        position.cell,
        position.line,
        position.column,
        origin.path,
        origin.own.get("sha256", ""),
    )
