"""The classes and points of results: from codes of the plan to the words and numbers that are printed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import polars as pl

from engine.catalogue.lookups import scaled_by
from engine.catalogue.model import Catalogue, Indicator
from engine.evaluation.judge import divide_exactly
from engine.language.readings.arithmetic import half_away, move_point, point_shift, power_of_ten

CLASS, CLASS_TITLE = "class", "class_title"


def name_classes(
    catalogue: Catalogue,
    row: Indicator,
    codes: pl.Series,
    years: pl.Series,
    kept: frozenset[str],
) -> Iterator[pl.Series]:
    """The id of each class, and its title in that year if it is kept: of a choice those of its options."""
    scaled = scaled_by(catalogue, row.id)
    titles: dict[int | None, Mapping[str, str]]
    if scaled is None:
        answer = catalogue.inputs.get(row.input or "")
        options = answer.options if answer else {}
        ids, titles = list(options), {None: options}
    else:
        ids = list(scaled.scale.class_ids)
        titles = {
            version.since: {name: each.title for name, each in version.classes.items()}
            for version in scaled.scale.versions
        }
    codes = codes.cast(pl.UInt32)
    yield _look_up(codes, ids).alias(CLASS)
    if CLASS_TITLE in kept:
        title = _look_up(codes, [None] * len(ids))
        for since, by_id in titles.items():
            later = _look_up(codes, [by_id.get(name) for name in ids])
            title = later if since is None else later.zip_with(years >= since, title)
        yield title.alias(CLASS_TITLE)


def _look_up(codes: pl.Series, words: Sequence[str | None]) -> pl.Series:
    return pl.Series(words, dtype=pl.String).gather(codes)


def clean_points(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with its points at 12 significant digits, free of binary noise.

    Whole points, as those of most classes, have none.
    """
    every = frame["points"]
    rows = (every != every.floor()).arg_true()
    if rows.is_empty():
        return frame
    points, shift = pl.col("points"), pl.col("shift")
    rough = frame.select(points.gather(rows)).with_columns(shift=point_shift(points))
    digits = rough.select(
        whole=half_away(move_point(points, shift)),
        up=power_of_ten(-shift),
        down=power_of_ten(shift),
    )
    clean = divide_exactly(digits["whole"] * digits["up"], digits["down"])
    return frame.with_columns(every.scatter(rows, clean).alias("points"))
