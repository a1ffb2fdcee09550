"""What is written into a workbook, in plain data that travels between processes.

A blueprint is made once for a form and a pattern of what applies; `write.py` adds what is a place's
own. Rows and columns count from 0 here, as the writer counts them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from engine.forms.out.checks import CellValue, Key, Trial


class SheetText(NamedTuple):
    """A text that is the same in every workbook; `last` is the column up to which it is merged."""

    row: int
    column: int
    text: str
    style: str
    last: int = 0


class AnswerCell(NamedTuple):
    """A cell to be filled in."""

    row: int
    column: int
    style: str
    key: Key


class LiveValue(NamedTuple):
    """A live value; its formula is a place's own."""

    row: int
    column: int
    style: str
    key: Key


class LiveCheck(NamedTuple):
    """A live check. Where conditions are in it (`live`), its formula is a place's own, too."""

    row: int
    column: int
    formula: str
    trials: tuple[Trial, ...]
    live: bool


class PreviousValue(NamedTuple):
    """Where last year's value of an input or indicator stands.

    `year`, where it is another one, is printed after it.
    """

    row: int
    column: int
    id: str
    year: str


class CountedCell(NamedTuple):
    """A cell that the counter counts, with the yes it waits for and the condition on which it is asked."""

    key: Key
    waits_for: Key | None
    asking: Key | None


class ConditionalCount(NamedTuple):
    """A cell that counts where a condition holds: formulas of how many are `filled` and `due` then."""

    key: Key
    asking: Key
    filled: str
    due: str


@dataclass(frozen=True, slots=True)
class Counter:
    """The counter on top: its `words` with `{filled}` and `{due}`, and formulas of what each adds up.

    The conditions of `conditional` cells differ from place to place.
    """

    words: str
    filled: tuple[str, ...]
    due: tuple[str, ...]
    counted: tuple[CountedCell, ...]
    conditional: tuple[ConditionalCount, ...]


@dataclass(frozen=True, slots=True)
class Blueprint:
    """All that places of one pattern share. `heights`: row → points, None where it is hidden.

    `widths`: column → (digits, hidden).
    """

    sheet: str
    title: str
    last_column: int
    last_row: int
    head_row: int
    landscape: bool
    styles: Mapping[str, Mapping[str, Any]]
    widths: Mapping[int, tuple[float, bool]]
    heights: Mapping[int, float | None]
    texts: tuple[SheetText, ...]
    answers: tuple[AnswerCell, ...]
    values: tuple[LiveValue, ...]
    checks: tuple[LiveCheck, ...]
    previous: tuple[PreviousValue, ...]
    validations: tuple[tuple[int, int, int, int, Mapping[str, Any]], ...]
    waiting: tuple[tuple[int, int, int, int, str], ...]
    counter: Counter


@dataclass(frozen=True, slots=True)
class PlaceSheet:
    """What is one place's own. `values` are the engine's, by indicator (or check), year, scenario.

    `formulas` are the live ones by the same, with slots for the `numbers` of the place; `parts` the hidden
    cells that some of them read; `previous` are last year's values by id.
    """

    stamp: str
    title: str
    formulas: Mapping[Key, str] = field(default_factory=dict)
    numbers: tuple[float | None, ...] = ()
    parts: tuple[LiveValue, ...] = ()
    values: Mapping[Key, CellValue] = field(default_factory=dict)
    previous: Mapping[str, CellValue] = field(default_factory=dict)
    answers: Mapping[Key, CellValue] = field(default_factory=dict)
    comments: Mapping[Key, str] = field(default_factory=dict)
