"""The engine against the oracle: random formulas over random data, every row of the results.

`ORACLE_EXAMPLES=5000 pytest tests/test_oracle.py` looks further, at other formulas each time.
"""

from __future__ import annotations

import csv
import os
import tempfile
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.catalogue.load import load
from engine.catalogue.model import Amount, Catalogue, Indicator, Scale
from engine.data import Data, read_data
from engine.evaluation.asking import Asking
from engine.evaluation.evaluate import compute_results
from tests.oracle.asking import names_in
from tests.oracle.drawing import (
    Draw,
    Drawn,
    draw_catalogue,
    draw_data,
    draw_same_schools,
    fill_catalogue,
)
from tests.oracle.meaning import Meaning
from tests.oracle.operators import rounded
from tests.oracle.rows import Key, Row, list_rows
from tests.oracle.world import World

if TYPE_CHECKING:
    from collections.abc import Iterator

MORE = int(os.environ.get("ORACLE_EXAMPLES", "0"))
COLUMNS = (
    *("value", "raw", "reason", "plan", "reported", "expected", "class", "points"),
    *("target", "comparator", "status", "reference", "base"),
)
NEAR = Fraction(1, 10**9)

profile = settings(
    max_examples=MORE or 40,
    derandomize=not MORE,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@cache
def sample() -> Catalogue:
    with tempfile.TemporaryDirectory() as folder:
        text = (Path(__file__).parent / "oracle" / "catalogue.yaml").read_text(encoding="utf-8")
        (Path(folder) / "catalogue.yaml").write_text(text, encoding="utf-8")
        catalogue, problems = load(folder)
    assert catalogue is not None
    assert [problem for problem in problems if problem.severity == "error"] == []
    return catalogue


def asked_by(catalogue: Catalogue) -> list[str]:
    """The cells that the formulas of a catalogue need, in order of their declaration."""
    asking = Meaning(catalogue, World()).asking
    found: set[str] = set()
    for indicator in catalogue.indicators.values():
        for _, formula in indicator.formulas:
            for name in names_in(formula.tree):
                found.update(asking.cells_of(name))
    found |= {name for each in found for name in catalogue.inputs[each].given_at.values()}
    wanted = {catalogue.inputs[name].asked_when for name in found} | found
    waiting = list(found)
    for name in waiting:  # what a cell waits for, and what that waits for
        for rule in catalogue.inputs[name].asked_if:
            behind = {cell for part in names_in(rule.tree) for cell in asking.cells_of(part)}
            waiting += sorted(behind - wanted)
            wanted |= behind
    return [name for name in catalogue.inputs if name in wanted]


def read(catalogue: Catalogue, drawn: Drawn) -> Data:
    """The data as the engine reads them from files."""
    with tempfile.TemporaryDirectory() as folder:
        tables = {"schools": drawn.schools, "targets": drawn.targets, **drawn.facts}
        for name, rows in tables.items():
            if rows:
                with (Path(folder) / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
                    columns = list(dict.fromkeys(column for row in rows for column in row))
                    writer = csv.DictWriter(file, columns, restval="", delimiter=";")
                    writer.writeheader()
                    writer.writerows(rows)
        return read_data(catalogue, folder)[0]


def results_of(catalogue: Catalogue, data: Data) -> dict[Key, dict[str, Any]]:
    """The engine's rows by key."""
    frame = compute_results(catalogue, data, Asking(columns=COLUMNS)).frame
    rows = list(frame.iter_rows(named=True))
    found = {
        (row["indicator"], row["level"], row["place"], row["year"], row["scenario"]): row
        for row in rows
    }
    assert len(found) == len(rows), "two rows have one key"
    return found


def difference(
    row: dict[str, Any], right: Row, planned: dict[str, Any] | None, decimals: int
) -> str:
    """What differs between a row of the engine and that of the oracle; empty where nothing does.

    `planned` is the engine's row of the forecast beside a fact, where there is one.
    """
    found = []
    if row["plan"] != (planned and planned["value"]):
        found.append("plan")
    if right.unanswered and row["value"] is not None:
        found.append("a value where nobody entered")
    if row["reason"] != right.reason:
        found.append("reason")
    if (row["reported"], row["expected"]) != (right.reported, right.expected):
        found.append("coverage")
    found += targets_difference(row, right, decimals)
    if right.value is None:
        if row["value"] is not None or row["raw"] is not None:
            found.append("value")
    elif row["value"] is None or row["raw"] is None:
        found.append("value")
    elif isinstance(right.value, bool):
        if bool(row["value"]) != right.value:
            found.append("value")
    else:
        exact = right.value
        if abs(Fraction(row["raw"]) - exact) > NEAR * abs(exact):
            found.append("raw")
        ends = {rounded(exact * (1 + way * NEAR), decimals) for way in (-1, 0, 1)}
        if all(float(end) != row["value"] for end in ends):
            found.append("value")
    return ", ".join((*found, *differences_of_grade(row, right)))


def differences_of_grade(row: dict[str, Any], right: Row) -> Iterator[str]:
    """Whether the class or the points differ."""
    if row["class"] != right.class_id:
        yield "class"
    points = None if row["points"] is None else Fraction(row["points"])
    if points is None or right.points is None:
        if points != right.points:
            yield "points"
    elif abs(points - right.points) > NEAR * abs(right.points):
        yield "points"


def targets_difference(row: dict[str, Any], right: Row, decimals: int) -> list[str]:
    """What differs in the target, the verdict, the reference and the base."""
    goal = right.target
    found = []
    for name, wanted in (
        ("target", goal.first if goal else None),
        ("target_to", goal.last if goal else None),
        ("reference", right.reference),
    ):
        if not _prints(row.get(name), wanted, decimals):
            found.append(name)
    if row["comparator"] != (goal and goal.comparator):
        found.append("comparator")
    if row.get("base") != (None if right.base is None else float(right.base)):
        found.append("base")
    if row["status"] != _verdict(row):
        found.append("status")
    return found


def _prints(number: float | None, exact: Fraction | None, decimals: int) -> bool:
    """Whether a number is what is printed of an exact one, whatever binary noise may do to a half."""
    if number is None or exact is None:
        return number is None and exact is None
    ends = {rounded(exact * (1 + way * NEAR), decimals) for way in (-1, 0, 1)}
    return any(float(end) == number for end in ends)


def _verdict(row: dict[str, Any]) -> str:
    """The verdict on what is printed."""
    value, low = row["value"], row["target"]
    if low is None:
        return "no_target"
    if value is None:
        return "no_data"
    if row["comparator"] == "none":
        return "no_comparator"
    high = row["target_to"] if row["comparator"] == "between" else low
    above, below = value >= low, value <= high
    met = {"at_least": above, "at_most": below}.get(row["comparator"], above and below)
    return "met" if met else "missed"


def compare(catalogue: Catalogue, drawn: Drawn, data: Data) -> list[str]:
    """Every disagreement, as text."""
    ours, theirs = results_of(catalogue, data), list_rows(catalogue, drawn.world)
    found = [f"missing row {key}" for key in theirs.keys() - ours.keys()]
    found += [f"extra row {key}" for key in ours.keys() - theirs.keys()]
    for key in theirs.keys() & ours.keys():
        planned = ours.get((*key[:-1], "forecast")) if key[-1] == "fact" else None
        wrong = difference(ours[key], theirs[key], planned, catalogue.indicators[key[0]].decimals)
        if wrong:
            shown = {name: ours[key].get(name) for name in COLUMNS}
            found.append(f"{wrong} at {key}:\n   engine {shown}\n   oracle {theirs[key]}")
    return sorted(found)


def _describe_scale(scale: Scale) -> str:
    def show(amount: Amount) -> str:
        return str(amount) if isinstance(amount, Fraction) else amount.text

    versions = []
    for version in scale.versions:
        ends = {
            name: (*((end.word, show(end.amount)) for end in each.ends), str(each.points))
            for name, each in version.classes.items()
        }
        line = [(show(knot.value), show(knot.points)) for knot in version.line]
        versions.append((version.since, ends or line))
    return f"round {scale.decimals} {versions}"


def describe(catalogue: Catalogue, drawn: Drawn) -> str:
    """The example, to be written down again by hand."""
    lines = []
    for indicator in catalogue.indicators.values():
        if indicator.scale:
            lines.append(f"   scale {_describe_scale(indicator.scale)}")
        texts = {year: formula.text for year, formula in indicator.formulas}
        targets = {year: str(target.value) for year, target in indicator.targets.items()}
        bounds = f"{indicator.missing} {indicator.since}-{indicator.until}"
        bounds += "".join(f" where {rule.text}" for rule in indicator.where)
        bounds += " same schools" if indicator.same_schools else ""
        lines.append(f"{indicator.id} [{bounds}] = {texts} {targets or ''}")
    tables = [drawn.schools, *drawn.facts.values()]
    lines += [str({k: v for k, v in row.items() if v}) for rows in tables for row in rows]
    return "\n".join(lines)


@pytest.mark.no_cover
@settings(profile, max_examples=MORE or 8)
@given(st.data())
def test_changes_over_the_same_schools_agree_with_the_oracle(data: st.DataObject) -> None:
    choose = Draw(data.draw)
    indicators: dict[str, Indicator] = {}
    for number in range(choose.whole(1, 8)):
        indicators |= draw_same_schools(choose, f"s{number}")
    check(choose, fill_catalogue(sample(), indicators, {}))


@profile
@given(st.data())
def test_the_engine_agrees_with_the_oracle(data: st.DataObject) -> None:
    choose = Draw(data.draw)
    check(choose, draw_catalogue(choose, sample(), many=choose.whole(1, 8), depth=3))


def check(choose: Draw, catalogue: Catalogue) -> None:
    """Draw data for a catalogue, and compare all its rows."""
    drawn = draw_data(choose, catalogue, asked_by(catalogue))
    found = compare(catalogue, drawn, read(catalogue, drawn))
    assert not found, "\n".join([*found[:8], describe(catalogue, drawn)])
