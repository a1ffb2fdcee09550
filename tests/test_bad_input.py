"""What bad input gets at the command line: each mistake its own line, and the rest still counted.

Every case is a folder of data beside one small catalogue, the exit code, and what must stand in
each line of problems. The readings of single cells are held by `test_data_cells.py`, catalogues
by `cases/bad/`; here stands what a person sees who runs the command.
"""

from __future__ import annotations

import csv
import io
import os
import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from openpyxl import Workbook, load_workbook

from engine.console import main as cli
from engine.problems import KnownNames
from engine.workbooks.addresses import name_column

TOWN = """\
catalogue: {id: town, title: Проба, municipality: Город, levels: [school, municipality],
            years: [2023, 2024]}
register:
  has_11: {title: Есть 11 класс, type: yes_no}
inputs:
  students: {title: Обучающиеся, unit: person}
  covered: {title: Охвачено, unit: person, within: students}
  mark: {title: Балл, type: number, unit: point, rollup: mean}
  agreement: {title: Договор, type: yes_no}
  leavers: {title: Выпускники, unit: person, applies_to: has_11}
  kinds: {title: Виды, unit: person, parts: partition, of_which: {one: первый, two: второй}}
indicators:
  share_covered: {title: Доля охвата, unit: percent, formula: "share(covered, students)"}
"""
REGISTER = "school;title;has_11\ns1;Школа № 1;да\ns2;Школа № 2;нет\n"
FACTS = "school;year;students;covered\ns1;2023;100;80\ns2;2023;50;20\n"
NEVER = ("Traceback", "yaml", "parser", "парсер", "None")


@dataclass(frozen=True, slots=True)
class Bad:
    """Files of a data folder and what is said of them.

    `said` is what each line of an error holds, in order; `hints` stand anywhere; `value` is the
    share of the municipality all the same (empty where there is none). With code 3 nothing is written.
    """

    files: dict[str, str | bytes]
    said: tuple[tuple[str, ...], ...]
    value: str = ""
    register: str | bytes | None = REGISTER
    hints: tuple[str, ...] = field(default=())
    code: int = 1


def facts(*rows: str, header: str = "school;year;students;covered") -> dict[str, str | bytes]:
    return {"facts.csv": "".join(f"{row}\n" for row in (header, *rows))}


def sheet(*rows: tuple[object, ...]) -> bytes:
    book = Workbook()
    page = book.active
    page.title = "Форма"
    for row in rows:
        page.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


