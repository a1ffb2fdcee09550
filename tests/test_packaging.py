"""The wheel, the locked versions and the two commands that a newcomer runs."""

from __future__ import annotations

import ast
import importlib.metadata
import json
import os
import re
import runpy
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from engine.console.main import main

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ("runtime", "dev")
SCRIPTS = ("environment.py", "demo.py", "test.py")
# One process builds and installs the wheel for all tests that look at it.


@dataclass(frozen=True, slots=True)
class Locked:
    """One entry of a lock file: `name==version ; marker` and its hashes."""

    requirement: Requirement
    hashes: tuple[str, ...]

    @property
    def name(self) -> str:
        return canonicalize_name(self.requirement.name)


def locked(kind: str) -> tuple[Locked, ...]:
    text = (ROOT / "requirements" / f"{kind}.txt").read_text("utf-8").replace("\\\n", " ")
    entries = (line.split("--hash=") for line in text.splitlines() if line.strip())
    return tuple(
        Locked(Requirement(first.strip()), tuple(h.strip() for h in hashes))
        for first, *hashes in entries
    )


def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def run(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    inherited = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("COV_", "PYTHON", "POKAZATEL"))
    }
    return subprocess.run(
        [str(argument) for argument in arguments],
        cwd=cwd,
        env={**inherited, "PYTHONUTF8": "1"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


# --- locked versions ---


@pytest.mark.parametrize("kind", LOCKS)
def test_every_locked_version_is_exact_and_hashed(kind: str) -> None:
    entries = locked(kind)
    assert entries
    for entry in entries:
        assert [s.operator for s in entry.requirement.specifier] == ["=="], entry
        assert entry.hashes, entry
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", h) for h in entry.hashes), entry


@pytest.mark.parametrize("kind", LOCKS)
def test_locks_name_no_place_to_download_from(kind: str) -> None:
    text = (ROOT / "requirements" / f"{kind}.txt").read_text("utf-8")
    assert not re.search(r"https?:|file:|--(?!hash=)|\bindex\b|find-links", text)


def test_compiled_packages_are_hashed_for_several_systems() -> None:
    """A lock made on one machine alone has one or two hashes: its own wheel and the source."""
    few = {entry.name: len(entry.hashes) for entry in locked("runtime")}
    for name in ("polars-runtime-32", "python-calamine", "pyyaml", "markupsafe", "rpds-py"):
        assert few[name] >= 5


def test_windows_gets_what_only_windows_needs() -> None:
    """A lock resolved for one system would have dropped the line, or kept it for all."""
    markers = {entry.name: entry.requirement.marker for entry in locked("dev")}
    marker = markers["colorama"]
    assert marker is not None
    assert marker.evaluate({"sys_platform": "win32", "os_name": "nt"})
    assert not marker.evaluate({"sys_platform": "linux", "os_name": "posix"})


def test_every_dependency_is_locked_within_its_bounds() -> None:
    described = project()
    groups = described["dependency-groups"]
    build = described["build-system"]["requires"]
    assert build == groups["build"]
    runtime = [*described["project"]["dependencies"], *build]
    dev = [text for text in groups["dev"] if isinstance(text, str)]
    for kind, wanted in (("runtime", runtime), ("dev", [*runtime, *dev])):
        versions = {entry.name: entry.requirement.specifier for entry in locked(kind)}
        for requirement in map(Requirement, wanted):
            (exact,) = versions[canonicalize_name(requirement.name)]
            assert requirement.specifier.contains(exact.version), requirement


@pytest.mark.parametrize("kind", LOCKS)
def test_locks_name_all_that_their_packages_need(kind: str) -> None:
    """Installed with `--no-deps`, what a lock forgets is missing in the environment."""
    names = {entry.name for entry in locked(kind)}
    described = project()
    declared = [*described["project"]["dependencies"], *described["dependency-groups"]["build"]]
    if kind == "dev":
        declared += [
            text for text in described["dependency-groups"]["dev"] if isinstance(text, str)
        ]
    pending = [Requirement(text) for text in declared]
    followed: set[tuple[str, tuple[str, ...]]] = set()
    while pending:
        requirement = pending.pop()
        name, extras = canonicalize_name(requirement.name), tuple(sorted(requirement.extras))
        if (name, extras) in followed:
            continue
        followed.add((name, extras))
        assert name in names, requirement
        for text in importlib.metadata.requires(name) or ():
            needed = Requirement(text)
            marker = needed.marker
            if marker is None or any(marker.evaluate({"extra": e}) for e in ("", *extras)):
                pending.append(needed)


def test_the_lock_is_installed_without_resolving() -> None:
    """With dependencies, pip 23.2 refuses the lock as soon as a newer version of one appears."""
    text = (ROOT / "scripts" / "environment.py").read_text("utf-8")
    assert '["--no-deps", "--require-hashes", "--requirement"' in text
    assert '"check"' in text


def test_both_locks_agree() -> None:
    dev = {entry.name: str(entry.requirement.specifier) for entry in locked("dev")}
    runtime = {entry.name: str(entry.requirement.specifier) for entry in locked("runtime")}
    assert runtime.items() <= dev.items()


# --- the two commands ---


@pytest.mark.parametrize("script", SCRIPTS)
def test_make_and_windows_run_the_same_scripts(script: str) -> None:
    assert f"scripts/{script}" in (ROOT / "Makefile").read_text("utf-8")
    assert f"scripts\\{script}" in (ROOT / "pokazatel.cmd").read_text("ascii")


def test_every_target_says_what_it_does() -> None:
    lines = (ROOT / "Makefile").read_text("utf-8").splitlines()
    described = {
        line.partition(":")[0]
        for before, line in pairwise(lines)
        if before.startswith("# ") and re.match(r"[a-z-]+:", line)
    }
    wanted = {"help", "demo", "test", "lint", "format", "bench", "lock", "wheel", "clean"}
    wanted |= {"test-lowest", "test-newest"}
    assert wanted <= described


def test_windows_file_ends_its_lines_as_windows_does() -> None:
    raw = (ROOT / "pokazatel.cmd").read_bytes()
    assert raw.count(b"\n") == raw.count(b"\r\n") > 0
    assert raw.isascii()


def test_ci_runs_what_the_author_runs() -> None:
    text = (ROOT / ".ci" / "run").read_text("utf-8")
    assert "set -euo pipefail" in text
    assert re.search(r"^make .*\btest$", text, re.MULTILINE)


@pytest.mark.parametrize(("taken", "code", "told"), [(95.0, 0, ""), (94.94, 1, "94.94 %")])
def test_too_few_branches_fail_what_must_pass(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], taken: float, code: int, told: str
) -> None:
    judge = runpy.run_path(str(ROOT / "scripts" / "test.py"))["judge_branches"]
    counted = tmp_path / "coverage.json"
    assert judge(counted) == 0  # told to count nothing
    counted.write_text(json.dumps({"totals": {"percent_branches_covered": taken}}), "utf-8")
    assert judge(counted) == code
    assert capsys.readouterr().out == (
        f"— tests take {told} of the branches of engine/, 95 % must be taken\n" if code else ""
    )


def test_demo_shows_every_shipped_catalogue() -> None:
    """Its years are told by hand; all that each catalogue reports are meant."""
    text = (ROOT / "scripts" / "demo.py").read_text("utf-8")
    (table,) = re.findall(r"^YEARS = (\{.*?^\})$", text, re.MULTILINE | re.DOTALL)
    shipped = sorted((ROOT / "definitions").glob("*/catalogue.yaml"))
    assert shipped
    reported = {
        path.parent.name: tuple(yaml.safe_load(path.read_text("utf-8"))["catalogue"]["years"])
        for path in shipped
    }
    assert ast.literal_eval(table) == reported


@pytest.mark.no_cover
def test_demo_writes_its_files_and_names_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of one catalogue each command is a process, as in `make demo`; of others it is called here."""
    start = subprocess.run

    def run_command(command: list[str], **settings: Any) -> Any:
        if command[1:3] != ["-m", "engine"] or "dubenki" in command:
            return start(command, capture_output=True, **settings)
        done = CliRunner().invoke(main, command[3:])
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return subprocess.CompletedProcess(command, done.exit_code)

    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(subprocess, "run", run_command)
    monkeypatch.setattr(sys, "argv", ["demo.py", str(tmp_path)])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(ROOT / "scripts" / "demo.py"), run_name="__main__")
    printed = capsys.readouterr().out
    assert ended.value.code == 0, printed
    written = {path.name for path in tmp_path.iterdir()}
    assert written == {
        f"{catalogue}{ending}"
        for catalogue in ("absence", "berezniki", "dubenki", "efficiency", "michurinsk")
        for ending in (
            *(".csv", "-report.html", "-summary.html", "-summary.md"),
            *("-forms", "-schools", "-collected", "-collected.html"),
        )
    }
    for path in tmp_path.iterdir():
        assert any(path.iterdir()) if path.is_dir() else path.stat().st_size
        assert str(path) in printed.split("Записаны файлы")[1]


# --- the wheel ---


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = (sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder)
    done = run(*build, ROOT, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def elsewhere(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the scripts folder of a new environment that holds the wheel and sees the locked rest.

    The rest is this run's own site-packages as one more path: nothing is downloaded, and the
    editable install that may be there is not followed.
    """
    environment = tmp_path_factory.mktemp("environment")
    done = run(sys.executable, "-m", "venv", "--without-pip", environment, cwd=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    scripts = environment / ("Scripts" if os.name == "nt" else "bin")
    python = scripts / ("python.exe" if os.name == "nt" else "python")
    pip = (sys.executable, "-m", "pip", "--python", python, "install", "--quiet")
    done = run(*pip, "--no-deps", "--no-index", wheel, cwd=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    ask = "import sysconfig; print(sysconfig.get_path('purelib'))"
    packages = Path(run(python, "-c", ask, cwd=environment).stdout.strip())
    (packages / "locked.pth").write_text(sysconfig.get_path("purelib"), "utf-8")
    return scripts


def test_wheel_holds_the_product_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    tops = {name.partition("/")[0] for name in names}
    assert tops == {"engine", "pokazatel-0.1.0.dist-info"}
    assert any(name.endswith("dist-info/licenses/LICENSE") for name in names)
    assert not [name for name in names if "__pycache__" in name]


@pytest.mark.parametrize("top", ["definitions", "templates"])
def test_wheel_carries_what_lies_beside_the_engine(wheel: Path, top: str) -> None:
    with zipfile.ZipFile(wheel) as archive:
        carried = set(archive.namelist())
    lying = {
        f"engine/{path.relative_to(ROOT).as_posix()}"
        for path in (ROOT / top).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert lying
    assert lying <= carried


def test_wheel_carries_the_translations(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        assert "engine/locale/ru/LC_MESSAGES/" in "\n".join(archive.namelist())
        assert any(name.endswith(".mo") for name in archive.namelist())


def test_installed_engine_is_the_wheel(elsewhere: Path, tmp_path: Path) -> None:
    done = run(
        elsewhere / ("python.exe" if os.name == "nt" else "python"),
        "-c",
        "from engine.console import main; import engine; print(main.__file__, engine.__file__, sep='\\n')",
        cwd=tmp_path,
    )
    for line in done.stdout.splitlines():
        assert Path(line).is_relative_to(elsewhere.parent), done.stdout
    assert len(done.stdout.splitlines()) == 2, done.stderr


@pytest.mark.parametrize(
    ("arguments", "printed"),
    [
        (("list",), ("absence", "berezniki", "dubenki", "efficiency", "michurinsk")),
        (("check", "berezniki", "michurinsk"), ()),
        (("templates",), ("summary.html", "summary.md")),
        (("--help",), ("evaluate", "explain", "report")),
    ],
)
def test_installed_command_works_in_any_folder(
    arguments: tuple[str, ...], printed: tuple[str, ...], elsewhere: Path, tmp_path: Path
) -> None:
    done = run(elsewhere / "pokazatel", *arguments, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    for text in printed:
        assert text in done.stdout
    assert not list(tmp_path.iterdir())


def test_the_wheel_installs_no_name_but_its_own(elsewhere: Path, tmp_path: Path) -> None:
    """`cli` is anybody's name: two products that install it would overwrite one another."""
    python = elsewhere / ("python.exe" if os.name == "nt" else "python")
    ask = "import importlib.util as u; print(u.find_spec('cli'))"
    assert run(python, "-c", ask, cwd=tmp_path).stdout == "None\n"
    done = run(python, "-m", "engine", "list", cwd=tmp_path)
    assert (done.returncode, "berezniki" in done.stdout) == (0, True), done.stderr
    assert run(elsewhere / "pokazatel", "list", cwd=tmp_path).stdout == done.stdout


def test_installed_command_takes_the_folder_just_edited(elsewhere: Path, tmp_path: Path) -> None:
    """Not the copy that was installed: of a mistake made in the checkout it knows nothing."""
    program = elsewhere / "pokazatel"
    shutil.copytree(ROOT / "definitions", tmp_path / "definitions")
    done = run(program, "check", "berezniki", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "berezniki: ошибок нет\n")
    (line,) = done.stderr.splitlines()
    assert line.startswith("definitions/berezniki: ")
    assert "engine/definitions/berezniki" in line
    catalogue = tmp_path / "definitions/berezniki/catalogue.yaml"
    catalogue.write_text(catalogue.read_text("utf-8") + "ошибка: да\n", "utf-8")
    done = run(program, "check", "berezniki", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stdout.startswith("definitions/berezniki/catalogue.yaml:")
    data = ("--data", ROOT / "definitions/berezniki/demo")
    done = run(program, "evaluate", "berezniki", *data, cwd=tmp_path)
    assert done.returncode == 3
    assert "definitions/berezniki/catalogue.yaml:" in done.stderr
    listed = run(program, "list", cwd=tmp_path).stdout
    names = ("absence", "berezniki", "dubenki", "efficiency", "michurinsk")
    assert [line.split()[1] for line in listed.splitlines()][: len(names)] == [
        f"definitions/{name}" for name in names
    ]
    assert listed.count("engine/definitions/") == len(names)
