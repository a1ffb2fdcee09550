"""What a document of Word says of itself among its properties, without opening it in whole."""

from __future__ import annotations

import re
import zipfile
from html import unescape
from pathlib import Path

DOCUMENT = ".docx"
"""How a template ends that is made in Word: it has the ending of what is written by it."""
_PROPERTIES = "docProps/core.xml"
_COMMENTS = re.compile(r"<dc:description>([^<]*)</dc:description>")
_LARGEST = 100_000  # bytes


def read_comments(path: Path) -> str:
    """The field "Comments" of its properties, empty where there is none or it cannot be read."""
    try:
        with zipfile.ZipFile(path) as packed:
            if packed.getinfo(_PROPERTIES).file_size > _LARGEST:
                return ""
            properties = packed.read(_PROPERTIES).decode("utf-8", "replace")
    except (OSError, KeyError, ValueError, NotImplementedError, zipfile.BadZipFile):
        return ""
    found = _COMMENTS.search(properties)
    return unescape(found.group(1)) if found else ""
