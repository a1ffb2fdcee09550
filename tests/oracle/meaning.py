"""What a formula means at one place in one year: a value or a reason (language.md §3, §4)."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from engine.catalogue.model import (
    Band,
    Catalogue,
    Constant,
    Indicator,
    Input,
    Option,
    PartSum,
    RegisterColumn,
)
from engine.language.grammar import SCORE, Formula, dotted_name
from tests.oracle import scales, scores
from tests.oracle.asking import (
    Asked,
    Asking,
    Here,
    JoinedAsking,
    Scope,
    SetCall,
    names_in,
    read_set,
)
from tests.oracle.operators import (
    NOT_APPLICABLE,
    OVER_SET,
    ROLLUPS,
    Answer,
    add,
    combine,
    divided,
    found_or_gap,
    holds,
    least,
    percentile,
    rounded,
    times,
    weighted_mean,
    without,
)
from tests.oracle.targets import Targets
from tests.oracle.world import Register, Value, World


class Meaning:
    """Reads formulas over a world; `where`: among which schools; `asking`: what they gave."""

    def __init__(
        self,
        catalogue: Catalogue,
        world: World,
        where: tuple[Formula, ...] = (),
        asking: Asking | None = None,
    ) -> None:
        self.catalogue = catalogue
        self.world = world
        self.asking = asking or Asking(catalogue, world, self.condition, self.asks, where)
        self.school = catalogue.levels[0]
        self.known: dict[tuple[Scope, Here], Answer] = {}
        self.same = SameSchools(self)
        self.targets = Targets(self)
        self.meanings: dict[frozenset[str], Meaning] = {self.key(where): self}

    @staticmethod
    def key(where: tuple[Formula, ...]) -> frozenset[str]:
        """What tells conditions that must all hold from others."""
        return frozenset(rule.text for rule in where)

    def among(self, where: tuple[Formula, ...]) -> Meaning:
        """The same among these schools."""
        key = self.key(where)
        if key not in self.meanings:
            self.meanings[key] = Meaning(self.catalogue, self.world, where)
            self.meanings[key].meanings = self.meanings
        return self.meanings[key]

    def of(self, indicator: Indicator) -> Meaning:
        """The same among those of these schools that meet the `where` of an indicator too."""
        return self.among((*self.asking.where, *indicator.where))

    # --- whole formulas --------------------------------------------------------------------------

    def indicator(self, name: str, here: Here) -> Answer:
        """The value of an indicator at a place and year, among the schools of both conditions."""
        indicator = self.catalogue.indicators[name]
        return self.of(indicator).own_indicator(indicator, here)

    def own_indicator(self, indicator: Indicator, here: Here) -> Answer:
        """The value of an indicator among these schools."""
        if here.level not in (indicator.levels or self.asking.order):
            return Answer(reason="no_such_level")
        if not (indicator.since or here.year) <= here.year <= (indicator.until or here.year):
            return Answer(reason="not_applicable")
        scope = self.scope_of(indicator, here.year)
        if scope is None:
            return Answer(reason="before_formula")
        if not self.asking.counts(here):
            return Answer(reason="not_applicable")
        if indicator.same_schools:
            return self.same.answer(indicator, here)
        return self.settle(scope, here)

    def scope_of(self, indicator: Indicator, year: int) -> Scope | None:
        """The formula that holds in a year."""
        held = [formula for first, formula in indicator.formulas if (first or year) <= year]
        return Scope(held[-1].tree, indicator.missing, whole=True) if held else None

    def settle(self, scope: Scope, here: Here) -> Answer:
        """A formula with its own schools: what it gives always applies."""
        scope = replace(scope, tree=self.asking.seen_from(scope.tree, here.level))
        key = (scope, here)
        if key not in self.known:
            self.known[key] = self._settle(scope, here)
        return self.known[key]

    def _settle(self, scope: Scope, here: Here) -> Answer:
        found = self.read(scope.tree, scope, here)
        expected = [u for u in self.asking.units(scope, here) if self.asking.is_expected(scope, u)]
        if self.asking.own(scope) and expected:
            if not self.asking.entering(scope, here):
                found = Answer(reason=found.reason or self.asking.why_nobody(scope, here))
            elif scope.missing == "block" and not all(
                self.asking.has_reported(scope, unit, here.level) for unit in expected
            ):
                found = Answer(reason=least([found.reason or "blocked", "blocked"]))
        return Answer(found.value, found.reason)

    def condition(self, tree: ast.expr, here: Here) -> bool | None:
        """A condition over the register, at a school."""
        value = self.read(tree, Scope(tree, "skip"), here).value
        return None if value is None else bool(value)

    def asks(self, tree: ast.expr, here: Here) -> Answer:
        """A condition over the cells of a place, each read by itself."""
        return self.read(tree, Scope(tree, "skip", alone=True), here)

    # --- the tree --------------------------------------------------------------------------------

    def read(  # noqa: PLR0911 - a case for every node of the language
        self, tree: ast.expr, scope: Scope, here: Here
    ) -> Answer:
        """A part of the formula of a scope, at a place."""
        match tree:
            case ast.Constant(value=value):
                return Answer(Fraction(str(value)))
            case ast.Name() | ast.Attribute():
                return self.name(dotted_name(tree), scope, here)
            case ast.BinOp(left=left, op=sign, right=right):
                a, b = self.read(left, scope, here), self.read(right, scope, here)
                return add(a, b, sign) if isinstance(sign, ast.Add | ast.Sub) else times(a, b, sign)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return combine([self.read(operand, scope, here)], lambda a: -a)
            case ast.UnaryOp(operand=operand):
                return combine([self.read(operand, scope, here)], lambda a: not a)
            case ast.BoolOp(op=word, values=trees):
                together = all if isinstance(word, ast.And) else any
                values = [self.read(value, scope, here) for value in trees]
                return combine(values, lambda *given: together(given))
            case ast.Compare(left=left, ops=signs, comparators=others):
                values = [self.read(value, scope, here) for value in (left, *others)]
                return combine(values, lambda *given: holds(given, signs))
            case ast.IfExp(test=test, body=body, orelse=other):
                condition = self.read(test, replace(scope, condition=True), here)
                if condition.value is None:
                    return condition
                return self.read(body if condition.value else other, scope, here)
            case ast.Call(func=ast.Name(id=function), args=arguments):
                return self.call(function, arguments, tree, scope, here)
        raise TypeError(ast.dump(tree))

    def call(  # noqa: PLR0911, PLR0912 - a case for every function
        self, function: str, arguments: list[ast.expr], tree: ast.Call, scope: Scope, here: Here
    ) -> Answer:
        """A function, by how it reads its arguments."""
        if function == "previous":
            return self.previous(arguments[0], scope, here)
        if function == "at":
            return self.at(dotted_name(arguments[0]), arguments[1], scope, here)
        if function == "coalesce" and self.asking.is_bare(tree):
            bare = self.asking.bare(tree)
            cells = next(cells for cells in bare.alternatives if isinstance(cells, tuple))
            return self.asked(bare, self.catalogue.inputs[cells[0]].rollup, scope, here)
        if function == "coalesce":
            answers = [self.settle(Scope(x, scope.missing), here) for x in arguments]
            found = [answer for answer in answers if answer.value is not None]
            return found[0] if found else without(answers)
        if function == SCORE:
            return scores.score(self, tree, scope, here)
        if function == "lookup":
            return scores.lookup(self, arguments, scope, here)
        if function == "points":
            return self.points(dotted_name(arguments[0]), scope, here)
        if function == "target":
            return self.targets.number(dotted_name(arguments[0]), here)
        if function == "degree":
            x = self.read(arguments[0], scope, here)
            return self.targets.degree(dotted_name(arguments[0]), x, here)
        if function == "schools_open":
            return Answer(Fraction(len(self.asking.schools(here))))
        if function == "schools":
            return self.schools(scope, here)
        over = read_set(tree, self.school)
        if over is not None:
            return self.over_set(over, arguments, scope, here)
        if function == "rank":
            return self.rank(dotted_name(arguments[0]), dotted_name(arguments[1]), here)
        if function == "only":
            condition = self.read(arguments[1], replace(scope, condition=True), here)
            if condition.value is None:
                return condition
            return self.read(arguments[0], scope, here) if condition.value else NOT_APPLICABLE
        if function == "round":
            places = int(self.read(arguments[1], scope, here).number) if arguments[1:] else 0
            return combine([self.read(arguments[0], scope, here)], lambda x: rounded(x, places))
        values = [self.read(argument, scope, here) for argument in arguments]
        if function in {"change", "growth"}:
            values.append(self.previous(arguments[0], scope, here))
        if function == "change":
            digits = self.decimals(dotted_name(arguments[0]))
            if scope.whole and tree is scope.tree and digits is not None:
                values = [combine([value], lambda x: rounded(x, digits)) for value in values]
            return combine(values, lambda x, before: x - before)
        if function == "growth":
            return combine(values, lambda x, before: 100 * (divided(x, before) - 1))
        if function == "clamp":
            return combine(values, lambda x, low, high: min(high, max(low, x)))
        if function == "share":
            return combine(values, lambda part, whole: divided(100 * part, whole))
        plain: Mapping[str, Callable[..., Fraction]] = {"min": min, "max": max, "abs": abs}
        return combine(values, plain[function])

    def decimals(self, name: str) -> int | None:
        """With how many decimals a name is printed by itself: as the indicator of its id, if one has it."""
        symbol = self.catalogue.indicators.get(name) or self.catalogue.symbols.get(name)
        if isinstance(symbol, Indicator):
            return symbol.decimals
        if isinstance(symbol, PartSum):
            symbol = self.catalogue.inputs[symbol.cells[0]]
        if isinstance(symbol, Input):
            return self.catalogue.decimals if symbol.type == "number" else 0
        return None

    # --- names -----------------------------------------------------------------------------------

    def name(  # noqa: PLR0911 - a case for every kind of name
        self, name: str, scope: Scope, here: Here
    ) -> Answer:
        """What a name stands for."""
        symbol = self.catalogue.symbols[name]
        if isinstance(symbol, Indicator):
            return self.indicator(name, here)
        if isinstance(symbol, Constant):
            return self.constant(symbol, here)
        if isinstance(symbol, RegisterColumn):
            found = self.column(symbol.id, here)
            return found_or_gap(found)
        if isinstance(symbol, Band):
            return self.band(symbol, scope, here)
        if isinstance(symbol, Option) and symbol.owner in self.catalogue.register:
            found = self.column(symbol.owner, here)
            return found_or_gap(None if found is None else found == symbol.option)
        if isinstance(symbol, Option):
            asked = self.catalogue.inputs[symbol.owner]
            return self.asked(one(asked), "none", scope, here, lambda text: text == symbol.option)
        if isinstance(symbol, PartSum):
            parts = [self.name(cell, scope, here) for cell in symbol.cells]
            total = parts[0]
            for part in parts[1:]:
                total = add(total, part, ast.Add())
            return total
        if not isinstance(symbol, Input):
            raise TypeError(symbol)
        return self.asked(one(symbol), symbol.rollup, scope, here)

    def band(self, band: Band, scope: Scope, here: Here) -> Answer:
        """Whether a value is in a class of its scale."""
        grade = scales.grade(self, band.owner, self.name(band.owner, scope, here), here)
        if grade.class_ is None:
            return Answer(reason=grade.reason, applies=grade.applies)
        return Answer(grade.class_.id == band.class_id)

    def points(self, name: str, scope: Scope, here: Here) -> Answer:
        """The points of what a name stands for."""
        asked = self.catalogue.inputs.get(name)
        if asked is not None and asked.points:
            return scales.points_of_answer(self, asked, scope, here)
        return scales.points(self, name, self.name(name, scope, here), here)

    def answer_here(self, asked: Input, scope: Scope, here: Here) -> Answer:
        """Which answer a place gave, by its number; above its level only whether it applies."""
        answers = scales.answers_of(asked)

        def number(value: Value) -> Value:
            return Fraction(int(value) if isinstance(value, bool) else answers.index(str(value)))

        return self.asked(one(asked), "none", scope, here, number)

    def column(self, name: str, here: Here) -> Register:
        """What the register says of a school; of a place above it says nothing."""
        return self.world.columns.get((here.place, here.year), {}).get(name)

    def constant(self, constant: Constant, here: Here) -> Answer:
        """A number of the order: of the year, or of the place of its level in that year."""
        if constant.level is None:
            return found_or_gap(constant.values.get(here.year), "no_constant")
        order = self.asking.order
        if order.index(here.level) <= order.index(constant.level):
            place = self.world.place_above(here.level, here.place, here.year, constant.level)
            return found_or_gap(
                constant.values_by_place.get(place, {}).get(here.year), "no_constant"
            )
        if constant.unit is None or not constant.unit.adds_up:
            return Answer(reason="no_such_level")
        places = self.world.places_in(here.level, here.place, here.year, constant.level)
        told = [constant.values_by_place.get(place, {}).get(here.year) for place in places]
        values = [value for value in told if value is not None]
        return found_or_gap(sum(values, Fraction(0)) if values else None, "no_constant")

    def asked(
        self,
        asked: Asked,
        rollup: str,
        scope: Scope,
        here: Here,
        read: Callable[[Value], Value] = lambda value: value,
    ) -> Answer:
        """An input at a place: rolled up over those who enter, or seen from the place above."""
        asking, order = self.asking, self.asking.order
        is_base = asked in asking.own(scope)
        if order.index(here.level) < order.index(asked.level):
            above = self.world.place_above(here.level, here.place, here.year, asked.level)
            units = [Here(asked.level, above, here.year, here.scenario)]
        else:
            found = self.world.places_in(here.level, here.place, here.year, asked.level)
            units = [Here(asked.level, place, here.year, here.scenario) for place in found]
        enters = asking.enters if is_base else asking.is_complete
        chosen = [unit for unit in units if enters(scope, unit, here.level)]
        applicable = [unit for unit in chosen or units if asking.applies(asked, unit)]
        if not applicable:
            return NOT_APPLICABLE
        reasons, values, has_gap = [], [], False
        if is_base and not chosen:
            reasons.append(asking.why_nobody(scope, here))
        for unit in applicable if chosen or not is_base else ():
            value = asking.value(asked, unit)
            if value is None and is_base and scope.missing == "zero" and self.is_number(asked):
                value = None if scope.condition else Fraction(0)
                has_gap = scope.condition and bool(chosen)
            if value is not None and chosen:
                values.append(read(value))
            else:
                unreadable = asking.is_unreadable(asked, unit)
                reasons.append("not_readable" if unreadable else "not_reported")
        if order.index(here.level) > order.index(asked.level) and rollup == "none":
            return Answer(reason="no_such_level")
        if has_gap:
            return Answer(reason="not_reported")
        if not values:
            return Answer(reason=least(reasons))
        if order.index(here.level) <= order.index(asked.level):
            return found_or_gap(values[0])
        return Answer(ROLLUPS[rollup](values))

    def is_number(self, asked: Asked) -> bool:
        """Whether an input is a count or a number: only these have gaps that may count as 0."""
        cells = next(cells for cells in asked.alternatives if isinstance(cells, tuple))
        return self.catalogue.inputs[cells[0]].type in {"count", "number"}

    # --- read elsewhere --------------------------------------------------------------------------

    def previous(self, x: ast.expr, scope: Scope, here: Here) -> Answer:
        """X a year before: of the fact, in a forecast else of the forecast."""
        if here.year in self.targets.breaks(x):
            return Answer(reason="series_break")
        answers = [self.settle(Scope(x, scope.missing), before) for before in self.befores(here)]
        for answer in answers:
            if answer.value is not None:
                return answer
        broken = answers and answers[0].reason == "series_break"
        return Answer(reason="series_break" if broken else "no_previous")

    def befores(self, here: Here) -> list[Here]:
        """Where `previous` looks; nowhere when the place had no open school."""
        if not self.world.schools(here.level, here.place, here.year - 1):
            return []
        scenarios = ["fact"] if here.scenario == "fact" else ["fact", "forecast"]
        return [Here(here.level, here.place, here.year - 1, scenario) for scenario in scenarios]

    def at(self, level: str, x: ast.expr, scope: Scope, here: Here) -> Answer:
        """X at the place of a level in which this place lies."""
        place = self.place_at(level, here)
        if place is None:
            return Answer(reason="no_such_level")
        return self.seen_from(here, place).settle(Scope(x, scope.missing), place)

    def seen_from(self, here: Here, place: Here) -> Meaning:
        """Among which schools a place is read: one above is that of all."""
        return self if here.level == place.level else self.among(())

    def place_at(self, level: str, here: Here) -> Here | None:
        """That place; None when this one is of a higher level."""
        if self.asking.order.index(here.level) > self.asking.order.index(level):
            return None
        place = self.world.place_above(here.level, here.place, here.year, level)
        return Here(level, place, here.year, here.scenario)

    def schools(self, scope: Scope, here: Here) -> Answer:
        """How many schools enter."""
        schools = self.asking.schools(here)
        if self.asking.base(scope.tree) != self.school or not self.asking.own(scope):
            return Answer(Fraction(len(schools)))
        schools = [school for school in schools if self.asking.enters(scope, school, here.level)]
        # It has a value at every school: those that do not enter have not reported.
        return Answer(Fraction(len(schools))) if schools else Answer(reason="not_reported")

    def over_set(
        self, over: SetCall, arguments: list[ast.expr], scope: Scope, here: Here
    ) -> Answer:
        """A function over the places of a level in this place that have every argument."""
        order = self.asking.order
        if order.index(here.level) < order.index(over.level):
            return Answer(reason="no_such_level")
        rows, reasons = [], []
        for place in self.world.places_in(here.level, here.place, here.year, over.level):
            member = Here(over.level, place, here.year, here.scenario)
            if not self.asking.counts(member):
                reasons.append("not_applicable")
                continue
            enters = over.level != self.school or self.is_in(scope, member, here.level)
            row = [self.of_member(tree, scope, member, enters=enters) for tree in over.trees]
            lacking = [answer.reason for answer in row if answer.reason]
            if enters and not lacking:
                rows.append([Fraction(answer.value or 0) for answer in row])
            else:
                reasons.append(least(lacking or ["not_reported"]))
        weighty = [reason for reason in reasons if reason != "not_applicable"]
        if not rows:
            return Answer(reason=least(weighty or reasons))
        is_above = over.level not in {here.level, self.school}
        if is_above and scope.missing == "block" and weighty:
            return Answer(reason="blocked")
        if over.function == "percentile_of":
            percent = self.read(arguments[2], scope, here).number
            return Answer(percentile([row[0] for row in rows], percent))
        if over.function != "weighted_mean_of":
            return Answer(Fraction(OVER_SET[over.function]([row[0] for row in rows])))
        found = rows[0][0] if here.level == over.level else weighted_mean(rows)
        return Answer(reason="zero_denominator") if found is None else Answer(found)

    def of_member(self, tree: ast.expr, scope: Scope, member: Here, *, enters: bool) -> Answer:
        """What one member has: above the school a formula of its own, at a school by itself if it is out."""
        if member.level != self.school:
            return self.settle(Scope(tree, scope.missing), member)
        return self.read(tree, scope if enters else replace(scope, alone=True), member)

    def is_in(self, scope: Scope, school: Here, row: str) -> bool:
        """Whether a school enters the formula; every open one does where none of it is asked there."""
        own = self.asking.base(scope.tree) == self.school
        return not own or self.asking.enters(scope, school, row)

    def rank(self, name: str, level: str, here: Here) -> Answer:
        """1 and how many peers print a better value."""
        order, indicator = self.asking.order, self.catalogue.indicators[name]
        if order.index(here.level) >= order.index(level):
            same = here.level == level
            return Answer(reason="not_applicable" if same else "no_such_level")
        mine = self.indicator(name, here)
        if mine.value is None:
            return Answer(reason=mine.reason)
        printed = [rounded(value, indicator.decimals) for value in self.peers(name, level, here)]
        own = rounded(mine.number, indicator.decimals)
        better = [value > own if indicator.better == "more" else value < own for value in printed]
        return Answer(Fraction(1 + sum(better)))

    def peers(self, name: str, level: str, here: Here) -> list[Fraction]:
        """The values of an indicator at the places of this level in the same place above."""
        answers = [self.indicator(name, peer) for peer in self.list_peers(level, here)]
        return [answer.number for answer in answers if answer.value is not None]

    def list_peers(self, level: str, here: Here) -> list[Here]:
        """The places of this level in the same place of the level above."""
        above = self.world.place_above(here.level, here.place, here.year, level)
        peers = [
            Here(here.level, place, here.year, here.scenario)
            for place in self.world.places_in(level, above, here.year, here.level)
        ]
        return [peer for peer in peers if self.asking.counts(peer)]


@dataclass(frozen=True)
class SameSchools:
    """A change over the same schools: each side is a world of its own, in which only they are."""

    meaning: Meaning

    def compared(self, indicator: Indicator, year: int) -> Indicator:
        """What is compared: the indicator that is named, or one that is the named input."""
        scope = self.meaning.scope_of(indicator, year)
        call = scope.tree if scope else indicator.formulas[0][1].tree
        argument = call.args[0]  # type: ignore[attr-defined]
        symbol = self.meaning.catalogue.symbols[dotted_name(argument)]
        if isinstance(symbol, Indicator):
            return symbol
        formula = replace(indicator.formulas[0][1], tree=argument)
        return replace(
            indicator, formulas=((None, formula),), since=None, until=None, same_schools=False
        )

    def answer(self, indicator: Indicator, here: Here) -> Answer:
        """The value; of a forecast the year before is a fact, else a forecast."""
        same = self.among(indicator, here)
        answers = [same.answer_of(indicator, here, scenario) for scenario in self.scenarios(here)]
        return next((answer for answer in answers if answer.value is not None), answers[0])

    def among(self, indicator: Indicator, here: Here) -> SameSchools:
        """The same among the schools that meet the `where` of what is compared too."""
        return self.meaning.of(self.compared(indicator, here.year)).same

    def taken(self, indicator: Indicator, here: Here) -> str:
        """The scenario that the year before is taken of."""
        for scenario in self.scenarios(here):
            if self.answer_of(indicator, here, scenario).value is not None:
                return scenario
        return "fact"

    def scenarios(self, here: Here) -> list[str]:
        """Those that a year before is looked for in."""
        return ["fact"] if here.scenario == "fact" else ["fact", "forecast"]

    def answer_of(self, indicator: Indicator, here: Here, scenario: str) -> Answer:
        """The value with a year before of one scenario."""
        x = self.compared(indicator, here.year)
        schools = self.schools(x, here, scenario)
        if not schools:
            return Answer(reason="no_previous")
        alone = {school: self.units([school], here) for school in schools}
        now = self.side(x, self.now_world(schools, here), here, alone)
        earlier = replace(here, year=here.year - 1, scenario=scenario)
        joined = {
            school: self.units(self.meaning.world.joined(school, here.year), earlier)
            for school in schools
        }
        before = self.side(x, self.before_world(schools, here), earlier, joined)
        if before.value is None:
            before = Answer(reason="no_previous")
        scope = self.meaning.scope_of(indicator, here.year)
        call = scope.tree if scope else indicator.formulas[0][1].tree
        function = dotted_name(call.func)  # type: ignore[attr-defined]
        if function == "previous":
            return before
        if function == "growth":
            return combine([now, before], lambda a, b: 100 * (divided(a, b) - 1))
        digits = self.meaning.decimals(dotted_name(call.args[0]))  # type: ignore[attr-defined]
        return combine(
            [now, before], lambda a, b: rounded(a, digits or 0) - rounded(b, digits or 0)
        )

    def side(self, x: Indicator, world: World, here: Here, behind: dict[str, list[Here]]) -> Answer:
        """What is compared, in a world of the same schools with those that stand behind each."""
        whole = self.meaning.asking
        asking = JoinedAsking(whole, world, behind, self.adds_up)
        indicators = {**self.meaning.catalogue.indicators, x.id: x}
        catalogue = replace(self.meaning.catalogue, indicators=indicators)
        return Meaning(catalogue, world, asking=asking).own_indicator(x, here)

    def schools(self, x: Indicator, here: Here, scenario: str) -> list[str]:
        """The schools of a place that are the same in both years."""
        world = self.meaning.world
        inside = world.schools(here.level, here.place, here.year)
        return [school for school in inside if self.is_same(x, school, here, scenario)]

    def is_same(self, x: Indicator, school: str, here: Here, scenario: str) -> bool:
        """Whether a school enters now, and it or all it stands for did a year earlier."""
        asking, lowest = self.meaning.asking, self.meaning.school
        now = self.scope(x, here.year)
        unit = Here(lowest, school, here.year, here.scenario)
        if now is None or not asking.enters(now, unit, lowest):
            return False
        earlier = self.scope(x, here.year - 1)
        members = self.meaning.world.joined(school, here.year)
        units = [Here(lowest, member, here.year - 1, scenario) for member in members]
        if earlier is None or not units:
            return False
        if members == [school]:
            return asking.enters(earlier, units[0], lowest)
        cells = [cell for name in names_in(earlier.tree) for cell in asking.cells_of(name)]
        expected = [one for one in units if asking.is_expected(earlier, one)]
        return (
            all(self.adds_up(cell) for cell in cells)
            and bool(expected)
            and all(asking.has_reported(earlier, one, lowest) for one in expected)
        )

    def scope(self, x: Indicator, year: int) -> Scope | None:
        """What is compared in a year, where it is."""
        if not (x.since or year) <= year <= (x.until or year):
            return None
        found = self.meaning.scope_of(x, year)
        return found and replace(found, whole=False)

    def adds_up(self, name: str) -> bool:
        """Whether an input of several schools is one number."""
        given = self.meaning.catalogue.inputs[name]
        return given.type in {"count", "number"} and given.rollup == "sum"

    def now_world(self, schools: list[str], here: Here) -> World:
        """The schools as they are in the year of the row."""
        world, made = self.meaning.world, World()
        for school in schools:
            key = (school, here.year)
            made.places[key], made.columns[key] = world.places[key], world.columns[key]
        return made

    def before_world(self, schools: list[str], here: Here) -> World:
        """The schools a year before, in the places of the year of the row."""
        world, made = self.meaning.world, World()
        for school in schools:
            key = (school, here.year - 1)
            made.places[key] = world.places[school, here.year]
            made.columns[key] = world.columns.get(key) or world.columns[school, here.year]
        return made

    def units(self, schools: list[str], here: Here) -> list[Here]:
        """Some schools in a year and a scenario."""
        return [replace(here, level=self.meaning.school, place=school) for school in schools]


def one(symbol: Input) -> Asked:
    """An input that stands for itself."""
    return Asked(symbol.level, ((symbol.id,),))
