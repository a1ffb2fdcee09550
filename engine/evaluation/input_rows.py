"""Inputs as rows of their own: what was reported, rolled up, beside what is computed from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from engine.catalogue.lookups import decimals_of
from engine.catalogue.model import NUMERIC, Catalogue, Indicator, Input, PartSum
from engine.language.grammar import Formula, parse_formula
from engine.problems import Position


def input_rows(catalogue: Catalogue) -> Mapping[str, Indicator]:
    """An indicator without a formula for every input that is not one already, by its id."""
    inputs = catalogue.inputs.values()
    rows = {
        each.id: _row(catalogue, each)
        for each in inputs
        if each.id not in catalogue.indicators and each.lower is None
    }
    sums = [symbol for symbol in catalogue.symbols.values() if isinstance(symbol, PartSum)]
    return rows | {each.id: _sum_row(catalogue, each) for each in sums}


def all_rows(catalogue: Catalogue) -> Mapping[str, Indicator]:
    """Every indicator, and every input as a row of its own, by id."""
    return {**input_rows(catalogue), **catalogue.indicators}


def _sum_row(catalogue: Catalogue, total: PartSum) -> Indicator:
    """`x.ovz` of a partition: its cells are those of the parts, but it is a row of its own."""
    whole, _dot, _part = total.id.rpartition(".")
    cell = catalogue.inputs[total.cells[0]]
    upper = catalogue.inputs[whole]
    return replace(
        _row(catalogue, cell),
        id=total.id,
        title=f"{upper.title}: {cell.title}",
        short=f"{upper.short_title}: {cell.short_title}",
        formulas=((None, _parse_name(total.id)),),
        input=None,
    )


def _parse_name(name: str) -> Formula:
    formula, _problems = parse_formula(name, Position(""))
    if formula is None:  # an id that is no name would not have come through the build
        raise ValueError(name)
    return formula


def _row(catalogue: Catalogue, input_: Input) -> Indicator:
    kind: Literal["number", "yes_no", "text"] = "text"
    if input_.type in NUMERIC:
        kind = "number"
    elif input_.type == "yes_no":
        kind = "yes_no"
    return Indicator(
        id=input_.id,
        title=input_.title,
        type=kind,
        unit=input_.unit,
        formulas=((None, _parse_name(input_.id)),),
        decimals=decimals_of(catalogue, input_) or 0,
        input=input_.id,
        since=input_.since,
        until=input_.until,
        short=input_.short,
        position=input_.position,
    )
