"""What a methodologist reads on the terminal says words, not codes, and says it once."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from tests.surfaces import read_paper, run
from tests.target_town import write_town


@pytest.fixture
def demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the demo of Michurinsk, in which one stands."""
    monkeypatch.chdir(tmp_path)
    assert list(run("demo", "michurinsk", "."))
    return tmp_path


def say(*words: str) -> str:
    return "\n".join(text for _command, text in run(*words)).replace("\u00a0", " ")


@pytest.mark.no_cover
@pytest.mark.usefixtures("demo")
def test_the_catalogue_of_the_project_file_is_no_surprise() -> None:
    """A shipped one has its name too, which `--all` says; the project file has chosen."""
    assert say("check") == "michurinsk: ошибок нет"
    assert "читается из этой папки" in say("check", "--all")


@pytest.mark.no_cover
@pytest.mark.usefixtures("demo")
def test_schools_that_said_yes_are_counted_in_an_explanation() -> None:
    told = say("explain", "guidance_page", "--year", "2022", "--level", "municipality")
    assert "\nЗначение: 7 школ\n" in told
    assert "В числах" not in told  # 7 = 7
    assert "\nРаздел: Критерий 1." in told  # its id is made up for the file
    assert "\nОснование: Приказ управления" in told
    assert " от 2 мая 2023 г. № 250 «О проведении" in told


@pytest.mark.no_cover
@pytest.mark.usefixtures("demo")
def test_a_part_keeps_what_sets_it_apart() -> None:
    told = say("evaluate", "--format", "table", "--year", "2022", "--level", "municipality")
    assert "Доля 8–9 классов, охваченных…: с ОВЗ " in told
    assert ": с… " not in told


@pytest.mark.usefixtures("demo")
def test_levels_are_named_by_words() -> None:
    assert "    уровень: школа → муниципалитет" in say("diff", "michurinsk", "berezniki")
    table = ("evaluate", "--format", "table", "--long", "--year", "2022")
    long = say(*table, "--indicator", "students_4", "--level", "municipality")
    assert " муниципалитет " in long
    assert "Обучающиеся 4 классов " in long  # its id has a column of its own
    assert long.splitlines()[0].count("Место") == 1


def test_the_name_of_a_catalogue_alone_is_a_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    hint = "Чтобы скопировать каталог michurinsk, назовите и папку: pokazatel demo michurinsk try"
    assert hint in say("demo", "michurinsk")
    assert "назовите и папку" not in say("demo", "berezniki", "b")


def test_what_is_not_done_at_many_is_one_note(tmp_path: Path) -> None:
    catalogue, _data = write_town(tmp_path)
    told = say("check", "--all", str(catalogue))
    assert told.count("не проверяет ни один пример") == 1
    assert "(всего 24 таких места: 10:108, 11:108, 12:108, …)" in told
    assert told.endswith("ошибок нет, 2 пояснения")


def test_words_agree_with_the_noun_of_the_level(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A municipality without a rank «не вошла» nowhere, and its report speaks of no schools."""
    monkeypatch.chdir(tmp_path)
    assert list(run("demo", "efficiency", "."))
    of = ("efficiency", "--data", "data", "--year", "2024")
    proof = ("explain", "efficiency", "overall_place", *of[1:], "--place", "municipality-1")
    told = say(*proof)
    assert "[municipality-7]: в расчёт не входит: нет данных" in told
    assert "не вошла" not in told
    for name in ("report.html", "summary.html", "summary.md", "note.docx", "tables.docx"):
        list(run("report", *of, "--template", name, "-o", name))
        papers = "\n".join(text for _name, text in read_paper(Path(name)))
        assert "школ" not in papers.casefold(), name


@pytest.mark.no_cover
@pytest.mark.usefixtures("demo")
def test_comparators_and_checks_are_words_for_people_and_codes_for_machines() -> None:
    assert list(run("demo", "berezniki", "b"))
    of = ("b/berezniki", "--data", "b/data", "--year", "2023", "--columns", "comparator,checks")
    check = (
        "Доля прошедших диагностику (4.2.2) изменилась за год более чем на 40 процентных пунктов"
    )
    table = say("evaluate", *of, "--format", "table")
    assert "не менее" in table
    assert check in table
    assert "at_least" not in table
    assert list(run("evaluate", *of, "-o", "values.xlsx"))
    rows = openpyxl.load_workbook("values.xlsx").worksheets[0].iter_rows(values_only=True)
    cells = {cell for row in rows for cell in row}
    assert {"не менее", check} <= cells
    assert "at_least" not in cells
    assert list(run("evaluate", *of, "-o", "values.csv"))
    csv = Path("values.csv").read_text("utf-8")
    assert "at_least" in csv
    assert check not in csv
