"""Which trials stand in the column «Проверка» of each line, and in what words they fail."""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol

from engine.catalogue.lookups import inputs_behind
from engine.catalogue.model import (
    NUMERIC,
    Catalogue,
    Check,
    Indicator,
    Input,
    PartSum,
    Scenario,
    shorten_title,
)
from engine.data.cells import is_percent, limits_of
from engine.forms.layout import FormColumn, Layout, SheetLine, printed_title
from engine.forms.out.sheet_words import (
    closed_words,
    column_label,
    no_word,
    not_applicable_word,
    row_words,
    wrong_words,
    yes_word,
)
from engine.language.grammar import COMPARISONS, dotted_name
from engine.language.readings.excel import fill_slots, nesting
from engine.translation import gettext as _
from engine.typography import set_type

Key = tuple[str, int, Scenario]
"""An input (or an indicator), the year of the data, the scenario."""
CellValue = float | int | bool | str | date | None
"""What stands in a cell."""
Answers = Mapping[Key, CellValue]

LONGEST, DEEPEST = 8192, 64
"""Signs of a formula and brackets inside each other that Excel takes."""

_TITLE = 60  # letters of a title in a message


@dataclass(frozen=True, slots=True)
class Trial:
    """A test, and what is said where it fails."""

    test: AnswerTest
    message: str


def check_formula(
    trials: Sequence[Trial],
    live: Mapping[Key, str] | None = None,
    numbers: Sequence[float | None] = (),
) -> tuple[str, tuple[Trial, ...]]:
    """The live check of a line: the message of the first trial that fails, else nothing.

    Also the trials in it: as many, from the first, as a cell takes. `live` are the formulas of the
    conditions among them at a place, with slots for its `numbers`.
    """
    trials_kept = tuple(trials)
    while True:
        formula = '""'
        for trial in reversed(trials_kept):
            test = trial.test.formula
            if isinstance(trial.test, BrokenCondition | ConditionalAnswer):
                test = put_live(test, [trial.test.key], live or {})
            formula = f"IF({test},{quote_for_sheet(trial.message)},{formula})"
        formula = fill_slots(f"=IFERROR({formula},{quote_for_sheet(error_words())})", numbers)
        if len(formula) <= LONGEST and nesting(formula) <= DEEPEST:
            return formula, trials_kept
        trials_kept = trials_kept[:-1]


def error_words() -> str:
    """What a live check shows where a cell it reads holds an error."""
    return _("there is an error in a cell")


def check_words(trials: Sequence[Trial], answers: Answers) -> str:
    """What the formula shows with these answers."""
    return next((trial.message for trial in trials if trial.test.fails(answers)), "")


def check_indicator(check: Check) -> Indicator:
    """A condition of the catalogue as an indicator: what computes indicators computes it too."""
    return Indicator(
        id=f"check:{check.id}",
        title=check.message,
        type="yes_no",
        unit=None,
        formulas=((None, check.rule),),
        decimals=0,
    )


def asking_id(asked_input: Input) -> str:
    """The id of the condition under which a cell is asked, among the live values of a form."""
    return f"asked:{asked_input.id}"


def asking_indicator(asked_input: Input) -> Indicator:
    """The conditions of `asked_if` as one indicator: what computes indicators computes it too."""
    first, *others = asked_input.asked_if
    formula = first
    if others:
        every = [condition.tree for condition in asked_input.asked_if]
        formula = first.derive(ast.fix_missing_locations(ast.BoolOp(ast.And(), every)))
    return Indicator(
        id=asking_id(asked_input),
        title=asked_input.title,
        type="yes_no",
        unit=None,
        formulas=((None, formula),),
        decimals=0,
    )


def own_checks(catalogue: Catalogue, layout: Layout) -> tuple[Check, ...]:
    """Conditions of the catalogue that are no mere comparison of sums of cells."""
    return tuple(
        check for check in _checks(catalogue, layout) if _sides(catalogue, layout, check) is None
    )


