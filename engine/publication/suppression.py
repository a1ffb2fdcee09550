"""Which cells are hidden from the public: those that must be, and those that would give them away.

first      what depends on confidential inputs, and counts of people that are too small
then       while a hidden number can be derived too closely, the cells that end this and cost least
then       what need not be hidden any more is shown again
at last    rows that cannot be read backwards and depend on a hidden number
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache

from engine.catalogue.lookups import (
    SCALED,
    classes_behind,
    inputs_behind,
    list_target_formulas,
    scaled_by,
)
from engine.catalogue.model import NUMERIC, Catalogue, Indicator, Input, Publication
from engine.data.register import PlacesAbove
from engine.language.grammar import Formula
from engine.publication.bounds import TRUTH, ReaderView, ReadingPair, Terms
from engine.publication.groups import PlaceAnswers, PlaceYear
from engine.publication.linear import (
    Sum,
    find_picked,
    is_conditional,
    list_asking,
    looks_around,
)
from engine.publication.patterns import find_pattern
from engine.publication.printed_cells import PrintedCell, PrintedNumbers, describe_rows
from engine.publication.recall import PlaceEdition, guess_numbers, join_releases, number_editions
from engine.publication.releases import Release
from engine.publication.system import System, build_system
from engine.units import parse_unit

_PICKING = frozenset(("min", "max", "last"))
"""Roll-ups by which a place shows the number of one of those below it."""
_MADE = frozenset(("zero_denominator", "outside_scale"))
"""Reasons that data alone give."""
_RATE, _SUM, _NUMBER, _WHOLE = 2, 3, 4, 8
"""What it costs to hide a share, a row that adds up, a number, a total for the sake of another."""

_UNGUARDED = ReadingPair(TRUTH, TRUTH)
"""Of a number that stands on no page and need not be kept secret."""


@dataclass(frozen=True, slots=True)
class RowDependencies:
    """The inputs a row depends on; whether it looks at other places, at other years.

    `picked`: the levels below which the number of one place is all that is printed of its like.
    `graded`: the rows whose class or points it is made of. `asking`: the inputs that decide of whom
    its own are asked. `conditional`: whether the data decide if it has a value.
    """

    inputs: frozenset[str]
    places: bool
    years: bool
    picked: frozenset[str]
    graded: frozenset[str] = frozenset()
    asking: frozenset[str] = frozenset()
    conditional: bool = False


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What a reader knows beside the page.

    `lineage`: which places lie in which. `answers`: of the schools, where not all of them answered
    everything. `releases`: what was published before. `unclear`: the rows of which it is not known
    here what schools they count.
    """

    lineage: PlacesAbove
    answers: PlaceAnswers
    releases: Sequence[Release] = ()
    unclear: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Suppression:
    """Decides what to hide. `hidden` are cells of rows, `added` those hidden for the sake of others.

    `required`: what is hidden for what it is, and whether for being small; the rest of it is
    confidential, or the number of one place.

    `_unproven`: the cells hidden for the sake of numbers of which no proof is found.
    `_proofs`: of the numbers that are safe; `_movers`: of a number, those whose proofs move it.
    `_inputs`: the hidden inputs, by id, by level and by place.
    """

    catalogue: Catalogue
    policy: Publication
    printed: PrintedNumbers
    rows: Mapping[str, Indicator]
    system: System
    editions: Mapping[PlaceYear, Sequence[PlaceEdition]] = field(default_factory=dict)
    hidden: set[PrintedCell] = field(default_factory=set)
    required: dict[PrintedCell, bool] = field(default_factory=dict)
    added: dict[PrintedCell, None] = field(default_factory=dict)
    _proofs: dict[PrintedCell, ReadingPair] = field(default_factory=dict)
    _unproven: set[PrintedCell] = field(default_factory=set)
    _movers: dict[PrintedCell, dict[PrintedCell, None]] = field(default_factory=dict)
    _inputs: dict[tuple[str, ...], set[int]] = field(default_factory=dict)
    _known: dict[str, RowDependencies] = field(default_factory=dict)

    def dependencies(self, name: str) -> RowDependencies:
        """What a row depends on."""
        if name not in self._known:
            formulas = self.rows[name].formulas if name in self.rows else ()
            reach = [looks_around(self.catalogue, formula) for _year, formula in formulas]
            behind = frozenset(inputs_behind(self.catalogue, (name,)))
            inputs = [self.catalogue.inputs[each] for each in behind]
            picked = {each.level for each in inputs if each.rollup in _PICKING}
            picked.update(*(find_picked(self.catalogue, formula) for _year, formula in formulas))
            asking = frozenset(list_asking(self.catalogue, behind))
            self._known[name] = RowDependencies(
                behind | asking,
                # A mean of the places below and what they have themselves give each other away.
                any(places for places, _years in reach) or any(map(_is_gathered, inputs)),
                any(years for _places, years in reach),
                frozenset(picked),
                classes_behind(self.catalogue, name),
                asking,
                any(is_conditional(self.catalogue, formula) for _year, formula in formulas),
            )
        return self._known[name]

    def depends_on_hidden(self, cell: PrintedCell) -> bool:
        """Whether a row is made of a hidden number, here or wherever it looks."""
        needed = self.dependencies(cell.id)
        where = () if needed.places else (cell.level, cell.place)
        return any(
            year == cell.year or (needed.years and year <= cell.year)
            for name in needed.inputs
            for year in self._inputs.get((name, *where), ())
        )

    def is_asked_by_hidden(self, cell: PrintedCell) -> bool:
        """Whether a hidden number decides of how many schools a row is asked: its coverage says so."""
        levels = self.catalogue.levels
        below = [(level,) for level in levels[: levels.index(cell.level)]]
        return any(
            cell.year in self._inputs.get((name, *where), ())
            for name in self.dependencies(cell.id).asking
            for where in (*below, (cell.level, cell.place))
        )

    def shows_hidden_by_absence(self, cell: PrintedCell, reason: str | None) -> bool:
        """Whether that a row has no value, and why, says something of a hidden number."""
        made = reason in _MADE or (
            reason == "not_applicable" and self.dependencies(cell.id).conditional
        )
        return made and self.depends_on_hidden(cell)

    def shows_hidden_by_scale(self, cell: PrintedCell) -> bool:
        """Whether the class or the points of a row say more of a hidden number than its value does."""
        scaled = scaled_by(self.catalogue, cell.id)
        version = scaled.scale.version(cell.year) if scaled else None
        if version is None or not (version.line or version.formulas):
            return False  # what fixed ends say is known of every printed value
        return self.depends_on_hidden(cell) or self._shows_hidden(cell, version.formulas)

    def _shows_hidden(
        self, cell: PrintedCell, formulas: Sequence[Formula], *, own: bool = True
    ) -> bool:
        """Whether formulas beside the one of a row read a hidden number; `own`: at the row's place."""
        names = [
            cell.id if use.id == SCALED else use.id
            for formula in formulas
            for use in formula.names()
        ]
        behind = inputs_behind(self.catalogue, names)
        around = any(looks_around(self.catalogue, formula)[0] for formula in formulas)
        where = (cell.level, cell.place) if own and not around else ()
        secret = any(self.catalogue.inputs[name].confidential for name in behind)
        return secret or any(
            year <= cell.year for name in behind for year in self._inputs.get((name, *where), ())
        )

    def shows_hidden_by_target(self, cell: PrintedCell) -> bool:
        """Whether the target of a row, its own or for reference, is made of a hidden number."""
        indicator = self.catalogue.indicators.get(cell.id)
        formulas = list(list_target_formulas(indicator, cell.year)) if indicator else []
        if indicator is None or not formulas:
            return False
        return self._shows_hidden(cell, formulas, own=cell.level in indicator.target_levels)

    def hide_dependent(self) -> None:
        """Hide the rows that cannot be read backwards and depend on a hidden number."""
        pieces = self.system.pieces
        for cell in self.hidden:
            if cell.id in self.catalogue.inputs and self._is_guarded(cell):
                level, place = pieces.get(cell, cell)[1:3]
                for key in ((cell.id,), (cell.id, level), (cell.id, level, place)):
                    self._inputs.setdefault(key, set()).add(cell.year)
        self.hidden.update([cell for cell in self.system.loose if self.depends_on_hidden(cell)])
        self.hidden.update([cell for cell in self.printed.values if self.is_asked_by_hidden(cell)])
        while made := [cell for cell in self.system.loose - self.hidden if self._takes_class(cell)]:
            self.hidden.update(made)

    def _takes_class(self, cell: PrintedCell) -> bool:
        """Whether a row is made of the class or the points of a value that is hidden."""
        needed = self.dependencies(cell.id)
        return bool(needed.graded) and any(
            value.id in needed.graded
            and (needed.places or (value.level, value.place) == (cell.level, cell.place))
            and (value.year == cell.year or (needed.years and value.year <= cell.year))
            for value in self.hidden
        )

    def _is_guarded(self, cell: PrintedCell) -> bool:
        """Whether a number is to be kept secret, not merely unprinted."""
        return self._proofs.get(cell) is not _UNGUARDED

    # --- what must be hidden -------------------------------------------------------------------

    def hide_first(self, unclear: Collection[str]) -> None:
        """Hide what depends on confidential inputs, small counts, shares of few, and `unclear` rows."""
        secret = {each.id for each in self.catalogue.inputs.values() if each.confidential}
        people = _people(self.catalogue, self.policy)

        @cache
        def is_secret(name: str) -> bool:
            return name in secret or bool(self.dependencies(name).inputs & secret)

        # What stands on no page is hidden anyhow; it is guarded only where it would be hidden there.
        pieces = self.system.pieces
        guarded = [
            piece
            for piece in pieces
            if piece in self.system.guarded
            or piece in self.system.alone
            or is_secret(piece.id)
            or self._is_small(piece, people)
        ]
        self.hidden.update(pieces)
        self._proofs.update(dict.fromkeys(pieces.keys() - set(guarded), _UNGUARDED))
        closed = {
            cell
            for cell in self.printed.values
            if is_secret(cell.id)
            or self.dependencies(cell.id).picked - {cell.level, *self.policy.public_levels}
            or self._is_of_one_school(cell)
            or cell.id in unclear
        }
        self.hidden.update(closed)
        self.hidden.update(cell for cell in self.printed.values if self._is_small(cell, people))
        self.hidden.update(cell for cell in self.system.sums if self._is_share_of_few(cell, people))
        shifted = [
            cell for cell in self.printed.values if self._is_of_changed_schools(cell, people)
        ]
        self.hidden.update(shifted)
        self._proofs.update((cell, _UNGUARDED) for cell in shifted if cell in self.system.sums)
        self.required.update(
            (cell, cell not in closed)
            for cell in self.hidden
            if cell in closed or not (cell in pieces or cell in self.system.sums or cell in shifted)
        )

    def _is_of_one_school(self, cell: PrintedCell) -> bool:
        """Whether a row of some schools only counts a single one, which is not public itself."""
        row, school = self.rows.get(cell.id), self.catalogue.levels[0]
        return (
            row is not None
            and bool(row.where)
            and school not in {cell.level, *self.policy.public_levels}
            and self.printed.expected.get(cell) == 1
        )

    def _is_of_changed_schools(self, cell: PrintedCell, people: Callable[[str], int]) -> bool:
        """Whether a row of some schools counts others than in an earlier release, small ones maybe.

        The list of a release says how many schools each row counted, not which: taken from what is
        printed now it may leave any of them alone.
        """
        row, place = self.rows.get(cell.id), PlaceYear(*cell[1:])
        if row is None or cell.id in self.catalogue.inputs or place not in self.system.schools:
            return False
        counts, names = self.printed.reported, self.dependencies(cell.id).inputs
        counted = [cell, *(cell._replace(id=name) for name in names)]
        is_whole = all(counts.get(each) == counts.get(cell) for each in counted)
        is_changed = any(
            edition.reported.get(each) != counts.get(each)
            for edition in self.editions.get(place, ())[1:]
            for each in counted
        )
        return (
            (bool(row.where) or not is_whole)
            and is_changed
            and any(
                0
                <= school.values.get(name, self.policy.suppress_below) * people(name)
                < self.policy.suppress_below
                for school in self.system.schools[place]
                for name in names
                if people(name)
            )
        )

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
        if cell in self.system.narrowed:
            below, _rest = self.system.narrowed[cell][1]
            counted = (
                by * self.system.values[each] * people(each.id) for each, by in below.items()
            )
            return sum(counted, Fraction()) < self.policy.suppress_below
        whole = sum(
            factor * self.printed.values.get(cell._replace(id=name), 0) * people(name)
            for name, factor in self.system.sums[cell].below.items()
            if name
        )
        return whole < self.policy.suppress_below

    # --- what would give it away ---------------------------------------------------------------

    def hide_more(self) -> None:
        """Hide cells until no hidden number can be derived closely."""
        view = ReaderView(self.system, self.hidden)
        pending = sorted(cell for cell in self.hidden if self._terms(cell))
        while pending:
            cell = pending.pop()
            if cell in self._proofs or self._prove(cell, view):
                # What is safe stays so: whatever else is hidden, a reader knows less.
                continue
            more = self._choose(cell, view)
            self.added.update(dict.fromkeys(more))
            self.hidden.update(more)
            pending += sorted(other for other in (cell, *more) if self._terms(other))

    def _prove(self, cell: PrintedCell, view: ReaderView) -> bool:
        """Whether it is shown that a hidden number cannot be derived closely."""
        proof = view.prove(self._terms(cell), self._need(cell))
        if proof is not None:
            self._keep(cell, proof)
        return proof is not None

    def _keep(self, cell: PrintedCell, proof: ReadingPair) -> None:
        self._proofs[cell] = proof
        for moved in proof.cells:
            self._movers.setdefault(moved, {})[cell] = None

    def _terms(self, cell: PrintedCell) -> Terms:
        """What a hidden whole number is the sum of: itself, or what a count adds up."""
        if cell in self.system.known or cell in self.system.combined:
            return ()  # what was printed before is kept from nobody; a difference is nobody's number
        if cell in self.system.values:
            return ((cell, 1),)
        row, quotient = self.rows.get(cell.id), self.system.sums.get(cell)
        if row is None or quotient is None or row.unit is None or not row.unit.counted:
            return ()
        total = quotient.whole or {}
        if cell in self.system.narrowed:
            return self._terms_of_some(cell, total)
        cells = [(cell._replace(id=name), factor) for name, factor in total.items() if name]
        if any(factor.denominator > 1 for _cell, factor in cells):
            return ()
        return tuple(
            (input_cell, int(by)) for input_cell, by in cells if input_cell in self.system.values
        )

    def _terms_of_some(self, cell: PrintedCell, total: Sum) -> Terms:
        """The same of a row that counts some schools only; nothing where it is no whole number of them."""
        (above, _rest), (below, divisor) = self.system.narrowed[cell]
        if not total or below or not divisor:
            return ()
        terms = [(each, by / divisor * self.system.steps[each.id]) for each, by in above.items()]
        if any(by.denominator > 1 for _cell, by in terms):
            return ()
        return tuple((each, int(by)) for each, by in terms)

    def _need(self, cell: PrintedCell) -> int:
        """How far apart the ends must be; of a yes or a no, that it may be either."""
        given = self.catalogue.inputs.get(cell.id)
        if given is not None and given.type == "yes_no":
            return 1
        return self.policy.suppress_below * self.system.steps.get(cell.id, 1)

    def _choose(self, cell: PrintedCell, view: ReaderView) -> tuple[PrintedCell, ...]:
        """The cells to hide for the sake of one that can be derived: they cost least, together."""
        pattern = find_pattern(view, self._terms(cell), self._need(cell), self._cost)
        if pattern is not None:
            for other in (cell, *pattern.cells):
                if pattern.proof.spread(self._terms(other)) >= self._need(other) > 0:
                    self._keep(other, pattern.proof)
            return pattern.cells
        # All that bounds it goes; where that is not enough, it is as uncertain as it can be.
        self._keep(cell, ReadingPair(TRUTH, TRUTH))
        if cell in self.system.guarded:
            return ()  # it was told by what was published before
        bounding = tuple(self._list_bounding(cell, view))
        self._unproven.update(bounding)
        return bounding

    def _list_bounding(self, cell: PrintedCell, view: ReaderView) -> list[PrintedCell]:
        """The printed cells that bound a hidden one."""
        bounding = {other for other, _factor in self._terms(cell)}
        for near in view.near(tuple(bounding)):
            for number, _factor in view.ties(near):
                inequality = self.system.inequalities[number]
                bounding |= {other for other, _by in inequality.terms}
                if inequality.source is not None:
                    bounding.add(inequality.source)
        return sorted(bounding - self.hidden - self.system.pieces.keys())

    def _cost(self, cell: PrintedCell) -> float:
        """What is lost with a cell: of a share little, of a total and of a place above much."""
        quotient = self.system.sums.get(cell)
        above = self.catalogue.levels.index(cell.level)
        if quotient is None:
            given = self.catalogue.inputs[cell.id]
            cost = _WHOLE if given.parts else _NUMBER
        elif quotient.whole is None:
            cost = _RATE
        else:
            parts = [self.catalogue.inputs[name].parts for name in quotient.names]
            cost = _WHOLE if len(parts) > 1 or any(parts) else _SUM
        return cost * (1 + 2 * above)

    # --- what need not be hidden ---------------------------------------------------------------

    def give_back(self) -> None:
        """Show again what was hidden for the sake of others, where these stay safe without it."""
        view = ReaderView(self.system, self.hidden)
        for cell in sorted(self.added, key=lambda each: (-self._cost(each), each)):
            if cell in self._unproven:
                continue  # what it is hidden for has no proof that would fail
            self.hidden.discard(cell)
            proofs = {
                other: self._proofs[other]
                for other in self._list_weakened(cell, view)
                if other in self.hidden
            }
            if all(self._prove(other, view) for other in proofs):
                del self.added[cell]
                continue
            self.hidden.add(cell)
            for other, proof in proofs.items():
                self._keep(other, proof)

    def _list_weakened(self, cell: PrintedCell, view: ReaderView) -> list[PrintedCell]:
        """The numbers whose proofs do not hold if a cell is printed."""
        touched = {cell}
        for number in self.system.by_source.get(cell, ()):
            touched |= {other for other, _by in self.system.inequalities[number].terms}
        owners = dict.fromkeys(
            owner for each in sorted(touched) for owner in self._movers.get(each, ())
        )
        return [owner for owner in owners if not view.allows(self._proofs[owner])]


def choose_hidden(
    catalogue: Catalogue,
    policy: Publication,
    printed: PrintedNumbers,
    knowledge: Knowledge,
) -> Suppression:
    """Decide what the public may not see of these cells, whatever a reader knows besides."""
    rows = describe_rows(catalogue)
    system = build_system(catalogue, printed, rows, knowledge.lineage, knowledge.answers)
    editions = number_editions(knowledge.releases, printed, system)
    earlier = [
        build_system(
            catalogue,
            guess_numbers(editions, order, system, printed),
            rows,
            knowledge.lineage,
            {},
            trusting=True,
        )
        for order in range(len(editions.releases))
    ]
    join_releases(editions, earlier, system)
    suppression = Suppression(catalogue, policy, printed, rows, system, editions.by_place)
    suppression.hide_first(knowledge.unclear)
    suppression.hide_more()
    suppression.give_back()
    suppression.hide_dependent()
    return suppression


def _is_gathered(given: Input) -> bool:
    """Whether the number of a place is made of those below it otherwise than by adding them up."""
    return given.type in NUMERIC and given.rollup in {"mean", *_PICKING}


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
