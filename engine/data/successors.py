"""Schools that merge: which one stands for a closed school, and what is wrong with what is said so.

The row of a closed school names its successor, which may have been closed since and have one itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from engine.catalogue.level_words import speak_of
from engine.data.tables import RawTable
from engine.problems import Problem, suggest_name
from engine.translation import gettext as _

Spans = Mapping[str, Sequence[tuple[int, int]]]
"""School → the years in which it is open, from and until."""


def find_heirs(schools: pl.DataFrame, successors: Mapping[str, str]) -> pl.DataFrame:
    """school, year, heir: the school that stands for it a year later; null where none does.

    `schools`: school and year of every open school. It is the school itself while it is open, else
    the first open one of its successors.
    """
    following = pl.DataFrame(
        {"heir": list(successors), "next": list(successors.values())},
        {"heir": pl.String, "next": pl.String},
    )
    later = schools.select(
        pl.col("school").alias("heir"), pl.col("year") - 1, open=pl.lit(value=True)
    )
    heirs = schools.select("school", "year", pl.col("school").alias("heir"))
    for _hop in range(len(successors) + 1):
        heirs = heirs.join(later, on=["heir", "year"], how="left").join(
            following, on="heir", how="left"
        )
        closed = pl.col("open").is_null()
        done = not heirs.select((closed & pl.col("next").is_not_null()).any()).item()
        stands = pl.when(closed).then("next").otherwise("heir")
        heirs = heirs.select("school", "year", stands.alias("heir"))
        if done:
            break
    return heirs


def find_wrong_successors(
    table: RawTable, rows: pl.DataFrame, column: int | None, level: str
) -> list[Problem]:
    """Circles of successors, successors that are not open, and schools that are open themselves.

    `rows` of the register: school, successor, from, until, row; `column`: where successors stand.
    """
    named = rows.select("school", "successor", "row").drop_nulls()
    if column is None or named.is_empty():
        return []
    successors = dict(named.select("school", "successor").iter_rows())
    spans: dict[str, list[tuple[int, int]]] = {}
    for school, start, end in rows.select("school", "from", "until").iter_rows():
        spans.setdefault(school, []).append((start, end))
    last = max(end for every in spans.values() for _start, end in every)
    problems: list[Problem] = []
    turning: set[str] = set()
    for school, row in dict(named.select("school", "row").iter_rows()).items():
        chain = _follow(successors, school)
        closed = max(end for _start, end in spans[school])
        position = table.position(row, column)
        if chain[-1] in chain[:-1]:
            circle = chain[chain.index(chain[-1]) :]
            if not turning.intersection(circle):
                message = _("successors go in a circle: {circle}")
                message = message.format(circle=" → ".join(circle))
                hint = _("empty the cell of the one that took the others in")
                problems.append(Problem("successor-circle", message, position, hint))
            turning.update(chain)
        elif closed >= last and _is_open(spans, school, last - 1):
            message = speak_of(
                level,
                _("the school “{place}” has a successor, but it is open"),
                _("{level} “{place}” has a successor, but it is open"),
                place=school,
            )
            hint = _("write the year in which it is closed, or empty the cell of the successor")
            problems.append(Problem("successor-open", message, position, hint))
        elif not any(_is_open(spans, each, closed) for each in chain[1:]):
            message = speak_of(
                level,
                _("the successor “{name}” of the school “{place}” is not open in {year}"),
                _("the successor “{name}” of “{place}” ({level}) is not open in {year}"),
                name=chain[1],
                place=school,
                year=closed,
            )
            hint = _("name the school that took it in by its id in the register")
            if chain[1] not in spans:
                hint = suggest_name(chain[1], spans) or hint
            problems.append(Problem("successor-closed", message, position, hint))
    return problems


def _follow(successors: Mapping[str, str], school: str) -> list[str]:
    """A school and its successors, up to the last, or to the first that comes again."""
    chain = [school]
    while chain[-1] in successors and chain[-1] not in chain[:-1]:
        chain.append(successors[chain[-1]])
    return chain


def _is_open(spans: Spans, school: str, year: int) -> bool:
    return any(start <= year < end for start, end in spans.get(school, ()))
