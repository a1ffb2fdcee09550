"""How many lines a text takes in a cell: what no writer of workbooks knows, and no reader asks.

Rows get their heights from here, so that a title is never cut, whatever program opens the form. The
widths are those of Arial, which every office has or replaces by a font of the same widths.
"""

from __future__ import annotations

from math import ceil

FONT = "Arial"
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


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """Pixels a line of text takes at `size` points."""
    hundredths = sum(_WIDTH.get(letter, _OTHER) for letter in text)
    return hundredths / 100 * size * _PIXEL * (_BOLD if bold else 1)


def count_lines(
    text: str, width: float, size: float, *, bold: bool = False, indent: int = 0
) -> int:
    """The lines of a text wrapped in a column `width` digits wide."""
    room = max((width * _DIGIT - _MARGINS - indent * _STEP) * _SLACK, 20)
    space = text_width(" ", size, bold=bold)
    lines = 0
    for paragraph in text.split("\n"):
        lines, used = lines + 1, 0.0
        for word in paragraph.split(" "):
            long = text_width(word, size, bold=bold)
            if used and used + long > room:
                lines, used = lines + 1, 0.0
            if long > room:  # broken where it is full
                lines += ceil(long / room) - 1
                long = long % room
            used += long + space
    return lines


def row_height(lines: int, size: float, *, padding: float = 4) -> float:
    """Points of a row that holds so many lines."""
    return round(max(lines, 1) * size * _LEADING + padding, 1)
