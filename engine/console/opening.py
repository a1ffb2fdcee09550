"""What a command works on: a catalogue without errors, and data that can answer what is asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from textwrap import shorten
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from engine.catalogue.build.splits import list_splits
from engine.catalogue.lookups import find_level, short_of, short_of_row, title_of
from engine.console.click_words import is_of_project, shows_notes
from engine.console.showing import print_problems, stop
from engine.level_words import name_level
from engine.problems import Position, Problem, has_errors, suggest_name
from engine.same_names import fold_name
from engine.translation import gettext as _
from engine.typography import set_type

if TYPE_CHECKING:
    from engine.catalogue.model import Catalogue, RegisterColumn
    from engine.data.model import Data
    from engine.data.tables import RawTable

_MOST = 20  # names in one sentence
_LONGEST = 110  # characters of an id with its title


def find_folder(name: str, definitions: Path | None) -> tuple[Path, list[Problem]]:
    """The folder of a catalogue, and why there is none.

    A note on which of several is read is printed, unless the project file names it.
    """
    from engine.catalogue.load import find_catalogue

    folder, problems = find_catalogue(name, definitions)
    if shows_notes() or not is_of_project(name):
        print_problems(problem for problem in problems if problem.severity == "note")
    return folder, [problem for problem in problems if problem.severity != "note"]


def open_catalogue(name: str, definitions: Path | None) -> tuple[Catalogue, list[Problem]]:
    """The catalogue and its warnings; with errors it stops here, for nothing could be proven."""
    from engine.catalogue.load import load

    folder, missing = find_folder(name, definitions)
    if missing:
        stop(missing)
    catalogue, problems = load(folder)
    if catalogue is None or has_errors(problems):
        stop(problems, _("the catalogue has errors: nothing was computed"))
    if catalogue.is_library:
        message = _("“{name}” is a library: it is checked, and used by catalogues")
        hint = _("name a catalogue that uses it")
        position = Position(catalogue.folder.as_posix())
        stop([Problem("no-catalogue", message.format(name=name), position, hint)])
    return catalogue, [*problems]


def open_data(
    catalogue: Catalogue, path: Path, options: dict[str, Any]
) -> tuple[Data, list[Problem]]:
    """The data and their problems; what neither they nor the catalogue know is refused.

    The places among the options become ids. Where there is no row of facts because what is there cannot
    be read, it stops here. Of a folder in which nothing lies yet, reports say so.
    """
    if options.get("levels"):
        options["levels"] = choose_levels("--level", catalogue, options["levels"])
    refuse(unknown_to_catalogue(catalogue, options))
    read, problems = read_data_anew(catalogue, path)
    if not path.exists():
        stop(problems)
    if has_errors(
        problem for problem in problems if problem.code not in _NOTHING_YET
    ) and not _has_facts(read):
        stop(problems, _("no fact could be read from the data: nothing was computed"))
    options["places"] = choose_places(catalogue, read, options.get("places", ()))
    refuse(unknown_to_data(catalogue, read, options))
    return read, [*problems]


def read_data_anew(catalogue: Catalogue, path: Path) -> tuple[Data, tuple[Problem, ...]]:
    """The data of a folder; adopted sources that have changed are read anew."""
    from engine.data.intake import read_data

    return read_data(catalogue, path, _read_sources)


def _read_sources(
    catalogue: Catalogue, folder: Path, data: Data
) -> tuple[list[RawTable], list[Problem]]:
    # The readers of Word are loaded for those who need them.
    from engine.adoption.reread import read_changed_sources

    return read_changed_sources(catalogue, folder, data)


_NOTHING_YET = ("no-facts", "no-register")


def _has_facts(data: Data) -> bool:
    """Whether there is a row of facts, readable or not."""
    frames = (data.facts, *data.given.values())
    return any(not frame.select("year").head(1).collect().is_empty() for frame in frames)


def refuse(unknown: Iterable[UnknownName]) -> None:
    """End with an error of usage where there is a name that nobody knows."""
    for name in unknown:
        raise click.BadParameter(set_type(name.message), param_hint=f"'{_(name.option)}'")


def refuse_missing(paths: Sequence[Path], option: str) -> None:
    """End with an error of usage where a file or folder is not there; what it may be is offered."""
    for number, path in enumerate(paths):
        if path.exists():
            continue
        message = _("there is no such file or folder: “{path}”").format(path=path)
        words = " ".join(map(str, paths[number : number + 2]))
        beside = [file.name for file in path.parent.glob("*")] if path.parent.is_dir() else []
        hint = suggest_name(path.name, beside)
        if any(name.startswith(f"{words} ") or name == words for name in beside):
            hint = _("a name with spaces is written in quotes")
        raise click.BadParameter("; ".join(filter(None, (message, hint))), param_hint=f"'{option}'")


# --- ids, numbers of the order and titles -------------------------------------------------------


def choose_rows(option: str, catalogue: Catalogue, names: Iterable[str]) -> tuple[str, ...]:
    """The ids of indicators and inputs that are named by id, number in the order, title or short title."""
    known: dict[str, list[str]] = {
        name: [indicator.code, indicator.title, short_of_row(catalogue, indicator)]
        for name, indicator in catalogue.indicators.items()
    }
    for name in catalogue.inputs:
        known.setdefault(name, []).extend((title_of(catalogue, name), short_of(catalogue, name)))
    return tuple(_choose(option, name, known) for name in names)


def choose_levels(option: str, catalogue: Catalogue, names: Iterable[str]) -> tuple[str, ...]:
    """The levels that are named by id or by their usual words; what is none is refused."""
    named = tuple(names)
    strange = (name for name in named if not find_level(catalogue, name))
    refuse(find_unknown(option, strange, _name_levels(catalogue)))
    return tuple(find_level(catalogue, name) for name in named)


def _name_levels(catalogue: Catalogue) -> tuple[str, ...]:
    """The ids of the levels, then their words."""
    return tuple(dict.fromkeys((*catalogue.levels, *map(name_level, catalogue.levels))))


def choose_columns(
    option: str, catalogue: Catalogue, names: Iterable[str]
) -> tuple[RegisterColumn, ...]:
    """Columns of the register by id or title; one without options is an error of usage."""
    known = {column.id: (column.title,) for column in catalogue.register.values()}
    columns = []
    for name in names:
        chosen = _choose(option, name, known)
        refuse(find_unknown(option, (chosen,), tuple(known)))
        column = catalogue.register[chosen]
        if not list_splits(column):
            message = _("the column “{column}” is neither a choice nor a yes/no")
            raise click.BadParameter(
                message.format(column=column.title), param_hint=f"'{_(option)}'"
            )
        columns.append(column)
    return tuple(columns)


def choose_places(catalogue: Catalogue, data: Data, names: Iterable[str]) -> tuple[str, ...]:
    """The ids of places of the computed levels that are named by id or title."""
    if not (named := tuple(names)):
        return ()
    known: dict[str, list[str]] = {place: [] for place in sorted(_places(catalogue, data))}
    for (level, place), title in data.titles.items():
        if place in known and level in catalogue.levels:
            known[place].append(title)
    return tuple(_choose("--place", name, known) for name in named)


def _choose(option: str, name: str, known: Mapping[str, Sequence[str]]) -> str:
    """The id that a name means, itself where it means none; of several all are listed, and refused.

    An id wins. A number of the order may end with its dot.
    """
    if name in known:
        return name
    folded = fold_name(name).rstrip(".")
    ids = [key for key in known if fold_name(key) == folded]
    fitting = ids or [
        key
        for key, names in known.items()
        if folded in (fold_name(other).rstrip(".") for other in names if other)
    ]
    if len(fitting) > 1:
        message = _("“{name}” may be one of several, name it by its id:{list}")
        listed = _list_titles(fitting, known)
        refuse([UnknownName(option, message.format(name=name, list=listed))])
    if fitting:
        return fitting[0]
    titles = {title: key for key, names in known.items() for title in names if title}
    if name not in known and (hint := suggest_name(name, [*titles, *known])):
        message = _("there is no “{name}”").format(name=name)
        refuse([UnknownName(option, f"{message}; {hint}")])
    holding = [
        key for key, names in known.items() if any(folded in fold_name(title) for title in names)
    ]
    if folded and holding:
        message = _("there is no “{name}”; these have it in their titles:{list}")
        listed = _list_titles(holding, known)
        refuse([UnknownName(option, message.format(name=name, list=listed))])
    if known:
        message = _("there is no “{name}”; there are:{list}")
        listed = _list_titles(list(known), known)
        refuse([UnknownName(option, message.format(name=name, list=listed))])
    return name


def _list_titles(ids: Sequence[str], known: Mapping[str, Sequence[str]]) -> str:
    """Ids with their titles, a line each."""
    lines = [" — ".join((name, *known[name][-1:])) for name in ids[:_MOST]]
    lines += ["…"] if len(ids) > _MOST else []
    return "".join(f"\n  {shorten(line, _LONGEST, placeholder='…')}" for line in lines)


# --- names nobody knows ---------------------------------------------------------------------------


class UnknownName(NamedTuple):
    """A name that nobody knows: the option or argument that asked for it, and the message."""

    option: str
    message: str


def split_names(text: str | None) -> tuple[str, ...]:
    """The names of a list with commas."""
    return tuple(part.strip() for part in (text or "").split(",") if part.strip())


def find_unknown(option: str, given: Iterable[str], known: Sequence[str]) -> Iterator[UnknownName]:
    """Each name that is not among the known, with the nearest that is, or with all there are."""
    for name in given:
        if name not in known:
            message = _("there is no “{name}”").format(name=name)
            some = ", ".join(known[:_MOST]) + (", …" if len(known) > _MOST else "")
            hint = suggest_name(name, known) or (
                _("there are: {known}").format(known=some)
                if known
                else _("the catalogue declares none")
            )
            yield UnknownName(option, f"{message}; {hint}")


def unknown_columns(names: Iterable[str]) -> Iterator[UnknownName]:
    """Columns that no results have."""
    from engine.evaluation.asking import ALL_COLUMNS

    return find_unknown("--columns", names, ALL_COLUMNS)


def unknown_rows(option: str, names: Iterable[str], catalogue: Catalogue) -> Iterator[UnknownName]:
    """Names of what is neither an indicator nor an input."""
    return find_unknown(option, names, [*catalogue.indicators, *catalogue.inputs])


def unknown_to_catalogue(catalogue: Catalogue, options: Mapping[str, Any]) -> Iterator[UnknownName]:
    """Levels and indicators, which only the catalogue knows."""
    yield from find_unknown("--level", options.get("levels", ()), _name_levels(catalogue))
    yield from unknown_rows("--indicator", options.get("indicators", ()), catalogue)


def unknown_to_data(
    catalogue: Catalogue, data: Data, options: Mapping[str, Any]
) -> Iterator[UnknownName]:
    """Years and places, which data name too."""
    years = [str(year) for year in sorted({*catalogue.years, *data.years})]
    if years:  # without a year anywhere there is nothing to choose from, and nothing to refuse
        yield from find_unknown("--year", [str(year) for year in options.get("years", ())], years)
    if options.get("places"):
        yield from find_unknown("--place", options["places"], sorted(_places(catalogue, data)))


def _places(catalogue: Catalogue, data: Data) -> set[str]:
    known = {place for level, place in data.titles if level in catalogue.levels}
    frame = data.schools.collect()
    for level in catalogue.levels:
        column = f"level:{level}" if level != catalogue.levels[0] else "school"
        known |= set(frame[column].drop_nulls().unique().to_list())
    return known
