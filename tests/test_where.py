"""`where` and `by`: the example of the language, and what is around it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from engine import load
from engine.catalogue.model import Catalogue
from engine.console.main import main
from engine.data import Data
from engine.evaluation.asking import COLUMNS, Asking
from engine.evaluation.comparison import compare_concepts
from engine.evaluation.evaluate import compute_results
from engine.evaluation.explain.explain import explain
from engine.forms.out.outside import find_unaddressed
from engine.forms.out.prepared_forms import prepare_forms
from engine.problems import Problem
from engine.publication.audience import publish
from engine.reports.formats.proof_text import show_proof
from engine.reports.result_rows import Row, read_result_rows
from tests.written import read_written

PAGE = Path(__file__).parent.parent / "docs" / "language.md"
HEAD = "catalogue: {id: m, title: Город, years: [2023, 2024]}\n"
SCHOOLS = "school;area\na;urban\nb;urban\nc;rural\n"
FACTS = "school;year;in_clubs;on_roll\na;2024;90;100\nb;2024;30;60\nc;2024;20;40\n"
INPUTS = """
register: {area: {title: Местность, type: choice, options: {urban: город, rural: село}}, big: {title: Крупная, type: yes_no}}
inputs:
  a: {title: А, unit: person}
  b: {title: Б, unit: person}
  m: {title: М, unit: person, level: municipality}
