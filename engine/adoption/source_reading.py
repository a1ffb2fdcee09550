"""One table read through its source: every filled cell has a fate, and what is sure is a fact.

A cell's input, place, year and scenario come from its row, its column and what holds for the whole
table; where one of them is missing or said twice differently, the cell is a line of the protocol.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from engine.adoption.grids import Grid, name_cell
from engine.adoption.regions import Region, is_numbering, join_label, label_columns
from engine.adoption.row_labels import BodyRow, find_label_column, list_body_rows
from engine.adoption.sources_file import AdoptedSource, fold_label, match_name
from engine.adoption.vocabulary import Label, RowMeaning, Vocabulary, read_year_label
from engine.catalogue.model import NUMERIC, TEXTUAL, Input
from engine.data.cells import describe_wrong, is_percent, parse_number, read_cell
from engine.data.facts import read_scenario
from engine.data.frame_names import NOT_APPLICABLE
from engine.data.tables import UNREADABLE_MARK, shorten
from engine.problems import Problem, Severity
from engine.same_names import fold_name
from engine.translation import gettext as _
from engine.translation import ngettext
from engine.workbooks.odd_cells import Cell

Fate = Literal["fact", "line", "heading", "name", "total", "passed"]
"""fact: taken. line: told in the protocol. heading: titles and headings. name: of rows and their units.
total: of totals. passed: blank words, printed notes, columns that are named as not read."""

FATES: tuple[Fate, ...] = ("fact", "line", "heading", "name", "total", "passed")

_WARNINGS = frozenset(
    (
        *("unknown-column", "unknown-row", "likely-total", "total-differs"),
        *("no-column", "no-row"),
    )
)
"""Codes of what may well be meant: everything else keeps a value from being taken."""

_LEAST_ADDENDS = 3
_SHOWN_PLACES = 3
_CLOSE = 1e-9


@dataclass(frozen=True, slots=True)
class AdoptedFact:
    """A cell that is taken: `value` of a number or a yes/no, `text` of words, `state` as `collect` has it."""

    level: str
    place: str
    year: int
    scenario: str
    input: str
    value: float | None
    text: str | None
    state: str
    file: str
    sheet: str
    cell: str

    @property
    def key(self) -> tuple[str, str, int, str, str]:
        """What it is a value of."""
        return (self.level, self.place, self.year, self.scenario, self.input)


@dataclass(frozen=True, slots=True)
class ColumnLine:
    """A line of the table that is shown: a column or row, what it is, whether that is sure."""

    file: str
    sheet: str
    name: str
    asked: str
    sure: bool
    example: str


@dataclass(slots=True)
class Reading:
    """What reading a table gives; `fates` has every filled cell of the region."""

    facts: list[AdoptedFact] = field(default_factory=list)
    fates: dict[Cell, Fate] = field(default_factory=dict)
    shown: list[ColumnLine] = field(default_factory=list)
    lines: dict[tuple[str, Severity, str, str], list[Cell]] = field(default_factory=dict)

    def add_line(
        self,
        code: str,
        message: str,
        cells: Iterable[Cell],
        hint: str = "",
        *,
        severity: Severity | None = None,
        fate: Fate | None = "line",
    ) -> None:
        """Tell of cells under one cause; `fate` is theirs, unless they have one."""
        severity = severity or ("warning" if code in _WARNINGS else "error")
        known = self.lines.setdefault((code, severity, message, hint), [])
        for cell in cells:
            known.append(cell)
            if fate:
                self.fates.setdefault(cell, fate)

    def problems(self, grid: Grid) -> list[Problem]:
        """One problem for each cause, at its first cell, with the count and the first places."""
        return [
            Problem(
                code,
                _with_places(message, cells),
                grid.position(cells[0] if cells else None),
                hint,
                severity,
            )
            for (code, severity, message, hint), cells in self.lines.items()
        ]


def _with_places(message: str, cells: Sequence[Cell]) -> str:
    if len(cells) < 2:  # noqa: PLR2004 - one place is told by the position
        return message
    some = ", ".join(map(name_cell, cells[:_SHOWN_PLACES]))
    rest = ", …" if len(cells) > _SHOWN_PLACES else ""
    count = ngettext("{count} cell", "{count} cells", len(cells)).format(count=len(cells))
    return f"{message} ({count}: {some}{rest})"


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of values: its label, its input where inputs stand in columns, and its reading."""

    column: int
    name: str
    label: Label
    meaning: RowMeaning | None = None
    note: bool = False


