"""Talk to the real server by which editors check catalogues: `make test-editor`. Needs Node.js.

The server comes by npm, in the versions of `editor/package-lock.json`, into `build/editor`; nothing of it
is run while it is installed. Further arguments go to pytest. `python scripts/editor.py lock` resolves
the versions anew.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys

from environment import ROOT

SOURCE = ROOT / "editor"
BUILD = ROOT / "build" / "editor"
QUIET = ("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")


def run_npm(*arguments: str) -> int:
    """Run npm in the folder of the build; return its exit code, 1 where there is no npm."""
    npm = shutil.which("npm")
    if npm is None:
        print("npm is not installed: the server of editors needs Node.js", file=sys.stderr)
        return 1
    BUILD.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json", ".npmrc"):
        if (SOURCE / name).is_file():
            shutil.copy(SOURCE / name, BUILD)
    return subprocess.run([npm, *arguments, *QUIET], cwd=BUILD, check=False).returncode


def lock() -> int:
    """Write the lock: versions and hashes, without addresses, which differ from machine to machine."""
    code = run_npm("install", "--package-lock-only")
    if not code:
        locked = json.loads((BUILD / "package-lock.json").read_text("utf-8"))
        for package in locked["packages"].values():
            package.pop("funding", None)
        text = json.dumps(locked, indent=2) + "\n"
        (SOURCE / "package-lock.json").write_text(text, "utf-8", newline="\n")
    return code


def main(arguments: list[str]) -> int:
    """Return 0 when everything passed, else the exit code of what did not."""
    if arguments == ["lock"]:
        return lock()
    return run_npm("ci") or (
        subprocess.run(
            [sys.executable, "-m", "pytest", "--quiet", *arguments, "editor"], cwd=ROOT, check=False
        ).returncode
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
