"""Coverage: how many schools reported of how many expected, for every value.

A formula has several candidates: its own inputs, each indicator it names, and each `coalesce` of
more than bare inputs (the argument whose value was taken). The one with the smallest ratio is
shown, the first on a tie. Of a function over places above the school it is that of its argument at all
of them together, of a rank the ranked of its peers. `previous` and `at` are candidates only where there
is no other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import polars as pl

from engine.catalogue.lookups import find_outer_set
from engine.catalogue.model import Indicator
from engine.evaluation.plan.base import NOBODY, Coverage, PlanBase, remembered
from engine.evaluation.plan.entering import count_open, count_schools
from engine.evaluation.plan.inputs import meets_where
from engine.evaluation.plan.ranks import cover_rank
from engine.evaluation.plan.scopes import Scope, SeparatePart
from engine.evaluation.plan.scores import weigh_members
from engine.evaluation.plan.sets import find_members, read_member
from engine.language.functions import read_set_call
from engine.language.grammar import ScoreCall, dotted_name, read_score, tree_key
from engine.language.readings.terms import Column


@remembered
def cover_scope(plan: PlanBase, scope: Scope, level: str) -> Coverage:
    """The coverage of a scope at every place of a level."""
    scope = plan.scope_at(scope, level)
    score = read_score(scope.tree)
    if score is not None:
        return _cover_score(plan, scope, level, score)
    pairs: list[Coverage] = []
    if scope.requested:
        pairs.append(cover_inputs(plan, scope, level))
    named = [plan.catalogue.indicators[name] for name in scope.named]
    # A formula that is not written yet is answered by nobody: it brings no pair of its own.
    pairs += [
        plan.indicator(indicator, level).coverage.settle(plan, level)
        for indicator in named
        if not indicator.unwritten
    ]
    calls = {
        (tree_key(part.call), part.at_schools): part
        for part in scope.separate
        if part.function == "coalesce"
    }
    pairs += [_cover_coalesce(plan, scope, level, part) for part in calls.values()]
    pairs += _cover_sets(plan, scope, level)
    if not pairs:
        others = (_cover_other_row(plan, scope, level, part) for part in scope.separate)
        pairs += [pair for pair in others if pair is not None]
    if not pairs and named:
        return plan.indicator(named[0], level).coverage
    if not pairs:
        number = count_open(plan, level)
        return Coverage(number, number)
    return _pick_smallest(plan, level, pairs)


def cover_inputs(plan: PlanBase, scope: Scope, level: str) -> Coverage:
    """The coverage of a scope's own inputs."""
    return Coverage(
        count_schools(plan, scope, "reported", level),
        count_schools(plan, scope, "expected", level),
    )


def _cover_coalesce(plan: PlanBase, scope: Scope, level: str, part: SeparatePart) -> Coverage:
    """The coverage of the first argument of a `coalesce` that has a value, else of the first one."""
    school = plan.levels[0]
    if part.at_schools and level != school:
        pair = _cover_coalesce(plan, scope, school, part)
        return _sum_over_schools(plan, scope, level, part, pair)
    reading = plan.at_level(level)
    scopes = [plan.scope(argument, scope.missing) for argument in part.call.args]
    # The last argument with a value is tried first, so that the first one wins; where none
    # has a value, the first argument speaks for all.
    pair = cover_scope(plan, scopes[0], level)
    for inner in reversed(scopes):
        value = plan.settle(level, plan.term(inner, level).value)
        filled = reading.expr(lambda number: ~number.is_null(), value)
        pair = cover_scope(plan, inner, level).pick(reading, filled, pair)
    return pair.settle(plan, level)


def _cover_sets(plan: PlanBase, scope: Scope, level: str) -> Iterator[Coverage]:
    """Of each argument over places above the school, and of each rank, read at the place itself."""
    for part in scope.separate:
        if part.at_schools and level != plan.levels[0]:
            continue  # what is read at schools has no set above them
        if part.function == "rank":
            yield cover_rank(plan, level, part.call)
        over = read_set_call(part.call, plan.levels[0])
        if over is None or plan.is_below(level, over.members):
            continue
        pair = cover_scope(plan, plan.scope(part.tree, scope.missing), over.members)
        yield pair if level == over.members else _sum_members(plan, scope, level, part, pair)


def cover_rows_below(plan: PlanBase, indicator: Indicator, level: str) -> Coverage:
    """The coverage of an indicator at a level where it has no rows: of its rows below, together.

    A formula that takes it over places below is covered as they are; 0 of 0 where it has none below.
    """
    below = [
        each for each in plan.levels if each in indicator.levels and plan.is_below(each, level)
    ]
    if not below:
        return NOBODY
    key = ("coverage", "rows", indicator.id, below[-1])
    return plan.indicator(indicator, below[-1]).coverage.sum_up(plan, key, level, below[-1])


def cover_members(plan: PlanBase, indicator: Indicator, level: str) -> Coverage:
    """Of the members of the first set that a formula takes in this place, how many have its argument.

    0 of 0 where it takes none above the school; of a distribution the schools that have a class.
    """
    result = NOBODY
    plan = plan.within(indicator.where)
    for year, formula in indicator.formulas:
        scope = plan.scope(formula.tree, indicator.missing)
        schools = bool(indicator.distribution)
        pair = _count_members(plan, scope, level, schools=schools) or NOBODY
        if year is None:
            return pair
        since = plan.at_level(level).expr(lambda now, since=year: now >= since, plan.year)
        result = pair.pick(plan.at_level(level), since, result)
    return result


