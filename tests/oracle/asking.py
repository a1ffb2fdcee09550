"""What a formula asks of a place, and whether the place answered (language.md, "Missing")."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import TypeGuard

from engine.catalogue.model import Band, Catalogue, Input, Missing, Option, PartSum
from engine.language.grammar import SCORE, Formula, dotted_name, literal_number
from tests.oracle.operators import Answer
from tests.oracle.world import Odd, Value, World

APART = ("previous", "at")
"""Functions whose argument is computed on its own, with its own schools."""

Number = int | float


@dataclass(frozen=True)
class Here:
    """Where and when a formula is read."""

    level: str
    place: str
    year: int
    scenario: str


@dataclass(frozen=True)
class Asked:
    """One input of a scope: `alternatives` has one element, or those of a bare coalesce.

    An alternative is the cells that add up to it, or a number.
    """

    level: str
    alternatives: tuple[tuple[str, ...] | Number, ...]


@dataclass(frozen=True)
class Scope:
    """A formula for which it is decided once which schools enter it.

    `alone`: every input in it is read by itself, whoever enters. `condition`: gaps in it stay gaps.
    `whole`: it is all of an indicator's formula: of a change both sides are taken as printed.
    """

    tree: ast.expr
    missing: Missing
    alone: bool = False
    condition: bool = False
    whole: bool = False


@dataclass(frozen=True)
class Cell:
    """What one cell says to a formula: a value, or none (then it may be unreadable)."""

    applies: bool
    value: Value | None = None
    unreadable: bool = False


class Asking:
    """Cells, and which places enter a scope."""

    def __init__(
        self,
        catalogue: Catalogue,
        world: World,
        condition: Callable[[ast.expr, Here], bool | None],
        asks: Callable[[ast.expr, Here], Answer],
        where: tuple[Formula, ...] = (),
    ) -> None:
        self.catalogue = catalogue
        self.world = world
        self.where = where
        self.order = catalogue.levels + catalogue.given
        self.condition = condition
        """Reads a condition over the register at a school."""
        self.asks = asks
        """Reads a condition over cells of one place, each by itself."""
        self.seen: dict[tuple[ast.expr, str], ast.expr] = {}
        # Only to be quick: what was found out once.
        self.cell = cache(self.cell)  # type: ignore[method-assign]
        self.asked = cache(self.asked)  # type: ignore[method-assign]
        self.base = cache(self.base)  # type: ignore[method-assign]
        self.enters = cache(self.enters)  # type: ignore[method-assign]
        self.is_bare = cache(self.is_bare)  # type: ignore[method-assign]

    # --- what is asked ---------------------------------------------------------------------------

    def cells_of(self, name: str) -> tuple[str, ...]:
        """The cells behind a name: of an input its own; none where the name is no input."""
        symbol = self.catalogue.symbols[name]
        if isinstance(symbol, Input):
            return (symbol.id,)
        if isinstance(symbol, PartSum):
            return symbol.cells
        if isinstance(symbol, Option | Band):
            return self.cells_of(symbol.owner)
        return ()

    def seen_from(self, tree: ast.expr, level: str) -> ast.expr:
        """A formula as a place of a level reads it: of what several levels give, the highest up to it.

        What is read at schools is theirs; what is computed on its own is seen from where it is read.
        """
        if (tree, level) not in self.seen:
            self.seen[tree, level] = self._see(tree, level)
        return self.seen[tree, level]

    def _see(self, tree: ast.expr, level: str) -> ast.expr:
        if isinstance(tree, ast.Name | ast.Attribute):
            symbol = self.catalogue.symbols.get(dotted_name(tree))
            given = {}
            if isinstance(symbol, Input) and symbol.lower is None:
                given = dict(symbol.given_at)
            up_to = self.order[: self.order.index(level) + 1]
            seen = [name for each, name in given.items() if each in up_to]
            return ast.copy_location(ast.Name(seen[-1]), tree) if seen[1:] else tree
        arguments = [node for node in ast.iter_child_nodes(tree) if isinstance(node, ast.expr)]
        if isinstance(tree, ast.Call):
            over = read_set(tree, self.order[0])
            if over is not None or dotted_name(tree.func) in {"rank", "target", "degree", *APART}:
                return tree
            arguments = list(tree.args)
        found = [self._see(each, level) for each in arguments]
        if found == arguments:
            return tree
        if isinstance(tree, ast.Call):
            return ast.copy_location(ast.Call(tree.func, found, []), tree)
        changed = copy(tree)
        for name, value in ast.iter_fields(tree):
            if isinstance(value, ast.expr):
                setattr(changed, name, found[arguments.index(value)])
            elif isinstance(value, list) and value and isinstance(value[0], ast.expr):
                setattr(changed, name, [found[arguments.index(each)] for each in value])
        return changed

    def level_of(self, cells: tuple[str, ...]) -> str:
        """The level that fills the cells."""
        return self.catalogue.inputs[cells[0]].level

    def is_bare(self, call: ast.Call) -> bool:
        """Whether a coalesce is of bare inputs of one level and numbers."""
        levels = {self.level_of(cells) for cells in self._bare(call) or () if type(cells) is tuple}
        return len(levels) == 1

    def bare(self, call: ast.Call) -> Asked:
        """The one input that a bare coalesce is."""
        alternatives = self._bare(call) or ()
        level = next(self.level_of(cells) for cells in alternatives if isinstance(cells, tuple))
        return Asked(level, alternatives)

    def _bare(self, call: ast.Call) -> tuple[tuple[str, ...] | Number, ...] | None:
        found: list[tuple[str, ...] | Number] = []
        for argument in call.args:
            number = literal_number(argument)
            if number is not None:
                found.append(number)
            elif is_call(argument, "coalesce"):
                nested = self._bare(argument)
                if nested is None:
                    return None
                found += nested
            elif isinstance(argument, ast.Name | ast.Attribute) and isinstance(
                self.catalogue.symbols[dotted_name(argument)], Input | PartSum
            ):
                found.append(self.cells_of(dotted_name(argument)))
            else:
                return None
        return tuple(found)

    def parts(self, tree: ast.expr) -> list[ast.expr]:
        """Names, bare coalesces and what is computed on its own, in the order of the text."""
        return [part for part, _ in self.parts_read(tree)]

    def parts_read(
        self, tree: ast.expr, *, at_schools: bool = False
    ) -> Iterator[tuple[ast.expr, bool]]:
        """The parts, and whether each stands inside a function over schools."""
        if isinstance(tree, ast.Name | ast.Attribute):
            yield tree, at_schools
        elif isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name):
            name = tree.func.id
            if name in {"coalesce", SCORE, *APART} or self.is_above(tree):
                yield tree, at_schools
            elif name != "target":
                over = read_set(tree, self.order[0])
                inside = at_schools or over is not None
                arguments = tree.args[1:] if name == "lookup" else tree.args
                for argument in over.trees if over else arguments:
                    yield from self.parts_read(argument, at_schools=inside)
                if name in {"change", "growth"}:  # x − previous(x)
                    yield ast.Call(ast.Name("previous"), tree.args, []), at_schools
        else:
            children = (node for node in ast.iter_child_nodes(tree) if isinstance(node, ast.expr))
            for child in sorted(children, key=lambda node: node.col_offset):
                yield from self.parts_read(child, at_schools=at_schools)

    def is_above(self, call: ast.Call) -> bool:
        """Whether a call reads places above the school: a set of them, or the peers of a rank."""
        over = read_set(call, self.order[0])
        return is_call(call, "rank") or (over is not None and over.level != self.order[0])

    def asked(self, tree: ast.expr) -> list[Asked]:
        """The inputs of a scope."""
        found = []
        for part in self.parts(tree):
            if is_call(part, "coalesce"):
                found += [self.bare(part)] if self.is_bare(part) else []
            elif isinstance(part, ast.Name | ast.Attribute):
                for cell in self.cells_of(dotted_name(part)):
                    found.append(Asked(self.level_of((cell,)), ((cell,),)))
        return list(dict.fromkeys(found))

    def base(self, tree: ast.expr) -> str:
        """The lowest level among the inputs of a scope; the school where it names none."""
        levels = [asked.level for asked in self.asked(tree)]
        return min(levels, key=self.order.index, default=self.order[0])

    # --- what was answered -----------------------------------------------------------------------

    def cell(self, input_id: str, here: Here) -> Cell:
        """A cell as a formula sees it; `here` is a place of the input's level.

        In a forecast inputs from above the level that reports fall back to fact.
        """
        found = self._cell(input_id, here)
        above = self.catalogue.inputs[input_id].level != self.order[0]
        if found.value is None and above and here.scenario == "forecast":
            return self._cell(input_id, Here(here.level, here.place, here.year, "fact"))
        return found

    def _cell(  # noqa: PLR0911 - a case for every state
        self, input_id: str, here: Here
    ) -> Cell:
        asked = self.catalogue.inputs[input_id]
        if asked.level == self.order[0] and not self.counts(here):
            return Cell(applies=False)
        if not (asked.since or here.year) <= here.year <= (asked.until or here.year):
            return Cell(applies=False)
        if any(self.condition(rule.tree, here) is False for rule in asked.applies_to):
            return Cell(applies=False)
        if asked.asked_when is not None and self.cell(asked.asked_when, here).value is not True:
            return Cell(applies=False)
        answers = [self.asks(rule.tree, here) for rule in asked.asked_if]
        if any(answer.value is False or answer.reason == "not_applicable" for answer in answers):
            return Cell(applies=False)
        if any(answer.value is None for answer in answers):
            return Cell(applies=True)
        key = (here.level, here.place, here.year, here.scenario, input_id)
        found = self.world.cells.get(key)
        if found is Odd.NOT_APPLICABLE:
            return Cell(applies=False)
        if isinstance(found, Odd):
            return Cell(applies=True, unreadable=True)
        return Cell(applies=True, value=found)

    def counts(self, here: Here) -> bool:
        """Whether a school meets every condition of `where`; any place above does."""
        if here.level != self.order[0]:
            return True
        return all(self.condition(rule.tree, here) is True for rule in self.where)

    def schools(self, here: Here) -> list[Here]:
        """The open schools of a place that count."""
        schools = [
            Here(self.order[0], school, here.year, here.scenario)
            for school in self.world.schools(here.level, here.place, here.year)
        ]
        return [school for school in schools if self.counts(school)]

    def applies(self, asked: Asked, here: Here) -> bool:
        """Whether an input applies to a place of its level: any of its alternatives does."""
        return self.counts(here) and any(
            not isinstance(cells, tuple) or any(self.cell(c, here).applies for c in cells)
            for cells in asked.alternatives
        )

    def value(self, asked: Asked, here: Here) -> Value | None:
        """The first alternative that is there, at a place of the input's level."""
        for cells in asked.alternatives:
            if not isinstance(cells, tuple):
                return Fraction(str(cells)) if self.counts(here) else None
            values = [self.cell(cell, here) for cell in cells]
            applicable = [cell.value for cell in values if cell.applies]
            if applicable and None not in applicable:
                if len(cells) == 1:
                    return applicable[0]
                return sum((Fraction(value or 0) for value in applicable), Fraction(0))
        return None

    # --- who enters ------------------------------------------------------------------------------

    def own(self, scope: Scope) -> list[Asked]:
        """The inputs that decide who enters: those of the scope's base."""
        if scope.alone:
            return []
        base = self.base(scope.tree)
        return [asked for asked in self.asked(scope.tree) if asked.level == base]

    def units(self, scope: Scope, here: Here) -> list[Here]:
        """The places of the scope's base at a place: those in it, or the one it lies in."""
        base = self.base(scope.tree)
        if self.order.index(here.level) < self.order.index(base):
            place = self.world.place_above(here.level, here.place, here.year, base)
            return [Here(base, place, here.year, here.scenario)]
        found = self.world.places_in(here.level, here.place, here.year, base)
        return [Here(base, place, here.year, here.scenario) for place in found]

    def is_expected(self, scope: Scope, unit: Here) -> bool:
        """Whether at least one of the inputs applies to a place."""
        own = self.own(scope)
        return any(self.applies(asked, unit) for asked in own) if own else self.counts(unit)

    def has_reported(self, scope: Scope, unit: Here, row: str) -> bool:
        """Whether every input that applies has a value; `row` is the level of the rows."""
        return (
            self.is_expected(scope, unit)
            and all(
                self.value(asked, unit) is not None
                for asked in self.own(scope)
                if self.applies(asked, unit)
            )
            and self.is_complete(scope, unit, row)
        )

    def enters(self, scope: Scope, unit: Here, row: str) -> bool:
        """Whether a place enters the scope: it reported; with `zero`, it gave anything.

        A gap counts as 0 then; a cell that cannot be read is no gap.
        """
        own = self.own(scope)
        if scope.missing == "zero" and own:
            given = any(self.value(asked, unit) is not None for asked in own)
            given = given and self.is_complete(scope, unit, row)
            return given and not self.has_unreadable(scope, unit)
        return self.has_reported(scope, unit, row)

    def is_complete(self, scope: Scope, unit: Here, row: str) -> bool:
        """Whether the places that a place lies in, up to those of the rows, gave their inputs."""
        for asked in self.asked(scope.tree):
            if asked in self.own(scope) or asked.level == self.base(scope.tree):
                continue
            level = self.order.index(asked.level)
            if self.order.index(unit.level) <= level < self.order.index(row):
                place = self.world.place_above(unit.level, unit.place, unit.year, asked.level)
                above = Here(asked.level, place, unit.year, unit.scenario)
                if self.applies(asked, above) and self.value(asked, above) is None:
                    return False
        return True

    def has_unreadable(self, scope: Scope, unit: Here) -> bool:
        """Whether an own input that applies to a place cannot be read."""
        return any(self.is_unreadable(asked, unit) for asked in self.own(scope))

    def is_unreadable(self, asked: Asked, unit: Here) -> bool:
        """Whether a cell of an input applies to a place and cannot be read.

        A coalesce that has a value does without it.
        """
        cells = [self.cell(name, unit) for name in names_of(asked)]
        found = any(cell.applies and cell.unreadable for cell in cells)
        return found and not (asked.alternatives[1:] and self.value(asked, unit) is not None)

    def entering(self, scope: Scope, here: Here) -> list[Here]:
        """The places that enter the scope at a place."""
        return [unit for unit in self.units(scope, here) if self.enters(scope, unit, here.level)]

    def why_nobody(self, scope: Scope, here: Here) -> str:
        """The reason where nobody enters."""
        if not any(self.is_expected(scope, unit) for unit in self.units(scope, here)):
            return "not_applicable"
        unreadable = any(self.has_unreadable(scope, unit) for unit in self.units(scope, here))
        return "not_readable" if unreadable else "not_reported"


