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
    read_data_anew,
    refuse,
)
from engine.console.terminal import echo
from engine.translation import chosen_language, ngettext, use_language
from engine.translation import gettext as _

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date as Date  # noqa: N812 - `date` is the option

    from engine.catalogue.model import Catalogue
    from engine.publication.audience import Audience, HiddenCount
    from engine.publication.releases import Release
    from engine.reports.render import PageWriter, Report
    from engine.reports.templates import Template

_MUCH = 3
"""One number of so many is much."""


def write_report(
    *,
    name: str,
    data: Path,
    years: tuple[int, ...],
    template: str | None,
    audience: Audience | None,
    date: Date | None,
    each: str | None,
    output: Path | None,
    overwrite: bool,
    published: tuple[str, ...],
    shown: bool,
    definitions: Path | None,
) -> bool:
    """Write a report, or the reports of all places of a level; open it where `shown` is asked for."""
    catalogue, problems = open_catalogue(name, definitions)
    chosen = _find_template(catalogue, template or "", "" if each else _read_ending(output))
    if each is not None:
        # What is forbidden is said before what does not go together: the user learns why.
        (each,) = choose_levels("--each", catalogue, (each,))
        refuse(find_unknown("--each", (each,), catalogue.levels))
        _refuse_comparison(catalogue, audience or chosen.audience or "internal", each)
    years = tuple(sorted(set(years)))  # however they are asked for, the last is the latest
    named = _name_report(catalogue, years, chosen, audience)
    destination = _choose_destination(named, chosen, each, output)
    audience = _choose_audience(chosen, audience)
    _refuse_comparison(catalogue, audience, each)
    releases = _read_published(catalogue, [Path(path) for path in published]) if published else []
    _refuse_foreign(destination, overwrite=overwrite)
    contents, more = open_data(catalogue, data, {"years": years})

    from engine.evaluation.asking import ALL_COLUMNS, MEMBERS, SAME_REPORTERS, SHORTFALL, Asking
    from engine.evaluation.evaluate import compute_results
    from engine.reports.render import list_decisive, open_page_writer, open_report

    columns = (*ALL_COLUMNS, SHORTFALL, SAME_REPORTERS, MEMBERS)
    # What may be published of one year must not depend on which others are printed beside it.
    decisive = list_decisive(catalogue, contents, years) if audience == "public" else years
    asking = Asking(decisive, inputs=True, columns=columns, advice=True)
    results = compute_results(catalogue, contents, asking)
    printed = (*more, *results.problems)
    if catalogue.language != chosen_language():
        # The page says in its language what the person is told in theirs.
        with use_language(catalogue.language):
            printed = (
                *read_data_anew(catalogue, data)[1],
                *compute_results(catalogue, contents, asking).problems,
            )
    with showing.template_problems():
        with use_language(catalogue.language):
            report = open_report(
                catalogue,
                contents,
                results.frame,
                years,
                date=date,
                audience=audience,
                problems=[problem for problem in printed if problem.severity != "note"],
                advised=results.advice,
                releases=releases,
            )
        if audience == "public" and not published:
            _warn_of_release(report, destination)
        if chosen.kind == "open_data":
            _write_tables(report, destination)
        else:
            with open_page_writer(chosen, catalogue) as press:
                if each is None:
                    content = _make_page(report, press, chosen)
                    showing.write(destination, partial(_put, content))
                else:
                    _write_each(report, press, each, destination, chosen, overwrite=overwrite)
    if report.hidden is not None:
        _describe_hidden(report.hidden)
    if shown:
        click.launch(str(destination))
    return showing.report_problems([*problems, *more, *results.problems], results)


