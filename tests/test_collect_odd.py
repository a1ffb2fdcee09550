"""Workbooks as hardly any program writes them: read where they can be, refused where they cannot."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import xlsxwriter

from engine.forms.back import received_files
from engine.forms.back.filled_workbook import FilledSheet, FilledWorkbook, read_book
from engine.forms.stamp import Stamp, column_code, row_code
from engine.workbooks import processes, reader
from tests.filling import Town, facts_of, gather, make_town
from tests.mortal import DEADLY, read_or_die

YEAR = 2022
STAMP = Stamp("town", "1", "report", "a", YEAR)
SHEET, TEXTS = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"
FIVE = b'<c r="D4"><v>5</v></c>'
"""The only answer of `write_form`, as it is written."""


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    return make_town(tmp_path_factory.mktemp("town"), YEAR)


def write_form(
    path: Path, more: Callable[[xlsxwriter.Workbook, Any], None] = lambda _book, _sheet: None
) -> Path:
    """Two rows of two years: B4:C5 are titles, D4:E5 are answers, of which the first is 5."""
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("Форма")
    sheet.write_string("A1", STAMP.text())
    sheet.write_string("D2", column_code(YEAR - 1, "fact"))
    sheet.write_string("E2", column_code(YEAR, "fact"))
    sheet.write_string("A4", row_code("pupils"))
    sheet.write_string("A5", row_code("graduates"))
    sheet.write_number("D4", 5)
    more(book, sheet)
    book.close()
    return path


def unpack(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def pack(path: Path, parts: Mapping[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def rewrite(path: Path, before: bytes, after: bytes, part: str = SHEET) -> Path:
    """The same workbook with one thing in it written otherwise."""
    parts = unpack(path)
    assert before in parts[part]
    return pack(path, {**parts, part: parts[part].replace(before, after)})


def sheet_of(path: Path) -> FilledSheet:
    book = read_book(path)
    assert book.refused == ""
    (sheet,) = book.sheets
    return sheet


def told(town: Town, path: Path) -> list[str]:
    """What the collector of forms reads of a file that is an error."""
    collected = gather(town, path, path.with_suffix(".data"))
    return [one.message for one in collected.problems if one.severity == "error"]


# --- cells ---------------------------------------------------------------------------------------


def write_prefixed(path: Path, cell: bytes) -> Path:
    """Every element with a prefix, as some libraries write them."""
    parts = unpack(rewrite(write_form(path), FIVE, cell))
    content = re.sub(rb"<(/?)(?=\w)", rb"<\1x:", parts[SHEET]).replace(b"xmlns=", b"xmlns:x=")
    return pack(path, {**parts, SHEET: content})


@pytest.mark.parametrize(
    ("cell", "text", "odd"),
    [
        (b'<c r="D4" t="e"><v>#DIV/0!</v></c>', "#DIV/0!", "excel-error"),
        (b'<c r="D4"><f>6*7</f></c>', "=6*7", "formula-without-value"),
        (b'<c r="D4"><f>6*7</f><v></v></c>', "=6*7", "formula-without-value"),
        (b'<c r="D4"><f t="shared" si="0"/><v></v></c>', "=", "formula-without-value"),
        (b'<c r="D4"><f>6*7</f><v>42</v></c>', "42", None),
        (b'<c r="D4" t="e"></c>', None, None),
        (b'<c r="D4" t="e"/>', None, None),
    ],
)
@pytest.mark.parametrize("prefixed", [False, True])
def test_an_error_and_a_formula_are_known_however_they_are_written(
    tmp_path: Path, cell: bytes, text: str | None, odd: str | None, prefixed: bool
) -> None:
    path = tmp_path / "a.xlsx"
    sheet = sheet_of(
        write_prefixed(path, cell) if prefixed else rewrite(write_form(path), FIVE, cell)
    )
    assert sheet.texts == (text, None, None, None)
    assert sheet.odd == ({0: odd} if odd else {})


def test_a_row_shown_as_percentages_is_no_cell_of_them(tmp_path: Path) -> None:
    """The style of a row is that of its empty cells: what is written in it has its own."""

    def style(book: xlsxwriter.Workbook, sheet: Any) -> None:
        percent = book.add_format({"num_format": "0%"})
        for row in range(4):
            sheet.set_row(row, None, percent)
        sheet.write_number("D4", 5, book.add_format({"num_format": "0.00"}))
        sheet.write_number("E4", 0.5, percent)
        sheet.write_boolean("D5", True, percent)
        sheet.write_string("E5", "около 50", percent)

    assert sheet_of(write_form(tmp_path / "a.xlsx", style)).texts == ("5", "50 %", "да", "около 50")


def test_a_date_with_a_time_keeps_it(tmp_path: Path) -> None:
    def write(book: xlsxwriter.Workbook, sheet: Any) -> None:
        moment = book.add_format({"num_format": "dd.mm.yyyy hh:mm"})
        sheet.write_datetime("D4", datetime(2022, 9, 1, 12, 30), moment)  # noqa: DTZ001 - of a cell
        sheet.write_datetime("E4", datetime(2022, 9, 1), moment)  # noqa: DTZ001 - as above

    texts = sheet_of(write_form(tmp_path / "a.xlsx", write)).texts
    assert texts[:2] == ("2022-09-01 12:30:00", "2022-09-01")


@pytest.mark.parametrize(
    ("merged", "value", "odd"),
    [
        ("B4:C4", 1, {}),  # titles
        ("D7:E8", 1, {}),  # below the answers
        ("E4:F4", 1, {}),  # one answer and what is beside it
        ("D4:E4", 1, {0: "merged-cell D4:E4"}),
        ("D4:E5", 1, {0: "merged-cell D4:E5"}),
        ("D5:E5", None, {}),  # of nobody, but nothing is lost
        (
            "C4:D5",
            1,
            dict.fromkeys((0, 2), "merged-cell C4:D5"),
        ),  # hidden behind what is to the left
    ],
)
def test_of_joined_cells_those_are_told_that_lose_an_answer(
    tmp_path: Path, merged: str, value: int | None, odd: dict[int, str]
) -> None:
    def merge(_book: xlsxwriter.Workbook, sheet: Any) -> None:
        sheet.merge_range(merged, value)

    assert sheet_of(write_form(tmp_path / "a.xlsx", merge)).odd == odd


def test_a_sheet_with_nothing_but_its_stamp_asks_for_its_codes(town: Town, tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    book = xlsxwriter.Workbook(str(path))
    book.add_worksheet("Форма").write_string("A1", STAMP.text())
    book.close()
    assert sheet_of(path) == FilledSheet("Форма", ((STAMP.text(), 0, 0),))
    assert told(town, path) == ["на листе нет скрытых кодов строк или столбцов: прочитать нечего"]


# --- years -------------------------------------------------------------------------------------


def write_years(path: Path, place: str, *years: int) -> Path:
    """The pupils of these years, as many as the number of the year, in a form of 2023."""
    path.parent.mkdir(exist_ok=True)
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("Форма")
    sheet.write_string("A1", Stamp("town", "1", "report", place, 2023).text())
    sheet.write_string("A3", row_code("pupils"))
    for column, year in enumerate(years, 2):
        sheet.write_string(1, column, column_code(year, "fact"))
        sheet.write_number(2, column, year)
    book.close()
    return path


@pytest.mark.parametrize(
    ("place", "years", "words"),
    [
        ("c", (2022, 2023), "«c» в 2022 году не работает"),
        ("a", (2023, 2024), "год 2024 позже последнего года каталога"),
    ],
)
def test_answers_of_a_year_that_does_not_count_are_told_and_left(
    town: Town, tmp_path: Path, place: str, years: tuple[int, ...], words: str
) -> None:
    path = write_years(tmp_path / "a.xlsx", place, *years)
    collected = gather(town, path, tmp_path / "data")
    found = [one.message for one in collected.problems if words in one.message]
    assert len(found) == 1
    assert facts_of(tmp_path / "data", place) == {("pupils", 2023, "fact"): (2023, "value")}
    assert collected.protocol.balance["not_open"] == 1


def test_answers_are_read_in_parts_as_at_once(
    town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place in "abc":
        write_years(tmp_path / "came" / f"{place}.xlsx", place, 2022, 2023)
    gather(town, tmp_path / "came", tmp_path / "whole")
    monkeypatch.setattr("engine.forms.back.gather._PART", 1)
    gather(town, tmp_path / "came", tmp_path / "parts")
    for name in ("facts.parquet", "schools.csv"):
        assert (tmp_path / "whole" / name).read_bytes() == (tmp_path / "parts" / name).read_bytes()
    assert {place: len(facts_of(tmp_path / "parts", place)) for place in "abc"} == {
        **dict.fromkeys("ab", 2),
        "c": 1,
    }


# --- sheets too large to be laid out -------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "refused"),
    [
        (b'<row r="100000"><c r="C100000"><v>1</v></c></row>', ""),
        (b'<row r="6000"><c r="ZZ6000"><v>1</v></c></row>', "too-large-sheet"),
        (b"<row r='6000'><c r='ZZ6000'><v>1</v></c></row>", "too-large-sheet"),
        (b'<row r="200000"><c r="Z200000"><v>1</v></c></row>', "too-large-sheet"),
        (b'<row r="6"><c r="XFD6"><v>1</v></c></row>', ""),
        (b"<row/>" * 160_000, "too-large-sheet"),
    ],
)
def test_a_cell_far_away_is_read_while_the_sheet_can_be_held(
    tmp_path: Path, rows: bytes, refused: str
) -> None:
    path = rewrite(write_form(tmp_path / "a.xlsx"), b"</sheetData>", rows + b"</sheetData>")
    book = read_book(path)
    assert (book.refused, len(book.sheets)) == (refused, 0 if refused else 1)


def test_a_far_cell_is_refused_before_the_sheet_is_laid_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Laid out it would take gigabytes, though its address is of two letters and five digits."""
    path = write_form(tmp_path / "a.xlsx")
    rewrite(path, b"</sheetData>", b'<row><c r="ZZ99999"><v>1</v></c></row></sheetData>')
    monkeypatch.setattr(reader, "CalamineWorkbook", None)
    assert read_book(path) == FilledWorkbook(
        refused="too-large-sheet", sheet="Форма", cell="ZZ99999"
    )


