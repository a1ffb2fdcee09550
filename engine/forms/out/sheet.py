"""From a layout to the blueprint of its sheet: every text, formula, lock, prompt and height."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from engine.catalogue.model import Catalogue, Input, shorten_title
from engine.forms import layout as places
from engine.forms.layout import FormColumn, Layout, SheetLine, full_title, printed_title
from engine.forms.out.assessments import CLASS_OF, TARGET_OF, grade_texts, longest_target
from engine.forms.out.blueprint import (
    AnswerCell,
    Blueprint,
    ConditionalCount,
    CountedCell,
    Counter,
    LiveCheck,
    LiveValue,
    PreviousValue,
    SheetText,
)
from engine.forms.out.checks import (
    DEEPEST,
    LONGEST,
    Answers,
    BrokenCondition,
    ConditionalAnswer,
    Key,
    accepts,
    asking_id,
    check_formula,
    choices,
    error_words,
    is_empty,
    is_word,
    line_trials,
    placeholder_of,
    put_live,
    quote_for_sheet,
    says,
)
from engine.forms.out.looks import (
    LARGE,
    SIZE,
    SMALL,
    STYLES,
    count_lines,
    line_height,
    row_height,
    sheet_widths,
    shown_style,
    title_style,
)
from engine.forms.out.sheet_words import (
    MESSAGE_LIMIT,
    TITLE_LIMIT,
    added_words,
    closed_words,
    column_label,
    due_words,
    expected_words,
    guides,
    headings,
    previous_words,
    unit_words,
    waiting_words,
    year_words,
    yes_word,
)
from engine.forms.stamp import column_code, row_code
from engine.language.readings.excel import fill_slots, nesting
from engine.level_words import SCHOOL
from engine.translation import gettext as _
from engine.typography import set_type
from engine.workbooks.addresses import (
    name_cell,
    name_column,
    name_range,
    read_address,
    split_runs,
)

WIDE = ("guide", "section", "footer")
"""Lines that are one text over the whole width."""

_PORTRAIT = 104
"""Digits of width that are still read well across an upright A4."""


def draw_blueprint(
    catalogue: Catalogue,
    layout: Layout,
    closed: Collection[Key],
    *,
    known_before: bool,
    notice: str,
) -> Blueprint:
    """The sheet for all places at which `closed` cells do not apply.

    `known_before`: whether values of the year before are shown.
    """
    return _SheetMaker(catalogue, layout, closed, known_before, notice).blueprint()


class _SheetMaker:
    """The making of one blueprint."""

    def __init__(
        self,
        catalogue: Catalogue,
        layout: Layout,
        closed: Collection[Key],
        known_before: bool,
        notice: str,
    ) -> None:
        self.catalogue, self.layout, self.closed = catalogue, layout, closed
        self.known_before, self.notice = known_before, notice
        self.noted = any(self.note(line) for line in layout.lines)
        self.widths = sheet_widths(catalogue, layout, known_before=known_before, noted=self.noted)
        self.last = layout.notes if self.noted else layout.check
        self.trials = line_trials(catalogue, layout, closed)
        self.texts: list[SheetText] = []
        self.heights: dict[int, float | None] = {}
        self.styles: dict[str, Mapping[str, Any]] = {}

    def blueprint(self) -> Blueprint:
        layout = self.layout
        self.head()
        self.lines()
        open_keys = list(self.open_cells())
        counter = make_counter(self.catalogue, layout, [key for _line, _col, key in open_keys])
        total = sum(width for width, hidden in self.widths.values() if not hidden)
        checked, hidden = validations(
            self.catalogue, layout, [open_cell[2] for open_cell in open_keys], self.explain
        )
        self.texts += hidden
        if hidden:
            self.widths[layout.notes + 1] = (10, True)
        live_values = tuple(self.shown())
        trials = self.trials
        self.texts += [
            SheetText(line.row - 1, layout.check, "", "nothing")
            for line in layout.lines
            if line.kind not in WIDE and not trials.get(line.row)
        ]
        return Blueprint(
            sheet=_("Form"),
            title=layout.form.title,
            last_column=self.last,
            last_row=layout.last_row - 1,
            head_row=places.ROW_HEAD - 1,
            landscape=total > _PORTRAIT,
            styles={**STYLES, **self.styles},
            widths=self.widths,
            heights=self.heights,
            texts=tuple(self.texts),
            answers=tuple(
                AnswerCell(line.row - 1, column.index, self.open_style(line), key)
                for line, column, key in open_keys
            ),
            values=live_values,
            checks=tuple(
                LiveCheck(
                    row - 1,
                    layout.check,
                    *check_formula(line_checks),
                    any(
                        isinstance(open_cell.test, BrokenCondition | ConditionalAnswer)
                        for open_cell in line_checks
                    ),
                )
                for row, line_checks in trials.items()
                if line_checks
            ),
            previous=tuple(self.previous()),
            validations=checked,
            waiting=tuple(self.waiting()),
            counter=counter,
        )

    # --- above the lines -----------------------------------------------------------------------

    def head(self) -> None:
        layout, last = self.layout, self.last
        self.wide(places.ROW_TITLE, layout.form.title, "title", LARGE, bold=True)
        for column in layout.columns:
            code = column_code(column.year, column.scenario)
            self.texts.append(SheetText(places.ROW_CODES - 1, column.index, code, "code"))
        self.heights[places.ROW_CODES - 1] = None
        self.heights[places.ROW_PLACE - 1] = row_height(1, SIZE + 1, padding=6)
        due, row = due_words(layout.form.due(layout.year)), places.ROW_DUE - 1
        self.texts += (
            SheetText(row, places.NUMBER, due, "due", places.UNIT),
            SheetText(row, places.FIRST_ANSWER, self.notice, "notice", last),
        )
        available = self.width_from(places.FIRST_ANSWER)
        lines = count_lines(self.notice, available, SMALL, bold=True)
        self.heights[row] = max(row_height(1, SIZE, padding=6), row_height(lines, SMALL, padding=6))
        lines = 1
        for column_index, text in headings(self.catalogue, layout):
            if column_index <= last:
                self.texts.append(SheetText(places.ROW_HEAD - 1, column_index, text, "head"))
                width = self.widths[column_index][0]
                lines = max(lines, count_lines(text, width, 10, bold=True))
        self.heights[places.ROW_HEAD - 1] = row_height(lines, 10, padding=8)

    def wide(self, row: int, text: str, style: str, size: float, *, bold: bool = False) -> None:
        """A text over the whole width, in as high a row as it takes."""
        lines = count_lines(text, self.width_from(places.NUMBER), size, bold=bold)
        self.texts.append(SheetText(row - 1, places.NUMBER, text, style, self.last))
        self.heights[row - 1] = row_height(lines, size, padding=6)

    def width_from(self, first: int) -> float:
        """The width from a column to the last, in digits."""
        return sum(
            width
            for column, (width, hidden) in self.widths.items()
            if first <= column <= self.last and not hidden
        )

    # --- the lines -----------------------------------------------------------------------------

    def lines(self) -> None:
        kinds = {self.catalogue.inputs[line.input or ""].type for line in self.layout.input_lines}
        school = self.layout.form.fills == SCHOOL
        guide_texts = iter(guides(self.catalogue, kinds, school=school))
        for line in self.layout.lines:
            if line.kind == "guide":
                self.wide(line.row, line.title or next(guide_texts), "guide", 10)
            elif line.kind in WIDE:
                size = 11 if line.kind == "section" else 10
                self.wide(line.row, line.title, line.kind, size, bold=line.kind == "section")
            else:
                self.line(line)

    def line(self, line: SheetLine) -> None:
        """Everything of a line of the table but what is filled in, computed or a place's own."""
        row, last = line.row - 1, self.last
        style, settings = title_style(line.depth)
        if line.kind == "heading":
            style = "heading"
        else:
            self.styles[style] = settings
        if line.input:
            self.texts.append(
                SheetText(row, places.CODES, row_code(line.input, line.shift), "code")
            )
        self.texts += (
            SheetText(row, places.NUMBER, line.number, "number"),
            SheetText(row, places.TITLE, self.title(line), style),
            SheetText(row, places.UNIT, unit_words(self.catalogue, line), "unit"),
        )
        for column in self.layout.columns:
            if line.kind == "blank":
                self.texts.append(SheetText(row, column.index, line.blank, "blank"))
            elif line.kind in {"title", "heading"}:
                self.texts.append(SheetText(row, column.index, "", "nothing"))
            elif line.input and self.key(line, column) in self.closed:
                self.texts.append(SheetText(row, column.index, closed_words(), "closed"))
            for index, name in ((column.grade, line.graded), (column.target, line.judged)):
                if index and not name:
                    self.texts.append(SheetText(row, index, "", "nothing"))
        if last == self.layout.notes:
            self.texts.append(SheetText(row, last, self.note(line), "note"))
        trials = self.trials.get(line.row, ())
        messages = [*(trial.message for trial in trials), *([error_words()] if trials else ())]
        texts = {
            places.NUMBER: (line.number,),
            places.TITLE: (self.title(line),),
            places.UNIT: (unit_words(self.catalogue, line),),
            self.layout.check: messages,
            self.layout.notes: (self.note(line),),
            **self.assessments(line),
        }
        self.heights[row] = line_height(self.catalogue, line, texts, self.widths, self.layout)

    def assessments(self, line: SheetLine) -> Mapping[int, Sequence[str]]:
        """The column of each thing that is said of the value of a line → what it may say there."""
        texts: dict[int, Sequence[str]] = {}
        for column in self.layout.columns:
            if line.graded and column.grade:
                grades = grade_texts(self.catalogue, line.graded, column.year + line.shift)
                texts[column.grade] = (*grades.values(), waiting_words(self.catalogue))
            if line.judged and column.target:
                indicator = self.catalogue.indicators[line.judged]
                texts[column.target] = (longest_target(self.catalogue, indicator),)
        return texts

    def title(self, line: SheetLine) -> str:
        text = printed_title(self.catalogue, line)
        years = previous_words(line, self.layout)
        return f"{text} ({years})" if years else text

    def note(self, line: SheetLine) -> str:
        """The text of the last column: the row's own note, that of the input, what was added."""
        asked_input = self.catalogue.inputs.get(line.input or "")
        notes = [line.note.strip()]
        if asked_input is not None:
            notes += [asked_input.note.strip(), added_words(asked_input)]
        return "\n".join(dict.fromkeys(note for note in notes if note))

    def explain(self, line: SheetLine) -> str:
        """What the prompt of a cell adds: the whole of a title that is printed short, and the note."""
        full = full_title(self.catalogue, line).rstrip(".")
        return "\n".join(part for part in (f"{full}." if full else "", self.note(line)) if part)

    def key(self, line: SheetLine, column: FormColumn) -> Key:
        return (line.input or line.indicator or "", column.year + line.shift, column.scenario)

    # --- what is filled in, and what is computed -------------------------------------------------

    def open_cells(self) -> Iterator[tuple[SheetLine, FormColumn, Key]]:
        for line in self.layout.input_lines:
            for column in self.layout.columns:
                key = self.key(line, column)
                if key not in self.closed:
                    yield line, column, key

    def open_style(self, line: SheetLine) -> str:
        asked_input: Input = self.catalogue.inputs[line.input or ""]
        return {
            "yes_no": "open word",
            "choice": "open word",
            "text": "open text",
            "link": "open text",
            "date": "open date",
        }.get(asked_input.type, "open")

    def shown(self) -> Iterator[LiveValue]:
        for line in self.layout.lines:
            for column in self.layout.columns:
                moment = (column.year + line.shift, column.scenario)
                for index, prefix, name in (
                    (column.grade, CLASS_OF, line.graded),
                    (column.target, TARGET_OF, line.judged),
                ):
                    if name:
                        key = (f"{prefix}{name}", *moment)
                        yield LiveValue(line.row - 1, index, "assessment", key)
            if line.kind != "indicator" or line.indicator is None:
                continue
            indicator = self.catalogue.indicators[line.indicator]
            style, settings = shown_style(indicator.decimals)
            self.styles[style] = settings
            for column in self.layout.columns:
                yield LiveValue(line.row - 1, column.index, style, self.key(line, column))

    def previous(self) -> Iterator[PreviousValue]:
        if not self.known_before:
            return
        period = self.layout.form.period
        for line in self.layout.lines:
            name = line.input or line.indicator
            if line.kind in WIDE:
                continue
            year = year_words(self.layout.year - 1 + line.shift, period) if line.shift else ""
            yield PreviousValue(line.row - 1, self.layout.previous, name or "", year)

    def waiting(self) -> Iterator[tuple[int, int, int, int, str]]:
        """Cells that stay grey: until the answer before them is yes, or while they are not asked."""
        first, last = self.layout.columns[0].index, self.layout.columns[-1].index
        # One area where the columns stand side by side; its condition moves with the cell.
        areas = [(first, last)]
        if last - first + 1 > len(self.layout.columns):
            areas = [(column.index, column.index) for column in self.layout.columns]
        for line in self.layout.input_lines:
            yes = self.layout.of_input.get(self.catalogue.inputs[line.input or ""].asked_when or "")
            if yes is not None:
                for begin, end in areas:
                    condition = f"=NOT({says(name_cell((yes.row - 1, begin)), yes_word())})"
                    yield line.row - 1, begin, line.row - 1, end, condition
            if self.catalogue.inputs[line.input or ""].asked_if:
                check = f"${name_column(self.layout.check + 1)}${line.row}"
                for column in self.layout.columns:
                    words = column_label(column, self.layout) + closed_words()
                    condition = f"=ISNUMBER(SEARCH({quote_for_sheet(words)},{check}))"
                    yield line.row - 1, column.index, line.row - 1, column.index, condition


