"""Many files, one after the other: their submissions, their answers in parts, and the count of cells.

Answers are read and written to disk in parts, so that what is held does not grow with the files.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
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
    Submission,
    SubmissionProblem,
    judge_place,
    recognise_sheet,
    refuse_book,
)
from engine.problems import Problem
from engine.translation import gettext as _
from engine.translation import ngettext

_PART = 20_000  # cells that are held before they are read and written

STATES = ("value", "not_applicable", "not_filled", "not_readable")
"""What an answer may be found to be."""

BLANK, CLOSED, NOT_KNOWN, NOT_OPEN = "blank", "closed", "not_known", "not_open"
"""Other cells of a form: empty; closed by the form itself, which says so in them; of an input that
the catalogue lacks; of a year that does not count."""

EMPTY = "empty-form"
"""Why a form is read and yet not submitted: the code of what is told of it."""


@dataclass(frozen=True, slots=True)
class ReceivedFile:
    """A file that was looked into; `refused` is the code of the problem where it gave nothing."""

    file: str
    sha256: str
    refused: str = ""


@dataclass(slots=True)
class ReceivedForms:
    """All that came back. `counts`: submission → state → cells; `parts`: tables of read answers."""

    submissions: list[Submission] = field(default_factory=list)
    problems: list[SubmissionProblem] = field(default_factory=list)
    files: list[ReceivedFile] = field(default_factory=list)
    counts: dict[int, dict[str, int]] = field(default_factory=dict)
    parts: list[Path] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class FormReader:
    """What gathering goes by; the parts are written to the folder."""

    catalogue: Catalogue
    openings: Openings
    folder: Path
    workers: int | None = None
    progress: Callable[[int], None] = lambda _done: None
    known: dict[Any, Any] = field(default_factory=dict)

    def gather(self, files: Sequence[str]) -> ReceivedForms:
        """Read every file."""
        gathered = ReceivedForms()
        waiting = _AnswerBuffer()
        for file, book in zip(files, read_many(files, self.workers), strict=True):
            refused = refuse_book(file, book)
            if refused is not None:
                gathered.problems.append(SubmissionProblem(refused))
            code = refused.code if refused else ""
            gathered.files.append(ReceivedFile(file, book.sha256, code))
            for sheet in book.sheets:
                number = len(gathered.submissions)
                found, problems = recognise_sheet(self.catalogue, file, book, sheet, number)
                gathered.problems += (
                    SubmissionProblem(one, number if found else None) for one in problems
                )
                if found is not None:
                    self._accept(gathered, waiting, found, sheet)
            if waiting.cells >= _PART:
                self._read(gathered, waiting)
            self.progress(1)
        self._read(gathered, waiting)
        _mark_empty(gathered)
        return gathered

    def _accept(
        self, gathered: ReceivedForms, waiting: _AnswerBuffer, found: Submission, sheet: FilledSheet
    ) -> None:
        # The codes of forms that are alike stand in the same places: they are held once.
        rows = self.known.setdefault(found.rows, found.rows)
        columns = self.known.setdefault(found.columns, found.columns)
        found = replace(found, rows=rows, columns=columns)
        problem = judge_place(self.catalogue, found, self.openings)
        if problem is not None:
            gathered.problems.append(SubmissionProblem(problem, found.number))
            found = replace(found, taken=False, why=problem.code)
        gathered.submissions.append(found)
        filled = waiting.add(found, sheet)
        gathered.counts[found.number] = {BLANK: found.cells - filled}

    def _read(self, gathered: ReceivedForms, waiting: _AnswerBuffer) -> None:
        """Read what waits, and write it as a part."""
        found = waiting.take()
        if not found.height:
            return
        mine = {
            number: gathered.submissions[number]
            for number in found["submission"].unique().to_list()
        }
        found = found.with_columns(self._exclude(mine).alias("out"))
        found = self._exclude_years(found, mine, gathered)
        read = read_form_answers(self.catalogue, found.filter(pl.col("out").is_null()).drop("out"))
        gathered.problems += find_wrong_answers(self.catalogue, read, mine)
        out = found.filter(pl.col("out").is_not_null()).select("submission", state="out")
        counted = pl.concat([out, read.select("submission", "state")])
        for number, state, count in counted.group_by("submission", "state").len().iter_rows():
            gathered.counts[number][state] = count
        path = self.folder / f"{len(gathered.parts):06}.parquet"
        with replace_file(path) as stream:
            read.drop("code").write_parquet(stream)
        gathered.parts.append(path)

    def _exclude(self, mine: Mapping[int, Submission]) -> pl.Expr:
        """`closed`, or `not_known` where the catalogue has no such input at the level that fills."""
        known = {
            level: [one.id for one in self.catalogue.inputs.values() if one.level == level]
            for level in {one.level for one in mine.values()}
        }
        fits = pl.lit(False)
        for level, names in known.items():
            numbers = [one.number for one in mine.values() if one.level == level]
            fits |= pl.col("submission").is_in(numbers) & pl.col("input").is_in(names)
        closed = pl.col("text").is_in(list(CLOSED_WORDS)) & pl.col("code").is_null()
        return pl.when(closed).then(pl.lit(CLOSED)).when(~fits).then(pl.lit(NOT_KNOWN))

    def _exclude_years(
        self, found: pl.DataFrame, mine: Mapping[int, Submission], gathered: ReceivedForms
    ) -> pl.DataFrame:
        """`not_open` where the place is not open, or the year is after the catalogue's last."""
        last = max(self.catalogue.years, default=None)
        pairs = found.filter(pl.col("out").is_null()).group_by(
            "submission", "year", maintain_order=True
        )
        closed = []
        for number, year, count in pairs.len().iter_rows():
            one = mine[number]
            late = last is not None and year > last
            if not late and self.openings.is_open(one.level, one.stamp.place, (year,)):
                continue
            closed.append((number, year))
            if one.taken:
                gathered.problems.append(
                    SubmissionProblem(_report_closed_year(one, year, count, late=late), number)
                )
        if not closed:
            return found
        keys = pl.DataFrame(
            closed, schema={"submission": pl.UInt32, "year": pl.Int32}, orient="row"
        ).with_columns(closed=pl.lit(NOT_OPEN))
        joined = found.join(keys, on=["submission", "year"], how="left", maintain_order="left")
        return joined.with_columns(pl.coalesce("out", "closed").alias("out")).drop("closed")


