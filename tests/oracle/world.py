"""Plain data: which schools there are in a year, and what stands in every cell."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from fractions import Fraction


class Odd(Enum):
    """What a cell says where it says no value."""

    NOT_APPLICABLE = "not_applicable"
    NOT_READABLE = "not_readable"


Value = Fraction | bool | str
Register = Fraction | bool | str | None
CellKey = tuple[str, str, int, str, str]
"""level, place, year, scenario, input"""


@dataclass
class World:
    """The register by school and year (a school that is not open has no entry), and the cells.

    `places`: (school, year) → level → its place, the school itself included; `columns`: (school,
    year) → column of the register → what it says; `successors`: a school → the one that took it in.
    `targets`: indicator, level, place, year → the comparator and the number that the data give.
    """

    places: dict[tuple[str, int], dict[str, str]] = field(default_factory=dict)
    columns: dict[tuple[str, int], dict[str, Register]] = field(default_factory=dict)
    cells: dict[CellKey, Value | Odd] = field(default_factory=dict)
    successors: dict[str, str] = field(default_factory=dict)
    targets: dict[tuple[str, str, str, int], tuple[str, Fraction]] = field(default_factory=dict)
    _known: dict[tuple[tuple[str, str], int], list[str]] = field(default_factory=dict)

    def schools(self, level: str, place: str, year: int) -> list[str]:
        """The schools of a place that are open in a year, in order of their ids."""
        if not self._known:
            for (school, when), above in sorted(self.places.items()):
                for key in above.items():
                    self._known.setdefault((key, when), []).append(school)
        return self._known.get(((level, place), year), [])

    def heir(self, school: str, year: int) -> str | None:
        """The school that stands for a school in a year: itself, or the first open successor."""
        seen: set[str] = set()
        current: str | None = school
        while current is not None and current not in seen:
            if (current, year) in self.places:
                return current
            seen.add(current)
            current = self.successors.get(current)
        return None

    def joined(self, school: str, year: int) -> list[str]:
        """The schools open a year before for which a school stands, itself among them."""
        before = sorted(one for one, when in self.places if when == year - 1)
        return [one for one in before if self.heir(one, year) == school]

    def places_of(self, level: str, year: int) -> list[str]:
        """The places of a level that have an open school in a year."""
        return sorted({above[level] for (_, when), above in self.places.items() if when == year})

    def place_above(self, level: str, place: str, year: int, wanted: str) -> str:
        """The place of the level `wanted` in which a place lies; itself when it is of that level."""
        school = self.schools(level, place, year)[0]
        return self.places[school, year][wanted]

    def places_in(self, level: str, place: str, year: int, wanted: str) -> list[str]:
        """The places of a lower level (or of the same) that lie in a place."""
        schools = self.schools(level, place, year)
        return sorted({self.places[school, year][wanted] for school in schools})
