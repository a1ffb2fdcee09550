"""The seal of a written report: whether the program wrote a file, and nobody changed it since.

A file is replaced only where this is so: what a person wrote into a note by hand is not lost. The
seal is the digest of all that stands in the file but the seal: in a page and in Markdown a comment
at the end, in documents and workbooks the identifier among their properties, which other programs
keep while they change the rest. Open data are sealed by the digests in `datapackage.json`.
"""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
from io import BytesIO
from pathlib import Path

from engine.publication.releases import PACKAGE

_PROPERTIES = "docProps/core.xml"
_IDENTIFIER = re.compile(rb"<dc:identifier>[^<]*</dc:identifier>|<dc:identifier */>")
_END_OF_PROPERTIES = b"</cp:coreProperties>"
_COMMENT = re.compile(rb"<!-- pokazatel ([0-9a-f]{64}) -->\n\Z")
_TEXTS = (".html", ".htm", ".md", ".markdown")
_PACKAGES = (".docx", ".xlsx")
_LARGEST = 1_000_000  # bytes of properties


def seal(content: bytes, ending: str) -> bytes:
    """The file with a seal; as it is where files of this ending have no place for one (CSV)."""
    if ending in _TEXTS:
        text = content if content.endswith(b"\n") else content + b"\n"
        return text + f"<!-- pokazatel {_digest(text)} -->\n".encode()
    return _seal_package(content) if ending in _PACKAGES else content


def is_sealed(path: Path) -> bool:
    """Whether the program wrote this file, and it is as it was written. OSError as of reading."""
    if path.suffix.lower() in _PACKAGES:
        return _is_sealed_package(path)
    content = path.read_bytes()
    comment = _COMMENT.search(content)
    return comment is not None and comment[1].decode() == _digest(content[: comment.start()])


def is_sealed_folder(folder: Path) -> bool:
    """Whether these are open data that the program wrote, as they were written."""
    try:
        package = json.loads((folder / PACKAGE).read_bytes())
        resources = {each["path"]: each["hash"] for each in package["resources"]}
    except (OSError, ValueError, TypeError, KeyError):
        return False
    return all(
        Path(name).name == name
        and (folder / name).is_file()
        and f"sha256:{_digest((folder / name).read_bytes())}" == digest
        for name, digest in resources.items()
    )


def _seal_package(content: bytes) -> bytes:
    """The zip file with the identifier among its properties; as it is where it has none."""
    with zipfile.ZipFile(BytesIO(content)) as packed:
        if _PROPERTIES not in packed.namelist():
            return content
        identifier = f"<dc:identifier>{_identify(packed)}</dc:identifier>".encode()
        sealed = BytesIO()
        with zipfile.ZipFile(sealed, "w", zipfile.ZIP_DEFLATED) as copied:
            for part in packed.infolist():
                text = packed.read(part)
                if part.filename == _PROPERTIES:
                    text = _IDENTIFIER.sub(b"", text)
                    text = text.replace(_END_OF_PROPERTIES, identifier + _END_OF_PROPERTIES)
                copied.writestr(part, text)
    return sealed.getvalue()


def _is_sealed_package(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as packed:
            if packed.getinfo(_PROPERTIES).file_size > _LARGEST:
                return False
            properties = packed.read(_PROPERTIES)
            return f"<dc:identifier>{_identify(packed)}</dc:identifier>".encode() in properties
    except (KeyError, ValueError, NotImplementedError, zipfile.BadZipFile):
        return False


def _identify(packed: zipfile.ZipFile) -> str:
    """What all parts but the properties hold, by their checksums."""
    parts = sorted(
        (part.filename, part.CRC, part.file_size)
        for part in packed.infolist()
        if part.filename != _PROPERTIES
    )
    return f"pokazatel:{_digest(repr(parts).encode())}"


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
