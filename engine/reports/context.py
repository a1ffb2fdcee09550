"""The context of a template: the catalogue laid out by place, group and event, beside its values.

Templates lay out and never compute: everything that is counted or looked up is so here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.catalogue.model import Catalogue, Group, Indicator
from engine.i18n import gettext as _
from engine.problems import Problem
from engine.reports.layout import (
    Below,
    Cell,
    Columns,
    Line,
    Note,
    Place,
    PlannedEvent,
    Section,
    Tally,
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
    notes = _number_notes(catalogue)
    places = _build_places(catalogue, rows, tuple(years), notes)
    return {
        "catalogue": catalogue,
        "years": tuple(years),
        "places": places,
        "indicator_columns": _choose_columns(catalogue, _lines(places), years, narrow=False),
        "plan_columns": _choose_columns(catalogue, _plan_lines(places), years, narrow=True),
        "notes": tuple(notes.values()),
        "rows": rows,
        "inputs": tuple(row for row in every if row.indicator not in catalogue.indicators),
        "problems": tuple(problems),
        "notice": str(getattr(data, "notice", "") or ""),
        "data_hash": str(getattr(data, "hash", "") or "")[:12],
        "engine_version": ENGINE_VERSION,
    }


# --- places, groups, events --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Scope:
    """What the lines of one place are made from."""

    catalogue: Catalogue
    rows: Mapping[_Key, Row]
    notes: Mapping[tuple[str, str], Note]
    years: tuple[int, ...]
    level: str
    alone: bool
    place: str

    def find(self, indicator: Indicator, year: int, scenario: str) -> Row | None:
        return self.rows.get((indicator.id, self.level, self.place, year, scenario))

    def note(self, kind: str, name: str) -> int:
        found = self.notes.get((kind, name))
        return found.number if found else 0


def _build_places(
    catalogue: Catalogue,
    rows: Sequence[Row],
    years: tuple[int, ...],
    notes: Mapping[tuple[str, str], Note],
) -> tuple[Place, ...]:
    known = {row.level for row in rows}
    top = next((each for each in reversed(catalogue.levels) if each in known), "")
    titles = {row.place: row.place_title for row in rows if row.level == top}
    if not titles:
        titles = {catalogue.id: catalogue.municipality or catalogue.title}
    found: dict[_Key, Row] = {
        (row.indicator, row.level, row.place, row.year, row.scenario): row for row in rows
    }
    return tuple(
        _build_place(_Scope(catalogue, found, notes, years, top, len(titles) == 1, place), title)
        for place, title in titles.items()
    )


def _build_place(scope: _Scope, title: str) -> Place:
    catalogue = scope.catalogue
    lines: dict[str, list[Line]] = {}
    for indicator in catalogue.indicators.values():
        if indicator.event is None:
            lines.setdefault(indicator.group, []).append(_build_line(scope, indicator))
    events: dict[str, list[PlannedEvent]] = {}
    for event in catalogue.events.values():
        its_lines = tuple(_build_line(scope, catalogue.indicators[each]) for each in event.results)
        planned = PlannedEvent(event, its_lines, scope.note("event", event.id))
        events.setdefault(event.section, []).append(planned)
    groups = tuple(
        Section(group, scope.note("group", group.id), lines=tuple(lines[group.id]))
        for group in _order_groups(catalogue, lines)
    )
    plan = tuple(
        Section(group, scope.note("group", group.id), events=tuple(events[group.id]))
        for group in _order_groups(catalogue, events)
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


def _order_groups(catalogue: Catalogue, used: Iterable[str]) -> list[Group]:
    """The groups in use as declared, then «Без группы» for what names none."""
    names = tuple(used)
    declared = [group for group in catalogue.groups.values() if group.id in names]
    rest = [name for name in names if name not in catalogue.groups]
    return declared + [Group(name, _("Without a group")) for name in rest]


def _build_line(scope: _Scope, indicator: Indicator) -> Line:
    cells = tuple(_build_cell(scope, indicator, year) for year in scope.years)
    shown = [row.unit for cell in cells for row in (cell.fact, cell.forecast) if row and row.unit]
    unit = shown[0] if shown else indicator.unit
    label = unit_label(unit, scope.catalogue.language)
    return Line(indicator, label, cells, scope.note("indicator", indicator.id))


def _build_cell(scope: _Scope, indicator: Indicator, year: int) -> Cell:
    fact = scope.find(indicator, year, "fact")
    target = indicator.targets.get(year)
    checks = scope.catalogue.checks
    names = dict.fromkeys(fact.checks if fact else ())
    return Cell(
        year,
        fact,
        scope.find(indicator, year, "forecast"),
        _build_below(scope, indicator, year),
        unset=target is not None and target.value is None,
        remarks=tuple(checks[name].message if name in checks else name for name in names),
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
        for key, row in scope.rows.items()
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


# --- columns and notes -------------------------------------------------------------------------


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
    wanted = tuple(year for year in years if any(year in line.indicator.targets for line in lines))
    periods = {line.indicator.period for line in lines}
    # Where lines differ, a year is printed as the catalogue prints it.
    period = periods.pop() if len(periods) == 1 else catalogue.period
    chosen = wanted if narrow and wanted else tuple(years)
    return Columns(chosen, period, judged=bool(wanted))


def _number_notes(catalogue: Catalogue) -> dict[tuple[str, str], Note]:
    """Notes on how the order was read, numbered as they are met down the page."""
    notes: dict[tuple[str, str], Note] = {}
    for key, about, text in _find_notes(catalogue):
        if text and key not in notes:
            notes[key] = Note(len(notes) + 1, about, text)
    return notes


def _find_notes(catalogue: Catalogue) -> Iterator[tuple[tuple[str, str], str, str]]:
    indicators = [each for each in catalogue.indicators.values() if each.event is None]
    for group in _order_groups(catalogue, {each.group: 0 for each in indicators}):
        yield ("group", group.id), group.title, group.note
        for indicator in indicators:
            if indicator.group == group.id:
                yield _about(indicator)
    events = catalogue.events.values()
    for group in _order_groups(catalogue, {event.section: 0 for event in events}):
        yield ("group", group.id), group.title, group.note
        for event in events:
            if event.section == group.id:
                about = f"№ {event.code}" if event.code else event.title
                yield ("event", event.id), about, event.interpretation
                for name in event.results:
                    yield _about(catalogue.indicators[name])


def _about(indicator: Indicator) -> tuple[tuple[str, str], str, str]:
    about = f"№ {indicator.code}" if indicator.code else indicator.title
    return ("indicator", indicator.id), about, indicator.interpretation
