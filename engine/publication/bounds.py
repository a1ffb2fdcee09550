"""How closely a hidden number can be derived: two readings of the page that tell it apart.

An answer is a proof. Two readings that agree with every printed number are exhibited, and both are
tried in whole numbers; what the solver says in floating point is never trusted. Where none are
found, the number counts as derived.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from engine.publication.printed_cells import PrintedCell
from engine.publication.programme import Programme
from engine.publication.system import System

Terms = tuple[tuple[PrintedCell, int], ...]
PageReading = Mapping[PrintedCell, int]
"""What a reader may take the numbers for: by how much each differs from the truth, if it does."""
_FAR = 1000
_STEPS = 200
"""Repairs of one reading at most."""
_ROUNDS = 12
"""Of narrowing bounds."""
_NEAR = 300
"""Cells around a number that may move in a reading; those farther away stay as they are."""


@dataclass(frozen=True, slots=True)
class ReadingPair:
    """Two readings of the page, which tell a sum of numbers apart."""

    lower: PageReading
    upper: PageReading

    def spread(self, terms: Terms) -> int:
        """How far apart a sum of numbers is in the two."""
        return abs(weigh(terms, self.upper) - weigh(terms, self.lower))

    @property
    def cells(self) -> Iterator[PrintedCell]:
        """The numbers that move in either."""
        return iter(dict.fromkeys((*self.lower, *self.upper)))


TRUTH: PageReading = {}


def weigh(terms: Iterable[tuple[PrintedCell, int]], reading: PageReading) -> int:
    """By how much a sum differs from the truth in a reading."""
    return sum(factor * reading.get(cell, 0) for cell, factor in terms)


@dataclass(frozen=True, slots=True)
class ReaderView:
    """A system as a reader sees it: the cells of `hidden` are not printed. They may become more."""

    system: System
    hidden: Collection[PrintedCell]

    def is_unknown(self, cell: PrintedCell) -> bool:
        """Whether it is a number that the reader looks for."""
        system = self.system
        return cell in self.hidden and cell in system.values and cell not in system.known

    def is_known(self, number: int) -> bool:
        """Whether the reader knows the inequality of this position."""
        source = self.system.inequalities[number].source
        return source is None or source not in self.hidden or source in self.system.known

    def ties(self, cell: PrintedCell) -> Iterator[tuple[int, int]]:
        """The inequalities that a reader knows of a number, by position, with its factor there."""
        for number, factor in self.system.by_cell.get(cell, ()):
            if self.is_known(number):
                yield number, factor

    def limits(self, cell: PrintedCell) -> tuple[int, int]:
        """How far a number may be below and above the truth by itself: none is negative."""
        value = self.system.values[cell]
        return -value, self.system.most.get(cell, 51 * value + _FAR) - value

    def fits(self, reading: PageReading) -> bool:
        """Whether a reading moves hidden numbers alone, and all that is printed holds of it."""
        moved: dict[int, int] = {}
        for cell, by in reading.items():
            low, high = self.limits(cell)
            if by and not (low <= by <= high and self.is_unknown(cell)):
                return False
            for number, factor in self.ties(cell):
                moved[number] = moved.get(number, 0) + factor * by
        slack = self.system.slack
        return all(slack[number] + by >= 0 for number, by in moved.items())

    def allows(self, pair: ReadingPair) -> bool:
        """Whether both readings fit."""
        return self.fits(pair.lower) and self.fits(pair.upper)

    def near(self, cells: Iterable[PrintedCell], most: int = _NEAR) -> list[PrintedCell]:
        """The unknown numbers tied to these, directly or through others, the closest first."""
        tied = dict.fromkeys(cell for cell in sorted(cells) if self.is_unknown(cell))
        waiting, seen = list(tied), set[int]()
        for cell in waiting:
            for number, _factor in self.ties(cell):
                if number in seen:
                    continue
                seen.add(number)
                for other, _by in self.system.inequalities[number].terms:
                    if len(tied) < most and other not in tied and self.is_unknown(other):
                        tied[other] = None
                        waiting.append(other)
        return waiting

    # --- proofs ---------------------------------------------------------------------------------

    def prove(self, terms: Terms, need: int) -> ReadingPair | None:
        """Two readings in which a sum of numbers is at least `need` apart; None where none are found."""
        proof = self._move_one(terms, need) or self._move_several(terms, need)
        if proof is not None:
            return proof
        cells = self.near(cell for cell, _factor in terms)
        if not cells or self._outer_spread(terms, cells) < need:
            return None  # no reading goes further: there is nothing to look for
        return self._solve(terms, need, cells)

    def _move_one(self, terms: Terms, need: int) -> ReadingPair | None:
        """Two readings that differ from the truth in one number alone."""
        for cell, factor in terms:
            if not self.is_unknown(cell):
                continue
            low, high = self.limits(cell)
            for number, by in self.ties(cell):
                room = self.system.slack[number] // abs(by)
                low, high = (max(low, -room), high) if by > 0 else (low, min(high, room))
            wide = -(-need // abs(factor))
            up = min(high, wide)
            down = min(-low, wide - up)
            if up + down >= wide:
                return ReadingPair({cell: -down} if down else TRUTH, {cell: up} if up else TRUTH)
        return None

    def _move_several(self, terms: Terms, need: int) -> ReadingPair | None:
        """Two readings in which one number moves, and others with it."""
        if len(terms) > 1 or not self.is_unknown(terms[0][0]):
            return None
        ((cell, factor),) = terms
        wide = -(-need // abs(factor))
        upper = move(self, cell, wide)
        if upper is not None:
            return ReadingPair(TRUTH, upper)
        down = min(wide, self.system.values[cell])
        lower = move(self, cell, -down) if down else None
        upper = TRUTH if down == wide else move(self, cell, wide - down)
        return ReadingPair(lower, upper) if lower is not None and upper is not None else None

    def _outer_spread(self, terms: Terms, cells: Iterable[PrintedCell]) -> int:
        """How far apart, at most, the values of a sum may be where these numbers alone move."""
        space = {cell: self.limits(cell) for cell in cells}
        rows = {number: None for cell in space for number, _factor in self.ties(cell)}
        narrow(
            space,
            [
                [each for each in self.system.inequalities[number].terms if each[0] in space]
                for number in rows
            ],
            [-self.system.slack[number] for number in rows],
        )
        return sum(
            abs(by) * (space[cell][1] - space[cell][0]) for cell, by in terms if cell in space
        )

    def _solve(self, terms: Terms, need: int, cells: Sequence[PrintedCell]) -> ReadingPair | None:
        """The two readings farthest apart, up to `need` on either side, both tried in whole numbers."""
        readings = []
        for sign in (1, -1):
            programme = Programme()
            costs = {cell: sign * factor for cell, factor in terms}
            columns = {
                cell: programme.add_variable(*self.limits(cell), costs.get(cell, 0))
                for cell in cells
            }
            numbers = dict.fromkeys(number for cell in cells for number, _by in self.ties(cell))
            for number in numbers:
                row = self.system.inequalities[number].terms
                inside = [(columns[cell], by) for cell, by in row if cell in columns]
                programme.add_row(inside, -self.system.slack[number])
            # Further than this on one side, it no longer matters.
            goal = [(columns[cell], factor) for cell, factor in terms if cell in columns]
            programme.add_row(goal, -need, need)
            solution = programme.solve() or [0] * len(cells)
            moves = {cell: by for cell, by in zip(cells, solution, strict=True) if by}
            readings.append(moves if self.fits(moves) else TRUTH)
        proof = ReadingPair(*readings)
        return proof if proof.spread(terms) >= need else None


# --- another reading by moving one number --------------------------------------------------------
# Most hidden numbers are shown to be uncertain by such a reading; the solver is asked only of the
# rest. A reading in whole numbers that fits proves it; where none is found, nothing is proved.


def move(view: ReaderView, cell: PrintedCell, by: int) -> PageReading | None:
    """A reading in which the number is so much more (or less); None where none is found."""
    low, high = view.limits(cell)
    if not low <= by <= high:
        return None
    search = _Repairs(view, {}, {})
    search.move(cell, by)
    for _step in range(_STEPS):
        broken = next((number for number, room in search.room.items() if room < 0), None)
        if broken is None:
            return search.moved
        if not search.repair(broken, cell):
            return None
    return None


@dataclass(frozen=True, slots=True)
class _Repairs:
    """A reading being made. `room`: how far each inequality that it touches is from being broken."""

    view: ReaderView
    moved: dict[PrintedCell, int]
    room: dict[int, int]

    def move(self, cell: PrintedCell, by: int) -> None:
        """Move a number by so much more."""
        self.moved[cell] = self.moved.get(cell, 0) + by
        for number, factor in self.view.ties(cell):
            self.room[number] = self._room(number) + factor * by

    def _room(self, number: int) -> int:
        return self.room.get(number, self.view.system.slack[number])

    def repair(self, broken: int, kept: PrintedCell) -> bool:
        """Move one more number so far that the inequality holds, or as far as it can be moved.

        Of all numbers that which leaves the least broken.
        """
        lack = -self.room[broken]
        best: tuple[int, PrintedCell, int] | None = None
        for cell, factor in self.view.system.inequalities[broken].terms:
            if cell == kept or not self.view.is_unknown(cell):
                continue
            step = -(-lack // abs(factor)) * (1 if factor > 0 else -1)
            now = self.moved.get(cell, 0)
            low, high = self.view.limits(cell)
            by = min(max(now + step, low), high) - now
            # What has moved one way is not moved back: that would go on for ever.
            if by == 0 or now * step < 0:
                continue
            cost = sum(
                -min(0, self._room(number) + other * by) for number, other in self.view.ties(cell)
            )
            if best is None or (cost, cell) < best[:2]:
                best = (cost, cell, by)
            if cost == 0:
                break
        if best is None:
            return False
        self.move(*best[1:])
        return True


def narrow(
    space: dict[PrintedCell, tuple[int, int]],
    ties: Iterable[Sequence[tuple[PrintedCell, int]]],
    least: list[int],
) -> None:
    """Take from the bounds of numbers what no inequality allows, as far as some rounds go.

    `ties`: the terms of unknown numbers, `least` what each must come to. The truth always stays.
    """
    rows = list(zip(ties, least, strict=True))
    for _round in range(_ROUNDS):
        changed = False
        for terms, low in rows:
            room = sum(by * space[cell][1 if by > 0 else 0] for cell, by in terms) - low
            for cell, by in terms:
                under, over = space[cell]
                # The number may be this far from the end that serves the inequality best.
                step = room // abs(by)
                if over - under > step:
                    space[cell] = (over - step, over) if by > 0 else (under, under + step)
                    changed = True
        if not changed:
            return
