"""How cells of a form look: plain settings by name, made into formats for each workbook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil
from typing import Any

from engine.catalogue.model import Catalogue
from engine.forms import layout as places
from engine.forms.layout import Layout, SheetLine

FONT = "Arial"
SIZE, SMALL, LARGE, UNIT_SIZE = 11, 9, 14, 10
"""Points: of titles and answers, of what is read once, of the form's own title, of units."""

_YELLOW, _BLUE, _GREY, _BAND, _HEAD = "#FFF8DC", "#E7F0F9", "#EDEDED", "#DCE6F1", "#34557B"
_FAINT, _RED, _LINE = "#6B6B6B", "#B00020", "#9AA5B1"

_CELL: Mapping[str, Any] = {
    "font_name": FONT,
    "font_size": SIZE,
    "text_wrap": True,
    "valign": "vcenter",
    "border": 1,
    "border_color": _LINE,
}
_FREE: Mapping[str, Any] = {"font_name": FONT, "text_wrap": True, "valign": "vcenter"}
_OPEN: Mapping[str, Any] = {**_CELL, "bg_color": _YELLOW, "locked": False}
_SHOWN: Mapping[str, Any] = {**_CELL, "bg_color": _BLUE, "align": "right", "indent": 1}

STYLES: Mapping[str, Mapping[str, Any]] = {
    "code": {"font_name": FONT, "font_size": 8, "font_color": "#FFFFFF"},
    "title": {**_FREE, "font_size": LARGE, "bold": True},
    "place": {**_FREE, "font_size": SIZE + 1, "bold": True},
    "notice": {**_FREE, "font_size": SMALL, "bold": True, "font_color": _RED, "align": "right"},
    "due": {**_FREE, "font_size": SIZE, "bold": True},
    "counter": {**_FREE, "font_size": SIZE, "bold": True, "align": "right"},
    "head": {
        **_CELL,
        "font_size": 10,
        "bold": True,
        "align": "center",
        "bg_color": _HEAD,
        "font_color": "#FFFFFF",
    },
    "guide": {**_FREE, "font_size": 10},
    "section": {**_CELL, "bold": True, "bg_color": _BAND, "indent": 1},
    "heading": {**_CELL, "bold": True, "indent": 1},
    "footer": {**_FREE, "font_size": 10},
    "number": {**_CELL, "align": "center"},
    "unit": {**_CELL, "font_size": UNIT_SIZE, "align": "center"},
    "note": {**_CELL, "font_size": SMALL, "font_color": _FAINT, "indent": 1},
    "was": {**_CELL, "font_size": SMALL, "font_color": _FAINT, "align": "right", "indent": 1},
    "check": {**_CELL, "font_size": SMALL, "bold": True, "font_color": _RED, "indent": 1},
    "assessment": {**_CELL, "font_size": SMALL, "bg_color": _BLUE, "indent": 1},
    "nothing": {**_CELL},
    "blank": {**_CELL, "bg_color": _GREY, "align": "center"},
    "closed": {
        **_CELL,
        "font_size": SMALL,
        "bg_color": _GREY,
        "font_color": _FAINT,
        "align": "center",
    },
    "option": {"font_name": FONT, "font_size": 8},
    "open": {**_OPEN, "align": "right", "indent": 1},
    "open word": {**_OPEN, "align": "center"},
    "open text": {**_OPEN, "align": "left", "indent": 1, "num_format": "@"},
    "open date": {**_OPEN, "align": "center", "num_format": "dd.mm.yyyy"},
}
"""Names and settings of the formats whose names are known beforehand."""

GREYED: Mapping[str, Any] = {"bg_color": _GREY, "font_color": _FAINT}
"""A cell that waits for a yes."""


def title_style(depth: int) -> tuple[str, Mapping[str, Any]]:
    """Name and settings of a title that stands so deep."""
    return f"title {depth}", {**_CELL, "indent": 1 + 2 * depth}


def shown_style(decimals: int) -> tuple[str, Mapping[str, Any]]:
    """Name and settings of a computed number with so many decimals."""
    digits = "0" + ("." + "0" * decimals if decimals else "")
    return f"shown {decimals}", {**_SHOWN, "num_format": digits}


# --- widths of columns, heights of rows -----------------------------------------------------------


Widths = dict[int, tuple[float, bool]]
"""Column → (digits, hidden)."""

_FIXED = {places.CODES: (2.0, True), places.NUMBER: (8.0, False), places.UNIT: (12.0, False)}
_TITLE = {1: 62.0, 2: 56.0, 3: 54.0}
_TITLE_LEAST = 48.0
_ANSWER, _ANSWER_OF_TEXTS = 14.0, 30.0
_ANSWER_OF_MANY = 22.0
_WAS, _WAS_OF_TEXTS, _CHECK, _NOTE = 13.0, 18.0, 46.0, 32.0
_GRADE, _TARGET = 20.0, 24.0
_LINES_OF_TEXT = 3
_INDENT = 2


