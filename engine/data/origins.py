"""Where a number stands: the raw cell behind a place, year, scenario and input."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import groupby
from pathlib import Path

import polars as pl

from engine.catalogue.model import Input
from engine.data.cells import read_cell
from engine.data.facts import KEY, FactTable
from engine.data.frame_names import NOT_APPLICABLE, NOT_READABLE
from engine.data.frames import collect_frame
from engine.data.model import Cell
from engine.data.tables import UNREADABLE_MARK
from engine.problems import Position

_OWN = ("file", "sheet", "cell", "sha256")


@dataclass(frozen=True, slots=True)
class CellOrigin:
    """A raw cell. `own`: the file, sheet, cell and sha256 that a collected file tells of it."""

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
        """Where the cell was filled in: in the collected workbook if the file tells."""
        if self.own.get("file"):
            sheet, cell = self.own.get("sheet", ""), self.own.get("cell", "")
            return Position(self.own["file"], sheet=sheet, cell=cell)
        return self.fact.table.position(self.row, self.column)


def list_filled_cells(fact: FactTable, input_id: str, where: pl.Expr) -> list[CellOrigin]:
    """The filled cells of an input for which `where` (over text, place, year, scenario) holds."""
    column = fact.inputs[input_id]
    frame = fact.numbered()
    if fact.long:
        frame = frame.filter(pl.col("input") == input_id)
    else:
        frame = frame.select(*KEY, "row", pl.col(input_id).cast(pl.String).alias("text"))
    own = [f"own:{name}" for name in _OWN]
    own = [name for name in own if name in frame.collect_schema()]
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
            {name.removeprefix("own:"): said for name, said in zip(own, told, strict=True) if said},
        )
        for place, year, scenario, row, text, *told in collect_frame(
            rows.select(*KEY, "row", "text", *own)
        ).iter_rows()
    ]


PlaceKey = tuple[str, str, int, str]
"""level, place, year, scenario"""


def find_cells(
    sources: Iterable[FactTable],
    asked: Mapping[str, Input],
    key: PlaceKey,
    inputs: frozenset[str],
) -> list[Cell]:
    """The cells of (level, place, year, scenario), by input and in the order of the files."""
    _level, place, year, scenario = key
    where = (pl.col("place") == place) & (pl.col("year") == year) & (pl.col("scenario") == scenario)

    def look(fact: FactTable, name: str) -> list[CellOrigin]:
        return list_filled_cells(fact, name, where)

    return _gather(sources, asked, key, inputs, look)


@dataclass(frozen=True, slots=True)
class CellFinder:
    """The cells of many places, for a report full of proofs: of an input all are read at once."""

    sources: tuple[FactTable, ...]
    asked: Mapping[str, Input]
    years: tuple[int, ...]
    _kept: dict[tuple[int, str], dict[tuple[str, int, str], list[CellOrigin]]] = field(
        default_factory=dict, repr=False, compare=False
    )

    def find(self, key: PlaceKey, inputs: frozenset[str]) -> list[Cell]:
        """The cells of (level, place, year, scenario), as `find_cells` gives them."""

        def look(fact: FactTable, name: str) -> list[CellOrigin]:
            return self._all(fact, name).get(key[1:], [])

        if key[2] not in self.years:
            return find_cells(self.sources, self.asked, key, inputs)
        return _gather(self.sources, self.asked, key, inputs, look)

    def _all(self, fact: FactTable, name: str) -> dict[tuple[str, int, str], list[CellOrigin]]:
        kept = self._kept.get((id(fact), name))
        if kept is None:
            kept = self._kept[id(fact), name] = {}
            for found in list_filled_cells(fact, name, pl.col("year").is_in(list(self.years))):
                kept.setdefault((found.place, found.year, found.scenario), []).append(found)
        return kept


def _gather(
    sources: Iterable[FactTable],
    asked: Mapping[str, Input],
    key: PlaceKey,
    inputs: frozenset[str],
    look: Callable[[FactTable, str], list[CellOrigin]],
) -> list[Cell]:
    cells = [
        _describe(found, asked[name])
        for fact in sources
        if fact.level == key[0]
        for name in sorted(inputs & fact.inputs.keys())
        if _is_asked(asked[name], key[2])
        for found in look(fact, name)
        if found.text.strip()
    ]
    cells.sort(key=lambda cell: cell.input)
    return [
        cell
        for _name, group in groupby(cells, lambda cell: cell.input)
        for cell in _judge(list(group))
    ]


def _is_asked(asked: Input, year: int) -> bool:
    return (asked.since is None or asked.since <= year) and (
        asked.until is None or year <= asked.until
    )


def _judge(cells: list[Cell]) -> list[Cell]:
    """Of two cells for one input neither counts."""
    if len(cells) == 1:
        return cells
    return [replace(cell, value=None, state="not_readable") for cell in cells]


def _describe(found: CellOrigin, asked: Input) -> Cell:
    reading = read_cell(asked, found.text)
    position = found.position
    states = {NOT_APPLICABLE: "not_applicable", NOT_READABLE: "not_readable"}
    path: Path | None = found.fact.table.path
    if found.own.get("file") and path is not None:
        told = path.parent / found.own["file"]
        inside = told.resolve().is_relative_to(path.parent.resolve())
        path = told if inside and told.is_file() else None
    return Cell(
        asked.id,
        reading.value,
        found.text.removeprefix(UNREADABLE_MARK).strip(),
        states.get(reading.state, "value"),  # type: ignore[arg-type]
        position.file,
        position.sheet,
        position.cell,
        position.line,
        position.column,
        path,
        found.own.get("sha256", ""),
    )
