"""Indicators, those of `indicators` and the results of `events`, with their targets and parts."""

from __future__ import annotations

import ast
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from engine.catalogue.build.distributions import read_distribution
from engine.catalogue.build.draft import (
    MISSING,
    Draft,
    Formulas,
    read_period,
    read_source,
    read_where,
)
from engine.catalogue.build.scales import name_bands, read_scale
from engine.catalogue.build.scores import build_score
from engine.catalogue.build.splits import Split, list_splits
from engine.catalogue.build.tables import find_given_scales
from engine.catalogue.build.targets import build_base, build_targets, read_breaks
from engine.catalogue.entry import Entry, normal_name, year_of
from engine.catalogue.lookups import is_rank
from engine.catalogue.model import (
    TEXTUAL,
    Band,
    Better,
    Event,
    Indicator,
    Input,
    Option,
    PartSum,
    Scale,
    Score,
    Source,
    Symbol,
    shorten_title,
)
from engine.language.functions import SAME_TYPE
from engine.language.grammar import Formula, dotted_name, parse_formula
from engine.problems import Position, Problem, nearest_name, suggest_name
from engine.translation import gettext as _
from engine.translation import use_language
from engine.units import PERCENT, SCHOOL

BETTER: tuple[Better, ...] = ("more", "less", "neither")
_TARGET = "target"
Type = Literal["number", "yes_no", "text", "class"]

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
    split: Split | None = None


@dataclass(frozen=True, slots=True)
class _Names:
    """The names a formula may use: `symbols`, all but indicators; `indicators`, ids of these.

    `parts`: the words after the dot of all parts of inputs.
    """

    symbols: Mapping[str, Symbol]
    indicators: frozenset[str]
    parts: frozenset[str]


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
    parts = frozenset(
        word
        for name, symbol in symbols.items()
        if isinstance(symbol, Input | PartSum)
        for word in _list_endings(name)
    )
    scales = {name: read_scale(draft, entry.at("scale"), name) for name, entry, _owner in declared}
    scales |= find_given_scales(draft, {whole.id: whole.formulas for whole in wholes})
    scaled = {
        made: scales[name]
        for name, entry, _owner in declared
        for made in (name, *(f"{name}.{part}" for part in _list_parts(draft, entry, parts)))
    }
    symbols = {**name_bands(scaled), **symbols}
    names = _Names(
        symbols,
        frozenset(
            made
            for name, entry, _owner in declared
            for made in (name, *(f"{name}.{part}" for part in _list_parts(draft, entry, parts)))
        ),
        parts,
    )
    sketches: dict[str, _Sketch] = {}
    for sketched in wholes:
        whole = replace(sketched, scale=scales[sketched.id])
        for sketch in (whole, *_take_parts(draft, whole, names)):
            first = sketches[sketch.id].entry.key_position if sketch.id in sketches else None
            if sketch.split is not None and sketch.id in symbols:
                first = getattr(symbols[sketch.id], "position", None) or sketch.entry.key_position
            if first is not None:
                _report_twice(draft, sketch, first)
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
            made[name] = _finish_part(draft, made[sketch.whole], sketch, symbols)
    return made


def _list_endings(name: str) -> Iterator[str]:
    """What follows each dot of a name."""
    while name := name.partition(".")[2]:
        yield name


def _list_words(entry: Entry) -> tuple[str, ...]:
    return tuple(normal_name(part.data.strip()) for part in entry.names_at("by"))


def _list_parts(draft: Draft, entry: Entry, parts: Container[str]) -> Iterator[str]:
    """What may stand after the id of an indicator and a dot: parts, and options of the register."""
    for word in _list_words(entry):
        if word in parts or word not in draft.register:
            yield word
        if word in draft.register:
            yield from (split.id for split in list_splits(draft.register[word]))


