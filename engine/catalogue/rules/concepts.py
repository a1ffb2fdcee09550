"""Concepts: what catalogues are compared by, so each stands for one indicator and one input."""

from __future__ import annotations

from collections.abc import Iterator

from engine.catalogue.model import Catalogue, Indicator, Input
from engine.problems import Problem
from engine.translation import gettext as _


def check_concepts(catalogue: Catalogue) -> Iterator[Problem]:
    """Of two indicators, or two inputs, with one concept only the first is compared."""
    kinds: tuple[tuple[Indicator | Input, ...], ...] = (
        tuple(catalogue.indicators.values()),
        tuple(each for each in catalogue.inputs.values() if each.lower is None),
    )
    for things in kinds:
        first: dict[str, str] = {}
        for thing in things:
            if thing.concept and first.setdefault(thing.concept, thing.id) != thing.id:
                message = _(
                    "“{concept}” is the concept of “{first}” already: compare takes that one"
                )
                message = message.format(concept=thing.concept, first=first[thing.concept])
                hint = _("leave the concept at one of the two")
                yield Problem("concept-twice", message, thing.position, hint, severity="warning")
