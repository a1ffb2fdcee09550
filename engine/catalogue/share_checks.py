"""Checks that shares make by themselves: at no school is the part more than the whole.

`share(part, whole)` says that the one lies within the other. Where that is declared too (`within`,
`of_which`), the inputs are checked already; where a value may exceed 100 %, the formula says so by
being written `100 * a / b`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping

from engine.catalogue.meaning import wholes_of
from engine.catalogue.model import NUMERIC, Check, Indicator, Input, PartSum, Symbol
from engine.i18n import gettext as _
from engine.language.grammar import Formula, dotted_name


def check_shares(
    indicators: Iterable[Indicator], symbols: Mapping[str, Symbol], levels: tuple[str, ...]
) -> Iterator[Check]:
    """A check for every share of plain inputs that is not checked otherwise."""
    for indicator in indicators:
        made: set[str] = set()
        for _year, formula in indicator.formulas:
            for node, use in formula.calls():
                if use.id != "share" or len(node.args) != 2:  # noqa: PLR2004 - part and whole
                    continue
                rule = ast.Compare(node.args[0], [ast.LtE()], [node.args[1]])
                text = ast.unparse(rule)
                level = _level_of(node.args, symbols, levels)
                if level is None or text in made or _is_within(node.args, symbols):
                    continue
                made.add(text)
                yield Check(
                    id=f"share:{indicator.id}" + (f":{len(made)}" if len(made) > 1 else ""),
                    rule=Formula(text, formula.span(node), rule, derived=True),
                    message=_("the part is more than the whole: “{title}”").format(
                        title=indicator.title
                    ),
                    severity="error",
                    level=level,
                    automatic=True,
                    position=formula.span(node),
                )


def _names(tree: ast.expr) -> set[str] | None:
    """The names of a sum of inputs; None for whatever is computed otherwise."""
    if isinstance(tree, ast.Name | ast.Attribute):
        return {dotted_name(tree)}
    if isinstance(tree, ast.BinOp) and isinstance(tree.op, ast.Add):
        left, right = _names(tree.left), _names(tree.right)
        return None if left is None or right is None else left | right
    return None


def _level_of(
    arguments: list[ast.expr], symbols: Mapping[str, Symbol], levels: tuple[str, ...]
) -> str | None:
    """The level at which sums of inputs are compared: the lowest that gives one of them."""
    found: list[Input] = []
    for argument in arguments:
        names = _names(argument)
        if names is None:
            return None
        for name in names:
            symbol = symbols.get(name)
            if isinstance(symbol, PartSum):
                symbol = symbols.get(symbol.cells[0])
            if not isinstance(symbol, Input) or symbol.type not in NUMERIC:
                return None
            found.append(symbol)
    if len({one.unit.dimensions for one in found if one.unit}) > 1:
        return None  # that the units clash is said already
    given = {one.level for one in found} & set(levels)
    return min(given, key=levels.index, default=None)


def _is_within(arguments: list[ast.expr], symbols: Mapping[str, Symbol]) -> bool:
    parts, wholes = (_names(argument) or set() for argument in arguments)
    return all(wholes_of(symbols, part) & wholes for part in parts)
