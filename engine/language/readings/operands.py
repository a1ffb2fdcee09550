"""What an operator, a choice or a call stands between."""

from __future__ import annotations

import ast

from engine.language.grammar import dotted_name


def operands_of(node: ast.AST) -> list[ast.expr]:
    """The parts of a formula that must be of one unit; that which leads comes first."""
    if isinstance(node, ast.BinOp):
        return [node.left, node.right]
    if isinstance(node, ast.Compare):
        return [node.left, *node.comparators]
    if isinstance(node, ast.IfExp):
        return [node.body, node.orelse]
    arguments = list(node.args) if isinstance(node, ast.Call) else []
    # In a share the whole leads: its unit is what the part is counted in.
    is_share = isinstance(node, ast.Call) and dotted_name(node.func) == "share"
    return arguments[::-1] if is_share else arguments


def is_reckoned_with(node: ast.AST, tree: ast.AST) -> bool:
    """Whether a part of a formula is an operand of `+ - * /`."""
    return any(
        node in ast.iter_child_nodes(one)
        for one in ast.walk(tree)
        if isinstance(one, ast.BinOp)
        or (isinstance(one, ast.UnaryOp) and isinstance(one.op, ast.USub))
    )
