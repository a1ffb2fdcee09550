"""Files as people save them: encodings, delimiters, sheets, Parquet; the position of every cell."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from types import SimpleNamespace

import openpyxl
import polars as pl
import pytest
from python_calamine import PasswordError

from engine.data.tables import RawTable, open_books, read_tables, shorten
from engine.problems import Problem, show_problem
from engine.translation import choose_language
from engine.workbooks.addresses import (
    name_cell,
    name_column,
    number_column,
    read_address,
    split_runs,
)
from engine.workbooks.reader import read_workbooks, write_value
from engine.workbooks.safe_open import Bounds
from tests.mortal import DEADLY, read_workbooks_or_die

TEXT = "школа;год;«ё»\nлицей № 1;2022;12,5\n"


@pytest.fixture(autouse=True)
def _english() -> None:
    choose_language("en")


def read_one(path: Path) -> RawTable:
    tables, problems = read_tables(path, path.name)
    assert not problems, "\n".join(map(show_problem, problems))
    assert len(tables) == 1
    return tables[0]


def read_refused(path: Path) -> Problem:
    tables, problems = read_tables(path, path.name)
    assert not tables
    assert len(problems) == 1
    return problems[0]


def write_csv(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "facts.csv"
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "utf-16"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    table = read_one(write_csv(tmp_path, TEXT, encoding))
    assert table.header == ("школа", "год", "«ё»")
    assert table.frame.collect().rows() == [("лицей № 1", "2022", "12,5", 2)]


@pytest.mark.parametrize("encoding", ["cp866", "utf-16-le"])
def test_wrong_encoding(tmp_path: Path, encoding: str) -> None:
    text = "школа;год\n" + "Муниципальное учреждение;2022\n" * 20
    problem = read_refused(write_csv(tmp_path, text, encoding))
    assert problem.code == "wrong-encoding"
    assert problem.hint


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"\x98\xff", b"PK\x03\x04\0\0"])
def test_no_text_at_all(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "facts.csv"
    path.write_bytes(content)
    assert read_refused(path).code == "wrong-encoding"


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("first", ["", "sep=X\n", '"sep=X"\r\n', "\n\n"])
def test_delimiters_and_lines(tmp_path: Path, delimiter: str, first: str) -> None:
    head = first.replace("X", delimiter)
    body = f'a{delimiter}"b{delimiter}\nc"\r\n\r\n1{delimiter}"2\n3"\r\n4{delimiter}5\r\n'
    table = read_one(write_csv(tmp_path, head + body))
    skipped = head.count("\n")
    assert table.header == ("a", "b c" if delimiter == "\t" else f"b{delimiter} c")
    assert table.frame.collect().rows() == [
        ("1", "2\n3", skipped + 4),
        ("4", "5", skipped + 6),
    ]


def test_large_text_is_read_as_a_small_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = ["a;b;c;", "1;2;3;", "", "  ;;;", "4;5", ";;;", "x;;я;"]
    path = write_csv(tmp_path, "\n".join(lines) + "\n")
    small = read_one(path)
    monkeypatch.setattr("engine.data.tables._LARGE", 0)
    large = read_one(path)
    assert large.header == small.header == ("a", "b", "c")
    assert large.frame.collect().rows() == small.frame.collect().rows()
    ragged = write_csv(tmp_path, "\n".join([*lines, "1;2;3;;5"]) + "\n")
    _tables, problems = read_tables(ragged, "facts.csv")
    assert [problem.code for problem in problems] == ["cell-without-column"]
    beyond = write_csv(tmp_path, "\n".join([*lines, "1;2;3;5"]) + "\n")
    _tables, problems = read_tables(beyond, "facts.csv")
    assert [(problem.code, str(problem.position)) for problem in problems] == [
        ("cell-without-column", "facts.csv:8:4, D8")
    ]
    blank_first = write_csv(tmp_path, "\n" + "\n".join(lines) + "\n")
    assert read_one(blank_first).header == ("a", "b", "c")


def test_field_over_the_limit(tmp_path: Path) -> None:
    problem = read_refused(write_csv(tmp_path, f'a;b\n"{"x" * 200_000}";1\n'))
    assert problem.code == "unreadable-file"


def test_missing_file(tmp_path: Path) -> None:
    assert read_refused(tmp_path / "nothing.csv").code == "unreadable-file"


def make_workbook(folder: Path) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Форма & прочее"
    sheet["B2"], sheet["C2"], sheet["D2"] = "school", "year", "pupils"
    sheet["B4"], sheet["C4"], sheet["D4"] = "a", 2022, "#DIV/0!"
    sheet["D4"].data_type = "e"
    sheet["B5"], sheet["C5"], sheet["D5"] = 7, 2023.0, 12.5
    book.create_sheet("Пустой")
    path = folder / "facts.xlsx"
    book.save(path)
    return path


def test_workbook(tmp_path: Path) -> None:
    table = read_one(make_workbook(tmp_path))
    assert table.header == ("", "school", "year", "pupils")
    assert table.frame.collect().rows() == [
        (None, "a", "2022", "#DIV/0!", 4),
        (None, "7", "2023", "12.5", 5),
    ]
    assert str(table.position(4, 3)) == "facts.xlsx, sheet “Форма & прочее”, D4"
    assert str(table.position(4)) == "facts.xlsx, sheet “Форма & прочее”, 4"
    assert str(table.head_position(1)) == "facts.xlsx, sheet “Форма & прочее”, B2"
    assert table.text(4, 3) == "#DIV/0!"


def test_empty_workbook(tmp_path: Path) -> None:
    path = tmp_path / "facts.xlsx"
    openpyxl.Workbook().save(path)
    assert read_refused(path).code == "empty-file"


@pytest.mark.parametrize("name", ["facts.xlsx", "facts.xls", "facts.ods", "facts.parquet"])
def test_holiday_photo(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"\xff\xd8\xff\xe0 a photo" * 50)
    problem = read_refused(path)
    assert problem.code == "unreadable-file"
    assert "\n" not in problem.message


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "да"),
        (False, "нет"),
        (12.0, "12"),
        (0.1, "0.1"),
        (dt.date(2023, 9, 1), "2023-09-01"),
        (dt.datetime(2023, 9, 1), "2023-09-01"),  # noqa: DTZ001 - sheets know no zones
        (dt.datetime(2023, 9, 1, 8, 30), "2023-09-01 08:30:00"),  # noqa: DTZ001
        ("текст", "текст"),
    ],
)
def test_values_of_a_sheet(value: object, text: str) -> None:
    assert write_value(value) == text


def test_parquet_is_scanned(tmp_path: Path) -> None:
    path = tmp_path / "facts.parquet"
    pl.DataFrame({"school": ["a", "b"], "year": [2022, 2023]}).write_parquet(path)
    table = read_one(path)
    assert table.frame.collect().columns == ["c0", "c1"]
    assert table.numbered().collect().rows() == [(1, "a", 2022), (2, "b", 2023)]
    assert str(table.position(2, 0)) == "facts.parquet:2:1"
    assert table.column_name(0) == "school"


def test_letters_of_columns() -> None:
    letters = ["A", "Z", "AA", "AZ", "AAA", "XFD"]
    assert [name_column(ordinal) for ordinal in (1, 26, 27, 52, 703, 16384)] == letters
    assert [number_column(name) for name in letters] == [1, 26, 27, 52, 703, 16384]


def test_addresses_are_read_as_they_are_written() -> None:
    cells = [(0, 0), (6, 1), (1048575, 16383)]
    assert [name_cell(cell) for cell in cells] == ["A1", "B7", "XFD1048576"]
    assert [read_address(name_cell(cell)) for cell in cells] == cells
    assert read_address("b7") == (6, 1)
    assert {read_address(text) for text in ("", "7", "B", "B0", "B2:C5", "Ж7")} == {None}


def test_cells_below_each_other_are_a_run() -> None:
    cells = [(2, 4), (0, 4), (1, 4), (4, 4), (3, 1), (4, 1), (4, 1)]
    runs = [[(3, 1), (4, 1)], [(4, 1)], [(0, 4), (1, 4), (2, 4)], [(4, 4)]]
    assert list(split_runs(cells, lambda cell: cell)) == runs


def test_long_cells_are_shown_short() -> None:
    assert shorten(" a\n b ") == "a b"
    assert len(shorten("я" * 10_000)) == 61


def test_sheet_of_open_document(tmp_path: Path) -> None:
    cells = "".join(
        f"<table:table-row>{''.join(row)}</table:table-row>"
        for row in (
            [f"<table:table-cell office:value-type='string'><text:p>{text}</text:p>"
             "</table:table-cell>" for text in ("school", "year")],
            ["<table:table-cell office:value-type='string'><text:p>a</text:p></table:table-cell>",
             "<table:table-cell office:value-type='float' office:value='2022'/>"],
        )
    )  # fmt: skip
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text")
    )
    content = (
        f"<office:document-content {spaces}><office:body><office:spreadsheet>"
        f"<table:table table:name='Лист'>{cells}</table:table>"
        "</office:spreadsheet></office:body></office:document-content>"
    )
    path = tmp_path / "facts.ods"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr("content.xml", content)
    table = read_one(path)
    assert table.sheet == "Лист"
    assert table.frame.collect().rows() == [("a", "2022", 2)]


def test_password(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_content: object) -> None:
        raise PasswordError

    monkeypatch.setattr(
        "engine.workbooks.reader.CalamineWorkbook", SimpleNamespace(from_filelike=refuse)
    )
    path = make_workbook(tmp_path)
    (book,) = read_workbooks([str(path)], bounds=Bounds(10**6, 10**6, 10**6))
    _tables, (problem,) = read_tables(path, path.name, books={path: book})
    assert "password" in problem.message


def test_a_workbook_that_brings_its_process_down_is_refused_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Damaged so that the reader of workbooks ends its process, which no exception tells."""
    for name in ("a", DEADLY, "c"):
        shutil.copy(make_workbook(tmp_path), tmp_path / f"{name}.xlsx")
    monkeypatch.setattr("engine.data.tables.read_workbooks", read_workbooks_or_die)
    paths = [tmp_path / f"{name}.xlsx" for name in ("a", DEADLY, "c")]
    books = dict(open_books(paths))
    found = [read_tables(path, path.name, books=books) for path in paths]
    assert [len(tables) for tables, _problems in found] == [1, 0, 1]
    assert [problem.code for _tables, problems in found for problem in problems] == [
        "unreadable-file"
    ]


