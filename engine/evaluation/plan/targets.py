"""Targets as columns of the plan: of each indicator, at each level, the two ends and the comparator.

A target is that of the place it is judged at. A number is the same everywhere; a formula is a scope
of its own, computed at that place; an increase adds to what the target of an earlier year is there;
what is given with the data stands in columns of the frame. Below the level of the target a place
sees, for reference, the target of the place of that level in which it lies.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import polars as pl

from engine.catalogue.lookups import SCALED, find_reference_level
from engine.catalogue.model import Comparator, Constant, Indicator, Target
from engine.evaluation.plan.base import PlanBase, remembered
from engine.evaluation.plan.printing import print_column
from engine.evaluation.plan.steps import NOWHERE, PLACE, YEAR, ancestor
from engine.language.grammar import Formula, dotted_name
from engine.language.readings.terms import Column, Reason, Term

COMPARATORS: tuple[Comparator, ...] = ("none", "at_least", "at_most", "exactly", "between", "yes")
"""A comparator in a column is its place here."""
_HUNDRED = 100.0


@dataclass(frozen=True, slots=True)
class YearTarget:
    """The target of a year at the places of a level: a number, or a term where it is computed.

    `last` is the upper end of `between`. `comparator` is a column of codes where the data give it.
    """

    year: int
    first: Fraction | Term
    last: Fraction | Term | None
    comparator: Comparator | Column


@dataclass(frozen=True, slots=True)
class TargetColumns:
    """The ends of a target, unrounded, and the code of its comparator; null where there is none."""

    first: Term
    last: Column
    comparator: Column


@dataclass(frozen=True, slots=True)
class PrintedTarget:
    """The ends of a target in units of the last decimal; `last` is that of `between`, else null."""

    first: Column
    last: Column
    comparator: Column


# --- the target of each year ----------------------------------------------------------------------


@remembered
def list_targets(plan: PlanBase, row: Indicator, level: str) -> tuple[YearTarget, ...]:
    """The target of each year as the places of a level see it: their own, or that of the place above.

    A target is that of all schools, whoever reads it; what it names keeps its own `where`.
    """
    plan = plan.everybody
    return tuple(
        made
        for target in row.targets.values()
        if target.is_set
        for made in (_see_target(plan, row, target, level),)
        if made is not None
    )


def list_judging(plan: PlanBase, row: Indicator, level: str) -> tuple[YearTarget, ...]:
    """The targets that places of a level are judged by; none at a level the target does not speak of."""
    return list_targets(plan, row, level) if level in row.target_levels else ()


def list_references(plan: PlanBase, row: Indicator, level: str) -> tuple[YearTarget, ...]:
    """The targets of a percent that places below their level are measured against."""
    if find_reference_level(plan.catalogue, row, level) is None:
        return ()
    return list_targets(plan, row, level)


def keep_references(plan: PlanBase, row: Indicator, level: str, column: Column) -> Column:
    """A column of references, only at the places that lie in one of the level of the target."""
    source = find_reference_level(plan.catalogue, row, level)
    if source is None:
        return column
    inside = Column(pl.col(ancestor(source, plan.levels)).is_not_null())
    return plan.at_level(level).expr(lambda holds, raw: pl.when(holds).then(raw), inside, column)


def _see_target(plan: PlanBase, row: Indicator, target: Target, level: str) -> YearTarget | None:
    """A computed target of a level below is that of the place above; above its levels there is none."""
    if not target.is_computed and target.value is not None:
        return YearTarget(target.year, target.value, target.value_to, target.comparator)
    if level in row.target_levels:
        return _compute_target(plan, row, target, level)
    source = min(row.target_levels, key=plan.levels.index)
    if not plan.is_below(level, source):
        return None
    own = _compute_target(plan, row, target, source)

    def take(end: Fraction | Term) -> Fraction | Term:
        return plan.take_above(end, level, source) if isinstance(end, Term) else end

    comparator = own.comparator
    if isinstance(comparator, Column):
        comparator = plan.steps.above(level, source, plan.settle(source, comparator))
    last = None if own.last is None else take(own.last)
    return YearTarget(own.year, take(own.first), last, comparator)


def _compute_target(plan: PlanBase, row: Indicator, target: Target, level: str) -> YearTarget:
    """A target that is no plain number, at the places it speaks of."""
    comparator: Comparator | Column = target.comparator
    if target.given:
        comparator = _read_given(plan, row, level, "comparator")
    first = _compute_end(plan, row, target, level)
    last: Fraction | Term | None = target.value_to
    if target.formula_to is not None:
        last = _read_formula(plan, row, target.formula_to, level)
    if last is not None and (isinstance(first, Term) or isinstance(last, Term)):
        first, last = _join_ends(plan, level, first, last)
    return YearTarget(target.year, first, last, comparator)


def _join_ends(
    plan: PlanBase, level: str, first: Fraction | Term, last: Fraction | Term
) -> tuple[Term, Term]:
    """Two ends, each only where both have a value."""
    reading = plan.at_level(level)
    ends = [reading.constant(end) if isinstance(end, Fraction) else end for end in (first, last)]
    lower, upper = (
        Term(
            reading.expr(
                lambda own, other: pl.when(~own.is_null() & ~other.is_null()).then(own),
                own.value,
                other.value,
            ),
            own.why,
            None,
            own.exact,
        )
        for own, other in (ends, reversed(ends))
    )
    return lower, upper


@remembered
def _compute_end(plan: PlanBase, row: Indicator, target: Target, level: str) -> Fraction | Term:
    """The number of a target, the lower one of two."""
    if target.value is not None:
        return target.value
    if target.formula is not None:
        return _read_formula(plan, row, target.formula, level)
    if target.given:
        column = _read_given(plan, row, level, "target")
        return Term(column, lambda: plan.reason(Reason.NO_TARGET))
    return _read_increase(plan, row, target, level)


def _read_formula(plan: PlanBase, row: Indicator, formula: Formula, level: str) -> Term:
    """A formula of its own, in which `value` is the indicator."""
    tree = formula.rename({SCALED: row.id}).tree
    term = plan.settle_term(level, plan.term(plan.scope(tree, row.missing), level))
    number = plan.at_level(level).expr(lambda raw: raw.cast(pl.Float64), term.value)
    return Term(number, lambda: plan.reason(Reason.NO_TARGET), None, term.exact)


def _read_given(plan: PlanBase, row: Indicator, level: str, what: str) -> Column:
    """A column of what the data give; nothing where they give none."""
    name = plan.shape.columns.get(f"{what}:{level}:{row.id}")
    kind: Any = pl.Float64 if what == "target" else pl.Int8
    return Column(pl.lit(None, kind) if name is None else pl.col(name))


def _read_increase(plan: PlanBase, row: Indicator, target: Target, level: str) -> Term:
    """The number of an earlier year, at the same place, plus the increase."""
    since, step = target.since or 0, float(target.increase or 0)
    before = row.targets.get(since)
    if before is None:
        number = plan.at_level(level).add(
            read_base(plan, row, since, level), plan.at_level(level).constant(step)
        )
        return Term(number.value, lambda: plan.reason(Reason.NO_TARGET), None, number.exact)
    end = _compute_end(plan, row, before, level)
    reading = plan.at_level(level)
    if isinstance(end, Fraction):
        return reading.constant(end + (target.increase or 0))
    term = plan.settle_term(level, end)
    value = plan.years_before(level, term.value, term.value, target.year - since)
    number = reading.add(Term(value, term.why), reading.constant(step))
    return Term(number.value, lambda: plan.reason(Reason.NO_TARGET))


@remembered
def read_base(plan: PlanBase, row: Indicator, year: int, level: str) -> Term:
    """The base of a year at every place of a level, whatever the year of the row."""
    base = row.base[year]
    if base.value is not None or base.formula is None:
        return plan.at_level(level).constant(base.value or 0)
    constant = plan.catalogue.symbols[dotted_name(base.formula.tree)]
    if not isinstance(constant, Constant) or constant.level is None:
        return plan.nothing(Reason.NO_TARGET)
    if plan.is_below(constant.level, level):
        return plan.nothing(Reason.NO_TARGET)
    cases = [
        pl.when(pl.col(PLACE) == place).then(pl.lit(float(values[year])))
        for place, values in constant.values_by_place.items()
        if year in values
    ]
    value = pl.coalesce(NOWHERE, *cases)
    column = plan.settle(constant.level, Column(value, 0, 1 + len(cases)))
    term = Term(column, lambda: plan.reason(Reason.NO_TARGET))
    return term if level == constant.level else plan.take_above(term, level, constant.level)


# --- columns --------------------------------------------------------------------------------------


def join_years(plan: PlanBase, level: str, columns: Sequence[tuple[int, Column]]) -> Column:
    """Of each year its column; null in the others."""
    reading = plan.at_level(level)
    years = [year for year, _column in columns]

    def choose(*values: Any) -> Any:
        cases = [
            pl.when(pl.col(YEAR) == year).then(value)
            for year, value in zip(years, values, strict=True)
        ]
        return pl.coalesce(*cases)

    if not columns:
        return Column(NOWHERE)
    return reading.expr(choose, *(column for _year, column in columns))


def _code(comparator: Comparator | Column) -> Column:
    if isinstance(comparator, Column):
        return comparator
    return Column(pl.lit(COMPARATORS.index(comparator), pl.Int8))


def _join_comparators(plan: PlanBase, level: str, targets: Iterable[YearTarget]) -> Column:
    return join_years(plan, level, [(each.year, _code(each.comparator)) for each in targets])


def read_columns(plan: PlanBase, level: str, targets: Sequence[YearTarget]) -> TargetColumns:
    """Targets of years as columns, unrounded."""
    reading = plan.at_level(level)

    def as_term(end: Fraction | Term) -> Term:
        return reading.constant(end) if isinstance(end, Fraction) else end

    firsts = [(each.year, as_term(each.first)) for each in targets]
    lasts = [(each.year, as_term(each.last)) for each in targets if each.last is not None]
    value = join_years(plan, level, [(year, term.value) for year, term in firsts])
    exact = all(term.exact for _year, term in firsts)
    return TargetColumns(
        Term(value, lambda: plan.reason(Reason.NO_TARGET), None, exact),
        _as_numbers(plan, level, [(year, term.value) for year, term in lasts]),
        _join_comparators(plan, level, targets),
    )


def _as_numbers(plan: PlanBase, level: str, columns: Sequence[tuple[int, Column]]) -> Column:
    joined = join_years(plan, level, columns)
    return plan.at_level(level).expr(lambda raw: raw.cast(pl.Float64), joined)


def print_targets(
    plan: PlanBase, level: str, targets: Sequence[YearTarget], decimals: int
) -> PrintedTarget:
    """Targets of years in units of the last decimal: a number exactly, what is computed rounded."""

    def printed(end: Fraction | Term) -> Column:
        if isinstance(end, Fraction):
            return Column(pl.lit(float(end * Fraction(10) ** decimals)))
        return print_column(plan, level, plan.settle(level, end.value), decimals)

    firsts = [(each.year, printed(each.first)) for each in targets]
    lasts = [(each.year, printed(each.last)) for each in targets if each.last is not None]
    return PrintedTarget(
        _as_numbers(plan, level, firsts),
        _as_numbers(plan, level, lasts),
        _join_comparators(plan, level, targets),
    )


# --- functions ------------------------------------------------------------------------------------


@remembered
def take_target(plan: PlanBase, row: Indicator, level: str) -> Term:
    """`target(x)`: where x is judged its target, below that of the place above; no value: `no_target`."""
    targets = list_targets(plan, row, level)
    if all(isinstance(each.first, Fraction) for each in targets):
        numbers = {
            each.year: float(each.first) for each in targets if isinstance(each.first, Fraction)
        }
        return plan.by_year(numbers, Reason.NO_TARGET)
    return read_columns(plan, level, targets).first


@remembered
def take_degree(plan: PlanBase, row: Indicator, level: str, x: Term) -> Term:
    """`degree(x)`: how much of the way to the target the value is, in percent, at most 100."""
    targets = list_judging(plan, row, level) or list_references(plan, row, level)
    targets = tuple(each for each in targets if each.comparator not in {"none", "yes"})
    reading = plan.at_level(level)
    degree, wanted = Column(pl.lit(None, pl.Float64)), Column(pl.lit(value=False))
    if targets:
        columns = read_columns(plan, level, targets)
        first = keep_references(plan, row, level, columns.first.value)
        parts = (x.value, first, columns.last, columns.comparator)
        degree, wanted = reading.expr(_degree, *parts), reading.expr(_has_degree, *parts)

    def why() -> Column:
        return reading.expr(
            lambda holds, value, code: pl.min_horizontal(
                pl.when(~holds).then(pl.lit(int(Reason.NOT_APPLICABLE))),
                pl.when(value.is_null()).then(code),
            ).fill_null(int(Reason.NOT_APPLICABLE)),
            wanted,
            x.value,
            x.why(),
        )

    value = reading.expr(lambda holds, raw: pl.when(holds).then(raw), wanted, degree)
    return Term(plan.settle(level, value), plan.settle_reason(level, why), x.applies)


def name_comparators(plan: PlanBase, row: Indicator, level: str) -> Column:
    """By which comparator the places of a level are judged, or see the target above: its word."""
    targets = list_judging(plan, row, level) or list_references(plan, row, level)
    codes = _join_comparators(plan, level, targets)
    return plan.at_level(level).expr(
        lambda code: code.replace_strict(
            list(range(len(COMPARATORS))), COMPARATORS, default=None, return_dtype=pl.String
        ),
        codes,
    )


def _has_degree(value: Any, first: Any, last: Any, code: Any) -> Any:
    """Whether a degree is asked of a value: a target it is measured against, neither below zero."""
    judged = (code > COMPARATORS.index("none")).fill_null(value=False)
    positive = (first >= 0).fill_null(value=False) & ~(value < 0).fill_null(value=False)
    return judged & positive & ~(last < 0).fill_null(value=False)


def _degree(value: Any, first: Any, last: Any, code: Any) -> Any:
    number, upper = value.cast(pl.Float64), pl.coalesce(last, first)
    lower_counts = code != COMPARATORS.index("at_most")
    upper_counts = code != COMPARATORS.index("at_least")
    # Short of the lower end the end is above 0; past the upper end the value is.
    short = pl.when(lower_counts & (number < first)).then(_HUNDRED * number / first)
    past = pl.when(upper_counts & (number > upper)).then(_HUNDRED * upper / number)
    full = pl.when(~number.is_null()).then(pl.lit(_HUNDRED))
    return pl.min_horizontal(
        pl.coalesce(short, past, full), pl.when(~number.is_null()).then(_HUNDRED)
    )
