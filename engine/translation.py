"""The language in force: of messages that of the person, of what is printed that of its catalogue.

Messages are English in the source, and Russian (the default) by `locale/ru/`. Templates are the other
way round, because methodologists read and copy them: Russian in the source, and English by the second
domain, `locale/en/`. Everything is translated when it is printed, so it is in the language that was
chosen before. The command line chooses the person's once, at the start; what is made of a catalogue
(a report, a form, a protocol, a table of its numbers) is made with `use_language(catalogue.language)`.
"""

from __future__ import annotations

import gettext as standard
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LANGUAGES = ("ru", "en")
DOMAIN = "pokazatel"
TEMPLATES = "templates"
LOCALE_FOLDER = Path(__file__).with_name("locale")


class _Chosen:
    """The one language in force, its messages and the words of templates in it."""

    language: str
    translation: standard.NullTranslations
    of_templates: standard.NullTranslations


def choose_language(language: str) -> None:
    """Make `language` ("ru" or "en") the language of every later message."""
    _Chosen.language = language
    # What has no translation is in the language of the source: messages in English, templates in Russian.
    _Chosen.translation, _Chosen.of_templates = (
        standard.translation(domain, LOCALE_FOLDER, [language], fallback=True)
        for domain in (DOMAIN, TEMPLATES)
    )


choose_language("ru")


def chosen_language() -> str:
    """The language in force: "ru" or "en"."""
    return _Chosen.language


@contextmanager
def use_language(language: str) -> Iterator[None]:
    """Everything printed meanwhile is in a catalogue's language, if it is one that is spoken."""
    before = chosen_language()
    choose_language(language if language in LANGUAGES else before)
    try:
        yield
    finally:
        choose_language(before)


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


def translate_template(text: str) -> str:
    """A text of a template in the language in force; as it is written where it has no translation."""
    return _Chosen.of_templates.gettext(text) if text else text


def N_(message: str) -> str:  # noqa: N802 - the word by which gettext's tools find such messages
    """A message that is translated when it is shown."""
    return message
