"""What all parts of a plan share: its memory, its steps, and columns of other rows.

`PlanBase` declares what a plan is asked for (a scope, a term, an indicator), so that the modules
beside this one need not know the `Planner`, which answers.
"""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Iterable, Mapping
from copy import copy
from dataclasses import dataclass, replace
from functools import cache, wraps
from typing import Any, Self, TypeVar, TypeVarTuple, cast

import polars as pl

from engine.catalogue.lookups import Scaled
from engine.catalogue.model import Catalogue, Constant, Indicator, Input, Missing
from engine.evaluation.plan.compiled_plan import DataShape
from engine.evaluation.plan.scopes import RequestedInput, Scope, make_scope
from engine.evaluation.plan.steps import NOWHERE, SCENARIO, YEAR, Before, Joined, Steps
from engine.language.grammar import Formula, tree_key
from engine.language.readings.columns import ColumnsReading
from engine.language.readings.terms import Column, Plan, Reason, Term

T = TypeVar("T")
P = TypeVar("P", bound="PlanBase")
Arguments = TypeVarTuple("Arguments")


def remembered(make: Callable[[P, *Arguments], T]) -> Callable[[P, *Arguments], T]:
    """Let a plan make something once for equal arguments: equal trees, ids, scopes and levels."""

    @wraps(make)
    def recall(plan: P, *arguments: *Arguments) -> T:
        key = (make, *plan.key, *map(_identify, arguments))
        if key not in plan.memory:
            plan.memory[key] = make(plan, *arguments)
        made: T = plan.memory[key]
        return made

    return recall


