"""Pieces of a formula of a spreadsheet, as text.

They are joined so that a missing value is an error of the spreadsheet: it travels through
arithmetic, `IF`, `AND` and `OR` as a missing value travels through a formula of the language, and
`IFERROR` takes it at the end. Only words that Excel 2010 and LibreOffice both know are used, by their
English names, which are what the file holds in any language.

A condition is a text, or True or False where it is known before anything is filled in; conditions
are never errors.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

Condition = str | bool

_SLOT = re.compile("\x01([0-9]+)\x02")
_LONGEST_NUMBER = "(-1.23456789012345E-300)"
_UNLIKE = re.compile('([A-Z]+[0-9]+)<>("[^"]*")')
_LITERAL = re.compile("\\(?-?[0-9.]+(?:E-?[0-9]+)?\\)?|\x01[0-9]+\x02")

NONE = "NA()"
"""No value."""

NOISE = "1E-12"
NUDGE = "1.0000000000001"
"""What lifts a half that binary fractions lost (28.749999999999996) back over the edge."""

LONGEST_TEXT = 255
"""As many characters a text inside a formula may have."""


def all_of(*conditions: Condition) -> Condition:
    """Whether all hold."""
    asked = _asked(conditions, settled=False)
    return asked if isinstance(asked, bool) else _joined("AND", asked, empty=True)


def any_of(*conditions: Condition) -> Condition:
    """Whether one holds."""
    asked = _asked(conditions, settled=True)
    return asked if isinstance(asked, bool) else _joined("OR", asked, empty=False)


def negated(condition: Condition) -> Condition:
    """Whether it does not hold."""
    if isinstance(condition, bool):
        return not condition
    if condition.startswith("NOT(") and _is_one_bracket(condition):
        return condition[len("NOT(") : -1]
    unlike = _UNLIKE.fullmatch(condition)
    return f"{unlike[1]}={unlike[2]}" if unlike else f"NOT({condition})"


def chosen(condition: Condition, yes: str, no: str = NONE) -> str:
    """One value or the other."""
    if isinstance(condition, bool):
        return yes if condition else no
    if yes == no == NONE:
        return NONE
    return f"IF({condition},{unbracketed(yes)},{unbracketed(no)})"


def condition_text(condition: Condition) -> str:
    """A condition as a value."""
    return str(condition).upper() if isinstance(condition, bool) else condition


def condition_of(value: str) -> Condition:
    """A value that is yes or no, and never an error, as a condition."""
    return {"TRUE": True, "FALSE": False}.get(value, value)


def first_known(values: Iterable[str]) -> str:
    """The first value that is there."""
    *first, last = values
    for value in reversed(first):
        if value != NONE:
            known = f"IFERROR({unbracketed(value)},{unbracketed(last)})"
            last = value if last == NONE else known
    return last


def is_known(value: str) -> Condition:
    """Whether a value is there."""
    if value in {NONE, "TRUE", "FALSE"} or is_literal(value):
        return value != NONE
    return f"NOT(ISERROR({value}))"


def unbracketed(value: str) -> str:
    """A value that begins a sum or is an argument, without the brackets around it."""
    return value[1:-1] if value.startswith("(") and _is_one_bracket(value) else value


def number_text(value: float) -> str:
    """A number as formulas write it in any language of the program."""
    text = f"{value:.15g}".replace("e", "E").replace("E+", "E")
    return f"({text})" if text.startswith("-") else text


def slot(index: int) -> str:
    """A place in a formula where a number of each workbook will stand."""
    return f"\x01{index}\x02"


def fill_slots(formula: str, numbers: Sequence[float | None]) -> str:
    """The formula with its numbers in their places."""
    return _SLOT.sub(lambda found: number_text(numbers[int(found[1])] or 0.0), formula)


def longest(formula: str) -> int:
    """How many signs it has with the longest numbers in its slots."""
    return len(_SLOT.sub(_LONGEST_NUMBER, formula))


def is_literal(value: str) -> bool:
    """Whether it is a number as written, or the place of one."""
    return _LITERAL.fullmatch(value) is not None


def quoted(text: str) -> str:
    """A text inside a formula; a long one in pieces."""
    pieces = [text[start : start + LONGEST_TEXT] for start in range(0, len(text), LONGEST_TEXT)]
    return "&".join('"' + piece.replace('"', '""') + '"' for piece in pieces or [""])


def nesting(formula: str) -> int:
    """How deep brackets stand inside each other, texts apart."""
    depth = deepest = 0
    inside = False
    for sign in formula:
        if sign == '"':
            inside = not inside
        elif not inside and sign in "()":
            depth += 1 if sign == "(" else -1
            deepest = max(deepest, depth)
    return deepest


def _asked(conditions: Iterable[Condition], *, settled: bool) -> list[str] | bool:
    """The conditions that are not known beforehand; the one word that settles all of them."""
    found: dict[str, None] = {}
    for condition in conditions:
        if isinstance(condition, str):
            found[condition] = None
        elif condition is settled:
            return settled
    return list(found)


def _joined(word: str, conditions: list[str], *, empty: bool) -> Condition:
    if not conditions:
        return empty
    if len(conditions) == 1:
        return conditions[0]
    # OR(OR(a,b),c) is OR(a,b,c): brackets inside each other are bounded, arguments hardly.
    inner = [
        one[len(word) + 1 : -1] if one.startswith(f"{word}(") and _is_one_bracket(one) else one
        for one in conditions
    ]
    return f"{word}({','.join(inner)})"


def _is_one_bracket(text: str) -> bool:
    """Whether the first bracket of a text is closed by its last sign."""
    depth = 0
    inside = False
    for place, sign in enumerate(text):
        if sign == '"':
            inside = not inside
        elif not inside and sign in "()":
            depth += 1 if sign == "(" else -1
            if depth == 0:
                return place == len(text) - 1
    return False
