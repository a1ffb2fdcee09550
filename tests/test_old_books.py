"""Workbooks of the old kind (`.xls`), laid out byte by byte: their errors and percentages."""

from __future__ import annotations

import struct

import pytest

from engine.workbooks.odd_cells import OddCells
from engine.workbooks.old_books import find_in_old

FREE, END, TABLE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
SECTOR, SMALL = 512, 64
WIDE = 1


def record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def write_book(
    sheet: bytes, *, name: str = "Форма", formats: tuple[int, ...] = (0, 9, 164)
) -> bytes:
    """The stream of one sheet; 164 is a format of its own, that shows percentages."""
    code = "0.0%".encode("utf-16-le")
    own = record(0x041E, struct.pack("<HHB", 164, len(code) // 2, WIDE) + code)
    styles = b"".join(record(0x00E0, struct.pack("<HH16x", 0, one)) for one in formats)
    title = struct.pack("<BB", len(name), WIDE) + name.encode("utf-16-le")
    begins = len(own + styles) + 4 + 6 + len(title) + 4
    sheets = record(0x0085, struct.pack("<I2x", begins) + title)
    return own + styles + sheets + record(0x000A, b"") + sheet


def sectors(content: bytes, size: int) -> list[bytes]:
    return [content[at : at + size].ljust(size, b"\0") for at in range(0, len(content), size)]


def entry(name: str, first: int, size: int) -> bytes:
    text = name.encode("utf-16-le") + b"\0\0"
    return text.ljust(64, b"\0") + struct.pack("<H50xII4x", len(text), first, size)


def lay_out(stream: bytes, name: str = "Workbook", *, more_tables: bool = False) -> bytes:
    """A file that holds the stream: a short one in small sectors, as the format wants it."""
    small = len(stream) < 4096
    inner = sectors(stream, SMALL) if small else []
    chains = {"table": 1 + more_tables, "directory": 1, "small": int(small)}
    content = sectors(b"".join(inner), SECTOR) if small else sectors(stream, SECTOR)
    first = sum(chains.values())
    links = [TABLE, *[TABLE] * more_tables, END, *[END] * small]
    links += [*range(first + 1, first + len(content)), END]
    listed = first if small else END
    directory = entry("Root Entry", listed, len(stream)) + entry(
        name, 0 if small else first, len(stream)
    )
    small_links = [*range(1, len(inner)), END] + [FREE] * (SECTOR // 4 - len(inner))
    number = int(more_tables)
    magic = bytes.fromhex("d0cf11e0a1b11ae1")
    head = struct.pack("<8s16x5H6x", magic, 62, 3, 0xFFFE, 9, 6)
    head += struct.pack("<4xII4xI", 1, number + 1, 4096)
    head += struct.pack("<II", number + 2 if small else END, int(small))
    head += struct.pack("<II", 0 if more_tables else END, number)
    head += struct.pack("<109I", FREE if more_tables else 0, *[FREE] * 108)
    # Where a file is large the list of its tables goes on in sectors of their own.
    tables = [struct.pack("<128I", 1, *[FREE] * 126, END)] if more_tables else []
    tables.append(struct.pack(f"<{SECTOR // 4}I", *links, *[FREE] * (SECTOR // 4 - len(links))))
    rest = [directory.ljust(SECTOR, b"\0")]
    rest += [struct.pack(f"<{SECTOR // 4}I", *small_links)] if small else []
    return head + b"".join((*tables, *rest, *content))


def cell(kind: int, row: int, column: int, style: int, body: bytes) -> bytes:
    return record(kind, struct.pack("<HHH", row, column, style) + body)


FORMULA, NUMBER, RK, MULRK, WRONG = 0x0006, 0x0203, 0x027E, 0x00BD, 0x0205
PLAIN, PERCENT, OWN = 0, 1, 2
SHEET = b"".join(
    (
        cell(WRONG, 0, 0, PLAIN, b"\x07\x01"),
        cell(WRONG, 0, 1, PLAIN, b"\x01\x00"),  # a yes is no error
        cell(WRONG, 0, 2, PLAIN, b"\x63\x01"),  # an error of a number that nobody knows
        cell(FORMULA, 1, 0, PERCENT, b"\x02\0\x17\0\0\0\xff\xff"),
        cell(FORMULA, 1, 1, PERCENT, struct.pack("<d", 0.5)),
        cell(FORMULA, 1, 2, PERCENT, b"\x00\0\0\0\0\0\xff\xff"),  # a text
        cell(FORMULA, 1, 3, PLAIN, struct.pack("<d", 0.5)),
        cell(NUMBER, 2, 0, OWN, struct.pack("<d", 0.5)),
        cell(NUMBER, 2, 1, PLAIN, struct.pack("<d", 0.5)),
        cell(RK, 2, 2, PERCENT, b"\0\0\0\0"),
        record(MULRK, struct.pack("<HHHIHIH", 3, 4, PLAIN, 0, OWN, 0, 5)),
        record(0x00FD, b"\0" * 10),  # a text, of which nothing is asked
        record(0x000A, b""),
        cell(WRONG, 9, 9, PLAIN, b"\x07\x01"),  # of what follows the sheet
    )
)
ODD = OddCells(
    {(0, 0): "#DIV/0!", (0, 2): "#N/A", (1, 0): "#REF!"},
    {},
    frozenset({(1, 1), (2, 0), (2, 2), (3, 5)}),
)


@pytest.mark.parametrize("name", ["Workbook", "Book"])
@pytest.mark.parametrize("padding", [0, 5000])
@pytest.mark.parametrize("more_tables", [False, True])
def test_errors_and_percentages_are_found_however_the_stream_lies(
    name: str, padding: int, more_tables: bool
) -> None:
    stream = write_book(SHEET) + b"\0" * padding
    assert find_in_old(lay_out(stream, name, more_tables=more_tables)) == {"Форма": ODD}


def test_a_sheet_that_breaks_off_tells_what_it_has() -> None:
    """Without the record that ends it, in the middle of another."""
    sheet = cell(WRONG, 0, 0, PLAIN, b"\x2a\x01") + b"\x05\x02"
    found = find_in_old(lay_out(write_book(sheet)))
    assert found == {"Форма": OddCells({(0, 0): "#N/A"})}


def test_a_file_without_a_workbook_tells_nothing() -> None:
    assert find_in_old(lay_out(write_book(SHEET), "Письмо")) == {}


def test_a_chain_that_comes_back_to_itself_is_left() -> None:
    content = bytearray(lay_out(write_book(SHEET) + b"\0" * 5000))
    second = content.index(struct.pack("<II", 3, 4), SECTOR)
    content[second : second + 4] = struct.pack("<I", 2)
    assert find_in_old(bytes(content)) == {}


@pytest.mark.parametrize("size", [8, 40, 300, 600, 1000])
def test_a_file_that_is_cut_tells_nothing(size: int) -> None:
    assert find_in_old(lay_out(write_book(SHEET))[:size]) == {}
