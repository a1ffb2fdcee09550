"""Targets in words: what they are counted from, how they are computed, where a series breaks."""

from __future__ import annotations

from collections.abc import Iterator

from engine.catalogue.lookups import SCALED, find_breaks, show_words
from engine.catalogue.model import Catalogue, Indicator, Target
from engine.translation import gettext as _
from engine.units import format_number


def show_target_words(target: Target, catalogue: Catalogue, name: str) -> str:
    """A target that is an increase or known only beside data: `не менее 0,9 × [годом раньше: …]`."""
    if target.given:
        return _("given for each place")
    if target.increase is not None:
        number = format_number(target.increase, None, catalogue.language)
        return _("{number} more than in {year}").format(number=number, year=target.since)
    ends = [
        show_words(catalogue, formula.rename({SCALED: name}).tree)
        if formula
        else format_number(value or 0, target.decimals, catalogue.language)
        for formula, value in (
            (target.formula, target.value),
            (target.formula_to, target.value_to),
        )[: 2 if target.comparator == "between" else 1]
    ]
    words = {
        "at_least": _("at least {value}"),
        "at_most": _("at most {value}"),
        "exactly": _("exactly {value}"),
    }.get(target.comparator, "{value}")
    return words.format(value=" … ".join(ends))


def list_computed_targets(catalogue: Catalogue, indicator: Indicator) -> Iterator[str]:
    """The targets that are no plain numbers, each with its year."""
    for year, target in sorted(indicator.targets.items()):
        if target.is_computed or target.increase is not None:
            yield f"{year}: {show_target_words(target, catalogue, indicator.id)}"


def show_base(catalogue: Catalogue, indicator: Indicator) -> str:
    """What the targets are counted from: `2020: 29,2`."""
    bases = (
        (
            year,
            show_words(catalogue, base.formula.tree)
            if base.formula
            else format_number(base.value or 0, base.decimals, catalogue.language),
        )
        for year, base in sorted(indicator.base.items())
    )
    return "; ".join(f"{year}: {words}" for year, words in bases)


def show_breaks(catalogue: Catalogue, name: str) -> str:
    """The years from which an indicator is not comparable with what it was before; empty for none."""
    return ", ".join(map(str, sorted(find_breaks(catalogue, (name,)))))
