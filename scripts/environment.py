"""Make `.venv` what the locked versions say, and do nothing where it already is.

Run as `python scripts/environment.py runtime` (what the product needs) or `… dev` (what its tests
need as well). Needs nothing but Python: it is the first thing that runs in a new checkout, on any
system, and possibly on a Python that is too old, so it keeps to plain constructs.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv"
OLDEST = (3, 11)
# The dev lock holds every version of the runtime lock, so it serves for both.
SERVED_BY = {"runtime": ("runtime", "dev"), "dev": ("dev",)}


def python_of(environment: Path) -> Path:
    """Return the interpreter of an environment, which Windows keeps elsewhere."""
    if os.name == "nt":
        return environment / "Scripts" / "python.exe"
    return environment / "bin" / "python"


def lock(kind: str) -> Path:
    """Return the file of exact versions and hashes for `runtime` or `dev`."""
    return ROOT / "requirements" / f"{kind}.txt"


def fingerprint(kind: str) -> str:
    """Return what an environment of this kind depends on, as 64 hexadecimal digits."""
    digest = hashlib.sha256()
    for path in (lock(kind), ROOT / "pyproject.toml"):
        # Line ends differ between checkouts of one commit; the versions do not.
        digest.update(path.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()


def stamp(kind: str) -> Path:
    """Return the file that says what was last installed completely."""
    return ENVIRONMENT / f"pokazatel-{kind}.stamp"


def is_ready(kind: str) -> bool:
    """Tell whether the environment already holds this kind, as locked now."""
    return python_of(ENVIRONMENT).exists() and any(
        stamp(served).is_file() and stamp(served).read_text("ascii") == fingerprint(served)
        for served in SERVED_BY[kind]
    )


def install(kind: str) -> None:
    """Install the locked versions, then the project itself, in place; raise CalledProcessError.

    The project is built by the locked build backend, not by one downloaded for the occasion.
    """
    if not python_of(ENVIRONMENT).exists():
        subprocess.run([sys.executable, "-m", "venv", str(ENVIRONMENT)], check=True)
    # Another kind's stamp stops being true while versions change under it.
    for other in SERVED_BY:
        stamp(other).unlink(missing_ok=True)
    pip = [str(python_of(ENVIRONMENT)), "-m", "pip", "install", "-qq"]
    pip += ["--disable-pip-version-check"]
    # The lock names every package, so nothing is left to resolve: with dependencies, the pip that
    # Python 3.11 ships would refuse the lock as soon as a newer version of one appears.
    locked = ["--no-deps", "--require-hashes", "--requirement", str(lock(kind))]
    itself = ["--no-deps", "--no-build-isolation", "--editable", str(ROOT)]
    subprocess.run([*pip, *locked], check=True)
    subprocess.run([*pip, *itself], check=True)
    # A lock with a hole would show only when the missing package is imported.
    subprocess.run([*pip[:3], "check", "-qq", "--disable-pip-version-check"], check=True)
    stamp(kind).write_text(fingerprint(kind), "ascii")


def main(arguments: list[str]) -> int:
    """Return 0 when the environment is ready, 1 when it could not be made, 2 for a wrong call."""
    if len(arguments) != 1 or arguments[0] not in SERVED_BY:
        print("Вызов: python scripts/environment.py runtime | dev", file=sys.stderr)
        return 2
    if sys.version_info < OLDEST:
        found = ".".join(str(part) for part in sys.version_info[:3])
        print(f"Нужен Python 3.11 или новее, а это Python {found}.", file=sys.stderr)
        return 1
    kind = arguments[0]
    if is_ready(kind):
        return 0
    print("Готовлю окружение .venv по закреплённым версиям…", file=sys.stderr, flush=True)
    try:
        install(kind)
    except subprocess.CalledProcessError:
        print(
            "Окружение не собралось: причина выше. Нужны доступ к пакетам Python и модуль venv "
            "(в Debian и Ubuntu — пакет python3-venv).",
            file=sys.stderr,
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
