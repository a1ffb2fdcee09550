"""What stands beside a live value: its class and points, its target and the verdict.

Each is a text, once as a formula of the sheet and once from the results of the engine.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from engine.catalogue.lookups import scaled_by
from engine.catalogue.model import Catalogue, Indicator, Scenario
from engine.forms.layout import Layout
from engine.forms.out.checks import Key
from engine.forms.out.live_names import LiveSheet
from engine.forms.out.live_scales import LiveCases
from engine.forms.out.live_targets import LiveTarget
from engine.forms.out.outside import FormPlace, KnownValue, comparator_outside
from engine.forms.out.sheet_words import no_word, yes_word
from engine.language.grammar import Formula
from engine.language.readings.excel import NONE, NUDGE, is_literal, quoted
from engine.problems import Position
from engine.translation import gettext as _
from engine.units import (
    POINT,
    POINT_DECIMALS,
    Number,
    format_number,
    format_quantity,
    round_points,
)

CLASS_OF, TARGET_OF, GAP_OF = "class:", "target:", "gap:"
"""How the ids begin under which the assessments of a name stand among the live values of a form."""

EMPTY = '""'


def list_assessed(layout: Layout) -> Iterator[Key]:
    """Every cell of the form that says something of the value beside it."""
    for line in layout.lines:
        for column in layout.columns:
            for prefix, name in ((CLASS_OF, line.graded), (TARGET_OF, line.judged)):
                if name:
                    yield f"{prefix}{name}", column.year + line.shift, column.scenario


# --- class and points -----------------------------------------------------------------------------


def write_grade(sheet: LiveSheet, name: str, moment: tuple[int, Scenario]) -> str:
    """The formula of the class and points of a value; a value in a gap of its scale is in no class."""
    catalogue, (year, scenario) = sheet.catalogue, moment
    scaled = scaled_by(catalogue, name)
    made = sheet.grades(name, year, scenario)
    if not isinstance(made, LiveCases):
        return made.value if made.value == NONE else _write_points(catalogue, made.value)
    texts = grade_texts(catalogue, name, year)
    gap = quoted(_gap_words()) if scaled is not None and not scaled.is_class else EMPTY
    return made.tell([quoted(texts.get(each, "")) for each in made.names], gap)


def grade_texts(catalogue: Catalogue, name: str, year: int) -> Mapping[str, str]:
    """Class → what is said of it: `средний, 3 балла`; of what is a class itself, or an answer, the points."""
    scaled = scaled_by(catalogue, name)
    if scaled is None:
        points = catalogue.inputs[name].points
        return {each: _show_points(catalogue, number) for each, number in points.items()}
    version = scaled.scale.version(year)
    return {
        each.id: ", ".join(
            [
                *([] if scaled.is_class else [each.short_title]),
                *([] if each.points is None else [_show_points(catalogue, each.points)]),
            ]
        )
        for each in (version.classes.values() if version else ())
    }


def _show_points(catalogue: Catalogue, points: Number) -> str:
    """`3 балла`."""
    return format_quantity(round_points(points), POINT, None, catalogue.language)


def _gap_words() -> str:
    return _("in no class")


def _write_points(catalogue: Catalogue, value: str) -> str:
    before, after = _("points: {points}").split("{points}")
    number = f"ROUND({value}*{NUDGE},{POINT_DECIMALS})"
    return _join([before, _Written(_mark_decimals(catalogue, number)), after])


def _say_points(catalogue: Catalogue, points: float) -> str:
    text = format_number(round_points(points), None, catalogue.language, in_cell=True)
    return _("points: {points}").format(points=text)


def with_gaps(catalogue: Catalogue, keys: Iterable[Key]) -> tuple[Catalogue, tuple[str, ...]]:
    """The catalogue, with an indicator for each scaled name whose reason tells that a value is in a gap."""
    made: dict[str, Indicator] = {}
    for key in keys:
        name = key[0].removeprefix(CLASS_OF)
        scaled = scaled_by(catalogue, name) if key[0].startswith(CLASS_OF) else None
        if scaled is None or scaled.is_class or not scaled.scale.class_ids:
            continue
        text = f"{name}.{scaled.scale.class_ids[0]}"
        formula = Formula(text, Position(""), ast.parse(text, mode="eval").body)
        made[f"{GAP_OF}{name}"] = Indicator(
            f"{GAP_OF}{name}", "", "yes_no", None, ((None, formula),), 0
        )
    grown = replace(
        catalogue,
        indicators={**catalogue.indicators, **made},
        symbols={**catalogue.symbols, **made},
    )
    return grown, tuple(made)


def find_gap(row: Mapping[str, Any]) -> tuple[str, str, int] | None:
    """The name, place and year of a row of such an indicator whose value is in a gap."""
    is_gap = row["indicator"].startswith(GAP_OF) and row["reason"] == "outside_scale"
    return (row["indicator"].removeprefix(GAP_OF), row["place"], row["year"]) if is_gap else None


def longest_target(catalogue: Catalogue, indicator: Indicator) -> str:
    """About the longest that may be said of a target, to make room for it."""
    numbers = [
        number
        for target in indicator.targets.values()
        for number in (target.value, target.value_to)
        if number is not None
    ]
    longest_number = max(
        (_say_number(catalogue, indicator, number) for number in numbers), key=len, default="000,0"
    )
    ends: list[_Piece] = [longest_number, longest_number]
    texts = [
        "".join(map(str, _target_parts(indicator, comparator, ends, is_reference=is_reference)))
        for comparator in {target.comparator for target in indicator.targets.values()}
        for is_reference in (True, False)
    ]
    return max((f"{text}: {_('not reached')}" for text in texts), key=len, default="")


# --- target and verdict ---------------------------------------------------------------------------


def write_target(catalogue: Catalogue, indicator: Indicator, wanted: LiveTarget, value: str) -> str:
    """The formula of a target in words, with the verdict on the printed `value` where there is one."""
    ends = [wanted.first] if wanted.last is None else [wanted.first, wanted.last]
    if NONE in [end.value for end in ends]:
        return NONE
    numbers = [
        end.value
        if end.exact or wanted.is_written
        else f"ROUND({end.value}*{NUDGE},{indicator.decimals})"
        for end in ends
    ]
    shown = [
        _write_number(catalogue, indicator, end.value if _is_known(end.value) else number)
        for end, number in zip(ends, numbers, strict=True)
    ]
    parts = _target_parts(indicator, wanted.comparator, shown, is_reference=wanted.is_reference)
    if value == NONE or wanted.is_reference or wanted.comparator == "none":
        return _join(parts)
    reached, missed = (quoted(f": {word}") for word in (_("reached"), _("not reached")))
    if wanted.comparator == "yes" and indicator.type == "yes_no":
        verdict = f"IF({value}={quoted(yes_word())},{reached},IF({value}={quoted(no_word())},{missed},{EMPTY}))"
        return _join([*parts, _Written(f"IFERROR({verdict},{EMPTY})")])
    tests = {
        "at_least": "{value}>={first}",
        "at_most": "{value}<={first}",
        "between": "AND({value}>={first},{value}<={last})",
    }
    test = tests.get(wanted.comparator, "{value}={first}").format(
        value=value, first=numbers[0], last=numbers[-1]
    )
    verdict = f"IF(ISNUMBER({value}),IF({test},{reached},{missed}),{EMPTY})"
    return _join([*parts, _Written(verdict)])


def assess_row(
    catalogue: Catalogue,
    key: Key,
    row: Mapping[str, Any],
    gaps: Collection[tuple[str, str, int]],
    place: FormPlace,
) -> str:
    """What the results say of a value, as the formula shows it."""
    if key[0].startswith(TARGET_OF):
        indicator = catalogue.indicators[key[0].removeprefix(TARGET_OF)]
        return _say_target(catalogue, indicator, row, place)
    name = key[0].removeprefix(CLASS_OF)
    scaled = scaled_by(catalogue, name)
    version = scaled.scale.version(row["year"]) if scaled else None
    if version is not None and version.line:
        return "" if row["points"] is None else _say_points(catalogue, row["points"])
    if scaled is None:
        return "" if row["points"] is None else _show_points(catalogue, row["points"])
    if row["value"] is not None and (name, row["place"], row["year"]) in gaps:
        return _gap_words()
    return grade_texts(catalogue, name, row["year"]).get(row["class"] or "", "")


def _say_target(
    catalogue: Catalogue, indicator: Indicator, row: Mapping[str, Any], place: FormPlace
) -> str:
    wanted = indicator.targets.get(row["year"])
    is_reference = place.level not in (indicator.target_levels or catalogue.levels[-1:])
    first = row["reference"] if is_reference else row["target"]
    if wanted is None or first is None:
        return ""
    comparator: str = wanted.comparator
    if wanted.given:
        term = comparator_outside(catalogue, indicator, row["year"], row["scenario"])
        comparator = str(place.values.get(term, KnownValue()).value)
    ends = [each for each in (first, row["target_to"]) if each is not None]
    shown = [_say_number(catalogue, indicator, end) for end in ends]
    text = "".join(map(str, _target_parts(indicator, comparator, shown, is_reference=is_reference)))
    verdict = {"met": _("reached"), "missed": _("not reached")}.get(row["status"] or "")
    return f"{text}: {verdict}" if verdict and not is_reference else text


@dataclass(frozen=True, slots=True)
class _Written:
    """A piece of a text that the sheet computes."""

    formula: str


_Piece = str | _Written


def _target_parts(
    indicator: Indicator, comparator: str, ends: Sequence[_Piece], *, is_reference: bool
) -> list[_Piece]:
    """`не менее 80,0`, `от 10 до 20`, `да`; of the place above `ориентир: не менее 80,0`."""
    words = {
        "at_least": _("at least {value}"),
        "at_most": _("at most {value}"),
        "exactly": _("exactly {value}"),
        "between": _("from {start} to {end}"),
    }.get(comparator, "{value}")
    if comparator == "yes" and indicator.type == "yes_no":
        words = yes_word()
    if is_reference:
        words = _("for comparison: {target}").format(target=words)
    names = ("{start}", "{end}") if comparator == "between" else ("{value}",)
    pieces: list[_Piece] = [words]
    for name, end in zip(names, ends, strict=False):
        *done, last = pieces
        before, found, after = str(last).partition(name)
        pieces = [*done, before, end, after] if found else pieces
    return pieces


def _is_known(value: str) -> bool:
    """Whether it is the same number in the forms of all places."""
    return is_literal(value) and "\x01" not in value


def _write_number(catalogue: Catalogue, indicator: Indicator, value: str) -> _Piece:
    if _is_known(value):
        return _say_number(catalogue, indicator, float(value.strip("()")))
    number = f"FIXED({value},{indicator.decimals},TRUE)"
    return _Written(_mark_decimals(catalogue, number) if indicator.decimals else number)


def _mark_decimals(catalogue: Catalogue, number: str) -> str:
    """A number as a text with the mark of the catalogue's language, whatever that of the program."""
    marks = ('","', '"."') if catalogue.language == "en" else ('"."', '","')
    return f"SUBSTITUTE({number},{marks[0]},{marks[1]})"


def _say_number(catalogue: Catalogue, indicator: Indicator, value: Number) -> str:
    return format_number(value, indicator.decimals, catalogue.language, in_cell=True)


def _join(pieces: Iterable[_Piece]) -> str:
    """One text of pieces that are known and pieces that the sheet computes."""
    parts: list[str] = []
    known = ""
    for piece in pieces:
        if isinstance(piece, str):
            known += piece
            continue
        if known:
            parts.append(quoted(known))
        parts.append(piece.formula)
        known = ""
    if known or not parts:
        parts.append(quoted(known))
    return "&".join(parts)
