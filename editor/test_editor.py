"""What an editor makes of the shipped catalogues: no complaint, Russian help, names completed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from editor.server import Server, start_server
from engine.authoring.editor_schema import LINE
from engine.console.main import main

SHIPPED = ("berezniki", "michurinsk")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both shipped catalogues as `demo` writes them, and a new one."""
    goal = tmp_path_factory.mktemp("desk")
    runner = CliRunner()
    for name in SHIPPED:
        done = runner.invoke(main, ["demo", name, str(goal / f"try-{name}")])
        assert done.exit_code == 0, done.output
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(goal)
        assert runner.invoke(main, ["new", "novograd"]).exit_code == 0
    return goal


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[Server]:
    with start_server(folder) as running:
        yield running


def catalogue_of(folder: Path, name: str) -> Path:
    return folder / f"try-{name}" / name


@pytest.mark.parametrize("name", [*SHIPPED, "novograd"])
def test_nothing_is_objected_to(server: Server, folder: Path, name: str) -> None:
    files = sorted(
        (folder / name if name == "novograd" else catalogue_of(folder, name)).glob("*.yaml")
    )
    assert len(files) > 4
    found = {file.name: server.open(file) for file in files}
    assert not {file: problems for file, problems in found.items() if problems}


def test_the_project_file_is_known(server: Server, folder: Path) -> None:
    path = folder / "try-berezniki" / "pokazatel.yaml"
    assert not server.open(path)
    assert "Каталог: имя или путь" in server.hover(path, 2, 4)
    other = path.with_name("other.yaml")
    assert server.open(other, path.read_text("utf-8").replace("data:", "date:"))


def test_a_mistake_is_underlined(server: Server, folder: Path) -> None:
    """Else silence about the shipped ones would show nothing."""
    text = f"{LINE}\nindicators:\n  a:\n    titel: Доля\n    better: mor\n    decimals: 1,5\n"
    problems = server.open(catalogue_of(folder, "berezniki") / "wrong.yaml", text)
    assert {problem["range"]["start"]["line"] for problem in problems} == {3, 4, 5}


def test_help_is_russian(server: Server, folder: Path) -> None:
    path = catalogue_of(folder, "berezniki") / "hover.yaml"
    server.open(
        path, f"{LINE}\nindicators:\n  a:\n    title: Доля\n    better: more\n    missing: skip\n"
    )
    assert "Что лучше: more — больше" in server.hover(path, 4, 6)
    assert "Что делать, если данные есть не у всех школ" in server.hover(path, 5, 6)
    assert "Показатели: что считается" in server.hover(path, 1, 3)


@pytest.mark.parametrize(
    ("key", "offered"),
    [
        ("unit", {"percent": "percent", "team": "team"}),
        ("group", {'"4.10"': '"4.10"'}),
        ("formula", {"students_8_9": "students_8_9", "diagnosed_share": "diagnosed_share"}),
        ("missing", {"skip": "skip", "zero": "zero", "block": "block"}),
        ("better", {"more": "more", "less": "less"}),
    ],
)
def test_names_are_completed(
    server: Server, folder: Path, key: str, offered: dict[str, str]
) -> None:
    path = catalogue_of(folder, "berezniki") / f"complete-{key}.yaml"
    server.open(path, f"{LINE}\nindicators:\n  a:\n    title: Доля\n    {key}: \n")
    assert offered.items() <= server.complete(path, 4, len(key) + 6).items()


def test_inputs_and_indicators_are_completed_in_forms(server: Server, folder: Path) -> None:
    path = catalogue_of(folder, "berezniki") / "form.yaml"
    head = f"{LINE}\nforms:\n  a:\n    title: Ф\n    sections:\n      - rows:\n"
    server.open(path, f"{head}          - input: \n          - indicator: \n")
    assert {"students_8_9": "students_8_9"}.items() <= server.complete(path, 6, 19).items()
    assert {"diagnosed_share": "diagnosed_share"}.items() <= server.complete(path, 7, 23).items()
