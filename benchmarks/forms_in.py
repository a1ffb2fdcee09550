"""Forms coming in: a thousand filled workbooks of 120 rows, and the bare reading of the same files.

python -m benchmarks.forms_in write FOLDER [COUNT]   a catalogue, a register, filled forms
python -m benchmarks.forms_in bare FOLDER            every sheet of every file read, no more
"""

from __future__ import annotations

import random
import re
import shutil
import sys
import zipfile
from pathlib import Path
from typing import Any

from engine.forms.stamp import Stamp

ROWS, COUNT, DRAWN = 120, 1_000, 20
FEW = 100
"""Forms of the smaller folder, beside which memory is measured."""

YEAR = 2023
_EMPTY_TEXT = re.compile(rb'(<c r="[A-Z]+[0-9]+" s="[0-9]+")(><f>[^<]*</f><v></v>)')
"""A check that shows nothing, as a form is written."""

FILLED, NOT_APPLICABLE = 0.9, 0.01


def write_catalogue(folder: Path) -> None:
    """A catalogue of 120 inputs, one form that asks them all, for two years."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = [
        "catalogue: {id: bench, title: Проба скорости, years: [2022, 2023], municipality: Город}",
        "inputs:",
        *(
            f"  row_{n}: {{title: Количество обучающихся по строке {n}, unit: person}}"
            for n in range(ROWS)
        ),
        "forms:",
        "  report:",
        "    title: Отчёт",
        "    fills: school",
        "    years: {fact: [-1, 0]}",
        "    sections:",
        "      - title: Все строки",
        "        rows:",
        *(f'          - {{number: "{n}.", input: row_{n}}}' for n in range(ROWS)),
    ]
    (folder / "bench.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def write_data(folder: Path, count: int) -> None:
    """The register."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = "".join(f"s{n};Школа № {n}\n" for n in range(count))
    (folder / "schools.csv").write_text("school;title\n" + rows, encoding="utf-8")


def write_forms(folder: Path, count: int = COUNT) -> None:
    """Filled forms of all schools: a few are drawn, the others are these under their own stamps.

    They are as Excel saves them, for so they come back: a formula that shows nothing has an empty text.
    """
    from engine.catalogue.load import load
    from engine.data import read_data
    from engine.forms.out.prepared_forms import prepare_forms
    from engine.forms.out.write import write_forms as write

    write_catalogue(folder / "catalogue")
    write_data(folder / "data", count)
    catalogue, problems = load(folder / "catalogue")
    assert catalogue is not None, problems
    data, _problems = read_data(catalogue, folder / "data")
    chance = random.Random(1)
    keys = [(f"row_{row}", year, "fact") for row in range(ROWS) for year in (YEAR - 1, YEAR)]
    drawn = [f"s{number}" for number in range(min(DRAWN, count))]
    answers: Any = {
        school: {key: _answer(chance) for key in keys if chance.random() < FILLED}
        for school in drawn
    }
    form = catalogue.forms["report"]
    prepared = prepare_forms(catalogue, data, form, YEAR, places=drawn, answers=answers)
    write(prepared, folder / "drawn", {one.id: f"{one.id}.xlsx" for one in prepared.places})
    stamps = {one.id: one.sheet.stamp for one in prepared.places}
    (folder / "forms").mkdir(exist_ok=True)
    (folder / "few").mkdir(exist_ok=True)
    for number in range(count):
        school = drawn[number % len(drawn)]
        stamp = Stamp(catalogue.id, catalogue.version, form.id, f"s{number}", YEAR).text()
        copy = folder / "forms" / f"s{number}.xlsx"
        _copy(folder / "drawn" / f"{school}.xlsx", copy, stamps[school], stamp)
        if number < FEW:
            shutil.copy(copy, folder / "few")


def _copy(source: Path, target: Path, old: str, new: str) -> None:
    with (
        zipfile.ZipFile(source) as archive,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as copy,
    ):
        for name in archive.namelist():
            content = archive.read(name).replace(old.encode(), new.encode())
            copy.writestr(name, _EMPTY_TEXT.sub(rb'\1 t="str"\2', content))


def _answer(chance: random.Random) -> int | str:
    return "н/п" if chance.random() < NOT_APPLICABLE else chance.randrange(2_000)


def read_bare(folder: Path) -> int:
    """Every sheet of every file, as the library gives it; how many cells there were."""
    from python_calamine import CalamineWorkbook

    cells = 0
    for path in sorted(folder.iterdir()):
        book = CalamineWorkbook.from_path(str(path))
        for name in book.sheet_names:
            cells += sum(len(row) for row in book.get_sheet_by_name(name).to_python())
    return cells


def main(arguments: list[str]) -> None:
    """Do one of the two."""
    what, folder, *more = arguments
    if what == "write":
        write_forms(Path(folder), int(more[0]) if more else COUNT)
    else:
        print(read_bare(Path(folder) / "forms"))


if __name__ == "__main__":
    main(sys.argv[1:])
