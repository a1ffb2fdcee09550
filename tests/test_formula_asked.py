"""`formula: "?"`: an indicator whose formula is still to be written, wherever it is met."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner, Result
from docx import Document

from engine.catalogue.load import load
from engine.console.main import main
from engine.data import read_data
from engine.evaluation.evaluate import compute_results
from tests.written import write_files

TOWN = """\
catalogue: {id: town, title: Городок, municipality: Городок, years: [2023]}
groups:
  "1": {title: Раздел}
inputs:
  pupils: {title: Всего, unit: person}
indicators:
  later:
    code: "1.1"
    group: "1"
    title: Доля, о которой ещё не решено
    unit: percent
    formula: "?"
    targets: {2023: {at_least: 80}}
  known: {code: "1.2", group: "1", title: Численность, unit: person, formula: pupils}
  after: {code: "1.3", group: "1", title: Вслед, unit: percent, formula: later + 1}
examples:
  - {name: сумма, years: {2023: {a: {pupils: 2}}}, expect: {known: 2, after: null}}
forms:
  report:
    title: Отчёт
    sections:
      - group: "1"
        rows:
          - {number: "1.1", indicator: later}
          - {number: "1.2", indicator: known}
"""
WORDS = "формула не написана"


@pytest.fixture(autouse=True)
def _town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    files = {
        "town/town.yaml": TOWN,
        "data/schools.csv": "school;title\na;Школа А\nb;Школа Б\n",
        "data/facts.csv": "school;year;pupils\na;2023;2\nb;2023;1\n",
    }
    write_files(tmp_path, files)


def call(*arguments: str) -> Result:
    done = CliRunner().invoke(main, arguments)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


def test_check_lists_what_is_to_be_written_a_line_each() -> None:
    done = call("check", "town")
    assert done.exit_code == 0
    assert done.stdout.splitlines() == [
        "town/town.yaml:12:15: предупреждение: формула ещё не написана: 1.1 Доля, о которой ещё не решено",
        "town: ошибок нет, 1 предупреждение",
    ]
    (problem,) = json.loads(call("check", "town", "--format", "json").stdout)
    assert (problem["code"], problem["severity"]) == ("formula-asked", "warning")
    assert "later" not in call("check", "town", "--all").stdout  # nor is an example asked for


def test_it_has_no_value_and_the_rest_is_computed() -> None:
    done = call("evaluate", "town", "--data", "data", "--level", "municipality")
    assert done.exit_code == 0
    rows = {row["indicator"]: row for row in json.loads(done.stdout)}
    assert {name: (row["value"], row["reason"]) for name, row in rows.items()} == {
        "later": (None, "before_formula"),
        "known": (3, None),
        "after": (None, "before_formula"),
    }
    assert (rows["later"]["target"], rows["later"]["status"]) == (80, "no_data")
    assert (rows["later"]["reported"], rows["later"]["expected"]) == (None, None)
    assert call("test", "town").exit_code == 0


def test_a_table_and_a_proof_say_so() -> None:
    done = call("evaluate", "town", "--data", "data", "--format", "table")
    assert WORDS in " ".join(done.stdout.split())
    done = call("explain", "town", "later", "--data", "data", "--year", "2023")
    assert done.exit_code == 0
    assert f"Значение: нет значения: {WORDS}" in done.stdout
    done = call("explain", "town", "after", "--data", "data", "--year", "2023")
    assert f"Значение: нет значения: {WORDS}" in done.stdout  # of one that it names


@pytest.mark.no_cover
@pytest.mark.parametrize("template", ["report.html", "summary.html", "summary.md", "public.html"])
def test_pages_say_so(template: str) -> None:
    asked = ("--year", "2023", "--template", template, "-o", "page")
    Path("page").mkdir()
    done = call("report", "town", "--data", "data", *asked)
    assert done.exit_code == 0, done.output
    (page,) = Path("page").iterdir()
    assert WORDS in page.read_text("utf-8").replace("\u00a0", " ")


def test_the_page_of_a_school_says_so() -> None:
    arguments = ("--template", "school.html", "--each", "school", "-o", "schools")
    done = call("report", "town", "--data", "data", "--year", "2023", *arguments)
    assert done.exit_code == 0, done.output
    page = next(Path("schools").iterdir()).read_text("utf-8")
    assert WORDS in page.replace("\u00a0", " ")


def test_a_note_and_a_workbook_are_written() -> None:
    for template, output in (("note.docx", "note.docx"), ("book.xlsx", "book.xlsx")):
        arguments = ("--template", template, "-o", output)
        done = call("report", "town", "--data", "data", "--year", "2023", *arguments)
        assert done.exit_code == 0, done.output
    text = " ".join(node.text or "" for node in Document("note.docx").element.iter())
    assert WORDS in text
    cells = [
        cell.value
        for sheet in openpyxl.load_workbook("book.xlsx")
        for row in sheet.iter_rows()
        for cell in row
    ]
    assert WORDS in cells


def test_a_form_says_so_and_comes_back() -> None:
    done = call("form", "town", "report", "--data", "data", "--year", "2023", "-o", "forms")
    assert done.exit_code == 0
    for path in Path("forms").iterdir():
        sheet = openpyxl.load_workbook(path).worksheets[0]
        lines = [[cell.value for cell in row] for row in sheet.iter_rows()]
        (line,) = [line for line in lines if "Доля, о которой ещё не решено" in line]
        assert WORDS in line
    done = call("collect", "town", "forms", "--data", "data", "-o", "collected")
    assert done.exit_code == 0


@pytest.mark.parametrize(
    ("written", "column"),
    [("    formula: ?", 14), ('    "formula":   ?  # позже', 18), ("    formula: ?  ", 14)],
)
def test_a_bare_question_mark_is_told_to_stand_in_quotes(written: str, column: int) -> None:
    path = Path("town/town.yaml")
    path.write_text(path.read_text("utf-8").replace('    formula: "?"', written), "utf-8")
    _catalogue, problems = load("town")
    errors = [problem for problem in problems if problem.severity == "error"]
    assert [(one.code, one.position and one.position.column) for one in errors] == [
        ("broken-text", column)
    ]
    assert errors[0].message == "формула, которую ещё предстоит написать, — знак вопроса в кавычках"
    assert errors[0].hint == 'formula: "?"'


def test_a_bare_question_mark_inside_brackets() -> None:
    path = Path("town/town.yaml")
    path.write_text(path.read_text("utf-8").replace("formula: pupils}", "formula: ?}"), "utf-8")
    _catalogue, problems = load("town")
    assert [one.hint for one in problems if one.severity == "error"] == ['formula: "?"']


def test_a_question_mark_in_one_year_is_no_formula() -> None:
    path = Path("town/town.yaml")
    text = path.read_text("utf-8").replace('formula: "?"', 'formula: {2022: pupils, 2023: "?"}')
    path.write_text(text, "utf-8")
    _catalogue, problems = load("town")
    (problem,) = [one for one in problems if one.code == "formula-syntax"]
    assert problem.message == "«?» пишут вместо всей формулы, а не вместо формулы одного года"
    assert problem.hint == "напишите формулу 2023 года или уберите этот год и допишите until: 2022"


@pytest.mark.parametrize("answer", ["4", "не знаю"])
def test_who_answers_an_unwritten_formula_is_counted_nowhere(tmp_path: Path, answer: str) -> None:
    # A school that alone is open, and an input that it gave unreadable, make all columns constant.
    folder, data = tmp_path / "c", tmp_path / "d"
    folder.mkdir()
    data.mkdir()
    (folder / "catalogue.yaml").write_text(
        "catalogue: {id: one, title: Т, levels: [school, municipality], years: [2023]}\n"
        "inputs: {a: {title: А, unit: person}, b: {title: Б, unit: person}}\n"
        "indicators:\n"
        '  x: {title: Икс, unit: percent, formula: "?"}\n'
        '  t: {title: Тэ, unit: percent, formula: "share(a, b)"}\n'
        '  of_inputs: {title: Из входов, unit: percentage_point, formula: "share(a, b) - x"}\n'
        '  of_names: {title: Из показателей, unit: percentage_point, formula: "x - t"}\n'
        '  alone: {title: Сам, unit: percent, formula: "x + x"}\n',
        encoding="utf-8",
    )
    (data / "schools.csv").write_text("school;title\n1;Школа\n", encoding="utf-8")
    (data / "facts.csv").write_text(f"school;year;a;b\n1;2023;{answer};8\n", encoding="utf-8")
    catalogue, _ = load(folder)
    assert catalogue is not None
    contents, _ = read_data(catalogue, data)
    pair = (1, 1) if answer == "4" else (0, 1)
    expected = {"x": (None, None), "t": pair, "of_inputs": pair, "of_names": pair}
    expected["alone"] = (None, None)
    results = compute_results(catalogue, contents).frame
    assert {
        (row["indicator"], row["level"]): (row["reported"], row["expected"])
        for row in results.iter_rows(named=True)
    } == {
        (name, level): value
        for name, value in expected.items()
        for level in ("school", "municipality")
    }
