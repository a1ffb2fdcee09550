"""What a command works on: a catalogue without errors, and data that can answer what is asked."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.console.showing import print_problems, stop
from engine.console.words import refuse
from engine.i18n import gettext as _
from engine.problems import Problem, has_errors

if TYPE_CHECKING:
    from engine.catalogue.model import Catalogue
    from engine.data.model import Data


def find_folder(name: str, definitions: Path | None) -> tuple[Path, list[Problem]]:
    """The folder of a catalogue, and why there is none; which of several is read, is said at once."""
    from engine.catalogue.load import find_catalogue

    folder, problems = find_catalogue(name, definitions)
    print_problems(one for one in problems if one.severity == "note")
    return folder, [one for one in problems if one.severity != "note"]


def open_catalogue(name: str, definitions: Path | None) -> tuple[Catalogue, list[Problem]]:
    """The catalogue and its warnings; with errors it stops here, for nothing could be proven."""
    from engine.catalogue.load import load

    folder, problems = find_folder(name, definitions)
    if problems:
        stop(problems)
    catalogue, found = load(folder)
    if catalogue is None or has_errors(found):
        stop(found, _("the catalogue has errors: nothing was computed"))
    # Notes on a catalogue are for who writes it: `check --all` shows them.
    return catalogue, [problem for problem in found if problem.severity != "note"]


def open_data(
    catalogue: Catalogue, path: Path, asked: Mapping[str, Any]
) -> tuple[Data, list[Problem]]:
    """The data and their problems; what neither they nor the catalogue know is refused."""
    from engine.console.asking import unknown_to_catalogue, unknown_to_data
    from engine.data import read_data

    refuse(unknown_to_catalogue(catalogue, asked))
    read, problems = read_data(catalogue, path)
    if not path.exists():
        stop(problems)
    refuse(unknown_to_data(catalogue, read, asked))
    return read, [*problems]
