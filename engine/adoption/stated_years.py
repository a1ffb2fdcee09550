"""The years that the titles of a table state, the sheet's name, the file's, or a row below the heading."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from pathlib import PurePath

from engine.adoption.regions import Region
from engine.adoption.vocabulary import find_years, read_year_label

_FIRST_ROWS = 3  # of a body, that may belong to the heading


def find_stated_years(region: Region) -> tuple[int, ...]:
    """The years that the sheet's name states, else the titles above, else the file's name.

    All of them where two of these contradict each other. Where years stand across, whatever else is
    stated, each column may be of its own.
    """
    if across := _find_years_across(region):
        return across
    return tuple(sorted({year for years in _list_stated_years(region).values() for year in years}))


def list_year_texts(region: Region) -> tuple[str, ...]:
    """The texts that state the years, each once."""
    return tuple(_list_stated_years(region))


def _list_stated_years(region: Region) -> dict[str, frozenset[int]]:
    """Text → its years, of the texts that are heard.

    The sheet's name comes before the titles, these before the file's name; what stands further off
    is heard where it leaves none of the years that are stated nearer. Of a sheet that is named by its
    year the file's name says nothing: the file may be called by the year in which it was made.
    """
    stem = PurePath(region.grid.file).stem
    if _find_years((region.grid.sheet,)):
        stem = ""
    own = ((region.grid.sheet,), region.title_texts)
    earlier: tuple[tuple[str, ...], ...] = ()
    if not any(_find_years(texts) for texts in own):
        # Tables before are of their own years, and theirs contradict nothing.
        named = (texts for texts in reversed(region.earlier) if _find_years(texts))
        earlier = tuple(itertools.islice(named, 1))
    heard: dict[str, frozenset[int]] = {}
    stated: frozenset[int] = frozenset()
    for texts in (*own, *earlier, (stem,)):
        years = _find_years(texts)
        # A file of several years («Свод 2022-2024») contradicts none of its sheets.
        if years and not years & stated and not (stated and texts == (stem,) and len(years) > 1):
            heard |= {text: found for text in texts if (found := _find_years((text,)))}
            stated |= years
    return heard


def _find_years(texts: Iterable[str]) -> frozenset[int]:
    return frozenset(year for text in texts for year in find_years(text.replace("_", " ")))


def _find_years_across(region: Region) -> tuple[int, ...]:
    """Years one after the other in a row right below the heading: it may be a row of the heading.

    A row with a name in which most numbers are no years is one of the body, and so is all below it.
    """
    grid = region.grid
    body = [row for row in range(*region.body) if row in grid.rows]
    for row in body[:_FIRST_ROWS]:
        labels = (read_year_label(grid.cells[row, column]) for column in grid.rows[row])
        years = [label.year for label in labels if label is not None and label.year is not None]
        numbers = sum((row, column) in grid.numbers for column in grid.rows[row])
        if numbers < len(grid.rows[row]) and numbers >= 2 * len(years):
            if numbers:
                break
            continue
        rising = sorted(years)
        consecutive = rising == list(range(rising[0], rising[0] + len(years))) if years else False
        bare = numbers == len(grid.rows[row])
        if len(years) > 1 and consecutive and (years == rising or (bare and years == rising[::-1])):
            return tuple(rising)
    return ()
