"""Inputs as rows of their own: what was asked, rolled up, beside what is computed from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from engine.catalogue.model import NUMERIC, Catalogue, Indicator, Input
from engine.language.grammar import parse_formula
from engine.problems import Position

NUMBER_DECIMALS = 1


def input_rows(catalogue: Catalogue) -> Mapping[str, Indicator]:
    """An indicator without a formula for every input that is not one already, by its id."""
    return {
        one.id: _row(one) for one in catalogue.inputs.values() if one.id not in catalogue.indicators
    }


def _row(one: Input) -> Indicator:
    formula, _problems = parse_formula(one.id, one.position or Position(""))
    if formula is None:  # an id that is no name would not have come through the build
        raise ValueError(one.id)
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
        formulas=((None, formula),),
        decimals=0 if whole else NUMBER_DECIMALS,
        input=one.id,
        since=one.since,
        until=one.until,
        position=one.position,
    )