def line_trials(
    catalogue: Catalogue, layout: Layout, closed: Collection[Key]
) -> dict[int, list[Trial]]:
    """The trials of each row of the sheet; `closed` are the cells that do not apply here."""
    by_row: dict[int, list[Trial]] = {line.row: [] for line in layout.input_lines}
    checks = [
        (anchor_of(catalogue, layout, check), check, _sides(catalogue, layout, check))
        for check in _checks(catalogue, layout)
    ]
    for column in layout.columns:
        label = column_label(column, layout)
        for line in layout.input_lines:
            by_row[line.row] += [
                Trial(trial.test, set_type(label + trial.message))
                for trial in _of_cell(catalogue, layout, line, column, closed)
            ]
        for anchor, check, sides in checks:
            line = layout.of_input[anchor]
            year = column.year + line.shift
            if (anchor, year, column.scenario) in closed:
                continue
            test: AnswerTest | None
            if sides is None:
                test = BrokenCondition((check_indicator(check).id, year, column.scenario))
            else:
                test = _compare(layout, sides, column, year, closed)
            if test is not None:
                message = _words(catalogue, layout, check, test)
                by_row[line.row].append(Trial(test, set_type(label + message)))
    return by_row


def _of_cell(
    catalogue: Catalogue,
    layout: Layout,
    line: SheetLine,
    column: FormColumn,
    closed: Collection[Key],
) -> Iterator[Trial]:
    """What one cell is tried for by itself."""
    asked_input = catalogue.inputs[line.input or ""]
    year = column.year + line.shift
    cell = _cell(layout, asked_input.id, year, column)
    if cell is None or cell.key in closed:
        return
    if asked_input.type not in {"text", "link"}:
        # Formulas and places in files stay behind: a trial travels between processes.
        slim = replace(asked_input, applies_to=(), asked_if=(), position=None, positions={})
        yield Trial(MistypedAnswer(cell, slim), wrong_words(asked_input))
    yes = _cell(layout, asked_input.asked_when or "", year, column)
    # A plan for a year has no date and no link yet.
    if asked_input.required and yes is not None and column.scenario == "fact":
        yield Trial(
            MissingAnswer(cell, yes), _("fill in: beside “{yes}” it is due").format(yes=yes_word())
        )
    if asked_input.asked_if:
        key = (asking_id(asked_input), year, column.scenario)
        if asked_input.required and column.scenario == "fact":
            yield Trial(
                ConditionalAnswer(cell, key, yes_word(), filled=False), _("fill in: it is due")
            )
        needless = _("it is not asked here: empty the cell")
        yield Trial(ConditionalAnswer(cell, key, no_word(), filled=True), needless)
        yield Trial(ConditionalAnswer(cell, key, no_word(), filled=False), closed_words())


def _cell(layout: Layout, name: str, year: int, column: FormColumn) -> SheetCell | None:
    address = layout.address(name, year, column.scenario)
    return SheetCell(address, (name, year, column.scenario)) if address else None


# --- conditions of the catalogue ---------------------------------------------------------------


def _checks(catalogue: Catalogue, layout: Layout) -> tuple[Check, ...]:
    """The conditions at the level that fills, all of whose inputs stand in the form: errors first."""
    checks = (
        check
        for check in catalogue.checks.values()
        if check.level == layout.form.fills
        and not check.accepted
        and (names := _names(catalogue, check))
        and all(name in layout.of_input for name in names)
    )
    return tuple(sorted(checks, key=lambda check: check.severity != "error"))


def _names(catalogue: Catalogue, check: Check) -> tuple[str, ...]:
    return inputs_behind(catalogue, [use.id for use in check.rule.names()])


def anchor_of(catalogue: Catalogue, layout: Layout, check: Check) -> str:
    """The input beside which a condition is reported: what is too large, or the whole of parts."""
    tree = check.rule.tree
    if check.id.startswith(("partition:", "overlap:")) and isinstance(tree, ast.Compare):
        return dotted_name(tree.comparators[0])
    sides = _sides(catalogue, layout, check)
    if sides is not None:
        return sides[0][0]
    return min(_names(catalogue, check), key=lambda name: layout.of_input[name].row)


Sides = tuple[tuple[str, ...], str, tuple[str, ...]]


