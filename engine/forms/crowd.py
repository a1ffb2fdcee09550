"""Many files read at once, in processes of their own, and handed over in their order.

A few files are read here: to start a process takes longer.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path

from engine.forms.grid import FoundBook, read_book, read_books

FEW = 60
"""Up to so many files are read without other processes."""

_TOGETHER = 16  # files in one errand: few enough to be spread evenly at the end
_AHEAD = 3  # errands that wait for each process


def read_many(files: Sequence[str], workers: int | None = None) -> Iterator[FoundBook]:
    """What each file holds, in their order. A file that brings its process down is refused alone."""
    count = workers or min(os.cpu_count() or 1, 8)
    if count < 2 or len(files) <= FEW:  # noqa: PLR2004 - one process is this one
        yield from read_books_here(files)
        return
    errands = deque(files[at : at + _TOGETHER] for at in range(0, len(files), _TOGETHER))
    while errands:
        # After a process was brought down its pool is of no more use: the next turn opens another.
        yield from _read_until_broken(errands, count)


def read_books_here(files: Sequence[str]) -> Iterator[FoundBook]:
    """The files, one by one, in this process."""
    for file in files:
        yield read_book(Path(file))


def _open_pool(count: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(count, mp_context=get_context("spawn"))


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
