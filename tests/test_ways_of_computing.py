"""A town is computed step by step, a country as one query: both give the same results."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.catalogue.load import load
from engine.data import read_data
from engine.evaluation.evaluate import Asking, evaluate

DEFINITIONS = Path(__file__).resolve().parent.parent / "definitions"


@pytest.mark.parametrize("name", ["berezniki", "michurinsk"])
def test_one_query_gives_what_single_steps_give(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    catalogue, _problems = load(DEFINITIONS / name)
    assert catalogue is not None
    data, _found = read_data(catalogue, DEFINITIONS / name / "demo")
    asking = Asking(inputs=True)
    by_steps = evaluate(catalogue, data, asking)
    monkeypatch.setattr("engine.data.library.SMALL", 0)
    at_once = evaluate(catalogue, data, asking)
    assert by_steps.frame.equals(at_once.frame)
    assert by_steps.problems == at_once.problems
    assert by_steps.skipped_checks == at_once.skipped_checks
