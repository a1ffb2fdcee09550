"""Whether the schools that answered are those of the year before: else a change may be theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from engine.catalogue.model import Catalogue
from engine.data.library import collect_frame
from engine.evaluation.results import SAME_REPORTERS

if TYPE_CHECKING:
    from engine.data.model import Data

_KEY = ["indicator", "level", "place", "year"]


def compare_reporters(frame: pl.DataFrame, catalogue: Catalogue, data: Data) -> pl.DataFrame:
    """The rows with `same_reporters`; they must hold the schools, and the year before each year.

    Of a fact above the schools: whether the same schools of the place have reported the indicator
    in this year and in the year before, each year by the register of that year. Null where nobody
    did in either, at single schools, of forecasts, and where no school is asked.
    """
    school = catalogue.levels[0]
    reported = frame.filter(
        pl.col("level") == school, pl.col("scenario") == "fact", pl.col("reported") > 0
    ).select("indicator", pl.col("place").alias("school"), "year")
    upper = catalogue.levels[1:]
    if not upper or reported.is_empty():
        return frame.with_columns(pl.lit(None, pl.Boolean).alias(SAME_REPORTERS))
    schools = collect_frame(
        data.schools.select("school", "year", *(f"level:{level}" for level in upper))
    ).with_columns(pl.col("year").cast(reported.schema["year"]))
    inside = (
        reported.join(schools, on=["school", "year"])
        .unpivot(
            [f"level:{level}" for level in upper],
            index=["indicator", "school", "year"],
            variable_name="level",
            value_name="place",
        )
        .with_columns(pl.col("level").str.strip_prefix("level:"))
        .drop_nulls("place")
    )
    # One of a year and of the year after it: a school that stays in both gives two.
    both = pl.concat([inside, inside.with_columns(pl.col("year") + 1)])
    same = (
        both.group_by([*_KEY, "school"])
        .len()
        .group_by(_KEY)
        .agg((pl.col("len") == 2).all().alias(SAME_REPORTERS))  # noqa: PLR2004
        .with_columns(pl.lit("fact").alias("scenario"))
    )
    return frame.join(same, on=[*_KEY, "scenario"], how="left", maintain_order="left")
