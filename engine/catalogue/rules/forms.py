"""Forms: rows that ask what can be asked, each cell once, in years that are there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import combinations

from engine.catalogue.lookups import form_inputs, implied_inputs, inputs_behind, shown_indicators
from engine.catalogue.model import LARGEST_SHIFT, Catalogue, Form, FormRow, Input, PartSum
from engine.catalogue.rules.names import has_known_names
from engine.problems import Position, Problem, suggest_name
from engine.translation import gettext as _

FIRST_YEAR = 1900
_MOST_NAMED = 5  # inputs that two forms ask

# Keys of a row that cannot stand together.
_CLASHES = (
    ("heading", ("title", "input", "cells", "indicator", "event", "blank")),
    ("blank", ("input", "cells", "indicator", "event")),
    ("indicator", ("event",)),
    ("input", ("cells",)),
)
_TEXTS = {"number", "title", "note"}


def check_form_rows(catalogue: Catalogue) -> Iterable[Problem]:
    """A row says one thing: what it asks, shows or prints instead."""
    for form in catalogue.forms.values():
        for row in form.rows:
            if not row.positions.keys() - _TEXTS:
                yield Problem(
                    "empty-row",
                    _("the row neither asks nor shows anything"),
                    row.position,
                    _(
                        "write input:, cells:, indicator:, event: or heading:; instead of an answer, blank:"
                    ),
                )
            for key, others in _CLASHES:
                other = next((clashing for clashing in others if clashing in row.positions), None)
                if key in row.positions and other:
                    yield Problem(
                        "row-keys",
                        _("“{key}” and “{other}” cannot stand in one row").format(
                            key=key, other=other
                        ),
                        row.positions[other],
                        _("leave one of them, or make two rows of it"),
                    )
                    break


def check_form_cells(catalogue: Catalogue) -> Iterable[Problem]:
    """What a row asks is an input of the level that fills the form, and is asked there once."""
    for form in catalogue.forms.values():
        first: dict[str, Position] = {}
        for row in form.rows:
            for name, place in _cells(row):
                declared = catalogue.inputs.get(name)
                if declared is None:
                    yield _no_input(catalogue, name, place)
                elif declared.level != form.fills:
                    yield _of_other_level(form, declared, place)
                elif name in first:
                    yield Problem(
                        "asked-twice",
                        _("“{id}” is asked twice in the form “{form}”: first at {place}").format(
                            id=name, form=form.id, place=first[name]
                        ),
                        place,
                        _("leave one of the two: an answer has one cell"),
                    )
                first.setdefault(name, place)


def _cells(row: FormRow) -> Iterator[tuple[str, Position]]:
    """The inputs that a row names itself, each with its place."""
    short = ("input",) if "input" in row.positions and row.cells else ()
    listed = [key for key in row.positions if key.startswith("cells.")]
    places = [*short, *listed] or ["cells"]
    for name, key in zip(row.cells, places, strict=False):
        yield name, row.positions[key]


def _no_input(catalogue: Catalogue, name: str, place: Position) -> Problem:
    symbol = catalogue.symbols.get(name)
    if isinstance(symbol, PartSum):
        hint = _("it is the sum of cells: ask these: {names}").format(names=", ".join(symbol.cells))
    elif name in catalogue.indicators:
        hint = _("it is an indicator: write indicator: {name}").format(name=name)
    elif name in catalogue.events:
        hint = _("it is an event: write event: {name}").format(name=name)
    else:
        hint = suggest_name(name, catalogue.inputs) or _("declare the input “{name}”").format(
            name=name
        )
    message = _("unknown input “{name}”").format(name=name)
    return Problem("unknown-input", message, place, hint, about=name)


def _of_other_level(form: Form, declared: Input, place: Position) -> Problem:
    return Problem(
        "form-level",
        _("“{id}” is filled at the level “{level}”, but the form at “{fills}”").format(
            id=declared.id, level=declared.level, fills=form.fills
        ),
        place,
        _("ask it in a form with fills: {level}").format(level=declared.level),
    )


def check_form_shows(catalogue: Catalogue) -> Iterable[Problem]:
    """An indicator or an event that a row shows is declared, stands once, and has cells here."""
    for form in catalogue.forms.values():
        first: dict[str, Position] = {}
        for row in form.rows:
            for key, name in (("indicator", row.indicator), ("event", row.event)):
                place = row.positions.get(key)
                if not name or place is None:
                    continue
                if name not in (catalogue.indicators if key == "indicator" else catalogue.events):
                    yield _unknown_shown(catalogue, key, name, place)
                elif name in first:
                    yield Problem(
                        "shown-twice",
                        _("“{id}” stands twice in the form “{form}”: first at {place}").format(
                            id=name, form=form.id, place=first[name]
                        ),
                        place,
                        _("leave one of the two"),
                    )
                elif not row.cells:
                    yield from _check_asks(catalogue, form, row, name, place)
                first.setdefault(name, place)


def _unknown_shown(catalogue: Catalogue, key: str, name: str, place: Position) -> Problem:
    if key == "event":
        return Problem(
            "unknown-event",
            _("unknown event “{name}”").format(name=name),
            place,
            suggest_name(name, catalogue.events) or _("declare it under `events`"),
            about=name,
        )
    return Problem(
        "unknown-indicator",
        _("unknown indicator “{name}”").format(name=name),
        place,
        _("it is an input: write input: {name}").format(name=name)
        if name in catalogue.inputs
        else suggest_name(name, catalogue.indicators) or _("declare it under `indicators`"),
        about=name,
    )


def _check_asks(
    catalogue: Catalogue, form: Form, row: FormRow, name: str, place: Position
) -> Iterator[Problem]:
    """What follows from the row is asked at this level, or is known from below it."""
    if implied_inputs(catalogue, form, row):
        return
    levels = catalogue.places
    behind = {
        catalogue.inputs[behind_row].level
        for behind_row in inputs_behind(catalogue, shown_indicators(catalogue, row))
    }
    above = all(levels.index(level) > levels.index(form.fills) for level in behind)
    if row.event or (behind and above):
        yield Problem(
            "nothing-asked",
            _("nothing of “{id}” is filled at the level “{fills}”").format(
                id=name, fills=form.fills
            ),
            place,
            _("its inputs are of another level ({levels}): write title: and blank: instead").format(
                levels=", ".join(level for level in levels if level in behind)
            )
            if behind
            else _("name the inputs under cells:"),
            about=name,
        )


def check_form_times(catalogue: Catalogue) -> Iterable[Problem]:
    """The days a form is due are in the calendar; its years are not after the catalogue's."""
    for form in catalogue.forms.values():
        for due_year, day in form.dues.items():
            place = form.positions.get("due" if due_year is None else f"due.{due_year}")
            if not _is_day(day):
                yield Problem(
                    "no-such-date",
                    _("there is no day {date} in the calendar").format(date=day),
                    place,
                    _("year, month, day: 2023-12-29"),
                )
            if due_year is not None and place is not None and catalogue.years:
                yield from _check_year(catalogue.years, due_year, place)
        for key, years in (("fact", form.facts), ("forecast", form.forecasts)):
            for number, year in enumerate(years):
                place = form.positions.get(f"years.{key}.{number}")
                if place is not None and catalogue.years:
                    yield from _check_year(catalogue.years, year, place)


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        # Of what is no date at all the schema has spoken.
        return len(text) != len("2023-12-29") or not text.replace("-", "").isdecimal()
    return True


