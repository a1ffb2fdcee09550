"""Results as JSON, CSV, XLSX, Parquet and as the rows of a table."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest

import engine
from engine.catalogue.model import Catalogue
from engine.console import showing
from engine.evaluation.asking import ALL_COLUMNS, ALWAYS, COLUMNS, Asking, Results
from engine.evaluation.evaluate import compute_results
from engine.problems import has_errors
from engine.reports.formats.overview import lay_out_overview
from engine.reports.formats.result_tables import choose_result_columns, write_result_table
from engine.reports.formats.result_workbook import write_result_workbook
from engine.reports.formats.screen import describe_columns, lay_out_table
from tests.written import read_written

CATALOGUE = """\
catalogue:
  id: town
  title: Показатели городка
  municipality: Городок
  years: [2022, 2023]
  defaults: {comparator: at_least, decimals: 1}
inputs:
  all_pupils: {title: Всего обучающихся, unit: person}
  diagnosed: {title: Прошли диагностику, unit: person, within: all_pupils}
  agreement: {title: Есть договор, type: yes_no}
  partner: {title: Название организации, type: text}
indicators:
  share_diagnosed:
    code: "1.10"
    title: Доля прошедших
    unit: percent
    formula: share(diagnosed, all_pupils)
    better: more
    targets: {2022: 50, 2023: {between: [60, 70.5]}}
  diagnosed: {title: "=Прошли", targets: {2023: 10}}
  has_agreement: {title: Договор у каждой, formula: share_of_schools(agreement) == 100, targets: {2023: yes}}
  agreement: {title: Договоры}
  partner: {title: Партнёры}
checks:
  - {id: many, rule: diagnosed >= 5, message: "Мало «прошли»", severity: warning}
