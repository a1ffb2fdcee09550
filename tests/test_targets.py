"""Targets that are computed: the examples of the page, places of their own, degrees, breaks of a series."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from engine.catalogue.load import load
from engine.catalogue.model import Catalogue
from engine.data import Data
from engine.evaluation.asking import Asking
from engine.evaluation.evaluate import compute_results
from engine.evaluation.explain.explain import explain
from engine.problems import Problem
from engine.publication.audience import publish
from engine.reports.formats.proof_text import show_proof
from engine.reports.page_charts import ReportCharts
from engine.reports.passports import make_passport
from engine.reports.result_rows import read_result_rows
from engine.translation import choose_language
from tests.written import read_written

HEAD = """
catalogue: {id: town, title: Город, years: [2021, 2022, 2023, 2024, 2025], defaults: {comparator: at_least}}
"""
SHARE = """
inputs:
  part: {title: Часть, unit: person, within: whole}
  whole: {title: Целое, unit: person}
  days: {title: Дни, unit: day, type: number, rollup: mean}
  score: {title: Балл, unit: point, type: number, rollup: mean}
"""
SCHOOLS = "school;title\ns1;Школа 1\ns2;Школа 2\n"


def build(
    folder: Path, text: str, facts: str, **tables: str
) -> tuple[Catalogue, Data, list[Problem]]:
    """A catalogue without errors, its data, and what is wrong in these."""
    return read_written(folder, HEAD + text, **{"facts": facts, "schools": SCHOOLS, **tables})


def rows_of(
    catalogue: Catalogue, data: Data, *names: str, level: str = "municipality"
) -> dict[tuple[str, int], dict[str, Any]]:
    """Rows of one level; by indicator and year, at schools by `indicator@place`."""
    frame = compute_results(catalogue, data, Asking(indicators=names, levels=(level,))).frame
    named = level != "school"
    return {
        (row["indicator"] if named else f"{row['indicator']}@{row['place']}", row["year"]): row
        for row in frame.iter_rows(named=True)
    }


def facts_of(years: dict[int, tuple[int, int]]) -> str:
    """Shares of two schools, in percent."""
    lines = [
        f"s{number};{year};{part};100"
        for year, parts in years.items()
        for number, part in enumerate(parts, 1)
    ]
    return "\n".join(["school;year;part;whole", *lines, ""])


FACTS = facts_of({year: (10 + year - 2020, 30 + year - 2020) for year in range(2020, 2026)})
"""20 % of the town in 2020, and a point more in each year; of the schools 10 and 30."""


# --- increases and bases ---------------------------------------------------------------------------


def test_increases_add_up_from_the_base(tmp_path: Path) -> None:
    text = """
indicators:
  x:
    title: Доля
    unit: percent
    formula: share(part, whole)
    base: {2020: 29.2}
    targets: {2021: {increase: 4}, 2022: {increase: 5.8}, 2023: {increase: 8}, 2024: {increase: 9}, 2025: {increase: 9}}
"""
    catalogue, data, _problems = build(tmp_path, SHARE + text, FACTS)
    rows = rows_of(catalogue, data)
    targets = {year: rows["x", year]["target"] for year in range(2021, 2026)}
    assert targets == {2021: 33.2, 2022: 39.0, 2023: 47.0, 2024: 56.0, 2025: 65.0}
    assert {rows["x", year]["base"] for year in targets} == {29.2}
    assert rows["x", 2021]["status"] == "missed"
    assert rows["x", 2021]["deviation"] == -12.2
    at_school = rows_of(catalogue, data, level="school")
    assert at_school["x@s1", 2025]["reference"] == 65.0
    assert at_school["x@s1", 2025]["base"] is None


def test_an_increase_may_be_below_zero_and_start_from_an_earlier_target(tmp_path: Path) -> None:
    text = """
indicators:
  x: {title: Доля, unit: percent, formula: "share(part, whole)", targets: {2022: {at_most: 30}, 2025: {increase: -2.5}}, comparator: at_most}
"""
    catalogue, data, _problems = build(tmp_path, SHARE + text, FACTS)
    rows = rows_of(catalogue, data)
    assert (rows["x", 2025]["target"], rows["x", 2025]["comparator"]) == (27.5, "at_most")
    assert rows["x", 2025]["status"] == "met"
    assert "base" not in rows["x", 2025]


def test_a_base_may_be_a_constant(tmp_path: Path) -> None:
    text = """
constants:
  start: {title: Исходное, unit: percent, values: {2020: 29.25}}
