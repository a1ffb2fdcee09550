"""The words of a form's sheet beside the catalogue's own."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date

from babel.dates import format_date

from engine.catalogue.lookups import scaled_by
from engine.catalogue.model import Catalogue, Input, InputKind, Period, Scenario
from engine.catalogue.scale_words import head_grades
from engine.data.cells import is_percent, show_limits
from engine.forms.layout import FormColumn, Layout, SheetLine
from engine.level_words import LevelName, is_named
from engine.translation import chosen_language
from engine.translation import gettext as _
from engine.units import unit_label

TITLE_LIMIT, MESSAGE_LIMIT = 32, 255
"""Letters that a prompt may have."""


def not_applicable_word() -> str:
    """What a cell holds where its row does not apply.

    Like yes and no it is read back in every language.
    """
    return _("n/a")


def yes_word() -> str:
    """The answer of a cell."""
    return _("yes")


def no_word() -> str:
    """The other answer."""
    return _("no")


def waiting_words(catalogue: Catalogue) -> str:
    """Who computes what one form cannot: the department.

    Where there is none, the highest level; of one level, all its places.
    """
    if catalogue.has_department:
        return _("computed by the department")
    lowest, highest = catalogue.levels[0], catalogue.levels[-1]
    if highest != lowest and is_named(highest):
        return _("computed by the {level:one}").format(level=LevelName(highest))
    return _("computed over all {places:to_many}").format(places=LevelName(lowest))


def year_words(year: int, period: Period) -> str:
    """`2023 год`, or `2023–2024 учебный год`."""
    if period == "academic_year":
        return _("academic year {start}-{end}").format(start=year, end=year + 1)
    return _("{year}").format(year=year)


def column_words(year: int, scenario: Scenario, period: Period) -> str:
    """The heading of a column of answers: `2023 год, факт`."""
    words = year_words(year, period)
    if scenario == "forecast":
        return _("{year}, forecast").format(year=words)
    return _("{year}, fact").format(year=words)


def date_words(text: str) -> str:
    """`2024-01-26` → `26 января 2024 года`; a text that is no date stays as it is."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return text

    text_of_day = str(format_date(day, format="long", locale=chosen_language()))
    return text_of_day.replace("\u202f", " ").replace("\u00a0", " ").replace(" г.", " года")


def order_words(catalogue: Catalogue) -> str:
    """The order that the form comes from: title, date and number."""
    source = catalogue.source
    parts = [source.title] if source.title else []
    if source.date:
        parts.append(_("of {date}").format(date=date_words(source.date)))
    if source.number:
        parts.append(_("No. {number}").format(number=source.number))
    reference = " ".join(parts)
    return _("According to: {order}").format(order=reference) if reference else catalogue.title


def due_words(due: str) -> str:
    """`Срок сдачи: до 26 января 2024 года`; empty where none is set."""
    return _("To be sent by {date}").format(date=date_words(due)) if due else ""


def guides(catalogue: Catalogue, kinds: Collection[InputKind], *, school: bool) -> tuple[str, ...]:
    """Where the form comes from and how to fill it in: as many lines as the layout keeps for it.

    `kinds`: what is asked in the form.
    """
    number = _(
        "Write a whole number, without words and without a sign of percent: 12. "
        "If there was none, write 0."
    )
    if "number" in kinds:
        number = _(
            "Write a number, without words and without a sign of percent: 12, with a fraction 12.5. "
            "If there was none, write 0."
        )
    how = [number]
    if "yes_no" in kinds or "choice" in kinds:
        how.append(_("Where there is a list, choose from it."))
    if "date" in kinds:
        how.append(_("Write a date so: 2024-01-26."))
    return (
        order_words(catalogue),
        _(
            "Fill in the yellow cells only. What stands in blue cells is computed by itself; "
            "grey cells are not for you to fill in."
        ),
        " ".join(how),
        _(
            "Where a row does not apply to your school, write “{mark}”. What you do not know, "
            "leave empty: an empty cell is not zero."
        ).format(mark=not_applicable_word())
        if school
        else _(
            "Where a row does not apply to you, write “{mark}”. What you do not know, "
            "leave empty: an empty cell is not zero."
        ).format(mark=not_applicable_word()),
        _(
            "The column “{check}” says what to mend. Save the file and send it back: "
            "the file may be renamed, the sheet may be printed."
        ).format(check=check_heading()),
    )


def check_heading() -> str:
    """The heading of the live check."""
    return _("Check")


