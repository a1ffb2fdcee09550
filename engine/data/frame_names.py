"""How the columns of frames are named, and how states of cells and scenarios are written in them.

A column is named by kind and id: `input:students_8_9.ovz`, `state:…`, `level:municipality`,
`register:type`. No id holds a colon, so they never meet `school`, `place`, `year`, `scenario`.
"""

from __future__ import annotations

from typing import Literal

import polars as pl

from engine.catalogue.model import SCENARIOS

CellState = Literal["value", "not_applicable", "not_readable"]
NOT_APPLICABLE, NOT_READABLE = 1, 2
"""States of odd cells in a column `state:…`."""
STATE_NAMES = {NOT_APPLICABLE: "not_applicable", NOT_READABLE: "not_readable"}
"""What these states are called where facts are written."""


YEARS_OF_PLACE = 10_000
"""More than any year: a place and a year in one whole number."""


def code_facts(number: pl.Expr, year: pl.Expr) -> pl.Expr:
    """A place, by its number, and a year as one whole number, `code` of a fact (Int64)."""
    return ((number.cast(pl.Int64) * YEARS_OF_PLACE + year) * len(SCENARIOS)).alias("code")


def code_scenario(code: pl.Expr, scenario: pl.Expr) -> pl.Expr:
    """The code of a row of a scenario, by that of the fact: equal where place, year, scenario are."""
    return code + (scenario == SCENARIOS[1]).cast(pl.Int64)


def input_column(input_id: str) -> str:
    """The column of an input's values."""
    return f"input:{input_id}"


def state_column(input_id: str) -> str:
    """The column of an input's odd cells: Int8, 1 not applicable, 2 not readable, else null."""
    return f"state:{input_id}"


def level_column(level: str) -> str:
    """The column of a school's place of a higher level."""
    return f"level:{level}"


def register_column(column_id: str) -> str:
    """The column of a declared column of the register."""
    return f"register:{column_id}"
