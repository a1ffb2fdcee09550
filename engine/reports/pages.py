"""The page of one place: its indicators by group, its plan by section, the cells of each year.

First what a template sees, then the rows it is made from, then how it is made.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import TYPE_CHECKING, Literal

from engine.catalogue.formula_units import counted_unit, is_yes_or_no_at
from engine.catalogue.lookups import is_rank
from engine.catalogue.model import (
    NUMERIC,
    Catalogue,
    Event,
    Group,
    Indicator,
    Input,
    InputKind,
    Period,
)
from engine.catalogue.scale_words import head_grades
from engine.data.register import Lineage
from engine.language.functions import OVER_YEARS
from engine.reports.counts import (
    LowerVerdicts,
    OutcomeKind,
    OutsideCount,
    Tally,
    TargetOutcome,
    choose_last,
    count_targets,
    has_target_apart,
    list_outside,
)
from engine.reports.notes import (
    FailedCheck,
    Note,
    NoteKey,
    Reporter,
    find_whole,
    order_groups,
)
from engine.reports.result_rows import PlaceKey, ResultRows, Row, RowKey, Status, measure_distance
from engine.reports.year_tables import list_table_years
from engine.units import subtract_printed, unit_label

if TYPE_CHECKING:
    from markupsafe import Markup


# --- what a template sees ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Place:
    """One place: its indicators by group, its plan by section.

    It is of the highest level, or the one that a sheet of its own is made for (`--each`). `within`
    are the titles of the places it lies in, by their level. `missed`, `plan_missed`: by year, the
    lines that miss their target, the worst first. `outcomes` say of the last year that is
    judged how many targets are reached, its own and those given for reference. `reporters` are the
    schools in it, `checks` those that failed in it. `outside`: whom its distributions leave out,
    having no class.
    """

    id: str
    title: str
    level: str
    groups: tuple[Section, ...]
    plan: tuple[Section, ...]
    tallies: tuple[Tally, ...]
    plan_tallies: tuple[Tally, ...]
    within: Mapping[str, str]
    outcomes: tuple[TargetOutcome, ...] = ()
    missed: Mapping[int, tuple[PageLine, ...]] = field(default_factory=dict)
    plan_missed: Mapping[int, tuple[PageLine, ...]] = field(default_factory=dict)
    reporters: tuple[Reporter, ...] = ()
    checks: tuple[FailedCheck, ...] = ()
    outside: tuple[OutsideCount, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """A group with its indicators or, in the plan, its events; by year, how many targets are reached."""

    group: Group
    note: int
    lines: tuple[PageLine, ...] = ()
    events: tuple[PlannedEvent, ...] = ()
    tallies: tuple[Tally, ...] = ()


@dataclass(frozen=True, slots=True)
class PlannedEvent:
    """A measure of the plan with its results."""

    event: Event
    lines: tuple[PageLine, ...]
    note: int

    @property
    def unanswered(self) -> bool:
        """Whether it has results, and in no year of the report has anybody said anything of them."""
        cells = [cell for line in self.lines for cell in line.cells]
        rows = [row for cell in cells for row in (cell.fact, cell.forecast) if row is not None]
        return bool(rows) and all(row.reason == "not_reported" for row in rows)


@dataclass(frozen=True, slots=True)
class PageLine:
    """An indicator, or a part of an input, with its cells in the order of the report's years.

    `short_title` is what is printed of the title, under the heading of a group or an event.
    `depth` is 0, and more where the line stands under another as its part; `indicator` is None
    where it is a part of an input. `note` is the number of the note that says how it is read, 0
    where there is none. `only_below`: the highest level below this place that it has rows at, where it has
    none here; else empty.
    """

    id: str
    code: str
    title: str
    short_title: str
    type: InputKind | Literal["class"]
    unit: str
    cells: tuple[YearCell, ...]
    note: int = 0
    depth: int = 0
    indicator: Indicator | None = None
    only_below: str = ""

    @property
    def base(self) -> Row | None:
        """A row that has the base from which its targets are counted; None where it has no base."""
        rows = (row for cell in self.cells for row in (cell.fact, cell.forecast) if row is not None)
        return next((row for row in rows if row.base is not None), None)

    @property
    def last(self) -> YearCell | None:
        """The newest cell with a value, else the newest that one is expected in; None without such."""
        due = [
            cell
            for cell in self.cells
            if cell.fact is not None and cell.fact.reason != "not_applicable"
        ]
        known = [cell for cell in due if cell.fact is not None and cell.fact.value is not None]
        return next(reversed(known or due), None)


@dataclass(frozen=True, slots=True)
class YearCell:
    """One line in one year at one place.

    `below` is there where the target is one for every school, not for this place; `unset`: the
    order has a cell for the target and left it empty; `checks`: numbers of the failed checks that
    touch the value. `above` is the fact of the place that this one lies in, there where the place
    is not of the highest level. `summed`: its value is the sum of what schools have, and no mean of
    them. `over_years`: its formula itself sets the year against an earlier one, by the schools of each.
    `reference`: the fact as the target of the places above would judge
    it, there where it is given for orientation alone.
    """

    year: int
    fact: Row | None = None
    forecast: Row | None = None
    below: LowerVerdicts | None = None
    unset: bool = False
    checks: tuple[int, ...] = ()
    above: Row | None = None
    reference: Row | None = None
    summed: bool = True
    over_years: bool = False

    @property
    def judged(self) -> Row | None:
        """The fact with its verdict: by the target of the place, else by the one for reference."""
        return next((row for row in (self.fact, self.reference) if row and row.judged), None)

    @property
    def has_aim(self) -> bool:
        """Whether it has a target: its own, for reference, of places below or left empty."""
        rows = (row for row in (self.fact, self.forecast) if row is not None)
        own = any(row.target is not None or row.reference is not None for row in rows)
        return own or self.below is not None or self.unset

    @property
    def average(self) -> float | None:
        """Of a sum: what one of those who reported has on average, in the place above."""
        above = self.above
        if above is None or above.unit is None or not above.unit.additive or not above.reported:
            return None
        if not self.summed:
            return None
        value = above.value
        return value / above.reported if isinstance(value, int | float) else None


@dataclass(frozen=True, slots=True)
class YearColumns:
    """Which years a table has, how they are printed, whether there is anything to judge.

    `base`: whether a target in it is counted from a base, which has a column of its own. `graded`: whether
    a value in it has a class beside it or points; `grade_heading`: which of them. `aimed_above`:
    whether beside other targets one of a place above says nothing of a line, not even for reference.
    `tables`: the same columns apart, in each as many years as a page of A4 takes.
    """

    years: tuple[int, ...]
    period: Period
    judged: bool
    aimed_above: bool = False
    base: bool = False
    graded: bool = False
    grade_heading: str = ""
    tables: tuple[YearColumns, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """One of the places below, with its cells of one indicator in the order of the years."""

    place: str
    title: str
    level: str
    cells: tuple[YearCell, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing of an indicator's years.

    `svg` may stand in a page as it is and says in words what it shows; `words` are the same words.
    """

    title: str
    words: str
    svg: Markup


