"""Which library speaks to the frames of the data.

The plan is written in the words of narwhals, which are a part of Polars' own: on DuckDB or Spark
narwhals translates them; to Polars they are spoken directly. The translation is done expression by
expression and takes narwhals a hundred times longer than Polars needs for the same ones, which on
a town's thirty schools is longer than everything else together (docs/decisions/). Where all frames are those of Polars,
narwhals is not even imported: that alone would take a tenth of a second.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

Frame = Any
"""A lazy frame of the library that speaks to it: Polars' own, or one of narwhals."""


def join_cells(schools: Frame, cells: Frame, keys: Sequence[str]) -> Frame:
    """Every school-year with its cells, which are null where nothing is given."""
    return schools.join(cells, on=list(keys), how="left")


def lay_beside(schools: Frame, cells: Frame, keys: Sequence[str]) -> Frame:
    """The same rows as `join_cells` gives, in another order, from frames of many rows.

    Only the keys are looked up, and what is known of a school is laid beside its cells row by row:
    the cells, a hundred columns of a country, are read in their own order and copied nowhere.

    Laid beside by their position: `cells` are scans, selections, filters and concatenations of
    tables, whose rows have an order of their own under every engine of Polars (see `merge.py`).
    """
    known, order = schools.collect(), cells.select(keys).collect()
    rows = known.select(keys).with_row_index("k_row")
    found = order.join(rows, on=keys, how="left", maintain_order="left")["k_row"]
    strange = found.null_count()
    if strange * 2 > order.height:
        # Few of the cells are asked about: they are picked out while they are read.
        return join_cells(known.lazy(), cells, keys)
    beside = pl.concat([known[found].lazy(), cells.drop(keys)], how="horizontal")
    if strange:
        beside = beside.filter(pl.col(keys[0]).is_not_null())
    silent = known.filter(~rows["k_row"].is_in(found.implode()))
    if silent.height:
        beside = pl.concat([beside, silent.lazy()], how="diagonal")
    return beside.cache()


def hold_frame(frame: Frame) -> Frame:
    """Have a frame computed once within the query, however often it is read."""
    return frame.cache()


def collect_frame(frame: Frame, *, few: bool = False) -> pl.DataFrame:
    """The rows of a lazy frame: results are held by Polars, whatever computed them.

    `few` is for keys of rows, see `collect_held`.
    """
    if isinstance(frame, pl.DataFrame):
        return frame
    # By portions: the cells of a country's schools are never all held at once.
    return collect_held(frame) if few else frame.collect(engine="streaming")


def collect_frames(frames: Sequence[Frame]) -> list[pl.DataFrame]:
    """The rows of several lazy frames; what is common to those of Polars is computed once."""
    if frames and all(isinstance(frame, pl.LazyFrame) for frame in frames):
        return pl.collect_all(frames, engine="streaming")
    return [collect_frame(frame) for frame in frames]


def collect_held(query: pl.LazyFrame) -> pl.DataFrame:
    """The rows of a query over what is held already, or over little.

    At once: by portions, as Polars would do it unasked, a town's table takes three times as long.
    """
    return query.collect(engine="in-memory")


def collect_all_held(queries: Sequence[pl.LazyFrame]) -> list[pl.DataFrame]:
    """The rows of several queries, each as `collect_held` gives them."""
    return pl.collect_all(queries, engine="in-memory")


SMALL = 20_000
"""School-years up to which frames are computed step by step: a town's columns take Polars less
time to compute than to plan as one query; a country's are one lazy query, and never all held."""


def compute_rows(query: pl.LazyFrame, height: int) -> pl.DataFrame:
    """A query over so many rows of results: few at once, many by portions on all processors."""
    return query.collect(engine="streaming" if height > SMALL else "in-memory")


def is_small(schools: Frame) -> bool:
    """Whether the school-years of Polars are few enough to be computed step by step."""
    number: int = collect_held(schools.select(pl.len())).item()
    return number <= SMALL


def as_queries(frames: Mapping[str, Frame]) -> dict[str, Frame]:
    """What is held as queries, so that several steps are computed as one; the others as they are."""
    return {
        name: frame.lazy() if isinstance(frame, pl.DataFrame) else frame
        for name, frame in frames.items()
    }


def compute_stage(held: Mapping[str, Frame], done: Mapping[str, Frame]) -> dict[str, Frame]:
    """The queries that were made of frames, computed where the frame is held; as they are where not."""
    names = [name for name, frame in held.items() if isinstance(frame, pl.DataFrame)]
    if not names:
        return dict(done)
    # They are said step by step as they are to be made: looking for a better way takes longer.
    plain = pl.QueryOptFlags.none()
    found = pl.collect_all([done[name] for name in names], engine="in-memory", optimizations=plain)
    return {**done, **dict(zip(names, found, strict=True))}


def compute_small(frames: dict[str, Frame]) -> dict[str, Frame]:
    """Frames of few rows, computed here and now: every later step is then made at once."""
    return dict(zip(frames, collect_all_held(list(frames.values())), strict=True))
