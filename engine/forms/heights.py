"""How wide the columns of a form are, and how high its rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.catalogue.model import Catalogue
from engine.forms import layout as places
from engine.forms.layout import Layout, Line
from engine.forms.metrics import count_lines, row_height
from engine.forms.styles import SIZE, SMALL, UNIT_SIZE

Widths = dict[int, tuple[float, bool]]
"""Column → (digits, hidden)."""

_FIXED = {places.CODES: (2.0, True), places.NUMBER: (8.0, False), places.UNIT: (12.0, False)}
_TITLE = {1: 62.0, 2: 56.0, 3: 54.0}
_TITLE_LEAST = 48.0
_ANSWER, _ANSWER_OF_TEXTS = 14.0, 30.0
_ANSWER_OF_MANY = 22.0
_WAS, _WAS_OF_TEXTS, _CHECK, _NOTE = 13.0, 18.0, 30.0, 32.0
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


def line_height(
    catalogue: Catalogue,
    line: Line,
    texts: Mapping[int, Sequence[str]],
    widths: Mapping[int, tuple[float, bool]],
    layout: Layout,
) -> float:
    """Points of a row that shows whole whatever may stand in it, and holds an answer in words.

    `texts`: column → each text that it may show.
    """
    looks = {
        places.NUMBER: (SIZE, False, 0),
        places.TITLE: (SIZE, line.kind == "heading", 1 + _INDENT * line.depth),
        places.UNIT: (UNIT_SIZE, False, 0),
        layout.check: (SMALL, True, 1),
        layout.notes: (SMALL, False, 1),
    }
    answers = _LINES_OF_TEXT if line.input and _is_text(catalogue, line) else 1
    heights = [row_height(answers, SIZE, padding=6)]
    for column, several in texts.items():
        size, bold, indent = looks[column]
        for text in several:
            lines = count_lines(text, widths[column][0], size, bold=bold, indent=indent)
            heights.append(row_height(lines, size, padding=6))
    return max(heights)


def _is_text(catalogue: Catalogue, line: Line) -> bool:
    asked = catalogue.inputs.get(line.input or "")
    return asked is not None and asked.type in {"text", "link", "choice"}
