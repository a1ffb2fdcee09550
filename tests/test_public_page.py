"""The public page: towns and no schools, signs for what is hidden, missing, zero or not asked."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from engine.console import main as cli
from engine.reports.render import open_page_writer
from engine.reports.templates import find_template
from engine.translation import use_language
from engine.typography import set_type
from tests.shipped_report import NAMES, ROOT, opened, press_anew, pressed, shipped
from tests.test_school_sheet import words


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
