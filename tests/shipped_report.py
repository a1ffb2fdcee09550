"""Reports on the demonstration data of the catalogues that ship, read once for all tests of a run."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from engine.catalogue.load import load
from engine.catalogue.model import Catalogue
from engine.data import Data, read_data
from engine.evaluation.asking import COLUMNS, SAME_REPORTERS, SHORTFALL, Asking, Results
from engine.evaluation.evaluate import compute_results
from engine.problems import has_errors
from engine.reports.render import Report, open_page_writer, open_report
from engine.reports.templates import find_template
from engine.translation import use_language
from tests.once import make_once

ROOT = Path(__file__).resolve().parent.parent
DATE = date(2025, 1, 2)
NAMES = ("berezniki", "michurinsk")


@cache
def load_shipped(name: str) -> Catalogue:
    """A catalogue that ships; it is frozen, so all tests of a process share it."""
    catalogue, problems = load(ROOT / "definitions" / name)
    assert catalogue is not None, problems
    assert not has_errors(problems)
    return catalogue


@cache
def read_demo(name: str) -> tuple[Catalogue, Data]:
    """A catalogue that ships and its demonstration data, in which no problem is found."""
    catalogue = load_shipped(name)
    data, problems = read_data(catalogue, ROOT / "definitions" / name / "demo")
    assert not problems
    return catalogue, data


@cache
def shipped(name: str) -> tuple[Catalogue, Data, Results]:
    """A catalogue, its demonstration data, and what comes of them, as the command computes it."""
    catalogue, data = read_demo(name)
    columns = (*COLUMNS, SHORTFALL, SAME_REPORTERS)
    asking = Asking(catalogue.years, inputs=True, columns=columns, advice=True)
    return catalogue, data, compute_results(catalogue, data, asking)


@cache
def opened(name: str, audience: Any = "internal", count: int = 3) -> Report:
    """Its report about the first years."""
    catalogue, data, results = shipped(name)
    with use_language("ru"):
        return open_report(
            catalogue,
            data,
            results.frame,
            catalogue.years[:count],
            date=DATE,
            audience=audience,
            problems=results.problems,
            advised=results.advice,
        )


def press_anew(name: str, template: str, place: tuple[str, str] | None = None) -> bytes:
    """The bytes of a report by a template, for whom that template is."""
    found = find_template(template)
    report = opened(name, found.audience or "internal")
    with use_language("ru"), open_page_writer(found, report.catalogue) as press:
        return press(report.context(place))


@cache
def pressed(name: str, template: str, place: tuple[str, str] | None = None) -> bytes:
    """As `press_anew`, rendered once in a run for all tests that look at it."""
    file = "-".join((name, template, *(place or ())))
    return make_once(file, lambda: press_anew(name, template, place))