# --- what a page is made from --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PageRows:
    """The rows that a page shows, who lies in whom, the notes. `checks`: the failed ones, by id."""

    catalogue: Catalogue
    years: tuple[int, ...]
    rows: ResultRows
    lineage: Lineage
    notes: Mapping[NoteKey, Note]
    checks: Mapping[str, FailedCheck] = field(default_factory=dict)

    def find(self, name: str, place: PlaceKey, year: int, scenario: str = "fact") -> Row | None:
        """The row of an indicator or an input at a place, if there is one."""
        return self.rows.by_key.get(RowKey(name, *place, year, scenario))

    def above(self, name: str, place: PlaceKey, year: int) -> Row | None:
        """The fact of the nearest place above that has a row."""
        upper = self.lineage.above.get((*place, year), {})
        rows = (self.find(name, each, year) for each in upper.items())
        return next((row for row in rows if row is not None), None)

    def below(self, name: str, level: str, place: PlaceKey, year: int) -> Iterator[Row]:
        """The facts of the places of a lower level that lie in a place.

        Where the data name no schools, everything lies in the one place of its level.
        """
        for lower in self.rows.by_place:
            row = self.find(name, lower, year) if lower[0] == level else None
            if row is None:
                continue
            known = (*lower, year) in self.lineage.above
            if self.lineage.lies_in(*lower, year, of=place) if known else self._is_alone(place):
                yield row

    def _is_alone(self, place: PlaceKey) -> bool:
        return all(other == place for other in self.rows.by_place if other[0] == place[0])

    def note(self, kind: str, name: str) -> int:
        """The number of the note on a thing, 0 without one."""
        note = self.notes.get((kind, name))
        return note.number if note else 0


