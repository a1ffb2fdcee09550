"""Talk to the real server by which editors check catalogues: `make test-editor`. Needs Node.js.

The server comes by npm, in the versions of `editor/package-lock.json`, into `build/editor`; nothing of it
is run while it is installed. Further arguments go to pytest. `python scripts/editors.py lock` resolves
the versions anew, those of the pictures of `docs/editor.md` too.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

from environment import ROOT

SERVER, PICTURES = Path("editor"), Path("editor/pictures")
"""Folders with a `package.json`; each is installed below `build`."""
QUIET = ("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")


def run_npm(source: Path, *arguments: str) -> int:
    """Run npm for a folder, in its place below `build`; return the exit code, 1 where there is no npm."""
    npm = shutil.which("npm")
    if npm is None:
        print("npm is not installed: editors' programs need Node.js", file=sys.stderr)
        return 1
    build = ROOT / "build" / source
    build.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json", ".npmrc"):
        if (ROOT / source / name).is_file():
            shutil.copy(ROOT / source / name, build)
    return subprocess.run([npm, *arguments, *QUIET], cwd=build, check=False).returncode


def lock(source: Path) -> int:
    """Write a lock: versions and hashes, without addresses, which differ from machine to machine."""
    code = run_npm(source, "install", "--package-lock-only")
    if not code:
        name = "package-lock.json"
        locked = json.loads((ROOT / "build" / source / name).read_text("utf-8"))
        for package in locked["packages"].values():
            package.pop("funding", None)
        text = json.dumps(locked, indent=2) + "\n"
        (ROOT / source / name).write_text(text, "utf-8", newline="\n")
    return code


def main(arguments: list[str]) -> int:
    """Return 0 when everything passed, else the exit code of what did not."""
    if arguments == ["lock"]:
        return lock(SERVER) or lock(PICTURES)
    return run_npm(SERVER, "ci") or (
        subprocess.run(
            [sys.executable, "-m", "pytest", "--quiet", *arguments, str(SERVER)],
            cwd=ROOT,
            check=False,
        ).returncode
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
