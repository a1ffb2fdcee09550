"""Indicators, those of `indicators` and the results of `events`, with their targets and parts."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

from engine.catalogue.build.distributions import read_distribution
from engine.catalogue.build.draft import COMPARATORS, MISSING, Draft, read_period, read_source
from engine.catalogue.build.scales import name_bands, read_scale
from engine.catalogue.build.scores import build_score
from engine.catalogue.build.tables import find_given_scales
from engine.catalogue.entry import Entry, is_yes, normal_name, year_of
from engine.catalogue.lookups import is_rank
from engine.catalogue.model import (
    TEXTUAL,
    Band,
    Better,
    Comparator,
    Event,
    Indicator,
    Input,
    Option,
    PartSum,
    Scale,
    Score,
    Source,
    Symbol,
    Target,
    shorten_title,
)
from engine.language.grammar import Formula, dotted_name, parse_formula
from engine.problems import Problem, nearest_name
from engine.translation import gettext as _
from engine.units import PERCENT, SCHOOL, Unit

BETTER: tuple[Better, ...] = ("more", "less", "neither")
_WRITTEN_COMPARATORS: tuple[Comparator, ...] = ("at_least", "at_most", "exactly", "between")
_TARGET = "target"
Type = Literal["number", "yes_no", "text", "class"]
Formulas = Mapping[str, tuple[tuple[int | None, Formula], ...]]
# Functions whose value is of the type of what they read; the others give a number.
_SAME_TYPE = {"previous": 0, "coalesce": 0, "at": 1, "only": 0}

UNWRITTEN = "?"
"""What stands in place of a formula that is still to be written."""


@dataclass(frozen=True, slots=True)
class _Sketch:
    """An indicator before its type is known: its id, what it is made of, where it is declared."""

    id: str
    entry: Entry
    formulas: tuple[tuple[int | None, Formula], ...]
    event: Event | None = None
    input: str | None = None
    whole: str | None = None
    part: str | None = None
    part_title: str = ""
    part_short: str = ""
    scale: Scale | None = None
    score: Score | None = None


@dataclass(frozen=True, slots=True)
class _Names:
    """The names a formula may use: `symbols`, all but indicators; `indicators`, ids of these."""

    symbols: Mapping[str, Symbol]
    indicators: frozenset[str]


def build_indicators(
    draft: Draft, root: Entry, events: Mapping[str, Event], symbols: Mapping[str, Symbol]
) -> dict[str, Indicator]:
    """Every indicator, each followed by its parts; `symbols`: all names but the indicators'."""
    declared: list[tuple[str, Entry, Event | None]] = [
        (entry.name, entry, None) for entry in draft.declared(root.at("indicators"), cells=symbols)
    ]
    for event in root.children("events"):
        owner = events.get(event.name)
        declared += [
            (f"{event.name}.{result.name}", result, owner)
            for result in draft.declared(event.at("results"), inner=True)
        ]
    wholes = [_sketch(draft, name, entry, owner, symbols) for name, entry, owner in declared]
    scales = {name: read_scale(draft, entry.at("scale"), name) for name, entry, _owner in declared}
    scales |= find_given_scales(draft, {whole.id: whole.formulas for whole in wholes})
    scaled = {
        made: scales[name]
        for name, entry, _owner in declared
        for made in (name, *(f"{name}.{part}" for part in _parts(entry)))
    }
    symbols = {**name_bands(scaled), **symbols}
    names = _Names(
        symbols,
        frozenset(
            made
            for name, entry, _owner in declared
            for made in (name, *(f"{name}.{part}" for part in _parts(entry)))
        ),
    )
    sketches: dict[str, _Sketch] = {}
    for sketched in wholes:
        whole = replace(sketched, scale=scales[sketched.id])
        for sketch in (whole, *_take_parts(draft, whole, names)):
            if sketch.id in sketches:
                _report_twice(draft, sketch, sketches[sketch.id])
            else:
                sketches[sketch.id] = sketch
    types = FormulaTypes(symbols, {name: sketch.formulas for name, sketch in sketches.items()})
    made: dict[str, Indicator] = {}
    for name, sketch in sketches.items():
        if sketch.entry.has("distribution"):
            made |= _distribute(draft, sketch, scales, symbols)
        elif sketch.whole is None:
            made[name] = _finish(draft, sketch, types.of(name), symbols)
        else:
            made[name] = _finish_part(made[sketch.whole], sketch, symbols)
    return made


