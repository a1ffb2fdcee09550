"""Reports on the demonstration data of the catalogues that ship, read once for all tests of a run."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from engine.catalogue.load import load
from engine.catalogue.model import Catalogue
from engine.data import Data, read_data
from engine.evaluation.evaluate import Asking, Results, evaluate
from engine.evaluation.results import COLUMNS, SAME_REPORTERS, SHORTFALL
from engine.reports.context import Edition, Report, open_report
from engine.reports.library import find_template
from engine.reports.render import open_press, speaking

ROOT = Path(__file__).resolve().parent.parent
DATE = date(2025, 1, 2)
NAMES = ("berezniki", "michurinsk")


@cache
def shipped(name: str) -> tuple[Catalogue, Data, Results]:
    """A catalogue, its demonstration data, and what comes of them, as the command computes it."""
    folder = ROOT / "definitions" / name
    catalogue, problems = load(folder)
    assert catalogue is not None, problems
    data, problems = read_data(catalogue, folder / "demo")
    assert not problems
    columns = (*COLUMNS, SHORTFALL, SAME_REPORTERS)
    asking = Asking(catalogue.years, inputs=True, columns=columns, advice=True)
    return catalogue, data, evaluate(catalogue, data, asking)


@cache
def opened(name: str, audience: Any = "internal", count: int = 3) -> Report:
    """Its report about the first years."""
    catalogue, data, results = shipped(name)
    edition = Edition(catalogue.years[:count], DATE, audience, results.problems, results.advice)
    with speaking("ru"):
        return open_report(catalogue, data, results.frame, edition)


def pressed(name: str, template: str, place: tuple[str, str] | None = None) -> bytes:
    """The bytes of a report by a template, for whom that template is."""
    found = find_template(template)
    report = opened(name, found.audience or "internal")
    with speaking("ru"), open_press(found, report.catalogue) as press:
        return press(report.context(place))
