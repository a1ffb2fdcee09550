"""How people write a number, a yes or a date in a cell.

One text at a time; whole columns are read in `engine.data.typed_columns`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, timedelta
from typing import NamedTuple

import polars as pl

from engine.catalogue.answer_words import (
    CROSSED,
    NOT_APPLICABLE_WORDS,
    NOT_FILLED_WORDS,
    SHEET_ERRORS,
    fold_word,
    unify_minuses,
    unify_spaces,
)
from engine.catalogue.model import NUMERIC, Input, InputKind
from engine.data.frame_names import NOT_APPLICABLE, NOT_READABLE
from engine.data.tables import MARK, MERGED_MARK, UNREADABLE_MARK, RawTable, shorten
from engine.problems import Problem, describe_difference, offer_name
from engine.same_names import fold_name
from engine.translation import chosen_language
from engine.translation import gettext as _
from engine.units import PERCENT, read_measure

LARGEST = 10**12  # sums over any number of schools stay far inside 64 bits

DTYPES: Mapping[InputKind, type[pl.DataType]] = {
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
# Patterns are compiled by `re` when they are first asked: most tables hold plain numbers alone.
_NUMBER = (
    r"(?P<sign>[+-]?)(?P<whole>[0-9]+|[0-9]{1,3}(?: [0-9]{3})+)?(?:[.,](?P<rest>[0-9]+))?"
    r"(?P<power>[eE][+-]?[0-9]{1,3})?"
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
_ONE_PERCENT, _HUNDRED = 1, 100
_FIRST_DAY = "1950"
_DIGIT_LOOKS = str.maketrans("ОоOolIІі|Ззб", "000011111336")
"""Letters that look like digits."""
_GROUPED = r"[.,]000$"
POWER = "[eE]"
"""What a number has that is written with an exponent."""


class ReadCell(NamedTuple):
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


def limits_of(declared: Input) -> tuple[float, float]:
    """The lowest and the highest number that a cell of this input may hold by its `limits`."""
    if declared.limits is None:
        return -LARGEST, LARGEST
    return float(declared.limits[0]), float(declared.limits[1])


def show_limits(declared: Input) -> str:
    """The limits as a message says them: `0–20`."""
    if declared.limits is None:
        return ""
    return "–".join(f"{float(end):.10g}".replace(".", ",") for end in declared.limits)


def read_cell(declared: Input, text: str) -> ReadCell:
    """What `text` means in a cell of this input."""
    if text.isdigit() and declared.type in NUMERIC:
        # Most cells: no word and no mark is written so.
        return _read_number(declared, text)
    clean = unify_spaces(text)
    word = unify_minuses(clean).rstrip(".").strip().casefold()
    if not clean:
        return _EMPTY
    if word in NOT_APPLICABLE_WORDS:
        return _APPLIES_NOT
    if is_unread(clean):
        return _unreadable(_name_unreadable(declared, clean))
    if declared.type == "text":
        filled = word not in NOT_FILLED_WORDS
        return ReadCell(unicodedata.normalize("NFC", text.strip())) if filled else _EMPTY
    return _read_option(declared, text) or _read_word(word, clean) or _read_answer(declared, clean)


def read_answer(declared: Input, text: str) -> ReadCell:
    """What a text means that a person wrote, in a form, a workbook or a CSV.

    A bare 0,85 where a percentage is due is not taken for less than one percent; with the sign
    (0,85 %) it is. Nor is 8500 % taken: so a cell shows 85 that was made a percentage afterwards.
    A number with an exponent has lost its digits: so a spreadsheet saves what does not fit its cell.
    A count of 12,000 may be twelve, or twelve thousand as other countries write it.
    """
    if declared.type == "text":
        return _read_text(declared, text)
    reading = read_cell(declared, text)
    if declared.type in NUMERIC and not text.isdigit() and isinstance(reading.value, int | float):
        if re.search(POWER, text):
            return _unreadable("shortened-number")
        if declared.type == "count" and re.search(_GROUPED, text.strip()):
            return _unreadable("grouped-number")
        signed = "%" in text
        if is_percent(declared) and (
            reading.value > _HUNDRED if signed else 0 < reading.value < _ONE_PERCENT
        ):
            return _unreadable("share-or-percent")
    if declared.type == "date" and isinstance(reading.value, str) and reading.value < _FIRST_DAY:
        # A small number in a cell of dates: the spreadsheet has made 7 January 1900 of a 7.
        return _unreadable()
    return reading


def _read_text(declared: Input, text: str) -> ReadCell:
    """A mark that stands alone is no word where a person wrote it."""
    word = fold_word(text)
    if word in CROSSED:
        return _APPLIES_NOT
    return _EMPTY if word and not word.strip("-") else read_cell(declared, text)


def _read_option(declared: Input, text: str) -> ReadCell | None:
    """The option that a text names; it comes before words and marks, for its id may be `x`."""
    reading = read_choice(declared.options, text) if declared.type == "choice" else _EMPTY
    return reading if reading.value else None


def _read_word(word: str, clean: str) -> ReadCell | None:
    """The words and marks that stand in place of an answer."""
    if word in NOT_FILLED_WORDS:
        return _EMPTY
    if word in CROSSED:
        return _APPLIES_NOT
    if not clean.strip("#"):
        return _unreadable("narrow-column")
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
    if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS:
        return int(text)
    clean = unify_minuses(unify_spaces(text))
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
    if value is None:
        return _unreadable(_name_no_number(clean))
    low, high = limits_of(declared)
    if not low <= value <= high:
        return _unreadable("outside-limits" if declared.limits else "too-large-number")
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
    word = unify_minuses(clean).rstrip(".").casefold()
    code = "unreadable-cell"
    if word and not word.strip("-"):
        code = "dash-in-number"
    elif word in {"нет", "no"}:
        code = "no-in-number"
    elif re.match(_ISO_DAY, clean):
        code = "date-in-number"
    return code


def _name_unreadable(declared: Input, clean: str) -> str:
    """Why a text cannot be read that came with the mark of such, or as an error of the spreadsheet.

    What was not taken into an adopted folder is told there as it was told then.
    """
    text = re.sub(MARK, "", clean)
    if text.casefold() in SHEET_ERRORS:
        return "excel-error"
    if clean.startswith(MERGED_MARK):
        return "merged-cell"
    if is_formula(clean):
        return "formula-without-value"
    shares = (
        is_percent(declared) and "%" in text and parse_number(text.removesuffix("%")) is not None
    )
    if shares:
        return "share-or-percent"
    return (read_answer(declared, text).code if text else "") or "unreadable-cell"


def is_formula(text: str) -> bool:
    """Whether the text of a cell is a formula that was never computed."""
    return text.startswith(f"{UNREADABLE_MARK}=")


def read_yes_no(text: str) -> ReadCell:
    """да/нет, yes/no, 1/0, +/- with any ending dot."""
    word = unify_minuses(text.strip()).rstrip(".").casefold()
    if word in _YES:
        return ReadCell(True)
    if word in _NO:
        return ReadCell(False)
    return _unreadable()


def read_choice(options: Mapping[str, str], text: str) -> ReadCell:
    """The id of the option that is named by its id or its title; an id wins over a title."""
    folded = fold_name(text)
    for option in options:
        if option.casefold() == text.strip().casefold():
            return ReadCell(option)
    for option, title in options.items():
        if folded in {fold_name(option), fold_name(title)}:
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
    if declared.limits is not None and declared.type in NUMERIC:
        return _("expected a number within {limits}").format(limits=show_limits(declared))
    if declared.type == "choice":
        return describe_options(declared.options)
    expected: Mapping[str, str] = {
        "count": _(
            "expected a whole number (zero is 0), “n/a” where it does not apply, or nothing"
        ),
        "number": _("expected a number such as 12.5, “n/a” where it does not apply, or nothing"),
        "yes_no": _(
            "expected yes or no (1 or 0, + or -), “n/a” where it does not apply, or nothing"
        ),
        "date": _("expected a date such as 2023-12-31"),
    }
    return expected.get(declared.type) or _("expected a link such as https://example.org")


def describe_options(options: Mapping[str, str]) -> str:
    """What a choice takes: the titles of its options."""
    titles = ", ".join(title or option for option, title in options.items())
    return _("expected one of: {options}").format(options=titles)


# --- wrong ----------------------------------------------------------------------------------------
# What is said of a cell that could not be read.


def show_answer(declared: Input, text: str) -> str:
    """The text as the office shows it that people in Russia have: with a comma in a number."""
    numeric = declared.type in NUMERIC and re.fullmatch(r"-?[0-9]+[.][0-9]+(?: %)?", text)
    return text.replace(".", ",") if numeric and chosen_language() == "ru" else text


def _ends_in_unit(text: str) -> bool:
    unit = text.lstrip("0123456789 \N{NO-BREAK SPACE}.,-")
    return unit != text and read_measure(unit) is not None


def describe_wrong(
    code: str, declared: Input, text: str, span: str = "", *, plain: bool = False
) -> tuple[str, str]:
    """The message, with {name} and {text} still open, and the hint.

    `span`: the merged cells. `plain`: whether the file is one of text (CSV) and no workbook.
    """
    if code == "share-or-percent":
        return _describe_share(text)
    expected = describe_expected(declared)
    if declared.type in NUMERIC and text.endswith("%") and not is_percent(declared):
        # Without its sign the share of some people would be read as so many people.
        expected = _(
            "the number itself is asked here, not a share of it: write how many or how much there is, "
            "without the sign of percent, in a cell set to General"
        )
    elif declared.type in NUMERIC and declared.unit is not None and _ends_in_unit(text):
        expected = _("write the number alone, in the unit that is asked: “{unit}”").format(
            unit=declared.unit.label
        )
    choose = _("write 0 if there were none, “n/a” if it does not apply, else empty the cell")
    instead = _("“{name}”: “{text}” in place of a number: is it zero, or “n/a”?")
    looks = _offer_look(declared, text)
    sentences = {
        "merged-cell": (
            _("“{name}”: the cells {span} are merged, whose answer it is cannot be told").replace(
                "{span}", span
            ),
            _("split the merged cell and put each answer in its own cell"),
        ),
        "too-large-number": (
            _("“{name}”: {text} is too large: numbers up to 1,000,000,000,000 are read"),
            _(
                "correct it; if it is right, ask for it in thousands or millions (a unit with scale)"
            ),
        ),
        "shortened-number": (
            _("“{name}”: {text} is a shortened number, its last digits are lost"),
            _("write the number with all its digits; save the CSV anew from wider columns")
            if plain
            else _("set the cell to Number and write the number with all its digits"),
        ),
        "grouped-number": (
            _("“{name}”: {text} may be {few} or {many}").format(
                name="{name}", text="{text}", few=text[:-4], many=f"{text[:-4]} 000"
            ),
            _("write the number without the mark: {few} or {many}").format(
                few=text[:-4], many=f"{text[:-4]}000"
            ),
        ),
        "narrow-column": (
            _("“{name}”: {text} stands in place of a number: the column was too narrow"),
            _("make the column wider and save the file anew, or write the number"),
        ),
        "negative-count": (_("“{name}”: {text} is negative, and it counts something"), expected),
        "fractional-count": (_("“{name}”: {text} is not whole, and it counts something"), expected),
        "outside-limits": (
            _("“{name}”: {text} is outside the limits {limits}").replace(
                "{limits}", show_limits(declared)
            ),
            expected,
        ),
        "unknown-option": (
            _("“{name}” has no option “{text}”"),
            looks or expected,
        ),
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
    return sentences.get(code) or (_("“{name}”: “{text}” cannot be read"), looks or expected)


def _offer_look(declared: Input, text: str) -> str:
    """What is not the same in a text and the answer that it looks like; nothing where it has no looks."""
    if declared.type in NUMERIC:
        unseen = [sign for sign in text if unicodedata.category(sign) == "Cf"]
        if (
            unseen
            and parse_number("".join(sign for sign in text if sign not in unseen)) is not None
        ):
            return _(
                "a sign that is not seen stands in it (U+{number}): write the number anew"
            ).format(number=f"{ord(unseen[0]):04X}")
        letters = [sign for sign in text if ord(sign) in _DIGIT_LOOKS]
        number = parse_number(text.translate(_DIGIT_LOOKS))
        if not letters or number is None:
            return ""
        return _("written here is the letter “{letter}” in place of a digit").format(
            letter=letters[0]
        )
    return offer_look(declared.type, declared.options, text)


def offer_look(kind: str, options: Mapping[str, str], text: str) -> str:
    """The same of a yes or no, or of an option of a choice."""
    words = [title or option for option, title in options.items()]
    words = ["да", "нет", "yes", "no"] if kind == "yes_no" else words
    return next((offer_name(text, word) for word in words if describe_difference(text, word)), "")


def is_unread(text: str) -> bool:
    """Whether a text that is no answer says nothing: it is marked, or an error of the spreadsheet."""
    return text.startswith(UNREADABLE_MARK) or text.casefold() in SHEET_ERRORS


def refuse_formula(table: RawTable, row: int, column: int, text: str | None) -> Problem | None:
    """The problem of a cell that is no input: not computed, an error, or merged with others."""
    if text is not None and text.startswith(MERGED_MARK):
        span = table.find_merged(row, column)[2]
        message = _("the cells {span} are merged, whose text it is cannot be told")
        message = message.format(span=span)
        hint = _("split the merged cell and write the text in each cell")
        return Problem("merged-cell", message, table.position(row, column), hint, about=span)
    if text is None or not has_no_value(text):
        return None
    message, hint = describe_no_value(text)
    if is_formula(text):
        return Problem("formula-without-value", message, table.position(row, column), hint)
    return Problem("excel-error", message, table.position(row, column), hint)


def has_no_value(text: str) -> bool:
    """Whether a text that is no answer is an error of the spreadsheet, or a formula not computed."""
    return text.casefold() in SHEET_ERRORS or is_formula(text)


def describe_no_value(text: str) -> tuple[str, str]:
    """Message and hint of such a text."""
    if is_formula(text):
        message = _("the formula {text} was never computed, there is no value")
        return message.format(text=shorten(text)), _compute_it()
    message = _("the cell holds an error of the spreadsheet, {text}").format(text=text)
    return message, _("mend the formula in the cell, or write the value in its place")


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
