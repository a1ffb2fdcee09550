"""The careful reader of workbooks: odd cells however a program writes them, bounds, the old kind."""

from __future__ import annotations

import random
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

from engine.workbooks import odd_cells
from engine.workbooks.addresses import name_column
from engine.workbooks.odd_cells import OddCells, find_odd_cells
from engine.workbooks.reader import WorkbookSheet, read_sheets
from engine.workbooks.safe_open import Bounds, RefusedWorkbookError, open_workbook
from tests.filling import resave
from tests.office import needs_office

BOUNDS = Bounds(file=10**6, unpacked=10**7, cells=10**5)
OLE = bytes.fromhex("d0cf11e0a1b11ae1")
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SHEET, STYLES = "xl/worksheets/sheet1.xml", "xl/styles.xml"


def write_workbook(path: Path, error: str = "#DIV/0!") -> Path:
    """A2 shows 85 %, B2 an error, C2 a formula that nobody computed, D2 a number."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Форма & прочее"
    sheet.append(["доля", "ошибка", "формула", "число"])
    sheet.append([0.85, error, "=6*7", 0.85])
    sheet["A2"].number_format = "0%"
    book.save(path)
    return path


def rewrite(path: Path, part: str, *pairs: tuple[str, str]) -> Path:
    """The same workbook with something in one part written otherwise."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for before, after in pairs:
        assert before.encode() in parts[part]
        parts[part] = parts[part].replace(before.encode(), after.encode())
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def odd_of(path: Path) -> Mapping[str, OddCells]:
    return find_odd_cells(open_workbook(path, BOUNDS))


ODD = OddCells({(1, 1): "#DIV/0!"}, {(1, 2): "=6*7"}, frozenset({(1, 0)}))


@pytest.mark.parametrize(
    ("part", "pairs"),
    [
        (SHEET, ()),
        (SHEET, (('"', "'"),)),
        (SHEET, (("<", "<x:"), ("<x:/", "</x:"), ("xmlns=", "xmlns:x="))),
        (STYLES, (("<", "<x:"), ("<x:/", "</x:"), ("xmlns=", "xmlns:x="))),
        (STYLES, (('"', "'"),)),
        # Cells and rows may leave out where they stand: each is then the next one.
        (SHEET, ((' r="A2"', ""), (' r="B2"', ""), (' r="C2"', ""), ('<row r="2"', "<row"))),
        # A style without a number format is one all the same: those after it keep their numbers.
        (STYLES, (('<cellXfs count="2"><xf numFmtId="0"', '<cellXfs count="2"><xf'),)),
    ],
)
def test_odd_cells_are_seen_however_they_are_written(
    tmp_path: Path, part: str, pairs: tuple[tuple[str, str], ...]
) -> None:
    path = rewrite(write_workbook(tmp_path / "a.xlsx"), part, *pairs)
    assert odd_of(path) == {"Форма & прочее": ODD}


CONTENTS = [
    "<v>1</v>",
    "<v>0.5</v>",
    "<v></v>",
    "<v/>",
    "<f>A1*2</f>",
    "<f/><v>7</v>",
    '<f t="shared" si="0"/><v>7</v>',
    "<f>IF(A1&lt;2,1)</f><v></v>",
    "<f>A1</f><v>2</v>",
    "<f><![CDATA[A1]]></f><v><!-- 5 --></v>",
    "<v><!-- 5 -->6</v>",
    "<is><t>слово</t></is>",
    "\n <v>3</v>\n ",
    "",
]
STYLES_OF_CELLS = ['s="0"', 's="1"', 's="2"', 's="11"', "s='1'", 's = "1"', ""]
KINDS = ['t="e"', 't="n"', 't="s"', 't="b"', 't="str"', 't="inlineStr"', "t='e'", "", ""]


def write_random_sheet(chance: random.Random) -> tuple[bytes, dict[tuple[int, int], str]]:
    """A sheet that any program may have written, and each of its cells alone by its place."""
    rows, alone = "", {}
    bare = chance.random() < 0.3
    for row in range(12):
        if bare and chance.random() < 0.2:
            rows += "<!-- <row><c><v>1</v></c> -->"
        cells = ""
        for column in range(8):
            address = f'r="{name_column(column + 1)}{row + 1}"'
            known = not bare or chance.random() < 0.7
            parts = [address if known else "", chance.choice(STYLES_OF_CELLS), chance.choice(KINDS)]
            if chance.random() < 0.1:
                chance.shuffle(parts)
            attributes = " ".join(filter(None, parts))
            content = chance.choice(CONTENTS)
            cells += f"<c {attributes}>{content}</c>" if content else f"<c {attributes}/>"
            shown = attributes if known else f"{address} {attributes}"
            alone[row, column] = f"<row><c {shown}>{content}<!-- only it --></c></row>"
        rows += f"<row>{cells}</row>" if bare else f'<row r="{row + 1}" spans="1:8">{cells}</row>'
    return write_sheet(rows), alone


def write_sheet(rows: str) -> bytes:
    return f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'.encode()


