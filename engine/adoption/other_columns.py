"""Columns of a table that are not read: each has a line of the protocol, or is passed over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from engine.adoption.cell_terms import TermReader, ValueColumn
from engine.adoption.source_tables import SourceTable, TableReader
from engine.adoption.stated_terms import find_year_part
from engine.adoption.title_topics import Topic, strip_title
from engine.adoption.total_rows import TotalReader
from engine.adoption.vocabulary import Label
from engine.data.facts import describe_no_year, is_doubtful_period
from engine.data.tables import shorten
from engine.translation import gettext as _
from engine.workbooks.addresses import Cell, name_column


class OtherColumns(TableReader):
    """Gives the cells of columns that are not read their fate."""

    def __init__(self, table: SourceTable, terms: TermReader, totals: TotalReader) -> None:
        super().__init__(table)
        self.terms, self.totals = terms, totals

    def tell_columns(
        self, body: Sequence[int], columns: Mapping[int, ValueColumn], own: Iterable[int]
    ) -> None:
        """Show what is read, and give the cells of other columns their fate."""
        names = {*own}
        for column in range(self.grid.left, self.grid.width):
            cells = [(row, column) for row in body if (row, column) in self.grid.cells]
            name, label = self.headings.get(column, ""), self.readings.get(column, Label())
            if column in columns:
                meaning = columns[column].meaning
                if meaning is not None and cells:
                    self.table.show(name, meaning.inputs[0], True, self.grid.cells[cells[0]])
                continue
            if not cells or column in names:
                continue
            if label.total or self.table.skips_column(column):
                for cell in cells:
                    self.reading.fates.setdefault(cell, "total")
                self.totals.tell_passed(name, cells[0])
            elif label.key == "note":
                message = _("notes are not read")
                self.reading.add_line("notes", message, cells, severity="note", fate="passed")
            elif self.table.topic is not None and self.table.is_topical(column):
                self._tell_no_topic(self.table.topic, cells, name)
            else:
                self._tell_column(column, cells, name, label)

    def _tell_column(self, column: int, cells: list[Cell], name: str, label: Label) -> None:
        """Say why a column is not read, and offer what it may be."""
        if self.table.refuse_name([(row, column) for row in self.region.heading], cells):
            self.table.show(name, "", False, self.grid.cells[cells[0]])
            return
        letter = name_column(column + 1)
        if label.meaning is not None and label.meaning.computed and label.known:
            self.table.tell_computed(cells)
            self.table.show(name, _("is computed"), False, self.grid.cells[cells[0]])
            return
        offers = label.ambiguous or self.vocabulary.offer_inputs(
            label.rest or self.labels.get(column, ())
        )
        same = [] if self.source.rows else self.table.find_same(self.names.get(column, ""))
        known = label.known and label.meaning is not None
        if same and known and not self.table.answers.intersection(same):
            message, hint = self.table.describe_same(same)
            self.reading.add_line("column-twice", message, cells, hint)
            self.table.show(name, " | ".join(offers), False, self.grid.cells[cells[0]])
            return
        doubt = ""
        if label.ambiguous:
            message = _("the column “{name}” may be several: {inputs}")
            message = message.format(name=shorten(name), inputs=", ".join(label.ambiguous))
        elif part := next(filter(find_year_part, self.labels.get(column, ())), ""):
            message = _("“{text}”: a part of a year or a day of it, and a whole year is due")
            message = message.format(text=shorten(part))
        elif period := next(filter(is_doubtful_period, self.labels.get(column, ())), ""):
            message, doubt = describe_no_year(period)
        elif other := self.terms.find_other_unit_of(name):
            message, doubt = self.terms.describe_other_unit(*other)
        elif name:
            message = _("the column “{name}” is no input that is known: it is not read")
            message = message.format(name=shorten(name))
        else:
            message = _("the column {letter} has no heading: it is not read").format(letter=letter)
        hint = _("write it in sources.yaml under columns, or under skip if it is not needed")
        if doubt or self.source.rows:
            hint = doubt
        elif offers and not label.ambiguous:
            named = self.table.name_offers(offers)
            hint = _("perhaps {names}; write it in sources.yaml under columns").format(names=named)
        if self.source.rows and name and (near := self.vocabulary.offer_places(name)):
            hint = _("write in sources.yaml: schools: {{{name}: …}}").format(
                name=f'"{shorten(name)}"'
            )
            hint = self.table.offer_places(near, hint)
        at = self.table.find_heading(column) if name else None
        self.reading.add_line("unknown-column", message, cells, hint, at=at)
        self.table.show(name or letter, " | ".join(offers), False, self.grid.cells[cells[0]])

    def _tell_no_topic(self, topic: Topic, cells: list[Cell], name: str) -> None:
        """Columns of years of which neither a heading nor a title says what is counted."""
        example = self.grid.cells[cells[0]]
        if topic.meaning is not None and topic.meaning.computed:
            self.table.tell_computed(cells)
            self.table.show(name, _("is computed"), False, example)
            return
        message = _("it is not said which input these numbers are: the columns say only the year")
        offers = topic.offers or ((topic.input,) if topic.input else self._offer_inner_topics())
        names = self.table.name_offers(offers)
        hint = _(
            "write the title of the input, and nothing else, in a row of its own right above the "
            "heading, or its id in sources.yaml under columns"
        )
        if names:
            hint = _("perhaps {names}; write it in sources.yaml under columns").format(names=names)
        self.reading.add_line("no-input", message, cells, hint)
        self.table.show(name, " | ".join(offers), False, example)

    def _offer_inner_topics(self) -> tuple[str, ...]:
        """The inputs that rows of one text name inside of the table."""
        rows = self.grid.rows
        alone = [row for row in range(*self.region.body) if len(rows.get(row, ())) == 1]
        names = (strip_title(self.grid.cells[row, rows[row][0]], self.vocabulary) for row in alone)
        inputs = map(self.vocabulary.resolve_input, names)
        return tuple(dict.fromkeys(name for name in inputs if name in self.catalogue.inputs))