def names_of(asked: Asked) -> list[str]:
    """The cells that an input is made of."""
    return [name for cells in asked.alternatives if isinstance(cells, tuple) for name in cells]


class JoinedAsking(Asking):
    """What schools gave, each with those that stand behind it in `behind`, as `whole` has it.

    `adds_up`: whether an input of several schools is one number. Several have given an input when each
    of them has to which it applies.
    """

    def __init__(
        self,
        whole: Asking,
        world: World,
        behind: Mapping[str, list[Here]],
        adds_up: Callable[[str], bool],
    ) -> None:
        super().__init__(whole.catalogue, world, whole.condition, whole.asks)
        self.whole, self.behind, self.adds_up = whole, behind, adds_up

    def applies(self, asked: Asked, here: Here) -> bool:
        """Whether it applies to one of them."""
        return any(self.whole.applies(asked, each) for each in self.behind[here.place])

    def value(self, asked: Asked, here: Here) -> Value | None:
        """What they gave together."""
        due = [each for each in self.behind[here.place] if self.whole.applies(asked, each)]
        values = [self.whole.value(asked, each) for each in due]
        if not values or None in values:
            return None
        if len(self.behind[here.place]) == 1:
            return values[0]
        if not all(map(self.adds_up, names_of(asked))):
            return None
        return sum((Fraction(value or 0) for value in values), Fraction(0))

    def is_unreadable(self, asked: Asked, unit: Here) -> bool:
        """Whether one of them gave what cannot be read, or one of several nothing at all.

        Then no 0 may stand for it.
        """
        behind = self.behind[unit.place]
        joined = [each.place for each in behind] != [unit.place]
        lacks = self.applies(asked, unit) and self.value(asked, unit) is None
        return (joined and lacks) or any(self.whole.is_unreadable(asked, each) for each in behind)


