"""The schema by which an editor helps: keys and their words, the names of one catalogue."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from engine.authoring.editor_schema import (
    FILE,
    LINE,
    add_schema_line,
    make_editor_schema,
    renew_schema,
    write_schema,
)
from engine.catalogue.load import find_definitions, load
from engine.catalogue.model import Catalogue
from engine.catalogue.shape import read_schema
from engine.catalogue.source import read_folder
from engine.console.main import main
from engine.language.functions import DECLARED
from engine.units import SHIPPED

NAMES = ("berezniki", "michurinsk")


def shipped(name: str) -> Catalogue:
    catalogue, _problems = load(find_definitions() / name)
    assert catalogue is not None
    return catalogue


def objected(schema: dict[str, Any], document: Any) -> list[str]:
    return [error.json_path for error in Draft202012Validator(schema).iter_errors(document)]


def of_indicator(**keys: Any) -> dict[str, Any]:
    return {"indicators": {"a": {"title": "Доля", **keys}}}


@pytest.mark.no_cover
@pytest.mark.parametrize("name", NAMES)
def test_shipped_catalogues_fit_their_own_schema(name: str) -> None:
    schema = make_editor_schema(shipped(name))
    Draft202012Validator.check_schema(schema)
    document, problems = read_folder(find_definitions() / name)
    assert document is not None
    assert not problems
    assert not objected(schema, document.data)


def test_the_names_of_a_catalogue_are_enumerated() -> None:
    catalogue = shipped("berezniki")
    defined = make_editor_schema(catalogue)["$defs"]
    assert defined["own_groups"]["enum"] == list(catalogue.groups)
    assert set(defined["own_units"]["enum"]) == {*SHIPPED, *catalogue.units}
    assert set(defined["own_inputs"]["enum"]) == set(catalogue.inputs)
    assert set(defined["own_indicators"]["enum"]) == set(catalogue.indicators)
    functions = {function.signature for function in DECLARED}
    assert set(defined["own_names"]["enum"]) == {*catalogue.symbols, *functions}
    for names in (
        one for name, one in defined.items() if name.startswith("own_") and "enum" in one
    ):
        assert len(names["enum"]) == len(names["enumDescriptions"])
    at = defined["own_inputs"]["enum"].index("students_8_9")
    assert defined["own_inputs"]["enumDescriptions"][at] == catalogue.inputs["students_8_9"].title


def test_what_is_declared_later_is_no_mistake() -> None:
    schema = make_editor_schema(shipped("berezniki"))
    assert not objected(schema, of_indicator(group="9.9", unit="own", formula="share(new, x)"))
    assert objected(schema, of_indicator(better="bigger")) == ["$.indicators.a.better"]
    assert objected(schema, of_indicator(group=4.2)) == ["$.indicators.a.group"]


@pytest.mark.no_cover
@pytest.mark.parametrize("catalogue", [None, *NAMES])
def test_yes_and_no_may_be_words(catalogue: str | None) -> None:
    """Editors, unlike the program, read `yes` as a text."""
    schema = make_editor_schema(shipped(catalogue) if catalogue else None)
    for word in ("yes", "да", True):
        assert not objected(schema, of_indicator(targets={"2023": word}))
        assert not objected(schema, {"inputs": {"a": {"title": "А", "required": word}}})
    assert objected(schema, of_indicator(targets={"2023": "no"}))
    assert objected(schema, of_indicator(targets={"2023": "не менее 80"}))
    assert objected(schema, {"inputs": {"a": {"title": "А", "required": "может быть"}}})


def test_examples_stand_where_they_help() -> None:
    schema = read_schema()
    assert schema["$id"] == "urn:pokazatel:catalogue"
    owners = [schema["$defs"]["indicator"]["properties"]]
    owners.append(schema["properties"]["catalogue"]["properties"]["defaults"]["properties"])
    for key in ("unit", "better", "comparator", "missing"):
        found = [one[key] for one in owners if key in one]
        assert found
        for one in found:
            assert one["examples"]
            assert not [
                e for e in one["examples"] if objected({**one, "$schema": schema["$schema"]}, e)
            ]


@pytest.mark.no_cover
def test_a_new_catalogue_and_a_demo_name_their_schema(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    runner = CliRunner()
    for words in (("new", "town"), ("new", "copy", "--from", "try/berezniki"), ("demo", "try")):
        if words[0] == "new" and len(words) > 2:
            assert runner.invoke(main, ["demo", "try"]).exit_code == 0
        assert runner.invoke(main, [*words]).exit_code == 0
    for folder in (Path("town"), Path("copy"), Path("try/berezniki")):
        assert (folder / FILE).is_file()
        files = list(folder.glob("*.yaml"))
        assert files
        for file in files:
            lines = file.read_text("utf-8").splitlines()
            assert lines[0] == LINE == "# yaml-language-server: $schema=.pokazatel/schema.json"
            assert not any(line.startswith("# yaml-language-server") for line in lines[1:])
        own, _problems = load(folder)
        assert own is not None
        assert (folder / FILE).read_bytes() == write_schema(make_editor_schema(own))


def test_a_line_is_added_once() -> None:
    assert add_schema_line("inputs: {}\n") == f"{LINE}\ninputs: {{}}\n"
    for text in (f"{LINE}\nx", "# yaml-language-server: $schema=mine.json\nx"):
        assert add_schema_line(text) == text


def test_names_are_renewed_where_there_is_a_schema(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("catalogue: {id: x, title: Икс, years: [2023]}\n", "utf-8")
    catalogue, _problems = load(tmp_path)
    assert catalogue is not None
    renew_schema(catalogue)
    assert not (tmp_path / FILE).exists()
    (tmp_path / FILE).parent.mkdir()
    (tmp_path / FILE).write_bytes(b"{}")
    renew_schema(catalogue)
    assert json.loads((tmp_path / FILE).read_bytes())["$id"] == "urn:pokazatel:catalogue:x"


@pytest.mark.no_cover
def test_the_command_prints_it(tmp_path: Path) -> None:
    runner = CliRunner()
    done = runner.invoke(main, ["schema"])
    assert done.exit_code == 0
    assert json.loads(done.stdout)["$id"] == "urn:pokazatel:catalogue"
    path = tmp_path / "schema.json"
    assert runner.invoke(main, ["schema", "berezniki", "-o", str(path)]).exit_code == 0
    assert path.read_bytes() == write_schema(make_editor_schema(shipped("berezniki")))
    assert runner.invoke(main, ["schema", "nowhere"]).exit_code == 3
