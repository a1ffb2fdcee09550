"""What a function over a set takes of each member, and how its number comes of that."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from fractions import Fraction
from math import ceil, floor, fsum
from typing import TYPE_CHECKING

from engine.catalogue.model import Band, Catalogue, Option
from engine.evaluation.explain.places import MOST_PLACES, keep_inside, read_cells
from engine.evaluation.explain.points import Point, PointQuery, PointReader, clean_number
from engine.evaluation.explain.proof import (
    ClassCount,
    OverSchools,
    ProofNumber,
    ProofPlace,
    ProofTerm,
    SchoolTerm,
)
from engine.evaluation.explain.proof_tables import list_classes, name_class
from engine.evaluation.plan.scales import read_class
from engine.evaluation.plan.scopes import Scope, inputs_of
from engine.evaluation.plan.sets import find_members, read_member
from engine.evaluation.plan.steps import PLACE
from engine.evaluation.plan.toward_targets import read_printed_value, read_value
from engine.language.functions import SetCall, read_set_call
from engine.language.grammar import dotted_name
from engine.language.readings.terms import NAMES, Reason
from engine.language.readings.words import PRODUCT, SUM, Phrase
from engine.level_words import SCHOOL, count_of
from engine.translation import gettext as _
from engine.translation import ngettext
from engine.units import format_number

if TYPE_CHECKING:
    import polars as pl

_LISTED = 12  # numbers of a sum that are written out
_NAMED = 3  # schools of one value that are named
_CONDITIONS = frozenset({"with", "share"})
_ORDERED = frozenset({"median", "min", "max", "percentile"})


def list_school_terms(
    reader: PointReader, query: PointQuery, scope: Scope, call: ast.Call
) -> OverSchools | None:
    """The members of a set in a place, or the peers of a rank; None where the call has none.

    A place of their own level is looked at alone. `query` is the one that the scope was made for.
    """
    point = query.point
    if dotted_name(call.func) == "rank":
        return _list_peers(reader, point, call)
    places = reader.catalogue.places
    over = read_set_call(call, places[0])
    if over is None or places.index(point.level) <= places.index(over.members):
        return None
    query = reader.query(point)
    scope = query.plan.scope(scope.tree, scope.missing)
    plan = query.plan
    terms = [read_member(plan, scope, over.members, tree, point.level) for tree in over.trees]
    why = plan.at_level(over.members).first_reason(terms, Reason.NOT_REPORTED)
    # A condition is no number yet: its columns hold yes and no.
    wanted = {"value": terms[0].value, "why": plan.settle(over.members, why())}
    if over.how == "weighted_mean":
        wanted["weight"] = terms[1].value
    owner = _find_owner(reader.catalogue, over)
    if owner:
        wanted["class"] = read_class(plan, scope, owner, over.members).value
    counts = find_members(plan, over.members, over.trees)
    if counts is not None:
        wanted["counts"] = counts
    rows = query.rows(over.members, wanted, ("over", scope.key, ast.dump(call), point.level))
    rows = rows.filter("counts") if counts is not None else rows
    rows = keep_inside(reader, rows, over.members, point)
    members = _read_rows(reader, over.members, rows, over.how)
    if not owner:
        return _sum_up(over, members, reader.catalogue.language)
    members = [
        member
        if member.value is None
        else replace(member, in_class=name_class(reader.catalogue, owner, code, point.year))
        for member, code in zip(members, rows["class"], strict=True)
    ]
    whole = _sum_up(over, members, reader.catalogue.language)
    in_classes = Counter(member.in_class for member in members)
    titles = list_classes(reader.catalogue, owner, point.year)
    classes = tuple(ClassCount(title, in_classes[title]) for title in titles)
    return replace(whole, classes=classes)


def _find_owner(catalogue: Catalogue, over: SetCall) -> str:
    """Of what a condition that is one class (`x.high`) asks the class; empty for any other."""
    name = dotted_name(over.trees[0]) if over.trees else ""
    symbol = catalogue.symbols.get(name)
    if isinstance(symbol, Band):
        return symbol.owner
    # Another option is that of a column of the register, which has no classes.
    if isinstance(symbol, Option) and symbol.owner in catalogue.inputs:
        return symbol.owner
    return ""


def list_member_cells(
    reader: PointReader, terms: Iterable[ProofTerm], scope: Scope, point: Point
) -> tuple[tuple[ProofPlace, ...], int]:
    """The members of the functions over the lowest level with the cells of all inputs they depend on.

    Also how many more there are than are listed.
    """
    catalogue, lowest = reader.catalogue, reader.catalogue.levels[0]
    sets = [term.schools for term in terms if term.schools and term.schools.level == lowest]
    members = {member.place: member for over in sets for member in over.schools}
    read = inputs_of(catalogue, scope.tree)
    own = [each for name, each in catalogue.inputs.items() if name in read and each.level == lowest]
    cells = read_cells(reader, lowest, point, tuple(members), own)
    places = tuple(
        ProofPlace(
            place=member.place,
            title=member.title,
            expected=member.reason != NAMES[Reason.NOT_APPLICABLE],
            reported=member.value is not None,
            entered=member.value is not None,
            lacking=(),
            cells=cells[member.place],
        )
        for member in members.values()
    )
    return places, max((over.more_schools for over in sets), default=0)


def _list_peers(reader: PointReader, point: Point, call: ast.Call) -> OverSchools | None:
    """The peers of a place with what they are ranked by, the best first."""
    name, top = (dotted_name(argument) for argument in call.args)
    above = reader.place_above(point, top)
    if above is None or above.level == point.level:
        return None
    query = reader.query(point)
    plan, indicator = query.plan, reader.catalogue.indicators[name]
    printed, scale = read_printed_value(plan, indicator, point.level), 10.0**indicator.decimals
    value = plan.at_level(point.level).expr(lambda units: units / scale, printed)
    wanted = {"value": value, "why": read_value(plan, indicator, point.level).why()}
    rows = query.rows(point.level, wanted, ("peers", name, point.level))
    peers = _read_rows(reader, point.level, keep_inside(reader, rows, point.level, above), "rank")
    over = SetCall("rank", point.level, ())
    known = [peer for peer in peers if peer.value is not None]
    known.sort(key=lambda peer: peer.value or 0, reverse=indicator.better == "more")
    order = [*known, *(peer for peer in peers if peer.value is None)]
    return _sum_up(over, order, reader.catalogue.language, ranked=point.place)


def _read_rows(reader: PointReader, level: str, rows: pl.DataFrame, how: str) -> list[SchoolTerm]:
    """What each member has; one that lacks its value or its weight has a reason and no value."""
    terms = []
    for row in rows.iter_rows(named=True):
        known = row["value"] is not None and row.get("weight", 0) is not None
        weight = clean_number(row["weight"], noisy=True) if "weight" in row else None
        terms.append(
            SchoolTerm(
                place=row[PLACE],
                title=reader.data.title(level, row[PLACE]),
                value=_read_value(row["value"], how) if known else None,
                weight=weight,
                reason=None if known else NAMES.get(row["why"] or 0),
            )
        )
    return terms


def _read_value(value: float | bool | None, how: str) -> ProofNumber:
    if value is not None and how in _CONDITIONS:
        return bool(value)
    number: ProofNumber = clean_number(value, noisy=True)
    return number


def _sum_up(
    call: SetCall, schools: Sequence[SchoolTerm], language: str, ranked: str = ""
) -> OverSchools:
    """The schools in their order, those left out last; what they come to; that in words.

    `ranked` is the place whose rank it is.
    """
    how = call.how
    known = [school for school in schools if school.value is not None]
    if how in _ORDERED:
        known.sort(key=lambda school: school.value or 0)
    values = [float(school.value or 0) for school in known]
    weights = [float(school.weight or 0) for school in known]
    weighted = how == "weighted_mean"
    products = [value * weight for value, weight in zip(values, weights, strict=True)]
    listed = [*known, *(school for school in schools if school.value is None)]
    middle = _find_middle(call, known)
    if ranked:
        middle = [school for school in known if school.place == ranked]
    over = OverSchools(
        how=how,
        words="",
        count=len(known),
        total=clean_number(fsum(products if weighted else values), noisy=True),
        weight=clean_number(fsum(weights), noisy=True) if weighted else None,
        middle=tuple(middle),
        schools=tuple(listed[:MOST_PLACES]),
        more_schools=max(0, len(listed) - MOST_PLACES),
        level=call.members,
    )
    shown = bool(known) and (not ranked or bool(middle))
    return replace(over, words=_describe(over, call, known, language) if shown else "")


def _find_middle(call: SetCall, known: Sequence[SchoolTerm]) -> Sequence[SchoolTerm]:
    """The one or two schools in the middle; those with the least or the greatest value."""
    how = call.how
    if how == "percentile" and known:
        place = (len(known) - 1) * Fraction(str(call.percent)) / 100
        return known[floor(place) : ceil(place) + 1]
    if how == "median":
        return known[(len(known) - 1) // 2 : len(known) // 2 + 1]
    if how in {"min", "max"} and known:
        extreme = known[0 if how == "min" else -1].value
        return [school for school in known if school.value == extreme]
    return ()


# --- in words and in numbers ----------------------------------------------------------------------


def _describe(over: OverSchools, call: SetCall, known: Sequence[SchoolTerm], language: str) -> str:
    """How the number comes of the schools: `4 из 6 школ`, `Σ(x × вес) / Σ вес = 1 234 / 15`."""
    count, numbers = over.count, put_schools(over, language)
    named = ", ".join(
        f"{school.title} — {format_number(school.value or 0, None, language)}"
        for school in over.middle[:_NAMED]
    )
    if len(over.middle) > _NAMED:
        named += _(" and {count} more").format(count=len(over.middle) - _NAMED)
    place = (count + 1) // 2
    if over.how == "rank":
        first = next(school for school in known if school.value == over.middle[0].value)
        place = 1 + known.index(first)
    of_schools = over.level == SCHOOL
    patterns = {
        "with": count_of(over.level, count),
        "share": count_of(over.level, count),
        "sum": ngettext("sum over {count} school", "sum over {count} schools", count)
        if of_schools
        else ngettext("sum of {count} value", "sum of {count} values", count),
        "mean": _("Σ x / number of schools = {numbers}")
        if of_schools
        else _("Σ x / number of places = {numbers}"),
        "percentile": _("percentile {percent} of {count}: {named}"),
        "rank": _("place {place} of {count}"),
        "weighted_mean": _("Σ(x × weight) / Σ weight = {numbers}"),
        "median": _("in the middle of {count}, number {place}: {named}")
        if count % 2
        else _("in the middle of {count}, numbers {place} and {next}: {named}"),
        "min": _("least of {count}: {named}"),
        "max": _("greatest of {count}: {named}"),
    }
    return patterns[over.how].format(
        some=format_number(over.total or 0, 0, language),
        count=count,
        numbers=numbers.text if numbers else "",
        place=place,
        next=place + 1,
        named=named,
        percent=format_number(call.percent, None, language),
    )


def put_schools(over: OverSchools, language: str) -> Phrase | None:
    """The number written out by sums and counts; None where it is one of the schools' or a count."""

    def show(value: ProofNumber) -> str:
        return format_number(value or 0, None, language)

    if over.how == "mean":
        return Phrase(f"{show(over.total)} / {over.count}", PRODUCT)
    if over.how == "weighted_mean":
        return Phrase(f"{show(over.total)} / {show(over.weight)}", PRODUCT)
    if over.how == "share":
        return Phrase(f"100 × {show(over.total)} / {over.count}", PRODUCT)
    if over.how == "median" and over.count % 2 == 0:
        low, high = over.middle
        return Phrase(f"({show(low.value)} + {show(high.value)}) / 2", PRODUCT)
    if over.how == "sum" and 1 < over.count <= _LISTED:
        known = over.schools[: over.count]
        return Phrase(" + ".join(show(school.value) for school in known), SUM)
    return None
