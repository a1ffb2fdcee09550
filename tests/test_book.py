"""A report as a workbook: its sheets, formats, filters, colours, charts, and texts that stay texts."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from engine.problems import Problem
from engine.reports import filters
from engine.reports.formats import workbook as book_results
from engine.reports.formats.workbook import write_book
from engine.reports.render import open_report
from engine.reports.templates import TemplateError
from engine.translation import use_language
from engine.typography import set_type
from tests.machines import MACHINES, report_on
from tests.shipped_report import NAMES, opened
from tests.small_town import (
    CATALOGUE,
    DATE,
    PROBLEMS,
    RESULTS,
    YEARS,
    FakeData,
    frame,
    result,
    wanted,
)
from tests.test_report_hostile import HOSTILE, catalogue_with

INTERNAL = ["Результаты", "По школам", "Диаграммы", "Паспорта", "Замечания", "О книге"]


@cache
def made(name: str, audience: str = "internal", place: tuple[str, str] | None = None) -> bytes:
    with use_language("ru"):
        return write_book(opened(name, audience).context(place))


def read(content: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(content))


@cache
def read_made(name: str, audience: str = "internal", place: tuple[str, str] | None = None) -> Any:
    """A book that was made, opened once for all tests, which only look at it."""
    return read(made(name, audience, place))


def parts(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return {name: book.read(name) for name in book.namelist()}


def small(**keys: Any) -> dict[str, Any]:
    settings: dict[str, Any] = {"problems": PROBLEMS, "date": DATE, "years": YEARS}
    settings |= keys
    catalogue, results = settings.pop("catalogue", CATALOGUE), settings.pop("results", frame())
    return open_report(catalogue, settings.pop("data", FakeData()), results, **settings).context()


def table(sheet: Any) -> list[dict[str, Any]]:
    heads = [cell.value for cell in sheet[1]]
    rows = sheet.iter_rows(min_row=2, values_only=True)
    return [dict(zip(heads, row, strict=True)) for row in rows]


@pytest.mark.no_cover
@pytest.mark.parametrize("name", NAMES)
def test_the_sheets_and_what_stands_in_them(name: str) -> None:
    book = read_made(name)
    wanted = INTERNAL if name == "berezniki" else [one for one in INTERNAL if one != "Диаграммы"]
    assert [each for each in book.sheetnames if not each.startswith("Школы")] == wanted
    context = opened(name).context()
    above = [row for row in context["rows"] if row.level != "school"]
    below = [row for row in context["rows"] if row.level == "school"]
    assert len(table(book["Результаты"])) == len(above) > 100
    assert len(table(book["По школам"])) == len(below) > 1000
    places = {row["Место"] for row in table(book["По школам"])}
    assert places == set(map(set_type, opened(name).places("school").values()))
    for row, line in zip(above, table(book["Результаты"]), strict=True):
        academic = f"{row.year}–{row.year + 1}"
        assert line["Год"] in ({row.year, academic} if name == "berezniki" else {academic})
        if isinstance(row.value, float) and row.reason is None:
            assert line["Значение"] == row.value
        elif row.value is None:
            assert line["Значение"] is None
            assert line["Почему нет"]
    assert len(table(book["Паспорта"])) >= 50


@pytest.mark.no_cover
@pytest.mark.parametrize("name", NAMES)
def test_nobody_but_the_department_sees_schools(name: str) -> None:
    book = read_made(name, "public")
    assert "По школам" not in book.sheetnames
    text = b"".join(parts(made(name, "public")).values()).decode("utf-8", "ignore")
    for title in opened(name).places("school").values():
        assert title not in text
        assert set_type(title) not in text
    own = read_made(name, "school", ("school", "school-01"))
    assert "По школам" not in own.sheetnames
    text = b"".join(parts(made(name, "school", ("school", "school-01"))).values()).decode()
    others = opened(name).places("school")
    assert set_type(others.pop("school-01")) in text
    printed = [form for title in others.values() for form in (title, set_type(title))]
    assert not [title for title in printed if re.search(re.escape(title) + r"(?!\d)", text)]


def test_numbers_have_their_decimals_and_their_unit_once() -> None:
    """Beside the number, in a column of its own: it can be filtered, and stands nowhere twice."""
    sheet = read_made("berezniki")["Результаты"]
    heads = [cell.value for cell in sheet[1]]
    value, unit = heads.index("Значение"), heads.index("Единица")
    formats = {
        (row[unit].value, row[value].number_format)
        for row in sheet.iter_rows(min_row=2)
        if isinstance(row[value].value, int | float)
    }
    assert {("%", "#,##0.0"), ("чел.", "#,##0")} <= formats
    shown = {cell.number_format for row in sheet.iter_rows(min_row=2) for cell in row}
    assert not [one for one in shown if not re.fullmatch(r"General|0|#,##0(\.0+)?", one)]


def test_results_of_a_plan_are_told_with_their_event() -> None:
    lines = table(read_made("berezniki")["Результаты"])
    found = [line for line in lines if line["Показатель"] == "Олимпиадное движение: Учреждений"]
    assert found
    assert all(re.fullmatch(r"\d{4}–\d{4}", line["Год"]) for line in found)


@pytest.mark.no_cover
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("title", ["Результаты", "По школам"])
def test_long_titles_are_seen_whole(name: str, title: str) -> None:
    sheet = read_made(name)[title]
    at = [cell.value for cell in sheet[1]].index("Показатель")
    width = sheet.column_dimensions[sheet.cell(1, at + 1).column_letter].width
    assert sheet.sheet_format.defaultRowHeight == 15
    for row in sheet.iter_rows(min_row=2):
        assert sheet.row_dimensions[row[at].row].height in {
            None,
            sheet.sheet_format.defaultRowHeight,
        }
        assert width >= len(row[at].value)


@pytest.mark.no_cover
@pytest.mark.parametrize("name", NAMES)
def test_schools_stand_beside_each_other(name: str) -> None:
    sheet = read_made(name)["Школы"]
    context = opened(name).context()
    facts = [row for row in context["rows"] if row.level == "school" and row.scenario == "fact"]
    year = max(row.year for row in facts if row.value is not None)
    values = {
        (row.place_title, row.code, row.short_title): row for row in facts if row.year == year
    }
    heads = [str(cell.value).replace("\u00a0", " ") for cell in sheet[1]]
    lines = list(sheet.iter_rows(min_row=2, values_only=True))
    assert {line[0] for line in lines} == {set_type(place) for place, _code, _title in values}
    seen = 0
    for (place, code, title), row in values.items():
        (line,) = (line for line in lines if line[0] == set_type(place))
        start = set_type(f"{code} {title}".strip()).replace("\u00a0", " ")
        found = [at for at, head in enumerate(heads) if f"{head} ".startswith(f"{start} ")]
        if not found:
            assert row.value is None
            continue
        (at,) = found
        if isinstance(row.value, float):
            seen += 1
            assert line[at] == row.value
        elif row.value is None:
            assert line[at] == filters.mark(row)
    assert seen > 100
    assert len(read_made(name).sheetnames) > len(INTERNAL)


def test_tables_can_be_filtered_and_stay_in_sight() -> None:
    book = read_made("berezniki")
    for name in ("Результаты", "По школам", "Паспорта", "Замечания"):
        sheet = book[name]
        assert sheet.auto_filter.ref
        assert sheet.freeze_panes is not None
    assert book["Результаты"].freeze_panes == "D2"
    assert book["По школам"].freeze_panes == "D2"


def test_colours_repeat_a_word() -> None:
    sheet = read_made("berezniki")["Результаты"]
    rules = [rule for area in sheet.conditional_formatting for rule in area.rules if rule.operator]
    assert {rule.text for rule in rules} == {"достигнуто", "не достигнуто", "лучше", "хуже"}
    seen = {line["Вывод"] for line in table(sheet)}
    assert {"достигнуто", "не достигнуто", "достигнуто, предварительно"} <= seen


@pytest.mark.no_cover
def test_charts_are_drawn_from_cells() -> None:
    content = parts(made("berezniki"))
    charts = [
        each.decode() for name, each in content.items() if re.match(r"xl/charts/chart\d", name)
    ]
    assert len(charts) > 20
    sheet = read_made("berezniki")["Результаты"]
    heads = [cell.value for cell in sheet[1]]
    for chart in charts:
        bars, lines = (
            re.search(rf"<c:{kind}>.*?</c:{kind}>", chart) for kind in ("barChart", "lineChart")
        )
        assert bars is not None
        assert lines is not None
        # Above its column a number would stand on the line of the target.
        assert '<c:dLblPos val="inBase"/>' in bars.group()
        assert "dLbl" not in lines.group()
        titles = set()
        for drawn, head in ((bars, "Значение"), (lines, "Цель")):
            (values,) = re.findall(r"<c:val><c:numRef><c:f>(.*?)</c:f>", drawn.group())
            cells = re.findall(r"\$([A-Z]+)\$(\d+)", values)
            assert {
                heads[openpyxl.utils.column_index_from_string(one) - 1] for one, _n in cells
            } == {head}
            first, last = int(cells[0][1]), int(cells[-1][1])
            titles |= {
                sheet.cell(row, heads.index("Показатель") + 1).value for row in (first, last)
            }
        assert len(titles) == 1


def test_problems_are_told() -> None:
    with use_language("ru"):
        book = read(write_book(small()))
        clean = replace(CATALOGUE, checks={})
        rows = [{**row, "checks": []} for row in RESULTS]
        none = read(write_book(small(catalogue=clean, problems=(), results=frame(rows))))
    lines = table(book["Замечания"])
    assert {
        "Вид": "предупреждение",
        "Где": "Город Т.",
        "Годы": "2022",
        "Что": "Изменение больше 30\u00a0%",
    } in lines
    assert [line for line in lines if line["Вид"] == "ошибка" and "facts.csv" in line["Где"]]
    assert table(none["Замечания"])[0]["Вид"] == "Замечаний нет."
    assert ("Предупреждение", FakeData.notice) in {
        (line["Что"], line["Значение слов"]) for line in table(book["О книге"])
    }


@pytest.mark.no_cover
@pytest.mark.parametrize("name", HOSTILE)
def test_texts_that_mean_harm_are_texts(name: str) -> None:
    text = HOSTILE[name]
    rows = [
        {**row, "title": text, "place_title": text, "text": row["text"] and [text]}
        for row in RESULTS
    ]
    with use_language("ru"):
        content = write_book(
            small(
                catalogue=catalogue_with(text),
                results=frame(rows),
                problems=(Problem("bad-cell", text),),
                data=FakeData(notice=text),
            )
        )
    for part, each in parts(content).items():
        assert b"<f>" not in each or part.startswith("xl/charts")
        assert b"<hyperlink" not in each
        assert not re.search("[\u202a-\u202e\u2066-\u2069]", each.decode("utf-8"))
    book = read(content)
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    if name in {"script", "formula", "template", "emoji", "markdown", "long"}:
        assert text in {cell.value for cell in cells}


def test_a_sheet_that_cannot_hold_its_rows_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(book_results, "MOST_ROWS", 3)
    with pytest.raises(TemplateError, match="листе Excel"), use_language("ru"):
        write_book(small())


def test_two_machines_write_the_same_bytes(tmp_path: Path) -> None:
    books = [
        parts(report_on(machine, "book.xlsx", tmp_path / f"{number}.xlsx", "2023").read_bytes())
        for number, machine in enumerate(MACHINES)
    ]
    assert b"2024-01-02T00:00:00Z" in books[0]["docProps/core.xml"]
    assert books[0] == books[1]


def test_long_numbers_and_names_are_seen_whole() -> None:
    """A number that does not fit its column is printed as ###, a text is cut by the cell beside it."""
    name = "Средняя общеобразовательная школа с углублённым изучением отдельных предметов № 1"
    long = {"value": 123456789012, "place_title": name}
    rows = [
        {**row, **long} if row["indicator"] in {"talks.per_school", "costs"} else row
        for row in RESULTS
    ]
    book = read(write_book(small(results=frame(rows))))
    checked = 0
    for title in ("Результаты", "По школам", "Школы"):
        sheet = book[title]
        for head, *cells in sheet.iter_cols():
            # Equal columns stand as one in the file.
            width = next(
                each.width
                for each in sheet.column_dimensions.values()
                if each.min <= head.column <= each.max
            )
            for cell in cells:
                if head.value == "Значение" and isinstance(cell.value, str):
                    continue  # a list of texts may be longer than any column
                shown = f"{cell.value:,}" if isinstance(cell.value, int) else str(cell.value or "")
                assert len(shown) <= width, (title, shown)
                checked += 1
    assert checked > 100


def test_numbers_of_a_chart_are_turned_where_they_have_no_room() -> None:
    for count, value, turned in ((3, 1234567890.0, False), (10, 81.0, False), (10, 1e9, True)):
        rows = [
            result("diagnosed", year, value, **wanted(value, "met"))
            for year in range(2025 - count, 2025)
        ]
        book = parts(write_book(small(results=frame(rows), years=tuple(range(2015, 2025)))))
        assert (b'rot="-5400000"' in book["xl/charts/chart1.xml"]) == turned
