"""Tables of two classes: `tables`, and which indicators a table gives their class."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from engine.catalogue.build.draft import Draft, Formulas
from engine.catalogue.build.scales import by_year, read_scale
from engine.catalogue.entry import Entry
from engine.catalogue.model import Scale, Table, TableVersion
from engine.language.functions import SAME_TYPE
from engine.language.grammar import dotted_name
from engine.problems import Position


def build_tables(draft: Draft, root: Entry) -> dict[str, Table]:
    """Every table of `tables`."""
    return {
        entry.name: Table(
            id=entry.name,
            title=entry.text("title") or entry.name,
            down=entry.name_at("down"),
            across=entry.name_at("across"),
            cells=read_scale(draft, entry.at("cells"), entry.name),
            versions=tuple(_read_versions(entry.at("values"))),
            short=entry.text("short").strip(),
            position=entry.key_position,
            positions=entry.positions(),
        )
        for entry in draft.declared(root.at("tables"))
    }


def find_given_scales(draft: Draft, formulas: Formulas) -> dict[str, Scale]:
    """The scale of each indicator whose formula gives a class: that of the cells of its table."""
    scales = {}
    for name, versions in formulas.items():
        scale = _find_scale(draft, formulas, versions[-1][1].tree, {name}) if versions else None
        if scale is not None:
            scales[name] = scale
    return scales


def _find_scale(draft: Draft, formulas: Formulas, tree: ast.expr, seen: set[str]) -> Scale | None:
    if isinstance(tree, ast.IfExp):
        return _find_scale(draft, formulas, tree.body, seen)
    if isinstance(tree, ast.Call):
        function = dotted_name(tree.func)
        if function == "lookup":
            table = draft.tables.get(dotted_name(tree.args[0])) if tree.args else None
            return table.cells if table else None
        number = SAME_TYPE.get(function)
        if number is None or number >= len(tree.args):
            return None
        return _find_scale(draft, formulas, tree.args[number], seen)
    name = dotted_name(tree)
    versions = formulas.get(name)
    if not versions or name in seen:
        return None
    return _find_scale(draft, formulas, versions[-1][1].tree, seen | {name})


def _read_versions(entry: Entry) -> Iterator[TableVersion]:
    for since, written in by_year(entry):
        places: dict[tuple[str, ...], Position] = {}
        cells: dict[str, dict[str, str | None]] = {}
        for row in written.children():
            places[row.name,] = row.key_position
            cells[row.name] = {}
            for cell in row.children():
                places[row.name, cell.name] = cell.position
                cells[row.name][cell.name] = cell.written.strip() or None
        yield TableVersion(since, cells, written.position, places)
