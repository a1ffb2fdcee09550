"""The demo data: invented and labelled so, up to date with the catalogues, and showing every case."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import polars as pl
import pytest

from engine.catalogue.model import Catalogue
from engine.data import Data
from engine.evaluation.evaluate import compute_results
from engine.problems import Problem
from tests.shipped_report import NAMES, read_demo

ROOT = Path(__file__).resolve().parent.parent
DEFINITIONS = ROOT / "definitions"
IDS = NAMES
NOTICE = "Демонстрационные данные: вымышлены, школ с такими числами нет."

both = pytest.mark.parametrize("name", IDS)


@dataclass(frozen=True, slots=True)
class Shown:
    """A catalogue, its demo data and what comes out of them."""

    catalogue: Catalogue
    data: Data
    frame: pl.DataFrame
    check_problems: tuple[Problem, ...]

    @property
    def town(self) -> pl.DataFrame:
        """The rows of the town's own values."""
        return self.frame.filter(pl.col("level") == "municipality")


@cache
def shown(name: str) -> Shown:
    catalogue, data = read_demo(name)
    results = compute_results(catalogue, data)
    return Shown(catalogue, data, results.frame, results.problems)


def register(name: str) -> list[Mapping[str, str]]:
    text = (DEFINITIONS / name / "demo" / "schools.csv").read_text("utf-8-sig")
    return list(csv.DictReader(text.splitlines(), delimiter=";" if ";" in text else ","))


def test_script_writes_what_is_committed(tmp_path: Path) -> None:
    """After a change of inputs: `python scripts/demo_data.py`. Equal bytes, whatever the hash seed."""
    subprocess.run(
        [sys.executable, ROOT / "scripts" / "demo_data.py", tmp_path],
        check=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONHASHSEED": "7", "PYTHONPATH": str(ROOT)},
    )
    names = sorted(folder.parent.name for folder in DEFINITIONS.glob("*/demo"))
    assert names == ["absence", "berezniki", "dubenki", "efficiency", "michurinsk"]
    for name in names:
        written = {file.name: file.read_bytes() for file in (tmp_path / name / "demo").iterdir()}
        kept = {file.name: file.read_bytes() for file in (DEFINITIONS / name / "demo").iterdir()}
        assert written.keys() == kept.keys()
        assert [file for file, content in kept.items() if written[file] != content] == []
        assert not any(b"\r" in content for content in kept.values())


@pytest.mark.no_cover
@both
def test_folder_says_that_it_is_invented(name: str) -> None:
    folder = DEFINITIONS / name / "demo"
    assert (folder / "notice.txt").read_text("utf-8") == f"{NOTICE}\n"
    assert shown(name).data.notice == NOTICE
    assert "вымышлены" in (folder / "README.txt").read_text("utf-8")
    assert [row["title"] for row in register(name) if "(демо)" not in row["title"]] == []


@both
def test_register_has_nine_year_schools_and_a_change(name: str) -> None:
    rows = register(name)
    assert len(rows) == {"berezniki": 18, "michurinsk": 10}[name]
    assert sum(row["has_grades_10_11"] == "нет" for row in rows) == 4
    changed = [row.get("opened") or row.get("closed") for row in rows]
    assert [year for year in changed if year] == ["2023"]


def test_one_town_writes_as_excel_does_and_the_other_plainly() -> None:
    excel = (DEFINITIONS / "berezniki" / "demo" / "region.csv").read_bytes()
    assert excel.startswith("\ufeffregion;year;".encode())
    assert "162\u00a0400".encode() in excel
    plain = (DEFINITIONS / "michurinsk" / "demo" / "facts_2022.csv").read_bytes()
    assert plain.startswith(b"school,year,")


@both
def test_years_are_those_of_the_catalogue_and_one_before(name: str) -> None:
    about = shown(name)
    assert about.data.years == (about.catalogue.years[0] - 1, *about.catalogue.years)
    assert about.data.scenarios == ("fact", "forecast")
    # The year before is there to compare the first one with.
    first = about.town.filter(pl.col("year") == about.catalogue.years[0])
    assert first["previous"].drop_nulls().len() > 20


@both
def test_every_input_is_answered_somewhere(name: str) -> None:
    about = shown(name)
    assert set(about.catalogue.inputs) - about.data.filled == set()


@both
def test_data_hold_no_error_and_show_one_warning(name: str) -> None:
    """That reading finds no problem is checked where they are read."""
    about = shown(name)
    assert [(each.severity, each.code) for each in about.check_problems] == [
        (
            "warning",
            {"berezniki": "check:jump_diagnosed", "michurinsk": "check:jump_covered_share"}[name],
        )
    ]


@both
def test_states_of_cells_stay_apart(name: str) -> None:
    """A gap, a cell that does not apply and a share over nobody: each is seen at some school."""
    reasons = set(shown(name).frame.filter(pl.col("level") == "school")["reason"])
    assert {"not_reported", "not_applicable", "zero_denominator", None} <= reasons
    cells = "".join(
        file.read_text("utf-8-sig") for file in (DEFINITIONS / name / "demo").glob("facts_*.csv")
    )
    assert "н/п" in cells


def test_targets_are_met_missed_and_open() -> None:
    facts = shown("berezniki").town.filter(pl.col("scenario") == "fact")
    for year in (2022, 2023, 2024):
        met, missed = (
            facts.filter((pl.col("year") == year) & (pl.col("status") == status)).height
            for status in ("met", "missed")
        )
        assert met > 5 and missed > 5  # noqa: PT018 - two counts of one thing
    assert "no_data" in set(facts["status"])


@both
def test_some_schools_are_missing_in_the_last_year(name: str) -> None:
    about = shown(name)
    last = about.town.filter(
        (pl.col("year") == about.catalogue.years[-1]) & (pl.col("scenario") == "fact")
    )
    pairs = set(zip(last["reported"], last["expected"], strict=True))
    assert {"berezniki": (17, 18), "michurinsk": (8, 9)}[name] in pairs
    if name == "berezniki":
        complete = about.town.filter(pl.col("reported") == pl.col("expected"))
        assert complete.height > last.height


@both
def test_last_year_has_a_plan_beside_the_fact(name: str) -> None:
    about = shown(name)
    planned = about.town.filter((pl.col("scenario") == "fact") & pl.col("plan").is_not_null())
    assert set(planned["year"]) == {about.catalogue.years[-1]}
    assert planned["plan_deviation"].drop_nulls().len() > 15


def test_leavers_are_known_a_year_later() -> None:
    """`asked_for: previous`: the last year's leavers are asked in the next form."""
    about = shown("michurinsk")
    leavers = about.town.filter(
        (pl.col("indicator") == "graduates_9_spo_share") & (pl.col("scenario") == "fact")
    )
    reasons = dict(zip(leavers["year"], leavers["reason"], strict=True))
    assert reasons == {2021: None, 2022: None, 2023: "not_reported"}


@both
def test_pupils_change_little_from_year_to_year(name: str) -> None:
    column = "input:students_5_11"
    facts = shown(name).data.facts.collect()
    facts = facts.filter(pl.col("scenario") == "fact").sort("school", "year")
    ratio = pl.col(column) / pl.col(column).shift().over("school")
    assert facts.select(ratio)[column].drop_nulls().is_between(0.9, 1.1).all()
