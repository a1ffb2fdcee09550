"""Recommendations: what their functions ask of an indicator, it has; what their texts print, too."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from engine.catalogue.formula_units import counted_unit
from engine.catalogue.lookups import goals_at, inputs_behind
from engine.catalogue.model import Advice, Catalogue, Indicator
from engine.language.functions import FUNCTIONS
from engine.language.grammar import dotted_name
from engine.problems import Position, Problem
from engine.translation import gettext as _

TARGETS = ("met", "missed", "shortfall")
_BARE = re.compile(r"\{\{\s*shortfall\s*(?:\}\}|\|\s*(?!words\b))")
"""The number alone, without the words that say which way the target lies."""
_COMPARED = re.compile(r"\{%[^%]*\bvalue\s*[<>]=?\s*target\b")


def check_advice(catalogue: Catalogue) -> Iterable[Problem]:
    """Every question a recommendation asks has an answer, at least in some year."""
    for advice in catalogue.advice.values():
        reported: set[str] = set()
        for call, level in _questions(catalogue, advice.when.tree, advice.level):
            indicator = catalogue.indicators.get(dotted_name(call.args[0]) if call.args else "")
            if indicator is None:
                continue  # complained of, or an input in `reported`
            place = advice.when.span(call.args[0])
            for problem in _check_question(catalogue, call, indicator, level, place):
                reported.add(problem.code)
                yield problem
        yield from (
            problem for problem in _check_figures(catalogue, advice) if problem.code not in reported
        )


def _questions(catalogue: Catalogue, tree: ast.AST, level: str) -> Iterator[tuple[ast.Call, str]]:
    """The calls of functions of recommendations, and the level at which each is read."""
    if isinstance(tree, ast.Call):
        name = dotted_name(tree.func)
        function = FUNCTIONS.get(name)
        if function is not None and function.advice:
            yield tree, level
            return
        for index, argument in enumerate(tree.args):
            read = function.reads(index) if function is not None and function.parameters else "here"
            argument_level = catalogue.levels[0] if read == "at_schools" else level
            if read in {"above", "in_set"}:
                argument_level = dotted_name(tree.args[0])
            yield from _questions(catalogue, argument, argument_level)
        return
    for child in ast.iter_child_nodes(tree):
        yield from _questions(catalogue, child, level)


def _check_question(
    catalogue: Catalogue, call: ast.Call, indicator: Indicator, level: str, place: Position
) -> Iterator[Problem]:
    function = dotted_name(call.func)
    if function in TARGETS and not goals_at(catalogue, indicator, level):
        yield _no_target(indicator, level, place)
    elif function == "shortfall" and counted_unit(catalogue, indicator.id) is None:
        yield _no_count(indicator, place)
    elif function == "worsened" and indicator.better == "neither":
        yield Problem(
            "advice-no-direction",
            _("“{id}” does not say which way is better, so it cannot get worse").format(
                id=indicator.id
            ),
            place,
            _("write better: more or better: less at it, or compare: change({id}) < 0").format(
                id=indicator.id
            ),
        )
    elif (lowest := _lowest(catalogue, indicator)) is not None and _is_below(
        catalogue, level, lowest
    ):
        yield Problem(
            "advice-level",
            _("“{id}” has no value at the level “{level}”: its data are given above").format(
                id=indicator.id, level=level
            ),
            place,
            _("write level: {level}").format(level=lowest),
        )


def _check_figures(catalogue: Catalogue, advice: Advice) -> Iterator[Problem]:
    """What the words of a text ask of what it is about."""
    if not advice.figures:
        return
    place = advice.text.position
    if not advice.about:
        yield Problem(
            "advice-no-subject",
            _("the condition names no indicator, so “{word}” in the text has no value").format(
                word=advice.figures[0]
            ),
            place,
            _("name an indicator in the condition: the first one is what the text is about"),
            about=next((use.id for use in advice.when.names()), ""),
        )
        return
    indicator = catalogue.indicators.get(advice.about)
    for word in ("target", "shortfall"):
        if word not in advice.figures:
            continue
        if indicator is None or not goals_at(catalogue, indicator, advice.level):
            yield _no_target(indicator or advice.about, advice.level, place)
            return
        if word == "shortfall" and counted_unit(catalogue, indicator.id) is None:
            yield _no_count(indicator, place)
        elif word == "shortfall" and _is_one_sided(catalogue, advice, indicator):
            yield _no_direction(indicator, place)


def _is_one_sided(catalogue: Catalogue, advice: Advice, indicator: Indicator) -> bool:
    """Whether a text prints the bare number where the value may be above the target."""
    text = advice.text.written
    goals = goals_at(catalogue, indicator, advice.level).values()
    may_exceed = any(target.given or target.comparator != "at_least" for target in goals)
    return may_exceed and bool(_BARE.search(text)) and not _COMPARED.search(text)


def _no_direction(indicator: Indicator, place: Position) -> Problem:
    return Problem(
        "advice-direction",
        _(
            "“{id}” may be above its target: the bare number does not say if there are too few or too "
            "many"
        ).format(id=indicator.id),
        place,
        _("write {words}, which says which of the two it is").format(words="{{ shortfall|words }}"),
        "warning",
        about=indicator.id,
    )


def _no_target(indicator: Indicator | str, level: str, place: Position) -> Problem:
    name = indicator if isinstance(indicator, str) else indicator.id
    return Problem(
        "advice-no-target",
        _("“{id}” has no target at the level “{level}”").format(id=name, level=level),
        place,
        _("only a percent is held against its target below target_level; write targets at it"),
        about=name,
    )


def _no_count(indicator: Indicator, place: Position) -> Problem:
    return Problem(
        "advice-no-shortfall",
        _("of “{id}” it cannot be said how many are lacking").format(id=indicator.id),
        place,
        _("shortfall is known of counts, of share(part, whole), 100 * a / b and share_of_schools"),
        about=indicator.id,
    )


def _lowest(catalogue: Catalogue, indicator: Indicator) -> str | None:
    levels = {catalogue.inputs[name].level for name in inputs_behind(catalogue, (indicator.id,))}
    return min(levels, key=catalogue.places.index, default=None)


def _is_below(catalogue: Catalogue, level: str, lowest: str) -> bool:
    places = catalogue.places
    return level in places and places.index(level) < places.index(lowest)
