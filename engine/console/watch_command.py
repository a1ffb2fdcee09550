"""What `check --watch` does: after every save the problems, and the numbers that the save changed."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.catalogue.libraries import list_used_folders
from engine.catalogue.source import NEVER_READ, PROJECT_FILE
from engine.console import showing
from engine.console.diff_command import evaluate_values
from engine.console.opening import find_folder
from engine.console.terminal import echo
from engine.data.adopted_files import COPIES
from engine.files import is_temporary
from engine.problems import Problem, has_errors, show_problem, sort_problems
from engine.translation import gettext as _

if TYPE_CHECKING:
    from engine.evaluation.difference.differences import Edition

_QUIET = 50  # milliseconds without a further save, after which the files are read


@dataclass(frozen=True, slots=True)
class Look:
    """What one reading of the files gave: their problems, and the edition where it could be computed.

    `catalogue` and `data` are the versions of what was read: with the same version nothing changed.
    """

    problems: tuple[Problem, ...]
    edition: Edition | None = None
    catalogue: str = ""
    data: str = ""


def watch_catalogue(
    *, names: Sequence[str], data: Path | None, shape: str, definitions: Path | None
) -> bool:
    """Print problems now and after every save, until Ctrl+C; whether the last reading was clean."""
    if len(names) > 1:
        raise click.UsageError(_("--watch looks at one catalogue: name one"))
    if shape != "text":
        raise click.UsageError(_("--watch prints for people: leave --format out"))
    (name,) = names
    folder, missing = find_folder(name, definitions)
    if missing:
        showing.stop(missing)
    if data is not None and not data.exists():
        message = _("there is no such file or folder: “{path}”").format(path=data)
        raise click.BadParameter(message, param_hint="'--data'")
    look = read_look(folder, data)
    _print_problems(name, look)
    list(show_changes(look, look))  # what the first save needs is loaded by then
    echo(_("Watching; every save is checked. Ctrl+C ends it."))
    last = deque([look], maxlen=1)
    with suppress(KeyboardInterrupt):  # also while a save is being computed
        last.extend(_follow(name, folder, data, look))
    return showing.is_clean(showing.select_shown(last[0].problems))


def _follow(name: str, folder: Path, data: Path | None, look: Look) -> Iterator[Look]:
    """What each save gives; problems and changes are printed, compared with the last good reading."""
    from watchfiles import watch

    good = look
    # A file is watched by its folder: many programs put another one in its place.
    folders = [folder, *list_used_folders(folder)]
    paths = [*folders, *([] if data is None else [data if data.is_dir() else data.parent])]
    for saved in watch(
        *paths,
        watch_filter=lambda _change, path: is_watched(Path(path), folders, data),
        step=_QUIET,
        raise_interrupt=False,
    ):
        names = sorted({Path(path).name for _change, path in saved})
        echo("\n" + _("Saved: {names}").format(names=", ".join(names)))
        look = read_look(folder, data)
        _print_problems(name, look)
        if look.edition is None:
            echo(_("No number is compared until the errors of the catalogue are mended."))
        else:
            for line in show_changes(good, look):
                echo(line)
            good = look
        yield look


def is_watched(path: Path, folders: Iterable[Path], data: Path | None) -> bool:
    """Whether a changed file is one that the catalogue, its libraries or the data are read from."""
    if is_temporary(path.name):
        return False
    path, parent = path.resolve(), path.resolve().parent
    if path.suffix == ".yaml" and parent in map(Path.resolve, folders):
        return path.name not in NEVER_READ
    if data is None or path.name == PROJECT_FILE:
        return False
    return path == data.resolve() or parent in {data.resolve(), data.resolve() / COPIES}


def read_look(folder: Path, data: Path | None) -> Look:
    """Read the catalogue and the data anew; without errors in the catalogue, compute."""
    from engine.authoring.editor_schema import renew_schema
    from engine.catalogue.load import load
    from engine.console.opening import read_data_anew
    from engine.evaluation.difference.differences import Edition

    catalogue, problems = load(folder)
    if catalogue is None or has_errors(problems):
        return Look(problems)
    renew_schema(catalogue)
    if data is None:
        return Look(problems, Edition(catalogue), catalogue.version)
    contents, more = read_data_anew(catalogue, data)
    results = evaluate_values(catalogue, contents)
    every = sort_problems((*problems, *more, *results.problems))
    return Look(every, Edition(catalogue, results.frame), catalogue.version, contents.hash)


def _print_problems(name: str, look: Look) -> None:
    shown = showing.select_shown(look.problems)
    for problem in shown:
        echo(show_problem(problem))
    echo(f"{name}: {showing.count_problems(shown)}")


def show_changes(before: Look, after: Look) -> Iterator[str]:
    """What the save changed: definitions, then numbers, and whether the catalogue or the data did it."""
    from engine.evaluation.difference.differences import compare_editions
    from engine.reports.formats.difference_text import (
        count_changes,
        show_definitions,
        show_values,
    )

    if after.edition is None:
        return
    if before.edition is None:
        yield _("The catalogue has no errors: from now on, saves are compared.")
        return
    differences = compare_editions(before.edition, after.edition)
    by_catalogue = before.catalogue != after.catalogue
    if by_catalogue and differences.definitions:
        yield from show_definitions(differences)
    if differences.values is None:
        return
    if differences.values.is_empty():
        yield _("No number changed.")
        return
    by_data = before.data != after.data
    if by_catalogue and by_data:
        pattern = _("Changed: {changed} of {compared}, by the catalogue and the data:")
    elif by_catalogue:
        pattern = _("Changed: {changed} of {compared}, by the catalogue; the data are the same:")
    else:
        pattern = _("Changed: {changed} of {compared}, by the data; the catalogue is the same:")
    yield pattern.format(changed=count_changes(differences.values), compared=differences.compared)
    yield from show_values(differences, causes=by_catalogue)
