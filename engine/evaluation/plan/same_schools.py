"""A change over the same schools: both years of it over the schools that enter it in each of them.

Two sides, each a formula of its own, are read in the row of the later year, each in a plan in which only
the schools that are the same in both years count, however deep the formula. What an input was worth a year
before is that of the school itself, with that of the schools that it has taken in since.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

import polars as pl

from engine.catalogue.model import NUMERIC, Constant, Indicator, Input, Option, Symbol
from engine.evaluation.plan.base import (
    CellColumns,
    ComparedYear,
    Coverage,
    IndicatorColumns,
    PlanBase,
    remembered,
)
from engine.evaluation.plan.entering import (
    count_schools,
    entered,
    expected,
    read_requested_applies,
    read_requested_unreadable,
    read_requested_value,
    reported,
)
from engine.evaluation.plan.given_above import place_constant
from engine.evaluation.plan.inputs import meets_where, read_register_column
from engine.evaluation.plan.scopes import Pairing, RequestedInput, Scope, Side, inputs_of
from engine.evaluation.plan.steps import HEIR, PLACE, SCENARIO
from engine.language.grammar import Formula, dotted_name
from engine.language.readings.terms import Column, Reason, Term, choose_reason
from engine.problems import Position

P = TypeVar("P", bound=PlanBase)


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

    year = compare_year(plan, pairing, side)

    def make(tree: ast.expr) -> Term:
        return year.term(year.scope(tree, pairing.x.missing), level)

    term = year.over_versions(pairing.x, level, make, shift=int(side == "before"))
    term = year.settle_term(level, term)
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

    def enters(scope: Scope) -> Column:
        return entered(plan, scope, school) if scope.requested else _counts(plan)

    return plan.settle(school, _by_version(plan, pairing.x, enters))


def _counts(plan: PlanBase) -> Column:
    """At each school: whether it counts in the plan."""
    return meets_where(plan) or _in_rows(plan, plan.everywhere())


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
        return (expected(plan, scope) if scope.requested else None) or _counts(plan)

    def lacks(scope: Scope) -> Column:
        return reading.expr(
            lambda due, done: due & ~done, expects(scope), reported(plan, scope, school)
        )

    def joins(scope: Scope) -> Column:
        inputs = (plan.catalogue.inputs[each] for each in inputs_of(plan.catalogue, scope.tree))
        return Column(pl.lit(all(map(_adds_up, inputs))), bare=True)

    def rolled(make: Callable[[Scope], Column]) -> Column:
        settled = plan.settle(school, _in_rows(plan, _by_version(plan, pairing.x, make)))
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


# --- what an input is worth in one of the years ---------------------------------------------------


def compare_year(plan: P, pairing: Pairing, side: Side) -> P:
    """The plan for one of the two years: in it the same schools count, with what they gave then."""

    def read(requested: RequestedInput) -> CellColumns:
        return _read_same(plan, pairing, side, requested)

    same = enters_both(plan, pairing)
    key = f"{side}:{pairing.key}"
    return plan.in_compared(ComparedYear(key, same, read, is_before=side == "before"))


@remembered
def _read_same(
    plan: PlanBase, pairing: Pairing, side: Side, requested: RequestedInput
) -> CellColumns:
    """What counts as one input is worth in a year at the same schools; at no other it applies."""
    school, same = plan.levels[0], enters_both(plan, pairing)
    reading = plan.at_level(school)
    cells = CellColumns(
        _in_rows(plan, read_requested_value(plan, requested)),
        read_requested_applies(plan, requested),
        read_requested_unreadable(plan, requested),
    )
    if side == "before":
        joins = all(map(_adds_up, requested.inputs))
        cells = (_join_cells if joins else _delay_cells)(plan, cells, pairing.scenario)
    value = reading.expr(lambda holds, raw: pl.when(holds).then(raw), same, cells.value)
    applies = reading.both(same, cells.applies) or same
    unreadable = cells.unreadable and reading.both(same, cells.unreadable)
    return CellColumns(
        plan.settle(school, value),
        plan.settle(school, applies),
        unreadable and plan.settle(school, unreadable),
    )


def _delay_cells(plan: PlanBase, cells: CellColumns, scenario: str) -> CellColumns:
    """What a school itself gave a year before."""
    return CellColumns(
        _before(plan, cells.value, scenario),
        cells.applies and _before(plan, _in_rows(plan, cells.applies), scenario),
        cells.unreadable and _before(plan, cells.unreadable, scenario),
    )


def _join_cells(plan: PlanBase, cells: CellColumns, scenario: str) -> CellColumns:
    """What a school gave a year before, with those that it has taken in since.

    They have reported together when each of them has. What one of several lacks is no gap that could
    count as 0: it cannot be read.
    """
    school, reading = plan.levels[0], plan.at_level(plan.levels[0])
    applies = cells.applies or plan.everywhere()

    def join(column: Column) -> Column:
        settled = plan.settle(school, _in_rows(plan, column))
        return plan.steps.joined(school, settled, how="sum", scenario=scenario)

    due = join(applies)
    lacks = reading.expr(lambda applies, raw: applies & raw.is_null(), applies, cells.value)
    lacking, others = join(lacks), count_joined(plan, scenario)
    value = reading.expr(
        lambda total, due, lacking: pl.when((due > 0) & (lacking == 0)).then(total),
        join(cells.value),
        due,
        lacking,
    )
    bad = reading.expr(lambda lacking, others: (lacking > 0) & (others > 0), lacking, others)
    if cells.unreadable is not None:
        bad = reading.expr(lambda bad, some: bad | (some > 0), bad, join(cells.unreadable))
    return CellColumns(
        value,
        cells.applies and reading.expr(lambda due: (due > 0).fill_null(value=False), due),
        reading.expr(lambda bad: bad.fill_null(value=False), bad),
    )


def _in_rows(plan: PlanBase, column: Column) -> Column:
    """A column of a value for each row, also of what is one value for all of them."""
    return plan.at_level(plan.levels[0]).expr(
        lambda year, raw: pl.when(year.is_not_null()).then(raw), plan.year, column
    )


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
