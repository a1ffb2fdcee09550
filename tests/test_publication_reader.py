"""The reader of the public page: no hidden number can be told closer than `suppress_below`."""

from __future__ import annotations

import io
import random
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl
import pytest

from engine.catalogue.load import load
from engine.catalogue.model import Catalogue
from engine.data import read_data
from engine.evaluation.asking import COLUMNS, Asking, Results
from engine.evaluation.evaluate import compute_results
from engine.problems import has_errors
from engine.publication.audience import publish
from engine.reports.formats.result_tables import write_result_table
from tests.answered import guarded, list_told, read_groups
from tests.reader import (
    Name,
    Order,
    Page,
    conclude,
    find_range,
    read_page,
    try_range,
)

pytestmark = pytest.mark.no_cover

BELOW = 5
FAR = 1000
CATALOGUE = """
catalogue: {id: town, title: Город, years: [2022, 2023]}
inputs:
  pupils:
    title: Ученики
    unit: person
    parts: partition
    of_which:
      young: {title: младшие, of_which: {ovz: {title: с ОВЗ, confidential: yes}}}
      old: {title: старшие, of_which: {ovz: {title: с ОВЗ, confidential: yes}}}
  covered:
    title: Охваченные
    unit: person
    within: pupils
    of_which: {young: младшие, old: старшие}
  winners: {title: Победители, unit: person, within: covered}
  halls: {title: Залы, unit: item}
indicators:
  covered_share: {title: Доля, unit: percent, formula: "share(covered, pupils)", targets: {2023: 40}}
  winners_share: {title: Доля, unit: percent, formula: "share(winners, covered)"}
  young_share: {title: Доля, unit: percent, formula: "share(covered.young, pupils.young)"}
  old_share: {title: Доля, unit: percent, formula: "share(covered.old + winners, pupils.old + covered)"}
  ovz_share: {title: Доля, unit: percent, formula: "share(pupils.young.ovz, pupils.young)"}
  both: {title: Вместе, unit: person, formula: winners + pupils.young, targets: {2022: 9, 2023: 11}}
  again: {title: Победители ещё раз, unit: person, formula: winners}
publication:
  ranking: {ranking}
  public_levels: [{levels}]
  suppress_below: 5
  interpretation: Для проверки
"""
ORDER = Order(
    counts=(
        *("pupils", "pupils.young", "pupils.old", "pupils.young.ovz", "pupils.old.ovz"),
        *("covered", "covered.young", "covered.old", "winners", "halls"),
    ),
    inside=(
        (("pupils.young", "pupils.old"), "pupils", True),
        (("pupils.young.ovz",), "pupils.young", False),
        (("pupils.old.ovz",), "pupils.old", False),
        (("covered",), "pupils", False),
        (("covered.young", "covered.old"), "covered", False),
        (("covered.young",), "pupils.young", False),
        (("covered.old",), "pupils.old", False),
        (("winners",), "covered", False),
    ),
    rates={
        "covered_share": (("covered",), ("pupils",)),
        "winners_share": (("winners",), ("covered",)),
        "young_share": (("covered.young",), ("pupils.young",)),
        "old_share": (("covered.old", "winners"), ("pupils.old", "covered")),
        "ovz_share": (("pupils.young.ovz",), ("pupils.young",)),
    },
    totals={
        "both": ("winners", "pupils.young"),
        "again": ("winners",),
        "pupils.ovz": ("pupils.young.ovz", "pupils.old.ovz"),
    },
)


@dataclass(frozen=True)
class Town:
    """A made-up town: its catalogue, what is true, and what the public file prints."""

    catalogue: Catalogue
    results: pl.DataFrame
    public: pl.DataFrame
    page: Page


def build_town(
    folder: Path, seed: int, *, schools: int, most: int, public: bool, gaps: bool = False
) -> Town:
    chance = random.Random(seed)
    levels, ranking = (
        ("school, municipality", "allowed") if public else ("municipality", "forbidden")
    )
    text = CATALOGUE.replace("{levels}", levels).replace("{ranking}", ranking)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "catalogue.yaml").write_text(text, "utf-8")
    data = folder / "data"
    data.mkdir(exist_ok=True)
    names = [f"s{number}" for number in range(1, schools + 1)]
    rows = [f"{name},Школа {name}" for name in names]
    (data / "schools.csv").write_text("\n".join(["school,title", *rows, ""]), "utf-8")
    columns = list(ORDER.counts)
    lines = [",".join(["school", "year", "scenario", *columns])]
    for year in (2021, 2022, 2023):
        for name in names:
            for scenario in ("fact", "forecast"):
                if (scenario == "forecast" and year < 2023) or chance.random() < 0.1:
                    continue  # who reports reports all
                young, old = chance.randint(0, most), chance.randint(0, most)
                a, b = chance.randint(0, young), chance.randint(0, old)
                covered = chance.randint(max(a, b), a + b)
                numbers = {
                    "pupils": young + old, "pupils.young": young, "pupils.old": old,
                    "pupils.young.ovz": chance.randint(0, min(3, young)),
                    "pupils.old.ovz": chance.randint(0, min(3, old)),
                    "covered": covered, "covered.young": a, "covered.old": b,
                    "winners": chance.randint(0, min(4, covered)),
                    "halls": chance.randint(0, 3),
                }  # fmt: skip
                cells = [
                    "" if gaps and chance.random() < 0.1 else str(numbers[column])
                    for column in columns
                ]
                lines.append(",".join([name, str(year), scenario, *cells]))
    (data / "facts.csv").write_text("\n".join([*lines, ""]), "utf-8")
    catalogue, problems = load(folder)
    assert catalogue is not None, problems
    assert not has_errors(problems), problems
    read, problems = read_data(catalogue, data)
    assert not has_errors(problems), problems
    results = compute_results(catalogue, read, Asking((2022, 2023), inputs=True, columns=COLUMNS))
    shown = publish(catalogue, results.frame).results
    return Town(catalogue, results.frame, shown, read_page(printed(catalogue, results, shown)))


