"""One cell of values: which input it answers, and what it says."""

from __future__ import annotations

import re

from engine.adoption.cell_terms import Remark, TermReader, ValueColumn
from engine.adoption.readings import AdoptedFact
from engine.adoption.source_tables import SourceTable, TableReader
from engine.adoption.stated_terms import split_number
from engine.adoption.vocabulary import RowMeaning
from engine.catalogue.model import NUMERIC, TEXTUAL, Input
from engine.data.cells import describe_wrong, parse_number, read_answer, read_yes_no, show_answer
from engine.data.frame_names import NOT_APPLICABLE
from engine.data.tables import UNREADABLE_MARK, shorten, strip_mark
from engine.level_words import name_level
from engine.same_names import fold_name
from engine.translation import gettext as _
from engine.units import read_measure
from engine.workbooks.addresses import Cell, name_cell, name_column, name_range

_BETWEEN_NUMBERS = re.compile(r"[/|;]|[^\W\d_]+")


class CellReader(TableReader):
    """Reads cells of values."""

    def __init__(self, table: SourceTable, terms: TermReader) -> None:
        super().__init__(table)
        self.terms = terms
        self.letters = {column: name_column(column + 1) for column in self.labels}
        self.spans: dict[Cell, list[Cell]] = {}
        for cell, first in self.grid.covered.items():
            self.spans.setdefault(first, []).append(cell)

    def read_value(
        self,
        cell: Cell,
        values: ValueColumn,
        meaning: RowMeaning | None,
        place: tuple[str, str],
    ) -> None:
        """Take the value of a cell for a place, or say why it is not taken."""
        first = self.grid.covered.get(cell, cell)
        text = self.grid.cells.get(first)
        if text is None or meaning is None or cell in self.reading.fates:
            return
        merged = first in self.spans and self._lies_over_several(first, cell)
        if not merged and first != cell:
            return
        if values.column in self.terms.column_terms:
            declared, terms = self.terms.column_terms[values.column]
        else:
            answered = self._choose_input(cell, text, meaning, values, merged=merged)
            if answered is None:
                return
            declared, terms = answered, self.terms.find_terms(cell[0], values, answered)
        for remark in terms.remarks:
            self._tell(remark, cell)
        if terms.year is None:
            return
        if declared.level != place[0]:
            own = declared.given_at.get(place[0])
            if own is None:
                self._tell_other_level(cell, declared, place)
                return
            declared = self.catalogue.inputs[own]
        key = (place[0], place[1], terms.year, terms.scenario)
        if terms.doubtful:
            self.reading.doubtful.append(self._make_unread(cell, text, declared, key))
        elif merged:
            self._take_unread(cell, text, declared, key)
        else:
            self._take(cell, text, declared, key)

    def _lies_over_several(self, first: Cell, cell: Cell) -> bool:
        """Whether a merged cell lies over several answers; that is told of the first of them."""
        if not any(
            row != first[0] or column in self.table.answers for row, column in self.spans[first]
        ):
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

    def _choose_input(
        self, cell: Cell, text: str, meaning: RowMeaning, values: ValueColumn, *, merged: bool
    ) -> Input | None:
        """The input that a cell answers: of several the only one that can be answered so."""
        if merged:
            only = meaning.inputs[0] if len(meaning.inputs) == 1 else ""
            return self.catalogue.inputs.get(only)
        inputs = [
            self.catalogue.inputs[name] for name in meaning.inputs if name in self.catalogue.inputs
        ]
        if values.note:
            inputs = [declared for declared in inputs if declared.type in TEXTUAL]
            bare = parse_number(text) is not None or read_yes_no(text).value is not None
            if bare or fold_name(text) in self.vocabulary.notes or not inputs:
                message = _("notes are not read")
                self.reading.add_line("notes", message, [cell], severity="note", fate="passed")
                return None
        if len(inputs) > 1:
            # «25 чел.» or «да» where a number is asked too is no name of anything.
            counted = not values.note and (
                any(sign.isdigit() for sign in text) or read_yes_no(text).value is not None
            )
            inputs = [
                declared
                for declared in inputs
                if not (counted and declared.type in TEXTUAL) and _answers(declared, text)
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

    def _tell_other_level(self, cell: Cell, declared: Input, place: tuple[str, str]) -> None:
        """Say that places of this level do not give the input."""
        message = _("“{name}” is given by level “{wanted}”, not by “{level}”")
        message = message.format(
            name=shorten(self.vocabulary.name_input(declared.id)),
            wanted=name_level(declared.level),
            level=name_level(place[0]),
        )
        hint = ""
        if place[0] != self.catalogue.levels[0]:
            hint = _("if it is a total, write its name in sources.yaml under skip")
        self.reading.add_line("input-of-other-level", message, [cell], hint)

    def _take(self, cell: Cell, text: str, declared: Input, key: tuple[str, str, int, str]) -> None:
        read = read_answer(declared, text)
        if read.code == "unreadable-cell":
            read = read_answer(declared, _strip_own_unit(declared, text))
        if read.code:
            remark = self._describe_wrong(read.code, text, declared)
            if read.value is None:
                self._tell(remark, cell)
                self._take_unread(cell, text, declared, key)
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
            (
                *key,
                declared.id,
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

    def _describe_wrong(self, code: str, text: str, declared: Input) -> Remark:
        """What is told of a text that is no answer, or a doubtful one."""
        name = shorten(self.vocabulary.name_input(declared.id))
        percentage = text.rstrip().endswith("%") and not text.startswith(UNREADABLE_MARK)
        if declared.type == "count" and percentage:
            message = _("“{name}” asks a count, and here is a percentage").format(name=name)
            hint = _("a percentage is taken only into what is asked in percent")
            return Remark("percent-for-count", message, hint)
        unit = read_measure(split_number(text)[1])
        if code == "unreadable-cell" and declared.type in NUMERIC and unit is not None:
            return Remark("other-unit", *self.terms.describe_other_unit(declared, unit))
        if code == "unreadable-cell" and declared.type in NUMERIC and _has_several_numbers(text):
            message = _("“{name}” asks one number, and “{text}” are several")
            hint = _("leave the one that is asked; put the others into rows of their own")
            return Remark("several-numbers", message.format(name=name, text=shorten(text)), hint)
        message, hint = describe_wrong(code, declared, text.removeprefix(UNREADABLE_MARK))
        message = message.replace("{name}", name)
        return Remark(code, message.replace("{text}", show_answer(declared, shorten(text))), hint)

    def _take_unread(
        self, cell: Cell, text: str, declared: Input, key: tuple[str, str, int, str]
    ) -> None:
        """Keep that the cell was filled, so that its answer is not taken for one never given."""
        self.reading.unread.append(self._make_unread(cell, text, declared, key))

    def _make_unread(
        self, cell: Cell, text: str, declared: Input, key: tuple[str, str, int, str]
    ) -> AdoptedFact:
        address = (self.grid.file, self.grid.sheet, name_cell(cell))
        written = strip_mark(text).strip()
        return AdoptedFact(*key, declared.id, None, written, "not_readable", *address)


def _has_several_numbers(text: str) -> bool:
    """Whether a cell holds more numbers than one: «12 / 5», «12 учеников, 5 педагогов»."""
    parts = _BETWEEN_NUMBERS.split(text)
    return sum(parse_number(part.strip(" .,:;()-–—")) is not None for part in parts) > 1


def _strip_own_unit(declared: Input, text: str) -> str:
    """The number of «512 чел.» where people are asked; the text as it is otherwise."""
    number, word = split_number(text)
    stated = read_measure(word)
    own = declared.type in NUMERIC and stated is not None and stated == declared.unit
    return number if own else text


def _answers(declared: Input, text: str) -> bool:
    """Whether a text is an answer to an input, and no word for an empty cell."""
    read = read_answer(declared, _strip_own_unit(declared, text))
    return not read.code and (read.value is not None or read.state != 0)