def _parts(entry: Entry) -> tuple[str, ...]:
    return tuple(normal_name(part.data.strip()) for part in entry.names_at("by"))


def _report_twice(draft: Draft, sketch: _Sketch, first: _Sketch) -> None:
    draft.report(
        "duplicate-id",
        _("the id “{id}” is already declared at {place}").format(
            id=sketch.id, place=first.entry.key_position
        ),
        sketch.entry.key_position,
        _("`by` makes this indicator too: leave one of them"),
    )


def _sketch(
    draft: Draft,
    name: str,
    entry: Entry,
    event: Event | None,
    symbols: Mapping[str, Symbol],
) -> _Sketch:
    """The indicator itself; without a formula it is the input of its id."""
    formulas = _read_formulas(draft, entry)
    cell = None
    if entry.has("distribution"):
        return _Sketch(name, entry, (), event)
    if entry.has("score"):
        score, formula = build_score(draft, entry.at("score"))
        return _Sketch(name, entry, ((None, formula),) if formula else (), event, score=score)
    if not entry.has("formula") or entry.at("formula").data == {}:
        cell = name if isinstance(symbols.get(name), Input) else None
        if cell is None:
            _report_no_formula(draft, name, entry, symbols)
        else:
            formula, _none = parse_formula(name, entry.key_position)
            formulas = ((None, formula),) if formula else ()
    return _Sketch(name, entry, formulas, event, cell)


def _report_no_formula(
    draft: Draft, name: str, entry: Entry, symbols: Mapping[str, Symbol]
) -> None:
    inputs = [symbol.id for symbol in symbols.values() if isinstance(symbol, Input)]
    near = nearest_name(name, inputs)
    draft.report(
        "missing-formula",
        _("the indicator “{id}” has no formula, and there is no input of this id").format(id=name),
        entry.key_position,
        _("there is the input “{input}”: write formula: {input}").format(input=near)
        if near
        else _("write a formula, or declare the input “{id}”").format(id=name),
    )


def _read_formulas(draft: Draft, entry: Entry) -> tuple[tuple[int | None, Formula], ...]:
    """The formula, or the formulas by the first year of each."""
    written = entry.at("formula")
    if not entry.has("formula") or isinstance(written.data, list):
        return ()
    if written.written.strip() == UNWRITTEN:
        draft.problems.append(_ask_formula(entry))
        return ()
    if not written.is_mapping:
        formula = draft.formula(written)
        return ((None, formula),) if formula else ()
    children = list(written.children())
    asked = [child for child in children if child.written.strip() == UNWRITTEN]
    for child in asked:
        _refuse_asked_year(draft, child, first=child == children[0])
    by_year = [(year_of(child), draft.formula(child)) for child in children if child not in asked]
    dated = [(year, formula) for year, formula in by_year if year is not None and formula]
    return tuple(sorted(dated, key=lambda pair: pair[0]))


def _refuse_asked_year(draft: Draft, child: Entry, *, first: bool) -> None:
    """A formula of one year cannot be left to be written: the one before it would hold in silence."""
    year = year_of(child)
    hint = _("write the formula of {year}, or leave this year out").format(year=child.name)
    if year is not None and not first:
        hint = _("write the formula of {year}, or leave this year out and add until: {last}")
        hint = hint.format(year=year, last=year - 1)
    message = _("“?” stands in place of the whole formula, not of the formula of one year")
    draft.report("formula-syntax", message, child.position, hint)