@pytest.mark.parametrize(
    "cell",
    [
        b'<c r="XFD1048576"><v>1</v></c>',
        b'<c r="XFD1048576" t="inlineStr"><is><t>x</t></is></c>',
        b'<c r="XFD1048576" t="s"><v>0</v></c>',
    ],
)
def test_a_cell_at_the_end_of_the_sheet_is_one_clear_problem(tmp_path: Path, cell: bytes) -> None:
    """Laid out up to it the sheet would take 512 GiB."""
    problem = read_refused(add_row(make_workbook(tmp_path), cell))
    assert problem.message == (
        "the sheet reaches as far as the cell XFD1048576: it is too large to be read"
    )
    assert problem.hint.startswith("delete the row and the column of that cell")
    assert problem.position is not None
    assert problem.position.cell == "XFD1048576"


def test_an_empty_cell_at_the_end_of_the_sheet_is_nothing(tmp_path: Path) -> None:
    path = add_row(make_workbook(tmp_path), b'<c r="XFD1048576" s="0"/>')
    assert read_one(path).frame.collect().height > 0


def add_row(path: Path, cell: bytes) -> Path:
    """The workbook with a last row that holds one cell."""
    far = path.with_name("far.xlsx")
    with zipfile.ZipFile(path) as whole, zipfile.ZipFile(far, "w") as archive:
        for name in whole.namelist():
            row = b'<row r="1048576">%s</row></sheetData>' % cell
            content = whole.read(name)
            archive.writestr(name, content.replace(b"</sheetData>", row, 1))
    return far


