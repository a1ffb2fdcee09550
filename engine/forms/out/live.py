"""The live formulas of a form: every indicator that it shows, in the words of a spreadsheet.

    live = Live(catalogue, layout)
    places = know_places(catalogue, data, layout.form.fills, live.outside())
    live.formula(catalogue.indicators["diagnosed_share"], 2023, "fact", places["school_1"])

A formula is built once for all places of which the same is known; numbers that differ from place to
place are put into it at the end (`template`, then `fill_slots` with `numbers`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.catalogue.model import Catalogue, Indicator, Scenario
from engine.data.model import Data
from engine.evaluation.asking import Asking
from engine.evaluation.evaluate import compute_results
from engine.evaluation.plan.scopes import bare_input, type_at
from engine.forms.layout import Layout
from engine.forms.out.live_names import LiveCells, LiveSheet
from engine.forms.out.outside import FormPlace, KnownValue, OutsideTerm
from engine.forms.out.sheet_words import no_word, yes_word
from engine.language.functions import read_set_call
from engine.language.readings.excel import (
    NONE,
    NUDGE,
    chosen,
    condition_of,
    fill_slots,
    longest,
    nesting,
    quoted,
)
from engine.problems import Problem
from engine.translation import gettext as _

EMPTY = '""'
LONGEST = 8192
DEEPEST = 64
"""What Excel takes."""

IndicatorKey = tuple[str, int, Scenario]
"""An indicator, a year and a scenario: one cell that shows a value."""

Moment = tuple[int, Scenario]


@dataclass(slots=True)
class _Formulas:
    """The formulas of one cell: the outside `terms`, and one formula for what was answered."""

    terms: tuple[OutsideTerm, ...]
    by_answers: dict[tuple[object, ...], str] = field(default_factory=dict)


class LiveFormulas:
    """The formulas of all indicators that a layout shows."""

    def __init__(self, catalogue: Catalogue, layout: Layout) -> None:
        self.catalogue, self.layout = catalogue, layout
        self.slots: dict[OutsideTerm, int] = {}
        self.memory: dict[IndicatorKey, _Formulas] = {}
        self.too_long: dict[str, Indicator] = {}
        for name, year, scenario in self.shown():
            self._of(catalogue.indicators[name], (year, scenario))

    def shown(self) -> tuple[IndicatorKey, ...]:
        """Every cell of the form that shows an indicator and asks nothing."""
        return tuple(
            (name, column.year + line.shift, column.scenario)
            for name, line in self.layout.of_indicator.items()
            if line.input is None
            for column in self.layout.columns
        )

    def outside(self) -> tuple[OutsideTerm, ...]:
        """All that the formulas ask of the world outside the form, in the order of their slots."""
        return tuple(self.slots)

    def numbers(self, place: FormPlace) -> tuple[float | None, ...]:
        """What stands in the slots of every formula at a place."""
        return tuple(_number_of(place.values.get(term, KnownValue())) for term in self.slots)

    def template(
        self, indicator: Indicator, year: int, scenario: Scenario, place: FormPlace
    ) -> str:
        """The formula of one cell, with its "=" and slots; empty where Excel would not take it.

        So it is of a change over the same schools, which are not known in a sheet.

        It shows what is printed: rounded, «да» or «нет», and nothing where there is no value.
        """
        if indicator.same_schools:
            return ""
        formulas = self._of(indicator, (year, scenario))
        answers = tuple(_answer(place.values.get(term, KnownValue())) for term in formulas.terms)
        if answers not in formulas.by_answers:
            text, _asked = self._build(indicator, (year, scenario), place.values)
            text = f"={text}"
            if longest(text) > LONGEST or nesting(text) > DEEPEST:
                self.too_long[indicator.id] = indicator
                text = ""
            formulas.by_answers[answers] = text
        return formulas.by_answers[answers]

    def formula(self, indicator: Indicator, year: int, scenario: Scenario, place: FormPlace) -> str:
        """The formula of one cell of one place, with its numbers."""
        return fill_slots(self.template(indicator, year, scenario, place), self.numbers(place))

    def problems(self) -> list[Problem]:
        """The indicators whose formulas Excel would not have taken, so far."""
        hint = _("its value will stand in the form without a formula; write the formula shorter")
        return [
            Problem(
                "long-live-formula",
                _("the formula of “{id}” is too long for a cell of Excel").format(id=name),
                indicator.position,
                hint,
                severity="warning",
            )
            for name, indicator in self.too_long.items()
        ]

    # --- building -----------------------------------------------------------------------------------

    def _of(self, indicator: Indicator, moment: Moment) -> _Formulas:
        cell = (indicator.id, *moment)
        if cell not in self.memory:
            _text, terms = self._build(indicator, moment, {})
            self.memory[cell] = _Formulas(terms)
        return self.memory[cell]

    def _build(
        self, indicator: Indicator, moment: Moment, values: Mapping[OutsideTerm, KnownValue]
    ) -> tuple[str, tuple[OutsideTerm, ...]]:
        unknown = KnownValue()
        cells = LiveCells(
            self.catalogue, self.layout, self.slots, lambda term: values.get(term, unknown)
        )
        sheet = LiveSheet(self.catalogue, cells)
        text = self._print(sheet, indicator, *moment)
        if is_known_above(self.catalogue, indicator, sheet.level):
            text = quoted(_("computed by the department"))
        has_rows = not indicator.levels or sheet.level in indicator.levels
        if not has_rows or not sheet.is_open(moment[0]):
            text = EMPTY
        return text, tuple(cells.terms)

    def _print(self, sheet: LiveSheet, indicator: Indicator, year: int, scenario: Scenario) -> str:
        kind = type_at(self.catalogue, indicator, sheet.level)
        bare = bare_input(self.catalogue, indicator)
        if kind == "text" and bare is not None:
            value = sheet.cells.answer(bare, year, scenario).value
            return EMPTY if value == NONE else f"IFERROR({value},{EMPTY})"
        cell = sheet.indicator(indicator, year, scenario)
        if cell.value == NONE or kind == "texts":
            return EMPTY
        value = cell.value
        if kind == "yes_no":
            value = chosen(condition_of(value), quoted(yes_word()), quoted(no_word()))
        elif not cell.exact and kind != "class":
            value = f"ROUND({value}*{NUDGE},{indicator.decimals})"
        return f"IFERROR({value},{EMPTY})"


def is_known_above(catalogue: Catalogue, indicator: Indicator, level: str) -> bool:
    """Whether an indicator looks at other places beside the one that fills the form: a rank, a set above it."""
    waiting, seen = [indicator], set[str]()
    while waiting:
        current = waiting.pop()
        seen.add(current.id)
        for _year, formula in current.formulas:
            for call, use in formula.calls():
                over = read_set_call(call, catalogue.places[0])
                members = over.members if over is not None else catalogue.places[0]
                if use.id == "rank" or catalogue.places.index(members) > catalogue.places.index(
                    level
                ):
                    return True
            symbols = (catalogue.symbols.get(use.id) for use in formula.names())
            waiting += [
                each for each in symbols if isinstance(each, Indicator) and each.id not in seen
            ]
    return False


def values_to_show(
    catalogue: Catalogue, data: Data, live: LiveFormulas
) -> dict[str, dict[IndicatorKey, float | str]]:
    """Place → cell → what the engine computes for it, as the formula shows it.

    `data` are those that stand in the cells of the form, and all that is known outside it.
    """
    shown_cells = live.shown()
    level = live.layout.form.fills
    values: dict[str, dict[IndicatorKey, float | str]] = {}
    for scenario in dict.fromkeys(cell[2] for cell in shown_cells):
        cells = [cell for cell in shown_cells if cell[2] == scenario]
        asking = Asking(
            years=tuple(sorted({cell[1] for cell in cells})),
            levels=(level,),
            indicators=tuple(dict.fromkeys(cell[0] for cell in cells)),
            scenario=scenario,
            columns=("value", "class_title"),
        )
        for row in compute_results(catalogue, data, asking).frame.iter_rows(named=True):
            key = (row["indicator"], row["year"], scenario)
            known_above = is_known_above(catalogue, catalogue.indicators[row["indicator"]], level)
            text = _("computed by the department") if known_above else _shown_value(row)
            values.setdefault(row["place"], {})[key] = text
    return values


def _shown_value(row: dict[str, object]) -> float | str:
    kind, value = row["type"], row["value"]
    if kind == "class":
        return str(row["class_title"] or "")
    if kind in {"text", "texts"}:
        texts = row["text"]
        return texts[0] if kind == "text" and isinstance(texts, list) and texts else ""
    if not isinstance(value, int | float):
        return ""
    if kind == "yes_no":
        return yes_word() if value else no_word()
    return float(value)


def _answer(outside_value: KnownValue) -> object:
    """What a formula is built by: of a number, only that there is one."""
    number = _number_of(outside_value) is not None
    return (number or outside_value.value, number, outside_value.applies, outside_value.unreadable)


def _number_of(outside_value: KnownValue) -> float | None:
    return (
        None if isinstance(outside_value.value, bool | str | None) else float(outside_value.value)
    )
