"""Every row that the engine should give, with value, reason and coverage."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from engine.catalogue.model import Band, Catalogue, Indicator
from engine.language.grammar import SCORE, dotted_name
from tests.oracle import scales, scores
from tests.oracle.asking import Here, Scope, is_call, names_in, read_set
from tests.oracle.meaning import Meaning
from tests.oracle.operators import Answer
from tests.oracle.scales import names_in_scale, scale_of
from tests.oracle.targets import Goal
from tests.oracle.world import World

Coverage = tuple[int, int]
"""reported, expected"""

Key = tuple[str, str, str, int, str]
"""indicator, level, place, year, scenario"""


@dataclass(frozen=True)
class Row:
    """One row of the results."""

    value: Fraction | bool | None
    reason: str | None
    reported: int
    expected: int
    class_id: str | None
    points: Fraction | None
    unanswered: bool = False
    """Whether the formula names inputs of its own, and none of those expected entered it."""
    target: Goal | None = None
    reference: Fraction | None = None
    base: Fraction | None = None


def list_rows(catalogue: Catalogue, world: World) -> dict[Key, Row]:
    """All rows of all indicators."""
    meaning = Meaning(catalogue, world)
    coverage = Coverages(meaning)
    rows = {}
    for name, indicator in catalogue.indicators.items():
        for here in _places(catalogue, world, lowest_level(meaning, indicator)):
            if here.level not in (indicator.levels or catalogue.levels):
                continue
            answer = meaning.indicator(name, here)
            key = (name, here.level, here.place, here.year, here.scenario)
            rows[key] = Row(
                None if indicator.type == "class" else answer.value,
                answer.reason,
                *coverage.of_indicator(name, here),
                *_grade(meaning, name, answer, here),
                _is_unanswered(meaning.of(indicator), indicator, here),
                meaning.targets.judging(indicator, here),
                meaning.targets.reference(indicator, here),
                meaning.targets.base(indicator, here),
            )
    return rows


def _grade(
    meaning: Meaning, name: str, answer: Answer, here: Here
) -> tuple[str | None, Fraction | None]:
    """The class and the points of a row."""
    if scale_of(meaning.catalogue, name) is None:
        return None, None
    class_ = scales.grade(meaning, name, answer, here).class_
    given = scales.points(meaning, name, answer, here).value
    return class_.id if class_ else None, None if given is None else Fraction(given)


def _is_unanswered(meaning: Meaning, indicator: Indicator, here: Here) -> bool:
    scope, asking = meaning.scope_of(indicator, here.year), meaning.asking
    if scope is not None:
        scope = replace(scope, tree=asking.seen_from(scope.tree, here.level))
    return (
        scope is not None
        and not indicator.same_schools
        and bool(asking.own(scope))
        and any(asking.is_expected(scope, unit) for unit in asking.units(scope, here))
        and not asking.entering(scope, here)
    )


def _places(catalogue: Catalogue, world: World, lowest: str) -> Iterator[Here]:
    order = catalogue.levels + catalogue.given
    for level in catalogue.levels:
        if order.index(level) < order.index(lowest):
            continue
        for year in catalogue.years:
            for place in world.places_of(level, year):
                yield Here(level, place, year, "fact")
                if has_forecast(catalogue, world, level, place, year):
                    yield Here(level, place, year, "forecast")


def has_forecast(catalogue: Catalogue, world: World, level: str, place: str, year: int) -> bool:
    """Whether a place, or one in it, has given a forecast for a year."""
    order = catalogue.levels + catalogue.given
    schools = world.schools(level, place, year)
    return any(
        when == year
        and scenario == "forecast"
        and order.index(filled) <= order.index(level)
        and set(world.schools(filled, who, year)) & set(schools)
        for filled, who, when, scenario, _ in world.cells
    )


def lowest_level(meaning: Meaning, indicator: Indicator) -> str:
    """The lowest level of the inputs on which an indicator rests, through whatever it names."""
    order = meaning.asking.order
    levels = set(_levels(meaning, indicator))
    return min(levels, key=order.index, default=order[0])


def _levels(meaning: Meaning, indicator: Indicator) -> Iterator[str]:
    for _, formula in indicator.formulas:
        yield from _levels_in(meaning, formula.tree)


def _levels_in(meaning: Meaning, tree: ast.expr) -> Iterator[str]:
    for name in names_in(tree):
        symbol = meaning.catalogue.symbols.get(name)
        if isinstance(symbol, Band):
            yield from _levels_of_scale(meaning, symbol.owner)
            name = symbol.owner  # noqa: PLW2901 - what is scaled
        if name in meaning.catalogue.indicators:
            yield from _levels(meaning, meaning.catalogue.indicators[name])
        elif name in meaning.catalogue.symbols and (cells := meaning.asking.cells_of(name)):
            yield meaning.asking.level_of(cells)
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and (is_call(call, "points") or is_call(call, "lookup")):
            for argument in call.args:
                yield from _levels_of_scale(meaning, dotted_name(argument))


def _levels_of_scale(meaning: Meaning, name: str) -> Iterator[str]:
    for tree in names_in_scale(meaning.catalogue, name):
        yield from _levels_in(meaning, tree)


class Coverages:
    """How many of those who should report have: of a formula's own inputs and what it names."""

    def __init__(self, meaning: Meaning) -> None:
        self.meaning = meaning
        self.asking = meaning.asking

    def of_indicator(self, name: str, here: Here) -> Coverage:
        """The coverage of an indicator; where none holds, of the first formula."""
        indicator = self.meaning.catalogue.indicators[name]
        return Coverages(self.meaning.of(indicator)).of_own(indicator, here)

    def of_own(self, indicator: Indicator, here: Here) -> Coverage:
        """That of an indicator among these schools."""
        if not self.asking.counts(here):
            return 0, 0
        if indicator.same_schools:
            return self._of_same_schools(indicator, here)
        order = self.asking.order
        if here.level not in (indicator.levels or order):
            return self._of_rows_below(indicator, here)
        scope = self.meaning.scope_of(indicator, here.year)
        # A year before the first formula is covered as that formula would be.
        first = Scope(indicator.formulas[0][1].tree, indicator.missing)
        return self.of_scope(scope or first, here)

    def _of_rows_below(self, indicator: Indicator, here: Here) -> Coverage:
        """That of its rows at the next level below that has any, together."""
        order = self.asking.order
        below = [each for each in order[: order.index(here.level)] if each in indicator.levels]
        if not below:
            return 0, 0
        world = self.meaning.world
        places = world.places_in(here.level, here.place, here.year, below[-1])
        pairs = [
            self.of_own(indicator, Here(below[-1], place, here.year, here.scenario))
            for place in places
        ]
        return sum(reported for reported, _e in pairs), sum(expected for _r, expected in pairs)

    def _of_same_schools(self, indicator: Indicator, here: Here) -> Coverage:
        """The same schools of those that are expected in the year of the row."""
        same = self.meaning.same.among(indicator, here)
        x, asking = same.compared(indicator, here.year), same.meaning.asking
        scope = self.meaning.scope_of(x, here.year) or Scope(x.formulas[0][1].tree, x.missing)
        units = asking.units(scope, here)
        expected = [unit for unit in units if asking.is_expected(scope, unit)]
        return len(same.schools(x, here, same.taken(indicator, here))), len(expected)

    def of_scope(self, scope: Scope, here: Here) -> Coverage:
        """The pair with the smallest ratio."""
        scope = replace(scope, tree=self.asking.seen_from(scope.tree, here.level))
        if is_call(scope.tree, SCORE):
            trees = scores.list_stayed(self.meaning, scope.tree, scope, here)
            return min((self.of_scope(Scope(x, scope.missing), here) for x in trees), key=ratio)
        found: list[Coverage] = []
        if self.asking.own(scope):
            expected = [
                unit
                for unit in self.asking.units(scope, here)
                if self.asking.is_expected(scope, unit)
            ]
            reported = [
                unit for unit in expected if self.asking.has_reported(scope, unit, here.level)
            ]
            found.append((len(reported), len(expected)))
        for part in self.asking.parts(scope.tree):
            name = dotted_name(part)
            symbol = self.meaning.catalogue.symbols.get(name)
            name = symbol.owner if isinstance(symbol, Band) else name
            if name in self.meaning.catalogue.indicators:
                found.append(self.of_indicator(name, here))
        for part, at_schools in self.asking.parts_read(scope.tree):
            if is_call(part, "coalesce") and not self.asking.is_bare(part):
                found += [self._of_read(part, scope, here, at_schools=at_schools) or (0, 0)]
        for part, at_schools in self.asking.parts_read(scope.tree):
            beside = not at_schools or here.level == self.meaning.school
            if isinstance(part, ast.Call) and self.asking.is_above(part) and beside:
                found += self._of_places(part, scope, here)
        if not found:
            found = [
                coverage
                for part, at_schools in self.asking.parts_read(scope.tree)
                if is_call(part, "previous") or is_call(part, "at")
                if (coverage := self._of_read(part, scope, here, at_schools=at_schools))
            ]
        return min(found, key=ratio, default=self._open(here))

    def _of_read(
        self, call: ast.Call, scope: Scope, here: Here, *, at_schools: bool
    ) -> Coverage | None:
        """What is computed on its own; inside a function over schools that of all of them."""
        of = self._of_coalesce if is_call(call, "coalesce") else self._of_apart
        if not at_schools or is_call(call, "at"):
            return of(call, scope, here)
        pairs = [of(call, scope, school) for school in self.asking.schools(here)]
        told = [pair for pair in pairs if pair]
        return sum(one for one, _ in told), sum(all_ for _, all_ in told)

    def _of_places(self, call: ast.Call, scope: Scope, here: Here) -> list[Coverage]:
        """Of a set the schools of all members together, of a rank the ranked of the peers."""
        order, meaning = self.asking.order, self.meaning
        over = read_set(call, meaning.school)
        if over is None:
            name, level = (dotted_name(argument) for argument in call.args)
            if order.index(here.level) >= order.index(level):
                return [(0, 0)]
            among = meaning.of(meaning.catalogue.indicators[name])
            return [(len(among.peers(name, level, here)), len(among.list_peers(level, here)))]
        if order.index(here.level) < order.index(over.level):
            return []
        members = [
            Here(over.level, place, here.year, here.scenario)
            for place in meaning.world.places_in(here.level, here.place, here.year, over.level)
        ]
        found = []
        for tree in over.trees:
            pairs = [self.of_scope(Scope(tree, scope.missing), member) for member in members]
            found.append((sum(one for one, _ in pairs), sum(all_ for _, all_ in pairs)))
        return found

    def _of_coalesce(self, call: ast.Call, scope: Scope, here: Here) -> Coverage | None:
        scopes = [Scope(argument, scope.missing) for argument in call.args]
        with_value = (s for s in scopes if self.meaning.settle(s, here).value is not None)
        return self.of_scope(next(with_value, scopes[0]), here)

    def _of_apart(self, call: ast.Call, scope: Scope, here: Here) -> Coverage | None:
        inner = Scope(call.args[-1], scope.missing)
        if is_call(call, "at"):
            place = self.meaning.place_at(dotted_name(call.args[0]), here)
            if place is None:
                return None
            return Coverages(self.meaning.seen_from(here, place)).of_scope(inner, place)
        befores = self.meaning.befores(here)
        with_value = (b for b in befores if self.meaning.settle(inner, b).value is not None)
        taken = next(with_value, befores[0] if befores else None)
        return (0, 0) if taken is None else self.of_scope(inner, taken)

    def _open(self, here: Here) -> Coverage:
        schools = len(self.asking.schools(here))
        return schools, schools


def ratio(coverage: Coverage) -> Fraction:
    """Reported / expected; past every other where nobody was expected."""
    reported, expected = coverage
    return Fraction(reported, expected) if expected else Fraction(2)
