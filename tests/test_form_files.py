"""The command `form`: names of files, the same bytes, whole files or none, what it refuses."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner

from engine.console.main import main
from engine.forms.out.write import draw_form, form_files, write_forms
from tests.filling import TOWN, TOWN_SCHOOLS, fill, find_cells, find_sheet
from tests.form_town import YEAR, Town, read_town, write_town

ROOT = Path(__file__).resolve().parent.parent
FIRST = "Школа № 1 — Отчёт о работе — 2023.xlsx"
SECOND = "Школа № 2 — Отчёт о работе — 2023.xlsx"


def run(folder: Path, *arguments: str, form: str = "report", place: str = "out") -> tuple[int, str]:
    town, data = folder / "town", folder / "data"
    if not town.exists():
        write_town(folder)
    line = ["form", str(town), form, "--data", str(data), "--year", str(YEAR)]
    done = CliRunner().invoke(main, [*line, "-o", str(folder / place), *arguments])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


def digests(folder: Path) -> dict[str, str]:
    return {
        one.name: hashlib.sha256(one.read_bytes()).hexdigest() for one in sorted(folder.iterdir())
    }


def test_every_open_school_gets_a_workbook_with_a_name_for_people(tmp_path: Path) -> None:
    code, said = run(tmp_path)
    assert (code, "записано" in said or "записаны" in said) == (0, True)
    assert sorted(one.name for one in (tmp_path / "out").iterdir()) == [
        "_CON — Отчёт о работе — 2023.xlsx",
        "Школа № 1 — Отчёт о работе — 2023.xlsx",
        "Школа № 2 — Отчёт о работе — 2023.xlsx",
    ]


def test_the_same_run_writes_the_same_bytes(tmp_path: Path) -> None:
    run(tmp_path)
    run(tmp_path, place="again")
    assert digests(tmp_path / "out") == digests(tmp_path / "again")


def test_processes_of_their_own_write_the_same_bytes(tmp_path: Path) -> None:
    town = Town(*read_town(tmp_path))
    prepared = town.prepare()
    titles = {one.id: one.sheet.title for one in prepared.places}
    files = form_files(prepared, titles)
    told: list[int] = []
    write_forms(prepared, tmp_path / "one", files, processes=1)
    write_forms(prepared, tmp_path / "two", files, processes=2, progress=told.append)
    assert digests(tmp_path / "one") == digests(tmp_path / "two")
    assert sum(told) == len(files)


def test_names_are_safe_long_and_apart(tmp_path: Path) -> None:
    town = Town(*read_town(tmp_path))
    prepared = town.prepare()
    long = "МАОУ «СОШ № 1/2: имени Героя» " * 9
    names = form_files(prepared, {"a": long, "b": "Школа", "con": "ШКОЛА"})
    assert len({name.casefold() for name in names.values()}) == 3
    for name in names.values():
        assert name.endswith(".xlsx")
        assert not set('<>:"/\\|?*') & set(name)
        assert len(name) <= 90
    assert names["a"].endswith("— 2023.xlsx")


def test_only_the_places_that_are_asked_for(tmp_path: Path) -> None:
    code, _said = run(tmp_path, "--place", "b")
    assert code == 0
    assert [one.name for one in (tmp_path / "out").iterdir()] == [
        "Школа № 2 — Отчёт о работе — 2023.xlsx"
    ]


def test_a_register_alone_is_enough(tmp_path: Path) -> None:
    write_town(tmp_path, facts=False)
    code, said = run(tmp_path)
    assert code == 0, said
    assert len(list((tmp_path / "out").iterdir())) == 3


@pytest.mark.parametrize(
    ("arguments", "form", "code", "said"),
    [
        ((), "reports", 2, "может быть, «report»"),
        (("--place", "a1"), "report", 2, "такого нет: «a1»"),
        (("--place", "old"), "report", 3, "«old» не заполняет форму «report»"),
        (("--year", "2031"), "report", 2, "такого нет: «2031»"),
    ],
)
def test_what_is_not_known_is_refused(
    tmp_path: Path, arguments: tuple[str, ...], form: str, code: int, said: str
) -> None:
    assert run(tmp_path, *arguments, form=form)[0] == code
    assert said in run(tmp_path, *arguments, form=form)[1]


def test_a_column_after_the_last_year_asks_nothing_and_is_named(tmp_path: Path) -> None:
    """Its answers would not count: `collect` takes no number of a year that the catalogue lacks."""
    town, data = tmp_path / "town", tmp_path / "data"
    for folder, name, text in ((town, "town.yaml", TOWN), (data, "schools.csv", TOWN_SCHOOLS)):
        folder.mkdir()
        (folder / name).write_text(text, encoding="utf-8")
    for year in (2022, 2023):
        line = ["form", str(town), "report", "--data", str(data), "--year", str(year)]
        done = CliRunner().invoke(main, [*line, "--place", "a", "-o", str(tmp_path / str(year))])
        assert done.exit_code == 0
        warned = "столбец «2024 год, прогноз» — позже последнего года каталога" in " ".join(
            done.output.split()
        )
        assert warned == (year == 2023)
        (book,) = (tmp_path / str(year)).iterdir()
        sheet = find_sheet(openpyxl.load_workbook(book))
        late = [
            sheet[address].value
            for (_name, asked, scenario), address in find_cells(sheet).items()
            if (asked, scenario) == (year + 1, "forecast")
        ]
        assert set(late) == ({"не заполняется"} if year == 2023 else {None})


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("", encoding="utf-8")
    code, said = run(tmp_path)
    assert code == 2
    assert "out" in said


def test_a_run_that_ends_in_the_middle_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from engine.forms.out import write as writing

    town = Town(*read_town(tmp_path))
    prepared = town.prepare()
    files = form_files(prepared, {one.id: one.sheet.title for one in prepared.places})
    draw, drawn = draw_form, []

    def fail(stream: object, *more: object) -> None:
        drawn.append(1)
        stream.write(b"half")  # type: ignore[attr-defined]
        if len(drawn) > 1:
            raise KeyboardInterrupt
        stream.seek(0)  # type: ignore[attr-defined]
        draw(stream, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(writing, "draw_form", fail)
    with pytest.raises(KeyboardInterrupt):
        write_forms(prepared, tmp_path / "out", files, processes=1)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["data", "town"]


# --- a run that is killed ----------------------------------------------------------------------


def write_country(folder: Path, schools: int) -> list[str]:
    """The town of `filling` with many more schools; the command that writes their forms."""
    (folder / "town").mkdir()
    (folder / "town/town.yaml").write_text(TOWN, encoding="utf-8")
    (folder / "data").mkdir()
    more = "".join(f"m{number};Школа М{number};да;\n" for number in range(schools))
    (folder / "data/schools.csv").write_text(TOWN_SCHOOLS + more, encoding="utf-8")
    named = [str(folder / name) for name in ("town", "data", "out")]
    line = ["form", named[0], "report", "--data", named[1], "--year", "2022", "-o", named[2]]
    return [sys.executable, "-m", "engine", *line]


@pytest.mark.parametrize("before", [False, True])
def test_a_killed_run_changes_nothing_and_the_next_clears_up(tmp_path: Path, before: bool) -> None:
    command = write_country(tmp_path, 60)
    out, beside = tmp_path / "out", tmp_path / ".out.part"
    if before:
        out.mkdir()
        (out / "Письмо школам.txt").write_text("письмо", encoding="utf-8")
    was = digests(out) if before else {}
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE) as process:
        while not (beside.is_dir() and len(list(beside.glob("*.xlsx"))) > 3):
            assert process.poll() is None, "the run was over before it was killed"
            time.sleep(0.01)
        process.kill()
    assert (digests(out) if out.exists() else {}) == was
    done = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    assert sorted(one.name for one in tmp_path.iterdir()) == ["data", "out", "town"]
    assert len(list(out.glob("*.xlsx"))) == 62
    assert {one.suffix for one in out.iterdir()} == ({".xlsx", ".txt"} if before else {".xlsx"})


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="processes are listed otherwise there")
def test_processes_that_write_end_with_the_one_that_is_killed(tmp_path: Path) -> None:
    command = write_country(tmp_path, 60)
    beside = tmp_path / ".out.part"
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE) as process:
        while not (beside.is_dir() and any(beside.iterdir())):
            assert process.poll() is None
            time.sleep(0.01)
        children = find_children(process.pid)
        process.kill()
    assert children
    deadline = time.monotonic() + 30
    while any(Path(f"/proc/{child}").exists() for child in children):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def find_children(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]


def test_a_folder_that_is_a_disk_of_its_own_holds_what_is_being_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = Town(*read_town(tmp_path))
    prepared = town.prepare()
    files = form_files(prepared, {one.id: one.sheet.title for one in prepared.places})
    out = tmp_path / "out"
    out.mkdir()
    monkeypatch.setattr("os.path.ismount", lambda path: Path(path) == out)
    made: list[Path] = []

    def note(count: int) -> None:
        made.extend(path for path in out.iterdir() if path.name.startswith("."))
        assert count == 1

    write_forms(prepared, out, files, progress=note, processes=1)
    assert set(made) == {out / ".out.part"}
    assert sorted(one.name for one in out.iterdir()) == sorted(files.values())


# --- books that are there ----------------------------------------------------------------------


def answer(path: Path, *answers: Any) -> None:
    """Write answers into the first cells of a form."""
    keys = find_cells(find_sheet(openpyxl.load_workbook(path)))
    fill(path, dict(zip(keys, answers, strict=False)), path)


def change_cell(path: Path, change: Callable[[Any], None]) -> None:
    book = openpyxl.load_workbook(path)
    change(find_sheet(book))
    book.save(path)


def test_a_filled_form_is_never_written_over_unless_asked(tmp_path: Path) -> None:
    run(tmp_path)
    out = tmp_path / "out"
    empty = digests(out)
    answer(out / FIRST, 5, 0, "н/п")
    filled = digests(out)
    (out / SECOND).unlink()
    code, said = run(tmp_path)
    assert code == 1
    assert f"{(out / FIRST).as_posix()}: ошибка: уже заполнена: 3 ответа" in said
    assert "--replace" in said
    assert "записаны 2 книги" in said
    assert digests(out) == filled  # the others are written, this one is as it was
    assert run(tmp_path, "--replace")[0] == 0
    assert digests(out) == empty


def test_an_unfilled_form_is_replaced_in_silence(tmp_path: Path) -> None:
    """Also one that another program has saved, or that was sent with other words."""
    run(tmp_path)
    out = tmp_path / "out"
    empty = digests(out)
    answer(out / FIRST)
    assert digests(out) != empty
    code, said = run(tmp_path)
    assert (code, "заполнена" in said) == (0, False)
    assert digests(out) == empty


@pytest.mark.no_cover
def test_one_answer_anywhere_is_an_answer(tmp_path: Path) -> None:
    run(tmp_path)
    first = tmp_path / "out" / FIRST
    last = list(find_cells(find_sheet(openpyxl.load_workbook(first))).values())[-1]
    drawn = first.read_bytes()
    for value in (0, "—", "=1+1", "=1/0"):
        book = openpyxl.load_workbook(first)
        find_sheet(book)[last] = value
        book.save(first)
        code, said = run(tmp_path)
        assert (code, "уже заполнена: 1 ответ" in said) == (1, True), value
        first.write_bytes(drawn)


@pytest.mark.no_cover
def test_every_form_as_it_is_drawn_counts_as_empty(tmp_path: Path) -> None:
    """Of the shipped catalogues, with last year's values and closed cells in them."""
    for name, form in (("berezniki", "indicator_report"), ("michurinsk", "monitoring")):
        home = ROOT / "definitions" / name
        line = ["form", str(home), form, "--data", str(home / "demo"), "--year", "2023"]
        for _again in range(2):
            done = CliRunner().invoke(main, [*line, "-o", str(tmp_path / name)])
            assert done.exit_code == 0, done.output


