"""Two tables side by side, each with its own column of names."""

from __future__ import annotations

from collections.abc import Iterable

from engine.adoption.source_tables import SourceTable, TableReader
from engine.adoption.vocabulary import KeyWord
from engine.same_names import fold_name
from engine.translation import gettext as _
from engine.workbooks.addresses import Cell, name_column


class NamesBeside(TableReader):
    """Tells values that stand after another column of names than the one that is read.

    `columns`: column of values → the column of names that is read, and the nearest before the values.
    """

    def __init__(self, table: SourceTable) -> None:
        super().__init__(table)
        self.columns: dict[int, tuple[int, int]] = {}

    def find_columns(self, columns: Iterable[int], names: int, key: KeyWord) -> None:
        """Find the columns of values with another column of names nearest, and values between the two.

        `names`: the column of names that is read; `key`: the word that heads such columns.
        """
        of_names = [
            one
            for one, label in self.readings.items()
            if one == names or (label.key == key and not self.table.skips_column(one))
        ]
        for column in columns:
            nearest = max((one for one in of_names if one < column), default=names)
            first, last = sorted((nearest, names))
            if any(first < one < last for one in self.table.answers):
                self.columns[column] = names, nearest

    def is_beside(self, cell: Cell) -> bool:
        """Whether another column of names stands nearer before a value and says another name: asked.

        Two tables may stand side by side, each with its own names.
        """
        row, column = cell
        if column not in self.columns or cell not in self.grid.cells:
            return False
        names, nearest = self.columns[column]
        texts = [self.table.read_text(row, one) for one in (names, nearest)]
        places = [self.vocabulary.find_places(text) for text in texts]
        if fold_name(texts[0]) == fold_name(texts[1]) or (places[0] and places[0] == places[1]):
            return False
        levels = [{level for level, _place in found} for found in places]
        if all(levels) and not levels[0] & levels[1]:
            # A column of municipalities among others is no second table.
            return False
        message = _(
            "names stand in two columns, {one} and {other}: to which does the number belong?"
        )
        letters = [name_column(one + 1) for one in sorted((names, nearest))]
        message = message.format(one=letters[0], other=letters[1])
        hint = _(
            "put the tables one below the other, each with its heading; if a column of names is not "
            "needed, write it in sources.yaml under skip: [{name}]"
        ).format(name=f'"{self.headings.get(nearest, "")}"')
        self.reading.add_line("names-twice", message, [cell], hint)
        return True

    def tell_beside_total(self, row: int) -> None:
        """Ask about values of a table beside that stand in the row of a total and are none of it."""
        for column, (_names, nearest) in self.columns.items():
            text = self.table.read_text(row, nearest)
            if text and not self.vocabulary.is_total_row(text):
                self.is_beside((row, column))
