"""What a template does wrong, told in the words of its author and at its line."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

import pytest

from engine.limits import Limits, raise_when_interrupted
from engine.problems import Position, Problem
from engine.reports.strangers.messages import FAILED, PAGE, pack
from engine.reports.template_mistakes import describe_failure, describe_mistake
from engine.reports.templates import TemplateError
from tests.test_report_sandbox import job, talk, template

FAILS, WRITTEN = "шаблон не выполнен: ", "шаблон не разобран: "


def told_of(folder: Path, text: str) -> dict[str, Any]:
    """What is told of a template whose second line is this."""
    kind, told = talk(job(folder, f"\n{text}"), (PAGE, pack({"years": (1, 2)})))
    assert kind == FAILED
    found: dict[str, Any] = json.loads(told)
    return found


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{% include 'нет.j2' %}", "рядом с шаблоном нет части «нет.j2»"),
        (
            "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
            "слишком глубокая вложенность, или шаблон без конца вызывает сам себя",
        ),
        (
            "{% for i in range(10**9) %}{% endfor %}",
            "ряд range слишком длинный: чисел не больше 100000",
        ),
        (
            "{% for i in range(10**30) %}{% endfor %}",
            "ряд range слишком длинный: чисел не больше 100000",
        ),
        ("{{ ''.__class__ }}", "«__class__» — под запретом"),
        ("{{ 1 / 0 }}", "деление на ноль"),
        ("{{ [][5] }}", "у «list» нет «5»"),
        ("{{ yeers }}", "такого нет: «yeers»; может быть, «years»?"),
        ("{{ {'total': 1}.totl }}", "у «dict» нет «totl»; может быть, «total»?"),
        ("{{ range.__self__ }}", "у «function» нет «__self__»"),
        ("{% include '../x.html.j2' %}", "рядом с шаблоном нет части «../x.html.j2»"),
    ],
)
def test_what_fails_is_told(tmp_path: Path, text: str, words: str) -> None:
    found = told_of(tmp_path, text)
    assert (found["code"], found["line"]) == ("template-failed", 2)
    assert found["message"] == FAILS + words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{{ years|summ }}", "нет фильтра «summ»"),
        ("{% foreach x in years %}", "«{% foreach %}» здесь не может стоять; может быть, «for»?"),
        ("{% for x in years %}", "«{% for … %}» не закрыт: нет «{% endfor %}»"),
        ("{% for x in years %}{% endif %}", "«{% endif %}» здесь не может стоять"),
        ("{{ years is none_such }}", "нет проверки «none_such»"),
        ("{{ }}", "перед «}}» нет имени"),
        ("{{ years", "нет «}}»: шаблон кончается раньше"),
        ("{{ (1 }}", "нужно «)», а стоит «}»"),
        ("{{ years. }}", "после «.» нет имени"),
        ("{{ ? }}", "«?» здесь не может стоять"),
        ("{# x", "нет «#}»: шаблон кончается раньше"),
        ("{% %}", "после «{%» нужно слово: if, for, set, include…"),
        ("{% set 5 = 6 %}", "значение можно дать только имени"),
        ("{% block a %}{% endblock %}{% block a %}{% endblock %}", "блок «a» стоит дважды"),
    ],
)
def test_what_is_miswritten_is_told(tmp_path: Path, text: str, words: str) -> None:
    found = told_of(tmp_path, text)
    assert (found["code"], found["line"]) == ("template-syntax", 2)
    assert found["message"] == WRITTEN + words


def test_a_page_that_takes_too_long_is_told_at_its_line(tmp_path: Path) -> None:
    endless = "\n{% for i in range(90000) %}{% for j in range(90000) %}{% endfor %}{% endfor %}"
    before = signal.getsignal(signal.SIGINT)
    try:
        raise_when_interrupted()
        asked = job(tmp_path, endless, Limits(seconds=0.2))
        kind, told = talk(asked, (PAGE, pack({"years": (1, 2)})))
    finally:
        signal.signal(signal.SIGINT, before)
    found = json.loads(told)
    assert (kind, found["code"], found["line"]) == (FAILED, "template-time", 2)
    assert found["message"] == "шаблон выполняется дольше 0.2 секунд"


def test_a_mistake_that_nobody_translated_is_told_as_it_is() -> None:
    assert describe_mistake("something quite new") == "something quite new"


def test_the_end_of_a_template_is_named() -> None:
    told = describe_mistake("expected token 'end of print statement', got 'end of template'")
    assert told == "нужно «}}», а стоит «конец шаблона»"


def test_what_happened_outside_a_template_has_the_file_and_no_line(tmp_path: Path) -> None:
    made = template(tmp_path, "x")
    problem = Problem("template-output", "так", Position("x"))
    assert describe_failure(TemplateError(problem), made) is problem
    found = describe_failure(MemoryError(), made)
    assert (found.code, found.message) == (
        "template-memory",
        "шаблону не хватает отведённой памяти",
    )
    assert str(found.position) == str(tmp_path / "x.html.j2")
    found = describe_failure(OverflowError("иное"), made)
    assert (found.code, found.message) == ("template-failed", FAILS + "иное")
