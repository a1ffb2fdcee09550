"""Small towns made of what people complain of in public, as data: files, commands, what is printed."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import docx
import openpyxl
import yaml
from click.testing import CliRunner
from lxml import etree
from openpyxl.cell.cell import Cell
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.worksheet.worksheet import Worksheet

from engine.console.main import main
from tests.office import resave

FOLDER = Path(__file__).parent / "cases"
_CONVERTED = {".ods", ".xls"}


@dataclass(frozen=True)
class Run:
    """A command of the product, its exit code, and what is, and is not, among what it prints.

    Texts are compared with every run of spaces as one: tables are printed in columns. `most` is how
    many lines are printed as problems at most, 0 where nobody counts.
    """

    command: str
    code: int = 0
    has: Sequence[str] = ()
    lacks: Sequence[str] = ()
    most: int = 0


@dataclass(frozen=True)
class PublicCase:
    """Where its files lie, those that are made besides, the forms that are filled, the commands.

    `written`: how many files the folder `out` holds at the end.
    """

    name: str
    folder: Path | None
    runs: Sequence[Run]
    files: Mapping[str, Any] = field(default_factory=dict)
    fill: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    written: int | None = None

    @property
    def needs_office(self) -> bool:
        """Whether a workbook of it is saved by another office."""
        return any(Path(name).suffix in _CONVERTED for name in self.files)


def list_folders() -> list[PublicCase]:
    """The cases that are folders: `case.yaml` beside their files."""
    return [
        _read_case(path.parent.name, path.parent, _load(path), {})
        for path in sorted(FOLDER.glob("public/*/case.yaml"))
    ]


def list_variants() -> list[PublicCase]:
    """The cases of `kinds/*.yaml`: each file has the files of a town that all its cases begin with."""
    cases = []
    for path in sorted(FOLDER.glob("kinds/*.yaml")):
        kind = _load(path)
        for name, case in kind["cases"].items():
            cases.append(_read_case(f"{path.stem}: {name}", None, case, kind))
    return cases


def _load(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def _read_case(
    name: str, folder: Path | None, case: Mapping[str, Any], kind: Mapping[str, Any]
) -> PublicCase:
    runs = case.get("runs") or [{key: case[key] for key in Run.__dataclass_fields__ if key in case}]
    return PublicCase(
        name,
        folder,
        [Run(**{"command": kind.get("command"), **run}) for run in runs],
        {
            name: text
            for name, text in {**kind.get("files", {}), **case.get("files", {})}.items()
            if text
        },
        case.get("fill", {}),
        case.get("written"),
    )


def make_files(case: PublicCase, folder: Path) -> None:
    """A copy of the case's folder, and the files that it describes."""
    if case.folder:
        shutil.copytree(case.folder, folder, dirs_exist_ok=True)
        (folder / "case.yaml").unlink()
    for name, content in case.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, str):
            path.write_text(content, encoding="utf-8", newline="\n")
        elif path.suffix in _CONVERTED:
            made = folder.parent / f"{folder.name}-made" / f"{path.stem}.xlsx"
            made.parent.mkdir(parents=True, exist_ok=True)
            write_workbook(content, made)
            shutil.copyfile(resave(made, path.suffix[1:], made.parent), path)
        else:
            write_workbook(content, path)


# --- workbooks -----------------------------------------------------------------------------------


def write_workbook(content: Any, path: Path) -> None:
    """A workbook of rows, or of sheets by name: {rows, merged, hidden}."""
    book = openpyxl.Workbook()
    for sheet in book.worksheets:
        book.remove(sheet)
    sheets = content if isinstance(content, Mapping) else {"Лист1": {"rows": content}}
    for name, described in sheets.items():
        sheet = book.create_sheet(name)
        for row, cells in enumerate(described["rows"], 1):
            for column, cell in enumerate(cells, 1):
                _put(sheet.cell(row, column), cell)
        for area in described.get("merged", ()):
            sheet.merge_cells(area)
        for row in described.get("hidden_rows", ()):
            sheet.row_dimensions[row].hidden = True
        if described.get("hidden"):
            sheet.sheet_state = "hidden"
    book.save(path)


