"""On the command line an indicator and a place are named by id, number or title; problems do not drown."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from openpyxl import Workbook

from engine.console.main import main
from engine.problems import Position, Problem, describe_difference, fold_problems, show_problem
from engine.translation import choose_language

DEMO = ("--data", "definitions/berezniki/demo", "--year", "2023")
SCHOOLS, INPUTS = 30, 12


def run(*arguments: str, language: str = "en") -> Result:
    return CliRunner().invoke(main, [*arguments], env={"POKAZATEL_LANG": language})


@pytest.mark.no_cover
@pytest.mark.parametrize(
    "name", ["diagnosed_share", "DIAGNOSED_SHARE", "4.2.2", " 4.2.2 ", "4.2.2."]
)
def test_an_indicator_is_named_by_its_number(name: str) -> None:
    done = run("explain", "berezniki", name, *DEMO, "--format", "json")
    assert json.loads(done.stdout)["row"]["indicator"] == "diagnosed_share"


@pytest.mark.no_cover
@pytest.mark.parametrize("place", ["school-05", "Школа № 5 (демо)", "школа №5 (ДЕМО)"])
def test_a_place_is_named_by_its_title(place: str) -> None:
    done = run("explain", "berezniki", "4.2.2", *DEMO, "--place", place, "--format", "json")
    assert json.loads(done.stdout)["row"]["place"] == "school-05"
    table = run("evaluate", "berezniki", *DEMO, "--place", place, "--format", "json")
    assert {row["place"] for row in json.loads(table.stdout)} == {"school-05"}


@pytest.mark.no_cover
def test_a_form_is_written_for_a_place_named_by_its_title(tmp_path: Path) -> None:
    done = run(
        *("form", "berezniki", "plan_report", *DEMO, "--place", "школа №5 (демо)"),
        *("-o", str(tmp_path / "out")),
    )
    assert done.exit_code == 0, done.stderr
    assert len(list((tmp_path / "out").glob("*.xlsx"))) == 1


@pytest.mark.no_cover
def test_an_id_wins_over_a_title_and_a_place_without_a_title_is_listed(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "schools.csv").write_text(
        "school;title\nлицей;\ns2;Лицей\ns3;Школа\ns4;Школа\n", "utf-8"
    )
    (data / "facts.csv").write_text("school;year;students_8_9\nлицей;2023;5\n", "utf-8")
    call = ("evaluate", "berezniki", "--data", str(data), "--year", "2023", "--format", "json")
    done = run(*call, "--place", "ЛИЦЕЙ", "--level", "school")
    assert {row["place"] for row in json.loads(done.stdout)} == {"лицей"}
    done = run(*call, "--place", "школа")
    assert done.exit_code == 2
    assert "s3 — Школа" in done.stderr
    assert "s4 — Школа" in done.stderr


def test_words_of_a_title_list_those_that_have_them() -> None:
    done = run("explain", "berezniki", "диагностику", *DEMO)
    assert done.exit_code == 2
    listed = done.stderr.partition("in their titles:\n")[2].splitlines()
    assert [line.split(" — ")[0].strip() for line in listed] == [
        "diagnosed_share",
        "diagnosed_8_9",
    ]
    assert max(map(len, listed)) <= 120


def test_a_name_of_several_lists_them(tmp_path: Path) -> None:
    catalogue, data = tmp_path / "c", tmp_path / "data"
    catalogue.mkdir()
    data.mkdir()
    (catalogue / "c.yaml").write_text(
        "catalogue: {id: town, title: Т, levels: [school, municipality], years: [2023]}\n"
        "inputs: {a: {title: А, unit: person}}\n"
        "indicators:\n"
        '  one: {title: Первый, code: "1", unit: person, formula: a}\n'
        '  two: {title: Второй, code: "1", unit: person, formula: a + 1}\n',
        encoding="utf-8",
    )
    (data / "schools.csv").write_text("school;title\ns1;Лицей\ns2;Лицей\n", encoding="utf-8")
    (data / "n.csv").write_text("school;year;a\ns1;2023;1\n", encoding="utf-8")
    where = ("--data", str(data), "--year", "2023")
    done = run("explain", str(catalogue), "1", *where)
    assert done.exit_code == 2
    assert "one — Первый" in done.stderr
    assert "two — Второй" in done.stderr
    done = run("explain", str(catalogue), "two", *where, "--place", "лицей")
    assert done.exit_code == 2
    assert "s1 — Лицей" in done.stderr
    assert "s2 — Лицей" in done.stderr


# --- problems -------------------------------------------------------------------------------------


def wrong_cell(row: int, column: str = "D", code: str = "unreadable-cell") -> Problem:
    position = Position("n.xlsx", sheet="Лист1", cell=f"{column}{row}")
    return Problem(code, f"“passed”: “x{row}” cannot be read", position)


def test_a_column_of_one_wrong_kind_is_one_problem() -> None:
    choose_language("en")
    folded = fold_problems([*map(wrong_cell, range(2, 32)), wrong_cell(3, "E")])
    assert [(one.count, one.position and one.position.cell) for one in folded] == [
        (30, "D2"),
        (0, "E3"),
    ]
    assert "(30 such places: D2, D3, D4, …)" in show_problem(folded[0])
    assert folded[0].as_json()["count"] == 30
    assert folded[0].as_json()["places"] == [f"n.xlsx, sheet “Лист1”, D{row}" for row in (2, 3, 4)]


def test_a_few_wrong_cells_are_told_one_by_one() -> None:
    problems = [wrong_cell(row) for row in (2, 3, 4)]
    assert fold_problems(problems) == tuple(problems)


def test_failed_checks_are_never_made_one() -> None:
    problems = [wrong_cell(row, code="check:jump") for row in range(2, 12)]
    assert fold_problems(problems) == tuple(problems)


def test_an_unknown_name_is_one_problem_wherever_it_stands() -> None:
    problems = [
        Problem("unknown-name", "unknown name “zz”", Position("c.yaml", line=line), about="zz")
        for line in (3, 7)
    ]
    (folded,) = fold_problems(problems)
    assert (folded.count, len(folded.places)) == (2, 2)


def test_what_follows_from_a_problem_is_counted_at_it() -> None:
    choose_language("en")
    root = Problem("formula-syntax", "this bracket is not closed", Position("c.yaml", line=3))
    follow_ups = [
        Problem("advice-no-shortfall", "…", Position("a.yaml", line=line, column=7), cause=root)
        for line in (9, 2, 5, 7)
    ]
    # What follows from a follow-up follows from its cause.
    later = Problem("target-kind", "…", Position("z.yaml", line=1), cause=follow_ups[0])
    (folded,) = fold_problems([*follow_ups, later, root])
    assert (folded.code, folded.count, folded.follow_ups) == ("formula-syntax", 0, 5)
    assert show_problem(folded).endswith("(for this reason 5 more places: a.yaml:2:7, 5:7, 7:7, …)")
    assert folded.as_json()["count"] == 6
    assert folded.as_json()["places"] == ["c.yaml:3", "a.yaml:2:7", "a.yaml:5:7"]
    assert fold_problems([later]) == (later,), "a follow-up whose cause is not printed stays"


@pytest.mark.parametrize(
    ("written", "meant", "words"),
    [
        ("СОШ\u00a0№ 1", "СОШ № 1", "does not break"),
        ("СОШ № 4\u200b", "СОШ № 4", "not seen (U+200B)"),
        ("СОШ  № 2", "СОШ № 2", "number of spaces"),
        ("СОШ №3", "СОШ № 3", "number of spaces"),
        ("Елка", "Ёлка", "“е” and “ё”"),
        ("Лицей – 1", "Лицей - 1", "kind of dash"),
        ("Центр «А»", 'Центр "А"', "quotes"),
        ("Лицеи\u0306", "Лицей", "two signs"),
        ("CОШ № 1", "СОШ № 1", "Latin “c”"),
        ("Лицей", "Лицеи", ""),
    ],
)
def test_a_hint_shows_the_difference(written: str, meant: str, words: str) -> None:
    choose_language("en")
    difference = describe_difference(written, meant)
    assert words in difference
    assert bool(words) == bool(difference)


def clerk_town(tmp_path: Path, head: list[list[Any]], first: list[str]) -> tuple[str, str]:
    """Thirty schools × twelve inputs under some rows of a heading, with «Итого» below."""
    catalogue, data = tmp_path / "c", tmp_path / "data"
    catalogue.mkdir()
    data.mkdir()
    inputs = "\n".join(f"  i{n}: {{title: Вход {n}, unit: person}}" for n in range(INPUTS))
    (catalogue / "c.yaml").write_text(
        "catalogue: {id: town, title: Т, levels: [school, municipality], years: [2023]}\n"
        f"inputs:\n{inputs}\nindicators: {{t: {{title: Т, unit: person, formula: i0 + i1}}}}\n",
        encoding="utf-8",
    )
    schools = "".join(f"s{n};Школа № {n}\n" for n in range(SCHOOLS))
    (data / "schools.csv").write_text(f"school;title\n{schools}", encoding="utf-8")
    book = Workbook()
    assert book.active is not None
    for row in head:
        book.active.append(row)
    for n in range(SCHOOLS):
        book.active.append([*(text.format(n=n) for text in first), *range(n, n + INPUTS)])
    sums = [sum(range(n, n + SCHOOLS)) for n in range(INPUTS)]
    book.active.append(["Итого", *[""] * (len(first) - 1), *sums])
    book.save(data / "свод.xlsx")
    return str(catalogue), str(data)


TITLES = [f"Вход {n}" for n in range(INPUTS)]
UNKNOWN = [f"Показатель {chr(1040 + n) * 5}" for n in range(INPUTS)]
HEADS: dict[str, list[list[Any]]] = {
    "two rows": [["Свод"], ["Школа", "Год", *UNKNOWN], ["", "", *["всего"] * INPUTS]],
    "merged": [["Свод"], ["Школа", "Год", "Охват"], [None, None, *TITLES]],
    "unknown": [["Свод"], ["Школа", "Год", *UNKNOWN]],
    "no school": [["Свод"], ["Кто сдал", "Год", *TITLES]],
    "no year": [["Свод за 2023 год"], ["Школа", "Примечание", *TITLES]],
}


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("language", ["ru", "en"])
def test_a_clerks_workbook_gives_few_lines(tmp_path: Path, head: str, language: str) -> None:
    catalogue, data = clerk_town(tmp_path, HEADS[head], ["Школа №{n}", "2023"])
    done = run("evaluate", catalogue, "--data", data, "--year", "2023", language=language)
    assert 0 < len(done.stderr.splitlines()) <= 10
    assert "свод.xlsx" in done.stderr


@pytest.mark.parametrize(
    "first", [["Школа {n}", "2023"], ["Школа №{n}", "01.09.2023"], ["", "2023"]]
)
def test_wrong_keys_of_a_clerks_workbook_give_few_lines(tmp_path: Path, first: list[str]) -> None:
    catalogue, data = clerk_town(tmp_path, [["Школа", "Год", *TITLES]], first)
    done = run("evaluate", catalogue, "--data", data, "--year", "2023")
    lines = done.stderr.splitlines()
    assert 0 < len(lines) <= 10


def test_a_clerks_workbook_that_is_sound_is_read(tmp_path: Path) -> None:
    head: list[list[Any]] = [["Свод"], [], ["Наименование ОО", "Период", *TITLES]]
    catalogue, data = clerk_town(tmp_path, head, ["школа №{n}", "2023/24"])
    done = run("evaluate", catalogue, "--data", data, "--year", "2023", "--format", "json")
    assert done.exit_code == 0, done.stderr
    (row,) = [row for row in json.loads(done.stdout) if row["level"] == "municipality"]
    assert row["value"] == sum(2 * n + 1 for n in range(SCHOOLS))
    assert len(done.stderr.splitlines()) <= 4


def test_details_without_a_yes_are_told_in_the_words_of_the_form(tmp_path: Path) -> None:
    catalogue, data = tmp_path / "c", tmp_path / "data"
    catalogue.mkdir()
    data.mkdir()
    (catalogue / "c.yaml").write_text(
        "catalogue: {id: town, title: Т, levels: [school, municipality], years: [2023]}\n"
        "inputs:\n  center:\n    title: Есть центр\n    type: yes_no\n    when_yes:\n"
        "      pupils: {title: Охвачено, unit: person}\n"
        "      partner: {title: С кем, type: text, required: true}\n"
        "indicators: {n: {title: Охват, unit: person, formula: center.pupils}}\n",
        encoding="utf-8",
    )
    (data / "schools.csv").write_text("school\nA\nB\nC\nD\nE\n", encoding="utf-8")
    (data / "n.csv").write_text(
        "school;year;center;center.pupils;center.partner\nA;2023;да;30;Завод\nB;2023;нет;25;\n"
        "C;2023;;20;\nD;2023;н/п;15;\nE;2023;да;5;\n",
        encoding="utf-8",
    )
    done = run("evaluate", str(catalogue), "--data", str(data), "--year", "2023", language="ru")
    text = done.stderr
    assert "n.csv:3:4, D3" in text
    assert "«Охвачено» спрашивают только после «да» на «Есть центр», а там ответ «нет»" in text
    assert "а там ответа нет: значение не учтено — C" in text
    assert "а там ответ «н/п»: значение не учтено — D" in text
    assert "после «да» на «Есть центр» нужно заполнить «С кем» — E" in text
    assert "реестр школ" not in text
    shown = run(
        *("evaluate", str(catalogue), "--data", str(data), "--year", "2023"),
        *("--format", "table"),
        language="ru",
    )
    assert "35\u00a0чел." in shown.stdout


@pytest.mark.parametrize(
    ("rule", "unit", "words"),
    [
        (
            "abs(change(s)) <= 40",
            "percent",
            "expected: a change of no more than 40 percentage points",
        ),
        (
            "abs(change(s)) <= 1",
            "percent",
            "expected: a change of no more than 1 percentage point\n",
        ),
        (
            "abs(growth(a)) <= 30",
            "percent",
            "expected: it grows or falls by no more than 30\u00a0%",
        ),
        (
            "abs(change(share(a, b))) <= 40",
            "percent",
            "expected: a change of no more than 40 percentage points",
        ),
        ("abs(change(s)) < 40", "percent", "expected: a change of less than 40 percentage points"),
        ("abs(growth(a)) < 30", "percent", "expected: it grows or falls by less than 30\u00a0%"),
        (
            "change(a) <= 5 and growth(a) > 300",
            "percent",
            "expected: [change over a year: “А”] ≤ 5",
        ),
        ("abs(change(a)) <= 5", "percent", "expected: a change of no more than 5\n"),
        ("a <= 50", "percent", "expected: “А” ≤ 50"),
    ],
)
def test_a_check_says_its_bound_in_plain_words(
    tmp_path: Path, rule: str, unit: str, words: str
) -> None:
    catalogue, data = tmp_path / "c", tmp_path / "data"
    catalogue.mkdir()
    data.mkdir()
    (catalogue / "c.yaml").write_text(
        "catalogue: {id: town, title: Т, levels: [school, municipality], years: [2022, 2023]}\n"
        "inputs: {a: {title: А, unit: person}, b: {title: Б, unit: person}}\n"
        f'indicators: {{s: {{title: С, unit: {unit}, formula: "share(a, b)"}}}}\n'
        f'checks: [{{id: c, rule: "{rule}", message: Скачок}}]\n',
        encoding="utf-8",
    )
    (data / "schools.csv").write_text("school\nA\n", encoding="utf-8")
    (data / "n.csv").write_text("school;year;a;b\nA;2022;10;100\nA;2023;90;100\n", encoding="utf-8")
    done = run("evaluate", str(catalogue), "--data", str(data), "--year", "2023")
    assert words in done.stderr


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        *(
            ("не более 12", "{at_most: 12}"),
            ("<= 12,0", "{at_most: 12.0}"),
            ("≥ 7%", "{at_least: 7}"),
        ),
        *(("{at_most: 12}", "{at_most: 12}"), ("не менее 80", "{at_least: 80}")),
        *(("3-5", "{between: [3, 5]}"), ("от 3,5 до 5", "{between: [3.5, 5]}")),
        ("почти 12", "write a number, or its comparator too: {at_most: 12}"),
    ],
)
def test_a_target_in_words_is_shown_as_it_is_written(
    tmp_path: Path, written: str, hint: str
) -> None:
    (tmp_path / "c.yaml").write_text(
        "catalogue: {id: town, title: Т, levels: [school, municipality], years: [2023]}\n"
        "inputs: {a: {title: А, unit: person}}\n"
        "indicators:\n"
        f'  t: {{title: Т, unit: person, formula: a, targets: {{2023: "{written}"}}}}\n',
        encoding="utf-8",
    )
    done = run("check", str(tmp_path))
    assert hint in done.stdout
    assert "quotes" not in done.stdout
    mended = (tmp_path / "c.yaml").read_text(encoding="utf-8").replace(f'"{written}"', hint)
    if hint.startswith("{") and "." not in hint:  # people are whole
        (tmp_path / "c.yaml").write_text(mended, encoding="utf-8")
        assert run("check", str(tmp_path)).exit_code == 0
