"""No indicator is made of itself, not even of its own value a year before."""

from __future__ import annotations

from collections.abc import Iterable

from engine.catalogue.model import Catalogue
from engine.catalogue.rules.names import values_of
from engine.i18n import gettext as _
from engine.problems import Position, Problem

Edges = dict[str, dict[str, Position]]


def check_cycles(catalogue: Catalogue) -> Iterable[Problem]:
    """Each cycle once, from the indicator of it that is declared first: a → b → a."""
    edges: Edges = {
        name: {
            used.id: formula.span(node)
            for _year, formula in indicator.formulas
            for used, node in values_of(catalogue, formula)
        }
        for name, indicator in catalogue.indicators.items()
    }
    told: set[str] = set()
    for name in edges:
        circle = () if name in told else _way_back(edges, name)
        if not circle or told & set(circle):
            continue
        told |= set(circle)
        # The rows of parts go round as their whole does.
        if catalogue.indicators[name].part is not None and _whole_turns(catalogue, name, told):
            continue
        yield Problem(
            "cycle",
            _("the indicator is made of itself: {circle}").format(
                circle=" → ".join((*circle, name))
            ),
            edges[name][(*circle, name)[1]],
            _("one of these formulas must do without the others"),
        )


def _way_back(edges: Edges, start: str) -> tuple[str, ...]:
    """The shortest way from an indicator back to itself: the ids on it; empty where there is none."""
    came_from: dict[str, str] = {}
    waiting = [start]
    for name in waiting:
        for used in edges[name]:
            if used == start:
                way = [name]
                while way[-1] != start:
                    way.append(came_from[way[-1]])
                return tuple(reversed(way))
            if used not in came_from:
                came_from[used] = name
                waiting.append(used)
    return ()


def _whole_turns(catalogue: Catalogue, name: str, told: set[str]) -> bool:
    part = catalogue.indicators[name].part or ""
    return name.removesuffix(f".{part}") in told