"""
SCHOOLS = "school;title;municipality\na;Школа А;town\nb;+Школа Б;town\n"
FACTS = """\
school;year;scenario;all_pupils;diagnosed;agreement;partner
a;2022;fact;10;5;да;Завод
b;2022;fact;10;6;да;Завод
a;2023;fact;30;20;да;"Завод ""Луч""; цех"
b;2023;fact;3;1;нет;Лесхоз
a;2023;forecast;30;25;да;
b;2023;forecast;3;2;да;
"""


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> tuple[Catalogue, Results]:
    return make_town(tmp_path_factory.mktemp("town"), CATALOGUE)


def make_town(folder: Path, text: str) -> tuple[Catalogue, Results]:
    catalogue, data, problems = read_written(folder, text, schools=SCHOOLS, facts=FACTS)
    assert not has_errors(problems), problems
    return catalogue, compute_results(catalogue, data, Asking(inputs=True))


def written(town: tuple[Catalogue, Results], shape: str, names: Sequence[str] = ()) -> bytes:
    stream = io.BytesIO()
    if shape == "xlsx":
        write_result_workbook(stream, *town, names)
    else:
        write_result_table(stream, *town, shape, names)
    return stream.getvalue()


def rows_of(town: tuple[Catalogue, Results], names: Sequence[str] = ()) -> list[dict[str, Any]]:
    return list(json.loads(written(town, "json", names)))


def find(
    rows: Sequence[dict[str, Any]],
    indicator: str,
    place: str = "town",
    year: int = 2023,
    scenario: str = "fact",
) -> dict[str, Any]:
    wanted = (indicator, place, year, scenario)
    [row] = [
        row
        for row in rows
        if (row["indicator"], row["place"], row["year"], row["scenario"]) == wanted
    ]
    return row


@pytest.mark.no_cover
def test_python_says_it_in_four_lines() -> None:
    root = Path(__file__).resolve().parent.parent
    catalogue, _problems = engine.load(root / "definitions" / "berezniki")
    assert catalogue is not None
    data, _found = engine.read_data(catalogue, root / "definitions" / "berezniki" / "demo")
    frame = engine.evaluate(catalogue, data, years=[2023], levels=["municipality"])
    assert set(COLUMNS) <= set(frame.columns)
    assert set(frame["year"]) == {2023}
    assert "diagnosed_share" in set(frame["indicator"])
    assert engine.render(catalogue, data, frame, years=[2023], template="summary.md")
    proof, _none = engine.explain(catalogue, data, "diagnosed_share", year=2023)
    assert proof is not None
    assert set(engine.__all__) == set(dir(engine))
    with pytest.raises(AttributeError, match="calculate"):
        _ = engine.calculate


# --- JSON --------------------------------------------------------------------------------------


def test_every_key_is_always_there_and_in_order(town: tuple[Catalogue, Results]) -> None:
    rows = rows_of(town)
    assert rows
    assert {tuple(row) for row in rows} == {COLUMNS}


def test_a_number_is_printed_without_a_useless_zero(town: tuple[Catalogue, Results]) -> None:
    row = find(rows_of(town), "share_diagnosed")
    assert row["value"] == 63.6
    assert row["raw"] == 63.6363636364
    assert row["target"] == [60, 70.5]
    assert (row["comparator"], row["status"], row["deviation"]) == ("between", "met", 0)
    assert (row["previous"], row["change"], row["trend"]) == (55, 8.6, "better")
    assert (row["reported"], row["expected"], row["checks"]) == (2, 2, ["many"])
    text = written(town, "json").decode()
    assert '"previous": 55,' in text
    assert '"target": [60, 70.5],' in text
    assert "Доля прошедших" in text


def test_yes_and_no_are_words_of_json(town: tuple[Catalogue, Results]) -> None:
    rows = rows_of(town)
    judged = find(rows, "has_agreement")
    assert judged["value"] is False
    assert judged["target"] is True
    assert judged["previous"] is True
    assert judged["plan"] is True
    assert judged["status"] == "missed"
    assert find(rows, "agreement", "a")["value"] is True
    # Above the schools it is the number of those that said yes.
    above = find(rows, "agreement")["value"]
    assert (above, type(above)) == (1, int)


def test_a_text_is_a_text_at_the_school_and_a_list_above(town: tuple[Catalogue, Results]) -> None:
    rows = rows_of(town)
    assert find(rows, "partner", "a")["value"] == 'Завод "Луч"; цех'
    assert find(rows, "partner")["value"] == ['Завод "Луч"; цех', "Лесхоз"]
    assert find(rows, "partner", year=2022)["value"] == ["Завод"]


def test_nothing_is_null(town: tuple[Catalogue, Results]) -> None:
    row = find(rows_of(town), "partner", "a", scenario="forecast")
    assert (row["value"], row["raw"], row["reason"]) == (None, None, "not_reported")
    assert row["checks"] == []


def test_only_the_asked_columns_and_those_that_stay(town: tuple[Catalogue, Results]) -> None:
    rows = rows_of(town, ("value", "year"))
    assert {tuple(row) for row in rows} == {
        tuple(name for name in COLUMNS if name in {*ALWAYS, "value"})
    }


def test_a_yes_target_needs_no_other_column(town: tuple[Catalogue, Results]) -> None:
    catalogue, results = town
    kept = replace(results, blocks=(results.frame.select(*ALWAYS, "target", "target_to"),))
    assert find(rows_of((catalogue, kept), ("target",)), "has_agreement")["target"] is True


def test_blocks_are_one_array(town: tuple[Catalogue, Results]) -> None:
    catalogue, results = town
    blocks = [results.frame.head(0), *results.frame.iter_slices(3), results.frame.head(0)]
    split = replace(results, blocks=iter(blocks))
    assert written((catalogue, split), "json") == written(town, "json")


def test_no_rows_is_an_empty_array(town: tuple[Catalogue, Results]) -> None:
    catalogue, results = town
    assert (
        written((catalogue, replace(results, blocks=(results.frame.head(0),))), "json") == b"[]\n"
    )


# --- CSV ---------------------------------------------------------------------------------------


def csv_rows(content: bytes, separator: str = ";") -> list[dict[str, str]]:
    text = content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text), delimiter=separator))


def test_csv_opens_in_columns_in_a_russian_spreadsheet(town: tuple[Catalogue, Results]) -> None:
    content = written(town, "csv")
    assert content.startswith(b"\xef\xbb\xbf")
    row = find(typed(csv_rows(content)), "share_diagnosed")
    assert (row["value"], row["raw"], row["code"]) == ("63,6", "63,6363636364", "1.10")
    assert (row["target"], row["target_to"], row["checks"]) == ("60", "70,5", "many")
    yes_no = find(typed(csv_rows(content)), "has_agreement")
    assert (yes_no["value"], yes_no["target"]) == ("0", "1")
    texts = find(typed(csv_rows(content)), "partner")
    assert (texts["value"], texts["text"]) == ("", 'Завод "Луч"; цех; Лесхоз')


def typed(rows: list[dict[str, str]]) -> list[dict[str, Any]]:
    return [{**row, "year": int(row["year"])} for row in rows]


def test_csv_has_the_columns_of_the_page_and_two_beside(town: tuple[Catalogue, Results]) -> None:
    names = list(csv_rows(written(town, "csv"))[0])
    assert [name for name in names if name not in {"text", "target_to"}] == list(COLUMNS)
    assert names[names.index("value") + 1] == "text"
    assert names[names.index("target") + 1] == "target_to"


def test_an_english_catalogue_writes_points_and_commas(town: tuple[Catalogue, Results]) -> None:
    catalogue, results = town
    content = written((replace(catalogue, language="en"), results), "csv")
    row = find(typed(csv_rows(content, ",")), "share_diagnosed")
    assert row["value"] == "63.6"


def test_no_cell_of_csv_begins_a_formula(town: tuple[Catalogue, Results]) -> None:
    rows = typed(csv_rows(written(town, "csv")))
    assert find(rows, "diagnosed")["title"] == "'=Прошли"
    assert find(rows, "diagnosed", "b")["place_title"] == "'+Школа Б"
    # A negative number is a number.
    assert find(rows, "has_agreement")["change"] == "-1"


# --- XLSX --------------------------------------------------------------------------------------


def sheet_rows(content: bytes) -> list[dict[str, Any]]:
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet = book.worksheets[0]
    heading, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(map(str, heading), row, strict=True)) for row in rows]


def test_a_workbook_holds_numbers_and_texts(town: tuple[Catalogue, Results]) -> None:
    content = written(town, "xlsx")
    rows = sheet_rows(content)
    assert len(rows) == town[1].frame.height
    row = find(rows, "share_diagnosed")
    assert (row["value"], row["code"], row["target_to"]) == (63.6, "1.10", 70.5)
    assert find(rows, "diagnosed")["title"] == "=Прошли"
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book.sheetnames == ["Значения", "Столбцы"]
    sheet = book.worksheets[0]
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref
    assert sheet["A1"].font.bold
    types = {cell.data_type for line in sheet.iter_rows() for cell in line}
    assert types <= {"s", "n"}
    value = sheet.cell(2, list(rows[0]).index("value") + 1)
    assert value.number_format == "#,##0.0"
    about = {line[0]: line[1] for line in book.worksheets[1].iter_rows(values_only=True)}
    assert list(about) == list(rows[0])


def test_a_long_number_is_seen_in_a_workbook(town: tuple[Catalogue, Results]) -> None:
    """What does not fit its column is printed as ###."""
    catalogue, results = town
    [block, *rest] = results.blocks
    long = block.with_columns(value=-123456789012.5)
    sheet = openpyxl.load_workbook(
        io.BytesIO(written((catalogue, replace(results, blocks=(long, *rest))), "xlsx"))
    ).worksheets[0]
    at = next(cell for cell in sheet[1] if cell.value == "value")
    assert sheet.column_dimensions[at.column_letter].width >= len("-123,456,789,012.5")