def read_region(source: AdoptedSource, region: Region, vocabulary: Vocabulary) -> Reading:
    """The facts and lines of a table."""
    return _RegionReader(source, region, vocabulary).read()


def match_source(source: AdoptedSource, region: Region) -> int:
    """How much of a source's names a region has: the more, the likelier it is meant."""
    if source.rows:
        wanted = {fold_label(name) for name in source.rows}
        inner = {fold_label(name).rpartition(" / ")[2] for name in source.rows}
        names = {
            fold_label(region.grid.cells[row, column])
            for row in range(*region.body)
            for column in region.grid.rows.get(row, ())
        }
        return len((wanted | inner) & names)
    labels = {
        fold_label(join_label(parts))
        for parts in label_columns(region.grid, region.heading).values()
    }
    return len({fold_label(name) for name in source.columns} & labels)


class _RegionReader:
    """Reads one region by one source; nothing of it outlives the reading."""

    def __init__(self, source: AdoptedSource, region: Region, vocabulary: Vocabulary) -> None:
        self.source, self.region, self.vocabulary = source, region, vocabulary
        self.grid, self.catalogue = region.grid, vocabulary.catalogue
        self.reading = Reading()
        self.labels = label_columns(region.grid, region.heading)
        self.names = {column: join_label(parts) for column, parts in self.labels.items()}
        self.readings = {
            column: vocabulary.read_label(parts) for column, parts in self.labels.items()
        }
        self.spans: dict[Cell, list[Cell]] = {}
        for cell, first in self.grid.covered.items():
            self.spans.setdefault(first, []).append(cell)
        self.answers: frozenset[int] = frozenset()
        self.numbers: dict[Cell, float] = {}
        self.rows_of: dict[int, tuple[str, str]] = {}

    # --- what stands where ------------------------------------------------------------------------

    def read(self) -> Reading:
        """Give every filled cell of the region its fate."""
        for row in (*self.region.titles, *self.region.heading, *self.region.repeated):
            for column in self.grid.rows.get(row, ()):
                self.reading.fates[row, column] = "heading"
        body = [
            row
            for row in range(*self.region.body)
            if row in self.grid.rows and row not in self.region.repeated
        ]
        for row in body:
            if is_numbering(self.grid, row, self.grid.rows[row]):
                self._set_row(row, "heading")
        body = [row for row in body if (row, self.grid.rows[row][0]) not in self.reading.fates]
        if self.source.rows:
            self._read_rows(body)
        else:
            self._read_columns(body)
        for row in body:
            for column in self.grid.rows[row]:
                self.reading.fates.setdefault((row, column), "passed")
        return self.reading

    def _set_row(self, row: int, fate: Fate) -> None:
        for column in self.grid.rows.get(row, ()):
            self.reading.fates.setdefault((row, column), fate)

    def _find_named(self, name: str) -> int | None:
        """The column with this label."""
        wanted = fold_label(name)
        found = [column for column, label in self.names.items() if fold_label(label) == wanted]
        return found[0] if len(found) == 1 else None

    def _find_key(self, key: str) -> int | None:
        found = [column for column, label in self.readings.items() if label.key == key]
        return found[0] if len(found) == 1 else None

    def _year_column(self) -> int | None:
        if isinstance(self.source.year, str):
            return self._find_named(self.source.year)
        return None if self.source.year is not None else self._find_key("year")

    def _skips(self, name: str) -> bool:
        return any(match_name(name, pattern) for pattern in self.source.skip)

    # --- inputs in columns ------------------------------------------------------------------------

    def _read_columns(self, body: Sequence[int]) -> None:
        wanted = {fold_label(name): asked for name, asked in self.source.columns.items()}
        found: dict[int, _Column] = {}
        for column, name in self.names.items():
            asked = wanted.pop(fold_label(name), None)
            if asked is not None and not self._skips(name):
                found[column] = _Column(column, name, self.readings[column], RowMeaning((asked,)))
        for label in wanted:
            written = next(name for name in self.source.columns if fold_label(name) == label)
            message = _("the table has no column “{name}”").format(name=written)
            self.reading.add_line("no-column", message, ())
        self.answers = frozenset(found)
        place = self._find_named(self.source.school) if self.source.school else None
        if self.source.school and place is None:
            message = _("the table has no column “{name}”").format(name=self.source.school)
            self.reading.add_line("no-column", message, ())
        keys = {
            column: label.key
            for column, label in self.readings.items()
            if label.key in {"number", "unit", "scenario", "place"}
        }
        year, scenario = self._year_column(), self._find_key("scenario")
        own = {one for one in (place, year, scenario) if one is not None} | set(keys)
        self._tell_columns(body, found, own)
        rows = []
        for row in body:
            self._name_cells(row, own)
            if self._is_total_row(row, place, own):
                self._take_total(row)
                continue
            rows.append(row)
        blank = [row for row in rows if place is not None and not self._place_text(row, place)]
        for row in self._find_sums(blank, rows, tuple(found)):
            self._take_total(row)
            rows.remove(row)
        self._tell_likely_totals(rows, tuple(found), place)
        for row in rows:
            where = self._find_place(row, place)
            if where is None:
                continue
            self.rows_of[row] = where
            for one in found.values():
                self._read_value((row, one.column), one, one.meaning, where, row, year, scenario)
        self._compare_totals(rows, tuple(found))

    def _name_cells(self, row: int, own: Iterable[int]) -> None:
        for column in own:
            if (row, column) in self.grid.cells:
                self.reading.fates.setdefault((row, column), "name")

    def _place_text(self, row: int, column: int) -> str:
        return " ".join(self.grid.text(row, column).split())

    def _find_place(self, row: int, column: int | None) -> tuple[str, str] | None:
        """The place of a row; None where it is told that there is none."""
        cells = [
            (row, other) for other in self.grid.rows[row] if (row, other) not in self.reading.fates
        ]
        if column is None:
            where = self._constant_place()
            if where is None and cells:
                message = _("it is not said whose numbers these are")
                hint = _("write in sources.yaml: constant: {school: …} or {municipality: …}")
                self.reading.add_line("no-place", message, cells, hint)
            return where
        text = self._place_text(row, column)
        if not text:
            if cells:
                message = _("the row names no school")
                self.reading.add_line("no-place", message, cells)
            return None
        return self._resolve_place(text, cells)

    def _resolve_place(self, text: str, cells: Sequence[Cell]) -> tuple[str, str] | None:
        for name, place in self.source.schools.items():
            if fold_name(name) == fold_name(text):
                text = place
        found = self.vocabulary.find_places(text)
        if len(found) == 1:
            return next(iter(found))
        if not cells:
            return None
        if found:
            named = ", ".join(f"{place} ({level})" for level, place in sorted(found))
            message = _("“{name}” may be several: {places}")
            message = message.format(name=shorten(text), places=named)
            hint = _("write in sources.yaml: schools: {{{name}: …}}").format(name=shorten(text))
            self.reading.add_line("ambiguous-place", message, cells, hint)
            return None
        message = _("there is no school “{name}”").format(name=shorten(text))
        near = self.vocabulary.offer_places(text)
        hint = _("write in sources.yaml: schools: {{{name}: …}}").format(name=f'"{shorten(text)}"')
        if near:
            offered = _("”, “").join(map(self.vocabulary.name_place, near))
            hint = _("perhaps “{names}”; {hint}").format(names=offered, hint=hint)
        self.reading.add_line("unknown-place", message, cells, hint)
        return None

    def _constant_place(self) -> tuple[str, str] | None:
        for level in self.catalogue.places:
            if level in self.source.constant:
                name = self.source.constant[level]
                found = {key for key in self.vocabulary.find_places(name) if key[0] == level}
                return found.pop() if len(found) == 1 else (level, name)
        return None

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
        return any(text and (self.vocabulary.is_total(text) or self._skips(text)) for text in texts)

    def _take_total(self, row: int) -> None:
        for column in self.grid.rows[row]:
            cell = (row, column)
            self.reading.fates[cell] = "total"
            number = parse_number(self.grid.cells[cell])
            if number is not None:
                self.numbers[cell] = float(number)

    def _find_sums(
        self, rows: Sequence[int], body: Sequence[int], columns: Sequence[int]
    ) -> list[int]:
        """Those of `rows` that equal the sum of all other rows in every column of numbers."""
        numbers = {row: self._numbers_of(row, columns) for row in body}
        found = []
        for row in rows:
            others = [
                numbers[other] for other in body if other != row and any(numbers[other].values())
            ]
            own = numbers[row]
            sums = Counter[int]()
            for other in others:
                sums.update(other)
            if (
                len(others) >= _LEAST_ADDENDS
                and any(own.values())
                and all(abs(own.get(column, 0) - sums[column]) < _CLOSE for column in {*own, *sums})
            ):
                found.append(row)
        return found

    def _numbers_of(self, row: int, columns: Sequence[int]) -> dict[int, float]:
        read = {column: parse_number(self.grid.cells.get((row, column), "")) for column in columns}
        return {column: float(number) for column, number in read.items() if number is not None}

    def _tell_likely_totals(
        self, rows: Sequence[int], columns: Sequence[int], place: int | None
    ) -> None:
        named = [row for row in rows if place is not None and self._place_text(row, place)]
        for row in self._find_sums(named, named, columns):
            message = _("“{name}” looks like a total: it equals the sum of the other rows")
            name = shorten(self._place_text(row, place or 0))
            hint = _("if it is one, write in sources.yaml: skip: [{name}]").format(name=f'"{name}"')
            cells = [(row, column) for column in columns if (row, column) in self.grid.cells]
            self.reading.add_line("likely-total", message.format(name=name), cells, hint, fate=None)

    def _compare_totals(self, rows: Sequence[int], columns: Sequence[int]) -> None:
        """What a total of the book says, and what the schools taken add up to."""
        totals = sorted({row for row, _column in self.numbers})
        taken = {(fact.cell): fact.value for fact in self.reading.facts if fact.value is not None}
        before = -1
        for total in totals:
            name = " ".join(self.grid.text(total, column) for column in self.grid.rows[total][:2])
            for column in columns:
                written = self.numbers.get((total, column))
                if written is None or "средн" in name.casefold():
                    continue
                sums = [
                    sum(
                        taken.get(name_cell((row, column)), 0) or 0
                        for row in rows
                        if first < row < last
                    )
                    for first, last in ((-1, self.grid.height), (before, total))
                ]
                if all(abs(written - one) > _CLOSE for one in sums):
                    self._tell_difference(
                        (total, column), written, sums[0], self.names.get(column, "")
                    )
            before = total

    def _tell_difference(self, cell: Cell, written: float, added: float, name: str) -> None:
        message = _("“{name}”: the total of the book is {written}, the schools add up to {added}")
        message = message.format(name=shorten(name), written=_show(written), added=_show(added))
        self.reading.add_line("total-differs", message, [cell], fate=None)

    # --- inputs in rows ---------------------------------------------------------------------------

    def _read_rows(self, body: Sequence[int]) -> None:
        wanted = {fold_label(name): asked for name, asked in self.source.rows.items()}
        column = find_label_column(self.region, body, self.readings, self.vocabulary, wanted)
        if column is None:
            message = _("the table has none of the rows that sources.yaml names")
            cells = [(row, one) for row in body for one in self.grid.rows[row]]
            self.reading.add_line("no-rows", message, cells)
            return
        rows = list_body_rows(self.region, body, column, self.readings, self.vocabulary, wanted)
        year, scenario = self._year_column(), self._find_key("scenario")
        place = self._find_named(self.source.school) if self.source.school else None
        own = {
            one
            for one in (
                column,
                year,
                scenario,
                place,
                self._find_key("number"),
                self._find_key("unit"),
            )
            if one is not None
        }
        values = self._value_columns(own, rows)
        self.answers = frozenset(values)
        self._tell_columns(body, values, own)
        seen: set[str] = set()
        for row in rows:
            for line in row.lines:
                self._name_cells(line, own)
            label = fold_label(join_label(row.label))
            text = row.label[-1] if row.label else ""
            if text and (self.vocabulary.is_total(text) or self._skips(text)):
                for line in row.lines:
                    self._take_total(line)
                continue
            asked = wanted.get(label)
            seen.add(label)
            self._read_row(row, asked, values, year, scenario, place)
        for label in wanted.keys() - seen:
            written = next(name for name in self.source.rows if fold_label(name) == label)
            message = _("the table has no row “{name}”").format(name=shorten(written))
            self.reading.add_line("no-row", message, ())
        self._compare_across(rows, values)

    def _value_columns(self, own: set[int], rows: Sequence[BodyRow]) -> dict[int, _Column]:
        """Columns of values: of a place, a year, a scenario, of «значение», or the only one left."""
        values: dict[int, _Column] = {}
        left = []
        for column in range(self.grid.left, self.grid.width):
            label = self.readings.get(column, Label())
            name = self.names.get(column, "")
            if column in own or label.total or self._skips(name):
                continue
            one = _Column(column, name, label, note=label.key == "note")
            said = label.place or label.year is not None or label.scenario or label.key == "value"
            if one.note or (label.known and said):
                values[column] = one
            elif name and self._resolves(name):
                values[column] = one
            elif any((line, column) in self.grid.cells for row in rows for line in row.lines):
                left.append(one)
        if (
            len(left) == 1
            and all(one.note for one in values.values())
            and left[0].label.place is None
        ):
            values[left[0].column] = left[0]
        return values

    def _resolves(self, name: str) -> bool:
        return any(fold_name(known) == fold_name(name) for known in self.source.schools)

    def _read_row(
        self,
        row: BodyRow,
        asked: tuple[str, ...] | None,
        values: Mapping[int, _Column],
        year: int | None,
        scenario: int | None,
        place: int | None,
    ) -> None:
        cells = [
            (line, column)
            for column in values
            for line in row.lines
            if (line, column) in self.grid.cells
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
                where = self._place_of(one, cell, place)
                if where is not None:
                    self._read_value(cell, one, RowMeaning(asked), where, cell[0], year, scenario)
        if cells:
            self._show(join_label(row.label), ", ".join(asked), True, self.grid.cells[cells[0]])

    def _place_of(self, one: _Column, cell: Cell, place: int | None) -> tuple[str, str] | None:
        if one.label.place is not None:
            return one.label.place
        if self._resolves(one.name):
            return self._resolve_place(one.name, [cell])
        return self._find_place(cell[0], place) if place is not None else self._whole_place(cell)

    def _whole_place(self, cell: Cell) -> tuple[str, str] | None:
        where = self._constant_place()
        if where is None:
            message = _("it is not said whose numbers these are")
            hint = _("write in sources.yaml: constant: {school: …} or {municipality: …}")
            self.reading.add_line("no-place", message, [cell], hint)
        return where

    def _tell_row(self, row: BodyRow, cells: Sequence[Cell]) -> None:
        """Cells of a row that is no input: computed, left blank by the form, or not understood."""
        if not cells:
            return
        meaning = row.meaning
        if meaning is not None and meaning.computed:
            message = _("indicators that are computed: their values are not taken, counts are")
            self.reading.add_line("computed-indicator", message, cells, severity="note")
        elif meaning is not None and not meaning.inputs:
            message = _("the form asks nothing in these rows")
            self.reading.add_line("nothing-asked", message, cells, severity="note")
        else:
            name = shorten(join_label(row.label)) or name_cell((row.lines[0], self.grid.left))
            message = _("the row “{name}” is no input that is known").format(name=name)
            offers = self.vocabulary.offer_inputs(row.label) if row.label else ()
            hint = _("write it in sources.yaml under rows")
            if row.ambiguous:
                message = _("the row “{name}” may be several: {inputs}")
                message = message.format(name=name, inputs=", ".join(row.ambiguous))
            elif offers:
                named = ", ".join(
                    f"{one} («{shorten(self.vocabulary.name_input(one))}»)" for one in offers
                )
                hint = _("perhaps {names}; write it in sources.yaml under rows").format(names=named)
            self.reading.add_line("unknown-row", message, cells, hint)
            example = self.grid.cells[cells[0]]
            self._show(name, " | ".join(row.ambiguous or offers), False, example)

    def _compare_across(self, rows: Sequence[BodyRow], values: Mapping[int, _Column]) -> None:
        """Columns of totals across schools, held against what the schools add up to."""
        taken = {fact.cell: fact.value or 0 for fact in self.reading.facts}
        for column, label in self.readings.items():
            if not label.total:
                continue
            for row in rows:
                for line in row.lines:
                    number = parse_number(self.grid.cells.get((line, column), ""))
                    cells = [name_cell((line, one)) for one in values]
                    mine = [
                        name_cell((line, one.column))
                        for one in values.values()
                        if (one.label.year, one.label.scenario) == (label.year, label.scenario)
                    ]
                    if number is None or not any(cell in taken for cell in cells):
                        continue
                    added = sum(taken.get(cell, 0) for cell in mine)
                    if abs(number - added) > _CLOSE:
                        self._tell_difference(
                            (line, column), float(number), added, join_label(row.label)
                        )

    # --- columns that are told --------------------------------------------------------------------

    def _tell_columns(
        self, body: Sequence[int], found: Mapping[int, _Column], own: Iterable[int]
    ) -> None:
        """Show what is read, and give the cells of other columns their fate."""
        names = {*own}
        for column in range(self.grid.left, self.grid.width):
            cells = [(row, column) for row in body if (row, column) in self.grid.cells]
            name, label = self.names.get(column, ""), self.readings.get(column, Label())
            if column in found:
                asked = found[column].meaning
                if asked is not None and cells:
                    self._show(name, asked.inputs[0], True, self.grid.cells[cells[0]])
                continue
            if not cells or column in names:
                continue
            if label.total or (name and self._skips(name)):
                for cell in cells:
                    self.reading.fates.setdefault(cell, "total")
            elif label.key == "note":
                message = _("notes are not read").format(name=shorten(name))
                self.reading.add_line("notes", message, cells, severity="note", fate="passed")
            else:
                self._tell_column(column, cells, name, label)

    def _tell_column(self, column: int, cells: list[Cell], name: str, label: Label) -> None:
        letter = name_cell((0, column)).rstrip("0123456789")
        if label.meaning is not None and label.meaning.computed and label.known:
            message = _("indicators that are computed: their values are not taken, counts are")
            self.reading.add_line("computed-indicator", message, cells, severity="note")
            self._show(name, _("is computed"), False, self.grid.cells[cells[0]])
            return
        offers = label.ambiguous or self.vocabulary.offer_inputs(
            label.rest or self.labels.get(column, ())
        )
        if label.ambiguous:
            message = _("the column “{name}” may be several: {inputs}")
            message = message.format(name=shorten(name), inputs=", ".join(label.ambiguous))
        elif name:
            message = _("the column “{name}” is no input that is known: it is not read")
            message = message.format(name=shorten(name))
        else:
            message = _("the column {letter} has no heading: it is not read").format(letter=letter)
        hint = _("write it in sources.yaml under columns")
        if self.source.rows:
            hint = ""
        elif offers and not label.ambiguous:
            named = ", ".join(
                f"{one} («{shorten(self.vocabulary.name_input(one))}»)" for one in offers
            )
            hint = _("perhaps {names}; write it in sources.yaml under columns").format(names=named)
        if self.source.rows and name and (near := self.vocabulary.offer_places(name)):
            offered = _("”, “").join(map(self.vocabulary.name_place, near))
            hint = _("write in sources.yaml: schools: {{{name}: …}}").format(
                name=f'"{shorten(name)}"'
            )
            hint = _("perhaps “{names}”; {hint}").format(names=offered, hint=hint)
        self.reading.add_line("unknown-column", message, cells, hint)
        self._show(name or letter, " | ".join(offers), False, self.grid.cells[cells[0]])

    def _show(self, name: str, asked: str, sure: bool, example: str) -> None:
        line = ColumnLine(self.grid.file, self.grid.sheet, name, asked, sure, shorten(example))
        self.reading.shown.append(line)

    # --- one cell ---------------------------------------------------------------------------------

    def _read_value(
        self,
        cell: Cell,
        one: _Column,
        meaning: RowMeaning | None,
        where: tuple[str, str],
        row: int,
        year_column: int | None,
        scenario_column: int | None,
    ) -> None:
        text = self.grid.cells.get(cell)
        if text is None or meaning is None or cell in self.reading.fates:
            return
        if any(
            row != cell[0] or column in self.answers for row, column in self.spans.get(cell, ())
        ):
            message = _("a merged cell over several answers: whose is it?")
            self.reading.add_line("merged-cell", message, [cell])
            return
        asked = self._choose_input(cell, text, meaning, one)
        if asked is None:
            return
        year = self._find_year(cell, one, row, year_column, asked)
        scenario = self._find_scenario(cell, one, row, scenario_column)
        if year is None or scenario is None or not self._fits_level(cell, asked, where):
            return
        self._take(cell, text, asked, (where[0], where[1], year, scenario))

    def _choose_input(
        self, cell: Cell, text: str, meaning: RowMeaning, one: _Column
    ) -> Input | None:
        """The input that a cell answers: numbers the only numeric one, words the only one of words."""
        inputs = [
            self.catalogue.inputs[name] for name in meaning.inputs if name in self.catalogue.inputs
        ]
        if one.note:
            inputs = [asked for asked in inputs if asked.type in TEXTUAL]
            if fold_name(text) in self.vocabulary.notes or not inputs:
                message = _("notes are not read")
                self.reading.add_line("notes", message, [cell], severity="note", fate="passed")
                return None
        if len(inputs) > 1:
            number = parse_number(text) is not None
            inputs = [
                asked
                for asked in inputs
                if (asked.type in NUMERIC if number else asked.type in TEXTUAL)
            ]
        if len(inputs) == 1:
            return inputs[0]
        message = _("the row asks several things: which of them is this?")
        hint = ", ".join(meaning.inputs)
        self.reading.add_line("several-inputs", message, [cell], hint)
        return None

    def _find_year(
        self, cell: Cell, one: _Column, row: int, column: int | None, asked: Input
    ) -> int | None:
        said: set[int] = set()
        if one.label.year is not None:
            said.add(one.label.year)
        if column is not None:
            written = read_year_label(self.grid.text(row, column))
            if written is None or written.year is None:
                message = _("the row names no year")
                if text := self.grid.text(row, column):
                    message = _("“{text}” is no year").format(text=shorten(text))
                self.reading.add_line("no-year", message, [cell])
                return None
            said.add(written.year)
        if not said and isinstance(self.source.year, int):
            said.add(self.source.year)
            if self.source.rows and asked.asked_for == "previous":
                message = _("rows that ask of the year before are written to it: {year}")
                message = message.format(year=self.source.year - 1)
                self.reading.add_line("year-before", message, [cell], severity="note", fate=None)
                return self.source.year - 1
        if len(said) == 1:
            return said.pop()
        message = _("the year is not known")
        if said:
            message = _("the row and the column name different years")
        hint = _("write in sources.yaml: year: 2024")
        self.reading.add_line("no-year", message, [cell], hint)
        return None

    def _find_scenario(self, cell: Cell, one: _Column, row: int, column: int | None) -> str | None:
        said = {one.label.scenario} - {""}
        if column is not None and (text := self.grid.text(row, column)):
            scenario = read_scenario(text)
            if scenario is None:
                message = _("“{text}” is neither a fact nor a forecast").format(text=shorten(text))
                self.reading.add_line("bad-scenario", message, [cell])
                return None
            said.add(scenario)
        if not said:
            return read_scenario(self.source.constant.get("scenario", "")) or "fact"
        if len(said) > 1:
            message = _("the row and the column name different scenarios")
            self.reading.add_line("bad-scenario", message, [cell])
            return None
        return said.pop()

    def _fits_level(self, cell: Cell, asked: Input, where: tuple[str, str]) -> bool:
        if asked.level == where[0]:
            return True
        message = _("“{name}” is given by level “{wanted}”, not by “{level}”")
        message = message.format(
            name=shorten(self.vocabulary.name_input(asked.id)), wanted=asked.level, level=where[0]
        )
        self.reading.add_line("input-of-other-level", message, [cell])
        return False

    def _take(self, cell: Cell, text: str, asked: Input, key: tuple[str, str, int, str]) -> None:
        read = read_cell(asked, text)
        name = shorten(self.vocabulary.name_input(asked.id))
        shown = shorten(text)
        if asked.type == "count" and text.strip(UNREADABLE_MARK).rstrip().endswith("%"):
            message = _("“{name}” asks a count, and here is a percentage").format(name=name)
            hint = _("a percentage is taken only into what is asked in percent")
            self.reading.add_line("percent-for-count", message, [cell], hint)
            return
        if read.code or (is_percent(asked) and _is_share(text)):
            code = read.code or "share-or-percent"
            message, hint = describe_wrong(code, asked, text.removeprefix(UNREADABLE_MARK))
            message = message.replace("{name}", name).replace("{text}", shown)
            self.reading.add_line(code, message, [cell], hint)
            return
        state = "not_applicable" if read.state == NOT_APPLICABLE else "value"
        if read.value is None and state == "value":
            message = _("words that stand for an empty cell, such as “{text}”").format(text=shown)
            self.reading.add_line("not-filled", message, [cell], severity="note", fate="passed")
            return
        number = read.value if isinstance(read.value, int | float) else None
        self.reading.fates[cell] = "fact"
        self.reading.facts.append(
            AdoptedFact(
                *key,
                asked.id,
                None if number is None else float(number),
                None if number is not None or state != "value" else text.strip(),
                state,
                self.grid.file,
                self.grid.sheet,
                name_cell(cell),
            )
        )


def _is_share(text: str) -> bool:
    """Whether a number in a cell of percents may be a share of one: 0,85."""
    number = parse_number(text)
    return number is not None and not float(number).is_integer() and abs(number) < 1


def _show(number: float) -> str:
    return f"{number:.10g}".replace(".", ",")