@dataclass(frozen=True)
class SetCall:
    """A function over a set: its new name, the level of the members, what is read at each of them."""

    function: str
    level: str
    trees: tuple[ast.expr, ...]


OLD_NAMES = {"schools_with": "count_of", "share_of_schools": "share_of"} | {
    f"{how}_of_schools": f"{how}_of"
    for how in ("sum", "mean", "median", "min", "max", "weighted_mean")
}


def read_set(call: ast.Call, lowest: str) -> SetCall | None:
    """The call as one over a set; None where it is none."""
    name = dotted_name(call.func)
    if name in OLD_NAMES:
        return SetCall(OLD_NAMES[name], lowest, tuple(call.args))
    if not name.endswith("_of"):
        return None
    trees = call.args[1:2] if name == "percentile_of" else call.args[1:]
    return SetCall(name, dotted_name(call.args[0]), tuple(trees))


def is_call(tree: ast.expr, name: str) -> TypeGuard[ast.Call]:
    """Whether a tree is a call of the function `name`."""
    return isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name) and tree.func.id == name


def names_in(tree: ast.expr) -> Iterator[str]:
    """Every name whose value is looked at, wherever it is read."""
    if isinstance(tree, ast.Name | ast.Attribute):
        yield dotted_name(tree)
    elif is_call(tree, "target"):
        return
    elif isinstance(tree, ast.Call):
        named = (
            is_call(tree, "at") or is_call(tree, "lookup") or dotted_name(tree.func).endswith("_of")
        )
        arguments = tree.args[1:] if named else tree.args
        for argument in tree.args[:1] if is_call(tree, "rank") else arguments:
            yield from names_in(argument)
    else:
        for child in ast.iter_child_nodes(tree):
            if isinstance(child, ast.expr):
                yield from names_in(child)
