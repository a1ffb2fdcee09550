"""What makes a sheet readable wherever it ends up: its stamp, and a code for each row and column.

All are texts in hidden cells. Each ends with a check of itself, so that a damaged one is no code, and
neither is one that a spreadsheet "continued" when its row was dragged down (`x_8` becomes `x_9`).
"""

from __future__ import annotations

import re
from binascii import crc32
from dataclasses import astuple, dataclass
from functools import lru_cache
from typing import cast
from urllib.parse import quote, unquote

from engine.catalogue.model import Scenario

MARK = "pokazatel:"
"""What every stamp and code begins with, and no answer does."""

_STAMP, _ROW, _COLUMN = f"{MARK}form:1;", f"{MARK}row:1;", f"{MARK}column:1;"
_SPECIAL = re.compile(r"[^\w.-]")
_YEAR = re.compile(r"[0-9]{4}")
_SHIFT = re.compile(r"-?[0-9]{1,2}")


@dataclass(frozen=True, slots=True)
class Stamp:
    """Whose form it is: `version` is the catalogue's, `place` that of the level that fills."""

    catalogue: str
    version: str
    form: str
    place: str
    year: int

    def text(self) -> str:
        """The text of the hidden cell."""
        return _write(_STAMP, *map(str, astuple(self)))


def read_stamp(text: str) -> Stamp | None:
    """The stamp that a cell holds; None where it holds none, or a damaged one."""
    fields = _read(_STAMP, text)
    if len(fields) != len(Stamp.__slots__) or not _YEAR.fullmatch(fields[-1]):
        return None
    catalogue, version, form, place, year = fields
    return Stamp(catalogue, version, form, place, int(year))


def row_code(input_id: str, shift: int = 0) -> str:
    """The code of a row that asks this input of the year `shift` years from its column's."""
    return _write(_ROW, input_id, str(shift))


@lru_cache(maxsize=10_000)
def read_row_code(text: str) -> tuple[str, int] | None:
    """(input, shift) of the code that a cell holds; None where it holds none, or a damaged one."""
    fields = _read(_ROW, text)
    if len(fields) != len(("input", "shift")) or not _SHIFT.fullmatch(fields[1]):
        return None
    return fields[0], int(fields[1])


def column_code(year: int, scenario: Scenario) -> str:
    """The code of a column of answers for this year and scenario."""
    return _write(_COLUMN, str(year), scenario)


@lru_cache(maxsize=1_000)
def read_column_code(text: str) -> tuple[int, Scenario] | None:
    """(year, scenario) of the code that a cell holds; None where there is none, or a damaged one."""
    fields = _read(_COLUMN, text)
    if len(fields) != len(("year", "scenario")) or not _YEAR.fullmatch(fields[0]):
        return None
    if fields[1] not in {"fact", "forecast"}:
        return None
    return int(fields[0]), cast("Scenario", fields[1])


def _write(mark: str, *fields: str) -> str:
    body = mark + ";".join(
        _SPECIAL.sub(lambda sign: quote(sign[0], safe=""), field) for field in fields
    )
    return f"{body};{_check(body)}"


def _read(mark: str, text: str) -> list[str]:
    """The fields of a sound code of this kind, else none."""
    body, _sign, check = text.strip().rpartition(";")
    if not body.startswith(mark) or check != _check(body):
        return []
    return [unquote(field) for field in body.removeprefix(mark).split(";")]


def _check(body: str) -> str:
    # Letters only: what ends with a digit is continued when it is dragged down.
    number = crc32(body.encode())
    letters = ""
    for _place in range(5):
        number, rest = divmod(number, 26)
        letters += chr(ord("a") + rest)
    return letters
