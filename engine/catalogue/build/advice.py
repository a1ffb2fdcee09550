"""Recommendations: conditions compiled, and which numbers their texts will need."""

from __future__ import annotations

import re
from collections.abc import Mapping

from engine.catalogue.build.draft import Draft
from engine.catalogue.entry import Entry, normal_name
from engine.catalogue.model import (
    FIGURES,
    USUAL_PRIORITY,
    Advice,
    AdviceText,
    Band,
    Indicator,
    Input,
    PartSum,
    Symbol,
)
from engine.language.grammar import Formula

# What stands between the braces of a text, and the words in it.
_INSIDE = re.compile(r"\{[{%](.*?)[%}]\}", re.DOTALL)
_WORD = re.compile(r"[^\W\d]\w*")


def build_advice(draft: Draft, root: Entry, symbols: Mapping[str, Symbol]) -> dict[str, Advice]:
    """Every recommendation that has a condition and a text; a repeated id is a problem."""
    made: dict[str, Advice] = {}
    for entry in root.children("advice"):
        advice = _read_advice(draft, entry, symbols) if entry.is_mapping else None
        if advice is not None:
            draft.add_once(made, advice)
    return made


def _read_advice(draft: Draft, entry: Entry, symbols: Mapping[str, Symbol]) -> Advice | None:
    when = draft.formula(entry.at("when")) if entry.has("when") else None
    level = draft.level(entry.at("level"), draft.levels[0], given=False)
    written = entry.at("text")
    if when is None or not written.written.strip() or not entry.name_at("id"):
        return None
    text = written.written
    words = {
        normal_name(word) for inside in _INSIDE.findall(text) for word in _WORD.findall(inside)
    }
    priority = entry.whole("priority")
    return Advice(
        id=entry.name_at("id"),
        level=level,
        when=when,
        text=AdviceText(text, *entry.document.runs(written.path, text)),
        priority=USUAL_PRIORITY if priority is None else priority,
        about=_choose_subject(when, symbols),
        figures=tuple(word for word in FIGURES if word in words),
        names=tuple(name for name, symbol in symbols.items() if name in words and _has_row(symbol)),
        position=entry.at("id").position,
        positions=entry.positions(),
    )


def _choose_subject(when: Formula, symbols: Mapping[str, Symbol]) -> str:
    """The first indicator or input that the condition names."""
    named = (symbols.get(use.id) for use in when.names())
    # A class is named by what it is the class of.
    subjects = (symbols.get(each.owner) if isinstance(each, Band) else each for each in named)
    return next((each.id for each in subjects if each is not None and _has_row(each)), "")


def _has_row(symbol: Symbol | None) -> bool:
    """Whether the results have a row of it: what it is worth at a place can be printed."""
    return isinstance(symbol, Indicator | Input | PartSum)
