"""A region that is read through its source: its columns by name, and the fates of its cells."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from engine.adoption.readings import ColumnLine, Fate, TableReading
from engine.adoption.recognition import find_region_topic
from engine.adoption.regions import Region, join_label
from engine.adoption.sources_file import AdoptedSource, fold_label, match_name
from engine.adoption.title_topics import needs_topic
from engine.adoption.vocabulary import Vocabulary
from engine.data.cells import describe_no_value, has_no_value, is_formula
from engine.data.tables import UNREADABLE_MARK, shorten
from engine.translation import gettext as _
from engine.typography import quote
from engine.workbooks.addresses import Cell, name_column


class SourceTable:
    """A region that is read through its source; `reading` is what its readers add to.

    `answers`: its columns of values. `refused`: the folded texts below a title inside of it.
    """

    def __init__(self, source: AdoptedSource, region: Region, vocabulary: Vocabulary) -> None:
        self.source, self.region, self.vocabulary = source, region, vocabulary
        self.grid, self.catalogue = region.grid, vocabulary.catalogue
        self.reading = TableReading()
        self.labels = region.labels
        self.names = {column: join_label(parts) for column, parts in self.labels.items()}
        self.headings, self.folded = region.names, region.folded
        self.readings = dict(region.readings)
        self.topic = find_region_topic(region, vocabulary)
        self.answers: frozenset[int] = frozenset()
        self.refused: set[str] = set()

    def find_named(self, name: str) -> int | None:
        """The column with this label."""
        wanted = fold_label(name)
        found = [column for column, label in self.folded.items() if label == wanted]
        return found[0] if len(found) == 1 else None

    def find_key(self, key: str) -> int | None:
        """The one column whose heading is this key word; None where none is, or several are."""
        found = [column for column, label in self.readings.items() if label.key == key]
        return found[0] if len(found) == 1 else None

    def skips(self, name: str) -> bool:
        """Whether sources.yaml passes over rows and columns of this name."""
        return any(match_name(name, pattern) for pattern in self.source.skip)

    def skips_column(self, column: int) -> bool:
        """Whether sources.yaml passes over a column."""
        return any(
            self.skips(names[column]) for names in (self.names, self.headings) if column in names
        )

    def is_topical(self, column: int) -> bool:
        """Whether a title says of which input a column is, and not its heading or its rows."""
        if self.topic is None or self.source.rows or column not in self.labels:
            return False
        return needs_topic(self.readings[column], self.labels[column])

    def find_same(self, name: str) -> list[int]:
        """The columns that share a label, where several do."""
        wanted = fold_label(name)
        columns = [column for column, label in self.names.items() if fold_label(label) == wanted]
        return columns if len(columns) > 1 else []

    def tell_missing(self, name: str) -> None:
        """A column that sources.yaml names is not there, or there are several such."""
        message, hint = _("the table has no column “{name}”").format(name=shorten(name)), ""
        if columns := self.find_same(name):
            message, hint = self.describe_same(columns)
        self.reading.add_line("no-column", message, (), hint)

    def describe_same(self, columns: Sequence[int]) -> tuple[str, str]:
        """Message and hint where columns share a label."""
        message = _("several columns are headed “{name}”: {columns}; which is it?")
        letters = ", ".join(name_column(column + 1) for column in columns)
        message = message.format(name=shorten(self.names[columns[0]]), columns=letters)
        hint = _("name the right one in sources.yaml so: “{name}”")
        return message, hint.format(name=self.headings[columns[0]])

    def name_offers(self, inputs: Iterable[str]) -> str:
        """Inputs that are offered, by id and title."""
        titles = ((name, shorten(self.vocabulary.name_input(name))) for name in inputs)
        return ", ".join(f"{name} ({quote(title)})" for name, title in titles)

    def offer_places(self, places: Iterable[str], hint: str) -> str:
        """The hint with places before it that are near to what is written."""
        names = _("”, “").join(map(self.vocabulary.name_place, places))
        return _("perhaps “{names}”; {hint}").format(names=names, hint=hint)

    def find_written(self, cell: Cell) -> Cell:
        """The cell that holds what is seen there: the first of merged ones."""
        return self.grid.covered.get(cell, cell)

    def find_heading(self, column: int) -> Cell:
        """The lowest cell of the heading of a column."""
        cells = [self.find_written((row, column)) for row in self.region.heading]
        return [cell for cell in cells if cell in self.grid.cells][-1]

    def list_open_cells(self, row: int) -> list[Cell]:
        """The cells of a row that have no fate yet."""
        return [
            (row, column)
            for column in self.grid.rows[row]
            if (row, column) not in self.reading.fates
        ]

    def read_text(self, row: int, column: int) -> str:
        """What is seen in a cell, in one line; empty where nothing is."""
        return " ".join(self.grid.text(row, column).split())

    def set_row(self, row: int, fate: Fate) -> None:
        """Give the cells of a row a fate, but for those that have one."""
        for column in self.grid.rows.get(row, ()):
            self.reading.fates.setdefault((row, column), fate)

    def name_cells(self, row: int, own: Iterable[int]) -> None:
        """Give the cells of a row in these columns the fate of names, but for those that have one."""
        for column in own:
            if (row, column) in self.grid.cells:
                self.reading.fates.setdefault((row, column), "name")

    def refuse_name(self, names: Iterable[Cell], cells: Sequence[Cell]) -> bool:
        """Whether one of the cells that name others has no value; then that is told of them."""
        for name in names:
            text = self.read_text(*name)
            if has_no_value(text):
                message, hint = describe_no_value(text)
                code = "formula-without-value" if is_formula(text) else "excel-error"
                self.reading.add_line(code, message, [name, *cells], hint, severity="error")
                return True
        return False

    def tell_computed(self, cells: Sequence[Cell]) -> None:
        """Say that cells of ready shares are not taken."""
        message = _("ready shares are not taken: they are computed from the counts")
        hint = _("adopt the tables of the counts")
        self.reading.add_line("computed-indicator", message, cells, hint)

    def show(self, name: str, asked: str, sure: bool, example: str) -> None:
        """Show a row or a column with an example of its cells; `asked`: its inputs, or those offered."""
        name = name.replace(UNREADABLE_MARK, "")
        line = ColumnLine(self.grid.file, self.grid.sheet, name, asked, sure, shorten(example))
        self.reading.shown.append(line)


class TableReader:
    """What reads one subject of a table, with the parts of the table at hand."""

    def __init__(self, table: SourceTable) -> None:
        self.table = table
        self.source, self.region, self.vocabulary = table.source, table.region, table.vocabulary
        self.grid, self.catalogue, self.reading = table.grid, table.catalogue, table.reading
        self.labels, self.names = table.labels, table.names
        self.headings, self.readings = table.headings, table.readings
