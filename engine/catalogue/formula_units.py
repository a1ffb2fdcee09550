"""Units of every formula of a catalogue: clashes are problems, scaled units are converted."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Literal

from engine.catalogue.lookups import SCALED, list_scales, unit_of_scale
from engine.catalogue.model import (
    NUMERIC,
    TEXTUAL,
    Advice,
    Amount,
    Band,
    Catalogue,
    Check,
    Form,
    Indicator,
    Input,
    Option,
    PartSum,
    RegisterColumn,
    Scale,
    ScaleVersion,
    Symbol,
)
from engine.language.functions import FUNCTIONS, Quantity, SetCall, read_set_call
from engine.language.grammar import Formula, dotted_name, literal_number
from engine.language.readings.dimensions import Describe, Measured, read_units, refuse_class
from engine.problems import Problem
from engine.translation import gettext as _
from engine.units import PLACE, POINT, RATIO, SCHOOL, Unit, same_dimensions

CountedKind = Literal["count", "share", "share_of_schools"]
HUNDRED = 100


def measure_formulas(catalogue: Catalogue) -> tuple[Catalogue, list[Problem]]:
    """The catalogue with conversions of scaled units in its formulas, and all clashes of units."""
    describe = cache(describe_with(catalogue.symbols, catalogue.places))
    problems: list[Problem] = []
    catalogue = _measure_scales(catalogue, describe, problems)
    indicators: dict[str, Indicator] = {}
    register = frozenset(
        name
        for name, symbol in catalogue.symbols.items()
        if (symbol.owner if isinstance(symbol, Option) else name) in catalogue.register
    )
    wrong: set[str] = set()
    for name, indicator in catalogue.indicators.items():
        clashes: list[Problem] = []
        schools = indicator.levels == catalogue.levels[:1]
        indicators[name] = _measure_indicator(
            indicator, describe, register, clashes, schools=schools
        )
        indicators[name] = _measure_targets(indicators[name], describe, clashes)
        if clashes:
            wrong.add(name)
        # The row of a part has the formula of its whole: one mistake is said once.
        if indicator.part is None:
            problems += clashes
        elif name.removesuffix(f".{indicator.part}") not in wrong:
            problems += (problem for problem in clashes if problem.severity == "error")
    checks = {
        name: _measure_check(catalogue, check, describe, problems)
        for name, check in catalogue.checks.items()
    }
    inputs = _measure_conditions(catalogue, describe, problems)
    # Parts share the conditions of their whole.
    narrowed: tuple[Indicator | Form, ...] = (
        *catalogue.indicators.values(),
        *catalogue.forms.values(),
    )
    where = {id(each): each for thing in narrowed for each in thing.where}
    for condition in where.values():
        problems += _not_a_condition(condition, read_units(condition, describe, schools=True))
    advice = {
        name: _measure_advice(catalogue, recommendation, describe, problems)
        for name, recommendation in catalogue.advice.items()
    }
    catalogue = replace(catalogue, checks=checks, advice=advice)
    if all(thing is catalogue.inputs[name] for name, thing in inputs.items()) and all(
        thing is catalogue.indicators[name] for name, thing in indicators.items()
    ):
        return catalogue, problems
    return _take_things(catalogue, inputs, indicators), problems


def _take_things(
    catalogue: Catalogue, inputs: Mapping[str, Input], indicators: Mapping[str, Indicator]
) -> Catalogue:
    """The catalogue with these inputs and indicators, for those of the same ids, as names too."""
    # An indicator without a formula has the id of the input it is: the name is the input's.
    symbols = {
        name: inputs.get(name, symbol)
        if isinstance(symbol, Input)
        else indicators.get(name, symbol)
        if isinstance(symbol, Indicator)
        else symbol
        for name, symbol in catalogue.symbols.items()
    }
    return replace(catalogue, inputs=inputs, indicators=indicators, symbols=symbols)


def _measure_conditions(
    catalogue: Catalogue, describe: Describe, problems: list[Problem]
) -> dict[str, Input]:
    """The inputs with conversions in the conditions under which they are asked."""
    measured: dict[int, Formula] = {}  # parts share the conditions of their whole
    inputs: dict[str, Input] = {}
    for name, declared in catalogue.inputs.items():
        for condition in declared.applies_to + declared.asked_if:
            if id(condition) not in measured:
                reading = read_units(condition, describe, schools=True)
                measured[id(condition)] = reading.formula
                if condition in declared.asked_if:
                    problems += (
                        problem for problem in reading.problems if problem.severity == "error"
                    )
                problems += _not_a_condition(condition, reading)
        asked_if = tuple(measured[id(condition)] for condition in declared.asked_if)
        same = all(new is old for new, old in zip(asked_if, declared.asked_if, strict=True))
        inputs[name] = declared if same else replace(declared, asked_if=asked_if)
    return inputs


def _measure_indicator(
    indicator: Indicator,
    describe: Describe,
    register: frozenset[str],
    problems: list[Problem],
    *,
    schools: bool,
) -> Indicator:
    """The indicator with conversions; `register`: names that are known of schools only.

    `schools`: it has rows at schools alone, so that a yes/no of schools is one of its rows.
    """
    formulas = []
    names = [dotted_name(formula.tree) for _year, formula in indicator.formulas]
    alone = [None if name in register else describe(name) for name in names]
    # A count of schools in one year and a yes/no in another would be one row of both.
    counts = all(quantity is not None and quantity.schools_only for quantity in alone)
    texts = all(quantity is not None and quantity.type == "text" for quantity in alone)
    unit = indicator.unit if indicator.type == "number" else None
    for year, formula in indicator.formulas:
        measured = read_units(formula, describe, unit, schools=schools, bare=counts)
        formulas.append((year, measured.formula))
        problems += measured.problems
        if not measured.problems:
            problems += _check_has_unit(indicator, measured)
            problems += _check_type(indicator, formula, measured, texts=texts)
    if not problems:
        problems += _check_needs_no_unit(indicator)
    if all(new is old for (_, new), (_, old) in zip(formulas, indicator.formulas, strict=True)):
        return indicator
    return replace(indicator, formulas=tuple(formulas))


def _measure_targets(
    indicator: Indicator, describe: Describe, problems: list[Problem]
) -> Indicator:
    """The indicator with conversions in the formulas of its targets; `value` is the indicator."""
    own = Quantity(indicator.type, indicator.unit, title=indicator.short_title)

    def described(name: str) -> Quantity | None:
        return own if name == SCALED else describe(name)

    def measure(formula: Formula | None) -> Formula | None:
        if formula is None:
            return None
        plain = read_units(formula, described, bare=False)
        if not plain.problems and plain.quantity and plain.quantity.type != "number":
            message = _("a target is a number, and this is a condition")
            hint = _("write the number that is due, or its formula")
            place = formula.span(formula.tree)
            problems.append(Problem("target-formula", message, place, hint))
            return formula
        measured = read_units(formula, described, indicator.unit, bare=False)
        problems.extend(measured.problems)
        return measured.formula

    targets = {
        year: replace(
            target, formula=measure(target.formula), formula_to=measure(target.formula_to)
        )
        if target.formulas
        else target
        for year, target in indicator.targets.items()
    }
    if all(made is indicator.targets[year] for year, made in targets.items()):
        return indicator
    return replace(indicator, targets=targets)


def _check_has_unit(indicator: Indicator, measured: Measured) -> Iterator[Problem]:
    quantity = measured.quantity
    if quantity is None or quantity.type != "number" or indicator.type != "number":
        return
    if indicator.unit is None and "unit" not in indicator.positions:
        unit = quantity.unit
        yield Problem(
            "missing-unit",
            _("the indicator “{id}” has no unit").format(id=indicator.id),
            indicator.position,
            _("the formula gives it: write unit: {unit}").format(unit=unit.id)
            if unit and unit.id
            else _("write for instance unit: person"),
        )


def _check_needs_no_unit(indicator: Indicator) -> Iterator[Problem]:
    if indicator.type != "number" and indicator.unit is not None:
        yield Problem(
            "unit-declared",
            _("the formula gives {word}, which has no unit").format(
                word={"yes_no": _("yes/no"), "class": _("a class")}.get(indicator.type, _("text"))
            ),
            indicator.positions.get("unit"),
            _("take the key unit away"),
        )


def _check_type(
    indicator: Indicator, formula: Formula, measured: Measured, *, texts: bool
) -> Iterator[Problem]:
    """The formulas of all years give one type; `texts`: whether that is text."""
    if measured.quantity is not None and measured.quantity.type == "text" and not texts:
        message = _("a text cannot be reckoned with")
        yield Problem("unit-text", message, formula.span(formula.tree))
    elif indicator.type == "yes_no":
        yield from _not_a_condition(formula, measured)
    elif measured.quantity is not None and measured.quantity.type != indicator.type == "class":
        message = _("in one year a class, in another a number")
        yield Problem("unit-class", message, formula.span(formula.tree))
    elif measured.quantity is not None and indicator.type != measured.quantity.type == "class":
        yield Problem("unit-class", refuse_class()[0], formula.span(formula.tree))


# --- scales ---------------------------------------------------------------------------------------


def _measure_scales(catalogue: Catalogue, describe: Describe, problems: list[Problem]) -> Catalogue:
    """The catalogue with conversions in the formulas of its scales."""
    measured = {
        id(scale): _measure_scale(scale, unit_of_scale(catalogue, scale), describe, problems)
        for scale in list_scales(catalogue)
        if scale.formulas
    }
    if not measured:
        return catalogue

    def scale_of(thing: Indicator | Input) -> Scale | None:
        return measured.get(id(thing.scale), thing.scale)

    inputs = {name: replace(x, scale=scale_of(x)) for name, x in catalogue.inputs.items()}
    indicators = {name: replace(x, scale=scale_of(x)) for name, x in catalogue.indicators.items()}
    scales = {name: measured.get(id(scale), scale) for name, scale in catalogue.scales.items()}
    return _take_things(replace(catalogue, scales=scales), inputs, indicators)


def _measure_scale(
    scale: Scale, unit: Unit | None, describe: Describe, problems: list[Problem]
) -> Scale:
    def described(name: str) -> Quantity | None:
        return Quantity("number", unit) if name == SCALED else describe(name)

    def measure(amount: Amount, unit: Unit | None) -> Amount:
        if not isinstance(amount, Formula):
            return amount
        measured = read_units(amount, described, unit, bare=False)
        problems.extend(measured.problems)
        if not measured.problems:
            problems.extend(_not_a_number(amount, measured))
        return measured.formula

    def measure_version(version: ScaleVersion) -> ScaleVersion:
        classes = {
            name: replace(
                each, ends=tuple(replace(e, amount=measure(e.amount, unit)) for e in each.ends)
            )
            for name, each in version.classes.items()
        }
        line = tuple(
            replace(knot, value=measure(knot.value, unit), points=measure(knot.points, POINT))
            for knot in version.line
        )
        return replace(version, classes=classes, line=line)

    return replace(scale, versions=tuple(map(measure_version, scale.versions)))


def _not_a_number(formula: Formula, measured: Measured) -> Iterator[Problem]:
    if measured.quantity is not None and measured.quantity.type != "number":
        yield Problem(
            "scale-unit",
            _("an end of a scale is a number, and this is a condition"),
            formula.span(formula.tree),
        )


# --- checks and recommendations -------------------------------------------------------------------


def _measure_check(
    catalogue: Catalogue, check: Check, describe: Describe, problems: list[Problem]
) -> Check:
    if check.automatic and len({_unit_of(use.id, describe) for use in check.rule.names()}) == 1:
        return check  # counts of one unit: nothing to convert, nothing to complain of
    measured = read_units(
        check.rule, describe, schools=check.level == catalogue.levels[0], bare=False
    )
    problems += (problem for problem in measured.problems if problem.severity == "error")
    problems += _not_a_condition(check.rule, measured)
    same = measured.formula is check.rule
    return check if same else replace(check, rule=measured.formula)


def _measure_advice(
    catalogue: Catalogue, advice: Advice, describe: Describe, problems: list[Problem]
) -> Advice:
    """The recommendation with conversions in its condition."""
    at_schools = advice.level == catalogue.levels[0]
    counted = describe_counted(catalogue, describe)
    measured = read_units(advice.when, counted, schools=at_schools, bare=False)
    problems += (problem for problem in measured.problems if problem.severity == "error")
    problems += _not_a_condition(advice.when, measured)
    same = measured.formula is advice.when
    return advice if same else replace(advice, when=measured.formula)


def _unit_of(name: str, describe: Describe) -> str:
    quantity = describe(name)
    return quantity.unit.id if quantity and quantity.unit else ""


def _not_a_condition(formula: Formula, measured: Measured) -> Iterator[Problem]:
    quantity = measured.quantity
    if measured.problems or quantity is None or quantity.type == "yes_no":
        yield from ()
        return
    hint = ""
    if quantity.type == "number" and not isinstance(formula.tree, ast.Constant):
        hint = _("compare with something: {formula} > 0").format(formula=formula.text)
    elif quantity.type == "text":
        hint = _("name one of its options after a dot")
    yield Problem(
        "not-a-condition",
        _("this must be a condition, one that holds or does not"),
        formula.span(formula.tree),
        hint,
    )


# --- what names mean ------------------------------------------------------------------------------
# The readings of the language know nothing of inputs and indicators; here the two meet.


def describe_with(symbols: Mapping[str, Symbol], levels: tuple[str, ...]) -> Describe:
    """The quantity of a name, for `read_units`; None for a name that is not declared."""
    return partial(_describe, symbols, levels)


def _describe(symbols: Mapping[str, Symbol], levels: tuple[str, ...], name: str) -> Quantity | None:
    symbol = symbols.get(name)
    if isinstance(symbol, Indicator) and symbol.input is not None:
        symbol = symbols.get(symbol.input, symbol)
    if isinstance(symbol, PartSum):
        inner = _describe(symbols, levels, symbol.cells[0])
        return inner and Quantity("number", inner.unit, wholes=wholes_of(symbols, name))
    if isinstance(symbol, Input):
        return _describe_input(symbols, levels, symbol)
    if isinstance(symbol, Option | Band):
        owner = symbols.get(symbol.owner)
        above = isinstance(owner, Input) and owner.level != levels[0]
        # Numbers have a class at every level, answers only at schools.
        only = isinstance(symbol, Option) and len(levels) > 1 and not above
        return Quantity("yes_no", schools_only=only)
    if isinstance(symbol, RegisterColumn):
        return _describe_column(levels, symbol)
    if isinstance(symbol, Indicator):
        return _describe_indicator(symbols, levels, symbol)
    return (
        _describe_level(levels, name)
        if symbol is None
        else Quantity("number", symbol.unit, title=symbol.title)
    )


def _describe_level(levels: tuple[str, ...], name: str) -> Quantity | None:
    """A level as a set, in the unit in which its members are counted; None for what is no level."""
    if name not in levels:
        return None
    return Quantity("word", SCHOOL if name == "school" else PLACE, schools_only=name == levels[0])


def _describe_indicator(
    symbols: Mapping[str, Symbol], levels: tuple[str, ...], symbol: Indicator
) -> Quantity:
    """An indicator that only names a yes/no of schools is one: above them it counts schools."""
    named = None
    # Of a formula that leads back to itself the type is a number: this ends.
    if symbol.type == "yes_no" and symbol.formulas:
        named = _describe(symbols, levels, dotted_name(symbol.formulas[-1][1].tree))
    only = named is not None and named.schools_only
    return Quantity(symbol.type, symbol.unit, schools_only=only, title=symbol.short_title)


def _describe_column(levels: tuple[str, ...], column: RegisterColumn) -> Quantity:
    if column.type == "choice":
        return Quantity("text", title=column.title)
    return Quantity(column.type, None, schools_only=len(levels) > 1, title=column.title)


def _describe_input(
    symbols: Mapping[str, Symbol], levels: tuple[str, ...], symbol: Input
) -> Quantity:
    if symbol.type in TEXTUAL:
        return Quantity("text", title=symbol.short_title)
    if symbol.type == "yes_no":
        only = symbol.level == levels[0] and len(levels) > 1
        return Quantity("yes_no", schools_only=only, title=symbol.short_title)
    wholes = wholes_of(symbols, symbol.id)
    return Quantity("number", symbol.unit, wholes=wholes, title=symbol.short_title)


def wholes_of(
    symbols: Mapping[str, Symbol], name: str, pending: frozenset[str] = frozenset()
) -> frozenset[str]:
    """The names of all that an input is known to lie within, itself included.

    Of `x.ovz` these are `x`, what `x` lies within, and the `ovz` of that where it is declared.
    `pending`: names whose wholes are being looked for, which only a circle comes back to.
    """
    wholes: set[str] = set()
    pending |= {name}
    waiting = [name]
    while waiting:
        current = waiting.pop()
        symbol = symbols.get(current)
        if current in wholes or not isinstance(symbol, Input | PartSum):
            continue
        wholes.add(current)
        if isinstance(symbol, PartSum):
            waiting.append(symbol.id.rpartition(".")[0])
            continue
        whole, _dot, part = current.rpartition(".")
        waiting += [above for above in (symbol.within, symbol.whole) if above]
        if whole not in pending:
            around = wholes_of(symbols, whole, pending) - {whole}
            waiting += [f"{above}.{part}" for above in around]
    return frozenset(wholes)


# --- what an indicator counts ---------------------------------------------------------------------
# `shortfall(x)` has a meaning where one more of what is counted adds one to a sum: to the value
# itself, or to the part of a share whose whole stays as it is.


@dataclass(frozen=True, slots=True)
class Counting:
    """How the value of a formula is made of what is counted.

    A count is `part`; a share is `factor` · `part` / `whole`; a share of schools is that of the
    schools where the condition `part` holds. `unit` is that of what is counted.
    """

    kind: CountedKind
    part: ast.expr
    whole: ast.expr | None = None
    factor: int = HUNDRED
    unit: Unit | None = None


def count_in(
    symbols: Mapping[str, Symbol], describe: Describe, indicator: Indicator
) -> tuple[Counting, ...]:
    """The counting of each formula of an indicator; empty where that of any is not known.

    Formulas of different years that count different things cannot either.
    """
    if indicator.type != "number" or indicator.unit is None:
        return ()
    countings = [_count_in(symbols, describe, formula) for _year, formula in indicator.formulas]
    known = [counting for counting in countings if counting is not None]
    units = {counting.unit.id for counting in known if counting.unit}
    return tuple(known) if len(known) == len(countings) and len(units) == 1 else ()


def counted_unit(catalogue: Catalogue, name: str) -> Unit | None:
    """The unit in which an indicator counts, None where it is not known what it counts."""
    indicator = catalogue.indicators.get(name)
    if indicator is None:
        return None
    describe = cache(describe_with(catalogue.symbols, catalogue.places))
    countings = count_in(catalogue.symbols, describe, indicator)
    return countings[0].unit if countings else None


def is_yes_or_no_at(catalogue: Catalogue, name: str, level: str) -> bool:
    """Whether an indicator counts schools and a level has but one to count: 100 % or 0 %, 1 or 0.

    Such a number says yes or no: nobody is lacking to a target there. An input never does.
    """
    indicator = catalogue.indicators.get(name)
    if indicator is None or level != catalogue.levels[0]:
        return False
    calls = (
        node
        for _year, formula in indicator.formulas
        for node in ast.walk(formula.tree)
        if isinstance(node, ast.Call)
    )
    sets = (read_set_call(call, level) for call in calls)
    counts = any(over and over.members == level and over.how in {"with", "share"} for over in sets)
    unit = counted_unit(catalogue, name) if counts else None
    return unit is not None and unit.id == SCHOOL.id


def describe_counted(catalogue: Catalogue, describe: Describe) -> Describe:
    """`describe` with what indicators count, as conditions of recommendations need it."""

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
    over = _read_over_schools(tree, describe)
    if over is not None and over.how == "share":
        return Counting("share_of_schools", over.trees[0], unit=SCHOOL)
    quotient = _read_quotient(tree)
    part, whole, factor = quotient or (tree, None, 1)
    names = [dotted_name(node) for node in ast.walk(part) if isinstance(node, ast.Name)]
    # What stands in a sum twice adds two.
    if len(names) > len(set(names)) or not _adds_one(symbols, describe, part, frozenset()):
        return None
    unit = _counted_unit_of(formula, part, describe)
    if unit is None or not unit.additive or unit.scale != 1:
        return None
    if whole is None:
        return Counting("count", part, unit=unit)
    of = _counted_unit_of(formula, whole, describe)
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
        for number, other in ((tree.left, tree.right), (tree.right, tree.left)):
            if literal_number(number) == HUNDRED and isinstance(other, ast.BinOp):
                return _over(other, HUNDRED)
        return None
    inner = tree.left
    if isinstance(tree.op, ast.Div) and isinstance(inner, ast.BinOp):
        for number, other in ((inner.left, inner.right), (inner.right, inner.left)):
            if isinstance(inner.op, ast.Mult) and literal_number(number) == HUNDRED:
                return other, tree.right, HUNDRED
    return _over(tree, 1)


def _over(tree: ast.BinOp, factor: int) -> tuple[ast.expr, ast.expr, int] | None:
    return (tree.left, tree.right, factor) if isinstance(tree.op, ast.Div) else None


def _adds_one(
    symbols: Mapping[str, Symbol], describe: Describe, tree: ast.expr, visited: frozenset[str]
) -> bool:
    """Whether one more of what is counted makes the value one larger."""
    if isinstance(tree, ast.Name | ast.Attribute):
        return _name_adds_one(symbols, describe, dotted_name(tree), visited)
    if isinstance(tree, ast.BinOp):
        left = _adds_one(symbols, describe, tree.left, visited)
        if isinstance(tree.op, ast.Add):
            return left or _adds_one(symbols, describe, tree.right, visited)
        return isinstance(tree.op, ast.Sub) and left
    over = _read_over_schools(tree, describe)
    if over is not None and over.how == "sum":
        return _adds_one(symbols, describe, over.trees[0], visited)
    return over is not None and over.how == "with"


def _read_over_schools(tree: ast.expr, describe: Describe) -> SetCall | None:
    """A call of a function over those who report; None for anything else."""
    if not isinstance(tree, ast.Call) or dotted_name(tree.func) not in FUNCTIONS:
        return None
    over = read_set_call(tree, "")
    members = describe(over.members) if over and over.members else None
    is_lowest = over is not None and (not over.members or (members and members.schools_only))
    return over if is_lowest and over and over.trees else None


def _name_adds_one(
    symbols: Mapping[str, Symbol], describe: Describe, name: str, visited: frozenset[str]
) -> bool:
    symbol = symbols.get(name)
    if isinstance(symbol, Indicator):
        return bool(symbol.formulas and name not in visited) and all(
            _adds_one(symbols, describe, formula.tree, visited | {name})
            for _year, formula in symbol.formulas
        )
    return isinstance(symbol, PartSum) or (isinstance(symbol, Input) and _is_sum(symbol))


def _is_sum(declared: Input) -> bool:
    return declared.type in NUMERIC and declared.rollup == "sum"


def _counted_unit_of(formula: Formula, tree: ast.expr, describe: Describe) -> Unit | None:
    quantity = read_units(formula.derive(tree), describe).quantity
    unit = quantity.unit if quantity else None
    return None if unit is None or same_dimensions(unit, RATIO) else unit


def _is_call(tree: ast.expr, name: str) -> bool:
    return isinstance(tree, ast.Call) and dotted_name(tree.func) == name