def _read_published(catalogue: Catalogue, paths: Sequence[Path]) -> list[Release]:
    """What was published of this catalogue before; a file or folder that tells nothing is refused."""
    from engine.publication.releases import read_releases

    releases: list[Release] = []
    for path in paths:
        if not path.exists():
            message = _("there is no “{path}”").format(path=path)
            raise click.BadParameter(message, param_hint="'--published'")
        read = [each for each in read_releases([path]) if each.catalogue == catalogue.id]
        if not read:
            message = _(
                "“{path}” holds no list of what was published of “{catalogue}”: name a folder of open "
                "data, or a page for the public, that this program wrote"
            ).format(path=path, catalogue=catalogue.id)
            raise click.BadParameter(message, param_hint="'--published'")
        releases += [each for each in read if each not in releases]
    return releases


def _warn_of_release(report: Report, destination: Path) -> None:
    """Two publications together may tell what each hides: where another lies beside, say so."""
    from engine.publication.releases import is_repeated, read_releases

    folder = destination if destination.is_dir() else destination.parent
    try:
        before = [
            [
                each
                for each in read_releases([path] if path.exists() else [])
                if each.catalogue == report.catalogue.id
            ]
            for path in (destination, folder)
        ]
    except OSError:
        return
    if not any(before):
        return
    now = report.context()["published"]
    lost, beside = ([each for each in some if not is_repeated(each, now)] for some in before)
    if lost:
        echo(
            _(
                "warning: “{file}” held an earlier publication, which is written over; if it was "
                "published, its readers remember it: take it from there and add --published"
            ).format(file=destination),
            err=True,
        )
    elif beside:
        echo(
            _(
                "warning: “{folder}” holds an earlier publication, and the two together may tell what "
                "is hidden: add --published {quoted}"
            ).format(folder=folder, quoted=showing.quote_path(folder)),
            err=True,
        )


def _describe_hidden(count: HiddenCount) -> None:
    """How many numbers the public is not shown, and why; where they are many, what would help."""
    if not count.hidden:
        return
    many = ngettext("{count} number is hidden", "{count} numbers are hidden", count.hidden)
    counts = (
        (ngettext("{count} small", "{count} small", count.small), count.small),
        (ngettext("{count} closed", "{count} closed", count.closed), count.closed),
        (
            ngettext(
                "{count} so that it cannot be computed",
                "{count} so that they cannot be computed",
                count.small + count.closed or count.added,
            ),
            count.added,
        ),
    )
    why = ", ".join(text.format(count=number) for text, number in counts if number)
    echo(f"{many.format(count=count.hidden)}: {why}", err=True)
    if count.hidden * _MUCH >= count.numbers:
        echo(
            _(
                "That is a third of the numbers or more. What helps: coarser parts (fewer kinds in by:, "
                "larger places), or another threshold (suppress_below)"
            ),
            err=True,
        )


def _read_ending(output: Path | None) -> str:
    """The ending of the file that is asked for; empty where none is, or a folder."""
    return "" if output is None or output.is_dir() else output.suffix.lower()


def _find_template(catalogue: Catalogue, name: str, ending: str) -> Template:
    """The template for a file of this ending; where an old name was understood, a line names the new."""
    from engine.reports.templates import RENAMED, TemplateError, find_template

    try:
        template = find_template(name, catalogue, ending)
    except TemplateError as error:
        if error.problem.code == "template-ending":
            message = f"{error.problem.message}\n{error.problem.hint}".rstrip()
            raise click.BadParameter(message, param_hint="'-o'") from None
        showing.stop([error.problem])
    if template.stem == RENAMED.get(name):
        message = _("the template “{old}” is called “{new}” now")
        echo(message.format(old=name, new=template.stem), err=True)
    return template


def _name_report(
    catalogue: Catalogue, years: Sequence[int], template: Template, audience: Audience | None
) -> Path:
    """What a report is called by catalogue, years, template and audience, without an ending."""
    words = [catalogue.id, *map(str, years), template.stem]
    if audience not in {None, template.audience, "internal"}:
        words.append(str(audience))
    return Path("-".join(words))


