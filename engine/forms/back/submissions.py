"""Whose sheet it is: stamps against the catalogue and the register, and what has changed since."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from engine.catalogue.lookups import form_inputs, short_of
from engine.catalogue.model import Catalogue, Form
from engine.data.register import Openings
from engine.data.tables import describe_far_cell, shorten
from engine.forms.back.filled_workbook import CodedColumn, CodedRow, FilledSheet, FilledWorkbook
from engine.forms.layout import full_title, lay_out_form, printed_title
from engine.forms.stamp import Stamp, read_stamp
from engine.problems import Position, Problem, Severity, describe_refusal, suggest_name
from engine.translation import gettext as _
from engine.translation import ngettext
from engine.typography import quote
from engine.workbooks.addresses import name_cell, name_column


@dataclass(frozen=True, slots=True)
class SubmissionProblem:
    """A problem, and the number of the submission it belongs to, if to one."""

    problem: Problem
    submission: int | None = None


@dataclass(frozen=True, slots=True)
class Submission:
    """A form that came back. `level` is that of its place; `cells` how many answers it has room for.

    `rows` and `columns` are where its codes stand. `taken` is False where it does not count: `why` is
    then the code of the problem.
    """

    number: int
    file: str
    sheet: str
    sha256: str
    saved: datetime
    stamp: Stamp
    level: str
    cells: int
    rows: tuple[CodedRow, ...]
    columns: tuple[CodedColumn, ...]
    taken: bool = True
    why: str = ""

    @property
    def key(self) -> tuple[str, int, str]:
        """Form, year and place: there is one such submission."""
        return self.stamp.form, self.stamp.year, self.stamp.place

    def answer_keys(self) -> Iterator[tuple[str, int, str]]:
        """Input, year and scenario of every cell that may be answered."""
        for name, shift, _row in self.rows:
            for year, scenario, _column in self.columns:
                yield name, year + shift, scenario

    def position(self, row: int | None = None, column: int | None = None) -> Position:
        """The sheet, or a cell of it (counted from 0)."""
        cell = "" if row is None or column is None else name_cell((row, column))
        return Position(self.file, sheet=self.sheet, cell=cell)


def name_some(names: Sequence[str], most: int) -> str:
    """The first names of many, and how many more there are."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f", … (+{more})" if more > 0 else "")


def refuse_book(file: str, book: FilledWorkbook) -> Problem | None:
    """What is wrong with a file as a whole: it could not be read, or holds no form."""
    position = Position(file)
    resave = _("open it in Excel and save it anew as .xlsx")
    messages = {
        "empty-file": (_("the file is empty"), ""),
        "too-large-file": (_("the file is too large for a form: more than 50 MB"), resave),
        "unpacks-too-large": (_("unpacked, the file would be enormous: it is not opened"), ""),
        "too-large-sheet": (
            _("a sheet is too large for a form: something stands very far from its corner"),
            _("delete the empty rows and columns around the form"),
        ),
        "password": (
            _("the workbook is protected by a password"),
            _("ask for a copy without the password"),
        ),
        "damaged-workbook": (_("the file is no workbook, or it is damaged"), resave),
        "not-a-workbook": (
            _("whatever its name says, the file is no workbook"),
            _("a form comes back as .xlsx, .ods or .xls"),
        ),
        "binary-workbook": (
            _("the workbook is of the binary kind (.xlsb), which is not read"),
            resave,
        ),
    }
    if book.detail is not None:
        reason = describe_refusal(book.detail)
        message = _("the file cannot be read: {reason}").format(reason=reason)
        return Problem("unreadable-file", message, position)
    if book.refused:
        message, hint = messages[book.refused]
        if book.cell:
            message, hint = describe_far_cell(book.cell)
        position = position._replace(sheet=book.sheet, cell=book.cell)
        return Problem(book.refused, message, position, hint)
    if not any(sheet.stamps or sheet.rows or sheet.damaged for sheet in book.sheets):
        message = _("the workbook holds no form: its stamp was not found")
        hint = _("have the form that was sent filled in, not a copy typed anew")
        return Problem("no-form", message, position, hint)
    return None


