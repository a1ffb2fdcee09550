"""The order of things: a folder → a checked `Catalogue`. And where catalogues lie.

1. Read: files become plain data, with the place of every key and value (`source`); what they use of
   libraries is put in (`libraries`).
2. Shape: JSON Schema, in the author's words (`shape`).
3. Build: frozen objects with compiled formulas (`build`).
4. Measure: units of every formula, conversions of scaled ones (`formula_units`).
5. Rules: what JSON Schema cannot express (`rules`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from engine.catalogue.build.catalogue import build_catalogue
from engine.catalogue.causes import name_causes
from engine.catalogue.libraries import use_libraries
from engine.catalogue.model import Catalogue, Indicator, Input
from engine.catalogue.rules import RULES
from engine.catalogue.shape import check_shape
from engine.catalogue.source import list_catalogue_files, read_folder
from engine.problems import Position, Problem, sort_problems, suggest_name
from engine.translation import gettext as _

# What only follows from a misspelt key.
_OF_KEYS = frozenset(("missing-unit", "missing-formula", "missing-options"))

_NEAR = Path("definitions")  # where a checkout, or a folder of work, holds its catalogues
_HEAD = rb"(?:\xef\xbb\xbf)?([\"']?)%b\1\s*:\s*(?:[#{&!].*)?$"


def load(path: str | Path) -> tuple[Catalogue | None, tuple[Problem, ...]]:
    """The catalogue in a folder and all its problems, sorted; None where nothing can be built."""
    # 1. Read.
    document, problems = read_folder(Path(path))
    if document is not None:
        document, more = use_libraries(document)
        problems += more
    if document is None:
        return None, sort_problems(problems)
    # 2. Shape.
    unreadable = {_place(problem) for problem in problems}
    shape = [problem for problem in check_shape(document) if _place(problem) not in unreadable]
    problems = [*problems, *shape]
    # 3. Build; 4. measure.
    catalogue, more = build_catalogue(document)
    # 5. Rules.
    for rule in RULES:
        more += rule(catalogue)
    kept = [*problems, *_leave_out_follow_ups(catalogue, more, problems)]
    return catalogue, sort_problems(name_causes(catalogue, document, kept))


def _leave_out_follow_ups(
    catalogue: Catalogue, problems: Iterable[Problem], shape: Iterable[Problem]
) -> Iterator[Problem]:
    """The problems without those that a mistake of shape has reported at the same place.

    A misspelt `formula:` is one mistake: that there is no formula only follows from it.
    """
    errors = [problem.position for problem in shape if problem.position]
    places = {_place(problem) for problem in shape if problem.position}
    lines = {place[:2] for place in places}
    things: tuple[Input | Indicator, ...] = (
        *catalogue.inputs.values(),
        *catalogue.indicators.values(),
    )
    declared = {thing.position: thing.positions.values() for thing in things if errors}
    for problem in problems:
        place = problem.position
        if place and _place(problem) in places:
            continue
        inside = (place, *declared.get(place, ())) if problem.code in _OF_KEYS else ()
        if not any(key and (key.file, key.line) in lines for key in inside):
            yield problem


def _place(problem: Problem) -> tuple[str, int, int]:
    place = problem.position or Position("")
    return place.file, place.line, place.column


# --- where catalogues lie --------------------------------------------------------------------------


def find_definitions() -> Path:
    """The folder of the catalogues that ship: beside the package in a checkout, in it otherwise."""
    package = Path(__file__).resolve().parents[1]
    inside = package / "definitions"
    return inside if inside.is_dir() else package.parent / "definitions"


def list_catalogues(definitions: Path | None = None) -> tuple[Path, ...]:
    """The folders of all catalogues below `definitions` (those that ship, where None), by name."""
    root = definitions or find_definitions()
    if not root.is_dir():
        return ()
    return tuple(
        folder
        for folder in sorted(root.iterdir())
        if folder.is_dir() and list_catalogue_files(folder) and not is_library(folder)
    )


def list_in_sight() -> tuple[Path, ...]:
    """The folders of catalogues in the current folder and in its `definitions`, relative to it."""
    roots = (Path(), _NEAR)
    return tuple(f for root in roots for f in list_catalogues(root) if is_catalogue(f))


def list_all(definitions: Path | None = None) -> tuple[Path, ...]:
    """Every catalogue that has an id, each folder once: those in sight, then those that ship.

    With `definitions`, those below it alone.
    """
    if definitions is not None:
        return list_catalogues(definitions)
    return _list_apart((*list_in_sight(), *map(_shorten, list_catalogues())))


def find_catalogue(name: str, definitions: Path | None = None) -> tuple[Path, list[Problem]]:
    """The folder of a catalogue given by a path or by its id, and notes on the choice.

    An id is looked for below `definitions`; without it, in the current folder, in its `definitions`
    and among those that ship. Where several folders fit, or one has the name and no `catalogue:`, a
    note says which is read. An error where there is none. A path as the user wrote it stays so:
    problems print it.
    """
    path = Path(name)
    named = _list_named(name, definitions) if path.name == name else []
    folder = next(
        (
            candidate
            for candidate in named
            if definitions or is_catalogue(candidate) or is_library(candidate)
        ),
        None,
    )
    if folder is not None:
        others = [candidate for candidate in named if candidate != folder]
        return folder, [_note_choice(name, folder, others)] if others else []
    if path.is_dir():
        return path, []
    if path.is_file():
        message = _("“{name}” is a file, a catalogue is a folder").format(name=name)
        hint = _("name its folder: {folder}").format(folder=path.parent.as_posix())
        return path, [Problem("no-catalogue", message, Position(path.as_posix()), hint)]
    ids = sorted({folder.name for folder in list_all(definitions)})
    hint = suggest_name(name, ids)
    if name == Path.cwd().name and is_catalogue(Path()):
        hint = _(
            "you are inside its folder: go up to the folder that holds it, or write . in its place"
        )
    return path, [
        Problem(
            "no-catalogue",
            _("there is no catalogue “{name}”, neither of this id nor in such a folder").format(
                name=name
            ),
            None,
            hint or (_("there are: {ids}").format(ids=", ".join(ids)) if ids else ""),
        )
    ]


def _list_named(name: str, definitions: Path | None) -> list[Path]:
    """The folders of this name with files of a catalogue's kind, in the order of `find_catalogue`."""
    roots = [definitions] if definitions else [Path(), _NEAR, find_definitions()]
    folders = (_shorten(root / name) for root in roots)
    return list(_list_apart(f for f in folders if f.is_dir() and list_catalogue_files(f)))


