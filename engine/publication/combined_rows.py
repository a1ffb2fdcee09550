"""Rows made of rows: of other schools, as `x.urban - x.rural`, or of another year, as `change(x)`.

Each name is a sum over its own schools and its own year, so what a reader can compute backwards
are sums over cells of one place, not over inputs. Whatever is no quotient of two such sums has no
reading here.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from engine.catalogue.lookups import inputs_behind
from engine.catalogue.model import Indicator, Input
from engine.language.functions import OVER_YEARS
from engine.language.grammar import dotted_name, literal_number
from engine.publication.groups import RequiredInputs, name_side
from engine.publication.linear import FormulaReader, Quotient, is_summed
from engine.publication.printed_cells import FACT, PrintedCell

Grounded = tuple[dict[PrintedCell, Fraction], Fraction]
"""A sum over cells, with a number added."""
Ratio = tuple[Grounded, Grounded]
"""One such sum over another."""
GroundQuotient = Callable[[Quotient, PrintedCell, RequiredInputs | None], Ratio | None]
_ONE: Grounded = ({}, Fraction(1))
_HUNDRED = Fraction(100)


@dataclass(frozen=True, slots=True)
class CombinedRows:
    """Reads rows by the sums over cells that `ground` gives of a quotient of sums at a place.

    `need`: what a school must have answered and meet to enter a row that names these inputs.
    """

    reader: FormulaReader
    ground: GroundQuotient
    need: Callable[[Indicator, frozenset[str]], RequiredInputs]

    def read(self, row: Indicator, cell: PrintedCell) -> Ratio | None:
        """What a row is made of at a place; None where it is no quotient of sums."""
        formula = self.reader.formula_of(row, cell.year)
        # A plan is compared with facts or plans of the year before, as there are; some schools of a
        # combined row would be those that two conditions leave.
        if formula is None or row.where or cell.scenario != FACT:
            return None
        return self._read(formula.tree, row, cell)

    def _read(self, tree: ast.AST, row: Indicator, cell: PrintedCell) -> Ratio | None:
        number = literal_number(tree)
        if number is not None:
            return ({}, Fraction(repr(number))), _ONE
        if isinstance(tree, ast.Name | ast.Attribute):
            return None if row.same_schools else self._name(dotted_name(tree), cell)
        if isinstance(tree, ast.Call):
            return self._call(tree, row, cell)
        if not isinstance(tree, ast.BinOp):
            return None
        left, right = (self._read(side, row, cell) for side in (tree.left, tree.right))
        return _join(tree.op, left, right) if left and right else None

    def _name(self, name: str, cell: PrintedCell) -> Ratio | None:
        """An input, or an indicator whose schools are its own whatever it stands beside."""
        symbol = self.reader.catalogue.symbols.get(name)
        if isinstance(symbol, Indicator):
            quotient = self.reader.indicator(symbol, cell.year, frozenset(_texts(symbol)))
            if quotient is None or (not symbol.where and len(quotient.names) > 1):
                return None
            need = self.need(symbol, quotient.names) if symbol.where else None
            return self.ground(quotient, cell, need)
        if isinstance(symbol, Input) and is_summed(symbol):
            return self.ground(_quotient_of(name), cell, None)
        return None

    def _call(self, tree: ast.Call, row: Indicator, cell: PrintedCell) -> Ratio | None:
        function = dotted_name(tree.func)
        if function == "share":
            left, right = (self._read(side, row, cell) for side in tree.args)
            ratio = _join(ast.Div(), left, right) if left and right else None
            return ratio and (_times(ratio[0], _HUNDRED), ratio[1])
        if function not in OVER_YEARS:
            return None
        before = self._year(tree.args[0], row, cell._replace(year=cell.year - 1), "before")
        if function == "previous" or before is None:
            return before
        now = self._year(tree.args[0], row, cell, "now")
        difference = _join(ast.Sub(), now, before) if now else None
        if function == "change" or difference is None:
            return difference
        ratio = _join(ast.Div(), difference, before)
        return ratio and (_times(ratio[0], _HUNDRED), ratio[1])

    def _year(self, tree: ast.AST, row: Indicator, cell: PrintedCell, side: str) -> Ratio | None:
        """What is compared, in one of the two years, each over its own schools or over the same ones."""
        name = dotted_name(tree) if isinstance(tree, ast.Name | ast.Attribute) else ""
        symbol = self.reader.catalogue.symbols.get(name)
        if isinstance(symbol, Indicator) and not symbol.same_schools:
            quotient = self.reader.indicator(symbol, cell.year, frozenset(_texts(symbol)))
            need = self.need(symbol, quotient.names) if quotient else frozenset[str]()
        elif isinstance(symbol, Input) and is_summed(symbol):
            quotient, need = _quotient_of(name), frozenset[str]()
        else:
            return None
        if row.same_schools:
            behind = inputs_behind(self.reader.catalogue, (row.id,))
            need = frozenset((*behind, name_side(row.id, side)))
        return self.ground(quotient, cell, need or None) if quotient else None


def _texts(row: Indicator) -> list[str]:
    return [condition.text.strip() for condition in row.where]


def _quotient_of(name: str) -> Quotient:
    return Quotient({name: Fraction(1)}, {"": Fraction(1)})


def _times(total: Grounded, factor: Fraction) -> Grounded:
    return {cell: by * factor for cell, by in total[0].items()}, total[1] * factor


def _plus(one: Grounded, other: Grounded) -> Grounded:
    cells = dict.fromkeys((*one[0], *other[0]))
    terms = {cell: one[0].get(cell, Fraction()) + other[0].get(cell, Fraction()) for cell in cells}
    return {cell: by for cell, by in terms.items() if by}, one[1] + other[1]


def _join(operation: ast.operator, left: Ratio, right: Ratio) -> Ratio | None:
    """The ratio that two make; of what is added or divided both must be plain sums."""
    first, second = (_as_sum(each) for each in (left, right))
    if first is None or second is None:
        return None
    if isinstance(operation, ast.Add | ast.Sub):
        sign = Fraction(1 if isinstance(operation, ast.Add) else -1)
        return _plus(first, _times(second, sign)), _ONE
    if isinstance(operation, ast.Div):
        return first, second
    if isinstance(operation, ast.Mult):
        for number, total in ((first, second), (second, first)):
            if not number[0]:
                return _times(total, number[1]), _ONE
    return None


def _as_sum(ratio: Ratio) -> Grounded | None:
    above, (cells, divisor) = ratio
    return None if cells or not divisor else _times(above, 1 / divisor)


def name_cells(ratio: Ratio) -> Quotient:
    """The inputs that a ratio is made of, without the schools and the years."""
    sides: list[Mapping[str, Fraction]] = [
        {cell.id: Fraction(1) for cell in cells} or {"": Fraction(1)} for cells, _rest in ratio
    ]
    return Quotient(*sides)
