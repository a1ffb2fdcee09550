"""The answers that count, put together and written as facts in the long form."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import polars as pl

from engine.files import replace_file
from engine.forms.earlier import COLUMNS
from engine.forms.submissions import Submission
from engine.workbooks.addresses import name_column

Format = Literal["parquet", "csv"]

_NUMERIC_STATE = "value"
_LARGEST_WHOLE = 1e15
_GROUP = 20_000  # rows that are held to be written together


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
                one.number,
                one.level,
                one.stamp.place,
                one.file,
                one.sheet,
                one.sha256,
                one.stamp.year,
            )
            for one in submissions
            if one.taken
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
    made = {
        "cell": column + (pl.col("row") + 1).cast(pl.String),
        "text": word,
    }
    return [
        made[name].alias(name) if name in made else pl.col(name).cast(dtype)
        for name, dtype in COLUMNS.items()
    ]


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
