"""One process that reads the workbooks of all tests of a process, instead of one for each reading.

Starting it takes ten times what reading a small workbook does. It is confined as the product
confines its own, and one that a file brings down is followed by another. Tests that show what
processes do open them as the product does: `@pytest.mark.usefixtures("own_processes")`.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

from engine.workbooks import processes

open_own = processes._open_pool
_pools: list[ProcessPoolExecutor] = []


class OneProcess(Executor):
    """Stands for a pool, in which it leaves the process alive."""

    def __init__(self, _count: int) -> None:
        """However many processes are wished."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        if not _pools:
            _pools.append(open_own(1))
        # It was started in the folder of another test.
        future = _pools[0].submit(_run_in, Path.cwd(), fn, *args, **kwargs)
        if isinstance(future.exception(), BrokenProcessPool):
            close()
        return future


def close() -> None:
    """End the process, where one runs."""
    while _pools:
        _pools.pop().shutdown()


def _run_in(folder: Path, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    os.chdir(folder)
    return fn(*args, **kwargs)
