"""Exit codes: 0 clean, 1 results written and errors printed, 2 usage, 3 nothing computed."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from openpyxl import Workbook

from engine.console.main import main

TOWN = """\
catalogue: {id: town, title: Городок, years: [2023]}
inputs:
  pupils: {title: Всего, unit: person}
indicators:
  pupils: {title: Всего, comparator: none, targets: {2023: 3}}
forms:
  report: {title: Отчёт, sections: [{title: Раздел, rows: [{number: "1.", input: pupils}]}]}
examples:
  - {name: сумма, years: {2023: {a: {pupils: 2}, b: {pupils: 1}}}, expect: {pupils: 3}}
"""
WARNED = (
    TOWN
    + """\
checks:
  - {id: odd, level: catalogue, rule: target(pupils) > 5, message: Цель мала, severity: warning}
"""
)
BROKEN = TOWN.replace("title: Отчёт", "titel: Отчёт")
FAILING = TOWN.replace("expect: {pupils: 3}", "expect: {pupils: 4}")

REGISTER = "school;title\na;Школа А\nb;Школа Б\n"
GOOD = "school;year;pupils\na;2023;2\nb;2023;1\n"
BAD = GOOD.replace(";2\n", ";много\n")
UNREADABLE = "Сведения о школах\nшкола А;2;3\n"

EVALUATE = ("evaluate", "town", "--data", "data", "-o", "out.csv")
EXPLAIN = ("explain", "town", "pupils", "--data", "data", "--year", "2023")
REPORT = ("report", "town", "--data", "data", "--year", "2023", "-o", "out.html")
FORM = ("form", "town", "report", "--data", "data", "--year", "2023", "-o", "forms")
COLLECT = ("collect", "town", "forms", "--data", "data", "-o", "collected")
CHECK, TEST = ("check", "town"), ("test", "town")
COMPUTING = (EVALUATE, EXPLAIN, REPORT, FORM, COLLECT, TEST)
OF_DATA = (EVALUATE, EXPLAIN, REPORT)


@pytest.fixture(autouse=True)
def _town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(TOWN, GOOD)
    assert call(*FORM).exit_code == 0


def write(catalogue: str, facts: str) -> None:
    for name, text in (
        ("town/town.yaml", catalogue),
        ("data/schools.csv", REGISTER),
        ("data/facts.csv", facts),
    ):
        path = Path(name)
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")


def call(*arguments: str) -> Result:
    done = CliRunner().invoke(main, arguments)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


@pytest.mark.no_cover
@pytest.mark.parametrize("command", [CHECK, *COMPUTING], ids=lambda command: command[0])
def test_a_clean_run_and_warnings_end_with_0_and_strictly_with_1(command: tuple[str, ...]) -> None:
    assert call(*command).exit_code == 0
    # Forms that came back empty are a warning.
    assert call(*command, "--strict").exit_code == (1 if command is COLLECT else 0)
    write(WARNED, GOOD)
    done = call(*command)
    assert done.exit_code == 0
    assert "предупреждение: Цель мала" in done.output
    assert call(*command, "--strict").exit_code == 1


@pytest.mark.no_cover
@pytest.mark.parametrize("command", OF_DATA, ids=lambda command: command[0])
def test_errors_of_data_end_with_1_and_results_are_written(command: tuple[str, ...]) -> None:
    write(TOWN, BAD)
    done = call(*command)
    assert done.exit_code == 1
    assert "«много»" in done.stderr
    output = Path(command[-1])
    assert output.is_file() if "-o" in command else "Значение" in done.stdout


@pytest.mark.parametrize("command", OF_DATA, ids=lambda command: command[0])
def test_data_that_cannot_be_read_end_with_3_and_nothing_is_written(
    command: tuple[str, ...],
) -> None:
    write(TOWN, UNREADABLE)
    done = call(*command)
    assert (done.exit_code, done.stdout) == (3, "")
    assert done.stderr.endswith("из данных не прочитано ни одного числа: ничего не посчитано\n")
    assert not Path("out.csv").exists()
    assert not Path("out.html").exists()


@pytest.mark.no_cover
@pytest.mark.parametrize("command", COMPUTING, ids=lambda command: command[0])
def test_errors_of_a_catalogue_end_with_3(command: tuple[str, ...]) -> None:
    write(BROKEN, GOOD)
    done = call(*command)
    assert done.exit_code == 3
    assert "titel" in done.stderr
    assert call(*CHECK).exit_code == 1
    assert call("list").exit_code == 1
    assert call("templates", "--catalogue", "town").exit_code == 3


@pytest.mark.parametrize("command", [CHECK, *COMPUTING], ids=lambda command: command[0])
def test_no_catalogue_ends_with_3_and_a_mistyped_command_with_2(command: tuple[str, ...]) -> None:
    assert call(command[0], "nowhere", *command[2:]).exit_code == 3
    assert call(*command, "--nothing").exit_code == 2


def test_an_example_that_fails_ends_with_1() -> None:
    write(FAILING, GOOD)
    assert call(*TEST).exit_code == 1


def test_collected_answers_with_errors_end_with_1() -> None:
    write(TOWN, BAD)
    done = call(*COLLECT)
    assert done.exit_code == 1
    assert Path("collected").is_dir()


@pytest.mark.parametrize("register", ["school;title\n", "shcool;title\na;Школа А\n"])
def test_forms_of_schools_that_a_broken_register_lacks_follow_from_it(register: str) -> None:
    Path("data/schools.csv").write_text(register, encoding="utf-8")
    Path("data/facts.csv").unlink()
    done = call(*COLLECT)
    assert done.exit_code == 1
    assert "(из-за этого ещё 2 места: " in done.stderr
    assert "в реестре такого нет" not in done.stderr


def test_forms_of_which_none_is_written_end_with_3() -> None:
    for form in Path("forms").iterdir():
        form.write_bytes(b"somebody's own")
    assert call(*FORM).exit_code == 3
    next(Path("forms").iterdir()).unlink()
    assert call(*FORM).exit_code == 1


def test_a_disk_that_refuses_ends_with_3(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path, _goal: Path) -> Path:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "replace", refuse)
    for command in (EVALUATE, REPORT):
        done = call(*command)
        assert done.exit_code == 3
        assert "нет доступа" in done.stderr


@pytest.mark.no_cover
@pytest.mark.parametrize("command", OF_DATA[::2], ids=lambda command: command[0])
def test_checks_without_a_value_are_a_note(command: tuple[str, ...]) -> None:
    checked = TOWN.replace(
        "unit: person}", "unit: person}\n  few: {title: Часть, unit: person, within: pupils}", 1
    )
    write(checked, GOOD)
    done = call(*command)
    assert "не проводил" not in done.stderr
    done = call(*command, "--all")
    assert done.exit_code == 0
    assert "пояснение: 2 проверки не проводились" in done.stderr


# --- commands that write what is not computed -----------------------------------------------------


def write_svod(cell: object) -> None:
    book = Workbook()
    assert book.active is not None
    for row in (["Школа", "Год", "Всего"], ["Школа А", 2023, cell], ["Школа Б", 2023, 1]):
        book.active.append(row)
    book.save("svod.xlsx")


ADOPT = ("adopt", "town", "svod.xlsx", "--data", "data", "-o", "adopted")


def test_adopt_ends_with_every_code() -> None:
    Path("data/facts.csv").unlink()
    write_svod(2)
    done = call(*ADOPT)
    assert done.exit_code == 0, done.output
    assert call(*ADOPT, "--strict").exit_code == 0
    Path("adopted/sources.yaml").unlink()
    write_svod("много")
    assert call(*ADOPT).exit_code == 1
    assert call(*ADOPT[:-1], "").exit_code == 2
    Path("scan.pdf").write_bytes(b"%PDF")
    assert call("adopt", "town", "scan.pdf", "-o", "none").exit_code == 3
    assert not Path("none").exists()
    write(BROKEN, GOOD)
    assert call(*ADOPT).exit_code == 3
    assert call("adopt", "nowhere", *ADOPT[2:]).exit_code == 3


def test_adopt_ends_with_1_for_warnings_where_it_is_strict() -> None:
    Path("data/facts.csv").unlink()
    write_svod(2)
    write(WARNED, GOOD)
    assert call(*ADOPT).exit_code == 0
    assert call(*ADOPT[:-1], "strict", "--strict").exit_code == 1


def test_new_ends_with_every_code() -> None:
    assert call("new", "a").exit_code == 0
    assert call("new", "b", "--strict").exit_code == 0
    book = Workbook()
    assert book.active is not None
    for row in (["№", "Показатель", "Единица измерения", "2024"], ["1.1", "Охват", "%", 40]):
        book.active.append(row)
    book.save("order.xlsx")
    done = call("new", "c", "--order", "order.xlsx")
    assert done.exit_code == 0
    assert "формула ещё не написана" in done.stderr
    assert call("new", "d", "--order", "order.xlsx", "--strict").exit_code == 1
    assert call("new", "e", "--from", "town").exit_code == 0
    write(BROKEN, GOOD)
    assert call("new", "f", "--from", "town").exit_code == 1
    assert call("new", "1f").exit_code == 2
    assert call("new", "a").exit_code == 3
    assert call("new", "g", "--from", "nowhere").exit_code == 3


@pytest.mark.no_cover
def test_commands_that_only_list_or_copy() -> None:
    assert call("list").exit_code == 0
    assert call("list", "--nothing").exit_code == 2
    assert call("templates").exit_code == 0
    assert call("templates", "--copy", "summary.html.j2", "copies").exit_code == 0
    assert call("templates", "--copy", "summary.html.j2", "copies").exit_code == 3
    assert call("templates", "--copy", "nothing", "copies").exit_code == 3
    assert call("templates", "--nothing").exit_code == 2
    assert call("demo", "try").exit_code == 0
    assert call("demo", "nowhere", "try").exit_code == 3
    assert call("demo").exit_code == 2


@pytest.mark.no_cover
@pytest.mark.parametrize("name", sorted(main.commands))
def test_every_command_that_prints_problems_takes_all_and_strict(name: str) -> None:
    options = {option for param in main.commands[name].params for option in param.opts}
    assert ({"--all", "--strict"} <= options) is (
        name not in {"list", "templates", "demo", "schema"}
    )


NOTED = {
    "check": (CHECK, "не проверяет ни один пример"),
    "evaluate": (EVALUATE, "не проверяет ни один пример"),
    "explain": (EXPLAIN, "не проверяет ни один пример"),
    "report": (REPORT, "не проверяет ни один пример"),
    "form": (FORM, "не проверяет ни один пример"),
    "collect": (COLLECT, "не проверяет ни один пример"),
    "test": (TEST, "не проверяет ни один пример"),
    "adopt": (ADOPT, "не проверяет ни один пример"),
    "new": (("new", "copied", "--from", "town"), "не проверяет ни один пример"),
}


@pytest.mark.no_cover
@pytest.mark.parametrize("name", NOTED)
def test_notes_are_printed_only_with_all(name: str) -> None:
    noted = TOWN.replace(
        "  pupils: {title: Всего, comparator",
        "  twice: {title: Вдвое, unit: person, formula: 2 * pupils}\n  pupils: {title: Всего, comparator",
    )
    write(noted, GOOD)
    write_svod(2)
    if name == "adopt":
        Path("data/facts.csv").unlink()
    command, note = NOTED[name]
    done = call(*command)
    assert "пояснени" not in done.output, done.output
    if name == "new":
        command = ("new", "again", "--from", "town")
    done = call(*command, "--all")
    assert note in done.output
    assert done.exit_code == 0, done.output
