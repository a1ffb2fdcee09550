"""Run every check of the project, one after another, and stop at the first that fails.

Run by `make test` and `pokazatel.cmd test` with the interpreter of `.venv`. Further arguments go
to pytest.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CHECKS = (
    ("ruff", "check", "--quiet"),
    ("ruff", "format", "--check", "--quiet"),
    ("mypy", "--no-error-summary"),
    # Tests are spread over processes by files, which share what is slow to make: a browser, a
    # wheel, forms. Lines and branches of engine/ are counted, their floor is in pyproject.
    (
        "pytest",
        "--quiet",
        "--numprocesses=auto",
        "--dist=loadfile",
        "--no-loadscope-reorder",
        "--cov",
        "--cov-report=term",
    ),
)


BRANCHES = 95
"""Per cent of the branches of engine/ that tests take, at the least."""


def main(arguments: list[str]) -> int:
    """Return 0 when everything passed, else the exit code of the first check that did not."""
    environment = {**os.environ, "PYTHONUTF8": "1"}
    # Hundreds of processes are started: what is compiled once is kept, whatever this shell says.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    with tempfile.TemporaryDirectory() as folder:
        counted = Path(folder, "coverage.json")
        for check in CHECKS:
            print("—", " ".join(check), flush=True)
            more = (f"--cov-report=json:{counted}", *arguments) if check[0] == "pytest" else ()
            code = subprocess.run(
                [sys.executable, "-m", *check, *more], cwd=ROOT, env=environment, check=False
            ).returncode
            if code:
                return code
        return judge_branches(counted)


def judge_branches(counted: Path) -> int:
    """Return 1, and say so, where tests take too few branches; nothing was counted: 0."""
    if not counted.is_file():
        return 0
    taken = json.loads(counted.read_text("utf-8"))["totals"]["percent_branches_covered"]
    if taken >= BRANCHES:
        return 0
    print(f"— tests take {taken:.2f} % of the branches of engine/, {BRANCHES} % must be taken")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
