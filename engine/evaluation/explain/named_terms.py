"""What a formula names, with what it is worth at a place; and the formula with these put in."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from engine.catalogue.lookups import short_of, show_words, title_of
from engine.catalogue.model import Band, Catalogue, Constant, Indicator
from engine.evaluation.explain.points import PointQuery, PointReader
from engine.evaluation.explain.proof import OverSchools, ProofTerm
from engine.evaluation.explain.proof_grades import GradeQuery, ask_grade
from engine.evaluation.explain.proof_tables import LookupQuery, ask_lookup, name_class
from engine.evaluation.explain.school_terms import list_school_terms, put_schools
from engine.evaluation.plan.base import Coverage
from engine.evaluation.plan.coverage import cover_inputs
from engine.evaluation.plan.scopes import Scope, find_requested
from engine.language.functions import FUNCTIONS, how_read
from engine.language.grammar import dotted_name, make_call, parts_of
from engine.language.readings.columns import ColumnsReading
from engine.language.readings.terms import NAMES
from engine.language.readings.words import MINUS, PRODUCT, SUM, WHOLE, Phrase, Words
from engine.translation import gettext as _
from engine.typography import quote
from engine.units import POINT, SCHOOL, format_number

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
    grade: GradeQuery | LookupQuery | None = None
    class_of: tuple[Catalogue, str, int] | None = None

    def finish(self, values: Mapping[str, Any]) -> ProofTerm:
        """The term with its values."""
        value = values[f"{self.key}:value"]
        grade = self.grade.finish(values) if self.grade else None
        text = ""
        if isinstance(self.grade, LookupQuery) and grade is not None:
            text = grade.class_title
        elif self.class_of is not None:
            catalogue, name, year = self.class_of
            text = name_class(catalogue, name, value, year)
        reason = None if value is not None else NAMES.get(values[f"{self.key}:why"] or 0)
        if text:
            value = None
        return ProofTerm(
            kind=self.kind,
            name=self.name,
            title=self.title,
            short_title=self.short_title,
            value=value,
            unit=self.unit,
            reason=reason,
            reported=values.get(f"{self.key}:reported"),
            expected=values.get(f"{self.key}:expected"),
            schools=self.schools,
            now=values.get(f"{self.key}:now"),
            before=values.get(f"{self.key}:before"),
            grade=grade,
            text=text,
        )


def list_terms(reader: PointReader, query: PointQuery, scope: Scope, level: str) -> list[TermQuery]:
    """Ask for all that a scope names: inputs, constants, indicators, and whole calls."""
    catalogue, plan = reader.catalogue, query.plan
    terms: list[TermQuery] = []
    reading = ColumnsReading(plan, scope, level)
    lowest = catalogue.levels[0]
    for index, node in enumerate(_distinct(_shown(scope.tree, lowest, at_school=level == lowest))):
        if _has_two_ends(catalogue, node) and ast.unparse(node) not in ast.unparse(scope.tree):
            continue
        key = f"t{index}"
        if isinstance(node, ast.Call):
            words = show_words(catalogue, node)
            schools = list_school_terms(reader, query, scope, node)
            grade = _ask_points(query, scope, key, node)
            unit = POINT.id if isinstance(grade, GradeQuery) else None
            call = ast.unparse(node)
            terms.append(TermQuery(key, "call", call, words, words, unit, schools, grade))
            term = reading.read(node)
            if dotted_name(node.func) in _OVER_A_YEAR:
                now, before = reading.read(node.args[0]), reading.previous(node.args[0])
                now, before = (reading.print_side(node, side) for side in (now, before))
                query.want(f"{key}:now", now.value, exact=now.exact)
                query.want(f"{key}:before", before.value, exact=before.exact)
        else:
            named = _describe(catalogue, key, dotted_name(node))
            symbol = catalogue.symbols[named.name]
            if isinstance(symbol, Indicator) and symbol.type == "class":
                class_of = catalogue, symbol.id, query.point.year
                named = replace(named, class_of=class_of)
            if isinstance(symbol, Band):
                named = replace(named, grade=ask_grade(query, scope, key, symbol.owner))
            terms.append(named)
            term = reading.read(node)
        query.want(f"{key}:value", term.value, exact=term.exact)
        query.want(f"{key}:why", term.why())
        coverage = _cover(query, scope, node, level)
        if coverage is not None:
            query.want(f"{key}:reported", coverage.reported)
            query.want(f"{key}:expected", coverage.expected)
    return terms


def _has_two_ends(catalogue: Catalogue, node: ast.expr) -> bool:
    """Whether it is the target of what has targets from … to: of such one number says half."""
    if not isinstance(node, ast.Call) or dotted_name(node.func) != "target":
        return False
    targets = catalogue.indicators[dotted_name(node.args[0])].targets.values()
    return any(target.comparator == "between" for target in targets)


def _ask_points(
    query: PointQuery, scope: Scope, key: str, node: ast.Call
) -> GradeQuery | LookupQuery | None:
    if dotted_name(node.func) == "lookup":
        return ask_lookup(query, scope, key, node)
    function = FUNCTIONS[dotted_name(node.func)]
    if not node.args or function.reads(0) != "class":
        return None
    return ask_grade(query, scope, key, dotted_name(node.args[0]))


def put_numbers(catalogue: Catalogue, tree: ast.expr, terms: Iterable[ProofTerm]) -> str:
    """A tree with what its names and calls are worth put in their places."""
    known = {(term.kind == "call", term.name): term for term in terms}

    def show(term: ProofTerm | None) -> str:
        if term is not None and term.text:
            return quote(term.text)
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
            return Phrase(show(term))
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

    def show_name(name: str) -> str:
        return name if name in catalogue.places else show(known.get((False, name)))

    words = Words(show_name, show_call, catalogue.language)
    return words.read(tree).text


def _put_number(value: float, language: str) -> Phrase:
    return Phrase(format_number(value, None, language), MINUS if value < 0 else WHOLE)


def _shown(tree: ast.AST, lowest: str, *, at_school: bool) -> Iterator[ast.expr]:
    """Names read at the place itself, and the outermost calls that read elsewhere.

    A function over schools, which are of the level `lowest`, reads a school at itself.
    """
    if isinstance(tree, ast.Name | ast.Attribute):
        yield tree
        return
    if isinstance(tree, ast.Call):
        function = FUNCTIONS[dotted_name(tree.func)]
        reads = [how_read(tree, index, lowest) for index in range(len(tree.args))]
        readings = {"here", "literal", "at_schools"} if at_school else {"here", "literal"}
        is_here = bool(reads) and set(reads) <= readings and set(reads) != {"literal"}
        if is_here and function.name not in _OVER_A_YEAR:
            for read, argument in zip(reads, tree.args, strict=True):
                if read != "literal":
                    yield from _shown(argument, lowest, at_school=at_school)
            if function.name == "degree":
                # What it is a degree of stands in no formula.
                target = make_call("target", *tree.args)
                yield ast.fix_missing_locations(ast.copy_location(target, tree))
            return
        yield tree
        return
    for child in parts_of(tree):
        yield from _shown(child, lowest, at_school=at_school)


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
    if isinstance(symbol, Band):
        return TermQuery(key, "class", name, title, short, None)
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
    if isinstance(symbol, Band):
        return None
    if isinstance(symbol, Indicator) and symbol.input is None:
        return plan.indicator(symbol, level).coverage
    keys = {asked.key for asked in find_requested(plan.catalogue, dotted_name(node))}
    if not keys & set(scope.requested):
        return None
    return cover_inputs(plan, scope, level)
