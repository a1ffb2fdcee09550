"""What the library that reads workbooks leaves out of a cell, looked up in the file.

It gives nothing for an error and for a formula that was never computed, and does not say that a
number is shown as a percentage, nor that a digit is raised: «95¹» would be 951. Rows and columns
are counted from 0.

In a workbook of the old kind (`.xls`) errors and percentages are seen, a formula without a value is
not: such a file holds a result of every formula, 0 where the program that wrote it computed nothing. In
OpenDocument it is seen where a text is shown all the same: a formula that gives an empty text has
no value there either.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import StringIO
from itertools import product
from typing import Any
from xml.etree import ElementTree as ET
from xml.parsers import expat

import xlrd

from engine.workbooks.addresses import Cell, name_cell, name_column, read_address
from engine.workbooks.safe_open import Refusal, RefusedWorkbookError, WorkbookFile

# Of a code what is printed as it stands: quoted, after \, as a space or a filling, in brackets.
_LITERAL = re.compile(r"""\"[^"]*"?|[\\_*].|\[[^\]]*\]""", re.DOTALL)
_WITHOUT_ADDRESS = re.compile(rb"<(?:[\w.-]+:)?c(?![\w.:-]|\sr=)")
_EMPTY_ROW = re.compile(rb'<row r="[0-9]{1,4}"[^<>]*(?:/>|></row>)')
RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
"""Digits as the mark of a footnote has them."""
_OWN_PERCENTS = frozenset({"9", "10"})
_MAY_BE_PERCENT = re.compile(rb"%|&#|numFmtId\s*=\s*[\"'](?:9|10)[\"']")
_NARROWEST = 26  # columns of a form
_WIDEST, _HIGHEST = 16_384, 1_048_576  # columns and rows that the format knows
_LONGEST_COUNT = 8  # digits
_PIECE = 65_536  # bytes of a sheet that are parsed before their rows are looked at


@dataclass(frozen=True, slots=True)
class OddCells:
    """Of one sheet: errors with their text, formulas without a value, percentages.

    `raised`: texts with raised digits, which stay so. `merged`, first and last cell: in
    OpenDocument, of which the library does not tell it.
    """

    errors: Mapping[Cell, str] = field(default_factory=dict)
    formulas: Mapping[Cell, str] = field(default_factory=dict)
    percents: frozenset[Cell] = frozenset()
    merged: tuple[tuple[Cell, Cell], ...] = ()
    raised: Mapping[Cell, str] = field(default_factory=dict)


def find_odd_cells(book: WorkbookFile) -> Mapping[str, OddCells]:
    """Sheet → its odd cells. RefusedWorkbookError where it is damaged or too large to be laid out."""
    if book.kind == "xls":
        return _look_in_xls(book.content)
    if book.kind == "ods":
        walk = _DocumentWalk(book.bounds.cells)
        _parse(book.parts.get("content.xml", b""), walk)
        return walk.sheets
    percents = _list_percent_styles(book.parts.get("xl/styles.xml"))
    raised = _list_raised_texts(book.parts.get("xl/sharedStrings.xml", b""))
    sheets: dict[str, OddCells] = {}
    for name, part in _list_sheets(book.parts).items():
        if part in book.parts:
            try:
                sheets[name] = _look_in_sheet(book.parts[part], percents, raised, book.bounds.cells)
            except RefusedWorkbookError as error:
                error.sheet = name
                raise
    return sheets


def is_percent_code(code: str) -> bool:
    """Whether a format multiplies by a hundred: a sign that is only printed beside does not."""
    return "%" in _LITERAL.sub("", code)


def _parse(content: bytes, walk: _DocumentWalk) -> None:
    _refuse_declarations(content)
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = walk.start
    parser.EndElementHandler = walk.end
    parser.CharacterDataHandler = walk.text
    try:
        parser.Parse(content, True)
    except (expat.ExpatError, ValueError) as error:
        raise RefusedWorkbookError("damaged-workbook") from error


def _refuse_declarations(content: bytes) -> None:
    """No workbook needs entities of its own, and with them a short file may write a huge one."""
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise RefusedWorkbookError("damaged-workbook")


# --- Open XML ------------------------------------------------------------------------------------


def _read_tree(content: bytes) -> ET.Element:
    _refuse_declarations(content)
    try:
        return ET.fromstring(content)  # noqa: S314 - entities were refused
    except ET.ParseError as error:
        raise RefusedWorkbookError("damaged-workbook") from error


