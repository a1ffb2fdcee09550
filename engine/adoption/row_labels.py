"""Rows of a body and their labels, where inputs stand in rows.

A row «из них» belongs to the one above that announces it, and row 1.1 to row 1, so its label is that
of the row above and its own, joined as parts of a heading are. A row that a page break split is one row
of several lines.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from engine.adoption.grids import Grid
from engine.adoption.regions import Region, join_label
from engine.adoption.sources_file import fold_label
from engine.adoption.vocabulary import (
    Label,
    RowMeaning,
    Vocabulary,
    opens_parts,
    split_ordinal,
    strip_opening,
)
from engine.workbooks.addresses import Cell

_BULLET = re.compile(r"\s*[-–—−•·]\s*\w")
_OPENS = re.compile(r"(?:из них|в том числе|в т\. ?ч\.)\s*[:.]?\s*$", re.IGNORECASE)
_ORDINAL = re.compile(r"[0-9]{1,3}(?:[.,][0-9]{1,3})*")
MOST_LINES = 4
"""Rows of a grid that one torn row may stand in."""


@dataclass(frozen=True, slots=True)
class BodyRow:
    """One row: its lines (rows of the grid), the parts of its label, what the catalogue knows of it."""

    lines: tuple[int, ...]
    label: tuple[str, ...]
    meaning: RowMeaning | None = None
    ambiguous: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _NumberedRow:
    """A row with a number, «1.1» in parts. `answered`: it is not known, and has an answer of its own."""

    ordinal: tuple[str, ...]
    label: tuple[str, ...]
    answered: bool


def find_label_column(
    region: Region,
    body: Sequence[int],
    readings: Mapping[int, Label],
    vocabulary: Vocabulary,
    wanted: Collection[str] = (),
) -> int | None:
    """The column whose texts name the most rows: those wanted, or those the catalogue knows.

    None where not one is named, unless a heading says which column it is.
    """
    grid = region.grid
    inner = {name.rpartition(" / ")[2] for name in wanted}

    def names_row(cell: Cell) -> bool:
        if wanted:
            return fold_label(grid.cells[cell]) in inner
        return cell not in grid.numbers and bool(vocabulary.find_meanings(grid.cells[cell]))

    counts = Counter(
        column for row in body for column in grid.rows.get(row, ()) if names_row((row, column))
    )
    if counts:
        return max(sorted(counts), key=lambda column: counts[column])
    headed = [column for column, label in readings.items() if label.key == "indicator"]
    return headed[0] if len(headed) == 1 else None


def list_body_rows(
    region: Region,
    body: Sequence[int],
    column: int,
    readings: Mapping[int, Label],
    vocabulary: Vocabulary,
    *,
    wanted: Collection[str] = (),
) -> list[BodyRow]:
    """The rows of a body, downwards; `column` holds their names."""
    grid = region.grid
    numbers = [one for one, label in readings.items() if label.key == "number"]
    number = numbers[0] if len(numbers) == 1 else None
    others = {one for one, label in readings.items() if label.key in {"number", "unit", "note"}}
    others.add(column)
    inner = {name.rpartition(" / ")[2] for name in wanted}

    def is_known(text: str) -> bool:
        return bool(text) and (fold_label(text) in inner or bool(vocabulary.find_meanings(text)))

    rows: list[BodyRow] = []
    joiner = _LabelJoiner(vocabulary, wanted, numbered=number is not None)
    waiting = list(body)
    while waiting:
        lines = _join_lines(grid, waiting, column, number, is_known)
        waiting = waiting[len(lines) :]
        text = _join_texts(grid, lines, column)
        written = split_ordinal(text)[0]
        if not written and number is not None:
            written = grid.text(lines[0], number).strip()
        filled = any(one not in others for line in lines for one in grid.rows[line])
        rows.append(BodyRow(lines, *joiner.join(text, written, filled=filled)))
    return rows


class _LabelJoiner:
    """Joins the labels of rows, one after the other, with those of the rows whose parts they are.

    `numbered`: whether a column numbers the rows; `wanted`: the labels, folded, that sources.yaml has.
    """

    def __init__(self, vocabulary: Vocabulary, wanted: Collection[str], *, numbered: bool) -> None:
        self.vocabulary, self.wanted, self.numbered = vocabulary, wanted, numbered
        self._forget()

    def _forget(self) -> None:
        """Whose part comes after a row without a name is not known: of the rows above, or of that one.

        `root`: the row that those below may be parts of, `answered`: whether it is not known and has an
        answer of its own, `opener`: the row that announces parts, `above`: rows 1 and 1.1 above 1.1.1.
        """
        self.root: tuple[str, ...] = ()
        self.answered = False
        self.opener: tuple[str, ...] = ()
        self.last: tuple[str, ...] = ()
        self.above: list[_NumberedRow] = []

    def join(
        self, text: str, number: str, *, filled: bool
    ) -> tuple[tuple[str, ...], RowMeaning | None, tuple[str, ...]]:
        """The label of the next row, its meaning, and what it may mean, where that is several."""
        if not text:
            self._forget()
            return (), None, ()
        ordinal = _read_ordinal(number)
        self.above = _climb(self.above, ordinal)
        below = bool(ordinal and self.above)
        whole, answered = (
            self._find_numbered_whole(text)
            if below
            else (self._find_whole(text, number), self.answered)
        )
        path = (*whole, text)
        meaning, _rest, ambiguous = self.vocabulary.read_names(path)
        if whole and answered:
            # A row with an answer of its own is not the beginning of the next one's name.
            meaning, ambiguous = None, ()
        if below and whole and (own := self.vocabulary.find_meanings(text)):
            if meaning is None or meaning in own:
                whole, path = (), (text,)
                meaning, _rest, ambiguous = self.vocabulary.read_names(path)
            else:
                names = (name for one in (meaning, *own) for name in (*one.inputs, one.computed))
                meaning, ambiguous = None, tuple(sorted({*names} - {""}))
        if below or not whole:
            self.root, self.opener = path, ()
            self.answered = meaning is None and not ambiguous and filled
            row = _NumberedRow(ordinal, path, self.answered)
            self.above = [*self.above, row] if ordinal else []
        if _OPENS.search(text):
            self.opener = path
        elif whole and filled and meaning is None and not (self.numbered or below):
            # Where rows have no numbers what comes after an unknown row may be a part of that.
            self._forget()
        self.last = path
        return path, meaning, ambiguous

    def _find_numbered_whole(self, text: str) -> tuple[tuple[str, ...], bool]:
        """The label of row 1 for row 1.1, unless sources.yaml names the latter alone."""
        row = self.above[-1]
        labels = fold_label(text), fold_label(join_label((*row.label, text)))
        alone = labels[0] in self.wanted and labels[1] not in self.wanted
        return () if alone else row.label, row.answered

    def _find_whole(self, text: str, number: str) -> tuple[str, ...]:
        """The label of the row whose part a row is by its own words; nothing of a row of its own."""
        if not number and _BULLET.match(text):
            self.opener = ()
            return self.root
        if self.root == self.last and strip_opening(text) != text:
            # «из них с ОВЗ» right below its whole; whose part a second such row is, is not known.
            return self.root
        if not number and opens_parts(text):
            return self.root
        announced = self.numbered or bool(self.opener)
        alone = number or not announced or self.vocabulary.find_meanings(text)
        return () if alone else self.opener or self.root


def _read_ordinal(text: str) -> tuple[str, ...]:
    """The parts of the number of a row, «1.1.» or «2)»; none of another text."""
    number = text.rstrip(".)")
    return tuple(re.split("[.,]", number)) if _ORDINAL.fullmatch(number) else ()


def _climb(above: Sequence[_NumberedRow], ordinal: tuple[str, ...]) -> list[_NumberedRow]:
    """Of the numbered rows above those down to row 1 for row 1.1; none where another row lies between."""
    kept = list(above)
    while kept and kept[-1].ordinal != ordinal[:-1]:
        kept.pop()
    return kept


def _join_lines(
    grid: Grid,
    rows: Sequence[int],
    column: int,
    number: int | None,
    is_known: Callable[[str], bool],
) -> tuple[int, ...]:
    """The lines of the first row: several where only together they bear a name that is known."""
    for count in range(min(MOST_LINES, len(rows)), 1, -1):
        lines = tuple(rows[:count])
        texts = [grid.cells.get((line, column), "") for line in lines]
        if not all(texts) or not is_known(_join_texts(grid, lines, column)):
            continue
        if number is not None and any((line, number) in grid.cells for line in lines[1:]):
            continue
        others = [{one for one in grid.rows[line] if one not in {column, number}} for line in lines]
        if all(map(is_known, texts)) or any(
            one & other for one in others for other in others if one is not other
        ):
            continue
        if any(own and opens_parts(text) for text, own in zip(texts, others, strict=True)):
            # The value beside «в том числе» is of a part.
            continue
        return lines
    return (rows[0],)


def _join_texts(grid: Grid, lines: Sequence[int], column: int) -> str:
    if len(lines) == 1:
        return " ".join(grid.text(lines[0], column).split())
    return " ".join(" ".join(grid.cells.get((line, column), "").split()) for line in lines)