def _put(cell: Any, content: Any) -> None:
    """A value; or {value, format}, {text} that stays a text, {rich: parts}, {error}."""
    assert isinstance(cell, Cell)
    if not isinstance(content, Mapping):
        cell.value = content
    elif "text" in content:
        cell.value = content["text"]
        cell.data_type = "s"
    elif "rich" in content:
        parts = (TextBlock(InlineFont(b=True), part) for part in content["rich"])
        cell.value = CellRichText(*parts)
    elif "error" in content:
        cell.value = content["error"]
        cell.data_type = "e"
    else:
        cell.value = content["value"]
        cell.number_format = content["format"]


def fill_forms(answers: Mapping[str, Sequence[Any]], drawn: Path, target: Path) -> None:
    """Write answers into the open cells of each drawn form, in their order, and save it elsewhere.

    `answers`: the beginning of a file's name → what a person writes; `@N` takes the N-th of the list
    that the form itself offers in that cell.
    """
    target.mkdir(exist_ok=True)
    written = 0
    for path in sorted(drawn.glob("*.xlsx")):
        book = openpyxl.load_workbook(path, rich_text=True)
        sheet = book.worksheets[0]
        assert isinstance(sheet, Worksheet)
        asked = [cell for row in sheet.iter_rows() for cell in row if not cell.protection.locked]
        for beginning, texts in answers.items():
            if path.name.startswith(beginning):
                written += 1
                assert len(texts) <= len(asked)
                for cell, text in zip(asked, texts, strict=False):
                    _answer(book, sheet, cell, text)
        book.save(target / path.name)
    assert written == len(answers)


def _answer(book: openpyxl.Workbook, sheet: Worksheet, cell: Any, text: Any) -> None:
    if isinstance(text, str) and re.fullmatch("@[0-9]+", text):
        text = list_offered(book, sheet, cell.coordinate)[int(text[1:]) - 1]
    _put(cell, {"text": text} if isinstance(text, str) else text)


def list_offered(book: openpyxl.Workbook, sheet: Worksheet, address: str) -> list[str]:
    """What the form's own list offers in a cell."""
    (rule,) = (
        rule
        for rule in sheet.data_validations.dataValidation
        if rule.type == "list" and address in rule.sqref
    )
    formula = str(rule.formula1)
    if formula.startswith('"'):
        return formula.strip('"').split(",")
    name, _sign, area = formula.removeprefix("=").rpartition("!")
    source = book[name.strip("'")] if name else sheet
    return [str(cell.value) for row in source[area.replace("$", "")] for cell in row]


# --- commands ------------------------------------------------------------------------------------


def run_command(run: Run) -> tuple[int, str, str]:
    """Exit code, what is printed, and the problems; an exception is none of the ways to end."""
    done = CliRunner().invoke(main, shlex.split(run.command), env={"POKAZATEL_LANG": "ru"})
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.stdout, done.stderr


def count_files(folder: Path) -> int:
    """How many files were written; every document and workbook among them opens."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    for path in files:
        if path.suffix == ".docx":
            docx.Document(str(path))
        elif path.suffix == ".xlsx":
            openpyxl.load_workbook(path)
        if path.suffix in {".docx", ".xlsx"}:
            with ZipFile(path) as parts:
                for name in parts.namelist():
                    if name.endswith((".xml", ".rels")):
                        etree.fromstring(parts.read(name))
    return len(files)


def squeeze(text: str) -> str:
    """The text with every run of spaces and line ends as one space."""
    return " ".join(text.split())


def find_faults(run: Run) -> list[str]:
    """What is not as the run expects, with everything printed below it; nothing where all is right."""
    code, printed, problems = run_command(run)
    text = squeeze(printed + problems)
    faults = [f"exit code {code}, not {run.code}"] if code != run.code else []
    faults += [f"lacks: {due}" for due in run.has if squeeze(due) not in text]
    faults += [f"has: {bad}" for bad in run.lacks if squeeze(bad) in text]
    lines = len(problems.splitlines())
    faults += [f"{lines} lines of problems"] if run.most and lines > run.most else []
    return [*faults, printed, problems] if faults else []
