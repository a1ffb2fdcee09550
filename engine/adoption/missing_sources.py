"""Adopted files that are gone: their numbers stay, for each has its proof, and that is said."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path, PurePosixPath

import polars as pl

from engine.adoption.sources_file import AdoptedSource, fits_pattern
from engine.data.adopted_files import COPIES, FACTS, SOURCES
from engine.data.long_facts import COLUMNS, KEY
from engine.problems import Position, Problem
from engine.same_names import fold_name
from engine.translation import gettext as _
from engine.translation import ngettext


def keep_missing(
    folder: Path,
    sources: Sequence[AdoptedSource],
    facts: pl.DataFrame,
    problems: Iterable[Problem],
    given: Collection[str] = (),
) -> tuple[pl.DataFrame, list[Problem]]:
    """What `adopted.csv` holds of files that are gone; `problems` with an error for each of them.

    Kept is what `sources.yaml` still names and no other file gives now; `facts` are those that are
    read now (see COLUMNS), `given` the names of files that are to become copies.
    """
    adopted = _read_adopted(folder / FACTS)
    present = {file.name for file in (folder / COPIES).glob("*")} | {*given}
    names = [PurePosixPath(file).name for file in adopted["file"].drop_nulls().unique().to_list()]
    gone = sorted(
        name
        for name in names
        if name not in present and any(_fits_source(source, name) for source in sources)
    )
    kept = adopted.filter(pl.col("file").is_in([f"{COPIES}/{name}" for name in gone])).join(
        facts, on=list(KEY), how="anti", maintain_order="left"
    )
    # That no table was found for such an entry follows from it.
    idle = {
        source.position for source in sources if any(_fits_source(source, name) for name in gone)
    }
    others = [one for one in problems if one.code != "no-table" or one.position not in idle]
    errors = [
        _describe(folder, name, kept.filter(pl.col("file") == f"{COPIES}/{name}").height)
        for name in gone
    ]
    return kept, [*errors, *others]


def _fits_source(source: AdoptedSource, name: str) -> bool:
    """Whether an entry of `sources.yaml` speaks of the file of this name."""
    return fits_pattern(fold_name(name), fold_name(source.file))


def _describe(folder: Path, name: str, count: int) -> Problem:
    message = ngettext(
        "the file is gone: {count} value taken from it is kept as it was",
        "the file is gone: {count} values taken from it are kept as they were",
        count,
    ).format(count=count)
    hint = _("put the file back; if its values are not needed, delete its entry in {file}")
    hint = hint.format(file=(folder / SOURCES).as_posix())
    return Problem("missing-source", message, Position((folder / COPIES / name).as_posix()), hint)


def _read_adopted(path: Path) -> pl.DataFrame:
    """The facts as they were written; none where the file is no longer as it was written."""
    try:
        frame = pl.read_csv(path, separator=";", infer_schema=False, encoding="utf8")
    except (OSError, pl.exceptions.PolarsError):
        return pl.DataFrame(schema=COLUMNS)
    if frame.columns != [*COLUMNS]:
        return pl.DataFrame(schema=COLUMNS)
    number = pl.col("value").str.replace(",", ".", literal=True)
    return frame.with_columns(number).cast(COLUMNS, strict=False)  # type: ignore[arg-type]
