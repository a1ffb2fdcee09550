"""A scope: a tree that is computed on its own, with its own schools.

A whole formula is a scope, and so is what stands inside `previous`, `at`, a function over places above
the school and a `coalesce` of more than bare inputs. Which schools enter it is decided once, by the
inputs it names outside of those.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Literal, cast

from engine.catalogue.lookups import decimals_of, list_graded, list_scale_names
from engine.catalogue.model import (
    Band,
    Catalogue,
    Indicator,
    Input,
    Missing,
    Option,
    PartSum,
)
from engine.language.functions import FUNCTIONS, how_read
from engine.language.grammar import SCORE, Formula, dotted_name, literal_number, parts_of, tree_key


@dataclass(frozen=True, slots=True)
class CellSum:
    """One or several cells read as a sum (several: `x.ovz` of a partition), times a factor."""

    inputs: tuple[Input, ...]
    factor: float = 1


@dataclass(frozen=True, slots=True)
class RequestedInput:
    """What counts as one input: a bare input, or a `coalesce` of bare inputs and numbers.

    `choices` are tried in turn; a number always has a value. Equal ones have one `key`.
    """

    key: str
    choices: tuple[CellSum | float, ...] = field(compare=False)
    option: str | None = field(default=None, compare=False)

    @property
    def inputs(self) -> tuple[Input, ...]:
        """Every input it is made of."""
        return tuple(
            input_
            for choice in self.choices
            if isinstance(choice, CellSum)
            for input_ in choice.inputs
        )

    @property
    def first(self) -> Input:
        """The first of them: all are of one level."""
        return next(choice.inputs[0] for choice in self.choices if isinstance(choice, CellSum))

    @property
    def rollup(self) -> str:
        """How it is rolled up over schools: as its first input is, an option as a yes/no."""
        return self.first.rollup if self.option is None else "schools"

    @property
    def is_yes_no(self) -> bool:
        """Whether it is a condition at the place that gives it."""
        return self.option is not None or self.first.type == "yes_no"


@dataclass(frozen=True, slots=True)
class SeparatePart:
    """A part that is a scope of its own: the call that reads it in another row, and its tree.

    `at_schools`: it stands inside a function over schools.
    """

    function: str
    call: ast.Call
    tree: ast.expr
    at_schools: bool = False


Side = Literal["now", "before"]
"""A side of a change over the same schools: the year of the row, or the year before."""


@dataclass(frozen=True, slots=True)
class Pairing:
    """What is compared over the same schools, and the scenario that the year before is taken of."""

    key: str
    x: Indicator = field(compare=False)
    scenario: Literal["fact", "forecast"] = field(compare=False)

    @classmethod
    def of(cls, x: Indicator, scenario: Literal["fact", "forecast"]) -> Pairing:
        """The pairing under its key."""
        return cls(f"{scenario}:{x.missing}:{x.id}", x, scenario)


@dataclass(frozen=True, slots=True)
class Scope:
    """A tree that is computed on its own. `base` is the level that gives its own inputs.

    Without inputs it is the school. `requested` are its own inputs at `base`, by their keys; those of
    `above`, given above `base`, are looked up: in rows above the level that gives one, its places
    without it are out with all that lies in them. `named` are the indicators it names,
    `separate` the parts that are scopes of their own. `keeps_gaps`: it is read as a condition, in
    which a gap never counts as 0. `printed`: it is an indicator that is a change, the call, whose
    two sides are taken with so many decimals. `pairing`: it is a change over the same schools.
    `where`: among which schools, of a scope that is read outside a plan, which says so itself. Scopes
    are equal where their keys are.
    """

    key: str
    tree: ast.expr = field(compare=False)
    missing: Missing = field(compare=False)
    base: str = field(compare=False)
    requested: Mapping[str, RequestedInput] = field(compare=False)
    named: tuple[str, ...] = field(compare=False)
    separate: tuple[SeparatePart, ...] = field(compare=False)
    above: Mapping[str, RequestedInput] = field(compare=False)
    keeps_gaps: bool = field(default=False, compare=False)
    printed: tuple[ast.Call, int] | None = field(default=None, compare=False)
    pairing: Pairing | None = field(default=None, compare=False)
    where: tuple[Formula, ...] = field(default=(), compare=False)

    @property
    def fills_gaps(self) -> bool:
        """Whether gaps of those that enter count as 0."""
        return self.missing == "zero" and not self.keeps_gaps

    @property
    def as_condition(self) -> Scope:
        """The same with the same schools, read as a condition."""
        if not self.fills_gaps:
            return self
        return replace(self, key=f"condition:{self.key}", keeps_gaps=True)


def make_scope(catalogue: Catalogue, tree: ast.expr, missing: Missing) -> Scope:
    """The scope of a tree."""
    parts = tuple(_own_parts(catalogue, tree))
    requested = [part for part in parts if isinstance(part, RequestedInput)]
    levels = catalogue.places
    base = min((each.first.level for each in requested), key=levels.index, default=levels[0])
    return Scope(
        key=f"{missing}:{tree_key(tree)}",
        tree=tree,
        missing=missing,
        base=base,
        # Cells of one `x.ovz` are inputs each; sums are taken apart so that they enter as such.
        requested={each.key: each for each in requested if each.first.level == base},
        named=tuple(dict.fromkeys(part for part in parts if isinstance(part, str))),
        separate=tuple(part for part in parts if isinstance(part, SeparatePart)),
        above={each.key: each for each in requested if each.first.level != base},
    )


def tree_at(catalogue: Catalogue, tree: ast.expr, level: str) -> ast.expr:
    """A tree as places of a level read it: what several levels give is what the highest up to it gave.

    What a function reads at schools keeps its names.
    """
    owners = {_split_band(catalogue, name)[0] for name in _all_names(tree)}
    declared = (catalogue.inputs[name] for name in owners & catalogue.inputs.keys())
    given = {each.id: each.given_at for each in declared if each.given_at and each.lower is None}
    if not given:
        return tree
    return cast("ast.expr", _LevelNames(catalogue, given, level).visit(copy.deepcopy(tree)))


def _split_band(catalogue: Catalogue, name: str) -> tuple[str, str]:
    """What a name reads, and the class that is asked of it with its dot; empty for a value."""
    symbol = catalogue.symbols.get(name)
    return (symbol.owner, f".{symbol.class_id}") if isinstance(symbol, Band) else (name, "")


class _LevelNames(ast.NodeTransformer):
    """Names of what several levels give → those of what a level sees."""

    def __init__(
        self, catalogue: Catalogue, given: Mapping[str, Mapping[str, str]], level: str
    ) -> None:
        self.catalogue, self.given = catalogue, given
        self.seen = catalogue.places[: catalogue.places.index(level) + 1]

    def visit(self, node: ast.AST) -> ast.AST:
        """A name is replaced whole; at other places it is what their level sees."""
        if isinstance(node, ast.Name | ast.Attribute):
            owner, band = _split_band(self.catalogue, dotted_name(node))
            levels = self.given.get(owner, {})
            names = [name for at, name in levels.items() if at in self.seen]
            return ast.parse(names[-1] + band, mode="eval").body if names else node
        if isinstance(node, ast.Call):
            node.args = [self._visit_argument(node, index) for index in range(len(node.args))]
            return node
        return self.generic_visit(node)

    def _visit_argument(self, call: ast.Call, index: int) -> ast.expr:
        argument = call.args[index]
        match how_read(call, index, self.catalogue.levels[0]):
            case "here" | "own" | "a_year_before" | "class":
                return cast("ast.expr", self.visit(argument))
            case "in_set" | "above" if dotted_name(call.args[0]) in self.catalogue.places:
                other = _LevelNames(self.catalogue, self.given, dotted_name(call.args[0]))
                return cast("ast.expr", other.visit(argument))
        return argument


def make_whole_scope(catalogue: Catalogue, tree: ast.expr, missing: Missing) -> Scope:
    """The scope of the whole formula of an indicator: a change is printed minus printed."""
    scope = make_scope(catalogue, tree, missing)
    call = tree
    while isinstance(call, ast.BinOp) and getattr(call, "conversion", False):
        call = call.left
    if not isinstance(call, ast.Call) or dotted_name(call.func) != "change":
        return scope
    name = dotted_name(call.args[0])
    # An input that is an indicator too prints as the indicator does.
    decimals = decimals_of(catalogue, catalogue.indicators.get(name) or catalogue.symbols.get(name))
    if decimals is None:
        return scope
    return replace(scope, key=f"printed:{scope.key}", printed=(call, decimals))


def narrow_scope(scope: Scope, where: tuple[Formula, ...]) -> Scope:
    """The scope among the schools that meet these conditions."""
    if not where:
        return scope
    conditions = " and ".join(sorted({tree_key(each.tree) for each in where}))
    return replace(scope, key=f"where {conditions}:{scope.key}", where=where)


def round_printed(scope: Scope, node: ast.Call) -> int | None:
    """With how many decimals the sides of a change in a scope are taken; None: unrounded."""
    call, decimals = scope.printed or (None, None)
    return decimals if node is call else None


def read_bare_coalesce(catalogue: Catalogue, node: ast.Call) -> RequestedInput | None:
    """The `coalesce` as one input, or None where an argument is more than an input or a number.

    Those inside it are flat: their arguments are its own. All inputs are of one level.
    """
    choices = _read_choices(catalogue, node)
    requested = RequestedInput(tree_key(node), tuple(choices or ()))
    return requested if len({input_.level for input_ in requested.inputs}) == 1 else None


def find_requested(catalogue: Catalogue, name: str) -> tuple[RequestedInput, ...]:
    """A name as the inputs it stands for: one, the cells of a sum, the owner of an option."""
    symbol = catalogue.symbols.get(name)
    if isinstance(symbol, Indicator) and symbol.input is not None:
        symbol = catalogue.inputs[symbol.input]
    if isinstance(symbol, Input):
        return (RequestedInput(symbol.id, (CellSum((symbol,)),)),)
    if isinstance(symbol, PartSum):
        return tuple(
            RequestedInput(cell, (CellSum((catalogue.inputs[cell],)),)) for cell in symbol.cells
        )
    if isinstance(symbol, Option) and symbol.owner in catalogue.inputs:
        owner = catalogue.inputs[symbol.owner]
        return (RequestedInput(symbol.id, (CellSum((owner,)),), symbol.option),)
    if isinstance(symbol, Band):
        return find_requested(catalogue, symbol.owner)
    return ()


def bare_input(catalogue: Catalogue, indicator: Indicator) -> Input | None:
    """The input that an indicator is: its formula only names it, or an indicator that is it."""
    seen: set[str] = set()
    while indicator.formulas and indicator.id not in seen:
        seen.add(indicator.id)
        name = dotted_name(indicator.formulas[-1][1].tree)
        requested = find_requested(catalogue, name)
        if isinstance(catalogue.symbols.get(name), Band):
            return None
        if requested:
            return requested[0].first if len(requested) == 1 else None
        named = catalogue.symbols.get(name)
        if not isinstance(named, Indicator):
            return None
        indicator = named
    return None


def inputs_of(catalogue: Catalogue, *trees: ast.expr, level: str = "") -> frozenset[str]:
    """Every input that trees depend on, through indicators of any year and all that they read.

    `level`: as places of this level read them; else of what several levels give the lowest.
    """

    def list_read(tree: ast.expr) -> Iterator[str]:
        return _list_read(catalogue, tree_at(catalogue, tree, level) if level else tree)

    inputs: set[str] = set()
    seen: set[str] = set()
    waiting = [name for tree in trees for name in list_read(tree)]
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        symbol = catalogue.symbols.get(name)
        if isinstance(symbol, Band):
            waiting += [symbol.owner, *list_scale_names(catalogue, symbol.owner)]
        elif isinstance(symbol, Indicator) and symbol.input is None:
            for _year, formula in symbol.formulas:
                waiting += list_read(formula.tree)
        else:
            for requested in find_requested(catalogue, name):
                inputs |= {input_.id for input_ in requested.inputs}
    return frozenset(inputs)


def _list_read(catalogue: Catalogue, tree: ast.AST) -> Iterator[str]:
    """The names that a tree reads itself, and those in the scales of what it takes points of."""
    yield from _all_names(tree)
    for name in list_graded(tree):
        yield from list_scale_names(catalogue, name)


def lowest_level(catalogue: Catalogue, inputs: Iterable[str]) -> str:
    """The lowest level at which an indicator has rows: that of the lowest input it depends on."""
    levels = {catalogue.inputs[input_].level for input_ in inputs}
    return min(levels, key=catalogue.places.index, default=catalogue.levels[0])


def _own_parts(
    catalogue: Catalogue, tree: ast.AST, *, at_schools: bool = False
) -> Iterator[RequestedInput | SeparatePart | str]:
    """What a tree names itself: inputs, indicators (by id), and scopes inside it."""
    if isinstance(tree, ast.Name | ast.Attribute):
        name = dotted_name(tree)
        symbol = catalogue.symbols.get(name)
        if isinstance(symbol, Band) and symbol.owner not in catalogue.inputs:
            symbol = catalogue.symbols[symbol.owner]
        if isinstance(symbol, Indicator) and symbol.input is None:
            yield symbol.id
        yield from find_requested(catalogue, name)
        return
    if not isinstance(tree, ast.Call):
        for child in parts_of(tree):
            yield from _own_parts(catalogue, child, at_schools=at_schools)
        return
    function = dotted_name(tree.func)
    bare = read_bare_coalesce(catalogue, tree) if function == "coalesce" else None
    if bare is not None:
        yield bare
        return
    for index, argument in enumerate(tree.args):
        read = how_read(tree, index, catalogue.levels[0])
        if read in {"above", "own", "a_year_before", "in_set", "at_peers"}:
            if function == SCORE and literal_number(argument) is not None:
                continue  # a written weight
            yield SeparatePart(function, tree, argument, at_schools)
        elif read != "literal":
            inside = at_schools or read == "at_schools"
            yield from _own_parts(catalogue, argument, at_schools=inside)
    if function in {"change", "growth"}:
        yield SeparatePart("previous", tree, tree.args[0], at_schools)


def _read_choices(catalogue: Catalogue, node: ast.Call) -> list[CellSum | float] | None:
    choices: list[CellSum | float] = []
    for argument in node.args:
        choice = _read_choice(catalogue, argument)
        if choice is None:
            return None
        choices.extend(choice)
    return choices


def _read_choice(catalogue: Catalogue, node: ast.expr) -> list[CellSum | float] | None:
    number = literal_number(node)
    if number is not None:
        return [float(number)]
    if isinstance(node, ast.BinOp) and isinstance(node.right, ast.Constant):
        # A scaled unit, converted (`x * 1000`): still a bare input, with a factor. What an author
        # writes himself as a product is not: only the conversion carries no place of its own.
        if getattr(node, "conversion", False):
            inner = _read_choice(catalogue, node.left)
            factor = float(node.right.value)  # type: ignore[arg-type]
            return inner and [_scale(choice, factor) for choice in inner]
        return None
    if isinstance(node, ast.Call) and dotted_name(node.func) == "coalesce":
        return _read_choices(catalogue, node)
    name = dotted_name(node)
    requested = find_requested(catalogue, name)
    is_cell = bool(requested) and not isinstance(catalogue.symbols.get(name), Band)
    if not is_cell or any(each.option for each in requested):
        return None
    return [CellSum(tuple(input_ for each in requested for input_ in each.inputs))]


def _scale(choice: CellSum | float, factor: float) -> CellSum | float:
    if isinstance(choice, CellSum):
        return CellSum(choice.inputs, choice.factor * factor)
    return choice * factor


@lru_cache(maxsize=4096)
def _all_names(tree: ast.AST) -> frozenset[str]:
    if isinstance(tree, ast.Name | ast.Attribute):
        return frozenset((dotted_name(tree),))
    parts: Sequence[ast.expr] = parts_of(tree)
    if isinstance(tree, ast.Call):
        function = FUNCTIONS[dotted_name(tree.func)]
        parts = [
            argument
            for index, argument in enumerate(tree.args)
            if function.reads(index) != "literal"
        ]
    return frozenset().union(*map(_all_names, parts))


def type_at(catalogue: Catalogue, indicator: Indicator, level: str) -> str:
    """What the value of an indicator is at a level: "number", "yes_no", "class", "text" or "texts".

    A bare yes/no of schools is above them the number of schools that said yes; a text, the list of
    their texts.
    """
    given = bare_input(catalogue, indicator)
    if given is None or indicator.type == "number":
        return indicator.type
    above = catalogue.places.index(level) > catalogue.places.index(given.level)
    if indicator.type == "text":
        return "texts" if above else "text"
    return "number" if above else "yes_no"
