"""The order of things back: what came → a data folder and its protocol, whole or not at all.

1. What there is: files (`received_files.py`), register and last year's facts (`collected_facts.py`).
2. Every file is read (`filled_workbook.py`, `gather.py`): submissions, answers in parts.
3. Which forms count: two of one place, forms of another version or year (`submissions.py`).
4. Facts, register and earlier facts are written.
5. The folder is read as everybody will read it, and checked.
6. The protocol (`protocol.py`, `protocol_book.py`), and the forms to return (`returned.py`).

Everything is written beside, in a folder that is renamed at the end: a run that is killed leaves
the former result as it was, and running it again gives the same.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from engine.catalogue.model import Catalogue
from engine.data.intake import read_data
from engine.data.long_facts import KEY, Format, copy_register, write_facts
from engine.data.register import read_openings
from engine.files import is_temporary, name_refused, remove_folder, replace_file
from engine.forms.back.collected_facts import (
    EarlierData,
    compare_earlier,
    find_earlier,
    find_left_blank,
    join_facts,
    list_earlier_cells,
)
from engine.forms.back.gather import (
    BLANK,
    CLOSED,
    NOT_KNOWN,
    NOT_OPEN,
    STATES,
    ReceivedForms,
    gather,
)
from engine.forms.back.protocol import (
    NOT_TAKEN,
    PROGRAM,
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
    find_second_forms,
)
from engine.problems import Problem, sort_problems

PROTOCOL = "protocol.json"
RETURNED = "returned"
_OWN = {"schools", "places", "notice", "facts", "earlier", "protocol", RETURNED}


@dataclass(frozen=True, slots=True)
class CollectionRequest:
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
class Collection:
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
    names = [file for file in folder.iterdir() if not is_temporary(file.name)]
    if not names:
        return True
    try:
        protocol = json.loads((folder / PROTOCOL).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return (
        isinstance(protocol, dict)
        and protocol.get("program") == PROGRAM
        and all(file.stem.casefold() in _OWN for file in names)
    )


def collect(
    catalogue: Catalogue,
    request: CollectionRequest,
    *,
    begin: Callable[[int], Callable[[int], None]] = lambda _total: lambda _done: None,
) -> Collection:
    """Collect forms into the folder. OSError where something cannot be written: nothing has changed.

    `begin` takes how many files there are; what it gives is called with how many more are read.
    """
    output = request.output.absolute()
    temporary = output.with_name(f".{output.name}.part")
    parts = temporary / ".parts"
    with name_refused(temporary, request.output):
        remove_folder(temporary)
        parts.mkdir(parents=True)
        try:
            collected = _collect(catalogue, request, temporary, parts, begin)
            remove_folder(parts)
            _put_in_place(temporary, output)
        finally:
            remove_folder(temporary)
    return collected


def _put_in_place(temporary: Path, output: Path) -> None:
    """The new folder in place of the former one, which is deleted last."""
    former = output.with_name(f".{output.name}.former")
    remove_folder(former)
    if output.exists():
        output.rename(former)
    try:
        temporary.rename(output)
    except OSError:
        if former.exists():
            former.rename(output)
        raise
    remove_folder(former)


def _collect(
    catalogue: Catalogue,
    request: CollectionRequest,
    folder: Path,
    parts: Path,
    begin: Callable[[int], Callable[[int], None]],
) -> Collection:
    # 1. What there is: files, register, last year's facts.
    files, listed = list_files(request.folders, request.output)
    earlier = find_earlier(catalogue, request.data, request.folders, request.output)
    openings = read_openings(catalogue, earlier.data.register)
    # 2. Read every file.
    gathered = gather(
        catalogue,
        openings,
        files,
        folder=parts,
        workers=request.workers,
        progress=begin(len(files)),
    )
    # 3. See which forms count.
    prefer, not_listed = find_preferred(request.prefer, files)
    submissions, second_forms = find_second_forms(gathered.submissions, prefer, earlier.data.titles)
    problems = (
        [SubmissionProblem(item) for item in (*listed, *not_listed)]
        + gathered.problems
        + second_forms
    )
    taken = [item for item in submissions if item.taken]
    problems += find_changes(catalogue, taken)
    # Of a damaged code it was said at its cell.
    damaged = {item.submission for item in problems if item.problem.code == "damaged-code"}
    problems += find_lost_rows(catalogue, [item for item in taken if item.number not in damaged])
    problems += find_other_years(taken, choose_year(submissions, request.year))
    # 4. Write facts and register.
    facts, replaced = join_facts(gathered.parts, submissions)
    write_facts(facts, folder / f"facts.{request.format}")
    if earlier.folder is not None:
        copy_register(earlier.folder, folder)
    else:
        _write_register(catalogue, submissions, folder)
    moved, changes = _write_earlier(catalogue, earlier, facts, folder, request, taken)
    problems += changes
    # 5. Read the folder as everybody will, and check it.
    data, read_problems = read_data(catalogue, folder)
    problems = settle_problems(
        problems, read_problems, check_years(catalogue, data, submissions), submissions
    )
    # 6. The protocol, and what goes back.
    entries = list_entries(
        catalogue, submissions, openings, data, choose_year(submissions, request.year)
    )
    protocol = Protocol(
        catalogue,
        choose_year(submissions, request.year),
        tuple(_count_problems(entries, problems, gathered)),
        group_problems(problems),
        tuple(gathered.files),
        _balance(gathered, submissions, replaced),
        request.format,
        moved,
        facts.select(pl.len()).collect().item(),
    )
    text = json.dumps(protocol.as_json(), ensure_ascii=False, indent=1) + "\n"
    with replace_file(folder / PROTOCOL) as stream:
        stream.write(text.encode())
    returned = write_returned(
        catalogue,
        data,
        submissions,
        protocol.problems,
        parts=gathered.parts,
        folder=folder / RETURNED,
        before=earlier.data if earlier.folder else None,
    )
    links = {number: f"{RETURNED}/{name}" for number, name in returned.items()}
    with replace_file(folder / "protocol.xlsx") as stream:
        write_protocol(stream, protocol, links)
    all_problems = [
        *earlier.problems,
        *_name_cause(earlier.problems, (item.problem for item in protocol.problems)),
    ]
    return Collection(protocol, sort_problems(all_problems), len(returned))


def _name_cause(earlier: Iterable[Problem], problems: Iterable[Problem]) -> Iterator[Problem]:
    """The problems, with what is wrong with the register where no school is known for that reason."""
    codes = {"no-schools", "no-place-column"}
    cause = next((problem for problem in earlier if problem.code in codes), None)
    for problem in problems:
        unknown = problem.code == "unknown-place"
        yield replace(problem, cause=cause) if unknown else problem


def _write_register(catalogue: Catalogue, submissions: Iterable[Submission], folder: Path) -> None:
    """Without a register, the schools that submitted are one."""
    school = catalogue.levels[0]
    places = sorted(
        {
            submission.stamp.place
            for submission in submissions
            if submission.taken and submission.level == school
        }
    )
    table = pl.DataFrame({school: places}, schema={school: pl.String})
    with replace_file(folder / "schools.csv") as stream:
        table.write_csv(stream, include_bom=True, separator=";")


def _write_earlier(  # noqa: PLR0917 - what was, what came, and where both go
    catalogue: Catalogue,
    earlier: EarlierData,
    facts: pl.LazyFrame,
    folder: Path,
    request: CollectionRequest,
    submissions: Sequence[Submission],
) -> tuple[dict[str, int], list[SubmissionProblem]]:
    """Take along the earlier facts that no form answers anew; how many went, and what differs."""
    cells = list_earlier_cells(catalogue, earlier)
    if not cells.height:
        return {}, []
    keys = facts.select(KEY).unique().collect()
    left = cells.join(keys, on=list(KEY), how="anti", maintain_order="left")
    again = cells.join(keys, on=list(KEY), how="semi", maintain_order="left")
    if left.height:
        write_facts(left.lazy(), folder / f"earlier.{request.format}")
    problems = list(find_left_blank(catalogue, left, submissions))
    if again.height:
        new = facts.join(again.lazy().select(KEY), on=list(KEY), how="semi").collect()
        problems += (
            SubmissionProblem(problem) for problem in compare_earlier(catalogue, again, new)
        )
    return {"cells": cells.height, "kept": left.height, "asked_anew": again.height}, problems


def _count_problems(
    entries: Iterable[ProtocolEntry], problems: Iterable[SubmissionProblem], gathered: ReceivedForms
) -> Iterable[ProtocolEntry]:
    counts = Counter((item.submission, item.problem.severity) for item in set(problems))
    for entry in entries:
        number = entry.submission
        if number is None:
            yield entry
            continue
        counts_of_form = gathered.counts[number]
        # Counted as in reports: what does not apply is no question, and what says nothing no answer.
        not_asked = counts_of_form.get(CLOSED, 0) + counts_of_form.get("not_applicable", 0)
        yield replace(
            entry,
            asked=entry.asked - not_asked,
            filled=counts_of_form.get("value", 0),
            errors=counts[number, "error"],
            warnings=counts[number, "warning"],
        )


def _balance(
    gathered: ReceivedForms,
    submissions: Iterable[Submission],
    replaced: Mapping[tuple[int, str], int],
) -> dict[str, int]:
    """Where every cell of every form went."""
    total: Counter[str] = Counter()
    for submission in submissions:
        counts = gathered.counts[submission.number]
        if not submission.taken:
            total[NOT_TAKEN] += submission.cells
            continue
        for state in (*STATES, BLANK, CLOSED, NOT_KNOWN, NOT_OPEN):
            replaced_cells = replaced.get((submission.number, state), 0)
            total[state] += counts.get(state, 0) - replaced_cells
            total[REPLACED] += replaced_cells
    return dict(total)
