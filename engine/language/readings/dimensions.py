"""The reading of units: what a formula is measured in, found before there is any data.

A name is its unit, an operator or function gives another unit or a problem. What is already
known to be wrong is read as None, and nothing further is said of it. Units of one dimension and
another scale (a thousand roubles beside roubles) convert: the factors are put into the tree.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from engine.language.functions import FUNCTIONS, Quantity
from engine.language.grammar import Formula, Reading, dotted_name, read_score
from engine.problems import Problem
from engine.translation import gettext as _
from engine.units import (
    PERCENT,
    PERCENTAGE_POINT,
    POINT,
    RATIO,
    Unit,
    divide_units,
    multiply_units,
    same_dimensions,
)

# --- operands -------------------------------------------------------------------------------------
# What an operator, a choice or a call stands between.


def operands_of(node: ast.AST) -> list[ast.expr]:
    """The parts of a formula that must be of one unit; that which leads comes first."""
    if isinstance(node, ast.BinOp):
        return [node.left, node.right]
    if isinstance(node, ast.Compare):
        return [node.left, *node.comparators]
    if isinstance(node, ast.IfExp):
        return [node.body, node.orelse]
    arguments = list(node.args) if isinstance(node, ast.Call) else []
    # In a share the whole leads: its unit is what the part is counted in.
    is_share = isinstance(node, ast.Call) and dotted_name(node.func) == "share"
    return arguments[::-1] if is_share else arguments


def is_operand(node: ast.AST, tree: ast.AST) -> bool:
    """Whether a part of a formula is an operand of `+ - * /`."""
    return any(
        node in ast.iter_child_nodes(parent)
        for parent in ast.walk(tree)
        if isinstance(parent, ast.BinOp)
        or (isinstance(parent, ast.UnaryOp) and isinstance(parent.op, ast.USub))
    )


# --- conversion -----------------------------------------------------------------------------------
# Conversion of scaled units: a thousand roubles beside roubles gets its factor in the tree.


class Converter:
    """Copies a tree, multiplying the marked parts by their factors."""

    def __init__(self, factors: Mapping[int, Fraction]) -> None:
        self.factors = factors

    def convert(self, node: ast.expr) -> ast.expr:
        """The tree with its factors in it; the original is not touched."""
        fresh = copy.copy(node)
        for field, value in ast.iter_fields(node):
            if isinstance(value, ast.expr) and field != "func":
                setattr(fresh, field, self.convert(value))
            elif isinstance(value, list):
                parts = [self.convert(v) if isinstance(v, ast.expr) else v for v in value]
                setattr(fresh, field, parts)
        factor = self.factors.get(id(node))
        if factor is None:
            return fresh
        number = float(factor) if factor.denominator != 1 else factor.numerator
        scaled = ast.BinOp(fresh, ast.Mult(), ast.Constant(number))
        scaled.conversion = True  # type: ignore[attr-defined] # a bare input stays one
        return ast.copy_location(ast.fix_missing_locations(scaled), node)


# --- containment ----------------------------------------------------------------------------------
# Whether the part of a share is known to lie within its whole.


def note_undeclared_part(formula: Formula, node: ast.Call, describe: Describe) -> Iterator[Problem]:
    """A note on a share whose part is not declared to lie within its whole (`share-not-within`).

    Only sums of inputs are checked. It names the first input of the part that is not declared so.
    """
    parts, wholes = (_bare_names(argument, describe) for argument in node.args)
    known = {name for name, _quantity in wholes}
    undeclared = [
        name for name, quantity in parts if quantity is None or not quantity.wholes & known
    ]
    if undeclared and known:
        message = _("it is not declared that “{part}” lies within “{whole}”").format(
            part=undeclared[0], whole=", ".join(sorted(known))
        )
        hint = _("if it does, write within: at the input, and the data will be checked")
        yield Problem("share-not-within", message, formula.span(node), hint, "note")


def _bare_names(node: ast.AST, describe: Describe) -> list[tuple[str, Quantity | None]]:
    if isinstance(node, ast.Name | ast.Attribute):
        name = dotted_name(node)
        return [(name, describe(name))]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _bare_names(node.left, describe) + _bare_names(node.right, describe)
    return []


# --- the reading ----------------------------------------------------------------------------------


HUNDRED = 100

Describe = Callable[[str], Quantity | None]


@dataclass(frozen=True, slots=True)
class Measured:
    """The result of the reading of units. `formula` has the conversions of scaled units in it."""

    quantity: Quantity | None
    formula: Formula
    problems: tuple[Problem, ...]


def refuse_class() -> tuple[str, str]:
    """What is said where a class stands as a number or a condition, and the fix."""
    return (
        _("a class is neither a number nor a condition"),
        _("name one class of it after a dot: colour.red"),
    )


def show_unit(unit: Unit | None) -> str:
    """A unit inside a message."""
    return f"{unit.title} ({unit.id})" if unit and unit.title != unit.id else str(unit and unit.id)


def read_units(
    formula: Formula,
    describe: Describe,
    declared: Unit | None = None,
    *,
    schools: bool = False,
    bare: bool = True,
) -> Measured:
    """The unit of a formula, and all problems of units in it.

    `describe` gives the quantity of a name, or None where the name has been reported. `declared`,
    where given, is the unit that the result must have. `schools`: the formula is read at schools
    only (a check of schools). `bare`: a yes/no of schools may be the whole formula; above the
    schools its value is the number of schools that answered yes.
    """
    measured = _read_units(formula, describe, declared, schools=schools, bare=bare)
    if declared == POINT and any(each.severity == "error" for each in measured.problems):
        # Points per unit: there a count or a percent times a plain number is points.
        pointed = _read_units(formula, describe, declared, schools=schools, bare=bare, points=True)
        if not any(each.severity == "error" for each in pointed.problems):
            return pointed
    return measured


def _read_units(
    formula: Formula,
    describe: Describe,
    declared: Unit | None,
    *,
    schools: bool,
    bare: bool,
    points: bool = False,
) -> Measured:
    reading = UnitsReading(formula, describe, schools=schools, points=points)
    bare = bare and isinstance(formula.tree, ast.Name | ast.Attribute)
    quantity = reading.read(formula.tree)
    if quantity is not None and quantity.schools_only and not bare and not schools:
        reading.complain_of_schools(quantity, formula.tree)
        quantity = None
    if declared is not None and quantity is not None:
        reading.fit(formula.tree, quantity, declared)
    return Measured(quantity, reading.converted(), tuple(reading.problems))


class UnitsReading(Reading[Quantity | None]):
    """See the module; `problems` and the factors of conversion gather while it reads."""

    def __init__(
        self, formula: Formula, describe: Describe, *, schools: bool, points: bool = False
    ) -> None:
        super().__init__()
        self.points = points
        self.formula = formula
        self.describe = describe
        self.schools = schools
        self.problems: list[Problem] = []
        self.factors: dict[int, Fraction] = {}

    # --- what functions ask for (see `Dimensions` in functions.py) --------------------------

    def as_number(self, quantity: Quantity | None, node: ast.AST) -> Quantity | None:
        """The quantity, if it can be reckoned with."""
        if quantity is None or quantity.type == "number":
            return quantity
        if quantity.type == "yes_no":
            self._complain(
                "unit-yes-no",
                node,
                _("a yes/no is not a number, it cannot be added or divided"),
                self._offer_number(node),
            )
        elif quantity.type == "class":
            self._complain("unit-class", node, *refuse_class())
        else:
            self._complain("unit-text", node, _("a text cannot be reckoned with"))
        return None

    def as_condition(self, quantity: Quantity | None, node: ast.AST) -> Quantity | None:
        """The quantity, if it is a condition."""
        if quantity is None or quantity.type == "yes_no":
            return quantity
        if quantity.type == "class":
            self._complain("unit-class", node, *refuse_class())
            return None
        self._complain(
            "unit-condition",
            node,
            _("a condition is due here, and this is a number"),
            _("compare it with something: {name} > 0").format(name=ast.unparse(node)),
        )
        return None

    def unify(self, node: ast.AST, quantities: list[Quantity | None]) -> Quantity | None:
        """One unit for all; scaled ones convert to that of the first, plain numbers take it.

        `quantities` belong to the operands of `node` in any order; the first that has a unit
        leads. All may be conditions, too (`coalesce` and `if` of yes/no).
        """
        operands = operands_of(node)
        known = list(zip(quantities, operands, strict=True))
        if any(quantity is None for quantity, _node in known):
            return None
        types = {quantity.type for quantity, _node in known if quantity}
        if types == {"yes_no"}:
            only = any(quantity.schools_only for quantity, _node in known if quantity)
            return Quantity("yes_no", schools_only=only)
        if types == {"class"}:
            return known[0][0]
        numbers = [(self.as_number(quantity, operand), operand) for quantity, operand in known]
        lead: Quantity | None = None
        for quantity, operand in numbers:
            if quantity is None:
                return None
            if quantity.unit is None:
                continue
            if lead is None or lead.unit is None:
                lead = quantity
            elif not same_dimensions(lead.unit, quantity.unit):
                self._complain(
                    "unit-clash",
                    operand,
                    _("“{found}” stands beside “{expected}”").format(
                        found=show_unit(quantity.unit), expected=show_unit(lead.unit)
                    ),
                    _("only one unit can be added, subtracted or compared"),
                )
                return None
            else:
                self._convert(operand, quantity.unit.scale / lead.unit.scale)
        return Quantity("number", lead.unit if lead else None)

    def weigh(self, node: ast.Call, quantities: list[Quantity | None]) -> Quantity | None:
        """The unit of a score: that of its members, which share one, or a percent.

        Weights with a unit share one, too, and need `mean` or `share`.
        """
        _settings, *parts = zip(quantities, node.args, strict=True)
        how = node.args[0].value.how  # type: ignore[attr-defined] # see `make_score`
        hint = _(
            "the members of a score have one unit; its scale gives points to a share: points(x)"
        )
        lead = self._unify_parts(parts[::2], "score-unit", hint)
        hint = _("weights of one score have one unit, or none")
        weight = self._unify_parts(parts[1::2], "score-weights", hint)
        if weight is not None and weight.unit is not None and how == "sum":
            first = next(tree for each, tree in parts[1::2] if each is not None and each.unit)
            self._complain(
                "score-weights",
                first,
                _("a weight in “{unit}” stands in a sum").format(unit=show_unit(weight.unit)),
                _("write how: mean, or take plain numbers"),
            )
        if lead is None or weight is None:
            return None
        return Quantity("number", PERCENT) if how == "share" else lead

    def _unify_parts(
        self, parts: Sequence[tuple[Quantity | None, ast.expr]], code: str, hint: str
    ) -> Quantity | None:
        """One unit for the members of a score, or for its weights."""
        lead: Quantity | None = Quantity("number", None)
        for quantity, tree in parts:
            number = self.as_number(quantity, tree)
            if number is None:
                lead = None
            elif lead is not None and number.unit is not None:
                if lead.unit is None:
                    lead = Quantity("number", number.unit)
                elif same_dimensions(lead.unit, number.unit):
                    self._convert(tree, number.unit.scale / lead.unit.scale)
                else:
                    message = _("“{found}” stands beside “{expected}”").format(
                        found=show_unit(number.unit), expected=show_unit(lead.unit)
                    )
                    self._complain(code, tree, message, hint)
                    lead = None
        return lead

    def difference(self, quantity: Quantity | None) -> Quantity | None:
        """The unit of a difference: of percents it is the percentage point."""
        if quantity and quantity.unit and same_dimensions(quantity.unit, PERCENT):
            return Quantity("number", PERCENTAGE_POINT)
        return quantity and Quantity("number", quantity.unit)

    def note_part_of_whole(self, node: ast.Call) -> None:
        """Say (as a note) where a share's part is not known to lie within its whole."""
        self.problems += note_undeclared_part(self.formula, node, self.describe)

    def complain_of_yes_no(self, node: ast.AST) -> None:
        """A yes/no of schools stands where places above the school are looked at too."""
        self._complain(
            "unit-yes-no-above",
            node,
            _("a yes/no of schools has no meaning above the school"),
            self._offer_number(node),
        )

    def _offer_number(self, node: ast.AST) -> str:
        """What makes a number of a yes/no: in a score its points, elsewhere the schools that say yes."""
        hint = _("to count the schools that said yes, write schools_with({name})")
        if read_score(self.formula.tree) is not None:
            hint = _("the points for an answer are points({name})")
        return hint.format(name=ast.unparse(node))

    def complain_of_schools(self, quantity: Quantity, node: ast.AST) -> None:
        """What is known of each school stands where places above the school are looked at too."""
        if quantity.type == "number":
            self._complain(
                "unit-number-above",
                node,
                _("a number of the register has no meaning above the school"),
                _("it stands only in conditions read at schools: schools_with({name} > 0)").format(
                    name=ast.unparse(node)
                )
                if isinstance(node, ast.Name)
                else "",
            )
        elif is_operand(node, self.formula.tree):
            self.as_number(quantity, node)
        else:
            self.complain_of_yes_no(node)

    def fit(self, node: ast.AST, quantity: Quantity, declared: Unit) -> None:
        """Complain where the result is not in the declared unit; convert where only scaled."""
        if quantity.type in {"text", "class"}:
            return
        if quantity.type == "yes_no":
            self._complain(
                "unit-declared",
                node,
                _("the formula gives yes/no, which has no unit, but “{unit}” is declared").format(
                    unit=declared.id
                ),
                _("take the key unit away"),
            )
            return
        unit = quantity.unit
        if unit is None or same_dimensions(unit, declared):
            if unit is not None:
                self._convert(node, unit.scale / declared.scale)
            return
        if unit == PERCENTAGE_POINT and declared == PERCENT:
            return
        hint = ""
        if same_dimensions(unit, RATIO) and declared == PERCENT:
            hint = _("a percentage is 100 times a ratio: {offer}").format(offer=_offer(node))
        self._complain(
            "unit-declared" if read_score(node) is None else "score-unit",
            node,
            _("the formula gives “{found}”, but “{unit}” is declared").format(
                found=show_unit(unit), unit=show_unit(declared)
            ),
            hint,
        )

    # --- the reading ------------------------------------------------------------------------

    def number(self, value: float, node: ast.Constant) -> Quantity | None:
        return Quantity("number", None, hundred=value == HUNDRED, literal=value)

    def name(self, name: str, node: ast.AST) -> Quantity | None:
        quantity = self.describe(name)
        if quantity is not None and quantity.type == "word":
            return None  # a level stands where a value is due: that is reported
        if quantity is not None and quantity.schools_only and not self.schools:
            if node is self.formula.tree:
                return quantity
            self.complain_of_schools(quantity, node)
            return None
        if quantity is not None and quantity.type == "text" and node is not self.formula.tree:
            self._complain(
                "unit-text",
                node,
                _("“{name}” holds text, it cannot be reckoned with").format(name=name),
                quantity.title,
            )
            return None
        return quantity

    def binary(
        self, sign: str, left: Quantity | None, right: Quantity | None, node: ast.BinOp
    ) -> Quantity | None:
        if sign in "+-":
            return self._add(sign, left, right, node)
        left, right = self.as_number(left, node.left), self.as_number(right, node.right)
        if left is None or right is None:
            return None
        return self._multiply(sign, left, right, node)

    def _add(
        self, sign: str, left: Quantity | None, right: Quantity | None, node: ast.BinOp
    ) -> Quantity | None:
        units = {quantity.unit.id for quantity in (left, right) if quantity and quantity.unit}
        if units == {PERCENT.id, PERCENTAGE_POINT.id}:
            return Quantity("number", PERCENT)
        both = left is not None and right is not None and bool(left.unit) and bool(right.unit)
        result = self.unify(node, [left, right])
        return self.difference(result) if sign == "-" and both else result

    def _multiply(
        self, sign: str, left: Quantity, right: Quantity, node: ast.BinOp
    ) -> Quantity | None:
        if self.points and sign == "*" and (left.unit is None) != (right.unit is None):
            unit = left.unit or right.unit
            if unit is not None and (unit.counted or same_dimensions(unit, PERCENT)):
                return Quantity("number", POINT)
        if left.unit is None and right.unit is None:
            hundred = (left.hundred and sign == "*") or (right.hundred and sign == "*")
            return Quantity("number", None, hundred=hundred)
        if sign == "/" and right.literal == HUNDRED and left.unit and _has_percent(left.unit):
            # A hundredth of a percent is a ratio: percents of persons become persons.
            return Quantity("number", divide_units(left.unit, PERCENT))
        units = left.unit or RATIO, right.unit or RATIO
        unit = multiply_units(*units) if sign == "*" else divide_units(*units)
        hundred = left.hundred or (right.hundred and sign == "*")
        if same_dimensions(unit, RATIO):
            self._convert(node, unit.scale)
            unit = PERCENT if hundred and sign in "*/" and (left.unit or right.unit) else RATIO
            return Quantity("number", unit)
        return Quantity("number", unit, hundred=hundred)

    def negate(self, operand: Quantity | None, node: ast.UnaryOp) -> Quantity | None:
        number = self.as_number(operand, node.operand)
        return number and replace(number, wholes=frozenset(), literal=None)

    def invert(self, operand: Quantity | None, node: ast.UnaryOp) -> Quantity | None:
        return self.as_condition(operand, node.operand)

    def logic(self, word: str, values: list[Quantity | None], node: ast.BoolOp) -> Quantity | None:
        conditions = [
            self.as_condition(value, part) for value, part in zip(values, node.values, strict=True)
        ]
        if None in conditions:
            return None
        return Quantity(
            "yes_no", schools_only=any(value.schools_only for value in conditions if value)
        )

    def compare(
        self, signs: list[str], values: list[Quantity | None], node: ast.Compare
    ) -> Quantity | None:
        if values and all(value is not None and value.type == "yes_no" for value in values):
            operand = node.comparators[0]
            self._complain(
                "unit-compare-yes-no",
                operand,
                _("a yes/no is a condition already and is not compared"),
                _("write it alone, or not before it"),
            )
            return None
        return None if self.unify(node, values) is None else Quantity("yes_no")

    def choose(
        self, condition: Quantity | None, yes: Quantity | None, no: Quantity | None, node: ast.IfExp
    ) -> Quantity | None:
        condition = self.as_condition(condition, node.test)
        result = self.unify(node, [yes, no])
        return None if condition is None else result

    def call(self, function: str, arguments: list[ast.expr], node: ast.Call) -> Quantity | None:
        declared = FUNCTIONS.get(function)
        if declared is None or not _fits(len(arguments), declared.least, declared.most):
            return None
        quantities: list[Quantity | None] = []
        for index, argument in enumerate(arguments):
            read, outer = declared.reads(index), self.schools
            if read == "literal" and function != "target":
                quantities.append(self._describe_word(argument))
                continue
            if read == "class":
                quantities.append(Quantity("word"))
                continue
            if read == "in_set":
                members = quantities[0]
                self.schools = members is not None and members.schools_only
            else:
                self.schools = outer or read == "at_schools"
            quantities.append(self.read(argument))
            self.schools = outer
        return declared.units(self, node, quantities)

    def _describe_word(self, node: ast.expr) -> Quantity:
        """A word or a written number; the level of a set has the unit of its members."""
        described = self.describe(dotted_name(node)) if dotted_name(node) else None
        return described if described and described.type == "word" else Quantity("word")

    # --- conversions and complaints ---------------------------------------------------------

    def converted(self) -> Formula:
        """The formula with the factors of conversion in its tree."""
        if not self.factors:
            return self.formula
        return self.formula.derive(Converter(self.factors).convert(self.formula.tree))

    def _convert(self, node: ast.AST, factor: Fraction) -> None:
        if factor != 1:
            self.factors[id(node)] = factor * self.factors.get(id(node), Fraction(1))

    def _complain(self, code: str, node: ast.AST, message: str, hint: str = "") -> None:
        self.problems.append(Problem(code, message, self.formula.span(node), hint))


def _fits(count: int, least: int, most: int | None) -> bool:
    return count >= least and (most is None or count <= most)


def _has_percent(unit: Unit) -> bool:
    return dict(unit.dimensions).get(PERCENT.id, 0) == 1


def _offer(node: ast.AST) -> str:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        return f"share({ast.unparse(node.left)}, {ast.unparse(node.right)})"
    return f"100 * ({ast.unparse(node)})"
