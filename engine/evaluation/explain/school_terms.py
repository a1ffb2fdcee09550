"""What a function over schools takes of each school, and how its number comes of that."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace
from math import fsum

import polars as pl

from engine.evaluation.explain.places import MOST_PLACES, keep_inside
from engine.evaluation.explain.points import Point, PointReader, clean_number
from engine.evaluation.explain.proof import Number, OverSchools, SchoolTerm
from engine.evaluation.plan.entering import entered, find_needed
from engine.evaluation.plan.scopes import Scope
from engine.evaluation.plan.steps import PLACE
from engine.language.functions import FUNCTIONS
from engine.language.grammar import dotted_name
from engine.language.readings.terms import NAMES, Reason
from engine.language.readings.words import PRODUCT, SUM, Phrase
from engine.translation import gettext as _
from engine.translation import ngettext
from engine.units import format_number

_LISTED = 12  # numbers of a sum that are written out
_NAMED = 3  # schools of one value that are named
_CONDITIONS = frozenset({"with", "share"})
_ORDERED = frozenset({"median", "min", "max"})


def find_how(node: ast.expr) -> str:
    """How a call takes schools together: "sum", "weighted_mean", "with"…; empty where it does not."""
    if not isinstance(node, ast.Call):
        return ""
    function = FUNCTIONS[dotted_name(node.func)]
    if not function.parameters or function.reads(0) != "at_schools":
        return ""
    return "with" if function.name == "schools_with" else function.name.removesuffix("_of_schools")


def list_school_terms(
    reader: PointReader, scope: Scope, point: Point, call: ast.Call
) -> OverSchools | None:
    """The schools of a place in a call over schools; None at a school, which is looked at alone."""
    lowest = reader.catalogue.levels[0]
    how = find_how(call)
    if not how or point.level == lowest:
        return None
    query = reader.query(point)
    plan = query.plan
    scope = plan.scope(scope.tree, scope.missing)
    if how == "weighted_mean":
        term = plan.weighted_mean(scope, lowest, *call.args)
        wanted = {"weight": plan.over_schools(scope, lowest, "sum", call.args[1]).value}
    else:
        term = plan.over_schools(scope, lowest, "with" if how == "share" else how, call.args[0])
        wanted = {}
    wanted |= {"value": term.value, "why": term.why()}
    out = find_needed(plan, scope, lowest, point.level) if scope.base == lowest else ()
    if out:
        wanted["enters"] = entered(plan, scope, point.level)
    rows = query.rows(lowest, wanted, ("over", scope.key, ast.dump(call), *out))
    inside = keep_inside(reader, rows, lowest, point)
    if out:
        # Seen from above, a school whose place lacks an input has not reported.
        out_of_it = pl.col("value").is_not_null() & ~pl.col("enters")
        inside = inside.with_columns(
            value=pl.when(pl.col("enters")).then("value"),
            why=pl.when(out_of_it).then(int(Reason.NOT_REPORTED)).otherwise("why"),
        )
    schools = [
        SchoolTerm(
            place=row[PLACE],
            title=reader.data.title(lowest, row[PLACE]),
            value=_read_value(row["value"], how),
            weight=clean_number(row["weight"], noisy=True) if "weight" in row else None,
            reason=None if row["value"] is not None else NAMES.get(row["why"] or 0),
        )
        for row in inside.iter_rows(named=True)
    ]
    return _sum_up(how, schools, reader.catalogue.language)


def _read_value(value: float | bool | None, how: str) -> Number:
    if value is not None and how in _CONDITIONS:
        return bool(value)
    number: Number = clean_number(value, noisy=True)
    return number


def _sum_up(how: str, schools: Sequence[SchoolTerm], language: str) -> OverSchools:
    """The schools in their order, those left out last; what they come to; that in words."""
    known = [school for school in schools if school.value is not None]
    if how in _ORDERED:
        known.sort(key=lambda school: school.value or 0)
    values = [float(school.value or 0) for school in known]
    weights = [float(school.weight or 0) for school in known]
    weighted = how == "weighted_mean"
    products = [value * weight for value, weight in zip(values, weights, strict=True)]
    listed = [*known, *(school for school in schools if school.value is None)]
    over = OverSchools(
        how=how,
        words="",
        count=len(known),
        total=clean_number(fsum(products if weighted else values), noisy=True),
        weight=clean_number(fsum(weights), noisy=True) if weighted else None,
        middle=tuple(_find_middle(how, known)),
        schools=tuple(listed[:MOST_PLACES]),
        more_schools=max(0, len(listed) - MOST_PLACES),
    )
    return replace(over, words=_describe(over, language) if known else "")


def _find_middle(how: str, known: Sequence[SchoolTerm]) -> Sequence[SchoolTerm]:
    """The one or two schools in the middle; those with the least or the greatest value."""
    if how == "median":
        return known[(len(known) - 1) // 2 : len(known) // 2 + 1]
    if how in {"min", "max"} and known:
        extreme = known[0 if how == "min" else -1].value
        return [school for school in known if school.value == extreme]
    return ()


# --- in words and in numbers ----------------------------------------------------------------------


def _describe(over: OverSchools, language: str) -> str:
    """How the number comes of the schools: `4 из 6 школ`, `Σ(x × вес) / Σ вес = 1 234 / 15`."""
    count, numbers = over.count, put_schools(over, language)
    named = ", ".join(
        f"{school.title} — {format_number(school.value or 0, None, language)}"
        for school in over.middle[:_NAMED]
    )
    if len(over.middle) > _NAMED:
        named += _(" and {count} more").format(count=len(over.middle) - _NAMED)
    place = (count + 1) // 2
    patterns = {
        "with": ngettext("{some} of {count} school", "{some} of {count} schools", count),
        "share": ngettext("{some} of {count} school", "{some} of {count} schools", count),
        "sum": ngettext("sum over {count} school", "sum over {count} schools", count),
        "mean": _("Σ x / number of schools = {numbers}"),
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
    )


def put_schools(over: OverSchools, language: str) -> Phrase | None:
    """The number written out by sums and counts; None where it is one of the schools' or a count."""

    def show(value: Number) -> str:
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
