"""Write `docs/language-keys.md`: every key of a catalogue, from the descriptions in its schema.

Run after a change of `engine/catalogue/schema.json`; a test says when the page is out of date.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SCHEMA = ROOT / "engine" / "catalogue" / "schema.json"
PAGE = ROOT / "docs" / "language-keys.md"

TYPES = {
    "string": "текст",
    "number": "число",
    "integer": "целое число",
    "boolean": "yes или no",
    "array": "список",
    "object": "ключи",
    "null": "null",
}
HEAD = """# Ключи каталога

Эта страница составлена по схеме `engine/catalogue/schema.json` командой
`python scripts/language_keys.py`. Звёздочкой отмечены обязательные ключи; `<имя>` и `<год>`
выбирает автор каталога.
"""


def kinds_of(part: dict[str, Any]) -> str:
    """Return what may stand as the value, in words."""
    if "enum" in part:
        return ", ".join(f"`{word}`" for word in part["enum"])
    kinds = part.get("type", [])
    names = [TYPES[kind] for kind in ([kinds] if isinstance(kinds, str) else kinds)]
    return " или ".join(names)


def resolve(part: dict[str, Any], schema: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """Return what a part refers to (its own keywords win), and the name it is referred to by."""
    name = part.get("$ref", "").rpartition("/")[2]
    return ({**schema["$defs"][name], **part} if name else part), name


def rows_of(
    part: dict[str, Any], schema: dict[str, Any], path: str = "", seen: tuple[str, ...] = ()
) -> Iterator[str]:
    """Yield one row of a table for each key, those of inner mappings with their path."""
    part, name = resolve(part, schema)
    if name in seen:
        return
    seen = (*seen, name) if name else seen
    for key, inner in part.get("properties", {}).items():
        whole, _name = resolve(inner, schema)
        star = " \\*" if key in part.get("required", []) else ""
        yield f"| `{path}{key}`{star} | {kinds_of(whole)} | {whole['description']} |"
        yield from rows_of(inner, schema, f"{path}{key}.", seen)
    inside = part.get("additionalProperties")
    if isinstance(inside, dict):
        step = "<год>" if "propertyNames" in part else "<имя>"
        yield from rows_of(inside, schema, f"{path}{step}.", seen)
    if "items" in part:
        yield from rows_of(part["items"], schema, path, seen)


def write_page(schema: dict[str, Any]) -> str:
    """Return the page: a chapter for each top-level key."""
    lines = [HEAD]
    for key, part in schema["properties"].items():
        lines += [f"## {key}", "", part["description"], ""]
        rows = list(rows_of(part, schema))
        if rows:
            lines += ["| Ключ | Значение | Смысл |", "|---|---|---|", *rows, ""]
    return "\n".join(lines)


def main() -> int:
    """Write the page."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    PAGE.write_text(write_page(schema), encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