GOOD_2 = "s2;2023;50;20"
DATA = {
    "unknown school": Bad(
        facts("s1;2023;100;80", "s9;2023;1;1"),
        (("data/facts.csv:3:1: ", "школы «s9» нет в реестре"),),
        "80",
    ),
    "a school of nearly the name": Bad(
        facts("s10;2023;100;80", GOOD_2),
        (("data/facts.csv:2:1: ", "школы «s10» нет в реестре"),),
        "40",
        hints=("может быть, «s1»?",),
    ),
    "unknown column": Bad(
        facts("s1;2023;100;80", header="school;year;students;coverd"),
        (("data/facts.csv:1:4: ", "нет входа «coverd»"),),
        hints=("может быть, «covered»?",),
    ),
    "unknown input in a long table": Bad(
        {
            **facts(GOOD_2),
            "long.csv": "school;year;input;value\ns1;2023;coverd;7\ns1;2023;mark;4,5\n",
        },
        (("data/long.csv:2:3: ", "нет входа «coverd»"),),
        "40",
        hints=("может быть, «covered»?",),
    ),
    "text in a count": Bad(
        facts("s1;2023;около 40;80", GOOD_2),
        (("data/facts.csv:2:3: ", "«students»", "«около 40»"),),
        "40",
        hints=("ожидается целое число",),
    ),
    "a dash in a count is not zero": Bad(
        facts("s1;2023;-;80", GOOD_2),
        (("data/facts.csv:2:3: ", "«-»"),),
        "40",
    ),
    "a negative count": Bad(
        facts("s1;2023;-5;80", GOOD_2),
        (("data/facts.csv:2:3: ", "-5", "отрицательное"),),
        "40",
    ),
    "a fractional count": Bad(
        facts("s1;2023;100;80", "s2;2023;50,5;20.5"),
        (
            ("data/facts.csv:3:3: ", "50,5", "не целое"),
            ("data/facts.csv:3:4: ", "20.5", "не целое"),
        ),
        "80",
    ),
    "no number at all": Bad(
        facts("s1;2023;nan;inf", GOOD_2),
        (("data/facts.csv:2:3: ", "«nan»"), ("data/facts.csv:2:4: ", "«inf»")),
        "40",
    ),
    "neither yes nor no": Bad(
        facts("s1;2023;100;80;может быть", header="school;year;students;covered;agreement"),
        (("data/facts.csv:2:5: ", "«agreement»", "«может быть»"),),
        "80",
        hints=("ожидается да или нет",),
    ),
    "a part larger than the whole": Bad(
        facts("s1;2023;70;80", GOOD_2),
        (("data/facts.csv:2:4: ", "«Охвачено» больше", "«Охвачено» = 80, «Обучающиеся» = 70"),),
        "83,3",
    ),
    "parts that do not add up": Bad(
        facts(
            "s1;2023;100;80;10;5;6", header="school;year;students;covered;kinds;kinds.one;kinds.two"
        ),
        (("data/facts.csv:2:6: ", "не складываются", "«Виды: первый» = 5, «Виды: второй» = 6"),),
        "80",
    ),
    "two values for one cell": Bad(
        {**facts("s1;2023;100;80", GOOD_2), "more.csv": "school;year;students\ns1;2023;90\n"},
        (
            (
                "data/more.csv:2:3: ",
                "два значения «students»",
                "«90»",
                "data/facts.csv:2:3, C2 — «100»",
            ),
        ),
        "40",
        hints=("оставьте одно",),
    ),
    "one value twice": Bad(
        {**facts("s1;2023;100;80", GOOD_2), "more.csv": "school;year;students\ns1;2023;100\n"},
        (("data/more.csv:2:3: ", "два значения «students»", "не учтено ни одно"),),
        "40",
    ),
    "an empty file": Bad(
        {**facts("s1;2023;100;80"), "empty.csv": b""},
        (("data/empty.csv: ", "файл пуст"),),
        "80",
    ),
    "a workbook of no bytes": Bad(
        {**facts("s1;2023;100;80"), "book.xlsx": b"", "old.xls": b""},
        (("data/book.xlsx: ", "файл пуст"), ("data/old.xls: ", "файл пуст")),
        "80",
    ),
    "a photo named as a workbook": Bad(
        {**facts("s1;2023;100;80"), "photo.xlsx": b"\x89PNG\r\n\x1a\n" + bytes(range(200))},
        (("data/photo.xlsx: ", "не книга Excel"),),
        "80",
    ),
    "a torn Parquet": Bad(
        {**facts("s1;2023;100;80"), "torn.parquet": b"PAR1" + bytes(100)},
        (("data/torn.parquet: ", "не Parquet"),),
        "80",
    ),
    "bytes that are no text": Bad(
        {**facts("s1;2023;100;80"), "noise.csv": b"school;year\n\xff\xfe\x00\x98\x81\n" * 5},
        (("data/noise.csv: ", "UTF-8", "cp1251"),),
        "80",
        hints=("сохраните",),
    ),
    "a workbook: sheet and cell": Bad(
        {
            "book.xlsx": sheet(
                ("school", "year", "students", "covered"),
                ("s1", 2023, "#ДЕЛ/0!", 80),
                ("s2", 2023, 50, 20),
                ("s9", 2023, 1, 1),
                ("s1", 2024, 3.5, -1),
            )
        },
        (
            ("data/book.xlsx, лист «Форма», C2: ", "#ДЕЛ/0!"),
            ("data/book.xlsx, лист «Форма», A4: ", "школы «s9»"),
            ("data/book.xlsx, лист «Форма», C5: ", "не целое"),
            ("data/book.xlsx, лист «Форма», D5: ", "отрицательное"),
        ),
        "40",
        hints=("исправьте формулу в ячейке",),
    ),
    "years": Bad(
        facts("s1;2023;100;80", "s1;2050;1;1", "s1;год;1;1", "s1;;1;1", ";2023;1;1"),
        (
            ("data/facts.csv:3:2: ", "2050\u00a0год позже последнего года каталога, 2024"),
            ("data/facts.csv:4:2: ", "«год» — не год"),
            ("data/facts.csv:5:2: ", "не назван год"),
            ("data/facts.csv:6:1: ", "чьи это данные"),
        ),
        "80",
    ),
    "no column of schools": Bad(
        facts("2023;5", header="year;students"),
        (("data/facts.csv: ", "кто отчитывается", "«year»"),),
        hints=("школа, муниципалитет",),
        code=3,
    ),
    "no column of years": Bad(
        facts("s1;5", header="school;students"),
        (("data/facts.csv: ", "нет столбца «year»"),),
        code=3,
    ),
    "a column twice": Bad(
        facts("s1;2023;100;80;81", header="school;year;students;covered;covered"),
        (("data/facts.csv:1:5", "столбец «covered» встречается дважды", "не прочитан ни один"),),
        "",
    ),
    "more cells than headers": Bad(
        facts("s1;2023;100;80;лишнее"),
        (("data/facts.csv:2:5: ", "«лишнее»", "без заголовка"),),
        "80",
        hints=("в кавычки",),
    ),
    "no such scenario": Bad(
        facts(
            "s1;2023;прогнозз;1;1", "s2;2023;;50;20", header="school;year;scenario;students;covered"
        ),
        (("data/facts.csv:2:3: ", "«прогнозз»"),),
        "40",
        hints=("факт, прогноз",),
    ),
    "an input of another level": Bad(
        {**facts("s1;2023;100;80"), "town.csv": "municipality;year;students\ntown;2023;5\n"},
        (("data/town.csv:1:3: ", "«students»", "«школа»"),),
        "80",
    ),
    "no register": Bad(
        facts("s1;2023;100;80"), (("data: ", "нет реестра «schools.csv»"),), "80", register=None
    ),
    "an empty register": Bad(
        facts("s1;2023;100;80"), (("data/schools.csv: ", "файл пуст"),), "80", register=b""
    ),
    "a school twice in the register": Bad(
        facts("s1;2023;100;80"),
        (("data/schools.csv:4:1: ", "«s1»", "дважды", "data/schools.csv:2:1"),),
        "80",
        register=REGISTER + "s1;Школа № 1 ещё раз;нет\n",
    ),
    "cells of the register": Bad(
        facts("s1;2023;100;80"),
        (
            ("data/schools.csv:2:3: ", "«has_11»"),
            ("data/schools.csv:3:1: ", "не названа школа"),
            ("data/schools.csv:4:4: ", "«opened»", "не год"),
        ),
        "80",
        register="school;title;has_11;opened\ns1;Ш;может;\n;Без имени;да;\ns2;Ш;нет;abc\n",
    ),
    "a column of the register is not there": Bad(
        facts("s1;2023;100;80"),
        (("data/schools.csv: ", "нет столбца «Есть 11\u00a0класс»"),),
        "80",
        register="school;title\ns1;Ш\n",
    ),
    # --- what is no mistake ---------------------------------------------------------------------
    "cp1251 with semicolons": Bad(
        {
            "facts.csv": "school;year;students;covered;agreement\ns1;2023;1 000;800;да\n".encode(
                "cp1251"
            )
        },
        (),
        "80",
        register=REGISTER.encode("cp1251"),
        code=0,
    ),
    "UTF-16, commas in quotes, a mark": Bad(
        {"facts.csv": 'school,year,students,covered,mark\ns1,2023,100,80,"4,5"\n'.encode("utf-16")},
        (),
        "80",
        code=0,
    ),
    "sep= and spaces that do not break": Bad(
        facts("school;year;students;covered", "s1;2023;10\u00a0000;8\u202f000", header="sep=;"),
        (),
        "80",
        code=0,
    ),
    "nothing but headers": Bad(facts(), (), code=0),
    "an Excel lock, notes, hidden files": Bad(
        {**facts("s1;2023;100;80"), "~$book.xlsx": b"x", ".old.csv": "x", "README.md": "x"},
        (),
        "80",
        code=0,
    ),
    "a school's id with spaces and quotes": Bad(
        facts('"№ 1 ""имени"" Л";2023;100;80'),
        (),
        "80",
        register='school;title;has_11\n"№ 1 ""имени"" Л";"Школа; первая";да\n',
        code=0,
    ),
    "a school that is not open": Bad(
        facts("s1;2023;100;80", GOOD_2),
        (),
        "40",
        register="school;title;has_11;opened\ns1;Ш;да;2024\ns2;Ш;нет;\n",
        hints=("data/facts.csv:2:1, A2: предупреждение: школа «s1» в 2023\u00a0году не работает",),
        code=0,
    ),
    "an input that does not apply": Bad(
        facts("s2;2023;50;20;5", header="school;year;students;covered;leavers"),
        (),
        "40",
        hints=("data/facts.csv:2:5, E2: предупреждение: ", "«Выпускники»"),
        code=0,
    ),
}


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder of one's own with the catalogue `town`, and no language from outside."""
    for name in ("POKAZATEL_LANG", "POKAZATEL_DEFINITIONS", "LANG", "LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANGUAGE", os.environ.get("LANGUAGE", ""))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "town").mkdir()
    (tmp_path / "town" / "town.yaml").write_text(TOWN, encoding="utf-8")


