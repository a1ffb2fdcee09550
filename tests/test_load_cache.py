"""Catalogues kept once checked: the same as read anew, never out of date, never in the way."""

from __future__ import annotations

import ast
import os
import pickle
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

from engine.catalogue import cache, source
from engine.catalogue.load import list_catalogues, load, load_kept
from engine.catalogue.model import Catalogue
from engine.data import read_data
from engine.evaluation.evaluate import Asking, evaluate
from engine.i18n import choose_language
from engine.problems import Problem, has_errors
from tests.spoilt import Malice, Spoilt, bare, sealed

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = """\
catalogue: {id: perm, title: Проба, years: [2023]}
inputs:
  pupils: {title: Всего, unit: person, of_which: {boys: Мальчики, girls: Девочки}}
  teachers: {title: Учителя, unit: person}
indicators:
  per_teacher: {title: На учителя, unit: ratio, formula: pupils / teachers, targets: {2023: 12.5}}
examples:
  - name: Три класса
    years: {2023: {"1": {pupils: 50, pupils.boys: 20, pupils.girls: 30, teachers: 4}}}
    expect: {per_teacher: 12.5}
"""
CURRENT_USER = "only a system that knows whose a file is"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "kept"
    monkeypatch.setenv(cache.VARIABLE, str(folder))
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "perm"
    made.mkdir()
    (made / "all.yaml").write_text(CATALOGUE, encoding="utf-8")
    return made


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """What was read anew."""
    seen: list[Path] = []

    def read(path: Path) -> Any:
        seen.append(path)
        return load(path)

    monkeypatch.setattr("engine.catalogue.load.load", read)
    return seen


def load_checked(path: Path | str) -> tuple[Catalogue | None, tuple[Problem, ...]]:
    """The catalogue and its problems, wherever they are from."""
    return load_kept(path)[:2]


def plain(thing: Any) -> Any:
    """All that an object holds, however it holds it; a tree with the place of each part."""
    if is_dataclass(thing) and not isinstance(thing, Mapping):
        parts = {field.name: plain(getattr(thing, field.name)) for field in fields(thing)}
        return type(thing).__name__, parts
    if isinstance(thing, Mapping):
        return [(key, plain(value)) for key, value in thing.items()]
    if isinstance(thing, tuple):
        return tuple(plain(item) for item in thing)
    if isinstance(thing, ast.AST):
        return ast.dump(thing, include_attributes=True)
    return type(thing), thing


@pytest.mark.parametrize("folder", list_catalogues(), ids=lambda folder: folder.name)
def test_what_is_kept_is_what_was_read(folder: Path, reads: list[Path]) -> None:
    fresh = load(folder)
    assert plain(load_checked(folder)) == plain(fresh)
    kept = load_checked(folder)
    assert plain(kept) == plain(fresh)
    assert reads == [folder]
    catalogue = kept[0]
    assert catalogue is not None
    for name, made in catalogue.inputs.items():
        assert catalogue.symbols[name] is made


