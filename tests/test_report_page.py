"""The whole report without a browser: what stands in it, for whom, and that it reads without scripts.

tests/snapshots/town-report.html is the report of the small town without its style, script and
drawings; `pytest --update-cases` rewrites it, and the difference in git is what to review.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from markupsafe import escape

from engine.catalogue.model import Catalogue
from engine.typography import set_type
from engine.version import ENGINE_VERSION
from tests.page import Page
from tests.shipped_report import load_shipped, opened, pressed
from tests.small_town import CATALOGUE, RESULTS, frame, rendered, result, wanted
from tests.word import paragraphs

ROOT = Path(__file__).resolve().parent.parent
SNAPSHOT = Path(__file__).parent / "snapshots" / "town-report.html"
TEMPLATE = "report.html.j2"


def shipped(name: str) -> tuple[Catalogue, str]:
    """A shipped catalogue and the report on its demo data."""
    return load_shipped(name), pressed(name, TEMPLATE).decode()


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("&nbsp;", " ")


def test_the_report_of_the_small_town_is_as_reviewed(update_cases: bool) -> None:
    text = rendered(TEMPLATE).replace(f"pokazatel {ENGINE_VERSION}", "pokazatel 0")
    text = re.sub(r"(<(style|script)>).*?(</\2>)", r"\1\3", text, flags=re.DOTALL)
    text = re.sub(r"(<svg [^>]*>).*?(</svg>)", r"\1\2", text, flags=re.DOTALL)
    if update_cases:
        SNAPSHOT.write_bytes(text.encode())
    assert text == SNAPSHOT.read_bytes().decode().replace("\r\n", "\n")


@pytest.mark.no_cover
@pytest.mark.parametrize("name", ["berezniki", "michurinsk"])
def test_everything_of_the_order_is_there(name: str) -> None:
    catalogue, page = shipped(name)
    for each in catalogue.indicators.values():
        assert f'id="i-{each.id}"' in page
        assert escape(set_type(each.interpretation)) in page
    for event in catalogue.events.values():
        assert escape(set_type(event.title)) in page
        assert escape(set_type(event.expected)) in page
    for group in catalogue.groups.values():
        assert escape(set_type(group.title)) in page
    cards = page.count('<article class="indicator')
    assert page.count("<summary>Паспорт</summary>") == cards >= len(catalogue.indicators)
    assert page.count("Демонстрационные данные") >= 1


@pytest.mark.no_cover
@pytest.mark.parametrize("name", ["berezniki", "michurinsk"])
def test_a_page_is_one_file_and_its_links_lead_somewhere(name: str) -> None:
    _catalogue, text = shipped(name)
    page = Page(text)
    assert page.open == []
    assert page.all("html") == [{"lang": "ru"}]
    names = [str(attributes["id"]) for _tag, attributes in page.tags if attributes.get("id")]
    assert len(names) == len(set(names))
    for tag, attributes in page.tags:
        assert tag not in {"img", "link", "iframe", "object", "embed"}
        assert "src" not in attributes
        for key in ("href", "aria-labelledby", "for"):
            for each in str(attributes.get(key) or "").split():
                assert each.removeprefix("#") in names
    assert "url(" not in text
    assert "@import" not in text
    assert "://" not in text


@pytest.mark.no_cover
@pytest.mark.parametrize("name", ["berezniki", "michurinsk"])
def test_headings_go_down_one_step_at_a_time(name: str) -> None:
    levels = [int(tag[1]) for tag, _ in Page(shipped(name)[1]).tags if re.fullmatch(r"h\d", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


@pytest.mark.no_cover
@pytest.mark.parametrize("name", ["berezniki", "michurinsk"])
def test_tables_and_charts_can_be_read_aloud(name: str) -> None:
    page = Page(shipped(name)[1])
    assert all(heading.get("scope") for heading in page.all("th"))
    named = [each for each in page.all("table") if "aria-labelledby" in each]
    assert len(page.all("table")) == len(page.all("caption")) + len(named)
    assert len(page.all("svg")) > 60
    assert all(each["role"] == "img" and each["aria-label"] for each in page.all("svg"))


def test_every_number_has_its_proof_down_to_the_cell() -> None:
    page = plain(shipped("michurinsk")[1])
    card = page.partition('id="i-excursion_share"')[2].partition("</article>")[0]
    assert re.findall(r"Доказательство: (\S+?)</summary>", card) == [
        "2021–2022",
        "2022–2023",
        "2023–2024",
    ]
    assert "100 × 959 / 5 908 = " in re.sub(r"<[^>]+>", "", card)
    assert "facts_2023.csv, CK2, R2" in card
    assert "По школам" in card
    assert str(ROOT) not in page


def test_results_stand_first_then_who_has_not_reported() -> None:
    page = plain(shipped("berezniki")[1])
    first = page.partition('id="indicators"')[0]
    assert first.index("достигнуто из 23 с целью") < first.index("Кто сдал и кто нет")
    assert "сдали 17 из 18; <b>не сдали: Школа № 11 (демо)</b>" in first
    assert "предварительно, 17 из 18" in first


def test_a_verdict_on_incomplete_data_is_preliminary() -> None:
    page = plain(rendered(TEMPLATE))
    assert 'class="badge missed early"' in page
    assert "предварительно, 17 из 18" in page


@pytest.mark.no_cover
def test_the_schools_and_the_cells_are_for_the_department_alone() -> None:
    for audience in ("public", "school"):
        page = rendered(TEMPLATE, audience=audience)
        assert "<summary>По школам</summary>" not in page
        assert "Замечания к данным" not in page
    assert ">s1<" not in rendered(TEMPLATE, audience="public")
    assert ">s1<" in rendered(TEMPLATE)


def test_signs_in_place_of_numbers_have_a_legend() -> None:
    page = plain(rendered(TEMPLATE))
    legend = page.partition('id="legend"')[2]
    assert "÷0 — знаменатель равен нулю" in legend
    assert "… — " in legend


def test_a_catalogue_with_nothing_says_so() -> None:
    empty = Catalogue("empty", "Пустой каталог", Path("empty"))
    page = rendered(TEMPLATE, empty, results=frame(RESULTS[:0]), years=(2023,), problems=())
    assert "В каталоге нет ни показателей, ни мероприятий." in page
    assert "filter" not in re.sub(r"<(style|script)>.*?</\1>", "", page, flags=re.DOTALL)


def test_without_targets_nothing_is_judged() -> None:
    some = {"spread": CATALOGUE.indicators["spread"]}
    page = rendered(TEMPLATE, replace(CATALOGUE, indicators=some, events={}), years=(2022,))
    assert "Целевых значений в документе нет" in page
    assert '<th scope="col">Цель' not in page


def test_several_places_stand_one_after_another_with_charts_of_their_own() -> None:
    other: Any = result(
        "diagnosed",
        2023,
        90.5,
        place="other",
        place_title="Посёлок",
        **wanted(82, "met", deviation=8.5),
    )
    text = rendered(TEMPLATE, results=frame((*RESULTS, other)))
    page = Page(text)
    names = [attributes["id"] for _tag, attributes in page.tags if "id" in attributes]
    assert len(names) == len(set(names))
    labels = [str(each["aria-label"]) for each in page.all("svg")]
    assert sum("90,5" in each for each in labels) == 1
    assert sum("81,9" in each for each in labels) == 1
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h\d", tag)]
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


@pytest.mark.no_cover
def test_the_same_results_give_the_same_bytes() -> None:
    assert rendered(TEMPLATE) == rendered(TEMPLATE, results=frame())


def list_failures(name: str) -> list[str]:
    """The short titles of what misses its target in the last year, the farthest first."""
    report = opened(name)
    context = report.context()
    year = max(context["years"])
    rows = [
        row
        for row in context["rows"]
        if (row.year, row.level, row.scenario) == (year, "municipality", "fact")
        and row.status == "missed"
        and report.catalogue.indicators[row.indicator].event is None
    ]
    by_distance = sorted(rows, key=lambda row: -abs(row.value / row.target - 1))
    return [report.catalogue.indicators[row.indicator].short_title for row in by_distance]


@pytest.mark.no_cover
@pytest.mark.parametrize("template", ["report.html", "summary.html", "summary.md", "note.docx"])
def test_failures_stand_by_their_distance_to_the_target(template: str) -> None:
    """3 pupils of 60 are nearer than 25 percentage points of 30: parts of a target have no unit."""
    titles = list_failures("berezniki")
    assert len(titles) > 5
    content = pressed("berezniki", template)
    if template.endswith(".docx"):
        text = "\n".join(paragraphs(content)).partition("Проблемы и негативные тенденции")[2]
    else:
        text = re.sub(r"<[^>]*>", "", content.decode()).replace("*", "")
        text = re.split(r"(?i)не достигнуто(?:: \d+, | \()сначала", text)[1]
    text = plain(text)
    places = [text.index(title) for title in titles]
    assert places == sorted(places)
