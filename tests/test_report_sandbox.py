"""A stranger's template runs in a process of its own: what it may not do, eat or read."""

from __future__ import annotations

import io
import json
import os
import pickle
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from engine.limits import HELD_TOO_MUCH, Clock, Limits
from engine.problems import Problem
from engine.reports.passports import Passport
from engine.reports.render import open_report
from engine.reports.result_rows import LazyMapping
from engine.reports.strangers import child, sandbox
from engine.reports.strangers.messages import (
    DONE,
    FAILED,
    JOB,
    PAGE,
    UNKNOWN,
    VALUE,
    BrokenMessageError,
    pack,
    receive,
    send,
    unpack,
)
from engine.reports.strangers.sandbox import open_sandbox
from engine.reports.templates import Template, TemplateError, copy_template, list_templates
from tests.small_town import CATALOGUE, DATE, YEARS, FakeData, frame, rendered

QUICK = Limits(seconds=1.0, output=4 * 2**20)


def context() -> dict[str, Any]:
    return open_report(CATALOGUE, FakeData(), frame(), years=YEARS, date=DATE).context()


def template(folder: Path, text: str, name: str = "x.html.j2") -> Template:
    path = folder / name
    path.write_text(text, "utf-8")
    return Template(name, path, shipped=False, description="")


def problem_of(folder: Path, text: str, limits: Limits = QUICK) -> Problem:
    with (
        open_sandbox(template(folder, text), [folder], limits) as opened,
        pytest.raises(TemplateError) as caught,
    ):
        opened.press(context())
    return caught.value.problem


# --- time, memory, output ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("\n{% for i in range(10**9) %}{% endfor %}", "template-failed", 2),
        (
            "{% for i in range(90000) %}\n{% for j in range(90000) %}{% endfor %}\n{% endfor %}",
            "template-time",
            2,
        ),
        ("{% macro m() %}\n{{ m() }}{% endmacro %}{{ m() }}", "template-failed", 2),
        ("\n{{ 'a' * 10**10 }}", "template-memory", 2),
        ("\n\n{{ '%09999999999d' % 1 }}", "template-memory", 3),
        ("{{ 'a'.center(10**10) }}", "template-memory", 1),
        (
            (
                "{% set n = namespace(x=[1]) %}{% for i in range(60) %}\n"
                "{% set n.x = n.x + n.x %}{% endfor %}"
            ),
            "template-memory",
            2,
        ),
    ],
)
def test_who_takes_too_much_is_told_the_line(
    tmp_path: Path, text: str, code: str, line: int
) -> None:
    if code == "template-memory" and sys.platform == "darwin":
        pytest.skip("there the process ends without a line")
    problem = problem_of(tmp_path, text, QUICK if code == "template-time" else Limits())
    assert problem.code == code
    assert problem.position is not None
    assert problem.position.line == line


def test_who_prints_without_end_is_stopped(tmp_path: Path) -> None:
    text = "{% for i in range(50000) %}{{ 'a' * 10000 }}{% endfor %}"  # 500 MB
    problem = problem_of(tmp_path, text, Limits(seconds=30, output=4 * 2**20))
    assert problem.code == "template-output"
    assert "4 МБ" in problem.message


