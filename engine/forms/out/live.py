"""The live formulas of a form: every indicator that it shows, in the words of a spreadsheet.

    live = Live(catalogue, layout)
    places = know_places(catalogue, data, layout.form.fills, live.outside())
    live.formula(catalogue.indicators["diagnosed_share"], 2023, "fact", places["school_1"])

A formula is built once for all places of which the same is known; numbers that differ from place to
place are put into it at the end (`template`, then `fill_slots` with `numbers`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from engine.catalogue.model import Catalogue, Indicator, Scenario
from engine.data.model import Data
from engine.evaluation.asking import Asking
from engine.evaluation.evaluate import compute_results
from engine.evaluation.plan.scopes import bare_input, type_at
from engine.forms.layout import Layout
from engine.forms.out.assessments import (
    CLASS_OF,
    EMPTY,
    TARGET_OF,
    assess_row,
    find_gap,
    list_assessed,
    with_gaps,
    write_grade,
    write_target,
)
from engine.forms.out.checks import DEEPEST, LONGEST, is_asking
from engine.forms.out.known_above import (
    is_class_known_above,
    is_known_above,
    is_target_known_above,
    reads_year,
)
from engine.forms.out.live_cells import LiveCells
from engine.forms.out.live_names import LiveSheet, read_condition
from engine.forms.out.live_targets import find_target
from engine.forms.out.outside import FormPlace, KnownValue, OutsideTerm
from engine.forms.out.score_parts import ScoreParts, is_part, show_part, with_parts
from engine.forms.out.sheet_words import no_word, waiting_words, yes_word
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
from engine.problems import Position, Problem
from engine.translation import gettext as _

IndicatorKey = tuple[str, int, Scenario]
"""An indicator, a year and a scenario: one cell that shows a value."""

Moment = tuple[int, Scenario]
KnownValues = Mapping[OutsideTerm, KnownValue]


@dataclass(frozen=True, slots=True)
class _Formula:
    """A formula of a cell, and the parts of scores that it reads in cells of their own."""

    text: str
    parts: tuple[IndicatorKey, ...] = ()


@dataclass(slots=True)
class _Formulas:
    """The formulas of one cell: the outside `terms`, and one formula for what was answered."""

    terms: tuple[OutsideTerm, ...]
    by_answers: dict[tuple[object, ...], _Formula] = field(default_factory=dict)


class LiveFormulas:
    """The formulas of all indicators that a layout shows."""

    def __init__(self, catalogue: Catalogue, layout: Layout) -> None:
        self.catalogue, self.layout = catalogue, layout
        self.slots: dict[OutsideTerm, int] = {}
        self.memory: dict[IndicatorKey, _Formulas] = {}
        self.too_long: dict[str, Position | None] = {}
        self.parts = ScoreParts(layout)
        self.assessed = tuple(list_assessed(layout))
        for key in (*self.shown(), *self.assessed):
            self._of(key)

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
        """The formula of the cell that shows an indicator."""
        return self.template_of((indicator.id, year, scenario), place)

    def template_of(self, key: IndicatorKey, place: FormPlace) -> str:
        """The formula of one cell, with its "=" and slots; empty where Excel would not take it.

        It shows what is printed: rounded, «да» or «нет», and nothing where there is no value.
        """
        return self._formula_of(key, place).text

    def templates(self, place: FormPlace) -> dict[IndicatorKey, str]:
        """The formulas of all cells of a place, those of the parts of long scores at the end."""
        templates: dict[IndicatorKey, str] = {}
        keys = [*self.shown(), *self.assessed]
        for key in keys:  # it grows
            if key not in templates:
                formula = self._formula_of(key, place)
                templates[key] = formula.text
                keys += formula.parts
        return templates

    def _formula_of(self, key: IndicatorKey, place: FormPlace) -> _Formula:
        formulas = self._of(key)
        answers = tuple(_answer(place.values.get(term, KnownValue())) for term in formulas.terms)
        if answers not in formulas.by_answers:
            formula = self._write(key, place)
            if not self._fits(formula, place):
                formula = self._write(key, place, split=True)
            if not self._fits(formula, place):
                self._tell_too_long(key)
                formula = _Formula("")
            formulas.by_answers[answers] = formula
        return formulas.by_answers[answers]

    def _write(self, key: IndicatorKey, place: FormPlace, *, split: bool = False) -> _Formula:
        text, cells = self._build(key, place.values, split=split)
        is_read = text not in {EMPTY, _waiting(self.catalogue)}
        return _Formula(f"={text}", tuple(cells.used) if is_read else ())

    def _fits(self, formula: _Formula, place: FormPlace) -> bool:
        """Whether Excel takes a formula, and those of the parts that it reads."""
        if longest(formula.text) > LONGEST or nesting(formula.text) > DEEPEST:
            return False
        return all(self.template_of(part, place) for part in formula.parts)

    def _tell_too_long(self, key: IndicatorKey) -> None:
        if not is_part(key):
            name = key[0].removeprefix(CLASS_OF).removeprefix(TARGET_OF)
            declared = self.catalogue.indicators.get(name) or self.catalogue.inputs[name]
            self.too_long[name] = declared.position

    def waits(self, key: IndicatorKey, place: FormPlace) -> bool:
        """Whether a cell of a place shows what only the department computes."""
        return self.template_of(key, place) == f"={_waiting(self.catalogue)}"

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
                position,
                hint,
                severity="warning",
            )
            for name, position in self.too_long.items()
        ]

    # --- building -----------------------------------------------------------------------------------

    def _of(self, key: IndicatorKey) -> _Formulas:
        if key not in self.memory:
            _text, cells = self._build(key, {})
            self.memory[key] = _Formulas(tuple(cells.terms))
        return self.memory[key]

    def _build(
        self, key: IndicatorKey, values: KnownValues, *, split: bool = False
    ) -> tuple[str, LiveCells]:
        unknown = KnownValue()
        cells = LiveCells(
            self.catalogue,
            self.layout,
            self.slots,
            lambda term: values.get(term, unknown),
            read_condition,
            parts=self.parts,
            split=split,
        )
        sheet = LiveSheet(self.catalogue, cells)
        name, year, scenario = key
        if name.startswith(CLASS_OF):
            text = self._write_grade(sheet, name.removeprefix(CLASS_OF), (year, scenario), values)
        elif name.startswith(TARGET_OF):
            text = self._write_target(sheet, name.removeprefix(TARGET_OF), (year, scenario), values)
        elif is_part(key):
            text = sheet.part(self.parts.parts[name], year, scenario)
        else:
            indicator = self.catalogue.indicators[name]
            text = self._write_value(sheet, indicator, (year, scenario), values)
        return text if sheet.is_open(year) else EMPTY, cells

    def _write_value(
        self, sheet: LiveSheet, indicator: Indicator, moment: Moment, values: KnownValues
    ) -> str:
        value = self._print(sheet, indicator, *moment)
        if self._waits(sheet, values) or is_known_above(self.catalogue, indicator, sheet.level):
            value = _waiting(self.catalogue)
        has_rows = not indicator.levels or sheet.level in indicator.levels
        if value == _waiting(self.catalogue):
            return value if has_rows else EMPTY
        text = EMPTY if not has_rows or value == NONE else f"IFERROR({value},{EMPTY})"
        if is_asking(indicator.id):
            ((_since, formula),) = indicator.formulas
            applies = read_condition(sheet.cells, formula, *moment).applies
            return chosen(applies, text, quoted(no_word()))
        return text

    def _print(self, sheet: LiveSheet, indicator: Indicator, year: int, scenario: Scenario) -> str:
        """The value as it is printed; an error of the sheet where there is none."""
        kind = type_at(self.catalogue, indicator, sheet.level)
        bare = bare_input(self.catalogue, indicator)
        if kind == "text" and bare is not None:
            return sheet.cells.answer(bare, year, scenario).value
        cell = sheet.indicator(indicator, year, scenario)
        if cell.value == NONE or kind == "texts":
            return NONE
        if kind == "yes_no":
            return chosen(condition_of(cell.value), quoted(yes_word()), quoted(no_word()))
        if not cell.exact and kind != "class":
            return f"ROUND({cell.value}*{NUDGE},{indicator.decimals})"
        return cell.value

    def _address(self, name: str, moment: Moment) -> str:
        """The cell that shows the value of an indicator; empty where it is an answer or stands nowhere."""
        line = self.layout.of_indicator.get(name)
        is_shown = line is not None and line.input is None
        return (self.layout.indicator_address(name, *moment) or "") if is_shown else ""

    def _waits(self, sheet: LiveSheet, values: KnownValues) -> bool:
        """Whether what only the department knows, or will know, has been met."""
        ends = sheet.cells.ends
        return sheet.cells.waits or any(self._is_awaited(term, values) for term in ends)

    def _write_grade(self, sheet: LiveSheet, name: str, moment: Moment, values: KnownValues) -> str:
        text = write_grade(sheet, name, moment)
        if self._waits(sheet, values) or is_class_known_above(self.catalogue, name, sheet.level):
            return _waiting(self.catalogue)
        return EMPTY if text == NONE else f"IFERROR({text},{EMPTY})"

    def _write_target(
        self,
        sheet: LiveSheet,
        name: str,
        moment: Moment,
        values: KnownValues,
    ) -> str:
        indicator, (year, scenario) = self.catalogue.indicators[name], moment
        wanted = find_target(sheet, indicator, year, scenario)
        if wanted is None:
            return EMPTY
        if year >= self.layout.year and (
            is_target_known_above(self.catalogue, indicator, indicator.targets[year], sheet.level)
            or any(self._is_awaited(term, values) for term in sheet.cells.terms)
        ):
            return _waiting(self.catalogue)
        address = self._address(name, moment)
        value = address or self._print(sheet, indicator, *moment)
        is_known = not self._waits(sheet, values)
        is_known &= not is_known_above(self.catalogue, indicator, sheet.level)
        text = write_target(self.catalogue, indicator, wanted, value if is_known else NONE)
        return EMPTY if text == NONE else f"IFERROR({text},{EMPTY})"

    def _is_awaited(self, term: OutsideTerm, values: KnownValues) -> bool:
        """Whether a part of a target or a scale is this year's, and others have not said it yet."""
        if term.register or term.enough or term.judged or term.joined:
            return False
        tree = term.scope.tree if term.node is None else term.node
        is_missing = values.get(term, KnownValue()).value is None
        return is_missing and term.year >= self.layout.year and reads_year(self.catalogue, tree)