# --- how it is made ------------------------------------------------------------------------------


def build_place(page: PageRows, place: PlaceKey, title: str, within: Mapping[str, str]) -> Place:
    """The page of one place. `within`: the titles of the places it lies in, by their level."""
    catalogue = page.catalogue
    lines: dict[str, list[PageLine]] = {}
    for indicator in catalogue.indicators.values():
        if indicator.event is None:
            lines.setdefault(indicator.group, []).extend(_build_lines(page, place, indicator))
    events: dict[str, list[PlannedEvent]] = {}
    for event in catalogue.events.values():
        lines_of_event = tuple(
            line
            for name in event.results
            for line in _build_lines(page, place, catalogue.indicators[name])
        )
        planned = PlannedEvent(event, lines_of_event, page.note("event", event.id))
        events.setdefault(event.section, []).append(planned)
    groups = tuple(
        Section(
            group,
            page.note("group", group.id),
            lines=tuple(lines[group.id]),
            tallies=_count_by_year(lines[group.id], page.years),
        )
        for group in order_groups(catalogue, lines)
    )
    plan = tuple(
        Section(
            group,
            page.note("group", group.id),
            events=tuple(events[group.id]),
            tallies=_count_by_year(_list_results(events[group.id]), page.years),
        )
        for group in order_groups(catalogue, events)
    )
    level, name = place
    every = list(chain(*lines.values()))
    results = _list_results(chain(*events.values()))
    return Place(
        name,
        title,
        level,
        groups,
        plan,
        _count_by_year(every, page.years),
        _count_by_year(results, page.years),
        within,
        tuple(_list_outcomes(every, results, page.years)),
        _list_missed(every, page.years),
        _list_missed(results, page.years),
        outside=list_outside(catalogue, (cell.fact for line in every for cell in line.cells)),
    )


def _list_results(events: Iterable[PlannedEvent]) -> list[PageLine]:
    return [line for event in events for line in event.lines]


def build_parts(
    page: PageRows, places: Iterable[Place], key: str | tuple[str, str]
) -> tuple[Part, ...]:
    """An indicator (or an input) at the places below these, the highest level first.

    `key`: its id, or that and the id of the one place that they lie in. KeyError where the catalogue has
    neither of that name.
    """
    catalogue = page.catalogue
    name, above = (key, "") if isinstance(key, str) else key
    indicator = catalogue.indicators.get(name)
    if indicator is None and name not in catalogue.inputs:
        raise KeyError(name)
    parts = []
    for upper in places:
        if upper.level not in catalogue.levels or above not in {"", upper.id}:
            continue
        for level in reversed(catalogue.levels[: catalogue.levels.index(upper.level)]):
            titles = {
                row.place: row.place_title
                for year in page.years
                for row in page.below(name, level, (upper.level, upper.id), year)
            }
            for place, title in titles.items():
                cells = (
                    _build_cell(page, (level, place), name, indicator, year) for year in page.years
                )
                parts.append(Part(place, title, level, tuple(cells)))
    return tuple(parts)


# --- lines and cells ---------------------------------------------------------------------------


def _build_lines(page: PageRows, place: PlaceKey, indicator: Indicator) -> Iterator[PageLine]:
    """The line of an indicator and, where it is an input with parts, theirs below it.

    None where it has rows at higher levels alone.
    """
    levels = page.catalogue.places
    if indicator.levels and min(map(levels.index, indicator.levels)) > levels.index(place[0]):
        return
    whole = find_whole(page.catalogue, indicator)
    title, short, depth = indicator.title, indicator.short_title, 0
    if whole is not None and indicator.part is not None:
        title = title.removeprefix(f"{whole.title}: ")
        short = short.removeprefix(f"{whole.short_title}: ")
        depth = indicator.part.count(".") + 1
    note = page.note("indicator", indicator.id)
    yield _build_line(page, place, indicator, indicator.code, (title, short), depth, note)
    given = page.catalogue.inputs.get(indicator.input or "")
    if given is not None:
        yield from _build_part_lines(page, place, given, depth + 1)


