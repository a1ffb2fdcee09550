"""Who is in a number: the schools of a place, what they gave and what they did not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from engine.evaluation import entering
from engine.evaluation.cells import read_applies, read_cell
from engine.evaluation.proof import ProofCell, ProofPlace
from engine.evaluation.scope import Scope
from engine.evaluation.steps import PLACE, ancestor

if TYPE_CHECKING:
    from engine.evaluation.looking import Point, Viewer

MOST_PLACES = 200
"""How many schools are listed with their cells; a country has more than a proof can show."""


def list_places(viewer: Viewer, scope: Scope, point: Point) -> tuple[tuple[ProofPlace, ...], int]:
    """The places that give a scope's own inputs, those that lack something first named so.

    Also how many more there are than are listed.
    """
    if not scope.asked:
        return (), 0
    rows = _rows(viewer, scope, point)
    inputs = tuple(one for asked in scope.asked.values() for one in asked.inputs)
    names = tuple(dict.fromkeys(one.id for one in inputs))
    found = []
    for row in rows.head(MOST_PLACES).iter_rows(named=True):
        place = row[PLACE]
        cells = viewer.cells(scope.base, point, place, names)
        shown = sorted(cells, key=lambda cell: names.index(cell.input))
        found.append(
            ProofPlace(
                place=place,
                title=viewer.data.title(scope.base, place),
                expected=row["expected"],
                reported=row["reported"],
                entered=row["entered"],
                lacking=tuple(name for name in names if row[f"lacks:{name}"]),
                cells=tuple(
                    ProofCell(
                        input=cell.input,
                        value=cell.value,
                        text=cell.text,
                        state=cell.state,
                        file=cell.file,
                        sheet=cell.sheet,
                        cell=cell.cell,
                        row=cell.row,
                        column=cell.column,
                        sha256=cell.sha256,
                    )
                    for cell in shown
                ),
            )
        )
    return tuple(found), max(0, len(rows) - MOST_PLACES)


def _rows(viewer: Viewer, scope: Scope, point: Point) -> pl.DataFrame:
    """Every place of the scope's base that lies in the point (or the one above it)."""
    looking = viewer.look(point)
    plan = looking.plan
    scope = plan.scope(scope.tree, scope.missing)
    base = plan.at_level(scope.base)
    yes = entering.everywhere(plan)
    wanted = {
        "expected": entering.expected(plan, scope) or yes,
        "reported": entering.reported(plan, scope),
        "entered": entering.entered(plan, scope),
    }
    for asked in scope.asked.values():
        for one in asked.inputs:
            applies = read_applies(plan, one) or yes
            wanted[f"lacks:{one.id}"] = base.expr(
                lambda value, does: value.is_null() & does, read_cell(plan, one), applies
            )
    rows = looking.rows(scope.base, wanted, ("places", scope.key))
    places: tuple[str, ...] = viewer.catalogue.places
    here, own = places.index(point.level), places.index(scope.base)
    if here == own:
        return rows.filter(pl.col(PLACE) == point.place)
    if here > own:
        return rows.filter(pl.col(ancestor(point.level, places)) == point.place)
    above = viewer.place_above(point, scope.base)
    return rows.filter(pl.col(PLACE) == (above.place if above else None))