def _choose_destination(
    named: Path, template: Template, each: str | None, output: Path | None
) -> Path:
    """The file of the report, or the folder where it is several files.

    A folder stands for a file in it, called as `named` says.
    """
    ending = _read_ending(output)
    if each is not None or template.kind == "open_data":
        _refuse_file(each, template, output)
        return output or named
    named = named.with_name(named.name + template.ending)
    if output is None or output.is_dir():
        return (output or Path()) / named
    return output if ending or output.exists() else output / named


def _refuse_file(each: str | None, template: Template, output: Path | None) -> None:
    """Several files want a folder; open data are of all places at once."""
    if template.kind == "open_data" and each is not None:
        message = _("open data are of all places at once: leave --each out")
        raise click.BadParameter(message, param_hint="'--each'")
    from engine.reports.templates import KINDS

    # A folder of pages may be called school.html: so it was made before, and so scripts ask for it.
    named = each is None and _read_ending(output) in {*KINDS, template.ending} - {""}
    if output is not None and (named or (output.exists() and not output.is_dir())):
        message = _("“{file}” is a file, and open data need a folder")
        if each is not None:
            message = _("“{file}” is a file, and --each needs a folder")
        raise click.BadParameter(message.format(file=output), param_hint="'-o'")


def _refuse_foreign(*paths: Path, overwrite: bool) -> None:
    """A file that the program did not write, or that was changed since, is not written over."""
    from engine.publication.releases import PACKAGE
    from engine.reports.seal import is_sealed, is_sealed_folder

    foreign = [
        path
        for path in (() if overwrite else paths)
        if (path.is_file() and not is_sealed(path))
        or ((path / PACKAGE).exists() and not is_sealed_folder(path))
    ]
    if foreign:
        many = ngettext(
            "“{file}” was written by another program, or changed since: name another file by -o, "
            "or let it be lost with --replace",
            "“{file}” and {more} more were written by another program, or changed since: name "
            "another folder by -o, or let them be lost with --replace",
            len(foreign),
        )
        raise CommandRefusedError(many.format(file=foreign[0], more=len(foreign) - 1))


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


def _refuse_comparison(catalogue: Catalogue, audience: Audience, each: str | None) -> None:
    """What the policy of publication forbids is an error that quotes it."""
    from engine.publication.audience import find_forbidden

    problem = find_forbidden(catalogue, audience, each)
    if problem is not None:
        raise click.UsageError(f"{problem.message}\n{problem.hint}")


def _write_tables(report: Report, folder: Path) -> None:
    """The files of open data, into a folder."""
    from engine.reports.formats.open_data import make_files

    folder.mkdir(parents=True, exist_ok=True)
    with use_language(report.catalogue.language):
        files = make_files(report.context())
    for name, content in files.items():
        showing.write(folder / name, partial(_put, content))


def _make_page(
    report: Report, press: PageWriter, template: Template, place: tuple[str, str] | None = None
) -> bytes:
    """The bytes of a page, in the language of its catalogue, with the mark that the program wrote it."""
    from engine.reports.seal import seal

    with use_language(report.catalogue.language):
        return seal(press(report.context(place)), template.ending)


def _put(content: bytes, stream: BinaryIO) -> None:
    stream.write(content)


def _write_each(
    report: Report,
    press: PageWriter,
    each: str,
    folder: Path,
    template: Template,
    *,
    overwrite: bool,
) -> None:
    """One file per place of a level, named by its title."""
    from engine.files import name_files, replace_file

    titles = report.places(each)
    if not titles:
        raise CommandRefusedError(_("there is no place of this level that may be shown"))
    names = name_files(titles, template.ending)
    _refuse_foreign(*(folder / name for name in names.values()), overwrite=overwrite)
    folder.mkdir(parents=True, exist_ok=True)
    for place in showing.track(list(names), _("Reports")):
        page = _make_page(report, press, template, (each, place))
        with replace_file(folder / names[place]) as stream:
            stream.write(page)
    many = ngettext(
        "{count} file written to {folder}", "{count} files written to {folder}", len(names)
    )
    echo(many.format(count=len(names), folder=folder), err=True)
