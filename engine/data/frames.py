"""How queries of Polars are collected: those of a plan's stage by portions, all others at once.

By portions a table of a town that is asked for alone takes three times as long. The queries of a stage
read a country's cells together, and of these no more is held than is being added up.
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
    """The rows of the queries of one stage, by portions; what they have in common is computed once.

    Looking for a better order of so few steps takes Polars longer than the steps.
    """
    plain = pl.QueryOptFlags.none(comm_subplan_elim=True, projection_pushdown=True)
    return pl.collect_all(queries, engine="streaming", optimizations=plain)