indicators:
"""


def example() -> str:
    """The catalogue that the page of the language shows in the chapter of `where` and `by`."""
    chapter = PAGE.read_text("utf-8").partition("## Среди каких школ")[2].partition("\n## ")[0]
    (text,) = re.findall(r"^```yaml\n(.*?)^```$", chapter, re.MULTILINE | re.DOTALL)
    return HEAD + str(text)


def town(
    folder: Path, catalogue: str, facts: str = FACTS, schools: str = SCHOOLS
) -> tuple[Catalogue, Data]:
    loaded, data, _problems = load_town(folder, catalogue, facts, schools)
    return loaded, data


def load_town(
    folder: Path, catalogue: str, facts: str, schools: str
) -> tuple[Catalogue, Data, tuple[Problem, ...]]:
    loaded, data, problems = read_written(folder, catalogue, schools=schools, facts=facts)
    assert [(each.code, each.message) for each in problems if each.severity == "error"] == []
    return loaded, data, tuple(problems)


def rows_of(loaded: tuple[Catalogue, Data], year: int = 2024) -> dict[tuple[str, str], Row]:
    frame = compute_results(*loaded, Asking(years=(year,))).frame
    return {(row.indicator, row.place): row for row in read_result_rows(loaded[0], frame)}


def values_of(loaded: tuple[Catalogue, Data], place: str, year: int = 2024) -> dict[str, Any]:
    return {
        name: row.reason if row.value is None else row.value
        for (name, at), row in rows_of(loaded, year).items()
        if at == place
    }


def test_the_example_of_the_language(tmp_path: Path) -> None:
    loaded = town(tmp_path, example())
    expected = {
        "clubs": 70.0,
        "clubs.urban": 75.0,
        "clubs.rural": 50.0,
        "town_gap": 25.0,
        "clubs_in_town": 75.0,
    }
    assert values_of(loaded, "m").items() >= expected.items()
    assert (
        values_of(loaded, "c").items()
        >= {
            "clubs": 50.0,
            "clubs.urban": "not_applicable",
            "clubs.rural": 50.0,
            "clubs_in_town": "not_applicable",
        }.items()
    )
    rows = rows_of(loaded)
    covered = {name: (row.reported, row.expected) for (name, at), row in rows.items() if at == "m"}
    assert covered["clubs.urban"] == (2, 2)
    assert covered["clubs.rural"] == (1, 1)
    outside = rows["clubs.urban", "c"]
    assert (outside.reported, outside.expected) == (0, 0)
    assert {name: rows[name, "m"].status for name in expected} == {
        "clubs": "met",
        "clubs.urban": "no_target",
        "clubs.rural": "missed",
        "town_gap": "no_target",
        "clubs_in_town": "no_target",
    }
    assert [rows[name, "m"].target for name in ("clubs", "clubs.rural")] == [70, 60]
    assert loaded[0].indicators["clubs.rural"].title == "Охват кружками: село"


def test_how_deep_a_condition_goes(tmp_path: Path) -> None:
    """It holds for all that the formula names; seen from below, a place above is of all schools."""
    catalogue = (
        HEAD
        + INPUTS
        + """
  sum_a: {title: А, unit: person, formula: a}
  named: {title: А, unit: person, formula: sum_a, where: area.urban}
  both: {title: А, unit: person, formula: named, where: big}
  open: {title: О, unit: school, formula: schools_open(), where: area.rural}
  alone: {title: О, unit: school, formula: schools(), where: area.rural}
  mean: {title: С, unit: person, formula: mean_of_schools(sum_a), where: area.urban}
  having: {title: С, unit: school, formula: schools_with(a > 0), where: area.urban}
  above: {title: М, unit: person, formula: m, where: area.urban}
  of_all: {title: Д, unit: percent, formula: "share(a, at(municipality, a))", where: area.urban}
  kept: {title: Д, unit: percent, formula: "share(a, at(municipality, named))", where: area.rural}
  ranked: {title: Место, unit: place, formula: "rank(better, municipality)", where: area.urban}
  better: {title: А, unit: person, formula: a, better: more}
  gave: {title: А, unit: person, formula: "a + m", where: area.urban}
  nobody: {title: А, unit: person, formula: a, where: area.urban and area.rural}
  nobody_mean: {title: А, unit: person, formula: mean_of_schools(sum_a), where: area.urban and area.rural}
  nobody_open: {title: А, unit: school, formula: schools_open(), where: area.urban and area.rural}
    """
    )
    facts = "school;year;a\ns;2024;10\nt;2024;40\nu;2024;50\nv;2024;\n"
    schools = "school;area;big\ns;urban;да\nt;urban;нет\nu;rural;да\nv;;да\n"
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "m.csv").write_text("municipality;year;m\nm;2024;7\n", "utf-8")
    loaded = town(tmp_path, catalogue, facts, schools)
    assert (
        values_of(loaded, "m").items()
        >= {
            "sum_a": 100,
            "named": 50,
            "both": 10,
            "open": 1,
            "alone": 1,
            "mean": 25,
            "having": 2,
            "above": 7,
            "of_all": 100,
            "gave": 57,
            "nobody": "not_applicable",
            "nobody_mean": "not_applicable",
            "nobody_open": 0,
        }.items()
    )
    assert (
        values_of(loaded, "t").items()
        >= {
            "of_all": 40.0,
            "kept": "not_applicable",
            "ranked": 1,
            "both": "not_applicable",
            "open": "not_applicable",
        }.items()
    )
    assert (
        values_of(loaded, "u").items()
        >= {
            "kept": 100.0,
            "ranked": "not_applicable",
            "open": 1,
        }.items()
    )
    unknown = values_of(loaded, "v")
    assert unknown["sum_a"] == "not_reported"
    assert unknown["named"] == unknown["having"] == unknown["open"] == "not_applicable"


def test_a_formula_that_names_an_input_says_that_it_reads_all_its_schools(
    tmp_path: Path,
) -> None:
    """The row of `a` is of the town's schools, 50; what names it reads the input, 100, and is warned of."""
    catalogue = (
        HEAD
        + INPUTS
        + """
  a: {title: А, where: area.urban, better: more, targets: {2024: 3}}
  named: {title: А, unit: person, formula: a + b}
  alike: {title: А, unit: person, formula: a, where: area.urban}
  ranked: {title: Место, unit: place, formula: "rank(a, municipality)"}
  goal: {title: Цель, unit: person, formula: target(a)}
  b: {title: Б, levels: [municipality]}
    """
    )
    facts = "school;year;a;b\ns;2024;10;0\nt;2024;40;0\nu;2024;50;0\n"
    loaded = town(
        tmp_path, catalogue, facts, "school;area;big\ns;urban;да\nt;urban;да\nu;rural;да\n"
    )
    assert values_of(loaded, "m").items() >= {"a": 50, "named": 100, "alike": 50}.items()
    assert values_of(loaded, "s")["named"] == 10
    _catalogue, problems = load(tmp_path / "catalogue")
    noted = [(each.code, each.position.line) for each in problems if each.position is not None]
    line = 1 + catalogue[: catalogue.index("  named")].count("\n")
    assert [each for each in noted if each[0] == "where-input"] == [("where-input", line)]
    assert "level-without-rows" not in dict(noted)  # at a school it reads the input, which is there


