"""Scales: the example of the language's page, classes and points of every kind, and their proofs."""

from __future__ import annotations

import json
import re
from fractions import Fraction
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from engine.catalogue.load import load
from engine.catalogue.lookups import show_words
from engine.catalogue.model import Catalogue
from engine.data import Data, read_data
from engine.evaluation.asking import COLUMNS, GRADES, Asking
from engine.evaluation.evaluate import compute_results
from engine.evaluation.explain.explain import explain
from engine.language.grammar import parse_formula
from engine.problems import Position
from engine.publication.audience import publish
from engine.publication.class_bounds import bounds_of_class
from engine.reports.formats.proof_text import show_proof

PAGE = Path(__file__).parent.parent / "docs" / "language.md"
HEAD = "catalogue: {id: town, title: Город, years: [2022, 2023, 2024]}\n"


def example_of_the_page() -> str:
    """The piece of the page that declares scales."""
    text = PAGE.read_text("utf-8")
    (piece,) = re.findall(r"^```yaml\n(scales:\n.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return str(piece)


def build(folder: Path, text: str, facts: str, **tables: str) -> tuple[Catalogue, Data]:
    """A catalogue and its data; the catalogue has no errors and no warnings."""
    (folder / "catalogue").mkdir()
    (folder / "catalogue" / "c.yaml").write_text(HEAD + text, encoding="utf-8")
    catalogue, problems = load(folder / "catalogue")
    assert [each for each in problems if each.severity != "note"] == []
    assert catalogue is not None
    (folder / "data").mkdir()
    for name, table in {"facts": facts, **tables}.items():
        (folder / "data" / f"{name}.csv").write_text(table, encoding="utf-8")
    data, _problems = read_data(catalogue, folder / "data")
    return catalogue, data


def rows_of(catalogue: Catalogue, data: Data, *names: str) -> dict[tuple[Any, ...], dict[str, Any]]:
    """Rows by indicator, place and year."""
    frame = compute_results(catalogue, data, Asking(indicators=names)).frame
    return {
        (row["indicator"], row["place"], row["year"]): row for row in frame.iter_rows(named=True)
    }


# --- the example ----------------------------------------------------------------------------------


def test_the_example_of_the_page_gives_what_the_page_says(tmp_path: Path) -> None:
    extra = """
  attended: {title: Посещено, unit: person}
indicators:
  attendance: {title: Посещаемость, unit: percent, formula: "share(attended, pupils_all)", scale: attendance_goal}
"""
    text = example_of_the_page().replace("indicators:\n", extra.lstrip("\n"), 1)
    facts = "school;year;covered_all;pupils_all;climate;site;attended\n"
    facts += "a;2024;142;180;;да;157\nb;2024;100;1000;плохой;нет;875\n"
    catalogue, data = build(tmp_path, text, facts)
    rows = rows_of(catalogue, data)
    share, given = rows["coverage_share", "a", 2024], rows["coverage_points", "a", 2024]
    assert (share["value"], share["class"], share["class_title"]) == (78.9, "middle", "средний")
    assert share["points"] == given["value"] == 3
    assert rows["attendance", "b", 2024]["value"] == 87.5
    assert rows["attendance", "b", 2024]["points"] == 3.75
    assert rows["attendance", "b", 2024]["class"] is None


def test_the_proof_says_how_a_value_came_to_its_points(tmp_path: Path) -> None:
    facts = "school;year;covered_all;pupils_all;climate\na;2024;142;180;хороший\n"
    catalogue, data = build(tmp_path, example_of_the_page(), facts)
    for name in ("coverage_share", "coverage_points"):
        proof, problems = explain(catalogue, data, name, year=2024, place="a")
        assert proof is not None
        assert not problems
        text = show_proof(proof, catalogue).replace("\u00a0", " ")
        assert "«Охват» = 78,9 % → 79 → «средний» (61–80) → 3 балла" in text
        grade = json.dumps(proof.as_json(), ensure_ascii=False)
        assert '"class_id": "middle"' in grade


def test_points_are_said_in_words_with_their_scale(tmp_path: Path) -> None:
    catalogue, _data = build(tmp_path, example_of_the_page(), "school;year;covered_all\na;2024;1\n")
    formula, _problems = parse_formula("points(coverage_share)", Position(""))
    assert formula is not None
    assert show_words(catalogue, formula.tree) == "[баллы за «Охват» по шкале «coverage»]"


# --- the columns ----------------------------------------------------------------------------------


def test_only_a_catalogue_with_scales_has_the_columns(tmp_path: Path) -> None:
    plain = "inputs: {a: {title: А, unit: person}}\nindicators: {a: {}}\n"
    catalogue, data = build(tmp_path, plain, "school;year;a\ns;2024;1\n")
    frame = compute_results(catalogue, data).frame
    assert not set(GRADES) & set(frame.columns)
    assert set(COLUMNS) <= set(frame.columns)
    named = compute_results(catalogue, data, Asking(columns=("value", "points"))).frame
    assert "points" not in named.columns


@pytest.mark.parametrize("columns", [("points",), ("class",), ("value", "class", "points")])
def test_a_class_is_the_same_whatever_columns_are_asked(
    tmp_path: Path, columns: tuple[str, ...]
) -> None:
    facts = "school;year;covered_all;pupils_all\na;2024;142;180\n"
    catalogue, data = build(tmp_path, example_of_the_page(), facts)
    asking = Asking(columns=columns, indicators=("coverage_share", "covered_all"))
    whole = compute_results(catalogue, data, Asking(indicators=asking.indicators)).frame
    frame = compute_results(catalogue, data, asking).frame
    assert frame.select(columns).equals(whole.select(columns))


def test_results_without_a_row_have_the_columns_too(tmp_path: Path) -> None:
    catalogue, data = build(tmp_path, example_of_the_page(), "school;year;covered_all\na;2024;1\n")
    frame = compute_results(catalogue, data, Asking(indicators=("nothing",))).frame
    assert frame.is_empty()
    assert set(frame.columns) >= set(GRADES)


# --- rounding -------------------------------------------------------------------------------------

HALVES = """
inputs: {part: {title: Часть, unit: person}, whole: {title: Целое, unit: person}}
indicators:
  share_:
    title: Доля
    unit: percent
    formula: share(part, whole)
    scale: {round: 0, classes: {low: {title: низкий, at_most: 28, points: -1}, high: {title: высокий, at_least: 29, points: 1.5}}}
  ratio_:
    title: Отношение
    unit: ratio
    formula: 0 - part / whole
    decimals: 2
    scale: {classes: {low: {title: низкий, at_most: -0.29, points: 1}, high: {title: высокий, above: -0.29, points: 2}}}
"""


def test_a_half_goes_away_from_zero_whatever_its_binary_noise(tmp_path: Path) -> None:
    # 57 / 200 is 28,5 % and 0,285; in doubles the one is 28.499999999999996.
    facts = "school;year;part;whole\na;2024;57;200\nb;2024;28;100\n"
    catalogue, data = build(tmp_path, HALVES, facts)
    rows = rows_of(catalogue, data)
    assert [rows["share_", each, 2024]["class"] for each in "ab"] == ["high", "low"]
    assert [rows["ratio_", each, 2024]["class"] for each in "ab"] == ["low", "high"]
    assert rows["share_", "town", 2024]["points"] == -1


# --- inputs, years, parts -------------------------------------------------------------------------

MANY = """
scales:
  size: {unit: person, classes: {small: {title: малая, below: 100, points: 2}, large: {title: большая, at_least: 100, points: 1}}}
  dated:
    unit: percent
    classes:
      2023: {high: {title: высокая, at_least: 50, points: 1}, low: {title: низкая, below: 50, points: 0}}
      2024: {top: {title: высшая, at_least: 90, points: 3}, high: {title: хорошая, between: [50, 89.9], points: 2}, low: {title: слабая, below: 50, points: 0}}
inputs:
  pupils: {title: Обучающиеся, unit: person, scale: size, of_which: {ovz: с ОВЗ}}
  taught: {title: Охвачены, unit: person, of_which: {ovz: с ОВЗ}}
indicators:
  share_: {title: Доля, unit: percent, formula: "share(taught, pupils)", by: [ovz], scale: dated}
  gained: {title: Баллы, unit: point, formula: points(share_), by: [ovz]}
  good: {title: Хорошо, formula: share_.high, by: [ovz]}
  both: {title: Вместе, unit: point, formula: points(pupils) + points(share_)}
"""
MANY_FACTS = """school;year;pupils;pupils.ovz;taught;taught.ovz
a;2022;50;;40;
a;2023;50;10;40;2
a;2024;50;10;40;2
b;2024;80;10;78;10
"""


def test_an_input_has_the_class_of_its_own_number_at_every_level(tmp_path: Path) -> None:
    catalogue, data = build(tmp_path, MANY, MANY_FACTS)
    frame = compute_results(catalogue, data, Asking(inputs=True, years=(2024,))).frame
    rows = {(row["indicator"], row["place"]): row for row in frame.iter_rows(named=True)}
    assert rows["pupils", "a"]["class"] == "small"
    assert rows["pupils", "town"]["class_title"] == "большая"
    assert rows["both", "a"]["value"] == 4
    assert rows["both", "town"]["value"] == 4  # 1 for the many, 3 for 90,8 %


def test_classes_change_with_their_years(tmp_path: Path) -> None:
    catalogue, data = build(tmp_path, MANY, MANY_FACTS)
    rows = rows_of(catalogue, data)
    titles = [rows["share_", "a", year]["class_title"] for year in (2022, 2023, 2024)]
    assert titles == [None, "высокая", "хорошая"]
    assert rows["gained", "a", 2022]["reason"] == "before_formula"
    assert rows["share_", "b", 2024]["class"] == "top"
    assert rows["good", "b", 2024]["value"] == 0


def test_a_part_has_the_scale_of_its_whole(tmp_path: Path) -> None:
    catalogue, data = build(tmp_path, MANY, MANY_FACTS)
    rows = rows_of(catalogue, data)
    assert rows["share_.ovz", "a", 2024]["class"] == "low"
    assert rows["gained.ovz", "b", 2024]["value"] == 3
    assert rows["good.ovz", "a", 2024]["value"] == 0


# --- publication ----------------------------------------------------------------------------------


def test_the_public_sees_no_class_of_a_hidden_value(tmp_path: Path) -> None:
    text = (
        example_of_the_page()
        + "publication: {ranking: allowed, public_levels: [school, municipality]}\n"
    )
    facts = "school;year;covered_all;pupils_all\na;2024;142;180\nb;2024;2;3\nc;2024;50;90\n"
    catalogue, data = build(tmp_path, text, facts)
    results = compute_results(catalogue, data, Asking(inputs=True, years=(2024,))).frame
    public = publish(catalogue, results).results
    hidden = public.filter(pl.col("reason") == "suppressed")
    assert hidden.height
    for name in ("class", "class_title", "points"):
        assert hidden[name].null_count() == hidden.height
    made = public.filter(indicator="coverage_points", place="b")
    assert made["reason"].to_list() == ["suppressed"]
    shown = public.filter(indicator="coverage_share", place="a")
    assert shown["class"].to_list() in (["middle"], [None])


def test_a_class_says_between_which_numbers_a_value_is(tmp_path: Path) -> None:
    catalogue, _data = build(tmp_path, example_of_the_page(), "school;year;covered_all\na;2024;1\n")
    for value, bounds in (("78.9", (60.5, 80.5)), ("95", (80.5, None)), ("3", (None, 60.5))):
        low, high = bounds_of_class(catalogue, "coverage_share", 2024, Fraction(value))
        assert (low and float(low), high and float(high)) == bounds


@pytest.mark.parametrize(
    ("classes", "codes"),
    [
        ('{a: {title: А, at_least: "20,5"}, b: {title: Б, below: 20}}', ["formula-syntax"]),
        ("{a: {title: А, at_least: [1]}, b: {title: Б, below: 20}}", ["wrong-type"]),
        ("{a: {title: А}, b: {title: Б, below: 20}}", ["scale-ends"]),
    ],
)
def test_an_end_that_cannot_be_read_is_one_problem(
    classes: str, codes: list[str], tmp_path: Path
) -> None:
    text = f"""
scales: {{o: {{unit: percent, classes: {classes}}}}}
inputs: {{a: {{title: А, unit: person}}, b: {{title: Б, unit: person}}}}
indicators: {{x: {{title: Доля, unit: percent, formula: "share(a, b)", scale: o}}}}
"""
    (tmp_path / "c.yaml").write_text(HEAD + text, encoding="utf-8")
    _catalogue, problems = load(tmp_path)
    assert [each.code for each in problems if each.severity == "error"] == codes


def test_a_list_of_classes_that_stands_nowhere_is_offered_to_a_table(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text(
        HEAD + "\nscales: {colours: {classes: {red: красный, green: зелёный}}}\n", encoding="utf-8"
    )
    _catalogue, problems = load(tmp_path)
    (unused,) = [each for each in problems if each.code == "scale-unused"]
    assert "cells: colours" in unused.hint


def test_points_that_cancel_are_nothing(tmp_path: Path) -> None:
    text = """
inputs:
  mood: {title: Настроение, type: choice, rollup: mean, options: {good: {title: хорошее, points: 3.3}, bad: {title: плохое, points: -1.1}}}
  grade: {title: Уровень, type: number, unit: point, rollup: mean, scale: {unit: point, linear: [[0, 2.3], [1, 0.1], [2, 0]]}}
  money: {title: Деньги, type: number, unit: rouble}
  first: {title: Первая, type: number, unit: point, rollup: mean}
  second: {title: Вторая, type: number, unit: point, rollup: mean}
indicators:
  at_knot: {title: На изломе, unit: point, formula: first + second, scale: {unit: point, linear: [[0, 1], [0.3, 0], [1, 5]]}}
  mood_points: {title: Баллы за настроение, unit: point, formula: points(mood)}
  level_points: {title: Баллы за уровень, unit: point, formula: points(grade)}
  sum_points: {title: Сумма, unit: point, formula: "sum_of(school, points(mood))"}
  mean_points: {title: Взвешенное, unit: point, formula: "weighted_mean_of(school, points(mood), money)"}
  growth_of_mood: {title: Рост, unit: percent, formula: growth(points(mood))}
  balance: {title: Остаток, unit: rouble, formula: money}
"""
    facts = ["school;year;mood;grade;money;first;second"]
    for year in (2023, 2024):
        money = ("0.1", "0.2", "-0.3", "0")
        facts += [
            f"{school};{year};{mood};2;{amount};0.1;0.2"
            for school, mood, amount in zip(
                "abcd", ("good", "bad", "bad", "bad"), money, strict=True
            )
        ]
    catalogue, data = build(tmp_path, text, "\n".join([*facts, ""]))
    rows = rows_of(catalogue, data)
    for name in ("mood_points", "level_points", "sum_points", "balance"):
        assert (rows[name, "town", 2024]["value"], rows[name, "town", 2024]["raw"]) == (0, 0)
    assert {rows["at_knot", place, 2024]["points"] for place in ("a", "town")} == {0}
    for name in ("mean_points", "growth_of_mood"):
        assert rows[name, "town", 2024]["reason"] == "zero_denominator"


def test_points_of_classes_by_year_and_of_no_value(tmp_path: Path) -> None:
    """Before the first classes nobody has points, for the reason of the value where there is none."""
    text = """
scales:
  grade:
    unit: point
    classes:
      2023: {high: {title: высокий, at_least: 3, points: 5.1}, rest: {title: прочие, otherwise: yes}}
      2024: {high: {title: высокий, at_least: 3, points: 0.3}, low: {title: низкий, below: 2, points: -0.7}}
inputs:
  x: {title: Оценка, type: number, unit: point, scale: grade}
indicators:
  got: {title: Баллы, unit: point, decimals: 1, formula: points(x)}
"""
    facts = "school;year;x\n" + "".join(
        f"{school};{year};{mark}\n"
        for school, mark in {"a": "3", "b": "1", "c": "2,5", "d": ""}.items()
        for year in (2022, 2023, 2024)
    )
    (tmp_path / "catalogue").mkdir()
    (tmp_path / "catalogue" / "c.yaml").write_text(HEAD + text, encoding="utf-8")
    catalogue, problems = load(tmp_path / "catalogue")
    assert catalogue is not None, problems
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "facts.csv").write_text(facts, encoding="utf-8")
    data, _problems = read_data(catalogue, tmp_path / "data")
    rows = rows_of(catalogue, data)
    results = {
        key[1:]: (row["value"], row["reason"]) for key, row in rows.items() if key[1] != "town"
    }
    assert results == {
        ("a", 2022): (None, "before_formula"),
        ("b", 2022): (None, "before_formula"),
        ("c", 2022): (None, "before_formula"),
        ("d", 2022): (None, "not_reported"),
        ("a", 2023): (5.1, None),
        ("b", 2023): (None, "not_applicable"),
        ("c", 2023): (None, "not_applicable"),
        ("d", 2023): (None, "not_reported"),
        ("a", 2024): (0.3, None),
        ("b", 2024): (-0.7, None),
        ("c", 2024): (None, "outside_scale"),
        ("d", 2024): (None, "not_reported"),
    }
    shown = compute_results(catalogue, data, Asking(indicators=("x",))).frame
    by_key = {(row["place"], row["year"]): row for row in shown.iter_rows(named=True)}
    assert [by_key["a", year]["points"] for year in (2022, 2023, 2024)] == [None, 5.1, 0.3]
    assert [by_key["b", year]["class_title"] for year in (2022, 2023, 2024)] == [
        None,
        "прочие",
        "низкий",
    ]


@pytest.mark.parametrize(
    ("unit", "classes", "gaps"),
    [
        ("percent", "{a: {title: А, between: [50, 80], points: 1}, b: {title: Б, above: 80}}", ["0,0–49,9"]),
        ("percent", "{a: {title: А, below: 50}, b: {title: Б, between: [50, 99]}}", ["99,1–100,0"]),
        ("percent", "{a: {title: А, at_least: 50}, b: {title: Б, otherwise: yes}}", []),
        ("percent", "{a: {title: А, between: [0, 50]}, b: {title: Б, above: 50, at_most: 100}}", []),
        ("person, round: 0", "{a: {title: А, between: [1, 20]}, b: {title: Б, at_least: 21}}", ["0"]),
        ("person, round: 0", "{a: {title: А, between: [1, 20]}, b: {title: Б, between: [21, 40]}}", ["0"]),
        ("point", "{a: {title: А, between: [1, 2]}, b: {title: Б, above: 2, at_most: 3}}", []),
    ],
)  # fmt: skip
def test_what_lies_beyond_the_first_and_the_last_class_is_a_gap(
    unit: str, classes: str, gaps: list[str], tmp_path: Path
) -> None:
    (tmp_path / "c.yaml").write_text(
        f"{HEAD}\nscales: {{o: {{unit: {unit}, classes: {classes}}}}}\n", encoding="utf-8"
    )
    _catalogue, problems = load(tmp_path)
    found = [each for each in problems if each.code == "scale-outside"]
    assert [each.message.split(" ")[3] for each in found] == gaps
    assert {each.severity for each in found} <= {"note"}


def test_the_parts_of_a_distribution_with_a_long_title_have_names_of_their_own(
    tmp_path: Path,
) -> None:
    title = "Распространённость моделей наставничества в общеобразовательных организациях"
    text = f"""
inputs: {{how: {{title: Модель, type: choice, options: {{a: нет, b: есть, c: сеть}}}}}}
indicators: {{models: {{title: {title}, distribution: how}}}}
"""
    (tmp_path / "c.yaml").write_text(HEAD + text, encoding="utf-8")
    catalogue, problems = load(tmp_path)
    assert [each for each in problems if each.severity == "error"] == []
    assert catalogue is not None
    shorts = [each.short_title for each in catalogue.indicators.values()]
    assert [short.rpartition(": ")[2] for short in shorts] == ["нет", "есть", "сеть"]


def test_a_percent_sign_beside_a_number_is_one_problem(tmp_path: Path) -> None:
    classes = "{a: {title: А, at_least: 50%}, b: {title: Б, below: 50}}"
    (tmp_path / "c.yaml").write_text(
        f"{HEAD}\nscales: {{o: {{unit: percent, classes: {classes}}}}}\n", encoding="utf-8"
    )
    _catalogue, problems = load(tmp_path)
    (problem,) = [each for each in problems if each.code != "scale-unused"]
    assert problem.code == "formula-syntax"
    assert problem.hint == "напишите одно число: 60; доля целого — 0.6"


@pytest.mark.parametrize(
    ("formula", "named"),
    [
        ("2 if x >= 90 else 1 if x >= 70 else 0", "x"),
        ("1 + (2 if 90 <= x else 1 if x >= 70 else 0.5 if x > 5 else 0)", "x"),
        ("1 if x >= 100 else 0", ""),
        ("2 if x >= 90 else 1 if y >= 70 else 0", ""),
        ("2 if x >= y else 1 if x >= 70 else 0", ""),
    ],
)
def test_a_chain_of_conditions_over_one_value_is_offered_a_scale(
    formula: str, named: str, tmp_path: Path
) -> None:
    text = f"""
inputs: {{a: {{title: А, unit: person}}, b: {{title: Б, unit: person}}}}
indicators:
  x: {{title: Доля, unit: percent, formula: "share(a, b)"}}
  y: {{title: Иная, unit: percent, formula: "share(b, a)"}}
  z: {{title: Баллы, unit: point, formula: "{formula}"}}
"""
    (tmp_path / "c.yaml").write_text(HEAD + text, encoding="utf-8")
    _catalogue, problems = load(tmp_path)
    assert [each for each in problems if each.severity != "note"] == []
    found = [each.message for each in problems if each.code == "if-chain"]
    assert found == ([f"цепочка условий делит на полосы «{named}»"] if named else [])
