"""What a cell of a form is in a formula: its value, whether it applies, is filled, is unreadable.

A cell that the form does not show is known beforehand, and is read as what it says.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from engine.catalogue.model import (
    NUMERIC,
    Catalogue,
    Input,
    Scenario,
)
from engine.evaluation.plan.entering import is_exact
from engine.evaluation.plan.scopes import (
    CellSum,
    RequestedInput,
    Scope,
)
from engine.forms.layout import Layout
from engine.forms.out.checks import LONGEST, Key
from engine.forms.out.outside import (
    KnownValue,
    OutsideTerm,
    applies_outside,
    cell_outside,
    enough_outside,
    part_outside,
)
from engine.forms.out.score_parts import ScoreParts
from engine.forms.out.sheet_words import no_word, not_applicable_word, yes_word
from engine.language.grammar import Formula
from engine.language.readings.excel import (
    NONE,
    Condition,
    Excel,
    ExcelCell,
    all_of,
    any_of,
    applying,
    chosen,
    condition_of,
    first_known,
    has_value,
    negated,
    number_text,
    quoted,
    slot,
)


@dataclass(frozen=True, slots=True)
class FormulaPoint:
    """Where a formula is read; `before`: in which scenario alone it takes the year before."""

    scope: Scope
    year: int
    scenario: Scenario
    before: Scenario | None = None


@dataclass(frozen=True, slots=True)
class LiveInput:
    """What one input is in the sheet. `value` is an error where there is none or it does not apply."""

    value: str
    applies: Condition
    filled: Condition
    unreadable: Condition = False
    exact: bool = False


class LiveCells:
    """The cells of a form, and values from outside it; `find_value` gives each of these.

    `read_condition` reads, over these cells, a condition on which another is asked.
    A number from outside gets a slot in the formula, so that one formula serves all workbooks:
    `slots` holds the number of each slot, and grows. `terms` are what this formula looked up. `waits`:
    it has met what only the department knows; `ends` are the terms that ends of scales looked up.
    `parts`: those of scores, which have cells of their own; `split`: this formula reads them there, not only
    what no cell takes, and `used` are those that it reads there.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        layout: Layout,
        slots: dict[OutsideTerm, int],
        find_value: Callable[[OutsideTerm], KnownValue],
        read_condition: Callable[[LiveCells, Formula, int, Scenario], ExcelCell],
        *,
        parts: ScoreParts,
        split: bool,
    ) -> None:
        self.catalogue, self.layout, self._find_value = catalogue, layout, find_value
        self._read_condition = read_condition
        self.level = layout.form.fills
        self.slots = slots
        self.waits = False
        self.ends: set[OutsideTerm] = set()
        self._is_end = False
        self.terms: dict[OutsideTerm, None] = {}
        self.parts, self.split = parts, split
        self.used: dict[Key, None] = {}

    @contextmanager
    def reading_end(self) -> Iterator[None]:
        """While an end of a scale is read: what it looks up stands in `ends` too."""
        before, self._is_end = self._is_end, True
        yield
        self._is_end = before

    def place(self, key: Key, part: ExcelCell) -> str:
        """The cell in which this formula reads a part of a score; empty where it is written out."""
        if not self.split and len(part.value) <= LONGEST:
            return ""
        self.used[key] = None
        return self.parts.address(key)

    # --- known beforehand -------------------------------------------------------------------------

    def look_up(self, term: OutsideTerm) -> tuple[str, KnownValue]:
        """The value of something outside the form: as text of a formula, and as it is known."""
        index = self.slots.setdefault(term, len(self.slots))
        self.terms[term] = None
        if self._is_end:
            self.ends.add(term)
        outside_value = self._find_value(term)
        value = outside_value.value
        if isinstance(value, bool):
            return str(value).upper(), outside_value
        if isinstance(value, str):
            return quoted(value), outside_value
        return NONE if value is None else slot(index), outside_value

    def part(self, scope: Scope, node: ast.expr | None, year: int, scenario: Scenario) -> ExcelCell:
        """A part of a formula that is known, or a whole scope."""
        text, outside_value = self.look_up(part_outside(scope, node, year, scenario))
        return applying(text, outside_value.applies)

    def is_enough(self, scope: Scope, year: int, scenario: Scenario) -> Condition:
        """Whether as many of those outside the form enter a scope as it needs to have a value."""
        _text, outside_value = self.look_up(enough_outside(scope, year, scenario))
        return outside_value.value is True

    # --- cells ------------------------------------------------------------------------------------

    def answer(self, asked_input: Input, year: int, scenario: Scenario) -> LiveInput:
        """What stands in the cell of an input.

        A forecast given above the level that reports falls back to the fact where it has no value.
        """
        own = self._answer(asked_input, year, scenario)
        if scenario == "fact" or asked_input.level == self.catalogue.levels[0]:
            return own
        fact = self._answer(asked_input, year, "fact")
        planned = all_of(own.filled, own.applies)
        return LiveInput(
            first_known([own.value, fact.value]),
            any_of(planned, fact.applies),
            any_of(planned, fact.filled),
            all_of(negated(planned), fact.unreadable),
            own.exact,
        )

    def _answer(self, asked_input: Input, year: int, scenario: Scenario) -> LiveInput:
        address = (
            self.layout.address(asked_input.id, year, scenario)
            if asked_input.level == self.level
            else None
        )
        if address is None:
            text, outside_value = self.look_up(
                cell_outside(self.catalogue, asked_input, year, scenario)
            )
            applies_there = outside_value.applies
            return LiveInput(
                text,
                applies_there,
                text != NONE,
                applies_there and outside_value.unreadable,
                _is_count(asked_input),
            )
        applies_here = self._is_asked(asked_input, year, scenario)
        wanted = [self._asking(formula, year, scenario) for formula in asked_input.asked_if]
        applies_here = all_of(applies_here, *(applies for applies, _known in wanted))
        known = all_of(*(known for _applies, known in wanted))
        value, filled = _read_cell(asked_input, address)
        # What nobody is asked yet is not filled, whatever its cell says.
        by_cell = any_of(negated(known), f"{_word(address)}<>{quoted(not_applicable_word())}")
        applies = all_of(applies_here, by_cell)
        other = all_of(applies, known, negated(any_of(filled, f'{address}=""')))
        return LiveInput(
            chosen(all_of(applies_here, known), value),
            applies,
            all_of(applies_here, known, filled),
            other,
            _is_count(asked_input),
        )

    def _asking(
        self, formula: Formula, year: int, scenario: Scenario
    ) -> tuple[Condition, Condition]:
        """Of a condition of `asked_if`: whether it is not known to fail, and whether it is known."""
        cell = self._read_condition(self, formula, year, scenario)
        known = has_value(cell.value)
        holds = (
            cell.value if cell.value in {"TRUE", "FALSE", NONE} else f"IFERROR({cell.value},TRUE)"
        )
        not_failing = True if holds == NONE else condition_of(holds)
        return all_of(cell.applies, not_failing), known

    def _is_asked(self, asked_input: Input, year: int, scenario: Scenario) -> Condition:
        """Whether the register, the years and the answer it is asked after let an input apply."""
        conditions: list[Condition] = [
            (asked_input.since or year) <= year <= (asked_input.until or year)
        ]
        for formula in asked_input.applies_to:
            _text, outside_value = self.look_up(applies_outside(self.catalogue, formula.tree, year))
            conditions.append(outside_value.value is not False)
        if asked_input.asked_when is not None:
            conditions.append(self._is_yes(asked_input.asked_when, year, scenario))
        return all_of(*conditions)

    def _is_yes(self, name: str, year: int, scenario: Scenario) -> Condition:
        asked_input = self.catalogue.inputs[name]
        address = (
            self.layout.address(name, year, scenario) if asked_input.level == self.level else None
        )
        if address is None:
            _text, outside_value = self.look_up(
                cell_outside(self.catalogue, asked_input, year, scenario)
            )
            return outside_value.value is True
        is_yes = all_of(
            self._is_asked(asked_input, year, scenario), f"{_word(address)}={quoted(yes_word())}"
        )
        if scenario == "fact" or asked_input.level == self.catalogue.levels[0]:
            return is_yes
        planned = self._answer(asked_input, year, scenario)
        falls_back = negated(all_of(planned.filled, planned.applies))
        return any_of(is_yes, all_of(falls_back, self._is_yes(name, year, "fact")))

    # --- what counts as one input -----------------------------------------------------------------

    def read(self, request: RequestedInput, year: int, scenario: Scenario) -> LiveInput:
        """A bare input, or a `coalesce` of bare inputs and numbers."""
        answers = {
            asked_input.id: self.answer(asked_input, year, scenario)
            for asked_input in request.inputs
        }
        exact = is_exact(request)
        unreadable = any_of(*(asked_input.unreadable for asked_input in answers.values()))
        if request.option is not None:
            answer = answers[request.inputs[0].id]
            value = self._is_option(request.inputs[0], request.option, answer, (year, scenario))
            return LiveInput(value, answer.applies, answer.filled, unreadable, exact)
        first = request.choices[0]
        if len(answers) == len(request.choices) == 1 and isinstance(first, CellSum):
            answer = answers[first.inputs[0].id]
            value = _scaled(answer.value, first.factor)
            return LiveInput(value, answer.applies, answer.filled, unreadable, exact)
        value = first_known(self._choice(choice, answers) for choice in request.choices)
        if any(not isinstance(choice, CellSum) for choice in request.choices):
            return LiveInput(value, True, True, exact=exact)
        applies = any_of(*(asked_input.applies for asked_input in answers.values()))
        filled = has_value(value)
        if len(request.choices) > 1:  # one that has a value does without an unreadable cell
            unreadable = all_of(unreadable, negated(filled))
        return LiveInput(value, applies, filled, unreadable, exact)

    def _choice(self, choice: CellSum | float, answers: dict[str, LiveInput]) -> str:
        if not isinstance(choice, CellSum):
            return number_text(choice)
        adder = Excel(self, None)  # type: ignore[arg-type] # it asks no name of the sheet
        first, *others = (
            applying(answers[asked_input.id].value, answers[asked_input.id].applies, exact=True)
            for asked_input in choice.inputs
        )
        total = first
        for other in others:
            total = adder.add(total, other)
        return _scaled(total.value, choice.factor)

    def _is_option(
        self, asked_input: Input, option: str, answer: LiveInput, moment: tuple[int, Scenario]
    ) -> str:
        address = (
            self.layout.address(asked_input.id, *moment)
            if asked_input.level == self.level
            else None
        )
        if address is None:
            # What is known is the id of the option.
            if answer.value == NONE:
                return NONE
            return str(answer.value == quoted(option)).upper()
        title = asked_input.options[option] or option
        return chosen(answer.filled, f"({_word(address)}={quoted(title)})")


