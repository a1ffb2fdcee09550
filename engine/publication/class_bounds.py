"""What the class of a value tells a reader of the value: the interval between its ends.

Ends that are formulas, and lines, tell more than an interval; what they say of a value that depends
on a hidden number is not shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import floor

from engine.catalogue.lookups import Scaled, scaled_by, span_of_class
from engine.catalogue.model import Catalogue, ScaleVersion

_Span = tuple[int | None, int | None]
ValueBounds = tuple[Fraction | None, Fraction | None]
_HALF = Fraction(1, 2)


def bounds_of_class(catalogue: Catalogue, name: str, year: int, value: Fraction) -> ValueBounds:
    """Between which numbers a value was before it was rounded and classed; None is open.

    That it is in no class, or in the one for the rest, says that it is between other classes.
    """
    classed = _find_version(catalogue, name, year)
    if classed is None:
        return None, None
    scaled, version = classed
    scale = Fraction(10) ** scaled.decimals
    units = _half_away(value * scale)
    spans = [span_of_class(each, scaled.decimals) for each in version.classes.values() if each.ends]
    inside = [
        (low, high)
        for low, high in spans
        if (low is None or low <= units) and (high is None or units <= high)
    ]
    return _widen(inside[0] if inside else _between(spans, units), scale)


def bounds_of_named(catalogue: Catalogue, name: str, year: int, class_id: str) -> ValueBounds:
    """Between which numbers a value was that was in a class of this name; open where it has no such class."""
    classed = _find_version(catalogue, name, year)
    if classed is None:
        return None, None
    scaled, version = classed
    named = version.classes.get(class_id)
    if named is None or not named.ends:
        return None, None
    return _widen(span_of_class(named, scaled.decimals), Fraction(10) ** scaled.decimals)


def _find_version(catalogue: Catalogue, name: str, year: int) -> tuple[Scaled, ScaleVersion] | None:
    """The scale of an input or indicator in a year, where it has classes whose ends are numbers."""
    scaled = scaled_by(catalogue, name)
    version = scaled.scale.version(year) if scaled else None
    if scaled is None or version is None or version.line or version.formulas:
        return None
    return scaled, version


def _widen(span: _Span, scale: Fraction) -> ValueBounds:
    """The values that are rounded to those of a span."""
    low, high = span
    return (
        None if low is None else (low - _HALF) / scale,
        None if high is None else (high + _HALF) / scale,
    )


def _between(spans: Sequence[_Span], units: int) -> _Span:
    """The values around one that is in none of the spans."""
    below = [high + 1 for _low, high in spans if high is not None and high < units]
    above = [low - 1 for low, _high in spans if low is not None and low > units]
    return max(below, default=None), min(above, default=None)


def _half_away(value: Fraction) -> int:
    whole = floor(abs(value) + _HALF)
    return whole if value >= 0 else -whole
