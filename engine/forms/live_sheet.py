"""What a name is in the sheet of a form: the Excel reading's other half.

It says of the one place that fills the form what `engine/evaluation` says of all places at once: which
inputs enter (decided once for a scope), and what is read elsewhere.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace

from engine.catalogue.model import Catalogue, Constant, Indicator, Missing, Option, Scenario
from engine.evaluation.entering import is_numeric
from engine.evaluation.scope import Asked, Cells, Scope, ask_input, make_scope, read_bare_coalesce
from engine.forms.known import open_outside
from engine.forms.live_cells import Answer, LiveCells
from engine.language.grammar import dotted_name
from engine.language.readings.excel import Cell, Excel, applying, known_cell, no_value
from engine.language.readings.sheet import (
    NONE,
    Condition,
    all_of,
    any_of,
    chosen,
    first_known,
    is_known,
    negated,
    number_text,
)

FUNCTION_OF = {"with": "schools_with", "share": "share_of_schools"}


@dataclass(frozen=True, slots=True)
class Here:
    """Where a formula is read."""

    scope: Scope
    year: int
    scenario: Scenario


class LiveSheet:
    """The sheet as `Excel` asks it."""

    def __init__(self, catalogue: Catalogue, cells: LiveCells) -> None:
        self.catalogue, self.cells = catalogue, cells
        self.levels = catalogue.places
        self.level = cells.level
        self.is_school = self.level == self.levels[0]
        self.memory: dict[tuple[str, int, str], Cell] = {}

    # --- indicators and scopes ----------------------------------------------------------------

    def indicator(self, indicator: Indicator, year: int, scenario: Scenario) -> Cell:
        """The value of an indicator at this place, unrounded: the formula of its year."""
        if not (indicator.since or year) <= year <= (indicator.until or year):
            return no_value()
        held = [formula for first, formula in indicator.formulas if (first or year) <= year]
        if not held:
            return no_value()
        return self.apart(held[-1].tree, indicator.missing, year, scenario)

    def apart(self, tree: ast.expr, missing: Missing, year: int, scenario: Scenario) -> Cell:
        """A scope: what it gives always applies to the formula around it."""
        scope = make_scope(self.catalogue, tree, missing)
        key = (scope.key, year, scenario)
        if key not in self.memory:
            cell = self._read_scope(scope, year, scenario)
            self.memory[key] = known_cell(cell.value, exact=cell.exact)
        return self.memory[key]

    def _read_scope(self, scope: Scope, year: int, scenario: Scenario) -> Cell:
        here = Here(scope, year, scenario)
        if scope.missing == "block" and scope.asked and scope.base != self.level:
            # Who has reported is known of the whole; parts of it would say less.
            return self.cells.part(scope, None, year, scenario)
        cell = Excel(self, here).read(scope.tree)
        if scope.asked and (_fills_gaps(scope) or not frozenset(scope.asked) <= cell.needs):
            cell = replace(cell, value=chosen(self._enough(here), cell.value))
        return cell

    # --- who enters ---------------------------------------------------------------------------------

    def _answers(self, here: Here) -> list[Answer]:
        return [self._answer(here, key) for key in here.scope.asked]

    def _answer(self, here: Here, key: str) -> Answer:
        return self.cells.read(here.scope.asked[key], here.year, here.scenario)

    def _expected(self, here: Here) -> Condition:
        return any_of(*(one.applies for one in self._answers(here)))

    def _given(self, here: Here) -> Condition:
        given = (any_of(one.filled, negated(one.applies)) for one in self._answers(here))
        return all_of(*given)

    def _reported(self, here: Here) -> Condition:
        return all_of(self._expected(here), self._given(here))

    def _entered(self, here: Here) -> Condition:
        if here.scope.missing != "zero":
            return self._reported(here)
        answers = self._answers(here)
        given = any_of(*(all_of(one.filled, one.applies) for one in answers))
        return all_of(given, *(negated(one.unreadable) for one in answers))

    def _enough(self, here: Here) -> Condition:
        """Whether the place enters, or nothing is expected of it."""
        if here.scope.base != self.level:
            return self.cells.is_enough(here.scope, here.year, here.scenario)
        if here.scope.missing != "zero":
            return self._given(here)
        return any_of(negated(self._expected(here)), self._entered(here))

    # --- names ----------------------------------------------------------------------------------

    def name(self, here: Here, name: str) -> Cell:
        """See `Sheet`."""
        symbol = self.catalogue.symbols[name]
        if isinstance(symbol, Indicator) and symbol.input is None:
            return self.indicator(symbol, here.year, here.scenario)
        if isinstance(symbol, Constant) and symbol.level is None:
            return _number(symbol.values.get(here.year))
        found = ask_input(self.catalogue, name)
        node = ast.parse(name, mode="eval").body
        if isinstance(symbol, Option) and not found:
            return self._part(here, node)
        cells = [self._asked(here, asked) for asked in found]
        if not cells or None in cells:
            return self._part(here, node)
        adder = Excel(self, here)
        total, *others = [cell for cell in cells if cell is not None]
        for other in others:
            total = adder.add(total, other)
        return total

    def _part(self, here: Here, node: ast.expr) -> Cell:
        return self.cells.part(here.scope, node, here.year, here.scenario)

    def _asked(self, here: Here, asked: Asked) -> Cell | None:
        """One of the scope's inputs, or one given above them; None: it is known beforehand."""
        level = asked.inputs[0].level
        if level != self.level:
            return None
        if here.scope.base == self.level and asked.key in here.scope.asked:
            return self._own(here, asked)
        # It is given here, above the schools that the rest of the scope is of.
        answer = self.cells.read(asked, here.year, here.scenario)
        return applying(answer.value, answer.applies, exact=answer.exact)

    def _own(self, here: Here, asked: Asked) -> Cell:
        answer = self.cells.read(asked, here.year, here.scenario)
        value = answer.value
        if here.scope.missing == "zero" and _fills_gaps(here.scope) and is_numeric(asked):
            value = chosen(answer.applies, chosen(answer.filled, value, "0"))
        own = frozenset({asked.key})
        cell = applying(value, answer.applies, exact=answer.exact)
        return replace(cell, needs=own, settles=own, rests=True)

    # --- what is read elsewhere -------------------------------------------------------------------

    def over_schools(self, here: Here, how: str, tree: ast.expr) -> Cell:
        """See `Sheet`: at a school the value itself, 1 or 0, 100 or 0."""
        if not self.is_school:
            name = FUNCTION_OF.get(how, f"{how}_of_schools")
            return self._part(here, _call(name, tree))
        inner = Excel(self, here).read(tree)
        if how in {"with", "share"} and inner.value != NONE:
            most = "1" if how == "with" else "100"
            inner = replace(inner, value=chosen(_plain(inner.value), most, "0"), exact=True)
        return self._at_school(here, inner)

    def weighted_mean(self, here: Here, x: ast.expr, weight: ast.expr) -> Cell:
        """See `Sheet`: at a school x, where it and the weight are there."""
        if not self.is_school:
            return self._part(here, _call("weighted_mean_of_schools", x, weight))
        value, load = Excel(self, here).read(x), Excel(self, here).read(weight)
        both = chosen(is_known(load.value), value.value)
        cell = replace(
            value,
            value=both,
            needs=value.needs | load.needs,
            rests=value.rests or load.rests,
        )
        return self._at_school(here, cell)

    def _at_school(self, here: Here, inner: Cell) -> Cell:
        """What schools that enter give; where this one does not, there is no value."""
        own = frozenset(here.scope.asked)
        if here.scope.base != self.level or not own:
            return known_cell(inner.value, exact=inner.exact)
        if own <= inner.needs and inner.rests and here.scope.missing != "zero":
            value = inner.value
        else:
            value = chosen(self._entered(here), inner.value)
        return Cell(value, value, True, inner.exact, own, own, rests=True)

    def schools(self, here: Here) -> Cell:
        """See `Sheet`."""
        if not self.is_school or here.scope.base != self.level or not here.scope.asked:
            own = here.scope.asked and here.scope.base == self.levels[0]
            return self._part(here, _call("schools")) if own else self.schools_open(here)
        return self._at_school(here, known_cell("1", exact=True))

    def schools_open(self, here: Here) -> Cell:
        """See `Sheet`."""
        if self.is_school:
            return known_cell("1", exact=True)
        return self._part(here, _call("schools_open"))

    def previous(self, here: Here, tree: ast.expr) -> Cell:
        """See `Sheet`: of a forecast the fact of the year before, else its forecast."""
        year, missing = here.year - 1, here.scope.missing
        fact = self.apart(tree, missing, year, "fact")
        values = [fact.value]
        if here.scenario == "forecast":
            values.append(self.apart(tree, missing, year, "forecast").value)
        if not self.is_open(year):
            return no_value()
        return known_cell(first_known(values), exact=fact.exact)

    def is_open(self, year: int) -> bool:
        """Whether the place was there in a year."""
        _text, known = self.cells.look(open_outside(self.catalogue, year))
        return known.value is not None

    def at(self, here: Here, place: ast.expr, tree: ast.expr) -> Cell:
        """See `Sheet`."""
        named, own = self.levels.index(dotted_name(place)), self.levels.index(self.level)
        if named < own:
            return no_value()
        if named == own:
            return self.apart(tree, here.scope.missing, here.year, here.scenario)
        return self._part(here, _call("at", place, tree))

    def coalesce(self, here: Here, node: ast.Call) -> Cell:
        """See `Sheet`."""
        asked = read_bare_coalesce(self.catalogue, node)
        if asked is not None:
            return self._asked(here, asked) or self._part(here, node)
        cells = [
            self.apart(tree, here.scope.missing, here.year, here.scenario) for tree in node.args
        ]
        value = first_known(cell.value for cell in cells)
        return known_cell(value, exact=all(cell.exact for cell in cells))

    def target(self, here: Here, indicator: ast.expr) -> Cell:
        """See `Sheet`."""
        target = self.catalogue.indicators[dotted_name(indicator)].targets.get(here.year)
        return _number(None if target is None else target.value)


def _fills_gaps(scope: Scope) -> bool:
    """Whether gaps may count as 0; a single cell that is empty is nothing given at all."""
    if scope.missing != "zero" or not scope.asked:
        return False
    (first, *others) = scope.asked.values()
    return bool(others) or len(first.choices) > 1 or not isinstance(first.choices[0], Cells)


def _number(value: object) -> Cell:
    if value is None:
        return no_value()
    number = float(value)  # type: ignore[arg-type] # a fraction
    return known_cell(number_text(number), exact=number.is_integer())


def _plain(value: str) -> Condition:
    return {"TRUE": True, "FALSE": False}.get(value, value)


def _call(function: str, *arguments: ast.expr) -> ast.Call:
    return ast.Call(ast.Name(function, ast.Load()), list(arguments), [])
