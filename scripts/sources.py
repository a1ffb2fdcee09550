"""Mend the line numbers in `docs/sources.md`, which says where each unclear place of the orders went.

A reference there is `definitions/<catalogue>/<file>.yaml:<line>` followed by the name that is
declared on that line, in brackets (that of an example in «»). Only the name and the file are
written by hand: run this after a change of a catalogue, and every line is looked up anew. A test
says when the page is out of date.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from engine.catalogue.build.catalogue import build_catalogue
from engine.catalogue.source import read_folder
from engine.problems import Position

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "sources.md"
REFERENCE = re.compile(
    r"`definitions/(?P<catalogue>[\w-]+)/(?P<file>[\w-]+\.yaml):(?P<line>\d+)`"
    r" \((?P<name>[\w.]+|«[^)]*»)\)"
)


@cache
def find_declarations(catalogue: str) -> dict[tuple[str, str], int]:
    """Return the line of every declaration of a catalogue: (file name, id) → line."""
    document, _problems = read_folder(ROOT / "definitions" / catalogue)
    if document is None:
        return {}
    built, _problems = build_catalogue(document)
    places: list[tuple[str, Position | None]] = [
        *((one.id, one.position) for one in built.inputs.values()),
        *((one.id, one.position) for one in built.indicators.values()),
        *((one.id, one.position) for one in built.events.values()),
        *((one.id, one.position) for one in built.forms.values()),
        *((one.id, one.position) for one in built.checks.values() if not one.automatic),
        *((one, document.position(("groups", one), key=True)) for one in built.groups),
        ("catalogue", document.position(("catalogue",), key=True)),
        ("publication", built.publication.position if built.publication else None),
        *(
            (f"«{one.name}»", document.position(("examples", at, "name")))
            for at, one in enumerate(built.examples)
        ),
    ]
    return {(Path(at.file).name, name): at.line for name, at in places if at is not None}


def mend_lines(text: str) -> str:
    """Return the page with the lines as they are; a name that is not there keeps line 0."""

    def mend(found: re.Match[str]) -> str:
        line = find_declarations(found["catalogue"]).get((found["file"], found["name"]), 0)
        path = f"definitions/{found['catalogue']}/{found['file']}"
        return f"`{path}:{line}` ({found['name']})"

    return REFERENCE.sub(mend, text)


def find_lost(text: str) -> Iterator[str]:
    """Yield every reference whose name its file does not declare."""
    for found in REFERENCE.finditer(text):
        if (found["file"], found["name"]) not in find_declarations(found["catalogue"]):
            yield f"{found['catalogue']}/{found['file']}: {found['name']}"


def main() -> int:
    """Mend the page and name what is lost."""
    text = mend_lines(PAGE.read_text(encoding="utf-8"))
    PAGE.write_text(text, encoding="utf-8", newline="\n")
    lost = list(find_lost(text))
    for reference in lost:
        print(f"Не найдено: {reference}", file=sys.stderr)
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
