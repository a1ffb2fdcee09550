"""The language of messages: English in the source, Russian (the default) in `locale/`.

`_` and `ngettext` translate when they are called, so a message is in the language that was
chosen before it was made. The command line chooses once, at the start.
"""

from __future__ import annotations

import gettext as standard
import os
from pathlib import Path

LANGUAGES = ("ru", "en")
DOMAIN = "pokazatel"
LOCALE_FOLDER = Path(__file__).with_name("locale")


class _Chosen:
    """The one language in force, and its messages."""

    language: str
    translation: standard.NullTranslations


def choose_language(language: str) -> None:
    """Make `language` ("ru" or "en") the language of every later message."""
    _Chosen.language = language
    # English has no folder: its messages are those of the source.
    _Chosen.translation = standard.translation(DOMAIN, LOCALE_FOLDER, [language], fallback=True)


choose_language("ru")


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


def gettext(message: str) -> str:
    """The message in the language in force."""
    return _Chosen.translation.gettext(message)


def ngettext(one: str, many: str, count: int) -> str:
    """The message in the form that fits `count`."""
    return _Chosen.translation.ngettext(one, many, count)


def N_(message: str) -> str:  # noqa: N802 - the word by which gettext's tools find such messages
    """A message that is translated when it is shown."""
    return message
