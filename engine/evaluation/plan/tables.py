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
    """The class, as its position in the scale of the cells; a cell that is null does not apply.

    Where a side has no class there is none, for the reason of that side.
    """
    table = plan.catalogue.tables[dotted_name(node.args[0])]
    reading: ColumnsReading = plan.at_level(level)
    names = [dotted_name(argument) for argument in node.args[1:]]
    sides = [plan.settle_term(level, read_class(plan, scope, name, level)) for name in names]
    down, across = (_list_classes(plan, name) for name in names)
    key = reading.expr(
        lambda row, column: (
            row.cast(pl.Int64, strict=False) * len(across) + column.cast(pl.Int64, strict=False)
        ),
        *(side.value for side in sides),
    )
    key = plan.settle(level, key)
    versions = [
        (version.since, _read_cells(plan, table, version, (down, across), key, level))
        for version in table.versions
    ]
    cell = join_versions(plan, versions, level)
    applies = cell.applies
    for side in sides:
        applies = reading.both(applies, side.applies)
    lacking = reading.first_reason(sides, Reason.NOT_REPORTED)

    def why() -> Column:
        return reading.expr(
            lambda known, of_sides, of_cell: choose_reason(known.is_null(), of_sides, of_cell),
            key,
            lacking(),
            cell.why(),
        )

    value = plan.settle(level, cell.value)
    return Term(value, plan.settle_reason(level, why), applies, exact=True)


def _list_classes(plan: PlanBase, name: str) -> tuple[str, ...]:
    scaled = scaled_by(plan.catalogue, name)
    return scaled.scale.class_ids if scaled else tuple(plan.catalogue.inputs[name].options)


def _read_cells(  # noqa: PLR0917 - a table of one year, and what is looked for in it
    plan: PlanBase,
    table: Table,
    version: TableVersion,
    sides: tuple[tuple[str, ...], tuple[str, ...]],
    key: Column,
    level: str,
) -> Term:
    """The class of each pair; `key` is the number of the pair, row by row."""
    reading: ColumnsReading = plan.at_level(level)
    order = table.cells.class_ids if table.cells else ()
    down, across = sides
    cells = {
        index * len(across) + at: order.index(cell)
        for index, row in enumerate(down)
        for at, column in enumerate(across)
        if (cell := version.cells.get(row, {}).get(column)) in order
    }

    def find(known: Any) -> Any:
        chain: Any = pl
        for pair, code in cells.items():
            chain = chain.when(known == pair).then(pl.lit(code, pl.Int64))
        return chain.otherwise(None) if cells else pl.lit(None, pl.Int64)

    value = plan.settle(level, reading.expr(find, key))
    stands = reading.expr(lambda known, code: known.is_null() | ~code.is_null(), key, value)
    return Term(value, lambda: plan.reason(Reason.NOT_APPLICABLE), plan.settle(level, stands))