# --- damaged -------------------------------------------------------------------------------------


def test_a_damaged_sheet_beside_the_form_is_passed_over(town: Town, tmp_path: Path) -> None:
    """Where nothing in the file is of a form, there is no form to be lost."""
    path = rewrite(write_form(tmp_path / "a.xlsx"), FIVE, b'<c r="D4" t="s"><v>99</v></c>')
    assert read_book(path).refused == "damaged-workbook"
    rewrite(path, b"pokazatel:", b"other:", TEXTS)
    assert (read_book(path).refused, read_book(path).sheets) == ("", ())
    assert told(town, path) == ["в книге нет формы: не найден её штамп"]


def test_a_file_cut_inside_its_list_of_parts_is_damaged(tmp_path: Path) -> None:
    """A part that begins where the file ends."""
    path = write_form(tmp_path / "a.xlsx")
    content = bytearray(path.read_bytes())
    entry = content.rindex(b"PK\x01\x02")
    content[entry + 42 : entry + 46] = (len(content) - 10).to_bytes(4, "little")
    path.write_bytes(content)
    assert read_book(path) == FilledWorkbook(refused="damaged-workbook")


def test_where_the_library_panics_the_file_is_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class PanicException(BaseException):
        """It is no Exception, and is exported nowhere."""

    path = write_form(tmp_path / "a.xlsx")
    for raised, refused in ((PanicException, True), (KeyboardInterrupt, False)):

        def fail(_content: object, raised: type[BaseException] = raised) -> None:
            raise raised

        monkeypatch.setattr(reader, "CalamineWorkbook", SimpleNamespace(from_filelike=fail))
        if refused:
            assert read_book(path) == FilledWorkbook(refused="damaged-workbook")
        else:
            with pytest.raises(raised):
                read_book(path)