def test_a_command_that_finds_it_reads_no_file_of_a_catalogue(folder: Path) -> None:
    code = (
        "import sys; from engine.catalogue.load import load_kept;"
        "assert load_kept(sys.argv[1])[0];"
        "print(*(name for name in ('yaml', 'jsonschema') if name in sys.modules))"
    )
    said = [
        subprocess.run(
            [sys.executable, "-c", code, str(folder)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for _time in range(2)
    ]
    assert said == ["yaml", ""]


def test_advice_is_read_only_where_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    shipped = ROOT / "definitions" / "berezniki"
    load_checked(shipped)
    catalogue = load_checked(shipped)[0]
    assert catalogue is not None
    assert isinstance(catalogue.advice, cache.Unopened)
    data = read_data(catalogue, shipped / "demo")[0]
    with monkeypatch.context() as closed:
        closed.setattr(cache.Unopened, "_open", lambda _self: pytest.fail("advice was read"))
        assert not evaluate(catalogue, data).advice
    assert evaluate(catalogue, data, Asking(advice=True)).advice


def test_one_other_byte_is_another_catalogue(folder: Path, reads: list[Path]) -> None:
    load_checked(folder)
    file = folder / "all.yaml"
    was = file.stat()
    file.write_text(CATALOGUE.replace("12.5", "13.5"), encoding="utf-8")
    os.utime(file, ns=(was.st_atime_ns, was.st_mtime_ns))
    catalogue, _problems = load_checked(folder)
    assert catalogue is not None
    assert catalogue.indicators["per_teacher"].targets[2023].value == 13.5
    assert len(reads) == 2


def test_files_that_come_go_or_change_names_are_seen(folder: Path, reads: list[Path]) -> None:
    load_checked(folder)
    (folder / "all.yaml").rename(folder / "every.yaml")
    load_checked(folder)
    (folder / "more.yaml").write_text("constants:\n", encoding="utf-8")
    load_checked(folder)
    (folder / "more.yaml").rename(folder / "more.yml")
    assert [one.code for one in load_checked(folder)[1] if one.severity == "error"] == [
        "wrong-file-name"
    ]
    assert len(reads) == 4


def test_another_language_or_path_is_read_anew(
    folder: Path, reads: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_checked(folder)
    choose_language("en")
    load_checked(folder)
    monkeypatch.chdir(tmp_path)
    load_checked("perm")
    copytree(folder, tmp_path / "other")
    load_checked("other")
    assert len(reads) == 4


@pytest.mark.parametrize("change", ["version", "module"])
def test_another_engine_reads_anew(
    folder: Path, reads: list[Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, change: str
) -> None:
    engine = tmp_path / "engine"
    copytree(ROOT / "engine" / "language", engine / "language")
    monkeypatch.setattr(cache, "_ENGINE", engine)
    load_checked(folder)
    if change == "version":
        monkeypatch.setattr(cache, "ENGINE_VERSION", "0.0.0")
    else:
        module = engine / "language" / "signs.py"
        module.write_text(module.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    load_checked(folder)
    assert len(reads) == 2


@pytest.mark.parametrize(
    "spoilt",
    [
        bare(b""),
        bare(b"x" * 100),
        sealed(b""),
        sealed(b"x"),
        sealed(pickle.dumps(1)),
        sealed(pickle.dumps(())),
        sealed(pickle.dumps((1, 2))),
        sealed(pickle.dumps(Malice())),
        sealed(b"cengine.catalogue.load\nPath.cwd\n."),
        sealed(b"cengine.catalogue.load\nload\n."),
        sealed(b"cengine.catalogue.load\nIterable\n."),
    ],
    ids=(
        "empty",
        "noise",
        "nothing",
        "letter",
        "number",
        "none",
        "pair",
        "call",
        "dotted",
        "function",
        "alias",
    ),
)
def test_what_was_spoilt_is_read_anew_and_mended(
    folder: Path, home: Path, reads: list[Path], spoilt: Spoilt
) -> None:
    load_checked(folder)
    (file,) = home.iterdir()
    good = file.read_bytes()
    file.write_bytes(spoilt(file))
    assert load_checked(folder)[0] is not None
    assert len(reads) == 2
    assert file.read_bytes() == good


def test_one_changed_byte_is_noticed(folder: Path, home: Path, reads: list[Path]) -> None:
    load_checked(folder)
    (file,) = home.iterdir()
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    load_checked(folder)
    assert len(reads) == 2


@pytest.mark.parametrize("word", ["", "off", " off "])
def test_it_can_be_switched_off(
    folder: Path, reads: list[Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, word: str
) -> None:
    monkeypatch.setenv(cache.VARIABLE, word)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "system"))
    monkeypatch.chdir(tmp_path)
    load_checked(folder)
    load_checked(folder)
    assert len(reads) == 2
    assert {path.name for path in tmp_path.iterdir()} == {"perm"}


def test_what_has_errors_is_not_kept(folder: Path, home: Path, reads: list[Path]) -> None:
    (folder / "all.yaml").write_text(CATALOGUE.replace("pupils /", "pupil /"), encoding="utf-8")
    assert has_errors(load_checked(folder)[1])
    assert plain(load_checked(folder)) == plain(load(folder))
    assert load_checked(folder / "nowhere") == load(folder / "nowhere")
    assert len(reads) == 3
    assert not home.exists()


def test_warnings_and_notes_are_kept_too(folder: Path, reads: list[Path]) -> None:
    broken = (
        "checks:\n  - {id: few, rule: target(per_teacher) < 10, message: Мало, level: catalogue"
    )
    checks = f"{broken}, severity: warning}}\n"
    (folder / "checks.yaml").write_text(checks, encoding="utf-8")
    _catalogue, problems = load(folder)
    assert [problem.severity for problem in problems] == ["warning"]
    assert load_checked(folder)[1] == load_checked(folder)[1] == problems
    assert len(reads) == 1


def test_a_catalogue_that_changes_while_it_is_read_is_not_kept(
    folder: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(path: Path) -> Any:
        found = load(path)
        (path / "all.yaml").write_text(CATALOGUE + "# more\n", encoding="utf-8")
        return found

    monkeypatch.setattr("engine.catalogue.load.load", read)
    assert load_checked(folder)[0] is not None
    assert not home.exists()


def test_a_link_or_a_file_too_large_is_left_to_reading(
    folder: Path, home: Path, tmp_path: Path
) -> None:
    assert cache.MAX_BYTES == source.MAX_BYTES
    load_checked(folder)
    (file,) = home.iterdir()
    other = tmp_path / "all.yaml"
    (folder / "all.yaml").rename(other)
    (folder / "all.yaml").symlink_to(other)
    assert [one.code for one in load_checked(folder)[1]] == ["outside-folder"]
    (folder / "all.yaml").unlink()
    (folder / "all.yaml").write_bytes(b"#" * (source.MAX_BYTES + 1))
    assert [one.code for one in load_checked(folder)[1]] == ["too-large"]
    assert [*home.iterdir()] == [file]


# --- whose it is -----------------------------------------------------------------------------------


@pytest.mark.skipif(not hasattr(os, "getuid"), reason=CURRENT_USER)
def test_it_is_the_users_own(folder: Path, home: Path) -> None:
    load_checked(folder)
    (file,) = home.iterdir()
    assert home.stat().st_mode & 0o777 == 0o700
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(not hasattr(os, "getuid"), reason=CURRENT_USER)
@pytest.mark.parametrize("writer", ["owner", "group", "others", "file"])
def test_where_others_may_write_nothing_is_believed(
    folder: Path, home: Path, reads: list[Path], monkeypatch: pytest.MonkeyPatch, writer: str
) -> None:
    load_checked(folder)
    (file,) = home.iterdir()
    was = file.read_bytes()
    if writer == "owner":
        user = os.getuid()
        monkeypatch.setattr(os, "getuid", lambda: user + 1)
    else:
        thing = file if writer == "file" else home
        thing.chmod({"group": 0o770, "others": 0o702, "file": 0o666}[writer])
    load_checked(folder)
    assert len(reads) == 2
    assert file.read_bytes() == was


def test_on_windows_the_system_sees_to_it(
    folder: Path, reads: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "getuid", raising=False)
    load_checked(folder)
    load_checked(folder)
    assert len(reads) == 1


@pytest.mark.parametrize("trouble", ["a file", "no room", "no rename"])
def test_where_nothing_can_be_written_nothing_is_said(
    folder: Path, home: Path, monkeypatch: pytest.MonkeyPatch, trouble: str
) -> None:
    def refuse(*_anything: Any, **_more: Any) -> Any:
        raise OSError(28, "no space left")

    if trouble == "a file":
        home.write_text("mine", encoding="utf-8")
    elif trouble == "no room":
        monkeypatch.setattr(os, "fdopen", refuse)
    else:
        monkeypatch.setattr(Path, "replace", refuse)
    catalogue, problems = load_checked(folder)
    assert catalogue is not None
    assert not has_errors(problems)
    if trouble != "a file":
        assert not [*home.iterdir()]
    else:
        assert home.read_text(encoding="utf-8") == "mine"


def test_it_stays_small_and_leaves_the_files_of_others(folder: Path, home: Path) -> None:
    home.mkdir(mode=0o700)
    (home / "letter.txt").write_text("mine", encoding="utf-8")
    for number in range(30):
        old = home / f"{number}.catalogue"
        old.write_bytes(b"")
        os.utime(old, (number, number))
    load_checked(folder)
    assert (home / "letter.txt").exists()
    kept = {path.name for path in home.iterdir()} - {"letter.txt"}
    assert len(kept) == cache.MOST_FILES
    assert {f"{number}.catalogue" for number in range(11, 30)} < kept


@pytest.mark.parametrize(
    ("system", "variables", "expected"),
    [
        ("linux", {}, "{home}/.cache/pokazatel"),
        ("linux", {"XDG_CACHE_HOME": "/own"}, "/own/pokazatel"),
        ("linux", {"XDG_CACHE_HOME": "own"}, "{home}/.cache/pokazatel"),
        ("darwin", {}, "{home}/Library/Caches/pokazatel"),
        ("win32", {"LOCALAPPDATA": "/own"}, "/own/pokazatel"),
        ("win32", {}, "{home}/AppData/Local/pokazatel"),
        ("linux", {"POKAZATEL_CACHE": "/mine"}, "/mine"),
    ],
)
def test_where_it_lies(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    system: str,
    variables: dict[str, str],
    expected: str,
) -> None:
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA", cache.VARIABLE):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert cache._home() == Path(expected.format(home=tmp_path))


def test_a_user_without_a_home_has_no_cache(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere() -> Path:
        raise RuntimeError

    monkeypatch.delenv(cache.VARIABLE)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(Path, "home", nowhere)
    assert load_checked(folder)[0] is not None
