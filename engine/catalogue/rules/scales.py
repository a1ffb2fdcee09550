"""Scales: every value has at most one class, lines go one way, points are given for something."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, pairwise

from engine.catalogue.build.scales import END_WORDS
from engine.catalogue.lookups import (
    Scaled,
    list_scalable,
    list_scales,
    scaled_by,
    span_of_class,
    unit_of_scale,
)
from engine.catalogue.model import (
    NUMERIC,
    Band,
    Catalogue,
    Indicator,
    Scale,
    ScaleClass,
    ScaleVersion,
)
from engine.catalogue.rules.names import formulas_of
from engine.language.functions import FUNCTIONS
from engine.language.grammar import dotted_name, literal_number
from engine.language.readings.dimensions import show_unit
from engine.problems import Position, Problem
from engine.translation import chosen_language
from engine.translation import gettext as _
from engine.units import PERCENT, Unit, format_number, same_dimensions

# --- what a scale is ------------------------------------------------------------------------------


def check_scales(catalogue: Catalogue) -> Iterable[Problem]:
    """A scale has classes or a line, and what makes them: ends of classes, pairs that go one way."""
    for scale in list_scales(catalogue):
        kinds = {bool(version.line) for version in scale.versions}
        if len(kinds) != 1:
            yield Problem(
                "scale-kind",
                _("the scale “{id}” has neither classes nor a line").format(id=scale.id)
                if not kinds
                else _("the scale “{id}” has both classes and a line").format(id=scale.id),
                scale.position,
                _("write classes: with their ends, or linear: [[80, 0], [100, 10]]"),
            )
            continue
        for version in scale.versions:
            yield from _check_ends(scale, version)
            yield from _check_otherwise(version)
            yield from _check_line(scale, version)
            yield from _check_bounds(catalogue, scale, version)


def _check_ends(scale: Scale, version: ScaleVersion) -> Iterator[Problem]:
    """Either all classes say what they take, or none does: then it is a list of classes."""
    classes = version.classes.values()
    open_ = [each for each in classes if not each.ends and not each.otherwise]
    if len(open_) == len(classes):
        return
    for each in open_:
        if not each.positions.keys().isdisjoint((*END_WORDS, "between")):
            continue  # an end that could not be read is a problem already
        yield Problem(
            "scale-ends",
            _("the class “{class_}” of the scale “{scale}” does not say what it takes").format(
                class_=each.title, scale=scale.id
            ),
            each.position,
            _("write an end, for instance at_least: 61, or otherwise: yes"),
        )


def _check_otherwise(version: ScaleVersion) -> Iterator[Problem]:
    *before, _last = version.classes.values() or [None]
    for each in before:
        if each is not None and each.otherwise:
            yield Problem(
                "scale-otherwise",
                _("“{class_}” takes what no other class takes, so it stands last and once").format(
                    class_=each.title
                ),
                each.positions.get("otherwise", each.position),
                _("move the class down, or give it ends"),
            )
    for each in version.classes.values():
        if each.otherwise and each.ends:
            yield Problem(
                "scale-otherwise",
                _("“{class_}” has ends and takes all that is left as well").format(
                    class_=each.title
                ),
                each.positions.get("otherwise", each.position),
                _("leave one of them"),
            )


def _check_line(scale: Scale, version: ScaleVersion) -> Iterator[Problem]:
    """The first numbers of the pairs strictly rise or strictly fall."""
    numbers = [(knot, knot.value) for knot in version.line if isinstance(knot.value, Fraction)]
    if not version.line or len(numbers) < len(version.line):
        return
    rises = numbers[0][1] < numbers[-1][1]
    for (_knot, left), (knot, right) in pairwise(numbers):
        if left == right or (left < right) != rises:
            yield Problem(
                "scale-order",
                _("in the line of “{scale}” {right} stands after {left}").format(
                    scale=scale.id, left=_show(left), right=_show(right)
                ),
                knot.position,
                _("the first numbers of the pairs only rise, or only fall"),
            )
            return


# --- overlaps and gaps ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Span:
    """The values of a class in units of the last decimal, both ends included; None is open."""

    each: ScaleClass
    low: int | None
    high: int | None

    @property
    def is_empty(self) -> bool:
        return self.low is not None and self.high is not None and self.low > self.high


def _check_bounds(catalogue: Catalogue, scale: Scale, version: ScaleVersion) -> Iterator[Problem]:
    """Classes whose ends are numbers take every value once, on the grid that rounding makes."""
    if version.formulas or version.line or not any(each.ends for each in version.classes.values()):
        return
    users = [scaled for scaled in _list_scaled(catalogue) if scaled.scale.id == scale.id]
    grids = {scaled.decimals for scaled in users} or {
        catalogue.decimals if scale.decimals is None else scale.decimals
    }
    for decimals in sorted(grids):
        spans = [
            _Span(each, *span_of_class(each, decimals))
            for each in version.classes.values()
            if each.ends
        ]
        problems = [*_find_empty(scale, spans), *_find_overlaps(scale, spans, decimals)]
        # A class of which an end could not be read takes nobody knows what.
        if all(each.ends for each in version.classes.values()):
            problems += _find_gaps(scale, spans, decimals)
            problems += _find_outside(catalogue, scale, spans, decimals)
        yield from problems
        if problems:
            return


def _find_empty(scale: Scale, spans: Sequence[_Span]) -> Iterator[Problem]:
    for span in spans:
        if span.is_empty:
            yield Problem(
                "scale-empty",
                _("no value falls into the class “{class_}” of the scale “{scale}”").format(
                    class_=span.each.title, scale=scale.id
                ),
                span.each.position,
                _("look at its ends, and at round"),
                severity="warning",
            )


def _find_overlaps(scale: Scale, spans: Sequence[_Span], decimals: int) -> Iterator[Problem]:
    for left, right in combinations([span for span in spans if not span.is_empty], 2):
        lows = [span.low for span in (left, right) if span.low is not None]
        highs = [span.high for span in (left, right) if span.high is not None]
        low, high = max(lows, default=None), min(highs, default=None)
        if low is not None and high is not None and low > high:
            continue
        common = low if low is not None else high if high is not None else 0
        yield Problem(
            "scale-overlap",
            _("in the scale “{scale}” {value} falls into both “{one}” and “{two}”").format(
                scale=scale.id,
                value=_show_units(common, decimals),
                one=left.each.title,
                two=right.each.title,
            ),
            right.each.position,
            _("where two ends meet, one takes the value: at_least beside below"),
        )


def _find_gaps(scale: Scale, spans: Sequence[_Span], decimals: int) -> Iterator[Problem]:
    known = [span for span in spans if not span.is_empty]
    # None is open: it stands before all below, and after all above.
    known.sort(key=lambda span: (span.low is not None, span.low or 0))
    reached: int | None = None
    for index, span in enumerate(known):
        if index and reached is not None and span.low is not None and span.low > reached + 1:
            gap = _show_range(reached + 1, span.low - 1, decimals)
            yield Problem(
                "scale-gap",
                _("no class of the scale “{scale}” takes {gap}").format(scale=scale.id, gap=gap),
                span.each.position,
                _("such a value has no class and no points: widen a class, or write round"),
                severity="warning",
            )
        if span.high is None:
            return
        reached = span.high if reached is None else max(reached, span.high)


def _find_outside(
    catalogue: Catalogue, scale: Scale, spans: Sequence[_Span], decimals: int
) -> Iterator[Problem]:
    """Of a percent, what lies in 0–100 beyond the first class or the last; of a count, below the first."""
    unit = unit_of_scale(catalogue, scale)
    known = [span for span in spans if not span.is_empty]
    if unit is None or not known or not (unit.id == PERCENT.id or unit.counted):
        return
    lows = [span.low for span in known if span.low is not None]
    highs = [span.high for span in known if span.high is not None]
    most = 100 * 10**decimals
    outside = []
    if len(lows) == len(known) and min(lows) > 0:
        outside.append((0, min(lows) - 1))
    if unit.id == PERCENT.id and len(highs) == len(known) and max(highs) < most:
        outside.append((max(highs) + 1, most))
    if outside:
        gap = "; ".join(_show_range(first, last, decimals) for first, last in outside)
        yield Problem(
            "scale-outside",
            _("no class of the scale “{scale}” takes {gap}").format(scale=scale.id, gap=gap),
            scale.position,
            _("such a value has no class and no points: add a class, or otherwise: yes"),
            severity="note",
        )


def _show(number: Fraction) -> str:
    return format_number(number, None, chosen_language())


def _show_range(first: int, last: int, decimals: int) -> str:
    low, high = (_show_units(units, decimals) for units in (first, last))
    return low if first == last else f"{low}–{high}"


def _show_units(units: int, decimals: int) -> str:
    return format_number(Fraction(units, 10**decimals), decimals, chosen_language())


# --- scales written as conditions -----------------------------------------------------------------

_CHAIN = 2
"""How many conditions one after another make a chain."""


def check_chains(catalogue: Catalogue) -> Iterable[Problem]:
    """A chain of `if` that compares one name with numbers says what a scale says in the open."""
    for formula in formulas_of(catalogue, conditions=False):
        inner = {id(node.orelse) for node in ast.walk(formula.tree) if isinstance(node, ast.IfExp)}
        for node in ast.walk(formula.tree):
            names = [_compared_name(step.test) for step in _list_steps(node)]
            if id(node) in inner or len(names) < _CHAIN or len(set(names)) > 1 or not names[0]:
                continue
            yield Problem(
                "if-chain",
                _("conditions one after another give “{name}” its bands").format(name=names[0]),
                formula.span(node),
                _(
                    "a scale prints its classes and is checked for gaps: scale at it, here points(x)"
                ),
                severity="note",
            )


def _list_steps(node: ast.AST) -> Iterator[ast.IfExp]:
    while isinstance(node, ast.IfExp):
        yield node
        node = node.orelse


def _compared_name(test: ast.expr) -> str:
    """The one name that a condition compares with numbers; empty for any other condition."""
    if not isinstance(test, ast.Compare):
        return ""
    sides = [each for each in (test.left, *test.comparators) if literal_number(each) is None]
    return dotted_name(sides[0]) if len(sides) == 1 else ""


# --- what is scaled -------------------------------------------------------------------------------


def check_scaled(catalogue: Catalogue) -> Iterable[Problem]:
    """A scale stands on a number in its unit, and its classes make it one."""
    for thing in list_scalable(catalogue):
        scale = thing.scale
        is_class = isinstance(thing, Indicator) and thing.type == "class"
        if scale is None or (is_class and "scale" not in thing.positions):
            continue
        place = thing.positions.get("scale", thing.position)
        unit = unit_of_scale(catalogue, scale)
        if is_class:
            yield Problem(
                "scale-unit",
                _("“{id}” has the classes of its table: a scale cannot stand on it").format(
                    id=thing.id
                ),
                place,
                _("take the key scale away"),
            )
            continue
        if thing.type not in NUMERIC:
            yield Problem(
                "scale-unit",
                _("“{id}” is no number: a scale cannot stand on it").format(id=thing.id),
                place,
                _("options of a choice and the answers of a yes/no have points of their own"),
            )
        elif unit and thing.unit and not _is_same(unit, thing.unit):
            yield Problem(
                "scale-unit",
                _("the scale “{scale}” measures “{expected}”, but “{id}” is in “{found}”").format(
                    scale=scale.id,
                    expected=show_unit(unit),
                    id=thing.id,
                    found=show_unit(thing.unit),
                ),
                place,
                _("take a scale of its unit"),
                about=thing.id,
            )
        if scale.versions and not _has_ends(scale):
            yield Problem(
                "scale-ends",
                _("the classes of the scale “{scale}” do not say what they take").format(
                    scale=scale.id
                ),
                place,
                _("such a list of classes is good for the cells of a table only"),
            )


def _has_ends(scale: Scale) -> bool:
    """Whether it says what its classes take; else it is a list of classes, for the cells of tables."""
    return any(
        version.line or any(each.ends or each.otherwise for each in version.classes.values())
        for version in scale.versions
    )


def _is_same(left: Unit, right: Unit) -> bool:
    return same_dimensions(left, right) and left.scale == right.scale


def check_answers(catalogue: Catalogue) -> Iterable[Problem]:
    """Points and colours of yes and no stand on a yes/no: options have them where they stand."""
    for declared in catalogue.inputs.values():
        for key in ("points", "colour"):
            if key in declared.positions and declared.type != "yes_no":
                yield Problem(
                    "needless-points",
                    _("“{id}” is no yes/no: it has no answers of which {key} could be said").format(
                        id=declared.id, key=key
                    ),
                    declared.positions[key],
                    _("write them at the options of a choice, at a number write a scale"),
                )


def check_unused(catalogue: Catalogue) -> Iterable[Problem]:
    """Every scale of `scales` stands on something."""
    used = {scaled.scale.id for scaled in _list_scaled(catalogue) if not scaled.scale.owner}
    used |= {table.cells.id for table in catalogue.tables.values() if table.cells}
    for scale in catalogue.scales.values():
        if scale.id not in used:
            yield Problem(
                "scale-unused",
                _("nothing is measured by the scale “{scale}”").format(scale=scale.id),
                scale.position,
                (
                    _("write scale: {scale} at an indicator or an input, or take it away")
                    if _has_ends(scale)
                    else _("write cells: {scale} at a table, or take it away")
                ).format(scale=scale.id),
                severity="note",
            )


def check_class_names(catalogue: Catalogue) -> Iterable[Problem]:
    """`x.high` names the class of x and nothing else: no part, no option, no result."""
    for thing in list_scalable(catalogue):
        scaled = scaled_by(catalogue, thing.id)
        for name, each in scaled.scale.classes.items() if scaled else ():
            if not isinstance(catalogue.symbols.get(f"{thing.id}.{name}"), Band):
                yield Problem(
                    "duplicate-id",
                    _("“{id}” names a class of the scale and something else").format(
                        id=f"{thing.id}.{name}"
                    ),
                    thing.positions.get("scale", thing.position),
                    _("give the class “{class_}” another id").format(class_=each.title),
                )


def check_points(catalogue: Catalogue) -> Iterable[Problem]:
    """`points(x)` names a thing with a scale, or with answers that have points."""
    for formula in formulas_of(catalogue):
        for call, use in formula.calls():
            function = FUNCTIONS.get(use.id)
            for index, argument in enumerate(call.args):
                if use.id != "points" or function is None or function.reads(index) != "class":
                    continue
                name = dotted_name(argument)
                if name and name not in catalogue.symbols:
                    continue
                answer = catalogue.inputs.get(name)
                if scaled_by(catalogue, name) or (answer is not None and answer.points):
                    continue
                yield _points_of_nothing(name, formula.span(argument))


def _points_of_nothing(name: str, place: Position) -> Problem:
    if not name:
        return Problem(
            "points-nothing",
            _("points are those of one indicator or input, named alone"),
            place,
            _("give the formula an id among the indicators, and a scale"),
        )
    return Problem(
        "points-nothing",
        _("“{id}” has neither a scale nor options with points").format(id=name),
        place,
        _("write scale: at “{id}”, or points: at its options").format(id=name),
        about=name,
    )


def _list_scaled(catalogue: Catalogue) -> Iterator[Scaled]:
    for thing in list_scalable(catalogue):
        scaled = scaled_by(catalogue, thing.id)
        if scaled is not None:
            yield scaled
