"""Another reading of the page, found by moving one hidden number and mending what that breaks.

Most hidden numbers are shown to be uncertain by such a reading; a solver is asked only of the rest.
What is found here is exact, being whole numbers that fit; what is not found proves nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from engine.publication.cells import Cell
from engine.publication.system import Inequality

_STEPS = 200


@dataclass(frozen=True, slots=True)
class Mender:
    """Numbers that may move between bounds, and inequalities that must hold of them."""

    truth: Mapping[Cell, int]
    most: Mapping[Cell, int]
    ties: Mapping[Cell, Sequence[Inequality]]

    def can_move(self, cell: Cell, by: int) -> bool:
        """Whether the number can be so much more (or less) while all that is printed holds."""
        moved = {cell: self.truth[cell] + by}
        if not 0 <= moved[cell] <= self.most[cell]:
            return False
        for _step in range(_STEPS):
            broken = self._find_broken(moved)
            if broken is None:
                return True
            if not self._mend(moved, broken, cell):
                return False
        return False

    def _weigh(self, moved: Mapping[Cell, int], one: Inequality) -> int:
        """How far an inequality is from being broken; negative where it is."""
        truth = self.truth
        return sum(factor * moved.get(cell, truth[cell]) for cell, factor in one.terms) - one.least

    def _find_broken(self, moved: Mapping[Cell, int]) -> Inequality | None:
        for cell in moved:
            for one in self.ties.get(cell, ()):
                if self._weigh(moved, one) < 0:
                    return one
        return None

    def _mend(self, moved: dict[Cell, int], broken: Inequality, kept: Cell) -> bool:
        """Move one more number so far that the inequality holds, or as far as it can be moved.

        Of all numbers that which leaves the least broken.
        """
        lack = -self._weigh(moved, broken)
        best: tuple[int, Cell, int] | None = None
        for cell, factor in broken.terms:
            if cell == kept or cell not in self.most:
                continue
            step = -(-lack // abs(factor)) * (1 if factor > 0 else -1)
            now = moved.get(cell, self.truth[cell])
            value = min(max(now + step, 0), self.most[cell])
            # What has moved one way is not moved back: that would go on for ever.
            if value == now or (now - self.truth[cell]) * step < 0:
                continue
            cost = self._damage({**moved, cell: value}, self.ties.get(cell, ()))
            if best is None or (cost, cell) < best[:2]:
                best = (cost, cell, value)
        if best is None:
            return False
        moved[best[1]] = best[2]
        return True

    def _damage(self, moved: Mapping[Cell, int], ties: Iterable[Inequality]) -> int:
        return sum(-min(0, self._weigh(moved, one)) for one in ties)


_ROUNDS = 12


def narrow(
    space: dict[Cell, tuple[int, int]], ties: Iterable[Sequence[tuple[Cell, int]]], least: list[int]
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
