"""Sets of places: levels of functions over them, what a rank needs, the levels an indicator has rows at."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from engine.catalogue.lookups import inputs_behind
from engine.catalogue.model import Catalogue, Indicator
from engine.catalogue.rules.names import formulas_of
from engine.language.functions import FUNCTIONS, Function, how_read, read_set_call
from engine.language.grammar import Formula, dotted_name, literal_number, parts_of
from engine.problems import Problem, suggest_name
from engine.translation import chosen_language
from engine.translation import gettext as _
from engine.units import format_number

LARGEST_PERCENT = 100


# --- calls ----------------------------------------------------------------------------------------


def check_set_calls(catalogue: Catalogue) -> Iterable[Problem]:
    """A set is a level, a percentile is from 0 to 100, and of what is ranked it is said what is better."""
    for formula in formulas_of(catalogue):
        for call, use in formula.calls():
            function = FUNCTIONS.get(use.id)
            if function is None or len(call.args) != len(function.parameters):
                continue
            if use.id == "rank":
                yield from _check_rank(catalogue, formula, call)
            elif function.how:
                yield from _check_set(catalogue, formula, function, call)


def _check_set(
    catalogue: Catalogue, formula: Formula, function: Function, call: ast.Call
) -> Iterator[Problem]:
    level = dotted_name(call.args[0])
    if function.reads(0) == "literal" and level not in catalogue.places:
        yield Problem(
            "set-level",
            _("“{name}” is neither a level nor a table").format(
                name=level or ast.unparse(call.args[0])
            ),
            formula.span(call.args[0]),
            suggest_name(level, catalogue.places)
            or _("levels of the catalogue: {levels}").format(levels=", ".join(catalogue.places)),
            about=level,
        )
    if function.how == "percentile":
        yield from _check_percent(catalogue, formula, call)


def _check_percent(catalogue: Catalogue, formula: Formula, call: ast.Call) -> Iterator[Problem]:
    percent = literal_number(call.args[-1])
    if percent is None or not 0 <= percent <= LARGEST_PERCENT:
        yield Problem(
            "not-percentile",
            _("which percentile it is is a written number from 0 to 100"),
            formula.span(call.args[-1]),
            _("for instance percentile_of({level}, x, 90)").format(level=catalogue.levels[0]),
        )
    elif 0 < percent < 1:
        language = chosen_language()
        yield Problem(
            "percentile-part",
            _("percentiles go from 0 to 100: {percent} is nearly the least value").format(
                percent=format_number(percent, None, language)
            ),
            formula.span(call.args[-1]),
            _("for the percentile of a spreadsheet that is {percent} there, write {whole}").format(
                percent=format_number(percent, None, language), whole=f"{100 * percent:g}"
            ),
            severity="warning",
        )


def _check_rank(catalogue: Catalogue, formula: Formula, call: ast.Call) -> Iterator[Problem]:
    x, level = call.args
    ranked = catalogue.indicators.get(dotted_name(x))
    if dotted_name(level) not in catalogue.places:
        return  # complained of, as of every level
    if ranked is None:
        yield Problem(
            "unknown-indicator",
            _("unknown indicator “{name}”").format(name=dotted_name(x) or ast.unparse(x)),
            formula.span(x),
            suggest_name(dotted_name(x), catalogue.indicators) or _("only an indicator is ranked"),
            about=dotted_name(x),
        )
    elif ranked.better == "neither":
        yield Problem(
            "rank-better",
            _("it is not said of “{id}” what is better").format(id=ranked.id),
            formula.span(x),
            _("write better: more or better: less at it"),
            about=ranked.id,
        )


# --- levels at which a formula is read ------------------------------------------------------------


def check_levels_read(catalogue: Catalogue) -> Iterable[Problem]:
    """No set lies above every place that reads it; names read where they have no rows are noted."""
    for formula, levels in _list_read(catalogue):
        calls: dict[ast.Call, list[bool]] = {}
        named: dict[ast.AST, str] = {}
        for level in levels:
            for node, at in _walk(catalogue, formula.tree, level):
                if isinstance(node, ast.Call):
                    calls.setdefault(node, []).append(_is_out_of_reach(catalogue, node, at))
                elif not _has_rows(catalogue, dotted_name(node), at):
                    named.setdefault(node, at)
        for call, out_of_reach in calls.items():
            if all(out_of_reach):
                yield _complain_below(formula, call)
        for name, at in named.items():
            yield _note_no_rows(catalogue, formula, name, at)


def _list_read(catalogue: Catalogue) -> Iterator[tuple[Formula, tuple[str, ...]]]:
    """Formulas with the levels they are read at."""
    for indicator in catalogue.indicators.values():
        if indicator.part is None and indicator.input is None:
            for _year, formula in indicator.formulas:
                yield formula, list_row_levels(catalogue, indicator)
    for check in catalogue.checks.values():
        if not check.automatic and check.level in catalogue.places:
            yield check.rule, (check.level,)
    for advice in catalogue.advice.values():
        yield advice.when, (advice.level,)


def list_row_levels(catalogue: Catalogue, indicator: Indicator) -> tuple[str, ...]:
    """The levels at which an indicator has rows: its own, not below the lowest of its inputs."""
    places = catalogue.places
    given = [
        places.index(catalogue.inputs[name].level)
        for name in inputs_behind(catalogue, (indicator.id,))
    ]
    lowest = min(given, default=0)
    return tuple(
        level
        for level in catalogue.levels
        if places.index(level) >= lowest and level in (indicator.levels or catalogue.levels)
    )


def _walk(catalogue: Catalogue, tree: ast.expr, level: str) -> Iterator[tuple[ast.expr, str]]:
    """Names, and calls that look at other places, each with the level at which it is read."""
    if isinstance(tree, ast.Name | ast.Attribute):
        yield tree, level
    elif isinstance(tree, ast.Call):
        name = dotted_name(tree.func)
        function = FUNCTIONS.get(name)
        if function is None or (tree.args and len(tree.args) < function.least):
            return
        over = read_set_call(tree, catalogue.levels[0])
        if over is not None or name == "rank":
            yield tree, level
        for index, argument in enumerate(tree.args):
            read = how_read(tree, index, catalogue.levels[0])
            at = level
            if read in {"at_schools", "in_set"} and over is not None:
                at = over.members
            elif read == "above":
                at = dotted_name(tree.args[0])
            if (
                read != "literal"
                and at in catalogue.places
                and _reaches(catalogue, level, at, read)
            ):
                yield from _walk(catalogue, argument, at)
    else:
        for part in parts_of(tree):
            yield from _walk(catalogue, part, level)


def _reaches(catalogue: Catalogue, level: str, at: str, read: str) -> bool:
    """Whether a place of `level` has one of the level `at` to read: above it, or as a member in it."""
    own_floor, other_floor = catalogue.places.index(level), catalogue.places.index(at)
    return other_floor >= own_floor if read == "above" else other_floor <= own_floor


def _is_out_of_reach(catalogue: Catalogue, call: ast.Call, level: str) -> bool:
    """Whether a set lies above the level that reads it, or a rank below."""
    places = catalogue.places
    over = read_set_call(call, catalogue.levels[0])
    named = over.members if over is not None else dotted_name(call.args[1])
    if named not in places:
        return False  # complained of
    if over is None:
        return places.index(level) >= places.index(named)
    return places.index(level) < places.index(named)


def _complain_below(formula: Formula, call: ast.Call) -> Problem:
    if dotted_name(call.func) == "rank":
        name = dotted_name(call.args[1])
        return Problem(
            "set-below",
            _("there is nobody to compare with: this is not read below the level “{level}”").format(
                level=name
            ),
            formula.span(call),
            _("name a level above the places that are compared"),
        )
    level = dotted_name(call.args[0])
    return Problem(
        "set-below",
        _("this is read below the level “{level}”, where there are no places of it").format(
            level=level
        ),
        formula.span(call),
        _("take it at the place above: at(level above “{level}”, …)").format(level=level),
    )


def _has_rows(catalogue: Catalogue, name: str, level: str) -> bool:
    indicator = catalogue.indicators.get(name)
    if indicator is None or indicator.id == indicator.input:  # what is read then is the input
        return True
    return not indicator.levels or level in indicator.levels


def _note_no_rows(catalogue: Catalogue, formula: Formula, node: ast.AST, level: str) -> Problem:
    name = dotted_name(node)
    return Problem(
        "level-without-rows",
        _("“{id}” has no rows at the level “{level}”: there this has no value").format(
            id=name, level=level
        ),
        formula.span(node),
        _("its levels: {levels}").format(levels=", ".join(catalogue.indicators[name].levels)),
        "note",
        about=name,
    )


# --- levels of an indicator -----------------------------------------------------------------------


def check_own_levels(catalogue: Catalogue) -> Iterable[Problem]:
    """Of the levels an indicator names some have rows, and its target speaks of one of them."""
    for indicator in catalogue.indicators.values():
        place = indicator.positions.get("levels")
        if place is None or indicator.part is not None:
            continue
        if indicator.levels and not list_row_levels(catalogue, indicator):
            known = ", ".join(catalogue.levels)
            yield Problem(
                "levels-empty",
                _("“{id}” has no level left at which it is computed").format(id=indicator.id),
                place,
                _("levels not below its inputs, of: {levels}").format(levels=known),
                about=indicator.id,
            )
        elif not set(indicator.target_levels) <= set(indicator.levels or catalogue.levels):
            yield Problem(
                "target-level",
                _("the target speaks of a level at which “{id}” has no rows").format(
                    id=indicator.id
                ),
                indicator.positions.get("target_level", place),
                _("its levels: {levels}").format(levels=", ".join(indicator.levels)),
                about=indicator.id,
            )