def _report_twice(draft: Draft, sketch: _Sketch, first: Position) -> None:
    draft.report(
        "duplicate-id",
        _("the id “{id}” is already declared at {place}").format(id=sketch.id, place=first),
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
    """The indicator for each word of `by`.

    A part replaces every input by its part; a column of the register gives one for each option.
    """
    uses = {use for _year, formula in whole.formulas for use in _values(formula)}
    for part, entry in zip(_list_words(whole.entry), whole.entry.names_at("by"), strict=True):
        is_part = any(f"{use}.{part}" in names.symbols for use in uses)
        is_part = is_part or any(f"{use}.{part}" in names.indicators for use in uses)
        if part in draft.register and not is_part:
            yield from _split(draft, whole, part, entry)
            continue
        if part not in names.parts and not is_part:
            _report_unknown_part(draft, part, entry, names)
            continue
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


def _split(draft: Draft, whole: _Sketch, column: str, entry: Entry) -> Iterator[_Sketch]:
    """The indicator among the schools of each option of a column of the register."""
    declared = draft.register[column]
    with use_language(draft.language):
        splits = list_splits(declared, entry.position)
    if not splits and declared.type != "choice":
        draft.report(
            "by-text",
            _("the column “{column}” is neither a choice nor a yes/no").format(column=column),
            entry.position,
            _("an indicator is made for every option: write type: choice and options: there"),
            about=column,
        )
    for split in splits:
        yield replace(
            whole,
            id=f"{whole.id}.{split.id}",
            input=None,
            whole=whole.id,
            part=split.id,
            part_title=split.title,
            part_short=split.short_title,
            split=split,
        )


def _report_unknown_part(draft: Draft, part: str, entry: Entry, names: _Names) -> None:
    known = (*draft.register, *sorted(names.parts))
    draft.report(
        "by-unknown",
        _("“{part}” is neither a part of an input nor a column of the register").format(part=part),
        entry.position,
        suggest_name(part, known)
        or _("declare it under of_which, or under register as a choice or a yes/no"),
        about=part,
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
    base = build_base(draft, entry, symbols)
    targets, decimals = build_targets(draft, entry, kind, unit, base)
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
        concept=entry.name_at("concept"),
        period=read_period(entry, event.period if event else draft.period),
        since=entry.whole("since"),
        until=entry.whole("until"),
        event=event.id if event else None,
        short=entry.text("short").strip() or (own.short if own and not title else ""),
        position=entry.key_position,
        positions=entry.positions()
        | {f"targets_by.{part.name}": part.key_position for part in entry.children("targets_by")},
        same_schools=entry.yes("same_schools"),
        scale=sketch.scale or (own.scale if own else None),
        levels=levels,
        score=sketch.score,
        base=base,
        expected=entry.text("expected"),
        breaks=read_breaks(entry),
        where=read_where(draft, entry),
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
            short=f"{whole.short_title}: {each.short}",
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


def _finish_part(
    draft: Draft, whole: Indicator, sketch: _Sketch, symbols: Mapping[str, Symbol]
) -> Indicator:
    """The row of one part: as the whole is, but with targets of its own and no printed number."""
    cell = symbols.get(sketch.input) if sketch.input else None
    own = cell.unit if isinstance(cell, Input) and "unit" not in whole.positions else None
    written = sketch.entry.at("targets_by").at(sketch.part or "")
    targets, decimals = build_targets(
        draft, sketch.entry, whole.type, own or whole.unit, {}, written
    )
    part = replace(
        whole,
        id=sketch.id,
        title=f"{whole.title}: {sketch.part_title}",
        short=f"{whole.short_title}: {sketch.part_short}",
        unit=own or whole.unit,
        formulas=sketch.formulas,
        input=sketch.input,
        part=sketch.part,
        concept=f"{whole.concept}.{sketch.part}" if whole.concept else "",
        code="",
        targets=targets,
        decimals=max(whole.decimals, decimals) if targets else whole.decimals,
        base={},
        expected="",
    )
    return part if sketch.split is None else sketch.split.narrow(part)


def _target_levels(draft: Draft, entry: Entry, levels: tuple[str, ...]) -> tuple[str, ...]:
    """The levels at which the target is judged; where none is written, the highest of its own."""
    highest = sorted(levels or draft.levels, key=draft.levels.index)[-1:]
    return _read_levels(draft, entry, "target_level") or tuple(highest)


def _read_levels(draft: Draft, entry: Entry, key: str) -> tuple[str, ...]:
    """The levels named under a key, without those that are unknown."""
    known = (draft.level(level, "", given=False) for level in entry.names_at(key))
    return tuple(dict.fromkeys(level for level in known if level))


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
            number = SAME_TYPE.get(tree.func.id)
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
