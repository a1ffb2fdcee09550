"""Long tables: every row is one cell. A collected file tells of each where it was filled in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import polars as pl

from engine.catalogue.model import NUMERIC, Catalogue
from engine.data.facts import KEY, FactTable, read_keys
from engine.data.tables import UNREADABLE_MARK, Table
from engine.data.wrong import refuse_formula
from engine.i18n import gettext as _
from engine.problems import Problem, suggest_name

_OWN = {
    **dict.fromkeys(("text", "state"), pl.String),
    **dict.fromkeys(("file", "sheet", "cell", "sha256"), pl.Categorical),
}


def split_levels(
    catalogue: Catalogue, table: Table, names: Mapping[str, int]
) -> tuple[list[FactTable], list[Problem]]:
    """A long table with `level` and `place`: one fact table per level."""
    level = pl.col(f"c{names['level']}").cast(pl.String).str.strip_chars().str.to_lowercase()
    frame = table.numbered().with_columns(level.alias("level")).collect()
    problems = []
    strange = frame.filter(~pl.col("level").is_in(catalogue.places).fill_null(False))
    for row, text in strange.select("row", f"c{names['level']}").iter_rows():
        if refused := refuse_formula(table, row, names["level"], text):
            problems.append(refused)
            continue
        message = _("there is no level “{name}”").format(name=text or "")
        hint = suggest_name(text or "", catalogue.places)
        position = table.position(row, names["level"])
        problems.append(Problem("unknown-level", message, position, hint))
    keys = {key: names[key] for key in KEY if key in names}
    facts = []
    for name in catalogue.places:
        part = frame.filter(pl.col("level") == name)
        if part.height:
            fact, more = read_long(catalogue, table, names, name, keys=keys, frame=part.lazy())
            facts.append(fact)
            problems += more
    return facts, problems


def read_long(
    catalogue: Catalogue,
    table: Table,
    names: Mapping[str, int],
    level: str,
    *,
    keys: Mapping[str, int],
    frame: pl.LazyFrame,
) -> tuple[FactTable, list[Problem]]:
    """A long table: its frame has `input` (the id) and `text`, and is read into memory."""
    written = pl.col(f"c{names['input']}").cast(pl.String).fill_null("").str.strip_chars()
    own = [
        # Where cells came from is told of few of them, and held of all: as numbers of texts.
        pl.col(f"c{names[name]}").cast(pl.String).cast(dtype).alias(f"own:{name}")
        for name, dtype in _OWN.items()
        if name in names
    ]
    value = _write_value(table, names["value"]) if "value" in names else pl.lit(None, pl.String)
    loaded = (
        frame.select(
            "row",
            *read_keys(frame, {key: f"c{column}" for key, column in keys.items()}),
            written.alias("input"),
            value.alias("text"),
            *own,
        )
        .filter(
            pl.col("place").is_not_null() | (pl.col("input") != "") | pl.col("text").is_not_null()
        )
        .collect()
    )
    known, problems = _find_inputs(catalogue, table, level, loaded, names["input"])
    loaded = loaded.with_columns(
        pl.col("input").replace_strict(
            list(known), list(known.values()), default=None, return_dtype=pl.String
        )
    ).filter(pl.col("input").is_not_null())
    loaded = loaded.with_columns(_choose_text(catalogue, loaded).alias("text"))
    loaded = loaded.drop("own:text", "own:state", strict=False)
    value_column = names.get("value", names.get("text", 0))
    inputs = dict.fromkeys(dict.fromkeys(known.values()), value_column)
    fact = FactTable(
        table,
        level,
        loaded.lazy(),
        keys["place"],
        keys["year"],
        keys.get("scenario"),
        inputs,
        value_column,
    )
    return fact, problems


def _write_value(table: Table, column: int) -> pl.Expr:
    """The values as text; whole numbers without a point, as they would be written."""
    value = pl.col(f"c{column}")
    text = value.cast(pl.String)
    if not table.frame.collect_schema()[f"c{column}"].is_float():
        return text
    whole = value.cast(pl.Int64, strict=False)
    return pl.when(whole.cast(pl.Float64) == value).then(whole.cast(pl.String)).otherwise(text)


def _choose_text(catalogue: Catalogue, loaded: pl.DataFrame) -> pl.Expr:
    """The text of a cell: of a collected file the value, or the text where that is the answer."""
    text = pl.col("text")
    if "own:text" in loaded.columns:
        numeric = [
            name for name, asked in catalogue.inputs.items() if asked.type in (*NUMERIC, "yes_no")
        ]
        own = pl.col("own:text")
        text = (
            pl.when(pl.col("input").is_in(numeric))
            .then(pl.coalesce(text, own))
            .otherwise(pl.coalesce(own, text))
        )
    if "own:state" in loaded.columns:
        state = pl.col("own:state").fill_null("")
        text = (
            pl.when(state == "not_applicable")
            .then(pl.lit("н/п"))
            .when(state == "not_filled")
            .then(None)
            .when(state == "not_readable")
            .then(pl.lit(UNREADABLE_MARK) + text.fill_null(""))
            .otherwise(text)
        )
    return text


def _find_inputs(
    catalogue: Catalogue, table: Table, level: str, loaded: pl.DataFrame, column: int
) -> tuple[dict[str, str], list[Problem]]:
    """Text of the column `input` → id; every row that names no input of this level is a problem."""
    ids = {name.casefold(): name for name in catalogue.inputs}
    known: dict[str, str] = {}
    wrong: dict[str, tuple[str, str, str]] = {}
    for text in loaded["input"].unique(maintain_order=True).to_list():
        name = ids.get(text.casefold())
        if name is None:
            message = _("the catalogue has no input “{name}”: the row is not read").format(
                name=text
            )
            wrong[text] = ("unknown-column", message, suggest_name(text, catalogue.inputs))
        elif catalogue.inputs[name].level != level:
            wanted = catalogue.inputs[name].level
            message = _("the input “{name}” is given by level “{wanted}”, not by “{level}”")
            message = message.format(name=name, wanted=wanted, level=level)
            hint = _("put it in a file whose first column is “{wanted}”").format(wanted=wanted)
            wrong[text] = ("input-of-other-level", message, hint)
        else:
            known[text] = name
    return known, list(_refuse_rows(table, loaded, column, wrong))


def _refuse_rows(
    table: Table, loaded: pl.DataFrame, column: int, wrong: Mapping[str, tuple[str, str, str]]
) -> Iterable[Problem]:
    if not wrong:
        return
    rows = loaded.filter(pl.col("input").is_in(list(wrong))).select("row", "input")
    for row, text in rows.iter_rows():
        code, message, hint = wrong[text]
        problem = Problem(code, message, table.position(row, column), hint)
        yield refuse_formula(table, row, column, text) or problem
