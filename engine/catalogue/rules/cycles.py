"""No indicator is made of itself, not even of its own value a year before; nor is a class."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from engine.catalogue.lookups import SCALED, list_read_targets, list_value_nodes, scaled_by
from engine.catalogue.model import Band, Catalogue, Indicator
from engine.language.functions import FUNCTIONS
from engine.language.grammar import Formula, call_nodes, dotted_name
from engine.problems import Position, Problem
from engine.translation import gettext as _

Edges = dict[str, dict[str, Position]]


def check_cycles(catalogue: Catalogue) -> Iterable[Problem]:
    """Each cycle once, from the indicator of it that is declared first: a → b → a.

    Every name that leads back is in one of them: the shortest. The class of a value depends on the
    value, and on what its scale names, but the value does not depend on it: `points(a)` is its node.
    So is `target(a)` of a target that is a formula.
    """
    edges: Edges = {
        name: {
            used: place
            for _year, formula in indicator.formulas
            for used, place in _list_used(catalogue, formula)
        }
        for name, indicator in catalogue.indicators.items()
    }
    edges |= {
        _class_node(name): _list_of_class(catalogue, name)
        for name in (*catalogue.indicators, *catalogue.inputs)
    }
    edges |= {
        _target_node(name): {
            used: place
            for target in indicator.targets.values()
            for formula in target.formulas
            for used, place in _list_used(catalogue, formula, name)
        }
        for name, indicator in catalogue.indicators.items()
    }
    number = {name: index for index, name in enumerate(edges)}
    reported: set[tuple[str, ...]] = set()
    turning: set[str] = set()
    for name in edges:
        for circle in _circles(edges, name):
            first = circle.index(min(circle, key=number.__getitem__))
            circle = (*circle[first:], *circle[:first])  # noqa: PLW2901 - the same, from its first
            if circle in reported:
                continue
            reported.add(circle)
            turning |= set(circle)
            start = circle[0]
            # The rows of parts go round as their whole does.
            indicator = catalogue.indicators.get(start)
            if indicator and indicator.part is not None and _whole_turns(catalogue, start, turning):
                continue
            yield Problem(
                "cycle",
                _("the indicator is made of itself: {circle}").format(
                    circle=" → ".join((*circle, start))
                ),
                edges[start][(*circle, start)[1]],
                _("one of these formulas must do without the others"),
            )


def _class_node(name: str) -> str:
    return f"points({name})"


def _target_node(name: str) -> str:
    return f"target({name})"


def _list_used(
    catalogue: Catalogue, formula: Formula, scaled: str = ""
) -> Iterator[tuple[str, Position]]:
    """What a formula reads, values and classes, and where; `value` in it is `scaled`."""
    graded = {
        id(argument)
        for call in call_nodes(formula.tree)
        for index, argument in enumerate(call.args)
        if (function := FUNCTIONS.get(dotted_name(call.func))) and function.reads(index) == "class"
    }
    for node in list_value_nodes(formula.tree):
        name = dotted_name(node)
        if scaled and name == SCALED:
            name = scaled
        symbol = catalogue.symbols.get(name)
        if isinstance(symbol, Band):
            yield _class_node(symbol.owner), formula.span(node)
        elif id(node) in graded:
            yield _class_node(name), formula.span(node)
        elif isinstance(symbol, Indicator):
            yield name, formula.span(node)
    for name in list_read_targets(formula.tree):
        yield _target_node(name), formula.position


def _list_of_class(catalogue: Catalogue, name: str) -> dict[str, Position]:
    """What the class of a thing depends on."""
    scaled = scaled_by(catalogue, name)
    thing = catalogue.indicators.get(name) or catalogue.inputs[name]
    used = {
        other: place
        for formula in (scaled.scale.formulas if scaled else ())
        for other, place in _list_used(catalogue, formula, name)
    }
    if scaled and name in catalogue.indicators and thing.position:
        used.setdefault(name, thing.positions.get("scale", thing.position))
    return used


def _circles(edges: Edges, start: str) -> Iterator[tuple[str, ...]]:
    """The shortest cycle through each name in the formulas of an indicator, as ids."""
    if not find_way(edges, start, start):
        return
    for used in edges[start]:
        back = find_way(edges, used, start) if used != start else (start,)
        if back:
            yield (start, *back[:-1]) if used != start else back


def find_way(edges: Mapping[str, Iterable[str]], start: str, end: str) -> tuple[str, ...]:
    """The ids on the shortest path along names in formulas, both ends included; empty where none."""
    came_from: dict[str, str] = {}
    waiting = [start]
    for name in waiting:
        for used in edges.get(name, ()):
            if used == end:
                path = [end, name]
                while path[-1] != start:
                    path.append(came_from[path[-1]])
                return tuple(reversed(path))
            if used not in came_from:
                came_from[used] = name
                waiting.append(used)
    return ()


def _whole_turns(catalogue: Catalogue, name: str, turning: set[str]) -> bool:
    part = catalogue.indicators[name].part or ""
    return name.removesuffix(f".{part}") in turning
