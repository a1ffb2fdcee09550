"""The proof of a function over schools: the terms it is made of, who is left out of it and why."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from engine.catalogue.load import load
from engine.catalogue.model import Catalogue
from engine.console import main as cli
from engine.data import read_data
from engine.data.model import Data
from engine.evaluation.asking import Asking
from engine.evaluation.evaluate import compute_results
from engine.evaluation.explain.explain import explain
from engine.evaluation.explain.proof import OverSchools, ProofStep
from engine.publication.audience import Audience
from engine.reports.formats.proof_text import show_proof
from engine.reports.render import open_report
from engine.translation import choose_language

CATALOGUE = """
catalogue: {id: over, title: Проверка школ, levels: [school, municipality], years: [2022, 2023]}
register: {big: {title: Большая, type: yes_no}}
inputs:
  score: {title: Балл, type: number, unit: point}
  pupils: {title: Ученики, unit: person}
  deal: {title: Договор, type: yes_no}
  seniors: {title: Старшие, unit: person, applies_to: big}
indicators:
  weighted: {title: Взвешенное, unit: point, formula: "weighted_mean_of_schools(score, pupils)"}
  mean: {title: Среднее, unit: point, formula: "mean_of_schools(score)"}
  median: {title: Медиана, unit: point, formula: "median_of_schools(score)"}
  least: {title: Меньшее, unit: point, formula: "min_of_schools(score)"}
  most: {title: Большее, unit: point, formula: "max_of_schools(score)"}
  total: {title: Сумма, unit: person, formula: "sum_of_schools(pupils)"}
  dealt: {title: Сколько, unit: school, formula: "schools_with(deal)"}
  portion: {title: Доля школ, unit: percent, formula: "share_of_schools(deal)"}
  of_all: {title: Доля от всех, unit: percent, formula: "share(schools_with(deal), schools_open())"}
  mixed: {title: Смесь, unit: point, formula: "(mean_of_schools(score) - min_of_schools(score)) / 2"}
  older: {title: Старшие в среднем, unit: person, formula: "mean_of_schools(seniors)"}
  grown: {title: Рост, unit: percent, formula: "growth(pupils)"}
  changed: {title: Изменение, unit: person, formula: "change(pupils)"}
  apart: {title: Отличие от города, unit: point, formula: "at(municipality, mean_of_schools(score)) - score"}
