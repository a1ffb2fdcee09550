"""Whether the part of a share is known to lie within its whole."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from engine.i18n import gettext as _
from engine.language.grammar import Formula, dotted_name
from engine.language.readings.quantity import Describe, Quantity
from engine.problems import Problem


def note_strangers(formula: Formula, node: ast.Call, describe: Describe) -> Iterator[Problem]:
    """A note on the first input of the part that is not declared to lie within the whole.

    Only sums of bare inputs are looked at: of anything else nothing is known, nor said.
    """
    parts, wholes = (_bare_names(argument, describe) for argument in node.args)
    known = {name for name, _quantity in wholes}
    strangers = [
        name for name, quantity in parts if quantity is None or not quantity.wholes & known
    ]
    if strangers and known:
        message = _("it is not declared that “{part}” lies within “{whole}”").format(
            part=strangers[0], whole=", ".join(sorted(known))
        )
        hint = _("if it does, write within: at the input, and the data will be checked")
        yield Problem("share-not-within", message, formula.span(node), hint, "note")


def _bare_names(node: ast.AST, describe: Describe) -> list[tuple[str, Quantity | None]]:
    if isinstance(node, ast.Name | ast.Attribute):
        name = dotted_name(node)
        return [(name, describe(name))]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _bare_names(node.left, describe) + _bare_names(node.right, describe)
    return []
