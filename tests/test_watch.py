"""`check --watch`: after every save the problems, and the numbers that the save changed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Queue
from threading import Thread

import pytest
import watchfiles
from click.testing import CliRunner, Result

from engine.catalogue.load import find_definitions
from engine.console.main import main
from engine.console.watch_command import is_watched
from engine.units import NO_BREAK_SPACE
from tests.test_difference import FACTS, REGISTER, TOWN, write

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE, DATA = Path("old/town.yaml"), Path("data/facts.csv")


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write("old/town.yaml", TOWN)
    write("data/schools.csv", REGISTER)
    write("data/facts.csv", FACTS)


def edit(path: Path, before: str, after: str) -> None:
    text = path.read_text("utf-8")
    assert before in text
    path.write_text(text.replace(before, after), "utf-8")


def watched(
    monkeypatch: pytest.MonkeyPatch, *saves: Callable[[], None], data: bool = True
) -> Result:
    """What is printed while each of the saves is made and noticed."""

    def watch(*_paths: Path, **_more: object) -> Iterator[set[tuple[watchfiles.Change, str]]]:
        for save in saves:
            save()
            yield {(watchfiles.Change.modified, str(CATALOGUE))}

    monkeypatch.setattr(watchfiles, "watch", watch)
    words = ["--data", "data"] if data else []
    done = CliRunner().invoke(main, ["check", "old", "--watch", *words])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


def saves_of(done: Result) -> list[str]:
    """What was printed at the start and after each save."""
    return done.stdout.replace(NO_BREAK_SPACE, " ").split("\nСохранено: town.yaml\n")


def test_a_save_of_the_catalogue_says_which_numbers_it_changed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    done = watched(monkeypatch, lambda: edit(CATALOGUE, "2023: 82}", "2023: 81}"))
    assert done.exit_code == 0
    start, after = saves_of(done)
    assert start.endswith(
        "old: ошибок нет\nСлежу: каждое сохранение проверяется. Закончить — Ctrl+C.\n"
    )
    assert (
        after
        == """\
old: ошибок нет
Как считается:
  1.1 Доля прошедших
    цель 2023 года: не менее 82,0 → не менее 81,0
Изменилось: 1 вывод из 24 — из-за каталога, данные те же:
  1.1 Доля прошедших
    причина: цель 2023 года
    town, 2023: 81,3 %, не достигнуто → достигнуто
"""
    )


def test_a_save_of_the_data_is_no_change_of_the_method(monkeypatch: pytest.MonkeyPatch) -> None:
    done = watched(monkeypatch, lambda: edit(DATA, "b;2023;50;5;41", "b;2023;50;5;44"))
    assert (
        saves_of(done)[1]
        == """\
old: ошибок нет
Изменилось: 2 числа и 1 вывод из 24 — из-за данных, каталог тот же:
  1.1 Доля прошедших
    town, 2023: 81,3 → 83,3 %, не достигнуто → достигнуто
    Школа Б, 2023: 82,0 → 88,0 %