def _check_year(years: tuple[int, ...], year: int, place: Position) -> Iterator[Problem]:
    first, last = min(years), max(years)
    if abs(year) <= LARGEST_SHIFT:
        if first + year > last:
            yield Problem(
                "form-years",
                _("the form's year + {year} comes after all years of the catalogue").format(
                    year=year
                ),
                place,
                _("years of the catalogue: {years}").format(years=f"{first}–{last}"),
                about=str(year),
            )
    elif year < FIRST_YEAR:
        yield Problem(
            "form-years",
            _("{year} is neither a year nor a number of years from the form's own").format(
                year=year
            ),
            place,
            _(
                "four digits, for instance 2023; or 0 for the form's own year, -1 for the one before"
            ),
        )
    elif year > last:
        yield Problem(
            "form-years",
            _("the year {year} comes after the years of the catalogue").format(year=year),
            place,
            _("years of the catalogue: {years}").format(years=f"{first}–{last}"),
            about=str(year),
        )


def check_form_overlaps(catalogue: Catalogue) -> Iterable[Problem]:
    """No two forms of a level ask an input for one year: of two answers, the same or not, neither counts.

    Forms that go to some places only may part them between each other.
    """
    forms = [
        form
        for form in catalogue.forms.values()
        if _is_known(catalogue, form) and not form.where and form.fills
    ]
    for form, other in combinations(forms, 2):
        asked = set(form_inputs(catalogue, form))
        shared = [name for name in form_inputs(catalogue, other) if name in asked]
        meets = any(set(form.columns(year)) & set(other.columns(year)) for year in catalogue.years)
        if form.fills == other.fills and shared and meets:
            outer = [name for name in shared if name.rpartition(".")[0] not in asked]
            more = ", …" if len(outer) > _MOST_NAMED else ""
            yield Problem(
                "asked-by-two-forms",
                _(
                    "the forms “{form}” and “{other}” ask the same for one year: {names}; of two "
                    "answers neither will count"
                ).format(form=form.id, other=other.id, names=", ".join(outer[:_MOST_NAMED]) + more),
                other.position,
                _("ask each input in one form, or for different years"),
                "warning",
            )


def check_form_gaps(catalogue: Catalogue) -> Iterable[Problem]:
    """Every input is asked by some form, where there are forms; given levels are asked by none."""
    if not catalogue.forms or not all(
        _is_known(catalogue, form) for form in catalogue.forms.values()
    ):
        return
    asked = {name for form in catalogue.forms.values() for name in form_inputs(catalogue, form)}
    for declared in catalogue.inputs.values():
        owner = declared.whole or declared.asked_when
        if declared.id in asked or (owner and owner not in asked):
            continue
        if declared.level in catalogue.given:
            yield Problem(
                "not-asked",
                _("no form asks “{id}”: it is given at the level “{level}”").format(
                    id=declared.id, level=declared.level
                ),
                declared.position,
                _("it comes with the data, in a file of its own"),
                "note",
            )
        else:
            yield Problem(
                "not-asked",
                _("no form asks “{id}”").format(id=declared.id),
                declared.position,
                _("name it in a row of a form with fills: {level}").format(level=declared.level),
                "warning",
            )


def _is_known(catalogue: Catalogue, form: Form) -> bool:
    """Whether the form has rows, and all they name is declared: then it is known what it asks."""
    return bool(form.rows) and all(
        row.positions.keys() - _TEXTS
        and all(name in catalogue.inputs for name in row.cells)
        and (row.indicator is None or _is_written(catalogue, row.indicator))
        and (row.event is None or row.event in catalogue.events)
        for row in form.rows
    )


def _is_written(catalogue: Catalogue, name: str) -> bool:
    """Whether an indicator is declared and has a formula, all of whose names are known."""
    return name in catalogue.indicators and has_known_names(catalogue, catalogue.indicators[name])
