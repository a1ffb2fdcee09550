"""Workbooks as raw tables, one per sheet that holds anything."""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from html import unescape
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook, PasswordError

from engine.data.tables import Table, build_table
from engine.i18n import gettext as _
from engine.problems import Position, Problem
from engine.workbooks.addresses import name_column

Error = Mapping[str, str]  # address of a cell → the error that stands in it

# The reader gives nothing for a cell that holds an error, so errors are looked up in the file.
_ERROR_CELL = re.compile(
    rb'<c\b(?=[^>]*\bt="e")[^>]*\br="([A-Z]{1,3}[0-9]{1,7})"[^>]*>(?:(?!</c>).)*?<v>([^<]*)</v>',
    re.DOTALL,
)
_SHEET = re.compile(r"<(?:\w+:)?sheet\b([^>]*)/?>")
_RELATION = re.compile(r"<(?:\w+:)?Relationship\b([^>]*)/?>")
_ATTRIBUTE = re.compile(r'([\w:]+)="([^"]*)"')
_LARGEST_PART = 200_000_000


def read_workbook(path: Path, name: str) -> tuple[list[Table], list[Problem]]:
    """The sheets of a workbook; `name` is how messages call the file."""
    try:
        workbook = CalamineWorkbook.from_path(str(path))
    except PasswordError:
        message = _("the workbook is protected by a password")
        return [], [Problem("unreadable-file", message, Position(name))]
    except CalamineError:
        message = _("the file is no workbook, or it is damaged")
        hint = _("open it in Excel and save it anew as .xlsx")
        return [], [Problem("unreadable-file", message, Position(name), hint)]
    errors = _find_errors(path)
    tables: list[Table] = []
    problems: list[Problem] = []
    for sheet in workbook.sheet_names:
        try:
            rows = workbook.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
        except CalamineError as error:
            message = _("the sheet cannot be read: {reason}").format(reason=error)
            problems.append(Problem("unreadable-file", message, Position(name, sheet=sheet)))
            continue
        table, found = build_table(
            _write_rows(rows, errors.get(sheet, {})), file=name, path=path, sheet=sheet
        )
        tables += [table] if table else []
        problems += found
    if not tables and not problems:
        problems.append(Problem("empty-file", _("the file is empty"), Position(name)))
    return tables, problems


def _write_rows(
    rows: Sequence[Sequence[object]], errors: Error
) -> Iterable[tuple[int, list[str | None]]]:
    """Every row with its number, its cells as text, errors put back in their place."""
    for number, row in enumerate(rows, 1):
        cells: list[str | None] = [write_value(value) for value in row]
        if errors:
            for column in range(len(cells)):
                found = errors.get(f"{name_column(column + 1)}{number}")
                cells[column] = found or cells[column]
        yield number, cells


def write_value(value: object) -> str:
    """The value of a cell as a person would write it."""
    if isinstance(value, bool):
        return "да" if value else "нет"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 10**15 else repr(value)
    if isinstance(value, datetime):
        bare = value.hour == value.minute == value.second == 0
        return value.date().isoformat() if bare else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def _find_errors(path: Path) -> Mapping[str, Error]:
    """Sheet → its error cells, of a workbook in Open XML; elsewhere the reader shows them."""
    try:
        with zipfile.ZipFile(path) as archive:
            return {
                sheet: found
                for sheet, part in _find_parts(archive).items()
                if (found := _read_errors(archive, part))
            }
    except (zipfile.BadZipFile, KeyError, OSError, UnicodeDecodeError, NotImplementedError):
        return {}


def _find_parts(archive: zipfile.ZipFile) -> Mapping[str, str]:
    """Sheet → the part of the archive in which it lies."""
    if "xl/workbook.xml" not in archive.namelist():
        return {}
    relations = {
        found["Id"]: found["Target"]
        for text in _RELATION.findall(archive.read("xl/_rels/workbook.xml.rels").decode())
        if {"Id", "Target"} <= (found := dict(_ATTRIBUTE.findall(text))).keys()
    }
    parts: dict[str, str] = {}
    for text in _SHEET.findall(archive.read("xl/workbook.xml").decode()):
        attributes = {key.rpartition(":")[2]: value for key, value in _ATTRIBUTE.findall(text)}
        target = relations.get(attributes.get("id", ""))
        if target and "name" in attributes:
            # A target is relative to xl/, unless it begins at the root of the archive.
            part = posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")
            parts[unescape(attributes["name"])] = part
    return parts


def _read_errors(archive: zipfile.ZipFile, part: str) -> Error:
    if archive.getinfo(part).file_size > _LARGEST_PART:
        return {}
    content = archive.read(part)
    if b't="e"' not in content:
        return {}
    return {
        address.decode(): unescape(text.decode()) for address, text in _ERROR_CELL.findall(content)
    }