def test_a_long_workbook_is_the_same(
    town: tuple[Catalogue, Results], monkeypatch: pytest.MonkeyPatch
) -> None:
    short = sheet_rows(written(town, "xlsx"))
    monkeypatch.setattr("engine.reports.formats.result_workbook._MANY", 1)
    assert sheet_rows(written(town, "xlsx")) == short


@pytest.mark.parametrize("shape", ["json", "csv", "xlsx", "parquet"])
def test_the_same_results_are_the_same_bytes(town: tuple[Catalogue, Results], shape: str) -> None:
    assert written(town, shape) == written(town, shape)


def test_a_workbook_does_not_say_when_it_was_made(town: tuple[Catalogue, Results]) -> None:
    with zipfile.ZipFile(io.BytesIO(written(town, "xlsx"))) as archive:
        assert "2000-01-01" in archive.read("docProps/core.xml").decode()


# --- Parquet -----------------------------------------------------------------------------------


def test_parquet_has_titles_only_when_asked_for(
    town: tuple[Catalogue, Results], tmp_path: Path
) -> None:
    path = tmp_path / "results.parquet"
    path.write_bytes(written(town, "parquet"))
    frame = pl.read_parquet(path)
    assert "title" not in frame.columns
    assert "place_title" not in frame.columns
    assert {"text", "target_to", "code"} <= set(frame.columns)
    assert frame.schema["value"] == pl.Float64
    assert frame.schema["checks"] == pl.List(pl.String)
    path.write_bytes(written(town, "parquet", ("title", "value")))
    assert "title" in pl.read_parquet(path).columns