def _count_members(plan: PlanBase, scope: Scope, level: str, *, schools: bool) -> Coverage | None:
    over = find_outer_set(plan.catalogue, scope.tree, level, schools=schools)
    if over is None:
        return None
    columns = [read_member(plan, scope, over.members, tree, level).value for tree in over.trees]
    members = find_members(plan, over.members, over.trees) or plan.everywhere()

    def count(*values: Any) -> Any:
        return pl.all_horizontal(*(~value.is_null() for value in values)).cast(pl.Int64)

    known = plan.at_level(over.members).expr(count, *columns)
    key = ("members", scope.key, over.members, *map(tree_key, over.trees))
    return Coverage(
        plan.steps.rollup((*key, "have"), level, over.members, "sum", known),
        plan.steps.rollup((*key, "all"), level, over.members, "sum", members)
        if plan.shape.unschooled
        else plan.steps.rollup(("places", over.members), level, over.members, "count", plan.year),
    )


def _sum_members(
    plan: PlanBase, scope: Scope, level: str, part: SeparatePart, pair: Coverage
) -> Coverage:
    """The coverage at all members of a set in a place together."""
    members = dotted_name(part.call.args[0])
    key = ("coverage", scope.missing, part.function, members, tree_key(part.tree))
    return pair.sum_up(plan, key, level, members)


def _sum_over_schools(
    plan: PlanBase, scope: Scope, level: str, part: SeparatePart, pair: Coverage
) -> Coverage:
    """What is read at schools, of all schools of a place together."""
    school = plan.levels[0]
    key = ("coverage", scope.missing, part.function, tree_key(part.call))
    inside = meets_where(plan)
    if inside is not None:
        pair = pair.pick(plan.at_level(school), inside, NOBODY)
    return pair.sum_up(plan, key, level, school)


def _cover_other_row(
    plan: PlanBase, scope: Scope, level: str, part: SeparatePart
) -> Coverage | None:
    """Of `previous` and `at`: that of the row they read; where there is none, 0 of 0."""
    if part.function not in {"previous", "at"}:
        return None
    school = plan.levels[0]
    if part.function == "previous":
        inner = plan.scope(part.tree, scope.missing)
        if part.at_schools and level != school:
            pair = _cover_other_row(plan, scope, school, part)
            return pair and _sum_over_schools(plan, scope, level, part, pair)
        pair = cover_scope(plan, inner, level)
        value = plan.term(inner, level).value
        columns = [
            plan.a_year_before(level, column, value) for column in (pair.reported, pair.expected)
        ]
    else:
        target = dotted_name(part.call.args[0])
        if plan.is_below(target, level):
            return None
        seen = plan.everybody if plan.is_below(level, target) else plan
        pair = cover_scope(seen, seen.scope(part.tree, scope.missing), target)
        if level == target:
            return pair
        columns = [
            plan.steps.above(level, target, plan.settle(target, column))
            for column in (pair.reported, pair.expected)
        ]
    reading = plan.at_level(level)
    return Coverage(*(reading.expr(lambda number: number.fill_null(0), each) for each in columns))


def _cover_score(plan: PlanBase, scope: Scope, level: str, score: ScoreCall) -> Coverage:
    """The smallest of the members that stayed; where none did, of all."""
    reading = plan.at_level(level)
    weighed = weigh_members(plan, scope, level, score.call)
    pairs = [cover_scope(plan, plan.scope(tree, scope.missing), level) for tree in score.members]
    counts = [
        reading.expr(lambda stays, some: stays | ~some, member.stays, weighed.any_stays)
        for member in weighed.members
    ]
    return _pick_smallest(plan, level, pairs, counts)


def _pick_smallest(
    plan: PlanBase, level: str, pairs: Sequence[Coverage], counts: Sequence[Column] | None = None
) -> Coverage:
    """The first pair whose ratio is the smallest; `counts`: where each of them is looked at.

    One of them counts everywhere.
    """
    if len(pairs) == 1:
        return pairs[0]
    reading = plan.at_level(level)
    pairs = [pair.settle(plan, level) for pair in pairs]
    ratios = [reading.expr(_find_ratio, pair.reported, pair.expected) for pair in pairs]
    if counts is not None:
        ratios = [
            reading.expr(lambda holds, ratio: pl.when(holds).then(ratio), each, ratio)
            for each, ratio in zip(counts, ratios, strict=True)
        ]
    ratios = [plan.settle(level, ratio) for ratio in ratios]
    least = plan.settle(level, reading.expr(pl.min_horizontal, *ratios))

    def pick(columns: Sequence[Column]) -> Column:
        def choose(least: Any, *parts: Any) -> Any:
            chain: Any = pl
            for ratio, number in zip(parts[::2], parts[1::2], strict=True):
                chain = chain.when(ratio == least).then(number)
            return chain.otherwise(parts[1])

        sides = (side for pair in zip(ratios, columns, strict=True) for side in pair)
        return reading.expr(choose, least, *sides)

    return Coverage(
        pick([pair.reported for pair in pairs]), pick([pair.expected for pair in pairs])
    )


def _find_ratio(reported: Any, expected: Any) -> Any:
    """Where nobody is expected it is larger than any other, and so never the smallest."""
    return pl.when(expected > 0).then(reported / expected).otherwise(pl.lit(float("inf")))
