"""Results as objects of JSON: what `evaluate` writes, and the row that a proof begins with.

A yes/no is true or false, texts are a text or a list, a whole number has no fraction, a
between-target is its two ends. Columns become text whole, so that long results take no time.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

import polars as pl

from engine.catalogue.model import Catalogue
from engine.evaluation.asking import COLUMNS, Results
from engine.evaluation.plan.scopes import type_at

_YES_NO = ("value", "previous", "plan")
_NUMBERS = frozenset(
    (
        *("year", "value", "raw", "target", "deviation", "reference", "previous", "change"),
        *("plan", "plan_deviation", "reported", "expected"),
    )
)
# Of each row: what kind its value is, and whether its target is a yes.
_KIND, _IS_YES = "k_type", "k_yes"


def read_objects(catalogue: Catalogue, results: Results) -> list[dict[str, Any]]:
    """The rows with all their columns, as JSON reads them."""
    kept = [name for name in COLUMNS if name in results.frame.columns]
    return [json.loads(row) for row in show_objects(catalogue, results, results.frame, kept)]


def show_objects(
    catalogue: Catalogue, results: Results, frame: pl.DataFrame, kept: Sequence[str]
) -> pl.Series:
    """Each row of `frame`, a part of the results, as the text of an object with the `kept` keys."""
    frame = _mark_kinds(frame, catalogue, results)
    shown = _show_texts(frame, [name for name in kept if name not in {*_NUMBERS, "checks"}])
    pieces: list[str | pl.Expr] = []
    lead = "{"
    for name in kept:
        column = shown[name] if name in shown else (_show_column(frame, name),)
        pieces += [f"{lead}{json.dumps(name)}: ", *column]
        lead = ", "
    rows = frame.select(pl.concat_str(_join_pieces([*pieces, "}"])).alias("row"))
    return rows["row"]


def _join_pieces(pieces: Iterable[str | pl.Expr]) -> Iterator[pl.Expr]:
    """The pieces of a row, those that are the same in every row put together."""
    for same, several in groupby(pieces, lambda piece: isinstance(piece, str)):
        if same:
            yield pl.lit("".join(map(str, several)))
        else:
            yield from (piece for piece in several if not isinstance(piece, str))


def plain_number(name: str) -> pl.Expr:
    """A number as text: as many digits as it has, none after the point where they are zero."""
    return pl.col(name).cast(pl.String).str.strip_suffix(".0")


def _show_column(frame: pl.DataFrame, name: str) -> pl.Expr:
    """A column of numbers or of lists as texts of JSON, with `null` where there is nothing."""
    if name == "checks":
        checks = [_dump(one) if one else "[]" for one in frame[name].to_list()]
        return pl.lit(pl.Series(checks, dtype=pl.String))
    number = plain_number(name)
    yes_no = pl.when(pl.col(name) != 0).then(pl.lit("true")).otherwise(pl.lit("false"))
    if name in _YES_NO:
        number = pl.when((pl.col(_KIND) == "yes_no") & pl.col(name).is_not_null()).then(yes_no)
        number = number.otherwise(plain_number(name))
    if name == "target":
        number = pl.when(pl.col(_IS_YES) & pl.col(name).is_not_null()).then(yes_no)
        number = number.otherwise(plain_number(name))
        if "target_to" in frame.columns:
            ends = pl.format("[{}, {}]", plain_number("target"), plain_number("target_to"))
            number = pl.when(pl.col("target_to").is_null()).then(number).otherwise(ends)
    number = number.fill_null("null")
    if name == "value" and "text" in frame.columns:
        is_text = pl.col(_KIND).is_in(["text", "texts"])
        return pl.when(is_text).then(pl.lit(_show_answers(frame))).otherwise(number)
    return number


def _show_texts(frame: pl.DataFrame, names: Sequence[str]) -> dict[str, tuple[str | pl.Expr, ...]]:
    """Columns of texts, as pieces of a row: each text is quoted once, however many rows have it."""
    distinct = frame.select(pl.col(name).drop_nulls().unique().implode() for name in names)
    return {name: _quote(frame[name], known) for name, known in distinct.row(0, named=True).items()}


def _quote(column: pl.Series, known: Sequence[str]) -> tuple[str | pl.Expr, ...]:
    texts = pl.col(column.name)
    quoted = [_dump(text) for text in known]
    if not quoted:
        return ("null",)
    if any(len(text) + 2 < len(said) for text, said in zip(known, quoted, strict=True)):
        # Something in them is written otherwise.
        said = texts.replace_strict(known, quoted, default=None, return_dtype=pl.String)
        return (said.fill_null("null"),)
    if not column.null_count():
        return ('"', texts, '"')
    return (pl.concat_str(pl.lit('"'), texts, pl.lit('"')).fill_null("null"),)


def _show_answers(frame: pl.DataFrame) -> pl.Series:
    """Texts: one at the place that gives it, a list above."""
    shown = [
        "null" if texts is None else _dump(texts[0] if kind == "text" else texts)
        for kind, texts in zip(frame[_KIND].to_list(), frame["text"].to_list(), strict=True)
    ]
    return pl.Series(shown, dtype=pl.String)


def _dump(value: str | Sequence[str]) -> str:
    return json.dumps(value, ensure_ascii=False)


def _mark_kinds(frame: pl.DataFrame, catalogue: Catalogue, results: Results) -> pl.DataFrame:
    """Add what kind a value is, and whether a target is a yes, where the columns do not say it."""
    if "type" in frame.columns:
        frame = frame.with_columns(pl.col("type").alias(_KIND))
    else:
        pairs = frame.select("indicator", "level").unique().rows()
        kinds = pl.DataFrame(
            [(*pair, type_at(catalogue, results.rows[pair[0]], pair[1])) for pair in pairs],
            dict.fromkeys(("indicator", "level", _KIND), pl.String),
            orient="row",
        )
        frame = frame.join(kinds, on=["indicator", "level"], how="left", maintain_order="left")
    if "comparator" in frame.columns:
        return frame.with_columns((pl.col("comparator") == "yes").alias(_IS_YES))
    wanted = [
        (row.id, year, True)
        for row in results.rows.values()
        for year, target in row.targets.items()
        if target.comparator == "yes"
    ]
    schema: dict[str, Any] = {"indicator": pl.String, "year": frame.schema["year"]}
    schema[_IS_YES] = pl.Boolean
    yes = pl.DataFrame(wanted, schema, orient="row")
    return frame.join(yes, on=["indicator", "year"], how="left", maintain_order="left")
