"""The JSON Schema by which an editor helps: keys and their words, and the names of one catalogue.

It differs from the schema that `check` reads by in two ways. Yes and no may be written as words, which
editors, unlike the program, take for texts; and where a name of the catalogue is due, its names are
offered. Any other text stays allowed there: what is declared a minute later is no mistake, and `check`
knows.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.catalogue.lookups import title_of
from engine.catalogue.model import Catalogue
from engine.catalogue.shape import read_schema
from engine.files import replace_file
from engine.language.functions import DECLARED
from engine.units import SHIPPED

FILE = Path(".pokazatel", "schema.json")
"""Where the schema lies in the folder of a catalogue."""


def name_schema(path: Path) -> str:
    """The first line of a file, by which an editor finds the schema at a path from it."""
    return f"# yaml-language-server: $schema={path.as_posix()}"


LINE = name_schema(FILE)
"""The first line of a file of a catalogue."""
_URN = "urn:pokazatel:catalogue"
_YES_NO = ["yes", "no", "да", "нет"]
_TRUE = ["yes", "да"]
Schema = dict[str, Any]


def make_editor_schema(catalogue: Catalogue | None = None) -> Schema:
    """The schema for editors; with the names of a catalogue where one is given."""
    schema: Schema = _require_less(_allow_words(json.loads(json.dumps(read_schema()))))
    if catalogue is not None:
        schema["$id"] = f"{_URN}:{catalogue.id}"
        _offer_names(schema, catalogue)
    return schema


def write_schema(schema: Schema) -> bytes:
    """The schema as the bytes of a file."""
    return (json.dumps(schema, ensure_ascii=False, indent=1) + "\n").encode()


def renew_schema(catalogue: Catalogue) -> None:
    """Write the names of a catalogue into its schema, where its folder has one that lacks them."""
    path = catalogue.folder / FILE
    content = write_schema(make_editor_schema(catalogue))
    if path.is_file() and path.read_bytes() != content:
        with replace_file(path) as file:
            file.write(content)


def add_schema_line(text: str) -> str:
    """The text of a file, headed by the line that names its schema if it does not begin with one."""
    if text.startswith(LINE.partition("=")[0]):
        return text
    lines = text.splitlines(keepends=True)
    return "".join([f"{LINE}\n", *(line for line in lines if line.rstrip("\r\n") != LINE)])


def _require_less(part: Any) -> Any:
    """The schema without keys that are due where a thing may take them from a library."""
    if isinstance(part, list):
        return [_require_less(each) for each in part]
    if not isinstance(part, dict):
        return part
    borrows = part.get("properties", {}).get("use") == {"$ref": "#/$defs/use"}
    kept = {key: value for key, value in part.items() if not (borrows and key == "required")}
    return {key: _require_less(value) for key, value in kept.items()}


# --- yes and no -----------------------------------------------------------------------------------


def _allow_words(part: Any) -> Any:
    """The schema with words of yes and no beside every boolean."""
    if isinstance(part, list):
        return [_allow_words(item) for item in part]
    if not isinstance(part, dict):
        return part
    part = {key: _allow_words(value) for key, value in part.items()}
    kinds = part.get("type")
    if kinds == "boolean":
        del part["type"]
        return {**part, "enum": [True, False, *_YES_NO]}
    if isinstance(kinds, list) and "boolean" in kinds:
        # A target: everything it may be as before, or a word; the words of a yes alone.
        hidden = ("description", "examples")
        shape = {key: value for key, value in part.items() if key not in hidden}
        hidden_keys = {key: part[key] for key in hidden if key in part}
        return {**hidden_keys, "anyOf": [shape, {"enum": _TRUE}]}
    return part


# --- names ----------------------------------------------------------------------------------------


def _offer_names(schema: Schema, catalogue: Catalogue) -> None:
    """Put the names of a catalogue where one of them is due."""
    definitions, sections = schema["$defs"], schema["properties"]
    for kind, names in _list_names(catalogue).items():
        # Editors show what a name is called beside it.
        titles = list(names.values())
        definitions[kind] = {"type": "string", "enum": list(names), "enumDescriptions": titles}
    asked, counted, row = (
        definitions[name]["properties"] for name in ("input", "indicator", "row")
    )
    constant, event, form = (
        sections[name]["additionalProperties"]["properties"]
        for name in ("constants", "events", "forms")
    )
    check, advice = (sections[name]["items"]["properties"] for name in ("checks", "advice"))
    form_section = form["sections"]["items"]["properties"]
    published = sections["publication"]["properties"]
    for properties, key, kind in (
        *((properties, "unit", "own_units") for properties in (asked, counted, constant)),
        *((properties, "level", "own_levels") for properties in (asked, constant, check, advice)),
        *((counted, key, "own_levels") for key in ("target_level", "levels")),
        (form, "fills", "own_levels"),
        *((properties, "group", "own_groups") for properties in (counted, form_section)),
        (event, "section", "own_groups"),
        *(
            (properties, name, "own_inputs")
            for properties, name in ((asked, "within"), (row, "input"))
        ),
        (row, "indicator", "own_indicators"),
        (row, "event", "own_events"),
        (asked, "applies_to", "own_columns"),
        *((properties, "where", "own_columns") for properties in (counted, form)),
        (asked, "asked_if", "own_inputs"),
        (counted, "formula", "own_names"),
        (check, "rule", "own_names"),
        (advice, "when", "own_names"),
        (row["cells"], "items", "own_inputs"),
        (counted["by"], "items", "own_parts"),
        (published["public_levels"], "items", "own_levels"),
        (published["people"], "items", "own_units"),
    ):
        properties[key] = _offer(properties[key], kind)
    expected = sections["examples"]["items"]["properties"]["expect"]
    definitions["own_expected"] = expected["additionalProperties"]
    expected["properties"] = {
        name: {"$ref": "#/$defs/own_expected", "description": indicator.title}
        for name, indicator in catalogue.indicators.items()
    }


def _list_names(catalogue: Catalogue) -> dict[str, Mapping[str, str]]:
    """The names of a catalogue by what they are names of, each with its title.

    Formulas may begin with a function.
    """
    inputs = {name: title_of(catalogue, name) for name in catalogue.inputs}
    names = {name: title_of(catalogue, name) for name in catalogue.symbols}
    return {
        "own_units": {name: unit.title for name, unit in {**SHIPPED, **catalogue.units}.items()},
        "own_levels": dict.fromkeys(catalogue.places, ""),
        "own_groups": {name: group.title for name, group in catalogue.groups.items()},
        "own_inputs": inputs,
        "own_indicators": {
            name: indicator.title for name, indicator in catalogue.indicators.items()
        },
        "own_events": {name: event.title for name, event in catalogue.events.items()},
        "own_columns": {name: column.title for name, column in catalogue.register.items()},
        "own_parts": {
            name.rpartition(".")[2]: declared.title
            for name, declared in catalogue.inputs.items()
            if declared.whole
        }
        | {name: column.title for name, column in catalogue.register.items()},
        "own_names": {**names, **{function.signature: function.doc for function in DECLARED}},
    }


def _offer(schema: Schema, kind: str) -> Schema:
    """The schema with names of a kind beside whatever else it allows."""
    description: Schema = {
        key: schema.pop(key) for key in ("description", "examples") if key in schema
    }
    return {**description, "anyOf": [{"$ref": f"#/$defs/{kind}"}, schema]}
