"""The transcription of the two orders' tables, read once for the tests beside it."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).parent

Row = dict[str, str]
Table = tuple[Row, ...]


@cache
def read_table(name: str) -> Table:
    """Rows of ``<name>.tsv``, each a mapping column → text.

    The file is not CSV: a quotation mark is a character of the order like any other.
    Raises ValueError when a row has more or fewer cells than the header.
    """
    header, *lines = (HERE / f"{name}.tsv").read_text(encoding="utf-8").splitlines()
    columns = header.split("\t")
    return tuple(dict(zip(columns, line.split("\t"), strict=True)) for line in lines)


@pytest.fixture(scope="session")
def transcribed() -> Callable[[str], Table]:
    """Give the reader of the transcription's tables, by name without the suffix."""
    return read_table
