"""Play the schools of the demo: their forms, filled in from the demo data, mistakes and all.

    python scripts/demo_forms.py КАТАЛОГ ГОД ПАПКА

Writes `ПАПКА/before`, the register and what was known before that year, and `ПАПКА/filled`, the
forms as they come back: one school in four has made a mistake, the last one has sent nothing, and a
photograph lies among the forms. The same call writes the same files.
"""

from __future__ import annotations

import os
import random
import shutil
import sys
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from engine import load, read_data
from engine.catalogue.model import Catalogue, Form, Input
from engine.data import Data
from engine.data.frame_names import input_column, state_column
from engine.forms.layout import Layout, lay_out_form
from engine.forms.out.checks import CellValue, Key
from engine.forms.out.prepared_forms import prepare_forms
from engine.forms.out.write import form_files, write_forms

ROOT = Path(__file__).resolve().parent.parent
MISTAKES: tuple[CellValue, ...] = (
    "около 40",
    "-",
    "нет",
    12.5,
    "85 %",
    "#ДЕЛ/0!",
    "1 234",
    "нет данных",
)
ONE_IN, ONE_LATE = 4, 7
EARLY, LATE = -3, 2
"""Days from the day a form is due."""
PHOTO = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(range(256))


def write_before(demo: Path, year: int, folder: Path) -> None:
    """Copy what was known before: everything but the facts of the year and of later ones."""
    folder.mkdir(parents=True)
    for file in sorted(demo.iterdir()):
        told = file.stem.removeprefix("facts_")
        if not (told.isdigit() and int(told) >= year):
            shutil.copyfile(file, folder / file.name)


def write_filled(catalogue: Catalogue, data: Data, year: int, folder: Path) -> None:
    """Write every form of the year as it comes back."""
    chance = random.Random(f"{catalogue.id} {year}")  # noqa: S311 - no secret
    for name, form in catalogue.forms.items():
        answers = read_answers(catalogue, data, form, year)
        places = sorted(
            place for place, mine in answers.items() if any(key[1] == year for key in mine)
        )
        if form.fills == catalogue.levels[0]:
            places = places[:-1]
        for place in places[::ONE_IN]:
            spoil(catalogue, answers[place], chance)
        if not places:
            continue
        prepared = prepare_forms(catalogue, data, form, year, places=places, answers=answers)
        titles = {one.id: one.sheet.title for one in prepared.places}
        files = form_files(prepared, titles)
        write_forms(prepared, folder / name, files)
        for number, place in enumerate(places):
            late = LATE if number % ONE_LATE == ONE_LATE - 1 else EARLY
            send(folder / name / files[place], form.due(year) or f"{year + 1}-06-10", late)
    (folder / "Фото с мероприятия.xlsx").write_bytes(PHOTO)


def send(file: Path, due: str, days: int) -> None:
    """Date the file so many days from the day it is due."""
    day = datetime.combine(date.fromisoformat(due), time(12)) + timedelta(days=days)
    os.utime(file, (day.timestamp(), day.timestamp()))


def spoil(catalogue: Catalogue, answers: dict[Key, CellValue], chance: random.Random) -> None:
    """Make one mistake in one of the numbers."""
    numbers = [key for key in answers if catalogue.inputs[key[0]].type == "count"]
    if numbers:
        answers[chance.choice(numbers)] = chance.choice(MISTAKES)


def read_answers(
    catalogue: Catalogue, data: Data, form: Form, year: int
) -> dict[str, dict[Key, CellValue]]:
    """Place → what it would write into its form."""
    school = catalogue.levels[0]
    facts = data.facts.collect() if form.fills == school else None
    if facts is None:
        given = data.given.get(form.fills)
        facts = given.collect().rename({"place": "school"}) if given is not None else None
    if facts is None:
        return {}
    rows = {(row["school"], row["year"], row["scenario"]): row for row in facts.to_dicts()}
    layout = lay_out_form(catalogue, form, year)
    return {
        place: dict(_answers_of(catalogue, layout, rows, place))
        for place in sorted({place for place, _year, _scenario in rows})
    }


def _answers_of(
    catalogue: Catalogue, layout: Layout, rows: Mapping[Any, Mapping[str, Any]], place: str
) -> Iterator[tuple[Key, CellValue]]:
    for line in layout.input_lines:
        asked = catalogue.inputs[line.input or ""]
        for column in layout.columns:
            key = (asked.id, column.year + line.shift, column.scenario)
            row = rows.get((place, key[1], key[2]), {})
            answer = _write(asked, row.get(input_column(asked.id)))
            if row.get(state_column(asked.id)) == 1:
                answer = "н/п"
            if answer is not None:
                yield key, answer


def _write(asked: Input, value: Any) -> CellValue:
    """An answer as a school writes it."""
    if isinstance(value, bool):
        return "да" if value else "нет"
    if asked.type == "choice" and value is not None:
        return asked.options[value] or str(value)
    if asked.type == "date" and value is not None:
        return date.fromisoformat(value)
    raw: CellValue = value
    return raw


def main(arguments: list[str]) -> int:
    """Write both folders anew."""
    name, year, folder = arguments[0], int(arguments[1]), Path(arguments[2])
    demo = ROOT / "definitions" / name / "demo"
    catalogue, problems = load(ROOT / "definitions" / name)
    if catalogue is None:
        print(f"Каталог {name} с ошибками: {len(problems)}", file=sys.stderr)
        return 1
    data, _problems = read_data(catalogue, demo)
    for part in ("before", "filled"):
        shutil.rmtree(folder / part, ignore_errors=True)
    write_before(demo, year, folder / "before")
    write_filled(catalogue, data, year, folder / "filled")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