class _AnswerBuffer:
    """Answers that are not yet read, as columns."""

    def __init__(self) -> None:
        self.columns: dict[str, list[object]] = {name: [] for name in SCHEMA}

    @property
    def cells(self) -> int:
        """How many wait."""
        return len(self.columns["text"])

    def add(self, found: Submission, sheet: FilledSheet) -> int:
        """Take in the answers of a sheet that are not blank; how many they are."""
        width = len(sheet.columns)
        filled = [
            number
            for number, text in enumerate(sheet.texts)
            if text is not None or number in sheet.odd
        ]
        rows = [sheet.rows[number // width] for number in filled]
        columns = [sheet.columns[number % width] for number in filled]
        mine: dict[str, Sequence[object]] = {
            "submission": [found.number] * len(filled),
            "row": [row for _input, _shift, row in rows],
            "column": [column for _year, _scenario, column in columns],
            "input": [name for name, _shift, _row in rows],
            "year": [
                year + shift
                for (_input, shift, _row), (year, _scenario, _column) in zip(
                    rows, columns, strict=True
                )
            ],
            "scenario": [scenario for _year, scenario, _column in columns],
            "text": [sheet.texts[number] or "" for number in filled],
            "code": [sheet.odd.get(number) for number in filled],
        }
        for name, values in mine.items():
            self.columns[name] += values
        return len(filled)

    def take(self) -> pl.DataFrame:
        """All that waits, as a table."""
        table = pl.DataFrame(self.columns, schema=SCHEMA)
        self.columns = {name: [] for name in SCHEMA}
        return table


def _mark_empty(gathered: ReceivedForms) -> None:
    """Forms that came as they were sent: something is asked, and every cell of it is blank."""
    for number, one in enumerate(gathered.submissions):
        counts = gathered.counts[number]
        asked = one.cells - counts.get(CLOSED, 0)
        if not one.taken or not asked or counts[BLANK] < asked:
            continue
        gathered.submissions[number] = replace(one, why=EMPTY)
        message = _("the form came empty: not one answer is filled in")
        hint = _("ask for the form filled in: this one does not count as submitted")
        problem = Problem("empty-form", message, one.position(), hint, "warning")
        gathered.problems.append(SubmissionProblem(problem, number))


def _report_closed_year(one: Submission, year: int, count: int, *, late: bool) -> Problem:
    if late:
        message = _("the year {year} is after the last of the catalogue")
    else:
        message = _("“{place}” is not open in {year}")
    counted = ngettext(
        "{count} answer of that year does not count",
        "{count} answers of that year do not count",
        count,
    ).format(count=count)
    text = f"{message.format(place=one.stamp.place, year=year)}: {counted}"
    code = "late-year" if late else "school-not-open"
    return Problem(code, text, one.position(), severity="error" if late else "warning")