# --- what a cell takes ----------------------------------------------------------------------------
# The validation of every answer, with its prompt and what is said otherwise.


Validation = tuple[int, int, int, int, Mapping[str, Any]]
"""First row, first column, last row, last column, settings; rows and columns from 0."""

_LONGEST_LIST = 255


def validations(
    catalogue: Catalogue, layout: Layout, keys: Collection[Key], note_of: Callable[[SheetLine], str]
) -> tuple[tuple[Validation, ...], list[SheetText]]:
    """The validations of the open cells, and hidden texts of lists that are too long for one.

    Cells side by side share one; so do the cells of all lines that take the same and say the same.
    """
    validations_by_kind: dict[object, Validation] = {}
    hidden: list[SheetText] = []
    open_keys = frozenset(keys)
    for line in layout.input_lines:
        asked_input = catalogue.inputs[line.input or ""]
        for column in layout.columns:
            if (asked_input.id, column.year + line.shift, column.scenario) not in open_keys:
                continue
            row, index = line.row - 1, column.index
            note = note_of(line)
            kind = (
                asked_input.type,
                asked_input.unit and asked_input.unit.id,
                tuple(asked_input.options.items()),
                asked_input.limits,
                note,
            )
            if kind in validations_by_kind:
                validations_by_kind[kind][4]["other_cells"].append([row, index, row, index])
                continue
            settings, texts = _settings(asked_input, layout, row, index, note, hidden)
            hidden += texts
            validations_by_kind[kind] = (row, index, row, index, settings)
    return tuple(validations_by_kind.values()), hidden