def test_the_year_before_has_its_own_schools(tmp_path: Path) -> None:
    catalogue = (
        HEAD
        + INPUTS
        + """
  was: {title: А, unit: person, formula: previous(a), where: area.urban}
  moved: {title: А, unit: person, formula: change(named), where: area.urban}
  named: {title: А, unit: person, formula: a}
    """
    )
    facts = "school;year;a\ns;2023;1\nt;2023;20\ns;2024;4\nt;2024;50\n"
    schools = "school;year;area;big\ns;2023;urban;\nt;2023;urban;\nt;2024;rural;\n"
    loaded = town(tmp_path, catalogue, facts, schools)
    assert values_of(loaded, "m").items() >= {"was": 21, "moved": -17}.items()
    assert values_of(loaded, "t").items() >= {"was": "not_applicable"}.items()
    assert values_of(loaded, "s").items() >= {"was": 1, "moved": 3}.items()


def test_options_of_a_yes_no_and_parts_of_both_kinds(tmp_path: Path) -> None:
    catalogue = (
        HEAD
        + """
register: {big: {title: Крупная, type: yes_no}}
inputs:
  a: {title: А, unit: person, of_which: {ovz: с ОВЗ}}
  b: {title: Б, unit: person, of_which: {ovz: с ОВЗ}}
indicators:
  x: {title: Доля, unit: percent, formula: "share(a, b)", by: [big, ovz], targets_by: {ovz: {2024: 12.34}}}
  a: {by: big}
  gap: {title: Разница, unit: person, formula: a.yes - a.no}
"""
    )
    facts = "school;year;a;b;a.ovz;b.ovz\ns;2024;1;2;1;4\nt;2024;3;4;1;4\n"
    loaded = town(tmp_path, catalogue, facts, "school;big\ns;да\nt;нет\n")
    assert (
        values_of(loaded, "m").items()
        >= {
            "x": 66.7,
            "x.yes": 50.0,
            "x.no": 75.0,
            "x.ovz": 25.0,
            "a": 4,
            "a.yes": 1,
            "a.no": 3,
            "gap": -2,
        }.items()
    )
    titles = {name: each.title for name, each in loaded[0].indicators.items()}
    assert titles["x.yes"] == "Доля: Крупная — да"
    assert loaded[0].indicators["x.ovz"].decimals == 2


def test_an_unknown_condition_is_a_warning_with_the_school(tmp_path: Path) -> None:
    catalogue = (
        HEAD
        + INPUTS
        + """
  x: {title: Доля, unit: percent, formula: "share(a, b)", by: area}
  y: {title: Число, unit: person, formula: a, where: big and area.urban}
"""
    )
    facts = "school;year;a\ns;2024;1\n"
    _catalogue, _data, problems = load_town(tmp_path, catalogue, facts, "school;area;big\ns;;\n")
    warned = [problem for problem in problems if problem.code == "empty-register-cell"]
    assert [each.position.cell for each in warned if each.position] == ["B2", "C2"]
    assert [problem.message.partition("; ")[2] for problem in warned] == [
        "школа «s» не считается там, где это решает: «Число», «Доля»",
        "школа «s» не считается там, где это решает: «Число»",
    ]


SCHOOLS_OF_BOTH = "school;area\na;urban\nb;urban\nc;rural\nd;rural\n"
PUBLISHED = """
  clubs: {title: Доля, unit: percent, formula: "share(a, b)", by: area}
  count: {title: Число, unit: person, formula: a, by: area}
"""


def publish_town(folder: Path, facts: str, schools: str = SCHOOLS_OF_BOTH) -> dict[str, Any]:
    """What everybody may see of the town: value, or None where it is hidden."""
    policy = "publication: {ranking: allowed, public_levels: [municipality], interpretation: Нет}\n"
    inputs = INPUTS.replace("big: {title: Крупная, type: yes_no}", "").replace(", }", "}")
    catalogue, data = town(folder, HEAD + policy + inputs + PUBLISHED, facts, schools)
    whole = compute_results(catalogue, data, Asking(inputs=True, columns=COLUMNS)).frame
    shown = publish(catalogue, whole).results.filter(level="municipality")
    return dict(zip(shown["indicator"], shown["value"], strict=True))


