"""What an indicator counts, and of what whole: where it can be said how many more are needed.

`shortfall(x)` has a meaning where one more of what is counted adds one to a sum: to the value
itself, or to the part of a share whose whole stays as it is.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal

from engine.catalogue.meaning import describe_with
from engine.catalogue.model import NUMERIC, Catalogue, Indicator, Input, PartSum, Symbol
from engine.language.grammar import Formula, dotted_name, literal_number
from engine.language.readings.quantity import Describe, Quantity
from engine.language.readings.units import read_units
from engine.units import RATIO, SCHOOL, Unit, same_dimensions

Kind = Literal["count", "share", "share_of_schools"]
HUNDRED = 100


@dataclass(frozen=True, slots=True)
class Counting:
    """How the value of a formula is made of what is counted.

    A count is `part`; a share is `factor` · `part` / `whole`; a share of schools is that of the
    schools where the condition `part` holds. `unit` is that of what is counted.
    """

    kind: Kind
    part: ast.expr
    whole: ast.expr | None = None
    factor: int = HUNDRED
    unit: Unit | None = None


def count_in(
    symbols: Mapping[str, Symbol], describe: Describe, indicator: Indicator
) -> tuple[Counting, ...]:
    """The counting of each formula of an indicator; empty where that of any cannot be told.

    Formulas of different years that count different things cannot either.
    """
    if indicator.type != "number" or indicator.unit is None:
        return ()
    found = [_count_in(symbols, describe, formula) for _year, formula in indicator.formulas]
    known = [one for one in found if one is not None]
    units = {one.unit.id for one in known if one.unit}
    return tuple(known) if len(known) == len(found) and len(units) == 1 else ()


def counted_unit(catalogue: Catalogue, name: str) -> Unit | None:
    """The unit in which an indicator counts, None where it cannot be told what it counts."""
    indicator = catalogue.indicators.get(name)
    if indicator is None:
        return None
    describe = cache(describe_with(catalogue.symbols, catalogue.places))
    found = count_in(catalogue.symbols, describe, indicator)
    return found[0].unit if found else None


def describe_counted(catalogue: Catalogue, describe: Describe) -> Describe:
    """`describe` that also says of indicators what they count, as conditions of advice need it."""

    def described(name: str) -> Quantity | None:
        quantity, indicator = describe(name), catalogue.indicators.get(name)
        if quantity is None or indicator is None:
            return quantity
        counted = count_in(catalogue.symbols, describe, indicator)
        return replace(quantity, counted=counted[0].unit if counted else None)

    return described


def _count_in(
    symbols: Mapping[str, Symbol], describe: Describe, formula: Formula
) -> Counting | None:
    tree = formula.tree
    if _is_call(tree, "share_of_schools"):
        return Counting("share_of_schools", tree.args[0], unit=SCHOOL)  # type: ignore[attr-defined]
    quotient = _read_quotient(tree)
    part, whole, factor = quotient or (tree, None, 1)
    names = [dotted_name(node) for node in ast.walk(part) if isinstance(node, ast.Name)]
    # What stands in a sum twice adds two.
    if len(names) > len(set(names)) or not _adds_one(symbols, part, frozenset()):
        return None
    unit = _unit_of(formula, part, describe)
    if unit is None or not unit.additive or unit.scale != 1:
        return None
    if whole is None:
        return Counting("count", part, unit=unit)
    of = _unit_of(formula, whole, describe)
    if of is None or not same_dimensions(unit, of):
        return None
    return Counting("share", part, whole, factor, unit)


def _read_quotient(tree: ast.expr) -> tuple[ast.expr, ast.expr, int] | None:
    """Part, whole and factor of `share(a, b)`, `100 * a / b`, `100 * (a / b)`, `a / b * 100`, `a / b`."""
    if _is_call(tree, "share"):
        return tree.args[0], tree.args[1], HUNDRED  # type: ignore[attr-defined]
    if not isinstance(tree, ast.BinOp):
        return None
    if isinstance(tree.op, ast.Mult):
        for one, other in ((tree.left, tree.right), (tree.right, tree.left)):
            if literal_number(one) == HUNDRED and isinstance(other, ast.BinOp):
                return _over(other, HUNDRED)
        return None
    inner = tree.left
    if isinstance(tree.op, ast.Div) and isinstance(inner, ast.BinOp):
        for one, other in ((inner.left, inner.right), (inner.right, inner.left)):
            if isinstance(inner.op, ast.Mult) and literal_number(one) == HUNDRED:
                return other, tree.right, HUNDRED
    return _over(tree, 1)


def _over(tree: ast.BinOp, factor: int) -> tuple[ast.expr, ast.expr, int] | None:
    return (tree.left, tree.right, factor) if isinstance(tree.op, ast.Div) else None


def _adds_one(symbols: Mapping[str, Symbol], tree: ast.expr, asked: frozenset[str]) -> bool:
    """Whether one more of what is counted makes the value one larger."""
    if isinstance(tree, ast.Name | ast.Attribute):
        return _name_adds_one(symbols, dotted_name(tree), asked)
    if isinstance(tree, ast.BinOp):
        if isinstance(tree.op, ast.Add):
            return _adds_one(symbols, tree.left, asked) or _adds_one(symbols, tree.right, asked)
        return isinstance(tree.op, ast.Sub) and _adds_one(symbols, tree.left, asked)
    if _is_call(tree, "sum_of_schools"):
        return _adds_one(symbols, tree.args[0], asked)  # type: ignore[attr-defined]
    return _is_call(tree, "schools_with")


def _name_adds_one(symbols: Mapping[str, Symbol], name: str, asked: frozenset[str]) -> bool:
    symbol = symbols.get(name)
    if isinstance(symbol, Indicator):
        return bool(symbol.formulas and name not in asked) and all(
            _adds_one(symbols, formula.tree, asked | {name}) for _year, formula in symbol.formulas
        )
    return isinstance(symbol, PartSum) or (isinstance(symbol, Input) and _is_sum(symbol))


def _is_sum(asked: Input) -> bool:
    return asked.type in NUMERIC and asked.rollup == "sum"


def _unit_of(formula: Formula, tree: ast.expr, describe: Describe) -> Unit | None:
    quantity = read_units(formula.derive(tree), describe).quantity
    unit = quantity.unit if quantity else None
    return None if unit is None or same_dimensions(unit, RATIO) else unit


def _is_call(tree: ast.expr, name: str) -> bool:
    return isinstance(tree, ast.Call) and dotted_name(tree.func) == name
