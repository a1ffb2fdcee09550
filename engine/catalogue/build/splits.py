"""An indicator split by a column of the register: itself among the schools of every option."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from engine.catalogue.model import Catalogue, Indicator, RegisterColumn, shorten_title
from engine.language.grammar import Formula, parse_formula
from engine.problems import Position
from engine.translation import gettext as _
from engine.translation import use_language

ANSWERS = ("yes", "no")
"""The options of a yes/no column, as ids."""


@dataclass(frozen=True, slots=True)
class Split:
    """One option of a column, and the condition that holds at its schools."""

    column: str
    id: str
    title: str
    condition: Formula

    @property
    def short_title(self) -> str:
        """What is printed of the title beside others."""
        return shorten_title(self.title)

    def narrow(self, part: Indicator) -> Indicator:
        """The indicator among the schools of the option alone."""
        return replace(part, where=(*part.where, self.condition), column=self.column)


def list_splits(column: RegisterColumn, position: Position | None = None) -> tuple[Split, ...]:
    """One for each option, in their order; none for a column of another kind.

    A yes/no is called so in the language in force.
    """
    return tuple(_make_splits(column, position or Position("")))


def _make_splits(column: RegisterColumn, position: Position) -> Iterator[Split]:
    conditions = {option: f"{column.id}.{option}" for option in column.options}
    titles = dict(column.options)
    if column.type == "yes_no":
        conditions = dict(zip(ANSWERS, (column.id, f"not {column.id}"), strict=True))
        words = zip(ANSWERS, (_("yes"), _("no")), strict=True)
        titles = {answer: f"{column.title} — {word}" for answer, word in words}
    for option, text in conditions.items():
        condition, _problems = parse_formula(text, position)
        if condition is not None:  # an id that is no name has been complained of
            yield Split(column.id, option, titles[option], condition)


def split_catalogue(catalogue: Catalogue, column: RegisterColumn) -> Catalogue:
    """The catalogue with every indicator split by a column, for one run.

    A part has no targets of its own. Parts that the catalogue makes itself are left as they are.
    """
    indicators: dict[str, Indicator] = {}
    for indicator in catalogue.indicators.values():
        indicators.setdefault(indicator.id, indicator)
        if indicator.part is not None or indicator.unwritten:
            continue
        with use_language(catalogue.language):
            splits = list_splits(column, indicator.position)
        for split in splits:
            name = f"{indicator.id}.{split.id}"
            if name not in catalogue.symbols:
                indicators[name] = _make_part(indicator, name, split)
    symbols = {**indicators, **catalogue.symbols}
    return replace(catalogue, indicators=indicators, symbols=symbols)


def list_parts(
    catalogue: Catalogue, names: tuple[str, ...], column: RegisterColumn
) -> tuple[str, ...]:
    """Names of indicators, each followed by its parts by a column."""
    made = [split.id for split in list_splits(column)]
    return tuple(
        name
        for whole in names
        for name in (whole, *(f"{whole}.{option}" for option in made))
        if name == whole or name in catalogue.indicators
    )


def _make_part(whole: Indicator, name: str, split: Split) -> Indicator:
    part = replace(
        whole,
        id=name,
        title=f"{whole.title}: {split.title}",
        short=f"{whole.short_title}: {split.short_title}",
        input=None,
        part=split.id,
        code="",
        targets={},
        concept="",
    )
    return split.narrow(part)
