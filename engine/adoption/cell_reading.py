"""One cell of a table: what it answers, whose, of which year and scenario, and what it says."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from engine.adoption.grids import name_cell
from engine.adoption.readings import AdoptedFact, ColumnLine, Fate, TableReading
from engine.adoption.recognition import (
    find_region_topic,
    find_stated_places,
    offer_stated_places,
)
from engine.adoption.regions import (
    Region,
    find_stated_years,
    join_label,
    list_year_texts,
)
from engine.adoption.sources_file import AdoptedSource, fold_label, match_name
from engine.adoption.stated_terms import (
    StatedScenario,
    find_other_unit,
    find_stated_part,
    find_stated_scenario,
    find_stated_units,
    find_unit_at_end,
    find_year_part,
    read_stated_scenario,
    split_number,
)
from engine.adoption.title_places import find_all_places
from engine.adoption.vocabulary import Label, RowMeaning, Vocabulary, find_years, read_year_label
from engine.catalogue.model import NUMERIC, TEXTUAL, Input
from engine.data.cells import (
    describe_no_value,
    describe_wrong,
    has_no_value,
    is_formula,
    parse_number,
    read_answer,
    read_yes_no,
    show_answer,
)
from engine.data.facts import describe_no_year, is_doubtful_period, read_scenario
from engine.data.frame_names import NOT_APPLICABLE
from engine.data.tables import UNREADABLE_MARK, shorten, strip_mark
from engine.data.total_names import may_be_total
from engine.level_words import name_level, speak_of
from engine.problems import Severity, describe_difference
from engine.same_names import fold_name
from engine.translation import gettext as _
from engine.units import Unit, read_measure
from engine.workbooks.addresses import name_column, name_range
from engine.workbooks.odd_cells import Cell

_BETWEEN_NUMBERS = re.compile(r"[/|;]|[^\W\d_]+")


@dataclass(frozen=True)
class ValueColumn:
    """A column of values: its label, its input where inputs stand in columns, and its reading.

    What its name says is read once, and not for each of its cells.
    """

    column: int
    name: str
    label: Label
    meaning: RowMeaning | None = None
    note: bool = False

    @cached_property
    def years(self) -> frozenset[int]:
        """The years in its name."""
        return find_years(self.name)

    @cached_property
    def year_part(self) -> str:
        """The word in its name that says a part of a year; empty where none does."""
        return find_year_part(self.name)

    @cached_property
    def is_doubtful(self) -> bool:
        """Whether its name is a period that may be no year."""
        return is_doubtful_period(self.name)

    @cached_property
    def scenario(self) -> StatedScenario | None:
        """Fact or forecast in words of its name that its label does not have."""
        return None if self.label.known else read_stated_scenario([self.name])


class Remark(NamedTuple):
    """A line of the protocol but for the cells of which it is told; see `TableReading.add_line`."""

    code: str
    message: str
    hint: str = ""
    severity: Severity | None = None
    fate: Fate | None = "line"
    at: Cell | None = None


@dataclass(frozen=True, slots=True)
class CellTerms:
    """Of which year and scenario a cell is; `year` is None where that is not known.

    `doubtful`: its unit, its scenario or a part of a year keeps it from being taken. `remarks`: what
    is told of it.
    """

    year: int | None
    scenario: str
    doubtful: bool
    remarks: tuple[Remark, ...]


class CellReader:
    """Reads cells of one region by one source into a reading; nothing of it outlives that."""

    def __init__(self, source: AdoptedSource, region: Region, vocabulary: Vocabulary) -> None:
        self.source, self.region, self.vocabulary = source, region, vocabulary
        self.grid, self.catalogue = region.grid, vocabulary.catalogue
        self.reading = TableReading()
        self.labels = region.labels
        self.names = {column: join_label(parts) for column, parts in self.labels.items()}
        self.headings, self.folded = region.names, region.folded
        self.readings = dict(region.readings)
        self.spans: dict[Cell, list[Cell]] = {}
        for cell, first in self.grid.covered.items():
            self.spans.setdefault(first, []).append(cell)
        self.answers: frozenset[int] = frozenset()
        self.beside: dict[int, tuple[int, int]] = {}
        self.year: int | None = None
        self.year_column: int | None = None
        self.scenario_column: int | None = None
        self.numbers: dict[Cell, float] = {}
        self.refused: set[str] = set()
        self.units = {column: self._find_end_units(parts) for column, parts in self.labels.items()}
        self.row_units: dict[int, Sequence[Unit | None]] = {}
        self.own_units: dict[int, Unit] = {}
        self.column_terms: dict[int, tuple[Input, CellTerms]] = {}
        self.letters = {column: name_column(column + 1) for column in self.labels}
        self.inner_names: dict[Cell, str] = {}
        self.topic = find_region_topic(region, vocabulary)
        self.title_units = find_stated_units(region)
        self.title_part = find_stated_part(region)
        self.title_scenario = find_stated_scenario(region)

    def _find_named(self, name: str) -> int | None:
        """The column with this label."""
        wanted = fold_label(name)
        found = [column for column, label in self.folded.items() if label == wanted]
        return found[0] if len(found) == 1 else None

    def _find_key(self, key: str) -> int | None:
        found = [column for column, label in self.readings.items() if label.key == key]
        return found[0] if len(found) == 1 else None

    def _find_axes(self) -> None:
        """The columns of years, scenarios and units, where rows name them; else the year of the table."""
        stated = find_stated_years(self.region)
        if isinstance(self.source.year, str):
            self.year_column = self._find_named(self.source.year)
        elif self.source.year is not None:
            self.year = self.source.year
            if len(stated) == 1 and stated[0] != self.year:
                self._tell_other_year(self.year, stated[0])
        else:
            self.year_column = self._find_key("year")
            self.year = stated[0] if self.year_column is None and len(stated) == 1 else None
        self.scenario_column = self._find_key("scenario")
        column = self._find_key("unit")
        if column is not None:
            units = {row: read_measure(self.grid.text(row, column)) for row in self.grid.rows}
            self.own_units = {row: unit for row, unit in units.items() if unit is not None}

    def _tell_other_year(self, written: int, stated: int) -> None:
        message = _("read as of {written}, as sources.yaml says; the table itself says {stated}")
        hint = _("correct the year in sources.yaml, or leave it out: then the table's own is taken")
        message = message.format(written=written, stated=stated)
        self.reading.add_line("year-differs", message, (), hint)

    def _skips(self, name: str) -> bool:
        return any(match_name(name, pattern) for pattern in self.source.skip)

    def _skips_column(self, column: int) -> bool:
        return any(
            self._skips(names[column]) for names in (self.names, self.headings) if column in names
        )

    def _find_same(self, name: str) -> list[int]:
        """The columns that share a label, where several do."""
        wanted = fold_label(name)
        columns = [column for column, label in self.names.items() if fold_label(label) == wanted]
        return columns if len(columns) > 1 else []

    def _tell_missing(self, name: str) -> None:
        """A column that sources.yaml names is not there, or there are several such."""
        message, hint = _("the table has no column “{name}”").format(name=shorten(name)), ""
        if columns := self._find_same(name):
            message, hint = self._describe_same(columns)
        self.reading.add_line("no-column", message, (), hint)

    def _describe_same(self, columns: Sequence[int]) -> tuple[str, str]:
        message = _("several columns are headed “{name}”: {columns}; which is it?")
        letters = ", ".join(name_column(column + 1) for column in columns)
        message = message.format(name=shorten(self.names[columns[0]]), columns=letters)
        hint = _("name the right one in sources.yaml so: “{name}”")
        return message, hint.format(name=self.headings[columns[0]])

    def _find_place(self, row: int, column: int | None) -> tuple[str, str] | None:
        """The place of a row; None where it is told that there is none."""
        if column is None:
            where = self._constant_place()
            if where is None and (cells := self._list_open_cells(row)):
                self._tell_no_place(cells)
            return where
        text = self._place_text(row, column)
        if not self.source.schools and len(found := self.vocabulary.find_places(text)) == 1:
            return next(iter(found))
        cells = self._list_open_cells(row)
        if cells and self._refuse_name([(row, column)], cells):
            return None
        if not text:
            if cells:
                message = speak_of(
                    self.catalogue.levels[0],
                    _("the row names no school"),
                    _("the row names no place: {level}"),
                )
                hint = _("write the name in the row, or delete the row if it is a total")
                self.reading.add_line("no-place", message, cells, hint, at=(row, column))
            return None
        return self._resolve_place(text, cells, self._find_written((row, column)))

    def _list_open_cells(self, row: int) -> list[Cell]:
        """The cells of a row that have no fate yet."""
        return [
            (row, column)
            for column in self.grid.rows[row]
            if (row, column) not in self.reading.fates
        ]

    def _find_written(self, cell: Cell) -> Cell:
        """The cell that holds what is seen there: the first of merged ones."""
        return self.grid.covered.get(cell, cell)

    def _resolve_place(self, text: str, cells: Sequence[Cell], at: Cell) -> tuple[str, str] | None:
        for name, place in self.source.schools.items():
            if fold_name(name) == fold_name(text):
                text = place
        found = self.vocabulary.find_places(text)
        if len(found) == 1:
            return next(iter(found))
        if not cells:
            if at in self.grid.numbers and at not in self.grid.covered:
                self._tell_number_in_place_of_name(at, text)
            return None
        if found:
            named = ", ".join(f"{place} ({level})" for level, place in sorted(found))
            message = _("“{name}” may be several: {places}")
            message = message.format(name=shorten(text), places=named)
            hint = _("write in sources.yaml: schools: {{{name}: …}}").format(name=shorten(text))
            self.reading.add_line("ambiguous-place", message, cells, hint, at=at)
            return None
        message = speak_of(
            self.catalogue.levels[0],
            _("there is no school “{name}”"),
            _("there is no {level} “{name}”"),
            name=shorten(text),
        )
        near = self.vocabulary.offer_places(text)
        hint = _(
            "if schools.csv calls it otherwise, write in sources.yaml under schools; if it is not "
            "there, add it; if its numbers are not needed, write it under skip"
        )
        if may_be_total(text):
            message = speak_of(
                self.catalogue.levels[0],
                _("“{name}”: is it a total, or a school?"),
                _("“{name}”: is it a total, or a {level}?"),
                name=shorten(text),
            )
            hint = _(
                "if a total, write in sources.yaml: skip: [{name}]; else add it to schools.csv"
            )
            hint = hint.format(name=f'"{shorten(text)}"')
        elif near:
            hint = _("write in sources.yaml: schools: {{{name}: …}}")
            hint = hint.format(name=f'"{shorten(text)}"')
            offered = _("”, “").join(map(self.vocabulary.name_place, near))
            hint = _("perhaps “{names}”; {hint}").format(names=offered, hint=hint)
            if difference := describe_difference(text, self.vocabulary.name_place(near[0])):
                hint = f"{hint}. {difference}"
        self.reading.add_line("unknown-place", message, cells, hint, at=at, about=text)
        return None

    def _tell_number_in_place_of_name(self, at: Cell, text: str) -> None:
        """A number in the column of names, alone in its row, names nothing: it may be a value."""
        self.reading.fates.pop(at, None)
        message = speak_of(
            self.catalogue.levels[0],
            _("there is no school “{name}”"),
            _("there is no {level} “{name}”"),
            name=shorten(text),
        )
        hint = _("if it is a value, write it into the column of its input")
        self.reading.add_line("unknown-place", message, [at], hint, severity="warning")

    def _refuse_name(self, names: Iterable[Cell], cells: Sequence[Cell]) -> bool:
        """Whether one of the cells that name others has no value; then that is told of them."""
        for name in names:
            text = " ".join(self.grid.text(*name).split())
            if has_no_value(text):
                message, hint = describe_no_value(text)
                code = "formula-without-value" if is_formula(text) else "excel-error"
                self.reading.add_line(code, message, [name, *cells], hint, severity="error")
                return True
        return False

    def _constant_place(self) -> tuple[str, str] | None:
        for level in self.catalogue.places:
            if level in self.source.constant:
                name = self.source.constant[level]
                found = {key for key in self.vocabulary.find_places(name) if key[0] == level}
                return found.pop() if len(found) == 1 else (level, name)
        return None

    def _tell_no_place(self, cells: Sequence[Cell]) -> None:
        """Whose numbers they are is not said, or two places are named: they are offered."""
        message = _("it is not said whose numbers these are")
        hint = _("write in sources.yaml: constant: {school: …} or {municipality: …}")
        named = sorted(find_stated_places(self.region, self.vocabulary))
        near = () if named else offer_stated_places(self.region, self.vocabulary)
        if len(named) > 1:
            titles = (self.vocabulary.titles.get(key, key[1]) for key in named)
            message = _("several places are named, and it is not known whose these are: “{names}”")
            message = message.format(names=_("”, “").join(titles))
        elif near:
            school = f"{{{self.catalogue.levels[0]}: {near[0]}}}"
            hint = _("write in sources.yaml: constant: {school}").format(school=school)
            offered = _("”, “").join(map(self.vocabulary.name_place, near))
            hint = _("perhaps “{names}”; {hint}").format(names=offered, hint=hint)
        elif self.inner_names:
            message, hint = self._describe_inner_names()
        self.reading.add_line("no-place", message, cells, hint)

    def _describe_inner_names(self) -> tuple[str, str]:
        """Message and hint where schools are named below the heading and not above it."""
        texts = dict.fromkeys(self.inner_names.values())
        named = _("”, “").join(map(shorten, texts))
        places = sorted(find_all_places(texts, self.vocabulary))
        message = _(
            "whose numbers these are is not said above the heading; in {cell} stands “{name}”"
        ).format(cell=name_cell(next(iter(self.inner_names))), name=named)
        if len(texts) > 1:
            message = _("several schools are named below one heading: “{names}”")
            hint = _(
                "put above the heading the name of one, and give the others tables of their own"
            )
            return message.format(names=named), hint
        if len(places) == 1:
            ((level, place),) = places
            hint = _("if they are its numbers, write in sources.yaml: constant: {school}")
            return message, hint.format(school=f"{{{level}: {place}}}")
        near = self.vocabulary.offer_places(next(iter(texts)))
        if not near:
            return message, _(
                "there is no such school in schools.csv: add it, or correct its name, and write it "
                "above the heading"
            )
        offered = _("”, “").join(map(self.vocabulary.name_place, near))
        hint = _("write in sources.yaml: constant: {school}")
        hint = hint.format(school=f"{{{self.catalogue.levels[0]}: {near[0]}}}")
        return message, _("perhaps “{names}”; {hint}").format(names=offered, hint=hint)

    def _place_text(self, row: int, column: int) -> str:
        return " ".join(self.grid.text(row, column).split())

    def _read_value(
        self,
        cell: Cell,
        one: ValueColumn,
        meaning: RowMeaning | None,
        where: tuple[str, str],
    ) -> None:
        first = self.grid.covered.get(cell, cell)
        text = self.grid.cells.get(first)
        if text is None or meaning is None or cell in self.reading.fates:
            return
        merged = first in self.spans and self._lies_over_several(first, cell)
        if not merged and first != cell:
            return
        if one.column in self.column_terms:
            asked, terms = self.column_terms[one.column]
        else:
            answered = self._choose_input(cell, text, meaning, one, merged=merged)
            if answered is None:
                return
            asked, terms = answered, self._find_terms(cell[0], one, answered)
        for remark in terms.remarks:
            self._tell(remark, cell)
        if terms.year is None:
            return
        if asked.level != where[0]:
            own = asked.given_at.get(where[0])
            if own is None:
                self._tell_other_level(cell, asked, where)
                return
            asked = self.catalogue.inputs[own]
        key = (where[0], where[1], terms.year, terms.scenario)
        if terms.doubtful:
            self.reading.doubtful.append(self._make_unread(cell, text, asked, key))
        elif merged:
            self._take_unread(cell, text, asked, key)
        else:
            self._take(cell, text, asked, key)

    def _lies_over_several(self, first: Cell, cell: Cell) -> bool:
        """Whether a merged cell lies over several answers; that is told of the first of them."""
        if not any(row != first[0] or column in self.answers for row, column in self.spans[first]):
            return False
        if first == cell:
            message = _("the merged cells {span} lie over several answers: whose is it?")
            span = name_range(cell, max(self.spans[cell]))
            hint = _("unmerge the cells and write the number of each into its own cell")
            self.reading.add_line("merged-cell", message.format(span=span), [cell], hint)
        return True

    def _tell(self, remark: Remark, cell: Cell) -> None:
        code, message, hint, severity, fate, at = remark
        self.reading.add_line(code, message, [cell], hint, severity=severity, fate=fate, at=at)

    def _set_column_terms(self, columns: Iterable[ValueColumn]) -> None:
        """Decide once what columns of one input answer, where their rows have no say in it."""
        if self.year_column is not None or self.scenario_column is not None or self.own_units:
            return
        for one in columns:
            names = one.meaning.inputs if one.meaning is not None else ()
            if len(names) == 1 and names[0] in self.catalogue.inputs:
                asked = self.catalogue.inputs[names[0]]
                self.column_terms[one.column] = asked, self._find_terms(-1, one, asked)

    def _find_terms(self, row: int, one: ValueColumn, asked: Input) -> CellTerms:
        """Of which year and scenario the cell of a row is that answers an input in this column."""
        remarks: list[Remark] = []
        measured = self._has_unit_of(row, one, asked, remarks)
        # One cause is enough: what else may be doubtful is asked once the unit is right.
        whole = self._is_whole_year(one, remarks) if measured else True
        of_year: list[Remark] = []
        year = self._find_year(row, one, asked, of_year)
        of_scenario: list[Remark] = []
        scenario = self._find_scenario(row, one, of_scenario)
        if measured:
            remarks += (*(of_year if whole else ()), *of_scenario)
        doubtful = not measured or not whole or scenario is None
        return CellTerms(year, scenario or "fact", doubtful, tuple(remarks))

    def _has_unit_of(self, row: int, one: ValueColumn, asked: Input, remarks: list[Remark]) -> bool:
        """Whether no unit that is stated for the cell is another than that of the input."""
        ends = (*self.units.get(one.column, ()), *self.row_units.get(row, ()))
        own = self.own_units.get(row)
        stated = [unit for unit in (own, *ends) if unit is not None]
        of_table = not stated and not ends
        other = find_other_unit(asked, self.title_units if of_table else stated, titles=of_table)
        if other is None:
            return True
        remarks.append(Remark("other-unit", *self._describe_other_unit(asked, other)))
        return False

    def _find_end_units(self, names: Iterable[str]) -> list[Unit | None]:
        """The units that end names; None in place of one in a name that means something as a whole."""
        units = {name: read_measure(find_unit_at_end(name)) for name in names}
        known = self.vocabulary.find_meanings
        return [None if known(name) else unit for name, unit in units.items() if unit is not None]

    def _describe_other_unit(self, asked: Input, stated: Unit) -> tuple[str, str]:
        message = _("the table says “{stated}”, and “{name}” is asked in “{declared}”")
        if asked.unit is None:
            message = _("the table says “{stated}”, and “{name}” is asked without a unit")
        message = message.format(
            stated=stated.label,
            name=shorten(self.vocabulary.name_input(asked.id)),
            declared=asked.unit.label if asked.unit else "",
        )
        hint = _("write the numbers in the unit that is asked, or correct the unit in the table")
        return message, hint

    def _choose_input(
        self, cell: Cell, text: str, meaning: RowMeaning, one: ValueColumn, *, merged: bool
    ) -> Input | None:
        """The input that a cell answers: of several the only one that can be answered so."""
        if merged:
            only = meaning.inputs[0] if len(meaning.inputs) == 1 else ""
            return self.catalogue.inputs.get(only)
        inputs = [
            self.catalogue.inputs[name] for name in meaning.inputs if name in self.catalogue.inputs
        ]
        if one.note:
            inputs = [asked for asked in inputs if asked.type in TEXTUAL]
            bare = parse_number(text) is not None or read_yes_no(text).value is not None
            if bare or fold_name(text) in self.vocabulary.notes or not inputs:
                message = _("notes are not read")
                self.reading.add_line("notes", message, [cell], severity="note", fate="passed")
                return None
        if len(inputs) > 1:
            # «25 чел.» or «да» where a number is asked too is no name of anything.
            counted = not one.note and (
                any(sign.isdigit() for sign in text) or read_yes_no(text).value is not None
            )
            inputs = [
                asked
                for asked in inputs
                if not (counted and asked.type in TEXTUAL) and _answers(asked, text)
            ]
        if len(inputs) == 1:
            return inputs[0]
        names = "; ".join(
            f"{name} — {shorten(self.vocabulary.name_input(name))}" for name in meaning.inputs
        )
        message = _("the row asks several things: which of them is this?")
        hint = _("leave the one that is meant in sources.yaml under rows: {names}")
        if _has_several_numbers(text):
            message = _("several numbers in one cell: which is which?")
            hint = _("give each a row of its own, and name it in sources.yaml under rows: {names}")
        self.reading.add_line("several-inputs", message, [cell], hint.format(names=names))
        return None

    def _is_whole_year(self, one: ValueColumn, remarks: list[Remark]) -> bool:
        """Whether nothing says that it is a part of a year; `year` in sources.yaml overrules the titles."""
        text = ""
        if one.meaning is None and not one.label.known and one.year_part:
            text = one.name
        elif not isinstance(self.source.year, int):
            text = self.title_part
        if text:
            message = _("“{text}”: a part of a year or a day of it, and a whole year is due")
            hint = _("if the numbers hold for the year, write in sources.yaml: year: 2024")
            if text == one.name:
                hint = _("leave in the table the numbers of whole years")
            remarks.append(Remark("part-of-year", message.format(text=shorten(text)), hint))
        elif one.meaning is None and one.is_doubtful:
            remarks.append(Remark("no-year", *describe_no_year(one.name)))
            return False
        return not text

    def _find_year(
        self, row: int, one: ValueColumn, asked: Input, remarks: list[Remark]
    ) -> int | None:
        """The year of a cell; where it is not known, that is asked."""
        column = self.year_column
        said: set[int] = set()
        if one.label.year is not None:
            said.add(one.label.year)
        elif one.meaning is None and not one.label.known:
            if one.is_doubtful:
                return None
            said |= one.years
        if column is not None:
            written = read_year_label(self.grid.text(row, column))
            if written is None or written.year is None:
                message, hint = _("the row names no year"), ""
                if text := self.grid.text(row, column):
                    message, hint = describe_no_year(text)
                at = self._find_written((row, column))
                remarks.append(Remark("no-year", message, hint, at=at))
                return None
            said.add(written.year)
        if not said and self.year is not None:
            said.add(self.year)
            if self.source.rows and asked.asked_for == "previous":
                message = _("rows that ask of the year before are written to it: {year}")
                message = message.format(year=self.year - 1)
                remarks.append(Remark("year-before", message, severity="note", fate=None))
                return self.year - 1
        if len(said) != 1:
            remarks.append(self._ask_year(said))
            return None
        return said.pop()

    def _ask_year(self, said: Collection[int]) -> Remark:
        message = _("the year is not known")
        if said:
            message = _("the row and the column name different years")
        elif texts := list_year_texts(self.region):
            quoted = _("”, “").join(map(shorten, texts))
            message = _(
                "more years than one are named, and it is not known which is meant: “{texts}”"
            )
            message = message.format(texts=quoted)
        return Remark("no-year", message, _("write in sources.yaml: year: 2024"))

    def _find_scenario(self, row: int, one: ValueColumn, remarks: list[Remark]) -> str | None:
        """The scenario of a cell; where it is not known, that is asked."""
        column = self.scenario_column
        said = {one.label.scenario} - {""}
        if column is not None and (text := self.grid.text(row, column)):
            scenario = read_scenario(text)
            if scenario is None:
                message = _("“{text}” is neither a fact nor a forecast").format(text=shorten(text))
                at = self._find_written((row, column))
                remarks.append(Remark("bad-scenario", message, at=at))
                return None
            said.add(scenario)
        if self.year_column is not None:
            # «2024 (план)» in the column of years.
            of_year = read_year_label(self.grid.text(row, self.year_column))
            said |= {of_year.scenario} - {""} if of_year is not None else set()
        if not said and (stated := self._find_stated_scenario(one)) is not None:
            if not stated.scenario:
                remarks.append(_ask_scenario(stated))
                return None
            said.add(stated.scenario)
        if not said:
            return "fact"
        if len(said) > 1:
            message = _("the row and the column name different scenarios")
            remarks.append(Remark("bad-scenario", message))
            return None
        return said.pop()

    def _find_stated_scenario(self, one: ValueColumn) -> StatedScenario | None:
        """What the heading says in words of its own, else sources.yaml, else the texts around."""
        stated = one.scenario
        # «План» inside the name of an input that sources.yaml gives is a part of that name.
        if stated is not None and (stated.scenario or one.meaning is None):
            return stated
        if constant := self.source.constant.get("scenario"):
            return StatedScenario(read_scenario(constant) or "fact")
        return self.title_scenario

    def _tell_other_level(self, cell: Cell, asked: Input, where: tuple[str, str]) -> None:
        message = _("“{name}” is given by level “{wanted}”, not by “{level}”")
        message = message.format(
            name=shorten(self.vocabulary.name_input(asked.id)),
            wanted=name_level(asked.level),
            level=name_level(where[0]),
        )
        hint = ""
        if where[0] != self.catalogue.levels[0]:
            hint = _("if it is a total, write its name in sources.yaml under skip")
        self.reading.add_line("input-of-other-level", message, [cell], hint)

    def _lies_above(self, places: Iterable[tuple[str, str]], inputs: Iterable[str]) -> bool:
        """Whether the places lie above all that give the inputs: theirs are sums of these."""
        rank = self.catalogue.places.index
        known = (self.catalogue.inputs[one] for one in inputs if one in self.catalogue.inputs)
        levels = [max(map(rank, declared.given_at or [declared.level])) for declared in known]
        above = [rank(level) for level, _place in places]
        return bool(levels and above) and min(above) > max(levels)

    def _take(self, cell: Cell, text: str, asked: Input, key: tuple[str, str, int, str]) -> None:
        read = read_answer(asked, text)
        if read.code == "unreadable-cell":
            read = read_answer(asked, _strip_own_unit(asked, text))
        if read.code:
            remark = self._describe_wrong(read.code, text, asked)
            if read.value is None:
                self._tell(remark, cell)
                self._take_unread(cell, text, asked, key)
                return
            # A number outside of what is usual is a number.
            self._tell(remark._replace(severity="warning", fate=None), cell)
        state = "not_applicable" if read.state == NOT_APPLICABLE else "value"
        if read.value is None and state == "value":
            message = _("words that stand for an empty cell, such as “{text}”").format(
                text=shorten(text)
            )
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
                self._name_cell(cell),
            )
        )

    def _name_cell(self, cell: Cell) -> str:
        """The address of a cell that stands in a column with a label, or in another."""
        letters = self.letters.get(cell[1])
        return f"{letters}{cell[0] + 1}" if letters else name_cell(cell)

    def _describe_wrong(self, code: str, text: str, asked: Input) -> Remark:
        """What is told of a text that is no answer, or a doubtful one."""
        name = shorten(self.vocabulary.name_input(asked.id))
        percentage = text.rstrip().endswith("%") and not text.startswith(UNREADABLE_MARK)
        if asked.type == "count" and percentage:
            message = _("“{name}” asks a count, and here is a percentage").format(name=name)
            hint = _("a percentage is taken only into what is asked in percent")
            return Remark("percent-for-count", message, hint)
        unit = read_measure(split_number(text)[1])
        if code == "unreadable-cell" and asked.type in NUMERIC and unit is not None:
            return Remark("other-unit", *self._describe_other_unit(asked, unit))
        if code == "unreadable-cell" and asked.type in NUMERIC and _has_several_numbers(text):
            message = _("“{name}” asks one number, and “{text}” are several")
            hint = _("leave the one that is asked; put the others into rows of their own")
            return Remark("several-numbers", message.format(name=name, text=shorten(text)), hint)
        message, hint = describe_wrong(code, asked, text.removeprefix(UNREADABLE_MARK))
        message = message.replace("{name}", name)
        return Remark(code, message.replace("{text}", show_answer(asked, shorten(text))), hint)

    def _take_unread(
        self, cell: Cell, text: str, asked: Input, key: tuple[str, str, int, str]
    ) -> None:
        """Keep that the cell was filled, so that its answer is not taken for one never given."""
        self.reading.unread.append(self._make_unread(cell, text, asked, key))

    def _make_unread(
        self, cell: Cell, text: str, asked: Input, key: tuple[str, str, int, str]
    ) -> AdoptedFact:
        place = (self.grid.file, self.grid.sheet, name_cell(cell))
        written = strip_mark(text).strip()
        return AdoptedFact(*key, asked.id, None, written, "not_readable", *place)

    def _show(self, name: str, asked: str, sure: bool, example: str) -> None:
        name = name.replace(UNREADABLE_MARK, "")
        line = ColumnLine(self.grid.file, self.grid.sheet, name, asked, sure, shorten(example))
        self.reading.shown.append(line)


def _ask_scenario(stated: StatedScenario) -> Remark:
    message = _("“{text}”: are these facts or a forecast?")
    if stated.target:
        message = _("“{text}”: targets are no data, and nothing of them is taken")
    hint = _("if they are data, write in sources.yaml: constant: {scenario: fact} or forecast")
    if not stated.target:
        hint = _("write in sources.yaml: constant: {scenario: fact} or {scenario: forecast}")
    return Remark("no-scenario", message.format(text=shorten(stated.text)), hint)


def _has_several_numbers(text: str) -> bool:
    """Whether a cell holds more numbers than one: «12 / 5», «12 учеников, 5 педагогов»."""
    parts = _BETWEEN_NUMBERS.split(text)
    return sum(parse_number(part.strip(" .,:;()-–—")) is not None for part in parts) > 1


def _strip_own_unit(asked: Input, text: str) -> str:
    """The number of «512 чел.» where people are asked; the text as it is otherwise."""
    number, word = split_number(text)
    stated = read_measure(word)
    own = asked.type in NUMERIC and stated is not None and stated == asked.unit
    return number if own else text


def _answers(asked: Input, text: str) -> bool:
    read = read_answer(asked, _strip_own_unit(asked, text))
    return not read.code and (read.value is not None or read.state != 0)
