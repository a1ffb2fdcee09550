"""What was published before: what its readers know already, and go on knowing.

A release carries the list of what it printed and what it hid. A number that was printed and has not
changed is known whatever is hidden now; where it has changed, the difference is known.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

from engine.publication.printed_cells import PrintedCell

LIST = "published"
"""The key of the list in `datapackage.json`, and the id of the element that holds it in a page."""
_SCRIPT = re.compile(
    rf'<script type="application/json" id="{LIST}">(.*?)</script>'.encode(), re.DOTALL
)
PACKAGE = "datapackage.json"
"""The file of open data that says what stands in the others."""


@dataclass(frozen=True, slots=True)
class ReleasedCell:
    """A cell of a publication: the number as it was printed, None where hidden; how many reported.

    `class_id`: the class that stood beside it, empty where none did.
    """

    printed: str | None
    reported: int | None = None
    class_id: str = ""


@dataclass(frozen=True, slots=True)
class Release:
    """An earlier publication: its numbers, None where hidden, by how many each was reported, its classes."""

    catalogue: str
    cells: Mapping[PrintedCell, Fraction | None]
    reported: Mapping[PrintedCell, int]
    classes: Mapping[PrintedCell, str] = field(default_factory=dict)


def list_release(
    catalogue: str, cells: Mapping[PrintedCell, ReleasedCell], earlier: Iterable[Release] = ()
) -> dict[str, Any]:
    """The list that a publication carries; with the lists of those `earlier` that it remembers.

    So the last publication is enough for the next, also where it was written over the one before.
    """
    rows = [
        [*cell, each.printed, each.reported, *([each.class_id] if each.class_id else [])]
        for cell, each in cells.items()
    ]
    listed: dict[str, Any] = {"catalogue": catalogue, "cells": rows}
    before = [
        list_release(
            release.catalogue,
            {
                cell: ReleasedCell(
                    None if number is None else str(number),
                    release.reported.get(cell),
                    release.classes.get(cell, ""),
                )
                for cell, number in release.cells.items()
            },
        )
        for release in earlier
    ]
    if before:
        listed["earlier"] = before
    return listed


def read_releases(paths: Iterable[Path]) -> list[Release]:
    """The releases in these files and folders, each once, in order; nothing of files that carry no list.

    OSError where one cannot be read.
    """
    releases: list[Release] = []
    for path in paths:
        # A folder of pages may be called school.html.
        files = filter(Path.is_file, sorted(path.iterdir()) if path.is_dir() else [path])
        for file in files:
            releases += [release for release in _read_file(file) if release not in releases]
    return releases


def is_repeated(release: Release, listed: Mapping[str, Any]) -> bool:
    """Whether a release printed and hid just what a list says, of all that is in both."""
    now = read_list(listed)
    return all(now.cells.get(cell, each) == each for cell, each in release.cells.items()) and all(
        now.reported.get(cell, count) == count for cell, count in release.reported.items()
    )


def _read_file(path: Path) -> Iterable[Release]:
    if path.name == PACKAGE:
        texts = [path.read_bytes()]
    elif path.suffix.lower() in {".html", ".htm"}:
        texts = _SCRIPT.findall(path.read_bytes())
    else:
        return
    for text in texts:
        try:
            content = json.loads(text)
            listed = content.get(LIST, content) if path.name == PACKAGE else content
            yield from map(read_list, (*listed.get("earlier", ()), listed))
        except (ValueError, TypeError, KeyError, AttributeError):
            continue


def read_list(listed: Mapping[str, Any]) -> Release:
    """The list of a publication, read back; ValueError, TypeError or KeyError of anything else."""
    cells: dict[PrintedCell, Fraction | None] = {}
    reported, classes = {}, {}
    for name, level, place, year, scenario, printed, count, *class_id in listed["cells"]:
        cell = PrintedCell(str(name), str(level), str(place), int(year), str(scenario))
        cells[cell] = None if printed is None else Fraction(printed)
        if count is not None:
            reported[cell] = int(count)
        if class_id:
            classes[cell] = str(class_id[0])
    return Release(str(listed["catalogue"]), cells, reported, classes)