def _settings(  # noqa: PLR0917 - what a validation consists of
    asked_input: Input, layout: Layout, row: int, index: int, note: str, hidden: list[SheetText]
) -> tuple[dict[str, Any], list[SheetText]]:
    title, message = expected_words(asked_input)
    prompt = " ".join(part for part in (message, " ".join(note.split())) if part)
    settings: dict[str, Any] = {
        "ignore_blank": True,
        "input_title": set_type(shorten_title(title, TITLE_LIMIT)),
        "input_message": set_type(shorten_title(prompt, MESSAGE_LIMIT)),
        "error_title": _("Look again"),
        "error_message": set_type(shorten_title(message, MESSAGE_LIMIT)),
        "other_cells": [],
    }
    words = choices(asked_input)
    if words:
        source, texts = _source(words, layout, len(hidden))
        return settings | {"validate": "list", "source": source}, texts
    condition = accepts(asked_input, name_cell((row, index)))
    if condition:
        return settings | {"validate": "custom", "value": f"={condition}"}, []
    return settings | {"validate": "any"}, []


def _source(
    words: tuple[str, ...], layout: Layout, taken: int
) -> tuple[list[str] | str, list[SheetText]]:
    """The list itself, or where its words stand hidden: a comma in one would cut it in two."""
    if len(",".join(words)) <= _LONGEST_LIST and not any("," in word for word in words):
        return list(words), []
    index = layout.notes + 1
    letters = name_column(index + 1)
    texts = [SheetText(taken + at, index, word, "option") for at, word in enumerate(words)]
    return f"=${letters}${taken + 1}:${letters}${taken + len(words)}", texts


