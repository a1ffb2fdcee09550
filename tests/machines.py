"""The command line as on two machines: of other languages, time zones and orders of sets."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MACHINES = (
    {"LANG": "C", "TZ": "UTC", "PYTHONHASHSEED": "1", "LC_ALL": "C"},
    {"LANG": "ru_RU.UTF-8", "TZ": "Asia/Vladivostok", "PYTHONHASHSEED": "2"},
)


def report_on(machine: dict[str, str], template: str, goal: Path, *years: str) -> Path:
    """Report on the demonstration data of Berezniki, dated 2 January 2024; where it was written."""
    subprocess.run(
        [
            *(sys.executable, "-m", "engine", "report", "berezniki"),
            *("--data", str(ROOT / "definitions" / "berezniki" / "demo")),
            *(word for year in years for word in ("--year", year)),
            *("--template", template, "--date", "2024-01-02", "-o", str(goal)),
        ],
        cwd=ROOT,
        env={**os.environ, **machine, "POKAZATEL_LANG": "ru"},
        capture_output=True,
        check=False,
    )
    return goal
