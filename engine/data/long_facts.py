"""Facts in the long form that is written to a data folder: a row for each cell, with its place.

What `collect` and `adopt` share: the register goes along as it is, earlier facts go along cell by
cell with the place each came from.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal

import polars as pl

from engine.catalogue.model import Catalogue
from engine.data.cells import read_answer, read_cell
from engine.data.facts import FactTable
from engine.data.frame_names import STATE_NAMES
from engine.data.intake import NOTICE, REGISTER_TABLES
from engine.data.origins import OWN_COLUMNS
from engine.data.tables import MARK, READABLE, UNREADABLE_MARK
from engine.files import digest_file, replace_file
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
Format = Literal["parquet", "csv"]
_LARGEST_WHOLE = 1e15
_GROUP = 20_000  # rows that are held to be written together


def has_register(folder: Path) -> bool:
    """Whether the folder holds a table of schools."""
    return folder.is_dir() and any(
        file.stem.casefold() == "schools" and file.suffix.casefold() in READABLE
        for file in folder.iterdir()
    )


def copy_register(folder: Path, goal: Path) -> None:
    """Copy the register, the titles of places and the notice, as they are."""
    for file in sorted(folder.iterdir()):
        register = file.stem.casefold() in REGISTER_TABLES and file.suffix.casefold() in READABLE
        if file.is_file() and (register or file.name.casefold() == NOTICE):
            shutil.copyfile(file, goal / file.name)


def lengthen_facts(catalogue: Catalogue, facts: Iterable[FactTable]) -> pl.DataFrame:
    """Every filled cell of fact tables (see COLUMNS), as it was written."""
    tables = [_lengthen(catalogue, fact) for fact in facts]
    return pl.concat([pl.DataFrame(schema=COLUMNS), *tables])


def _lengthen(catalogue: Catalogue, fact: FactTable) -> pl.DataFrame:
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
    has_origins = "own:file" in own
    written = pl.col("text").str.replace(MARK, "")
    marked = pl.col("text").str.starts_with(UNREADABLE_MARK)
    state: pl.Expr = pl.when(marked).then(pl.lit("not_readable"))
    if fact.by_hand:
        # What a person wrote is not read again by the rules of people.
        long = long.join(
            _read_states(catalogue, long), on=["input", "text"], how="left", maintain_order="left"
        )
        state = pl.col("state")
    return long.select(
        pl.lit(fact.level).alias("level"),
        "place",
        pl.col("year").cast(pl.Int32),
        "scenario",
        "input",
        pl.lit(None, dtype=pl.Float64).alias("value"),
        written.alias("text"),
        state.alias("state"),
        *(
            pl.coalesce(pl.col(f"own:{name}").cast(pl.String), known[name]).alias(name)
            if has_origins and f"own:{name}" in own
            else known[name].alias(name)
            for name in OWN_COLUMNS
        ),
    )


def _read_states(catalogue: Catalogue, long: pl.DataFrame) -> pl.DataFrame:
    """input, text → state, of every distinct pair; null where it is read alike, whoever wrote it."""
    rows = []
    for name, text in long.select("input", "text").unique().iter_rows():
        declared = catalogue.inputs[name]
        reading, alike = read_answer(declared, text), read_cell(declared, text)
        state: str | None = STATE_NAMES.get(reading.state, "not_filled")
        if (reading.value, reading.state) == (alike.value, alike.state):
            state = "not_readable" if text.startswith(UNREADABLE_MARK) else None
        rows.append((name, text, state))
    schema = {"input": pl.String, "text": pl.String, "state": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _digest(fact: FactTable) -> str:
    path = fact.table.path
    if path is None or not path.is_file():
        return ""
    return digest_file(path)


def write_facts(facts: pl.LazyFrame, path: Path) -> None:
    """Write facts as Parquet or CSV, as the name of the file says."""
    if path.suffix == ".parquet":
        with replace_file(path) as stream:
            facts.sink_parquet(stream, row_group_size=_GROUP)
        return
    # As Excel in Russia opens it: a mark of the encoding, semicolons, decimal commas. A whole number
    # has no decimals: 1,0 would be no answer to a yes or no.
    number = pl.col("value")
    whole = (number == number.round()) & (number.abs() < _LARGEST_WHOLE)
    value = (
        pl.when(whole)
        .then(number.cast(pl.Int64, strict=False).cast(pl.String))
        .otherwise(number.cast(pl.String).str.replace(".", ",", literal=True))
    )
    with replace_file(path) as stream:
        facts.with_columns(value).collect().write_csv(stream, include_bom=True, separator=";")
