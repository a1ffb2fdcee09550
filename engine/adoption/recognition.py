"""What a table is, as far as it is sure: a source for it, and beside it what is not sure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from engine.adoption.regions import Region, is_numbering, join_label
from engine.adoption.row_labels import find_label_column, list_body_rows
from engine.adoption.sources_file import AdoptedSource, Doubt
from engine.adoption.stated_terms import find_stated_part, find_stated_scenario
from engine.adoption.stated_years import find_stated_years
from engine.adoption.title_places import (
    find_all_places,
    is_school_like,
    names_school,
    strip_around,
)
from engine.adoption.title_topics import Topic, find_topic, needs_topic
from engine.adoption.vocabulary import Label, Vocabulary, find_key_word
from engine.data.cells import has_no_value
from engine.data.headings import find_word
from engine.workbooks.addresses import Cell

_MOST_REQUISITES = 2  # cells of a row such as «Школа: | СОШ № 1»


@dataclass(frozen=True, slots=True)
class _Table:
    """A region as its headings are understood; `place` is the column of schools."""

    region: Region
    body: tuple[int, ...]
    labels: Mapping[int, tuple[str, ...]]
    readings: Mapping[int, Label]
    vocabulary: Vocabulary
    place: int | None


@dataclass(frozen=True, slots=True)
class SourceDraft:
    """A source as it was recognised; `schools`: names in its column of schools, in their order.

    `recognised`: whether anything of the table is understood.
    """

    source: AdoptedSource
    doubts: tuple[Doubt, ...] = ()
    schools: tuple[str, ...] = ()

    @property
    def recognised(self) -> bool:
        """Whether a column or a row is sure, or may be."""
        return bool(self.source.columns or self.source.rows or self.doubts)


def recognise_region(region: Region, vocabulary: Vocabulary) -> SourceDraft:
    """The draft of a table."""
    grid = region.grid
    labels, readings = region.labels, region.readings
    body = [
        row
        for row in range(*region.body)
        if row in grid.rows
        and row not in region.repeated
        and not is_numbering(grid, row, grid.rows[row])
    ]
    place = _find_place_column(region, body, readings, vocabulary)
    across = [
        column
        for column, label in readings.items()
        if label.known and label.meaning is not None and len(label.meaning.inputs) == 1
    ]
    named = find_label_column(region, body, {}, vocabulary)
    in_rows = (
        named is not None
        and named != place
        and len(across) <= _count_rows(region, body, named, vocabulary)
    )
    if not across and named is None:
        in_rows = any(label.key == "indicator" for label in readings.values()) and place is None
    table = _Table(region, tuple(body), labels, readings, vocabulary, place)
    return _draft_rows(table) if in_rows else _draft_columns(table)


def _count_rows(region: Region, body: Sequence[int], column: int, vocabulary: Vocabulary) -> int:
    return sum(
        bool(vocabulary.find_meanings(region.grid.cells[row, column]))
        for row in body
        if (row, column) in region.grid.cells
    )


def _find_place_column(
    region: Region,
    body: Sequence[int],
    readings: Mapping[int, Label],
    vocabulary: Vocabulary,
) -> int | None:
    """The column whose cells name most schools, else most places; else the one that its heading calls so.

    A column that is headed as one of schools goes before one of places above them, whether its names
    are known or not. A row of one cell counts for none: it may be a title. Nor does a column with more
    numbers than names: below its values the name of a school may stand («Школа: | СОШ № 1»).
    """
    grid, level = region.grid, vocabulary.catalogue.levels[0]
    body = [row for row in body if len(grid.rows[row]) > 1]
    headed = [column for column, label in readings.items() if label.key == "place"]
    of_schools = [
        column
        for column in headed
        if any(find_word(vocabulary.catalogue, part) == level for part in region.labels[column])
    ]
    counts: Counter[int] = Counter()
    schools: Counter[int] = Counter()
    numbers: Counter[int] = Counter()
    for cell in ((row, column) for row in body for column in grid.rows[row] if column in readings):
        if cell in grid.numbers:
            numbers[cell[1]] += 1
        elif found := vocabulary.find_places(grid.cells[cell]):
            counts[cell[1]] += 1
            schools[cell[1]] += any(place[0] == level for place in found)
    named = [one for one in readings if counts[one] > (0 if one in headed else numbers[one])]
    if not named:
        headed = of_schools if len(of_schools) == 1 else headed
        return headed[0] if len(headed) == 1 else None
    named += [one for one in of_schools if one not in named and not numbers[one]]
    return max(named, key=lambda one: (schools[one], one in of_schools, counts[one], one in headed))


def _draft_columns(table: _Table) -> SourceDraft:
    region, labels, readings = table.region, table.labels, table.readings
    vocabulary, place = table.vocabulary, table.place
    columns: dict[str, str] = {}
    doubts: list[Doubt] = []
    names = region.names
    topic = find_region_topic(region, vocabulary)
    for column, label in readings.items():
        name = names[column]
        if column == place or label.total or label.key in _KEYS:
            continue
        if any(map(has_no_value, labels[column])):
            continue
        meaning = label.meaning
        if label.known and meaning is not None and len(meaning.inputs) == 1:
            columns[name] = meaning.inputs[0]
        elif topic is not None and needs_topic(label, labels[column]):
            if topic.input:
                columns[name] = topic.input
            elif topic.meaning is None:
                doubts.append(Doubt("columns", name, topic.offers))
        elif meaning is None or not meaning.computed:
            doubts.append(Doubt("columns", name, _offer(label, labels[column], vocabulary)))
    columns, more = _drop_rivals(columns, names, readings)
    doubts += more
    schools, skip = _list_schools(table)
    grid = region.grid
    years = [column for column, label in readings.items() if label.key == "year"]
    across = any(readings[column].year is not None for column in readings)
    year, more = _decide_year(region, years, vocabulary, needed=not across)
    constant, others = _decide_constants(region, vocabulary, needed=place is None)
    source = AdoptedSource(
        file=grid.file,
        sheet=grid.sheet,
        heading=tuple(row + 1 for row in region.heading),
        side=region.side,
        school=names[place] if place is not None else "",
        year=year,
        skip=tuple(dict.fromkeys(skip)),
        columns=columns,
        constant=constant,
    )
    unknown = (
        []
        if not vocabulary.places
        else [
            Doubt("schools", name, vocabulary.offer_places(name))
            for name in dict.fromkeys(schools)
            if not vocabulary.find_places(name)
        ]
    )
    return SourceDraft(
        source,
        (*more, *others, *unknown, *doubts) if columns or doubts else (),
        tuple(dict.fromkeys(schools)),
    )


def _list_schools(table: _Table) -> tuple[list[str], list[str]]:
    """The names of schools and of totals in the column of schools, downwards."""
    grid, place, vocabulary = table.region.grid, table.place, table.vocabulary
    schools: list[str] = []
    totals: list[str] = []
    if place is None:
        return schools, totals
    for row in table.body:
        text = " ".join(grid.text(row, place).split())
        if not text or has_no_value(text):
            continue
        if vocabulary.is_total_row(text):
            totals.append(text)
        elif len(grid.rows[row]) > 1 or _may_be_school(text, vocabulary):
            schools.append(text.rstrip("* "))
    # Where all rows are named so, none is a total of the others.
    return schools, (totals if schools else [])


def _may_be_school(text: str, vocabulary: Vocabulary) -> bool:
    """Whether a text alone in its row names a school, and is no footnote, caption or signature."""
    named = names_school(text, vocabulary) or any(map(str.isdigit, text))
    return named and not text.startswith("*") and not vocabulary.find_meanings(text)


def find_region_topic(region: Region, vocabulary: Vocabulary) -> Topic | None:
    """The input that the titles name; None where the headings themselves name inputs."""
    if any(label.meaning for label in region.readings.values()):
        return None
    return find_topic(region.grid.sheet, region.title_texts, vocabulary)


_KEYS = frozenset(("number", "unit", "note", "year", "scenario", "place"))


def _drop_rivals(
    columns: Mapping[str, str],
    names: Mapping[int, str],
    readings: Mapping[int, Label],
) -> tuple[dict[str, str], list[Doubt]]:
    """Two columns that say the same input, year and scenario: neither is sure."""
    said: dict[tuple[str, int | None, str], list[str]] = {}
    for column, label in readings.items():
        name = names[column]
        if name in columns:
            said.setdefault((columns[name], label.year, label.scenario), []).append(name)
    rivals = {name for several in said.values() if len(several) > 1 for name in several}
    kept = {name: asked for name, asked in columns.items() if name not in rivals}
    return kept, [Doubt("columns", name, (columns[name],)) for name in columns if name in rivals]


def _draft_rows(table: _Table) -> SourceDraft:
    region, labels, readings = table.region, table.labels, table.readings
    body, vocabulary, place = table.body, table.vocabulary, table.place
    grid = region.grid
    column = find_label_column(region, body, readings, vocabulary)
    rows: dict[str, tuple[str, ...]] = {}
    doubts: list[Doubt] = []
    skip: list[str] = []
    twice: set[str] = set()
    if column is None:
        return SourceDraft(AdoptedSource(grid.file))
    schools = {line for line, _column in find_inner_names(region, vocabulary)}
    for row in list_body_rows(region, body, column, readings, vocabulary):
        name = join_label(row.label)
        others = {
            one for line in row.lines for one in grid.rows[line] if _may_hold(readings, one, column)
        }
        if not name or schools.intersection(row.lines) or any(map(has_no_value, row.label)):
            continue
        if vocabulary.is_total(row.label[-1]):
            skip.append(row.label[-1])
        elif row.meaning is not None and row.meaning.inputs:
            if rows.get(name, row.meaning.inputs) != row.meaning.inputs or name in twice:
                twice.add(name)
            rows[name] = row.meaning.inputs
        elif (row.meaning is None or row.ambiguous) and others:
            offers = row.ambiguous or vocabulary.offer_inputs(row.label)
            doubts.append(Doubt("rows", name, offers))
    keyed = [one for one, label in readings.items() if label.key == "year"]
    across = any(label.year is not None for label in readings.values())
    year, more = _decide_year(region, keyed, vocabulary, needed=not across)
    placed = place is not None or any(label.place for label in readings.values())
    constant, others_ = _decide_constants(region, vocabulary, needed=not placed)
    unknown: list[Doubt] = []
    if any(label.place for label in readings.values()):
        unknown = [
            Doubt(
                "schools", join_label(labels[one]), vocabulary.offer_places(join_label(labels[one]))
            )
            for one, label in readings.items()
            if not (label.known or label.total)
            and one != column
            and not any(map(has_no_value, labels.get(one, ())))
        ]
    source = AdoptedSource(
        file=grid.file,
        sheet=grid.sheet,
        heading=tuple(row + 1 for row in region.heading),
        side=region.side,
        school=region.names.get(place, "") if place is not None else "",
        year=year,
        skip=tuple(dict.fromkeys(skip)),
        rows=rows,
        constant=constant,
    )
    return SourceDraft(source, (*more, *others_, *unknown, *doubts) if rows or doubts else ())


def _may_hold(readings: Mapping[int, Label], column: int, names: int) -> bool:
    label = readings.get(column)
    return column != names and (label is None or label.key not in {"number", "unit", "note"})


def _offer(label: Label, parts: Sequence[str], vocabulary: Vocabulary) -> tuple[str, ...]:
    return label.ambiguous or vocabulary.offer_inputs(label.rest or parts)


# --- what holds for the whole table -----------------------------------------------------------------


def _decide_year(
    region: Region,
    columns: Sequence[int],
    vocabulary: Vocabulary,
    *,
    needed: bool,
) -> tuple[int | str | None, list[Doubt]]:
    """The year of the table or the label of its column; a doubt where several are named, or none."""
    if len(columns) == 1:
        return region.names[columns[0]], []
    if not needed:
        return None, []
    years = find_stated_years(region)
    if len(years) == 1 and not find_stated_part(region):
        return years[0], []
    return None, [Doubt("year", "", tuple(map(str, years or vocabulary.catalogue.years)))]


def _decide_constants(
    region: Region, vocabulary: Vocabulary, *, needed: bool
) -> tuple[dict[str, str], list[Doubt]]:
    """The place and the scenario that the titles, the sheet or the file name."""
    constant: dict[str, str] = {}
    doubts: list[Doubt] = []
    stated = find_stated_scenario(region)
    if stated is not None and stated.scenario == "forecast":
        constant["scenario"] = "forecast"
    if not needed:
        return constant, doubts
    found = find_stated_places(region, vocabulary)
    if len(found) == 1:
        level, place = found.pop()
        return {level: place} | constant, doubts
    school = vocabulary.catalogue.levels[0]
    near = {(school, place) for place in offer_stated_places(region, vocabulary)}
    near = near or find_all_places(find_inner_names(region, vocabulary).values(), vocabulary)
    offered = tuple(f"{{{level}: {place}}}" for level, place in sorted(found or near))
    doubts.append(Doubt("constant", "", offered or (f"{{{school}: …}}",)))
    return constant, doubts


def find_stated_places(region: Region, vocabulary: Vocabulary) -> set[tuple[str, str]]:
    """The places that the sheet, the titles and the file name, else the tables before.

    A school that is named nearest to the heading, below the name of its town, is the one meant.
    """
    found = find_all_places(_list_own_texts(region), vocabulary)
    schools = {place for place in found if place[0] == vocabulary.catalogue.levels[0]}
    if len(found) > len(schools) == 1:
        named = (find_all_places([text], vocabulary) for text in reversed(region.title_texts))
        found = schools if next(filter(None, named), set()) == schools else found
    if not found and not any(map(is_school_like, region.title_texts)):
        # Tables that follow say no more whose they are: it was said above the first.
        named = (find_all_places(texts, vocabulary) for texts in reversed(region.earlier))
        found = next(filter(None, named), set())
    return found


def offer_stated_places(region: Region, vocabulary: Vocabulary) -> tuple[str, ...]:
    """Ids of schools whose names are near to one that the sheet, a title or the file seems to say."""
    for text in _list_own_texts(region):
        names = sorted(strip_around(" ".join(text.replace("_", " ").split())), key=len)
        for name in names:
            if is_school_like(name) and (near := vocabulary.offer_places(name)):
                return near
    return ()


def find_inner_names(region: Region, vocabulary: Vocabulary) -> dict[Cell, str]:
    """Cells of the body that name a school, known or not, and stand alone in their row or beside «Школа:»."""
    grid = region.grid
    names: dict[Cell, str] = {}
    for row in range(*region.body):
        columns = grid.rows.get(row, ())
        texts = [grid.cells[row, column] for column in columns]
        headed = len(texts) == _MOST_REQUISITES and find_key_word(texts[0].rstrip(" :")) == "place"
        if (headed or len(texts) == 1) and names_school(texts[-1], vocabulary):
            names[row, columns[-1]] = " ".join(texts[-1].split())
    return names


def _list_own_texts(region: Region) -> tuple[str, ...]:
    return (region.grid.sheet, *region.title_texts, PurePath(region.grid.file).stem)
