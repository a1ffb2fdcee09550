"""Cells of fact tables as typed columns, and the cells that could not be read.

What a Parquet file holds as whole numbers stays lazy: one query asks whether anything is wrong (it
reads no more than the statistics of the file where nothing is), and only then are cells looked at.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, groupby

import polars as pl

from engine.catalogue.model import Catalogue, Input
from engine.data.cells import (
    DTYPES,
    POWER,
    ReadCell,
    describe_wrong,
    is_percent,
    limits_of,
    read_answer,
    read_cell,
    show_answer,
)
from engine.data.counted_rows import FactKeys
from engine.data.facts import KEY, FactTable, name_input
from engine.data.frame_names import input_column, state_column
from engine.data.frames import collect_frame
from engine.data.origins import list_filled_cells
from engine.data.tables import shorten
from engine.problems import Problem
from engine.translation import gettext as _

# --- columns of texts -----------------------------------------------------------------------------
# Plain numbers are read by the frame, every other distinct text once. A query costs more than all
# cells of a town, so the columns of one kind are read by one expression, and a table by a handful of
# queries, however wide it is.


@dataclass(frozen=True, slots=True)
class TextColumns:
    """Columns that were read, named by their inputs.

    `values` has no column of an input without a value; `states` (Int8) only those of inputs with
    odd cells. `odd`: input → the states that occur; `wrong`: input → text → its code.
    """

    values: pl.DataFrame
    states: pl.DataFrame
    odd: Mapping[str, frozenset[int]]
    wrong: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class _Kind:
    """Columns in which a text means the same; `input_` is the input of one of them."""

    input_: Input
    names: tuple[str, ...]
    by_hand: bool = False

    @property
    def dtype(self) -> type[pl.DataType]:
        """The type of the values."""
        return DTYPES[self.input_.type]

    @property
    def plain(self) -> bool:
        """Whether the frame can read such texts itself, for the most part."""
        return self.input_.type == "count" or (
            self.input_.type == "number" and not is_percent(self.input_)
        )

    def keep(self, names: Iterable[str]) -> _Kind:
        """Itself with only these of its columns."""
        wanted = set(names)
        return replace(self, names=tuple(name for name in self.names if name in wanted))

    def numbers(self) -> pl.Expr:
        """What the frame reads; null where it is no plain number."""
        return pl.col(list(self.names)).cast(self.dtype, strict=False)

    @property
    def low(self) -> float:
        """The lowest number that may stand in a cell."""
        low, _high = limits_of(self.input_)
        return max(low, 0) if self.input_.type == "count" else low

    @property
    def high(self) -> float:
        """The highest number that may stand in a cell."""
        return limits_of(self.input_)[1]

    def holds(self, numbers: pl.Series) -> bool:
        """Whether every number may stand in a cell; there is at least one."""
        # Of what is no number only the sum tells: the lowest and the highest pass over it.
        low, high, total = numbers.min(), numbers.max(), numbers.sum()
        return bool(self.low <= low and high <= self.high and not math.isnan(total))  # type: ignore[operator]

    def distinct(self) -> pl.Expr:
        """A list per column: the distinct texts that are to be read one by one."""
        texts = pl.col(list(self.names))
        if self.plain:
            fine = self.numbers().is_between(self.low, self.high).fill_null(value=False)
            if self.by_hand:
                fine &= ~texts.str.contains(POWER).fill_null(value=False)
            texts = texts.filter(~fine)
        return texts.drop_nulls().unique().implode()

    def replaced(self, readings: Mapping[str, ReadCell]) -> pl.Expr:
        """The values, with what was read one by one."""
        values = pl.Series([cell.value for cell in readings.values()], dtype=self.dtype)
        return pl.col(list(self.names)).replace_strict(
            pl.Series(list(readings), dtype=pl.String),
            values,
            default=self.numbers() if self.plain else None,
            return_dtype=self.dtype,
        )

    def states(self, readings: Mapping[str, ReadCell]) -> pl.Expr:
        """The states of the cells that have one."""
        states = {text: cell.state for text, cell in readings.items() if cell.state}
        return pl.col(list(self.names)).replace_strict(
            pl.Series(list(states), dtype=pl.String),
            pl.Series(list(states.values()), dtype=pl.Int8),
            default=None,
            return_dtype=pl.Int8,
        )


def read_text_columns(
    inputs: Mapping[str, Input], texts: pl.DataFrame, *, by_hand: bool = False
) -> TextColumns:
    """Every column of `texts` (String, named by the inputs) in the type of its input.

    `by_hand`: people wrote them, so what they may have meant otherwise is not taken.
    """
    kinds = _group_columns(inputs, texts.columns, by_hand=by_hand)
    read_text = read_answer if by_hand else read_cell
    numbers = texts.select(kind.numbers() for kind in kinds if kind.plain)
    careful = _find_careful(kinds, texts, numbers)
    if not careful:
        return TextColumns(numbers, texts.select(), {}, {})
    distinct = texts.select(kind.distinct() for kind in careful).row(0, named=True)
    values: list[pl.Expr] = []
    states: list[pl.Expr] = []
    odd: dict[str, frozenset[int]] = {}
    wrong: dict[str, Mapping[str, str]] = {}
    for kind in careful:
        kind_texts = {text for name in kind.names for text in distinct[name]}
        readings = {text: read_text(kind.input_, text) for text in kind_texts}
        values.append(kind.replaced(readings))
        for name in kind.names:
            odd_states = {readings[text].state for text in distinct[name]} - {0}
            odd |= {name: frozenset(odd_states)} if odd_states else {}
            codes = {text: code for text in distinct[name] if (code := readings[text].code)}
            wrong |= {name: codes} if codes else {}
        if (strange := kind.keep(odd)).names:
            states.append(strange.states(readings))
    read = texts.select(values)
    kept = [column for column in numbers.get_columns() if column.name not in distinct]
    every = pl.DataFrame([*kept, *read.get_columns()])
    return TextColumns(every, texts.select(states), odd, wrong)


def _group_columns(
    inputs: Mapping[str, Input], names: Iterable[str], *, by_hand: bool
) -> list[_Kind]:
    kinds: dict[tuple[object, ...], list[str]] = {}
    for name in names:
        input_ = inputs[name]
        kind = (input_.type, is_percent(input_), input_.limits, *input_.options.items())
        kinds.setdefault(kind, []).append(name)
    return [_Kind(inputs[members[0]], tuple(members), by_hand) for members in kinds.values()]


def _find_careful(
    kinds: Iterable[_Kind], texts: pl.DataFrame, numbers: pl.DataFrame
) -> list[_Kind]:
    """The columns with a text that the frame did not read, or read as what may not stand there."""
    written = {column.name: column for column in texts.get_columns()}
    read = {column.name: column for column in numbers.get_columns()}

    def is_fine(kind: _Kind, name: str) -> bool:
        empty = written[name].null_count()
        if empty == texts.height:
            return True
        if not kind.plain or read[name].null_count() != empty or not kind.holds(read[name]):
            return False
        # A whole number has no exponent for the frame; of others one may be lost digits.
        with_power = kind.by_hand and kind.input_.type == "number"
        return not (with_power and written[name].str.contains(POWER).any())

    careful = (kind.keep(name for name in kind.names if not is_fine(kind, name)) for kind in kinds)
    return [kind for kind in careful if kind.names]


# --- columns of a table ---------------------------------------------------------------------------


_HUNDRED = 100
_INPUTS = 100_000  # more than any catalogue has: a row and an input in one whole number


@dataclass(frozen=True, slots=True)
class TypedFacts:
    """Fact tables of one level, read.

    `frame`: place, year, scenario, code (see `code_facts`), input:…, state:… of odd inputs.
    `scenarios` are those that have any cell, `forecasts` (place, year) the rows of forecasts that
    have any.
    """

    facts: tuple[FactTable, ...]
    frame: pl.LazyFrame
    inputs: tuple[str, ...]
    odd: Mapping[str, frozenset[int]]
    scenarios: frozenset[str]
    forecasts: pl.DataFrame

    @property
    def level(self) -> str:
        """The level that gives them."""
        return self.facts[0].level


def read_input_columns(
    catalogue: Catalogue, rows: Iterable[FactKeys]
) -> tuple[list[TypedFacts], list[Problem]]:
    """Every input of fact tables as a typed column; tables of texts are read together.

    `rows`: the tables with the keys of their rows, and with `code` among them.
    """
    read: list[TypedFacts] = []
    problems: list[Problem] = []
    for (_level, written), parts in groupby(
        rows, lambda part: (part.fact.level, part.fact.written)
    ):
        for together in [list(parts)] if written else [[part] for part in parts]:
            typed, more = _read_parts(catalogue, together)
            read.append(typed)
            problems += more
    return read, problems


def _read_parts(
    catalogue: Catalogue, parts: Sequence[FactKeys]
) -> tuple[TypedFacts, list[Problem]]:
    """Tables of texts, or one of any kind."""
    facts = tuple(part.fact for part in parts)
    inputs = {name: catalogue.inputs[name] for fact in facts for name in fact.inputs}
    fact = facts[0]
    if not fact.long and not fact.table.counted and _is_clean(fact.frame, inputs):
        return _respect_years(catalogue, _type_lazily(fact, parts[0].keys, inputs))
    loaded = pl.concat([_load(part) for part in parts], how="diagonal")
    typed, wrong = _read_texts(facts, loaded, inputs)
    where = _find_parts(parts, loaded, wrong)
    problems = [
        problem
        for number, fact in enumerate(facts)
        for name, texts in wrong.items()
        if number in where[name]
        for problem in _name_wrong(catalogue, fact, inputs[name], texts)
    ]
    typed, more = _respect_years(catalogue, typed)
    return typed, problems + more


def _load(rows: FactKeys) -> pl.DataFrame:
    loaded = collect_frame(rows.fact.frame)
    loaded = pl.DataFrame([*loaded.get_columns(), rows.keys["code"]])
    return _widen(loaded) if rows.fact.long else loaded


def _find_parts(
    parts: Sequence[FactKeys], loaded: pl.DataFrame, wrong: Mapping[str, Mapping[str, str]]
) -> dict[str, set[int]]:
    """Which of the tables that were read together hold wrong texts of an input."""
    if len(parts) == 1 or not wrong:
        return {name: {0} for name in wrong}
    ends = list(accumulate(part.keys.height for part in parts))
    rows_of_inputs = loaded.select(
        pl.arg_where(pl.col(name).is_in(list(texts))).implode().alias(name)
        for name, texts in wrong.items()
    )
    return {
        name: {bisect_right(ends, row) for row in rows}
        for name, rows in rows_of_inputs.row(0, named=True).items()
    }


def _is_clean(frame: pl.LazyFrame, inputs: Mapping[str, Input]) -> bool:
    """Whether every column holds values of its type already, and none that is out of bounds."""
    schema = frame.collect_schema()
    wrong: list[pl.Expr] = []
    for name, input_ in inputs.items():
        condition = _find_wrong(input_, pl.col(name), schema[name])
        if condition is None:
            return False
        wrong.append(condition)
    # A filter is answered from the statistics of a Parquet file where nothing is wrong.
    return not wrong or collect_frame(frame.filter(_join(wrong)).select(pl.len())).item() == 0


def _join(conditions: Sequence[pl.Expr]) -> pl.Expr:
    """Whether any holds, as a balanced tree: the time of Polars grows as the square of its depth."""
    if len(conditions) == 1:
        return conditions[0]
    middle = len(conditions) // 2
    return _join(conditions[:middle]) | _join(conditions[middle:])


def _find_wrong(input_: Input, column: pl.Expr, dtype: pl.DataType) -> pl.Expr | None:
    """The condition of a cell that is out of bounds; None where the type is not the input's."""
    if dtype == pl.Null or (input_.type == "yes_no" and dtype == pl.Boolean):
        return pl.lit(False)
    low, high = limits_of(input_)
    if input_.type == "count":
        low = max(low, 0)
    if input_.type == "count" and dtype.is_integer():
        return (column < low) | (column > high)
    if input_.type == "count" and dtype.is_float():
        whole = (column >= low) & (column <= high) & (column == column.floor())
        return ~whole & column.is_not_nan()
    if input_.type == "number" and dtype.is_numeric():
        if is_percent(input_):
            low, high = max(low, 0), min(high, _HUNDRED)
        outside = (column < low) | (column > high)
        return outside & column.is_not_nan() if dtype.is_float() else outside
    return None


