"""The signs of a formula: what can be said of a text before there is a tree of it.

Each word and sign is looked at alone, then brackets, then the order in which values and signs
follow each other. A mistake found here has the place of the very character, and is told in the
words of a person who knows spreadsheets; what is left for the grammar is hardly ever wrong.
"""

from __future__ import annotations

import keyword
import re

from engine.i18n import gettext as _
from engine.problems import Position, Problem, Runs, place_in

MAX_LENGTH = 1_000
MAX_DEPTH = 50
MAX_DIGITS = 15
"""More digits than a double holds would print other digits than were written."""

WORDS = ("and", "or", "not", "if", "else")
KEPT_WORDS = tuple(keyword.kwlist)
"""Words of Python's grammar: they cannot be ids, and only `WORDS` may stand in a formula."""

# Compiled by `re` when the first formula is read: a catalogue that was checked before has none.
_WORD_OR_SIGN = (
    r"(?s)(?P<space>[ \u00a0\u202f]+)"
    r"|(?P<number>[0-9][\w.]*)"
    r"|(?P<name>[^\W\d]\w*(?:\.[^\W\d]\w*)*)"
    r"|(?P<sign><=|>=|==|!=|\*\*|//|:=|<<|>>|<>|->|.)"
)
_NUMBER = r"(0|[1-9][0-9]*)(\.[0-9]+)?"
_SIGNS = frozenset(("<=", ">=", "==", "!=", "<", ">", "+", "-", "*", "/", "(", ")", ","))


def check_signs(text: str, position: Position, runs: Runs = ()) -> list[Problem]:
    """The first mistake in the signs of a formula, as a list of none or one."""
    return (
        _check_words(text, position, runs)
        or _check_brackets(text, position, runs)
        or _check_order(text, position, runs)
    )


def sign_at(text: str, offset: int) -> tuple[int, str]:
    """The word or sign that covers a place of the text: where it starts, and itself."""
    found = next(
        (match for match in re.finditer(_WORD_OR_SIGN, text) if match.end() > offset), None
    )
    return (found.start(), found.group().strip()) if found else (offset, "")


def _check_words(text: str, position: Position, runs: Runs) -> list[Problem]:
    """What can be said of single words and signs: each at its own column."""

    def problem(start: int, length: int, message: str, hint: str = "") -> list[Problem]:
        # Past a refused sign nothing can be trusted: one mistake is one problem.
        place = place_in(position, runs, start, length)
        return [Problem("formula-syntax", message, place, hint)]

    if not text.strip():
        return problem(0, 1, _("the formula is empty"), _("write it, or take the key away"))
    if len(text) > MAX_LENGTH:
        return problem(
            0,
            1,
            _("the formula has {count} characters, at most {most} are allowed").format(
                count=len(text), most=MAX_LENGTH
            ),
            _("give a part of it its own id among the indicators"),
        )
    for match in re.finditer(_WORD_OR_SIGN, text):
        refused = _refuse_token(match)
        if refused:
            return problem(match.start(), len(match.group()), *refused)
    return []


def _refuse_token(match: re.Match[str]) -> tuple[str, str] | None:
    found = match.group()
    if match.lastgroup == "number" and not re.fullmatch(_NUMBER, found):
        return (
            _("“{found}” is not a number as formulas have it").format(found=found),
            _("write digits, with a point before decimals: 12 or 12.5"),
        )
    if match.lastgroup == "number" and len(found.replace(".", "")) > MAX_DIGITS:
        return _("the number has more than {most} digits").format(most=MAX_DIGITS), ""
    if match.lastgroup == "name":
        return _refuse_word(found)
    if match.lastgroup == "sign" and found not in _SIGNS:
        return _refuse_sign(found)
    return None


def _refuse_word(word: str) -> tuple[str, str] | None:
    if word in WORDS:
        return None
    if word in KEPT_WORDS:
        hint = _("of words only and, or, not, if, else have a meaning")
        if word in ("True", "False"):
            hint = _("write the condition itself")
        return _("the word “{word}” is not part of formulas").format(word=word), hint
    if any(part.startswith("__") for part in word.split(".")):
        return (
            _("“{word}” is not a name of the catalogue").format(word=word),
            _("ids do not begin with two underscores"),
        )
    if any(part in KEPT_WORDS for part in word.split(".")):
        return _("the word “{word}” is not part of formulas").format(word=word), ""
    return None


