"""Reading workbooks in processes of their own, many at once, handed over in their order.

Never in this process, however few they are: the library that reads workbooks asks the system for
room for all cells between the first and the last, and a damaged file may name so many that the
system ends the process.
"""

from __future__ import annotations

import os
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context
from types import ModuleType
from typing import TypeVar

from engine.limits import end_with_parent, limit_data

_TOGETHER = 16  # files in one errand: few enough to be spread evenly at the end
_AHEAD = 3  # errands that wait for each process
_MEMORY = 4 * 2**30  # bytes; the largest workbook that is read takes less

_Book = TypeVar("_Book")


def read_apart(
    read: Callable[[Sequence[str]], list[_Book]], files: Sequence[str], workers: int | None = None
) -> Iterator[_Book | None]:
    """What `read` gives for each file, in their order; None of one that brought its process down.

    `read` and what it gives are pickled.
    """
    batches = deque(files[at : at + _TOGETHER] for at in range(0, len(files), _TOGETHER))
    count = min(workers or min(os.cpu_count() or 1, 8), len(batches))
    while batches:
        # After a process was brought down its pool is of no more use: the next turn opens another.
        yield from _read_until_broken(read, batches, count)


def _open_pool(count: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(count, mp_context=get_context("spawn"), initializer=_confine)


def _confine() -> None:
    """Let a process that a file brings down go in silence, before it takes the whole memory.

    It ends with the process that started it, too.
    """
    end_with_parent()
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    limit_data(_MEMORY)


@contextmanager
def _without_program() -> Iterator[None]:
    """Start processes that do not run the program anew that started them.

    They need none of it, and a script that calls this library may guard nothing by its name.
    """
    program = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = program


def _read_until_broken(
    read: Callable[[Sequence[str]], list[_Book]], batches: deque[Sequence[str]], count: int
) -> Iterator[_Book | None]:
    waiting: deque[tuple[Sequence[str], Future[list[_Book]]]] = deque()
    with _open_pool(count) as pool:
        while batches or waiting:
            while batches and len(waiting) < count * _AHEAD:
                batch = batches.popleft()
                with _without_program():
                    waiting.append((batch, pool.submit(read, batch)))
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
        yield _read_alone(read, file)


def _read_alone(read: Callable[[Sequence[str]], list[_Book]], file: str) -> _Book | None:
    with _open_pool(1) as pool:
        try:
            with _without_program():
                future = pool.submit(read, [file])
            return future.result()[0]
        except BrokenProcessPool:
            return None