def _sides(catalogue: Catalogue, layout: Layout, check: Check) -> Sides | None:
    """The two sums of inputs that a condition compares; None where it is anything else."""
    tree = check.rule.tree
    if not isinstance(tree, ast.Compare) or len(tree.ops) != 1:
        return None
    left, right = (_sum(catalogue, layout, side) for side in (tree.left, tree.comparators[0]))
    if left is None or right is None:
        return None
    return left, COMPARISONS[type(tree.ops[0])], right


def _sum(catalogue: Catalogue, layout: Layout, tree: ast.expr) -> tuple[str, ...] | None:
    if isinstance(tree, ast.BinOp) and isinstance(tree.op, ast.Add):
        left, right = _sum(catalogue, layout, tree.left), _sum(catalogue, layout, tree.right)
        return None if left is None or right is None else left + right
    symbol = catalogue.symbols.get(dotted_name(tree))
    if isinstance(symbol, PartSum):
        names: tuple[str, ...] = symbol.cells
    elif isinstance(symbol, Input):
        names = (symbol.id,)
    else:
        return None
    inputs = [catalogue.inputs[name] for name in names]
    plain = all(
        asked_input.type in NUMERIC and _always(catalogue, asked_input) for asked_input in inputs
    )
    return (
        names
        if plain and all(asked_input.level == layout.form.fills for asked_input in inputs)
        else None
    )


def _always(catalogue: Catalogue, asked_input: Input) -> bool:
    """Whether it is asked without an answer before it."""
    whole = catalogue.inputs.get(asked_input.whole or "")
    if asked_input.asked_if:
        return False
    return asked_input.asked_when is None and (whole is None or _always(catalogue, whole))


def _compare(
    layout: Layout, sides: Sides, column: FormColumn, year: int, closed: Collection[Key]
) -> ComparedSums | None:
    """The comparison in one column; None where a cell of it is not in the form."""
    sums: list[tuple[SheetCell, ...]] = []
    for names in (sides[0], sides[2]):
        cells = [_cell(layout, name, year, column) for name in names]
        if not all(cells):
            return None
        sums.append(tuple(cell for cell in cells if cell and cell.key not in closed))
    return ComparedSums(sums[0], sides[1], sums[1]) if all(sums) else None


def _words(catalogue: Catalogue, layout: Layout, check: Check, test: AnswerTest) -> str:
    message = check.message
    kind = check.id.partition(":")[0] if check.automatic else ""
    if kind == "partition":
        message = _("the parts do not add up to the whole")
    elif kind == "overlap":
        message = _("the parts together are less than the whole")
    elif kind and isinstance(test, ComparedSums) and len(test.left) == len(test.right) == 1:
        message = _("more than {row}").format(
            row=_row(catalogue, layout, layout.of_input[test.right[0].key[0]])
        )
    if check.severity == "warning":
        return _("look again: {message}").format(message=message)
    return message


def _row(catalogue: Catalogue, layout: Layout, line: SheetLine) -> str:
    """How a message names another line: by its number, a line below one by its title too."""
    words = row_words(line)
    if words:
        return words
    above: Mapping[int, SheetLine] = {
        row_above.row: row_above for row_above in layout.lines if row_above.row < line.row
    }
    numbered = next(
        (row_above for row, row_above in sorted(above.items(), reverse=True) if row_above.number),
        None,
    )
    title = shorten_title(printed_title(catalogue, line), _TITLE)
    if numbered is None:
        return _("in the row “{title}”").format(title=title)
    return _("{row}, “{title}”").format(row=row_words(numbered), title=title)


# --- tests ----------------------------------------------------------------------------------------
# What may be wrong with an answer, twice: as a live formula of the sheet, and here.
#
# The two say the same of the same cells, so that a form is written with the words that its formulas
# will show. Only what is certainly wrong is reported: a cell that is not filled in fails nothing.


_LONGEST = 250  # letters of one text in a formula
FIRST_DAY, LAST_DAY = 32874, 73415  # 1990-01-01 … 2100-12-31, as spreadsheets count days
_HUNDRED = 100
_DIGITS = 6  # to which sums are compared


class AnswerTest(Protocol):
    """Whether something is wrong: `formula` is TRUE then, without the leading sign."""

    @property
    def formula(self) -> str:
        """A condition over cells of the sheet."""

    def fails(self, answers: Answers) -> bool:
        """The same over the answers."""


