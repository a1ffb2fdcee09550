"""A catalogue that ships and its demo data, copied to a folder to try them in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from engine.files import replace_file

DEMO = "demo"
"""The folder of demo data in a catalogue that ships."""


def list_demo_files(source: Path) -> Mapping[Path, Path]:
    """Where each file of a catalogue and of its demo data goes → the file, relative to the goal."""
    return dict(_pair_files(source))


def _pair_files(source: Path) -> Iterator[tuple[Path, Path]]:
    for file in sorted(source.rglob("*")):
        inside = file.relative_to(source)
        if not file.is_file() or any(part.startswith((".", "__")) for part in inside.parts):
            continue
        if inside.parts[0] == DEMO:
            yield Path("data", *inside.parts[1:]), file
        else:
            yield Path(source.name, inside), file


def find_foreign(goal: Path, files: Mapping[Path, Path]) -> list[Path]:
    """What is somebody's own: what lies where a file should go, or beside it in the same folder.

    All files of a catalogue's folder and of a data folder are read, whoever wrote them.
    """
    instead = [
        goal / inside
        for inside, file in files.items()
        if (goal / inside).exists() and not _is_same(goal / inside, file)
    ]
    folders = sorted({goal / inside.parts[0] for inside in files})
    beside = [
        path
        for folder in folders
        if folder.is_dir()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.relative_to(goal) not in files and path not in instead
    ]
    return [*instead, *(path for path in beside if not path.name.startswith("."))]


def _is_same(one: Path, other: Path) -> bool:
    return one.is_file() and one.read_bytes() == other.read_bytes()


def copy_demo(goal: Path, files: Mapping[Path, Path]) -> None:
    """Copy the files that are not there yet, each whole or not at all: a stopped run can go on."""
    for inside, file in files.items():
        path = goal / inside
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            with replace_file(path) as copy:
                copy.write(file.read_bytes())
