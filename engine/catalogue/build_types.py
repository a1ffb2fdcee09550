"""What a formula gives: a number, a yes/no or a text. Found before units are read."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Literal

from engine.catalogue.model import TEXTUAL, Option, Symbol
from engine.language.grammar import Formula, dotted_name

Type = Literal["number", "yes_no", "text"]
Formulas = Mapping[str, tuple[tuple[int | None, Formula], ...]]

# Functions whose value is of the type of what they read; the others give a number.
_SAME_TYPE = {"previous": 0, "coalesce": 0, "at": 1}


class Types:
    """Whether a formula gives a number, a yes/no or a text; each indicator is asked once."""

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
                return "number"
            return self.of_tree(tree.args[number])
        return self._of_name(dotted_name(tree))

    def _of_name(self, name: str) -> Type:
        symbol = self.symbols.get(name)
        if symbol is None:
            return self.of(name) if name in self.formulas else "number"
        if isinstance(symbol, Option):
            return "yes_no"
        kind = getattr(symbol, "type", "number")
        return "yes_no" if kind == "yes_no" else "text" if kind in TEXTUAL else "number"
