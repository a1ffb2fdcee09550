"""Results in blocks of whole indicators: the same bytes as at once, whatever fits into a block."""

from __future__ import annotations

import io
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click import ClickException

from engine.catalogue.load import load
from engine.catalogue.model import Catalogue
from engine.console import showing
from engine.data import read_data
from engine.data.model import Data
from engine.evaluation import evaluate
from engine.evaluation.asking import COLUMNS, SAME_REPORTERS, SHORTFALL, Asking, Results
from engine.evaluation.evaluate import compute_blocks, compute_results
from engine.evaluation.results import lengthen
from engine.reports.formats.overview import lay_out_overview
from engine.reports.formats.result_tables import choose_result_columns, write_result_table
from engine.reports.formats.result_workbook import write_result_workbook

DEFINITIONS = Path(__file__).resolve().parent.parent / "definitions"


def read_demo(name: str) -> tuple[Catalogue, Data]:
    catalogue, _problems = load(DEFINITIONS / name)
    assert catalogue is not None
    data, _found = read_data(catalogue, DEFINITIONS / name / "demo")
    return catalogue, data


@pytest.fixture(scope="module", params=["berezniki", "michurinsk"])
def demo(request: pytest.FixtureRequest) -> tuple[Catalogue, Data]:
    return read_demo(request.param)


@pytest.fixture(scope="module")
def town() -> tuple[Catalogue, Data]:
    return read_demo("michurinsk")


def one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have every block hold one indicator."""
    monkeypatch.setattr(evaluate, "BLOCK", 1)


def written(catalogue: Catalogue, results: Results, shape: str, names: tuple[str, ...]) -> bytes:
    stream = io.BytesIO()
    if shape == "xlsx":
        write_result_workbook(stream, catalogue, results, names)
    else:
        write_result_table(stream, catalogue, results, shape, names)
    return stream.getvalue()


@pytest.mark.no_cover
@pytest.mark.parametrize("names", [(), ("value", "change", "plan", "checks")])
def test_every_format_is_the_same_bytes(
    demo: tuple[Catalogue, Data], names: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    catalogue, data = demo
    asking = Asking(inputs=True, columns=names)
    at_once = compute_results(catalogue, data, asking)
    one_by_one(monkeypatch)
    results = compute_blocks(catalogue, data, asking)
    results = replace(results, blocks=list(results.blocks))
    for shape in ("json", "csv", "parquet", "xlsx"):
        whole = written(catalogue, at_once, shape, names)
        assert written(catalogue, results, shape, names) == whole


@pytest.mark.no_cover
@pytest.mark.parametrize(
    "narrowed",
    [
        {"scenario": "fact", "years": (2023,)},
        {"columns": (*COLUMNS, SHORTFALL, SAME_REPORTERS)},
        {"columns": ("reason", "reported")},
    ],
)
def test_blocks_are_whole_indicators_in_order(
    demo: tuple[Catalogue, Data], narrowed: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    asking = Asking(inputs=True, **narrowed)
    (at_once,) = compute_blocks(*demo, asking).blocks
    one_by_one(monkeypatch)
    blocks = list(compute_blocks(*demo, asking).blocks)
    assert len(blocks) > 1
    assert {block["indicator"].n_unique() for block in blocks} <= {0, 1}
    assert pl.concat(blocks).equals(at_once)


@pytest.mark.no_cover
def test_a_block_holds_as_many_indicators_as_fit(
    town: tuple[Catalogue, Data], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = compute_results(*town).frame
    monkeypatch.setattr(evaluate, "BLOCK", whole.height // 3)
    heights = [block.height for block in compute_blocks(*town).blocks]
    assert sum(heights) == whole.height
    assert 3 <= len(heights) < whole["indicator"].n_unique()


def test_a_block_is_made_when_it_is_wanted(
    town: tuple[Catalogue, Data], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []

    def count(*args: Any) -> pl.DataFrame:
        made.append(1)
        return lengthen(*args)

    one_by_one(monkeypatch)
    monkeypatch.setattr("engine.evaluation.evaluate.lengthen", count)
    blocks = iter(compute_blocks(*town).blocks)
    assert not made
    next(blocks)
    next(blocks)
    assert len(made) == 2


@pytest.mark.no_cover
def test_a_table_is_the_same(town: tuple[Catalogue, Data], monkeypatch: pytest.MonkeyPatch) -> None:
    catalogue, data = town
    asking = Asking(levels=(catalogue.levels[-1],))
    at_once = lay_out_overview(catalogue, compute_blocks(catalogue, data, asking), 80)
    one_by_one(monkeypatch)
    assert lay_out_overview(catalogue, compute_blocks(catalogue, data, asking), 80) == at_once


def test_parquet_has_groups_of_rows_whatever_the_blocks(
    town: tuple[Catalogue, Data], monkeypatch: pytest.MonkeyPatch
) -> None:
    catalogue, data = town
    monkeypatch.setattr("engine.reports.formats.result_tables._GROUP", 100)
    whole = compute_results(catalogue, data)
    at_once = io.BytesIO()
    write_result_table(at_once, catalogue, whole, "parquet")
    parts = replace(whole, blocks=iter(list(whole.frame.iter_slices(37))))
    in_parts = io.BytesIO()
    write_result_table(in_parts, catalogue, parts, "parquet")
    assert in_parts.getvalue() == at_once.getvalue()


@pytest.mark.no_cover
def test_a_sheet_that_is_too_short_is_refused_by_its_number_of_rows(
    town: tuple[Catalogue, Data], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    rows = compute_results(*town).frame.height
    one_by_one(monkeypatch)
    monkeypatch.setattr("engine.reports.formats.result_workbook.MOST_ROWS", rows - 1)
    with pytest.raises(ClickException, match=str(rows)):
        showing.show_results(town[0], compute_blocks(*town), "xlsx", (), tmp_path / "r.xlsx")
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setattr("engine.reports.formats.result_workbook.MOST_ROWS", rows)
    showing.show_results(town[0], compute_blocks(*town), "xlsx", (), tmp_path / "r.xlsx")
    assert (tmp_path / "r.xlsx").stat().st_size


@pytest.mark.no_cover
@pytest.mark.parametrize("shape", ["json", "csv", "parquet"])
def test_what_waits_for_standard_output_in_a_file_is_the_same(
    town: tuple[Catalogue, Data],
    shape: str,
    monkeypatch: pytest.MonkeyPatch,
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    names = choose_result_columns(shape, ())
    printed = []
    for most in (showing.MOST_IN_MEMORY, 1):
        monkeypatch.setattr(showing, "MOST_IN_MEMORY", most)
        results = compute_blocks(*town, Asking(columns=names))
        with monkeypatch.context() as patch, open(1, "w", closefd=False) as stream:
            patch.setattr(sys, "stdout", stream)
            showing.show_results(town[0], results, shape, (), None)
        printed.append(capfdbinary.readouterr().out)
    assert printed[0]
    assert printed[1] == printed[0]
