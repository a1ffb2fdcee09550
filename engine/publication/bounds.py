"""How closely a hidden number can be derived: the smallest and the largest it may be.

An answer is a proof. Two readings of the page that agree with every printed number are exhibited,
and both are tried in whole numbers; what the solver says in floating point is never trusted. Where
it finds none, the number counts as derived.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import highspy

from engine.publication.printed_cells import PrintedCell
from engine.publication.system import Inequality, System

Terms = tuple[tuple[PrintedCell, int], ...]
_NODES = 1000
"""Of the search tree, after which a number counts as derived. A time would not be the same each time."""
_FAR = 1000
_STEPS = 200
"""Repairs of one reading at most."""
_ROUNDS = 12
"""Of narrowing bounds."""


@dataclass(frozen=True)
class Component:
    """Unknown numbers that are tied to each other and to no other, and what ties them."""

    system: System
    cells: list[PrintedCell]
    ties: list[Inequality]

    @cached_property
    def most(self) -> dict[PrintedCell, int]:
        """What each of them cannot exceed, or need not for anything to be seen."""
        far = _far(self.system, self.cells)
        values = self.system.values
        return {cell: self.system.most.get(cell, values[cell] + far) for cell in self.cells}

    @cached_property
    def search(self) -> LocalSearch:
        """What looks for another reading by moving these numbers."""
        tied: dict[PrintedCell, list[Inequality]] = {}
        for inequality in self.ties:
            for cell, _factor in inequality.terms:
                tied.setdefault(cell, []).append(inequality)
        return LocalSearch(self.system, self.most, tied)


@dataclass(frozen=True, slots=True)
class ReaderView:
    """A system as a reader sees it: the cells of `hidden` are not printed, nor will others be."""

    system: System
    hidden: Container[PrintedCell]
    _components: dict[PrintedCell, Component] = field(default_factory=dict)

    def unknown(self, cell: PrintedCell) -> bool:
        """Whether it is a number that the reader looks for."""
        return cell in self.hidden and cell in self.system.values

    def known_of(self, cell: PrintedCell) -> Iterator[tuple[int, Inequality]]:
        """The inequalities that a reader knows of a number, with their own numbers."""
        for number in self.system.by_cell.get(cell, ()):
            inequality = self.system.inequalities[number]
            if inequality.source is None or inequality.source not in self.hidden:
                yield number, inequality

    def component(self, cells: Iterable[PrintedCell]) -> Component:
        """The unknown numbers tied to these, directly or through others, and what ties them."""
        waiting = sorted(cell for cell in set(cells) if self.unknown(cell))
        known = self._components.get(waiting[0]) if waiting else None
        if known is not None and set(waiting) <= set(known.cells):
            return known
        cells_tied, ties = dict.fromkeys(waiting), dict[int, Inequality]()
        while waiting:
            for number, inequality in self.known_of(waiting.pop()):
                if number not in ties:
                    ties[number] = inequality
                    for cell, _factor in inequality.terms:
                        if cell not in cells_tied and self.unknown(cell):
                            cells_tied[cell] = None
                            waiting.append(cell)
        # In an order that does not depend on that of the rows: a search goes the same way each time.
        ordered = sorted(ties.values(), key=lambda inequality: (inequality.terms, inequality.least))
        component = Component(self.system, sorted(cells_tied), ordered)
        self._components.update(dict.fromkeys(component.cells, component))
        return component

    def spread(self, terms: Terms, need: int) -> int:
        """How far apart, at least, the values are that a sum of numbers may have.

        Looked for up to `need` on either side of the truth; more is not looked for.
        """
        around = self._move_one(terms, need)
        if around >= need:
            return around
        near = self.component(cell for cell, _factor in terms)
        if not near.cells:
            return 0
        if self._move_several(terms, need, near):
            return need
        outer = self._around(terms, near)
        if outer < need:
            return outer  # no reading goes further: there is nothing to look for
        return _solve(near, terms, need)

    def _around(self, terms: Terms, near: Component) -> int:
        """How far apart, at most, the values of a sum may be."""
        space = {cell: (0, most) for cell, most in near.most.items()}
        rows = [
            [(cell, by) for cell, by in inequality.terms if cell in space]
            for inequality in near.ties
        ]
        least = [
            inequality.least - _shown(self.system, space, inequality.terms)
            for inequality in near.ties
        ]
        narrow(space, rows, least)
        return sum(
            abs(by) * (space[cell][1] - space[cell][0]) for cell, by in terms if cell in space
        )

    def _move_several(self, terms: Terms, need: int, near: Component) -> bool:
        """Whether one number can move so far when others move with it."""
        if len(terms) > 1:
            return False
        ((cell, factor),) = terms
        wide = -(-need // abs(factor))
        search = near.search
        down = min(wide, self.system.values[cell])
        return search.can_move(cell, wide) or (
            down > 0
            and search.can_move(cell, -down)
            and (down == wide or search.can_move(cell, wide - down))
        )

    def _move_one(self, terms: Terms, need: int) -> int:
        """How far one number alone can move, all others being as they are."""
        best = 0
        for cell, factor in terms:
            if not self.unknown(cell):
                continue
            low, high = _limits(self.system, cell)
            for _number, inequality in self.known_of(cell):
                slack = self.system.weigh(inequality.terms) - inequality.least
                step = next(each for other, each in inequality.terms if other == cell)
                room = slack // abs(step)
                low, high = (max(low, -room), high) if step > 0 else (low, min(high, room))
            down, up = min(-low * abs(factor), need), min(high * abs(factor), need)
            best = max(best, down + up)
        return best


def _limits(system: System, cell: PrintedCell) -> tuple[int, int]:
    """How far a number may move down and up by itself: none is negative."""
    value = system.values[cell]
    return -value, system.most.get(cell, value + _far(system, [cell])) - value


def _far(system: System, cells: Iterable[PrintedCell]) -> int:
    return _FAR + 50 * max((system.values[cell] for cell in cells), default=0)


def _solve(near: Component, terms: Terms, need: int) -> int:
    """The distance between two solutions of the inequalities, both tried in whole numbers."""
    system, cells, ties = near.system, near.cells, near.ties
    numbers = {cell: number for number, cell in enumerate(cells)}
    truth = system.weigh(terms)
    model: Any = SilentSolver()
    for name, value in (
        ("threads", 1),
        ("random_seed", 0),
        ("mip_max_nodes", _NODES),
        ("mip_rel_gap", 0.0),
    ):
        model.setOptionValue(name, value)
    goal = {numbers[cell]: factor for cell, factor in terms if cell in numbers}
    for number, cell in enumerate(cells):
        model.addVar(0.0, float(near.most[cell]))
        model.changeColIntegrality(number, highspy.HighsVarType.kInteger)
        model.changeColCost(number, float(goal.get(number, 0)))
    for inequality in ties:
        _add_row(
            model,
            numbers,
            inequality.terms,
            inequality.least - _shown(system, numbers, inequality.terms),
        )
    # Further than this on one side, it no longer matters.
    shown = _shown(system, numbers, terms)
    inside = [(cells[number], factor) for number, factor in goal.items()]
    _add_row(model, numbers, inside, truth - need - shown, truth + need - shown)
    ends = []
    for sense in (highspy.ObjSense.kMinimize, highspy.ObjSense.kMaximize):
        model.changeObjectiveSense(sense)
        model.run()
        solution = _read(model, cells)
        fits = solution is not None and _fits(system, solution, ties)
        ends.append(system.weigh(terms, solution) if solution and fits else truth)
    low, high = min(*ends, truth), max(*ends, truth)
    return high - low


class SilentSolver(highspy.Highs):
    """HiGHS without its output. Standard output is where a report may go.

    From 1.16 on the first call of a solver that is no setting of an option prints a banner, and
    the constructor itself makes that call.
    """

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]

    def enableCallbacks(self) -> None:  # noqa: N802
        """The call that the constructor makes: `output_flag` is set before it."""
        self.setOptionValue("output_flag", False)
        super().enableCallbacks()  # type: ignore[no-untyped-call]


def _add_row(
    model: Any,
    numbers: Mapping[PrintedCell, int],
    terms: Iterable[tuple[PrintedCell, int]],
    least: int,
    most: float = float("inf"),
) -> None:
    kept = [(numbers[cell], float(factor)) for cell, factor in terms if cell in numbers]
    columns, factors = [column for column, _f in kept], [column for _c, column in kept]
    model.addRow(float(least), float(most), len(kept), columns, factors)


def _shown(
    system: System, numbers: Container[PrintedCell], terms: Iterable[tuple[PrintedCell, int]]
) -> int:
    return sum(factor * system.values[cell] for cell, factor in terms if cell not in numbers)


def _read(model: Any, cells: list[PrintedCell]) -> dict[PrintedCell, int] | None:
    values = list(model.getSolution().col_value)
    if len(values) != len(cells):
        return None
    return {cell: round(value) for cell, value in zip(cells, values, strict=True)}


def _fits(system: System, solution: Mapping[PrintedCell, int], ties: Iterable[Inequality]) -> bool:
    """Whether a solution is one, in whole numbers."""
    return all(
        0 <= value <= system.most.get(cell, value) for cell, value in solution.items()
    ) and all(system.weigh(inequality.terms, solution) >= inequality.least for inequality in ties)


# --- another reading by moving one number --------------------------------------------------------
# Most hidden numbers are shown to be uncertain by such a reading; the solver is asked only of the
# rest. A reading in whole numbers that fits proves it; where none is found, nothing is proved.


@dataclass(frozen=True, slots=True)
class LocalSearch:
    """Numbers that may move between bounds, and inequalities that must hold of them."""

    system: System
    most: Mapping[PrintedCell, int]
    ties: Mapping[PrintedCell, Sequence[Inequality]]

    def can_move(self, cell: PrintedCell, by: int) -> bool:
        """Whether the number can be so much more (or less) while all that is printed holds."""
        moved = {cell: self.system.values[cell] + by}
        if not 0 <= moved[cell] <= self.most[cell]:
            return False
        for _step in range(_STEPS):
            broken = self._find_broken(moved)
            if broken is None:
                return True
            if not self._repair(moved, broken, cell):
                return False
        return False

    def _weigh(self, moved: Mapping[PrintedCell, int], inequality: Inequality) -> int:
        """How far an inequality is from being broken; negative where it is."""
        return self.system.weigh(inequality.terms, moved) - inequality.least

    def _find_broken(self, moved: Mapping[PrintedCell, int]) -> Inequality | None:
        for cell in moved:
            for inequality in self.ties.get(cell, ()):
                if self._weigh(moved, inequality) < 0:
                    return inequality
        return None

    def _repair(self, moved: dict[PrintedCell, int], broken: Inequality, kept: PrintedCell) -> bool:
        """Move one more number so far that the inequality holds, or as far as it can be moved.

        Of all numbers that which leaves the least broken.
        """
        lack = -self._weigh(moved, broken)
        best: tuple[int, PrintedCell, int] | None = None
        for cell, factor in broken.terms:
            if cell == kept or cell not in self.most:
                continue
            step = -(-lack // abs(factor)) * (1 if factor > 0 else -1)
            now = moved.get(cell, self.system.values[cell])
            value = min(max(now + step, 0), self.most[cell])
            # What has moved one way is not moved back: that would go on for ever.
            if value == now or (now - self.system.values[cell]) * step < 0:
                continue
            cost = self._violation({**moved, cell: value}, self.ties.get(cell, ()))
            if best is None or (cost, cell) < best[:2]:
                best = (cost, cell, value)
        if best is None:
            return False
        moved[best[1]] = best[2]
        return True

    def _violation(self, moved: Mapping[PrintedCell, int], ties: Iterable[Inequality]) -> int:
        return sum(-min(0, self._weigh(moved, inequality)) for inequality in ties)


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
