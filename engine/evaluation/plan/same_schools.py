"""A change over the same schools: both years of it over the schools that enter it in each of them.

Two sides, each a formula of its own, are read in the row of the later year. The cells of the year
before are those of the school itself, with the cells of the schools that it has taken in since; at a
school that is not the same in both years no cell of either side applies.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import polars as pl

from engine.catalogue.model import NUMERIC, Constant, Indicator, Input, Option, Symbol
from engine.evaluation.plan.base import (
    CellColumns,
    Coverage,
    IndicatorColumns,
    PlanBase,
    remembered,
)
from engine.evaluation.plan.entering import count_schools, entered, expected, reported
from engine.evaluation.plan.given_above import place_constant
from engine.evaluation.plan.inputs import read_applies, read_input, read_register_column
from engine.evaluation.plan.scopes import CellSum, Pairing, RequestedInput, Scope, Side
from engine.evaluation.plan.steps import HEIR, PLACE, SCENARIO
from engine.language.grammar import Formula, dotted_name
from engine.language.readings.terms import Column, Reason, Term, choose_reason
from engine.problems import Position


def find_compared(symbols: Any, indicator: Indicator, tree: ast.expr) -> Indicator:
    """What a change compares: the indicator that it names, or one that is the named input."""
    call: Any = tree.left if isinstance(tree, ast.BinOp) else tree
    argument = call.args[0]
    name = dotted_name(argument)
    symbol = symbols[name]
    if isinstance(symbol, Indicator):
        return symbol
    formula = Formula(name, Position(""), argument)
    return replace(
        indicator,
        id=name,
        formulas=((None, formula),),
        since=None,
        until=None,
        same_schools=False,
    )


def compare_same_schools(
    plan: PlanBase, indicator: Indicator, tree: ast.expr, level: str
) -> IndicatorColumns:
    """A formula of an indicator over the same schools, at every place of a level.

    In a row of a forecast the year before is a fact, or a forecast where that gives no value.
    """
    compared = find_compared(plan.catalogue.symbols, indicator, tree)
    plan = plan.within(compared.where)
    made = _compare(plan, indicator, tree, Pairing.of(compared, "fact"), level)
    if not plan.shape.forecasts:
        return made
    reading = plan.at_level(level)
    planned = _compare(plan, indicator, tree, Pairing.of(compared, "forecast"), level)
    term, other = plan.settle_term(level, made.term), plan.settle_term(level, planned.term)
    takes = plan.settle(
        level,
        reading.expr(
            lambda scenario, done, plans: (
                (scenario == "forecast") & done.is_null() & ~plans.is_null()
            ),
            Column(pl.col(SCENARIO)),
            term.value,
            other.value,
        ),
    )
    value = reading.expr(
        lambda test, yes, no: pl.when(test).then(yes).otherwise(no), takes, other.value, term.value
    )
    coverage = planned.coverage.pick(reading, takes, made.coverage)
    return IndicatorColumns(Term(value, term.why, None, term.exact and other.exact), coverage)


def pair_scope(plan: PlanBase, indicator: Indicator, tree: ast.expr, pairing: Pairing) -> Scope:
    """The scope of a formula whose two years are taken over the same schools."""
    whole = plan.whole_scope(tree, indicator.missing)
    return replace(
        whole,
        key=f"same:{pairing.key}:{whole.key}",
        requested={},
        above={},
        named=(),
        separate=(),
        pairing=pairing,
    )


def _compare(
    plan: PlanBase, indicator: Indicator, tree: ast.expr, pairing: Pairing, level: str
) -> IndicatorColumns:
    scope = pair_scope(plan, indicator, tree, pairing)
    reading, term = plan.at_level(level), plan.term(scope, level)
    number = count_same(plan, pairing, level)
    value = reading.expr(lambda count, raw: pl.when(count > 0).then(raw), number, term.value)

    def why() -> Column:
        return reading.expr(
            lambda count, code: choose_reason(count == 0, Reason.NO_PREVIOUS, code),
            number,
            term.why(),
        )

    coverage = Coverage(number, _count_expected(plan, pairing.x, level))
    return IndicatorColumns(Term(value, why, None, term.exact), coverage)


def read_side(plan: PlanBase, pairing: Pairing, side: Side, level: str) -> Term:
    """What is compared, in the year of the row or the year before, over the same schools."""
    if pairing.x.levels and level not in pairing.x.levels:
        return plan.nothing(Reason.NO_SUCH_LEVEL)

    def make(tree: ast.expr) -> Term:
        return plan.term(make_side(plan, pairing, side, tree), level)

    term = plan.over_versions(pairing.x, level, make, shift=int(side == "before"))
    term = plan.settle_term(level, term)
    return Term(term.value, term.why, None, term.exact)


# --- which schools are the same -------------------------------------------------------------------


@remembered
def enters_both(plan: PlanBase, pairing: Pairing) -> Column:
    """At each school: whether it enters in the year of the row, and entered a year earlier."""
    school = plan.levels[0]
    reading, now = plan.at_level(school), enters_now(plan, pairing)
    alone = plan.steps.before(school, plan.settle(school, now), scenario=pairing.scenario)
    together = _join_entered(plan, pairing)
    others = count_joined(plan, pairing.scenario)
    return plan.settle(
        school,
        reading.expr(
            lambda now, number, together, alone: (
                now & pl.when(number > 0).then(together).otherwise(alone).fill_null(value=False)
            ),
            now,
            others,
            together,
            alone,
        ),
    )


@remembered
def enters_now(plan: PlanBase, pairing: Pairing) -> Column:
    """At each school: whether it enters in the year of the row."""
    school = plan.levels[0]
    return plan.settle(
        school, _by_version(plan, pairing.x, lambda scope: entered(plan, scope, school))
    )


@remembered
def count_joined(plan: PlanBase, scenario: str) -> Column:
    """At each school: how many others, open a year before, have come to it since."""
    school = plan.levels[0]
    other = Column(pl.col(PLACE) != pl.col(HEIR), 0, 3)
    number = plan.steps.joined(school, other, how="sum", scenario=scenario)
    return plan.at_level(school).expr(lambda count: count.fill_null(0), number)


def _join_entered(plan: PlanBase, pairing: Pairing) -> Column:
    """At each school: whether all that it stands for had reported, and can be added up.

    Nothing was expected of some of them, if need be, but something of one.
    """
    school = plan.levels[0]
    reading = plan.at_level(school)

    def expects(scope: Scope) -> Column:
        return expected(plan, scope) or plan.everywhere()

    def lacks(scope: Scope) -> Column:
        return reading.expr(
            lambda due, done: due & ~done, expects(scope), reported(plan, scope, school)
        )

    def joins(scope: Scope) -> Column:
        inputs = (one for requested in scope.requested.values() for one in requested.inputs)
        return Column(pl.lit(all(_adds_up(each) for each in inputs)), bare=True)

    def rolled(make: Callable[[Scope], Column]) -> Column:
        # The year makes a column of what may be one value for all rows.
        condition = reading.expr(
            lambda year, holds: holds & year.is_not_null(),
            plan.year,
            _by_version(plan, pairing.x, make),
        )
        settled = plan.settle(school, condition)
        return plan.steps.joined(school, settled, how="sum", scenario=pairing.scenario)

    return reading.expr(
        lambda lacking, due, joinable: (lacking == 0) & (due > 0) & joinable,
        rolled(lacks),
        rolled(expects),
        _by_version(plan, pairing.x, joins, shift=1),
    )


def _by_version(
    plan: PlanBase, compared: Indicator, make: Callable[[Scope], Column], shift: int = 0
) -> Column:
    """A condition of the formula in force `shift` years before; it fails where none is."""

    def read(tree: ast.expr) -> Term:
        column = make(plan.scope(tree, compared.missing))
        return Term(column, lambda: plan.reason(Reason.NOT_REPORTED))

    term = plan.over_versions(compared, plan.levels[0], read, shift)
    reading = plan.at_level(plan.levels[0])
    return reading.expr(lambda holds: holds.fill_null(value=False), term.value)


def count_same(plan: PlanBase, pairing: Pairing, level: str) -> Column:
    """How many of the schools of each place are the same in both years."""
    school, same = plan.levels[0], enters_both(plan, pairing)
    if level == school:
        return plan.at_level(school).expr(lambda holds: holds.cast(pl.Int64), same)
    number = plan.steps.rollup(("same", pairing.key), level, school, "sum", same)
    return plan.at_level(level).expr(lambda count: count.fill_null(0), number)


def _count_expected(plan: PlanBase, compared: Indicator, level: str) -> Column:
    """How many schools of each place are expected by what is compared, in the year of the row."""

    def make(tree: ast.expr) -> Term:
        scope = plan.scope(tree, compared.missing)
        number = count_schools(plan, scope, "expected", level)
        return Term(number, lambda: plan.reason(Reason.NOT_REPORTED))

    # A year before the first formula is covered as that formula would be.
    (_first, formula), *later = compared.formulas
    unbound = replace(compared, since=None, until=None, formulas=((None, formula), *later))
    return plan.over_versions(unbound, level, make).value


# --- the cells of a side --------------------------------------------------------------------------


@remembered
def make_side(plan: PlanBase, pairing: Pairing, side: Side, tree: ast.expr) -> Scope:
    """A formula of what is compared as a side of its own."""
    scope = plan.scope(tree, pairing.x.missing)
    requested = {
        key: _substitute(plan, pairing, side, each) for key, each in scope.requested.items()
    }
    key = f"{side}:{pairing.key}:{scope.key}"
    return replace(scope, key=key, requested=requested, side=side)


def _substitute(
    plan: PlanBase, pairing: Pairing, side: Side, requested: RequestedInput
) -> RequestedInput:
    choices = tuple(
        replace(
            choice, inputs=tuple(_side_input(plan, pairing, side, one) for one in choice.inputs)
        )
        if isinstance(choice, CellSum)
        else choice
        for choice in requested.choices
    )
    return replace(requested, key=f"{side}:{pairing.key}:{requested.key}", choices=choices)


@remembered
def _side_input(plan: PlanBase, pairing: Pairing, side: Side, input_: Input) -> Input:
    """The input that stands for a declared one on a side."""
    made = replace(input_, id=":".join((side, *plan.where, pairing.key, input_.id)))
    same, cells = enters_both(plan, pairing), _read_cells(plan, pairing.scenario, side, input_)
    reading = plan.at_level(plan.levels[0])
    value = reading.expr(lambda holds, raw: pl.when(holds).then(raw), same, cells.value)
    applies = reading.both(same, cells.applies) or same
    plan.substitutes[made.id] = CellColumns(
        plan.settle(plan.levels[0], value), plan.settle(plan.levels[0], applies)
    )
    return made


def _read_cells(plan: PlanBase, scenario: str, side: Side, input_: Input) -> CellColumns:
    """The cells of an input in the year of the row, or a year before with those taken in since."""
    school = plan.levels[0]
    value, applies = read_input(plan, input_), read_applies(plan, input_)
    if side == "now":
        return CellColumns(value, applies)
    if value.bare:  # no file has a cell of it
        return CellColumns(value, applies and _before(plan, applies, scenario))
    value = plan.settle(school, value)
    if not _adds_up(input_):
        return CellColumns(
            _before(plan, value, scenario), applies and _before(plan, applies, scenario)
        )
    reading = plan.at_level(school)
    total = plan.steps.joined(school, value, how="sum", scenario=scenario)
    number = plan.steps.joined(school, value, how="count", scenario=scenario)
    joined = reading.expr(lambda sum_, count: pl.when(count > 0).then(sum_), total, number)
    if applies is None:
        return CellColumns(joined, None)
    some = plan.steps.joined(school, plan.settle(school, applies), how="sum", scenario=scenario)
    return CellColumns(joined, reading.expr(lambda count: (count > 0).fill_null(value=False), some))


def _before(plan: PlanBase, column: Column, scenario: str) -> Column:
    return plan.steps.before(plan.levels[0], column, scenario=scenario)


def _adds_up(input_: Input) -> bool:
    return input_.type in NUMERIC and input_.rollup == "sum"


def read_a_year_before(plan: PlanBase, symbol: Symbol, level: str) -> Term | None:
    """A constant, or a column of the register, a year before; None of anything else.

    Of a school that was not there a year before, the register says what it says now.
    """
    if isinstance(symbol, Constant):
        return place_constant(plan, _delay(symbol), level)
    owner = symbol.owner if isinstance(symbol, Option) else symbol.id
    if owner not in plan.catalogue.register:
        return None
    term = read_register_column(plan, owner, symbol.option if isinstance(symbol, Option) else None)
    school = plan.levels[0]
    earlier = plan.steps.before(school, term.value, scenario="fact")
    opened = plan.steps.before(school, Column(pl.col(PLACE).is_not_null()), scenario="fact")
    value = plan.at_level(school).expr(
        lambda is_known, before, now: pl.when(is_known).then(before).otherwise(now),
        opened,
        earlier,
        term.value,
    )
    return replace(term, value=value)


def _delay(constant: Constant) -> Constant:
    """A constant each of whose numbers holds a year later."""
    return replace(
        constant,
        id=f"before:{constant.id}",
        values={year + 1: value for year, value in constant.values.items()},
        values_by_place={
            place: {year + 1: value for year, value in values.items()}
            for place, values in constant.values_by_place.items()
        },
    )
