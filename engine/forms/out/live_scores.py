"""A score in a cell of a form: `SUMPRODUCT(E7:E9,{0.5;0.3;0.2})/SUMPRODUCT(ISNUMBER(E7:E9)*{0.5;0.3;0.2})`.

So it is over members that stand in cells of the form just as they are, with weights that are plain numbers.
A member that stands nowhere, or is rounded where it stands, is written out: `0.5*IF(…)`. Where weights
`move`, each product is: which weight a member ends with differs from answer to answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import cast

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
    is_plain_number,
    known_cell,
    negated,
    number_text,
    unbracketed,
)
from engine.workbooks.addresses import Cell, read_address, split_runs


@dataclass(frozen=True, slots=True)
class LiveMember:
    """A member of a score: its value, its weight, whether both apply, the greatest it can be.

    `address`: the cell of the form that shows it unrounded, as a number or as an empty text; empty for none.
    """

    value: str
    weight: str
    applies: Condition
    greatest: Fraction = Fraction(1)
    address: str = ""

    @property
    def has(self) -> Condition:
        """Whether it and its weight are there."""
        if self.address:
            return all_of(f"ISNUMBER({self.address})", has_value(self.weight))
        return all_of(has_value(self.value), has_value(self.weight))

    @property
    def is_summed(self) -> bool:
        """Whether it can be summed with others by its cell."""
        return bool(self.address) and is_plain_number(self.weight)

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
    values = [
        f"N({member.address})" if member.address else first_known([member.value, "0"])
        for member in members
    ]
    # Where weights move, each member is weighed by itself.
    summed = [weighing.absent != "move" and member.is_summed for member in members]
    # What is not there adds nothing: its cell holds an empty text.
    products = [_times(load, value) for load, value in zip(loads, values, strict=True)]
    weights = [member.weight for member in members]
    above = _sum_members(members, products, weights, summed, "{}")
    below = _sum(loads)
    if weighing.absent in {"none", "rescale"}:
        below = _sum_members(members, loads, weights, summed, "ISNUMBER({})")
    text = above
    if weighing.how == "mean":
        text = f"({above}/{below})"
    elif weighing.how == "share":
        possible = [
            _times(load, number_text(float(member.greatest)))
            for load, member in zip(loads, members, strict=True)
        ]
        most = _sum(possible)
        if weighing.absent in {"none", "rescale"}:
            weights = [
                number_text(float(member.weight) * float(member.greatest)) if is_summed else ""
                for member, is_summed in zip(members, summed, strict=True)
            ]
            most = _sum_members(members, possible, weights, summed, "ISNUMBER({})")
        text = f"(100*{above}/{most})"
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
    enough = _enough(weighing, members)
    # It does not apply where nothing is missing, and too few of its members apply.
    applies = any_of(enough, *(member.is_lost for member in members))
    holds = all_of(enough, negated(dead), negated(zero))
    return replace(known_cell(chosen(holds, text)), applies=applies)


def _sum_members(
    members: Sequence[LiveMember],
    parts: Sequence[str],
    weights: Sequence[str],
    summed: Sequence[bool],
    pattern: str,
) -> str:
    """The sum of all `parts`; of `summed` members by their cells and `weights`, by `pattern`."""
    cells = [
        (member.address, weight)
        for member, weight, is_summed in zip(members, weights, summed, strict=True)
        if is_summed
    ]
    if len(cells) <= 1:
        return _sum(parts)
    written = [part for part, is_summed in zip(parts, summed, strict=True) if not is_summed]
    return _sum([*_weigh_runs(cells, pattern), *written])


def _weigh_runs(cells: Sequence[tuple[str, str]], pattern: str) -> Iterator[str]:
    """The products of cells and weights, together where cells stand below each other."""
    if all(weight == "1" for _address, weight in cells):
        function = "SUM" if pattern == "{}" else "COUNT"
        yield f"{function}({','.join(address for address, _weight in cells)})"
        return
    for rows in split_runs(cells, lambda weighed: cast("Cell", read_address(weighed[0]))):
        (start, weight), (end, _weight) = rows[0], rows[-1]
        if len(rows) == 1:
            yield f"{weight}*{pattern.format(start) if pattern != '{}' else f'N({start})'}"
            continue
        array = f"{{{';'.join(each for _address, each in rows)}}}"
        sign = "," if pattern == "{}" else "*"
        yield f"SUMPRODUCT({pattern.format(f'{start}:{end}')}{sign}{array})"


def _share_out(weighing: Weighing, members: Sequence[LiveMember]) -> tuple[list[str], Condition]:
    """The weight that each member ends with, and whether one that is missing leaves no score."""
    moves = dict(weighing.moves)
    if weighing.absent == "move":
        ends = [member for number, member in enumerate(members) if number not in moves]
        arriving = _move_weights(moves, members)
        loads = [
            chosen(member.has, load, "0") for member, load in zip(members, arriving, strict=True)
        ]
        return loads, any_of(*(member.is_lost for member in ends))
    stays = [
        any_of(member.has, member.applies) if weighing.absent == "zero" else member.has
        for member in members
    ]
    loads = [chosen(stay, member.load, "0") for stay, member in zip(stays, members, strict=True)]
    lost = any_of(*(member.is_lost for member in members))
    return loads, lost if weighing.absent == "none" else False


def _move_weights(moves: Mapping[int, int], members: Sequence[LiveMember]) -> list[str]:
    """The weight that comes to each member: its own, and those of members without a value before it."""

    def arriving(goal: int) -> str:
        passed = [
            chosen(members[start].has, "0", arriving(start))
            for start, end in moves.items()
            if end == goal
        ]
        return _sum([members[goal].load, *passed])

    return [arriving(number) for number in range(len(members))]


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
