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
from engine.forms.back.gather import BLANK, CLOSED, EMPTY, NOT_KNOWN, NOT_OPEN, STATES, ReadFile
from engine.forms.back.submissions import Submission, SubmissionProblem
from engine.problems import Problem, order_of

Status = Literal["submitted", "empty", "missing", "not_taken"]
"""`empty`: the form came as it was sent, with nothing filled in."""

NOT_TAKEN, REPLACED = "not_taken", "replaced"
"""Cells of a form that does not count as a whole; answers that a later form has asked anew."""

BALANCE = (*STATES, BLANK, CLOSED, NOT_KNOWN, NOT_OPEN, REPLACED, NOT_TAKEN)
"""Where every cell of every form goes: together they are all there are."""

_NOT_ASKED = frozenset({"unknown-place", "school-not-open", "late-year"})
"""Why a form does not count that nobody expected: it is not for this place in this year."""

MARK = "pokazatel collect"


@dataclass(frozen=True, slots=True)
class ProtocolEntry:
    """A place and a form: `submission` is None where nothing came back.

    `asked` is how many answers are asked of the place, `filled` how many of them are not blank.
    `expected`: the form is for this place. `copies` are the other files of the same form and place.
    """

    form: str
    form_title: str
    year: int
    level: str
    place: str
    title: str
    status: Status
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
    told: tuple[SubmissionProblem, ...]
    files: tuple[ReadFile, ...]
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
        return sum(bool(one.refused) for one in self.files)

    @property
    def forms_without_answers(self) -> tuple[Form, ...]:
        """The forms of the catalogue that nobody sent for the year, in its order."""
        came = {
            one.form for one in self.entries if one.submission is not None and one.year == self.year
        }
        return tuple(form for name, form in self.catalogue.forms.items() if name not in came)

    def as_json(self) -> dict[str, Any]:
        """The object of protocol.json."""
        problems = [one.problem for one in self.told]
        entries = self.of_submissions()
        places = self.places
        states = Counter(one.status for one in places)
        return {
            "program": MARK,
            "catalogue": self.catalogue.id,
            "version": self.catalogue.version,
            "year": self.year,
            "facts": {"file": f"facts.{self.facts}", "rows": self.rows},
            "totals": {
                "expected": sum(one.expected for one in places),
                "submitted": states["submitted"],
                "empty": states["empty"],
                "missing": states["missing"],
                "not_taken": states["not_taken"],
                "late": sum(one.late for one in places),
                "with_errors": sum(bool(one.errors) for one in places),
                "errors": sum(one.severity == "error" for one in problems),
                "warnings": sum(one.severity == "warning" for one in problems),
                "files": len(self.files),
                "files_refused": self.refused,
            },
            "balance": {"cells": self.cells, **self.balance},
            "earlier": dict(self.earlier),
            "forms_without_answers": [form.id for form in self.forms_without_answers],
            "places": [_entry_json(entry) for entry in places],
            "files": [
                {"file": one.file, "sha256": one.sha256}
                | ({"refused": one.refused} if one.refused else {})
                for one in self.files
            ],
            "problems": [_problem_json(one, entries) for one in self.told],
        }

    def of_submissions(self) -> dict[int, ProtocolEntry]:
        """The entry of every form that came back, by the number of its submission."""
        return {one.submission: one for one in self.entries if one.submission is not None}


def _problem_json(
    told: SubmissionProblem, entries: Mapping[int, ProtocolEntry]
) -> dict[str, str | int]:
    entry = entries.get(told.submission) if told.submission is not None else None
    whose = {"form": entry.form, "place": entry.place} if entry else {}
    return {**told.problem.as_json(), **whose}


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


def choose_year(submissions: Iterable[Submission], asked: int | None) -> int | None:
    """The year that is collected: the one asked for, else that of most forms, the later on a tie."""
    if asked is not None:
        return asked
    counts = Counter(one.stamp.year for one in submissions)
    return max(counts, key=lambda year: (counts[year], year), default=None)


