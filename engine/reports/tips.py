"""Which recommendations a page shows: by place, each about the last year with facts of its own.

One that says that data are missing is about the last year of the page, facts or none.
"""

from __future__ import annotations

import ast
from collections.abc import Container, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from engine.catalogue.model import Catalogue
from engine.reports.rows import Rows

if TYPE_CHECKING:
    from engine.catalogue.model_advice import Advice
    from engine.evaluation.advice import Advised
    from engine.reports.advice import Tip
    from engine.reports.audience import Audience

SUPPRESSED = "suppressed"


def choose_tips(
    catalogue: Catalogue,
    advised: Iterable[Advised],
    rows: Rows,
    years: Sequence[int],
    audience: Audience,
    *,
    on_missing: Container[str],
) -> Mapping[tuple[str, str], tuple[Tip, ...]]:
    """Level and place → its recommendations; every place of the rows has an entry.

    Recommendations are addressed: the public sees none. None is told that rests on a number which
    may not be shown. `on_missing`: those that say that data are missing (`list_on_missing`).
    """
    names = ("level", "place", "place_title", "indicator", "year", "scenario", "value", "reason")
    columns = [rows.column(name) for name in names]
    titles: dict[tuple[str, str], str] = {}
    hidden: set[tuple[str, str, str, int]] = set()
    known: dict[str, set[int]] = {"": set()}
    for level, place, title, indicator, year, scenario, value, reason in zip(*columns, strict=True):
        titles[level, place] = title or place
        if reason == SUPPRESSED:
            hidden.add((indicator, level, place, year))
        if scenario == "fact" and value is not None:
            known[""].add(year)
            known.setdefault(indicator, set()).add(year)
    if audience == "public":
        return dict.fromkeys(titles, ())
    # What nobody has reported of is spoken of in the last year that has facts at all.
    last = {name: last_year(years, found) for name, found in known.items()}
    newest = max(years, default=None)
    mine = [
        one
        for one in advised
        if one.year == (newest if one.id in on_missing else last.get(one.about, last[""]))
        and (one.level, one.place) in titles
        and not any(
            (name, one.level, one.place, one.year) in hidden for name in _rests_on(catalogue, one)
        )
    ]
    told: dict[tuple[str, str], list[Tip]] = {place: [] for place in titles}
    if mine:
        from engine.reports.advice import write_tips

        for tip in write_tips(catalogue, mine, lambda level, place: titles[level, place]):
            told[tip.level, tip.place].append(tip)
    return {place: tuple(tips) for place, tips in told.items()}


def last_year(years: Sequence[int], known: Iterable[int]) -> int | None:
    """The last of the years of which there are facts; the last of all where there are none."""
    return max((year for year in years if year in set(known)), default=max(years, default=None))


def list_on_missing(catalogue: Catalogue) -> frozenset[str]:
    """The ids of the recommendations that say that data are missing."""
    return frozenset(name for name, one in catalogue.advice.items() if speaks_of_missing(one))


def speaks_of_missing(advice: Advice) -> bool:
    """Whether the condition says that something is not reported."""
    denied = [
        node
        for node in ast.walk(advice.when.tree)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)
    ]
    return any(
        isinstance(one, ast.Call) and isinstance(one.func, ast.Name) and one.func.id == "reported"
        for node in denied
        for one in ast.walk(node)
    )


def _rests_on(catalogue: Catalogue, told: Advised) -> Iterable[str]:
    """What the condition and the text of a recommendation name."""
    advice = catalogue.advice[told.id]
    return {told.about, *told.names, *(use.id for use in advice.when.names())}
