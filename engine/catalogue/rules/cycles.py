"""No indicator is made of itself, not even of its own value a year before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from engine.catalogue.lookups import JUDGED_NAME, list_read_targets, list_value_nodes
from engine.catalogue.model import Catalogue
from engine.catalogue.rules.names import values_of
from engine.language.grammar import Formula, dotted_name
from engine.problems import Position, Problem
from engine.translation import gettext as _

Edges = dict[str, dict[str, Position]]


def check_cycles(catalogue: Catalogue) -> Iterable[Problem]:
    """Each cycle once, from the indicator of it that is declared first: a → b → a.

    Every name that leads back is in one of them: the shortest. A target that is a formula is a step
    of its own: x → target(x) → y → x.
    """
    edges: Edges = {
        name: {
            used: position
            for _year, formula in indicator.formulas
            for used, position in _list_uses(catalogue, formula, "")
        }
        for name, indicator in catalogue.indicators.items()
    }
    edges |= {
        _name_target(name): {
            used: position
            for target in indicator.targets.values()
            for formula in target.formulas
            for used, position in _list_uses(catalogue, formula, name)
        }
        for name, indicator in catalogue.indicators.items()
        if any(target.formulas for target in indicator.targets.values())
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
            if indicator and indicator.part and _whole_turns(catalogue, start, turning):
                continue
            yield Problem(
                "cycle",
                _("the indicator is made of itself: {circle}").format(
                    circle=" → ".join((*circle, start))
                ),
                edges[start][(*circle, start)[1]],
                _("one of these formulas must do without the others"),
            )


def _list_uses(
    catalogue: Catalogue, formula: Formula, judged: str
) -> Iterator[tuple[str, Position]]:
    """The indicators and the targets that a formula reads; `judged` is the indicator called `value`."""
    for used, node in values_of(catalogue, formula):
        yield used.id, formula.span(node)
    for node in list_value_nodes(formula.tree):
        if judged and dotted_name(node) == JUDGED_NAME:
            yield judged, formula.span(node)
    for name in list_read_targets(formula.tree):
        yield _name_target(name), formula.position


def _name_target(name: str) -> str:
    return f"target({name})"


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
