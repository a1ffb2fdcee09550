"""Ranks in a workbook: `RANK.EQ` over the cells of the sheet, where these are all the peers."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence

from engine.catalogue.model import Catalogue
from engine.language.grammar import dotted_name
from engine.reports.filters import is_number
from engine.reports.result_rows import Row
from engine.workbooks.addresses import name_cell, name_range

LONGEST_FORMULA = 8192

_Peers = tuple[str, str, int, str]
"""What peers share: the indicator they are ranked by, level, year and scenario."""


def list_rank_formulas(catalogue: Catalogue, rows: Sequence[Row], column: int) -> dict[int, str]:
    """Row of the sheet → its formula. `rows` begin in the second row, their values in `column`.

    A rank among more places than the sheet shows, or among some of them, stays the number it is.
    """
    lines: dict[_Peers, dict[str, int]] = {}
    for number, row in enumerate(rows, 1):
        lines.setdefault((row.indicator, row.level, row.year, row.scenario), {})[row.place] = number
    formulas = {}
    for number, row in enumerate(rows, 1):
        ranked_by = _find_ranked(catalogue, row) if row.ranked and is_number(row.value) else ""
        peers = lines.get((ranked_by, row.level, row.year, row.scenario), {})
        if row.place in peers:
            more = catalogue.indicators[ranked_by].better == "more"
            formula = _write_formula(rows, peers, row, column, more=more)
            if formula:
                formulas[number] = formula
    return formulas


def _find_ranked(catalogue: Catalogue, row: Row) -> str:
    """The indicator by which a row is ranked in its year."""
    trees = [
        formula.tree
        for since, formula in catalogue.indicators[row.indicator].formulas
        if since is None or since <= row.year
    ]
    call = trees[-1] if trees else None
    return dotted_name(call.args[0]) if isinstance(call, ast.Call) else ""


def _write_formula(
    rows: Sequence[Row], peers: Mapping[str, int], row: Row, column: int, *, more: bool
) -> str:
    """The formula; empty where it would not give the rank."""
    known = [rows[number - 1].value for number in peers.values()]
    values = [value for value in known if is_number(value)]
    own = rows[peers[row.place] - 1].value
    if not is_number(own) or len(values) != row.reported:
        return ""
    if row.value != 1 + sum(value > own if more else value < own for value in values):
        return ""
    cells = [name_cell((number, column)) for number in peers.values()]
    first, last = min(peers.values()), max(peers.values())
    among = f"({','.join(cells)})"
    if last - first + 1 == len(cells):
        among = name_range((first, column), (last, column))
    own_cell = name_cell((peers[row.place], column))
    formula = f"=_xlfn.RANK.EQ({own_cell},{among},{0 if more else 1})"
    return formula if len(formula) <= LONGEST_FORMULA else ""