def call(*arguments: str) -> Result:
    done = CliRunner().invoke(cli.main, [*arguments])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


def write(folder: str, files: dict[str, str | bytes]) -> None:
    Path(folder).mkdir()
    for name, content in files.items():
        raw = content if isinstance(content, bytes) else content.encode()
        Path(folder, name).write_bytes(raw)


def good_data() -> None:
    write("data", {"schools.csv": REGISTER, "facts.csv": FACTS})


def errors(text: str) -> list[str]:
    return [line for line in text.splitlines() if ": ошибка: " in line]


def as_cell(place: str) -> str:
    """The place in a CSV, with the cell that a spreadsheet shows there."""
    match = re.fullmatch(r"(.+[.]csv:([0-9]+):([0-9]+)): ", place)
    return f"{match[1]}, {name_column(int(match[3]))}{match[2]}: " if match else place


@pytest.mark.no_cover
@pytest.mark.parametrize("case", DATA.values(), ids=DATA)
def test_data(case: Bad) -> None:
    register = {} if case.register is None else {"schools.csv": case.register}
    write("data", {**register, **case.files})
    done = call(
        *("evaluate", "town", "--data", "data", "--level", "municipality", "--year", "2023"),
        *("--columns", "value", "-o", "out.csv"),
    )
    said = errors(done.stderr)
    assert len(said) == len(case.said), done.stderr
    for line, parts in zip(said, case.said, strict=True):
        start, *rest = map(as_cell, parts)
        assert line.startswith(start), line
        assert all(part in line for part in rest), line
    assert all(hint in done.stderr for hint in case.hints), done.stderr
    assert not any(word in done.stderr for word in NEVER), done.stderr
    assert done.exit_code == case.code
    assert Path("out.csv").exists() == (case.code != 3)
    if case.code == 3:
        assert "ничего не посчитано" in done.stderr
        return
    with Path("out.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [row["value"] for row in csv.DictReader(file, delimiter=";")] == [case.value]


def test_data_that_are_not_there() -> None:
    done = call("evaluate", "town", "--data", "nowhere")
    assert done.exit_code == 3
    assert errors(done.stderr) == ["nowhere: ошибка: нет такого файла или папки"]


def test_all_mistakes_are_told_in_one_run() -> None:
    text = TOWN.replace('"share(covered, students)"', '"share(охвачено, students)"') + (
        "  lost: {title: Без кавычек, unit: percent, formula: share(covered, students)}\n"
        "  clash: {title: Рядом, unit: person, formula: students + mark}\n"
        "  typo: {title: Опечатка, unit: precent, formula: covered ** 2, code: 4.10}\n"
    )
    Path("town", "town.yaml").write_text(text, encoding="utf-8")
    done = call("check", "town")
    assert done.exit_code == 1
    assert [line.partition(": ошибка: ")[0] for line in errors(done.stdout)] == [
        "town/town.yaml:13:70",
        "town/town.yaml:14:54",
        "town/town.yaml:15:59",
        "town/town.yaml:16:33",
        "town/town.yaml:16:59",
        "town/town.yaml:16:71",
    ]
    assert "может быть, «percent»?" in done.stdout
    assert 'напишите formula: "share(covered, students)"' in done.stdout
    assert 'code: "4.10"' in done.stdout


@pytest.mark.parametrize("head", ["catalogue:\n", "catalogue: {id: bare, years: [2023]}\n"])
def test_nothing_but_catalogue_is_legal(head: str) -> None:
    write("bare", {"bare.yaml": head})
    good_data()
    assert call("check", "bare").exit_code == 0
    assert call("test", "bare").exit_code == 0
    write("empty", {"schools.csv": "school;title\ns1;Школа\n"})
    done = call("evaluate", "bare", "--data", "empty", "--format", "json")
    assert (done.exit_code, done.stdout) == (0, "[]\n")


def test_explain_of_what_has_no_value() -> None:
    write("data", {"schools.csv": REGISTER, **facts("s1;2023;100;", "s2;2023;н/п;н/п")})
    base = ("explain", "town", "share_covered", "--data", "data", "--year")
    done = call(*base, "2023", "--place", "s1")
    assert done.exit_code == 0
    assert "нет данных" in done.stdout
    assert "не сдано: «Охвачено» [covered]" in done.stdout
    done = call(*base, "2023", "--place", "s2")
    assert done.exit_code == 0
    assert "не применяется" in done.stdout
    done = call(*base, "2023", "--scenario", "forecast")
    assert done.exit_code == 0
    assert "(прогноз)" in done.stdout
    done = call("explain", "town", "students", "--data", "data", "--year", "2023")
    assert done.exit_code == 0
    assert "100\u00a0чел." in done.stdout


USAGE = {
    "no such command": (("evaluat",), "Нет команды «evaluat». Может быть, «evaluate»?"),
    "no catalogue": (("check",), "Не хватает аргумента «КАТАЛОГ…»"),
    "no data": (("evaluate", "town"), "Не хватает параметра «--data»"),
    "a year in letters": (("evaluate", "--year", "abc"), "«abc»"),
    "a year that is not there": (("evaluate", "--year", "1999"), "«1999»; есть: 2022, 2023, 2024"),
    "a place that is not there": (
        ("evaluate", "--place", "nobody"),
        "«nobody»; есть:\n  s1 — Школа №\u00a01\n",
    ),
    "a column that is not there": (("evaluate", "--columns", "nonsense"), "«nonsense»"),
    "an indicator that is not there": (
        ("evaluate", "--indicator", "share_coverd"),
        "может быть, «share_covered»?",
    ),
    "output to a folder": (("evaluate", "-o", "."), "это папка"),
    "output into a file": (
        ("evaluate", "-o", "data/facts.csv/such/x.csv"),
        "data/facts.csv» — файл, а нужна папка",
    ),
    "output of no known kind": (("evaluate", "-o", "x.docx"), "txt, json, csv, xlsx, parquet"),
    "a language that is not there": (("--lang", "de", "check", "town"), "«de»"),
    "explain without a year": (("explain", "town", "share_covered", "--data", "data"), "«--year»"),
    "explain of a place": (
        ("explain", "town", "share_covered", "--data", "data", "--year", "2023", "--place", "x"),
        "«x»; есть:\n  s1 — Школа №\u00a01\n",
    ),
    "explain of a column of the register": (
        ("explain", "town", "has_11", "--data", "data", "--year", "2023"),
        "«has_11»",
    ),
    "a folder of catalogues that is not there": (("list", "--definitions", "no"), "«no»"),
}


@pytest.mark.parametrize(("arguments", "said"), USAGE.values(), ids=USAGE)
def test_usage(arguments: tuple[str, ...], said: str) -> None:
    good_data()
    if arguments[0] == "evaluate" and len(arguments) > 2:
        arguments = ("evaluate", "town", "--data", "data", *arguments[1:])
    done = call(*arguments)
    assert done.exit_code == 2
    assert said in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("check", "town/town.yaml"), 3, "укажите его папку: town"),
        (("check", "data"), 1, "нет файлов *.yaml"),
        (("check", "nowhere"), 3, "каталога «nowhere» нет"),
        (("check", "nowhere", "town"), 1, "каталога «nowhere» нет"),
    ],
)
def test_what_is_no_catalogue(arguments: tuple[str, ...], code: int, said: str) -> None:
    good_data()
    done = call(*arguments)
    assert done.exit_code == code
    assert said in done.stdout


