"""What ties the printed numbers together: inequalities between whole numbers.

Every number that is asked and adds up is a whole number (of tenths, where it is printed with one
decimal). A printed share puts its two counts between two lines, since it was rounded; a check of
the catalogue, a part and its whole, a place and the places in it are inequalities too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from math import gcd, lcm

from engine.catalogue.lookups import inputs_behind
from engine.catalogue.model import Catalogue, Indicator
from engine.data.register import PlacesAbove
from engine.publication.class_bounds import bounds_of_class, bounds_of_named
from engine.publication.combined_rows import CombinedRows, Grounded, Ratio, name_cells
from engine.publication.groups import (
    PlaceAnswers,
    PlaceYear,
    RequiredInputs,
    Respondent,
    RespondentGroup,
    find_uneven,
    group_schools,
    keeps_rule,
    name_conditions,
    name_side,
)
from engine.publication.linear import FormulaReader, Quotient, Sum, is_summed, summed_from
from engine.publication.printed_cells import PrintedCell, PrintedNumbers, group_by_row

_NONE = "not_applicable"
_MINUS = Fraction(-1)


@dataclass(frozen=True, slots=True)
class Inequality:
    """The sum of the terms is at least `least`; known to who reads `source` (None: to everybody)."""

    terms: tuple[tuple[PrintedCell, int], ...]
    least: int
    source: PrintedCell | None = None


@dataclass(frozen=True, slots=True)
class System:
    """The true numbers, and all that a reader knows of them beside the numbers themselves.

    `values` are whole: `steps` of them make one. `most`: what a number cannot exceed. `pieces`:
    numbers that stand on no page, those of some schools of a place, each with its total. `sums`:
    what the rows that are sums or quotients of such numbers are made of; `loose`: rows that are
    made otherwise. `narrowed`: of rows that count some schools only, what they are made of: the sums above
    and below; so of those that are `combined` of numbers of other schools or years, and count
    nobody. `schools`: who answers in a place where not all answered everything. `alone`: pieces
    that are all that such a row counts. `known`: what an earlier release printed; `guarded`: pieces
    that it hid. `slack`: how far the true numbers are from breaking each inequality. `by_cell`: the
    inequalities that a number stands in, by their positions, with its factor there.
    """

    values: dict[PrintedCell, int] = field(default_factory=dict)
    steps: dict[str, int] = field(default_factory=dict)
    most: dict[PrintedCell, int] = field(default_factory=dict)
    pieces: dict[PrintedCell, PrintedCell] = field(default_factory=dict)
    inequalities: list[Inequality] = field(default_factory=list)
    slack: list[int] = field(default_factory=list)
    sums: dict[PrintedCell, Quotient] = field(default_factory=dict)
    loose: set[PrintedCell] = field(default_factory=set)
    known: set[PrintedCell] = field(default_factory=set)
    guarded: set[PrintedCell] = field(default_factory=set)
    by_cell: dict[PrintedCell, list[tuple[int, int]]] = field(default_factory=dict)
    by_source: dict[PrintedCell, list[int]] = field(default_factory=dict)
    narrowed: dict[PrintedCell, tuple[Grounded, Grounded]] = field(default_factory=dict)
    combined: set[PrintedCell] = field(default_factory=set)
    schools: dict[PlaceYear, list[Respondent]] = field(default_factory=dict)
    alone: set[PrintedCell] = field(default_factory=set)

    def keep(self, inequality: Inequality) -> None:
        """Add an inequality that holds of the true numbers."""
        number = len(self.inequalities)
        self.inequalities.append(inequality)
        self.slack.append(self.weigh(inequality.terms) - inequality.least)
        for cell, factor in inequality.terms:
            self.by_cell.setdefault(cell, []).append((number, factor))
        if inequality.source is not None:
            self.by_source.setdefault(inequality.source, []).append(number)

    def weigh(self, terms: Iterable[tuple[PrintedCell, int]]) -> int:
        """What a sum comes to of the true numbers."""
        return sum(factor * self.values[cell] for cell, factor in terms)

    def worth(self, terms: Mapping[PrintedCell, Fraction], rest: Fraction) -> Fraction:
        """The same with fractions, and a number added."""
        return sum((factor * self.values[cell] for cell, factor in terms.items()), rest)


def build_system(
    catalogue: Catalogue,
    printed: PrintedNumbers,
    rows: Mapping[str, Indicator],
    lineage: PlacesAbove,
    answers: PlaceAnswers,
    *,
    trusting: bool = False,
) -> System:
    """All that the printed numbers, the catalogue and the map of places say of each other.

    `answers`: of the schools, where not all of them answered everything. `trusting`: the numbers are
    a guess; what they do not agree with is kept too.
    """
    system = System()
    builder = _Builder(catalogue, printed, rows, FormulaReader(catalogue), system, trusting)
    builder.place_numbers()
    builder.place_groups(answers, lineage)
    builder.read_rows()
    builder.read_checks()
    builder.add_places(lineage)
    return system


@dataclass(frozen=True, slots=True)
class _Builder:
    catalogue: Catalogue
    printed: PrintedNumbers
    rows: Mapping[str, Indicator]
    reader: FormulaReader
    system: System
    trusting: bool
    groups: dict[PlaceYear, list[RespondentGroup]] = field(default_factory=dict)
    rules: dict[int, list[tuple[str, Sum]]] = field(default_factory=dict)
    tied: set[Inequality] = field(default_factory=set)

    def place_numbers(self) -> None:
        """The inputs that add up are the numbers; all other rows are made of them or loose."""
        inputs = self.catalogue.inputs
        for cell, value in self.printed.values.items():
            given, row = inputs.get(cell.id), self.rows.get(cell.id)
            if given is None or row is None or row.where or not is_summed(given):
                continue
            whole = given.type in {"count", "yes_no"}
            step = 1 if whole else 10**row.decimals
            if (value * step).denominator > 1 or value < 0:
                continue
            self.system.steps[cell.id] = step
            self.system.values[cell] = int(value * step)
            if given.type == "yes_no":
                lowest = cell.level == given.level
                most = 1 if lowest else self.printed.expected.get(cell)
                if most is not None:
                    self.system.most[cell] = max(most, int(value))

    def place_groups(self, answers: PlaceAnswers, lineage: PlacesAbove) -> None:
        """Numbers of some schools of a place, where a row counts not all that its totals count."""
        public = {cell.level for cell in self.system.values}
        for where, schools in answers.items():
            needs = self._list_needs(where.year)
            groups = group_schools(schools, needs, where, public)
            above = lineage.get((where.level, where.place, where.year), {})
            for level, place in ((where.level, where.place), *above.items()):
                at = where._replace(level=level, place=place)
                self.groups.setdefault(at, []).extend(groups)
                self.system.schools.setdefault(at, []).extend(schools)
            self.system.schools.update((group.where, list(group.schools)) for group in groups)
            unseen = [group for group in groups if group.where.level not in public]
            for name in self._spread(find_uneven(unseen, needs), where.year):
                self._place_pieces(name, where, unseen)

    def _list_needs(self, year: int) -> list[RequiredInputs]:
        """What the rows of a year name, that are entered by schools which answered all of it."""
        needs = dict[RequiredInputs, None]()
        for row in self.rows.values():
            if row.id in self.catalogue.inputs or (
                row.missing != "skip" and not row.where and not row.same_schools
            ):
                continue
            quotient = self.reader.indicator(row, year)
            behind = quotient.names if quotient else inputs_behind(self.catalogue, (row.id,))
            need = self._need(row, frozenset(behind))
            if row.where or (row.missing == "skip" and len(need) > 1):
                needs[need] = None
            if row.same_schools:
                for side in ("now", "before"):
                    needs[frozenset((*behind, name_side(row.id, side)))] = None
        return list(needs)

    def _need(self, row: Indicator, names: frozenset[str]) -> RequiredInputs:
        """What a school must have answered, and which conditions it must meet, to enter a row."""
        names = frozenset(name for name in names if not self.catalogue.inputs[name].given_at)
        return (names if row.missing == "skip" else frozenset()) | name_conditions(row)

    def _spread(self, names: set[str], year: int) -> list[str]:
        """These inputs and those that checks of who answers compare with them."""
        levels = {self.catalogue.inputs[name].level for name in names}
        tied = [set(rule) - {""} for level, rule in self._list_rules(year) if level in levels]
        reached: set[str] = set()
        while len(names) > len(reached):
            reached = names
            names = reached.union(*(rule for rule in tied if rule & reached))
        return sorted(names)

    def _place_pieces(self, name: str, where: PlaceYear, groups: Iterable[RespondentGroup]) -> None:
        total, given = PrintedCell(name, *where), self.catalogue.inputs[name]
        if total not in self.system.values:
            return
        balance = {total: _MINUS}
        for group in groups:
            value = group.values.get(name)
            if value is None or (value * self.system.steps[name]).denominator > 1:
                continue
            piece = PrintedCell(name, *group.where)
            balance[piece] = Fraction(1)
            self.system.values[piece] = int(value * self.system.steps[name])
            self.system.pieces[piece] = total
            if given.type == "yes_no":
                self.system.most[piece] = sum(
                    name in respondent.values for respondent in group.schools
                )
        if len(balance) > 1:  # else it is places of another level that answer it
            self._balance(balance)

    def read_rows(self) -> None:
        """Each printed row that is a sum or a quotient holds its numbers between two lines."""
        combined = CombinedRows(self.reader, self._ground_sides, self._need)
        for cell, value in self.printed.values.items():
            row = self.rows.get(cell.id)
            if cell in self.system.values:
                continue
            quotient = self.reader.indicator(row, cell.year) if row else None
            ratio = self._ground_row(cell, row, quotient) if row and quotient else None
            if row and quotient is None and not (self.trusting and self._counts_some(row)):
                ratio = combined.read(row, cell)
                quotient = name_cells(ratio) if ratio else None
                if ratio:
                    self.system.narrowed[cell] = ratio
                    self.system.combined.add(cell)
            lines = list(self._between(cell, value, row, ratio)) if row and ratio else []
            if row and ratio and lines:
                lines += self._in_class(cell, row, ratio)
            if quotient and lines and all(self._holds(line) for line in lines):
                self.system.sums[cell] = quotient
                for line in lines:
                    self.system.keep(line)
            else:
                self.system.loose.add(cell)

    def _counts_some(self, row: Indicator) -> bool:
        """Whether a row, or one that it names, is of some schools of a place only."""
        named = (
            self.catalogue.symbols.get(use.id) for _y, each in row.formulas for use in each.names()
        )
        return row.same_schools or any(
            isinstance(each, Indicator) and (each.same_schools or each.where) for each in named
        )

    def _ground_sides(
        self, quotient: Quotient, cell: PrintedCell, need: RequiredInputs | None
    ) -> Ratio | None:
        above, below = (self.ground(side, cell, need) for side in (quotient.above, quotient.below))
        return None if above is None or below is None else (above, below)

    def _ground_row(self, cell: PrintedCell, row: Indicator, quotient: Quotient) -> Ratio | None:
        """The sums that a row divides, over the schools that it counts."""
        need = self._need(row, quotient.names) or None
        ratio = self._ground_sides(quotient, cell, need)
        if ratio is None or (self.trusting and row.where):
            return None  # of an earlier release it is not known which schools met the condition
        if row.where and any(self.catalogue.inputs[name].given_at for name in quotient.names):
            return None
        if row.where and (self.trusting or self.system.worth(*ratio[1]) > 0):
            self.system.narrowed[cell] = ratio
            if self.printed.expected.get(cell) == 1:
                inside = self._list_inside(cell, need)
                self.system.alone.update(self.system.pieces.keys() & inside)
        return ratio

    def _between(
        self, cell: PrintedCell, value: Fraction, row: Indicator, ratio: Ratio
    ) -> Iterator[Inequality]:
        above, below = ratio
        if not self.trusting and self.system.worth(*below) <= 0:
            return
        half = Fraction(1, 2 * 10**row.decimals)
        # A half is rounded away from zero: 12.5 stands for 12.45 up to, but not with, 12.55.
        yield self._line(above, below, -(value - half), cell, strict=value <= 0)
        yield self._line(above, below, value + half, cell, strict=value >= 0, sign=_MINUS)
        yield self._line(below, ({}, Fraction()), Fraction(), cell, strict=True)

    def _in_class(self, cell: PrintedCell, row: Indicator, ratio: Ratio) -> Iterator[Inequality]:
        """What the class of a printed value says: between which ends it was before it was rounded."""
        above, below = ratio
        if self.trusting:  # the numbers are a guess: it was printed, or it is not known
            name = self.printed.classes.get(cell, "")
            low, high = bounds_of_named(self.catalogue, row.id, cell.year, name)
        else:
            value = self.system.worth(*above) / self.system.worth(*below)
            low, high = bounds_of_class(self.catalogue, row.id, cell.year, value)
        if low is not None:
            yield self._line(above, below, -low, cell, strict=low <= 0)
        if high is not None:
            yield self._line(above, below, high, cell, strict=high >= 0, sign=_MINUS)

    def _line(
        self,
        one: Grounded,
        other: Grounded,
        factor: Fraction,
        source: PrintedCell | None,
        *,
        strict: bool,
        sign: Fraction = Fraction(1),
    ) -> Inequality:
        """`sign` · one + factor · other ≥ 0, or > 0 where it is strict."""
        cells = dict.fromkeys((*one[0], *other[0]))
        terms = {
            cell: sign * one[0].get(cell, Fraction()) + factor * other[0].get(cell, Fraction())
            for cell in cells
        }
        return whole_inequality(terms, sign * one[1] + factor * other[1], source, strict=strict)

    def _holds(self, inequality: Inequality) -> bool:
        return self.trusting or self.system.weigh(inequality.terms) >= inequality.least

    def ground(
        self,
        total: Sum,
        at: PrintedCell,
        need: RequiredInputs | None = None,
        *,
        below: bool = False,
    ) -> Grounded | None:
        """A sum over cells of one place; None where a number is lacking.

        `need`: what a school must have answered to be counted; without it, all who answered are.
        `below`: what is taken away may be lacking: without it the sum is no smaller.
        """
        terms, rest = dict[PrintedCell, Fraction](), Fraction()
        if need and len(need) == 1 and need <= self.catalogue.inputs.keys():
            need = None  # who has answered it is who is counted in its total
        for name, factor in total.items():
            cell = at._replace(id=name)
            if not name:
                rest += factor
            elif cell in self.system.values:
                terms[cell] = factor / self.system.steps[name]
                outside = list(self._list_outside(name, at, need)) if need else []
                if not all(piece in self.system.values for piece in outside):
                    return None
                terms |= dict.fromkeys(outside, -terms[cell])
            elif self.printed.nothing.get(cell) != _NONE and not (below and factor < 0):
                return None
        return terms, rest

    def _list_outside(
        self, name: str, at: PrintedCell, need: RequiredInputs
    ) -> Iterator[PrintedCell]:
        """Where schools of a place answered an input and yet are not counted."""
        for group in self.groups.get(PlaceYear(*at[1:]), ()):
            if name in group.values and need not in group.enters:
                yield PrintedCell(name, *group.where)

    def _list_inside(self, at: PrintedCell, need: RequiredInputs | None) -> set[PrintedCell]:
        """The numbers of the schools of a place that are counted."""
        return {
            PrintedCell(name, *group.where)
            for group in self.groups.get(PlaceYear(*at[1:]), ())
            if need in group.enters
            for name in need or ()
        }

    def read_checks(self) -> None:
        """Checks that compare sums hold wherever their numbers are, at their level and above."""
        levels = self.catalogue.levels
        places: dict[PrintedCell, None] = {}
        for cell in self.system.values:
            places.setdefault(cell._replace(id=""))
        for place in places:
            schools = self.system.schools.get(PlaceYear(*place[1:]), ())
            for lowest, rule in self._list_rules(place.year):
                if levels.index(place.level) >= levels.index(lowest) and keeps_rule(schools, rule):
                    self._tie(self.ground(rule, place, below=True))

    def _list_rules(self, year: int) -> list[tuple[str, Sum]]:
        """What is not negative where the catalogue's checks hold, from a level upwards."""
        if year not in self.rules:
            self.rules[year] = [
                (check.level, terms)
                for check in self.catalogue.checks.values()
                if check.level in self.catalogue.levels
                for terms in self.reader.rules(check.rule.tree, year)
            ]
        return self.rules[year]

    def _tie(self, grounded: Grounded | None) -> None:
        """Keep a sum that should not be negative, where that is true of these numbers.

        Where the numbers break it, it would mislead a reader and reveals nothing.
        """
        if grounded is None or not grounded[0]:
            return
        inequality = whole_inequality(*grounded, None, strict=False)
        if inequality.terms and inequality not in self.tied and self._holds(inequality):
            self.tied.add(inequality)
            self.system.keep(inequality)

    def add_places(self, lineage: PlacesAbove) -> None:
        """What the places of a level have adds up to what the place above them has."""
        named = [cell for cell in self.system.values if cell not in self.system.pieces]
        printed = {cell.level for cell in named}
        levels = [level for level in self.catalogue.levels if level in printed]
        order = self.catalogue.levels.index
        for (name, _year, _scenario), cells in group_by_row(iter(named)).items():
            given = summed_from(self.catalogue.inputs[name])
            for lower, upper in pairwise(levels):
                parts: dict[str, dict[PrintedCell, Fraction]] = {}
                tops = [cell for cell in cells if cell.level == upper]
                for cell in cells:
                    if cell.level != lower:
                        continue
                    above = lineage.get((cell.level, cell.place, cell.year), {}).get(upper)
                    if above is None and len(tops) == 1:
                        above = tops[0].place
                    parts.setdefault(above or "", {})[cell] = Fraction(1)
                for top in tops:
                    below = parts.get(top.place, {})
                    if given in self.catalogue.levels and order(lower) < order(given):
                        self._bound(top, below)
                    elif below:
                        self._balance({**below, top: _MINUS})

    def _bound(self, top: PrintedCell, below: Mapping[PrintedCell, Fraction]) -> None:
        """Of a number that a place gives itself: who is counted twice below it is counted once."""
        self._tie(({**below, top: _MINUS}, Fraction()))
        for cell in below:
            self._tie(({top: Fraction(1), cell: _MINUS}, Fraction()))

    def _balance(self, terms: Mapping[PrintedCell, Fraction]) -> None:
        """Keep that a sum comes to nothing; of rounded numbers, that it comes near it."""
        rounded = Fraction(0)
        if sum(factor * self.system.values[cell] for cell, factor in terms.items()):
            given = (self.catalogue.inputs[cell.id] for cell in terms)
            if not self.trusting and any(each.type == "number" for each in given):
                rounded = Fraction(len(terms), 2)
        for sign in (Fraction(1), _MINUS):
            turned = {cell: factor * sign for cell, factor in terms.items()}
            self._tie((turned, rounded))


def whole_inequality(
    terms: Mapping[PrintedCell, Fraction],
    rest: Fraction,
    source: PrintedCell | None,
    *,
    strict: bool,
) -> Inequality:
    """The sum of terms and rest is ≥ 0 (> 0), between whole numbers and as tight as it can be."""
    kept = {cell: factor for cell, factor in terms.items() if factor}
    common = lcm(*(number.denominator for number in (*kept.values(), rest)))
    factors = {cell: int(factor * common) for cell, factor in kept.items()}
    least = int(-rest * common) + strict
    shared = gcd(*factors.values()) or 1
    return Inequality(
        tuple((cell, factor // shared) for cell, factor in sorted(factors.items())),
        -(-least // shared),
        source,
    )
