"""A small catalogue and its data, which a test writes as texts."""

from __future__ import annotations

from pathlib import Path

from engine import load
from engine.catalogue.model import Catalogue
from engine.data import read_data
from engine.data.model import Data
from engine.problems import Problem, show_problem


def read_written(
    folder: Path, catalogue: str, **tables: str
) -> tuple[Catalogue, Data, list[Problem]]:
    """The catalogue, which has no errors, its data, and what is wrong in these.

    They are written into `catalogue` and `data` of a folder; `tables`: name of a CSV file → its text.
    """
    for name in ("catalogue", "data"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "catalogue" / "catalogue.yaml").write_text(catalogue, encoding="utf-8")
    for name, text in tables.items():
        (folder / "data" / f"{name}.csv").write_text(text, encoding="utf-8")
    loaded, problems = load(folder / "catalogue")
    assert [show_problem(each) for each in problems if each.severity == "error"] == []
    assert loaded is not None
    data, found = read_data(loaded, folder / "data")
    return loaded, data, list(found)
