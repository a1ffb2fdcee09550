"""How many lines a text takes in a cell: what no writer of workbooks knows, and no reader asks.

Rows get their heights from here, so that a title is never cut, whatever program opens the form. The
widths are those of Arial, which every office has or replaces by a font of the same widths.
"""

from __future__ import annotations

from math import ceil

FONT = "Arial"
_WIDTHS = {
    22: "'ijl|",
    30: " !,./:;I[\\]ft()-`r{}",
    40: '"г*°к',
    48: "зт^Jcksvxyzсухэ",
    54: "чьвГпян",
    57: "#$0123456789?L_abdeghnopquаеийорё«»–бц",
    60: "+<=>~КдлЗFTZТъ",
    67: "УБЛЬ&ABEKPSVXYАВЕРХЧжЁ",
    72: "ДмCDHNRUwИЙНПСЭЯы",
    78: "ЦюФGOQОЪ",
    84: "шфщMmМ",
    94: "%ЫЖШWЩ",
    104: "—…Ю@№",
}
"""Hundredths of the font's size; a letter counts with its widest neighbours."""

_WIDTH = {letter: width for width, letters in _WIDTHS.items() for letter in letters}
_OTHER = 67
_BOLD = 1.08
_PIXEL = 4 / 3  # of a point
_DIGIT, _MARGINS = 7, 8  # pixels: of a digit in which columns are measured, at both sides of a cell
_SLACK = 0.97
_LEADING = 1.22


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """Pixels a line of text takes at `size` points."""
    hundredths = sum(_WIDTH.get(letter, _OTHER) for letter in text)
    return hundredths / 100 * size * _PIXEL * (_BOLD if bold else 1)


def count_lines(
    text: str, width: float, size: float, *, bold: bool = False, indent: int = 0
) -> int:
    """The lines of a text wrapped in a column `width` digits wide."""
    # One step of indent is as wide as three spaces of the usual font.
    room = max((width * _DIGIT - _MARGINS - indent * 10) * _SLACK, 20)
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
