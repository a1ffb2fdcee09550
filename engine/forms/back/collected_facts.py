"""The answers that count, put together and written as facts in the long form."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import polars as pl

from engine.catalogue.lookups import short_of
from engine.catalogue.model import Catalogue
from engine.data.cells import read_cell
from engine.data.intake import read_data
from engine.data.long_facts import COLUMNS, KEY, has_register, lengthen_facts
from engine.data.model import Data
from engine.data.tables import shorten
from engine.files import replace_file
from engine.forms.back.submissions import Submission, SubmissionProblem, name_some
from engine.problems import Position, Problem
from engine.translation import gettext as _
from engine.typography import quote
from engine.workbooks.addresses import name_column

_NUMERIC_STATE = "value"


def join_facts(
    parts: Sequence[Path], submissions: Sequence[Submission]
) -> tuple[pl.LazyFrame, dict[tuple[int, str], int]]:
    """The facts (see COLUMNS) of the submissions that are taken, lazily.

    With them, how many answers of each submission and state a later form has asked anew: these are
    left out. Joined parts are written beside the parts.
    """
    table = pl.DataFrame(
        [
            (
                submission.number,
                submission.level,
                submission.stamp.place,
                submission.file,
                submission.sheet,
                submission.sha256,
                submission.stamp.year,
            )
            for submission in submissions
            if submission.taken
        ],
        schema={
            "submission": pl.UInt32,
            "level": pl.String,
            "place": pl.String,
            "file": pl.String,
            "sheet": pl.String,
            "sha256": pl.String,
            "form_year": pl.Int32,
        },
        orient="row",
    )
    if not parts:
        return pl.DataFrame(schema=COLUMNS).lazy(), {}
    if table["form_year"].n_unique() <= 1:
        # Part by part: then no more than one of them is held.
        joined = [path.with_name(f"facts-{path.name}") for path in parts]
        for part, path in zip(parts, joined, strict=True):
            with replace_file(path) as stream:
                _join(pl.scan_parquet(part), table).collect().write_parquet(stream)
        return pl.scan_parquet(joined), {}
    cells = pl.scan_parquet(list(parts)).join(
        table.lazy(), on="submission", how="inner", maintain_order="left"
    )
    key = ("level", "place", "year", "scenario", "input")
    latest = pl.col("form_year") == pl.col("form_year").max().over(key)
    older = cells.filter(~latest).group_by("submission", "state").len().collect()
    replaced = {(number, state): count for number, state, count in older.iter_rows()}
    return cells.filter(latest).select(_columns(cells)), replaced


def _join(part: pl.LazyFrame, table: pl.DataFrame) -> pl.LazyFrame:
    cells = part.join(table.lazy(), on="submission", how="inner", maintain_order="left")
    return cells.select(_columns(cells))


def _columns(cells: pl.LazyFrame) -> list[pl.Expr]:
    last = cells.select(pl.col("column").max()).collect().item() or 0
    letters = [name_column(number + 1) for number in range(last + 1)]
    column = pl.col("column").replace_strict(list(range(last + 1)), letters, return_dtype=pl.String)
    # The word where the answer is one; of what was no plain number, what was written.
    word = pl.when(pl.col("state") == _NUMERIC_STATE).then("word").otherwise("text")
    computed = {
        "cell": column + (pl.col("row") + 1).cast(pl.String),
        "text": word,
    }
    return [
        computed[name].alias(name) if name in computed else pl.col(name).cast(dtype)
        for name, dtype in COLUMNS.items()
    ]


# --- earlier data ---------------------------------------------------------------------------------
# The register and last year's data: what a collection starts from, and takes along.
#
# The earlier facts go along as one long table, cell by cell with the place each came from, without
# those that were asked anew: so nothing is counted twice, and a proof still names their cells.


_MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class EarlierData:
    """What was known before. `folder` holds the register; `data` has no register without one."""

    data: Data
    folder: Path | None
    problems: tuple[Problem, ...] = ()


def find_earlier(
    catalogue: Catalogue, data_path: Path | None, folders: Iterable[Path], output: Path
) -> EarlierData:
    """The data that are given; else the first folder with a register, the earlier result the last."""
    candidates = [data_path] if data_path is not None else [*folders, output]
    for folder in candidates:
        if data_path is not None or has_register(folder):
            data, problems = read_data(catalogue, folder)
            kept_problems = tuple(problem for problem in problems if problem.code != "no-facts")
            register = folder if folder.is_dir() and has_register(folder) else None
            # Schools that only facts name are no register: who has not answered is not among them.
            return EarlierData(
                data if register else _without_register(data), register, kept_problems
            )
    data, _problems = read_data(catalogue, output / "-")
    message = _("there is no register “schools.csv”: who did not submit cannot be told")
    hint = _("name the folder of the register: --data")
    return EarlierData(_without_register(data), None, (Problem("no-register", message, hint=hint),))


def _without_register(data: Data) -> Data:
    return replace(data, register=None)


def list_earlier_cells(catalogue: Catalogue, earlier: EarlierData) -> pl.DataFrame:
    """Every filled cell of the earlier facts (see COLUMNS), as it was written."""
    return lengthen_facts(catalogue, earlier.data.sources)


def compare_earlier(
    catalogue: Catalogue, earlier: pl.DataFrame, facts: pl.DataFrame
) -> Iterator[Problem]:
    """Where a form differs from the earlier data in the same cell.

    Both tables have COLUMNS; each key of the earlier one is in the facts.
    """
    both = earlier.join(facts, on=list(KEY), how="inner", suffix="_new", maintain_order="left")
    columns = ("input", "year", "text", "file", "sheet", "cell")
    new = ("value_new", "text_new", "state_new", "file_new", "sheet_new", "cell_new")
    for name, year, old, *where, value, text, state, file, sheet, cell in both.select(
        *columns, *new
    ).iter_rows():
        if state != "value":
            continue
        now = text if value is None else f"{value:.15g}"
        asked_input = catalogue.inputs[name]
        if read_cell(asked_input, old).value == read_cell(asked_input, now).value:
            continue
        message = _("“{name}”, {year}: “{text}” here, and “{old}” in the earlier data, {other}")
        if asked_input.type == "yes_no":
            now = _("yes") if value else _("no")
        elif asked_input.type == "date":
            now = f"{date.fromisoformat(now):%d.%m.%Y}"
        other = Position(where[0], sheet=where[1] or "", cell=where[2] or "")
        message = message.format(
            name=short_of(catalogue, name),
            year=year,
            text=shorten(now),
            old=shorten(old),
            other=other,
        )
        position = Position(file, sheet=sheet, cell=cell)
        yield Problem(
            "changed-since", message, position, _("the form is taken"), severity="warning"
        )


def find_left_blank(
    catalogue: Catalogue, kept: pl.DataFrame, submissions: Iterable[Submission]
) -> Iterator[SubmissionProblem]:
    """Forms that leave blank what the earlier data hold: one warning for each form.

    `kept` (see COLUMNS) are the earlier cells that stay, because no form answers them.
    """
    forms: dict[tuple[str, str], list[Submission]] = {}
    for form in submissions:
        if form.why:  # it came empty, or does not count: that is said of it already
            continue
        forms.setdefault((form.level, form.stamp.place), []).append(form)
    cells = {form.number: set(form.answer_keys()) for group in forms.values() for form in group}
    blank: dict[int, list[str]] = {}
    rows = kept.select(KEY).filter(pl.col("place").is_in([place for _level, place in forms]))
    for level, place, year, scenario, name in rows.iter_rows():
        for form in forms.get((level, place), ()):
            if (name, year, scenario) in cells[form.number]:
                title = f"{quote(short_of(catalogue, name))} ({year})"
                blank.setdefault(form.number, []).append(title)
    for form in (form for group in forms.values() for form in group if form.number in blank):
        message = _("left blank in the form, the earlier value stays: {names}")
        message = message.format(names=name_some(blank[form.number], _MOST_NAMED))
        hint = _("if that is wrong, have it filled in: 0, “n/a” or the right value")
        yield SubmissionProblem(
            Problem("left-blank", message, form.position(), hint, "warning"), form.number
        )
