"""What other rooms ask of a whole catalogue.

Which inputs an indicator depends on, which target holds at a level, what the rows of a form ask,
and what names and formulas are in words.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import Any

from engine.catalogue.model import (
    Band,
    Catalogue,
    ClassEnd,
    Form,
    FormRow,
    Indicator,
    Input,
    Missing,
    Option,
    Origin,
    PartSum,
    Scale,
    ScaleClass,
    Symbol,
    Table,
    Target,
    shorten_title,
)
from engine.language.functions import FUNCTIONS, SetCall, read_set_call
from engine.language.grammar import Formula, call_nodes, dotted_name, parts_of, read_score
from engine.language.readings.words import Phrase, Words
from engine.level_words import word_of_level
from engine.same_names import fold_name
from engine.translation import gettext as _
from engine.typography import quote
from engine.units import PERCENT, Unit

SCALED = "value"
"""The name that stands in the scale or the target of a thing for the thing itself."""


def inputs_behind(catalogue: Catalogue, indicators: Iterable[str]) -> tuple[str, ...]:
    """The inputs these indicators depend on, through all that they name, in the order of declaration."""
    waiting, seen, inputs = list(indicators), set[str](), set[str]()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        # An indicator that only shows an input has its name.
        symbol = catalogue.symbols.get(name) or catalogue.indicators.get(name)
        if isinstance(symbol, Input):
            inputs.add(name)
        elif isinstance(symbol, PartSum):
            inputs.update(symbol.cells)
        elif isinstance(symbol, Option):
            waiting.append(symbol.owner)
        elif isinstance(symbol, Band):
            waiting += [symbol.owner, *list_scale_names(catalogue, symbol.owner)]
        elif isinstance(symbol, Indicator):
            for _year, formula in symbol.formulas:
                waiting += map(dotted_name, list_value_nodes(formula.tree))
                for use in list_graded(formula.tree):
                    waiting += list_scale_names(catalogue, use)
                for target in list_read_targets(formula.tree):
                    waiting += list_target_names(catalogue, target)
    return tuple(name for name in catalogue.inputs if name in inputs)


def find_origin(catalogue: Catalogue, row: Indicator) -> Origin | None:
    """Where in a library an indicator, or the input that it shows, is written; None where it is here."""
    names = [("indicators", row.id), ("events", row.event or "")]
    whole = row.id
    while whole:
        names += [("indicators", whole), ("inputs", whole)]
        whole = whole.rpartition(".")[0]
    return next((catalogue.origins[name] for name in names if name in catalogue.origins), None)


def name_libraries(catalogue: Catalogue) -> str:
    """The libraries that a catalogue uses, with the version each declares and that of its files."""
    return ", ".join(f"{each.id} {each.version} ({each.digest})" for each in catalogue.libraries)


def list_value_nodes(tree: ast.AST) -> Iterator[ast.AST]:
    """The names whose values a formula takes: not the level in `at`, nor the indicator in `target`."""
    if isinstance(tree, ast.Name | ast.Attribute):
        yield tree
    elif isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name):
        function = FUNCTIONS.get(tree.func.id)
        for index, argument in enumerate(tree.args):
            if function is None or function.reads(index) != "literal":
                yield from list_value_nodes(argument)
    else:
        for child in ast.iter_child_nodes(tree):
            yield from list_value_nodes(child)


def list_read_targets(
    tree: ast.AST, functions: Collection[str] = ("target", "degree")
) -> Iterator[str]:
    """The indicators whose targets a formula reads: the arguments of `target` and `degree`."""
    for call in call_nodes(tree):
        if dotted_name(call.func) in functions and call.args:
            yield dotted_name(call.args[0])


def list_target_formulas(indicator: Indicator, year: int) -> Iterator[Formula]:
    """The formulas that the target of a year depends on, through the increases it is counted by."""
    target = indicator.targets.get(year)
    while target is not None:
        yield from target.formulas
        is_open = target.value is None and target.since is not None
        target = indicator.targets.get(target.since or 0) if is_open else None


def list_target_names(catalogue: Catalogue, name: str) -> Iterator[str]:
    """The names that the formulas of an indicator's targets read; `value` is the indicator."""
    indicator = catalogue.indicators.get(name)
    for target in indicator.targets.values() if indicator else ():
        for formula in target.formulas:
            for node in list_value_nodes(formula.tree):
                used = dotted_name(node)
                yield name if used == SCALED else used
            for other in list_read_targets(formula.tree):
                if other != name:
                    yield from list_target_names(catalogue, other)


