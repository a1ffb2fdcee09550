"""Writing a file so that a good one is never half overwritten: beside it, then renamed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO


@contextmanager
def replace_file(path: Path) -> Iterator[BinaryIO]:
    """A stream whose bytes become the file once all are written; OSError where it cannot be.

    Whatever interrupts the writing leaves the old file as it was. A link is followed; what is no
    ordinary file (a device, a pipe) is written straight, for nothing can be renamed over it.
    """
    goal = Path(os.path.realpath(path))
    if goal.exists() and not goal.is_file():
        with goal.open("wb") as stream:
            yield stream
        return
    beside = goal.with_name(f".{goal.name}.{os.getpid()}.part")
    try:
        with beside.open("wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        if goal.exists():
            beside.chmod(goal.stat().st_mode & 0o777)
        beside.replace(goal)
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