"""
    )


def test_errors_are_printed_and_numbers_are_compared_with_the_last_good_ones(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def mend() -> None:
        edit(CATALOGUE, "formula: teems", "formula: teams * 2")
        edit(DATA, "b;2023;50;5;41", "b;2023;50;5;44")

    done = watched(monkeypatch, lambda: edit(CATALOGUE, "formula: teams", "formula: teems"), mend)
    _start, broken, mended = saves_of(done)
    assert "ошибка: неизвестное имя «teems»" in broken
    assert broken.endswith("Числа не сравниваются, пока в каталоге ошибки.\n")
    assert "формула: «Команд» → «Команд» × 2" in mended
    assert "Изменилось: 8 чисел и 1 вывод из 24 — сохранены и каталог, и данные:" in mended
    assert "town, 2023: 3 → 6 команд" in mended
    assert "81,3 → 83,3 %, не достигнуто → достигнуто" in mended


def test_what_is_broken_at_the_start_is_compared_once_it_is_mended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    edit(CATALOGUE, "formula: teams", "formula: teems")
    done = watched(monkeypatch, lambda: edit(CATALOGUE, "teems", "teams"), lambda: None)
    _start, mended, same = saves_of(done)
    assert mended == "old: ошибок нет\nВ каталоге нет ошибок: дальше сохранения сравниваются.\n"
    assert same == "old: ошибок нет\nЧисла не изменились.\n"


def test_without_data_definitions_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    done = watched(monkeypatch, lambda: edit(CATALOGUE, "2023: 82}", "2023: 81}"), data=False)
    assert saves_of(done)[1].endswith("цель 2023 года: не менее 82,0 → не менее 81,0\n")
    done = watched(monkeypatch, lambda: edit(CATALOGUE, "formula: teams", "formula: teems"))
    assert done.exit_code == 1  # as it was when the watching ended


TEMPORARY = (
    *("~$facts.xlsx", ".~lock.facts.ods#", ".facts.csv.swp", "facts.csv.swp", "facts.csv.swo"),
    *("#facts.csv#", ".#facts.csv", "4913", "facts.csv~", "~WRL0001.tmp", "9F3A1C00.tmp"),
)
"""What Word, LibreOffice, Vim and Emacs keep beside the file that is edited."""


def test_what_editors_keep_beside_a_file_is_no_data(monkeypatch: pytest.MonkeyPatch) -> None:
    def edit_beside() -> None:
        for name in TEMPORARY:
            Path("data", name).write_text("не данные", encoding="utf-8")
        Path("old", "#town.yaml#").write_text("не каталог", encoding="utf-8")
        edit(DATA, "b;2023;50;5;41", "b;2023;50;5;44")

    shown = "\n".join(saves_of(watched(monkeypatch, edit_beside)))
    assert [name for name in (*TEMPORARY, "#town.yaml#") if name in shown] == []


def test_what_is_watched(tmp_path: Path) -> None:
    folder, data = tmp_path / "old", tmp_path / "data"
    for name, is_due in (
        ("old/town.yaml", True),
        ("old/pokazatel.yaml", False),
        ("old/.town.yaml.swp", False),
        ("old/town.yaml~", False),
        ("old/deep/town.yaml", False),
        ("old/.pokazatel/schema.json", False),
        ("data/facts.csv", True),
        *((f"data/{name}", False) for name in TEMPORARY),
        ("data/sources/svod.xlsx", True),
        ("data/sources.yaml", True),
        ("data/pokazatel.yaml", False),
        ("data/town/.pokazatel/schema.json", False),
        ("other/facts.csv", False),
    ):
        assert is_watched(tmp_path / name, [folder], data) == is_due, name
    assert not is_watched(data / "facts.csv", [folder], None)
    assert is_watched(data / "facts.csv", [folder], data / "facts.csv")
    assert not is_watched(data / "other.csv", [folder], data / "facts.csv")


def test_refusals() -> None:
    runner = CliRunner()
    assert runner.invoke(main, ["check", "old", "old", "--watch"]).exit_code == 2
    assert runner.invoke(main, ["check", "old", "--watch", "--format", "json"]).exit_code == 2
    assert runner.invoke(main, ["check", "old", "--data", "data"]).exit_code == 2
    assert runner.invoke(main, ["check", "old", "--watch", "--data", "nowhere"]).exit_code == 2
    assert runner.invoke(main, ["check", "nowhere", "--watch"]).exit_code == 3


SAVING = """
import sys, time
from pathlib import Path
from engine.console.watch_command import read_look, show_changes
folder = Path(sys.argv[1])
before, spent = read_look(folder, folder / "demo"), []
for _again in range(3):
    start = time.process_time()
    list(show_changes(before, read_look(folder, folder / "demo")))
    spent.append(time.process_time() - start)
print(min(spent))
"""


@pytest.mark.no_cover
@pytest.mark.parametrize("name", ["berezniki", "michurinsk"])
def test_a_save_takes_less_than_a_second(name: str, tmp_path: Path) -> None:
    """Of the processor, in a process of its own as the command has, whatever else the machine does."""
    shutil.copytree(find_definitions() / name, tmp_path / name)
    done = subprocess.run(
        [sys.executable, "-c", SAVING, str(tmp_path / name)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert float(done.stdout) < 1


@pytest.mark.no_cover
@pytest.mark.skipif(os.name == "nt", reason="Ctrl+C cannot be sent to one process there")
def test_a_real_save_is_noticed_and_ctrl_c_ends() -> None:
    """By the real watcher: an editor saves a file whole beside the old one and renames it."""
    command = [sys.executable, str(ROOT / "cli.py"), "check", "old", "--watch", "--data", "data"]
    environment = {**os.environ, "PYTHONUTF8": "1", "POKAZATEL_LANG": "ru"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        lines: Queue[str] = Queue()
        assert process.stdout is not None
        stream = process.stdout
        Thread(target=lambda: [*map(lines.put, stream)], daemon=True).start()

        def wait_for(words: str) -> None:
            end = time.monotonic() + 60
            while words not in lines.get(timeout=max(0.1, end - time.monotonic())):
                pass

        wait_for("Слежу")
        time.sleep(0.5)  # the watcher starts after the line
        beside = Path("old/.town.yaml.tmp")
        beside.write_text(TOWN.replace("2023: 82}", "2023: 81}"), "utf-8")
        beside.replace(CATALOGUE)
        wait_for("не достигнуто → достигнуто")
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 0
