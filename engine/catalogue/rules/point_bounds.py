"""What a formula can give at least and at most, as far as scales, answers and limits tell."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from engine.catalogue.lookups import scaled_by
from engine.catalogue.model import Catalogue, Indicator, Input
from engine.language.grammar import ScoreCall, dotted_name, literal_number, parts_of, read_score


class PointBounds(NamedTuple):
    """The least and the greatest value; None where it is not known."""

    least: Fraction | None = None
    greatest: Fraction | None = None


_UNKNOWN = PointBounds()
_NONE = PointBounds(Fraction(), Fraction())
_HUNDRED = PointBounds(Fraction(), Fraction(100))
_NOT_NEGATIVE = PointBounds(Fraction(), None)


def find_bounds(
    catalogue: Catalogue, tree: ast.AST, seen: frozenset[str] = frozenset()
) -> PointBounds:
    """The bounds of a formula; `seen` are the indicators that it stands in."""
    number = literal_number(tree)
    score = read_score(tree)
    if number is not None:
        return PointBounds(Fraction(str(number)), Fraction(str(number)))
    if score is not None:
        return _bound_score(catalogue, score, seen)
    if isinstance(tree, ast.Call):
        return _bound_call(catalogue, tree, seen)
    if isinstance(tree, ast.Name | ast.Attribute):
        return _bound_name(catalogue, dotted_name(tree), seen)
    return _bound_operation(tree, [find_bounds(catalogue, each, seen) for each in parts_of(tree)])


def _bound_name(catalogue: Catalogue, name: str, seen: frozenset[str]) -> PointBounds:
    symbol = catalogue.symbols.get(name)
    if isinstance(symbol, Indicator) and symbol.formulas and symbol.id not in seen:
        return find_bounds(catalogue, symbol.formulas[-1][1].tree, seen | {symbol.id})
    if isinstance(symbol, Input) and symbol.limits is not None:
        return PointBounds(*symbol.limits)
    return _NOT_NEGATIVE if isinstance(symbol, Input) and symbol.type == "count" else _UNKNOWN


# --- operations -----------------------------------------------------------------------------------


def _negate(bounds: PointBounds) -> PointBounds:
    return PointBounds(
        *(None if each is None else -each for each in (bounds.greatest, bounds.least))
    )


def _add(left: PointBounds, right: PointBounds) -> PointBounds:
    return PointBounds(
        *(
            None if one is None or other is None else one + other
            for one, other in zip(left, right, strict=True)
        )
    )


def _times(bounds: PointBounds, factor: Fraction) -> PointBounds:
    ends = [None if each is None else each * factor for each in bounds]
    return PointBounds(*(ends if factor >= 0 else reversed(ends)))


def _join(bounds: Sequence[PointBounds]) -> PointBounds:
    """The bounds of what is one of several values."""
    least = [each.least for each in bounds if each.least is not None]
    greatest = [each.greatest for each in bounds if each.greatest is not None]
    return PointBounds(
        min(least) if len(least) == len(bounds) and least else None,
        max(greatest) if len(greatest) == len(bounds) and greatest else None,
    )


def _take_least(bounds: Sequence[PointBounds]) -> PointBounds:
    """The bounds of the least of several values: it is not above any bound that is known."""
    greatest = [each.greatest for each in bounds if each.greatest is not None]
    return PointBounds(_join(bounds).least, min(greatest, default=None))


def _take_greatest(bounds: Sequence[PointBounds]) -> PointBounds:
    """The bounds of the greatest of several values."""
    return _negate(_take_least([_negate(each) for each in bounds]))


def _bound_operation(tree: ast.AST, parts: Sequence[PointBounds]) -> PointBounds:
    """The bounds of what an operator makes of its parts, which stand as in the text."""
    match tree:
        case ast.BinOp(op=ast.Add()):
            return _add(*parts)
        case ast.BinOp(op=ast.Sub()):
            return _add(parts[0], _negate(parts[1]))
        case ast.BinOp(op=ast.Mult()):
            numbers = [each.least for each in parts if each.least == each.greatest]
            factor = next((number for number in numbers if number is not None), None)
            other = parts[1] if factor == parts[0].least == parts[0].greatest else parts[0]
            return _UNKNOWN if factor is None else _times(other, factor)
        case ast.UnaryOp(op=ast.USub()):
            return _negate(parts[0])
        case ast.IfExp():
            return _join([parts[0], parts[2]])  # between them the condition
        case _:
            return _UNKNOWN


# --- scores and functions -------------------------------------------------------------------------


def _bound_score(catalogue: Catalogue, score: ScoreCall, seen: frozenset[str]) -> PointBounds:
    weighing = score.weighing
    bounds = [find_bounds(catalogue, member, seen) for member in score.members]
    whole = _HUNDRED if weighing.how == "share" else _join(bounds)
    weights = [literal_number(weight) for weight in score.weights]
    numbers = [Fraction(str(weight)) for weight in weights if weight is not None]
    if weighing.how != "share" and len(numbers) == len(weights) and any(numbers):
        whole = _NONE
        for each, number in zip(bounds, numbers, strict=True):
            whole = _add(whole, _times(each, number))
        if weighing.how == "mean":
            whole = _times(whole, 1 / sum(numbers, Fraction()))
    elif weighing.how == "sum":
        whole = _UNKNOWN
    elif weighing.how == "mean":
        # Which member weighs most is not known.
        ends = [set(end) for end in zip(*bounds, strict=True)]
        whole = PointBounds(*(end.pop() if len(end) == 1 else None for end in ends))
    if weighing.cap is not None:
        whole = _take_least([whole, PointBounds(weighing.cap, weighing.cap)])
    if weighing.floor is not None:
        whole = _take_greatest([whole, PointBounds(weighing.floor, weighing.floor)])
    return whole


def _first(bounds: Sequence[PointBounds]) -> PointBounds:
    return bounds[0]


def _second(bounds: Sequence[PointBounds]) -> PointBounds:
    return bounds[1]


def _add_or_nothing(bounds: Sequence[PointBounds]) -> PointBounds:
    """Where the condition of `only` does not hold, it adds nothing."""
    return _join([bounds[0], _NONE])


def _clamp(bounds: Sequence[PointBounds]) -> PointBounds:
    return _take_least([_take_greatest(bounds[:2]), bounds[2]])


def _up_to_a_hundred(_bounds: Sequence[PointBounds]) -> PointBounds:
    return _HUNDRED


_FUNCTIONS: Mapping[str, Callable[[Sequence[PointBounds]], PointBounds]] = {
    "min": _take_least,
    "max": _take_greatest,
    "clamp": _clamp,
    "coalesce": _join,
    "only": _add_or_nothing,
    "previous": _first,
    "at": _second,
    **dict.fromkeys(("degree", "share_of", "share_of_schools"), _up_to_a_hundred),
    **dict.fromkeys(
        (f"{how}_of" for how in ("mean", "median", "min", "max", "weighted_mean")), _second
    ),
    **dict.fromkeys(
        (f"{how}_of_schools" for how in ("mean", "median", "min", "max", "weighted_mean")), _first
    ),
}
"""What the bounds of the arguments make of a call."""


def _bound_call(catalogue: Catalogue, tree: ast.Call, seen: frozenset[str]) -> PointBounds:
    function = dotted_name(tree.func)
    if function == "points":
        return _bound_points(catalogue, dotted_name(tree.args[0]))
    bounds = _FUNCTIONS.get(function)
    if bounds is None:
        return _UNKNOWN
    return bounds([find_bounds(catalogue, argument, seen) for argument in tree.args])


def _bound_points(catalogue: Catalogue, name: str) -> PointBounds:
    scaled = scaled_by(catalogue, name)
    amounts: list[Fraction] = []
    if scaled is None:
        answer = catalogue.inputs.get(name)
        amounts += answer.points.values() if answer is not None else ()
    elif scaled.scale.versions:
        version = scaled.scale.versions[-1]
        amounts += [each.points for each in version.classes.values() if each.points is not None]
        for knot in version.line:
            if not isinstance(knot.points, Fraction):
                return _UNKNOWN
            amounts.append(knot.points)
    return PointBounds(min(amounts, default=None), max(amounts, default=None))
