"""A problem is data: where it is, what was found, what is expected, how to mend it.

Problems are collected and returned, sorted and printed at the very end; an exception is for a
mistake of the programmer only.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from engine.i18n import gettext as _

Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in a text file (line, column: from 1, in characters) or in a sheet (sheet, cell).

    `excerpt` is the text of the line, `length` how many characters of it are meant.
    """

    file: str
    line: int = 0
    column: int = 0
    length: int = 1
    excerpt: str = ""
    sheet: str = ""
    cell: str = ""

    def __str__(self) -> str:
        """`file:line:column`, or `file, sheet «…», D12`: what an editor or a person follows."""
        text = self.file
        if self.line:
            text += f":{self.line}"
        if self.line and self.column:
            text += f":{self.column}"
        if self.sheet:
            text += ", " + _("sheet “{sheet}”").format(sheet=self.sheet)
        if self.cell:
            text += f", {self.cell}"
        return text


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong. `code` is stable; `message` and `hint` are in the user's language."""

    code: str
    message: str
    position: Position | None = None
    hint: str = ""
    severity: Severity = "error"

    def as_json(self) -> dict[str, str | int]:
        """The object of interface.md, "Problems"; absent keys omitted."""
        position = self.position or Position("")
        pairs: dict[str, str | int] = {
            "file": position.file,
            "line": position.line,
            "column": position.column,
            "sheet": position.sheet,
            "cell": position.cell,
            "severity": self.severity,
            "code": self.code,
            "message": self.message,
            "hint": self.hint,
        }
        return {key: value for key, value in pairs.items() if value}


def sort_problems(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """By file and position, each problem once."""

    def place(problem: Problem) -> tuple[Position, str, str]:
        return (problem.position or Position(""), problem.code, problem.message)

    return tuple(sorted(dict.fromkeys(problems), key=place))


def has_errors(problems: Iterable[Problem]) -> bool:
    """Whether one of them is an error: then the exit code is 1."""
    return any(problem.severity == "error" for problem in problems)


def show_problem(problem: Problem) -> str:
    """The problem as text: a line to click, the source line with the span underlined, the fix."""
    label = {"error": _("error"), "warning": _("warning"), "note": _("note")}[problem.severity]
    where = f"{problem.position}: " if problem.position and str(problem.position) else ""
    lines = [f"{where}{label}: {problem.message}"]
    position = problem.position
    if position and position.excerpt and position.column:
        # A long line is cut around the span, so that the underline stays under it on any screen.
        start = max(0, position.column - 60)
        excerpt = position.excerpt[start : start + 110]
        offset = position.column - 1 - start
        length = max(1, min(position.length, len(excerpt) - offset))
        lead = "".join("\t" if sign == "\t" else " " for sign in excerpt[:offset])
        lines += [f"    {excerpt}", f"    {lead}{'^' * length}"]
    if problem.hint:
        lines.append(f"    {problem.hint}")
    return "\n".join(lines)


def nearest_name(name: str, names: Iterable[str]) -> str | None:
    """The known name closest to a misspelt one, or None where nothing is near."""
    known = {candidate.lower(): candidate for candidate in names}
    found = difflib.get_close_matches(name.lower(), list(known), n=1, cutoff=0.6)
    return known[found[0]] if found else None


def suggest_name(name: str, names: Iterable[str]) -> str:
    """The hint "did you mean …", empty where nothing is near."""
    nearest = nearest_name(name, names)
    return _("did you mean “{name}”?").format(name=nearest) if nearest else ""
