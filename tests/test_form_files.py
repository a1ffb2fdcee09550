"""The command `form`: names of files, the same bytes, whole files or none, what it refuses."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli import main
from engine.forms.draw import draw_form
from engine.forms.writing import form_files, write_forms
from tests.form_town import YEAR, Town, read_town, write_town


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
    write_forms(prepared, tmp_path / "two", files, processes=2, told=told.append)
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
        (("--place", "old"), "report", 1, "«old» не заполняет форму «report»"),
        (("--year", "2031"), "report", 2, "такого нет: «2031»"),
    ],
)
def test_what_is_not_known_is_refused(
    tmp_path: Path, arguments: tuple[str, ...], form: str, code: int, said: str
) -> None:
    assert run(tmp_path, *arguments, form=form)[0] == code
    assert said in run(tmp_path, *arguments, form=form)[1]


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("", encoding="utf-8")
    code, said = run(tmp_path)
    assert code == 2
    assert "out" in said


def test_a_run_that_ends_in_the_middle_leaves_whole_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from engine.forms import writing

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
    assert [one.suffix for one in (tmp_path / "out").iterdir()] == [".xlsx"]