def _list_sheets(parts: Mapping[str, bytes]) -> dict[str, str]:
    """Sheet → the part in which it lies."""
    relations = parts.get("xl/_rels/workbook.xml.rels")
    targets = {
        relation.get("Id"): relation.get("Target", "")
        for relation in (() if relations is None else _read_tree(relations))
    }
    sheets = {}
    for sheet in _read_tree(parts["xl/workbook.xml"]).iterfind("{*}sheets/{*}sheet"):
        named = (value for key, value in sheet.items() if key.endswith("}id"))
        target = targets.get(next(named, None))
        if target:
            # A target is relative to xl/, unless it begins at the root of the archive.
            part = posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")
            sheets[sheet.get("name", "")] = part
    return sheets


def _list_percent_styles(styles: bytes | None) -> frozenset[str]:
    """The numbers of the styles of cells that show a percentage."""
    if styles is None:
        return frozenset()
    if b"numFmtId" in styles and not _MAY_BE_PERCENT.search(styles):
        _refuse_declarations(styles)
        return frozenset()
    root = _read_tree(styles)
    own = {
        code.get("numFmtId")
        for code in root.iterfind("{*}numFmts/{*}numFmt")
        if is_percent_code(code.get("formatCode", ""))
    }
    return frozenset(
        str(number)
        for number, style in enumerate(root.iterfind("{*}cellXfs/{*}xf"))
        if style.get("numFmtId") in _OWN_PERCENTS | own
    )


def _list_raised_texts(strings: bytes) -> Mapping[str, str]:
    """Number of a text that cells share → the text, where digits of it are raised."""
    if b"superscript" not in strings:
        return {}
    texts = enumerate(map(_raise_digits, _read_tree(strings).iterfind("{*}si")))
    return {str(number): text for number, text in texts if text}


def _raise_digits(element: ET.Element) -> str:
    """The text of a cell in runs of letters; empty where no digit of it is raised."""
    written, shown = "", ""
    for run in element.iterfind("{*}r"):
        text = run.findtext("{*}t", "")
        raised = run.find("{*}rPr/{*}vertAlign[@val='superscript']") is not None
        written, shown = written + text, shown + (text.translate(RAISED) if raised else text)
    return shown if shown != written else ""


def _look_in_sheet(
    content: bytes,
    percent_styles: frozenset[str],
    raised_texts: Mapping[str, str],
    most_cells: int,
) -> OddCells:
    """The odd cells of a sheet, whatever prefixes its elements have; cells may lack addresses."""
    errors: dict[Cell, str] = {}
    formulas: dict[Cell, str] = {}
    percents: set[Cell] = set()
    raised: dict[Cell, str] = {}
    row, last_row, last_column = -1, 0, 0
    rest = _drop_plain_cells(content, percent_styles, raised_texts)
    for number, element in _read_rows(rest, most_cells):
        value_tag, formula_tag = (element.tag.removesuffix("row") + name for name in "vf")
        row, column = number - 1 if number else row + 1, -1
        for cell in element:
            place = read_address(cell.get("r", "")) or (row, column + 1)
            column = place[1]
            if not len(cell):
                continue
            last_row = max(last_row, place[0] + 1)
            last_column = max(last_column, column + 1)
            if last_row * last_column > most_cells:
                raise RefusedWorkbookError("too-large-sheet", cell=name_cell(place))
            value, kind = cell.findtext(value_tag), cell.get("t", "n")
            if not value:
                # A formula that gives an empty text has no value either, and was computed.
                formula = cell.findtext(formula_tag)
                if formula is not None and kind != "str":
                    formulas[place] = f"={formula}"
            elif kind == "e":
                errors[place] = value
            elif kind == "n" and cell.get("s", "0") in percent_styles:
                percents.add(place)
            elif kind == "s" and value in raised_texts:
                raised[place] = raised_texts[value]
            if kind == "inlineStr" and (text := _raise_digits(cell[0])):
                raised[place] = text
    return OddCells(errors, formulas, frozenset(percents), raised=raised)