# --- the counter on top ---------------------------------------------------------------------------
# How many of the cells that are due are filled in.


_MOST = 200  # references of one call


def make_counter(catalogue: Catalogue, layout: Layout, keys: Iterable[Key]) -> Counter:
    """What is counted: every open cell; one that waits for a yes that the form asks is due beside it only.

    One that is asked on another condition is due where that holds.
    """
    always: list[Key] = []
    pieces: list[tuple[str, str]] = []
    conditional: list[ConditionalCount] = []
    counted = []
    for name, year, scenario in keys:
        key = (name, year, scenario)
        condition = _asked_when(catalogue, name)
        yes = layout.address(condition, year, scenario) if condition else None
        asked_input = catalogue.inputs.get(name)
        is_asked = f'({layout.address(*key)}<>"")'
        piece = (
            (f"({says(yes, yes_word())})*{is_asked}", f"({says(yes, yes_word())})")
            if yes
            else (is_asked, "1")
        )
        waits = (condition, year, scenario) if condition and yes else None
        asking = None
        if asked_input is not None and asked_input.asked_if:
            asking = (asking_id(asked_input), year, scenario)
            conditional.append(ConditionalCount(key, asking, *piece))
        elif yes:
            pieces.append(piece)
        else:
            always.append(key)
        counted.append(CountedCell(key, waits, asking))
    ranges = _ranges(layout, always)
    filled = [f"COUNTA({','.join(ranges[at : at + _MOST])})" for at in range(0, len(ranges), _MOST)]
    return Counter(
        _("Filled in: {filled} of {due}"),
        (*filled, *(piece for piece, _due in pieces)),
        (str(len(always)), *(piece for _filled, piece in pieces)),
        tuple(counted),
        tuple(conditional),
    )


