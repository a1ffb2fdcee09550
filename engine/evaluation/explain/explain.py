"""Explaining a number: its formula in words and in numbers, who is in it, and the cells.

the row of the results ─▶ the formula of its year ─▶ a step: terms, schools, cells
                                                      └─▶ a step for each part read elsewhere
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from engine.catalogue.lookups import (
    find_origin,
    scaled_by,
    short_of_row,
    show_formula_words,
    show_words,
)
from engine.catalogue.model import Band, Catalogue, Indicator, Missing
from engine.data.model import Data
from engine.evaluation.asking import ALL_COLUMNS, SHORTFALL, Asking, Results
from engine.evaluation.evaluate import compute_results
from engine.evaluation.explain.named_terms import list_terms, put_numbers
from engine.evaluation.explain.places import find_formula, find_place, is_counted, list_places
from engine.evaluation.explain.points import Point, PointQuery, PointReader
from engine.evaluation.explain.proof import Proof, ProofPlace, ProofStep
from engine.evaluation.explain.proof_grades import GradeQuery, ask_grade
from engine.evaluation.explain.proof_scores import ask_score
from engine.evaluation.explain.proof_tables import name_class
from engine.evaluation.explain.school_pairs import find_pair_scope, list_compared, list_side_schools
from engine.evaluation.explain.school_terms import list_member_cells
from engine.evaluation.json_rows import list_objects
from engine.evaluation.plan.coverage import cover_scope
from engine.evaluation.plan.same_schools import compare_same_schools
from engine.evaluation.plan.scopes import Pairing, Scope, Side
from engine.language.functions import read_set_call
from engine.language.grammar import SCORE, dotted_name, parts_of
from engine.language.readings.terms import NAMES, Reason
from engine.problems import Problem
from engine.translation import gettext as _
from engine.version import ENGINE_VERSION

DEEPEST = 8
"""How many proofs stand inside each other; what lies deeper is proved by asking for it."""


@dataclass(frozen=True, slots=True)
class _Task:
    """What a step is to prove."""

    title: str
    short_title: str
    tree: ast.expr
    text: str
    missing: Missing
    point: Point
    indicator: Indicator | None = None


def explain(
    catalogue: Catalogue,
    data: Data,
    indicator: str,
    *,
    year: int,
    place: str | None = None,
    level: str | None = None,
    scenario: str = "fact",
) -> tuple[Proof | None, tuple[Problem, ...]]:
    """The proof of one number, or the problem that there is no such number.

    Without a place it is the only one of the highest level; a place is looked for from the
    highest level down, unless its level is said.
    """
    where, problems = find_place(catalogue, data, indicator, year=year, place=place, level=level)
    if where is None:
        return None, problems
    level, place = where
    columns = (*ALL_COLUMNS, SHORTFALL)
    asking = Asking((year,), (level,), (place,), (indicator,), scenario, columns=columns)
    results = compute_results(catalogue, data, asking)
    if results.frame.is_empty():
        return None, (_no_row(indicator, place, year),)
    row = results.rows[indicator]
    point = Point(level, place, year, scenario)
    step = prove_step(PointReader(catalogue, data), row, point)
    return _finish(catalogue, data, results, row, step), results.problems


def prove_step(reader: PointReader, row: Indicator, point: Point) -> ProofStep:
    """How the number of an indicator (or of an input, see `input_rows`) at a point was made."""
    return _prove_indicator(reader, row, point, DEEPEST)


def _no_row(indicator: str, place: str, year: int) -> Problem:
    return Problem(
        "no-row",
        _("the results have no row of “{indicator}” for {place} in {year}").format(
            indicator=indicator, place=place, year=year
        ),
        hint=_("look at the year, the place and the level: evaluate shows the rows there are"),
    )


def _finish(
    catalogue: Catalogue, data: Data, results: Results, row: Indicator, step: ProofStep
) -> Proof:
    group = catalogue.groups.get(row.group)
    position = row.position
    event = catalogue.events.get(row.event or "")
    definition: dict[str, Any] = {
        "id": row.id,
        "code": row.code or None,
        "title": row.title,
        "short_title": row.short_title,
        "unit": row.unit.id if row.unit else None,
        "decimals": row.decimals,
        "group": group.full_heading if group else None,
        "event": event.title if event else None,
        "document": catalogue.source.title or None,
        "number": catalogue.source.number or None,
        "date": catalogue.source.date or None,
        "clause": row.source.clause or None,
        "interpretation": row.interpretation or None,
        "missing": row.missing,
        "declared": str(position) if position else None,
    }
    origin = find_origin(catalogue, row)
    if origin is not None:
        definition["library"] = {
            "id": origin.library.id,
            "title": origin.library.title,
            "version": origin.library.version,
            "name": origin.name,
            "file": origin.file,
        }
    first = next(list_objects(catalogue, results, results.frame))
    versions = (catalogue.version, data.hash, ENGINE_VERSION)
    shortfall = results.frame[SHORTFALL].item() if SHORTFALL in results.frame.columns else None
    return Proof(first, definition, step, *versions, shortfall)


# --- steps ----------------------------------------------------------------------------------------


def _prove_indicator(reader: PointReader, row: Indicator, point: Point, depth: int) -> ProofStep:
    formula = find_formula(row, point.year)
    point = _narrow(point, row)
    if not is_counted(row, point.year):
        return _nothing(reader, row, point, Reason.NOT_APPLICABLE)
    if formula is None:
        return _nothing(reader, row, point, Reason.BEFORE_FORMULA)
    short = short_of_row(reader.catalogue, row)
    task = _Task(row.title, short, formula.tree, formula.text, row.missing, point, row)
    return _prove(reader, task, depth)


def _nothing(reader: PointReader, row: Indicator, point: Point, reason: Reason) -> ProofStep:
    """The step of a year before the first formula, or in which the indicator is not counted."""
    return ProofStep(
        title=row.title,
        short_title=short_of_row(reader.catalogue, row),
        indicator=row.id,
        level=point.level,
        place=point.place,
        place_title=reader.data.title(point.level, point.place),
        year=point.year,
        scenario=point.scenario,
        formula="",
        words="",
        numbers="",
        value=None,
        unit=row.unit.id if row.unit else None,
        reason=NAMES[reason],
        reported=None,
        expected=None,
        terms=(),
        places_level=reader.catalogue.levels[0],
        places=(),
        more_places=0,
        steps=(),
    )


def _prove(reader: PointReader, task: _Task, depth: int) -> ProofStep:
    point = task.point
    query = reader.query(point)
    plan, level = query.plan, point.level
    make = plan.scope if task.indicator is None else plan.whole_scope
    scope = plan.scope_at(make(task.tree, task.missing), level)
    task = replace(task, tree=scope.tree)
    read, names = scope, query
    if task.indicator is not None and task.indicator.same_schools:
        read = find_pair_scope(reader, query, task.indicator, task.tree)
        if read.pairing is not None:  # what is compared is of its own schools
            names = replace(query, plan=plan.within(read.pairing.x.where))
        columns = compare_same_schools(plan, task.indicator, task.tree, level)
        term, coverage = columns.term, columns.coverage
    else:
        term, coverage = plan.term(scope, level), cover_scope(plan, scope, level)
    if task.indicator is not None:
        term, coverage = plan.leave_outside(level, term), plan.cover_inside(level, coverage)
    query.want("value", term.value, exact=term.exact)
    query.want("why", term.why())
    query.want("reported", coverage.reported)
    query.want("expected", coverage.expected)
    # A text is no number: what it is stands in the row, and where it is from in the cells.
    is_text = task.indicator is not None and task.indicator.type == "text"
    score = ask_score(query, scope, level)
    queries = [] if is_text or score else list_terms(reader, names, read, level)
    grade = _ask_grade(query, task, scope)
    values = query.values(("terms", read.key, is_text, grade and grade.name))
    terms = tuple(term.finish(values) for term in queries)
    is_class = task.indicator is not None and task.indicator.type == "class"
    value = None if is_text or is_class else values["value"]
    numbers = "" if is_text or is_class else put_numbers(reader.catalogue, task.tree, terms)
    proved = score.finish(values) if score else None
    text = ""
    if task.indicator is not None and is_class:
        text = name_class(reader.catalogue, task.indicator.id, values["value"], point.year)
    places, more = _list_places(reader, scope, point)
    if _leave_to_members(reader, task, scope):
        places, more = list_member_cells(reader, terms, scope, point)
    compared, steps = None, _prove_parts(reader, task, scope, depth)
    if read.pairing is not None:  # who gave its number in this year alone is in neither
        compared = list_compared(reader, read.pairing, point)
        same = [school.place for school in compared if school.same]
        places = _leave_members(places, same)
        if depth:
            steps = _prove_sides(reader, task, scope, read.pairing, depth)
    origin, shown = point.origin, task.indicator
    if point.compared is not None:
        # Which schools these are stands in the step of the change: all of them entered.
        values |= {"reported": None, "expected": None}
        terms = tuple(replace(each, reported=None, expected=None) for each in terms)
        shown = replace(point.compared[0].x, same_schools=True)
    return ProofStep(
        title=task.title,
        short_title=task.short_title,
        indicator=task.indicator.id if task.indicator else None,
        level=level,
        place=point.place,
        place_title=reader.data.title(level, point.place),
        year=origin.year,
        scenario=origin.scenario,
        formula=task.text,
        words=show_formula_words(reader.catalogue, shown, task.tree, point.where),
        numbers=proved.numbers if proved else numbers,
        value=value,
        unit=task.indicator.unit.id if task.indicator and task.indicator.unit else None,
        reason=None if value is not None or text else NAMES.get(values["why"] or 0),
        reported=values["reported"],
        expected=values["expected"],
        terms=terms,
        places_level=scope.base,
        places=places,
        more_places=more,
        steps=tuple(steps),
        compared=compared,
        grade=grade.finish(values) if grade else None,
        score=proved,
        text=text,
    )


def _leave_members(
    places: Iterable[ProofPlace], members: Collection[str]
) -> tuple[ProofPlace, ...]:
    """The places, of which no others than these have entered."""
    return tuple(
        replace(place, entered=place.entered and place.place in members) for place in places
    )


def _list_places(
    reader: PointReader, scope: Scope, point: Point
) -> tuple[tuple[ProofPlace, ...], int]:
    """The places that gave a scope's own inputs in the year that is read."""
    if point.compared is None:
        return list_places(reader, scope, point)
    members = list_side_schools(reader, point, scope)
    places, more = list_places(reader, scope, point.origin, members)
    return _leave_members(places, members), more


