"""What the system refuses to a command that writes: one Russian line, no traceback, no half file."""

from __future__ import annotations

import errno
import io
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import xlsxwriter
from click.testing import CliRunner

from engine.console import main as cli
from engine.files import replace_file

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / "definitions" / "berezniki"
DATA = ("--data", str(HOME / "demo"))
YEAR = (*DATA, "--year", "2023")
COMMANDS = {
    "evaluate-json": ("evaluate", "berezniki", *DATA, "-o", "out.json"),
    "evaluate-csv": ("evaluate", "berezniki", *DATA, "-o", "out.csv"),
    "evaluate-xlsx": ("evaluate", "berezniki", *DATA, "-o", "out.xlsx"),
    "evaluate-parquet": ("evaluate", "berezniki", *DATA, "-o", "out.parquet"),
    "evaluate-table": ("evaluate", "berezniki", *DATA, "-o", "out.txt"),
    "explain": ("explain", "berezniki", "diagnosed_share", *YEAR, "-o", "out.txt"),
    "report": ("report", "berezniki", *YEAR, "-o", "out.html"),
    "report-each": ("report", "berezniki", *YEAR, "--each", "school", "-o", "out"),
    "report-word": ("report", "berezniki", *YEAR, "--template", "note.docx", "-o", "out.docx"),
    "report-open-data": ("report", "berezniki", *YEAR, "--template", "opendata", "-o", "out"),
    "templates": ("templates", "--copy", "summary.html.j2", "out"),
    "form": ("form", "berezniki", "plan_report", *YEAR, "-o", "out"),
}
RESOURCE = pytest.mark.skipif(sys.platform == "win32", reason="no such limits there")


