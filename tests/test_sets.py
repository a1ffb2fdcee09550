"""Sets of places, ranks, levels of an indicator: the example of the language, and what is around it."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner

from engine.catalogue.load import load
from engine.catalogue.model import Catalogue, Publication
from engine.console.main import main
from engine.data import Data
from engine.evaluation.asking import Asking
from engine.evaluation.evaluate import compute_results
from engine.evaluation.explain.explain import explain
from engine.problems import has_errors
from engine.publication.audience import publish, show_to_schools
from engine.reports.filters import coverage, quantity
from engine.reports.formats.proof_text import show_proof
from engine.reports.formats.workbook_ranks import list_rank_formulas
from engine.reports.result_rows import Row, read_result_rows
from engine.translation import choose_language
from tests.written import read_written

PAGE = Path(__file__).parent.parent / "docs" / "language.md"
HEAD = "catalogue: {id: land, title: Край, levels: [school, municipality, region], years: [2024]}\n"
SCHOOLS = "school;municipality;region\n" + "".join(
    f"s{number};{town};land\n" for number, town in enumerate(("m1", "m2", "m3", "m4", "m4"), 1)
)
FACTS = (
    "school;year;covered;pupils\ns1;2024;625;1000\ns2;2024;70;100\ns3;2024;700;1000\n"
    "s4;2024;40;100\ns5;2024;56;100\n"
)


def example() -> str:
    """The catalogue that the page of the language shows in the chapter of sets."""
    chapter = PAGE.read_text("utf-8").partition("## Наборы мест")[2].partition("\n## ")[0]
    (text,) = re.findall(r"^```yaml\n(.*?)^```$", chapter, re.MULTILINE | re.DOTALL)
    return HEAD + str(text)


def town(
    folder: Path, catalogue: str, facts: str = FACTS, schools: str = SCHOOLS
) -> tuple[Catalogue, Data]:
    loaded, data, problems = read_written(folder, catalogue, schools=schools, facts=facts)
    assert not has_errors(problems), problems
    return loaded, data


def read_rows(loaded: tuple[Catalogue, Data], **asking: Any) -> dict[tuple[str, str], Row]:
    frame = compute_results(*loaded, Asking(**asking)).frame
    return {(row.indicator, row.place): row for row in read_result_rows(loaded[0], frame)}


def values_of(loaded: tuple[Catalogue, Data], name: str) -> dict[str, Any]:
    return {
        place: row.reason if row.value is None else row.value
        for (indicator, place), row in read_rows(loaded).items()
        if indicator == name
    }


def test_the_example_of_the_language(tmp_path: Path) -> None:
    loaded = town(tmp_path, example())
    assert values_of(loaded, "coverage") | {"land": 64.8} == values_of(loaded, "coverage")
    assert values_of(loaded, "place_in_region") == {"m1": 3, "m2": 1, "m3": 1, "m4": 4}
    assert values_of(loaded, "of_best")["m1"] == 89.3
    assert values_of(loaded, "between_ends")["m1"] == 0.659
    assert values_of(loaded, "usual") == {"land": 62.6}
    assert values_of(loaded, "top_tenth")["m4"] == 56
    assert loaded[0].indicators["place_in_region"].better == "less"


def test_a_place_without_a_value_is_not_ranked_and_is_counted_as_a_peer(tmp_path: Path) -> None:
    loaded = town(tmp_path, example(), FACTS.replace("s2;2024;70;100\n", ""))
    rows = read_rows(loaded)
    places = {
        name: row.value for (indicator, name), row in rows.items() if indicator == "place_in_region"
    }
    assert places == {"m1": 2, "m2": None, "m3": 1, "m4": 3}
    assert rows["place_in_region", "m2"].reason == "not_reported"
    assert {rows["place_in_region", name].reported for name in places} == {3}
    assert {rows["place_in_region", name].expected for name in places} == {4}
    choose_language("ru")
    assert quantity(rows["place_in_region", "m1"]).replace("\xa0", " ") == "2-е место из 3"


def test_equal_printed_values_share_a_place(tmp_path: Path) -> None:
    # 70,04 and 69,96 are printed 70,0.
    facts = FACTS.replace("s2;2024;70;100", "s2;2024;7004;10000").replace(
        "s3;2024;700;1000", "s3;2024;6996;10000"
    )
    loaded = town(tmp_path, example(), facts)
    assert values_of(loaded, "place_in_region") == {"m1": 3, "m2": 1, "m3": 1, "m4": 4}


def test_less_is_better_where_the_indicator_says_so(tmp_path: Path) -> None:
    loaded = town(tmp_path, example().replace("better: more", "better: less"))
    assert values_of(loaded, "place_in_region") == {"m1": 2, "m2": 3, "m3": 3, "m4": 1}


def test_the_places_of_a_set_stand_beside_the_schools(tmp_path: Path) -> None:
    loaded = town(tmp_path, example(), FACTS.replace("s2;2024;70;100\n", ""))
    row = read_rows(loaded, columns=("reported", "expected", "members"))["usual", "land"]
    choose_language("ru")
    assert coverage(row).replace("\xa0", " ") == "4 из 5; 3 из 4 муниципалитетов"
    proof, _problems = explain(*loaded, "usual", year=2024)
    assert proof is not None
    assert "со значением: 3 из 4 муниципалитетов" in show_proof(proof, loaded[0])


def test_a_rank_is_proved_by_its_peers(tmp_path: Path) -> None:
    choose_language("ru")
    loaded = town(tmp_path, example())
    proof, _problems = explain(*loaded, "place_in_region", year=2024, place="m4")
    assert proof is not None
    (term,) = proof.step.terms
    assert term.schools is not None
    assert [(peer.place, peer.value) for peer in term.schools.schools] == [
        ("m2", 70),
        ("m3", 70),
        ("m1", 62.5),
        ("m4", 48),
    ]
    assert term.schools.words == "4-е место из 4"
    assert "Значение: 4-е место из 4" in show_proof(proof, loaded[0])


def test_levels_are_the_only_ones_with_rows(tmp_path: Path) -> None:
    loaded = town(tmp_path, example())
    frame = compute_results(*loaded).frame
    levels = {
        name: sorted(rows["level"].unique())
        for (name,), rows in frame.group_by("indicator", maintain_order=True)
    }
    assert levels["coverage"] == ["municipality", "region", "school"]
    assert levels["of_best"] == ["municipality"]
    assert levels["usual"] == ["region"]
    assert loaded[0].indicators["of_best"].target_levels == ("municipality",)


FORECAST = "school;year;scenario;covered;pupils\n" + "".join(
    f"{line.replace(';2024;', ';2024;fact;')}\n" for line in FACTS.splitlines()[1:]
)


def test_a_forecast_is_ranked_among_forecasts(tmp_path: Path) -> None:
    facts = FORECAST + "s1;2024;forecast;90;100\ns4;2024;forecast;95;100\n"
    loaded = town(tmp_path, example(), facts)
    frame = compute_results(*loaded, Asking(indicators=("place_in_region",))).frame
    planned = frame.filter(pl.col("scenario") == "forecast")
    assert dict(planned.select("place", "value").iter_rows()) == {"m1": 2, "m4": 1}


POLICY = """publication:
  ranking: {ranking}
  public_levels: [municipality, region]
  where: п. 5
  clause: Рейтинги школ не публикуются
