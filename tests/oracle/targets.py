"""Targets at one place in one year: a number, its comparator, the degree to which it is reached."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from engine.catalogue.model import Constant, Indicator, Target
from engine.language.grammar import Formula, dotted_name
from engine.units import PERCENT
from tests.oracle.asking import Here, Scope, is_call
from tests.oracle.operators import Answer, least

if TYPE_CHECKING:
    from tests.oracle.meaning import Meaning


@dataclass(frozen=True)
class Goal:
    """What is wanted: a number, of `between` two."""

    first: Fraction
    last: Fraction | None
    comparator: str


def _ends(goal: Goal) -> tuple[Fraction, Fraction]:
    return goal.first, goal.first if goal.last is None else goal.last


class Targets:
    """Reads the targets of indicators over a world."""

    def __init__(self, meaning: Meaning) -> None:
        self.meaning = meaning

    # --- what a place sees -----------------------------------------------------------------------

    def number(self, name: str, here: Here) -> Answer:
        """`target(x)`."""
        goal = self.goal(self.meaning.catalogue.indicators[name], here)
        return Answer(goal.first) if goal else Answer(reason="no_target")

    def judging(self, indicator: Indicator, here: Here) -> Goal | None:
        """The target that a place is judged by."""
        return self.goal(indicator, here) if here.level in indicator.target_levels else None

    def reference(self, indicator: Indicator, here: Here) -> Fraction | None:
        """The target of the place around, beside a percent."""
        goal = self._reference(indicator, here)
        return goal.first if goal and goal.last is None else None

    def _reference(self, indicator: Indicator, here: Here) -> Goal | None:
        if indicator.unit != PERCENT or not self._is_below(indicator, here):
            return None
        return self.goal(indicator, here)

    def _is_below(self, indicator: Indicator, here: Here) -> bool:
        return self._order(here.level) < min(map(self._order, indicator.target_levels))

    def _order(self, level: str) -> int:
        return self.meaning.asking.order.index(level)

    def goal(  # noqa: PLR0911 - a case for every kind of target
        self, indicator: Indicator, here: Here
    ) -> Goal | None:
        """The target of a year as a place sees it: its own, or that of the place around."""
        if self.meaning.asking.where:  # a target is that of all schools, whoever reads it
            return self.meaning.among(()).targets.goal(indicator, here)
        target = indicator.targets.get(here.year)
        if target is None:
            return None
        if target.given or target.formula or target.formula_to or target.increase is not None:
            if here.level not in indicator.target_levels:
                if not self._is_below(indicator, here):
                    return self._plain(target)
                lowest = min(indicator.target_levels, key=self._order)
                above = self.meaning.place_at(lowest, here)
                return self.goal(indicator, above) if above else None
            first = self._end(indicator, target, here)
            last = target.value_to
            if target.formula_to:
                last = self._formula(indicator, target.formula_to, here)
            if first is None or (target.formula_to and last is None):
                return None
            given = self._given(indicator, here) if target.given else None
            return Goal(first, last, given[0] if given else target.comparator)
        return self._plain(target)

    def _plain(self, target: Target) -> Goal | None:
        """A target that is one number everywhere."""
        if target.value is None or target.formula_to:
            return None
        return Goal(target.value, target.value_to, target.comparator)

    def _end(self, indicator: Indicator, target: Target, here: Here) -> Fraction | None:
        if target.given:
            given = self._given(indicator, here)
            return given[1] if given else None
        if target.formula:
            return self._formula(indicator, target.formula, here)
        if target.increase is None:
            return target.value
        earlier = self._earlier(indicator, target.since or 0, here)
        return None if earlier is None else earlier + target.increase

    def _earlier(self, indicator: Indicator, year: int, here: Here) -> Fraction | None:
        before = indicator.targets.get(year)
        if before is None:
            return self.base(indicator, here, year)
        if before.value is not None:
            return before.value
        if not self.meaning.world.schools(here.level, here.place, year):
            return None
        scenarios = ("fact",) if here.scenario == "fact" else ("fact", "forecast")
        for scenario in scenarios:
            found = self._end(indicator, before, Here(here.level, here.place, year, scenario))
            if found is not None:
                return found
        return None

    def _given(self, indicator: Indicator, here: Here) -> tuple[str, Fraction] | None:
        key = (indicator.id, here.level, here.place, here.year)
        return self.meaning.world.targets.get(key)

    def _formula(self, indicator: Indicator, formula: Formula, here: Here) -> Fraction | None:
        tree = formula.rename({"value": indicator.id}).tree
        answer = self.meaning.settle(Scope(tree, indicator.missing), here)
        return None if answer.value is None else answer.number

    def base(self, indicator: Indicator, here: Here, year: int | None = None) -> Fraction | None:
        """The base beside a row, or that of a year from which an increase is counted."""
        if not indicator.base or (year is None and here.level not in indicator.target_levels):
            return None
        base = indicator.base[year or max(indicator.base)]
        if base.formula is None:
            return base.value
        constant = self.meaning.catalogue.symbols[dotted_name(base.formula.tree)]
        assert isinstance(constant, Constant)
        above = self.meaning.place_at(constant.level or "", here)
        values = constant.values_by_place.get(above.place, {}) if above else {}
        return values.get(base.year)

    # --- functions -------------------------------------------------------------------------------

    def degree(self, name: str, x: Answer, here: Here) -> Answer:
        """How far a value has come to its target, in percent."""
        indicator = self.meaning.catalogue.indicators[name]
        goal = self.judging(indicator, here) or self._reference(indicator, here)
        if goal is None or goal.comparator == "none" or min(_ends(goal)) < 0:
            return Answer(reason=least([x.reason or "not_applicable", "not_applicable"]))
        if x.value is None:
            return Answer(reason=x.reason)
        value, (low, high) = x.number, _ends(goal)
        if value < 0:
            return Answer(reason="not_applicable")
        hundred = Fraction(100)
        if goal.comparator != "at_most" and value < low:
            return Answer(hundred * value / low)
        if goal.comparator != "at_least" and value > high:
            return Answer(hundred * high / value)
        return Answer(hundred)

    # --- breaks ----------------------------------------------------------------------------------

    def breaks(self, tree: ast.expr, seen: frozenset[str] = frozenset()) -> set[int]:
        """The years that what a tree names cannot be compared with the years before."""
        years: set[int] = set()
        for node in _list_values(tree):
            indicator = self.meaning.catalogue.indicators.get(dotted_name(node))
            if indicator is None or indicator.id in seen:
                continue
            years |= set(indicator.breaks)
            for _, formula in indicator.formulas:
                years |= self.breaks(formula.tree, seen | {indicator.id})
        return years


def _list_values(tree: ast.AST) -> Iterator[ast.AST]:
    """The parts of a tree whose values are taken: a target is none of its indicator."""
    yield tree
    if not (isinstance(tree, ast.Call) and is_call(tree, "target")):
        for child in ast.iter_child_nodes(tree):
            yield from _list_values(child)