def test_columns_to_compute() -> None:
    assert choose_result_columns("json", ()) == ()
    assert choose_result_columns("csv", ("value",)) == ("value",)
    assert set(COLUMNS) - set(choose_result_columns("parquet", ())) == {"title", "place_title"}
    assert {"value", "unit", "comparator"} <= set(choose_result_columns("table", ("value",)))
    assert "previous" not in choose_result_columns("table", ())


def test_an_unknown_format_is_a_mistake_of_the_program(town: tuple[Catalogue, Results]) -> None:
    with pytest.raises(ValueError, match="docx"):
        written(town, "docx")


# --- a table for the eye -----------------------------------------------------------------------


def laid_out(
    town: tuple[Catalogue, Results], names: Sequence[str], **keep: str
) -> tuple[list[str], list[list[str]]]:
    catalogue, results = town
    frame = results.frame
    for column, value in keep.items():
        frame = frame.filter(pl.col(column) == value)
    columns, rows = lay_out_table(catalogue, replace(results, blocks=(frame,)), names)
    plain = [[text.replace("\u00a0", " ") for text in row] for row in rows]
    return [column.heading for column in columns], plain


def test_a_table_of_asked_columns(town: tuple[Catalogue, Results]) -> None:
    headings, rows = laid_out(town, COLUMNS, indicator="share_diagnosed", level="municipality")
    assert len(headings) == len(COLUMNS) - 1  # the place is printed by its title alone
    row = dict(zip(headings, rows[1], strict=True))
    assert row["Без округления"] == "63,6363636364"
    assert row["Изменение"] == "+8,6"
    assert row["Динамика"] == "лучше"
    assert row["Сдали"] == "2"


def test_a_table_has_columns_for_what_differs(town: tuple[Catalogue, Results]) -> None:
    headings, rows = laid_out(town, ("value",))
    assert headings == ["Имя", "Место", "Уровень", "Год", "Сценарий", "Значение"]
    assert [row[1] for row in rows[:3]] == ["Школа А", "", ""]
    assert {"факт", "прогноз"} == {row[4] for row in rows}


# --- a line for each ------------------------------------------------------------------------------


def overview(town: tuple[Catalogue, Results], width: int = 80, **keep: object) -> list[str]:
    catalogue, results = town
    frame = results.frame
    for column, value in keep.items():
        frame = frame.filter(pl.col(column) == value)
    lines = lay_out_overview(catalogue, replace(results, blocks=(frame,)), width)
    return ["".join(text for text, _style in line).replace("\u00a0", " ") for line in lines]