def _list_apart(folders: Iterable[Path]) -> tuple[Path, ...]:
    """The folders, each once however it is written."""
    distinct: dict[Path, Path] = {}
    for folder in folders:
        distinct.setdefault(folder.resolve(), folder)
    return tuple(distinct.values())


def is_catalogue(folder: Path) -> bool:
    """Whether a file of the folder has the key `catalogue:` with keys of its own below it.

    The files may be full of mistakes: they are looked at line by line and not parsed.
    """
    return _has_head(folder, b"catalogue")


def is_library(folder: Path) -> bool:
    """Whether a file of the folder has the key `library:`, and none `catalogue:`."""
    return _has_head(folder, b"library") and not is_catalogue(folder)


def _has_head(folder: Path, key: bytes) -> bool:
    head = re.compile(_HEAD % key)
    for path in list_catalogue_files(folder):
        with suppress(OSError), path.open("rb") as stream:
            if any(map(head.match, stream)):
                return True
    return False


def _note_choice(name: str, folder: Path, others: Iterable[Path]) -> Problem:
    message = _("the catalogue “{name}” is read from this folder, not from {others}").format(
        name=name, others=", ".join(other.as_posix() for other in others)
    )
    return Problem("catalogue-chosen", message, Position(folder.as_posix()), severity="note")


def _shorten(folder: Path) -> Path:
    """The path from the current folder where it lies below, so that problems are short to read."""
    try:
        return folder.relative_to(Path.cwd())
    except ValueError:
        return folder
