"""Which cells are hidden from the public: those that must be, and those that would give them away.

first      what depends on confidential inputs, and counts of people that are too small
then       rows that cannot be read backwards and depend on a hidden number
then       while a hidden number can be derived too closely, the cheapest cell that ends this
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
from engine.publication.linear import find_picked, looks_around
from engine.publication.printed_cells import PrintedCell, PrintedNumbers, describe_rows
from engine.publication.system import System, build_system
from engine.units import parse_unit

_PICKING = frozenset(("min", "max", "last"))
"""Roll-ups by which a place shows the number of one of those below it."""
_RATE, _SUM, _NUMBER, _WHOLE = range(4)
"""What is hidden first for the sake of another: a share, a row that adds up, a number, a total."""


@dataclass(frozen=True, slots=True)
class RowDependencies:
    """The inputs a row depends on; whether it looks at other places, at other years.

    `picked`: the levels below which the number of one place is all that is printed of its like.
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
    _known: dict[str, RowDependencies] = field(default_factory=dict)

    def hide(self, cells: Iterable[PrintedCell]) -> None:
        """Hide these; rows that cannot be read backwards and depend on them go with them."""
        new = [cell for cell in cells if cell not in self.hidden]
        self.hidden.update(new)
        inputs = {cell.id for cell in new if cell.id in self.catalogue.inputs}
        for cell in new:
            if cell.id in inputs:
                self._ids.setdefault(cell.id, set()).add(cell)
        if inputs:
            loose = (cell for cell in self.system.loose if cell not in self.hidden)
            self.hidden.update([cell for cell in loose if self.depends_on_hidden(cell, inputs)])

    def dependencies(self, name: str) -> RowDependencies:
        """What a row depends on."""
        if name not in self._known:
            formulas = self.rows[name].formulas if name in self.rows else ()
            reach = [looks_around(self.catalogue, formula) for _year, formula in formulas]
            behind = frozenset(inputs_behind(self.catalogue, (name,)))
            inputs = [self.catalogue.inputs[each] for each in behind]
            picked = {each.level for each in inputs if each.rollup in _PICKING}
            picked.update(*(find_picked(self.catalogue, formula) for _year, formula in formulas))
            self._known[name] = RowDependencies(
                behind,
                any(places for places, _years in reach),
                any(years for _places, years in reach),
                frozenset(picked),
            )
        return self._known[name]

    def depends_on_hidden(self, cell: PrintedCell, among: Iterable[str] | None = None) -> bool:
        """Whether a row is made of a hidden number, here or wherever it looks."""
        needed = self.dependencies(cell.id)
        names = needed.inputs if among is None else needed.inputs & set(among)
        pieces = self.system.pieces
        return any(
            (needed.places or pieces.get(hidden, hidden)[1:3] == (cell.level, cell.place))
            and (hidden.year == cell.year or (needed.years and hidden.year <= cell.year))
            for name in names
            for hidden in self._ids.get(name, ())
        )

    # --- what must be hidden -------------------------------------------------------------------

    def hide_first(self) -> None:
        """Hide what depends on confidential inputs, small counts, and shares of few."""
        secret = {each.id for each in self.catalogue.inputs.values() if each.confidential}
        people = _people(self.catalogue, self.policy)

        @cache
        def is_secret(name: str) -> bool:
            return name in secret or bool(self.dependencies(name).inputs & secret)

        # What stands on no page is hidden anyhow; it is guarded only where it would be hidden there.
        pieces = self.system.pieces
        guarded = [
            piece for piece in pieces if is_secret(piece.id) or self._is_small(piece, people)
        ]
        self.hide(guarded)
        self.hidden.update(pieces)
        self._safe.update(dict.fromkeys(pieces.keys() - set(guarded)))
        self.hide(
            cell
            for cell in self.printed.values
            if is_secret(cell.id)
            or self._is_small(cell, people)
            or self.dependencies(cell.id).picked - {cell.level, *self.policy.public_levels}
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

    # --- what would give it away ---------------------------------------------------------------

    def hide_more(self) -> None:
        """Hide cells until no hidden number can be derived closely."""
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
            pending = [number for number in self._numbers() if number not in self._safe]
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
        return tuple(
            (input_cell, int(by)) for input_cell, by in cells if input_cell in self.system.values
        )

    def _is_safe(self, cell: PrintedCell, view: ReaderView) -> bool:
        need, terms = self._need(cell), self._terms(cell)
        return not terms or view.spread(terms, need) >= need

    def _need(self, cell: PrintedCell) -> int:
        """How far apart the ends must be; of a yes or a no, that it may be either."""
        given = self.catalogue.inputs.get(cell.id)
        if given is not None and given.type == "yes_no":
            return 1
        return self.policy.suppress_below * self.system.steps.get(cell.id, 1)

    def _choose(self, cell: PrintedCell, view: ReaderView) -> list[PrintedCell]:
        """The cells to hide for the sake of one that can be derived."""
        candidates = self._candidates(cell, view)
        enough: list[PrintedCell] = []
        for candidate in candidates:
            view_without = ReaderView(self.system, self.hidden | {candidate})
            if self._is_safe(cell, view_without):
                if self._is_safe(candidate, view_without):
                    return [candidate]
                enough.append(candidate)
        if enough:
            return enough[:1]
        last: list[PrintedCell] = []
        for candidate in candidates:
            # No single one will do: the cheapest first, until together they do.
            last.append(candidate)
            if self._is_safe(cell, ReaderView(self.system, self.hidden | set(last))):
                return self._spare(cell, last)
        # Where nothing printed is left that bounds it, it is as uncertain as it can be.
        self._safe[cell] = None
        return last

    def _spare(self, cell: PrintedCell, chosen: list[PrintedCell]) -> list[PrintedCell]:
        """Leave those of the chosen cells that are not needed, the dearest first."""
        kept = list(chosen)
        for candidate in reversed(chosen):
            rest = [other for other in kept if other != candidate]
            if self._is_safe(cell, ReaderView(self.system, self.hidden | set(rest))):
                kept = rest
        return kept

    def _candidates(self, cell: PrintedCell, view: ReaderView) -> list[PrintedCell]:
        """The printed cells that bound a hidden one, the cheapest first."""
        near = {other for other, _factor in self._terms(cell)}
        ties = view.component(near).ties
        near |= {other.source for other in ties if other.source is not None}
        near |= {other for tie in ties for other, _factor in tie.terms}
        return sorted(near - self.hidden, key=self._cost)

    def _cost(self, cell: PrintedCell) -> tuple[int, int, int, PrintedCell]:
        quotient = self.system.sums.get(cell)
        if quotient is not None:
            return (_SUM if quotient.whole is not None else _RATE, 0, 0, cell)
        given = self.catalogue.inputs[cell.id]
        ties = len(self.system.by_cell.get(cell, ()))
        above = self.catalogue.levels.index(cell.level)
        kind = _WHOLE if given.parts or above else _NUMBER
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
    suppression = Suppression(catalogue, policy, printed, rows, system)
    suppression.hide_first()
    suppression.hide_more()
    return suppression


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
