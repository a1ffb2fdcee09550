"""Targets: what the order wants of each year, what it counts from, and with how many decimals."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cache
from typing import Any

from engine.catalogue.build.draft import COMPARATORS, Draft
from engine.catalogue.entry import Entry, is_yes, normal_name, year_of
from engine.catalogue.model import Comparator, Constant, Symbol, Target
from engine.catalogue.shape import read_schema
from engine.language.grammar import Formula, literal_number
from engine.problems import suggest_name
from engine.translation import gettext as _
from engine.units import Unit

GIVEN = "given"
"""What stands in place of a target that comes with the data, from targets.csv."""
_INCREASE = "increase"
_WRITTEN_COMPARATORS: tuple[Comparator, ...] = ("at_least", "at_most", "exactly", "between")
_ENDS = 2
_MOST_DECIMALS = 9


def build_base(draft: Draft, entry: Entry, symbols: Mapping[str, Symbol]) -> dict[int, Target]:
    """What the targets are counted from, by year: a number, or that of a constant."""
    made: dict[int, Target] = {}
    for written in entry.children("base"):
        year = year_of(written)
        if year is None:
            continue
        base = Target(
            year,
            "none",
            written.number,
            decimals=written.decimals,
            position=written.position,
            year_position=written.key_position,
        )
        if isinstance(written.data, str):
            base = replace(base, **{"decimals": 0, **_read_constant(draft, written, year, symbols)})
        if base.is_set:
            made[year] = base
    return made


def _read_constant(
    draft: Draft, written: Entry, year: int, symbols: Mapping[str, Symbol]
) -> dict[str, Any]:
    """The constant that a base names: its number of the year, or as a formula those of places."""
    name = normal_name(written.data.strip())
    constant = symbols.get(name)
    if not isinstance(constant, Constant):
        names = [name for name, symbol in symbols.items() if isinstance(symbol, Constant)]
        draft.report(
            "base-constant",
            _("the base is a number or a constant, and “{name}” is none").format(name=name),
            written.position,
            suggest_name(name, names) or _("declare it under `constants`, or write the number"),
            about=name,
        )
        return {}
    if constant.level is not None:
        return {"formula": draft.formula(written)}
    value = constant.values.get(year)
    if value is None:
        draft.report(
            "base-constant",
            _("the constant “{name}” has no value of {year}").format(name=name, year=year),
            written.position,
            _("write it under values of the constant, or write the number here"),
            about=name,
        )
        return {}
    return {"value": value, "decimals": count_decimals(value)}


def count_decimals(number: Fraction) -> int:
    """With how many decimals, at most nine, a number is written whole."""
    digits = range(_MOST_DECIMALS)
    return next((n for n in digits if (number * 10**n).denominator == 1), _MOST_DECIMALS)


def build_targets(  # noqa: PLR0917 - what is written, and of what
    draft: Draft,
    entry: Entry,
    kind: str,
    unit: Unit | None,
    base: Mapping[int, Target],
    written: Entry | None = None,
) -> tuple[dict[int, Target], int]:
    """The targets by year, and the decimals of the indicator; `written`: the targets of a part.

    Decimals are the indicator's own; else none for a plain counted unit; else the larger of the
    catalogue's and those its targets and its base are written with.
    """
    comparator = entry.choice("comparator", COMPARATORS, draft.comparator)
    targets = {}
    for of_year in (written or entry.at("targets")).children():
        year = year_of(of_year)
        target = None if year is None else _read_target(draft, of_year, year, comparator)
        if target:
            targets[target.year] = target
    # Of a base that could not be read there is a problem already.
    known = not entry.has("base") or 0 < len([*entry.children("base")]) == len(base)
    for year in sorted(targets):
        targets[year] = _add_increase(draft, targets[year], {**base, **targets}, known=known)
    decimals = entry.whole("decimals")
    if decimals is None:
        if kind != "number" or (unit is not None and unit.counted):
            decimals = 0
        else:
            written_with = (each.decimals for each in (*targets.values(), *base.values()))
            decimals = max(draft.decimals, *written_with, 0)
    return targets, decimals


def _add_increase(
    draft: Draft, target: Target, others: Mapping[int, Target], *, known: bool
) -> Target:
    """A target that is an increase, with the year it is counted from and, where known, its number.

    `known`: whether all that it may be counted from could be read.
    """
    if target.increase is None:
        return target
    years = [
        year
        for year, other in others.items()
        if year < target.year and other.is_set and other.comparator not in {"between", "yes"}
    ]
    if not years and not known:
        return target
    if not years:
        draft.report(
            "increase-from-nothing",
            _("there is no earlier number that {year} increases").format(year=target.year),
            target.position,
            _("write base: {{{year}: …}}, or the target of an earlier year as a number").format(
                year=target.year - 1
            ),
        )
        return target
    before = others[max(years)]
    number = None if before.value is None else before.value + target.increase
    decimals = max(before.decimals, target.decimals)
    return replace(target, value=number, since=before.year, decimals=decimals)


def _read_target(draft: Draft, entry: Entry, year: int, comparator: Comparator) -> Target | None:
    if entry.is_mapping:
        if entry.has(_INCREASE):
            return _read_increase(draft, entry, year, comparator)
        return _read_compared(draft, entry, year)
    target = Target(
        year,
        comparator,
        entry.number,
        decimals=entry.decimals,
        position=entry.position,
        year_position=entry.key_position,
    )
    if is_yes(entry.data):
        return replace(target, comparator="yes", value=Fraction(1))
    if isinstance(entry.data, str):
        if entry.data.strip() == GIVEN:
            return replace(target, given=True)
        number, formula, decimals = _read_end(draft, entry)
        target = replace(target, value=number, formula=formula, decimals=decimals)
        return target if target.is_set else None
    return target if entry.data is None or target.is_set else None


def _read_increase(draft: Draft, entry: Entry, year: int, comparator: Comparator) -> Target | None:
    """`{increase: 4}`: the earlier number plus so much."""
    written = entry.at(_INCREASE)
    others = [word for word in _WRITTEN_COMPARATORS if entry.at(word).data is not None]
    if others:
        _report_two_targets(draft, entry, (_INCREASE, *others))
    if written.number is None:
        return None
    return Target(
        year,
        comparator,
        None,
        decimals=written.decimals,
        position=written.position,
        year_position=entry.key_position,
        increase=written.number,
    )


def _read_compared(draft: Draft, entry: Entry, year: int) -> Target | None:
    """A target with its comparator: `{at_least: 250}`, `{between: [90, 110]}`."""
    comparators = [word for word in _WRITTEN_COMPARATORS if entry.at(word).data is not None]
    if len(comparators) > 1:
        _report_two_targets(draft, entry, comparators)
    if len(comparators) != 1:
        return None
    word = comparators[0]
    value = entry.at(word)
    written = tuple(value.children()) if word == "between" else (value,)
    ends = [_read_end(draft, end) for end in written]
    if len(ends) != (_ENDS if word == "between" else 1):
        return None
    if any(number is None and formula is None for number, formula, _decimals in ends):
        return None
    (first, formula, _decimals), *second = ends
    return Target(
        year,
        word,
        first,
        second[0][0] if second else None,
        max(decimals for _number, _formula, decimals in ends),
        value.position,
        entry.key_position,
        formula,
        second[0][1] if second else None,
    )


def _report_two_targets(draft: Draft, entry: Entry, words: Sequence[str]) -> None:
    draft.report(
        "contradictory-targets",
        _("one year has two targets: {targets}").format(
            targets=", ".join(f"{word} {entry.text(word)}".strip() for word in words)
        ),
        entry.position,
        _("leave one; for both ends write between: [a, b]"),
    )


def _read_end(draft: Draft, entry: Entry) -> tuple[Fraction | None, Formula | None, int]:
    """A number with its decimals, or a formula; a formula that is a number is that number."""
    if not isinstance(entry.data, str):
        return entry.number, None, entry.decimals
    if _refused_text().search(entry.data):
        return None, None, 0  # complained of by its shape
    formula = draft.formula(entry)
    number = literal_number(formula.tree) if formula else None
    if number is None:
        return None, formula, 0
    value = Fraction(str(number))
    return value, None, count_decimals(value)


@cache
def _refused_text() -> re.Pattern[str]:
    """What the schema says is no formula of a target: numbers with signs and words, as people write them."""
    _const, texts = read_schema()["$defs"]["target"]["not"]["anyOf"]
    return re.compile(texts["pattern"])


def read_breaks(entry: Entry) -> tuple[int, ...]:
    """The years of `break`: a list, or one."""
    written = entry.at("break")
    years = written.children() if isinstance(written.data, list) else iter((written,))
    return tuple(sorted(set(_whole_numbers(years))))


def _whole_numbers(entries: Iterator[Entry]) -> Iterator[int]:
    for entry in entries:
        if isinstance(entry.data, int) and not isinstance(entry.data, bool):
            yield entry.data
