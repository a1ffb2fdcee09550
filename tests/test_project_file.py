"""`pokazatel.yaml`: what stands in for words that a command leaves out; `pokazatel` alone; Tab."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.shell_completion import BashComplete
from click.testing import CliRunner, Result
from jsonschema import Draft202012Validator

from engine.authoring.project_file import Project, read_project, read_project_schema
from engine.catalogue.load import find_definitions, list_in_sight, load
from engine.console.main import main
from tests.test_difference import FACTS, REGISTER, TOWN, write

PROJECT = "project:\n  catalogue: town\n  data: data\n  years: [2022, 2023]\n"


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write("town/town.yaml", TOWN)
    write("data/schools.csv", REGISTER)
    write("data/facts.csv", FACTS)
    write("pokazatel.yaml", PROJECT)


def call(*arguments: str) -> Result:
    done = CliRunner().invoke(main, arguments)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


def years_of(done: Result) -> set[int]:
    assert done.exit_code == 0, done.stderr
    return {row["year"] for row in json.loads(done.stdout)}


# --- what stands in -------------------------------------------------------------------------------


def test_evaluate_needs_no_word() -> None:
    assert years_of(call("evaluate")) == {2022, 2023}
    write("pokazatel.yaml", PROJECT.replace("[2022, 2023]", "[2023]"))
    assert years_of(call("evaluate")) == {2023}
    assert years_of(call("evaluate", "--inputs")) == {2023}


@pytest.mark.no_cover
def test_options_win() -> None:
    assert years_of(call("evaluate", "--year", "2022")) == {2022}
    write("other/facts.csv", FACTS.replace("a;2023;100;10;81", "a;2023;100;10;90"))
    write("other/schools.csv", REGISTER)
    rows = json.loads(call("evaluate", "--data", "other", "--level", "municipality").stdout)
    assert [row["value"] for row in rows if row["indicator"] == "share_tested"] == [80.7, 87.3]
    berezniki = str(find_definitions() / "berezniki")
    done = call("evaluate", berezniki, "--data", f"{berezniki}/demo", "--year", "2024")
    assert years_of(done) == {2024}


def test_a_catalogue_is_left_out_before_other_words() -> None:
    alone = call("explain", "1.1")
    assert alone.exit_code == 0
    assert alone.stdout == call("explain", "town", "1.1", "--year", "2023").stdout
    assert call("explain", "town").exit_code == 2  # the indicator is lacking, not the catalogue
    assert call("form", "report", "-o", "forms").exit_code == 0
    assert all("2023" in path.name for path in Path("forms").glob("*.xlsx"))
    Path("more").mkdir()
    for words in (("collect", "forms"), ("collect", "forms", "more"), ("adopt", "data/facts.csv")):
        command, *rest = words
        short = call(*words, "-o", "one")
        whole = call(command, "town", *rest, "--data", "data", "-o", "one")
        assert (short.exit_code, short.stderr) == (whole.exit_code, whole.stderr)
        assert "Usage" not in short.stderr
        assert short.exit_code != 2


def test_commands_of_the_catalogue_need_no_word() -> None:
    assert call("check").stdout.endswith("town: ошибок нет\n")
    assert call("test").exit_code == 0
    assert json.loads(call("schema").stdout)["$id"] == "urn:pokazatel:catalogue:town"
    write("old/town.yaml", TOWN.replace("2023: 82}", "2023: 81}"))
    assert "не менее 81,0 → не менее 82,0" in call("diff", "old").stdout.replace("\u00a0", " ")
    assert call("diff").exit_code == 2


@pytest.mark.no_cover
def test_a_report_has_its_template_and_place() -> None:
    write("pokazatel.yaml", f"{PROJECT}  template: summary\n  output: out.md\n")
    assert call("report").exit_code == 0
    assert "Доля прошедших" in Path("out.md").read_text("utf-8")
    assert call("report", "-o", "own.html").exit_code == 0
    assert "<html" in Path("own.html").read_text("utf-8")
    Path("papers").mkdir()
    write("pokazatel.yaml", f"{PROJECT}  template: summary\n  output: papers\n")
    assert call("report").exit_code == 0
    assert [path.suffix for path in Path("papers").iterdir()] == [".html"]
    assert call("evaluate").exit_code == 0  # what it says of reports is for reports


@pytest.mark.no_cover
def test_help_does_not_look_at_it() -> None:
    write("pokazatel.yaml", "project: {catalog: town}\n")
    assert call("evaluate", "--help").exit_code == 0
    assert call("list").exit_code == 0


# --- never a part of a catalogue ------------------------------------------------------------------


def test_it_is_never_read_as_a_part_of_a_catalogue() -> None:
    was, problems = load("town")
    for name in ("pokazatel.yaml", "sources.yaml"):
        write(f"town/{name}", "catalogue: {id: other}\nsurely: not\n")
    now, more = load("town")
    assert was is not None
    assert now is not None
    assert (now.version, more) == (was.version, problems)
    write("empty/pokazatel.yaml", "catalogue:\n  id: other\n")
    assert list_in_sight() == (Path("town"),)
    assert call("new", "copy", "--from", "town").exit_code == 0
    assert not Path("copy/pokazatel.yaml").exists()


def test_it_may_lie_with_the_data() -> None:
    write("data/pokazatel.yaml", PROJECT)
    done = call("evaluate", "--all")
    assert done.exit_code == 0
    assert "pokazatel.yaml" not in done.stderr


# --- what is wrong with it ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("project: {catalog: town}\n", "pokazatel.yaml:1:11: ошибка: неизвестный ключ «catalog» в «project»"),
        ("project: {years: 2023}\n", "pokazatel.yaml:1:18: ошибка: «years» в «project» — нужно: список; записано: число 2023"),
        ("project: {years: [20]}\n", "pokazatel.yaml:1:19: ошибка: «years.1» в «project»: число 20 — за пределами допустимого"),
        ("проект: {data: data}\n", "ошибка: неизвестный ключ «проект»"),
        ("project: {data: [a, b]}\n", "«data» в «project» — нужно: текст; записано: список"),
        ("project: {data: a\n", "pokazatel.yaml:"),
        ("", "pokazatel.yaml:1: ошибка: файл пуст"),
    ],
)  # fmt: skip
def test_mistakes_are_told_with_their_place(text: str, message: str) -> None:
    write("pokazatel.yaml", text)
    for command in ((), ("evaluate",), ("explain", "1.1")):
        done = call(*command)
        assert message in done.stderr, done.stderr
        assert done.exit_code == (3 if command else 1)


def test_what_it_names_is_looked_for_as_if_it_was_typed() -> None:
    write("pokazatel.yaml", "project: {catalogue: nowhere, data: data}\n")
    assert "каталога «nowhere» нет" in call("evaluate").stderr
    write("pokazatel.yaml", "project: {catalogue: town, data: nowhere}\n")
    assert call("evaluate").exit_code == 3
    write("pokazatel.yaml", "project: {catalogue: town, data: data, years: [2031]}\n")
    done = call("evaluate")
    assert done.exit_code == 2
    assert "2031" in done.stderr
    write("pokazatel.yaml", "project:\n")
    assert call("evaluate").exit_code == 2  # nothing is said, so the words are lacking
    assert read_project(Path()) == (Project(), [])


def test_its_schema_is_one_and_says_all_it_may_hold() -> None:
    schema = read_project_schema()
    Draft202012Validator.check_schema(schema)
    project = schema["properties"]["project"]["properties"]
    assert set(project) == {"catalogue", "data", "years", "template", "output"}
    assert all("а" in key["description"] for key in project.values())


# --- `pokazatel` alone ----------------------------------------------------------------------------


def test_alone_it_says_what_is_here_and_what_is_next() -> None:
    done = call()
    assert done.exit_code == 0
    assert (
        done.stdout
        == """\
