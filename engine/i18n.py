"""The language of messages: English in the source, Russian (the default) in `locale/`.

`_` and `ngettext` translate when they are called, so a message is in the language that was
chosen before it was made. The command line chooses once, at the start.
"""

from __future__ import annotations

import gettext as _gettext
import os
from struct import unpack_from
from typing import Any

LANGUAGES = ("ru", "en")
DOMAIN = "pokazatel"
CLICK_DOMAIN = "click"
"""What click says by itself: plain gettext reads the whole file that a message stands in."""
# No pathlib: it would take a quarter of the time that the help of the command line has.
FOLDER = os.path.join(os.path.dirname(__file__), "locale")  # noqa: PTH118, PTH120


class _Chosen:
    """The one translation in force."""

    language: str = "ru"
    translation: _gettext.NullTranslations | None = None


def choose_language(language: str) -> None:
    """Make `language` ("ru" or "en") the language of every later message."""
    _Chosen.language = language
    _Chosen.translation = None


def chosen_language() -> str:
    """The language in force: "ru" or "en"."""
    return _Chosen.language


def language_of_environment() -> str:
    """POKAZATEL_LANG, else English for an English locale, else Russian (C and POSIX too)."""
    for variable in ("POKAZATEL_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(variable, "")
        if value:
            return "en" if value.lower().startswith("en") else "ru"
    return "ru"


def _translation() -> _gettext.NullTranslations:
    if _Chosen.translation is None:
        _Chosen.translation = (
            _gettext.NullTranslations()
            if _Chosen.language == "en"
            else _gettext.translation(
                DOMAIN, FOLDER, languages=[_Chosen.language], class_=_Messages, fallback=True
            )
        )
    return _Chosen.translation


class _Messages(_gettext.NullTranslations):
    """The messages of a file, each decoded when it is said: of a thousand a command says a dozen.

    The library's own reader decodes them all, which took as long as reading a catalogue. The file
    is one of ours (`scripts/translations.py`): UTF-8, the low byte first.
    """

    def _parse(self, fp: Any) -> None:
        content = fp.read()
        _magic, _version, count, keys, values = unpack_from("<5I", content)
        self._said = dict(
            zip(_cut(content, count, keys), _cut(content, count, values), strict=True)
        )
        head = self._said.get(b"", b"").decode()
        _before, _colon, rule = head.partition("plural=")
        self._form = _gettext.c2py(rule.partition(";")[0] or "n != 1")

    def gettext(self, message: str) -> str:
        said = self._said.get(message.encode())
        return message if said is None else said.decode()

    def ngettext(self, one: str, many: str, count: int) -> str:
        forms = self._said.get(f"{one}\0{many}".encode())
        if forms is None:
            return super().ngettext(one, many, count)
        return forms.split(b"\0")[self._form(count)].decode()


def _cut(content: bytes, count: int, table: int) -> list[bytes]:
    """The texts of a table of the file: it says how long each is and where it begins."""
    said = unpack_from(f"<{2 * count}I", content, table)
    return [content[at : at + long] for long, at in zip(said[::2], said[1::2], strict=True)]


def gettext(message: str) -> str:
    """The message in the language in force."""
    return _translation().gettext(message)


def ngettext(one: str, many: str, count: int) -> str:
    """The message in the form that fits `count`."""
    return _translation().ngettext(one, many, count)


def N_(message: str) -> str:  # noqa: N802 - the word by which gettext's tools find such messages
    """A message that is translated when it is shown."""
    return message


def quote(text: str) -> str:
    """The text in quotes: «…», and within them „…“ in place of its own."""
    return f"«{text.translate(_INNER)}»"


def nest_quotes(text: str) -> str:
    """The text with „…“ in place of every «…» that stands within another."""
    told, depth = [], 0
    for sign in text:
        depth += sign == "«"
        told.append(sign.translate(_INNER) if depth > 1 else sign)
        depth -= sign == "»" and depth > 0
    return "".join(told)


_INNER = str.maketrans("«»", "„“")
