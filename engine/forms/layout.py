"""Where everything stands on the sheet of a form: its lines, its columns, the address of each cell.

Made once for a form and a year, for all places alike, and it knows no library of workbooks. Rows
are counted from 1, as a spreadsheet prints them; columns from 0.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from engine.catalogue.lookups import (
    find_reference_level,
    implied_inputs,
    inputs_by_row,
    scaled_by,
)
from engine.catalogue.model import Catalogue, Form, FormRow, Indicator, Input, Scenario, Titled
from engine.language.grammar import dotted_name
from engine.translation import gettext as _
from engine.workbooks.addresses import name_cell

LineKind = Literal["guide", "section", "heading", "title", "input", "indicator", "blank", "footer"]

CODES, NUMBER, TITLE, UNIT, FIRST_ANSWER = range(5)
"""The columns before the answers: hidden codes, №, title, unit."""

ROW_TITLE, ROW_CODES, ROW_PLACE, ROW_DUE, ROW_HEAD = range(1, 6)
"""The rows above the lines; they stay on the screen. That of the codes is hidden."""

FIRST_LINE = ROW_HEAD + 1
GUIDES = 5
"""Lines that say where the form comes from and how to fill it in, before its own introduction."""


@dataclass(frozen=True, slots=True)
class FormColumn:
    """A column of answers; `index` counts from 0 (column E is 4).

    Beside it stand the class and points of its values in column `grade`, and their targets in column
    `target`; 0: the form has no such column.
    """

    year: int
    scenario: Scenario
    index: int
    grade: int = 0
    target: int = 0


@dataclass(frozen=True, slots=True)
class SheetLine:
    """One row of the sheet below the heading.

    `input` is asked in it, of the year `shift` years from the column's; or `indicator` is shown in
    it. `number` is printed where the row of the form begins; `title` is empty where that of the input
    or indicator is printed, `full` the whole of a title that is printed short. `note` is the row's
    own. `depth`: how far the title is indented. A guide without a title says how to fill the form
    in. `graded` is the input or indicator whose class and points stand beside its value, `judged`
    the indicator whose target does; empty where none does.
    """

    row: int
    kind: LineKind
    number: str = ""
    title: str = ""
    full: str = ""
    note: str = ""
    depth: int = 0
    input: str | None = None
    indicator: str | None = None
    shift: int = 0
    blank: str = ""
    graded: str = ""
    judged: str = ""


@dataclass(frozen=True, slots=True)
class Layout:
    """The sheet of a form and a year. `previous`, `check` and `notes` are columns after the answers."""

    form: Form
    year: int
    columns: tuple[FormColumn, ...]
    lines: tuple[SheetLine, ...]
    of_input: Mapping[str, SheetLine] = field(default_factory=dict)
    of_indicator: Mapping[str, SheetLine] = field(default_factory=dict)

    @property
    def previous(self) -> int:
        """The column of last year's values."""
        return 1 + max(max(each.index, each.grade, each.target) for each in self.columns)

    @property
    def check(self) -> int:
        """The column of the live check."""
        return self.previous + 1

    @property
    def notes(self) -> int:
        """The last column: what to put in each cell."""
        return self.previous + 2

    @property
    def input_lines(self) -> tuple[SheetLine, ...]:
        """The lines in which an input is asked, downwards."""
        return tuple(self.of_input.values())

    @property
    def last_row(self) -> int:
        """The last row of the sheet."""
        return self.lines[-1].row if self.lines else ROW_HEAD

    def address(self, input_id: str, year: int, scenario: Scenario) -> str | None:
        """The cell in which this input of this year of the data stands, as "F12"; None: nowhere."""
        line = self.of_input.get(input_id)
        return self._cell(line, year - line.shift, scenario) if line else None

    def indicator_address(self, indicator_id: str, year: int, scenario: Scenario) -> str | None:
        """The cell that shows the indicator of this year, or asks the input it is; None: nowhere."""
        line = self.of_indicator.get(indicator_id)
        return self._cell(line, year - line.shift, scenario) if line else None

    def _cell(self, line: SheetLine, year: int, scenario: Scenario) -> str | None:
        for column in self.columns:
            if (column.year, column.scenario) == (year, scenario):
                return name_cell((line.row - 1, column.index))
        return None


