"""Formulas read as a quotient of two sums of counts: what a reader can compute backwards.

Whatever is no such quotient (a median, a maximum, a condition) has no reading here; it is then
shown only where everything it depends on is shown.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from engine.catalogue.lookups import inputs_behind, scaled_by
from engine.catalogue.model import (
    NUMERIC,
    Band,
    Catalogue,
    Constant,
    Indicator,
    Input,
    PartSum,
)
from engine.language.functions import FUNCTIONS, OVER_YEARS, SetCall, read_set_call
from engine.language.grammar import Formula, dotted_name, literal_number, read_score

Sum = Mapping[str, Fraction]
"""Ids of inputs with their factors; the number by itself stands under the empty id."""
Conditions = frozenset[str]
"""Texts of conditions over the register, which all hold."""
_HUNDRED = Fraction(100)
_SIGNS: Mapping[type[ast.cmpop], tuple[int, ...]] = {
    ast.LtE: (-1,),
    ast.Lt: (-1,),
    ast.GtE: (1,),
    ast.Gt: (1,),
    ast.Eq: (-1, 1),
}
_CONDITIONAL = frozenset(("only", "points", "lookup", "degree"))
_OF_ONE_MEMBER = frozenset({"min", "max", "median", "percentile"})
"""Functions over a set that pick the number of one or two of its members."""


@dataclass(frozen=True, slots=True)
class Quotient:
    """`above` / `below`."""

    above: Sum
    below: Sum

    @property
    def names(self) -> frozenset[str]:
        """The inputs that it is made of."""
        return frozenset((*self.above, *self.below)) - {""}

    @property
    def whole(self) -> Sum | None:
        """The sum that it is where it divides by a plain number."""
        factor = find_constant(self.below)
        return None if not factor else scale(self.above, 1 / factor)


def is_summed(given: Input) -> bool:
    """Whether the number of a place is the sum over the places below it.

    Of one that several levels give: from the highest of them upwards (`summed_from`).
    """
    if given.lower is not None:
        return False  # its rows stand under the id of the lowest level
    if given.type == "yes_no":
        return given.rollup == "schools"
    return given.type in NUMERIC and given.rollup == "sum"


def summed_from(given: Input) -> str:
    """The highest level that gives an input: places above it have what those of it have together."""
    return [given.level, *given.given_at][-1]


@dataclass(frozen=True)
class FormulaReader:
    """Reads the formulas of a catalogue; each indicator's once."""

    catalogue: Catalogue

    @cached_property
    def _read(self) -> dict[tuple[str, int, Conditions], Quotient | None]:
        return {}

    def formula_of(self, row: Indicator, year: int) -> Formula | None:
        """The formula in force in a year."""
        in_force = None
        for since, formula in row.formulas:
            if since is None or since <= year:
                in_force = formula
        return in_force

    def indicator(
        self, row: Indicator, year: int, within: Conditions = frozenset()
    ) -> Quotient | None:
        """What an indicator counts in a year; `within`: the conditions of what names it.

        All that it is made of is of the same schools: what is narrower has no reading here.
        """
        within |= list_conditions(row)
        key = (row.id, year, within)
        if key not in self._read:
            self._read[key] = None  # one that names itself has no reading
            formula = self.formula_of(row, year)
            self._read[key] = self.read(formula.tree, year, within) if formula else None
        return self._read[key]

    def rules(self, tree: ast.expr, year: int) -> Iterator[Sum]:
        """Sums that are not negative where a condition holds; nothing of what is no comparison of sums."""
        if isinstance(tree, ast.BoolOp) and isinstance(tree.op, ast.And):
            for value in tree.values:
                yield from self.rules(value, year)
        if not isinstance(tree, ast.Compare):
            return
        sides = [self.read(side, year) for side in (tree.left, *tree.comparators)]
        sums = [side.whole if side else None for side in sides]
        for left, sign, right in zip(sums, tree.ops, sums[1:], strict=False):
            if left is not None and right is not None:
                for direction in _SIGNS.get(type(sign), ()):
                    yield scale(add(left, scale(right, Fraction(-1))), Fraction(direction))

    def read(self, tree: ast.AST, year: int, within: Conditions = frozenset()) -> Quotient | None:
        """A tree as a quotient of sums over the schools of some conditions; None where it is none."""
        number = literal_number(tree)
        if number is not None:
            return _over({"": Fraction(repr(number))})
        if isinstance(tree, ast.Name | ast.Attribute):
            return self._name(dotted_name(tree), year, within)
        if isinstance(tree, ast.UnaryOp) and isinstance(tree.op, ast.USub):
            inner = self.read(tree.operand, year, within)
            return inner and Quotient(scale(inner.above, Fraction(-1)), inner.below)
        if isinstance(tree, ast.Call):
            return self._call(tree, year, within)
        if not isinstance(tree, ast.BinOp):
            return None
        left, right = (self.read(side, year, within) for side in (tree.left, tree.right))
        join = _JOINS.get(type(tree.op))
        return join(left, right) if left and right and join else None

    def _name(self, name: str, year: int, within: Conditions) -> Quotient | None:
        symbol = self.catalogue.symbols.get(name)
        if isinstance(symbol, Input) and is_summed(symbol):
            return _over({name: Fraction(1)})
        if isinstance(symbol, PartSum):
            parts = (self.catalogue.inputs[cell] for cell in symbol.cells)
            return (
                _over(dict.fromkeys(symbol.cells, Fraction(1)))
                if all(map(is_summed, parts))
                else None
            )
        if isinstance(symbol, Constant):
            value = symbol.values.get(year)
            return None if value is None or symbol.level else _over({"": value})
        if not isinstance(symbol, Indicator) or not list_conditions(symbol) <= within:
            return None
        return self.indicator(symbol, year, within)

    def _call(self, tree: ast.Call, year: int, within: Conditions) -> Quotient | None:
        function = dotted_name(tree.func)
        over = read_set_call(tree, self.catalogue.levels[0]) if function in FUNCTIONS else None
        if over is not None:
            return self._over_set(over, year, within)
        read = [self.read(each, year, within) for each in tree.args]
        known = [each for each in read if each is not None]
        if len(known) < len(read):
            return None
        if function == "share":
            quotient = _divide(*known)
            return quotient and Quotient(scale(quotient.above, _HUNDRED), quotient.below)
        return None

    def _over_set(self, over: SetCall, year: int, within: Conditions) -> Quotient | None:
        """A sum over schools; over the places of a level above, each has its own schools in it."""
        if over.members != self.catalogue.levels[0] or not over.trees:
            return None
        if over.how == "sum":
            total = self.read(over.trees[0], year, within)
            # What the places above give themselves is not what their schools have.
            is_given = total and any(self.catalogue.inputs[name].given_at for name in total.names)
            return None if is_given else total
        # How many schools said yes is what their answers add up to.
        given = self.catalogue.inputs.get(dotted_name(over.trees[0]))
        if over.how == "with" and given is not None and given.type == "yes_no":
            return self.read(over.trees[0], year, within)
        return None