def _drop_plain_cells(
    content: bytes, percent_styles: frozenset[str], raised_texts: Mapping[str, str]
) -> bytes:
    """The sheet without most of the cells that are surely not odd, as programs write them.

    Only cells near the first one are dropped, so that those far away are seen, and the rows that are
    then empty; nothing of a sheet where a cell without an address counts on the one before it.
    """
    style = rf' s="(?!(?:{"|".join(percent_styles) or "-"})")[0-9]+"'
    if "0" not in percent_styles:
        style = f"(?:{style})?"
    kinds = "bn" if raised_texts else "bns"
    formula = r"(?:<f(?: [^<>]*)?(?:/>|>[^<]*</f>))?"
    plain = (
        rf'<c r="[A-Z]{{1,2}}[0-9]{{1,4}}"{style}(?:'
        rf'(?: t="[{kinds}]")?(?:/>|>{formula}<v>[^<]+</v></c>)'
        rf'| t="str">{formula}<v>[^<]*</v></c>)'
    )
    rest = _EMPTY_ROW.sub(b"", re.sub(plain.encode(), b"", content))
    return content if _WITHOUT_ADDRESS.search(rest) else rest


def _read_rows(content: bytes, most_cells: int) -> Iterator[tuple[int, ET.Element]]:
    """The rows of a sheet with their numbers, 0 where a row tells none; one is held at a time."""
    _refuse_declarations(content)
    rows = cells = 0
    try:
        for element in _read_elements(content):
            name = element.tag.rpartition("}")[2]
            if name == "c":
                cells += 1
            elif name == "row":
                rows, cells = rows + 1, 0
                yield int(element.get("r", 0)), element
                element.clear()
            if rows * _NARROWEST > most_cells or cells > _WIDEST:
                raise RefusedWorkbookError("too-large-sheet")
    except (ET.ParseError, ValueError) as error:
        raise RefusedWorkbookError("damaged-workbook") from error


def _read_elements(content: bytes) -> Iterator[ET.Element]:
    """Every element when it ends; what comes after it is not read yet."""
    parser: Any = ET.XMLPullParser()  # entities were refused
    for at in range(0, len(content), _PIECE):
        parser.feed(content[at : at + _PIECE])
        yield from (element for _event, element in parser.read_events())
    parser.close()
    yield from (element for _event, element in parser.read_events())


# --- OpenDocument --------------------------------------------------------------------------------


class _DocumentWalk:
    """Through a text document of sheets, counting rows and columns."""

    def __init__(self, most_cells: int) -> None:
        self.most_cells = most_cells
        self.sheets: dict[str, OddCells] = {}
        self.name = ""
        self.row = self.column = 0
        self.repeat_row = self.repeat = 1
        self.rows = self.columns = 0
        self.formula = self.kind = ""
        self.written: list[str] = []
        self.depth = 0
        self.errors: dict[Cell, str] = {}
        self.formulas: dict[Cell, str] = {}
        self.percents: set[Cell] = set()
        self.merged: list[tuple[Cell, Cell]] = []
        self.style = ""
        self.raised_styles: set[str] = set()
        self.spans: list[bool] = []
        self.shown: list[str] = []
        self.raised: dict[Cell, str] = {}

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        if tag == "table:table":
            self.name, self.row, self.rows, self.columns = attributes.get("table:name", ""), 0, 0, 0
            self.errors, self.formulas, self.percents, self.merged = {}, {}, set(), []
            self.raised = {}
        elif tag == "table:table-row":
            self.column = 0
            self.repeat_row = self._count(attributes, "table:number-rows-repeated")
        elif tag in {"table:table-cell", "table:covered-table-cell"}:
            self.repeat = self._count(attributes, "table:number-columns-repeated")
            self.formula = attributes.get("table:formula", "")
            self.kind = attributes.get("office:value-type", "")
            self.written, self.shown = [], []
            self.depth = 1
            rows = self._count(attributes, "table:number-rows-spanned")
            columns = self._count(attributes, "table:number-columns-spanned")
            if rows > 1 or columns > 1:
                last = (self.row + rows - 1, self.column + columns - 1)
                self.merged.append(((self.row, self.column), last))
        elif tag == "office:annotation":
            self.depth = 0  # a note on a cell is no text of the cell
        elif tag == "style:style":
            self.style = attributes.get("style:name", "")
        elif tag == "style:text-properties":
            # «super 58%», or by how much of a line: «33% 58%», below the line «-33% 58%»
            if re.match(r"super|[1-9]", attributes.get("style:text-position", "")):
                self.raised_styles.add(self.style)
        elif tag == "text:span":
            self.spans.append(attributes.get("text:style-name", "") in self.raised_styles)

    def text(self, text: str) -> None:
        """Text of an element."""
        if self.depth:
            self.written.append(text)
            self.shown.append(text.translate(RAISED) if any(self.spans) else text)

    def end(self, tag: str) -> None:
        """An element ends."""
        if tag in {"table:table-cell", "table:covered-table-cell"}:
            self._end_cell("".join(self.written).strip())
        elif tag == "office:annotation":
            self.depth = 1
        elif tag == "text:span":
            self.spans.pop()
        elif tag == "table:table-row":
            self.row += self.repeat_row
        elif tag == "table:table":
            self.sheets[self.name] = OddCells(
                self.errors,
                self.formulas,
                frozenset(self.percents),
                tuple(self.merged),
                self.raised,
            )

    def _count(self, attributes: Mapping[str, str], name: str) -> int:
        text = attributes.get(name, "1")
        fine = text.isascii() and text.isdigit() and len(text) <= _LONGEST_COUNT
        return int(text) if fine else self.most_cells

    def _end_cell(self, written: str) -> None:
        if self.kind or written or self.formula:
            self.rows = max(self.rows, self.row + self.repeat_row)
            self.columns = max(self.columns, self.column + self.repeat)
            if self.rows * self.columns > self.most_cells:
                column = min(self.column + self.repeat, _WIDEST)
                cell = f"{name_column(column)}{min(self.row + self.repeat_row, _HIGHEST)}"
                raise RefusedWorkbookError("too-large-sheet", self.name, cell)
            self._note(written)
        self.column += self.repeat
        self.depth = 0

    def _note(self, written: str) -> None:
        # A cell that is written once for several is each of them.
        cells = product(
            range(self.row, self.row + self.repeat_row),
            range(self.column, self.column + self.repeat),
        )
        # An office writes an error as a text of a formula, with a type of text or none at all.
        if self.formula and written.startswith(("#", "Err:")) and self.kind in {"", "string"}:
            self.errors |= dict.fromkeys(cells, written)
        elif self.formula and not self.kind and written:
            self.formulas |= dict.fromkeys(cells, f"={self.formula}")
        elif self.kind == "percentage":
            self.percents.update(cells)
        elif self.kind == "string" and self.shown != self.written:
            self.raised |= dict.fromkeys(cells, "".join(self.shown).strip())


