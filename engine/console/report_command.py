"""The command `report`, step by step: one file, or one for each place of a level."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from engine.console import showing
from engine.console.click_words import CommandRefusedError
from engine.console.opening import (
    choose_levels,
    find_unknown,
    open_catalogue,
    open_data,
    refuse,
)
from engine.translation import gettext as _
from engine.translation import ngettext

if TYPE_CHECKING:
    from datetime import date as Date  # noqa: N812 - `date` is the option

    from engine.catalogue.model import Catalogue
    from engine.publication.audience import Audience
    from engine.reports.render import PageWriter, Report
    from engine.reports.templates import Template


def write_report(
    *,
    name: str,
    data: Path,
    years: tuple[int, ...],
    template: str,
    audience: Audience | None,
    date: Date | None,
    each: str | None,
    output: Path | None,
    definitions: Path | None,
) -> bool:
    """Print or write a report, or the reports of all places of a level."""
    catalogue, problems = open_catalogue(name, definitions)
    with showing.template_problems():
        from engine.reports.templates import find_template

        chosen = find_template(template, catalogue)
    if each is not None:
        # What is forbidden is said before what does not go together: the user learns why.
        (each,) = choose_levels("--each", catalogue, (each,))
        refuse(find_unknown("--each", (each,), catalogue.levels))
        _refuse_comparison(catalogue, audience or chosen.audience or "internal", each)
    audience = _choose_audience(chosen, audience)
    if chosen.kind == "open_data":
        _refuse_tables(each, output)
    else:
        _refuse_output(each, output)
    if chosen.kind in {"document", "workbook"}:
        showing.refuse_screen(output)
    _refuse_comparison(catalogue, audience, each)
    years = tuple(sorted(set(years)))  # however they are asked for, the last is the latest
    contents, more = open_data(catalogue, data, {"years": years})

    from engine.evaluation.asking import COLUMNS, SAME_REPORTERS, SHORTFALL, Asking
    from engine.evaluation.evaluate import compute_results
    from engine.reports.render import list_decisive, open_page_writer, open_report, use_language

    columns = (*COLUMNS, SHORTFALL, SAME_REPORTERS)
    # What may be published of one year must not depend on which others are printed beside it.
    decisive = list_decisive(catalogue, contents, years) if audience == "public" else years
    asking = Asking(decisive, inputs=True, columns=columns, advice=True)
    results = compute_results(catalogue, contents, asking)
    shown = tuple(problem for problem in (*more, *results.problems) if problem.severity != "note")
    page = b""
    with showing.template_problems(), use_language(catalogue.language):
        report = open_report(
            catalogue,
            contents,
            results.frame,
            years,
            date=date,
            audience=audience,
            problems=shown,
            advised=results.advice,
        )
        if chosen.kind == "open_data" and output is not None:
            _write_tables(report, output)
        else:
            with open_page_writer(chosen, catalogue) as press:
                if each is None or output is None:
                    page = press(report.context())
                else:
                    _write_each(report, press, each, output, chosen)
    if each is None and chosen.kind != "open_data":
        showing.write(output, lambda stream: stream.write(page))
    return showing.report_problems([*problems, *more, *results.problems], results)


def _choose_audience(template: Template, audience: Audience | None) -> Audience:
    """For whom the command says, or the template, which may be for one audience alone."""
    if template.audience is None or template.audience == audience:
        return audience or "internal"
    if audience is None:
        return template.audience
    message = _("the template “{name}” is for “{audience}” alone: leave --audience out").format(
        name=template.name, audience=template.audience
    )
    raise click.BadParameter(message, param_hint="'--audience'")


def _refuse_tables(each: str | None, output: Path | None) -> None:
    """Open data are several files of all places: they want a folder."""
    if each is not None:
        message = _("open data are of all places at once: leave --each out")
        raise click.BadParameter(message, param_hint="'--each'")
    if output is None:
        raise click.UsageError(_("open data are several files: name a folder by -o"))
    if output.exists() and not output.is_dir():
        message = _("“{file}” is a file, and open data need a folder").format(file=output)
        raise click.BadParameter(message, param_hint="'-o'")


def _refuse_output(each: str | None, output: Path | None) -> None:
    """A folder for many files, a file for one."""
    if each is not None:
        if output is None:
            raise click.UsageError(_("--each writes a file for each place: name a folder by -o"))
        if output.exists() and not output.is_dir():
            message = _("“{file}” is a file, and --each needs a folder").format(file=output)
            raise click.BadParameter(message, param_hint="'-o'")
    elif output is not None and output.is_dir():
        message = _("“{folder}” is a folder: name a file").format(folder=output)
        raise click.BadParameter(message, param_hint="'-o'")


def _refuse_comparison(catalogue: Catalogue, audience: Audience, each: str | None) -> None:
    """What the policy of publication forbids is an error that quotes it."""
    from engine.publication.audience import find_forbidden

    problem = find_forbidden(catalogue, audience, each)
    if problem is not None:
        raise click.UsageError(f"{problem.message}\n{problem.hint}")


def _write_tables(report: Report, folder: Path) -> None:
    """The files of open data, into a folder."""
    from engine.reports.formats.open_data import make_files

    folder.mkdir(exist_ok=True)
    for name, content in make_files(report.context()).items():
        showing.write(folder / name, partial(_put, content))


def _put(content: bytes, stream: BinaryIO) -> None:
    stream.write(content)


def _write_each(
    report: Report, press: PageWriter, each: str, folder: Path, template: Template
) -> None:
    """One file per place of a level, named by its title."""
    from engine.files import name_files, replace_file

    titles = report.places(each)
    if not titles:
        raise CommandRefusedError(_("there is no place of this level that may be shown"))
    folder.mkdir(exist_ok=True)
    names = name_files(titles, template.ending)
    for place in showing.track(list(names), _("Reports")):
        page = press(report.context((each, place)))
        with replace_file(folder / names[place]) as stream:
            stream.write(page)
    many = ngettext(
        "{count} file written to {folder}", "{count} files written to {folder}", len(names)
    )
    click.echo(many.format(count=len(names), folder=folder), err=True)
