"""Recommendations to one place in the order of their weight, what holds for many said once."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from engine.catalogue.model import Catalogue
from engine.reports.result_rows import Row, RowKey, measure_distance
from engine.translation import ngettext

_SENTENCE = re.compile(r"(?<=[.!?…])\s+(?=[«(]?[A-ZА-ЯЁ])")


@dataclass(frozen=True, slots=True)
class Recommendation:
    """One recommendation as it is printed: to one place, about one year.

    `group` is the section of what it is about, `about` its id; of several that are said as one, of
    the first, and no section where theirs differ.
    """

    id: str
    text: str
    level: str
    place: str
    year: int
    priority: int
    about: str = ""
    group: str = ""

    @property
    def says_year(self) -> bool:
        """Whether the text itself names the year that it is about."""
        return re.search(rf"(?<!\d){self.year}(?!\d)", self.text) is not None


def arrange_recommendations(
    catalogue: Catalogue,
    recommendations: Iterable[Recommendation],
    rows: Mapping[RowKey, Row],
    on_missing: Container[str],
) -> tuple[Recommendation, ...]:
    """The recommendations to one place in their order, those that end alike said as one.

    By priority come first those that data are missing, then the farthest from its target. Those
    of one priority and year are joined whose texts end in the same sentences. `on_missing`: the ids of
    those that say that data are missing: of them the sections alone are named.
    """
    ordered = sorted(
        recommendations,
        key=lambda each: (each.priority, each.id not in on_missing, -_distance(each, rows)),
    )
    alike: dict[tuple[object, ...], list[Recommendation]] = {}
    for each in ordered:
        lacking = each.id in on_missing and each.group in catalogue.groups
        ending = _split_text(each.text)[1]
        key = (each.priority, each.year, lacking, ending) if ending else (each,)
        alike.setdefault(key, []).append(each)
    return tuple(
        members[0] if len(members) == 1 else _join(catalogue, members, on_missing)
        for members in alike.values()
    )


def _distance(recommendation: Recommendation, rows: Mapping[RowKey, Row]) -> float:
    each = recommendation
    return measure_distance(rows.get(RowKey(each.about, each.level, each.place, each.year)))


def _split_text(text: str) -> tuple[str, str]:
    """The first sentence and all after it."""
    first, *others = _SENTENCE.split(text, maxsplit=1)
    return first, "".join(others)


def _join(
    catalogue: Catalogue, members: Sequence[Recommendation], on_missing: Container[str]
) -> Recommendation:
    first = members[0]
    groups = dict.fromkeys(each.group for each in members)
    ending = _split_text(first.text)[1]
    if first.id in on_missing and first.group in catalogue.groups:
        known = [group for group in catalogue.groups.values() if group.id in groups]
        names = [group.code or group.short_title for group in known]
        sentence = ngettext(
            "Data on {count} section are incomplete: {sections}.",
            "Data on {count} sections are incomplete: {sections}.",
            len(known),
        ).format(
            count=len(known),
            sections=(", " if all(group.code for group in known) else "; ").join(names),
        )
    else:
        sentence = _join_sentences([_split_text(each.text)[0] for each in members])
    text = f"{sentence} {ending}"
    return replace(first, text=text, group=first.group if len(groups) == 1 else "")


def _join_sentences(sentences: Sequence[str]) -> str:
    """`План, 1.2 «А»; 1.5 «Б»: не выполнено.`: what is said of each, once where it is the same."""
    heads, ends = zip(*(sentence.partition(": ")[::2] for sentence in sentences), strict=True)
    if not all(ends) or len(set(ends)) > 1:
        return " ".join(sentences)
    parts = zip(*(head.split(", ")[:-1] for head in heads), strict=False)
    start = "".join(f"{each[0]}, " for each in takewhile(lambda each: len(set(each)) == 1, parts))
    return f"{start}{'; '.join(head.removeprefix(start) for head in heads)}: {ends[0]}"
