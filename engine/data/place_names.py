"""Which place a name in the data means: an id, a title, or one that differs from it as people write.

An id wins over a title. A name that is merely near is nobody's: it is offered.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from engine.catalogue.model import Catalogue
from engine.data.register import Register
from engine.problems import KnownNames
from engine.same_names import fold_name

Titles = Mapping[tuple[str, str], str]


@dataclass(frozen=True, slots=True)
class PlaceNames:
    """`ids`: level → folded name → the ids of all that bear it. `titles`: (level, id) → title.

    `above`: level → the folded names of the places of the levels above.
    """

    ids: Mapping[str, Mapping[str, tuple[str, ...]]]
    titles: Titles
    above: Mapping[str, frozenset[str]]

    def folded(self, level: str) -> Collection[str]:
        """Every name of a place of a level, folded."""
        return self.ids.get(level, {}).keys()

    def find(self, level: str, name: str) -> tuple[str, ...]:
        """The ids of the places of a level that bear this id or title."""
        return self.ids.get(level, {}).get(fold_name(name), ())

    def resolve(self, level: str, names: Iterable[str]) -> dict[str, str]:
        """Name → id for those names, none of them an id, that are a name of one place."""
        places = {name: self.find(level, name) for name in names}
        return {name: ids[0] for name, ids in places.items() if len(ids) == 1}

    def show(self, level: str, place: str) -> str:
        """Id and title, for a choice among several."""
        title = self.titles.get((level, place))
        return f"{place} — {title}" if title else place

    def nearest(self, level: str) -> KnownNames:
        """The ids and titles of a level, of which the closest to a strange name is offered."""
        places = sorted({place for ids in self.ids.get(level, {}).values() for place in ids})
        titles = (self.titles.get((level, place), "") for place in places)
        return KnownNames([*filter(None, titles), *places])


def name_places(
    catalogue: Catalogue, register: Register, titles: Titles, levels: Collection[str]
) -> PlaceNames:
    """The names of all places of some levels of a register."""
    every = {**register.places, catalogue.levels[0]: register.schools.to_list()}
    places = {level: ids for level, ids in every.items() if level in levels}
    names: dict[str, dict[str, dict[str, None]]] = {level: {} for level in places}
    former = register.former_titles
    for level, ids in places.items():
        for place in sorted(ids):
            own = (place, titles.get((level, place), ""), *former.get((level, place), ()))
            for name in own:
                if folded := fold_name(name):
                    names[level].setdefault(folded, {})[place] = None
    return PlaceNames(
        {
            level: {name: tuple(ids) for name, ids in of_level.items()}
            for level, of_level in names.items()
        },
        titles,
        {level: name_above(catalogue, register.places, titles, level) for level in places},
    )


def name_above(
    catalogue: Catalogue, places: Mapping[str, Collection[str]], titles: Titles, level: str
) -> frozenset[str]:
    """The folded ids and titles of the places of the levels above one."""
    upper = catalogue.places[catalogue.places.index(level) + 1 :]
    named = [(above, place) for above in upper for place in places.get(above, ())]
    texts = [*(place for _above, place in named), *(titles.get(place, "") for place in named)]
    own = {"municipality": catalogue.municipality, "region": catalogue.region}
    texts += [own.get(above) or "" for above in upper if len(places.get(above, ())) <= 1]
    return frozenset(filter(None, map(fold_name, texts)))
