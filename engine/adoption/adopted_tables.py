"""All tables of the grids: by which source each is read, what it gives, where every cell went."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import Any, TypeAlias

import polars as pl

from engine.adoption.grids import Grid
from engine.adoption.readings import (
    FATES,
    AdoptedFact,
    ColumnLine,
    FactKey,
    FactRow,
    Fate,
    TableReading,
)
from engine.adoption.recognition import SourceDraft, find_region_topic, recognise_region
from engine.adoption.regions import Region, read_heading
from engine.adoption.side_tables import find_all_regions
from engine.adoption.source_reading import match_source, read_region
from engine.adoption.sources_file import AdoptedSource, fits_pattern
from engine.adoption.vocabulary import Label, Vocabulary
from engine.data.long_facts import COLUMNS, KEY
from engine.data.tables import shorten
from engine.problems import Position, Problem, suggest_name
from engine.same_names import fold_name
from engine.translation import gettext as _
from engine.translation import ngettext
from engine.typography import quote
from engine.workbooks.addresses import Cell

_SHOWN = 3  # values, and cells of each, that a problem names


@dataclass(frozen=True, slots=True)
class AdoptedTables:
    """What the grids give. `balance`: fate → how many filled cells; `cells` is how many there are.

    `facts`: the answers in the long form (see COLUMNS), without digests of the files, and `unread` those
    that cannot be read. `unmatched`: drafts of tables of which no source speaks.
    """

    facts: pl.DataFrame
    unread: pl.DataFrame
    shown: tuple[ColumnLine, ...]
    problems: tuple[Problem, ...]
    balance: Mapping[str, int]
    cells: int
    unmatched: tuple[SourceDraft, ...] = ()


@dataclass(slots=True)
class _Gathered:
    facts: list[pl.DataFrame] = field(default_factory=list)
    unread: list[AdoptedFact] = field(default_factory=list)
    doubtful: list[AdoptedFact] = field(default_factory=list)
    shown: list[ColumnLine] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    balance: Counter[str] = field(default_factory=Counter)
    cells: int = 0
    unmatched: list[SourceDraft] = field(default_factory=list)
    used: set[int] = field(default_factory=set)
    unread_hint: str = ""


GridTables: TypeAlias = Sequence[tuple[Grid, Sequence[Region]]]
"""Each grid with its tables."""


def find_tables(grids: Iterable[Grid], vocabulary: Vocabulary) -> GridTables:
    """The tables of every grid."""
    return [(grid, find_all_regions(grid, vocabulary)) for grid in grids]


def recognise_tables(tables: GridTables, vocabulary: Vocabulary) -> list[SourceDraft]:
    """The draft of every table."""
    return [
        _strip_folder(recognise_region(region, vocabulary))
        for _grid, regions in tables
        for region in regions
    ]


def _strip_folder(draft: SourceDraft) -> SourceDraft:
    """The draft with the bare name of its file."""
    name = PurePosixPath(draft.source.file).name
    return replace(draft, source=replace(draft.source, file=name))


def read_tables_by(
    sources: Sequence[AdoptedSource],
    tables: GridTables,
    vocabulary: Vocabulary,
    unread_hint: str = "",
) -> AdoptedTables:
    """Read every table by the source that speaks of it; the others are told and drafted.

    `unread_hint`: what to do about these; nothing where a proposal for each will be written.
    """
    gathered = _Gathered(unread_hint=unread_hint)
    names = [(fold_name(source.file), fold_name(source.sheet)) for source in sources]
    for grid, regions in tables:
        file, sheet = fold_name(PurePosixPath(grid.file).name), fold_name(grid.sheet)
        fitting = {
            number: sources[number]
            for number, (of_file, of_sheet) in enumerate(names)
            if fits_pattern(file, of_file) and (not of_sheet or fits_pattern(sheet, of_sheet))
        }
        _read_grid(grid, regions, fitting, vocabulary, gathered)
    for number, source in enumerate(sources):
        if number not in gathered.used:
            message = _("no table was found for this entry: {file}").format(file=source.file)
            of_file, of_sheet = names[number]
            sheets = [
                grid.sheet
                for grid, _regions in tables
                if fits_pattern(fold_name(PurePosixPath(grid.file).name), of_file)
            ]
            named = any(fits_pattern(fold_name(sheet), of_sheet) for sheet in sheets)
            hint = suggest_name(source.sheet, sheets) if of_sheet and not named else ""
            problem = Problem("no-table", message, source.position, hint, "warning")
            gathered.problems.append(problem)
    facts = pl.concat([_frame([]), *gathered.facts])
    unread = _frame(gathered.unread)
    unread = pl.concat([unread, _frame(_list_unanswered(facts, unread, gathered.doubtful))])
    twice = _find_twice(pl.concat([facts, unread]))
    if twice:
        gathered.problems.append(_tell_twice(twice, vocabulary))
        lost = sum(fact.state != "not_readable" for several in twice for fact in several)
        gathered.balance.subtract({"fact": lost})
        gathered.balance.update({"line": lost})
    return AdoptedTables(
        facts,
        unread,
        tuple(gathered.shown),
        tuple(gathered.problems),
        {fate: gathered.balance[fate] for fate in FATES},
        gathered.cells,
        tuple(gathered.unmatched),
    )


def _read_grid(
    grid: Grid,
    regions: Sequence[Region],
    sources: Mapping[int, AdoptedSource],
    vocabulary: Vocabulary,
    gathered: _Gathered,
) -> None:
    """`sources`: by number those that speak of the sheet."""
    fates: dict[Cell, Fate] = {}
    for region, number in _pair(regions, list(sources.items()), vocabulary):
        if number is None:
            fates |= _tell_unread(region, vocabulary, gathered)
            continue
        gathered.used.add(number)
        reading = read_region(sources[number], region, vocabulary)
        fates |= reading.fates
        gathered.facts.append(_frame(reading.facts))
        gathered.unread += reading.unread
        gathered.doubtful += reading.doubtful
        gathered.shown += reading.shown
        gathered.problems += reading.problems(grid)
    outside = [cell for cell in grid.cells if cell not in fates]
    if outside:
        rest = TableReading()
        message = _("cells outside of the tables")
        rest.add_line("outside-table", message, outside, severity="note", fate="passed")
        gathered.problems += rest.problems(grid)
        fates |= rest.fates
    gathered.cells += len(grid.cells)
    gathered.balance.update(fates[cell] for cell in grid.cells)


def _pair(
    regions: Sequence[Region],
    sources: Sequence[tuple[int, AdoptedSource]],
    vocabulary: Vocabulary,
) -> list[tuple[Region, int | None]]:
    """Each region with the number of the source that has most of its names, each source once.

    Of several that do, that is meant which reads the input its title names. A source that names the
    heading's rows means the table that stands there, if it knows its names.
    """
    by_number = dict(sources)
    topics = [find_region_topic(region, vocabulary) for region in regions]
    of_topic = [topic.input if topic is not None else "" for topic in topics]
    scores = sorted(
        (
            (
                match_source(source, region),
                of_topic[at] in source.columns.values(),
                _stands_at(source, region),
                -at,
                -number,
            )
            for at, region in enumerate(regions)
            for number, source in sources
        ),
        reverse=True,
    )
    chosen: dict[int, int] = {}
    for score, _agrees, stands, at, number in scores:
        source = by_number[-number]
        bare = not source.columns and not source.rows
        if (score or (bare and stands)) and -at not in chosen and -number not in chosen.values():
            chosen[-at] = -number
    return [
        (_move_heading(region, by_number[chosen[at]], vocabulary), chosen[at])
        if at in chosen
        else (region, None)
        for at, region in enumerate(regions)
    ]


def _stands_at(source: AdoptedSource, region: Region) -> bool:
    same_side = not source.side or source.side == region.side
    return source.heading == tuple(row + 1 for row in region.heading) and same_side


def _move_heading(region: Region, source: AdoptedSource, vocabulary: Vocabulary) -> Region:
    """The region with the heading its source names, where that is inside it and the names fit.

    Names of rows fit below any heading: then one is kept in which more columns are understood, as
    rows above the table may have come or gone since.
    """
    if not source.heading or _stands_at(source, region):
        return region
    heading = tuple(row - 1 for row in source.heading)
    first = min((*region.titles, *region.heading, region.body[0]))
    if not all(first <= row < region.body[1] for row in heading):
        return region
    titles = tuple(
        row for row in region.grid.rows if first <= row < heading[0] and row not in heading
    )
    moved = replace(
        region,
        heading=heading,
        body=(heading[-1] + 1, region.body[1]),
        titles=titles,
        repeated=frozenset(),
    )
    moved = read_heading(moved, vocabulary)
    if source.rows and _count_understood(moved) < _count_understood(region):
        return region
    return moved if match_source(source, moved) >= match_source(source, region) else region


def _count_understood(region: Region) -> int:
    """How many headings of columns say something that is known."""
    return sum(label.known and label != Label() for label in region.readings.values())


def _tell_unread(region: Region, vocabulary: Vocabulary, gathered: _Gathered) -> dict[Cell, Fate]:
    """A table of which no source speaks: one line, and a draft."""
    draft = _strip_folder(recognise_region(region, vocabulary))
    if draft.recognised:
        gathered.unmatched.append(draft)
        message = _("a table that sources.yaml does not name: it is not read")
        hint = gathered.unread_hint or _(
            "a proposal for it is in sources.yaml: check it and take the signs # away"
        )
    else:
        message = _("the table is not understood: neither columns nor rows name inputs")
        hint = _("head its columns by the titles of inputs, or describe it in sources.yaml")
    reading = TableReading()
    inside = [
        (row, column)
        for row in (*region.titles, *region.heading, *range(*region.body))
        for column in region.grid.rows.get(row, ())
    ]
    reading.add_line("unread-table", message, inside, hint)
    gathered.problems += reading.problems(region.grid)
    return reading.fates


def _list_unanswered(
    facts: pl.DataFrame, unread: pl.DataFrame, doubtful: Sequence[AdoptedFact]
) -> list[AdoptedFact]:
    """Of the cells that are doubtful those whose answer no other cell gives, one for each answer."""
    first = {fact.key: fact for fact in reversed(doubtful)}
    if not first:
        return []
    known = {*pl.concat([facts, unread]).select(KEY).iter_rows()}
    return [fact for key, fact in first.items() if key not in known]


def _find_twice(facts: pl.DataFrame) -> list[list[AdoptedFact]]:
    """The cells of each value that several give: the data will take none of them."""
    first: dict[FactKey, AdoptedFact] = {}
    cells: dict[FactKey, list[AdoptedFact]] = {}
    for fact in list_facts(facts.filter(facts.select(KEY).is_duplicated())):
        known = first.setdefault(fact.key, fact)
        if known is not fact:
            cells.setdefault(known.key, [known]).append(fact)
    return list(cells.values())


def _tell_twice(twice: Sequence[Sequence[AdoptedFact]], vocabulary: Vocabulary) -> Problem:
    """One problem: which values, and in which cells each of them stands."""
    several_files = len({fact.file for values in twice for fact in values}) > 1
    named = [
        _("“{name}” of “{place}” for {year}: {cells}").format(
            name=shorten(vocabulary.name_input(values[0].input)),
            place=vocabulary.titles.get((values[0].level, values[0].place), values[0].place),
            year=values[0].year,
            cells=_list_cells(values, with_file=several_files),
        )
        for values in twice[:_SHOWN]
    ]
    message = ngettext(
        "{count} value stands in several cells, and none counts: {named}",
        "{count} values stand in several cells, and none counts: {named}",
        len(twice),
    ).format(count=len(twice), named="; ".join(named + ["…"] * (len(twice) > _SHOWN)))
    hint = _("leave one of them, or skip one of the tables in sources.yaml")
    repeated = [fact for values in twice for fact in values[1:]]
    places = [Position(fact.file, sheet=fact.sheet, cell=fact.cell) for fact in repeated]
    problem = Problem("value-twice", message, places[0], hint)
    if len(places) == 1:
        return problem
    return replace(problem, count=len(places), places=tuple(places[:_SHOWN]))


def _list_cells(values: Sequence[AdoptedFact], *, with_file: bool) -> str:
    cells = [f"{quote(fact.sheet)} {fact.cell}" for fact in values[:_SHOWN]]
    if with_file:
        cells = [f"{fact.file} {cell}" for fact, cell in zip(values, cells, strict=False)]
    return ", ".join(cells + ["…"] * (len(values) > _SHOWN))


def frame_facts(tables: AdoptedTables) -> pl.DataFrame:
    """The facts in the long form, then the cells that cannot be read; without digests of the files."""
    return pl.concat([tables.facts, tables.unread])


def list_facts(frame: pl.DataFrame) -> list[AdoptedFact]:
    """The facts of a table in the long form."""
    return [AdoptedFact(*row) for row in frame.select(AdoptedFact._fields).iter_rows()]


def _frame(facts: Sequence[FactRow]) -> pl.DataFrame:
    """Facts in the long form."""
    columns: dict[str, list[Any]] = {
        name: [fact[number] for fact in facts] for number, name in enumerate(AdoptedFact._fields)
    }
    return pl.DataFrame(columns | {"sha256": [""] * len(facts)}, schema=COLUMNS)


def add_digests(facts: pl.DataFrame, digests: Mapping[str, str]) -> pl.DataFrame:
    """The facts with the sha256 of their files; `digests`: file → its sha256."""
    digest = pl.col("file").replace_strict(
        [*digests], [*digests.values()], default="", return_dtype=pl.String
    )
    return facts.with_columns(digest.alias("sha256"))
