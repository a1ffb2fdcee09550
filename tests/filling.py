"""Forms drawn, filled in and carried through other programs, for the tests of collecting."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import openpyxl
import polars as pl
from openpyxl.worksheet.worksheet import Worksheet

from engine.catalogue.load import load
from engine.catalogue.model import Catalogue
from engine.data import read_data
from engine.forms.back.collect import Collection, CollectionRequest, collect
from engine.forms.out.checks import Key
from engine.forms.out.prepared_forms import prepare_forms
from engine.forms.out.write import write_forms
from engine.forms.stamp import read_column_code, read_row_code
from engine.workbooks import processes
from tests.office import SOFFICE

TOWN = """\
catalogue: {id: town, title: Город, municipality: Город, years: [2022, 2023]}
register:
  has_10_11: {title: Есть 10–11 классы, type: yes_no}
units:
  agreement: {title: соглашение, short: согл., forms: [соглашение, соглашения, соглашений]}
inputs:
  pupils: {title: Обучающиеся, unit: person, of_which: {ovz: с ОВЗ}}
  graduates: {title: Выпускники 11 классов, unit: person, applies_to: has_10_11}
  spent: {title: Потрачено, type: number, unit: rouble}
  rate: {title: Доля, type: number, unit: percent, rollup: mean}
  site:
    title: Есть страница
    type: yes_no
    when_yes:
      opened: {title: Когда открыта, type: date}
      link: {title: Адрес, type: link}
  shift: {title: Смена, type: choice, options: {one: первая, two: вторая}}
  partners: {title: С кем, type: text}
  former: {title: Поступили, unit: person, asked_for: previous}
  city_events: {title: События города, unit: event, level: municipality}
indicators:
  ovz_share: {title: Доля с ОВЗ, unit: percent, formula: "share(pupils.ovz, pupils)", comparator: none, targets: {2023: 10}}
checks:
  - {id: grown, rule: abs(growth(pupils)) <= 50, message: Контингент изменился вдвое, severity: warning}
forms:
  report:
    title: Отчёт
    fills: school
    due: 2024-01-26
    years: {fact: [-1, 0], forecast: [1]}
    sections:
      - title: Всё
        rows:
          - {number: "1.", input: pupils}
          - {number: "2.", input: graduates}
          - {number: "3.", cells: [spent, rate]}
          - {number: "4.", input: site}
          - {number: "5.", cells: [shift, partners]}
          - {number: "6.", input: former}
          - {number: "7.", indicator: ovz_share}
  city:
    title: Город
    fills: municipality
    sections: [{title: Всё, rows: [{number: "1.", input: city_events}]}]
