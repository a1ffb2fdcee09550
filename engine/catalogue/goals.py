"""What a value is held against: the target where it speaks, below it for a percent the reference."""

from __future__ import annotations

from collections.abc import Mapping

from engine.catalogue.model import Catalogue, Indicator, Target
from engine.units import PERCENT


def goals_at(catalogue: Catalogue, indicator: Indicator, level: str) -> Mapping[int, Target]:
    """Year → the target that `met` and `shortfall` take at a level; none where there is no verdict.

    At the levels the target speaks of, it is the target; below them, of a percent, the target as
    a reference: schools are then said to be above or below it, as the city is.
    """
    spoken = indicator.target_levels or catalogue.levels[-1:]
    judged = {
        year: target
        for year, target in indicator.targets.items()
        if target.value is not None and target.comparator != "none"
    }
    if level in spoken:
        return judged
    levels = catalogue.levels
    below = level in levels and levels.index(level) < min(map(levels.index, spoken))
    if not below or indicator.unit != PERCENT:
        return {}
    return {year: target for year, target in judged.items() if target.comparator != "between"}
