"""Reading a data folder whose adopted sources have changed: through `sources.yaml`, in memory."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from engine.adoption.adopted_tables import (
    add_digests,
    find_tables,
    frame_facts,
    read_tables_by,
)
from engine.adoption.missing_sources import keep_missing
from engine.adoption.source_files import SourceFile, read_grids
from engine.adoption.sources_file import read_sources
from engine.adoption.vocabulary import build_vocabulary
from engine.catalogue.model import Catalogue
from engine.data.adopted_files import COPIES, FACTS, SOURCES, digest_sources
from engine.data.model import Data
from engine.data.tables import RawTable, build_table
from engine.files import is_temporary
from engine.problems import Problem, has_errors
from engine.translation import gettext as _


def read_changed_sources(
    catalogue: Catalogue, folder: Path, data: Data
) -> tuple[list[RawTable], list[Problem]]:
    """The facts of the copies as a table, and what is wrong; nothing is written.

    Where `sources.yaml` has errors nothing is read by it.
    """
    vocabulary = build_vocabulary(catalogue, data)
    sources, problems = read_sources(folder / SOURCES, vocabulary)
    if has_errors(problems):
        return [], problems
    found, more = read_grids(
        [
            SourceFile(path, path.name)
            for path in sorted((folder / COPIES).glob("*"))
            if path.is_file() and not is_temporary(path.name)
        ]
    )
    grids = [grid for _file, of_file in found for grid in of_file]
    problems += more
    hint = _(
        "correct the entry for it in sources.yaml, or run adopt again with this folder, which "
        "writes a proposal: -o {folder}"
    ).format(folder=folder)
    tables = read_tables_by(sources, find_tables(grids, vocabulary), vocabulary, hint)
    frame = add_digests(frame_facts(tables), digest_sources(folder))
    kept, remarks = keep_missing(folder, sources, frame, tables.problems)
    frame = pl.concat([frame, kept])
    rows: list[list[str | None]] = [[*frame.columns]]
    rows += [
        [None if value is None else _write(value) for value in row] for row in frame.iter_rows()
    ]
    numbered = enumerate(rows, 1)
    table, more = build_table(numbered, file=str(folder / FACTS), path=folder / FACTS)
    return [table] if table else [], [*problems, *remarks, *more]


def _write(value: object) -> str:
    return f"{value:.15g}" if isinstance(value, float) else str(value)