def list_graded(tree: ast.AST) -> Iterator[str]:
    """The names whose points a formula takes."""
    for call in call_nodes(tree):
        function = FUNCTIONS.get(dotted_name(call.func))
        for index, argument in enumerate(call.args):
            if function is not None and function.reads(index) == "class":
                yield dotted_name(argument)


def list_tables(catalogue: Catalogue, indicator: Indicator) -> tuple[Table, ...]:
    """The tables that the formulas of an indicator look in, each once."""
    calls = [call for _year, each in indicator.formulas for call in call_nodes(each.tree)]
    names = [dotted_name(call.args[0]) for call in calls if dotted_name(call.func) == "lookup"]
    return tuple(
        catalogue.tables[name] for name in dict.fromkeys(names) if name in catalogue.tables
    )


@dataclass(frozen=True, slots=True)
class Scaled:
    """A thing with a scale; `decimals`: to how many its value is rounded before it is classed.

    `is_class`: its value is the class itself, as a position in the scale.
    """

    id: str
    scale: Scale
    decimals: int
    missing: Missing = "skip"
    is_class: bool = False


def scaled_by(catalogue: Catalogue, name: str) -> Scaled | None:
    """The scale of what a name stands for; None where it has none."""
    indicator = catalogue.indicators.get(name)
    if indicator is not None and indicator.scale is not None:
        scale, decimals, missing = indicator.scale, indicator.decimals, indicator.missing
    else:
        declared = catalogue.inputs.get(name)
        if declared is None or declared.scale is None:
            return None
        scale, missing = declared.scale, "skip"
        decimals = decimals_of(catalogue, declared) or 0
    is_class = indicator is not None and indicator.type == "class"
    decimals = decimals if scale.decimals is None else scale.decimals
    return Scaled(name, scale, decimals, missing, is_class)


def classes_behind(catalogue: Catalogue, name: str) -> frozenset[str]:
    """The things whose class or points a row depends on, and the members of scores, through all names."""
    waiting, seen, graded = [name], set[str](), set[str]()
    while waiting:
        current = waiting.pop()
        symbol = catalogue.symbols.get(current) or catalogue.indicators.get(current)
        if isinstance(symbol, Band):
            graded.add(symbol.owner)
            waiting += [symbol.owner, *list_scale_names(catalogue, symbol.owner)]
        if current in seen or not isinstance(symbol, Indicator):
            continue
        seen.add(current)
        for _year, formula in symbol.formulas:
            names = [dotted_name(node) for node in list_value_nodes(formula.tree)]
            waiting += names
            if read_score(formula.tree) is not None:
                graded.update(names)
            for use in list_graded(formula.tree):
                graded.add(use)
                waiting += list_scale_names(catalogue, use)
            # How far a value has come to its target says the value.
            graded.update(list_read_targets(formula.tree, ("degree",)))
    return frozenset(graded)


def has_grades(catalogue: Catalogue) -> bool:
    """Whether anything in it may have a class or points."""
    inputs = (declared.scale or declared.points for declared in catalogue.inputs.values())
    indicators = (indicator.scale for indicator in catalogue.indicators.values())
    return bool(catalogue.scales) or any(inputs) or any(indicators)


def list_scales(catalogue: Catalogue) -> tuple[Scale, ...]:
    """Every scale once: those of `scales`, then those written in place."""
    scales = [thing.scale for thing in list_scalable(catalogue)]
    scales += [table.cells for table in catalogue.tables.values()]
    own = (scale for scale in scales if scale and scale.owner)
    return (*catalogue.scales.values(), *{id(scale): scale for scale in own}.values())


