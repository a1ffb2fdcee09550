"""The file that `report` writes: its name, its kind, and what it is never written over."""

from __future__ import annotations

import zipfile
from pathlib import Path

import click
import openpyxl
import pytest
from click.testing import CliRunner, Result
from docx import Document

from engine.console.main import main
from engine.reports.seal import is_sealed, is_sealed_folder, seal
from engine.reports.templates import TemplateError, find_template
from tests.written import write_files

TOWN = """\
catalogue: {id: town, title: Городок, years: [2022, 2023]}
inputs:
  pupils: {title: Всего, unit: person}
indicators:
  pupils: {title: Всего, targets: {2023: 3}}
"""
FILES = {
    "town/town.yaml": TOWN,
    "data/schools.csv": "school;title\na;Школа А\nb;Школа Б\n",
    "data/facts.csv": "school;year;pupils\na;2023;2\nb;2023;1\na;2022;2\nb;2022;1\n",
}


@pytest.fixture(autouse=True)
def _town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_files(tmp_path, FILES)


def report(*arguments: str, year: str = "2023") -> Result:
    asked = ("report", "town", "--data", "data", "--year", year, *arguments)
    done = CliRunner().invoke(main, asked)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


def read_kind(path: Path) -> str:
    """What a file holds, by its bytes and not by its name."""
    content = path.read_bytes()
    if not content.startswith(b"PK"):
        return "html" if content.startswith(b"<!DOCTYPE html>") else "text"
    with zipfile.ZipFile(path) as packed:
        names = packed.namelist()
    return "document" if "word/document.xml" in names else "workbook"


@pytest.mark.no_cover
@pytest.mark.parametrize(
    ("arguments", "name", "kind"),
    [
        ((), "town-2023-report.html", "html"),
        (("--year", "2022"), "town-2022-2023-report.html", "html"),
        (("--audience", "public"), "town-2023-report-public.html", "html"),
        (("--template", "public"), "town-2023-public.html", "html"),
        (("--template", "public", "--audience", "public"), "town-2023-public.html", "html"),
        (("--template", "summary"), "town-2023-summary.html", "html"),
        (("--template", "summary.md"), "town-2023-summary.md", "text"),
        (("--template", "summary.md.j2"), "town-2023-summary.md", "text"),
        (("--template", "note"), "town-2023-note.docx", "document"),
        (("--template", "tables"), "town-2023-tables.docx", "document"),
        (("--template", "order_tables"), "town-2023-tables.docx", "document"),
        (("--template", "order_tables.docx"), "town-2023-tables.docx", "document"),
        (("--template", "book"), "town-2023-book.xlsx", "workbook"),
        (("-o", "отчёт.docx"), "отчёт.docx", "document"),
        (("-o", "отчёт.XLSX"), "отчёт.XLSX", "workbook"),
        (("-o", "отчёт.md"), "отчёт.md", "text"),
        (("-o", "отчёт.htm"), "отчёт.htm", "html"),
        (("-o", "новая"), "новая/town-2023-report.html", "html"),
        (("-o", "data", "--template", "note"), "data/town-2023-note.docx", "document"),
    ],
)
def test_the_name_and_the_kind_of_a_report(
    arguments: tuple[str, ...], name: str, kind: str
) -> None:
    before = {path for path in Path().rglob("*") if path.is_file()}
    done = report(*arguments)
    assert done.exit_code == 0, done.output
    assert {path for path in Path().rglob("*") if path.is_file()} - before == {Path(name)}
    assert read_kind(Path(name)) == kind
    assert f"записано: {Path(name)}" in done.stderr
    assert not done.stdout


@pytest.mark.parametrize(
    ("arguments", "folder", "count"),
    [
        (("--template", "opendata"), "town-2023-opendata", 3),
        (("--template", "opendata", "-o", "открытые"), "открытые", 3),
        (("--template", "school", "--each", "school"), "town-2023-school", 2),
        (("--template", "school.docx", "--each", "school", "-o", "листы"), "листы", 2),
    ],
)
def test_several_files_stand_in_a_folder(
    arguments: tuple[str, ...], folder: str, count: int
) -> None:
    for _time in range(2):  # what the program wrote itself, it writes over
        done = report(*arguments)
        assert done.exit_code == 0, done.output
        assert len(list(Path(folder).iterdir())) == count


def test_an_old_name_of_a_template_is_told_the_new_one() -> None:
    assert (
        "шаблон «order_tables» теперь называется «tables»"
        in report("--template", "order_tables").stderr
    )
    own = Path("town/templates/order_tables.html.j2")
    own.parent.mkdir()
    own.write_text("<p>Наш</p>", "utf-8")
    done = report("--template", "order_tables")
    assert "называется" not in done.stderr
    assert Path("town-2023-order_tables.html").read_text("utf-8").startswith("<p>Наш</p>")


