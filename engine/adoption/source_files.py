"""Files that are adopted: which are read, how their copies are called, their grids."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from engine.adoption.grids import Grid, read_document_grids, read_workbook_grids
from engine.data.adopted_files import COPIES
from engine.problems import Position, Problem
from engine.translation import gettext as _
from engine.workbooks.safe_open import Refusal, RefusedWorkbookError

BOOKS = frozenset({".xlsx", ".xlsm", ".xls", ".ods"})
DOCUMENTS = frozenset({".docx", ".docm"})
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
            hidden = file.name.startswith((".", "~$"))
            if file.is_file() and not (hidden and path.is_dir()):
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


def read_grids(file: SourceFile) -> tuple[list[Grid], list[Problem]]:
    """The grids of a file, or why it has none."""
    shown = f"{COPIES}/{file.name}"
    suffix = file.path.suffix.lower()
    position = Position(str(file.path))
    if file.path.name.startswith("~$"):
        message = _("this is no workbook: Excel or Word leaves it beside a file that is open")
        hint = _("name the file itself")
        return [], [Problem("wrong-kind", message, position, hint)]
    if suffix not in BOOKS | DOCUMENTS:
        return [], [_refuse_kind(suffix, position)]
    read = read_workbook_grids if suffix in BOOKS else read_document_grids
    try:
        grids = list(read(file.path, shown))
    except RefusedWorkbookError as error:
        return [], [_refuse(error.reason, suffix, position)]
    except OSError as error:
        message = _("the file cannot be read: {reason}").format(reason=error.strerror or error)
        return [], [Problem("unreadable-file", message, position)]
    if not grids:
        return [], [
            Problem("no-tables", _("the file holds no table"), position, severity="warning")
        ]
    return grids, []


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


def _refuse(reason: Refusal, suffix: str, position: Position) -> Problem:
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
    elif reason == "empty-file":
        message, hint = _("the file is empty"), ""
    else:
        message = _("the file is not what its name says, or it is damaged")
    return Problem("unreadable-file", message, position, hint)
