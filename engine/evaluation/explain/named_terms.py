"""What a formula names, with what it is worth at a place; and the formula with these put in."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.catalogue.lookups import short_of, show_words, title_of
from engine.catalogue.model import Catalogue, Constant, Indicator
from engine.evaluation.explain.points import PointQuery, PointReader
from engine.evaluation.explain.proof import OverSchools, ProofTerm
from engine.evaluation.explain.school_terms import list_school_terms, put_schools
from engine.evaluation.plan.base import Coverage
from engine.evaluation.plan.coverage import cover_inputs
from engine.evaluation.plan.scopes import Scope, find_requested
from engine.language.functions import FUNCTIONS
from engine.language.grammar import dotted_name, parts_of
from engine.language.readings.columns import ColumnsReading
from engine.language.readings.terms import NAMES
from engine.language.readings.words import MINUS, PRODUCT, SUM, WHOLE, Phrase, Words
from engine.translation import gettext as _
from engine.units import SCHOOL, format_number

_OVER_A_YEAR = frozenset({"change", "growth"})


@dataclass(frozen=True, slots=True)
class TermQuery:
    """A term whose columns were asked for under `key`, waiting for their values."""

    key: str
    kind: str
    name: str
    title: str
    short_title: str
    unit: str | None
    schools: OverSchools | None = None

    def finish(self, values: Mapping[str, Any]) -> ProofTerm:
        """The term with its values."""
        value = values[f"{self.key}:value"]
        return ProofTerm(
            kind=self.kind,
            name=self.name,
            title=self.title,
            short_title=self.short_title,
            value=value,
            unit=self.unit,
            reason=None if value is not None else NAMES.get(values[f"{self.key}:why"] or 0),
            reported=values.get(f"{self.key}:reported"),
            expected=values.get(f"{self.key}:expected"),
            schools=self.schools,
            now=values.get(f"{self.key}:now"),
            before=values.get(f"{self.key}:before"),
        )


def list_terms(reader: PointReader, query: PointQuery, scope: Scope, level: str) -> list[TermQuery]:
    """Ask for all that a scope names: inputs, constants, indicators, and whole calls."""
    catalogue, plan = reader.catalogue, query.plan
    terms: list[TermQuery] = []
    reading = ColumnsReading(plan, scope, level)
    at_school = level == catalogue.levels[0]
    for index, node in enumerate(_distinct(_shown(scope.tree, at_school=at_school))):
        key = f"t{index}"
        if isinstance(node, ast.Call):
            words = show_words(catalogue, node)
            schools = list_school_terms(reader, scope, query.point, node)
            terms.append(TermQuery(key, "call", ast.unparse(node), words, words, None, schools))
            term = reading.read(node)
            if dotted_name(node.func) in _OVER_A_YEAR:
                now, before = reading.read(node.args[0]), reading.previous(node.args[0])
                now, before = (reading.print_side(node, side) for side in (now, before))
                query.want(f"{key}:now", now.value, exact=now.exact)
                query.want(f"{key}:before", before.value, exact=before.exact)
        else:
            terms.append(_describe(catalogue, key, dotted_name(node)))
            term = reading.read(node)
        query.want(f"{key}:value", term.value, exact=term.exact)
        query.want(f"{key}:why", term.why())
        coverage = _cover(query, scope, node, level)
        if coverage is not None:
            query.want(f"{key}:reported", coverage.reported)
            query.want(f"{key}:expected", coverage.expected)
    return terms


def put_numbers(catalogue: Catalogue, tree: ast.expr, terms: Iterable[ProofTerm]) -> str:
    """A tree with what its names and calls are worth put in their places."""
    known = {(term.kind == "call", term.name): term for term in terms}

    def show(term: ProofTerm | None) -> str:
        if term is None or term.value is None:
            return "…"
        if isinstance(term.value, bool):
            return _("yes") if term.value else _("no")
        return format_number(term.value, None, catalogue.language)

    def show_call(node: ast.Call) -> Phrase | None:
        term = known.get((True, ast.unparse(node)))
        if term is None:
            return None
        if term.value is None:
            return Phrase("…")
        if term.schools is not None:
            whole = Phrase(f"[{term.schools.words}]") if node is tree else Phrase(show(term))
            return put_schools(term.schools, catalogue.language) or whole
        if term.now is not None and term.before is not None:
            now, before = (
                _put_number(each, catalogue.language) for each in (term.now, term.before)
            )
            if dotted_name(node.func) == "change":
                return Phrase(f"{now.text} − {before.inside(WHOLE)}", SUM)
            return Phrase(f"100 × ({now.text} / {before.inside(WHOLE)} − 1)", PRODUCT)
        return Phrase(show(term))

    words = Words(lambda name: show(known.get((False, name))), show_call, catalogue.language)
    return words.read(tree).text


def _put_number(value: float, language: str) -> Phrase:
    return Phrase(format_number(value, None, language), MINUS if value < 0 else WHOLE)


def _shown(tree: ast.AST, *, at_school: bool) -> Iterator[ast.expr]:
    """Names read at the place itself, and the outermost calls that read elsewhere.

    A function over schools reads a school at itself.
    """
    if isinstance(tree, ast.Name | ast.Attribute):
        yield tree
        return
    if isinstance(tree, ast.Call):
        function = FUNCTIONS[dotted_name(tree.func)]
        reads = (
            {function.reads(index) for index in range(max(1, len(tree.args)))}
            if (function.parameters)
            else {"at_schools"}
        )
        here = {"here", "literal", "at_schools"} if at_school and tree.args else {"here", "literal"}
        if reads <= here and function.name not in {*_OVER_A_YEAR, "target"}:
            for argument in tree.args[: 1 if function.name == "round" else None]:
                yield from _shown(argument, at_school=at_school)
            return
        yield tree
        return
    for child in parts_of(tree):
        yield from _shown(child, at_school=at_school)


def _distinct(nodes: Iterable[ast.expr]) -> list[ast.expr]:
    return list({ast.unparse(node): node for node in nodes}.values())


def _describe(catalogue: Catalogue, key: str, name: str) -> TermQuery:
    symbol = catalogue.symbols[name]
    title, short = title_of(catalogue, name), short_of(catalogue, name)
    if isinstance(symbol, Indicator) and symbol.input is None:
        return TermQuery(
            key, "indicator", name, title, short, symbol.unit.id if symbol.unit else None
        )
    if isinstance(symbol, Constant):
        return TermQuery(
            key, "constant", name, title, short, symbol.unit.id if symbol.unit else None
        )
    asked = find_requested(catalogue, name)
    if not asked:
        return TermQuery(key, "register", name, title, short, None)
    first = asked[0].inputs[0]
    unit = first.unit.id if first.unit else None
    return TermQuery(
        key, "input", name, title, short, SCHOOL.id if first.type == "yes_no" else unit
    )


def _cover(query: PointQuery, scope: Scope, node: ast.expr, level: str) -> Coverage | None:
    """An input has the coverage of its formula, an indicator its own; a call none of its own."""
    if isinstance(node, ast.Call):
        return None
    plan = query.plan
    symbol = plan.catalogue.symbols[dotted_name(node)]
    if isinstance(symbol, Indicator) and symbol.input is None:
        return plan.indicator(symbol, level).coverage
    keys = {asked.key for asked in find_requested(plan.catalogue, dotted_name(node))}
    if not keys & set(scope.requested):
        return None
    return cover_inputs(plan, scope, level)
