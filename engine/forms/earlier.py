"""The register and last year's data: what a collection stands on, and takes along.

The earlier facts go along as one long table, cell by cell with the place each came from, without
those that were asked anew: so nothing is counted twice, and a proof still names their cells.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from engine.catalogue.model import Catalogue
from engine.data.cells import read_cell
from engine.data.facts import FactTable
from engine.data.intake import NOTICE, read_data
from engine.data.model import Data
from engine.data.tables import READABLE, UNREADABLE_MARK, shorten
from engine.evaluation.wording import title_of
from engine.forms.submissions import Submission, Told, name_some
from engine.i18n import gettext as _
from engine.problems import Position, Problem
from engine.workbooks.addresses import name_column

COLUMNS: dict[str, type[pl.DataType]] = {
    "level": pl.String,
    "place": pl.String,
    "year": pl.Int32,
    "scenario": pl.String,
    "input": pl.String,
    "value": pl.Float64,
    "text": pl.String,
    "state": pl.String,
    "file": pl.String,
    "sheet": pl.String,
    "cell": pl.String,
    "sha256": pl.String,
}
"""The long form of facts on disk."""

KEY = ("level", "place", "year", "scenario", "input")
_OWN = ("file", "sheet", "cell", "sha256")
_REGISTER = ("schools", "places")
_MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Earlier:
    """What was known before. `folder` holds the register; `data` has no register without one."""

    data: Data
    folder: Path | None
    problems: tuple[Problem, ...] = ()


def find_earlier(
    catalogue: Catalogue, given: Path | None, folders: Iterable[Path], output: Path
) -> Earlier:
    """The data that are given; else the first folder with a register, the earlier result the last."""
    candidates = [given] if given is not None else [*folders, output]
    for folder in candidates:
        if given is not None or _has_register(folder):
            data, problems = read_data(catalogue, folder)
            kept = tuple(one for one in problems if one.code != "no-facts")
            has = folder if folder.is_dir() and _has_register(folder) else None
            # Schools that only facts name are no register: who has not answered is not among them.
            return Earlier(data if has else _without_register(data), has, kept)
    data, _problems = read_data(catalogue, output / "-")
    message = _("there is no register “schools.csv”: who did not submit cannot be told")
    hint = _("name the folder of the register: --data")
    return Earlier(_without_register(data), None, (Problem("no-register", message, hint=hint),))


def _has_register(folder: Path) -> bool:
    return folder.is_dir() and any(
        file.stem.casefold() == "schools" and file.suffix.casefold() in READABLE
        for file in folder.iterdir()
    )


def _without_register(data: Data) -> Data:
    return replace(data, register=None)


def copy_register(earlier: Earlier, goal: Path) -> None:
    """Copy the register, the titles of places and the notice, as they are."""
    if earlier.folder is None:
        return
    for file in sorted(earlier.folder.iterdir()):
        register = file.stem.casefold() in _REGISTER and file.suffix.casefold() in READABLE
        if file.is_file() and (register or file.name.casefold() == NOTICE):
            shutil.copyfile(file, goal / file.name)


def list_cells(earlier: Earlier) -> pl.DataFrame:
    """Every filled cell of the earlier facts (see COLUMNS), as it was written."""
    tables = [_lengthen(fact) for fact in earlier.data.sources]
    return pl.concat([pl.DataFrame(schema=COLUMNS), *tables])


def _lengthen(fact: FactTable) -> pl.DataFrame:
    frame = fact.numbered().collect()
    if fact.long:
        long = frame.with_columns(pl.lit(None, dtype=pl.String).alias("column"))
    else:
        names = [name for name in fact.inputs if name in frame.columns]
        cells = frame.select("place", "year", "scenario", "row", pl.col(names).cast(pl.String))
        long = cells.unpivot(
            names,
            index=("place", "year", "scenario", "row"),
            variable_name="input",
            value_name="text",
        )
    long = long.filter(pl.col("text").is_not_null() & (pl.col("text").str.strip_chars() != ""))
    letters = {name: name_column(column + 1) for name, column in fact.inputs.items()}
    column = pl.col("input").replace_strict(
        list(letters), list(letters.values()), default="", return_dtype=pl.String
    )
    own = {name for name in long.columns if name.startswith("own:")}
    digest = _digest(fact)
    known: Mapping[str, pl.Expr] = {
        "file": pl.lit(fact.table.file),
        "sheet": pl.lit(fact.table.sheet),
        "cell": column + pl.col("row").cast(pl.String),
        "sha256": pl.lit(digest),
    }
    told = "own:file" in own
    written = pl.col("text").str.strip_prefix(UNREADABLE_MARK)
    marked = pl.col("text").str.starts_with(UNREADABLE_MARK)
    return long.select(
        pl.lit(fact.level).alias("level"),
        "place",
        pl.col("year").cast(pl.Int32),
        "scenario",
        "input",
        pl.lit(None, dtype=pl.Float64).alias("value"),
        written.alias("text"),
        pl.when(marked).then(pl.lit("not_readable")).alias("state"),
        *(
            pl.coalesce(pl.col(f"own:{name}").cast(pl.String), known[name]).alias(name)
            if told and f"own:{name}" in own
            else known[name].alias(name)
            for name in _OWN
        ),
    )


def _digest(fact: FactTable) -> str:
    path = fact.table.path
    if path is None or not path.is_file():
        return ""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def compare_earlier(
    catalogue: Catalogue, earlier: pl.DataFrame, facts: pl.DataFrame
) -> Iterator[Problem]:
    """Where a form says something else than the earlier data did of the same cell.

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
        asked = catalogue.inputs[name]
        if read_cell(asked, old).value == read_cell(asked, now).value:
            continue
        message = _("“{name}”, {year}: “{text}” here, and “{old}” in the earlier data, {other}")
        if asked.type == "yes_no":
            now = _("yes") if value else _("no")
        other = Position(where[0], sheet=where[1] or "", cell=where[2] or "")
        message = message.format(
            name=title_of(catalogue, name),
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
) -> Iterator[Told]:
    """Forms that leave blank what the earlier data tell: one warning for each form.

    `kept` (see COLUMNS) are the earlier cells that stay, because no form answers them.
    """
    forms: dict[tuple[str, str], list[Submission]] = {}
    for one in submissions:
        forms.setdefault((one.level, one.stamp.place), []).append(one)
    asked = {one.number: set(one.asked()) for several in forms.values() for one in several}
    blank: dict[int, list[str]] = {}
    rows = kept.select(KEY).filter(pl.col("place").is_in([place for _level, place in forms]))
    for level, place, year, scenario, name in rows.iter_rows():
        for form in forms.get((level, place), ()):
            if (name, year, scenario) in asked[form.number]:
                told = f"«{title_of(catalogue, name)}» ({year})"
                blank.setdefault(form.number, []).append(told)
    for form in (one for several in forms.values() for one in several if one.number in blank):
        message = _("left blank in the form, the earlier value stays: {names}")
        message = message.format(names=name_some(blank[form.number], _MOST_NAMED))
        hint = _("if that is wrong, have it filled in: 0, “н/п” or the right value")
        yield Told(Problem("left-blank", message, form.position(), hint, "warning"), form.number)
