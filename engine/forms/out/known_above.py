"""What a place cannot know when it fills its form: whatever looks at other places beside it."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from engine.catalogue.lookups import (
    SCALED,
    find_reference_level,
    list_graded,
    list_read_targets,
    list_value_nodes,
    scaled_by,
)
from engine.catalogue.model import Band, Catalogue, Indicator, Input, Option, PartSum, Target
from engine.language.functions import read_set_call
from engine.language.grammar import Formula, call_nodes, dotted_name

_EARLIER = ("previous", "before", "as_of")


def is_known_above(catalogue: Catalogue, indicator: Indicator, level: str) -> bool:
    """Whether an indicator looks at places beside the one that fills the form: a rank, a set above."""
    return _looks_above(catalogue, [formula for _year, formula in indicator.formulas], level)


def is_class_known_above(catalogue: Catalogue, name: str, level: str) -> bool:
    """Whether the class or the points of a name are by what other places say, or the name itself is."""
    indicator = catalogue.indicators.get(name)
    formulas = [formula for _year, formula in indicator.formulas] if indicator else []
    ends = list(_list_scale_formulas(catalogue, name))
    return _looks_above(catalogue, [*formulas, *ends], level, ends)


def is_target_known_above(
    catalogue: Catalogue, indicator: Indicator, target: Target, level: str
) -> bool:
    """Whether a target is counted by this year's numbers of other places."""
    formulas = list(_list_end_formulas(indicator, target))
    if level in _list_target_levels(catalogue, indicator):
        return _looks_above(catalogue, formulas, level, formulas)
    source = find_reference_level(catalogue, indicator, level)
    return any(reads_year(catalogue, formula.tree, source) for formula in formulas)


def reads_year(catalogue: Catalogue, tree: ast.AST, below: str | None = None) -> bool:
    """Whether a formula reads inputs of its own year; with `below` only those given below that level."""
    return any(
        below is None or catalogue.places.index(each.level) < catalogue.places.index(below)
        for each in _list_inputs(catalogue, tree, set())
    )


def _looks_above(
    catalogue: Catalogue, formulas: list[Formula], level: str, ends: Iterable[Formula] = ()
) -> bool:
    """Whether formulas look at other places.

    Those of scales and targets, the `ends`, do so too where they take of a place above what schools say this
    year: what it is while the forms are out is not what a value will be measured by.
    """
    waiting, seen, ends = list(formulas), set[str](), list(ends)
    places = catalogue.places
    while waiting:
        formula = waiting.pop()
        if formula in ends and _compares_above(catalogue, formula, level):
            return True
        for call in call_nodes(formula.tree):
            over = read_set_call(call, places[0])
            members = over.members if over is not None else places[0]
            if dotted_name(call.func) == "rank" or places.index(members) > places.index(level):
                return True
        judged = [catalogue.indicators[name] for name in list_read_targets(formula.tree)]
        own = [each for each in judged if level in _list_target_levels(catalogue, each)]
        for each in judged:
            targets = [target for target in each.targets.values() if target.is_set]
            if each not in own and any(
                is_target_known_above(catalogue, each, target, level) for target in targets
            ):
                return True
        read = [
            made
            for each in own
            if f"target:{each.id}" not in seen
            for target in each.targets.values()
            for made in _list_end_formulas(each, target)
        ]
        seen.update(f"target:{each.id}" for each in own)
        graded = list(list_graded(formula.tree))
        for use in formula.names():
            symbol = catalogue.symbols.get(use.id)
            if isinstance(symbol, Band):
                graded.append(symbol.owner)
                symbol = catalogue.symbols.get(symbol.owner)
            if isinstance(symbol, Indicator) and symbol.id not in seen:
                seen.add(symbol.id)
                waiting += [each for _year, each in symbol.formulas]
        read += [
            made
            for name in graded
            if f"scale:{name}" not in seen
            for made in _list_scale_formulas(catalogue, name)
        ]
        seen.update(f"scale:{name}" for name in graded)
        waiting += read
        ends += read
    return False


def _compares_above(catalogue: Catalogue, formula: Formula, level: str) -> bool:
    places = catalogue.places
    for call in call_nodes(formula.tree):
        if dotted_name(call.func) != "at":
            continue
        source = dotted_name(call.args[0])
        is_above = places.index(source) > places.index(level)
        if is_above and reads_year(catalogue, call.args[1], source):
            return True
    return False


def _list_target_levels(catalogue: Catalogue, indicator: Indicator) -> tuple[str, ...]:
    return indicator.target_levels or catalogue.levels[-1:]


def _list_scale_formulas(catalogue: Catalogue, name: str) -> Iterator[Formula]:
    """The formulas in the scale of a name, in which it is the value."""
    scaled = scaled_by(catalogue, name)
    for formula in scaled.scale.formulas if scaled else ():
        yield formula.rename({SCALED: name})


def _list_end_formulas(indicator: Indicator, target: Target) -> Iterator[Formula]:
    """The formulas of a target, and of those that it is counted from, in which the indicator is the value."""
    step: Target | None = target
    while step is not None:
        for formula in step.formulas:
            yield formula.rename({SCALED: indicator.id})
        step = indicator.targets.get(step.since or 0) if step.value is None else None


def _list_inputs(catalogue: Catalogue, tree: ast.AST, seen: set[str]) -> Iterator[Input]:
    """The inputs of its own year that a formula reads, through all that it names."""
    if isinstance(tree, ast.Call) and dotted_name(tree.func) in _EARLIER:
        return
    if isinstance(tree, ast.Name | ast.Attribute):
        yield from _list_named(catalogue, dotted_name(tree), seen)
        return
    if isinstance(tree, ast.Call):
        read = dotted_name(tree.func)
        for name in list_read_targets(tree) if read in {"target", "degree"} else ():
            judged = catalogue.indicators[name]
            for target in judged.targets.values():
                for formula in _list_end_formulas(judged, target):
                    yield from _list_inputs(catalogue, formula.tree, seen)
            if read == "degree":
                yield from _list_named(catalogue, name, seen)
        if read in {"target", "degree"}:
            return
        values = set(list_value_nodes(tree))
        for argument in tree.args:
            is_name = isinstance(argument, ast.Name | ast.Attribute)
            if not is_name or argument in values:
                yield from _list_inputs(catalogue, argument, seen)
        return
    for child in ast.iter_child_nodes(tree):
        yield from _list_inputs(catalogue, child, seen)


def _list_named(catalogue: Catalogue, name: str, seen: set[str]) -> Iterator[Input]:
    if name in seen:
        return
    symbol = catalogue.symbols.get(name) or catalogue.indicators.get(name)
    if isinstance(symbol, Input):
        yield symbol
    elif isinstance(symbol, PartSum):
        yield from (catalogue.inputs[each] for each in symbol.cells)
    elif isinstance(symbol, Option | Band):
        yield from _list_named(catalogue, symbol.owner, seen)
    elif isinstance(symbol, Indicator):
        for _year, formula in symbol.formulas:
            yield from _list_inputs(catalogue, formula.tree, {*seen, name})
