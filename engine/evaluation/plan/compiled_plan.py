"""A compiled plan: all that is run for an evaluation, and nothing of the formulas it came from."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from engine.catalogue.model import Advice, Catalogue, Check, Input
from engine.evaluation.plan.steps import Derive, Step


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """A row at a level: what its value is at that level (see `type_at`), and the prefix of its columns.

    `exact`: the value is a whole number free of binary noise, wherever there is one. `decimals`: of the
    printed value; none where it and its targets are whole, whatever the indicator is printed with.
    `of_schools`: a place has the row only while it has an open school; else all that it depends on
    is given at its level or above.
    """

    id: str
    level: str
    type: str
    prefix: str
    exact: bool = False
    decimals: int = 0
    of_schools: bool = True


@dataclass(frozen=True, slots=True)
class CompiledPlan:
    """What a plan has come to, for data of one shape.

    `rests_on` are the inputs of every row, by its id; `looks_back` says whether anything is read a
    year before.
    """

    catalogue: Catalogue
    shape: DataShape
    steps: tuple[Step, ...]
    looks_back: bool
    rows: tuple[PlannedRow, ...]
    rests_on: Mapping[str, frozenset[str]]
    wanted: tuple[Derive, ...]
    questions: tuple[CheckQuestion, ...]
    texts: tuple[RequestedText, ...]
    advice: tuple[AdviceQuestion, ...]
    bases: tuple[BaseQuestion, ...] = ()

    @property
    def levels(self) -> tuple[str, ...]:
        """All levels of places, the lowest first."""
        return self.catalogue.places

    def levels_above(self, level: str) -> tuple[str, ...]:
        """The levels in whose places those of a level lie."""
        return self.levels[self.levels.index(level) + 1 :]

    @property
    def results(self) -> Iterator[Derive]:
        """All columns that are read once the plan has run."""
        yield from self.wanted
        for text in self.texts:
            yield text.cells
        for question in self.questions:
            yield question.holds
        for advice in self.advice:
            yield advice.holds
            yield from advice.numbers.values()
        for base in self.bases:
            yield base.holds


@dataclass(frozen=True, slots=True)
class RequestedText:
    """The row of a text, and the column of cells that it is read from."""

    row: str
    input: Input
    cells: Derive


@dataclass(frozen=True, slots=True)
class CellRule:
    """What is wrong with the cell of `input`; `message` names {title}, {owner}, {place}, {year}."""

    input: str
    code: str
    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class CheckQuestion:
    """A column of a level that is false where something is wrong: a check, or a rule for cells."""

    holds: Derive
    inputs: frozenset[str]
    rule: Check | CellRule


@dataclass(frozen=True, slots=True)
class BaseQuestion:
    """Whether the value of `year` is the base of an indicator, as printed; null without a value."""

    indicator: str
    year: int
    holds: Derive


@dataclass(frozen=True, slots=True)
class AdviceQuestion:
    """A recommendation with its columns: the condition, and the numbers by word and by name."""

    advice: Advice
    holds: Derive
    numbers: Mapping[str, Derive]


@dataclass(frozen=True, slots=True)
class DataShape:
    """What a plan has to know of the data: which columns there are, and whether forecasts.

    `columns`: "input:x", "state:x", "register:x" → the name in the frame; `filled`: the inputs with
    a column; `not_applicable` and `not_readable`: the inputs in whose cells that occurs;
    `unschooled`: the levels with places that have no open school.
    """

    columns: Mapping[str, str]
    filled: frozenset[str]
    not_applicable: frozenset[str]
    not_readable: frozenset[str]
    forecasts: bool
    unschooled: frozenset[str] = frozenset()

    def keep(self, columns: Collection[str]) -> DataShape:
        """The same data with no other columns in the frame than these."""
        kept = {name: column for name, column in self.columns.items() if column in columns}
        return replace(self, columns=kept)
