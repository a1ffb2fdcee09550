"""Write `requirements/*.txt`: exact versions and hashes for every system and Python at once.

For maintainers, after a change of dependencies in pyproject.toml; everybody else installs what is
locked. The resolver, uv, lives in an environment of its own under `build/`. With `--upgrade` all
versions move to the newest, otherwise only what pyproject.toml asks for.
"""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from environment import OLDEST, ROOT, lock, python_of

if TYPE_CHECKING:
    from pathlib import Path

TOOLS = ROOT / "build" / "lock"
# Addresses of indexes differ from machine to machine; hashes are what makes a version exact.
OPTIONS = (
    "--universal",
    "--generate-hashes",
    "--no-emit-index-url",
    "--no-annotate",
    "--no-header",
)


def resolver() -> Path:
    """Return the interpreter that has uv, after putting it there."""
    python = python_of(TOOLS)
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(TOOLS)], check=True)
    subprocess.run([str(python), "-m", "pip", "install", "-qq", "uv"], check=True)
    return python


def main(arguments: list[str]) -> int:
    """Write the dev lock, then the runtime lock with the same versions; return the exit code."""
    python = resolver()
    compile_ = [str(python), "-m", "uv", "pip", "compile", "--quiet", *OPTIONS]
    compile_ += ["--python-version", ".".join(str(part) for part in OLDEST)]
    dev = ["--group", "dev", *arguments, "pyproject.toml", "--output-file", str(lock("dev"))]
    runtime = ["--group", "build", "--constraint", str(lock("dev")), *arguments, "pyproject.toml"]
    runtime += ["--output-file", str(lock("runtime"))]
    for request in (dev, runtime):
        code = subprocess.run([*compile_, *request], cwd=ROOT, check=False).returncode
        if code:
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
