"""Checks: those written, and those that `of_which`, `parts`, `within` and `share` make."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TypeGuard

from engine.catalogue.build.draft import Draft, read_severity
from engine.catalogue.entry import Entry
from engine.catalogue.formula_units import wholes_of
from engine.catalogue.lookups import short_among
from engine.catalogue.model import NUMERIC, Check, Indicator, Input, PartSum, Symbol
from engine.language.grammar import Formula, dotted_name
from engine.problems import Position
from engine.translation import gettext as _
from engine.translation import use_language
from engine.units import same_dimensions

CATALOGUE = "catalogue"
"""The level of a check of the order itself."""


def build_checks(
    draft: Draft,
    root: Entry,
    symbols: Mapping[str, Symbol],
    below: Mapping[str, Mapping[str, tuple[str, ...]]],
) -> dict[str, Check]:
    """The checks of the file, then the automatic ones, in the catalogue's language, by the inputs."""
    checks: dict[str, Check] = {}
    for entry in root.children("checks"):
        check = _read_check(draft, entry)
        if check is not None:
            draft.add_once(checks, check)
    with use_language(draft.language):
        for symbol in symbols.values():
            if isinstance(symbol, Input):
                for made in _automatic(symbol, symbols, below):
                    if made is not None:
                        checks[made.id] = made
    return checks


def _read_check(draft: Draft, entry: Entry) -> Check | None:
    if not entry.is_mapping or not entry.has("rule"):
        return None
    rule = draft.formula(entry.at("rule"))
    level = entry.text("level").strip()
    if level != CATALOGUE:
        level = draft.level(entry.at("level"), draft.levels[0], given=False)
    if rule is None:
        return None
    return Check(
        id=entry.name_at("id") or rule.text,
        rule=rule,
        message=entry.text("message") or rule.text,
        severity=read_severity(entry, "error"),
        level=level,
        accepted=entry.text("accepted"),
        position=entry.at("id").position,
        positions=entry.positions(),
    )


# --- checks that parts and `within` make ----------------------------------------------------------


def _automatic(
    whole: Input, symbols: Mapping[str, Symbol], below: Mapping[str, Mapping[str, tuple[str, ...]]]
) -> Iterator[Check | None]:
    if whole.type not in NUMERIC:
        return
    if whole.lower is not None and whole.rollup == "sum":
        message = _("“{title}” of the level “{level}” is more than the levels below give together")
        message = message.format(title=whole.short_title, level=whole.level)
        below_level = getattr(symbols.get(whole.lower), "level", "")
        rule = f"{whole.id} <= sum_of({below_level}, {whole.lower})"
        made = _make_check(f"above:{whole.id}", rule, message, whole, "level")
        yield made and replace(made, severity="warning")
    yield from _check_parts(whole, symbols)
    outer = symbols.get(whole.within or "")
    if whole.within == whole.id or not _is_number(outer):
        return
    for name in ("", *below.get(whole.id, {})):
        part = symbols.get(f"{whole.id}.{name}" if name else whole.id)
        around = symbols.get(f"{outer.id}.{name}" if name else outer.id)
        if _is_number(part) and _is_number(around):
            message = _("“{part}” is more than “{whole}”, within which it lies").format(
                part=short_among(symbols, part.id), whole=short_among(symbols, around.id)
            )
            rule = f"{part.id} <= {around.id}"
            yield _make_check(f"within:{part.id}", rule, message, whole, "within")


def _is_number(symbol: Symbol | None) -> TypeGuard[Input | PartSum]:
    return isinstance(symbol, PartSum) or (isinstance(symbol, Input) and symbol.type in NUMERIC)


def _check_parts(whole: Input, symbols: Mapping[str, Symbol]) -> Iterator[Check | None]:
    parts = [
        part
        for part in map(symbols.get, whole.parts)
        if isinstance(part, Input) and part.type in NUMERIC and part.level == whole.level
    ]
    together = " + ".join(part.id for part in parts) if len(parts) == len(whole.parts) else ""
    title = short_among(symbols, whole.id)
    if whole.parts_are == "partition" and together:
        message = _("the parts of “{whole}” do not add up to it").format(whole=title)
        yield _make_check(
            f"partition:{whole.id}", f"{together} == {whole.id}", message, whole, "parts"
        )
        return
    for part in parts:
        if whole.unit and part.unit and not same_dimensions(whole.unit, part.unit):
            continue  # of events, their visitors: nothing to compare
        message = _("“{part}” is more than “{whole}”, of which it is a part").format(
            part=part.short_title, whole=title
        )
        yield _make_check(f"part:{part.id}", f"{part.id} <= {whole.id}", message, part)
    if whole.parts_are == "overlap" and together:
        message = _("the parts of “{whole}” together are less than it").format(whole=title)
        yield _make_check(
            f"overlap:{whole.id}", f"{together} >= {whole.id}", message, whole, "parts"
        )


