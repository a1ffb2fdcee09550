"""Tables of two classes: every pair stands, and what is looked up has the classes of the table."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping

from engine.catalogue.lookups import scaled_by
from engine.catalogue.model import Catalogue, Scale, Table, TableVersion
from engine.catalogue.rules.names import formulas_of
from engine.language.grammar import Formula, dotted_name
from engine.problems import Position, Problem, suggest_name
from engine.translation import gettext as _

MOST_NAMED = 5
_ARGUMENTS = 3


def check_tables(catalogue: Catalogue) -> Iterable[Problem]:
    """Rows, columns and cells are those of the table's scales, and every pair stands."""
    for table in catalogue.tables.values():
        sides = [_titles_of(catalogue, name) for name in (table.down, table.across)]
        for key, name, side in zip(
            ("down", "across"), (table.down, table.across), sides, strict=True
        ):
            if side is None:
                yield Problem(
                    "table-side",
                    _("“{name}” is neither a scale nor a choice").format(name=name),
                    table.positions.get(key, table.position),
                    suggest_name(name, _list_sides(catalogue))
                    or _("name a scale with classes or an input that is a choice"),
                    about=name,
                )
        if table.cells is not None and not table.cells.classes:
            yield Problem(
                "table-side",
                _("the scale “{name}” has no classes that cells could name").format(
                    name=table.cells.id
                ),
                table.positions.get("cells", table.position),
            )
        down, across = sides
        if down is not None and across is not None and table.cells is not None:
            for version in table.versions:
                yield from _check_cells(table, table.cells, version, down, across)


def _check_cells(
    table: Table,
    cells: Scale,
    version: TableVersion,
    down: Mapping[str, str],
    across: Mapping[str, str],
) -> Iterator[Problem]:
    lacking = [
        f"{row} × {column}"
        for row in down
        for column in across
        if column not in version.cells.get(row, {})
    ]
    if lacking:
        named = ", ".join(lacking[:MOST_NAMED]) + (", …" if len(lacking) > MOST_NAMED else "")
        yield Problem(
            "table-cells",
            _("in the table “{table}” these pairs are lacking: {pairs}").format(
                table=table.id, pairs=named
            ),
            version.position,
            _("name every pair; where there is no cell, write null"),
        )
    for row, written in version.cells.items():
        if row not in down:
            yield _unknown(table, row, version.places[row,], down)
            continue
        for column, cell in written.items():
            place = version.places[row, column]
            if column not in across:
                yield _unknown(table, f"{row} × {column}", place, across, column)
            elif cell is not None and cell not in cells.classes:
                yield _unknown(table, f"{row} × {column}: {cell}", place, cells.classes, cell)


def _unknown(
    table: Table, pair: str, place: Position, known: Iterable[str], name: str = ""
) -> Problem:
    return Problem(
        "table-cells",
        _("the table “{table}” has no such pair or class: {pair}").format(
            table=table.id, pair=pair
        ),
        place,
        suggest_name(name or pair, known) or _("known are: {names}").format(names=", ".join(known)),
        about=name or pair,
    )


def _list_sides(catalogue: Catalogue) -> list[str]:
    names = [*catalogue.scales, *catalogue.inputs]
    return [name for name in names if _titles_of(catalogue, name) is not None]


def _titles_of(catalogue: Catalogue, name: str) -> Mapping[str, str] | None:
    """The classes of a scale, or the options of a choice, with their titles; None for neither."""
    scale = catalogue.scales.get(name)
    if scale is not None and scale.classes:
        return {each.id: each.title for each in scale.classes.values()}
    answer = catalogue.inputs.get(name)
    return answer.options if answer is not None and answer.type == "choice" else None


def check_lookups(catalogue: Catalogue) -> Iterable[Problem]:
    """`lookup(t, x, y)`: x and y are names whose class is that of the table's rows and columns."""
    for formula in formulas_of(catalogue):
        for call, use in formula.calls():
            table = catalogue.tables.get(dotted_name(call.args[0])) if call.args else None
            if use.id != "lookup" or table is None or len(call.args) != _ARGUMENTS:
                continue
            for argument, side in zip(call.args[1:], (table.down, table.across), strict=True):
                yield from _check_argument(catalogue, formula, argument, side)


def _check_argument(
    catalogue: Catalogue, formula: Formula, argument: ast.expr, side: str
) -> Iterator[Problem]:
    name = dotted_name(argument)
    if name and name not in catalogue.symbols:
        return
    scaled = scaled_by(catalogue, name)
    has_class = scaled.scale.id if scaled is not None else name
    if has_class != side:
        yield Problem(
            "table-class",
            _("the class of “{name}” is not one of “{side}”").format(
                name=name or ast.unparse(argument), side=side
            ),
            formula.span(argument),
            _("name an indicator or an input with scale: {side}").format(side=side)
            if side in catalogue.scales
            else _("name the choice “{side}”").format(side=side),
            about=name,
        )
