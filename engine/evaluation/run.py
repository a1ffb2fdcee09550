"""Running a plan: stage by stage.

Every level has a frame with a row per place, year and scenario, keyed by `k_place`, `k_year` and
`k_scenario`; `k_level1`… hold the higher places it lies in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import polars as pl
from polars import selectors as cs

from engine.data.frames import collect_stage
from engine.evaluation.plan.compiled_plan import CompiledPlan
from engine.evaluation.plan.steps import (
    DECOMPOSABLE,
    HEIR,
    KEYS,
    PLACE,
    SCENARIO,
    UNSCHOOLED,
    YEAR,
    Above,
    Aggregate,
    Before,
    Derive,
    Joined,
    Rollup,
    Step,
    ancestor,
)
from engine.language.readings.arithmetic import NOISE


def run_steps(
    frames: Mapping[str, pl.LazyFrame],
    steps: Iterable[Step],
    levels: tuple[str, ...],
    results: Iterable[Derive],
) -> dict[str, pl.DataFrame]:
    """The frames with their keys (`k_…`) and the columns of `results`, computed stage by stage.

    A stage is one collection: what every level derives, and the roll-ups of that. What it takes from
    other rows is joined when the next stage begins. A column is held after a stage only if a later one
    reads it, or if it is a result: so of cells that are only added up none is held.
    """
    results = tuple(results)
    every = (*steps, *results)
    last = max((step.stage for step in every), default=0)
    stages = [[step for step in every if step.stage == number] for number in range(last + 1)]
    reads = {(step.level, step.name): list_columns([step.expr]) for step in every}
    # What is read after each stage, the last one first.
    kept = [frozenset(result.name for result in results)]
    for stage in reversed(stages[1:]):
        kept.append(kept[-1].union(*(reads[step.level, step.name] for step in stage)))
    for stage in stages:
        neighbours = [step for step in stage if isinstance(step, Above | Before | Joined)]
        columns = kept.pop().union(*(reads[step.level, step.name] for step in neighbours))
        derived = {level: _derive(frame, level, stage, reads) for level, frame in frames.items()}
        groups = _group_rollups(stage, levels)
        rolled = [_roll_up(derived[group.source], group, levels) for group in groups]
        queries = keep_columns(derived, columns)
        collected = collect_stage([*queries.values(), *rolled])
        held = dict(zip(queries, collected, strict=False))
        current = {level: frame.lazy() for level, frame in held.items()}
        frames = dict(current)
        for group, frame in zip(groups, collected[len(queries) :], strict=True):
            _join_rollups(frames, frame.lazy(), group, levels)
        _join_above(current, frames, stage, levels)
        _join_before(current, frames, stage)
        _join_heirs(current, frames, stage)
    return held


def list_columns(expressions: Iterable[pl.Expr]) -> frozenset[str]:
    """The columns that expressions read."""
    return frozenset(name for each in expressions for name in each.meta.root_names())


def keep_columns(
    frames: Mapping[str, pl.LazyFrame], columns: frozenset[str]
) -> dict[str, pl.LazyFrame]:
    """The frames with their keys (`k_…`) and these of their columns."""
    kept = cs.starts_with("k_") | cs.by_name(*columns, require_all=False)
    return {level: frame.select(kept) for level, frame in frames.items()}


def _derive(
    frame: pl.LazyFrame,
    level: str,
    stage: list[Step],
    reads: Mapping[tuple[str, str], frozenset[str]],
) -> pl.LazyFrame:
    """The frame of a level with what a stage derives, of which some may be made of others.

    `reads`: the columns that each step reads, by its level and name.
    """
    steps = [step for step in stage if isinstance(step, Derive) and step.level == level]
    depths: dict[str, int] = {}
    layers: dict[int, list[pl.Expr]] = {}
    for step in steps:
        below = (depths.get(name, 0) for name in reads[level, step.name])
        depth = depths[step.name] = 1 + max(below, default=0)
        layers.setdefault(depth, []).append(step.expr)
    for _depth, layer in sorted(layers.items()):
        frame = frame.with_columns(layer)
    return frame


def gather_wanted(
    frames: Mapping[str, pl.DataFrame], plan: CompiledPlan, years: Iterable[int]
) -> dict[str, pl.DataFrame]:
    """For each level that has rows: the keys and the wanted columns, in some years, sorted.

    With the places of the levels above that each place lies in.
    """
    columns: dict[str, list[str]] = {row.level: [] for row in plan.rows}
    for wanted in plan.wanted:
        columns[wanted.level].append(wanted.name)
    return {
        level: frames[level]
        .select(
            *KEYS,
            cs.by_name(UNSCHOOLED, require_all=False),
            *(ancestor(each, plan.levels) for each in plan.levels_above(level)),
            *names,
        )
        .filter(pl.col(YEAR).is_in(list(years)))
        .sort(KEYS)
        for level, names in columns.items()
    }


def make_frames(
    schools: pl.LazyFrame,
    cells: Mapping[str, pl.LazyFrame],
    levels: tuple[str, ...],
    unschooled: Mapping[str, pl.LazyFrame],
) -> dict[str, pl.LazyFrame]:
    """The frame of every level: that of the schools, and above them a row per place that has one.

    `schools` has the keys and the higher places; `cells` the cells of every level above that has
    any, by the keys; `unschooled` the rows of places without a school, marked by `UNSCHOOLED`.
    """
    # Which places there are, the schools say without their cells, which are many times wider.
    frames = {levels[0]: schools}
    paths = [ancestor(level, levels) for level in levels[1:]]
    places = schools.select(*paths, YEAR, SCENARIO).unique()
    for index, level in enumerate(levels[1:], start=1):
        higher = [ancestor(above, levels) for above in levels[index + 1 :]]
        frame = (
            places.select(ancestor(level, levels), YEAR, SCENARIO, *higher)
            .rename({ancestor(level, levels): PLACE})
            # A school without a place of this level (a problem of the register) makes none.
            .filter(~pl.col(PLACE).is_null())
            .group_by(PLACE, YEAR, SCENARIO)
            # A place lies in one place above; where the register contradicts itself (a problem
            # of its own), one of them is taken, always the same.
            .agg(*(pl.col(name).min() for name in higher), pl.len().alias("k_schools"))
            .drop("k_schools")
        )
        if level in unschooled:
            marked = unschooled[level].with_columns(pl.lit(value=True).alias(UNSCHOOLED))
            frame = frame.with_columns(pl.lit(value=False).alias(UNSCHOOLED))
            frame = pl.concat([frame, marked.select(frame.collect_schema().names())])
        if level in cells:
            frame = frame.join(cells[level], on=list(KEYS), how="left")
        frames[level] = frame
    return frames


# --- roll-ups and joins --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RollupGroup:
    """Steps that roll up the rows of `source` together, for the places of all `targets`."""

    source: str
    targets: tuple[str, ...]
    steps: tuple[Rollup, ...]


def _group_rollups(stage: list[Step], levels: tuple[str, ...]) -> list[RollupGroup]:
    """Of what can be taken in steps, the rows of a level are read once for all levels above it."""
    groups: list[RollupGroup] = []
    for source in levels:
        steps = [step for step in stage if isinstance(step, Rollup) and step.source == source]
        targets = tuple(level for level in levels if any(step.level == level for step in steps))
        if steps and all(step.how in DECOMPOSABLE for step in steps):
            groups.append(RollupGroup(source, targets, tuple(steps)))
            continue
        for level in targets:
            of_level = tuple(step for step in steps if step.level == level)
            groups.append(RollupGroup(source, (level,), of_level))
    return groups


def _roll_up(frame: pl.LazyFrame, group: RollupGroup, levels: tuple[str, ...]) -> pl.LazyFrame:
    """The columns of a group over the rows that lie in the same places of all its levels."""
    steps = list({step.name: step for step in group.steps}.values())
    columns = [step.expr for step in steps if _is_column(step)]
    if columns:
        frame = frame.with_columns(columns)
    path = [ancestor(level, levels) for level in group.targets]
    frame = _with_last(frame, steps, path)
    return frame.group_by(*path, YEAR, SCENARIO).agg(*map(_aggregate, steps))


def _join_rollups(
    frames: dict[str, pl.LazyFrame],
    rolled: pl.LazyFrame,
    group: RollupGroup,
    levels: tuple[str, ...],
) -> None:
    """Add the columns of a group to the frames of its levels."""
    for level in group.targets:
        key = ancestor(level, levels)
        taken = rolled
        if len(group.targets) > 1:
            again = (_aggregate_again(step) for step in group.steps if step.level == level)
            taken = rolled.group_by(key, YEAR, SCENARIO).agg(*again)
        taken = taken.rename({key: PLACE})
        frames[level] = frames[level].join(taken, on=list(KEYS), how="left")


def _aggregate(step: Rollup) -> pl.Expr:
    """The column over the rows of each place."""
    return _take(pl.col(step.name) if _is_column(step) else step.expr, step.how)


def _aggregate_again(step: Rollup) -> pl.Expr:
    """The column over the places below, in each of which it was taken already."""
    return _take(pl.col(step.name), "sum" if step.how == "count" else step.how)


def _is_column(step: Rollup) -> bool:
    """Whether the expression is computed as a column before it is rolled up.

    Most are not: their columns would all be held at once. Those are of which the last value is taken,
    and those that read no column: the sum of such a one over a group would be its single value.
    """
    return step.how == "last" or not step.expr.meta.root_names()


def _take(column: pl.Expr, how: Aggregate) -> pl.Expr:
    if how.startswith("percentile"):
        return column.quantile(float(how.split()[1]) / 100, "linear")
    if how == "total":
        total = column.sum()
        noise = column.abs().sum() * NOISE
        return pl.when(total.abs() >= noise).then(total).otherwise(0.0)
    taken: pl.Expr = column.max() if how == "last" else getattr(column, how)()
    return taken


def _with_last(frame: pl.LazyFrame, steps: list[Rollup], path: list[str]) -> pl.LazyFrame:
    """Keep, of what is rolled up to its last value, only that of the last place that has one."""
    last = [step for step in steps if step.how == "last"]
    if not last:
        return frame
    return frame.with_columns(
        *(
            pl.when(
                pl.col(PLACE)
                == pl.when(~pl.col(step.name).is_null())
                .then(pl.col(PLACE))
                .max()
                .over(*path, YEAR, SCENARIO)
            )
            .then(pl.col(step.name))
            .alias(step.name)
            for step in last
        )
    )


def _join_above(
    current: Mapping[str, pl.LazyFrame],
    done: dict[str, pl.LazyFrame],
    batch: list[Step],
    levels: tuple[str, ...],
) -> None:
    steps = [step for step in batch if isinstance(step, Above)]
    for level, source in dict.fromkeys((step.level, step.source) for step in steps):
        key = ancestor(source, levels)
        right = current[source].select(
            pl.col(PLACE).alias(key),
            pl.col(YEAR),
            pl.col(SCENARIO),
            *(step.expr for step in steps if (step.level, step.source) == (level, source)),
        )
        done[level] = done[level].join(right, on=[key, YEAR, SCENARIO], how="left")


def _join_before(
    current: Mapping[str, pl.LazyFrame], done: dict[str, pl.LazyFrame], batch: list[Step]
) -> None:
    steps = [step for step in batch if isinstance(step, Before)]
    for level, shift, scenario in dict.fromkeys(
        (step.level, step.shift, step.scenario) for step in steps
    ):
        frame = current[level]
        if scenario is not None:
            frame = frame.filter(pl.col(SCENARIO) == scenario)
        right = frame.select(
            pl.col(PLACE),
            (pl.col(YEAR) + shift).cast(pl.Int32).alias(YEAR),
            *(
                step.expr
                for step in steps
                if (step.level, step.shift, step.scenario) == (level, shift, scenario)
            ),
        )
        done[level] = done[level].join(right, on=[PLACE, YEAR], how="left")


def _join_heirs(
    current: Mapping[str, pl.LazyFrame], done: dict[str, pl.LazyFrame], batch: list[Step]
) -> None:
    steps = [step for step in batch if isinstance(step, Joined)]
    for level, scenario in dict.fromkeys((step.level, step.scenario) for step in steps):
        own_steps = [step for step in steps if (step.level, step.scenario) == (level, scenario)]
        right = (
            current[level]
            .filter(pl.col(SCENARIO) == scenario, ~pl.col(HEIR).is_null())
            .group_by(pl.col(HEIR).alias(PLACE), (pl.col(YEAR) + 1).cast(pl.Int32).alias("k_next"))
            .agg(_take(step.expr, step.how).alias(step.name) for step in own_steps)
            .rename({"k_next": YEAR})
        )
        done[level] = done[level].join(right, on=[PLACE, YEAR], how="left")
