"""The process in which a stranger's template is rendered, page after page.

It is started by `sandbox.py` and speaks by `messages.py`. Time and memory are limited, files
outside the templates are refused; a failure is reported with its line where that is possible.
"""

from __future__ import annotations

import _thread
import json
import pickle
import sys
from collections.abc import Callable
from datetime import date as Date  # noqa: N812 - as everywhere in reports
from functools import partial
from pathlib import Path
from typing import IO, Any

from engine.catalogue.model import Catalogue
from engine.limits import (
    Clock,
    Limits,
    TimeUpError,
    guard,
    limit_memory,
    raise_when_interrupted,
)
from engine.problems import Problem
from engine.reports.environment import make_environment
from engine.reports.filters import date
from engine.reports.result_rows import Fetch
from engine.reports.strangers.messages import (
    ASK,
    DONE,
    FAILED,
    JOB,
    PAGE,
    VALUE,
    BrokenMessageError,
    receive,
    send,
    unpack,
)
from engine.reports.template_mistakes import describe_failure, find_line
from engine.reports.templates import Template
from engine.reports.writers import write_page
from engine.translation import choose_language
from engine.translation import gettext as _

_Job = tuple[Template, tuple[Path, ...], Limits, str, Catalogue | None]
"""The template, the folders of its parts, the limits of a page, the language, the catalogue."""


def serve_requests() -> None:
    """Serve whoever started this process; standard input and output are theirs alone."""
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr
    raise_when_interrupted()
    serve(source, sink, _confine)


def _confine(folders: tuple[Path, ...], limits: Limits) -> None:
    # What dates are printed with looks at files of the system when it is first used.
    date(Date(2000, 1, 1))
    limit_memory(limits.memory)
    guard(folders)


def serve(
    source: IO[bytes], sink: IO[bytes], confine: Callable[[tuple[Path, ...], Limits], None]
) -> None:
    """Render each page that comes, until none does; `confine` is called before the first."""
    try:
        kind, content = receive(source)
    except BrokenMessageError:
        return
    if kind != JOB:
        raise BrokenMessageError
    job: _Job = pickle.loads(content)  # noqa: S301 - from the program that started this
    template, folders, limits, language, catalogue = job
    choose_language(language)
    environment = make_environment(template, folders)
    ready = False
    while True:
        try:
            kind, content = receive(source)
        except BrokenMessageError:
            return
        if kind != PAGE:
            raise BrokenMessageError
        clock = Clock(limits.seconds, _thread.interrupt_main)
        context = unpack(content, partial(_ask, source, sink, clock), catalogue)
        if not ready:
            confine(folders, limits)
            ready = True
        try:
            clock.start()
            page = write_page(template, environment, context, limits.output)
            clock.stop()
        except (Exception, TimeUpError) as error:  # noqa: BLE001 - a template may do anything wrong
            clock.stop()
            send(sink, FAILED, _tell(error, template, limits))
        else:
            send(sink, DONE, page)


def _ask(source: IO[bytes], sink: IO[bytes], clock: Clock, name: str) -> Fetch:
    def fetch(key: Any) -> Any:
        clock.stop()
        send(sink, ASK, json.dumps([name, key], default=repr).encode())
        kind, content = receive(source)
        clock.start()
        if kind != VALUE:
            raise KeyError(key)
        return pickle.loads(content)  # noqa: S301 - from the program that started this

    return fetch


def _tell(error: BaseException, template: Template, limits: Limits) -> bytes:
    problem = describe_failure(error, template)
    if isinstance(error, TimeUpError):
        message = _("the template takes more than {seconds} seconds")
        message = message.format(seconds=f"{limits.seconds:g}")
        problem = Problem("template-time", message, find_line(error.__traceback__, template))
    return json.dumps(problem.as_json(), ensure_ascii=False).encode()


if __name__ == "__main__":
    serve_requests()
