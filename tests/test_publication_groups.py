"""Publication where not everybody answered everything, and where one place speaks for all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from engine.catalogue.load import load
from engine.catalogue.model import Catalogue
from engine.data import Data, read_data
from engine.evaluation.asking import COLUMNS, Asking
from engine.evaluation.evaluate import compute_results
from engine.problems import has_errors
from engine.publication.audience import publish
from engine.reports.render import list_decisive, open_report

HEAD = """
catalogue: {{id: town, title: Город, levels: [{levels}], years: [2023]}}
inputs:
  pupils: {{title: Ученики, unit: person, level: {asked}}}
  covered: {{title: Охваченные, unit: person, within: pupils, level: {asked}}}
  largest: {{title: Наибольший класс, unit: person, level: {asked}, rollup: max}}
indicators:
  part: {{title: Доля, unit: percent, formula: "share(covered, pupils)"}}
  rounded: {{title: Доля, unit: percent, formula: "round(share(covered, pupils))"}}
  best: {{title: Больше всех, unit: percent, formula: "max_of_schools(share(covered, pupils))"}}
  twice: {{title: Дважды, unit: person, formula: 2 * largest}}
publication: {{ranking: allowed, public_levels: [{public}], interpretation: Для проверки}}
"""


def make_town(
    folder: Path,
    facts: str,
    public: str = "municipality",
    levels: str = "school, municipality",
    asked: str = "school",
) -> tuple[Catalogue, Data]:
    """Two schools in two districts; `facts`: lines of place, year, pupils, covered, largest."""
    data = folder / "data"
    data.mkdir(parents=True)
    text = HEAD.format(levels=levels, public=public, asked=asked)
    if asked != "school":
        text = "".join(line for line in text.splitlines(True) if "max_of_schools" not in line)
    (folder / "catalogue.yaml").write_text(text, "utf-8")
    schools = "school,title,district\ns1,Школа,d1\ns2,Школа,d2\n"
    if "district" not in levels:
        schools = "school,title\ns1,Школа\ns2,Школа\n"
    (data / "schools.csv").write_text(schools, "utf-8")
    (data / "facts.csv").write_text(f"{asked},year,pupils,covered,largest\n{facts}", "utf-8")
    catalogue, problems = load(folder)
    assert catalogue is not None, problems
    assert not has_errors(problems), problems
    read, problems = read_data(catalogue, data)
    assert not has_errors(problems), problems
    return catalogue, read


def read_public(catalogue: Catalogue, data: Data, **asked: Any) -> dict[str, Any]:
    """The rows of the town in 2023 as everybody may see them."""
    results = compute_results(catalogue, data, Asking(inputs=True, columns=COLUMNS, **asked)).frame
    found: Any = open_report(catalogue, data, results, (2023,), audience="public").context()
    rows = [*found["rows"], *found["inputs"]]
    return {row.indicator: row for row in rows if row.level == "municipality"}


def values(rows: dict[str, Any], *names: str) -> list[Any]:
    return [rows[name].value for name in names]


def test_a_share_that_would_tell_of_a_small_school_goes(tmp_path: Path) -> None:
    """53 pupils of two schools, 20 covered of one and 40 %: the other has three."""
    shown = read_public(*make_town(tmp_path, "s1,2023,50,20,9\ns2,2023,3,,9\n"))
    assert values(shown, "part", "rounded") == [None, None]


def test_a_share_that_tells_of_a_large_school_stays(tmp_path: Path) -> None:
    shown = read_public(*make_town(tmp_path, "s1,2023,50,20,9\ns2,2023,300,,9\n"))
    assert values(shown, "pupils", "covered", "part", "rounded") == [350, 20, 40, 40]


def test_results_of_the_town_alone_give_no_more_away(tmp_path: Path) -> None:
    """Who answered what is asked of the data, whatever the results at hand hold."""
    catalogue, data = make_town(tmp_path, "s1,2023,50,20,9\ns2,2023,3,,9\n")
    assert values(read_public(catalogue, data, levels=("municipality",)), "part") == [None]


def test_the_year_before_the_first_gives_nothing_away(tmp_path: Path) -> None:
    """Of 2022 nothing is told but as “last year”: 53 there, 20, and 40 %."""
    facts = "s1,2022,50,20,9\ns2,2022,3,,9\ns1,2023,50,20,9\ns2,2023,40,20,9\n"
    catalogue, data = make_town(tmp_path, facts)
    assert list_decisive(catalogue, data, [2023]) == (2022, 2023)
    shown = read_public(catalogue, data)
    assert values(shown, "pupils", "part") == [90, 44.4]
    beside = [(shown[name].previous, shown[name].change) for name in ("pupils", "part")]
    assert (None, None) in beside


def test_who_is_asked_above_the_school_is_guarded_too(tmp_path: Path) -> None:
    town = make_town(
        tmp_path,
        "d1,2023,50,20,9\nd2,2023,3,,9\n",
        levels="school, district, municipality",
        asked="district",
    )
    shown = read_public(*town)
    assert None in values(shown, "pupils", "part")


@pytest.mark.parametrize(
    ("public", "best", "largest"),
    [("municipality", None, None), ("school, municipality", 40, 12)],
)
def test_the_number_of_one_school_is_not_the_towns_to_publish(
    tmp_path: Path, public: str, best: float | None, largest: float | None
) -> None:
    facts = "s1,2023,50,20,9\ns2,2023,300,100,12\n"
    shown = read_public(*make_town(tmp_path, facts, public))
    assert values(shown, "best", "largest") == [best, largest]
    assert values(shown, "twice") == [largest and 2 * largest]


def test_results_without_inputs_are_shown_as_they_may_be(tmp_path: Path) -> None:
    """`publish` decides by what it is given, unless it is given more to decide by."""
    catalogue, data = make_town(tmp_path, "s1,2023,50,20,9\ns2,2023,3,,9\n")
    whole = compute_results(catalogue, data, Asking(inputs=True, columns=COLUMNS)).frame
    town = whole.filter(pl.col("level") == "municipality")
    shown = publish(catalogue, town, basis=whole).results
    assert shown.filter(indicator="part")["reason"].to_list() == ["suppressed"]
