"""Rows of facts that are totals of others: passed over, and compared with the sums."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import polars as pl

from engine.catalogue.model import NUMERIC, Catalogue
from engine.data.cells import parse_number
from engine.data.counted_rows import FactKeys
from engine.data.facts import FactTable
from engine.data.frames import collect_frame
from engine.data.place_names import PlaceNames
from engine.data.tables import UNREADABLE_MARK, shorten
from engine.data.total_names import is_sum, is_total_row
from engine.problems import Problem
from engine.translation import gettext as _
from engine.units import format_number

_CLOSE = 1e-9


def drop_totals(
    catalogue: Catalogue, names: PlaceNames, rows: Sequence[FactKeys]
) -> tuple[list[FactKeys], list[Problem]]:
    """The tables without their totals; a problem names these, and others the sums that disagree."""
    kept: list[FactKeys] = []
    problems: list[Problem] = []
    for part in rows:
        if not (part.fact.table.counted or part.fact.long):  # made by a program, not by a person
            kept.append(part)
            continue
        places = part.keys["place"].drop_nulls().unique(maintain_order=True).to_list()
        known = names.folded(part.fact.level)
        above = names.above.get(part.fact.level, ())
        totals = [place for place in places if is_total_row(place, known, above)]
        if not totals:
            kept.append(part)
            continue
        is_total = pl.col("place").is_in(totals).fill_null(value=False)
        problems += _name_totals(part.fact, is_total)
        problems += _compare_totals(catalogue, part.fact, is_total)
        fact = replace(part.fact, frame=part.fact.frame.filter(~is_total))
        kept.append(FactKeys(fact, part.keys.filter(~is_total)))
    return kept, problems


def _name_totals(fact: FactTable, is_total: pl.Expr) -> Iterator[Problem]:
    """One problem at the first of them."""
    found = collect_frame(fact.numbered().filter(is_total).select("row", "place"))
    row, place = found.row(0)
    message = _("“{name}” is a total and no school: the row is passed over")
    position = fact.table.position(row, fact.place)
    places = tuple(fact.table.position(other, fact.place) for other in found["row"])
    yield Problem(
        "total-row",
        message.format(name=shorten(place)),
        position,
        severity="warning",
        count=len(places) if len(places) > 1 else 0,
        places=places[:3] if len(places) > 1 else (),
    )


def _compare_totals(catalogue: Catalogue, fact: FactTable, is_total: pl.Expr) -> Iterator[Problem]:
    """Every number of a total that is not the sum of its column, of the same year and scenario.

    Only of wide tables: there the rows between which a total stands are those of one table.
    """
    summed = [
        name
        for name in fact.inputs
        if catalogue.inputs[name].type in NUMERIC and catalogue.inputs[name].rollup == "sum"
    ]
    if not fact.written or not summed:
        return
    frame = collect_frame(fact.numbered().with_columns(is_total.alias("total")))
    parts = list(frame.filter(~pl.col("total")).iter_rows(named=True))
    for total in frame.filter(pl.col("total")).iter_rows(named=True):
        if not is_sum(total["place"]):
            continue
        own = [row for row in parts if _belongs(row, total)]
        for name in summed:
            written, added = _read(total[name]), [_read(row[name]) for row in own]
            expected = sum((number for number in added if number is not None), start=0.0)
            if written is None or abs(written - expected) < _CLOSE:
                continue
            message = _("“{name}”: the total says {total}, the rows together make {sum}")
            yield Problem(
                "total-differs",
                message.format(
                    name=name,
                    total=_show(written, catalogue.language),
                    sum=_show(expected, catalogue.language),
                ),
                fact.table.position(total["row"], fact.inputs[name]),
                _("a row may be missing, or a number in one of them wrong"),
                "warning",
            )


def _belongs(row: Mapping[str, object], total: Mapping[str, object]) -> bool:
    return total["year"] in {None, row["year"]} and total["scenario"] in {None, row["scenario"]}


def _read(text: str | None) -> float | None:
    number = parse_number((text or "").removeprefix(UNREADABLE_MARK).removesuffix("%"))
    return None if number is None else float(number)


def _show(number: float, language: str) -> str:
    return format_number(number, 0 if number.is_integer() else 2, language)