indicators:
  x: {title: Доля, unit: percent, formula: "share(part, whole)", base: {2020: start}, targets: {2021: {increase: 4}}}
"""
    catalogue, data, _problems = build(tmp_path, SHARE + text, FACTS)
    row = rows_of(catalogue, data)["x", 2021]
    assert (row["base"], row["target"], row["value"]) == (29.25, 33.25, 21.0)
    assert catalogue.indicators["x"].decimals == 2


def test_a_base_that_the_data_contradict_is_a_warning(tmp_path: Path) -> None:
    text = """
constants:
  start: {title: Исходное, unit: percent, level: municipality, values: {town: {2020: 21}}}
indicators:
  right: {title: Верно, unit: percent, formula: "share(part, whole)", base: {2020: 20}, targets: {2021: {increase: 1}}}
  wrong: {title: Неверно, unit: percent, formula: "share(part, whole)", base: {2020: 20.4}, targets: {2021: {increase: 1}}}
  placed: {title: По месту, unit: percent, formula: "share(part, whole)", base: {2020: start}, targets: {2021: {increase: 1}}}
"""
    catalogue, data, _problems = build(tmp_path, SHARE + text, FACTS)
    results = compute_results(catalogue, data, Asking(years=(2021,)))
    warned = [each for each in results.problems if each.code == "base-differs"]
    assert [
        catalogue.indicators["wrong"].base[2020].position,
        catalogue.indicators["placed"].base[2020].position,
    ] == [each.position for each in warned]
    assert {each.severity for each in warned} == {"warning"}
    assert rows_of(catalogue, data)["placed", 2021]["target"] == 22.0


def test_a_base_may_be_a_constant_of_the_year(tmp_path: Path) -> None:
    text = """
constants:
  start: {title: Исходное, unit: percent, values: {2020: 20.5}}
indicators:
  x: {title: Доля, unit: percent, formula: "share(part, whole)", base: {2020: start}, targets: {2021: {increase: 1}}}
"""
    catalogue, data, _problems = build(tmp_path, SHARE + text, FACTS)
    assert rows_of(catalogue, data)["x", 2021]["target"] == 21.5


def test_the_example_of_the_page_gives_what_the_page_says(tmp_path: Path) -> None:
    page = (Path(__file__).parent.parent / "docs" / "language.md").read_text("utf-8")
    pieces = re.findall(r"^```yaml\n(indicators:\n.*?)^```$", page, re.MULTILINE | re.DOTALL)
    (piece,) = [piece for piece in pieces if "increase:" in piece]
    text = """
inputs:
  covered: {title: Охвачено, unit: person, within: children}
  children: {title: Детей, unit: person}
constants:
  plan_share: {title: План, unit: percent, level: municipality, values: {town: {2023: 41.5}}}
"""
    facts = "school;year;covered;children\n" + "".join(
        f"s1;{year};{covered};1000\n" for year, covered in ((2021, 332), (2022, 389), (2023, 415))
    )
    catalogue, data, _problems = build(tmp_path, text + piece, facts + "s1;2024;373;1000\n")
    rows = rows_of(catalogue, data)
    judged = {
        year: (rows["covered_share", year]["target"], rows["covered_share", year]["status"])
        for year in range(2021, 2025)
    }
    assert judged == {
        2021: (33.2, "met"),
        2022: (39.0, "missed"),
        2023: (41.5, "met"),
        2024: (37.4, "missed"),
    }


# --- formulas --------------------------------------------------------------------------------------


def test_a_target_may_be_a_formula_of_the_place_it_is_judged_at(tmp_path: Path) -> None:
    text = """
constants:
  plan_share: {title: План, unit: percent, level: municipality, values: {town: {2023: 23.04, 2024: 24.05}}}
indicators:
  x:
    title: Доля
    unit: percent
    formula: share(part, whole)
    targets: {2022: {at_least: "1.1 * previous(value)"}, 2023: {at_least: plan_share}, 2024: plan_share, 2025: {increase: 2}}
    target_level: [school, municipality]
"""
    catalogue, data, _problems = build(tmp_path, SHARE + text, FACTS)
    rows, at_school = rows_of(catalogue, data), rows_of(catalogue, data, level="school")
    assert rows["x", 2022]["target"] == 23.1
    assert at_school["x@s1", 2022]["target"] == 12.1
    assert at_school["x@s2", 2022]["target"] == 34.1
    # 23,0 is judged by the target as it is printed: 23,04 is printed 23,0.
    assert (rows["x", 2023]["target"], rows["x", 2023]["status"]) == (23.0, "met")
    # 24,05 is printed 24,1.
    assert (rows["x", 2024]["target"], rows["x", 2024]["status"]) == (24.1, "missed")
    # The increase is of the number, not of what is printed of it: 26,05.
    assert rows["x", 2025]["target"] == 26.1


def test_a_target_without_a_value_is_none(tmp_path: Path) -> None:
    text = """
