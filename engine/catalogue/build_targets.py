"""What the order wants of each year, and with how many decimals it is printed."""

from __future__ import annotations

from fractions import Fraction

from engine.catalogue.draft import COMPARATORS, Draft
from engine.catalogue.entry import Entry, is_yes, year_of
from engine.catalogue.model import Comparator, Target
from engine.i18n import gettext as _
from engine.units import Unit

_SAID: tuple[Comparator, ...] = ("at_least", "at_most", "exactly", "between")


def build_targets(
    draft: Draft, entry: Entry, kind: str, unit: Unit | None
) -> tuple[dict[int, Target], int]:
    """The targets by year, and the decimals of the indicator.

    Decimals are the indicator's own; else none for a plain counted unit; else the larger of the
    catalogue's and those its targets are written with.
    """
    comparator = entry.choice("comparator", COMPARATORS, draft.comparator)
    targets = {}
    for written in entry.children("targets"):
        year = year_of(written)
        target = None if year is None else _read_target(draft, written, year, comparator)
        if target:
            targets[target.year] = target
    decimals = entry.whole("decimals")
    if decimals is None:
        if kind != "number" or (unit is not None and unit.counted):
            decimals = 0
        else:
            decimals = max(draft.decimals, *(target.decimals for target in targets.values()), 0)
    return targets, decimals


def _read_target(draft: Draft, entry: Entry, year: int, comparator: Comparator) -> Target | None:
    if entry.is_mapping:
        return _read_said(draft, entry, year)
    value, number = entry.data, entry.number
    if is_yes(value):
        comparator, number = "yes", Fraction(1)
    if value is not None and number is None:
        return None
    return Target(
        year,
        comparator,
        number,
        decimals=entry.decimals,
        position=entry.position,
        year_position=entry.key_position,
    )


def _read_said(draft: Draft, entry: Entry, year: int) -> Target | None:
    """A target with its comparator: `{at_least: 250}`, `{between: [90, 110]}`."""
    said = [word for word in _SAID if entry.at(word).data is not None]
    if len(said) > 1:
        draft.report(
            "contradictory-targets",
            _("one year has two targets: {targets}").format(
                targets=", ".join(f"{word} {entry.text(word)}".strip() for word in said)
            ),
            entry.position,
            _("leave one; for both ends write between: [a, b]"),
        )
    if len(said) != 1:
        return None
    word = said[0]
    value = entry.at(word)
    ends = tuple(value.children()) if word == "between" else (value,)
    numbers = [end.number for end in ends]
    if len(ends) != (2 if word == "between" else 1) or (None in numbers and value.data is not None):
        return None
    return Target(
        year,
        word,
        numbers[0],
        numbers[1] if numbers[1:] else None,
        max(end.decimals for end in ends),
        value.position,
        entry.key_position,
    )
