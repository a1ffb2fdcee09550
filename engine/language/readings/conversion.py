"""Conversion of scaled units: a thousand roubles beside roubles gets its factor in the tree."""

from __future__ import annotations

import ast
import copy
from collections.abc import Mapping
from fractions import Fraction


class Converter:
    """Copies a tree, multiplying the marked parts by their factors."""

    def __init__(self, factors: Mapping[int, Fraction]) -> None:
        self.factors = factors

    def convert(self, node: ast.expr) -> ast.expr:
        """The tree with its factors in it; the original is not touched."""
        fresh = copy.copy(node)
        for field, value in ast.iter_fields(node):
            if isinstance(value, ast.expr) and field != "func":
                setattr(fresh, field, self.convert(value))
            elif isinstance(value, list):
                parts = [self.convert(v) if isinstance(v, ast.expr) else v for v in value]
                setattr(fresh, field, parts)
        factor = self.factors.get(id(node))
        if factor is None:
            return fresh
        number = float(factor) if factor.denominator != 1 else factor.numerator
        scaled = ast.BinOp(fresh, ast.Mult(), ast.Constant(number))
        scaled.conversion = True  # type: ignore[attr-defined] # a bare input stays one
        return ast.copy_location(ast.fix_missing_locations(scaled), node)