@pytest.mark.parametrize("raised", [{}, dict.fromkeys("12367", "95¹")])
@pytest.mark.parametrize("percents", [{"1"}, {"0", "11"}, set()])
@pytest.mark.parametrize("seed", range(20))
def test_a_cell_is_as_odd_among_others_as_alone(
    seed: int, percents: set[str], raised: dict[str, str]
) -> None:
    """Whatever is told of plain cells at a glance, nothing odd is lost and nothing made up."""
    content, alone = write_random_sheet(random.Random(seed))
    whole = odd_cells._look_in_sheet(content, frozenset(percents), raised, 1_000)
    errors: dict[tuple[int, int], str] = {}
    formulas: dict[tuple[int, int], str] = {}
    shown: set[tuple[int, int]] = set()
    kept: dict[tuple[int, int], str] = {}
    for cell in alone.values():
        found = odd_cells._look_in_sheet(write_sheet(cell), frozenset(percents), raised, 1_000)
        errors |= found.errors
        formulas |= found.formulas
        shown |= found.percents
        kept |= found.raised
    assert whole == OddCells(errors, formulas, frozenset(shown), raised=kept)
    assert raised or not kept
    assert errors
    assert formulas


@pytest.mark.parametrize("row", ['<row r="301" spans="1:2">', "<row>"])
def test_rows_of_plain_cells_are_dropped_and_odd_ones_after_them_found(row: str) -> None:
    plain = "".join(
        f'<row r="{number}" spans="1:2"><c r="A{number}"><v>{number}</v></c>'
        f'<c r="B{number}" s="3" t="str"><f>IF(A{number}&gt;0,"")</f><v></v></c></row>'
        for number in range(1, 301)
    )
    content = write_sheet(f'{plain}<row r="302"/>{row}<c r="B301" t="e"><v>#N/A</v></c></row>')
    assert odd_cells._drop_plain_cells(content, frozenset(), {}).count(b"<row") == 1
    found = odd_cells._look_in_sheet(content, frozenset(), {}, 10_000)
    assert found == OddCells({(300, 1): "#N/A"})


@pytest.mark.parametrize("address", ["XFD1048576", "xfd1048576", "ZZ99999", "A1048576"])
def test_a_sheet_that_reaches_too_far_is_refused(address: str) -> None:
    rows = f'<row r="1"><c r="B1"><v>1</v></c><c r="{address}"><v>1</v></c></row>'
    with pytest.raises(RefusedWorkbookError) as refused:
        odd_cells._look_in_sheet(write_sheet(rows), frozenset(), {}, 1_000_000)
    assert refused.value.reason == "too-large-sheet"


def test_a_cell_without_an_address_follows_the_one_before_it_in_its_row() -> None:
    """As the library has it, which gives the values: row 3, after the column of B9."""
    rows = (
        '<row r="3"><c r="B9"><v>1</v></c><c t="e"><v>#N/A</v></c></row><row><c><f>1</f></c></row>'
    )
    found = odd_cells._look_in_sheet(write_sheet(rows), frozenset(), {}, 1_000)
    assert found == OddCells({(2, 2): "#N/A"}, {(3, 0): "=1"})


def test_a_sheet_is_its_values_and_its_odd_cells(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "a.xlsx")
    (sheet,) = read_sheets(open_workbook(path, BOUNDS))
    head = ["доля", "ошибка", "формула", "число"]
    assert sheet == WorkbookSheet("Форма & прочее", [head, [0.85, "", "", 0.85]], ODD)


@needs_office
@pytest.mark.parametrize("kind", ["xlsx", "ods", "xls"])
def test_another_office_computes_the_formula(tmp_path: Path, kind: str) -> None:
    resave([write_workbook(tmp_path / "a.xlsx", "=1/0")], tmp_path / "saved", kind)
    book = open_workbook(tmp_path / "saved" / f"a.{kind}", BOUNDS)
    (sheet,) = read_sheets(book)
    assert (sheet.odd, sheet.rows[1][2]) == (replace(ODD, formulas={}), 42)


def test_equal_cells_that_are_written_once_are_each_of_them(tmp_path: Path) -> None:
    """As an office writes neighbours of one value in OpenDocument."""
    space = "urn:oasis:names:tc:opendocument:xmlns:"
    names = " ".join(f'xmlns:{one}="{space}{one}:1.0"' for one in ("office", "table", "text"))
    percent = (
        '<table:table-cell table:number-columns-repeated="2" office:value-type="percentage" '
        'office:value="0.5"><text:p>50%</text:p></table:table-cell>'
    )
    content = (
        f"<office:document-content {names}><office:body><office:spreadsheet>"
        '<table:table table:name="Лист"><table:table-row table:number-rows-repeated="3">'
        f"{percent}</table:table-row></table:table>"
        "</office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(tmp_path / "a.ods", "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
    cells = frozenset((row, column) for row in range(3) for column in range(2))
    assert odd_of(tmp_path / "a.ods") == {"Лист": OddCells(percents=cells)}


@pytest.mark.parametrize("rest", [b"", bytes(600), b"\xff" * 600, bytes(range(256)) * 40])
def test_an_old_workbook_that_cannot_be_read_is_refused(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], rest: bytes
) -> None:
    path = tmp_path / "a.xls"
    path.write_bytes(OLE + rest)
    with pytest.raises(RefusedWorkbookError) as refused:
        odd_of(path)
    assert refused.value.reason == "damaged-workbook"
    assert capfd.readouterr() == ("", "")


@needs_office
def test_an_old_workbook_that_is_cut_is_refused(tmp_path: Path) -> None:
    resave([write_workbook(tmp_path / "a.xlsx")], tmp_path, "xls")
    whole = (tmp_path / "a.xls").read_bytes()
    (tmp_path / "a.xls").write_bytes(whole[: len(whole) // 4])
    with pytest.raises(RefusedWorkbookError):
        list(read_sheets(open_workbook(tmp_path / "a.xls", BOUNDS)))
