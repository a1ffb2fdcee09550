"""Files read in processes of their own, many at once, and handed over in their order.

Never in this process, however few they are: the reader of workbooks asks the system for room for
all cells between the first and the last, and a damaged file may name so many that the system ends
the process.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context

from engine.forms.grid import FoundBook, read_books
from engine.limits import end_with_parent, limit_data

_TOGETHER = 16  # files in one errand: few enough to be spread evenly at the end
_AHEAD = 3  # errands that wait for each process
_MEMORY = 4 * 2**30  # bytes; the largest form that is read takes a tenth of it


def read_many(files: Sequence[str], workers: int | None = None) -> Iterator[FoundBook]:
    """What each file holds, in their order. A file that brings its process down is refused alone."""
    errands = deque(files[at : at + _TOGETHER] for at in range(0, len(files), _TOGETHER))
    count = min(workers or min(os.cpu_count() or 1, 8), len(errands))
    while errands:
        # After a process was brought down its pool is of no more use: the next turn opens another.
        yield from _read_until_broken(errands, count)


def _open_pool(count: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(count, mp_context=get_context("spawn"), initializer=_confine)


def _confine() -> None:
    """Let a process that a file brings down go in silence, before it takes the whole memory.

    It ends with the process that started it, too.
    """
    end_with_parent()
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    limit_data(_MEMORY)


def _read_until_broken(errands: deque[Sequence[str]], count: int) -> Iterator[FoundBook]:
    waiting: deque[tuple[Sequence[str], Future[list[FoundBook]]]] = deque()
    with _open_pool(count) as pool:
        while errands or waiting:
            while errands and len(waiting) < count * _AHEAD:
                errand = errands.popleft()
                waiting.append((errand, pool.submit(read_books, errand)))
            errand, answer = waiting.popleft()
            try:
                books = answer.result()
            except BrokenProcessPool:
                # Whose fault it was nobody can say: this errand is done file by file.
                errands.extendleft(reversed([later for later, _answer in waiting]))
                break
            yield from books
        else:
            return
    for file in errand:
        yield _read_alone(file)


def _read_alone(file: str) -> FoundBook:
    with _open_pool(1) as pool:
        try:
            return pool.submit(read_books, [file]).result()[0]
        except BrokenProcessPool:
            return FoundBook(refused="damaged-workbook")
