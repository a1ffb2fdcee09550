"""How wide the columns of a form are, and how high its rows."""

from __future__ import annotations

from collections.abc import Mapping

from engine.catalogue.model import Catalogue
from engine.forms import layout as places
from engine.forms.layout import Layout, Line
from engine.forms.metrics import count_lines, row_height
from engine.forms.styles import SIZE, SMALL
from engine.forms.words import unit_words

Widths = dict[int, tuple[float, bool]]
"""Column → (digits, hidden)."""

_FIXED = {places.CODES: (2.0, True), places.NUMBER: (8.0, False), places.UNIT: (12.0, False)}
_TITLE = {1: 62.0, 2: 56.0, 3: 54.0}
_TITLE_LEAST = 48.0
_ANSWER, _ANSWER_OF_TEXTS = 14.0, 30.0
_ANSWER_OF_MANY = 22.0
_WAS, _WAS_OF_TEXTS, _CHECK, _NOTE = 13.0, 18.0, 24.0, 34.0
_LINES_OF_TEXT = 3
_INDENT = 2


def sheet_widths(
    catalogue: Catalogue, layout: Layout, *, known_before: bool, noted: bool
) -> Widths:
    """The width of every column, and whether it is hidden."""
    texts = any(_is_text(catalogue, line) for line in layout.asked)
    answer = _ANSWER
    if texts:
        answer = _ANSWER_OF_TEXTS if len(layout.columns) == 1 else _ANSWER_OF_MANY
    widths: Widths = dict(_FIXED)
    widths[places.TITLE] = (_TITLE.get(len(layout.columns), _TITLE_LEAST), False)
    widths |= {column.index: (answer, False) for column in layout.columns}
    widths[layout.was] = (_WAS_OF_TEXTS if texts else _WAS, not known_before)
    widths[layout.check] = (_CHECK, False)
    widths[layout.notes] = (_NOTE, not noted)
    return dict(sorted(widths.items()))


def line_height(  # noqa: PLR0917 - what a line consists of
    catalogue: Catalogue,
    line: Line,
    title: str,
    note: str,
    widths: Mapping[int, tuple[float, bool]],
    layout: Layout,
) -> float:
    """Points of a row that shows all its texts whole, and holds an answer in words."""
    indent = 1 + _INDENT * line.depth
    titles = count_lines(
        title, widths[places.TITLE][0], SIZE, bold=line.kind == "heading", indent=indent
    )
    notes = count_lines(note, widths[layout.notes][0], SMALL, indent=1)
    units = count_lines(unit_words(catalogue, line), widths[places.UNIT][0], 10)
    numbers = count_lines(line.number, widths[places.NUMBER][0], SIZE)
    answers = _LINES_OF_TEXT if line.input and _is_text(catalogue, line) else 1
    return max(
        row_height(max(titles, answers, numbers), SIZE, padding=6),
        row_height(notes, SMALL, padding=6),
        row_height(units, 10, padding=6),
    )


def _is_text(catalogue: Catalogue, line: Line) -> bool:
    asked = catalogue.inputs.get(line.input or "")
    return asked is not None and asked.type in {"text", "link", "choice"}
