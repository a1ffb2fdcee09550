"""How texts are set, and that every surface sets them so."""

from __future__ import annotations

import re
from collections.abc import Iterator

_MISTAKES = {
    "a space before %": re.compile(r"(?<=[^\s|]) %(?!})"),
    "a space after №": re.compile(r"№ (?=\w)"),
    "a hyphen between years": re.compile(
        r"(?<![\d.\-–/])(?<!№.)(?:19|20)\d\d-(?:19|20)\d\d(?![\d\-/])"
    ),
    "a unit twice": re.compile(r"%\W{0,3}%|(чел\.|руб\.|п\.\s?п\.)\s*,?\s*\1"),
    "a space before a unit": re.compile(
        r"\d (?:чел\.|руб\.|тыс\.|млн|ед\.|балл|школ|класс|п\.\s?п\.)"
    ),
}
_FILES = re.compile(r"\S*\.(?:xlsx|csv|docx|html|yaml)\b.*")


def find_mistakes(text: str) -> Iterator[str]:
    """What is set wrongly in a text; names of files, which stay as they are, are passed over."""
    shown = text if not _FILES.search(text) else ""
    yield from (name for name, mistake in _MISTAKES.items() if mistake.search(shown))
    depth = 0
    for sign in shown:
        if sign == "«" and depth:
            yield "« within «"
        depth += (sign == "«") - (sign == "»")
    if depth > 0:
        yield "« without »"
