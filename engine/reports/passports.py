"""The passport of an indicator: what it is, how it is counted, where the order says so."""

from __future__ import annotations

from dataclasses import dataclass

from engine.catalogue.lookups import (
    is_rank,
    list_tables,
    scaled_by,
    short_of,
    short_of_row,
    show_formula_words,
    title_of,
)
from engine.catalogue.model import Catalogue, Indicator, Input, PartSum, Period
from engine.catalogue.scale_words import (
    describe_answers,
    describe_scale,
    describe_table,
    head_grades,
)
from engine.level_words import word_of_level
from engine.reports.target_words import list_computed_targets, show_base, show_breaks
from engine.translation import gettext as _
from engine.typography import nest_quotes
from engine.units import unit_label


@dataclass(frozen=True, slots=True)
class FormulaWords:
    """A formula as written and in words, and the year from which it holds (None: always)."""

    since: int | None
    text: str
    words: str


@dataclass(frozen=True, slots=True)
class Passport:
    """What an indicator (or an input) is: how it is counted, and where the order says so.

    Here stands its full title; all else prints `short_title` (of a result after its event's).

    `missing` says in words what becomes of schools that have not reported, `better` which way is
    good; both are empty where there is nothing to say. `inputs` are short titles of the inputs it needs.
    `scale`: its classes and points in words, a line for each version; `scale_heading`: which of
    them. `targets`: those that are no plain numbers, in words; `base`: what they are counted from;
    `breaks`: the years from which the series is not comparable with what it was before; `expected`:
    the target cell as the order prints it.
    """

    id: str
    code: str
    title: str
    short_title: str
    group: str
    unit: str
    formulas: tuple[FormulaWords, ...]
    inputs: tuple[str, ...]
    missing: str
    better: str
    period: Period
    document: str
    number: str
    date: str
    clause: str
    interpretation: str
    scale: tuple[str, ...] = ()
    scale_heading: str = ""
    base: str = ""
    targets: tuple[str, ...] = ()
    expected: str = ""
    breaks: str = ""


def make_passport(catalogue: Catalogue, name: str) -> Passport:
    """The passport of an indicator or an input; KeyError where there is none of that name."""
    indicator = catalogue.indicators.get(name)
    return _of_indicator(catalogue, indicator) if indicator else _of_input(catalogue, name)


def show_formulas(passport: Passport) -> list[str]:
    """Its formulas in words, each with the year from which it holds."""
    since = _("from {year}: ")
    return [
        (since.format(year=formula.since) if formula.since else "") + formula.words
        for formula in passport.formulas
    ]


def show_document(passport: Passport) -> str:
    """Title, number and date of the order."""
    return " ".join(filter(None, (passport.document, passport.number, passport.date)))


def _of_indicator(catalogue: Catalogue, indicator: Indicator) -> Passport:
    group = catalogue.groups.get(indicator.group)
    source = indicator.source
    # What is asked as it stands needs no formula.
    formulas = () if indicator.input else indicator.formulas
    inputs = [indicator.input] if indicator.input else _names(catalogue, indicator)
    return Passport(
        id=indicator.id,
        code=indicator.code,
        title=indicator.title,
        short_title=short_of_row(catalogue, indicator),
        group=group.title if group else "",
        unit=unit_label(indicator.unit, catalogue.language, ordinal=is_rank(indicator.formulas)),
        formulas=tuple(
            FormulaWords(
                since,
                formula.text,
                show_formula_words(catalogue, indicator, formula.tree, indicator.where),
            )
            for since, formula in formulas
        ),
        inputs=tuple(short_of(catalogue, each) for each in inputs),
        missing=""
        if indicator.type in {"text", "class"} or indicator.score
        else _missing(catalogue, indicator),
        better=_better(indicator),
        period=indicator.period,
        document=nest_quotes(source.title or catalogue.source.title),
        number=source.number or catalogue.source.number,
        date=source.date or catalogue.source.date,
        clause=source.clause,
        interpretation=indicator.interpretation,
        scale=_scale(catalogue, indicator.id),
        scale_heading=_head_scale(catalogue, indicator.id),
        base=show_base(catalogue, indicator),
        targets=tuple(list_computed_targets(catalogue, indicator)),
        expected=indicator.expected,
        breaks=show_breaks(catalogue, indicator.id),
    )


def _of_input(catalogue: Catalogue, name: str) -> Passport:
    symbol = catalogue.symbols.get(name)
    # Parts of a partition summed: what holds of one of them holds of all.
    cell = symbol.cells[0] if isinstance(symbol, PartSum) else name
    declared: Input = catalogue.inputs[cell]
    return Passport(
        id=name,
        code="",
        title=title_of(catalogue, name),
        short_title=short_of(catalogue, name),
        group="",
        unit=unit_label(declared.unit, catalogue.language),
        formulas=(),
        inputs=(),
        missing="",
        better="",
        period=catalogue.period,
        document=nest_quotes(catalogue.source.title),
        number=catalogue.source.number,
        date=catalogue.source.date,
        clause="",
        interpretation=declared.note,
        scale=_scale(catalogue, cell),
        scale_heading=_head_scale(catalogue, cell),
    )


def _scale(catalogue: Catalogue, name: str) -> tuple[str, ...]:
    scaled, answer = scaled_by(catalogue, name), catalogue.inputs.get(name)
    if scaled is not None and scaled.is_class:
        tables = list_tables(catalogue, catalogue.indicators[name])
        return tuple(line for table in tables for line in describe_table(catalogue, table))
    if scaled is not None:
        return describe_scale(catalogue, scaled.scale)
    return describe_answers(catalogue, answer) if answer is not None else ()


def _head_scale(catalogue: Catalogue, name: str) -> str:
    """What `_scale` says: of a class from a table its classes, of answers their points."""
    scaled = scaled_by(catalogue, name)
    if scaled is None:
        return head_grades(classes=False, points=True)
    points = scaled.scale.has_points and not scaled.is_class
    return head_grades(classes=bool(scaled.scale.classes), points=points)


def _names(catalogue: Catalogue, indicator: Indicator) -> list[str]:
    """The names of all formulas, each once, as they are met."""
    names = {
        name: None
        for _since, formula in indicator.formulas
        for name in [use.id for use in formula.names()]
    }
    return [name for name in names if name in catalogue.symbols]


def _missing(catalogue: Catalogue, indicator: Indicator) -> str:
    text = {
        "skip": _("{places} that have not reported are left out"),
        "zero": _("{places} that have not reported are counted as zero"),
        "block": _("computed only when everybody has reported"),
    }[indicator.missing]
    return text.format(places=word_of_level(catalogue.levels[0], "many"))


def _better(indicator: Indicator) -> str:
    return {"more": _("more is better"), "less": _("less is better"), "neither": ""}[
        indicator.better
    ]
