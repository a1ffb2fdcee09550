"""Checks of the order itself: `level: catalogue`, over targets and constants, without data."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from engine.catalogue.build_checks import CATALOGUE
from engine.catalogue.model import Catalogue, Check, Constant
from engine.catalogue.rules.exact import Exact
from engine.i18n import gettext as _
from engine.language.functions import FUNCTIONS
from engine.language.grammar import Formula, dotted_name
from engine.problems import Problem, Severity

_FUNCTIONS = frozenset(
    ("target", "share", "previous", "change", "growth", "abs", "min", "max", "round", "coalesce")
)


def check_order(catalogue: Catalogue) -> Iterable[Problem]:
    """Whether each `level: catalogue` check holds, in every year that has the targets it names."""
    for check in catalogue.checks.values():
        if check.level != CATALOGUE:
            continue
        strange = tuple(_strange(catalogue, check.rule))
        yield from strange
        failed = [
            year for year in catalogue.years if not strange and _fails(catalogue, check, year)
        ]
        if failed:
            severity: Severity = "note" if check.accepted else check.severity
            years = ", ".join(map(str, failed))
            yield Problem(
                "order-check",
                _("{message} ({id}; years: {years})").format(
                    message=check.message, id=check.id, years=years
                ),
                check.rule.span(check.rule.tree),
                _("accepted: {reason}").format(reason=check.accepted)
                if check.accepted
                else _("if the order says so, write accepted: and the reason"),
                severity,
            )


def check_accepted(catalogue: Catalogue) -> Iterable[Problem]:
    """Checks of data that are accepted: they print nothing, so they are listed with --all."""
    for check in catalogue.checks.values():
        if check.accepted and check.level != CATALOGUE:
            yield Problem(
                "accepted-check",
                _("the check “{id}” is accepted and prints nothing: {message}").format(
                    id=check.id, message=check.message
                ),
                check.position,
                _("accepted: {reason}").format(reason=check.accepted),
                "note",
            )


def _strange(catalogue: Catalogue, rule: Formula) -> Iterator[Problem]:
    """What has no value without data. Unknown names and functions are complained of elsewhere."""
    targets = set()
    for call, use in rule.calls():
        if use.id == "target":
            targets |= {id(argument) for argument in call.args}
        elif use.id not in _FUNCTIONS and use.id in FUNCTIONS:
            yield _needs_data(use.id, rule, call)
    for node in ast.walk(rule.tree):
        name = dotted_name(node)
        symbol = catalogue.symbols.get(name)
        if symbol is None or id(node) in targets:
            continue
        if not isinstance(symbol, Constant) or symbol.level is not None:
            yield _needs_data(name, rule, node)


def _needs_data(name: str, rule: Formula, node: ast.AST) -> Problem:
    return Problem(
        "order-needs-data",
        _("“{name}” needs data, but a check of the catalogue runs without").format(name=name),
        rule.span(node),
        _("name only target(x) and constants here, or check at another level"),
    )


def _fails(catalogue: Catalogue, check: Check, year: int) -> bool:
    return Exact(catalogue, year).read(check.rule.tree) is False
