"""Make the Word templates that ship: `python scripts/documents.py`.

They are files of their own, to be read and changed in Word; this says how they were made, and
makes them again when their wording changes for all.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

import document_note  # noqa: E402 - the path first
import document_school  # noqa: E402
import document_tables  # noqa: E402
from document_parts import save  # noqa: E402

TEMPLATES: Mapping[str, Callable[[], Any]] = {
    "note.docx": document_note.make,
    "order_tables.docx": document_tables.make,
    "school.docx": document_school.make,
}


def main() -> None:
    """Write every template into `templates/`."""
    for name, make in TEMPLATES.items():
        path = ROOT / "templates" / name
        path.write_bytes(save(make()))
        print(path.relative_to(ROOT))


if __name__ == "__main__":
    main()
