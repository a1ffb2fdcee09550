"""What the formulas of a form have to know from outside it: asked of the data once, for all places.

A formula is read at the place that fills the form in. What stands in its cells is read there; last
year's cells that the form does not show, what is given above, the register and what other places
say are known before the form is sent out.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import groupby

from engine.catalogue.model import Catalogue, Form, Indicator, Input, Scenario
from engine.data.model import Data
from engine.evaluation.explain.points import Point, PointQuery, PointReader
from engine.evaluation.plan.entering import enough
from engine.evaluation.plan.inputs import read_unreadable
from engine.evaluation.plan.same_schools import count_joined
from engine.evaluation.plan.scopes import Scope, make_scope
from engine.evaluation.plan.steps import PLACE
from engine.evaluation.plan.targets import name_comparators
from engine.language.grammar import tree_key
from engine.language.readings.columns import ColumnsReading

OutsideValue = float | bool | str | None


@dataclass(frozen=True, slots=True)
class OutsideTerm:
    """A part of a formula whose value is known when the form is drawn.

    It is one of: `node`, read at the schools of `scope`; the whole scope, where `node` is None; the
    cell of the input `cell`; with `enough`, whether as many schools enter the scope as it needs; by
    which comparator the target of the indicator `judged` is compared; or, with `joined`, whether
    schools of the year before in that scenario have come to this one since.
    `register`: it depends on the register alone; for a year without data that of the nearest year
    is read. Terms are equal where `key`, year and scenario are.
    """

    year: int
    scenario: Scenario
    key: str
    scope: Scope = field(compare=False)
    node: ast.expr | None = field(default=None, compare=False)
    cell: Input | None = field(default=None, compare=False)
    register: bool = field(default=False, compare=False)
    enough: bool = field(default=False, compare=False)
    judged: Indicator | None = field(default=None, compare=False)
    joined: Scenario | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class KnownValue:
    """The value at one place; `unreadable`: its cell holds something that cannot be read."""

    value: OutsideValue = None
    applies: bool = True
    unreadable: bool = False


@dataclass(frozen=True, slots=True)
class FormPlace:
    """A place that fills the form in, and what is known of it beforehand."""

    id: str
    level: str
    values: Mapping[OutsideTerm, KnownValue] = field(default_factory=dict)


def part_outside(scope: Scope, node: ast.expr | None, year: int, scenario: Scenario) -> OutsideTerm:
    """A part of a formula, or a whole formula."""
    key = scope.key if node is None else f"{scope.key}|{tree_key(node)}"
    return OutsideTerm(year, scenario, key, scope, node)


def cell_outside(catalogue: Catalogue, input_: Input, year: int, scenario: Scenario) -> OutsideTerm:
    """A cell that does not stand in the form."""
    tree = ast.parse(input_.id, mode="eval").body
    return OutsideTerm(
        year, scenario, f"cell:{input_.id}", make_scope(catalogue, tree, "skip"), tree, input_
    )


def enough_outside(scope: Scope, year: int, scenario: Scenario) -> OutsideTerm:
    """Whether as many enter a scope as it needs to have a value."""
    return OutsideTerm(year, scenario, f"enough:{scope.key}", scope, enough=True)


def comparator_outside(
    catalogue: Catalogue, indicator: Indicator, year: int, scenario: Scenario
) -> OutsideTerm:
    """The word of the comparator that the data give beside a target."""
    scope = make_scope(catalogue, ast.Constant(0), "skip")
    return OutsideTerm(year, scenario, f"comparator:{indicator.id}", scope, judged=indicator)


def joined_outside(
    catalogue: Catalogue, year: int, scenario: Scenario, before: Scenario
) -> OutsideTerm:
    """Whether others, open a year before, have come to a school since."""
    scope = make_scope(catalogue, ast.Constant(0), "skip")
    return OutsideTerm(year, scenario, f"joined:{before}", scope, joined=before)


def open_outside(catalogue: Catalogue, year: int) -> OutsideTerm:
    """Whether there was such a place in a year: 1, or no value."""
    scope = make_scope(catalogue, ast.Constant(1), "skip")
    return OutsideTerm(year, "fact", "open", scope, register=True)


def applies_outside(catalogue: Catalogue, tree: ast.expr, year: int) -> OutsideTerm:
    """Whether a condition over the register holds in a year."""
    scope = make_scope(catalogue, ast.Constant(0), "skip")
    return OutsideTerm(year, "fact", f"applies:{tree_key(tree)}", scope, tree, register=True)


def address_terms(catalogue: Catalogue, form: Form, year: int) -> tuple[OutsideTerm, ...]:
    """The conditions over the register on which a place gets the form of a year."""
    return tuple(applies_outside(catalogue, condition.tree, year) for condition in form.where)


def is_addressed(catalogue: Catalogue, form: Form, place: FormPlace, year: int) -> bool:
    """Whether a place meets them all; where it is not known, it gets no form."""
    terms = address_terms(catalogue, form, year)
    return all(place.values.get(term, KnownValue()).value is True for term in terms)


def find_unaddressed(catalogue: Catalogue, data: Data, form: Form, year: int) -> frozenset[str]:
    """The places of the level that fills a form, to which the form of a year does not go."""
    terms = address_terms(catalogue, form, year)
    places = find_form_places(catalogue, data, form.fills, terms) if terms else {}
    return frozenset(
        name for name, place in places.items() if not is_addressed(catalogue, form, place, year)
    )


def find_form_places(
    catalogue: Catalogue, data: Data, level: str, wanted: Iterable[OutsideTerm]
) -> dict[str, FormPlace]:
    """Every place of a level that is there in one of the years wanted, with what is known of it."""
    values_by_place: dict[str, dict[OutsideTerm, KnownValue]] = {}

    def moment(term: OutsideTerm) -> tuple[int, str]:
        if term.register and data.years and term.year not in data.years:
            return min(data.years, key=lambda year: abs(year - term.year)), term.scenario
        return term.year, term.scenario

    reader = PointReader(catalogue, data)
    for (year, scenario), group in groupby(sorted(set(wanted), key=moment), key=moment):
        terms = list(group)
        query = reader.query(Point(level, "", year, scenario))
        for number, term in enumerate(terms):
            _want(query, str(number), term, level)
        for row in query.rows(level, query.wanted).iter_rows(named=True):
            values = values_by_place.setdefault(row[PLACE], {})
            for number, term in enumerate(terms):
                values[term] = _read(row, str(number))
    return {
        place: FormPlace(place, level, values) for place, values in sorted(values_by_place.items())
    }


def _want(query: PointQuery, name: str, outside: OutsideTerm, level: str) -> None:
    plan = query.plan.within(outside.scope.where)
    if outside.enough:
        query.want(f"{name}:value", enough(plan, outside.scope, level))
        return
    if outside.judged is not None:
        query.want(f"{name}:value", name_comparators(plan, outside.judged, level))
        return
    if outside.joined is not None:
        number = count_joined(plan, outside.joined)
        query.want(f"{name}:value", plan.at_level(level).expr(lambda count: count > 0, number))
        return
    if outside.node is None:
        term = plan.term(outside.scope, level)
    else:
        term = ColumnsReading(plan, outside.scope, level).read(outside.node)
    query.want(f"{name}:value", term.value)
    if term.applies is not None:
        query.want(f"{name}:applies", term.applies)
    unreadable = None if outside.cell is None else read_unreadable(plan, outside.cell)
    if unreadable is not None:
        query.want(f"{name}:unreadable", unreadable)


def _read(row: Mapping[str, OutsideValue], name: str) -> KnownValue:
    value = row[f"{name}:value"]
    if isinstance(value, float) and value - value != 0:
        value = None  # past all numbers
    return KnownValue(
        value, row.get(f"{name}:applies") is not False, row.get(f"{name}:unreadable") is True
    )