def _ask_formula(entry: Entry) -> Problem:
    """That a formula is still to be written; a line each, for there may be a whole table of them."""
    title = entry.text("short").strip() or shorten_title(entry.text("title") or entry.name)
    name = f"{entry.text('code')} {title}".strip()
    return Problem(
        "formula-asked",
        _("the formula is not written yet: {indicator}").format(indicator=name),
        entry.at("formula").position._replace(excerpt=""),
        severity="warning",
    )


def _take_parts(draft: Draft, whole: _Sketch, names: _Names) -> Iterator[_Sketch]:
    """The indicator for each part of `by`: every input replaced by its part."""
    for part, entry in zip(_parts(whole.entry), whole.entry.names_at("by"), strict=True):
        uses = {use for _year, formula in whole.formulas for use in _values(formula)}
        renamed, lacking = {}, []
        for use in sorted(uses):
            symbol = names.symbols.get(use)
            name = f"{use}.{part}"
            if isinstance(symbol, Band):
                name = f"{symbol.owner}.{part}.{symbol.class_id}"
                known = name in names.symbols
            elif isinstance(symbol, Input | PartSum):
                known = name in names.symbols
            elif symbol is None and use in names.indicators:
                known = name in names.indicators
            else:
                continue
            if known:
                renamed[use] = name
            else:
                lacking.append(use)
        if not lacking:
            yield _part_of(whole, part, renamed, names.symbols)
            continue
        draft.report(
            "missing-part",
            _("no part “{part}” is declared for: {inputs}").format(
                part=part, inputs=", ".join(lacking)
            ),
            entry.position,
            _("declare it there under of_which, or take “{part}” out of by").format(part=part),
            about=lacking[0],
        )


def _values(formula: Formula) -> Iterator[str]:
    """The names whose values a formula takes: a target is the same for all parts."""
    targets = {
        formula.span(argument)
        for call, use in formula.calls()
        for argument in call.args
        if use.id == _TARGET
    }
    return (use.id for use in formula.names() if use.position not in targets)


def _part_of(
    whole: _Sketch, part: str, renamed: Mapping[str, str], symbols: Mapping[str, Symbol]
) -> _Sketch:
    cell = f"{whole.input}.{part}" if whole.input else ""
    cells = (_first_input(name, symbols) for name in renamed.values())
    named = next((each for each in cells if each is not None and each.title), None)
    return _Sketch(
        id=f"{whole.id}.{part}",
        entry=whole.entry,
        formulas=tuple(
            (year, formula.rename(renamed, but_in=_TARGET)) for year, formula in whole.formulas
        ),
        event=whole.event,
        input=cell if isinstance(symbols.get(cell), Input) else None,
        whole=whole.id,
        part=part,
        part_title=named.title if named else part,
        part_short=named.short_title if named else part,
    )


def _first_input(name: str, symbols: Mapping[str, Symbol]) -> Input | None:
    symbol = symbols.get(name)
    cells = getattr(symbol, "cells", (name,))
    first = symbols.get(cells[0])
    return first if isinstance(first, Input) else None


