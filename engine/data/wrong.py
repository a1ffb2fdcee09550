"""What is said of a cell that could not be read."""

from __future__ import annotations

from engine.catalogue.model import Input
from engine.data.cells import describe_expected
from engine.i18n import gettext as _


def describe_wrong(code: str, asked: Input) -> tuple[str, str]:
    """The message, with {name} and {text} still open, and the hint."""
    expected = describe_expected(asked)
    choose = _("write 0 if there were none, “н/п” if it does not apply, else empty the cell")
    instead = _("“{name}”: “{text}” in place of a number: is it zero, or “н/п”?")
    told = {
        "negative-count": (_("“{name}”: {text} is negative, and it counts something"), expected),
        "fractional-count": (_("“{name}”: {text} is not whole, and it counts something"), expected),
        "unknown-option": (_("“{name}” has no option “{text}”"), expected),
        "outside-percent": (_("“{name}”: {text} is outside 0–100 %"), ""),
        "dash-in-number": (instead, choose),
        "no-in-number": (instead, choose),
        "date-in-number": (
            _("“{name}”: {text} is a date in place of a number"),
            _("the spreadsheet made a date of it: set the cell to General, write it again"),
        ),
        "excel-error": (
            _("“{name}”: the cell holds an error of the spreadsheet, {text}"),
            _("mend the formula in the cell, or write the number in its place"),
        ),
    }
    return told.get(code) or (_("“{name}”: “{text}” cannot be read"), expected)