def printed(catalogue: Catalogue, results: Results, shown: pl.DataFrame) -> str:
    stream = io.BytesIO()
    write_result_table(stream, catalogue, replace(results, blocks=(shown,)), "csv")
    return stream.getvalue().decode("utf-8")


def told(town: Town, far: int = FAR) -> list[tuple[Name, tuple[int, int]]]:
    """The hidden counts that the reader can tell too closely; each must also contain the truth."""
    keys = ["indicator", "level", "place", "year", "scenario"]
    truth = {row[:5]: row[5] for row in town.results.select(*keys, "value").iter_rows()}
    hidden = {name: truth[name] for name in sorted(town.page.hidden) if name[0] in ORDER.counts}
    return list_told(conclude(ORDER, town.page), hidden, BELOW, far)


@pytest.mark.parametrize("seed", range(8))
def test_a_reader_cannot_tell_what_is_hidden_in_a_town(tmp_path: Path, seed: int) -> None:
    town = build_town(tmp_path, seed, schools=3, most=12, public=False)
    assert town.page.hidden
    assert town.page.known
    assert not told(town)


@pytest.mark.parametrize("seed", range(100, 102))
def test_a_reader_cannot_tell_what_is_hidden_at_schools(tmp_path: Path, seed: int) -> None:
    town = build_town(tmp_path, seed, schools=3, most=14, public=True)
    assert any(name[1] == "school" for name in town.page.hidden)
    assert any(name[1] == "school" for name in town.page.known)
    assert not told(town)


@pytest.mark.parametrize("seed", range(200, 203))
def test_trying_every_number_gives_the_same_bounds(tmp_path: Path, seed: int) -> None:
    town = build_town(tmp_path, seed, schools=2, most=4, public=False)
    facts = conclude(ORDER, town.page)
    counts = [name for name in sorted(town.page.hidden) if name[0] in ORDER.counts]
    assert counts
    for name in counts:
        tried = try_range(facts, name, 12)
        assert tried == find_range(facts, name, 12), name
        assert tried is not None
        assert tried[1] - tried[0] >= BELOW


@pytest.mark.parametrize("seed", range(300, 303))
def test_gaps_in_the_data_give_nothing_away(tmp_path: Path, seed: int) -> None:
    """Where schools answered in part, parts may exceed wholes: a reader trusts full rows alone."""
    town = build_town(tmp_path, seed, schools=4, most=12, public=False, gaps=True)
    assert town.page.hidden
    facts = conclude(replace(ORDER, inside=()), town.page)
    for name in sorted(town.page.hidden):
        if name[0] in ORDER.counts:
            bounds = find_range(facts, name, FAR)
            assert bounds is not None
            assert bounds[1] - bounds[0] >= BELOW, (name, bounds)
    printed_small = [
        (name, value)
        for name, value in town.page.known.items()
        if name[0] in ORDER.counts and name[0] != "halls" and value < BELOW
    ]
    assert not printed_small


def told_of_groups(town: Town) -> list[tuple[Name, tuple[int, int]]]:
    """The small and the secret counts of some schools that a reader tells who knows who answered."""
    groups = read_groups(town.results, ORDER.counts, ("municipality", "town"))
    assert {len(one) for one in groups.values()} - {1}
    kept = guarded(
        groups, BELOW, is_secret=lambda one: "ovz" in one, is_people=lambda one: one != "halls"
    )
    return list_told(conclude(ORDER, town.page, groups=groups), dict(kept), BELOW, FAR)


@pytest.mark.parametrize(
    ("seed", "schools", "most"), [(300, 4, 12), (301, 4, 12), (401, 6, 100), (405, 6, 100)]
)
def test_a_total_and_a_share_of_other_schools_give_nothing_away(
    tmp_path: Path, seed: int, schools: int, most: int
) -> None:
    town = build_town(tmp_path, seed, schools=schools, most=most, public=False, gaps=True)
    assert not told_of_groups(town)


def test_the_reader_finds_what_hiding_small_counts_alone_leaves(tmp_path: Path) -> None:
    """Without the complement the reader tells hidden numbers exactly: the test can fail."""
    broken = 0
    for seed in range(6):
        town = build_town(tmp_path / str(seed), seed, schools=3, most=12, public=False)
        small = pl.col("unit").eq("person") & (pl.col("value") < BELOW)
        secret = pl.col("indicator").str.contains("ovz")
        at_town = town.results.filter(pl.col("level") == "municipality")
        hidden = at_town.with_columns(
            pl.when(small | secret).then(None).otherwise(pl.col("value")).alias("value"),
            pl.when(small | secret).then(pl.lit("suppressed")).otherwise("reason").alias("reason"),
        ).with_columns(
            pl.lit(None, pl.Float64).alias(name)
            for name in ("raw", "previous", "change", "plan", "plan_deviation", "deviation")
        )
        results = Results((hidden,), (), {})
        page = read_page(printed(town.catalogue, results, hidden))
        broken += len(told(replace(town, page=page)))
    assert broken
