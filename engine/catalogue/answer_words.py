"""Words and marks that stand in place of an answer, in any cell of any kind."""

from __future__ import annotations

from string import whitespace

from engine.same_names import fold_name

NOT_APPLICABLE_WORDS = frozenset(
    {"н/п", "н\\п", "н.п", "n/a", "не применимо", "неприменимо", "not applicable"}
)
# The mark of official forms for a cell that must stay empty; in a text it may be a word.
CROSSED = frozenset({"х", "x"})
NOT_FILLED_WORDS = frozenset({"нет данных", "н/д", "н\\д", "нет сведений", "no data"})
SHEET_ERRORS = frozenset(
    map(
        str.casefold,
        (
            *("#дел/0!", "#н/д", "#имя?", "#пусто!", "#число!", "#ссылка!", "#знач!"),
            *("#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"),
        ),
    )
)
"""What a spreadsheet shows in place of a value that it could not compute."""

_SPACES = dict.fromkeys(map(ord, "\u00a0\u202f\u2009\u2007"), " ")
_UNSEEN = f"{whitespace}\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
_MINUSES = dict.fromkeys(map(ord, "\u2212\u2013\u2014\u2012"), "-")


def unify_spaces(text: str) -> str:
    """The text with single spaces of one kind; at its ends none, and no signs that are not seen."""
    return " ".join(text.translate(_SPACES).strip(_UNSEEN).split())


def unify_minuses(text: str) -> str:
    """The text with a hyphen for every kind of minus and dash."""
    return text.translate(_MINUSES)


def fold_word(text: str) -> str:
    """A text as it is compared with the words and marks that stand in place of an answer."""
    return unify_minuses(unify_spaces(text)).rstrip(".").strip().casefold()


def is_no_answer(text: str) -> bool:
    """Whether a text is such a word or mark, and so can be no title of an option."""
    word = fold_word(fold_name(text))
    words = (NOT_APPLICABLE_WORDS, CROSSED, NOT_FILLED_WORDS, SHEET_ERRORS)
    return not word.strip("-") or any(word in known for known in words)
