"""What the order wants of each year, and with how many decimals it is printed."""

from __future__ import annotations

from dataclasses import replace
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
        target = _read_target(draft, written, year or 0, comparator)
        if year is not None and target:
            targets[year] = replace(target, year_position=written.key_position)
    decimals = entry.whole("decimals")
    if decimals is None:
        if kind != "number" or (unit is not None and unit.counted):
            decimals = 0
        else:
            decimals = max(draft.decimals, *(target.decimals for target in targets.values()), 0)
    return targets, decimals


def _read_target(draft: Draft, entry: Entry, year: int, comparator: Comparator) -> Target | None:
    place = entry.position
    if entry.data is None:
        return Target(year, comparator, None, position=place)
    if entry.is_mapping:
        return _read_said(draft, entry, year)
    if is_yes(entry.data):
        return Target(year, "yes", Fraction(1), position=place)
    number = entry.number
    if number is None:
        return None
    return Target(year, comparator, number, decimals=entry.decimals, position=place)


def _read_said(draft: Draft, entry: Entry, year: int) -> Target | None:
    """A target with its comparator: `{at_least: 250}`, `{between: [90, 110]}`."""
    said = [word for word in _SAID if entry.has(word)]
    if not said:
        return None
    if len(said) > 1:
        draft.report(
            "contradictory-targets",
            _("one year has two targets: {targets}").format(
                targets=", ".join(f"{word} {entry.text(word)}".strip() for word in said)
            ),
            entry.position,
            _("leave one; for both ends write between: [a, b]"),
        )
    word = said[0]
    value = entry.at(word)
    if word == "between":
        low, high = value.at(0), value.at(1)
        if low.number is None or high.number is None:
            return None
        decimals = max(low.decimals, high.decimals)
        return Target(year, word, low.number, high.number, decimals, value.position)
    if value.data is not None and value.number is None:
        return None
    return Target(year, word, value.number, None, value.decimals, value.position)