constants:
  plan_share: {title: План, unit: percent, level: municipality, values: {town: {2022: 23}}}
indicators:
  x: {title: Доля, unit: percent, formula: "share(part, whole)", targets: {2021: {at_least: "previous(value)"}, 2023: plan_share, 2024: {increase: 3}, 2025: null}}
  y: {title: Цель, unit: percent, formula: target(x)}
  z: {title: Степень, unit: percent, formula: degree(x)}
"""
    facts = facts_of(dict.fromkeys(range(2021, 2026), (10, 20)))
    catalogue, data, _problems = build(tmp_path, SHARE + text, facts)
    rows = rows_of(catalogue, data)
    for year in range(2021, 2026):
        assert (rows["x", year]["target"], rows["x", year]["comparator"]) == (None, None)
        assert rows["x", year]["status"] == "no_target"
        assert (rows["y", year]["value"], rows["y", year]["reason"]) == (None, "no_target")
        assert (rows["z", year]["value"], rows["z", year]["reason"]) == (None, "not_applicable")


def test_below_its_level_a_place_sees_the_target_of_the_place_around(tmp_path: Path) -> None:
    text = """
indicators:
  x: {title: Доля, unit: percent, formula: "share(part, whole)", targets: {2022: {at_least: "2 * previous(value)"}}}
  y: {title: Цель, unit: percent, formula: target(x)}
  z: {title: Степень, unit: percent, formula: degree(x)}
"""
    catalogue, data, _problems = build(tmp_path, SHARE + text, FACTS)
    rows = rows_of(catalogue, data, level="school")
    assert rows["x@s1", 2022]["reference"] == 42.0
    assert (rows["x@s1", 2022]["target"], rows["x@s1", 2022]["status"]) == (None, "no_target")
    assert rows["y@s1", 2022]["value"] == 42.0
    assert rows["z@s1", 2022]["raw"] == pytest.approx(100 * 12 / 42, abs=1e-9)


# --- targets of places -----------------------------------------------------------------------------


GIVEN = """
indicators:
  x: {title: Доля, unit: percent, formula: "share(part, whole)", target_level: [school, municipality], targets: {2023: given, 2024: {increase: 2}}}
