"""Scores: members, weights and moves make sense, and give what the order names."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction

from engine.catalogue.lookups import scaled_by
from engine.catalogue.model import Catalogue, Constant, Indicator, Score
from engine.catalogue.rules.point_bounds import find_bounds
from engine.language.functions import FUNCTIONS, how_read
from engine.language.grammar import (
    Formula,
    dotted_name,
    literal_number,
    parts_of,
    tree_key,
)
from engine.problems import Problem
from engine.translation import chosen_language
from engine.translation import gettext as _
from engine.units import format_number


def _list_scores(catalogue: Catalogue) -> Iterator[tuple[Indicator, Score]]:
    for indicator in catalogue.indicators.values():
        if indicator.score is not None and indicator.part is None:
            yield indicator, indicator.score


def check_scores(catalogue: Catalogue) -> Iterable[Problem]:
    """A score has members, weights that can be divided by, and moves that end."""
    for indicator, score in _list_scores(catalogue):
        yield from _check_keys(indicator, score)
        yield from _check_weights(catalogue, score)
        yield from _check_moves(score)
        for member in score.members if score.weighing.how == "share" else ():
            call = member.tree
            if not isinstance(call, ast.Call) or dotted_name(call.func) != "points":
                yield Problem(
                    "score-unit",
                    _("of “{member}” no greatest possible points are known").format(
                        member=member.text
                    ),
                    member.span(member.tree),
                    _("a share takes points(…) only"),
                )


def _check_keys(indicator: Indicator, score: Score) -> Iterator[Problem]:
    if not score.members and "of" in score.positions:
        yield Problem(
            "score-empty",
            _("the score “{id}” has no members").format(id=indicator.id),
            score.positions["of"],
            _("name them with their weights: of: {{a: 0.5, b: 0.5}}").format(),
        )
    if "formula" in indicator.positions:
        yield Problem(
            "score-formula",
            _("“{id}” has both a score and a formula").format(id=indicator.id),
            indicator.positions["formula"],
            _("leave one of them"),
        )
    if "missing" in indicator.positions:
        yield Problem(
            "score-missing",
            _("beside a score it is absent that says what becomes of gaps"),
            indicator.positions["missing"],
            _("take the key missing away"),
        )


_HUNDRED = 100
_NEAR = 10
"""How far from 100 weights add up that may be meant as percents."""


# --- weights --------------------------------------------------------------------------------------


def _check_weights(catalogue: Catalogue, score: Score) -> Iterator[Problem]:
    known: list[Sequence[Fraction]] = []
    for member, weight in zip(score.members, score.weights, strict=True):
        numbers = _known_weights(catalogue, weight)
        known.append(numbers or ())
        if numbers is None:
            yield Problem(
                "score-weights",
                _("a weight is a number or one name: a constant, an input, an indicator"),
                weight.position,
                _("give the formula an id among the indicators"),
            )
        elif any(number < 0 for number in numbers):
            yield Problem(
                "score-weights",
                _("the weight of “{member}” is negative").format(member=member.text),
                weight.position,
                _("write the member with a minus instead: -x"),
            )
    place = score.positions.get("of", score.position)
    if known and all(numbers and not any(numbers) for numbers in known):
        yield Problem("score-weights", _("all weights are 0"), place)
        return
    shares = [literal_number(weight.tree) or 0 for weight in score.weights]
    if score.weighing.how == "mean" and min(shares, default=0) >= 1 and sum(shares) != _HUNDRED:
        if abs(sum(shares) - _HUNDRED) <= _NEAR:
            yield Problem(
                "score-weights",
                _("weights add to {total}").format(total=_show(Fraction(str(sum(shares))))),
                place,
                _("if they are percents, they add to 100: look whether one is lacking"),
                severity="note",
            )
        return
    for year, total in _sum_weights(catalogue, score):
        if total != 1:
            message = _("weights add to {total}").format(total=_show(total))
            if year is not None:
                message = _("in {year} weights add to {total}").format(
                    year=year, total=_show(total)
                )
            yield Problem(
                "score-weights",
                message,
                place,
                _("parts of a whole add to 1: look whether one is lacking"),
                severity="warning",
            )


def _sum_weights(catalogue: Catalogue, score: Score) -> Iterator[tuple[int | None, Fraction]]:
    """The sums of weights that are parts of a whole; with constants among them, of each year."""
    written = [literal_number(weight.tree) for weight in score.weights]
    named = [catalogue.symbols.get(dotted_name(weight.tree)) for weight in score.weights]
    years = sorted({year for each in named if isinstance(each, Constant) for year in each.values})
    for year in years or (None,):
        numbers = [
            each.values.get(year)
            if isinstance(each, Constant) and year is not None
            else None
            if number is None
            else Fraction(str(number))
            for number, each in zip(written, named, strict=True)
        ]
        known = [number for number in numbers if number is not None and 0 < number < 1]
        if known and len(known) == len(numbers):
            yield year, sum(known, Fraction())


def _known_weights(catalogue: Catalogue, weight: Formula) -> Sequence[Fraction] | None:
    """The numbers that a weight can be, as far as they are known; None where it is no weight."""
    number = literal_number(weight.tree)
    if number is not None:
        return (Fraction(str(number)),)
    name = dotted_name(weight.tree)
    if not name:
        return None
    symbol = catalogue.symbols.get(name)
    if isinstance(symbol, Constant):
        places = symbol.values_by_place.values()
        return (*symbol.values.values(), *(each for years in places for each in years.values()))
    return ()


# --- moves ----------------------------------------------------------------------------------------


def _check_moves(score: Score) -> Iterator[Problem]:
    members = {tree_key(member.tree) for member in score.members}
    for pair in score.moves:
        for end in pair:
            if tree_key(end.tree) not in members:
                yield Problem(
                    "score-move",
                    _("“{name}” is no member of the score").format(name=end.text),
                    end.span(end.tree),
                    _("members: {names}").format(
                        names="; ".join(member.text for member in score.members)
                    ),
                )
    goals = dict(score.weighing.moves)
    for start in goals:
        way = [start]
        while way[-1] in goals and goals[way[-1]] not in way:
            way.append(goals[way[-1]])
        # Each circle once, from the member of it that stands first.
        if goals.get(way[-1]) == start == min(way):
            names = " → ".join(score.members[at].text for at in (*way, start))
            yield Problem(
                "score-move",
                _("the weight goes round in a circle: {circle}").format(circle=names),
                score.positions.get("absent", score.position),
                _("one of the members must keep its weight"),
            )


# --- levels ---------------------------------------------------------------------------------------


def check_score_levels(catalogue: Catalogue) -> Iterable[Problem]:
    """No member of a score lacks a value above the schools by its nature."""
    for indicator, score in _list_scores(catalogue):
        highest = max(indicator.levels or catalogue.levels, key=catalogue.places.index)
        for member in score.members:
            for name in _list_answers(catalogue, member.tree, frozenset()):
                answer = catalogue.inputs[name]
                if catalogue.places.index(answer.level) < catalogue.places.index(highest):
                    yield Problem(
                        "score-level",
                        _("the points of “{name}” have no value above the level “{level}”").format(
                            name=name, level=answer.level
                        ),
                        member.span(member.tree),
                        _(
                            "write at “{name}” rollup: mean, or the member as "
                            "mean_of({level}, points({name})), or levels: [{level}] at “{id}”"
                        ).format(name=name, level=answer.level, id=indicator.id),
                        about=name,
                    )


def _list_answers(catalogue: Catalogue, tree: ast.AST, seen: frozenset[str]) -> Iterator[str]:
    """The answers whose points are taken at the place itself, and stay at their level."""
    if isinstance(tree, ast.Call) and dotted_name(tree.func) in FUNCTIONS:
        for index, argument in enumerate(tree.args):
            read = how_read(tree, index, catalogue.levels[0])
            name = dotted_name(argument)
            answer = catalogue.inputs.get(name)
            if read == "class" and scaled_by(catalogue, name) is None and answer is not None:
                if answer.points and not answer.mean_points:
                    yield name
            elif read in {"here", "own", "a_year_before"}:
                yield from _list_answers(catalogue, argument, seen)
        return
    symbol = catalogue.symbols.get(dotted_name(tree))
    if isinstance(symbol, Indicator) and symbol.id not in seen:
        for _year, formula in symbol.formulas:
            yield from _list_answers(catalogue, formula.tree, seen | {symbol.id})
        return
    for part in parts_of(tree):
        yield from _list_answers(catalogue, part, seen)


# --- the maximum that the order names -------------------------------------------------------------


def check_score_sums(catalogue: Catalogue) -> Iterable[Problem]:
    """What the scales give at most is what the order names as the maximum."""
    for indicator, score in _list_scores(catalogue):
        if score.declared is None or not indicator.formulas:
            continue
        place = score.positions.get("declared", score.position)
        greatest = find_bounds(catalogue, indicator.formulas[-1][1].tree).greatest
        if greatest is None:
            unknown = [
                member.text
                for member in score.members
                if find_bounds(catalogue, member.tree).greatest is None
            ]
            yield Problem(
                "score-declared",
                _(
                    "the maximum declared is not compared: the greatest is not known of {members}"
                ).format(members="; ".join(unknown) or _("the weights")),
                place,
                _("a bound makes it known: limits at an input, min(20, …) in a formula"),
                severity="note",
            )
        elif greatest != score.declared:
            yield Problem(
                "score-declared",
                _("the greatest that the scales give is {greatest}, declared is {declared}").format(
                    greatest=_show(greatest), declared=_show(score.declared)
                ),
                place,
                _("look at the points of the scales, at the weights and at cap"),
                severity="warning",
            )


def _show(number: Fraction) -> str:
    return format_number(number, None, chosen_language())
