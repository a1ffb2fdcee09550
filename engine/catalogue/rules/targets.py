"""Targets: years, decimals, ends of `between`; and the checks that an order makes of its targets."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction

from engine.catalogue.build.checks import CATALOGUE
from engine.catalogue.formula_units import wholes_of
from engine.catalogue.lookups import SCALED
from engine.catalogue.model import Catalogue, Check, Constant, Indicator, Input, Target
from engine.catalogue.rules.names import formulas_of, has_known_names
from engine.language.functions import FUNCTIONS, OVER_YEARS
from engine.language.grammar import COMPARE, Formula, Reading, dotted_name
from engine.problems import Problem, Severity, suggest_name
from engine.translation import chosen_language
from engine.translation import gettext as _
from engine.units import PERCENT, format_number

# ruff: noqa: ARG002, D102 - a reading is given the node of all it reads; `Reading` describes it
_Value = Fraction | bool | None
_BINARY: Mapping[str, Callable[[Fraction, Fraction], Fraction]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}
_WHOLE = 100
_FAR = 3  # times: how far targets of other years may lie from one written as a share
_FUNCTIONS = frozenset(
    (
        *("target", "share", "previous", "change", "growth", "abs", "min", "max", "round"),
        *("coalesce", "clamp"),
    )
)


def check_targets(catalogue: Catalogue) -> Iterable[Problem]:
    """Every target can be reached or missed, and is printed whole."""
    for indicator in catalogue.indicators.values():
        known = has_known_names(catalogue, indicator)
        for target in indicator.targets.values():
            yield from _check_year(catalogue, target)
            if known:
                yield from _check_kind(catalogue, indicator, target)
            if (
                target.value is not None
                and target.value_to is not None
                and target.value > target.value_to
            ):
                yield Problem(
                    "target-between",
                    _("between: the first number is larger than the second"),
                    target.position,
                    _("exchange them"),
                )
            for formula in target.formulas:
                yield from _check_own_value(formula)
        if known and indicator.type != "number":
            yield from _refuse_base(indicator)
        if indicator.part is None and indicator.unit == PERCENT:
            yield from _doubt_share(indicator)
            yield from _doubt_whole(catalogue, indicator)
        yield from _check_decimals(indicator)
        yield from _check_comparator(catalogue, indicator)


def _check_own_value(formula: Formula) -> Iterator[Problem]:
    """`value` stands for the indicator only in another year: its own target is no matter of its value."""
    inside = {
        id(node)
        for call, use in formula.calls()
        if use.id in FUNCTIONS
        for index, argument in enumerate(call.args)
        if FUNCTIONS[use.id].reads(index) == "a_year_before"
        for node in ast.walk(argument)
    }
    for node in ast.walk(formula.tree):
        if dotted_name(node) == SCALED and id(node) not in inside:
            yield Problem(
                "target-value",
                _("“value” is what is judged: in its target it stands only a year before"),
                formula.span(node),
                _("write previous(value)"),
            )


def _refuse_base(indicator: Indicator) -> Iterator[Problem]:
    for base in indicator.base.values():
        message = _("“{id}” is no number, it has no base").format(id=indicator.id)
        yield Problem("target-kind", message, base.position, _("take the base away"))


def _doubt_share(indicator: Indicator) -> Iterator[Problem]:
    """A target of 0.85 % where those of other years are near 85 %: a share written for a percentage."""
    language = chosen_language()
    written = [*indicator.targets.values(), *indicator.base.values()]
    usual = [each.value for each in written if each.value is not None and each.value >= 1]
    for target in indicator.targets.values():
        value = target.value
        if value is None or not 0 < value < 1 or target.is_computed or target.increase is not None:
            continue
        percent = 100 * value
        near = [each for each in usual if percent / _FAR < each < percent * _FAR]
        if near:
            yield Problem(
                "target-share",
                _("the target {value} % stands beside {other} %: is it {percent} %?").format(
                    value=format_number(value, None, language),
                    other=format_number(near[-1], None, language),
                    percent=format_number(percent, None, language),
                ),
                target.position,
                _("percentages are written from 0 to 100: {percent:g}, not {value:g}").format(
                    percent=float(percent), value=float(value)
                ),
                "warning",
                about=indicator.id,
            )


def _doubt_whole(catalogue: Catalogue, indicator: Indicator) -> Iterator[Problem]:
    """A target above 100 % for a share of what lies within its whole."""
    formulas = [formula for _year, formula in indicator.formulas]
    if not formulas or not all(_is_share(catalogue, formula) for formula in formulas):
        return
    for target in indicator.targets.values():
        if target.value is None or target.is_computed or target.value <= _WHOLE:
            continue
        yield Problem(
            "target-over-whole",
            _(
                "the target is {value} %, but what lies within a whole is never above 100 % of it"
            ).format(value=format_number(target.value, None, chosen_language())),
            target.position,
            _("correct the target; if the part may be larger than the whole, take its within away"),
            "warning",
            about=indicator.id,
        )


def _is_share(catalogue: Catalogue, formula: Formula) -> bool:
    """Whether it is nothing but `share` of inputs that lie within the input they are divided by."""
    call = formula.tree
    if not isinstance(call, ast.Call) or dotted_name(call.func) != "share" or len(call.args) != 2:  # noqa: PLR2004 - part and whole
        return False
    part, whole = map(dotted_name, call.args)
    return part in catalogue.inputs and whole in wholes_of(catalogue.symbols, part)


def check_degrees(catalogue: Catalogue) -> Iterable[Problem]:
    """`degree` names an indicator, one that has a target."""
    for formula in formulas_of(catalogue):
        for call, use in formula.calls():
            if use.id != "degree" or len(call.args) != 1:
                continue
            name = dotted_name(call.args[0])
            indicator = catalogue.indicators.get(name)
            if indicator is not None and indicator.targets:
                continue
            if indicator is None and name not in catalogue.symbols and name:
                continue  # an unknown name is complained of as such
            known = [each.id for each in catalogue.indicators.values() if each.targets]
            yield Problem(
                "degree-target",
                _("degree(x) needs an indicator with a target, and “{name}” is none").format(
                    name=name or ast.unparse(call.args[0])
                ),
                formula.span(call.args[0]),
                suggest_name(name, known) or _("write targets at the indicator, and name it here"),
                about=name,
            )


def note_changes(catalogue: Catalogue) -> Iterable[Problem]:
    """A formula that changes by year, where the catalogue does not say that the series breaks there."""
    for indicator in catalogue.indicators.values():
        if indicator.part is not None:
            continue
        for year, formula in indicator.formulas[1:]:
            if year is None or year in indicator.breaks:
                continue
            yield Problem(
                "formula-changes",
                _(
                    "the formula of “{id}” changes in {year}: the change over that year is shown"
                ).format(id=indicator.id, year=year),
                formula.position,
                _("if the numbers are not comparable, write break: [{year}]").format(year=year),
                severity="note",
            )


def _check_year(catalogue: Catalogue, target: Target) -> Iterator[Problem]:
    if target.year in catalogue.years or catalogue.is_library:
        return
    yield Problem(
        "target-year",
        _("the target's year {year} is not among the catalogue's years: {years}").format(
            year=target.year, years=", ".join(map(str, catalogue.years)) or "—"
        ),
        target.year_position,
        _("correct the year, or add it to catalogue: years"),
        about=str(target.year),
    )


def _check_kind(catalogue: Catalogue, indicator: Indicator, target: Target) -> Iterator[Problem]:
    """`yes` for a yes/no, a number for a number, nothing for a text."""
    if not target.is_set and target.increase is None:
        return
    if indicator.type in {"text", "class"}:
        message = _("“{id}” is a text, it has no target")
        hint = _("take the target away")
        if indicator.type == "class":
            message = _("“{id}” is a class, it has no target")
            hint = _("make a yes/no of it, for instance {id}.good, with the target yes")
        message, hint = message.format(id=indicator.id), hint.format(id=indicator.id)
        yield Problem("target-kind", message, target.position, hint, about=indicator.id)
    elif (indicator.type == "yes_no") == (target.comparator == "yes"):
        return
    elif target.comparator == "yes":
        message = _("“{id}” is a number, its target cannot be yes").format(id=indicator.id)
        hint = _("write the number that is due, or a condition in the formula")
        yield Problem("target-kind", message, target.position, hint, about=indicator.id)
    elif not counts_schools(catalogue, indicator):
        message = _("“{id}” is a yes/no, its target is yes").format(id=indicator.id)
        hint = _("write {year}: yes").format(year=target.year)
        yield Problem("target-kind", message, target.position, hint, about=indicator.id)


def counts_schools(catalogue: Catalogue, indicator: Indicator) -> bool:
    """Whether it is a bare yes/no of schools: above them it is the number that said yes."""
    lowest = catalogue.levels[0]
    named = [catalogue.symbols.get(formula.text) for _year, formula in indicator.formulas]
    return (
        bool(named)
        and all(isinstance(symbol, Input) and symbol.level == lowest for symbol in named)
        and indicator.target_levels != (lowest,)
    )


def _check_decimals(indicator: Indicator) -> Iterator[Problem]:
    """One problem for all targets: that of the target with most decimals."""
    target = max(indicator.targets.values(), key=lambda target: target.decimals, default=None)
    if indicator.type != "number" or target is None or target.decimals <= indicator.decimals:
        return
    yield Problem(
        "few-decimals",
        _(
            "the target has more decimals ({target}) than “{id}” is printed with ({decimals})"
        ).format(target=target.decimals, id=indicator.id, decimals=indicator.decimals),
        indicator.positions.get("decimals") or target.position,
        _("write decimals: {decimals}").format(decimals=target.decimals),
    )


def check_comparators(catalogue: Catalogue) -> Iterable[Problem]:
    """Targets by which nothing is judged, where nobody has said that nothing is to be."""
    # What the catalogue says of itself may be lost, or be said where a library is used.
    is_known = catalogue.positions and not catalogue.is_library
    if not is_known or "defaults.comparator" in catalogue.positions:
        return
    for indicator in catalogue.indicators.values():
        is_written = indicator.formulas or indicator.input or indicator.score
        if indicator.type != "number" or indicator.part is not None or not is_written:
            continue
        silent = [each for each in indicator.targets.values() if each.comparator == "none"]
        silent = [each for each in silent if each.is_set]
        if silent and "comparator" not in indicator.positions:
            yield Problem(
                "target-not-compared",
                _(
                    "it is not said how “{id}” is compared with its target: nothing is judged by it"
                ).format(id=indicator.id),
                silent[0].position,
                _(
                    "write {{at_least: …}} or {{at_most: …}}; for all targets at once, in catalogue: "
                    "defaults: {{comparator: at_least}}; none, if nothing is to be judged"
                ).format(),
                "warning",
            )


def _check_comparator(catalogue: Catalogue, indicator: Indicator) -> Iterator[Problem]:
    written = indicator.positions.get("comparator")
    if written is None or indicator.part is not None or indicator.type == "number":
        return
    if indicator.type == "yes_no" and counts_schools(catalogue, indicator):
        return
    yield Problem(
        "needless-comparator",
        _("“{id}” is no number, it needs no comparator").format(id=indicator.id),
        written,
        _("take the key comparator away"),
        about=indicator.id,
    )


# --- checks of the order itself -------------------------------------------------------------------
# `level: catalogue`: over targets and constants, without data.


def check_order(catalogue: Catalogue) -> Iterable[Problem]:
    """Whether each `level: catalogue` check holds, in every year that has the targets it names."""
    for check in catalogue.checks.values():
        if check.level != CATALOGUE:
            continue
        strange = tuple(_refuse_names(catalogue, check.rule))
        yield from strange
        failed = [
            year for year in catalogue.years if not strange and _fails(catalogue, check, year)
        ]
        if failed:
            severity: Severity = "note" if check.accepted else check.severity
            years = ", ".join(map(str, failed))
            yield Problem(
                "order-check",
                _("{message} ({id}; years: {years})").format(
                    message=check.message, id=check.id, years=years
                ),
                check.rule.span(check.rule.tree),
                _("accepted: {reason}").format(reason=check.accepted)
                if check.accepted
                else _("if the order says so, write accepted: and the reason"),
                severity,
            )


def check_accepted(catalogue: Catalogue) -> Iterable[Problem]:
    """Checks of data that are accepted: they print nothing, so they are listed with --all."""
    for check in catalogue.checks.values():
        if check.accepted and check.level != CATALOGUE:
            yield Problem(
                "accepted-check",
                _("the check “{id}” is accepted and prints nothing: {message}").format(
                    id=check.id, message=check.message
                ),
                check.position,
                _("accepted: {reason}").format(reason=check.accepted),
                "note",
            )


def _refuse_names(catalogue: Catalogue, rule: Formula) -> Iterator[Problem]:
    """What has no value without data. Unknown names and functions are complained of elsewhere."""
    targets = set()
    for call, use in rule.calls():
        if use.id == "target":
            targets |= {id(argument) for argument in call.args}
        elif use.id not in _FUNCTIONS and use.id in FUNCTIONS:
            yield _needs_data(use.id, rule, call)
    for node in ast.walk(rule.tree):
        name = dotted_name(node)
        symbol = catalogue.symbols.get(name)
        if symbol is None or id(node) in targets:
            continue
        if not isinstance(symbol, Constant) or symbol.level is not None:
            yield _needs_data(name, rule, node)


def _needs_data(name: str, rule: Formula, node: ast.AST) -> Problem:
    return Problem(
        "order-needs-data",
        _("“{name}” needs data, but a check of the catalogue runs without").format(name=name),
        rule.span(node),
        _("name only target(x) and constants here, or check at another level"),
    )


def _fails(catalogue: Catalogue, check: Check, year: int) -> bool:
    return ExactReading(catalogue, year).read(check.rule.tree) is False


# --- values in exact fractions --------------------------------------------------------------------


class ExactReading(Reading[_Value]):
    """The value of a formula over targets and constants of one year, in exact fractions."""

    def __init__(self, catalogue: Catalogue, year: int) -> None:
        super().__init__()
        self.catalogue = catalogue
        self.year = year

    def number(self, value: float, node: ast.Constant) -> _Value:
        return Fraction(str(value))

    def name(self, name: str, node: ast.AST) -> _Value:
        symbol = self.catalogue.symbols.get(name)
        return symbol.values.get(self.year) if isinstance(symbol, Constant) else None

    def binary(self, sign: str, left: _Value, right: _Value, node: ast.BinOp) -> _Value:
        if left is None or right is None or (sign == "/" and right == 0):
            return None
        return _BINARY[sign](Fraction(left), Fraction(right))

    def negate(self, operand: _Value, node: ast.UnaryOp) -> _Value:
        return None if operand is None else -Fraction(operand)

    def invert(self, operand: _Value, node: ast.UnaryOp) -> _Value:
        return None if operand is None else not operand

    def logic(self, word: str, values: list[_Value], node: ast.BoolOp) -> _Value:
        if None in values:
            return None
        return all(values) if word == "and" else any(values)

    def compare(self, signs: list[str], values: list[_Value], node: ast.Compare) -> _Value:
        known = [Fraction(value) for value in values if value is not None]
        if len(known) < len(values):
            return None
        pairs = zip(signs, known, known[1:], strict=False)
        return all(COMPARE[sign](left, right) for sign, left, right in pairs)

    def choose(self, condition: _Value, yes: _Value, no: _Value, node: ast.IfExp) -> _Value:
        return None if condition is None else yes if condition else no

    def call(self, function: str, arguments: list[ast.expr], node: ast.Call) -> _Value:
        if function == "target":
            return self._target(dotted_name(arguments[0]))
        if function in OVER_YEARS:
            return self._over_years(function, arguments[0])
        values = [self.read(argument) for argument in arguments]
        if function == "coalesce":
            return next((value for value in values if value is not None), None)
        known = [Fraction(value) for value in values if value is not None]
        return _over(function, known) if 0 < len(known) == len(values) else None

    def _over_years(self, function: str, argument: ast.expr) -> _Value:
        before = ExactReading(self.catalogue, self.year - 1).read(argument)
        if function == "previous":
            return before
        now = self.read(argument)
        if before is None or now is None:
            return None
        change = Fraction(now) - Fraction(before)
        if function == "change":
            return change
        return 100 * change / Fraction(before) if before else None

    def _target(self, name: str) -> _Value:
        indicator = self.catalogue.indicators.get(name)
        target = indicator.targets.get(self.year) if indicator else None
        return target.value if target else None


def _over(function: str, values: list[Fraction]) -> _Value:
    """`share`, `min`, `max`, `clamp`, `abs` and `round` over numbers."""
    first = values[0]
    if function == "clamp":
        return min(values[2], max(values[1], first))
    if function == "share":
        return 100 * first / values[1] if values[1] else None
    if function == "round":
        scale = 10 ** int(values[1]) if values[1:] else 1
        whole = (2 * abs(first) * scale + 1) // 2  # half away from zero
        return Fraction(whole if first >= 0 else -whole, scale)
    return {"min": min(values), "max": max(values), "abs": abs(first)}.get(function)
