"""Scales, those of `scales` and those written in place, and the names of their classes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

from engine.catalogue.build.draft import Draft
from engine.catalogue.entry import Entry, is_yes, year_of
from engine.catalogue.model import (
    Amount,
    Band,
    ClassEnd,
    EndWord,
    Knot,
    Scale,
    ScaleClass,
    ScaleVersion,
)
from engine.language.grammar import literal_number
from engine.problems import suggest_name
from engine.translation import gettext as _

END_WORDS: tuple[EndWord, ...] = ("at_least", "at_most", "exactly", "above", "below")
_PAIR = 2


def build_scales(draft: Draft, root: Entry) -> dict[str, Scale]:
    """Every scale of `scales`."""
    return {entry.name: _build(draft, entry) for entry in draft.declared(root.at("scales"))}


def read_scale(draft: Draft, entry: Entry, owner: str) -> Scale | None:
    """The scale that a thing's key `scale` names, or that is written in it; None without one."""
    if entry.is_mapping:
        return _build(draft, entry, owner)
    name = entry.written.strip()
    if not name:
        return None
    scale = draft.scales.get(name)
    if scale is None:
        draft.report(
            "unknown-scale",
            _("unknown scale “{name}”").format(name=name),
            entry.position,
            suggest_name(name, draft.scales)
            or _("declare it under `scales`, or write it here: scale: {{classes: …}}").format(),
            about=name,
        )
    return scale


def name_bands(scales: Mapping[str, Scale | None]) -> dict[str, Band]:
    """`x.high` for every class of the scale of every x."""
    return {
        f"{owner}.{name}": Band(f"{owner}.{name}", owner, name, each.title, each.short)
        for owner, scale in scales.items()
        for name, each in (scale.classes.items() if scale else ())
    }


def _build(draft: Draft, entry: Entry, owner: str = "") -> Scale:
    versions = [
        ScaleVersion(since, classes=_read_classes(draft, written), position=written.key_position)
        for since, written in by_year(entry.at("classes"))
    ]
    versions += [
        ScaleVersion(since, line=tuple(_read_line(draft, written)), position=written.key_position)
        for since, written in by_year(entry.at("linear"))
    ]
    return Scale(
        id=owner or entry.name,
        title=entry.text("title") or owner or entry.name,
        unit=draft.unit(entry.at("unit")) if entry.has("unit") else None,
        decimals=entry.whole("round"),
        versions=tuple(sorted(versions, key=lambda version: version.since or 0)),
        owner=owner,
        short=entry.text("short").strip(),
        position=entry.key_position,
        positions=entry.positions(),
    )


def by_year(entry: Entry) -> Iterator[tuple[int | None, Entry]]:
    """What is written for all years, or for each first year."""
    if not entry.data:
        return
    children = list(entry.children())
    years = [year_of(child) for child in children]
    if any(year is None for year in years):
        yield None, entry
    else:
        yield from zip(years, children, strict=True)


def _read_classes(draft: Draft, entry: Entry) -> dict[str, ScaleClass]:
    return {
        each.name: ScaleClass(
            id=each.name,
            title=each.title or each.name,
            ends=tuple(_read_ends(draft, each)),
            otherwise=is_yes(each.at("otherwise").data) is True,
            points=each.at("points").number,
            colour=each.text("colour").strip(),
            short=each.text("short").strip(),
            position=each.key_position,
            positions=each.positions(),
        )
        for each in draft.declared(entry, inner=True)
    }


def _read_ends(draft: Draft, entry: Entry) -> Iterator[ClassEnd]:
    written = [(word, entry.at(word)) for word in END_WORDS]
    both = list(entry.children("between"))
    if len(both) == _PAIR:
        written += zip(("at_least", "at_most"), both, strict=True)
    for word, end in written:
        amount = _read_amount(draft, end)
        if amount is not None:
            yield ClassEnd(word, amount, end.position)


def _read_line(draft: Draft, entry: Entry) -> Iterator[Knot]:
    for pair in entry.children():
        amounts = [_read_amount(draft, each) for each in pair.children()]
        if len(amounts) == _PAIR and amounts[0] is not None and amounts[1] is not None:
            yield Knot(amounts[0], amounts[1], pair.position)


def _read_amount(draft: Draft, entry: Entry) -> Amount | None:
    """A number or a formula; a formula that is a number is that number."""
    if not isinstance(entry.data, str):
        return entry.number
    formula = draft.formula(entry)
    number = literal_number(formula.tree) if formula else None
    return formula if number is None else Fraction(str(number))


# --- options and yes/no ---------------------------------------------------------------------------


def read_answer_points(entry: Entry) -> dict[str, Fraction]:
    """The points of the options of a choice, or of "yes" and "no"."""
    written = {
        **{option.name: option.at("points") for option in entry.children("options")},
        **dict(_read_answers(entry.at("points"))),
    }
    return {name: each.number for name, each in written.items() if each.number is not None}


def read_answer_colours(entry: Entry) -> dict[str, str]:
    """The colours of the options of a choice, or of "yes" and "no"."""
    written = {
        **{option.name: option.at("colour") for option in entry.children("options")},
        **dict(_read_answers(entry.at("colour"))),
    }
    return {name: each.written.strip() for name, each in written.items() if each.written.strip()}


def _read_answers(entry: Entry) -> Iterator[tuple[str, Entry]]:
    """What is written for yes and for no, in either language."""
    for answer in entry.children() if entry.is_mapping else ():
        is_yes_answer = is_yes(answer.name)
        if is_yes_answer is not None:
            yield ("yes" if is_yes_answer else "no"), answer
