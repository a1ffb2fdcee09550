"""The planner: what a name, an indicator and another row are, as columns of a plan.

A formula is read over columns (engine/language/readings/columns.py); what arithmetic cannot make
is asked of the `Planner`, which answers with columns and writes down the steps that make them.
One node is one (tree, missing, level): asked for twice, it is planned once.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, cast

import polars as pl

from engine.catalogue.lookups import find_breaks, list_value_nodes
from engine.catalogue.model import (
    Band,
    Constant,
    Indicator,
    Missing,
    Option,
    Symbol,
)
from engine.evaluation.plan.base import NOBODY, Coverage, IndicatorColumns, PlanBase, remembered
from engine.evaluation.plan.coverage import cover_rows_below, cover_scope
from engine.evaluation.plan.entering import (
    count_open,
    count_schools,
    enough,
    read_requested,
    reason_of_missing,
)
from engine.evaluation.plan.given_above import choose_way, look_up, place_constant
from engine.evaluation.plan.inputs import meets_where, read_register_column
from engine.evaluation.plan.ranks import rank_among_peers
from engine.evaluation.plan.same_schools import (
    compare_same_schools,
    read_a_year_before,
    read_side,
)
from engine.evaluation.plan.scales import read_band, read_points
from engine.evaluation.plan.scopes import (
    RequestedInput,
    Scope,
    find_requested,
    make_scope,
    make_whole_scope,
    read_bare_coalesce,
    round_printed,
    tree_at,
)
from engine.evaluation.plan.scores import weigh_members
from engine.evaluation.plan.sets import take_over_set
from engine.evaluation.plan.tables import look_in_table
from engine.evaluation.plan.targets import take_degree, take_target
from engine.evaluation.plan.toward_targets import read_advice_call
from engine.language.grammar import dotted_name
from engine.language.readings.columns import ColumnsReading
from engine.language.readings.terms import Column, Reason, Term, choose_reason


class Planner(PlanBase):
    """The plan that readings ask: its methods answer with columns."""

    # --- indicators and scopes ----------------------------------------------------------------

    def indicator(self, indicator: Indicator, level: str) -> IndicatorColumns:
        """The value of an indicator at every place of a level: the formula of each year.

        Its own `where` is joined to that of the formula that names it.
        """
        return self.within(indicator.where).read_indicator(indicator, level)

    @remembered
    def read_indicator(self, indicator: Indicator, level: str) -> IndicatorColumns:
        """The value of an indicator over the schools of this plan."""
        if indicator.unwritten:
            unknown = Column(pl.lit(None, pl.Int64))
            return IndicatorColumns(self.nothing(Reason.BEFORE_FORMULA), Coverage(unknown, unknown))
        if indicator.levels and level not in indicator.levels:
            coverage = cover_rows_below(self, indicator, level)
            return IndicatorColumns(self.nothing(Reason.NO_SUCH_LEVEL), coverage)

        def make(tree: ast.expr) -> IndicatorColumns:
            if indicator.same_schools:
                return compare_same_schools(self, indicator, tree, level)
            scope = self.whole_scope(tree, indicator.missing)
            return IndicatorColumns(self.term(scope, level), cover_scope(self, scope, level))

        reading = self.at_level(level)
        made = {formula.tree: make(formula.tree) for _year, formula in indicator.formulas}
        term = self.over_versions(
            indicator, level, lambda tree: self.leave_outside(level, made[tree].term)
        )
        coverage, *later = (columns.coverage for columns in made.values())
        for (year, _formula), covered in zip(indicator.formulas[1:], later, strict=True):
            before = reading.expr(lambda now, since=year: now < since, self.year)
            coverage = coverage.pick(reading, before, covered)
        return IndicatorColumns(term, self.cover_inside(level, coverage))

    def over_versions(
        self, indicator: Indicator, level: str, make: Callable[[ast.expr], Term], shift: int = 0
    ) -> Term:
        """What `make` gives of the formula in force `shift` years before, within its years."""
        reading = self.at_level(level)
        (first, formula), *versions = indicator.formulas
        term = make(formula.tree)
        if first is not None:
            bounds: tuple[int | None, int | None] = first + shift, None
            term = self._limit_years(reading, bounds, term, Reason.BEFORE_FORMULA)
        for year, formula in versions:
            since = cast("int", year) + shift
            term = self._from_year(reading, since, make(formula.tree), term)
        bounds = tuple(year and year + shift for year in (indicator.since, indicator.until))  # type: ignore[assignment]
        if bounds != (None, None):
            term = self._limit_years(reading, bounds, term, Reason.NOT_APPLICABLE)
        return term

    def leave_outside(self, level: str, term: Term) -> Term:
        """The term of a formula; at a school that does not count in this plan it does not apply."""
        inside = meets_where(self) if level == self.levels[0] else None
        if inside is None:
            return term
        reading = self.at_level(level)
        value = reading.expr(lambda holds, raw: pl.when(holds).then(raw), inside, term.value)

        def why() -> Column:
            return reading.expr(
                lambda holds, code: choose_reason(holds, code, Reason.NOT_APPLICABLE),
                inside,
                term.why(),
            )

        return Term(value, why, term.applies, term.exact)

    def cover_inside(self, level: str, coverage: Coverage) -> Coverage:
        """The coverage of a formula; a school that does not count in this plan is 0 of 0."""
        inside = meets_where(self) if level == self.levels[0] else None
        if inside is None:
            return coverage
        return coverage.pick(self.at_level(level), inside, NOBODY)

    def _limit_years(
        self,
        reading: ColumnsReading,
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
        value = reading.expr(
            lambda year, raw: pl.when(inside(year)).then(raw), self.year, term.value
        )

        def why() -> Column:
            return reading.expr(
                lambda year, code: choose_reason(inside(year), code, reason),
                self.year,
                term.why(),
            )

        return Term(value, why, None, term.exact)

    def _from_year(self, reading: ColumnsReading, since: int, later: Term, earlier: Term) -> Term:
        def pick(year: Any, of_later: Any, of_earlier: Any) -> Any:
            return pl.when(year >= since).then(of_later).otherwise(of_earlier)

        def why() -> Column:
            return reading.expr(pick, self.year, later.why(), earlier.why())

        value = reading.expr(pick, self.year, later.value, earlier.value)
        return Term(value, why, None, later.exact and earlier.exact)

    @remembered
    def scope(self, tree: ast.expr, missing: Missing) -> Scope:
        """The scope of a tree, the same object for equal trees."""
        return make_scope(self.catalogue, tree, missing)

    @remembered
    def whole_scope(self, tree: ast.expr, missing: Missing) -> Scope:
        """The scope of the whole formula of an indicator."""
        return make_whole_scope(self.catalogue, tree, missing)

    @remembered
    def scope_at(self, scope: Scope, level: str) -> Scope:
        """The scope as places of a level read it, where several levels give an input."""
        tree = tree_at(self.catalogue, scope.tree, level)
        if tree is scope.tree:
            return scope
        return (self.whole_scope if scope.printed else self.scope)(tree, scope.missing)

    @remembered
    def term(self, scope: Scope, level: str) -> Term:
        """The value of a scope at every place of a level."""
        scope = self.scope_at(scope, level)
        reading = ColumnsReading(self, scope, level)
        term = reading.read(scope.tree)
        if not scope.requested:
            return term
        is_enough = enough(self, scope, level)
        value = reading.expr(lambda raw, holds: pl.when(holds).then(raw), term.value, is_enough)

        def why() -> Column:
            # What the formula itself lacks may come first; what it has is held back.
            blocked = pl.lit(int(Reason.BLOCKED))
            held_back = scope.missing == "block"
            return reading.expr(
                lambda raw, code, nobody, holds, some: pl.min_horizontal(
                    pl.when(raw.is_null()).then(code),
                    pl.when(~holds & (some > 0) & held_back).then(blocked),
                ).fill_null(nobody),
                term.value,
                term.why(),
                reason_of_missing(self, scope, level),
                is_enough,
                count_schools(self, scope, "entered", level),
            )

        return Term(value, why, term.applies, term.exact)

    # --- names ----------------------------------------------------------------------------------

    def name(self, scope: Scope, name: str, level: str) -> Term:
        """What a name is worth at the places of a level."""
        symbol = self.catalogue.symbols[name]
        apart = self._name_side(scope, symbol, level)
        if apart is not None:
            return apart
        if isinstance(symbol, Indicator) and symbol.input is None:
            return self._name_indicator(symbol, level)
        if isinstance(symbol, Constant):
            return place_constant(self, symbol, level)
        if isinstance(symbol, Band):
            return read_band(self, scope, symbol, level)
        owner, option = (
            (symbol.owner, symbol.option) if isinstance(symbol, Option) else (name, None)
        )
        if owner in self.catalogue.register:
            return read_register_column(self, owner, option)
        total, *terms = (
            self._read_requested(scope, level, requested)
            for requested in find_requested(self.catalogue, name)
        )
        for term in terms:
            total = self.at_level(level).add(total, term)
        return total

    def _name_side(self, scope: Scope, symbol: Symbol, level: str) -> Term | None:
        """What a name is worth where schools are compared with themselves; None: as elsewhere."""
        if scope.pairing is not None:
            return read_side(self, scope.pairing, "now", level)
        if self.compared is not None and self.compared.is_before:
            return read_a_year_before(self, symbol, level)
        return None

    @remembered
    def _name_indicator(self, indicator: Indicator, level: str) -> Term:
        """An indicator inside a formula: it always applies, it has a value or none."""
        term = self.settle_term(level, self.indicator(indicator, level).term)
        return Term(term.value, term.why, None, term.exact)

    def _read_requested(self, scope: Scope, level: str, requested: RequestedInput) -> Term:
        """An input of the scope's own, or one given above them."""
        if requested.key in scope.requested:
            return read_requested(self, scope, scope.requested[requested.key], level)
        return look_up(self, requested, level, choose_way(self, scope, requested, level))

    # --- schools and other rows -------------------------------------------------------------------

    def over_set(self, scope: Scope, level: str, call: ast.Call) -> Term:
        """A function over the members of a set."""
        return take_over_set(self, scope, level, call)

    def rank(self, level: str, call: ast.Call) -> Term:
        """Which place an indicator has among its peers."""
        return rank_among_peers(self, level, call)

    def schools(self, scope: Scope, level: str) -> Term:
        """How many schools enter; no value where none does."""
        if scope.base != self.levels[0] or not scope.requested:
            return self.schools_open(level)
        value = self.at_level(level).expr(
            lambda count: pl.when(count > 0).then(count.cast(pl.Float64)),
            count_schools(self, scope, "entered", level),
        )
        # It has a value at every school: those that do not enter have not reported.
        return Term(value, lambda: self.reason(Reason.NOT_REPORTED), exact=True)

    def schools_open(self, level: str) -> Term:
        """How many schools are open."""
        number = count_open(self, level)
        value = self.at_level(level).expr(lambda count: count.cast(pl.Float64), number)
        return Term(value, lambda: self.reason(Reason.NOT_REPORTED), exact=True)

    def printed_decimals(self, scope: Scope, change: ast.Call) -> int | None:
        """With how many decimals both sides of a change are taken; None: unrounded."""
        return round_printed(scope, change)

    def previous(self, scope: Scope, level: str, tree: ast.expr) -> Term:
        """The tree at this place a year before; of a forecast the fact, else the forecast."""
        if scope.pairing is not None:
            before = read_side(self, scope.pairing, "before", level)
            return replace(before, why=lambda: self.reason(Reason.NO_PREVIOUS))
        term = self.term(self.scope(tree, scope.missing), level)
        value = self.a_year_before(level, term.value, term.value)
        breaks = find_breaks(self.catalogue, map(dotted_name, list_value_nodes(tree)))
        if breaks:
            return self._previous_unless_break(level, term, value, sorted(breaks))
        return Term(value, lambda: self.reason(Reason.NO_PREVIOUS), None, term.exact)

    def _previous_unless_break(
        self, level: str, term: Term, before: Column, breaks: Sequence[int]
    ) -> Term:
        """What stood a year before, none in a year that is not comparable with it."""
        reading = self.at_level(level)
        value = reading.expr(
            lambda year, raw: pl.when(~year.is_in(breaks)).then(raw), self.year, before
        )

        def why() -> Column:
            # A break further back goes on; any other reason of last year's is none of this year.
            cause = self.a_year_before(level, term.why(), term.value)
            return reading.expr(
                lambda year, raw, code: choose_reason(
                    year.is_in(breaks)
                    | (raw.is_null() & (code == int(Reason.SERIES_BREAK)).fill_null(value=False)),
                    Reason.SERIES_BREAK,
                    Reason.NO_PREVIOUS,
                ),
                self.year,
                before,
                cause,
            )

        return Term(value, self.settle_reason(level, why), None, term.exact)

    def at(self, scope: Scope, level: str, place: ast.expr, tree: ast.expr) -> Term:
        """The tree at the place of a named level that this place lies in."""
        target = dotted_name(place)
        if self.is_below(target, level):
            return self.nothing(Reason.NO_SUCH_LEVEL)
        # Seen from below, a place above is that of all schools.
        plan = self.everybody if self.is_below(level, target) else self
        term = plan.term(plan.scope(tree, scope.missing), target)
        if level != target:
            term = self.take_above(term, level, target)
        return Term(term.value, term.why, None, term.exact)

    def coalesce(self, scope: Scope, level: str, node: ast.Call) -> Term:
        """The first argument with a value: at schools for bare inputs, else each on its own."""
        requested = read_bare_coalesce(self.catalogue, node)
        if requested is not None:
            return self._read_requested(scope, level, requested)
        reading = self.at_level(level)
        terms = [self.term(self.scope(argument, scope.missing), level) for argument in node.args]
        value = reading.expr(pl.coalesce, *(term.value for term in terms))
        why = reading.first_reason(terms, Reason.NOT_REPORTED)
        return Term(value, why, None, all(term.exact for term in terms))

    def points(self, scope: Scope, level: str, tree: ast.expr) -> Term:
        """The points of what a bare name is worth."""
        return read_points(self, scope, dotted_name(tree), level)

    def lookup(self, scope: Scope, level: str, node: ast.Call) -> Term:
        """The class in a table of two classes."""
        return look_in_table(self, scope, level, node)

    def weigh(self, scope: Scope, level: str, node: ast.Call) -> Term:
        """The value of a score."""
        return weigh_members(self, scope, level, node).term

    # --- targets --------------------------------------------------------------------------------

    def target(self, level: str, indicator: ast.expr) -> Term:
        """The target of an indicator in the year of the row, at its place or above it."""
        return take_target(self, self.catalogue.indicators[dotted_name(indicator)], level)

    def degree(self, level: str, indicator: ast.expr, x: Term) -> Term:
        """How much of the way to its target an indicator is; x is its value."""
        return take_degree(self, self.catalogue.indicators[dotted_name(indicator)], level, x)

    def advice_call(self, level: str, node: ast.Call) -> Term:
        """What a function of recommendations gives."""
        return read_advice_call(self, level, node)
