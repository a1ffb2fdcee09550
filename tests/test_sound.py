"""The quick yes to a shape: never where jsonschema says no, and always for what ships."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from engine.catalogue.load import list_catalogues
from engine.catalogue.shape import read_schema
from engine.catalogue.sound import is_sound
from engine.catalogue.source import read_folder

ROOT = Path(__file__).resolve().parent.parent
SCALARS = ("", "да", "count", "2023", "1899", "2023-12-29", 0, 1, -1, 10, 2023, 2500, 1.0, 2.5)
VALUES: tuple[Any, ...] = (*SCALARS, True, False, None, [], {})
DUE = (
    *("count", "person", "2023-12-29", 1, 2023, 2.5, True),
    *(["a"], [90, 110], {"title": "a"}, {"2023": 1}, {"at_least": 1}),
)
MEASURES = (
    {"exclusiveMinimum": 0},
    {"minimum": 1, "maximum": 10},
    {"minItems": 1, "maxItems": 1},
    {"minProperties": 1},
    {"uniqueItems": True},
    {"uniqueItems": False},
    {"not": {"const": False}},
    {"not": {"const": 0}},
    {"not": {"type": "string"}},
    {"enum": ["да", 1, None]},
    {"$ref": "#/$defs/nowhere"},
    {"$ref": "#"},
    {"patternProperties": {"^a": False}},
    {"properties": {"a": {"type": "string"}}, "additionalProperties": False},
)


def schemas(part: Any) -> Iterator[Any]:
    """Every schema within a schema."""
    yield part
    if isinstance(part, dict):
        for key in ("properties", "$defs"):
            for inner in part.get(key, {}).values():
                yield from schemas(inner)
        for key in ("additionalProperties", "items", "propertyNames", "not"):
            if key in part:
                yield from schemas(part[key])


def values_for(part: Any) -> Iterator[Any]:
    """Values of all kinds, and mappings with the keys that the schema names or lacks."""
    yield from VALUES
    for value in VALUES:
        yield from ([value], [value, value], ["a", value], {"a": value}, {"2023": value})
    for key in part.get("properties", {}) if isinstance(part, dict) else ():
        for value in (*VALUES, *DUE):
            yield from ({key: value}, {"title": "a", key: value}, {key: {"a": value}})
    due = part.get("required", ()) if isinstance(part, dict) else ()
    yield dict.fromkeys(due, "a")
    yield dict.fromkeys((*due, "stranger"), "a")


def test_it_never_says_yes_where_jsonschema_says_no() -> None:
    whole = read_schema()
    validator = Draft202012Validator(whole)
    said = 0
    for part in schemas(whole):
        narrow = validator.evolve(schema=part)
        for value in values_for(part):
            if is_sound(value, part, whole):
                said += 1
                assert narrow.is_valid(value), (part, value)
    assert said > 1_000


@pytest.mark.parametrize("part", MEASURES, ids=str)
def test_what_it_does_not_know_it_leaves_to_jsonschema(part: dict[str, Any]) -> None:
    for value in values_for(part):
        if is_sound(value, part, {}):
            assert Draft202012Validator(part).is_valid(value), value


@pytest.mark.parametrize("folder", list_catalogues(), ids=lambda folder: folder.name)
def test_shipped_catalogues_are_sound(folder: Path) -> None:
    document, _problems = read_folder(folder)
    assert document is not None
    assert is_sound(document.data, read_schema(), read_schema())


def test_a_sound_catalogue_loads_no_validator() -> None:
    code = (
        "import sys; from engine import load; load(sys.argv[1]);"
        "assert 'yaml' in sys.modules; assert 'jsonschema' not in sys.modules"
    )
    folder = list_catalogues()[0]
    subprocess.run([sys.executable, "-c", code, str(folder)], cwd=ROOT, check=True)