def _identify(argument: Any) -> Hashable:
    if isinstance(argument, ast.AST):
        return tree_key(argument)
    identity: Hashable = argument
    return argument.id if isinstance(argument, Input | Indicator | Constant | Scaled) else identity


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many schools reported and how many were expected to, as columns of whole numbers."""

    reported: Column
    expected: Column

    def settle(self, plan: PlanBase, level: str) -> Coverage:
        """The same under names of their own."""
        return Coverage(plan.settle(level, self.reported), plan.settle(level, self.expected))

    def pick(self, reading: ColumnsReading, condition: Column, other: Coverage) -> Coverage:
        """This coverage where `condition` holds, else the other."""

        def choose(test: Any, yes: Any, no: Any) -> Any:
            return pl.when(test).then(yes).otherwise(no)

        return Coverage(
            reading.expr(choose, condition, self.reported, other.reported),
            reading.expr(choose, condition, self.expected, other.expected),
        )

    def sum_up(
        self, plan: PlanBase, key: tuple[Hashable, ...], level: str, members: str
    ) -> Coverage:
        """That of all places of the lower level `members` together; `key` names it among the steps."""
        pair = self.settle(plan, members)
        return Coverage(
            plan.steps.rollup((*key, "reported"), level, members, "sum", pair.reported),
            plan.steps.rollup((*key, "expected"), level, members, "sum", pair.expected),
        )


NOBODY = Coverage(Column(pl.lit(0)), Column(pl.lit(0)))
"""0 of 0."""


@dataclass(frozen=True, slots=True)
class IndicatorColumns:
    """An indicator at a level: its value, the reason of a missing one, and its coverage."""

    term: Term
    coverage: Coverage


@dataclass(frozen=True, slots=True)
class CellColumns:
    """What an input is worth at its level.

    Values, where it applies (None: everywhere), and where it cannot be read (None: nowhere).
    """

    value: Column
    applies: Column | None
    unreadable: Column | None


@dataclass(frozen=True, slots=True)
class ComparedYear:
    """One of the two years of a change over the same schools, read in the row of the later one.

    `key` tells it from others. `same`: at schools, which they are. `read`: what an input of a
    formula is worth at them in that year. `is_before`: it is the earlier year.
    """

    key: str
    same: Column
    read: Callable[[RequestedInput], CellColumns]
    is_before: bool


def _key_of(where: Mapping[str, ast.expr], compared: ComparedYear | None) -> tuple[str, ...]:
    return (*where, *((compared.key,) if compared else ()))


class PlanBase(Plan, ABC):
    """A plan being made: the catalogue, the shape of the data, and the steps gathered so far.

    `where`: the conditions over the register, by their keys, that a school must all meet to count in
    what is asked of this plan. `compared`: it is a year of a change over the same schools, and only
    they count. Plans for other schools share its memory and its steps.
    """

    def __init__(self, catalogue: Catalogue, shape: DataShape) -> None:
        self.catalogue, self.shape = catalogue, shape
        self.levels = catalogue.places
        self.steps = Steps(self.levels)
        self.year = Column(pl.col(YEAR))
        self.memory: dict[Hashable, Any] = {}
        self.bare = make_scope(catalogue, ast.Constant(0), "skip")
        self.readings = {level: ColumnsReading(self, self.bare, level) for level in self.levels}
        self.where: Mapping[str, ast.expr] = {}
        self.compared: ComparedYear | None = None
        self.plans: dict[tuple[str, ...], PlanBase] = {(): self}

    @abstractmethod
    def indicator(self, indicator: Indicator, level: str) -> IndicatorColumns:
        """The value of an indicator at every place of a level: the formula of each year."""

    @abstractmethod
    def over_versions(
        self, indicator: Indicator, level: str, make: Callable[[ast.expr], Term], shift: int = 0
    ) -> Term:
        """What `make` gives of the formula in force `shift` years before, within its years."""

    @abstractmethod
    def whole_scope(self, tree: ast.expr, missing: Missing) -> Scope:
        """The scope of the whole formula of an indicator."""

    @abstractmethod
    def scope(self, tree: ast.expr, missing: Missing) -> Scope:
        """The scope of a tree, the same object for equal trees."""

    @abstractmethod
    def scope_at(self, scope: Scope, level: str) -> Scope:
        """The scope as places of a level read it, where several levels give an input."""

    @abstractmethod
    def term(self, scope: Scope, level: str) -> Term:
        """The value of a scope at every place of a level."""

    # --- which schools count ------------------------------------------------------------------

    def within(self, conditions: Iterable[Formula]) -> Self:
        """The plan for those schools alone that meet these conditions too."""
        added = {tree_key(condition.tree): condition.tree for condition in conditions}
        where = dict(sorted({**self.where, **added}.items()))
        return self._for_schools(where, self.compared)

    def in_compared(self, year: ComparedYear) -> Self:
        """The plan for one of the two years of a change over the same schools."""
        return self._for_schools(self.where, year)

    @property
    def everybody(self) -> Self:
        """The plan for all schools."""
        return self._for_schools({}, None)

    @property
    def key(self) -> tuple[str, ...]:
        """What tells the schools of this plan, and the year they are read in, from others."""
        return _key_of(self.where, self.compared)

    def _for_schools(self, where: Mapping[str, ast.expr], compared: ComparedYear | None) -> Self:
        key = _key_of(where, compared)
        if key not in self.plans:
            plan = copy(self)
            plan.where, plan.compared = where, compared
            plan.steps = replace(self.steps, where=key)
            plan.readings = {level: ColumnsReading(plan, self.bare, level) for level in self.levels}
            self.plans[key] = plan
        return cast("Self", self.plans[key])

    def at_level(self, level: str) -> ColumnsReading:
        """A reading that builds expressions of a level and belongs to no formula."""
        return self.readings[level]

    def is_below(self, level: str, other: str) -> bool:
        """Whether places of a level lie in those of the other one."""
        return self.levels.index(level) < self.levels.index(other)

    @property
    def looks_back(self) -> bool:
        """Whether anything planned is read a year before."""
        return any(
            isinstance(step, Joined) or (isinstance(step, Before) and step.shift)
            for step in self.steps.steps
        )

    # --- settled columns --------------------------------------------------------------------

    @remembered
    def settle(self, level: str, column: Column) -> Column:
        """The column under a name of its own."""
        return self.steps.derive(level, column)

    def settle_term(self, level: str, term: Term) -> Term:
        """The term with its value, and where it applies, under names of their own."""
        value = self.settle(level, term.value)
        applies = term.applies and self.settle(level, term.applies)
        return Term(value, self.settle_reason(level, term.why), applies, term.exact)

    def settle_reason(self, level: str, why: Callable[[], Column]) -> Callable[[], Column]:
        """`why`, whose column is made and settled at its first call."""
        return cache(lambda: self.settle(level, why()))

    # --- columns without a formula ------------------------------------------------------------

    @remembered
    def everywhere(self) -> Column:
        """A condition that holds in every row."""
        return Column(pl.lit(value=True))

    @remembered
    def reason(self, reason: Reason) -> Column:
        """The same reason in every row."""
        return Column(pl.lit(int(reason)))

    def nothing(self, reason: Reason) -> Term:
        """No value anywhere."""
        column = Column(pl.lit(None, pl.Float64), bare=True)
        return Term(column, lambda: self.reason(reason))

    def by_year(self, values: Mapping[int, float], reason: Reason) -> Term:
        """A number for each year, none in the others."""
        cases = [
            pl.when(pl.col(YEAR) == year).then(pl.lit(value)) for year, value in values.items()
        ]
        value = pl.coalesce(NOWHERE, *cases)
        exact = all(number.is_integer() for number in values.values())
        column = Column(value, 0, 1 + 3 * len(values))
        return Term(column, lambda: self.reason(reason), None, exact)

    # --- columns of other rows ------------------------------------------------------------------

    def a_year_before(self, level: str, column: Column, decisive: Column) -> Column:
        """A column a year before; beside a forecast that of the fact, else of the forecast.

        The forecast is taken where `decisive` has a value in it alone.
        """
        return self.years_before(level, column, decisive, 1)

    @remembered
    def years_before(self, level: str, column: Column, decisive: Column, years: int) -> Column:
        """`a_year_before` of several years."""
        settled = self.settle(level, column)
        if not self.shape.forecasts:
            return self.steps.before(level, settled, shift=years)
        fact = self.steps.before(level, settled, shift=years, scenario="fact")
        forecast = self.steps.before(level, settled, shift=years, scenario="forecast")
        decisive_fact, decisive_forecast = fact, forecast
        if decisive is not column:
            settled = self.settle(level, decisive)
            decisive_fact = self.steps.before(level, settled, shift=years, scenario="fact")
            decisive_forecast = self.steps.before(level, settled, shift=years, scenario="forecast")
        return self.at_level(level).expr(
            lambda scenario, done, planned, of_fact, of_forecast: (
                pl.when((scenario == "forecast") & done.is_null() & ~planned.is_null())
                .then(of_forecast)
                .otherwise(of_fact)
            ),
            Column(pl.col(SCENARIO)),
            decisive_fact,
            decisive_forecast,
            fact,
            forecast,
        )

    def take_above(self, term: Term, level: str, source: str) -> Term:
        """A term of a higher level, at each place that lies in it; some may lie in none."""
        value = self.steps.above(level, source, self.settle(source, term.value))
        reading = self.at_level(level)
        applies = None
        if term.applies is not None:
            taken = self.steps.above(level, source, term.applies)
            applies = reading.expr(lambda applies: applies.fill_null(value=True), taken)

        def why() -> Column:
            taken = self.steps.above(level, source, term.why())
            return reading.expr(lambda code: code.fill_null(int(Reason.NO_SUCH_LEVEL)), taken)

        return Term(value, self.settle_reason(level, why), applies, term.exact)