def test_a_part_is_hidden_with_what_would_give_it_away(tmp_path: Path) -> None:
    """By the whole and one part the other is found: three in the villages, so the town goes too."""
    facts = "school;year;a;b\na;2024;90;100\nb;2024;30;60\nc;2024;1;40\nd;2024;2;50\n"
    shown = publish_town(tmp_path, facts)
    assert shown["count.rural"] is None
    assert None in (shown["count"], shown["count.urban"])
    beside = ("clubs.urban", "clubs.rural", "clubs", "a", "b")
    assert None in [shown[name] for name in beside]


def test_large_parts_are_shown(tmp_path: Path) -> None:
    facts = "school;year;a;b\na;2024;90;100\nb;2024;30;60\nc;2024;20;40\nd;2024;20;50\n"
    shown = publish_town(tmp_path, facts)
    assert [shown[name] for name in ("count", "count.urban", "count.rural")] == [160, 120, 40]
    assert [shown[name] for name in ("clubs", "clubs.urban", "clubs.rural")] == [64.0, 75.0, 44.4]


def test_a_part_of_one_school_is_its_number(tmp_path: Path) -> None:
    facts = "school;year;a;b\na;2024;90;100\nb;2024;30;60\nc;2024;20;40\n"
    shown = publish_town(tmp_path, facts, SCHOOLS)
    assert shown["clubs.rural"] is shown["count.rural"] is None
    assert None in (shown["count"], shown["count.urban"])


def test_explain_lists_who_is_outside_and_why(tmp_path: Path) -> None:
    loaded = town(tmp_path, example(), FACTS, SCHOOLS + "d;\n")
    proof, _problems = explain(*loaded, "clubs_in_town", year=2024)
    assert proof is not None
    text = show_proof(proof, loaded[0])
    assert "Словами: «Охват кружками» — только школы, где «Местность: город»" in text
    assert "c [c] — вне условия: «Местность: город» — нет" in text
    assert "d [d] — вне условия: «Местность: город» — неизвестно" in text
    (inner,) = proof.step.steps
    assert [place.place for place in inner.places if place.entered] == ["a", "b"]
    assert inner.value == proof.step.value == 75
    outside, _problems = explain(*loaded, "clubs.urban", year=2024, place="c")
    assert outside is not None
    step = outside.step
    assert (step.value, step.reason, step.expected) == (None, "not_applicable", 0)
    assert [place.outside for place in step.places] == ["«Местность: город» — нет"]
    whole, _problems = explain(*loaded, "clubs", year=2024)
    assert whole is not None
    assert "outside" not in str(whole.as_json())


def test_a_form_goes_to_its_schools_alone_and_knows_who_counts(tmp_path: Path) -> None:
    catalogue = (
        example()
        + """
forms:
  of_towns:
    title: Форма
    where: area.urban
    sections: [{title: Раздел, rows: [{indicator: clubs}, {indicator: clubs.urban}]}]
  of_all: {title: Вся, sections: [{title: Раздел, rows: [{indicator: clubs.rural}]}]}
"""
    )
    loaded, data = town(tmp_path, catalogue, FACTS, SCHOOLS + "d;\n")
    prepared = prepare_forms(loaded, data, loaded.forms["of_towns"], 2024)
    assert [place.id for place in prepared.places] == ["a", "b"]
    formulas = prepared.places[0].sheet.formulas
    assert formulas["clubs", 2024, "fact"] == formulas["clubs.urban", 2024, "fact"]
    whole = prepare_forms(loaded, data, loaded.forms["of_all"], 2024)
    rural = {place.id: place.sheet.formulas["clubs.rural", 2024, "fact"] for place in whole.places}
    assert rural["a"] == rural["d"] == '=""'
    assert "ROUND" in rural["c"]
    assert find_unaddressed(loaded, data, loaded.forms["of_towns"], 2024) == {"c", "d"}