# --- the old kind ----------------------------------------------------------------------------------


def _look_in_xls(content: bytes) -> Mapping[str, OddCells]:
    try:
        book = xlrd.open_workbook(
            file_contents=content,
            formatting_info=True,
            ragged_rows=True,
            ignore_workbook_corruption=True,
            logfile=StringIO(),
        )
        return {sheet.name: _look_in_old_sheet(book, sheet) for sheet in book.sheets()}
    except Exception as error:
        # The library raises whatever it stumbles over in a damaged file.
        encrypted = isinstance(error, xlrd.XLRDError) and "encrypted" in str(error)
        reason: Refusal = "password" if encrypted else "damaged-workbook"
        raise RefusedWorkbookError(reason) from error


def _look_in_old_sheet(book: xlrd.Book, sheet: xlrd.sheet.Sheet) -> OddCells:
    formats = (book.format_map[style.format_key].format_str for style in book.xf_list)
    styles = {number for number, code in enumerate(formats) if is_percent_code(code)}
    errors: dict[Cell, str] = {}
    percents: set[Cell] = set()
    for row in range(sheet.nrows):
        for column, kind in enumerate(sheet.row_types(row)):
            if kind == xlrd.XL_CELL_ERROR:
                code = sheet.cell_value(row, column)
                errors[row, column] = xlrd.error_text_from_code.get(code, "#N/A")
            elif kind == xlrd.XL_CELL_NUMBER and sheet.cell_xf_index(row, column) in styles:
                percents.add((row, column))
    raised = {
        (row, column): _raise_runs(book, str(sheet.cell_value(row, column)), runs)
        for (row, column), runs in sheet.rich_text_runlist_map.items()
    }
    return OddCells(errors, {}, frozenset(percents), raised=raised)


def _raise_runs(book: xlrd.Book, text: str, runs: Sequence[tuple[int, int]]) -> str:
    """The text with the digits of its raised runs raised; a run is (where it begins, its font)."""
    ends = [*(begins for begins, _font in runs[1:]), len(text)]
    shown = text[: runs[0][0]] if runs else text
    for (begins, font), end in zip(runs, ends, strict=True):
        raised = book.font_list[font].escapement == 1
        part = text[begins:end]
        shown += part.translate(RAISED) if raised else part
    return shown
