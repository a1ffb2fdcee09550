"""From a folder to a catalogue: the order of things. And where catalogues lie."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from engine.catalogue.build import build_catalogue
from engine.catalogue.model import Catalogue, Indicator, Input
from engine.catalogue.rules import RULES
from engine.catalogue.shape import check_shape
from engine.catalogue.source import read_folder
from engine.i18n import gettext as _
from engine.problems import Position, Problem, sort_problems, suggest_name

# What only follows from a thing that is lacking: a file, a misspelt key.
_OF_NAMES = ("unknown-", "missing-", "example-")
_OF_KEYS = frozenset(("missing-unit", "missing-formula", "missing-options"))


def load(path: str | Path) -> tuple[Catalogue | None, tuple[Problem, ...]]:
    """The catalogue in a folder and all its problems, sorted; None where nothing can be built."""
    # 1. Text → plain data with the place of everything.
    document, problems = read_folder(Path(path))
    if document is None:
        return None, sort_problems(problems)
    # 2. Shape: keys and types, by JSON Schema.
    said = {_place(problem) for problem in problems}
    shape = [one for one in check_shape(document) if _place(one) not in said]
    problems = [*problems, *shape]
    # 3. Frozen objects with compiled formulas.
    catalogue, found = build_catalogue(document)
    # 4. Meaning: what JSON Schema cannot say.
    for rule in RULES:
        found += rule(catalogue)
    if not document.whole:
        found = [problem for problem in found if not problem.code.startswith(_OF_NAMES)]
    return catalogue, sort_problems((*problems, *_leave_out_follow_ups(catalogue, found, problems)))


def _leave_out_follow_ups(
    catalogue: Catalogue, found: Iterable[Problem], shape: Iterable[Problem]
) -> Iterator[Problem]:
    """What was found, without what a mistake of shape has already said at the same place.

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
    for problem in found:
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
        if folder.is_dir() and any(folder.glob("*.yaml"))
    )


def find_catalogue(name: str, definitions: Path | None = None) -> tuple[Path, list[Problem]]:
    """The folder of a catalogue given by its id below `definitions`, or by a path.

    A path as the user wrote it stays so: problems print it.
    """
    folders = list_catalogues(definitions)
    for folder in folders:
        if folder.name == name:
            return _shorten(folder), []
    path = Path(name)
    if path.is_dir():
        return path, []
    if path.is_file():
        message = _("“{name}” is a file, a catalogue is a folder").format(name=name)
        hint = _("name its folder: {folder}").format(folder=path.parent.as_posix())
        return path, [Problem("no-catalogue", message, Position(path.as_posix()), hint)]
    ids = [folder.name for folder in folders]
    return path, [
        Problem(
            "no-catalogue",
            _("there is no catalogue “{name}”, neither of this id nor in such a folder").format(
                name=name
            ),
            None,
            suggest_name(name, ids)
            or (_("there are: {ids}").format(ids=", ".join(ids)) if ids else ""),
        )
    ]


def _shorten(folder: Path) -> Path:
    """The path from the current folder where it lies below, so that problems are short to read."""
    try:
        return folder.relative_to(Path.cwd())
    except ValueError:
        return folder