@dataclass(frozen=True, slots=True)
class SheetCell:
    """An answer: where it stands, and whose it is."""

    address: str
    key: Key


def quote_for_sheet(text: str) -> str:
    """A text as a formula writes it."""
    parts = [text[at : at + _LONGEST] for at in range(0, len(text), _LONGEST)] or [""]
    return "&".join('"' + part.replace('"', '""') + '"' for part in parts)


def says(address: str, word: str) -> str:
    """The condition that a cell holds this word, in any case, with spaces around or not."""
    return f"LOWER(TRIM({address}))={quote_for_sheet(word.lower())}"


def is_empty(raw: CellValue) -> bool:
    """Whether nothing stands in the cell."""
    return raw is None or raw == ""


def is_word(raw: CellValue, *words: str) -> bool:
    """Whether the cell holds one of these words."""
    return isinstance(raw, str) and " ".join(raw.split(" ")).strip(" ").lower() in words


def accepts(asked_input: Input, address: str) -> str:
    """The condition that a filled cell holds what is due; empty where anything is."""
    not_applicable = says(address, not_applicable_word())
    in_range = _range(asked_input, address)
    if in_range is not None:
        return (
            f"IF(ISNUMBER({address}),{in_range},{not_applicable})"
            if in_range
            else (f"OR(ISNUMBER({address}),{not_applicable})")
        )
    words = choices(asked_input)
    return f"OR({','.join(says(address, word) for word in words)})" if words else ""


def choices(asked_input: Input) -> tuple[str, ...]:
    """What a cell with a list may hold; empty for all others."""
    if asked_input.type == "yes_no":
        return yes_word(), no_word(), not_applicable_word()
    if asked_input.type == "choice":
        return (
            *(title or option for option, title in asked_input.options.items()),
            not_applicable_word(),
        )
    return ()


def _range(asked_input: Input, address: str) -> str | None:
    """The condition on a number; empty for any number, None where none is due."""
    if asked_input.type in NUMERIC and asked_input.limits is not None:
        low, high = (f"{float(end):.15g}" for end in asked_input.limits)
        whole = f",{address}=INT({address})" if asked_input.type == "count" else ""
        return f"AND({address}>={low},{address}<={high}{whole})"
    if asked_input.type == "count":
        return f"AND({address}>=0,{address}=INT({address}))"
    if asked_input.type == "date":
        return f"AND({address}>={FIRST_DAY},{address}<={LAST_DAY})"
    if asked_input.type == "number":
        return f"AND({address}>=0,{address}<={_HUNDRED})" if is_percent(asked_input) else ""
    return None


def accepted(asked_input: Input, raw: CellValue) -> bool:
    """Whether a filled cell holds what is due."""
    words = choices(asked_input)
    if words:
        return is_word(raw, *(word.lower() for word in words))
    if asked_input.type in {"text", "link"} or is_word(raw, not_applicable_word()):
        return True
    if isinstance(raw, date):
        return asked_input.type == "date"
    return isinstance(raw, int | float) and not isinstance(raw, bool) and _inside(asked_input, raw)


def _inside(asked_input: Input, number: float) -> bool:
    low, high = limits_of(asked_input)
    if not low <= number <= high:
        return False
    if asked_input.type == "count":
        return number >= 0 and number == int(number)
    if asked_input.type == "date":
        return FIRST_DAY <= number <= LAST_DAY
    return 0 <= number <= _HUNDRED if is_percent(asked_input) else True


@dataclass(frozen=True, slots=True)
class MistypedAnswer:
    """The cell holds something else than what is due."""

    cell: SheetCell
    asked: Input

    @property
    def formula(self) -> str:  # noqa: D102 - as in Test
        condition = accepts(self.asked, self.cell.address)
        return f'AND({self.cell.address}<>"",NOT({condition}))' if condition else "FALSE"

    def fails(self, answers: Answers) -> bool:  # noqa: D102
        raw = answers.get(self.cell.key)
        return not is_empty(raw) and not accepted(self.asked, raw)


@dataclass(frozen=True, slots=True)
class MissingAnswer:
    """The answer is yes, and what a yes asks for is not filled in."""

    cell: SheetCell
    yes: SheetCell

    @property
    def formula(self) -> str:  # noqa: D102
        return f'AND({says(self.yes.address, yes_word())},{self.cell.address}="")'

    def fails(self, answers: Answers) -> bool:  # noqa: D102
        return is_word(answers.get(self.yes.key), yes_word()) and is_empty(
            answers.get(self.cell.key)
        )


