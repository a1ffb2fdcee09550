"""The two summaries: both catalogues as snapshots, the page as HTML, and the context behind it.

The snapshots in tests/snapshots/ are the reports of the shipped catalogues on their demo data;
`pytest --update-cases` rewrites them, and the difference in git is what to review.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from markupsafe import escape

from engine.catalogue.model import Catalogue, Input
from engine.data import Data
from engine.evaluation.asking import Asking
from engine.evaluation.evaluate import compute_results
from engine.problems import Position, Problem
from engine.reports import filters
from engine.reports.notes import FailedPlace
from engine.reports.render import open_report, render
from engine.typography import set_type
from engine.units import NO_BREAK_SPACE, SHIPPED
from engine.version import ENGINE_VERSION
from tests.page import Page
from tests.shipped_report import pressed, read_demo
from tests.small_town import (
    CATALOGUE,
    DATE,
    RESULTS,
    YEARS,
    FakeData,
    frame,
    indicator,
    rendered,
    result,
    wanted,
)

ROOT = Path(__file__).resolve().parent.parent
SNAPSHOTS = Path(__file__).parent / "snapshots"
BOTH = pytest.mark.parametrize("template", ["summary.html.j2", "summary.md.j2"])


# --- the two summaries ------------------------------------------------------------------------


@cache
def shipped(name: str) -> tuple[Catalogue, Data, Any]:
    """A shipped catalogue, its demo data and their results, rows of inputs too."""
    catalogue, data = read_demo(name)
    return catalogue, data, compute_results(catalogue, data, Asking(inputs=True))


@cache
def reported(name: str, template: str) -> str:
    """The report on demo data, without what every edit of a comment would change."""
    catalogue, data, results = shipped(name)
    text = render(
        catalogue,
        data,
        results.frame,
        years=catalogue.years,
        template=template,
        problems=results.problems,
        date=DATE,
    )
    for version in (catalogue.version, data.hash[:12]):
        text = text.replace(version, "0" * 12)
    return text.replace(f"pokazatel {ENGINE_VERSION}", "pokazatel 0")


@pytest.mark.no_cover
@BOTH
@pytest.mark.parametrize("name", ["berezniki", "michurinsk"])
def test_the_reports_on_demo_data_are_as_reviewed(
    name: str, template: str, update_cases: bool
) -> None:
    text = reported(name, template)
    expected = SNAPSHOTS / f"{name}.{template.removesuffix('.j2').rpartition('.')[2]}"
    if update_cases:
        expected.write_bytes(text.encode())
    assert text == expected.read_bytes().decode().replace("\r\n", "\n")


def test_every_row_of_the_orders_is_printed() -> None:
    for name in ("berezniki", "michurinsk"):
        catalogue, _data, _results = shipped(name)
        page = reported(name, "summary.html.j2")
        for each in catalogue.indicators.values():
            title = each.short_title.rpartition(": ")[2] if each.part else each.short_title
            assert escape(set_type(title)) in page
        for event in catalogue.events.values():
            assert escape(set_type(event.short_title)) in page
            assert escape(set_type(event.expected)) in pressed(name, "report.html").decode()
    assert page.count('class="part"') == 28 + 11  # sub-rows, and the shares of «из них ОВЗ»


@BOTH
def test_the_same_results_give_the_same_bytes(template: str) -> None:
    assert rendered(template) == rendered(template, results=frame())


@BOTH
def test_a_catalogue_with_nothing_says_so(template: str) -> None:
    empty = Catalogue("empty", "Пустой каталог", Path("empty"))
    text = render(empty, object(), frame(RESULTS[:0]), years=(2023,), template=template)
    assert "В каталоге нет ни показателей, ни мероприятий." in text
    assert "Итоги" not in text
    assert "Замечания" not in text


@BOTH
def test_a_catalogue_without_targets_has_no_columns_for_verdicts(template: str) -> None:
    some = {"spread": CATALOGUE.indicators["spread"]}
    text = rendered(template, replace(CATALOGUE, indicators=some, events={}), years=(2022,))
    assert "7,46" in text
    assert "Цель" not in text
    assert "достигнуто" not in text
    assert "2022\u00a0год" in text.replace(" год", "\u00a0год")


@BOTH
def test_several_places_of_the_highest_level_stand_one_after_another(template: str) -> None:
    other = result(
        "diagnosed",
        2023,
        90.5,
        place="other",
        place_title="Посёлок",
        **wanted(82, "met", deviation=8.5),
    )
    text = rendered(template, results=frame((*RESULTS, other)))
    assert text.index("81,9") < text.index("Посёлок:") < text.index("90,5")
    # Which school lies in which place is not known here, so no schools are counted.
    assert "достигли 1" not in text.replace(NO_BREAK_SPACE, " ").replace("&nbsp;", " ")


def test_the_page_is_self_contained_and_well_formed() -> None:
    text = rendered("summary.html.j2")
    page = Page(text)
    assert page.open == []
    assert page.all("html") == [{"lang": "ru"}]
    assert not page.all("script")
    assert not page.all("link")
    assert not page.all("img")
    assert "url(" not in text
    assert "://" not in text
    assert "@import" not in text


def test_tables_can_be_read_aloud() -> None:
    page = Page(rendered("summary.html.j2"))
    assert len(page.all("caption")) == len(page.all("table")) == 3
    assert all(heading.get("scope") for heading in page.all("th"))
    names = [attributes["id"] for _tag, attributes in page.tags if "id" in attributes]
    assert len(names) == len(set(names))
    for _tag, attributes in page.tags:
        for key in ("aria-labelledby", "href"):
            if key in attributes:
                assert str(attributes[key]).removeprefix("#") in names


def test_every_row_of_a_table_is_as_wide_as_its_head() -> None:
    widths: list[int] = []
    spans: list[int] = []  # rows still to be covered, by column that a rowspan reaches down
    for tag, attributes in Page(rendered("summary.html.j2")).tags:
        if tag == "table":
            spans = []
            widths.append(-1)
        if tag == "tr":
            spans = [left - 1 for left in spans if left > 1]
            widths.append(len(spans))
        if tag in {"td", "th"}:
            columns = int(attributes.get("colspan") or 1)
            widths[-1] += columns
            spans += [int(attributes.get("rowspan") or 1)] * columns
    tables = " ".join(str(width) for width in widths).split("-1")[1:]
    assert [sorted(set(table.split())) for table in tables] == [["7"], ["7"], ["5"]]


def test_text_of_a_catalogue_is_never_markup() -> None:
    page, markdown = rendered("summary.html.j2"), rendered("summary.md.j2")
    assert "<b>Технопарк" not in page + markdown
    assert "Расходы &lt;на&gt; *одного* | «всех»" in page
    assert r"Расходы &lt;на&gt; \*одного\* \| «всех»" in markdown


# --- the context ------------------------------------------------------------------------------


def made(rows: Sequence[dict[str, Any]] = RESULTS, years: Sequence[int] = YEARS) -> dict[str, Any]:
    return open_report(CATALOGUE, FakeData(), frame(rows), years=years).context()


def test_groups_come_as_declared_and_the_rest_last() -> None:
    (place,) = made()["places"]
    assert [section.group.id for section in place.groups] == ["4.2", "k5", ""]
    assert place.groups[-1].group.title == "Без группы"
    assert [each.indicator.id for each in place.groups[0].lines] == ["diagnosed", "spread", "costs"]
    assert [planned.event.id for planned in place.plan[0].events] == ["copp", "talks", "site"]


def test_a_tally_counts_verdicts_of_indicators_with_a_target() -> None:
    (place,) = made()["places"]
    first, second = place.tallies
    assert (first.targets, first.met, first.missed, first.missing, first.preliminary) == (
        1,
        1,
        0,
        0,
        0,
    )
    assert (second.targets, second.met, second.missed, second.missing) == (2, 0, 1, 1)
    assert second.preliminary == 1
    assert place.plan_tallies[1].met == 1


def test_a_plan_shows_the_years_it_was_made_for() -> None:
    assert made()["plan_columns"].years == (2023,)
    assert made()["plan_columns"].period == "academic_year"
    assert made(years=(2022,))["plan_columns"].years == (2022,)
    assert made()["indicator_columns"].years == YEARS


def test_a_target_for_each_school_is_counted_over_schools() -> None:
    (place,) = made()["places"]
    cell = place.plan[0].events[1].lines[0].cells[1]
    assert (cell.below.level, cell.below.met, cell.below.judged) == ("school", 1, 2)
    without = [each for each in RESULTS if each["level"] != "school"]
    (place,) = made(without)["places"]
    assert place.plan[0].events[1].lines[0].cells[1].below is None


def test_an_empty_target_cell_of_the_order_is_unset() -> None:
    (place,) = made()["places"]
    assert [cell.unset for cell in place.plan[0].events[1].lines[1].cells] == [False, True]


def test_rows_of_inputs_stand_apart() -> None:
    context = made()
    assert [each.indicator for each in context["inputs"]] == ["costs_given"]
    assert "costs_given" not in {each.indicator for each in context["rows"]}
    assert filters.value(context["inputs"][0]) == "5,5"


def test_notes_are_numbered_down_the_page() -> None:
    notes = made()["notes"]
    assert [(note.number, note.about) for note in notes] == [
        (1, "Выявление предпочтений"),
        (2, "№ 4.2.2"),
        (3, "№ 1.3"),
        (4, "№ 1.3"),
    ]


def test_only_the_years_asked_for_are_there() -> None:
    assert {each.year for each in made(years=(2023,))["rows"]} == {2023}


def test_parts_of_an_input_stand_below_it_where_the_results_have_them() -> None:
    parts = {
        "pupils": pupils("pupils", parts=("pupils.ooo",)),
        "pupils.ooo": pupils("pupils.ooo", parts=("pupils.ooo.ovz", "pupils.ooo.far")),
        "pupils.ooo.ovz": pupils("pupils.ooo.ovz"),
        "pupils.ooo.far": pupils("pupils.ooo.far"),
    }
    whole = indicator("pupils", "person", input="pupils", decimals=0, code="5")
    share = indicator("half", title="Доля", code="6", interpretation="Половина.")
    of_part = replace(share, id="half.ovz", part="ovz", code="", title="Доля: дети с ОВЗ")
    catalogue = replace(
        CATALOGUE,
        inputs=parts,
        indicators={each.id: each for each in (whole, share, of_part)},
        events={},
    )
    rows = [result(name, 2022, 7) for name in ("pupils", "pupils.ooo", "pupils.ooo.ovz")]
    context = open_report(catalogue, FakeData(), frame(rows), years=YEARS).context()
    (section,) = context["places"][0].groups
    assert [(line.code, line.title, line.depth) for line in section.lines] == [
        ("5", "показатель pupils", 0),
        ("", "вход pupils.ooo", 1),
        ("", "вход pupils.ooo.ovz", 2),
        ("6", "Доля", 0),
        ("", "дети с ОВЗ", 1),
    ]
    assert section.lines[2].unit == "чел."
    assert [line.note for line in section.lines] == [0, 0, 0, 1, 0]
    without = open_report(catalogue, FakeData(), frame(rows[:1]), years=YEARS).context()
    assert [line.id for line in without["places"][0].groups[0].lines] == [
        "pupils",
        "half",
        "half.ovz",
    ]


def pupils(name: str, parts: tuple[str, ...] = ()) -> Input:
    return Input(name, f"вход {name}", "count", SHIPPED["person"], "school", "sum", parts=parts)


# --- failed checks ------------------------------------------------------------------------------


def failed() -> list[dict[str, Any]]:
    touched = {"checks": ["jump"], "level": "school"}
    return [
        *RESULTS,
        result("spread", 2022, 1, place="s1", place_title="Школа № 1", **touched),
        result("spread", 2023, 1, place="s1", place_title="Школа № 1", **touched),
        result("spread", 2023, 1, place="s2", place_title="Школа № 2", **touched),
    ]


def test_a_failed_check_is_told_once_with_its_places() -> None:
    jump, gone = made(failed())["checks"]
    assert (jump.number, jump.message, jump.severity) == (1, "Изменение больше 30 %", "warning")
    assert jump.failures == (
        FailedPlace("Школа № 1", (2022, 2023)),
        FailedPlace("Школа № 2", (2023,)),
    )
    # A check that the catalogue does not know is told by its name, at the places that carry it.
    assert (gone.number, gone.message, gone.failures) == (
        2,
        "gone",
        (FailedPlace("Город Т.", (2022,)),),
    )


@BOTH
def test_values_carry_the_number_of_the_check(template: str) -> None:
    text = rendered(template, results=frame(failed()))
    assert text.count("Изменение больше 30\u00a0%") == 1
    assert set_type("Школа № 1, 2022 год, 2023 год; Школа № 2, 2023 год") in text
    # At the value, in the list, in the legend; HTML says beside the list what the number is.
    assert text.count("!1") == (2 if template == "summary.html.j2" else 3)
    assert "Проверки\n" not in rendered(template, results=frame(RESULTS[:1]))


def test_a_problem_that_the_checks_tell_is_not_told_again() -> None:
    told = Problem("check:jump", "Изменение больше 30 % — Школа № 1, 2023: a = 1")
    others = (
        Problem("check:jump", "Изменение больше 30 % — Школа № 1, 2021"),
        Problem("bad-cell", "в ячейке нет числа", Position("facts.csv", 12, 5)),
    )
    context = open_report(
        CATALOGUE, FakeData(), frame(failed()), years=YEARS, problems=(told, *others)
    ).context()
    assert context["problems"] == others


def test_a_summary_of_many_years_has_a_table_for_a_few() -> None:
    # A page of A4 takes three years with their targets, fewer of the longest numbers.
    for count, value, most in ((3, 1.0, 3), (10, 1.0, 3), (10, 1234567890.0, 2)):
        years = tuple(range(2025 - count, 2025))
        rows = [result("diagnosed", year, value, **wanted(value, "met")) for year in years]
        page = rendered("summary.html", years=years, results=frame(rows))
        heads = re.findall(r"<th scope=\"col\">Показатель</th>.*?</tr>", page)
        printed = [[int(year) for year in re.findall(r"(\d{4})\s?год", head)] for head in heads]
        assert tuple(chain.from_iterable(printed)) == years
        assert max(map(len, printed)) == most
        assert page.count("Доля прошедших диагностику</th>") == len(printed)
        captions = re.findall(r"значения[^<]*по.годам([^<]*)<", page)
        assert all(captions) == (len(captions) > 1)
