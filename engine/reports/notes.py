"""What stands below a page and is marked in it: how the order was read, which checks failed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet

from engine.catalogue.lookups import form_inputs
from engine.catalogue.model import Catalogue, Group, Indicator
from engine.problems import Problem
from engine.reports.filters import SIGNS, reason
from engine.reports.page_model import FailedCheck, FailedPlace, Mark, Note, Reporter
from engine.reports.result_rows import ResultRows, Row, is_unwritten
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
        yield ("group", group.id), group.title, group.note
        for indicator in indicators:
            if indicator.group == group.id:
                yield _about(catalogue, indicator)
    events = catalogue.events.values()
    for group in order_groups(catalogue, {event.section: 0 for event in events}):
        yield ("group", group.id), group.title, group.note
        for event in events:
            if event.section == group.id:
                about = f"№ {event.code}" if event.code else event.title
                yield ("event", event.id), about, event.interpretation
                for name in event.results:
                    yield _about(catalogue, catalogue.indicators[name])


def _about(catalogue: Catalogue, indicator: Indicator) -> tuple[NoteKey, str, str]:
    about = f"№ {indicator.code}" if indicator.code else indicator.title
    whole = find_whole(catalogue, indicator)
    # What a part has from its whole is said there.
    told = whole is not None and whole.interpretation == indicator.interpretation
    return ("indicator", indicator.id), about, "" if told else indicator.interpretation


# --- failed checks -----------------------------------------------------------------------------


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
    here = [row for row in rows if check is not None and row.level == check.level]
    years: dict[tuple[str, str], set[int]] = {}
    for row in here or rows:
        years.setdefault((row.place, row.place_title), set()).add(row.year)
    failures = tuple(
        FailedPlace(title, tuple(sorted(when))) for (_id, title), when in years.items()
    )
    if check is None:
        return FailedCheck(name, number, name, "warning", failures)
    return FailedCheck(name, number, check.message, check.severity, failures)


def leave_out(problems: Iterable[Problem], checks: Iterable[FailedCheck]) -> tuple[Problem, ...]:
    """The problems without those that the list of failed checks tells already."""
    told = {
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
            for message, where in told
        )
    )


# --- legend ---------------------------------------------------------------------------------------
# The signs that stand in place of a number, and what they mean.


def list_marks(rows: ResultRows) -> tuple[Mark, ...]:
    """A mark for every reason that occurs in the rows, and for zero, in one order always."""
    reasons = set(rows.column("reason"))
    zero = 0 in set(rows.column("value"))
    unwritten = any(is_unwritten(rows.catalogue, name) for name in set(rows.column("indicator")))
    return tuple(
        mark
        for mark in _list_all_marks(unwritten=unwritten)
        if (mark.reason in reasons if mark.reason else zero)
    )


def _list_all_marks(*, unwritten: bool) -> Iterator[Mark]:
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
        "no_such_level": _("there is no place above that it could be taken from"),
        "zero_denominator": _("there is nothing of which a share could be taken"),
    }
    yield Mark("", "0", _("zero"), _("an answer was given, and it is zero"))
    for code, meaning in meanings.items():
        yield Mark(code, SIGNS[code], reason(code), meaning)


# --- reporters ------------------------------------------------------------------------------------
# Who reported and who has not, as the rows of single schools tell it.


NOTHING: AbstractSet[tuple[str, int]] = frozenset()


def find_uncollected(catalogue: Catalogue, rows: ResultRows) -> AbstractSet[tuple[str, int]]:
    """Inputs and years: what is asked by forms alone of which no school has yet sent an answer.

    Of a year in which nobody has answered anything, everything is asked.
    """
    school = catalogue.levels[0]
    columns = [rows.column(name) for name in ("level", "scenario", "indicator", "year", "reported")]
    given: dict[int, set[str]] = {}
    for level, scenario, name, year, reported in zip(*columns, strict=True):
        if level == school and scenario == "fact" and reported and name in catalogue.inputs:
            given.setdefault(year, set()).add(name)
    forms = [
        frozenset(form_inputs(catalogue, form))
        for form in catalogue.forms.values()
        if form.fills == school
    ]
    asked = frozenset[str]().union(*forms)
    return frozenset(
        (name, year)
        for year, answered in given.items()
        for name in asked
        if not any(name in form and form & answered for form in forms)
    )


def list_reporters(
    catalogue: Catalogue,
    rows: ResultRows,
    years: Sequence[int],
    uncollected: AbstractSet[tuple[str, int]] = NOTHING,
) -> tuple[Reporter, ...]:
    """The schools of these rows, by title; a school with one answer has reported.

    Answers are counted by inputs where the rows have them, else by indicators; what nobody is
    asked yet (`uncollected`) is not counted.
    """
    names = ("level", "place", "place_title", "year", "scenario", "indicator")
    columns = [rows.column(name) for name in (*names, "reported", "expected")]
    school = catalogue.levels[0]
    by_inputs = any(
        one in catalogue.inputs and one not in catalogue.indicators for one in columns[5]
    )
    titles: dict[str, str] = {}
    asked: dict[tuple[str, int], int] = {}
    answered: dict[tuple[str, int], int] = {}
    some: set[tuple[str, int]] = set()
    for level, place, title, year, scenario, name, reported, expected in zip(*columns, strict=True):
        if level != school or scenario != "fact":
            continue
        titles[place] = title or place
        if reported:
            some.add((place, year))
        if by_inputs == (name in catalogue.indicators) or (name, year) in uncollected:
            continue
        asked[place, year] = asked.get((place, year), 0) + bool(expected)
        answered[place, year] = answered.get((place, year), 0) + bool(reported and expected)
    return tuple(
        Reporter(
            place,
            title,
            {year: (place, year) in some if asked.get((place, year)) else None for year in years},
            {year: answered.get((place, year), 0) for year in years},
            {year: asked.get((place, year), 0) for year in years},
        )
        for place, title in sorted(titles.items(), key=lambda pair: _in_order(pair[1]))
    )


def _in_order(title: str) -> tuple[tuple[int, str], ...]:
    """Titles as people sort them: школа № 2 before школа № 10."""
    return tuple(
        (int(part), "") if part.isdigit() else (-1, part.casefold())
        for part in re.split(r"(\d{1,18})", title)
    )
