"""A score in a cell of a form: `(0.5*IF(…)+0.2*IF(…))/(IF(…)+IF(…))`, each member by its own cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from engine.language.grammar import Weighing
from engine.language.readings.excel import (
    NONE,
    Condition,
    ExcelCell,
    all_of,
    any_of,
    chosen,
    condition_text,
    first_known,
    has_value,
    is_literal,
    known_cell,
    negated,
    number_text,
    unbracketed,
)


@dataclass(frozen=True, slots=True)
class LiveMember:
    """A member of a score: its value, its weight, whether both apply, the greatest it can be."""

    value: str
    weight: str
    applies: Condition
    greatest: Fraction = Fraction(1)

    @property
    def has(self) -> Condition:
        """Whether it and its weight are there."""
        return all_of(has_value(self.value), has_value(self.weight))

    @property
    def is_lost(self) -> Condition:
        """Whether it applies and is not there."""
        return all_of(self.applies, negated(self.has))

    @property
    def load(self) -> str:
        """Its weight, 0 where there is none."""
        return chosen(has_value(self.weight), self.weight, "0")


def weigh_cells(weighing: Weighing, members: Sequence[LiveMember]) -> ExcelCell:
    """The value of a score; an error of the sheet where it has none."""
    loads, dead = _share_out(weighing, members)
    # A member without a value weighs something only with `zero`, and is 0 there.
    values = [first_known([member.value, "0"]) for member in members]
    above = _sum([_times(load, value) for load, value in zip(loads, values, strict=True)])
    below = _sum(loads)
    text = above
    if weighing.how == "mean":
        text = f"({above}/{below})"
    elif weighing.how == "share":
        possible = [
            _times(load, number_text(float(member.greatest)))
            for load, member in zip(loads, members, strict=True)
        ]
        text = f"(100*{above}/{_sum(possible)})"
    elif weighing.absent == "rescale":
        due = [chosen(any_of(member.has, member.applies), member.load, "0") for member in members]
        if any(member.is_lost is not False for member in members):
            text = f"({above}*{_sum(due)}/{below})"
    if weighing.cap is not None:
        text = f"MIN({number_text(float(weighing.cap))},{unbracketed(text)})"
    if weighing.floor is not None:
        text = f"MAX({number_text(float(weighing.floor))},{unbracketed(text)})"
    plain = all(is_literal(member.weight) and member.weight != "0" for member in members)
    zero: Condition = False
    if not plain:
        signs = [f"({member.load}<0)" for member in members if not is_literal(member.weight)]
        zero = any_of(f"({below}=0)", *signs)
    holds = all_of(_enough(weighing, members), negated(dead), negated(zero))
    return known_cell(chosen(holds, text))


def _share_out(weighing: Weighing, members: Sequence[LiveMember]) -> tuple[list[str], Condition]:
    """The weight that each member ends with, and whether one that is missing leaves no score."""
    moves = dict(weighing.moves)
    arriving: list[list[str]] = [[] for _member in members]
    lost: list[Condition] = []
    for start, member in enumerate(members):
        stays = any_of(member.has, member.applies) if weighing.absent == "zero" else member.has
        arriving[start].append(chosen(stays, member.load, "0"))
        if weighing.absent == "none":
            lost.append(member.is_lost)
        if weighing.absent != "move":
            continue
        wanders, at = negated(member.has), start
        for _step in members:
            if at not in moves:
                break
            at = moves[at]
            arriving[at].append(chosen(all_of(wanders, members[at].has), member.load, "0"))
            wanders = all_of(wanders, negated(members[at].has))
        lost.append(all_of(wanders, members[at].is_lost))
    return [_sum(parts) for parts in arriving], any_of(*lost)


def _enough(weighing: Weighing, members: Sequence[LiveMember]) -> Condition:
    if weighing.members <= 1:
        return any_of(*(member.has for member in members))
    counts = [f"IF({condition_text(member.has)},1,0)" for member in members]
    return f"({'+'.join(counts)}>={weighing.members})"


def _sum(parts: Sequence[str]) -> str:
    known = [part for part in parts if part not in {"0", NONE}]
    return f"({'+'.join(known)})" if len(known) > 1 else (known or ["0"])[0]


def _times(left: str, right: str) -> str:
    if "0" in {left, right}:
        return "0"
    return right if left == "1" else f"{left}*{right}"