@dataclass(frozen=True, slots=True)
class ConditionalAnswer:
    """A cell is `filled`, or is not, while the condition under which it is asked says `word`.

    `key` is the condition's own: its formula differs from place to place, as in `BrokenCondition`.
    """

    cell: SheetCell
    key: Key
    word: str
    filled: bool

    @property
    def formula(self) -> str:  # noqa: D102 - as in Test
        sign = "<>" if self.filled else "="
        return f'AND({placeholder_of(self.key, self.word)},{self.cell.address}{sign}"")'

    def fails(self, answers: Answers) -> bool:  # noqa: D102
        filled = not is_empty(answers.get(self.cell.key))
        return answers.get(self.key) == self.word and filled is self.filled


_WRONG: Mapping[str, tuple[str, Callable[[float], bool]]] = {
    "<=": (">0", lambda more: more > 0),
    "<": (">=0", lambda more: more >= 0),
    ">=": ("<0", lambda more: more < 0),
    ">": ("<=0", lambda more: more <= 0),
    "==": ("<>0", lambda more: more != 0),
    "!=": ("=0", lambda more: more == 0),
}


@dataclass(frozen=True, slots=True)
class ComparedSums:
    """Two sums of cells, all of them filled in, are not as they should be.

    A cell that says «н/п» adds nothing; a sum of such cells alone is compared with nothing.
    """

    left: tuple[SheetCell, ...]
    sign: str
    right: tuple[SheetCell, ...]

    @property
    def formula(self) -> str:  # noqa: D102
        left, right = (",".join(cell.address for cell in side) for side in (self.left, self.right))
        wrong = f"ROUND(SUM({left})-SUM({right}),{_DIGITS}){_WRONG[self.sign][0]}"
        if len(self.left) == len(self.right) == 1:
            return f"AND(ISNUMBER({left}),ISNUMBER({right}),{wrong})"
        every = list(dict.fromkeys(cell.address for cell in (*self.left, *self.right)))
        filled = "+".join(
            [
                f"COUNT({','.join(every)})",
                *(f"({says(cell, not_applicable_word())})" for cell in every),
            ]
        )
        return f"AND({filled}={len(every)},COUNT({left})>0,COUNT({right})>0,{wrong})"

    def fails(self, answers: Answers) -> bool:  # noqa: D102
        sums = []
        for side in (self.left, self.right):
            values = [answers.get(value.key) for value in side]
            numbers = [
                value
                for value in values
                if isinstance(value, int | float) and not isinstance(value, bool)
            ]
            if not numbers or len(numbers) + sum(
                is_word(value, not_applicable_word()) for value in values
            ) < len(values):
                return False
            sums.append(sum(numbers))
        return _WRONG[self.sign][1](round(sums[0] - sums[1], _DIGITS))


@dataclass(frozen=True, slots=True)
class BrokenCondition:
    """A condition of the catalogue does not hold; `key` is its own.

    The formula differs from place to place: `formula` is a placeholder that `put_live` replaces.
    """

    key: Key

    @property
    def formula(self) -> str:  # noqa: D102 - as in Test
        return placeholder_of(self.key)

    def fails(self, answers: Answers) -> bool:  # noqa: D102
        return answers.get(self.key) == no_word()


def placeholder_of(key: Key, word: str = "") -> str:
    """The placeholder for «a condition's live formula says `word`», until the place is known.

    Without a word it says no.
    """
    return "\x03" + "\x1f".join((*map(str, key), word or no_word())) + "\x03"


def put_live(formula: str, keys: Iterable[Key], live: Mapping[Key, str]) -> str:
    """Put a place's live conditions in the formula; a condition without a live formula never fails."""
    for key in keys:
        live_formula = live.get(key, "").removeprefix("=")
        for word in (yes_word(), no_word()):
            condition = f"{live_formula}={quote_for_sheet(word)}" if live_formula else "FALSE"
            formula = formula.replace(placeholder_of(key, word), condition)
    return formula