def _prove_sides(
    reader: PointReader, task: _Task, scope: Scope, pairing: Pairing, depth: int
) -> Iterator[ProofStep]:
    """A step for each side of a change over the same schools, read over these schools alone.

    Of an input the year of the row stands in the step of the change itself.
    """
    sides: tuple[Side, ...] = ("now", "before") if scope.named else ("before",)
    point = _narrow(task.point, pairing.x)
    for side in sides:
        yield _prove_side(reader, replace(point, compared=(pairing, side)), pairing.x, depth - 1)


def _prove_side(reader: PointReader, point: Point, x: Indicator, depth: int) -> ProofStep:
    """What is compared, in the year of a side."""
    catalogue, origin = reader.catalogue, point.origin
    formula = find_formula(x, origin.year)
    if not is_counted(x, origin.year):
        return _nothing(reader, x, origin, Reason.NOT_APPLICABLE)
    if formula is None:
        return _nothing(reader, x, origin, Reason.BEFORE_FORMULA)
    row = catalogue.indicators.get(x.id)
    is_input = row is None or row.input is not None
    words = show_words(catalogue, formula.tree)
    title, short = (words, words) if is_input else (x.title, short_of_row(catalogue, x))
    task = _Task(title, short, formula.tree, formula.text, x.missing, point)
    step = _prove(reader, task, depth)
    if is_input:
        return step
    return replace(step, indicator=x.id, unit=x.unit.id if x.unit else None)


