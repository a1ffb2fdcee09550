# ruff: noqa: ARG002, D102 - a reading is given the node of all it reads; `Reading` describes it
"""The reading in exact fractions: targets and constants of one year, without any data."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from fractions import Fraction

from engine.catalogue.model import Catalogue, Constant
from engine.language.grammar import Reading, dotted_name

Value = Fraction | bool | None

_BINARY: Mapping[str, Callable[[Fraction, Fraction], Fraction]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}
_COMPARE: Mapping[str, Callable[[Fraction, Fraction], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}
_OVER_YEARS = ("previous", "change", "growth")


class Exact(Reading[Value]):
    """The value of a formula over targets and constants of one year, in exact fractions."""

    def __init__(self, catalogue: Catalogue, year: int) -> None:
        super().__init__()
        self.catalogue = catalogue
        self.year = year

    def number(self, value: float, node: ast.Constant) -> Value:
        return Fraction(str(value))

    def name(self, name: str, node: ast.AST) -> Value:
        symbol = self.catalogue.symbols.get(name)
        return symbol.values.get(self.year) if isinstance(symbol, Constant) else None

    def binary(self, sign: str, left: Value, right: Value, node: ast.BinOp) -> Value:
        if left is None or right is None or (sign == "/" and right == 0):
            return None
        return _BINARY[sign](Fraction(left), Fraction(right))

    def negate(self, operand: Value, node: ast.UnaryOp) -> Value:
        return None if operand is None else -Fraction(operand)

    def invert(self, operand: Value, node: ast.UnaryOp) -> Value:
        return None if operand is None else not operand

    def logic(self, word: str, values: list[Value], node: ast.BoolOp) -> Value:
        if None in values:
            return None
        return all(values) if word == "and" else any(values)

    def compare(self, signs: list[str], values: list[Value], node: ast.Compare) -> Value:
        known = [Fraction(value) for value in values if value is not None]
        if len(known) < len(values):
            return None
        pairs = zip(signs, known, known[1:], strict=False)
        return all(_COMPARE[sign](left, right) for sign, left, right in pairs)

    def choose(self, condition: Value, yes: Value, no: Value, node: ast.IfExp) -> Value:
        return None if condition is None else yes if condition else no

    def call(self, function: str, arguments: list[ast.expr], node: ast.Call) -> Value:
        if function == "target":
            return self._target(dotted_name(arguments[0]))
        if function in _OVER_YEARS:
            return self._over_years(function, arguments[0])
        values = [self.read(argument) for argument in arguments]
        if function == "coalesce":
            return next((value for value in values if value is not None), None)
        known = [Fraction(value) for value in values if value is not None]
        return _over(function, known) if 0 < len(known) == len(values) else None

    def _over_years(self, function: str, argument: ast.expr) -> Value:
        before = Exact(self.catalogue, self.year - 1).read(argument)
        if function == "previous":
            return before
        now = self.read(argument)
        if before is None or now is None:
            return None
        change = Fraction(now) - Fraction(before)
        if function == "change":
            return change
        return 100 * change / Fraction(before) if before else None

    def _target(self, name: str) -> Value:
        indicator = self.catalogue.indicators.get(name)
        target = indicator.targets.get(self.year) if indicator else None
        return target.value if target else None


def _over(function: str, values: list[Fraction]) -> Value:
    """`share`, `min`, `max`, `abs` and `round` over numbers."""
    first = values[0]
    if function == "share":
        return 100 * first / values[1] if values[1] else None
    if function == "round":
        scale = 10 ** int(values[1]) if values[1:] else 1
        whole = (2 * abs(first) * scale + 1) // 2  # half away from zero
        return Fraction(whole if first >= 0 else -whole, scale)
    return {"min": min(values), "max": max(values), "abs": abs(first)}.get(function)