def _finish(draft: Draft, sketch: _Sketch, kind: Type, symbols: Mapping[str, Symbol]) -> Indicator:
    entry, event = sketch.entry, sketch.event
    cell = symbols.get(sketch.input) if sketch.input else None
    own = cell if isinstance(cell, Input) else None
    unit = draft.unit(entry.at("unit")) if entry.has("unit") else own.unit if own else None
    # What is not due is left for the measuring, which says so if the formula is sound.
    if kind != "number" and (
        not entry.has("unit") or (unit == SCHOOL and _counts_schools(draft, sketch, symbols))
    ):
        unit = None
    targets, decimals = build_targets(draft, entry, kind, unit)
    levels = _read_levels(draft, entry, "levels")
    if entry.has("levels") and not entry.names_at("levels"):
        draft.report(
            "levels-empty",
            _("“{id}” has no level left at which it is computed").format(id=sketch.id),
            entry.at("levels").position,
            _("name one or leave the key out: {levels}").format(levels=", ".join(draft.levels)),
            about=sketch.id,
        )
    title = entry.text("title")
    return Indicator(
        id=sketch.id,
        title=title or (own.title if own else sketch.id),
        type=kind,
        unit=unit,
        formulas=sketch.formulas,
        decimals=decimals,
        code=entry.text("code", event.code if event else ""),
        group=entry.text("group", event.section if event else ""),
        input=sketch.input,
        better=entry.choice("better", BETTER, "less" if is_rank(sketch.formulas) else "neither"),
        missing=entry.choice("missing", MISSING, draft.missing),
        targets=targets,
        target_levels=_target_levels(draft, entry, levels),
        interpretation=entry.text("interpretation"),
        source=read_source(entry.at("source"), event.source if event else Source()),
        concept=entry.text("concept"),
        period=read_period(entry, event.period if event else draft.period),
        since=entry.whole("since"),
        until=entry.whole("until"),
        event=event.id if event else None,
        short=entry.text("short").strip() or (own.short if own and not title else ""),
        position=entry.key_position,
        positions=entry.positions(),
        scale=sketch.scale or (own.scale if own else None),
        levels=levels,
        score=sketch.score,
    )


def _distribute(
    draft: Draft, sketch: _Sketch, scales: Mapping[str, Scale | None], symbols: Mapping[str, Symbol]
) -> dict[str, Indicator]:
    """The indicators of a distribution, one for every class; it is none itself."""
    whole = _finish(draft, sketch, "number", symbols)
    made = {
        f"{whole.id}.{each.class_id}": replace(
            whole,
            id=f"{whole.id}.{each.class_id}",
            title=f"{whole.title}: {each.title}",
            short=shorten_title(f"{whole.short_title}: {each.short}"),
            unit=PERCENT,
            formulas=((None, each.formula),),
            code="",
            targets={},
            scale=None,
            distribution=sketch.entry.name_at("distribution"),
        )
        for each in read_distribution(draft, sketch.entry, scales, symbols)
    }
    # A result of an event stands under its own id, and must be there.
    return made if sketch.event is None else {whole.id: whole}


def _counts_schools(draft: Draft, sketch: _Sketch, symbols: Mapping[str, Symbol]) -> bool:
    """Whether it is a bare yes/no of schools: above them it is how many said yes, with a unit."""
    named = [symbols.get(dotted_name(formula.tree)) for _year, formula in sketch.formulas]
    return all(isinstance(symbol, Input) and symbol.level == draft.levels[0] for symbol in named)


def _finish_part(whole: Indicator, sketch: _Sketch, symbols: Mapping[str, Symbol]) -> Indicator:
    """The row of one part: as the whole is, but targets and the printed number are the whole's."""
    cell = symbols.get(sketch.input) if sketch.input else None
    own = cell.unit if isinstance(cell, Input) and "unit" not in whole.positions else None
    return replace(
        whole,
        id=sketch.id,
        title=f"{whole.title}: {sketch.part_title}",
        short=f"{whole.short_title}: {sketch.part_short}",
        unit=own or whole.unit,
        formulas=sketch.formulas,
        input=sketch.input,
        part=sketch.part,
        code="",
        targets={},
    )


def _target_levels(draft: Draft, entry: Entry, levels: tuple[str, ...]) -> tuple[str, ...]:
    """The levels at which the target is judged; where none is written, the highest of its own."""
    highest = sorted(levels or draft.levels, key=draft.levels.index)[-1:]
    return _read_levels(draft, entry, "target_level") or tuple(highest)


def _read_levels(draft: Draft, entry: Entry, key: str) -> tuple[str, ...]:
    """The levels named under a key, without those that are unknown."""
    known = (draft.level(level, "", given=False) for level in entry.names_at(key))
    return tuple(dict.fromkeys(level for level in known if level))


# --- targets --------------------------------------------------------------------------------------
# What the order wants of each year, and with how many decimals it is printed.


