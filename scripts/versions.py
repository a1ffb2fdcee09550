"""Run the core of the tests with the lowest declared versions, or with the newest of everything.

Run as `python scripts/versions.py lowest` or `… newest`; further arguments go to pytest. The
environment is made anew in `build/` each time, by uv, and no lock is looked at. `lowest` runs on
the oldest Python that is declared, which uv looks for, or downloads; `newest` on the one at hand.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from typing import TYPE_CHECKING

from environment import OLDEST, ROOT, python_of
from lock import resolver

if TYPE_CHECKING:
    from pathlib import Path

RESOLUTIONS = {"lowest": "lowest-direct", "newest": "highest"}
CORE = (
    "test_function_cases.py",
    "test_oracle.py",
    "test_cli.py",
    "test_i18n.py::test_nothing_is_untranslated",
    "test_shape.py",
    "test_units.py",
    "test_data_facts.py",
    "test_data_tables.py",
    "test_collect_cells.py",
    "test_tables.py",
    "test_workbooks.py",
    "test_adopt_orders.py",
    "test_new.py",
    "test_form_sheet.py",
    "test_documents.py",
    "test_report_charts.py",
    "test_report_values.py",
    "test_publication.py",
    "test_publication_solver.py",
    "test_watch.py",
)
"""What of `tests/` uses every dependency, in a few minutes."""


def main(arguments: list[str]) -> int:
    """Return 0 when the tests passed, 1 when there is no such environment, 2 for a wrong call."""
    if not arguments or arguments[0] not in RESOLUTIONS:
        print("Usage: python scripts/versions.py lowest | newest", file=sys.stderr)
        return 2
    kind, *more = arguments
    try:
        environment, versions = build_environment(kind)
    except subprocess.CalledProcessError:
        return 1
    lying = list_lying(versions) if kind == "lowest" else []
    if lying:
        print("Declared, but not to be had:", ", ".join(lying), file=sys.stderr)
        return 1
    tests = [f"tests/{name}" for name in CORE]
    pytest = ["-m", "pytest", "--quiet", "--numprocesses=auto", "--dist=loadfile", *more, *tests]
    return subprocess.run(
        [str(python_of(environment)), *pytest],
        cwd=ROOT,
        env={**os.environ, "PYTHONUTF8": "1"},
        check=False,
    ).returncode


def build_environment(kind: str) -> tuple[Path, Path]:
    """Return an environment with wheels of these versions, and the list of them.

    Raises CalledProcessError where the versions do not go together or have no wheels.
    """
    environment = ROOT / "build" / kind
    versions = environment / "requirements.txt"
    uv = [str(resolver()), "-m", "uv"]
    python = ".".join(map(str, OLDEST)) if kind == "lowest" else sys.executable
    target = ["--python", str(python_of(environment))]
    wheels = ["--only-binary", ":all:"]
    resolution = ["--resolution", RESOLUTIONS[kind], "--group", "dev", "pyproject.toml"]
    for command in (
        ["venv", "--quiet", "--clear", "--python", python, str(environment)],
        [
            "pip",
            "compile",
            "--quiet",
            *target,
            *wheels,
            *resolution,
            "--output-file",
            str(versions),
        ],
        ["pip", "sync", "--quiet", *target, *wheels, str(versions)],
    ):
        subprocess.run([*uv, *command], cwd=ROOT, stdout=subprocess.DEVNULL, check=True)
    return environment, versions


def list_lying(versions: Path) -> list[str]:
    """Return the declared minima below what was installed: there are no wheels of them."""
    described = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    groups = described["dependency-groups"].values()
    declared = [*described["project"]["dependencies"], *(one for group in groups for one in group)]
    installed = dict(re.findall(r"^(\S+)==(\S+)", versions.read_text("utf-8"), re.MULTILINE))
    return [
        text
        for text in declared
        if isinstance(text, str)
        for name, lowest in [text.split(">=")]
        if _release(installed[name]) != _release(lowest)
    ]


def _release(version: str) -> str:
    """2.0 and 2.0.0 are one version."""
    return re.sub(r"(\.0)+$", "", version)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
