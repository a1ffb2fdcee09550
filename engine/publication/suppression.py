"""Which cells are hidden from the public: those that must be, and those that would tell of them.

first      what rests on confidential inputs, and counts of people that are too small
then       rows that cannot be read backwards and rest on a hidden number
then       while a hidden number can be told too closely, the cheapest cell that ends this
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache

from engine.catalogue.lookups import inputs_behind
from engine.catalogue.model import Catalogue, Indicator, Publication
from engine.publication.bounds import ReaderView, Terms
from engine.publication.groups import Answers, Lineage
from engine.publication.linear import looks_around, shows_one_school
from engine.publication.printed_cells import PrintedCell, PrintedNumbers, describe_rows
from engine.publication.system import System, build_system
from engine.units import parse_unit

_PICKING = frozenset(("min", "max", "last"))
"""Roll-ups by which a place shows the number of one of those below it."""
_RATE, _SUM, _NUMBER, _WHOLE = range(4)
"""What is hidden first for the sake of another: a share, a row that adds up, a number, a total."""


@dataclass(frozen=True, slots=True)
class RowDependencies:
    """The inputs a row rests on; whether it looks at other places, at other years.

    `picked`: the levels below which the number of one place is all that is told of its like.
    """

    inputs: frozenset[str]
    places: bool
    years: bool
    picked: frozenset[str]


@dataclass(frozen=True, slots=True)
class Suppression:
    """Decides what to hide. `hidden` are cells of rows, `_ids` those of inputs, by id."""

    catalogue: Catalogue
    policy: Publication
    printed: PrintedNumbers
    rows: Mapping[str, Indicator]
    system: System
    hidden: set[PrintedCell] = field(default_factory=set)
    _ids: dict[str, set[PrintedCell]] = field(default_factory=dict)
    _safe: dict[PrintedCell, None] = field(default_factory=dict)
    _behind: dict[str, RowDependencies] = field(default_factory=dict)

    def hide(self, cells: Iterable[PrintedCell]) -> None:
        """Hide these; rows that cannot be read backwards and rest on them go with them."""
        new = [cell for cell in cells if cell not in self.hidden]
        self.hidden.update(new)
        asked = {cell.id for cell in new if cell.id in self.catalogue.inputs}
        for cell in new:
            if cell.id in asked:
                self._ids.setdefault(cell.id, set()).add(cell)
        if asked:
            loose = (cell for cell in self.system.loose if cell not in self.hidden)
            self.hidden.update([cell for cell in loose if self.rests_on_hidden(cell, asked)])

    def behind(self, name: str) -> RowDependencies:
        """What a row rests on."""
        if name not in self._behind:
            formulas = self.rows[name].formulas if name in self.rows else ()
            looks = [looks_around(self.catalogue, one) for _year, one in formulas]
            behind = frozenset(inputs_behind(self.catalogue, (name,)))
            asked = (self.catalogue.inputs[one] for one in behind)
            picked = {one.level for one in asked if one.rollup in _PICKING}
            if any(shows_one_school(self.catalogue, one) for _year, one in formulas):
                picked.add(self.catalogue.levels[0])
            self._behind[name] = RowDependencies(
                behind,
                any(places for places, _years in looks),
                any(years for _places, years in looks),
                frozenset(picked),
            )
        return self._behind[name]

    def rests_on_hidden(self, cell: PrintedCell, asked: Iterable[str] | None = None) -> bool:
        """Whether a row is made of a hidden number, here or wherever it looks."""
        behind = self.behind(cell.id)
        names = behind.inputs if asked is None else behind.inputs & set(asked)
        pieces = self.system.pieces
        return any(
            (behind.places or pieces.get(one, one)[1:3] == (cell.level, cell.place))
            and (one.year == cell.year or (behind.years and one.year <= cell.year))
            for name in names
            for one in self._ids.get(name, ())
        )

    # --- what must be hidden -------------------------------------------------------------------

    def hide_first(self) -> None:
        """Hide what rests on confidential inputs, small counts, and shares of few."""
        secret = {one.id for one in self.catalogue.inputs.values() if one.confidential}
        people = _people(self.catalogue, self.policy)

        @cache
        def is_secret(name: str) -> bool:
            return name in secret or bool(self.behind(name).inputs & secret)

        # What stands on no page is hidden anyhow; it is guarded only where it would be hidden there.
        pieces = self.system.pieces
        guarded = [one for one in pieces if is_secret(one.id) or self._is_small(one, people)]
        self.hide(guarded)
        self.hidden.update(pieces)
        self._safe.update(dict.fromkeys(pieces.keys() - set(guarded)))
        self.hide(
            cell
            for cell in self.printed.values
            if is_secret(cell.id)
            or self._is_small(cell, people)
            or self.behind(cell.id).picked - {cell.level, *self.policy.public_levels}
        )
        self.hide(cell for cell in self.system.sums if self._is_share_of_few(cell, people))

    def _is_small(self, cell: PrintedCell, people: Callable[[str], int]) -> bool:
        if cell in self.system.values:
            count = Fraction(self.system.values[cell], self.system.steps[cell.id])
        else:
            count = self.printed.values[cell]
        count *= people(cell.id)
        if not people(cell.id) or (count == 0 and self.policy.zeros == "shown"):
            return False
        return 0 <= count < self.policy.suppress_below

    def _is_share_of_few(self, cell: PrintedCell, people: Callable[[str], int]) -> bool:
        names = [name for name in self.system.sums[cell].below if name]
        if not names or not all(map(people, names)):
            return False
        whole = sum(
            factor * self.printed.values.get(cell._replace(id=name), 0) * people(name)
            for name, factor in self.system.sums[cell].below.items()
            if name
        )
        return whole < self.policy.suppress_below

    # --- what would tell of it -----------------------------------------------------------------

    def hide_more(self) -> None:
        """Hide cells until no hidden number can be told closely."""
        pending, view = self._numbers(), ReaderView(self.system, self.hidden)
        while pending:
            cell = pending.pop()
            if cell in self._safe:
                continue
            if self._is_safe(cell, view):
                # What is safe stays so: whatever else is hidden, a reader knows less.
                self._safe[cell] = None
                continue
            self.hide(self._choose(cell, view))
            pending = [one for one in self._numbers() if one not in self._safe]
            view = ReaderView(self.system, self.hidden)

    def _numbers(self) -> list[PrintedCell]:
        """The hidden whole numbers, the last first."""
        return sorted((cell for cell in self.hidden if self._terms(cell)), reverse=True)

    def _terms(self, cell: PrintedCell) -> Terms:
        """What a hidden whole number is the sum of: itself, or what a count adds up."""
        if cell in self.system.values:
            return ((cell, 1),)
        row, quotient = self.rows.get(cell.id), self.system.sums.get(cell)
        if row is None or quotient is None or row.unit is None or not row.unit.counted:
            return ()
        total = quotient.whole or {}
        cells = [(cell._replace(id=name), factor) for name, factor in total.items() if name]
        if any(factor.denominator > 1 for _cell, factor in cells):
            return ()
        return tuple((one, int(by)) for one, by in cells if one in self.system.values)

    def _is_safe(self, cell: PrintedCell, view: ReaderView) -> bool:
        need, terms = self._need(cell), self._terms(cell)
        return not terms or view.spread(terms, need) >= need

    def _need(self, cell: PrintedCell) -> int:
        """How far apart the ends must be; of a yes or a no, that it may be either."""
        asked = self.catalogue.inputs.get(cell.id)
        if asked is not None and asked.type == "yes_no":
            return 1
        return self.policy.suppress_below * self.system.steps.get(cell.id, 1)

    def _choose(self, cell: PrintedCell, view: ReaderView) -> list[PrintedCell]:
        """The cells to hide for the sake of one that can be told."""
        candidates = self._candidates(cell, view)
        enough: list[PrintedCell] = []
        for one in candidates:
            with_it = ReaderView(self.system, self.hidden | {one})
            if self._is_safe(cell, with_it):
                if self._is_safe(one, with_it):
                    return [one]
                enough.append(one)
        if enough:
            return enough[:1]
        last: list[PrintedCell] = []
        for one in candidates:
            # No single one will do: the cheapest first, until together they do.
            last.append(one)
            if self._is_safe(cell, ReaderView(self.system, self.hidden | set(last))):
                return self._spare(cell, last)
        # Where nothing printed is left that tells of it, it is as uncertain as it can be.
        self._safe[cell] = None
        return last

    def _spare(self, cell: PrintedCell, chosen: list[PrintedCell]) -> list[PrintedCell]:
        """Leave those of the chosen cells that are not needed, the dearest first."""
        kept = list(chosen)
        for one in reversed(chosen):
            rest = [other for other in kept if other != one]
            if self._is_safe(cell, ReaderView(self.system, self.hidden | set(rest))):
                kept = rest
        return kept

    def _candidates(self, cell: PrintedCell, view: ReaderView) -> list[PrintedCell]:
        """The printed cells that tell of a hidden one, the cheapest first."""
        near = {one for one, _factor in self._terms(cell)}
        ties = view.component(near).ties
        near |= {one.source for one in ties if one.source is not None}
        near |= {one for tie in ties for one, _factor in tie.terms}
        return sorted(near - self.hidden, key=self._cost)

    def _cost(self, cell: PrintedCell) -> tuple[int, int, int, PrintedCell]:
        quotient = self.system.sums.get(cell)
        if quotient is not None:
            return (_SUM if quotient.whole is not None else _RATE, 0, 0, cell)
        asked = self.catalogue.inputs[cell.id]
        ties = len(self.system.by_cell.get(cell, ()))
        above = self.catalogue.levels.index(cell.level)
        kind = _WHOLE if asked.parts or above else _NUMBER
        return (kind, above, self.system.values[cell] + ties, cell)


def choose_hidden(
    catalogue: Catalogue,
    policy: Publication,
    printed: PrintedNumbers,
    lineage: Lineage,
    answers: Answers,
) -> Suppression:
    """Decide what the public may not see of these cells; `answers` are those of the schools."""
    rows = describe_rows(catalogue)
    system = build_system(catalogue, printed, rows, lineage, answers)
    made = Suppression(catalogue, policy, printed, rows, system)
    made.hide_first()
    made.hide_more()
    return made


def _people(catalogue: Catalogue, policy: Publication) -> Callable[[str], int]:
    """Of a row, how many people one of its unit is; 0 where it counts something else."""
    units = [parse_unit(name, catalogue.units) for name in policy.people]
    dimensions = {unit.dimensions for unit in units if unit is not None}
    rows = describe_rows(catalogue)

    @cache
    def count(name: str) -> int:
        row = rows.get(name)
        if row is None or row.type != "number" or row.unit is None:
            return 0
        return int(row.unit.scale) if row.unit.dimensions in dimensions else 0

    return count
