"""What a process may take and do, system by system: asked for here, not taken from this process."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from engine import limits

MB = 2**20
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="as Linux limits")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> dict[int, tuple[int, int]]:
    """Limit → what it was set to, where a system of plenty is asked."""
    resource = pytest.importorskip("resource")
    found: dict[int, tuple[int, int]] = {}
    plenty = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    monkeypatch.setattr(resource, "getrlimit", lambda limit: found.get(limit, plenty))
    monkeypatch.setattr(resource, "setrlimit", found.__setitem__)
    return found


@LINUX
def test_memory_is_limited_to_what_is_held_and_more(asked: dict[int, tuple[int, int]]) -> None:
    import resource

    held = int(Path("/proc/self/statm").read_text("ascii").split()[0]) * resource.getpagesize()
    limits.limit_memory(512 * MB)
    most, hard = asked[resource.RLIMIT_AS]
    assert most == hard
    assert abs(most - held - 512 * MB) < 64 * MB
    assert asked[resource.RLIMIT_CORE] == asked[resource.RLIMIT_FSIZE] == (0, 0)


@LINUX
def test_a_limit_that_is_lower_already_is_not_raised(asked: dict[int, tuple[int, int]]) -> None:
    import resource

    asked[resource.RLIMIT_DATA] = (5 * MB, 7 * MB)
    limits.limit_data(9 * MB)
    assert asked[resource.RLIMIT_DATA] == (7 * MB, 7 * MB)
    limits.limit_data(3 * MB)
    assert asked[resource.RLIMIT_DATA] == (3 * MB, 3 * MB)


def test_each_system_limits_memory_in_its_way(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, int]] = []
    looked = threading.Event()

    def watch(most: int) -> None:
        asked.append(("watched", most))
        looked.set()

    for name in ("_limit_by_job", "_limit_by_system"):
        monkeypatch.setattr(
            limits, name, lambda most, name=name: asked.append((name, most)), raising=False
        )
    monkeypatch.setattr(limits, "_watch", watch, raising=False)
    monkeypatch.setattr(limits, "_held", lambda: 3, raising=False)
    for system in ("win32", "linux", "darwin"):
        monkeypatch.setattr(limits, "sys", SimpleNamespace(platform=system))
        limits.limit_memory(5)
    assert looked.wait(10)
    assert asked == [("_limit_by_job", 5), ("_limit_by_system", 5), ("watched", 8)]


def test_elsewhere_data_are_not_limited(
    monkeypatch: pytest.MonkeyPatch, asked: dict[int, tuple[int, int]]
) -> None:
    monkeypatch.setattr(limits, "sys", SimpleNamespace(platform="darwin"))
    limits.limit_data(5)
    assert asked == {}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps to its limit by itself")
def test_a_process_that_holds_too_much_ends_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    held = iter((10, 20, 21, 99))
    slept: list[float] = []

    def end(code: int) -> None:
        raise SystemExit(code)

    monkeypatch.setattr(limits, "_held", lambda: next(held))
    monkeypatch.setattr("time.sleep", slept.append)
    monkeypatch.setattr(os, "_exit", end)
    with pytest.raises(SystemExit) as ended:
        limits._watch(20)
    assert ended.value.code == limits.HELD_TOO_MUCH
    assert len(slept) == 2


@LINUX
def test_what_is_held_is_told_in_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    held = limits._held()
    assert 10 * MB < held < 64 * 1024 * MB
    # Another system counts bytes, not kilobytes.
    monkeypatch.setattr(limits, "sys", SimpleNamespace(platform="darwin"))
    assert limits._held() * 1000 < held * 2


def test_a_page_whose_time_is_over_is_interrupted() -> None:
    before = signal.getsignal(signal.SIGINT)
    try:
        limits.raise_when_interrupted()
        with pytest.raises(limits.TimeUpError):
            signal.raise_signal(signal.SIGINT)
    finally:
        signal.signal(signal.SIGINT, before)
    assert not issubclass(limits.TimeUpError, Exception)


def test_a_clock_that_never_began_is_stopped_in_peace() -> None:
    rung: list[int] = []
    clock = limits.Clock(5.0, lambda: rung.append(1))
    clock.stop()
    assert (clock.left, clock.rang, rung) == (5.0, False, [])


# --- what it may do ------------------------------------------------------------------------------


@pytest.fixture
def look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """The hook that a process which may read one folder gets: `look(event, *arguments)`."""
    hooks: list[Callable[[str, tuple[Any, ...]], None]] = []
    monkeypatch.setattr(sys, "addaudithook", hooks.append)
    (tmp_path / "open").mkdir()
    limits.guard([tmp_path / "open"])
    (hook,) = hooks
    return lambda event, *arguments: hook(event, arguments)


READ, WRITE = os.O_RDONLY, os.O_WRONLY | os.O_CREAT


def test_what_lies_in_its_folders_is_read(look: Callable[..., None], tmp_path: Path) -> None:
    for path in (tmp_path / "open/x", os.__file__, Path(pytest.__file__)):
        look("open", str(path), "r", READ)
        look("open", os.fsencode(path), "r", None)
    look("open", 5, "r", READ)  # what is open already
    look("import", "colorsys", None, None, None, None)


@pytest.mark.parametrize(
    ("path", "flags"),
    [
        ("closed/x", READ),
        ("open/../closed/x", READ),
        ("openly", READ),
        ("open/x", WRITE),
        ("open/x", os.O_RDWR),
        ("open/\0", READ),
    ],
)
def test_all_other_files_are_refused(
    look: Callable[..., None], tmp_path: Path, path: str, flags: int
) -> None:
    with pytest.raises(PermissionError, match="open"):
        look("open", f"{tmp_path}/{path}", "r", flags)


@pytest.mark.parametrize(
    "event", ["socket.connect", "subprocess.Popen", "os.system", "os.fork", "os.remove", "os.kill"]
)
def test_nothing_outside_is_reached(look: Callable[..., None], event: str) -> None:
    with pytest.raises(PermissionError, match=event):
        look(event, "x")