Каталог: town — ошибок нет
  Городок: 4 показателя; 2022, 2023
Данные: data — 2\u00a0школы; 2022, 2023
Дальше:
  pokazatel evaluate  посчитать показатели
  pokazatel report    написать отчёт
"""
    )


def test_alone_without_a_project_file() -> None:
    Path("pokazatel.yaml").unlink()
    assert "  pokazatel evaluate town --data data  посчитать показатели\n" in call().stdout
    Path("data/facts.csv").unlink()
    said = call().stdout
    assert "Данные: data — 2\u00a0школы; чисел пока нет\n" in said
    assert "  pokazatel form town report --data data --year 2023 -o forms  написать формы" in said
    Path("data/schools.csv").unlink()
    said = call().stdout
    assert "Данные: пока нет" in said
    assert "  pokazatel adopt town ТАБЛИЦЫ -o data  " in said
    write("other/town.yaml", TOWN)
    said = call().stdout
    assert "Здесь каталоги: other, town\n" in said
    assert "  pokazatel check other  " in said


def test_alone_with_mistakes_in_the_catalogue() -> None:
    write("town/town.yaml", TOWN.replace("formula: teams", "formula: teems"))
    done = call()
    assert done.exit_code == 1
    assert done.stdout.splitlines()[0] == "Каталог: town — 1 ошибка"
    assert "  pokazatel check town  посмотреть, что исправить\n" in done.stdout


def test_alone_in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    done = call()
    assert done.exit_code == 0
    assert done.stdout.startswith("В этой папке нет каталога показателей.\nДальше:\n")
    for command in ("demo", "new", "--help"):
        assert f"  pokazatel {command}" in done.stdout


@pytest.mark.no_cover
def test_a_demo_is_ready_to_be_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert call("demo", "michurinsk", "try").exit_code == 0
    monkeypatch.chdir("try")
    assert call("check").exit_code == 0
    assert call("evaluate", "--level", "municipality", "--year", "2023").exit_code == 0
    assert "  pokazatel evaluate " in call().stdout


# --- Tab ------------------------------------------------------------------------------------------


def completed(line: str, typed: str = "") -> set[str]:
    """What bash is offered after the words of a line for a word that is half typed."""
    shell = BashComplete(main, {}, "pokazatel", "_POKAZATEL_COMPLETE")
    items = shell.get_completions(line.split(), typed)
    return {item.value for item in items if item.type == "plain"}


def test_names_are_completed() -> None:
    assert {"town", "berezniki", "michurinsk"} <= completed("check")
    assert completed("explain", "share") == {"share_tested", "share_tested.ovz"}
    assert completed("explain town", "all") == {"all_teams"}
    assert "diagnosed_share" in completed("explain berezniki")
    assert completed("evaluate --year") == {"2022", "2023"}
    assert "2024" in completed("evaluate berezniki --year")
    assert completed("evaluate --level") == {"school", "municipality"}
    assert completed("form") == {"report"}
    assert completed("report --template", "s") >= {
        "summary",
        "school",
        "school.docx",
        "school.html",
    }
    assert completed("", "ev") == {"evaluate"}


def test_a_shell_is_told_nothing_of_mistakes(capsys: pytest.CaptureFixture[str]) -> None:
    write("pokazatel.yaml", "project: {catalog: town}\n")
    assert completed("evaluate --year") == set()
    assert completed("evaluate nowhere --year") == set()
    write("town/town.yaml", "catalogue: {id: town")
    assert completed("explain town") == set()
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "")
