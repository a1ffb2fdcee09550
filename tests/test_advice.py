"""Recommendations: their texts, who gets which, and what the shipped catalogues recommend."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine.catalogue.load import find_definitions, load
from engine.catalogue.model import Catalogue
from engine.data import Data, read_data
from engine.evaluation.asking import AdviceResult, Asking, Results
from engine.evaluation.evaluate import compute_results
from engine.reports.advice import check_texts, list_on_missing, write_recommendations
from engine.reports.joined_advice import Recommendation, arrange_recommendations
from engine.reports.render import open_report
from engine.reports.result_rows import Row
from engine.reports.templates import TemplateError
from engine.translation import choose_language
from tests import shipped_report
from tests.small_town import row
from tests.written import read_written

CATALOGUE = """
catalogue: {id: town, title: Т, municipality: Город, levels: [school, municipality], years: [2021, 2022, 2023]}
inputs:
  covered: {title: Охвачено, unit: person, within: pupils}
  pupils: {title: Обучающихся, unit: person}
indicators:
  part: {title: Доля охваченных, unit: percent, formula: "share(covered, pupils)", better: more, group: g, targets: {2022: {at_least: 70}, 2023: {at_least: 80}}}
groups: {g: {title: Раздел}}
advice:
"""
SCHOOLS = "school;title\nalpha;Школа «<b>А</b>»\nbeta;Школа Б\n"
FACTS = (
    "school;year;covered;pupils\n"
    "alpha;2021;9;10\nalpha;2022;8;10\nalpha;2023;7;10\n"
    "beta;2021;5;10\nbeta;2022;6;10\n"
)


@pytest.fixture(autouse=True)
def russian() -> None:
    choose_language("ru")


def make(folder: Path, *advice: str) -> tuple[Catalogue, Data]:
    """The catalogue with these recommendations, and its data."""
    text = CATALOGUE + "".join(f"  - {one}\n" for one in advice)
    catalogue, data, _problems = read_written(folder, text, schools=SCHOOLS, facts=FACTS)
    return catalogue, data


def advise(catalogue: Catalogue, data: Data) -> tuple[AdviceResult, ...]:
    """What is recommended to all places, evaluated without any rows."""
    return compute_results(catalogue, data, Asking(indicators=("",), advice=True)).advice


def told(catalogue: Catalogue, data: Data) -> list[tuple[str, str, int, str]]:
    tips = write_recommendations(catalogue, advise(catalogue, data), data.title)
    return [(tip.id, tip.place, tip.year, tip.text) for tip in tips]


# --- conditions and texts --------------------------------------------------------------------------


def test_texts_have_numbers_as_printed_and_words_that_fit(tmp_path: Path) -> None:
    plural = '{{ shortfall|plural("обучающегося", "обучающихся", "обучающихся") }}'
    catalogue, data = make(
        tmp_path,
        "{id: low, when: missed(part), text: '{{ place_title }}, {{ year|year }}: {{ value }} % из "
        f"{{{{ target }}}} %, охвачено {{{{ covered }}}} из {{{{ pupils }}}}, не хватает "
        f"{{{{ shortfall }}}} {plural}'}}",
        "{id: worse, priority: 1, when: 'worsened(part, 2)', text: '{{ title }}: {{ previous }} → "
        "{{ value }} ({{ change|signed(1) }})'}",
        "{id: silent, level: municipality, when: not reported(part), "
        "text: '{% if missing > 0 %}{{ reported }} из {{ expected }}{% endif %}'}",
    )
    assert told(catalogue, data) == [
        ("worse", "alpha", 2023, "Доля охваченных: 80,0 → 70,0 (−10,0)"),
        (
            *("low", "alpha", 2023),
            "Школа «<b>А</b>», 2023 год: 70,0\u00a0% из 80,0\u00a0%, охвачено 7 из 10, не хватает 1 обучающегося",
        ),
        (
            *("low", "beta", 2022),
            "Школа Б, 2022 год: 60,0\u00a0% из 70,0\u00a0%, охвачено 6 из 10, не хватает 1 обучающегося",
        ),
        ("silent", "town", 2023, "1 из 2"),
    ]


def test_a_condition_without_a_value_recommends_nothing(tmp_path: Path) -> None:
    catalogue, data = make(
        tmp_path,
        "{id: reached, when: met(part), text: т}",
        "{id: silent, when: not reported(part), text: т}",
    )
    # Of beta nothing is known in 2023: neither reached nor missed, only that it is silent.
    assert [(one.id, one.place, one.year) for one in advise(catalogue, data)] == [
        ("reached", "alpha", 2022),
        ("silent", "beta", 2023),
    ]


def test_rows_are_the_same_beside_recommendations(tmp_path: Path) -> None:
    catalogue, data = make(tmp_path, "{id: low, when: missed(part), text: т}")
    alone = compute_results(catalogue, data)
    beside = compute_results(catalogue, data, Asking(advice=True))
    assert beside.frame.equals(alone.frame)
    assert alone.advice == ()
    assert beside.advice == advise(catalogue, data)
    assert beside.advice


def test_a_bare_number_short_of_a_target_that_places_have_of_their_own_is_warned_of(
    tmp_path: Path,
) -> None:
    """How such a target is compared only the data say: it may be exceeded as well as missed."""
    tip = '  - {id: low, when: missed(part), text: "Не хватает {{ shortfall }}"}\n'
    for targets, codes in (
        ("{2023: {at_least: 80}}", set()),
        ("{2023: given}", {"advice-direction"}),
    ):
        text = CATALOGUE.replace("{2022: {at_least: 70}, 2023: {at_least: 80}}", targets) + tip
        (tmp_path / "all.yaml").write_text(text, encoding="utf-8")
        _catalogue, problems = load(tmp_path)
        assert {problem.code for problem in problems} & {"advice-direction"} == codes


@pytest.mark.parametrize(
    ("text", "code", "column"),
    [
        ("не хватает {{ shortfal }}", "advice-name", 15),
        ("{{ value|upper }}", "advice-name", 10),
        ("{{ value|number(1000000000) }}", "advice-text", 10),
        ("{{ value|number(value) }}", "advice-text", 10),
        ("{{ value|words }}", "advice-text", 10),
        ("{{ target|words(1) }}", "advice-text", 11),
        ("{{ shortfall|number|words }}", "advice-text", 21),
        ("{% for x in value %}{% endfor %}", "advice-text", 1),
        ("{{ value.real }}", "advice-text", 10),
        ("{{ range(9) }}", "advice-text", 1),
        ("{{ 'а' * 1000000000 }}", "advice-text", 1),
        ("{{ value", "advice-text", 1),
        ("{% include 'x' %}", "advice-text", 1),
        ("{% set x = 1 %}{{ x }}", "advice-text", 1),
        ("{{ [value] }}", "advice-text", 1),
        ("т" * 5001, "advice-text", 1),
    ],
)
def test_a_text_holds_nothing_but_numbers_filters_and_conditions(
    tmp_path: Path, text: str, code: str, column: int
) -> None:
    catalogue, data = make(tmp_path, f'{{id: low, when: missed(part), text: "{text}"}}')
    (problem,) = check_texts(catalogue)
    assert problem.code == code
    assert problem.position is not None
    line = (tmp_path / "catalogue" / "catalogue.yaml").read_text("utf-8").splitlines()[-1]
    assert problem.position.column - line.index(text[:9]) == column
    with pytest.raises(TemplateError):
        write_recommendations(catalogue, advise(catalogue, data))


# --- reports -----------------------------------------------------------------------------------------


def page(
    catalogue: Catalogue, data: Data, audience: Any = "internal", place: Any = None
) -> dict[tuple[str, str], tuple[Recommendation, ...]]:
    results = compute_results(catalogue, data, Asking(inputs=True, advice=True))
    report = open_report(
        catalogue, data, results.frame, catalogue.years, audience=audience, advised=results.advice
    )
    found: Any = report.context(place)["advice"]
    return dict(found)


def test_a_page_speaks_of_the_last_year_with_facts_and_every_place_has_an_entry(
    tmp_path: Path,
) -> None:
    catalogue, data = make(
        tmp_path,
        "{id: low, when: missed(part), text: '{{ value }}'}",
        "{id: city, level: municipality, when: missed(part), text: '{{ value }}'}",
    )
    shown = page(catalogue, data)
    assert {place: [tip.text for tip in tips] for place, tips in shown.items()} == {
        ("school", "alpha"): ["70,0"],
        ("school", "beta"): [],  # its own 2022 is past: 2023 is what the town has reported of
        ("municipality", "town"): ["70,0"],
    }
    assert shown["school", "alpha"][0].group == "g"


def test_of_missing_data_a_page_speaks_in_its_last_year(tmp_path: Path) -> None:
    catalogue, data = make(
        tmp_path,
        "{id: silent, when: not reported(part), text: '{{ year }}'}",
        "{id: known, when: reported(part) and missed(part), text: '{{ value }}'}",
    )
    facts = tmp_path / "data" / "facts.csv"
    facts.write_text(FACTS.replace("alpha;2023;7;10\n", ""), "utf-8")
    data, _told = read_data(catalogue, tmp_path / "data")
    shown = page(catalogue, data)
    assert [(tip.id, tip.year) for tip in shown["school", "alpha"]] == [("silent", 2023)]
    told = [(tip.id, tip.year) for tip in shown["school", "beta"]]
    assert told == [("silent", 2023), ("known", 2022)]


def test_who_sees_which(tmp_path: Path) -> None:
    catalogue, data = make(tmp_path, "{id: low, when: missed(part), text: т}")
    assert not any(page(catalogue, data, "public").values())
    sheet = page(catalogue, data, "school", ("school", "alpha"))
    assert set(sheet) == {("school", "alpha"), ("municipality", "town")}
    assert len(sheet["school", "alpha"]) == 1


# --- shipped -----------------------------------------------------------------------------------------


@pytest.mark.no_cover
@pytest.mark.parametrize("name", ["berezniki", "michurinsk"])
def test_shipped_texts_are_sound_and_every_group_has_recommendations(name: str) -> None:
    catalogue, _problems = load(find_definitions() / name)
    assert catalogue is not None
    assert check_texts(catalogue) == []
    rows = {**catalogue.indicators}
    known: dict[str, set[tuple[str, bool]]] = {group: set() for group in catalogue.groups}
    for advice in catalogue.advice.values():
        names = {use.id for use in advice.when.names()}
        missing = any(use.id == "reported" for _call, use in advice.when.calls())
        for indicator in rows.values():
            behind = {use.id for _year, formula in indicator.formulas for use in formula.names()}
            if {indicator.id, *behind} & names:
                known[indicator.group].add((advice.level, missing))
    both = {("school", False), ("school", True), ("municipality", False), ("municipality", True)}
    assert {group for group, found in known.items() if found != both} == set()


def all_tips(name: str) -> tuple[Catalogue, Results, tuple[Recommendation, ...]]:
    catalogue, _problems = load(find_definitions() / name)
    assert catalogue is not None
    data, _told = read_data(catalogue, find_definitions() / name / "demo")
    results = compute_results(catalogue, data, Asking(advice=True))
    return catalogue, results, write_recommendations(catalogue, results.advice, data.title)


@pytest.mark.no_cover
@pytest.mark.parametrize("name", ["berezniki", "michurinsk"])
def test_what_is_recommended_over_the_demonstration_data(name: str) -> None:
    catalogue, results, tips = all_tips(name)
    assert {tip.level for tip in tips} == {"school", "municipality"}
    assert all("{" not in tip.text and "  " not in tip.text for tip in tips)
    assert not [tip.text for tip in tips if re.search(r"\d %|№ \d", tip.text)]
    assert name == "michurinsk" or any("\u00a0%" in tip.text for tip in tips)
    rows = {
        (row["indicator"], row["place"], row["year"]): row
        for row in results.frame.filter(results.frame["scenario"] == "fact").iter_rows(named=True)
    }
    for one in results.advice:
        row = rows.get((one.about, one.place, one.year))
        when = catalogue.advice[one.id].when.text
        if row is None or not isinstance(one, AdviceResult):
            continue
        if when == f"missed({one.about})":
            assert row["status"] in {"missed", "no_target"}
            below = row["reference"] is None or row["value"] < row["reference"]
            assert row["status"] == "missed" or below
        if one.figures.get("value") is not None:
            assert one.figures["value"] == row["value"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("За 2023 год сведений нет.", True),
        ("За 2023–2024 учебный год сведений нет.", True),
        ("Охвачено 12023 обучающихся.", False),
        ("Помогите школам.", False),
    ],
)
def test_a_tip_knows_whether_its_text_says_its_year(text: str, expected: bool) -> None:
    assert Recommendation("a", text, "school", "1", 2023, 1).says_year is expected


@pytest.mark.no_cover
def test_a_year_is_not_told_twice_in_a_report() -> None:
    page = shipped_report.pressed("berezniki", "report.html").decode()
    tips = re.findall(r'<li>([^<]*) <span class="small">([^<]*)</span>', page)
    assert len(tips) > 10
    assert not [note for text, note in tips if note[:4].isdigit() and note[:4] in text]
    assert '<span class="small">2023–2024\u00a0учебный год · ' in page


# --- said once -----------------------------------------------------------------------------------


def tip(name: str, text: str, group: str = "", priority: int = 5) -> Recommendation:
    return Recommendation(name, text, "school", "a", 2023, priority, about=name, group=group)


def far_from_target(name: str, value: float) -> Row:
    fact = row()
    return replace(
        fact, indicator=name, level="school", place="a", value=value, target=50, status="missed"
    )


def test_what_holds_for_many_is_said_once_and_the_worst_first() -> None:
    catalogue = shipped_report.load_shipped("berezniki")
    tips = (
        tip("near", "Почти: 49. Добавьте."),
        tip("far", "Далеко: 10. Назначьте срок."),
        tip("a", "План, 1.1 «А»: не выполнено. Уточните сроки."),
        tip("b", "План, 1.2 «Б»: не выполнено. Уточните сроки."),
        tip("c", "Беседы: 3 из 4. Напомните школам."),
        tip("d", "Встречи: 1 из 4. Напомните школам."),
        tip("m1", "Раздел 3.3: нет 2 ответов. Запросите.", "3.3"),
        tip("m2", "Раздел 4.1: нет ответа. Запросите.", "4.1"),
        tip("first", "Одно предложение", priority=1),
        tip("second", "Одно предложение", priority=1),
    )
    rows = {}
    for name, value in (("near", 49.0), ("far", 10.0)):
        fact = replace(far_from_target(name, value), year=2023)
        rows[fact.key] = fact
    arranged = arrange_recommendations(catalogue, tips, rows, {"m1", "m2"})
    assert [each.text for each in arranged] == [
        "Одно предложение",
        "Одно предложение",
        "По 2 разделам сведения неполны: 3.3, 4.1. Запросите.",
        "Далеко: 10. Назначьте срок.",
        "Почти: 49. Добавьте.",
        "План, 1.1 «А»; 1.2 «Б»: не выполнено. Уточните сроки.",
        "Беседы: 3 из 4. Встречи: 1 из 4. Напомните школам.",
    ]
    assert arranged[2].group == ""
    assert arranged[3].group == tips[1].group


@pytest.mark.no_cover
def test_nobody_is_left_out_where_recommendations_are_joined() -> None:
    catalogue, _results, tips = all_tips("berezniki")
    missing = list_on_missing(catalogue)
    places = {each.place for each in tips}
    for place in places:
        own = [each for each in tips if each.place == place and each.year == 2024]
        text = " ".join(each.text for each in arrange_recommendations(catalogue, own, {}, missing))
        for each in own:
            subject = each.text.partition(":")[0].removeprefix("План, ")
            assert (each.group if each.id in missing else subject) in text
