"""The proofs of a report's numbers: one look at the data serves all places and years of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from engine.catalogue.model import Catalogue, Indicator
from engine.data.origins import CellFinder
from engine.evaluation.explain.explain import prove_step
from engine.evaluation.explain.points import Point, PointReader
from engine.evaluation.explain.proof import ProofStep
from engine.evaluation.input_rows import input_rows
from engine.publication.audience import Audience
from engine.reports.result_rows import Fetch, PlaceKey, Row, RowKey

if TYPE_CHECKING:
    from collections.abc import Mapping


_SHORT, _WHOLE = 3, 5  # parts of a key: indicator, place, year; or with level and scenario


@dataclass(slots=True)
class ReportProofs:
    """Proves numbers of one report; opens the data for the first."""

    catalogue: Catalogue
    data: Any
    years: tuple[int, ...]
    _reader: PointReader | None = None
    _named: Mapping[str, Indicator] = field(default_factory=dict)
    _made: dict[RowKey, ProofStep] = field(default_factory=dict)

    def open(self, rows: Mapping[RowKey, Row], audience: Audience, place: PlaceKey | None) -> Fetch:
        """What gives the proof of one of these rows, by its key or by indicator, place and year.

        None where this audience may not see it: the public sees no cells of schools, a school
        only its own.
        """

        def fetch(parts: Any) -> ProofStep | None:
            key = self._find_key(parts, rows)
            if not self._may_see(key, audience, place) or rows[key].suppressed:
                return None
            step = self.prove(key)
            return step if audience == "internal" else _leave_own(step, place)

        return fetch

    def prove(self, key: RowKey) -> ProofStep:
        """How this number was made."""
        if key not in self._made:
            reader = self._open_reader()
            point = Point(key.level, key.place, key.year, key.scenario)
            self._made[key] = prove_step(reader, self._named[key.indicator], point)
        return self._made[key]

    def _open_reader(self) -> PointReader:
        if self._reader is None:
            finder = CellFinder(self.data, self.years)
            self._reader = PointReader(self.catalogue, self.data, self.years, finder.find)
            self._named = {**input_rows(self.catalogue), **self.catalogue.indicators}
        return self._reader

    def _find_key(self, parts: Any, rows: Mapping[RowKey, Row]) -> RowKey:
        if isinstance(parts, tuple) and len(parts) == _WHOLE and RowKey(*parts) in rows:
            return RowKey(*parts)
        if isinstance(parts, tuple) and len(parts) == _SHORT:
            name, place, year = parts
            for level in reversed(self.catalogue.levels):
                key = RowKey(name, level, place, year)
                if key in rows:
                    return key
        raise KeyError(parts)

    def _may_see(self, key: RowKey, audience: Audience, place: PlaceKey | None) -> bool:
        if audience == "public" or not hasattr(self.data, "sources"):
            return False
        return audience == "internal" or (key.level, key.place) == place


def _leave_own(step: ProofStep, place: PlaceKey | None) -> ProofStep:
    """The step without the schools that are not this one, and the cells and numbers of others."""
    terms = tuple(replace(term, schools=None) for term in step.terms)
    numbers = "" if any(term.schools for term in step.terms) else step.numbers
    own = tuple(each for each in step.places if (step.places_level, each.place) == place)
    steps = tuple(_leave_own(each, place) for each in step.steps)
    return replace(step, places=own, more_places=0, steps=steps, terms=terms, numbers=numbers)