def build_targets(
    draft: Draft, entry: Entry, kind: str, unit: Unit | None
) -> tuple[dict[int, Target], int]:
    """The targets by year, and the decimals of the indicator.

    Decimals are the indicator's own; else none for a plain counted unit; else the larger of the
    catalogue's and those its targets are written with.
    """
    comparator = entry.choice("comparator", COMPARATORS, draft.comparator)
    targets = {}
    for written in entry.children("targets"):
        year = year_of(written)
        target = None if year is None else _read_target(draft, written, year, comparator)
        if target:
            targets[target.year] = target
    decimals = entry.whole("decimals")
    if decimals is None:
        if kind != "number" or (unit is not None and unit.counted):
            decimals = 0
        else:
            decimals = max(draft.decimals, *(target.decimals for target in targets.values()), 0)
    return targets, decimals


def _read_target(draft: Draft, entry: Entry, year: int, comparator: Comparator) -> Target | None:
    if entry.is_mapping:
        return _read_compared(draft, entry, year)
    value, number = entry.data, entry.number
    if is_yes(value):
        comparator, number = "yes", Fraction(1)
    if value is not None and number is None:
        return None
    return Target(
        year,
        comparator,
        number,
        decimals=entry.decimals,
        position=entry.position,
        year_position=entry.key_position,
    )


def _read_compared(draft: Draft, entry: Entry, year: int) -> Target | None:
    """A target with its comparator: `{at_least: 250}`, `{between: [90, 110]}`."""
    comparators = [word for word in _WRITTEN_COMPARATORS if entry.at(word).data is not None]
    if len(comparators) > 1:
        draft.report(
            "contradictory-targets",
            _("one year has two targets: {targets}").format(
                targets=", ".join(f"{word} {entry.text(word)}".strip() for word in comparators)
            ),
            entry.position,
            _("leave one; for both ends write between: [a, b]"),
        )
    if len(comparators) != 1:
        return None
    word = comparators[0]
    value = entry.at(word)
    ends = tuple(value.children()) if word == "between" else (value,)
    numbers = [end.number for end in ends]
    if len(ends) != (2 if word == "between" else 1) or (None in numbers and value.data is not None):
        return None
    return Target(
        year,
        word,
        numbers[0],
        numbers[1] if numbers[1:] else None,
        max(end.decimals for end in ends),
        value.position,
        entry.key_position,
    )


# --- types ----------------------------------------------------------------------------------------
# What a formula gives, known before units are read.


class FormulaTypes:
    """Whether a formula gives a number, a yes/no or a text; each indicator is looked at once."""

    def __init__(self, symbols: Mapping[str, Symbol], formulas: Formulas) -> None:
        self.symbols = symbols
        self.formulas = formulas
        self.known: dict[str, Type] = {}

    def of(self, name: str) -> Type:
        """The type of an indicator: that of its last formula."""
        if name not in self.known:
            self.known[name] = "number"  # what a cycle sees of itself
            formulas = self.formulas[name]
            if formulas:
                self.known[name] = self.of_tree(formulas[-1][1].tree)
        return self.known[name]

    def of_tree(self, tree: ast.expr) -> Type:
        """The type of a part of a formula."""
        if isinstance(tree, ast.Compare | ast.BoolOp):
            return "yes_no"
        if isinstance(tree, ast.UnaryOp):
            return "yes_no" if isinstance(tree.op, ast.Not) else "number"
        if isinstance(tree, ast.IfExp):
            return self.of_tree(tree.body)
        if isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name):
            number = _SAME_TYPE.get(tree.func.id)
            if number is None or number >= len(tree.args):
                return "class" if tree.func.id == "lookup" else "number"
            return self.of_tree(tree.args[number])
        return self._of_name(dotted_name(tree))

    def _of_name(self, name: str) -> Type:
        symbol = self.symbols.get(name)
        if symbol is None:
            return self.of(name) if name in self.formulas else "number"
        if isinstance(symbol, Option | Band):
            return "yes_no"
        kind = getattr(symbol, "type", "number")
        return "yes_no" if kind == "yes_no" else "text" if kind in TEXTUAL else "number"