def _narrow(point: Point, row: Indicator) -> Point:
    """The point among the schools that meet the conditions of an indicator too."""
    known = {condition.text for condition in point.where}
    added = (condition for condition in row.where if condition.text not in known)
    return replace(point, where=(*point.where, *added))


def _ask_grade(query: PointQuery, task: _Task, scope: Scope) -> GradeQuery | None:
    """The class and the points of the indicator itself, where it has any."""
    row = task.indicator
    if row is None:
        return None
    level = task.point.level
    if scaled_by(query.plan.catalogue, row.id) is not None:
        term = query.plan.indicator(row, level).term
        return ask_grade(query, scope, "grade", row.id, term=term)
    answer = query.plan.catalogue.inputs.get(row.input or "")
    if answer is None or not answer.points:
        return None
    return ask_grade(query, scope, "grade", answer.id)


def _prove_parts(reader: PointReader, task: _Task, scope: Scope, depth: int) -> Iterable[ProofStep]:
    """A step for each indicator that is named, and for what is read elsewhere."""
    if depth == 0:
        return
    point, catalogue = task.point, reader.catalogue
    left = _leave_to_members(reader, task, scope)
    for name in scope.named:
        if name in left:
            continue
        row = catalogue.indicators[name]
        yield _prove_indicator(reader, row, point, depth - 1)
    seen: set[tuple[str, str]] = set()
    for part in scope.separate:
        where = _where(reader, part.function, part.call, part.tree, scope, point)
        key = (str(where), ast.dump(part.tree))
        if where is None or key in seen:
            continue
        seen.add(key)
        name = dotted_name(part.tree)
        named = catalogue.indicators.get(name)
        if named is not None and named.input is None:
            yield _prove_indicator(reader, named, where, depth - 1)
            continue
        text = ast.unparse(part.tree)
        title = show_words(catalogue, part.tree)
        inner = _Task(title, title, part.tree, text, task.missing, where)
        yield _prove(reader, inner, depth - 1)


