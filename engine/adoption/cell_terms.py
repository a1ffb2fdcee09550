"""Of which year and scenario a cell is, and in which unit: its row, its column and the titles say."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from engine.adoption.readings import Fate
from engine.adoption.source_tables import SourceTable, TableReader
from engine.adoption.stated_terms import (
    StatedScenario,
    find_other_unit,
    find_stated_part,
    find_stated_scenario,
    find_stated_units,
    find_unit_at_end,
    find_year_part,
    read_stated_scenario,
)
from engine.adoption.stated_years import find_stated_years, list_year_texts
from engine.adoption.vocabulary import Label, RowMeaning, find_years, read_year_label
from engine.catalogue.model import Input
from engine.data.facts import describe_no_year, is_doubtful_period, read_scenario
from engine.data.tables import shorten
from engine.problems import Severity
from engine.translation import gettext as _
from engine.units import Unit, read_measure
from engine.workbooks.addresses import Cell


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


class TermReader(TableReader):
    """Finds the year, the scenario and the unit of cells."""

    def __init__(self, table: SourceTable) -> None:
        super().__init__(table)
        self.year: int | None = None
        self.year_column: int | None = None
        self.scenario_column: int | None = None
        self.units = {column: self.find_end_units(parts) for column, parts in self.labels.items()}
        self.row_units: dict[int, Sequence[Unit | None]] = {}
        self.own_units: dict[int, Unit] = {}
        self.column_terms: dict[int, tuple[Input, CellTerms]] = {}
        self.title_units = find_stated_units(self.region)
        self.title_part = find_stated_part(self.region)
        self.title_scenario = find_stated_scenario(self.region)

    def find_axes(self) -> None:
        """The columns of years, scenarios and units, where rows name them; else the year of the table."""
        stated = find_stated_years(self.region)
        if isinstance(self.source.year, str):
            self.year_column = self.table.find_named(self.source.year)
        elif self.source.year is not None:
            self.year = self.source.year
            if len(stated) == 1 and stated[0] != self.year:
                self._tell_other_year(self.year, stated[0])
        else:
            self.year_column = self.table.find_key("year")
            self.year = stated[0] if self.year_column is None and len(stated) == 1 else None
        self.scenario_column = self.table.find_key("scenario")
        column = self.table.find_key("unit")
        if column is not None:
            units = {row: read_measure(self.grid.text(row, column)) for row in self.grid.rows}
            self.own_units = {row: unit for row, unit in units.items() if unit is not None}

    def _tell_other_year(self, written: int, stated: int) -> None:
        message = _("read as of {written}, as sources.yaml says; the table itself says {stated}")
        hint = _("correct the year in sources.yaml, or leave it out: then the table's own is taken")
        message = message.format(written=written, stated=stated)
        self.reading.add_line("year-differs", message, (), hint)

    def set_column_terms(self, columns: Iterable[ValueColumn]) -> None:
        """Decide once what columns of one input answer, where their rows have no say in it."""
        if self.year_column is not None or self.scenario_column is not None or self.own_units:
            return
        for values in columns:
            names = values.meaning.inputs if values.meaning is not None else ()
            if len(names) == 1 and names[0] in self.catalogue.inputs:
                declared = self.catalogue.inputs[names[0]]
                self.column_terms[values.column] = declared, self.find_terms(-1, values, declared)

    def find_terms(self, row: int, values: ValueColumn, declared: Input) -> CellTerms:
        """Of which year and scenario the cell of a row is that answers an input in this column."""
        remarks: list[Remark] = []
        measured = self._has_unit_of(row, values, declared, remarks)
        # One cause is enough: what else may be doubtful is asked once the unit is right.
        whole = self._is_whole_year(values, remarks) if measured else True
        of_year: list[Remark] = []
        year = self._find_year(row, values, declared, of_year)
        of_scenario: list[Remark] = []
        scenario = self._find_scenario(row, values, of_scenario)
        if measured:
            remarks += (*(of_year if whole else ()), *of_scenario)
        doubtful = not measured or not whole or scenario is None
        return CellTerms(year, scenario or "fact", doubtful, tuple(remarks))

    def _has_unit_of(
        self, row: int, values: ValueColumn, declared: Input, remarks: list[Remark]
    ) -> bool:
        """Whether no unit that is stated for the cell is another than that of the input."""
        ends = (*self.units.get(values.column, ()), *self.row_units.get(row, ()))
        own = self.own_units.get(row)
        stated = [unit for unit in (own, *ends) if unit is not None]
        of_table = not stated and not ends
        other = find_other_unit(declared, self.title_units if of_table else stated, titles=of_table)
        if other is None:
            return True
        remarks.append(Remark("other-unit", *self.describe_other_unit(declared, other)))
        return False

    def find_end_units(self, names: Iterable[str]) -> list[Unit | None]:
        """The units that end names; None in place of one in a name that means something as a whole."""
        units = {name: read_measure(find_unit_at_end(name)) for name in names}
        known = self.vocabulary.find_meanings
        return [None if known(name) else unit for name, unit in units.items() if unit is not None]

    def find_other_unit_of(self, name: str) -> tuple[Input, Unit] | None:
        """The input that a name means without the unit at its end, and that unit, if it is another."""
        unit = find_unit_at_end(name)
        title = name[: name.rfind(unit)].rstrip(" ,(/") if unit else ""
        declared = (
            self.catalogue.inputs.get(self.vocabulary.resolve_input(title)) if title else None
        )
        measure = read_measure(unit)
        if declared is None or measure is None:
            return None
        other = find_other_unit(declared, [measure])
        return (declared, other) if other else None

    def describe_other_unit(self, declared: Input, stated: Unit) -> tuple[str, str]:
        """Message and hint where the table states another unit than the input has."""
        message = _("the table says “{stated}”, and “{name}” is asked in “{declared}”")
        if declared.unit is None:
            message = _("the table says “{stated}”, and “{name}” is asked without a unit")
        message = message.format(
            stated=stated.label,
            name=shorten(self.vocabulary.name_input(declared.id)),
            declared=declared.unit.label if declared.unit else "",
        )
        hint = _("write the numbers in the unit that is asked, or correct the unit in the table")
        return message, hint

    def _is_whole_year(self, values: ValueColumn, remarks: list[Remark]) -> bool:
        """Whether nothing says that it is a part of a year; `year` in sources.yaml overrules the titles."""
        text = ""
        if values.meaning is None and not values.label.known and values.year_part:
            text = values.name
        elif not isinstance(self.source.year, int):
            text = self.title_part
        if text:
            message = _("“{text}”: a part of a year or a day of it, and a whole year is due")
            hint = _("if the numbers hold for the year, write in sources.yaml: year: 2024")
            if text == values.name:
                hint = _("leave in the table the numbers of whole years")
            remarks.append(Remark("part-of-year", message.format(text=shorten(text)), hint))
        elif values.meaning is None and values.is_doubtful:
            remarks.append(Remark("no-year", *describe_no_year(values.name)))
            return False
        return not text

    def _find_year(
        self, row: int, values: ValueColumn, declared: Input, remarks: list[Remark]
    ) -> int | None:
        """The year of a cell; where it is not known, that is asked."""
        column = self.year_column
        years: set[int] = set()
        if values.label.year is not None:
            years.add(values.label.year)
        elif values.meaning is None and not values.label.known:
            if values.is_doubtful:
                return None
            years |= values.years
        if column is not None:
            written = read_year_label(self.grid.text(row, column))
            if written is None or written.year is None:
                message, hint = _("the row names no year"), ""
                if text := self.grid.text(row, column):
                    message, hint = describe_no_year(text)
                at = self.table.find_written((row, column))
                remarks.append(Remark("no-year", message, hint, at=at))
                return None
            years.add(written.year)
        if not years and self.year is not None:
            years.add(self.year)
            if self.source.rows and declared.asked_for == "previous":
                message = _("rows that ask of the year before are written to it: {year}")
                message = message.format(year=self.year - 1)
                remarks.append(Remark("year-before", message, severity="note", fate=None))
                return self.year - 1
        if len(years) != 1:
            remarks.append(self._ask_year(years))
            return None
        return years.pop()

    def _ask_year(self, years: Collection[int]) -> Remark:
        message = _("the year is not known")
        if years:
            message = _("the row and the column name different years")
        elif texts := list_year_texts(self.region):
            quoted = _("”, “").join(map(shorten, texts))
            message = _(
                "more years than one are named, and it is not known which is meant: “{texts}”"
            )
            message = message.format(texts=quoted)
        return Remark("no-year", message, _("write in sources.yaml: year: 2024"))

    def _find_scenario(self, row: int, values: ValueColumn, remarks: list[Remark]) -> str | None:
        """The scenario of a cell; where it is not known, that is asked."""
        column = self.scenario_column
        scenarios = {values.label.scenario} - {""}
        if column is not None and (text := self.grid.text(row, column)):
            scenario = read_scenario(text)
            if scenario is None:
                message = _("“{text}” is neither a fact nor a forecast").format(text=shorten(text))
                at = self.table.find_written((row, column))
                remarks.append(Remark("bad-scenario", message, at=at))
                return None
            scenarios.add(scenario)
        if self.year_column is not None:
            # «2024 (план)» in the column of years.
            of_year = read_year_label(self.grid.text(row, self.year_column))
            scenarios |= {of_year.scenario} - {""} if of_year is not None else set()
        if not scenarios and (stated := self._find_stated_scenario(values)) is not None:
            if not stated.scenario:
                remarks.append(_ask_scenario(stated))
                return None
            scenarios.add(stated.scenario)
        if not scenarios:
            return "fact"
        if len(scenarios) > 1:
            message = _("the row and the column name different scenarios")
            remarks.append(Remark("bad-scenario", message))
            return None
        return scenarios.pop()

    def _find_stated_scenario(self, values: ValueColumn) -> StatedScenario | None:
        """What the heading says in words of its own, else sources.yaml, else the texts around."""
        stated = values.scenario
        # «План» inside the name of an input that sources.yaml gives is a part of that name.
        if stated is not None and (stated.scenario or values.meaning is None):
            return stated
        if constant := self.source.constant.get("scenario"):
            return StatedScenario(read_scenario(constant) or "fact")
        return self.title_scenario


def _ask_scenario(stated: StatedScenario) -> Remark:
    message = _("“{text}”: are these facts or a forecast?")
    if stated.target:
        message = _("“{text}”: targets are no data, and nothing of them is taken")
    hint = _("if they are data, write in sources.yaml: constant: {scenario: fact} or forecast")
    if not stated.target:
        hint = _("write in sources.yaml: constant: {scenario: fact} or {scenario: forecast}")
    return Remark("no-scenario", message.format(text=shorten(stated.text)), hint)
