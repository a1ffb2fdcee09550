"""What a plan tells of an indicator."""

from __future__ import annotations

from dataclasses import dataclass

from engine.evaluation.coverage import Coverage
from engine.language.readings.terms import Term


@dataclass(frozen=True, slots=True)
class Planned:
    """An indicator at a level: its value, the reason of a missing one, and its coverage."""

    term: Term
    coverage: Coverage
