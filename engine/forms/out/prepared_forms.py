"""The order of things out: from data to what each workbook of a form shows.

1. Layout: where every cell stands (`layout.py`).
2. Live formulas and conditions: what they must know from outside the form (`live.py`).
3. Data as the form sees them: its own cells hold the answers, or nothing (`form_data.py`).
4. The places that fill the form and are open, with what is known of each (`outside.py`).
5. What the engine computes for the cells, and last year's values.
6. A blueprint for each pattern of cells that do not apply (`sheet.py`), and every place's own part.

    prepared = prepare_forms(catalogue, data, form, 2023)
    for form in prepared.places:
        draw_form(stream, prepared.blueprints[form.pattern], form.sheet)
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from engine.catalogue.lookups import inputs_behind
from engine.catalogue.model import Catalogue, Form, Indicator
from engine.data.model import Data
from engine.evaluation.plan.scopes import make_scope
from engine.forms.layout import Layout, SheetLine, lay_out_form
from engine.forms.out.blueprint import Blueprint, PlaceSheet
from engine.forms.out.checks import (
    Answers,
    Key,
    anchor_of,
    asking_indicator,
    check_indicator,
    own_checks,
)
from engine.forms.out.form_data import last_values, with_answers
from engine.forms.out.live import LiveFormulas, values_to_show
from engine.forms.out.outside import (
    FormPlace,
    KnownValue,
    OutsideTerm,
    address_terms,
    find_form_places,
    is_addressed,
    open_outside,
    part_outside,
)
from engine.forms.out.score_parts import is_part
from engine.forms.out.sheet import draw_blueprint
from engine.forms.out.sheet_words import column_words
from engine.forms.stamp import Stamp
from engine.problems import Problem
from engine.translation import gettext as _


@dataclass(frozen=True, slots=True)
class PreparedForm:
    """One place: its id, the number of its blueprint, and its own part of the sheet."""

    id: str
    pattern: int
    sheet: PlaceSheet


@dataclass(frozen=True, slots=True)
class PreparedForms:
    """All workbooks of a form and a year, ready to be written."""

    form: Form
    year: int
    blueprints: tuple[Blueprint, ...]
    places: tuple[PreparedForm, ...]
    problems: tuple[Problem, ...] = ()


def prepare_forms(
    catalogue: Catalogue,
    data: Data,
    form: Form,
    year: int,
    *,
    places: Collection[str] = (),
    answers: Mapping[str, Answers] | None = None,
    comments: Mapping[str, Mapping[Key, str]] | None = None,
    before: Data | None = None,
) -> PreparedForms:
    """The workbooks of every place that fills the form and is open that year, by id.

    `places`: only these. `answers` (place → cell → what stands in it) are put into the cells, where
    otherwise nothing stands; `comments` beside them. What `data` hold of the form's own cells is
    not shown: they are asked. `before`: what last year's values are taken from, where not from them.
    """
    answers, comments = answers or {}, comments or {}
    layout = lay_out_form(catalogue, form, year)
    known_catalogue, known_layout = _with_checks(catalogue, layout)
    live = LiveFormulas(known_catalogue, known_layout)
    conditions = _ClosedCells(catalogue, layout, data)
    filled_data = with_answers(catalogue, data, layout, answers)
    terms = [*live.outside(), *conditions.wanted, *address_terms(catalogue, form, year)]
    places_to_fill = {
        name: place
        for name, place in find_form_places(known_catalogue, filled_data, form.fills, terms).items()
        if conditions.is_open(place, year)
        and (name in answers or is_addressed(catalogue, form, place, year))
        and (not places or name in places)
    }
    templates = {name: live.templates(place) for name, place in places_to_fill.items()}
    parts = frozenset(key for keys in templates.values() for key in keys if is_part(key))
    values = values_to_show(known_catalogue, filled_data, live, places_to_fill, parts)
    previous = last_values(catalogue, before or data, layout)
    has_previous = any(previous.get(name) for name in places_to_fill)
    patterns: dict[frozenset[Key], int] = {}
    blueprints: list[Blueprint] = []
    prepared = []
    for name, place in places_to_fill.items():
        closed = frozenset(conditions.closed(place))
        if closed not in patterns:
            patterns[closed] = len(patterns)
            blueprints.append(
                draw_blueprint(
                    catalogue, layout, closed, known_before=has_previous, notice=data.notice
                )
            )
        place_answers = answers.get(name, {})
        sheet = PlaceSheet(
            stamp=Stamp(catalogue.id, catalogue.version, form.id, name, year).text(),
            title=data.title(form.fills, name),
            formulas=templates[name],
            parts=live.parts.cells(filter(is_part, templates[name])),
            numbers=live.numbers(place),
            values=values.get(name, {}),
            previous=previous.get(name, {}),
            answers={key: raw for key, raw in place_answers.items() if key not in closed},
            comments=comments.get(name, {}),
        )
        prepared.append(PreparedForm(name, patterns[closed], sheet))
    problems = (*live.problems(), *_find_late_columns(catalogue, layout))
    return PreparedForms(form, year, tuple(blueprints), tuple(prepared), problems)


def _find_late_columns(catalogue: Catalogue, layout: Layout) -> Iterator[Problem]:
    """The columns of years after the catalogue's last, whose answers would not count."""
    last = max(catalogue.years, default=None)
    for column in layout.columns:
        if last is None or column.year <= last:
            continue
        words = column_words(column.year, column.scenario, layout.form.period)
        message = _(
            "the column “{column}” is after the last year of the catalogue: nothing is asked in it"
        )
        hint = _("if it is due, add {year} to the years of the catalogue and draw the form anew")
        position = layout.form.position
        yield Problem(
            "form-years",
            message.format(column=words),
            position,
            hint.format(year=column.year),
            severity="warning",
        )