def list_conditions(row: Indicator) -> Conditions:
    """The conditions that a school must meet to count in a row, as they are written."""
    return frozenset(condition.text.strip() for condition in row.where)


def looks_around(catalogue: Catalogue, formula: Formula) -> tuple[bool, bool]:
    """Whether a formula looks at other places, and at other years, itself or by what it names."""
    places = years = False
    for call, name in _list_calls(catalogue, formula):
        function = FUNCTIONS.get(name)
        reads = {function.reads(at) for at in range(len(call.args))} if function else set()
        places |= bool(reads & {"at_schools", "in_set", "at_peers", "above"}) or name == "at"
        years |= name in OVER_YEARS or "a_year_before" in reads
        if name in {"target", "degree"} and _is_target_computed(catalogue, call):
            places = years = True
    return places, years


def _is_target_computed(catalogue: Catalogue, call: ast.Call) -> bool:
    """Whether the target that a call reads is made of data somewhere."""
    indicator = catalogue.indicators.get(dotted_name(call.args[0])) if call.args else None
    return indicator is not None and any(each.formulas for each in indicator.targets.values())


def find_picked(catalogue: Catalogue, formula: Formula) -> frozenset[str]:
    """The levels out of whose places a formula picks the number of one."""
    calls = (
        read_set_call(call, catalogue.levels[0])
        for call, name in _list_calls(catalogue, formula)
        if name in FUNCTIONS
    )
    return frozenset(
        over.members for over in calls if over is not None and over.how in _OF_ONE_MEMBER
    )