def _leave_to_members(reader: PointReader, task: _Task, scope: Scope) -> frozenset[str]:
    """The named indicators that say nothing at the point itself: only its members have what is read.

    Those of whose classes it is a distribution, and those that a function over lower places reads and
    that have no row at the level of the point.
    """
    catalogue, level = reader.catalogue, task.point.level
    if level == catalogue.levels[0]:
        return frozenset()
    if task.indicator is not None and task.indicator.distribution:
        return frozenset(scope.named)
    outside = {
        symbol.owner if isinstance(symbol := catalogue.symbols.get(name), Band) else name
        for name in _list_outside_sets(task.tree, catalogue.levels[0])
    }
    return frozenset(
        name
        for name in scope.named
        if name not in outside and level not in (catalogue.indicators[name].levels or (level,))
    )


def _list_outside_sets(tree: ast.AST, lowest: str) -> Iterator[str]:
    """The names that a tree reads where no function over a set stands around them."""
    if isinstance(tree, ast.Name | ast.Attribute):
        yield dotted_name(tree)
    elif not isinstance(tree, ast.Call) or read_set_call(tree, lowest) is None:
        for part in parts_of(tree):
            yield from _list_outside_sets(part, lowest)


def _where(  # noqa: PLR0917 - a part and where it stands
    reader: PointReader,
    function: str,
    call: ast.Call,
    tree: ast.expr,
    scope: Scope,
    point: Point,
) -> Point | None:
    """Where a part was read: None where there is no such place or year."""
    if function in {"coalesce", "rank", SCORE}:
        return point
    over = read_set_call(call, reader.catalogue.levels[0])
    if over is not None:
        # At a place among the members; above, the members stand under the call itself.
        return point if point.level == over.members else None
    if function == "at":
        return reader.place_above(point, dotted_name(call.args[0]))
    return reader.year_before(point, tree, scope.missing)
