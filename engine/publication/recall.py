"""What a reader remembers of earlier releases, as numbers and inequalities beside those of this one.

Where nothing that was printed of a place has changed, its numbers are taken to be the same, and
what was printed then is known now. Where something has changed, the numbers of that time are
another edition of the place: those printed are known, those hidden stay hidden and are guarded on,
and who came in between only added to them, who withdrew only took away. Releases that contradict
each other nowhere share their edition: pages of one day are read together. What was hidden then is
not known to the program either, so it is assumed: numbers that agree with all that was printed, as
a reader would find them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import combinations

from engine.publication.groups import PlaceYear
from engine.publication.linear import Quotient
from engine.publication.printed_cells import PrintedCell, PrintedNumbers
from engine.publication.programme import Programme
from engine.publication.releases import Release
from engine.publication.system import Inequality, System

_FAR = 10_000
"""Above today's number, that of an earlier edition at most."""
_CONTRADICTION = 1000
"""What it costs that an assumed number contradicts a page, beside one that was above today's."""


@dataclass(frozen=True, slots=True)
class Edition:
    """The numbers of a place that stood unchanged in one release or several, and how many reported each.

    `printed`: those that any of them printed.
    """

    printed: dict[PrintedCell, Fraction] = field(default_factory=dict)
    reported: dict[PrintedCell, int] = field(default_factory=dict)

    def agrees(self, other: Edition) -> bool:
        """Whether nothing that both print differs."""
        return all(
            self.printed.get(cell, value) == value for cell, value in other.printed.items()
        ) and all(self.reported.get(cell, count) == count for cell, count in other.reported.items())

    def take(self, other: Edition) -> None:
        """Know what another print of this edition says too."""
        self.printed.update(other.printed)
        self.reported.update(other.reported)

    def is_joined(self, later: Edition) -> bool:
        """Whether more have reported since, and of nothing fewer."""
        changes = [
            later.reported[cell] - count
            for cell, count in self.reported.items()
            if cell in later.reported
        ]
        return bool(changes) and min(changes) >= 0 and max(changes) > 0


@dataclass(frozen=True, slots=True)
class Editions:
    """The editions of each place, today's first; the releases, and which of them each prints (0: today's)."""

    by_place: Mapping[PlaceYear, Sequence[Edition]]
    releases: list[Release] = field(default_factory=list)
    printed: list[dict[PlaceYear, int]] = field(default_factory=list)

    def add(self, release: Release, printed: Mapping[PlaceYear, int]) -> None:
        """A release; one with another, where no place is of different editions in the two."""
        for order, (other, numbers) in enumerate(zip(self.releases, self.printed, strict=True)):
            if all(numbers.get(place, number) == number for place, number in printed.items()):
                known = {cell: each for cell, each in release.cells.items() if each is not None}
                self.releases[order] = Release(
                    other.catalogue,
                    {**release.cells, **other.cells, **known},
                    {**release.reported, **other.reported},
                )
                numbers.update(printed)
                return
        self.releases.append(release)
        self.printed.append(dict(printed))

    def rename(self, cell: PrintedCell, order: int) -> PrintedCell:
        """A cell of a release as it is called now: one of another edition is another number than today's."""
        return name_edition(cell, self.printed[order][PlaceYear(*cell[1:])])

    def choose(self, cell: PrintedCell, order: int) -> Edition:
        """The edition of a cell's place that a release prints."""
        place = PlaceYear(*cell[1:])
        return self.by_place[place][self.printed[order][place]]

    def read_value(self, cell: PrintedCell, order: int) -> Fraction | None:
        """What was printed of the edition that a release prints; None where it was hidden each time."""
        return self.choose(cell, order).printed.get(cell)


def name_edition(cell: PrintedCell, number: int) -> PrintedCell:
    """A cell of an edition of its place; of today's, itself."""
    # No register holds an id with a line break: this place is not one of its own.
    return cell._replace(place=f"{cell.place}\nedition {number}") if number else cell


