"""How queries of Polars are collected: in one way everywhere.

In memory and at once. By portions, as Polars does it unasked, a town's table takes three times as long,
and the memory for thousands of columns grows faster than their number.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl


def collect_frame(query: pl.LazyFrame) -> pl.DataFrame:
    """The rows of a query."""
    return query.collect(engine="in-memory")


def collect_frames(queries: Sequence[pl.LazyFrame]) -> list[pl.DataFrame]:
    """The rows of several queries; what they have in common is computed once."""
    return pl.collect_all(queries, engine="in-memory")


def collect_stage(queries: Sequence[pl.LazyFrame]) -> list[pl.DataFrame]:
    """The rows of the queries of one stage; what they have in common is computed once.

    Looking for a better order of so few steps takes Polars longer than the steps.
    """
    plain = pl.QueryOptFlags.none(comm_subplan_elim=True, projection_pushdown=True)
    return pl.collect_all(queries, engine="in-memory", optimizations=plain)
