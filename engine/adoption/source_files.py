"""Files that are adopted: which are read, how their copies are called, their grids."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.adoption.grids import Grid, lay_out_sheets, read_document_grids
from engine.data.adopted_files import COPIES
from engine.data.tables import describe_far_cell, open_books
from engine.files import is_temporary
from engine.problems import Position, Problem, describe_refusal
from engine.translation import gettext as _
from engine.workbooks.reader import ReadWorkbook
from engine.workbooks.safe_open import RefusedWorkbookError

BOOKS = frozenset({".xlsx", ".xlsm", ".xls", ".ods"})
DOCUMENTS = frozenset({".docx", ".docm"})
_LOCK = "~$"
_PICTURES = frozenset({".pdf", ".jpg", ".jpeg", ".png", ".tif", ".tiff", ".bmp", ".gif"})


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to read, and how its copy is called."""

    path: Path
    name: str


def list_source_files(paths: Iterable[Path]) -> list[SourceFile]:
    """The files, and those that lie in the folders, each once; two of one name are told apart."""
    files: dict[Path, None] = {}
    for path in paths:
        inner = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in inner:
            if file.is_file() and not (is_temporary(file.name) and path.is_dir()):
                files.setdefault(file)
    counts = Counter(file.name.casefold() for file in files)
    taken: set[str] = set()
    named = []
    for file in files:
        name = file.name
        if counts[name.casefold()] > 1:
            name = f"{file.resolve().parent.name} - {name}"
        number = 2
        while name.casefold() in taken:
            name = f"{file.stem} ({number}){file.suffix}"
            number += 1
        taken.add(name.casefold())
        named.append(SourceFile(file, name))
    return named


def read_grids(
    files: Sequence[SourceFile],
) -> tuple[list[tuple[SourceFile, list[Grid]]], list[Problem]]:
    """The files that hold tables, each with its grids, and why the others hold none."""
    books = open_books(
        file.path
        for file in files
        if file.path.suffix.lower() in BOOKS and not file.path.name.startswith(_LOCK)
    )
    found: list[tuple[SourceFile, list[Grid]]] = []
    problems: list[Problem] = []
    for file in files:
        suffix, position = file.path.suffix.lower(), Position(str(file.path))
        name = f"{COPIES}/{file.name}"
        grids: list[Grid] = []
        if file.path.name.startswith(_LOCK):
            message = _("this is no workbook: Excel or Word leaves it beside a file that is open")
            more = [Problem("wrong-kind", message, position, _("name the file itself"))]
        elif suffix in BOOKS:
            _path, book = next(books)
            grids, more = _read_book(book, name, suffix, position)
        elif suffix in DOCUMENTS:
            grids, more = _read_document(file.path, name, suffix, position)
        else:
            more = [_refuse_kind(suffix, position)]
        if grids:
            found.append((file, grids))
        elif not more:
            message = _("the file holds no table")
            more = [Problem("no-tables", message, position, severity="warning")]
        problems += more
    return found, problems


def _read_book(
    book: ReadWorkbook, name: str, suffix: str, position: Position
) -> tuple[list[Grid], list[Problem]]:
    if book.detail is not None:
        return [], [_refuse_reading(book.detail, position)]
    if book.refused is not None:
        error = RefusedWorkbookError(book.refused, book.sheet, book.cell)
        return [], [_refuse(error, suffix, position)]
    message = _("the sheet cannot be read: {reason}")
    problems = [
        Problem(
            "unreadable-file",
            message.format(reason=sheet.unreadable),
            Position(position.file, sheet=sheet.name),
            severity="warning",
        )
        for sheet in book.sheets
        if sheet.unreadable
    ]
    return list(lay_out_sheets(book, name)), problems


def _read_document(
    path: Path, name: str, suffix: str, position: Position
) -> tuple[list[Grid], list[Problem]]:
    try:
        return list(read_document_grids(path, name)), []
    except RefusedWorkbookError as error:
        return [], [_refuse(error, suffix, position)]
    except OSError as error:
        return [], [_refuse_reading(error, position)]


def _refuse_reading(error: OSError, position: Position) -> Problem:
    message = _("the file cannot be read: {reason}").format(reason=describe_refusal(error))
    return Problem("unreadable-file", message, position)


def _refuse_kind(suffix: str, position: Position) -> Problem:
    if suffix == ".doc":
        message = _("an old document (.doc) is not read")
        hint = _("open it in Word and save it as .docx")
    elif suffix in _PICTURES:
        message = _("a PDF or a picture is not read: there are no cells in it")
        hint = _("ask for the table itself, as .docx or .xlsx, or type it into one")
    elif suffix in {".csv", ".tsv", ".parquet"}:
        message = _("a table of text is not adopted")
        hint = _("put it into the data folder as it is, or save it as .xlsx")
    else:
        message = _("a file of this kind is not read")
        hint = _("save it as .docx or .xlsx")
    return Problem("wrong-kind", message, position, hint)


def _refuse(error: RefusedWorkbookError, suffix: str, position: Position) -> Problem:
    reason, position = error.reason, position._replace(sheet=error.sheet, cell=error.cell)
    kind = ".docx" if suffix in DOCUMENTS else ".xlsx"
    hint = _("open it and save it anew as {kind}").format(kind=kind)
    if reason == "password":
        message = _("the file is protected by a password")
        hint = _("take the password away: open it and save it as {kind} without one").format(
            kind=kind
        )
    elif reason in {"too-large-file", "unpacks-too-large", "too-large-sheet"}:
        message = _("the file is too large to be read")
        hint = _("delete what stands far from the table, pictures too")
        if error.cell:
            message, hint = describe_far_cell(error.cell)
    elif reason == "empty-file":
        message, hint = _("the file is empty"), ""
    else:
        message = _("the file is not what its name says, or it is damaged")
    return Problem("unreadable-file", message, position, hint)