def number_editions(
    releases: Iterable[Release], printed: PrintedNumbers, system: System
) -> Editions:
    """Take together what the releases print of the same numbers."""
    by_place: dict[PlaceYear, list[Edition]] = {}
    for numbers, name in ((printed.values, "printed"), (printed.reported, "reported")):
        for cell, number in numbers.items():
            today = by_place.setdefault(PlaceYear(*cell[1:]), [Edition()])[0]
            getattr(today, name)[cell] = number
    ids = {cell.id for cell in printed.values}
    editions = Editions(by_place)
    for release in releases:
        printed_then: dict[PlaceYear, Edition] = {}
        gone = set()
        for cell, before in release.cells.items():
            place = PlaceYear(*cell[1:])
            edition = printed_then.setdefault(place, Edition())
            if before is not None:
                edition.printed[cell] = before
            if cell in release.reported:
                edition.reported[cell] = release.reported[cell]
            if cell not in printed.values and (
                cell.id in system.steps or (before is not None and cell.id in ids)
            ):
                gone.add(place)
        editions_then = {
            place: _find_edition(
                by_place.setdefault(place, [Edition()]), edition, since=place in gone
            )
            for place, edition in printed_then.items()
        }
        editions.add(release, editions_then)
    return editions


def _find_edition(editions: list[Edition], edition: Edition, *, since: bool) -> int:
    """Which of the editions of a place this is; one more where it is none. `since`: it is not today's."""
    for number, known in enumerate(editions):
        if known.agrees(edition) and not (since and number == 0):
            if number:
                known.take(edition)
            return number
    editions.append(edition)
    return len(editions) - 1


def guess_numbers(
    editions: Editions, order: int, system: System, printed: PrintedNumbers
) -> PrintedNumbers:
    """The numbers of a release: those that were printed, and of the hidden ones those of today."""
    values = {}
    for cell, before in editions.releases[order].cells.items():
        value = before
        if value is None and cell.id in system.steps:
            value = editions.read_value(cell, order)
            value = printed.values.get(cell, Fraction()) if value is None else value
        if value is not None:
            values[cell] = value
    return PrintedNumbers(values, {}, {}, {}, dict(printed.expected))


def join_releases(editions: Editions, earlier: Sequence[System], system: System) -> None:
    """Add the numbers of that time, and what was known of them, to the system of this release.

    `earlier`: the systems of the releases.
    """
    _settle_numbers(editions, earlier, system)
    for order, before in enumerate(earlier):
        _place_numbers(editions, order, before, system)
    keep = _Keeper(system, set(system.inequalities))
    for order, before in enumerate(earlier):
        for inequality in before.inequalities:
            terms = [(editions.rename(cell, order), by) for cell, by in inequality.terms]
            keep.keep(terms, inequality.least)
    cells: dict[PlaceYear, dict[PrintedCell, None]] = {}
    for order, release in enumerate(editions.releases):
        for cell in release.cells:
            if editions.rename(cell, order) != cell:
                cells.setdefault(PlaceYear(*cell[1:]), {})[cell] = None
    for place, changed in cells.items():
        _compare_editions(list(changed), editions.by_place[place], system, keep)


@dataclass(frozen=True, slots=True)
class _Keeper:
    """Adds inequalities to a system, each once, where they are true of the numbers that there are."""

    system: System
    kept: set[Inequality]

    def keep(self, terms: Iterable[tuple[PrintedCell, int]], least: int = 0) -> None:
        """The sum of the terms is at least so much."""
        inequality = Inequality(tuple(sorted(terms)), least)
        if (
            inequality not in self.kept
            and all(cell in self.system.values for cell, _by in inequality.terms)
            and self.system.weigh(inequality.terms) >= least
        ):
            self.kept.add(inequality)
            self.system.keep(inequality)