"""


def test_targets_of_places_come_with_the_data(tmp_path: Path) -> None:
    targets = (
        "indicator;level;place;year;comparator;value\n"
        "x;school;s1;2023;;13,5\nx;школа;Школа 2;2023;не более;30\nx;municipality;town;2023;exactly;23\n"
    )
    catalogue, data, problems = build(tmp_path, SHARE + GIVEN, FACTS, targets=targets)
    assert problems == []
    rows, at_school = rows_of(catalogue, data), rows_of(catalogue, data, level="school")
    judged = {
        name: (row["target"], row["comparator"], row["status"])
        for name, row in {**rows, **at_school}.items()
        if name[1] in {2023, 2024}
    }
    assert judged == {
        ("x", 2023): (23.0, "exactly", "met"),
        ("x", 2024): (25.0, "at_least", "missed"),
        ("x@s1", 2023): (13.5, "at_least", "missed"),
        ("x@s1", 2024): (15.5, "at_least", "missed"),
        ("x@s2", 2023): (30.0, "at_most", "missed"),
        ("x@s2", 2024): (32.0, "at_least", "met"),
    }


def test_what_is_wrong_with_given_targets_is_said_at_its_cell(tmp_path: Path) -> None:
    lines = {
        "y;school;s1;2023;;1": ("unknown-indicator", 1),
        "x;district;s1;2023;;1": ("unknown-level", 2),
        "x;school;s3;2023;;1": ("unknown-place", 3),
        "x;school;s1;2022;;1": ("target-not-given", 4),
        "x;school;s1;год;;1": ("wrong-year", 4),
        "x;school;s1;2023;около;1": ("unknown-comparator", 5),
        "x;school;s1;2023;;много": ("unreadable-cell", 6),
        "x;school;s1;2023;;20,55": ("few-decimals", 6),
        "x;school;s2;2023;;5": None,
        "x;school;Школа 2;2023;;5": ("target-twice", 6),
        "x;school;s1;2023;;": None,
    }
    text = "indicator;level;place;year;comparator;value\n" + "\n".join(lines) + "\n"
    _catalogue, data, problems = build(tmp_path, SHARE + GIVEN, FACTS, targets=text)
    expected = [
        (code[0], row, code[1]) for row, code in enumerate(lines.values(), 2) if code is not None
    ]
    told = [
        (each.code, each.position.line, each.position.column)
        for each in problems
        if each.position is not None
    ]
    assert told == expected
    assert data.targets is not None
    assert data.targets.height == 1


def test_a_target_of_a_level_it_does_not_speak_of_is_refused(tmp_path: Path) -> None:
    text = GIVEN.replace("[school, municipality]", "[school]")
    targets = "indicator;level;place;year;value\nx;municipality;town;2023;1\n"
    _catalogue, _data, problems = build(tmp_path, SHARE + text, FACTS, targets=targets)
    assert [each.code for each in problems] == ["target-level"]


def test_targets_that_nothing_gives_are_a_warning(tmp_path: Path) -> None:
    _catalogue, _data, problems = build(tmp_path, SHARE + GIVEN, FACTS)
    assert [(each.code, each.severity) for each in problems] == [("no-targets", "warning")]


# --- degrees ---------------------------------------------------------------------------------------


DEGREES = {
    "at_most: 15": (("18", 83.3), ("15", 100), ("10", 100), ("0", 100)),
    "at_most: 0": (("18", 0), ("0", 100)),
    "at_least: 20": (("18", 90), ("20", 100), ("25", 100), ("0", 0)),
    "at_least: 0": (("18", 100), ("0", 100)),
    "exactly: 20": (("10", 50), ("20", 100), ("25", 80)),
    "exactly: 0": (("10", 0), ("0", 100)),
    "between: [10, 20]": (("5", 50), ("10", 100), ("15", 100), ("25", 80)),
    "at_least: -5": (("10", None),),
    "between: [-5, 20]": (("10", None),),
}


@pytest.mark.parametrize("target", DEGREES)
def test_the_degree_of_reaching_a_target(target: str, tmp_path: Path) -> None:
    text = f"""
indicators:
  x: {{title: Дни, unit: day, formula: days, target_level: school, targets: {{2021: {{{target}}}}}}}
  y: {{title: Степень, unit: percent, formula: degree(x)}}
"""
    values = DEGREES[target]
    schools = "school\n" + "".join(f"p{number}\n" for number in range(len(values)))
    facts = "school;year;days\n" + "".join(
        f"p{number};2021;{days}\n" for number, (days, _degree) in enumerate(values)
    )
    catalogue, data, _problems = build(tmp_path, SHARE + text, facts, schools=schools)
    rows = rows_of(catalogue, data, level="school")
    for number, (_days, degree) in enumerate(values):
        row = rows[f"y@p{number}", 2021]
        assert row["value"] == degree
        assert row["reason"] == (None if degree is not None else "not_applicable")


def test_where_there_is_no_degree(tmp_path: Path) -> None:
    text = """
indicators:
  below: {title: Ниже нуля, unit: point, formula: score, target_level: school, targets: {2021: 5}}
  yes: {title: Да, formula: "part > 3", targets: {2021: yes}, target_level: school}
  none: {title: Без сравнения, unit: percent, formula: "share(part, whole)", comparator: none, targets: {2021: 5}}
  count: {title: Число, unit: person, formula: part, targets: {2021: 5}}
  ends: {title: Концы, unit: percent, formula: "share(part, whole)", targets: {2021: {between: [1, 5]}}}
  gap: {title: Пробел, unit: percent, formula: "share(part, whole)", targets: {2021: 5}}
  d_below: {title: "1", unit: percent, formula: degree(below)}
  d_none: {title: "2", unit: percent, formula: degree(none)}
  d_count: {title: "3", unit: percent, formula: degree(count)}
  d_ends: {title: "4", unit: percent, formula: degree(ends)}
  d_gap: {title: "5", unit: percent, formula: degree(gap)}
  d_sum: {title: "6", unit: percent, formula: degree(gap) + degree(none)}
