"""The words of a template in the language of its catalogue.

A template is written in Russian, as a methodologist reads and changes it. Where a page is in another
language, the phrases of its text and of its constants are translated when it is compiled; a phrase
that has no translation (of a template that did not ship) stays as it is written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream

from engine.translation import translate_template

# A text between tags, quotes and the ends of lines that has a Cyrillic letter, or a sign that only
# Russian has; but not the name of a style of Word.
_PHRASE = re.compile(r'w:val="[^"]*"|([^<>"\n]*[А-Яа-яЁё№«»][^<>"\n]*)')
_SPACED = re.compile(r"((?:\s|&nbsp;)*)(.*?)((?:\s|&nbsp;)*)", re.DOTALL)
_KINDS = ("data", "string")
"""The tokens of a template that people read: its text, and constants in its tags."""


class TemplatePhrases(Extension):
    """Translates a template as it is compiled."""

    def filter_stream(self, stream: TokenStream) -> Iterable[Token]:
        """The tokens of the template, their phrases in the language in force."""
        for token in stream:
            if token.type in _KINDS:
                yield Token(token.lineno, token.type, translate_phrases(token.value))
            else:
                yield token


def translate_phrases(text: str) -> str:
    """The text with each of its phrases in the language in force."""
    return _PHRASE.sub(_translate, text)


def list_phrases(tokens: Iterable[Token]) -> Iterator[str]:
    """The phrases of a template, as its translation names them."""
    for token in tokens:
        if token.type in _KINDS:
            matches = _PHRASE.finditer(token.value)
            yield from (_part(match[1])[1] for match in matches if match[1])


def _translate(match: re.Match[str]) -> str:
    if not match[1]:
        return match[0]
    before, phrase, after = _part(match[1])
    return f"{before}{translate_template(phrase)}{after}"


def _part(text: str) -> tuple[str, str, str]:
    """The space before a phrase, the phrase, and the space after it."""
    before, phrase, after = _SPACED.fullmatch(text).groups()  # type: ignore[union-attr]
    return before, phrase, after
