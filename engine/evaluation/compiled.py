"""A plan compiled: all that is run for what is asked, and nothing of the formulas it came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.catalogue.model import Catalogue
    from engine.evaluation.advice import Question as Advising
    from engine.evaluation.check_data import Question
    from engine.evaluation.run import Wanted
    from engine.evaluation.shape import DataShape
    from engine.evaluation.steps import Step
    from engine.evaluation.texts import TextAsked


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """A row at a level: what its value is there (see kinds.py), and the prefix of its columns.

    `exact`: the value is a whole number free of binary noise, wherever there is one. `decimals`: of the
    printed value; none where it and its targets are whole, whatever the indicator is printed with.
    """

    id: str
    level: str
    type: str
    prefix: str
    exact: bool = False
    decimals: int = 0


@dataclass(frozen=True, slots=True)
class Compiled:
    """What a plan has come to, for data of one shape.

    `rests_on` are the inputs of every row, by its id; `looks_back` says whether anything is read a year before.
    """

    catalogue: Catalogue
    shape: DataShape
    steps: tuple[Step, ...]
    looks_back: bool
    rows: tuple[PlannedRow, ...]
    rests_on: Mapping[str, frozenset[str]]
    wanted: tuple[Wanted, ...]
    questions: tuple[Question, ...]
    texts: tuple[TextAsked, ...]
    advice: tuple[Advising, ...]

    @property
    def levels(self) -> tuple[str, ...]:
        """All levels of places, the lowest first."""
        return self.catalogue.places
