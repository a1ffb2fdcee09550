"""Scores and two-way tables, as plainly as they can be said (language-2.md §2, §3); and random ones."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from engine.catalogue.model import Catalogue, Scale, ScaleClass, ScaleVersion, Table, TableVersion
from engine.language.grammar import Formula, Weighing, dotted_name, make_score
from engine.problems import Position
from tests.oracle import scales
from tests.oracle.asking import Here, Scope
from tests.oracle.operators import NOT_APPLICABLE, Answer, least, without

if TYPE_CHECKING:
    from tests.oracle.drawing import Draw
    from tests.oracle.meaning import Meaning

ABSENT = ("none", "zero", "rescale", "move")
WEIGHTS = ("1", "1", "0.5", "0.3", "2", "0")
COLOURS = ("red", "yellow", "green")


@dataclass(frozen=True)
class Member:
    """A member of a score at a place: its value, its weight, the greatest it can be."""

    value: Answer
    weight: Answer
    greatest: Fraction

    @property
    def reason(self) -> str | None:
        """Why it is not there; None where it is."""
        lacking = [each for each in (self.value, self.weight) if each.value is None]
        return without(lacking).reason if lacking else None

    @property
    def is_lost(self) -> bool:
        """Whether it applies and is not there."""
        return self.reason not in {None, "not_applicable"}

    @property
    def load(self) -> Fraction:
        """Its weight, 0 where it has none."""
        return Fraction(self.weight.value or 0)


def list_members(meaning: Meaning, call: ast.expr, scope: Scope, here: Here) -> list[Member]:
    """The members of a score."""
    assert isinstance(call, ast.Call)
    weighing, *pairs = call.args
    is_share = weighing.value.how == "share"  # type: ignore[attr-defined]
    return [
        Member(
            meaning.settle(Scope(member, scope.missing), here),
            meaning.settle(Scope(weight, scope.missing), here),
            find_greatest(meaning, member, here) if is_share else Fraction(1),
        )
        for member, weight in zip(pairs[::2], pairs[1::2], strict=True)
    ]


def find_greatest(meaning: Meaning, member: ast.expr, here: Here) -> Fraction:
    """The greatest points that `points(x)` can give in a year; 0 where it gives none."""
    assert isinstance(member, ast.Call)
    name = dotted_name(member.args[0])
    scale = scales.scale_of(meaning.catalogue, name)
    if scale is None:
        return max(meaning.catalogue.inputs[name].points.values())
    version = scale.version(here.year)
    if version is None:
        return Fraction(0)
    given = [each.points for each in version.classes.values() if each.points is not None]
    given += [scales.amount(meaning, name, knot.points, here).number for knot in version.line]
    return max(given, default=Fraction(0))


def share_out(weighing: Weighing, members: list[Member]) -> tuple[dict[int, Fraction], bool]:
    """The weight of each member that stays; and whether one that is missing leaves no score."""
    used: dict[int, Fraction] = {}
    dead = False
    for at, member in enumerate(members):
        if member.reason is None:
            used[at] = used.get(at, Fraction(0)) + member.load
        elif weighing.absent == "zero" and member.is_lost:
            used[at] = member.load
        elif weighing.absent == "none":
            dead |= member.is_lost
        elif weighing.absent == "move":
            goal = at
            while members[goal].reason is not None and goal in dict(weighing.moves):
                goal = dict(weighing.moves)[goal]
            if members[goal].reason is None:
                used[goal] = used.get(goal, Fraction(0)) + member.load
            else:
                dead |= members[goal].is_lost
    return used, dead


def score(meaning: Meaning, call: ast.expr, scope: Scope, here: Here) -> Answer:
    """The value of a score."""
    weighing: Weighing = call.args[0].value  # type: ignore[attr-defined]
    members = list_members(meaning, call, scope, here)
    used, dead = share_out(weighing, members)
    if dead or sum(member.reason is None for member in members) < weighing.members:
        lost = [member.reason or "" for member in members if member.is_lost]
        return Answer(reason=least(lost or ["not_applicable"]))
    if any(members[at].load < 0 for at in used) or not sum(used.values()):
        return Answer(reason="zero_denominator")
    total = sum(
        (load * Fraction(members[at].value.value or 0) for at, load in used.items()), Fraction(0)
    )
    below = sum(used.values(), Fraction(0))
    if weighing.how == "share":
        possible = sum((load * members[at].greatest for at, load in used.items()), Fraction(0))
        if not possible:
            return Answer(reason="zero_denominator")
        total = 100 * total / possible
    elif weighing.how == "mean":
        total /= below
    elif weighing.absent == "rescale":
        due = sum((m.load for m in members if m.reason != "not_applicable"), Fraction(0))
        total = total * due / below
    if weighing.cap is not None:
        total = min(total, weighing.cap)
    if weighing.floor is not None:
        total = max(total, weighing.floor)
    return Answer(total)


def list_stayed(meaning: Meaning, call: ast.expr, scope: Scope, here: Here) -> list[ast.expr]:
    """The members that stayed, which the coverage is of; all where none did.

    One that is missing and that no move names stays, as with `none`.
    """
    assert isinstance(call, ast.Call)
    weighing: Weighing = call.args[0].value  # type: ignore[attr-defined]
    members = list_members(meaning, call, scope, here)
    leaves = dict(weighing.moves) if weighing.absent == "move" else {}
    if weighing.absent == "rescale":
        leaves = dict.fromkeys(range(len(members)), 0)
    stayed = [
        tree
        for at, (tree, member) in enumerate(zip(call.args[1::2], members, strict=True))
        if member.reason is None or (member.is_lost and at not in leaves)
    ]
    return stayed or call.args[1::2]


# --- tables ---------------------------------------------------------------------------------------


def lookup(meaning: Meaning, arguments: list[ast.expr], scope: Scope, here: Here) -> Answer:
    """The class in a cell, by its number."""
    table = meaning.catalogue.tables[dotted_name(arguments[0])]
    sides = [side(meaning, dotted_name(argument), scope, here) for argument in arguments[1:]]
    lacking = [answer for _class, answer in sides if _class is None]
    if lacking:
        applies = all(answer.applies for _class, answer in sides)
        return Answer(reason=without(lacking).reason, applies=applies)
    held = [each for each in table.versions if each.since is None or each.since <= here.year]
    if not held:
        return Answer(reason="before_formula")
    cell = held[-1].cells[sides[0][0] or ""][sides[1][0] or ""]
    assert table.cells is not None
    return NOT_APPLICABLE if cell is None else Answer(Fraction(table.cells.class_ids.index(cell)))


def side(meaning: Meaning, name: str, scope: Scope, here: Here) -> tuple[str | None, Answer]:
    """The class of a name, or an answer that says why there is none."""
    asked = meaning.catalogue.inputs.get(name)
    if asked is not None and asked.type == "choice":
        if meaning.asking.order.index(here.level) > meaning.asking.order.index(asked.level):
            whole = meaning.answer_here(asked, scope, here)
            return None, whole if not whole.applies else Answer(reason="no_such_level")
        found = meaning.answer_here(asked, scope, here)
        number = None if found.value is None else int(found.value)
        return None if number is None else list(asked.options)[number], found
    graded = scales.grade(meaning, name, meaning.name(name, scope, here), here)
    answer = Answer(reason=graded.reason, applies=graded.applies)
    return graded.class_.id if graded.class_ else None, answer


# --- random scores and tables ---------------------------------------------------------------------


def draw_score(choose: Draw, draw_number: Any, parse: Any, graded: Sequence[str]) -> Formula:
    """One to four members, weights that are numbers or names, and all that may become of them.

    Without anything `graded` it is over inputs alone.
    """
    count = choose.whole(1, 4)
    how = choose.one(("sum", "mean", "share") if graded else ("sum", "mean"))
    names = ("a", "k", "i0" if graded else "b")
    texts = [
        f"points({choose.one(graded)})" if how == "share" else draw_number() for _ in range(count)
    ]
    weights = [choose.one((*WEIGHTS, *names[: choose.whole(0, 2)])) for _ in texts]
    absent = choose.one(ABSENT)
    moves = []
    if absent == "move":
        # Each moves to one that stands after it: no circle.
        pairs = [(at, choose.whole(at + 1, count - 1)) for at in range(count - 1)]
        moves = [pair for pair in pairs if not choose.rarely(3)]
    weighing = Weighing(
        how=how,  # type: ignore[arg-type]
        absent=absent,  # type: ignore[arg-type]
        moves=tuple(moves),
        members=choose.one((1, 1, 2, 3)),
        cap=Fraction(5) if choose.rarely(5) else None,
        floor=Fraction(1) if choose.rarely(5) else None,
    )
    tree = make_score(weighing, [parse(t).tree for t in texts], [parse(w).tree for w in weights])
    text = f"{weighing} {[f'{a}: {b}' for a, b in zip(texts, weights, strict=True)]}"
    return Formula(text, Position("formula"), tree, derived=True)


def draw_table(choose: Draw, name: str, down: Sequence[str], across: Sequence[str]) -> Table:
    """A table over two lists of classes, some of its cells empty, some versions by year."""
    classes = {
        each: ScaleClass(each, each, points=choose.one((Fraction(3), Fraction(0), None)))
        for each in COLOURS
    }
    cells = Scale(name, name, versions=(ScaleVersion(None, classes),), owner=name)

    def draw_cells() -> dict[str, dict[str, str | None]]:
        return {row: {col: choose.one((*COLOURS, None)) for col in across} for row in down}

    versions = [TableVersion(None, draw_cells())]
    if choose.rarely(3):
        versions = [TableVersion(choose.one((None, 2023)), versions[0].cells)]
        versions.append(TableVersion(2024, draw_cells()))
    return Table(name, name, "down", "across", cells, tuple(versions))


def classes_of(catalogue: Catalogue, scales_: dict[str, Scale], name: str) -> tuple[str, ...]:
    """The classes that a name may have."""
    if name in scales_:
        return scales_[name].class_ids
    asked = catalogue.inputs[name]
    return asked.scale.class_ids if asked.scale else tuple(asked.options)