def test_a_line_has_mark_code_value_target_deviation_and_coverage(
    town: tuple[Catalogue, Results],
) -> None:
    assert overview(town, 64, level="municipality", scenario="fact", year=2023) == [
        "Городок, 2023 год              Значение  Цель       Откл.  Сдали",
        "√ 1.10  Доля прошедших           63,6 %  60,0–70,5    0,0  2/2",
        "√       =Прошли                 21 чел.  ≥ 10         +11  2/2",
        "!       Договор у каждой            нет  да                2/2",
        "        Договоры                1 школа                    2/2",
        '        Партнёры           Завод "Луч"…                    2/2',
        "",
        "Исходные данные                                  Значение  Сдали",
        "  Всего обучающихся                               33 чел.  2/2",
        "",
        "Всего 6: достигнуто 2, не достигнуто 1, цели нет 3",
        "√ достигнуто; ! не достигнуто",
    ]


def test_lines_of_one_indicator_are_places_and_years(town: tuple[Catalogue, Results]) -> None:
    lines = overview(town, 64, indicator="share_diagnosed", scenario="fact")
    assert lines == [
        "1.10 Доля прошедших            Значение  Цель       Откл.  Сдали",
        "  Школа А, 2022                  50,0 %  (≥ 50,0)          1/1",
        "  Школа А, 2023                  66,7 %                    1/1",
        "  +Школа Б, 2022                 60,0 %  (≥ 50,0)          1/1",
        "  +Школа Б, 2023                 33,3 %                    1/1",
        "√ Городок, 2022                  55,0 %  ≥ 50,0      +5,0  2/2",
        "√ Городок, 2023                  63,6 %  60,0–70,5    0,0  2/2",
        "",
        "Всего 6: достигнуто 2, цели нет 4",
        "√ достигнуто; ( ) цель уровня выше, для ориентира",
    ]


def test_groups_that_number_anew_are_headed(tmp_path: Path) -> None:
    texts = {
        'code: "1.10"': 'code: "1"\n    group: "3.1"',
        'diagnosed: {title: "=Прошли",': 'diagnosed: {code: "2", group: "3.1", title: "=Прошли",',
        "has_agreement: {": 'has_agreement: {code: "1", group: k2, ',
        "agreement: {title: Договоры}": 'agreement: {code: "2", title: Договоры}',
    }
    keep = {"level": "municipality", "scenario": "fact", "year": 2023}
    groups = '  "3.1": {title: Охват диагностикой}\n  k2: {title: Договоры школ}\n'
    catalogue = CATALOGUE.replace("indicators:\n", f"groups:\n{groups}indicators:\n", 1)
    for text, grouped in texts.items():
        assert text in catalogue
        catalogue = catalogue.replace(text, grouped)
    lines = overview(make_town(tmp_path, catalogue), 64, **keep)
    assert [line[:21].rstrip() for line in lines[1:9]] == [
        *("3.1. Охват диагностик", "√ 1  Доля прошедших", "√ 2  =Прошли"),
        *("Договоры школ", "! 1  Договор у каждой"),
        *("Без группы", "  2  Договоры", "     Партнёры"),
    ]
    # Where each code stands once, it is enough.
    catalogue = catalogue.replace('code: "1", group: k2', 'code: "3", group: k2')
    catalogue = catalogue.replace('{code: "2", title: Договоры}', '{code: "4", title: Договоры}')
    lines = overview(make_town(tmp_path, catalogue), 64, **keep)
    assert lines[4].startswith("  4  Договоры")


def test_years_and_places_are_headings_the_highest_last(town: tuple[Catalogue, Results]) -> None:
    headings = [line.partition("  ")[0] for line in overview(town) if "год," in line]
    assert headings == [
        *("Школа А, 2022 год, факт", "+Школа Б, 2022 год, факт", "Городок, 2022 год, факт"),
        *("Школа А, 2023 год, факт", "Школа А, 2023 год, прогноз"),
        *("+Школа Б, 2023 год, факт", "+Школа Б, 2023 год, прогноз"),
        *("Городок, 2023 год, факт", "Городок, 2023 год, прогноз"),
    ]


