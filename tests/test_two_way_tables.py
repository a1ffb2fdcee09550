"""Two-way tables: the example of the language, cells that are null, years, classes as results."""

from __future__ import annotations

from pathlib import Path

from engine.evaluation.difference.definition_changes import compare_definitions
from engine.evaluation.explain.explain import explain
from engine.reports.formats.definition_words import say_aspect
from engine.reports.formats.proof_text import show_proof
from tests.test_scales import build, rows_of

EXAMPLE = """
scales:
  status_scale: {unit: percent, classes: {low: {title: низкий, at_most: 10}, high: {title: высокий, above: 10}}}
  change_scale: {unit: percentage_point, classes: {grew: {title: выросло, at_least: 0.5}, same: {title: так же, above: -0.5, below: 0.5}, fell: {title: снизилось, at_most: -0.5}}}
  colours: {classes: {red: красный, yellow: жёлтый, green: зелёный, orange: оранжевый, blue: {title: синий, points: 2}}}
tables:
  five: {title: Цвет, down: status_scale, across: change_scale, cells: colours,
         values: {low: {grew: red, same: yellow, fell: green}, high: {grew: orange, same: null, fell: blue}}}
inputs:
  away: {title: Пропущено, unit: person}
  due: {title: Всего, unit: person}
indicators:
  absence: {title: Пропуски, unit: percent, formula: "share(away, due)", scale: status_scale}
  absence_change: {title: Изменение, unit: percentage_point, formula: change(absence), scale: change_scale}
  colour: {title: Цвет, formula: "lookup(five, absence, absence_change)"}
  named: {title: Он же, formula: colour}
  is_blue: {title: Синий ли, formula: colour.blue}
  blues: {title: Синих школ, unit: school, formula: schools_with(colour.blue)}
  colour_points: {title: Баллы за цвет, unit: point, formula: points(colour)}
"""
FACTS = """school;year;away;due
a;2023;111;1000
a;2024;104;1000
b;2023;110;1000
b;2024;110;1000
c;2024;50;1000
"""


def test_the_example_of_the_language(tmp_path: Path) -> None:
    catalogue, data = build(tmp_path, EXAMPLE, FACTS)
    rows = rows_of(catalogue, data)
    row = rows["colour", "a", 2024]
    assert (row["value"], row["class"], row["class_title"]) == (None, "blue", "синий")
    assert (row["reason"], row["change"], row["status"]) == (None, None, "no_target")
    assert rows["named", "a", 2024]["class"] == "blue"
    assert rows["is_blue", "a", 2024]["value"] == 1
    assert rows["colour_points", "a", 2024]["value"] == 2


def test_no_cell_does_not_apply_and_no_class_has_its_reason(tmp_path: Path) -> None:
    catalogue, data = build(tmp_path, EXAMPLE, FACTS)
    rows = rows_of(catalogue, data)
    reasons = {place: rows["colour", place, 2024]["reason"] for place in ("b", "c")}
    assert reasons == {"b": "not_applicable", "c": "no_previous"}
    assert rows["is_blue", "b", 2024]["reason"] == "not_applicable"
    assert rows["colour_points", "b", 2024]["reason"] == "not_applicable"


def test_above_the_school_it_is_the_class_of_the_place(tmp_path: Path) -> None:
    catalogue, data = build(tmp_path, EXAMPLE, FACTS)
    rows = rows_of(catalogue, data)
    # 264 of 3000 is 8,8 after 11,05: low, fell.
    assert rows["colour", "town", 2024]["class"] == "green"
    assert rows["blues", "town", 2024]["value"] == 1


def test_a_table_may_change_by_year(tmp_path: Path) -> None:
    kept = EXAMPLE[EXAMPLE.index("values: ") + len("values: ") : EXAMPLE.index("}}}\ninputs") + 2]
    turned = kept.replace("fell: blue", "fell: red")
    text = EXAMPLE.replace(kept, f"{{2022: {kept}, 2024: {turned}}}", 1)
    facts = FACTS + "a;2022;130;1000\n"
    catalogue, data = build(tmp_path, text, facts)
    rows = rows_of(catalogue, data)
    assert rows["colour", "a", 2023]["class"] == "blue"
    assert rows["colour", "a", 2024]["class"] == "red"


def test_a_proof_says_the_row_the_column_and_the_cell(tmp_path: Path) -> None:
    catalogue, data = build(tmp_path, EXAMPLE, FACTS)
    proof, _problems = explain(catalogue, data, "colour", year=2024, place="a")
    assert proof is not None
    assert proof.step.text == "синий"
    text = show_proof(proof, catalogue)
    assert "Значение: «синий»" in text
    assert "по таблице «Цвет»: строка «высокий», столбец «снизилось» → «синий»" in text


def test_what_changes_in_a_table_and_in_a_score_is_said(tmp_path: Path) -> None:
    score = "  index: {title: Индекс, unit: point, score: {of: [points(colour), points(colour)]}}\n"
    texts = {"before": EXAMPLE + score, "moved": "\n\n" + EXAMPLE + score}
    texts["after"] = (
        texts["before"]
        .replace("fell: blue", "fell: red")
        .replace("score: {of", "score: {absent: zero, of")
    )
    catalogues = {}
    for name, text in texts.items():
        (tmp_path / name).mkdir()
        catalogues[name], _data = build(tmp_path / name, text, FACTS)
    assert compare_definitions(catalogues["before"], catalogues["moved"]) == ((), {})
    changes, _pairs = compare_definitions(catalogues["before"], catalogues["after"])
    said = {(change.id, aspect.aspect) for change in changes for aspect in change.aspects}
    assert said == {("colour", "table"), ("index", "formulas")}
    words = {
        change.id: say_aspect(aspect, change, catalogues["before"], catalogues["after"])
        for change in changes
        for aspect in change.aspects
    }
    assert "снизилось → синий" in words["colour"][0]
    assert "снизилось → красный" in words["colour"][1]
    assert "считается нулём" in words["index"][1]
