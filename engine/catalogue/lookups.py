"""What other rooms ask of a whole catalogue.

Which inputs an indicator depends on, which target holds at a level, what the rows of a form ask,
and what names and formulas are in words.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from textwrap import shorten
from typing import Any

from engine.catalogue.model import (
    Catalogue,
    Form,
    FormRow,
    Indicator,
    Input,
    Option,
    PartSum,
    Symbol,
    Target,
)
from engine.language.functions import FUNCTIONS
from engine.language.grammar import dotted_name
from engine.language.readings.words import Words
from engine.same_names import fold_name
from engine.translation import quote
from engine.units import PERCENT


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
        elif isinstance(symbol, Indicator):
            waiting += [
                dotted_name(node)
                for _year, formula in symbol.formulas
                for node in list_value_nodes(formula.tree)
            ]
    return tuple(name for name in catalogue.inputs if name in inputs)


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


def has_row(catalogue: Catalogue, name: str) -> bool:
    """Whether the results have a row of it: an indicator, or an input with its rolled-up value."""
    symbol = catalogue.symbols.get(name)
    return name in catalogue.indicators or isinstance(symbol, Input | PartSum)


def goals_at(catalogue: Catalogue, indicator: Indicator, level: str) -> Mapping[int, Target]:
    """Year → the target that `met` and `shortfall` take at a level; none where there is no verdict.

    At `target_level` it is the target itself. Below that level it is the target of a percent as
    a reference, with which schools are compared; other units have none there.
    """
    target_levels = indicator.target_levels or catalogue.levels[-1:]
    judged = {
        year: target
        for year, target in indicator.targets.items()
        if target.value is not None and target.comparator != "none"
    }
    if level in target_levels:
        return judged
    levels = catalogue.levels
    below = level in levels and levels.index(level) < min(map(levels.index, target_levels))
    if not below or indicator.unit != PERCENT:
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
    return tuple(name for name in behind if catalogue.inputs[name].level == form.fills)


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
    """A tree in words, every name by its title."""

    def show(name: str) -> str:
        return quote(title_of(catalogue, name))

    return Words(show, language=catalogue.language).read(tree).text


_LONGEST_TITLE = 80  # characters of a title in a message

_LEVEL_WORDS = {
    "school": r"школ[аы]|(?:образовательн\w+ )?(?:организаци[яи]|учреждени[ея])|оо|organi[sz]ation",
    "municipality": r"муниципалитеты?|муниципальн\w+ (?:образовани\w+|округ\w*)|город\w*",
    "district": r"район\w*|округ\w*",
    "region": r"регион\w*|кра[йя]|област[ьи]|республик[аи]",
}


def show_rule(catalogue: Catalogue, tree: ast.expr) -> str:
    """A condition in words for a message: every name by its title, long titles shortened."""

    def show(name: str) -> str:
        return quote(shorten(title_of(catalogue, name), _LONGEST_TITLE, placeholder="…"))

    return Words(show, language=catalogue.language).read(tree).text


def find_level(catalogue: Catalogue, text: str) -> str:
    """The level of a catalogue that a text names, by its id or by its usual word; empty for none."""
    folded = fold_name(text)
    for level in catalogue.places:
        word = _LEVEL_WORDS.get(level, "")
        if folded == fold_name(level) or (word and re.fullmatch(word, folded)):
            return level
    return ""


def title_of(catalogue: Catalogue, name: str) -> str:
    """The title of a name, of a part with that of its whole."""
    return title_among(catalogue.symbols, name)


def title_among(symbols: Mapping[str, Symbol], name: str) -> str:
    """`title_of` while a catalogue is being built."""
    symbol = symbols.get(name)
    if isinstance(symbol, Input):
        return (
            f"{title_among(symbols, symbol.whole)}: {symbol.title}"
            if symbol.whole
            else symbol.title
        )
    if isinstance(symbol, PartSum):
        part: Any = symbols[symbol.cells[0]]
        return f"{title_among(symbols, name.rpartition('.')[0])}: {part.title}"
    if isinstance(symbol, Option):
        owner: Any = symbols[symbol.owner]
        return f"{owner.title}: {owner.options.get(symbol.option, symbol.option)}"
    return name if symbol is None else symbol.title
