"""Which library speaks to the frames of the data.

The plan is written in the words of narwhals, which are a part of Polars' own: on DuckDB or Spark
narwhals translates them; to Polars they are spoken directly. The translation is done expression by
expression and takes narwhals a hundred times longer than Polars needs for the same ones, which on
a town's thirty schools is longer than everything else together (docs/decisions/). Where all frames are those of Polars,
narwhals is not even imported: that alone would take a tenth of a second.
"""

from __future__ import annotations

from typing import Any

import polars as pl

Frame = Any
"""A lazy frame of the library that speaks to it: Polars' own, or one of narwhals."""


def choose_library(frame: Frame) -> Any:
    """Polars for its own frames, narwhals for all others."""
    if isinstance(frame, pl.LazyFrame):
        return pl
    import narwhals as nw

    return nw


def move_frame(frame: Frame, backend: str) -> Frame:
    """The same rows as a lazy frame of another engine."""
    import narwhals as nw

    return nw.from_native(frame).collect().lazy(backend=backend)


def share_frame(frame: Frame) -> Frame:
    """Keep a frame that is used many times from being computed as often.

    Polars sees for itself that parts of one query are the same; of other engines a frame is
    asked once, and its rows are handed back to the same engine.
    """
    if isinstance(frame, pl.LazyFrame):
        return frame
    return frame.collect().lazy(backend=frame.implementation)


def hold_frame(frame: Frame) -> Frame:
    """Have a frame computed once within the query, however often it is read."""
    if isinstance(frame, pl.DataFrame):
        return frame
    return frame.cache() if isinstance(frame, pl.LazyFrame) else share_frame(frame)


def collect_frame(frame: Frame) -> pl.DataFrame:
    """The rows of a lazy frame: results are held by Polars, whatever computed them."""
    if isinstance(frame, pl.DataFrame):
        return frame
    if isinstance(frame, pl.LazyFrame):
        # By portions: the cells of a country's schools are never all held at once.
        return frame.collect(engine="streaming")
    rows: pl.DataFrame = frame.collect("polars").to_native()
    return rows


SMALL = 20_000
"""School-years up to which frames are computed step by step: a town's columns take Polars less
time to compute than to plan as one query; a country's are one lazy query, and never all held."""


def is_small(schools: Frame) -> bool:
    """Whether the school-years of Polars are few enough to be computed step by step."""
    if not isinstance(schools, pl.LazyFrame):
        return False
    number: int = schools.select(pl.len()).collect().item()
    return number <= SMALL


def compute_small(frames: dict[str, Frame], schools: Frame) -> dict[str, Frame]:
    """Frames of few rows, computed here and now: every later step is then made at once."""
    if not is_small(schools):
        return frames
    return dict(zip(frames, pl.collect_all(list(frames.values())), strict=True))
