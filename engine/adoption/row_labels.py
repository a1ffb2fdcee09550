"""Rows of a body and their labels, where inputs stand in rows.

A row «из них» belongs to the one above that announces it, so its label is that of the row above and
its own, joined as parts of a heading are. A row that a page break split is one row of several lines.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from engine.adoption.grids import Grid
from engine.adoption.regions import Region
from engine.adoption.sources_file import fold_label
from engine.adoption.vocabulary import Label, RowMeaning, Vocabulary, opens_parts
from engine.workbooks.addresses import Cell

_BULLET = re.compile(r"\s*[-–—−•·]\s*\w")
_OPENS = re.compile(r"(?:из них|в том числе|в т\. ?ч\.)\s*[:.]?\s*$", re.IGNORECASE)
MOST_LINES = 4
"""Rows of a grid that one torn row may stand in."""


@dataclass(frozen=True, slots=True)
class BodyRow:
    """One row: its lines (rows of the grid), the parts of its label, what the catalogue knows of it."""

    lines: tuple[int, ...]
    label: tuple[str, ...]
    meaning: RowMeaning | None = None
    ambiguous: tuple[str, ...] = ()


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
    inner = {name.rpartition(" / ")[2] for name in wanted}

    def is_known(text: str) -> bool:
        return bool(text) and (fold_label(text) in inner or bool(vocabulary.find_meanings(text)))

    rows: list[BodyRow] = []
    root: tuple[str, ...] = ()
    answered = False
    opener: tuple[str, ...] = ()
    waiting = list(body)
    while waiting:
        lines = _join_lines(grid, waiting, column, number, is_known)
        waiting = waiting[len(lines) :]
        text = _join_texts(grid, lines, column)
        numbered = number is not None and bool(grid.text(lines[0], number))
        if not text:
            # Whose part comes after it is not known: of the rows above, or of this one.
            root, opener = (), ()
            rows.append(BodyRow(lines, ()))
            continue
        dash = bool(_BULLET.match(text))
        if (
            numbered
            or not root
            or (not dash and _stands_alone(text, vocabulary, numbered=number is not None))
        ):
            path: tuple[str, ...] = (text,)
            root, opener = path, ()
            answered = not vocabulary.find_meanings(text) and any(
                one != column
                and (one not in readings or readings[one].key not in {"number", "unit", "note"})
                for line in lines
                for one in grid.rows[line]
            )
        elif dash:
            path, opener = (*root, text), ()
        else:
            path = (*(opener or root), text)
        if _OPENS.search(text):
            opener = path
        meaning, _rest, ambiguous = vocabulary.read_names(path)
        if answered and path != root:
            # A row with an answer of its own is not the beginning of the next one's name.
            meaning, ambiguous = None, ()
        rows.append(BodyRow(lines, path, meaning, ambiguous))
    return rows


def _stands_alone(text: str, vocabulary: Vocabulary, *, numbered: bool) -> bool:
    """Whether a row without a number is one of its own, and no part of the row above."""
    return not numbered or bool(vocabulary.find_meanings(text))


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
