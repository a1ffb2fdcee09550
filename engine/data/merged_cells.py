"""Cells of a sheet that are merged over several answers: whose such an answer is nobody can say."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping

import polars as pl

from engine.data.tables import COVERED_MARK, MERGED_MARK, RawTable, strip_mark


def mark_merged(table: RawTable, frame: pl.DataFrame, columns: Mapping[str, int]) -> pl.DataFrame:
    """The frame with marks before the texts of answers that lie in one merged cell.

    `frame`: `row`, and texts. `columns`: the names of its columns of answers → their ordinals in
    the table. The first answer of a merged cell is MERGED, the others COVERED: they are no more
    known than it, and are told with it. A merged cell that is empty loses nothing, unless what it
    hides its answers behind stands beside the answers.
    """
    if not table.merged or not columns:
        return frame
    rows = frame["row"].to_list()
    texts = {name: frame[name].to_list() for name in columns}
    marked: set[str] = set()
    for (top, left), (bottom, right) in table.merged:
        names = sorted(
            (n for n, at in columns.items() if left <= at <= right), key=columns.__getitem__
        )
        lines = range(bisect_left(rows, top + 1), bisect_right(rows, bottom + 1))
        inside = [(line, name) for line in lines for name in names]
        if not inside:
            continue
        line, name = inside[0]
        corner = (rows[line] - 1, columns[name]) == (top, left)
        text = texts[name][line] if corner else ""
        if (corner and len(inside) == 1) or text is None:
            continue
        marked.update(names)
        for line, name in inside:
            texts[name][line] = f"{COVERED_MARK}{strip_mark(text)}"
        line, name = inside[0]
        texts[name][line] = f"{MERGED_MARK}{strip_mark(text)}"
    return frame.with_columns(pl.Series(name, texts[name], dtype=pl.String) for name in marked)
