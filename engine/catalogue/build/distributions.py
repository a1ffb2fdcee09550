"""Distributions: an indicator for every class of a thing, the share of those who are in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from engine.catalogue.build.draft import Draft
from engine.catalogue.entry import Entry
from engine.catalogue.model import Input, Scale, Symbol, shorten_title
from engine.language.grammar import Formula, parse_formula
from engine.problems import suggest_name
from engine.translation import gettext as _


@dataclass(frozen=True, slots=True)
class ClassShare:
    """The share of those who report that are in a class: its formula, and the titles of the class."""

    class_id: str
    title: str
    short: str
    formula: Formula


def read_distribution(
    draft: Draft, entry: Entry, scales: Mapping[str, Scale | None], symbols: Mapping[str, Symbol]
) -> Iterator[ClassShare]:
    """One share for every class of what the key `distribution` names, in the order of the classes."""
    written = entry.at("distribution")
    name = entry.name_at("distribution")
    titles = _list_classes(name, scales, symbols)
    if entry.has("formula") or entry.has("score"):
        draft.report(
            "distribution-formula",
            _("“{id}” has both a distribution and a formula").format(id=entry.name),
            written.position,
            _("leave one of them"),
        )
    elif not titles:
        known = [each for each in (*scales, *symbols) if _list_classes(each, scales, symbols)]
        draft.report(
            "distribution-nothing",
            _("“{name}” has neither options nor classes: nothing is distributed").format(name=name),
            written.position,
            suggest_name(name, known)
            or _("name a choice, or an indicator or an input with a scale of classes"),
            about=name,
        )
    for class_id, title in titles.items():
        text = f"share_of({draft.levels[0]}, {name}.{class_id})"
        formula, _problems = parse_formula(text, written.position)
        if formula is not None:
            formula = replace(formula, derived=True)
            yield ClassShare(class_id, title, shorten_title(title), formula)


def _list_classes(
    name: str, scales: Mapping[str, Scale | None], symbols: Mapping[str, Symbol]
) -> Mapping[str, str]:
    """The classes of a thing with their titles, or the options of a choice; none for anything else."""
    symbol = symbols.get(name)
    scale = scales.get(name) or (symbol.scale if isinstance(symbol, Input) else None)
    if scale is not None:
        return {each.id: each.title for each in scale.classes.values()}
    return symbol.options if isinstance(symbol, Input) and symbol.type == "choice" else {}