def list_scalable(catalogue: Catalogue) -> Iterator[Indicator | Input]:
    """What may have a scale of its own: parts have that of their whole."""
    yield from catalogue.inputs.values()
    yield from (each for each in catalogue.indicators.values() if each.part is None)


def unit_of_scale(catalogue: Catalogue, scale: Scale) -> Unit | None:
    """The unit of a scale: as written, else that of the first thing it stands on."""
    things = (thing for thing in list_scalable(catalogue) if thing.scale is scale)
    return scale.unit or next((thing.unit for thing in things if thing.unit), None)


def span_of_class(each: ScaleClass, decimals: int) -> tuple[int | None, int | None]:
    """The least and the greatest value of a class in units of the last decimal; None is open.

    Its ends are numbers: of one that is a formula nothing is known.
    """
    scale = Fraction(10) ** decimals
    ends = [
        _bound(end, end.amount * scale) for end in each.ends if isinstance(end.amount, Fraction)
    ]
    return (
        max((low for low, _high in ends if low is not None), default=None),
        min((high for _low, high in ends if high is not None), default=None),
    )


def _bound(end: ClassEnd, bound: Fraction) -> tuple[int | None, int | None]:
    return {
        "at_least": (ceil(bound), None),
        "above": (floor(bound) + 1, None),
        "at_most": (None, floor(bound)),
        "below": (None, ceil(bound) - 1),
        "exactly": (ceil(bound), floor(bound)),
    }[end.word]


def list_scale_names(catalogue: Catalogue, name: str) -> tuple[str, ...]:
    """The names that stand in the scale of a name; `value` in it is that name itself."""
    scaled = scaled_by(catalogue, name)
    uses = (
        dotted_name(node)
        for formula in (scaled.scale.formulas if scaled else ())
        for node in list_value_nodes(formula.tree)
    )
    return tuple(name if use == SCALED else use for use in uses)


def is_rank(formulas: Sequence[tuple[int | None, Formula]]) -> bool:
    """Whether the whole formula of every year is a rank: of its value less is better."""
    trees = [formula.tree for _year, formula in formulas]
    return bool(trees) and all(
        isinstance(tree, ast.Call) and dotted_name(tree.func) == "rank" for tree in trees
    )


def find_outer_set(
    catalogue: Catalogue, tree: ast.expr, level: str, *, schools: bool
) -> SetCall | None:
    """The first call over places that lie between the school and `level`, taken at a place of `level`.

    Of nested ones the outermost; None where there is none. What is read elsewhere is not looked at.
    `schools`: a call over schools counts, too.
    """
    places = catalogue.places
    if isinstance(tree, ast.Call):
        over = read_set_call(tree, places[0])
        if over is not None:
            is_between = -schools < places.index(over.members) < places.index(level)
            return over if is_between else None
        parts = [
            part
            for index, part in enumerate(tree.args)
            if FUNCTIONS[dotted_name(tree.func)].reads(index) == "here"
        ]
    else:
        parts = [] if isinstance(tree, ast.Attribute) else list(parts_of(tree))
    sets = (find_outer_set(catalogue, part, level, schools=schools) for part in parts)
    return next((over for over in sets if over is not None), None)


def compares_schools(catalogue: Catalogue, indicator: Indicator) -> bool:
    """Whether its value at a school says how it stands among others: by a rank, or by what they have.

    The latter is a function over schools taken at a place above: `at(municipality, max_of(school, x))`.
    """
    waiting, seen = [indicator], set[str]()
    while waiting:
        current = waiting.pop()
        seen.add(current.id)
        for _year, formula in current.formulas:
            if any(_compares(catalogue, node) for node in ast.walk(formula.tree)):
                return True
            named = (catalogue.symbols.get(use.id) for use in formula.names())
            waiting += [
                each for each in named if isinstance(each, Indicator) and each.id not in seen
            ]
    return False


