"""Cells of a workbook: texts as texts, numbers with their decimals, heads, paper.

Colours repeat what a word beside them says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from engine.catalogue.model import Catalogue
from engine.reports.environment import print_text
from engine.translation import gettext as _
from engine.units import format_number

LONGEST = 32_000  # characters of a cell; a sheet holds 32 767
_LINE, _HIGHEST = 15, 409  # points: a line of text, the highest row that Excel draws
_FULL = 0.9  # of a line is filled before a long word goes to the next
_A4 = 9

GOOD = {"font_color": "#14532d", "bg_color": "#e4f3e9"}
BAD = {"font_color": "#8c1c17", "bg_color": "#fbeae8"}
CARE = {"bg_color": "#fdf4dc"}
EDGES = 2  # letters left free at the sides of a number: what does not fit is printed as ###


class Styles:
    """The formats of one workbook, each made when it is first used."""

    def __init__(self, book: Any) -> None:
        frame = {"valign": "top", "border": 1, "border_color": "#d3d9e0"}
        self._book = book
        self._frame = frame
        self._numbers: dict[str, Any] = {}
        self._tints: dict[str, Any] = {}
        self._good, self._bad = book.add_format(GOOD), book.add_format(BAD)
        self._care = book.add_format(CARE)
        self.text = book.add_format({**frame, "text_wrap": True})
        self.line = book.add_format(frame)
        self.plain = book.add_format({**frame, "num_format": "0"})
        self.head = book.add_format(
            {**frame, "bold": True, "text_wrap": True, "bg_color": "#f2f5f8", "align": "left"}
        )
        self.title = book.add_format({"bold": True, "font_size": 14})
        self.small = book.add_format({"font_color": "#525b66"})

    def number(self, decimals: int) -> Any:
        """`1 234,5`: grouped, with so many decimals; its unit stands in a column or a heading."""
        shown = "#,##0" + ("." + "0" * decimals if decimals else "")
        if shown not in self._numbers:
            self._numbers[shown] = self._book.add_format({**self._frame, "num_format": shown})
        return self._numbers[shown]

    def tinted(self, tint: str) -> Any:
        """A line of text on a pale background; on none where `tint` is empty."""
        if tint and tint not in self._tints:
            self._tints[tint] = self._book.add_format({**self._frame, "bg_color": tint})
        return self._tints[tint] if tint else self.line

    def colour(self, sheet: Any, area: tuple[int, int, int, int], good: str, bad: str) -> None:
        """Green and red behind cells that begin with these words; empty: not that colour."""
        for words, shown in ((good, self._good), (bad, self._bad)):
            if words:
                rule = {"type": "text", "criteria": "begins with", "value": words, "format": shown}
                sheet.conditional_format(*area, rule)

    def dim(self, sheet: Any, area: tuple[int, int, int, int]) -> None:
        """A band behind cells without a value; why there is none stands beside them in words."""
        sheet.conditional_format(*area, {"type": "blanks", "format": self._care})


def measure(value: float, decimals: int) -> int:
    """How many letters wide a number is as `Styles.number` prints it, with its edges."""
    return len(format_number(value, decimals)) + EDGES


# --- sheets and their cells ---------------------------------------------------------------------


Heads = Sequence[tuple[str, float]]
"""Headings of columns, and how many letters wide each is."""


@dataclass(frozen=True, slots=True)
class Book:
    """A workbook of XlsxWriter that is being written, with its formats."""

    book: Any
    styles: Styles
    catalogue: Catalogue

    def year(self, year: int, of: str = "") -> int | str:
        """The year of an indicator: a number, of an academic year `2023–2024`."""
        declared = self.catalogue.indicators.get(of)
        period = declared.period if declared else self.catalogue.period
        return f"{year}–{year + 1}" if period == "academic_year" else year

    def add_sheet(self, title: str, heads: Heads) -> Any:
        """A sheet on A4 with the heads of a table in its first row."""
        sheet = self.book.add_worksheet(title)
        for at, (heading, width) in enumerate(heads):
            sheet.set_column(at, at, width)
            sheet.write_string(0, at, cut(heading), self.styles.head)
        sheet.set_row(0, 2 * _LINE)
        sheet.set_landscape()
        sheet.set_paper(_A4)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)
        sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        return sheet

    def write(self, sheet: Any, at: tuple[int, int], value: Any, style: Any) -> None:
        """A number as a number, whatever else as a text; nothing as an empty cell."""
        if value is None or value == "":
            sheet.write_blank(*at, None, style)
        elif isinstance(value, bool):
            sheet.write_string(*at, _("yes") if value else _("no"), style)
        elif isinstance(value, int | float):
            sheet.write_number(*at, value, style)
        else:
            text = "; ".join(value) if isinstance(value, tuple) else str(value)
            sheet.write_string(*at, cut(text), style)

    def write_texts(self, sheet: Any, row: int, heads: Heads, texts: Sequence[str]) -> None:
        """A row of texts as high as the longest needs: not every office finds that out itself."""
        high = 0
        for at, ((_heading, width), text) in enumerate(zip(heads, texts, strict=True)):
            self.write(sheet, (row, at), text, self.styles.text)
            high = max(high, find_height(text, width))
        sheet.set_row(row, high)


def find_height(text: str, width: float) -> int:
    """How high a row is that holds the text in a column so many letters wide, in points."""
    full = width * _FULL
    lines = sum(1 + int(len(line) / full) for line in cut(text).split("\n"))
    return min(lines * _LINE, _HIGHEST)


def cut(text: str) -> str:
    """As much of a text as a cell holds, without signs that nobody sees."""
    shown = str(print_text(text))
    return shown if len(shown) <= LONGEST else shown[: LONGEST - 1] + "…"
