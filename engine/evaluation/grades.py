"""The classes and points of results: from codes of the plan to the words and numbers that are printed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import polars as pl

from engine.catalogue.lookups import scaled_by
from engine.catalogue.model import Catalogue, Indicator
from engine.evaluation.judge import divide_exactly
from engine.language.readings.arithmetic import half_away, move_point, point_shift, power_of_ten

CLASS, CLASS_TITLE = "class", "class_title"


def name_classes(
    catalogue: Catalogue, row: Indicator, codes: pl.Series, years: pl.Series
) -> Iterator[pl.Series]:
    """The id of each class, and its title in that year: of a choice those of its options."""
    scaled = scaled_by(catalogue, row.id)
    if scaled is None:
        answer = catalogue.inputs.get(row.input or "")
        options = answer.options if answer else {}
        yield from _name_by_year(codes, years, list(options), {None: options})
        return
    titles: dict[int | None, Mapping[str, str]] = {
        version.since: {name: each.title for name, each in version.classes.items()}
        for version in scaled.scale.versions
    }
    yield from _name_by_year(codes, years, list(scaled.scale.class_ids), titles)


def _name_by_year(
    codes: pl.Series,
    years: pl.Series,
    ids: list[str],
    titles: Mapping[int | None, Mapping[str, str]],
) -> Iterator[pl.Series]:
    """`titles`: first year → titles by id, by rising year."""
    frame = pl.DataFrame({"code": codes.cast(pl.Int64), "year": years})
    known = list(range(len(ids)))
    code = pl.col("code")
    title: pl.Expr = pl.lit(None, pl.String)
    for since, by_id in titles.items():
        named = [by_id.get(name) for name in ids]
        later = code.replace_strict(known, named, default=None, return_dtype=pl.String)
        title = pl.when(pl.col("year") >= (since or 0)).then(later).otherwise(title)
    id_ = code.replace_strict(known, ids, default=None, return_dtype=pl.String)
    named_frame = frame.select(id_.alias(CLASS), title.alias(CLASS_TITLE))
    yield from named_frame.iter_columns()


def clean_points(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with its points at 12 significant digits, free of binary noise."""
    points = pl.col("points")
    digits = frame.select(
        whole=half_away(move_point(points, point_shift(points))),
        up=power_of_ten(-point_shift(points)),
        down=power_of_ten(point_shift(points)),
    )
    clean = divide_exactly(digits["whole"] * digits["up"], digits["down"])
    return frame.with_columns(clean.alias("points"))