def _compares(catalogue: Catalogue, node: ast.AST) -> bool:
    lowest = catalogue.levels[0]
    if not isinstance(node, ast.Call) or dotted_name(node.func) not in {"rank", "at"}:
        return False
    if dotted_name(node.func) == "rank":
        return True
    calls = (each for tree in node.args for each in ast.walk(tree) if isinstance(each, ast.Call))
    over = (read_set_call(call, lowest) for call in calls if dotted_name(call.func) in FUNCTIONS)
    is_above = dotted_name(node.args[0]) != lowest if node.args else False
    return is_above and any(call is not None and call.members == lowest for call in over)


def has_row(catalogue: Catalogue, name: str) -> bool:
    """Whether the results have a row of it: an indicator, or an input with its rolled-up value."""
    symbol = catalogue.symbols.get(name)
    return name in catalogue.indicators or isinstance(symbol, Input | PartSum)


def decimals_of(catalogue: Catalogue, symbol: Symbol | None) -> int | None:
    """With how many decimals a thing is printed; None where it is never printed by itself.

    Of inputs counts and answers have none, numbers as many as the catalogue says.
    """
    if isinstance(symbol, Indicator):
        return symbol.decimals
    if isinstance(symbol, PartSum):
        symbol = catalogue.inputs[symbol.cells[0]]
    if not isinstance(symbol, Input):
        return None
    return catalogue.decimals if symbol.type == "number" else 0


def find_reference_level(catalogue: Catalogue, indicator: Indicator, level: str) -> str | None:
    """The level above whose target is shown at a level for reference; None where none is."""
    levels = catalogue.places
    lowest = min(indicator.target_levels or catalogue.levels[-1:], key=levels.index)
    below = levels.index(level) < levels.index(lowest)
    return lowest if below and indicator.targets and indicator.unit == PERCENT else None


def title_distribution(catalogue: Catalogue, share: Indicator) -> str:
    """The title of the distribution that a share is one class of."""
    scaled, answer = (
        scaled_by(catalogue, share.distribution),
        catalogue.inputs.get(share.distribution),
    )
    titles = dict(answer.options) if answer is not None else {}
    if scaled is not None:
        titles |= {each.id: each.title for each in scaled.scale.classes.values()}
    return share.title.removesuffix(f": {titles.get(share.id.rpartition('.')[2])}")


def has_base(catalogue: Catalogue) -> bool:
    """Whether anything in it has a base: then the results have a column of it."""
    return any(indicator.base for indicator in catalogue.indicators.values())


def find_breaks(catalogue: Catalogue, names: Iterable[str]) -> frozenset[int]:
    """The years from which what is made of these names is not comparable with what it was before."""
    waiting, seen, breaks = list(names), set[str](), set[int]()
    while waiting:
        name = waiting.pop()
        symbol = catalogue.symbols.get(name)
        name = symbol.owner if isinstance(symbol, Band) else name
        indicator = catalogue.indicators.get(name)
        if indicator is None or name in seen:
            continue
        seen.add(name)
        breaks.update(indicator.breaks)
        for _year, formula in indicator.formulas:
            waiting += map(dotted_name, list_value_nodes(formula.tree))
    return frozenset(breaks)


def goals_at(catalogue: Catalogue, indicator: Indicator, level: str) -> Mapping[int, Target]:
    """Year → the target that `met` and `shortfall` take at a level; none where there is no verdict.

    At `target_level` it is the target itself. Below that level it is the target of a percent as
    a reference, with which schools are compared; other units have none there.
    """
    target_levels = indicator.target_levels or catalogue.levels[-1:]
    judged = {
        year: target
        for year, target in indicator.targets.items()
        if target.is_set and (target.given or target.comparator != "none")
    }
    if level in target_levels:
        return judged
    if find_reference_level(catalogue, indicator, level) is None:
        return {}
    return {year: target for year, target in judged.items() if target.comparator != "between"}


# --- what the rows of a form ask ------------------------------------------------------------------
# An input that a row names itself (`cells`) is asked there and nowhere else; one that only follows
# (a part of a whole, an input behind an indicator or a result) is asked at the first row it follows
# from. So nothing is asked twice in one form.


