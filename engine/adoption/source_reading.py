"""One table read through its source: every filled cell has a fate, and what is sure is a fact.

A cell's input, place, year and scenario come from its row, its column and what holds for the whole
table; where one of them is missing or said twice differently, the cell is a line of the protocol.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import takewhile

from engine.adoption.cell_places import PlaceReader
from engine.adoption.column_reading import ColumnReader
from engine.adoption.readings import TableReading
from engine.adoption.regions import Region, is_numbering, join_label, may_name_topic
from engine.adoption.row_labels import MOST_LINES
from engine.adoption.row_reading import RowReader
from engine.adoption.source_tables import SourceTable, TableReader
from engine.adoption.sources_file import AdoptedSource, fold_label
from engine.adoption.stated_terms import is_written_number, split_number
from engine.adoption.stated_years import find_stated_years
from engine.adoption.title_places import find_all_places, names_school
from engine.adoption.vocabulary import Vocabulary, find_years
from engine.data.cells import read_yes_no
from engine.data.tables import shorten
from engine.same_names import fold_name
from engine.translation import gettext as _


def read_region(source: AdoptedSource, region: Region, vocabulary: Vocabulary) -> TableReading:
    """The facts and lines of a table."""
    return _RegionReader(SourceTable(source, region, vocabulary)).read()


def match_source(source: AdoptedSource, region: Region) -> int:
    """How much of a source's names a region has: the more, the likelier it is meant."""
    if source.rows:
        wanted = {fold_label(name) for name in source.rows}
        inner = {fold_label(name).rpartition(" / ")[2] for name in source.rows}
        return len(_find_rows(region, wanted | inner))
    names = {fold_label(join_label(parts)) for parts in region.labels.values()}
    return len({*map(fold_label, source.columns)} & (names | {*region.folded.values()}))


def _find_rows(region: Region, wanted: Collection[str]) -> set[str]:
    """Those of the folded names that texts of a body are, torn ones joined."""
    cells, body = region.grid.cells, [*range(*region.body)]
    names: set[str] = set()
    spelt = all(name[:1].isalpha() for name in wanted)
    for at, row in enumerate(body):
        for column in region.grid.rows.get(row, ()):
            if spelt and (row, column) in region.grid.numbers:
                # No name that begins with a letter begins so.
                continue
            lines = (cells.get((line, column), "") for line in body[at : at + MOST_LINES])
            parts = list(takewhile(bool, lines))
            names |= {
                fold_label(" ".join(" ".join(parts[:count]).split()))
                for count in range(1, len(parts) + 1)
            }
    return names.intersection(wanted)


class _RegionReader(TableReader):
    """Reads a table, whichever of its rows and columns inputs stand in."""

    def __init__(self, table: SourceTable) -> None:
        super().__init__(table)
        self.places = PlaceReader(table)

    def read(self) -> TableReading:
        """Give every filled cell of the region its fate."""
        self._tell_above()
        for row in (*self.region.titles, *self.region.heading, *self.region.repeated):
            self.table.set_row(row, "heading")
        body = [
            row
            for row in range(*self.region.body)
            if row in self.grid.rows and row not in self.region.repeated
        ]
        for row in body:
            if is_numbering(self.grid, row, self.grid.rows[row]):
                self.table.set_row(row, "heading")
        body = [row for row in body if (row, self.grid.rows[row][0]) not in self.reading.fates]
        self.places.take_inner_names()
        known = self._tell_titled(body)
        if self.source.rows:
            RowReader(self.table, self.places).read(known)
        else:
            ColumnReader(self.table, self.places).read(known)
        for row in body:
            self.table.set_row(row, "passed")
        if self.grid.hidden and self.reading.facts:
            message = _("the sheet is hidden, and its numbers are read")
            hint = _("if they are not meant, delete the sheet: right click, Show, then Delete")
            self.reading.add_line("hidden-sheet", message, (), hint, severity="warning")
        return self.reading

    def _tell_above(self) -> None:
        """Tell of values that stand above the heading beside the name of an input, and of other numbers."""
        for row in sorted(self.region.titles):
            texts = {(row, column): self.grid.cells[row, column] for column in self.grid.rows[row]}
            named = any(map(self.vocabulary.find_meanings, texts.values()))
            values = [
                cell
                for cell, text in texts.items()
                if cell in self.grid.numbers or (named and _may_be_value(text))
                if not find_years(text)
            ]
            if named and values:
                message = _("a value stands above the heading of the table: it is not read")
                hint = _("give it a table with a heading: Indicator, Value")
                self.reading.add_line("value-above", message, values, hint)
            elif values:
                message = _("numbers above the heading of the table are not read")
                self.reading.add_line("value-above", message, values, severity="note", fate=None)

    def _tell_titled(self, body: Sequence[int]) -> list[int]:
        """The rows before a title inside of the body; those below it are asked about.

        A row of one text is such a title where it names another year than that of the table, or
        another school.
        """
        title = next((row for row in body if self._is_inner_title(row)), None)
        if title is None:
            return list(body)
        below = [row for row in body if row > title]
        if all(len(self.grid.rows[row]) == 1 for row in below):
            return list(body)
        cells = [(row, column) for row in below for column in self.grid.rows[row]]
        text = shorten(self.grid.cells[title, self.grid.rows[title][0]])
        self.table.refused = {fold_label(self.grid.cells[cell]) for cell in cells}
        message = _("“{text}” stands inside of the table: is what is below of another table?")
        hint = _(
            "put the heading of the table below this row; if the row means nothing, write it in "
            "sources.yaml under skip: [{name}]"
        )
        message, hint = message.format(text=text), hint.format(name=f'"{text}"')
        self.reading.add_line("title-inside", message, [(title, self.grid.rows[title][0])], hint)
        for cell in cells:
            self.reading.fates[cell] = "line"
        return [row for row in body if row < title]

    def _is_inner_title(self, row: int) -> bool:
        """Whether a row inside of the table titles another; see `_tell_titled`."""
        if len(self.grid.rows[row]) > 1:
            return False
        text = self.grid.cells[row, self.grid.rows[row][0]]
        said = fold_name(text) in {fold_name(title) for title in self.region.title_texts}
        if said or self.table.skips(text) or self.vocabulary.is_total_row(text):
            return False
        begins = self._begins_topic(row, text)
        if begins or self.vocabulary.find_meanings(text):
            return begins
        labels = self.readings.values()
        year = self.source.year
        if year is None and not any(label.year or label.key == "year" for label in labels):
            stated = set(find_stated_years(self.region))
        else:
            stated = {year} if isinstance(year, int) else set()
        years = find_years(text)
        if stated and years and not years & stated:
            return True
        placed = self.source.school or any(label.place for label in labels)
        own = self.places.constant_place()
        if placed or own is None or not names_school(text, self.vocabulary):
            return False
        return find_all_places([text], self.vocabulary) != {own}

    def _begins_topic(self, row: int, text: str) -> bool:
        """Whether a text alone in a row may name another input, where columns are years: numbers follow."""
        columns = list(filter(self.table.is_topical, self.readings))
        return (
            bool(columns)
            and may_name_topic(text, self.vocabulary)
            and any(
                (below, column) in self.grid.numbers
                for below in range(row + 1, self.region.body[1])
                for column in columns
            )
        )


def _may_be_value(text: str) -> bool:
    """Whether a text beside the name of an input answers it: «300 чел.», «да»."""
    return (
        split_number(text)[1] != ""
        or read_yes_no(text).value is not None
        or is_written_number(text)
    )
