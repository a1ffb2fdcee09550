"""The proofs of a report's numbers: one look at the data serves all places and years of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from engine.catalogue.model import Catalogue, Indicator
from engine.data.origins import CellFinder
from engine.evaluation.explain.explain import prove_step
from engine.evaluation.explain.points import Point, Viewer
from engine.evaluation.explain.proof import ProofStep
from engine.evaluation.input_rows import input_rows
from engine.publication.audience import Audience
from engine.reports.result_rows import Fetch, Key, ResultRows

if TYPE_CHECKING:
    from collections.abc import Mapping


_SHORT, _WHOLE = 3, 5  # parts of a key: indicator, place, year; or with level and scenario


@dataclass(slots=True)
class Prover:
    """Proves numbers of one report; opens the data when the first is asked for."""

    catalogue: Catalogue
    data: Any
    years: tuple[int, ...]
    _viewer: Viewer | None = None
    _named: Mapping[str, Indicator] = field(default_factory=dict)
    _made: dict[Key, ProofStep] = field(default_factory=dict)

    def open(self, rows: ResultRows, audience: Audience, place: tuple[str, str] | None) -> Fetch:
        """What gives the proof of one of these rows, by its key or by indicator, place and year.

        None where this audience may not see it: the public sees no cells of schools, a school
        only its own.
        """
        known: dict[tuple[Any, ...], int] = {}

        def fetch(asked: Any) -> ProofStep | None:
            if not known:
                known.update(rows.find())
            key = self._find_key(asked, known)
            if not self._may_see(key, audience, place) or rows.row(known[key]).suppressed:
                return None
            step = self.prove(key)
            return step if audience == "internal" else _leave_own(step, place)

        return fetch

    def prove(self, key: Key) -> ProofStep:
        """How this number was made."""
        if key not in self._made:
            viewer = self._open_viewer()
            point = Point(key.level, key.place, key.year, key.scenario)
            self._made[key] = prove_step(viewer, self._named[key.indicator], point)
        return self._made[key]

    def _open_viewer(self) -> Viewer:
        if self._viewer is None:
            finder = CellFinder(self.data, self.years)
            self._viewer = Viewer(self.catalogue, self.data, self.years, finder.find)
            self._named = {**input_rows(self.catalogue), **self.catalogue.indicators}
        return self._viewer

    def _find_key(self, asked: Any, known: Mapping[tuple[Any, ...], int]) -> Key:
        if isinstance(asked, tuple) and len(asked) == _WHOLE and Key(*asked) in known:
            return Key(*asked)
        if isinstance(asked, tuple) and len(asked) == _SHORT:
            name, place, year = asked
            for level in reversed(self.catalogue.levels):
                key = Key(name, level, place, year)
                if key in known:
                    return key
        raise KeyError(asked)

    def _may_see(self, key: Key, audience: Audience, place: tuple[str, str] | None) -> bool:
        if audience == "public" or not hasattr(self.data, "sources"):
            return False
        return audience == "internal" or (key.level, key.place) == place


def _leave_own(step: ProofStep, place: tuple[str, str] | None) -> ProofStep:
    """The step without the schools that are not this one, and the cells of others."""
    own = tuple(one for one in step.places if (step.places_level, one.place) == place)
    steps = tuple(_leave_own(one, place) for one in step.steps)
    return replace(step, places=own, more_places=0, steps=steps)