def form_inputs(catalogue: Catalogue, form: Form) -> tuple[str, ...]:
    """All inputs that the form asks, in printed order, each once."""
    return tuple(name for inputs in inputs_by_row(catalogue, form) for name in inputs)


def inputs_by_row(catalogue: Catalogue, form: Form) -> tuple[tuple[str, ...], ...]:
    """The inputs that each row asks, in the order of `form.rows`."""
    named = {name for row in form.rows for name in row.cells}
    with_below = {below for name in named for below in _with_below(catalogue, name, named - {name})}
    seen: set[str] = set()
    by_row = []
    for row in form.rows:
        first = row.cells or tuple(
            name for name in implied_inputs(catalogue, form, row) if name not in with_below
        )
        inputs = tuple(
            dict.fromkeys(
                name
                for cell in first
                for name in _with_below(catalogue, cell, named - {cell})
                if _is_filled(catalogue, name, form.fills) and name not in seen
            )
        )
        seen.update(inputs)
        by_row.append(inputs)
    return tuple(by_row)


def implied_inputs(catalogue: Catalogue, form: Form, row: FormRow) -> tuple[str, ...]:
    """What follows from an indicator or an event: inputs of the level that fills the form."""
    behind = inputs_behind(catalogue, shown_indicators(catalogue, row))
    own = (catalogue.inputs[name].given_at.get(form.fills, name) for name in behind)
    return tuple(name for name in own if catalogue.inputs[name].level == form.fills)


def shown_indicators(catalogue: Catalogue, row: FormRow) -> tuple[str, ...]:
    """The indicators behind a row: the one it shows, or the results of its event."""
    event = catalogue.events.get(row.event or "")
    return (row.indicator,) if row.indicator else event.results if event else ()


def _is_filled(catalogue: Catalogue, name: str, level: str) -> bool:
    declared = catalogue.inputs.get(name)
    return declared is not None and declared.level == level


def _with_below(catalogue: Catalogue, name: str, elsewhere: set[str]) -> Iterator[str]:
    """An input, its parts and what it asks when yes; without what is asked at a row of its own."""
    yield name
    declared = catalogue.inputs.get(name)
    for below in (*declared.parts, *declared.when_yes) if declared else ():
        if below not in elsewhere:
            yield from _with_below(catalogue, below, elsewhere)


# --- names and formulas in words ------------------------------------------------------------------


def show_words(catalogue: Catalogue, tree: ast.expr) -> str:
    """A tree in words, every name by its short title."""

    def show(name: str) -> str:
        if name == SCALED:
            return _("[the value]")
        # A level is said by its word, see `LevelName`.
        return name if name in catalogue.places else quote(short_of(catalogue, name))

    def show_call(call: ast.Call) -> Phrase | None:
        if dotted_name(call.func) == "lookup" and len(call.args) > 1:
            table = catalogue.tables.get(dotted_name(call.args[0]))
            names = [show(dotted_name(argument)) for argument in call.args[1:]]
            title = table.short_title if table else dotted_name(call.args[0])
            words = _("[by the table “{0}”: row — {1}, column — {2}]")
            return Phrase(words.format(title, *names)) if len(names) > 1 else None
        scaled = scaled_by(catalogue, dotted_name(call.args[0])) if call.args else None
        if dotted_name(call.func) != "points" or scaled is None or scaled.scale.owner:
            return None
        text = _("[points for {name} by the scale {scale}]").format(
            name=show(scaled.id), scale=quote(scaled.scale.short_title)
        )
        return Phrase(text)

    return Words(show, show_call, catalogue.language).read(tree).text


def list_narrowed(catalogue: Catalogue) -> tuple[Indicator | Form, ...]:
    """What an author may have narrowed to some schools: indicators, parts apart, and forms."""
    wholes = (each for each in catalogue.indicators.values() if each.part is None)
    return (*wholes, *catalogue.forms.values())


