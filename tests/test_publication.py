"""Publication: the policy, what each audience sees, what is emptied together with a hidden number."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner

from engine.catalogue.load import find_catalogue, load
from engine.catalogue.model import Catalogue
from engine.console import main as cli
from engine.data import Data, read_data
from engine.evaluation.asking import COLUMNS, SHORTFALL, Asking
from engine.evaluation.evaluate import compute_results
from engine.problems import has_errors
from engine.publication.audience import (
    choose_policy,
    find_forbidden,
    publish,
    show_to_schools,
)
from engine.reports.render import open_report
from tests.shipped_report import load_shipped

ROOT = Path(__file__).resolve().parent.parent
KEYS = ("indicator", "level", "place", "year", "scenario")
HEAD = """catalogue: {id: town, title: Город, years: [2022, 2023], defaults: {comparator: at_least}}
"""
BODY = """
inputs:
  pupils: {title: Ученики, unit: person}
  covered:
    title: Охваченные
    unit: person
    within: pupils
    of_which:
      ovz: {title: с ОВЗ, confidential: yes}
  few: {title: Победители, unit: person, within: pupils}
  halls: {title: Залы, unit: item}
  agreed: {title: Договор, type: yes_no}
  partner: {title: Партнёр, type: text}
indicators:
  covered_share: {title: Доля, unit: percent, formula: "share(covered, pupils)", targets: {2023: 40}}
  few_share: {title: Доля победителей, unit: percent, formula: "share(few, pupils)", targets: {2023: 4}, better: more}
  ovz_share: {title: Доля ОВЗ, unit: percent, formula: "share(covered.ovz, covered)", targets: {2023: 9}}
  most_few: {title: Больше всего, unit: percent, formula: "max_of_schools(share(few, pupils))"}
  growth_few: {title: Рост, unit: percent, formula: "growth(few)"}
checks:
  - {id: halls_many, rule: halls <= 3, message: Залов много, severity: warning}
"""
POLICY = """publication:
  ranking: forbidden
  clause: Рейтинги запрещены.
  where: Пункт 7
  public_levels: [municipality]
