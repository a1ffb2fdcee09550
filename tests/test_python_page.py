"""`docs/python.md` is run as written."""

from __future__ import annotations

import doctest
import re
from pathlib import Path
from typing import TYPE_CHECKING

import engine

if TYPE_CHECKING:
    import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "python.md"


def test_the_page_does_what_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    text = re.sub(r"^```(?:python)?$", "", PAGE.read_text("utf-8"), flags=re.MULTILINE)
    example = doctest.DocTestParser().get_doctest(text, {}, "python.md", str(PAGE), 0)
    assert len(example.examples) > 15
    said: list[str] = []
    done = doctest.DocTestRunner(verbose=False).run(example, out=said.append)
    assert not done.failed, "".join(said)


def test_the_page_names_all_there_is() -> None:
    text = PAGE.read_text("utf-8")
    assert all(f"`{name}`" in text or f" {name}" in text for name in engine.__all__)
