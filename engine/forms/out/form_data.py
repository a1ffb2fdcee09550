"""Data as a form sees them: what stands in its cells put in, and last year's values taken out."""

from __future__ import annotations
from engine.data.model import Data

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import polars as pl

from engine.catalogue.model import Catalogue, Input
from engine.data.cells import DTYPES, read_cell
from engine.data.frames import collect_frame
from engine.data.frame_names import NOT_APPLICABLE, input_column, state_column
from engine.evaluation.evaluate import compute_results
from engine.evaluation.asking import Asking
from engine.forms.layout import Layout
from engine.forms.out.checks import Answers, Raw
from engine.forms.out.sheet_words import NO, YES
from engine.forms.out.sheet_words import NOT_APPLICABLE as NOT_APPLICABLE_MARK


_KEY = ("place", "year", "scenario")


def with_answers(
    catalogue: Catalogue, data: Data, layout: Layout, answers: Mapping[str, Answers]
) -> Data:
    """The data with these answers (place → cell → what stands in it) in the form's own cells.

    Where nothing is answered nothing is known, whatever the data hold.
    """
    level = layout.form.fills
    frame = _emptied(_own_frame(catalogue, data, level), layout)
    rows = _read_answers(catalogue, answers)
    if rows is not None:
        several = pl.concat([rows, frame], how="diagonal")
        frame = several.group_by(_KEY, maintain_order=True).agg(pl.all().drop_nulls().first())
    names = [name for name in frame.columns if name.startswith("state:")]
    odd = {
        name.removeprefix("state:"): frozenset(frame[name].drop_nulls().unique().to_list())
        for name in names
    }
    inputs = {name.removeprefix("input:") for name in frame.columns if name.startswith("input:")}
    changed = replace(
        data,
        filled=data.filled | inputs,
        odd={**data.odd, **{name: states for name, states in odd.items() if states}},
        scenarios=("fact", "forecast"),
    )
    years = sorted({one.year for one in layout.columns if one.scenario == "forecast"})
    if level != catalogue.levels[0]:
        return replace(changed, given={**data.given, level: frame.lazy()})
    schools = collect_frame(data.schools.select("school", "year"))
    planned = schools.filter(pl.col("year").is_in(years))
    forecasts = collect_frame(data.forecast_keys)
    keys = pl.concat([forecasts, planned.cast(forecasts.schema)]).unique(maintain_order=True)
    return replace(
        changed, facts=frame.rename({"place": "school"}).lazy(), forecast_keys=keys.lazy()
    )


def _own_frame(catalogue: Catalogue, data: Data, level: str) -> pl.DataFrame:
    if level == catalogue.levels[0]:
        return collect_frame(data.facts).rename({"school": "place"})
    if level in data.given:
        return collect_frame(data.given[level])
    return pl.DataFrame(schema={"place": pl.String, "year": pl.Int32, "scenario": pl.String})


def _emptied(frame: pl.DataFrame, layout: Layout) -> pl.DataFrame:
    """The frame without the cells that the form asks."""
    changed: list[pl.Expr] = []
    for line in layout.asked:
        here = pl.lit(value=False)
        for column in layout.columns:
            year = pl.col("year") == column.year + line.shift
            here |= year & (pl.col("scenario") == column.scenario)
        changed += [
            pl.when(~here).then(pl.col(name)).alias(name)
            for name in (input_column(line.input or ""), state_column(line.input or ""))
            if name in frame.columns
        ]
    return frame.with_columns(changed)


def _read_answers(catalogue: Catalogue, answers: Mapping[str, Answers]) -> pl.DataFrame | None:
    """The answers as rows of data; None where there are none."""
    rows: dict[tuple[str, int, str], dict[str, object]] = {}
    schema: dict[str, type[pl.DataType]] = {
        "place": pl.String,
        "year": pl.Int32,
        "scenario": pl.String,
    }
    for place, cells in answers.items():
        for (name, year, scenario), raw in cells.items():
            asked = catalogue.inputs.get(name)
            if asked is None or raw is None:
                continue
            read = read_cell(asked, raw_text(raw))
            row = rows.setdefault(
                (place, year, scenario), {"place": place, "year": year, "scenario": scenario}
            )
            if read.value is not None:
                row[input_column(name)] = read.value
                schema[input_column(name)] = DTYPES[asked.type]
            if read.state:
                row[state_column(name)] = read.state
                schema[state_column(name)] = pl.Int8
    return pl.DataFrame(list(rows.values()), schema=schema) if rows else None


def raw_text(raw: Raw) -> str:
    """What stands in a cell as a text that is read back the same."""
    if isinstance(raw, bool):
        return YES if raw else NO
    if isinstance(raw, date):
        return raw.isoformat()[:10]
    return repr(raw) if isinstance(raw, float) else str(raw)


# --- a year before -----------------------------------------------------------------------------


def last_values(catalogue: Catalogue, data: Data, layout: Layout) -> dict[str, dict[str, Raw]]:
    """Place → input or indicator → its value a year before, as a person reads it."""
    found: dict[str, dict[str, Raw]] = {}
    frame = _own_frame(catalogue, data, layout.form.fills).filter(pl.col("scenario") == "fact")
    lines = [line for line in layout.asked if input_column(line.input or "") in frame.columns]
    for year in sorted({layout.year - 1 + line.shift for line in lines}):
        for row in frame.filter(pl.col("year") == year).iter_rows(named=True):
            for line in lines:
                if layout.year - 1 + line.shift != year:
                    continue
                name = line.input or ""
                value = _printed(catalogue.inputs[name], row[input_column(name)])
                if row.get(state_column(name)) == NOT_APPLICABLE:
                    value = NOT_APPLICABLE_MARK
                if value is not None:
                    found.setdefault(row["place"], {})[name] = value
    for shift in sorted({line.shift for line in layout.of_indicator.values()}):
        shown = tuple(
            name
            for name, line in layout.of_indicator.items()
            if line.input is None and line.shift == shift
        )
        if shown:
            _add_indicators(catalogue, data, layout, found, shown, layout.year - 1 + shift)
    return found


def _add_indicators(  # noqa: PLR0917 - what is shown, of what, and to whom it is added
    catalogue: Catalogue,
    data: Data,
    layout: Layout,
    found: dict[str, dict[str, Raw]],
    shown: tuple[str, ...],
    year: int,
) -> None:
    asking = Asking(
        (year,), (layout.form.fills,), indicators=shown, scenario="fact", columns=("value",)
    )
    rows = compute_results(replace(catalogue, checks={}), data, asking).frame
    for row in rows.iter_rows(named=True):
        value = row["value"]
        if isinstance(value, int | float):
            word = (YES if value else NO) if row["type"] == "yes_no" else value
            found.setdefault(row["place"], {})[row["indicator"]] = word


def _printed(asked: Input, value: object) -> Raw:
    if isinstance(value, bool):
        return YES if value else NO
    if asked.type == "choice" and isinstance(value, str):
        return asked.options.get(value) or value
    if asked.type == "date" and isinstance(value, str):
        return ".".join(reversed(value.split("-")))
    return value if isinstance(value, int | float | str) else None