def sheet_widths(
    catalogue: Catalogue, layout: Layout, *, known_before: bool, noted: bool
) -> Widths:
    """The width of every column, and whether it is hidden."""
    texts = any(_is_text(catalogue, line) for line in layout.input_lines)
    answer_width = _ANSWER
    if texts:
        answer_width = _ANSWER_OF_TEXTS if len(layout.columns) == 1 else _ANSWER_OF_MANY
    widths: Widths = dict(_FIXED)
    widths[places.TITLE] = (_TITLE.get(len(layout.columns), _TITLE_LEAST), False)
    for column in layout.columns:
        widths[column.index] = (answer_width, False)
        widths |= {column.grade: (_GRADE, False)} if column.grade else {}
        widths |= {column.target: (_TARGET, False)} if column.target else {}
    widths[layout.previous] = (_WAS_OF_TEXTS if texts else _WAS, not known_before)
    widths[layout.check] = (_CHECK, False)
    widths[layout.notes] = (_NOTE, not noted)
    return dict(sorted(widths.items()))


def line_height(
    catalogue: Catalogue,
    line: SheetLine,
    texts: Mapping[int, Sequence[str]],
    widths: Mapping[int, tuple[float, bool]],
    layout: Layout,
) -> float:
    """Points of a row that shows whole whatever may stand in it, and holds an answer in words.

    `texts`: column → each text that it may show.
    """
    beside = {
        index: (SMALL, False, 1)
        for column in layout.columns
        for index in (column.grade, column.target)
    }
    looks = {
        **beside,
        places.NUMBER: (SIZE, False, 0),
        places.TITLE: (SIZE, line.kind == "heading", 1 + _INDENT * line.depth),
        places.UNIT: (UNIT_SIZE, False, 0),
        layout.check: (SMALL, True, 1),
        layout.notes: (SMALL, False, 1),
    }
    answers = _LINES_OF_TEXT if line.input and _is_text(catalogue, line) else 1
    heights = [row_height(answers, SIZE, padding=6)]
    for column, shown_texts in texts.items():
        size, bold, indent = looks[column]
        for text in shown_texts:
            lines = count_lines(text, widths[column][0], size, bold=bold, indent=indent)
            heights.append(row_height(lines, size, padding=6))
    return max(heights)


def _is_text(catalogue: Catalogue, line: SheetLine) -> bool:
    asked_input = catalogue.inputs.get(line.input or "")
    return asked_input is not None and asked_input.type in {"text", "link", "choice"}


# --- lines of a text ------------------------------------------------------------------------------
# How many lines a text takes in a cell: what no writer of workbooks knows, and no reader asks.
#
# Rows get their heights from here, so that a title is never cut, whatever program opens the form. The
# widths are those of Arial, which every office has or replaces by a font of the same widths.


_WIDTHS = {
    19: "'",
    22: "ijl",
    26: "|",
    28: " !,./:;I[\\]ft",
    33: "()-`r{}",
    35: '"',
    36: "г",
    39: "*",
    40: "°",
    44: "к",
    46: "зт",
    47: "^",
    50: "Jcksvxyzсух",
    51: "э",
    52: "чь",
    53: "в",
    54: "Гпя",
    55: "н",
    56: "#$0123456789?L_abdeghnopquаеийорё«»–",
    57: "бц",
    58: "+<=>~Кдл",
    60: "З",
    61: "FTZТ",
    62: "ъ",
    64: "У",
    66: "БЛЬ",
    67: "&ABEKPSVXYАВЕРХЧжЁ",
    68: "Д",
    69: "м",
    72: "CDHNRUwИЙНПСЭЯы",
    74: "Ц",
    75: "ю",
    76: "Ф",
    78: "GOQО",
    79: "Ъ",
    80: "ш",
    82: "фщ",
    83: "MmМ",
    89: "%Ы",
    92: "ЖШ",
    94: "WЩ",
    100: "—…",
    101: "Ю",
    102: "@",
    107: "№",
}
"""Letters by their widths in hundredths of the size of the font."""

_WIDTH = {letter: width for width, letters in _WIDTHS.items() for letter in letters}
_OTHER = 67
_BOLD = 1.08
_PIXEL = 4 / 3  # of a point
_DIGIT, _MARGINS = 7, 8  # pixels: of a digit in which columns are measured, at both sides of a cell
_STEP = 9  # pixels of one step of indent
_SLACK = 0.97
_LEADING = 1.28


def text_width(text: str, size: float, *, bold: bool) -> float:
    """Pixels a line of text takes at `size` points."""
    hundredths = sum(_WIDTH.get(letter, _OTHER) for letter in text)
    return hundredths / 100 * size * _PIXEL * (_BOLD if bold else 1)


def count_lines(
    text: str, width: float, size: float, *, bold: bool = False, indent: int = 0
) -> int:
    """The lines of a text wrapped in a column `width` digits wide."""
    available = max((width * _DIGIT - _MARGINS - indent * _STEP) * _SLACK, 20)
    space = text_width(" ", size, bold=bold)
    lines = 0
    for paragraph in text.split("\n"):
        lines, used = lines + 1, 0.0
        for word in paragraph.split(" "):
            long = text_width(word, size, bold=bold)
            if used and used + long > available:
                lines, used = lines + 1, 0.0
            if long > available:  # broken where it is full
                lines += ceil(long / available) - 1
                long = long % available
            used += long + space
    return lines


def row_height(lines: int, size: float, *, padding: float = 4) -> float:
    """Points of a row that holds so many lines."""
    return round(max(lines, 1) * size * _LEADING + padding, 1)
