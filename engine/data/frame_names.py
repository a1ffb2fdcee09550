"""TODO describe."""

from __future__ import annotations

from typing import Literal

NOT_APPLICABLE = 1


NOT_READABLE = 2


SCENARIOS = ("fact", "forecast")


CellState = Literal["value", "not_applicable", "not_readable"]


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