"""


@pytest.mark.parametrize(
    ("public", "shown"), [("[region]", False), ("[municipality, region]", True)]
)
def test_the_greatest_of_a_level_that_is_not_public_is_hidden(
    tmp_path: Path, public: str, shown: bool
) -> None:
    text = example().replace(
        "usual: {",
        'most: {title: Больше всех, unit: percent, formula: "max_of(municipality, coverage)", levels: region}\n  usual: {',
    )
    policy = POLICY.format(ranking="forbidden").replace("[municipality, region]", public)
    loaded = town(tmp_path, text + policy)
    frame = compute_results(*loaded, Asking(inputs=True)).frame
    seen = publish(loaded[0], frame, {}).results
    reasons = dict(
        seen.filter(pl.col("level") == "region").select("indicator", "reason").iter_rows()
    )
    assert (reasons["most"] is None) is shown
    assert reasons["usual"] is None


def test_a_book_ranks_over_its_cells(tmp_path: Path) -> None:
    """The reports of the region hold all municipalities; a rank among some of them stays a number."""
    loaded = town(tmp_path, example())
    rows = [row for row in read_rows(loaded).values() if row.level == "municipality"]
    formulas = list_rank_formulas(loaded[0], rows, 5)
    ranked = {row.place: formulas[n] for n, row in enumerate(rows, 1) if row.ranked}
    assert ranked["m1"] == "=_xlfn.RANK.EQ(F2,F2:F5,0)"
    assert ranked["m4"] == "=_xlfn.RANK.EQ(F5,F2:F5,0)"
    assert list_rank_formulas(loaded[0], [row for row in rows if row.place != "m2"], 5) == {}


def test_schools_are_compared_for_nobody_but_the_department(tmp_path: Path) -> None:
    text = example().replace(
        "  usual: {",
        '  among: {title: Место школы, unit: place, formula: "rank(coverage, region)", levels: school}\n  usual: {',
    )
    loaded = town(tmp_path, text + POLICY.format(ranking="forbidden"))
    policy = replace(loaded[0].publication or Publication(), public_levels=("school", "region"))
    catalogue = replace(loaded[0], publication=policy)
    frame = compute_results(catalogue, loaded[1], Asking(inputs=True)).frame
    seen = publish(catalogue, frame, {}).results
    ranks = seen.filter(pl.col("indicator") == "among")
    assert set(ranks["reason"]) == {"suppressed"}
    own = show_to_schools(catalogue, frame).filter(indicator="among", place="s1")
    assert own["value"].null_count() == 0 < own.height


def test_a_place_without_schools_is_a_member_for_what_is_given_to_it(tmp_path: Path) -> None:
    text = (
        example()
        .replace(
            "indicators:\n",
            "  budget: {title: Бюджет, unit: rouble, level: municipality}\nindicators:\n",
            1,
        )
        .replace(
            "  usual: {",
            '  money: {title: Бюджеты, unit: rouble, formula: "sum_of(municipality, budget)", levels: region}\n'
            '  richest: {title: Богаче, unit: place, formula: "rank(purse, region)", levels: municipality}\n'
            "  purse: {title: Бюджет города, unit: rouble, formula: budget, better: more, levels: municipality}\n"
            "  usual: {",
            1,
        )
    )
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "towns.csv").write_text(
        "municipality;year;budget\nm1;2024;10\nm5;2024;30\n", "utf-8"
    )
    loaded = town(tmp_path, text)
    assert values_of(loaded, "money") == {"land": 40}
    assert values_of(loaded, "richest")["m1"] == 2
    rows = read_rows(loaded, columns=("value", "reported", "expected", "members"))
    assert (rows["usual", "land"].members, rows["usual", "land"].members_expected) == (4, 4)
    assert (rows["money", "land"].members, rows["money", "land"].members_expected) == (2, 5)
    assert (rows["place_in_region", "m1"].reported, rows["place_in_region", "m1"].expected) == (
        4,
        4,
    )


def test_a_condition_under_a_condition_stays_one(tmp_path: Path) -> None:
    text = example().replace(
        "  usual: {",
        '  enough: {title: Много, formula: "only(covered > 60, pupils >= 100)", levels: school}\n  usual: {',
        1,
    )
    loaded = town(tmp_path, text, FACTS.replace("s5;2024;56;100", "s5;2024;56;99"))
    assert loaded[0].indicators["enough"].type == "yes_no"
    proof, _problems = explain(*loaded, "enough", year=2024, place="s2", level="school")
    assert proof is not None
    assert proof.step.value is True
    assert values_of(loaded, "enough") == {
        "s1": True,
        "s2": True,
        "s3": True,
        "s4": False,
        "s5": "not_applicable",
    }


@pytest.mark.parametrize(("lowest", "unit"), [("school", "school"), ("district", "place")])
def test_places_that_are_no_schools_are_counted_as_places(
    tmp_path: Path, lowest: str, unit: str
) -> None:
    head = f"catalogue: {{id: land, title: Край, levels: [{lowest}, state], years: [2024]}}\n"
    text = f"""inputs: {{a: {{title: А, unit: person}}}}