def show_formula_words(
    catalogue: Catalogue,
    indicator: Indicator | None,
    tree: ast.expr,
    where: Iterable[Formula],
) -> str:
    """A formula in words, with the schools that it is taken over; `where`: that it is read among."""
    words, condition = show_words(catalogue, tree), show_where(catalogue, where)
    if indicator is not None and indicator.same_schools:
        words = f"{words} — " + _("over the same schools")
    if not condition:
        return words
    places = word_of_level(catalogue.levels[0], "many")
    text = _("{formula} — only {places} where {condition}")
    return text.format(formula=words, places=places, condition=condition)


def show_where(catalogue: Catalogue, where: Iterable[Formula]) -> str:
    """Conditions that must all hold, in words; empty where there is none."""
    trees = [condition.tree for condition in where]
    if not trees:
        return ""
    return show_words(catalogue, trees[0] if len(trees) == 1 else ast.BoolOp(ast.And(), trees))


_LEVEL_WORDS = {
    "school": r"школ[аы]|(?:образовательн\w+ )?(?:организаци[яи]|учреждени[ея])|оо|organi[sz]ation",
    "kindergarten": r"детск\w+ сад\w*|доу",
    "municipality": r"муниципалитеты?|муниципальн\w+ (?:образовани\w+|округ\w*)|город\w*",
    "district": r"район\w*|округ\w*",
    "state": r"штат\w*",
    "region": r"регион\w*|кра[йя]|област[ьи]|республик[аи]",
}


def find_level(catalogue: Catalogue, text: str) -> str:
    """The level of a catalogue that a text names, by its id or by its usual word; empty for none."""
    folded = fold_name(text)
    for level in catalogue.places:
        word = _LEVEL_WORDS.get(level, "")
        if folded == fold_name(level) or (word and re.fullmatch(word, folded)):
            return level
    return ""


def is_date(catalogue: Catalogue, name: str) -> bool:
    """Whether this is an input that takes dates; an indicator without a formula is the input of its id."""
    asked = catalogue.inputs.get(name)
    return asked is not None and asked.type == "date"


def title_of(catalogue: Catalogue, name: str) -> str:
    """The full title of a name, of a part with that of its whole: what passports and headings say."""
    return ": ".join(_list_titles(catalogue.symbols, name))


def short_of(catalogue: Catalogue, name: str) -> str:
    """The short title of a name, which messages print; of a part and of a result after its whole's."""
    symbol = catalogue.symbols.get(name)
    if isinstance(symbol, Indicator):
        return short_of_row(catalogue, symbol)
    return short_among(catalogue.symbols, name)


def short_of_row(catalogue: Catalogue, row: Indicator) -> str:
    """The short title of a row of the results: that of a result after its event's."""
    event = catalogue.events.get(row.event or "")
    return f"{event.short_title}: {row.short_title}" if event else row.short_title


def short_among(symbols: Mapping[str, Symbol], name: str) -> str:
    """`short_of` while a catalogue is being built."""
    return ": ".join(_list_titles(symbols, name, short=True))


def _list_titles(symbols: Mapping[str, Symbol], name: str, *, short: bool = False) -> Iterator[str]:
    """The titles, full or short, of a name and of the wholes it stands in, the outermost first."""
    symbol = symbols.get(name)
    if isinstance(symbol, Input):
        if symbol.whole:
            yield from _list_titles(symbols, symbol.whole, short=short)
        yield symbol.short_title if short else symbol.title
    elif isinstance(symbol, PartSum):
        yield from _list_titles(symbols, name.rpartition(".")[0], short=short)
        part: Any = symbols[symbol.cells[0]]
        yield part.short_title if short else part.title
    elif isinstance(symbol, Option):
        yield from _list_titles(symbols, symbol.owner, short=short)
        owner: Any = symbols[symbol.owner]
        yield owner.options.get(symbol.option, symbol.option)
    elif isinstance(symbol, Band):
        yield from _list_titles(symbols, symbol.owner, short=short)
        yield symbol.short_title if short else symbol.title
    elif isinstance(symbol, Indicator):
        yield symbol.short_title if short else symbol.title
    elif symbol is not None:
        yield shorten_title(symbol.title) if short else symbol.title
    else:
        yield name
