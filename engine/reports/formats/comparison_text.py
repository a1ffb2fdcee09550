"""Catalogues side by side: as cells of a table, as objects of JSON, as a page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine.evaluation.comparison import ComparedValue, Comparison, ConceptDifference, ConceptRow
from engine.reports import filters
from engine.reports.environment import make_environment
from engine.reports.templates import Template, shipped_folder
from engine.translation import chosen_language
from engine.translation import gettext as _
from engine.typography import quote
from engine.units import format_quantity, unit_word
from engine.version import ENGINE_VERSION

PAGE = "_compare.html.j2"


def lay_out_comparison(comparison: Comparison) -> tuple[list[str], list[list[str]]]:
    """Headings and a row of texts for each concept: id, title, a cell for each place, the verdict."""
    headings = [
        _("Concept"),
        _("Title"),
        *(place.title for place in comparison.places),
        _("Comparable?"),
    ]
    rows = [
        [row.concept, row.title, *show_cells(row), say_comparable(row, comparison)]
        for row in comparison.rows
    ]
    return headings, rows


def show_cells(row: ConceptRow) -> list[str]:
    """What each place has, with its difference from the first one in brackets."""
    cells = []
    for number, value in enumerate(row.values):
        text = show_compared(value)
        change = row.changes[number] if row.changes else None
        cells.append(text if change is None else f"{text} ({show_change(row, change)})")
    return cells


def show_compared(value: ComparedValue | None) -> str:
    """A value as printed with its unit; why there is none; a dash where there is no such concept."""
    if value is None:
        return filters.DASH
    if isinstance(value.value, bool):
        return _("yes") if value.value else _("no")
    if isinstance(value.value, int | float):
        return format_quantity(value.value, value.unit, value.row.decimals, chosen_language())
    if isinstance(value.value, list):
        return "; ".join(value.value)
    return value.value if value.value is not None else filters.reason(value.reason)


def show_change(row: ConceptRow, change: float) -> str:
    """A difference with its sign and unit."""
    decimals = max(value.row.decimals for value in row.values if value is not None)
    unit, language = row.change_unit, chosen_language()
    word = unit_word(change, unit, decimals, language) if unit else ""
    return f"{filters.signed(change, decimals)} {word}".strip()


def say_comparable(row: ConceptRow, comparison: Comparison) -> str:
    """Whether the values may be set against each other, and what differs where they may not."""
    if row.comparable is None:
        return _("only one has this concept")
    if row.comparable:
        order = " · ".join(comparison.places[number].title for number in row.order)
        return (
            _("comparable; the best first: {order}").format(order=order)
            if order
            else _("comparable")
        )
    return _("not comparable: {differences}").format(
        differences="; ".join(map(say_difference, row.differences))
    )


def say_difference(difference: ConceptDifference) -> str:
    """What differs, with the words of each place in the order of the columns."""
    name = {
        "kind": _("kind of value"),
        "unit": _("unit"),
        "period": _("period"),
        "numerator": _("numerator"),
        "denominator": _("denominator"),
        "schools": _("who counts"),
        "formula": _("formula"),
        "terms": _("what it is counted by"),
    }[difference.aspect]
    words = [text for text in difference.words if text]
    if len(set(words)) > 1:
        return f"{name} — {' / '.join(words)}"
    return _("{name} — {words}, but its inputs share no concept").format(name=name, words=words[0])


# --- JSON -----------------------------------------------------------------------------------------


def make_comparison(comparison: Comparison) -> dict[str, Any]:
    """The whole as an object of JSON."""
    return {
        "year": comparison.year,
        "ranked": comparison.ranked,
        "places": [
            {
                "catalogue": place.catalogue.id,
                "catalogue_version": place.catalogue.version,
                "level": place.level,
                "place": place.place,
                "place_title": place.title,
            }
            for place in comparison.places
        ],
        "concepts": [_make_concept(row, comparison) for row in comparison.rows],
    }


def _make_concept(row: ConceptRow, comparison: Comparison) -> dict[str, Any]:
    return {
        "concept": row.concept,
        "title": row.title,
        "comparable": row.comparable,
        "differences": [
            {"aspect": each.aspect, "words": [text or None for text in each.words]}
            for each in row.differences
        ],
        "words": say_comparable(row, comparison),
        "order": [comparison.places[number].place for number in row.order],
        "values": list(_make_values(row)),
    }


def _make_values(row: ConceptRow) -> Iterator[dict[str, Any] | None]:
    for number, value in enumerate(row.values):
        if value is None:
            yield None
            continue
        yield {
            "id": value.row.id,
            "title": value.row.title,
            "value": value.value,
            "unit": value.unit.id if value.unit else None,
            "reason": value.reason,
            "difference": row.changes[number] if row.changes else None,
        }


# --- page -----------------------------------------------------------------------------------------


def render_comparison(comparison: Comparison) -> str:
    """The page that shows the comparison."""
    template = Template(PAGE, shipped_folder() / PAGE, shipped=True, description="")
    lines = [
        {
            "row": row,
            "cells": [
                {
                    "text": show_compared(value),
                    "title": value.row.title if value is not None else "",
                    "change": None
                    if not row.changes or row.changes[number] is None
                    else show_change(row, row.changes[number] or 0),
                }
                for number, value in enumerate(row.values)
            ],
            "words": say_comparable(row, comparison),
        }
        for row in comparison.rows
    ]
    page = make_environment(template).get_template(PAGE)
    catalogues = dict.fromkeys(quote(place.catalogue.title) for place in comparison.places)
    return page.render(
        comparison=comparison,
        lines=lines,
        catalogues=", ".join(catalogues),
        engine_version=ENGINE_VERSION,
        language=chosen_language(),
    )