def list_entries(
    catalogue: Catalogue,
    submissions: Sequence[Submission],
    openings: Openings,
    titles: Mapping[tuple[str, str], str],
    year: int | None,
) -> list[ProtocolEntry]:
    """Every form of the year and every place that fills it, then what came back beside them."""
    by_key: dict[tuple[str, int, str], list[Submission]] = {}
    for one in submissions:
        by_key.setdefault(one.key, []).append(one)
    order = {form: number for number, form in enumerate(catalogue.forms)}
    entries: list[ProtocolEntry] = []
    seen = {one.stamp.form for one in submissions if one.stamp.year == year}
    for name in sorted(seen & catalogue.forms.keys(), key=lambda one: order[one]):
        form = catalogue.forms[name]
        for place in openings.list_places(form.fills, year or 0):
            found = by_key.pop((name, year or 0, place), [])
            title = titles.get((form.fills, place), place)
            entries += _make_entries(form, place, title, found)
            if not found:
                entries.append(
                    ProtocolEntry(name, form.title, year or 0, form.fills, place, title, "missing")
                )
    for found in by_key.values():
        one = found[0]
        title = titles.get((one.level, one.stamp.place), one.stamp.place)
        entries += _make_entries(catalogue.forms.get(one.stamp.form), one.stamp.place, title, found)
    return entries


def _make_entries(
    form: Form | None, place: str, title: str, found: Sequence[Submission]
) -> list[ProtocolEntry]:
    made = []
    for one in found:
        due = form.due(one.stamp.year) if form else ""
        # The day by the clock of whoever collects: schools are not asked where they are.
        saved = one.saved.astimezone().date()
        late = (saved - date.fromisoformat(due)).days if due else 0
        made.append(
            ProtocolEntry(
                one.stamp.form,
                form.title if form else one.stamp.form,
                one.stamp.year,
                one.level,
                place,
                title,
                _find_status(one),
                one.why,
                one.file,
                one.sheet,
                one.sha256,
                saved,
                max(late, 0),
                one.cells,
                submission=one.number,
                expected=one.why not in _NOT_ASKED,
            )
        )
    return made


def _find_status(submission: Submission) -> Status:
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
    first = min(group, key=lambda one: (one.status == "not_taken", one.saved or date.max))
    others = (one.file for one in group if one is not first)
    return replace(
        first,
        errors=sum(one.errors for one in group),
        warnings=sum(one.warnings for one in group),
        expected=any(one.expected for one in group),
        copies=tuple(dict.fromkeys(others)),
    )


def group_problems(told: Iterable[SubmissionProblem]) -> tuple[SubmissionProblem, ...]:
    """In the order of the files, each once."""
    return tuple(sorted(dict.fromkeys(told), key=lambda one: order_of(one.problem)))


# --- checking -------------------------------------------------------------------------------------
# The collected data read and checked as everybody will, and each problem told once.


def check_years(
    catalogue: Catalogue, data: Data, submissions: Iterable[Submission]
) -> tuple[Problem, ...]:
    """The checks of the catalogue, in the years that the forms ask."""
    years = {
        year + shift
        for one in submissions
        if one.taken
        for year in {year for year, _scenario, _column in one.columns}
        for shift in {shift for _input, shift, _row in one.rows}
    }
    years &= set(data.years)
    if not years:
        return ()
    # No indicator is asked for: then only the checks are computed.
    asking = Asking(years=tuple(sorted(years)), indicators=("",))
    return compute_results(catalogue, data, asking).problems


def settle_problems(
    told: Sequence[SubmissionProblem],
    read: Iterable[Problem],
    checked: Iterable[Problem],
    submissions: Sequence[Submission],
) -> list[SubmissionProblem]:
    """All problems, each told once: of a cell that could not be read nobody says so again.

    Of a form that does not count only that is told, and why.
    """
    sheets = {(one.file, one.sheet): one for one in submissions}

    def find(problem: Problem) -> Submission | None:
        at = problem.position
        return None if at is None else sheets.get((at.file, at.sheet))

    taken = {one.number for one in submissions if one.taken}
    reasons = {one.number: one.why for one in submissions if not one.taken}
    kept = [
        _belong(one, find(one.problem))
        for one in told
        if one.submission is None
        or one.submission in taken
        or one.problem.code == reasons.get(one.submission)
    ]
    said = {
        one.problem.position
        for one in kept
        if one.problem.severity == "error" and one.problem.position
    }
    told_alike = {(one.problem.position, one.problem.code) for one in kept}
    for problem in read:
        position = problem.position
        if position is None or problem.severity == "note" or position in said:
            continue
        if (position, problem.code) in told_alike:
            continue
        if found := find(problem):
            kept.append(SubmissionProblem(problem, found.number))
    for problem in checked:
        found = find(problem)
        # What fails in the earlier data alone was told when they were collected.
        if found is not None or problem.position is None:
            kept.append(SubmissionProblem(problem, found.number if found else None))
    return kept


def _belong(told: SubmissionProblem, submission: Submission | None) -> SubmissionProblem:
    """What is told of a sheet is told of its form, so that it is found by the school."""
    if told.submission is not None or submission is None:
        return told
    return replace(told, submission=submission.number)