"""
    facts = "school;year;part;whole;score\ns1;2021;10;100;-1\ns2;2021;;100;3\n"
    catalogue, data, _problems = build(tmp_path, SHARE + text, facts)
    rows, town = rows_of(catalogue, data, level="school"), rows_of(catalogue, data)
    reasons = {
        name: (rows[f"{name}@{place}", 2021]["value"], rows[f"{name}@{place}", 2021]["reason"])
        for name in ("d_below", "d_none", "d_count")
        for place in ("s1",)
    }
    assert set(reasons.values()) == {(None, "not_applicable")}
    assert rows["d_ends@s1", 2021]["value"] == 50  # 10 % against the nearer end, 5 %
    assert rows["d_below@s2", 2021]["value"] == 60
    assert town["d_below", 2021]["reason"] == "not_applicable"
    assert town["d_count", 2021]["value"] == 100
    assert rows["d_gap@s1", 2021]["value"] == 100
    assert rows["d_gap@s2", 2021]["reason"] == "not_reported"
    assert (town["d_sum", 2021]["value"], town["d_sum", 2021]["reason"]) == (None, "not_applicable")
    assert (town["d_gap", 2021]["reported"], town["d_gap", 2021]["expected"]) == (1, 2)


# --- breaks of a series ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("base", "code"),
    [("{2020: nothing}", "base-constant"), ("29", "wrong-type"), ("{2020: [1]}", "wrong-type")],
)
def test_a_base_that_is_wrong_is_one_problem(base: str, code: str, tmp_path: Path) -> None:
    text = f"""
indicators:
  x: {{title: Доля, unit: percent, formula: "share(part, whole)", base: {base}, targets: {{2021: {{increase: 1}}}}}}
"""
    (tmp_path / "c.yaml").write_text(HEAD + SHARE + text, encoding="utf-8")
    _catalogue, problems = load(tmp_path)
    assert [each.code for each in problems if each.severity == "error"] == [code]


def test_nothing_is_compared_across_a_break(tmp_path: Path) -> None:
    text = """
indicators:
  x: {title: Доля, unit: percent, formula: "share(part, whole)", better: more, break: [2023]}
  named: {title: Названа, unit: percent, formula: x + 0}
  earlier: {title: Раньше, unit: percent, formula: previous(named)}
  twice: {title: Дважды, unit: percent, formula: previous(previous(x))}
  moved: {title: Изменение, unit: percentage_point, formula: change(x)}
  grown: {title: Рост, unit: percent, formula: growth(x)}
  classed: {title: Доля, unit: percent, formula: "share(part, whole)", break: [2023], scale: {unit: percent, classes: {low: {title: низкая, below: 50}, high: {title: высокая, at_least: 50}}}}
  of_class: {title: Школ с низкой долей, unit: school, formula: "count_of(school, classed.low)"}
  class_before: {title: Было низкой, formula: previous(classed.low)}
  whole_one: {title: Без слома, unit: percent, formula: "share(part, whole)", better: more}
"""
    catalogue, data, _problems = build(tmp_path, SHARE + text, FACTS)
    rows = rows_of(catalogue, data)
    for name in ("x", "named"):
        assert rows[name, 2023]["value"] == 23.0
        assert (rows[name, 2023]["previous"], rows[name, 2023]["change"]) == (None, None)
        assert rows[name, 2024]["change"] == 1.0
    assert (rows["of_class", 2023]["value"], rows["of_class", 2023]["previous"]) == (2, None)
    assert rows["of_class", 2024]["previous"] == 2
    assert rows["class_before", 2023]["reason"] == "series_break"
    assert rows["x", 2023]["trend"] == "none"
    assert rows["x", 2024]["trend"] == "better"
    assert rows["whole_one", 2023]["change"] == 1.0
    for name in ("earlier", "twice", "moved", "grown"):
        assert (rows[name, 2023]["value"], rows[name, 2023]["reason"]) == (None, "series_break")
    assert (rows["twice", 2024]["value"], rows["twice", 2024]["reason"]) == (None, "series_break")
    assert rows["twice", 2025]["value"] == 23.0
    assert rows["earlier", 2024]["value"] == 23.0


# --- publication -----------------------------------------------------------------------------------


def test_a_target_that_would_give_away_a_hidden_number_is_hidden(tmp_path: Path) -> None:
    text = """
indicators:
  few: {title: Немногие, unit: person, formula: part, targets: {2022: {at_least: "previous(value)"}, 2023: {increase: 1}, 2024: 100}}
  many: {title: Многие, unit: person, formula: whole, targets: {2022: {at_least: "previous(value)"}}}
  reached: {title: Степень, unit: percent, formula: degree(few)}