@pytest.mark.parametrize(
    ("arguments", "environment", "said"),
    [
        (("check", "nowhere"), {"LC_ALL": "C"}, "ошибка: каталога «nowhere» нет"),
        (("check", "nowhere"), {"LC_ALL": "POSIX"}, "ошибка: каталога «nowhere» нет"),
        (("check", "nowhere"), {"POKAZATEL_LANG": "en"}, "error: there is no catalogue “nowhere”"),
        (("check", "nowhere"), {"LC_ALL": "en_US.UTF-8"}, "error: there is no catalogue"),
        (("--lang", "en", "check", "nowhere"), {}, "error: there is no catalogue “nowhere”"),
        (("check", "nowhere", "--lang", "en"), {}, "error: there is no catalogue “nowhere”"),
        (("check", "nowhere", "--lang", "ru"), {"POKAZATEL_LANG": "en"}, "ошибка: каталога"),
    ],
)
def test_language(
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    environment: dict[str, str],
    said: str,
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    done = call(*arguments)
    assert done.exit_code == 3
    assert said in done.stdout


def test_paths_in_russian_with_spaces_and_from_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    write("Мой город", {"показатели города.yaml": TOWN})
    write("Мой город/данные 2023", {"schools.csv": REGISTER, "сводка № 1.csv": FACTS})
    Path("elsewhere").mkdir()
    monkeypatch.chdir("elsewhere")
    done = call(
        *("evaluate", "../Мой город", "--data", "../Мой город/данные 2023"),
        *("-o", "../Мой город/итог № 1.csv"),
    )
    assert done.exit_code == 0
    assert "записано: ../Мой город/итог № 1.csv" in done.stderr
    assert Path("../Мой город/итог № 1.csv").is_file()


EVIL = [
    "<script>alert(1)</script>",
    "{{ 7*7 }}{% raw %}",
    '=HYPERLINK("http://example.org","x")',
    "+1+1",
    "@SUM(1)",
    "\u202eсправа\u202c",
    "| a | `c` **жир** [x](http://example.org)",
    "строка один\nстрока два",
    "Я" * 10_000,
]


@pytest.mark.no_cover
@pytest.mark.parametrize("name", ["out.html", "out.md", "out.csv", "out.xlsx", "out.txt"])
def test_hostile_text_is_text(name: str) -> None:
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=";")
    writer.writerow(["school", "title"])
    writer.writerows([f"s{number}", text] for number, text in enumerate(EVIL))
    titles = "".join(
        f"  z{number}: {{unit: person, formula: a, title: {_quote(text)}}}\n"
        for number, text in enumerate(EVIL)
    )
    head = "catalogue: {id: evil, years: [2023], title: '<script>alert(0)</script>'}\n"
    inputs = "inputs: {a: {title: А, unit: person}}\nindicators:\n"
    write("evil", {"evil.yaml": head + inputs + titles})
    numbers = "".join(f"s{number};2023;{number}\n" for number in range(len(EVIL)))
    write("data", {"schools.csv": stream.getvalue(), "facts.csv": f"school;year;a\n{numbers}"})
    assert call("check", "evil").exit_code == 0
    command: tuple[str, ...] = ("evaluate", "evil", "--data", "data")
    if name.endswith(("html", "md")):
        template = f"summary.{name.rpartition('.')[2]}.j2"
        command = ("report", "evil", "--data", "data", "--year", "2023", "--template", template)
    done = call(*command, "-o", name)
    assert done.exit_code == 0, done.stderr
    if name == "out.xlsx":
        for page in load_workbook(name):
            cells = [cell for row in page.iter_rows() for cell in row]
            assert not [cell for cell in cells if cell.data_type == "f" or cell.hyperlink]
        return
    text = Path(name).read_text(encoding="utf-8-sig")
    if name.endswith(("html", "md")):
        assert "<script>" not in text
        assert "&lt;script&gt;" in text
        # The mark of a report that was not changed ends it with a digest, in which any digits stand.
        assert "49" not in re.sub("<!--.*?-->", "", text)
    if name == "out.md":
        assert "**жир**" not in text
        assert "[x](http" not in text
    if name == "out.csv":
        rows = list(csv.DictReader(text.splitlines(), delimiter=";"))
        assert not [row for row in rows if row["title"].startswith(("=", "+", "@"))]
    if name == "out.txt":
        assert max(map(len, text.splitlines())) <= 300


