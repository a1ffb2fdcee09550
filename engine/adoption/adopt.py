"""Adopting files into a data folder: sources.yaml, copies, facts and a protocol.

What is there already stays: `sources.yaml` is only added to, other files are not touched. The copies
are written before what is made from them, so a run that is killed leaves data that are read anew.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, combinations
from pathlib import Path

import polars as pl

from engine.adoption.adopted_tables import (
    AdoptedTables,
    add_digests,
    find_tables,
    frame_facts,
    read_tables_by,
    recognise_tables,
)
from engine.adoption.grids import Grid
from engine.adoption.missing_sources import keep_missing
from engine.adoption.recognition import SourceDraft
from engine.adoption.reread import read_changed_sources
from engine.adoption.source_files import SourceFile, list_source_files, read_grids
from engine.adoption.sources_file import AdoptedSource, can_append, read_sources, write_sources
from engine.adoption.vocabulary import Vocabulary, build_vocabulary
from engine.catalogue.model import Catalogue
from engine.data.adopted_files import (
    COPIES,
    FACTS,
    LINES,
    PROTOCOL,
    SOURCES,
    digest_sources,
    find_changed_sources,
)
from engine.data.intake import read_data
from engine.data.long_facts import (
    KEY,
    copy_register,
    has_register,
    lengthen_facts,
    write_facts,
)
from engine.data.model import Data
from engine.data.register import build_register
from engine.data.tables import shorten
from engine.data.total_names import may_be_total
from engine.files import digest_file, replace_file
from engine.level_words import speak_of
from engine.problems import Position, Problem, has_errors, show_problem, sort_problems
from engine.same_names import fold_name
from engine.translation import gettext as _
from engine.version import ENGINE_VERSION

MARK = "pokazatel adopt"
_EARLIER = "earlier.csv"
_WORD = re.compile(r"[^\W_]+")
_REGISTER = "schools.csv"


@dataclass(frozen=True, slots=True)
class Adoption:
    """What is asked: the files, the folder to write, the data with the register and earlier facts."""

    files: tuple[Path, ...]
    output: Path
    data: Path | None = None
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Adopted:
    """What was understood. `schools`: the draft of a register, id → name; `added`: new proposals.

    `facts`: the facts as a table; `missing`: earlier ones of copies that are gone. `written`:
    whether the folder was written. `carried`: whether `sources.yaml` and its copies come from the
    folder of the data.
    """

    tables: AdoptedTables
    problems: tuple[Problem, ...]
    files: int
    schools: Mapping[str, str]
    facts: pl.DataFrame
    missing: pl.DataFrame
    added: int = 0
    written: bool = False
    carried: bool = False


@dataclass(frozen=True, slots=True)
class _Desk:
    """What is known before a table is read: files and their grids, the data, the vocabulary."""

    files: tuple[SourceFile, ...]
    grids: tuple[Grid, ...]
    data: Data
    vocabulary: Vocabulary
    schools: Mapping[str, str]


def adopt(catalogue: Catalogue, asked: Adoption) -> Adopted:
    """Adopt files; OSError where something cannot be written."""
    folder = asked.data if asked.data is not None else asked.output
    data, problems = _read_known(catalogue, folder, asked.output)
    existing = _read_existing(asked.output)
    # What was corrected beside the data goes along into a folder that has no sources.yaml yet.
    carried = "" if existing else _read_existing(folder)
    home = folder if carried else asked.output
    desk, more = _lay_out_desk(catalogue, asked, data, home)
    problems += more
    found_tables = find_tables(desk.grids, desk.vocabulary)
    broken = False
    if existing or carried:
        sources, more = read_sources(home / SOURCES, desk.vocabulary)
        problems += more
        broken = has_errors(more)
        tables = read_tables_by(sources, found_tables, desk.vocabulary)
        if broken and not sources:
            # Of a file that could not be read it cannot be said what it does not name.
            lines = tuple(one for one in tables.problems if one.code != "unread-table")
            tables = replace(tables, problems=lines, unmatched=())
        drafts: list[SourceDraft] = [*tables.unmatched]
        if carried and can_append(carried):
            sources = (*sources, *(draft.source for draft in drafts))
            tables = read_tables_by(sources, found_tables, desk.vocabulary)
        elif existing and folder != asked.output:
            problems += _find_left(folder / SOURCES, sources, desk.vocabulary)
    else:
        drafts = [
            draft for draft in recognise_tables(found_tables, desk.vocabulary) if draft.recognised
        ]
        sources = tuple(draft.source for draft in drafts)
        tables = read_tables_by(sources, found_tables, desk.vocabulary)
    if desk.schools:
        message = _("there is no register: schools.csv is a draft, made of the names in the tables")
        hint = _("check the names, add what the catalogue asks of schools, then run adopt again")
        problems.append(Problem("draft-register", message, hint=hint, severity="warning"))
        problems += _find_alike(catalogue.levels[0], desk.schools)
    names = [file.name for file in desk.files]
    facts = frame_facts(tables)
    missing, remarks = keep_missing(asked.output, sources, facts, tables.problems, names)
    found = sort_problems([*problems, *remarks])
    # A sources.yaml with mistakes is hers to correct: nothing is made from it until then.
    broken = broken or bool(existing and has_errors(problems))
    written = not asked.dry_run and bool(desk.grids) and not broken
    proposed = existing or (carried and not can_append(carried))
    adopted = Adopted(
        tables,
        found,
        len(desk.files),
        desk.schools,
        facts,
        missing,
        len(drafts) if proposed else 0,
        written,
        bool(carried),
    )
    if written:
        text = write_sources(
            [(one.source, one.doubts) for one in drafts],
            existing=existing or carried,
            proposed=bool(proposed),
        )
        _write(asked, desk, adopted, text)
    return adopted


def _find_left(
    path: Path, sources: Sequence[AdoptedSource], vocabulary: Vocabulary
) -> Iterator[Problem]:
    """Entries of the data's own sources.yaml that the one in the output folder does not have."""
    own = [replace(source, position=None) for source in sources]
    others = read_sources(path, vocabulary)[0] if path.is_file() else ()
    for source in others:
        if replace(source, position=None) not in own:
            message = _("the sources.yaml of the folder that is written has no such entry")
            hint = _("copy the entry there if it is needed: its files are not read by it here")
            yield Problem("source-left", message, source.position, hint, "warning")


