"""Tables: the class in the cell of two classes, as a column."""

from __future__ import annotations

import ast
from typing import Any

import polars as pl

from engine.catalogue.lookups import scaled_by
from engine.catalogue.model import Table, TableVersion
from engine.evaluation.plan.base import PlanBase
from engine.evaluation.plan.scales import join_versions, read_class
from engine.evaluation.plan.scopes import Scope
from engine.language.grammar import dotted_name
from engine.language.readings.columns import ColumnsReading
from engine.language.readings.terms import Column, Reason, Term, choose_reason


def look_in_table(plan: PlanBase, scope: Scope, level: str, node: ast.Call) -> Term:
    """The class, as its position in the scale of the cells; a cell that is null does not apply."""
    table = plan.catalogue.tables[dotted_name(node.args[0])]
    row, column = (dotted_name(argument) for argument in node.args[1:])
    down, across = (
        plan.settle_term(level, read_class(plan, scope, name, level)) for name in (row, column)
    )
    sides = _list_classes(plan, row), _list_classes(plan, column)
    versions = [
        (version.since, _read_cells(plan, table, version, sides, (down, across), level))
        for version in table.versions
    ]
    return join_versions(plan, versions, level)


def _list_classes(plan: PlanBase, name: str) -> tuple[str, ...]:
    scaled = scaled_by(plan.catalogue, name)
    return scaled.scale.class_ids if scaled else tuple(plan.catalogue.inputs[name].options)


def _read_cells(  # noqa: PLR0917 - a table of one year, and the classes that are looked for in it
    plan: PlanBase,
    table: Table,
    version: TableVersion,
    sides: tuple[tuple[str, ...], tuple[str, ...]],
    classes: tuple[Term, Term],
    level: str,
) -> Term:
    reading: ColumnsReading = plan.at_level(level)
    order = table.cells.class_ids if table.cells else ()
    down, across = sides
    cells = {
        index * len(across) + at: order.index(cell)
        for index, row in enumerate(down)
        for at, column in enumerate(across)
        if (cell := version.cells.get(row, {}).get(column)) in order
    }
    key = plan.settle(
        level,
        reading.expr(
            lambda row, column: (
                row.cast(pl.Int64, strict=False) * len(across)
                + column.cast(pl.Int64, strict=False)
            ),
            *(side.value for side in classes),
        ),
    )

    def find(known: Any) -> Any:
        chain: Any = pl
        for pair, code in cells.items():
            chain = chain.when(known == pair).then(pl.lit(code, pl.Int64))
        return chain.otherwise(None) if cells else pl.lit(None, pl.Int64)

    value = plan.settle(level, reading.expr(find, key))
    applies: Column | None = None
    for side in classes:
        applies = reading.both(applies, side.applies)
    stands = reading.expr(lambda known, code: known.is_null() | ~code.is_null(), key, value)
    stands = plan.settle(level, stands)
    lacking = reading.first_reason(classes, Reason.NOT_APPLICABLE)

    def why() -> Column:
        return reading.expr(
            lambda stands, code: choose_reason(stands, code, Reason.NOT_APPLICABLE),
            stands,
            lacking(),
        )

    return Term(value, plan.settle_reason(level, why), reading.both(applies, stands), exact=True)
