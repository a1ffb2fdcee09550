"""Inputs as rows of their own: what was asked, rolled up, beside what is computed from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from engine.catalogue.model import NUMERIC, Catalogue, Indicator, Input, PartSum
from engine.language.grammar import Formula, parse_formula
from engine.problems import Position

NUMBER_DECIMALS = 1


def input_rows(catalogue: Catalogue) -> Mapping[str, Indicator]:
    """An indicator without a formula for every input that is not one already, by its id."""
    rows = {
        one.id: _row(one) for one in catalogue.inputs.values() if one.id not in catalogue.indicators
    }
    sums = [symbol for symbol in catalogue.symbols.values() if isinstance(symbol, PartSum)]
    return rows | {one.id: _sum_row(catalogue, one) for one in sums}


def all_rows(catalogue: Catalogue) -> Mapping[str, Indicator]:
    """Every indicator, and every input as a row of its own, by id."""
    return {**input_rows(catalogue), **catalogue.indicators}


def _sum_row(catalogue: Catalogue, one: PartSum) -> Indicator:
    """`x.ovz` of a partition: its cells are those of the parts, but it is a row of its own."""
    whole, _dot, _part = one.id.rpartition(".")
    cell = catalogue.inputs[one.cells[0]]
    title = f"{catalogue.inputs[whole].title}: {cell.title}"
    return replace(
        _row(cell), id=one.id, title=title, formulas=((None, _name(one.id)),), input=None
    )


def _name(name: str) -> Formula:
    formula, _problems = parse_formula(name, Position(""))
    if formula is None:  # an id that is no name would not have come through the build
        raise ValueError(name)
    return formula


def _row(one: Input) -> Indicator:
    kind: Literal["number", "yes_no", "text"] = "text"
    if one.type in NUMERIC:
        kind = "number"
    elif one.type == "yes_no":
        kind = "yes_no"
    whole = one.type == "count" or kind == "yes_no" or bool(one.unit and one.unit.counted)
    return Indicator(
        id=one.id,
        title=one.title,
        type=kind,
        unit=one.unit,
        formulas=((None, _name(one.id)),),
        decimals=0 if whole else NUMBER_DECIMALS,
        input=one.id,
        since=one.since,
        until=one.until,
        position=one.position,
    )
