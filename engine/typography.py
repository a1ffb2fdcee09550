"""How the program sets a text for a reader: spaces that hold, and quotes within quotes.

`set_type` is for what people read: the terminal, messages, reports, forms, the protocol. What a
program reads back (JSON, CSV, ids, names of files, lines of a source) stays as it is.
"""

from __future__ import annotations

import re

from engine.translation import chosen_language
from engine.units import NO_BREAK_SPACE, SHIPPED

_PLAIN = re.compile(" %|[0-9]-[0-9]")
_TO_INNER = str.maketrans("«»", "„“")

_ISO_DATE = re.compile("([0-9]{4})-([0-9]{2})-([0-9]{2})")

_WORDS = sorted(
    {word for unit in SHIPPED.values() for word in (unit.short, *unit.forms) if len(word) > 1}
    | {"г.", "гг.", "учебн", "тыс.", "шт.", "п."}
)
# A space that must not part a line: after №, before %, between a number and its unit in whatever
# case («9 классах»), after an initial, within «п. п.».
_HELD = re.compile(
    "(?<=№) (?=[0-9A-Za-zА-Яа-яЁё])"
    "|(?<=[^\\s|]) (?=%(?!}))"
    f"|(?<=[0-9]) (?={'|'.join(map(re.escape, _WORDS))}|ч\\b)"
    "|(?<=[0-9] тыс\\.) (?=руб)|(?<=[0-9] млн) (?=руб)|(?<=\\bп\\.) (?=п\\.)"
    r"|(?<=\b[А-ЯЁ]\.) (?=[А-ЯЁ](?:\.|[а-яё]))"
)
# A range of years, but not the number of an order, a part of a longer one or of a date, or what
# somebody wrote and is quoted: «2021-2023» must be found in her file.
_YEARS = re.compile(
    r"(?!(?<=«)[0-9]{4}-[0-9]{4}»)"
    rf"(?<![0-9.\-–/])(?<!№[ {NO_BREAK_SPACE}])((?:19|20)[0-9]{{2}})-((?:19|20)[0-9]{{2}})(?![0-9\-/])"
)
# A name of a file that stands in quotes.
_FILE_NAME = re.compile(
    r"«.*\.(?:xls[xmb]?|docx?|ods|csv|tsv|parquet|html|md|ya?ml|json|txt)»", re.DOTALL
)


def set_type(text: str) -> str:
    """The text as it is printed: spaces that hold, «… „…“ …» for what is quoted twice, 2022–2024.

    A name of a file that stands in quotes is left as it is, so that it is found by it.
    """
    if text.isascii() and not _PLAIN.search(text):
        return text
    parts = _split_quoted(close_quotes(text))
    if any(map(_FILE_NAME.fullmatch, parts)):
        return "".join(part if _FILE_NAME.fullmatch(part) else _set_part(part) for part in parts)
    return _set_part(text)


def _set_part(text: str) -> str:
    return _YEARS.sub(r"\1–\2", _HELD.sub(NO_BREAK_SPACE, nest_quotes(text)))


def write_date(text: str) -> str:
    """`2024-01-26` → `26.01.2024`, in English as it is; a text that is no date stays as it is."""
    if chosen_language() == "en":
        return text
    return _ISO_DATE.sub(r"\3.\2.\1", text)


def quote(text: str) -> str:
    """The text in quotes: «…», and within them „…“ in place of its own; in English “…”."""
    if chosen_language() == "en":
        return f"“{text}”"
    return _quote_russian(text)


def _quote_russian(text: str) -> str:
    return f"«{close_quotes(text).translate(_TO_INNER)}»"


def nest_quotes(text: str) -> str:
    """The text with „…“ in place of every «…» that stands within another.

    Where a quote is not closed, nobody knows what stands in it: that text stays as it is.
    """
    return "".join(
        _quote_russian(part[1:-1]) if part[:1] == "«" and part[-1] == "»" else part
        for part in _split_quoted(close_quotes(text))
    )


def close_quotes(text: str) -> str:
    """The text with a sign of its own for each end: «Технопарк «Кванториум» closes two by one."""
    lacking = text.count("«") - text.count("»")
    if lacking <= 0:
        return text
    signs, depth = [], 0
    for sign in text:
        signs.append(sign)
        depth += (sign == "«") - (sign == "»")
        while sign == "»" and lacking and depth > 0:
            signs.append("»")
            depth, lacking = depth - 1, lacking - 1
    return "".join(signs)


def _split_quoted(text: str) -> list[str]:
    """The text in parts, the outermost quotes and what is between them; whole if one is not closed."""
    if "«" not in text:
        return [text]
    parts, start, depth = [], 0, 0
    for at, sign in enumerate(text):
        if sign == "«":
            if depth == 0 and at > start:
                parts.append(text[start:at])
                start = at
            depth += 1
        elif sign == "»":
            depth -= 1
            if depth < 0:
                break
            if depth == 0:
                parts.append(text[start : at + 1])
                start = at + 1
    if depth:
        return [text]
    return [*parts, text[start:]] if start < len(text) else parts
