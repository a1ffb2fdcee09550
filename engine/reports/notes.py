"""What stands below a page and is marked in it: how the order was read, which checks failed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from engine.catalogue.model import Catalogue, Group, Indicator
from engine.i18n import gettext as _
from engine.problems import Problem
from engine.reports.layout import FailedCheck, Failure, Note
from engine.reports.rows import Row

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
    failures = tuple(Failure(title, tuple(sorted(when))) for (_id, title), when in years.items())
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
