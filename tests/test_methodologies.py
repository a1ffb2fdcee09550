"""Catalogues of other kinds than an order's, on their demo data: points, an index, colours."""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from pathlib import Path

import polars as pl
import pytest

from engine.catalogue.load import load
from engine.catalogue.model import Catalogue
from engine.data import Data, read_data
from engine.evaluation.asking import COLUMNS, GRADES, SAME_REPORTERS, SHORTFALL, Asking, Results
from engine.evaluation.evaluate import compute_results
from engine.reports.render import open_page_writer, open_report
from engine.reports.templates import find_template
from engine.translation import use_language
from tests.shipped_report import read_demo

NAMES = ("absence", "dubenki", "efficiency")


@cache
def evaluated(name: str) -> tuple[Catalogue, Data, Results]:
    """A catalogue, its demo data, in which no problem is found, and what comes of them."""
    catalogue, data = read_demo(name)
    columns = (*COLUMNS, *GRADES, SHORTFALL, SAME_REPORTERS)
    asking = Asking(catalogue.years, inputs=True, columns=columns, advice=True)
    return catalogue, data, compute_results(catalogue, data, asking)


def rows_of(name: str, indicator: str) -> pl.DataFrame:
    """The facts of an indicator in the last year."""
    catalogue, _data, results = evaluated(name)
    last = (pl.col("year") == catalogue.years[-1]) & (pl.col("scenario") == "fact")
    return results.frame.filter(last & (pl.col("indicator") == indicator))


def values_of(name: str, indicator: str, column: str = "value") -> dict[str, object]:
    """Place → what stands in a column of its row."""
    rows = rows_of(name, indicator)
    return dict(zip(rows["place"], rows[column], strict=True))


def press(name: str, template: str) -> str:
    """The text of a report about the last year."""
    catalogue, data, results = evaluated(name)
    found = find_template(template)
    with use_language(catalogue.language):
        report = open_report(
            *(catalogue, data, results.frame, catalogue.years[-1:]),
            date=date(2025, 1, 2),
            problems=results.problems,
            advised=results.advice,
        )
        with open_page_writer(found, catalogue) as writer:
            return writer(report.context(None)).decode("utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_the_folder_says_that_it_is_invented(name: str) -> None:
    _catalogue, data, results = evaluated(name)
    assert ("вымышлены" in data.notice) or ("invented" in data.notice)
    titles = [title for place, title in data.titles.items() if place[1] != name]
    assert titles
    assert [title for title in titles if not title.endswith(("(демо)", "(demo)"))] == []
    assert not results.problems


@pytest.mark.no_cover
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("template", ["report.html", "summary.html", "summary.md"])
def test_a_page_says_what_is_computed_at_lower_places_only(name: str, template: str) -> None:
    text = press(name, template)
    assert evaluated(name)[1].notice in text
    only, below = {
        "dubenki": ("только по школам", "По школам"),
        "efficiency": ("только по муниципалитетам", "По муниципалитетам"),
        "absence": ("only for districts", "All districts"),
    }[name]
    assert only in text
    if template == "report.html":
        assert f"<summary>{below}</summary>" in text
        assert name == "dubenki" or "школам" not in text


@pytest.mark.parametrize("name", NAMES)
def test_an_open_page_without_targets_speaks_of_none(name: str) -> None:
    text = press(name, "public.html")
    assert not any(each.targets for each in evaluated(name)[0].indicators.values())
    assert not re.search(r"достигнут|какой была цель|черта — цель|the target", text)


REGION = """
catalogue: {id: land, title: Край, years: [2024], levels: [school, municipality, region]}
groups: {"1": {title: "1. Объективность"}}
inputs: {a: {title: Прошли, unit: person}, b: {title: Всего, unit: person}}
indicators:
  part: {group: "1", title: Доля, unit: percent, formula: "share(a, b)", better: more}
  own: {group: "1", title: Место, unit: place, formula: "rank(part, region)", levels: municipality}
  each: {group: "1", title: В школе, unit: percent, formula: part, levels: school}
"""


def test_what_municipalities_have_is_not_said_to_be_of_schools(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text(REGION, encoding="utf-8")
    catalogue, _problems = load(tmp_path)
    assert catalogue is not None
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "schools.csv").write_text("school,municipality,region\ns,m,r\n", encoding="utf-8")
    (folder / "facts.csv").write_text("school,year,a,b\ns,2024,1,2\n", encoding="utf-8")
    data, _problems = read_data(catalogue, folder)
    results = compute_results(catalogue, data, Asking(catalogue.years))
    found = find_template("summary.md")
    with use_language("ru"):
        report = open_report(catalogue, data, results.frame, catalogue.years, date=date(2025, 1, 2))
        with open_page_writer(found, catalogue) as writer:
            text = writer(report.context(None)).decode("utf-8")
    (own,) = [line for line in text.splitlines() if "| Место |" in line]
    (each,) = [line for line in text.splitlines() if "| В школе |" in line]
    assert "только по муниципалитетам" in own
    assert "только по школам" in each
    assert text.count("1\\. Объективность") == 1


# --- points ---------------------------------------------------------------------------------------


def test_points_of_a_head_are_added_where_all_is_answered() -> None:
    totals = values_of("dubenki", "total")
    parts = [f"{name}_points" for name in ("pupils", "innovation", "trained", "olympiad", "extra")]
    parts += [f"{name}_points" for name in ("complaints", "ict", "short_groups")]
    for school, total in totals.items():
        points = [values_of("dubenki", part)[school] for part in parts]
        assert total == (None if None in points else sum(points))  # type: ignore[arg-type]
    known = [total for total in totals.values() if isinstance(total, float)]
    assert len(known) == len(totals) - 1
    mean = values_of("dubenki", "total_mean")["dubenki"]
    assert mean == round(sum(known) / len(known), 1)


# --- an index -------------------------------------------------------------------------------------


def test_the_worst_has_no_points_and_the_best_has_one() -> None:
    shares, points = (
        values_of("efficiency", "second_shift_share", each) for each in ("raw", "points")
    )
    assert points[max(shares, key=lambda place: float(str(shares[place])))] == 0
    assert points[min(shares, key=lambda place: float(str(shares[place])))] == 1


def test_municipalities_are_ranked_by_what_is_printed() -> None:
    overall, places = (values_of("efficiency", name) for name in ("overall", "overall_place"))
    known = sorted((value for value in overall.values() if isinstance(value, float)), reverse=True)
    assert len(known) == len(overall) - 1
    for name, value in overall.items():
        assert places[name] == (None if value is None else known.index(float(str(value))) + 1)


# --- colours --------------------------------------------------------------------------------------


def test_districts_have_every_colour_and_small_ones_none() -> None:
    colours = values_of("absence", "colour", "class")
    assert set(colours.values()) == {"red", "orange", "yellow", "green", "blue", None}
    reasons = values_of("absence", "colour", "reason")
    assert reasons["district-10"] == "not_applicable"
    assert reasons["district-08"] == "not_reported"
    known = [colour for colour in colours.values() if colour is not None]
    for colour in known:
        (share,) = values_of("absence", f"districts.{colour}").values()
        assert share == round(100 * known.count(colour) / len(known), 1)