@pytest.fixture(scope="module")
def forms(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("forms") / "forms"
    done = type_limited(folder.parent, *COMMANDS["form"][:-1], str(folder))
    assert done.returncode == 0, done.stderr
    return folder


def type_limited(
    folder: Path, *arguments: str, limit: str = "", most: int = 0, **more: Any
) -> subprocess.CompletedProcess[str]:
    """A command in a process of its own that is limited as `ulimit` limits it."""

    def confine() -> None:
        import resource

        if limit:
            _soft, hard = resource.getrlimit(getattr(resource, limit))
            resource.setrlimit(getattr(resource, limit), (most, hard))

    return subprocess.run(
        [sys.executable, "-m", "engine", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "POKAZATEL_LANG": "ru"},
        stdout=more.pop("stdout", subprocess.PIPE),
        stderr=subprocess.PIPE,
        encoding="utf-8",
        preexec_fn=confine if limit else None,
        check=False,
    )


def check_refusal(done: subprocess.CompletedProcess[str], name: str, reason: str) -> None:
    assert done.returncode == 3, done.stderr
    lines = [line for line in done.stderr.splitlines() if not line.startswith("definitions/")]
    assert lines, done.stderr
    assert lines[-1].startswith(f"Ошибка: {name}"), done.stderr
    assert lines[-1].endswith(f": {reason}"), done.stderr
    for word in ("Traceback", "Exception", "Errno", "os error"):
        assert word not in done.stderr


def list_files(folder: Path) -> list[str]:
    return [str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()]


@RESOURCE
@pytest.mark.parametrize("name", COMMANDS)
def test_a_file_that_may_not_grow(tmp_path: Path, name: str) -> None:
    """A disk that is full refuses the same calls; only the reason is another."""
    arguments = COMMANDS[name]
    done = type_limited(tmp_path, *arguments, limit="RLIMIT_FSIZE", most=500)
    output = arguments[-1]
    check_refusal(done, output, "файл вышел бы больше, чем разрешает система")
    assert list_files(tmp_path) == []


@RESOURCE
def test_collecting_where_files_may_not_grow(tmp_path: Path, forms: Path) -> None:
    line = ("collect", "berezniki", str(forms), *DATA, "-o", "out")
    for most in (0, 500, 5_000):
        done = type_limited(tmp_path, *line, limit="RLIMIT_FSIZE", most=most)
        check_refusal(done, "out", "файл вышел бы больше, чем разрешает система")
        assert list_files(tmp_path) == []


@RESOURCE
@pytest.mark.parametrize("most", [7, 12])
def test_too_many_open_files(tmp_path: Path, forms: Path, most: int) -> None:
    line = ("collect", "berezniki", str(forms), *DATA, "-o", "out")
    done = type_limited(tmp_path, *line, limit="RLIMIT_NOFILE", most=most)
    reason = "открыто слишком много файлов: закройте другие программы и повторите"
    check_refusal(done, "", reason)
    assert list_files(tmp_path) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no disk that is always full there")
@pytest.mark.parametrize(
    "arguments",
    [
        ("--help",),
        ("--version",),
        ("evaluate", "--help"),
        ("list",),
        ("templates",),
        ("check", "berezniki"),
        ("evaluate", "berezniki", *DATA),
        ("evaluate", "berezniki", *DATA, "--format", "xlsx"),
        ("evaluate", "berezniki", *DATA, "--format", "parquet"),
    ],
)
def test_standard_output_on_a_full_disk(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    with Path("/dev/full").open("w") as full:
        done = type_limited(tmp_path, *arguments, stdout=full)
    check_refusal(done, "", "на диске не осталось места: освободите место и повторите")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no disk that is always full there")
@pytest.mark.parametrize("shape", ["json", "csv", "xlsx", "parquet", "table"])
def test_a_device_that_is_full(tmp_path: Path, shape: str) -> None:
    line = ("evaluate", "berezniki", *DATA, "--format", shape, "-o", "/dev/full")
    done = type_limited(tmp_path, *line)
    reason = "на диске не осталось места: освободите место и повторите"
    check_refusal(done, "/dev/full", reason)


REASONS = {
    errno.ENOSPC: "на диске не осталось места: освободите место и повторите",
    errno.EDQUOT: "место, отведённое вам на диске, кончилось: удалите ненужное и повторите",
    errno.EROFS: "сюда нельзя записать: диск только для чтения",
    errno.EACCES: "нет доступа, или файл открыт в другой программе",
    errno.EBUSY: "нет доступа, или файл открыт в другой программе",
    errno.EMFILE: "открыто слишком много файлов: закройте другие программы и повторите",
    errno.ENAMETOOLONG: "имя файла или папки слишком длинное",
    errno.EDOM: f"система отказала: {os.strerror(errno.EDOM)}",
}
# The reason is worded in one place, whichever command writes: with the slow one two of them are enough.
REFUSALS = [
    *((name, number) for name in ("evaluate-csv", "templates", "form") for number in REASONS),
    *(("report-each", number) for number in (errno.ENOSPC, errno.EACCES)),
]


@pytest.fixture
def _at_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("POKAZATEL_LANG", "ru")
    language = os.environ.get("LANGUAGE")
    yield
    os.environ.pop("LANGUAGE", None)
    if language is not None:
        os.environ["LANGUAGE"] = language


@pytest.mark.no_cover
@pytest.mark.usefixtures("_at_home")
@pytest.mark.parametrize(("name", "number"), REFUSALS)
def test_a_folder_that_takes_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, number: int
) -> None:
    """As a folder that is for reading only, and as Windows refuses a file that is held open."""

    def refuse(path: Path, mode: str = "r", *more: Any, **named: Any) -> Any:
        if "w" in mode:
            raise OSError(number, os.strerror(number), str(path))
        return io.open(path, mode, *more, **named)  # noqa: UP020 - its own name is taken

    monkeypatch.setattr(Path, "open", refuse)
    done = CliRunner().invoke(cli.main, COMMANDS[name])
    assert isinstance(done.exception, SystemExit), done.exception
    assert done.exit_code == 3
    last = done.stderr.splitlines()[-1]
    assert last.startswith(f"Ошибка: {COMMANDS[name][-1]}")
    assert last.endswith(f": {REASONS[number]}")
    assert ".part" not in last
    assert list_files(tmp_path) == []


# --- a stream that is refused ------------------------------------------------------------------


def write_sheet(stream: Any) -> None:
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    sheet = book.add_worksheet()
    for row in range(3_000):
        sheet.write_number(row, 0, row * 1.1)
    book.close()


@RESOURCE
@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "put",
    [
        write_sheet,
        lambda stream: pl.DataFrame({"a": range(9_000)}).write_parquet(stream),
        lambda stream: pl.DataFrame({"a": range(9_000)}).write_csv(stream),
        lambda stream: pl.LazyFrame({"a": range(9_000)}).sink_parquet(stream),
        lambda stream: stream.write(bytes(9_000)),
    ],
)
def test_a_writer_never_sees_the_refusal(
    tmp_path: Path, put: Callable[[Any], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it would make of it is not what the system said."""
    import resource

    said: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", said.append)
    path = tmp_path / "file"
    path.write_bytes(b"old")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, hard))
    try:
        with (
            pytest.raises(OSError, match=r"File too large.*file'") as raised,
            replace_file(path) as s,
        ):
            put(s)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert raised.value.errno == errno.EFBIG
    assert raised.value.filename == str(path)
    assert path.read_bytes() == b"old"
    assert [one.name for one in tmp_path.iterdir()] == ["file"]
    assert said == []


@pytest.mark.no_cover
@pytest.mark.usefixtures("_at_home")
def test_the_files_that_a_long_sheet_is_put_together_from(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """They lie in the folder of the system for such, which may be full while that of -o is not."""
    monkeypatch.setattr("engine.reports.formats.result_workbook._MANY", 1)

    def refuse(packager: Any) -> Any:
        for sheet in packager.workbook.worksheets():
            sheet._opt_close()
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("xlsxwriter.packager.Packager._create_package", refuse)
    done = CliRunner().invoke(cli.main, COMMANDS["evaluate-xlsx"])
    assert isinstance(done.exception, SystemExit), done.exception
    assert done.exit_code == 3
    assert done.stderr.splitlines()[-1].endswith(f": {REASONS[errno.ENOSPC]}")
    assert list_files(tmp_path) == []


def test_what_another_file_refuses_keeps_its_name(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as raised, replace_file(tmp_path / "file"):
        (tmp_path / "no" / "such").read_bytes()
    assert raised.value.filename == str(tmp_path / "no" / "such")
    assert list_files(tmp_path) == []


def test_a_stream_goes_back_and_on(tmp_path: Path) -> None:
    with replace_file(tmp_path / "file") as stream:
        stream.write(b"head____")
        assert stream.tell() == 8
        stream.seek(4)
        stream.write(b"tail")
    assert (tmp_path / "file").read_bytes() == b"headtail"
    assert stream.write(b"late") == 4  # what is collected as garbage afterwards meets no error
    assert (stream.tell(), stream.seek(3), stream.seekable()) == (0, 3, False)


@RESOURCE
def test_a_stopped_demo_leaves_no_half_file_and_goes_on(tmp_path: Path) -> None:
    # The first file, advice.yaml, is longer than this.
    done = type_limited(tmp_path, "demo", "try", limit="RLIMIT_FSIZE", most=1024)
    assert done.returncode == 3, done.stderr
    assert "Traceback" not in done.stderr
    assert [path for path in (tmp_path / "try").rglob("*") if path.is_file()] == []
    assert type_limited(tmp_path, "demo", "try").returncode == 0
