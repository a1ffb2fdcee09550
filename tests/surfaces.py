"""Every text that people read of a catalogue and its data: what commands print, and the papers they write."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import openpyxl
from click.testing import CliRunner
from docx import Document
from lxml import etree

from engine.console.main import main
from tests.word import W, text_of

_DRAWN = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_FORMS = 4  # forms of those that come first and last that are returned
_UNREAD = ("style", "script")
ANSWERS = ("много", 1_000_000, "12 %", 7, None, "н/п", -3)
_SAID = ("aria-label", "title", "alt", "content", "placeholder")


def run(*words: str) -> Iterator[tuple[str, str]]:
    """What a command prints, line by line, each with the command."""
    done = CliRunner().invoke(main, [*words], env={"COLUMNS": "80"})
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    command = " ".join(words)
    yield from ((command, line) for line in done.output.splitlines())


def read_paper(path: Path) -> Iterator[tuple[str, str]]:
    """The texts of a paper, each with the name of the file."""
    content = path.read_bytes()
    readers = {".html": _read_page, ".docx": _read_document, ".xlsx": _read_book}
    if path.suffix in readers:
        yield from ((path.name, text) for text in readers[path.suffix](content))
    elif path.suffix in {".md", ".txt"}:
        yield from ((path.name, line) for line in content.decode().splitlines())


class _Texts(HTMLParser):
    """The texts of a page, a block each, and what its attributes say to people."""

    _INLINE = frozenset(
        (
            "a",
            "abbr",
            "b",
            "bdi",
            "code",
            "em",
            "i",
            "small",
            "span",
            "strong",
            "sub",
            "sup",
            "time",
        )
    )

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = [""]
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.texts[:0] = [value for name, value in attrs if name in _SAID and value]
        self.open.append(tag)
        if tag not in self._INLINE:
            self.texts.append("")

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop() != tag:
            pass
        if tag not in self._INLINE:
            self.texts.append("")

    def handle_data(self, data: str) -> None:
        if not set(self.open) & set(_UNREAD):
            self.texts[-1] += data


def _read_page(content: bytes) -> Iterator[str]:
    reader = _Texts()
    reader.feed(content.decode())
    for text in reader.texts:
        shown = " ".join(part for part in text.replace("\n", " ").split(" ") if part)
        if shown:
            yield shown


def _read_document(content: bytes) -> Iterator[str]:
    document = Document(BytesIO(content))
    for paragraph in document.element.body.iter(f"{W}p"):
        yield text_of(paragraph)
    for section in document.sections:
        for part in (section.header, section.footer):
            yield from (paragraph.text for paragraph in part.paragraphs)


def _read_book(content: bytes) -> Iterator[str]:
    book = openpyxl.load_workbook(BytesIO(content))
    for sheet in book.worksheets:
        yield from (str(sheet.oddHeader.center.text or ""), str(sheet.oddFooter.left.text or ""))
        for row in sheet.iter_rows():
            for cell in row:
                # What stands in an open cell of a form is an answer: it stays as it was given.
                answer = sheet.protection.sheet and not cell.protection.locked
                if isinstance(cell.value, str) and not cell.value.startswith("=") and not answer:
                    yield cell.value
                if cell.comment:
                    yield cell.comment.text
        for rule in sheet.data_validations.dataValidation:
            yield from filter(None, (rule.promptTitle, rule.prompt, rule.errorTitle, rule.error))
    with ZipFile(BytesIO(content)) as packed:
        for name in packed.namelist():
            if name.startswith(("xl/charts/", "xl/drawings/")) and name.endswith(".xml"):
                tree = etree.fromstring(packed.read(name))
                yield from (node.text or "" for node in tree.iter(f"{_DRAWN}t"))


def walk_surfaces(
    catalogue: str, data: str, year: int, indicators: tuple[str, ...], lowest: str = "school"
) -> Iterator[tuple[str, str]]:
    """Commands and papers over a catalogue, in the current folder; each text with where it stands."""
    with_data = ("--data", data)
    of_year = ("--year", str(year))
    yield from run("list")
    yield from run()
    yield from run("check", "--all", catalogue)
    yield from run("test", "--all", catalogue)
    yield from run("evaluate", catalogue, *with_data, "--format", "table", "--all")
    yield from run(
        "evaluate", catalogue, *with_data, *of_year, "--format", "table", "--long", "--inputs"
    )
    for indicator in indicators:
        yield from run("explain", catalogue, indicator, *with_data, *of_year)
    for template in ("report", "summary", "summary.md", "public", "note", "tables", "book"):
        yield from run(
            "report", catalogue, *with_data, *of_year, "--template", template, "-o", "out"
        )
    for template in ("school.html", "school.docx"):
        yield from run(
            "report",
            catalogue,
            *with_data,
            *of_year,
            "--template",
            template,
            "--each",
            lowest,
            "-o",
            "out",
        )
    for path in _take_some(sorted(Path("out").rglob("*"))):
        yield from read_paper(path)


def walk_forms(
    catalogue: str,
    forms: tuple[str, ...],
    data: str,
    year: int,
    answers: Sequence[object] = ANSWERS,
) -> Iterator[tuple[str, str]]:
    """Forms sent out, some returned with wrong answers, and what is made of them."""
    for form in forms:
        yield from run("form", catalogue, form, "--data", data, "--year", str(year), "-o", "forms")
    files = sorted(Path("forms").rglob("*.xlsx"))
    for path in files[_FORMS:-_FORMS]:
        path.unlink()
    files = sorted(Path("forms").rglob("*.xlsx"))
    for number, path in enumerate(files):
        yield from read_paper(path)
        if number % 3 == 0:
            spoil(path, answers)
        elif number % 3 == 1:
            path.unlink()
    yield from run(
        "collect",
        catalogue,
        "forms",
        "--data",
        data,
        "--year",
        str(year),
        "-o",
        "collected",
        "--all",
    )
    for path in sorted(Path("collected").rglob("*.xlsx")):
        yield from read_paper(path)


def _take_some(files: Sequence[Path]) -> Iterator[Path]:
    """The papers, of those that schools are given the first of each kind."""
    given: set[str] = set()
    for path in files:
        if "№" not in path.name:
            yield path
        elif path.suffix not in given:
            given.add(path.suffix)
            yield path


def spoil(path: Path, answers: Sequence[object] = ANSWERS) -> None:
    """Fill a form with answers that are too large, words where numbers are due, and gaps."""
    book = openpyxl.load_workbook(path)
    sheet = book.active
    assert sheet is not None
    free = [cell for row in sheet.iter_rows() for cell in row if not cell.protection.locked]
    for number, cell in enumerate(free):
        cell.value = answers[number % len(answers)]
    book.save(path)
