"""What a name is in the sheet of a form: the Excel reading's other half.

It says of the one place that fills the form what `engine/evaluation` says of all places at once: which
inputs enter (decided once for a scope), and what is read elsewhere.
"""

from __future__ import annotations
from engine.forms.layout import Layout

import ast
from dataclasses import dataclass, replace
from engine.catalogue.model import Catalogue, Constant, Indicator, Missing, Option, Scenario
from engine.evaluation.plan.entering import is_numeric
from engine.evaluation.plan.scopes import RequestedInput, Cells, Scope, find_requested, make_scope, read_bare_coalesce
from engine.forms.out.outside import open_outside
from engine.language.grammar import dotted_name
from engine.language.readings.excel import ExcelCell, Excel, applying, known_cell, no_value
from engine.language.readings.excel import (
    NONE,
    Condition,
    all_of,
    any_of,
    chosen,
    first_known,
    has_value,
    negated,
    number_text,
)
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from engine.catalogue.model import NUMERIC, Catalogue, Input, Scenario
from engine.evaluation.plan.entering import is_exact
from engine.evaluation.plan.scopes import RequestedInput, Cells, Scope
from engine.forms.out.outside import (
    Known,
    Outside,
    applies_outside,
    cell_outside,
    enough_outside,
    part_outside,
)
from engine.language.readings.excel import ExcelCell, Excel, applying
from engine.language.readings.excel import (
    NONE,
    Condition,
    all_of,
    any_of,
    chosen,
    first_known,
    has_value,
    negated,
    number_text,
    quoted,
    slot,
)


# --- live cells -----------------------------------------------------------------------------------
# What a cell of a form is in a formula: its value, whether it applies, is filled, is unreadable.
#
# A cell that the form does not show is known beforehand, and is read as what it says.


NOT_APPLICABLE, YES, NO = quoted("н/п"), quoted("да"), quoted("нет")
"""The words of answers: what the lists of a cell offer, whatever language the program speaks."""


@dataclass(frozen=True, slots=True)
class LiveInput:
    """What one input says in the sheet. `value` is an error where there is none or it does not apply."""

    value: str
    applies: Condition
    filled: Condition
    unreadable: Condition = False
    exact: bool = False


