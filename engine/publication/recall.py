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

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import permutations

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
class PlaceEdition:
    """The numbers of a place that stood unchanged in one release or several, and how many reported each.

    `printed`: those that any of them printed.
    """

    printed: dict[PrintedCell, Fraction] = field(default_factory=dict)
    reported: dict[PrintedCell, int] = field(default_factory=dict)

    def agrees(self, other: PlaceEdition) -> bool:
        """Whether nothing that both print differs."""
        return all(
            self.printed.get(cell, value) == value for cell, value in other.printed.items()
        ) and all(self.reported.get(cell, count) == count for cell, count in other.reported.items())

    def take(self, other: PlaceEdition) -> None:
        """Know what another print of this edition says too."""
        self.printed.update(other.printed)
        self.reported.update(other.reported)

    def is_same(self, later: PlaceEdition, cell: PrintedCell) -> bool:
        """Whether as many report a number, so that it is taken to be what it was."""
        return cell in self.reported and self.reported[cell] == later.reported.get(cell)

    def is_joined(self, later: PlaceEdition) -> bool:
        """Whether more have reported since, and of nothing fewer."""
        changes = [
            later.reported[cell] - count
            for cell, count in self.reported.items()
            if cell in later.reported
        ]
        return bool(changes) and min(changes) >= 0 and max(changes) > 0


@dataclass(frozen=True, slots=True)
class PlaceEditions:
    """The editions of each place, today's first; the releases, and which of them each prints (0: today's)."""

    by_place: Mapping[PlaceYear, Sequence[PlaceEdition]]
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
                    {**release.classes, **other.classes},
                )
                numbers.update(printed)
                return
        self.releases.append(release)
        self.printed.append(dict(printed))

    def rename(self, cell: PrintedCell, order: int) -> PrintedCell:
        """A cell of a release as it is called now: one of another edition is another number than today's."""
        return name_edition(cell, self.printed[order][PlaceYear(*cell[1:])])

    def choose(self, cell: PrintedCell, order: int) -> PlaceEdition:
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
) -> PlaceEditions:
    """Take together what the releases print of the same numbers."""
    by_place: dict[PlaceYear, list[PlaceEdition]] = {}
    for numbers, name in ((printed.values, "printed"), (printed.reported, "reported")):
        for cell, number in numbers.items():
            today = by_place.setdefault(PlaceYear(*cell[1:]), [PlaceEdition()])[0]
            getattr(today, name)[cell] = number
    ids = {cell.id for cell in printed.values}
    editions = PlaceEditions(by_place)
    for release in releases:
        printed_then: dict[PlaceYear, PlaceEdition] = {}
        gone = set()
        for cell, before in release.cells.items():
            place = PlaceYear(*cell[1:])
            edition = printed_then.setdefault(place, PlaceEdition())
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
                by_place.setdefault(place, [PlaceEdition()]), edition, since=place in gone
            )
            for place, edition in printed_then.items()
        }
        editions.add(release, editions_then)
    return editions


def _find_edition(editions: list[PlaceEdition], edition: PlaceEdition, *, since: bool) -> int:
    """Which of the editions of a place this is; one more where it is none. `since`: it is not today's."""
    for number, known in enumerate(editions):
        if known.agrees(edition) and not (since and number == 0):
            if number:
                known.take(edition)
            return number
    editions.append(edition)
    return len(editions) - 1


