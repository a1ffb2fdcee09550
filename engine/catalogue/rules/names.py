"""Names: an id names one thing, and what is named is declared, as what it is used for."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from itertools import pairwise

from engine.catalogue.build.draft import make_unknown_level
from engine.catalogue.lookups import (
    SCALED,
    has_row,
    list_narrowed,
    list_scales,
    list_value_nodes,
)
from engine.catalogue.model import Catalogue, Indicator, Input
from engine.language.functions import FUNCTIONS, Function
from engine.language.grammar import Formula, dotted_name, literal_number
from engine.problems import Position, Problem, nearest_name, offer_name, suggest_name
from engine.translation import gettext as _

MOST_YEARS = 10
"""Years back that a recommendation may look; each is a column more."""
# Of levels with other names it is not known which lies in which.
_UPWARDS = ("school", "municipality", "region")


# --- one id names one thing -----------------------------------------------------------------------


def check_ids(catalogue: Catalogue) -> Iterable[Problem]:
    """Inputs, indicators, constants, columns, events and forms share no id, whatever the case of letters.

    Only an indicator without a formula has the id of the input that it is.
    """
    first: dict[str, tuple[str, Position | None]] = {}
    for name, kind, position in _things(catalogue):
        folded = name.casefold()
        if folded not in first:
            first[folded] = (kind, position)
            continue
        other, place = first[folded]
        if other != kind:  # of one kind the ids were compared when they were declared
            yield Problem(
                "duplicate-id",
                _("“{id}” already names {other} at {place}").format(
                    id=name, other=_word(other), place=place
                ),
                position,
                _("without a formula it would be that input: take the formula away or rename it")
                if (other, kind) == ("input", "indicator")
                else _("one id names one thing: choose another"),
            )


def _things(catalogue: Catalogue) -> Iterator[tuple[str, str, Position | None]]:
    for column in catalogue.register.values():
        yield column.id, "column", column.position
    for constant in catalogue.constants.values():
        yield constant.id, "constant", constant.position
    for declared in catalogue.inputs.values():
        if "." not in declared.id:
            yield declared.id, "input", declared.position
    for event in catalogue.events.values():
        yield event.id, "event", event.position
    for form in catalogue.forms.values():
        yield form.id, "form", form.position
    for scale in catalogue.scales.values():
        yield scale.id, "scale", scale.position
    for indicator in catalogue.indicators.values():
        if indicator.event is None and not _is_input(indicator):
            yield indicator.id, "indicator", indicator.position


def _is_input(indicator: Indicator) -> bool:
    return indicator.input is not None or indicator.part is not None


def _word(kind: str) -> str:
    return {
        "column": _("a column of the register"),
        "constant": _("a constant"),
        "input": _("an input"),
        "event": _("an event"),
        "form": _("a form"),
        "scale": _("a scale"),
        "indicator": _("an indicator"),
    }[kind]


# --- levels, groups, spans of years ---------------------------------------------------------------


def check_levels(catalogue: Catalogue) -> Iterable[Problem]:
    """No municipality stands before its schools, no region before its municipalities."""
    known = [level for level in catalogue.levels if level in _UPWARDS]
    upwards = sorted(known, key=_UPWARDS.index)
    for level, following in pairwise(known):
        if _UPWARDS.index(level) > _UPWARDS.index(following):
            ordered = iter(upwards)
            levels = [next(ordered) if level in known else level for level in catalogue.levels]
            yield Problem(
                "level-order",
                _("the level “{upper}” stands before “{lower}”: levels go upwards").format(
                    upper=level, lower=following
                ),
                catalogue.positions.get("levels"),
                _("begin with who reports: levels: [{levels}]").format(levels=", ".join(levels)),
            )
            return


def check_groups(catalogue: Catalogue) -> Iterable[Problem]:
    """A `group` of an indicator or a form, a `section` of an event, is declared in `groups`."""
    for name, position in _named_groups(catalogue):
        if name and name not in catalogue.groups:
            yield Problem(
                "unknown-group",
                _("unknown group “{name}”").format(name=name),
                position,
                suggest_name(name, catalogue.groups)
                or _('declare it under `groups`: "{name}": {{title: …}}').format(name=name),
                about=name,
            )


def _named_groups(catalogue: Catalogue) -> Iterator[tuple[str, Position]]:
    for indicator in catalogue.indicators.values():
        if indicator.part is None and "group" in indicator.positions:
            yield indicator.group, indicator.positions["group"]
    for event in catalogue.events.values():
        if "section" in event.positions:
            yield event.section, event.positions["section"]
    for form in catalogue.forms.values():
        for section in form.sections:
            if section.group and section.position:
                yield section.group, section.position


def check_periods(catalogue: Catalogue) -> Iterable[Problem]:
    """`since` does not come after `until`."""
    things: tuple[Input | Indicator, ...] = (
        *catalogue.inputs.values(),
        *(made for made in catalogue.indicators.values() if made.part is None),
    )
    for thing in things:
        if thing.since is None or thing.until is None:
            continue
        place = thing.positions.get("since") or thing.positions.get("until")
        if thing.since > thing.until and place is not None:
            yield Problem(
                "since-after-until",
                _("since {since} comes after until {until}").format(
                    since=thing.since, until=thing.until
                ),
                place,
                _("exchange the years, or leave one of them out"),
            )


# --- names and functions in formulas --------------------------------------------------------------


def check_names(catalogue: Catalogue) -> Iterable[Problem]:
    """Every name in a formula is an input, a constant, an indicator or a column of the register.

    What `applies_to` names is a matter of `check_conditions`.
    """
    ends = {id(formula) for scale in list_scales(catalogue) for formula in scale.formulas}
    ends |= {id(formula) for formula in target_formulas(catalogue)}
    for formula in formulas_of(catalogue, conditions=False):
        known = (SCALED,) if id(formula) in ends else ()
        for node in list_value_nodes(formula.tree):
            name = dotted_name(node)
            if name not in catalogue.symbols and name not in known:
                message, hint = _unknown_name(catalogue, name)
                yield Problem("unknown-name", message, formula.span(node), hint, about=name)


def _unknown_name(catalogue: Catalogue, name: str) -> tuple[str, str]:
    whole, dot, part = name.rpartition(".")
    if dot and whole in catalogue.symbols:
        known = [
            other.removeprefix(f"{whole}.")
            for other in catalogue.symbols
            if other.startswith(f"{whole}.")
        ]
        near = nearest_name(part, known)
        return (
            _("“{whole}” has no part “{part}”").format(whole=whole, part=part),
            offer_name(name, f"{whole}.{near}")
            if near
            else _("its parts: {parts}").format(parts=", ".join(known))
            if known
            else _("declare it under of_which of “{whole}”").format(whole=whole),
        )
    if name in FUNCTIONS:
        return (
            _("“{name}” is a function: after it stand brackets").format(name=name),
            _("write {signature}").format(signature=FUNCTIONS[name].signature),
        )
    if name in catalogue.places:
        return (
            _("“{name}” is a level, not a value").format(name=name),
            _("levels stand only in at(level, x)"),
        )
    if name in catalogue.events:
        results = catalogue.events[name].results
        return (
            _("“{name}” is an event, not a value").format(name=name),
            _("its results: {results}").format(results=", ".join(results)) if results else "",
        )
    return (
        _("unknown name “{name}”").format(name=name),
        suggest_name(name, catalogue.symbols) or _("declare it among the inputs"),
    )


_LATER = frozenset({"as_of", "before"})
"""Words kept for functions of periods shorter than a year."""


def check_calls(catalogue: Catalogue) -> Iterable[Problem]:
    """Every function is known, may stand there, and has the arguments it takes."""
    conditions = {id(advice.when) for advice in catalogue.advice.values()}
    for formula in formulas_of(catalogue):
        for call, use in formula.calls():
            function = FUNCTIONS.get(use.id)
            known = [
                name
                for name, declared in FUNCTIONS.items()
                if (id(formula) in conditions or not declared.advice) and not declared.made
            ]
            if function is not None and function.made:
                continue
            if function is None:
                yield Problem(
                    "unknown-function",
                    _("unknown function “{name}”").format(name=use.id),
                    use.position,
                    _("earlier years are read by previous(x), previous(previous(x))")
                    if use.id in _LATER
                    else suggest_name(use.id, known)
                    or _("functions: {names}").format(names=", ".join(known)),
                    about=use.id,
                )
            elif use.id not in known:
                yield Problem(
                    "advice-function",
                    _("{name} stands only in the conditions of recommendations").format(
                        name=use.id
                    ),
                    use.position,
                    _("there it says what the verdict says; here compare: x >= target(x)"),
                )
            elif not _fits(function, len(call.args)):
                yield Problem(
                    "argument-count",
                    _("{name} takes another number of arguments, here it has {count}").format(
                        name=use.id, count=len(call.args)
                    ),
                    formula.span(call),
                    _("write {signature}").format(signature=function.signature),
                )
            else:
                yield from _check_literals(catalogue, formula, function, call)


def _fits(function: Function, count: int) -> bool:
    return count >= function.least and (function.most is None or count <= function.most)


def _check_literals(
    catalogue: Catalogue, formula: Formula, function: Function, call: ast.Call
) -> Iterator[Problem]:
    """A level where a level is due, an indicator in `target`, a written number of digits."""
    for index, argument in enumerate(call.args):
        if function.reads(index) != "literal":
            continue
        name, kind = dotted_name(argument), function.parameters[index].name
        place = formula.span(argument)
        if kind == "level" and name not in catalogue.places:
            yield make_unknown_level(name, catalogue.places, place, ast.unparse(argument))
        elif kind == "indicator" and name not in catalogue.indicators:
            yield Problem(
                "unknown-indicator",
                _("unknown indicator “{name}”").format(name=name or ast.unparse(argument)),
                place,
                suggest_name(name, catalogue.indicators) or _("only an indicator has a target"),
                about=name,
            )
        elif kind == "x" and not has_row(catalogue, name):
            yield Problem(
                "unknown-name",
                _("unknown name “{name}”").format(name=name or ast.unparse(argument)),
                place,
                suggest_name(name, (*catalogue.indicators, *catalogue.inputs))
                or _("name an indicator or an input"),
                about=name,
            )
        elif kind == "table" and name not in catalogue.tables:
            yield Problem(
                "unknown-table",
                _("unknown table “{name}”").format(name=name or ast.unparse(argument)),
                place,
                suggest_name(name, catalogue.tables) or _("declare it under `tables`"),
                about=name,
            )
        elif kind == "years" and not _is_years(argument):
            yield Problem(
                "not-years",
                _("the number of years is a written whole number from 1 to {most}").format(
                    most=MOST_YEARS
                ),
                place,
                _("for instance worsened(x, 2)"),
            )
        elif kind == "digits" and not isinstance(literal_number(argument), int):
            yield Problem(
                "not-digits",
                _("the number of digits is a written whole number"),
                place,
                _("for instance round(x, 1)"),
            )


def _is_years(argument: ast.expr) -> bool:
    years = literal_number(argument)
    return isinstance(years, int) and 1 <= years <= MOST_YEARS


def formulas_of(catalogue: Catalogue, *, conditions: bool = True) -> Iterator[Formula]:
    """Every formula of an author, once: of indicators, targets, checks, advice, scales, inputs, `where`."""
    for indicator in catalogue.indicators.values():
        if indicator.part is None and indicator.input is None:
            yield from (formula for _year, formula in indicator.formulas)
    yield from target_formulas(catalogue)
    for check in catalogue.checks.values():
        if not check.automatic:
            yield check.rule
    yield from (formula for scale in list_scales(catalogue) for formula in scale.formulas)
    yield from (advice.when for advice in catalogue.advice.values())
    for declared in catalogue.inputs.values():
        if conditions and "applies_to" in declared.positions:
            yield from declared.applies_to[-1:]
        if "asked_if" in declared.positions:
            yield from declared.asked_if[-1:]
    for owner in list_narrowed(catalogue) if conditions else ():
        if "where" in owner.positions:
            yield from owner.where


def target_formulas(catalogue: Catalogue) -> Iterator[Formula]:
    """The formulas of all targets."""
    for indicator in catalogue.indicators.values():
        for target in indicator.targets.values():
            yield from target.formulas


def has_known_names(catalogue: Catalogue, indicator: Indicator) -> bool:
    """Whether it has a formula, all of whose names and functions are known: then so is its type."""
    formulas = [formula for _year, formula in indicator.formulas]
    names = {dotted_name(node) for each in formulas for node in list_value_nodes(each.tree)}
    functions = {use.id for formula in formulas for _call, use in formula.calls()}
    return (
        bool(formulas)
        and all(name in catalogue.symbols or name in catalogue.places for name in names)
        and functions <= FUNCTIONS.keys()
        and not any(FUNCTIONS[name].advice for name in functions)
    )