def _read_known(catalogue: Catalogue, folder: Path, output: Path) -> tuple[Data, list[Problem]]:
    """The register and earlier facts; what `adopt` wrote before into `output` is not among them."""
    elsewhere = folder.resolve() != output.resolve()
    reader = read_changed_sources if elsewhere else None
    data, problems = read_data(catalogue, folder if folder.is_dir() else output / "-", reader)
    silent = {"no-facts", "no-data", "no-register"}
    if not elsewhere or not (output / SOURCES).is_file():
        silent.add("sources-changed")
    kept = [
        one
        for one in (problems if folder.is_dir() else ())
        # What was adopted before is read anew now: what could not be read then says nothing.
        if one.code not in silent and not _names_copy(one)
    ]
    if not (folder.is_dir() and has_register(folder)):
        data = replace(data, register=None)
    sources = tuple(
        fact
        for fact in data.sources
        if elsewhere or fact.table.path is None or fact.table.path.name != FACTS
    )
    return replace(data, sources=sources), kept


def _names_copy(problem: Problem) -> bool:
    return problem.position is not None and problem.position.file.startswith(f"{COPIES}/")


def _lay_out_desk(
    catalogue: Catalogue, asked: Adoption, data: Data, home: Path
) -> tuple[_Desk, list[Problem]]:
    """`home`: the folder whose copies are read along."""
    new, problems = _spare_edited(list_source_files(asked.files), home)
    names = {file.name.casefold() for file in new}
    kept = [
        SourceFile(path, path.name)
        for path in sorted((home / COPIES).glob("*"))
        if path.name.casefold() not in names and path.is_file()
    ]
    found, more = read_grids((*kept, *new))
    problems += [*more, *_find_empty(asked.files)]
    grids = [grid for _file, of_file in found for grid in of_file]
    vocabulary = build_vocabulary(catalogue, data)
    schools: dict[str, str] = {}
    if data.register is None:
        schools = _draft_register(grids, vocabulary)
        data = _with_draft(catalogue, data, schools)
        vocabulary = build_vocabulary(catalogue, data)
    files = tuple(file for file, _grids in found)
    return _Desk(files, tuple(grids), data, vocabulary, schools), problems