def _read_cell(asked_input: Input, address: str) -> tuple[str, Condition]:
    """The value of a cell, an error where there is none; and whether there is one."""
    within = "".join(
        f",{address}{sign}{number_text(float(end))}"
        for sign, end in zip((">=", "<="), asked_input.limits or (), strict=False)
    )
    if asked_input.type == "count":
        tests = f"{address}>=0,INT({address})={address}{within}"
        whole = f"IF(ISNUMBER({address}),AND({tests}),FALSE)"
        return f"IF({whole},{address},{NONE})", whole
    if asked_input.type in NUMERIC and within:
        inside = f"IF(ISNUMBER({address}),AND({within[1:]}),FALSE)"
        return f"IF({inside},{address},{NONE})", inside
    if asked_input.type in NUMERIC:
        return f"IF(ISNUMBER({address}),{address},{NONE})", f"ISNUMBER({address})"
    if asked_input.type == "yes_no":
        word = _word(address)
        filled = any_of(f"{word}={quoted(yes_word())}", f"{word}={quoted(no_word())}")
        return (
            f"IF({word}={quoted(yes_word())},TRUE,IF({word}={quoted(no_word())},FALSE,{NONE}))",
            filled,
        )
    if asked_input.type == "choice":
        titles = [title or option for option, title in asked_input.options.items()]
        filled = any_of(*(f"{_word(address)}={quoted(title)}" for title in titles))
        return chosen(filled, _word(address)), filled
    filled = all_of(f'{address}<>""', f"{_word(address)}<>{quoted(not_applicable_word())}")
    return chosen(filled, address), filled


def _word(address: str) -> str:
    """What is typed beside a word, a space before or behind it, is not seen: collect passes it over."""
    return f"TRIM({address})"


def _scaled(value: str, factor: float) -> str:
    return value if factor == 1 or value == NONE else f"({value}*{number_text(factor)})"


def _is_count(asked_input: Input) -> bool:
    return asked_input.type == "count"
