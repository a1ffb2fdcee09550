"""What a cell of a form is in a formula: its value, whether it applies, is filled, is unreadable.

A cell that the form does not show is known beforehand, and is read as what it says.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.catalogue.model import NUMERIC, Catalogue, Input, Scenario
from engine.evaluation.entering import is_exact
from engine.evaluation.scope import Asked, Cells, Scope
from engine.forms.known import (
    Known,
    Outside,
    applies_outside,
    cell_outside,
    enough_outside,
    part_outside,
)
from engine.language.readings.excel import Cell, Excel, applying
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
    quoted,
    slot,
)

if TYPE_CHECKING:
    from engine.forms.layout import Layout

NOT_APPLICABLE, YES, NO = quoted("н/п"), quoted("да"), quoted("нет")
"""The words of answers: what the lists of a cell offer, whatever language the program speaks."""


@dataclass(frozen=True, slots=True)
class Answer:
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

    def part(self, scope: Scope, node: ast.expr | None, year: int, scenario: Scenario) -> Cell:
        """A part of a formula that is known, or a whole scope."""
        text, known = self.look(part_outside(scope, node, year, scenario))
        return applying(text, known.applies)

    def is_enough(self, scope: Scope, year: int, scenario: Scenario) -> Condition:
        """Whether as many of those outside the form enter a scope as it needs to have a value."""
        _text, known = self.look(enough_outside(scope, year, scenario))
        return known.value is True

    # --- cells ------------------------------------------------------------------------------------

    def answer(self, one: Input, year: int, scenario: Scenario) -> Answer:
        """What stands in the cell of an input.

        A forecast given above the level that reports falls back to the fact where it has no value.
        """
        given = self._answer(one, year, scenario)
        if scenario == "fact" or one.level == self.catalogue.levels[0]:
            return given
        fact = self._answer(one, year, "fact")
        planned = all_of(given.filled, given.applies)
        return Answer(
            first_known([given.value, fact.value]),
            any_of(planned, fact.applies),
            any_of(planned, fact.filled),
            all_of(negated(planned), fact.unreadable),
            given.exact,
        )

    def _answer(self, one: Input, year: int, scenario: Scenario) -> Answer:
        address = self.layout.address(one.id, year, scenario) if one.level == self.level else None
        if address is None:
            text, known = self.look(cell_outside(self.catalogue, one, year, scenario))
            does = known.applies
            return Answer(text, does, text != NONE, does and known.unreadable, _is_count(one))
        asked = self._is_asked(one, year, scenario)
        value, filled = _read_cell(one, address)
        applies = all_of(asked, f"{_word(address)}<>{NOT_APPLICABLE}")
        other = all_of(applies, negated(any_of(filled, f'{address}=""')))
        return Answer(chosen(asked, value), applies, all_of(asked, filled), other, _is_count(one))

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

    def read(self, asked: Asked, year: int, scenario: Scenario) -> Answer:
        """A bare input, or a `coalesce` of bare inputs and numbers."""
        answers = {one.id: self.answer(one, year, scenario) for one in asked.inputs}
        exact = is_exact(asked)
        unreadable = any_of(*(one.unreadable for one in answers.values()))
        if asked.option is not None:
            answer = answers[asked.inputs[0].id]
            value = self._is_option(asked.inputs[0], asked.option, answer, (year, scenario))
            return Answer(value, answer.applies, answer.filled, unreadable, exact)
        first = asked.choices[0]
        if len(answers) == len(asked.choices) == 1 and isinstance(first, Cells):
            answer = answers[first.inputs[0].id]
            value = _scaled(answer.value, first.factor)
            return Answer(value, answer.applies, answer.filled, unreadable, exact)
        value = first_known(self._choice(choice, answers) for choice in asked.choices)
        if any(not isinstance(choice, Cells) for choice in asked.choices):
            return Answer(value, True, True, unreadable, exact)
        applies = any_of(*(one.applies for one in answers.values()))
        return Answer(value, applies, is_known(value), unreadable, exact)

    def _choice(self, choice: Cells | float, answers: dict[str, Answer]) -> str:
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
        self, one: Input, option: str, answer: Answer, moment: tuple[int, Scenario]
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
