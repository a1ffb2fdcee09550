"""The parts of long scores in hidden cells: `IF(ISNUMBER(AB7),AB7,NA())` instead of what a member is.

A score whose formula is longer than a cell of Excel takes reads its members, and its weights that are
names, from cells of a hidden column behind the form. Each shows its part unrounded, an empty text where it
has no value, «н/п» where it does not apply. Every part has a row of its own, whether or not it is needed, so
that the form of one place does not depend on those of others.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from engine.catalogue.model import Catalogue, Indicator, Missing, Scenario
from engine.forms.layout import Layout
from engine.forms.out.blueprint import LiveValue
from engine.forms.out.checks import Key
from engine.forms.out.sheet_words import not_applicable_word
from engine.language.grammar import Formula, tree_key
from engine.language.readings.excel import NONE, Condition, ExcelCell, known_cell, quoted
from engine.problems import Position
from engine.workbooks.addresses import name_cell

PART_OF = "part:"
"""How the ids of parts begin among the live values of a form."""

_DECIMALS = 14


def is_part(key: Key) -> bool:
    """Whether a live value of a form is a part of a score."""
    return key[0].startswith(PART_OF)


@dataclass(frozen=True, slots=True)
class ScorePart:
    """A member of a score, or a weight, and how the score counts schools: its `missing` and `where`."""

    tree: ast.expr
    missing: Missing
    where: tuple[Formula, ...]

    @property
    def key(self) -> tuple[object, ...]:
        """Parts are equal where their keys are."""
        conditions = tuple(tree_key(condition.tree) for condition in self.where)
        return tree_key(self.tree), self.missing, conditions


class ScoreParts:
    """The parts of all scores that a form computes, each with a cell of its own.

    It grows as they are read.
    """

    def __init__(self, layout: Layout) -> None:
        self._column = layout.notes + 2  # behind the words of long lists
        self._ids: dict[tuple[object, ...], str] = {}
        self._rows: dict[Key, int] = {}
        self.parts: dict[str, ScorePart] = {}

    def add(self, part: ScorePart, year: int, scenario: Scenario) -> Key:
        """The id of a part, with its year and scenario."""
        name = self._ids.setdefault(part.key, f"{PART_OF}{len(self._ids) + 1}")
        self.parts.setdefault(name, part)
        self._rows.setdefault((name, year, scenario), len(self._rows))
        return name, year, scenario

    def address(self, key: Key) -> str:
        """The cell of a part, as "AB7"."""
        return name_cell((self._rows[key], self._column))

    def cells(self, keys: Iterable[Key]) -> tuple[LiveValue, ...]:
        """The cells of some parts, from the first row on."""
        cells = (LiveValue(self._rows[key], self._column, "option", key) for key in keys)
        return tuple(sorted(cells))


def write_part(value: str, applies: Condition) -> str:
    """The formula of a cell that shows a part."""
    otherwise = quoted("")
    if applies is not True:
        missing = quoted(not_applicable_word())
        otherwise = missing if applies is False else f"IF({applies},{otherwise},{missing})"
    return otherwise if value == NONE else f"IFERROR({value},{otherwise})"


def read_part_cell(address: str) -> tuple[ExcelCell, Condition]:
    """A part by its cell: its value, and whether it applies."""
    value = f"IF(ISNUMBER({address}),{address},{NONE})"
    return known_cell(value), f"{address}<>{quoted(not_applicable_word())}"


def with_parts(catalogue: Catalogue, parts: Mapping[str, ScorePart]) -> Catalogue:
    """The catalogue, with each part as an indicator: what computes indicators computes it too."""
    made = {
        name: Indicator(
            id=name,
            title="",
            type="number",
            unit=None,
            formulas=((None, Formula(ast.unparse(part.tree), Position(""), part.tree)),),
            decimals=_DECIMALS,
            missing=part.missing,
            where=part.where,
        )
        for name, part in parts.items()
    }
    return replace(
        catalogue,
        indicators={**catalogue.indicators, **made},
        symbols={**catalogue.symbols, **made},
    )


def show_part(row: Mapping[str, Any]) -> float | str:
    """What the cell of a part shows, by its row of the results."""
    if row["value"] is not None:
        return float(row["value"])
    return not_applicable_word() if row["reason"] == "not_applicable" else ""
