"""Which places are open in a year, asked again and again of one register."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import polars as pl

from engine.catalogue.model import Catalogue
from engine.data.model import level_column
from engine.data.register import Register


@dataclass(frozen=True, slots=True)
class Openings:
    """The places of a register by level and year. Without one, whoever is asked for is open."""

    catalogue: Catalogue
    register: Register | None
    found: dict[tuple[str, int], tuple[str, ...]] = field(default_factory=dict)
    ever: dict[str, frozenset[str]] = field(default_factory=dict)

    def places(self, level: str, year: int) -> tuple[str, ...]:
        """The places that are open, in the order of the register."""
        if (level, year) not in self.found:
            self.found[level, year] = self._look(level, year)
        return self.found[level, year]

    def is_open(self, level: str, place: str, years: Iterable[int]) -> bool:
        """Whether a place is open in one of the years."""
        return self.register is None or any(place in self.places(level, year) for year in years)

    def known(self, level: str) -> frozenset[str]:
        """The places of a level in any year."""
        if self.register is None:
            return frozenset()
        if level not in self.ever:
            places = self.register.rows[self._column(level)].drop_nulls().to_list()
            self.ever[level] = frozenset(places)
        return self.ever[level]

    def _column(self, level: str) -> str:
        return "school" if level == self.catalogue.levels[0] else level_column(level)

    def _look(self, level: str, year: int) -> tuple[str, ...]:
        if self.register is None:
            return ()
        rows = self.register.rows.filter((pl.col("from") <= year) & (pl.col("until") > year))
        return tuple(rows[self._column(level)].drop_nulls().unique(maintain_order=True).to_list())