def _settle_numbers(editions: Editions, earlier: Sequence[System], system: System) -> None:
    """Give the hidden numbers of other editions values that agree with what was printed of them.

    A reader who knows that data were only added since looks for none above today's.
    """
    programme = Programme()
    columns: dict[PrintedCell, int] = {}
    rows: dict[tuple[tuple[tuple[int, int], ...], int], None] = {}
    for order, (release, before) in enumerate(zip(editions.releases, earlier, strict=True)):
        hidden = {
            cell: editions.rename(cell, order)
            for cell, printed in release.cells.items()
            if printed is None and cell in before.values and editions.rename(cell, order) != cell
            if editions.read_value(cell, order) is None
        }
        for cell, name in hidden.items():
            if name not in columns:
                now = editions.by_place[PlaceYear(*cell[1:])][0]
                columns[name] = _add_number(
                    programme, cell, editions.choose(cell, order), now, system
                )
        for inequality, slack in zip(before.inequalities, before.slack, strict=True):
            moved = [(cell, by) for cell, by in inequality.terms if cell in hidden]
            if moved:
                shown = sum(by * before.values[cell] for cell, by in moved)
                row = tuple((columns[hidden[cell]], by) for cell, by in moved)
                rows[row, shown - slack] = None
    for row, least in rows:
        lacking = programme.add_variable(0, _FAR, _CONTRADICTION)
        programme.add_row([*row, (lacking, 1)], least)
    solution = programme.solve() if columns else None
    if solution is None:
        return
    for order, before in enumerate(earlier):
        for cell in before.values:
            column = columns.get(editions.rename(cell, order))
            if column is not None:
                before.values[cell] = solution[column]


def _add_number(
    programme: Programme, cell: PrintedCell, then: Edition, now: Edition, system: System
) -> int:
    """A column for a hidden number of an edition: no more than today's where only more came since."""
    today = system.values.get(cell, 0)
    column = programme.add_variable(0, system.most.get(cell, today + _FAR))
    if cell in system.values and then.is_joined(now):
        above = programme.add_variable(0, _FAR, 1)
        programme.add_row([(column, 1), (above, -1)], 0, today)
    if cell in system.values and now.is_joined(then):
        below = programme.add_variable(0, today, 1)
        programme.add_row([(column, 1), (below, 1)], today)
    return column


def _place_numbers(editions: Editions, order: int, before: System, system: System) -> None:
    """The numbers of a release stand beside those of today, known or guarded."""
    for cell, printed in editions.releases[order].cells.items():
        now = editions.rename(cell, order)
        known = printed is not None or editions.read_value(cell, order) is not None
        if cell in before.values and now != cell:
            system.values[now] = before.values[cell]
            system.pieces[now] = cell
            if cell in system.most:
                system.most[now] = max(system.most[cell], before.values[cell])
            if not known:
                system.guarded.add(now)
        if printed is not None or (now != cell and known):
            system.known.add(now)


def _compare_editions(
    changed: Sequence[PrintedCell], editions: Sequence[Edition], system: System, keep: _Keeper
) -> None:
    """Who came in between two editions of a place only added, who withdrew only took away.

    Where neither was, a difference is a correction: it is no number of anybody.
    """
    for first, second in combinations(range(len(editions)), 2):
        signs = [
            sign
            for sign, less, more in ((1, second, first), (-1, first, second))
            if editions[less].is_joined(editions[more])
        ]
        for sign in signs:
            for cell in changed:
                terms = [(name_edition(cell, first), sign), (name_edition(cell, second), -sign)]
                keep.keep(terms)
                if first == 0:
                    _add_differences(system, keep, cell, second, sign)


def _add_differences(
    system: System, keep: _Keeper, cell: PrintedCell, number: int, sign: int
) -> None:
    """The number of those who came in or withdrew: it stands on no page, and two pages may give it away."""
    then = name_edition(cell, number)
    if then not in system.known:
        return
    terms = _list_terms(cell, system)
    now = [*terms, *((name_edition(each, number), -by) for each, by in terms)]
    if not terms or any(each not in system.values for each, _by in now):
        return
    difference = sign * system.weigh(now)
    if difference < 0:
        return
    system.steps.setdefault(cell.id, 1)
    piece = then._replace(place=f"{then.place} since")
    system.values[piece] = difference
    system.pieces[piece] = cell
    for way in (sign, -sign):
        keep.keep([*((each, way * by) for each, by in now), (piece, -way * sign)])


def _list_terms(cell: PrintedCell, system: System) -> list[tuple[PrintedCell, int]]:
    """A number, or those that a row adds up; nothing of any other row."""
    if cell in system.values:
        return [(cell, 1)]
    quotient: Quotient | None = system.sums.get(cell)
    total = (quotient.whole if quotient else None) or {}
    terms = [(cell._replace(id=name), factor) for name, factor in total.items() if name]
    if any(by.denominator > 1 for _each, by in terms):
        return []
    return [(each, int(by)) for each, by in terms]