@pytest.mark.usefixtures("own_processes")
def test_a_file_that_brings_its_process_down_is_refused_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = write_form(tmp_path / "a.xlsx").read_bytes()
    names = ["0", "1", "2", DEADLY, "4", "5", "6"]
    for name in names:
        (tmp_path / f"{name}.xlsx").write_bytes(form)
    monkeypatch.setattr(processes, "_TOGETHER", 2)
    monkeypatch.setattr(received_files, "read_books", read_or_die)
    found = list(received_files.read_many([str(tmp_path / f"{name}.xlsx") for name in names], 2))
    assert [book.refused for book in found] == [
        "damaged-workbook" if name == DEADLY else "" for name in names
    ]
    assert all(book.sheets[0].texts[0] == "5" for book in found if not book.refused)


# --- text documents of sheets --------------------------------------------------------------------

_SPACE = "urn:oasis:names:tc:opendocument:xmlns:"
_MANIFEST = (
    f'<manifest:manifest xmlns:manifest="{_SPACE}manifest:1.0"><manifest:file-entry '
    'manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/>'
    "</manifest:manifest>"
)
_CELL = '<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>'

_FIVE = '<table:table-cell office:value-type="float" office:value="5" {more}/>'


def write_text_document(path: Path, cell: str, before: str = "") -> Path:
    """A form in which one cell is asked for, as it is written in OpenDocument."""
    spaces = " ".join(f'xmlns:{one}="{_SPACE}{one}:1.0"' for one in ("office", "table", "text"))
    stamp, column, row = (
        _CELL.format(text=text)
        for text in (STAMP.text(), column_code(YEAR, "fact"), row_code("pupils"))
    )
    lines = (stamp, f"<table:table-cell/>{column}", f"{row}{cell}")
    rows = "".join(f"<table:table-row>{line}</table:table-row>" for line in lines)
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?>{before}<office:document-content {spaces}>'
        f'<office:body><office:spreadsheet><table:table table:name="Форма">{rows}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    return pack(
        path, {"mimetype": kind, "content.xml": content, "META-INF/manifest.xml": _MANIFEST}
    )