def lay_out_form(catalogue: Catalogue, form: Form, year: int) -> Layout:
    """The layout of the form of `year`."""
    columns = tuple(
        FormColumn(asked_year, scenario, FIRST_ANSWER + number)
        for number, (asked_year, scenario) in enumerate(form.columns(year))
    )
    drafts = [*_guides(form), *_body(catalogue, form, columns), *_paragraphs(form.footer, "footer")]
    drafts = list(_mark_lines(catalogue, form, drafts))
    columns = _widen(
        columns,
        graded=any(line.graded for line in drafts),
        judged=any(line.judged for line in drafts),
    )
    lines = tuple(replace(line, row=FIRST_LINE + number) for number, line in enumerate(drafts))
    of_input = {line.input: line for line in lines if line.input}
    of_indicator = {line.indicator: line for line in reversed(lines) if line.indicator}
    return Layout(form, year, columns, lines, of_input, of_indicator)


def _widen(columns: Sequence[FormColumn], *, graded: bool, judged: bool) -> tuple[FormColumn, ...]:
    """The columns of answers, each with room beside it for what is said of its values."""
    step = 1 + graded + judged
    return tuple(
        replace(
            column,
            index=FIRST_ANSWER + step * number,
            grade=FIRST_ANSWER + step * number + 1 if graded else 0,
            target=FIRST_ANSWER + step * number + 1 + graded if judged else 0,
        )
        for number, column in enumerate(columns)
    )


def _mark_lines(
    catalogue: Catalogue, form: Form, lines: Sequence[SheetLine]
) -> Iterator[SheetLine]:
    """The lines with the names whose class, points and targets stand beside their values."""
    shown = [catalogue.indicators[line.indicator] for line in lines if line.indicator]
    # What is printed in a line of its own is not said again beside the answer.
    printed = {name for indicator in shown for name in _points_of(indicator)}
    is_new = any(_has_counted_target(each) and _is_judged(catalogue, each, form) for each in shown)
    for line in lines:
        names = [name for name in (line.indicator, line.input) if name and line.kind != "blank"]
        graded = next((name for name in names if _is_graded(catalogue, form, name, printed)), "")
        indicator = catalogue.indicators.get(line.indicator or "")
        is_judged = is_new and indicator is not None and _is_judged(catalogue, indicator, form)
        yield replace(line, graded=graded, judged=indicator.id if is_judged and indicator else "")


def _points_of(indicator: Indicator) -> Iterator[str]:
    """The name whose points an indicator is."""
    for _since, formula in indicator.formulas:
        tree = formula.tree
        if isinstance(tree, ast.Call) and dotted_name(tree.func) == "points":
            yield dotted_name(tree.args[0])


def _is_graded(catalogue: Catalogue, form: Form, name: str, printed: Collection[str]) -> bool:
    """Whether a class or points stand beside a value: a class always, points where no line is them."""
    indicator = catalogue.indicators.get(name)
    if indicator is not None and indicator.levels and form.fills not in indicator.levels:
        return False
    scaled = scaled_by(catalogue, name)
    if scaled is None:
        declared = catalogue.inputs.get(name)
        return declared is not None and bool(declared.points) and name not in printed
    if scaled.scale.classes and not scaled.is_class:
        return True
    return scaled.scale.has_points and name not in printed


def _is_judged(catalogue: Catalogue, indicator: Indicator, form: Form) -> bool:
    """Whether places that fill the form are judged by its targets, or see them for reference."""
    if not any(target.is_set for target in indicator.targets.values()):
        return False
    levels = indicator.target_levels or catalogue.levels[-1:]
    above = find_reference_level(catalogue, indicator, form.fills)
    return form.fills in levels or above is not None


def _has_counted_target(indicator: Indicator) -> bool:
    """Whether the order does not give the number of a target itself, but says how it is counted."""
    targets = indicator.targets.values()
    return any(each.is_computed or each.increase is not None for each in targets)


def printed_title(catalogue: Catalogue, line: SheetLine) -> str:
    """The title of a line: its own, or the short one of the input or the indicator in it."""
    named = _named_by(catalogue, line)
    return named.short_title if named else line.title


def full_title(catalogue: Catalogue, line: SheetLine) -> str:
    """The whole of a title that is printed short; empty where it is printed whole."""
    named = _named_by(catalogue, line)
    return _full(named) if named else line.full


def _named_by(catalogue: Catalogue, line: SheetLine) -> Titled | None:
    """The input or the indicator that a line without a title of its own is titled by."""
    if line.title:
        return None
    return catalogue.inputs.get(line.input or "") or catalogue.indicators.get(line.indicator or "")


def _full(named: Titled | None) -> str:
    return named.title if named and named.title != named.short_title else ""


def _guides(form: Form) -> Iterator[SheetLine]:
    yield from (SheetLine(0, "guide"),) * GUIDES
    yield from _paragraphs(form.intro, "guide")


