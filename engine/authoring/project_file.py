"""`pokazatel.yaml` of the folder one stands in: what commands take where nothing is said.

Options and arguments win over it. It is read by the same rules as a catalogue, and never as part of one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

from engine.catalogue.load import find_catalogue, is_catalogue
from engine.catalogue.shape import check_by_schema
from engine.catalogue.source import PROJECT_FILE, Document, read_file
from engine.problems import Problem, has_errors

SCHEMA = Path(__file__).with_name("project.schema.json")
_OF_REPORTS = ("template", "output")
_LAST_YEAR = ("explain", "form")
"""Commands that look at one year and must be told which."""


@dataclass(frozen=True, slots=True)
class Project:
    """What the file says; empty where it says nothing."""

    catalogue: str = ""
    data: str = ""
    years: tuple[int, ...] = ()
    template: str = ""
    output: str = ""

    def list_defaults(self, command: str) -> dict[str, Any]:
        """What stands in for options of a command, by the name of its parameter."""
        defaults: dict[str, Any] = {"catalogue": self.catalogue, "data": self.data}
        defaults |= {"name": self.catalogue, "names": [self.catalogue] if self.catalogue else []}
        defaults["years"] = list(self.years)
        if command in _LAST_YEAR and self.years:
            defaults["year"] = max(self.years)
        if command == "report":
            defaults |= {name: getattr(self, name) for name in _OF_REPORTS}
        return {name: value for name, value in defaults.items() if value}


@cache
def read_project_schema() -> dict[str, Any]:
    """The JSON Schema of the file, with a description of every key in Russian."""
    schema: dict[str, Any] = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return schema


def read_project(folder: Path) -> tuple[Project | None, list[Problem]]:
    """What the file of a folder says, and what is wrong with it; None where there is none to use."""
    path = folder / PROJECT_FILE
    if not path.is_file():
        return None, []
    document, problems = read_file(path)
    if document is None or has_errors(problems):
        return None, problems
    problems += check_by_schema(document, read_project_schema())
    if has_errors(problems):
        return None, problems
    return _build(document), problems


def _build(document: Document) -> Project:
    written: Mapping[str, Any] = document.data.get("project") or {}
    known = {field.name for field in fields(Project)}
    values: dict[str, Any] = {
        key: document.text(("project", key)) for key in known if key in written
    }
    if "years" in written:
        values["years"] = tuple(written["years"])
    return Project(**values)


def find_left_out(
    project: Project,
    names: Sequence[str],
    values: Sequence[Any],
    definitions: str | None,
    *,
    is_typed: bool,
) -> tuple[list[str], list[str]]:
    """What is put before and after the arguments of a command that leaves its catalogue out.

    `names` are those of its arguments, `values` what was typed for each: a text, several, or neither.
    Of `diff` the later catalogue may be left out. Of others it is the first, which is left out where what
    stands first is no catalogue; `is_typed` is False of a line that a shell wants completed, where what
    is to follow is offered first.
    """
    words = [value if isinstance(value, str | tuple) and value else None for value in values]
    if not project.catalogue or len(words) < 2:  # noqa: PLR2004 - nothing follows a catalogue
        return [], []
    if tuple(names) == ("old", "new"):
        return [], [project.catalogue] if words[0] and not words[1] else []
    if names[0] != "name" or (words[0] is None and is_typed):
        return [], []
    named = words[0] is not None and _is_catalogue(str(words[0]), definitions)
    lacking = words[-1] is None or isinstance(words[-1], tuple)
    return ([project.catalogue] if lacking and not named else []), []


def _is_catalogue(word: str, definitions: str | None) -> bool:
    """Whether a word names a catalogue: an id that is known, or a folder that holds one."""
    folder, problems = find_catalogue(word, Path(definitions) if definitions else None)
    return not has_errors(problems) and is_catalogue(folder)
