"""What a reader remembers of an earlier release, as numbers and inequalities beside those of this one.

Where nothing that was printed of a place has changed, its numbers are taken to be the same, and
what was printed then is known now. Where something has changed, the numbers of that time are others:
those printed are known, those hidden stay hidden and are guarded on, and who came in between only
added to them. What was hidden then is not known here either, so it is assumed: numbers that agree
with all that was printed, as a reader would find them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from engine.publication.groups import PlaceYear
from engine.publication.linear import Quotient
from engine.publication.printed_cells import PrintedCell, PrintedNumbers
from engine.publication.programme import Programme
from engine.publication.releases import Release
from engine.publication.system import Inequality, System

_UNKNOWN_FAR = 10_000


@dataclass(frozen=True, slots=True)
class EarlierCells:
    """The cells of a release, and the number of the release.

    `changed`: the places that have changed since. `joined`: those of which more have reported since.
    """

    release: Release
    changed: frozenset[PlaceYear]
    joined: frozenset[PlaceYear]
    order: int

    def rename(self, cell: PrintedCell) -> PrintedCell:
        """The cell as it is called now: one of a changed place is another number than today's."""
        if PlaceYear(*cell[1:]) not in self.changed:
            return cell
        # No register holds an id with a line break: this place is not one of its own.
        return cell._replace(place=f"{cell.place}\nrelease {self.order}")


def find_changed(release: Release, printed: PrintedNumbers, order: int) -> EarlierCells:
    """The places of which something that was printed is printed otherwise now."""
    changed = {
        PlaceYear(*cell[1:])
        for cell, before in release.cells.items()
        if before is not None and printed.values.get(cell) != before
    }
    joined = {
        PlaceYear(*cell[1:])
        for cell, count in release.reported.items()
        if printed.reported.get(cell, count) > count
    }
    return EarlierCells(release, frozenset(changed | joined), frozenset(joined), order)


def guess_numbers(release: Release, system: System, printed: PrintedNumbers) -> PrintedNumbers:
    """The numbers of that time: those that were printed, and of the hidden ones those of today."""
    values = {
        cell: printed.values[cell] if before is None else before
        for cell, before in release.cells.items()
        if before is not None or (cell in system.values and cell in printed.values)
    }
    return PrintedNumbers(values, {}, {}, {}, dict(printed.expected))


def settle_numbers(earlier: System, cells: EarlierCells, system: System) -> None:
    """Give the hidden numbers of changed places values that agree with what was printed of them.

    A reader who knows that data were added since looks for none above today's.
    """
    hidden = [
        cell
        for cell, before in cells.release.cells.items()
        if before is None and cell in earlier.values and cells.rename(cell) != cell
    ]
    programme = Programme()
    columns = {cell: programme.add_variable(0, system.values[cell]) for cell in hidden}
    for inequality, slack in zip(earlier.inequalities, earlier.slack, strict=True):
        row = [(columns[cell], by) for cell, by in inequality.terms if cell in columns]
        if row:
            shown = sum(
                by * earlier.values[cell] for cell, by in inequality.terms if cell in columns
            )
            lacking = programme.add_variable(0, _UNKNOWN_FAR, 1)
            programme.add_row([*row, (lacking, 1)], shown - slack)
    solution = programme.solve() if hidden else None
    if solution is not None:
        earlier.values.update((cell, solution[column]) for cell, column in columns.items())


def join_earlier(earlier: System, cells: EarlierCells, system: System) -> None:
    """Add the numbers of that time, and what was known of them, to the system of this release."""
    for cell, before in cells.release.cells.items():
        now = cells.rename(cell)
        if cell in earlier.values and now != cell:
            system.values[now] = earlier.values[cell]
            system.pieces[now] = cell
            if cell in system.most:
                system.most[now] = max(system.most[cell], earlier.values[cell])
            if before is None:
                system.guarded.add(now)
        if before is not None:
            system.known.add(now)
    for inequality in earlier.inequalities:
        terms = tuple(sorted((cells.rename(cell), by) for cell, by in inequality.terms))
        _keep(system, terms, inequality.least)
    for cell in list(earlier.values):
        now = cells.rename(cell)
        if now != cell and cell in system.values:
            _keep(system, ((cell, 1), (now, -1)), 0)
            if now in system.known:
                _add_difference(system, cells, cell, ((cell, 1), (now, -1)))
    for cell, quotient in system.sums.items():
        if cells.rename(cell) != cell and cells.release.cells.get(cell) is not None:
            # What some schools added is no number of the place.
            is_whole = cell not in system.narrowed
            added = _list_added(cell, quotient, cells, earlier) if is_whole else []
            if added:
                system.steps.setdefault(cell.id, 1)
                _add_difference(system, cells, cell, added)


def _list_added(
    cell: PrintedCell, quotient: Quotient, cells: EarlierCells, earlier: System
) -> list[tuple[PrintedCell, int]]:
    """By what a row that adds up whole numbers has changed; nothing of any other row."""
    terms = [
        (cell._replace(id=name), factor) for name, factor in (quotient.whole or {}).items() if name
    ]
    if any(by.denominator > 1 or each not in earlier.values for each, by in terms):
        return []
    now = [(each, int(by)) for each, by in terms]
    return [*now, *((cells.rename(each), -by) for each, by in now)]


def _add_difference(
    system: System,
    cells: EarlierCells,
    cell: PrintedCell,
    terms: Sequence[tuple[PrintedCell, int]],
) -> None:
    """The number of those who came in between: it stands on no page, and two pages may give it away.

    Where nobody came, a difference is a correction: it is no number of anybody.
    """
    by = system.weigh(terms)
    if by < 0 or PlaceYear(*cell[1:]) not in cells.joined:
        return
    piece = cell._replace(place=f"{cells.rename(cell).place} since")
    system.values[piece] = by
    system.pieces[piece] = cell
    for sign in (1, -1):
        turned = [(each, sign * factor) for each, factor in terms]
        _keep(system, [*turned, (piece, -sign)], 0)


def _keep(system: System, terms: Iterable[tuple[PrintedCell, int]], least: int) -> None:
    """Keep an inequality, where it is true of the numbers that there are."""
    terms = tuple(terms)
    if all(cell in system.values for cell, _by in terms) and system.weigh(terms) >= least:
        system.keep(Inequality(terms, least))
