"""Classes and points, as plainly as they can be said (language-2.md §1); and random scales."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from engine.catalogue.model import (
    Amount,
    Catalogue,
    ClassEnd,
    Input,
    Knot,
    Scale,
    ScaleClass,
    ScaleVersion,
)
from tests.oracle.asking import Here, Scope
from tests.oracle.operators import NOT_APPLICABLE, Answer, rounded, without

if TYPE_CHECKING:
    from tests.oracle.drawing import Draw
    from tests.oracle.meaning import Meaning

CUTS = tuple(
    Fraction(text) for text in ("-1", "0", "0.5", "1", "2", "3.7", "5", "33.3", "50", "100")
)
POINTS = (Fraction(5), Fraction(0), Fraction("2.5"), Fraction(-1), None)


@dataclass(frozen=True)
class Grade:
    """A class, or the reason why there is none; `applies` as of an answer."""

    class_: ScaleClass | None = None
    reason: str | None = None
    applies: bool = True


def scale_of(catalogue: Catalogue, name: str) -> Scale | None:
    """The scale of an indicator, or of an input."""
    indicator, asked = catalogue.indicators.get(name), catalogue.inputs.get(name)
    return (indicator and indicator.scale) or (asked.scale if asked else None)


def among(meaning: Meaning, name: str) -> Meaning:
    """The ends of a scale are read among the schools of what is scaled."""
    indicator = meaning.catalogue.indicators.get(name)
    return meaning.of(indicator) if indicator else meaning


def names_in_scale(catalogue: Catalogue, name: str) -> list[ast.expr]:
    """The formulas of the scale of a name, without what is scaled itself."""
    scale = scale_of(catalogue, name)
    return [formula.tree for formula in scale.formulas] if scale else []


def grade(meaning: Meaning, name: str, value: Answer, here: Here) -> Grade:
    """The class of a value."""
    scale, meaning = scale_of(meaning.catalogue, name), among(meaning, name)
    assert scale is not None
    if value.value is None:
        return Grade(reason=value.reason, applies=value.applies)
    version = scale.version(here.year)
    if version is None:
        return Grade(reason="before_formula")
    indicator = meaning.catalogue.indicators.get(name)
    if indicator is not None and indicator.type == "class":
        return Grade(list(scale.classes.values())[int(value.value)])
    number = rounded(Fraction(value.value), decimals_of(meaning.catalogue, name, scale))
    for each in version.classes.values():
        answers = [amount(meaning, name, end.amount, here) for end in each.ends]
        if any(answer.value is None for answer in answers):
            return Grade(reason=without(answers).reason)
        ends = [answer.number for answer in answers]
        if all(fits(number, end, of) for end, of in zip(each.ends, ends, strict=True)):
            return Grade(each)
    return Grade(reason="outside_scale")


def decimals_of(catalogue: Catalogue, name: str, scale: Scale) -> int:
    """To how many decimals a value is rounded before it is classed."""
    if scale.decimals is not None:
        return scale.decimals
    if name in catalogue.indicators:
        return catalogue.indicators[name].decimals
    return 0 if catalogue.inputs[name].type == "count" else catalogue.decimals


def fits(number: Fraction, end: ClassEnd, of: Fraction) -> bool:
    """Whether an end lets a number in."""
    return {
        "at_least": number >= of,
        "at_most": number <= of,
        "exactly": number == of,
        "above": number > of,
        "below": number < of,
    }[end.word]


def amount(meaning: Meaning, name: str, of: Amount, here: Here) -> Answer:
    """A number of a scale, or a formula of its own with the scaled thing in it."""
    if isinstance(of, Fraction):
        return Answer(of)
    indicator = meaning.catalogue.indicators.get(name)
    missing = indicator.missing if indicator else "skip"
    return meaning.settle(Scope(of.rename({"value": name}).tree, missing), here)


def points(meaning: Meaning, name: str, value: Answer, here: Here) -> Answer:
    """The points of a value: of its class, or on its line."""
    scale, meaning = scale_of(meaning.catalogue, name), among(meaning, name)
    assert scale is not None
    version = scale.version(here.year)
    if value.value is None:
        return Answer(reason=value.reason, applies=value.applies)
    if version is not None and version.line:
        return on_line(meaning, name, version, Fraction(value.value), here)
    found = grade(meaning, name, value, here)
    if found.class_ is None:
        return Answer(reason=found.reason, applies=found.applies)
    return NOT_APPLICABLE if found.class_.points is None else Answer(found.class_.points)


def on_line(
    meaning: Meaning, name: str, version: ScaleVersion, value: Fraction, here: Here
) -> Answer:
    """The points at a value by straight lines."""
    scale = scale_of(meaning.catalogue, name)
    if scale is not None and scale.decimals is not None:
        value = rounded(value, scale.decimals)
    answers = [
        (amount(meaning, name, knot.value, here), amount(meaning, name, knot.points, here))
        for knot in version.line
    ]
    every = [answer for pair in answers for answer in pair]
    if any(answer.value is None for answer in every):
        return Answer(reason=without(every).reason)
    knots = [(x.number, y.number) for x, y in answers]
    if any(left[0] == right[0] for left, right in pairwise(knots)):
        return Answer(reason="zero_denominator")
    knots.sort()
    if value <= knots[0][0]:
        return Answer(knots[0][1])
    for (x, y), (next_x, next_y) in pairwise(knots):
        if value <= next_x:
            return Answer(y + (value - x) * (next_y - y) / (next_x - x))
    return Answer(knots[-1][1])


def points_of_answer(meaning: Meaning, asked: Input, scope: Scope, here: Here) -> Answer:
    """The points of an option or of a yes/no; above its level their mean, or none."""
    order, base = meaning.asking.order, asked.level
    if order.index(here.level) <= order.index(base):
        return answer_points(meaning, asked, scope, here)
    whole = meaning.answer_here(asked, scope, here)
    if not whole.applies:
        return whole
    return (
        mean_points(meaning, asked, scope, here)
        if asked.mean_points
        else Answer(reason="no_such_level")
    )


def answer_points(meaning: Meaning, asked: Input, scope: Scope, here: Here) -> Answer:
    """The points of the answer of one place."""
    found = meaning.answer_here(asked, scope, here)
    if found.value is None:
        return found
    given = asked.points.get(answers_of(asked)[int(found.value)])
    return NOT_APPLICABLE if given is None else Answer(given)


def answers_of(asked: Input) -> list[str]:
    """What may be answered, in order."""
    return list(asked.options) if asked.type == "choice" else ["no", "yes"]


def mean_points(meaning: Meaning, asked: Input, scope: Scope, here: Here) -> Answer:
    """The mean over the places that enter and have points."""
    is_base = asked.level == meaning.asking.base(scope.tree)
    places = [
        Here(asked.level, place, here.year, here.scenario)
        for place in meaning.world.places_in(here.level, here.place, here.year, asked.level)
    ]
    entering = [at for at in places if not is_base or meaning.asking.enters(scope, at, here.level)]
    if is_base and not entering:
        return Answer(reason=meaning.asking.why_nobody(scope, here))
    answers = [answer_points(meaning, asked, scope, at) for at in entering]
    if scope.condition and any(answer.applies and answer.value is None for answer in answers):
        return Answer(reason="not_reported")
    if not any(answer.applies for answer in answers):
        return NOT_APPLICABLE
    known = [answer.number for answer in answers if answer.value is not None]
    if not known:
        return Answer(reason=without(a for a in answers if a.applies).reason)
    return Answer(sum(known, Fraction(0)) / len(known))


# --- random scales --------------------------------------------------------------------------------


def draw_scale(choose: Draw, name: str, numbers: Sequence[str], parse: Any) -> Scale:
    """Classes with numbers or formulas for ends, with gaps or a rest; or a line; some by year."""
    decimals = choose.one((None, None, 0, 1, 2))
    kind = choose.whole(0, 3)
    if kind == 0:
        versions = [ScaleVersion(None, line=_draw_line(choose, numbers, parse))]
    else:
        make = _draw_formulas if kind == 1 else _draw_numbers
        versions = [ScaleVersion(None, make(choose, numbers, parse))]
    if choose.rarely(4):
        first = choose.one((None, 2023))
        later = ScaleVersion(2024, _draw_numbers(choose, numbers, parse))
        versions = [ScaleVersion(first, versions[0].classes, versions[0].line), later]
        if versions[0].line:
            versions = versions[:1]
    return Scale(name, name, decimals=decimals, versions=tuple(versions), owner=name)


def _draw_line(choose: Draw, numbers: Sequence[str], parse: Any) -> tuple[Knot, ...]:
    if choose.rarely(2):
        ends: list[Amount] = [
            parse(choose.one(("at(municipality, value)", "k", "value - 1", *numbers[-2:]))),
            choose.one(CUTS),
        ]
    else:
        first = choose.whole(0, 5)
        ends = list(CUTS[first : first + choose.whole(2, 3)])
        if choose.rarely(2):
            ends.reverse()
    return tuple(Knot(end, choose.one(POINTS[:4]) or Fraction(0)) for end in ends)


def _draw_numbers(choose: Draw, _numbers: Sequence[str], _parse: Any) -> dict[str, ScaleClass]:
    """Classes one above the other, that never overlap; some leave a gap."""
    first = choose.whole(0, 4)
    cuts = CUTS[first : first + choose.whole(1, 4)]
    classes = [(ClassEnd("below", cuts[0]),)] if choose.rarely(2) else []
    for low, high in pairwise(cuts):
        word = choose.one(("at_least", "at_least", "above"))
        classes.append((ClassEnd(word, low), ClassEnd("below", high)))  # type: ignore[arg-type]
    classes.append((ClassEnd("at_least", cuts[-1]),))
    if choose.rarely(2):
        classes.reverse()
    return _name(choose, classes)


def _draw_formulas(choose: Draw, numbers: Sequence[str], parse: Any) -> dict[str, ScaleClass]:
    texts = (
        *("at(municipality, value)", "at(municipality, value) + 1", "previous(value)", "value - 1"),
        *("a", "k", "at(district, value)", *numbers[-2:]),
    )
    words = ("at_least", "at_most", "above", "below", "exactly")
    classes = [
        tuple(
            ClassEnd(
                choose.one(words),  # type: ignore[arg-type]
                choose.one(CUTS) if choose.rarely(3) else parse(choose.one(texts)),
            )
            for _ in range(choose.whole(1, 2))
        )
        for _ in range(choose.whole(1, 3))
    ]
    return _name(choose, classes)


def _name(choose: Draw, classes: Sequence[tuple[ClassEnd, ...]]) -> dict[str, ScaleClass]:
    named = {
        f"c{number}": ScaleClass(f"c{number}", f"c{number}", ends, points=choose.one(POINTS))
        for number, ends in enumerate(classes)
    }
    if choose.rarely(2):
        named["rest"] = ScaleClass("rest", "rest", otherwise=True, points=choose.one(POINTS))
    return named