def test_a_script_that_guards_nothing_reads_workbooks(tmp_path: Path) -> None:
    """The processes that read do not run anew the program that started them."""
    path = make_workbook(tmp_path)
    script = tmp_path / "script.py"
    lines = (
        "from pathlib import Path",
        "from engine.data.tables import read_tables",
        f"path = Path({str(path)!r})",
        "print(len(read_tables(path, path.name)[0]))",
    )
    script.write_text("\n".join(lines), encoding="utf-8")
    root = str(Path(__file__).parent.parent)
    done = subprocess.run(
        [sys.executable, str(script)],
        env={**os.environ, "PYTHONPATH": root},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "1\n"


def test_broken_sheet(tmp_path: Path) -> None:
    path = make_workbook(tmp_path)
    broken = tmp_path / "broken.xlsx"
    with zipfile.ZipFile(path) as whole, zipfile.ZipFile(broken, "w") as archive:
        for name in whole.namelist():
            content = whole.read(name)
            archive.writestr(name, content[:200] if "sheet1" in name else content)
    problem = read_refused(broken)
    assert problem.code == "unreadable-file"


def test_a_sheet_that_breaks_off_is_no_short_sheet(tmp_path: Path) -> None:
    """Its rows up to the cut could be read: then those after it would be missing without a word."""
    path = make_workbook(tmp_path)
    cut = tmp_path / "cut.xlsx"
    with zipfile.ZipFile(path) as whole, zipfile.ZipFile(cut, "w") as archive:
        for name in whole.namelist():
            content = whole.read(name)
            end = content.find(b'<row r="5"') if "sheet1" in name else len(content)
            archive.writestr(name, content[:end])
    problem = read_refused(cut)
    assert (problem.code, problem.message) == (
        "unreadable-file",
        "the file is no workbook, or it is damaged",
    )


def test_a_binary_workbook_is_refused(tmp_path: Path) -> None:
    """Which of its cells show percentages cannot be seen."""
    path = tmp_path / "facts.xlsb"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.bin", b"")
    problem = read_refused(path)
    assert "(.xlsb)" in problem.message
    assert ".xlsx" in problem.hint


@pytest.mark.parametrize("bounds", [Bounds(1, 1, 1), Bounds(10**6, 1, 1), Bounds(10**6, 10**6, 1)])
def test_a_huge_workbook_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bounds: Bounds
) -> None:
    monkeypatch.setattr("engine.data.tables._BOUNDS", bounds)
    problem = read_refused(make_workbook(tmp_path))
    assert problem.code == "unreadable-file"
    assert problem.message.endswith("too large to be read")
    assert "CSV" in problem.hint
