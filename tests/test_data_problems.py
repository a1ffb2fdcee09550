"""Each file in cases/data/problems is a folder of data and the exact text of its problems.

catalogue: {…}         # in place of the head of cases/data/town
files: {name: text}
problems: |            # always last: --update-cases rewrites it
"""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from engine.catalogue.load import load
from engine.catalogue.model import Catalogue
from engine.data import read_data
from engine.problems import fold_problems, has_errors, show_problem
from engine.translation import choose_language

TOWN = Path(__file__).parent / "cases/data/town"
CASES = sorted((Path(__file__).parent / "cases/data/problems").glob("*.yaml"))
EXPECTED = "\nproblems: |\n"


def load_catalogue(folder: Path) -> Catalogue:
    catalogue, problems = load(folder)
    assert catalogue is not None
    assert not has_errors(problems), "\n".join(map(show_problem, problems))
    return catalogue


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_problems(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, update_cases: bool
) -> None:
    text = path.read_text(encoding="utf-8")
    case = yaml.safe_load(text)
    folder = TOWN
    if "catalogue" in case:
        folder = tmp_path / "own"
        folder.mkdir()
        own = {"catalogue": case["catalogue"], "inputs": {"pupils": {"title": "Обучающиеся"}}}
        own["inputs"]["pupils"]["unit"] = "person"
        (folder / "own.yaml").write_text(yaml.safe_dump(own, allow_unicode=True), encoding="utf-8")
    catalogue = load_catalogue(folder)
    for name, content in case["files"].items():
        file = tmp_path / "data" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8", newline="\n")
    monkeypatch.chdir(tmp_path)
    choose_language("en")
    _data, problems = read_data(catalogue, "data")
    found = "".join(f"{show_problem(problem)}\n" for problem in fold_problems(problems))
    if update_cases:
        lines = "".join(f"  {line}\n" if line else "\n" for line in found.splitlines())
        path.write_text(text.partition(EXPECTED)[0] + EXPECTED + lines, encoding="utf-8")
    else:
        assert found == (case["problems"] or "")
