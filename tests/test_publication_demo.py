"""The reader of the public page, in the two towns of the orders with their demo data."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from pathlib import Path

import polars as pl
import pytest

from engine.catalogue.model import NUMERIC, Catalogue
from engine.evaluation.asking import COLUMNS, Asking
from engine.evaluation.evaluate import compute_results
from engine.publication.audience import publish
from tests.answered import guarded, list_told, read_groups
from tests.reader import Name, Order, Page, conclude, read_page
from tests.shipped_report import read_demo
from tests.test_publication_reader import printed

ROOT = Path(__file__).resolve().parent.parent
pytestmark = pytest.mark.no_cover
FAR = 100_000
SMALL = 5
EVERY = 10
"""Every which hidden number the reader tries: all of them take him minutes."""


@cache
def read_published(name: str) -> tuple[Catalogue, pl.DataFrame, Page]:
    """A town's catalogue, what is true of it, and what its public file prints."""
    catalogue, data = read_demo(name)
    results = compute_results(catalogue, data, Asking(inputs=True, columns=COLUMNS))
    shown = publish(catalogue, results.frame).results
    text = printed(catalogue, results, shown)
    return catalogue, results.frame, read_page(text)


def read_order(catalogue: Catalogue) -> Order:
    """What the catalogue says in so many words: parts, shares, sums, and what its checks compare."""
    counts = {
        one.id: one
        for one in catalogue.inputs.values()
        if one.type in NUMERIC and one.rollup == "sum" and one.level == catalogue.levels[0]
    }

    def add(text: str) -> tuple[str, ...] | None:
        """The counts of `a + b`, the parts of a partition for one it stands for."""
        names: list[str] = []
        for name in text.split("+"):
            whole, _dot, part = name.strip().rpartition(".")
            if name.strip() in counts:
                names.append(name.strip())
            elif whole in counts and counts[whole].parts_are == "partition":
                names += [f"{each}.{part}" for each in counts[whole].parts]
        return tuple(names) if names and all(one in counts for one in names) else None

    def inside() -> Iterator[tuple[tuple[str, ...], str, bool]]:
        for one in counts.values():
            parts = tuple(part for part in one.parts if part in counts)
            if parts:
                yield parts, one.id, one.parts_are == "partition"
            if one.within in counts:
                yield (one.id,), one.within, False
                for part in parts:
                    other = one.within + part.removeprefix(one.id)
                    if other in counts:
                        yield (part,), other, False
        for check in catalogue.checks.values():
            sides = re.fullmatch(r"([\w.+ ]+) (<=|==) ([\w.]+)", check.rule.text)
            left = sides and add(sides[1])
            if left and sides and sides[3] in counts and (sides[2] == "==" or len(left) == 1):
                yield left, sides[3], sides[2] == "=="

    rates, totals = {}, {}
    for row in catalogue.indicators.values():
        text = row.formulas[-1][1].text if row.formulas else ""
        share = re.fullmatch(r"share\(([\w.+ ]+), ([\w.+ ]+)\)", text)
        both = share and (add(share[1]), add(share[2]))
        total = add(text) if re.fullmatch(r"[\w.+ ]+", text) else None
        if both and both[0] and both[1]:
            rates[row.id] = (both[0], both[1])
        elif total:
            totals[row.id] = total
    return Order(tuple(counts), tuple(inside()), rates, totals)


@pytest.mark.parametrize("name", ["berezniki", "michurinsk"])
def test_a_reader_cannot_tell_what_is_hidden_in_a_demo(name: str) -> None:
    catalogue, results, page = read_published(name)
    order = read_order(catalogue)
    assert len(order.rates) > 8
    assert len(page.known) > 200
    top = (
        catalogue.levels[-1],
        results.filter(pl.col("level") == catalogue.levels[-1])["place"][0],
    )
    groups = read_groups(results, order.counts, top)
    facts = conclude(order, page, groups=groups)
    secret = {one.id for one in catalogue.inputs.values() if one.confidential}
    people = {one.id for one in catalogue.inputs.values() if one.unit and one.unit.id == "person"}
    keys = ["indicator", "level", "place", "year", "scenario"]
    truth: dict[Name, Fraction | None] = {
        row[:5]: None if row[5] is None else Fraction(row[5])
        for row in results.select(*keys, "value").iter_rows()
    }
    hidden: dict[Name, Fraction] = {}
    for one in sorted(page.hidden):
        value = truth[one]
        if one[0] in order.counts and value is not None:
            hidden[one] = value
    hidden |= guarded(groups, SMALL, is_secret=secret.__contains__, is_people=people.__contains__)
    tried = dict(sorted(hidden.items())[::EVERY])
    assert len(tried) > 5
    assert not list_told(facts, tried, SMALL, FAR)