def test_who_keeps_the_process_busy_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A call that never comes back to Python cannot be interrupted, only ended."""
    monkeypatch.setattr(sandbox, "GRACE", 0.5)
    text = "{{ (9 ** (9 ** 9))|string|length }}"
    begun = time.monotonic()
    assert problem_of(tmp_path, text, Limits(seconds=0.5)).code == "template-time"
    assert time.monotonic() - begun < 20


def test_the_next_page_is_rendered_after_one_that_failed(tmp_path: Path) -> None:
    text = "{% if years|length > 1 %}{{ nothing }}{% endif %}{{ years|join }}"
    with open_sandbox(template(tmp_path, text), [tmp_path], QUICK) as opened:
        with pytest.raises(TemplateError):
            opened.press(context())
        assert opened.press(context() | {"years": (2023,)}) == b"2023"


def test_nothing_is_left_running(tmp_path: Path) -> None:
    with open_sandbox(template(tmp_path, "{{ years|join }}"), [tmp_path]) as opened:
        opened.press(context())
    assert opened.process.returncode is not None


# --- what it may read, and run -------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ ().__class__.__base__.__subclasses__() }}",
        "{{ catalogue.folder.read_text() }}",
        "{{ catalogue.folder }}",
        "{{ passports._fetch }}",
        "{{ proofs._fetch.__globals__ }}",
        "{{ rows._table }}",
        "{{ lipsum.__globals__['os'] }}",
        "{{ self.__init__.__globals__ }}",
        "{{ (rows|attr('__class__')) }}",
        "{{ '{0.__class__}'.format(1) }}",
        "{% include '../secret.html.j2' %}",
        "{% import '/etc/hostname' as x %}",
        "{% extends '../secret.html.j2' %}",
        "{% include 'C:\\\\Windows\\\\win.ini' %}",
        "{% set x = years.__setattr__('a', 1) %}",
    ],
)
def test_no_template_reaches_beyond_its_values(tmp_path: Path, text: str) -> None:
    (tmp_path / "secret.html.j2").write_text("secret", "utf-8")
    folder = tmp_path / "inside"
    folder.mkdir()
    problem = problem_of(folder, f"\n{text}")
    assert problem.code == "template-failed"
    assert problem.position is not None
    assert problem.position.line == 2
    assert "secret" not in problem.message.replace("secret.html.j2", "")


GUARDED = """
import sys
from pathlib import Path
from engine.limits import guard
guard([Path(sys.argv[1])])
{action}
"""


@pytest.mark.parametrize(
    ("action", "refused"),
    [
        ("open(sys.argv[1] + '/inside.txt').read()", False),
        ("open(sys.argv[1] + '/../outside.txt').read()", True),
        ("open(sys.argv[1] + '/inside.txt', 'w')", True),
        ("import os; os.system('exit 3')", True),
        ("import subprocess; subprocess.run(['x'])", True),
        ("import socket; socket.socket()", True),
        ("import os; os.remove(sys.argv[1] + '/inside.txt')", True),
        ("import json, decimal, colorsys", False),
    ],
)
def test_behind_the_sandbox_stands_a_guard(tmp_path: Path, action: str, refused: bool) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "inside.txt").write_text("x", "utf-8")
    (tmp_path / "outside.txt").write_text("x", "utf-8")
    done = subprocess.run(
        [sys.executable, "-c", GUARDED.format(action=action), str(folder)],
        cwd=Path(__file__).resolve().parent.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ("PermissionError" in done.stderr) == refused, done.stderr
    assert bool(done.returncode) == refused


def test_the_process_knows_no_secret_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "x")
    assert "SECRET_KEY" not in sandbox.bare_environment()
    assert all(
        Path(one).is_absolute()
        for one in sandbox.bare_environment()["PYTHONPATH"].split(os.pathsep)
    )


# --- the same pages ------------------------------------------------------------------------------


@pytest.mark.no_cover
@pytest.mark.parametrize(
    "name", [each.name for each in list_templates() if each.name.endswith(".j2")]
)
def test_a_copy_writes_the_same_bytes_as_what_shipped(tmp_path: Path, name: str) -> None:
    copied = copy_template(name, tmp_path)[0]
    assert rendered(str(copied)) == rendered(name)


def test_what_is_lazy_is_asked_for_from_inside(tmp_path: Path) -> None:
    text = (
        "{{ passports['diagnosed'].title }}|{{ passports[rows[0].indicator].clause }}|"
        "{{ proofs[rows[0]] }}|{{ 'open' in passports }}|{{ passports.get('nobody') }}"
    )
    with open_sandbox(template(tmp_path, text), [tmp_path], QUICK) as opened:
        page = opened.press(context()).decode()
    assert page == "Доля прошедших диагностику||None|True|None"
    problem = problem_of(tmp_path, "{{ passports['nobody'].title }}")
    assert "nobody" in problem.message


# --- messages ------------------------------------------------------------------------------------


def talk(*messages: tuple[bytes, bytes]) -> tuple[bytes, bytes]:
    """What the process answers last to these messages, served in this process."""
    source, goal = io.BytesIO(), io.BytesIO()
    for kind, content in messages:
        send(source, kind, content)
    source.seek(0)
    child.serve(source, goal, lambda *_asked: None)
    goal.seek(0)
    last = (b"", b"")
    while True:
        try:
            last = receive(goal)
        except BrokenMessageError:
            return last


def job(folder: Path, text: str, limits: Limits = QUICK) -> tuple[bytes, bytes]:
    return JOB, pickle.dumps((template(folder, text), (folder,), limits, "ru", None))


def test_the_process_serves_pages_until_there_are_none(tmp_path: Path) -> None:
    page = (PAGE, pack({"years": (1, 2)}))
    assert talk() == (b"", b"")
    assert talk(job(tmp_path, "{{ years|sum }}"), page, page) == (DONE, b"3")
    kind, told = talk(job(tmp_path, "{{ nothing }}"), page)
    assert (kind, json.loads(told)["code"]) == (FAILED, "template-failed")
    kind, told = talk(
        job(tmp_path, "{% for i in range(90000) %}{{ i }}{% endfor %}", Limits(output=9)), page
    )
    assert (kind, json.loads(told)["code"]) == (FAILED, "template-output")
    with pytest.raises(BrokenMessageError):
        talk(page)
    with pytest.raises(BrokenMessageError):
        talk(job(tmp_path, ""), (VALUE, b""))


def test_a_question_is_answered_or_not(tmp_path: Path) -> None:
    lazy = {"lazy": LazyMapping("lazy", {"a": 5}.__getitem__, ("a",))}
    asking = job(tmp_path, "{{ lazy['a'] }}{{ lazy.get('b', 7) }}")
    told = talk(asking, (PAGE, pack(lazy)), (VALUE, pack(5)), (UNKNOWN, b""))
    assert told == (DONE, b"57")
    answer = sandbox._answer
    assert answer(lazy, b'["lazy", "a"]') == (VALUE, pack(5))
    for question in (b'["lazy", "b"]', b'["years", "b"]', b"{}", b"not json", b'["lazy", {}]'):
        assert answer(lazy | {"years": (1,)}, question) == (UNKNOWN, b"")


def test_a_lazy_thing_is_asked_once() -> None:
    asked: list[Any] = []

    def fetch(key: Any) -> Any:
        asked.append(key)
        return {"a": 1}[key]

    lazy = LazyMapping("lazy", fetch, ("a", "b"))
    assert [lazy["a"], lazy["a"], len(lazy), list(lazy)] == [1, 1, 2, ["a", "b"]]
    assert asked == ["a"]
    with pytest.raises(KeyError):
        lazy["b"]


def test_what_is_packed_comes_back() -> None:
    def answer(name: str) -> Callable[[Any], Any]:
        return lambda key: (name, key)

    made: Mapping[str, Any] = unpack(pack(context()), answer)
    assert made["rows"][0] == context()["rows"][0]
    assert made["places"][0].tallies == context()["places"][0].tallies
    assert made["passports"]["x"] == ("passports", "x")
    assert isinstance(context()["passports"]["spread"], Passport)
    known: Mapping[str, Any] = unpack(pack(context(), CATALOGUE), answer, CATALOGUE)
    assert known["catalogue"] is CATALOGUE
    line = known["places"][0].groups[0].lines[0]
    assert line.indicator is CATALOGUE.indicators[line.id]


@pytest.mark.parametrize("content", [b"", b"\xff", b"[]", b"{}", b'{"code": 1, "line": "x"}'])
def test_a_process_that_talks_nonsense_is_not_believed(content: bytes) -> None:
    with pytest.raises(BrokenMessageError):
        sandbox.read_problem(content)


def test_a_message_may_not_be_longer_than_a_page() -> None:
    stream = io.BytesIO()
    send(stream, DONE, b"12345")
    stream.seek(0)
    with pytest.raises(BrokenMessageError):
        receive(stream, 4)


@pytest.mark.parametrize(
    ("script", "code"),
    [
        (f"import os; os._exit({HELD_TOO_MUCH})", "template-memory"),
        ("raise SystemExit", "template-stopped"),
        ("import sys; sys.stdout.write('Z' + chr(0) * 8)", "template-stopped"),
    ],
)
def test_a_process_that_ends_without_a_word_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, code: str
) -> None:
    real = subprocess.Popen
    monkeypatch.setattr(
        subprocess,
        "Popen",
        lambda _command, **more: real([sys.executable, "-c", script], **more),
    )
    assert problem_of(tmp_path, "x").code == code


def test_a_clock_stands_still_while_it_is_stopped() -> None:
    rung: list[int] = []
    clock = Clock(0.2, lambda: rung.append(1))
    clock.start()
    clock.stop()
    time.sleep(0.3)
    assert not rung
    assert clock.left > 0.1
    clock.start()
    time.sleep(0.4)
    assert rung == [1]
    assert clock.rang