def _waiting(catalogue: Catalogue) -> str:
    return quoted(waiting_words(catalogue))


def values_to_show(
    catalogue: Catalogue,
    data: Data,
    live: LiveFormulas,
    places: Mapping[str, FormPlace],
    parts: Collection[IndicatorKey] = (),
) -> dict[str, dict[IndicatorKey, float | str]]:
    """Place → cell → what the engine computes for it, as the formula shows it.

    `data` are those that stand in the cells of the form, and all that is known outside it; `places` what
    is known of each place; `parts` the parts of long scores that stand in cells of their own.
    """
    level = live.layout.form.fills
    keys = (*live.shown(), *live.assessed, *parts)
    assessed = frozenset(live.assessed)
    values: dict[str, dict[IndicatorKey, float | str]] = {}
    columns: tuple[str, ...] = ("value", "class_title", "reason")
    gap_rows: tuple[str, ...] = ()
    if assessed:
        catalogue, gap_rows = with_gaps(catalogue, assessed)
        columns += ("class", "points", "target", "comparator", "status", "reference")
    if parts:
        catalogue = with_parts(catalogue, live.parts.parts)
    for scenario in dict.fromkeys(key[2] for key in keys):
        of_name: dict[str, list[IndicatorKey]] = {}
        for key in keys:
            if key[2] == scenario:
                name = key[0].removeprefix(CLASS_OF).removeprefix(TARGET_OF)
                of_name.setdefault(name, []).append(key)
        asking = Asking(
            years=tuple(sorted({key[1] for key in keys if key[2] == scenario})),
            levels=(level,),
            indicators=(*of_name, *gap_rows),
            scenario=scenario,
            columns=columns,
        )
        rows = list(compute_results(catalogue, data, asking).frame.iter_rows(named=True))
        gaps = frozenset(filter(None, map(find_gap, rows)))
        for row in rows:
            for key in of_name.get(row["indicator"], ()):
                if key[1] != row["year"]:
                    continue
                place = places.get(row["place"], FormPlace(row["place"], level))
                if live.waits(key, place):
                    text: float | str = waiting_words(catalogue)
                elif key in parts:
                    text = show_part(row)
                elif key in assessed:
                    text = assess_row(catalogue, key, row, gaps, place)
                else:
                    text = _shown_value(row)
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
        is_closed = is_asking(str(row["indicator"])) and row["reason"] == "not_applicable"
        return no_word() if is_closed else ""
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