def _find_empty(paths: Iterable[Path]) -> Iterator[Problem]:
    """Folders without a single file."""
    for path in paths:
        if path.is_dir() and not list_source_files([path]):
            message = _("no file lies in this folder")
            hint = _("tables are read of .xlsx, .xls, .ods and .docx")
            yield Problem("no-tables", message, Position(path.as_posix()), hint)


def _spare_edited(
    files: Iterable[SourceFile], output: Path
) -> tuple[list[SourceFile], list[Problem]]:
    """The files but for those whose copy was edited since: what was typed there is not lost."""
    changed = find_changed_sources(output)
    kept: list[SourceFile] = []
    problems: list[Problem] = []
    for file in files:
        copy = output / COPIES / file.name
        edited = f"{COPIES}/{file.name}" in changed and copy.is_file()
        if edited and digest_file(copy) != digest_file(file.path):
            message = _("the copy was edited since, so it is read, and not {file}").format(
                file=file.path
            )
            hint = _("type it into your own file too, delete the copy and run adopt again")
            problems.append(Problem("edited-copy", message, Position(copy.as_posix()), hint))
        else:
            kept.append(file)
    return kept, problems


def _draft_register(grids: Iterable[Grid], vocabulary: Vocabulary) -> dict[str, str]:
    """Ids and names of the schools that the tables name, in the order in which they come."""
    names: dict[str, str] = {}
    for draft in recognise_tables(find_tables(grids, vocabulary), vocabulary):
        for name in draft.schools:
            # Whether that is a school is asked where the row is read.
            if not may_be_total(name):
                names.setdefault(fold_name(name), name)
    width = max(2, len(str(len(names))))
    return {f"school-{number:0{width}}": name for number, name in enumerate(names.values(), 1)}


def _find_alike(level: str, schools: Mapping[str, str]) -> Iterator[Problem]:
    """Schools of a draft that may be one: a name has all words of the other, and the same numbers."""
    words = {school: {*_WORD.findall(fold_name(name))} for school, name in schools.items()}
    of_numbers: dict[frozenset[str], list[str]] = {}
    for school, of_name in words.items():
        of_numbers.setdefault(frozenset(filter(str.isdigit, of_name)), []).append(school)
    pairs = chain.from_iterable(combinations(group, 2) for group in of_numbers.values())
    for one, other in pairs:
        if not (words[one] <= words[other] or words[other] <= words[one]):
            continue
        message = speak_of(
            level,
            _("“{name}” and “{other}” are much alike: are they one school?"),
            _("“{name}” and “{other}” are much alike: are they one and the same?"),
            name=shorten(schools[one]),
            other=shorten(schools[other]),
        )
        hint = _(
            "if so, delete {other} from schools.csv and write in sources.yaml: schools: {entry}"
        ).format(other=other, entry=f'{{"{shorten(schools[other])}": {one}}}')
        yield Problem("alike-schools", message, hint=hint, severity="warning")


def _with_draft(catalogue: Catalogue, data: Data, schools: Mapping[str, str]) -> Data:
    if not schools:
        return data
    places = {level: level for level in catalogue.places[1:]}
    places |= {level: catalogue.id for level in places if level == "municipality"}
    titles = {(catalogue.levels[0], school): name for school, name in schools.items()}
    register = build_register(catalogue, schools, places)
    return replace(data, register=register, titles={**data.titles, **titles})


def _read_existing(output: Path) -> str:
    path = output / SOURCES
    return path.read_text(encoding="utf-8-sig", errors="replace") if path.is_file() else ""


# --- writing --------------------------------------------------------------------------------------


