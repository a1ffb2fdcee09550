"""The command line: every command, its help, its outputs, its exit codes."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import openpyxl
import polars as pl
import pytest
from click.testing import CliRunner, Result

from engine.console import main as cli
from engine.console.click_words import Command
from engine.evaluation.asking import ALWAYS, COLUMNS
from tests.adopting import Table, write_workbook

ROOT = Path(__file__).resolve().parent.parent
DEMO = "definitions/berezniki/demo"
SHIPPED = ("absence", "berezniki", "dubenki", "efficiency", "michurinsk")
COMMANDS = sorted(cli.main.commands)


@pytest.fixture(autouse=True)
def _at_home(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(ROOT)
    for name in ("POKAZATEL_LANG", "POKAZATEL_DEFINITIONS", "LANG", "LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    language = os.environ.get("LANGUAGE")
    yield
    os.environ.pop("LANGUAGE", None)
    if language is not None:
        os.environ["LANGUAGE"] = language


def call(*arguments: str, **environment: str) -> Result:
    done = CliRunner().invoke(cli.main, [*arguments], env=environment)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.output
    return done


def typed(line: str, folder: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command as it is typed in a folder, in a process of its own."""
    program, *arguments = shlex.split(line)
    assert program == "pokazatel"
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("POKAZATEL_L", "LC_", "LANG"))}
    return subprocess.run(
        [sys.executable, "-m", "engine", *arguments],
        cwd=folder,
        env={**kept, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", **environment},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def evaluated(*arguments: str) -> list[dict[str, Any]]:
    done = call("evaluate", "berezniki", "--data", DEMO, *arguments)
    assert done.exit_code == 0, done.stderr
    return list(json.loads(done.stdout))


# --- help --------------------------------------------------------------------------------------


def example_of(name: str) -> str:
    command = cli.main.commands[name] if name else cli.main
    assert isinstance(command, Command)
    return command.example


@pytest.mark.parametrize("name", ["", *COMMANDS])
@pytest.mark.parametrize(("language", "word"), [("ru", "Пример"), ("en", "Example")])
def test_help_ends_with_an_example(name: str, language: str, word: str) -> None:
    done = call(*([name] if name else []), "--help", "--lang", language)
    assert done.exit_code == 0
    *_before, heading, example = done.stdout.rstrip("\n").split("\n")
    assert heading == f"{word}:"
    assert example.strip() == example_of(name)
    assert max(map(len, _before)) <= 80


@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_the_example_of_help_runs(name: str, tmp_path: Path) -> None:
    example = example_of(name)
    if name == "collect":  # the forms that another example has written
        sent = tmp_path / "forms"
        assert (
            typed(example_of("form").replace("-o forms", f"-o {shlex.quote(str(sent))}")).returncode
            == 0
        )
        example = example.replace(" forms ", f" {shlex.quote(str(sent))} ")
    if name == "diff":  # the catalogue as it was
        former = tmp_path / "berezniki-2023"
        shutil.copytree(ROOT / "definitions" / "berezniki", former)
        example = example.replace(" berezniki-2023 ", f" {shlex.quote(str(former))} ")
    if name == "adopt":  # a workbook that somebody has on her desk
        rows: list[list[object]] = [["Школа", "Обучающиеся школы"], ["Школа № 1 (демо)", 1440]]
        book = write_workbook([Table(rows, titles=["за 2023 год"])], tmp_path / "svod.xlsx")
        example = example.replace(" svod.xlsx ", f" {shlex.quote(str(book))} ")
    if " -o " in example:  # what it writes stays out of the project
        command, _, file = example.rpartition(" -o ")
        example = f"{command} -o {shlex.quote(str(tmp_path / file))}"
    done = typed(example, tmp_path if name in {"demo", "new"} else ROOT)
    assert done.returncode == 0, done.stderr
    assert done.stdout or list(tmp_path.iterdir())


def test_help_is_russian_unless_asked_otherwise() -> None:
    assert call("--help").stdout.startswith("Использование: pokazatel [ПАРАМЕТРЫ]")
    assert call("--help", LANG="C").stdout.startswith("Использование")
    assert call("--help", LC_ALL="POSIX").stdout.startswith("Использование")
    assert call("--help", LANG="en_US.UTF-8").stdout.startswith("Usage: pokazatel [OPTIONS]")
    assert call("--help", POKAZATEL_LANG="en").stdout.startswith("Usage")
    assert call("--help", "--lang=ru", LANG="en_US.UTF-8").stdout.startswith("Использование")


@pytest.mark.no_cover
@pytest.mark.parametrize(
    "arguments",
    [("--lang", "en", "check", "berezniki"), ("check", "--lang", "en", "berezniki")],
)
def test_the_language_stands_before_or_after_the_command(arguments: tuple[str, ...]) -> None:
    assert call(*arguments).stdout == "berezniki: no errors\n"
    assert call("check", "berezniki").stdout == "berezniki: ошибок нет\n"


@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_russian_help_has_no_english_words(name: str) -> None:
    text = call(*([name] if name else []), "--help").stdout
    for word in ("Usage", "OPTIONS", "Options", "Commands", "Show", "required", "default"):
        assert word not in text
    for parameter in cli.main.commands[name].params if name else cli.main.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, parameter.name


def test_usage_errors_speak_the_language() -> None:
    done = call("evaluate")
    assert done.exit_code == 2
    assert "Ошибка: Не хватает аргумента «КАТАЛОГ»" in done.stderr
    assert "Справка: pokazatel evaluate --help" in done.stderr
    assert "Не хватает параметра «--data»" in call("evaluate", "berezniki").stderr
    assert "Нет команды" in call("evaluat").stderr
    assert "Нет параметра" in call("check", "berezniki", "--al").stderr
    assert "не из списка" in call("check", "berezniki", "--format", "csv").stderr
    assert "не из списка" in call("--lang", "de", "list").stderr
    assert "Лишнее слово" in call("list", "лишнее").stderr
    done = call("explain", "a", "b", "--data", "x", "--year", "y")
    assert "«y» — не год: пишут 2024" in done.stderr
    assert "integer" not in done.stderr
    done = call("new", "city", "--order", "no.xlsx")
    assert "нет такого файла или папки: «no.xlsx»" in done.stderr
    assert "File" not in done.stderr
    done = call("list", "--definitions", "no")
    assert "такого файла или папки нет: «no»" in done.stderr
    assert "Directory" not in done.stderr
    assert "No such command" in call("--lang", "en", "evaluat").stderr


def test_version() -> None:
    assert call("--version").stdout.startswith("pokazatel ")


@pytest.mark.no_cover
@pytest.mark.parametrize("arguments", [("--help",), ("evaluate",), ("list",)])
def test_every_door_leads_to_the_same_commands(arguments: tuple[str, ...]) -> None:
    first, *others = [
        subprocess.run(
            [sys.executable, *door, *arguments, "--lang", "en"],
            cwd=ROOT,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        for door in (("cli.py",), ("-m", "engine"), ("-m", "cli"))
    ]
    assert first.returncode == call(*arguments).exit_code
    assert "pokazatel" in first.stdout + first.stderr or "berezniki" in first.stdout
    for other in others:
        assert (other.returncode, other.stdout) == (first.returncode, first.stdout)
        assert other.stderr == first.stderr


def test_help_loads_nothing_heavy() -> None:
    code = "import sys; sys.argv = ['p', 'evaluate', '--help']; from engine.console import main as cli\n"
    code += "try: cli.main()\nexcept SystemExit: print(*sys.modules, file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    heavy = {"yaml", "jsonschema", "polars", "jinja2", "simpleeval", "rich"}
    assert not set(done.stderr.split()) & heavy


@pytest.mark.parametrize("chosen", ["", "background_thread:true,"])
def test_how_to_keep_memory_is_set_before_polars_is_loaded(chosen: str) -> None:
    """Polars reads it then; what a person has set is kept beside it."""
    code = """if True:
    import os, sys
    from engine.console.main import main
    class Watch:
        def find_spec(self, name, *_more):
            if name == "polars":
                print(os.environ["_RJEM_MALLOC_CONF"], file=sys.stderr)
    sys.meta_path.insert(0, Watch())
    main(["evaluate", "berezniki", "--data", "definitions/berezniki/demo", "--format", "json"])
    """
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "_RJEM_MALLOC_CONF": chosen.rstrip(",")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr.splitlines()[0] == f"{chosen}narenas:1,dirty_decay_ms:10000"


# --- list, check, test, templates --------------------------------------------------------------


def test_list_names_what_ships_or_stands_in_a_folder(tmp_path: Path) -> None:
    shipped = call("list").stdout.splitlines()
    assert [line.split()[0] for line in shipped] == list(SHIPPED)
    assert "Самоопределение" in shipped[1]
    (tmp_path / "town").mkdir()
    (tmp_path / "town" / "a.yaml").write_text("catalogue: {id: town, title: Городок}\n", "utf-8")
    done = call("list", "--definitions", str(tmp_path))
    assert (done.exit_code, done.stdout) == (
        0,
        f"town                 {tmp_path.as_posix()}/town Городок\n",
    )
    (tmp_path / "town" / "a.yaml").write_text("catalogue: {id: town, titel: Городок}\n", "utf-8")
    done = call("list", "--definitions", str(tmp_path))
    assert done.exit_code == 1
    assert "есть ошибки" in done.stdout
    assert call("list", "--definitions", str(tmp_path / "nowhere")).exit_code == 2


@pytest.mark.no_cover
def test_list_prints_the_folder_of_each_in_sight_and_shipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert [line.split()[1] for line in call("list").stdout.splitlines()] == [
        f"definitions/{name}" for name in SHIPPED
    ]
    (tmp_path / "berezniki").mkdir()
    (tmp_path / "berezniki" / "a.yaml").write_text(
        "catalogue: {id: berezniki, title: Наш}\n", "utf-8"
    )
    monkeypatch.chdir(tmp_path)
    lines = [line.split()[:3] for line in call("list").stdout.splitlines()]
    assert lines[0] == ["berezniki", "berezniki", "Наш"]
    assert [line[:2] for line in lines[1:]] == [
        [name, (ROOT / "definitions" / name).as_posix()] for name in SHIPPED
    ]


@pytest.mark.parametrize(
    "line",
    [
        ("check", "berezniki"),
        ("evaluate", "berezniki", "--data", DEMO, "--year", "2023"),
        ("explain", "berezniki", "pupils", "--data", DEMO, "--year", "2023"),
        ("report", "berezniki", "--data", DEMO, "--year", "2023"),
        ("form", "berezniki", "plan_report", "--data", DEMO, "--year", "2023", "-o", "forms"),
        ("collect", "berezniki", "schools", "-o", "out"),
        ("templates", "--catalogue", "berezniki"),
        ("test", "berezniki"),
    ],
)
def test_every_command_reads_the_folder_in_sight_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: tuple[str, ...]
) -> None:
    """The one in sight has a mistake that the shipped one has not."""
    (tmp_path / "berezniki").mkdir()
    (tmp_path / "schools").mkdir()
    (tmp_path / "berezniki" / "a.yaml").write_text("catalogue: {id: berezniki, titel: Наш}\n")
    monkeypatch.chdir(tmp_path)
    done = call(*line)
    assert done.exit_code == (1 if line[0] == "check" else 3)
    assert "titel" in done.output
    said = [text for text in done.stderr.splitlines() if "читается из этой папки" in text]
    assert len(said) == 1
    assert said[0].startswith("berezniki: пояснение: каталог «berezniki»")
    assert (ROOT / "definitions/berezniki").as_posix() in said[0]


@pytest.mark.no_cover
def test_check_of_clean_catalogues() -> None:
    done = call("check", "berezniki", "michurinsk")
    assert done.exit_code == 0
    assert done.stdout == "berezniki: ошибок нет\nmichurinsk: ошибок нет\n"
    assert call("check", "berezniki", "michurinsk", "--format", "json").stdout == "[]\n"


@pytest.mark.no_cover
def test_check_all_shows_what_is_accepted() -> None:
    done = call("check", "berezniki", "--all")
    assert done.exit_code == 0
    assert ": пояснение: " in done.stdout
    found = json.loads(call("check", "berezniki", "--all", "--format", "json").stdout)
    assert {problem["severity"] for problem in found} == {"note"}


BROKEN = """\
catalogue: {id: town, title: Городок, years: [2023]}
inputs:
  pupils: {title: Всего, unit: person}
indicators:
  half: {title: Половина, unit: percent, formula: "share(pupils, pupills)"}
  other: {title: Другая, unit: percent, formula: "100 * (pupils / pupils"}
"""
WARNED = """\
catalogue: {id: town, title: Городок, years: [2023]}
inputs:
  pupils: {title: Всего, unit: person}
indicators:
  pupils: {title: Всего, comparator: none, targets: {2023: 3}}
checks:
  - {id: odd, level: catalogue, rule: target(pupils) > 5, message: Цель мала, severity: warning}
"""


def town(folder: Path, text: str) -> str:
    folder.mkdir(exist_ok=True)
    (folder / "town.yaml").write_text(text, "utf-8")
    return str(folder)


def test_check_prints_every_problem_with_its_place(tmp_path: Path) -> None:
    path = town(tmp_path / "town", BROKEN)
    done = call("check", path)
    assert done.exit_code == 1
    assert "town.yaml:5:66: ошибка: " in done.stdout
    assert "town.yaml:6:57: ошибка: " in done.stdout
    assert done.stdout.endswith(f"{path}: 2 ошибки\n")
    assert done.stderr == ""
    problems = json.loads(call("check", path, "--format", "json").stdout)
    assert [(one["line"], one["column"], one["severity"]) for one in problems] == [
        (5, 66, "error"),
        (6, 57, "error"),
    ]
    assert "pupils" in problems[0]["hint"]


def test_warnings_alone_are_clean(tmp_path: Path) -> None:
    done = call("check", town(tmp_path / "town", WARNED))
    assert done.exit_code == 0
    assert "предупреждение: Цель мала" in done.stdout
    assert done.stdout.endswith("ошибок нет, 1 предупреждение\n")


def test_a_catalogue_is_found_by_id_or_path(tmp_path: Path) -> None:
    path = town(tmp_path / "town", WARNED)
    assert call("check", path).exit_code == 0
    assert call("check", "town", "--definitions", str(tmp_path)).exit_code == 0
    assert call("check", "town", POKAZATEL_DEFINITIONS=str(tmp_path)).exit_code == 0
    done = call("check", "beresniki")
    assert done.exit_code == 3
    assert "каталога «beresniki» нет" in done.stdout
    assert "возможно" in done.stdout.lower() or "berezniki" in done.stdout


@pytest.mark.no_cover
def test_the_examples_of_catalogues_run(tmp_path: Path) -> None:
    done = call("test", "berezniki")
    assert done.exit_code == 0
    assert done.stdout.endswith(", расхождений нет\n")
    text = WARNED + (
        "examples:\n  - name: мало\n    years: {2023: {a: {pupils: 2}}}\n    expect: {pupils: 3}\n"
    )
    done = call("test", town(tmp_path / "town", text))
    assert done.exit_code == 1
    assert (
        "town.yaml:11:14: ошибка: пример «мало»: pupils: ожидалось 3, получилось 2" in done.stdout
    )
    assert done.stdout.endswith(": 1 пример, 1 не сошёлся\n")


def test_templates_are_named_and_copied(tmp_path: Path) -> None:
    done = call("templates")
    named = [line.split()[0] for line in done.stdout.splitlines()]
    assert {"report.html", "summary.html", "summary.md"} <= set(named)
    assert not any(name.startswith("_") for name in named)
    done = call("templates", "--copy", "summary.md", str(tmp_path))
    assert done.exit_code == 0
    assert (tmp_path / "summary.md.j2").is_file()
    done = call("templates", "--copy", "summary.md", str(tmp_path))
    assert done.exit_code == 3
    assert "уже есть" in done.stderr
    assert "summary.md" in call("templates", "--copy", "sumary.md", str(tmp_path)).stderr
    own = tmp_path / "town" / "templates"
    path = town(tmp_path / "town", WARNED)
    own.mkdir()
    (own / "mine.txt.j2").write_text("{# Мой отчёт #}\nтекст\n", "utf-8")
    assert "mine.txt " in call("templates", "--catalogue", path).stdout
    assert "Мой отчёт" in call("templates", "--catalogue", path).stdout


# --- evaluate ----------------------------------------------------------------------------------


@pytest.mark.no_cover
def test_evaluate_gives_json_where_nobody_looks() -> None:
    rows = evaluated("--year", "2023", "--level", "municipality")
    assert {tuple(row) for row in rows} == {COLUMNS}
    assert {row["year"] for row in rows} == {2023}
    assert {row["level"] for row in rows} == {"municipality"}


@pytest.mark.no_cover
def test_evaluate_narrows() -> None:
    rows = evaluated(
        *("--place", "school-01", "--indicator", "diagnosed_share", "--year", "2022"),
        *("--year", "2023", "--scenario", "fact", "--columns", "value, reported"),
    )
    assert [(row["place"], row["year"], row["scenario"]) for row in rows] == [
        ("school-01", 2022, "fact"),
        ("school-01", 2023, "fact"),
    ]
    assert set(rows[0]) == {*ALWAYS, "value", "reported"}
    inputs = evaluated("--indicator", "students_8_9", "--level", "municipality")
    assert {row["indicator"] for row in inputs} == {"students_8_9"}
    every = {row["indicator"] for row in evaluated("--inputs", "--level", "municipality")}
    assert {"students_8_9", "diagnosed_share"} <= every


@pytest.mark.no_cover
def test_a_table_shows_the_highest_level() -> None:
    arguments = ("evaluate", "berezniki", "--data", DEMO, "--year", "2023", "--format", "table")
    done = call(*arguments)
    assert done.exit_code == 0
    lines = done.stdout.splitlines()
    assert lines[0].startswith("Город Березники, 2023\u00a0год ")
    assert lines[0].split()[4:] == ["Значение", "Цель", "Откл.", "Сдали"]
    assert max(map(len, lines)) <= 80
    # 23 indicators, then 49 results of events.
    assert len(lines) <= 90
    assert lines.index("") == 24
    assert len([line for line in lines[:-3] if re.match("[√!] |  ", line)]) == 23 + 49
    assert "Школа № 1" not in done.stdout
    assert "81,1" in done.stdout
    assert "\x1b[" not in done.stdout
    schools = call(*arguments, "--place", "school-01", "--indicator", "diagnosed_share")
    assert "Диагностика 8–9\u00a0классов" in schools.stdout
    assert "(≥ 82,0)" in schools.stdout
    every = call(*arguments[:-2], "--long", "--indicator", "diagnosed_share")
    assert {"Динамика", "Без", "округления", "Проверки"} <= set(every.stdout.split())
    columns = call(*arguments, "--columns", "value,change", "--indicator", "diagnosed_share")
    assert columns.stdout.splitlines()[0].split() == ["Имя", "Год", "Значение", "Изменение"]


@pytest.mark.no_cover
@pytest.mark.parametrize("ending", ["json", "csv", "xlsx", "parquet", "txt"])
def test_the_name_of_the_file_says_the_format(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"results.{ending}"
    done = call(
        *("evaluate", "berezniki", "--data", DEMO, "--year", "2023", "-o", str(path)),
        *("--indicator", "diagnosed_share"),
    )
    assert done.exit_code == 0
    assert done.stdout == ""
    assert str(path) in done.stderr
    heights: dict[str, Callable[[], int]] = {
        "json": lambda: len(json.loads(path.read_text("utf-8"))),
        "csv": lambda: len(path.read_text("utf-8-sig").splitlines()) - 1,
        "xlsx": lambda: int(openpyxl.load_workbook(path).worksheets[0].max_row) - 1,
        "parquet": lambda: pl.read_parquet(path).height,
        "txt": lambda: 19 if "Диагностика 8–9" in path.read_text("utf-8") else 0,
    }
    assert heights[ending]() == 19
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


@pytest.mark.no_cover
def test_the_format_wins_over_the_name(tmp_path: Path) -> None:
    path = tmp_path / "results.txt"
    arguments = ("evaluate", "berezniki", "--data", DEMO, "--year", "2023", "-o", str(path))
    assert call(*arguments, "--format", "json").exit_code == 0
    assert json.loads(path.read_text("utf-8"))
    path = tmp_path / "results.doc"
    done = call("evaluate", "berezniki", "--data", DEMO, "-o", str(path))
    assert done.exit_code == 2
    assert "xlsx" in done.stderr


def test_problems_of_data_stop_nothing(tmp_path: Path) -> None:
    path = town(tmp_path / "town", WARNED)
    data = tmp_path / "data"
    data.mkdir()
    (data / "schools.csv").write_text("school;title\na;А\nb;Б\n", "utf-8")
    (data / "facts.csv").write_text("school;year;pupils\na;2023;много\nb;2023;4\n", "utf-8")
    output = tmp_path / "results.json"
    done = call("evaluate", path, "--data", str(data), "-o", str(output))
    assert done.exit_code == 1
    assert "facts.csv:2:3, C2: ошибка: " in done.stderr
    assert "1 ошибка, 1 предупреждение" in done.stderr
    rows = json.loads(output.read_text("utf-8"))
    assert {row["place"]: row["reason"] for row in rows} == {
        "a": "not_readable",
        "b": None,
        "town": None,
    }
    assert "много" in done.stderr
    page = tmp_path / "report.md"
    done = call("report", path, "--data", str(data), "--year", "2023", "-o", str(page))
    assert done.exit_code == 1
    assert "Всего" in page.read_text("utf-8")
    done = call("explain", path, "pupils", "--data", str(data), "--year", "2023", "--place", "b")
    assert done.exit_code == 1
    assert "4" in done.stdout


def test_a_catalogue_of_nothing_evaluates_to_nothing(tmp_path: Path) -> None:
    path = town(tmp_path / "town", "catalogue: {id: town, title: Городок}\n")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "schools.csv").write_text("school;title\na;А\n", "utf-8")
    done = call("evaluate", path, "--data", str(tmp_path / "data"))
    assert (done.exit_code, done.stdout) == (0, "[]\n")
    for shape in ("table", "csv", "xlsx", "parquet"):
        arguments = ("--format", shape, "-o", str(tmp_path / f"results.{shape}"))
        assert call("evaluate", path, "--data", str(tmp_path / "data"), *arguments).exit_code == 0


# --- explain and report ------------------------------------------------------------------------


@pytest.mark.no_cover
def test_explain_proves_one_number(tmp_path: Path) -> None:
    arguments = ("explain", "berezniki", "diagnosed_share", "--data", DEMO, "--year", "2023")
    done = call(*arguments)
    assert done.exit_code == 0
    assert "Формула: share(diagnosed_8_9, students_8_9)" in done.stdout
    assert "Не вошли в расчёт (1):" in done.stdout
    proof = json.loads(call(*arguments, "--format", "json", "--place", "school-01").stdout)
    asked = ("--year", "2023", "--place", "school-01", "--indicator", "diagnosed_share")
    assert [proof["row"]] == evaluated(*asked, "--scenario", "fact")
    path = tmp_path / "proof.txt"
    assert call(*arguments, "-o", str(path)).exit_code == 0
    assert path.read_text("utf-8") == done.stdout


@pytest.mark.no_cover
def test_report_by_a_template_of_ones_own(tmp_path: Path) -> None:
    template = tmp_path / "mine.txt.j2"
    template.write_text("{{ catalogue.title }}: {{ years | join(', ') }}\n", "utf-8")
    page = tmp_path / "berezniki-2023-mine.txt"
    arguments = ("report", "berezniki", "--data", DEMO, "--year", "2023", "-o", str(tmp_path))
    done = call(*arguments, "--template", str(template))
    assert done.exit_code == 0
    assert page.read_text("utf-8") == "Самоопределение и профориентация: 2023\n"
    page.unlink()  # a plain text holds no seal: it would not be written over
    template.write_text("{{ nothing }}\n", "utf-8")
    done = call(*arguments, "--template", str(template))
    assert done.exit_code == 3
    assert f"{template}:1: ошибка: " in done.stderr
    done = call(*arguments, "--template", "sumary.html.j2")
    assert done.exit_code == 3
    assert "summary.html.j2" in done.stderr
