"""Each file in cases/bad is a catalogue with mistakes and the exact text of its problems.

files: {name: text}    # a file with `catalogue:` is added, unless there is a catalogue.yaml
                       # ../common/library.yaml is a file of a library beside it
alone: yes             # … or the case says that it stands alone
all: yes               # notes too
problems: |            # always last: --update-cases rewrites it
"""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
import yaml

from engine.catalogue.load import load
from engine.problems import fold_problems, has_errors, show_problem

CASES = sorted((Path(__file__).parent / "cases" / "bad").glob("*.yaml"))
HEAD = "catalogue: {id: primer, title: Пример, years: [2022, 2023]}\n"
EXPECTED = "\nproblems: |\n"


def show_all(folder: Path, *, notes: bool = False) -> str:
    _catalogue, problems = load(folder)
    kept = [problem for problem in problems if notes or problem.severity != "note"]
    shown = map(show_problem, fold_problems(kept))
    return "".join(f"{text}\n" for text in shown)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_problems(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, update_cases: bool
) -> None:
    text = path.read_text(encoding="utf-8")
    case = yaml.safe_load(text)
    files = dict(case["files"])
    if not case.get("alone"):
        files.setdefault("catalogue.yaml", HEAD)
    folder = tmp_path / "bad"
    folder.mkdir()
    for name, content in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(content, encoding="utf-8", newline="\n")
    monkeypatch.chdir(tmp_path)
    found = show_all(Path("bad"), notes=case.get("all", False))
    if update_cases:
        lines = "".join(f"  {line}\n" if line else "\n" for line in found.splitlines())
        path.write_text(text.partition(EXPECTED)[0] + EXPECTED + lines, encoding="utf-8")
    else:
        assert found == (case["problems"] or "")


def one_problem(folder: Path) -> str:
    """The text of the only problem of a catalogue."""
    _catalogue, problems = load(folder)
    assert has_errors(problems)
    assert len(problems) == 1, "\n".join(map(show_problem, problems))
    return show_problem(problems[0])


def test_50_megabytes(tmp_path: Path) -> None:
    with (tmp_path / "big.yaml").open("wb") as file:
        file.truncate(50_000_000)
    assert "50.0" in one_problem(tmp_path)


def test_binary(tmp_path: Path) -> None:
    (tmp_path / "photo.yaml").write_bytes(bytes(range(256)) * 40)
    assert "photo.yaml" in one_problem(tmp_path)


def test_empty_file(tmp_path: Path) -> None:
    (tmp_path / "catalogue.yaml").write_text(HEAD, encoding="utf-8")
    (tmp_path / "empty.yaml").write_bytes(b"")
    assert "empty.yaml:1" in one_problem(tmp_path)


def test_alias_bomb(tmp_path: Path) -> None:
    levels = "abcdefghi"
    bomb = [f"{levels[0]}: &{levels[0]} [x, x, x, x, x, x, x, x, x]"]
    for one, other in itertools.pairwise(levels):
        bomb.append(f"{other}: &{other} [{', '.join([f'*{one}'] * 9)}]")
    (tmp_path / "bomb.yaml").write_text(HEAD + "\n".join(bomb), encoding="utf-8")
    _catalogue, problems = load(tmp_path)
    assert has_errors(problems)


def test_no_folder(tmp_path: Path) -> None:
    assert "nothing" in one_problem(tmp_path / "nothing")
