"""What was published before: what its readers know already, and go on knowing.

A release carries the list of what it printed and what it hid. A number that was printed and has not
changed is known whatever is hidden now; where it has changed, the difference is known.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
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
_COLUMNS = 6


@dataclass(frozen=True, slots=True)
class Release:
    """The cells of an earlier publication: a number where it was printed, None where it was hidden."""

    catalogue: str
    cells: Mapping[PrintedCell, Fraction | None]


def list_release(catalogue: str, rows: Iterable[tuple[PrintedCell, str | None]]) -> dict[str, Any]:
    """The list that a publication carries: cells with the number as printed, None where hidden."""
    return {"catalogue": catalogue, "cells": [[*cell, printed] for cell, printed in rows]}


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
    return _read_list(listed) == release


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
            yield _read_list(listed)
        except (ValueError, TypeError, KeyError, AttributeError):
            continue


def _read_list(listed: Mapping[str, Any]) -> Release:
    cells = {}
    rows: Sequence[Sequence[Any]] = listed["cells"]
    for row in rows:
        if len(row) != _COLUMNS:
            raise ValueError(row)
        name, level, place, year, scenario, printed = row
        cell = PrintedCell(str(name), str(level), str(place), int(year), str(scenario))
        cells[cell] = None if printed is None else Fraction(printed)
    return Release(str(listed["catalogue"]), cells)