def _quote(text: str) -> str:
    return '"' + text.replace('"', '\\"').replace("\n", "\\n") + '"'


# --- what is known to be wrong ------------------------------------------------------------------
# Each is a mistake of the product, not of the reader; mend one and its mark says so.


def test_no_arguments() -> None:
    """What is in the folder, and what to do next; a word that is no command is one of usage."""
    done = call()
    assert done.exit_code in {0, 1}
    assert "Дальше:" in done.stdout
    assert call("evalute").exit_code == 2


def told(files: dict[str, str | bytes], *arguments: str) -> Result:
    write("data", {"schools.csv": REGISTER, **files})
    return call("evaluate", "town", "--data", "data", "--format", "csv", *arguments)


@pytest.mark.parametrize("row", ["", "s1;2023;coverd;7\n", "s1;2023;students;\n"])
def test_a_long_table_without_a_readable_row(row: str) -> None:
    done = told({"long.csv": f"school;year;input;value\n{row}"})
    assert ("нет входа «coverd»" in done.stderr) == ("coverd" in row)


def test_a_table_both_long_and_wide() -> None:
    done = told({"mixed.csv": "school;year;students;input;value\ns1;2023;7;covered;5\n"})
    assert "data/mixed.csv:1:3, C1: " in done.stderr


