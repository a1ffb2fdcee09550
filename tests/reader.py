"""A reader of the public page, who tries to tell what is hidden. Knows nothing of the engine's way.

What is printed is read from a CSV of the public results. Of the catalogue the reader knows what
stands in the order: which count is a part of which, what each share divides, that schools add up.
The bounds of a hidden number are those of an integer programme over all this; where there is little
enough of it, every whole number is tried instead: bounds are narrowed, then cases are split.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from math import lcm
from typing import Any

Name = tuple[str, str, str, int, str]
"""Input, level, place, year, scenario."""
Terms = dict[Name, Fraction]
SUPPRESSED = "suppressed"


@dataclass(frozen=True)
class Order:
    """What the order says in words, as the reader would note it down.

    `inside`: (parts, whole, whether they add up to it). `rates`: share → (part, whole), each a
    list of counts that are added; `totals`: indicator → counts that are added.
    """

    counts: tuple[str, ...]
    inside: tuple[tuple[tuple[str, ...], str, bool], ...]
    rates: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]
    totals: Mapping[str, tuple[str, ...]]
    levels: tuple[str, ...] = ("school", "municipality")


@dataclass
class Page:
    """What a public file prints: numbers, and where a number stands that it does not print."""

    known: dict[Name, Fraction] = field(default_factory=dict)
    digits: dict[Name, int] = field(default_factory=dict)
    hidden: set[Name] = field(default_factory=set)
    full: set[Name] = field(default_factory=set)


def read_page(text: str) -> Page:
    """Every number that can be got from the columns of a row, also by adding two of them."""
    page = Page()
    for row in csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";"):
        name = (
            *(row["indicator"], row["level"], row["place"]),
            *(int(row["year"]), row["scenario"]),
        )
        numbers = {
            key: Fraction(row[key].replace(",", "."))
            for key in ("value", "raw", "target", "deviation", "previous", "change", "plan")
            if row.get(key)
        } | (
            {"plan_deviation": Fraction(row["plan_deviation"].replace(",", "."))}
            if row.get("plan_deviation")
            else {}
        )
        value = numbers.get("value")
        for sign, key, other in ((1, "target", "deviation"), (1, "previous", "change")):
            if value is None and key in numbers and other in numbers:
                value = numbers[key] + sign * numbers[other]
        if value is None and "plan" in numbers and "plan_deviation" in numbers:
            value = numbers["plan"] + numbers["plan_deviation"]
        before = numbers.get("previous")
        if before is None and value is not None and "change" in numbers:
            before = value - numbers["change"]
        _note(page, name, row.get("raw") or row.get("value") or "", numbers.get("raw", value))
        _note(page, (*name[:3], name[3] - 1, "fact"), row.get("previous") or "", before)
        _note(page, (*name[:4], "forecast"), row.get("plan") or "", numbers.get("plan"))
        if row["reason"] == SUPPRESSED:
            page.hidden.add(name)
        if row.get("reported") and row["reported"] == row["expected"]:
            page.full.add(name)
    page.hidden -= set(page.known)
    return page


def _note(page: Page, name: Name, written: str, value: Fraction | None) -> None:
    if value is None:
        return
    digits = len(written.partition(",")[2])
    if name not in page.known or digits > page.digits[name]:
        page.known[name] = value
        page.digits[name] = digits


# --- what the reader concludes -------------------------------------------------------------------


@dataclass(frozen=True)
class Fact:
    """The sum of the terms is not negative; or, where it is strict, positive."""

    terms: tuple[tuple[Name, Fraction], ...]
    rest: Fraction
    strict: bool


@dataclass(frozen=True)
class Group:
    """Schools of a place that left the same counts unanswered, and what they have together.

    `nothing`: counts that do not apply to them, of which they have none.
    """

    name: str
    values: Mapping[str, Fraction]
    nothing: frozenset[str] = frozenset()

    def answered(self, counts: Iterable[str]) -> bool:
        """Whether they answered all of these."""
        return set(counts) <= {*self.values, *self.nothing}


Groups = Mapping[tuple[str, str, int, str], list[Group]]
"""Of a place, a year and a scenario."""


def conclude(
    order: Order, page: Page, decimals: int = 1, groups: Groups | None = None
) -> list[Fact]:
    """All that the order and the page say of counts.

    A reader who knows who answered what (`groups`) reads the rows that some schools do not enter
    too: what each group has is a number that is looked for.
    """
    facts = list(_from_groups(order, page, groups) if groups else _from_order(order, page))
    for name, value in page.known.items():
        one = name[0]
        if not groups and name not in page.full:
            continue
        if one in order.rates:
            part, whole = order.rates[one]
            half = Fraction(1, 2 * 10 ** max(decimals, page.digits[name]))
            need = {*part, *whole}
            above = dict.fromkeys(_entering(name, part, need, groups), Fraction(100))
            below = _entering(name, whole, need, groups)
            facts += [
                _fact(page, _plus(above, below, -(value - half)), strict=value <= 0),
                _fact(page, _plus(_times(above, -1), below, value + half), strict=value >= 0),
                _fact(page, _plus({}, below, Fraction(1)), strict=True),
            ]
        elif one in order.totals:
            counts = order.totals[one]
            total = dict.fromkeys(_entering(name, counts, set(counts), groups), Fraction(1))
            facts += [
                _fact(page, total, rest=-value),
                _fact(page, _times(total, -1), rest=value),
            ]
    return [fact for fact in facts if fact.terms]


def name_of_group(where: tuple[str, str, int, str], group: Group, count: str) -> Name:
    """What a count is called that a group has."""
    level, place, *when = where
    return (count, level, f"{place}/{group.name}", *when)  # type: ignore[return-value]


def _entering(
    name: Name, counts: Iterable[str], need: set[str], groups: Groups | None
) -> list[Name]:
    """The counts that a row adds up: those of the place, or of its groups that answered all."""
    if groups is None:
        return [_like(name, each) for each in counts]
    return [
        name_of_group(name[1:], group, each)
        for group in groups.get(name[1:], ())
        if group.answered(need)
        for each in counts
        if each in group.values
    ]


def _from_groups(order: Order, page: Page, groups: Groups) -> Iterator[Fact]:
    for where, there in groups.items():
        for count in order.counts:
            total: Terms = {(count, *where): Fraction(-1)}
            parts = [name_of_group(where, one, count) for one in there if count in one.values]
            yield _fact(page, _plus(total, parts, Fraction(1)))
            yield _fact(page, _times(_plus(total, parts, Fraction(1)), -1))
        for group in there:
            for names, whole, together in order.inside:
                if not group.answered({*names, whole}):
                    continue
                parts = [
                    name_of_group(where, group, each) for each in names if each in group.values
                ]
                top: Terms = {name_of_group(where, group, whole): Fraction(1)}
                if whole not in group.values:
                    top = {}
                for some in [parts] if together else [[part] for part in parts]:
                    yield _fact(page, _plus(top, some, Fraction(-1)))
                if together:
                    yield _fact(page, _times(_plus(top, parts, Fraction(-1)), -1))


def _like(name: Name, one: str) -> Name:
    """Another count of the same place, year and scenario."""
    return (one, *name[1:])


def _from_order(order: Order, page: Page) -> Iterator[Fact]:
    seen = {*page.known, *page.hidden}
    for where in sorted({name[1:] for name in seen}):
        for parts, whole, together in order.inside:
            names = [(part, *where) for part in parts]
            top: Name = (whole, *where)
            if top not in seen or not all(name in seen for name in names):
                continue
            if together:
                whole_less = _plus({top: Fraction(1)}, names, Fraction(-1))
                yield _fact(page, whole_less)
                yield _fact(page, _times(whole_less, -1))
            else:
                for name in names:
                    yield _fact(page, {top: Fraction(1), name: Fraction(-1)})
    lower, upper = order.levels
    for name in sorted(seen):
        one, level, _place, *when = name
        if level == upper and one in order.counts:
            below = [
                each
                for each in sorted(seen)
                if each[1] == lower and (each[0], *each[3:]) == (one, *when)
            ]
            if below:
                total = _plus({name: Fraction(-1)}, below, Fraction(1))
                yield _fact(page, total)
                yield _fact(page, _times(total, -1))


def _plus(terms: Terms, names: Iterable[Name], factor: Fraction) -> Terms:
    total = dict(terms)
    for name in names:
        total[name] = total.get(name, Fraction()) + factor
    return total


def _times(terms: Terms, factor: int) -> Terms:
    return {name: value * factor for name, value in terms.items()}


def _fact(page: Page, terms: Terms, *, rest: Fraction = Fraction(), strict: bool = False) -> Fact:
    """With the printed numbers put in."""
    left = {name: factor for name, factor in terms.items() if factor}
    for name in list(left):
        if name in page.known:
            rest += left.pop(name) * page.known[name]
    return Fact(tuple(sorted(left.items())), rest, strict)


# --- trying numbers ------------------------------------------------------------------------------


def find_range(facts: list[Fact], name: Name, far: int) -> tuple[int, int] | None:
    """The smallest and the largest that a hidden count can be, by an integer programme."""
    import highspy

    tied = _tied(facts, name)
    names = sorted({each for fact in tied for each, _factor in fact.terms} | {name})
    places = {each: number for number, each in enumerate(names)}
    model: Any = highspy.Highs()  # type: ignore[no-untyped-call]
    model.setOptionValue("output_flag", False)
    model.setOptionValue("mip_rel_gap", 0.0)
    model.setOptionValue("mip_abs_gap", 0.0)
    for number, each in enumerate(names):
        model.addVar(0.0, float(far))
        model.changeColIntegrality(number, highspy.HighsVarType.kInteger)
        model.changeColCost(number, float(each == name))
    for fact in tied:
        by = lcm(*(one.denominator for _each, one in fact.terms), fact.rest.denominator)
        columns = [places[each] for each, _factor in fact.terms]
        factors = [float(factor * by) for _each, factor in fact.terms]
        least = float(-fact.rest * by + fact.strict)
        model.addRow(least, float("inf"), len(columns), columns, factors)
    ends = []
    for sense in (highspy.ObjSense.kMinimize, highspy.ObjSense.kMaximize):
        model.changeObjectiveSense(sense)
        model.run()
        if model.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        ends.append(round(model.getSolution().col_value[places[name]]))
    return (ends[0], ends[1])


def try_range(facts: list[Fact], name: Name, far: int) -> tuple[int, int] | None:
    """The same by trying all numbers up to `far`."""
    tied = _tied(facts, name)
    names = {each for fact in tied for each, _factor in fact.terms} | {name}
    space = dict.fromkeys(names, (0, far))
    low = _first(tied, space, name, range(far + 1))
    high = _first(tied, space, name, range(far, -1, -1))
    return None if low is None or high is None else (low, high)


def _tied(facts: list[Fact], name: Name) -> list[Fact]:
    """The facts on this count, on those that they speak of, and so on."""
    use_language: dict[Name, list[int]] = {}
    for number, fact in enumerate(facts):
        for each, _factor in fact.terms:
            use_language.setdefault(each, []).append(number)
    found: set[int] = set()
    reached, waiting = {name}, [name]
    while waiting:
        for number in use_language.get(waiting.pop(), ()):
            if number in found:
                continue
            found.add(number)
            more = [each for each, _factor in facts[number].terms if each not in reached]
            reached.update(more)
            waiting += more
    return [facts[number] for number in sorted(found)]


def _first(
    facts: list[Fact], space: Mapping[Name, tuple[int, int]], name: Name, values: Iterable[int]
) -> int | None:
    start = narrow(facts, dict(space))
    if start is None:
        return None
    low, high = start[name]
    for value in values:
        if low <= value <= high and solve(facts, {**start, name: (value, value)}):
            return value
    return None


def solve(facts: list[Fact], space: dict[Name, tuple[int, int]]) -> bool:
    """Whether some whole numbers in these bounds agree with all facts."""
    narrowed = narrow(facts, space)
    if narrowed is None:
        return False
    open_ = [(high - low, name) for name, (low, high) in narrowed.items() if low < high]
    if not open_:
        return True
    _width, name = min(open_)
    low, high = narrowed[name]
    middle = (low + high) // 2
    return any(
        solve(facts, {**narrowed, name: half}) for half in ((low, middle), (middle + 1, high))
    )


def narrow(
    facts: list[Fact], space: dict[Name, tuple[int, int]]
) -> dict[Name, tuple[int, int]] | None:
    """Bounds without what no fact allows; None where nothing is left."""
    changed = True
    while changed:
        changed = False
        for fact in facts:
            most = fact.rest + sum(
                factor * space[name][1 if factor > 0 else 0] for name, factor in fact.terms
            )
            if most < 0 or (fact.strict and most == 0):
                return None
            for name, factor in fact.terms:
                low, high = space[name]
                others = most - factor * (high if factor > 0 else low)
                edge = -others / factor
                if factor > 0:
                    least = edge.__floor__() + 1 if fact.strict else edge.__ceil__()
                    low, moved = max(low, least), least > low
                else:
                    upper = edge.__ceil__() - 1 if fact.strict else edge.__floor__()
                    high, moved = min(high, upper), upper < high
                if low > high:
                    return None
                if moved:
                    space[name] = (low, high)
                    changed = True
                    break
    return space
