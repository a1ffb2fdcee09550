"""What was published before: what its readers know already, and go on knowing.

A release carries the list of what it printed and what it hid. A number that was printed and has not
changed is known whatever is hidden now; where it has changed, the difference is known.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from engine.publication.printed_cells import PrintedCell

LIST = "published"
"""The key of the list in `datapackage.json`, and the id of the element that holds it in a page."""
_SCRIPT = re.compile(
    rf'<script type="application/json" id="{LIST}">(.*?)</script>'.encode(), re.DOTALL
)
_PACKAGE = "datapackage.json"


@dataclass(frozen=True, slots=True)
class ReleasedCell:
    """A cell of a publication: the number as it was printed, None where hidden; how many reported."""

    printed: str | None
    reported: int | None = None


@dataclass(frozen=True, slots=True)
class Release:
    """An earlier publication: its numbers, None where hidden, and by how many each was reported."""

    catalogue: str
    cells: Mapping[PrintedCell, Fraction | None]
    reported: Mapping[PrintedCell, int]


def list_release(catalogue: str, cells: Mapping[PrintedCell, ReleasedCell]) -> dict[str, Any]:
    """The list that a publication carries."""
    rows = [[*cell, each.printed, each.reported] for cell, each in cells.items()]
    return {"catalogue": catalogue, "cells": rows}


def read_releases(paths: Iterable[Path]) -> list[Release]:
    """The releases in these files and folders, in order; nothing of files that carry no list.

    OSError where one cannot be read.
    """
    releases = []
    for path in paths:
        files = sorted(path.iterdir()) if path.is_dir() else [path]
        releases += [release for file in files for release in _read_file(file)]
    return releases


def is_same_release(release: Release, listed: Mapping[str, Any]) -> bool:
    """Whether a release printed and hid just what a list says."""
    return read_list(listed) == release


def _read_file(path: Path) -> Iterable[Release]:
    if path.name == _PACKAGE:
        texts = [path.read_bytes()]
    elif path.suffix.lower() in {".html", ".htm"}:
        texts = _SCRIPT.findall(path.read_bytes())
    else:
        return
    for text in texts:
        try:
            content = json.loads(text)
            listed = content.get(LIST, content) if path.name == _PACKAGE else content
            yield read_list(listed)
        except (ValueError, TypeError, KeyError, AttributeError):
            continue


def read_list(listed: Mapping[str, Any]) -> Release:
    """The list of a publication, read back; ValueError, TypeError or KeyError of anything else."""
    cells: dict[PrintedCell, Fraction | None] = {}
    reported = {}
    for name, level, place, year, scenario, printed, count in listed["cells"]:
        cell = PrintedCell(str(name), str(level), str(place), int(year), str(scenario))
        cells[cell] = None if printed is None else Fraction(printed)
        if count is not None:
            reported[cell] = int(count)
    return Release(str(listed["catalogue"]), cells, reported)