@pytest.mark.no_cover
def test_a_file_that_is_no_form_is_never_written_over(tmp_path: Path) -> None:
    run(tmp_path)
    first = tmp_path / "out" / FIRST
    openpyxl.Workbook().save(first)
    table = first.read_bytes()
    for content in (table, b"", b"text", table[:500]):
        first.write_bytes(content)
        for arguments in ((), ("--replace",)):
            code, said = run(tmp_path, *arguments)
            assert code == 1
            assert f"{first.as_posix()}: ошибка: на этом месте лежит файл, который не форма" in said
            assert first.read_bytes() == content
    first.unlink()
    first.mkdir()
    code, said = run(tmp_path, "--replace")
    assert (code, "не форма" in said, first.is_dir()) == (1, True, True)


def test_a_form_of_another_place_or_a_damaged_one_is_kept(tmp_path: Path) -> None:
    run(tmp_path)
    out = tmp_path / "out"
    drawn = (out / FIRST).read_bytes()
    shutil.copyfile(out / SECOND, out / FIRST)
    code, said = run(tmp_path)
    assert (code, "форма другого места или года" in said) == (1, True)
    (out / FIRST).write_bytes(drawn)

    def damage(sheet: Any) -> None:
        codes = [cell for row in sheet.iter_rows() for cell in row if "row:1" in str(cell.value)]
        codes[0].value = str(codes[0].value)[:-1]

    change_cell(out / FIRST, damage)
    code, said = run(tmp_path)
    assert (code, "испорчена" in said) == (1, True)
    assert run(tmp_path, "--replace")[0] == 0
    assert (out / FIRST).read_bytes() == drawn


def test_a_book_that_another_program_holds_open_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As Windows refuses it: the book is there, and nothing may be moved over it."""
    run(tmp_path)
    move = Path.replace

    def refuse(path: Path, goal: Path) -> Path:
        if goal == Path(os.path.realpath(tmp_path / "out" / FIRST)):
            raise PermissionError(13, "Permission denied", str(path), 32, str(goal))
        return move(path, goal)

    monkeypatch.setattr(Path, "replace", refuse)
    code, said = run(tmp_path)
    assert code == 3
    told = "нет доступа, или файл открыт в другой программе"
    assert f"Ошибка: {tmp_path / 'out' / FIRST}: {told}\n" in said
    assert sorted(one.name for one in tmp_path.iterdir()) == ["data", "out", "town"]
