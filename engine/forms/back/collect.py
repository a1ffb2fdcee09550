"""Collecting: what came back → a data folder and its protocol, whole or not at all.

files ─ gather ─▶ answers in parts ─ join ─▶ facts ─┐
register, earlier facts ────────────────────────────┴▶ folder ─ check ─▶ protocol, forms to return

Everything is written beside, in a folder that is renamed at the end: a run that is killed leaves
the former result as it was, and running it again gives the same.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from engine.catalogue.model import Catalogue
from engine.data.intake import read_data
from engine.data.long_facts import KEY, Format, copy_register, write_facts
from engine.data.register import read_openings
from engine.files import name_refused, remove_folder, replace_file
from engine.forms.back.collected_facts import (
    Earlier,
    compare_earlier,
    find_earlier,
    find_left_blank,
    join_facts,
    list_earlier_cells,
)
from engine.forms.back.gather import BLANK, CLOSED, NOT_KNOWN, NOT_OPEN, STATES, Gathered, Gathering
from engine.forms.back.protocol import (
    MARK,
    NOT_TAKEN,
    REPLACED,
    Protocol,
    ProtocolEntry,
    check_years,
    choose_year,
    group_problems,
    list_entries,
    settle_problems,
)
from engine.forms.back.protocol_book import write_protocol
from engine.forms.back.received_files import find_preferred, list_files
from engine.forms.back.returned import write_returned
from engine.forms.back.submissions import (
    Submission,
    SubmissionProblem,
    find_changes,
    find_lost_rows,
    find_other_years,
    find_twins,
)
from engine.problems import Problem, sort_problems

PROTOCOL = "protocol.json"
RETURNED = "returned"
_OWN = {"schools", "places", "notice", "facts", "earlier", "protocol", RETURNED}


@dataclass(frozen=True, slots=True)
class Collecting:
    """What is asked of a collection.

    `data`: the register and last year's facts. `prefer`: files that count where there are two.
    `year`: that of the forms that are expected; by default that of most. `workers`: processes.
    """

    folders: tuple[Path, ...]
    output: Path
    data: Path | None = None
    format: Format = "parquet"
    prefer: tuple[Path, ...] = ()
    year: int | None = None
    workers: int | None = None


@dataclass(frozen=True, slots=True)
class Collected:
    """`problems` are all, with those of the register and the files; `returned` how many forms."""

    protocol: Protocol
    problems: tuple[Problem, ...]
    returned: int


def is_collected(folder: Path) -> bool:
    """Whether a folder may be replaced: it is not there, empty, or holds a former result alone."""
    if not folder.exists():
        return True
    if not folder.is_dir():
        return False
    names = [file for file in folder.iterdir() if not file.name.startswith((".", "~$"))]
    if not names:
        return True
    try:
        said = json.loads((folder / PROTOCOL).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return (
        isinstance(said, dict)
        and said.get("program") == MARK
        and all(file.stem.casefold() in _OWN for file in names)
    )


def collect(
    catalogue: Catalogue,
    asked: Collecting,
    *,
    begin: Callable[[int], Callable[[int], None]] = lambda _total: lambda _done: None,
) -> Collected:
    """Collect forms into the folder. OSError where something cannot be written: nothing has changed.

    `begin` is told how many files there are, and what it gives how many more are read.
    """
    output = asked.output.absolute()
    beside = output.with_name(f".{output.name}.part")
    parts = beside / ".parts"
    with name_refused(beside, asked.output):
        remove_folder(beside)
        parts.mkdir(parents=True)
        try:
            collected = _collect(catalogue, asked, beside, parts, begin)
            remove_folder(parts)
            _put_in_place(beside, output)
        finally:
            remove_folder(beside)
    return collected


def _put_in_place(beside: Path, output: Path) -> None:
    """The new folder in place of the former one, which is deleted last."""
    former = output.with_name(f".{output.name}.former")
    remove_folder(former)
    if output.exists():
        output.rename(former)
    try:
        beside.rename(output)
    except OSError:
        if former.exists():
            former.rename(output)
        raise
    remove_folder(former)


def _collect(
    catalogue: Catalogue,
    asked: Collecting,
    folder: Path,
    parts: Path,
    begin: Callable[[int], Callable[[int], None]],
) -> Collected:
    # 1. What there is: files, register, last year's facts.
    files, listed = list_files(asked.folders, asked.output)
    earlier = find_earlier(catalogue, asked.data, asked.folders, asked.output)
    openings = read_openings(catalogue, earlier.data.register)
    # 2. Read every file; see which forms count.
    gathering = Gathering(catalogue, openings, parts, asked.workers, begin(len(files)))
    gathered = gathering.gather(files)
    prefer, strange = find_preferred(asked.prefer, files)
    submissions, twins = find_twins(gathered.submissions, prefer, earlier.data.titles)
    told = [SubmissionProblem(one) for one in (*listed, *strange)] + gathered.told + twins
    taken = [one for one in submissions if one.taken]
    told += find_changes(catalogue, taken)
    # Of a damaged code it was said at its cell.
    damaged = {one.submission for one in told if one.problem.code == "damaged-code"}
    told += find_lost_rows(catalogue, [one for one in taken if one.number not in damaged])
    told += find_other_years(taken, choose_year(submissions, asked.year))
    # 3. Write facts and register.
    facts, replaced = join_facts(gathered.parts, submissions)
    write_facts(facts, folder / f"facts.{asked.format}")
    if earlier.folder is not None:
        copy_register(earlier.folder, folder)
    else:
        _write_register(catalogue, submissions, folder)
    moved, changes = _write_earlier(catalogue, earlier, facts, folder, asked, taken)
    told += changes
    # 4. Read the folder as everybody will, and check it.
    data, found = read_data(catalogue, folder)
    told = settle_problems(told, found, check_years(catalogue, data, submissions), submissions)
    # 5. The protocol, and what goes back.
    entries = list_entries(
        catalogue, submissions, openings, data.titles, choose_year(submissions, asked.year)
    )
    protocol = Protocol(
        catalogue,
        choose_year(submissions, asked.year),
        tuple(_count_problems(entries, told, gathered)),
        group_problems(told),
        tuple(gathered.files),
        _balance(gathered, submissions, replaced),
        asked.format,
        moved,
        facts.select(pl.len()).collect().item(),
    )
    text = json.dumps(protocol.as_json(), ensure_ascii=False, indent=1) + "\n"
    with replace_file(folder / PROTOCOL) as stream:
        stream.write(text.encode())
    with replace_file(folder / "protocol.xlsx") as stream:
        write_protocol(stream, protocol)
    returned = write_returned(
        catalogue,
        data,
        submissions,
        protocol.told,
        parts=gathered.parts,
        folder=folder / RETURNED,
        before=earlier.data if earlier.folder else None,
    )
    problems = sort_problems([*earlier.problems, *(one.problem for one in protocol.told)])
    return Collected(protocol, problems, returned)


def _write_register(catalogue: Catalogue, submissions: Iterable[Submission], folder: Path) -> None:
    """Without a register, the schools that submitted are one."""
    school = catalogue.levels[0]
    places = sorted({one.stamp.place for one in submissions if one.taken and one.level == school})
    table = pl.DataFrame({school: places}, schema={school: pl.String})
    with replace_file(folder / "schools.csv") as stream:
        table.write_csv(stream, include_bom=True, separator=";")


def _write_earlier(  # noqa: PLR0917 - what was, what came, and where both go
    catalogue: Catalogue,
    earlier: Earlier,
    facts: pl.LazyFrame,
    folder: Path,
    asked: Collecting,
    submissions: Sequence[Submission],
) -> tuple[dict[str, int], list[SubmissionProblem]]:
    """Take along the earlier facts that no form answers anew; how many went, and what differs."""
    cells = list_earlier_cells(earlier)
    if not cells.height:
        return {}, []
    keys = facts.select(KEY).unique().collect()
    kept = cells.join(keys, on=list(KEY), how="anti", maintain_order="left")
    again = cells.join(keys, on=list(KEY), how="semi", maintain_order="left")
    if kept.height:
        write_facts(kept.lazy(), folder / f"earlier.{asked.format}")
    told = list(find_left_blank(catalogue, kept, submissions))
    if again.height:
        new = facts.join(again.lazy().select(KEY), on=list(KEY), how="semi").collect()
        told += (SubmissionProblem(one) for one in compare_earlier(catalogue, again, new))
    return {"cells": cells.height, "kept": kept.height, "asked_anew": again.height}, told


def _count_problems(
    entries: Iterable[ProtocolEntry], told: Iterable[SubmissionProblem], gathered: Gathered
) -> Iterable[ProtocolEntry]:
    counts = Counter((one.submission, one.problem.severity) for one in set(told))
    for entry in entries:
        number = entry.submission
        if number is None:
            yield entry
            continue
        known = gathered.counts[number]
        due = entry.asked - known.get(CLOSED, 0)
        yield replace(
            entry,
            asked=due,
            filled=due - known.get(BLANK, 0),
            errors=counts[number, "error"],
            warnings=counts[number, "warning"],
        )


def _balance(
    gathered: Gathered, submissions: Iterable[Submission], replaced: Mapping[tuple[int, str], int]
) -> dict[str, int]:
    """Where every cell of every form went."""
    total: Counter[str] = Counter()
    for one in submissions:
        counts = gathered.counts[one.number]
        if not one.taken:
            total[NOT_TAKEN] += one.cells
            continue
        for state in (*STATES, BLANK, CLOSED, NOT_KNOWN, NOT_OPEN):
            again = replaced.get((one.number, state), 0)
            total[state] += counts.get(state, 0) - again
            total[REPLACED] += again
    return dict(total)
