"""The signs that stand in place of a number, and what they mean."""

from __future__ import annotations

from collections.abc import Iterator

from engine.i18n import gettext as _
from engine.reports.layout import Mark
from engine.reports.rows import Rows

# As tables of statistics print them: no data, does not apply, hidden; a zero is a number.
SIGNS = {
    "suppressed": "скр.",
    "not_applicable": "×",
    "not_readable": "?",
    "not_reported": "…",
    "blocked": "…*",
    "before_formula": "·",
    "no_previous": "·*",
    "no_such_level": "·**",
    "zero_denominator": "÷0",
}


def list_marks(rows: Rows) -> tuple[Mark, ...]:
    """A mark for every reason that occurs in the rows, and for zero, in one order always."""
    reasons = set(rows.column("reason"))
    zero = 0 in set(rows.column("value"))
    return tuple(mark for mark in _marks() if (mark.reason in reasons if mark.reason else zero))


def _marks() -> Iterator[Mark]:
    from engine.reports.filters import reason

    meanings = {
        "suppressed": _("there is a value; it is not published, so that nobody can be recognised"),
        "not_applicable": _("nothing is expected here: it does not concern this place"),
        "not_readable": _("something was given that cannot be read as an answer"),
        "not_reported": _("an answer was expected, and none was given"),
        "blocked": _("somebody has not reported, and without everybody it is not computed"),
        "before_formula": _("the indicator was not counted in that year"),
        "no_previous": _("there is nothing a year earlier to compare with"),
        "no_such_level": _("there is no place above that it could be taken from"),
        "zero_denominator": _("there is nothing of which a share could be taken"),
    }
    yield Mark("", "0", _("zero"), _("an answer was given, and it is zero"))
    for code, meaning in meanings.items():
        yield Mark(code, SIGNS[code], reason(code), meaning)
