"""How people write a number, a yes or a date in a cell.

One text at a time; whole columns are read in `engine.data.typed_columns`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from engine.catalogue.model import NUMERIC, Input, Kind
from engine.data.frame_names import NOT_APPLICABLE, NOT_READABLE
from engine.data.tables import UNREADABLE_MARK, RawTable, shorten
from engine.problems import Problem
from engine.translation import gettext as _
from engine.units import PERCENT

LARGEST = 10**12  # sums over any number of schools stay far inside 64 bits

DTYPES: Mapping[Kind, type[pl.DataType]] = {
    "count": pl.Int64,
    "number": pl.Float64,
    "yes_no": pl.Boolean,
    "choice": pl.String,
    "text": pl.String,
    "date": pl.String,
    "link": pl.String,
}

_YES = frozenset({"да", "д", "yes", "y", "true", "истина", "1", "1.0", "+", "есть"})
_NO = frozenset({"нет", "н", "no", "n", "false", "ложь", "0", "0.0", "-"})
_NOT_APPLICABLE = frozenset(
    {"н/п", "н\\п", "н.п", "n/a", "не применимо", "неприменимо", "not applicable"}
)
# The mark of official forms for a cell that must stay empty; in a text it may be a word.
CROSSED = frozenset({"х", "x"})
_NOT_FILLED = frozenset({"нет данных", "н/д", "н\\д", "нет сведений", "no data"})
# Patterns are compiled by `re` when they are first asked: most tables hold plain numbers alone.
_NUMBER = (
    r"(?P<sign>[+-]?)(?P<whole>[0-9]+|[0-9]{1,3}(?: [0-9]{3})+)?(?:[.,](?P<rest>[0-9]+))?"
    r"(?P<power>[eE][+-]?[0-9]{1,3})?"
)
_ERRORS = frozenset(
    map(
        str.casefold,
        (
            *("#дел/0!", "#н/д", "#имя?", "#пусто!", "#число!", "#ссылка!", "#знач!"),
            *("#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"),
        ),
    )
)
_MONTHS = (
    *("января", "февраля", "марта", "апреля", "мая", "июня"),
    *("июля", "августа", "сентября", "октября", "ноября", "декабря"),
)
# Without a scheme only the letters of the last part tell a site from a number or a date.
_LINK = r"(?i)(?:https?://\S+|(?:[\w-]+\.)+(?:xn--[a-z0-9-]+|[^\W\d_]{2,})(?:/\S*)?)"
_DAY = r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})(?: ?г\.?| ?года)?"
_NAMED_DAY = rf"(?i)«?([0-9]{{1,2}})»? ({'|'.join(_MONTHS)}) ([0-9]{{4}})(?: ?г\.?| ?года)?"
_ISO_DAY = r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[ T]00:00(?::00)?(?:\.0+)?)?"
_MOST_DIGITS = 300  # of more Python makes no whole number, and no float either
_FIRST_SERIAL, _LAST_SERIAL = 10_000, 90_000  # 1927 … 2146, as Excel counts days
_SPACES = dict.fromkeys(map(ord, "\u00a0\u202f\u2009\u2007"), " ")
_MINUSES = dict.fromkeys(map(ord, "\u2212\u2013\u2014\u2012"), "-")
_HUNDRED = 100


@dataclass(frozen=True, slots=True)
class ReadCell:
    """What a text says: a value, or a state, or neither (not filled); `code` where it is wrong."""

    value: int | float | bool | str | None = None
    state: int = 0
    code: str = ""


_EMPTY = ReadCell()
_APPLIES_NOT = ReadCell(state=NOT_APPLICABLE)


def _unreadable(code: str = "unreadable-cell") -> ReadCell:
    return ReadCell(state=NOT_READABLE, code=code)


def is_percent(declared: Input) -> bool:
    """Whether its numbers lie between 0 and 100, and a sign of percent may follow them."""
    return declared.unit is not None and declared.unit.id == PERCENT.id


def read_cell(declared: Input, text: str) -> ReadCell:
    """What `text` means in a cell of this input."""
    clean = " ".join(text.translate(_SPACES).split())
    word = fold_word(clean)
    if not clean:
        return _EMPTY
    if word in _NOT_APPLICABLE:
        return _APPLIES_NOT
    if text.startswith(UNREADABLE_MARK):
        return _unreadable(_name_unreadable(declared, clean.removeprefix(UNREADABLE_MARK)))
    if clean.casefold() in _ERRORS:
        return _unreadable("excel-error")
    if declared.type == "text":
        filled = word not in _NOT_FILLED
        return ReadCell(unicodedata.normalize("NFC", text.strip())) if filled else _EMPTY
    return _read_word(word, clean) or _read_answer(declared, clean)


def fold_word(text: str) -> str:
    """A text as it is compared with the words and marks that stand in place of an answer."""
    clean = " ".join(text.translate(_SPACES).split())
    return clean.translate(_MINUSES).rstrip(".").strip().casefold()


def _read_word(word: str, clean: str) -> ReadCell | None:
    """The words and marks that stand in place of an answer."""
    if word in _NOT_FILLED:
        return _EMPTY
    if word in CROSSED:
        return _APPLIES_NOT
    return _unreadable("excel-error") if clean.startswith("#") else None


def _read_answer(declared: Input, clean: str) -> ReadCell:
    if declared.type in NUMERIC:
        return _read_number(declared, clean)
    if declared.type == "yes_no":
        return read_yes_no(clean)
    if declared.type == "choice":
        return read_choice(declared.options, clean)
    if declared.type == "date":
        return _read_date(clean)
    return ReadCell(clean) if re.fullmatch(_LINK, clean) else _unreadable()


def parse_number(text: str) -> float | int | None:
    """The number as people write it: `1 234,5`, `12.5`, `−3`; None where it is no number."""
    if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS:  # as nearly all are
        return int(text)
    clean = " ".join(text.translate(_SPACES).split()).translate(_MINUSES)
    match = re.fullmatch(_NUMBER, clean)
    if not match or not (match["whole"] or match["rest"]):
        return None
    whole = (match["whole"] or "0").replace(" ", "")
    is_whole = not match["power"] and not (match["rest"] or "").strip("0")
    if is_whole and len(whole) <= _MOST_DIGITS:
        return int(match["sign"] + whole)
    value = float(f"{match['sign']}{whole}.{match['rest'] or '0'}{match['power'] or ''}")
    return value if abs(value) < float("inf") else None


def _read_number(declared: Input, clean: str) -> ReadCell:
    percent = is_percent(declared)
    value = parse_number(clean.removesuffix("%") if percent else clean)
    if value is None or abs(value) > LARGEST:
        return _unreadable(_name_no_number(clean))
    if declared.type == "number":
        outside = percent and not 0 <= value <= _HUNDRED
        return ReadCell(float(value), code="outside-percent" if outside else "")
    if value < 0:
        return _unreadable("negative-count")
    if isinstance(value, float) and not value.is_integer():
        return _unreadable("fractional-count")
    return ReadCell(int(value))


def _name_no_number(clean: str) -> str:
    """What people write in place of a number, and what may be asked of them about it."""
    word = clean.translate(_MINUSES).rstrip(".").casefold()
    code = "unreadable-cell"
    if word and not word.strip("-"):
        code = "dash-in-number"
    elif word in {"нет", "no"}:
        code = "no-in-number"
    elif re.match(_ISO_DAY, clean):
        code = "date-in-number"
    return code


def _name_unreadable(declared: Input, clean: str) -> str:
    """Why a text cannot be read that came with the mark of such."""
    if is_formula(f"{UNREADABLE_MARK}{clean}"):
        return "formula-without-value"
    return "share-or-percent" if is_percent(declared) and clean.endswith("%") else "unreadable-cell"


def is_formula(text: str) -> bool:
    """Whether the text of a cell is a formula that was never computed."""
    return text.startswith(f"{UNREADABLE_MARK}=")


def read_yes_no(text: str) -> ReadCell:
    """да/нет, yes/no, 1/0, +/- with any ending dot."""
    word = text.strip().translate(_MINUSES).rstrip(".").casefold()
    if word in _YES:
        return ReadCell(True)
    if word in _NO:
        return ReadCell(False)
    return _unreadable()


def read_choice(options: Mapping[str, str], text: str) -> ReadCell:
    """The id of the option that is named by its id or its title."""
    word = text.strip().casefold()
    for option, title in options.items():
        if word in {option.casefold(), title.casefold()}:
            return ReadCell(option)
    return _unreadable("unknown-option")


def _read_date(clean: str) -> ReadCell:
    if match := re.fullmatch(_ISO_DAY, clean):
        year, month, day = (int(part) for part in match.groups())
    elif match := re.fullmatch(_DAY, clean):
        day, month, year = (int(part) for part in match.groups())
    elif match := re.fullmatch(_NAMED_DAY, clean):
        day, month, year = int(match[1]), _MONTHS.index(match[2].lower()) + 1, int(match[3])
    else:
        serial = parse_number(clean)
        if not isinstance(serial, int) or not _FIRST_SERIAL <= serial <= _LAST_SERIAL:
            return _unreadable()
        return ReadCell((date(1899, 12, 30) + timedelta(days=serial)).isoformat())
    try:
        return ReadCell(date(year, month, day).isoformat())
    except ValueError:
        return _unreadable()


def describe_expected(declared: Input) -> str:
    """What a cell of this input takes, for the hint beside a wrong one."""
    if declared.type == "count":
        return _("expected a whole number (zero is 0), “н/п” where it does not apply, or nothing")
    if declared.type == "number":
        return _("expected a number such as 12,5, “н/п” where it does not apply, or nothing")
    if declared.type == "yes_no":
        return _("expected да or нет (1 or 0, + or -), “н/п” where it does not apply, or nothing")
    if declared.type == "choice":
        return describe_options(declared.options)
    if declared.type == "date":
        return _("expected a date such as 31.12.2023")
    return _("expected a link such as https://example.org")


def describe_options(options: Mapping[str, str]) -> str:
    """What a choice takes: the titles of its options."""
    titles = ", ".join(title or option for option, title in options.items())
    return _("expected one of: {options}").format(options=titles)


# --- wrong ----------------------------------------------------------------------------------------
# What is said of a cell that could not be read.


def describe_wrong(code: str, declared: Input, text: str) -> tuple[str, str]:
    """The message, with {name} and {text} still open, and the hint."""
    if code == "share-or-percent":
        return _describe_share(text)
    expected = describe_expected(declared)
    if declared.type in NUMERIC and text.endswith("%"):
        expected = _("set the cell to General and write the number without the sign of percent")
    choose = _("write 0 if there were none, “н/п” if it does not apply, else empty the cell")
    instead = _("“{name}”: “{text}” in place of a number: is it zero, or “н/п”?")
    sentences = {
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
    return sentences.get(code) or (_("“{name}”: “{text}” cannot be read"), expected)


def refuse_formula(table: RawTable, row: int, column: int, text: str | None) -> Problem | None:
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