"""
TOWN_SCHOOLS = """\
school;title;has_10_11;opened
a;Школа А;да;
b;Школа Б;нет;
c;Лицей № 3;да;2023
"""


@dataclass(frozen=True)
class Town:
    """A catalogue, its register and its forms of one year, drawn: form → place → workbook."""

    catalogue: Catalogue
    data: Path
    drawn: Mapping[str, Mapping[str, Path]]


def make_town(
    folder: Path,
    year: int = 2022,
    catalogue: str = TOWN,
    more: int = 0,
    register: str = TOWN_SCHOOLS,
) -> Town:
    """The small town above, written into a folder, with so many `more` schools (m0, m1 and on)."""
    (folder / "town").mkdir(parents=True)
    (folder / "town/town.yaml").write_text(catalogue, encoding="utf-8")
    (folder / "data").mkdir()
    schools = register + "".join(f"m{number};Школа М{number};да;\n" for number in range(more))
    (folder / "data/schools.csv").write_text(schools, encoding="utf-8")
    return open_town(folder / "town", folder / "data", year, folder / "drawn")


def open_town(catalogue: Path, data: Path, year: int, folder: Path) -> Town:
    """A catalogue and its data, with all forms drawn."""
    loaded, problems = load(catalogue)
    assert loaded is not None, problems
    drawn: dict[str, dict[str, Path]] = {}
    read, _problems = read_data(loaded, data)
    for name, form in loaded.forms.items():
        prepared = prepare_forms(loaded, read, form, year)
        files = {one.id: f"{name}-{one.id}.xlsx" for one in prepared.places}
        write_forms(prepared, folder, files, processes=1)
        drawn[name] = {place: folder / file for place, file in files.items()}
    return Town(loaded, data, drawn)


def find_sheet(book: openpyxl.Workbook) -> Worksheet:
    """The sheet of the form: the first."""
    sheet = book.worksheets[0]
    assert isinstance(sheet, Worksheet)
    return sheet


def find_cells(sheet: Worksheet) -> dict[Key, str]:
    """What is asked → the address of its cell, by the codes of the sheet."""
    rows, columns = {}, {}
    for line in sheet.iter_rows():
        for cell in line:
            text = cell.value if isinstance(cell.value, str) else ""
            if asked := read_row_code(text):
                rows[cell.row] = asked
            elif of := read_column_code(text):
                columns[cell.column_letter] = of
    return {
        (name, year + shift, scenario): f"{letter}{row}"
        for row, (name, shift) in rows.items()
        for letter, (year, scenario) in columns.items()
    }


def fill(form: Path, answers: Mapping[Key, Any], target: Path) -> Mapping[Key, str]:
    """Write answers into a form as a person does, and save it elsewhere; where each was written."""
    book = openpyxl.load_workbook(form)
    sheet = find_sheet(book)
    cells = find_cells(sheet)
    for key, answer in answers.items():
        sheet[cells[key]] = answer
    target.parent.mkdir(parents=True, exist_ok=True)
    book.save(target)
    return cells


def resave(files: Iterable[Path], folder: Path, kind: str = "xlsx") -> None:
    """Open every file in LibreOffice and save it into the folder: one start for all of them."""
    assert SOFFICE is not None
    folder.mkdir(parents=True, exist_ok=True)
    profile = folder.parent / f"{folder.name}-profile"
    subprocess.run(
        [
            *(SOFFICE, f"-env:UserInstallation={profile.as_uri()}", "--headless"),
            *("--convert-to", kind, "--outdir", str(folder), *map(str, files)),
        ],
        check=True,
        capture_output=True,
        timeout=600,
    )


class Here(Executor):
    """Stands for processes where files are read in this one: sooner, and its branches count."""

    def __init__(self, _processes: int) -> None:
        """However many processes were asked for."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        done: Future[Any] = Future()
        done.set_result(fn(*args, **kwargs))
        return done


def gather(town: Town, came: Path, output: Path, **asked: Any) -> Collection:
    """Collect a folder, and hold what must hold of any collection."""
    asking = CollectionRequest((came,), output, **{"data": town.data, **asked})
    with patch.object(processes, "_open_pool", Here):
        collected = collect(town.catalogue, asking)
    check_balance(output)
    return collected


def check_balance(output: Path) -> None:
    """Nothing read is lost: every cell is a fact, or the protocol says where it went."""
    said = json.loads((output / "protocol.json").read_text(encoding="utf-8"))
    facts = read_facts(output)
    balance = said["balance"]
    for state in ("value", "not_applicable", "not_filled", "not_readable"):
        assert facts.filter(pl.col("state") == state).height == balance.get(state, 0), state
    assert facts.height == said["facts"]["rows"]
    assert balance["cells"] == sum(count for name, count in balance.items() if name != "cells")


def read_facts(output: Path) -> pl.DataFrame:
    """The facts that were collected."""
    if (output / "facts.parquet").is_file():
        return pl.read_parquet(output / "facts.parquet")
    return pl.read_csv(output / "facts.csv", separator=";", infer_schema=False)


def facts_of(output: Path, place: str) -> dict[Key, tuple[Any, str]]:
    """What is asked → (value or text, state), of one place."""
    facts = read_facts(output).filter(pl.col("place") == place)
    columns = ("input", "year", "scenario", "value", "text", "state")
    return {
        (name, int(year), scenario): (text if value is None else value, state)
        for name, year, scenario, value, text, state in facts.select(columns).iter_rows()
    }