def test_evaluate_by_a_column_for_one_run(tmp_path: Path) -> None:
    catalogue = (
        example().replace("    by: area ", "    # by: area ").replace("    targets_by", "    #")
    )
    catalogue = "".join(line for line in catalogue.splitlines(True) if "clubs.urban -" not in line)
    town(tmp_path, catalogue)
    runner = CliRunner()
    words = [
        "evaluate",
        str(tmp_path / "catalogue"),
        "--data",
        str(tmp_path / "data"),
        "--format",
        "csv",
    ]
    words += ["--level", "municipality", "--columns", "value"]
    result = runner.invoke(main, [*words, "--by", "area", "--indicator", "clubs"])
    assert result.exit_code == 0, result.output
    lines = [line for line in result.stdout.splitlines() if "2024" in line]
    assert [(line.split(";")[0], line.split(";")[-1]) for line in lines] == [
        ("clubs", "70"),
        ("clubs.urban", "75"),
        ("clubs.rural", "50"),
    ]
    refused = runner.invoke(main, [*words, "--by", "aera"])
    assert refused.exit_code == 2
    assert "area" in refused.output


def test_scales_and_sets_are_of_the_same_schools(tmp_path: Path) -> None:
    """Ends of a scale and members of a set under a condition; seen from below a place is of all."""
    catalogue = """
catalogue: {id: land, title: Край, levels: [school, municipality, region], years: [2024]}
register: {area: {title: Местность, type: choice, options: {urban: город, rural: село}}}
inputs: {a: {title: А, unit: person}}
indicators:
  x:
    title: А
    unit: person
    formula: a
    by: area
    scale:
      classes:
        much: {title: много, at_least: mean_of_schools(value), points: 2}
        little: {title: мало, otherwise: yes, points: 1}
  points: {title: Баллы, unit: point, formula: points(x), where: area.rural}
  much: {title: Много, unit: school, formula: schools_with(x.much), where: area.rural}
  usual: {title: Среднее, unit: person, formula: "mean_of(municipality, x)", where: area.rural, decimals: 1}
  largest: {title: Больше всех, unit: percent, formula: "share(x, at(region, max_of(municipality, x)))", where: area.rural}
"""
    schools = (
        "school;municipality;region;area\ns;m1;r;urban\nt;m1;r;rural\nu;m2;r;rural\nv;m3;r;urban\n"
    )
    facts = "school;year;a\ns;2024;100\nt;2024;10\nu;2024;30\nv;2024;50\n"
    loaded = town(tmp_path, catalogue.replace("  points: {", "  score: {"), facts, schools)
    rows = rows_of(loaded)
    assert [rows["x", place].class_id for place in ("s", "t", "u", "v")] == ["much"] * 4
    region, m1 = values_of(loaded, "r"), values_of(loaded, "m1")
    assert (region["usual"], m1["usual"]) == (20, 10)
    assert (region["much"], m1["much"]) == (2, 1)
    assert (values_of(loaded, "t")["score"], values_of(loaded, "s")["score"]) == (
        2,
        "not_applicable",
    )
    # The largest municipality of all schools has 110: 10 of it are the village's.
    assert m1["largest"] == 9.1
    assert rows["x.rural", "r"].class_id == "much"
    assert rows["x.rural", "m1"].value == 10


def test_a_share_among_some_schools_is_not_compared_with_one_among_all(tmp_path: Path) -> None:
    sides = []
    for name, where in (("one", ""), ("two", ", where: area.urban")):
        (tmp_path / name).mkdir()
        inputs = INPUTS.replace("big: {title: Крупная, type: yes_no}", "").replace(", }", "}")
        inputs = inputs.replace("title: А,", "title: А, concept: part,").replace(
            "title: Б,", "title: Б, concept: whole,"
        )
        text = (
            '  x: {title: Доля, unit: percent, concept: share, formula: "share(a, b)"'
            + where
            + "}\n"
        )
        sides.append(town(tmp_path / name, HEAD + inputs + text, "school;year;a;b\na;2024;1;2\n"))
    (row,) = (each for each in compare_concepts(sides, 2024).rows if each.concept == "share")
    assert row.comparable is False
    (difference,) = row.differences
    assert (difference.aspect, difference.words) == ("schools", ("все школы", "«Местность: город»"))