def _type_lazily(fact: FactTable, keys: pl.DataFrame, inputs: Mapping[str, Input]) -> TypedFacts:
    schema = fact.frame.collect_schema()
    cells = []
    for name, input_ in inputs.items():
        column = pl.col(name).fill_nan(None) if schema[name].is_float() else pl.col(name)
        cells.append(column.cast(DTYPES[input_.type]).alias(input_column(name)))
    # The keys were read already, the cells stay in the file: scans, selections and filters keep the
    # order of its rows under every engine of Polars.
    read = keys.select(*KEY, "code").lazy()
    frame = pl.concat([read, fact.frame.select(cells)], how="horizontal") if cells else read
    scenarios = frozenset(keys["scenario"].unique().to_list())
    forecasts = keys.head(0).select("place", "year")
    if "forecast" in scenarios and cells:
        filled = pl.any_horizontal(pl.exclude(*KEY, "code").is_not_null())
        planned = frame.filter(pl.col("scenario") == "forecast").filter(filled)
        forecasts = collect_frame(planned.select("place", "year"))
    return TypedFacts((fact,), frame, tuple(inputs), {}, scenarios, forecasts)


def _read_texts(
    facts: tuple[FactTable, ...], loaded: pl.DataFrame, inputs: Mapping[str, Input]
) -> tuple[TypedFacts, Mapping[str, Mapping[str, str]]]:
    """The tables read cell by cell, and per input its wrong texts with their codes."""
    present = set(loaded.columns)
    names = [name for name in inputs if name in present]
    by_hand = facts[0].by_hand
    read = read_text_columns(inputs, _write_cells(loaded, names), by_hand=by_hand)
    values, states = _by_name(read.values), _by_name(read.states)
    filled = tuple(
        name
        for name in names
        if name in states or (name in values and values[name].null_count() < loaded.height)
    )
    columns = [values[name].alias(input_column(name)) for name in filled]
    columns += [states[name].alias(state_column(name)) for name in filled if name in states]
    frame = pl.DataFrame([*(loaded[name] for name in (*KEY, "code")), *columns])
    # A row without any cell is as good as none; where a column is full, there is no such row.
    if not any(column.null_count() == 0 for column in columns):
        cells = pl.exclude("code", *KEY)
        frame = frame.filter(pl.any_horizontal(cells.is_not_null()) if columns else pl.lit(False))
    scenarios = frozenset(frame["scenario"].unique().to_list())
    planned = frame.select("place", "year").clear()
    if "forecast" in scenarios:
        planned = frame.filter(pl.col("scenario") == "forecast").select("place", "year")
    return TypedFacts(facts, frame.lazy(), filled, read.odd, scenarios, planned), read.wrong


