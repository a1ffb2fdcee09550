"""The order of things: files → one prepared `Data`.

1. Files become raw tables (`tables`); what is neither data nor expected beside them is a problem.
2. Tables of facts are recognised, and their keys are read (`fact_tables`, `facts`).
3. The register is read, or made of the schools that the facts name (`register`); places get titles.
4. Totals are passed over, titles of places become ids (`totals`, `place_names`); rows are counted
   or left out, with the reason (`counted_rows`).
5. Texts become typed columns (`typed_columns`).
6. Rows of several files become one wide frame per level (`merged_facts`).
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TypeAlias

import polars as pl

from engine.catalogue.model import SCENARIOS, Catalogue
from engine.catalogue.source import PROJECT_FILE
from engine.data.adopted_files import FACTS, find_changed_sources, is_adopted_file
from engine.data.counted_rows import (
    FactKeys,
    check_rows,
    known_years,
    levels_with_strangers,
    read_fact_keys,
    resolve_places,
)
from engine.data.fact_tables import recognise_facts
from engine.data.facts import FactTable, read_written_keys
from engine.data.headings import (
    count_headings,
    count_register_headings,
    fold_titles,
    read_register_headings,
)
from engine.data.merged_facts import merge_tables
from engine.data.model import Data
from engine.data.named_places import add_places, find_new_places, list_unschooled
from engine.data.place_names import name_above, name_places
from engine.data.place_titles import read_places
from engine.data.register import (
    Register,
    build_register,
    find_alike_places,
    read_register,
)
from engine.data.tables import (
    READABLE,
    CountHeadings,
    RawTable,
    open_books,
    read_tables,
    shorten,
)
from engine.data.targets import read_targets
from engine.data.total_names import AREA_WORDS, is_total_row, may_be_total
from engine.data.totals import drop_totals
from engine.data.typed_columns import TypedFacts, read_input_columns
from engine.files import is_temporary
from engine.level_words import name_level, speak_of
from engine.problems import Position, Problem, sort_problems, suggest_name
from engine.same_names import fold_name
from engine.translation import gettext as _
from engine.translation import use_language

NOTICE = "notice.txt"
MOST_NOTICE = 2_000
REGISTER_TABLES = _SCHOOLS, _PLACES, _TARGETS = "schools", "places", "targets"
"""Names of the tables of a data folder that hold no facts."""
_MUNICIPALITY, _REGION = "municipality", "region"
_MAY_BE_REGISTER = re.compile(r".*(?:schools|школы|реестр)", re.IGNORECASE)
"""Names of files that are likely the register, saved under a name that is not looked for."""


@dataclass(frozen=True, slots=True)
class TableList:
    """The tables of a data folder, by what they are."""

    facts: tuple[RawTable, ...]
    register: RawTable | None = None
    places: RawTable | None = None
    files: tuple[Path, ...] = ()
    targets: RawTable | None = None


SourceReader: TypeAlias = Callable[[Catalogue, Path, Data], tuple[list[RawTable], list[Problem]]]
"""Reads adopted sources anew: catalogue, folder, data without facts → tables of facts, problems."""


def read_data(
    catalogue: Catalogue, path: str | Path, read_sources: SourceReader | None = None
) -> tuple[Data, tuple[Problem, ...]]:
    """The data of a folder or of one file of facts, and everything that is wrong in them.

    Adopted sources that have changed are read by `read_sources`; without it that is a warning.
    """
    tables, problems = _find_tables(catalogue, Path(path))
    if changed := find_changed_sources(Path(path)):
        tables, more = _read_changed(catalogue, Path(path), tables, changed, read_sources)
        problems = [
            problem for problem in problems if problem.code != "no-facts" or not tables.facts
        ] + more
    data, more = prepare_data(catalogue, tables)
    data = replace(data, notice=_read_notice(Path(path)))
    # Of a sheet that is not read for its heading, what stands beside the heading follows from that.
    unread = {
        (problem.position.file, problem.position.sheet)
        for problem in more
        if problem.code == "heading-of-rows" and problem.position
    }
    problems = [
        problem
        for problem in problems
        if problem.code != "cell-without-column"
        or not problem.position
        or (problem.position.file, problem.position.sheet) not in unread
    ]
    # What a register under another name lacks as a table of facts follows from its name.
    missing = next((one for one in problems if one.code == "no-register" and one.about), None)
    if missing:
        more = [
            replace(one, cause=missing) if one.position == Position(missing.about) else one
            for one in more
        ]
    return data, sort_problems([*problems, *more])


def _read_changed(
    catalogue: Catalogue,
    path: Path,
    found: TableList,
    changed: Sequence[str],
    read_sources: SourceReader | None,
) -> tuple[TableList, list[Problem]]:
    """The tables with those of adopted sources that have changed, and a line that says so."""
    position = Position(os.path.normpath(path))
    names = ", ".join(changed)
    present = ", ".join(name for name in changed if (path / name).is_file())
    if read_sources is None:
        message = _("changed since it was adopted, and not read anew: {names}").format(names=names)
        hint = _("run adopt again with this folder: -o {folder}").format(folder=position.file)
        return found, [Problem("sources-changed", message, position, hint, "warning")]
    data, _problems = prepare_data(catalogue, replace(found, facts=()))
    known = replace(data, register=data.register if found.register else None)
    tables, problems = read_sources(catalogue, path, known)
    others = (table for table in found.facts if table.path is None or table.path.name != FACTS)
    message = _("changed since it was adopted, read anew through sources.yaml: {names}")
    # Of a file that is gone `read_sources` speaks.
    if present:
        message = message.format(names=present)
        problems.insert(0, Problem("sources-changed", message, position, severity="warning"))
    return replace(found, facts=(*others, *tables)), problems


def _read_notice(path: Path) -> str:
    """What a data folder wants said on every page made from it."""
    file = path / NOTICE
    if not file.is_file():
        return ""
    with file.open(encoding="utf-8-sig", errors="replace") as text:
        return " ".join(text.read(MOST_NOTICE).split())


def _find_tables(catalogue: Catalogue, path: Path) -> tuple[TableList, list[Problem]]:
    name = os.path.normpath(path)
    if path.is_file():
        if path.suffix.lower() not in READABLE:
            return TableList(()), [_refuse_file(path, str(name))]
        count = partial(count_headings, catalogue, titles=fold_titles(catalogue))
        tables, problems = read_tables(path, str(name), count)
        return TableList(tuple(tables), files=(path,)), problems
    if not path.is_dir():
        message = _("there is no such file or folder")
        beside = [each.name for each in path.parent.glob("*")] if path.parent.is_dir() else []
        hint = suggest_name(path.name, beside)
        return TableList(()), [Problem("no-data", message, Position(str(name)), hint)]
    facts: list[RawTable] = []
    own: dict[str, RawTable] = {}
    files: list[Path] = []
    problems = []
    listed = sorted(path.iterdir())
    books = dict(open_books(file for file in listed if not _is_silent(file) and file.is_file()))
    count_facts = partial(count_headings, catalogue, titles=fold_titles(catalogue))
    count_register = partial(count_register_headings, catalogue)
    for file in listed:
        shown = os.path.join(name, file.name)  # noqa: PTH118 - the path as it was given
        if _is_silent(file):
            continue
        if not file.is_file() or file.suffix.lower() not in READABLE:
            problems.append(replace(_refuse_file(file, shown), severity="warning"))
            continue
        kind = file.stem.casefold()
        count = count_register if kind == _SCHOOLS else count_facts
        tables, more = read_tables(file, shown, count, books)
        is_unread = kind == _SCHOOLS and not tables
        problems += [_say_whose(catalogue, one) for one in more] if is_unread else more
        files.append(file)
        if kind not in REGISTER_TABLES:
            facts += tables
        elif tables and kind not in own:
            own[kind], more = _choose_sheet(tables, count)
            problems += more
        elif tables:
            message = _("there are two files “{name}”: this one is not read").format(name=kind)
            problems.append(
                Problem("file-twice", message, Position(shown), _("leave one of the files"))
            )
    if _SCHOOLS not in own and not any(file.stem.casefold() == _SCHOOLS for file in files):
        problems.append(_miss_register(catalogue, listed, str(name)))
    if (
        catalogue.inputs
        and not facts
        and not any(problem.severity == "error" for problem in problems)
    ):
        problems.append(
            Problem(
                "no-facts",
                _("the folder holds no facts"),
                Position(str(name)),
                _("put tables of numbers there: facts_2023.csv, or what collect or adopt wrote"),
            )
        )
    if _TARGETS not in own and not any(file.stem.casefold() == _TARGETS for file in files):
        problems += _miss_targets(catalogue, str(name))
    return TableList(
        tuple(facts), own.get(_SCHOOLS), own.get(_PLACES), tuple(files), own.get(_TARGETS)
    ), problems


def _miss_register(catalogue: Catalogue, listed: Sequence[Path], folder: str) -> Problem:
    """The error that there is no register; `about` is the file that may be it under another name."""
    message = speak_of(
        catalogue.levels[0],
        _("there is no register “schools.csv”: the schools are those the facts name"),
        _("there is no register “schools.csv”: the places are those the facts name ({level})"),
    )
    hint, about = "", ""
    for path in reversed(listed):
        shown = os.path.join(folder, path.name)  # noqa: PTH118 - the path as it was given
        if path.is_dir() and any(path.glob(f"{_SCHOOLS}.*")):
            hint = hint or _("it is in {folder}: is that the folder of the data?").format(
                folder=shown
            )
        elif path.is_file() and not _is_silent(path) and _MAY_BE_REGISTER.match(path.name):
            ending = path.suffix if path.suffix.lower() in READABLE else ".csv"
            hint = _("if it is {file}, rename it to {name}")
            hint, about = hint.format(file=shown, name=f"{_SCHOOLS}{ending}"), shown
    return Problem("no-register", message, Position(folder), hint, about=about)


def _say_whose(catalogue: Catalogue, problem: Problem) -> Problem:
    """The problem of a register that cannot be read, and whose the facts are until it can."""
    note = speak_of(
        catalogue.levels[0],
        _("until then the schools are those the facts name"),
        _("until then the places are those the facts name ({level})"),
    )
    return replace(problem, hint="; ".join(filter(None, (problem.hint, note))))


def _miss_targets(catalogue: Catalogue, folder: str) -> list[Problem]:
    """A warning where targets are said to be given, and nothing gives them."""
    given = [
        indicator.id
        for indicator in catalogue.indicators.values()
        if any(target.given for target in indicator.targets.values())
    ]
    if not given:
        return []
    message = _("targets of “{id}” are given with the data, and there is no targets.csv")
    hint = _("columns: indicator, level, place, year, comparator, value")
    problem = Problem("no-targets", message.format(id=given[0]), Position(folder), hint, "warning")
    return [problem]


def _choose_sheet(
    tables: Sequence[RawTable], count: CountHeadings
) -> tuple[RawTable, list[Problem]]:
    """The sheet of a workbook that is its register: the first that has the heading and is seen."""
    headed = [table for table in tables if count(table.header)]
    chosen = min(headed or tables, key=lambda table: table.hidden)
    problems = []
    for table in tables:
        if table is chosen:
            continue
        if table in headed:
            message = _("the sheet is not read: the register is sheet “{sheet}”")
            message = message.format(sheet=chosen.sheet)
            problems.append(
                Problem("second-register", message, table.position(), severity="warning")
            )
        else:
            message = _("the sheet holds no facts: it is not read")
            problems.append(Problem("ignored-sheet", message, table.position(), severity="note"))
    return chosen, [*problems, *_name_hidden([chosen])]


def _name_hidden(tables: Iterable[RawTable]) -> list[Problem]:
    """A warning for each sheet that is read though nobody sees it."""
    message = _("the sheet is hidden, and its numbers are read")
    hint = _("if they are not meant, delete the sheet: right click, Show, then Delete")
    return [
        Problem("hidden-sheet", message, table.position(), hint, "warning")
        for table in tables
        if table.hidden
    ]


def _is_silent(file: Path) -> bool:
    """What a data folder may hold beside data: the protocol of `collect`, notes, hidden files."""
    name = file.name.casefold()
    return (
        is_temporary(name)
        or is_adopted_file(file)
        or name in {"returned", PROJECT_FILE}
        or file.suffix.casefold() == ".md"
        or file.stem.casefold() in {"protocol", "readme"}
        or name == NOTICE
    )


def _refuse_file(file: Path, shown: str) -> Problem:
    message = _("it is no CSV, workbook or Parquet: not read")
    hint = _("save a table as “CSV UTF-8” or as .xlsx; what is no data is kept elsewhere")
    if file.is_dir():
        message, hint = _("folders inside the data folder are not read"), ""
    return Problem("ignored-file", message, Position(shown), hint)


def prepare_data(catalogue: Catalogue, tables: TableList) -> tuple[Data, list[Problem]]:
    """Data from raw tables (steps 2 to 6)."""
    facts, problems = _recognise_all(catalogue, tables.facts)
    rows = [read_fact_keys(fact) for fact in facts]
    last = max(catalogue.years, default=9999)
    named = known_years(rows, last)
    years = _list_years(catalogue, named)
    places, more = _default_places(catalogue, rows, tables.register)
    problems += more
    register: Register | None = None
    causes: dict[str, Problem] = {}
    if tables.register is not None:
        register, more = read_register(catalogue, tables.register, places)
        problems += more
        causes = {fold_name(problem.about): problem for problem in reversed(more) if problem.about}
        if empty := next((problem for problem in more if problem.code == "no-schools"), None):
            causes[""] = empty
    if register is None:
        schools = _places_of_facts(catalogue, rows, catalogue.levels[0])
        register = build_register(catalogue, schools, places)
        problems += _find_doubtful_schools(catalogue.levels[0], rows, schools)
    titles = _title_places(catalogue, register)
    written: dict[tuple[str, str], str] = {}
    if tables.places is not None:
        written, more = read_places(catalogue, tables.places, register)
        titles |= written
        problems += more
    titles |= register.titles
    columns = _levels_with_column(catalogue, tables.register)
    register = add_places(register, written, columns)
    names = name_places(catalogue, register, titles, levels_with_strangers(register, rows))
    rows, more = drop_totals(catalogue, names, rows)
    problems += more
    resolved = resolve_places(register, names, rows)
    new_places = find_new_places(register, names, resolved, columns)
    register = add_places(register, new_places, columns)
    problems += new_places.values()
    rows, more = check_rows(catalogue, register, names, resolved, causes)
    problems += more
    typed, more = read_input_columns(catalogue, rows)
    problems += more
    data, more = _assemble(catalogue, register, typed, years)
    unschooled = list_unschooled(catalogue, register, data.given, written, years)
    data = replace(data, titles=titles, files=tables.files, unschooled=unschooled)
    if tables.targets is not None:
        targets, refused = read_targets(catalogue, tables.targets, register)
        data = replace(data, targets=targets)
        more = [*more, *refused]
    return data, [*problems, *more]


def _levels_with_column(catalogue: Catalogue, register: RawTable | None) -> frozenset[str]:
    """The levels above the school that the register has a column for."""
    if register is None:
        return frozenset()
    header = {name.casefold() for name in read_register_headings(catalogue, register).columns()}
    return frozenset(level for level in catalogue.places[1:] if level.casefold() in header)


def _recognise_all(
    catalogue: Catalogue, tables: Sequence[RawTable]
) -> tuple[list[FactTable], list[Problem]]:
    """The facts of all tables. Beside a sheet of facts a workbook may hold sheets of other things."""
    facts: list[FactTable] = []
    problems: list[Problem] = []
    strange: list[tuple[RawTable, list[Problem]]] = []
    for table in tables:
        recognised, more = recognise_facts(catalogue, table)
        facts += recognised
        unsure = any(problem.code == "heading-of-rows" for problem in more)
        problems += _name_hidden([table] if recognised else [])
        if not recognised and table.sheet and not unsure:
            strange.append((table, more))
        else:
            problems += more
    read = {fact.table.file for fact in facts}
    for table, more in strange:
        message = _("the sheet holds no facts: it is not read")
        note = Problem("ignored-sheet", message, table.position(), severity="note")
        problems += [note] if table.file in read else more
    return read_written_keys(facts), problems


def _list_years(catalogue: Catalogue, named: set[int]) -> tuple[int, ...]:
    """From the first year of the facts to the last of the catalogue.

    Always with the year before the catalogue's first: the register, not the facts, decides which
    schools there were, and some formulas count them a year before.
    """
    years = named | {year - 1 for year in catalogue.years[:1]} | set(catalogue.years)
    if not years:
        return ()
    return tuple(range(min(years), max(catalogue.years or years) + 1))


def _default_places(
    catalogue: Catalogue, rows: Sequence[FactKeys], register: RawTable | None
) -> tuple[dict[str, str], list[Problem]]:
    """The one place of every level that the register has no column for.

    The municipality is called by the id of the catalogue, any other by the only place its facts
    name (else its constants), else by the id of its level.
    """
    names = read_register_headings(catalogue, register).names if register else ()
    header = {name.casefold() for name in names}
    places: dict[str, str] = {}
    problems = []
    for level in catalogue.places[1:]:
        if level == _MUNICIPALITY:
            places[level] = catalogue.id
            continue
        named = sorted(
            _places_of_facts(catalogue, rows, level) or places_of_constants(catalogue, level)
        )
        places[level] = named[0] if len(named) == 1 else level
        if len(named) > 1 and level.casefold() not in header:
            message = _(
                "the facts name several places of “{level}” ({places}), and the register has no such column"
            )
            message = message.format(level=name_level(level), places=", ".join(named[:5]))
            hint = _("add the column “{name}” to schools.csv").format(name=name_level(level))
            position = register.position() if register else None
            problems.append(Problem("no-level-column", message, position, hint))
    return places, problems


def _places_of_facts(catalogue: Catalogue, rows: Iterable[FactKeys], level: str) -> set[str]:
    """The places of a level that facts name; of names that are the same the first stands for all.

    «Край» alone is the place of a level above the lowest where facts name no other.
    """
    named = {
        place
        for part in rows
        if part.fact.level == level
        for place in part.keys["place"].drop_nulls().unique().to_list()
    }
    above = name_above(catalogue, {}, {}, level)
    own = [place for place in sorted(named) if not is_total_row(place, (), above)]
    if not own and level != catalogue.levels[0]:
        own = [place for place in sorted(named) if fold_name(place) in AREA_WORDS - above]
    places: dict[str, str] = {}
    for place in own:
        places.setdefault(fold_name(place), place)
    return set(places.values())


def _find_doubtful_schools(
    level: str, rows: Iterable[FactKeys], schools: Collection[str]
) -> list[Problem]:
    """Schools of facts that may be none, where no register names them.

    The eye does not tell them from others, or their names begin as that of a total does.
    """
    first: dict[str, tuple[FactTable, int]] = {}
    for part in rows:
        if part.fact.level != level or "row" not in part.keys.columns:
            continue
        named = part.keys.unique("place", keep="first", maintain_order=True)
        for place, row in named.select("place", "row").iter_rows():
            if place in schools:
                first.setdefault(place, (part.fact, row))
    problems = find_alike_places(level, first, _find_position)
    for place in filter(may_be_total, first):
        message = speak_of(
            level,
            _("“{name}”: is it a total, or a school?"),
            _("“{name}”: is it a total, or a {level}?"),
            name=shorten(place),
        )
        hint = speak_of(
            level,
            _("it is counted as a school; if it is a total, delete the row"),
            _("it is counted as a {level}; if it is a total, delete the row"),
        )
        position = _find_position(first[place])
        problems.append(Problem("likely-total", message, position, hint, "warning"))
    return problems


def _find_position(origin: tuple[FactTable, int]) -> Position:
    fact, row = origin
    return fact.table.position(row, fact.place)


def places_of_constants(catalogue: Catalogue, level: str) -> set[str]:
    """The places of a level that constants have values for."""
    return {
        place
        for constant in catalogue.constants.values()
        if constant.level == level
        for place in constant.values_by_place
    }


def _title_places(catalogue: Catalogue, register: Register) -> dict[tuple[str, str], str]:
    """The titles that the catalogue itself gives to its municipality and its region.

    The only place of a level that nothing names goes by the word of its level: `Регион`, not `region`.
    """
    own = {_MUNICIPALITY: catalogue.municipality, _REGION: catalogue.region}
    titles: dict[tuple[str, str], str] = {}
    for level, places in register.places.items():
        if len(places) != 1:
            continue
        place = next(iter(places))
        with use_language(catalogue.language):
            word = name_level(level).capitalize() if place == level else ""
        if title := own.get(level) or word:
            titles[level, place] = title
    return titles


def _assemble(
    catalogue: Catalogue,
    register: Register,
    typed: Sequence[TypedFacts],
    years: Sequence[int],
) -> tuple[Data, list[Problem]]:
    school = catalogue.levels[0]
    odd: dict[str, frozenset[int]] = {}
    problems: list[Problem] = []
    frames: dict[str, pl.LazyFrame] = {}
    for level in dict.fromkeys([school, *(part.level for part in typed)]):
        of_level = [part for part in typed if part.level == level]
        frames[level], states, more = merge_tables(catalogue, of_level)
        odd |= states
        problems += more
    facts = frames.pop(school).rename({"place": "school"})
    occurring = {name for part in typed for name in part.scenarios}
    empty = pl.DataFrame(schema={"place": pl.String, "year": pl.Int32})
    forecasts = pl.concat([empty, *(part.forecasts for part in typed if part.level == school)])
    keys = forecasts.rename({"place": "school"}).unique(maintain_order=True)
    data = Data(
        schools=register.by_year(years).lazy(),
        register=register,
        facts=facts,
        given=frames,
        forecast_keys=keys.lazy(),
        years=tuple(years),
        scenarios=tuple(name for name in SCENARIOS if name in occurring),
        filled=frozenset(name for part in typed for name in part.inputs) | odd.keys(),
        odd=odd,
        titles={},
        inputs=catalogue.inputs,
        sources=tuple(fact for part in typed for fact in part.facts),
    )
    return data, problems
