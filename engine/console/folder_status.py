"""What `pokazatel` alone says: what is in this folder, what is missing, and the next command."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from engine.console.showing import count_problems, print_problems, quote_path, select_shown
from engine.console.terminal import echo
from engine.problems import has_errors
from engine.translation import gettext as _
from engine.translation import ngettext
from engine.typography import set_type

if TYPE_CHECKING:
    from engine.authoring.project_file import Project
    from engine.catalogue.model import Catalogue

_REGISTER = "schools.csv"


@dataclass(frozen=True, slots=True)
class DataStatus:
    """A folder of data: how many places of the lowest level and which years of facts are in it."""

    path: Path
    lowest: str
    schools: int = 0
    years: tuple[int, ...] = ()


def describe_folder() -> bool:
    """Print it; whether neither the project file nor the catalogue has errors."""
    from engine.authoring.project_file import read_project
    from engine.catalogue.load import find_catalogue, list_in_sight, load
    from engine.catalogue.source import PROJECT_FILE

    project, problems = read_project(Path())
    if has_errors(problems):
        print_problems(problems)
        echo(_("Next: mend {file}").format(file=PROJECT_FILE))
        return False
    folders = list_in_sight()
    if project and project.catalogue:
        named, missing = find_catalogue(project.catalogue)
        if has_errors(missing):
            print_problems(missing)
            echo(_("Next: mend {file}").format(file=PROJECT_FILE))
            return False
        folders = (named,)
    if not folders:
        echo(_("There is no catalogue of indicators in this folder."))
        for path in sorted(Path().glob(f"*/{PROJECT_FILE}")):
            echo(
                _("In the folder {folder} there is one: cd {quoted}").format(
                    folder=path.parent, quoted=quote_path(path.parent)
                )
            )
        _show_commands(
            ("demo try", _("copy a ready one with invented data, to try the program")),
            (f"new {_('ID')}", _("begin your own")),
            ("--help", _("all commands")),
        )
        return True
    if len(folders) > 1:
        echo(_("Catalogues here: {names}").format(names=", ".join(map(str, folders))))
        _show_commands((f"check {quote_path(folders[0])}", _("check one of them")))
        return True
    (folder,) = folders
    catalogue, found = load(folder)
    echo(
        _("Catalogue: {folder} — {state}").format(
            folder=folder, state=count_problems(select_shown(found))
        )
    )
    if catalogue is None or has_errors(found):
        _show_commands((f"check {quote_path(folder)}", _("see what to mend")))
        return False
    count = len(catalogue.indicators)
    years = ", ".join(map(str, catalogue.years))
    listed = ngettext("{count} indicator", "{count} indicators", count).format(count=count)
    echo(set_type(f"  {catalogue.title}: {listed}; {years}"))
    data = _find_data(catalogue, project)
    for line in _describe_data(data):
        echo(line)
    _show_commands(*_list_next(folder, catalogue, data, project))
    return True


def _find_data(catalogue: Catalogue, project: Project | None) -> DataStatus | None:
    """The data that the project names, else those of the folder that has a register."""
    if project and project.data:
        path = Path(project.data)
        if not path.exists():
            return None
    else:
        places = sorted(Path().glob(f"*/{_REGISTER}"))
        if not places:
            return None
        path = places[0].parent
    from engine.data.frames import collect_frame
    from engine.data.intake import read_data

    contents, _problems = read_data(catalogue, path)
    schools = collect_frame(contents.schools.select("school").unique()).height
    years = collect_frame(contents.facts.select("year").unique())["year"].to_list()
    return DataStatus(path, catalogue.levels[0], schools, tuple(sorted(years)))


def _describe_data(data: DataStatus | None) -> Iterator[str]:
    if data is None:
        yield _(
            "Data: there are none yet (a folder with the register {file} and tables of numbers)"
        ).format(file=_REGISTER)
        return
    from engine.level_words import word_beside

    places = f"{data.schools} {word_beside(data.lowest, data.schools)}"
    years = ", ".join(map(str, data.years)) or _("no numbers yet")
    yield _("Data: {folder} — {places}; {years}").format(
        folder=data.path, places=set_type(places), years=years
    )


def _list_next(
    folder: Path, catalogue: Catalogue, data: DataStatus | None, project: Project | None
) -> Iterator[tuple[str, str]]:
    """The next commands, each with what it is for, the first one first."""
    name = "" if project and project.catalogue else f" {quote_path(folder)}"
    if data is None:
        tables = _("TABLES")
        command = f"adopt {quote_path(folder)} {tables} -o data"
        yield command, _("make data of your workbooks and Word tables")
        return
    options = "" if project and project.data else f" --data {quote_path(data.path)}"
    year = max(catalogue.years or data.years or (2023,))
    if not data.years:
        for form in list(catalogue.forms)[:1]:
            command = f"form{name} {form}{options} --year {year} -o forms"
            yield command, _("write the forms")
        return
    if not (project and project.catalogue and project.data):
        yield f"evaluate{name}{options}", _("compute the indicators")
        return
    yield "evaluate", _("compute the indicators")
    last = max(set(catalogue.years) & set(data.years), default=year)
    yield ("report" if project.years else f"report --year {last}"), _("write a report")


def _show_commands(*commands: tuple[str, str]) -> None:
    echo(_("Next:"))
    width = max((len(command) for command, _use in commands), default=0)
    for command, use in commands:
        echo(f"  pokazatel {command:<{width}}  {use}")
