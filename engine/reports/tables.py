"""Results as JSON, CSV and Parquet: the columns of the command line's page, row by row.

JSON has values of any kind under one key; the others have one kind a column, so a yes/no is 1 or
0 there, texts stand in `text`, and a between-target in `target` and `target_to`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, BinaryIO

import polars as pl

from engine.evaluation.results import ALWAYS, COLUMNS, type_at

if TYPE_CHECKING:
    from engine.catalogue.model import Catalogue
    from engine.evaluation.evaluate import Results

TITLES = ("title", "place_title")
LISTS = {"text": "; ", "checks": ", "}
"""Columns of lists, and what stands between the items where a cell is one text."""
_BESIDE = {"value": "text", "target": "target_to"}
_YES_NO = ("value", "previous", "plan")
_NUMBERS = (
    *("year", "value", "raw", "target", "target_to", "deviation", "reference", "previous"),
    *("change", "plan", "plan_deviation", "reported", "expected"),
)
# What a spreadsheet would take for the beginning of a formula.
_FORMULA = r"^[=+\-@\t\r]"
_CHUNK = 50_000  # rows that become text at a time

_SHOWN = (
    *("code", "title", "place_title", "value", "unit", "reason", "target", "comparator"),
    *("status", "reported", "expected"),
)


def choose_columns(shape: str, names: Sequence[str]) -> tuple[str, ...]:
    """What must be computed for a format; empty is everything.

    `names` are the columns that were asked for. A table needs more than it shows, to say it in
    words; Parquet, made for machines, has titles only when asked for.
    """
    if shape == "table":
        wanted = (*names, "unit", "comparator", "place_title") if names else _SHOWN
        return tuple(dict.fromkeys(wanted))
    if shape == "parquet" and not names:
        return tuple(name for name in COLUMNS if name not in TITLES)
    return tuple(names)


def write_results(
    stream: BinaryIO, catalogue: Catalogue, results: Results, shape: str, names: Sequence[str] = ()
) -> None:
    """Write results as "json", "csv", "xlsx" or "parquet".

    `names` are the columns to keep beside those that always stay; empty keeps all. CSV is written
    as the catalogue's language prints numbers: in Russian `;` and a decimal comma, so that a
    double click opens it in columns; in English `,` and a point.
    """
    if shape == "json":
        _write_json(stream, catalogue, results, names)
    elif shape == "csv":
        _write_csv(stream, flatten(results.frame, names, every=not names), catalogue.language)
    elif shape == "parquet":
        flatten(results.frame, choose_columns(shape, names), every=not names).write_parquet(stream)
    elif shape == "xlsx":
        from engine.reports.workbook import write_workbook

        write_workbook(stream, results, flatten(results.frame, names, every=not names))
    else:
        raise ValueError(shape)


def flatten(frame: pl.DataFrame, names: Sequence[str], *, every: bool) -> pl.DataFrame:
    """The columns of a table with one kind a column, in order; lists are still lists.

    Empty `names` are all columns. With `every`, `text` and `target_to` are there whatever the rows
    hold.
    """
    kept = {*(names or COLUMNS), *ALWAYS}
    empty = {"text": pl.List(pl.String), "target_to": pl.Float64()}
    columns: list[pl.Expr] = []
    for name in COLUMNS:
        if name not in kept:
            continue
        columns.append(pl.col(name))
        beside = _BESIDE.get(name)
        if beside in frame.columns:
            columns.append(pl.col(beside))
        elif beside is not None and every:
            columns.append(pl.lit(None, empty[beside]).alias(beside))
    return frame.select(columns)


# --- JSON --------------------------------------------------------------------------------------


def _write_json(
    stream: BinaryIO, catalogue: Catalogue, results: Results, names: Sequence[str]
) -> None:
    kept = [name for name in COLUMNS if name in {*(names or COLUMNS), *ALWAYS}]
    stream.write(b"[")
    between = b""
    for part in results.frame.iter_slices(_CHUNK):
        if not part.height:
            continue
        rows = _json_rows(_mark_kinds(part, catalogue, results), kept)
        stream.write(between + ",\n".join(rows).encode())
        between = b",\n"
    stream.write(b"]\n")


def _json_rows(frame: pl.DataFrame, kept: Sequence[str]) -> list[str]:
    """Each row as a JSON object. Columns become text whole, so that long results take no time."""
    columns: list[pl.Series] = []
    for name in kept:
        column = _json_column(frame, name)
        if name == "value" and "text" in frame.columns:
            texts = _json_texts(frame)
            is_text = pl.col("k_type").is_in(["text", "texts"])
            column = frame.select(pl.when(is_text).then(texts).otherwise(column)).to_series()
        columns.append(column.alias(name))
    keys = [f"{', ' if index else '{'}{json.dumps(name)}: " for index, name in enumerate(kept)]
    parts = [part for key, name in zip(keys, kept, strict=True) for part in (pl.lit(key), name)]
    table = pl.DataFrame(columns)
    return table.select(pl.concat_str(*parts, pl.lit("}"))).to_series().to_list()


def _json_column(frame: pl.DataFrame, name: str) -> pl.Series:
    if name == "checks":
        return pl.Series(
            [_dump(one) if one else "[]" for one in frame[name].to_list()], dtype=pl.String
        )
    if name not in _NUMBERS:
        return frame.select(_json_text(frame[name])).to_series()
    number = _plain(name)
    yes_no = pl.when(pl.col(name) != 0).then(pl.lit("true")).otherwise(pl.lit("false"))
    if name in _YES_NO:
        number = pl.when(pl.col("k_type") == "yes_no").then(yes_no).otherwise(number)
    if name == "target":
        number = pl.when(pl.col("k_yes")).then(yes_no).otherwise(number)
        if "target_to" in frame.columns:
            ends = pl.format("[{}, {}]", _plain("target"), _plain("target_to"))
            number = pl.when(pl.col("target_to").is_null()).then(number).otherwise(ends)
    null = pl.lit("null")
    return frame.select(pl.when(pl.col(name).is_null()).then(null).otherwise(number)).to_series()


def _plain(name: str) -> pl.Expr:
    """A number as text: as many digits as it has, none after the point where they are zero."""
    return pl.col(name).cast(pl.String).str.strip_suffix(".0")


def _json_text(column: pl.Series) -> pl.Expr:
    known = column.drop_nulls().unique().to_list()
    quoted = [_dump(text) for text in known]
    if not known:
        return pl.repeat("null", column.len(), dtype=pl.String)
    return pl.lit(column).replace_strict(known, quoted, default=None).fill_null("null")


def _json_texts(frame: pl.DataFrame) -> pl.Series:
    """Texts: one at the place that gives it, a list above."""
    shown = [
        "null" if texts is None else _dump(texts[0] if kind == "text" else texts)
        for kind, texts in frame.select("k_type", "text").iter_rows()
    ]
    return pl.Series(shown, dtype=pl.String)


def _dump(value: str | Sequence[str]) -> str:
    return json.dumps(value, ensure_ascii=False)


def _mark_kinds(frame: pl.DataFrame, catalogue: Catalogue, results: Results) -> pl.DataFrame:
    """Add `k_type`, what kind a value is, and `k_yes`, whether the target is a yes."""
    pairs = frame.select("indicator", "level").unique().rows()
    types = [type_at(catalogue, results.rows[one], level) for one, level in pairs]
    kinds = pl.DataFrame(
        {"indicator": [one for one, _ in pairs], "level": [level for _, level in pairs]}
        | {"k_type": types},
        dict.fromkeys(("indicator", "level", "k_type"), pl.String),
    )
    wanted = [
        (row.id, year)
        for row in results.rows.values()
        for year, target in row.targets.items()
        if target.comparator == "yes"
    ]
    yes = pl.DataFrame(
        {"indicator": [one for one, _ in wanted], "year": [year for _, year in wanted]},
        {"indicator": pl.String, "year": frame.schema["year"]},
    ).with_columns(k_yes=pl.lit(value=True))
    return (
        frame.join(kinds, on=["indicator", "level"], how="left", maintain_order="left")
        .join(yes, on=["indicator", "year"], how="left", maintain_order="left")
        .with_columns(pl.col("k_yes").fill_null(value=False))
    )


# --- CSV ---------------------------------------------------------------------------------------


def _write_csv(stream: BinaryIO, frame: pl.DataFrame, language: str) -> None:
    mark, separator = (".", ",") if language == "en" else (",", ";")
    numbers = [name for name, kind in frame.schema.items() if kind.is_float()]
    frame = join_lists(frame)
    texts = [name for name, kind in frame.schema.items() if kind == pl.String]
    frame = frame.with_columns(
        *(
            pl.when(pl.col(name).str.contains(_FORMULA))
            .then(pl.lit("'") + pl.col(name))
            .otherwise(pl.col(name))
            .alias(name)
            for name in texts
        ),
        *(_plain(name).str.replace(".", mark, literal=True) for name in numbers),
    )
    # Excel knows by the first three bytes that it is UTF-8.
    stream.write(b"\xef\xbb\xbf")
    frame.write_csv(stream, separator=separator)


def join_lists(frame: pl.DataFrame) -> pl.DataFrame:
    """Lists as one text a cell."""
    between: Mapping[str, str] = {
        name: mark for name, mark in LISTS.items() if name in frame.columns
    }
    return frame.with_columns(pl.col(name).list.join(mark) for name, mark in between.items())
