"""Many files, one after the other: their submissions, their answers in parts, and the count of cells.

Answers are read and written to disk in parts, so that what is held does not grow with the files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from pathlib import Path
from typing import Any

import polars as pl

from engine.catalogue.model import Catalogue
from engine.data.register import Openings
from engine.files import replace_file
from engine.forms.back.answers import CLOSED_WORDS, SCHEMA, find_wrong_answers, read_form_answers
from engine.forms.back.filled_workbook import FilledSheet
from engine.forms.back.received_files import read_many
from engine.forms.back.submissions import (
    FormWords,
    Submission,
    SubmissionProblem,
    find_moved,
    judge_place,
    list_conditional,
    list_words,
    recognise_sheet,
    refuse_book,
)
from engine.problems import Problem
from engine.translation import gettext as _
from engine.translation import ngettext

_PART = 20_000  # cells that are held before they are read and written

STATES = ("value", "not_applicable", "not_filled", "not_readable")
"""The states of an answer that was read."""

BLANK, CLOSED, NOT_KNOWN, NOT_OPEN = "blank", "closed", "not_known", "not_open"
"""Other cells of a form: empty; closed by the form itself, which writes so into them; of an input that
the catalogue lacks; of a year that does not count."""

EMPTY = "empty-form"
"""Why a form is read and yet not submitted: the code of its problem."""


@dataclass(frozen=True, slots=True)
class ReceivedFile:
    """A file that was looked into; `refused` is the code of the problem where it gave nothing."""

    file: str
    sha256: str
    refused: str = ""


@dataclass(slots=True)
class ReceivedForms:
    """All that came back. `counts`: submission → state → cells; `parts`: tables of read answers.

    `plain`: as `counts`, of the answers to inputs that are asked on no condition.
    """

    submissions: list[Submission] = field(default_factory=list)
    problems: list[SubmissionProblem] = field(default_factory=list)
    files: list[ReceivedFile] = field(default_factory=list)
    counts: dict[int, dict[str, int]] = field(default_factory=dict)
    parts: list[Path] = field(default_factory=list)
    plain: dict[int, dict[str, int]] = field(default_factory=dict)


def gather(
    catalogue: Catalogue,
    openings: Openings,
    files: Sequence[str],
    *,
    folder: Path,
    workers: int | None = None,
    progress: Callable[[int], None] = lambda _done: None,
) -> ReceivedForms:
    """Read every file; the parts are written to the folder. `progress`: how many more are read."""
    forms = ReceivedForms()
    waiting: list[tuple[object, ...]] = []
    codes: dict[tuple[Any, ...], tuple[Any, ...]] = {}
    words: dict[tuple[str, int], FormWords] = {}
    for file, book in zip(files, read_many(files, workers), strict=True):
        refused = refuse_book(file, book)
        if refused is not None:
            forms.problems.append(SubmissionProblem(refused))
        forms.files.append(ReceivedFile(file, book.sha256, refused.code if refused else ""))
        for sheet in book.sheets:
            number = len(forms.submissions)
            submission, problems = recognise_sheet(catalogue, file, book, sheet, number)
            owner = number if submission else None
            forms.problems += (SubmissionProblem(problem, owner) for problem in problems)
            if submission is None:
                continue
            # The codes of forms that are alike stand in the same places: they are held once.
            rows, columns = (
                codes.setdefault(marks, marks) for marks in (submission.rows, submission.columns)
            )
            submission = replace(submission, rows=rows, columns=columns)
            drawn = submission.stamp.form, submission.stamp.year
            if drawn not in words:
                words[drawn] = list_words(catalogue, *drawn)
            problem = judge_place(catalogue, submission, openings) or find_moved(
                submission, sheet, words[drawn]
            )
            if problem is not None:
                forms.problems.append(SubmissionProblem(problem, number))
                submission = replace(submission, taken=False, why=problem.code)
            forms.submissions.append(submission)
            answers = list(_list_answers(number, sheet))
            forms.counts[number] = {BLANK: submission.cells - len(answers)}
            forms.plain[number] = {}
            waiting += answers
        if len(waiting) >= _PART:
            _write_part(catalogue, openings, forms, waiting, folder)
            waiting = []
        progress(1)
    if waiting:
        _write_part(catalogue, openings, forms, waiting, folder)
    _mark_empty(forms)
    return forms


def _list_answers(submission: int, sheet: FilledSheet) -> Iterator[tuple[object, ...]]:
    """The answers of a sheet that are not blank, each a row of SCHEMA."""
    crossings = product(sheet.rows, sheet.columns)
    for number, (text, crossing) in enumerate(zip(sheet.texts, crossings, strict=True)):
        if text is not None or number in sheet.odd:
            (name, shift, row), (year, scenario, column) = crossing
            code = sheet.odd.get(number)
            yield submission, row, column, name, year + shift, scenario, text or "", code


def _write_part(
    catalogue: Catalogue,
    openings: Openings,
    forms: ReceivedForms,
    waiting: Sequence[tuple[object, ...]],
    folder: Path,
) -> None:
    """Read the answers that wait (rows of SCHEMA), count them and write them as a part."""
    answers = pl.DataFrame(list(zip(*waiting, strict=True)), schema=SCHEMA, orient="col")
    numbers = answers["submission"].unique().to_list()
    submissions = {number: forms.submissions[number] for number in numbers}
    answers = answers.with_columns(_exclude(catalogue, submissions).alias("out"))
    answers = _exclude_years(catalogue, openings, answers, submissions, forms)
    readings = read_form_answers(catalogue, answers.filter(pl.col("out").is_null()).drop("out"))
    forms.problems += find_wrong_answers(catalogue, readings, submissions)
    excluded = answers.filter(pl.col("out").is_not_null()).select(
        "submission", "input", state="out"
    )
    states = pl.concat([excluded, readings.select("submission", "input", "state")])
    is_plain = ~pl.col("input").is_in([*list_conditional(catalogue)])
    for counts, counted in ((forms.counts, states), (forms.plain, states.filter(is_plain))):
        for number, state, count in counted.group_by("submission", "state").len().iter_rows():
            counts[number][state] = count
    path = folder / f"{len(forms.parts):06}.parquet"
    with replace_file(path) as stream:
        readings.drop("code").write_parquet(stream)
    forms.parts.append(path)


def _exclude(catalogue: Catalogue, submissions: Mapping[int, Submission]) -> pl.Expr:
    """`closed`, or `not_known` where the catalogue has no such input at the level that fills."""
    known = pl.lit(False)
    for level in {submission.level for submission in submissions.values()}:
        inputs = [name for name, asked in catalogue.inputs.items() if asked.level == level]
        numbers = [number for number, form in submissions.items() if form.level == level]
        known |= pl.col("submission").is_in(numbers) & pl.col("input").is_in(inputs)
    closed = pl.col("text").is_in(list(CLOSED_WORDS)) & pl.col("code").is_null()
    return pl.when(closed).then(pl.lit(CLOSED)).when(~known).then(pl.lit(NOT_KNOWN))


def _exclude_years(
    catalogue: Catalogue,
    openings: Openings,
    answers: pl.DataFrame,
    submissions: Mapping[int, Submission],
    forms: ReceivedForms,
) -> pl.DataFrame:
    """`not_open` where the place is not open, or the year is after the catalogue's last."""
    last = max(catalogue.years, default=None)
    groups = answers.filter(pl.col("out").is_null()).group_by(
        "submission", "year", maintain_order=True
    )
    closed = []
    for number, year, count in groups.len().iter_rows():
        submission = submissions[number]
        late = last is not None and year > last
        if not late and openings.is_open(submission.level, submission.stamp.place, (year,)):
            continue
        closed.append((number, year, NOT_OPEN))
        if submission.taken:
            problem = _report_closed_year(submission, year, count, late=late)
            forms.problems.append(SubmissionProblem(problem, number))
    keys = pl.DataFrame(
        closed,
        schema={"submission": pl.UInt32, "year": pl.Int32, "closed": pl.String},
        orient="row",
    )
    joined = answers.join(keys, on=["submission", "year"], how="left", maintain_order="left")
    return joined.with_columns(pl.coalesce("out", "closed").alias("out")).drop("closed")


def _mark_empty(forms: ReceivedForms) -> None:
    """Forms that came as they were sent: something is asked, and every cell of it is blank."""
    for number, submission in enumerate(forms.submissions):
        counts = forms.counts[number]
        asked_cells = submission.cells - counts.get(CLOSED, 0)
        if not submission.taken or not asked_cells or counts[BLANK] < asked_cells:
            continue
        forms.submissions[number] = replace(submission, why=EMPTY)
        message = _("the form came empty: not one answer is filled in")
        hint = _("ask for the form filled in: this one does not count as submitted")
        problem = Problem("empty-form", message, submission.position(), hint, "warning")
        forms.problems.append(SubmissionProblem(problem, number))


def _report_closed_year(submission: Submission, year: int, count: int, *, late: bool) -> Problem:
    if late:
        message = _("the year {year} is after the last of the catalogue")
    else:
        message = _("“{place}” is not open in {year}")
    counted = ngettext(
        "{count} answer of that year does not count",
        "{count} answers of that year do not count",
        count,
    ).format(count=count)
    text = f"{message.format(place=submission.stamp.place, year=year)}: {counted}"
    code = "late-year" if late else "school-not-open"
    return Problem(code, text, submission.position(), severity="error" if late else "warning")