def is_conditional(catalogue: Catalogue, formula: Formula) -> bool:
    """Whether the data decide if a formula has a value, by itself or by what it names."""
    return any(
        name in _CONDITIONAL or read_score(call) is not None
        for call, name in _list_calls(catalogue, formula)
    )


def list_asking(catalogue: Catalogue, inputs: Iterable[str]) -> Iterator[str]:
    """The inputs whose answers decide of whom these are asked."""
    waiting, seen = list(inputs), set[str]()
    while waiting:
        given = catalogue.inputs[waiting.pop()]
        names = [use.id for each in (*given.asked_if, *given.applies_to) for use in each.names()]
        names += [given.asked_when] if given.asked_when else []
        for name in inputs_behind(catalogue, names):
            if name not in seen:
                seen.add(name)
                waiting.append(name)
                yield name


def _list_calls(catalogue: Catalogue, formula: Formula) -> Iterator[tuple[ast.Call, str]]:
    """The functions a formula calls, itself or by the indicators and the scales that it names."""
    waiting, seen = [formula], set[str]()
    while waiting:
        current = waiting.pop()
        yield from ((call, use.id) for call, use in current.calls())
        for name in current.names():
            symbol = catalogue.symbols.get(name.id)
            owner = symbol.owner if isinstance(symbol, Band) else name.id
            scaled = scaled_by(catalogue, owner)
            if scaled is not None and f"scale:{owner}" not in seen:
                seen.add(f"scale:{owner}")
                waiting += scaled.scale.formulas
            if isinstance(symbol, Indicator) and name.id not in seen:
                seen.add(name.id)
                waiting += [inner for _year, inner in symbol.formulas]


# --- arithmetic --------------------------------------------------------------------------------


def add(left: Sum, right: Sum) -> Sum:
    """The sum of two sums, without what cancels out."""
    names = dict.fromkeys((*left, *right))
    total = {name: left.get(name, Fraction()) + right.get(name, Fraction()) for name in names}
    return {name: factor for name, factor in total.items() if factor}


def scale(terms: Sum, factor: Fraction) -> Sum:
    """A sum times a number."""
    return {name: each * factor for name, each in terms.items()} if factor else {}


def find_constant(terms: Sum) -> Fraction | None:
    """The number that a sum is where it names no input."""
    return terms.get("", Fraction()) if not set(terms) - {""} else None


def _over(above: Sum) -> Quotient:
    return Quotient(above, {"": Fraction(1)})


def _multiply(left: Quotient, right: Quotient) -> Quotient | None:
    for first, second in ((left, right), (right, left)):
        above, below = find_constant(first.above), find_constant(first.below)
        if above is not None and below:
            return Quotient(scale(second.above, above / below), second.below)
    return None


def _divide(left: Quotient, right: Quotient) -> Quotient | None:
    above, below = left.whole, right.whole
    return Quotient(above, below) if above is not None and below else None


def _together(left: Quotient, right: Quotient, sign: int) -> Quotient | None:
    if dict(left.below) == dict(right.below):
        return Quotient(add(left.above, scale(right.above, Fraction(sign))), left.below)
    first, second = left.whole, right.whole
    if first is None or second is None:
        return None
    return _over(add(first, scale(second, Fraction(sign))))


_JOINS: Mapping[type[ast.operator], Callable[[Quotient, Quotient], Quotient | None]] = {
    ast.Add: lambda left, right: _together(left, right, 1),
    ast.Sub: lambda left, right: _together(left, right, -1),
    ast.Mult: _multiply,
    ast.Div: _divide,
}
