"""What `form` does: from a catalogue and a register to a workbook for every place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from engine.console import showing
from engine.console.opening import choose_places, open_catalogue, refuse
from engine.console.terminal import echo
from engine.problems import Position, Problem, has_errors
from engine.translation import N_, ngettext, use_language
from engine.translation import gettext as _

if TYPE_CHECKING:
    from engine.catalogue.model import Catalogue, Form
    from engine.data.model import Data


def send_forms(
    *,
    name: str,
    form: str,
    data: Path,
    year: int,
    places: Sequence[str],
    output: Path,
    overwrite: bool,
    definitions: Path | None,
) -> bool:
    """Write a workbook for every place that fills the form."""
    from engine.console.opening import find_unknown

    catalogue, problems = open_catalogue(name, definitions)
    refuse(find_unknown(N_("FORM"), (form,), tuple(catalogue.forms)))
    read, more = _open_register(catalogue, data, year, places)
    problems = [*problems, *more]
    places = choose_places(catalogue, read, places)

    from engine.forms.out.overwriting import find_protected
    from engine.forms.out.prepared_forms import prepare_forms
    from engine.forms.out.write import form_files, write_forms

    with use_language(catalogue.language):
        prepared = prepare_forms(catalogue, read, catalogue.forms[form], year, places=places)
    problems += prepared.problems
    filling = {place.id for place in prepared.places}
    declared = catalogue.forms[form]
    problems += _not_filling(places or ("",), filling, declared, year, data)
    files = form_files(prepared, {place.id: place.sheet.title for place in prepared.places})
    refused = find_protected(catalogue, prepared, output, files, overwrite=overwrite)
    problems += refused.values()
    files = {place: file for place, file in files.items() if place not in refused}
    if files:
        count = len(files)
        writing = showing.progress(count, _("writing forms"))
        with writing as advance, use_language(catalogue.language):
            write_forms(prepared, output, files, progress=advance)
        echo(
            ngettext(
                "{count} workbook is written to {folder}",
                "{count} workbooks are written to {folder}",
                count,
            ).format(count=count, folder=output),
            err=True,
        )
    if not files and has_errors(problems):
        showing.stop(problems)
    return showing.report_problems(problems)


def _open_register(
    catalogue: Catalogue, path: Path, year: int, places: Sequence[str]
) -> tuple[Data, list[Problem]]:
    """The data; that they hold no facts yet is no problem, for it is a form that asks for them."""
    from engine.console.opening import read_data_anew, unknown_to_data

    read, problems = read_data_anew(catalogue, path)
    if not path.exists():
        showing.stop(problems)
    if not catalogue.years and year not in read.years:
        # A catalogue that names no years is asked for any: the register knows it then, too.
        read, problems = read_data_anew(replace(catalogue, years=(year,)), path)
    refuse(unknown_to_data(catalogue, read, {"places": choose_places(catalogue, read, places)}))
    if catalogue.years:
        refuse(unknown_to_data(catalogue, read, {"years": (year,)}))
    return read, [problem for problem in problems if problem.code != "no-facts"]


def _not_filling(
    names: Sequence[str], filling: set[str], form: Form, year: int, data: Path
) -> list[Problem]:
    """Places that were asked for and do not fill the form; without a name, that nobody does."""
    idle = [place for place in names if (place not in filling if place else not filling)]
    single = _(
        "“{place}” does not fill the form “{form}” in {year}: it is of another level, or closed"
    )
    all_ = _("nobody fills the form “{form}” in {year}: no place is open")
    if form.where:
        single = _(
            "“{place}” does not fill the form “{form}” in {year}: it is of another level, closed, or not "
            "among those that the form is for"
        )
        all_ = _("nobody fills the form “{form}” in {year}: it is for no open place")
    return [
        Problem(
            "nobody-fills",
            (single if place else all_).format(place=place, form=form.id, year=year),
            Position(str(data)),
            _("see the register (schools.csv)"),
        )
        for place in idle
    ]
