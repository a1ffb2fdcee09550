"""Columns of texts, read together: plain numbers by the frame, every other distinct text once.

A query costs more than all cells of a town, so no column is asked on its own: those of one kind are
read by one expression, and a table by a handful of queries, however wide it is.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import polars as pl

from engine.catalogue.model import Input
from engine.data.cells import DTYPES, LARGEST, Reading, is_percent, read_cell


@dataclass(frozen=True, slots=True)
class Columns:
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
    """Columns in which a text means the same; `asked` is the input of one of them."""

    asked: Input
    names: tuple[str, ...]

    @property
    def dtype(self) -> type[pl.DataType]:
        """The type of the values."""
        return DTYPES[self.asked.type]

    @property
    def plain(self) -> bool:
        """Whether the frame can read such texts itself, for the most part."""
        return self.asked.type == "count" or (
            self.asked.type == "number" and not is_percent(self.asked)
        )

    def keep(self, names: Iterable[str]) -> _Kind:
        """Only these of its columns."""
        wanted = set(names)
        return replace(self, names=tuple(name for name in self.names if name in wanted))

    def numbers(self) -> pl.Expr:
        """What the frame reads; null where it is no plain number."""
        return pl.col(list(self.names)).cast(self.dtype, strict=False)

    @property
    def low(self) -> int:
        """The lowest number that may stand in a cell; the highest is LARGEST."""
        return 0 if self.asked.type == "count" else -LARGEST

    def holds(self, numbers: pl.Series) -> bool:
        """Whether every number may stand in a cell; there is at least one."""
        # Of what is no number only the sum tells: the lowest and the highest pass over it.
        low, high, total = numbers.min(), numbers.max(), numbers.sum()
        return bool(self.low <= low and high <= LARGEST and not math.isnan(total))  # type: ignore[operator]

    def distinct(self) -> pl.Expr:
        """A list per column: the distinct texts that are to be read one by one."""
        texts = pl.col(list(self.names))
        if self.plain:
            fine = self.numbers().is_between(self.low, LARGEST).fill_null(value=False)
            texts = texts.filter(~fine)
        return texts.drop_nulls().unique().implode()

    def replaced(self, readings: Mapping[str, Reading]) -> pl.Expr:
        """The values, with what was read one by one."""
        values = pl.Series([one.value for one in readings.values()], dtype=self.dtype)
        return pl.col(list(self.names)).replace_strict(
            pl.Series(list(readings), dtype=pl.String),
            values,
            default=self.numbers() if self.plain else None,
            return_dtype=self.dtype,
        )

    def states(self, readings: Mapping[str, Reading]) -> pl.Expr:
        """The states of the cells that have one."""
        found = {text: one.state for text, one in readings.items() if one.state}
        return pl.col(list(self.names)).replace_strict(
            pl.Series(list(found), dtype=pl.String),
            pl.Series(list(found.values()), dtype=pl.Int8),
            default=None,
            return_dtype=pl.Int8,
        )


def read_texts(asked: Mapping[str, Input], texts: pl.DataFrame) -> Columns:
    """Every column of `texts` (String, named by the inputs) in the type of its input."""
    kinds = _group_columns(asked, texts.columns)
    numbers = texts.select(one.numbers() for one in kinds if one.plain)
    careful = _find_careful(kinds, texts, numbers)
    if not careful:
        return Columns(numbers, texts.select(), {}, {})
    found = texts.select(one.distinct() for one in careful).row(0, named=True)
    values: list[pl.Expr] = []
    states: list[pl.Expr] = []
    odd: dict[str, frozenset[int]] = {}
    wrong: dict[str, Mapping[str, str]] = {}
    for kind in careful:
        distinct = {text for name in kind.names for text in found[name]}
        readings = {text: read_cell(kind.asked, text) for text in distinct}
        values.append(kind.replaced(readings))
        for name in kind.names:
            told = {readings[text].state for text in found[name]} - {0}
            odd |= {name: frozenset(told)} if told else {}
            codes = {text: code for text in found[name] if (code := readings[text].code)}
            wrong |= {name: codes} if codes else {}
        if (strange := kind.keep(odd)).names:
            states.append(strange.states(readings))
    read = texts.select(values)
    kept = [one for one in numbers.get_columns() if one.name not in found]
    every = pl.DataFrame([*kept, *read.get_columns()])
    return Columns(every, texts.select(states), odd, wrong)


def _group_columns(asked: Mapping[str, Input], names: Iterable[str]) -> list[_Kind]:
    kinds: dict[tuple[object, ...], list[str]] = {}
    for name in names:
        one = asked[name]
        kinds.setdefault((one.type, is_percent(one), *one.options.items()), []).append(name)
    return [_Kind(asked[found[0]], tuple(found)) for found in kinds.values()]


def _find_careful(
    kinds: Iterable[_Kind], texts: pl.DataFrame, numbers: pl.DataFrame
) -> list[_Kind]:
    """The columns with a text that the frame did not read, or read as what may not stand there."""
    written = {one.name: one for one in texts.get_columns()}
    read = {one.name: one for one in numbers.get_columns()}

    def is_fine(kind: _Kind, name: str) -> bool:
        empty = written[name].null_count()
        if empty == texts.height:
            return True
        return kind.plain and read[name].null_count() == empty and kind.holds(read[name])

    careful = (one.keep(name for name in one.names if not is_fine(one, name)) for one in kinds)
    return [one for one in careful if one.names]