"""
FACTS = """school,year,scenario,pupils,covered,covered.ovz,few,halls,agreed,partner
s1,2022,fact,50,20,2,10,2,да,Завод
s2,2022,fact,50,30,1,2,1,нет,Цех
s1,2023,fact,60,22,7,1,4,да,Завод
s2,2023,fact,50,31,9,2,1,да,Цех
s1,2023,forecast,60,30,3,9,4,да,
s2,2023,forecast,50,31,1,9,1,да,
"""


@cache
def town(policy: str = POLICY, facts: str = FACTS) -> tuple[Catalogue, Data, pl.DataFrame]:
    from tempfile import mkdtemp

    folder = Path(mkdtemp())
    (folder / "catalogue.yaml").write_text(HEAD + BODY + policy, "utf-8")
    (folder / "data").mkdir()
    (folder / "data" / "schools.csv").write_text("school,title\ns1,Школа 1\ns2,Школа 2\n", "utf-8")
    (folder / "data" / "facts.csv").write_text(facts, "utf-8")
    catalogue, problems = load(folder)
    assert catalogue is not None, problems
    assert not has_errors(problems), problems
    data, problems = read_data(catalogue, folder / "data")
    assert not has_errors(problems), problems
    columns = (*COLUMNS, SHORTFALL)
    return (
        catalogue,
        data,
        compute_results(catalogue, data, Asking(inputs=True, columns=columns)).frame,
    )


def public(policy: str = POLICY, facts: str = FACTS) -> dict[tuple[Any, ...], dict[str, Any]]:
    catalogue, _data, results = town(policy, facts)
    shown = publish(catalogue, results).results
    return {tuple(row[key] for key in KEYS): row for row in shown.iter_rows(named=True)}


def at(name: str, year: int = 2023, scenario: str = "fact") -> tuple[Any, ...]:
    return (name, "municipality", "town", year, scenario)


# --- the policy ----------------------------------------------------------------------------------


def test_michurinsk_quotes_the_order_as_it_is_printed() -> None:
    catalogue = load_shipped("michurinsk")
    policy = catalogue.publication
    assert policy is not None
    assert (policy.ranking, policy.public_levels) == ("forbidden", ("municipality",))
    assert policy.suppress_below == 5
    assert "публичных сравнительных рейтингов" in policy.clause
    assert "№ 250" in policy.where


def test_berezniki_says_that_its_order_is_silent() -> None:
    catalogue = load_shipped("berezniki")
    policy = catalogue.publication
    assert policy is not None
    assert not policy.clause
    assert policy.interpretation.startswith("Правила публикации в приказе нет.")
    refused = find_forbidden(catalogue, "public", "school")
    assert refused is not None
    assert policy.interpretation in refused.message


def test_without_a_policy_no_school_is_public() -> None:
    catalogue, _data, _results = town("")
    assert catalogue.publication is None
    assert choose_policy(catalogue).public_levels == ("municipality",)
    assert find_forbidden(catalogue, "public", "municipality") is None
    assert find_forbidden(catalogue, "public", "school") is not None
    assert {key[1] for key in public("")} == {"municipality"}
    assert public("")[at("covered.ovz")]["reason"] == "suppressed"


@pytest.mark.no_cover
def test_a_comparison_in_public_is_an_error_that_quotes_the_clause(tmp_path: Path) -> None:
    arguments = ("--year", "2023", "--audience", "public", "--each", "school")
    demo = ROOT / "definitions" / "michurinsk" / "demo"
    done = CliRunner().invoke(
        cli.main,
        ["report", "michurinsk", "--data", str(demo), *arguments, "-o", str(tmp_path / "o")],
    )
    assert done.exit_code == 2
    assert "Результаты Мониторинга не используются для выстраивания публичных" in done.output
    assert not (tmp_path / "o").exists()


def test_where_ranking_is_allowed_a_school_may_be_asked_for() -> None:
    allowed = "publication: {ranking: allowed, public_levels: [school, municipality]}\n"
    catalogue, _data, _results = town(allowed)
    assert find_forbidden(catalogue, "public", "school") is None
    assert {key[1] for key in public(allowed)} == {"school", "municipality"}


@pytest.mark.parametrize("level", [None, "municipality"])
def test_a_page_for_schools_is_made_one_for_each(level: str | None) -> None:
    catalogue, _data, _results = town()
    assert find_forbidden(catalogue, "school", level) is not None
    assert find_forbidden(catalogue, "school", "school") is None
    assert find_forbidden(catalogue, "internal", level) is None


# --- the public ----------------------------------------------------------------------------------


def test_what_is_confidential_is_hidden_whatever_its_size() -> None:
    rows = public()
    assert (
        town()[2].filter(indicator="covered.ovz", level="municipality", year=2023)["value"][0] == 16
    )
    for name in ("covered.ovz", "ovz_share"):
        row = rows[at(name)]
        assert row["reason"] == "suppressed"
        told = ("value", "raw", "deviation", "status", "previous", "change", "trend", "plan")
        assert not [
            key
            for key in (*told, "plan_deviation", "reported", "shortfall")
            if row[key] is not None
        ]
    assert rows[at("ovz_share")]["target"] == 9


def test_a_small_count_goes_with_all_that_would_tell_it() -> None:
    rows = public()
    assert rows[at("few")]["reason"] == "suppressed"
    assert rows[at("few_share")]["reason"] == "suppressed"
    # A maximum and a growth cannot be read backwards: they go with the count they rest on.
    assert rows[at("most_few")]["reason"] == "suppressed"
    assert rows[at("growth_few")]["reason"] == "suppressed"
    assert rows[at("few", 2022)]["value"] == 12
    # It is the number of one school besides, whatever its size.
    assert rows[at("most_few", 2022)]["reason"] == "suppressed"
    assert rows[at("pupils")]["value"] == 110
    assert rows[at("covered_share")]["value"] == 48.2


def test_what_stands_beside_a_number_is_hidden_with_it() -> None:
    facts = FACTS.replace("s1,2022,fact,50,20,2,10", "s1,2022,fact,50,20,2,1").replace(
        "s1,2023,fact,60,22,7,1", "s1,2023,fact,60,22,7,9"
    )
    row = public(facts=facts)[at("few")]
    assert row["value"] == 11
    assert (row["previous"], row["change"], row["trend"]) == (None, None, None)
    assert row["plan"] == 18
    planned = facts.replace("s1,2023,forecast,60,30,3,9", "s1,2023,forecast,60,30,3,1").replace(
        "s2,2023,forecast,50,31,1,9", "s2,2023,forecast,50,31,1,1"
    )
    row = public(facts=planned)[at("few")]
    assert row["value"] == 11
    assert (row["plan"], row["plan_deviation"]) == (None, None)


def test_a_zero_tells_too_unless_the_policy_shows_it() -> None:
    facts = FACTS.replace("s1,2023,fact,60,22,7,1", "s1,2023,fact,60,22,7,0").replace(
        "s2,2023,fact,50,31,9,2", "s2,2023,fact,50,31,9,0"
    )
    assert public(facts=facts)[at("few")]["reason"] == "suppressed"
    row = public(POLICY + "  zeros: shown\n", facts)[at("few")]
    assert (row["value"], row["reason"]) == (0, None)


def test_few_things_that_are_no_people_are_shown() -> None:
    rows = public()
    assert rows[at("halls", 2022)]["value"] == 3
    assert rows[at("agreed")]["value"] == 2
    assert (
        public(POLICY + "  people: [person, item]\n")[at("halls", 2022)]["reason"] == "suppressed"
    )


def test_texts_and_checks_do_not_reach_the_public() -> None:
    rows = public()
    assert (rows[at("partner")]["text"], rows[at("partner")]["reason"]) == (None, "suppressed")
    assert public(POLICY + "  texts: shown\n")[at("partner")]["text"] == ["Завод", "Цех"]
    assert town()[2].filter(pl.col("checks").list.len() > 0).height
    assert not [row for row in rows.values() if row["checks"]]


def test_a_share_is_not_printed_with_twelve_digits() -> None:
    _catalogue, _data, results = town()
    shares = results.filter(pl.col("raw") != pl.col("value"), level="municipality")
    assert shares.height
    assert not [row for row in public().values() if row["raw"] != row["value"]]


def test_a_shortfall_is_shown_where_its_counts_are() -> None:
    rows = public()
    assert rows[at("covered_share")]["shortfall"] == 0
    assert rows[at("few_share")]["shortfall"] is None


def test_a_division_by_a_hidden_zero_does_not_say_so() -> None:
    facts = "\n".join(
        line
        for line in FACTS.replace("s1,2023,fact,60,22,7", "s1,2023,fact,60,0,0")
        .replace("s2,2023,fact,50,31,9", "s2,2023,fact,50,0,0")
        .splitlines()
    )
    _catalogue, _data, results = town(facts=facts)
    assert results.filter(indicator="ovz_share", year=2023, scenario="fact")["reason"][-1] == (
        "zero_denominator"
    )
    assert public(facts=facts)[at("ovz_share")]["reason"] == "suppressed"


def test_the_same_results_hide_the_same() -> None:
    catalogue, _data, results = town()
    first = publish(catalogue, results).results
    again = publish(catalogue, results.reverse()).results.reverse()
    assert first.equals(again)


@pytest.mark.no_cover
@pytest.mark.parametrize("name", ["berezniki", "michurinsk"])
def test_the_demo_of_a_shipped_catalogue_prints_nothing_small(name: str) -> None:
    folder, _problems = find_catalogue(name)
    catalogue, _found = load(folder)
    assert catalogue is not None
    data, _told = read_data(catalogue, folder / "demo")
    frame = compute_results(catalogue, data, Asking(inputs=True)).frame
    shown = publish(catalogue, frame).results
    assert set(shown["level"]) == {"municipality"}
    people = shown.filter(pl.col("unit") == "person")
    for column in ("value", "raw", "previous", "plan"):
        printed = people[column].drop_nulls()
        assert len(printed)
        assert not (printed < 5).any()
    secret = [one.id for one in catalogue.inputs.values() if one.confidential]
    assert secret
    own = shown.filter(pl.col("indicator").is_in(secret))
    assert own.height
    assert set(own["reason"]) <= {"suppressed", "not_reported", "not_applicable"}
    assert own["text"].drop_nulls().is_empty()


# --- a school ------------------------------------------------------------------------------------


def test_a_school_sees_its_own_and_the_town() -> None:
    catalogue, _data, results = town()
    shown = show_to_schools(catalogue, results).filter(
        (pl.col("level") == "municipality") | (pl.col("place") == "s1")
    )
    own = shown.filter(indicator="covered.ovz", level="school", year=2023, scenario="fact")
    assert own["value"].to_list() == [7]
    texts = shown.filter(indicator="partner", year=2023, scenario="fact")
    assert texts.select("level", "text", "reason").rows() == [
        ("school", ["Завод"], None),
        ("municipality", None, "suppressed"),
    ]
    above = shown.filter(pl.col("level") == "municipality")
    assert not above.filter(pl.col("checks").list.len() > 0).height


# --- a report ------------------------------------------------------------------------------------


def test_a_public_report_names_no_school_and_has_a_legend() -> None:
    catalogue, data, results = town()
    context = open_report(catalogue, data, results, (2022, 2023), audience="public").context()
    assert context["reporters"] == ()
    assert context["checks"] == ()
    assert context["publication"] is catalogue.publication
    assert "suppressed" in {mark.reason for mark in context["legend"]}
    assert len({mark.sign for mark in context["legend"]}) == len(context["legend"])
    hidden = [row for row in (*context["rows"], *context["inputs"]) if row.suppressed]
    assert hidden
    assert all(row.value is None and row.raw is None for row in hidden)


def test_a_report_for_schools_without_a_school_shows_none() -> None:
    catalogue, data, results = town()
    report = open_report(catalogue, data, results, (2023,), audience="school")
    for place in (None, ("municipality", "town")):
        context = report.context(place)
        assert {row.level for row in context["rows"]} == {"municipality"}
        assert context["reporters"] == ()
        assert not [part for part in context["parts"]["few"] if part.level == "school"]
