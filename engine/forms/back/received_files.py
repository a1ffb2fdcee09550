"""What lies in the folders that came back: the workbooks to read, and problems of what is passed over."""

from __future__ import annotations

import os
import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path

from engine.forms.back.filled_workbook import FilledWorkbook, read_books
from engine.limits import end_with_parent, limit_data
from engine.problems import Position, Problem
from engine.translation import gettext as _

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
        for file in _walk(path, os.path.realpath(besides)):
            shown = _show(file)
            problem = _judge(file, shown)
            if problem is None:
                files.setdefault(os.path.realpath(file), shown)
            elif problem.message:
                problems.append(problem)
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


# --- reading in processes -------------------------------------------------------------------------
# Files are read in processes of their own, many at once, and handed over in their order.
#
# Never in this process, however few they are: the reader of workbooks asks the system for room for
# all cells between the first and the last, and a damaged file may name so many that the system ends
# the process.


_TOGETHER = 16  # files in one errand: few enough to be spread evenly at the end
_AHEAD = 3  # errands that wait for each process
_MEMORY = 4 * 2**30  # bytes; the largest form that is read takes a tenth of it


def read_many(files: Sequence[str], workers: int | None = None) -> Iterator[FilledWorkbook]:
    """What each file holds, in their order. A file that brings its process down is refused alone."""
    batches = deque(files[at : at + _TOGETHER] for at in range(0, len(files), _TOGETHER))
    count = min(workers or min(os.cpu_count() or 1, 8), len(batches))
    while batches:
        # After a process was brought down its pool is of no more use: the next turn opens another.
        yield from _read_until_broken(batches, count)


def _open_pool(count: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(count, mp_context=get_context("spawn"), initializer=_confine)


def _confine() -> None:
    """Let a process that a file brings down go in silence, before it takes the whole memory.

    It ends with the process that started it, too.
    """
    end_with_parent()
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    limit_data(_MEMORY)


def _read_until_broken(batches: deque[Sequence[str]], count: int) -> Iterator[FilledWorkbook]:
    waiting: deque[tuple[Sequence[str], Future[list[FilledWorkbook]]]] = deque()
    with _open_pool(count) as pool:
        while batches or waiting:
            while batches and len(waiting) < count * _AHEAD:
                batch = batches.popleft()
                waiting.append((batch, pool.submit(read_books, batch)))
            batch, future = waiting.popleft()
            try:
                books = future.result()
            except BrokenProcessPool:
                # Whose fault it was nobody can say: this errand is done file by file.
                batches.extendleft(reversed([later for later, _future in waiting]))
                break
            yield from books
        else:
            return
    for file in batch:
        yield _read_alone(file)


def _read_alone(file: str) -> FilledWorkbook:
    with _open_pool(1) as pool:
        try:
            return pool.submit(read_books, [file]).result()[0]
        except BrokenProcessPool:
            return FilledWorkbook(refused="damaged-workbook")
