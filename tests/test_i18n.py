"""Messages: all of them in Russian, and the choice of the language."""

from __future__ import annotations

import re
import runpy
import string
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from engine.translation import (
    choose_language,
    chosen_language,
    gettext,
    language_of_environment,
    ngettext,
)

ROOT = Path(__file__).resolve().parent.parent
SCRIPT = runpy.run_path(str(ROOT / "scripts" / "translations.py"))
RUSSIAN = SCRIPT["read_translations"]("ru")
ENGLISH = SCRIPT["read_translations"]("en", "templates")
REWRITE = "run: python scripts/translations.py --missing"
# What a methodologist has no use for. A file may end in .yaml.
_NOT_SAID = re.compile(r"(?<![.*])yaml|pars(er|ing)|парсер|traceback|трейсбек", re.IGNORECASE)
# Messages that hold nothing but what is put into them.
_SIGNS_ALONE = re.compile(r"[^A-Za-z]*")


@cache
def today() -> Any:
    """The translations as the script would write them now."""
    return SCRIPT["update"](RUSSIAN, "ru")


@cache
def templates_today() -> Any:
    """The same of the words of templates."""
    return SCRIPT["update"](ENGLISH, "en", "templates")


def pairs() -> list[tuple[str, str, bool]]:
    """Each message with each of its translations, and whether it is one of a plural's forms."""
    found = []
    for message in RUSSIAN:
        if message.id:
            plural = isinstance(message.id, tuple)
            text = " ".join(message.id) if plural else message.id
            forms = message.string if plural else (message.string,)
            found += [(text, form, plural) for form in forms]
    return found


def fields(text: str) -> set[str]:
    return {str(name) for _text, name, _spec, _how in string.Formatter().parse(text) if name}


def test_nothing_is_untranslated() -> None:
    assert not SCRIPT["missing"](today()), REWRITE
    assert not SCRIPT["missing"](templates_today()), REWRITE


@pytest.mark.no_cover
def test_the_files_are_those_of_today() -> None:
    for words, now in ((("ru",), today()), (("en", "templates"), templates_today())):
        path: Path = SCRIPT["po_path"](*words)
        assert path.read_bytes() == SCRIPT["as_po"](now), REWRITE
        assert path.with_suffix(".mo").read_bytes() == SCRIPT["as_mo"](now), REWRITE


def test_every_word_of_a_template_is_english() -> None:
    said = [(message.id, message.string) for message in ENGLISH if message.id]
    assert len(said) > 400
    wrong = re.compile("[А-Яа-яЁё№«»]|[{}<>]")
    assert [pair for pair in said if wrong.search(pair[1])] == []


def test_the_script_writes_the_same_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path: Path = SCRIPT["po_path"]("ru")
    scope: dict[str, Any] = SCRIPT["main"].__globals__
    copy = tmp_path / "ru" / "LC_MESSAGES"
    copy.mkdir(parents=True)
    (copy / path.name).write_bytes(path.read_bytes())
    monkeypatch.setitem(scope, "LOCALE", tmp_path)
    monkeypatch.setitem(scope, "ROOT", tmp_path)
    monkeypatch.setitem(scope, "FILES", (("ru", "pokazatel"),))
    monkeypatch.setitem(scope, "collect_messages", lambda: iter([m.id for m in RUSSIAN if m.id]))
    assert SCRIPT["main"](["--missing"]) == 0
    assert (copy / path.name).read_bytes() == path.read_bytes()
    assert "missing 0" in capsys.readouterr().out


def mistakes(message: str, russian: str, plural: bool) -> list[str]:
    """What is wrong with a translation, each in a few words."""
    if "%(" in russian:
        kept = re.findall(r"%\(\w+\)s", russian) == re.findall(r"%\(\w+\)s", message)
    else:
        # A form of a plural need not name what another names; nor the kind of a path or a number,
        # which click says in English.
        spared = fields(message) if plural else {"name", "number_type"}
        kept = fields(message) - spared <= fields(russian) <= fields(message)
    signs_alone = _SIGNS_ALONE.fullmatch(re.sub(r"\{[^}]*\}", "", message))
    judged = {
        "quotes of another language": not re.search("[“”]", russian),
        "a word of programmers": not _NOT_SAID.search(russian),
        "other fields": kept,
        "not Russian": bool(signs_alone or re.search("[А-Яа-яЁё№]", russian)),
        "other spaces at the ends": [message[:1] == " ", message[-1:] == " "]
        == [russian[:1] == " ", russian[-1:] == " "],
    }
    return [mistake for mistake, right in judged.items() if not right]


def test_every_translation_is_russian_and_keeps_its_fields() -> None:
    translations = pairs()
    assert len(translations) > 1000
    wrong = {pair: found for pair in translations if (found := mistakes(*pair))}
    assert wrong == {}


@pytest.mark.parametrize(
    ("message", "russian", "mistake"),
    [
        ("file", "файл “а”", "quotes of another language"),
        ("file", "файл yaml", "a word of programmers"),
        ("{count} errors", "ошибок", "other fields"),
        ("{count} errors", "{count} ошибок в {path}", "other fields"),
        ("%(count)s errors", "ошибок: %(number)s", "other fields"),
        ("no errors", "no errors", "not Russian"),
        (" and {count}", "и {count}", "other spaces at the ends"),
    ],
)
def test_a_wrong_translation_is_noticed(message: str, russian: str, mistake: str) -> None:
    assert mistakes(message, russian, plural=False) == [mistake]


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "ru"),
        ({"LANG": "C"}, "ru"),
        ({"LC_ALL": "POSIX", "LANG": "en_US.UTF-8"}, "ru"),
        ({"LANG": "en_GB.UTF-8"}, "en"),
        ({"LC_MESSAGES": "en_US.UTF-8", "LANG": "ru_RU.UTF-8"}, "en"),
        ({"LANG": "ru_RU.UTF-8"}, "ru"),
        ({"LANG": "de_DE.UTF-8"}, "ru"),
        ({"POKAZATEL_LANG": "en", "LANG": "ru_RU.UTF-8"}, "en"),
        ({"POKAZATEL_LANG": "ru", "LANG": "en_US.UTF-8"}, "ru"),
    ],
)
def test_the_language_of_the_environment(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], language: str
) -> None:
    for name in ("POKAZATEL_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert language_of_environment() == language


def test_messages_follow_the_choice() -> None:
    choose_language("en")
    assert gettext("no errors") == "no errors"
    assert ngettext("{count} error", "{count} errors", 2) == "{count} errors"
    choose_language("ru")
    assert chosen_language() == "ru"
    assert gettext("no errors") == "ошибок нет"
    forms = [ngettext("{count} error", "{count} errors", n) for n in (1, 2, 5, 11, 21, 112)]
    assert [form.split()[1] for form in forms] == [
        "ошибка",
        "ошибки",
        "ошибок",
        "ошибок",
        "ошибка",
        "ошибок",
    ]
