"""`pokazatel collect` as it is typed: what is printed, how it ends, what it refuses."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from engine.console import main as cli
from tests.filling import Town, fill, make_town

YEAR = 2022


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    return make_town(tmp_path_factory.mktemp("town"), YEAR)


def collect(town: Town, *words: object) -> Result:
    arguments = ["collect", str(town.catalogue.folder), *map(str, words)]
    return CliRunner().invoke(cli.main, arguments)


def send(town: Town, folder: Path, answer: object) -> Path:
    fill(town.drawn["report"]["a"], {("pupils", YEAR, "fact"): answer}, folder / "a.xlsx")
    return folder


def test_clean_forms_end_with_0(town: Town, tmp_path: Path) -> None:
    came = send(town, tmp_path / "came", 12)
    done = collect(town, came, "--data", town.data, "-o", tmp_path / "out")
    assert done.exit_code == 0, done.output
    assert "сдано 1 из 2" in done.stdout
    assert "не сдали (1): Школа Б" in done.stdout
    assert "Город (city, 2022): не сдал никто" in done.stdout
    assert "прочитан 1 файл\n" in done.stdout
    assert (tmp_path / "out/facts.parquet").is_file()


def test_errors_end_with_1_and_are_printed_with_their_cells(town: Town, tmp_path: Path) -> None:
    came = send(town, tmp_path / "came", "около 40")
    out = tmp_path / "out"
    done = collect(town, came, "--data", town.data, "-o", out, "--format", "csv", "--lang", "en")
    assert done.exit_code == 1
    assert "a.xlsx, sheet “" in done.stderr
    assert "“около 40” cannot be read" in done.stderr
    assert "1 of 2 submitted" in done.stdout
    assert str(out / "returned") in done.stdout
    assert (out / "facts.csv").is_file()
    assert not (out / "facts.parquet").exists()


def test_lists_say_what_their_numbers_count(town: Town, tmp_path: Path) -> None:
    came = send(town, tmp_path / "came", "около 40")
    saved = datetime.now().astimezone().date()
    form = town.catalogue.forms["report"]
    days = (saved - date.fromisoformat(form.due(YEAR))).days
    (came / "b.xlsx").write_bytes(b"")
    (came / "c.xlsx").write_bytes(b"")
    fill(town.drawn["report"]["b"], {}, came / "d.xlsx")
    done = collect(town, came, "--data", town.data, "-o", tmp_path / "out")
    assert "сдано 1 из 2" in done.stdout
    assert "с ошибками (1): Школа А — 1 ошибка\n" in done.stdout
    assert "пришла пустой (1): Школа Б\n" in done.stdout
    assert f"опоздали (2): Школа А — на {days}\u00a0д" in done.stdout
    assert "прочитаны 2 файла, 2 не приняты (смотрите замечания)" in done.stdout


def test_what_was_collected_is_proven_by_its_cells(town: Town, tmp_path: Path) -> None:
    came, out = tmp_path / "came", tmp_path / "out"
    answers = {("pupils", YEAR, "fact"): 200, ("pupils.ovz", YEAR, "fact"): 20}
    cells = fill(town.drawn["report"]["a"], answers, came / "a.xlsx")  # type: ignore[arg-type]
    assert collect(town, came, "--data", town.data, "-o", out).exit_code == 0
    words = ("explain", town.catalogue.folder, "ovz_share", "--data", out, "--year", YEAR)
    done = CliRunner().invoke(cli.main, [*map(str, words)])
    assert done.exit_code == 0, done.output
    for key in answers:
        assert f"a.xlsx, лист «Форма», {cells[key]}" in done.stdout  # type: ignore[index]


@pytest.mark.parametrize("over", ["came", "data"])
def test_result_is_not_written_over_what_it_is_made_from(
    town: Town, tmp_path: Path, over: str
) -> None:
    came = send(town, tmp_path / "came", 12)
    output = {"came": came, "data": town.data}[over]
    before = sorted(output.iterdir())
    done = collect(town, came, "--data", town.data, "-o", output)
    assert done.exit_code == 2
    assert sorted(output.iterdir()) == before


def test_folder_of_other_things_is_refused(town: Town, tmp_path: Path) -> None:
    came = send(town, tmp_path / "came", 12)
    (tmp_path / "out").mkdir()
    (tmp_path / "out/диплом.docx").write_bytes(b"x")
    done = collect(town, came, "--data", town.data, "-o", tmp_path / "out")
    assert done.exit_code == 2
    assert "лежит другое" in done.stderr
    assert (tmp_path / "out/диплом.docx").is_file()


@pytest.mark.parametrize(("folder", "data"), [("нет такой", None), (".", "нет такой")])
def test_what_is_not_there_is_refused(
    town: Town, tmp_path: Path, folder: str, data: str | None
) -> None:
    given = ["--data", str(tmp_path / data)] if data else []
    done = collect(town, tmp_path / folder, *given, "-o", tmp_path / "out")
    assert done.exit_code == 2
    assert "нет такого файла или папки" in done.stderr
    assert not (tmp_path / "out").exists()
