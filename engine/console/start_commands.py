"""What `demo` and `new` do: a folder to try the program in, a folder to begin one's own catalogue in."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.console import showing
from engine.console.click_words import CommandRefusedError
from engine.console.opening import find_folder, refuse_missing
from engine.console.terminal import echo
from engine.problems import Problem, has_errors, suggest_name
from engine.translation import gettext as _
from engine.translation import ngettext

if TYPE_CHECKING:
    from engine.authoring.borrowed_parts import BorrowedParts

_USUAL_DEMO = "berezniki"
_MOST_ARGUMENTS = 2
_MOST_NAMED = 3  # files in one sentence


def copy_shipped_demo(words: Sequence[str], *, overwrite: bool) -> bool:
    """Copy a catalogue that ships and its demo data. `words`: the catalogue, if named, and the folder.

    Its own files that were changed are written anew only where that is wanted (`overwrite`).
    """
    from engine.authoring.shipped_demo import (
        DEMO,
        find_edited_files,
        find_foreign,
        read_demo_files,
        write_demo,
    )
    from engine.catalogue.load import list_catalogues

    if len(words) > _MOST_ARGUMENTS:
        raise click.UsageError(_("name a catalogue and a folder, or the folder alone"))
    name, goal = (words[0] if words[1:] else _USUAL_DEMO), Path(words[-1])
    if not words[-1].strip():
        raise click.BadParameter(_("it is empty: name a folder"), param_hint=f"'{_('DIR')}'")
    shipped = {folder.name: folder for folder in list_catalogues() if (folder / DEMO).is_dir()}
    if name not in shipped:
        showing.stop([_refuse_demo(name, tuple(shipped))])
    if goal.exists() and not goal.is_dir():
        message = _("“{file}” is a file: name a folder").format(file=goal)
        raise click.BadParameter(message, param_hint=f"'{_('DIR')}'")
    files = read_demo_files(shipped[name])
    if foreign := find_foreign(goal, files):
        message = ngettext(
            "{files} is not what this command writes: name another folder",
            "{files} are not what this command writes: name another folder",
            len(foreign),
        )
        raise CommandRefusedError(message.format(files=_name_files(foreign)))
    if not overwrite and (changed := find_edited_files(goal, files)):
        message = ngettext(
            "{files} is not as this command writes it: name another folder; --replace writes it anew",
            "{files} are not as this command writes them: name another folder; --replace writes "
            "them anew",
            len(changed),
        )
        raise CommandRefusedError(message.format(files=_name_files(changed)))
    write_demo(goal, files)
    echo(
        _("The catalogue is in {catalogue}, its invented data in {data}.").format(
            catalogue=goal / name, data=goal / "data"
        )
    )
    if len(words) == 1 and words[0] in shipped and words[0] != name:
        echo(
            _(
                "To copy the catalogue {name}, name the folder too: pokazatel demo {name} try"
            ).format(name=words[0])
        )
    _show_next(
        f"evaluate {showing.quote_path(goal / name)} --data {showing.quote_path(goal / 'data')}"
    )
    return True


def _name_files(files: Sequence[Path]) -> str:
    return ", ".join(map(str, files[:_MOST_NAMED])) + ", …" * (len(files) > _MOST_NAMED)


def _refuse_demo(name: str, shipped: Sequence[str]) -> Problem:
    """That no such catalogue ships with demo data."""
    message = _("no catalogue “{name}” ships with demo data").format(name=name)
    there_are = _("there are: {ids}").format(ids=", ".join(shipped))
    return Problem("no-catalogue", message, hint=suggest_name(name, shipped) or there_are)


def write_new_catalogue(
    *, identifier: str, source: str | None, order: Path | None, definitions: Path | None
) -> bool:
    """Write the folder of a new catalogue and check it."""
    from engine.authoring.editor_schema import renew_schema
    from engine.authoring.new_catalogue import copy_catalogue, write_first_catalogue
    from engine.catalogue.build.draft import refuse_id
    from engine.catalogue.load import load

    if refused := refuse_id(identifier, inner=True, levels=()):
        sentences = list(refused)
        usual = re.sub(r"\W+", "_", identifier).strip("_")
        if usual != identifier and not refuse_id(usual, inner=True, levels=()):
            sentences.append(_("for instance {name}").format(name=usual))
        raise click.BadParameter("; ".join(sentences), param_hint=f"'{_('ID')}'")
    if order:
        refuse_missing([order], "--order")
    folder = Path(identifier)
    if folder.exists():
        raise CommandRefusedError(
            _("there is already “{folder}”: choose another id").format(folder=folder)
        )
    origin: Path | None = None
    if source:
        origin, problems = find_folder(source, definitions)
        if problems:
            showing.stop(problems)
    if order:
        files = _read_order(identifier, order, origin)
    elif origin:
        files = copy_catalogue(identifier, origin)
    else:
        files = write_first_catalogue(identifier)
    _write_folder(folder, files)
    catalogue, found = load(folder)
    if catalogue is not None:
        renew_schema(catalogue)
    clean = showing.report_problems(found)
    _show_next(f"check {identifier}")
    return clean


def _borrow(folder: Path) -> BorrowedParts:
    """What is taken from the catalogue of a folder, which must have no errors."""
    from engine.authoring.borrowed_parts import borrow_parts
    from engine.authoring.new_catalogue import read_files
    from engine.catalogue.load import load

    catalogue, problems = load(folder)
    if catalogue is None or has_errors(problems):
        showing.stop(problems)
    return borrow_parts(catalogue, read_files(folder))


def _read_order(identifier: str, path: Path, origin: Path | None) -> Mapping[str, str]:
    """The files made from an order's table; what was read is printed, what was not as well.

    `origin`: the folder of a catalogue whose inputs and formulas are taken.
    """
    from engine.authoring.new_catalogue import write_order_catalogue
    from engine.authoring.order_tables import read_order

    tables, problems = read_order(path)
    if not tables:
        showing.stop(problems)
    showing.print_problems(problems)
    borrowed = _borrow(origin) if origin else None
    written = write_order_catalogue(identifier, tables, path.name, borrowed)
    indicators = ngettext("{count} indicator", "{count} indicators", written.indicators)
    targets = ngettext("{count} target", "{count} targets", written.targets)
    echo(
        _("{file}: {indicators}, {targets}").format(
            file=path,
            indicators=indicators.format(count=written.indicators),
            targets=targets.format(count=written.targets),
        )
    )
    if borrowed:
        taken = ngettext("{count} formula", "{count} formulas", written.formulas)
        echo(
            _(
                "from {catalogue}: the inputs, and {formulas} of indicators with the same title"
            ).format(catalogue=borrowed.name, formulas=taken.format(count=written.formulas))
        )
    if written.doubts:
        echo(_("Not understood, look at it yourself:"))
    for doubt in written.doubts:
        echo(f"  {doubt}")
    return written.files


def _write_folder(folder: Path, files: Mapping[str, str]) -> None:
    """The files, and the schema that they name, in a folder that appears once all are written."""
    from engine.authoring.editor_schema import (
        FILE,
        add_schema_line,
        make_editor_schema,
        write_schema,
    )
    from engine.files import remove_folder

    beside = folder.with_name(f".{folder.name}.part")
    remove_folder(beside)
    try:
        beside.mkdir()
        for name, text in files.items():
            (beside / name).write_text(add_schema_line(text), encoding="utf-8", newline="\n")
        (beside / FILE).parent.mkdir()
        (beside / FILE).write_bytes(write_schema(make_editor_schema()))
        beside.rename(folder)
    finally:
        remove_folder(beside)
    echo(_("written: {file}").format(file=", ".join(f"{folder.name}/{name}" for name in files)))


def _show_next(command: str) -> None:
    echo(_("Next: {command}").format(command=f"pokazatel {command}"))
