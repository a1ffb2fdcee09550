"""What lies in the folders that came back: the workbooks to read, and problems of what is passed over."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from engine.forms.back.filled_workbook import FilledWorkbook, read_books
from engine.problems import Position, Problem
from engine.translation import gettext as _
from engine.workbooks.processes import read_apart

_WORKBOOKS = frozenset({".xlsx", ".xlsm", ".xls", ".ods", ".xltx", ".xltm", ".fods", ".xlsb"})
_SILENT = frozenset({"thumbs.db", "desktop.ini", "schools.csv", "places.csv", "notice.txt"})
_DIGITS = re.compile(r"([0-9]+)")


def list_files(paths: Iterable[Path], besides: Path) -> tuple[list[str], list[Problem]]:
    """The workbooks below the folders, as people would order them, each once.

    What lies in `besides`, where the result is written, did not come back from anybody. A file that
    is named itself is read whatever it is called.
    """
    files: dict[str, str] = {}
    problems: list[Problem] = []
    for path in paths:
        if not path.is_dir():
            files.setdefault(os.path.realpath(path), _show(path))
            continue
        before = len(files)
        for file in _walk(path, os.path.realpath(besides)):
            shown = _show(file)
            problem = _judge(file, shown)
            if problem is None:
                files.setdefault(os.path.realpath(file), shown)
            elif problem.message:
                problems.append(problem)
        if len(files) == before:
            message = _("no workbook lies in this folder: nothing was collected from it")
            hint = _("a form comes back as .xlsx, .ods or .xls")
            problems.append(Problem("no-forms", message, Position(_show(path)), hint, "warning"))
    return sorted(files.values(), key=_natural), problems


def find_preferred(
    paths: Iterable[Path], files: Iterable[str]
) -> tuple[frozenset[str], list[Problem]]:
    """The files that are preferred, as they are listed; one that is not among them is a problem."""
    listed = {os.path.realpath(file): file for file in files}
    preferred: set[str] = set()
    problems = []
    for path in paths:
        file = listed.get(os.path.realpath(path))
        if file is not None:
            preferred.add(file)
            continue
        message = _("this file is preferred, and it is not among those that came back")
        problems.append(Problem("not-collected", message, Position(_show(path))))
    return frozenset(preferred), problems


def _walk(folder: Path, besides: str) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".") and os.path.realpath(os.path.join(parent, name)) != besides  # noqa: PTH118
        )
        yield from (Path(parent, name) for name in sorted(names))


def _show(path: Path) -> str:
    return Path(os.path.normpath(path)).as_posix()


def _judge(file: Path, shown: str) -> Problem | None:
    """None: it is to be read. A problem without a message: it is passed over silently."""
    name = file.name.casefold()
    if name.startswith(("~$", ".~lock.")):
        message = _("a lock file: somebody has the workbook open, what is not saved is not read")
        return Problem("lock-file", message, Position(shown), severity="warning")
    if name.startswith(".") or name in _SILENT:
        return Problem("", "")
    if file.suffix.casefold() in _WORKBOOKS:
        return None
    message = _("it is no workbook: not read")
    hint = _("a form comes back as .xlsx, .ods or .xls")
    if file.suffix.casefold() in {".zip", ".rar", ".7z"}:
        hint = _("unpack the archive beside it")
    return Problem("ignored-file", message, Position(shown), hint, "warning")


def _natural(shown: str) -> list[tuple[int, str]]:
    """School 2 before school 10."""
    parts = _DIGITS.split(shown.casefold())
    return [(int(part), "") if part.isdigit() else (-1, part) for part in parts] + [(-1, shown)]


# --- reading them ---------------------------------------------------------------------------------


def read_many(files: Sequence[str], workers: int | None = None) -> Iterator[FilledWorkbook]:
    """What each file holds, in their order. A file that brings its process down is refused alone."""
    for book in read_apart(read_books, files, workers):
        yield book or FilledWorkbook(refused="damaged-workbook")
