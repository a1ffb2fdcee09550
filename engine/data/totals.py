"""Rows and columns of facts that are totals of others: passed over, and compared with the sums."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any, TypeAlias

import polars as pl

from engine.catalogue.lookups import short_of
from engine.catalogue.model import NUMERIC, Catalogue
from engine.data.cells import parse_number, read_answer, read_cell
from engine.data.counted_rows import FactKeys
from engine.data.frame_names import NOT_READABLE
from engine.data.frames import collect_frame
from engine.data.place_names import PlaceNames
from engine.data.sums import (
    RowNumbers,
    describe_total,
    find_differences,
    find_sums,
    is_close,
)
from engine.data.tables import UNREADABLE_MARK, RawTable, shorten
from engine.data.total_names import is_sum, is_total, is_total_row
from engine.level_words import speak_of
from engine.problems import Position, Problem
from engine.translation import gettext as _

_Span: TypeAlias = "tuple[int | None, str | None]"
"""Year and scenario of a row; what it does not say is None."""

_SHOWN_PLACES = 3
_SPACES, _MINUSES = r"[\s\x{a0}\x{202f}]", "[−–]"


def drop_totals(
    catalogue: Catalogue, names: PlaceNames, rows: Sequence[FactKeys]
) -> tuple[list[FactKeys], list[Problem]]:
    """The tables without their totals; a problem names these, and others the sums that disagree."""
    kept: list[FactKeys] = []
    problems: list[Problem] = []
    for part in rows:
        if not (part.fact.table.counted or part.fact.long):  # made by a program, not by a person
            kept.append(part)
            continue
        sheet = _TotalsOfTable(catalogue, part, names)
        problems += sheet.list_problems()
        if sheet.totals:
            is_sum = pl.col("row").is_in(list(sheet.totals))
            fact = replace(part.fact, frame=part.fact.numbered().filter(~is_sum))
            part = FactKeys(fact, part.keys.filter(~is_sum))  # noqa: PLW2901
        kept.append(part)
    return kept, problems


class _TotalsOfTable:
    """The totals of one table of facts. `totals`: row → its name, empty for a row without one.

    Compared are only wide tables: there the rows between which a total stands are those of one table.
    """

    def __init__(self, catalogue: Catalogue, part: FactKeys, names: PlaceNames) -> None:
        self.catalogue, self.fact = catalogue, part.fact
        self.keys = part.keys
        self.summed = {
            name: column
            for name, column in part.fact.inputs.items()
            if catalogue.inputs[name].type in NUMERIC and catalogue.inputs[name].rollup == "sum"
        }
        known = names.folded(part.fact.level)
        places = part.keys["place"].drop_nulls().unique(maintain_order=True).to_list()
        above = names.above.get(part.fact.level, frozenset())
        # Where every place is one of the register, none has a name to be asked about.
        strange = part.fact.level in names.ids
        named = [place for place in places if strange and is_total_row(place, known, above)]
        of_names = part.keys.filter(pl.col("place").is_in(named)).select("row", "place")
        self.totals: dict[int, str] = dict(of_names.iter_rows())
        if part.fact.written:
            self._add_nameless(known, above)

    @property
    def comparable(self) -> bool:
        """Whether the table is wide and has columns that add up."""
        return self.fact.written and bool(self.summed)

    def list_problems(self) -> Iterator[Problem]:
        """What is passed over, what differs from its sum, and what may be a total too."""
        if self.totals:
            named = [row for row in sorted(self.totals) if self.totals[row]]
            nameless = [row for row in sorted(self.totals) if not self.totals[row]]
            yield from map(self._name_totals, filter(None, (named, nameless)))
        if self.comparable:
            yield from self._compare()
            yield from self._compare_columns()
            yield from self._find_likely()

    # --- which rows are totals --------------------------------------------------------------------

    def _add_nameless(self, known: Collection[str], above: Collection[str]) -> None:
        """Rows without a place: «Итого» stands in another column, or they equal the sum of the others."""
        nameless = self.keys.filter(pl.col("place").is_null())
        if nameless.is_empty():
            return
        answers = {*self.fact.inputs.values(), self.fact.year}
        columns = [n for n in range(len(self.fact.table.header)) if n not in answers]
        texts = collect_frame(
            self.fact.table.numbered()
            .filter(pl.col("row").is_in(nameless["row"].implode()))
            .select("row", *(f"c{column}" for column in columns))
        )
        for row, *cells in texts.iter_rows():
            first = next((cell.strip() for cell in cells if cell and cell.strip()), "")
            if first and is_total_row(first, known, above):
                self.totals[row] = first
        blank = nameless.filter(~pl.col("row").is_in(list(self.totals)))
        if blank.is_empty() or not self.summed:
            return
        for span, rows in self._group(blank["row"].to_list()):
            numbers = self._read_numbers(self._list_rows(span))
            self.totals |= dict.fromkeys(find_sums(numbers, rows), "")

    def _find_likely(self) -> Iterator[Problem]:
        """Rows with a name of their own that equal the sum of the others of their year."""
        others = collect_frame(
            self.fact.numbered().filter(
                ~pl.col("row").is_in(list(self.totals)) & pl.col("place").is_not_null()
            )
        ).with_columns(pl.lit(True).alias("near"))
        for name in self.summed:
            number = (
                pl.col(name)
                .cast(pl.String)
                .str.replace_all(_SPACES, "")
                .str.replace(_MINUSES, "-")
                .str.replace(",", ".", literal=True)
                .cast(pl.Float64, strict=False)
                .fill_null(0)
            )
            total = number.sum().over("year", "scenario")
            near = (2 * number - total).abs() <= total.abs() * 1e-6
            others = others.with_columns((pl.col("near") & near).alias("near"))
            if not others["near"].any():
                return
        rows = others.filter("near")["row"].to_list()
        places = dict(others.filter("near").select("row", "place").iter_rows())
        for span, candidates in self._group(rows):
            numbers = self._read_numbers(self._list_rows(span))
            for row in find_sums(numbers, candidates):
                message = _("“{name}” looks like a total: it equals the sum of the other rows")
                yield Problem(
                    "likely-total",
                    message.format(name=shorten(places[row])),
                    self.fact.table.position(row, self.fact.place),
                    speak_of(
                        self.fact.level,
                        _("it is counted as a school; if it is a total, delete the row"),
                        _("it is counted as a {level}; if it is a total, delete the row"),
                    ),
                    "warning",
                )

    # --- what is told of them ---------------------------------------------------------------------

    def _name_totals(self, rows: Sequence[int]) -> Problem:
        """One problem at the first of these rows: all have a name, or none has."""
        name = self.totals[rows[0]]
        message = (
            speak_of(
                self.fact.level,
                _("“{name}” is a total and no school: the row is passed over"),
                _("“{name}” is a total and no {level}: the row is passed over"),
                name=shorten(name),
            )
            if name
            else _("the row has no name and equals the sum of the others: it is passed over")
        )
        return _count(
            Problem("total-row", message, severity="warning"),
            [self.fact.table.position(row, self.fact.place) for row in rows],
        )

    def _compare(self) -> Iterator[Problem]:
        """A problem for each total with numbers that are not the sums of their columns."""
        totals = [row for row in sorted(self.totals) if is_sum(self.totals[row])]
        for span, rows in self._group(totals):
            numbers, unread = self._read_facts(self._list_rows(span))
            differences = find_differences(numbers, self._read_numbers(rows))
            for row, group in groupby(differences, key=lambda difference: difference[0]):
                wrong = list(group)
                of_column = sum(column == wrong[0][1] for _r, column in unread)
                cells = [(row, column) for _r, column, *_ in wrong]
                yield self._describe(wrong[0], cells, of_column)

    def _compare_columns(self) -> Iterator[Problem]:
        """A column of totals, where it is the sum of all others in most rows, at the rows where not."""
        table = self.fact.table
        columns = list_total_columns(table, (*self.fact.inputs.values(), self.fact.place))
        rows = [row for row in self.keys["row"].to_list() if row not in self.totals]
        for column in columns:
            numbers, unread = self._read_facts(rows)
            texts = collect_frame(table.numbered().select("row", f"c{column}"))
            written = {row: _read(text) for row, text in texts.iter_rows()}
            sums = {
                row: (number, sum(numbers[row].values()))
                for row in rows
                if (number := written.get(row)) is not None and numbers[row]
            }
            wrong = [row for row, pair in sums.items() if not is_close(*pair)]
            if wrong and 2 * len(wrong) < len(sums):
                difference = (wrong[0], column, *sums[wrong[0]])
                of_row = sum(row == wrong[0] for row, _c in unread)
                yield self._describe(difference, [(row, column) for row in wrong], of_row)

    def _describe(
        self,
        difference: tuple[int, int, float, float],
        cells: Sequence[tuple[int, int]],
        unread: int,
    ) -> Problem:
        _row, column, written, added = difference
        inputs = {ordinal: name for name, ordinal in self.fact.inputs.items()}
        table = self.fact.table
        name = short_of(self.catalogue, inputs[column]) if column in inputs else ""
        name = name or table.column_name(column)
        message = describe_total(self.catalogue, name, written, added, unread)
        hint = _("a row may be missing, or a number in one of them wrong")
        return _count(
            Problem("total-differs", message, hint=hint, severity="warning"),
            [table.position(*cell) for cell in cells],
        )

    # --- rows and their numbers -------------------------------------------------------------------

    def _group(self, rows: Iterable[int]) -> Iterator[tuple[_Span, list[int]]]:
        """The rows by their year and scenario."""
        wanted = self.keys.filter(pl.col("row").is_in(list(rows)))
        spans: dict[_Span, list[int]] = {}
        for row, year, scenario in wanted.select("row", "year", "scenario").iter_rows():
            spans.setdefault((year, scenario), []).append(row)
        yield from spans.items()

    def _list_rows(self, span: _Span) -> list[int]:
        """The rows of a year and a scenario that are no totals."""
        rows = self.keys.filter(~pl.col("row").is_in(list(self.totals)))
        for key, value in zip(("year", "scenario"), span, strict=True):
            if value is not None:
                rows = rows.filter(pl.col(key) == value)
        return rows["row"].to_list()

    def _read_numbers(self, rows: Sequence[int]) -> RowNumbers:
        """The numbers that stand in the rows, facts or not."""
        return {
            row: {
                column: number
                for column, text in zip(self.summed.values(), texts, strict=True)
                if (number := _read(text)) is not None
            }
            for row, *texts in self._read_texts(rows)
        }

    def _read_facts(self, rows: Sequence[int]) -> tuple[RowNumbers, list[tuple[int, int]]]:
        """The numbers of the rows that are taken as facts, and the cells that cannot be read."""
        read = read_answer if self.fact.by_hand else read_cell
        numbers: dict[int, dict[int, float]] = {}
        unread: list[tuple[int, int]] = []
        for row, *texts in self._read_texts(rows):
            numbers[row] = {}
            for (name, column), text in zip(self.summed.items(), texts, strict=True):
                cell = read(self.catalogue.inputs[name], "" if text is None else str(text))
                if cell.state == NOT_READABLE:
                    unread.append((row, column))
                elif isinstance(cell.value, int | float):
                    numbers[row][column] = float(cell.value)
        return numbers, unread

    def _read_texts(self, rows: Sequence[int]) -> list[tuple[Any, ...]]:
        """Each row with the texts of the columns that add up."""
        chosen = self.fact.numbered().filter(pl.col("row").is_in(list(rows)))
        return collect_frame(chosen.select("row", *self.summed)).rows()


def list_total_columns(table: RawTable, read: Iterable[int]) -> list[int]:
    """The columns of a table, of those that are not read, whose heading is the name of a total."""
    taken = {*read}
    return [
        column
        for column, name in enumerate(table.header)
        if column not in taken and name and is_total(name, ())
    ]


def _count(problem: Problem, places: Sequence[Position]) -> Problem:
    """The problem at the first of its places."""
    problem = replace(problem, position=places[0])
    if len(places) == 1:
        return problem
    return replace(problem, count=len(places), places=tuple(places[:_SHOWN_PLACES]))


def _read(text: object) -> float | None:
    written = text if isinstance(text, str) else "" if text is None else str(text)
    number = parse_number(written.removeprefix(UNREADABLE_MARK).removesuffix("%"))
    return None if number is None else float(number)