@pytest.mark.parametrize(
    ("arguments", "lines"),
    [
        (
            ("--template", "summary", "-o", "отчёт.docx"),
            (
                "шаблон «summary» пишет файлы .html, .md, а имя файла кончается на «.docx»",
                "файлы .docx пишут шаблоны: note, school, tables",
            ),
        ),
        (
            ("--template", "note.docx", "-o", "отчёт.html"),
            ("шаблон «note» пишет файлы .docx, а имя файла кончается на «.html»",),
        ),
        (
            ("-o", "отчёт.pdf"),
            (
                "шаблон «report» пишет файлы .html, а имя файла кончается на «.pdf»",
                "известны: .docx, .html, .md, .xlsx",
            ),
        ),
        (
            ("--template", "opendata", "-o", "a.csv"),
            ("шаблон «opendata» пишет несколько файлов: назовите папку, а не файл «.csv»",),
        ),
    ],
)
def test_a_template_and_an_ending_that_disagree(
    arguments: tuple[str, ...], lines: tuple[str, ...]
) -> None:
    done = report(*arguments)
    assert done.exit_code == 2
    for line in lines:
        assert line in done.stderr
    assert sorted(path.name for path in Path().iterdir()) == ["data", "town"]


# --- what is there already ------------------------------------------------------------------------


def change_page(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"</h1>", b"!</h1>", 1))


def change_document(path: Path) -> None:
    document = Document(str(path))
    document.add_paragraph("Дописано рукой")
    document.save(str(path))


def change_workbook(path: Path) -> None:
    book = openpyxl.load_workbook(path)
    book.worksheets[0]["Z99"] = "дописано"
    book.save(path)


def change_table(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"x\r\n")


@pytest.mark.no_cover
@pytest.mark.parametrize(
    ("arguments", "name", "change"),
    [
        ((), "town-2023-report.html", change_page),
        (("-o", "свод.md"), "свод.md", change_table),
        (("-o", "справка.docx"), "справка.docx", change_document),
        (("-o", "книга.xlsx"), "книга.xlsx", change_workbook),
        (("--template", "opendata"), "town-2023-opendata/results.csv", change_table),
        (
            ("--template", "school", "--each", "school"),
            "town-2023-school/Школа Б.html",
            change_page,
        ),
    ],
)
def test_what_a_person_changed_is_not_written_over(
    arguments: tuple[str, ...], name: str, change: object
) -> None:
    path = Path(name)
    assert report(*arguments).exit_code == 0
    assert report(*arguments).exit_code == 0
    written = path.read_bytes()
    assert callable(change)
    change(path)
    changed = path.read_bytes()
    assert changed != written
    done = report(*arguments)
    assert done.exit_code == 3
    assert "записан другой программой или изменён после неё" in done.stderr
    assert name in done.stderr or str(path.parent) in done.stderr
    assert path.read_bytes() == changed
    assert report(*arguments, "--replace").exit_code == 0
    assert path.read_bytes() == written


@pytest.mark.parametrize("name", ["a.html", "a.docx", "a.xlsx", "a.md"])
@pytest.mark.parametrize("content", [b"", b"PK\x03\x04broken", "чужой файл\n".encode()])
def test_a_file_of_another_program_is_not_written_over(name: str, content: bytes) -> None:
    Path(name).write_bytes(content)
    done = report("-o", name)
    assert done.exit_code == 3
    assert f"файл «{name}» записан другой программой" in done.stderr
    assert Path(name).read_bytes() == content


def test_a_seal_is_of_what_stands_before_it(tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    path.write_bytes(seal(b"<p>1</p>", ".html"))
    assert is_sealed(path)
    path.write_bytes(path.read_bytes().replace(b"1", b"2", 1))
    assert not is_sealed(path)
    assert seal(b"a;b\n", ".csv") == b"a;b\n"
    assert not is_sealed_folder(tmp_path)


def test_what_was_written_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(click, "launch", opened.append)
    assert report("--open").exit_code == 0
    assert report("--template", "opendata", "--open", "-o", "открытые").exit_code == 0
    assert opened == ["town-2023-report.html", "открытые"]


def test_the_first_kind_of_a_name_is_taken() -> None:
    assert find_template("school").name == "school.html.j2"
    assert find_template("school", ending=".docx").name == "school.docx"
    assert find_template("", ending=".xlsx").name == "book.xlsx"
    with pytest.raises(TemplateError):
        find_template("book", ending=".docx")
