"""Rows and columns of totals: they are passed over, and compared with what was taken."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import groupby

from engine.adoption.cell_terms import ValueColumn
from engine.adoption.readings import AdoptedFact
from engine.adoption.regions import join_label
from engine.adoption.row_labels import BodyRow
from engine.adoption.source_tables import SourceTable, TableReader
from engine.data.cells import parse_number
from engine.data.sums import RowNumbers, describe_total, find_differences, find_sums, is_close
from engine.data.tables import shorten
from engine.data.total_names import is_sum
from engine.translation import gettext as _
from engine.workbooks.addresses import Cell, name_cell


class TotalReader(TableReader):
    """Passes totals over and compares them with what they are totals of; `numbers`: those of totals."""

    def __init__(self, table: SourceTable) -> None:
        super().__init__(table)
        self.numbers: dict[Cell, float] = {}

    def is_total_row(self, row: int, place_column: int | None, own: Iterable[int]) -> bool:
        """Whether the name of the row is that of a total, in the column of names or before it."""
        named = [place_column] if place_column is not None else sorted(own)
        texts = [self.table.read_text(row, column) for column in named]
        if not any(texts):
            # «Итого» may be merged over № and the name, or stand under № alone.
            first = self.grid.rows[row][0]
            texts = (
                [self.table.read_text(row, first)]
                if first not in self.names or first in own
                else []
            )
        return any(
            text and (self.vocabulary.is_total_row(text) or self.table.skips(text))
            for text in texts
        )

    def tell_only_totals(
        self,
        rows: Iterable[int],
        totals: Sequence[int],
        columns: Iterable[int],
        place_column: int | None,
    ) -> bool:
        """Whether all values stand in several rows named as totals: then another column names the schools."""
        cells = [
            (row, column)
            for row in totals
            for column in columns
            if (row, column) in self.grid.cells
        ]
        answered = any((row, column) in self.grid.cells for row in rows for column in columns)
        if place_column is None or answered or len({row for row, _column in cells}) <= 1:
            return False
        if any(map(self.table.skips, (self.table.read_text(row, place_column) for row in totals))):
            return False
        message = _("every row is named as a total, “{name}”: whose numbers are these?")
        hint = _("write in sources.yaml which column names the schools: school: …")
        name = shorten(self.table.read_text(totals[0], place_column))
        self.reading.add_line("no-place", message.format(name=name), cells, hint)
        return True

    def tell_passed(self, name: str, cell: Cell) -> None:
        """Name a row or a column that is passed over; `cell` is its first."""
        message = _("the row has no name and equals the sum of the others: it is passed over")
        if name:
            message = _("“{name}” is passed over: it is a total, or sources.yaml says so")
            message = message.format(name=shorten(name))
        self.reading.add_line("total-row", message, [cell], severity="note", fate=None)

    def sums_up(self, row: int, place_column: int | None, columns: Iterable[ValueColumn]) -> bool:
        """Whether the row names a place above those of whom the columns ask: its own row of them all."""
        text = self.table.read_text(row, place_column) if place_column is not None else ""
        named = self.vocabulary.find_places(text)
        if all(level == self.catalogue.levels[0] for level, _place in named):
            return False
        inputs = [values.meaning.inputs[0] for values in columns if values.meaning is not None]
        return self._lies_above(named, inputs)

    def mark_totals_across(self) -> None:
        """Beside columns of schools that of a place above them is a total of them."""
        inputs = [asked for names in self.source.rows.values() for asked in names]
        places = {column: label.place for column, label in self.readings.items() if label.place}
        above = [column for column, place in places.items() if self._lies_above([place], inputs)]
        if len(above) < len(places):
            for column in above:
                self.readings[column] = replace(self.readings[column], total=True)

    def _lies_above(self, places: Iterable[tuple[str, str]], inputs: Iterable[str]) -> bool:
        """Whether the places lie above all that give the inputs: theirs are sums of these."""
        rank = self.catalogue.places.index
        known = (self.catalogue.inputs[name] for name in inputs if name in self.catalogue.inputs)
        levels = [max(map(rank, declared.given_at or [declared.level])) for declared in known]
        above = [rank(level) for level, _place in places]
        return bool(levels and above) and min(above) > max(levels)

    def take_total(self, row: int) -> None:
        """Pass the row of a total over; its numbers are kept to be compared."""
        cells = [(row, column) for column in self.grid.rows[row]]
        texts = (self.table.read_text(*cell) for cell in cells)
        name = next((text for text in texts if text and parse_number(text) is None), "")
        self.tell_passed(name, cells[0])
        for column in self.grid.rows[row]:
            cell = (row, column)
            if self.reading.fates.get(cell) == "line":
                continue
            self.reading.fates[cell] = "total"
            number = self.grid.numbers.get(cell)
            if number is not None:
                self.numbers[cell] = float(number)

    def tell_likely_totals(
        self,
        numbers: RowNumbers,
        rows: Sequence[int],
        columns: Iterable[int],
        place_column: int | None,
    ) -> None:
        """Ask whether rows that equal the sum of the others are totals; names are in `place_column`."""
        if place_column is None:
            return
        named = [row for row in rows if self.table.read_text(row, place_column)]
        for row in find_sums({row: numbers[row] for row in named}, named):
            message = _("“{name}” looks like a total: it equals the sum of the other rows")
            name = shorten(self.table.read_text(row, place_column))
            hint = _("if it is one, write in sources.yaml: skip: [{name}]").format(name=f'"{name}"')
            cells = [(row, column) for column in columns if (row, column) in self.grid.cells]
            self.reading.add_line("likely-total", message.format(name=name), cells, hint, fate=None)

    def compare_totals(self, rows: Sequence[int], columns: Sequence[int]) -> None:
        """What a total of the book says, and what the schools taken add up to."""
        if not self.numbers:
            return
        values = self._list_taken()
        taken: dict[int, dict[int, float]] = {row: {} for row in rows}
        for row in rows:
            for column in columns:
                value = values.get(name_cell((row, column)))
                if value is not None:
                    taken[row][column] = value
        totals: dict[int, dict[int, float]] = {}
        for (row, column), number in self.numbers.items():
            name = " ".join(self.grid.text(row, first) for first in self.grid.rows[row][:2])
            # Where nothing of a column was taken, that was told, and there is nothing to compare.
            if is_sum(name) and any(column in numbers for numbers in taken.values()):
                totals.setdefault(row, {})[column] = number
        differences = find_differences(taken, totals)
        for row, group in groupby(differences, key=lambda difference: difference[0]):
            wrong = list(group)
            _row, column, written, added = wrong[0]
            cells = [(row, column) for _row, column, *_numbers in wrong]
            addends = [(line, column) for line in rows]
            self._tell_difference(cells, written, added, self.names.get(column, ""), addends)

    def _list_taken(self) -> dict[str, float | None]:
        """Address of a cell that was taken as a fact → its number, if it holds one."""
        return {fact.cell: fact.value for fact in map(AdoptedFact._make, self.reading.facts)}

    def compare_across(self, rows: Sequence[BodyRow], columns: Mapping[int, ValueColumn]) -> None:
        """Columns of totals across schools, held against what the schools add up to."""
        taken = {cell: value or 0 for cell, value in self._list_taken().items()}
        for column, label in self.readings.items():
            # Of which of them «Всего ДОУ» is the sum is not known.
            part = label.place is None and not any(
                map(self.vocabulary.is_total, self.labels.get(column, ()))
            )
            if not label.total or part:
                continue
            for row in rows:
                for line in row.lines:
                    number = self.grid.numbers.get((line, column))
                    cells = [name_cell((line, other)) for other in columns]
                    addends = [
                        (line, values.column)
                        for values in columns.values()
                        if (values.label.year, values.label.scenario)
                        == (label.year, label.scenario)
                    ]
                    if number is None or not any(cell in taken for cell in cells):
                        continue
                    added = sum(taken.get(name_cell(cell), 0) for cell in addends)
                    if not is_close(float(number), added):
                        self._tell_difference(
                            [(line, column)], float(number), added, join_label(row.label), addends
                        )

    def read_numbers(self, rows: Sequence[int], columns: Sequence[int]) -> RowNumbers:
        """The numbers of a body, taken or not."""
        read: dict[int, dict[int, float]] = {}
        for row in rows:
            numbers = ((column, self.grid.numbers.get((row, column))) for column in columns)
            read[row] = {column: float(number) for column, number in numbers if number is not None}
        return read

    def _tell_difference(
        self,
        cells: Sequence[Cell],
        written: float,
        added: float,
        name: str,
        addends: Iterable[Cell],
    ) -> None:
        unread = sum(self.reading.fates.get(cell) == "line" for cell in addends)
        message = describe_total(self.vocabulary.catalogue, name, written, added, unread)
        self.reading.add_line("total-differs", message, cells, fate=None)
