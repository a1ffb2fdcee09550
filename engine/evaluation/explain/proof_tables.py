"""How a table came to its class, for a proof: `строка «высокий», столбец «снизилось» → «синий»`."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.catalogue.lookups import scaled_by
from engine.catalogue.model import Catalogue
from engine.catalogue.scale_words import head_grades
from engine.evaluation.explain.points import PointQuery
from engine.evaluation.explain.proof import ProofGrade
from engine.evaluation.plan.scales import read_class
from engine.evaluation.plan.scopes import Scope
from engine.evaluation.plan.tables import look_in_table
from engine.language.grammar import dotted_name
from engine.language.readings.terms import NAMES
from engine.translation import gettext as _
from engine.typography import quote


@dataclass(frozen=True, slots=True)
class LookupQuery:
    """A cell of a table whose columns were asked for under `key`, waiting for their values."""

    catalogue: Catalogue
    key: str
    call: ast.Call
    year: int

    def finish(self, values: Mapping[str, Any]) -> ProofGrade:
        """The row, the column and the cell, in words."""
        table = self.catalogue.tables[dotted_name(self.call.args[0])]
        row, column = (
            name_class(
                self.catalogue, dotted_name(argument), values[f"{self.key}:{side}"], self.year
            )
            for side, argument in zip(("row", "column"), self.call.args[1:], strict=True)
        )
        code = values[f"{self.key}:cell"]
        order = table.cells.class_ids if table.cells else ()
        class_id = "" if code is None else order[int(code)]
        title = table.cells.classes[class_id].title if class_id and table.cells else ""
        none = _("no class")
        words = _("by the table “{table}”: row {row}, column {column} → {cell}").format(
            table=table.short_title,
            row=quote(row) if row else none,
            column=quote(column) if column else none,
            cell=quote(title) if title else none,
        )
        return ProofGrade(
            heading=head_grades(classes=True, points=False),
            title=table.short_title,
            scale=table.id,
            scale_title=table.short_title,
            value=None,
            text="",
            unit=None,
            decimals=0,
            rounded=None,
            class_id=class_id,
            class_title=title,
            span="",
            points=None,
            reason=None if class_id else NAMES.get(values[f"{self.key}:cell_why"] or 0),
            words=words,
        )


def ask_lookup(query: PointQuery, scope: Scope, key: str, call: ast.Call) -> LookupQuery:
    """Ask for both classes and the cell."""
    plan, level = query.plan, query.point.level
    for side, argument in zip(("row", "column"), call.args[1:], strict=True):
        query.want(f"{key}:{side}", read_class(plan, scope, dotted_name(argument), level).value)
    cell = look_in_table(plan, scope, level, call)
    query.want(f"{key}:cell", cell.value)
    query.want(f"{key}:cell_why", cell.why())
    return LookupQuery(plan.catalogue, key, call, query.point.year)


def list_classes(catalogue: Catalogue, name: str, year: int) -> tuple[str, ...]:
    """The titles of all classes that a name may have in a year, or of its answers, in their order."""
    scaled = scaled_by(catalogue, name)
    if scaled is None:
        return tuple(catalogue.inputs[name].options.values())
    version = scaled.scale.version(year)
    known = {**scaled.scale.classes, **(version.classes if version else {})}
    return tuple(known[class_id].title for class_id in scaled.scale.class_ids)


def name_class(catalogue: Catalogue, name: str, code: float | None, year: int) -> str:
    """The title of a class of a name in a year, or of an answer; empty where there is none."""
    return "" if code is None else list_classes(catalogue, name, year)[int(code)]