indicators: {{many: {{title: Много, unit: {unit}, formula: "count_of({lowest}, a > 5)"}}}}
"""
    (tmp_path / "c.yaml").write_text(head + text, encoding="utf-8")
    _catalogue, problems = load(tmp_path)
    assert [each.message for each in problems if each.severity != "note"] == []
    (tmp_path / "c.yaml").write_text(head + text.replace(f"unit: {unit}", "unit: item"), "utf-8")
    _catalogue, problems = load(tmp_path)
    (problem,) = (each for each in problems if each.severity != "note")
    assert problem.code == "unit-declared"
    assert f"({unit})" in problem.message


def test_a_yes_no_of_schools_alone_is_read_and_shown(tmp_path: Path) -> None:
    """A table shows the highest level that has rows, and a condition at schools is no number of them."""
    (tmp_path / "c.yaml").write_text(
        "catalogue: {id: town, title: Т, years: [2024]}\n"
        "inputs:\n  m: {title: М, type: choice, options: {one: один, two: два, many: много}}\n"
        "indicators:\n"
        "  y: {title: Хотя бы два, formula: m.two or m.many, levels: [school], targets: {2024: yes}}\n",
        encoding="utf-8",
    )
    data = tmp_path / "data"
    data.mkdir()
    (data / "schools.csv").write_text("school;title\na;Первая\nb;Вторая\n", "utf-8")
    (data / "facts.csv").write_text("school;year;m\na;2024;один\nb;2024;много\n", "utf-8")
    shown = CliRunner().invoke(
        main, ["evaluate", str(tmp_path), "--data", str(data), "--format", "table"]
    )
    assert shown.exit_code == 0, shown.output
    assert [line.split()[0] for line in shown.output.splitlines()[1:3]] == ["!", "√"]