class LiveCells:
    """The cells of a form and what is known of others; `look` is asked for each of the latter.

    A number that is looked up gets a place in the formula, so that one formula serves all workbooks:
    `slots` tells which, and grows. `asked` are the things this formula looked up.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        layout: Layout,
        slots: dict[Outside, int],
        look: Callable[[Outside], Known],
    ) -> None:
        self.catalogue, self.layout, self._look = catalogue, layout, look
        self.level = layout.form.fills
        self.slots = slots
        self.asked: dict[Outside, None] = {}

    # --- known beforehand -------------------------------------------------------------------------

    def look(self, wanted: Outside) -> tuple[str, Known]:
        """What something outside the form is worth, as text and as it is."""
        index = self.slots.setdefault(wanted, len(self.slots))
        self.asked[wanted] = None
        known = self._look(wanted)
        value = known.value
        if isinstance(value, bool):
            return str(value).upper(), known
        if isinstance(value, str):
            return quoted(value), known
        return NONE if value is None else slot(index), known

    def part(self, scope: Scope, node: ast.expr | None, year: int, scenario: Scenario) -> ExcelCell:
        """A part of a formula that is known, or a whole scope."""
        text, known = self.look(part_outside(scope, node, year, scenario))
        return applying(text, known.applies)

    def is_enough(self, scope: Scope, year: int, scenario: Scenario) -> Condition:
        """Whether as many of those outside the form enter a scope as it needs to have a value."""
        _text, known = self.look(enough_outside(scope, year, scenario))
        return known.value is True

    # --- cells ------------------------------------------------------------------------------------

    def answer(self, one: Input, year: int, scenario: Scenario) -> LiveInput:
        """What stands in the cell of an input.

        A forecast given above the level that reports falls back to the fact where it has no value.
        """
        given = self._answer(one, year, scenario)
        if scenario == "fact" or one.level == self.catalogue.levels[0]:
            return given
        fact = self._answer(one, year, "fact")
        planned = all_of(given.filled, given.applies)
        return LiveInput(
            first_known([given.value, fact.value]),
            any_of(planned, fact.applies),
            any_of(planned, fact.filled),
            all_of(negated(planned), fact.unreadable),
            given.exact,
        )

    def _answer(self, one: Input, year: int, scenario: Scenario) -> LiveInput:
        address = self.layout.address(one.id, year, scenario) if one.level == self.level else None
        if address is None:
            text, known = self.look(cell_outside(self.catalogue, one, year, scenario))
            does = known.applies
            return LiveInput(text, does, text != NONE, does and known.unreadable, _is_count(one))
        asked = self._is_asked(one, year, scenario)
        value, filled = _read_cell(one, address)
        applies = all_of(asked, f"{_word(address)}<>{NOT_APPLICABLE}")
        other = all_of(applies, negated(any_of(filled, f'{address}=""')))
        return LiveInput(chosen(asked, value), applies, all_of(asked, filled), other, _is_count(one))

    def _is_asked(self, one: Input, year: int, scenario: Scenario) -> Condition:
        """Whether the register, the years and the answer it is asked after let an input apply."""
        conditions: list[Condition] = [(one.since or year) <= year <= (one.until or year)]
        for formula in one.applies_to:
            _text, known = self.look(applies_outside(self.catalogue, formula.tree, year))
            conditions.append(known.value is not False)
        if one.asked_when is not None:
            conditions.append(self._is_yes(one.asked_when, year, scenario))
        return all_of(*conditions)

    def _is_yes(self, name: str, year: int, scenario: Scenario) -> Condition:
        one = self.catalogue.inputs[name]
        address = self.layout.address(name, year, scenario) if one.level == self.level else None
        if address is None:
            _text, known = self.look(cell_outside(self.catalogue, one, year, scenario))
            return known.value is True
        said = all_of(self._is_asked(one, year, scenario), f"{_word(address)}={YES}")
        if scenario == "fact" or one.level == self.catalogue.levels[0]:
            return said
        planned = self._answer(one, year, scenario)
        falls = negated(all_of(planned.filled, planned.applies))
        return any_of(said, all_of(falls, self._is_yes(name, year, "fact")))

    # --- what counts as one input -----------------------------------------------------------------

    def read(self, asked: RequestedInput, year: int, scenario: Scenario) -> LiveInput:
        """A bare input, or a `coalesce` of bare inputs and numbers."""
        answers = {one.id: self.answer(one, year, scenario) for one in asked.inputs}
        exact = is_exact(asked)
        unreadable = any_of(*(one.unreadable for one in answers.values()))
        if asked.option is not None:
            answer = answers[asked.inputs[0].id]
            value = self._is_option(asked.inputs[0], asked.option, answer, (year, scenario))
            return LiveInput(value, answer.applies, answer.filled, unreadable, exact)
        first = asked.choices[0]
        if len(answers) == len(asked.choices) == 1 and isinstance(first, Cells):
            answer = answers[first.inputs[0].id]
            value = _scaled(answer.value, first.factor)
            return LiveInput(value, answer.applies, answer.filled, unreadable, exact)
        value = first_known(self._choice(choice, answers) for choice in asked.choices)
        if any(not isinstance(choice, Cells) for choice in asked.choices):
            return LiveInput(value, True, True, unreadable, exact)
        applies = any_of(*(one.applies for one in answers.values()))
        return LiveInput(value, applies, has_value(value), unreadable, exact)

    def _choice(self, choice: Cells | float, answers: dict[str, LiveInput]) -> str:
        if not isinstance(choice, Cells):
            return number_text(choice)
        adder = Excel(self, None)  # type: ignore[arg-type] # it asks no name of the sheet
        first, *others = (
            applying(answers[one.id].value, answers[one.id].applies, exact=True)
            for one in choice.inputs
        )
        total = first
        for other in others:
            total = adder.add(total, other)
        return _scaled(total.value, choice.factor)

    def _is_option(
        self, one: Input, option: str, answer: LiveInput, moment: tuple[int, Scenario]
    ) -> str:
        address = self.layout.address(one.id, *moment) if one.level == self.level else None
        if address is None:
            # What is known is the id of the option.
            if answer.value == NONE:
                return NONE
            return str(answer.value == quoted(option)).upper()
        title = one.options[option] or option
        return chosen(answer.filled, f"({_word(address)}={quoted(title)})")


def _read_cell(one: Input, address: str) -> tuple[str, Condition]:
    """The value of a cell, an error where there is none; and whether there is one."""
    if one.type == "count":
        whole = f"IF(ISNUMBER({address}),AND({address}>=0,INT({address})={address}),FALSE)"
        return f"IF({whole},{address},{NONE})", whole
    if one.type in NUMERIC:
        return f"IF(ISNUMBER({address}),{address},{NONE})", f"ISNUMBER({address})"
    if one.type == "yes_no":
        word = _word(address)
        filled = any_of(f"{word}={YES}", f"{word}={NO}")
        return f"IF({word}={YES},TRUE,IF({word}={NO},FALSE,{NONE}))", filled
    if one.type == "choice":
        titles = [title or option for option, title in one.options.items()]
        filled = any_of(*(f"{_word(address)}={quoted(title)}" for title in titles))
        return chosen(filled, _word(address)), filled
    filled = all_of(f'{address}<>""', f"{_word(address)}<>{NOT_APPLICABLE}")
    return chosen(filled, address), filled


def _word(address: str) -> str:
    """What is typed beside a word, a space before or behind it, is not seen: collect passes it over."""
    return f"TRIM({address})"


def _scaled(value: str, factor: float) -> str:
    return value if factor == 1 or value == NONE else f"({value}*{number_text(factor)})"


def _is_count(one: Input) -> bool:
    return one.type == "count"


# --- live names ---


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
        self.memory: dict[tuple[str, int, str], ExcelCell] = {}

    # --- indicators and scopes ----------------------------------------------------------------

    def indicator(self, indicator: Indicator, year: int, scenario: Scenario) -> ExcelCell:
        """The value of an indicator at this place, unrounded: the formula of its year."""
        if not (indicator.since or year) <= year <= (indicator.until or year):
            return no_value()
        held = [formula for first, formula in indicator.formulas if (first or year) <= year]
        if not held:
            return no_value()
        return self.apart(held[-1].tree, indicator.missing, year, scenario)

    def apart(self, tree: ast.expr, missing: Missing, year: int, scenario: Scenario) -> ExcelCell:
        """A scope: what it gives always applies to the formula around it."""
        scope = make_scope(self.catalogue, tree, missing)
        key = (scope.key, year, scenario)
        if key not in self.memory:
            cell = self._read_scope(scope, year, scenario)
            self.memory[key] = known_cell(cell.value, exact=cell.exact)
        return self.memory[key]

    def _read_scope(self, scope: Scope, year: int, scenario: Scenario) -> ExcelCell:
        here = Here(scope, year, scenario)
        if scope.missing == "block" and scope.requested and scope.base != self.level:
            # Who has reported is known of the whole; parts of it would say less.
            return self.cells.part(scope, None, year, scenario)
        cell = Excel(self, here).read(scope.tree)
        if scope.requested and (_fills_gaps(scope) or not frozenset(scope.requested) <= cell.needs):
            cell = replace(cell, value=chosen(self._enough(here), cell.value))
        return cell

    # --- who enters ---------------------------------------------------------------------------------

    def _answers(self, here: Here) -> list[LiveInput]:
        return [self._answer(here, key) for key in here.scope.requested]

    def _answer(self, here: Here, key: str) -> LiveInput:
        return self.cells.read(here.scope.requested[key], here.year, here.scenario)

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

    def name(self, here: Here, name: str) -> ExcelCell:
        """See `Sheet`."""
        symbol = self.catalogue.symbols[name]
        if isinstance(symbol, Indicator) and symbol.input is None:
            return self.indicator(symbol, here.year, here.scenario)
        if isinstance(symbol, Constant) and symbol.level is None:
            return _number(symbol.values.get(here.year))
        found = find_requested(self.catalogue, name)
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

    def _part(self, here: Here, node: ast.expr) -> ExcelCell:
        return self.cells.part(here.scope, node, here.year, here.scenario)

    def _asked(self, here: Here, asked: RequestedInput) -> ExcelCell | None:
        """One of the scope's inputs, or one given above them; None: it is known beforehand."""
        level = asked.inputs[0].level
        if level != self.level:
            return None
        if here.scope.base == self.level and asked.key in here.scope.requested:
            return self._own(here, asked)
        # It is given here, above the schools that the rest of the scope is of.
        answer = self.cells.read(asked, here.year, here.scenario)
        return applying(answer.value, answer.applies, exact=answer.exact)

    def _own(self, here: Here, asked: RequestedInput) -> ExcelCell:
        answer = self.cells.read(asked, here.year, here.scenario)
        value = answer.value
        if here.scope.missing == "zero" and _fills_gaps(here.scope) and is_numeric(asked):
            value = chosen(answer.applies, chosen(answer.filled, value, "0"))
        own = frozenset({asked.key})
        cell = applying(value, answer.applies, exact=answer.exact)
        return replace(cell, needs=own, settles=own, rests=True)

    # --- what is read elsewhere -------------------------------------------------------------------

    def over_schools(self, here: Here, how: str, tree: ast.expr) -> ExcelCell:
        """See `Sheet`: at a school the value itself, 1 or 0, 100 or 0."""
        if not self.is_school:
            name = FUNCTION_OF.get(how, f"{how}_of_schools")
            return self._part(here, _call(name, tree))
        inner = Excel(self, here).read(tree)
        if how in {"with", "share"} and inner.value != NONE:
            most = "1" if how == "with" else "100"
            inner = replace(inner, value=chosen(_plain(inner.value), most, "0"), exact=True)
        return self._at_school(here, inner)

    def weighted_mean(self, here: Here, x: ast.expr, weight: ast.expr) -> ExcelCell:
        """See `Sheet`: at a school x, where it and the weight are there."""
        if not self.is_school:
            return self._part(here, _call("weighted_mean_of_schools", x, weight))
        value, load = Excel(self, here).read(x), Excel(self, here).read(weight)
        both = chosen(has_value(load.value), value.value)
        cell = replace(
            value,
            value=both,
            needs=value.needs | load.needs,
            rests=value.rests or load.rests,
        )
        return self._at_school(here, cell)

    def _at_school(self, here: Here, inner: ExcelCell) -> ExcelCell:
        """What schools that enter give; where this one does not, there is no value."""
        own = frozenset(here.scope.requested)
        if here.scope.base != self.level or not own:
            return known_cell(inner.value, exact=inner.exact)
        if own <= inner.needs and inner.rests and here.scope.missing != "zero":
            value = inner.value
        else:
            value = chosen(self._entered(here), inner.value)
        return ExcelCell(value, value, True, inner.exact, own, own, rests=True)

    def schools(self, here: Here) -> ExcelCell:
        """See `Sheet`."""
        if not self.is_school or here.scope.base != self.level or not here.scope.requested:
            own = here.scope.requested and here.scope.base == self.levels[0]
            return self._part(here, _call("schools")) if own else self.schools_open(here)
        return self._at_school(here, known_cell("1", exact=True))

    def schools_open(self, here: Here) -> ExcelCell:
        """See `Sheet`."""
        if self.is_school:
            return known_cell("1", exact=True)
        return self._part(here, _call("schools_open"))

    def previous(self, here: Here, tree: ast.expr) -> ExcelCell:
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

    def at(self, here: Here, place: ast.expr, tree: ast.expr) -> ExcelCell:
        """See `Sheet`."""
        named, own = self.levels.index(dotted_name(place)), self.levels.index(self.level)
        if named < own:
            return no_value()
        if named == own:
            return self.apart(tree, here.scope.missing, here.year, here.scenario)
        return self._part(here, _call("at", place, tree))

    def coalesce(self, here: Here, node: ast.Call) -> ExcelCell:
        """See `Sheet`."""
        asked = read_bare_coalesce(self.catalogue, node)
        if asked is not None:
            return self._asked(here, asked) or self._part(here, node)
        cells = [
            self.apart(tree, here.scope.missing, here.year, here.scenario) for tree in node.args
        ]
        value = first_known(cell.value for cell in cells)
        return known_cell(value, exact=all(cell.exact for cell in cells))

    def target(self, here: Here, indicator: ast.expr) -> ExcelCell:
        """See `Sheet`."""
        target = self.catalogue.indicators[dotted_name(indicator)].targets.get(here.year)
        return _number(None if target is None else target.value)


def _fills_gaps(scope: Scope) -> bool:
    """Whether gaps may count as 0; a single cell that is empty is nothing given at all."""
    if scope.missing != "zero" or not scope.requested:
        return False
    (first, *others) = scope.requested.values()
    return bool(others) or len(first.choices) > 1 or not isinstance(first.choices[0], Cells)


def _number(value: object) -> ExcelCell:
    if value is None:
        return no_value()
    number = float(value)  # type: ignore[arg-type] # a fraction
    return known_cell(number_text(number), exact=number.is_integer())


def _plain(value: str) -> Condition:
    return {"TRUE": True, "FALSE": False}.get(value, value)


def _call(function: str, *arguments: ast.expr) -> ast.Call:
    return ast.Call(ast.Name(function, ast.Load()), list(arguments), [])
