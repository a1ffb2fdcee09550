"""Scores: `score:` of an indicator, and the formula that it is."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from engine.catalogue.build.draft import Draft
from engine.catalogue.entry import Entry
from engine.catalogue.model import Score
from engine.language.grammar import (
    Absent,
    Formula,
    How,
    Weighing,
    make_score,
    parse_formula,
    tree_key,
)
from engine.problems import suggest_name
from engine.translation import gettext as _

HOWS: tuple[How, ...] = ("sum", "mean", "share")
ABSENT: tuple[Absent, ...] = ("none", "zero", "rescale")

Pair = tuple[Formula | None, Formula | None]


def build_score(draft: Draft, entry: Entry) -> tuple[Score | None, Formula | None]:
    """A score and its formula; None for both where a member or a weight cannot be read."""
    absent = _read_absent(draft, entry.at("absent"))
    pairs = list(_read_members(draft, entry.at("of")))
    moves = list(_read_moves(draft, entry.at("absent").at("move")))
    members = tuple(member for member, _weight in pairs if member)
    weights = tuple(weight for _member, weight in pairs if weight)
    if not len(members) == len(weights) == len(pairs):
        return None, None
    number = {tree_key(member.tree): at for at, member in reversed(list(enumerate(members)))}
    known = [(number.get(tree_key(a.tree)), number.get(tree_key(b.tree))) for a, b in moves]
    least = entry.whole("members")
    weighing = Weighing(
        how=entry.choice("how", HOWS, "sum"),
        absent=absent,
        moves=tuple((a, b) for a, b in known if a is not None and b is not None),
        members=1 if least is None else least,
        cap=entry.at("cap").number,
        floor=entry.at("floor").number,
    )
    score = Score(
        weighing,
        members,
        weights,
        tuple(moves),
        entry.at("declared").number,
        entry.key_position,
        entry.positions(),
    )
    return score, _make_formula(score, entry) if members else None


def _read_absent(draft: Draft, entry: Entry) -> Absent:
    if entry.is_mapping:
        return "move"
    text = entry.written.strip()
    if text and text not in ABSENT:
        draft.report(
            "score-absent",
            _("“{word}” does not say what becomes of a member without a value").format(word=text),
            entry.position,
            suggest_name(text, ABSENT)
            or _("write none, zero, rescale, or move: {{member: another}}").format(),
        )
    return next((word for word in ABSENT if word == text), "none")


def _make_formula(score: Score, entry: Entry) -> Formula:
    tree = make_score(
        score.weighing,
        [member.tree for member in score.members],
        [weight.tree for weight in score.weights],
    )
    pairs = zip(score.members, score.weights, strict=True)
    is_list = isinstance(entry.at("of").data, list)
    texts = [a.text if is_list else f"{a.text}: {b.text}" for a, b in pairs]
    text = f"{score.weighing.how} {', '.join(texts)}"
    pieces = (*score.members, *(() if is_list else score.weights))
    return Formula(text, entry.at("of").position, tree, derived=True, pieces=pieces)


def _read_members(draft: Draft, entry: Entry) -> Iterator[Pair]:
    """Members with their weights; those of a bare list weigh 1."""
    for each in entry.children():
        if isinstance(each.path[-1], str):
            yield _read_key(draft, each), draft.formula(each)
        else:
            yield draft.formula(each), Formula("1", each.position, ast.Constant(1), derived=True)


def _read_moves(draft: Draft, entry: Entry) -> Iterator[tuple[Formula, Formula]]:
    for each in entry.children():
        start, goal = _read_key(draft, each), draft.formula(each)
        if start is not None and goal is not None:
            yield start, goal


def _read_key(draft: Draft, entry: Entry) -> Formula | None:
    formula, problems = parse_formula(str(entry.path[-1]), entry.key_position)
    draft.problems += problems
    return formula
