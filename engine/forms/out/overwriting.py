"""Books that stand where forms are to be written: which of them may be written over.

An empty form of the same place may, in silence. One with answers, or of another place, only where
that is asked for; what is no form of ours never.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from engine.catalogue.model import Catalogue
from engine.forms.back.answers import CLOSED_WORDS
from engine.forms.back.filled_workbook import FilledSheet, FilledWorkbook
from engine.forms.back.received_files import read_many
from engine.forms.back.submissions import recognise_sheet, refuse_book
from engine.forms.out.prepared_forms import PreparedForms
from engine.forms.stamp import Stamp, read_stamp
from engine.problems import Position, Problem
from engine.translation import gettext as _
from engine.translation import ngettext


def find_protected(
    catalogue: Catalogue,
    prepared: PreparedForms,
    folder: Path,
    files: Mapping[str, str],
    *,
    overwrite: bool,
) -> dict[str, Problem]:
    """Place → why the book in the folder that has the name of its file is not written over.

    `overwrite`: what is a form of ours is, filled in or not.
    """
    stamps = {form.id: read_stamp(form.sheet.stamp) for form in prepared.places}
    existing = {place: folder / name for place, name in files.items() if (folder / name).exists()}
    paths = [str(path) for path in existing.values()]
    protected: dict[str, Problem] = {}
    for (place, path), book in zip(existing.items(), read_many(paths), strict=True):
        problem = _judge_book(catalogue, stamps[place], path.as_posix(), book, overwrite)
        if problem is not None:
            protected[place] = problem
    return protected


def _judge_book(
    catalogue: Catalogue, stamp: Stamp | None, file: str, book: FilledWorkbook, overwrite: bool
) -> Problem | None:
    if refuse_book(file, book) is not None:
        message = _("here stands a file that is no form: it is not written over")
        hint = _("move it elsewhere, or name another folder")
        return Problem("form-foreign", message, Position(file), hint)
    if overwrite:
        return None
    hint = _("move it elsewhere, name another folder, or give --replace: its answers are then lost")
    answers = sum(_count_answers(catalogue, file, book, sheet) for sheet in book.sheets)
    if answers:
        message = ngettext(
            "already filled in: {count} answer", "already filled in: {count} answers", answers
        ).format(count=answers)
        return Problem("form-filled", message, Position(file), hint)
    if any(not _is_whole(sheet, stamp) for sheet in book.sheets):
        message = _("here stands a form of another place or year, or a damaged one")
        return Problem("form-other", message, Position(file), hint)
    return None


def _count_answers(
    catalogue: Catalogue, file: str, book: FilledWorkbook, sheet: FilledSheet
) -> int:
    """How many answers somebody has written, those in rows that ask nothing as well."""
    written = sum(
        (text is not None or number in sheet.odd) and text not in CLOSED_WORDS
        for number, text in enumerate(sheet.texts)
    )
    _submission, problems = recognise_sheet(catalogue, file, book, sheet, 0)
    return written + sum(problem.code == "stray-answer" for problem in problems)


def _is_whole(sheet: FilledSheet, stamp: Stamp | None) -> bool:
    """Whether a sheet is this place's form, whatever the version of the catalogue, and undamaged."""
    stamps = {read_stamp(text) for text, _row, _column in sheet.stamps}
    sheet_stamps = {replace(other, version="") for other in stamps if other}
    expected = {replace(stamp, version="")} if stamp else set()
    return sheet_stamps == expected and bool(sheet.rows and sheet.columns) and not sheet.damaged
