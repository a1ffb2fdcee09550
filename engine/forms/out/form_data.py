"""Data as a form sees them: what stands in its cells put in, and last year's values taken out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import polars as pl

from engine.catalogue.model import Catalogue, Input
from engine.data.cells import DTYPES, read_cell
from engine.data.facts import KEY
from engine.data.frame_names import (
    NOT_APPLICABLE,
    code_scenario,
    input_column,
    state_column,
)
from engine.data.frames import collect_frame
from engine.data.model import Data
from engine.evaluation.asking import Asking
from engine.evaluation.evaluate import compute_results
from engine.forms.layout import Layout
from engine.forms.out.checks import Answers, CellValue
from engine.forms.out.sheet_words import no_word, not_applicable_word, yes_word


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
        both_frames = pl.concat([rows, frame], how="diagonal")
        frame = both_frames.group_by(KEY, maintain_order=True).agg(pl.all().drop_nulls().first())
    states = {
        name.removeprefix("state:"): frozenset(frame[name].drop_nulls().unique().to_list())
        for name in frame.columns
        if name.startswith("state:")
    }
    inputs = {name.removeprefix("input:") for name in frame.columns if name.startswith("input:")}
    changed = replace(
        data,
        filled=data.filled | inputs,
        odd={**data.odd, **{name: codes for name, codes in states.items() if codes}},
        scenarios=("fact", "forecast"),
    )
    years = sorted({column.year for column in layout.columns if column.scenario == "forecast"})
    if level != catalogue.levels[0]:
        return replace(changed, given={**data.given, level: frame.lazy()})
    schools = collect_frame(data.schools.select("school", "year", "code"))
    planned = schools.filter(pl.col("year").is_in(years)).drop("code")
    forecasts = collect_frame(data.forecast_keys)
    keys = pl.concat([forecasts, planned.cast(forecasts.schema)]).unique(maintain_order=True)
    # The rows of answers have no code yet.
    facts = (
        frame.rename({"place": "school"})
        .drop("code")
        .join(schools, on=["school", "year"], maintain_order="left")
        .with_columns(code_scenario(pl.col("code"), pl.col("scenario")))
    )
    return replace(changed, facts=facts.lazy(), forecast_keys=keys.lazy())


def _own_frame(catalogue: Catalogue, data: Data, level: str) -> pl.DataFrame:
    if level == catalogue.levels[0]:
        return collect_frame(data.facts).rename({"school": "place"})
    if level in data.given:
        return collect_frame(data.given[level])
    return pl.DataFrame(schema={"place": pl.String, "year": pl.Int32, "scenario": pl.String})


def _emptied(frame: pl.DataFrame, layout: Layout) -> pl.DataFrame:
    """The frame without the cells that the form asks."""
    changed: list[pl.Expr] = []
    for line in layout.input_lines:
        in_form = pl.lit(value=False)
        for column in layout.columns:
            year = pl.col("year") == column.year + line.shift
            in_form |= year & (pl.col("scenario") == column.scenario)
        changed += [
            pl.when(~in_form).then(pl.col(name)).alias(name)
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
            asked_input = catalogue.inputs.get(name)
            if asked_input is None or raw is None:
                continue
            reading = read_cell(asked_input, raw_text(raw))
            row = rows.setdefault(
                (place, year, scenario), {"place": place, "year": year, "scenario": scenario}
            )
            if reading.value is not None:
                row[input_column(name)] = reading.value
                schema[input_column(name)] = DTYPES[asked_input.type]
            if reading.state:
                row[state_column(name)] = reading.state
                schema[state_column(name)] = pl.Int8
    return pl.DataFrame(list(rows.values()), schema=schema) if rows else None


def raw_text(raw: CellValue) -> str:
    """What stands in a cell as a text that is read back the same."""
    if isinstance(raw, bool):
        return yes_word() if raw else no_word()
    if isinstance(raw, date):
        return raw.isoformat()[:10]
    return repr(raw) if isinstance(raw, float) else str(raw)


# --- a year before -----------------------------------------------------------------------------


def last_values(
    catalogue: Catalogue, data: Data, layout: Layout
) -> dict[str, dict[str, CellValue]]:
    """Place → input or indicator → its value a year before, as a person reads it."""
    values: dict[str, dict[str, CellValue]] = {}
    frame = _own_frame(catalogue, data, layout.form.fills).filter(pl.col("scenario") == "fact")
    lines = [line for line in layout.input_lines if input_column(line.input or "") in frame.columns]
    for year in sorted({layout.year - 1 + line.shift for line in lines}):
        for row in frame.filter(pl.col("year") == year).iter_rows(named=True):
            for line in lines:
                if layout.year - 1 + line.shift != year:
                    continue
                name = line.input or ""
                value = _printed(catalogue.inputs[name], row[input_column(name)])
                if row.get(state_column(name)) == NOT_APPLICABLE:
                    value = not_applicable_word()
                if value is not None:
                    values.setdefault(row["place"], {})[name] = value
    for shift in sorted({line.shift for line in layout.of_indicator.values()}):
        indicators = tuple(
            name
            for name, line in layout.of_indicator.items()
            if line.input is None and line.shift == shift
        )
        if indicators:
            _add_indicators(catalogue, data, layout, values, indicators, layout.year - 1 + shift)
    return values


def _add_indicators(  # noqa: PLR0917 - what is shown, of what, and to whom it is added
    catalogue: Catalogue,
    data: Data,
    layout: Layout,
    values: dict[str, dict[str, CellValue]],
    indicators: tuple[str, ...],
    year: int,
) -> None:
    asking = Asking(
        (year,), (layout.form.fills,), indicators=indicators, scenario="fact", columns=("value",)
    )
    rows = compute_results(replace(catalogue, checks={}), data, asking).frame
    for row in rows.iter_rows(named=True):
        value = row["value"]
        if isinstance(value, int | float):
            word = (yes_word() if value else no_word()) if row["type"] == "yes_no" else value
            values.setdefault(row["place"], {})[row["indicator"]] = word


def _printed(asked_input: Input, value: object) -> CellValue:
    if isinstance(value, bool):
        return yes_word() if value else no_word()
    if asked_input.type == "choice" and isinstance(value, str):
        return asked_input.options.get(value) or value
    if asked_input.type == "date" and isinstance(value, str):
        return ".".join(reversed(value.split("-")))
    return value if isinstance(value, int | float | str) else None
