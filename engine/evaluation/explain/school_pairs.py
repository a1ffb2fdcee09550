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
        pairing = scope.pairing or Pairing.of(compared, "fact")
        again = pair_scope(fresh.plan, indicator, tree, pairing)
        fresh.want("value", fresh.plan.term(again, query.point.level).value)
        if fresh.values(("pair", again.key)).get("value") is not None:
            return scope
    return facts


def list_compared(
    reader: PointReader, pairing: Pairing, point: Point
) -> tuple[ComparedSchool, ...]:
    """The schools of a place, those left out last."""
    lowest = reader.catalogue.levels[0]
    query = reader.query(point)
    wanted = {"same": enters_both(query.plan, pairing), "now": enters_now(query.plan, pairing)}
    rows = query.rows(lowest, wanted, ("compared", pairing.key))
    rows = keep_inside(reader, rows, lowest, point).sort(
        "same", descending=True, maintain_order=True
    )
    register = reader.data.register
    open_schools = collect_frame(reader.data.schools.select("school", "year"))
    heirs = find_heirs(open_schools, register.successors if register else {})
    others = heirs.filter(pl.col("year") == point.year - 1, pl.col("school") != pl.col("heir"))
    joined: dict[str, list[str]] = {}
    for school, heir in others.sort("school").select("school", "heir").iter_rows():
        joined.setdefault(heir, []).append(reader.data.title(lowest, school))
    return tuple(
        ComparedSchool(
            place=row[PLACE],
            title=reader.data.title(lowest, row[PLACE]),
            same=row["same"],
            missing_year=None if row["same"] else point.year - int(row["now"]),
            joined=tuple(joined.get(row[PLACE], ())),
        )
        for row in rows.iter_rows(named=True)
    )
