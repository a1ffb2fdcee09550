"""Running one program in a process of its own: how long it took and how much memory it held."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parent.parent
PROBLEMS_PRINTED = 1
"""How the command line ends when data hold problems, as demo data do on purpose."""


class BrokenRunError(Exception):
    """A program that is measured did not end as it should."""


@dataclass(frozen=True, slots=True)
class Run:
    """`seconds` by the clock on the wall; `processor` of all cores; `memory` at most, in bytes.

    `memory` is 0 where the system does not tell. `printed` is the standard output.
    """

    seconds: float
    processor: float
    memory: int
    printed: str


def run_python(arguments: Sequence[str], *, compiled: Path) -> Run:
    """Run this Python with arguments from the project's folder.

    `compiled` is where bytecode is kept, so that after the first run nothing is compiled again,
    as in an installed program, whatever this shell says about bytecode.
    """
    environment = {**os.environ, "PYTHONUTF8": "1", "PYTHONPYCACHEPREFIX": str(compiled)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    with tempfile.TemporaryFile() as printed, tempfile.TemporaryFile() as complained:
        begun = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=printed,
            stderr=complained,
        )
        processor, memory = _wait(process)
        seconds = time.perf_counter() - begun
        texts = [_read_all(stream) for stream in (printed, complained)]
    if process.returncode not in {0, PROBLEMS_PRINTED} or "Traceback" in texts[1]:
        raise BrokenRunError(f"{' '.join(arguments)}: {process.returncode}\n{texts[1]}")
    return Run(seconds, processor, memory, texts[0])


def _wait(process: subprocess.Popen[bytes]) -> tuple[float, int]:
    """Seconds of processor and bytes of memory of a process, once it has ended."""
    if not hasattr(os, "wait4"):
        process.wait()
        return 0.0, 0
    _pid, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    # Linux counts kilobytes, macOS bytes.
    unit = 1 if sys.platform == "darwin" else 1024
    return used.ru_utime + used.ru_stime, used.ru_maxrss * unit


def _read_all(stream: IO[bytes]) -> str:
    stream.seek(0)
    return stream.read().decode("utf-8", "replace")
