"""For whom a report is, and what of the results such readers may see.

What may not be shown is taken out before anything is laid out: a template never meets it.
"""

from __future__ import annotations

from typing import Any, Literal

from engine.catalogue.model import Catalogue

Audience = Literal["internal", "school", "public"]
AUDIENCES: tuple[Audience, ...] = ("internal", "school", "public")


def apply_audience(catalogue: Catalogue, frame: Any, audience: Audience) -> Any:
    """The rows of results (a frame of Polars) that this audience may see.

    The department sees everything, the public no single school. A school sees what is its own and
    the places it lies in: which one it is is known only where its sheet is laid out, so the rows
    of all are handed on, and `Report.context` gives a template those of one.
    """
    if audience != "public":
        return frame
    import polars as pl

    return frame.filter(pl.col("level") != catalogue.levels[0])