"""
    facts = "school;year;part;whole\n" + "".join(
        f"s{n};{year};{1 if year == 2021 else 60};100\n"
        for year in range(2021, 2025)
        for n in (1, 2)
    )
    catalogue, data, _problems = build(tmp_path, SHARE + text, facts)
    results = compute_results(catalogue, data, Asking(inputs=True)).frame
    rows = {
        (row["indicator"], row["year"]): row
        for row in publish(catalogue, results).results.iter_rows(named=True)
        if row["level"] == "municipality"
    }
    assert rows["few", 2021]["reason"] == "suppressed"
    for year in (2022, 2023):
        assert rows["few", year]["value"] == 120
        assert {rows["few", year][name] for name in ("target", "deviation", "status")} == {None}
    assert rows["few", 2024]["target"] == 100
    assert rows["many", 2022]["target"] == 200
    assert rows["reached", 2022]["value"] is None


# --- what is said of them --------------------------------------------------------------------------


SAID = """
indicators:
  x:
    title: Доля
    unit: percent
    formula: share(part, whole)
    base: {2020: 29.2}
    expected: Рост охвата
    break: [2024]
    targets: {2021: {increase: 4}, 2022: {at_least: "0.9 * previous(value)"}, 2023: 25}
"""


def test_a_proof_and_a_passport_say_how_a_target_came_about(tmp_path: Path) -> None:
    choose_language("ru")
    catalogue, data, _problems = build(tmp_path, SHARE + SAID, FACTS)
    proofs = {}
    for year in (2021, 2022, 2023):
        proof, problems = explain(catalogue, data, "x", year=year)
        assert proof is not None
        assert {each.code for each in problems} <= {"base-differs"}
        proofs[year] = show_proof(proof, catalogue).replace("\u00a0", " ")
    assert "Как получена цель: на 4 больше, чем в 2020 году" in proofs[2021]
    assert "Как получена цель: не менее 0,9 × [годом раньше: «Доля»]" in proofs[2022]
    assert "Как получена цель" not in proofs[2023]
    passport = make_passport(catalogue, "x")
    assert passport.base == "2020: 29,2"
    assert len(passport.targets) == 2
    assert (passport.expected, passport.breaks) == ("Рост охвата", "2024")


@pytest.mark.parametrize(("target", "named"), [("at_most: 15", True), ("between: [10, 20]", False)])
def test_a_proof_of_a_degree_names_its_target(target: str, named: bool, tmp_path: Path) -> None:
    choose_language("ru")
    text = f"""
indicators:
  x: {{title: Дни, unit: day, formula: days, target_level: school, targets: {{2021: {{{target}}}}}}}
  y: {{title: Степень, unit: percent, formula: degree(x), levels: [school]}}
"""
    facts = "school;year;days\np0;2021;18\n"
    catalogue, data, _problems = build(tmp_path, SHARE + text, facts, schools="school\np0\n")
    proof, _found = explain(catalogue, data, "y", year=2021, place="p0")
    assert proof is not None
    shown = show_proof(proof, catalogue)
    assert ("[цель: «Дни»] [target(x)]: 15" in shown) == named, shown


def test_a_report_has_the_base_and_the_break(tmp_path: Path) -> None:
    choose_language("ru")
    catalogue, data, _problems = build(tmp_path, SHARE + SAID, FACTS)
    results = compute_results(catalogue, data, Asking(levels=("municipality",)))
    rows = read_result_rows(catalogue, results.frame)
    assert {row.base for row in rows} == {29.2}
    charts = ReportCharts(catalogue, catalogue.years)
    chart = charts.open({row.key: row for row in rows}, "town")("x")
    assert "с 2024 года с прежними годами не сравнивается" in chart.words
    assert "│ 2024" in chart.svg
    assert "│ 2023" not in chart.svg


def test_a_condition_over_targets_that_nobody_set_has_rows_all_the_same(tmp_path: Path) -> None:
    """A column made of nothing is as long as the frame: Polars takes a literal for one row."""
    text = f"""{SHARE}
constants:
  limit: {{title: Предел, level: municipality, unit: percent, values: {{town: {{2022: 5}}}}}}
indicators:
  covered_share: {{title: Доля, unit: percent, formula: "share(part, whole)"}}
  both:
    title: Оба
    formula: "(target(covered_share) >= 0) if (target(covered_share) >= 1) else (target(covered_share) <= limit)"
"""
    catalogue, data, _problems = build(tmp_path, text, facts_of({2022: (1, 2), 2023: (3, 4)}))
    rows = rows_of(catalogue, data, "both")
    assert {row["reason"] for row in rows.values()} == {"no_target"}
    assert len(rows) > 1
