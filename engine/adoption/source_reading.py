"""One table read through its source: every filled cell has a fate, and what is sure is a fact.

A cell's input, place, year and scenario come from its row, its column and what holds for the whole
table; where one of them is missing or said twice differently, the cell is a line of the protocol.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import groupby, takewhile

from engine.adoption.cell_reading import CellReader, ValueColumn
from engine.adoption.grids import name_cell
from engine.adoption.readings import Fate, TableReading
from engine.adoption.recognition import find_inner_names
from engine.adoption.regions import (
    Region,
    find_stated_years,
    is_numbering,
    join_label,
    may_name_topic,
)
from engine.adoption.row_labels import MOST_LINES, BodyRow, find_label_column, list_body_rows
from engine.adoption.sources_file import AdoptedSource, fold_label
from engine.adoption.stated_terms import (
    find_other_unit,
    find_unit_at_end,
    find_year_part,
    split_number,
)
from engine.adoption.title_places import find_all_places, names_school
from engine.adoption.title_topics import Topic, needs_topic, strip_title
from engine.adoption.vocabulary import (
    KeyWord,
    Label,
    RowMeaning,
    Vocabulary,
    find_years,
)
from engine.catalogue.model import Input
from engine.data.cells import parse_number, read_yes_no
from engine.data.facts import describe_no_year, is_doubtful_period
from engine.data.sums import Numbers, describe_total, find_differences, find_sums, is_close
from engine.data.tables import shorten
from engine.data.total_names import is_sum
from engine.same_names import fold_name
from engine.translation import gettext as _
from engine.typography import quote
from engine.units import Unit, read_measure
from engine.workbooks.addresses import name_column
from engine.workbooks.odd_cells import Cell


def read_region(source: AdoptedSource, region: Region, vocabulary: Vocabulary) -> TableReading:
    """The facts and lines of a table."""
    return _RegionReader(source, region, vocabulary).read()


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


class _RegionReader(CellReader):
    """The rows and columns of a region, whichever of them inputs stand in."""

    # --- what stands where ------------------------------------------------------------------------

    def read(self) -> TableReading:
        """Give every filled cell of the region its fate."""
        self._tell_above()
        for row in (*self.region.titles, *self.region.heading, *self.region.repeated):
            for column in self.grid.rows.get(row, ()):
                self.reading.fates.setdefault((row, column), "heading")
        body = [
            row
            for row in range(*self.region.body)
            if row in self.grid.rows and row not in self.region.repeated
        ]
        for row in body:
            if is_numbering(self.grid, row, self.grid.rows[row]):
                self._set_row(row, "heading")
        body = [row for row in body if (row, self.grid.rows[row][0]) not in self.reading.fates]
        self._take_inner_names()
        known = self._tell_titled(body)
        if self.source.rows:
            self._read_rows(known)
        else:
            self._read_columns(known)
        for row in body:
            for column in self.grid.rows[row]:
                self.reading.fates.setdefault((row, column), "passed")
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

    def _take_inner_names(self) -> None:
        """Set apart the rows that name the school of a table whose rows and columns name none."""
        if self.source.school or any(label.place for label in self.readings.values()):
            return
        own = self._constant_place()
        for cell, name in find_inner_names(self.region, self.vocabulary).items():
            if own is None:
                self.inner_names[cell] = name
            if own is None or find_all_places([name], self.vocabulary) == {own}:
                self._set_row(cell[0], "name")

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
        self.refused = {fold_label(self.grid.cells[cell]) for cell in cells}
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
        if len(self.grid.rows[row]) > 1:
            return False
        text = self.grid.cells[row, self.grid.rows[row][0]]
        said = fold_name(text) in {fold_name(title) for title in self.region.title_texts}
        if said or self._skips(text) or self.vocabulary.is_total_row(text):
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
        own = self._constant_place()
        if placed or own is None or not names_school(text, self.vocabulary):
            return False
        return find_all_places([text], self.vocabulary) != {own}

    def _begins_topic(self, row: int, text: str) -> bool:
        """Whether a text alone in a row may name another input, where columns are years: numbers follow."""
        columns = list(filter(self._is_topical, self.readings))
        return (
            bool(columns)
            and may_name_topic(text, self.vocabulary)
            and any(
                (below, column) in self.grid.numbers
                for below in range(row + 1, self.region.body[1])
                for column in columns
            )
        )

    def _is_topical(self, column: int) -> bool:
        """Whether a title says of which input a column is, and not its heading or its rows."""
        if self.topic is None or self.source.rows or column not in self.labels:
            return False
        return needs_topic(self.readings[column], self.labels[column])

    def _set_row(self, row: int, fate: Fate) -> None:
        for column in self.grid.rows.get(row, ()):
            self.reading.fates.setdefault((row, column), fate)

    # --- inputs in columns ------------------------------------------------------------------------

    def _find_columns(self) -> dict[int, ValueColumn]:
        """The columns that sources.yaml names; those that are not there are told."""
        wanted = {fold_label(name): asked for name, asked in self.source.columns.items()}
        found: dict[int, ValueColumn] = {}
        for column, name in self.headings.items():
            asked = wanted.pop(self.folded[column], None)
            if asked is not None and not self._skips_column(column):
                found[column] = ValueColumn(
                    column, name, self.readings[column], RowMeaning((asked,))
                )
        for label in wanted:
            self._tell_missing(
                next(name for name in self.source.columns if fold_label(name) == label)
            )
        return found

    def _read_columns(self, body: Sequence[int]) -> None:
        found = self._find_columns()
        self.answers = frozenset(found)
        self._tell_other_topic(found)
        place = self._find_named(self.source.school) if self.source.school else None
        if place is not None:
            self.beside = self._find_names_beside(found, place, "place")
        if self.source.school and place is None:
            self._tell_missing(self.source.school)
        keys = {
            column: label.key
            for column, label in self.readings.items()
            if label.key == "number"
            or (
                label.key in {"unit", "scenario", "place"} and not self._holds_numbers(column, body)
            )
        }
        self._find_axes()
        self._set_column_terms(found.values())
        own = {
            one for one in (place, self.year_column, self.scenario_column) if one is not None
        } | set(keys)
        self._tell_columns(body, found, own)
        rows: list[int] = []
        totals: list[int] = []
        for row in body:
            self._name_cells(row, own)
            total = self._is_total_row(row, place, own) or self._sums_up(row, place, found.values())
            (totals if total else rows).append(row)
        if self._tell_only_totals(rows, totals, found, place):
            return
        for row in totals:
            self._tell_beside_total(row)
            self._take_total(row)
        blank = [row for row in rows if place is not None and not self._place_text(row, place)]
        numbers = self._read_numbers(rows, tuple(found))
        for row in find_sums(numbers, blank):
            self._take_total(row)
            rows.remove(row)
        self._tell_likely_totals(numbers, rows, found, place)
        for row in rows:
            where = self._find_place(row, place)
            if where is None:
                continue
            for column, one in found.items():
                if not self.beside or not self._is_beside((row, column)):
                    self._read_value((row, column), one, one.meaning, where)
        self._compare_totals(rows, tuple(found))

    def _tell_other_topic(self, columns: Mapping[int, ValueColumn]) -> None:
        """Say where a title names another input than sources.yaml reads below it."""
        wanted = self.topic.input if self.topic is not None else ""
        others = {
            asked
            for column, one in columns.items()
            if one.meaning is not None and self._is_topical(column)
            for asked in one.meaning.inputs
            if asked != wanted
        }
        for asked in sorted(others) if wanted else ():
            message = _(
                "read as “{written}”, as sources.yaml says; the title above the table says “{stated}”"
            )
            message = message.format(
                written=shorten(self.vocabulary.name_input(asked)),
                stated=shorten(self.vocabulary.name_input(wanted)),
            )
            hint = _("correct the input in sources.yaml if it is wrong")
            self.reading.add_line("input-differs", message, (), hint)

    def _holds_numbers(self, column: int, body: Iterable[int]) -> bool:
        """Whether a column has more numbers than names: «Школы» may say how many there are."""
        cells = [(row, column) for row in body if (row, column) in self.grid.cells]
        return 2 * sum(cell in self.grid.numbers for cell in cells) > len(cells)

    def _is_beside(self, cell: Cell) -> bool:
        """Whether another column of names stands nearer before a value and says another name: asked.

        Two tables may stand side by side, each with its own names.
        """
        row, column = cell
        if column not in self.beside or cell not in self.grid.cells:
            return False
        names, nearest = self.beside[column]
        texts = [self._place_text(row, one) for one in (names, nearest)]
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

    def _tell_beside_total(self, row: int) -> None:
        """Ask about values of a table beside that stand in the row of a total and are none of it."""
        for column, (_names, nearest) in self.beside.items():
            text = self._place_text(row, nearest)
            if text and not self.vocabulary.is_total_row(text):
                self._is_beside((row, column))

    def _find_names_beside(
        self, columns: Iterable[int], names: int, key: KeyWord
    ) -> dict[int, tuple[int, int]]:
        """Column of values → `names` and the column of names nearest before it, if values stand between.

        `names`: the column of names that is read; `key`: the word that heads such columns.
        """
        of_names = [
            one
            for one, label in self.readings.items()
            if one == names or (label.key == key and not self._skips_column(one))
        ]
        beside = {}
        for column in columns:
            nearest = max((one for one in of_names if one < column), default=names)
            first, last = sorted((nearest, names))
            if any(first < one < last for one in self.answers):
                beside[column] = names, nearest
        return beside

    def _name_cells(self, row: int, own: Iterable[int]) -> None:
        for column in own:
            if (row, column) in self.grid.cells:
                self.reading.fates.setdefault((row, column), "name")

    # --- totals -----------------------------------------------------------------------------------

    def _is_total_row(self, row: int, place: int | None, own: Iterable[int]) -> bool:
        """Whether the name of the row is that of a total, in the column of names or before it."""
        named = [place] if place is not None else sorted(own)
        texts = [self._place_text(row, column) for column in named]
        if not any(texts):
            # «Итого» may be merged over № and the name, or stand under № alone.
            first = self.grid.rows[row][0]
            texts = (
                [self._place_text(row, first)] if first not in self.names or first in own else []
            )
        return any(
            text and (self.vocabulary.is_total_row(text) or self._skips(text)) for text in texts
        )

    def _tell_only_totals(
        self, rows: Iterable[int], totals: Sequence[int], columns: Iterable[int], place: int | None
    ) -> bool:
        """Whether all values stand in several rows named as totals: then another column names the schools."""
        cells = [
            (row, column)
            for row in totals
            for column in columns
            if (row, column) in self.grid.cells
        ]
        answered = any((row, column) in self.grid.cells for row in rows for column in columns)
        if place is None or answered or len({row for row, _column in cells}) <= 1:
            return False
        if any(map(self._skips, (self._place_text(row, place) for row in totals))):
            return False
        message = _("every row is named as a total, “{name}”: whose numbers are these?")
        hint = _("write in sources.yaml which column names the schools: school: …")
        name = shorten(self._place_text(totals[0], place))
        self.reading.add_line("no-place", message.format(name=name), cells, hint)
        return True

    def _tell_passed(self, name: str, cell: Cell) -> None:
        """Name a row or a column that is passed over; `cell` is its first."""
        message = _("the row has no name and equals the sum of the others: it is passed over")
        if name:
            message = _("“{name}” is passed over: it is a total, or sources.yaml says so")
            message = message.format(name=shorten(name))
        self.reading.add_line("total-row", message, [cell], severity="note", fate=None)

    def _sums_up(self, row: int, place: int | None, columns: Iterable[ValueColumn]) -> bool:
        """Whether the row names a place above those of whom the columns ask: its own row of them all."""
        text = self._place_text(row, place) if place is not None else ""
        named = self.vocabulary.find_places(text)
        if all(level == self.catalogue.levels[0] for level, _place in named):
            return False
        inputs = [one.meaning.inputs[0] for one in columns if one.meaning is not None]
        return self._lies_above(named, inputs)

    def _take_total(self, row: int) -> None:
        cells = [(row, column) for column in self.grid.rows[row]]
        texts = (self._place_text(*cell) for cell in cells)
        name = next((text for text in texts if text and parse_number(text) is None), "")
        self._tell_passed(name, cells[0])
        for column in self.grid.rows[row]:
            cell = (row, column)
            if self.reading.fates.get(cell) == "line":
                continue
            self.reading.fates[cell] = "total"
            number = self.grid.numbers.get(cell)
            if number is not None:
                self.numbers[cell] = float(number)

    def _tell_likely_totals(
        self, numbers: Numbers, rows: Sequence[int], columns: Iterable[int], place: int | None
    ) -> None:
        if place is None:
            return
        named = [row for row in rows if self._place_text(row, place)]
        for row in find_sums({row: numbers[row] for row in named}, named):
            message = _("“{name}” looks like a total: it equals the sum of the other rows")
            name = shorten(self._place_text(row, place))
            hint = _("if it is one, write in sources.yaml: skip: [{name}]").format(name=f'"{name}"')
            cells = [(row, column) for column in columns if (row, column) in self.grid.cells]
            self.reading.add_line("likely-total", message.format(name=name), cells, hint, fate=None)

    def _compare_totals(self, rows: Sequence[int], columns: Sequence[int]) -> None:
        """What a total of the book says, and what the schools taken add up to."""
        if not self.numbers:
            return
        values = {fact.cell: fact.value for fact in self.reading.facts}
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

    def _read_numbers(self, rows: Sequence[int], columns: Sequence[int]) -> Numbers:
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

    # --- inputs in rows ---------------------------------------------------------------------------

    def _read_rows(self, body: Sequence[int]) -> None:
        wanted = {fold_label(name): asked for name, asked in self.source.rows.items()}
        column = find_label_column(self.region, body, self.readings, self.vocabulary, wanted)
        if column is None:
            message = _("the table has none of the rows that sources.yaml names")
            cells = [(row, one) for row in body for one in self.grid.rows[row]]
            self.reading.add_line("no-rows", message, cells)
            return
        rows = list_body_rows(
            self.region, body, column, self.readings, self.vocabulary, wanted=wanted
        )
        self._find_axes()
        place = self._find_named(self.source.school) if self.source.school else None
        own = {
            one
            for one in (
                column,
                self.year_column,
                self.scenario_column,
                place,
                self._find_key("number"),
                self._find_key("unit"),
            )
            if one is not None
        }
        # Beside a second table without a blank column: its names are no answers.
        own |= {one for one, label in self.readings.items() if label.key == "indicator"}
        self._mark_totals_across()
        values = self._value_columns(own, rows, column)
        self.answers = frozenset(values)
        self.beside = self._find_names_beside(values, column, "indicator")
        self._tell_columns(body, values, own)
        seen: set[str] = set()
        for row in rows:
            units = self._find_end_units(row.label[-1:])
            for line in row.lines:
                self._name_cells(line, own)
                self.row_units[line] = units
            label = fold_label(join_label(row.label))
            text = row.label[-1] if row.label else ""
            if text and (self.vocabulary.is_total(text) or self._skips(text)):
                for line in row.lines:
                    self._take_total(line)
                continue
            asked = wanted.get(label)
            seen.add(label)
            if asked is None:
                self._tell_number_for_name(row, column, values)
            self._read_row(row, asked, values, place)
        for label in wanted.keys() - seen:
            if label.rpartition(" / ")[2] in self.refused:
                continue
            written = next(name for name in self.source.rows if fold_label(name) == label)
            message = _("the table has no row “{name}”").format(name=shorten(written))
            self.reading.add_line("no-row", message, ())
        self._compare_across(rows, values)

    def _mark_totals_across(self) -> None:
        """Beside columns of schools that of a place above them is a total of them."""
        inputs = [asked for names in self.source.rows.values() for asked in names]
        places = {column: label.place for column, label in self.readings.items() if label.place}
        above = [one for one, place in places.items() if self._lies_above([place], inputs)]
        if len(above) < len(places):
            for column in above:
                self.readings[column] = replace(self.readings[column], total=True)

    def _value_columns(
        self, own: set[int], rows: Sequence[BodyRow], names: int
    ) -> dict[int, ValueColumn]:
        """Columns of values: of a place, a year, a scenario, of «значение», or the only one left.

        That one may not number the rows before their `names`.
        """
        values: dict[int, ValueColumn] = {}
        left = []
        for column in range(self.grid.left, self.grid.width):
            label = self.readings.get(column, Label())
            name = self.names.get(column, "")
            if column in own or label.total or self._skips_column(column):
                continue
            one = ValueColumn(column, name, label, note=label.key == "note")
            said = label.place or label.year is not None or label.scenario or label.key == "value"
            if one.note or (label.known and said) or (name and self._resolves(name)):
                values[column] = one
            elif any((line, column) in self.grid.cells for row in rows for line in row.lines):
                left.append(one)
        if (
            len(left) == 1
            and all(one.note for one in values.values())
            and left[0].label.place is None
            and not (left[0].column < names and self._numbers_rows(left[0].column, rows))
        ):
            values[left[0].column] = left[0]
        return values

    def _numbers_rows(self, column: int, rows: Sequence[BodyRow]) -> bool:
        """Whether the cells of a column are 1, 2, 3, … downwards."""
        texts = [self.grid.text(line, column) for row in rows for line in row.lines]
        numbers = [text.strip(" .)") for text in texts if text]
        return numbers == [str(number) for number in range(1, len(numbers) + 1)]

    def _resolves(self, name: str) -> bool:
        return any(fold_name(known) == fold_name(name) for known in self.source.schools)

    def _read_row(
        self,
        row: BodyRow,
        asked: tuple[str, ...] | None,
        values: Mapping[int, ValueColumn],
        place: int | None,
    ) -> None:
        cells = [
            (line, column)
            for column in values
            for line in row.lines
            if (line, column) in self.grid.cells and (line, column) not in self.reading.fates
        ]
        if asked is None:
            self._tell_row(row, cells)
            return
        for column, one in values.items():
            mine = [cell for cell in cells if cell[1] == column]
            if len(mine) > 1:
                message = _("the answer stands in two rows: which is it?")
                self.reading.add_line("answer-twice", message, mine)
            for cell in mine if len(mine) == 1 else ():
                if self._is_beside(cell):
                    continue
                where = self._place_of(one, cell, place)
                if where is not None:
                    self._read_value(cell, one, RowMeaning(asked), where)
        if cells:
            self._show(join_label(row.label), ", ".join(asked), True, self.grid.cells[cells[0]])

    def _tell_number_for_name(
        self, row: BodyRow, column: int, values: Mapping[int, ValueColumn]
    ) -> None:
        """A number in the column of names, with no answer beside it, names nothing: it may be a value."""
        cells = [(line, column) for line in row.lines if (line, column) in self.grid.numbers]
        answered = any((line, one) in self.grid.cells for line in row.lines for one in values)
        if not cells or answered:
            return
        for cell in cells:
            self.reading.fates.pop(cell, None)
        message = _("a number stands where the names of rows stand: what is it?")
        hint = _(
            "if it is a value, put the heading of its column above it, in the rows of the heading"
        )
        self.reading.add_line("unknown-row", message, cells, hint)

    def _place_of(self, one: ValueColumn, cell: Cell, place: int | None) -> tuple[str, str] | None:
        if one.label.place is not None:
            return one.label.place
        if self._resolves(one.name):
            return self._resolve_place(one.name, [cell], self._find_heading(one.column))
        return self._find_place(cell[0], place) if place is not None else self._whole_place(cell)

    def _find_heading(self, column: int) -> Cell:
        """The lowest cell of the heading of a column."""
        cells = [self._find_written((row, column)) for row in self.region.heading]
        return [cell for cell in cells if cell in self.grid.cells][-1]

    def _whole_place(self, cell: Cell) -> tuple[str, str] | None:
        where = self._constant_place()
        if where is None:
            self._tell_no_place([cell])
        return where

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
        if self._refuse_name(names, cells):
            return
        meaning = row.meaning
        if meaning is not None and meaning.computed:
            self._tell_computed(cells)
        elif meaning is not None and not meaning.inputs:
            message = _("the form asks nothing in these rows")
            numbers = [cell for cell in cells if _is_number(self.grid.cells[cell])]
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
            if other := self._find_other_unit_of(join_label(row.label)):
                message, hint = self._describe_other_unit(*other)
            elif row.ambiguous:
                message = _("the row “{name}” may be several: {inputs}")
                message = message.format(name=name, inputs=", ".join(row.ambiguous))
            elif offers:
                named = ", ".join(
                    f"{one} ({quote(shorten(self.vocabulary.name_input(one)))})" for one in offers
                )
                hint = _("perhaps {names}; write it in sources.yaml under rows").format(names=named)
            self.reading.add_line("unknown-row", message, cells, hint)
            example = self.grid.cells[cells[0]]
            self._show(name, " | ".join(row.ambiguous or offers), False, example)

    def _tell_computed(self, cells: Sequence[Cell]) -> None:
        message = _("ready shares are not taken: they are computed from the counts")
        hint = _("adopt the tables of the counts")
        self.reading.add_line("computed-indicator", message, cells, hint)

    def _compare_across(self, rows: Sequence[BodyRow], values: Mapping[int, ValueColumn]) -> None:
        """Columns of totals across schools, held against what the schools add up to."""
        taken = {fact.cell: fact.value or 0 for fact in self.reading.facts}
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
                    cells = [name_cell((line, one)) for one in values]
                    mine = [
                        (line, one.column)
                        for one in values.values()
                        if (one.label.year, one.label.scenario) == (label.year, label.scenario)
                    ]
                    if number is None or not any(cell in taken for cell in cells):
                        continue
                    added = sum(taken.get(name_cell(cell), 0) for cell in mine)
                    if not is_close(float(number), added):
                        self._tell_difference(
                            [(line, column)], float(number), added, join_label(row.label), mine
                        )

    def _find_other_unit_of(self, name: str) -> tuple[Input, Unit] | None:
        """The input that a name means without the unit at its end, and that unit, if it is another."""
        unit = find_unit_at_end(name)
        title = name[: name.rfind(unit)].rstrip(" ,(/") if unit else ""
        asked = self.catalogue.inputs.get(self.vocabulary.resolve_input(title)) if title else None
        measure = read_measure(unit)
        if asked is None or measure is None:
            return None
        other = find_other_unit(asked, [measure])
        return (asked, other) if other else None

    # --- columns that are told --------------------------------------------------------------------

    def _tell_columns(
        self, body: Sequence[int], found: Mapping[int, ValueColumn], own: Iterable[int]
    ) -> None:
        """Show what is read, and give the cells of other columns their fate."""
        names = {*own}
        for column in range(self.grid.left, self.grid.width):
            cells = [(row, column) for row in body if (row, column) in self.grid.cells]
            name, label = self.headings.get(column, ""), self.readings.get(column, Label())
            if column in found:
                asked = found[column].meaning
                if asked is not None and cells:
                    self._show(name, asked.inputs[0], True, self.grid.cells[cells[0]])
                continue
            if not cells or column in names:
                continue
            if label.total or self._skips_column(column):
                for cell in cells:
                    self.reading.fates.setdefault(cell, "total")
                self._tell_passed(name, cells[0])
            elif label.key == "note":
                message = _("notes are not read").format(name=shorten(name))
                self.reading.add_line("notes", message, cells, severity="note", fate="passed")
            elif self.topic is not None and self._is_topical(column):
                self._tell_no_topic(self.topic, cells, name)
            else:
                self._tell_column(column, cells, name, label)

    def _tell_column(self, column: int, cells: list[Cell], name: str, label: Label) -> None:
        if self._refuse_name([(row, column) for row in self.region.heading], cells):
            self._show(name, "", False, self.grid.cells[cells[0]])
            return
        letter = name_cell((0, column)).rstrip("0123456789")
        if label.meaning is not None and label.meaning.computed and label.known:
            self._tell_computed(cells)
            self._show(name, _("is computed"), False, self.grid.cells[cells[0]])
            return
        offers = label.ambiguous or self.vocabulary.offer_inputs(
            label.rest or self.labels.get(column, ())
        )
        same = [] if self.source.rows else self._find_same(self.names.get(column, ""))
        known = label.known and label.meaning is not None
        if same and known and not self.answers.intersection(same):
            message, hint = self._describe_same(same)
            self.reading.add_line("column-twice", message, cells, hint)
            self._show(name, " | ".join(offers), False, self.grid.cells[cells[0]])
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
        elif other := self._find_other_unit_of(name):
            message, doubt = self._describe_other_unit(*other)
        elif name:
            message = _("the column “{name}” is no input that is known: it is not read")
            message = message.format(name=shorten(name))
        else:
            message = _("the column {letter} has no heading: it is not read").format(letter=letter)
        hint = _("write it in sources.yaml under columns, or under skip if it is not needed")
        if doubt or self.source.rows:
            hint = doubt
        elif offers and not label.ambiguous:
            named = ", ".join(
                f"{one} ({quote(shorten(self.vocabulary.name_input(one)))})" for one in offers
            )
            hint = _("perhaps {names}; write it in sources.yaml under columns").format(names=named)
        if self.source.rows and name and (near := self.vocabulary.offer_places(name)):
            offered = _("”, “").join(map(self.vocabulary.name_place, near))
            hint = _("write in sources.yaml: schools: {{{name}: …}}").format(
                name=f'"{shorten(name)}"'
            )
            hint = _("perhaps “{names}”; {hint}").format(names=offered, hint=hint)
        at = self._find_heading(column) if name else None
        self.reading.add_line("unknown-column", message, cells, hint, at=at)
        self._show(name or letter, " | ".join(offers), False, self.grid.cells[cells[0]])

    def _tell_no_topic(self, topic: Topic, cells: list[Cell], name: str) -> None:
        """Columns of years of which neither a heading nor a title says what is counted."""
        example = self.grid.cells[cells[0]]
        if topic.meaning is not None and topic.meaning.computed:
            self._tell_computed(cells)
            self._show(name, _("is computed"), False, example)
            return
        message = _("it is not said which input these numbers are: the columns say only the year")
        offers = topic.offers or ((topic.input,) if topic.input else self._offer_inner_topics())
        names = ", ".join(
            f"{one} ({quote(shorten(self.vocabulary.name_input(one)))})" for one in offers
        )
        hint = _(
            "write the title of the input, and nothing else, in a row of its own right above the "
            "heading, or its id in sources.yaml under columns"
        )
        if names:
            hint = _("perhaps {names}; write it in sources.yaml under columns").format(names=names)
        self.reading.add_line("no-input", message, cells, hint)
        self._show(name, " | ".join(offers), False, example)

    def _offer_inner_topics(self) -> tuple[str, ...]:
        """The inputs that rows of one text name inside of the table."""
        rows = self.grid.rows
        alone = [row for row in range(*self.region.body) if len(rows.get(row, ())) == 1]
        names = (strip_title(self.grid.cells[row, rows[row][0]], self.vocabulary) for row in alone)
        inputs = map(self.vocabulary.resolve_input, names)
        return tuple(dict.fromkeys(one for one in inputs if one in self.catalogue.inputs))


def _may_be_value(text: str) -> bool:
    """Whether a text beside the name of an input answers it: «300 чел.», «да»."""
    return split_number(text)[1] != "" or read_yes_no(text).value is not None or _is_number(text)


def _is_number(text: str) -> bool:
    return parse_number(text.rstrip(" %")) is not None
