"""What kind of answer a row holds at a level."""

from __future__ import annotations

from engine.catalogue.model import Catalogue, Indicator
from engine.evaluation.scope import bare_input


def type_at(catalogue: Catalogue, indicator: Indicator, level: str) -> str:
    """What the value of an indicator is at a level: "number", "yes_no", "text" or "texts".

    A bare yes/no of schools is above them the number of schools that said yes; a text, the list of
    their texts.
    """
    given = bare_input(catalogue, indicator)
    if given is None or indicator.type == "number":
        return indicator.type
    above = catalogue.places.index(level) > catalogue.places.index(given.level)
    if indicator.type == "text":
        return "texts" if above else "text"
    return "number" if above else "yes_no"
