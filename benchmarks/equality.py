"""Two files of results hold the same: every row, in the same order, every value.

python -m benchmarks.equality ONE OTHER
"""

from __future__ import annotations

import sys

import polars as pl


def compare_files(one: str, other: str) -> None:
    """End with a message if the files differ."""
    left, right = pl.read_parquet(one), pl.read_parquet(other)
    if left.schema != right.schema or left.height != right.height:
        sys.exit(f"{left.height}, {left.schema}\n{right.height}, {right.schema}")
    for name in left.columns:
        differs = left[name].ne_missing(right[name])
        if differs.any():
            sys.exit(f"{name}: {differs.sum()}\n{left.filter(differs)}\n{right.filter(differs)}")


if __name__ == "__main__":
    compare_files(sys.argv[1], sys.argv[2])
