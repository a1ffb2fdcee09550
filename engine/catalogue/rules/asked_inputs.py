"""Under which conditions a cell is asked, and which numbers it takes: `asked_if` and `limits`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.catalogue.lookups import inputs_behind, list_value_nodes
from engine.catalogue.model import NUMERIC, Catalogue, Constant, Indicator, Input
from engine.catalogue.rules.cycles import find_way
from engine.language.functions import FUNCTIONS
from engine.language.grammar import Formula, dotted_name
from engine.problems import Problem
from engine.translation import gettext as _

_PLAIN = frozenset(("abs", "clamp", "coalesce", "max", "min", "round", "share"))
"""The functions that look at nothing but their arguments."""


def check_asking(catalogue: Catalogue) -> Iterable[Problem]:
    """`asked_if` names inputs of the level of its input, and looks at no other place and no other year."""
    for declared in catalogue.inputs.values():
        for condition in declared.asked_if[-1:] if "asked_if" in declared.positions else ():
            yield from _check_names(catalogue, declared, condition)
            for _call, use in condition.calls():
                if use.id in FUNCTIONS and use.id not in _PLAIN:
                    yield Problem(
                        "asked-elsewhere",
                        _(
                            "asked_if looks at this place and year only, “{name}” looks further"
                        ).format(name=use.id),
                        use.position,
                        _("compare answers of the same place and year: score == 0"),
                        about=use.id,
                    )


def _check_names(catalogue: Catalogue, declared: Input, condition: Formula) -> Iterator[Problem]:
    """Only inputs of its own level, and constants that are the same everywhere, stand in it."""
    for node in list_value_nodes(condition.tree):
        name = dotted_name(node)
        symbol = catalogue.symbols.get(name)
        if symbol is None or (isinstance(symbol, Constant) and symbol.level is None):
            continue  # an unknown name is a problem already
        inputs = () if isinstance(symbol, Indicator) else inputs_behind(catalogue, [name])
        levels = {catalogue.inputs[behind].level for behind in inputs}
        if levels != {declared.level}:
            yield Problem(
                "asked-elsewhere",
                _("asked_if names only inputs of the level “{level}”, “{name}” is none").format(
                    level=declared.level, name=name
                ),
                condition.span(node),
                _("ask an input there; what the register says stands in applies_to"),
                about=name,
            )


def check_asked_circles(catalogue: Catalogue) -> Iterable[Problem]:
    """No input waits for an answer that waits for it; each circle once, from its first input."""
    waits = {
        name: [
            *inputs_behind(
                catalogue,
                [
                    use.id
                    for condition in declared.asked_if
                    for use in condition.names()
                    if not isinstance(catalogue.symbols.get(use.id), Indicator)
                ],
            ),
            *((declared.asked_when,) if declared.asked_when else ()),
        ]
        for name, declared in catalogue.inputs.items()
    }
    reported: set[str] = set()
    for name, declared in catalogue.inputs.items():
        if "asked_if" not in declared.positions or name in reported:
            continue
        way = find_way(waits, name, name)
        reported |= set(way)
        if way:
            yield Problem(
                "asked-circle",
                _("whether “{id}” is asked depends on itself: {circle}").format(
                    id=name, circle=" → ".join(way)
                ),
                declared.positions["asked_if"],
                _("one of these conditions must do without the others"),
            )


def check_limits(catalogue: Catalogue) -> Iterable[Problem]:
    """Only a number has limits, and the lowest number comes before the highest."""
    for declared in catalogue.inputs.values():
        if declared.limits is None:
            continue
        low, high = declared.limits
        if declared.type not in NUMERIC:
            yield Problem(
                "needless-limits",
                _("“{id}” is no number, it has no limits").format(id=declared.id),
                declared.positions.get("limits"),
                _("take the key limits away, or write type: number"),
            )
        elif low > high:
            yield Problem(
                "limits-turned",
                _("the lowest number of “{id}” is above the highest").format(id=declared.id),
                declared.positions.get("limits"),
                _("exchange the two numbers"),
            )
