"""Where a chart that did not ship is drawn: a process of its own, with limits.

A spec may ask for more than a machine has; then this process ends, and the report says so.
"""

from __future__ import annotations

import json
import subprocess
import sys
import weakref
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from engine.limits import Clock, limit_data
from engine.problems import Position, Problem
from engine.reports.charts import LARGEST, draw
from engine.reports.strangers.messages import DONE, FAILED, PAGE, BrokenMessageError, receive, send
from engine.reports.strangers.sandbox import end_process, read_problem, start_process
from engine.reports.templates import TemplateError
from engine.translation import choose_language, chosen_language
from engine.translation import gettext as _

SECONDS = 60.0
MEMORY = 1024 * 2**20
"""What the process may hold: the half is what vl-convert takes to start."""


class ChartProcess:
    """Draws charts that did not ship; the process is begun by the first and ends with this."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self.seconds = seconds
        self._process: subprocess.Popen[bytes] | None = None

    def draw(self, spec: str, points: Sequence[Mapping[str, Any]], path: Path) -> str:
        """As `charts.draw`; TemplateError also where it takes too much time or memory."""
        process = self._begin()
        clock = Clock(self.seconds, process.kill)
        try:
            kind, content = self._talk(process, (spec, list(points), str(path)), clock)
        except (BrokenMessageError, BrokenPipeError):
            self._process = None
            message = _("the chart takes too much time or memory")
            raise TemplateError(Problem("chart-stopped", message, Position(str(path)))) from None
        finally:
            clock.stop()
        if kind == FAILED:
            raise TemplateError(read_problem(content))
        return content.decode()

    def _talk(
        self, process: subprocess.Popen[bytes], job: tuple[Any, ...], clock: Clock
    ) -> tuple[bytes, bytes]:
        if process.stdin is None or process.stdout is None:
            raise BrokenMessageError
        clock.start()
        send(process.stdin, PAGE, json.dumps([chosen_language(), *job]).encode())
        return receive(process.stdout, 4 * LARGEST)

    def _begin(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            self._process = start_process("engine.reports.strangers.chart_process")
            weakref.finalize(self, end_process, self._process)
        return self._process


def draw_requests() -> None:
    """Draw whatever comes on standard input, until nothing does."""
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr
    limit_data(MEMORY)
    while True:
        try:
            _kind, content = receive(source)
        except BrokenMessageError:
            return
        language, spec, points, path = json.loads(content)
        choose_language(language)
        try:
            drawn = draw(spec, points, Path(path))
        except TemplateError as error:
            send(sink, FAILED, json.dumps(error.problem.as_json()).encode())
        else:
            send(sink, DONE, drawn.encode())


if __name__ == "__main__":
    draw_requests()
