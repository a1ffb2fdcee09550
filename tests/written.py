"""What a test writes as texts: files, or a small catalogue and its data."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from engine import load
from engine.catalogue.model import Catalogue
from engine.data import read_data
from engine.data.model import Data
from engine.problems import Problem, show_problem


def write_files(folder: Path, texts: Mapping[str, str]) -> None:
    """Write each text under its name, which may have a folder before it."""
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


def read_written(
    folder: Path, catalogue: str, **tables: str
) -> tuple[Catalogue, Data, list[Problem]]:
    """The catalogue, which has no errors, its data, and what is wrong in these.

    They are written into `catalogue` and `data` of a folder; `tables`: name of a CSV file → its text.
    """
    (folder / "data").mkdir(parents=True, exist_ok=True)
    write_files(folder, {"catalogue/catalogue.yaml": catalogue})
    write_files(folder, {f"data/{name}.csv": text for name, text in tables.items()})
    loaded, problems = load(folder / "catalogue")
    assert [show_problem(each) for each in problems if each.severity == "error"] == []
    assert loaded is not None
    data, found = read_data(loaded, folder / "data")
    return loaded, data, list(found)