def _with_checks(catalogue: Catalogue, layout: Layout) -> tuple[Catalogue, Layout]:
    """The catalogue and the layout with conditions of the catalogue as if they were shown.

    They are those of its checks, and those under which cells are asked.

    So what computes indicators, live and in the engine, computes them, too.
    """
    indicators: dict[str, Indicator] = {}
    lines: dict[str, SheetLine] = {}
    for check in own_checks(catalogue, layout):
        indicator = check_indicator(check)
        anchor = layout.of_input[anchor_of(catalogue, layout, check)]
        indicators[indicator.id] = indicator
        lines[indicator.id] = replace(anchor, input=None, indicator=indicator.id)
    for name, line in layout.of_input.items():
        if catalogue.inputs[name].asked_if:
            indicator = asking_indicator(catalogue.inputs[name])
            indicators[indicator.id] = indicator
            lines[indicator.id] = replace(line, input=None, indicator=indicator.id)
    return (
        replace(
            catalogue,
            indicators={**catalogue.indicators, **indicators},
            symbols={**catalogue.symbols, **indicators},
            checks={},
        ),
        replace(layout, of_indicator={**layout.of_indicator, **lines}),
    )


_NOTHING = KnownValue()


class _ClosedCells:
    """Which cells of a form do not apply at a place: by the register and by the years."""

    def __init__(self, catalogue: Catalogue, layout: Layout, data: Data) -> None:
        self.layout = layout
        self.catalogue = catalogue
        self.keys = list(_keys(layout))
        self.known_years = frozenset(data.years)
        self.last = max(catalogue.years, default=None)
        years = {self._year(key[1]) for key in self.keys} | {layout.year}
        self.open = {year: open_outside(catalogue, year) for year in years}
        self.conditions: dict[Key, list[OutsideTerm]] = {}
        for key in self.keys:
            self.conditions[key] = [
                part_outside(
                    make_scope(catalogue, formula.tree, "skip"),
                    formula.tree,
                    self._year(key[1]),
                    "fact",
                )
                for formula in catalogue.inputs[key[0]].applies_to
            ]

    def _year(self, year: int) -> int:
        """The year by whose register a cell is asked: its own, where the register knows it."""
        return year if year in self.known_years else self.layout.year

    @property
    def wanted(self) -> Iterator[OutsideTerm]:
        """What has to be known of every place."""
        yield from self.open.values()
        for terms in self.conditions.values():
            yield from terms

    def is_open(self, place: FormPlace, year: int) -> bool:
        """Whether the place is there in a year."""
        return bool(place.values.get(self.open[year], _NOTHING).value)

    def closed(self, place: FormPlace) -> Iterator[Key]:
        """The cells that are not asked."""
        closed: set[Key] = set()
        for key in self.keys:
            asked_input = self.catalogue.inputs[key[0]]
            in_years = (asked_input.since or key[1]) <= key[1] <= (asked_input.until or key[1])
            in_years &= self.last is None or key[1] <= self.last
            applies = all(
                place.values.get(term, _NOTHING).value is not False for term in self.conditions[key]
            )
            # A yes that cannot be said asks for nothing; it stands above what it asks for.
            outer = (
                (name, *key[1:]) in closed
                for name in (asked_input.asked_when, asked_input.whole)
                if name
            )
            behind = [
                (name, *key[1:]) in closed
                for formula in asked_input.asked_if
                for name in inputs_behind(self.catalogue, [use.id for use in formula.names()])
            ]
            is_open = self.is_open(place, self._year(key[1]))
            if any(outer) or (behind and all(behind)) or not (in_years and applies and is_open):
                closed.add(key)
                yield key


def _keys(layout: Layout) -> Iterator[Key]:
    for line in layout.input_lines:
        for column in layout.columns:
            yield line.input or "", column.year + line.shift, column.scenario
