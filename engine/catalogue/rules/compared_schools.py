"""What may be compared over the same schools (`same_schools`)."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from engine.catalogue.lookups import list_value_nodes
from engine.catalogue.model import Band, Catalogue, Indicator, Input, Option, PartSum
from engine.catalogue.rules.names import has_known_names
from engine.language.functions import OVER_YEARS, read_set_call
from engine.language.grammar import Formula, dotted_name
from engine.problems import Position, Problem
from engine.translation import gettext as _

_LOOKS_AROUND = (
    *OVER_YEARS,
    *("at", "target", "degree", "before", "as_of", "rank", "schools_open", "points", "lookup"),
)
"""The functions that look at more than the cells of the schools that enter."""


def check_same_schools(catalogue: Catalogue) -> Iterable[Problem]:
    """Its formula is a change of one name, an input of the schools or an indicator over such."""
    for indicator in catalogue.indicators.values():
        if not indicator.same_schools or indicator.part is not None:
            continue
        if indicator.input is not None:
            hint = _("write a formula, for instance change({id})").format(id=indicator.id)
            written = indicator.positions.get("same_schools", indicator.position)
            yield _refuse_formula(written, hint)
            continue
        for _year, formula in indicator.formulas:
            argument = _find_argument(formula.tree)
            if argument is None:
                hint = _("give x an indicator of its own, or take the key same_schools away")
                yield _refuse_formula(formula.span(formula.tree), hint)
            elif has_known_names(catalogue, indicator):
                yield from _check_compared(catalogue, formula, argument)


def _refuse_formula(position: Position | None, hint: str) -> Problem:
    message = _("of the same schools is computed only previous(x), change(x) or growth(x)")
    return Problem("same-schools-formula", message, position, hint)


def _find_argument(tree: ast.expr) -> ast.expr | None:
    """The name whose change is taken; None where the formula is anything else."""
    if isinstance(tree, ast.BinOp) and getattr(tree, "conversion", False):
        tree = tree.left
    if isinstance(tree, ast.Call) and dotted_name(tree.func) in OVER_YEARS and tree.args:
        argument = tree.args[0]
        return argument if isinstance(argument, ast.Name | ast.Attribute) else None
    return None


def _check_compared(
    catalogue: Catalogue, formula: Formula, argument: ast.expr
) -> Iterator[Problem]:
    name = dotted_name(argument)
    symbol = catalogue.symbols.get(name)
    formulas = [Formula(name, formula.position, argument)]
    if isinstance(symbol, Indicator):
        if not has_known_names(catalogue, symbol):
            return  # its own mistakes come first
        formulas = [each for _year, each in symbol.formulas]
    known = all(_is_of_cells(catalogue, each) for each in formulas)
    if known and any(_names_input(catalogue, each) for each in formulas):
        return
    yield Problem(
        "same-schools-of",
        _("“{name}” is not made of inputs of the level “{level}” alone").format(
            name=name, level=catalogue.levels[0]
        ),
        formula.span(argument),
        _("name an input of the schools, or an indicator whose formula names only such"),
        about=name,
    )


def _is_of_cells(catalogue: Catalogue, formula: Formula) -> bool:
    for call, use in formula.calls():
        over = read_set_call(call, catalogue.levels[0])
        if use.id in _LOOKS_AROUND or (over is not None and over.members != catalogue.levels[0]):
            return False
    for node in list_value_nodes(formula.tree):
        symbol = catalogue.symbols.get(dotted_name(node))
        inputs = _inputs_of(catalogue, symbol)
        if isinstance(symbol, Band) or (isinstance(symbol, Indicator) and symbol.input is None):
            return False
        if any(given.level != catalogue.levels[0] or len(given.given_at) > 1 for given in inputs):
            return False
    return True


def _names_input(catalogue: Catalogue, formula: Formula) -> bool:
    nodes = list_value_nodes(formula.tree)
    return any(_inputs_of(catalogue, catalogue.symbols.get(dotted_name(node))) for node in nodes)


def _inputs_of(catalogue: Catalogue, symbol: object) -> list[Input]:
    names: tuple[str, ...] = ()
    if isinstance(symbol, Input):
        names = (symbol.id,)
    elif isinstance(symbol, PartSum):
        names = symbol.cells
    elif isinstance(symbol, Option):
        names = (symbol.owner,)
    return [catalogue.inputs[name] for name in names if name in catalogue.inputs]
