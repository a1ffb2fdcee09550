"""The files of a folder that `adopt` wrote, and whether its sources have changed since."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.files import digest_file, is_temporary

SOURCES, COPIES = "sources.yaml", "sources"
"""What is understood of each table, and the folder of copies; neither is a table of facts."""

FACTS, PROTOCOL, LINES = "adopted.csv", "adopted.json", "adopted.txt"
"""The facts; what they were made from and how every cell was counted; the protocol to be read."""


def is_adopted_file(file: Path) -> bool:
    """Whether a file or folder is one that `adopt` keeps beside the facts."""
    return file.name.casefold() in {SOURCES, COPIES, PROTOCOL, LINES}


def digest_sources(folder: Path) -> dict[str, str]:
    """sha256 of `sources.yaml` and of each copied file, by its path inside the folder."""
    files = [folder / SOURCES, *sorted((folder / COPIES).glob("*"))]
    return {
        file.relative_to(folder).as_posix(): digest_file(file)
        for file in files
        if file.is_file() and not is_temporary(file.name)
    }


def find_changed_sources(folder: Path) -> tuple[str, ...]:
    """What has changed, come or gone since `adopted.csv` was written; nothing in other folders."""
    if not (folder / SOURCES).is_file():
        return ()
    known = _read_digests(folder / PROTOCOL)
    present = digest_sources(folder)
    names = {name for name in {*known, *present} if known.get(name) != present.get(name)}
    return tuple(sorted(names))


def _read_digests(path: Path) -> Mapping[str, Any]:
    try:
        protocol = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    sources = protocol.get("sources") if isinstance(protocol, dict) else None
    return sources if isinstance(sources, dict) else {}
