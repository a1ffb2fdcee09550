"""What is said of a cell that could not be read."""

from __future__ import annotations

from engine.catalogue.model import NUMERIC, Input
from engine.data.cells import describe_expected, is_formula, parse_number
from engine.data.tables import Table, shorten
from engine.i18n import gettext as _
from engine.problems import Problem


def describe_wrong(code: str, asked: Input, text: str) -> tuple[str, str]:
    """The message, with {name} and {text} still open, and the hint."""
    if code == "share-or-percent":
        return _describe_share(text)
    expected = describe_expected(asked)
    if asked.type in NUMERIC and text.endswith("%"):
        expected = _("set the cell to General and write the number without the sign of percent")
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
        "formula-without-value": (
            _("“{name}”: the formula {text} was never computed, there is no value"),
            _compute_it(),
        ),
    }
    return told.get(code) or (_("“{name}”: “{text}” cannot be read"), expected)


def refuse_formula(table: Table, row: int, column: int, text: str | None) -> Problem | None:
    """The problem of a cell that is no input, where its formula was never computed."""
    if text is None or not is_formula(text):
        return None
    message = _("the formula {text} was never computed, there is no value")
    message = message.format(text=shorten(text))
    return Problem("formula-without-value", message, table.position(row, column), _compute_it())


def _compute_it() -> str:
    return _("open the workbook in Excel and save it, or write the value in place of the formula")


def _describe_share(text: str) -> tuple[str, str]:
    if "%" in text:
        number = parse_number(text.strip().removesuffix("%")) or 0
        as_percent = f"{number / 100:.10g}".replace(".", ",")
        hint = _(
            "write {percent}; if it is {text}, set the cell to General, write it without the sign"
        )
        message = _("“{name}”: the cell shows {text}: is it {percent} % or {text}?")
        return message.replace("{percent}", as_percent), hint.format(percent=as_percent, text=text)
    as_percent = f"{(parse_number(text) or 0) * 100:.10g}".replace(".", ",")
    message = _("“{name}”: is {text} meant as {percent} % or as {text} %?")
    hint = _("write {percent}, or {text} % with the sign").format(
        percent=as_percent, text=text.replace(".", ",")
    )
    return message.replace("{percent}", as_percent), hint
