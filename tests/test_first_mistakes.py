"""What a methodologist stumbles on at her first attempts: wrong folders, missing words, pasted titles."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from engine.catalogue.load import load
from engine.console.main import main
from tests.written import write_files

TOWN = """\
catalogue: {id: town, title: "Город\\tи\\nшколы", years: [2023]}
groups: {"1": {title: "Первый\\t раздел"}}
register: {kind: {title: Вид, type: choice, options: {one: "обычная\\n школа", two: "лицей\\t"}}}
inputs:
  pupils: {title: "Обучающиеся\\t 9\\nклассов", unit: person}
  day: {title: День, type: date}
indicators:
  all: {title: "Всего\\nобучающихся ", group: "1", unit: person, formula: pupils}
forms:
  report: {title: Отчёт, sections: [{title: Раздел, rows: [{number: "1.", input: pupils}]}]}
"""
REGISTER = 'school;title;kind\na;"Школа\n  А";one\nb;Б;two\n'
FACTS = "school;year;pupils;day\na;2023;2;05.10.2023\nb;2023;1;01.03.2023\n"


@pytest.fixture(autouse=True)
def _town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    files = {
        "town/town.yaml": TOWN,
        "data/schools.csv": REGISTER,
        "data/facts.csv": FACTS,
    }
    write_files(tmp_path, files)


def call(*arguments: str) -> Result:
    done = CliRunner().invoke(main, arguments, env={"POKAZATEL_LANG": "ru"})
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


def test_a_title_is_one_line_wherever_it_was_pasted_from() -> None:
    catalogue, _problems = load("town")
    assert catalogue is not None
    assert catalogue.title == "Город и школы"
    assert catalogue.groups["1"].title == "Первый раздел"
    assert dict(catalogue.register["kind"].options) == {"one": "обычная школа", "two": "лицей"}
    assert catalogue.inputs["pupils"].title == "Обучающиеся 9 классов"
    assert catalogue.indicators["all"].title == "Всего обучающихся"
    proof = call("explain", "town", "all", "--data", "data", "--year", "2023")
    assert "\n  Школа А [a]\n" in proof.stdout


def test_a_date_is_printed_as_she_writes_it_and_given_to_programs_as_it_is() -> None:
    point = ("town", "day", "--data", "data", "--year", "2023")
    proof = call("explain", *point)
    assert "Значение: 01.03.2023; 05.10.2023\n" in proof.stdout
    assert "day = 05.10.2023 (" in proof.stdout
    table = ("evaluate", "town", "--data", "data", "--inputs", "--level", "school", "--format")
    assert " 05.10.2023 " in call(*table, "table").stdout
    assert '"2023-10-05"' in call(*table, "json").stdout


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (("evaluate",), ("Не хватает аргумента «КАТАЛОГ»", "показывает pokazatel list")),
        (("evaluate", "town"), ("Не хватает параметра «--data»", "Папка с данными")),
        (("form", "town"), ("Не хватает аргумента «ФОРМА»", "под ключом forms")),
        (("explain", "town", "all", "--data", "data"), ("«--year»", "Год, за который")),
        (
            ("evaluate", "town", "--data", "data", "--year", "2023/24"),
            ("«2023/24» — не год", "учебный год"),
        ),
        (("evaluate", "town", "--data", "data", "--year", "23"), ("«23» — не год",)),
    ],
)
def test_a_missing_or_wrong_word_is_told_with_what_is_due(
    command: tuple[str, ...], words: tuple[str, ...]
) -> None:
    done = call(*command)
    assert done.exit_code == 2
    assert all(word in done.stderr for word in words), done.stderr


def test_of_what_a_catalogue_has_none_nothing_is_listed() -> None:
    town = Path("town/town.yaml")
    town.write_text(TOWN.partition("forms:")[0].replace("register:", "# "), encoding="utf-8")
    form = call("form", "town", "x", "--data", "data", "--year", "2023", "-o", "forms")
    by_column = call("evaluate", "town", "--data", "data", "--by", "kind")
    for done in (form, by_column):
        assert done.exit_code == 2
        assert "в каталоге их нет" in done.stderr


def test_a_folder_that_is_not_there_is_told_with_the_one_that_may_be_meant() -> None:
    done = call("evaluate", "town", "--data", "dat")
    assert done.exit_code == 3
    assert "может быть, «data»?" in done.stderr


def test_beside_a_project_the_program_alone_says_where_it_is() -> None:
    Path("town").rename("data/town")
    Path("моя проба").mkdir()
    Path("моя проба/pokazatel.yaml").write_text("project: {catalogue: berezniki}\n", "utf-8")
    assert 'В папке моя проба он есть: cd "моя проба"\n' in call().stdout


def test_a_folder_without_forms_or_tables_is_told() -> None:
    Path("empty").mkdir()
    collected = call("collect", "town", "empty", "--data", "data", "-o", "collected")
    assert collected.exit_code == 0
    assert "empty: предупреждение: в этой папке нет ни одной книги" in collected.stderr
    adopted = call("adopt", "town", "empty", "--data", "data", "-o", "adopted")
    assert adopted.exit_code == 3
    assert "empty: ошибка: в этой папке нет ни одного файла" in adopted.stderr
    assert not Path("adopted").exists()


def test_a_form_that_came_empty_is_told_once() -> None:
    form = ("form", "town", "report", "--data", "data", "--year", "2023", "-o", "forms")
    assert call(*form).exit_code == 0
    done = call("collect", "town", "forms", "--data", "data", "-o", "collected")
    assert done.stderr.count("форма пришла пустой") == 2
    assert "осталось прежнее значение" not in done.stderr


def test_what_the_system_refuses_is_told_in_her_language(monkeypatch: pytest.MonkeyPatch) -> None:
    read = Path.read_bytes

    def refuse(path: Path) -> bytes:
        if path.name == "facts.csv":
            raise PermissionError(13, "Permission denied", str(path))
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", refuse)
    done = call("evaluate", "town", "--data", "data", "--format", "csv")
    assert "facts.csv: ошибка: файл не удалось прочитать: нет доступа" in done.stderr
    assert "Permission" not in done.stderr