def _by_name(frame: pl.DataFrame) -> dict[str, pl.Series]:
    return {column.name: column for column in frame.get_columns()}


def _write_cells(loaded: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    """The cells as text, which is what they are, except in Parquet."""
    schema = loaded.schema
    types = {schema[name] for name in names}
    if types <= {pl.String}:
        return pl.DataFrame([loaded[name] for name in names])
    floats = [name for name in names if schema[name].is_float()]
    if floats:
        loaded = loaded.with_columns(pl.col(floats).fill_nan(None))
    return loaded.select(pl.col(names).cast(pl.String))


def _widen(loaded: pl.DataFrame) -> pl.DataFrame:
    """A long table as a wide one; a second cell of one input gets a row of its own."""
    cells = loaded.filter(pl.col("text").is_not_null())
    names = cells["input"].unique().to_list()
    if not names:
        return loaded.select(*KEY, "code").clear()
    number = pl.col("input").replace_strict(names, range(len(names)), return_dtype=pl.Int64)
    cells = cells.with_columns((pl.col("code") * _INPUTS + number).alias("cell"))
    index = ["code"]
    if cells["cell"].n_unique() < cells.height:
        cells = cells.with_columns(pl.int_range(pl.len()).over("cell").alias("again"))
        index.append("again")
    wide = cells.pivot(on="input", index=index, values="text", aggregate_function="first")
    keys = loaded.select(*KEY, "code").unique("code", maintain_order=True)
    return wide.drop(index[1:]).join(keys, on="code", how="left", maintain_order="left")


def _name_wrong(
    catalogue: Catalogue, fact: FactTable, input_: Input, texts: Mapping[str, str]
) -> Iterable[Problem]:
    name = name_input(catalogue, fact, input_.id)
    for cell in list_filled_cells(fact, input_.id, pl.col("text").is_in(list(texts))):
        code = texts[cell.text]
        text = shorten(cell.text)
        span = fact.table.find_merged(cell.row, cell.column)[2] if code == "merged-cell" else ""
        plain = not cell.position.sheet
        message, hint = describe_wrong(code, input_, text, span, plain=plain)
        shown = text if plain else show_answer(input_, text)
        message = message.format(name=name, text=shown)
        problem = Problem(code, message, cell.position, hint, about=span)
        yield replace(problem, severity="warning") if code == "outside-percent" else problem


def _respect_years(catalogue: Catalogue, typed: TypedFacts) -> tuple[TypedFacts, list[Problem]]:
    """Take out the cells of years in which their input is not asked (`since`, `until`), warned."""
    frame, problems = typed.frame, []
    for name, outside in _find_not_asked(typed, catalogue.inputs).items():
        cells = [
            cell
            for fact in typed.facts
            if name in fact.inputs
            for cell in list_filled_cells(fact, name, outside)
        ]
        for cell in cells:
            message = _("“{name}” is not asked in {year}: the cell does not count")
            message = message.format(name=name_input(catalogue, cell.fact, name), year=cell.year)
            problems.append(Problem("not-asked", message, cell.position, severity="warning"))
        frame = frame.with_columns(
            pl.when(~outside).then(pl.col(column)).alias(column) for column in _columns(typed, name)
        )
    return replace(typed, frame=frame), problems


def _find_not_asked(typed: TypedFacts, inputs: Mapping[str, Input]) -> dict[str, pl.Expr]:
    """The inputs with cells of years in which they are not asked, and the condition of such a year."""
    bounds: dict[str, pl.Expr] = {}
    for name in typed.inputs:
        first, last = inputs[name].since, inputs[name].until
        if first is not None:
            bounds[name] = pl.col("year") < first
        if last is not None:
            after = pl.col("year") > last
            bounds[name] = bounds[name] | after if name in bounds else after
    if not bounds:
        return {}
    outside_cells = typed.frame.select(
        (pl.any_horizontal(pl.col(_columns(typed, name)).is_not_null()) & outside).any().alias(name)
        for name, outside in bounds.items()
    )
    present = collect_frame(outside_cells)
    return {
        name: bounds[name] for name, has_cells in present.row(0, named=True).items() if has_cells
    }


def _columns(typed: TypedFacts, name: str) -> list[str]:
    return [input_column(name), *([state_column(name)] if name in typed.odd else [])]