def _make_check(name: str, rule: str, message: str, owner: Input, key: str = "") -> Check | None:
    """One automatic check; its place is where it is declared, its severity the input's.

    None where an id in it is refused.
    """
    position = owner.positions.get(key) or owner.position or Position("")
    try:
        tree = ast.parse(rule, mode="eval").body
    except (SyntaxError, ValueError):
        return None
    return Check(
        id=name,
        rule=Formula(rule, position, tree, derived=True),
        message=message,
        severity=owner.severity,
        level=owner.level,
        automatic=True,
        position=position,
    )


# --- checks that shares make ----------------------------------------------------------------------
# `share(part, whole)` says that the one lies within the other. Where that is declared too (`within`,
# `of_which`), the inputs are checked already; where a value may exceed 100 %, the formula says so by
# being written `100 * a / b`.


def check_shares(
    draft: Draft, indicators: Iterable[Indicator], symbols: Mapping[str, Symbol]
) -> dict[str, Check]:
    """By id a check, in the catalogue's language, for every share of inputs not checked otherwise."""
    with use_language(draft.language):
        made = _list_share_checks(indicators, symbols, draft.levels)
        return {check.id: check for check in made}


def _list_share_checks(
    indicators: Iterable[Indicator], symbols: Mapping[str, Symbol], levels: tuple[str, ...]
) -> Iterator[Check]:
    for indicator in indicators:
        made: set[str] = set()
        for _year, formula in indicator.formulas:
            for node, use in formula.calls():
                if use.id != "share" or len(node.args) != 2:  # noqa: PLR2004 - part and whole
                    continue
                rule = ast.Compare(node.args[0], [ast.LtE()], [node.args[1]])
                text = ast.unparse(rule)
                level = _level_of(node.args, symbols, levels)
                if level is None or text in made or _is_within(node.args, symbols):
                    continue
                made.add(text)
                yield Check(
                    id=f"share:{indicator.id}" + (f":{len(made)}" if len(made) > 1 else ""),
                    rule=Formula(text, formula.span(node), rule, derived=True),
                    message=_("the part is more than the whole: “{title}”").format(
                        title=indicator.short_title
                    ),
                    severity="error",
                    level=level,
                    automatic=True,
                    position=formula.span(node),
                )


def _names(tree: ast.expr) -> set[str] | None:
    """The names of a sum of inputs; None for whatever is computed otherwise."""
    if isinstance(tree, ast.Name | ast.Attribute):
        return {dotted_name(tree)}
    if isinstance(tree, ast.BinOp) and isinstance(tree.op, ast.Add):
        left, right = _names(tree.left), _names(tree.right)
        return None if left is None or right is None else left | right
    return None


def _level_of(
    arguments: list[ast.expr], symbols: Mapping[str, Symbol], levels: tuple[str, ...]
) -> str | None:
    """The level at which sums of inputs are compared: the lowest that gives one of them."""
    inputs: list[Input] = []
    for argument in arguments:
        names = _names(argument)
        if names is None:
            return None
        for name in names:
            symbol = symbols.get(name)
            if isinstance(symbol, PartSum):
                symbol = symbols.get(symbol.cells[0])
            if not isinstance(symbol, Input) or symbol.type not in NUMERIC:
                return None
            inputs.append(symbol)
    if len({compared.unit.dimensions for compared in inputs if compared.unit}) > 1:
        return None  # that the units clash is said already
    given = {compared.level for compared in inputs} & set(levels)
    return min(given, key=levels.index, default=None)


def _is_within(arguments: list[ast.expr], symbols: Mapping[str, Symbol]) -> bool:
    parts, wholes = (_names(argument) or set() for argument in arguments)
    return all(wholes_of(symbols, part) & wholes for part in parts)