def _write(
    asked: Adoption,
    desk: _Desk,
    adopted: Adopted,
    sources: str,
) -> None:
    """`sources`: the text of sources.yaml."""
    output = asked.output
    (output / COPIES).mkdir(parents=True, exist_ok=True)
    elsewhere = asked.data is not None and asked.data.resolve() != output.resolve()
    if elsewhere and asked.data is not None:
        copy_register(asked.data, output)
    for file in desk.files:
        goal = output / COPIES / file.name
        if file.path.resolve() != goal.resolve():
            with replace_file(goal) as stream, file.path.open("rb") as content:
                shutil.copyfileobj(content, stream)
    if desk.schools and not has_register(output):
        school = desk.vocabulary.catalogue.levels[0]
        table = pl.DataFrame({school: list(desk.schools), "title": list(desk.schools.values())})
        with replace_file(output / _REGISTER) as stream:
            table.write_csv(stream, include_bom=True, separator=";")
    _write_text(output / SOURCES, sources)
    digests = {
        f"{COPIES}/{file.name}": digest_file(output / COPIES / file.name) for file in desk.files
    }
    facts = pl.concat([add_digests(adopted.facts, digests), adopted.missing])
    write_facts(facts.lazy(), output / FACTS)
    _write_earlier(desk, facts, output, elsewhere=elsewhere)
    _write_text(output / LINES, "".join(f"{line}\n" for line in _write_lines(adopted)))
    # Last: until these digests stand there, the folder is read anew.
    _write_text(
        output / PROTOCOL,
        json.dumps(_describe(output, adopted), ensure_ascii=False, indent=2) + "\n",
    )


def _write_earlier(desk: _Desk, facts: pl.DataFrame, output: Path, *, elsewhere: bool) -> None:
    """The earlier facts without those that are adopted anew: nothing is then said twice.

    They come from data that lie elsewhere, else from the earlier facts of the folder itself.
    """
    path = output / _EARLIER
    sources = [
        fact
        for fact in desk.data.sources
        if elsewhere or (fact.table.path is not None and fact.table.path.name == _EARLIER)
    ]
    earlier = lengthen_facts(desk.vocabulary.catalogue, sources).join(
        facts, on=list(KEY), how="anti", maintain_order="left"
    )
    if earlier.height:
        write_facts(earlier.lazy(), path)
    elif elsewhere or sources:
        path.unlink(missing_ok=True)


def _write_text(path: Path, text: str) -> None:
    with replace_file(path) as stream:
        stream.write(text.encode())


def _describe(output: Path, adopted: Adopted) -> Mapping[str, object]:
    # A copy that was edited stays changed until somebody decides between it and the file.
    edited = {
        problem.position.file
        for problem in adopted.problems
        if problem.code == "edited-copy" and problem.position
    }
    # A copy that is gone stays so until it is put back.
    gone = dict(adopted.missing.select("file", "sha256").unique().iter_rows())
    digests = {**gone, **digest_sources(output)}.items()
    return {
        "program": MARK,
        "version": ENGINE_VERSION,
        "sources": {
            name: digest for name, digest in digests if (output / name).as_posix() not in edited
        },
        "cells": adopted.tables.cells,
        "balance": dict(adopted.tables.balance),
        "draft_register": bool(adopted.schools),
        "problems": [problem.as_json() for problem in adopted.problems],
    }


def _write_lines(adopted: Adopted) -> list[str]:
    """The protocol as it is read by people."""
    title = _("Protocol of adopting").upper()
    return [title, tell_balance(adopted.tables), "", *map(show_problem, adopted.problems)]


def tell_balance(tables: AdoptedTables) -> str:
    """Where every filled cell went, in one sentence."""
    words = {
        "fact": _("taken"),
        "line": _("told below"),
        "heading": _("titles and headings"),
        "name": _("names of rows"),
        "total": _("totals"),
        "passed": _("notes and other cells passed over"),
    }
    parts = [f"{words[fate]}: {count}" for fate, count in tables.balance.items() if count]
    head = _("{count} filled cells").format(count=tables.cells)
    return f"{head}. {'; '.join(parts)}" if parts else head
