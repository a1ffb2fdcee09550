"""How a value came to its class and its points, for a proof: `78,9 % → 79 → «средний» (61–80) → 3`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from engine.catalogue.lookups import Scaled, scaled_by, short_of
from engine.catalogue.model import Amount, Catalogue, ClassEnd, Input, ScaleClass, ScaleVersion
from engine.catalogue.scale_words import head_grades
from engine.evaluation.explain.points import PointQuery
from engine.evaluation.explain.proof import ProofGrade
from engine.evaluation.input_rows import all_rows
from engine.evaluation.plan.scales import (
    give_points,
    grade_value,
    read_amount,
    read_class,
    read_points,
    round_value,
)
from engine.evaluation.plan.scopes import Scope
from engine.language.readings.terms import NAMES, Term
from engine.translation import gettext as _
from engine.typography import quote
from engine.units import POINT, format_number, format_quantity, parse_unit


@dataclass(frozen=True, slots=True)
class GradeQuery:
    """A class and points whose columns were asked for under `key`, waiting for their values."""

    catalogue: Catalogue
    key: str
    name: str
    year: int

    def finish(self, values: Mapping[str, Any]) -> ProofGrade:
        """What was made of the value, step by step."""
        row = all_rows(self.catalogue)[self.name]
        scaled = scaled_by(self.catalogue, self.name)
        value, code = values[f"{self.key}:of"], values.get(f"{self.key}:class")
        points = values[f"{self.key}:points"]
        version = scaled.scale.version(self.year) if scaled else None
        answer = self.catalogue.inputs.get(self.name) if scaled is None else None
        class_ = self._class(scaled, version, code)
        scale = version or (scaled.scale if scaled else None)
        has_points = scale is None or scale.has_points
        rounded = None
        is_class = scaled is not None and scaled.is_class
        is_coarser = scaled is not None and scaled.decimals < row.decimals
        if scaled and version and version.classes and is_coarser and not is_class:
            rounded = values[f"{self.key}:rounded"]
        grade = ProofGrade(
            heading=head_grades(classes=bool(scale and scale.classes), points=has_points),
            title=short_of(self.catalogue, self.name),
            scale=scaled.scale.id if scaled else "",
            scale_title=scaled.scale.short_title if scaled and not scaled.scale.owner else "",
            value=value if scaled and not is_class else None,
            text=_title_of_answer(answer, value, code) if answer else "",
            unit=row.unit.id if row.unit else None,
            decimals=row.decimals,
            rounded=None if rounded is None else rounded / 10**scaled.decimals if scaled else None,
            class_id=class_.id if class_ else "",
            class_title=class_.title if class_ else "",
            span=self._span(version, class_, values),
            points=points,
            reason=NAMES.get(values[f"{self.key}:why"] or 0) if points is None else None,
            words="",
        )
        words = _say(grade, self.catalogue, is_class=is_class, has_points=has_points)
        return replace(grade, words=words)

    def _class(
        self, scaled: Scaled | None, version: ScaleVersion | None, code: float | None
    ) -> ScaleClass | None:
        if scaled is None or version is None or code is None or not version.classes:
            return None
        return version.classes.get(scaled.scale.class_ids[int(code)])

    def _span(
        self, version: ScaleVersion | None, class_: ScaleClass | None, values: Mapping[str, Any]
    ) -> str:
        """The ends of the class, or the points of the line, in numbers."""
        numbers = iter([values[name] for name in values if name.startswith(f"{self.key}:amount")])
        known: dict[int, float | None] = {}
        for amount in _list_amounts(version):
            number = float(amount) if isinstance(amount, Fraction) else next(numbers, None)
            known[id(amount)] = number

        def show(amount: Amount) -> str:
            number = known.get(id(amount))
            return "…" if number is None else format_number(number, None, self.catalogue.language)

        if version is not None and version.line:
            return "; ".join(f"{show(knot.value)} → {show(knot.points)}" for knot in version.line)
        return _show_ends(class_, show) if class_ else ""


def _say(grade: ProofGrade, catalogue: Catalogue, *, is_class: bool, has_points: bool) -> str:
    """`«Охват» = 78,9 % → 79 → «средний» (61–80) → 3 балла`."""
    language = catalogue.language
    unit = parse_unit(grade.unit, catalogue.units) if grade.unit else None
    value = quote(grade.text)
    if not grade.text and grade.value is not None:
        value = format_quantity(grade.value, unit, grade.decimals, language)
    elif not grade.text:
        value = _("no value") if grade.points is None else _("mean of the points below")
    steps = [quote(grade.title) if is_class else f"{quote(grade.title)} = {value}"]
    if grade.rounded is not None:
        steps.append(format_number(grade.rounded, None, language))
    span = f" ({grade.span})" if grade.span else ""
    if grade.class_title:
        steps.append(f"{quote(grade.class_title)}{span}")
    elif grade.span:
        steps.append(_("by the line{span}").format(span=span))
    if grade.points is not None:
        steps.append(format_quantity(grade.points, POINT, None, language))
    elif not grade.class_title:
        steps.append(_("no class and no points") if has_points else _("no class"))
    elif has_points:
        steps.append(_("no points"))
    return " → ".join(steps)


def ask_grade(
    query: PointQuery, scope: Scope, key: str, name: str, *, term: Term | None = None
) -> GradeQuery:
    """Ask for the class and the points of a name; `term`: its value, where it is known."""
    plan, level = query.plan, query.point.level
    scaled = scaled_by(plan.catalogue, name)
    value = term or plan.name(scope, name, level)
    if scaled is None:
        points = read_points(plan, scope, name, level)
        is_choice = plan.catalogue.inputs[name].type == "choice"
        graded = read_class(plan, scope, name, level) if is_choice else None
    else:
        points, graded = (
            give_points(plan, scaled, value, level),
            grade_value(plan, scaled, value, level),
        )
        if not scaled.is_class:
            query.want(f"{key}:rounded", round_value(plan, scaled, value, level))
        version = scaled.scale.version(query.point.year)
        for index, amount in enumerate(_list_amounts(version)):
            if not isinstance(amount, Fraction):
                end = read_amount(plan, scaled, amount, level)
                query.want(f"{key}:amount{index}", end.value, exact=end.exact)
    query.want(f"{key}:of", value.value, exact=value.exact)
    query.want(f"{key}:points", points.value, exact=points.exact)
    query.want(f"{key}:why", points.why())
    if graded is not None:
        query.want(f"{key}:class", graded.value)
    return GradeQuery(plan.catalogue, key, name, query.point.year)


def _list_amounts(version: ScaleVersion | None) -> Iterator[Amount]:
    if version is None:
        return
    for each in version.classes.values():
        yield from (end.amount for end in each.ends)
    for knot in version.line:
        yield from (knot.value, knot.points)


def _title_of_answer(answer: Input, value: Any, code: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if code is not None:
        return list(answer.options.values())[int(code)]
    return ""


def _show_ends(class_: ScaleClass, show: Any) -> str:
    """`61–80`, `≥ 81`, `< 61`; of a class that takes the rest, that."""
    if class_.otherwise:
        return _("all that is left")
    by_word = {end.word: end for end in class_.ends}
    if by_word.keys() == {"at_least", "at_most"}:
        return f"{show(by_word['at_least'].amount)}–{show(by_word['at_most'].amount)}"
    return ", ".join(_show_end(end, show) for end in class_.ends)


def _show_end(end: ClassEnd, show: Any) -> str:
    sign = {"at_least": "≥", "at_most": "≤", "above": ">", "below": "<", "exactly": "="}[end.word]
    return f"{sign} {show(end.amount)}"
