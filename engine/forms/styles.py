"""How cells of a form look: plain settings by name, made into formats for each workbook."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.forms.metrics import FONT

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