def recognise_sheet(
    catalogue: Catalogue, file: str, book: FilledWorkbook, sheet: FilledSheet, number: int
) -> tuple[Submission | None, list[Problem]]:
    """The submission of a sheet, and what is wrong with its stamp and its codes."""
    position = Position(file, sheet=sheet.name)
    problems = [_report_damaged_code(position, row, column) for row, column in sheet.damaged]
    stamps = {text: read_stamp(text) for text, _row, _column in sheet.stamps}
    if len(stamps) > 1:
        message = _("two forms stand on one sheet: neither is read")
        return None, [*problems, Problem("two-forms", message, position, _("put each on its own"))]
    stamp = next(iter(stamps.values()), None)
    if stamp is None:
        message = _("the sheet has lost its stamp: whose form it is cannot be told")
        hint = _("move the answers to a form drawn anew")
        return None, [*problems, Problem("no-stamp", message, position, hint)]
    if stamp.catalogue != catalogue.id:
        message = _("the form belongs to the catalogue “{other}”, not to “{name}”")
        message = message.format(other=shorten(stamp.catalogue), name=catalogue.id)
        return None, [*problems, Problem("other-catalogue", message, position)]
    if not sheet.rows or not sheet.columns:
        message = _("the sheet has lost the codes of its rows or columns: nothing can be read")
        hint = _("move the answers to a form drawn anew")
        return None, [*problems, Problem("no-codes", message, position, hint)]
    submission = Submission(
        number,
        file,
        sheet.name,
        book.sha256,
        datetime.fromtimestamp(book.saved, UTC),
        stamp,
        _find_level(catalogue, stamp, sheet.rows),
        len(sheet.texts),
        sheet.rows,
        sheet.columns,
    )
    problems += _find_repeated(submission)
    problems += _find_stray_answers(catalogue, submission, sheet)
    if book.macros:
        message = _("the workbook holds macros: they are neither run nor read")
        problems.append(Problem("macros", message, Position(file), severity="warning"))
    return submission, problems


def _report_damaged_code(position: Position, row: int, column: int) -> Problem:
    message = _("the hidden code of the row or column is damaged: its answers are not read")
    hint = _("move the answers to a form drawn anew")
    where = position._replace(cell=name_cell((row, column)))
    return Problem("damaged-code", message, where, hint)


def _find_stray_answers(
    catalogue: Catalogue, submission: Submission, sheet: FilledSheet
) -> Iterator[Problem]:
    """Answers in rows that ask nothing: somebody put them in, or their code is gone."""
    form = catalogue.forms.get(submission.stamp.form)
    row_titles = _list_shown(catalogue, form, submission.stamp.year) if sheet.stray and form else ()
    for row, column, text, title in sheet.stray:
        if title and (form is None or title.startswith(row_titles)):
            continue
        message = _("“{text}” stands in a row without a hidden code: it is not read")
        position = submission.position(row, column)
        hint = _(
            "move it to a row of the form; if that row is the form's, fill in a form drawn anew"
        )
        yield Problem("stray-answer", message.format(text=shorten(text)), position, hint, "warning")


def _list_shown(catalogue: Catalogue, form: Form, year: int) -> tuple[str, ...]:
    """How rows begin that show something in the columns of answers and ask nothing."""
    lines = lay_out_form(catalogue, form, year).lines
    shown = [line for line in lines if line.kind in {"indicator", "blank"}]
    return tuple(
        title
        for line in shown
        for title in (printed_title(catalogue, line), full_title(catalogue, line))
        if title
    )


def _find_level(catalogue: Catalogue, stamp: Stamp, rows: Iterable[CodedRow]) -> str:
    """The level that fills the form; of a form that is no more, the level of what it asks."""
    if stamp.form in catalogue.forms:
        return catalogue.forms[stamp.form].fills
    levels = (
        catalogue.inputs[name].level for name, _shift, _row in rows if name in catalogue.inputs
    )
    return next(levels, catalogue.levels[0])


def _find_repeated(submission: Submission) -> Iterator[Problem]:
    """A row or a column of one code twice: somebody has copied it with what is hidden in it."""
    yield from _find_copies(submission, submission.rows, lambda row: str(row + 1))
    yield from _find_copies(submission, submission.columns, lambda column: name_column(column + 1))


def _find_copies(
    submission: Submission, marks: Sequence[CodedRow | CodedColumn], show: Callable[[int], str]
) -> Iterator[Problem]:
    seen: dict[tuple[object, object], int] = {}
    for first, second, place in marks:
        other = seen.setdefault((first, second), place)
        if other == place:
            continue
        position = submission.position()._replace(cell=show(place))
        message = _("this is a copy of {other}: of two answers to one question neither counts")
        message = message.format(other=show(other))
        yield Problem("code-twice", message, position, _("delete the copy"), "warning")


