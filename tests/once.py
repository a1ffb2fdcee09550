"""What is slow to make is made once in a run, however many processes the tests are spread over."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

_PAUSE = 0.05  # seconds
folder = Path()
"""That of this run, which all its processes see; conftest.py sets it."""


def make_once(name: str, make: Callable[[], bytes]) -> bytes:
    """The bytes of a file of the run, made by the process that asks first; the others wait for it.

    Where making fails, the error is raised and the next who asks tries again.
    """
    path, lock = folder / name, folder / f"{name}.lock"
    while not path.exists():
        try:
            lock.mkdir()
        except FileExistsError:
            time.sleep(_PAUSE)
            continue
        try:
            if not path.exists():
                part = folder / f"{name}.part"
                part.write_bytes(make())
                part.replace(path)
        finally:
            lock.rmdir()
    return path.read_bytes()
