"""What a target is in the sheet of a form: its ends, how it is compared, and which the place is judged by.

A target is that of all schools, whoever reads it. It is read in the form where the place is judged by
it; elsewhere it is known beforehand.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Protocol

from engine.catalogue.lookups import (
    SCALED,
    find_reference_level,
    goals_at,
    inputs_behind,
    list_target_formulas,
    list_value_nodes,
)
from engine.catalogue.model import Catalogue, Indicator, Scenario, Target
from engine.evaluation.plan.scopes import make_scope
from engine.forms.out.live_cells import FormulaPoint, LiveCells
from engine.forms.out.outside import comparator_outside
from engine.language.grammar import Formula, dotted_name, make_call
from engine.language.readings.excel import (
    NONE,
    Excel,
    ExcelCell,
    ExcelGoal,
    Sheet,
    first_known,
    known_cell,
    known_number,
    no_value,
)


class TargetSheet(Sheet, Protocol):
    """The sheet, as targets are read in it."""

    catalogue: Catalogue
    cells: LiveCells
    level: str

    def is_open(self, year: int) -> bool:
        """Whether the place was there in a year."""

    def read_as_scope(self, tree: ast.expr, point: FormulaPoint) -> ExcelCell:
        """A tree as a scope of its own."""


@dataclass(frozen=True, slots=True)
class LiveTarget:
    """A target in the sheet: how it is compared, and its end or two ends.

    `is_reference`: it is that of the place above. `is_written`: the order gives its numbers itself.
    """

    comparator: str
    first: ExcelCell
    last: ExcelCell | None
    is_reference: bool
    is_written: bool


def find_target(
    sheet: TargetSheet, indicator: Indicator, year: int, scenario: Scenario
) -> LiveTarget | None:
    """The target by which the place is judged, or sees for reference; None: there is none."""
    target = indicator.targets.get(year)
    if target is None or not target.is_set:
        return None
    is_reference = sheet.level not in (indicator.target_levels or sheet.catalogue.levels[-1:])
    if is_reference and find_reference_level(sheet.catalogue, indicator, sheet.level) is None:
        return None
    scope = make_scope(sheet.catalogue, ast.Constant(0), "skip")
    point = FormulaPoint(scope, year, scenario)
    first, last = _read_ends(sheet, point, indicator, target)
    if is_reference and last is not None:
        return None
    comparator = _read_comparator(sheet, point, indicator, target)
    return LiveTarget(comparator, first, last, is_reference, not target.is_computed)


def read_goal_cells(sheet: TargetSheet, point: FormulaPoint, name: ast.expr) -> ExcelGoal | None:
    """What `degree` of a name measures it against; None where its target is not compared."""
    indicator = sheet.catalogue.indicators[dotted_name(name)]
    target = goals_at(sheet.catalogue, indicator, sheet.level).get(point.year)
    if target is None or target.comparator == "yes":
        return None
    comparator = _read_comparator(sheet, point, indicator, target)
    first, last = _read_ends(sheet, point, indicator, target)
    return None if comparator == "none" else ExcelGoal(comparator, first, last or first)


def read_target_cell(sheet: TargetSheet, point: FormulaPoint, name: ast.expr) -> ExcelCell:
    """The target of a name in a year; its lower end where it has two."""
    indicator = sheet.catalogue.indicators[dotted_name(name)]
    target = indicator.targets.get(point.year)
    if target is None or not target.is_set:
        return no_value()
    if not target.is_computed:
        return known_number(target.value)
    if sheet.level in indicator.target_levels:
        return _read_own_end(sheet, point, indicator, target)
    return _read_outside(sheet, point, indicator)


def _read_ends(
    sheet: TargetSheet, point: FormulaPoint, indicator: Indicator, target: Target
) -> tuple[ExcelCell, ExcelCell | None]:
    """The end of a target, and the upper one where it has two."""
    first, last = read_target_cell(sheet, point, _name_tree(indicator)), None
    if target.formula_to is not None:
        last = _read_formula(sheet, point, indicator, target.formula_to)
    elif target.value_to is not None:
        last = known_number(target.value_to)
    return first, last


def _read_own_end(
    sheet: TargetSheet, point: FormulaPoint, indicator: Indicator, target: Target
) -> ExcelCell:
    """The number of a target where the place is judged by it."""
    if target.value is not None:
        return known_number(target.value)
    if target.formula is not None:
        return _read_formula(sheet, point, indicator, target.formula)
    since = indicator.targets.get(target.since or 0)
    if since is None or not _depends_on_form(sheet, indicator, since):
        return _read_outside(sheet, point, indicator)
    # An increase over a year whose numbers stand in the form.
    before = replace(point, year=since.year, scenario="fact")
    fact = _read_own_end(sheet, before, indicator, since)
    values = [fact.value]
    if point.scenario == "forecast":
        planned = replace(before, scenario="forecast")
        values.append(_read_own_end(sheet, planned, indicator, since).value)
    earlier = first_known(values) if sheet.is_open(since.year) else NONE
    return Excel(sheet, point).add(
        known_cell(earlier, exact=fact.exact), known_number(target.increase)
    )


def _read_outside(sheet: TargetSheet, point: FormulaPoint, indicator: Indicator) -> ExcelCell:
    call = make_call("target", _name_tree(indicator))
    return sheet.cells.part(point.scope, call, point.year, point.scenario)


def _read_formula(
    sheet: TargetSheet, point: FormulaPoint, indicator: Indicator, formula: Formula
) -> ExcelCell:
    """An end that is a formula, as a scope of its own without the conditions of who reads it."""
    tree = formula.rename({SCALED: indicator.id}).tree
    scope = make_scope(sheet.catalogue, tree, indicator.missing)
    return sheet.read_as_scope(tree, replace(point, scope=scope))


def _read_comparator(
    sheet: TargetSheet, point: FormulaPoint, indicator: Indicator, target: Target
) -> str:
    """How a target is compared: as the data say where they give it."""
    if not target.given:
        return target.comparator
    term = comparator_outside(sheet.catalogue, indicator, point.year, point.scenario)
    word = sheet.cells.look_up(term)[1].value
    return word if isinstance(word, str) else "none"


def _depends_on_form(sheet: TargetSheet, indicator: Indicator, target: Target) -> bool:
    """Whether the number of a target depends on cells of the form."""
    layout = sheet.cells.layout
    years = {column.year for column in layout.columns}
    names = inputs_behind(sheet.catalogue, [*_list_names(indicator, target)])
    is_asked = any(name in layout.of_input for name in names)
    return is_asked and bool(years & {target.year, target.year - 1})


def _list_names(indicator: Indicator, target: Target) -> Iterator[str]:
    """What the formulas of a target name."""
    for formula in list_target_formulas(indicator, target.year):
        for node in list_value_nodes(formula.tree):
            name = dotted_name(node)
            yield indicator.id if name == SCALED else name


def _name_tree(indicator: Indicator) -> ast.expr:
    return ast.parse(indicator.id, mode="eval").body
