"""An indicator is a formula over columns of counts, with a unit and a target for each year.

    from engine import load, read_data, evaluate, explain, render
    catalogue, problems = load("definitions/berezniki")
    data, problems = read_data(catalogue, "data/")
    results = evaluate(catalogue, data, years=[2023])

What an answer needs is imported when it is asked for: reading a catalogue loads no data engine.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl

    from engine.catalogue.load import load as load
    from engine.catalogue.model import Catalogue
    from engine.data.intake import read_data as read_data
    from engine.data.model import Data
    from engine.evaluation.explain.explain import explain as explain
    from engine.reports.render import render as render

__all__ = ["evaluate", "explain", "load", "read_data", "render"]

_HOMES = {
    "load": "engine.catalogue.load",
    "read_data": "engine.data.intake",
    "explain": "engine.evaluation.explain.explain",
    "render": "engine.reports.render",
}


def evaluate(
    catalogue: Catalogue,
    data: Data,
    *,
    years: Sequence[int] = (),
    levels: Sequence[str] = (),
    places: Sequence[str] = (),
    indicators: Sequence[str] = (),
    scenario: str | None = None,
    inputs: bool = False,
    columns: Sequence[str] = (),
) -> pl.DataFrame:
    """The results: a frame, one row per indicator × level × place × year × scenario.

    Every argument after the data narrows what is asked; empty is all there is, as on the command
    line, and `inputs` adds rows of what was asked. Beside the columns of `evaluate --format json`
    stand `text` (a list), `target_to` and `type`.
    """
    from engine.evaluation.asking import Asking
    from engine.evaluation.evaluate import compute_results as compute

    asking = Asking(
        tuple(years),
        tuple(levels),
        tuple(places),
        tuple(indicators),
        scenario,
        inputs,
        tuple(columns),
    )
    return compute(catalogue, data, asking).frame


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