@pytest.mark.parametrize(
    ("attributes", "inside", "text", "odd"),
    [
        ('office:value-type="float" office:value="5"', "<text:p>5</text:p>", "5", {}),
        (
            'table:formula="of:=6*7"',
            "<text:p>42</text:p>",
            "=of:=6*7",
            {0: "formula-without-value"},
        ),
        ('table:formula="of:=6*7"', "", None, {}),
        ('table:formula="of:=1/0"', "<text:p>#DIV/0!</text:p>", "#DIV/0!", {0: "excel-error"}),
        ('office:value-type="percentage" office:value="0.5"', "<text:p>50%</text:p>", "50 %", {}),
    ],
)
def test_a_text_document_tells_its_errors_formulas_and_percentages(
    tmp_path: Path, attributes: str, inside: str, text: str | None, odd: dict[int, str]
) -> None:
    cell = f"<table:table-cell {attributes}>{inside}</table:table-cell>"
    sheet = sheet_of(write_text_document(tmp_path / "a.ods", cell))
    assert (sheet.texts, sheet.odd) == ((text,), odd)


@pytest.mark.parametrize(
    ("cell", "before", "refused"),
    [
        (_CELL.format(text="1"), '<!DOCTYPE x [<!ENTITY a "b">]>', "damaged-workbook"),
        (_CELL.format(text="</text:q>"), "", "damaged-workbook"),
        (
            _FIVE.format(more='table:number-columns-repeated="5000000"'),
            *("", "too-large-sheet"),
        ),
        (
            _FIVE.format(more='table:number-columns-repeated="много"'),
            *("", "too-large-sheet"),
        ),
    ],
)
def test_a_text_document_that_is_a_trap_is_refused(
    tmp_path: Path, cell: str, before: str, refused: str
) -> None:
    path = write_text_document(tmp_path / "a.ods", cell, before)
    book = read_book(path)
    assert (book.refused, book.sheets) == (refused, ())
    assert len(book.cell) <= len("XFD1048576")
