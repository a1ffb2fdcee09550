"""Columns that are not known and say of which part of a school, or of its year, a row is."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence

from engine.adoption.source_tables import SourceTable, TableReader
from engine.adoption.stated_terms import find_year_part
from engine.adoption.vocabulary import Label, read_year_label
from engine.data.facts import read_scenario
from engine.data.tables import shorten
from engine.same_names import fold_name
from engine.translation import gettext as _
from engine.workbooks.addresses import Cell

_PART = re.compile(
    r"(?:(?:наименование|название|вид|номер) )?(?:категори[яи]|класс(?:ы)?|параллел[ьи]|пол|возраст"
    r"|возрастн\w+ групп[аы]|уров(?:ень|ни)|ступен[ьи]|групп[аы]|месяц|квартал|полугодие|четверть|триместр"
    r"|вид|срез|раздел|показател[ьи]|критери[йи]|направлени[ея]|предмет|смена|форма|контингент|дата"
    r"|программ[аы]|данные)"
    r"(?: (?:общего )?(?:образования|обучения|данных|обучающихся|учащихся|учеников|детей|педагогов|работников))?"
)


# What is said beside a number, and of which it is no part.
_BESIDE = re.compile(r"(?:срок|дата|ответственн|исполнител|адрес|источник|комментари)\w*(?: .*)?")


class RowParts(TableReader):
    """Tells values of rows that such a column divides: «Категория | с ОВЗ», «Месяц | январь».

    `columns`: these columns, each with its name as messages say it; `year`: that of the table, where a
    column of other years is one.
    """

    def __init__(self, table: SourceTable) -> None:
        super().__init__(table)
        self.columns: dict[int, str] = {}
        self.year: int | None = None

    def find_columns(
        self,
        body: Sequence[int],
        known: Collection[int],
        year: int | None,
        keys: Iterable[int | None] = (),
    ) -> None:
        """Find the columns among those that are not `known`; `keys`: those of places, years, scenarios.

        Its heading says so, or half of its cells, or half of the places stand in several rows with
        another text of it in each. `year`: that of the table, where no column names years.
        """
        self.year = year
        own = [column for column in keys if column is not None]
        for column, parts in self.labels.items():
            label = self.readings.get(column, Label())
            spare = column in known or label.total or label.key in {"number", "unit", "note"}
            if spare or self.table.skips_column(column):
                continue
            cells = [(row, column) for row in body if (row, column) in self.grid.cells]
            names = [fold_name(part) for part in parts]
            divides = (
                any(map(_PART.fullmatch, names))
                or self._names_years(cells)
                or (
                    not any(map(_BESIDE.fullmatch, names))
                    and not all(cell in self.grid.numbers for cell in cells)
                    and (self._names_parts(cells) or self._repeats_places(body, column, own))
                )
            )
            if cells and divides:
                self.columns[column] = self.headings[column]
                self._tell(column, cells)
                self.table.show(self.headings[column], "", False, self.grid.cells[cells[0]])

    def _names_years(self, cells: Sequence[Cell]) -> bool:
        """Whether at least half of the cells name years of the catalogue, and one another than the table's."""
        years = [self._read_year(self.table.read_text(*cell)) for cell in cells]
        named = [year for year in years if year is not None]
        return 2 * len(named) >= len(cells) > 0 and not {*named} <= {self.year}

    def _read_year(self, text: str) -> int | None:
        """The year of the catalogue that a text is; None where no year of the table is known."""
        label = read_year_label(text) if self.year is not None else None
        return label.year if label is not None and label.year in self.catalogue.years else None

    def _names_parts(self, cells: Sequence[Cell]) -> bool:
        """Whether at least half of the cells name a part: of an input, of a year, or fact and forecast."""
        texts = [self.table.read_text(*cell) for cell in cells]
        return 2 * sum(map(self._names_part, texts)) >= len(texts) > 0

    def _names_part(self, text: str) -> bool:
        folded = fold_name(text)
        return (
            read_scenario(folded) is not None
            or bool(find_year_part(text))
            or bool(self.vocabulary.find_meanings(text))
            or any(folded in parts for parts in self.vocabulary.parts.values())
        )

    def _repeats_places(self, body: Sequence[int], column: int, keys: Sequence[int]) -> bool:
        """Whether at least half of the places stand in several rows, each with another text."""
        texts: dict[tuple[str, ...], set[str]] = {}
        for row in body:
            names = [self.table.read_text(row, one) for one in keys]
            if any(names) and not any(map(self._names_area, names)):
                key = tuple(map(fold_name, names))
                texts.setdefault(key, set()).add(fold_name(self.table.read_text(row, column)))
        return 2 * sum(len(several) > 1 for several in texts.values()) >= len(texts) > 0

    def _names_area(self, text: str) -> bool:
        """Whether a text is the name of a total, or of a place above the schools."""
        levels = {level for level, _place in self.vocabulary.find_places(text)}
        above = bool(levels) and self.catalogue.levels[0] not in levels
        return above or self.vocabulary.is_total_row(text)

    def is_part(self, row: int) -> bool:
        """Whether a row is of a part: then that is told of its values."""
        column = next(self._find_parts(row), None)
        if column is not None:
            self._tell(column, self.table.list_open_cells(row))
        return column is not None

    def _find_parts(self, row: int) -> Iterator[int]:
        """The columns that name a part in this row, and not the whole."""
        for column in self.columns:
            text = self.table.read_text(row, column)
            whole = fold_name(text) == "все" or self.vocabulary.is_total(text)
            if text and not whole and self._read_year(text) != (self.year or 0):
                yield column

    def _tell(self, column: int, cells: Iterable[Cell]) -> None:
        message = _(
            "the column “{name}” is not read: are the numbers beside it of a part, or of another year?"
        )
        name = shorten(self.columns[column])
        hint = _(
            "if each is of the whole and of the year of the table, write in sources.yaml: skip: [{name}]"
        )
        self.reading.add_line(
            "part-of-place", message.format(name=name), cells, hint.format(name=f'"{name}"')
        )
