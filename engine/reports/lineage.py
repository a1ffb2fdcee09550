"""Which place lies in which, as the register of schools tells it year by year."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.catalogue.model import Catalogue
from engine.reports.rows import Rows, read_columns


@dataclass(frozen=True, slots=True)
class Lineage:
    """`above`: of (level, place, year) the places it lies in, by their level.

    Empty where the data name no schools: then nothing is known to lie in anything.
    """

    above: Mapping[tuple[str, str, int], Mapping[str, str]]

    def find(self, level: str, place: str, years: Iterable[int]) -> Mapping[str, str]:
        """The places that a place lies in, in the last of these years in which it is known."""
        for year in sorted(years, reverse=True):
            found = self.above.get((level, place, year))
            if found is not None:
                return found
        return {}

    def lies_in(self, level: str, place: str, year: int, *, of: tuple[str, str]) -> bool:
        """Whether a place lies in (or is) the place `of`, a level and an id."""
        return (level, place) == of or self.above.get((level, place, year), {}).get(of[0]) == of[1]


def distinguish_titles(rows: Rows, lineage: Lineage, years: Sequence[int]) -> Rows:
    """The rows, where places of one level and one title bear that of the place they lie in beside it."""
    catalogue, columns = rows.take()
    keys = list(zip(rows.column("level"), rows.column("place"), strict=True))
    titles = dict(zip(keys, rows.column("place_title"), strict=True))
    bearers: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for key, title in titles.items():
        bearers.setdefault((key[0], title), []).append(key)
    told: dict[tuple[str, str], str] = {}
    for (_level, title), places in bearers.items():
        if len(places) == 1:
            continue
        above = {place: next(iter(lineage.find(*place, years).items()), None) for place in places}
        if len(set(above.values())) > 1:
            for place, upper in above.items():
                told[place] = f"{title} ({titles.get(upper) or upper[1]})" if upper else title
    if not told:
        return rows
    shown = [told.get(key, titles[key]) for key in keys]
    return read_columns(catalogue, {**columns, "place_title": shown})


def read_lineage(catalogue: Catalogue, data: Any, years: Sequence[int]) -> Lineage:
    """Of the data's schools in these years, at every level from the school upwards."""
    schools = getattr(data, "schools", None)
    if schools is None:
        return Lineage({})
    levels = catalogue.levels
    columns = ["school", *(f"level:{level}" for level in levels[1:])]
    frame = schools.select("year", *columns).collect()
    above: dict[tuple[str, str, int], Mapping[str, str]] = {}
    wanted = set(years)
    for year, *places in set(frame.iter_rows()):
        if year not in wanted:
            continue
        chain = list(zip(levels, places, strict=True))
        for at, (level, place) in enumerate(chain):
            if place is not None and (level, place, year) not in above:
                above[level, place, year] = {
                    upper: there for upper, there in chain[at + 1 :] if there is not None
                }
    return Lineage(above)
