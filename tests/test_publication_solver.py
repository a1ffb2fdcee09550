"""The solver behind publication prints nothing: standard output holds the report alone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DEMO = ROOT / "definitions" / "michurinsk" / "demo"
SOLVING = """
import highspy
from engine.publication.programme import SilentSolver
model = SilentSolver()
model.addVar(0.0, 9.0)
model.changeColIntegrality(0, highspy.HighsVarType.kInteger)
model.changeColCost(0, 1.0)
model.addRow(2.5, 8.0, 1, [0], [1.0])
model.run()
assert list(model.getSolution().col_value) == [3.0]
"""


def run_python(*arguments: str) -> str:
    """What a process of its own prints: the library writes past `sys.stdout`."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONUTF8": "1", "POKAZATEL_LANG": "ru"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done.stdout


def test_a_solver_prints_nothing() -> None:
    assert not run_python("-c", SOLVING)


def test_a_public_report_begins_with_its_title(tmp_path: Path) -> None:
    """Of this town some counts are hidden only after a solver has been asked about them."""
    page = tmp_path / "summary.md"
    arguments = ("--year", "2023", "--audience", "public", "-o", str(page))
    assert not run_python("-m", "engine", "report", "michurinsk", "--data", str(DEMO), *arguments)
    assert page.read_text("utf-8").startswith("# Мониторинг системы работы")