def _refuse_sign(sign: str) -> tuple[str, str]:
    hints = {
        "=": _("to compare, write ==; arguments have no names"),
        ":=": _("a formula names nothing: give the part its own id among the indicators"),
        "**": _("there are no powers: multiply"),
        "//": _("to divide, write one /"),
        "%": _("for a percentage write share(part, whole)"),
        ";": _("a comma separates arguments; another formula is an indicator of its own"),
        "[": _("there are no lists and no places in lists"),
        "{": _("there are no lists and no places in lists"),
        "'": _("there is no text in formulas: write ids without quotes"),
        '"': _("there is no text in formulas: write ids without quotes"),
        "«": _("there is no text in formulas: write ids without quotes"),
        "≤": _("write <="),
        "≥": _("write >="),
        "≠": _("write !="),
        "<>": _("write !="),
        "×": _("write *"),
        "·": _("write *"),
        "÷": _("write /"),
        ":": _("to divide, write one /"),
        "–": _("write the minus of the keyboard: -"),
        "—": _("write the minus of the keyboard: -"),
        "−": _("write the minus of the keyboard: -"),
        "\n": _("a formula is one line; continued ones all begin at the same column after >-"),
    }
    shown = {"\n": _("a new line"), "\t": _("a tab")}.get(sign)
    if shown is None:
        shown = _("“{sign}”").format(sign=sign) if sign.isprintable() else f"U+{ord(sign[0]):04X}"
    return (
        _("{sign} is not part of formulas").format(sign=shown),
        hints.get(sign, _("allowed are + - * / < <= > >= == != and brackets")),
    )


def _check_brackets(text: str, position: Position, runs: Runs) -> list[Problem]:
    """Brackets that do not meet, or stand too deep: before the tree is built at all."""
    opened: list[int] = []
    for index, sign in enumerate(text):
        if sign == "(":
            opened.append(index)
            if len(opened) > MAX_DEPTH:
                place = place_in(position, runs, index)
                message = _("more than {most} brackets stand inside each other")
                return [Problem("formula-syntax", message.format(most=MAX_DEPTH), place)]
        elif sign == ")":
            if not opened:
                place = place_in(position, runs, index)
                message = _("this bracket closes nothing")
                return [Problem("formula-syntax", message, place)]
            opened.pop()
    if opened:
        place = place_in(position, runs, opened[-1])
        return [Problem("formula-syntax", _("this bracket is not closed"), place)]
    return []


def _check_order(text: str, position: Position, runs: Runs) -> list[Problem]:
    """Two values side by side, two signs, a sign at the end: each at its own place."""

    def problem(match: re.Match[str], message: str, hint: str) -> list[Problem]:
        place = place_in(position, runs, match.start(), len(match.group()))
        return [Problem("formula-syntax", message.format(found=match.group()), place, hint)]

    tokens = [match for match in re.finditer(_WORD_OR_SIGN, text) if match.lastgroup != "space"]
    value_due, before, opened_if, inside = True, "", [], [False]
    for match in tokens:
        found = match.group()
        if found == "," and not inside[-1]:
            hint = _("decimals are written with a point: 1.5")
            message = _("a comma stands only between the arguments of a function")
            return problem(match, message, hint)
        is_value = match.lastgroup in {"number", "name"} and found not in WORDS
        starts = is_value or found in {"(", "-", "not", "+"}
        if value_due and not starts and not (found == ")" and before == "f("):
            hint = _("a name or a number is missing before it")
            return problem(match, _("“{found}” cannot stand here"), hint)
        called = found == "(" and bool(before) and before not in WORDS
        if not value_due and (is_value or found == "not" or (found == "(" and not called)):
            hint = _("a sign or a comma is missing before it")
            return problem(match, _("“{found}” cannot stand here"), hint)
        if found == "(":
            inside.append(called)
        elif found == ")":
            inside.pop()
        if found == "if":
            opened_if.append(match)
        elif found == "else" and opened_if:
            opened_if.pop()
        value_due = not is_value and found != ")"
        # Only the brackets of a call may be empty.
        before = "f(" if called else found if match.lastgroup == "name" else ""
    if value_due:
        hint = _("a name or a number is missing after it")
        return problem(tokens[-1], _("the formula breaks off after “{found}”"), hint)
    if opened_if:
        hint = _("write both: x if condition else y")
        return problem(opened_if[-1], _("“{found}” has no else"), hint)
    return []
