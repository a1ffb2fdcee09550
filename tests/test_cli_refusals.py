"""What the command line does with what cannot be: a line that helps, never a traceback."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from engine.console import main as cli
from engine.files import replace_file

ROOT = Path(__file__).resolve().parent.parent
DEMO = "definitions/berezniki/demo"
EVALUATE = ("evaluate", "berezniki", "--data", DEMO, "--year", "2023")


@pytest.fixture(autouse=True)
def _at_home(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(ROOT)
    for name in ("POKAZATEL_LANG", "POKAZATEL_DEFINITIONS", "LANG", "LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    language = os.environ.get("LANGUAGE")
    yield
    os.environ.pop("LANGUAGE", None)
    if language is not None:
        os.environ["LANGUAGE"] = language


def call(*arguments: str) -> Result:
    done = CliRunner().invoke(cli.main, [*arguments])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.output
    assert "Traceback" not in done.output
    return done


@pytest.mark.no_cover
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--indicator", "diagnosed_shar"), "такого нет: «diagnosed_shar»; "),
        (("--indicator", "diagnosed_shar"), "«diagnosed_share»"),
        (("--level", "municipal"), "«municipality»"),
        (("--level", "region"), "есть: school, municipality, школа, муниципалитет"),
        (("--level", "район"), "есть: school, municipality, школа, муниципалитет"),
        (("--place", "school-01x"), "«school-01»"),
        (("--year", "1999"), "есть: 2021, 2022, 2023, 2024"),
        (("--columns", "valu,title"), "«value»"),
    ],
)
def test_an_unknown_name_is_a_usage_error(arguments: tuple[str, str], said: str) -> None:
    done = call(*EVALUATE, *arguments)
    assert done.exit_code == 2
    assert f"Неверное значение «{arguments[0]}»" in done.stderr
    assert said in done.stderr
    assert done.stdout == ""


@pytest.mark.no_cover
def test_explain_and_report_refuse_unknown_names() -> None:
    done = call("explain", "berezniki", "diagnosed_shar", "--data", DEMO, "--year", "2023")
    assert done.exit_code == 2
    assert "«ПОКАЗАТЕЛЬ»" in done.stderr
    assert "«diagnosed_share»" in done.stderr
    arguments = ("explain", "berezniki", "diagnosed_share", "--data", DEMO)
    assert call(*arguments, "--year", "2023", "--place", "nowhere").exit_code == 2
    assert call(*arguments, "--year", "2050").exit_code == 2
    assert call("report", "berezniki", "--data", DEMO, "--year", "2050").exit_code == 2


def test_explain_of_a_place_without_the_number() -> None:
    done = call(
        *("explain", "berezniki", "high_score_students", "--data", DEMO),
        *("--year", "2023", "--place", "school-01"),
    )
    assert done.exit_code == 3
    assert done.output


@pytest.mark.parametrize(
    "arguments",
    [
        ("evaluate", "nowhere", "--data", DEMO),
        ("explain", "nowhere", "x", "--data", DEMO, "--year", "2023"),
        ("report", "nowhere", "--data", DEMO, "--year", "2023"),
        ("test", "nowhere"),
    ],
)
def test_a_catalogue_that_is_not_there(arguments: tuple[str, ...]) -> None:
    done = call(*arguments)
    assert done.exit_code == 3
    assert "каталога «nowhere» нет" in done.stderr


def test_errors_of_a_catalogue_stop(tmp_path: Path) -> None:
    (tmp_path / "town.yaml").write_text("catalogue: {id: town, titel: x}\n", "utf-8")
    output = tmp_path / "results.csv"
    output.write_text("прежний файл", "utf-8")
    done = call("evaluate", str(tmp_path), "--data", DEMO, "-o", str(output))
    assert done.exit_code == 3
    assert "town.yaml:1:23: ошибка: " in done.stderr
    assert "ничего не посчитано" in done.stderr
    assert output.read_text("utf-8") == "прежний файл"


def test_data_that_are_not_there(tmp_path: Path) -> None:
    output = tmp_path / "results.csv"
    output.write_text("прежний файл", "utf-8")
    done = call("evaluate", "berezniki", "--data", str(tmp_path / "no"), "-o", str(output))
    assert done.exit_code == 3
    assert "ошибка: нет такого файла или папки" in done.stderr
    assert output.read_text("utf-8") == "прежний файл"


def test_an_output_that_cannot_be(tmp_path: Path) -> None:
    assert "это папка, а нужен файл" in call(*EVALUATE, "-o", str(tmp_path)).stderr
    (tmp_path / "file").touch()
    done = call(*EVALUATE, "-o", str(tmp_path / "file" / "results.csv"))
    assert done.exit_code == 2
    assert "— файл, а нужна папка" in done.stderr


@pytest.mark.no_cover
@pytest.mark.parametrize(
    ("arguments", "output"),
    [
        (EVALUATE, "results.csv"),
        (("explain", "berezniki", "4.2.2", *EVALUATE[2:]), "proof.txt"),
        (("report", *EVALUATE[1:]), "report.html"),
        (("report", *EVALUATE[1:], "--template", "school.html", "--each", "school"), ""),
        (("report", *EVALUATE[1:], "--template", "opendata"), ""),
        (("form", "berezniki", "plan_report", *EVALUATE[2:], "--place", "school-01"), ""),
        (("diff", "berezniki", "berezniki"), "diff.txt"),
        (("compare", f"berezniki={DEMO}", "michurinsk=definitions/michurinsk/demo"), "towns.html"),
        (("schema", "berezniki"), "schema.json"),
    ],
)
def test_the_folders_of_an_output_are_made(
    tmp_path: Path, arguments: tuple[str, ...], output: str
) -> None:
    goal = tmp_path / "новая" / "папка" / output
    done = call(*arguments, "-o", str(goal))
    assert done.exit_code == 0, done.stderr
    assert goal.is_file() if output else any(goal.iterdir())


def test_no_folder_is_made_where_nothing_is_computed(tmp_path: Path) -> None:
    goal = tmp_path / "folder" / "results.csv"
    assert call("evaluate", str(tmp_path), "--data", DEMO, "-o", str(goal)).exit_code
    assert not goal.parent.exists()


@pytest.mark.no_cover
@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.EACCES, "нет доступа, или файл открыт в другой программе"),
        (errno.ENOENT, "нет такого файла или папки"),
        (errno.EISDIR, "это папка"),
        (errno.ENOSPC, "на диске не осталось места"),
    ],
)
def test_what_the_system_refuses_is_one_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, number: int, said: str
) -> None:
    def refuse(path: Path, goal: Path) -> Any:
        raise OSError(number, os.strerror(number), str(path), None, str(goal))

    monkeypatch.setattr(Path, "replace", refuse)
    done = call(*EVALUATE, "-o", str(tmp_path / "results.csv"))
    assert done.exit_code == 3
    assert f"Ошибка: {tmp_path / 'results.csv'}: {said}" in done.stderr


def test_a_sheet_too_long(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("engine.reports.formats.result_workbook.MOST_ROWS", 3)
    done = call(*EVALUATE, "-o", str(tmp_path / "results.xlsx"))
    assert done.exit_code == 3
    assert "на листе помещается строк: 3" in done.stderr
    assert not list(tmp_path.iterdir())


def test_an_interrupted_run_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_arguments: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr("engine.console.commands.open_catalogue", interrupt)
    done = call(*EVALUATE)
    assert done.exit_code == 130
    assert done.stderr == "\nПрервано.\n"


def test_an_interruption_told_twice_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """A library that was stopped raises, and Python raises after it at the next call."""

    def interrupt(*_arguments: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr("engine.console.commands.open_catalogue", interrupt)
    monkeypatch.setattr("engine.console.click_words.time.sleep", interrupt)
    done = call(*EVALUATE)
    assert done.exit_code == 130
    assert done.stderr == "\nПрервано.\n"


# --- in a process of its own -------------------------------------------------------------------


def start(*arguments: str, **environment: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "engine", *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


@pytest.mark.skipif(sys.platform == "win32", reason="a pipe breaks otherwise there")
def test_a_reader_who_leaves_early() -> None:
    with start(*EVALUATE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(10)
        process.stdout.close()
        said = process.stderr.read().decode()
    assert "Traceback" not in said
    assert "BrokenPipe" not in said


@pytest.mark.skipif(sys.platform == "win32", reason="signals are others there")
def test_output_is_utf_8_wherever_it_goes() -> None:
    with start("list", PYTHONUTF8="0", PYTHONIOENCODING="cp866", LC_ALL="C") as process:
        out, said = process.communicate(timeout=60)
    assert "Самоопределение" in out.decode("utf-8")
    assert said == b""


# --- writing beside and renaming ---------------------------------------------------------------


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "file.txt"
    path.write_bytes(b"old")
    with replace_file(path) as stream:
        stream.write(b"new")
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"
    assert [one.name for one in tmp_path.iterdir()] == ["file.txt"]


def test_an_interrupted_writing_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "file.txt"
    path.write_bytes(b"old")

    def write() -> None:
        with replace_file(path) as stream:
            stream.write(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write()
    assert path.read_bytes() == b"old"
    assert [one.name for one in tmp_path.iterdir()] == ["file.txt"]


@pytest.mark.skipif(sys.platform == "win32", reason="needs links and modes")
def test_a_link_is_followed_and_the_mode_stays(tmp_path: Path) -> None:
    path, link = tmp_path / "file.txt", tmp_path / "link.txt"
    path.write_bytes(b"old")
    path.chmod(0o640)
    link.symlink_to(path)
    with replace_file(link) as stream:
        stream.write(b"new")
    assert link.is_symlink()
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


@pytest.mark.skipif(sys.platform == "win32", reason="no such device there")
def test_a_device_is_not_renamed_over() -> None:
    with replace_file(Path(os.devnull)) as stream:
        stream.write(b"nothing")
    assert not Path(os.devnull).is_file()
