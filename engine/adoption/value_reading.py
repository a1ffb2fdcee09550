"""What reads the values of a table, whether its rows or its columns are inputs."""

from __future__ import annotations

from engine.adoption.cell_places import PlaceReader
from engine.adoption.cell_reading import CellReader
from engine.adoption.cell_terms import TermReader
from engine.adoption.names_beside import NamesBeside
from engine.adoption.other_columns import OtherColumns
from engine.adoption.source_tables import SourceTable, TableReader
from engine.adoption.total_rows import TotalReader


class ValueReader(TableReader):
    """A reader of values, with the readers of what stands around them: places, terms, totals."""

    def __init__(self, table: SourceTable, places: PlaceReader) -> None:
        super().__init__(table)
        self.places, self.terms, self.totals = places, TermReader(table), TotalReader(table)
        self.cells = CellReader(table, self.terms)
        self.beside = NamesBeside(table)
        self.others = OtherColumns(table, self.terms, self.totals)
