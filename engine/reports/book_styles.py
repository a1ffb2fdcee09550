"""How cells of a workbook look: numbers with their unit and decimals, colours that repeat a word."""

from __future__ import annotations

from typing import Any

from engine.units import NO_BREAK_SPACE, format_number

GOOD = {"font_color": "#14532d", "bg_color": "#e4f3e9"}
BAD = {"font_color": "#8c1c17", "bg_color": "#fbeae8"}
CARE = {"bg_color": "#fdf4dc"}
_LONGEST_UNIT = 20  # characters; a format of Excel holds 255
_EDGES = 2  # letters left free at the sides of a number: what does not fit is printed as ###


class Styles:
    """The formats of one workbook, each made when it is first asked for."""

    def __init__(self, book: Any) -> None:
        frame = {"valign": "top", "border": 1, "border_color": "#d3d9e0"}
        self._book = book
        self._frame = frame
        self._numbers: dict[str, Any] = {}
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

    def number(self, decimals: int, unit: str = "") -> Any:
        """`1 234,5 %`: grouped, with so many decimals and behind it a unit that does not decline."""
        shown = "#,##0" + ("." + "0" * decimals if decimals else "")
        named = _clean(unit)
        if named:
            shown += f'"{NO_BREAK_SPACE}{named}"'
        if shown not in self._numbers:
            self._numbers[shown] = self._book.add_format({**self._frame, "num_format": shown})
        return self._numbers[shown]

    def colour(self, sheet: Any, area: tuple[int, int, int, int], good: str, bad: str) -> None:
        """Green and red behind cells that begin with these words; empty: not that colour."""
        for words, shown in ((good, self._good), (bad, self._bad)):
            if words:
                rule = {"type": "text", "criteria": "begins with", "value": words, "format": shown}
                sheet.conditional_format(*area, rule)

    def dim(self, sheet: Any, area: tuple[int, int, int, int]) -> None:
        """A band behind cells without a value; why there is none stands beside them in words."""
        sheet.conditional_format(*area, {"type": "blanks", "format": self._care})


def measure(value: float, decimals: int, unit: str = "") -> int:
    """How many letters wide a number is as `Styles.number` prints it, with its edges."""
    return len(format_number(value, decimals)) + len(_clean(unit)) + bool(unit) + _EDGES


def _clean(unit: str) -> str:
    """The unit as a format may hold it: a quote would end its text."""
    named = "".join(sign for sign in unit if sign.isprintable() and sign not in '"\\')
    return named if len(named) <= _LONGEST_UNIT else ""
