"""What the reading of columns gives, and what it asks of the plan."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from engine.language.readings.reasons import Reason


@dataclass(frozen=True, slots=True)
class Column:
    """A lazy expression over the frame of one level, which can be computed from `stage` on.

    `bare`: one value, made without any column of the frame, so that it has no length of its own.
    """

    expr: Any
    stage: int = 0
    size: int = 1
    bare: bool = False


@dataclass(frozen=True, slots=True)
class Term:
    """What a part of a formula is, as columns.

    `value` is null where there is none. `applies` says where the part applies at all (None:
    everywhere); the value is null where it does not. `why` makes, when asked, the column of the
    reason's code, good wherever the value is null. `exact`: whole numbers, free of binary noise.
    `causes` are the terms of which one lacks its value wherever this one does (None: only itself).
    """

    value: Column
    why: Callable[[], Column]
    applies: Column | None = None
    exact: bool = False
    causes: tuple[Term, ...] | None = None


def list_causes(terms: Iterable[Term]) -> tuple[Term, ...]:
    """The terms of which one lacks its value wherever one of `terms` does."""
    return tuple(
        cause for term in terms for cause in ((term,) if term.causes is None else term.causes)
    )


class Plan(Protocol):
    """What the reading asks of the plan: columns that are not made by arithmetic."""

    def settle(self, level: str, column: Column) -> Column: ...
    def reason(self, reason: Reason) -> Column: ...
    def name(self, scope: Any, name: str, level: str) -> Term: ...
    def over_schools(self, scope: Any, level: str, how: str, tree: ast.expr) -> Term: ...
    def weighted_mean(self, scope: Any, level: str, x: ast.expr, weight: ast.expr) -> Term: ...
    def schools(self, scope: Any, level: str) -> Term: ...
    def schools_open(self, level: str) -> Term: ...
    def previous(self, scope: Any, level: str, tree: ast.expr) -> Term: ...
    def at(self, scope: Any, level: str, place: ast.expr, tree: ast.expr) -> Term: ...
    def coalesce(self, scope: Any, level: str, node: ast.Call) -> Term: ...
    def target(self, indicator: ast.expr) -> Term: ...
    def judged(self, level: str, node: ast.Call) -> Term: ...
