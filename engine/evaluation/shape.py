"""What a plan is told of the data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DataShape:
    """What a plan has to know of the data: which columns there are, and whether forecasts.

    `columns`: "input:x", "state:x", "register:x" → the name in the frame; `filled`: the inputs with
    a column; `not_applicable` and `not_readable`: the inputs in whose cells that occurs.
    """

    columns: Mapping[str, str]
    filled: frozenset[str]
    not_applicable: frozenset[str]
    not_readable: frozenset[str]
    forecasts: bool
