"""What is not as it was, as objects of JSON: every changed definition and every changed number."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

from engine.catalogue.model import Catalogue
from engine.evaluation.asking import Results
from engine.evaluation.difference.definition_changes import DefinitionChange
from engine.evaluation.difference.differences import Differences
from engine.evaluation.difference.value_changes import AFTER, ASKED, BEFORE, take_side
from engine.evaluation.input_rows import all_rows
from engine.evaluation.json_rows import list_objects
from engine.reports.formats.definition_words import say_aspect

if TYPE_CHECKING:
    import polars as pl

_PLACE = ("level", "place", "place_title", "year", "scenario")


def make_difference(differences: Differences) -> dict[str, Any]:
    """The whole; `numbers` is null where no data were given."""
    numbers = differences.values
    return {
        "definitions": [_make_change(change, differences) for change in differences.definitions],
        "compared": differences.compared,
        "numbers": None if numbers is None else list(_make_numbers(numbers, differences)),
    }


def _make_change(change: DefinitionChange, differences: Differences) -> dict[str, Any]:
    aspects = []
    for aspect in change.aspects:
        before, after = say_aspect(aspect, change, differences.before, differences.after)
        aspects.append(
            {
                "aspect": aspect.aspect,
                "year": aspect.year,
                "before": before,
                "after": after,
                "counts": aspect in change.counting,
            }
        )
    return {
        "kind": change.kind,
        "what": change.what,
        "former": change.former or None,
        "id": change.id or None,
        "aspects": aspects,
    }


def _make_numbers(changed: pl.DataFrame, differences: Differences) -> Iterator[dict[str, Any]]:
    sides = [
        _make_side(catalogue, changed, side)
        for catalogue, side in ((differences.before, BEFORE), (differences.after, AFTER))
    ]
    find_causes = cache(differences.find_causes)
    for old, new in zip(*sides, strict=True):
        row = new or old or {}
        causes = find_causes(
            *(row_of_side["indicator"] if row_of_side else None for row_of_side in (old, new))
        )
        yield {
            "indicator": new["indicator"] if new else None,
            "former": old["indicator"] if old else None,
            **{name: row[name] for name in _PLACE},
            **{
                side: {name: values[name] for name in ASKED} if values else None
                for side, values in ((BEFORE, old), (AFTER, new))
            },
            "because": [
                {"kind": change.kind, "id": change.id or change.former} for change in causes
            ],
        }


def _make_side(
    catalogue: Catalogue, changed: pl.DataFrame, side: str
) -> Iterator[dict[str, Any] | None]:
    """The objects of one side, None where it has no such number."""
    rows = take_side(changed, side).filter(changed[side])
    results = Results((rows,), (), all_rows(catalogue))
    objects = list_objects(catalogue, results, rows, ("indicator", *_PLACE, *ASKED))
    for is_shown in changed[side]:
        yield next(objects) if is_shown else None