"""
SCHOOLS = """school,title,municipality,big
a,Школа № 1,Север,да
b,Школа № 2,Север,нет
c,Школа № 3,Север,да
d,Школа № 4,Север,нет
e,Школа № 5,Север,нет
x,Школа № 6,Юг,да
"""
FACTS = """school,year,score,pupils,deal,seniors
a,2022,70,100,да,1
b,2022,80,50,нет,
x,2022,10,20,нет,3
a,2023,82.5,120,да,5
b,2023,61,60,да,
c,2023,90,10,нет,
d,2023,,44,да,
e,2023,75.5,50,,
x,2023,11,22,нет,4
"""


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("over")
    catalogue, data = folder / "over", folder / "data"
    catalogue.mkdir()
    data.mkdir()
    (catalogue / "over.yaml").write_text(CATALOGUE, encoding="utf-8")
    (data / "schools.csv").write_text(SCHOOLS, encoding="utf-8")
    (data / "facts.csv").write_text(FACTS, encoding="utf-8")
    return catalogue, data


@pytest.fixture(scope="module")
def town(folders: tuple[Path, Path]) -> tuple[Catalogue, Data]:
    catalogue, problems = load(folders[0])
    assert catalogue is not None, problems
    data, found = read_data(catalogue, folders[1])
    assert [problem for problem in found if problem.severity == "error"] == []
    return catalogue, data


def prove(town: tuple[Catalogue, Data], indicator: str, place: str = "Север") -> ProofStep:
    catalogue, data = town
    choose_language("ru")
    proof, problems = explain(catalogue, data, indicator, year=2023, place=place)
    assert proof is not None, problems
    return proof.step


def schools_of(step: ProofStep) -> OverSchools:
    (over,) = [term.schools for term in step.terms if term.schools is not None]
    return over


@pytest.mark.parametrize(
    ("indicator", "words", "numbers", "value"),
    [
        (
            "weighted",
            "Σ(x × вес) / Σ вес = 18 235 / 240",
            "18 235 / 240",
            (82.5 * 120 + 61 * 60 + 90 * 10 + 75.5 * 50) / 240,
        ),
        ("mean", "Σ x / число школ = 309 / 4", "309 / 4", 77.25),
        (
            "median",
            "посередине из 4, 2-е и 3-е по порядку: Школа № 5 — 75,5, Школа № 1 — 82,5",
            "(75,5 + 82,5) / 2",
            79,
        ),
        ("least", "наименьшее из 4: Школа № 2 — 61", "[наименьшее из 4: Школа № 2 — 61]", 61),
        ("most", "наибольшее из 4: Школа № 3 — 90", "[наибольшее из 4: Школа № 3 — 90]", 90),
        ("total", "сумма по 5 школам", "120 + 60 + 10 + 44 + 50", 284),
        ("dealt", "3 из 4 школ", "[3 из 4 школ]", 3),
        ("portion", "3 из 4 школ", "100 × 3 / 4", 75),
        ("of_all", "3 из 4 школ", "100 × 3 / 5", 60),
        ("older", "Σ x / число школ = 5 / 1", "5 / 1", 5),
    ],
)
def test_a_function_over_schools_shows_how_it_came_to_its_number(
    town: tuple[Catalogue, Data], indicator: str, words: str, numbers: str, value: float
) -> None:
    step = prove(town, indicator)
    plain = step.numbers.replace("\xa0", " ")
    assert schools_of(step).words.replace("\xa0", " ") == words
    assert plain == numbers
    assert step.value == pytest.approx(value)


@pytest.mark.parametrize(
    "indicator", ["weighted", "mean", "median", "least", "most", "total", "dealt", "portion"]
)
def test_the_terms_come_to_the_number(town: tuple[Catalogue, Data], indicator: str) -> None:
    step = prove(town, indicator)
    over = schools_of(step)
    known = [school for school in over.schools if school.reason is None]
    assert len(known) == over.count
    assert all(school.value is None for school in over.schools if school.reason is not None)
    assert over.schools[: over.count] == tuple(known)  # those left out stand last
    total, weight = float(over.total or 0), float(over.weight or 0)
    ways: dict[str, Callable[[], Any]] = {
        "weighted_mean": lambda: total / weight,
        "mean": lambda: total / over.count,
        "median": lambda: sum(float(each.value or 0) for each in over.middle) / len(over.middle),
        "min": lambda: over.middle[0].value,
        "max": lambda: over.middle[0].value,
        "sum": lambda: total,
        "with": lambda: total,
        "share": lambda: 100 * total / over.count,
    }
    assert step.value == pytest.approx(ways[over.how]())


def test_who_is_left_out_is_named_with_the_reason(town: tuple[Catalogue, Data]) -> None:
    left_out = {
        name: [
            (each.place, each.reason)
            for each in schools_of(prove(town, name)).schools
            if each.reason
        ]
        for name in ("weighted", "dealt", "older")
    }
    assert left_out == {
        "weighted": [("d", "not_reported")],
        "dealt": [("e", "not_reported")],
        "older": [
            ("b", "not_applicable"),
            ("c", "not_reported"),
            ("d", "not_applicable"),
            ("e", "not_applicable"),
        ],
    }


def test_the_schools_of_another_town_take_no_part(town: tuple[Catalogue, Data]) -> None:
    over = schools_of(prove(town, "mean", "Юг"))
    assert [(each.place, each.value) for each in over.schools] == [("x", 11)]
    assert over.words == "Σ x / число школ = 11 / 1"


def test_numbers_keep_their_brackets_in_a_longer_formula(town: tuple[Catalogue, Data]) -> None:
    assert prove(town, "mixed").numbers == "(309 / 4 − 61) / 2"


def test_at_a_school_its_own_numbers_stand(town: tuple[Catalogue, Data]) -> None:
    step = prove(town, "weighted", "a")
    assert [(term.name, term.value) for term in step.terms] == [("score", 82.5), ("pupils", 120)]
    assert step.numbers == "[среднее по школам: 82,5, с весом 120]"
    assert prove(town, "portion", "a").numbers == "[доля школ, где да, %]"


def test_a_change_over_a_year_shows_both_years(town: tuple[Catalogue, Data]) -> None:
    assert prove(town, "changed").numbers == "284 − 150"
    assert prove(town, "grown").numbers == "100 × (284 / 150 − 1)"


def test_the_text_names_each_school_and_whom_it_leaves_out(town: tuple[Catalogue, Data]) -> None:
    catalogue, data = town
    choose_language("ru")
    proof, _problems = explain(catalogue, data, "weighted", year=2023, place="Север")
    assert proof is not None
    text = show_proof(proof, catalogue).replace("\xa0", " ")
    assert "В числах: 18 235 / 240 = 75,9791666667" in text
    assert "Школа № 1 [a]: 82,5 × 120 = 9 900" in text
    assert "Школа № 4 [d]: не вошла: нет данных" in text
    # No number is proved by itself.
    assert "75,9791666667 = 75,9791666667" not in text


def test_json_has_the_terms(folders: tuple[Path, Path]) -> None:
    arguments = ("explain", folders[0], "median", "--data", folders[1], "--year", 2023)
    done = CliRunner().invoke(
        cli.main, [str(each) for each in (*arguments, "--place", "Север", "--format", "json")]
    )
    assert done.exit_code == 0, done.output
    (term,) = json.loads(done.stdout)["step"]["terms"]
    over = term["schools"]
    assert (over["how"], over["count"], over["more_schools"]) == ("median", 4, 0)
    assert [(each["place"], each["value"]) for each in over["middle"]] == [("e", 75.5), ("a", 82.5)]
    assert over["schools"][-1] == {
        "place": "d",
        "title": "Школа № 4",
        "value": None,
        "weight": None,
        "reason": "not_reported",
    }


def context_of(
    town: tuple[Catalogue, Data], audience: Audience, place: Any = None
) -> dict[str, Any]:
    catalogue, data = town
    results = compute_results(catalogue, data, Asking((2023,), inputs=True)).frame
    return open_report(catalogue, data, results, (2023,), audience=audience).context(place)


def test_a_page_of_the_department_has_the_terms(folders: tuple[Path, Path], tmp_path: Path) -> None:
    choose_language("ru")
    arguments = ("report", folders[0], "--data", folders[1], "--year", 2023, "--template")
    goal = tmp_path / "page.html"
    done = CliRunner().invoke(
        cli.main, [str(each) for each in (*arguments, "report.html", "-o", goal)]
    )
    assert done.exit_code == 0, done.output
    page = unescape(re.sub(r"<[^>]+>", "", goal.read_text("utf-8"))).replace("\xa0", " ")
    assert "Σ(x × вес) / Σ вес = 18 235 / 240" in page
    assert "не вошли: Школа № 4 (нет данных)" in page
    assert "да: Школа № 1, Школа № 2, Школа № 4" in page


def test_a_school_is_shown_no_term_of_another(town: tuple[Catalogue, Data]) -> None:
    proofs = context_of(town, "school", ("school", "a"))["proofs"]
    above = proofs["apart", "a", 2023].steps[0]
    assert above.value == pytest.approx(77.25)
    assert above.numbers == ""
    assert [term.schools for term in above.terms] == [None]
    # To the department it is shown.
    whole = context_of(town, "internal")["proofs"]["apart", "a", 2023].steps[0]
    assert schools_of(whole).count == 4


def test_a_value_that_does_not_count_is_not_listed_as_if_it_did(tmp_path: Path) -> None:
    """What is listed adds up: 4 + 3 of the notes, 1 + 3 of the seniors; the rest says why it is there."""
    catalogue_folder, data_folder = tmp_path / "over", tmp_path / "data"
    catalogue_folder.mkdir()
    data_folder.mkdir()
    (catalogue_folder / "over.yaml").write_text(
        """
