"""What the names of a catalogue mean to a formula: the quantity of each symbol.

The readings of the language know nothing of inputs and indicators; this is where the two meet.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from engine.catalogue.model import (
    TEXTUAL,
    Indicator,
    Input,
    Option,
    PartSum,
    RegisterColumn,
    Symbol,
)
from engine.language.grammar import dotted_name
from engine.language.readings.quantity import Describe, Quantity


def describe_with(symbols: Mapping[str, Symbol], levels: tuple[str, ...]) -> Describe:
    """The quantity of a name, for `read_units`; None for a name that is not declared."""
    return partial(_describe, symbols, levels)


def wholes_of(
    symbols: Mapping[str, Symbol], name: str, asked: frozenset[str] = frozenset()
) -> frozenset[str]:
    """The names of all that an input is known to lie within, itself included.

    Of `x.ovz` these are `x`, what `x` lies within, and the `ovz` of that where it is declared.
    `asked`: names whose wholes are being looked for, which only a circle comes back to.
    """
    found: set[str] = set()
    asked |= {name}
    waiting = [name]
    while waiting:
        current = waiting.pop()
        symbol = symbols.get(current)
        if current in found or not isinstance(symbol, Input | PartSum):
            continue
        found.add(current)
        if isinstance(symbol, PartSum):
            waiting.append(symbol.id.rpartition(".")[0])
            continue
        whole, _dot, part = current.rpartition(".")
        waiting += [above for above in (symbol.within, symbol.whole) if above]
        if whole not in asked:
            around = wholes_of(symbols, whole, asked) - {whole}
            waiting += [f"{above}.{part}" for above in around]
    return frozenset(found)


def _describe(symbols: Mapping[str, Symbol], levels: tuple[str, ...], name: str) -> Quantity | None:
    symbol = symbols.get(name)
    if isinstance(symbol, Indicator) and symbol.input is not None:
        symbol = symbols.get(symbol.input, symbol)
    if isinstance(symbol, PartSum):
        inner = _describe(symbols, levels, symbol.cells[0])
        return inner and Quantity("number", inner.unit, wholes=wholes_of(symbols, name))
    if isinstance(symbol, Input):
        return _describe_input(symbols, levels, symbol)
    if isinstance(symbol, Option):
        owner = symbols.get(symbol.owner)
        above = isinstance(owner, Input) and owner.level != levels[0]
        return Quantity("yes_no", schools_only=len(levels) > 1 and not above)
    if isinstance(symbol, RegisterColumn):
        return _describe_column(levels, symbol)
    if isinstance(symbol, Indicator):
        return _describe_indicator(symbols, levels, symbol)
    return None if symbol is None else Quantity("number", symbol.unit, title=symbol.title)


def _describe_indicator(
    symbols: Mapping[str, Symbol], levels: tuple[str, ...], symbol: Indicator
) -> Quantity:
    """An indicator that only names a yes/no of schools is one: above them it counts schools."""
    named = None
    # Of a formula that leads back to itself the type is a number: this ends.
    if symbol.type == "yes_no" and symbol.formulas:
        named = _describe(symbols, levels, dotted_name(symbol.formulas[-1][1].tree))
    only = named is not None and named.schools_only
    return Quantity(symbol.type, symbol.unit, schools_only=only, title=symbol.title)


def _describe_column(levels: tuple[str, ...], column: RegisterColumn) -> Quantity:
    if column.type == "choice":
        return Quantity("text", title=column.title)
    return Quantity(column.type, None, schools_only=len(levels) > 1, title=column.title)


def _describe_input(
    symbols: Mapping[str, Symbol], levels: tuple[str, ...], symbol: Input
) -> Quantity:
    if symbol.type in TEXTUAL:
        return Quantity("text", title=symbol.title)
    if symbol.type == "yes_no":
        only = symbol.level == levels[0] and len(levels) > 1
        return Quantity("yes_no", schools_only=only, title=symbol.title)
    return Quantity("number", symbol.unit, wholes=wholes_of(symbols, symbol.id), title=symbol.title)
