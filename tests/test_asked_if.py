"""Cells that are asked on a condition (`asked_if`), and numbers within limits: language-2 §11."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from openpyxl import load_workbook

from engine.catalogue.model import Catalogue
from engine.data.model import Data
from engine.evaluation.asking import Asking
from engine.evaluation.evaluate import compute_results
from engine.forms.back.answers import SCHEMA, read_form_answers
from engine.forms.out.prepared_forms import prepare_forms
from engine.forms.out.write import draw_form
from engine.problems import Problem, fold_problems
from tests.form_town import fact
from tests.written import read_written

CATALOGUE = """
catalogue: {id: town, title: Городок, levels: [school, municipality], years: [2023]}
inputs:
  score: {title: Балл, type: number, unit: point, limits: [0, 20], rollup: mean}
  comment: {title: Почему ноль, type: text, required: true, asked_if: score == 0}
  helped: {title: Получили помощь, unit: person, asked_if: score < 5, of_which: {ovz: с ОВЗ}}
  seats: {title: Мест, unit: person, limits: [1, 30]}
indicators:
  helped_total: {title: Всего, unit: person, formula: helped}
forms:
  report:
    title: Отчёт
    sections:
      - {title: Всё, rows: [{input: score}, {input: comment}, {input: helped}, {input: seats}]}
