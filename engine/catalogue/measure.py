"""Units of every formula of a catalogue: what does not fit is said, what is scaled is converted."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

from engine.catalogue.counting import describe_counted
from engine.catalogue.meaning import describe_with
from engine.catalogue.model import Catalogue, Check, Indicator, Option
from engine.catalogue.model_advice import Advice
from engine.i18n import gettext as _
from engine.language.grammar import Formula, dotted_name
from engine.language.readings.quantity import Describe, Measured
from engine.language.readings.units import read_units
from engine.problems import Problem


def measure_formulas(catalogue: Catalogue) -> tuple[Catalogue, list[Problem]]:
    """The catalogue with conversions of scaled units in its formulas, and all clashes of units."""
    describe = cache(describe_with(catalogue.symbols, catalogue.places))
    problems: list[Problem] = []
    indicators: dict[str, Indicator] = {}
    register = frozenset(
        name
        for name, symbol in catalogue.symbols.items()
        if (symbol.owner if isinstance(symbol, Option) else name) in catalogue.register
    )
    wrong: set[str] = set()
    for name, indicator in catalogue.indicators.items():
        found: list[Problem] = []
        indicators[name] = _measure_indicator(indicator, describe, register, found)
        if found:
            wrong.add(name)
        # The row of a part has the formula of its whole: one mistake is said once.
        if indicator.part is None:
            problems += found
        elif name.removesuffix(f".{indicator.part}") not in wrong:
            problems += (problem for problem in found if problem.severity == "error")
    checks = {
        name: _measure_check(catalogue, check, describe, problems)
        for name, check in catalogue.checks.items()
    }
    seen: set[int] = set()
    for asked in catalogue.inputs.values():
        for condition in asked.applies_to:
            if id(condition) not in seen:  # parts share the conditions of their whole
                seen.add(id(condition))
                problems += _not_a_condition(
                    condition, read_units(condition, describe, schools=True)
                )
    advice = {
        name: _measure_advice(catalogue, one, describe, problems)
        for name, one in catalogue.advice.items()
    }
    catalogue = replace(catalogue, checks=checks, advice=advice)
    changed = {name for name, made in indicators.items() if made is not catalogue.indicators[name]}
    if not changed:
        return catalogue, problems
    symbols = {
        name: indicators.get(name, symbol) if isinstance(symbol, Indicator) else symbol
        for name, symbol in catalogue.symbols.items()
    }
    return replace(catalogue, indicators=indicators, symbols=symbols), problems


def _measure_indicator(
    indicator: Indicator, describe: Describe, register: frozenset[str], problems: list[Problem]
) -> Indicator:
    """The indicator with conversions; `register`: names that are known of schools only."""
    formulas = []
    names = [dotted_name(formula.tree) for _year, formula in indicator.formulas]
    alone = [None if name in register else describe(name) for name in names]
    # A count of schools in one year and a yes/no in another would be one row of both.
    counts = all(quantity is not None and quantity.schools_only for quantity in alone)
    texts = all(quantity is not None and quantity.type == "text" for quantity in alone)
    unit = indicator.unit if indicator.type == "number" else None
    for year, formula in indicator.formulas:
        measured = read_units(formula, describe, unit, bare=counts)
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


def _check_has_unit(indicator: Indicator, measured: Measured) -> Iterator[Problem]:
    quantity = measured.quantity
    if quantity is None or quantity.type != "number" or indicator.type != "number":
        return
    if indicator.unit is None and "unit" not in indicator.positions:
        found = quantity.unit
        yield Problem(
            "missing-unit",
            _("the indicator “{id}” has no unit").format(id=indicator.id),
            indicator.position,
            _("the formula gives it: write unit: {unit}").format(unit=found.id)
            if found and found.id
            else _("write for instance unit: person"),
        )


def _check_needs_no_unit(indicator: Indicator) -> Iterator[Problem]:
    if indicator.type != "number" and indicator.unit is not None:
        yield Problem(
            "unit-declared",
            _("the formula gives {word}, which has no unit").format(
                word=_("yes/no") if indicator.type == "yes_no" else _("text")
            ),
            indicator.positions.get("unit"),
            _("take the key unit away"),
        )


def _check_type(
    indicator: Indicator, formula: Formula, measured: Measured, *, texts: bool
) -> Iterator[Problem]:
    """The formulas of all years give one kind of thing; `texts`: that it is text."""
    if measured.quantity is not None and measured.quantity.type == "text" and not texts:
        message = _("a text cannot be reckoned with")
        yield Problem("unit-text", message, formula.span(formula.tree))
    elif indicator.type == "yes_no":
        yield from _not_a_condition(formula, measured)


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
