"""What the answers say: the texts of many forms at once as values, states and problems.

Plain numbers are read by the frame; every other distinct text of an input is read once.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from engine.catalogue.lookups import short_of
from engine.catalogue.model import Catalogue, Input
from engine.data.cells import (
    LARGEST,
    POWER,
    describe_wrong,
    is_percent,
    read_answer,
    show_answer,
)
from engine.data.frame_names import STATE_NAMES
from engine.data.tables import shorten
from engine.forms.back.submissions import Submission, SubmissionProblem
from engine.problems import Problem

SCHEMA: dict[str, type[pl.DataType]] = {
    "submission": pl.UInt32,
    "row": pl.UInt32,
    "column": pl.UInt32,
    "input": pl.String,
    "year": pl.Int32,
    "scenario": pl.String,
    "text": pl.String,
    "code": pl.String,
}
"""A table of answers as they were found: only those that are not blank."""

CLOSED_WORDS = frozenset({"не заполняется", "not filled in"})
"""What a form writes itself into a cell that this place is not asked to fill, in any language."""

VALUE, NOT_FILLED = "value", "not_filled"


def read_form_answers(catalogue: Catalogue, answers: pl.DataFrame) -> pl.DataFrame:
    """The table (see SCHEMA) with `value` (Float64), `word` (String), `state` and the final `code`.

    `code` stays where the cell itself was odd: then it is not readable, whatever it holds. Every
    input is one of the catalogue's.
    """
    kinds = {name: _kind(asked_input) for name, asked_input in catalogue.inputs.items()}
    kind = pl.col("input").replace_strict(
        list(kinds), list(kinds.values()), default=None, return_dtype=pl.String
    )
    whole = pl.col("text").cast(pl.Int64, strict=False).cast(pl.Float64)
    number = pl.col("text").cast(pl.Float64, strict=False)
    plain = (
        pl.when(pl.col("code").is_not_null())
        .then(None)
        .when((kind == "count") & whole.is_between(0, LARGEST))
        .then(whole)
        .when(
            (kind == "number")
            & number.is_between(-LARGEST, LARGEST)
            & ~pl.col("text").str.contains(POWER)
        )
        .then(number)
    )
    table = answers.with_columns(plain.alias("value"))
    unread = table.filter(pl.col("value").is_null() & pl.col("code").is_null())
    readings = _read_distinct(catalogue, unread.select("input", "text").unique(maintain_order=True))
    joined = table.join(
        readings, on=["input", "text"], how="left", maintain_order="left", suffix="_read"
    )
    is_odd = pl.col("code").is_not_null()
    return joined.with_columns(
        pl.coalesce("value", "value_read").alias("value"),
        pl.when(~is_odd).then("word").alias("word"),
        pl.when(is_odd)
        .then(pl.lit("not_readable"))
        .otherwise(pl.coalesce("state", pl.lit(VALUE)))
        .alias("state"),
        pl.coalesce("code", "code_read").alias("code"),
    ).drop("value_read", "code_read")


def _kind(asked_input: Input) -> str:
    """The type of an input, or another word where not every number that can be read may stand."""
    if asked_input.limits is not None:
        return "limited"
    if asked_input.type == "number":
        return "percent" if is_percent(asked_input) else "number"
    return asked_input.type


def _read_distinct(catalogue: Catalogue, pairs: pl.DataFrame) -> pl.DataFrame:
    """input, text → value, word, state, code, for each distinct pair."""
    rows = []
    for name, text in pairs.iter_rows():
        asked_input = catalogue.inputs[name]
        reading = read_answer(asked_input, text)
        value = reading.value
        number = None if value is None or isinstance(value, str) else float(value)
        word = value if isinstance(value, str) else None
        state = STATE_NAMES.get(reading.state) or (NOT_FILLED if value is None else VALUE)
        rows.append((name, text, number, word, state, reading.code or None))
    return pl.DataFrame(
        rows,
        schema={
            "input": pl.String,
            "text": pl.String,
            "value": pl.Float64,
            "word": pl.String,
            "state": pl.String,
            "code": pl.String,
        },
        orient="row",
    )


def find_wrong_answers(
    catalogue: Catalogue, read: pl.DataFrame, submissions: dict[int, Submission]
) -> Iterator[SubmissionProblem]:
    """A problem for every answer that was read with one."""
    wrong = read.filter(pl.col("code").is_not_null())
    columns = ("submission", "row", "column", "input", "text", "code")
    for number, row, column, name, text, code in wrong.select(columns).iter_rows():
        asked_input = catalogue.inputs[name]
        code, _space, span = code.partition(" ")  # noqa: PLW2901
        message, hint = describe_wrong(code, asked_input, text, span)
        # A school has never seen the id: what it was asked is said as in its form.
        shown = show_answer(asked_input, shorten(text or ""))
        message = message.format(name=short_of(catalogue, name), text=shown)
        position = submissions[number].position(row, column)
        severity = "warning" if code == "outside-percent" else "error"
        yield SubmissionProblem(Problem(code, message, position, hint, severity), number)  # type: ignore[arg-type]
