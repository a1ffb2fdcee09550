"""How much time and memory a process may take, and what it may do: of itself, for itself.

Linux and Windows refuse memory past the limit, which Python tells as an error at its line. Other
systems do not keep to such limits: there the process looks how much it holds, and ends.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import parent_process
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, NoReturn

HELD_TOO_MUCH = 77
"""How a process ends that finds it holds too much."""
_LOOK = 0.05  # seconds between two looks
_MB = 2**20


@dataclass(frozen=True, slots=True)
class Limits:
    """What one page may take: seconds of rendering, bytes of memory, bytes of output."""

    seconds: float = 60.0
    memory: int = 512 * _MB
    output: int = 64 * _MB


class TimeUpError(BaseException):
    """The time of a page is over. No template catches it, for none can name it."""


class Clock:
    """Counts the time of a page and does something once when it is over; may be stopped between."""

    def __init__(self, seconds: float, ring: Callable[[], Any]) -> None:
        self.left = seconds
        self.rang = False
        self._ring = ring
        self._begun = 0.0
        self._timer: threading.Timer | None = None

    def start(self) -> None:
        """Go on counting."""
        self._begun = time.monotonic()
        self._timer = threading.Timer(max(self.left, 0.0), self._over)
        self._timer.daemon = True
        self._timer.start()

    def stop(self) -> None:
        """Stop counting."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
            self.left -= time.monotonic() - self._begun

    def _over(self) -> None:
        self.rang = True
        self._ring()


# --- time and memory of the process itself ------------------------------------------------------


def end_with_parent() -> None:
    """End this process as soon as the one that started it is gone, however that ended.

    A pool that is killed cannot stop its processes: they would wait for work for ever.
    """
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_end_after, args=(parent,), daemon=True).start()


def _end_after(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)


def raise_when_interrupted() -> None:
    """Let `_thread.interrupt_main` raise TimeUpError where the main thread is."""

    def over(_signal: int, _frame: Any) -> NoReturn:
        raise TimeUpError

    signal.signal(signal.SIGINT, over)


def limit_memory(most: int) -> None:
    """Hold at most so many bytes more than now."""
    if sys.platform == "win32":
        _limit_by_job(most)
    elif sys.platform == "linux":
        _limit_by_system(most)
    else:
        threading.Thread(target=_watch, args=(_held() + most,), daemon=True).start()


def limit_data(most: int) -> None:
    """Write to at most so many bytes, where the system is Linux.

    For what asks for addresses by the gigabyte and uses few of them, as machines for JavaScript
    do; elsewhere these keep to limits of their own.
    """
    if sys.platform == "linux":
        _lower(resource.RLIMIT_DATA, most)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if sys.platform != "win32":
    import resource

    def _limit_by_system(most: int) -> None:
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
        _lower(resource.RLIMIT_AS, pages * resource.getpagesize() + most)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))

    def _lower(limit: int, most: int) -> None:
        """A limit of the system, which may be lower already and is never raised."""
        _least, hard = resource.getrlimit(limit)
        size = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(limit, (size, size))

    def _held() -> int:
        unit = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit

    def _watch(most: int) -> None:
        while _held() <= most:
            time.sleep(_LOOK)
        os._exit(HELD_TOO_MUCH)


if sys.platform == "win32":

    def _limit_by_job(most: int) -> None:
        """A job object of Windows: at most so much memory, and no other process."""
        import ctypes
        from ctypes import wintypes

        class Basic(ctypes.Structure):
            _fields_ = (
                ("PerProcessUserTimeLimit", ctypes.c_int64),
                ("PerJobUserTimeLimit", ctypes.c_int64),
                ("LimitFlags", wintypes.DWORD),
                ("MinimumWorkingSetSize", ctypes.c_size_t),
                ("MaximumWorkingSetSize", ctypes.c_size_t),
                ("ActiveProcessLimit", wintypes.DWORD),
                ("Affinity", ctypes.c_size_t),
                ("PriorityClass", wintypes.DWORD),
                ("SchedulingClass", wintypes.DWORD),
            )

        class Extended(ctypes.Structure):
            _fields_ = (
                ("BasicLimitInformation", Basic),
                ("IoInfo", ctypes.c_uint64 * 6),
                ("ProcessMemoryLimit", ctypes.c_size_t),
                ("JobMemoryLimit", ctypes.c_size_t),
                ("PeakProcessMemoryUsed", ctypes.c_size_t),
                ("PeakJobMemoryUsed", ctypes.c_size_t),
            )

        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        kernel.CreateJobObjectW.restype = wintypes.HANDLE
        kernel.CreateJobObjectW.argtypes = (wintypes.LPVOID, wintypes.LPCWSTR)
        kernel.GetCurrentProcess.restype = wintypes.HANDLE
        kernel.SetInformationJobObject.argtypes = (
            *(wintypes.HANDLE, ctypes.c_int, wintypes.LPVOID, wintypes.DWORD),
        )
        kernel.AssignProcessToJobObject.argtypes = (wintypes.HANDLE, wintypes.HANDLE)
        active_process, process_memory, extended_information = 0x8, 0x100, 9
        limits = Extended()
        limits.BasicLimitInformation.LimitFlags = active_process | process_memory
        limits.BasicLimitInformation.ActiveProcessLimit = 1
        # What it holds now is not asked for: an interpreter with a context takes less than this.
        limits.ProcessMemoryLimit = most + 256 * _MB
        job = kernel.CreateJobObjectW(None, None)
        size = ctypes.sizeof(limits)
        done = kernel.SetInformationJobObject(
            job, extended_information, ctypes.byref(limits), size
        ) and kernel.AssignProcessToJobObject(job, kernel.GetCurrentProcess())
        if not done:
            raise ctypes.WinError(ctypes.get_last_error())


# --- what it may do ----------------------------------------------------------------------------

_REFUSED = (
    *("socket.", "subprocess.", "ctypes.", "shutil.", "winreg.", "os.exec", "os.fork"),
    *("os.posix_spawn", "os.spawn", "os.startfile", "os.system", "os.kill", "os.remove"),
    *("os.rename", "os.rmdir", "os.mkdir", "os.link", "os.symlink", "os.truncate", "os.putenv"),
)
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def guard(readable: Iterable[Path]) -> None:
    """From now on, let this process only read files of some folders: no writing, no network.

    A second wall behind the sandbox of Jinja, for a template that breaks out of it.
    """
    libraries = {*sys.path, sys.prefix, sys.base_prefix, sys.exec_prefix}
    folders = tuple(
        os.path.normcase(f"{os.path.realpath(folder)}{os.sep}")
        for folder in map(str, (*readable, *libraries))
        if folder
    )

    def audit(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open" and isinstance(arguments[0], str | bytes):
            path, _mode, flags = arguments
            with suppress(ValueError):
                real = os.path.normcase(os.path.realpath(os.fsdecode(path)))
                if real.startswith(folders) and not (flags or 0) & _WRITING:
                    return
            raise PermissionError(event)
        if event.startswith(_REFUSED):
            raise PermissionError(event)

    sys.addaudithook(audit)
