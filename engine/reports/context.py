"""The context of a template: the catalogue laid out by place, group and event, beside its values.

Templates lay out and never compute: everything that is counted or looked up is so here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.catalogue.model import Catalogue, Indicator, Input
from engine.problems import Problem
from engine.reports.layout import (
    Below,
    Cell,
    Columns,
    FailedCheck,
    Line,
    Note,
    Place,
    PlannedEvent,
    Section,
    Tally,
)
from engine.reports.notes import (
    NoteKey,
    find_whole,
    leave_out,
    number_checks,
    number_notes,
    order_groups,
)
from engine.reports.rows import Row, read_rows
from engine.units import unit_label
from engine.version import ENGINE_VERSION

_Key = tuple[str, str, str, int, str]  # indicator, level, place, year, scenario


def build_context(
    catalogue: Catalogue,
    data: Any,
    results: Any,
    *,
    years: Sequence[int],
    problems: Sequence[Problem] = (),
) -> dict[str, Any]:
    """Everything a template may name; each key is a noun of the page.

    `results` is the frame of `evaluate`; `data` gives the notice to print and the hash of its files.
    """
    every = tuple(row for row in read_rows(catalogue, results) if row.year in years)
    rows = tuple(row for row in every if row.indicator in catalogue.indicators)
    notes = number_notes(catalogue)
    checks = number_checks(catalogue, every)
    places = _build_places(_Found(catalogue, _index(every), notes, checks, tuple(years)))
    return {
        "catalogue": catalogue,
        "years": tuple(years),
        "places": places,
        "indicator_columns": _choose_columns(catalogue, _lines(places), years, narrow=False),
        "plan_columns": _choose_columns(catalogue, _plan_lines(places), years, narrow=True),
        "notes": tuple(notes.values()),
        "rows": rows,
        "inputs": tuple(row for row in every if row.indicator not in catalogue.indicators),
        "checks": tuple(checks.values()),
        "problems": leave_out(problems, checks.values()),
        "notice": str(getattr(data, "notice", "") or ""),
        "data_hash": str(getattr(data, "hash", "") or "")[:12],
        "engine_version": ENGINE_VERSION,
    }


# --- places, groups, events --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Found:
    """What every page is made from: the rows by their key, the marks by what they stand at."""

    catalogue: Catalogue
    rows: Mapping[_Key, Row]
    notes: Mapping[NoteKey, Note]
    checks: Mapping[str, FailedCheck]
    years: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Scope:
    """What the lines of one place are made from; `alone`: no other place is of its level."""

    found: _Found
    level: str
    alone: bool
    place: str

    @property
    def catalogue(self) -> Catalogue:
        return self.found.catalogue

    @property
    def years(self) -> tuple[int, ...]:
        return self.found.years

    def find(self, name: str, year: int, scenario: str) -> Row | None:
        return self.found.rows.get((name, self.level, self.place, year, scenario))

    def note(self, kind: str, name: str) -> int:
        found = self.found.notes.get((kind, name))
        return found.number if found else 0


def _index(rows: Iterable[Row]) -> dict[_Key, Row]:
    return {(row.indicator, row.level, row.place, row.year, row.scenario): row for row in rows}


def _build_places(found: _Found) -> tuple[Place, ...]:
    catalogue = found.catalogue
    rows = [row for row in found.rows.values() if row.indicator in catalogue.indicators]
    known = {row.level for row in rows}
    top = next((each for each in reversed(catalogue.levels) if each in known), "")
    titles = {row.place: row.place_title for row in rows if row.level == top}
    if not titles:
        titles = {catalogue.id: catalogue.municipality or catalogue.title}
    return tuple(
        _build_place(_Scope(found, top, len(titles) == 1, place), title)
        for place, title in titles.items()
    )


def _build_place(scope: _Scope, title: str) -> Place:
    catalogue = scope.catalogue
    lines: dict[str, list[Line]] = {}
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
    )


def _build_lines(scope: _Scope, indicator: Indicator) -> Iterator[Line]:
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


def _build_parts(scope: _Scope, given: Input, depth: int) -> Iterator[Line]:
    """The parts of an input that the results have a row of, each with its own parts."""
    for name in given.parts:
        part = scope.catalogue.inputs[name]
        if any(scope.find(name, year, "fact") for year in scope.years):
            yield _build_line(scope, part, "", part.title, depth)
            yield from _build_parts(scope, part, depth + 1)


def _build_line(  # noqa: PLR0917 - an indicator, and how its line differs from a part's
    scope: _Scope,
    declared: Indicator | Input,
    code: str,
    title: str,
    depth: int,
    note: int = 0,
) -> Line:
    indicator = declared if isinstance(declared, Indicator) else None
    cells = tuple(_build_cell(scope, declared.id, indicator, year) for year in scope.years)
    shown = [row.unit for cell in cells for row in (cell.fact, cell.forecast) if row and row.unit]
    label = unit_label(shown[0] if shown else declared.unit, scope.catalogue.language)
    return Line(declared.id, code, title, declared.type, label, cells, note, depth, indicator)


def _build_cell(scope: _Scope, name: str, indicator: Indicator | None, year: int) -> Cell:
    fact = scope.find(name, year, "fact")
    target = indicator.targets.get(year) if indicator else None
    return Cell(
        year,
        fact,
        scope.find(name, year, "forecast"),
        _build_below(scope, indicator, year) if indicator else None,
        unset=target is not None and target.value is None,
        checks=tuple(sorted({scope.found.checks[each].number for each in fact.checks}))
        if fact
        else (),
    )


def _build_below(scope: _Scope, indicator: Indicator, year: int) -> Below | None:
    target = indicator.targets.get(year)
    if target is None or target.value is None or scope.level in indicator.target_levels:
        return None
    # Which school lies in which of several places the results do not say.
    if not scope.alone or not indicator.target_levels:
        return None
    level = indicator.target_levels[0]
    rows = [
        row
        for key, row in scope.found.rows.items()
        if key[0] == indicator.id and key[1] == level and key[3:] == (year, "fact")
    ]
    judged = [row for row in rows if row.judged]
    met = sum(row.status == "met" for row in judged)
    return Below(level, met, len(judged), rows[0]) if rows else None


def _count(lines: Sequence[Line], years: Sequence[int]) -> tuple[Tally, ...]:
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


# --- columns -----------------------------------------------------------------------------


def _lines(places: Iterable[Place]) -> list[Line]:
    return [line for place in places for section in place.groups for line in section.lines]


def _plan_lines(places: Iterable[Place]) -> list[Line]:
    return [
        line
        for place in places
        for section in place.plan
        for planned in section.events
        for line in planned.lines
    ]


def _choose_columns(
    catalogue: Catalogue, lines: Sequence[Line], years: Sequence[int], *, narrow: bool
) -> Columns:
    """The years of a table; `narrow`: only those it was planned for, if any is asked for."""
    indicators = [line.indicator for line in lines if line.indicator is not None]
    wanted = tuple(year for year in years if any(year in each.targets for each in indicators))
    periods = {each.period for each in indicators}
    # Where lines differ, a year is printed as the catalogue prints it.
    period = periods.pop() if len(periods) == 1 else catalogue.period
    chosen = wanted if narrow and wanted else tuple(years)
    return Columns(chosen, period, judged=bool(wanted))
