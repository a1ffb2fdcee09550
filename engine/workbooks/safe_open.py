"""A file that may be anything, opened with care: its bytes, what it is, and its parts unpacked.

What is no workbook is refused with the reason. Nothing is unpacked beyond a bound, whatever a
file says of its own sizes. Loads no library of workbooks.
"""

from __future__ import annotations

import hashlib
import re
import struct
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Literal

WorkbookKind = Literal["xlsx", "ods", "xls"]
Refusal = Literal[
    "empty-file",
    "too-large-file",
    "unpacks-too-large",
    "password",
    "damaged-workbook",
    "not-a-workbook",
    "binary-workbook",
    "too-large-sheet",
    "unreadable-file",
]

ZIP, OLE = b"PK\x03\x04", bytes.fromhex("d0cf11e0a1b11ae1")
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
"""What a file with a password holds."""
_LOCAL_HEADER = 30
_MODIFIED = re.compile(rb"<(?:dcterms:modified|dc:date)\b[^>]*>([^<]+)<")
_STORED, _DEFLATED = 0, 8


class RefusedWorkbookError(Exception):
    """The file is no workbook that could be read: `reason` is the code of the problem.

    `sheet` and `cell`: where it lies that the workbook is refused; empty where that is not known.
    """

    def __init__(self, reason: Refusal, sheet: str = "", cell: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.sheet = sheet
        self.cell = cell


@dataclass(frozen=True, slots=True)
class Bounds:
    """The largest workbook that is read: bytes of the file, bytes unpacked, cells of a sheet.

    A sheet is laid out from its first cell to the last one that is filled.
    """

    file: int
    unpacked: int
    cells: int


BY_HAND = Bounds(file=50_000_000, unpacked=150_000_000, cells=4_000_000)
"""Of what a person fills in or keeps; tables of data may be larger."""


@dataclass(frozen=True, slots=True)
class WorkbookFile:
    """A workbook: its bytes, and of a packed one the parts that are text (name → content).

    `saved` is when it was last saved (UTC), as it tells itself; None where it does not.
    """

    content: bytes
    kind: WorkbookKind
    sha256: str
    bounds: Bounds
    saved: datetime | None = None
    macros: bool = False
    parts: Mapping[str, bytes] = field(default_factory=dict)


def open_workbook(path: Path, bounds: Bounds) -> WorkbookFile:
    """The workbook of a file.

    RefusedWorkbookError where it is none or out of bounds, OSError where it cannot be read.
    """
    if path.stat().st_size > bounds.file:
        raise RefusedWorkbookError("too-large-file")
    content = path.read_bytes()
    if not content:
        raise RefusedWorkbookError("empty-file")
    digest = hashlib.sha256(content).hexdigest()
    if content.startswith(OLE):
        # A workbook in Open XML that has a password lies inside a container of the old kind.
        if ENCRYPTED in content:
            raise RefusedWorkbookError("password")
        return WorkbookFile(content, "xls", digest, bounds)
    if not content.startswith(ZIP):
        raise RefusedWorkbookError("not-a-workbook")
    return _open_packed(content, digest, bounds)


def _open_packed(content: bytes, digest: str, bounds: Bounds) -> WorkbookFile:
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error, OSError) as error:
        raise RefusedWorkbookError("damaged-workbook") from error
    names = {entry.filename for entry in entries}
    if "xl/workbook.bin" in names:
        raise RefusedWorkbookError("binary-workbook")
    if not names & {"xl/workbook.xml", "content.xml"}:
        raise RefusedWorkbookError("not-a-workbook")
    if any(entry.flag_bits & 1 for entry in entries):
        raise RefusedWorkbookError("password")
    parts = _unpack(content, entries, bounds.unpacked)
    if b"encryption-data" in parts.get("META-INF/manifest.xml", b""):
        raise RefusedWorkbookError("password")
    return WorkbookFile(
        content,
        "xlsx" if "xl/workbook.xml" in names else "ods",
        digest,
        bounds,
        _read_saved(parts.get("docProps/core.xml") or parts.get("meta.xml") or b""),
        any(name.endswith("vbaProject.bin") or name.startswith("Basic/") for name in names),
        parts,
    )


def _unpack(content: bytes, entries: list[zipfile.ZipInfo], left: int) -> dict[str, bytes]:
    """Every part that is text. A part longer than it says itself is refused, not believed."""
    parts: dict[str, bytes] = {}
    for entry in entries:
        if not entry.filename.lower().endswith((".xml", ".rels")):
            continue
        left -= entry.file_size
        if left < 0:
            raise RefusedWorkbookError("unpacks-too-large")
        header = content[entry.header_offset : entry.header_offset + _LOCAL_HEADER]
        if len(header) < _LOCAL_HEADER:
            raise RefusedWorkbookError("damaged-workbook")
        name, extra = struct.unpack("<HH", header[26:30])
        begins = entry.header_offset + _LOCAL_HEADER + name + extra
        packed = content[begins : begins + entry.compress_size]
        parts[entry.filename] = _inflate(packed, entry)
    return parts


def _inflate(packed: bytes, entry: zipfile.ZipInfo) -> bytes:
    if entry.compress_type == _STORED:
        whole = packed
    elif entry.compress_type == _DEFLATED:
        try:
            whole = zlib.decompressobj(-15).decompress(packed, entry.file_size + 1)
        except zlib.error as error:
            raise RefusedWorkbookError("damaged-workbook") from error
    else:
        raise RefusedWorkbookError("damaged-workbook")
    if len(whole) > entry.file_size:
        raise RefusedWorkbookError("unpacks-too-large")
    if len(whole) < entry.file_size or zlib.crc32(whole) != entry.CRC:
        raise RefusedWorkbookError("damaged-workbook")
    return whole


def _read_saved(properties: bytes) -> datetime | None:
    stamp = _MODIFIED.search(properties)
    if stamp is None:
        return None
    try:
        saved = datetime.fromisoformat(stamp[1].decode("ascii").strip())
    except (UnicodeDecodeError, ValueError):
        return None
    return saved if saved.tzinfo else saved.replace(tzinfo=UTC)
