"""The page of one place: its indicators by group, its plan by section, the cells of each year."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from engine.catalogue.model import Catalogue, Indicator, Input, Target
from engine.data.register import Lineage
from engine.reports.notes import NoteKey, find_whole, order_groups
from engine.reports.page_model import (
    Below,
    FailedCheck,
    Note,
    PageLine,
    Part,
    Place,
    PlannedEvent,
    Section,
    Tally,
    YearCell,
    YearColumns,
)
from engine.reports.result_rows import Key, ResultRows, Row
from engine.units import subtract_printed, unit_label


@dataclass(frozen=True, slots=True)
class PageRows:
    """What every page is made from.

    `numbers`: where each row stands; `places`: the places that have a row of an indicator in the
    years, by indicator, level and year.
    """

    catalogue: Catalogue
    rows: ResultRows
    numbers: Mapping[tuple[Any, ...], int]
    places: Mapping[tuple[str, str, int], Sequence[str]]
    lineage: Lineage
    notes: Mapping[NoteKey, Note]
    checks: Mapping[str, FailedCheck]
    years: tuple[int, ...]

    def find(self, key: Key) -> Row | None:
        """The row about this, if there is one."""
        number = self.numbers.get(key)
        return None if number is None else self.rows.row(number)


@dataclass(frozen=True, slots=True)
class PageScope:
    """What the lines of one place are made from; `alone`: no other place is of its level."""

    found: PageRows
    level: str
    alone: bool
    place: str

    @property
    def catalogue(self) -> Catalogue:
        """The catalogue that is laid out."""
        return self.found.catalogue

    @property
    def years(self) -> tuple[int, ...]:
        """The years of the report."""
        return self.found.years

    def find(self, name: str, year: int, scenario: str = "fact") -> Row | None:
        """The row of this place."""
        return self.found.find(Key(name, self.level, self.place, year, scenario))

    def above(self, name: str, year: int) -> Row | None:
        """The fact of the nearest place above that has a row."""
        upper = self.found.lineage.above.get((self.level, self.place, year), {})
        for level, place in upper.items():
            row = self.found.find(Key(name, level, place, year))
            if row is not None:
                return row
        return None

    def below(self, name: str, level: str, year: int) -> Iterator[Row]:
        """The facts of the places of a lower level that lie in this one."""
        lineage, here = self.found.lineage, (self.level, self.place)
        for place in self.found.places.get((name, level, year), ()):
            # Without a register it is known only where there is but one place to lie in.
            if (level, place, year) in lineage.above or not self.alone:
                inside = lineage.lies_in(level, place, year, of=here)
            else:
                inside = self.alone
            row = self.found.find(Key(name, level, place, year)) if inside else None
            if row is not None:
                yield row

    def note(self, kind: str, name: str) -> int:
        """The number of the note on a thing, 0 without one."""
        found = self.found.notes.get((kind, name))
        return found.number if found else 0


def build_place(scope: PageScope, title: str, within: Mapping[str, str]) -> Place:
    """The page of one place."""
    catalogue = scope.catalogue
    lines: dict[str, list[PageLine]] = {}
    for indicator in catalogue.indicators.values():
        if indicator.event is None:
            lines.setdefault(indicator.group, []).extend(_build_lines(scope, indicator))
    events: dict[str, list[PlannedEvent]] = {}
    for event in catalogue.events.values():
        its_lines = tuple(
            line
            for name in event.results
            for line in _build_lines(scope, catalogue.indicators[name])
        )
        planned = PlannedEvent(event, its_lines, scope.note("event", event.id))
        events.setdefault(event.section, []).append(planned)
    groups = tuple(
        Section(group, scope.note("group", group.id), lines=tuple(lines[group.id]))
        for group in order_groups(catalogue, lines)
    )
    plan = tuple(
        Section(group, scope.note("group", group.id), events=tuple(events[group.id]))
        for group in order_groups(catalogue, events)
    )
    results = [line for planned in plan for each in planned.events for line in each.lines]
    return Place(
        scope.place,
        title,
        scope.level,
        groups,
        plan,
        _count([line for each in lines.values() for line in each], scope.years),
        _count(results, scope.years),
        within,
    )


def build_parts(scope: PageScope, name: str, levels: Sequence[str]) -> tuple[Part, ...]:
    """An indicator (or an input) at the places below one, the highest level first."""
    found = scope.found
    indicator = found.catalogue.indicators.get(name)
    parts = []
    for level in levels:
        titles: dict[str, str] = {}
        for year in scope.years:
            titles |= {row.place: row.place_title for row in scope.below(name, level, year)}
        for place, title in titles.items():
            there = PageScope(found, level, alone=False, place=place)
            cells = tuple(_build_cell(there, name, indicator, year) for year in scope.years)
            parts.append(Part(place, title, level, cells))
    return tuple(parts)


# --- lines and cells ---------------------------------------------------------------------------


def _build_lines(scope: PageScope, indicator: Indicator) -> Iterator[PageLine]:
    """The line of an indicator and, where it is an input with parts, theirs below it."""
    whole = find_whole(scope.catalogue, indicator)
    title, depth = indicator.title, 0
    if whole is not None and indicator.part is not None:
        title = title.removeprefix(f"{whole.title}: ")
        depth = indicator.part.count(".") + 1
    yield _build_line(
        scope, indicator, indicator.code, title, depth, scope.note("indicator", indicator.id)
    )
    given = scope.catalogue.inputs.get(indicator.input or "")
    if given is not None:
        yield from _build_parts(scope, given, depth + 1)


def _build_parts(scope: PageScope, given: Input, depth: int) -> Iterator[PageLine]:
    """The parts of an input that the results have a row of, each with its own parts."""
    for name in given.parts:
        part = scope.catalogue.inputs[name]
        if any(scope.find(name, year) for year in scope.years):
            yield _build_line(scope, part, "", part.title, depth)
            yield from _build_parts(scope, part, depth + 1)


def _build_line(  # noqa: PLR0917 - an indicator, and how its line differs from a part's
    scope: PageScope,
    declared: Indicator | Input,
    code: str,
    title: str,
    depth: int,
    note: int = 0,
) -> PageLine:
    indicator = declared if isinstance(declared, Indicator) else None
    cells = tuple(_build_cell(scope, declared.id, indicator, year) for year in scope.years)
    shown = [row.unit for cell in cells for row in (cell.fact, cell.forecast) if row and row.unit]
    label = unit_label(shown[0] if shown else declared.unit, scope.catalogue.language)
    return PageLine(declared.id, code, title, declared.type, label, cells, note, depth, indicator)


def _build_cell(scope: PageScope, name: str, indicator: Indicator | None, year: int) -> YearCell:
    fact = scope.find(name, year)
    target = indicator.targets.get(year) if indicator else None
    known = scope.found.checks
    checks = {known[each].number for each in fact.checks if each in known} if fact else set()
    return YearCell(
        year,
        fact,
        scope.find(name, year, "forecast"),
        _build_below(scope, indicator, year) if indicator else None,
        unset=target is not None and target.value is None,
        checks=tuple(sorted(checks)),
        above=scope.above(name, year),
        reference=_judge_by_reference(fact, target),
    )


def _judge_by_reference(fact: Row | None, target: Target | None) -> Row | None:
    """The fact with the target for orientation as its own."""
    if fact is None or fact.reference is None or target is None:
        return None
    wanted = replace(fact, target=fact.reference, comparator=target.comparator)
    if not isinstance(fact.value, int | float):
        return wanted
    reached = {
        "at_least": fact.value >= fact.reference,
        "at_most": fact.value <= fact.reference,
        "exactly": fact.value == fact.reference,
    }.get(target.comparator)
    if reached is None:
        return wanted
    apart = subtract_printed(fact.value, fact.reference, fact.decimals)
    return replace(wanted, status="met" if reached else "missed", deviation=apart)


def _build_below(scope: PageScope, indicator: Indicator, year: int) -> Below | None:
    target = indicator.targets.get(year)
    if target is None or target.value is None or scope.level in indicator.target_levels:
        return None
    levels = scope.catalogue.places
    wanted = indicator.target_levels[0] if indicator.target_levels else scope.level
    if levels.index(wanted) >= levels.index(scope.level):
        return None
    rows = list(scope.below(indicator.id, wanted, year))
    judged = [row for row in rows if row.judged]
    met = sum(row.status == "met" for row in judged)
    return Below(wanted, met, len(judged), rows[0]) if rows else None


def _count(lines: Sequence[PageLine], years: Sequence[int]) -> tuple[Tally, ...]:
    tallies = []
    for at, year in enumerate(years):
        facts = [fact for line in lines if (fact := line.cells[at].fact)]
        wanted = [fact for fact in facts if fact.target is not None]
        tallies.append(
            Tally(
                year,
                met=sum(fact.status == "met" for fact in wanted),
                missed=sum(fact.status == "missed" for fact in wanted),
                missing=sum(fact.status == "no_data" for fact in wanted),
                preliminary=sum(fact.judged and fact.incomplete for fact in wanted),
            )
        )
    return tuple(tallies)


# --- columns -----------------------------------------------------------------------------------


def list_lines(places: Iterable[Place]) -> list[PageLine]:
    """The lines of all groups of these places."""
    return [line for place in places for section in place.groups for line in section.lines]


def list_plan_lines(places: Iterable[Place]) -> list[PageLine]:
    """The lines of all events of these places."""
    return [
        line
        for place in places
        for section in place.plan
        for planned in section.events
        for line in planned.lines
    ]


def choose_year_columns(
    catalogue: Catalogue, lines: Sequence[PageLine], years: Sequence[int], *, narrow: bool
) -> YearColumns:
    """The years of a table; `narrow`: only those it was planned for, if any is asked for."""
    indicators = [line.indicator for line in lines if line.indicator is not None]
    wanted = tuple(year for year in years if any(year in each.targets for each in indicators))
    periods = {each.period for each in indicators}
    # Where lines differ, a year is printed as the catalogue prints it.
    period = periods.pop() if len(periods) == 1 else catalogue.period
    chosen = wanted if narrow and wanted else tuple(years)
    return YearColumns(chosen, period, judged=bool(wanted))