def _build_part_lines(
    page: PageRows, place: PlaceKey, given: Input, depth: int
) -> Iterator[PageLine]:
    """The parts of an input that the results have a row of, each with its own parts."""
    for name in given.parts:
        part = page.catalogue.inputs[name]
        if any(page.find(name, place, year) for year in page.years):
            yield _build_line(page, place, part, "", (part.title, part.short_title), depth)
            yield from _build_part_lines(page, place, part, depth + 1)


def _build_line(  # noqa: PLR0917 - an indicator, and how its line differs from a part's
    page: PageRows,
    place: PlaceKey,
    declared: Indicator | Input,
    code: str,
    titles: tuple[str, str],
    depth: int,
    note: int = 0,
) -> PageLine:
    indicator = declared if isinstance(declared, Indicator) else None
    cells = tuple(_build_cell(page, place, declared.id, indicator, year) for year in page.years)
    shown = [row.unit for cell in cells for row in (cell.fact, cell.forecast) if row and row.unit]
    label = unit_label(
        shown[0] if shown else declared.unit,
        page.catalogue.language,
        ordinal=indicator is not None and is_rank(indicator.formulas),
    )
    levels = page.catalogue.places
    own = indicator.levels if indicator else ()
    highest = max(own, key=levels.index) if own else place[0]
    only_below = highest if levels.index(highest) < levels.index(place[0]) else ""
    return PageLine(
        declared.id, code, *titles, declared.type, label, cells, note, depth, indicator, only_below
    )


def _build_cell(
    page: PageRows, place: PlaceKey, name: str, indicator: Indicator | None, year: int
) -> YearCell:
    fact = page.find(name, place, year)
    target = indicator.targets.get(year) if indicator else None
    above = page.above(name, place, year)
    known = page.checks
    checks = {known[each].number for each in fact.checks if each in known} if fact else set()
    yes_or_no = is_yes_or_no_at(page.catalogue, name, place[0])
    return YearCell(
        year,
        fact,
        page.find(name, place, year, "forecast"),
        _build_below(page, place, indicator, year) if indicator else None,
        unset=target is not None and not target.is_set,
        checks=tuple(sorted(checks)),
        above=above,
        reference=_judge_by_reference(fact, yes_or_no=yes_or_no),
        summed=_is_sum(page.catalogue, name, indicator),
        over_years=indicator is not None and _is_over_years(indicator),
    )


def _is_over_years(indicator: Indicator) -> bool:
    uses = (use for _year, formula in indicator.formulas for _call, use in formula.calls())
    return not indicator.same_schools and any(use.id in OVER_YEARS for use in uses)


def _is_sum(catalogue: Catalogue, name: str, indicator: Indicator | None) -> bool:
    """Whether a value is what schools have together: a mean of them is not divided once more.

    It is so where all formulas are inputs that are added, and where it is known what is counted.
    """
    names = {formula.text for _year, formula in indicator.formulas} if indicator else set()
    if indicator is None or indicator.input is not None:
        names = {(indicator and indicator.input) or name}
    inputs = [catalogue.inputs.get(each) for each in names]
    if inputs and all(given is not None and given.type in NUMERIC for given in inputs):
        return all(given is not None and given.rollup == "sum" for given in inputs)
    return counted_unit(catalogue, name) is not None


def _judge_by_reference(fact: Row | None, *, yes_or_no: bool = False) -> Row | None:
    """The fact with the target for orientation as its own; `yes_or_no`: it is no number away from it."""
    if fact is None or fact.reference is None:
        return None
    wanted = replace(fact, target=fact.reference, comparator=fact.reference_comparator)
    if not isinstance(fact.value, int | float):
        return wanted
    reached = {
        "at_least": fact.value >= fact.reference,
        "at_most": fact.value <= fact.reference,
        "exactly": fact.value == fact.reference,
    }.get(fact.reference_comparator or "")
    if reached is None:
        return wanted
    status: Status = "met" if reached else "missed"
    if yes_or_no:
        return replace(wanted, status=status)
    deviation = subtract_printed(fact.value, fact.reference, fact.decimals)
    return replace(wanted, status=status, deviation=deviation)