@pytest.mark.parametrize("name", ["2024.txt", "form.docx", "2024"])
def test_a_file_that_is_not_read_is_named(name: str) -> None:
    done = told({**facts("s1;2023;100;80"), name: "school;year;students\ns2;2023;50\n"})
    assert f"data/{name}: " in done.stderr


def test_a_numerator_larger_than_its_denominator() -> None:
    text = TOWN + '  leaving: {title: Доля, unit: percent, formula: "share(leavers, students)"}\n'
    Path("town", "town.yaml").write_text(text, encoding="utf-8")
    header = "school;year;students;leavers"
    done = told(facts("s1;2023;100;500", header=header), "--indicator", "leaving")
    assert "«Выпускники» = 500, «Обучающиеся» = 100" in done.stderr


def test_an_unknown_school_is_thought_of_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many rows name it: of a wrong file of a region there are hundreds of thousands."""
    asked: list[str] = []
    suggest = KnownNames.suggest

    def count(known: KnownNames, name: str) -> str:
        asked.append(name)
        return suggest(known, name)

    monkeypatch.setattr(KnownNames, "suggest", count)
    rows = [f"{school};{year};1;1" for school in ("s9", "s10") for year in (2023, 2024)] * 50
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "schools.csv").write_text(REGISTER, encoding="utf-8")
    for name, content in facts(*rows).items():
        (tmp_path / "data" / name).write_text(str(content), encoding="utf-8")
    done = call("evaluate", "town", "--data", "data", "--format", "csv")
    assert done.exit_code == 3
    lines = [line for line in done.stderr.splitlines() if "нет в реестре" in line]
    assert len(lines) == 2
    assert all("всего 100 таких мест" in line for line in lines)
    assert sorted(asked) == ["s10", "s9"]
