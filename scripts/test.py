"""Run every check of the project, one after another, and stop at the first that fails.

Run by `make test` and `pokazatel.cmd test` with the interpreter of `.venv`. Further arguments go
to pytest.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CHECKS = (
    ("ruff", "check", "--quiet"),
    ("ruff", "format", "--check", "--quiet"),
    ("mypy", "--no-error-summary"),
    # Tests are spread over processes by files, which share what is slow to make: a browser, a
    # wheel, forms. Branches of engine/ are counted, the floor is in pyproject.
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


def main(arguments: list[str]) -> int:
    """Return 0 when everything passed, else the exit code of the first check that did not."""
    environment = {**os.environ, "PYTHONUTF8": "1"}
    # Hundreds of processes are started: what is compiled once is kept, whatever this shell says.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    for check in CHECKS:
        print("—", " ".join(check), flush=True)
        code = subprocess.run(
            [sys.executable, "-m", *check, *(arguments if check[0] == "pytest" else ())],
            cwd=ROOT,
            env=environment,
            check=False,
        ).returncode
        if code:
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
