"""What the evaluation takes: schools by year, facts in one wide frame, odd cells' states beside.

How the columns are named is said in `engine.data.frame_names`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from engine.catalogue.model import Input
from engine.data.facts import FactTable
from engine.data.frame_names import CellState
from engine.data.register import Register
from engine.files import digest_file

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, slots=True)
class SourceCell:
    """One cell that was read: where it stands and what it says.

    `cell` is the address in a sheet (D12), also of a CSV; there `row` and `column` count from 1 too.
    `value` is None where the cell holds none.
    """

    input: str
    value: int | float | bool | str | None
    text: str
    state: CellState
    file: str
    sheet: str = ""
    cell: str = ""
    row: int = 0
    column: int = 0
    path: Path | None = None
    digest: str = ""

    @property
    def sha256(self) -> str:
        """Of the file's bytes: as a collected file gives it, else computed now; empty without one."""
        return self.digest or (_hash_file(self.path) if self.path else "")


@dataclass(frozen=True, slots=True)
class Data:
    """All data of a catalogue, prepared lazily.

    `schools`: school, level:…, year, code, register:…; one row per school and year in which it is
    open. `facts`: school, year, scenario, code, input:…, state:…; at most one row per key, and in the
    same order every time they are collected. `given`: the same by level, keyed by place, year,
    scenario. `code` is place, year and scenario as one number (see `code_facts`; of a school a fact).
    `filled`: the inputs that have a column; `odd`: the states that occur in the inputs that have a
    state column. `forecast_keys`: school, year of every forecast row. `inputs`: all that are
    declared, by id. `sources`: the tables that were read. `notice` is what every page made from
    these data must say (`notice.txt` of the folder): that they are invented, or not yet approved.
    `register` is where the schools come from. `unschooled`: by level the place, year and level:… of
    places that are open without an open school (see `named_places`). `targets`: those that are given by
    place, as rows of `engine.data.targets.SCHEMA`.
    """

    schools: pl.LazyFrame
    facts: pl.LazyFrame
    given: Mapping[str, pl.LazyFrame]
    forecast_keys: pl.LazyFrame
    years: tuple[int, ...]
    scenarios: tuple[str, ...]
    filled: frozenset[str]
    odd: Mapping[str, frozenset[int]]
    titles: Mapping[tuple[str, str], str]
    inputs: Mapping[str, Input] = field(default_factory=dict)
    sources: tuple[FactTable, ...] = ()
    files: tuple[Path, ...] = ()
    notice: str = ""
    register: Register | None = None
    unschooled: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    targets: pl.DataFrame | None = None

    @property
    def hash(self) -> str:
        """sha256 over the names and bytes of the data files, in hexadecimal."""
        digest = hashlib.sha256()
        for path in self.files:
            digest.update(f"{path.name}\0{_hash_file(path)}\n".encode())
        return digest.hexdigest()

    def title(self, level: str, place: str) -> str:
        """The title of a place, or its id where it has none."""
        return self.titles.get((level, place), place)


def _hash_file(path: Path) -> str:
    stat = path.stat()
    return _hash_bytes(path, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=256)
def _hash_bytes(path: Path, _changed: int, _size: int) -> str:
    return digest_file(path)
