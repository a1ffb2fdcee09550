"""What a new catalogue takes from another one beside the table of its own order.

The inputs, and what they are declared with, as they stand there; and the formula of every indicator
that has the same title and unit and is made of inputs alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from engine.catalogue.model import Catalogue, Indicator
from engine.same_names import fold_name

_SECTIONS = ("inputs", "register", "units", "constants")


@dataclass(frozen=True, slots=True)
class BorrowedParts:
    """`files`: name → text; `formulas`: folded title and unit → its indicator, where only one has them."""

    name: str
    files: Mapping[str, str] = field(default_factory=dict)
    formulas: Mapping[tuple[str, str | None], Indicator] = field(default_factory=dict)
    levels: tuple[str, ...] = ("school", "municipality")
    given: tuple[str, ...] = ()

    def find(self, title: str, unit: str | None) -> Indicator | None:
        """The indicator with this title and unit whose formula can be taken."""
        return self.formulas.get((fold_name(title), unit))


def borrow_parts(catalogue: Catalogue, texts: Mapping[str, str]) -> BorrowedParts:
    """What can be taken from a catalogue; `texts`: the names of its files → their texts."""
    titled: dict[tuple[str, str | None], list[Indicator]] = {}
    for indicator in catalogue.indicators.values():
        unit = indicator.unit.id if indicator.unit else None
        titled.setdefault((fold_name(indicator.title), unit), []).append(indicator)
    return BorrowedParts(
        catalogue.id,
        dict(_cut_sections(texts)),
        {
            key: several[0]
            for key, several in titled.items()
            if len(several) == 1 and _is_of_inputs(catalogue, several[0])
        },
        catalogue.levels,
        catalogue.given,
    )


def _is_of_inputs(catalogue: Catalogue, indicator: Indicator) -> bool:
    """Whether its formulas are written, hold for all schools and name no other indicator."""
    names = {use.id for _year, formula in indicator.formulas for use in formula.names()}
    others = catalogue.indicators.keys() - catalogue.inputs.keys()
    return bool(indicator.formulas) and not indicator.where and not names & others


def write_formula(indicator: Indicator) -> str:
    """The formula as a catalogue writes it, or the formulas by year."""
    texts = {year: formula.text.strip() for year, formula in indicator.formulas}
    if None in texts:
        return f'"{texts[None]}"'
    return "{" + ", ".join(f'{year}: "{text}"' for year, text in texts.items()) + "}"


def _cut_sections(texts: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for key in _SECTIONS:
        parts = [part for text in texts.values() for part in cut_section(text, key)[1:2] if part]
        for number, part in enumerate(parts, 1):
            yield f"{key}{number if number > 1 else ''}.yaml", part


def cut_section(text: str, key: str) -> tuple[str, str, str]:
    """What stands before a section of a catalogue's file, the section, and the rest."""
    match = re.search(rf"^{key}:.*?(?=^[^\s#]|\Z)", text, re.MULTILINE | re.DOTALL)
    if match is None:
        return text, "", ""
    return text[: match.start()], match[0], text[match.end() :]
