"""Rendering a template that did not ship: in a process of its own, with limits, over messages."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from engine.catalogue.model import Catalogue
from engine.limits import HELD_TOO_MUCH, Clock, Limits
from engine.problems import Position, Problem
from engine.reports.result_rows import LazyMapping
from engine.reports.strangers.messages import (
    ASK,
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
)
from engine.reports.templates import Template, TemplateError
from engine.translation import chosen_language
from engine.translation import gettext as _

LIMITS = Limits()
GRACE = 3.0
"""Seconds the process has to report by itself that its time is over."""
_KEPT_VARIABLES = ("SYSTEMROOT", "WINDIR", "TEMP", "TMP", "LD_LIBRARY_PATH")


@contextmanager
def open_sandbox(
    template: Template, folders: Sequence[Path], limits: Limits = LIMITS
) -> Iterator[Sandbox]:
    """A process for the pages of one template; it ends with the block."""
    process = start_process("engine.reports.strangers.child")
    try:
        yield Sandbox(process, template, tuple(folders), limits)
    finally:
        end_process(process)


def start_process(module: str) -> subprocess.Popen[bytes]:
    """A process that runs a module, spoken to by its standard input and output."""
    return subprocess.Popen(
        [sys.executable, "-P", "-X", "utf8", "-m", module],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        # Threads of libraries would each reserve addresses by 64 MB, which count as taken memory.
        env={**bare_environment(), "MALLOC_ARENA_MAX": "1"},
        # Who interrupts the program interrupts it alone: the process ends with it anyway.
        start_new_session=True,
    )


def end_process(process: subprocess.Popen[bytes]) -> None:
    """Close what it is spoken to by, and end it."""
    for stream in (process.stdin, process.stdout):
        with suppress(OSError):
            stream and stream.close()
    process.kill()
    process.wait()


def bare_environment() -> dict[str, str]:
    """What the process knows of this one: where its modules are, and no secrets."""
    own = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    places = [str(Path(folder).absolute()) for folder in sys.path if folder]
    return {**own, "PYTHONPATH": os.pathsep.join(places), "PYTHONDONTWRITEBYTECODE": "1"}


@dataclass(slots=True)
class Sandbox:
    """The process, and what it renders."""

    process: subprocess.Popen[bytes]
    template: Template
    folders: tuple[Path, ...]
    limits: Limits
    begun: bool = False
    catalogue: Catalogue | None = None

    def press(self, context: Mapping[str, Any]) -> bytes:
        """The page of a context; TemplateError where the template fails or takes too much."""
        clock = Clock(self.limits.seconds + GRACE, self.process.kill)
        try:
            return self._talk(context, clock)
        except (BrokenMessageError, BrokenPipeError):
            raise TemplateError(self._tell_end(clock)) from None
        finally:
            clock.stop()

    def _talk(self, context: Mapping[str, Any], clock: Clock) -> bytes:
        source, sink = self._streams()
        if not self.begun:
            self.catalogue = context.get("catalogue")
            job = (self.template, self.folders, self.limits, chosen_language(), self.catalogue)
            send(sink, JOB, pack(job))
            self.begun = True
        send(sink, PAGE, pack(context, self.catalogue))
        while True:
            clock.start()
            kind, content = receive(source, self.limits.output)
            # While this side answers, the time of the page stands still.
            clock.stop()
            if kind == DONE:
                return content
            if kind == FAILED:
                raise TemplateError(read_problem(content))
            if kind != ASK:
                raise BrokenMessageError
            send(sink, *_answer(context, content))

    def _streams(self) -> tuple[IO[bytes], IO[bytes]]:
        source, sink = self.process.stdout, self.process.stdin
        if source is None or sink is None:
            raise BrokenMessageError
        return source, sink

    def _tell_end(self, clock: Clock) -> Problem:
        """Why the process ended without a word."""
        where = Position(str(self.template.path))
        if clock.rang:
            message = _("the template takes more than {seconds} seconds")
            message = message.format(seconds=f"{self.limits.seconds:g}")
            return Problem("template-time", message, where)
        self.process.kill()
        ended = self.process.wait()
        if ended == HELD_TOO_MUCH:
            return Problem("template-memory", _("the template takes too much memory"), where)
        message = _("the template was stopped: it takes too much, or does what it may not")
        return Problem("template-stopped", message, where)


def _answer(context: Mapping[str, Any], question: bytes) -> tuple[bytes, bytes]:
    """What the lazy thing of a name says of a key."""
    try:
        name, key = json.loads(question)
        answers = context[name]
        if not isinstance(answers, LazyMapping):
            return UNKNOWN, b""
        return VALUE, pack(answers[tuple(key) if isinstance(key, list) else key])
    except (KeyError, TypeError, ValueError):
        return UNKNOWN, b""


def read_problem(content: bytes) -> Problem:
    """The problem in a message of the process; BrokenMessageError where it is none."""
    try:
        message = json.loads(content)
        position = Position(str(message.get("file", "")), int(message.get("line", 0)))
        return Problem(str(message["code"]), str(message["message"]), position)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise BrokenMessageError from None
