"""The public page: towns and no schools, signs for what is hidden, missing, zero or not asked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from engine.catalogue.model import Catalogue
from engine.console import main as cli
from engine.reports.render import open_page_writer
from engine.reports.templates import find_template
from engine.translation import use_language
from engine.typography import set_type
from tests.shipped_report import NAMES, ROOT, opened, press_anew, pressed, shipped
from tests.small_town import CATALOGUE, RESULTS, YEARS, frame
from tests.test_school_sheet import words
from tests.word import press, town_context


@pytest.mark.no_cover
@pytest.mark.parametrize("name", NAMES)
def test_no_school_is_on_the_public_page(name: str) -> None:
    page = pressed(name, "public.html").decode()
    schools = opened(name).places("school")
    assert len(schools) >= 9
    for school, title in schools.items():
        assert title not in page
        assert set_type(title) not in page
        assert not re.search(re.escape(school) + r"(?!\d)", page)


def test_what_schools_wrote_is_not_published() -> None:
    page = pressed("michurinsk", "public.html").decode()
    catalogue, _data, results = shipped("michurinsk")
    texts = {
        text
        for row in results.frame.iter_rows(named=True)
        for text in row["text"] or ()
        if catalogue.inputs.get(row["indicator"]) and len(text) > 5
    }
    assert len(texts) > 10
    assert not [text for text in texts if text in page]


@pytest.mark.parametrize("name", NAMES)
def test_no_hidden_number_is_laid_out(name: str) -> None:
    context = opened(name, "public").context()
    hidden = [row for row in (*context["rows"], *context["inputs"]) if row.suppressed]
    assert hidden
    for row in hidden:
        assert (row.value, row.raw, row.status, row.shortfall) == (None, None, None, None)
    page = pressed(name, "public.html").decode()
    assert page.count('class="why suppressed"') > 1  # in the legend, and at a number


def test_signs_in_place_of_numbers_differ_and_are_explained() -> None:
    page = pressed("michurinsk", "public.html").decode()
    context = opened("michurinsk", "public").context()
    text = words(page.encode())
    assert {"suppressed", "not_reported", "not_applicable"} <= {
        mark.reason for mark in context["legend"]
    }
    for mark in context["legend"]:
        assert mark.meaning in text
    style = page[: page.index("</style>")]
    looks = [
        re.search(rf"\.why\.{reason} {{([^}}]*)}}", style)
        for reason in ("suppressed", "not_reported", "not_applicable")
    ]
    assert len({look.group(1) for look in looks if look}) == 3


@pytest.mark.no_cover
@pytest.mark.parametrize("template", ["summary.html", "summary.md"])
def test_what_is_hidden_is_explained_in_a_summary_too(template: str) -> None:
    pages = {}
    for audience in ("internal", "public"):
        report = opened("michurinsk", audience)
        with (
            use_language("ru"),
            open_page_writer(find_template(template), report.catalogue) as press,
        ):
            pages[audience] = words(press(report.context()))
    legend = opened("michurinsk", "public").context()["legend"]
    (hidden,) = (mark.meaning for mark in legend if mark.reason == "suppressed")
    assert hidden in pages["public"]
    assert hidden not in pages["internal"]


def test_the_clause_of_the_order_is_quoted() -> None:
    catalogue, _data, _results = shipped("michurinsk")
    assert catalogue.publication is not None
    text = words(pressed("michurinsk", "public.html"))
    assert catalogue.publication.clause in text
    assert "малое число людей не печатается" in text
    assert "Демонстрационные данные" in text


@pytest.mark.parametrize("name", NAMES)
def test_the_page_asks_nothing_of_anybody(name: str) -> None:
    page = pressed(name, "public.html").decode()
    drawn = re.sub(r'xmlns="[^"]*"', "", page)
    assert "://" not in drawn
    # Data for whoever publishes again stand in an element that no browser runs.
    assert re.findall("<script[^>]*>", page) == ['<script type="application/json" id="published">']
    assert "url(" not in re.sub(r"url\(#part-\d+\)", "", page)
    ids = re.findall(r'<h\d id="([^"]+)"', page)
    assert len(ids) == len(set(ids))


@pytest.mark.no_cover
def test_the_page_is_for_the_public_whatever_is_asked(tmp_path: Path) -> None:
    assert find_template("public.html").audience == "public"
    goal = tmp_path / "public.html"
    common = (
        *("report", "michurinsk", "--data", str(ROOT / "definitions" / "michurinsk" / "demo")),
        *("--year", "2023", "--template", "public.html", "--date", "2025-01-02", "-o", str(goal)),
    )
    wider = CliRunner().invoke(cli.main, [*common, "--audience", "internal"])
    assert wider.exit_code == 2
    assert not goal.exists()
    ranked = CliRunner().invoke(cli.main, [*common, "--each", "school"])
    assert ranked.exit_code == 2
    assert "публичных сравнительных рейтингов" in " ".join(ranked.output.split())
    done = CliRunner().invoke(cli.main, common)
    assert done.exit_code in {0, 1}, done.output
    assert "Открытые сведения" in goal.read_text("utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_the_same_page_is_the_same_bytes(name: str) -> None:
    assert press_anew(name, "public.html") == pressed(name, "public.html")


SIGNS = {
    "достигнуто": 'class="badge met',
    "не достигнуто": 'class="badge missed',
    "предварительно": " early",
    "▲": 'aria-hidden="true">▲<',
    "▼": 'aria-hidden="true">▼<',
    "диаграмма": "<figure>",
}
"""What the guide to the page explains, and what of the page it is."""


def split_guide(page: str) -> tuple[str, str]:
    """The page without its guide, and the guide; empty where there is none."""
    before, found, after = page.partition("<h2>Как читать</h2>")
    guide, _end, rest = after.partition("</section>")
    return before + rest if found else page, guide


def list_explained(guide: str) -> set[str]:
    terms = "".join(re.findall(r"<dt>(.*?)</dt>", guide))
    plain = terms.replace("не достигнуто", "")
    return {sign for sign in SIGNS if sign in (plain if sign == "достигнуто" else terms)}


@pytest.mark.parametrize("name", NAMES)
def test_the_guide_explains_the_signs_that_occur(name: str) -> None:
    page, guide = split_guide(pressed(name, "public.html").decode())
    assert list_explained(guide) == {sign for sign, mark in SIGNS.items() if mark in page}
    assert ("по неполным данным" in guide) == ('class="small care"' in page)


def town_page(
    catalogue: Catalogue, rows: Sequence[dict[str, Any]] = RESULTS, years: Sequence[int] = YEARS
) -> tuple[str, str]:
    context = town_context(catalogue, results=frame(rows), years=years, audience="public")
    return split_guide(press("public.html", context, catalogue).decode())


def test_a_catalogue_without_targets_has_no_verdicts_to_explain() -> None:
    indicators = {name: replace(each, targets={}) for name, each in CATALOGUE.indicators.items()}
    none = {"target": None, "target_to": None, "comparator": None, "status": "no_target"}
    rows = [{**row, **none, "deviation": None} for row in RESULTS]
    page, guide = town_page(replace(CATALOGUE, indicators=indicators), rows)
    assert "badge" not in page.partition("</style>")[2]
    assert not list_explained(guide) & {"достигнуто", "не достигнуто", "предварительно"}
    assert "цель" not in guide
    assert "диаграмма" in guide


def test_a_page_of_one_kind_of_verdict_explains_that_alone() -> None:
    reached = [row for row in RESULTS if row.get("status") == "met"]
    (row, *_others) = reached
    _page, guide = town_page(CATALOGUE, [{**row, "change": None}], [row["year"]])
    assert list_explained(guide) & {"достигнуто", "не достигнуто", "▲", "▼"} == {"достигнуто"}


def test_reasons_that_stand_nowhere_are_not_explained() -> None:
    page, _guide = split_guide(pressed("michurinsk", "public.html").decode())
    signs, _end, rest = page.partition("<h3>Что стоит вместо числа</h3>")[2].partition("</section>")
    explained = set(re.findall(r'class="why (\w+)"', signs))
    assert explained
    assert explained == set(re.findall(r'class="why (\w+)"', rest))
