"""What stands below a page and is marked in it: how the order was read, which checks failed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from engine.catalogue.lookups import form_inputs
from engine.catalogue.model import Catalogue, CheckSeverity, Group, Indicator
from engine.problems import Problem
from engine.reports.filters import reason, sign_of_reason
from engine.reports.result_rows import Row
from engine.translation import gettext as _

NoteKey = tuple[str, str]  # "group", "event" or "indicator", and its id


def order_groups(catalogue: Catalogue, used: Iterable[str]) -> list[Group]:
    """The groups in use as declared, then «Без группы» for what names none."""
    names = tuple(used)
    declared = [group for group in catalogue.groups.values() if group.id in names]
    rest = [name for name in names if name not in catalogue.groups]
    return declared + [Group(name, _("Without a group")) for name in rest]


def find_whole(catalogue: Catalogue, indicator: Indicator) -> Indicator | None:
    """The indicator that this one is a part of, as `by:` made it."""
    if indicator.part is None:
        return None
    return catalogue.indicators.get(indicator.id.removesuffix(f".{indicator.part}"))


# --- how the order was read --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Note:
    """How the order was read where it can be read in several ways."""

    number: int
    about: str
    text: str


def number_notes(catalogue: Catalogue) -> dict[NoteKey, Note]:
    """Notes on how the order was read, numbered as they are met down the page."""
    notes: dict[NoteKey, Note] = {}
    for key, about, text in _find_notes(catalogue):
        if text and key not in notes:
            notes[key] = Note(len(notes) + 1, about, text)
    return notes


def _find_notes(catalogue: Catalogue) -> Iterator[tuple[NoteKey, str, str]]:
    indicators = [each for each in catalogue.indicators.values() if each.event is None]
    for group in order_groups(catalogue, {each.group: 0 for each in indicators}):
        yield ("group", group.id), group.short_title, group.note
        for indicator in indicators:
            if indicator.group == group.id:
                yield _about(catalogue, indicator)
    events = catalogue.events.values()
    for group in order_groups(catalogue, {event.section: 0 for event in events}):
        yield ("group", group.id), group.short_title, group.note
        for event in events:
            if event.section == group.id:
                about = (
                    _("No. {number}").format(number=event.code) if event.code else event.short_title
                )
                yield ("event", event.id), about, event.interpretation
                for name in event.results:
                    yield _about(catalogue, catalogue.indicators[name])


def _about(catalogue: Catalogue, indicator: Indicator) -> tuple[NoteKey, str, str]:
    about = (
        _("No. {number}").format(number=indicator.code) if indicator.code else indicator.short_title
    )
    whole = find_whole(catalogue, indicator)
    # What a part has from its whole stands there.
    repeated = whole is not None and whole.interpretation == indicator.interpretation
    return ("indicator", indicator.id), about, "" if repeated else indicator.interpretation


# --- failed checks -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FailedPlace:
    """A place at which a check failed, and in which years."""

    place: str
    years: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class FailedCheck:
    """A check that failed somewhere; `number` marks the values it touches."""

    id: str
    number: int
    message: str
    severity: CheckSeverity
    failures: tuple[FailedPlace, ...]


def number_checks(catalogue: Catalogue, rows: Sequence[Row]) -> dict[str, FailedCheck]:
    """The checks that touch these rows by id, in the order of the catalogue, with their places."""
    touched: dict[str, list[Row]] = {}
    for row in rows:
        for name in row.checks:
            touched.setdefault(name, []).append(row)
    names = [name for name in catalogue.checks if name in touched]
    names += [name for name in touched if name not in catalogue.checks]
    return {
        name: _describe_check(catalogue, name, number, touched[name])
        for number, name in enumerate(names, start=1)
    }


def _describe_check(
    catalogue: Catalogue, name: str, number: int, rows: Sequence[Row]
) -> FailedCheck:
    check = catalogue.checks.get(name)
    # A check failed where it was made; the places above only contain that one.
    own = [row for row in rows if check is not None and row.level == check.level]
    years: dict[tuple[str, str], set[int]] = {}
    for row in own or rows:
        years.setdefault((row.place, row.place_title), set()).add(row.year)
    failures = tuple(
        FailedPlace(title, tuple(sorted(when))) for (_id, title), when in years.items()
    )
    if check is None:
        return FailedCheck(name, number, name, "warning", failures)
    return FailedCheck(name, number, check.message, check.severity, failures)


def omit_listed(problems: Iterable[Problem], checks: Iterable[FailedCheck]) -> tuple[Problem, ...]:
    """The problems without those that the list of failed checks has already."""
    listed = {
        (check.message.rstrip("."), f"{failure.place}, {year}")
        for check in checks
        for failure in check.failures
        for year in failure.years
    }
    return tuple(
        problem
        for problem in problems
        if not any(
            problem.message.startswith(message) and where in problem.message
            for message, where in listed
        )
    )


# --- legend ---------------------------------------------------------------------------------------
# The signs that stand in place of a number, and what they mean.


@dataclass(frozen=True, slots=True)
class LegendEntry:
    """What a sign in a table of numbers means; `reason` is empty for the sign of a zero."""

    reason: str
    sign: str
    words: str
    meaning: str


def list_marks(rows: Iterable[Row]) -> tuple[LegendEntry, ...]:
    """A mark for every reason that occurs in the rows, and for zero, always in the same order."""
    used = {(row.reason or ("" if row.value == 0 else None), row.unwritten) for row in rows}
    reasons = {code for code, _unwritten in used}
    marks = _all_marks(unwritten=any(unwritten for _code, unwritten in used))
    return tuple(mark for mark in marks if mark.reason in reasons)


def _all_marks(*, unwritten: bool) -> Iterator[LegendEntry]:
    meanings = {
        "suppressed": _("there is a value; it is not published, so that nobody can be recognised"),
        "not_applicable": _("nothing is expected here: it does not concern this place"),
        "not_readable": _("something was given that cannot be read as an answer"),
        "not_reported": _("an answer was expected, and none was given"),
        "blocked": _("somebody has not reported, and without everybody it is not computed"),
        "before_formula": _(
            "the indicator was not counted in that year, or its formula is not written"
        )
        if unwritten
        else _("the indicator was not counted in that year"),
        "no_previous": _("there is nothing a year earlier to compare with"),
        "no_such_level": _("there is a value at another level only, and none is made of it here"),
        "outside_scale": _("the value falls into none of the classes of the scale"),
        "series_break": _("the method changed, and numbers before and after are not compared"),
        "no_target": _("a target is needed here, and none is set"),
        "no_constant": _("a constant is needed here, and it has no number for this year"),
        "zero_denominator": _("there is nothing of which a share could be taken"),
    }
    yield LegendEntry("", "0", _("zero"), _("an answer was given, and it is zero"))
    for code, meaning in meanings.items():
        yield LegendEntry(code, sign_of_reason(code), reason(code), meaning)


# --- reporters ------------------------------------------------------------------------------------
# Which schools reported, by the rows of single schools.


def find_uncollected(catalogue: Catalogue, rows: Iterable[Row]) -> AbstractSet[tuple[str, int]]:
    """Inputs and years: what is asked by forms alone and answered by no school yet.

    Of a year in which nobody has answered anything, everything is asked.
    """
    answered: dict[int, set[str]] = {}
    for row in _list_school_facts(catalogue, rows):
        if row.reported and row.indicator in catalogue.inputs:
            answered.setdefault(row.year, set()).add(row.indicator)
    forms = [
        frozenset(form_inputs(catalogue, form))
        for form in catalogue.forms.values()
        if form.fills == catalogue.levels[0]
    ]
    inputs = frozenset[str]().union(*forms)
    return frozenset(
        (name, year)
        for year, names in answered.items()
        for name in inputs
        if not any(name in form and form & names for form in forms)
    )


@dataclass(frozen=True, slots=True)
class Reporter:
    """A school, and by year whether it reported: None where it was not expected to.

    `answered` of the `asked` questions have an answer, `unanswered` are the rows of the others.
    `awaited`: how many more are asked by forms that no school has returned yet.
    """

    place: str
    title: str
    reported: Mapping[int, bool | None]
    answered: Mapping[int, int]
    asked: Mapping[int, int]
    unanswered: Mapping[int, tuple[Row, ...]]
    awaited: Mapping[int, int]

    @property
    def last_year(self) -> int | None:
        """The last year of the report in which it reported."""
        return max((year for year, reported in self.reported.items() if reported), default=None)


def list_reporters(
    catalogue: Catalogue,
    rows: Iterable[Row],
    years: Sequence[int],
    uncollected: AbstractSet[tuple[str, int]],
) -> tuple[Reporter, ...]:
    """The schools of these rows, by title; a school with one answer has reported.

    Answers are counted by inputs where the rows have them, else by indicators; what nobody is
    asked yet (`uncollected`) is not counted.
    """
    facts = list(_list_school_facts(catalogue, rows))
    by_inputs = any(row.indicator not in catalogue.indicators for row in facts)
    titles = {row.place: row.place_title for row in facts}
    reporters = {(row.place, row.year) for row in facts if row.reported}
    questions: dict[tuple[str, int], dict[str, Row]] = {}
    awaited: Counter[tuple[str, int]] = Counter()
    for row in facts:
        name = _find_question(catalogue, row) if by_inputs else row.indicator
        if not name or not row.expected:
            continue
        if (name, row.year) in uncollected:
            awaited[row.place, row.year] += 1
        else:
            questions.setdefault((row.place, row.year), {}).setdefault(name, row)

    def count(place: str, title: str) -> Reporter:
        asked = {year: list(questions.get((place, year), {}).values()) for year in years}
        lacking = {
            year: tuple(row for row in of_year if not row.reported)
            for year, of_year in asked.items()
        }
        return Reporter(
            place,
            title,
            {year: (place, year) in reporters if asked[year] else None for year in years},
            {year: len(asked[year]) - len(lacking[year]) for year in years},
            {year: len(asked[year]) for year in years},
            lacking,
            {year: awaited[place, year] for year in years},
        )

    ordered = sorted(titles.items(), key=lambda pair: _in_order(pair[1]))
    return tuple(count(place, title) for place, title in ordered)


def _find_question(catalogue: Catalogue, row: Row) -> str:
    """The input whose answer the row shows; empty where it is computed."""
    if row.indicator in catalogue.inputs:
        return row.indicator
    indicator = catalogue.indicators.get(row.indicator)
    return (indicator.input if indicator is not None else None) or ""


def _list_school_facts(catalogue: Catalogue, rows: Iterable[Row]) -> Iterator[Row]:
    lowest = catalogue.levels[0]
    return (row for row in rows if row.level == lowest and row.scenario == "fact")


def _in_order(title: str) -> tuple[tuple[int, str], ...]:
    """Titles as people sort them: школа № 2 before школа № 10."""
    return tuple(
        (int(part), "") if part.isdigit() else (-1, part.casefold())
        for part in re.split(r"(\d{1,18})", title)
    )