"""

SCHOOLS = ("Школа № 1", "Гимназия „Лад“", "МБОУ «Лицей «Взлёт»", "Сад", "Ясли 5")
"""Titles that differ in more than digits, with quotes of all kinds."""

REGISTER = "school\nzero\nseven\nempty\n"


def read_town(
    folder: Path, facts: str, *, register: str = REGISTER, text: str = CATALOGUE
) -> tuple[Catalogue, Data, list[Problem]]:
    return read_written(folder, text, schools=register, facts=facts)


def rows_of(catalogue: Catalogue, data: Data, name: str) -> dict[str, tuple[Any, ...]]:
    asking = Asking(levels=("school", "municipality"), inputs=True, indicators=(name,))
    frame = compute_results(catalogue, data, asking).frame
    return {
        row["place"]: (row["value"], row["reason"], row["reported"], row["expected"])
        for row in frame.iter_rows(named=True)
    }


def test_the_example_of_the_section(tmp_path: Path) -> None:
    facts = "school,year,score,comment\nzero,2023,0,\nseven,2023,7,\nempty,2023,,\n"
    catalogue, data, _problems = read_town(tmp_path, facts)
    rows = rows_of(catalogue, data, "comment")
    assert rows["zero"][1:] == ("not_reported", 0, 1)
    assert rows["seven"][1:] == ("not_applicable", 0, 0)
    assert rows["empty"][1:] == ("not_reported", 0, 1)
    problems = compute_results(catalogue, data).problems
    assert [(one.code, "zero" in one.message) for one in problems] == [("required", True)]


def test_a_value_that_nobody_asked_is_not_counted(tmp_path: Path) -> None:
    facts = "school,year,score,helped\nzero,2023,0,4\nseven,2023,7,5\nempty,2023,,6\n"
    catalogue, data, _problems = read_town(tmp_path, facts)
    rows = rows_of(catalogue, data, "helped_total")
    assert rows["zero"] == (4, None, 1, 1)
    assert rows["seven"][1:] == ("not_applicable", 0, 0)
    assert rows["empty"][1:] == ("not_reported", 0, 1)
    assert rows["town"] == (4, None, 1, 2)
    codes = [one.code for one in compute_results(catalogue, data).problems]
    assert codes.count("does-not-apply") == 2


def test_one_cause_at_many_schools_is_one_line_whatever_they_are_called(tmp_path: Path) -> None:
    register = "".join(f"{title};{title}\n{title} два;{title} два\n" for title in SCHOOLS)
    facts = "".join(f"{title};2023;0;;\n{title} два;2023;7;;3\n" for title in SCHOOLS)
    catalogue, data, _problems = read_town(
        tmp_path, f"school;year;score;comment;helped\n{facts}", register=f"school;title\n{register}"
    )
    folded = fold_problems(compute_results(catalogue, data).problems)
    assert [(one.code, one.count, one.position and one.position.line) for one in folded] == [
        ("required", len(SCHOOLS), 2),
        ("does-not-apply", len(SCHOOLS), 3),
    ]


def test_two_cells_due_after_one_answer_are_two_causes(tmp_path: Path) -> None:
    due = "asked_if: score == 0}\n  plan: {title: План, type: text, required: true, asked_if: score == 0}"
    facts = "".join(f"{name};2023;0\n" for name in "abcd")
    catalogue, data, _problems = read_town(
        tmp_path,
        f"school;year;score\n{facts}",
        register="school\na\nb\nc\nd\n",
        text=CATALOGUE.replace("asked_if: score == 0}", due),
    )
    folded = fold_problems(compute_results(catalogue, data).problems)
    assert [(one.code, one.count) for one in folded] == [("required", 4), ("required", 4)]


@pytest.mark.parametrize(
    ("text", "reason"),
    [("0", None), ("20", None), ("20,1", "not_readable"), ("-1", "not_readable")],
)
def test_a_number_outside_its_limits_is_not_readable(
    tmp_path: Path, text: str, reason: str | None
) -> None:
    catalogue, data, problems = read_town(tmp_path, f"school;year;score\nzero;2023;{text}\n")
    assert rows_of(catalogue, data, "score")["zero"][1] == reason
    codes = [problem.code for problem in problems]
    assert codes == ([] if reason is None else ["outside-limits"])


def test_a_count_outside_its_limits_is_not_readable(tmp_path: Path) -> None:
    facts = "school;year;seats\nzero;2023;0\nseven;2023;30\nempty;2023;31\n"
    catalogue, data, _problems = read_town(tmp_path, facts)
    rows = rows_of(catalogue, data, "seats")
    assert [rows[place][1] for place in ("zero", "seven", "empty")] == [
        "not_readable",
        None,
        "not_readable",
    ]


def checks_of(folder: Path, answers: dict[Any, Any]) -> tuple[Any, dict[str, str]]:
    """The sheet of a form with these answers, and what the check of each line says."""
    catalogue, data, _problems = read_town(folder, "school;year;score\n")
    form = catalogue.forms["report"]
    prepared = prepare_forms(catalogue, data, form, 2023, answers={"zero": answers})
    (mine,) = (one for one in prepared.places if one.id == "zero")
    stream = io.BytesIO()
    draw_form(stream, prepared.blueprints[mine.pattern], mine.sheet)
    sheet = load_workbook(stream, data_only=True).active
    assert sheet is not None
    layout = {cell.value: cell.column for row in sheet.iter_rows() for cell in row if cell.value}
    words = {}
    for row in sheet.iter_rows():
        texts = [cell.value for cell in row]
        for title in ("Балл", "Почему ноль", "Получили помощь"):
            if title in texts:
                words[title] = row[layout["Проверка"] - 1].value or ""
    return sheet, words


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({fact("score"): 0}, "заполните: ответ здесь нужен"),
        ({fact("score"): 7}, "не заполняется"),
        (
            {fact("score"): 7, fact("comment"): "текст"},
            "здесь это не спрашивается: очистите ячейку",
        ),
        ({}, ""),
        ({fact("score"): 0, fact("comment"): "текст"}, ""),
    ],
)
def test_a_form_says_where_a_cell_is_not_asked(
    tmp_path: Path, answers: dict[Any, Any], said: str
) -> None:
    _sheet, words = checks_of(tmp_path, answers)
    assert words["Почему ноль"] == said


def test_a_form_does_not_take_a_number_outside_its_limits(tmp_path: Path) -> None:
    sheet, words = checks_of(tmp_path, {fact("score"): 21})
    assert words["Балл"] == "нужно число в пределах 0–20"
    rules = [rule.formula1 for rule in sheet.data_validations.dataValidation]
    assert any(rule and ">=0" in rule and "<=20" in rule for rule in rules)


def test_collect_takes_no_number_outside_its_limits(tmp_path: Path) -> None:
    """What collect reads says the same as the form, and as the data that it writes."""
    catalogue, _data, _problems = read_town(tmp_path, "school;year;score\n")
    texts = ["25", "20", "7,5", "31"]
    names = ["score", "score", "score", "seats"]
    answers = pl.DataFrame(
        [
            (0, 1, 1, name, 2023, "fact", text, None)
            for name, text in zip(names, texts, strict=True)
        ],
        schema=SCHEMA,
        orient="row",
    )
    read = read_form_answers(catalogue, answers)
    assert read["state"].to_list() == ["not_readable", "value", "value", "not_readable"]
    assert read["value"].to_list() == [None, 20, 7.5, None]
    assert read["code"].to_list() == ["outside-limits", None, None, "outside-limits"]
