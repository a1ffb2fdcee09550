"""Cells of a workbook: texts as texts, numbers as numbers, heads of tables, paper."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.i18n import gettext as _
from engine.records import record
from engine.reports.book_styles import Styles
from engine.reports.environment import show_text

LONGEST = 32_000  # characters of a cell; a sheet holds 32 767
_LINE, _HIGHEST = 15, 409  # points: a line of text, the highest row that Excel draws
_FULL = 0.9  # of a line is filled before a long word goes to the next
_A4 = 9

Heads = Sequence[tuple[str, float]]
"""Headings of columns, and how many letters wide each is."""


@record
class Book:
    """A workbook of XlsxWriter that is being written, with its formats."""

    book: Any
    styles: Styles
    language: str

    def add_sheet(self, title: str, heads: Heads) -> Any:
        """A sheet on A4 with the heads of a table in its first row."""
        sheet = self.book.add_worksheet(title)
        for at, (heading, width) in enumerate(heads):
            sheet.set_column(at, at, width)
            sheet.write_string(0, at, heading, self.styles.head)
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
        lines = 1
        for at, ((_heading, width), text) in enumerate(zip(heads, texts, strict=True)):
            self.write(sheet, (row, at), text, self.styles.text)
            full = width * _FULL
            lines = max(lines, sum(1 + int(len(one) / full) for one in cut(text).split("\n")))
        sheet.set_row(row, min(lines * _LINE, _HIGHEST))


def cut(text: str) -> str:
    """As much of a text as a cell holds, without signs that nobody sees."""
    shown = str(show_text(text))
    return shown if len(shown) <= LONGEST else shown[: LONGEST - 1] + "…"
