"""Who submitted, who did not, what is wrong: the protocol of a collection, as data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Literal

from engine.catalogue.model import Catalogue, Form
from engine.data.long_facts import Format
from engine.data.model import Data
from engine.data.register import Openings
from engine.evaluation.asking import Asking
from engine.evaluation.evaluate import compute_results
from engine.forms.back.gather import BLANK, CLOSED, EMPTY, NOT_KNOWN, NOT_OPEN, STATES, ReceivedFile
from engine.forms.back.submissions import Submission, SubmissionProblem
from engine.forms.out.outside import find_unaddressed
from engine.problems import Problem, order_of

FormStatus = Literal["submitted", "empty", "missing", "not_taken"]
"""`empty`: the form came as it was sent, with nothing filled in."""

NOT_TAKEN, REPLACED = "not_taken", "replaced"
"""Cells of a form that does not count as a whole; answers that a later form has asked anew."""

BALANCE = (*STATES, BLANK, CLOSED, NOT_KNOWN, NOT_OPEN, REPLACED, NOT_TAKEN)
"""Where every cell of every form goes: together they are all there are."""

_NOT_ASKED = frozenset({"unknown-place", "school-not-open", "late-year"})
"""Why a form does not count that nobody expected: it is not for this place in this year."""

PROGRAM = "pokazatel collect"


@dataclass(frozen=True, slots=True)
class ProtocolEntry:
    """A place and a form: `submission` is None where nothing came back.

    `asked` is how many answers are asked of the place, without what does not apply to it, `filled`
    how many of them are given.
    `expected`: the form is for this place. `copies` are the other files of the same form and place.
    """

    form: str
    form_title: str
    year: int
    level: str
    place: str
    title: str
    status: FormStatus
    why: str = ""
    file: str = ""
    sheet: str = ""
    sha256: str = ""
    saved: date | None = None
    days_late: int = 0
    asked: int = 0
    filled: int = 0
    errors: int = 0
    warnings: int = 0
    submission: int | None = None
    expected: bool = True
    copies: tuple[str, ...] = ()

    @property
    def late(self) -> bool:
        """Whether it was saved after the day it was due."""
        return self.days_late > 0


@dataclass(frozen=True, slots=True)
class Protocol:
    """The protocol of one collection: nothing in it depends on when it was made.

    `entries` name every form that came, its copies too; `places` every form and place once.
    `facts` is the kind of file they are in, `rows` how many it holds.
    """

    catalogue: Catalogue
    year: int | None
    entries: tuple[ProtocolEntry, ...]
    problems: tuple[SubmissionProblem, ...]
    files: tuple[ReceivedFile, ...]
    balance: Mapping[str, int]
    facts: Format = "parquet"
    earlier: Mapping[str, int] = field(default_factory=dict)
    rows: int = 0

    @property
    def cells(self) -> int:
        """All cells of all forms that were recognised."""
        return sum(self.balance.values())

    @property
    def places(self) -> tuple[ProtocolEntry, ...]:
        """Every form and place once, however many files came."""
        return merge_copies(self.entries)

    @property
    def refused(self) -> int:
        """How many files gave nothing."""
        return sum(bool(file.refused) for file in self.files)

    @property
    def forms_without_answers(self) -> tuple[Form, ...]:
        """The forms of the catalogue that nobody sent for the year, in its order."""
        submitted = {
            entry.form
            for entry in self.entries
            if entry.submission is not None and entry.year == self.year
        }
        return tuple(form for name, form in self.catalogue.forms.items() if name not in submitted)

    def as_json(self) -> dict[str, Any]:
        """The object of protocol.json."""
        problems = [item.problem for item in self.problems]
        entries = self.of_submissions()
        places = self.places
        states = Counter(item.status for item in places)
        return {
            "program": PROGRAM,
            "catalogue": self.catalogue.id,
            "version": self.catalogue.version,
            "year": self.year,
            "facts": {"file": f"facts.{self.facts}", "rows": self.rows},
            "totals": {
                "expected": sum(item.expected for item in places),
                "submitted": states["submitted"],
                "empty": states["empty"],
                "missing": states["missing"],
                "not_taken": states["not_taken"],
                "late": sum(item.late for item in places),
                "with_errors": sum(bool(item.errors) for item in places),
                "errors": sum(item.severity == "error" for item in problems),
                "warnings": sum(item.severity == "warning" for item in problems),
                "files": len(self.files),
                "files_refused": self.refused,
            },
            "balance": {"cells": self.cells, **self.balance},
            "earlier": dict(self.earlier),
            "forms_without_answers": [form.id for form in self.forms_without_answers],
            "places": [_entry_json(entry) for entry in places],
            "files": [
                {"file": item.file, "sha256": item.sha256}
                | ({"refused": item.refused} if item.refused else {})
                for item in self.files
            ],
            "problems": [_problem_json(item, entries) for item in self.problems],
        }

    def of_submissions(self) -> dict[int, ProtocolEntry]:
        """The entry of every form that came back, by the number of its submission."""
        return {entry.submission: entry for entry in self.entries if entry.submission is not None}


def _problem_json(
    problem: SubmissionProblem, entries: Mapping[int, ProtocolEntry]
) -> dict[str, str | int]:
    entry = entries.get(problem.submission) if problem.submission is not None else None
    form_and_place = {"form": entry.form, "place": entry.place} if entry else {}
    return {**problem.problem.as_json(), **form_and_place}


def _entry_json(entry: ProtocolEntry) -> dict[str, Any]:
    return {
        "form": entry.form,
        "year": entry.year,
        "level": entry.level,
        "place": entry.place,
        "title": entry.title,
        "status": entry.status,
        "why": entry.why or None,
        "expected": entry.expected,
        "file": entry.file or None,
        "copies": list(entry.copies),
        "sheet": entry.sheet or None,
        "sha256": entry.sha256 or None,
        "saved": entry.saved.isoformat() if entry.saved else None,
        "late": entry.late,
        "days_late": entry.days_late,
        "asked": entry.asked,
        "filled": entry.filled,
        "errors": entry.errors,
        "warnings": entry.warnings,
    }


def choose_year(submissions: Iterable[Submission], requested: int | None) -> int | None:
    """The year that is collected: the one asked for, else that of most forms, the later on a tie."""
    if requested is not None:
        return requested
    counts = Counter(submission.stamp.year for submission in submissions)
    return max(counts, key=lambda year: (counts[year], year), default=None)


def list_entries(
    catalogue: Catalogue,
    submissions: Sequence[Submission],
    openings: Openings,
    data: Data,
    year: int | None,
) -> list[ProtocolEntry]:
    """Every form of the year and every place that fills it, then what came back beside them."""
    titles = data.titles
    by_key: dict[tuple[str, int, str], list[Submission]] = {}
    for submission in submissions:
        by_key.setdefault(submission.key, []).append(submission)
    order = {form: number for number, form in enumerate(catalogue.forms)}
    entries: list[ProtocolEntry] = []
    seen = {submission.stamp.form for submission in submissions if submission.stamp.year == year}
    for name in sorted(seen & catalogue.forms.keys(), key=lambda submission: order[submission]):
        form = catalogue.forms[name]
        unaddressed = find_unaddressed(catalogue, data, form, year or 0)
        for place in openings.list_places(form.fills, year or 0):
            if place in unaddressed:
                continue
            returned_forms = by_key.pop((name, year or 0, place), [])
            title = titles.get((form.fills, place), place)
            entries += _make_entries(form, place, title, returned_forms)
            if not returned_forms:
                entries.append(
                    ProtocolEntry(
                        name, form.short_title, year or 0, form.fills, place, title, "missing"
                    )
                )
    for returned_forms in by_key.values():
        submission = returned_forms[0]
        title = titles.get((submission.level, submission.stamp.place), submission.stamp.place)
        entries += _make_entries(
            catalogue.forms.get(submission.stamp.form),
            submission.stamp.place,
            title,
            returned_forms,
        )
    return entries


def _make_entries(
    form: Form | None, place: str, title: str, submissions: Sequence[Submission]
) -> list[ProtocolEntry]:
    entries = []
    for submission in submissions:
        due = form.due(submission.stamp.year) if form else ""
        # The day by the clock of whoever collects: schools are not asked where they are.
        saved = submission.saved.astimezone().date()
        late = (saved - date.fromisoformat(due)).days if due else 0
        entries.append(
            ProtocolEntry(
                submission.stamp.form,
                form.short_title if form else submission.stamp.form,
                submission.stamp.year,
                submission.level,
                place,
                title,
                _find_status(submission),
                submission.why,
                submission.file,
                submission.sheet,
                submission.sha256,
                saved,
                max(late, 0),
                submission.cells,
                submission=submission.number,
                expected=submission.why not in _NOT_ASKED,
            )
        )
    return entries


def _find_status(submission: Submission) -> FormStatus:
    if not submission.taken:
        return "not_taken"
    return "empty" if submission.why == EMPTY else "submitted"


def merge_copies(entries: Iterable[ProtocolEntry]) -> tuple[ProtocolEntry, ...]:
    """Each form and place once: by the file that is taken, else by the one that was saved first."""
    groups: dict[tuple[str, int, str, str], list[ProtocolEntry]] = {}
    for entry in entries:
        key = (entry.form, entry.year, entry.level, entry.place)
        groups.setdefault(key, []).append(entry)
    return tuple(_merge(group) if len(group) > 1 else group[0] for group in groups.values())


def _merge(group: Sequence[ProtocolEntry]) -> ProtocolEntry:
    first = min(group, key=lambda entry: (entry.status == "not_taken", entry.saved or date.max))
    others = (entry.file for entry in group if entry is not first)
    return replace(
        first,
        errors=sum(entry.errors for entry in group),
        warnings=sum(entry.warnings for entry in group),
        expected=any(entry.expected for entry in group),
        copies=tuple(dict.fromkeys(others)),
    )


def group_problems(problems: Iterable[SubmissionProblem]) -> tuple[SubmissionProblem, ...]:
    """In the order of the files, each once."""
    return tuple(sorted(dict.fromkeys(problems), key=lambda problem: order_of(problem.problem)))


# --- problems of the collected data ---------------------------------------------------------------


def check_years(
    catalogue: Catalogue, data: Data, submissions: Iterable[Submission]
) -> tuple[Problem, ...]:
    """The checks of the catalogue, in the years that the forms ask."""
    years = {
        year + shift
        for submission in submissions
        if submission.taken
        for year in {year for year, _scenario, _column in submission.columns}
        for shift in {shift for _input, shift, _row in submission.rows}
    }
    years &= set(data.years)
    if not years:
        return ()
    # No indicator is asked for: then only the checks are computed.
    asking = Asking(years=tuple(sorted(years)), indicators=("",))
    return compute_results(catalogue, data, asking).problems


def settle_problems(
    problems: Sequence[SubmissionProblem],
    read: Iterable[Problem],
    checked: Iterable[Problem],
    submissions: Sequence[Submission],
) -> list[SubmissionProblem]:
    """All problems, each reported once: a cell that could not be read is not reported again.

    Of a form that does not count only the reason is reported.
    """
    sheets = {(item.file, item.sheet): item for item in submissions}

    def find(problem: Problem) -> Submission | None:
        position = problem.position
        return None if position is None else sheets.get((position.file, position.sheet))

    taken = {item.number for item in submissions if item.taken}
    reasons = {item.number: item.why for item in submissions if not item.taken}
    settled = [
        _belong(item, find(item.problem))
        for item in problems
        if item.submission is None
        or item.submission in taken
        or item.problem.code == reasons.get(item.submission)
    ]
    unreadable = {
        item.problem.position
        for item in settled
        if item.problem.severity == "error" and item.problem.position
    }
    already_reported = {(item.problem.position, item.problem.code) for item in settled}
    for problem in read:
        position = problem.position
        if position is None or problem.severity == "note" or position in unreadable:
            continue
        if (position, problem.code) in already_reported:
            continue
        if submission := find(problem):
            settled.append(SubmissionProblem(problem, submission.number))
    for problem in checked:
        submission = find(problem)
        # What fails in the earlier data alone was reported when they were collected.
        if submission is not None or problem.position is None:
            settled.append(SubmissionProblem(problem, submission.number if submission else None))
    return settled


def _belong(item: SubmissionProblem, submission: Submission | None) -> SubmissionProblem:
    """A problem of a sheet as one of its form, so that the school finds it."""
    if item.submission is not None or submission is None:
        return item
    return replace(item, submission=submission.number)