def judge_place(catalogue: Catalogue, submission: Submission, openings: Openings) -> Problem | None:
    """What is wrong with the place or the year of a submission, so that nothing of it counts."""
    stamp = submission.stamp
    last = max(catalogue.years, default=None)
    if last is not None and stamp.year > last:
        message = _("the form of {year} is after the last year of the catalogue, {last}")
        message = message.format(year=stamp.year, last=last)
        return Problem("late-year", message, submission.position())
    if not openings.is_known(submission.level, stamp.place):
        message = _("“{place}” is not in the register").format(place=shorten(stamp.place))
        hint = suggest_name(stamp.place, openings.list_places(submission.level))
        return Problem("unknown-place", message, submission.position(), hint)
    shifts = {shift for _input, shift, _row in submission.rows}
    years = {year + shift for year, _scenario, _column in submission.columns for shift in shifts}
    if not openings.is_open(submission.level, stamp.place, {stamp.year, *years}):
        message = _("“{place}” is not open in {year}: its answers do not count")
        message = message.format(place=stamp.place, year=stamp.year)
        return Problem("school-not-open", message, submission.position(), severity="warning")
    return None


# --- two forms of one place and year --------------------------------------------------------------


def find_second_forms(
    submissions: Sequence[Submission],
    prefer: frozenset[str],
    titles: Mapping[tuple[str, str], str],
) -> tuple[list[Submission], list[SubmissionProblem]]:
    """Two forms of one place and year: neither counts, unless one is preferred.

    The same file twice is one form. `titles`: (level, place) → how the place is called.
    """
    groups: dict[tuple[str, int, str], list[Submission]] = {}
    for submission in submissions:
        if submission.taken:
            groups.setdefault(submission.key, []).append(submission)
    left_out: dict[int, str] = {}
    problems: list[SubmissionProblem] = []
    for group in groups.values():
        if len(group) == 1:
            continue
        first = group[0]
        fingerprints = {(submission.sha256, submission.sheet) for submission in group}
        preferred = [submission for submission in group if submission.file in prefer]
        taken = preferred[0] if len(preferred) == 1 else first if len(fingerprints) == 1 else None
        for submission in group:
            if submission is not taken:
                left_out[submission.number] = (
                    "same-file" if len(fingerprints) == 1 else "form-twice"
                )
        if taken is None:
            problems += _report_second_forms(group, titles)
        elif not preferred:
            problems += (_report_same_file(submission, first) for submission in group[1:])
    return [
        replace(submission, taken=False, why=left_out[submission.number])
        if submission.number in left_out
        else submission
        for submission in submissions
    ], problems


def _report_second_forms(
    group: Sequence[Submission], titles: Mapping[tuple[str, str], str]
) -> Iterator[SubmissionProblem]:
    first = group[0]
    place = first.stamp.place
    for submission in group[1:]:
        message = _(
            "a second form “{form}” of “{place}” for {year}: also {other}; neither is taken"
        )
        message = message.format(
            form=submission.stamp.form,
            place=titles.get((first.level, place), place),
            year=submission.stamp.year,
            other=first.position(),
        )
        hint = _("leave one of them, or name the one that counts: --prefer “{file}”")
        if submission.file == first.file:
            hint = _("leave one of the sheets")
        yield SubmissionProblem(
            Problem(
                "form-twice", message, submission.position(), hint.format(file=submission.file)
            ),
            submission.number,
        )


def _report_same_file(submission: Submission, first: Submission) -> SubmissionProblem:
    message = _("the same file as {other}: it is taken once").format(other=first.file)
    return SubmissionProblem(
        Problem("same-file", message, submission.position(), severity="warning"), submission.number
    )


# --- what has changed since a form was drawn ------------------------------------------------------


_MOST_NAMED, _MOST_TITLES = 12, 4


@dataclass(frozen=True, slots=True)
class _FormChanges:
    """How a form differs from what the catalogue would draw today."""

    form: str
    year: int
    no_form: bool
    gone: tuple[str, ...]
    moved: tuple[str, ...]
    added: tuple[str, ...]
    other_years: bool

    def words(self) -> str:
        """All that differs, or nothing."""
        parts = []
        if self.no_form:
            parts.append(_("there is no form “{name}” any more").format(name=self.form))
        for names, words in (
            (self.gone, _("no more in the catalogue, not read: {names}")),
            (self.moved, _("no more in the form, read: {names}")),
            (self.added, _("not asked then: {names}")),
        ):
            if names:
                parts.append(words.format(names=name_some(names, _MOST_NAMED)))
        if self.other_years:
            parts.append(_("other years were asked"))
        return "; ".join(parts)


