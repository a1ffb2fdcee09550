"""Whose a table is, as its title says: «Школа № 1, отчёт за 2023 год»."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from engine.adoption.vocabulary import Vocabulary, find_key_word
from engine.same_names import fold_name

_AROUND_NAME = re.compile(
    r"^(?:отч[её]т|форма|сведения|данные|мониторинг|приложение(?: [0-9]+)?|свод(?:ная)?|школа|"
    r"организация|учреждение|наименование (?:школы|организации|оо|учреждения)|оо|"
    r"(?:19|20)[0-9]{2}(?:[-/](?:19|20)?[0-9]{2})?(?: ?год[а]?| ?г\.?| ?уч\.? ?год[а]?| учебный год)?"
    r"|за|по|на|:|-|_|,)[ :\-_,]*"
)
# What may name a school that the register does not know.
_SCHOOL_LIKE = re.compile(
    r"школ|лице[йя]|гимнази|интернат|\b(?:сош|оош|нош)\b|\b\w?[абк]?оу\b|#|_{3}"
)
# What hardly stands in the caption of a section, as «Работа со школьниками» does.
_SCHOOL_NAME = re.compile(
    r"\bшкола\b|\bлицей\b|\bгимназия\b|интернат|\b(?:сош|оош|нош)\b|\b\w?[абк]?оу\b|_{3}"
)
_MOST_WORDS = 12  # around the name of a place


def is_school_like(text: str) -> bool:
    """Whether a title may name a school, known or not."""
    return _SCHOOL_LIKE.search(fold_name(text)) is not None


def names_school(text: str, vocabulary: Vocabulary) -> bool:
    """Whether a text inside of a table names a school, known or not, and is no caption of a section."""
    known = bool(find_all_places([text], vocabulary))
    return known or _SCHOOL_NAME.search(fold_name(text)) is not None


def find_all_places(texts: Iterable[str], vocabulary: Vocabulary) -> set[tuple[str, str]]:
    """The places that titles name."""
    return {place for text in texts for place in _name_places(text, vocabulary)}


def _name_places(text: str, vocabulary: Vocabulary) -> frozenset[tuple[str, str]]:
    """The places that a title names and nothing else, but for words such as «отчёт за 2023 год»."""
    for name in strip_around(" ".join(text.replace("_", " ").split())):
        if found := vocabulary.find_places(name):
            return found
    return frozenset()


def strip_around(text: str) -> Iterator[str]:
    """The text, and what is left of it without the usual words before and after, step by step."""
    yield text
    words = text.split()
    for first in range(min(len(words), _MOST_WORDS)):
        lead = " ".join(words[:first])
        if first and not _is_usual(lead):
            continue
        for last in range(len(words), first, -1):
            tail = " ".join(words[last:])
            if not tail or _is_usual(tail):
                yield " ".join(words[first:last]).strip(" :,-")


def _is_usual(text: str) -> bool:
    rest = fold_name(text)
    while rest:
        match = _AROUND_NAME.match(rest)
        if match is None or not match[0]:
            return find_key_word(rest) is not None
        rest = rest[match.end() :]
    return True
