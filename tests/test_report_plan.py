"""A plan of which nobody has said anything yet: told once, and held against nobody."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from engine.reports.notes import find_uncollected
from engine.reports.pages import PlannedEvent
from engine.reports.render import open_page_writer, open_report
from engine.reports.result_rows import read_result_rows
from engine.reports.templates import find_template
from engine.translation import use_language
from tests.page import Page
from tests.shipped_report import DATE, opened, shipped

pytestmark = pytest.mark.no_cover

YEAR = 2024
"""Plans of Berezniki are of academic years: of 2024-2025 there is none, and nobody reports of it."""


def page_of(template: str, *years: int) -> tuple[str, dict[str, Any]]:
    found = find_template(template)
    catalogue, data, results = shipped("berezniki")
    with use_language("ru"), open_page_writer(found, catalogue) as press:
        context = open_report(
            catalogue,
            data,
            results.frame,
            years,
            date=DATE,
            audience=found.audience or "internal",
            problems=results.problems,
            advised=results.advice,
        ).context()
        return press(context).decode(), context


def events_of(context: dict[str, Any]) -> list[PlannedEvent]:
    return [each for section in context["places"][0].plan for each in section.events]


@pytest.mark.parametrize("template", ["report.html", "public.html"])
def test_what_nobody_has_reported_of_is_one_sentence(template: str) -> None:
    text, context = page_of(template, YEAR)
    events = events_of(context)
    assert all(each.unanswered for each in events)
    told = text.replace("\N{NO-BREAK SPACE}", " ").replace("&nbsp;", " ")
    sentence = f"2024–2025 учебный год: о {len(events)} мероприятии плана сведений ещё нет"
    assert told.count(sentence) == 1
    assert "целей на этот год план не ставит" in told
    outside = told[: told.index(sentence)] + told[told.index("</details>", told.index(sentence)) :]
    if template == "public.html":
        assert not any(each.event.title in outside for each in events)
        assert "нет данных" not in told[told.index("<h2>План мероприятий</h2>") :]
    # Each section of the list above is there, in the fold.
    page = Page(text)
    names = [each["id"] for _tag, each in page.tags if "id" in each]
    assert len(names) == len(set(names))
    links = {each["href"] for each in page.all("a")}
    assert {link for link in links if link and link[1:] not in names} <= {None}


def test_what_somebody_has_reported_of_stands_in_its_place() -> None:
    _text, context = page_of("public.html", 2023)
    assert not any(each.unanswered for each in events_of(context))
    event = events_of(context)[0]
    assert not replace(event, lines=()).unanswered


def test_years_without_a_plan_are_not_told_as_missing_in_public() -> None:
    text, _context = page_of("public.html", 2022, 2023, 2024)
    plan = text[text.index("<h2>План мероприятий</h2>") :]
    assert "2023–2024</th>" in plan
    assert "2024–2025</th>" not in plan
    assert "2022–2023</th>" in plan


def test_a_form_that_no_school_has_sent_is_held_against_nobody() -> None:
    reporters = page_of("report.html", YEAR)[1]["reporters"]
    sent = [one for one in reporters if one.reported[YEAR]]
    assert len(sent) < len(reporters)
    assert all(one.answered[YEAR] == one.asked[YEAR] for one in sent)
    # Who has sent nothing is still asked.
    assert all(one.asked[YEAR] for one in reporters)


def test_of_a_year_without_any_answer_everything_is_asked() -> None:
    catalogue, _data, results = shipped("berezniki")
    rows = read_result_rows(catalogue, results.frame)
    assert not find_uncollected(catalogue, [row for row in rows if row.level != "school"])
    told = opened("berezniki").uncollected
    assert {year for _name, year in told} == {YEAR}
    assert {name for name, _year in told} <= set(catalogue.inputs)