catalogue: {id: over, title: Проверка, levels: [school, municipality], years: [2023]}
register: {big: {title: Большая, type: yes_no}}
inputs:
  pupils: {title: Ученики, unit: person}
  notes: {title: Пояснения, unit: item, asked_if: pupils > 1}
  seniors: {title: Старшие, unit: person, applies_to: big}
indicators:
  noted: {title: Пояснено, unit: item, formula: notes}
  older: {title: Старшие, unit: person, formula: seniors}
  mean: {title: В среднем, unit: item, formula: mean_of_schools(notes)}
""",
        encoding="utf-8",
    )
    (data_folder / "schools.csv").write_text(
        "school,title,municipality,big\na,Школа № 1,Север,да\nb,Школа № 2,Север,нет\nc,Школа № 3,Север,да\n",
        encoding="utf-8",
    )
    (data_folder / "facts.csv").write_text(
        "school,year,pupils,notes,seniors\na,2023,5,4,1\nb,2023,1,4,2\nc,2023,7,3,3\n",
        encoding="utf-8",
    )
    catalogue, problems = load(catalogue_folder)
    assert catalogue is not None, problems
    data, _ = read_data(catalogue, data_folder)
    for indicator, name, value in (("noted", "notes", 7), ("older", "seniors", 4)):
        proof, _ = explain(catalogue, data, indicator, year=2023, place="Север")
        assert proof is not None
        cells = {
            (place.place, cell.value, cell.state)
            for place in proof.step.places
            for cell in place.cells
            if cell.input == name
        }
        counted = [number for _, number, state in cells if state == "value"]
        assert proof.step.value == value == sum(int(number or 0) for number in counted)
        assert [(place, state) for place, _, state in cells if state != "value"] == [
            ("b", "not_applicable")
        ]
    proof, _ = explain(catalogue, data, "mean", year=2023, place="Север")
    assert proof is not None
    choose_language("ru")
    assert "notes = не учтено: 4" in show_proof(proof, catalogue).replace("\xa0", " ")
