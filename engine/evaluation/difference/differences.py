"""The one comparison of two editions of a catalogue with their results: `diff` and `check --watch`."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.catalogue.model import Catalogue
from engine.evaluation.difference.definition_changes import (
    DefinitionChange,
    compare_definitions,
    names_behind,
)
from engine.evaluation.difference.value_changes import compare_values

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, slots=True)
class Edition:
    """A catalogue and its results with the columns `ASKED` and `place_title`; None without data.

    The results have rows of the inputs too: those of a changed input are compared.
    """

    catalogue: Catalogue
    results: pl.DataFrame | None = None


@dataclass(frozen=True, slots=True)
class Differences:
    """What is not as it was.

    `values`: a row per changed number, as `compare_values` gives it; `compared`: how many numbers there
    are in the later results. Both are None where one of the editions has no results.
    """

    before: Catalogue
    after: Catalogue
    definitions: tuple[DefinitionChange, ...]
    values: pl.DataFrame | None = None
    compared: int | None = None

    def find_causes(self, former: str | None, name: str | None) -> tuple[DefinitionChange, ...]:
        """The changed definitions that the number of an indicator depends on, before or after.

        `former`, `name`: its ids; None of a side on which the number is not there.
        """
        behind: set[tuple[str, str]] = set()
        if former is not None:
            behind |= {("former", each) for each in names_behind(self.before, former)}
        if name is not None:
            behind |= {("id", each) for each in names_behind(self.after, name)}
        # The years of the report make numbers appear and disappear, and change none.
        everywhere = {"levels", "given", *(() if former and name else ("years",))}
        return tuple(
            change
            for change in self.definitions
            if change.counts
            and (
                any(each.aspect in everywhere for each in change.counting)
                if change.kind == "catalogue"
                else ("former", change.former) in behind or ("id", change.id) in behind
            )
        )


def compare_editions(before: Edition, after: Edition) -> Differences:
    """What of the definitions and, where both editions have results, of the numbers is another.

    With one folder of data under both editions, every changed number comes of a changed definition.
    The only place of a catalogue is named by its id: it is one place, whatever the id.
    """
    definitions, names = compare_definitions(before.catalogue, after.catalogue)
    if before.results is None or after.results is None:
        return Differences(before.catalogue, after.catalogue, definitions)
    ids = before.catalogue.id, after.catalogue.id
    places: Mapping[str, str] = {ids[0]: ids[1]} if ids[0] != ids[1] else {}
    changed = [change for change in definitions if change.kind == "input" and change.counts]
    old = _choose_rows(before.catalogue, before.results, {change.former for change in changed})
    new = _choose_rows(after.catalogue, after.results, {change.id for change in changed})
    values = compare_values(old, new, names | _name_parts(before.catalogue, names), places)
    return Differences(before.catalogue, after.catalogue, definitions, values, new.height)


def _choose_rows(
    catalogue: Catalogue, results: pl.DataFrame, inputs: AbstractSet[str]
) -> pl.DataFrame:
    """The rows of the indicators and of these inputs.

    Of an input that did not change, what is another number came with the data, and is in the numbers
    of the indicators.
    """
    kept = [*catalogue.indicators, *inputs]
    return results.filter(results["indicator"].is_in(kept))


def _name_parts(catalogue: Catalogue, names: Mapping[str, str]) -> dict[str, str]:
    """Indicators made for a part have the id of their whole before their own."""
    return {
        indicator.id: f"{names[whole]}.{indicator.part}"
        for indicator in catalogue.indicators.values()
        if indicator.part and (whole := indicator.id.removesuffix(f".{indicator.part}")) in names
    }