def headings(catalogue: Catalogue, layout: Layout) -> Iterator[tuple[int, str]]:
    """The heading of every visible column: (index, text)."""
    yield from enumerate((_("No."), _("What is asked"), _("Unit")), 1)
    period = layout.form.period
    for column in layout.columns:
        yield column.index, column_words(column.year, column.scenario, period)
        label = column_label(column, layout)
        for index, words in (
            (column.grade, _head_grades(catalogue, layout, column)),
            (column.target, _("Target and verdict")),
        ):
            if index:
                yield index, label + words[:1].lower() + words[1:] if label else words
    yield layout.previous, _("Was: {year}").format(year=year_words(layout.year - 1, period))
    yield layout.check, check_heading()
    yield layout.notes, _("Explanation")


def _head_grades(catalogue: Catalogue, layout: Layout, column: FormColumn) -> str:
    """What stands beside the values of a column; before the first version of a scale, what will stand."""
    classes = points = False
    for line in layout.lines:
        scaled = scaled_by(catalogue, line.graded)
        if scaled is None:
            points |= bool(line.graded)
            continue
        scale = scaled.scale.version(column.year + line.shift) or scaled.scale
        classes |= bool(scale.classes) and not scaled.is_class
        points |= scale.has_points
    return head_grades(classes=classes, points=points)


def unit_words(catalogue: Catalogue, line: SheetLine) -> str:
    """What stands in the column of units."""
    indicator = catalogue.indicators.get(line.indicator or "")
    asked_input = catalogue.inputs.get(line.input or "")
    kind = asked_input.type if asked_input else indicator.type if indicator else ""
    if kind == "yes_no":
        return f"{yes_word()}/{no_word()}"
    if kind == "date":
        return _("date")
    if kind == "link":
        return _("link")
    if kind in {"text", "choice"}:
        return _("text") if kind == "text" else _("choice")
    unit = asked_input.unit if asked_input else indicator.unit if indicator else None
    return unit_label(unit, chosen_language())


def previous_words(line: SheetLine, layout: Layout) -> str:
    """The years of a line that asks for the year before; empty for all others."""
    if not line.shift:
        return ""
    period = layout.form.period
    if len(layout.columns) == 1:
        return _("for {year}").format(year=year_words(layout.columns[0].year + line.shift, period))
    return "; ".join(
        _("in the column “{column}” for {year}").format(
            column=column_words(column.year, column.scenario, period),
            year=year_words(column.year + line.shift, period),
        )
        for column in layout.columns
    )


def added_words(asked_input: Input) -> str:
    """`добавлено: знаменатель показателя 3.4.1`: why a row is asked that the order does not have."""
    reason = asked_input.added.strip().partition(": ")[0].rstrip(".")
    if not reason:
        return ""
    if reason[1:2].islower():
        reason = reason[:1].lower() + reason[1:]
    return _("added: {reason}").format(reason=reason)


def row_words(line: SheetLine) -> str:
    """How a check names another row: `в строке 4`, or by its title."""
    if line.number:
        return _("in row {number}").format(number=line.number.rstrip("."))
    return ""


# --- prompts -----------------------------------------------------------------------------------


def expected_words(asked_input: Input) -> tuple[str, str]:
    """What a cell takes, for its prompt: (title, message)."""
    words = {
        "count": (_("A whole number"), _("A whole number; 0 if there was none.")),
        "number": (_("A number"), _("A number such as 12.5; 0 if there was none.")),
        "yes_no": (_("Yes or no"), _("Choose from the list: yes or no.")),
        "choice": (_("Choose from the list"), _("Choose one of the list.")),
        "date": (_("A date"), _("A date such as 2024-01-26.")),
        "link": (_("A link"), _("The address of the page, such as https://example.org.")),
        "text": (_("A text"), _("Write in words.")),
    }
    title, message = words[asked_input.type]
    if asked_input.type == "number" and is_percent(asked_input):
        title, message = _("Per cent"), _("A number from 0 to 100, without the sign %.")
    if asked_input.limits is not None:
        message = _("A number within {limits}.").format(limits=show_limits(asked_input))
    addition = _("“{mark}” where it does not apply; empty where it is not known.")
    return title, f"{message} {addition.format(mark=not_applicable_word())}"


def wrong_words(asked_input: Input) -> str:
    """The message of the check where a cell holds something else."""
    if asked_input.limits is not None:
        return _("a number within {limits} is due").format(limits=show_limits(asked_input))
    if asked_input.type == "count":
        return _("a whole number is due")
    if asked_input.type == "number" and is_percent(asked_input):
        return _("a number from 0 to 100 is due")
    if asked_input.type == "number":
        return _("a number is due")
    if asked_input.type == "date":
        return _("a date such as 2024-01-26 is due")
    return _("choose from the list")


def closed_words() -> str:
    """What stands in a cell that does not apply to the place, and in the check of one not asked."""
    return _("not filled in")


def column_label(column: FormColumn, layout: Layout) -> str:
    """The column's name before a check's message; empty where there is one column."""
    if len(layout.columns) == 1:
        return ""
    return column_words(column.year, column.scenario, layout.form.period) + ": "
