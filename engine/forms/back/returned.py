"""Forms that go back: each place's own answers as they were, and a comment on every wrong cell."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import cast

import polars as pl

from engine.catalogue.model import NUMERIC, Catalogue, Input, Scenario
from engine.data.model import Data
from engine.forms.back.submissions import Submission, SubmissionProblem
from engine.forms.out.checks import CellValue, Key
from engine.forms.out.prepared_forms import prepare_forms
from engine.forms.out.write import form_files, write_forms
from engine.problems import Problem
from engine.workbooks.addresses import read_address

_BARE = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def write_returned(
    catalogue: Catalogue,
    data: Data,
    submissions: Sequence[Submission],
    problems: Iterable[SubmissionProblem],
    *,
    parts: Sequence[Path],
    folder: Path,
    before: Data | None,
) -> dict[int, str]:
    """Draw the form anew for every submission with an error in a cell; by its number, its file.

    Last year's values are those it was sent with, `before`, not those that have come since.
    A form that the catalogue no longer has cannot be drawn.
    """
    comments = _find_comments(submissions, problems)
    wrong = [
        submission
        for submission in submissions
        if submission.number in comments
        and submission.taken
        and submission.stamp.form in catalogue.forms
    ]
    answers = _find_answers(catalogue, [submission.number for submission in wrong], parts)
    groups: dict[tuple[str, int], list[Submission]] = {}
    for submission in wrong:
        groups.setdefault((submission.stamp.form, submission.stamp.year), []).append(submission)
    written: dict[int, str] = {}
    for (form, year), group in groups.items():
        prepared = prepare_forms(
            catalogue,
            data,
            catalogue.forms[form],
            year,
            places=[submission.stamp.place for submission in group],
            answers={
                submission.stamp.place: answers.get(submission.number, {}) for submission in group
            },
            comments={submission.stamp.place: comments[submission.number] for submission in group},
            before=before,
        )
        titles = {submission.id: submission.sheet.title for submission in prepared.places}
        files = form_files(prepared, titles)
        write_forms(prepared, folder, files)
        written |= {entry.number: files[entry.stamp.place] for entry in group}
    return written


def _find_comments(
    submissions: Sequence[Submission], problems: Iterable[SubmissionProblem]
) -> dict[int, dict[Key, str]]:
    """Submission → cell → what is wrong with it; only of those with an error in some cell."""
    by_number = {entry.number: entry for entry in submissions}
    find: dict[int, Callable[[Problem], Key | None]] = {}
    comments: dict[int, dict[Key, str]] = {}
    wrong: set[int] = set()
    for entry in problems:
        number, problem = entry.submission, entry.problem
        # What was said before is the methodologist's own concern.
        if number is None or problem.severity == "note" or problem.code == "changed-since":
            continue
        finder = find.setdefault(number, _make_finder(by_number[number]))
        key = finder(problem)
        if key is None:
            continue
        if problem.severity == "error":
            wrong.add(number)
        of_submission = comments.setdefault(number, {})
        text = "\n".join(filter(None, (problem.message, problem.hint)))
        of_submission[key] = f"{of_submission[key]}\n\n{text}" if key in of_submission else text
    return {number: of_submission for number, of_submission in comments.items() if number in wrong}


def _make_finder(submission: Submission) -> Callable[[Problem], Key | None]:
    rows = {row: (name, shift) for name, shift, row in submission.rows}
    columns = {column: (year, scenario) for year, scenario, column in submission.columns}

    def find(problem: Problem) -> Key | None:
        cell = read_address(problem.position.cell) if problem.position else None
        if cell is None:
            return None
        row, column = rows.get(cell[0]), columns.get(cell[1])
        if row is None or column is None:
            return None
        return row[0], column[0] + row[1], cast("Scenario", column[1])

    return find


def _find_answers(
    catalogue: Catalogue, numbers: Sequence[int], parts: Sequence[Path]
) -> Mapping[int, Mapping[Key, CellValue]]:
    """Submission → cell → what stood in it: numbers as numbers, all else as it was written."""
    if not parts or not numbers:
        return {}
    columns = ("submission", "input", "year", "scenario", "text", "value", "state")
    table = pl.scan_parquet(list(parts)).filter(pl.col("submission").is_in(list(numbers)))
    answers: dict[int, dict[Key, CellValue]] = {}
    for number, name, year, scenario, text, value, state in (
        table.select(columns).collect().iter_rows()
    ):
        raw = _write_raw(catalogue.inputs[name], text, value if state == "value" else None)
        answers.setdefault(number, {})[name, year, scenario] = raw
    return answers


def _write_raw(asked_input: Input, text: str, value: float | None) -> CellValue:
    """A number or a date as such; every other text stays as it was written."""
    if asked_input.type in NUMERIC and "%" not in text:
        if value is not None:
            return int(value) if value.is_integer() else value
        # What was a number in its cell has a point and no spaces: it is one again, right or wrong.
        if _BARE.fullmatch(text):
            return float(text)
    if asked_input.type == "date" and _DAY.fullmatch(text):
        return date.fromisoformat(text)
    return text
