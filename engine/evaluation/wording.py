"""What a catalogue's names and formulas are in words, every name by its title."""

from __future__ import annotations

import ast
from typing import Any

from engine.catalogue.model import Catalogue, Input, Option, PartSum
from engine.i18n import quote
from engine.language.readings.words import Words


def show_words(catalogue: Catalogue, tree: ast.expr) -> str:
    """A tree in words, every name by its title."""

    def show(name: str) -> str:
        return quote(title_of(catalogue, name))

    return Words(show, language=catalogue.language).read(tree).text


def title_of(catalogue: Catalogue, name: str) -> str:
    """The title of a name, of a part with that of its whole."""
    symbol = catalogue.symbols.get(name)
    if isinstance(symbol, Input):
        if symbol.whole is None:
            return symbol.title
        return f"{title_of(catalogue, symbol.whole)}: {symbol.title}"
    if isinstance(symbol, PartSum):
        whole = title_of(catalogue, symbol.id.rpartition(".")[0])
        return f"{whole}: {catalogue.inputs[symbol.cells[0]].title}"
    if isinstance(symbol, Option):
        owner: Any = catalogue.register.get(symbol.owner) or catalogue.inputs[symbol.owner]
        return f"{owner.title}: {owner.options.get(symbol.option, symbol.option)}"
    return name if symbol is None else symbol.title
