"""The scripts by hand that speed is measured against give what the engine gives, at a small size."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from benchmarks import by_hand, by_hand_scored
from benchmarks.equality import compare_files
from benchmarks.scored import BEST, RANKS, TOTAL, ScoredSize, write_scored_town
from benchmarks.town import Size, lay_levels, write_town
from engine.console.main import main

SIZE = Size(1_500, 3, 12, lay_levels(1_500))
SCORED = ScoredSize(SIZE, 10)


def evaluate(folder: Path, columns: str) -> Path:
    """The file of the results of all places above the school."""
    output = folder / "ours.parquet"
    above = [part for level, _places in SIZE.levels for part in ("--level", level)]
    town, data = str(folder / "catalogue"), str(folder / "data")
    shown = ("--columns", columns, "--format", "parquet", "-o", str(output))
    done = CliRunner().invoke(main, ["evaluate", town, "--data", data, *above, *shown])
    assert done.exit_code == 0, done.output
    return output


def test_shares_by_hand_are_those_of_the_engine(tmp_path: Path) -> None:
    write_town(tmp_path, SIZE)
    ours, other = evaluate(tmp_path, "value,reported,expected"), tmp_path / "by_hand.parquet"
    by_hand.compute(tmp_path / "data", other, SIZE)
    compare_files(str(ours), str(other))


@pytest.mark.no_cover
def test_scores_by_hand_are_those_of_the_engine(tmp_path: Path) -> None:
    write_scored_town(tmp_path, SCORED)
    ours = evaluate(tmp_path, "value,class,points,reported,expected")
    other = tmp_path / "by_hand.parquet"
    by_hand_scored.compute(tmp_path / "data", other, SCORED)
    compare_files(str(ours), str(other))


def test_a_difference_of_one_value_is_seen(tmp_path: Path) -> None:
    write_town(tmp_path, SIZE)
    ours, other = evaluate(tmp_path, "value,reported,expected"), tmp_path / "other.parquet"
    frame = pl.read_parquet(ours)
    is_last = pl.int_range(pl.len()) == pl.len() - 1
    frame.with_columns(value=pl.when(is_last).then(-1.0).otherwise("value")).write_parquet(other)
    with pytest.raises(SystemExit, match="value: 1"):
        compare_files(str(ours), str(other))


@pytest.mark.no_cover
def test_the_country_with_scores_has_what_an_order_has(tmp_path: Path) -> None:
    """Values in gaps, classes without points, scores that lack a member, and every rank."""
    write_scored_town(tmp_path, SCORED)
    rows = pl.read_parquet(evaluate(tmp_path, "value,class,points,reason"))
    shares = rows.filter(pl.col("indicator").str.starts_with("share_"))
    assert shares.filter(pl.col("class").is_null(), pl.col("value").is_not_null()).height
    assert shares.filter(pl.col("points").is_null(), pl.col("class").is_not_null()).height
    scores = rows.filter(pl.col("indicator").str.starts_with("score_"))
    assert set(scores["reason"].drop_nulls()) == {"outside_scale"}
    for name in (TOTAL, BEST, *(rank for rank, *_ in RANKS)):
        assert rows.filter(pl.col("indicator") == name)["value"].n_unique() > 3
