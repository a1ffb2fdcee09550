"""From what is asked of an evaluation to a compiled plan, in this order.

1. Checks of data, and the rules for single cells.
2. Rows: every indicator (and input) at every level that is not below its inputs.
3. The columns those rows need, and the cells of textual ones.
4. Recommendations: their conditions, and the numbers of their texts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import count
from typing import Any

import polars as pl

from engine.catalogue.lookups import goals_at, has_base, has_grades
from engine.catalogue.model import TEXTUAL, Catalogue, Indicator
from engine.evaluation.asking import (
    BASE,
    GRADES,
    JUDGED,
    MEMBERS,
    SHORTFALL,
    Asking,
    NeededColumns,
)
from engine.evaluation.plan.base import IndicatorColumns
from engine.evaluation.plan.cell_checks import check_cells
from engine.evaluation.plan.compiled_plan import (
    AdviceQuestion,
    BaseQuestion,
    CheckQuestion,
    CompiledPlan,
    DataShape,
    PlannedRow,
    RequestedText,
)
from engine.evaluation.plan.coverage import cover_members
from engine.evaluation.plan.entering import reason_of_missing
from engine.evaluation.plan.inputs import read_input
from engine.evaluation.plan.planner import Planner
from engine.evaluation.plan.printing import print_column
from engine.evaluation.plan.scales import grade_row
from engine.evaluation.plan.scopes import bare_input, inputs_of, lowest_level, type_at
from engine.evaluation.plan.steps import Derive
from engine.evaluation.plan.targets import (
    keep_references,
    list_judging,
    list_references,
    list_targets,
    print_targets,
    read_base,
)
from engine.evaluation.plan.toward_targets import (
    find_row,
    read_before,
    read_printed_value,
    read_value,
    take_shortfall,
)
from engine.language.readings.terms import Column, Reason


def compile_plan(
    catalogue: Catalogue, shape: DataShape, asking: Asking, rows: Mapping[str, Indicator]
) -> CompiledPlan:
    """Every column that the rows, and the checks of these data, need; `rows` are those asked for."""
    plan = Planner(catalogue, shape)
    checks = tuple(_plan_checks(plan))
    rests_on = {
        name: inputs_of(catalogue, *(formula.tree for _year, formula in row.formulas))
        for name, row in rows.items()
    }
    planned = tuple(_plan_rows(plan, asking, rows, rests_on))
    wanted = tuple(_want_columns(plan, asking, rows, planned))
    texts = tuple(_plan_texts(plan, rows)) if asking.kept & {"value", "reason"} else ()
    advice = tuple(_plan_advice(plan)) if asking.advice else ()
    bases = tuple(_plan_bases(plan, rows))
    return CompiledPlan(
        catalogue=catalogue,
        shape=shape,
        steps=tuple(plan.steps.steps),
        looks_back=plan.looks_back,
        rows=planned,
        rests_on=rests_on,
        wanted=wanted,
        questions=checks,
        texts=texts,
        advice=advice,
        bases=bases,
    )


# --- checks of data -------------------------------------------------------------------------------


def _plan_checks(plan: Planner) -> Iterator[CheckQuestion]:
    """The checks of the catalogue that these data can fail, then the rules for single cells."""
    filled = plan.shape.filled
    names = (f"q{number}" for number in count())
    for check in plan.catalogue.checks.values():
        if check.level not in plan.levels or check.accepted:
            continue
        inputs = inputs_of(plan.catalogue, check.rule.tree)
        # What depends on no data at all cannot fail.
        if inputs and not inputs & filled:
            continue
        term = plan.term(plan.scope(check.rule.tree, "skip"), check.level)
        holds = Derive.of(next(names), check.level, _cast(term.value, pl.Boolean))
        yield CheckQuestion(holds, inputs, check)
    for rule, answer in check_cells(plan):
        level = plan.catalogue.inputs[rule.input].level
        holds = Derive.of(next(names), level, _cast(answer, pl.Boolean))
        yield CheckQuestion(holds, frozenset((rule.input,)), rule)


def _plan_bases(plan: Planner, rows: Mapping[str, Indicator]) -> Iterator[BaseQuestion]:
    """Whether the values of the years of the bases contradict them, printed with their decimals."""
    names = (f"b{number}" for number in count())
    for row in rows.values():
        for year, base in row.base.items():
            decimals = base.decimals if base.value is not None else row.decimals
            for level in row.target_levels:
                value, number = (
                    read_value(plan, row, level).value,
                    read_base(plan, row, year, level),
                )
                printed = [
                    print_column(plan, level, plan.settle(level, each), decimals)
                    for each in (value, number.value)
                ]
                same = plan.at_level(level).expr(lambda left, right: left == right, *printed)
                yield BaseQuestion(row.id, year, Derive.of(next(names), level, same))


# --- rows -----------------------------------------------------------------------------------------


def _plan_rows(
    plan: Planner,
    asking: Asking,
    rows: Mapping[str, Indicator],
    rests_on: Mapping[str, frozenset[str]],
) -> Iterator[PlannedRow]:
    """Every row at every level asked for that is not below its inputs."""
    catalogue, places = plan.catalogue, plan.catalogue.places
    levels = sorted({*(asking.levels or catalogue.levels)}, key=places.index)
    is_printed = NeededColumns.of(asking.kept).value
    for index, row in enumerate(rows.values()):
        lowest = places.index(lowest_level(catalogue, rests_on[row.id]))
        trees = [formula.tree for _year, formula in row.formulas]
        for level in levels:
            if places.index(level) >= lowest and level in (row.levels or levels):
                exact = is_printed and row.type != "text" and plan.indicator(row, level).term.exact
                decimals = 0 if exact and _has_whole_targets(row) else row.decimals
                kind = type_at(catalogue, row, level)
                inputs = inputs_of(catalogue, *trees, level=level)
                of_schools = not inputs or places.index(lowest_level(catalogue, inputs)) < (
                    places.index(level)
                )
                yield PlannedRow(row.id, level, kind, f"v{index}_", exact, decimals, of_schools)


def _has_whole_targets(row: Indicator) -> bool:
    ends = (end for target in row.targets.values() for end in (target.value, target.value_to))
    computed = any(target.is_computed for target in row.targets.values())
    return not computed and all(end is None or end.denominator == 1 for end in ends)


def _want_columns(
    plan: Planner, asking: Asking, rows: Mapping[str, Indicator], planned: Sequence[PlannedRow]
) -> list[Derive]:
    """Raw values, reasons and coverage of every row, as far as they are kept."""
    needed_columns = NeededColumns.of(asking.kept)
    wanted = [
        column for row in planned for column in _want(plan, rows[row.id], row, needed_columns)
    ]
    if asking.kept & JUDGED:
        wanted += [column for row in planned for column in _want_target(plan, rows[row.id], row)]
    if BASE in asking.kept and has_base(plan.catalogue):
        wanted += [column for row in planned for column in _want_base(plan, rows[row.id], row)]
    if asking.kept & {*GRADES} and has_grades(plan.catalogue):
        wanted += [column for row in planned for column in _want_grades(plan, rows[row.id], row)]
    if SHORTFALL in asking.columns:
        for row in planned:
            if goals_at(plan.catalogue, rows[row.id], row.level):
                lacking = take_shortfall(plan, rows[row.id], row.level).value
                wanted.append(_wanted(row, "s", lacking, pl.Float64))
    if MEMBERS in asking.columns:
        for row in planned:
            members = cover_members(plan, rows[row.id], row.level)
            wanted.append(_wanted(row, "m", members.reported, pl.Int64))
            wanted.append(_wanted(row, "n", members.expected, pl.Int64))
    return wanted


def _want(
    plan: Planner, indicator: Indicator, row: PlannedRow, needed_columns: NeededColumns
) -> Iterator[Derive]:
    made = plan.indicator(indicator, row.level)
    if indicator.type == "text":
        # The text itself is read beside (see texts.py).
        if needed_columns.reason:
            inside = plan.within(indicator.where)
            scope = inside.scope(indicator.formulas[-1][1].tree, indicator.missing)
            why = reason_of_missing(inside, scope, row.level)
            yield _wanted(row, "w", why, pl.Int64)
        needed_columns = NeededColumns(value=False, reason=False, coverage=needed_columns.coverage)
    if row.type == "class":
        yield from _want_class(plan, made, row, needed_columns)
        needed_columns = NeededColumns(value=False, reason=False, coverage=needed_columns.coverage)
    if needed_columns.value:
        yield _wanted(row, "v", made.term.value, pl.Float64)
    if needed_columns.reason:
        # It is good only where there is no value: so `round_values` reads it.
        yield _wanted(row, "w", made.term.why(), pl.Int64)
    if needed_columns.coverage:
        yield _wanted(row, "r", made.coverage.reported, pl.Int64)
        yield _wanted(row, "e", made.coverage.expected, pl.Int64)


def _want_class(
    plan: Planner, made: IndicatorColumns, row: PlannedRow, needed_columns: NeededColumns
) -> Iterator[Derive]:
    """A class is no value: it stands in a column of its own, and where it is nothing is lacking."""
    reading = plan.at_level(row.level)
    if needed_columns.value:
        yield _wanted(row, "v", plan.nothing(Reason.NOT_APPLICABLE).value, pl.Float64)
    if needed_columns.reason:
        why = reading.expr(
            lambda known, code: pl.when(known.is_null()).then(code),
            made.term.value,
            made.term.why(),
        )
        yield _wanted(row, "w", why, pl.Int64)


def _want_target(plan: Planner, indicator: Indicator, row: PlannedRow) -> Iterator[Derive]:
    """The target that a row is judged by, or the one beside it for reference, in its printed units."""
    targets = list_judging(plan, indicator, row.level)
    if targets:
        printed = print_targets(plan, row.level, targets, row.decimals)
        yield _wanted(row, "l", printed.first, pl.Float64)
        yield _wanted(row, "k", printed.comparator, pl.Int8)
        if any(each.last is not None for each in targets):
            yield _wanted(row, "h", printed.last, pl.Float64)
    references = [
        # A column of numbers: where there are two ends there is none to show.
        each
        for each in list_references(plan, indicator, row.level)
        if each.last is None
    ]
    if references:
        printed = print_targets(plan, row.level, references, row.decimals)
        reference = keep_references(plan, indicator, row.level, printed.first)
        yield _wanted(row, "f", reference, pl.Float64)
        if any(isinstance(each.comparator, Column) for each in references):
            yield _wanted(row, "g", printed.comparator, pl.Int8)


def _want_base(plan: Planner, indicator: Indicator, row: PlannedRow) -> Iterator[Derive]:
    """The base beside the rows that the target speaks of: the last one, if there are several."""
    if indicator.base and row.level in indicator.target_levels:
        base = read_base(plan, indicator, max(indicator.base), row.level)
        yield _wanted(row, "b", base.value, pl.Float64)


def _want_grades(plan: Planner, indicator: Indicator, row: PlannedRow) -> Iterator[Derive]:
    """The class and the points of a row that has them."""
    graded, points = grade_row(plan, indicator, row.level)
    if graded is not None:
        yield _wanted(row, "c", graded.value, pl.Int8)
    if points is not None:
        yield _wanted(row, "p", points.value, pl.Float64)


def _wanted(row: PlannedRow, short: str, column: Column, dtype: Any) -> Derive:
    return Derive.of(row.prefix + short, row.level, _cast(column, dtype))


def _cast(column: Column, dtype: Any) -> Column:
    return replace(column, expr=column.expr.cast(dtype))


def _plan_texts(plan: Planner, rows: Mapping[str, Indicator]) -> Iterator[RequestedText]:
    """The columns that the textual rows need; like any cell, without those that do not apply."""
    for number, row in enumerate(rows.values()):
        source = bare_input(plan.catalogue, row) if row.type == "text" else None
        if source is not None and source.type in TEXTUAL:
            cells = plan.settle(source.level, read_input(plan.within(row.where), source))
            yield RequestedText(row.id, source, Derive.of(f"t{number}", source.level, cells))


# --- recommendations ------------------------------------------------------------------------------


def _plan_advice(plan: Planner) -> Iterator[AdviceQuestion]:
    """The columns of every recommendation."""
    for number, advice in enumerate(plan.catalogue.advice.values()):
        name, level = f"a{number}", advice.level
        term = plan.term(plan.scope(advice.when.tree, "skip"), level)
        numbers: dict[str, Column] = {}
        if advice.about:
            row = find_row(plan, advice.about)
            for word in advice.figures:
                numbers |= _plan_figure(plan, row, level, word)
        for named in advice.names:
            numbers[f"name:{named}"] = read_printed_value(plan, find_row(plan, named), level)
        value = plan.settle(level, term.value)
        holds = replace(value, expr=value.expr.fill_null(value=False))
        columns = {
            word: Derive.of(f"{name}:{word}", level, _cast(column, pl.Float64))
            for word, column in numbers.items()
        }
        yield AdviceQuestion(advice, Derive.of(name, level, holds), columns)


def _plan_figure(
    plan: Planner, row: Indicator, level: str, word: str
) -> Iterator[tuple[str, Column]]:
    if word in {"value", "change", "previous"}:
        printed = read_printed_value(plan, row, level)
        yield "value", printed
        if word != "value":
            yield "previous", read_before(plan, row, level, printed)
    elif word == "target":
        yield from _plan_target(plan, row, level)
    elif word == "shortfall":
        yield word, take_shortfall(plan, row, level).value
        yield from _plan_target(plan, row, level)
        yield "value", read_printed_value(plan, row, level)  # whether they are lacking or too many
    elif word in {"reported", "expected", "missing"}:
        coverage = plan.indicator(row, level).coverage
        yield "reported", coverage.reported
        yield "expected", coverage.expected


def _plan_target(plan: Planner, row: Indicator, level: str) -> Iterator[tuple[str, Column]]:
    """The ends of the target as printed, and the code of its comparator where places have their own."""
    years = goals_at(plan.catalogue, row, level)
    targets = tuple(each for each in list_targets(plan, row, level) if each.year in years)
    if targets:
        printed = print_targets(plan, level, targets, row.decimals)
        yield "target", printed.first
        yield "target_to", printed.last
        if any(isinstance(each.comparator, Column) for each in targets):
            yield "comparator", printed.comparator
