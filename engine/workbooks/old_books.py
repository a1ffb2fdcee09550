"""The odd cells of a workbook of the old kind (`.xls`): its errors and percentages.

Such a file is a small disk: sectors in chains, a directory, and in it one stream of records.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping

from engine.workbooks.odd_cells import Cell, OddCells, is_percent_code

_ERRORS = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
}
_ENTRY, _SMALL = 128, 4096
_LAST_SECTOR = 0xFFFFFFFA
_FORMULA, _NUMBER, _RK, _MULRK, _BOOLEAN_OR_ERROR = 0x0006, 0x0203, 0x027E, 0x00BD, 0x0205
_SHEET, _FORMAT, _CELL_FORMAT, _END = 0x0085, 0x041E, 0x00E0, 0x000A
_PERCENTS = frozenset({9, 10})


def find_in_old(content: bytes) -> Mapping[str, OddCells]:
    """Sheet → its odd cells; none where the file is damaged: then the reader of workbooks says so."""
    try:
        stream = _read_stream(content)
        formats, sheets = _read_globals(stream)
        return {name: _read_sheet(stream, at, formats) for name, at in sheets}
    except (struct.error, IndexError, ValueError):
        return {}


def _read_stream(content: bytes) -> bytes:
    """The stream of the workbook."""
    size = 1 << struct.unpack_from("<H", content, 30)[0]
    small = 1 << struct.unpack_from("<H", content, 32)[0]
    first, first_small = (struct.unpack_from("<I", content, at)[0] for at in (48, 60))
    table = _read_table(content, size)
    directory = _follow(content, table, first, size)
    streams = {}
    for at in range(0, len(directory), _ENTRY):
        length = struct.unpack_from("<H", directory, at + 64)[0]
        name = directory[at : at + max(0, length - 2)].decode("utf-16-le", "replace")
        begins, long = struct.unpack_from("<II", directory, at + 116)
        streams[name] = (begins, long)
    begins, long = streams.get("Workbook") or streams.get("Book") or (_LAST_SECTOR, 0)
    if long >= _SMALL:
        return _follow(content, table, begins, size)[:long]
    inner = (
        _follow(content, table, streams["Root Entry"][0], size) if "Root Entry" in streams else b""
    )
    chains = _follow(content, table, first_small, size)
    inner_table = struct.unpack(f"<{len(chains) // 4}I", chains)
    return _follow(b"\0" * small + inner, inner_table, begins, small)[:long]


def _read_table(content: bytes, size: int) -> tuple[int, ...]:
    """Sector → the next one of its chain."""
    sectors = list(struct.unpack_from("<109I", content, 76))
    more, count = struct.unpack_from("<II", content, 68)
    for _turn in range(min(count, len(content) // size)):
        listed = struct.unpack_from(f"<{size // 4}I", content, (more + 1) * size)
        sectors += listed[:-1]
        more = listed[-1]
    found: list[int] = []
    for sector in sectors:
        if sector < _LAST_SECTOR:
            found += struct.unpack_from(f"<{size // 4}I", content, (sector + 1) * size)
    return tuple(found)


def _follow(content: bytes, table: tuple[int, ...], first: int, size: int) -> bytes:
    """The sectors of a chain, one after the other; a chain that comes back to itself is broken."""
    found: list[bytes] = []
    sector = first
    while sector < _LAST_SECTOR:
        if len(found) > len(table):
            raise ValueError(sector)
        found.append(content[(sector + 1) * size : (sector + 2) * size])
        sector = table[sector]
    return b"".join(found)


def _records(stream: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """The records of one substream: (kind, body)."""
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        yield kind, stream[at + 4 : at + 4 + length]
        if kind == _END:
            return
        at += 4 + length


def _read_globals(stream: bytes) -> tuple[list[bool], list[tuple[str, int]]]:
    """Whether each format of cells shows a percentage; the sheets and where each begins."""
    percents = set(_PERCENTS)
    cells: list[int] = []
    sheets = []
    for kind, body in _records(stream, 0):
        if kind == _FORMAT:
            number, wide = struct.unpack_from("<H2xB", body)
            code = body[5:].decode("utf-16-le" if wide & 1 else "latin-1", "replace")
            percents |= {number} if is_percent_code(code) else set()
        elif kind == _CELL_FORMAT:
            cells.append(struct.unpack_from("<H", body, 2)[0])
        elif kind == _SHEET:
            at, length, wide = struct.unpack_from("<I2xBB", body)
            name = body[8 : 8 + length * (2 if wide & 1 else 1)]
            sheets.append((name.decode("utf-16-le" if wide & 1 else "latin-1", "replace"), at))
    return [one in percents for one in cells], sheets


def _read_sheet(stream: bytes, at: int, formats: list[bool]) -> OddCells:
    errors: dict[Cell, str] = {}
    percents: set[Cell] = set()
    for kind, body in _records(stream, at):
        if kind == _BOOLEAN_OR_ERROR:
            row, column, _format, code, wrong = struct.unpack_from("<HHHBB", body)
            if wrong:
                errors[row, column] = _ERRORS.get(code, "#N/A")
        elif kind == _FORMULA:
            row, column, shown, result = struct.unpack_from("<HHH8s", body)
            if result[6:] == b"\xff\xff" and result[0] == 2:  # noqa: PLR2004 - an error, says the format
                errors[row, column] = _ERRORS.get(result[2], "#N/A")
            elif result[6:] != b"\xff\xff" and formats[shown]:
                percents.add((row, column))
        elif kind in {_NUMBER, _RK}:
            row, column, shown = struct.unpack_from("<HHH", body)
            if formats[shown]:
                percents.add((row, column))
        elif kind == _MULRK:
            row, first = struct.unpack_from("<HH", body)
            for number in range((len(body) - 6) // 6):
                if formats[struct.unpack_from("<H", body, 4 + 6 * number)[0]]:
                    percents.add((row, first + number))
    return OddCells(errors, {}, frozenset(percents))
