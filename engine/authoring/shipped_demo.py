"""A catalogue that ships and its demo data, written to a folder to try them in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from engine.authoring.editor_schema import (
    FILE,
    add_schema_line,
    make_editor_schema,
    name_schema,
    write_schema,
)
from engine.authoring.project_file import read_project_schema
from engine.catalogue.load import load
from engine.catalogue.source import PROJECT_FILE, list_catalogue_files
from engine.files import replace_file

PROJECT_SCHEMA = FILE.with_name("project.json")
"""Where the schema of the project file lies beside it."""
PROJECT_LINE = name_schema(PROJECT_SCHEMA)
DEMO = "demo"
"""The folder of demo data in a catalogue that ships."""


def read_demo_files(source: Path) -> Mapping[Path, bytes]:
    """Each file of a catalogue and of its demo data, relative to the goal, and what it holds.

    The files of the catalogue name the schema that lies beside them; a project file names both folders.
    """
    return dict(_list_contents(source))


def _list_contents(source: Path) -> Iterator[tuple[Path, bytes]]:
    for file in list_catalogue_files(source):
        text = add_schema_line(file.read_text("utf-8-sig"))
        yield Path(source.name, file.name), text.encode()
    schema = make_editor_schema(load(source)[0])
    yield Path(source.name, FILE), write_schema(schema)
    for file in sorted((source / DEMO).rglob("*")):
        if file.is_file() and not file.name.startswith((".", "__")):
            yield Path("data", file.relative_to(source / DEMO)), file.read_bytes()
    project = f"{PROJECT_LINE}\nproject:\n  catalogue: {source.name}\n  data: data\n"
    yield Path(PROJECT_FILE), project.encode()
    yield PROJECT_SCHEMA, write_schema(read_project_schema())


def find_edited_files(goal: Path, files: Mapping[Path, bytes]) -> list[Path]:
    """The files that lie where these should go and hold something else."""
    return [
        path
        for inside, content in files.items()
        if (path := goal / inside).is_file() and not _holds(path, content)
    ]


def find_foreign(goal: Path, files: Mapping[Path, bytes]) -> list[Path]:
    """What lies beside the files in the same folders, or is a folder where one of them should go.

    All files of a catalogue's folder and of a data folder are read, whoever wrote them.
    """
    instead = [path for inside in files if (path := goal / inside).exists() and not path.is_file()]
    folders = sorted({goal / inside.parts[0] for inside in files if inside.parts[1:]})
    beside = [
        path
        for folder in folders
        if folder.is_dir()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.relative_to(goal) not in files and path not in instead
    ]
    return [*instead, *(path for path in beside if not path.name.startswith("."))]


def _holds(path: Path, content: bytes) -> bool:
    return path.is_file() and path.read_bytes() == content


def write_demo(goal: Path, files: Mapping[Path, bytes]) -> None:
    """Write the files that are not there as they are, each whole or not at all.

    A stopped run can go on.
    """
    for inside, content in files.items():
        path = goal / inside
        if not _holds(path, content):
            path.parent.mkdir(parents=True, exist_ok=True)
            with replace_file(path) as file:
                file.write(content)
