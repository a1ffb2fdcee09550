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
from engine.forms.out.checks import Key, Raw
from engine.forms.out.prepared_forms import prepare_forms
from engine.forms.out.write import form_files, write_forms
from engine.problems import Problem
from engine.workbooks.addresses import number_column

_BARE = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_ADDRESS = re.compile(r"([A-Z]{1,3})([0-9]+)")


def write_returned(
    catalogue: Catalogue,
    data: Data,
    submissions: Sequence[Submission],
    told: Iterable[SubmissionProblem],
    *,
    parts: Sequence[Path],
    folder: Path,
    before: Data | None = None,
    processes: int | None = None,
) -> int:
    """Draw the form anew for every submission with an error in a cell; how many were written.

    Last year's values are those it was sent with, `before`, not those that have come since.
    A form that the catalogue no longer has cannot be drawn.
    """
    comments = _find_comments(submissions, told)
    wrong = [
        one
        for one in submissions
        if one.number in comments and one.taken and one.stamp.form in catalogue.forms
    ]
    answers = _find_answers(catalogue, [one.number for one in wrong], parts)
    groups: dict[tuple[str, int], list[Submission]] = {}
    for one in wrong:
        groups.setdefault((one.stamp.form, one.stamp.year), []).append(one)
    written = 0
    for (form, year), group in groups.items():
        prepared = prepare_forms(
            catalogue,
            data,
            catalogue.forms[form],
            year,
            places=[one.stamp.place for one in group],
            answers={one.stamp.place: answers.get(one.number, {}) for one in group},
            comments={one.stamp.place: comments[one.number] for one in group},
            before=before,
        )
        titles = {one.id: one.sheet.title for one in prepared.places}
        files = form_files(prepared, titles)
        write_forms(prepared, folder, files, processes=processes)
        written += len(files)
    return written


def _find_comments(
    submissions: Sequence[Submission], told: Iterable[SubmissionProblem]
) -> dict[int, dict[Key, str]]:
    """Submission → cell → what is wrong with it; only of those with an error in some cell."""
    by_number = {one.number: one for one in submissions}
    find: dict[int, Callable[[Problem], Key | None]] = {}
    comments: dict[int, dict[Key, str]] = {}
    wrong: set[int] = set()
    for one in told:
        number, problem = one.submission, one.problem
        # What was said before is the methodologist's own concern.
        if number is None or problem.severity == "note" or problem.code == "changed-since":
            continue
        finder = find.setdefault(number, _make_finder(by_number[number]))
        key = finder(problem)
        if key is None:
            continue
        if problem.severity == "error":
            wrong.add(number)
        mine = comments.setdefault(number, {})
        text = "\n".join(filter(None, (problem.message, problem.hint)))
        mine[key] = f"{mine[key]}\n\n{text}" if key in mine else text
    return {number: mine for number, mine in comments.items() if number in wrong}


def _make_finder(submission: Submission) -> Callable[[Problem], Key | None]:
    rows = {row: (name, shift) for name, shift, row in submission.rows}
    columns = {column: (year, scenario) for year, scenario, column in submission.columns}

    def find(problem: Problem) -> Key | None:
        found = _ADDRESS.fullmatch(problem.position.cell) if problem.position else None
        if found is None:
            return None
        asked, of = rows.get(int(found[2]) - 1), columns.get(number_column(found[1]) - 1)
        if asked is None or of is None:
            return None
        return asked[0], of[0] + asked[1], cast("Scenario", of[1])

    return find


def _find_answers(
    catalogue: Catalogue, numbers: Sequence[int], parts: Sequence[Path]
) -> Mapping[int, Mapping[Key, Raw]]:
    """Submission → cell → what stood in it: numbers as numbers, all else as it was written."""
    if not parts or not numbers:
        return {}
    columns = ("submission", "input", "year", "scenario", "text", "value", "state")
    table = pl.scan_parquet(list(parts)).filter(pl.col("submission").is_in(list(numbers)))
    answers: dict[int, dict[Key, Raw]] = {}
    for number, name, year, scenario, text, value, state in (
        table.select(columns).collect().iter_rows()
    ):
        raw = _write_raw(catalogue.inputs[name], text, value if state == "value" else None)
        answers.setdefault(number, {})[name, year, scenario] = raw
    return answers


def _write_raw(asked: Input, text: str, value: float | None) -> Raw:
    """A number or a date as such; every other text stays as it was written."""
    if asked.type in NUMERIC and "%" not in text:
        if value is not None:
            return int(value) if value.is_integer() else value
        # What was a number in its cell has a point and no spaces: it is one again, right or wrong.
        if _BARE.fullmatch(text):
            return float(text)
    if asked.type == "date" and _DAY.fullmatch(text):
        return date.fromisoformat(text)
    return text