def _asked_when(catalogue: Catalogue, name: str) -> str | None:
    asked_input = catalogue.inputs.get(name)
    if asked_input is None:
        return None
    return asked_input.asked_when or _asked_when(catalogue, asked_input.whole or "")


def count_formula(
    counter: Counter,
    live: Mapping[Key, str],
    numbers: Sequence[float | None],
) -> tuple[str, tuple[CountedCell, ...]]:
    """The live counter, and the cells that it counts: as many conditional ones as a cell takes.

    `live` are the formulas of their conditions at a place, with slots for its `numbers`. Cells asked on one
    condition are counted together.
    """
    groups: dict[str, list[ConditionalCount]] = {}
    for each in counter.conditional:
        condition = put_live(placeholder_of(each.asking, yes_word()), [each.asking], live)
        if condition != "FALSE":
            groups.setdefault(condition, []).append(each)
    while True:
        filled, due = list(counter.filled), list(counter.due)
        for condition, cells in groups.items():
            filled.append(f"({condition})*({'+'.join(each.filled for each in cells)})")
            due.append(f"({condition})*({'+'.join(each.due for each in cells)})")
        formula = fill_slots(_write_counter(counter.words, filled, due), numbers)
        if not groups or (len(formula) <= LONGEST and nesting(formula) <= DEEPEST):
            break
        groups.popitem()
    kept = {each.key for cells in groups.values() for each in cells}
    counted = [each for each in counter.counted if each.asking is None or each.key in kept]
    return formula, tuple(counted)


def _write_counter(words: str, filled: Sequence[str], due: Sequence[str]) -> str:
    before, _sign, rest = words.partition("{filled}")
    middle, _sign, after = rest.partition("{due}")
    parts = [
        quote_for_sheet(before),
        f"({'+'.join(filled) or '0'})",
        quote_for_sheet(middle),
        f"({'+'.join(due)})",
    ]
    if after:
        parts.append(quote_for_sheet(after))
    return "=" + "&".join(parts)


def count_words(words: str, counted: Sequence[CountedCell], answers: Answers) -> str:
    """What the counter shows with these answers, and those of the conditions among them."""
    due = [
        each.key
        for each in counted
        if (each.waits_for is None or is_word(answers.get(each.waits_for), yes_word()))
        and (each.asking is None or answers.get(each.asking) == yes_word())
    ]
    filled = sum(not is_empty(answers.get(key)) for key in due)
    return words.format(filled=filled, due=len(due))


def _ranges(layout: Layout, keys: Sequence[Key]) -> list[str]:
    """The cells as few ranges as they make, column by column."""
    cells = (read_address(layout.address(*key) or "") for key in keys)
    runs = split_runs((cell for cell in cells if cell), lambda cell: cell)
    return [name_range(run[0], run[-1]) for run in runs]
