"""What a plan is told of the data, and what it tells of an indicator."""

from __future__ import annotations

from collections.abc import Mapping

from engine.evaluation.coverage import Coverage
from engine.language.readings.terms import Term
from engine.records import record


@record
class DataShape:
    """What the plan has to know of the data: which columns there are, and whether forecasts.

    `columns`: "input:x", "state:x", "register:x" → the name in the frame; `not_applicable` and
    `not_readable`: the inputs in whose cells that occurs.
    """

    columns: Mapping[str, str]
    not_applicable: frozenset[str]
    not_readable: frozenset[str]
    forecasts: bool


@record
class Planned:
    """An indicator at a level: its value, the reason of a missing one, and its coverage."""

    term: Term
    coverage: Coverage
