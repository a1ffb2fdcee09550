"""The plan: every column that the asked-for indicators need, found before anything is computed.

A formula is read over columns (engine/language/readings/columns.py); what arithmetic cannot make
is asked of the `Planner`, which answers with columns and writes down the steps that make them.
One node is one (tree, missing, level): asked for twice, it is planned once.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Hashable, Mapping
from typing import Any, TypeVar, cast

import polars as pl

from engine.catalogue.model import (
    Catalogue,
    Constant,
    Indicator,
    Missing,
    Option,
    RegisterColumn,
)
from engine.evaluation.plan import entering
from engine.evaluation.plan.base import a_year_before, take_above
from engine.evaluation.plan.compiled_plan import DataShape
from engine.evaluation.plan.coverage import Coverage, Planned, cover_scope
from engine.evaluation.plan.given_above import look_up, place_constant
from engine.evaluation.plan.inputs import read_register_column
from engine.evaluation.plan.schools import take_over_schools, weigh_over_schools
from engine.evaluation.plan.scopes import (
    Scope,
    ask_input,
    make_scope,
    read_bare_coalesce,
)
from engine.evaluation.plan.steps import YEAR, Before, Steps
from engine.evaluation.plan.toward_targets import read_judged
from engine.language.grammar import dotted_name
from engine.language.readings.columns import ColumnsReading
from engine.language.readings.terms import Column, Reason, Term

T = TypeVar("T")


class Planner:
    """Gathers the steps; its methods answer what readings ask."""

    def __init__(self, catalogue: Catalogue, shape: DataShape) -> None:
        self.catalogue, self.shape = catalogue, shape
        self.levels = catalogue.places
        self.steps = Steps(self.levels)
        self.year = Column(pl.col(YEAR))
        self.memory: dict[Hashable, Any] = {}
        self.bare = make_scope(catalogue, ast.Constant(0), "skip")
        self.readings = {level: ColumnsReading(self, self.bare, level) for level in self.levels}

    # --- memory -----------------------------------------------------------------------------

    def remember(self, key: Hashable, make: Callable[[], T]) -> T:
        """What `make` gave the first time it was asked under this key."""
        if key not in self.memory:
            self.memory[key] = make()
        made: T = self.memory[key]
        return made

    def settle(self, level: str, column: Column) -> Column:
        """The column under a name of its own."""
        if column.size == 1:
            return column
        # The column is kept with its name: ids of columns that were settled do not repeat.
        return self.remember(
            ("settled", level, id(column)), lambda: (column, self.steps.derive(level, column))
        )[1]

    def settle_term(self, level: str, term: Term) -> Term:
        """The term with its value, and where it applies, under names of their own."""
        value = self.settle(level, term.value)
        applies = term.applies and self.settle(level, term.applies)
        return Term(value, self.once(level, term.why), applies, term.exact)

    def once(self, level: str, why: Callable[[], Column]) -> Callable[[], Column]:
        """`why`, made and settled the first time it is asked."""
        made: list[Column] = []

        def settled() -> Column:
            if not made:
                made.append(self.settle(level, why()))
            return made[0]

        return settled

    def reason(self, reason: Reason) -> Column:
        """The same reason in every row."""
        return self.remember(("reason", reason), lambda: Column(pl.lit(int(reason))))

    def at_level(self, level: str) -> ColumnsReading:
        """A reading for building expressions of a level, with no formula behind it."""
        return self.readings[level]

    @property
    def looks_back(self) -> bool:
        """Whether anything planned is read a year before."""
        return any(isinstance(step, Before) and step.shift for step in self.steps.steps)

    # --- indicators and scopes ----------------------------------------------------------------

    def indicator(self, indicator: Indicator, level: str) -> Planned:
        """The value of an indicator at every place of a level: the formula of each year."""
        return self.remember(
            ("indicator", indicator.id, level), lambda: self._plan_indicator(indicator, level)
        )

    def _plan_indicator(self, indicator: Indicator, level: str) -> Planned:
        if indicator.unwritten:
            unknown = Column(pl.lit(None, pl.Int64))
            return Planned(self.nothing(Reason.BEFORE_FORMULA), Coverage(unknown, unknown))
        versions = [
            (since, self.scope(formula.tree, indicator.missing))
            for since, formula in indicator.formulas
        ]
        here = self.at_level(level)
        since, scope = versions[0]
        term, coverage = self.term(scope, level), cover_scope(self, scope, level)
        if since is not None:
            term = self._only(here, (since, None), term, Reason.BEFORE_FORMULA)
        for since, scope in versions[1:]:
            later = cover_scope(self, scope, level)
            term = self._from_year(here, cast("int", since), self.term(scope, level), term)
            coverage = coverage.until(here, self.year, cast("int", since), later)
        bounds = indicator.since, indicator.until
        if bounds != (None, None):
            term = self._only(here, bounds, term, Reason.NOT_APPLICABLE)
        return Planned(term, coverage)

    def _only(
        self,
        here: ColumnsReading,
        bounds: tuple[int | None, int | None],
        term: Term,
        reason: Reason,
    ) -> Term:
        """The term from one year to another, none in the years around."""
        first, last = bounds

        def inside(year: Any) -> Any:
            if first is None:
                return year <= last
            return year >= first if last is None else (year >= first) & (year <= last)

        # A missing yes/no stays one: a number beside it would make numbers of all of them.
        value = here.expr(lambda year, one: pl.when(inside(year)).then(one), self.year, term.value)

        def why() -> Column:
            return here.expr(
                lambda year, code: pl.when(inside(year)).then(code).otherwise(pl.lit(int(reason))),
                self.year,
                term.why(),
            )

        return Term(value, why, None, term.exact)

    def _from_year(self, here: ColumnsReading, since: int, later: Term, earlier: Term) -> Term:
        def pick(year: Any, one: Any, two: Any) -> Any:
            return pl.when(year >= since).then(one).otherwise(two)

        def why() -> Column:
            return here.expr(pick, self.year, later.why(), earlier.why())

        value = here.expr(pick, self.year, later.value, earlier.value)
        return Term(value, why, None, later.exact and earlier.exact)

    def scope(self, tree: ast.expr, missing: Missing) -> Scope:
        """The scope of a tree, the same object for equal trees."""
        # A scope keeps its tree: ids of trees that were asked for do not repeat.
        made = self.remember(
            ("scope of", id(tree), missing), lambda: make_scope(self.catalogue, tree, missing)
        )
        return self.remember(("scope", made.key), lambda: made)

    def term(self, scope: Scope, level: str) -> Term:
        """The value of a scope at every place of a level."""
        return self.remember(("term", scope.key, level), lambda: self._plan_term(scope, level))

    def _plan_term(self, scope: Scope, level: str) -> Term:
        here = ColumnsReading(self, scope, level)
        term = here.read(scope.tree)
        if not scope.asked:
            return term
        enough = entering.enough(self, scope, level)
        value = here.expr(lambda raw, holds: pl.when(holds).then(raw), term.value, enough)

        def why() -> Column:
            # What the formula itself lacks may come first; what it has is held back.
            blocked = pl.lit(int(Reason.BLOCKED))
            held_back = scope.missing == "block"
            return here.expr(
                lambda raw, code, nobody, holds, some: pl.min_horizontal(
                    pl.when(raw.is_null()).then(code),
                    pl.when(~holds & (some > 0) & held_back).then(blocked),
                ).fill_null(nobody),
                term.value,
                term.why(),
                entering.reason_of_missing(self, scope, level),
                enough,
                entering.count_schools(self, scope, "entered", level),
            )

        return Term(value, why, term.applies, term.exact)

    def nothing(self, reason: Reason) -> Term:
        """No value anywhere."""
        column = Column(pl.lit(None, pl.Float64), bare=True)
        return Term(column, lambda: self.reason(reason))

    # --- names ----------------------------------------------------------------------------------

    def name(self, scope: Scope, name: str, level: str) -> Term:
        """What a name is worth at the places of a level."""
        symbol = self.catalogue.symbols[name]
        if isinstance(symbol, Indicator) and symbol.input is None:
            return self.remember(
                ("named", name, level), lambda: self._name_indicator(symbol, level)
            )
        if isinstance(symbol, Constant):
            return place_constant(self, symbol, level)
        if isinstance(symbol, RegisterColumn):
            return read_register_column(self, symbol.id, None)
        if isinstance(symbol, Option) and symbol.owner in self.catalogue.register:
            return read_register_column(self, symbol.owner, symbol.option)
        terms = [
            entering.read_asked(self, scope, scope.asked[asked.key], level)
            if asked.key in scope.asked
            else look_up(self, asked, level)
            for asked in ask_input(self.catalogue, name)
        ]
        total = terms[0]
        for term in terms[1:]:
            total = self.at_level(level).add(total, term)
        return total

    def _name_indicator(self, indicator: Indicator, level: str) -> Term:
        """An indicator inside a formula: it always applies, it has a value or none."""
        term = self.settle_term(level, self.indicator(indicator, level).term)
        return Term(term.value, term.why, None, term.exact)

    # --- what is read elsewhere -------------------------------------------------------------------

    def over_schools(self, scope: Scope, level: str, how: str, tree: ast.expr) -> Term:
        """See over_schools.py."""
        return take_over_schools(self, scope, level, how, tree)

    def weighted_mean(self, scope: Scope, level: str, x: ast.expr, weight: ast.expr) -> Term:
        """See over_schools.py."""
        return weigh_over_schools(self, scope, level, x, weight)

    def schools(self, scope: Scope, level: str) -> Term:
        """How many schools enter; no value where none does."""
        if scope.base != self.levels[0] or not scope.asked:
            return self.schools_open(level)
        number = entering.count_schools(self, scope, "entered", level)
        value = self.at_level(level).expr(
            lambda count: pl.when(count > 0).then(count.cast(pl.Float64)), number
        )
        return Term(value, lambda: entering.reason_of_missing(self, scope, level), exact=True)

    def schools_open(self, level: str) -> Term:
        """How many schools are open."""
        number = entering.count_open(self, level)
        value = self.at_level(level).expr(lambda count: count.cast(pl.Float64), number)
        return Term(value, lambda: self.reason(Reason.NOT_REPORTED), exact=True)

    def previous(self, scope: Scope, level: str, tree: ast.expr) -> Term:
        """The tree at this place a year before; of a forecast the fact, else the forecast."""
        term = self.term(self.scope(tree, scope.missing), level)
        value = a_year_before(self, level, term.value, term.value)
        why = lambda: self.reason(Reason.NO_PREVIOUS)  # noqa: E731
        return Term(value, why, None, term.exact)

    def at(self, scope: Scope, level: str, place: ast.expr, tree: ast.expr) -> Term:
        """The tree at the place of a named level that this place lies in."""
        target = dotted_name(place)
        here, there = self.levels.index(level), self.levels.index(target)
        if here > there:
            return self.nothing(Reason.NO_SUCH_LEVEL)
        term = self.term(self.scope(tree, scope.missing), target)
        if here == there:
            return Term(term.value, term.why, None, term.exact)
        taken = take_above(self, term, level, target)
        return Term(taken.value, taken.why, None, taken.exact)

    def coalesce(self, scope: Scope, level: str, node: ast.Call) -> Term:
        """The first argument with a value: at schools for bare inputs, else each on its own."""
        asked = read_bare_coalesce(self.catalogue, node)
        if asked is not None:
            if asked.key in scope.asked:
                return entering.read_asked(self, scope, scope.asked[asked.key], level)
            return look_up(self, asked, level)
        here = self.at_level(level)
        terms = [self.term(self.scope(arg, scope.missing), level) for arg in node.args]
        value = here.expr(pl.coalesce, *(term.value for term in terms))
        why = here.first_reason(terms, Reason.NOT_REPORTED)
        return Term(value, why, None, all(term.exact for term in terms))

    def target(self, indicator: ast.expr) -> Term:
        """The target of an indicator in the year of the row, the same at every place."""
        declared = self.catalogue.indicators[dotted_name(indicator)]
        values = {
            year: float(target.value)
            for year, target in declared.targets.items()
            if target.value is not None
        }
        return self.by_year(values, Reason.NOT_APPLICABLE)

    def judged(self, level: str, node: ast.Call) -> Term:
        """What a function of recommendations gives; see judged.py."""
        return read_judged(self, level, node)

    def by_year(self, values: Mapping[int, float], reason: Reason) -> Term:
        """A number for each year, none in the others."""
        told = [pl.when(pl.col(YEAR) == year).then(pl.lit(one)) for year, one in values.items()]
        value = pl.coalesce(pl.lit(None, pl.Float64), *told)
        exact = all(number.is_integer() for number in values.values())
        column = Column(value, 0, 1 + 3 * len(values))
        return Term(column, lambda: self.reason(reason), None, exact)
