"""What stands in a tree: many rules ask it of the same formula, so each tree is walked once."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache


@lru_cache(maxsize=4096)
def name_nodes(tree: ast.AST) -> tuple[ast.AST, ...]:
    """Every use of a name, in the order of the text; names of functions are not."""
    return tuple(_find_names(tree))


@lru_cache(maxsize=4096)
def call_nodes(tree: ast.AST) -> tuple[ast.Call, ...]:
    """Every call of a function by its name."""
    return tuple(
        [
            node
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        ]
    )


@lru_cache(maxsize=4096)
def parts_of(tree: ast.AST) -> tuple[ast.expr, ...]:
    """The expressions that an operator joins, in the order of the text; its sign is none of them."""
    parts = [node for node in ast.iter_child_nodes(tree) if isinstance(node, ast.expr)]
    # `x if c else y` keeps its test first in the tree, but not in the text.
    return tuple(sorted(parts, key=lambda node: getattr(node, "col_offset", 0)))


def _find_names(tree: ast.AST) -> Iterator[ast.AST]:
    if isinstance(tree, ast.Name | ast.Attribute):
        yield tree
        return
    for child in tree.args if isinstance(tree, ast.Call) else parts_of(tree):
        yield from _find_names(child)
