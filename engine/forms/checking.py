"""The collected data read and checked as everybody will, and each problem told once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from engine.catalogue.model import Catalogue
from engine.evaluation.evaluate import Asking, evaluate
from engine.forms.submissions import Submission, Told
from engine.problems import Problem

if TYPE_CHECKING:
    from engine.data.model import Data


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
    return evaluate(catalogue, data, asking).problems


def settle_problems(
    told: Sequence[Told],
    read: Iterable[Problem],
    checked: Iterable[Problem],
    submissions: Sequence[Submission],
) -> list[Told]:
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
            kept.append(Told(problem, found.number))
    for problem in checked:
        found = find(problem)
        # What fails in the earlier data alone was told when they were collected.
        if found is not None or problem.position is None:
            kept.append(Told(problem, found.number if found else None))
    return kept


def _belong(told: Told, submission: Submission | None) -> Told:
    """What is told of a sheet is told of its form, so that it is found by the school."""
    if told.submission is not None or submission is None:
        return told
    return replace(told, submission=submission.number)
