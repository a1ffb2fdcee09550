"""A table whose rows are inputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.adoption.cell_terms import ValueColumn
from engine.adoption.regions import join_label
from engine.adoption.row_labels import BodyRow, find_label_column, list_body_rows
from engine.adoption.sources_file import fold_label
from engine.adoption.stated_terms import is_written_number
from engine.adoption.value_reading import ValueReader
from engine.adoption.vocabulary import Label, RowMeaning
from engine.data.tables import shorten
from engine.same_names import fold_name
from engine.translation import gettext as _
from engine.workbooks.addresses import Cell, name_cell


class RowReader(ValueReader):
    """Reads the rows that sources.yaml names."""

    def read(self, body: Sequence[int]) -> None:
        """Take the values of these rows of the grid."""
        wanted = {fold_label(name): inputs for name, inputs in self.source.rows.items()}
        column = find_label_column(self.region, body, self.readings, self.vocabulary, wanted)
        if column is None:
            message = _("the table has none of the rows that sources.yaml names")
            cells = [(row, other) for row in body for other in self.grid.rows[row]]
            self.reading.add_line("no-rows", message, cells)
            return
        rows = list_body_rows(
            self.region, body, column, self.readings, self.vocabulary, wanted=wanted
        )
        self.terms.find_axes()
        place_column = self.table.find_named(self.source.school) if self.source.school else None
        own = {
            other
            for other in (
                column,
                self.terms.year_column,
                self.terms.scenario_column,
                place_column,
                self.table.find_key("number"),
                self.table.find_key("unit"),
            )
            if other is not None
        }
        # Beside a second table without a blank column: its names are no answers.
        own |= {other for other, label in self.readings.items() if label.key == "indicator"}
        self.totals.mark_totals_across()
        columns = self._value_columns(own, rows, column)
        self.table.answers = frozenset(columns)
        self.beside.find_columns(columns, column, "indicator")
        self.others.tell_columns(body, columns, own)
        seen: set[str] = set()
        for row in rows:
            units = self.terms.find_end_units(row.label[-1:])
            for line in row.lines:
                self.table.name_cells(line, own)
                self.terms.row_units[line] = units
            label = fold_label(join_label(row.label))
            text = row.label[-1] if row.label else ""
            if text and (self.vocabulary.is_total(text) or self.table.skips(text)):
                for line in row.lines:
                    self.totals.take_total(line)
                continue
            inputs = wanted.get(label)
            seen.add(label)
            if inputs is None:
                self._tell_number_for_name(row, column, columns)
            self._read_row(row, inputs, columns, place_column)
        for label in wanted.keys() - seen:
            if label.rpartition(" / ")[2] in self.table.refused:
                continue
            written = next(name for name in self.source.rows if fold_label(name) == label)
            message = _("the table has no row “{name}”").format(name=shorten(written))
            self.reading.add_line("no-row", message, ())
        self.totals.compare_across(rows, columns)

    def _value_columns(
        self, own: set[int], rows: Sequence[BodyRow], names: int
    ) -> dict[int, ValueColumn]:
        """Columns of values: of a place, a year, a scenario, of «значение», or the only one left.

        That one may not number the rows before their `names`.
        """
        columns: dict[int, ValueColumn] = {}
        left = []
        for column in range(self.grid.left, self.grid.width):
            label = self.readings.get(column, Label())
            name = self.names.get(column, "")
            if column in own or label.total or self.table.skips_column(column):
                continue
            values = ValueColumn(column, name, label, note=label.key == "note")
            said = label.place or label.year is not None or label.scenario or label.key == "value"
            if values.note or (label.known and said) or (name and self._resolves(name)):
                columns[column] = values
            elif any((line, column) in self.grid.cells for row in rows for line in row.lines):
                left.append(values)
        if (
            len(left) == 1
            and all(values.note for values in columns.values())
            and left[0].label.place is None
            and not (left[0].column < names and self._numbers_rows(left[0].column, rows))
        ):
            columns[left[0].column] = left[0]
        return columns

    def _numbers_rows(self, column: int, rows: Sequence[BodyRow]) -> bool:
        """Whether the cells of a column are 1, 2, 3, … downwards."""
        texts = [self.grid.text(line, column) for row in rows for line in row.lines]
        numbers = [text.strip(" .)") for text in texts if text]
        return numbers == [str(number) for number in range(1, len(numbers) + 1)]

    def _resolves(self, name: str) -> bool:
        """Whether sources.yaml says of which school a column of this name is."""
        return any(fold_name(known) == fold_name(name) for known in self.source.schools)

    def _read_row(
        self,
        row: BodyRow,
        inputs: tuple[str, ...] | None,
        columns: Mapping[int, ValueColumn],
        place_column: int | None,
    ) -> None:
        """Take the values of a row that answers these inputs; of None, say what it is."""
        cells = [
            (line, column)
            for column in columns
            for line in row.lines
            if (line, column) in self.grid.cells and (line, column) not in self.reading.fates
        ]
        if inputs is None:
            self._tell_row(row, cells)
            return
        for column, values in columns.items():
            filled = [cell for cell in cells if cell[1] == column]
            if len(filled) > 1:
                message = _("the answer stands in two rows: which is it?")
                self.reading.add_line("answer-twice", message, filled)
            for cell in filled if len(filled) == 1 else ():
                if self.beside.is_beside(cell):
                    continue
                place = self._place_of(values, cell, place_column)
                if place is not None:
                    self.cells.read_value(cell, values, RowMeaning(inputs), place)
        if cells:
            self.table.show(
                join_label(row.label), ", ".join(inputs), True, self.grid.cells[cells[0]]
            )

    def _tell_number_for_name(
        self, row: BodyRow, column: int, columns: Mapping[int, ValueColumn]
    ) -> None:
        """A number in the column of names, with no answer beside it, names nothing: it may be a value."""
        cells = [(line, column) for line in row.lines if (line, column) in self.grid.numbers]
        answered = any(
            (line, answer) in self.grid.cells for line in row.lines for answer in columns
        )
        if not cells or answered:
            return
        for cell in cells:
            self.reading.fates.pop(cell, None)
        message = _("a number stands where the names of rows stand: what is it?")
        hint = _(
            "if it is a value, put the heading of its column above it, in the rows of the heading"
        )
        self.reading.add_line("unknown-row", message, cells, hint)

    def _place_of(
        self, values: ValueColumn, cell: Cell, place_column: int | None
    ) -> tuple[str, str] | None:
        """The place of a cell: that of its column, else of its row, else of the whole table."""
        if values.label.place is not None:
            return values.label.place
        if self._resolves(values.name):
            return self.places.resolve_place(
                values.name, [cell], self.table.find_heading(values.column)
            )
        if place_column is None:
            return self.places.find_whole_place([cell])
        return self.places.find_place(cell[0], place_column)

    def _tell_row(self, row: BodyRow, cells: Sequence[Cell]) -> None:
        """Cells of a row that is no input: computed, left blank by the form, or not understood."""
        if not cells:
            return
        names = [
            (line, column)
            for line in row.lines
            for column in self.grid.rows[line]
            if (line, column) not in cells
        ]
        if self.table.refuse_name(names, cells):
            return
        meaning = row.meaning
        if meaning is not None and meaning.computed:
            self.table.tell_computed(cells)
        elif meaning is not None and not meaning.inputs:
            message = _("the form asks nothing in these rows")
            numbers = [cell for cell in cells if is_written_number(self.grid.cells[cell])]
            printed = [cell for cell in cells if cell not in numbers]
            if numbers:
                self.reading.add_line("nothing-asked", message, numbers, severity="warning")
            if printed:
                self.reading.add_line(
                    "nothing-asked", message, printed, severity="note", fate="passed"
                )
        else:
            name = shorten(join_label(row.label)) or name_cell((row.lines[0], self.grid.left))
            message = _("the row “{name}” is no input that is known").format(name=name)
            offers = self.vocabulary.offer_inputs(row.label) if row.label else ()
            hint = _("write it in sources.yaml under rows")
            if other := self.terms.find_other_unit_of(join_label(row.label)):
                message, hint = self.terms.describe_other_unit(*other)
            elif row.ambiguous:
                message = _("the row “{name}” may be several: {inputs}")
                message = message.format(name=name, inputs=", ".join(row.ambiguous))
            elif offers:
                named = self.table.name_offers(offers)
                hint = _("perhaps {names}; write it in sources.yaml under rows").format(names=named)
            self.reading.add_line("unknown-row", message, cells, hint)
            example = self.grid.cells[cells[0]]
            self.table.show(name, " | ".join(row.ambiguous or offers), False, example)
