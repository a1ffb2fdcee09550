"""The house: who imports whom, who knows which library, and that a name is one thing."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

pytestmark = pytest.mark.no_cover  # modules are read as texts here, not run

ROOT = Path(__file__).resolve().parent.parent

# Rooms of engine/ from the ground up; several on one line share a floor.
FLOORS = (
    (
        *("engine.files", "engine.translation", "engine.units"),
        *("engine.limits", "engine.same_names", "engine.version"),
    ),
    ("engine.typography", "engine.level_words"),
    ("engine.problems",),
    ("engine.language", "engine.workbooks"),
    ("engine.catalogue",),
    ("engine.data",),
    ("engine.evaluation",),
    ("engine.publication",),
    ("engine.adoption", "engine.authoring", "engine.forms", "engine.reports"),
    ("engine.console",),
    ("engine", "cli"),
)
FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}

# Who may import a library; every other module does without it.
ONLY_IN = {
    "babel": ("engine.forms.out.sheet_words", "engine.reports.filters"),
    "click": ("engine.console",),
    "docx": ("engine.workbooks.word_tables",),
    "docxtpl": ("engine.reports",),
    "gc": (),  # whoever keeps too many objects keeps fewer
    "highspy": ("engine.publication.programme",),
    "jinja2": ("engine.reports",),
    "jsonschema": ("engine.catalogue.shape",),
    "markupsafe": ("engine.reports",),
    "python_calamine": ("engine.workbooks.reader",),
    "rich": ("engine.console.showing",),
    "simpleeval": ("engine.language.grammar",),
    "vl_convert": ("engine.reports.charts",),
    "xlrd": ("engine.workbooks.odd_cells",),
    "xlsxwriter": (
        *(
            "engine.forms",
            "engine.reports.formats.workbook",
            "engine.reports.formats.workbook_charts",
        ),
        "engine.reports.formats.result_workbook",
    ),
    "yaml": ("engine.catalogue.yaml_mistakes", "engine.catalogue.yaml_tree"),
}
FRAMES = ("polars",)

# What is loaded only by the command that needs it.
FOR_CATALOGUES = ("jsonschema", "simpleeval", "yaml")
FOR_DATA = (
    "babel",
    "highspy",
    "jinja2",
    "polars",
    "python_calamine",
    "rich",
    "xlrd",
    "xlsxwriter",
)
HEAVY = (*FOR_CATALOGUES, *FOR_DATA)


@dataclass(frozen=True, slots=True)
class Import:
    """One import: who imports what, also inside functions and for the eyes of a type checker."""

    module: str
    imported: str

    def __str__(self) -> str:
        return f"{self.module} imports {self.imported}"


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def sources() -> list[Path]:
    script = ROOT / "cli.py"
    return [*sorted((ROOT / "engine").rglob("*.py")), *([script] if script.is_file() else [])]


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def imports_of(path: Path) -> Iterator[Import]:
    module = name_of(path)
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (Import(module, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{module}: imports are written in full"
            yield Import(module, node.module or "")


@cache
def imports() -> list[Import]:
    return [found for path in sources() for found in imports_of(path)]


def lies_in(module: str, room: str) -> bool:
    return module == room or module.startswith(f"{room}.")


def room_of(module: str) -> str:
    """`engine.data.cells` is in the room `engine.data`; a module of its own is its own room."""
    rooms = [room for room in FLOOR if lies_in(module, room)]
    return max(rooms, key=len)


def test_every_module_is_in_a_room() -> None:
    homeless = [
        name_of(path)
        for path in sources()
        if room_of(name_of(path)) == "engine" and path.name not in {"__init__.py", "__main__.py"}
    ]
    assert not homeless


def test_nothing_is_imported_from_a_higher_floor() -> None:
    inside = [found for found in imports() if lies_in(found.imported, "engine")]
    assert len(inside) > 100
    # `from engine import load` in a module of the engine would hide what it rests on.
    assert not [str(found) for found in inside if found.imported == "engine" != found.module]
    upwards = [
        str(found)
        for found in inside
        if FLOOR[room_of(found.imported)] > FLOOR[room_of(found.module)]
    ]
    assert not upwards


def test_rooms_of_one_floor_do_not_know_each_other() -> None:
    neighbours = {
        (room_of(found.module), room_of(found.imported))
        for found in imports()
        if lies_in(found.imported, "engine")
    }
    level = [pair for pair in neighbours if pair[0] != pair[1] and FLOOR[pair[0]] == FLOOR[pair[1]]]
    # A problem is told in the user's language; the command line stands on the whole engine.
    # Names that differ in what the eye passes over are told apart by the one rule for names.
    assert set(level) <= {
        ("cli", "engine"),
    }


def test_model_stands_on_language_and_units() -> None:
    inside = {
        found.imported
        for found in imports()
        if found.module.startswith("engine.catalogue.model") and lies_in(found.imported, "engine")
    }
    own = {one for one in inside if one.startswith("engine.catalogue.model_")}
    ground = {"engine.problems", "engine.units"}
    assert inside <= {*own, *ground, "engine.language.grammar"}


@pytest.mark.parametrize("library", ONLY_IN)
def test_only_its_own_rooms_know_a_library(library: str) -> None:
    strangers = [
        str(found)
        for found in imports()
        if lies_in(found.imported, library)
        and not any(lies_in(found.module, room) for room in ONLY_IN[library])
    ]
    assert not strangers


@pytest.mark.parametrize("room", ["engine.language", "engine.catalogue", "engine.units"])
def test_no_data_engine_below_the_data(room: str) -> None:
    """But for the readings of a formula that make columns of it."""
    known = [
        str(found)
        for found in imports()
        if lies_in(found.module, room)
        and not lies_in(found.module, "engine.language.readings")
        and any(lies_in(found.imported, each) for each in FRAMES)
    ]
    assert not known


def loaded_by(*modules: str) -> set[str]:
    code = f"import {', '.join(modules)}, sys; print('\\n'.join(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


@pytest.mark.parametrize(
    ("module", "heavy"),
    [
        ("cli", HEAVY),
        ("engine.console.main", HEAVY),
        ("engine", HEAVY),
        ("engine.catalogue.load", (*FOR_DATA, "click")),
    ],
)
def test_starting_loads_nothing_heavy(module: str, heavy: tuple[str, ...]) -> None:
    assert not loaded_by(module) & set(heavy)


@pytest.mark.parametrize("door", ["cli.py", "engine/__main__.py"])
def test_a_door_only_opens(door: str) -> None:
    """Commands stand in engine/console: whatever is started, it is the same."""
    lines = (ROOT / door).read_text("utf-8").splitlines()
    assert lines[2:] == [
        "from engine.console.main import main",
        "",
        'if __name__ == "__main__":',
        "    main()",
    ]


# --- one name, one thing; no circles -------------------------------------------------------------

# A module name may repeat where it is a key of the catalogue, and each room has its stage of it, or
# holds a room's frozen classes.
STAGES = {
    *("advice", "checks", "examples", "forms", "indicators", "inputs", "model", "publication"),
    *("scales", "scores", "sets", "tables", "targets"),
}


def trees() -> dict[str, ast.Module]:
    return {name_of(path): tree_of(path) for path in sources() if path.name != "cli.py"}


def graph() -> dict[str, set[str]]:
    """Module → modules of the engine that it imports, also inside functions and for types alone."""
    known = trees()
    edges: dict[str, set[str]] = {module: set() for module in known}
    for module, tree in known.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module:
                for alias in node.names:
                    inner = f"{node.module}.{alias.name}"
                    edges[module].add(inner if inner in known else node.module)
            elif isinstance(node, ast.Import):
                edges[module] |= {alias.name for alias in node.names}
    return {module: (imported & known.keys()) - {module} for module, imported in edges.items()}


def test_no_modules_import_each_other_in_a_circle() -> None:
    sorter = TopologicalSorter(graph())
    sorter.prepare()  # raises CycleError, which names the circle


def test_imports_stand_at_the_top() -> None:
    """Commands import their work when they are called, and the package is a lazy face."""
    inside = [
        f"{module}: {ast.unparse(node)}"
        for module, tree in trees().items()
        if module not in {"engine", "engine.limits"} and not lies_in(module, "engine.console")
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert not inside


@pytest.mark.parametrize("kind", [ast.ClassDef, ast.FunctionDef])
def test_a_name_is_one_thing(kind: type[ast.ClassDef | ast.FunctionDef]) -> None:
    homes: dict[str, list[str]] = {}
    for module, tree in trees().items():
        for node in tree.body:
            if isinstance(node, kind) and not (kind is ast.FunctionDef and node.name[0] == "_"):
                homes.setdefault(node.name, []).append(module)
    assert not {name: modules for name, modules in homes.items() if len(modules) > 1}


def test_a_type_is_one_thing() -> None:
    homes: dict[str, set[str]] = {}
    for module, tree in trees().items():
        for node in tree.body:
            names = [node.name] if isinstance(node, ast.ClassDef) else []
            if isinstance(node, ast.Assign | ast.AnnAssign):
                goals = node.targets if isinstance(node, ast.Assign) else [node.target]
                names = [goal.id for goal in goals if isinstance(goal, ast.Name)]
            for name in names:
                if re.match("[A-Z][a-z]", name):
                    homes.setdefault(name, set()).add(module)
    assert len(homes) > 300
    assert not {name: modules for name, modules in homes.items() if len(modules) > 1}


def test_a_module_name_repeats_only_as_a_stage_of_a_key() -> None:
    counted = Counter(
        path.stem for path in sources() if path.stem not in {"cli", "__init__", "__main__"}
    )
    assert {name for name, count in counted.items() if count > 1} <= STAGES
