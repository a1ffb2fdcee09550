"""Of which place a cell is: its row names it, sources.yaml does, or the titles do."""

from __future__ import annotations

from collections.abc import Sequence

from engine.adoption.recognition import find_inner_names, find_stated_places, offer_stated_places
from engine.adoption.source_tables import SourceTable, TableReader
from engine.adoption.title_places import find_all_places
from engine.data.tables import shorten
from engine.data.total_names import may_be_total
from engine.level_words import speak_of
from engine.problems import describe_difference
from engine.same_names import fold_name
from engine.translation import gettext as _
from engine.workbooks.addresses import Cell, name_cell


class PlaceReader(TableReader):
    """Finds the places of cells."""

    def __init__(self, table: SourceTable) -> None:
        super().__init__(table)
        self.inner_names: dict[Cell, str] = {}

    def find_place(self, row: int, column: int | None) -> tuple[str, str] | None:
        """The place of a row; None where it is told that there is none."""
        if column is None:
            return self.find_whole_place(self.table.list_open_cells(row))
        text = self.table.read_text(row, column)
        if not self.source.schools and len(places := self.vocabulary.find_places(text)) == 1:
            return next(iter(places))
        cells = self.table.list_open_cells(row)
        if cells and self.table.refuse_name([(row, column)], cells):
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
        return self.resolve_place(text, cells, self.table.find_written((row, column)))

    def find_whole_place(self, cells: Sequence[Cell]) -> tuple[str, str] | None:
        """The place of the whole table; None where these cells are told that there is none."""
        place = self.constant_place()
        if place is None and cells:
            self._tell_no_place(cells)
        return place

    def resolve_place(self, text: str, cells: Sequence[Cell], at: Cell) -> tuple[str, str] | None:
        """The place of this name, which stands in `at`; None where it is told that it is not known."""
        for name, place in self.source.schools.items():
            if fold_name(name) == fold_name(text):
                text = place
        places = self.vocabulary.find_places(text)
        if len(places) == 1:
            return next(iter(places))
        if not cells:
            if at in self.grid.numbers and at not in self.grid.covered:
                self._tell_number_in_place_of_name(at, text)
            return None
        if places:
            named = ", ".join(f"{place} ({level})" for level, place in sorted(places))
            message = _("“{name}” may be several: {places}")
            message = message.format(name=shorten(text), places=named)
            hint = _("write in sources.yaml: schools: {{{name}: …}}").format(name=shorten(text))
            self.reading.add_line("ambiguous-place", message, cells, hint, at=at)
            return None
        message = self._describe_unknown(text)
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
            hint = self.table.offer_places(near, hint)
            if difference := describe_difference(text, self.vocabulary.name_place(near[0])):
                hint = f"{hint}. {difference}"
        self.reading.add_line("unknown-place", message, cells, hint, at=at, about=text)
        return None

    def _describe_unknown(self, text: str) -> str:
        """Message where no place has this name."""
        return speak_of(
            self.catalogue.levels[0],
            _("there is no school “{name}”"),
            _("there is no {level} “{name}”"),
            name=shorten(text),
        )

    def _tell_number_in_place_of_name(self, at: Cell, text: str) -> None:
        """A number in the column of names, alone in its row, names nothing: it may be a value."""
        self.reading.fates.pop(at, None)
        message = self._describe_unknown(text)
        hint = _("if it is a value, write it into the column of its input")
        self.reading.add_line("unknown-place", message, [at], hint, severity="warning")

    def constant_place(self) -> tuple[str, str] | None:
        """The place that sources.yaml gives to the whole table."""
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
            hint = self.table.offer_places(near, hint)
        elif self.inner_names:
            message, hint = self._describe_inner_names()
        self.reading.add_line("no-place", message, cells, hint)

    def take_inner_names(self) -> None:
        """Set apart the rows that name the school of a table whose rows and columns name none."""
        if self.source.school or any(label.place for label in self.readings.values()):
            return
        own = self.constant_place()
        for cell, name in find_inner_names(self.region, self.vocabulary).items():
            if own is None:
                self.inner_names[cell] = name
            if own is None or find_all_places([name], self.vocabulary) == {own}:
                self.table.set_row(cell[0], "name")

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
        hint = _("write in sources.yaml: constant: {school}")
        hint = hint.format(school=f"{{{self.catalogue.levels[0]}: {near[0]}}}")
        return message, self.table.offer_places(near, hint)