def _build_below(
    page: PageRows, place: PlaceKey, indicator: Indicator, year: int
) -> LowerVerdicts | None:
    target = indicator.targets.get(year)
    if target is None or not target.is_set or place[0] in indicator.target_levels:
        return None
    levels = page.catalogue.places
    wanted = indicator.target_levels[0] if indicator.target_levels else place[0]
    if levels.index(wanted) >= levels.index(place[0]):
        return None
    rows = list(page.below(indicator.id, wanted, place, year))
    differ = len({(row.target, row.comparator) for row in rows}) > 1
    return LowerVerdicts(wanted, count_targets(year, rows), rows[0], differ) if rows else None


def _count_by_year(lines: Sequence[PageLine], years: Sequence[int]) -> tuple[Tally, ...]:
    """How many lines reached the targets of the place itself."""
    tallies = []
    for at, year in enumerate(years):
        cells = [line.cells[at] for line in lines]
        apart = sum(has_target_apart(cell.fact, cell.below) for cell in cells)
        tallies.append(replace(count_targets(year, (cell.fact for cell in cells)), apart=apart))
    return tuple(tallies)


def _list_missed(
    lines: Sequence[PageLine], years: Sequence[int]
) -> Mapping[int, tuple[PageLine, ...]]:
    """By year, the lines that miss a target, the place's own or for reference: the worst first."""
    missed: dict[int, tuple[PageLine, ...]] = {}
    for at, year in enumerate(years):
        judged = [(line.cells[at].judged, line) for line in lines]
        away = [
            (measure_distance(row), line) for row, line in judged if row and row.status == "missed"
        ]
        missed[year] = tuple(line for _far, line in sorted(away, key=lambda pair: -pair[0]))
    return missed


def _count_references(lines: Sequence[PageLine], years: Sequence[int]) -> tuple[Tally, ...]:
    """How many lines reached the targets that are given for reference."""
    return tuple(
        count_targets(year, (line.cells[at].reference for line in lines))
        for at, year in enumerate(years)
    )


def _list_outcomes(
    lines: Sequence[PageLine], results: Sequence[PageLine], years: Sequence[int]
) -> Iterator[TargetOutcome]:
    """Of the indicators and of the plan, by targets of the place and for reference, what is judged."""
    kinds: tuple[tuple[OutcomeKind, Sequence[PageLine]], ...] = (
        ("indicators", lines),
        ("plan", results),
    )
    for kind, of_kind in kinds:
        for reference, count in ((False, _count_by_year), (True, _count_references)):
            last = choose_last(count(of_kind, years))
            if last is not None:
                yield TargetOutcome(kind, reference, last)


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
    """The years of a table; `narrow`: only those that have a target, if any has."""
    indicators = [line.indicator for line in lines if line.indicator is not None]
    wanted = tuple(year for year in years if any(year in each.targets for each in indicators))
    periods = {each.period for each in indicators}
    # Where lines differ, a year is printed as the catalogue prints it.
    period = periods.pop() if len(periods) == 1 else catalogue.period
    chosen = wanted if narrow and wanted else tuple(years)
    aimed = [
        cell
        for line in lines
        for cell in line.cells
        if line.indicator is not None and cell.year in line.indicator.targets
    ]
    judged = any(cell.has_aim for cell in aimed)
    facts = [cell.fact for line in lines for cell in line.cells if cell.fact is not None]
    # What is a class itself is printed as its value.
    classes = any(fact.class_id and not fact.is_class for fact in facts)
    points = any(fact.points is not None for fact in facts)
    columns = YearColumns(
        chosen,
        period,
        judged=judged,
        aimed_above=judged and any(cell.above is not None and not cell.has_aim for cell in aimed),
        base=any(line.base for line in lines),
        graded=classes or points,
        grade_heading=head_grades(classes=classes, points=points),
    )
    shown = [cell.fact or cell.forecast for line in lines for cell in line.cells]
    parts = list_table_years(chosen, filter(None, shown), judged=judged, base=columns.base)
    return replace(columns, tables=tuple(replace(columns, years=tuple(part)) for part in parts))