def _paragraphs(text: str, kind: LineKind) -> Iterator[SheetLine]:
    for paragraph in text.splitlines():
        if paragraph.strip():
            yield SheetLine(0, kind, title=paragraph.strip())


def _body(catalogue: Catalogue, form: Form, columns: Sequence[FormColumn]) -> Iterator[SheetLine]:
    years = {column.year for column in columns}
    rows = iter(inputs_by_row(catalogue, form))
    for section in form.sections:
        yield SheetLine(0, "section", title=section.short or section.title)
        for row in section.rows:
            yield from _row(catalogue, row, next(rows), years, _shift_of(catalogue, form, row))


def _shift_of(catalogue: Catalogue, form: Form, row: FormRow) -> int:
    """Of which year an indicator is shown: of that for which all its inputs are asked."""
    behind = implied_inputs(catalogue, form, row) if row.indicator else ()
    shifts = {_shift(catalogue.inputs[name]) for name in behind}
    return min(shifts) if len(shifts) == 1 else 0


def _shift(asked_input: Input) -> int:
    return -1 if asked_input.asked_for == "previous" else 0


def _row(
    catalogue: Catalogue, row: FormRow, inputs: Sequence[str], years: set[int], shift: int
) -> Iterator[SheetLine]:
    if row.heading:
        yield SheetLine(0, "heading", row.number, row.heading, note=row.note)
        return
    named = _shown_by(catalogue, row)
    title = row.title or (named.short_title if named else "")
    full = "" if row.title else _full(named)
    if row.blank:
        yield SheetLine(0, "blank", row.number, title, full, row.note, blank=row.blank)
        return
    if row.indicator and catalogue.indicators[row.indicator].unwritten:
        blank = _("the formula is not written")
        yield SheetLine(0, "blank", row.number, title, full, row.note, blank=blank)
        for name in inputs:
            yield _ask(catalogue.inputs[name], inputs, depth=1)
        return
    if inputs and _fits_one_line(catalogue, row, inputs, years):
        yield _ask(catalogue.inputs[inputs[0]], inputs, row=row, title=title, full=full)
        for name in inputs[1:]:
            yield _ask(catalogue.inputs[name], inputs, least=1)
        return
    kind: LineKind = "indicator" if row.indicator else "title"
    indicator = row.indicator
    yield SheetLine(0, kind, row.number, title, full, row.note, indicator=indicator, shift=shift)
    for name in inputs:
        yield _ask(catalogue.inputs[name], inputs, depth=1)


def _shown_by(catalogue: Catalogue, row: FormRow) -> Titled | None:
    return catalogue.indicators.get(row.indicator or "") or catalogue.events.get(row.event or "")


def _ask(
    asked_input: Input,
    inputs: Sequence[str],
    *,
    row: FormRow | None = None,
    title: str = "",
    full: str = "",
    depth: int = 0,
    least: int = 0,
) -> SheetLine:
    """The line of one input; under a whole or a yes/no of the same row it stands deeper."""
    return SheetLine(
        0,
        "input",
        number=row.number if row else "",
        title=title,
        full=full,
        note=row.note if row else "",
        depth=max(depth + _nesting(asked_input, inputs), least),
        input=asked_input.id,
        indicator=row.indicator if row else None,
        shift=_shift(asked_input),
    )


def _nesting(asked_input: Input, inputs: Sequence[str]) -> int:
    """How many of the row's inputs it stands under: its wholes, and the answer it is asked after."""
    outer = {asked_input.whole, asked_input.asked_when} - {None}
    depth, name = 0, asked_input.id
    while "." in name:
        name = name.rpartition(".")[0]
        depth += name in inputs
    return depth or int(bool(outer & set(inputs)))


def _fits_one_line(
    catalogue: Catalogue, row: FormRow, inputs: Sequence[str], years: set[int]
) -> bool:
    """Whether the title of the row and its first answer share a line.

    So they do where the row asks one thing, with its parts; or an indicator that is that thing.
    """
    outermost = [name for name in inputs if _nesting(catalogue.inputs[name], inputs) == 0]
    if len(outermost) != 1 or outermost[0] != inputs[0] or row.event:
        return not row.title and not row.indicator and not row.event
    if row.indicator:
        return _is_input(catalogue.indicators[row.indicator], inputs[0], years)
    return True


def _is_input(indicator: Indicator, name: str, years: set[int]) -> bool:
    """Whether in all these years the indicator is the bare input, under another title."""
    if indicator.input is not None:
        return indicator.input == name
    for since, formula in indicator.formulas:
        if dotted_name(formula.tree) != name:
            return False
        if since is not None and any(year < since for year in years):
            return False
    return indicator.since is None and indicator.until is None and bool(indicator.formulas)
