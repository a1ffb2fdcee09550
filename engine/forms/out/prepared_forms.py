"""From data to what each workbook of a form shows: blueprints, and every place's own.

prepared = prepare_forms(catalogue, data, form, 2023)
for one in prepared.places:
    draw_form(stream, prepared.blueprints[one.pattern], one.sheet)
"""

from __future__ import annotations
from engine.data.model import Data

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from engine.catalogue.model import Catalogue, Form, Indicator
from engine.evaluation.plan.scopes import make_scope
from engine.forms.out.form_data import last_values, with_answers
from engine.forms.out.blueprint import Blueprint, PlaceSheet
from engine.forms.out.checks import anchor_of, check_indicator, own_checks
from engine.forms.out.outside import FormPlace, Known, Outside, know_places, open_outside, part_outside
from engine.forms.layout import Layout, SheetLine, lay_out_form
from engine.forms.out.live import Live, values_to_show
from engine.forms.out.sheet import draw_blueprint
from engine.forms.stamp import Stamp
from engine.forms.out.checks import Answers, Key
from engine.problems import Problem



@dataclass(frozen=True, slots=True)
class Prepared:
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
    places: tuple[Prepared, ...]
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
    live = Live(known_catalogue, known_layout)
    conditions = _Conditions(catalogue, layout, data)
    standing = with_answers(catalogue, data, layout, answers)
    wanted = [*live.outside(), *conditions.wanted]
    known = {
        name: place
        for name, place in know_places(known_catalogue, standing, form.fills, wanted).items()
        if conditions.is_open(place, year) and (not places or name in places)
    }
    values = values_to_show(known_catalogue, standing, live)
    was = last_values(catalogue, before or data, layout)
    shown_before = any(was.get(name) for name in known)
    patterns: dict[frozenset[Key], int] = {}
    blueprints: list[Blueprint] = []
    prepared = []
    for name, place in known.items():
        closed = frozenset(conditions.closed(place))
        if closed not in patterns:
            patterns[closed] = len(patterns)
            blueprints.append(
                draw_blueprint(
                    catalogue, layout, closed, known_before=shown_before, notice=data.notice
                )
            )
        own = answers.get(name, {})
        sheet = PlaceSheet(
            stamp=Stamp(catalogue.id, catalogue.version, form.id, name, year).text(),
            title=data.title(form.fills, name),
            formulas={
                (one, asked, scenario): live.template(
                    known_catalogue.indicators[one], asked, scenario, place
                )
                for one, asked, scenario in live.shown()
            },
            numbers=live.numbers(place),
            values=values.get(name, {}),
            was=was.get(name, {}),
            answers={key: raw for key, raw in own.items() if key not in closed},
            comments=comments.get(name, {}),
        )
        prepared.append(Prepared(name, patterns[closed], sheet))
    return PreparedForms(form, year, tuple(blueprints), tuple(prepared), tuple(live.problems()))


def _with_checks(catalogue: Catalogue, layout: Layout) -> tuple[Catalogue, Layout]:
    """The catalogue and the layout with the conditions of the catalogue as if they were shown.

    So what computes indicators, live and in the engine, computes them, too.
    """
    indicators: dict[str, Indicator] = {}
    lines: dict[str, SheetLine] = {}
    for check in own_checks(catalogue, layout):
        one = check_indicator(check)
        anchor = layout.of_input[anchor_of(catalogue, layout, check)]
        indicators[one.id] = one
        lines[one.id] = replace(anchor, input=None, indicator=one.id)
    return (
        replace(
            catalogue,
            indicators={**catalogue.indicators, **indicators},
            symbols={**catalogue.symbols, **indicators},
            checks={},
        ),
        replace(layout, of_indicator={**layout.of_indicator, **lines}),
    )


_NOTHING = Known()


class _Conditions:
    """Which cells of a form do not apply at a place: by the register and by the years."""

    def __init__(self, catalogue: Catalogue, layout: Layout, data: Data) -> None:
        self.layout = layout
        self.catalogue = catalogue
        self.keys = list(_keys(layout))
        self.known_years = frozenset(data.years)
        years = {self._year(key[1]) for key in self.keys} | {layout.year}
        self.open = {one: open_outside(catalogue, one) for one in years}
        self.asked: dict[Key, list[Outside]] = {}
        for key in self.keys:
            self.asked[key] = [
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
    def wanted(self) -> Iterator[Outside]:
        """What has to be known of every place."""
        yield from self.open.values()
        for several in self.asked.values():
            yield from several

    def is_open(self, place: FormPlace, year: int) -> bool:
        """Whether the place is there in a year."""
        return bool(place.known.get(self.open[year], _NOTHING).value)

    def closed(self, place: FormPlace) -> Iterator[Key]:
        """The cells that are not asked."""
        found: set[Key] = set()
        for key in self.keys:
            one = self.catalogue.inputs[key[0]]
            inside = (one.since or key[1]) <= key[1] <= (one.until or key[1])
            known = all(
                place.known.get(each, _NOTHING).value is not False for each in self.asked[key]
            )
            # A yes that cannot be said asks for nothing; it stands above what it asks for.
            outer = ((name, *key[1:]) in found for name in (one.asked_when, one.whole) if name)
            there = self.is_open(place, self._year(key[1]))
            if any(outer) or not (inside and known and there):
                found.add(key)
                yield key


def _keys(layout: Layout) -> Iterator[Key]:
    for line in layout.asked:
        for column in layout.columns:
            yield line.input or "", column.year + line.shift, column.scenario
