"""The tables of a grid: where each heading stands, what is above it, where its body ends.

A heading is known by what it names: two inputs, schools or years, or a word such as «школа» beside
other names. Its rows are those that merged cells hold together, and those above it that name some
columns and not the whole table.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from engine.adoption.grids import Grid
from engine.adoption.sources_file import fold_label
from engine.adoption.title_places import names_school
from engine.adoption.title_topics import strip_title
from engine.adoption.vocabulary import (
    KeyWord,
    Label,
    Vocabulary,
    find_key_word,
    find_years,
    is_bare_year,
    read_year_label,
)
from engine.data.cells import parse_number
from engine.same_names import fold_name
from engine.workbooks.addresses import Cell, name_column

_MOST_HEADING = 6  # rows of a heading
_MOST_TORN = 3  # rows between two parts of a heading
_FIRST_YEAR, _LAST_YEAR = 1900, 2099  # what may be a year of all numbers
_MOST_REQUISITES = 2  # cells of a row such as «Год | 2023»
# What stands in the corners of a paper, and names no column.
_OF_PAPER = re.compile(
    r"приложение\b|утвержд[а-я]+\b|согласован[а-я]+\b|(?:к )?(?:приказ|распоряжени|постановлени)[а-я]{0,2}\b"
)

_GOES_ON = re.compile(r"продолжение|окончание|continued")


@dataclass(frozen=True, slots=True)
class Region:
    """One table: the rows (from 0) of its heading, `body` (first, after the last), titles above it.

    `earlier`: the titles of the tables before it, the nearest last. `repeated`: rows of the body that
    say the heading again. `side`: its columns, «F:J», where others stand beside it. `labels`: column →
    the parts of its label, `readings`: what these say, `names`: the label as it is written, and
    `folded` as it is compared.
    """

    grid: Grid
    heading: tuple[int, ...]
    body: tuple[int, int]
    titles: tuple[int, ...] = ()
    earlier: tuple[tuple[str, ...], ...] = ()
    repeated: frozenset[int] = frozenset()
    side: str = ""
    labels: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    readings: Mapping[int, Label] = field(default_factory=dict)
    names: Mapping[int, str] = field(default_factory=dict)
    folded: Mapping[int, str] = field(default_factory=dict)

    @property
    def title_texts(self) -> tuple[str, ...]:
        """Every text above the heading, the nearest last."""
        columns, rows = self.grid.rows, sorted(self.titles)
        inside = (self.grid.cells[row, column] for row in rows for column in columns[row])
        return (*self.grid.titles, *inside)


def find_regions(grid: Grid, vocabulary: Vocabulary) -> list[Region]:
    """The tables of a grid, downwards; one without a heading where none is found."""
    columns = grid.rows
    headings = list(_find_headings(grid, vocabulary, columns))
    if not headings:
        titles = tuple(row for row in columns if row < _first_long_row(grid, columns))
        first = max(titles, default=-1) + 1
        return [Region(grid, (), (first, grid.height), titles, grid.earlier)] if columns else []
    regions: list[Region] = []
    for heading in headings:
        labels = label_columns(grid, heading)
        if regions and _same_labels(labels, label_columns(grid, regions[-1].heading)):
            last = regions[-1]
            floor = max(last.body[0], *(row + 1 for row in last.repeated), 0)
            above = set(_find_titles(grid, vocabulary, columns, heading[0], floor, first=False))
            known = {fold_name(text) for text in last.title_texts}
            again = {row for row in above if known.issuperset(_fold_row(grid, row))}
            if not (
                _is_title_of_another(grid, above - again, labels, vocabulary)
                or _begins_topic(grid, (floor, heading[0]), (above, again), labels, vocabulary)
            ):
                regions[-1] = replace(last, repeated=last.repeated | again | set(heading))
                continue
        if regions and _continues(grid, vocabulary, regions[-1].heading, heading):
            whole = range(regions[-1].heading[0], heading[-1] + 1)
            rows = tuple(row for row in whole if row in columns)
            regions[-1] = replace(regions[-1], heading=rows, body=(whole.stop, grid.height))
            continue
        captions: tuple[int, ...] = ()
        if regions and _is_caption_row(regions[-1], heading[0], vocabulary):
            last = regions.pop()
            captions = (*last.titles, *last.heading)
        floor = regions[-1].body[0] if regions else 0
        titles = captions or tuple(
            _find_titles(grid, vocabulary, columns, heading[0], floor, first=not regions)
        )
        if regions:
            last = regions[-1]
            regions[-1] = replace(last, body=(last.body[0], min((*titles, heading[0]))))
        earlier = (*regions[-1].earlier, regions[-1].title_texts) if regions else grid.earlier
        regions.append(Region(grid, heading, (heading[-1] + 1, grid.height), titles, earlier))
    return [read_heading(region, vocabulary) for region in regions]


def read_heading(region: Region, vocabulary: Vocabulary) -> Region:
    """The region with the labels of its columns, and what they say.

    Beside columns of schools a total of some is one too.
    """
    labels = label_columns(region.grid, region.heading)
    readings = {column: vocabulary.read_label(parts) for column, parts in labels.items()}
    if any(label.place for label in readings.values()):
        for column, label in readings.items():
            if label.rest and vocabulary.is_total_row(" ".join(label.rest)):
                readings[column] = replace(label, total=True, rest=())
    names, folded = _name_labels(labels)
    return replace(region, labels=labels, readings=readings, names=names, folded=folded)


def _is_caption_row(region: Region, end: int, vocabulary: Vocabulary) -> bool:
    """Whether what was read as a heading names schools or years over the heading in row `end`.

    Such captions of tables side by side have nothing below them but that heading.
    """
    grid = region.grid
    texts = [grid.cells[row, column] for row in region.heading for column in grid.rows[row]]
    return (
        bool(texts)
        and not any(row in grid.rows for row in range(region.body[0], end))
        and not any(map(find_key_word, texts))
        and not any(map(vocabulary.find_meanings, texts))
        and all(find_years(text) or names_school(text, vocabulary) for text in texts)
    )


def _is_title_of_another(
    grid: Grid, rows: Iterable[int], labels: Mapping[int, tuple[str, ...]], vocabulary: Vocabulary
) -> bool:
    """Whether rows above a heading that stands again title another table: a year or a school is named.

    A school is no title where a column names the schools: it is a row of the table.
    """
    texts = [grid.cells[row, column] for row in rows for column in grid.rows[row]]
    if any(map(find_years, texts)):
        return True
    placed = any(vocabulary.read_label(parts).key == "place" for parts in labels.values())
    return not placed and any(names_school(text, vocabulary) for text in texts)


def _begins_topic(
    grid: Grid,
    rows: tuple[int, int],
    titles: tuple[set[int], set[int]],
    labels: Mapping[int, tuple[str, ...]],
    vocabulary: Vocabulary,
) -> bool:
    """Whether a heading that names no input, and stands again, heads a table of another input.

    `rows`: the body before it, from its first row to the heading; `titles`: rows right above the
    heading, and those of them that say again what stood above the table. Without a title the table
    goes on below a page's end; below a blank row or a total of what it is the values are is not said.
    """
    above, again = titles
    if any(vocabulary.read_label(parts).meaning for parts in labels.values()):
        return False
    texts = [grid.cells[row, column] for row in above - again for column in grid.rows[row]]
    repeated = (grid.cells[row, column] for row in again for column in grid.rows[row])
    goes_on = any(map(_GOES_ON.match, map(fold_name, texts))) or any(
        vocabulary.find_meanings(strip_title(text, vocabulary)) for text in repeated
    )
    last = min((*above, rows[1])) - 1
    before = [*texts, *(grid.cells[last, column] for column in grid.rows.get(last, ()))]
    blank = any(row not in grid.rows for row in range(last, rows[1]))
    ended = blank or any(map(vocabulary.is_total_row, before))
    another = any(may_name_topic(text, vocabulary) for text in texts) or (ended and not goes_on)
    return another and not _names_inputs(grid, range(*rows), vocabulary)


def _names_inputs(grid: Grid, rows: Iterable[int], vocabulary: Vocabulary) -> bool:
    """Whether at least half of the rows of a body name inputs beside their values."""
    named = [
        any(
            (row, column) not in grid.numbers and vocabulary.find_meanings(grid.cells[row, column])
            for column in grid.rows[row]
        )
        for row in rows
        if len(grid.rows.get(row, ())) > 1
    ]
    return sum(named) * 2 >= len(named) > 0


def may_name_topic(text: str, vocabulary: Vocabulary) -> bool:
    """Whether a text that stands alone may say what numbers follow, known or not: no school, no total."""
    return not (
        names_school(text, vocabulary)
        or vocabulary.is_total_row(text)
        or not strip_title(text, vocabulary)
    )


def _fold_row(grid: Grid, row: int) -> set[str]:
    return {fold_name(grid.cells[row, column]) for column in grid.rows[row]}


def _continues(
    grid: Grid, vocabulary: Vocabulary, above: Sequence[int], heading: Sequence[int]
) -> bool:
    """Whether rows that name years and nothing else are torn off from the heading above them."""
    between = range(above[-1] + 1, heading[0])
    if len(between) > _MOST_TORN or not all(row in grid.rows for row in between):
        return False
    texts = [grid.cells[row, column] for row in heading for column in grid.rows[row]]
    others = [text for text in texts if read_year_label(text) is None]
    return len(others) < len(texts) and not any(
        find_key_word(text) or vocabulary.find_meanings(text) or vocabulary.find_places(text)
        for text in others
    )


def label_columns(grid: Grid, heading: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """Column → the parts of its label, outer first; rows that number the columns are no part.

    A caption that was not merged over its columns is read as if it were: over the columns to the
    right that have a name below and nothing beside the caption.
    """
    parts: dict[int, list[str]] = {}
    named_below = [set(grid.rows.get(row, ())) - _find_ordinals(grid, row) for row in heading]
    for at, row in enumerate(heading):
        ordinals = _find_ordinals(grid, row)
        below = named_below[at + 1 :]
        caption = ""
        for column in range(grid.left, grid.width):
            text = " ".join(grid.text(row, column).split())
            named = any(column in columns for columns in below)
            if text:
                caption = text if named else ""
            elif named and caption and (row, column) not in grid.covered:
                text = caption
            if text and column not in ordinals and parts.setdefault(column, [])[-1:] != [text]:
                parts[column].append(text)
    return {column: tuple(found) for column, found in parts.items() if found}


def join_label(parts: Sequence[str]) -> str:
    """A label as it is written: its parts with « / » between."""
    return " / ".join(parts)


def _name_labels(
    labels: Mapping[int, Sequence[str]],
) -> tuple[dict[int, str], dict[int, str]]:
    """Column → its label as it is written, and as it is compared.

    Columns with one label have their letters after it. The word before the letter is in one
    language, whatever the user's: it is a name in sources.yaml.
    """
    names = {column: join_label(parts) for column, parts in labels.items()}
    folded = {column: fold_label(name) for column, name in names.items()}
    counts = Counter(folded.values())
    for column, label in folded.items():
        if counts[label] > 1:
            names[column] = f"{names[column]} (столбец {name_column(column + 1)})"
            folded[column] = fold_label(names[column])
    return names, folded


def _same_labels(one: Mapping[int, tuple[str, ...]], other: Mapping[int, tuple[str, ...]]) -> bool:
    def fold(labels: Mapping[int, tuple[str, ...]]) -> dict[int, str]:
        return {column: fold_name(join_label(parts)) for column, parts in labels.items()}

    return fold(one) == fold(other)


def is_numbering(grid: Grid, row: int, columns: Sequence[int]) -> bool:
    """Whether a row does nothing but number the columns (1, 2, 3, …)."""
    return (
        len(columns) > 1
        and all(_is_ordinal(grid, row, column) for column in columns)
        # What is merged with a cell above names the row.
        and all(
            grid.covered.get((row, column), (row, column))[0] == row
            for column in range(grid.left, grid.width)
        )
    )


def _find_ordinals(grid: Grid, row: int) -> frozenset[int]:
    """Columns whose cell in this row is their own number, where at least two are so numbered."""
    own = {column for column in grid.rows.get(row, ()) if _is_ordinal(grid, row, column)}
    return frozenset(own if len(own) > 1 else ())


def _is_ordinal(grid: Grid, row: int, column: int) -> bool:
    ordinal = column - grid.left + 1
    if grid.numbers.get((row, column), ordinal) != ordinal:
        return False
    return grid.cells[row, column].strip(" .()") == str(ordinal)


def _find_headings(
    grid: Grid, vocabulary: Vocabulary, columns: Mapping[int, Sequence[int]]
) -> Iterator[tuple[int, ...]]:
    """The rows of every heading, downwards."""
    done = -1
    for row in columns:
        if row <= done or not _names_columns(grid, vocabulary, row, columns[row]):
            continue
        first = row
        while first - 1 > done and first - 1 in columns and row - first < _MOST_HEADING:
            if _is_title(grid, vocabulary, first - 1, columns[row]):
                break
            if any(_is_number(grid, first - 1, column) for column in columns[first - 1]):
                break
            first -= 1
        last = _find_last(grid, vocabulary, columns, first, row)
        yield tuple(number for number in range(first, last + 1) if number in columns)
        done = last


def _find_last(
    grid: Grid,
    vocabulary: Vocabulary,
    columns: Mapping[int, Sequence[int]],
    first: int,
    row: int,
) -> int:
    """The last row of a heading: merged cells reach to it, or it names parts of columns."""
    last = row
    while last - first < _MOST_HEADING and last + 1 in columns:
        inner = columns[last + 1]
        begins = {
            grid.covered.get((last + 1, column), (last + 1, column))[0]
            for column in range(grid.width)
        }
        merged = any(first <= top <= last for top in begins)
        numbered = _find_ordinals(grid, last + 1)
        words = [column for column in inner if column not in numbered]
        spoken = not any(_is_number(grid, last + 1, column) for column in words)
        free = min(columns[row]) not in inner and (
            len(inner) > 1 or _names_year_above(grid, vocabulary, last, inner[0])
        )
        if not (
            (merged and spoken)
            or (free and spoken)
            or (words and _names_columns(grid, vocabulary, last + 1, inner))
        ):
            break
        last += 1
    return last


def _names_year_above(grid: Grid, vocabulary: Vocabulary, row: int, column: int) -> bool:
    """Whether a cell of a heading is a year, and the one below it names what is asked in that year."""
    year = read_year_label(grid.text(row, column))
    return year is not None and bool(vocabulary.find_meanings(grid.text(row + 1, column)))


def _names_columns(grid: Grid, vocabulary: Vocabulary, row: int, columns: Sequence[int]) -> bool:
    """Whether a row names columns: what is known of its texts is more than a row of a body has.

    Numbers name columns where they are those of rows of a form, beside a word such as «школа».
    """
    texts = [grid.cells[row, column] for column in columns]
    ordinals = _find_ordinals(grid, row)
    labels = [
        read_year_label(text)
        if _FIRST_YEAR <= grid.numbers.get((row, column), _FIRST_YEAR) <= _LAST_YEAR
        else None
        for column, text in zip(columns, texts, strict=True)
    ]
    named = [*zip(columns, texts, labels, strict=True)]
    spelt = {text for _column, text, label in named if label and not is_bare_year(text)}
    if len(spelt) > 1:
        # «2022 год», «2023 год»: whatever stands beside them, no row of a body says so.
        return True
    numbers = [
        text
        for column, text, label in reversed(named)
        if column not in ordinals and label is None and _holds_number(grid, (row, column))
    ]
    if numbers and not (
        all(map(vocabulary.find_numbered, numbers)) and "place" in map(find_key_word, texts)
    ):
        return False
    others = [text for column, text, label in named if label is None and column not in ordinals]
    bare_years = [label.year for _column, _text, label in named if label is not None]
    if not _may_head_years(others, bare_years, vocabulary):
        return False
    keys: set[KeyWord] = set()
    asked: set[str] = set()
    places: set[str] = set()
    years: set[int | None] = set()
    plain = 0
    for column, text, label in named:
        if column in ordinals:
            continue
        if label is not None:
            years.add(label.year)
        elif vocabulary.find_meanings(text):
            asked.add(fold_name(text))
        elif vocabulary.find_places(text):
            places.add(fold_name(text))
        elif (word := find_key_word(text)) is not None:
            keys.add(word)
        else:
            plain += 1
    if keys - {"value", "note"}:
        if len(texts) <= _MOST_REQUISITES and _is_requisite(texts, places, years):
            return False
        return len(keys) > 1 or bool(asked or places or years or plain)
    return (
        len(asked) > 1
        # Beside two names of places (municipality and school) 3 and 4 are numbers, wherever they stand.
        or (len(places) > 1 and not asked and not ordinals)
        or (len(years) > 1 and not asked and not places)
    )


def _may_head_years(
    texts: Iterable[str], years: Sequence[int | None], vocabulary: Vocabulary
) -> bool:
    """Whether bare years may be headings beside these texts, and are no numbers of a school or a total.

    Beside a text that is not known they rise or fall, one by one or as years of the catalogue.
    """
    unknown = [
        text
        for text in texts
        if not (
            find_key_word(text) or vocabulary.find_meanings(text) or vocabulary.find_places(text)
        )
    ]
    if not years or not unknown:
        return True
    if any(names_school(text, vocabulary) or vocabulary.is_total_row(text) for text in unknown):
        return False
    numbers = [year for year in years if year is not None]
    steps = {after - before for before, after in itertools.pairwise(numbers)}
    known = set(numbers).issubset(vocabulary.catalogue.years)
    rises = all(step > 0 for step in steps) or all(step < 0 for step in steps)
    return rises and (known or steps <= {1} or steps <= {-1})


def _is_requisite(texts: Sequence[str], places: set[str], years: set[int | None]) -> bool:
    """«Школа | Школа № 1», «Год | 2023»: the title of a table, in two cells."""
    word = find_key_word(texts[0])
    return len(texts) < _MOST_REQUISITES or (
        (word == "place" and bool(places)) or (word == "year" and bool(years))
    )


def _is_title(grid: Grid, vocabulary: Vocabulary, row: int, heading: Sequence[int]) -> bool:
    """Whether a row above a heading speaks of the whole table.

    It is one text from its left edge on, «Год | 2023», a school and a year in two cells, or says what
    paper it is: «Приложение 1 | Утверждено приказом».
    """
    columns = grid.rows[row]
    if len(columns) == 1:
        (column,) = columns
        covered = sum(
            1 for other in heading if grid.covered.get((row, other), (row, other)) == (row, column)
        )
        return column <= min(heading) or covered == len(heading)
    texts = [grid.cells[row, column] for column in columns]
    if all(_OF_PAPER.match(fold_name(text)) for text in texts):
        return True
    if len(columns) != _MOST_REQUISITES:
        return False
    schools = [text for text in texts if names_school(text, vocabulary)]
    years = [text for text in texts if text not in schools and find_years(text)]
    return len(schools) == len(years) == 1 or find_key_word(texts[0].rstrip(" :")) is not None


def _find_titles(
    grid: Grid,
    vocabulary: Vocabulary,
    columns: Mapping[int, Sequence[int]],
    heading: int,
    floor: int,
    *,
    first: bool,
) -> Iterator[int]:
    """Rows above a heading that speak of its table: of the first one all that are there."""
    for row in range(heading - 1, floor - 1, -1):
        if row not in columns:
            continue
        if not first and not _is_title(grid, vocabulary, row, columns[heading]):
            return
        if not first and any(_is_number(grid, row, column) for column in columns[row]):
            return
        yield row


def _first_long_row(grid: Grid, columns: Mapping[int, Sequence[int]]) -> int:
    """The first row with two cells or more."""
    return next((row for row, filled in columns.items() if len(filled) > 1), grid.height)


def _is_number(grid: Grid, row: int, column: int) -> bool:
    cell = (row, column)
    return _holds_number(grid, cell) and read_year_label(grid.cells[cell]) is None


def _holds_number(grid: Grid, cell: Cell) -> bool:
    """Whether a cell holds a number or a percentage."""
    return cell in grid.numbers or parse_number(grid.cells.get(cell, "").rstrip("% ")) is not None
