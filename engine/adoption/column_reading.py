"""A table whose columns are inputs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from engine.adoption.cell_terms import ValueColumn
from engine.adoption.sources_file import fold_label
from engine.adoption.value_reading import ValueReader
from engine.adoption.vocabulary import RowMeaning
from engine.data.sums import find_sums
from engine.data.tables import shorten
from engine.translation import gettext as _


class ColumnReader(ValueReader):
    """Reads the columns that sources.yaml names."""

    def read(self, body: Sequence[int]) -> None:
        """Take the values of these rows."""
        columns = self._find_columns()
        self.table.answers = frozenset(columns)
        self._tell_other_topic(columns)
        place_column = self.table.find_named(self.source.school) if self.source.school else None
        if place_column is not None:
            self.beside.find_columns(columns, place_column, "place")
        if self.source.school and place_column is None:
            self.table.tell_missing(self.source.school)
        keys = {
            column: label.key
            for column, label in self.readings.items()
            if label.key == "number"
            or (
                label.key in {"unit", "scenario", "place"} and not self._holds_numbers(column, body)
            )
        }
        self.terms.find_axes()
        self.terms.set_column_terms(columns.values())
        own = {
            column
            for column in (place_column, self.terms.year_column, self.terms.scenario_column)
            if column is not None
        } | set(keys)
        self.others.tell_columns(body, columns, own)
        rows: list[int] = []
        totals: list[int] = []
        for row in body:
            self.table.name_cells(row, own)
            total = self.totals.is_total_row(row, place_column, own) or self.totals.sums_up(
                row, place_column, columns.values()
            )
            (totals if total else rows).append(row)
        if self.totals.tell_only_totals(rows, totals, columns, place_column):
            return
        for row in totals:
            self.beside.tell_beside_total(row)
            self.totals.take_total(row)
        blank = [
            row
            for row in rows
            if place_column is not None and not self.table.read_text(row, place_column)
        ]
        numbers = self.totals.read_numbers(rows, tuple(columns))
        for row in find_sums(numbers, blank):
            self.totals.take_total(row)
            rows.remove(row)
        self.totals.tell_likely_totals(numbers, rows, columns, place_column)
        for row in rows:
            place = self.places.find_place(row, place_column)
            if place is None:
                continue
            for column, values in columns.items():
                if not self.beside.columns or not self.beside.is_beside((row, column)):
                    self.cells.read_value((row, column), values, values.meaning, place)
        self.totals.compare_totals(rows, tuple(columns))

    def _find_columns(self) -> dict[int, ValueColumn]:
        """The columns that sources.yaml names; those that are not there are told."""
        wanted = {fold_label(name): asked for name, asked in self.source.columns.items()}
        columns: dict[int, ValueColumn] = {}
        for column, name in self.headings.items():
            asked = wanted.pop(self.table.folded[column], None)
            if asked is not None and not self.table.skips_column(column):
                columns[column] = ValueColumn(
                    column, name, self.readings[column], RowMeaning((asked,))
                )
        for label in wanted:
            self.table.tell_missing(
                next(name for name in self.source.columns if fold_label(name) == label)
            )
        return columns

    def _tell_other_topic(self, columns: Mapping[int, ValueColumn]) -> None:
        """Say where a title names another input than sources.yaml reads below it."""
        wanted = self.table.topic.input if self.table.topic is not None else ""
        others = {
            name
            for column, values in columns.items()
            if values.meaning is not None and self.table.is_topical(column)
            for name in values.meaning.inputs
            if name != wanted
        }
        for name in sorted(others) if wanted else ():
            message = _(
                "read as “{written}”, as sources.yaml says; the title above the table says “{stated}”"
            )
            message = message.format(
                written=shorten(self.vocabulary.name_input(name)),
                stated=shorten(self.vocabulary.name_input(wanted)),
            )
            hint = _("correct the input in sources.yaml if it is wrong")
            self.reading.add_line("input-differs", message, (), hint)

    def _holds_numbers(self, column: int, body: Iterable[int]) -> bool:
        """Whether a column has more numbers than names: «Школы» may say how many there are."""
        cells = [(row, column) for row in body if (row, column) in self.grid.cells]
        return 2 * sum(cell in self.grid.numbers for cell in cells) > len(cells)