def find_changes(
    catalogue: Catalogue, submissions: Iterable[Submission]
) -> Iterator[SubmissionProblem]:
    """Forms of another version of the catalogue: one warning for all with the same changes."""
    submissions = tuple(submissions)
    asked = _list_asked(submissions)
    alike: dict[_FormChanges, list[Submission]] = {}
    for submission in submissions:
        if submission.stamp.version != catalogue.version:
            changes = _compare(catalogue, submission, asked[_edition(submission)])
            alike.setdefault(changes, []).append(submission)
    for changes, group in alike.items():
        differences = changes.words()
        severity: Severity = "warning" if differences else "note"
        message = _("the form was drawn by another version of the catalogue: {changes}")
        message = message.format(changes=differences or _("what it asks is the same")) + _more(
            group
        )
        problem = Problem("other-version", message, group[0].position(), severity=severity)
        yield SubmissionProblem(problem, group[0].number)


def find_lost_rows(
    catalogue: Catalogue, submissions: Iterable[Submission]
) -> Iterator[SubmissionProblem]:
    """Forms in which rows or columns are not there any more that were drawn in them.

    What an earlier version of the catalogue asked is known from the other forms of that version.
    """
    submissions = tuple(submissions)
    asked = _list_asked(submissions)
    inputs = {form.id: form_inputs(catalogue, form) for form in catalogue.forms.values()}
    for submission in submissions:
        form = catalogue.forms.get(submission.stamp.form)
        if form is None:
            continue
        of_today = submission.stamp.version == catalogue.version
        drawn = inputs[form.id] if of_today else asked[_edition(submission)]
        present = {name for name, _shift, _row in submission.rows}
        lost = [name for name in inputs[form.id] if name in drawn and name not in present]
        years = {(year, scenario) for year, scenario, _column in submission.columns}
        if lost or (of_today and not set(form.columns(submission.stamp.year)) <= years):
            titles = [quote(short_of(catalogue, name)) for name in lost]
            message = (
                _("rows of the form are not there, or have lost their hidden codes: {names}")
                if lost
                else _("a column of the form is not there, or has lost its hidden code")
            )
            hint = _("have it filled in anew: rows and columns of a form are not deleted")
            text = message.format(names=name_some(titles, _MOST_TITLES))
            yield SubmissionProblem(
                Problem("lost-rows", text, submission.position(), hint), submission.number
            )


def find_other_years(
    submissions: Iterable[Submission], year: int | None
) -> Iterator[SubmissionProblem]:
    """Forms of another year than the one that is collected: one warning for all of a year."""
    others: dict[int, list[Submission]] = {}
    for submission in submissions:
        if submission.stamp.year != year:
            others.setdefault(submission.stamp.year, []).append(submission)
    for other, group in others.items():
        message = _("the form is of {other}, and {year} is collected: it counts for its own years")
        message = message.format(other=other, year=year) + _more(group)
        hint = _("if that was meant, nothing is to be done; else ask for the form of {year}")
        position = group[0].position()
        problem = Problem("other-year", message, position, hint.format(year=year), "warning")
        yield SubmissionProblem(problem, group[0].number)


def _more(group: Sequence[Submission]) -> str:
    more = len(group) - 1
    if not more:
        return ""
    return ngettext(" (and {count} more form)", " (and {count} more forms)", more).format(
        count=more
    )


def _edition(submission: Submission) -> tuple[str, str]:
    """The form and the version of the catalogue that drew it: all of them ask the same."""
    return submission.stamp.form, submission.stamp.version


def _list_asked(submissions: Iterable[Submission]) -> dict[tuple[str, str], set[str]]:
    """The inputs that at least one form of each edition has a row of."""
    asked: dict[tuple[str, str], set[str]] = {}
    for submission in submissions:
        rows = {name for name, _shift, _row in submission.rows}
        asked.setdefault(_edition(submission), set()).update(rows)
    return asked


def _titles(catalogue: Catalogue, names: set[str]) -> tuple[str, ...]:
    return tuple(quote(short_of(catalogue, name)) for name in catalogue.inputs if name in names)


def _compare(catalogue: Catalogue, submission: Submission, inputs: set[str]) -> _FormChanges:
    """How a form differs from that of today; `inputs`: what its edition asked."""
    form = catalogue.forms.get(submission.stamp.form)
    today = set(form_inputs(catalogue, form)) if form else inputs & catalogue.inputs.keys()
    columns = {(year, scenario) for year, scenario, _column in submission.columns}
    return _FormChanges(
        submission.stamp.form,
        submission.stamp.year,
        form is None,
        tuple(sorted(inputs - catalogue.inputs.keys())),
        _titles(catalogue, (inputs & catalogue.inputs.keys()) - today),
        _titles(catalogue, today - inputs),
        form is not None and set(form.columns(submission.stamp.year)) != columns,
    )