def test_why_there_is_no_value_is_a_sign_that_is_explained(
    town: tuple[Catalogue, Results],
) -> None:
    lines = overview(town, 64, indicator="partner", scenario="forecast", place="a")
    assert lines[1].split() == ["Школа", "А,", "2023", "…", "0/1"]
    assert lines[-1] == "… нет данных"


@pytest.mark.parametrize("width", [60, 80, 120])
def test_no_line_is_wider_than_the_terminal(town: tuple[Catalogue, Results], width: int) -> None:
    catalogue, results = town
    long = {
        name: replace(each, title=f"{each.title} {'обучающихся ' * 9}", short="")
        for name, each in catalogue.indicators.items()
    }
    lines = overview((replace(catalogue, indicators=long), results), width)
    assert max(map(len, lines)) <= width
    assert any("…" in line for line in lines)


@pytest.mark.parametrize(("short", "printed"), [("", "Доля обучающихся Доля…"), ("Доля", "Доля")])
def test_a_long_title_is_printed_short(
    short: str, printed: str, town: tuple[Catalogue, Results]
) -> None:
    catalogue, results = town
    long = f"Доля обучающихся Доля {'обучающихся' * 10}"
    named = {
        name: replace(each, title=long, short=short) for name, each in catalogue.indicators.items()
    }
    titled = replace(catalogue, indicators={**catalogue.indicators, **named})
    lines = overview((titled, results), level="municipality")
    assert any(f" {printed} " in line for line in lines)


def test_every_column_is_described(town: tuple[Catalogue, Results]) -> None:
    described = describe_columns(town[0], [*COLUMNS, "text", "target_to", "unheard"])
    assert len(described) == len(COLUMNS) + 2


def test_columns_for_which_a_terminal_has_no_room_stand_below(
    town: tuple[Catalogue, Results], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(showing, "is_terminal", lambda _stream: True)
    monkeypatch.setattr(showing, "screen_width", lambda: 80)
    columns, rows = lay_out_table(*town, ALL_COLUMNS)
    headings = [column.heading for column in columns]
    drawn = showing.draw_lines(headings, rows, [column.number for column in columns])
    lines = re.sub(r"\x1b\[[\d;]*m", "", drawn).splitlines()
    assert max(map(len, lines)) <= 80
    assert "…" not in drawn
    heads = [[*re.split(r" {2,}", line.strip())] for line in lines if line.startswith("Имя ")]
    assert len(heads) > 2
    assert [heads[0][0], *(name for head in heads for name in head[1:])] == headings
    words = {word for row in rows for text in row for word in text.split(" ")}
    assert words <= set(" ".join(lines).split(" "))
    wide = showing.draw_lines(headings[:3], [row[:3] for row in rows])
    assert len([line for line in wide.splitlines() if "Имя" in line]) == 1


def see(colour: bool) -> str:
    """What a terminal of 80 columns gets from `evaluate`."""
    pty = pytest.importorskip("pty")
    reading, writing = pty.openpty()
    asked = ("evaluate", "berezniki", "--data", "definitions/berezniki/demo", "--year", "2023")
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "80", "LINES": "24"}
    environment.pop("NO_COLOR", None)
    done = subprocess.Popen(
        [sys.executable, "-m", "engine", *asked, "--indicator", "diagnosed_share", "--lang", "ru"],
        stdout=writing,
        stderr=subprocess.DEVNULL,
        cwd=Path(__file__).parent.parent,
        env=environment if colour else {**environment, "NO_COLOR": "1"},
    )
    os.close(writing)
    parts = []
    with suppress(OSError):  # the other end is closed: it is all there
        while part := os.read(reading, 65536):
            parts.append(part)
    assert done.wait() == 0
    os.close(reading)
    return b"".join(parts).decode()


def test_a_terminal_has_colour_unless_it_is_not_wanted() -> None:
    assert "\x1b[31m! " in see(colour=True)
    plain = see(colour=False)
    assert "! " in plain
    assert not re.search(r"\x1b\[[\d;]*3\d", plain)
