"""A changed definition in words: which thing, which key of it, what it was and what it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from engine.catalogue.lookups import short_of, short_of_row, show_words
from engine.catalogue.model import (
    AdviceText,
    Catalogue,
    Expectation,
    Scale,
    Source,
    Table,
    Target,
    Titled,
    shorten_title,
)
from engine.catalogue.scale_words import describe_scale, describe_table
from engine.evaluation.difference.definition_changes import (
    OF_GROUPS,
    AspectChange,
    DefinitionChange,
    DefinitionKind,
)
from engine.language.grammar import Formula
from engine.level_words import name_level
from engine.reports.filters import DASH, basis, describe_target, reason
from engine.reports.target_words import show_target_words
from engine.translation import chosen_language
from engine.translation import gettext as _
from engine.typography import quote
from engine.units import Unit, format_number, unit_label

_TITLED = frozenset(("within", "asked_when", "asked", "cells", "by"))
_OF_LEVELS = frozenset(("level", "levels", "given", "fills", "public_levels", "target_levels"))
_NOT_SHOWN = frozenset(("sections", "answers", "answers_above", "columns"))
"""Whole tables, of which only that they are others is said."""


# --- things ---------------------------------------------------------------------------------------


def name_definition(catalogue: Catalogue, kind: DefinitionKind, name: str) -> str:
    """A thing as a line names it: `4.2.2 Доля обучающихся …`, `вход «…»`."""
    title = _title(catalogue, kind, name)
    if kind == "indicator":
        code = catalogue.indicators[name].code
        return f"{code} {title}".strip()
    if kind == "event":
        return _("event {title}").format(title=f"{catalogue.events[name].code} {title}".strip())
    if kind == "group":
        return _("section {title}").format(title=catalogue.groups[name].heading)
    quoted = quote(title)
    words: Mapping[DefinitionKind, str] = {
        "catalogue": _("the catalogue {title}"),
        "register": _("column of the register {title}"),
        "unit": _("unit {title}"),
        "constant": _("constant {title}"),
        "input": _("input {title}"),
        "form": _("form {title}"),
        "check": _("check {title}"),
        "advice": _("recommendation {title}"),
        "example": _("example {title}"),
        "publication": _("publication"),
    }
    return words[kind].format(title=quoted)


def _title(catalogue: Catalogue, kind: DefinitionKind, name: str) -> str:
    if kind in {"catalogue", "publication"}:
        return shorten_title(catalogue.title)
    if kind == "indicator":
        return short_of_row(catalogue, catalogue.indicators[name])
    if kind in {"input", "constant", "register"}:
        return short_of(catalogue, name)
    titled: Mapping[str, Mapping[str, Titled]] = {
        "group": catalogue.groups,
        "event": catalogue.events,
        "form": catalogue.forms,
    }
    if kind in titled:
        return titled[kind][name].short_title
    return catalogue.units[name].title if kind == "unit" else name


def _find_thing(
    change: DefinitionChange, before: Catalogue, after: Catalogue
) -> tuple[Catalogue, str]:
    """The catalogue that has the thing, the new one if both do, and its id there."""
    return (after, change.id) if change.id else (before, change.former)


def say_what(change: DefinitionChange, before: Catalogue, after: Catalogue) -> str:
    """The line of a thing: what it is called and what became of it."""
    catalogue, name = _find_thing(change, before, after)
    thing = name_definition(catalogue, change.kind, name)
    if change.what == "changed":
        return thing
    patterns = {
        "added": _("added: {thing}"),
        "removed": _("removed: {thing}"),
        "renamed": _("{thing}: its id is now {id}, it was {former}"),
    }
    return patterns[change.what].format(thing=thing, id=change.id, former=change.former)


def name_briefly(change: DefinitionChange, before: Catalogue, after: Catalogue) -> str:
    """The number of the order, or else the thing as a line names it."""
    catalogue, name = _find_thing(change, before, after)
    code = catalogue.indicators[name].code if change.kind == "indicator" else ""
    return code or name_definition(catalogue, change.kind, name)


# --- aspects --------------------------------------------------------------------------------------


def name_aspect(aspect: AspectChange) -> str:
    """The key in words, with its year."""
    name = aspect_names().get(aspect.aspect, aspect.aspect)
    if aspect.aspect == "where" and not isinstance(aspect.before or aspect.after, str):
        name = _("who counts")  # of a policy it is its place in the order
    if aspect.year is None:
        return name
    pattern = _("{name} from {year}") if aspect.aspect == "formulas" else _("{name} of {year}")
    return pattern.format(name=name, year=aspect.year)


def say_aspect(
    aspect: AspectChange, change: DefinitionChange, before: Catalogue, after: Catalogue
) -> tuple[str, str]:
    """What it was and what it is, in words; empty where only the fact can be told."""
    if aspect.aspect in _NOT_SHOWN:
        return "", ""
    old = _say(aspect.aspect, aspect.before, before, change.former)
    new = _say(aspect.aspect, aspect.after, after, change.id)
    if old == new and isinstance(aspect.before, Formula) and isinstance(aspect.after, Formula):
        return aspect.before.text, aspect.after.text
    return ("", "") if old == new else (old, new)


def _say(aspect: str, value: Any, catalogue: Catalogue, name: str) -> str:
    if value is None or value in ("", ()) or value == Source():
        return DASH
    if isinstance(value, Mapping):
        pairs = ((key, _say(aspect, inner, catalogue, name)) for key, inner in value.items())
        return "; ".join(words if key is None else f"{key}: {words}" for key, words in pairs)
    if isinstance(value, tuple):
        return ", ".join(_say(aspect, inner, catalogue, name) for inner in value)
    if isinstance(value, str):
        return _say_word(aspect, value, catalogue)
    if isinstance(value, Target):
        return _say_target(value, catalogue, name)
    return _say_object(value, catalogue)


def _say_word(aspect: str, value: str, catalogue: Catalogue) -> str:
    """A text as it is, a word of the language in words, an id by the title of what it names."""
    if aspect in _TITLED:
        return quote(short_of(catalogue, value))
    if aspect in OF_GROUPS:
        group = catalogue.groups.get(value)
        return group.heading if group else value
    if aspect in _OF_LEVELS:
        return name_level(value)
    return _keywords().get(aspect, {}).get(value, value)


def _say_object(value: Any, catalogue: Catalogue) -> str:
    match value:
        case Formula():
            text = show_words(catalogue, value.tree)
        case Expectation():
            text = _say_expectation(value, catalogue)
        case AdviceText():
            text = value.written
        case Scale():
            text = " | ".join(describe_scale(catalogue, value))
        case Table():
            text = " | ".join(describe_table(catalogue, value))
        case Unit():
            text = unit_label(value, catalogue.language) or value.title
        case Source():
            text = " · ".join(filter(None, (basis(value), value.clause, value.url)))
        case bool():
            text = _("yes") if value else _("no")
        case Fraction():
            text = format_number(value, None, chosen_language())
        case _:
            text = str(value)
    return text


def _say_expectation(expected: Expectation, catalogue: Catalogue) -> str:
    """`«Доля прошедших» (a) — 80`: the indicator, its place and what must come out."""
    row = catalogue.indicators.get(expected.indicator)
    name = short_of_row(catalogue, row) if row else expected.indicator
    place = f" ({expected.place})" if expected.place else ""
    value: Any = expected.value
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = Fraction(str(value))
    wanted = reason(expected.reason) if expected.reason else _say("", value, catalogue, "")
    if expected.class_id:
        wanted = expected.class_id if expected.is_class_alone else f"{wanted}, {expected.class_id}"
    return f"{quote(name)}{place} — {wanted}"


def _say_target(target: Target, catalogue: Catalogue, name: str) -> str:
    if not target.is_set:
        return _("not set")
    if target.value is None:
        return show_target_words(target, catalogue, name)
    indicator = catalogue.indicators[name]
    wanted: float | bool | tuple[float, float] = float(target.value)
    if target.comparator == "yes":
        wanted = True
    elif target.value_to is not None:
        wanted = (float(target.value), float(target.value_to))
    return describe_target(wanted, target.comparator, max(target.decimals, indicator.decimals))


def list_aspects(aspects: tuple[AspectChange, ...]) -> Iterator[str]:
    """The keys in words, each once."""
    yield from dict.fromkeys(map(name_aspect, aspects))


def aspect_names() -> Mapping[str, str]:
    """The fields of the model in words."""
    return {
        "accepted": _("why it is accepted"),
        "added": _("why it is asked"),
        "answers": _("answers of the example"),
        "answers_above": _("answers of the example above the lowest level"),
        "applies_to": _("to whom it applies"),
        "asked": _("what is asked"),
        "asked_for": _("for which year it is asked"),
        "asked_if": _("on which condition it is asked"),
        "asked_when": _("asked when the answer is yes"),
        "base": _("base"),
        "better": _("what is better"),
        "breaks": _("years not comparable with those before"),
        "by": _("also by parts"),
        "clause": _("clause of the order"),
        "code": _("number"),
        "colours": _("colours"),
        "columns": _("register of the example"),
        "concept": _("shared concept"),
        "given_at": _("levels that give it"),
        "confidential": _("confidential"),
        "decimals": _("digits after the decimal mark"),
        "dimensions": _("what the unit is made of"),
        "dues": _("due day"),
        "expectations": _("what is expected"),
        "expected": _("expected result"),
        "facts": _("years of facts"),
        "fills": _("level that fills it"),
        "footer": _("text after the rows"),
        "forecasts": _("years of forecasts"),
        "forms": _("forms of the word"),
        "formulas": _("formula"),
        "given": _("levels from which only inputs come"),
        "graded": _("scale"),
        "group": _("section"),
        "interpretation": _("how it is understood"),
        "intro": _("text before the rows"),
        "language": _("language of reports"),
        "level": _("level"),
        "levels": _("levels"),
        "limits": _("limits of the number"),
        "mean_points": _("whether its points above are a mean"),
        "message": _("message"),
        "missing": _("what becomes of gaps"),
        "municipality": _("municipality"),
        "note": _("note"),
        "options": _("options"),
        "parts_are": _("how parts make the whole"),
        "people": _("units that count people"),
        "period": _("how a year is printed"),
        "points": _("points"),
        "priority": _("priority"),
        "public_levels": _("levels made public"),
        "ranking": _("public comparison of places"),
        "region": _("region"),
        "required": _("whether it must be filled in"),
        "responsible": _("who is responsible"),
        "rollup": _("how it rolls up"),
        "rule": _("rule"),
        "same_schools": _("over the same schools"),
        "scenario": _("scenario"),
        "scale": _("how many base units it is"),
        "section": _("section"),
        "sections": _("rows of the form"),
        "severity": _("severity"),
        "short": _("short title"),
        "since": _("first year"),
        "source": _("source"),
        "suppress_below": _("numbers of people hidden below"),
        "table": _("table of two classes"),
        "target_levels": _("level of the target"),
        "targets": _("target"),
        "text": _("text"),
        "texts": _("answers in words"),
        "title": _("title"),
        "type": _("kind of the answer"),
        "unit": _("unit"),
        "until": _("last year"),
        "values": _("value"),
        "values_by_place": _("values by place"),
        "when": _("when"),
        "where": _("place in the order"),
        "within": _("lies within"),
        "years": _("years of the report"),
        "zeros": _("zero people"),
    }


def _keywords() -> Mapping[str, Mapping[str, str]]:
    """Words of the language that a field may hold, in words."""
    shown, hidden = _("shown"), _("hidden")
    return {
        "better": {"more": _("more"), "less": _("less"), "neither": _("neither")},
        "missing": {
            "skip": _("who has not reported is left out"),
            "zero": _("gaps of who has reported in part are counted as zero"),
            "block": _("there is a value only where everybody has reported"),
        },
        "parts_are": {
            "partition": _("they add up to it"),
            "subset": _("each is not more than it"),
            "overlap": _("they overlap"),
        },
        "period": {"calendar_year": _("calendar year"), "academic_year": _("academic year")},
        "ranking": {"forbidden": _("forbidden"), "allowed": _("allowed")},
        "scenario": {"fact": _("fact"), "forecast": _("forecast")},
        "rollup": {
            "sum": _("sum"),
            "mean": _("mean"),
            "min": _("the least"),
            "max": _("the greatest"),
            "last": _("the last"),
            "none": _("does not roll up"),
            "schools": _("how many said yes"),
            "texts": _("list of answers"),
        },
        "severity": {"error": _("error"), "warning": _("warning")},
        "type": {
            "count": _("count"),
            "number": _("a number"),
            "yes_no": _("yes or no"),
            "choice": _("choice"),
            "text": _("a text"),
            "date": _("date"),
            "link": _("link"),
        },
        "asked_for": {"this": _("for its own year"), "previous": _("for the year before")},
        "zeros": {"hidden": hidden, "shown": shown},
        "texts": {"hidden": hidden, "shown": shown},
    }
