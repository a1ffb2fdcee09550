"""Which schools a change over the same schools is of: who is left out, and who was joined to whom."""

from __future__ import annotations

import ast

import polars as pl

from engine.catalogue.model import Indicator
from engine.data.frames import collect_frame
from engine.data.successors import find_heirs
from engine.evaluation.explain.places import keep_inside
from engine.evaluation.explain.points import Point, PointQuery, PointReader
from engine.evaluation.explain.proof import ComparedSchool
from engine.evaluation.plan.entering import entered
from engine.evaluation.plan.inputs import meets_where
from engine.evaluation.plan.same_schools import (
    enters_both,
    enters_now,
    find_compared,
    pair_scope,
)
from engine.evaluation.plan.scopes import Pairing, Scope
from engine.evaluation.plan.steps import PLACE


def find_pair_scope(
    reader: PointReader, query: PointQuery, indicator: Indicator, tree: ast.expr
) -> Scope:
    """The scope of a change over the same schools, with the year before that its value is taken of."""
    compared = find_compared(reader.catalogue.symbols, indicator, tree)
    facts = pair_scope(query.plan, indicator, tree, Pairing.of(compared, "fact"))
    if query.point.scenario == "fact":
        return facts
    plans = pair_scope(query.plan, indicator, tree, Pairing.of(compared, "forecast"))
    for scope in (facts, plans):
        fresh = reader.query(query.point)
        pairing, plan = (
            scope.pairing or Pairing.of(compared, "fact"),
            fresh.plan.within(compared.where),
        )
        again = pair_scope(plan, indicator, tree, pairing)
        fresh.want("value", plan.term(again, query.point.level).value)
        if fresh.values(("pair", again.key)).get("value") is not None:
            return scope
    return facts


def list_compared(
    reader: PointReader, pairing: Pairing, point: Point
) -> tuple[ComparedSchool, ...]:
    """The schools of a place, those left out last."""
    lowest = reader.catalogue.levels[0]
    query = reader.query(point)
    plan = query.plan.within(pairing.x.where)
    wanted = {"same": enters_both(plan, pairing), "now": enters_now(plan, pairing)}
    rows = query.rows(lowest, wanted, ("compared", pairing.key))
    rows = keep_inside(reader, rows, lowest, point).sort(
        "same", descending=True, maintain_order=True
    )
    joined = _find_joined(reader, point.year - 1)
    return tuple(
        ComparedSchool(
            place=row[PLACE],
            title=reader.data.title(lowest, row[PLACE]),
            same=row["same"],
            missing_year=None if row["same"] else point.year - int(row["now"]),
            joined=tuple(reader.data.title(lowest, each) for each in joined.get(row[PLACE], ())),
        )
        for row in rows.iter_rows(named=True)
    )


def list_side_schools(reader: PointReader, point: Point, scope: Scope) -> frozenset[str]:
    """The schools whose cells are in a scope that is read on a side of the change at a point.

    Of the year before they are the same schools that enter it and those they have taken in since.
    """
    query, lowest = reader.query(point), reader.catalogue.levels[0]
    plan = query.plan
    enters = entered(plan, scope, lowest) if scope.requested else meets_where(plan)
    wanted = {"enters": enters or plan.everywhere()}
    rows = query.rows(lowest, wanted, ("enters", scope.key))
    inside = keep_inside(reader, rows.filter("enters"), lowest, point)[PLACE].to_list()
    if point.origin.year == point.year:
        return frozenset(inside)
    joined = _find_joined(reader, point.origin.year)
    return frozenset(inside).union(*(joined.get(school, ()) for school in inside))


def _find_joined(reader: PointReader, year: int) -> dict[str, list[str]]:
    """Of each school, which others, open in a year, it stands for a year later."""
    register = reader.data.register
    open_schools = collect_frame(reader.data.schools.select("school", "year"))
    heirs = find_heirs(open_schools, register.successors if register else {})
    others = heirs.filter(pl.col("year") == year, pl.col("school") != pl.col("heir"))
    joined: dict[str, list[str]] = {}
    for school, heir in others.sort("school").select("school", "heir").iter_rows():
        joined.setdefault(heir, []).append(school)
    return joined
