"""What one process of a run has made the others take; a failure is raised and nobody waits for it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import sleep

import pytest

from tests import once
from tests.once import make_once


@pytest.fixture(autouse=True)
def _own_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(once, "folder", tmp_path)


def test_who_asks_at_the_same_time_waits_for_the_first(tmp_path: Path) -> None:
    made: list[int] = []

    def make() -> bytes:
        made.append(1)
        sleep(0.1)
        return b"page"

    with ThreadPoolExecutor(4) as pool:
        pages = list(pool.map(lambda _turn: make_once("a", make), range(4)))
    assert pages == [b"page"] * 4
    assert made == [1]
    assert [one.name for one in tmp_path.iterdir()] == ["a"]


def test_a_failure_is_raised_and_the_next_tries_again() -> None:
    def fail() -> bytes:
        raise ValueError("no page")

    with pytest.raises(ValueError, match="no page"):
        make_once("a", fail)
    assert make_once("a", lambda: b"page") == b"page"
