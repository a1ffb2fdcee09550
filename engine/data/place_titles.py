"""places.csv: what places are called where they are printed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import polars as pl

from engine.catalogue.level_words import name_level
from engine.catalogue.lookups import find_level
from engine.catalogue.model import Catalogue
from engine.data.cells import refuse_formula
from engine.data.frames import collect_frame
from engine.data.headings import find_columns
from engine.data.register import Register
from engine.data.tables import MERGED_MARK, RawTable
from engine.problems import Position, Problem, suggest_name
from engine.same_names import fold_name
from engine.translation import gettext as _

_KEYS = ("level", "place", "title")
_KEY_NAMES = {"level": lambda: _("level"), "place": lambda: _("place"), "title": lambda: _("title")}
_WORDS = {
    "level": r"уровень|level",
    "place": r"место|школа|организация|id|place",
    "title": r"(?:полное |краткое )?(?:название|наименование)|title",
}


def read_places(
    catalogue: Catalogue, table: RawTable, register: Register
) -> tuple[dict[tuple[str, str], str], list[Problem]]:
    """(level, place) → title; a level and a place are named as people write them."""
    columns = find_columns(table, _WORDS)
    for key in _KEYS:
        if key not in columns:
            message = _("there is no column “{name}”").format(name=_KEY_NAMES[key]())
            hint = suggest_name(key, table.header)
            return {}, [Problem("no-column", message, table.position(), hint)]
    titles: dict[tuple[str, str], str] = {}
    known = list_bearers(catalogue, register)
    seen: dict[tuple[str, str], int] = {}
    problems: list[Problem] = []
    named = (pl.col(f"c{columns[key]}").cast(pl.String) for key in _KEYS)
    for row, *cells in collect_frame(table.numbered().select("row", *named)).iter_rows():
        if refused := list(_refuse_cells(table, row, columns, cells)):
            problems += refused
            continue
        written, place, title = (" ".join((cell or "").split()) for cell in cells)
        named_place = place
        level = find_level(catalogue, written)
        bearers = known.get(level, {}).get(fold_name(place), ())
        if len(bearers) == 1:
            (place,) = bearers
        at_place = table.position(row, columns["place"])
        if not level:
            at_level = table.position(row, columns["level"])
            problems.append(_refuse_level(catalogue, written, at_level))
        elif len(bearers) > 1:
            message = _("“{place}” is the name of several places: {places}")
            message = message.format(place=place, places=", ".join(bearers))
            hint = _("write the id of one of them")
            problems.append(Problem("ambiguous-place", message, at_place, hint))
        elif (level, place) in seen:
            message = _("the place “{place}” stands twice: also in {other}").format(
                place=named_place, other=table.position(seen[level, place], columns["place"])
            )
            problems.append(Problem("place-twice", message, at_place))
        else:
            seen[level, place] = row
            titles[level, place] = title
            if not bearers:
                message = _("the register knows no place “{place}” of the level “{level}”")
                message = message.format(place=place, level=name_level(level))
                hint = suggest_name(place, _list_names(register, level, known[level]))
                problem = Problem("unknown-place", message, at_place, hint, "warning", about=place)
                problems.append(problem)
    return titles, problems


def _refuse_cells(
    table: RawTable, row: int, columns: Mapping[str, int], cells: Sequence[str | None]
) -> Iterator[Problem]:
    """The problems of cells that are no input, or lie with those of other rows in a merged one."""
    for key, cell in zip(_KEYS, cells, strict=True):
        first, last, span = table.find_merged(row, columns[key])
        merged = bool(span) and first[0] != last[0]
        text = f"{MERGED_MARK}{cell or ''}" if merged else cell
        if problem := refuse_formula(table, row, columns[key], text):
            yield problem


def _refuse_level(catalogue: Catalogue, written: str, position: Position) -> Problem:
    hint = suggest_name(written, [*map(name_level, catalogue.places), *catalogue.places])
    levels = _("levels of the catalogue: {levels}").format(
        levels=", ".join(map(name_level, catalogue.places))
    )
    message = _("there is no level “{name}”").format(name=written)
    return Problem("unknown-level", message, position, hint or levels, about=written)


def _list_names(
    register: Register, level: str, known: Mapping[str, tuple[str, ...]]
) -> tuple[str, ...]:
    """Titles and ids of the places of a level; `known`: their folded names with the ids."""
    ids = sorted({place for bearers in known.values() for place in bearers})
    titles = (register.titles.get((level, place), "") for place in ids)
    return (*filter(None, titles), *ids)


def list_bearers(catalogue: Catalogue, register: Register) -> dict[str, dict[str, tuple[str, ...]]]:
    """Level → folded name → the ids that bear it; an id wins over a title."""
    names: dict[str, dict[str, tuple[str, ...]]] = {}
    for level in catalogue.places:
        lowest = level == catalogue.levels[0]
        ids = register.schools.to_list() if lowest else sorted(register.places[level])
        of_level = names.setdefault(level, {})
        for place in ids:
            if title := fold_name(register.titles.get((level, place), "")):
                of_level[title] = (*of_level.get(title, ()), place)
        of_level |= {fold_name(place): (place,) for place in ids}
    return names
