"""What the reader of workbooks does not tell of a cell, looked up in the parts of the file.

It gives nothing for an error and for a formula that was never computed, and does not say that a number
is shown as a percentage. Cells are counted from 0.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from html import escape, unescape
from xml.parsers import expat

from engine.workbooks.addresses import name_column, number_column
from engine.workbooks.safe_open import Opened, RefusedError

Cell = tuple[int, int]

MOST_CELLS = 4_000_000
"""The largest sheet that is read, from its first cell to its last."""

_SHEET = re.compile(r"<(?:\w+:)?sheet\b([^>]*)/?>")
_RELATION = re.compile(r"<(?:\w+:)?Relationship\b([^>]*)/?>")
_ATTRIBUTE = re.compile(r"""([\w:]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_ADDRESS = re.compile(rb'\br="([A-Z]{1,3})([0-9]{1,7})"')
# An address so far that a sheet up to it may be too large, or the number of such a row.
_FAR = re.compile(rb' r="(?:[A-Z]{3}[0-9]|[A-Z]{2}[0-9]{4}|[A-Z]?[0-9]{6})')
_FILLED = re.compile(rb'<c\b[^>]*?\br="([A-Z]{1,3})([0-9]{1,7})"[^>]*(?<!/)>')
_VALUE = re.compile(rb"<v\b[^>]*>([^<]+)</v>")
_FORMULA = re.compile(rb"<f\b[^>]*>([^<]*)</f>")
_PREFIX = re.compile(rb"<(/?)\w+:(?=(?:c|f|v|row|sheetData)\b)")
# Those of conditional formats have numbers of their own, which may be the same.
_NUMBER_FORMATS = re.compile(rb"<numFmts\b.*?</numFmts>", re.DOTALL)
_NUMBER_FORMAT = re.compile(rb"""<numFmt\b((?:[^>"']|"[^"]*"|'[^']*')*)>""")
# Of a code what is printed as it stands: quoted, after \, as a space or a filling, in brackets.
_LITERAL = re.compile(r"""\"[^"]*"?|[\\_*].|\[[^\]]*\]""", re.DOTALL)
_FORMATS_OF_CELLS = re.compile(rb"<cellXfs\b.*?</cellXfs>", re.DOTALL)
_FORMAT = re.compile(rb"<xf\b[^>]*?\bnumFmtId=\"([0-9]+)\"")
_STYLE = re.compile(rb'\bs="([0-9]+)"')
_OWN_PERCENTS = frozenset({b"9", b"10"})
_SHORTEST_ROW = 6  # bytes
_LONGEST_COUNT = 8  # digits


@dataclass(frozen=True, slots=True)
class OddCells:
    """Of one sheet: errors with their text, formulas without a value, percentages.

    Formulas are by address (`D12`), as cells that `write_formula` reads.
    """

    errors: Mapping[Cell, str] = field(default_factory=dict)
    formulas: Mapping[str, bytes] = field(default_factory=dict)
    percents: frozenset[Cell] = frozenset()


def find_odd(book: Opened) -> Mapping[str, OddCells]:
    """Sheet → its odd cells. RefusedError where a sheet is too large to be laid out."""
    if book.kind == "ods":
        return _find_in_text(book.parts.get("content.xml", b""))
    if book.kind == "xlsx":
        percents = _percent_styles(book.parts.get("xl/styles.xml", b""))
        return {
            name: _find_in_sheet(book.parts[part], percents)
            for name, part in _list_sheets(book.parts).items()
            if part in book.parts
        }
    from engine.workbooks.old_books import find_in_old

    return find_in_old(book.content)


# --- Open XML ------------------------------------------------------------------------------------


def _list_sheets(parts: Mapping[str, bytes]) -> dict[str, str]:
    """Sheet → the part in which it lies."""
    relations = {}
    for text in _RELATION.findall(_decode(parts.get("xl/_rels/workbook.xml.rels", b""))):
        found = _attributes(text)
        relations[found.get("Id", "")] = found.get("Target", "")
    sheets = {}
    for text in _SHEET.findall(_decode(parts.get("xl/workbook.xml", b""))):
        found = _attributes(text)
        target = relations.get(found.get("id", ""))
        if target and "name" in found:
            path = posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")
            sheets[unescape(found["name"])] = path
    return sheets


def _attributes(text: str) -> dict[str, str]:
    return {
        name.rpartition(":")[2]: double or single
        for name, double, single in _ATTRIBUTE.findall(text)
    }


def _decode(content: bytes) -> str:
    return content.decode("utf-8", "replace")


def _percent_styles(styles: bytes) -> frozenset[bytes]:
    """The numbers of the formats that show a percentage."""
    own = set(_OWN_PERCENTS)
    listed = _NUMBER_FORMATS.search(styles)
    for attributes in _NUMBER_FORMAT.findall(listed[0]) if listed else ():
        found = _attributes(_decode(attributes))
        if is_percent_code(unescape(found.get("formatCode", ""))):
            own.add(found.get("numFmtId", "").encode())
    section = _FORMATS_OF_CELLS.search(styles)
    formats = _FORMAT.findall(section[0]) if section else []
    return frozenset(str(number).encode() for number, one in enumerate(formats) if one in own)


def is_percent_code(code: str) -> bool:
    """Whether a format multiplies by a hundred: a sign that is only printed beside does not."""
    return "%" in _LITERAL.sub("", code)


def _find_in_sheet(content: bytes, percents: frozenset[bytes]) -> OddCells:
    # The reader of workbooks takes a sheet that breaks off for one that ends.
    if not content.rstrip().endswith(b"sheet>"):
        raise RefusedError("damaged-workbook")
    if b":sheetData" in content:
        content = _PREFIX.sub(rb"<\1", content)
    _refuse_large(content)
    errors: dict[Cell, str] = {}
    for cell in _cells_with(content, b't="e"'):
        value = _VALUE.search(cell)
        if (address := _locate(cell)) and value:
            errors[address] = unescape(_decode(value[1]))
    formulas = dict(_find_formulas(content))
    shown = frozenset(_find_percents(content, percents)) if percents else frozenset()
    return OddCells(errors, formulas, shown)


def _find_formulas(content: bytes) -> Iterator[tuple[str, bytes]]:
    """The address and the cell of every formula without a value.

    There are many, all those of empty live cells: hardly anything may be done with each.
    """
    at = content.find(b"<f")
    while at >= 0:
        ends = content.find(b"</c>", at)
        ends = len(content) if ends < 0 else ends
        value = content.find(b"<v>", at, ends)
        if value < 0 or content[value + 3 : value + 4] == b"<":
            begins = content.rfind(b"<c ", 0, at)
            head = content[begins:at]
            if b't="str"' not in head:
                first = head.find(b' r="') + 4
                yield head[first : head.find(b'"', first)].decode("latin-1"), content[begins:ends]
        at = content.find(b"<f", ends)


def write_formula(cell: bytes) -> str:
    """The formula of such a cell, as it is written in a spreadsheet."""
    found = _FORMULA.search(cell)
    return "=" + (unescape(_decode(found[1])) if found else "")


def _cells_with(content: bytes, mark: bytes) -> Iterator[bytes]:
    """Every cell in whose head the mark stands."""
    at = content.find(mark)
    while at >= 0:
        begins, head = content.rfind(b"<c ", 0, at), content.find(b">", at)
        # A cell without contents ends with its head.
        ends = head if content[head - 1 : head] == b"/" else content.find(b"</c>", at)
        ends = len(content) if ends < 0 else ends
        if begins >= 0:
            yield content[begins:ends]
        at = content.find(mark, max(ends, at + 1))


def _find_percents(content: bytes, percents: Iterable[bytes]) -> Iterator[Cell]:
    for style in percents:
        for cell in _cells_with(content, b' s="%s"' % style):
            head = cell[: cell.find(b">")]
            if (found := _STYLE.search(head)) and found[1] == style and (at := _locate(head)):
                yield at


def _locate(cell: bytes) -> Cell | None:
    found = _ADDRESS.search(cell)
    return (int(found[2]) - 1, number_column(_decode(found[1])) - 1) if found else None


def _refuse_large(content: bytes) -> None:
    """Laid out, a sheet is as large as its last row and column: a cell far away makes it huge."""
    if (
        len(content) > MOST_CELLS * _SHORTEST_ROW // 26
        and content.count(b"<row") > MOST_CELLS // 26
    ):
        raise RefusedError("too-large-sheet")
    if not _FAR.search(content):
        return
    rows = columns = 0
    for letters, row in _FILLED.findall(content):
        rows, columns = max(rows, int(row)), max(columns, number_column(_decode(letters)))
    if rows * columns > MOST_CELLS:
        raise RefusedError("too-large-sheet")


# --- OpenDocument --------------------------------------------------------------------------------


def _find_in_text(content: bytes) -> Mapping[str, OddCells]:
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise RefusedError("damaged-workbook")
    walk = _Walk()
    parser = expat.ParserCreate()
    parser.StartElementHandler = walk.start
    parser.EndElementHandler = walk.end
    parser.CharacterDataHandler = walk.text
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        raise RefusedError("damaged-workbook") from error
    return walk.sheets


class _Walk:
    """One way through a text document of sheets, counting rows and columns."""

    def __init__(self) -> None:
        self.sheets: dict[str, OddCells] = {}
        self.name = ""
        self.row = self.column = 0
        self.repeat_row = self.repeat = 1
        self.rows = self.columns = 0
        self.formula = self.kind = ""
        self.written: list[str] = []
        self.depth = 0
        self.errors: dict[Cell, str] = {}
        self.formulas: dict[str, bytes] = {}
        self.percents: set[Cell] = set()

    def start(self, tag: str, found: dict[str, str]) -> None:
        """An element begins."""
        if tag == "table:table":
            self.name, self.row, self.rows, self.columns = found.get("table:name", ""), 0, 0, 0
            self.errors, self.formulas, self.percents = {}, {}, set()
        elif tag == "table:table-row":
            self.column, self.repeat_row = 0, _count(found, "table:number-rows-repeated")
        elif tag in {"table:table-cell", "table:covered-table-cell"}:
            self.repeat = _count(found, "table:number-columns-repeated")
            self.formula = found.get("table:formula", "")
            self.kind = found.get("office:value-type", "")
            self.written = []
            self.depth = 1
        elif tag == "office:annotation":
            self.depth = 0  # a note on a cell is no text of the cell

    def text(self, text: str) -> None:
        """Text of a cell."""
        if self.depth:
            self.written.append(text)

    def end(self, tag: str) -> None:
        """An element ends."""
        if tag in {"table:table-cell", "table:covered-table-cell"}:
            self._end_cell()
        elif tag == "office:annotation":
            self.depth = 1
        elif tag == "table:table-row":
            self.row += self.repeat_row
        elif tag == "table:table":
            self.sheets[self.name] = OddCells(self.errors, self.formulas, frozenset(self.percents))

    def _end_cell(self) -> None:
        written = "".join(self.written).strip()
        if self.kind or written or self.formula:
            self.rows = max(self.rows, self.row + self.repeat_row)
            self.columns = max(self.columns, self.column + self.repeat)
            if self.rows * self.columns > MOST_CELLS:
                raise RefusedError("too-large-sheet")
            self._note(written)
        self.column += self.repeat
        self.depth = 0

    def _note(self, written: str) -> None:
        at = (self.row, self.column)
        # An office writes an error as a text of a formula, with a type of text or none at all.
        if self.formula and written.startswith(("#", "Err:")) and self.kind in {"", "string"}:
            self.errors[at] = written
        elif self.formula and not self.kind and written:
            address = f"{name_column(self.column + 1)}{self.row + 1}"
            self.formulas[address] = f"<f>{escape(self.formula)}</f>".encode()
        elif self.kind == "percentage":
            self.percents.add(at)


def _count(found: Mapping[str, str], name: str) -> int:
    text = found.get(name, "1")
    return (
        int(text)
        if text.isascii() and text.isdigit() and len(text) <= _LONGEST_COUNT
        else MOST_CELLS
    )
