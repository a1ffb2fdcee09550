"""Which printed cells to hide for the sake of a number: those that cost least, together.

A number is safe where two readings of the page tell it apart, so the question is put to a solver as
one: which readings move it far enough, if every printed cell that they move costs what it costs to
hide it. This is the model of cell suppression (Fischetti and Salazar, 2001) for one number at a
time, over the cells near it; what is hidden for one often serves the next.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from heapq import nsmallest

from engine.publication.bounds import ReaderView, ReadingPair, Terms
from engine.publication.printed_cells import PrintedCell
from engine.publication.programme import Programme

Cost = Callable[[PrintedCell], float]
_CHEAPEST = 6
"""Printed cells of one inequality that may be hidden, besides the hidden ones."""
_INFINITE = float("inf")
_SIZES = (24, 80, 240)
"""Cells that are looked at, at most: first few, and more where these give no pattern."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """Cells to hide together, and the readings that they allow."""

    cells: tuple[PrintedCell, ...]
    proof: ReadingPair


def find_pattern(view: ReaderView, terms: Terms, need: int, cost: Cost) -> Pattern | None:
    """The cheapest cells by which a sum of numbers gets `need` apart; None where none are found."""
    search = _PatternSearch(view, terms, need, cost)
    for size in _SIZES:
        cells = search.list_near(size)
        for reach in (2 * need, 50 * need):
            pattern = search.solve(cells, reach)
            if pattern is not None:
                return pattern
    return None


@dataclass(frozen=True, slots=True)
class _PatternSearch:
    view: ReaderView
    terms: Terms
    need: int
    cost: Cost

    def list_near(self, most: int) -> list[PrintedCell]:
        """The numbers tied to these, the closest first: hidden ones, and the cheapest of the printed."""
        system = self.view.system
        near = dict.fromkeys(cell for cell, _factor in self.terms)
        waiting, seen = list(near), set[int]()
        for cell in waiting:
            for number, _factor in system.by_cell.get(cell, ()):
                if number in seen or len(near) >= most:
                    continue
                seen.add(number)
                others = [other for other, _by in system.inequalities[number].terms]
                hidden = [other for other in others if self.view.is_unknown(other)]
                printed = nsmallest(
                    _CHEAPEST,
                    set(others).difference(hidden, system.known),
                    key=lambda other: (self.cost(other), other),
                )
                for other in (*hidden[: 2 * _CHEAPEST], *printed):
                    if other not in near:
                        near[other] = None
                        waiting.append(other)
        return list(near)

    def solve(self, cells: Iterable[PrintedCell], reach: int) -> Pattern | None:
        """The cheapest cells to hide, where no number moves farther than `reach`."""
        view, system, programme = self.view, self.view.system, Programme()
        readings: tuple[dict[PrintedCell, int], dict[PrintedCell, int]] = ({}, {})
        chosen = dict[PrintedCell, int]()
        for cell in cells:
            low, high = view.limits(cell)
            low, high = max(low, -reach), min(high, reach)
            for reading in readings:
                reading[cell] = programme.add_variable(low, high)
            if view.is_unknown(cell):
                continue
            chosen[cell] = programme.add_variable(0, 1, self.cost(cell))
            for reading in readings:
                programme.add_row([(reading[cell], 1), (chosen[cell], -high)], -_INFINITE, 0)
                programme.add_row([(reading[cell], 1), (chosen[cell], -low)], 0)
        numbers = dict.fromkeys(
            number for cell in readings[0] for number, _factor in system.by_cell.get(cell, ())
        )
        for number in filter(view.is_known, numbers):
            inequality = system.inequalities[number]
            source = inequality.source
            if source in system.known:
                source = None
            if source is not None and source not in chosen:
                chosen[source] = programme.add_variable(0, 1, self.cost(source))
            for reading in readings:
                row = [(reading[cell], by) for cell, by in inequality.terms if cell in reading]
                if source is not None:
                    # Where the row is hidden, its inequality binds nobody.
                    row.append((chosen[source], reach * sum(abs(by) for _variable, by in row)))
                programme.add_row(row, -system.slack[number])
        lower, upper = readings
        apart = [(upper[cell], by) for cell, by in self.terms]
        apart += [(lower[cell], -by) for cell, by in self.terms]
        programme.add_row(apart, self.need)
        solution = programme.solve()
        return None if solution is None else self._read(solution, chosen, readings)

    def _read(
        self,
        solution: list[int],
        chosen: Mapping[PrintedCell, int],
        readings: Iterable[Mapping[PrintedCell, int]],
    ) -> Pattern | None:
        """The solution, tried in whole numbers."""
        hide = tuple(cell for cell, variable in chosen.items() if solution[variable])
        proof = ReadingPair(
            *(
                {cell: solution[each] for cell, each in reading.items() if solution[each]}
                for reading in readings
            )
        )
        after = ReaderView(self.view.system, {*self.view.hidden, *hide})
        holds = after.allows(proof) and proof.spread(self.terms) >= self.need
        return Pattern(hide, proof) if holds else None