def guess_numbers(
    editions: PlaceEditions, order: int, system: System, printed: PrintedNumbers
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
    classes = dict(editions.releases[order].classes)
    return PrintedNumbers(values, expected=dict(printed.expected), classes=classes)


def join_releases(editions: PlaceEditions, earlier: Sequence[System], system: System) -> None:
    """Add the numbers of that time, and what was known of them, to the system of this release.

    `earlier`: the systems of the releases.
    """
    inequalities: dict[Inequality, int] = {}
    for order, before in enumerate(earlier):
        _place_numbers(editions, order, before, system)
        for inequality in before.inequalities:
            terms = [(editions.rename(cell, order), by) for cell, by in inequality.terms]
            renamed = Inequality(tuple(sorted(terms)), inequality.least)
            inequalities.setdefault(renamed, _CONTRADICTION)
    for inequality in (*_list_growth(editions, [system, *earlier]), *_list_same(editions)):
        inequalities.setdefault(inequality, 1)
    known = [
        (inequality, cost)
        for inequality, cost in inequalities.items()
        if all(cell in system.values for cell, _by in inequality.terms)
    ]
    _settle_numbers(system, known)
    kept = set(system.inequalities)
    for inequality, _cost in known:
        # What is not true of the assumed numbers would be no proof of anything.
        if inequality not in kept and system.weigh(inequality.terms) >= inequality.least:
            system.keep(inequality)
    for order, release in enumerate(editions.releases):
        for cell in release.cells:
            then, now = editions.choose(cell, order), editions.by_place[PlaceYear(*cell[1:])][0]
            number = editions.printed[order][PlaceYear(*cell[1:])]
            for sign, less, more in ((1, then, now), (-1, now, then)):
                if number and less.is_joined(more) and not then.is_same(now, cell):
                    _add_difference(system, cell, number, sign)


def _place_numbers(editions: PlaceEditions, order: int, before: System, system: System) -> None:
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


def _list_growth(editions: PlaceEditions, systems: Iterable[System]) -> Iterator[Inequality]:
    """Who came in between two editions of a place only added, and kept its checks; so who withdrew.

    Where neither was, a difference is a correction: it is no number of anybody.
    """
    changed = {place: known for place, known in editions.by_place.items() if len(known) > 1}
    rules: dict[PlaceYear, dict[tuple[tuple[PrintedCell, int], ...], None]] = {
        place: {} for place in changed
    }
    for system in systems:
        for cell in system.values:
            if (place := PlaceYear(*cell[1:])) in rules:
                rules[place][(cell, 1),] = None
        for inequality in system.inequalities:
            places = {PlaceYear(*cell[1:]) for cell, _by in inequality.terms}
            if inequality.source is None and inequality.least == 0 and len(places) == 1:
                for place in places & rules.keys():
                    rules[place][inequality.terms] = None
    for place, known in changed.items():
        for less, more in permutations(range(len(known)), 2):
            if known[less].is_joined(known[more]):
                for terms in rules[place]:
                    since = [(name_edition(cell, more), by) for cell, by in terms]
                    since += [(name_edition(cell, less), -by) for cell, by in terms]
                    yield Inequality(tuple(sorted(since)), 0)


def _list_same(editions: PlaceEditions) -> Iterator[Inequality]:
    """A number that as many report as when it was printed is known, whatever else has changed."""
    for known in editions.by_place.values():
        for number, edition in enumerate(known[1:], start=1):
            for cell in edition.printed:
                if edition.is_same(known[0], cell):
                    for sign in (1, -1):
                        then = (name_edition(cell, number), -sign)
                        yield Inequality(tuple(sorted([(cell, sign), then])), 0)


def _settle_numbers(system: System, inequalities: Iterable[tuple[Inequality, int]]) -> None:
    """Give the hidden numbers of other editions values of which as much as can be is true.

    `inequalities`: with what it costs to break each by one.
    """
    programme = Programme()
    columns = {}
    for cell in sorted(system.guarded):
        most = system.most.get(cell, system.values[cell] + _FAR)
        columns[cell] = programme.add_variable(0, most)
    for inequality, cost in inequalities:
        row = [(columns[cell], by) for cell, by in inequality.terms if cell in columns]
        if row:
            known = system.weigh(each for each in inequality.terms if each[0] not in columns)
            lacking = programme.add_variable(0, _FAR, cost)
            programme.add_row([*row, (lacking, 1)], inequality.least - known)
    solution = programme.solve() if columns else None
    if solution is not None:
        system.values.update((cell, solution[column]) for cell, column in columns.items())


def _add_difference(system: System, cell: PrintedCell, number: int, sign: int) -> None:
    """The number of those who came in or withdrew: it stands on no page, and two pages may give it away."""
    then = name_edition(cell, number)
    piece = then._replace(place=f"{then.place} since")
    terms = _list_terms(cell, system)
    since = [*terms, *((name_edition(each, number), -by) for each, by in terms)]
    if (
        (then not in system.known and then not in system.guarded)
        or piece in system.values
        or not terms
        or any(each not in system.values for each, _by in since)
        or sign * system.weigh(since) < 0
    ):
        return
    system.steps.setdefault(cell.id, 1)
    system.values[piece] = sign * system.weigh(since)
    system.pieces[piece] = cell
    for way in (1, -1):
        turned = [*((each, way * sign * by) for each, by in since), (piece, -way)]
        system.keep(Inequality(tuple(sorted(turned)), 0))


def _list_terms(cell: PrintedCell, system: System) -> list[tuple[PrintedCell, int]]:
    """A number, or those that a row adds up; nothing of any other row."""
    if cell in system.values:
        return [(cell, 1)]
    if cell in system.narrowed:
        return []  # what some schools added is no number of the place
    quotient: Quotient | None = system.sums.get(cell)
    total = (quotient.whole if quotient else None) or {}
    terms = [(cell._replace(id=name), factor) for name, factor in total.items() if name]
    if any(by.denominator > 1 for _each, by in terms):
        return []
    return [(each, int(by)) for each, by in terms]
